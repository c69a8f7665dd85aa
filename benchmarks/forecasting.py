"""How often what comes lies inside the intervals of projections, whether parts add up, and how long it takes.

Run `python -m benchmarks.forecasting --series 40`. Series of a known kind are drawn, projected from their
first months and held against their own later months: within a year, beyond it, and as the sum of the first
whole financial year. The back-test's own claim (widened, all horizons) stands beside. Of fewer than 36 months
it is the range of a scenario that is held against them, which claims no share. Kinds: noise
(independent about a level), season (noise on a yearly pattern), walk (noise on a level that wanders), step
(noise; the level rises by a tenth half way), rising (noise on 2 more a month), small (counts by chance alone,
about 20 a month with a season).

Then wholes of two parts are drawn, of which the parts are known for `months` and the whole for 38 more, as
any basis is since April 2020 and its parts since June 2023: both parts of that kind, or moved, where one part
loses to the other what the other gains. The parts are projected by themselves, and so that they add up.
A share counts a series once, and its interval is the 95 % one of the mean over the series.
"""

import statistics
import time
from collections.abc import Iterator
from datetime import date

import click
import numpy as np

from profiles.forecast import Projection, drafted, finished, projection
from profiles.forecast.adding import added_up
from profiles.periods import first_day, month_number

SHAPE = np.array([-20, -10, 20, 40, 60, 50, 36, 0, -16, -30, -40, -24], dtype=float)
AHEAD = 31
"""Months held against: the rest of a year and two more."""
LONGER = 38
"""Months that a whole is known before its parts."""

FIRST, UNTIL = date(2020, 4, 1), date(2033, 3, 1)
KINDS = ("noise", "season", "walk", "step", "rising", "small")
LENGTHS = (36, 40, 48, 77)
SHORT = (24, 30)
"""Months of which a scenario is made and no model."""


def drawn(kind: str, months: int, seed: int) -> np.ndarray:
    """Counts of that kind about 400 a month, the same for a seed."""
    random = np.random.default_rng([seed, months])
    number = np.arange(months)
    if kind == "small":
        return random.poisson(20 + np.resize(SHAPE, months) / 12).astype(float)
    values = 400 + random.normal(0, 25, months)
    if kind == "season":
        values += 2 * np.resize(SHAPE, months)
    elif kind == "walk":
        values += np.cumsum(random.normal(0, 8, months))
    elif kind == "step":
        values += np.where(number > (months - AHEAD) / 2, 40, 0)
    elif kind == "rising":
        values += 2 * number
    return np.maximum(np.round(values), 0)


def parts(kind: str, months: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Two parts of that kind, about four fifths and a fifth of a whole."""
    moved = np.zeros(months)
    if kind == "moved":
        kind, moved = "noise", np.linspace(0, 60, months)
    large = np.round(0.8 * drawn(kind, months, 2 * seed) - moved)
    small = np.round(0.2 * drawn(kind, months, 2 * seed + 1) + moved)
    return np.maximum(large, 0), np.maximum(small, 0)


def inside(answer: Projection, actual: np.ndarray, months: int) -> dict[str, list[float]]:
    """Shares inside the 80 and the 95 % interval: the claim, within a year, beyond, and of a year's sum."""
    rows = answer.months.iloc[:AHEAD]
    near, far, total = [], [], []
    start = -months % 12
    year = answer.years.iloc[1 if start else 0]
    summed = actual[start : start + 12].sum()
    for level in (80, 95):
        held = (rows[f"lower_{level}"].le(actual) & rows[f"upper_{level}"].ge(actual)).to_numpy()
        near.append(float(held[:12].mean()))
        far.append(float(held[12:].mean()))
        total.append(float(year[f"lower_{level}"] <= summed <= year[f"upper_{level}"]))
    return {"claim": [answer.coverage_80, answer.coverage_95], "near": near, "far": far, "sum": total}


def shares(found: list[dict[str, list[float]]]) -> str:
    """Mean and half its 95 % interval over the series, in per cent, of each share."""
    texts = []
    for name in ("claim", "near", "far", "sum"):
        cells = np.array([each[name] for each in found], dtype=float)
        cells = cells[~np.isnan(cells).any(axis=1)]
        texts.append(means(cells))
    return "  ".join(texts)


def means(cells: np.ndarray) -> str:
    """Mean and half its 95 % interval over the rows, in per cent, of each column."""
    half = 1.96 * cells.std(axis=0, ddof=1) / np.sqrt(len(cells))
    pairs = zip(100 * cells.mean(axis=0), 100 * half, strict=True)
    return " ".join(f"{mean:5.1f} ±{spread:3.1f}" for mean, spread in pairs)


def one_by_one(series: int, seed: int) -> Iterator[str]:
    """A line a length and kind."""
    for months in LENGTHS:
        every = []
        for kind in KINDS:
            seconds, ratios, found = [], [], []
            for each in range(seed, seed + series):
                values = drawn(kind, months + AHEAD, each)
                begun = time.perf_counter()
                answer = projection(FIRST, values[:months], UNTIL)
                seconds.append(time.perf_counter() - begun)
                ratios.append(answer.mase / answer.naive_mase)
                found.append(inside(answer, values[months:], months))
            every += found
            aside = f"{statistics.median(ratios):.2f}  {statistics.median(seconds):.3f}"
            yield f"{months:3} {kind:22} {len(found):5}  {shares(found)}  {aside}"
        yield f"{months:3} {'all':22} {len(every):5}  {shares(every)}"


def scenarios(series: int, seed: int) -> Iterator[str]:
    """A line a length and kind of how often the range of a scenario holds."""
    for months in SHORT:
        every: list[list[float]] = []
        for kind in KINDS:
            found = []
            for each in range(seed, seed + series):
                values = drawn(kind, months + AHEAD, each)
                held = inside(projection(FIRST, values[:months], UNTIL), values[months:], months)
                found.append([held[name][1] for name in ("near", "far", "sum")])
            every += found
            yield f"{months:3} {kind:22} {len(found):5}  {means(np.array(found))}"
        yield f"{months:3} {'all':22} {len(every):5}  {means(np.array(every))}"


def together(series: int, seed: int) -> Iterator[str]:
    """A line a length and series of the wholes and their parts."""
    for months in LENGTHS:
        found: dict[str, list[dict[str, list[float]]]] = {}
        errors: dict[str, list[float]] = {}
        broken = 0
        begins = first_day(month_number(FIRST) + LONGER)
        for kind in (*KINDS, "moved"):
            for each in range(seed, seed + series):
                pair = parts(kind, months + LONGER + AHEAD, each)
                total = pair[0] + pair[1]
                drafts = [drafted(begins, mine[LONGER:-AHEAD], UNTIL) for mine in pair]
                own = [finished(draft) for draft in drafts]
                whole, *scaled = added_up(drafted(FIRST, total[:-AHEAD], UNTIL), drafts)
                broken += not_adding(whole, scaled)
                for name, answer, mine in (
                    ("whole", whole, total),
                    ("large part, by itself", own[0], pair[0]),
                    ("large part, scaled", scaled[0], pair[0]),
                    ("small part, by itself", own[1], pair[1]),
                    ("small part, scaled", scaled[1], pair[1]),
                ):
                    actual = mine[-AHEAD:]
                    found.setdefault(name, []).append(inside(answer, actual, months + LONGER))
                    missed = np.abs(answer.months["value"].to_numpy()[:AHEAD] - actual).mean()
                    errors.setdefault(name, []).append(float(missed / max(mine.mean(), 1)))
        for name, each_found in found.items():
            missed = 100 * statistics.mean(errors[name])
            yield f"{months:3} {name:22} {len(each_found):5}  {shares(each_found)}  {missed:5.2f}%"
        yield f"{months:3} months and years of wholes that are not the sum of their parts: {broken}"


def not_adding(whole: Projection, scaled: list[Projection]) -> int:
    """How many months and years of the whole are not the sum of those of its parts."""
    count = 0
    for name in ("months", "years"):
        total = getattr(whole, name)["value"].to_numpy()
        summed = np.sum([getattr(each, name)["value"].to_numpy() for each in scaled], axis=0)
        count += int(np.sum(np.abs(total - summed) > 1e-6))
    return count


@click.command()
@click.option("--series", default=40, help="Series of each kind and length.")
@click.option("--seed", default=0, help="Seed of the first series; the others follow.")
def main(series: int, seed: int) -> None:
    """Print a line a length and kind, those of scenarios, then a line a length and series of two parts."""
    print("shares inside the 80 % and the 95 % interval, in per cent")
    print(
        f"{'months, kind':26} {'n':>5}  {'back-test claims':23}  {'within a year':23}  {'beyond':23}  "
        f"{'sum of a year':23}  MASE / naive, seconds"
    )
    for line in one_by_one(series, seed):
        print(line, flush=True)
    print("shares inside the range of a scenario: within a year, beyond, the sum of a year")
    for line in scenarios(series, seed):
        print(line, flush=True)
    print("the same of wholes and their parts; last the mean error in per cent of the mean count")
    for line in together(series, seed):
        print(line, flush=True)


if __name__ == "__main__":
    main()

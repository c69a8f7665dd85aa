"""How long a projection takes, and how often what comes lies inside its intervals.

Run `python -m benchmarks.forecasting --series 150`. Series of a known kind are drawn, projected from their
first months and held against their own later months: within a year, beyond it, and as the sum of the first
whole financial year. The back-test's own claim (widened, all horizons) stands beside. Kinds: noise
(independent about a level), season (noise on a yearly pattern), walk (noise on a level that wanders), step
(noise; the level rises by a tenth half way), rising (noise on 2 more a month).
"""

import statistics
import time
from datetime import date

import click
import numpy as np

from profiles.forecast import projection

SHAPE = np.array([-20, -10, 20, 40, 60, 50, 36, 0, -16, -30, -40, -24], dtype=float)
AHEAD = 31
"""Months held against: the rest of a year and two more."""


def drawn(kind: str, months: int, seed: int) -> np.ndarray:
    """Counts of that kind about 400 a month, the same for a seed."""
    random = np.random.default_rng([seed, months])
    number = np.arange(months)
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


@click.command()
@click.option("--series", default=150, help="Series of each kind and length.")
def main(series: int) -> None:
    """Print a line a kind and length."""
    print(f"{series} series each; shares inside the 80 % and the 95 % interval")
    print(
        "kind    months  median s   back-test  within a year  beyond  year's sum   MASE / naive  naive chosen"
    )
    for kind in ("noise", "season", "walk", "step", "rising"):
        for months in (40, 77):
            seconds, ratios, naive = [], [], 0
            found: dict[str, list[tuple[float, float]]] = {
                name: [] for name in ("claim", "near", "far", "sum")
            }
            for seed in range(series):
                values = drawn(kind, months + AHEAD, seed)
                begun = time.perf_counter()
                answer = projection(date(2020, 4, 1), values[:months], date(2030, 3, 1))
                seconds.append(time.perf_counter() - begun)
                ratios.append(answer.mase / answer.naive_mase)
                naive += answer.kind == "naive"
                actual = values[months:]
                rows = answer.months.iloc[:AHEAD]
                inside = [
                    (rows[f"lower_{level}"].le(actual) & rows[f"upper_{level}"].ge(actual)).to_numpy()
                    for level in (80, 95)
                ]
                found["claim"].append((answer.coverage_80, answer.coverage_95))
                found["near"].append((inside[0][:12].mean(), inside[1][:12].mean()))
                found["far"].append((inside[0][12:].mean(), inside[1][12:].mean()))
                start = -months % 12
                year = answer.years.iloc[1 if start else 0]
                total = actual[start : start + 12].sum()
                found["sum"].append(
                    (
                        year["lower_80"] <= total <= year["upper_80"],
                        year["lower_95"] <= total <= year["upper_95"],
                    )
                )
            shares = {name: np.nanmean(np.array(pairs, dtype=float), axis=0) for name, pairs in found.items()}
            texts = {name: " ".join(f"{100 * share:3.0f}" for share in pair) for name, pair in shares.items()}
            print(
                f"{kind:8}{months:5}  {statistics.median(seconds):8.3f}   {texts['claim']:9}"
                f"  {texts['near']:13}  {texts['far']:6}  {texts['sum']:10}"
                f"   {statistics.median(ratios):12.2f}  {naive:12}"
            )


if __name__ == "__main__":
    main()

"""How often pure chance raises a signal, by size and length: python -m benchmarks.false_alarms

Counts are drawn from a Poisson distribution of one level, shares from a binomial one of a number that is
itself Poisson. Each line of `profiles/false_alarms.csv` rests on DRAWS series; of shares, the highest of
several levels is kept. The first CHECKED of every line are also judged by the code that the product runs.
"""

import csv
from collections.abc import Iterator
from dataclasses import fields

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from profiles import stats
from profiles.false_alarms import FILE, Rates

DRAWS = 20_000
CHECKED = 25
SEED = 21

SIZES = (0.3, 1, 3, 5, 6, 8, 10, 15, 20, 30, 50, 100, 300, 1000)
"""Numbers a point on average; of a share the smaller of those counted and the others."""
POINTS = (6, 8, 13, 18, 24, 36, 48, 60, 78, 120)
SHARES = (0.5, 0.75, 0.9, 0.97)
"""Levels of a share, high as those of what should always be done."""
RULES = ("outside", "shift", "trend", "near")

Flags = NDArray[np.bool_]


def drawn(kind: str, size: float, points: int, share: float, rng: np.random.Generator) -> stats.Floats:
    """Series of pure chance, a row each; a month with nothing to divide by is nan."""
    shape = (DRAWS, points)
    if kind == "count":
        return rng.poisson(size, shape).astype(float)
    sizes = rng.poisson(size / (1 - share), shape)
    return np.where(sizes > 0, rng.binomial(sizes, share) / np.maximum(sizes, 1), np.nan)


def flags(values: stats.Floats) -> tuple[dict[str, Flags], Flags]:
    """The points that each rule marks, for a row a series, and which of them lie below the average."""
    centre = np.nanmean(values, axis=1, keepdims=True)
    reach = stats.LIMIT * np.nanmean(np.abs(np.diff(values, axis=1)), axis=1, keepdims=True)
    is_beside = np.abs(values - centre) > stats.ROUNDING * np.abs(centre)
    side = np.where(is_beside & ~np.isnan(values), np.sign(values - centre), 0.0)
    step = np.nan_to_num(np.sign(np.diff(values, axis=1)))
    outside = (values > centre + reach) | (values < centre - reach)
    near = ~outside & (np.abs(values - centre) > stats.NEAR * reach)
    pairs = np.zeros_like(near)
    for first in range(values.shape[1] - 2):
        window = slice(first, first + 3)
        is_pair = (near[:, window].sum(axis=1) >= 2) & (np.abs(side[:, window].sum(axis=1)) == 3)
        pairs[:, window] |= near[:, window] & is_pair[:, None]
    marked = {
        "outside": outside,
        "shift": in_runs(side, stats.RUN, 0),
        "trend": in_runs(step, stats.RUN - 1, 1),
        "near": pairs,
    }
    return marked, side < 0


def in_runs(signs: stats.Floats, length: int, more: int) -> Flags:
    """The points in a run of so many equal signs that are not 0, for a row a series."""
    found = np.zeros((signs.shape[0], signs.shape[1] + more), dtype=bool)
    if signs.shape[1] < length:
        return found
    is_run = np.abs(sliding_window_view(signs, length, axis=1).sum(axis=2)) == length
    for first in range(is_run.shape[1]):
        found[:, first : first + length + more] |= is_run[:, first, None]
    return found


def rates(values: stats.Floats) -> Rates:
    """The shares of the series with a signal. Raises AssertionError where the product sees other signals."""
    marked, is_below = flags(values)
    for row in range(CHECKED):
        chart = stats.xmr(values[row])
        for rule in RULES:
            assert (marked[rule][row] == getattr(chart, rule)).all(), (rule, values[row])
    is_signal = np.logical_or.reduce(list(marked.values()))
    rises = marked["trend"][:, -1] & (values[:, -1] > values[:, -2])
    falls = marked["trend"][:, -1] & (values[:, -1] < values[:, -2])
    beside = (marked["outside"] | marked["shift"] | marked["near"])[:, -1]
    low = (beside & is_below[:, -1] & ~rises) | (falls & ~(beside & ~is_below[:, -1]))
    return Rates(
        is_signal.any(axis=1).mean(),
        is_signal[:, -12:].any(axis=1).mean(),
        is_signal[:, -4:].any(axis=1).mean(),
        is_signal[:, -1].mean(),
        low.mean(),
    )


def lines() -> Iterator[dict[str, object]]:
    """Every line of the file."""
    rng = np.random.default_rng(SEED)
    for kind, shares in (("count", (0.0,)), ("share", SHARES)):
        for size in SIZES:
            for points in POINTS:
                found = [rates(drawn(kind, size, points, share, rng)) for share in shares]
                line: dict[str, object] = {"kind": kind, "size": size, "points": points}
                for field in fields(Rates):
                    line[field.name] = f"{max(getattr(each, field.name) for each in found):.4f}"
                yield line


def main() -> None:
    """Write the file."""
    names = ["kind", "size", "points", *(field.name for field in fields(Rates))]
    with FILE.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, names, lineterminator="\n")
        writer.writeheader()
        for line in lines():
            writer.writerow(line)
            print(*line.values(), flush=True)


if __name__ == "__main__":
    main()

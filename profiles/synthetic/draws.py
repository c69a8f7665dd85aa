"""Random draws, day numbers and levels over time: what every subject of the generator shares.

A day is the number of days since 1 January 1970, so that dates stay plain integer arrays; `NEVER`
is a day after every extract and stands for what has not happened.
"""

import datetime
import zlib
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

NEVER = 1_000_000
MONTH_DAYS = 30.4375
"""Mean length of a month in days."""

Knots = tuple[tuple[str, float], ...]
"""A level over time: (ISO day, value), straight between them; two neighbouring days make a step."""


def generator(seed: int, subject: str) -> np.random.Generator:
    """The subject's own stream of random numbers: a change to one subject leaves the others as they were."""
    key = zlib.crc32(subject.encode())
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence(seed, spawn_key=(key,))))


def day(date: datetime.date | str) -> int:
    """The day number of a date, or of an ISO day."""
    if isinstance(date, str):
        date = datetime.date.fromisoformat(date)
    return date.toordinal() - datetime.date(1970, 1, 1).toordinal()


def date_of(number: int) -> datetime.date:
    """The date of a day number."""
    return datetime.date.fromordinal(int(number) + datetime.date(1970, 1, 1).toordinal())


def level(knots: Knots, days: Ints) -> Floats:
    """The level on each day, straight between the knots and constant outside them."""
    values: Floats = np.interp(days, [day(text) for text, _ in knots], [value for _, value in knots])
    return values


def pick(rng: np.random.Generator, weights: Sequence[float] | Floats, size: int) -> Ints:
    """`size` places in `weights`, drawn in proportion to them."""
    ladder = np.cumsum(np.asarray(weights, dtype=np.float64))
    found: Ints = np.searchsorted(ladder, rng.random(size) * ladder[-1], side="right").astype(np.int64)
    return found


def pick_by(rng: np.random.Generator, table: Sequence[Sequence[float]], group: Ints) -> Ints:
    """For each item a place in the row of `table` that its group names, in proportion to that row."""
    ladder = np.cumsum(np.asarray(table, dtype=np.float64), axis=1)
    drawn = rng.random(len(group)) * ladder[:, -1][group]
    found = np.zeros(len(group), dtype=np.int64)
    for column in range(ladder.shape[1] - 1):
        found += drawn >= ladder[group, column]
    return found


def happens(rng: np.random.Generator, probability: float | Floats, size: int) -> Bools:
    """For each of `size` items whether it happens, with that probability (one each, or one for all)."""
    return rng.random(size) < probability


def lag(rng: np.random.Generator, size: int, median: float | Floats, spread: float, most: int) -> Ints:
    """Whole days of waiting, log-normal about the median, cut at `most`."""
    waited = median * np.exp(spread * rng.standard_normal(size))
    return np.minimum(np.floor(waited), most).astype(np.int64)


def quota(rng: np.random.Generator, weights: Sequence[float], size: int) -> Ints:
    """Places in `weights` whose counts keep their proportions exactly but for rounding, shuffled."""
    ladder = np.cumsum(np.asarray(weights, dtype=np.float64))
    places = np.searchsorted(ladder / ladder[-1], (np.arange(size) + 0.5) / max(size, 1), side="right")
    return rng.permutation(places).astype(np.int64)


def spread(rng: np.random.Generator, among: Bools, count: int) -> Ints:
    """`count` different items of those marked in `among` (fewer when there are fewer), in order."""
    found = np.flatnonzero(among)
    return np.sort(rng.permutation(found)[:count]).astype(np.int64)

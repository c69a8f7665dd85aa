"""Intervals for proportions, counts and odds: pure functions over numbers or arrays."""

from statistics import NormalDist

import numpy as np
from numpy.typing import ArrayLike, NDArray

CONFIDENCE = 0.95
"""Every interval covers 95 % unless told otherwise."""

Floats = NDArray[np.float64]


def wilson(successes: ArrayLike, trials: ArrayLike, confidence: float = CONFIDENCE) -> tuple[Floats, Floats]:
    """Lower and upper limit of a proportion, each between 0 and 1; nan where there are no trials.

    The score interval without continuity correction (Wilson 1927), which stays inside 0 and 1 and
    keeps its coverage for ten answers as for ten thousand.
    """
    count = np.asarray(successes, dtype=float)
    size = np.asarray(trials, dtype=float)
    size = np.where(size > 0, size, np.nan)
    z = NormalDist().inv_cdf((1 + confidence) / 2)
    share = count / size
    spread = z / size * np.sqrt(count * (1 - share) + z * z / 4)
    centre = share + z * z / (2 * size)
    scale = 1 + z * z / size
    # At 0 and at all of them the limit is exact; rounding would leave it a hair outside.
    lower = np.where(count == 0, size * 0, (centre - spread) / scale)
    upper = np.where(count == size, size / size, (centre + spread) / scale)
    return lower, upper


def odds(events: ArrayLike, others: ArrayLike, confidence: float = CONFIDENCE) -> tuple[Floats, Floats]:
    """Lower and upper limit of events / others; nan where there are no others.

    The Wilson limits of events / (events + others), turned from a proportion p into odds p / (1 - p):
    the two counts are parts of one whole, so their ratio has the uncertainty of the split.
    """
    count = np.asarray(events, dtype=float)
    rest = np.asarray(others, dtype=float)
    rest = np.where(rest > 0, rest, np.nan)
    lower, upper = wilson(count, count + rest, confidence)
    return lower / (1 - lower), upper / (1 - upper)


def poisson(counts: ArrayLike, confidence: float = CONFIDENCE) -> tuple[Floats, Floats]:
    """Lower and upper limit of the mean behind each count; nan where the count is.

    Exact (Garwood 1936): the means under which the count, or one further out, has half of
    1 - confidence as its probability.
    """
    from scipy.special import gammaincinv

    tail = (1 - confidence) / 2
    # Counts repeat: a year of months has few different ones, and the inverse is the slow step.
    values, places = np.unique(np.asarray(counts, dtype=float), return_inverse=True)
    with np.errstate(invalid="ignore"):
        lower = np.where(values > 0, gammaincinv(values, tail), values)
        upper = gammaincinv(values + 1, 1 - tail)
    return lower[places], upper[places]

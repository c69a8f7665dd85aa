"""Intervals: the model's own, widened by what the back-test measured, for a month and for a sum of months."""

from math import ceil
from statistics import NormalDist

import numpy as np

from profiles.forecast.smoothing import YEAR, Fit, Floats

LEVELS = (0.8, 0.95)
"""Nominal coverage of the two intervals."""

ENOUGH = 19
"""Fewest errors among which a 95th-percentile rank lies, (19 + 1) x 0.95 = 19: with fewer, others join."""

FLATTERED = 42
"""Months known below which a back-test flatters: what was chosen by it is judged by it, on few errors."""

WIDER = 0.025
"""What each month that is missing from that number widens the intervals by, as a share of their width.

From simulated series other than those by which coverage is told (`benchmarks/forecasting.py`): of 36 months
the intervals of a month had to be a tenth to a fifth wider for the hardest kind, a level that wanders.
"""


def short(months: int) -> float:
    """What the intervals of so short a history are multiplied by, beside what its back-test asks for."""
    return 1 + WIDER * max(FLATTERED - months, 0)


def quantile(level: float) -> float:
    """Standard deviations from the middle to a limit of an interval of that coverage."""
    return NormalDist().inv_cdf((1 + level) / 2)


def factor(scores: Floats, level: float) -> float:
    """What the model's interval is multiplied by, at least 1: the conformal quantile over the normal one.

    `scores` are absolute errors in standard deviations; the quantile is the ceil((n + 1) level)-th smallest
    (Vovk, Gammerman and Shafer 2005; Lei and others 2018), the largest where there is no such rank.
    """
    ordered = np.sort(scores)
    rank = min(ceil(round((len(ordered) + 1) * level, 9)), len(ordered))
    return max(1.0, float(ordered[rank - 1]) / quantile(level)) if len(ordered) else 1.0


def factors(scores: Floats, level: float) -> Floats:
    """A factor for each horizon (a column) from its own errors, or from those of all where it has too few.

    A nan is no error.
    """
    known = ~np.isnan(scores)
    together = factor(scores[known], level)
    return np.array(
        [
            factor(column[here], level) if here.sum() >= ENOUGH else together
            for column, here in zip(scores.T, known.T, strict=True)
        ]
    )


def half_widths(spreads: Floats, widened: Floats, level: float) -> Floats:
    """Half the width of the interval of each horizon from 1 to 12: widened, never below a month before."""
    return np.maximum.accumulate(quantile(level) * spreads * widened)


def widened(fit: Fit, scores: Floats, months: int, level: float) -> Floats:
    """Half the width of the interval of each of the next `months`; `scores` are the back-test's.

    Up to 12 months ahead: the model's, times the factor of that horizon. Beyond, where no error was
    measured: the model's times the factor of the twelfth, and at least the twelfth's width times the square
    root of horizon / 12, as if the level took a step of that size every year. All of it is wider where the
    history is short.
    """
    spreads = fit.spread(max(months, YEAR))
    by_horizon = factors(scores, level)
    near = half_widths(spreads[:YEAR], by_horizon, level)
    horizons = np.arange(YEAR + 1, len(spreads) + 1)
    far = np.maximum(quantile(level) * spreads[YEAR:] * by_horizon[-1], near[-1] * np.sqrt(horizons / YEAR))
    halves: Floats = short(fit.training) * np.maximum.accumulate(np.concatenate([near, far]))[:months]
    return halves


def half_width_of_sum(fit: Fit, halves: Floats, since: int, until: int, level: float) -> float:
    """Half the width of the interval of a sum of months, from `since` (the first is 0) up to `until`.

    `halves` are the months' own. Two parts: the model's errors add as the model has them, a month's error
    reaching the later ones; what the widening adds to a month is taken as an error of the level, the same for
    all months, and adds in full: half² = (z s)² + (sum of sqrt(half_h² - (z s_h)²))².
    """
    z = quantile(level)
    own = z * fit.spread(until)[since:]
    added = np.sqrt(np.maximum(halves[since:until] ** 2 - own**2, 0))
    return float(np.hypot(z * fit.spread_of_sum(since, until), np.sum(added)))

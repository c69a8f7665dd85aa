"""Intervals, differences, process-behaviour charts and funnels: pure functions over numbers or arrays."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from itertools import pairwise
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


def newcombe(
    successes: ArrayLike, trials: ArrayLike, others: ArrayLike, of_others: ArrayLike
) -> tuple[float, float, float]:
    """The difference successes / trials - others / of_others and its two limits; nan without trials.

    The hybrid of two Wilson intervals (Newcombe 1998, method 10): unlike the plain difference of two
    shares it keeps its coverage at shares near zero and one.
    """
    count, size, other, of = (float(np.asarray(each)) for each in (successes, trials, others, of_others))
    if not (size > 0 and of > 0):
        return float("nan"), float("nan"), float("nan")
    share, share_of_others = count / size, other / of
    difference = share - share_of_others
    (lower, upper), (lower_of_others, upper_of_others) = wilson(count, size), wilson(other, of)
    below = np.hypot(share - lower, upper_of_others - share_of_others)
    above = np.hypot(upper - share, share_of_others - lower_of_others)
    return difference, float(difference - below), float(difference + above)


LIMIT = 2.66
"""Mean moving ranges from the average to a limit: three standard deviations, each the mean range / 1.128."""
NEAR = 2 / 3
"""Share of the way from the average to a limit from which on a point is near it."""
RUN = 7
"""Points on one side of the average, or rising or falling, that make a signal."""
TRIAL = 13
"""With fewer points the limits still move a lot, and are on trial."""

ROUNDING = 1e-12
"""Share of the average within which a value equals it."""

Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class Process:
    """A process-behaviour chart: a value a point, all arrays of the length of the series.

    `centre`, `lower` and `upper` are constant between two starts; the limits are not cut at zero.
    Signals: `outside` the limits; `shift`, of a run on one side; `trend`, of a run that rises or falls;
    `near`, two of three near one limit. `is_trial` where the limits rest on few points.
    """

    centre: Floats
    lower: Floats
    upper: Floats
    outside: Flags
    shift: Flags
    trend: Flags
    near: Flags
    is_trial: Flags

    @property
    def is_signal(self) -> Flags:
        """Whether any rule marks the point."""
        signal: Flags = self.outside | self.shift | self.trend | self.near
        return signal


def xmr(values: ArrayLike, starts: Sequence[int] = ()) -> Process:
    """The process-behaviour chart of a series; its limits begin anew at each of the places `starts`.

    Average ± 2.66 × mean moving range (Wheeler). No value and no range is left out as an outlier: a
    screen would narrow the limits and find signals of its own making. A missing value (nan) has no
    limits and no signal, and ends every run.
    """
    series = np.asarray(values, dtype=float)
    edges = sorted({0, *(place for place in starts if 0 < place < len(series)), len(series)})
    parts = [_stretch(series[first:last]) for first, last in pairwise(edges)]
    if not parts:
        parts = [_stretch(series)]
    return Process(
        *(np.concatenate([getattr(part, each.name) for part in parts]) for each in fields(Process))
    )


def _stretch(series: Floats) -> Process:
    """The chart of values that share one pair of limits."""
    known = ~np.isnan(series)
    ranges = np.abs(np.diff(series))
    ranges = ranges[~np.isnan(ranges)]
    nothing = np.full(len(series), np.nan)
    if not known.any():
        none = np.zeros(len(series), dtype=bool)
        return Process(nothing, nothing, nothing, none, none, none, none, ~none)
    # The mean of equal values may miss them by a rounding, and would lie on one side of all.
    centre = float(series[known].mean()) if np.ptp(series[known]) else float(series[known][0])
    # A single value has no range, and so no limits.
    reach = LIMIT * float(ranges.mean()) if len(ranges) else float("nan")
    lower, upper = centre - reach, centre + reach
    # The mean of a value and others around it may miss it by a rounding: it lies on neither side.
    is_beside = np.abs(series - centre) > ROUNDING * abs(centre)
    side = np.where(is_beside, np.sign(series - centre), 0.0)
    step = np.nan_to_num(np.sign(np.diff(series)))
    outside = (series > upper) | (series < lower)
    is_near = ~outside & (np.abs(series - centre) > NEAR * reach)
    return Process(
        centre=np.where(known, centre, nothing),
        lower=np.where(known, lower, nothing),
        upper=np.where(known, upper, nothing),
        outside=outside,
        shift=_in_runs(side, RUN, 0),
        trend=_in_runs(step, RUN - 1, 1),
        near=_two_of_three(is_near, side),
        is_trial=np.full(len(series), int(known.sum()) < TRIAL),
    )


def _in_runs(signs: Floats, length: int, more: int) -> Flags:
    """Which points lie in a run of `length` equal signs that are not 0; each run spans `more` points more."""
    flags = np.zeros(len(signs) + more, dtype=bool)
    for first in range(len(signs) - length + 1):
        window = signs[first : first + length]
        if window[0] and (window == window[0]).all():
            flags[first : first + length + more] = True
    return flags


def _two_of_three(is_near: Flags, side: Floats) -> Flags:
    """Near points of which two stand in three in a row that all lie on one side of the average."""
    flags = np.zeros(len(side), dtype=bool)
    for first in range(len(side) - 2):
        window = slice(first, first + 3)
        if is_near[window].sum() >= 2 and abs(side[window].sum()) == 3:
            flags[window] |= is_near[window]
    return flags


INNER, OUTER = 0.95, 0.998
"""What lies within the two pairs of limits of a funnel plot when all units share one rate."""
WINSORISED = 0.1
"""Share of the units at each end that is drawn in before their spread is judged."""


@dataclass(frozen=True)
class Funnel:
    """Units against the limits within which chance spreads them.

    `target` is the share they are held against, `between` the variance between units beyond chance (0
    where there is none to speak of). `position` tells a unit's place: 0 within the inner limits, 1 or -1
    beyond them, 2 or -2 beyond the outer ones; nan has 0.
    """

    target: float
    between: float
    position: NDArray[np.int64]

    @property
    def is_overdispersed(self) -> bool:
        """Whether units differ by more than chance as a whole, so that the limits are widened."""
        return self.between > 0

    def limits(self, sizes: ArrayLike, share: float) -> tuple[Floats, Floats]:
        """Lower and upper limit, between 0 and 1, for units of those sizes; `share` is INNER or OUTER."""
        z = NormalDist().inv_cdf((1 + share) / 2)
        spread = z * np.sqrt(self._variance(np.asarray(sizes, dtype=float)))
        return np.clip(self.target - spread, 0, 1), np.clip(self.target + spread, 0, 1)

    def _variance(self, sizes: Floats) -> Floats:
        return self.target * (1 - self.target) / sizes + self.between


def funnel(numerators: ArrayLike, denominators: ArrayLike, whole: float = float("nan")) -> Funnel:
    """The funnel of shares numerators / denominators about `whole`, or about the share of all of them.

    Limits are those of the score test, so a unit lies outside the inner ones exactly when its Wilson
    interval leaves out the target. When the winsorised z-scores spread by more than chance would allow
    once in twenty, a variance between units is added to every limit (Spiegelhalter 2005).
    """
    counts, sizes = np.asarray(numerators, dtype=float), np.asarray(denominators, dtype=float)
    known = sizes > 0
    total = sizes[known].sum()
    if not total:
        return Funnel(float("nan"), 0.0, np.zeros(len(sizes), dtype=np.int64))
    target = float(counts[known].sum() / total) if np.isnan(whole) else whole
    plain = Funnel(target, 0.0, np.zeros(len(sizes), dtype=np.int64))
    variance = plain._variance(np.where(known, sizes, np.nan))
    if not 0 < target < 1:
        return plain
    share = counts / np.where(known, sizes, np.nan)
    between = _between((share - target)[known], variance[known])
    scores = (share - target) / np.sqrt(variance + between)
    inner, outer = (NormalDist().inv_cdf((1 + each) / 2) for each in (INNER, OUTER))
    size = np.nan_to_num(np.abs(scores))
    position = np.where(size > outer, 2, np.where(size > inner, 1, 0)) * np.nan_to_num(np.sign(scores))
    return Funnel(target, between, position.astype(np.int64))


def _between(deviations: Floats, variance: Floats) -> float:
    """The variance between units beyond chance; 0 where their spread is what chance makes."""
    from scipy.special import chdtri

    units = len(deviations)
    if units < 3:
        return 0.0
    scores = deviations / np.sqrt(variance)
    drawn_in = np.clip(scores, *np.quantile(scores, [WINSORISED, 1 - WINSORISED]))
    spread = float((drawn_in**2).sum())
    if spread <= chdtri(units - 1, 1 - CONFIDENCE):
        return 0.0
    weights = 1 / variance
    scale = float(weights.sum() - (weights**2).sum() / weights.sum())
    return max(0.0, (spread - (units - 1)) / scale)

"""The one judge of a series: what holds at its newest settled point, how sure it is, and what was before.

Tiles, titles, sentences, the action plan, files and reports take what they say of a series from here.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace

import numpy as np
from numpy.typing import NDArray

from profiles import false_alarms, stats
from profiles.false_alarms import Rates
from profiles.stats import Floats, Process

IMPROVING, WORSENING = "improving", "worsening"
CHANGED, STEADY = "changed", "steady"
TOO_FEW = "too few to say"

LEAST = 5.0
"""Fewer than this on average, counted or of a share not counted, make no point of a control chart."""
FEWEST = {1: stats.TRIAL, 3: 8, 12: 6}
"""Points that a verdict needs, by the months in a point."""

SCALES = {"percent": 100.0, "per_100": 100.0, "per_1000": 1000.0}
"""What a ratio is multiplied by."""
KINDS = {"count": "count", "percent": "share"}
"""The kind of a series by its unit; any other is a rate."""

ORDER = ("near", "trend", "outside", "shift")
"""Of signals that end at one point the last of these is told first."""

BETTER = {"more_is_better": 1, "less_is_better": -1}
"""The side on which a signal is an improvement."""

NOT_SETTLED, TOO_SHORT, TOO_RARE = "not settled", "too short", "too rare"
"""Why there are too few to say."""


@dataclass(frozen=True)
class Series:
    """A monthly series: values and counts are nan where a month is missing or not settled.

    `sizes` are the denominators of a ratio, and None of a count. Limits begin anew at each of `starts`. Where
    no months are given, an entry is of so many `months` as there are in a quarter or a year.
    """

    values: Floats
    counts: Floats
    sizes: Floats | None
    unit: str
    starts: tuple[int, ...] = ()
    direction: str = "neutral"
    months: int = 1

    @property
    def kind(self) -> str:
        """count, share or rate."""
        return KINDS.get(self.unit, "rate")

    @property
    def stretches(self) -> NDArray[np.int64]:
        """The number of the stretch that each month belongs to."""
        numbers = np.zeros(len(self.values), dtype=np.int64)
        for place in self.starts:
            numbers[place:] += 1
        return numbers


@dataclass(frozen=True)
class Signal:
    """What a rule marks at one go: the places of its points, and 1 for high or rising, -1 for the other."""

    rule: str
    places: tuple[int, ...]
    side: int


@dataclass(frozen=True)
class Points:
    """The series in points of `length` months each: the place of the last entry of each, and its figures.

    An entry of the series is a month, unless it is given by quarter or year; a point has `entries` of them.
    """

    length: int
    entries: int
    ends: tuple[int, ...]
    values: Floats
    counts: Floats
    sizes: Floats | None
    stretches: NDArray[np.int64]

    def last(self) -> NDArray[np.int64]:
        """The places of the settled points in the last stretch that has any."""
        settled: NDArray[np.int64] = np.flatnonzero(~np.isnan(self.values))
        newest = self.stretches[settled[-1:]]
        return settled[np.isin(self.stretches[settled], newest)]


@dataclass(frozen=True)
class Verdict:
    """What may be said of a series.

    `now` is improving, worsening, changed (no direction is agreed, or signals point both ways), steady or
    too few to say, then with its reason in `why`. `holding` are the signals that the newest settled point
    is part of, `ended` the others since the last rebase, the newest first. `size` is the average number
    a point rests on: of a share the smaller of those counted and the others. `monthly` is the control
    chart of the entries, without limits where one is too few, and without signals where there are too few.
    """

    now: str
    why: str
    kind: str
    points: Points
    process: Process
    signals: tuple[Signal, ...]
    holding: tuple[Signal, ...]
    ended: tuple[Signal, ...]
    size: float
    monthly: Process
    series: Series

    @property
    def since(self) -> int | None:
        """The place of the first entry of what holds; None where nothing does."""
        if not self.holding:
            return None
        return self.points.ends[self.holding[0].places[0]] - self.points.entries + 1

    @property
    def side(self) -> int:
        """1 where all that holds is high or rising, -1 where all is low or falling, otherwise 0."""
        sides = {each.side for each in self.holding}
        return sides.pop() if len(sides) == 1 else 0

    @property
    def low_since(self) -> int | None:
        """The place of the first point of what lies low now; None where no signal says so.

        It goes back over the points below the average that lie before the first of the signal.
        """
        if self.side != -1:
            return None
        mine = self.points.last().tolist()
        first = mine.index(min(each.places[0] for each in self.holding))
        is_below = (self.points.values < self.process.centre).tolist()
        while first and is_below[mine[first]] and is_below[mine[first - 1]]:
            first -= 1
        return int(mine[first])

    @property
    def by_chance(self) -> Rates:
        """How often chance alone raises a signal in a chart of this size and length."""
        return false_alarms.rates(self.kind, self.size, len(self.points.last()))


def state(side: int, direction: str) -> str:
    """The verdict on signals of that side that hold, where 0 stands for both sides."""
    good = BETTER.get(direction, 0)
    if not good or not side:
        return CHANGED
    return IMPROVING if side == good else WORSENING


def judge(series: Series) -> Verdict:
    """The verdict on the series: by month, or where a month is too few by three or by 12 months.

    Longer points are counted back from the newest settled month. One that lacks a month is left out.
    """
    shortest = series.months
    monthly = _without_claims(series, in_points(series, shortest))
    why = ""
    for length in (each for each in FEWEST if each % shortest == 0):
        points = in_points(series, length)
        mine = points.last()
        size = size_of(points, mine, series.kind)
        if length == shortest and (not len(mine) or len(mine) < FEWEST[shortest]):
            why = TOO_SHORT if len(mine) else NOT_SETTLED
            break
        if size >= LEAST and len(mine) >= FEWEST[length]:
            return _judged(series, points, mine, size, monthly)
        why = TOO_RARE
    points = in_points(series, shortest)
    size = size_of(points, points.last(), series.kind)
    return Verdict(TOO_FEW, why, series.kind, points, monthly, (), (), (), size, monthly, series)


def _judged(
    series: Series, points: Points, mine: NDArray[np.int64], size: float, monthly: Process
) -> Verdict:
    process = monthly if points.length == 1 else _chart(points)
    signals = found(points.values, process, points.stretches)
    newest = int(mine[-1])
    told = [each for each in signals if each.places[-1] in mine]
    holding = tuple(each for each in told if newest in each.places)
    ended = tuple(each for each in told if newest not in each.places)
    verdict = Verdict(
        STEADY, "", series.kind, points, process, tuple(signals), holding, ended, size, monthly, series
    )
    return replace(verdict, now=state(verdict.side, series.direction)) if holding else verdict


def in_points(series: Series, length: int) -> Points:
    """The series in points of so many months, counted back from the newest settled month of each stretch."""
    stretches = series.stretches
    entries = length // series.months
    if entries == 1:
        every = tuple(range(len(series.values)))
        return Points(length, 1, every, series.values, series.counts, series.sizes, stretches)
    known = ~np.isnan(series.counts)
    ends: list[int] = []
    for number in np.unique(stretches):
        mine = np.flatnonzero(known & (stretches == number))
        if len(mine):
            ends += range(int(mine[-1]), int(mine[0]) + entries - 2, -entries)
    ends.sort()
    counts = _sums(series.counts, ends, entries)
    sizes = None if series.sizes is None else _sums(series.sizes, ends, entries)
    values = counts
    if sizes is not None:
        values = SCALES.get(series.unit, 1.0) * counts / np.where(sizes > 0, sizes, np.nan)
    return Points(length, entries, tuple(ends), values, counts, sizes, stretches[np.array(ends, dtype=int)])


def _sums(series: Floats, ends: Sequence[int], entries: int) -> Floats:
    """The sum of so many entries up to each end; nan where one is missing."""
    return np.array([series[end - entries + 1 : end + 1].sum() for end in ends], dtype=float)


def size_of(points: Points, places: NDArray[np.int64], kind: str) -> float:
    """The average number that a point of those rests on; 0 where it is not known."""
    if not len(places):
        return 0.0
    counted = points.counts[places].mean()
    if points.sizes is None:
        return float(np.nan_to_num(counted))
    others = points.sizes[places].mean() - (counted if kind == "share" else 0.0)
    return float(np.nan_to_num(min(counted, others)))


def _chart(points: Points) -> Process:
    edges = np.flatnonzero(np.diff(points.stretches)) + 1
    return stats.xmr(points.values, edges.tolist())


def _without_claims(series: Series, months: Points) -> Process:
    """The chart of the months: no limits in a stretch of rare months, no signals in one of few."""
    chart = _chart(months)
    parts = {each.name: getattr(chart, each.name).copy() for each in fields(Process)}
    settled = ~np.isnan(months.values)
    for number in np.unique(months.stretches):
        mine = months.stretches == number
        places = np.flatnonzero(mine & settled)
        is_rare = size_of(months, places, series.kind) < LEAST
        if is_rare or len(places) < FEWEST[series.months]:
            for name in ("outside", "shift", "trend", "near"):
                parts[name][mine] = False
        if is_rare:
            for name in ("centre", "lower", "upper"):
                parts[name][mine] = np.nan
    return Process(**parts)


def found(values: Floats, process: Process, stretches: NDArray[np.int64]) -> list[Signal]:
    """Every signal of the chart, the newest first; a run is one, and none reaches over a rebase."""
    numbers = stretches.tolist()
    beside = np.nan_to_num(np.sign(values - process.centre)).astype(int).tolist()
    steps = np.nan_to_num(np.sign(np.diff(values))).astype(int).tolist()
    signals: list[Signal] = []
    for rule, flags, reach in (
        ("outside", process.outside, 1),
        ("shift", process.shift, 1),
        ("near", process.near, 2),
    ):
        marked = np.flatnonzero(flags).tolist()
        kinds = [(numbers[place], beside[place]) for place in marked]
        signals += [Signal(rule, run, beside[run[0]]) for run in _runs(marked, reach, kinds)]
    # A trend is a run of steps between marked points; where one turns, two of them share a point.
    stepped = [
        place
        for place in np.flatnonzero(process.trend[:-1] & process.trend[1:]).tolist()
        if numbers[place] == numbers[place + 1]
    ]
    for run in _runs(stepped, 1, [steps[place] for place in stepped]):
        if len(run) >= stats.RUN - 1:
            signals.append(Signal("trend", (*run, run[-1] + 1), steps[run[0]]))
    return sorted(signals, key=lambda each: (each.places[-1], ORDER.index(each.rule)), reverse=True)


def _runs(places: Sequence[int], reach: int, kinds: Sequence[object]) -> list[tuple[int, ...]]:
    """The places as runs: of one kind, and no further than `reach` from the one before."""
    runs: list[list[int]] = []
    for number, place in enumerate(places):
        goes_on = number and place - places[number - 1] <= reach and kinds[number] == kinds[number - 1]
        if goes_on:
            runs[-1].append(place)
        else:
            runs.append([place])
    return [tuple(run) for run in runs]


def holds(until: str, last_period: str) -> bool:
    """Whether a signal up to `until` (ISO) is part of the newest settled month, so that it holds."""
    return bool(until) and until == last_period


def is_rare(unit: str, average: float) -> bool:
    """Whether months of that average are too few; of what is no count an average does not tell."""
    return unit == "count" and not math.isnan(average) and average < LEAST

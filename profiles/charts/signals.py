"""What control charts say: what holds at the newest settled point, how sure that is, and what was before."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

import numpy as np
import pandas as pd

from profiles import stats, words
from profiles.charts.claims import missing
from profiles.charts.processes import CEILING, level
from profiles.frames import rows
from profiles.verdicts import FEWEST, LEAST, TOO_FEW, TOO_SHORT, Signal, Verdict

TOLD = 3
"""Signals, or categories, that are named; the others are counted."""
NEWEST = 6
"""Newest points of which a sentence says how many lie on one side of the average."""
FINEST = 4
"""Places that a limit and what lies outside it are told to at most."""
NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
NOUNS = {
    1: ("month", "months"),
    3: ("period of three months", "periods of three months"),
    12: ("period of 12 months", "periods of 12 months"),
}
"""What one point is, and several are, by the months in it."""
LENGTHS = {3: "three months", 12: "12 months"}


@dataclass(frozen=True)
class Stretch:
    """The settled points since the last rebase in words: their places, average and limits.

    `labels` and `values` are those of every point of the series. `before` are the places of settled points
    before them. Without limits the last three are empty.
    """

    labels: tuple[str, ...]
    values: tuple[float, ...]
    unit: str
    length: int
    places: tuple[int, ...]
    before: tuple[tuple[int, ...], ...]
    signals: int
    is_trial: bool
    limits: tuple[float, float] = (math.nan, math.nan)
    average: str = ""
    lower: str = ""
    upper: str = ""


def process_title(frame: pd.DataFrame, unit: str, verdict: Verdict, name: str) -> str:
    """A title: what holds at the newest settled point and since when, or that no signal does."""
    stretches = _stretches(frame, unit, verdict)
    if not stretches:
        return f"{name}: no settled month" if frame["value"].notna().any() else f"{name}: no figure"
    last = stretches[-1]
    if verdict.why == TOO_SHORT:
        return f"{name}: too few months to say whether it changed"
    if verdict.now == TOO_FEW:
        return f"{name}: too few a month to say whether it changed"
    if verdict.holding:
        return f"{name}: {_short(last, verdict.holding[0])}"
    return f"{name}: no signal now, {last.average} {_each(last)} on average{_since(last)}"


def process_sentence(frame: pd.DataFrame, unit: str, verdict: Verdict) -> str:
    """Sentences: what holds now, the average and limits, what chance alone does, and what was before."""
    stretches = _stretches(frame, unit, verdict)
    if not stretches:
        is_open = bool(frame["value"].notna().any())
        return "Too few to say: no month is settled yet." if is_open else missing(frame)
    last = stretches[-1]
    entry = "month" if verdict.series.months == 1 else "period"
    newest = f"newest settled {entry}: {_newest(frame, unit, verdict)}"
    parts = [now_sentence(last, verdict)]
    if verdict.now != TOO_FEW:
        parts.append(
            f"{last.average} {_each(last)} on average{_since(last)}; limits {last.lower} to {last.upper}"
        )
        others = _others(last, verdict)
        parts += [f"also {others}"] if others else []
        parts.append(by_chance(verdict))
        if last.is_trial:
            count = f"{number_word(len(last.places))} {_noun(last, len(last.places))}"
            parts.append(f"the limits are on trial, for they rest on {count}, fewer than {stats.TRIAL}")
        parts += _ended(last, verdict)
    parts += [_earlier(each) for each in reversed(stretches[:-1])]
    return " ".join(map(words.sentence, [*parts, newest]))


def now_sentence(last: Stretch, verdict: Verdict) -> str:
    """What holds at the newest settled point, or why too little is known to say."""
    if verdict.now == TOO_FEW:
        return _too_few(last, verdict)
    by = ""
    if last.length > 1:
        why = (
            "for a month is too few" if verdict.series.months == 1 else "for months are withheld or not given"
        )
        by = f" (judged by {LENGTHS[last.length]}, {why})"
    if verdict.holding:
        return f"{'; '.join(_long(last, each) for each in leading(verdict))}{by}"
    newest = list(last.places[-NEWEST:])
    beside = np.sign(verdict.points.values[newest] - verdict.process.centre[newest])
    below, above = int((beside < 0).sum()), int((beside > 0).sum())
    if not below + above:
        return f"no signal now: the newest settled {_noun(last, 2)} lie at the average of {last.average}{by}"
    many, side = (below, "below") if below >= above else (above, "above")
    return (
        f"no signal now: of the newest {number_word(len(newest))} settled {_noun(last, len(newest))} "
        f"{number_word(many)} {'lies' if many == 1 else 'lie'} {side} the average of {last.average}{by}"
    )


def leading(verdict: Verdict) -> list[Signal]:
    """The signal that holds and is told first; one of either side where they point both ways."""
    found: dict[int, Signal] = {}
    for each in verdict.holding:
        found.setdefault(each.side, each)
    return list(found.values())


def _others(last: Stretch, verdict: Verdict) -> str:
    """The signals that hold beside those that the first sentence tells."""
    first = leading(verdict)
    return "; ".join(_long(last, each) for each in verdict.holding if each not in first)


def _too_few(last: Stretch, verdict: Verdict) -> str:
    if verdict.why == TOO_SHORT:
        months = f"{number_word(len(last.places))} settled {_noun(last, len(last.places))}"
        return (
            f"too few to say: {months}{_since(last)}, and a verdict needs {number_word(FEWEST[last.length])}"
        )
    # Rounded down: what is less than the least is not called as much.
    rests = f"{math.floor(10 * verdict.size) / 10:.1f} cases {_each(last)} on average"
    if verdict.kind == "share":
        rests = f"{rests} that are counted, or that are not,"
    return (
        f"too few to say: {rests} where a control chart needs {LEAST:.0f}, and longer periods are too few "
        "or too small as well"
    )


def by_chance(verdict: Verdict) -> str:
    """How often chance alone gives such a chart a signal now, and within the newest year."""
    rates = verdict.by_chance
    year = {1: rates.newest_twelve, 3: rates.newest_four}.get(verdict.points.length)
    more = "" if year is None else f", and {one_in(year)} within a year"
    return f"chance alone shows a signal in {one_in(rates.newest)} like this at its newest point{more}"


def one_in(rate: float) -> str:
    """A rate as charts of so many, such as one chart in eight."""
    if rate < 0.001:
        return "fewer than one chart in a thousand"
    if rate > 0.4:
        return f"{round(100 * rate)} of a hundred charts"
    charts = round(1 / rate)
    return f"about one chart in {number_word(charts if charts < 20 else round(charts, -1))}"


def _ended(last: Stretch, verdict: Verdict) -> list[str]:
    """Signals that have ended, in the past tense."""
    if not verdict.ended:
        return []
    named = [_long(last, each) for each in verdict.ended[:TOLD]]
    others = len(verdict.ended) - len(named)
    more = [f"{number_word(others)} more signal{'s' * (others > 1)}"] if others else []
    return [f"ended: {'; '.join([*named, *more])}"]


def _newest(frame: pd.DataFrame, unit: str, verdict: Verdict) -> str:
    """The newest settled month with its figure."""
    place = int(np.flatnonzero(~np.isnan(verdict.series.values))[-1])
    row = rows(frame)[place]
    return f"{label(row.period, verdict.series.months)} ({words.number(row.value, unit)})"


def _since(stretch: Stretch) -> str:
    return f" since {stretch.labels[stretch.places[0]]}" if stretch.before else ""


def _each(stretch: Stretch) -> str:
    return "a month" if stretch.length == 1 else f"in {LENGTHS[stretch.length]}"


def _noun(stretch: Stretch, count: int) -> str:
    return NOUNS[stretch.length][count != 1]


def _stretches(frame: pd.DataFrame, unit: str, verdict: Verdict) -> list[Stretch]:
    """Every stretch with a settled point, in order; each is named with those before it."""
    points, process = verdict.points, verdict.process
    known = np.flatnonzero(~np.isnan(points.values)).tolist()
    numbers = points.stretches.tolist()
    parts = [tuple(mine) for _, mine in groupby(known, key=lambda place: numbers[place])]
    periods = frame["period"].tolist()
    labels = tuple(label(periods[end], points.length) for end in points.ends)
    stretches = []
    for place, mine in enumerate(parts):
        at = mine[0]
        ends: tuple[str, ...] = ()
        limits = (math.nan, math.nan)
        if not math.isnan(process.lower[at]):
            drawn = (
                process.centre[at],
                max(process.lower[at], 0.0),
                min(process.upper[at], CEILING.get(unit, math.inf)),
            )
            ends = tuple(level(each, unit) for each in drawn)
            limits = drawn[1:]
        stretches.append(
            Stretch(
                labels,
                tuple(points.values.tolist()),
                unit,
                points.length,
                mine,
                tuple(parts[:place]),
                sum(each.places[-1] in mine for each in verdict.signals),
                bool(process.is_trial[at]),
                limits,
                *ends,
            )
        )
    return stretches


def label(period: str, length: int) -> str:
    """The name of a point of so many months by the last one of them."""
    month = words.period(period, "month")
    return month if length == 1 else f"the {LENGTHS[length]} to {month}"


def _number(stretch: Stretch, place: int, finely: int = 0) -> str:
    """The figure of the point; to so many places where it is no count."""
    value, unit = stretch.values[place], stretch.unit
    return words.rounded(value, finely, unit) if finely and unit != "count" else words.number(value, unit)


def _span(stretch: Stretch, places: Sequence[int]) -> str:
    """Since when, or from when to when where it has ended."""
    if places[-1] == stretch.places[-1]:
        return f"since {stretch.labels[places[0]]}"
    return f"from {stretch.labels[places[0]]} to {stretch.labels[places[-1]]}"


def _beside(signal: Signal) -> str:
    return "above" if signal.side > 0 else "below"


def _end(stretch: Stretch, signal: Signal, finely: int = 0) -> str:
    """The limit on the side of the signal, to so many places."""
    side, limit, told = "lower", stretch.limits[0], stretch.lower
    if signal.side > 0:
        side, limit, told = "upper", stretch.limits[1], stretch.upper
    return f"{side} limit of {words.rounded(limit, finely, stretch.unit) if finely else told}"


def _finely(stretch: Stretch, signal: Signal) -> int:
    """Places at which what lies outside a limit does not read as on it; 0 where the usual ones do."""
    limit = stretch.limits[signal.side > 0]
    usual = int(limit < 100) if stretch.unit == "count" else words.PLACES[stretch.unit]
    for places in range(usual, FINEST):
        shown = round(limit, places)
        if all(round(stretch.values[place], places) != shown for place in signal.places):
            return places if places > usual else 0
    return FINEST


def _short(stretch: Stretch, signal: Signal) -> str:
    """The signal as a title tells it."""
    span, beside = _span(stretch, signal.places), _beside(signal)
    count = f"{number_word(len(signal.places))} {_noun(stretch, len(signal.places))}"
    last = signal.places[-1]
    if signal.rule == "shift":
        return f"{span}, {count} {beside} the average of {stretch.average}"
    if signal.rule == "trend":
        return f"{span}, {count} each {'higher' if signal.side > 0 else 'lower'} than the last"
    if signal.rule == "outside":
        finely = _finely(stretch, signal)
        value = _number(stretch, last, finely)
        return f"{value} in {stretch.labels[last]}, {beside} the {_end(stretch, signal, finely)}"
    named = words.listed(stretch.labels[place] for place in signal.places)
    return f"{named} near the {_end(stretch, signal)}"


def _long(stretch: Stretch, signal: Signal) -> str:
    """The signal as a sentence tells it: in the past tense where it has ended."""
    span, beside = _span(stretch, signal.places), _beside(signal)
    count = f"{number_word(len(signal.places))} {_noun(stretch, len(signal.places))}"
    is_now = signal.places[-1] == stretch.places[-1]
    lie = "lie" if is_now else "lay"
    if signal.rule == "shift":
        return f"{span}, {count} in a row {lie} {beside} the average of {stretch.average}"
    if signal.rule == "trend":
        side = "higher" if signal.side > 0 else "lower"
        return f"{span}, {count} in a row were each {side} than the one before"
    if signal.rule == "outside" and len(signal.places) > TOLD:
        return f"{span}, {count} in a row {lie} {beside} the {_end(stretch, signal)}"
    finely = _finely(stretch, signal) if signal.rule == "outside" else 0
    figures = words.listed(
        f"{stretch.labels[place]} ({_number(stretch, place, finely)})" for place in signal.places
    )
    if signal.rule == "outside":
        verb = "lies" if is_now and len(signal.places) == 1 else lie
        return f"{figures} {verb} {beside} the {_end(stretch, signal, finely)}"
    return f"{figures} {lie} near the {_end(stretch, signal)}"


def _earlier(stretch: Stretch) -> str:
    """What a stretch before the last one was like."""
    first, last = stretch.labels[stretch.places[0]], stretch.labels[stretch.places[-1]]
    span = f"from {first} to {last}" if first != last else f"in {first}"
    if not stretch.average:
        return f"{span} there were too few for limits"
    if len(stretch.places) < FEWEST[stretch.length]:
        return f"{span}, too few {_noun(stretch, 2)} to judge: {stretch.average} on average"
    signals = f"{number_word(stretch.signals)} signal{'s' * (stretch.signals != 1)}"
    return f"{span}, with limits of its own: {stretch.average} on average, {signals}"


def number_word(count: int) -> str:
    """A small number as a word."""
    return NUMBERS[count] if count < len(NUMBERS) else f"{count:,}"

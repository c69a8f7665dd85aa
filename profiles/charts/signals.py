"""What control charts, funnels and comparisons say: plain sentences on whether chance can explain it."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

import numpy as np
import pandas as pd

from profiles import stats
from profiles.charts import words
from profiles.charts.claims import LOW_BASE, missing
from profiles.charts.frames import Breaks, Row, rows
from profiles.charts.processes import level, levels, settled
from profiles.stats import Funnel, Process

UNLIKELY = "chance alone rarely does that"
TOLD = 3
"""Signals, or categories, that are named; the others are counted."""
NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
ORDER = ("near", "trend", "outside", "shift")
"""Of signals that end in one month a title names the last of these."""
REACHES = (
    (2, "outside the 99.8% limits, where chance alone rarely puts one"),
    (1, "outside the 95% limits, where chance alone puts one in twenty"),
)


@dataclass(frozen=True)
class Signal:
    """What a rule marks at one go: the places of its months, and 1 for high or rising, -1 for the other."""

    rule: str
    places: tuple[int, ...]
    side: int


@dataclass(frozen=True)
class Stretch:
    """The settled months since the last rebase in words: their places, signals, average and limits.

    `before` are the places of settled months before them. Without limits the last three are empty.
    """

    told: tuple[Row, ...]
    unit: str
    months: tuple[int, ...]
    before: tuple[tuple[int, ...], ...]
    signals: tuple[Signal, ...]
    is_trial: bool
    average: str = ""
    lower: str = ""
    upper: str = ""


def signals_of(frame: pd.DataFrame, unit: str, breaks: Breaks, found: Process) -> list[Signal]:
    """Every signal of the chart, the newest first; a run is one, and none reaches over a rebase."""
    values = settled(frame)
    stretch = levels(frame, unit, breaks, found)["stretch"].tolist()
    beside = np.nan_to_num(np.sign(values - found.centre)).astype(int).tolist()
    steps = np.nan_to_num(np.sign(np.diff(values))).astype(int).tolist()
    signals = [Signal("outside", (place,), beside[place]) for place in np.flatnonzero(found.outside).tolist()]
    for rule, flags, reach in (("shift", found.shift, 1), ("near", found.near, 2)):
        marked = np.flatnonzero(flags).tolist()
        kinds = [(stretch[place], beside[place]) for place in marked]
        signals += [Signal(rule, run, beside[run[0]]) for run in _runs(marked, reach, kinds)]
    # A trend is a run of steps between marked months; where one turns, two of them share a month.
    stepped = [
        place
        for place in np.flatnonzero(found.trend[:-1] & found.trend[1:]).tolist()
        if stretch[place] == stretch[place + 1]
    ]
    for run in _runs(stepped, 1, [steps[place] for place in stepped]):
        if len(run) >= stats.RUN - 1:
            signals.append(Signal("trend", (*run, run[-1] + 1), steps[run[0]]))
    return sorted(signals, key=lambda each: (each.places[-1], ORDER.index(each.rule)), reverse=True)


def process_title(frame: pd.DataFrame, unit: str, breaks: Breaks, found: Process, name: str) -> str:
    """A title: the newest signal since the last rebase, or that there is none, and the average."""
    stretches = _stretches(frame, unit, breaks, found)
    if not stretches:
        return f"{name}: no settled month" if frame["value"].notna().any() else f"{name}: no figure"
    last = stretches[-1]
    if not last.average:
        return f"{name}: too few months for limits"
    if last.signals:
        return f"{name}: {_short(last, last.signals[0])}"
    return f"{name}: no signal, {last.average} a month on average{_since(last)}"


def process_sentence(frame: pd.DataFrame, unit: str, breaks: Breaks, found: Process) -> str:
    """Sentences: signals since the last rebase or none, average and limits, and the time before it."""
    stretches = _stretches(frame, unit, breaks, found)
    if not stretches:
        is_open = bool(frame["value"].notna().any())
        return "No month is settled yet, so there are no limits." if is_open else missing(frame)
    last = stretches[-1]
    newest = f"newest settled month: {_figure(last, last.months[-1])}"
    limits = f"chance alone moves it between {last.lower} and {last.upper}"
    average = f"{last.average} a month on average{_since(last)}"
    if not last.average:
        parts = [
            "with fewer than two settled months in a row there are no limits, so chance cannot be judged"
        ]
    elif last.signals:
        named = [_long(last, each) for each in last.signals[:TOLD]]
        others = len(last.signals) - len(named)
        more = [f"{_number(others)} more signal{'s' * (others > 1)} before"] if others else []
        parts = [f"{'; '.join([*named, *more])}: {UNLIKELY}", f"{average}; {limits}"]
    else:
        parts = [f"no signal: {average}; {limits}"]
    if last.average and last.is_trial:
        count = _number(len(last.months))
        parts.append(f"the limits are on trial, for they rest on {count} months, fewer than {stats.TRIAL}")
    parts += [_earlier(each) for each in reversed(stretches[:-1])]
    return " ".join(map(words.sentence, [*parts, newest]))


def _since(stretch: Stretch) -> str:
    return f" since {_month(stretch, stretch.months[0])}" if stretch.before else ""


def funnel_title(
    frame: pd.DataFrame, unit: str, found: Funnel, name: str, what: str, withheld: int = 0
) -> str:
    """A title: which categories stand out, the furthest first; `what` is one of them, such as district.

    So many more are `withheld`: then it speaks of those that are shown.
    """
    target = words.number(100 * found.target, unit)
    out = _outside(frame, found)
    if not out and withheld:
        return (
            f"{name}: of the {_number(len(frame))} {what}s shown none stands out from the average of {target}"
        )
    if not out:
        return f"{name}: no {what} stands out from the average of {target}"
    is_above = out[0][1] > 0
    same = [words.name(row.category) for row, place in out if (place > 0) == is_above]
    others = len(out) - len(same)
    told = words.listed(same if len(same) <= TOLD else [same[0], f"{_number(len(same) - 1)} more"])
    sides = ("above", "below") if is_above else ("below", "above")
    more = f"; {_number(others)} {sides[1]}" if others else ""
    return f"{name}: {told} {'lies' if len(same) == 1 else 'lie'} {sides[0]} the average of {target}{more}"


def funnel_sentence(frame: pd.DataFrame, unit: str, found: Funnel, what: str, withheld: int = 0) -> str:
    """Sentences: who lies outside the limits, that the others differ by chance, and if limits are widened.

    So many more are `withheld`, which a sentence says.
    """
    target = words.number(100 * found.target, unit)
    out = _outside(frame, found)
    rest = len(frame) - len(out)
    parts = []
    for reach, where in REACHES:
        told = [
            f"{words.name(row.category)} {'above' if place > 0 else 'below'} at {_made_of(row, unit)}"
            for row, place in out
            if abs(place) == reach
        ]
        parts += [f"{where}: {'; '.join(told)}"] if told else []
    average = f"the average of {target}"
    if not out:
        parts.append(f"all {rest} differ from {average} by no more than chance explains")
    elif rest:
        parts.append(f"the other {_number(rest)} differ from {average} by no more than chance explains")
    else:
        parts.append(f"none lies within the limits around {average}")
    if withheld:
        parts.append(
            f"{_number(withheld)} more {'is' if withheld == 1 else 'are'} withheld and cannot be judged"
        )
    if found.is_overdispersed:
        parts.append(
            f"each {what} is held against limits that are widened, because on the whole they differ by more "
            "than chance (overdispersion)"
        )
    return " ".join(map(words.sentence, parts))


def few_sentence(frame: pd.DataFrame, unit: str) -> str:
    """A sentence: the categories that have a figure, too few to judge them against each other."""
    told = [
        f"{words.name(row.category)} {_made_of(row, unit)}"
        for row in rows(frame)
        if not math.isnan(row.value)
    ]
    if not told:
        return missing(frame)
    return words.sentence(f"too few to say what chance explains: {'; '.join(told)}")


def difference_sentence(
    name: str, after: tuple[float, float], before: tuple[float, float], against: str = "the year before"
) -> str:
    """A sentence on two shares, each as counted and out of how many: and whether chance explains it."""
    change, lower, upper = (100 * each for each in stats.newcombe(*after, *before))
    if math.isnan(change):
        return words.sentence(f"{name}: there are no two shares to compare")
    verdict = "can" if lower <= 0 <= upper else "is unlikely to"
    is_low = min(after[1], before[1]) < LOW_BASE
    base = f"; a low base of fewer than {LOW_BASE}" if is_low else ""
    return words.sentence(
        f"{name}: {_share(after)} against {_share(before)} {against}; a difference of {_signed(change)} "
        f"points (95% interval {_signed(lower)} to {_signed(upper)}): chance alone {verdict} explain it{base}"
    )


def difference_title(
    name: str, after: tuple[float, float], before: tuple[float, float], against: str = "the year before"
) -> str:
    """A title: up or down where chance is unlikely to explain it, else no clear change."""
    change, lower, upper = stats.newcombe(*after, *before)
    if math.isnan(change):
        return f"{name}: no two shares to compare"
    now, then = (words.number(100 * counted / size, "percent") for counted, size in (after, before))
    if lower <= 0 <= upper:
        return f"{name}: {now}, no clear change from {then} {against}"
    return f"{name}: {'up' if change > 0 else 'down'} to {now} from {then} {against}"


def _stretches(frame: pd.DataFrame, unit: str, breaks: Breaks, found: Process) -> list[Stretch]:
    """Every stretch with a settled month, in order; each is named with those before it."""
    table = levels(frame, unit, breaks, found)
    known = np.flatnonzero(~np.isnan(settled(frame))).tolist()
    numbers = table["stretch"].tolist()
    parts = [tuple(mine) for _, mine in groupby(known, key=lambda place: numbers[place])]
    signals = signals_of(frame, unit, breaks, found)
    stretches = []
    for place, months in enumerate(parts):
        drawn = table.iloc[months[0]]
        named = ("centre", "lower", "upper") if not math.isnan(drawn["lower"]) else ()
        stretches.append(
            Stretch(
                tuple(rows(frame)),
                unit,
                months,
                tuple(parts[:place]),
                tuple(each for each in signals if each.places[-1] in months),
                bool(drawn["is_trial"]),
                *(level(drawn[name], unit) for name in named),
            )
        )
    return stretches


def _month(stretch: Stretch, place: int) -> str:
    return words.period(stretch.told[place].period, "month")


def _figure(stretch: Stretch, place: int) -> str:
    """The month with its figure."""
    return f"{_month(stretch, place)} ({words.number(stretch.told[place].value, stretch.unit)})"


def _span(stretch: Stretch, places: Sequence[int]) -> str:
    """Since when, or from when to when where it has ended."""
    if places[-1] == stretch.months[-1]:
        return f"since {_month(stretch, places[0])}"
    return f"from {_month(stretch, places[0])} to {_month(stretch, places[-1])}"


def _beside(signal: Signal) -> str:
    return "above" if signal.side > 0 else "below"


def _end(stretch: Stretch, signal: Signal) -> str:
    """The limit on the side of the signal."""
    return f"upper limit of {stretch.upper}" if signal.side > 0 else f"lower limit of {stretch.lower}"


def _short(stretch: Stretch, signal: Signal) -> str:
    """The signal as a title tells it."""
    span, beside = _span(stretch, signal.places), _beside(signal)
    count = _number(len(signal.places))
    last = signal.places[-1]
    if signal.rule == "shift":
        return f"{span} {count} months {beside} the average of {stretch.average}"
    if signal.rule == "trend":
        return f"{span} {count} months each {'higher' if signal.side > 0 else 'lower'} than the last"
    if signal.rule == "outside":
        value = words.number(stretch.told[last].value, stretch.unit)
        return f"{value} in {_month(stretch, last)}, {beside} the {_end(stretch, signal)}"
    months = words.listed(_month(stretch, place) for place in signal.places)
    return f"{months} near the {_end(stretch, signal)}"


def _long(stretch: Stretch, signal: Signal) -> str:
    """The signal as a sentence tells it."""
    span, beside = _span(stretch, signal.places), _beside(signal)
    count = _number(len(signal.places))
    lie = "lie" if signal.places[-1] == stretch.months[-1] else "lay"
    if signal.rule == "shift":
        return f"{span} {count} months in a row {lie} {beside} the average of {stretch.average}"
    if signal.rule == "trend":
        side = "higher" if signal.side > 0 else "lower"
        return f"{span} {count} months in a row were each {side} than the one before"
    figures = words.listed(_figure(stretch, place) for place in signal.places)
    if signal.rule == "outside":
        return f"{figures} lies {beside} the {_end(stretch, signal)}"
    return f"{figures} lie near the {_end(stretch, signal)}"


def _earlier(stretch: Stretch) -> str:
    """What a stretch before the last one was like."""
    span = f"from {_month(stretch, stretch.months[0])} to {_month(stretch, stretch.months[-1])}"
    if not stretch.average:
        return f"{span} there are too few months for limits"
    count = len(stretch.signals)
    signals = f"{_number(count)} signal{'s' * (count != 1)}"
    return f"{span}, with limits of its own: {stretch.average} on average, {signals}"


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


def _outside(frame: pd.DataFrame, found: Funnel) -> list[tuple[Row, int]]:
    """The rows outside the limits with their place, the furthest out and the lowest first."""
    placed = zip(rows(frame), found.position.tolist(), strict=True)
    out = [(row, place) for row, place in placed if place]
    return sorted(out, key=lambda each: (-abs(each[1]), each[0].value))


def _made_of(row: Row, unit: str) -> str:
    counts = f"{words.number(row.numerator)} of {words.number(row.denominator)}"
    return f"{words.number(row.value, unit)} ({counts})"


def _share(counts: tuple[float, float]) -> str:
    share = words.number(100 * counts[0] / counts[1], "percent")
    return f"{share} ({words.number(counts[0])} of {words.number(counts[1])})"


def _signed(value: float) -> str:
    """One place, and no minus before nought."""
    return f"{round(value, 1) + 0.0:.1f}"


def _number(count: int) -> str:
    """A small number as a word."""
    return NUMBERS[count] if count < len(NUMBERS) else f"{count:,}"

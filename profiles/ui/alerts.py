"""The block that names the places whose rate has fallen: what, where, since when, and how sure that is."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
import pandas as pd

from profiles import charts, stats
from profiles.catalogue import Measure, measure
from profiles.charts import panels, words
from profiles.charts.frames import Breaks, Row, has_figures, last_rebase, rows
from profiles.periods import ALL, first_day, last_day, month_number
from profiles.selection import DIMENSIONS, NOT_RECORDED, Selection
from profiles.stats import Floats
from profiles.ui.blocks import (
    Ask,
    Block,
    Source,
    answers,
    asks_of,
    breaks_of,
    figure_words,
    filters,
    fit,
    ignored,
    lacking,
    letters_of,
    markers_met,
    period_words,
    subtitle,
)

FORCE = "the whole force"
SINCE, BEFORE, YEAR = "since it fell", "twelve months before", "last twelve months"
FEWEST = 13
"""Months below which limits are on trial, and no place is named."""
DRAWN = 3


@dataclass(frozen=True)
class Fall:
    """A place whose monthly rate is low: the first and the last month of it, and how many give a signal.

    It may be all that is selected, whose name is no value of a dimension.
    """

    place: str
    first: date
    last: date
    months: int
    signals: int
    drop: float
    is_whole: bool = False


def fallen(values: Floats, starts: Sequence[int] = ()) -> tuple[int, int] | None:
    """Where the low run begins that the last value belongs to, and how many of its values give a signal.

    None unless the last value lies below the average and the run below it holds a signal: what is no
    longer so is no alert. `starts` are the places at which the limits begin anew.
    """
    process = stats.xmr(values, starts)
    below = values < process.centre
    begins = len(values)
    while begins and below[begins - 1] and begins not in starts:
        begins -= 1
    is_signal = process.outside | process.shift | process.near
    signals = int(is_signal[begins:].sum())
    return (begins, signals) if signals else None


def falls(source: Source, measure_id: str, selection: Selection, *, by: str) -> Block:
    """The places in which the monthly rate has fallen and still is low, the largest fall first.

    Every value of `by` and all that is selected are looked at, over all months up to its end.
    """
    item = measure(measure_id)
    known = breaks_of(source, item, selection)
    found, looked_at = _search(source, item, selection, by, known)
    year = _year(source, item, selection)
    asks: list[Ask] = []
    names: list[str] = []
    for fall in found:
        for name, each in ((SINCE, _since(fall)), (BEFORE, _before(fall, known))):
            asks += asks_of(item, _at(selection, fall, by, *each))
            names.append(name)
    asks += asks_of(item, replace(selection, grain=ALL, by=by, since=year[0], until=year[1]))
    names.append(YEAR)
    drawn = found[:DRAWN]
    for fall in drawn:
        course = _at(selection, fall, by, _begins(selection, fall, known), fall.last)
        asks += asks_of(item, replace(course, grain="month"))
        names.append(fall.place)
    frame = answers(source, asks, within=names)
    whole = [row for row in rows(frame) if row.grain == ALL]
    pairs = list(zip(whole[: 2 * len(found) : 2], whole[1 : 2 * len(found) : 2], strict=True))
    courses = {fall.place: frame[frame["within"] == fall.place] for fall in drawn}
    shown = {name: mine for name, mine in courses.items() if has_figures(mine)}
    every = pd.concat(list(shown.values())) if shown else frame
    return Block(
        block_id=f"{measure_id}-falls",
        title=_title(item, by, found, pairs, looked_at),
        subtitle=subtitle(item, selection, "month", by, title=f"{item.title}: alert"),
        sentence=_sentence(item, by, found, pairs, looked_at, whole_name(item, selection, by)),
        figure=panels.panels(shown, item.unit, "month", known) if shown else None,
        table=_table(frame, item, found, pairs, by),
        frame=frame,
        asks=tuple(asks),
        source=source,
        selection=selection,
        texts=4,
        notes=(
            "A place is named when its monthly rate lies below its own average now and the run of low months "
            "holds a signal of its control chart: a month below the lower limit, seven months in a row, or "
            f"two of three near the limit. Chance alone does that in one or two charts of a hundred; here "
            f"{looked_at} were looked at.",
            *ignored(item, selection),
            *lacking(source, item, replace(selection, by=by)),
            *markers_met(frame),
        ),
        letters=letters_of(charts.shown_breaks(every, "month", known)) if shown else (),
        grain="month" if shown else ALL,
    )


def whole_name(item: Measure, selection: Selection, by: str) -> str:
    """What all that is selected is called: the whole force only where no filter that applies narrows it.

    Empty where one value of `by` is selected: it is looked at under its own name.
    """
    applied = fit(item, selection)
    if len(applied.values(by)) == 1:
        return ""
    return f"the selection ({filters(applied)})" if applied.where else FORCE


def _search(
    source: Source, item: Measure, selection: Selection, by: str, known: Breaks
) -> tuple[list[Fall], int]:
    """The falls that stand, the largest first, and how many charts were looked at."""
    every = fit(item, replace(selection, grain="month", by=None, since=None))
    whole = whole_name(item, selection, by)
    frames = [(whole, source.frame(item.measure_id, every))] if whole else []
    places = source.frame(item.measure_id, replace(every, by=by))
    frames += [
        (str(name), mine) for name, mine in places.groupby("category", sort=False) if name != NOT_RECORDED
    ]
    found, looked_at = [], 0
    for name, frame in frames:
        settled = [row for row in rows(frame) if row.value >= 0 and row.marker == ""]
        if len(settled) < FEWEST:
            continue
        looked_at += 1
        days = [date.fromisoformat(row.period) for row in settled]
        cuts = [each.day for each in known if each.is_rebase]
        starts = [
            place
            for place in range(1, len(days))
            if any(days[place - 1] < cut <= days[place] for cut in cuts)
        ]
        low = fallen(np.array([row.value for row in settled]), starts)
        if low:
            begins, signals = low
            mine, others = settled[begins:], settled[max([begins - 12, 0, *starts]) : begins]
            drop = _pooled(others) - _pooled(mine)
            if drop > 0:
                last = last_day(month_number(days[-1]))
                found.append(Fall(name, days[begins], last, len(mine), signals, drop, name == whole))
    return sorted(found, key=lambda fall: -fall.drop), looked_at


def _pooled(told: list[Row]) -> float:
    size = sum(row.denominator for row in told)
    return sum(row.numerator for row in told) / size if size else 0.0


def _since(fall: Fall) -> tuple[date, date]:
    return fall.first, fall.last


def _before(fall: Fall, known: Breaks) -> tuple[date, date]:
    """The twelve months before the fall, as far as no rebase lies between."""
    month = month_number(fall.first)
    last = last_day(month - 1)
    return max(first_day(month - 12), last_rebase(known, last) or date.min), last


def _begins(selection: Selection, fall: Fall, known: Breaks) -> date:
    """From where the course is drawn: the selection's first day, or two years before the fall."""
    earlier = first_day(month_number(fall.first) - 24)
    return min(selection.since or earlier, earlier)


def _year(source: Source, item: Measure, selection: Selection) -> tuple[date | None, date | None]:
    """The twelve whole months to the end of the selection."""
    if not selection.until:
        return None, None
    month = month_number(selection.until)
    month -= selection.until != last_day(month)
    return first_day(month - 11), last_day(month)


def _at(selection: Selection, fall: Fall, by: str, since: date, until: date) -> Selection:
    others = tuple(pair for pair in selection.where if pair[0] != by)
    where = selection.where if fall.is_whole else (*others, (by, fall.place))
    return replace(selection, grain=ALL, by=None, since=since, until=until, where=where)


def _title(item: Measure, by: str, found: list[Fall], pairs: list[tuple[Row, Row]], looked_at: int) -> str:
    if not looked_at:
        return f"{item.title}: too few months to look for falls"
    if not found and looked_at == 1:
        return f"{item.title} has not fallen beyond chance"
    if not found:
        return f"No {DIMENSIONS[by].title} stands out: {item.title.lower()} has fallen nowhere beyond chance"
    first, (now, before) = found[0], pairs[0]
    more = f", and {len(found) - 1} more" if len(found) > 1 else ""
    return (
        f"{item.title} has fallen in {first.place}: {words.number(now.value, item.unit)} "
        f"{words.since(first.first)}, {words.number(before.value, item.unit)} before{more}"
    )


def _sentence(
    item: Measure, by: str, found: list[Fall], pairs: list[tuple[Row, Row]], looked_at: int, whole: str
) -> str:
    if not looked_at:
        return f"An alert needs {FEWEST} whole months of figures."
    if not found:
        rare = "now that chance alone would rarely make."
        if looked_at == 1:
            return f"One monthly chart was looked at: in it no run of low months stands {rare}"
        beside = f" and one for {whole}" if whole else ""
        return (
            f"{looked_at} monthly charts were looked at, one for each {DIMENSIONS[by].title}{beside}: "
            f"in none does a run of low months stand {rare}"
        )
    return " ".join(_told(item, fall, *pair) for fall, pair in zip(found, pairs, strict=True))


def _change(now: Row, before: Row) -> tuple[float, float, float]:
    """The difference in points, with its limits."""
    change = stats.newcombe(now.numerator, now.denominator, before.numerator, before.denominator)
    return 100 * change[0], 100 * change[1], 100 * change[2]


def _change_words(now: Row, before: Row) -> str:
    change, lower, upper = _change(now, before)
    return f"{change:.1f} points (95% interval {lower:.1f} to {upper:.1f})"


def _told(item: Measure, fall: Fall, now: Row, before: Row) -> str:
    is_clear = _change(now, before)[2] < 0
    sure = "chance alone is unlikely to explain it" if is_clear else "chance alone can explain it"

    def made_of(row: Row) -> str:
        counts = f"{words.number(row.numerator)} of {words.number(row.denominator)}"
        return f"{words.number(row.value, item.unit)} ({counts})"

    signals = f"{fall.signals} of {fall.months} low months give a signal"
    return (
        f"{words.name(fall.place)}: {made_of(now)} from {words.span(fall.first, fall.last)}, "
        f"{made_of(before)} in the months before; a difference of {_change_words(now, before)}: {sure}; "
        f"{signals}."
    )


def _table(
    frame: pd.DataFrame, item: Measure, found: list[Fall], pairs: list[tuple[Row, Row]], by: str
) -> pd.DataFrame:
    """The places that fell, then every place over the last year, then the months that are drawn."""
    told = rows(frame)
    labels = [fall.place for fall in found for _ in (SINCE, BEFORE)]
    labels += [row.category if row.within == YEAR else row.within for row in told[len(labels) :]]
    changes = [text for pair in pairs for text in (_change_words(*pair), "")]
    return pd.DataFrame(
        {
            words.name(DIMENSIONS[by].title): list(map(words.name, labels)),
            "Series": [row.within if row.grain == ALL else "each month" for row in told],
            "Period": [period_words(row) for row in told],
            "Against the months before": changes + [""] * (len(told) - len(changes)),
            "Counted": [words.number(row.numerator) for row in told],
            "Out of": [words.number(row.denominator) for row in told],
            words.name(words.UNITS[item.unit]): [figure_words(row, item.unit) for row in told],
            "95% interval": [words.interval(row.lower, row.upper, item.unit) for row in told],
        }
    )

"""The block that names the places whose rate has fallen: what, where, since when, and how sure that is."""

import math
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
import pandas as pd

from profiles import charts, stats, words
from profiles.blocks.block import (
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
from profiles.catalogue import Measure, measure
from profiles.charts import claims, panels, processes, signals
from profiles.false_alarms import UNLIKELY, at_least
from profiles.frames import Breaks, Row, has_figures, last_rebase, rows
from profiles.periods import ALL, first_day, last_day, month_number
from profiles.selection import DIMENSIONS, NOT_RECORDED, Selection
from profiles.verdicts import FEWEST, LEAST, TOO_FEW, Series, Verdict, judge

FORCE = "the whole force"
SINCE, BEFORE, YEAR = "since it fell", "12 months before", "last 12 months"
YEAR_MONTHS = 12
DRAWN = 3


@dataclass(frozen=True)
class Fall:
    """A place whose rate is low now: the first and the last month of it, and by how much.

    It is judged by points of `length` months; `rate` is how often chance alone shows such a chart as fallen.
    It may be all that is selected, whose name is no value of a dimension.
    """

    place: str
    first: date
    last: date
    length: int
    drop: float
    rate: float
    is_whole: bool = False


@dataclass(frozen=True)
class Search:
    """What was looked for and found: the falls, and of how many charts, `each` of which is one of what.

    `expected` is how many of them chance alone would show as fallen; `too_few` could not be judged.
    """

    falls: list[Fall]
    looked_at: int
    expected: float
    too_few: int
    each: str

    @property
    def among(self) -> str:
        """How many charts were looked at, how many show a fall, and how many chance alone would show."""
        charts = f"{self.looked_at} charts were looked at, one for each {self.each}"
        if self.looked_at == 1:
            charts = "one chart was looked at"
        told = f"{charts}; chance alone would show {words.expected(self.expected)} of them as fallen now"
        count = len(self.falls)
        if count:
            is_sure = at_least(count, self.expected) < UNLIKELY
            sure = ", unlikely to be chance" if is_sure else ": chance alone can give as many"
            told = f"{told}; {count} {'does' if count == 1 else 'do'} show it{sure}"
        more = ""
        if self.too_few:
            more = f"{self.too_few} more could not be judged: too few months, or too few cases in them"
        return " ".join(map(words.sentence, filter(None, (told, more))))


def falls(source: Source, measure_id: str, selection: Selection, *, by: str) -> Block:
    """The places in which the monthly rate has fallen and still is low, the largest fall first.

    Every value of `by` and all that is selected are looked at, over all months up to its end.
    """
    item = measure(measure_id)
    known = breaks_of(source, item, selection)
    search = _search(source, item, selection, by, known)
    found = search.falls
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
        title=_title(item, by, search, pairs),
        subtitle=subtitle(item, selection, "month", by, title=f"{item.title}: alert"),
        sentence=_sentence(item, search, pairs),
        figure=panels.panels(shown, item.unit, "month", known) if shown else None,
        table=_table(frame, item, found, pairs, by),
        frame=frame,
        asks=tuple(asks),
        source=source,
        selection=selection,
        texts=4,
        notes=(
            "A place is named when its newest settled month is part of a signal on the low side of its "
            "control chart, and its rate is lower than in the 12 months before. It is judged by month "
            f"where at least {LEAST:.0f} cases a month are counted and as many are not, otherwise by three "
            "or by 12 months, or not at all.",
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


def _search(source: Source, item: Measure, selection: Selection, by: str, known: Breaks) -> Search:
    """The falls that stand, the largest first, and what was looked at."""
    every = fit(item, replace(selection, grain="month", by=None, since=None))
    whole = whole_name(item, selection, by)
    frames = [(whole, source.frame(item.measure_id, every))] if whole else []
    places = source.frame(item.measure_id, replace(every, by=by))
    frames += [
        (str(name), mine) for name, mine in places.groupby("category", sort=False) if name != NOT_RECORDED
    ]
    found, looked_at, expected, too_few = [], 0, 0.0, 0
    for name, frame in frames:
        series = processes.series_of(frame, item.unit, known, item.direction)
        verdict = judge(series)
        if verdict.now == TOO_FEW:
            too_few += 1
            continue
        looked_at += 1
        expected += verdict.by_chance.newest_low
        fall = _fall(name, frame, series, verdict)
        if fall:
            found.append(replace(fall, is_whole=name == whole))
    each = DIMENSIONS[by].title + (f" and one for {whole}" if whole else "")
    return Search(sorted(found, key=lambda fall: -fall.drop), looked_at, expected, too_few, each)


def _fall(name: str, frame: pd.DataFrame, series: Series, verdict: Verdict) -> Fall | None:
    """The fall of a place, if it lies low now and lower than in the 12 months before."""
    run = verdict.low_since
    if run is None:
        return None
    months = np.flatnonzero(series.stretches == verdict.points.stretches[run])
    begins, ends = verdict.points.ends[run] - verdict.points.length + 1, verdict.points.ends[-1]
    # Of longer points the first may have begun before the fall did: it is told from its first low month.
    is_low = (series.values < verdict.process.centre[run]).tolist()
    if is_low[ends]:
        begins = max(
            begins, next(place for place in range(ends, -1, -1) if not (place and is_low[place - 1]))
        )
    since = max(begins - YEAR_MONTHS, int(months[0]))
    drop = _pooled(series, since, begins - 1) - _pooled(series, begins, ends)
    if not drop > 0:
        return None
    days = [date.fromisoformat(frame["period"].iloc[place]) for place in (begins, ends)]
    last = last_day(month_number(days[1]))
    return Fall(name, days[0], last, verdict.points.length, drop, verdict.by_chance.newest_low)


def _pooled(series: Series, first: int, last: int) -> float:
    """The share of the months from the first place to the last together; nan where there are none."""
    months = slice(first, last + 1)
    size = 0.0 if series.sizes is None else np.nansum(series.sizes[months])
    return float(np.nansum(series.counts[months]) / size) if size else math.nan


def _since(fall: Fall) -> tuple[date, date]:
    return fall.first, fall.last


def _before(fall: Fall, known: Breaks) -> tuple[date, date]:
    """The 12 months before the fall, as far as no rebase lies between."""
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


def _title(item: Measure, by: str, search: Search, pairs: list[tuple[Row, Row]]) -> str:
    found = search.falls
    if not search.looked_at:
        return f"{item.title}: too few to look for falls"
    if not found and search.looked_at == 1:
        return f"{item.title} shows no fall now"
    if not found:
        return f"No {DIMENSIONS[by].title} stands out: no chart of {item.title.lower()} shows a fall now"
    first, (now, before) = found[0], pairs[0]
    more = f", and {len(found) - 1} more" if len(found) > 1 else ""
    value, was = claims.figures((now, before), item.unit)
    return f"{item.title} has fallen in {first.place}: {value} {words.since(first.first)}, {was} before{more}"


def _sentence(item: Measure, search: Search, pairs: list[tuple[Row, Row]]) -> str:
    if not search.looked_at:
        return (
            f"An alert needs {FEWEST[1]} settled months, and {LEAST:.0f} cases that are counted and as many "
            "that are not in a month, in three months or in twelve."
        )
    told = [_told(item, fall, *pair) for fall, pair in zip(search.falls, pairs, strict=True)]
    return " ".join((*told, search.among))


def _change(now: Row, before: Row) -> tuple[float, float, float]:
    """The difference in points, with its limits."""
    change = stats.newcombe(now.numerator, now.denominator, before.numerator, before.denominator)
    return 100 * change[0], 100 * change[1], 100 * change[2]


def _change_words(now: Row, before: Row) -> str:
    change, lower, upper = _change(now, before)
    return f"{words.points(change)} points (95% interval {words.points(lower)} to {words.points(upper)})"


def _told(item: Measure, fall: Fall, now: Row, before: Row) -> str:
    def made_of(row: Row) -> str:
        counts = f"{words.number(row.numerator)} of {words.number(row.denominator)}"
        return f"{words.number(row.value, item.unit)} ({counts})"

    by = "" if fall.length == 1 else f" (judged by {signals.LENGTHS[fall.length]}, for a month is too few)"
    return (
        f"{words.name(fall.place)}: {made_of(now)} from {words.span(fall.first, fall.last)}, "
        f"{made_of(before)} in the months before; a difference of {_change_words(now, before)}; "
        f"chance alone shows {signals.one_in(fall.rate)} like "
        f"this as fallen now{by}."
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

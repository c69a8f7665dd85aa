"""Blocks on what chance can explain: the control chart of a measure, and its last two years compared."""

import math
from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd

from profiles import charts, stats, words
from profiles.blocks.block import (
    Block,
    Source,
    answers,
    asks_of,
    breaks_of,
    figure_words,
    fit,
    ignored,
    lacking,
    letters_of,
    markers_met,
    named,
    pooled,
    subtitle,
    table_of,
)
from profiles.catalogue import Measure, measure
from profiles.charts import claims, comparisons, processes, signals
from profiles.frames import Breaks, Row, rows, within
from profiles.periods import ALL, first_day, last_day, month_number
from profiles.selection import Selection
from profiles.verdicts import FEWEST as POINTS_NEEDED
from profiles.verdicts import LEAST, TOO_FEW, TOO_RARE, Verdict, judge

FEWEST = 2
"""A chart needs as many months with a figure."""
YEAR = 12
POINTS = {3: ("quarter", "first"), 12: ("rolling_year", "last")}
"""The grain that a point of so many months is drawn in, and which of its months it is named by there."""
DIRECTIONS = {"more_is_better": "more is better", "less_is_better": "less is better"}


def process(
    source: Source, measure_id: str, selection: Selection, *, says: str = "", block_id: str = ""
) -> Block:
    """The control chart of the monthly series, whatever the periods chosen, over the days selected.

    Where a month is too few to judge, the longer points that are judged are drawn; the table has the months.
    For measures that are given by month. `says` stands for the measure's own name in the title.
    """
    item = measure(measure_id)
    known = breaks_of(source, item, selection)
    moment = replace(selection, by=None, grain=ALL)
    has_whole = not source.is_snapshot and (not item.grains or ALL in item.grains)
    asks = asks_of(item, *([moment] if has_whole else []), replace(moment, grain="month"))
    frame = answers(source, asks)
    shown = frame[frame["grain"] == "month"]
    judged, is_hidden = processes.without_hidden(shown, known)
    verdict = judge(processes.series_of(judged, item.unit, known, item.direction))
    frame = frame.assign(**_columns(frame, shown, verdict, item.is_count))
    shown = frame[frame["grain"] == "month"]
    name = says or named(item, selection)
    drawn, grain, chart, together = shown, "month", verdict, ""
    if verdict.points.entries > 1:
        drawn, grain, chart = _in_points(shown, verdict)
        together = f"{signals.LENGTHS[verdict.points.length]} together"
    is_drawn = int(drawn["value"].notna().sum()) >= FEWEST
    figure = None
    if is_drawn:
        figure = processes.process(drawn, item.unit, grain, known, chart)
    return Block(
        block_id=block_id or f"{measure_id}-process",
        title=f"{name}: not judged, for a month is confidential"
        if is_hidden
        else signals.process_title(shown, item.unit, verdict, name),
        subtitle=subtitle(item, selection, "month", every=together),
        sentence=claims.over_time(shown, item.unit, "month")
        if is_hidden
        else signals.process_sentence(shown, item.unit, verdict),
        figure=figure,
        table=_table(frame, shown, item, known, verdict),
        frame=frame,
        asks=asks,
        source=source,
        selection=selection,
        texts=3,
        notes=(
            *(_rules(item, drawn, figure, chart) if figure else ()),
            *ignored(item, selection),
            *lacking(source, item, moment),
            *(pooled(source, [item], moment) if has_whole and not item.is_count else ()),
            *markers_met(frame),
        ),
        letters=letters_of(charts.shown_breaks(drawn, grain, known)) if is_drawn else (),
        grain=grain,
        now=TOO_FEW if is_hidden else verdict.now,
    )


def _in_points(shown: pd.DataFrame, verdict: Verdict) -> tuple[pd.DataFrame, str, Verdict]:
    """The longer points that are judged as a frame, the grain they are drawn in, and their own verdict.

    Three months are drawn as a quarter is, from the first of them on; 12 as a rolling year is.
    """
    points = verdict.points
    ends = np.array(points.ends, dtype=int)
    grain, label = POINTS[points.length]
    frame = shown.iloc[ends].assign(
        period=shown["period"].to_numpy()[ends - (points.entries - 1 if label == "first" else 0)],
        grain=grain,
        value=points.values,
        numerator=points.counts,
        denominator=np.nan if points.sizes is None else points.sizes,
        lower=np.nan,
        upper=np.nan,
    )
    places = tuple(range(len(ends)))
    alone = replace(points, entries=1, ends=places)
    return frame, grain, replace(verdict, points=alone, monthly=verdict.process)


def _columns(
    frame: pd.DataFrame, shown: pd.DataFrame, verdict: Verdict, is_count: bool
) -> dict[str, pd.Series]:
    """Average, limits and signal of each month, as a file holds them: no limit cut at zero.

    Those of counts are rounded to two places, for more would say more than is known.
    """
    found = verdict.monthly
    ends = {"average": found.centre, "lower_limit": found.lower, "upper_limit": found.upper}
    if is_count:
        ends = {name: np.round(each, 2) for name, each in ends.items()}
    told = {name: pd.Series(each, index=shown.index).reindex(frame.index) for name, each in ends.items()}
    signs = processes.dated(processes.reasons(found), processes.holding(verdict))
    signals = pd.Series(signs, index=shown.index, dtype="str")
    return told | {"signal": signals.reindex(frame.index, fill_value="")}


def _table(
    frame: pd.DataFrame, shown: pd.DataFrame, item: Measure, known: Breaks, verdict: Verdict
) -> pd.DataFrame:
    """The table of the series, with signal, average and limits of each month, or longer point, as words."""
    drawn = processes.levels(shown, item.unit, known, verdict.monthly)
    ends = (drawn[name].tolist() for name in ("centre", "lower", "upper"))
    limits = [_limits(item.unit, *each) for each in zip(*ends, strict=True)]
    limits = [text if value >= 0 else "" for text, value in zip(limits, shown["value"], strict=True)]
    signs = processes.dated(processes.reasons(verdict.monthly), processes.holding(verdict))
    if verdict.points.length > 1:
        _tell_points(item.unit, verdict, signs, limits)
    table = table_of(frame, item)
    # What stands before the months is the whole period, which has neither.
    before = [""] * (len(frame) - len(shown))
    table.insert(1, "Signal", [*before, *map(words.name, signs)])
    table.insert(2, "Average and limits", [*before, *limits])
    return table


def _tell_points(unit: str, verdict: Verdict, signs: list[str], limits: list[str]) -> None:
    """Write what each longer point says beside the last of its months."""
    points, process = verdict.points, verdict.process
    together = signals.LENGTHS[points.length]
    said = [f"{together} together {text}" if text else "" for text in processes.reasons(process)]
    said = processes.dated(said, (place for each in verdict.holding for place in each.places))
    ends = zip(points.ends, points.values, said, strict=True)
    for place, (end, value, sign) in enumerate(ends):
        if not math.isnan(value):
            level = (float(each[place]) for each in (process.centre, process.lower, process.upper))
            average = _limits(unit, *level)
            limits[end] = f"{together} to here {words.number(float(value), unit)}, average {average}"
            signs[end] = sign


def _limits(unit: str, average: float, lower: float, upper: float) -> str:
    if math.isnan(average):
        return ""
    limits = (
        "" if math.isnan(lower) else f" ({processes.level(lower, unit)} to {processes.level(upper, unit)})"
    )
    return f"{processes.level(average, unit)}{limits}"


def _rules(item: Measure, shown: pd.DataFrame, figure: charts.Figure, verdict: Verdict) -> tuple[str, ...]:
    """How the limits are made, what a ring means, and what of it does not go without saying."""
    found = verdict.monthly
    is_settled = pd.Series(processes.settled(shown), index=shown.index).notna()
    has_limits = pd.Series(~np.isnan(found.lower), index=shown.index)
    length = verdict.points.length
    of_what = signals.NOUNS[length][1]
    lines = [
        f"Limits: average ± {stats.LIMIT} × average moving range of the {of_what}; no value was left out.",
        "A ring is a signal: a point outside the limits, seven in a row on one side of the average, seven "
        "rising or falling, or two of three near one limit. One that does not reach the newest settled "
        "month has ended: its rings are small and thin.",
    ]
    if not has_limits.any():
        lines = []
    if item.direction in DIRECTIONS:
        lines.append(f"For this measure {DIRECTIONS[item.direction]}, so a signal is named better or worse.")
    else:
        lines.append("A signal says that something changed; neither direction is better by itself.")
    if verdict.why == TOO_RARE or length > 1:
        what = "counted, or of a share not counted" if verdict.kind == "share" else "counted"
        lines.append(
            f"Months are too few to judge: on average fewer than {LEAST:.0f} cases a month are {what}. They "
            f"are drawn and judged by three months together where that makes {POINTS_NEEDED[3]} points of "
            f"{LEAST:.0f} or more, otherwise by 12 where that makes {POINTS_NEEDED[12]}."
        )
    is_trial = pd.Series(found.is_trial, index=shown.index)[is_settled]
    if (is_trial & has_limits).any():
        lines.append(f"Trial limits rest on fewer than {stats.TRIAL} months and will still move.")
    if (pd.Series(found.lower, index=shown.index) < 0).any():
        lines.append("A limit below zero is drawn at zero.")
    if (shown["marker"] == "[p]").any():
        lines.append("Provisional months are hollow and have no part in the limits.")
    begins = figure["layout"]["yaxis"]["range"][0]
    if begins > 0:
        lines.append(f"The value axis begins at {words.number(begins, item.unit)}, not at zero.")
    return tuple(lines)


def difference(
    source: Source, measure_id: str, selection: Selection, *, says: str = "", block_id: str = ""
) -> Block:
    """The last twelve settled months of a share against the twelve before, up to the end of the selection.

    Nothing is compared across a rebase, or with a year that the data do not wholly hold. `says` stands
    for the measure's own name.
    """
    item = measure(measure_id)
    name = says or named(item, selection)
    last = _last_month(source, item, selection)
    windows = ((last - YEAR + 1, last), (last - 2 * YEAR + 1, last - YEAR))
    days = [(first_day(first), last_day(end)) for first, end in windows]
    spans = [words.span(*each) for each in days]
    selection = replace(selection, grain=ALL, by=None, since=days[1][0], until=days[0][1])
    asks = asks_of(item, *(replace(selection, since=since, until=until) for since, until in days))
    frame = answers(source, asks)
    after, before = rows(frame)
    known = within(breaks_of(source, item, selection), *(days[1][0], days[0][1]))
    why = _not_comparable(after, before, known)
    shares = ((after.numerator, after.denominator), (before.numerator, before.denominator))
    told = "; ".join(
        f"{span}: {figure_words(row, item.unit) or 'no figure'}"
        for span, row in zip(spans, (after, before), strict=True)
    )
    return Block(
        block_id=block_id or f"{measure_id}-difference",
        title=f"{name}: {why}" if why else comparisons.difference_title(name, *shares),
        subtitle=subtitle(item, selection, ALL, title=f"{name}, two years compared"),
        sentence=words.sentence(told) if why else comparisons.difference_sentence(name, *shares),
        figure=None if why else processes.pair(frame, spans, item.unit),
        table=table_of(frame, item),
        frame=frame,
        asks=asks,
        source=source,
        selection=selection,
        notes=(
            f"{spans[0]} is compared with {spans[1]}: the two have no month in common.",
            *(f"Between them, on {words.day(each.day)}: {each.title}." for each in known),
            *ignored(item, selection),
            *lacking(source, item, selection),
            *markers_met(frame),
        ),
    )


def _last_month(source: Source, item: Measure, selection: Selection) -> int:
    """Number of the last month in the selection that is over, in the data, and settled.

    Of what a snapshot gives by rolling year it is the one that the newest ends with.
    """
    whole = source.whole(item.measure_id, replace(selection, by=None))
    if whole.grain == "rolling_year" and whole.until:
        return month_number(whole.until)
    months = source.frame(item.measure_id, fit(item, replace(selection, grain="month", by=None, since=None)))
    found = [row.period for row in rows(months) if row.marker not in {"[p]", "[x]"}]
    newest = date.fromisoformat(max(found)) if found else selection.until
    return month_number(newest or date.fromisoformat(source.as_at))


def _not_comparable(after: Row, before: Row, known: Breaks) -> str:
    """Why the two must not be compared; empty when they may."""
    rebased = [words.day(each.day) for each in known if each.is_rebase]
    if rebased:
        return f"two years cannot be compared, for the rules changed on {words.listed(rebased)}"
    if {after.marker, before.marker} & {"[p]", "[x]"}:
        return "the data do not hold two whole settled years"
    if math.isnan(after.value) or math.isnan(before.value):
        return "too few in one of two years for a percentage"
    return ""

"""The headline row of a page: one figure a measure, and the block of its table."""

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date

import pandas as pd

from profiles import words
from profiles.blocks.block import (
    STANDING,
    Ask,
    Block,
    Source,
    answers,
    asks_of,
    days_words,
    figure_words,
    filters,
    ignored,
    markers_met,
    period_words,
    pooled,
)
from profiles.catalogue import Measure, measure
from profiles.frames import Row, rows
from profiles.periods import ALL, MONTHS, last_day, month_number
from profiles.selection import Selection

DIRECTIONS = {"more_is_better": "more is better", "less_is_better": "less is better"}

Asked = str | tuple[str, str, str]
"""A measure, or one with a dimension and the value to filter it by."""


@dataclass(frozen=True)
class Headline:
    """One figure of a headline row: title, value, and lines on its base, interval, period and use."""

    title: str
    value: str
    lines: tuple[str, ...]


def headlines(
    source: Source, asked: Iterable[Asked], selection: Selection, grain: str = ALL
) -> tuple[list[Headline], Block]:
    """The headlines, and the block that holds their table, definitions and file.

    Of the whole period, or of the last period of `grain` that is settled, if there is one.
    """
    selection = replace(selection, grain=grain, by=None)
    parts = [(each, "", "") if isinstance(each, str) else each for each in asked]
    asks = tuple(
        _latest(source, ask)
        for name, dimension, value in parts
        for ask in asks_of(measure(name), _narrowed(selection, dimension, value))
    )
    frame = answers(source, asks)
    answered = [rows(mine) for _, mine in frame.groupby(["measure", "filters"], sort=False)]
    items = [measure(name) for name, _, _ in parts]
    titles = [
        f"{item.title}: {value}" if value else item.title
        for item, (_, _, value) in zip(items, parts, strict=True)
    ]
    told = [(item, title, row) for item, title, (row,) in zip(items, titles, answered, strict=True)]
    table = pd.DataFrame(
        {
            "Measure": titles,
            "Period": [_when(item, row) for item, _, row in told],
            "Basis": [words.name(row.basis) for _, _, row in told],
            "Unit": [words.UNITS[item.unit] for item in items],
            "Counted": [words.number(row.numerator) for _, _, row in told],
            "Out of": [words.number(row.denominator) for _, _, row in told],
            "Figure": [figure_words(row, item.unit) for item, _, row in told],
            "95% interval or quartiles": [
                words.interval(row.lower, row.upper, item.unit) for item, _, row in told
            ],
        }
    )
    block = Block(
        block_id="headlines",
        title="Headlines",
        subtitle=" · ".join(filter(None, [days_words(selection), filters(selection)])),
        sentence="",
        figure=None,
        table=table,
        frame=frame,
        asks=asks,
        source=source,
        selection=selection,
        texts=4,
        notes=(
            *dict.fromkeys(note for item in items for note in ignored(item, selection)),
            *(pooled(source, items, selection) if grain == ALL else ()),
            *markers_met(frame),
        ),
    )
    return [_headline(item, title, row) for item, title, row in told], block


def _narrowed(selection: Selection, dimension: str, value: str) -> Selection:
    return replace(selection, where=(*selection.where, (dimension, value))) if dimension else selection


def _latest(source: Source, ask: Ask) -> Ask:
    """The ask for the last settled period, or for the last one of all; one of the whole period as it is."""
    name, selection = ask
    if selection.grain in {None, ALL}:
        return ask
    every = rows(source.frame(name, selection))
    settled = [row for row in every if row.marker in {"", "[u]"}]
    first = date.fromisoformat((settled or every)[-1].period)
    last = last_day(month_number(first) + MONTHS[selection.grain or ALL] - 1)
    return name, replace(selection, since=first, until=min(last, selection.until or last))


def _when(item: Measure, row: Row) -> str:
    """The time of a figure: days, or the one day of a stock."""
    if item.time == "standing":
        return STANDING
    if item.time == "stock" and row.until:
        return f"on {words.day(date.fromisoformat(row.until))}"
    return period_words(row)


def _headline(item: Measure, title: str, row: Row) -> Headline:
    unit = words.UNITS[item.unit] if item.unit not in {"count", "percent"} else ""
    joined = "to" if item.interval == "odds" else "of"
    base = ""
    if row.is_median:
        unit = "days, the median"
    elif not math.isnan(row.denominator):
        base = f"{words.number(row.numerator)} {joined} {words.number(row.denominator)}"
    # What was recorded was recorded: the interval of its level stands in the table and in files.
    spread = "" if item.is_count else words.spread(row, item.unit).replace("95% interval", "95%:")
    lost = words.sentence(words.why([row.why]))
    lines = (lost, unit, base, spread, _when(item, row), DIRECTIONS.get(item.direction, ""), _evidence(item))
    return Headline(title, figure_words(row, item.unit) or "none", tuple(filter(None, lines)))


def _evidence(item: Measure) -> str:
    """The lines of the action plan that the figure is evidence for."""
    known = item.recommendations
    if not known:
        return ""
    return f"action plan, line{'s' if len(known) > 1 else ''} {words.listed(known)}"

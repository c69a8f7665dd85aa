"""The headline row of a page: one figure a measure for the whole period, and the block of its table."""

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace

import pandas as pd

from profiles.catalogue import Measure, measure
from profiles.charts import words
from profiles.charts.frames import Row, rows
from profiles.periods import ALL
from profiles.selection import Selection
from profiles.ui import blocks
from profiles.ui.blocks import (
    Block,
    Source,
    answers,
    asks_of,
    days_words,
    figure_words,
    filters,
    ignored,
    markers_met,
    pooled,
)


@dataclass(frozen=True)
class Headline:
    """One figure of a headline row: title, value, and lines on its unit, base and interval."""

    title: str
    value: str
    lines: tuple[str, ...]


def headlines(
    source: Source, measure_ids: Iterable[str], selection: Selection
) -> tuple[list[Headline], Block]:
    """The headlines, and the block that holds their table, definitions and file."""
    items = [measure(name) for name in measure_ids]
    selection = replace(selection, grain=ALL, by=None)
    asks = tuple(ask for item in items for ask in asks_of(item, selection))
    frame = answers(source, asks)
    told = list(zip(items, rows(frame), strict=True))
    table = pd.DataFrame(
        {
            "Measure": [item.title for item in items],
            "Basis": [words.name(row.basis) for _, row in told],
            "Unit": [words.UNITS[item.unit] for item in items],
            "Counted": [words.number(row.numerator) for _, row in told],
            "Out of": [words.number(row.denominator) for _, row in told],
            "Figure": [figure_words(row, item.unit) for item, row in told],
            "95% interval": [words.interval(row.lower, row.upper, item.unit) for item, row in told],
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
        texts=3,
        notes=(
            *dict.fromkeys(note for item in items for note in ignored(item, selection)),
            *pooled(source, items, selection),
            *markers_met(frame),
        ),
    )
    return [_headline(item, row) for item, row in told], block


def _headline(item: Measure, row: Row) -> Headline:
    unit = words.UNITS[item.unit] if item.unit not in {"count", "percent"} else ""
    joined = "to" if item.interval == "odds" else "of"
    has_base = not math.isnan(row.denominator)
    base = f"{words.number(row.numerator)} {joined} {words.number(row.denominator)}" if has_base else ""
    standing = blocks.STANDING if item.time == "standing" else ""
    limits = words.interval(row.lower, row.upper, item.unit)
    lines = tuple(filter(None, (standing, unit, base, limits and f"95%: {limits}")))
    return Headline(item.title, figure_words(row, item.unit) or "none", lines)

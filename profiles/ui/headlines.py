"""The headline row of a page: one figure a measure for the whole period, and the block of its table."""

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace

import pandas as pd

from profiles.catalogue import Measure, measure
from profiles.charts import words
from profiles.charts.frames import Row, rows
from profiles.selection import Selection
from profiles.ui.blocks import (
    Block,
    Source,
    asked,
    days_words,
    definition,
    figure_words,
    filters,
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
    selection = replace(selection, grain="all", by=None)
    frame = pd.concat([asked(source, item.measure_id, selection) for item in items], ignore_index=True)
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
        source=source,
        selection=selection,
        texts=3,
        notes=(*pooled(source, items, selection), *markers_met(frame)),
        definitions=tuple(definition(item) for item in items),
    )
    return [_headline(item, row) for item, row in told], block


def _headline(item: Measure, row: Row) -> Headline:
    unit = words.UNITS[item.unit] if item.unit not in {"count", "percent"} else ""
    joined = "to" if item.interval == "odds" else "of"
    has_base = not math.isnan(row.denominator)
    base = f"{words.number(row.numerator)} {joined} {words.number(row.denominator)}" if has_base else ""
    limits = words.interval(row.lower, row.upper, item.unit)
    lines = tuple(filter(None, (unit, base, limits and f"95%: {limits}")))
    return Headline(item.title, figure_words(row, item.unit) or "none", lines)

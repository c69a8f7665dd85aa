"""Blocks on the three headline types, online, domestic and stranger: their shares and their overlap."""

from dataclasses import replace

import pandas as pd

from profiles import words
from profiles.blocks.block import (
    Block,
    Source,
    answers,
    asks_of,
    figure_words,
    lacking,
    markers_met,
    pooled,
    subtitle,
)
from profiles.catalogue import measure
from profiles.charts import claims, mixes
from profiles.frames import rows
from profiles.periods import ALL
from profiles.selection import DIMENSIONS, NOT_RECORDED, Selection

TYPES = (
    ("online", "online_share", "mode_recorded_share", "mode"),
    ("domestic", "domestic_share", "domestic_recorded_share", "domestic"),
    ("stranger", "stranger_share", "relationship_recorded_share", "relationship"),
)
"""Type, its share, the share with anything recorded, and the dimension that tells."""

SAID = {"online": "online", "domestic": "domestic", "stranger": "by a stranger"}
NAMES = tuple(name for name, *_ in TYPES)


def shares(source: Source, selection: Selection) -> Block:
    """Each type's share of all, how much is recorded, and its share of what is recorded."""
    selection = replace(selection, grain=ALL, by=None)
    items = [measure(name) for _, *pair, _ in TYPES for name in pair]
    asks = tuple(
        ask
        for group in (
            [(share, selection) for _, share, _, _ in TYPES],
            [(recorded, selection) for _, _, recorded, _ in TYPES],
            [(share, only_recorded(selection, name)) for _, share, _, name in TYPES],
        )
        for ask in group
    )
    frame = answers(source, asks)
    of_all, known, of_known = (frame.iloc[3 * place : 3 * place + 3] for place in range(3))
    shown, covered = of_all.assign(category=NAMES), known.assign(category=NAMES)
    title = claims.ranked_types(shown, SAID)
    table = pd.DataFrame(
        {
            "Type": [words.name(name) for name in NAMES],
            "Crimes": [words.number(value) for value in of_all["numerator"].tolist()],
            "Out of": [words.number(value) for value in of_all["denominator"].tolist()],
            "Share": [figure_words(row, "percent") for row in rows(of_all)],
            "95% interval": [words.interval(row.lower, row.upper, "percent") for row in rows(of_all)],
            "Recorded for": [figure_words(row, "percent") for row in rows(known)],
            "Share of those recorded": [figure_words(row, "percent") for row in rows(of_known)],
        }
    )
    return Block(
        block_id="types",
        title=title or "Types of stalking: no figure",
        subtitle=subtitle(items[0], selection, ALL, title="Stalking-involved crimes of each type"),
        sentence=claims.shares(shown, covered),
        figure=mixes.shares(shown, covered) if title else None,
        table=table,
        frame=frame,
        asks=asks,
        source=source,
        selection=selection,
        notes=(
            *dict.fromkeys(note for each in items for note in lacking(source, each, selection)),
            *pooled(source, items, selection),
            "Not recorded stays in the denominator: it is never counted as no.",
            *markers_met(frame),
        ),
        by="typology",
    )


def overlap(source: Source, selection: Selection) -> Block:
    """The eight combinations of the types, which add up to the whole; the largest first."""
    item = measure("stalking_crimes")
    asks = asks_of(item, replace(selection, grain=ALL, by=None), replace(selection, grain=ALL, by="atom"))
    frame = answers(source, asks)
    is_atom = frame["by"] == "atom"
    is_last = frame["category"].isin(("none of these", NOT_RECORDED))
    combined = frame[is_atom & ~is_last].sort_values("value", ascending=False, kind="stable")
    frame = pd.concat([frame[~is_atom], combined, frame[is_atom & is_last]], ignore_index=True)
    frame["share"] = 100 * frame["value"] / (frame["value"].iloc[0] or float("nan"))
    shown = frame[frame["by"] == "atom"]
    title = claims.largest(shown, ("none of these", NOT_RECORDED))
    table = pd.DataFrame(
        {
            "Combination": [words.name(name) for name in frame["category"]],
            "Crimes": [figure_words(row, item.unit) for row in rows(frame)],
            "95% interval": [words.interval(row.lower, row.upper, item.unit) for row in rows(frame)],
            "Share": [words.number(value, "percent") for value in frame["share"].tolist()],
        }
    )
    return Block(
        block_id="overlap",
        title=title or "Overlap of the types: no figure",
        subtitle=subtitle(item, selection, ALL, "atom"),
        sentence=claims.mix(shown),
        figure=mixes.overlap(shown, NAMES) if title else None,
        table=table,
        frame=frame,
        asks=asks,
        source=source,
        selection=selection,
        notes=(
            *lacking(source, item, replace(selection, by="atom")),
            *pooled(source, [item], selection),
            "Each crime is in one row only: the dots say which types it has.",
            "Not recorded: no type is known, and at least one of the three is blank.",
            *markers_met(frame),
        ),
        by="atom",
    )


def only_recorded(selection: Selection, dimension: str) -> Selection:
    """The selection, narrowed to the crimes that have the dimension recorded."""
    values = selection.values(dimension) or DIMENSIONS[dimension].categories
    kept = tuple((dimension, value) for value in values if value != NOT_RECORDED)
    others = tuple(pair for pair in selection.where if pair[0] != dimension)
    return replace(selection, where=(*others, *kept)) if kept else selection

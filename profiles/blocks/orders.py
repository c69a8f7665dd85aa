"""The block of the way to a protection order: how many suspects take each step, and who is lost at it."""

from dataclasses import replace

import pandas as pd

from profiles import words
from profiles.blocks.block import (
    Block,
    Source,
    answers,
    asks_of,
    figure_words,
    ignored,
    lacking,
    markers_met,
    pooled,
    subtitle,
)
from profiles.catalogue import measure
from profiles.charts import bars, claims
from profiles.frames import Row, rows
from profiles.periods import ALL
from profiles.selection import Selection

REACHED = {
    "order considered": "An order is considered for {share} of suspects",
    "order applied for": "Of the suspects an order is considered for, {share} come to an application",
    "full order granted": "Of the suspects an order is applied for, {share} get a full order",
}
"""What is said of the step that the smallest share takes."""
FIRST_LOSES = "The first step loses most"
"""What is said as well where that is the first, for then it loses the largest number too."""


def steps(source: Source, selection: Selection) -> Block:
    """A bar a step from the identified suspect to the breach, each with its share of the step before."""
    counted, reached = measure("spo_steps"), measure("spo_step_reached")
    moment = replace(selection, grain=ALL, by="step")
    asks = (*asks_of(counted, moment), *asks_of(reached, moment))
    frame = answers(source, asks)
    size = len(frame) // 2
    shares = frame["value"].iloc[size:].tolist()
    # The first step has none before it.
    frame["share"] = [float("nan"), *shares[1:], *[float("nan")] * size] if size > 1 else float("nan")
    counts, parts = rows(frame.iloc[:size]), rows(frame.iloc[size:])
    shown = frame.iloc[:size]
    is_drawn = any(row.value > 0 for row in counts)
    table = pd.DataFrame(
        {
            "Step": [words.name(row.category) for row in counts],
            "Suspects": [figure_words(row, counted.unit) for row in counts],
            "95% interval": [words.interval(row.lower, row.upper, counted.unit) for row in counts],
            "Of the step before": [figure_words(row, reached.unit) for row in parts],
            "Out of": [words.number(row.denominator) for row in parts],
            "95% interval of the share": [
                words.interval(row.lower, row.upper, reached.unit) for row in parts
            ],
        }
    )
    return Block(
        block_id="spo_steps",
        title=_title(counts, parts) if is_drawn else "Steps towards an order: no figure",
        subtitle=subtitle(counted, selection, ALL, title="Suspects of stalking-involved crimes by step"),
        sentence=_sentence(counts, parts) if is_drawn else claims.missing(shown),
        figure=bars.ranked(shown, counted.unit) if is_drawn else None,
        table=table,
        frame=frame,
        asks=asks,
        source=source,
        selection=selection,
        notes=(
            "Each share is of the step before. A suspect of two crimes counts twice; orders that name no "
            "crime are not among them. The last six months are open: orders may still come.",
            *ignored(counted, selection),
            *lacking(source, counted, moment),
            *pooled(source, [counted], moment),
            *markers_met(frame),
        ),
        by="step",
    )


def _title(counts: list[Row], parts: list[Row]) -> str:
    """The step, of those to the full order, that the smallest share takes."""
    known = {count.category: part for count, part in zip(counts, parts, strict=True) if part.value >= 0}
    steps = [name for name in REACHED if name in known]
    if not steps:
        return "Steps towards an order: no share of a step before is known"
    last = min(steps, key=lambda name: known[name].value)
    part = known[last]
    told = claims.worded(REACHED[last], share=claims.figure(part, "percent"))
    # A step that is withheld may lose more.
    is_known = not any(part.marker == "[c]" for part in parts[1:4])
    is_most = last == next(iter(REACHED)) and part.numerator < part.denominator and is_known
    return f"{FIRST_LOSES}: {told[:1].lower()}{told[1:]}" if is_most else told


def _sentence(counts: list[Row], parts: list[Row]) -> str:
    told = [f"{counts[0].category} {words.number(counts[0].value)}"]
    for count, part in zip(counts[1:], parts[1:], strict=True):
        limits = words.interval(part.lower, part.upper, "percent")
        share = words.number(part.value, "percent")
        aside = f" ({share} of the step before; 95% interval {limits})" if share and limits else ""
        told.append(f"{count.category} {words.number(count.value)}{aside}")
    return words.sentence("; ".join(told))

"""The state of stalking in one screen: four cards, how fresh the data are, what to be careful about."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date

import pandas as pd

from profiles import words
from profiles.blocks.block import (
    Ask,
    Block,
    Source,
    answers,
    asks_of,
    breaks_of,
    days_words,
    figure_words,
    filters,
    fit,
    ignored,
    markers_met,
    period_words,
    pooled,
)
from profiles.blocks.typology import NAMES, SAID, TYPES
from profiles.catalogue import measure
from profiles.charts import claims
from profiles.charts.sparklines import sparkline
from profiles.contracts import TABLES
from profiles.facts import Facts
from profiles.frames import Breaks, Row, rows, within
from profiles.periods import ALL, first_day, last_day, month_number
from profiles.selection import Selection

YEARS = 24
"""Months that a comparison of two years needs."""


@dataclass(frozen=True)
class Card:
    """One headline: what it is about, its figure, its interval, a sentence, and its course as SVG."""

    title: str
    figure: str
    interval: str
    sentence: str
    spark: str
    caption: str


def cards(source: Source, selection: Selection) -> tuple[list[Card], Block]:
    """Volume, hidden share, typology and change, and the block with their table and files."""
    crimes, hidden = measure("stalking_crimes"), measure("included_only_share")
    whole = replace(selection, grain=ALL, by=None)
    month = replace(selection, grain="month", by=None)
    until = selection.until or date.max
    newest = month_number(until) - (until != last_day(month_number(until)))
    change = replace(month, since=first_day(newest - YEARS + 1), until=last_day(newest))
    shares = tuple((name, asks_of(measure(share), whole)[0]) for name, share, *_ in TYPES)
    asked: dict[str, tuple[Ask, ...]] = {
        "any": asks_of(crimes, replace(whole, basis="any")),
        "principal": asks_of(crimes, replace(whole, basis="principal")),
        "months": asks_of(crimes, replace(month, basis="any")),
        "hidden": asks_of(hidden, whole),
        "hidden months": asks_of(hidden, month),
        **{name: (ask,) for name, ask in shares},
        **{f"{name} months": asks_of(measure(share), month) for name, share, *_ in TYPES},
        "change": asks_of(crimes, change),
        "rolling": asks_of(crimes, replace(selection, grain="rolling_year", by=None)),
    }
    asks = tuple(ask for group in asked.values() for ask in group)
    frame = answers(source, asks, within=tuple(asked))
    parts: dict[str, list[Row]] = {}
    for row in rows(frame):
        parts.setdefault(row.within, []).append(row)
    known = breaks_of(source, crimes, selection)
    items = [crimes, hidden, *(measure(share) for _, share, *_ in TYPES)]
    block = Block(
        block_id="state",
        title="The state of stalking",
        subtitle=" · ".join(filter(None, [days_words(selection), filters(selection)])),
        sentence="",
        figure=None,
        table=_table(frame),
        frame=frame.drop(columns="within"),
        asks=asks,
        source=source,
        selection=selection,
        texts=4,
        notes=(
            *dict.fromkeys(note for item in items for note in ignored(item, selection)),
            *pooled(source, items, selection),
            *markers_met(frame),
        ),
    )
    return [
        _volume(parts, known),
        _hidden(parts, breaks_of(source, hidden, selection)),
        _types(parts, known),
        _change(frame[frame["within"] == "change"], parts, selection.basis or "any", known),
    ], block


def _table(frame: pd.DataFrame) -> pd.DataFrame:
    """The frame as read, in its order."""
    told = list(zip(map(measure, frame["measure"]), rows(frame), strict=True))
    return pd.DataFrame(
        {
            "Measure": [item.title for item, _ in told],
            "Basis": [words.name(row.basis) for _, row in told],
            "Unit": [f"{words.UNITS[item.unit]}, {words.GRAINS[row.grain]}" for item, row in told],
            "Period": [period_words(row) for _, row in told],
            "Counted": [words.number(row.numerator) for _, row in told],
            "Out of": [words.number(row.denominator) for _, row in told],
            "Figure": [figure_words(row, item.unit) for item, row in told],
            "95% interval": [words.interval(row.lower, row.upper, item.unit) for item, row in told],
        }
    )


def _volume(parts: Mapping[str, list[Row]], known: Breaks) -> Card:
    whole, principal = parts["any"][0], parts["principal"][0]
    counted = words.number(principal.value)
    return Card(
        "Stalking-involved crimes",
        words.number(whole.value) or whole.marker,
        "",
        f"{counted} have stalking as the principal crime; the rest hide it."
        if counted
        else words.sentence(words.why([whole.why])),
        _spark("Crimes each month, principal or included", parts["months"], known, "count"),
        "each month, basis any",
    )


def _hidden(parts: Mapping[str, list[Row]], known: Breaks) -> Card:
    whole = parts["hidden"][0]
    counts = f"{words.number(whole.numerator)} of {words.number(whole.denominator)} crimes"
    return Card(
        "Hidden under another crime",
        words.number(whole.value, "percent") or whole.marker,
        words.interval(whole.lower, whole.upper, "percent"),
        f"{counts} have stalking only as an included classification."
        if whole.denominator > 0
        else words.sentence(words.why([whole.why])),
        _spark("Hidden share each month", parts["hidden months"], known, "percent"),
        "each month",
    )


def _types(parts: Mapping[str, list[Row]], known: Breaks) -> Card:
    shown = {name: parts[name][0] for name in NAMES}
    ranked = sorted((name for name in NAMES if shown[name].value >= 0), key=lambda name: -shown[name].value)
    if not ranked:
        told = words.sentence(words.why(row.why for row in shown.values()))
        if not told:
            told = "There is no crime to share out." if shown[NAMES[0]].marker == "[z]" else ""
        return Card("Types", shown[NAMES[0]].marker, "", told, "", "")
    first, *others = ranked
    row = shown[first]
    told = words.listed(f"{words.number(shown[name].value, 'percent')} {SAID[name]}" for name in others)
    largest = [name for name in ranked if shown[name].value == row.value]
    are = "is the largest type" if len(largest) == 1 else "are the largest types"
    counts = f"{claims.out_of(row.numerator, row.denominator)} crimes"
    return Card(
        f"{words.name(words.listed(largest))} {are}" if row.value > 0 else "Types: none is found",
        words.number(row.value, "percent"),
        words.interval(row.lower, row.upper, "percent"),
        f"{words.sentence('; '.join(filter(None, [counts, told])))} One crime may be of several types.",
        _spark(f"{words.name(first)} share each month", parts[f"{first} months"], known, "percent"),
        "each month",
    )


def _change(frame: pd.DataFrame, parts: Mapping[str, list[Row]], basis: str, known: Breaks) -> Card:
    year, month = claims.changed_year(frame, known), claims.changed_month(frame, known)
    told = [
        f"{each.claim}, {words.number(each.after)} against {words.number(each.before)}"
        for each in (year, month)
        if each
    ]
    return Card(
        "Last 12 months against the 12 before",
        _difference(year),
        words.between(words.difference(year.lower), words.difference(year.upper)) if year else "",
        " ".join(f"{words.sentence(line)}" for line in told)
        or words.sentence(words.why(row.why for row in parts["change"]))
        or "The rules changed in between, or a year is not complete.",
        _spark("Rolling 12 months", parts["rolling"], known, "count"),
        f"rolling 12 months, basis {basis.replace('_', ' ')}",
    )


def _difference(year: claims.Change | None) -> str:
    if not year:
        return "no comparison"
    return words.difference(year.percent) if year.is_clear else "no clear change"


def _spark(label: str, course: list[Row], known: Breaks, unit: str) -> str:
    """The course of a series; its label tells the first and the last figure."""
    told = [row for row in course if row.value >= 0]
    if not told:
        return ""
    first, last = told[0], told[-1]
    text = "; ".join(
        f"{words.number(row.value, unit)} in {words.period(row.period, row.grain)}" for row in (first, last)
    )
    days = [date.fromisoformat(row.period) for row in course]
    starts = [
        next(place for place, day in enumerate(days) if day >= each.day)
        for each in within(known, days[0], days[-1])
        if each.is_rebase
    ]
    return sparkline(
        [row.value for row in course], [row.marker for row in course], f"{label}: {text}", starts
    )


def freshness(facts: Facts) -> str:
    """One sentence: up to which day the feeds reach, and which of them end earlier."""
    ends: dict[date, list[str]] = {}
    for (_, table), feed in facts.feeds.items():
        if feed.as_at and not TABLES[table].is_reference:
            ends.setdefault(feed.as_at, []).append(table.replace("_", " "))
    if not ends:
        return "No feed has a date."
    newest = max(ends)
    behind = [
        f"{words.listed(sorted(ends[day]))} to {words.day(day)}" for day in sorted(ends) if day < newest
    ]
    number = len(ends[newest])
    first = f"{number} feed{' reaches' if number == 1 else 's reach'} {words.day(newest)}"
    return words.sentence("; ".join([first, *behind]))


WAYS = (
    (
        "pages/scale_and_typology.py",
        "Scale and typology",
        "trend, types and their overlap, districts",
    ),
    (
        "pages/included_classifications.py",
        "Included classifications",
        "what hides stalking, and where",
    ),
    ("pages/data_quality.py", "Data quality", "what was imported, what is missing, what to correct"),
    ("pages/definitions.py", "Definitions", "what each figure counts, and what is not known"),
)
"""Pages with what they answer."""

TOLD_FIELDS = ("online or offline", "domestic abuse flag", "relationship", "risk grade")
"""Fields that the headline types and filters rest on."""


def warnings(source: Source, selection: Selection) -> list[str]:
    """Sentences on what the figures above leave out or rest on, with their counts."""
    fields = rows(
        source.frame(
            "field_not_recorded",
            fit(measure("field_not_recorded"), replace(selection, grain=ALL, by="field")),
        )
    )
    blank = [
        f"{row.category} for {words.number(row.value, 'percent')}"
        for row in fields
        if row.category in TOLD_FIELDS and row.value > 0
    ]
    everything = Selection(grain=ALL)
    (rejected,) = rows(source.frame("records_rejected", everything))
    (read,) = rows(source.frame("records_read", everything))
    marked = rows(source.frame("records_marked", Selection(grain=ALL, by="check_name")))
    doubts = sum(row.value for row in marked if row.category in CONTRADICTIONS)
    told = [
        f"Not recorded: {words.listed(blank)} of the crimes selected; shares count them as not of the type."
        if blank
        else "",
        f"{words.number(rejected.value)} of {words.number(read.value)} imported records were rejected and "
        f"are in no figure."
        if rejected.value > 0
        else "",
        f"{words.number(doubts)} accepted records contradict themselves (dates out of order, or a domestic "
        f"abuse flag against the relationship)."
        if doubts > 0
        else "",
    ]
    return [line for line in told if line]


CONTRADICTIONS = ("dates out of order", "domestic-abuse flag against relationship")
"""Checks whose marks bear on the figures of the overview."""

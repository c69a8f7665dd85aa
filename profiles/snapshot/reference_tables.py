"""Evidence: what the measures count, the breaks of their series, and how complete the records are."""

from pathlib import Path
from typing import Any

import pandas as pd

from profiles import words
from profiles.catalogue import MEASURE_KEYS, catalogue, header, measure
from profiles.periods import ALL
from profiles.snapshot.files import Field, Table, figures_of
from profiles.snapshot.series import bases_of, figure_words, records, shown
from profiles.warehouse import SQL

SAID = {
    "title": "Name of the measure.",
    "note": "What is counted and what surprises.",
    "unit": "count, percent (0 to 100), per_100, per_1000, days or score.",
    "per": "What a rate of two measures is multiplied by.",
    "reads": "Table of prepared records that is counted.",
    "date": "Date that places a record in a period.",
    "ratio": "The two measures of which the first is divided by the second.",
    "denominator_ignores": "Breakdowns that the denominator does not know.",
    "numerator": "What is counted, in words.",
    "denominator": "Out of what, in words; empty for a count.",
    "shape": "ratio, or distribution: a median with its quartiles; empty: ratio.",
    "time": "flow; stock: as it stands when the period ends; standing: of all that is loaded; empty: flow.",
    "matures": "Only what lies so long before the newest data counts.",
    "settles": "A period is provisional until so long after its end.",
    "least": "On fewer than this no figure is given.",
    "absent": "What a category and period without a record means; empty: zero.",
    "bases": "Which crimes: principal, included_only, any; fixed compares them; none: no crimes.",
    "interval": "How the interval is made; empty: there is none.",
    "adds_over": "Whether figures add over time and over categories; empty: neither.",
    "part_of": "Measure of which this one is a part.",
    "cumulates": "Measure that this one adds up from the beginning.",
    "stock": "What the figure is made of: a measure that adds to it, less what has ended.",
    "ends_within": "How soon what is counted ends.",
    "follows": "Measure whose cases lead to these, to one at most; after *by*, those that all do in the end.",
    "released": "Breakdowns in a snapshot; empty: the usual ones.",
    "released_for": "Periods in a snapshot; empty: the usual ones.",
    "crossed": "Two-way breakdowns in a snapshot.",
    "sensitivity": "person, process, answers or open: what may be told of small numbers; empty: person.",
    "direction": "more_is_better, less_is_better or neutral; empty: neutral.",
    "recommendations": "Lines of the action plan, or recommendations, for which it is evidence.",
    "needs": "Feeds and fields without which it is not available.",
    "breaks": "Series whose breaks apply; empty: those of its basis.",
    "apart": "Dimensions whose categories are never pooled.",
    "dimensions": "Breakdowns it has; empty: all of the table it reads.",
    "grains": "Periods it is given for; empty: all.",
    "chart": "How it is charted; xmr is a process-behaviour chart; empty: line.",
    "by": "The breakdown that a page opens with.",
}
"""A sentence on every header key."""

DEFINITION_FIELDS = (
    Field("measure_id", "string", "Name of the measure."),
    Field("file", "string", "File of the code that holds its header and its SELECT."),
    *(Field(key, "string", SAID.get(key, "A key of the header.")) for key in MEASURE_KEYS),
)

BREAK_FIELDS = (
    Field("break_date", "date", "Day on which it took effect."),
    Field("effect", "string", "rebase: the series starts anew; annotate: it is only marked."),
    Field("applies_to", "string", "Series it applies to: all, principal, included_only or orders."),
    Field("title", "string", "Name of the break."),
    Field("explanation", "string", "What changed."),
    Field("published_by", "string", "Who says so."),
    Field("verified", "string", "yes, partly or no: whether the source was checked."),
)

QUALITY_FIELDS = (
    Field("measure_id", "string", "Name of the measure; definitions.csv says what it counts."),
    Field("title", "string", "Title of the measure."),
    Field("unit", "string", "count or percent (0 to 100)."),
    Field("basis", "string", "principal, included_only or any; empty: no crimes."),
    Field("period", "string", "Financial year, such as 2025/26; all of what is loaded."),
    Field("dimension", "string", "What the row is broken down by; all for the whole."),
    Field("category", "string", "Category of the dimension; all for the whole."),
    Field("numerator", "number", "What is counted."),
    Field("denominator", "number", "Out of how many; empty for a count."),
    Field("value", "number", "The figure, unrounded."),
    Field("lower", "number", "Lower limit of the 95 % interval."),
    Field("upper", "number", "Upper limit of the 95 % interval."),
    Field("marker", "string", "[p] provisional, [z] not applicable, [x] not available, [c] confidential."),
    Field("sentence", "string", "The same in words."),
)

STANDING_MEASURES = ("records_read", "records_rejected", "records_marked")
"""Of all that is loaded, whatever its days."""
SHARES = (
    "field_not_recorded",
    "mode_recorded_share",
    "domestic_recorded_share",
    "relationship_recorded_share",
)
"""Of the last financial year."""


def definitions(folder: Path = SQL) -> Table:
    """The table `definitions`: a row a measure, its file and every header key as it stands there."""
    found = []
    for name in catalogue(folder):
        path = folder / "measures" / f"{name}.sql"
        said = header(path.read_text(encoding="utf-8"), path.name)
        found.append(
            {"measure_id": name, "file": f"sql/measures/{path.name}"}
            | {key: said.get(key, "") for key in MEASURE_KEYS}
        )
    return Table(
        "definitions",
        "Definitions",
        "What every measure counts, as the header of its SQL file says it; an empty cell has the value that "
        "the column's description names.",
        DEFINITION_FIELDS,
        pd.DataFrame(found, columns=[field.name for field in DEFINITION_FIELDS]),
        ("measure_id",),
    )


def breaks(frame: pd.DataFrame) -> Table:
    """The table `breaks`: every change of rules or event, by date; `frame` is that of `marts.breaks`."""
    names = [field.name for field in BREAK_FIELDS]
    days = pd.to_datetime(frame["break_date"]).dt.strftime("%Y-%m-%d").astype(object)
    told = frame.assign(break_date=days)[names].drop_duplicates()
    return Table(
        "breaks",
        "Breaks",
        "Changes of rules and events that the series must show; after a rebase limits and projections begin "
        "anew for the series that it applies to.",
        BREAK_FIELDS,
        told.sort_values(["break_date", "title"], kind="stable").reset_index(drop=True),
        ("break_date", "title"),
    )


def data_quality(rows: pd.DataFrame) -> Table:
    """The table `data_quality`: records read, rejected and marked, and what is recorded, as published.

    Shares are of the last financial year that is over, on every basis that is published.
    """
    found: list[dict[str, Any]] = []
    for name in STANDING_MEASURES:
        kinds = (ALL, measure(name).by)
        mine = rows[(rows["measure_id"] == name) & rows["dimension"].isin(kinds)]
        found += [_quality(row) for row in records(mine)]
    for name in SHARES:
        years = rows[
            (rows["measure_id"] == name)
            & (rows["grain"] == "financial_year")
            & rows["dimension"].isin([ALL, "field"])
        ]
        for basis in bases_of(measure(name)):
            found += [_quality(row) for row in records(_last_year(years[years["basis"] == basis]))]
    return Table(
        "data_quality",
        "Data quality",
        "Records of the files imported, and how often what the figures rest on is recorded.",
        QUALITY_FIELDS,
        pd.DataFrame(found, columns=[field.name for field in QUALITY_FIELDS]),
        ("measure_id", "basis", "dimension", "category"),
    )


def _last_year(years: pd.DataFrame) -> pd.DataFrame:
    """The rows of the last year that is over and has any data; of the last one where there is none."""
    if years.empty:
        return years
    found: dict[str, set[str]] = {}
    for period, marker in zip(years["period"].tolist(), years["marker"].tolist(), strict=True):
        found.setdefault(period, set()).add(marker)
    over = [period for period, markers in found.items() if "[p]" not in markers and markers != {"[x]"}]
    return years[years["period"] == max(over or found)]


def _quality(row: dict[str, Any]) -> dict[str, Any]:
    item = measure(row["measure_id"])
    has = figures_of(item)
    grain = row["grain"]
    period = row["period"] if grain == ALL else words.period(row["period"], grain)
    figures = ("numerator", "denominator", "value", "lower", "upper")
    return {
        **{name: row[name] for name in ("measure_id", "title", "unit", "basis", "marker")},
        **{name: row[name] for name in ("dimension", "category")},
        "period": period,
        **{name: shown(row[name], row["marker"], name in has) for name in figures},
        "sentence": _told(row, period),
    }


def _told(row: dict[str, Any], period: str) -> str:
    """The figure in words: of what, how much, its interval, and in which year."""
    name = row["title"] if row["category"] == ALL else f"{row['title']}, {words.name(row['category'])}"
    when = "" if period == ALL else f" in {period}"
    return words.sentence(f"{name}: {figure_words(row)}{when}")

"""The four steps: the figures of the force management statement laid out, judgement left blank."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

import pandas as pd

from profiles import words
from profiles.catalogue import measure
from profiles.snapshot.files import Stamp, Table
from profiles.snapshot.fms import DEMAND, FMS_MEASURES, PLANNING, RISK, WORKFORCE, Line
from profiles.snapshot.forecasts import year_begun
from profiles.snapshot.series import records, series

TITLES = {
    DEMAND: "Step 1: current and projected demand",
    WORKFORCE: "Step 2: workforce assessment",
    PLANNING: "Step 3: prioritisation and planning",
    RISK: "Step 4: risk management, demand that cannot be met",
}
"""Steps by the names that HMICFRS gives them in its guidance for forces."""

BLANKS = {
    DEMAND: (
        "the analyst: what drives the change, and which of it is better recording",
        "the crime area's lead: what is expected that the series cannot know, such as new law or campaigns",
    ),
    WORKFORCE: (
        "the head of protecting vulnerable people: staff on stalking, their capacity and wellbeing",
        "the head of training: capability, with the training figures of the action plan",
    ),
    PLANNING: (
        "the crime area's lead: what will change in workforce, policy and practice to meet the demand",
        "the crime area's lead: what each change is expected to do to the figures above",
    ),
    RISK: (
        "the chief officer: which of the demand will not be met, and what that risks",
        "the chief officer: how the risk is mitigated, and what stays",
    ),
}
"""What only people can judge: by whom, and about what."""

BREAK = "†"
"""Behind a figure in whose year a break falls."""


def fms_steps(rows: pd.DataFrame, fms: Table, stamp: Stamp) -> str:
    """The figures of `fms` as Markdown under the four steps, with marked blanks for judgement.

    Every figure is one of `fms`, rounded as words are; `rows` give the counts that a rate is made of.
    """
    as_at = date.fromisoformat(stamp.as_at)
    day = words.day(as_at)
    lines = [
        "# Stalking in the force management statement",
        "",
        *(["**SYNTHETIC: invented data, no real record.**", ""] if stamp.synthetic == "SYNTHETIC" else []),
        f"{stamp.marking}. Figures as at {day}, made by version {stamp.version}; they are those of fms.csv, "
        "rounded. Financial years run from April to March.",
        "",
        f"Markers: {'; '.join(map(words.marker, words.MARKERS))}. {BREAK} A break falls into the year; see "
        "the list at the end.",
        "",
    ]
    told = records(fms.frame)
    for step, title in TITLES.items():
        mine = [line for line in FMS_MEASURES if line.step == step]
        lines += [f"## {title}", "", *_actuals(rows, mine, told, as_at)]
        if step == DEMAND:
            lines += _projected(mine, told, as_at)
        lines += [line for text in BLANKS[step] for line in (f"[To be written by {text}.]", "")]
    lines += _breaks(told)
    return "\n".join(lines).rstrip() + "\n"


def _of(line: Line, told: Iterable[Mapping[str, Any]], *kinds: str) -> list[Mapping[str, Any]]:
    return [
        row
        for row in told
        if row["measure_id"] == line.measure_id and row["basis"] == line.basis and row["period_type"] in kinds
    ]


def _actuals(rows: pd.DataFrame, lines: list[Line], told: list[dict[str, Any]], as_at: date) -> list[str]:
    """A table of the years counted, a row a series, and what each counts."""
    found = {line: _of(line, told, "actual", "part_year") for line in lines}
    years = sorted({row["financial_year"] for mine in found.values() for row in mine})
    if not years:
        return ["No figures.", ""]
    begun = words.financial_year(year_begun(as_at))
    heads = [f"{year} to {words.day(as_at)}" if year == begun else year for year in years]
    table = []
    for line, mine in found.items():
        by_year = {row["financial_year"]: row for row in mine}
        published = _published(rows, line)
        cells = [_counted(by_year[year], published[year]) if year in by_year else "[x]" for year in years]
        table.append([line.name, _basis(line), _made(line), *cells])
    return [
        "Counted, by financial year:",
        "",
        *_table(["Measure", "Basis", "What it counts", *heads], table),
        "",
    ]


def _projected(lines: list[Line], told: list[dict[str, Any]], as_at: date) -> list[str]:
    """A table of the years projected with their limits, and how each series was projected."""
    found = {line: _of(line, told, "projection") for line in lines}
    found = {line: mine for line, mine in found.items() if mine}
    if not found:
        return []
    years = sorted({row["financial_year"] for mine in found.values() for row in mine})
    table = []
    for line, mine in found.items():
        by_year = {row["financial_year"]: row for row in mine}
        cells = [_foreseen(by_year.get(year)) for year in years]
        table.append([line.name, _basis(line), mine[0]["method"], *cells])
    # The last year is wholly projected: its note is of the method alone.
    how = [f"- {line.name}{_aside(line)}: {mine[-1]['notes']}" for line, mine in found.items()]
    return [
        f"Projected by financial year from what was known on {words.day(as_at)}, whole years, with the "
        "limits of the 95% interval, of a scenario those of its range:",
        "",
        *_table(["Measure", "Basis", "Method", *years], table),
        "",
        *how,
        "",
    ]


def _table(heads: list[str], rows: list[list[str]]) -> list[str]:
    return [_row(heads), _row(["---"] * len(heads)), *map(_row, rows)]


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cell.replace('|', '/') for cell in cells)} |"


def _basis(line: Line) -> str:
    return {"": "all", "fixed": "compares bases"}.get(line.basis, line.basis.replace("_", " "))


def _aside(line: Line) -> str:
    return f" ({line.basis.replace('_', ' ')})" if line.basis else ""


def _made(line: Line) -> str:
    item = measure(line.measure_id)
    return f"{item.numerator}, out of {item.denominator}" if item.denominator else item.numerator


def _published(rows: pd.DataFrame, line: Line) -> dict[str, dict[str, Any]]:
    """The published rows of a series by financial year."""
    mine = series(rows, line.measure_id, line.basis, "financial_year", line.dimension, line.category)
    return {words.period(row["period"], "financial_year"): row for row in records(mine)}


def _counted(row: Mapping[str, Any], published: Mapping[str, Any]) -> str:
    """The figure, of a rate out of how many, with its marker and whether a break falls into the year."""
    if isinstance(row["value"], str):
        return row["value"]
    size = words.number(published["denominator"])
    parts = (
        words.number(row["value"], row["unit"]),
        f"of {size}" if size else "",
        published["marker"],
        BREAK if row["series_break"] else "",
    )
    return " ".join(filter(None, parts))


def _foreseen(row: Mapping[str, Any] | None) -> str:
    if row is None:
        return ""
    if isinstance(row["value"], str):
        return row["value"]
    value, lower, upper = (words.number(row[name], row["unit"]) for name in ("value", "lower", "upper"))
    return f"{value} ({lower} to {upper}){f' {BREAK}' if row['series_break'] else ''}"


def _breaks(told: list[dict[str, Any]]) -> list[str]:
    """The breaks of the years shown, each with the years and the bases of its series."""
    found: dict[str, dict[str, None]] = {}
    for row in told:
        for title in filter(None, row["series_break"].split("; ")):
            found.setdefault(title, {})[row["financial_year"]] = None
    if not found:
        return []
    listed = [f"- {title}: {words.listed(years)}" for title, years in sorted(found.items())]
    return [f"## Breaks marked {BREAK}", "", *listed]

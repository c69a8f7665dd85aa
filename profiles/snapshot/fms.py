"""The force management statement: actual financial years, the year begun, and four years projected."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import pandas as pd

from profiles import words
from profiles.catalogue import Measure, measure
from profiles.forecast import Projection
from profiles.frames import within
from profiles.periods import ALL, first_day, last_day, month_number
from profiles.snapshot.files import Field, Stamp, Table, figures_of
from profiles.snapshot.forecasts import (
    AHEAD,
    PROJECTED,
    YEAR,
    Projections,
    added,
    forecast_table,
    held,
    history,
    projected_until,
    year_begun,
)
from profiles.snapshot.series import applying, made_of, records, series, settled_until, shown

__all__ = ["FMS_MEASURES", "PROJECTED", "fms", "forecast_table", "history", "projected_until"]

ACTUAL = 5
"""Financial years of actuals."""
CRIME_AREA = "Stalking"

VULNERABLE = "Protecting vulnerable people"
PUBLIC = "Responding to the public"
INVESTIGATIONS = "Investigations"
OFFENDERS = "Managing offenders"

DEMAND, WORKFORCE, PLANNING, RISK = range(1, 5)
"""The four steps of the statement."""


@dataclass(frozen=True)
class Line:
    """One series of the statement: its section and step, and where its rows are found."""

    section: str
    measure_id: str
    basis: str
    step: int = DEMAND
    dimension: str = ALL
    category: str = ALL

    @property
    def name(self) -> str:
        """The title of the measure, with the category when it is of one alone."""
        title = measure(self.measure_id).title
        return title if self.category == ALL else f"{title} ({self.category} {self.dimension})"


FMS_MEASURES = (
    Line(VULNERABLE, "stalking_crimes", "any"),
    Line(VULNERABLE, "stalking_crimes", "principal"),
    Line(VULNERABLE, "stalking_crimes", "included_only"),
    Line(VULNERABLE, "stalking_victims", "any"),
    Line(PUBLIC, "stalking_calls", ""),
    Line(INVESTIGATIONS, "outcomes_closed", "any"),
    Line(OFFENDERS, "spo_applications", ""),
    Line(OFFENDERS, "spo_granted", ""),
    Line(OFFENDERS, "spo_breaches", ""),
    Line(OFFENDERS, "multi_agency_referrals", ""),
    Line(INVESTIGATIONS, "specialist_allocation", "any", WORKFORCE),
    Line(INVESTIGATIONS, "charge_rate_closed", "any", WORKFORCE),
    Line(OFFENDERS, "spo_considered", "any", PLANNING),
    Line(VULNERABLE, "referral_rate", "any", PLANNING),
    Line(VULNERABLE, "satisfied_overall", "", PLANNING, "survey", "stalking"),
    Line(VULNERABLE, "online_share", "any", RISK),
    Line(VULNERABLE, "included_only_share", "fixed", RISK),
)
"""What the statement shows, in its order: flows of demand, then rates, as actuals alone."""

FIELDS = (
    Field("fms_section", "string", "Section of the statement by its subject; its number is not given."),
    Field("crime_area", "string", "Crime area of the statement: stalking is one of its own."),
    Field("measure_id", "string", "Name of the measure; definitions.csv says what it counts."),
    Field("measure_name", "string", "Title of the measure, and of what survey it is."),
    Field("unit", "string", "count or percent (0 to 100)."),
    Field("basis", "string", "principal, included_only or any; fixed: bases compared; empty: no crimes."),
    Field("financial_year", "string", "Financial year, April to March, such as 2024/25."),
    Field(
        "period_type",
        "string",
        "actual; part_year: the year so far, or one that the data hold in part; projection.",
    ),
    Field("value", "number", "The figure, unrounded; of a projection the whole year, in whole counts."),
    Field("lower", "number", "Lower limit of the 95 % interval; of a scenario the low end of its range."),
    Field("upper", "number", "Upper limit of the 95 % interval; of a scenario the high end of its range."),
    Field("method", "string", "counted, rate of counts, or the method of the projection."),
    Field("series_break", "string", "Breaks of the series that fall into the year; empty when none does."),
    Field("suppressed", "string", "yes where the figure is confidential, otherwise no."),
    Field("source_extract_date", "date", "The last day of the data."),
    Field("generated_at", "date", "The as-at date, so that the file can be made again."),
    Field("version", "string", "Version of the code."),
    Field("notes", "string", "What the figure is of, what it leaves open, and how it was projected."),
)


def fms(rows: pd.DataFrame, projections: Projections, breaks: pd.DataFrame, stamp: Stamp) -> Table:
    """The table `fms`: a row a series and financial year: actuals, the year begun, projections.

    `breaks` has the columns of `marts.breaks`. Actuals begin after the last rebase of every series, and
    are five years at most; a year begun has both a row so far and a projection of the whole of it.
    """
    as_at = date.fromisoformat(stamp.as_at)
    found: list[dict[str, Any]] = []
    for line in FMS_MEASURES:
        found += _actuals(rows, line, breaks, as_at)
        if (line.measure_id, line.basis) in projections:
            found += _projections(projections[line.measure_id, line.basis], line, breaks, as_at)
    stamped = {
        "crime_area": CRIME_AREA,
        "source_extract_date": stamp.as_at,
        "generated_at": stamp.as_at,
        "version": stamp.version,
    }
    names = [field.name for field in FIELDS]
    return Table(
        "fms",
        "Force management statement",
        f"Stalking demand and response by financial year as at {words.day(as_at)}: up to five years of "
        f"actuals, the year begun so far, and four years projected.{added(projections)}",
        FIELDS,
        pd.DataFrame([each | stamped for each in found], columns=names),
        ("measure_id", "basis", "financial_year", "period_type"),
    )


def _actuals(rows: pd.DataFrame, line: Line, breaks: pd.DataFrame, as_at: date) -> list[dict[str, Any]]:
    item = measure(line.measure_id)
    has = figures_of(item)
    mine = series(rows, line.measure_id, line.basis, "financial_year", line.dimension, line.category)
    known = _general_rebase(breaks, as_at)
    told = []
    for row in records(mine):
        first = date.fromisoformat(row["period"])
        if first > as_at or (known and first < known):
            continue
        last = last_day(month_number(first) + YEAR - 1)
        # Settled and still provisional: the data hold only some of its months, and it is no year to compare.
        is_gap = row["marker"] == "[p]" and last <= settled_until(item, as_at.isoformat())
        is_part = is_gap or last > as_at
        told.append(
            {
                **_named(line, first),
                "period_type": "part_year" if is_part else "actual",
                **{
                    name: shown(row[name], row["marker"], name in has) for name in ("value", "lower", "upper")
                },
                "method": "counted" if item.is_count else "rate of counts",
                "series_break": row["break"],
                "suppressed": "yes" if row["marker"] == "[c]" else "no",
                "notes": _about(item, row, first, as_at, is_gap),
            }
        )
    whole = [each["financial_year"] for each in told if each["period_type"] == "actual"]
    return [each for each in told if not whole[:-ACTUAL] or each["financial_year"] > whole[-ACTUAL - 1]]


def _general_rebase(breaks: pd.DataFrame, as_at: date) -> date | None:
    """The last rebase of every series alike: years before it are another thing under the same name."""
    is_general = [
        effect == "rebase" and "all" in {name.strip() for name in text.split(";")}
        for effect, text in zip(breaks["effect"].tolist(), breaks["applies_to"].tolist(), strict=True)
    ]
    days = pd.to_datetime(breaks["break_date"]).dt.date.tolist()
    chosen = [day for day, general in zip(days, is_general, strict=True) if general and day <= as_at]
    return max(chosen, default=None)


def _named(line: Line, first: date) -> dict[str, Any]:
    return {
        "fms_section": line.section,
        "measure_id": line.measure_id,
        "measure_name": line.name,
        "unit": measure(line.measure_id).unit,
        "basis": line.basis,
        "financial_year": words.financial_year(first),
    }


def _about(item: Measure, row: Mapping[str, Any], first: date, as_at: date, is_gap: bool) -> str:
    """What is counted, of how many, and what the figure leaves open."""
    parts = [
        item.numerator if item.is_count else f"{item.numerator}, out of {item.denominator}",
        made_of(row),
    ]
    if is_gap:
        parts.append("the data hold only a part of the year")
    elif last_day(month_number(first) + YEAR - 1) > as_at:
        parts.append(f"the year so far, {words.span(first, as_at)}")
    parts.append(words.marker(row["marker"]))
    return " ".join(words.sentence(part) for part in parts if part)


def _projections(found: Projection, line: Line, breaks: pd.DataFrame, as_at: date) -> list[dict[str, Any]]:
    begun = month_number(year_begun(as_at))
    known = applying(breaks, measure(line.measure_id), line.basis)
    by_period = {row["period"]: row for row in records(found.years)}
    told = []
    for month in range(begun, begun + YEAR * AHEAD, YEAR):
        first, last = first_day(month), last_day(month + YEAR - 1)
        row = by_period.get(first.isoformat())
        marker = found.begun_marker if row and row["months_known"] else "[x]"
        figures = {
            name: shown(row[column] if row else math.nan, marker)
            for name, column in (("value", "value"), ("lower", "lower_95"), ("upper", "upper_95"))
        }
        told.append(
            {
                **_named(line, first),
                "period_type": "projection",
                **figures,
                "method": found.method,
                "series_break": "; ".join(
                    f"{each.day.isoformat()} {each.title}"
                    for each in within(known, first - timedelta(days=1), last)
                ),
                "suppressed": "yes" if figures["value"] == "[c]" else "no",
                "notes": _how(found, row),
            }
        )
    return told


def _how(found: Projection, row: Mapping[str, Any] | None) -> str:
    """How many months of the year are known, why this method, and how far its interval has held."""
    parts = []
    if row and row["months_known"]:
        parts.append(f"{row['months_known']} months counted and {YEAR - row['months_known']} projected")
    if row and math.isnan(row["value"]):
        parts.append(f"a month of the year is not published: {words.marker(found.begun_marker)}")
    return " ".join(words.sentence(part) for part in (*parts, found.reason, held(found)) if part)

"""Forecasts: which series are projected, the published months they rest on, and the table of them."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pandas as pd

from profiles import words
from profiles.catalogue import measure
from profiles.forecast import Projection, adding, drafted, finished
from profiles.frames import last_rebase
from profiles.periods import first_day, first_period, last_day, month_number
from profiles.snapshot.files import Field, Table
from profiles.snapshot.series import applying, records, series, settled_until, shown

YEAR = 12
AHEAD = 4
"""Financial years projected, with the one that has begun."""

PROJECTED = (
    ("stalking_crimes", "any"),
    ("stalking_crimes", "principal"),
    ("stalking_crimes", "included_only"),
    ("stalking_victims", "any"),
    ("stalking_calls", ""),
    ("outcomes_closed", "any"),
    ("spo_applications", ""),
)
"""Measure and basis of the counts that are projected."""

TOTAL = ("stalking_crimes", "any")
PARTS = (("stalking_crimes", "principal"), ("stalking_crimes", "included_only"))
"""Those that are projected together: each crime of the total is in one part."""

ADDED = (
    "to one decimal in each month and in whole crimes in each year. The limits do not add up: both parts "
    "seldom reach theirs at once."
)
APART = "It is projected by itself: principal and included only need not add up to any."

Projections = Mapping[tuple[str, str], Projection]
"""Projections by measure and basis."""

FIELDS = (
    Field("measure_id", "string", "Name of the measure; definitions.csv says what it counts."),
    Field("title", "string", "Title of the measure."),
    Field("basis", "string", "principal, included_only or any; empty: no crimes."),
    Field(
        "kind",
        "string",
        "series: one row on the whole; month and financial_year: what is projected; backtest: how well each "
        "method did at each horizon.",
    ),
    Field("period", "date", "First day of the period projected; empty for series and backtest."),
    Field("horizon", "integer", "Months ahead; of a financial year those to its last month."),
    Field("method", "string", "How it was projected; of a backtest row the method that was tried."),
    Field(
        "value",
        "number",
        "Projected count: to one decimal of a month, whole of a year; of a begun year the months counted "
        "and the others.",
    ),
    Field("lower_80", "number", "Lower limit of the 80 % interval; a scenario has none."),
    Field("upper_80", "number", "Upper limit of the 80 % interval; a scenario has none."),
    Field("lower_95", "number", "Lower limit of the 95 % interval; of a scenario the low end of its range."),
    Field("upper_95", "number", "Upper limit of the 95 % interval; of a scenario the high end of its range."),
    Field("is_extrapolated", "string", "yes beyond 12 months, where no back-test reaches; otherwise no."),
    Field("months", "integer", "Months known: of the series those since its last break, of a year its own."),
    Field("origins", "integer", "Points of time from which the back-test projected."),
    Field("mase", "number", "Mean absolute error over that of the seasonal naive in its training."),
    Field("naive_mase", "number", "The same of the seasonal naive, at the origins that all methods share."),
    Field("mean_error", "number", "Projected less counted, on average, in counts."),
    Field("coverage_80", "number", "Share (0 to 1) within the method's own 80 % interval, at that horizon."),
    Field("coverage_95", "number", "Share (0 to 1) within the method's own 95 % interval, at that horizon."),
    Field("coverage_80_widened", "number", "Share (0 to 1) within the widened 80 % interval."),
    Field("coverage_95_widened", "number", "Share (0 to 1) within the widened 95 % interval."),
    Field("reason", "string", "Of a series: why this method, and what its interval is."),
)


def year_begun(as_at: date) -> date:
    """First day of the first financial year that is not over: of the one that holds the day after."""
    return first_day(first_period("financial_year", as_at + timedelta(days=1)))


def projected_until(as_at: date) -> date:
    """Last day of the last financial year projected: the fourth from the first that is not over."""
    return last_day(month_number(year_begun(as_at)) + YEAR * AHEAD - 1)


def history(
    rows: pd.DataFrame, breaks: pd.DataFrame, measure_id: str, basis: str, as_at: str = ""
) -> tuple[date, tuple[float, ...]]:
    """First month and values of the published months after the last rebase that applies, all settled.

    A month that is confidential is nan. The month with the rebase inside is left out, and so are what comes
    before the data and what is provisional; by `as_at` (ISO) also a confidential month that is not settled.
    Of a series of which the rows hold no month, there is none until the as-at date.
    """
    item = measure(measure_id)
    mine = series(rows, measure_id, basis, "month")
    if mine.empty:
        return first_day(month_number(date.fromisoformat(as_at)) + 1) if as_at else date.min, ()
    labels = [date.fromisoformat(text) for text in mine["period"].tolist()]
    cut = last_rebase(applying(breaks, item, basis), last_day(month_number(labels[-1])))
    markers, values = mine["marker"].tolist(), mine["value"].tolist()
    until = settled_until(item, as_at)
    after = [place for place, label in enumerate(labels) if cut is None or label >= cut]
    kept = [
        place
        for place in after
        if markers[place] not in ("[p]", "[x]") and last_day(month_number(labels[place])) <= until
    ]
    if not kept:
        # Where a series would begin that has no month yet.
        return labels[after[0]] if after else first_day(month_number(labels[-1]) + 1), ()
    months = range(kept[0], kept[-1] + 1)
    known = set(kept)
    return labels[kept[0]], tuple(values[place] if place in known else math.nan for place in months)


def begun_marker(rows: pd.DataFrame, measure_id: str, basis: str, as_at: str) -> str:
    """What stands for the sum of a begun year without one: `[x]` where the data leave out a month of it."""
    begun = year_begun(date.fromisoformat(as_at)).isoformat()
    mine = series(rows, measure_id, basis, "month")
    markers = mine.loc[(mine["period"] >= begun) & (mine["period"] <= as_at), "marker"]
    return "[x]" if (markers == "[x]").any() else "[c]"


def projected(rows: pd.DataFrame, breaks: pd.DataFrame, as_at: str) -> dict[tuple[str, str], Projection]:
    """The projection of each series that the statement projects, from the published months.

    Principal and included only add up to any, where all three can be projected alike.
    """
    until = projected_until(date.fromisoformat(as_at))
    drafts = {each: drafted(*history(rows, breaks, *each, as_at), until) for each in PROJECTED}
    found = {each: finished(draft) for each, draft in drafts.items()}
    group = (TOTAL, *PARTS)
    parts = [drafts[each] for each in PARTS]
    if adding.adds_up(drafts[TOTAL], parts):
        together = adding.added_up(drafts[TOTAL], parts)
        found |= {each: _told(each, made) for each, made in zip(group, together, strict=True)}
    else:
        found |= {each: _with(found[each], APART) for each in group if found[each].kind != "none"}
    return {
        each: replace(made, begun_marker=begun_marker(rows, *each, as_at)) for each, made in found.items()
    }


def _told(series: tuple[str, str], made: Projection) -> Projection:
    """The projection that says how it adds up, and how well it does so."""
    if series == TOTAL:
        return _with(made, f"The projections of principal and included only add up to it, {ADDED}")
    how = (
        f" (scaled so, its MASE is {made.mase:.2f}, that of the seasonal naive {made.naive_mase:.2f})"
        if made.mase == made.mase
        else ""
    )
    return _with(
        made,
        "Principal and included only are then scaled by one factor a month so that they add up to the "
        f"projection of any{how}, {ADDED}",
    )


def _with(made: Projection, sentence: str) -> Projection:
    return replace(made, reason=f"{made.reason} {sentence}")


def add_up(projections: Projections) -> bool:
    """Whether the months of principal and included only, as projected, add up to those of any."""
    found = [projections[each] for each in (TOTAL, *PARTS) if each in projections]
    if len(found) <= len(PARTS) or "none" in {each.kind for each in found}:
        return False
    total, *parts = (each.months.set_index("period")["value"] for each in found)
    return bool((total - sum(parts)).abs().lt(1e-6).all())


def added(projections: Projections) -> str:
    """Two sentences on what adds up, for the description of a table; empty where nothing does."""
    if not add_up(projections):
        return ""
    return (
        " The projections of principal and included only add up to those of any in each month and year for "
        "which all three are given. Their limits do not add up: both parts seldom reach theirs at once."
    )


def forecast_table(projections: Projections) -> Table:
    """The table `forecast`: of each series a row on the whole, then its months, years and back-test."""
    found = [
        {"measure_id": measure_id, "title": measure(measure_id).title, "basis": basis} | row
        for (measure_id, basis), each in projections.items()
        for row in _rows(each)
    ]
    names = [field.name for field in FIELDS]
    frame = pd.DataFrame(found, columns=names)
    for field in FIELDS:
        if field.kind != "number":
            frame[field.name] = frame[field.name].astype(object).where(frame[field.name].notna(), None)
    return Table(
        "forecast",
        "Forecast",
        "Counts projected by month and financial year, how each was projected, and how well that did on "
        f"months already known.{added(projections)}",
        FIELDS,
        frame,
    )


def _rows(found: Projection) -> Iterator[dict[str, Any]]:
    tried = found.backtest[found.backtest["method"] == found.method]
    yield {
        "kind": "series",
        "method": found.method,
        "months": found.eligible_months,
        **({"origins": int(tried["origins"].max())} if len(tried) else {}),
        "mase": found.mase,
        "naive_mase": found.naive_mase,
        "coverage_80_widened": found.coverage_80,
        "coverage_95_widened": found.coverage_95,
        "reason": found.reason,
    }
    limits = ("value", "lower_80", "upper_80", "lower_95", "upper_95")
    first = month_number(date.fromisoformat(found.months["period"].iloc[0])) if len(found.months) else 0
    for kind, frame, length in (("month", found.months, 1), ("financial_year", found.years, YEAR)):
        for row in records(frame):
            ends = month_number(date.fromisoformat(row["period"])) + length
            # Of a begun year with a month that is not published there is no sum.
            marker = found.begun_marker if row.get("months_known") else ""
            has_80 = found.kind != "scenario"
            yield {
                "kind": kind,
                "period": row["period"],
                "horizon": ends - first,
                "method": found.method,
                **{name: shown(row[name], marker, has_80 or "80" not in name) for name in limits},
                "is_extrapolated": "yes" if row["is_extrapolated"] else "no",
                **({"months": row["months_known"]} if kind == "financial_year" else {}),
            }
    for row in records(found.backtest.drop(columns="mase_shared", errors="ignore")):
        yield {"kind": "backtest", **row}


def held(found: Projection) -> str:
    """A sentence on how often the widened 95 % interval held in the back-test; empty without one."""
    if math.isnan(found.coverage_95):
        return ""
    share = words.number(100 * found.coverage_95, "percent")
    return f"In the back-test {share} of the months judged lay within the 95% interval of a month."

"""The history of the action plan: every reported version of each line, and where the lines stand by it."""

import math
from typing import Any

import pandas as pd

from profiles.snapshot.files import Field, Table
from profiles.snapshot.series import records

PUBLISHED, REPORTED = "published plan", "report"

FIELDS = (
    Field("plan_ref", "string", "Recommendation and line of the plan, such as 13.2."),
    Field("number", "integer", "Version of the line: 0 as published, then each report in its order."),
    Field("reported_on", "string", "Day of the report; of the published plan the month it names."),
    Field("status", "string", "Status as reported."),
    Field("percent_complete", "number", "Per cent complete as reported; empty where none was."),
    Field("note", "string", "The owner's words: of the published plan its position."),
    Field("source", "string", "published plan or report."),
)


def order(ref: str) -> tuple[tuple[int, str], ...]:
    """The place of a line by its numbers: 7.1 before 10.1."""
    return tuple((int(part), "") if part.isdigit() else (10**6, part) for part in ref.split("."))


def plan_history(plan: pd.DataFrame, updates: pd.DataFrame, as_at: str) -> Table:
    """The table `action_plan_history`: the published version of each line, then its reports up to `as_at`.

    `plan` and `updates` have the columns of `staging.stg_action_plan` and `staging.stg_action_plan_updates`.
    """
    found: list[dict[str, Any]] = []
    told = records(_known(updates, as_at))
    for line in sorted(records(plan), key=lambda each: order(each["plan_ref"])):
        found.append(_version(line, 0, line["updated_in"], line["reported_position"], PUBLISHED))
        mine = [each for each in told if each["plan_ref"] == line["plan_ref"]]
        for number, each in enumerate(mine, start=1):
            day = pd.Timestamp(each["reported_date"]).date().isoformat()
            found.append(_version(each, number, day, each["note"], REPORTED))
    return Table(
        "action_plan_history",
        "History of the action plan",
        "Every version of each line: as published, then as its owner reported it, in the owner's words.",
        FIELDS,
        pd.DataFrame(found, columns=[field.name for field in FIELDS]),
        ("plan_ref", "number"),
    )


def as_reported(plan: pd.DataFrame, updates: pd.DataFrame, as_at: str) -> pd.DataFrame:
    """The plan, each line as its newest report up to `as_at` has it; one without a report as published."""
    newest = _known(updates, as_at).groupby("plan_ref", sort=False).tail(1).set_index("plan_ref")
    found = plan.copy().astype({"updated_in": object, "percent_complete": float})
    for place, ref in zip(found.index, found["plan_ref"].tolist(), strict=True):
        if ref not in newest.index:
            continue
        report = newest.loc[ref]
        found.loc[place, "reported_status"] = report["reported_status"]
        found.loc[place, "percent_complete"] = report["percent_complete"]
        found.loc[place, "updated_in"] = pd.Timestamp(report["reported_date"]).date().isoformat()
        if report["note"]:
            found.loc[place, "reported_position"] = report["note"]
    return found


def _known(updates: pd.DataFrame, as_at: str) -> pd.DataFrame:
    """The reports up to that day, each line's in their order."""
    if updates.empty:
        return updates
    days = pd.to_datetime(updates["reported_date"])
    return updates[days <= pd.Timestamp(as_at)].sort_values(["plan_ref", "report_number"], kind="stable")


def _version(row: dict[str, Any], number: int, day: Any, note: Any, source: str) -> dict[str, Any]:
    percent = row["percent_complete"]
    return {
        "plan_ref": row["plan_ref"],
        "number": number,
        "reported_on": _text(day),
        "status": _text(row["reported_status"]),
        "percent_complete": math.nan if pd.isna(percent) else float(percent),
        "note": _text(note),
        "source": source,
    }


def _text(value: Any) -> str:
    return "" if value is None or value is pd.NaT or value != value else str(value)

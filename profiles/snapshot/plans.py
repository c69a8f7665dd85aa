"""The action plan: each line as published, beside the figures that are evidence for it."""

import math
import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Any

import pandas as pd

from profiles import words
from profiles.catalogue import Measure, catalogue, measure
from profiles.errors import ProfilesError
from profiles.periods import ALL
from profiles.selection import nearest
from profiles.snapshot import judging
from profiles.snapshot.contents import last_day_of
from profiles.snapshot.files import Field, Table, figures_of
from profiles.snapshot.places import Place, standing_out
from profiles.snapshot.plan_history import order
from profiles.snapshot.series import bases_of, figure_words, records, shown
from profiles.verdicts import STEADY, TOO_FEW, WORSENING

FIGURES = ("numerator", "denominator", "value", "lower", "upper")

NAMED, EXACT, WHOLE = "named by the line", "line", "whole recommendation"
"""How a measure came to a line: the plan names it, it names the line, or all of the recommendation."""

FIELD_OF = {"12": "risk grade", "13": "order considered", "20": "online or offline"}
"""Of what is not recorded, the field that a recommendation is about; a survey is the one on stalking."""
SURVEY = "stalking"

COLUMNS = {
    "plan_ref": ("plan_ref", "ref"),
    "deadline": ("deadline", "deadline_date"),
    "requirement": ("requirement",),
    "owner": ("owner",),
    "reported_position": ("reported_position", "position"),
    "reported_status": ("reported_status", "status"),
    "percent_complete": ("percent_complete",),
    "measurability": ("measurability",),
    "updated": ("updated", "updated_in"),
}
"""Columns of a line, each with the names that it has in the file and in the warehouse."""

FIELDS = (
    Field("plan_ref", "string", "Recommendation and line of the plan, such as 13.2."),
    Field("deadline", "date", "Day on which the line is due."),
    Field("requirement", "string", "What is required."),
    Field("owner", "string", "Who owns it."),
    Field(
        "reported_position", "string", "Where it stands, in the words of the newest report, or the plan's."
    ),
    Field("reported_status", "string", "Status by the newest report, or as published."),
    Field("percent_complete", "number", "Per cent complete by the newest report, or as published."),
    Field("measurability", "string", "measured, partly, needs a feed or narrative."),
    Field("updated", "string", "Day of the newest report, or month of the published plan."),
    Field("measure_id", "string", "Measure that is evidence for the line; empty where there is none."),
    Field("measure_title", "string", "Its title."),
    Field("matched", "string", "Why it is here: named by the line, line, or whole recommendation."),
    Field("basis", "string", "The measure's usual basis; empty: no crimes."),
    Field("dimension", "string", "survey, stage or field where it is of one category alone; otherwise all."),
    Field("category", "string", "That category; otherwise all."),
    Field("grain", "string", "Length of the period."),
    Field("period", "string", "First day of the period; of a rolling year that of its last month; or all."),
    Field("numerator", "number", "What is counted."),
    Field("denominator", "number", "Out of how many; of a median the number of cases."),
    Field("value", "number", "The figure, unrounded; of a distribution its median."),
    Field("lower", "number", "Lower limit of the 95 % interval; of a distribution the lower quartile."),
    Field("upper", "number", "Upper limit of the 95 % interval; of a distribution the upper quartile."),
    Field(
        "marker",
        "string",
        "[p] provisional, [u] low base, [z] none to divide by, [x] not available, [c] confidential.",
    ),
    Field("unit", "string", "Unit of the value."),
    Field(
        "verdict",
        "string",
        "Signal of its control chart that holds now and whether better or worse; empty without a chart.",
    ),
    Field("sentence", "string", "The figure in words, or why there is none."),
    Field(
        "to_discuss",
        "string",
        "Where a line reported complete and its figures differ; otherwise empty. A district stands apart "
        "where its share lies outside the 99.8 % limits around that of the whole force.",
    ),
)

NAMES = tuple(field.name for field in FIELDS)


def action_plan(
    plan: pd.DataFrame, rows: pd.DataFrame, verdicts: Table, file: str = "action_plan.csv"
) -> Table:
    """The table `action_plan`: a row a line and measure that is evidence for it, or one that says why none.

    `plan` has the columns of the file or of `staging.stg_action_plan`; a column `measures` (separated by ;)
    adds measures to those whose header names the line. The figure is that of the last settled rolling year
    of what happens, of a stock that of the last settled of its shortest periods. Raises ProfilesError naming
    `file`, line and measure where there is no such measure.
    """
    judged = {(row["measure_id"], row["basis"]): row for row in records(verdicts.frame)}
    apart = standing_out(rows)
    held = dict(iter(rows.groupby("measure_id", sort=False)))
    found: list[dict[str, Any]] = []
    numbered = list(enumerate(records(plan), start=2))
    for place, line in sorted(numbered, key=lambda each: order(_line(each[1])["plan_ref"])):
        told = _line(line)
        where = str(line.get("file") or file)
        matched = _matched(line, told["plan_ref"], where, int(line.get("line") or place))
        parts = [
            told | part
            for name, why in matched.items()
            if name in held
            for part in _evidence(held[name], measure(name), why, told, judged, apart)
        ]
        found += parts or [told | _nothing(told, matched)]
    return Table(
        "action_plan",
        "Action plan",
        "Each line of the published plan with the figures that are evidence for it: what is reported stands "
        "beside what is measured, and neither replaces the other.",
        FIELDS,
        pd.DataFrame(found, columns=list(NAMES)),
    )


def _line(line: Mapping[str, Any]) -> dict[str, Any]:
    """The line's own columns; texts are never missing."""
    told: dict[str, Any] = {}
    for name, spellings in COLUMNS.items():
        value = next((line[each] for each in spellings if each in line), None)
        is_missing = value is None or value is pd.NaT or value != value
        if name == "percent_complete":
            told[name] = math.nan if is_missing else float(str(value))
        elif name == "deadline":
            told[name] = None if is_missing or not value else pd.Timestamp(value).date().isoformat()
        else:
            told[name] = "" if is_missing else str(value)
    return told


def refuse_unknown(plan: pd.DataFrame, file: str = "action_plan.csv") -> None:
    """Raise ProfilesError naming file, line and measure where a line names one there is not."""
    for place, line in enumerate(records(plan), start=2):
        _named(line, _line(line)["plan_ref"], str(line.get("file") or file), int(line.get("line") or place))


def _named(line: Mapping[str, Any], ref: str, file: str, number: int) -> list[str]:
    """Measures that the line itself names. Raises ProfilesError where there is no such measure."""
    known = catalogue()
    said = line.get("measures")
    named = [name.strip() for name in said.split(";") if name.strip()] if isinstance(said, str) else []
    for name in named:
        if name not in known:
            raise ProfilesError(
                f"{file}, line {number}, column measures: plan line {ref} names the measure {name!r}, which "
                f"there is not; {nearest(name, known)}"
            )
    return named


def _matched(line: Mapping[str, Any], ref: str, file: str, number: int) -> dict[str, str]:
    """Measures that are evidence for the line and why, those that it names first. Raises ProfilesError."""
    found = dict.fromkeys(_named(line, ref, file, number), NAMED)
    parent = ref.split(".")[0]
    for wanted, why in ((ref, EXACT), (parent, WHOLE)):
        for name, item in catalogue().items():
            if wanted in item.recommendations:
                found.setdefault(name, why)
    return found


def _nothing(told: Mapping[str, Any], matched: Mapping[str, str]) -> dict[str, Any]:
    """The columns of a line without evidence, with the reason."""
    if matched:
        titles = words.listed(measure(name).title for name in matched)
        why = f"{titles} would be evidence, but this snapshot does not hold it"
    elif told["measurability"] == "narrative":
        why = "a narrative: no figure can show it"
    elif told["measurability"] == "needs a feed":
        why = "needs a feed that is not there yet"
    else:
        why = "no measure names this line as its evidence yet"
    blank = dict.fromkeys(NAMES[NAMES.index("measure_id") :], "")
    return blank | dict.fromkeys(FIGURES, math.nan) | {"sentence": words.sentence(why)}


def _evidence(
    part: pd.DataFrame,
    item: Measure,
    why: str,
    told: Mapping[str, Any],
    judged: Mapping[tuple[str, str], Mapping[str, Any]],
    apart: Iterable[Place],
) -> Iterator[dict[str, Any]]:
    """One row of evidence, or one for each category of what is never pooled."""
    basis = bases_of(item)[0]
    has = figures_of(item)
    for mine, dimension, category in _series_of(part[part["basis"] == basis], item, told["plan_ref"]):
        row = _last_settled(mine, item)
        verdict = judged.get((item.measure_id, basis)) if category == ALL else None
        yield {
            "measure_id": item.measure_id,
            "measure_title": item.title,
            "matched": why,
            "basis": basis,
            "dimension": dimension,
            "category": category,
            "grain": row["grain"],
            "period": row["period"],
            **{name: shown(row[name], row["marker"], name in has) for name in FIGURES},
            "marker": row["marker"],
            "unit": item.unit,
            "verdict": _verdict(verdict),
            "sentence": _sentence(item, basis, category, row),
            "to_discuss": " ".join(
                filter(None, (_to_discuss(told, item, row, verdict), *_apart(told, item, why, apart)))
            ),
        }


def _series_of(part: pd.DataFrame, item: Measure, ref: str) -> Iterator[tuple[pd.DataFrame, str, str]]:
    """The series that are evidence: of the force as a whole, or of what is never pooled."""
    if not item.apart:
        yield part[(part["dimension"] == ALL) & (part["category"] == ALL)], ALL, ALL
        return
    first = item.apart[0][0]
    mine = part[part["dimension"] == first]
    if first == "survey":
        mine = mine[mine["category"] == SURVEY]
    wanted = FIELD_OF.get(ref.split(".")[0]) if first == "field" else None
    if wanted:
        mine = mine[mine["category"] == wanted]
    kinds = mine.loc[mine["category"] != ALL, ["category", "category_2"]].drop_duplicates()
    for category, category_2 in zip(kinds["category"].tolist(), kinds["category_2"].tolist(), strict=True):
        each = mine[(mine["category"] == category) & (mine["category_2"] == category_2)]
        yield (each, item.apart[-1][0], category_2) if category_2 else (each, first, category)


def _last_settled(mine: pd.DataFrame, item: Measure) -> dict[str, Any]:
    """The row of the last settled rolling year of what happens, of a stock that of its shortest period.

    Where nothing is settled, the last that has a figure; where nothing has, the last.
    """
    grains = ("month", "quarter", "financial_year", "rolling_year", ALL)
    if item.time == "flow":
        grains = ("rolling_year", "financial_year", "quarter", "month", ALL)
    chosen = next((mine[mine["grain"] == grain] for grain in grains if (mine["grain"] == grain).any()), mine)
    chosen = chosen.sort_values("period", kind="stable")
    settled = chosen[~chosen["marker"].isin(["[p]", "[x]"])]
    known = chosen[chosen["marker"] != "[x]"]
    best = next((each for each in (settled, known, chosen) if len(each)), chosen)
    return records(best.tail(1))[0]


def _verdict(verdict: Mapping[str, Any] | None) -> str:
    return "" if verdict is None else in_short(judging.told(verdict))


def in_short(said: judging.Told) -> str:
    """What holds now as a cell spells it: the signal and its direction, no signal, or not judged."""
    if said.now in (STEADY, TOO_FEW):
        return "no signal" if said.now == STEADY else "not judged"
    return f"{said.signal}, {said.direction}" if said.direction in ("better", "worse") else said.signal


def _sentence(item: Measure, basis: str, category: str, row: Mapping[str, Any]) -> str:
    """Figure, interval, period and basis in words; of a stock the day."""
    name = item.title if category == ALL else f"{item.title}, {category}"
    when = words.period(row["period"], row["grain"])
    if row["grain"] == "rolling_year":
        when = f"the {when[:1].lower()}{when[1:]}"
    if item.time == "stock" and row["grain"] != ALL and row["marker"] != "[p]":
        when = f"on {words.day(date.fromisoformat(last_day_of(row['grain'], row['period'])))}"
    when = "" if row["grain"] == ALL else f", {when}"
    told = f" (basis {words.name(basis).lower()})" if item.bases else ""
    return words.sentence(f"{name}{told}: {figure_words(row)}{when}")


def _to_discuss(
    told: Mapping[str, Any], item: Measure, row: Mapping[str, Any], verdict: Mapping[str, Any] | None
) -> str:
    """A neutral sentence where a line reported complete has worsening figures, or none; otherwise empty."""
    if told["reported_status"].strip().lower() != "complete":
        return ""
    if row["marker"] == "[x]":
        return words.sentence(f"reported complete; {item.title} is not available here to show it")
    said = None if verdict is None else judging.told(verdict)
    if said is None or said.now != WORSENING:
        return _not_all(told, item, row)
    since = words.period(said.since, "month")
    when = f"in {since}" if said.since == said.until else f"since {since}"
    return words.sentence(
        f"reported complete; the control chart of {item.title} shows a change for the worse {when}"
    )


def _apart(told: Mapping[str, Any], item: Measure, why: str, apart: Iterable[Place]) -> Iterator[str]:
    """A neutral sentence for each district that stands apart in what is evidence for this very line.

    None where the line is not reported complete, or where no district is on the worse side.
    """
    if told["reported_status"].strip().lower() != "complete" or why == WHOLE:
        return
    mine = [place for place in apart if place.item.measure_id == item.measure_id]
    if not any(place.direction == "worse" for place in mine):
        return
    for place in mine:
        yield f"Reported complete; {item.title} in {place.district} stands apart: {place.sentence}"


ALL_OF_THEM = re.compile(r"\b(all|always|every)\b", re.IGNORECASE)
"""Words of a requirement that leave no case out."""


def _not_all(told: Mapping[str, Any], item: Measure, row: Mapping[str, Any]) -> str:
    """A neutral sentence where a line asks for every case, and its share is clearly below all of them."""
    is_share = item.unit == "percent" and item.direction == "more_is_better"
    if not is_share or not ALL_OF_THEM.search(told["requirement"]) or not row["upper"] < WHOLE_SHARE:
        return ""
    value = words.number(row["value"], item.unit)
    return words.sentence(f"reported complete for every case; {item.title} stands at {value}")


WHOLE_SHARE = 99.0
"""A share whose interval ends below is clearly not that of all cases."""

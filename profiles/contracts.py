"""Every table the product accepts, declared once.

The generator writes from it, the importer checks against it, the warehouse creates its raw tables
from it and `docs/contract.md` is printed from it. A cell left blank is *not recorded*: it is stored
as null and never turned into "no", "stranger" or 0.
"""

from dataclasses import dataclass
from typing import Literal

Kind = Literal["text", "date", "timestamp", "integer", "number"]

SQL_TYPES: dict[Kind, str] = {
    "text": "varchar",
    "date": "date",
    "timestamp": "timestamp",
    "integer": "bigint",
    "number": "double",
}

YES_NO = ("yes", "no")
SEX = ("female", "male", "other")
RELATIONSHIPS = ("partner", "ex-partner", "family", "acquaintance", "stranger", "unknown")
"""Closest first: a crime with several suspects takes the closest (domain: typology)."""
MODES = ("online", "both", "offline")
MOTIVES = (
    "rejected",
    "resentful",
    "intimacy seeker",
    "incompetent suitor",
    "predatory",
)
RISK_GRADES = ("standard", "medium", "high")
SURVEYS = ("stalking", "domestic abuse")
STAGES = (
    "first contact",
    "speed of response",
    "actions",
    "follow-up",
    "treatment",
    "safeguarding",
    "signposting",
    "whole experience",
)
SPO_EVENTS = (
    "considered",
    "referred",
    "applied",
    "interim granted",
    "interim refused",
    "granted",
    "refused",
    "withdrawn",
    "served",
    "varied",
    "renewed",
    "discharged",
    "expired",
    "breached",
)
SUPPORT_STATUS = ("referred", "opted out", "unsafe to contact", "not transferred")
PLAN_STATUS = ("not started", "in progress", "complete", "on hold")
FORUMS = ("MASIP", "MARAC", "MATAC", "MAPPA")

DEFAULT_TARGETS = ("8Q", "195/12", "8/65", "8/66")
"""Home Office class 8Q Stalking and its sub-codes."""


@dataclass(frozen=True)
class Column:
    """One column: its type, whether it may be blank, what it may hold, and a sentence."""

    name: str
    kind: Kind
    about: str
    required: bool = False
    allowed: tuple[str, ...] = ()
    minimum: float | str | None = None
    maximum: float | str | None = None
    must_not_hold: str = ""
    """A regular expression of what looks like a person or a case, in a text that leaves in a snapshot."""
    longest: int = 0
    """Letters it may have; 0: any number."""
    is_code: bool = False
    """A classification or outcome code, which a spreadsheet may have turned into a date."""
    may_be_future: bool = False
    """A day that may lie after the extract's own date."""
    is_identifier: bool = False
    """A reference or pseudonym that ties records together: what nobody sees in it must not part them."""
    is_percent: bool = False
    """A figure in per cent: `45%` is 45."""
    unit_in: str = ""
    """The column that names the figure's unit; where that is per cent, `45%` is 45."""


ALL_ROWS = "all rows"
"""What a file of a table replaces when it replaces the whole of it."""


@dataclass(frozen=True)
class Table:
    """One table. `key` is unique; rows sharing `unit` are superseded together by a newer extract.

    `date` places a row in time; `parent` names the table that must hold its reference; a record of a table
    that `needs_parent` is rejected where it does not. Tables with `is_reference` are in every new warehouse,
    most filled from `sample_data/`, and an import may replace them. `replaced_by` says what of them a file
    replaces whatever its date: `ALL_ROWS`, or the rows that share its values in the column of that name.
    `adds_up` names figures of which several rows under one key are parts of a sum.
    """

    name: str
    about: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    unit: tuple[str, ...]
    date: str | None = None
    parent: str | None = None
    is_reference: bool = False
    needs_parent: bool = False
    adds_up: tuple[str, ...] = ()
    replaced_by: str = ""
    stands: bool = False
    """A row holds until a newer one: a month without any is no gap."""

    def column(self, name: str) -> Column:
        """The column of that name; KeyError when there is none."""
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(name)

    @property
    def names(self) -> tuple[str, ...]:
        """Column names in the declared order."""
        return tuple(column.name for column in self.columns)

    @property
    def is_dated_by_crime(self) -> bool:
        """Whether a row, which has no date of its own, is dated by the crime it must belong to."""
        return self.date is None and self.parent == "crimes" and "crime_ref" in self.key


def _text(name: str, about: str, allowed: tuple[str, ...] = (), required: bool = False) -> Column:
    return Column(name, "text", about, required, allowed)


def _identifier(name: str, about: str, required: bool = False) -> Column:
    return Column(name, "text", about, required, is_identifier=True)


def _code(name: str, about: str, required: bool = False) -> Column:
    return Column(name, "text", about, required, is_code=True)


def _date(
    name: str,
    about: str,
    required: bool = False,
    earliest: str = "2000-01-01",
    may_be_future: bool = False,
) -> Column:
    return Column(name, "date", about, required, minimum=earliest, may_be_future=may_be_future)


def _at(name: str, about: str, required: bool = False) -> Column:
    return Column(name, "timestamp", about, required, minimum="2000-01-01")


_CRIME_REF = _identifier("crime_ref", "the crime's reference in the source system", required=True)

CRIMES = Table(
    "crimes",
    "one recorded crime",
    (
        _CRIME_REF,
        _date("recorded_date", "day the crime was recorded; every trend runs on it", required=True),
        _at("reported_at", "when the report reached the police"),
        _date("committed_from", "earliest day of the offence", earliest="1900-01-01"),
        _date("committed_to", "latest day of the offence", earliest="1900-01-01"),
        _code("ho_class", "Home Office class of the principal crime, such as 8Q", required=True),
        _code("ho_code", "Home Office sub-code of the principal crime, such as 195/12"),
        _text("offence_title", "the source's title of the principal crime"),
        _text(
            "record_status",
            "recorded, cancelled (no crime) or transferred to another force; blank is recorded",
            ("recorded", "cancelled", "transferred"),
        ),
        _text("domestic_abuse_flag", "flagged as domestic abuse", YES_NO),
        _text("mode", "online, offline or both", MODES),
        _text("relationship", "suspect's relationship to the victim, where kept on the crime", RELATIONSHIPS),
        _text("motive", "the analyst's type of stalker (Mullen); never inferred", MOTIVES),
        _text("platform", "online platform used, as named by the source"),
        _text("district", "local authority district of the crime"),
        _text("beat", "the source's beat or ward"),
        _text("location_type", "type of place"),
        _text("team", "team the crime is allocated to"),
        _text("spo_considered", "a stalking protection order was considered", YES_NO),
        _text("four_markers", "fixated, obsessive, unwanted, repeated: all present", YES_NO),
        _text("impact_statement", "a victim personal statement is recorded", YES_NO),
        _text("screened", "screened for hidden stalking", YES_NO),
    ),
    key=("crime_ref",),
    unit=("crime_ref",),
    date="recorded_date",
)

INCLUDED = Table(
    "included_classifications",
    "one further classification on a crime recorded as something else or as the same (0..n a crime)",
    (
        _CRIME_REF,
        Column("position", "integer", "place in the source's list, from 1", True, minimum=1),
        _code("classification", "class or sub-code as exported, such as 8Q or 8/65", required=True),
    ),
    key=("crime_ref", "position"),
    unit=("crime_ref",),
    parent="crimes",
)

VICTIMS = Table(
    "crime_victims",
    "one victim of one crime",
    (
        _CRIME_REF,
        _identifier("victim_id", "pseudonym, the same for a person across crimes", required=True),
        _text("victim_type", "person or organisation; blank is person", ("person", "organisation")),
        _text("sex", "recorded sex", SEX),
        Column("age", "integer", "age in years at the report", minimum=0, maximum=120),
    ),
    key=("crime_ref", "victim_id"),
    unit=("crime_ref",),
    parent="crimes",
)

SUSPECTS = Table(
    "crime_suspects",
    "one identified suspect of one crime, towards one victim where the source says which",
    (
        _CRIME_REF,
        _identifier("suspect_id", "pseudonym, the same for a person across crimes", required=True),
        _identifier("victim_id", "the victim the relationship is to, where known"),
        _text("sex", "recorded sex", SEX),
        Column("age", "integer", "age in years at the report", minimum=0, maximum=120),
        _text("relationship", "relationship to the victim", RELATIONSHIPS),
        _date("identified_date", "day the suspect was identified"),
        _date("arrest_date", "day of arrest; blank if not arrested"),
        _date("dealt_with_date", "day the suspect stopped being outstanding"),
    ),
    key=("crime_ref", "suspect_id", "victim_id"),
    unit=("crime_ref",),
    parent="crimes",
)

RISK = Table(
    "risk_assessments",
    "one risk assessment of one crime",
    (
        _CRIME_REF,
        _at("assessed_at", "when it was made", required=True),
        _text("risk_tool", "instrument used, as named by the source"),
        _text("risk_grade", "grade given", RISK_GRADES),
    ),
    key=("crime_ref", "assessed_at", "risk_tool"),
    unit=("crime_ref",),
    date="assessed_at",
    parent="crimes",
)

OUTCOMES = Table(
    "outcomes",
    "one outcome assigned to one crime; the latest counts",
    (
        _CRIME_REF,
        _date("outcome_date", "day it was assigned", required=True),
        _code("outcome_code", "Home Office outcome number, such as 1, 1a or 16", required=True),
    ),
    key=("crime_ref", "outcome_date", "outcome_code"),
    unit=("crime_ref",),
    date="outcome_date",
    parent="crimes",
)

ALLOCATIONS = Table(
    "allocations",
    "one allocation of one crime to a team",
    (
        _CRIME_REF,
        _date("allocated_date", "day of allocation", required=True),
        _text("team", "team it went to"),
        _text("is_specialist", "the team is a specialist stalking or public protection team", YES_NO),
    ),
    key=("crime_ref", "allocated_date", "team"),
    unit=("crime_ref",),
    date="allocated_date",
    parent="crimes",
)

REVIEWS = Table(
    "supervisor_reviews",
    "one supervisor's review of one crime, due or done",
    (
        _CRIME_REF,
        _date("due_date", "day it was due", required=True, may_be_future=True),
        _date("reviewed_date", "day it was done; blank if not yet"),
    ),
    key=("crime_ref", "due_date"),
    unit=("crime_ref",),
    date="due_date",
    parent="crimes",
)

SUPPORT = Table(
    "support",
    "what one victim of one crime was offered",
    (
        _CRIME_REF,
        _identifier("victim_id", "pseudonym of the victim", required=True),
        _text("needs_assessment", "victim needs assessment completed", YES_NO),
        _date("needs_assessment_date", "day of the needs assessment"),
        _text("care_card", "victim care card issued", YES_NO),
        _date("care_card_date", "day the care card was issued"),
        _text(
            "referral_status",
            "generic service: referred, opted out, unsafe to contact or not transferred",
            SUPPORT_STATUS,
        ),
        _date("referral_date", "day of referral to the generic service"),
        _text("specialist_referral", "referred to a specialist stalking advocate", YES_NO),
        _date("specialist_referral_date", "day of referral to the specialist advocate"),
    ),
    key=("crime_ref", "victim_id"),
    unit=("crime_ref",),
    # What is known of the time before the first referral is that no feed was kept.
    date="referral_date",
    parent="crimes",
)

ORDERS = Table(
    "spo_orders",
    "one stalking protection order, from the moment it is considered",
    (
        _identifier("order_id", "the order's reference in the force's tracker", required=True),
        _identifier("crime_ref", "the crime it arose from"),
        _identifier("suspect_id", "pseudonym of the person it concerns"),
        _text("district", "local authority district"),
        _date("expiry_date", "last day of the full order; blank is until further order", may_be_future=True),
        _text("contested", "the respondent contested it", YES_NO),
        _text("victim_supports", "the victim supports it", YES_NO),
        _text("reason", "reason for withdrawal or refusal, from the tracker's list"),
    ),
    key=("order_id",),
    unit=("order_id",),
    parent="crimes",
)

ORDER_EVENTS = Table(
    "spo_events",
    "one step in an order's life",
    (
        _identifier("order_id", "the order's reference in the force's tracker", required=True),
        _date("event_date", "day of the step", required=True),
        _text("event", "the step", SPO_EVENTS, required=True),
    ),
    key=("order_id", "event_date", "event"),
    unit=("order_id",),
    date="event_date",
    parent="spo_orders",
)

SURVEY = Table(
    "survey_answers",
    "one person's answer about one stage; no verbatims are accepted",
    (
        _identifier("response_id", "pseudonym of the response", required=True),
        _text("survey", "which survey; the two are never pooled", SURVEYS, required=True),
        _date("surveyed_date", "day of the interview", required=True),
        _text("stage", "what the question is about", STAGES, required=True),
        Column("score", "integer", "1 to 7; 5, 6 and 7 are satisfied", minimum=1, maximum=7),
        _text("no_answer", "why there is no score", ("don't know", "refused")),
        _text("district", "local authority district"),
    ),
    key=("response_id", "survey", "stage"),
    unit=("response_id", "survey"),
    date="surveyed_date",
)

CALLS = Table(
    "calls",
    "one call or contact with a stalking type",
    (
        _identifier("call_id", "the control room's reference", required=True),
        _date("call_date", "day of the call", required=True),
        _text("call_type", "type given by the control room"),
        _identifier("crime_ref", "crime recorded from it, if any"),
        _text("district", "local authority district"),
    ),
    key=("call_id",),
    unit=("call_id",),
    date="call_date",
)

PARTNERS = Table(
    "partner_referrals",
    "one referral of a case to a multi-agency forum",
    (
        _identifier("referral_id", "the forum's reference", required=True),
        _identifier("crime_ref", "the crime it arose from"),
        _text("forum", "the forum", FORUMS, required=True),
        _date("referral_date", "day of referral", required=True),
        _text("district", "local authority district"),
    ),
    key=("referral_id",),
    unit=("referral_id",),
    date="referral_date",
)

TRAINING = Table(
    "training",
    "staff of one role trained in one course by a date (optional feed; counts, no names)",
    (
        _text("role", "role or rank", required=True),
        _text("course", "the course", required=True),
        _date("counted_date", "day of the count", required=True),
        Column("eligible", "integer", "staff who should complete it", True, minimum=0),
        Column("completed", "integer", "of these, staff who have", True, minimum=0),
    ),
    key=("role", "course", "counted_date"),
    unit=("role", "course", "counted_date"),
    date="counted_date",
    stands=True,
    adds_up=("eligible", "completed"),
)

ACTION_PLAN = Table(
    "action_plan",
    "one line of the force's published plan",
    (
        _identifier("ref", "recommendation and line, such as 13.2", required=True),
        _date("deadline", "day it is due", may_be_future=True),
        _text("requirement", "what is required", required=True),
        _text("owner", "who owns it"),
        _text("position", "where it stands, in the plan's words"),
        _text("status", "status as published"),
        Column(
            "percent_complete",
            "number",
            "per cent complete as published",
            minimum=0,
            maximum=100,
            is_percent=True,
        ),
        _text(
            "measurability",
            "what the product can show for it",
            ("measured", "partly", "needs a feed", "narrative"),
        ),
        _text("updated", "month of the last update"),
        _text("measures", "measures that are evidence for it beside those we know, separated by ;"),
    ),
    key=("ref",),
    unit=("ref",),
    is_reference=True,
    replaced_by=ALL_ROWS,
)

PERSONAL = (
    r"[^\s@]+@[^\s@]+\.[a-z]"  # an e-mail address
    r"|(\+44|\b0)([ ()-]{0,2}\d){9,}"  # a telephone number, however it is spaced; not two days
    r"|\b\d{2}/\d{4,6}/\d{2}\b|\b\d{2}/\d{5,}"  # a crime reference such as 46/012345/26; not 30/06/2026
    r"|\b[a-z]+\d{5,}|\d{7,}"  # any other long reference
    r"|\b[a-pr-uwyz][a-z]?\d[a-z0-9]? ?\d[a-z]{2}\b"  # a postcode
)
"""What a note on a line of the plan must not hold: e-mail, telephone, reference of a crime, postcode."""

ACTION_PLAN_UPDATES = Table(
    "action_plan_updates",
    "one report on a line of the plan; every version stays, an edited one is another",
    (
        _identifier("ref", "line of the plan, such as 13.2", required=True),
        _date("updated_on", "day of the report", required=True, may_be_future=True),
        _text("status", "status reported", PLAN_STATUS, required=True),
        Column(
            "percent_complete",
            "number",
            "per cent complete reported",
            minimum=0,
            maximum=100,
            is_percent=True,
        ),
        Column(
            "note",
            "text",
            "the owner's words; they leave in snapshots: no names, no case",
            must_not_hold=PERSONAL,
            longest=300,
        ),
    ),
    key=("ref", "updated_on", "status", "percent_complete", "note"),
    unit=("ref", "updated_on", "status", "percent_complete", "note"),
    parent="action_plan",
    is_reference=True,
    needs_parent=True,
)

BREAKS = Table(
    "breaks",
    "one change of rules or event that a time series must show",
    (
        _date("date", "day it took effect", required=True, may_be_future=True),
        _text(
            "effect",
            "rebase restarts limits and projections, annotate only marks",
            ("rebase", "annotate"),
            required=True,
        ),
        _text("applies_to", "series it applies to, separated by semicolons", required=True),
        _text("title", "a few words", required=True),
        _text("explanation", "a sentence for the reader"),
        _text("published_by", "the source: who says so"),
        _text("verified", "whether the source has been read", ("yes", "partly", "no")),
    ),
    key=("date", "title"),
    unit=("date", "title"),
    date="date",
    is_reference=True,
    replaced_by="published_by",
)

COMPARATORS = Table(
    "comparators",
    "one published figure for one area and period; national figures are principal-only",
    (
        _text("series", "what is counted", required=True),
        _text("area", "area it is for", required=True),
        _text("class", "Home Office class, where it is a count of one"),
        _text("period", "period as published", required=True),
        _date("period_start", "first day of the period", earliest="1900-01-01", may_be_future=True),
        _date("period_end", "last day of the period", True, earliest="1900-01-01", may_be_future=True),
        _text("basis", "counting basis", ("principal", "included_only", "any")),
        Column("value", "number", "the figure", True, unit_in="unit"),
        _text("unit", "unit of the figure", required=True),
        _text("comparable_with_previous", "yes, or no and why"),
        _text("published_by", "the source: who published it", required=True),
    ),
    key=("series", "area", "class", "period", "published_by"),
    unit=("series", "area", "class", "period", "published_by"),
    date="period_end",
    is_reference=True,
    replaced_by="published_by",
    adds_up=("value",),
)

POPULATION = Table(
    "population",
    "residents of one district in one year",
    (
        _text("district", "local authority district", required=True),
        _text("lad_code", "ONS code of the district"),
        Column("year", "integer", "mid-year the estimate is for", True, minimum=1990, maximum=2100),
        Column("residents", "integer", "usual residents", True, minimum=0),
    ),
    key=("district", "year"),
    unit=("district", "year"),
    is_reference=True,
    replaced_by=ALL_ROWS,
    adds_up=("residents",),
)

TABLES: dict[str, Table] = {
    table.name: table
    for table in (
        CRIMES,
        INCLUDED,
        VICTIMS,
        SUSPECTS,
        RISK,
        OUTCOMES,
        ALLOCATIONS,
        REVIEWS,
        SUPPORT,
        ORDERS,
        ORDER_EVENTS,
        SURVEY,
        CALLS,
        PARTNERS,
        TRAINING,
        ACTION_PLAN,
        ACTION_PLAN_UPDATES,
        BREAKS,
        COMPARATORS,
        POPULATION,
    )
}

LINEAGE: dict[str, str] = {
    "source": "varchar",
    "extract_date": "date",
    "file_id": "integer",
    "line": "bigint",
}
"""Columns every raw table has after its own: mapping name, extract date, file and line it came from."""


@dataclass(frozen=True)
class Capability:
    """Something a source can or cannot carry; a measure that needs an absent one answers `[x]`.

    It is there when the mapping declares it (or maps all of `columns`) and `feed` holds rows.
    """

    name: str
    about: str
    feed: str
    columns: tuple[str, ...] = ()


CAPABILITIES: dict[str, Capability] = {
    capability.name: capability
    for capability in (
        Capability("stalking_class", "stalking is a class of its own", "crimes", ("ho_class",)),
        Capability("included_classifications", "further classifications are kept", "crimes"),
        Capability("districts", "the district of a crime is kept", "crimes", ("district",)),
        Capability("mode", "online or offline is recorded", "crimes", ("mode",)),
        Capability("domestic_abuse_flag", "domestic abuse is flagged", "crimes", ("domestic_abuse_flag",)),
        Capability("relationship", "the relationship is recorded", "crimes"),
        Capability("victims", "victims are linked", "crime_victims", ("victim_id",)),
        Capability("suspects", "suspects are linked", "crime_suspects", ("suspect_id",)),
        Capability(
            "spo_considered", "it is recorded whether an order was considered", "crimes", ("spo_considered",)
        ),
        Capability("impact_statement", "victim statements are recorded", "crimes", ("impact_statement",)),
        Capability("arrests", "arrests are recorded", "crime_suspects", ("arrest_date",)),
        Capability(
            "identification_days",
            "the day a suspect was identified is kept",
            "crime_suspects",
            ("identified_date",),
        ),
        Capability("report_times", "reports carry a time of day", "crimes", ("reported_at",)),
        Capability("risk", "risk assessments are kept", "risk_assessments", ("assessed_at",)),
        Capability("outcomes", "outcomes are kept", "outcomes", ("outcome_code",)),
        Capability("allocations", "allocations are kept", "allocations", ("allocated_date",)),
        Capability("supervisor_reviews", "supervisor reviews are kept", "supervisor_reviews", ("due_date",)),
        Capability("support", "support and referrals are kept", "support", ("referral_status",)),
        Capability("orders", "protection orders and their steps are kept", "spo_events", ("event",)),
        Capability("survey", "victims are surveyed", "survey_answers", ("score",)),
        Capability("calls", "calls carry a stalking type", "calls", ("call_id",)),
        Capability(
            "partner_referrals", "multi-agency referrals are kept", "partner_referrals", ("referral_id",)
        ),
        Capability("training", "training is counted", "training", ("completed",)),
    )
}


def _replacement(table: Table) -> str:
    """The sentence that says what an import of the table replaces."""
    if not table.replaced_by:
        return f"A newer extract replaces all rows of the same {', '.join(table.unit)}."
    if table.replaced_by == ALL_ROWS:
        return "A file replaces all rows, whatever its date."
    return f"A file replaces all rows of the same {table.replaced_by}, whatever its date."


def described() -> str:
    """The whole contract as Markdown: a section a table, a line a column (`docs/contract.md`)."""
    lines = [
        "# The contract: every table the product accepts",
        "",
        "Printed by `stalking-profiles contract` from `profiles/contracts.py`. "
        "A blank cell is *not recorded*.",
    ]
    for table in TABLES.values():
        lines += ["", f"## {table.name}", "", f"One row is {table.about}."]
        key = f"Unique by {', '.join(table.key)}."
        unit = f" {_replacement(table)}"
        parent = f" Belongs to {table.parent}." if table.parent else ""
        lines += [
            "",
            key + unit + parent,
            "",
            "| column | type | may hold | what it is |",
            "|---|---|---|---|",
        ]
        for column in table.columns:
            need = "required" if column.required else ""
            allowed = ", ".join(column.allowed)
            bounds = [f"from {column.minimum}"] if column.minimum is not None else []
            bounds += [f"to {column.maximum}"] if column.maximum is not None else []
            if column.kind in ("date", "timestamp") and not column.may_be_future:
                bounds.append("not after the extract")
            if column.longest:
                bounds.append(f"at most {column.longest} letters")
            holds = "; ".join(part for part in (need, allowed, ", ".join(bounds)) if part)
            lines.append(f"| {column.name} | {column.kind} | {holds} | {column.about} |")
    lines += [
        "",
        "## Capabilities",
        "",
        "A measure that needs one its source lacks answers `[x]`, not 0.",
        "",
    ]
    lines += ["| capability | what it says | table it needs |", "|---|---|---|"]
    lines += [f"| {item.name} | {item.about} | {item.feed} |" for item in CAPABILITIES.values()]
    return "\n".join(lines) + "\n"

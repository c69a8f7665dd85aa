"""Sections on the response: risk, investigation, outcomes, orders, partners; and the comparison."""

from collections.abc import Iterator

from profiles import words
from profiles.report import tables
from profiles.report.courses import monthly, years_table
from profiles.report.demand import CRIMES
from profiles.report.figures import breakdown
from profiles.report.model import Blank, Block, Cell, Heading, Table, Text
from profiles.report.reading import Source, figure, has_figure
from profiles.report.tables import head

TABLES = (
    ("Risk", ("risk_assessed", "risk_assessed_24h", "risk_assessed_72h")),
    (
        "Investigation",
        (
            "days_to_allocate",
            "allocated_in_two_days",
            "specialist_allocation",
            "supervisor_review_on_time",
            "impact_statement_rate",
            "outcome_in_90_days",
            "days_to_outcome",
        ),
    ),
    (
        "Outcomes",
        (
            "charge_rate",
            "charge_rate_90",
            "charge_rate_180",
            "charge_rate_365",
            "charge_rate_closed",
            "victim_does_not_support",
            "time_limit_expired",
        ),
    ),
    (
        "Stalking protection orders",
        (
            "spo_considered",
            "spo_per_100_crimes",
            "spo_applications",
            "spo_interim_granted",
            "spo_granted",
            "spo_refused",
            "spo_withdrawn",
            "spo_active",
            "spo_expiring",
            "spo_granted_to_date",
        ),
    ),
    (
        "How orders go",
        (
            "spo_days_to_application",
            "spo_days_to_order",
            "spo_applied_in_28_days",
            "spo_granted_in_56_days",
            "spo_breach_rate",
        ),
    ),
    (
        "Partners, calls and training",
        (
            "multi_agency_referrals",
            "masip_referrals",
            "stalking_calls",
            "calls_recorded_as_crime",
            "training_completed",
        ),
    ),
)


def response(source: Source) -> Iterator[Block]:
    """What the force does."""
    yield Heading(1, "Response", "response")
    told = dict(TABLES)
    yield from years_table(source, "Risk", told["Risk"])
    yield from breakdown(
        source, "risk_grades", "risk_grade", "Risk grades", first="Risk grade", is_sorted=False
    )
    yield from years_table(source, "Investigation", told["Investigation"])
    yield from years_table(source, "Outcomes", told["Outcomes"])
    yield from breakdown(
        source,
        "outcomes_recorded",
        "outcome_group",
        "Outcomes so far of the crimes recorded in the year",
        first="Outcome group",
        notes=("Counted as recorded: outcomes so far of the crimes recorded in the year; they may change.",),
    )
    yield from years_table(source, "Stalking protection orders", told["Stalking protection orders"])
    yield from monthly(source, "spo_considered", "Was an order considered, month by month")
    yield from breakdown(
        source,
        "spo_steps",
        "step",
        "The way towards an order",
        first="Step",
        is_sorted=False,
        notes=(
            "Suspects of crimes recorded in the year; the last six months are open: orders may still come.",
        ),
    )
    yield from years_table(source, "How orders go", told["How orders go"])
    yield from years_table(source, "Partners, calls and training", told["Partners, calls and training"])
    yield from breakdown(
        source, "multi_agency_referrals", "forum", "Referrals to multi-agency forums", first="Forum"
    )
    yield Blank("what works, what does not, and what partners say of it")


def comparison(source: Source) -> Iterator[Block]:
    """Published figures beside the force's own: principal crimes only."""
    yield Heading(1, "Comparison", "comparison")
    yield Text(
        (
            "Published national figures count principal crimes only: they are compared with the basis "
            "principal, never with any. Areas are compared by how they move, not by size.",
        )
    )
    rows = []
    every = []
    own = {row["period"]: row for row in source.whole(CRIMES, "financial_year", "principal")}
    for category in source.categories("published_crimes", "comparator"):
        for row in source.of("published_crimes", "financial_year", "comparator", category):
            if not has_figure(row):
                continue
            every.append(row)
            mine = own.get(row["period"])
            # A wider group of offences is no measure of stalking, whatever stands beside it.
            is_alike = "recorded stalking" in category
            other = figure(mine) if mine and has_figure(mine) else "[x]"
            other = other if is_alike else "–"
            rows.append(
                (
                    head(category),
                    Cell(((words.period(row["period"], "financial_year"),),)),
                    Cell(((figure(row),),), is_number=True),
                    Cell(((other,),), is_number=True),
                )
            )
            every += [mine] if mine else []
    if rows:
        yield Table(
            "Published crimes beside those of this force, principal crimes",
            ("Area, series and source", "Financial year", "Published", "This force"),
            tuple(rows),
            (0.52, 0.16, 0.16, 0.16),
            (
                f"Basis: principal. Financial years. This force as at {tables.day(source)}; [x] where it has "
                "no figure of that year, – where the series counts more than stalking. Published figures "
                "have no interval.",
                *tables.break_note(every),
            ),
        )
    else:
        yield Text(("The snapshot holds no published figures to compare with.",))
    beside = [
        (
            head(f"{source.title(name)}: {category}"),
            Cell(((words.period(row["period"], "month"),),)),
            Cell(((figure(row),),), is_number=True),
        )
        for name in ("published_orders", "published_referral_rate")
        for category in source.categories(name, "area")
        for row in source.of(name, "month", "area", category)
        if has_figure(row)
    ]
    if beside:
        yield Table(
            "Other published figures",
            ("Series and area", "Month", "Published"),
            tuple(beside),
            (0.6, 0.2, 0.2),
            ("How these were counted, and out of what, is not known: they are no target.",),
        )
    if source.holds("referral_rate"):
        yield from breakdown(
            source,
            "referral_rate",
            "district",
            "Districts beside each other: referral to victim support",
            first="District",
            whole="The force",
        )
    yield Blank("which forces are most similar, and what their problem profiles say")

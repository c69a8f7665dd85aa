"""Sections on those concerned: victims, offenders, places and time, and linked offences."""

from collections.abc import Iterator

from profiles.report.courses import monthly, years_table
from profiles.report.demand import CRIMES
from profiles.report.figures import breakdown
from profiles.report.model import Blank, Block, Heading, Points, Text
from profiles.report.reading import Source
from profiles.report.tables import Rows


def victims(source: Source) -> Iterator[Block]:
    """Who is harmed, how often again, and which support they reach."""
    yield Heading(1, "Victims", "victims")
    yield from years_table(
        source,
        "Victims and their support",
        (
            "stalking_victims",
            "needs_assessment_rate",
            "care_card_rate",
            "referral_rate",
            "referral_rate_of_eligible",
            "referral_rate_specialist",
            "referred_in_two_days",
            "referral_days",
            "support_declined",
        ),
    )
    yield from monthly(source, "referral_rate", "Referral to victim support, month by month")
    yield from breakdown(
        source, "stalking_victims", "referral_status", "What became of the referral", first="Referral"
    )
    yield from breakdown(source, CRIMES, "repeat_victim", "Repeat victims", first="Repeat victim")
    yield from _voice(source)
    yield Blank(
        "who the victims are: age, sex, ethnicity, disability, occupation, where counts allow",
        "The snapshot holds no breakdown of victims by personal characteristics; use records under your "
        "own access, and withhold counts of 1 to 4.",
    )


def _voice(source: Source) -> Iterator[Block]:
    """Satisfaction by survey and stage in the newest rolling year; the surveys are never pooled."""
    for survey in source.categories("satisfied_overall", "survey"):
        stages = source.by_measure["satisfied"] if source.holds("satisfied") else None
        title = f"Satisfaction: the survey on {survey.replace('_', ' ')}"
        overall = {"Whole experience": source.of("satisfied_overall", "rolling_year", "survey", survey)}
        found: dict[str, Rows] = {}
        if stages is not None:
            mine = stages[stages["category"] == survey]
            for stage in dict.fromkeys(mine["category_2"].tolist()):
                found[stage] = source.of("satisfied", "rolling_year", "survey", survey, stage)
        yield from breakdown(
            source,
            "satisfied" if found else "satisfied_overall",
            "survey",
            title,
            first="Stage",
            grain="rolling_year",
            found=found or overall,
            notes=("Answers of the top three of seven points; don't know and refused are left out.",),
        )


def offenders(source: Source) -> Iterator[Block]:
    """What is known of suspects."""
    yield Heading(1, "Offenders", "offenders")
    yield from years_table(
        source,
        "Suspects",
        ("crimes_with_suspect", "arrest_rate", "outstanding_suspects"),
    )
    yield Text(
        (
            "The relationship of suspects to victims is under Typology. The snapshot counts neither repeat "
            "suspects (the same victim again) nor serial suspects (two victims or more): see "
            "Intelligence gaps.",
        )
    )
    yield Blank(
        "who offends: repeat and serial suspects, risk, other offending, orders in force",
        "Name nobody here. Ranked people belong in the analyst's own material only.",
    )


def places(source: Source) -> Iterator[Block]:
    """Where and when."""
    yield Heading(1, "Locations and time", "locations-and-time")
    yield from breakdown(
        source,
        "stalking_rate",
        "district",
        "Crimes for every 1,000 residents",
        first="District",
        whole="The force",
    )
    yield from breakdown(source, CRIMES, "district", "Crimes by district", first="District")
    yield Text(
        (
            "Months are under Scale and trend. The snapshot holds no hour, weekday or type of place: see "
            "Intelligence gaps.",
        )
    )
    yield Blank("what explains the differences between districts, and which of them are more than chance")


def linked(source: Source) -> Iterator[Block]:
    """Other offences: those that hide stalking, and breaches."""
    yield Heading(1, "Linked offences", "linked-offences")
    yield from breakdown(
        source,
        CRIMES,
        "principal_class",
        "Principal crimes that hide stalking",
        first="Principal class",
        notes=("Classes are those of the Home Office counting rules, by their codes.",),
        basis="included_only",
    )
    yield from years_table(
        source,
        "Included classifications and breaches",
        ("with_included_share", "included_uplift", "spo_breaches"),
    )
    yield Points(
        (
            (
                "Breaches of other orders, harassment and malicious communications by the same suspect are "
                "not linked.",
            ),
            (
                "Stalking that no classification shows at all is not found: that takes a search of similar "
                "crimes.",
            ),
        )
    )
    yield Blank(
        "which offences come before and after stalking by the same suspect or against the same victim"
    )

"""Columns of a file nobody has mapped: which column of the contract each most likely is."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from profiles import contracts

SYNONYMS: dict[str, str] = {
    "crime_ref": "investigation ref, crime number, occurrence no, niche ref, urn, crime id, case no, "
    "incident no, report no, record id, ref, id",
    "crimes.recorded_date": "date recorded, created date, crime recorded date, recorded, created, "
    "date created, entry date, date entered, logged date, date logged, input date, opened date, date opened",
    "crimes.reported_at": "reported date, date reported, reported date time, report date, reported",
    "crimes.committed_from": "earliest committed, committed from, date committed from, offence start, "
    "offence start date, offence from, offence date, date committed",
    "crimes.committed_to": "latest committed, committed to, date committed to, offence end, "
    "offence end date, offence to",
    "crimes.ho_class": "ho class, home office class, hocr, class, principal classification, classification, "
    "principal offence, offence class, crime class, crime type, offence code, crime code, charge code, "
    "offence",
    "crimes.ho_code": "ho code, home office code, ho offence code, ho sub code, offence code, charge code",
    "crimes.offence_title": "offence title, offence description, classification description, "
    "crime description, classification, offence",
    "crimes.record_status": "status, record status, crime status, occurrence status, investigation status",
    "crimes.domestic_abuse_flag": "da flag, dv flag, da, domestic abuse, domestic violence, "
    "domestic abuse flag, domestic violence flag, domestic flag, domestic",
    "crimes.mode": "online flag, cyber flag, cyber, internet involved, online, cyber crime flag, "
    "cyber enabled",
    "crimes.motive": "motive, stalker type, mullen type",
    "crimes.platform": "platform, online platform",
    "crimes.beat": "beat, beat code, ward, lsoa name, neighbourhood",
    "crimes.location_type": "location type, premises type, place type",
    "crimes.four_markers": "four, four markers",
    "crimes.impact_statement": "vps, vps recorded, impact statement, victim personal statement",
    "crimes.screened": "screened, stalking screened",
    "district": "district, local authority, lad, borough, council",
    "team": "oic team, team, owning unit, investigating team, investigating unit, allocated team",
    "relationship": "relationship, relationship to victim, suspect relationship, "
    "suspect relationship to victim, victim suspect relationship, link to victim",
    "included_classifications.classification": "included classification, included offence, "
    "additional offence, additional classification, secondary offence, secondary classification, "
    "further offence, other offence",
    "victim_id": "victim id, victim person id, victim urn, victim",
    "crime_victims.sex": "victim sex",
    "crime_victims.age": "victim age, victim age at report, victim age at offence",
    "suspect_id": "suspect id, suspect person id, suspect urn, suspect, respondent id",
    "crime_suspects.sex": "suspect sex",
    "crime_suspects.age": "suspect age, suspect age at report, suspect age at offence",
    "crime_suspects.identified_date": "suspect identified date, identified date",
    "crime_suspects.arrest_date": "arrest date, suspect arrest date, arrested date",
    "crime_suspects.dealt_with_date": "dealt with date, suspect dealt with date",
    "risk_assessments.assessed_at": "risk date, assessment date, assessment date time, "
    "risk assessment date, dash date",
    "risk_assessments.risk_tool": "risk tool, assessment tool, form type",
    "risk_assessments.risk_grade": "risk grade, risk level, risk, dash grade",
    "outcomes.outcome_date": "finalised date, outcome date, disposal date",
    "outcomes.outcome_code": "outcome type, outcome code, outcome, disposal, disposal code",
    "allocations.allocated_date": "allocated date, date allocated",
    "allocations.is_specialist": "specialist team",
    "supervisor_reviews.due_date": "supervisor review due, review due date, supervisor review due date",
    "supervisor_reviews.reviewed_date": "supervisor review date, review date",
    "support.needs_assessment": "vna completed, vna, needs assessment",
    "support.needs_assessment_date": "vna date, needs assessment date",
    "support.care_card": "vcc issued, vcc, care card, care card issued",
    "support.care_card_date": "vcc date, care card date",
    "support.referral_status": "referral status, support status",
    "referral_date": "referral date, date referred",
    "support.specialist_referral": "specialist referral, isac referral",
    "support.specialist_referral_date": "specialist referral date, isac referral date",
    "order_id": "spo id, spo ref, order id, order ref",
    "spo_orders.expiry_date": "expiry date, order expiry",
    "spo_events.event_date": "event date, step date",
    "spo_events.event": "event, step",
    "calls.call_id": "call id, cad ref, log no",
    "calls.call_date": "call date, date of call",
    "calls.call_type": "call type, opening code, closing code",
    "population.residents": "residents, population",
    "comparators.series": "series, measure, measure name, indicator, indicator name, metric, statistic, "
    "offence type, offence description, offence, crime type",
    "comparators.area": "area, area name, force name, force, police force, police force area, force area, "
    "geography, region",
    "comparators.class": "class, ho class, offence code",
    "comparators.period": "period, time period, reporting period, financial year, year, quarter, month",
    "comparators.period_start": "period start, start date, period from, from date, from, start",
    "comparators.period_end": "period end, end date, period to, to date, to, end, year ending, date",
    "comparators.value": "value, figure, count, number of offences, number of crimes, stalking offences, "
    "stalking crimes, offences, crimes, "
    "rate, total, percentage, percent",
    "comparators.unit": "unit, unit of measure, measure unit",
    "comparators.comparable_with_previous": "comparable",
    "published_by": "source, publisher, published by, data source",
}
"""Names that columns of the contract go by in exports; a name without a table serves every table that has it.

The contract's own name is always one of them.
"""

SAME = {
    **dict.fromkeys(("reference", "number", "no", "nr", "num", "id", "identifier"), "ref"),
    **dict.fromkeys(("offender", "accused", "perpetrator", "susp"), "suspect"),
    **dict.fromkeys(("complainant", "aggrieved", "vict", "v"), "victim"),
    "gender": "sex",
    "offense": "offence",
    "recorded": "record",
    "reported": "report",
    "committed": "commit",
    "dt": "date",
}
"""Words that mean the same in a column's name."""
EMPTY_WORDS = {"of", "the", "on", "at", "s"}

LOOKS = {
    "class": r"\d{1,3}[A-Z]{0,2}",
    "code": r"\d{1,3}/\d{1,3}[A-Z]?",
    "other code": r"[A-Z0-9./()-]*\d[A-Z0-9./()-]*",
}
"""How the cells of a classification look: 8Q, 8/65, any other code."""


@dataclass(frozen=True, eq=False)
class Heading:
    """One column of the file: its name, the words in it, the number in it and its cells."""

    name: str
    words: frozenset[str]
    number: int | None
    cells: tuple[str, ...]

    @property
    def filled(self) -> list[str]:
        """The cells that are not blank."""
        return [cell for cell in self.cells if cell]

    @property
    def looks(self) -> str:
        """What most of its cells look like: class, code, other code or text; blank when all are."""
        filled = self.filled
        for look, form in LOOKS.items():
            if 5 * sum(bool(re.fullmatch(form, cell)) for cell in filled) > 3 * len(filled):
                return look
        return "text" if filled else ""


def words(name: str) -> tuple[frozenset[str], int | None]:
    """The words of a column's name whatever their order, case and punctuation, and the one number in it."""
    parted = re.sub(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", " ", name).lower()
    counted = re.sub(r"^\W*(number|no|count) of\b", "count", parted)
    found = [
        word[:-1] if len(word) > 4 and word[-1] == "s" != word[-2] else word
        for word in re.findall(r"[^\W\d_]+|\d+", counted)
    ]
    numbers = [int(word) for word in found if word.isdecimal()]
    same = frozenset(SAME.get(word, word) for word in found if not word.isdecimal()) - EMPTY_WORDS
    return same, numbers[0] if len(numbers) == 1 else None


def fitting(headings: Iterable[Heading], table: contracts.Table, column: str) -> list[Heading]:
    """Headings that go by a name of the column, the likeliest first."""
    known = SYNONYMS.get(f"{table.name}.{column}", SYNONYMS.get(column, ""))
    names = [name for name in known.split(", ") if name]
    if table is not contracts.INCLUDED:
        names.append(column)
    keys = [words(name)[0] for name in names]
    joined = [re.sub(r"[\W_]", "", name) for name in names]
    found = []
    for heading in headings:
        compact = re.sub(r"[\W\d_]", "", heading.name.lower())
        places = [keys.index(heading.words)] if heading.words in keys else []
        places += [joined.index(compact)] if compact in joined else []
        if places:
            found.append((min(places), heading))
    return [heading for _, heading in sorted(found, key=lambda pair: pair[0])]

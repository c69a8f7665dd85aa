"""Columns of a file nobody has mapped: which column of the contract each most likely is."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from profiles import contracts

SYNONYMS: dict[str, str] = {
    "crime_ref": "investigation ref, crime number, occurrence no, niche ref, urn, crime id, case no, "
    "incident no, report no, record id, ref, id",
    "crimes.recorded_date": "date recorded, created date, crime recorded date, recorded, month",
    "crimes.reported_at": "reported date, date reported, reported date time, report date, reported",
    "crimes.committed_from": "earliest committed, committed from, date committed from, offence start, "
    "offence start date, offence from, offence date, date committed",
    "crimes.committed_to": "latest committed, committed to, date committed to, offence end, "
    "offence end date, offence to",
    "crimes.ho_class": "ho class, home office class, hocr, class, principal classification, classification, "
    "principal offence, offence class, crime type, offence code, crime code, charge code, offence",
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

LINKS = tuple(
    table
    for table in contracts.TABLES.values()
    if table.parent == "crimes" and table.unit == ("crime_ref",) and table is not contracts.INCLUDED
)
"""Tables of which a crime's own record may hold a row."""


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


@dataclass(frozen=True)
class Part:
    """One table that the records feed and the heading each of its columns comes from."""

    table: contracts.Table
    columns: dict[str, Heading]

    def lacks(self, *given: str) -> list[contracts.Column]:
        """Required columns with neither a heading nor a place among those given."""
        placed = {*self.columns, *given}
        return [column for column in self.table.columns if column.required and column.name not in placed]


def words(name: str) -> tuple[frozenset[str], int | None]:
    """The words of a column's name whatever their order, case and punctuation, and the one number in it."""
    parted = re.sub(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", " ", name).lower()
    counted = re.sub(r"^\W*(number|no|count) of\b", "count", parted)
    found = [
        word[:-1] if len(word) > 4 and word[-1] == "s" != word[-2] else word
        for word in re.findall(r"[^\W\d_]+|\d+", counted)
    ]
    numbers = [int(word) for word in found if word.isdigit()]
    same = frozenset(SAME.get(word, word) for word in found if not word.isdigit()) - EMPTY_WORDS
    return same, numbers[0] if len(numbers) == 1 else None


def placed(headings: list[Heading]) -> tuple[list[Part], list[Heading]]:
    """The table the records most likely are, with those they hold beside it, and the lists of classes."""
    codes, listed = _classifications(headings)
    best, most = Part(contracts.CRIMES, {}), 0
    for table in contracts.TABLES.values():
        if table is contracts.INCLUDED:
            continue
        is_crimes = table is contracts.CRIMES
        columns = dict(codes) if is_crimes else {}
        taken = {item.name for item in (*columns.values(), *(listed if is_crimes else ()))}
        for column in table.columns:
            if is_crimes and column.name in ("ho_class", "ho_code", "offence_title"):
                continue
            for heading in fitting(headings, table, column.name):
                if heading.name not in taken and heading.number is None:
                    columns[column.name] = heading
                    taken.add(heading.name)
                    break
        part = Part(table, {name: columns[name] for name in table.names if name in columns})
        if table.is_reference and part.lacks():
            continue
        # A record with a classification is a crime, however many columns describe the people in it.
        score = len(columns) + 2 * (not part.lacks()) + 4 * ("ho_class" in columns)
        if score > most:
            best, most = part, score
    if best.table is not contracts.CRIMES:
        return [best], []
    links = _links(headings, best)
    if any("relationship" in part.columns for part in links):
        best.columns.pop("relationship", None)
    return [best, *links], listed


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


def _classifications(headings: list[Heading]) -> tuple[dict[str, Heading], list[Heading]]:
    """The principal crime's class, code and title, and the headings that hold further classifications."""
    listed = fitting(headings, contracts.INCLUDED, "classification")
    named = {
        name: fitting(headings, contracts.CRIMES, name) for name in ("ho_class", "ho_code", "offence_title")
    }
    either = [heading for found in named.values() for heading in found if heading not in listed]
    # "Offence", "Offence 2", "Offence 3": the first is the principal one.
    listed += [heading for heading in dict.fromkeys(either) if (heading.number or 0) > 1]
    if any(heading.looks not in ("text", "") for heading in listed):
        listed = [heading for heading in listed if heading.looks != "text"]
    first = [heading for heading in either if (heading.number or 1) == 1]
    found: dict[str, Heading] = {}
    for look in ("class", "other code", "code", "text", ""):
        for name, looks in (("ho_class", (look,)), ("ho_code", ("code",)), ("offence_title", ("text",))):
            order = [
                heading for heading in (*named[name], *first) if heading in first and heading.looks == look
            ]
            free = [heading for heading in order if heading not in found.values()]
            if name not in found and look in looks and free:
                found[name] = free[0]
    return found, sorted(listed, key=headings.index)


def _links(headings: list[Heading], main: Part) -> list[Part]:
    """Rows of other tables in a crime's record, one for each number in the names (Victim 1, Victim 2)."""
    found = []
    for table in LINKS:
        for number in sorted({heading.number or 0 for heading in headings}):
            numbered = [heading for heading in headings if (heading.number or 0) == number]
            columns = {
                column.name: fits[0]
                for column in table.columns
                if column.name not in main.table.key and (fits := fitting(numbered, table, column.name))
            }
            part = Part(table, columns)
            own = [column for column in columns if column not in ("victim_id", "team")]
            if not part.lacks(*main.table.key) and (own or table is contracts.VICTIMS):
                found.append(part)
    return found

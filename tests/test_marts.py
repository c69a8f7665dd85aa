"""What staging and marts make of single records, by example."""

from typing import Any

import pytest

from profiles import warehouse
from tests.tables import filled, stalking

pytestmark = pytest.mark.slow


def column(con: warehouse.Connection, mart: str, name: str) -> dict[str, Any]:
    """One column of a mart by crime reference."""
    return dict(con.execute(f"select crime_ref, {name} from marts.{mart}").fetchall())


def test_the_closest_relationship_of_any_suspect_and_of_the_crime_is_the_crimes_own() -> None:
    con = filled(
        crimes="""
        crime_ref | recorded_date | ho_class | relationship
        A         | 2024-01-05    | 8Q       | stranger
        B         | 2024-01-05    | 8Q       | unknown
        C         | 2024-01-05    | 8Q       | partner
        D         | 2024-01-05    | 8Q       |
        E         | 2024-01-05    | 8Q       |
        """,
        crime_suspects="""
        crime_ref | suspect_id | relationship
        A         | S1         | acquaintance
        A         | S2         | ex-partner
        B         | S1         |
        C         | S1         | family
        D         | S1         | stranger
        D         | S2         | family
        E         | S1         |
        """,
    )
    assert column(con, "stalking_crimes", "relationship") == {
        "A": "ex-partner",
        "B": "unknown",
        "C": "partner",
        "D": "family",
        "E": "not recorded",
    }


def test_a_type_holds_when_it_is_recorded_so_and_a_blank_is_never_no() -> None:
    con = filled(
        crimes="""
        crime_ref                    | recorded_date | ho_class | mode    | domestic_abuse_flag | relationship
        online + domestic + stranger | 2024-01-05    | 8Q       | online  | yes                 | stranger
        online + domestic            | 2024-01-05    | 8Q       | both    | yes                 | partner
        online + stranger            | 2024-01-05    | 8Q       | online  | no                  | stranger
        domestic + stranger          | 2024-01-05    | 8Q       | offline | yes                 | stranger
        online only                  | 2024-01-05    | 8Q       | online  | no                  | family
        online only, others blank    | 2024-01-05    | 8Q       | online  |                     |
        domestic only                | 2024-01-05    | 8Q       | offline | yes                 | family
        domestic only, others blank  | 2024-01-05    | 8Q       |         | yes                 |
        stranger only                | 2024-01-05    | 8Q       | offline | no                  | stranger
        none of these                | 2024-01-05    | 8Q       | offline | no                  | unknown
        not recorded, no relation    | 2024-01-05    | 8Q       | offline | no                  |
        not recorded, no flag        | 2024-01-05    | 8Q       | offline |                     | family
        not recorded, no mode        | 2024-01-05    | 8Q       |         | no                  | family
        not recorded, nothing        | 2024-01-05    | 8Q       |         |                     |
        """
    )
    atoms = column(con, "stalking_crimes", "atom")
    assert len(atoms) == 14
    assert atoms == {reference: reference.split(",")[0] for reference in atoms}
    types = column(con, "stalking_crimes", "typology")
    assert types == {reference: atom.removesuffix(" only").split(" + ") for reference, atom in atoms.items()}


def test_the_risk_grade_is_the_latest_given_and_the_first_assessment_keeps_its_time() -> None:
    con = filled(
        crimes=stalking("A B C D"),
        risk_assessments="""
        crime_ref | assessed_at         | risk_tool | risk_grade
        A         | 2024-01-06 09:00:00 | DARA      | high
        A         | 2024-02-06 09:00:00 | DARA      | standard
        B         | 2024-01-06 09:00:00 | DARA      | high
        B         | 2024-02-06 09:00:00 | DARA      |
        C         | 2024-01-06 09:00:00 | DARA      | standard
        C         | 2024-01-06 09:00:00 | DASH      | medium
        """,
    )
    assert column(con, "stalking_crimes", "risk_grade") == {
        "A": "standard",
        "B": "high",
        "C": "medium",
        "D": "not recorded",
    }
    first = column(con, "stalking_crimes", "first_assessed_at::varchar")
    assert first == {
        "A": "2024-01-06 09:00:00",
        "B": "2024-01-06 09:00:00",
        "C": "2024-01-06 09:00:00",
        "D": None,
    }


OUTCOME_GROUPS = {
    "0": "not yet assigned",
    "1": "charged",
    "1A": "charged",
    "01": "charged",
    "3a": "out of court, formal",
    "6": "out of court, formal",
    "8": "out of court, informal",
    "4": "taken into consideration",
    "22": "diversionary",
    "15": "evidential difficulties, victim supports",
    "14": "evidential difficulties, victim does not support",
    "16": "evidential difficulties, victim does not support",
    "17": "prevented or not in the public interest",
    "21": "not in the public interest (police)",
    "18": "no suspect",
    "20": "passed to another body",
    "4a": "unknown code",
    "23": "unknown code",
    "charge": "unknown code",
}


def test_each_outcome_code_has_its_group_and_an_unknown_one_is_marked() -> None:
    rows = "\n".join(f"{code} | 2024-03-01 | {code}" for code in OUTCOME_GROUPS)
    con = filled(
        crimes=stalking(" ".join(OUTCOME_GROUPS)),
        outcomes=f"crime_ref | outcome_date | outcome_code\n{rows}",
    )
    assert column(con, "stalking_crimes", "outcome_group") == OUTCOME_GROUPS
    unknown = [code for code, group in OUTCOME_GROUPS.items() if group == "unknown code"]
    assert column(con, "findings", "check_name") == dict.fromkeys(unknown, "unknown outcome code")


def test_the_latest_outcome_counts_and_a_crime_without_one_is_not_yet_assigned() -> None:
    con = filled(
        crimes=stalking("A B C"),
        outcomes="""
        crime_ref | outcome_date | outcome_code
        A         | 2024-03-01   | 16
        A         | 2024-06-01   | 1
        B         | 2024-03-01   | 0
        B         | 2024-03-01   | 18
        """,
    )
    assert column(con, "stalking_crimes", "outcome_group") == {
        "A": "charged",
        "B": "no suspect",
        "C": "not yet assigned",
    }


def test_organisations_are_no_victims_and_suspects_are_counted_as_persons() -> None:
    con = filled(
        crimes=stalking("A B"),
        crime_victims="""
        crime_ref | victim_id | victim_type
        A         | V1        |
        A         | V2        | person
        A         | V3        | organisation
        """,
        crime_suspects="""
        crime_ref | suspect_id | victim_id
        A         | S1         | V1
        A         | S1         | V2
        """,
    )
    assert column(con, "stalking_crimes", "count_person_victims") == {"A": 2, "B": 0}
    assert column(con, "stalking_crimes", "count_suspects") == {"A": 1, "B": 0}
    assert column(con, "stalking_crimes", "suspect_identified") == {"A": "yes", "B": "no"}


def test_a_repeat_victim_has_two_crimes_within_the_twelve_months_ending_at_the_later_one() -> None:
    con = filled(
        crimes="""
        crime_ref | recorded_date | ho_class
        FIRST     | 2021-01-01    | 8L
        A         | 2022-03-01    | 8Q
        B         | 2023-03-01    | 8Q
        C         | 2024-03-02    | 8Q
        EARLY     | 2021-06-01    | 8Q
        NOBODY    | 2024-06-01    | 8Q
        """,
        crime_victims="""
        crime_ref | victim_id
        A         | V1
        B         | V1
        C         | V1
        EARLY     | V2
        """,
    )
    assert column(con, "stalking_crimes", "repeat_victim") == {
        "A": "no",
        "B": "yes",
        "C": "no",
        "EARLY": "not known",  # the 12 months before it begin before the data do
        "NOBODY": "not known",
    }


def test_a_crime_without_a_team_takes_that_of_its_latest_allocation() -> None:
    con = filled(
        crimes="""
        crime_ref | recorded_date | ho_class | team
        A         | 2024-01-05    | 8Q       | CID
        B         | 2024-01-05    | 8Q       |
        """,
        allocations="""
        crime_ref | allocated_date | team  | is_specialist
        A         | 2024-01-06     | Area  | no
        B         | 2024-01-06     | Area  | no
        B         | 2024-01-07     | PVP   | yes
        """,
    )
    assert column(con, "stalking_crimes", "team") == {"A": "CID", "B": "PVP"}
    assert column(con, "stalking_crimes", "is_allocated_to_specialist") == {"A": False, "B": True}

"""What is marked as looking wrong in accepted rows, by example."""

import pytest

from tests.tables import filled, stalking

pytestmark = pytest.mark.slow


def findings(**tables: str) -> list[tuple[str, str, str, str]]:
    """Check, table, row and column of every finding."""
    con = filled(**tables)
    return con.execute(
        "select check_name, table_name, row_key, column_name from marts.findings order by all"
    ).fetchall()


def test_a_crime_is_marked_for_what_looks_wrong_in_it() -> None:
    found = findings(
        crimes="""
        crime_ref                | recorded_date | ho_class | record_status | committed_from | committed_to
        nothing                  | 2024-01-05    | 8Q       | recorded      | 2024-01-05     | 2024-01-05
        cancelled record         | 2024-01-05    | 8Q       | cancelled     |                |
        transferred record       | 2024-01-05    | 8Q       | transferred   |                |
        dates out of order       | 2024-01-05    | 8Q       |               | 2023-12-02     | 2023-12-01
        dates out of order, to   | 2024-01-05    | 8Q       |               | 2023-12-02     | 2024-01-06
        dates out of order, from | 2024-01-05    | 8Q       |               | 2024-01-06     |
        historic offence         | 2024-01-05    | 8Q       |               | 2023-01-04     |
        historic offence, to     | 2024-01-05    | 8Q       |               | 2022-01-04     | 2023-01-04
        nothing, a year before   | 2024-01-05    | 8Q       |               | 2023-01-05     |
        nothing, a long course   | 2024-01-05    | 8Q       |               | 2019-01-01     | 2023-12-31

        crime_ref                | recorded_date | ho_class | reported_at
        nothing, late that day   | 2024-01-05    | 8Q       | 2024-01-05 23:59:00
        dates out of order, told | 2024-01-05    | 8Q       | 2024-01-06 00:10:00
        """
    )
    assert {(check, row, name) for check, _, row, name in found} == {
        ("cancelled record", "cancelled record", "record_status"),
        ("transferred record", "transferred record", "record_status"),
        ("dates out of order", "dates out of order", "committed_from"),
        ("dates out of order", "dates out of order, to", "committed_to"),
        ("dates out of order", "dates out of order, from", "committed_from"),
        ("dates out of order", "dates out of order, told", "reported_at"),
        ("historic offence", "historic offence", "committed_from"),
        ("historic offence", "historic offence, to", "committed_to"),
    }
    assert {table for _, table, _, _ in found} == {"crimes"}


def test_a_domestic_abuse_flag_is_marked_against_a_relationship_that_contradicts_it() -> None:
    found = findings(
        crimes="""
        crime_ref                   | recorded_date | ho_class | domestic_abuse_flag | relationship
        marked: no, ex-partner      | 2024-01-05    | 8L       | no                  | ex-partner
        marked: no, partner         | 2024-01-05    | 8L       | no                  | partner
        marked: no, suspect is      | 2024-01-05    | 8L       | no                  |
        fine: no, stranger          | 2024-01-05    | 8L       | no                  | stranger
        fine: no, family            | 2024-01-05    | 8L       | no                  | family
        fine: no, blank             | 2024-01-05    | 8L       | no                  |
        marked: yes, stranger       | 2024-01-05    | 8L       | yes                 | stranger
        fine: yes, a suspect is not | 2024-01-05    | 8L       | yes                 | stranger
        fine: yes, acquaintance     | 2024-01-05    | 8L       | yes                 | acquaintance
        fine: yes, unknown          | 2024-01-05    | 8L       | yes                 | unknown
        fine: blank, ex-partner     | 2024-01-05    | 8L       |                     | ex-partner
        """,
        crime_suspects="""
        crime_ref                   | suspect_id | relationship
        marked: no, suspect is      | S1         | ex-partner
        fine: no, stranger          | S1         | stranger
        fine: yes, a suspect is not | S1         | partner
        """,
    )
    assert [row for _, _, row, _ in found] == [
        "marked: no, ex-partner",
        "marked: no, partner",
        "marked: no, suspect is",
        "marked: yes, stranger",
    ]
    assert {(check, table, name) for check, table, _, name in found} == {
        ("domestic-abuse flag against relationship", "crimes", "domestic_abuse_flag")
    }


def test_an_included_list_that_repeats_the_principal_is_marked_once_a_crime() -> None:
    found = findings(
        crimes="""
        crime_ref | recorded_date | ho_class | ho_code
        A         | 2024-01-05    | 8Q       | 195/12
        B         | 2024-01-05    | 8Q       | 195/12
        """,
        included_classifications="""
        crime_ref | position | classification
        A         | 1        | 8q
        A         | 2        | 195/12
        B         | 1        | 8/65
        """,
    )
    assert found == [
        ("included list repeats the principal", "included_classifications", "A", "classification")
    ]


def test_an_organisation_as_victim_is_marked() -> None:
    found = findings(
        crimes=stalking("A"),
        crime_victims="""
        crime_ref | victim_id | victim_type
        A         | V1        | organisation
        A         | V2        |
        """,
    )
    assert found == [("organisation as victim", "crime_victims", "A / V1", "victim_type")]


def test_a_district_without_residents_is_unknown_where_districts_are_known_at_all() -> None:
    crimes = """
    crime_ref | recorded_date | ho_class | district
    A         | 2024-01-05    | 8L       | Dover
    B         | 2024-01-05    | 8L       | Lewisham
    C         | 2024-01-05    | 8L       |
    """
    calls = """
    call_id | call_date  | district
    K1      | 2024-01-05 | Calais
    """
    assert findings(crimes=crimes, calls=calls) == []
    population = """
    district | year | residents
    Dover    | 2019 | 1
    """
    assert findings(crimes=crimes, calls=calls, population=population) == [
        ("unknown district", "calls", "K1", "district"),
        ("unknown district", "crimes", "B", "district"),
    ]


def test_a_row_that_names_no_crime_of_any_source_is_marked() -> None:
    found = findings(
        crimes=stalking("A"),
        crime_victims="""
        crime_ref | victim_id
        A         | V1
        Z         | V1
        """,
        spo_orders="""
        source  | order_id | crime_ref
        tracker | O1       | A
        tracker | O2       | Z
        tracker | O3       |
        """,
    )
    assert found == [
        ("no such crime", "crime_victims", "Z / V1", "crime_ref"),
        ("no such crime", "spo_orders", "O2", "crime_ref"),
        ("order without a crime", "spo_orders", "O3", "crime_ref"),
    ]


def test_orders_that_end_or_are_breached_before_they_start_are_marked() -> None:
    found = findings(
        crimes="crime_ref | recorded_date | ho_class\nA | 2023-11-01 | 8Q",
        spo_orders="""
        order_id | crime_ref | expiry_date
        FINE     | A         | 2026-01-01
        EXPIRED  | A         | 2023-12-31
        ENDED    | A         |
        NEVER    | A         |
        """,
        spo_events="""
        order_id | event_date | event
        FINE     | 2024-01-01 | interim granted
        FINE     | 2024-01-15 | breached
        FINE     | 2024-02-01 | granted
        EXPIRED  | 2024-01-01 | granted
        ENDED    | 2024-01-01 | granted
        ENDED    | 2023-12-31 | discharged
        ENDED    | 2023-12-30 | breached
        NEVER    | 2024-01-01 | breached
        """,
    )
    assert found == [
        ("breach before grant", "spo_events", "ENDED / 2023-12-30", "event_date"),
        ("breach before grant", "spo_events", "NEVER / 2024-01-01", "event_date"),
        ("order ends before it starts", "spo_orders", "ENDED", "event_date"),
        ("order ends before it starts", "spo_orders", "EXPIRED", "expiry_date"),
    ]


def test_a_referral_before_the_report_is_marked() -> None:
    found = findings(
        crimes="""
        crime_ref | recorded_date | ho_class | reported_at
        A         | 2024-01-05    | 8Q       | 2024-01-03 10:00:00
        B         | 2024-01-05    | 8Q       |
        """,
        support="""
        crime_ref | victim_id | referral_date | specialist_referral_date
        A         | V1        | 2024-01-03    | 2024-01-04
        A         | V2        | 2024-01-02    |
        B         | V1        | 2024-01-05    | 2024-01-04
        """,
    )
    assert found == [
        ("referral before report", "support", "A / V2", "referral_date"),
        ("referral before report", "support", "B / V1", "specialist_referral_date"),
    ]

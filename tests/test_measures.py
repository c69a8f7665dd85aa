"""What measures count, by example: a small table in, the real SQL, an answer whose origin shows."""

from typing import Any

import pytest

from profiles import warehouse
from profiles.stats import odds, poisson, wilson
from tests.tables import asked, by_category, empty, filled, loaded, only

TYPES = """
crime_ref | recorded_date | ho_class | mode    | domestic_abuse_flag | relationship
A         | 2024-01-05    | 8Q       | online  | yes                 | ex-partner
B         | 2024-01-06    | 8Q       | offline | yes                 | stranger
C         | 2024-01-07    | 8Q       | offline | no                  | acquaintance
D         | 2024-01-08    | 8Q       |         | no                  | unknown
E         | 2024-01-09    | 8Q       | both    |                     |
"""


def january(con: warehouse.Connection, measure_id: str, **chosen: Any):
    """The measure's one row for January 2024."""
    chosen = {"since": "2024-01-01", "until": "2024-01-31"} | chosen
    return only(asked(con, measure_id, **chosen), period="2024-01-01")


@pytest.mark.slow
def test_a_crime_counts_once_on_the_basis_any_whether_principal_included_or_both() -> None:
    con = filled(
        crimes="""
        crime_ref | recorded_date | ho_class
        PRINCIPAL | 2024-01-05    | 8Q
        INCLUDED  | 2024-01-06    | 19C
        BOTH      | 2024-01-07    | 8Q
        NEITHER   | 2024-01-08    | 8L
        """,
        included_classifications="""
        crime_ref | position | classification
        INCLUDED  | 1        | 58D
        INCLUDED  | 2        | 8Q
        INCLUDED  | 3        | 8/65
        BOTH      | 1        | 8Q
        NEITHER   | 1        | 58D
        """,
    )
    assert january(con, "stalking_crimes")["value"] == len(["PRINCIPAL", "INCLUDED", "BOTH"])
    assert january(con, "stalking_crimes", basis="any")["value"] == 3
    assert january(con, "stalking_crimes", basis="principal")["value"] == len(["PRINCIPAL", "BOTH"])
    assert january(con, "stalking_crimes", basis="included_only")["value"] == len(["INCLUDED"])
    assert january(con, "included_only_share")["value"] == 100 * 1 / 3
    assert january(con, "included_uplift")["value"] == 100 * 1 / 2


@pytest.mark.slow
def test_a_crime_with_many_victims_and_suspects_counts_once() -> None:
    con = filled(
        crimes="""
        crime_ref | recorded_date | ho_class
        A         | 2024-01-05    | 8Q
        """,
        crime_victims="""
        crime_ref | victim_id
        A         | V1
        A         | V2
        """,
        crime_suspects="""
        crime_ref | suspect_id | victim_id | relationship
        A         | S1         | V1        | stranger
        A         | S1         | V2        | family
        A         | S2         |           | unknown
        """,
    )
    assert january(con, "stalking_crimes")["value"] == 1
    assert january(con, "stalking_crimes", where={"relationship": "family"})["value"] == 1
    assert january(con, "stranger_share")["value"] == 0


@pytest.mark.slow
def test_a_sub_code_is_found_whatever_its_case_and_padding() -> None:
    con = filled(
        crimes="""
        crime_ref | recorded_date | ho_class | ho_code
        A         | 2024-01-05    | 8q       |
        B         | 2024-01-05    | other    | 195/12
        C         | 2024-01-05    | other    | 195/1
        """
    )
    assert january(con, "stalking_crimes")["value"] == len(["A", "B"])


@pytest.mark.slow
def test_the_target_classes_of_another_source_do_not_count() -> None:
    con = loaded(
        empty(),
        {
            "crimes": """
            source | crime_ref | recorded_date | ho_class
            athena | A         | 2024-01-05    | 8Q
            athena | B         | 2024-01-05    | 34
            """
        },
        targets=["34"],
    )
    assert january(con, "stalking_crimes")["value"] == len(["B"])


@pytest.mark.slow
def test_cancelled_and_transferred_records_are_in_no_count() -> None:
    con = filled(
        crimes="""
        crime_ref | recorded_date | ho_class | record_status
        A         | 2024-01-05    | 8Q       |
        B         | 2024-01-05    | 8Q       | recorded
        C         | 2024-01-05    | 8Q       | cancelled
        D         | 2024-01-05    | 8Q       | transferred
        """
    )
    assert january(con, "stalking_crimes")["value"] == len(["A", "B"])
    assert january(con, "recorded_crimes")["value"] == len(["A", "B"])


@pytest.mark.slow
def test_two_sources_may_use_the_same_reference() -> None:
    con = filled(
        crimes="""
        source | crime_ref | recorded_date | ho_class
        athena | 1         | 2024-01-05    | 8Q
        niche  | 1         | 2024-01-05    | 8L
        """,
        included_classifications="""
        source | crime_ref | position | classification
        niche  | 1         | 1        | 8Q
        """,
    )
    assert january(con, "stalking_crimes")["value"] == 2
    assert january(con, "stalking_crimes", basis="included_only")["value"] == 1


@pytest.mark.slow
def test_a_list_that_only_repeats_the_principal_is_no_included_classification() -> None:
    con = filled(
        crimes="""
        crime_ref | recorded_date | ho_class | ho_code
        A         | 2024-01-05    | 8Q       | 195/12
        B         | 2024-01-05    | 8Q       | 8/65
        C         | 2024-01-05    | 19C      |
        D         | 2024-01-05    | 8L       |
        """,
        included_classifications="""
        crime_ref | position | classification
        A         | 1        | 8Q
        A         | 2        | 195/12
        B         | 1        | 195/12
        C         | 1        | 58D
        C         | 2        | 8Q
        """,
    )
    assert january(con, "with_included_share")["value"] == 100 * len(["B", "C"]) / 4


@pytest.mark.slow
def test_not_recorded_stays_in_the_denominator_of_each_share() -> None:
    con = filled(crimes=TYPES)
    assert january(con, "online_share")["value"] == 100 * len(["A", "E"]) / 5
    assert january(con, "domestic_share")["value"] == 100 * len(["A", "B"]) / 5
    assert january(con, "stranger_share")["value"] == 100 * len(["B"]) / 5
    assert january(con, "mode_recorded_share")["value"] == 100 * 4 / 5
    assert january(con, "domestic_recorded_share")["value"] == 100 * 4 / 5
    assert january(con, "relationship_recorded_share")["value"] == 100 * len(["A", "B", "C", "D"]) / 5


@pytest.mark.slow
def test_intervals_are_those_of_the_statistics_module_in_the_unit_of_the_measure() -> None:
    con = filled(
        crimes=TYPES + "F | 2024-01-10 | 19C | | |",
        included_classifications="""
        crime_ref | position | classification
        F         | 1        | 8Q
        """,
        population="""
        district | year | residents
        Dover    | 2024 | 2000
        """,
    )
    row = january(con, "online_share")
    assert [row["lower"], row["upper"]] == pytest.approx([100 * float(limit) for limit in wilson(2, 6)])
    row = january(con, "stalking_crimes")
    assert [row["lower"], row["upper"]] == [round(float(limit), 1) for limit in poisson(6)]
    row = january(con, "included_uplift")
    assert [row["lower"], row["upper"]] == pytest.approx([100 * float(limit) for limit in odds(1, 5)])
    row = only(asked(con, "stalking_rate", grain="year"))
    assert row["value"] == 1000 * 6 / 2000
    assert [row["lower"], row["upper"]] == pytest.approx([1000 * float(limit) / 2000 for limit in poisson(6)])


def test_a_breakdown_by_typology_drops_no_crime() -> None:
    frame = asked(filled(crimes=TYPES), "stalking_crimes", by="typology", grain="all")
    assert by_category(frame) == {
        "online": len(["A", "E"]),
        "domestic": len(["A", "B"]),
        "stranger": len(["B"]),
        "none of these": len(["C"]),
        "not recorded": len(["D"]),
    }


def test_atoms_do_not_overlap_and_add_to_the_total() -> None:
    con = filled(crimes=TYPES)
    frame = asked(con, "stalking_crimes", by="atom", grain="all")
    found = {row.category: row.value for row in frame.itertuples() if row.value}
    assert found == {
        "online + domestic": len(["A"]),
        "domestic + stranger": len(["B"]),
        "online only": len(["E"]),
        "none of these": len(["C"]),
        "not recorded": len(["D"]),
    }
    assert len(frame) == 2**3 + 1
    assert frame["value"].sum() == only(asked(con, "stalking_crimes", grain="all"))["value"]


def test_a_filter_by_typology_keeps_every_crime_of_that_type() -> None:
    con = filled(crimes=TYPES)
    assert january(con, "stalking_crimes", where={"typology": "online"})["value"] == len(["A", "E"])
    either = (("typology", "online"), ("typology", "stranger"))
    assert january(con, "stalking_crimes", where=either)["value"] == len(["A", "B", "E"])
    frame = asked(con, "stalking_crimes", by="typology", grain="all", where={"typology": "online"})
    assert frame["value"].tolist() == [len(["A", "E"]), len(["A"]), 0, 0, 0]


def test_declared_categories_come_in_their_order_and_with_those_that_did_not_occur() -> None:
    frame = asked(filled(crimes=TYPES), "stalking_crimes", by="relationship", grain="all")
    assert frame["category"].tolist() == [
        "partner",
        "ex-partner",
        "family",
        "acquaintance",
        "stranger",
        "unknown",
        "not recorded",
    ]
    assert frame["value"].tolist() == [0, 1, 0, 1, 1, 1, 1]


@pytest.mark.slow
def test_found_categories_are_sorted_and_keep_one_that_has_nothing_in_the_period() -> None:
    con = filled(
        crimes="""
        crime_ref | recorded_date | ho_class | district
        A         | 2024-01-05    | 8Q       | Thanet
        B         | 2024-02-05    | 8Q       | Dover
        C         | 2024-02-05    | 8Q       |
        D         | 2024-02-05    | 8L       | Swale
        """
    )
    frame = asked(con, "stalking_crimes", by="district", since="2024-02-01", until="2024-02-29")
    assert frame["category"].tolist() == ["Dover", "Thanet", "not recorded"]
    assert frame["value"].tolist() == [1, 0, 1]


def test_a_filter_on_the_breakdown_shows_only_its_values() -> None:
    con = filled(crimes=TYPES)
    chosen = (("relationship", "unknown"), ("relationship", "partner"))
    frame = asked(con, "stalking_crimes", by="relationship", grain="all", where=chosen)
    assert frame["category"].tolist() == ["partner", "unknown"]
    assert frame["value"].tolist() == [0, 1]


def test_filters_of_two_dimensions_must_both_hold() -> None:
    con = filled(crimes=TYPES)
    both = {"domestic": "yes", "mode": "offline"}
    assert january(con, "stalking_crimes", where=both)["value"] == len(["B"])


def test_a_breakdown_by_basis_shows_only_the_basis_chosen() -> None:
    con = filled(crimes=TYPES)
    frame = asked(con, "stalking_crimes", by="basis", grain="all")
    assert frame["category"].tolist() == ["principal", "included_only"]
    assert frame["value"].tolist() == [5, 0]
    frame = asked(con, "stalking_crimes", by="basis", basis="principal", grain="all")
    assert frame["category"].tolist() == ["principal"]

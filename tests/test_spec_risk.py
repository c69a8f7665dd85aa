"""Risk and allocation by example: assessed at all and in time, graded, given to whom and how soon."""

from typing import Any

import pytest

from profiles import warehouse
from tests.tables import asked, by_category, figures, filled, only

pytestmark = pytest.mark.slow

YEAR = {"since": "2024-01-01", "until": "2024-12-31", "grain": "all"}


def share(con: warehouse.Connection, measure_id: str, **chosen: Any) -> tuple[float, float]:
    """Numerator and denominator of the one row."""
    row = only(asked(con, measure_id, **(YEAR | chosen)))
    return row["numerator"], row["denominator"]


REPORTED = """
crime_ref | recorded_date | ho_class | reported_at         | record_status
A         | 2024-01-10    | 8Q       | 2024-01-10 10:00:00 |
B         | 2024-01-10    | 8Q       | 2024-01-10 10:00:00 |
C         | 2024-01-10    | 8Q       | 2024-01-10 10:00:00 |
D         | 2024-01-10    | 8Q       | 2024-01-10 10:00:00 |
E         | 2024-01-10    | 8Q       | 2024-01-10 10:00:00 |
X         | 2024-01-10    | 8Q       | 2024-01-10 10:00:00 | cancelled
"""


def assessed(**times: str) -> warehouse.Connection:
    """The crimes above, each assessed at those times, separated by commas."""
    rows = [f"{name} | {time} | DARA | high" for name, listed in times.items() for time in listed.split(",")]
    head = "crime_ref | assessed_at | risk_tool | risk_grade"
    return filled(crimes=REPORTED, risk_assessments="\n".join([head, *rows]))


# --- assessed, and how soon ---


def test_a_crime_is_assessed_by_any_assessment_however_late_and_without_a_grade() -> None:
    con = filled(
        crimes=REPORTED,
        risk_assessments="""
        crime_ref | assessed_at         | risk_grade
        A         | 2024-01-10 11:00:00 | high
        A         | 2024-01-11 11:00:00 | medium
        B         | 2024-11-10 11:00:00 |
        X         | 2024-01-10 11:00:00 | high
        """,
    )
    assert share(con, "risk_assessed") == (2, 5)
    assert only(asked(con, "risk_assessed", **YEAR))["value"] == 100 * 2 / 5


@pytest.mark.parametrize(
    ("measure_id", "in_time", "too_late"),
    [
        ("risk_assessed_24h", "2024-01-11 10:00:00", "2024-01-11 10:01:00"),
        ("risk_assessed_72h", "2024-01-13 10:00:00", "2024-01-13 10:01:00"),
    ],
)
def test_an_assessment_is_in_time_to_the_hour_and_not_a_minute_later(
    measure_id: str, in_time: str, too_late: str
) -> None:
    con = assessed(A=in_time, B=too_late, C="2024-01-10 10:00:00")
    assert share(con, measure_id) == (len(["A", "C"]), 5)


def test_the_first_assessment_tells_how_soon_whatever_follows() -> None:
    con = assessed(A="2024-01-20 10:00:00,2024-01-10 12:00:00", B="2024-01-12 12:00:00,2024-02-10 12:00:00")
    assert share(con, "risk_assessed_24h") == (len(["A"]), 5)
    assert share(con, "risk_assessed_72h") == (len(["A", "B"]), 5)


def test_an_assessment_made_at_the_call_is_in_time_and_one_from_long_before_is_not_of_the_report() -> None:
    con = assessed(
        A="2024-01-10 09:30:00",
        B="2024-01-09 10:00:00",
        C="2024-01-09 09:59:00",
        D="2023-12-09 10:00:00,2024-01-10 15:00:00",
        E="2023-12-09 10:00:00,2024-01-20 10:00:00",
    )
    # C and E were assessed before and not, or too late, for this report; D had been, and was anew.
    assert share(con, "risk_assessed_24h") == (len(["A", "B", "D"]), 5)
    assert share(con, "risk_assessed") == (5, 5)


def test_a_crime_without_a_time_of_report_is_not_in_time() -> None:
    con = filled(
        crimes="""
        crime_ref | recorded_date | ho_class | reported_at
        A         | 2024-01-10    | 8Q       | 2024-01-10 10:00:00
        B         | 2024-01-10    | 8Q       |
        """,
        risk_assessments="""
        crime_ref | assessed_at
        A         | 2024-01-10 11:00:00
        B         | 2024-01-10 11:00:00
        """,
    )
    assert share(con, "risk_assessed_24h") == (1, 2)
    assert share(con, "risk_assessed_72h") == (1, 2)
    assert share(con, "risk_assessed") == (2, 2)


def test_only_crimes_count_that_had_the_time_to_be_assessed() -> None:
    con = filled(
        crimes="""
        crime_ref | recorded_date | ho_class | reported_at
        A         | 2024-12-28    | 8Q       | 2024-12-28 10:00:00
        B         | 2024-12-30    | 8Q       | 2024-12-30 10:00:00
        C         | 2024-12-31    | 8Q       | 2024-12-31 10:00:00
        """,
        risk_assessments="crime_ref | assessed_at\nC | 2024-12-31 10:30:00",
    )
    # The newest extract is of 31 December.
    assert share(con, "risk_assessed_24h") == (0, len(["A", "B"]))
    assert share(con, "risk_assessed_72h") == (0, len(["A"]))
    assert share(con, "risk_assessed") == (1, 3)


# --- grades ---


def test_grades_are_the_latest_and_a_blank_one_is_not_recorded() -> None:
    con = filled(
        crimes=REPORTED,
        risk_assessments="""
        crime_ref | assessed_at         | risk_grade
        A         | 2024-01-10 11:00:00 | high
        A         | 2024-01-12 11:00:00 | medium
        B         | 2024-01-10 11:00:00 | high
        B         | 2024-01-12 11:00:00 |
        C         | 2024-01-10 11:00:00 |
        X         | 2024-01-10 11:00:00 | high
        """,
    )
    assert by_category(asked(con, "risk_grades", by="risk_grade", **YEAR)) == {
        "standard": 0,
        "medium": len(["A"]),
        "high": len(["B"]),
        "not recorded": len(["C", "D", "E"]),
    }


# --- allocation ---


def test_high_risk_goes_to_a_specialist_team_by_any_of_its_allocations() -> None:
    con = filled(
        crimes=REPORTED,
        risk_assessments="""
        crime_ref | assessed_at         | risk_grade
        A         | 2024-01-10 11:00:00 | high
        B         | 2024-01-10 11:00:00 | high
        C         | 2024-01-10 11:00:00 | high
        D         | 2024-01-10 11:00:00 | medium
        X         | 2024-01-10 11:00:00 | high
        """,
        allocations="""
        crime_ref | allocated_date | team | is_specialist
        A         | 2024-01-11     | PVP  | yes
        A         | 2024-01-12     | Area | no
        B         | 2024-01-11     | Area | no
        C         | 2024-01-11     | Area |
        D         | 2024-01-11     | PVP  | yes
        X         | 2024-01-11     | PVP  | yes
        """,
    )
    # D is not high risk; whether the team of C is a specialist one is not recorded.
    assert share(con, "specialist_allocation") == (len(["A"]), len(["A", "B", "C"]))
    assert only(asked(con, "specialist_allocation", **YEAR))["value"] == 100 * 1 / 3


ALLOCATIONS = """
crime_ref | allocated_date | team
A         | 2024-01-10     | Area
A         | 2024-03-10     | PVP
B         | 2024-01-12     | Area
C         | 2024-01-13     | Area
D         | 2024-01-09     | Area
X         | 2024-01-10     | Area
"""


def test_allocations_within_two_days_are_told_on_both_sides_of_the_edge() -> None:
    con = filled(crimes=REPORTED, allocations=ALLOCATIONS)
    # A on the day, B after two, C after three; D before it was recorded, E never.
    assert share(con, "allocated_in_two_days") == (len(["A", "B"]), len(["A", "B", "C"]))
    assert only(asked(con, "allocated_in_two_days", **YEAR))["value"] == 100 * 2 / 3


def test_days_to_allocate_run_to_the_first_allocation_and_are_never_negative() -> None:
    row = only(asked(filled(crimes=REPORTED, allocations=ALLOCATIONS), "days_to_allocate", **YEAR))
    # A 0, B 2, C 3.
    assert (row["denominator"], row["value"], row["lower"], row["upper"]) == (3, 2, 1, 2.5)


def test_an_allocation_counts_in_the_month_it_was_made() -> None:
    con = filled(
        crimes="crime_ref | recorded_date | ho_class\nA | 2024-01-31 | 8Q\nB | 2024-02-01 | 8Q",
        allocations="""
        crime_ref | allocated_date | team
        A         | 2024-02-01     | Area
        B         | 2024-02-05     | Area
        """,
    )
    assert figures(asked(con, "allocated_in_two_days", since="2024-02-01", until="2024-02-29")) == {
        "2024-02-01": 100 * 1 / 2
    }
    assert figures(asked(con, "days_to_allocate", since="2024-02-01", until="2024-02-29")) == {
        "2024-02-01": (1 + 4) / 2
    }


@pytest.mark.parametrize(
    "measure_id",
    [
        *("risk_assessed", "risk_assessed_24h", "risk_assessed_72h", "risk_grades", "specialist_allocation"),
        *("days_to_allocate", "allocated_in_two_days"),
    ],
)
def test_without_its_feed_there_is_no_figure_rather_than_zero(measure_id: str) -> None:
    assert set(asked(filled(crimes=REPORTED), measure_id, grain="all")["marker"]) == {"[x]"}

"""Investigation by example: suspects arrested and outstanding, reviews, statements, orders considered."""

from typing import Any

import pytest

from profiles import warehouse
from tests.tables import asked, by_category, figures, filled, only

CRIMES = """
crime_ref | recorded_date | ho_class | district | record_status | spo_considered | impact_statement
A         | 2024-01-10    | 8Q       | Dover    |               | yes            | yes
B         | 2024-02-10    | 8Q       | Dover    |               | no             | no
C         | 2024-03-10    | 8Q       | Thanet   |               |                |
D         | 2024-12-10    | 8Q       | Thanet   |               | yes            | yes
X         | 2024-01-10    | 8Q       | Dover    | cancelled     | yes            | yes
L         | 2024-01-10    | 8L       | Dover    |               | yes            | yes
"""
SUSPECTS = """
crime_ref | suspect_id | victim_id | identified_date | arrest_date | dealt_with_date
A         | S1         | V1        | 2024-01-10      |             |
A         | S1         | V2        | 2024-01-12      | 2024-01-15  |
A         | S2         | V1        | 2024-01-10      |             | 2024-03-01
B         | S1         |           | 2024-02-10      |             |
C         | S3         |           |                 |             |
X         | S4         |           | 2024-01-10      | 2024-01-11  |
L         | S5         |           | 2024-01-10      | 2024-01-11  |
"""
YEAR = {"since": "2024-01-01", "until": "2024-12-31", "grain": "all"}


def force() -> warehouse.Connection:
    """Of A two suspects, one towards two victims; a suspect of two crimes; a crime without any."""
    return filled(crimes=CRIMES, crime_suspects=SUSPECTS)


def share(con: warehouse.Connection, measure_id: str, **chosen: Any) -> tuple[float, float]:
    """Numerator and denominator of the one row."""
    row = only(asked(con, measure_id, **chosen))
    return row["numerator"], row["denominator"]


# --- suspects ---


@pytest.mark.slow
def test_a_crime_with_two_suspects_is_one_crime_with_a_suspect() -> None:
    assert only(asked(force(), "crimes_with_suspect", **YEAR))["value"] == len(["A", "B", "C"])


def test_arrests_are_of_pairs_of_a_crime_and_a_suspect() -> None:
    # S1 of A, S2 of A, S1 of B, S3 of C: the second victim of A adds none, the cancelled crime has none.
    assert share(force(), "arrest_rate", **YEAR) == (1, 4)
    assert only(asked(force(), "arrest_rate", **YEAR))["value"] == 100 * 1 / 4
    assert by_category(asked(force(), "arrest_rate", by="district", **YEAR)) == {
        "Dover": 100 * 1 / 3,
        "Thanet": 100 * 0 / 1,
    }


@pytest.mark.slow
def test_arrests_of_the_last_28_days_may_still_come() -> None:
    con = filled(
        crimes="crime_ref | recorded_date | ho_class\nA | 2024-11-10 | 8Q\nB | 2024-12-10 | 8Q",
        crime_suspects="crime_ref | suspect_id | arrest_date\nA | S1 | 2024-11-11\nB | S2 |",
    )
    frame = asked(con, "arrest_rate", since="2024-11-01", until="2024-12-31")
    assert frame["marker"].tolist() == ["", "[p]"]
    assert frame["value"].tolist() == [100, 0]


def outstanding(day: str, con: warehouse.Connection | None = None) -> float:
    """Outstanding suspects at the end of that day."""
    row = only(asked(con or force(), "outstanding_suspects", grain="all", since="2024-01-01", until=day))
    return float(row["value"])


def test_a_suspect_is_outstanding_more_than_28_days_after_being_identified() -> None:
    # S2 of A was identified on 10 January: 28 days after it is 7 February. S1 had been arrested by then.
    assert outstanding("2024-02-07") == 0
    assert outstanding("2024-02-08") == len(["A S2"])
    # It ends on the day it is dealt with; of B, identified on 10 February, begins on 10 March.
    assert outstanding("2024-02-29") == len(["A S2"])
    assert outstanding("2024-03-01") == 0
    assert outstanding("2024-03-09") == 0
    assert outstanding("2024-03-10") == len(["B S1"])
    # S3 of C, without a day of identification, never counts.
    assert outstanding("2024-12-31") == len(["B S1"])


@pytest.mark.slow
def test_a_suspect_is_outstanding_up_to_the_day_before_the_arrest() -> None:
    con = filled(
        crimes="crime_ref | recorded_date | ho_class\nA | 2024-01-10 | 8Q",
        crime_suspects="""
        crime_ref | suspect_id | identified_date | arrest_date
        A         | S1         | 2024-01-10      | 2024-05-20
        """,
    )
    assert outstanding("2024-05-19", con) == 1
    assert outstanding("2024-05-20", con) == 0


@pytest.mark.slow
def test_of_several_rows_of_a_suspect_the_first_day_counts() -> None:
    con = filled(
        crimes="crime_ref | recorded_date | ho_class\nA | 2024-01-10 | 8Q",
        crime_suspects="""
        crime_ref | suspect_id | victim_id | identified_date | arrest_date | dealt_with_date
        A         | S1         | V1        | 2024-01-10      |             | 2024-06-20
        A         | S1         | V2        | 2024-03-10      | 2024-05-20  |
        """,
    )
    assert outstanding("2024-02-07", con) == 0
    assert outstanding("2024-02-08", con) == 1
    assert outstanding("2024-05-19", con) == 1
    assert outstanding("2024-05-20", con) == 0


def test_outstanding_suspects_are_a_stock_of_the_end_of_each_period() -> None:
    found = figures(
        asked(force(), "outstanding_suspects", grain="month", since="2024-01-01", until="2024-04-30")
    )
    assert found == {"2024-01-01": 0, "2024-02-01": 1, "2024-03-01": 1, "2024-04-01": 1}
    assert figures(asked(force(), "outstanding_suspects", grain="year")) == {"2024-01-01": 1}
    places = by_category(asked(force(), "outstanding_suspects", by="district", **YEAR))
    assert places == {"Dover": 1, "Thanet": 0}


# --- orders considered ---


def test_an_order_is_considered_in_crimes_with_a_suspect_and_blank_is_not_yes() -> None:
    # D has no suspect; the blank of C stays in the denominator.
    assert share(force(), "spo_considered", **YEAR) == (len(["A"]), len(["A", "B", "C"]))


def test_an_order_is_considered_once_for_a_crime_whatever_its_suspects() -> None:
    frame = asked(force(), "spo_considered", by="district", **YEAR)
    assert {row.category: (row.numerator, row.denominator) for row in frame.itertuples()} == {
        "Dover": (1, 2),
        "Thanet": (0, 1),
    }


@pytest.mark.slow
def test_no_order_could_be_considered_before_there_were_any() -> None:
    con = filled(
        crimes="""
        crime_ref | recorded_date | ho_class | spo_considered
        A         | 2020-01-19    | 8Q       |
        B         | 2020-01-20    | 8Q       |
        C         | 2020-01-20    | 8Q       | yes
        D         | 2019-12-20    | 8Q       |
        """,
        crime_suspects="crime_ref | suspect_id\nA | S1\nB | S2\nC | S3\nD | S4",
    )
    frame = asked(con, "spo_considered", since="2019-12-01", until="2020-01-31")
    assert frame["marker"].tolist() == ["[z]", ""]
    assert only(frame, period="2020-01-01")["value"] == 100 * 1 / 2


# --- reviews and statements ---

REVIEWS = """
crime_ref | due_date   | reviewed_date
A         | 2024-02-10 | 2024-02-10
A         | 2024-03-10 | 2024-03-11
B         | 2024-03-10 | 2024-03-01
C         | 2024-04-10 |
D         | 2025-01-10 |
D         | 2025-01-11 | 2024-12-30
X         | 2024-02-10 | 2024-02-10
L         | 2024-02-10 | 2024-02-10
"""


@pytest.mark.slow
def test_a_review_is_on_time_up_to_the_day_it_is_due() -> None:
    con = filled(crimes=CRIMES, supervisor_reviews=REVIEWS)
    # In time: on the day (A) and before it (B). Late: a day after (A), never (C).
    assert share(con, "supervisor_review_on_time", **YEAR) == (2, 4)


def test_a_review_counts_in_the_period_it_is_due_and_not_before() -> None:
    con = filled(crimes=CRIMES, supervisor_reviews=REVIEWS)
    quarters = asked(
        con, "supervisor_review_on_time", grain="quarter", since="2024-01-01", until="2025-03-31"
    )
    assert [(row.numerator, row.denominator) for row in quarters.itertuples()][:4] == [
        (2, 3),
        (0, 1),
        (0, 0),
        (0, 0),
    ]
    # Reviews begin in February; the two of D are due after the newest extract.
    assert quarters["marker"].tolist() == ["[p]", "", "[z]", "[z]", "[x]"]


@pytest.mark.slow
def test_impact_statements_not_recorded_stay_in_the_denominator() -> None:
    con = filled(crimes=CRIMES)
    assert share(con, "impact_statement_rate", **YEAR) == (len(["A", "D"]), len(["A", "B", "C", "D"]))
    assert only(asked(con, "impact_statement_rate", **YEAR))["value"] == 100 * 2 / 4


@pytest.mark.parametrize(
    "measure_id", ["crimes_with_suspect", "arrest_rate", "outstanding_suspects", "spo_considered"]
)
def test_without_suspects_there_is_no_figure_rather_than_zero(measure_id: str) -> None:
    assert set(asked(filled(crimes=CRIMES), measure_id, grain="all")["marker"]) == {"[x]"}


def test_without_reviews_there_is_no_figure_rather_than_zero() -> None:
    assert set(asked(filled(crimes=CRIMES), "supervisor_review_on_time", grain="all")["marker"]) == {"[x]"}

"""Outcomes by example: crimes recorded against outcomes assigned, and cohorts of one age."""

from typing import Any

import pandas as pd
import pytest

from profiles import warehouse
from profiles.catalogue import measure
from tests.tables import asked, by_category, figures, filled, only

pytestmark = pytest.mark.slow

CRIMES = """
crime_ref | recorded_date | ho_class | record_status
A         | 2023-01-10    | 8Q       |
B         | 2023-02-10    | 8Q       |
C         | 2023-03-10    | 8Q       |
D         | 2023-04-10    | 8Q       |
E         | 2023-11-10    | 8Q       |
F         | 2023-12-10    | 8Q       |
X         | 2023-01-10    | 8Q       | cancelled
L         | 2023-01-10    | 8L       |
Z         | 2022-11-30    | 8Q       |
"""
OUTCOMES = """
crime_ref | outcome_date | outcome_code
A         | 2023-02-09   | 16
A         | 2023-05-20   | 1a
B         | 2023-03-12   | 16
C         | 2023-09-10   | 017
D         | 2023-06-01   | 1
D         | 2023-07-01   | 0
E         | 2024-02-10   | 1
X         | 2023-02-01   | 1
L         | 2023-02-01   | 1
"""
FIRST = """

crime_ref | outcome_date | outcome_code
Z         | 2022-11-30   | 18
"""
"""An outcome before the days asked for: the outcomes of a source begin with its first."""


def force() -> warehouse.Connection:
    """A is charged at last, D reopened after its charge, E closed the year after, F never."""
    return closed(CRIMES, OUTCOMES)


def closed(crimes: str, outcomes: str, **tables: str) -> warehouse.Connection:
    """The crimes with these outcomes, and one from before."""
    return filled(crimes=crimes, outcomes=outcomes + FIRST, **tables)


YEAR_2023 = {"since": "2023-01-01", "until": "2023-12-31", "grain": "all"}
YEAR_2024 = {"since": "2024-01-01", "until": "2024-12-31", "grain": "all"}


def share(con: warehouse.Connection, measure_id: str, **chosen: Any) -> tuple[float, float]:
    """Numerator and denominator of the one row."""
    row = only(asked(con, measure_id, **chosen))
    return row["numerator"], row["denominator"]


def counted(frame: pd.DataFrame) -> dict[str, float]:
    """Categories that hold something."""
    return {name: value for name, value in by_category(frame).items() if value}


# --- two ways of counting ---


def test_outcomes_recorded_are_of_the_crimes_of_the_period_whenever_they_came() -> None:
    assert counted(asked(force(), "outcomes_recorded", by="outcome_group", **YEAR_2023)) == {
        "charged": len(["A", "E"]),
        "evidential difficulties, victim does not support": len(["B"]),
        "prevented or not in the public interest": len(["C"]),
        "not yet assigned": len(["D", "F"]),
    }
    assert only(asked(force(), "outcomes_recorded", **YEAR_2024))["value"] == 0


def test_outcomes_closed_are_those_of_the_period_whenever_their_crimes_were_recorded() -> None:
    # D was reopened and F never closed; the earlier outcome of A is followed by another.
    assert counted(asked(force(), "outcomes_closed", by="outcome_group", **YEAR_2023)) == {
        "charged": len(["A"]),
        "evidential difficulties, victim does not support": len(["B"]),
        "prevented or not in the public interest": len(["C"]),
    }
    assert counted(asked(force(), "outcomes_closed", by="outcome_group", **YEAR_2024)) == {
        "charged": len(["E"])
    }
    months = figures(asked(force(), "outcomes_closed", since="2023-02-01", until="2023-05-31"))
    assert months == {"2023-02-01": 0, "2023-03-01": 1, "2023-04-01": 0, "2023-05-01": 1}


def test_an_outcome_of_another_year_is_in_both_ways_of_counting_in_a_year_of_its_own() -> None:
    assert share(force(), "charge_rate", **YEAR_2023) == (2, 6)  # A and E of A to F
    assert share(force(), "charge_rate_closed", **YEAR_2023) == (1, 3)  # A of A, B and C
    assert share(force(), "charge_rate_closed", **YEAR_2024) == (1, 1)  # E
    assert only(asked(force(), "charge_rate", **YEAR_2024))["marker"] == "[z]"
    assert only(asked(force(), "charge_rate", **YEAR_2023))["value"] == 100 * 2 / 6
    assert only(asked(force(), "charge_rate_closed", **YEAR_2023))["value"] == 100 * 1 / 3


@pytest.mark.parametrize(
    "measure_id",
    ["outcomes_recorded", "outcomes_closed", "charge_rate", "charge_rate_closed", "days_to_outcome"],
)
def test_every_title_says_which_way_is_counted(measure_id: str) -> None:
    way = "closed" if measure(measure_id).date == "outcome_date" else "recorded"
    assert measure(measure_id).title.endswith(f"({way})")


def test_of_one_day_a_real_outcome_counts_before_one_not_yet_assigned() -> None:
    con = closed(
        CRIMES,
        """
        crime_ref | outcome_date | outcome_code
        A         | 2023-02-10   | 0
        A         | 2023-02-10   | 1
        B         | 2023-03-10   | 16
        B         | 2023-03-11   | 0
        """,
    )
    assert share(con, "charge_rate", **YEAR_2023) == (1, 6)
    assert share(con, "charge_rate_closed", **YEAR_2023) == (1, 1)
    assert share(con, "charge_rate_90", **YEAR_2023) == (1, 6)


def test_shares_of_crimes_recorded_are_provisional_until_their_outcomes_can_have_come() -> None:
    con = filled(
        crimes="""
        crime_ref | recorded_date | ho_class
        A         | 2023-10-10    | 8Q
        B         | 2023-12-10    | 8Q
        C         | 2024-06-10    | 8Q
        D         | 2024-07-10    | 8Q
        """,
        outcomes="crime_ref | outcome_date | outcome_code\nA | 2023-10-11 | 1",
    )
    # 180 days before 31 December 2024 is 4 July, 365 days before it 1 January.
    for measure_id in ("outcomes_recorded", "charge_rate", "victim_does_not_support"):
        frame = asked(con, measure_id, since="2024-06-01", until="2024-07-31")
        assert frame["marker"].tolist() == ["", "[p]"], measure_id
    frame = asked(con, "time_limit_expired", grain="quarter", since="2023-10-01", until="2024-09-30")
    assert frame["marker"].tolist() == ["", "[z]", "[p]", "[p]"]


# --- cohorts of one age ---

OLD = """
crime_ref | recorded_date | ho_class
A         | 2023-01-01    | 8Q
B         | 2023-01-01    | 8Q
C         | 2023-01-01    | 8Q
D         | 2023-01-01    | 8Q
Z         | 2022-11-30    | 8Q
"""


@pytest.mark.parametrize(
    ("measure_id", "last_day", "day_after"),
    [
        ("charge_rate_90", "2023-04-01", "2023-04-02"),
        ("charge_rate_180", "2023-06-30", "2023-07-01"),
        ("charge_rate_365", "2024-01-01", "2024-01-02"),
    ],
)
def test_a_charge_counts_on_the_last_day_of_its_age_and_not_on_the_day_after(
    measure_id: str, last_day: str, day_after: str
) -> None:
    con = closed(
        OLD,
        f"""
        crime_ref | outcome_date | outcome_code
        A         | {last_day}   | 1
        B         | {day_after}  | 1
        C         | 2022-12-31   | 1
        """,
    )
    # A in time, B a day late, C before it was recorded and so charged by then.
    assert share(con, measure_id, **YEAR_2023) == (2, 4)
    assert share(con, "charge_rate", **YEAR_2023) == (3, 4)


def test_a_charge_that_another_outcome_follows_still_counts_at_the_age_it_was_in_force() -> None:
    con = closed(
        OLD,
        """
        crime_ref | outcome_date | outcome_code
        A         | 2023-01-31   | 1
        A         | 2023-07-20   | 16
        B         | 2023-01-31   | 1
        B         | 2023-04-01   | 16
        C         | 2023-01-31   | 16
        C         | 2023-02-28   | 1
        C         | 2023-12-01   | 0
        """,
    )
    # A: charged at day 30, otherwise from day 200. B: otherwise on day 90. C: charged from day 58 to day 333.
    assert share(con, "charge_rate_90", **YEAR_2023) == (len(["A", "C"]), 4)
    assert share(con, "charge_rate_180", **YEAR_2023) == (len(["A", "C"]), 4)
    assert share(con, "charge_rate_365", **YEAR_2023) == (0, 4)
    assert share(con, "charge_rate", **YEAR_2023) == (0, 4)


def test_a_crime_counts_once_it_is_old_enough_and_not_a_day_before() -> None:
    con = filled(
        crimes="""
        crime_ref | recorded_date | ho_class
        A         | 2024-10-02    | 8Q
        B         | 2024-10-03    | 8Q
        """,
        outcomes="crime_ref | outcome_date | outcome_code\nA | 2024-10-02 | 1\nB | 2024-10-03 | 1",
    )
    # 90 days before 31 December 2024 is 2 October.
    row = only(asked(con, "charge_rate_90", since="2024-10-01", until="2024-10-31"))
    assert (row["numerator"], row["denominator"], row["marker"]) == (1, 1, "[p]")
    assert only(asked(con, "charge_rate_90", since="2024-11-01", until="2024-11-30"))["marker"] == "[x]"
    assert only(asked(con, "charge_rate_180", since="2024-10-01", until="2024-10-31"))["marker"] == "[x]"
    assert only(asked(con, "charge_rate_365", since="2024-10-01", until="2024-10-31"))["marker"] == "[x]"


# --- outcomes told apart ---


def test_time_limit_expired_is_outcome_17_alone_of_its_group() -> None:
    con = closed(
        OLD,
        """
        crime_ref | outcome_date | outcome_code
        A         | 2023-07-10   | 17
        B         | 2023-07-10   | 12
        C         | 2023-07-10   | 17
        C         | 2023-08-10   | 15
        """,
    )
    # 12 is in the same group; C has another outcome by now; D has none and stays in the denominator.
    assert share(con, "time_limit_expired", **YEAR_2023) == (1, 4)
    assert share(force(), "time_limit_expired", **YEAR_2023) == (1, 6)  # C, whose code is padded


def test_the_victim_does_not_support_action_in_14_and_16_and_not_in_15() -> None:
    con = closed(
        OLD,
        """
        crime_ref | outcome_date | outcome_code
        A         | 2023-07-10   | 14
        B         | 2023-07-10   | 016
        C         | 2023-07-10   | 15
        """,
    )
    assert share(con, "victim_does_not_support", **YEAR_2023) == (2, 4)


def test_victim_does_not_support_is_told_by_whether_an_advocate_is_involved() -> None:
    con = closed(
        OLD,
        "crime_ref | outcome_date | outcome_code\nA | 2023-07-10 | 16\nC | 2023-07-10 | 16",
        crime_victims="""
        crime_ref | victim_id | victim_type
        A         | V1        | person
        A         | V2        |
        B         | V3        |
        C         | V4        | organisation
        """,
        support="""
        crime_ref | victim_id | specialist_referral
        A         | V1        | no
        A         | V2        | yes
        B         | V3        |
        C         | V4        | yes
        D         | V5        | yes
        """,
    )
    frame = asked(con, "victim_does_not_support", by="advocate", **YEAR_2023)
    # A: one of two victims. D: nobody is named as its victim but the advocate's own. C is an organisation's.
    assert {row.category: (row.numerator, row.denominator) for row in frame.itertuples()} == {
        "yes": (len(["A"]), len(["A", "D"])),
        "no": (len(["C"]), len(["B", "C"])),
    }


@pytest.mark.parametrize("code", ["charge", "99", "4a"])
def test_a_code_that_does_not_exist_is_an_outcome_of_its_own_group_and_no_charge(code: str) -> None:
    con = closed(OLD, f"crime_ref | outcome_date | outcome_code\nA | 2023-07-10 | {code}")
    assert counted(asked(con, "outcomes_closed", by="outcome_group", **YEAR_2023)) == {"unknown code": 1}
    assert share(con, "charge_rate_closed", **YEAR_2023) == (0, 1)


def test_the_number_of_an_outcome_is_free_of_padding_and_letters() -> None:
    con = filled(
        crimes=OLD,
        outcomes="""
        crime_ref | outcome_date | outcome_code
        A         | 2023-07-10   | 01A
        B         | 2023-07-10   | 016
        C         | 2023-07-10   | charge
        """,
    )
    found = dict(con.execute("select crime_ref, outcome_number from marts.stalking_crimes").fetchall())
    assert found == {"A": "1", "B": "16", "C": None, "D": None, "Z": None}


# --- days to outcome ---


def test_days_to_outcome_run_from_the_recorded_date_to_the_latest_outcome() -> None:
    row = only(asked(force(), "days_to_outcome", **YEAR_2023))
    # A 130 days (the one after 30 is followed by another), B 30, C 184; D was reopened, E closed in 2024.
    assert (row["denominator"], row["value"]) == (3, 130)
    assert (row["lower"], row["upper"]) == ((30 + 130) / 2, (130 + 184) / 2)
    assert only(asked(force(), "days_to_outcome", **YEAR_2024))["value"] == 92  # E


def test_outcomes_within_90_days_are_told_on_both_sides_of_the_edge_and_never_before_the_crime() -> None:
    con = closed(
        OLD,
        """
        crime_ref | outcome_date | outcome_code
        A         | 2023-04-01   | 16
        B         | 2023-04-02   | 16
        C         | 2022-12-31   | 16
        D         | 2023-01-01   | 18
        """,
    )
    days = {"since": "2022-12-01", "until": "2023-12-31", "grain": "all"}
    assert share(con, "outcome_in_90_days", **days) == (len(["A", "D"]), len(["A", "B", "D"]))
    row = only(asked(con, "days_to_outcome", **days))
    assert (row["denominator"], row["value"]) == (3, 90)
    # Dated before its crime: a fault of the date, and an outcome all the same.
    assert only(asked(con, "outcomes_closed", **days))["value"] == 4


MEASURES = (
    *("outcomes_recorded", "outcomes_closed", "charge_rate", "charge_rate_closed", "charge_rate_90"),
    *("charge_rate_180", "charge_rate_365", "time_limit_expired", "victim_does_not_support"),
    *("days_to_outcome", "outcome_in_90_days"),
)


@pytest.mark.parametrize("measure_id", MEASURES)
def test_without_outcomes_there_is_no_figure_rather_than_zero(measure_id: str) -> None:
    assert set(asked(filled(crimes=CRIMES), measure_id, grain="all")["marker"]) == {"[x]"}

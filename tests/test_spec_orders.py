"""Protection orders by example: small tables in, literal answers out."""

import pytest

from profiles import warehouse
from tests.tables import asked, by_category, figures, filled, only

CRIMES = """
crime_ref | recorded_date | ho_class | district | spo_considered | team
A         | 2023-01-10    | 8Q       | Dover    | yes            | CID
B         | 2023-02-10    | 8Q       | Dover    | no             | CID
C         | 2023-03-10    | 8Q       | Thanet   |                | CID
D         | 2023-04-10    | 8Q       | Thanet   | yes            | CID
E         | 2023-05-10    | 8Q       | Medway   | yes            | CID
"""
SUSPECTS = """
crime_ref | suspect_id | victim_id
A         | S1         | V1
A         | S1         | V2
A         | S2         | V1
B         | S3         |
C         | S4         |
D         | S1         |
"""
ORDERS = """
order_id | crime_ref | suspect_id | district | expiry_date
one      | A         | S1         | Dover    | 2025-02-20
two      | C         |            |          |
three    | D         | S1         | Thanet   | 2026-06-01
four     |           |            | Medway   | 2033-03-02
five     | B         | S3         | Dover    |
six      | Z         | S9         |          | 2023-01-01
"""
EVENTS = """
order_id | event_date | event
one      | 2023-01-12 | considered
one      | 2023-01-20 | applied
one      | 2023-01-25 | interim granted
one      | 2023-02-20 | granted
one      | 2024-02-19 | breached
one      | 2024-05-01 | breached
two      | 2023-03-20 | applied
two      | 2023-05-01 | granted
two      | 2023-04-30 | breached
two      | 2024-05-01 | breached
three    | 2023-04-20 | applied
three    | 2023-06-01 | granted
three    | 2024-01-10 | discharged
four     | 2023-02-20 | applied
four     | 2023-03-02 | granted
five     | 2023-02-15 | applied
five     | 2023-02-16 | interim refused
five     | 2023-03-15 | refused
six      | 2024-02-02 | granted
six      | 2024-01-02 | withdrawn
"""


def force() -> warehouse.Connection:
    return filled(crimes=CRIMES, crime_suspects=SUSPECTS, spo_orders=ORDERS, spo_events=EVENTS)


YEAR_2023 = {"since": "2023-01-01", "until": "2023-12-31", "grain": "all"}
ALL = {"since": "2023-01-01", "until": "2024-12-31", "grain": "all"}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("measure_id", "wanted"),
    [
        # An application counts once although an interim and a full order follow; six was never applied for.
        ("spo_applications", 5),
        ("spo_granted", 4),
        ("spo_interim_granted", 1),
        # The interim order of five was refused too: one refusal of a full order.
        ("spo_refused", 1),
        ("spo_withdrawn", 0),
        # Of two, the breach a day before its grant is a fault and no breach.
        ("spo_breaches", 0),
    ],
)
def test_steps_count_in_the_period_of_their_own_day(measure_id: str, wanted: int) -> None:
    assert only(asked(force(), measure_id, **YEAR_2023))["value"] == wanted


def test_what_happened_in_another_year_counts_there() -> None:
    year = {"since": "2024-01-01", "until": "2024-12-31", "grain": "all"}
    assert only(asked(force(), "spo_granted", **year))["value"] == len(["six"])
    assert only(asked(force(), "spo_withdrawn", **year))["value"] == len(["six"])
    assert only(asked(force(), "spo_breaches", **year))["value"] == len(["one", "one", "two"])


def test_an_order_takes_the_district_of_its_crime_where_it_has_none() -> None:
    found = by_category(asked(force(), "spo_applications", by="district", **ALL))
    assert found == {"Dover": 2, "Thanet": 2, "Medway": 1, "not recorded": 0}


def test_orders_granted_so_far_only_grow() -> None:
    found = figures(
        asked(force(), "spo_granted_to_date", grain="quarter", **days("2023-01-01", "2024-03-31"))
    )
    assert list(found.values()) == [2, 4, 4, 4, 5]


def test_an_order_is_in_force_from_its_grant_to_the_day_before_it_ends() -> None:
    # The open-ended order two holds throughout; three ends when it is discharged, long before it expires.
    assert on("spo_active", "2023-02-19") == 0
    assert on("spo_active", "2023-02-20") == len(["one"])
    assert on("spo_active", "2024-01-09") == len(["one", "two", "three", "four"])
    assert on("spo_active", "2024-01-10") == len(["one", "two", "four"])
    # The order six ended before it was granted: it is never in force.
    assert on("spo_active", "2024-12-31") == len(["one", "two", "four"])


def test_an_order_expires_soon_within_ninety_days_both_sides_of_the_edge() -> None:
    # One ends on 20 February 2025: 90 days after 22 November 2024.
    assert on("spo_expiring", "2024-11-21") == 0
    assert on("spo_expiring", "2024-11-22") == len(["one"])
    assert on("spo_expiring", "2024-12-31") == len(["one"])


@pytest.mark.slow
def test_the_end_of_an_order_without_an_expiry_is_the_step_that_says_so() -> None:
    con = filled(
        crimes=CRIMES,
        spo_orders="order_id | expiry_date\none |",
        spo_events="""
        order_id | event_date | event
        one      | 2023-02-20 | granted
        one      | 2024-02-20 | expired
        """,
    )
    assert on("spo_active", "2024-02-19", con) == 1
    assert on("spo_active", "2024-02-20", con) == 0


def test_a_stock_is_whole_however_late_the_feed_began() -> None:
    row = only(asked(force(), "spo_active", grain="all", since="2022-06-01", until="2023-12-31"))
    assert (row["value"], row["marker"]) == (4, "")
    rolling = asked(force(), "spo_active", grain="rolling_year", since="2023-03-01", until="2023-03-31")
    assert (only(rolling)["value"], only(rolling)["marker"]) == (2, "")


def test_a_breach_in_the_thirteenth_month_is_none_within_the_year() -> None:
    row = only(asked(force(), "spo_breach_rate", **ALL))
    # Granted by 31 December 2023: one (breached on the last day of its year), two (on the first after it),
    # three and four; six is not a year old.
    assert (row["numerator"], row["denominator"]) == (1, 4)
    assert row["value"] == 100 * 1 / 4


def test_an_order_counts_towards_breaches_once_it_is_twelve_months_old() -> None:
    months = asked(force(), "spo_breach_rate", grain="quarter", **days("2023-07-01", "2024-12-31"))
    assert dict(zip(months["period"], months["marker"], strict=True)) == {
        "2023-07-01": "[z]",
        "2023-10-01": "[z]",
        "2024-01-01": "[x]",
        "2024-04-01": "[x]",
        "2024-07-01": "[x]",
        "2024-10-01": "[x]",
    }


def test_applications_are_per_crimes_with_a_suspect_of_the_same_days() -> None:
    row = only(asked(force(), "spo_per_100_crimes", **YEAR_2023))
    # Crimes A (two suspects, one crime), B, C and D have one; E has none.
    assert (row["numerator"], row["denominator"]) == (5, 4)
    assert row["value"] == 100 * 5 / 4


def test_days_to_application_leave_out_orders_without_a_crime() -> None:
    row = only(asked(force(), "spo_days_to_application", **ALL))
    # A 10, B 5, C 10, D 10; four names no crime.
    assert (row["denominator"], row["value"], row["lower"], row["upper"]) == (4, 10, 8.75, 10)
    row = only(asked(force(), "spo_applied_in_28_days", **ALL))
    assert (row["numerator"], row["denominator"]) == (4, 4)


@pytest.mark.slow
def test_applications_within_28_days_are_told_on_both_sides_of_the_edge() -> None:
    con = filled(
        crimes=CRIMES,
        spo_orders="order_id | crime_ref\none | A\ntwo | B\nthree | C",
        spo_events="""
        order_id | event_date | event
        one      | 2023-02-07 | applied
        two      | 2023-03-11 | applied
        three    | 2023-03-09 | applied
        """,
    )
    # One after 28 days, two after 29, three before its crime was recorded.
    row = only(asked(con, "spo_applied_in_28_days", **YEAR_2023))
    assert (row["numerator"], row["denominator"]) == (1, 2)
    assert only(asked(con, "spo_days_to_application", **YEAR_2023))["value"] == (28 + 29) / 2


def test_days_to_order_run_from_the_application_to_the_full_order() -> None:
    row = only(asked(force(), "spo_days_to_order", **ALL))
    # One 31, two 42, three 42, four 10; six was never applied for.
    assert (row["denominator"], row["value"]) == (4, (31 + 42) / 2)
    row = only(asked(force(), "spo_granted_in_56_days", **ALL))
    assert (row["numerator"], row["denominator"]) == (4, 4)


def test_lengths_are_those_the_court_gave() -> None:
    found = by_category(asked(force(), "spo_granted", by="order_length", **ALL))
    assert {name: value for name, value in found.items() if value} == {
        "2 years": len(["one"]),
        "3 years": len(["three"]),
        "10 years": len(["four"]),
        "until further order": len(["two"]),
        "not recorded": len(["six"]),
    }


def test_every_suspect_of_a_crime_takes_its_own_way_to_an_order() -> None:
    found = by_category(asked(force(), "spo_steps", by="step", **ALL))
    assert found == {
        # A with S1 (two victims, one pair) and S2, B with S3, C with S4, D with S1.
        "suspect identified": 5,
        # The record of A says so of both; those of B and C do not, but the tracker does.
        "order considered": 5,
        # The order of A names S1; that of C names nobody, and its crime has one suspect.
        "order applied for": len(["A S1", "B S3", "C S4", "D S1"]),
        "full order granted": len(["A S1", "C S4", "D S1"]),
        "full order breached": len(["A S1", "C S4"]),
    }
    frame = asked(force(), "spo_step_reached", by="step", **ALL)
    assert {row.category: (row.numerator, row.denominator) for row in frame.itertuples()} == {
        "suspect identified": (5, 5),
        "order considered": (5, 5),
        "order applied for": (4, 5),
        "full order granted": (3, 4),
        "full order breached": (2, 3),
    }


@pytest.mark.slow
def test_an_order_that_names_nobody_belongs_to_no_suspect_of_several() -> None:
    con = filled(
        crimes=CRIMES,
        crime_suspects=SUSPECTS,
        spo_orders="order_id | crime_ref\none | A",
        spo_events="order_id | event_date | event\none | 2023-01-20 | applied",
    )
    found = by_category(asked(con, "spo_steps", by="step", **ALL))
    assert found["order applied for"] == 0
    assert only(asked(con, "spo_applications", **ALL))["value"] == 1


def test_steps_are_never_added_up() -> None:
    assert only(asked(force(), "spo_steps", **ALL))["marker"] == "[z]"
    assert set(asked(force(), "spo_step_reached", by="district", **ALL)["marker"]) == {"[z]"}
    chosen = {"step": "order applied for"}
    assert only(asked(force(), "spo_steps", where=chosen, **ALL))["value"] == 4


def test_the_last_six_months_of_the_steps_are_open() -> None:
    chosen = {"step": "suspect identified"}
    frame = asked(force(), "spo_steps", grain="quarter", where=chosen, **days("2024-01-01", "2024-12-31"))
    assert frame["marker"].tolist() == ["", "", "[p]", "[p]"]


@pytest.mark.slow
def test_a_force_without_a_tracker_has_no_orders_rather_than_zero() -> None:
    con = filled(crimes=CRIMES, crime_suspects=SUSPECTS)
    for measure_id in ("spo_applications", "spo_active", "spo_steps", "spo_per_100_crimes", "spo_breaches"):
        assert set(asked(con, measure_id, grain="all")["marker"]) == {"[x]"}, measure_id


def test_before_the_tracker_begins_there_is_no_figure() -> None:
    found = asked(force(), "spo_active", grain="year", **days("2022-01-01", "2023-12-31"))
    assert found["marker"].tolist() == ["[x]", ""]


@pytest.mark.slow
def test_the_crime_of_a_tracker_kept_apart_is_the_only_one_of_its_reference() -> None:
    crimes = """
    source | crime_ref | recorded_date | ho_class | district | relationship
    athena | A         | 2023-01-10    | 8Q       | Dover    | stranger
    athena | B         | 2023-01-10    | 8Q       | Dover    | stranger
    other  | B         | 2023-01-10    | 8Q       | Thanet   | stranger
    """
    con = filled(
        crimes=crimes,
        spo_orders="source | order_id | crime_ref\ntracker | one | A\ntracker | two | B",
        spo_events="""
        source  | order_id | event_date | event
        tracker | one      | 2023-01-20 | applied
        tracker | two      | 2023-01-20 | applied
        """,
    )
    found = by_category(asked(con, "spo_applications", by="relationship", **YEAR_2023))
    assert {name: value for name, value in found.items() if value} == {"stranger": 1, "not recorded": 1}


def days(since: str, until: str) -> dict[str, str]:
    return {"since": since, "until": until}


def on(measure_id: str, day: str, con: warehouse.Connection | None = None) -> float:
    """The stock at the end of that day."""
    row = only(asked(con or force(), measure_id, grain="all", since="2023-01-01", until=day))
    return float(row["value"])

"""Calls, multi-agency referrals and training by example: small tables in, literal answers out."""

import pytest

from profiles import warehouse
from tests.tables import asked, by_category, figures, filled, only

CRIMES = """
crime_ref | recorded_date | ho_class | district | relationship | team
A         | 2024-02-05    | 8Q       | Dover    | ex-partner   | CID
B         | 2024-02-06    | 8L       | Thanet   | stranger     | Area
"""
CALLS = """
call_id | call_date  | call_type         | crime_ref | district
K1      | 2024-02-04 | Stalking          | A         | Dover
K2      | 2024-02-05 | Stalking          | A         | Dover
K3      | 2024-02-06 | Stalking          |           | Thanet
K4      | 2024-03-06 | Stalking - online |           |
K5      | 2024-03-07 |                   | Z         | Thanet
"""
REFERRALS = """
referral_id | crime_ref | forum | referral_date | district
M1          | A         | MASIP | 2024-02-10    |
M2          | A         | MARAC | 2024-02-11    | Dover
M3          |           | MARAC | 2024-03-01    | Thanet
M4          | B         | MASIP | 2024-03-02    |
M5          | Z         | MASIP | 2024-03-03    |
M6          |           | MAPPA | 2024-03-04    |
"""
TRAINING = """
role      | course    | counted_date | eligible | completed
constable | learning  | 2024-01-31   | 100      | 10
constable | learning  | 2024-03-15   | 110      | 55
sergeant  | learning  | 2024-02-29   | 20       | 18
constable | screening | 2024-04-30   | 50       | 5
sergeant  | screening | 2024-04-30   | 0        | 0
"""
ALL = {"since": "2024-02-01", "until": "2024-04-30", "grain": "all"}


def force() -> warehouse.Connection:
    return filled(crimes=CRIMES, calls=CALLS, partner_referrals=REFERRALS, training=TRAINING)


@pytest.mark.slow
def test_stalking_calls_count_by_their_own_day() -> None:
    assert figures(asked(force(), "stalking_calls", since="2024-02-01", until="2024-03-31")) == {
        "2024-02-01": 3,
        "2024-03-01": 2,
    }
    assert by_category(asked(force(), "stalking_calls", by="call_type", **ALL)) == {
        "Stalking": 3,
        "Stalking - online": 1,
        "not recorded": 1,
    }
    assert by_category(asked(force(), "stalking_calls", by="district", **ALL)) == {
        "Dover": 2,
        "Thanet": 2,
        "not recorded": 1,
    }


def test_calls_recorded_as_crime_are_those_that_name_one() -> None:
    row = only(asked(force(), "calls_recorded_as_crime", **ALL))
    # K1 and K2 of one crime, K5 of one that the warehouse does not hold.
    assert (row["numerator"], row["denominator"], row["value"]) == (3, 5, 100 * 3 / 5)


@pytest.mark.slow
def test_a_call_of_the_newest_week_may_still_become_a_crime() -> None:
    con = filled(crimes=CRIMES, calls=CALLS.replace("2024-03-07", "2024-12-07"))
    frame = asked(con, "calls_recorded_as_crime", since="2024-11-01", until="2024-12-31")
    assert frame["marker"].tolist() == ["[z]", "[p]"]


def test_multi_agency_referrals_count_with_or_without_a_crime() -> None:
    assert by_category(asked(force(), "multi_agency_referrals", by="forum", **ALL)) == {
        "MASIP": 3,
        "MARAC": 2,
        "MATAC": 0,
        "MAPPA": 1,
    }
    assert only(asked(force(), "multi_agency_referrals", **ALL))["value"] == 6
    assert figures(asked(force(), "masip_referrals", since="2024-02-01", until="2024-03-31")) == {
        "2024-02-01": len(["M1"]),
        "2024-03-01": len(["M4", "M5"]),
    }


def test_a_referral_takes_what_is_known_of_its_crime_and_its_own_district_first() -> None:
    def found(by: str) -> dict[str, float]:
        frame = asked(force(), "multi_agency_referrals", by=by, **ALL)
        return {name: value for name, value in by_category(frame).items() if value}

    # B is no stalking, so only its class, district and team are known; M5 names no crime there is.
    assert found("relationship") == {"ex-partner": 2, "not recorded": 4}
    assert found("principal_class") == {"8Q": 2, "8L": 1, "not recorded": 3}
    assert found("team") == {"CID": 2, "Area": 1, "not recorded": 3}
    assert found("district") == {"Dover": 2, "Thanet": 2, "not recorded": 2}
    assert found("typology") == {"not recorded": 6}


@pytest.mark.slow
def test_the_crime_of_a_list_kept_apart_is_the_only_one_of_its_reference() -> None:
    con = filled(
        crimes="""
        source | crime_ref | recorded_date | ho_class | relationship
        athena | A         | 2024-02-05    | 8Q       | stranger
        athena | B         | 2024-02-05    | 8Q       | stranger
        niche  | B         | 2024-02-05    | 8Q       | partner
        """,
        partner_referrals="""
        source | referral_id | crime_ref | forum | referral_date
        panel  | M1          | A         | MASIP | 2024-02-10
        panel  | M2          | B         | MASIP | 2024-02-10
        niche  | M3          | B         | MASIP | 2024-02-10
        """,
    )
    found = by_category(asked(con, "masip_referrals", by="relationship", **ALL))
    assert {name: value for name, value in found.items() if value} == {
        "stranger": 1,
        "partner": 1,
        "not recorded": 1,
    }


def test_training_is_the_newest_count_of_each_role_and_course() -> None:
    frame = asked(force(), "training_completed", since="2024-01-01", until="2024-04-30")
    found = {row.period: (row.numerator, row.denominator) for row in frame.itertuples()}
    assert found == {
        "2024-01-01": (10, 100),
        # January's count of constables still holds; sergeants are counted on the last day of February.
        "2024-02-01": (10 + 18, 100 + 20),
        # The count of 15 March replaces it.
        "2024-03-01": (55 + 18, 110 + 20),
        "2024-04-01": (55 + 18 + 5 + 0, 110 + 20 + 50 + 0),
    }
    assert only(frame, period="2024-03-01")["value"] == 100 * (55 + 18) / (110 + 20)


@pytest.mark.parametrize(("day", "completed"), [("2024-03-14", 10), ("2024-03-15", 55)])
def test_a_count_holds_until_the_day_before_the_next(day: str, completed: int) -> None:
    chosen = {"role": "constable", "course": "learning"}
    frame = asked(force(), "training_completed", since="2024-01-01", until=day, grain="all", where=chosen)
    assert only(frame)["numerator"] == completed


def test_training_is_by_role_and_course_and_nobody_to_train_is_no_share() -> None:
    by_role = asked(force(), "training_completed", by="role", where={"course": "screening"}, **ALL)
    assert only(by_role, category="constable")["value"] == 100 * 5 / 50
    assert only(by_role, category="sergeant")["marker"] == "[z]"
    by_course = asked(force(), "training_completed", by="course", **ALL)
    assert by_category(by_course) == {"learning": 100 * 73 / 130, "screening": 100 * 5 / 50}


def test_before_the_first_count_there_is_no_figure() -> None:
    frame = asked(force(), "training_completed", since="2023-12-01", until="2024-01-31")
    assert frame["marker"].tolist() == ["[x]", ""]


@pytest.mark.slow
@pytest.mark.parametrize(
    "measure_id",
    [
        *("stalking_calls", "calls_recorded_as_crime", "masip_referrals", "multi_agency_referrals"),
        "training_completed",
    ],
)
def test_without_the_feed_there_is_no_figure_rather_than_zero(measure_id: str) -> None:
    con = filled(crimes=CRIMES)
    assert set(asked(con, measure_id, **ALL)["marker"]) == {"[x]"}
    if measure_id == "multi_agency_referrals":
        assert set(asked(con, measure_id, by="forum", **ALL)["marker"]) == {"[x]"}

"""Bank holidays of England and the working days between two dates, against published dates."""

from datetime import date, timedelta

import pytest

from profiles import warehouse
from profiles.warehouse import marts, raw_tables
from tests.tables import filled, stalking

PUBLISHED = {
    2020: "01-01 04-10 04-13 05-08 05-25 08-31 12-25 12-28",
    2021: "01-01 04-02 04-05 05-03 05-31 08-30 12-27 12-28",
    2022: "01-03 04-15 04-18 05-02 06-02 06-03 08-29 09-19 12-26 12-27",
    2023: "01-02 04-07 04-10 05-01 05-08 05-29 08-28 12-25 12-26",
}
"""As the government lists them for England and Wales: with the jubilee, the funeral and the coronation."""


@pytest.fixture(scope="module")
def con() -> warehouse.Connection:
    return filled(crimes=stalking("A"))


@pytest.mark.slow
@pytest.mark.parametrize("year", PUBLISHED)
def test_bank_holidays_are_those_published(year: int, con: warehouse.Connection) -> None:
    found = con.execute(
        "select strftime(day, '%m-%d') from staging.stg_bank_holidays where year(day) = $year order by day",
        {"year": year},
    ).fetchall()
    assert [day for (day,) in found] == PUBLISHED[year].split()


def test_the_second_of_january_is_a_holiday_in_scotland_alone(con: warehouse.Connection) -> None:
    # In England it only stands for a New Year's Day that falls on a Sunday.
    found = con.execute(
        "select day from staging.stg_bank_holidays where month(day) = 1 and day(day) = 2 and year(day) < 2024"
    ).fetchall()
    sundays = [date(year, 1, 1) for year in range(2000, 2024) if date(year, 1, 1).weekday() == 6]
    assert sorted(day for (day,) in found) == [each + timedelta(days=1) for each in sundays]


def between(con: warehouse.Connection, first: str, last: str) -> int:
    [(days,)] = con.execute(
        "select b.count_working_days - a.count_working_days from marts.working_days a, marts.working_days b "
        "where a.day = $first and b.day = $last",
        {"first": first, "last": last},
    ).fetchall()
    return int(days)


@pytest.mark.parametrize(
    ("first", "last", "days"),
    [
        ("2024-02-05", "2024-02-05", 0),
        ("2024-02-09", "2024-02-10", 0),  # Friday to Saturday
        ("2024-02-09", "2024-02-12", 1),  # Friday to Monday
        ("2024-02-10", "2024-02-12", 1),  # Saturday to Monday
        ("2024-02-10", "2024-02-11", 0),
        ("2024-02-05", "2024-02-12", 5),
        ("2024-03-28", "2024-04-02", 1),  # over Easter
        ("2023-05-05", "2023-05-09", 1),  # over the coronation
        ("2021-12-24", "2021-12-29", 1),  # over Christmas on a Saturday
        ("2020-12-31", "2021-01-04", 1),
        ("2022-12-31", "2023-12-31", 52 * 5 - 9),
    ],
)
def test_working_days_are_those_after_the_first_day(
    con: warehouse.Connection, first: str, last: str, days: int
) -> None:
    assert between(con, first, last) == days


def test_the_calendar_has_every_day_once(con: warehouse.Connection) -> None:
    first, last, days = con.execute("select min(day), max(day), count(*) from marts.working_days").fetchall()[
        0
    ]
    assert (first, last) == (date(2000, 1, 1), date(2060, 12, 31))
    assert days == (last - first).days + 1


@pytest.mark.slow
def test_an_import_over_an_earlier_one_holds_each_holiday_once(con: warehouse.Connection) -> None:
    [(before,)] = con.execute("select count(*) from meta.bank_holidays").fetchall()
    assert before == len(marts.bank_holidays()) > 61 * 7
    again = warehouse.connect()
    raw_tables.create_raw(again)
    marts.build(again)
    marts.build(again)
    assert again.execute("select count(*) from meta.bank_holidays").fetchall() == [(before,)]

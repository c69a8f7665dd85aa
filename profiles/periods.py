"""Periods: months, quarters, financial years and rolling years as days, with no clock anywhere."""

from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

GRAINS = ("month", "quarter", "financial_year", "year", "rolling_year", "all")

MONTHS = {"month": 1, "quarter": 3, "financial_year": 12, "year": 12, "rolling_year": 1}
"""Months from one period to the next; a rolling year moves by one."""

FIRST_MONTH = {"month": 0, "quarter": 0, "financial_year": 3, "year": 0, "rolling_year": 0}
"""Where in the calendar year the first period begins: a financial year begins in April."""

ALL = "all"


@dataclass(frozen=True)
class Period:
    """A label (first day, ISO; of a rolling year the first day of its last month) and both end days."""

    label: str
    starts: date
    ends: date


def month_number(day: date) -> int:
    """Months since the year 0, so that months can be added and divided."""
    return day.year * 12 + day.month - 1


def first_day(month: int) -> date:
    """First day of the month with that number."""
    return date(month // 12, month % 12 + 1, 1)


def month_start(day: date) -> date:
    """First day of the month that holds `day`."""
    return day.replace(day=1)


def last_day(month: int) -> date:
    """Last day of the month with that number."""
    return first_day(month + 1) - timedelta(days=1)


def first_period(grain: str, day: date) -> int:
    """Number of the month in which the period that holds `day` begins; of a rolling year, its last month."""
    month = month_number(day)
    return month - (month - FIRST_MONTH[grain]) % MONTHS[grain]


@lru_cache(maxsize=256)
def periods(grain: str, since: date, until: date) -> tuple[Period, ...]:
    """Every period of that grain that holds a day from `since` to `until`, both included, in order."""
    if grain == ALL:
        return (Period(ALL, since, until),)
    step = MONTHS[grain]
    back = 11 if grain == "rolling_year" else 0
    return tuple(
        Period(first_day(month).isoformat(), first_day(month - back), last_day(month + step - 1))
        for month in range(first_period(grain, since), month_number(until) + 1, step)
    )

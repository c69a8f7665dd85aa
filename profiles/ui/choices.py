"""The periods a reader can choose from, each with its first and last day."""

from datetime import date

from profiles import words
from profiles.periods import first_day, last_day, month_number

LAST_MONTHS = (12, 24, 36)
DEFAULT = "last 24 months"
BREAK, EVERYTHING, CHOSEN = "since the last break", "all data", "chosen months"

Days = tuple[date, date]


def choices(begins: date, as_at: date, rebase: date | None) -> dict[str, Days]:
    """Both days of each named period, from the day the data begin to the as-at date.

    The last months are whole ones: the newest counts when the data reach its last day. `rebase` is
    the day from which the series can be compared.
    """
    newest = month_number(as_at) - (as_at != last_day(month_number(as_at)))
    newest = max(newest, month_number(begins))
    until = min(last_day(newest), as_at)
    named = {
        f"last {count} months": (max(first_day(newest - count + 1), begins), until) for count in LAST_MONTHS
    }
    if rebase and begins < rebase <= as_at:
        named[BREAK] = (rebase, as_at)
    for year in range(_year(as_at), _year(begins) - 1, -1):
        days = max(date(year, 4, 1), begins), min(date(year + 1, 3, 31), as_at)
        named[words.financial_year(days[0])] = days
    return named | {EVERYTHING: (begins, as_at)}


def months(begins: date, as_at: date) -> dict[str, Days]:
    """Both days of each month that the data touch, by its name."""
    numbers = range(month_number(begins), month_number(as_at) + 1)
    return {
        f"{first_day(number):%B %Y}": (first_day(number), min(last_day(number), as_at)) for number in numbers
    }


def _year(day: date) -> int:
    return day.year - (day.month < 4)

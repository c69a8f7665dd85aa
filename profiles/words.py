"""Figures in words: British numbers, dates and periods, and what a marker means."""

import math
from collections.abc import Iterable
from datetime import date

from profiles.frames import Row
from profiles.periods import ALL, MONTHS, first_day, last_day, month_number
from profiles.reasons import Reason

MARKERS = {
    "[p]": "provisional: the period is not over or covered only in part, or its records may still change",
    "[u]": "unreliable: a low base of fewer than 30; on fewer than 10 no figure is given",
    "[z]": "not applicable: there is nothing to divide by",
    "[x]": "not available: the data do not carry it, had not begun, leave a month of it out, or are not old "
    "enough to tell",
    "[c]": "confidential: a small number, or one that would give a small number away",
}
"""What stands in place of a figure, or beside it, and why."""

UNITS = {
    "count": "number",
    "percent": "per cent",
    "per_100": "number for every 100",
    "per_1000": "number for every 1,000",
    "days": "days",
}

GRAINS = {
    "month": "each month",
    "quarter": "each quarter",
    "financial_year": "each financial year",
    "year": "each year",
    "rolling_year": "rolling 12 months",
    "all": "whole period",
}

TO_QUARTERS = "rolling 12 months, to the end of each quarter"
"""Rolling years where no month is given: two of them a month apart would tell of one."""

PLACES = {"count": 0, "percent": 1, "per_100": 1, "per_1000": 2, "days": 1}
"""Decimal places shown; files keep every figure unrounded."""


def number(value: float, unit: str = "count") -> str:
    """The value as a British reader writes it, such as 1,234 or 31.0%; empty when there is none."""
    if math.isnan(value):
        return ""
    # Days are counted whole; only a median between two of them is not.
    places = 0 if unit == "days" and value == int(value) else PLACES[unit]
    return rounded(value, places, unit)


def rounded(value: float, places: int, unit: str) -> str:
    """The value to so many places; what is not 0 is not called 0, nor 100% what is less."""
    sign = "%" if unit == "percent" else ""
    least = 10.0**-places
    if places and 0 < value < least / 2:
        return f"under {least:.{places}f}{sign}"
    if sign and 100 - least / 2 <= value < 100:
        return f"over {100 - least:.{places}f}%"
    return f"{value:,.{places}f}{sign}"


def points(value: float) -> str:
    """A difference in percentage points to one place; what is not 0 is not called 0."""
    if value and abs(value) < 0.05:
        return f"just {'above' if value > 0 else 'below'} 0"
    return f"{value:.1f}"


def whole_percent(value: float) -> str:
    """A share where room is short, such as 31%; empty when there is none."""
    if math.isnan(value):
        return ""
    if 0 < value < 1 or 99 < value < 100:
        return "under 1%" if value < 1 else "over 99%"
    return f"{value:.0f}%"


def difference(value: float) -> str:
    """A change in per cent, such as 8% below or 21% above; empty when there is none, or no end to it."""
    if not math.isfinite(value):
        return ""
    if value == 0:
        return "no change"
    size = "under 1%" if abs(value) < 1 else f"{abs(value):,.0f}%"
    return f"{size} {'above' if value > 0 else 'below'}"


def expected(value: float) -> str:
    """How many chance would give on average, such as about 1.2 or fewer than 0.1."""
    return f"about {value:.1f}" if value >= 0.05 else "fewer than 0.1"


def interval(lower: float, upper: float, unit: str = "count") -> str:
    """Both limits, such as 30.1% to 31.9%; empty when there are none."""
    if math.isnan(lower) or math.isnan(upper):
        return ""
    # The limits of a count are no counts: 4 crimes may be 1.1 to 10.2.
    places = max(PLACES[unit], 1) if upper < 100 else PLACES[unit]
    return f"{rounded(lower, places, unit)} to {rounded(upper, places, unit)}"


def between(lower: str, upper: str) -> str:
    """Both ends, each in words, such as 2% below to 5% above; empty unless there are both."""
    return f"{lower} to {upper}" if lower and upper else ""


def spread(row: Row, unit: str) -> str:
    """How sure a figure is, or of a median where half of the cases lie; empty when there are no limits."""
    limits = interval(row.lower, row.upper, unit)
    if not limits:
        return ""
    return (
        f"half of {number(row.denominator)} lie between {limits}"
        if row.is_median
        else f"95% interval {limits}"
    )


def day(value: date) -> str:
    """The day, such as 30 September 2026."""
    return f"{value.day} {value:%B %Y}"


def since(value: date) -> str:
    """From when on: the month when it begins with the day, such as since June 2023, else the day."""
    return f"since {value:%B %Y}" if value.day == 1 else f"since {day(value)}"


def span(first: date, last: date) -> str:
    """Both ends: months when whole months are meant, such as April 2025 to March 2026, else days."""
    if first.day == 1 and last == last_day(month_number(last)):
        if month_number(first) == month_number(last):
            return f"{first:%B %Y}"
        return f"{first:%B %Y} to {last:%B %Y}"
    return day(first) if first == last else f"{day(first)} to {day(last)}"


def months(numbers: Iterable[int]) -> str:
    """Months by their numbers, those in a row as a span, such as March 2024 and June 2024 to August 2024."""
    runs: list[list[int]] = []
    for number in sorted(numbers):
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    return listed(span(first_day(run[0]), last_day(run[-1])) for run in runs)


PRINCIPAL_ALONE = "of a source without included classifications only the principal crime tells stalking"

NAMED_MONTHS = 12
"""Missing months that a reason names; more are counted."""


def why(reasons: Iterable[object]) -> str:
    """Why figures are not available, such as March 2025 is missing: no file covers it; empty if not known.

    What is no reason among them is passed over.
    """
    known = [each for each in reasons if isinstance(each, Reason)]
    lacks: dict[str, dict[str, None]] = {}
    for each in known:
        for source, needs in each.lacks:
            lacks.setdefault(source, {}).update(dict.fromkeys(needs))
    lost = {number for each in known for number in each.months}
    begins = sorted({each.begins for each in known if each.begins})
    ends = sorted({each.ends for each in known if each.ends})
    waits = dict.fromkeys(each.wait for each in known if each.wait)
    parts = []
    for source, lacking in lacks.items():
        named = listed(need.replace("_", " ") for need in lacking)
        told = f"source {source} does not carry {named}" if source else f"no file of {named} was imported"
        parts.append(told)
    if len(lost) == 1:
        parts.append(f"{months(lost)} is missing: no file covers it (see Data quality)")
    elif lost:
        told = months(lost) if len(lost) <= NAMED_MONTHS else f"{len(lost)} months"
        parts.append(f"{told} are missing: no file covers them (see Data quality)")
    parts += [f"the data begin on {' or '.join(map(day, begins))}"] if begins else []
    parts += [f"the data end on {' or '.join(map(day, ends))}"] if ends else []
    parts += ["this snapshot does not give it"] if any(each.is_ungiven for each in known) else []
    parts += [f"it can be told only {' or '.join(waits)} later"] if waits else []
    return "; ".join(parts)


def period(label: str, grain: str) -> str:
    """The name of a period from its label, such as September 2026 or 2025/26."""
    if grain == ALL or label == ALL:
        return "Whole period"
    first = date.fromisoformat(label)
    if grain == "financial_year":
        return financial_year(first)
    if grain == "year":
        return f"{first.year}"
    if grain == "quarter":
        return span(first, last_day(month_number(first) + MONTHS[grain] - 1))
    return f"Year to {first:%B %Y}" if grain == "rolling_year" else f"{first:%B %Y}"


def every(grain: str, labels: Iterable[str] = (), *, is_stock: bool = False) -> str:
    """The periods of a series, such as each month; by their labels, how far rolling years lie apart.

    A stock is of the last day of its period.
    """
    if grain == "rolling_year":
        months = [date.fromisoformat(each).month for each in set(labels) - {ALL}]
        is_far_apart = len(months) > 1 and not any(month % MONTHS["quarter"] for month in months)
        return TO_QUARTERS if is_far_apart else GRAINS[grain]
    return f"at the end of {GRAINS[grain]}" if is_stock and grain != ALL else GRAINS[grain]


def financial_year(value: date) -> str:
    """The financial year that holds the day, such as 2025/26."""
    begins = value.year - (value.month < 4)
    return f"{begins}/{(begins + 1) % 100:02d}"


def short_period(label: str, grain: str) -> str:
    """The name of a period where room is short, such as Sep 2026."""
    if grain in {"month", "rolling_year"}:
        first = date.fromisoformat(label)
        return f"{'year to ' if grain == 'rolling_year' else ''}{first:%b %Y}"
    if grain == "quarter":
        first = date.fromisoformat(label)
        return f"{first:%b} to {last_day(month_number(first) + 2):%b %Y}"
    return period(label, grain)


def marker(text: str) -> str:
    """The marker with what it means."""
    return f"{text} {MARKERS[text]}" if text in MARKERS else text


def listed(parts: Iterable[str]) -> str:
    """The parts as a list in a sentence: a, b and c."""
    parts = list(parts)
    return " and ".join(filter(None, [", ".join(parts[:-1]), parts[-1]])) if parts else ""


def sentence(text: str) -> str:
    """The text with a capital at its beginning and a full stop at its end."""
    text = text.strip()
    return f"{text[:1].upper()}{text[1:]}{'' if text.endswith(('.', '!', '?')) else '.'}" if text else ""


def name(category: str) -> str:
    """The category as a reader sees it, such as Included only."""
    text = category.replace("_", " ")
    return text[:1].upper() + text[1:]

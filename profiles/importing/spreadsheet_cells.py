"""Cells of a workbook as text: what their number formats make of a stored number.

A workbook stores days and shares as plain numbers; only the format tells 14 March 2024 from 45365 and
45% from 0.45. Part numbers in comments are those of ISO/IEC 29500-1.
"""

import datetime
import re
from decimal import Decimal

DATE, DURATION, PERCENT = "date", "duration", "percent"

_BUILT_IN = (
    dict.fromkeys((*range(14, 23), *range(27, 37), 45, 47, *range(50, 59)), DATE)
    | {46: DURATION}
    | dict.fromkeys((9, 10), PERCENT)
)
"""Formats that have a number and no code (18.8.30)."""

_LAST_DAY = 2_950_000
"""A day in 9976: no calendar ends before it, wherever a workbook begins to count."""


def format_kind(number: int, codes: dict[int, str]) -> str:
    """date, duration, percent or blank (a plain number): what the format of that number shows."""
    if number not in codes:
        return _BUILT_IN.get(number, "")
    code = re.sub(r'"[^"]*"|\\.|_.|\*.', "", codes[number]).split(";")[0]
    if re.search(r"\[(h+|m+|s+)\]", code, re.IGNORECASE):
        return DURATION
    code = re.sub(r"\[[^\]]*\]", "", code)
    if "%" in code:
        return PERCENT
    if re.fullmatch(r"\s*general\s*", code, re.IGNORECASE):
        return ""
    return DATE if re.search(r"[dmyhs]", code, re.IGNORECASE) else ""


def number_text(text: str, kind: str, is_1904: bool) -> str:
    """A stored number as the text a CSV would hold: 45, 0.5, 45%, 2024-03-14, 2024-03-14 09:30:00."""
    if not kind and text.isdigit() and len(text) < 16 and text[:1] != "0":
        return text
    try:
        value = float(text)
    except ValueError:
        return text.strip()
    if kind == PERCENT:
        return _percent(value)
    if kind == DATE and 0 <= value <= _LAST_DAY:
        return _day(value, is_1904)
    if kind == DURATION and abs(value) <= _LAST_DAY:
        return str(datetime.timedelta(milliseconds=round(value * 86_400_000)))
    return str(int(value)) if value.is_integer() else str(value)


def _percent(value: float) -> str:
    if value != value or value in (float("inf"), float("-inf")):
        return str(value)
    # Through the shortest spelling of the number: 0.28 × 100 would be 28.000000000000004.
    return f"{(Decimal(repr(value)) * 100).normalize():f}%"


def _day(value: float, is_1904: bool) -> str:
    if value < 1 and not is_1904:
        return str(_from(datetime.datetime(1900, 1, 1), value).time())
    # Workbooks count a 29 February 1900, which there was not.
    first = datetime.datetime(1904, 1, 1) if is_1904 else datetime.datetime(1899, 12, 30 + (value < 60))
    moment = _from(first, value)
    return str(moment.date() if value == int(value) else moment)


def _from(first: datetime.datetime, days: float) -> datetime.datetime:
    whole = int(days)
    part = datetime.timedelta(milliseconds=round((days - whole) * 86_400_000))
    return first + datetime.timedelta(days=whole) + part


def iso_text(text: str) -> str:
    """A day or time stored as such (2024-03-14T00:00:00) as number_text writes it."""
    try:
        moment = datetime.datetime.fromisoformat(text.strip())
    except ValueError:
        return text.strip()
    is_day = moment.tzinfo is None and moment.time() == datetime.time.min
    return str(moment.date() if is_day else moment)


def unescaped(text: str) -> str:
    """The text with control characters as themselves, which a workbook spells _x000D_ (22.4.2.4)."""
    if "_x" not in text:
        return text
    return re.sub(
        r"_x(00[01][0-9A-Fa-f]|007[Ff]|005[Ff])_",
        lambda found: "" if found[1] == "0000" else chr(int(found[1], 16)),
        text,
    )

"""Date formats recognised from cells, as a mapping declares them (%d/%m/%Y …)."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

DAY_FIRST, MONTH_FIRST, EITHER, FIXED = "day first", "month first", "either", ""
SLIPS = 50
"""An order of day and month seen less than once for so many of the other is taken for slips."""

_SHORT = "jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec"
_LONG = "january|february|march|april|may|june|july|august|september|october|november|december"
_DATES = (
    (r"\d{4}([/.-])\d{1,2}\1\d{1,2}", "%Y{0}%m{0}%d"),
    (r"\d{4}(-)(?:0[1-9]|1[0-2])", "%Y{0}%m"),
    (r"(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])()", "%Y%m%d"),
    (rf"\d{{1,2}}([/. -])(?:{_SHORT})\1\d{{4}}", "%d{0}%b{0}%Y"),
    (rf"\d{{1,2}}([/. -])(?:{_SHORT})\1\d{{2}}", "%d{0}%b{0}%y"),
    (rf"\d{{1,2}}([/. -])(?:{_LONG})\1\d{{4}}", "%d{0}%B{0}%Y"),
    (rf"(?:{_SHORT})( )\d{{1,2}}, \d{{4}}", "%b{0}%d, %Y"),
    (rf"(?:{_LONG})( )\d{{1,2}}, \d{{4}}", "%B{0}%d, %Y"),
    (r"(\d{1,2})([/. -])(\d{1,2})\2\d{4}", "%d{1}%m{1}%Y"),
    (r"(\d{1,2})([/. -])(\d{1,2})\2\d{2}", "%d{1}%m{1}%y"),
)
_TIME = re.compile(r"(T|,? )\d{1,2}:\d\d(:\d\d)?(\.\d{1,6})?(?:( ?)(?:AM|PM|am|pm))?(Z)?")


@dataclass(frozen=True)
class Formats:
    """The formats of one column in the order to try them, and what the reader should know of them."""

    formats: tuple[str, ...]
    notes: tuple[str, ...] = ()


def form(text: str) -> tuple[str, str] | None:
    """The format of one date and what its digits tell of the order, day first if nothing; None if no date."""
    date, time = text, ""
    found = _TIME.search(text)
    if found and found.end() == len(text):
        date = text[: found.start()]
        clock = "%I" if text[-1] in "MmPp" else "%H"
        seconds, fraction = ":%S" if found[2] else "", ".%f" if found[3] else ""
        half = f"{found[4]}%p" if clock == "%I" else ""
        time = f"{found[1]}{clock}:%M{seconds}{fraction}{half}{found[5] or ''}"
    for pattern, shape in _DATES:
        parts = re.fullmatch(pattern, date, re.IGNORECASE)
        if parts is None:
            continue
        order = FIXED
        if len(parts.groups()) > 1:
            first, second = int(parts[1]), int(parts[3])
            if max(first, second) > 31 or min(first, second) > 12 or min(first, second) < 1:
                return None
            order = DAY_FIRST if first > 12 else MONTH_FIRST if second > 12 else EITHER
        return shape.format(*parts.groups()) + time, order
    return None


def recognised(columns: Mapping[str, Sequence[str]]) -> dict[str, Formats]:
    """The formats of each column of dates, from its cells; most frequent first.

    Where a column's own cells never show a day above 12 the other columns decide; where none does, the day
    is taken to come first and a note says so.
    """
    seen = {name: Counter(form(cell) for cell in cells) for name, cells in columns.items()}
    orders: Counter[str] = Counter()
    for counts in seen.values():
        for item, count in counts.items():
            orders[item[1] if item else FIXED] += count
    whole = set(orders) - {_slip(orders)}
    return {name: _formats(counts, whole) for name, counts in seen.items()}


def _formats(counts: Counter[tuple[str, str] | None], whole: set[str]) -> Formats:
    own = {item[1] for item in counts if item}
    notes = []
    totals: Counter[str] = Counter()
    for item, count in counts.items():
        if item:
            totals[item[0]] += count
    formats: list[str] = []
    for shape, _ in sorted(totals.items(), key=lambda item: (-item[1], item[0])):
        decided = Counter({order: counts[shape, order] for order in (DAY_FIRST, MONTH_FIRST)})
        slip = _slip(decided)
        evidence = {order for order in (DAY_FIRST, MONTH_FIRST) if counts[shape, order] and order != slip}
        if slip:
            other = swapped(shape) if slip == MONTH_FIRST else shape
            notes.append(
                f"{decided[slip]:,} of {decided.total():,} dates are {slip}: taken for slips, they will be "
                f"rejected; declare {other} too if they are none"
            )
        if not evidence and counts[shape, EITHER]:
            evidence = next(
                (one for one in (own - {EITHER, FIXED}, whole - {EITHER, FIXED}) if len(one) == 1), set()
            )
            if not evidence:
                notes.append(
                    f"undecided: no day above 12 tells day from month in {shape}; taken as day first, "
                    f"for month first write {swapped(shape)}"
                )
        if len(evidence) == 2:
            notes.append(
                f"both day first and month first in {shape}: a date that reads as two days is rejected"
            )
        if DAY_FIRST in evidence or MONTH_FIRST not in evidence:
            formats.append(shape)
        if MONTH_FIRST in evidence:
            formats.append(swapped(shape))
    if counts[None]:
        notes.append(f"{counts[None]:,} of {counts.total():,} sampled cells are no date and will be rejected")
    return Formats(tuple(formats), tuple(notes))


def _slip(orders: Counter[str]) -> str | None:
    """The order of day and month that only slips of the pen have, if the other one rules."""
    few, many = sorted((DAY_FIRST, MONTH_FIRST), key=lambda order: orders[order])
    return few if 0 < orders[few] * SLIPS < orders[many] else None


def swapped(shape: str) -> str:
    """The format with day and month in each other's place."""
    return re.sub("%[dm]", lambda mark: "%m" if mark[0] == "%d" else "%d", shape)

"""Date formats recognised from cells, as a mapping declares them (%d/%m/%Y …)."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

DAY_FIRST, MONTH_FIRST, EITHER, FIXED = "day first", "month first", "either", ""
SLIPS = 50
"""An order of day and month seen less than once for so many of the other is taken for slips."""
LONGEST_LETTERS = 48
"""A cell of more letters is no date."""

_SHORT = "jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec"
_LONG = "january|february|march|april|may|june|july|august|september|october|november|december"
_DAY, _YEAR = r"(?:0?[1-9]|[12]\d|3[01])", r"(?:19|20)\d\d"
_MONTH = r"(?:0?[1-9]|1[0-2])"
_DATES = (
    (rf"\d{{4}}([/. -]){_MONTH}\1{_DAY}", "%Y{0}%m{0}%d"),
    (rf"\d{{4}}([/. -]){_DAY}\1{_MONTH}", "%Y{0}%d{0}%m"),
    (rf"\d{{4}}([/. -])(?:{_SHORT})\1{_DAY}", "%Y{0}%b{0}%d"),
    (r"(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])()", "%Y%m%d"),
    (rf"{_DAY}([/. -]?)(?:{_SHORT})\1\d{{4}}", "%d{0}%b{0}%Y"),
    (rf"{_DAY}([/. -]?)(?:{_SHORT})\1\d{{2}}", "%d{0}%b{0}%y"),
    (rf"{_DAY}([/. -])(?:{_LONG})\1\d{{4}}", "%d{0}%B{0}%Y"),
    (rf"{_DAY}([/. -])(?:{_LONG})\1\d{{2}}", "%d{0}%B{0}%y"),
    (rf"(?:{_SHORT})([/. -]){_DAY}((?:, ?)|\1)\d{{4}}", "%b{0}%d{1}%Y"),
    (rf"(?:{_LONG})([/. -]){_DAY}((?:, ?)|\1)\d{{4}}", "%B{0}%d{1}%Y"),
    (r"(\d{1,2})([/. -])(\d{1,2})\2\d{4}", "%d{1}%m{1}%Y"),
    (r"(\d{1,2})([/. -])(\d{1,2})\2\d{2}", "%d{1}%m{1}%y"),
    (rf"(?:3[2-9]|[4-9]\d)([/. -]){_MONTH}\1{_DAY}", "%y{0}%m{0}%d"),
)
_MONTHS_ONLY = (
    (rf"{_YEAR}([/.-]){_MONTH}", "%Y{0}%m"),
    (rf"{_MONTH}([/.-]){_YEAR}", "%m{0}%Y"),
    (rf"(?:{_SHORT})([/. -]){_YEAR}", "%b{0}%Y"),
    (rf"(?:{_SHORT})([/. -])\d\d", "%b{0}%y"),
    (rf"(?:{_LONG})([/. -]){_YEAR}", "%B{0}%Y"),
)
_WEEKDAY = re.compile(
    r"(?:(mon|tue|wed|thu|fri|sat|sun)|(monday|tuesday|wednesday|thursday|friday|saturday|sunday))(,? )",
    re.IGNORECASE,
)
_CLOCK = (
    r"(?P<hour>[01]?\d|2[0-3])(?P<mark>[:.])[0-5]\d(?P<seconds>(?P=mark)[0-5]\d)?(?P<fraction>\.\d{1,6})?"
    r"(?:(?P<space> ?)(?P<half>[AaPp][Mm]))?"
)
_ZONE = r"(?P<zone_space> ?)(?P<zone>Z|UTC|GMT|BST|[+-]\d\d(?::?\d\d)?)"
_TIME = re.compile(rf"(?P<gap>T|,? | - |:){_CLOCK}(?:{_ZONE})?")
_SHORT_TIME = re.compile(r"(?P<gap>T| )(?:[01]\d|2[0-3])[0-5]\d(?P<seconds>[0-5]\d)?(?:(?P<zone>Z))?")
_TIME_FIRST = re.compile(rf"{_CLOCK}(?P<gap>,? | - )(?=\S)")


@dataclass(frozen=True)
class Formats:
    """The formats of one column in the order to try them, and what the reader should know of them."""

    formats: tuple[str, ...]
    notes: tuple[str, ...] = ()


@lru_cache(maxsize=1 << 16)
def form(text: str) -> tuple[str, str] | None:
    """The format of one date and what its digits tell of the order, day first if nothing; None if no date."""
    text = " ".join(text.split())
    if len(text) > LONGEST_LETTERS or not text[-1:].isascii() or not re.search(r"\d\d", text):
        return None
    before = ""
    if day := _WEEKDAY.match(text):
        before, text = ("%a" if day[1] else "%A") + day[3], text[day.end() :]
    if whole := _date(text):
        return before + whole[0], whole[1]
    if first := _TIME_FIRST.match(text):
        clock, date = _clock(first), _date(text[first.end() :])
        # What looks like a time may be a day: 13.02.24 9:05.
        if clock and date:
            return f"{before}{clock}{first['gap']}{date[0]}", date[1]
    for pattern in (_TIME, _SHORT_TIME):
        for found in pattern.finditer(text):
            if found.end() != len(text) or not (date := _date(text[: found.start()])):
                continue
            clock = _clock(found) if pattern is _TIME else "%H%M" + ("%S" if found["seconds"] else "")
            if clock:
                return f"{before}{date[0]}{found['gap']}{clock}{_zone(found)}", date[1]
    return None


def _clock(found: re.Match[str]) -> str:
    """The format of a time of day; empty where it is none, such as 14:30 PM."""
    if found["half"] and not 1 <= int(found["hour"]) <= 12:
        return ""
    seconds = f"{found['mark']}%S" if found["seconds"] else ""
    fraction = ".%f" if found["fraction"] else ""
    half = f"{found['space']}%p" if found["half"] else ""
    return f"{'%I' if half else '%H'}{found['mark']}%M{seconds}{fraction}{half}"


def _zone(found: re.Match[str]) -> str:
    """The zone behind a time: its name as it stands, or the mark for an offset."""
    names = found.groupdict()
    zone = names.get("zone") or ""
    return (names.get("zone_space") or "") + ("%z" if zone[:1] in ("+", "-") and zone else zone)


def _date(text: str) -> tuple[str, str] | None:
    """The format of a day or a month without a time, and what it tells of the order."""
    for pattern, shape in (*_DATES, *_MONTHS_ONLY):
        parts = re.fullmatch(pattern, text, re.IGNORECASE)
        if parts is None:
            continue
        order = FIXED
        if shape.startswith("%d{1}"):
            first, second = int(parts[1]), int(parts[3])
            if max(first, second) > 31 or min(first, second) > 12 or min(first, second) < 1:
                continue
            order = DAY_FIRST if first > 12 else MONTH_FIRST if second > 12 else EITHER
        return shape.format(*parts.groups()), order
    return None


def share_of_dates(cells: Sequence[str]) -> float:
    """The share of the cells that are dates, 0 where there are none."""
    return sum(form(cell) is not None for cell in cells) / len(cells) if cells else 0.0


def are_days(cells: Sequence[str]) -> bool:
    """Whether at least half of the cells name a day, not a month alone."""
    shapes = [found[0] for cell in cells if (found := form(cell))]
    return 2 * sum("%d" in shape for shape in shapes) >= len(cells) > 0


def recognised(columns: Mapping[str, Sequence[str]]) -> dict[str, Formats]:
    """The formats of each column of dates, from its cells; most frequent first.

    Where a column's own cells never show a day above 12 the other columns decide, and a note says which one
    did; where none does, the day is taken to come first and a note says so.
    """
    seen = {name: Counter(form(cell) for cell in cells) for name, cells in columns.items()}
    orders: Counter[str] = Counter()
    teller: dict[str, str] = {}
    for name, counts in seen.items():
        for item, count in counts.items():
            order = item[1] if item else FIXED
            orders[order] += count
            teller.setdefault(order, name)
    whole = set(orders) - {_slip(orders)}
    return {name: _told(_formats(counts, whole, teller), columns[name]) for name, counts in seen.items()}


def _formats(counts: Counter[tuple[str, str] | None], whole: set[str], teller: dict[str, str]) -> Formats:
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
            evidence = own - {EITHER, FIXED}
            if len(evidence) != 1:
                evidence = whole - {EITHER, FIXED}
                if len(evidence) == 1:
                    (order,) = evidence
                    notes.append(
                        f"no day above 12 tells day from month in this column; taken as {order}, as in "
                        f"{teller[order]!r}"
                    )
            if len(evidence) != 1:
                evidence = set()
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
        notes.append(f"{counts[None]:,} of {counts.total():,} sampled cells are no date")
    return Formats(tuple(formats), tuple(notes))


def _year_first(formats: tuple[str, ...], cells: Sequence[str]) -> tuple[str, ...]:
    """A note where years of two digits may come first: what is read as the day changes less than the year."""
    shapes = [shape for shape in formats if re.match("%[dm].%[dm].%y", shape)]
    found = [match for cell in cells if (match := re.match(r"(\d{1,2})\D\d{1,2}\D(\d\d)(?!\d)", cell))]
    firsts, lasts = ({match[place] for match in found} for place in (1, 2))
    if not shapes or len(lasts) <= len(firsts):
        return ()
    mark = shapes[0][2]
    return (
        f"undecided: years of two digits may come first; taken as {shapes[0]}, for the year first write "
        f"%y{mark}%m{mark}%d",
    )


def _told(found: Formats, cells: Sequence[str]) -> Formats:
    """The formats with what their cells leave open.

    Full names of months stand beside short ones where May, which is both, is the only month.
    """
    found = Formats(found.formats, (*found.notes, *_year_first(found.formats, cells)))
    named = [shape for shape in found.formats if "%b" in shape]
    months = {match[0].lower() for cell in cells for match in re.finditer("[A-Za-z]{3,}", cell)}
    if not named or months & {*_SHORT.split("|"), *_LONG.split("|")} != {"may"}:
        return found
    long = tuple(shape.replace("%b", "%B") for shape in named)
    return Formats(
        (*found.formats, *long),
        (*found.notes, "May alone tells short names of months from full ones: both are declared"),
    )


def _slip(orders: Counter[str]) -> str | None:
    """The order of day and month that only slips of the pen have, if the other one rules."""
    few, many = sorted((DAY_FIRST, MONTH_FIRST), key=lambda order: orders[order])
    return few if 0 < orders[few] * SLIPS < orders[many] else None


def swapped(shape: str) -> str:
    """The format with day and month in each other's place."""
    return re.sub("%[dm]", lambda mark: "%m" if mark[0] == "%d" else "%d", shape)

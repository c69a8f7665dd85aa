"""Spans of days that extracts cover, and the months that none of them covers."""

from collections import Counter
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from statistics import median

from profiles.periods import first_day, last_day, month_number, month_start

Span = tuple[date, date]
"""First and last day, both covered."""

SLACK_DAYS = 7
"""So many days may lie between two extracts, as where one is taken two days late; between two extracts of a
feed that comes each week one less, so that a week that never came shows."""

GAP_DAYS = 3
"""A gap between two extracts leaves a month out when it holds more of its days than this."""

REACH_DAYS = (7, 31)
"""Fewest and most days up to its own date that an extract covers whatever it holds: as many as usually lie
between two extracts of its feed."""

FULL_MONTH = 10
"""A month in a feed's records is missing, not empty, when so many records stand in the months around it."""

ALMOST_EMPTY = 1 / 20
"""Share of the feed's usual month up to which a month counts as empty."""

MOSTLY_FILLED = 2 / 3
"""Only in a feed that has records in so large a share of its months an empty one is out of the ordinary."""

DAY = timedelta(days=1)


@dataclass(frozen=True)
class Extract:
    """What one file covers of one feed: from when (None: from the beginning) until when.

    Where `is_certain` the source has said so, by a full extract or by a declared period; otherwise the span
    is read off the records. One that `is_empty` says that nothing happened in the days it reaches back.
    """

    taken: date
    begins: date | None
    ends: date
    is_certain: bool = False
    is_empty: bool = False


def covered(extracts: Iterable[Extract], counts: Mapping[int, int]) -> tuple[Span, ...]:
    """The days that the extracts of one feed cover together, as spans that do not touch, in order.

    `counts` are the feed's records by number of month; a month that they show to be missing is taken out,
    unless the source has said that it covers it.
    """
    extracts = list(extracts)
    reach = timedelta(days=_usual_days(extracts) - 1)
    told: list[Span] = []
    read: list[Span] = []
    for each in extracts:
        if each.is_certain:
            told.append((each.begins or date.min, each.ends))
        else:
            since = min(each.begins, each.taken - reach) if each.begins else date.min
            (told if each.is_empty else read).append((since, each.ends))
    lost = [
        month
        for month in missing(counts, max((each.ends for each in extracts), default=date.min))
        if uncovered(merged(told), first_day(month), last_day(month))
    ]
    slack = min(SLACK_DAYS, _usual_days(extracts) - 1)
    return merged([*told, *_without(_bridged(merged([*told, *read]), slack), lost)])


def _usual_days(extracts: Iterable[Extract]) -> int:
    """Days that usually lie between two extracts of the feed, within REACH_DAYS."""
    days = sorted({each.taken for each in extracts})
    fewest, most = REACH_DAYS
    if len(days) < 2:
        return most
    usual = median((after - before).days for before, after in pairwise(days))
    return int(max(fewest, min(most, usual)))


def missing(counts: Mapping[int, int], until: date) -> frozenset[int]:
    """Months whose records are missing: all but empty, in a feed that is filled before and after.

    `counts` are the records of each month that has any. Whole months without any from the last record to
    the last day covered, `until`, are missing too: a feed as full as that does not fall silent by chance.
    """
    known = {month: count for month, count in counts.items() if count}
    if not known:
        return frozenset()
    months = range(min(known), max(known) + 1)
    if len(known) < MOSTLY_FILLED * len(months):
        return frozenset()
    usual = median(known.values())
    low = {month for month in months if known.get(month, 0) <= ALMOST_EMPTY * usual}
    found = {
        month for month in low if min(_nearest(month, step, known, low) for step in (-1, 1)) >= FULL_MONTH
    }
    silent = range(max(known) + 1, month_number(until) + 1)
    is_whole = bool(silent) and last_day(silent[0]) <= until
    if is_whole and _nearest(silent[0] - 1, -1, known, low) >= FULL_MONTH:
        found |= set(silent)
    return frozenset(found)


def _nearest(month: int, step: int, known: Mapping[int, int], low: Container[int]) -> int:
    """Records of the next month on that side that is not all but empty; 0 when there is none."""
    while month in low:
        month += step
    return known.get(month, 0)


def merged(spans: Iterable[Span]) -> tuple[Span, ...]:
    """The same days as spans that neither overlap nor follow one another, in order."""
    found: list[Span] = []
    for begins, ends in sorted(spans):
        if begins > ends:
            continue
        if found and begins <= found[-1][1] + DAY:
            found[-1] = (found[-1][0], max(found[-1][1], ends))
        else:
            found.append((begins, ends))
    return tuple(found)


def _bridged(spans: Iterable[Span], days: int) -> list[Span]:
    """The spans, those that at most so many days lie between as one."""
    found: list[Span] = []
    for begins, ends in spans:
        if found and (begins - found[-1][1]).days - 1 <= days:
            found[-1] = (found[-1][0], ends)
        else:
            found.append((begins, ends))
    return found


def _without(spans: Iterable[Span], months: Iterable[int]) -> list[Span]:
    """The spans without the days of those months."""
    found = list(spans)
    for month in months:
        first, last = first_day(month), last_day(month)
        pieces: list[Span] = []
        for begins, ends in found:
            if ends < first or begins > last:
                pieces.append((begins, ends))
                continue
            pieces += [(begins, first - DAY)] if begins < first else []
            pieces += [(last + DAY, ends)] if ends > last else []
        found = pieces
    return found


def uncovered(spans: Iterable[Span], first: date, last: date) -> frozenset[int]:
    """Numbers of the months from `first` to `last` that the spans leave out.

    Between two spans those of which more than GAP_DAYS days lie in the gap, for `covered` has closed gaps
    that are none; before the first span and after the last those of which more than SLACK_DAYS do.
    """
    days: Counter[int] = Counter()
    found: set[int] = set()
    reached = first
    for begins, ends in [*spans, (last + DAY, last + DAY)]:
        begins = min(begins, last + DAY)
        if begins > reached:
            gap = _by_month(reached, begins - DAY)
            if first < reached and begins <= last:
                found |= {month for month, count in gap.items() if count > GAP_DAYS}
            else:
                days += gap
        reached = max(reached, min(ends, last) + DAY)
    return frozenset(found | {month for month, count in days.items() if count > SLACK_DAYS})


def _by_month(first: date, last: date) -> Counter[int]:
    """How many of the days from `first` to `last` each month holds, by its number."""
    months = range(month_number(first), month_number(last) + 1)
    return Counter(
        {each: (min(last, last_day(each)) - max(first, first_day(each))).days + 1 for each in months}
    )


def whole_month(day: date) -> Span:
    """The calendar month that holds the day."""
    return month_start(day), last_day(month_number(day))

"""Spans of days that extracts cover, and the months that none of them covers."""

from collections import Counter
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from statistics import median, median_low

from profiles import stats
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

LATE = 1.5
"""An extract is on time when it comes within so many times the days that usually lie between two."""

A_HANDFUL = 1 / 3
"""Share of the usual records up to which those of a stretch are late records of a time that no file is of."""

HALF = 1 / 2
"""Share of the usual records up to which it cannot be told whether a file is of the stretch they stand in."""

TOO_FEW = 3
"""On fewer records than this it cannot be told either."""

SCATTERED = 1 / 10
"""Share of the usual records up to which a first file's earliest ones may be records of long ago."""

LONG_AGO = 1 / 4
"""A first file is asked about when its scattered records make up so large a share of its time: a shorter
stretch is the thin beginning of most feeds."""

WINDOW = timedelta(days=366)
"""How far around a stretch its usual number of records is read off."""

DAYS_IN_MONTH = 365.25 / 12

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


def covered(extracts: Iterable[Extract], days: Mapping[date, int]) -> tuple[Span, ...]:
    """The days that the extracts of one feed cover together, as spans that do not touch, in order.

    `days` are the feed's records by day; what they show to be missing is taken out, unless the source has
    said that it covers it.
    """
    return _read(list(extracts), days)[0]


def doubted(extracts: Iterable[Extract], days: Mapping[date, int]) -> frozenset[int]:
    """Numbers of the months that count as covered, though their few records may be late ones."""
    spans, asked = _read(list(extracts), days)
    months: Counter[int] = Counter()
    for span in merged(asked):
        months += _by_month(*span)
    left_out = uncovered(spans, spans[0][0], spans[-1][1]) if months else frozenset()
    return frozenset(month for month, count in months.items() if count > GAP_DAYS) - left_out


def _read(extracts: list[Extract], days: Mapping[date, int]) -> tuple[tuple[Span, ...], list[Span]]:
    """The days covered, and those of them of which it cannot be told whether they are."""
    usual = _usual_days(extracts)
    slack = min(SLACK_DAYS, usual - 1)
    earliest = min((each.taken for each in extracts), default=date.min)
    told: list[Span] = []
    sure: list[Span] = []
    reaching: list[Span] = []
    asked: list[Span] = []
    for each in extracts:
        near = each.taken - (usual - 1) * DAY
        if each.is_certain:
            told.append((each.begins or date.min, each.ends))
        elif each.begins is None:
            sure.append((date.min, each.ends))
        elif each.is_empty:
            told.append((min(each.begins, near), each.ends))
        elif each.taken == earliest:
            sure.append((min(each.begins, near), each.ends))
            asked += _scattered((each.begins, each.ends), days)
        else:
            if near > each.ends:
                near = max(each.begins, each.ends - (usual - 1) * DAY)
            sure.append((near, each.ends))
            reaching.append((each.begins, near - DAY))
    known = _bridged(merged([*told, *sure]), slack)
    on_time = _on_time(extracts)
    for stretch in _outside(merged(reaching), known):
        is_on_time = any(before < stretch[0] and stretch[1] < after for before, after in on_time)
        found, is_doubtful = _reached(stretch, known, days, is_on_time=is_on_time)
        sure += found
        asked += found if is_doubtful else []
    lost = [
        month
        for month in missing(_monthly(days), max((each.ends for each in extracts), default=date.min))
        if uncovered(merged(told), first_day(month), last_day(month))
    ]
    read = _bridged(merged([*told, *sure]), slack)
    return merged([*told, *_outside(read, [(first_day(month), last_day(month)) for month in lost])]), asked


def _on_time(extracts: Iterable[Extract]) -> list[Span]:
    """The days of two extracts in a row, where the later one came about when it was due."""
    taken = sorted({each.taken for each in extracts})
    pairs = list(pairwise(taken))
    if len(pairs) < 2:
        return []
    most = LATE * median_low((after - before).days for before, after in pairs)
    return [(before, after) for before, after in pairs if (after - before).days <= most]


def _reached(
    stretch: Span, known: Sequence[Span], days: Mapping[date, int], *, is_on_time: bool
) -> tuple[list[Span], bool]:
    """What of the stretch is covered by a file that holds records of it, and whether that is doubtful.

    `known` is covered whatever the records. A handful of late records says nothing of the days around them.
    """
    first, last = stretch
    around = _within(known, (_back(first), last + WINDOW))
    size = sum((ends - begins).days + 1 for begins, ends in around)
    usual = sum(_count(span, days) for span in around) / size if size else 0.0
    begins = _after_the_scattered(stretch, usual, days, ALMOST_EMPTY)
    if begins is None:
        return [], False
    found = (begins, last)
    count, expected = _count(found, days), usual * ((last - begins).days + 1)
    is_handful = count <= A_HANDFUL * expected and _is_unlikely(count, expected)
    if is_handful and not is_on_time:
        return [], False
    is_few = count < TOO_FEW or count <= HALF * expected
    return [found], is_handful or (is_few and not is_on_time)


def _scattered(span: Span, days: Mapping[date, int]) -> list[Span]:
    """The days at the beginning of a first file that hold far fewer records than the feed has later."""
    counts = [count for count in _monthly(days).values() if count]
    usual = median(counts) / DAYS_IN_MONTH if counts else 0.0
    begins = _after_the_scattered(span, usual, days, SCATTERED)
    first = min((day for day in days if span[0] <= day <= span[1]), default=span[0])
    is_long = begins is not None and begins - first > LONG_AGO * (span[1] - first)
    return [(first, begins - DAY)] if begins and is_long else []


def _after_the_scattered(span: Span, usual: float, days: Mapping[date, int], share: float) -> date | None:
    """First day of the records that come as often as usual, None without any.

    The records before it are at most that share of the usual ones, and fewer than chance makes of them.
    """
    known = sorted(day for day in days if days[day] and span[0] <= day <= span[1])
    begins: date | None = known[0] if known else None
    count = 0
    for day, following in pairwise([*known, span[1] + DAY]):
        count += days[day]
        expected = usual * (following - known[0]).days
        if count <= share * expected and _is_unlikely(count, expected):
            begins = following if following <= span[1] else None
    return begins


def _is_unlikely(count: int, expected: float) -> bool:
    """Whether so few records, where so many were expected, are not chance: the 95% interval ends below."""
    return bool(stats.poisson([count])[1][0] < expected)


def _count(span: Span, days: Mapping[date, int]) -> int:
    return sum(count for day, count in days.items() if span[0] <= day <= span[1])


def _back(day: date) -> date:
    """The day a window earlier, or the first of all."""
    return day - WINDOW if day - date.min > WINDOW else date.min


def _monthly(days: Mapping[date, int]) -> Counter[int]:
    """The records by number of month."""
    counts: Counter[int] = Counter()
    for day, count in days.items():
        counts[month_number(day)] += count
    return counts


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


def _outside(spans: Iterable[Span], cuts: Iterable[Span]) -> list[Span]:
    """The days of the spans that lie in none of the cuts."""
    found = list(spans)
    for first, last in cuts:
        pieces: list[Span] = []
        for begins, ends in found:
            if ends < first or begins > last:
                pieces.append((begins, ends))
                continue
            pieces += [(begins, first - DAY)] if begins < first else []
            pieces += [(last + DAY, ends)] if ends > last else []
        found = pieces
    return found


def _within(spans: Iterable[Span], window: Span) -> list[Span]:
    """The days of the spans that lie in the window."""
    cut = [(max(begins, window[0]), min(ends, window[1])) for begins, ends in spans]
    return [(begins, ends) for begins, ends in cut if begins <= ends]


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

"""The days that a measure is asked for and can be answered for, and which of its periods they leave out."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from profiles.facts import Facts
from profiles.periods import Period, month_number, month_start
from profiles.reasons import Reason
from profiles.selection import Selection

PLAIN, PROVISIONAL, UNRELIABLE, NOT_APPLICABLE, NOT_AVAILABLE = range(5)
"""What stands in a cell, in the order in which one overrides another."""

Codes = NDArray[np.int64]
Reasons = tuple[Reason | None, ...]


@dataclass(frozen=True)
class Window:
    """The days asked for, those the data can answer for, and until when they are settled (None: no limit).

    `gaps` are the months, by number, that no extract covers. Where records have to `wait` until it can
    be told what became of them, the data end so much earlier.
    """

    since: date
    until: date
    begins: date | None
    as_at: date | None
    settled: date | None = None
    gaps: tuple[int, ...] = ()
    wait: str = ""

    @property
    def last(self) -> date:
        """Last day that can be counted."""
        return min(self.until, self.as_at or self.until)


def window(selection: Selection, facts: Facts, begins: date | None, as_at: date | None) -> Window:
    """The days asked for; from the first to the newest when nothing is asked."""
    crimes = facts.bounds("crimes", (), facts.sources("crimes"))
    ends = as_at or facts.as_at or selection.since or selection.until or date(1970, 1, 1)
    starts = begins or crimes[0] or month_start(ends)
    since = selection.since or min(starts, selection.until or starts)
    until = selection.until or max(ends, since)
    return Window(since, until, begins, as_at)


def reasons(grid: Iterable[Period], asked: Window, *, is_rolling: bool, is_stock: bool) -> Reasons:
    """Why there is no figure of each period, None where there is one.

    Of a stock only the end of the period counts, and what came in a month that no extract covers is missing
    from every figure after it. A sum with such a month in it would be too small.
    """
    return tuple(_reason(period, asked, is_rolling, is_stock) for period in grid)


def _reason(period: Period, asked: Window, is_rolling: bool, is_stock: bool) -> Reason | None:
    is_early = is_rolling and not is_stock and period.starts < (asked.begins or date.min)
    if is_early or period.ends < (asked.begins or date.min):
        return Reason(begins=asked.begins)
    if period.starts > (asked.as_at or date.max):
        return Reason(wait=asked.wait) if asked.wait else Reason(ends=asked.as_at)
    if not asked.gaps:
        return None
    since = date.min if is_stock else period.starts if is_rolling else max(period.starts, asked.since)
    first, last = month_number(since), month_number(min(period.ends, asked.last))
    months = tuple(month for month in asked.gaps if first <= month <= last)
    return Reason(months=months) if months else None


def codes(grid: Iterable[Period], asked: Window, why: Sequence[Reason | None], *, is_whole: bool) -> Codes:
    """Which periods have no figure, by their reasons, and which are not settled or lie only partly within.

    With `is_whole` a period counts as a whole wherever the days asked for begin: that of a stock, and a
    rolling year.
    """
    first = max(asked.since, asked.begins or date.min)
    as_at = asked.as_at or date.max
    last = min(asked.until, as_at, asked.settled or as_at)
    found = []
    for period, reason in zip(grid, why, strict=True):
        if reason:
            found.append(NOT_AVAILABLE)
        elif period.ends > last or (period.starts < first and not is_whole):
            found.append(PROVISIONAL)
        else:
            found.append(PLAIN)
    return np.array(found, dtype=np.int64)

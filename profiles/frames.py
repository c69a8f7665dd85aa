"""The frame of a measure row by row, and the breaks that apply to it, as plain values."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import date

import pandas as pd

from profiles.periods import MONTHS, last_day, month_number


@dataclass(frozen=True)
class Row:
    """One row of a frame: figures are nan where there is none; the later fields are empty where not asked.

    `why` is the `Reason` that a figure is not available, where that is known.
    """

    category: str
    period: str
    numerator: float
    denominator: float
    value: float
    lower: float
    upper: float
    marker: str
    basis: str = ""
    grain: str = ""
    since: str = ""
    until: str = ""
    share: float = math.nan
    within: str = ""
    why: object = None

    @property
    def is_median(self) -> bool:
        """Whether the value is the median of cases, and its limits are their quartiles."""
        return math.isnan(self.numerator) and not math.isnan(self.denominator)


def rows(frame: pd.DataFrame) -> list[Row]:
    """The rows of the frame, in its order."""
    names = [each.name for each in fields(Row) if each.name in frame.columns]
    columns = [frame[name].tolist() for name in names]
    return [Row(**dict(zip(names, cells, strict=True))) for cells in zip(*columns, strict=True)]


def has_figures(frame: pd.DataFrame) -> bool:
    """Whether any row has a value."""
    return bool(frame["value"].notna().any())


def ends(frame: pd.DataFrame, grain: str) -> tuple[date, date]:
    """First day of the first period and last day of the last one."""
    labels = frame["period"].tolist()
    first, last = date.fromisoformat(min(labels)), date.fromisoformat(max(labels))
    return first, last_day(month_number(last) + MONTHS[grain] - 1)


@dataclass(frozen=True)
class Break:
    """A change of rules or an event; after a rebase the series starts anew."""

    day: date
    is_rebase: bool
    title: str
    explanation: str
    source: str = ""


Breaks = Sequence[Break]


def breaks(frame: pd.DataFrame) -> tuple[Break, ...]:
    """The breaks of a frame with the columns of `marts.breaks`, by date, each once."""
    days = pd.to_datetime(frame["break_date"]).dt.date.tolist()
    texts = (frame[name].tolist() for name in ("effect", "title", "explanation", "published_by"))
    found = {
        Break(day, effect == "rebase", title, text, source)
        for day, effect, title, text, source in zip(days, *texts, strict=True)
    }
    return tuple(sorted(found, key=lambda each: (each.day, each.title)))


def within(all_breaks: Breaks, first: date, last: date) -> tuple[Break, ...]:
    """The breaks after the first day, up to the last: those that part the days between."""
    return tuple(each for each in all_breaks if first < each.day <= last)


def last_rebase(all_breaks: Breaks, until: date) -> date | None:
    """The day from which the series can be compared, up to `until`; None when there is no rebase."""
    return max((each.day for each in all_breaks if each.is_rebase and each.day <= until), default=None)

"""Answers from a snapshot: the blocks of the pages on protected figures, and none that was not released."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache

import numpy as np
import pandas as pd

from profiles.blocks.block import Source
from profiles.catalogue import Measure, measure
from profiles.frames import Break
from profiles.measures import COLUMNS, fitted
from profiles.periods import ALL, first_day, last_day, month_number
from profiles.reasons import Reason
from profiles.selection import DIMENSIONS, Selection
from profiles.snapshot.contents import months_of
from profiles.snapshot.opened import Release
from profiles.snapshot.series import applying, bases_of, settled_until

BY_LENGTH = ("month", "quarter", "financial_year")
"""Periods that have no day in common, the shortest first."""

FLOWS = ("rolling_year", "financial_year", "quarter", "month")
"""What heads a chart over time, the first that is published; of a stock it is the first BY_LENGTH."""

NOT_HELD = "[x]"
UNGIVEN = "ungiven"
"""Attribute of a frame of which the snapshot holds no row."""

Place = tuple[str, str, str, str, str]
"""Measure, basis, grain, dimension and second dimension of some rows."""


@dataclass(frozen=True, eq=False)
class Rows:
    """The rows of a snapshot, found by what was asked for."""

    parts: dict[Place, pd.DataFrame]

    def found(self, *place: str) -> pd.DataFrame | None:
        """The rows of measure, basis, grain, dimension and second dimension, or None."""
        return self.parts.get(place)  # type: ignore[arg-type]


@lru_cache(maxsize=8)
def source(release: Release) -> Source:
    """Figures of the snapshot, as `measures.run` would give them: those that were released, and no sums."""
    rows = _rows(release)
    manifest = release.manifest
    frames = lru_cache(maxsize=4096)(lambda name, selection: _answer(rows, measure(name), selection))
    return Source(
        frame=frames,
        breaks=lambda name, basis: _breaks(release, measure(name), basis),
        lacking=lambda name, selection: {},
        as_at=manifest.as_at,
        version=manifest.folder.name,
        marking=manifest.marking,
        is_synthetic=manifest.synthetic != "no",
        reasons=lambda name, selection: _reasons(frames(name, selection)),
        published_period_for=lambda name, selection: _published_period(
            rows, measure(name), selection, manifest.as_at
        ),
    )


def financial_years(release: Release) -> tuple[tuple[str, bool], ...]:
    """First day (ISO) of each financial year and whether it was over by the snapshot's date; newest first."""
    frame = release.rows
    years = frame[(frame["grain"] == "financial_year") & (frame["measure_id"] == "stalking_crimes")]
    known = sorted(set(years.loc[years["marker"] != NOT_HELD, "period"]), reverse=True)
    return tuple(
        (each, last_of(each, "financial_year").isoformat() <= release.manifest.as_at) for each in known
    )


def last_of(period: str, grain: str) -> date:
    """The last day of a period."""
    return last_day(months_of(grain, period)[1])


def shortest(release: Release, item: Measure) -> str:
    """The shortest periods for which the snapshot gives the measure for the force as a whole, or months."""
    rows = _rows(release)
    asked = fitted(item, Selection())
    return next((each for each in BY_LENGTH if _part(rows, item, asked, each) is not None), BY_LENGTH[0])


@lru_cache(maxsize=8)
def _rows(release: Release) -> Rows:
    columns = ["measure_id", "basis", "grain", "dimension", "dimension_2"]
    grouped = release.rows.groupby(columns, sort=False)
    return Rows({tuple(map(str, key)): part for key, part in grouped})  # type: ignore[misc]


def _breaks(release: Release, item: Measure, basis: str | None) -> tuple[Break, ...]:
    return applying(release.breaks, item, basis or bases_of(item)[0])


def _answer(rows: Rows, item: Measure, selection: Selection) -> pd.DataFrame:
    """A row a category and period, columns as in `measures.COLUMNS`; `[x]` for what was not released."""
    asked = fitted(item, selection)
    if asked.by == "basis":
        parts = [
            _answer(rows, item, replace(asked, by=None, basis=basis)).assign(category=basis)
            for basis in DIMENSIONS["basis"].categories
        ]
        return pd.concat(parts, ignore_index=True)[list(COLUMNS)]
    grain, first, last = published(item, asked)
    if item.time == "stock" and asked.grain == ALL:
        found = _on_day(rows, item, asked, last)
    else:
        found = _within(_part(rows, item, asked, grain), item, asked, grain, first, last) if grain else None
    if found is None or found.empty:
        return _nothing(asked)
    if asked.grain == ALL:
        found = found.assign(period=ALL)
    # Categories in the order of the file, each with its periods in order.
    order = {name: place for place, name in enumerate(dict.fromkeys(found["category"].tolist()))}
    found = found.assign(_place=found["category"].map(order))
    found = found.sort_values(["_place", "period"], kind="stable")
    return found[list(COLUMNS)].reset_index(drop=True)


def _on_day(rows: Rows, item: Measure, asked: Selection, month: int) -> pd.DataFrame | None:
    """The rows of a stock as it stood when that month ended, from the shortest published period that did."""
    for grain in BY_LENGTH:
        found = _part(rows, item, asked, grain)
        if found is None:
            continue
        ends = [months_of(grain, each)[1] for each in found["period"].tolist()]
        if month in ends:
            return found[np.array([each == month for each in ends], dtype=bool)]
    return None


def _within(
    found: pd.DataFrame | None, item: Measure, asked: Selection, grain: str, first: int, last: int
) -> pd.DataFrame | None:
    """Those of the rows that are of the months asked for."""
    if found is None or item.time == "standing":
        return found
    labels = found["period"].tolist()
    if asked.grain == ALL:
        months = [months_of(grain, each) for each in labels]
        is_in = [begins >= first and ends <= last for begins, ends in months]
    else:
        is_in = [_overlaps(grain, each, first, last) for each in labels]
    return found[np.array(is_in, dtype=bool)]


def _overlaps(grain: str, period: str, first: int, last: int) -> bool:
    """Whether a period belongs to the months asked for: a rolling year by its last month."""
    begins, ends = months_of(grain, period)
    return first <= ends <= last if grain == "rolling_year" else begins <= last and ends >= first


def published(item: Measure, asked: Selection) -> tuple[str, int, int]:
    """The grain of the rows that answer, and the first and last month asked for; no grain where none can.

    A figure of a whole stretch of days is there only when it is that of a published period.
    """
    first = month_number(asked.since) if asked.since else -(10**6)
    last = month_number(asked.until) if asked.until else 10**6
    grain = asked.grain or "month"
    if grain != ALL or item.time == "standing":
        return grain, first, last
    if item.time == "stock":
        # A stock is of one day: that of the last month asked for.
        return BY_LENGTH[0], last, last
    if not asked.since or not asked.until:
        return "", first, last
    is_whole = asked.since.day == 1 and asked.until == last_day(last)
    length = last - first + 1
    if is_whole and length == 12 and first_day(first).month == 4:
        return "financial_year", first, last
    if is_whole and length == 12:
        return "rolling_year", first, last
    names = {3: "quarter", 1: "month"}
    if is_whole and length in names and first_day(first).month % length == 1 % length:
        return names[length], first, last
    return "", first, last


def _part(rows: Rows, item: Measure, asked: Selection, grain: str) -> pd.DataFrame | None:
    """The rows of the breakdown and the filters asked for; None where they were not released."""
    basis = "fixed" if item.is_fixed else asked.basis or ""
    where = dict.fromkeys(name for name, _ in asked.where)
    if len(where) > 1 or any(len(asked.values(name)) > 1 for name in where):
        return None
    if not where:
        return rows.found(item.measure_id, basis, grain, asked.by or ALL, "")
    (name,) = where
    (value,) = asked.values(name)
    found = rows.found(item.measure_id, basis, grain, name, asked.by or "")
    if found is None:
        return None
    found = found[found["category"] == value]
    return found.assign(category=found["category_2"] if asked.by else ALL)


def _reasons(found: pd.DataFrame) -> dict[tuple[str, str], Reason]:
    """Why there is no figure, by category and period: of what the snapshot does not hold at all."""
    if not found.attrs.get(UNGIVEN):
        return {}
    return dict.fromkeys(
        zip(found["category"].tolist(), found["period"].tolist(), strict=True), Reason(is_ungiven=True)
    )


def _nothing(asked: Selection) -> pd.DataFrame:
    """One row that says that there is no such figure in the snapshot."""
    period = (
        ALL if asked.grain == ALL or not asked.until else first_day(month_number(asked.until)).isoformat()
    )
    blank = dict.fromkeys(("numerator", "denominator", "value", "lower", "upper"), float("nan"))
    row = {"category": ALL, "period": period, **blank, "marker": NOT_HELD}
    found = pd.DataFrame([row], columns=list(COLUMNS))
    found.attrs[UNGIVEN] = True
    return found


def _published_period(rows: Rows, item: Measure, selection: Selection, as_at: str) -> Selection:
    """The newest settled published period in the selection that can stand for it, as a selection."""
    asked = fitted(item, replace(selection, grain=item.grains[0] if item.grains else None, by=None))
    last = month_number(asked.until) if asked.until else 10**6
    if item.time == "standing":
        return replace(asked, grain=ALL)
    grains: Sequence[str] = BY_LENGTH if item.time == "stock" else FLOWS
    for grain in grains:
        found = _part(rows, item, replace(asked, by=None), grain)
        if found is None:
            continue
        known = found[~found["marker"].isin((NOT_HELD, "[p]"))]
        periods = [each for each in known["period"].tolist() if months_of(grain, each)[1] <= last]
        until = settled_until(item, as_at).isoformat()
        settled = [each for each in periods if last_of(each, grain).isoformat() <= until]
        if not (settled or periods):
            continue
        newest = max(settled or periods)
        first, end = months_of(grain, newest)
        if grain == "rolling_year":
            first = end
        return replace(asked, grain=grain, by=None, since=first_day(first), until=last_day(end))
    return replace(asked, grain=ALL, by=None)

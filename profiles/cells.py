"""Cells: what a measure counts in every category and period, before anything is divided."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from profiles.catalogue import Measure, marts, measure
from profiles.facts import Facts, columns_of, fields_of
from profiles.periods import ALL, MONTHS, Period, month_number, month_start, periods
from profiles.selection import DIMENSIONS, Rows, Selection, categories, joined, selected
from profiles.warehouse import Connection

PLAIN, PROVISIONAL, UNRELIABLE, NOT_APPLICABLE, NOT_AVAILABLE = range(5)
"""What stands in a cell, in the order in which one overrides another."""
Floats = NDArray[np.float64]
Codes = NDArray[np.int64]


@dataclass(frozen=True)
class Window:
    """The days asked for, those the data can answer for, and until when they are settled (None: no limit).

    `gaps` are the months, by number, that no extract covers.
    """

    since: date
    until: date
    begins: date | None
    as_at: date | None
    settled: date | None = None
    gaps: tuple[int, ...] = ()

    @property
    def last(self) -> date:
        """Last day that can be counted."""
        return min(self.until, self.as_at or self.until)


@dataclass(frozen=True)
class Cells:
    """Figures of every category and period: a row a category, a column a period.

    `parts` are numerator and denominator, or number of cases, median and quartiles.
    `plain` are the codes of a row in which nothing was found.
    """

    categories: tuple[str, ...]
    periods: tuple[Period, ...]
    window: Window
    parts: tuple[Floats, ...]
    codes: Codes
    plain: Codes


def needs_of(needs: tuple[str, ...], selection: Selection) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What is needed on this basis, and what the dimensions of the selection need."""
    basis = ("included_classifications",) if selection.basis == "included_only" else ()
    dimensions = [need for name in selection.dimensions for need in DIMENSIONS[name].needs]
    return (*needs, *basis), tuple(dimensions)


def _window(selection: Selection, facts: Facts, begins: date | None, as_at: date | None) -> Window:
    """The days asked for; from the first to the newest when nothing is asked."""
    crimes = facts.bounds("crimes", (), facts.sources("crimes"))
    ends = as_at or facts.as_at or selection.since or selection.until or date(1970, 1, 1)
    starts = begins or crimes[0] or month_start(ends)
    since = selection.since or min(starts, selection.until or starts)
    until = selection.until or max(ends, since)
    return Window(since, until, begins, as_at)


def _codes(grid: Iterable[Period], window: Window, is_rolling: bool, is_stock: bool) -> Codes:
    """Which periods lie outside the data, and which are not settled or lie only partly in what is shown.

    Of a stock only the end of the period counts, and what came in a month that no extract covers is missing
    from every figure after it. A sum with such a month in it would be too small.
    """
    begins, as_at = window.begins or date.min, window.as_at or date.max
    first, last = max(window.since, begins), min(window.until, as_at, window.settled or as_at)
    codes = []
    for period in grid:
        is_early = is_rolling and not is_stock and period.starts < begins
        since = date.min if is_stock else period.starts if is_rolling else max(period.starts, window.since)
        has_gap = bool(window.gaps) and _holds(window.gaps, since, min(period.ends, window.last))
        if period.ends < begins or period.starts > as_at or is_early or has_gap:
            codes.append(NOT_AVAILABLE)
        elif period.ends > last or (period.starts < first and not (is_rolling or is_stock)):
            codes.append(PROVISIONAL)
        else:
            codes.append(PLAIN)
    return np.array(codes, dtype=np.int64)


def _holds(months: tuple[int, ...], since: date, until: date) -> bool:
    """Whether any of the months holds one of these days."""
    return any(month_number(since) <= month <= month_number(until) for month in months)


def cells_of(con: Connection, item: Measure, selection: Selection, facts: Facts, folder: Path) -> Cells:
    """The cells of the measure under a selection that fits it."""
    if item.ratio:
        return _divided(con, item, selection, facts, folder)
    mart = marts(folder)[item.reads]
    needs = needs_of(item.needs, selection)
    every = facts.sources(mart.feed)
    asked = selection.values("source") or every
    able = tuple(source for source in every if source in asked and not facts.lacking(source, *needs))
    kept = fields_of(con, facts) if "field" in selection.dimensions else {}
    fields = selection.values("field")
    one = fields[0] if selection.by != "field" and len(fields) == 1 else ""
    if one:
        able = tuple(source for source in able if (source, one) in kept)
    grain = selection.grain or "month"
    # A breakdown by what is kept only since later shows the time before as not recorded.
    fed_by = needs[0]
    # Without its included classifications a crime may be one of stalking or not.
    counts_included = bool(item.bases) and selection.basis != "principal"
    covered_by = (*fed_by, "included_classifications") if counts_included else fed_by

    def window_of(sources: tuple[str, ...], field: str) -> Window:
        begins, as_at = facts.bounds(mart.feed, fed_by, sources)
        days = [kept[source, field] for source in sources if (source, field) in kept]
        settled = item.settles.before(as_at) if as_at and item.settles else None
        as_at = item.matures.before(as_at) if as_at and item.matures else as_at
        found = _window(selection, facts, min(days, default=begins), as_at)
        return replace(found, settled=settled, gaps=facts.uncovered(mart.feed, covered_by, sources))

    window = window_of(able or every, one)
    grid = periods(grain, window.since, window.until)
    # A published or estimated figure is whole whatever the selection cuts: it is there or it is not.
    plain = (
        np.zeros(len(grid), dtype=np.int64)
        if item.absent == "not available" or item.time == "standing"
        else _codes(grid, window, grain == "rolling_year", item.time == "stock")
    )
    if not able:
        return _blank(item, selection, grid, window, NOT_AVAILABLE)
    if _is_pooled(item, selection):
        return _blank(item, selection, grid, window, NOT_APPLICABLE)
    # Twelve months add up to a rolling year, unless the measure does not add: then each row is put
    # into the twelve rolling years it belongs to.
    is_summed = grain == "rolling_year" and "time" in item.adds_over and item.time == "flow"
    is_placed_by_join = item.time == "stock" or (grain == "rolling_year" and not is_summed)
    since = grid[0].starts if grain == "rolling_year" else window.since
    rows = Rows(
        selection,
        mart.name,
        # Fewer columns to look up: half of what a question costs.
        tuple(name for name in columns_of(con, facts, mart.name) if name in item.words),
        item.date if item.time == "flow" else "",
        None if able == every else able,
        max(since, window.begins or since),
        window.last,
        grid if is_placed_by_join else (),
    )
    columns = _columns(item)
    text, parameters = selected(rows)
    found: dict[str, Any] = con.execute(joined(text, item.sql), parameters).fetchnumpy()
    names = _categories(con, item, rows, facts, found["category"])
    shown = periods("month", since, grid[-1].ends) if is_summed else grid
    place = _places(found, names, grain, shown)
    parts = tuple(_filled(found[column], place, (len(names), len(shown))) for column in columns)
    if is_summed:
        parts = tuple(_rolled(part) for part in parts)
    codes = np.tile(plain, (len(names), 1))
    if selection.by in ("source", "field") and item.absent == "zero" and item.time != "standing":
        # Each source has days of its own, and so has each field it keeps.
        for row, name in enumerate(names):
            if selection.by == "field":
                keeping = tuple(source for source in able if (source, name) in kept)
            else:
                keeping = (name,) if name in able else able
            found_days = window_of(keeping, name if selection.by == "field" else one)
            own = replace(found_days, since=window.since, until=window.until)
            codes[row] = (
                _codes(grid, own, grain == "rolling_year", item.time == "stock") if keeping else NOT_AVAILABLE
            )
    if item.absent == "not available":
        # Only what was found is there.
        present = np.zeros(codes.size, dtype=bool)
        present[place] = True
        codes[~present.reshape(codes.shape)] = NOT_AVAILABLE
    return Cells(names, grid, window, parts, codes, plain)


def _columns(item: Measure) -> tuple[str, ...]:
    if item.shape == "distribution":
        return ("count_cases", "median", "lower_quartile", "upper_quartile")
    return ("numerator", "denominator") if item.denominator else ("numerator",)


def _is_pooled(item: Measure, selection: Selection) -> bool:
    """Whether the selection mixes what the measure keeps apart."""
    return any(selection.by not in group and len(selection.values(group[0])) != 1 for group in item.apart)


def _blank(item: Measure, selection: Selection, grid: tuple[Period, ...], window: Window, code: int) -> Cells:
    names = (DIMENSIONS[selection.by].categories or (ALL,)) if selection.by else (ALL,)
    empty = np.full((len(names), len(grid)), np.nan)
    codes = np.full(empty.shape, code, dtype=np.int64)
    return Cells(names, grid, window, tuple(empty for _ in _columns(item)), codes, codes[0])


def _categories(
    con: Connection, item: Measure, rows: Rows, facts: Facts, found: NDArray[Any]
) -> tuple[str, ...]:
    """Categories in the order shown: as declared, or those found on any day under the filters, sorted."""
    by = rows.selection.by
    if by is None:
        return (ALL,)
    if item.absent == "not available":
        return tuple(sorted(set(found.tolist()))) or (ALL,)
    dimension = DIMENSIONS[by]
    asked = rows.selection.values(by)
    if asked and not dimension.overlaps:
        return tuple(name for name in dimension.categories if name in asked) or tuple(sorted(asked))
    if by == "basis" and rows.selection.basis in dimension.categories:
        return (rows.selection.basis or "",)
    if dimension.categories:
        return dimension.categories
    key = (rows.mart, by, rows.selection.basis, rows.selection.where, rows.sources)
    if key not in facts.categories:
        statement, parameters = categories(rows)
        listed = con.execute(statement, parameters).fetchall()
        facts.categories[key] = tuple(sorted(name for (name,) in listed)) or (ALL,)
    return facts.categories[key]


def _places(
    found: dict[str, NDArray[Any]], names: tuple[str, ...], grain: str, grid: tuple[Period, ...]
) -> NDArray[np.intp]:
    """Where each row found stands in the table of categories and periods, counted row by row."""
    if len(names) == 1:
        row = np.zeros(len(found["category"]), dtype=np.intp)
    else:
        index = {name: place for place, name in enumerate(names)}
        row = np.array([index[name] for name in found["category"].tolist()], dtype=np.intp)
    if grain == ALL:
        return row
    months = found["period"].astype("datetime64[M]").astype(np.intp) + 1970 * 12
    first = month_number(date.fromisoformat(grid[0].label))
    return row * len(grid) + (months - first) // MONTHS[grain]


def _filled(values: NDArray[Any], place: NDArray[np.intp], shape: tuple[int, int]) -> Floats:
    """A table of nought with the values in their places; a missing value is nan."""
    out = np.zeros(shape)
    out.ravel()[place] = np.ma.filled(values.astype(float), np.nan)
    return out


def _rolled(months: Floats) -> Floats:
    """Sums of each twelve neighbouring columns."""
    years = np.lib.stride_tricks.sliding_window_view(months, 12, axis=1)
    return np.asarray(years.sum(axis=-1))


def _divided(con: Connection, item: Measure, selection: Selection, facts: Facts, folder: Path) -> Cells:
    """Cells of two counts under the same selection: the first over the second."""
    above, below = (measure(name, folder) for name in item.ratio)
    ignored = {name for name in item.denominator_ignores if name not in below.dimensions}
    top = cells_of(
        con, above, replace(selection, basis=selection.basis if above.bases else None), facts, folder
    )
    is_shared = selection.by in ignored
    bottom = cells_of(
        con,
        below,
        replace(
            selection,
            basis=selection.basis if below.bases else None,
            by=None if is_shared else selection.by,
            since=top.window.since,
            until=top.window.until,
            where=tuple(pair for pair in selection.where if pair[0] not in ignored),
        ),
        facts,
        folder,
    )
    names = top.categories if is_shared else _merged(top.categories, bottom.categories, selection.by)
    numerator, codes = _aligned(top, names)
    denominator, others = _aligned(bottom, (ALL,) * len(names) if is_shared else names)
    if _has_gap(con, below, selection, ignored, facts, folder):
        denominator, others = np.zeros_like(denominator), np.full_like(others, NOT_APPLICABLE)
    return replace(top, categories=names, parts=(numerator, denominator), codes=np.maximum(codes, others))


def _has_gap(
    con: Connection, below: Measure, selection: Selection, ignored: set[str], facts: Facts, folder: Path
) -> bool:
    """Whether a filter lets a value through that the denominator does not know.

    Two places over the residents of one of them would be a rate of neither.
    """
    for name in {name for name, _ in selection.where} - ignored - {selection.by}:
        known = cells_of(con, below, Selection(by=name, grain="all"), facts, folder).categories
        if set(selection.values(name)) - set(known):
            return True
    return False


def _merged(above: tuple[str, ...], below: tuple[str, ...], by: str | None) -> tuple[str, ...]:
    """Categories of either, once each, in the order shown."""
    if by is None or above == below:
        return above
    either = {*above, *below}
    declared = tuple(name for name in DIMENSIONS[by].categories if name in either)
    return declared or tuple(sorted(either - {ALL})) or (ALL,)


def _aligned(cells: Cells, names: tuple[str, ...]) -> tuple[Floats, Codes]:
    """The first figure and the code of each named category; nought where it was not found."""
    figures = np.zeros((len(names), len(cells.periods)))
    codes = np.tile(cells.plain, (len(names), 1))
    for place, name in enumerate(names):
        if name in cells.categories:
            row = cells.categories.index(name)
            figures[place], codes[place] = cells.parts[0][row], cells.codes[row]
    return figures, codes

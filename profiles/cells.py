"""Cells: what a measure counts in every category and period, before anything is divided."""

from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from profiles import windows
from profiles.catalogue import Measure, marts, measure
from profiles.facts import Facts, columns_of, fields_of
from profiles.periods import ALL, MONTHS, Period, month_number, periods
from profiles.reasons import Reason
from profiles.selection import DIMENSIONS, Rows, Selection, categories, joined, selected
from profiles.warehouse import Connection
from profiles.windows import (
    NOT_APPLICABLE,
    NOT_AVAILABLE,
    PLAIN,
    PROVISIONAL,
    UNRELIABLE,
    Codes,
    Reasons,
    Window,
)

__all__ = [
    "NOT_APPLICABLE",
    "NOT_AVAILABLE",
    "PLAIN",
    "PROVISIONAL",
    "UNRELIABLE",
    "Cells",
    "Codes",
    "Floats",
]

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Cells:
    """Figures of every category and period: a row a category, a column a period.

    `parts` are numerator and denominator, or number of cases, median and quartiles.
    `plain` are the codes of a row in which nothing was found. `reasons` say of each row and column why its
    figure is not available, `why` that of a row in which nothing was found; None where that is not known.
    """

    categories: tuple[str, ...]
    periods: tuple[Period, ...]
    window: Window
    parts: tuple[Floats, ...]
    codes: Codes
    plain: Codes
    reasons: tuple[Reasons, ...]
    why: Reasons


def needs_of(needs: tuple[str, ...], selection: Selection) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What is needed on this basis, and what the dimensions of the selection need."""
    is_included = "included_only" in (selection.basis, *_only(selection.values("basis")))
    basis = ("included_classifications",) if is_included else ()
    # Crimes of both bases are found wherever one of them is.
    names = [name for name in selection.dimensions if name != "basis"]
    return (*needs, *basis), tuple(need for name in names for need in DIMENSIONS[name].needs)


def _only(values: tuple[str, ...]) -> tuple[str, ...]:
    """The one value; none where there are several."""
    return values if len(values) == 1 else ()


def cells_of(con: Connection, item: Measure, selection: Selection, facts: Facts, folder: Path) -> Cells:
    """The cells of the measure under a selection that fits it."""
    if item.ratio:
        return _divided(con, item, selection, facts, folder)
    if selection.by == "basis" and item.bases:
        return _by_basis(con, item, selection, facts, folder)
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
    counts_included = bool(item.bases) and "principal" not in (
        selection.basis,
        *_only(selection.values("basis")),
    )
    covered_by = (*fed_by, "included_classifications") if counts_included else fed_by

    def window_of(sources: tuple[str, ...], field: str) -> Window:
        begins, as_at = facts.bounds(mart.feed, fed_by, sources)
        days = [kept[source, field] for source in sources if (source, field) in kept]
        settled = item.settles.before(as_at) if as_at and item.settles else None
        as_at = item.matures.before(as_at) if as_at and item.matures else as_at
        found = windows.window(selection, facts, min(days, default=begins), as_at)
        gaps = facts.uncovered(mart.feed, covered_by, sources)
        return replace(found, settled=settled, gaps=gaps, wait=str(item.matures) if item.matures else "")

    def told(asked: Window) -> tuple[Reasons, Codes]:
        is_rolling, is_stock = grain == "rolling_year", item.time == "stock"
        why = windows.reasons(grid, asked, is_rolling=is_rolling, is_stock=is_stock)
        return why, windows.codes(grid, asked, why, is_whole=is_rolling or is_stock)

    window = window_of(able or every, one)
    grid = periods(grain, window.since, window.until)
    # A published or estimated figure is whole whatever the selection cuts: it is there or it is not.
    why: Reasons = (None,) * len(grid)
    plain = np.zeros(len(grid), dtype=np.int64)
    if item.absent == "zero" and item.time != "standing":
        why, plain = told(window)
    if not able:
        not_kept = (one,) if one else ()
        lacks = [(source, facts.lacking(source, *needs) or not_kept) for source in every if source in asked]
        reason = Reason(lacks=tuple(each for each in lacks if each[1]) if every else (("", (mart.feed,)),))
        why = (reason,) * len(grid)
        return _blank(item, selection, grid, window, NOT_AVAILABLE, why)
    if _is_pooled(item, selection):
        return _blank(item, selection, grid, window, NOT_APPLICABLE, (None,) * len(grid))
    # 12 months add up to a rolling year, unless the measure does not add: then each row is put
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
    reasons = [why] * len(names)
    if selection.by in ("source", "field") and item.absent == "zero" and item.time != "standing":
        # Each source has days of its own, and so has each field it keeps.
        for row, name in enumerate(names):
            if selection.by == "field":
                keeping = tuple(source for source in able if (source, name) in kept)
            else:
                keeping = (name,) if name in able else able
            found_days = window_of(keeping, name if selection.by == "field" else one)
            own = replace(found_days, since=window.since, until=window.until)
            without = Reason(lacks=tuple((source, (name,)) for source in able))
            reasons[row], codes[row] = told(own) if keeping else ((without,) * len(grid), NOT_AVAILABLE)
    if item.absent == "not available":
        # Only what was found is there.
        present = np.zeros(codes.size, dtype=bool)
        present[place] = True
        codes[~present.reshape(codes.shape)] = NOT_AVAILABLE
    return Cells(names, grid, window, parts, codes, plain, tuple(reasons), why)


def _by_basis(con: Connection, item: Measure, selection: Selection, facts: Facts, folder: Path) -> Cells:
    """The cells of each basis as they are when it is asked for alone.

    A source without included classifications, or a month that none of their files covers, takes nothing from
    the principal crimes.
    """
    every, wanted = DIMENSIONS["basis"].categories, selection.values("basis")
    own = (selection.basis,) if selection.basis in every else every
    names = tuple(name for name in every if name in (wanted or own))
    where = tuple(pair for pair in selection.where if pair[0] != "basis")
    asked = replace(selection, by=None, where=where)
    whole = cells_of(con, item, replace(asked, basis="any"), facts, folder).window
    asked = replace(asked, since=whole.since, until=whole.until)

    def alone(name: str) -> Cells:
        # Of one basis none is of the other, whoever asks for it.
        basis, more = (name, ()) if name in own else (selection.basis, (("basis", name),))
        return cells_of(con, item, replace(asked, basis=basis, where=(*where, *more)), facts, folder)

    parts = [alone(name) for name in names]
    return replace(
        parts[0],
        categories=names,
        window=whole,
        parts=tuple(np.concatenate(each) for each in zip(*(part.parts for part in parts), strict=True)),
        codes=np.concatenate([part.codes for part in parts]),
        reasons=tuple(reasons for part in parts for reasons in part.reasons),
    )


def _columns(item: Measure) -> tuple[str, ...]:
    if item.shape == "distribution":
        return ("count_cases", "median", "lower_quartile", "upper_quartile")
    return ("numerator", "denominator") if item.denominator else ("numerator",)


def _is_pooled(item: Measure, selection: Selection) -> bool:
    """Whether the selection mixes what the measure keeps apart."""
    return any(selection.by not in group and len(selection.values(group[0])) != 1 for group in item.apart)


def _blank(
    item: Measure,
    selection: Selection,
    grid: tuple[Period, ...],
    window: Window,
    code: int,
    why: Reasons,
) -> Cells:
    names = (DIMENSIONS[selection.by].categories or (ALL,)) if selection.by else (ALL,)
    empty = np.full((len(names), len(grid)), np.nan)
    codes = np.full(empty.shape, code, dtype=np.int64)
    parts = tuple(empty for _ in _columns(item))
    return Cells(names, grid, window, parts, codes, codes[0], (why,) * len(names), why)


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
    """A table of zero with the values in their places; a missing value is nan."""
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
    numerator, codes, reasons = _aligned(top, names)
    denominator, others, more = _aligned(bottom, (ALL,) * len(names) if is_shared else names)
    if _has_gap(con, below, selection, ignored, facts, folder):
        denominator, others = np.zeros_like(denominator), np.full_like(others, NOT_APPLICABLE)
    either = tuple(
        tuple(first or second for first, second in zip(above, below, strict=True))
        for above, below in zip(reasons, more, strict=True)
    )
    parts = (numerator, denominator)
    return replace(top, categories=names, parts=parts, codes=np.maximum(codes, others), reasons=either)


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


def _aligned(cells: Cells, names: tuple[str, ...]) -> tuple[Floats, Codes, list[Reasons]]:
    """The first figure, the code and the reason of each named category; zero where it was not found."""
    figures = np.zeros((len(names), len(cells.periods)))
    codes = np.tile(cells.plain, (len(names), 1))
    reasons = [cells.why] * len(names)
    for place, name in enumerate(names):
        if name in cells.categories:
            row = cells.categories.index(name)
            figures[place], codes[place] = cells.parts[0][row], cells.codes[row]
            reasons[place] = cells.reasons[row]
    return figures, codes, reasons

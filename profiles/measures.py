"""Measures: one measure under one selection, as one frame; which breaks apply to it; what it lacks."""

from collections.abc import Iterable
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from profiles import stats
from profiles.catalogue import Measure, catalogue, marts, measure
from profiles.cells import (
    NOT_APPLICABLE,
    NOT_AVAILABLE,
    PLAIN,
    UNRELIABLE,
    Cells,
    Codes,
    Floats,
    cells_of,
    needs_of,
)
from profiles.errors import BadSelection
from profiles.facts import Facts, facts_of
from profiles.reasons import Reason
from profiles.selection import Selection, nearest
from profiles.warehouse import SQL, Connection

__all__ = ["COLUMNS", "breaks_for", "catalogue", "facts_of", "figures", "lacking", "reasons", "run"]

# Frames here have dozens of rows: texts as Python objects are handled faster than as Arrow arrays.
pd.set_option("mode.string_storage", "python")

COLUMNS = ("category", "period", "numerator", "denominator", "value", "lower", "upper", "marker")

MARKERS = ("", "[p]", "[u]", "[z]", "[x]")
"""By the codes of a cell."""


def run(
    con: Connection,
    measure_id: str,
    selection: Selection = Selection(),  # noqa: B008 - frozen
    *,
    facts: Facts | None = None,
    folder: Path = SQL,
) -> pd.DataFrame:
    """The measure under the selection: a row a category and period, columns as in `COLUMNS`.

    Figures are floats, percentages 0 to 100, nothing rounded; a period is its first day, ISO. Every
    category has every period. Markers: `[p]` provisional, `[u]` unreliable, `[z]` not applicable,
    `[x]` not available. Pass `facts` when asking often. Raises BadSelection when the measure does not know
    the basis, grain or dimension.
    """
    item = measure(measure_id, folder)
    facts = facts or facts_of(con)
    return _frame(item, cells_of(con, item, fitted(item, selection), facts, folder))


def fitted(item: Measure, selection: Selection) -> Selection:
    """The selection with the measure's default basis and grain. Raises BadSelection when it does not fit."""
    basis = selection.basis
    if basis is None:
        basis = item.bases[0] if item.bases else None
    elif basis not in item.bases:
        has = f"has the bases {', '.join(item.bases)}" if item.bases else "has no basis to choose"
        remedy = "choose one of them" if item.bases else "leave the basis out"
        raise BadSelection(f"{item.measure_id} {has}, not {basis!r}; {remedy}.")
    grain = selection.grain or (item.grains[0] if item.grains else "month")
    if item.grains and grain not in item.grains:
        raise BadSelection(f"{item.measure_id} is not given by {grain}; choose {' or '.join(item.grains)}.")
    if item.time == "standing" and (selection.since or selection.until):
        raise BadSelection(f"{item.measure_id} is of all that is loaded, whatever its days; give no days.")
    for name in selection.dimensions:
        if name not in item.dimensions:
            raise BadSelection(
                f"{item.measure_id} has no dimension {name!r}; {nearest(name, item.dimensions)}"
            )
    return replace(selection, basis=basis, grain=grain)


def lacking(
    item: Measure, selection: Selection, facts: Facts, folder: Path = SQL
) -> dict[str, tuple[str, ...]]:
    """For each source of the measure's feed, the capabilities it lacks to answer this selection.

    The two parts of a ratio are each answered by sources of their own.
    """
    if item.ratio:
        parts = [measure(name, folder) for name in item.ratio]
        found = [lacking(part, _as_asked(part, selection), facts, folder) for part in parts]
        return {source: needs for each in found for source, needs in each.items() if needs}
    feed = marts(folder)[item.reads].feed
    needs = needs_of(item.needs, selection)
    if item.bases and (selection.basis == "any" or selection.by == "basis"):
        # Its crimes are counted by their principal class alone.
        needs = ((*needs[0], "included_classifications"), needs[1])
    return {source: facts.lacking(source, *needs) for source in facts.sources(feed)}


def reasons(
    con: Connection,
    measure_id: str,
    selection: Selection,
    *,
    facts: Facts | None = None,
    folder: Path = SQL,
) -> dict[tuple[str, str], Reason]:
    """Why there is no figure, by category and period, for each that is not available."""
    item = measure(measure_id, folder)
    found = cells_of(con, item, fitted(item, selection), facts or facts_of(con), folder)
    return {
        (category, period.label): found.reasons[row][column] or Reason()
        for row, category in enumerate(found.categories)
        for column, period in enumerate(found.periods)
        if found.codes[row, column] == NOT_AVAILABLE
    }


def _as_asked(part: Measure, selection: Selection) -> Selection:
    """What of the selection is asked of one part of a ratio."""
    return replace(
        selection,
        basis=selection.basis if part.bases else None,
        by=selection.by if selection.by in part.dimensions else None,
        where=tuple(pair for pair in selection.where if pair[0] in part.dimensions),
    )


def _frame(item: Measure, cells: Cells) -> pd.DataFrame:
    """The cells as one frame: rates divided last, intervals added, markers in words."""
    parts = [part.ravel() for part in cells.parts]
    codes = cells.codes.ravel()
    nothing = np.full(codes.size, np.nan)
    numerator, denominator, lower, upper = parts[0], nothing, nothing, nothing
    if item.shape == "distribution":
        numerator, denominator, value, lower, upper = nothing, *parts
    else:
        denominator = parts[1] if item.denominator else nothing
        value, lower, upper = figures(item, numerator, denominator)
    codes = np.where(denominator == 0, np.maximum(codes, NOT_APPLICABLE), codes)
    if item.least:
        codes = _doubted(codes, denominator, item.least)
    is_blank = (codes == NOT_APPLICABLE) | (denominator < item.least)
    columns = {
        "numerator": numerator,
        "denominator": denominator,
        "value": np.where(is_blank, np.nan, value),
        "lower": np.where(is_blank, np.nan, lower),
        "upper": np.where(is_blank, np.nan, upper),
    }
    if (codes == NOT_AVAILABLE).any():
        columns = {name: np.where(codes == NOT_AVAILABLE, np.nan, part) for name, part in columns.items()}
    high, wide = cells.codes.shape
    return pd.DataFrame(
        {
            "category": _texts(cells.categories, np.repeat(np.arange(high), wide)),
            "period": _texts([period.label for period in cells.periods], np.tile(np.arange(wide), high)),
            **columns,
            "marker": _texts(MARKERS, codes),
        }
    )


LOW_BASE = 30
"""Of a measure that has a least base, a figure on fewer than this many is marked."""


def _doubted(codes: Codes, denominator: Floats, least: int) -> Codes:
    """The codes, those of figures on too few marked as unreliable."""
    codes = np.where((denominator < LOW_BASE) & (codes == PLAIN), UNRELIABLE, codes)
    return np.where(denominator < least, np.maximum(codes, UNRELIABLE), codes)


def _texts(words: Iterable[str], places: NDArray[np.intp]) -> Any:
    """A column of the words at those places; much cheaper than a text for each row."""
    return _array(tuple(words)).take(places)


@lru_cache(maxsize=256)
def _array(words: tuple[str, ...]) -> Any:
    return pd.array(list(words), dtype="str")


def figures(item: Measure, numerator: Floats, denominator: Floats) -> tuple[Floats, Floats, Floats]:
    """Value, lower and upper limit of counts, in the unit of the measure; nan where there is none."""
    value = numerator
    if item.denominator:
        value = item.scale * numerator / np.where(denominator == 0, np.nan, denominator)
    return value, *_limits(item, numerator, denominator)


HUNDRED = 100
"""Limits of counts are told to a tenth where the upper one is below this, else to whole numbers."""


def _limits(item: Measure, numerator: Floats, denominator: Floats) -> tuple[Floats, Floats]:
    """Lower and upper limit in the unit of the measure; nan without an interval."""
    if item.interval == "wilson":
        lower, upper = stats.wilson(numerator, denominator)
    elif item.interval == "odds":
        lower, upper = stats.odds(numerator, denominator)
    elif item.interval == "poisson":
        lower, upper = stats.poisson(numerator)
        if item.denominator:
            size = np.where(denominator == 0, np.nan, denominator)
            lower, upper = lower / size, upper / size
        else:
            lower, upper = as_read(lower, upper)
    else:
        lower = upper = np.full(numerator.size, np.nan)
    return item.scale * lower, item.scale * upper


def as_read(lower: Floats, upper: Floats) -> tuple[Floats, Floats]:
    """Limits of counts as they are read: more places would say more than is known."""
    is_small = upper < HUNDRED
    told = (np.where(is_small, np.round(each, 1), np.round(each)) for each in (lower, upper))
    return next(told), next(told)


BREAKS = "select * exclude (source) from marts.breaks order by break_date, title"


def breaks_for(
    con: Connection, measure_id: str, basis: str | None = None, folder: Path = SQL
) -> pd.DataFrame:
    """Breaks that apply to the measure on that basis, by date; the columns of `marts.breaks`.

    A measure that compares bases takes the breaks of both; basis any only those of every stalking
    series; a measure without a basis only those its header names.
    """
    item = measure(measure_id, folder)
    fitted(item, Selection(basis=basis))
    series = set(item.breaks)
    if not series and item.is_fixed:
        series = {"all", "principal", "included_only"}
    elif not series and item.bases:
        series = {"all", basis or item.bases[0]}
    every = con.execute(BREAKS).df()
    applies = [bool(series & {name.strip() for name in text.split(";")}) for text in every["applies_to"]]
    return every[np.array(applies, dtype=bool)].reset_index(drop=True)

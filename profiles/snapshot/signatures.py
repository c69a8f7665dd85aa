"""Signatures: what each count of a snapshot is on every day of an imagined force."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from profiles.catalogue import Measure, measure
from profiles.facts import columns_of, facts_of
from profiles.periods import month_number
from profiles.selection import EARLIEST, LATEST, Rows, Selection, joined, selected
from profiles.snapshot.contents import Ask
from profiles.warehouse import SQL, Connection


class Series(NamedTuple):
    """What tells a count, whatever its period."""

    measure_id: str
    role: str
    basis: str
    dimension: str
    category: str
    dimension_2: str
    category_2: str


@dataclass(frozen=True)
class Signatures:
    """Series, and of each a row of counts: one a day of an imagined force, in one of `months`."""

    series: tuple[Series, ...]
    counts: NDArray[np.int8]
    months: NDArray[np.int64]


def signatures(forces: Iterable[Connection], asks: Sequence[Ask], folder: Path = SQL) -> Signatures:
    """The signature of every numerator and denominator that the asks give, of what happens on a day.

    A column is one day of one force.
    """
    rows = pd.concat(
        [_of_force(con, asks, folder).assign(force=number) for number, con in enumerate(forces)],
        ignore_index=True,
    )
    groups = rows.groupby(list(Series._fields), sort=True)
    number = groups.ngroup().to_numpy()
    day = rows.groupby(["force", "day"], sort=True).ngroup().to_numpy()
    firsts = pd.to_datetime(rows["day"].iloc[np.unique(day, return_index=True)[1]])
    months = np.array([month_number(each.date()) for each in firsts], dtype=np.int64)
    counts = np.zeros((number.max() + 1, day.max() + 1), dtype=np.int8)
    np.add.at(counts, (number, day), rows["count"].to_numpy(dtype=np.int8))
    return Signatures(tuple(Series(*map(str, key)) for key, _ in groups), counts, months)


def _of_force(con: Connection, asks: Iterable[Ask], folder: Path) -> pd.DataFrame:
    """A row a series and day: SERIES, `day` and `count`."""
    facts = facts_of(con)
    known: dict[tuple[object, ...], pd.DataFrame] = {}
    parts: dict[tuple[object, ...], pd.DataFrame] = {}
    for ask in asks:
        for role, part, source_role, selection in _counted(ask, folder):
            key = (ask.item.measure_id, role, ask.basis, ask.dimension, ask.crossed, ask.dimension_2)
            if key in parts or part.time != "flow":
                continue
            question = (part.measure_id, selection.basis, selection.by, selection.where)
            if question not in known:
                known[question] = _by_day(con, part, selection, columns_of(con, facts, part.reads))
            found = known[question]
            if source_role not in found:
                continue
            is_crossed = bool(ask.dimension_2)
            parts[key] = pd.DataFrame(
                {
                    "measure_id": ask.item.measure_id,
                    "role": role,
                    "basis": "fixed" if ask.item.is_fixed else ask.basis or "",
                    "dimension": ask.dimension,
                    "category": ask.crossed if is_crossed else found["category"],
                    "dimension_2": ask.dimension_2,
                    "category_2": found["category"] if is_crossed else "",
                    "day": found["period"],
                    "count": found[source_role],
                }
            )
    return pd.concat(parts.values(), ignore_index=True)


def _counted(ask: Ask, folder: Path) -> Iterator[tuple[str, Measure, str, Selection]]:
    """Role, the measure that counts it, its role there, and what is asked of it."""
    item, selection = ask.item, ask.selection
    if not item.ratio:
        yield "numerator", item, "numerator", selection
        yield "denominator", item, "denominator", selection
        return
    for role, name in zip(("numerator", "denominator"), item.ratio, strict=True):
        part = measure(name, folder)
        fits = replace(
            selection,
            basis=selection.basis if part.bases else None,
            where=tuple(pair for pair in selection.where if pair[0] in part.dimensions),
        )
        if selection.by is None or selection.by in part.dimensions:
            yield role, part, "numerator", fits


def _by_day(con: Connection, item: Measure, selection: Selection, columns: Sequence[str]) -> pd.DataFrame:
    """Category, day, numerator and denominator of a measure on each day."""
    rows = Rows(
        selection,
        item.reads,
        tuple(name for name in columns if name in item.words),
        item.date,
        None,
        EARLIEST,
        LATEST,
        is_daily=True,
    )
    text, parameters = selected(rows)
    found = con.execute(joined(text, item.sql), parameters).df()
    if item.shape == "distribution":
        found = found.rename(columns={"count_cases": "denominator"}).drop(columns=["median"])
    out = found[["category", "period", *(name for name in ("numerator", "denominator") if name in found)]]
    return out.dropna(axis="columns", how="all").fillna(0)

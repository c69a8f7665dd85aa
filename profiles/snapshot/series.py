"""Series: one series of the protected rows, the breaks that apply to it, and its figures as in a file."""

import math
from collections.abc import Mapping
from datetime import date
from typing import Any

import pandas as pd

from profiles import words
from profiles.catalogue import Measure
from profiles.frames import Break, Row, breaks
from profiles.periods import ALL
from profiles.snapshot.files import STANDING

FIXED = "fixed"
"""Basis of the rows of a measure that compares bases."""


def bases_of(item: Measure) -> tuple[str, ...]:
    """The bases of the measure as rows spell them, the usual one first; empty text without a basis."""
    return item.bases or ((FIXED,) if item.is_fixed else ("",))


def applying(frame: pd.DataFrame, item: Measure, basis: str) -> tuple[Break, ...]:
    """The breaks of a frame with the columns of `marts.breaks` that apply to the measure on that basis.

    The rule is that of `measures.breaks_for`: what the header names, else what the basis brings with it.
    """
    names = set(item.breaks)
    if not names and item.is_fixed:
        names = {"all", "principal", "included_only"}
    elif not names and item.bases:
        names = {"all", basis}
    applies = [
        bool(names & {name.strip() for name in text.split(";")}) for text in frame["applies_to"].tolist()
    ]
    return breaks(frame[pd.Series(applies, index=frame.index, dtype=bool)])


def series(
    rows: pd.DataFrame,
    measure_id: str,
    basis: str,
    grain: str,
    dimension: str = ALL,
    category: str = ALL,
    category_2: str = "",
) -> pd.DataFrame:
    """The rows of one series, in the order of its periods; none when the snapshot does not hold it."""
    asked = {
        "measure_id": measure_id,
        "basis": basis,
        "grain": grain,
        "dimension": dimension,
        "category": category,
        "category_2": category_2,
    }
    found = rows
    for name, text in asked.items():
        found = found[found[name] == text]
    return found.sort_values("period", kind="stable").reset_index(drop=True)


def shown(value: float, marker: str, is_of_kind: bool = True) -> float | str:
    """The figure as a file has it: the marker where one that the measure has by its kind is missing."""
    if not math.isnan(value):
        return value
    return marker if is_of_kind and marker in STANDING else float("nan")


def settled_until(item: Measure, as_at: str) -> date:
    """The last day of which the measure may be settled, by the as-at date (ISO); without one, no limit."""
    return item.settles.before(date.fromisoformat(as_at)) if as_at else date.max


def records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """The rows of a frame as dictionaries by the names of its columns."""
    return [{str(name): value for name, value in row.items()} for row in frame.to_dict("records")]


def made_of(row: Mapping[str, Any]) -> str:
    """What a rate is made of, such as 31 of 42; empty for a count and where one of the two is hidden."""
    if math.isnan(row["numerator"]) or math.isnan(row["denominator"]):
        return ""
    return f"{words.number(row['numerator'])} of {words.number(row['denominator'])}"


def figure_words(row: Mapping[str, Any]) -> str:
    """A row's figure with its interval, what it is made of and its marker; or that there is none, and why."""
    marker = words.marker(row["marker"])
    if math.isnan(row["value"]):
        return f"no figure ({marker})" if marker else "no figure"
    figures = {name: row[name] for name in ("numerator", "denominator", "value", "lower", "upper")}
    spread = words.spread(Row(row["category"], row["period"], **figures, marker=row["marker"]), row["unit"])
    aside = "; ".join(filter(None, (made_of(row), spread, marker)))
    return words.number(row["value"], row["unit"]) + (f" ({aside})" if aside else "")

"""What the report reads: one verified snapshot, its rows and the tables beside them."""

import csv
import io
import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd

from profiles import words
from profiles.errors import BadSnapshot
from profiles.periods import ALL
from profiles.report.model import Fact
from profiles.snapshot import files, manifests, soundness
from profiles.snapshot.files import KEY, STANDING
from profiles.snapshot.manifests import Manifest
from profiles.snapshot.series import records, series

BESIDE = ("action_plan", "breaks", "data_quality", "definitions", "fms", "forecast", "verdicts")
"""Tables beside the measures; a snapshot without one has nothing to say there."""

Row = Mapping[str, Any]


@dataclass(frozen=True, eq=False)
class Source:
    """One snapshot: its manifest, its rows, and the lines of its other tables as texts."""

    manifest: Manifest
    rows: pd.DataFrame
    others: Mapping[str, tuple[dict[str, str], ...]]

    @cached_property
    def by_measure(self) -> dict[str, pd.DataFrame]:
        """The rows of each measure."""
        return {str(name): part for name, part in self.rows.groupby("measure_id", sort=False)}

    @cached_property
    def definitions(self) -> dict[str, dict[str, str]]:
        """What each measure counts, by its name."""
        return {line["measure_id"]: line for line in self.others["definitions"]}

    def holds(self, name: str) -> bool:
        """Whether the snapshot has rows of the measure."""
        return name in self.by_measure

    def title(self, name: str) -> str:
        """The title of the measure."""
        return str(self.by_measure[name]["title"].iloc[0])

    def unit(self, name: str) -> str:
        """The unit of the measure."""
        return str(self.by_measure[name]["unit"].iloc[0])

    def usual(self, name: str) -> str:
        """The basis that the measure is usually given on; empty for one without."""
        return str(self.by_measure[name]["basis"].iloc[0])

    def whole(self, name: str, grain: str, basis: str | None = None) -> list[dict[str, Any]]:
        """The rows of the force as a whole by period; none where the snapshot does not hold them."""
        return self.of(name, grain, basis=basis)

    def of(
        self,
        name: str,
        grain: str,
        dimension: str = ALL,
        category: str = ALL,
        category_2: str = "",
        basis: str | None = None,
    ) -> list[dict[str, Any]]:
        """The rows of one series by period."""
        if not self.holds(name):
            return []
        chosen = self.usual(name) if basis is None else basis
        return records(series(self.by_measure[name], name, chosen, grain, dimension, category, category_2))

    def categories(self, name: str, dimension: str, basis: str | None = None) -> list[str]:
        """The categories of a breakdown in the order of the file."""
        if not self.holds(name):
            return []
        mine = self.by_measure[name]
        chosen = self.usual(name) if basis is None else basis
        kept = mine[
            (mine["dimension"] == dimension) & (mine["dimension_2"] == "") & (mine["basis"] == chosen)
        ]
        return list(dict.fromkeys(kept["category"].tolist()))

    def broken_down(
        self, name: str, grain: str, dimension: str, basis: str | None = None
    ) -> dict[str, list[dict[str, Any]]]:
        """The rows of every category of a breakdown, by period."""
        return {
            category: self.of(name, grain, dimension, category, basis=basis)
            for category in self.categories(name, dimension, basis)
        }

    def table(self, name: str) -> tuple[dict[str, str], ...]:
        """The lines of a table beside the measures."""
        return self.others[name]


def read(folder: Path) -> Source:
    """The snapshot in the folder, verified before it is read and after.

    Raises BadSnapshot when it is not whole, cannot be read or changes meanwhile.
    """
    manifest = soundness.sound(folder)
    others = {
        name: _lines(folder / f"{name}.csv") if f"{name}.csv" in manifest.files else () for name in BESIDE
    }
    rows = files.read_rows(folder)
    if manifests.verified(folder).sha256 != manifest.sha256:
        raise BadSnapshot(f"{folder} changed while it was read; take the snapshot anew from its source.")
    return Source(manifest, rows, others)


def _lines(path: Path) -> tuple[dict[str, str], ...]:
    try:
        text = path.read_bytes().decode()
    except (OSError, UnicodeDecodeError) as error:
        raise BadSnapshot(
            f"{path} cannot be read; take the snapshot anew from where it was released."
        ) from error
    return tuple(csv.DictReader(io.StringIO(text, newline="")))


def key(row: Row) -> tuple[str, ...]:
    """What tells the row from every other of measures.csv."""
    return tuple(str(row[name]) for name in KEY)


def figure(row: Row, part: str = "value") -> Fact:
    """One figure of a row as it is shown: rounded as on pages, a marker where there is none.

    Beside a figure stands the marker of the row, except beside what it is made of.
    """
    value = float(row[part])
    if math.isnan(value):
        text = row["marker"] if row["marker"] in STANDING else "–"
    else:
        text = words.number(value, row["unit"] if part == "value" else "count")
        if part == "value" and row["marker"]:
            text = f"{text} {row['marker']}"
    return Fact(text, "measures", key(row), part)


def limits(row: Row) -> Fact | None:
    """The interval of a row; None where it has none, or where that is withheld with its figure."""
    text = words.interval(float(row["lower"]), float(row["upper"]), row["unit"])
    return Fact(text, "measures", key(row), "interval") if text else None


def has_figure(row: Row) -> bool:
    """Whether the row has a value."""
    return not math.isnan(row["value"])


def newest(rows: list[dict[str, Any]]) -> dict[str, Any] | None:
    """The row of the newest period that is over and has a figure or is withheld; None without any."""
    over = [row for row in rows if row["marker"] not in ("[p]", "[x]", "[z]")]
    return over[-1] if over else None


def last_year(found: Mapping[str, list[dict[str, Any]]]) -> str:
    """The newest period that is over, in which any category has a figure or is withheld; empty without."""
    every = [row for mine in found.values() for row in mine]
    # Where one category is provisional the period is not over, though another is withheld in it.
    is_open = {row["period"] for row in every if row["marker"] == "[p]"}
    told = {row["period"] for row in every if row["marker"] not in ("[x]", "[z]")}
    return max(told - is_open or told, default="")


def at(rows: list[dict[str, Any]], period: str) -> dict[str, Any] | None:
    """The row of a period."""
    return next((row for row in rows if row["period"] == period), None)

"""Columns of text, and sheets of them written as CSV with line numbers known in advance."""

import functools
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from profiles.synthetic.draws import Bools, Ints, date_of

Text: TypeAlias = Any
"""A pyarrow array of strings without nulls (pyarrow declares no types); a blank cell is the empty string."""

CHUNK = 65_536
_LAST_DAY = 40_000
"""Day numbers beyond it, about the year 2079, are written as blank."""


@dataclass(frozen=True)
class Sheet:
    """One file's table before its faults: groups of columns, and what each row is about.

    A part is a text array of one or more cells joined by commas, and the entry of it that each row
    takes (None: its own). `unit` numbers the thing a row belongs to, `row` the row itself.
    """

    header: tuple[str, ...]
    parts: tuple[tuple[Text, Ints | None], ...]
    unit: Ints
    row: Ints

    def __len__(self) -> int:
        return len(self.unit)

    def lines(self, start: int, stop: int) -> Text:
        """The rows from `start` to before `stop`, each as one text."""
        return joined([_slice(text, places, start, stop) for text, places in self.parts])

    def cells(self, row: int) -> list[str]:
        """The cells of one row."""
        return str(self.lines(row, row + 1)[0].as_py()).split(",")


@dataclass(frozen=True)
class Insert:
    """A line put in after row `after` of a sheet; `fate` is what an import makes of it."""

    after: int
    text: str
    kind: str
    column: str
    fate: str


@dataclass(frozen=True)
class Edit:
    """A row written otherwise than it is; the record is taken all the same."""

    row: int
    text: str
    kind: str
    column: str


@dataclass(frozen=True)
class Blemishes:
    """Everything that a sheet's file has beside its clean rows; inserts lie in order of place."""

    inserts: tuple[Insert, ...] = ()
    edits: tuple[Edit, ...] = ()
    _after: Ints = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        after = np.array([insert.after for insert in self.inserts], dtype=np.int64)
        object.__setattr__(self, "_after", after)

    def lines_of(self, rows: Ints) -> Ints:
        """The physical lines of the sheet's rows; the header is line 1."""
        return rows + 2 + np.searchsorted(self._after, rows, side="left")

    def insert_lines(self) -> Ints:
        """The physical lines of the inserts."""
        return self._after + 3 + np.arange(len(self._after))


def _slice(text: Text, places: Ints | None, start: int, stop: int) -> Text:
    if places is None:
        return text.slice(start, stop - start)
    return text.take(pa.array(places[start:stop]))


def joined(columns: Sequence[Text], mark: str = ",") -> Text:
    """The columns row by row in one text, with the mark between."""
    return columns[0] if len(columns) == 1 else pc.binary_join_element_wise(*columns, mark)


def words(pool: Sequence[str], places: Ints) -> Text:
    """The words at these places of the pool."""
    return pa.array(pool, pa.string()).take(pa.array(places))


def constant(text: str, count: int) -> Text:
    """The same text in every row."""
    return pa.repeat(pa.scalar(text), count)


def numbers(values: Ints, width: int = 1) -> Text:
    """Whole numbers, padded with zeros to the width; a negative one is blank."""
    text = pc.utf8_lpad(pc.cast(pa.array(np.maximum(values, 0)), pa.string()), width, "0")
    return pc.if_else(pa.array(values >= 0), text, "")


def coded(prefix: str, values: Ints, width: int) -> Text:
    """Numbers behind a prefix."""
    return pc.binary_join_element_wise(constant(prefix, len(values)), numbers(values, width), "")


def day_text(number: int) -> str:
    """One day as the export writes it."""
    found = date_of(number)
    return f"{found.day:02d}/{found.month:02d}/{found.year:04d}"


def days(values: Ints, until: int = _LAST_DAY) -> Text:
    """Days as the export writes them, blank after `until`."""
    return _calendar().take(pa.array(np.where(values <= min(until, _LAST_DAY), values, _LAST_DAY + 1)))


@functools.cache
def _calendar() -> Text:
    """Every day that can be written, and a blank after the last."""
    return pa.array([*(day_text(number) for number in range(_LAST_DAY + 1)), ""], pa.string())


def moments(day: Ints, minute: Ints) -> Text:
    """Days with the time of day."""
    clock = [f"{hour:02d}:{part:02d}" for hour in range(24) for part in range(60)]
    return joined([days(day), words(clock, minute)], " ")


def one_of(mask: Bools, yes: Text, no: Text) -> Text:
    """Row by row the one or the other."""
    return pc.if_else(pa.array(mask), yes, no)


def write_sheet(path: Path, sheet: Sheet, blemishes: Blemishes) -> int:
    """The number of records written: the sheet's rows and what was put between them."""
    changed = {edit.row: edit.text for edit in blemishes.edits}
    after = [insert.after for insert in blemishes.inserts]
    texts = [insert.text for insert in blemishes.inserts]
    done = 0
    with path.open("w", encoding="utf-8", newline="") as handle:
        handle.write(",".join(sheet.header) + "\n")
        for start in range(0, max(len(sheet), 1), CHUNK):
            stop = min(start + CHUNK, len(sheet))
            lines = sheet.lines(start, stop).to_pylist() if stop > start else []
            for row in changed:
                if start <= row < stop:
                    lines[row - start] = changed[row]
            pieces: list[str] = []
            taken = 0
            while done < len(after) and (after[done] < stop or stop == len(sheet)):
                cut = max(after[done] + 1 - start, 0)
                pieces += lines[taken:cut]
                pieces.append(texts[done])
                taken = cut
                done += 1
            pieces += lines[taken:]
            if pieces:
                handle.write("\n".join(pieces) + "\n")
    return len(sheet) + len(texts)

"""The projection of one file while it is put together: its cells, their values, what can be wrong."""

import datetime
import re

from profiles import contracts
from profiles.errors import BadFile
from profiles.importing import expressions
from profiles.importing.faults import Fault
from profiles.importing.layouts import Entry, Field, Fragment, MappingFile, named, squeezed
from profiles.warehouse import literal


class Projection:
    """Collects the expressions of one projection: cells, then values, then faults."""

    def __init__(
        self,
        mapping: MappingFile,
        entry: Entry,
        header: tuple[str, ...],
        file: str,
        extract_date: datetime.date,
        native_dates: bool,
        deep_trim: bool,
        header_line: int,
    ) -> None:
        self.header_line = header_line
        self.mapping, self.entry, self.header, self.file = mapping, entry, header, file
        self.extract_date = extract_date
        self.is_deep = deep_trim
        self.native_dates = native_dates
        self.places: dict[str, list[int]] = {}
        for index, name in enumerate(header):
            self.places.setdefault(squeezed(name), []).append(index)
        for name, places in list(self.places.items()):
            # "Further (2)" is the second of several columns Further.
            for number, place in enumerate(places if name and len(places) > 1 else (), start=1):
                self.places.setdefault(f"{name} ({number})", [place])
        self.used: set[int] = set()
        self.cells: dict[str, str] = {}
        self.values: list[str] = []
        self.faults: list[tuple[str, str, Fault]] = []
        self.spares: dict[str, list[tuple[str, str]]] = {}
        self.lacking: list[tuple[str, str]] = []
        self.carried: list[tuple[str, str]] = []
        self.respelt: list[str] = []

    def cell(self, name: str, *, is_clean: bool = False) -> str | None:
        """The name of the trimmed cell of a source column (blank is null); None when the file lacks it.

        With `is_clean` what nobody sees is taken out of it too.
        """
        places = self.places.get(squeezed(name))
        if not places:
            return None
        if len(places) > 1:
            numbered = " or ".join(repr(f"{name} ({number})") for number in range(1, len(places) + 1))
            raise BadFile(
                f"{self.file} line {self.header_line}: the column {name!r} appears {len(places)} times; "
                f"say in the mapping which one, {numbered}."
            )
        return self.cell_at(places[0], is_clean=is_clean)

    def cell_at(self, index: int, *, is_clean: bool = False) -> str:
        """The name of the trimmed cell of the column at that place, from 0."""
        self.used.add(index)
        alias = f"{'k' if is_clean else 't'}{index}"
        if alias not in self.cells:
            trimmed = expressions.trimmed(f"c{index}", deep=self.is_deep, is_clean=is_clean)
            if self.mapping.blanks:
                # Nested nullif would double the expression for each blank: DuckDB writes it as a case.
                blanks = ", ".join(literal(squeezed(blank)) for blank in ("", *self.mapping.blanks))
                trimmed = f"case when lower({trimmed}) in ({blanks}) then null else {trimmed} end"
            else:
                trimmed = f"nullif({trimmed}, '')"
            self.cells[alias] = trimmed
        return alias

    def fault(self, test: str, cell: str, source: str, column: str, reason: str, spared: str = "") -> None:
        """Add one thing that rejects a record, or that blanks its column `spared` alone."""
        if spared:
            self.spares.setdefault(spared, []).append((test, reason))
        else:
            self.faults.append((test, cell, Fault(source, column, reason)))

    def source(self, fragment: Fragment, item: Field) -> tuple[str, str]:
        """The cell expression of a field and the source column's name for messages."""
        if item.constant is not None:
            return literal(item.constant), "(constant)"
        if item.template:
            parts, names = [], re.findall(r"\{([^}]*)\}", item.template)
            for text, name in zip(re.split(r"\{[^}]*\}", item.template), [*names, ""], strict=True):
                parts.append(literal(text))
                if name:
                    cell = self.cell(name, is_clean=_is_clean(item.column))
                    if cell is None:
                        self.lacks(fragment, item, (name,))
                        return "null::varchar", name
                    parts.append(cell)
            return "(" + " || ".join(parts) + ")", " and ".join(names)
        for name in item.sources:
            cell = self.cell(name, is_clean=_is_clean(item.column))
            if cell is not None:
                return cell, name
        self.lacks(fragment, item, item.sources)
        return "null::varchar", item.sources[0]

    def lacks(self, fragment: Fragment, item: Field, names: tuple[str, ...]) -> None:
        """Note that the file has no column for the field. Raises BadFile where it must have one."""
        is_main = fragment is self.entry.main
        optional_key = self.entry.may_lack_key and item.column.name in fragment.table.key
        if item.column.required and is_main and not optional_key:
            raise BadFile(
                f"{self.file} line {self.header_line} has no column for {item.column.name} of "
                f"{fragment.table.name}: the mapping {self.mapping.name} looks for "
                f"{' or '.join(repr(name) for name in names)} and the header has "
                f"{named(self.header, 12)}; add the "
                f"column's name to the mapping."
            )
        self.lacking.append((fragment.table.name, item.column.name))


def _is_clean(column: contracts.Column) -> bool:
    """Whether what nobody sees is taken out of the column's cells; free text stays as it is."""
    return column.kind != "text" or column.is_code or column.is_identifier or bool(column.allowed)

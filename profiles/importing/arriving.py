"""Which files and sheets come in, each with the [[table]] that reads it; why the others do not."""

import fnmatch
import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from profiles.errors import BadFile
from profiles.importing import reading
from profiles.importing.layouts import Entry, MappingFile, fit, named, squeezed
from profiles.importing.reading import Opened
from profiles.importing.spreadsheets import Book

Check = Callable[[Opened, Entry], None]
"""Raises BadFile when a file lacks a column that the entry needs."""


@dataclass(frozen=True)
class Arrival:
    """A file, or a sheet of one, and the entry that reads it."""

    opened: Opened
    entry: Entry


def arrivals(
    path: Path, mapping: MappingFile, known: set[str], scratch: Path, check: Check
) -> tuple[list[Arrival], list[tuple[str, str]]]:
    """What of the file is read, and the names of the sheets that are not, with the reason.

    Raises BadFile when nothing of it fits the mapping, or a sheet that the mapping names is not there.
    """
    opened = reading.opened_whole(path, scratch, known, mapping.encoding)
    if opened.book is not None:
        found, skipped = _Workbook(opened, opened.book, mapping, check).arrivals()
    else:
        found, skipped = [_arrival(opened, mapping, mapping.entries, check)], []
    return [Arrival(reading.laid_out(item.opened, scratch), item.entry) for item in found], skipped


def _arrival(opened: Opened, mapping: MappingFile, entries: tuple[Entry, ...], check: Check) -> Arrival:
    """The file with the entry that fits best. Raises BadFile when none fits, or it lacks a column."""
    found = _best(opened, entries)
    if found is None:
        what = f"its columns are {named(opened.header, 8)}" if opened.header else "that line is blank"
        raise BadFile(
            f"{opened.place} line {opened.header_line} fits no [[table]] of the mapping {mapping.name} "
            f"({what}); choose another mapping, or run `stalking-profiles suggest {opened.path.name}` to "
            f"draft one.{_hint(opened)}"
        )
    _check(found, check)
    return found


def _check(found: Arrival, check: Check) -> None:
    opened = found.opened
    if not opened.header:
        raise BadFile(
            f"{opened.place} line {opened.header_line} is blank; it must hold the column names."
            f"{_hint(opened)}"
        )
    try:
        check(opened, found.entry)
    except BadFile as error:
        raise BadFile(f"{error}{_hint(opened)}") from error


def _hint(opened: Opened) -> str:
    """A sentence on the line that looks like the header, where it is another one; blank otherwise."""
    line = reading.guessed_header_line(opened)
    return f" Line {line} looks like the header: say header_line = {line} in its [[table]]." if line else ""


def _best(opened: Opened, entries: tuple[Entry, ...]) -> Arrival | None:
    """The entry that fits best, its header read from the line it names; None when none fits."""
    best: tuple[int, Arrival] | None = None
    for line in dict.fromkeys(entry.header_line for entry in entries):
        candidate = reading.with_header(opened, line) if line else opened
        for entry in entries:
            score = fit(entry, opened.path.name, candidate.header) if entry.header_line == line else 0
            if score and (best is None or score > best[0]):
                best = (score, Arrival(candidate, entry))
    return best[1] if best else None


class _Workbook:
    """The sheets of one workbook, shared out among the entries of a mapping."""

    def __init__(self, opened: Opened, book: Book, mapping: MappingFile, check: Check) -> None:
        self.book, self.mapping, self.check = book, mapping, check
        self.opened, self.file = opened, opened.path.name
        self.entries = tuple(entry for entry in mapping.entries if not entry.sheets)
        self.named = tuple(entry for entry in mapping.entries if entry.sheets)
        self.found: list[Arrival] = []
        self.skipped: list[tuple[str, str]] = []

    def arrivals(self) -> tuple[list[Arrival], list[tuple[str, str]]]:
        """What is read, in the order of the sheets, and what is not."""
        self.refuse_missing()
        filled = []
        for sheet in self.book.sheets:
            opened = reading.on_sheet(self.opened, self.book, sheet.name) if sheet.part else self.opened
            if opened.head:
                filled.append(opened)
                self.share_out(opened)
            else:
                self.skip(sheet.name, "it is empty" if sheet.part else "it is a chart or the like, no table")
        if not filled:
            raise BadFile(f"{self.opened.path} has an empty sheet {self.book.names[0]!r}; export it again.")
        if not self.found:
            # What is wrong is said of the sheet with a header further down, else of the first one.
            doubtful = next(filter(reading.guessed_header_line, filled), filled[0])
            self.found.append(_arrival(doubtful, self.mapping, self.entries or self.named, self.check))
        if len(self.found) > 1:
            self.found = [
                replace(item, opened=replace(item.opened, file=f"{self.file}, sheet {item.opened.sheet}"))
                for item in self.found
            ]
        return self.found, self.skipped

    def refuse_missing(self) -> None:
        """Raise BadFile when an entry for this file names a sheet that it does not have."""
        for entry in self.named:
            for name in entry.sheets if entry.files and fit(entry, self.file, ()) else ():
                if not any(_is_named(sheet, (name,)) for sheet in self.book.names):
                    raise BadFile(
                        f"{self.opened.path} has no sheet {name!r}; it has {', '.join(self.book.names)}."
                    )

    def share_out(self, opened: Opened) -> None:
        """Gives the sheet to the entry that names it, else to the first free one that fits, else skips it."""
        named = tuple(entry for entry in self.named if _is_named(opened.sheet, entry.sheets))
        if (found := _best(opened, named)) is not None:
            _check(found, self.check)
            self.found.append(found)
            return
        found = _best(opened, self.entries)
        if found is None or not self.has_columns(found):
            self.skip(opened.sheet, f"no [[table]] of the mapping {self.mapping.name} reads it")
            return
        first = next((item.opened for item in self.found if item.entry == found.entry), None)
        if first is None:
            self.found.append(found)
            return
        both = json.dumps([first.sheet, opened.sheet], ensure_ascii=False)
        self.skip(
            opened.sheet,
            f"it has the columns of sheet {first.sheet}, which was read; to read it too, say "
            f"sheet = {both} (or a pattern with *) in its [[table]]",
        )

    def has_columns(self, found: Arrival) -> bool:
        """Whether the sheet has every column that the entry needs."""
        try:
            _check(found, self.check)
        except BadFile:
            return False
        return True

    def skip(self, sheet: str, reason: str) -> None:
        """Notes that a sheet is not read."""
        hidden = any(item.name == sheet and item.is_hidden for item in self.book.sheets)
        self.skipped.append((f"{self.file}, {'hidden ' if hidden else ''}sheet {sheet}", reason))


def _is_named(sheet: str, patterns: tuple[str, ...]) -> bool:
    # Brackets in the name of a sheet are no pattern.
    return any(
        fnmatch.fnmatchcase(squeezed(sheet), squeezed(pattern).replace("[", "[[]").replace("?", "[?]"))
        for pattern in patterns
    )

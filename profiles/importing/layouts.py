"""What a checked mapping holds: the layouts of a source's files and what their records become."""

import fnmatch
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from profiles import contracts

COVERS = ("month", "month before", "all")
"""The calendar month of the extract, the one before, or all from the first record to the extract."""


@dataclass(frozen=True)
class Field:
    """Where one contract column comes from: source columns (the first found) or a template of several.

    `pattern` keeps its first group; `period` reads the value as a period's label and keeps its first
    ("start") or last ("end") day.
    """

    column: contracts.Column
    sources: tuple[str, ...] = ()
    template: str = ""
    pattern: str = ""
    period: str = ""
    constant: str | None = None
    values: tuple[tuple[str, str], ...] = ()
    date_formats: tuple[str, ...] = ()


@dataclass(frozen=True)
class Fragment:
    """One table fed by an entry: the record itself, or a further row the same record holds."""

    table: contracts.Table
    fields: tuple[Field, ...]


@dataclass(frozen=True)
class ListOf:
    """A list in one column, or single values in several, that becomes rows of `table`."""

    table: contracts.Table
    sources: tuple[str, ...]
    separators: tuple[str, ...]
    values: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class RejectRule:
    """Records whose `column` matches are rejected, with this reason."""

    column: str
    matches: str
    reason: str


@dataclass(frozen=True)
class Offences:
    """How the rows of one crime, one an offence, tell its principal: the first rule that decides.

    `principal` is a flag (`yes` are the words that mean it), `ranking` classes or codes, the foremost first,
    `sequence` a number of which the lowest is the principal; the first row decides last.
    """

    principal: tuple[str, ...] = ()
    yes: tuple[str, ...] = ()
    ranking: tuple[str, ...] = ()
    sequence: tuple[str, ...] = ()


@dataclass(frozen=True)
class Entry:
    """One `[[table]]`: a layout of files and what its records become.

    `covers` is the period that each of its files covers: a word of `COVERS`, a number of days up to the
    extract, or empty where the records tell it.
    """

    main: Fragment
    files: tuple[str, ...]
    header: tuple[str, ...]
    links: tuple[Fragment, ...] = ()
    lists: tuple[ListOf, ...] = ()
    rejects: tuple[RejectRule, ...] = ()
    is_full: bool = False
    replaces_all: bool = False
    replaces_by_row: bool = False
    """Says itself that it is a delta: of a reference table, only rows of the same key are replaced."""
    may_lack_key: bool = False
    sheets: tuple[str, ...] = ()
    header_line: int = 0
    covers: str | int = ""
    offences: Offences | None = None
    add_up: bool = False

    @property
    def tables(self) -> tuple[contracts.Table, ...]:
        """Every table its records feed, the record's own first, each once."""
        found = [self.main.table, *(link.table for link in self.links), *(item.table for item in self.lists)]
        return tuple(dict.fromkeys(found))


@dataclass(frozen=True)
class MappingFile:
    """A whole mapping, checked."""

    name: str
    about: str
    path: Path
    sha256: str
    entries: tuple[Entry, ...]
    targets: tuple[str, ...] = contracts.DEFAULT_TARGETS
    blanks: tuple[str, ...] = ()
    marking: tuple[str, ...] = ()
    extract_pattern: str = ""
    extract_format: str = ""
    extract_date: str = ""
    encoding: str = "auto"
    capabilities: dict[str, bool] = field(default_factory=dict)


MAX_SHOWN = 80
"""Letters of a name in a message; a longer one is a cell that strayed."""


def squeezed(text: str) -> str:
    """The text as names and values are compared: lower case, single spaces, no blanks around."""
    return " ".join(text.replace("\ufeff", "").replace("\u00a0", " ").split()).lower()


def named(names: Sequence[str], most: int) -> str:
    """The first names as a message lists them, overlong ones cut short."""
    listed = [name if len(name) <= MAX_SHOWN else f"{name[:MAX_SHOWN]}…" for name in names[:most]]
    return ", ".join([*listed, "…"] if len(names) > most else listed)


def fit(entry: Entry, file: str, header: Iterable[str]) -> int:
    """How well an entry fits a file of that name with that header; 0 when it does not.

    The header counts for more than the name, both for more than either.
    """
    names = {squeezed(column) for column in header}
    by_name = any(
        file.lower() == pattern.lower() or fnmatch.fnmatchcase(file.lower(), pattern.lower())
        for pattern in entry.files
    )
    by_header = bool(entry.header) and all(squeezed(column) in names for column in entry.header)
    return 2 * by_header + by_name


def entry_for(mapping: MappingFile, file: str, header: list[str]) -> Entry | None:
    """The entry that fits a file of that name with that header best; None when none does."""
    best = max(mapping.entries, key=lambda entry: fit(entry, file, header))
    return best if fit(best, file, header) else None

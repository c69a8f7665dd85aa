"""A file read, mapped and typed without a warehouse: what became of each physical record."""

import datetime
from dataclasses import dataclass
from pathlib import Path

from profiles import warehouse
from profiles.importing import records
from profiles.importing.arriving import arrivals
from profiles.importing.incoming import Incoming, source_names
from profiles.importing.layouts import Entry
from profiles.importing.mapping import read_mapping
from profiles.importing.reading import Opened
from profiles.importing.typed_tables import typed_table
from profiles.warehouse import raw_tables
from tests.desk import PROBE, laid

DAY = datetime.date(2024, 6, 30)


@dataclass(frozen=True)
class Read:
    """One file or sheet: its name in the account, its records as (line, reference, place), its bad lines."""

    file: str
    sha256: str
    records: list[tuple[int, str | None, str | None]]
    bad: list[int]
    listed: list[str | None]

    @property
    def rows_in(self) -> int:
        return len(self.records) + len(self.bad)


def read(path: Path, scratch: Path, mapping: str = PROBE) -> tuple[list[Read], list[tuple[str, str]]]:
    """Everything of the file that the mapping reads, and what was skipped with the reason."""
    path_of_mapping, _ = laid(scratch, mapping)
    found = read_mapping(path_of_mapping)
    known = {name for entry in found.entries for name in source_names(entry)}

    def check(opened: Opened, entry: Entry) -> None:
        records.layout(found, entry, opened.header, opened.file, "nothing", datetime.date.max)

    arrived, skipped = arrivals(path, found, known, scratch, check)
    con = warehouse.connect()
    raw_tables.create_raw(con)
    con.execute("attach ':memory:' as scratch")
    told = []
    for number, item in enumerate(arrived, start=1):
        incoming = Incoming(item.opened, item.entry, DAY, number)
        part = typed_table(con, incoming, found, scratch, lambda _: None)
        shifts = sorted(bad.line for bad in part.bad)
        texts = f"select s0 from {part.table} order by rowid"
        listed = [row[0] for row in con.execute(texts).fetchall()] if item.entry.lists else []
        rows = con.execute(
            f"select line, m_crime_ref, m_district from {part.table} order by rowid"
        ).fetchall()
        placed, line = [], part.first_line - 1
        for at, reference, place in rows:
            line += 1
            while at is None and line in shifts:
                line += 1
            placed.append((at or line, reference, place))
        told.append(Read(item.opened.file, item.opened.sha256, placed, shifts, listed))
    con.close()
    return told, skipped


def one(path: Path, scratch: Path, mapping: str = PROBE) -> Read:
    """What became of a file that is one table."""
    (found,), skipped = read(path, scratch, mapping)
    assert skipped == []
    return found

"""Exports brought into raw tables alone, without reference tables and marts."""

from pathlib import Path
from typing import Any

from profiles import warehouse
from profiles.importing import formats
from profiles.importing.bringing_in import bring_in
from profiles.importing.incoming import opened_files
from profiles.importing.mapping import read_mapping
from profiles.importing.tallies import Tally
from profiles.warehouse import Connection, raw_tables

PROBE = """
name = "probe"
date_formats = ["%d/%m/%Y"]
extract_date = "2024-06-30"
[[table]]
into = "crimes"
files = ["crimes*"]
[table.columns]
crime_ref = "Ref"
recorded_date = "Day"
ho_class = "Class"
district = "Place"
"""
"""A mapping of crimes in four columns."""


def laid(folder: Path, mapping: str, **files: str) -> tuple[str, list[Path]]:
    """The mapping and the files (name without .csv = content), written in the folder for an import."""
    told = folder / "desk.toml"
    told.write_text(mapping, encoding="utf-8")
    paths = [folder / f"{name}.csv" for name in files]
    for path, content in zip(paths, files.values(), strict=True):
        path.write_bytes(content.encode())
    return str(told), paths


class RawDesk:
    """Raw tables in a folder and the one call a test makes of them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.con: Connection = warehouse.connect(folder / "warehouse.duckdb", read_only=False)
        raw_tables.create_raw(self.con)

    def bring(self, mapping: str, **files: str) -> Tally:
        """The account of an import of these files (name without .csv = content); of several, their sum."""
        scratch = self.folder / "scratch"
        scratch.mkdir(exist_ok=True)
        told, paths = laid(self.folder, mapping, **files)
        read = read_mapping(told)
        formats.check_formats(read)
        incoming, _ = opened_files(paths, read, None, scratch)
        bring_in(self.con, incoming, read, scratch, lambda _: None)
        total = Tally()
        for item in incoming:
            for name, value in vars(item.tally).items():
                setattr(total, name, getattr(total, name) + value)
        return total

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """What the query answers."""
        return self.con.execute(sql).fetchall()

    def rejects(self) -> list[tuple[Any, ...]]:
        """Line, column, value and reason of each rejected record."""
        return self.rows("select line, column_name, value, reason from meta.rejects order by file_id, line")

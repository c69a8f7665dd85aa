"""Exports brought into raw tables alone, without reference tables and marts."""

from pathlib import Path
from typing import Any

from profiles import importing, warehouse
from profiles.importing import formats
from profiles.importing.mapping import read_mapping
from profiles.importing.reconciling import Tally
from profiles.warehouse import Connection


class RawDesk:
    """Raw tables in a folder and the one call a test makes of them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.con: Connection = warehouse.connect(folder / "warehouse.duckdb", read_only=False)
        warehouse.create_raw(self.con)

    def bring(self, mapping: str, **files: str) -> Tally:
        """The account of an import of these files (name without .csv = content); of several, their sum."""
        scratch = self.folder / "scratch"
        scratch.mkdir(exist_ok=True)
        (self.folder / "desk.toml").write_text(mapping, encoding="utf-8")
        read = read_mapping(str(self.folder / "desk.toml"))
        formats.check_formats(read)
        paths = []
        for name, content in files.items():
            path = self.folder / f"{name}.csv"
            path.write_bytes(content.encode())
            paths.append(path)
        incoming, _ = importing._opened(paths, read, None, scratch)
        importing._import(self.con, incoming, read, scratch, lambda _: None)
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

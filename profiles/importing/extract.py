"""One extract while it is reconciled: its files, its records in the table `records`, how one is rejected."""

import datetime
from dataclasses import dataclass

from profiles.importing.faults import ACCEPTED, REJECTED, Fault
from profiles.importing.layouts import Entry, Fragment, MappingFile
from profiles.importing.replacing import Beside
from profiles.importing.tallies import Tally
from profiles.importing.text_files import BadRecord
from profiles.warehouse import Connection, literal


@dataclass(frozen=True)
class Part:
    """One file of an extract: its typed table and how its lines and faults are read."""

    file_id: int
    file: str
    table: str
    count: int
    first_line: int
    bad: tuple[BadRecord, ...]
    faults: tuple[Fault, ...]
    sha256: str
    is_shipped: bool = False


@dataclass(frozen=True)
class Extract:
    """One extract; its records lie in the table `records` of `scratch`."""

    con: Connection
    parts: list[Part]
    entry: Entry
    mapping: MappingFile
    extract_date: datetime.date
    tallies: dict[int, Tally]
    beside: Beside

    def has(self, fragment: Fragment, name: str) -> bool:
        """Whether the fragment's projection has that column."""
        if fragment is self.entry.main and self.entry.may_lack_key and name in fragment.table.key:
            return True
        return any(item.column.name == name for item in fragment.fields)

    @property
    def unit(self) -> str:
        """SQL for the text that names a record's unit."""
        main = self.entry.main
        return joined([f"m_{name}" if self.has(main, name) else "null" for name in main.table.unit])

    @property
    def line(self) -> str:
        """SQL for the physical line of a record: kept, or told by its place in its file."""
        offset, arms = 0, []
        for part in self.parts:
            arms.append(f"when {part.file_id} then {part.first_line - offset}")
            offset += part.count
        if len(arms) == 1:
            return f"coalesce(line, rowid + {self.parts[0].first_line})"
        return f"coalesce(line, rowid + case file_id {' '.join(arms)} end)"

    def scalar(self, sql: str, **values: object) -> int:
        """The single figure a query answers."""
        return int(self.con.execute(sql, values).fetchall()[0][0])

    def unite(self) -> None:
        """Make `records` of the files' typed tables; a key that is lacking becomes file:line."""
        for place, part in enumerate(self.parts):
            if part.bad and part.count:
                self._shift(part)
            self.con.execute(f"alter table {part.table} add column file_id integer default {part.file_id}")
            if place == 0:
                self.con.execute(f"alter table {part.table} rename to records")
            else:
                self.con.execute(f"insert into records by name select * from {part.table}")
                self.con.execute(f"drop table {part.table}")
        if self.entry.may_lack_key:
            key = f"m_{self.entry.main.table.key[0]}"
            if not any(item.column.name == key[2:] for item in self.entry.main.fields):
                self.con.execute(f"alter table records add column {key} varchar")
            names = " ".join(f"when {part.file_id} then {literal(part.file + ':')}" for part in self.parts)
            self.con.execute(
                f"update records set {key} = case file_id {names} end || ({self.line})::varchar "
                f"where {key} is null"
            )

    def _shift(self, part: Part) -> None:
        """Keep each record's line where bad records lie between them: k-th good is not k-th line."""
        first = part.first_line
        self.con.execute("create or replace temp table shifts (threshold bigint, shift bigint)")
        self.con.execute(
            "insert into shifts select unnest(?::bigint[]), unnest(?::bigint[])",
            [
                [bad.line - first - place for place, bad in enumerate(part.bad)],
                list(range(1, len(part.bad) + 1)),
            ],
        )
        self.con.execute(
            f"create or replace temp table lines as "
            f"select t.place, t.place + {first} + coalesce(s.shift, 0) as line "
            f"from (select rowid as place from {part.table}) t asof left join "
            f"(select threshold, max(shift) as shift from shifts group by threshold) s "
            f"on t.place >= s.threshold"
        )
        self.con.execute(
            f"update {part.table} as typed set line = lines.line from lines "
            f"where typed.rowid = lines.place and typed.line is null"
        )

    def reject(self, rows: list[tuple[int, int, str, str | None, str | None, str]]) -> None:
        """Write rejected records (file, line, table, column, value, reason) and count the reasons."""
        files = {part.file_id: part.file for part in self.parts}
        if rows:
            # Whole columns at once: row by row the database takes a hundred times as long.
            columns = zip(*((row[0], files[row[0]], *row[1:]) for row in rows), strict=True)
            self.con.execute(
                "insert into meta.rejects select unnest(?::integer[]), unnest(?::varchar[]), "
                "unnest(?::bigint[]), unnest(?::varchar[]), unnest(?::varchar[]), unnest(?::varchar[]), "
                "unnest(?::varchar[])",
                [list(column) for column in columns],
            )
        for row in rows:
            self.tallies[row[0]].reasons[row[-1]] += 1

    def reject_found(self, where: str, column: str, source: str, reason: str) -> None:
        """Reject accepted records for what one of their columns holds."""
        found = self.con.execute(
            f"select file_id, {self.line}, {column} from records "
            f"where state = {ACCEPTED} and {where} order by rowid"
        ).fetchall()
        self.con.execute(f"update records set state = {REJECTED} where state = {ACCEPTED} and {where}")
        table = self.entry.main.table.name
        self.reject([(file, line, table, source, value, reason) for file, line, value in found])

    def keys(self, prefix: str, fragment: Fragment) -> list[str]:
        """Columns of `records` that hold the fragment's key, its own before those of the record."""
        own = [f"{prefix}{name}" for name in fragment.table.key if self.has(fragment, name)]
        names = {key[len(prefix) :] for key in own}
        inherited = [
            f"m_{name}"
            for name in fragment.table.key
            if name not in names and self.has(self.entry.main, name)
        ]
        return own + inherited

    def fragments(self) -> list[tuple[str, Fragment]]:
        """The entry's fragments with the prefix of their columns."""
        return [("m_", self.entry.main)] + [
            (f"l{index}_", link) for index, link in enumerate(self.entry.links)
        ]

    def present(self, prefix: str, fragment: Fragment) -> str:
        """SQL that is true of records that hold a row of the fragment."""
        required = [
            name
            for name in fragment.table.key
            if fragment.table.column(name).required and self.has(fragment, name)
        ]
        return " and ".join(f"{prefix}{name} is not null" for name in required) or "true"


def joined(cells: list[str]) -> str:
    """SQL for one text of several cells, different for different ones."""
    if len(cells) == 1:
        return f"{cells[0]}::varchar"
    # concat_ws alone would leave nulls out and take two units for one.
    texts = [f"coalesce({cell}::varchar, '')" for cell in cells]
    return f"concat_ws(chr(31), {', '.join(texts)})"

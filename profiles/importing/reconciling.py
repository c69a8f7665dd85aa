"""Typed records against the warehouse: which are new, repeated, changed, older or rejected."""

import datetime
from collections import Counter
from dataclasses import dataclass, field

from profiles import contracts
from profiles.importing import offences, replacing, totals
from profiles.importing.districts import note_districts
from profiles.importing.faults import (
    ACCEPTED,
    REASONS,
    REJECTED,
    REPEATED,
    SUPERSEDED,
    UNCHANGED,
    WRONG_CELLS,
    Fault,
)
from profiles.importing.layouts import Entry, Fragment, MappingFile
from profiles.importing.lists import list_items
from profiles.importing.replacing import Beside
from profiles.importing.respelling import respell
from profiles.importing.text_files import BadRecord
from profiles.warehouse import Connection, literal

RESPELT = "figure read from another spelling (padding, separators, -00)"
NEGATIVE = "negative figure, kept as a correction"


@dataclass
class Tally:
    """The account of one file, filled while its extract is reconciled."""

    rows_in: int = 0
    accepted: int = 0
    unchanged: int = 0
    superseded: int = 0
    rejected: int = 0
    removed: int = 0
    reasons: Counter[str] = field(default_factory=Counter)
    notes: Counter[str] = field(default_factory=Counter)
    replacement: str = ""


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


def reconcile(
    con: Connection,
    parts: list[Part],
    entry: Entry,
    mapping: MappingFile,
    extract_date: datetime.date,
    tallies: dict[int, Tally],
    is_followed: bool,
    beside: Beside,
) -> None:
    """Bring one extract's records into the raw tables and their accounts into `tallies`.

    `tallies` holds those of every file of the import: an extract may supersede records of an older
    one imported with it. `is_followed` says that a newer one of the same layout comes after it. `beside`
    are the files of other layouts that feed the same table under the same day.
    """
    extract = _Extract(con, parts, entry, mapping, extract_date, tallies, beside)
    extract.unite()
    extract.reject_faults()
    notes = {part.file_id: tallies[part.file_id].notes for part in parts}
    respell(con, entry, mapping, notes, extract.reject_found)
    offences.fold(con, entry, notes, extract.reject_found)
    totals.add_up(con, entry, extract.reject_found)
    extract.reject_strays()
    has_repeats = extract.reject_repeats()
    extract.classify()
    change = extract.make_room() if entry.main.table.replaced_by else None
    extract.replace()
    extract.insert(has_repeats)
    extract.count()
    note_districts(con, extract.fragments(), notes)
    if change:
        came = sum(tallies[part.file_id].accepted for part in parts)
        tallies[parts[-1].file_id].removed += change.removed
        tallies[parts[-1].file_id].replacement = change.sentence(entry.main.table, came)
        tallies[parts[-1].file_id].notes += replacing.stranded(con, entry.main.table)
        replacing.remember_given(con, entry.main.table, [part.file for part in parts])
    elif entry.is_full:
        tallies[parts[-1].file_id].removed += extract.remove_absent()
    if is_followed:
        extract.remember()
    con.execute("drop table records")


@dataclass(frozen=True)
class _Extract:
    """The steps of reconciling one extract; its records lie in the table `records` of `scratch`."""

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
        return _joined([f"m_{name}" if self.has(main, name) else "null" for name in main.table.unit])

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
        """Makes `records` of the files' typed tables; a key that is lacking becomes file:line."""
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
        """Keeps each record's line where bad records lie between them: k-th good is not k-th line."""
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
        """Writes rejected records (file, line, table, column, value, reason) and counts the reasons."""
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

    def reject_faults(self) -> None:
        """Rejects records that could not be laid out in columns or hold a fault."""
        table = self.entry.main.table.name
        faults = {part.file_id: part.faults for part in self.parts}
        for part in self.parts:
            self.reject([(part.file_id, bad.line, table, None, bad.value, WRONG_CELLS) for bad in part.bad])
            self.tallies[part.file_id].rows_in += len(part.bad)
            self.tallies[part.file_id].rejected += len(part.bad)
        found = self.con.execute(
            f"select file_id, {self.line}, fault, fault_value from records where fault > 0 order by rowid"
        ).fetchall()
        rows = []
        for file_id, line, number, value in found:
            fault = faults[file_id][number - 1]
            rows.append((file_id, line, table, fault.source, value, fault.reason))
        self.reject(rows)

    def reject_found(self, where: str, column: str, source: str, reason: str) -> None:
        """Rejects accepted records for what one of their columns holds."""
        found = self.con.execute(
            f"select file_id, {self.line}, {column} from records "
            f"where state = {ACCEPTED} and {where} order by rowid"
        ).fetchall()
        self.con.execute(f"update records set state = {REJECTED} where state = {ACCEPTED} and {where}")
        table = self.entry.main.table.name
        self.reject([(file, line, table, source, value, reason) for file, line, value in found])

    def reject_strays(self) -> None:
        """Rejects records of what there is not, such as a report on a line that the plan does not have."""
        table = self.entry.main.table
        if not table.needs_parent or not table.parent:
            return
        (key,) = contracts.TABLES[table.parent].key
        stray = f"m_{key} not in (select {key} from raw.{table.parent})"
        source = next(item.sources[0] for item in self.entry.main.fields if item.column.name == key)
        self.reject_found(stray, f"m_{key}", source, f"not in {table.parent}")

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

    def reject_repeats(self) -> dict[str, bool]:
        """Which fragments repeat a key; rejects repeats with other values, marks exact ones unchanged."""
        has_repeats = {}
        for prefix, fragment in self.fragments():
            keys = self.keys(prefix, fragment)
            where = f"state = {ACCEPTED} and {self.present(prefix, fragment)}"
            has_repeats[prefix] = self.repeats(keys, where)
            if has_repeats[prefix]:
                self.reject_conflicts(prefix, fragment, keys, where)
        if self.scalar(f"select count(*) from records where state = {ACCEPTED}") and self.repeats(
            [self.unit], f"state = {ACCEPTED}"
        ):
            self.con.execute(
                f"update records set state = {UNCHANGED} from ("
                f"select rowid as place from records where state = {ACCEPTED} "
                f"qualify row_number() over (partition by {self.unit}, fingerprint order by rowid) > 1"
                f") repeat "
                f"where records.rowid = repeat.place"
            )
        return has_repeats

    def repeats(self, keys: list[str], where: str) -> bool:
        """Whether one key is held by several records."""
        listed = ", ".join(keys)
        distinct = f"count(distinct hash({listed}))"
        # Hashes decide the common case cheaply: if they are all distinct, so are the keys.
        return bool(self.scalar(f"select count(*) > {distinct} from records where {where}"))

    def reject_conflicts(self, prefix: str, fragment: Fragment, keys: list[str], where: str) -> None:
        """Rejects records that give a key other values than the first record that holds it."""
        values = [f"{prefix}{item.column.name}" for item in fragment.fields]
        if fragment is self.entry.main:
            values += [f"s{index}" for index in range(len(self.entry.lists))] + ["whole"]
        own = f"hash({', '.join(values)})"
        self.con.execute(
            f"create or replace temp table conflicting as select rowid as place from records where {where} "
            f"qualify {own} <> first_value({own}) over (partition by {', '.join(keys)} order by rowid)"
        )
        if fragment.table is contracts.CRIMES:
            self.note_long_form(keys)
        found = self.con.execute(
            f"select file_id, {self.line}, {', '.join(keys)} from records "
            f"where rowid in (select place from conflicting) order by rowid"
        ).fetchall()
        self.con.execute(
            f"update records set state = {REJECTED} where rowid in (select place from conflicting)"
        )
        sources = {f"{prefix}{item.column.name}": item.sources for item in fragment.fields}
        column = (sources.get(keys[0]) or (keys[0].removeprefix(prefix),))[0]
        self.reject(
            [
                (row[0], row[1], fragment.table.name, column, " / ".join(map(str, row[2:])), REPEATED)
                for row in found
            ]
        )

    def note_long_form(self, keys: list[str]) -> None:
        """Notes conflicting rows of another class than the first: it may be an export of offences."""
        first = f"first_value(m_ho_class) over (partition by {', '.join(keys)} order by rowid)"
        found = self.con.execute(
            f"select file_id, count(*) from (select file_id, rowid as place, m_ho_class as class, "
            f"{first} as first_class from records where state = {ACCEPTED}) "
            f"where place in (select place from conflicting) and class <> first_class group by file_id"
        ).fetchall()
        for file_id, count in found:
            self.tallies[file_id].notes[offences.LOOKS_LONG] += count

    def classify(self) -> None:
        """Makes `units` (unit, content, fate) and settles records that are not news."""
        # Hashed once more: the hash of several values is so made that what two rows share cancels out.
        fresh = (
            f"select {self.unit} as unit, bit_xor(hash(fingerprint)) as content from records "
            f"where state = {ACCEPTED} group by all"
        )
        table = self.entry.main.table.name
        # A reference table goes by what was imported last, and by who fed it.
        is_replaced = bool(self.entry.main.table.replaced_by)
        if not self.scalar("select count(*) from meta.units where table_name = $table", table=table):
            self.con.execute(f"create or replace temp view units as select *, 'new' as fate from ({fresh})")
            return
        self.con.execute("drop view if exists units")
        self.con.execute(
            f"create or replace temp table compared as select n.unit, n.content, case "
            f"when h.unit is null then 'new' "
            f"when h.content = n.content and (not $replaced or h.source = $source) then 'same' "
            f"when h.extract_date > $date and not $replaced then 'older' else 'changed' end as fate "
            f"from ({fresh}) n left join meta.units h on h.table_name = $table and h.unit = n.unit",
            {
                "date": self.extract_date,
                "table": table,
                "replaced": is_replaced,
                "source": self.mapping.name,
            },
        )
        self.con.execute("create or replace temp view units as from compared")
        self.con.execute(
            f"update records set state = case u.fate when 'same' then {UNCHANGED} else {SUPERSEDED} end "
            f"from units u where {self.unit} = u.unit and state = {ACCEPTED} and u.fate in ('same', 'older')"
        )
        self.con.execute(
            "update meta.units as held set extract_date = greatest(held.extract_date, $date) "
            "from temp.units u "
            "where held.table_name = $table and held.unit = u.unit and u.fate = 'same'",
            {"date": self.extract_date, "table": table},
        )

    def make_room(self) -> replacing.Change:
        """Takes out what a file of a reference table replaces beside the rows it gives anew."""
        change = replacing.found(
            self.con,
            self.entry,
            self.mapping.name,
            _joined([f'"{name}"' for name in self.entry.main.table.unit]),
            self.unit,
            [part.file for part in self.parts],
            is_shipped=all(part.is_shipped for part in self.parts),
            beside=self.beside,
        )
        if change.removed:
            self.delete("select unit from temp.leaving where not is_given")
        return change

    def replace(self) -> None:
        """Takes out what the extract replaces; what came in with this import becomes superseded."""
        changed = "select unit from temp.units where fate = 'changed'"
        if not self.scalar(f"select count(*) from ({changed})"):
            return
        offences.settle_lost(
            self.con,
            self.entry,
            self.mapping,
            self.extract_date,
            {part.file_id: part.file for part in self.parts},
            self.others_of_the_day(),
            self.line,
            {part.file_id: self.tallies[part.file_id].notes for part in self.parts},
        )
        table = self.entry.main.table.name
        moved = self.con.execute(
            f"select file_id, sum(count_records)::bigint from taken "
            f"where table_name = $table and unit in ({changed}) group by file_id",
            {"table": table},
        ).fetchall()
        for file_id, count in moved:
            self.tallies[file_id].accepted -= count
            self.tallies[file_id].superseded += count
        self.con.execute(
            f"delete from taken where table_name = $table and unit in ({changed})", {"table": table}
        )
        self.delete(changed)

    def others_of_the_day(self) -> set[str]:
        """Names of other files, of this import and earlier ones, that fed this table under this day."""
        held = self.con.execute(
            "select distinct file from meta.files where table_name = $table and extract_date = $day "
            "and not list_contains($given, sha256)",
            {
                "table": self.entry.main.table.name,
                "day": self.extract_date,
                "given": [part.sha256 for part in self.parts],
            },
        ).fetchall()
        return {*self.beside.files.values(), *(file for (file,) in held)}

    def delete(self, units: str) -> None:
        """Takes units, with all their links, out of the raw tables and the list of units."""
        for table in self.entry.tables:
            unit = _joined([f'"{name}"' for name in self.entry.main.table.unit])
            self.con.execute(f"delete from raw.{table.name} where {unit} in ({units})")
        self.con.execute(
            f"delete from meta.units where table_name = $table and unit in ({units})",
            {"table": self.entry.main.table.name},
        )

    def insert(self, has_repeats: dict[str, bool]) -> None:
        """Puts the accepted records into their raw tables, one row a key."""
        lineage = (
            f"{literal(self.mapping.name)}, date '{self.extract_date.isoformat()}', file_id, {self.line}"
        )
        fed: set[str] = set()
        for prefix, fragment in self.fragments():
            cells = []
            for column in fragment.table.columns:
                inherited = column.name in fragment.table.key and self.has(self.entry.main, column.name)
                found = prefix if self.has(fragment, column.name) else "m_" if inherited else None
                cells.append(f"{found}{column.name}" if found else "null")
            once = self.first_of(self.keys(prefix, fragment)) if has_repeats[prefix] else ""
            if fragment.table.name in fed:
                # Victim 1 and Victim 2 of a record may be the same person: one row.
                pairs = zip(fragment.table.names, cells, strict=True)
                same = " and ".join(
                    f'held."{name}" is not distinct from {cell}'
                    for name, cell in pairs
                    if name in fragment.table.key
                )
                once = f"and not exists (select 1 from raw.{fragment.table.name} held where {same}) {once}"
            fed.add(fragment.table.name)
            self.con.execute(
                f"insert into raw.{fragment.table.name} select {', '.join(cells)}, {lineage} from records "
                f"where state = {ACCEPTED} and {self.present(prefix, fragment)} {once}"
            )
            if prefix != "m_":
                self.note_half_filled(prefix, fragment)
        once = self.first_of(self.keys("m_", self.entry.main)) if has_repeats["m_"] else ""
        for index, item in enumerate(self.entry.lists):
            unit = ", ".join(f"m_{name}" for name in item.table.unit)
            self.con.execute(
                f"insert into raw.{item.table.name} "
                f"select {unit}, position, items[position], lineage.* from ("
                f"select *, unnest(range(1, len(items) + 1)) as position from ("
                f"select {unit}, {list_items(self.entry, index)} as items, "
                f"struct_pack(a := {literal(self.mapping.name)}, "
                f"b := date '{self.extract_date.isoformat()}', "
                f"c := file_id, d := {self.line}) as lineage "
                f"from records where state = {ACCEPTED} and s{index} is not null {once}))"
            )
        self.con.execute(
            "insert into meta.units select $table, unit, content, $date, $source from temp.units "
            "where fate in ('new', 'changed')",
            {"table": self.entry.main.table.name, "date": self.extract_date, "source": self.mapping.name},
        )

    def note_half_filled(self, prefix: str, fragment: Fragment) -> None:
        """Notes accepted records that hold a part of a link's key: without the rest it makes no row."""
        names = [
            name
            for name in fragment.table.key
            if fragment.table.column(name).required and self.has(fragment, name)
        ]
        if len(names) < 2:
            return
        held = " or ".join(f"{prefix}{name} is not null" for name in names)
        found = self.con.execute(
            f"select file_id, count(*) from records where state = {ACCEPTED} and ({held}) "
            f"and not ({self.present(prefix, fragment)}) group by file_id"
        ).fetchall()
        for file_id, count in found:
            note = f"{' or '.join(names)} blank: no row of {fragment.table.name}"
            self.tallies[file_id].notes[note] += count

    @staticmethod
    def first_of(keys: list[str]) -> str:
        """SQL that keeps the first record of each key, in the order of the file."""
        return f"qualify row_number() over (partition by {', '.join(keys)} order by rowid) = 1 order by rowid"

    def count(self) -> None:
        """Counts the records by state into the tallies."""
        names = {ACCEPTED: "accepted", UNCHANGED: "unchanged", SUPERSEDED: "superseded", REJECTED: "rejected"}
        found = self.con.execute(
            "select file_id, state, count(*) from records group by file_id, state"
        ).fetchall()
        for file_id, state, count in found:
            tally = self.tallies[file_id]
            tally.rows_in += count
            setattr(tally, names[state], getattr(tally, names[state]) + count)
        signs = " or ".join(
            f"m_{item.column.name} < 0" for item in self.entry.main.fields if item.column.kind == "number"
        )
        found = self.con.execute(
            f"select file_id, count(*) filter (where is_respelt), count(*) filter (where {signs or 'false'}) "
            f"from records where state <> {REJECTED} group by file_id"
        ).fetchall()
        for file_id, respelt, negative in found:
            self.tallies[file_id].notes += Counter({RESPELT: respelt, NEGATIVE: negative})
        self.note_blanked()

    def note_blanked(self) -> None:
        """Notes cells of linked rows that were left blank, each with its column and reason."""
        for prefix, link in self.fragments()[1:]:
            for item in link.fields:
                odd = f"odd_{prefix}{item.column.name}"
                if not self.con.execute(
                    "select 1 from duckdb_columns() where table_name = 'records' and column_name = $odd",
                    {"odd": odd},
                ).fetchall():
                    continue
                found = self.con.execute(
                    f"select file_id, {odd}, count(*) from records "
                    f"where {odd} > 0 and state <> {REJECTED} group by all order by all"
                ).fetchall()
                for file_id, reason, count in found:
                    note = f"{item.column.name} of {link.table.name} left blank: {REASONS[reason]}"
                    self.tallies[file_id].notes[note] += count

    def remove_absent(self) -> int:
        """How many units a full extract removed: held from this source, older, and absent from it.

        A unit whose record was rejected is present, if badly: what was held of it stays.
        """
        self.con.execute(
            f"create or replace temp table absent as select unit from meta.units "
            f"where table_name = $table and source = $source and extract_date < $date "
            f"and unit not in (select {self.unit} from records where {self.unit} is not null)",
            {"table": self.entry.main.table.name, "source": self.mapping.name, "date": self.extract_date},
        )
        count = self.scalar("select count(*) from absent")
        if count:
            self.delete("select unit from temp.absent")
        return count

    def remember(self) -> None:
        """Keeps which accepted records each unit has, for a newer extract of the same import."""
        self.con.execute(
            f"insert into taken select file_id, '{self.entry.main.table.name}', {self.unit}, count(*) "
            f"from records where state = {ACCEPTED} group by all"
        )


def _joined(cells: list[str]) -> str:
    if len(cells) == 1:
        return f"{cells[0]}::varchar"
    # concat_ws alone would leave nulls out and take two units for one.
    texts = [f"coalesce({cell}::varchar, '')" for cell in cells]
    return f"concat_ws(chr(31), {', '.join(texts)})"

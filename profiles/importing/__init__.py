"""Exports into the warehouse: read, map, check, reject, reconcile, publish.

Every physical record of every file ends as exactly one of accepted, unchanged, superseded or
rejected. Files of one layout and extract date are taken together as one extract, extracts in the
order of their dates; a newer extract replaces what an older one said of the same unit (a crime with
all its links), an older one never does.
"""

import datetime
import re
import shutil
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from profiles import contracts, disk, pointers, warehouse
from profiles.codes import Targets
from profiles.errors import BadFile, BadMapping, NoWarehouse, ProfilesError
from profiles.importing import clock, extract_dates, formats, offences, reading, records, text_files
from profiles.importing.arriving import arrivals
from profiles.importing.coverage import LATER, Coverage, coverage, records_after
from profiles.importing.disguises import disguise
from profiles.importing.extract import Part
from profiles.importing.layouts import Entry, MappingFile
from profiles.importing.mapping import read_mapping
from profiles.importing.reading import Opened
from profiles.importing.reconciling import reconcile
from profiles.importing.replacing import GIVEN, SAMPLE_DATA, SHIPPED, Beside, shipped_hashes
from profiles.importing.tallies import Tally
from profiles.settings import Settings
from profiles.settings import settings as in_force
from profiles.warehouse import Connection, marts, publishing, raw_tables

LARGE = 50_000_000
"""Bytes of exports from which records wait on disk."""

Say = Callable[[str], None]


@dataclass(frozen=True)
class FileReport:
    """What became of one file: `rows_in` = accepted + unchanged + superseded + rejected."""

    file: str
    table: str
    rows_in: int
    accepted: int
    unchanged: int
    superseded: int
    rejected: int
    reasons: dict[str, int]
    notes: dict[str, int]
    removed: int = 0
    ignored_columns: tuple[str, ...] = ()
    lacking_columns: tuple[str, ...] = ()
    replacement: str = ""


@dataclass(frozen=True)
class ImportReport:
    """What became of an import: its files, those skipped and why, and the version now served."""

    files: tuple[FileReport, ...]
    skipped: tuple[tuple[str, str], ...]
    as_at: str
    warehouse_version: str
    notice: str = ""


@dataclass
class _Incoming:
    """One file on its way in."""

    opened: Opened
    entry: Entry
    extract_date: datetime.date
    number: int = 0
    known: FileReport | None = None
    repeated: FileReport | None = None
    layout: records.Layout | None = None
    tally: Tally = field(default_factory=Tally)
    is_synthetic: bool = False
    coverage: dict[str, Coverage] = field(default_factory=dict)


def import_files(
    paths: Sequence[Path],
    mapping_name: str,
    folder: Path,
    *,
    as_at: datetime.date | None = None,
    settings: Settings | None = None,
    say: Say = lambda _: None,
) -> ImportReport:
    """The report of an import whose version is then served; nothing changes when it raises.

    A warehouse is made in `folder`, with the reference tables, when there is none. Raises BadFile,
    BadMapping, NoWarehouse or DiskFull, each naming the place and the remedy.
    """
    settings = settings or in_force()
    mapping = read_mapping(mapping_name)
    formats.check_formats(mapping)
    with disk.watched(folder), publishing.writing(folder, settings) as building:
        scratch = building / "scratch"
        scratch.mkdir()
        incoming, skipped = _opened(paths, mapping, as_at, scratch)
        if not incoming:
            why = "; ".join(f"{name}: {reason}" for name, reason in skipped)
            raise BadFile(f"There is nothing to import ({why}); name a CSV, XLSX or Parquet file.")
        for item in incoming:
            extract_dates.refuse_future(item.opened.path, item.extract_date, clock.today(settings))
        before = warehouse.current(folder, or_older=True) if pointers.stands(folder) else None
        con = _next_version(before, building, settings, say)
        try:
            _known(con, incoming, mapping)
            if not all(item.known for item in incoming):
                _import(con, incoming, mapping, scratch, say)
            if before and not before.is_older and all(item.known for item in incoming):
                # The pointer that was lost is there again.
                if before.notice:
                    pointers.written(folder, before.name)
                return _report(incoming, skipped, before)
            _refuse_all_rejected(con, incoming, mapping)
            say("building the marts")
            marts.build(con)
            shutil.rmtree(scratch, ignore_errors=True)
            served = publishing.publish(con, folder, building, settings)
            notices = (before.notice if before else "", served.notice)
            return _report(incoming, skipped, replace(served, notice=" ".join(filter(None, notices))))
        except warehouse.DatabaseError as error:
            raise _translated(error, folder) from error
        finally:
            con.close()


def upgrade(
    folder: Path, *, settings: Settings | None = None, say: Say = lambda _: None
) -> warehouse.Version:
    """The version now served: one of the form of today with the records of the served one, which stays.

    One that is of today's form already is left as it is. Raises NoWarehouse.
    """
    settings = settings or in_force()
    with publishing.writing(folder, settings) as building:
        before = warehouse.current(folder, or_older=True)
        if not before.is_older:
            return before
        con = _next_version(before, building, settings, say)
        try:
            say("building the marts")
            marts.build(con)
            return publishing.publish(con, folder, building, settings)
        except warehouse.DatabaseError as error:
            raise _translated(error, folder) from error
        finally:
            con.close()


def _translated(error: Exception, folder: Path) -> ProfilesError:
    text = (str(error).splitlines() or [""])[0]
    if "out of memory" in text.lower() and not disk.is_full(error):
        return NoWarehouse(
            f"The import needs more memory than memory_limit allows ({text[:120]}); raise "
            f"STALKING_PROFILES_MEMORY_LIMIT and import again (nothing was changed)."
        )
    raise error


def _opened(
    paths: Sequence[Path],
    mapping: MappingFile,
    as_at: datetime.date | None,
    scratch: Path,
) -> tuple[list[_Incoming], list[tuple[str, str]]]:
    """Files that fit the mapping, in the order given, and those skipped with the reason."""
    expected = {name for entry in mapping.entries for name in _source_names(entry)} | set(mapping.marking)
    found: list[_Incoming] = []
    skipped: list[tuple[str, str]] = []
    names: set[str] = set()
    for path in paths:
        if path.exists() and path.is_file() and path.suffix.lower() not in reading.SUFFIXES:
            other = f"{path.suffix or 'no ending'} is not CSV, XLSX or Parquet"
            skipped.append((path.name, disguise(path) or other))
            continue
        if re.search("[\ud800-\udfff]", path.name):
            raise BadFile(f"{path}: its name is not UTF-8; rename the file and import it again.")
        if path.name in names:
            raise BadFile(f"{path} has the same name as another file of this import; rename one.")
        names.add(path.name)

        def check(opened: Opened, entry: Entry) -> None:
            """Bad columns are refused before a record is read."""
            is_one_of_several = opened.book is not None and len(opened.book.names) > 1
            records.layout(
                mapping,
                entry,
                opened.header,
                f"{opened.file}, sheet {opened.sheet!r}," if is_one_of_several else opened.file,
                "nothing",
                datetime.date.max,
                header_line=opened.header_line,
            )

        arrived, left = arrivals(path, mapping, expected, scratch, check)
        skipped += left
        day = _extract_date(path, mapping, as_at)
        found += [_Incoming(item.opened, item.entry, day) for item in arrived]
    return found, skipped


def _source_names(entry: Entry) -> set[str]:
    names = set(entry.header) | {rule.column for rule in entry.rejects}
    for fragment in (entry.main, *entry.links):
        for item in fragment.fields:
            names |= set(item.sources) | set(re.findall(r"\{([^}]*)\}", item.template))
    return names | {name for item in entry.lists for name in item.sources}


def _extract_date(path: Path, mapping: MappingFile, as_at: datetime.date | None) -> datetime.date:
    if mapping.extract_pattern:
        text = formats.first_group(mapping.extract_pattern, path.name)
        if text:
            try:
                return datetime.datetime.strptime(text, mapping.extract_format).date()
            except ValueError:
                raise BadFile(
                    f"{path}: {text!r} in its name is no date of the form {mapping.extract_format}; "
                    f"rename the file."
                ) from None
    if as_at is not None:
        return as_at
    if mapping.extract_date:
        try:
            return datetime.date.fromisoformat(mapping.extract_date)
        except ValueError:
            raise BadMapping(
                f"{mapping.path.name}: extract_date = {mapping.extract_date!r} is no date; write YYYY-MM-DD."
            ) from None
    raise BadFile(
        f"{path}: neither its name nor the mapping {mapping.name} tells the date of the extract; "
        f"give it with --as-at YYYY-MM-DD."
    )


def _next_version(
    served: warehouse.Version | None, building: Path, settings: Settings, say: Say
) -> Connection:
    """A connection to the next version: a copy of the served one's records, or a new one."""
    con = warehouse.connect(building / warehouse.FILE, read_only=False, settings=settings)
    raw_tables.create_raw(con)
    if served:
        say(f"copying version {served.name}")
        raw_tables.copy_records(con, served.path)
    else:
        paths = [SAMPLE_DATA / name for name in SHIPPED]
        with tempfile.TemporaryDirectory(dir=building) as scratch:
            mapping = read_mapping("reference")
            incoming, _ = _opened(paths, mapping, None, Path(scratch))
            _import(con, incoming, mapping, Path(scratch), lambda _: None)
    return con


def _known(con: Connection, incoming: list[_Incoming], mapping: MappingFile) -> None:
    """Give each file that was imported before, as it is and by this mapping, its report."""
    for item in incoming:
        row = con.execute(
            "select file_id, table_name, rows_in, rejected from meta.files where sha256 = $sha256 "
            "and mapping_sha256 = $mapping and extract_date = $date and ends_with(file, $sheet) "
            "order by file_id desc limit 1",
            {
                "sha256": item.opened.sha256,
                "mapping": mapping.sha256,
                "date": item.extract_date,
                "sheet": item.opened.file.removeprefix(item.opened.path.name),
            },
        ).fetchone()
        if row is None:
            continue
        file_id, table, rows_in, rejected = row
        reasons = con.execute(
            "select reason, count(*) from meta.rejects where file_id = $id group by reason order by reason",
            {"id": file_id},
        ).fetchall()
        notes = con.execute(
            "select note, count_records from meta.notes where file_id = $id order by note", {"id": file_id}
        ).fetchall()
        item.known = FileReport(
            item.opened.file,
            table,
            rows_in,
            0,
            rows_in - rejected,
            0,
            rejected,
            dict(reasons),
            dict(notes),
        )
    for table in {item.entry.main.table.name for item in incoming if item.entry.main.table.replaced_by}:
        # What a file brought to a reference table another may have taken out since: the newest is read again.
        mine = [item for item in incoming if item.entry.main.table.name == table]
        newest = max(item.extract_date for item in mine)
        for item in mine:
            if item.known and item.extract_date == newest:
                item.known, item.repeated = None, item.known
    # Rows of one crime may lie in several files of a day: all of them are read again beside a new one.
    by_rows = [item for item in incoming if offences.is_told_by_rows(item.entry, mapping)]
    days = {item.extract_date for item in by_rows if item.known is None}
    for item in by_rows:
        if item.known and item.extract_date in days:
            item.known, item.repeated = None, item.known


def _import(
    con: Connection, incoming: list[_Incoming], mapping: MappingFile, scratch: Path, say: Say
) -> None:
    """Bring the files into the raw tables and write their accounts."""
    order = list(contracts.TABLES)
    fresh = [item for item in incoming if item.known is None]
    first, number = con.execute(
        "select coalesce(max(file_id), 0) + 1, coalesce(max(import_number), -1) + 1 from meta.files"
    ).fetchall()[0]
    for offset, item in enumerate(fresh):
        item.number = first + offset
    extracts: dict[tuple[datetime.date, int, int], list[_Incoming]] = {}
    for item in fresh:
        place = mapping.entries.index(item.entry)
        key = (item.extract_date, order.index(item.entry.main.table.name), place)
        extracts.setdefault(key, []).append(item)
    # Many records wait in a file of their own, which takes less memory than temporary tables.
    is_large = sum(item.opened.size for item in fresh) > LARGE
    con.execute(
        f"attach {warehouse.literal(str(scratch / 'records.duckdb') if is_large else ':memory:')} as scratch"
    )
    con.execute("set search_path = 'warehouse.main,scratch.main'")
    con.execute(
        "create temp table taken (file_id integer, table_name varchar, unit varchar, count_records bigint)"
    )
    tallies = {item.number: item.tally for item in fresh}
    # A report on a line of the plan waits for the plan, whichever of them is dated earlier.
    for key in sorted(extracts, key=lambda each: (extracts[each][0].entry.main.table.needs_parent, each)):
        group = extracts[key]
        parts = [_typed(con, item, mapping, scratch, say) for item in group]
        followed = any(other[1:] == key[1:] and other[0] > key[0] for other in extracts)
        if not any(other < key for other in extracts if other[:2] == key[:2]):
            con.execute(
                f"create or replace temp table {GIVEN} (table_name varchar, unit varchar, file varchar)"
            )
        others = {other: items for other, items in extracts.items() if other[:2] == key[:2] and other != key}
        beside = Beside(
            {
                item.number: item.opened.file
                for other, items in others.items()
                if other < key
                for item in items
            },
            _held(con, [item for items in others.values() for item in items if item.repeated], mapping),
        )
        reconcile(con, parts, group[0].entry, mapping, key[0], tallies, followed, beside)
    con.execute("drop table taken")
    for item in fresh:
        if item.repeated and not item.tally.accepted and not item.tally.removed:
            item.known = item.repeated
            con.execute("delete from meta.rejects where file_id = $id", {"id": item.number})
    fresh = [item for item in fresh if item.known is None]
    con.execute("set search_path = 'warehouse.main'")
    con.execute("detach scratch")
    with warehouse.transaction(con):
        for item in fresh:
            _account(con, item, mapping, number)
        _declare(con, fresh, mapping)


def _held(con: Connection, repeated: list[_Incoming], mapping: MappingFile) -> tuple[int, ...]:
    """Numbers under which these files were imported before, as they are and by this mapping."""
    found = con.execute(
        "select file_id from meta.files where list_contains($hashes, sha256) and mapping_sha256 = $mapping",
        {"hashes": [item.opened.sha256 for item in repeated], "mapping": mapping.sha256},
    ).fetchall()
    return tuple(number for (number,) in found)


def _refuse_all_rejected(con: Connection, incoming: list[_Incoming], mapping: MappingFile) -> None:
    """Raise BadFile when every record of the import was rejected: such an import says nothing."""
    rejected = sum(item.tally.rejected for item in incoming)
    if any(item.known for item in incoming) or not rejected:
        return
    if rejected < sum(item.tally.rows_in for item in incoming):
        return
    found = con.execute(
        "select file, reason, column_name, count(*), min(line) from meta.rejects "
        "where list_contains($files, file_id) "
        "group by file, reason, column_name order by 4 desc, 1, 2, 3 limit 5",
        {"files": [item.number for item in incoming]},
    ).fetchall()
    reasons = "; ".join(
        f"{file}: {count:,} {reason}{f', column {column!r}' if column else ''}, first on line {line}"
        for file, reason, column, count, line in found
    )
    raise BadFile(
        f"All {rejected:,} records are rejected ({reasons}). Nothing was imported and what was there stays; "
        f"mend the mapping {mapping.name} or the export, and import again."
    )


def _typed(con: Connection, item: _Incoming, mapping: MappingFile, scratch: Path, say: Say) -> Part:
    """The file's records as a typed table, every physical record of it accounted for."""
    opened, name = item.opened, f"scratch.typed_{item.number}"
    say(f"reading {opened.file}")
    con.execute("drop table if exists reject_errors; drop table if exists reject_scans")
    careful = opened.kind != "csv"
    while True:
        relation, bad = reading.relation(con, opened, scratch, careful=careful)
        item.layout = records.layout(
            mapping,
            item.entry,
            opened.header,
            opened.file,
            relation.sql,
            item.extract_date,
            has_line=relation.has_line,
            native_dates=opened.kind != "csv",
            deep_trim=relation.careful or (opened.text is not None and opened.text.has_tabs),
            header_line=opened.header_line,
        )
        try:
            con.execute(f"create or replace table {name} as {item.layout.select}")
        except warehouse.DatabaseError as error:
            if not relation.careful:
                careful = True
                continue
            if warehouse.lacks_room(error) and not reading.is_damaged(opened):
                raise
            raise BadFile(f"{opened.place} is damaged inside; export it again.") from error
        if relation.careful or opened.text is None:
            break
        found = reading.bad_records(con)
        seen = con.execute(f"select count(*) from {name}").fetchall()[0][0]
        lines = opened.text.lines
        if found is not None and seen + len(found) + 1 == lines:
            if found and found[-1].line == lines and not opened.text.ends_cleanly:
                text_files.refuse_cut_off(opened.path, lines)
            bad = found
            break
        careful = True
    seen, made_up = con.execute(
        f"select count(*), coalesce(bool_or(is_made_up), false) from {name}"
    ).fetchall()[0]
    # The stamp must not hang on a mapping that knows the column.
    item.is_synthetic = made_up or "synthetic" in opened.path.name.lower()
    extract_dates.refuse_early(con, item.entry, name, opened.path, item.extract_date)
    item.coverage = coverage(con, item.entry, name, item.extract_date)
    if later := records_after(con, item.entry, name, opened.path, item.coverage):
        item.tally.notes[LATER] += later
    if item.entry.is_full and seen == 0:
        raise BadFile(
            f"{opened.path} is declared a full extract and holds no usable record, which would remove all; "
            f"export it again, or declare it a delta."
        )
    return Part(
        item.number,
        opened.file,
        name,
        seen,
        relation.first_line,
        tuple(bad),
        item.layout.faults,
        opened.sha256,
        opened.sha256 in shipped_hashes(),
    )


def _account(con: Connection, item: _Incoming, mapping: MappingFile, import_number: int) -> None:
    tally = item.tally
    if tally.rows_in != tally.accepted + tally.unchanged + tally.superseded + tally.rejected:
        raise AssertionError(f"{item.opened.file} does not reconcile: {tally}")
    con.execute(
        "insert into meta.files values ($id, $file, $sha256, $bytes, $mapping, $mapping_sha256, $source, "
        "$table, $date, $mode, $rows_in, $accepted, $unchanged, $superseded, $rejected, $removed, "
        "$synthetic, $number)",
        {
            "id": item.number,
            "file": item.opened.file,
            "sha256": item.opened.sha256,
            "bytes": item.opened.size,
            "mapping": mapping.name,
            "mapping_sha256": mapping.sha256,
            "source": mapping.name,
            "table": item.entry.main.table.name,
            "date": item.extract_date,
            "mode": "full" if item.entry.is_full else "delta",
            "rows_in": tally.rows_in,
            "accepted": tally.accepted,
            "unchanged": tally.unchanged,
            "superseded": tally.superseded,
            "rejected": tally.rejected,
            "removed": tally.removed,
            "synthetic": item.is_synthetic,
            "number": import_number,
        },
    )
    for note, count in sorted(tally.notes.items()):
        con.execute(
            "insert into meta.notes values ($id, $note, $count)",
            {"id": item.number, "note": note, "count": count},
        )
    for table, found in item.coverage.items():
        con.execute(
            "insert into meta.feeding values ($id, $table, $begins, $ends, $certain)",
            {
                "id": item.number,
                "table": table,
                "begins": found.begins,
                "ends": found.ends,
                "certain": found.is_certain,
            },
        )


def _declare(con: Connection, fresh: list[_Incoming], mapping: MappingFile) -> None:
    """Keep the mapping's targets and what its files can carry.

    A column that none of the files has is not carried, whatever the mapping declares.
    """
    if not any(not table.is_reference for item in fresh for table in item.entry.tables):
        return
    con.execute("delete from meta.targets where source = $source", {"source": mapping.name})
    for target in Targets(mapping.targets).spelling.values():
        con.execute(
            "insert into meta.targets values ($source, $target)", {"source": mapping.name, "target": target}
        )
    held = dict(
        con.execute(
            "select capability, is_declared from meta.declared where source = $source",
            {"source": mapping.name},
        ).fetchall()
    )
    carried = {pair for item in fresh if item.layout for pair in item.layout.carried}
    lacking = {pair for item in fresh if item.layout for pair in item.layout.lacking} - carried
    read = {table.name for item in fresh for table in item.entry.tables}
    found = mapping.capabilities | {name: value for name, value in held.items() if not _is_read(name, read)}
    for name, capability in contracts.CAPABILITIES.items():
        if any((capability.feed, column) in lacking for column in capability.columns):
            found[name] = False
    if ("included_classifications", "classification") in lacking:
        found["included_classifications"] = False
    con.execute("delete from meta.declared where source = $source", {"source": mapping.name})
    for name in contracts.CAPABILITIES:
        con.execute(
            "insert into meta.declared values ($source, $name, $value)",
            {"source": mapping.name, "name": name, "value": found[name]},
        )


def _is_read(name: str, tables: set[str]) -> bool:
    return contracts.CAPABILITIES[name].feed in tables


def _report(
    incoming: list[_Incoming], skipped: list[tuple[str, str]], served: warehouse.Version
) -> ImportReport:
    files = []
    for item in incoming:
        if item.known:
            files.append(item.known)
            continue
        tally = item.tally
        # A file that is not known has been laid out.
        assert item.layout is not None  # nosec B101
        files.append(
            FileReport(
                item.opened.file,
                item.entry.main.table.name,
                tally.rows_in,
                tally.accepted,
                tally.unchanged,
                tally.superseded,
                tally.rejected,
                dict(sorted(tally.reasons.items())),
                dict(sorted(tally.notes.items())),
                tally.removed,
                item.layout.ignored,
                tuple(f"{table}.{column}" for table, column in item.layout.lacking),
                tally.replacement,
            )
        )
    return ImportReport(tuple(files), tuple(skipped), served.as_at, served.name, served.notice)

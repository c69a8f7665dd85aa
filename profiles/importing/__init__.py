"""Exports into the warehouse: read, map, check, reject, reconcile, publish.

Every physical record of every file ends as exactly one of accepted, unchanged, superseded or
rejected. Files of one layout and extract date are taken together as one extract, extracts in the
order of their dates; a newer extract replaces what an older one said of the same unit (a crime with
all its links), an older one never does.
"""

import datetime
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from profiles import disk, pointers, warehouse
from profiles.errors import BadFile, NoWarehouse, ProfilesError
from profiles.importing import clock, extract_dates, formats
from profiles.importing.accounts import report
from profiles.importing.bringing_in import bring_in
from profiles.importing.incoming import Incoming, opened_files
from profiles.importing.known import mark_known
from profiles.importing.layouts import MappingFile
from profiles.importing.mapping import read_mapping
from profiles.importing.replacing import SAMPLE_DATA, SHIPPED
from profiles.importing.reports import ImportReport, Say
from profiles.settings import Settings
from profiles.settings import settings as in_force
from profiles.warehouse import Connection, marts, publishing, raw_tables


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
        incoming, skipped = opened_files(paths, mapping, as_at, scratch)
        if not incoming:
            why = "; ".join(f"{name}: {reason}" for name, reason in skipped)
            raise BadFile(f"There is nothing to import ({why}); name a CSV, XLSX or Parquet file.")
        for item in incoming:
            extract_dates.refuse_future(item.opened.path, item.extract_date, clock.today(settings))
        before = warehouse.current(folder, or_older=True) if pointers.stands(folder) else None
        con = _next_version(before, building, settings, say)
        try:
            mark_known(con, incoming, mapping)
            if not all(item.known for item in incoming):
                bring_in(con, incoming, mapping, scratch, say)
            if before and not before.is_older and all(item.known for item in incoming):
                # The pointer that was lost is there again.
                if before.notice:
                    pointers.written(folder, before.name)
                return report(incoming, skipped, before)
            _refuse_all_rejected(con, incoming, mapping)
            say("building the marts")
            marts.build(con)
            shutil.rmtree(scratch, ignore_errors=True)
            served = publishing.publish(con, folder, building, settings)
            notices = (before.notice if before else "", served.notice)
            return report(incoming, skipped, replace(served, notice=" ".join(filter(None, notices))))
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
            incoming, _ = opened_files(paths, mapping, None, Path(scratch))
            bring_in(con, incoming, mapping, Path(scratch), lambda _: None)
    return con


def _refuse_all_rejected(con: Connection, incoming: list[Incoming], mapping: MappingFile) -> None:
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

"""Files that were imported before, as they are and by the same mapping: reported again, not read again."""

from profiles.importing import offences
from profiles.importing.incoming import Incoming
from profiles.importing.layouts import MappingFile
from profiles.importing.reports import FileReport
from profiles.warehouse import Connection


def mark_known(con: Connection, incoming: list[Incoming], mapping: MappingFile) -> None:
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


def numbers_held(con: Connection, repeated: list[Incoming], mapping: MappingFile) -> tuple[int, ...]:
    """Numbers under which these files were imported before, as they are and by this mapping."""
    found = con.execute(
        "select file_id from meta.files where list_contains($hashes, sha256) and mapping_sha256 = $mapping",
        {"hashes": [item.opened.sha256 for item in repeated], "mapping": mapping.sha256},
    ).fetchall()
    return tuple(number for (number,) in found)

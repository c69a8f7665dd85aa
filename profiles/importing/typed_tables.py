"""One file read into a typed table, each physical record of it accounted for."""

from pathlib import Path

from profiles import warehouse
from profiles.errors import BadFile
from profiles.importing import extract_dates, reading, records, text_files
from profiles.importing.coverage import LATER, coverage, records_after
from profiles.importing.extract import Part
from profiles.importing.incoming import Incoming
from profiles.importing.layouts import MappingFile
from profiles.importing.replacing import shipped_hashes
from profiles.importing.reports import Say
from profiles.warehouse import Connection


def typed_table(con: Connection, item: Incoming, mapping: MappingFile, scratch: Path, say: Say) -> Part:
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

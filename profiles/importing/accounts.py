"""The accounts of an import: of each file, of what the mapping declares, and the report made of them."""

from profiles import contracts
from profiles.codes import Targets
from profiles.importing.incoming import Incoming
from profiles.importing.layouts import MappingFile
from profiles.importing.reports import FileReport, ImportReport
from profiles.warehouse import Connection, Version


def write_account(con: Connection, item: Incoming, mapping: MappingFile, import_number: int) -> None:
    """Keep a file's account, its notes and what it covers in the meta tables."""
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


def write_declared(con: Connection, fresh: list[Incoming], mapping: MappingFile) -> None:
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


def report(incoming: list[Incoming], skipped: list[tuple[str, str]], served: Version) -> ImportReport:
    """The report of an import: of each file what became of it, of those skipped why, and what is served."""
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

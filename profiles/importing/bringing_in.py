"""Files brought into the raw tables: those of one layout and day as one extract, by the order of days."""

import datetime
from pathlib import Path

from profiles import contracts, warehouse
from profiles.importing.accounts import write_account, write_declared
from profiles.importing.incoming import Incoming
from profiles.importing.known import numbers_held
from profiles.importing.layouts import MappingFile
from profiles.importing.reconciling import reconcile
from profiles.importing.replacing import GIVEN, Beside
from profiles.importing.reports import Say
from profiles.importing.typed_tables import typed_table
from profiles.warehouse import Connection

LARGE = 50_000_000
"""Bytes of exports from which records wait on disk."""


def bring_in(
    con: Connection, incoming: list[Incoming], mapping: MappingFile, scratch: Path, say: Say
) -> None:
    """Bring the files into the raw tables and write their accounts."""
    order = list(contracts.TABLES)
    fresh = [item for item in incoming if item.known is None]
    first, number = con.execute(
        "select coalesce(max(file_id), 0) + 1, coalesce(max(import_number), -1) + 1 from meta.files"
    ).fetchall()[0]
    for offset, item in enumerate(fresh):
        item.number = first + offset
    extracts: dict[tuple[datetime.date, int, int], list[Incoming]] = {}
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
        parts = [typed_table(con, item, mapping, scratch, say) for item in group]
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
            numbers_held(
                con, [item for items in others.values() for item in items if item.repeated], mapping
            ),
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
            write_account(con, item, mapping, number)
        write_declared(con, fresh, mapping)

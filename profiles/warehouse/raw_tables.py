"""Raw tables, as the contract declares them, and meta tables: made empty, filled, copied to a new version."""

from pathlib import Path
from typing import Any

from profiles import __version__, contracts
from profiles.warehouse import SCHEMA_VERSION, Connection, literal, quoted, set_meta, transaction

META = """
create table meta.warehouse (key varchar, value varchar);
create table meta.files (
    file_id integer, file varchar, sha256 varchar, bytes bigint, mapping varchar, mapping_sha256 varchar,
    source varchar, table_name varchar, extract_date date, extract_mode varchar, rows_in bigint,
    accepted bigint, unchanged bigint, superseded bigint, rejected bigint, removed bigint,
    is_synthetic boolean, import_number integer
);
create table meta.feeding (
    file_id integer, table_name varchar, covers_from date, covers_until date, is_certain boolean
);
create table meta.rejects (
    file_id integer, file varchar, line bigint, table_name varchar, column_name varchar, value varchar,
    reason varchar
);
create table meta.notes (file_id integer, note varchar, count_records bigint);
create table meta.units (
    table_name varchar, unit varchar, content ubigint, extract_date date, source varchar
);
create table meta.targets (source varchar, classification varchar);
create table meta.declared (source varchar, capability varchar, is_declared boolean);
create table meta.capabilities (source varchar, capability varchar, is_available boolean);
create table meta.feeds (
    source varchar, table_name varchar, first_date date, as_at date, count_rows bigint
);
create table meta.coverage (source varchar, table_name varchar, covers_from date, covers_until date);
create table meta.bank_holidays (day date, name varchar);
"""


def create_raw(con: Connection) -> None:
    """Make empty schemas: raw tables from the contract, meta tables and the SQL files' macros."""
    with transaction(con):
        con.execute("create schema raw; create schema staging; create schema marts; create schema meta")
        for table in contracts.TABLES.values():
            columns = [
                f"{quoted(column.name)} {contracts.SQL_TYPES[column.kind]}" for column in table.columns
            ]
            columns += [f"{name} {kind}" for name, kind in contracts.LINEAGE.items()]
            con.execute(f"create table raw.{table.name} ({', '.join(columns)})")
        con.execute(META)
        con.execute("create macro percentile(x, p) as quantile_cont(x, p)")
        set_meta(con, schema_version=SCHEMA_VERSION, product_version=__version__, as_at="", is_synthetic="no")


def fill(con: Connection, name: str, rows: Any) -> None:
    """Put rows, a frame with the columns that they have, into the raw table of that name in the contract."""
    con.register("new_rows", rows)
    columns = ", ".join(quoted(column) for column in rows.columns)
    con.execute(f"insert into raw.{contracts.TABLES[name].name} ({columns}) select {columns} from new_rows")
    con.unregister("new_rows")


def copy_records(con: Connection, path: Path) -> None:
    """Fill the raw and meta tables of a new database from the one at `path`.

    Copying into a new file, rather than changing a copy, keeps versions from growing without end.
    """
    con.execute(f"attach {literal(str(path))} as served (read_only)")
    tables = con.execute(
        "select schema_name, table_name from duckdb_tables() "
        "where database_name = 'served' and schema_name in ('raw', 'meta') order by all"
    ).fetchall()
    for schema, table in tables:
        con.execute(f"delete from {schema}.{table}")
        con.execute(f"insert into {schema}.{table} by name select * from served.{schema}.{table}")
    con.execute("detach served")
    set_meta(con, schema_version=SCHEMA_VERSION, product_version=__version__)

"""The warehouse: a folder of versions and a pointer. The only module that imports duckdb.

    warehouse/
      CURRENT                          name of the served version
      LOCK                             held by the one process that builds
      versions/0003-2026-09-30-1f0c…/warehouse.duckdb

A version is never changed once published: an import builds the next one beside it and switches the
pointer, so readers are never blocked and an interrupted build changes nothing.
"""

import errno
import hashlib
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

import duckdb
import filelock

from profiles import __version__, contracts, disk, pointers
from profiles.errors import BadSql, NoWarehouse
from profiles.settings import PREFIX, ROOT, Settings
from profiles.settings import settings as in_force
from profiles.spans import Extract, covered

Connection = duckdb.DuckDBPyConnection
DatabaseError = duckdb.Error

SCHEMA_VERSION = "5"
"""Raised when raw or meta tables or marts change shape: a warehouse of OLDER_FORMS is then upgraded."""

OLDER_FORMS = ("4",)
"""Forms whose records fit into the tables of today; one still older is imported anew."""

SQL = ROOT / "sql"
POINTER = pointers.POINTER
FILE = pointers.FILE
BUILDING = ".building-"

HEADER_BYTES = 3 * 4096
"""What a database file has before its blocks."""

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

FIRST_HOLIDAYS, LAST_HOLIDAYS = 2000, 2060
"""Years whose bank holidays a warehouse holds; the contract accepts no report from before them."""


@dataclass(frozen=True)
class Version:
    """A published version: where it lies, its name, its as-at date (ISO) and whether it is made up.

    `notice` says why it is served, where the pointer does not name it.
    """

    path: Path
    name: str
    as_at: str
    is_synthetic: bool
    notice: str = ""
    is_older: bool = False


@dataclass(frozen=True)
class Kept:
    """A version that a warehouse keeps: whole, or with the sentence that says what is wrong with it."""

    name: str
    version: Version | None
    fault: str = ""


def connect(
    path: Path | None = None,
    *,
    read_only: bool = True,
    settings: Settings | None = None,
) -> Connection:
    """A connection to the database at `path`, or to one in memory.

    Read-only connections are sealed: no files, no extensions, no change of configuration. Take
    `con.cursor()` for each query; threads must not share a connection.
    Raises NoWarehouse when the file is missing, damaged, locked or of another DuckDB.
    """
    settings = settings or in_force()
    is_sealed = path is not None and read_only
    # A reader asks small questions of marts: one thread answers them sooner than several.
    threads = settings.threads or (1 if is_sealed else os.cpu_count() or 1)
    config: dict[str, str | bool | int | float | list[str]] = {
        "memory_limit": settings.memory_limit,
        "threads": str(threads),
        "autoinstall_known_extensions": "false",
        "autoload_known_extensions": "false",
    }
    if path is not None and ("?" in str(path) or (os.name != "nt" and "\\" in str(path))):
        # The database takes the one for the end of the path and the other for its separator.
        raise NoWarehouse(f"{path} has a ? or a backslash in its name; choose another folder.")
    if path is not None and read_only:
        if not path.exists():
            raise NoWarehouse(f"{path} does not exist; import an export, or run `stalking-profiles demo`.")
        config["enable_external_access"] = "false"
    try:
        con = duckdb.connect(str(path or ":memory:"), read_only=read_only and path is not None, config=config)
    except duckdb.Error as error:
        if disk.is_full(error):
            raise
        raise NoWarehouse(
            f"{path} cannot be opened ({_first_line(error)}); restore it, or import the exports again "
            f"into a new folder with --warehouse."
        ) from error
    # In an interactive Python DuckDB would draw its progress into standard output.
    # A second connection to a sealed file finds the configuration locked, by the first.
    with suppress(duckdb.InvalidInputException):
        con.execute("set enable_progress_bar = false")
        if path is not None and read_only:
            con.execute("set lock_configuration = true")
    return con


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0][:200].rstrip(". ")


@contextmanager
def transaction(con: Connection) -> Iterator[None]:
    """Several statements as one: many small ones then cost one write to disk."""
    con.execute("begin")
    try:
        yield
    except BaseException:
        # After a fatal error there is nothing to roll back: what went wrong first is what matters.
        with suppress(duckdb.Error):
            con.execute("rollback")
        raise
    con.execute("commit")


def create_raw(con: Connection) -> None:
    """Make empty schemas: raw tables from the contract, meta tables and the SQL files' macros."""
    with transaction(con):
        con.execute("create schema raw; create schema staging; create schema marts; create schema meta")
        for table in contracts.TABLES.values():
            columns = [
                f"{_quoted(column.name)} {contracts.SQL_TYPES[column.kind]}" for column in table.columns
            ]
            columns += [f"{name} {kind}" for name, kind in contracts.LINEAGE.items()]
            con.execute(f"create table raw.{table.name} ({', '.join(columns)})")
        con.execute(META)
        con.execute("create macro percentile(x, p) as quantile_cont(x, p)")
        set_meta(con, schema_version=SCHEMA_VERSION, product_version=__version__, as_at="", is_synthetic="no")


def fill(con: Connection, name: str, rows: Any) -> None:
    """Put rows, a frame with the columns that they have, into the raw table of that name in the contract."""
    con.register("new_rows", rows)
    columns = ", ".join(_quoted(column) for column in rows.columns)
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


def lacks_room(error: Exception) -> bool:
    """Whether a database error says that memory or disk ran out, rather than that the input is bad."""
    return isinstance(error, duckdb.OutOfMemoryException) or disk.is_full(error)


def set_meta(con: Connection, **values: str) -> None:
    """Keep each value under its key in `meta.warehouse`."""
    for key, value in values.items():
        con.execute("delete from meta.warehouse where key = $key", {"key": key})
        con.execute("insert into meta.warehouse values ($key, $value)", {"key": key, "value": value})


def get_meta(con: Connection) -> dict[str, str]:
    """Keys and values of `meta.warehouse`."""
    return dict(con.execute("select key, value from meta.warehouse").fetchall())


def build(con: Connection, sql: Path = SQL) -> None:
    """Set feeds, capabilities, as-at date, bank holidays, then build views and marts from `sql`.

    Raises BadSql naming the file whose SQL does not run, or the marts that wait for one another.
    """
    with transaction(con):
        _describe(con)
        con.execute("delete from meta.bank_holidays")
        days, names = zip(*bank_holidays(), strict=True)
        con.execute(
            "insert into meta.bank_holidays select unnest($days), unnest($names)",
            {"days": list(days), "names": list(names)},
        )
        for path in sorted((sql / "staging").glob("*.sql")):
            _run(con, path, f"create or replace view staging.{path.stem} as")
    for path in mart_order(sql):
        _run(con, path, f"create or replace table marts.{path.stem} as")


@lru_cache(maxsize=1)
def bank_holidays() -> tuple[tuple[date, str], ...]:
    """Day and name of each bank holiday of England, by day; at a weekend only its substitute counts."""
    import holidays  # only a build needs it, and it takes a tenth of a second

    found = holidays.country_holidays("GB", subdiv="ENG", years=range(FIRST_HOLIDAYS, LAST_HOLIDAYS + 1))
    return tuple((day, name) for day, name in sorted(found.items()) if day.weekday() < 5)


def mart_order(sql: Path = SQL) -> list[Path]:
    """Mart files, each after the marts it reads. Raises BadSql when they wait for one another."""
    paths = {path.stem: path for path in sorted((sql / "marts").glob("*.sql"))}
    waits = {
        name: set(re.findall(r"\bmarts\.(\w+)", path.read_text(encoding="utf-8"))) - {name}
        for name, path in paths.items()
    }
    ordered: list[Path] = []
    while waits:
        ready = [name for name, needs in waits.items() if not needs & waits.keys()]
        if not ready:
            raise BadSql(f"sql/marts: {', '.join(sorted(waits))} read one another; break the circle.")
        ordered += [paths[name] for name in ready]
        for name in ready:
            del waits[name]
    return ordered


def _run(con: Connection, path: Path, head: str) -> None:
    try:
        con.execute(f"{head}\n{path.read_text(encoding='utf-8')}")
    except (duckdb.OutOfMemoryException, duckdb.IOException):
        raise
    except duckdb.Error as error:
        if disk.is_full(error):
            raise
        raise BadSql(f"{path.parent.name}/{path.name} does not run: {_first_line(error)}.") from error


def _describe(con: Connection) -> None:
    """Work out feeds, capabilities, the as-at date and whether anything is made up."""
    held = " union all ".join(
        f"select source, '{table.name}' as table_name, "
        f"{f'min({_quoted(table.date)})::date' if table.date else 'null::date'} as first_date, "
        f"max(extract_date) as as_at, count(*) as count_rows from raw.{table.name} group by source"
        for table in contracts.TABLES.values()
    )
    # A file without rows still says that nothing happened up to its date.
    con.execute(
        f"delete from meta.feeds; insert into meta.feeds with held as ({held}), "
        f"delivered as (select source, feeding.table_name, max(covers_until) as as_at "
        f"from meta.files join meta.feeding using (file_id) group by all) "
        f"select source, table_name, first_date, coalesce(delivered.as_at, held.as_at), "
        f"coalesce(count_rows, 0) "
        f"from held full join delivered using (source, table_name) order by source, table_name"
    )
    _describe_coverage(con)
    feeds = ", ".join(f"('{item.name}', '{item.feed}')" for item in contracts.CAPABILITIES.values())
    con.execute(
        f"delete from meta.capabilities; insert into meta.capabilities "
        f"select declared.source, capability, is_declared and coalesce(count_rows, 0) > 0 "
        f"from meta.declared join (values {feeds}) wanted(capability, feed) using (capability) "
        f"left join meta.feeds on feeds.source = declared.source and feeds.table_name = wanted.feed "
        f"order by all"
    )
    records = [table.name for table in contracts.TABLES.values() if not table.is_reference]
    as_at, any_as_at, is_synthetic = con.execute(
        "select max(day) filter (where list_contains($records, table_name)), max(day), "
        "coalesce(bool_or(is_synthetic), false) from ("
        "select table_name, as_at as day, false as is_synthetic from meta.feeds union all "
        "select table_name, extract_date, is_synthetic from meta.files)",
        {"records": records},
    ).fetchall()[0]
    newest = as_at or any_as_at
    set_meta(
        con,
        as_at=newest.isoformat() if newest else "",
        is_synthetic="yes" if is_synthetic else "no",
    )


def _describe_coverage(con: Connection) -> None:
    """Write into meta.coverage the spans of days that the extracts of each source cover of each feed."""
    con.execute("delete from meta.coverage")
    for (source, name), (extracts, days) in extracts_of(con).items():
        for span in covered(extracts, days):
            con.execute("insert into meta.coverage values (?, ?, ?, ?)", [source, name, *span])


def extracts_of(con: Connection) -> dict[tuple[str, str], tuple[list[Extract], dict[date, int]]]:
    """The extracts of each source and table, with its records by day.

    Not of reference tables, nor of a table whose rows hold until newer ones, nor of what has no day of its
    own and came with other records: it is covered as they are. Where every extract is certain of what it
    covers, no record is looked at.
    """
    found: dict[tuple[str, str], list[Extract]] = {}
    is_file: set[tuple[str, str]] = set()
    for source, name, is_main, *extract in con.execute(
        "select source, feeding.table_name, files.table_name = feeding.table_name, extract_date, "
        "covers_from, covers_until, coalesce(is_certain, false), rows_in = 0 "
        "from meta.feeding join meta.files using (file_id) order by all"
    ).fetchall():
        found.setdefault((source, name), []).append(Extract(*extract))
        is_file |= {(source, name)} if is_main else set()
    told = {}
    for (source, name), extracts in found.items():
        table = contracts.TABLES[name]
        is_dated = table.date or (table.is_dated_by_crime and (source, name) in is_file)
        if table.is_reference or table.stands or not is_dated:
            continue
        days = {} if all(each.is_certain for each in extracts) else _by_day(con, source, table)
        told[source, name] = extracts, days
    return told


def _by_day(con: Connection, source: str, table: contracts.Table) -> dict[date, int]:
    """Records of the table by the day on which they, or the crimes they belong to, fall."""
    day, rows = f"held.{_quoted(table.date or '')}", f"raw.{table.name} as held"
    if not table.date:
        day = "crimes.recorded_date"
        rows += " join raw.crimes on crimes.source = held.source and crimes.crime_ref = held.crime_ref"
    found = con.execute(
        f"select {day}::date as day, count(*) from {rows} "
        f"where held.source = $source and {day} is not null group by day",
        {"source": source},
    ).fetchall()
    return dict(found)


def literal(text: str) -> str:
    """The text as a SQL literal."""
    return "'" + text.replace("'", "''") + "'"


def _quoted(name: str) -> str:
    return f'"{name}"'


def current(folder: Path, *, or_older: bool = False) -> Version:
    """The served version of the warehouse in `folder`.

    Where the pointer is lost, or holds no name, it is the newest version that is whole, and its `notice` says
    so. Raises NoWarehouse when there is none, or when another version of the product built it; with
    `or_older` not when its records can be brought into a new version.
    """
    pointer = pointers.read(folder)
    if pointer.name:
        try:
            return _opened(folder, pointer.name, or_older)[0]
        except NoWarehouse as error:
            others = [each.name for each in kept(folder) if each.version and each.name != pointer.name]
            if not others:
                raise
            raise NoWarehouse(
                f"{error} Or write the name of a version that is whole into {folder / POINTER} "
                f"({', '.join(others)}), and import again what came after it."
            ) from error
    if not pointers.stands(folder):
        raise NoWarehouse(
            f"There is no warehouse in {folder}; import an export with `stalking-profiles import`, "
            f"or run `stalking-profiles demo` for made-up data."
        )
    found = kept(folder)
    newest = next((each.version for each in found if each.version), None)
    damaged = [each for each in found if not each.version]
    if newest is None:
        told = f"; {damaged[0].fault}" if damaged else "."
        raise NoWarehouse(
            f"{folder / POINTER} {pointer.fault}, and {folder / pointers.VERSIONS} holds no version that "
            f"this program can serve{told} Restore the folder from a copy, or import the exports into a new "
            f"folder with --warehouse."
        )
    notice = (
        f"{folder / POINTER} {pointer.fault}: {newest.name}, the newest version that is whole, is served."
    )
    if damaged:
        notice += f" Not whole: {', '.join(each.name for each in damaged)}."
    return replace(newest, notice=notice)


def kept(folder: Path) -> list[Kept]:
    """The versions in the folder, the newest first, those that are not whole last."""
    whole: list[tuple[int, Kept]] = []
    damaged: list[Kept] = []
    for name in pointers.candidates(folder):
        try:
            version, told = _opened(folder, name)
            # A copy under another name is as new as what it is a copy of.
            whole.append((pointers.number(told) or pointers.number(name), Kept(name, version)))
        except NoWarehouse as error:
            damaged.append(Kept(name, None, str(error)))
    whole.sort(key=lambda each: (each[0], each[1].name), reverse=True)
    return [each for _, each in whole] + damaged[::-1]


def _opened(folder: Path, name: str, or_older: bool = False) -> tuple[Version, str]:
    """The version in the folder of that name, and the name it was published under.

    Raises NoWarehouse when it is not there, damaged or of another form: `or_older` lets OLDER_FORMS through.
    """
    path = folder / pointers.VERSIONS / name / FILE
    if not path.is_file():
        raise NoWarehouse(
            f"The version {name[:80]!r} of {folder} is not there; restore it, or import the exports again "
            f"into a new folder with --warehouse."
        )
    con = connect(path)
    try:
        meta = get_meta(con)
        total, block = con.execute("select total_blocks, block_size from pragma_database_size()").fetchall()[
            0
        ]
    except duckdb.Error as error:
        raise NoWarehouse(
            f"{path} is not a warehouse of this product ({_first_line(error)}); import the exports again "
            f"into a new folder with --warehouse."
        ) from error
    finally:
        con.close()
    if path.stat().st_size < HEADER_BYTES + total * block:
        raise NoWarehouse(
            f"{path} is cut off; restore it, or import the exports again into a new folder with --warehouse."
        )
    form = meta.get("schema_version", "unknown")
    if form != SCHEMA_VERSION and not (or_older and form in OLDER_FORMS):
        remedy = "import the exports again into a new folder with --warehouse"
        if form in OLDER_FORMS:
            remedy = f"run `stalking-profiles upgrade --warehouse {folder}`, which keeps its records"
        raise NoWarehouse(
            f"{path} has tables of form {form}, and this version reads {SCHEMA_VERSION}; {remedy}."
        )
    is_synthetic = meta.get("is_synthetic") == "yes"
    version = Version(path, name, meta.get("as_at", ""), is_synthetic, is_older=form != SCHEMA_VERSION)
    return version, meta.get("version", "")


@contextmanager
def writing(folder: Path, settings: Settings | None = None) -> Iterator[Path]:
    """The folder to build the next version in; only one process holds it at a time.

    What an interrupted build left behind is removed first. Raises NoWarehouse when another import
    holds the lock or the folder cannot be written.
    """
    settings = settings or in_force()
    if any("\ud800" <= letter <= "\udfff" for letter in str(folder.absolute())):
        raise NoWarehouse(f"{folder}: its name is not UTF-8; choose another folder with --warehouse.")
    if (folder / POINTER).is_dir():
        raise NoWarehouse(
            f"{folder / POINTER} is a folder, so no version can be served; move it away and import again."
        )
    try:
        (folder / "versions").mkdir(parents=True, exist_ok=True)
        lock = filelock.FileLock(folder / "LOCK")
        lock.acquire(timeout=settings.lock_seconds)
    except filelock.Timeout as error:
        raise NoWarehouse(
            f"Another import is writing to {folder}; wait for it to end and run this one again."
        ) from error
    except OSError as error:
        if disk.is_full(error):
            raise
        raise NoWarehouse(
            f"{folder} cannot be written ({error.strerror}); choose another folder with --warehouse."
        ) from error
    try:
        for left in folder.glob(f"{BUILDING}*"):
            shutil.rmtree(left, ignore_errors=True)
        pointers.discarded(folder)
        building = folder / f"{BUILDING}{os.getpid()}"
        building.mkdir()
        try:
            yield building
        finally:
            shutil.rmtree(building, ignore_errors=True)
    finally:
        lock.release()


def publish(con: Connection, folder: Path, building: Path, settings: Settings | None = None) -> Version:
    """The version now served: `building` moved into place, the pointer switched, old versions removed.

    `con` is the connection to the database in `building`; it is closed. The version served before stays, and
    the `notice` names what is removed of those that one had gone back from.
    """
    settings = settings or in_force()
    before = pointers.read(folder).name
    inputs = con.execute(
        "select sha256, mapping_sha256, extract_date::varchar from meta.files order by file_id"
    ).fetchall()
    meta = get_meta(con)
    as_at = meta["as_at"]
    digest = hashlib.sha256(repr(inputs).encode()).hexdigest()[:8]
    number = max(map(pointers.number, pointers.candidates(folder)), default=0) + 1
    name = f"{number:04d}-{as_at or 'empty'}-{digest}"
    set_meta(con, version=name)
    con.execute("checkpoint")
    con.close()
    _sync(building / FILE)
    target = folder / "versions" / name
    # Whatever needs room comes before the version gets its name.
    pointers.prepared(folder, name)
    building.rename(target)
    _sync(folder / "versions")
    pointers.switched(folder)
    _sync(folder)
    left = []
    for old in _superfluous(folder, name, settings.keep_versions):
        if old == before and settings.keep_versions > 1:
            continue
        # An open reader keeps its file on Linux; elsewhere the next import tries again.
        shutil.rmtree(folder / "versions" / old, ignore_errors=True)
        left += [old] if pointers.number(old) > pointers.number(before) > 0 else []
    notice = ""
    if left:
        notice = (
            f"Removed {', '.join(left)}, from which the warehouse had gone back: "
            f"{PREFIX}KEEP_VERSIONS keeps {settings.keep_versions}."
        )
    return Version(target / FILE, name, as_at, meta["is_synthetic"] == "yes", notice)


def serve(folder: Path, name: str) -> None:
    """Serve the version of that name from here on, in one step; the caller holds `writing`."""
    pointers.written(folder, name)
    _sync(folder)


def _superfluous(folder: Path, served: str, count: int) -> list[str]:
    """Names of versions older than the newest `count` that are whole: a damaged one pushes none out."""
    whole = {each.name for each in kept(folder) if each.version} | {served}
    numbered = sorted(filter(pointers.number, pointers.candidates(folder)), key=pointers.number, reverse=True)
    places = [place for place, name in enumerate(numbered) if name in whole]
    return numbered[places[count - 1] + 1 :] if len(places) >= count else []


def _sync(path: Path) -> None:
    if path.is_dir() and os.name == "nt":
        return
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    except OSError as error:
        # Some network drives refuse it; the switch of the pointer is atomic all the same.
        if disk.is_full(error) or error.errno == errno.EIO:
            raise
    finally:
        os.close(handle)

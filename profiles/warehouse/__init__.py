"""The warehouse: a folder of versions and a pointer, opened and read. The only module that imports duckdb.

    warehouse/
      CURRENT                          name of the served version
      LOCK                             held by the one process that builds
      versions/0003-2026-09-30-1f0c…/warehouse.duckdb

A version is never changed once published: an import builds the next one beside it and switches the
pointer, so readers are never blocked and an interrupted build changes nothing.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path

import duckdb

from profiles import disk, pointers
from profiles.errors import NoWarehouse
from profiles.settings import ROOT, Settings
from profiles.settings import settings as in_force

Connection = duckdb.DuckDBPyConnection
DatabaseError = duckdb.Error
NO_INPUT_ERRORS = (duckdb.OutOfMemoryException, duckdb.IOException)
"""What the database raises where memory or a file fails it, whatever it was asked."""

SCHEMA_VERSION = "5"
"""Raised when raw or meta tables or marts change shape: a warehouse of OLDER_FORMS is then upgraded."""

OLDER_FORMS = ("4",)
"""Forms whose records fit into the tables of today; one still older is imported anew."""

SQL = ROOT / "sql"
POINTER = pointers.POINTER
FILE = pointers.FILE

HEADER_BYTES = 3 * 4096
"""What a database file has before its blocks."""


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
            f"{path} cannot be opened ({first_line(error)}); restore it, or import the exports again "
            f"into a new folder with --warehouse."
        ) from error
    # In an interactive Python DuckDB would draw its progress into standard output.
    # A second connection to a sealed file finds the configuration locked, by the first.
    with suppress(duckdb.InvalidInputException):
        con.execute("set enable_progress_bar = false")
        if path is not None and read_only:
            con.execute("set lock_configuration = true")
    return con


def first_line(error: Exception) -> str:
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


def literal(text: str) -> str:
    """The text as a SQL literal."""
    return "'" + text.replace("'", "''") + "'"


def quoted(name: str) -> str:
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
            f"{path} is not a warehouse of this product ({first_line(error)}); import the exports again "
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

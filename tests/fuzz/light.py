"""An import without its ends: one database for all, nothing built and nothing published.

What becomes of a file is settled before that, and to open a database takes longer than to read a small file.
"""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

from profiles import importing, warehouse
from profiles.warehouse import Version, marts, publishing, raw_tables

_CONNECT, _CREATE = warehouse.connect, raw_tables.create_raw


class _Kept:
    """A connection that stays open when it is closed."""

    def __init__(self, con: Any) -> None:
        self.con = con

    def __getattr__(self, name: str) -> Any:
        return getattr(self.con, name)

    def close(self) -> None:
        """Stay open."""


_KEPT: dict[str, _Kept] = {}
"""The database that is built, and the one in memory."""

_IN_USE: set[str] = set()
"""Whether an import has begun to build, and has not come to its end."""


@contextmanager
def light(folder: Path) -> Iterator[None]:
    """Imports begin without reference tables and end before their marts; their database lies in `folder`."""

    def connected(path: Path | None = None, **options: Any) -> Any:
        name = path.name if path else ""
        if name not in _KEPT:
            place = folder / path.name if path else None
            if place:
                place.unlink(missing_ok=True)
            _KEPT[name] = _Kept(_CONNECT(place, **options))
        return _KEPT[name]

    with ExitStack() as stack:
        stack.enter_context(patch.object(importing, "SHIPPED", ()))
        stack.enter_context(patch.object(warehouse, "connect", connected))
        stack.enter_context(patch.object(raw_tables, "create_raw", _emptied))
        stack.enter_context(patch.object(marts, "build", lambda con: None))
        stack.enter_context(patch.object(publishing, "publish", _published))
        _IN_USE.clear()
        try:
            yield
        finally:
            if _IN_USE:
                _forgotten()


def _forgotten() -> None:
    """Make the database anew next time: an import that failed has left it in the middle of something."""
    for name in [each for each in _KEPT if each]:
        _KEPT.pop(name).con.close()


def _emptied(con: Any) -> None:
    """Make the tables of a new database, or empty those of one that was used."""
    _IN_USE.add(warehouse.FILE)
    if not con.execute("select 1 from duckdb_schemas() where schema_name = 'raw'").fetchall():
        _CREATE(con)
        return
    held = con.execute(
        "select schema_name, table_name from duckdb_tables() where database_name = 'warehouse' "
        "and schema_name in ('raw', 'meta') and table_name != 'warehouse' and estimated_size > 0"
    ).fetchall()
    for schema, table in held:
        con.execute(f"delete from {schema}.{table}")


def _published(con: Any, folder: Path, building: Path, settings: Any = None) -> Version:
    _IN_USE.clear()
    return Version(folder / warehouse.FILE, "0001-light", "", False)

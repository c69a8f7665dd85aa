"""Tables as text, turned into a warehouse in memory: what the tests that state a rule by example start from.

    warehouse(
        crimes='''
        crime_ref | recorded_date | ho_class
        A         | 2024-01-05    | 8Q
        '''
    )

A blank cell is null. `source`, `extract_date` and the lineage are filled in where no column gives them.
`files` and `rejects` are what the import keeps of its files and of the records it did not take in.
"""

import re
from collections.abc import Iterable, Mapping
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

import pandas as pd

from profiles import contracts, measures, warehouse
from profiles.selection import Selection
from profiles.warehouse import marts, raw_tables

SOURCE = "athena"
AS_AT = "2024-12-31"


def parsed(text: str) -> list[dict[str, str | None]]:
    """The rows of a table as text, by column. A blank line begins a part with a head line of its own."""
    found: list[dict[str, str | None]] = []
    for part in re.split(r"\n\s*\n", text.strip()):
        head, *rows = [[cell.strip() for cell in line.split("|")] for line in part.strip().splitlines()]
        for row in rows:
            assert len(row) == len(head), f"{row} does not have the cells of {head}"
            found.append({name: cell or None for name, cell in zip(head, row, strict=True)})
    return found


def loaded(
    con: warehouse.Connection,
    tables: Mapping[str, str],
    *,
    as_at: str = AS_AT,
    lacks: Mapping[str, Iterable[str]] | None = None,
    targets: Iterable[str] = contracts.DEFAULT_TARGETS,
    sql: Path = warehouse.SQL,
) -> warehouse.Connection:
    """The connection after the tables were put into raw and staging and marts were built from them."""
    sources = set()
    for name, text in tables.items():
        if name in ("files", "rejects"):
            account(con, name, text, as_at)
            continue
        table = contracts.TABLES[name]
        for line, row in enumerate(parsed(text), start=2):
            default = "reference" if table.is_reference else SOURCE
            values: dict[str, Any] = {
                "source": default,
                "extract_date": as_at,
                "file_id": 1,
                "line": line,
            } | row
            if not table.is_reference:
                sources.add(values["source"])
            columns = ", ".join(f'"{column}"' for column in values)
            places = ", ".join(f"${column}" for column in values)
            con.execute(f"insert into raw.{name} ({columns}) values ({places})", values)
    for source in sorted(sources):
        for target in targets:
            con.execute(
                "insert into meta.targets values ($source, $target)", {"source": source, "target": target}
            )
        for capability in contracts.CAPABILITIES:
            is_declared = capability not in (lacks or {}).get(source, ())
            con.execute(
                "insert into meta.declared values ($source, $capability, $is_declared)",
                {"source": source, "capability": capability, "is_declared": is_declared},
            )
    marts.build(con, sql)
    return con


def account(con: warehouse.Connection, name: str, text: str, as_at: str = AS_AT) -> None:
    """Put rows into `meta.files` or `meta.rejects`. A file feeds its table, even with no row."""
    defaults: dict[str, Any] = {"file_id": 1, "table_name": "crimes"}
    if name == "files":
        defaults |= {"source": SOURCE, "extract_date": as_at, "import_number": 1}
    for row in parsed(text):
        values = defaults | row
        columns, places = ", ".join(values), ", ".join(f"${column}" for column in values)
        con.execute(f"insert into meta.{name} ({columns}) values ({places})", values)
        if name == "files":
            fed = {column: values[column] for column in ("file_id", "table_name", "extract_date")}
            con.execute(
                "insert into meta.feeding (file_id, table_name, covers_until) "
                "values ($file_id, $table_name, $extract_date)",
                fed,
            )


@lru_cache(maxsize=64)
def filled(**tables: str) -> warehouse.Connection:
    """A warehouse in memory that holds the tables; the same one for the same tables, so only to be read."""
    return loaded(empty(), tables)


def empty() -> warehouse.Connection:
    """A warehouse in memory without a row, not built yet."""
    con = warehouse.connect()
    raw_tables.create_raw(con)
    return con


def asked(con: warehouse.Connection, measure_id: str, **chosen: Any) -> pd.DataFrame:
    """The measure's frame; `where` may be a dict, days may be text, `folder` is that of the SQL files."""
    folder = chosen.pop("folder", warehouse.SQL)
    for day in ("since", "until"):
        if isinstance(chosen.get(day), str):
            chosen[day] = date.fromisoformat(chosen[day])
    if isinstance(chosen.get("where"), dict):
        chosen["where"] = tuple(chosen["where"].items())
    return measures.run(con, measure_id, Selection(**chosen), folder=folder)


def only(frame: pd.DataFrame, **cells: str) -> Any:
    """The one row of the frame with those cells."""
    for name, value in cells.items():
        frame = frame[frame[name] == value]
    assert len(frame) == 1, f"{len(frame)} rows have {cells}"
    return frame.iloc[0]


def figures(frame: pd.DataFrame) -> dict[str, float]:
    """Values by period, of a frame with one category."""
    return dict(zip(frame["period"], frame["value"], strict=True))


def by_category(frame: pd.DataFrame) -> dict[str, float]:
    """Values by category, of a frame with one period."""
    return dict(zip(frame["category"], frame["value"], strict=True))


def stalking(references: str) -> str:
    """Stalking crimes with these references, as a table of crimes."""
    rows = "\n".join(f"{reference} | 2024-01-05 | 8Q" for reference in references.split())
    return f"crime_ref | recorded_date | ho_class\n{rows}"

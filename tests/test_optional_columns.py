"""Every optional column of every table of the contract may be absent, each in turn and all at once."""

import datetime
from pathlib import Path

import pytest

from profiles import contracts
from tests.desk import RawDesk

pytestmark = pytest.mark.slow

TABLES = [
    table for table in contracts.TABLES.values() if any(not column.required for column in table.columns)
]
HEAD = 'name = "probe"\ndate_formats = ["%Y-%m-%d", "%Y-%m-%d %H:%M"]\nextract_date = "2026-06-30"\n'


def cell(column: contracts.Column, row: int) -> str:
    """A value that the column takes; those that are free to differ do, from row to row."""
    if column.allowed:
        return column.allowed[0]
    day = datetime.date(2024, 1, 1) + datetime.timedelta(days=row)
    if column.kind == "date":
        return day.isoformat()
    if column.kind == "timestamp":
        return f"{day} 10:00"
    if column.kind in ("integer", "number"):
        return str(max(5, int(column.minimum or 0)))
    return f"{column.name} {row}"


def absences(columns: list[contracts.Column]) -> list[list[contracts.Column]]:
    """Each optional column alone, then all of them."""
    optional = [column for column in columns if not column.required]
    return [[column] for column in optional] + [optional]


def named(columns: list[contracts.Column]) -> str:
    return "".join(f'{column.name} = "{column.name}"\n' for column in columns)


def exports(columns: list[contracts.Column], absent: list[list[contracts.Column]]) -> dict[str, str]:
    """Two records without each of the absences, a file each."""
    found = {}
    for place, without in enumerate(absent):
        held = [column for column in columns if column not in without]
        lines = [[cell(column, 2 * place + row) for column in held] for row in (1, 2)]
        lines.insert(0, [column.name for column in held])
        found[f"rows{place:02d}"] = "\n".join(",".join(line) for line in lines)
    return found


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_each_optional_column_may_be_absent_from_the_mapping_or_the_file(
    tmp_path: Path, table: contracts.Table
) -> None:
    desk = RawDesk(tmp_path)
    if table.needs_parent:
        desk.con.execute("insert into raw.action_plan (ref) select 'ref ' || range from range(99)")
    absent = absences(list(table.columns))
    files = exports(list(table.columns), absent)
    mapping = HEAD
    for place, without in enumerate(absent):
        held = [column for column in table.columns if column not in without]
        mapping += f'[[table]]\ninto = "{table.name}"\nfiles = ["rows{place:02d}*"]\n[table.columns]\n'
        mapping += named(held)
    tally = desk.bring(mapping, **files)
    assert (tally.accepted, tally.rejected) == (2 * len(absent), 0)
    assert desk.rows(f"select count(*) from raw.{table.name}") == [(2 * len(absent),)]
    # A mapping that names every column reads the same files, and finds nothing new in them.
    whole = f'{HEAD}[[table]]\ninto = "{table.name}"\nfiles = ["rows*"]\n[table.columns]\n'
    tally = desk.bring(whole.replace("2026-06", "2026-07") + named(list(table.columns)), **files)
    assert tally.rejected == 0
    assert desk.rows(f"select count(*) from raw.{table.name}") == [(2 * len(absent),)]


LINKED = [table for table in TABLES if table.parent == "crimes" and "crime_ref" in table.key]


@pytest.mark.parametrize("table", LINKED, ids=lambda table: table.name)
def test_each_optional_column_of_a_linked_row_may_be_absent(tmp_path: Path, table: contracts.Table) -> None:
    desk = RawDesk(tmp_path)
    main = [contracts.CRIMES.column(name) for name in ("crime_ref", "recorded_date", "ho_class")]
    own = [column for column in table.columns if column.name != "crime_ref"]
    absent = absences(own)
    mapping = HEAD
    for place, without in enumerate(absent):
        held = [column for column in own if column not in without]
        mapping += f'[[table]]\ninto = "crimes"\nfiles = ["rows{place:02d}*"]\n[table.columns]\n{named(main)}'
        mapping += f'[[table.link]]\ninto = "{table.name}"\n[table.link.columns]\n{named(held)}'
    tally = desk.bring(mapping, **exports(main + own, absent))
    assert (tally.accepted, tally.rejected) == (2 * len(absent), 0)
    assert desk.rows(f"select count(*) from raw.{table.name}") == [(2 * len(absent),)]

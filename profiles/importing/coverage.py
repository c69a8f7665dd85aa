"""What a file covers: of each table it feeds, the days of which its source has told everything."""

import datetime
from dataclasses import dataclass
from pathlib import Path

from profiles.errors import BadFile
from profiles.importing.layouts import Entry, Fragment
from profiles.spans import DAY, whole_month
from profiles.warehouse import Connection

Day = datetime.date


@dataclass(frozen=True)
class Coverage:
    """From when (None where it cannot be told) until when, and whether the source has said so itself."""

    begins: Day | None
    ends: Day
    is_certain: bool


def coverage(con: Connection, entry: Entry, typed: str, taken: Day) -> dict[str, Coverage]:
    """What a file taken on that day covers of each table it feeds; `typed` is the table of its records.

    A declared period counts as declared, and a full extract from its first record on. Else a file covers
    the days from its first record that is news to the day it was taken: a record that is already held, such
    as an old crime that was corrected, says nothing of the days between. A source dated by months covers
    nothing after the last of its months.
    """
    declared = _declared(entry.covers, taken)
    ends = _last_month_day(con, entry, typed, taken) or taken
    own = entry.main.table.date
    found: dict[str, Coverage] = {}
    of_record: Day | None = None
    for table in entry.tables:
        if declared:
            found[table.name] = Coverage(*declared, is_certain=True)
            continue
        is_certain = entry.is_full or entry.covers == "all"
        days = [
            _first_day(con, entry, fragment, prefix, typed, is_certain)
            for prefix, fragment in _fragments(entry)
            if fragment.table is table
        ]
        first = min((day for day in days if day), default=None)
        if table is entry.main.table:
            of_record = first
        elif own:
            # What comes with a record covers what the record does.
            first = min((day for day in (first, of_record) if day), default=None)
        # A file without news covers its own day, and as many before as lie between two extracts.
        begins = first or (None if _is_undated(con, entry, typed) else taken)
        found[table.name] = Coverage(min(begins, ends) if begins else None, ends, is_certain)
    return found


def _declared(covers: str | int, taken: Day) -> tuple[Day, Day] | None:
    """The period declared, for a file taken on that day; None when it begins with the first record."""
    if isinstance(covers, int):
        return taken - (covers - 1) * DAY, taken
    if covers == "month":
        return whole_month(taken)[0], taken
    if covers == "month before":
        return whole_month(taken.replace(day=1) - DAY)
    return None


LATER = "later than the period that `covers` declares, in no figure until a file covers it"


def records_after(con: Connection, entry: Entry, typed: str, path: Path, found: dict[str, Coverage]) -> int:
    """How many records of the file lie after the period that its mapping declares, and so in no figure yet.

    `typed` is the table of its records, `found` what it covers. Raises BadFile when most of them do: then the
    period is not the file's.
    """
    table = entry.main.table
    told = found[table.name]
    if entry.covers in ("", "all") or not table.date or not told.begins:
        return 0
    count, later = con.execute(
        f"select count(m_{table.date}), count(*) filter (where m_{table.date}::date > $ends) "
        f"from {typed} where fault = 0",
        {"ends": told.ends},
    ).fetchall()[0]
    if later >= 2 and 2 * later > count:
        raise BadFile(
            f"{path}: the mapping declares that it covers {told.begins} to {told.ends}, and {later:,} of its "
            f"{count:,} records are later; correct `covers`, or the date of the extract."
        )
    return int(later)


def _fragments(entry: Entry) -> list[tuple[str, Fragment]]:
    """The entry's fragments with the prefix of their columns."""
    return [("m_", entry.main)] + [(f"l{index}_", link) for index, link in enumerate(entry.links)]


def _is_undated(con: Connection, entry: Entry, typed: str) -> bool:
    """Whether records were read, and neither they nor the crimes they belong to tell a day."""
    table = entry.main.table
    if table.date or any(link.table.date for link in entry.links):
        return False
    known = ""
    if table.is_dated_by_crime:
        known = " and m_crime_ref in (select crime_ref from raw.crimes)"
    rows, dated = con.execute(
        f"select count(*), count(*) filter (where true{known}) from {typed} where fault = 0"
    ).fetchall()[0]
    return rows > 0 and not (known and dated)


def _first_day(
    con: Connection, entry: Entry, fragment: Fragment, prefix: str, typed: str, is_whole: bool
) -> Day | None:
    """First day of the fragment's records, of those that are news unless `is_whole`; None without any."""
    table = fragment.table
    mapped = {item.column.name for item in fragment.fields}
    cells = {name: f"{prefix}{name}" for name in table.names if name in mapped}
    for item in entry.main.fields:
        if item.column.name in table.key:
            cells.setdefault(item.column.name, f"m_{item.column.name}")
    source, day, same = f"{typed} as fresh", "", []
    if table.date in cells:
        day = f"fresh.{cells[table.date]}"
        same = [f'held."{table.date}" is not distinct from {day}']
    elif table.is_dated_by_crime and "crime_ref" in cells:
        # Of a table without dates the day is that of the crime.
        source += f" inner join raw.crimes as crime on crime.crime_ref = fresh.{cells['crime_ref']}"
        day = "crime.recorded_date"
    if not day:
        return None
    # Without its key, as where a file:line stands for it, a record cannot be recognised, and is news.
    keys = [name for name in table.key if name in cells]
    same += [f'held."{name}" is not distinct from fresh.{cells[name]}' for name in keys]
    news = f" and not exists (select 1 from raw.{table.name} as held where {' and '.join(same)})"
    is_held = bool(con.execute(f"select count(*) > 0 from raw.{table.name}").fetchall()[0][0])
    kept = news if keys and is_held and not is_whole else ""
    row = con.execute(f"select min({day})::date from {source} where fresh.fault = 0{kept}").fetchall()[0]
    return row[0]  # type: ignore[no-any-return]


def _last_month_day(con: Connection, entry: Entry, typed: str, taken: Day) -> Day | None:
    """Last day of the last month held, for a source dated by months; None for one dated by days.

    Such a file says nothing of the days between its last month and its extract: no zeros there.
    """
    date = entry.main.table.date
    dated = [each for each in entry.main.fields if each.column.name == date and not each.period]
    if not dated or any("%d" in form or "%j" in form for form in dated[0].date_formats):
        return None
    day = con.execute(f"select last_day(max(m_{date})) from {typed} where fault = 0").fetchall()[0][0]
    return min(day, taken) if day else None

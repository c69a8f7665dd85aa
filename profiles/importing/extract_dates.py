"""The date of an extract: where it is told, held against today and against the days of its own records."""

import datetime
from pathlib import Path

from profiles.errors import BadFile, BadMapping
from profiles.importing import formats
from profiles.importing.layouts import Entry, MappingFile
from profiles.warehouse import Connection

TYPING_ERRORS = 10
"""Records dated after the extract are typing errors, each rejected alone, up to one in so many."""

HALF_A_DAY = 14
"""A week is as many half days. An extract that was still written to in the week after its date, by half a
day's records, was not taken on it."""


def refuse_future(path: Path, taken: datetime.date, today: datetime.date) -> None:
    """Refuse an extract that would have been taken after today. Raises BadFile."""
    if taken > today:
        raise BadFile(
            f"{path}: the extract is dated {taken}, and today is {today}; correct its date, by its name or "
            f"with --as-at, or the clock of this computer."
        )


def refuse_early(con: Connection, entry: Entry, typed: str, path: Path, taken: datetime.date) -> None:
    """Refuse an extract of which so many records are later than its date that the date must be wrong.

    `typed` is the table of its records. Refused is a date after which lie two records or more, if they are
    more than one in ten, or if the week after it holds at least as many as half a day of the week before.
    Raises BadFile with both days.
    """
    for cell in _days(entry):
        count, later, newest, week_after, week_before = con.execute(
            f"select count(day), count(day) filter (where day > $taken), max(day), "
            f"count(day) filter (where day > $taken and day <= $taken + 7), "
            f"count(day) filter (where day > $taken - 7 and day <= $taken) "
            f"from (select {cell}::date as day from {typed})",
            {"taken": taken},
        ).fetchall()[0]
        is_most = TYPING_ERRORS * later > count
        goes_on = week_after >= 2 and HALF_A_DAY * week_after >= week_before
        if later >= 2 and (is_most or goes_on):
            raise BadFile(
                f"{path}: the extract is dated {taken}, and {later:,} of its {count:,} records are later, "
                f"the newest of {newest}; give the day on which it was taken, by its name or with --as-at."
            )


def _days(entry: Entry) -> list[str]:
    """Columns of typed records that hold the day of what happened: the record's own, else its links'."""
    fragments = [("m_", entry.main), *((f"l{index}_", link) for index, link in enumerate(entry.links))]
    found = [
        (prefix, item.column.name)
        for prefix, fragment in fragments
        for item in fragment.fields
        if item.column.name == fragment.table.date and not item.column.may_be_future
    ]
    own = [f"{prefix}{name}" for prefix, name in found if prefix == "m_"]
    return own or [f"{prefix}{name}" for prefix, name in found]


def extract_date(path: Path, mapping: MappingFile, as_at: datetime.date | None) -> datetime.date:
    """The date of the extract: by the file's name, else `as_at`, else the mapping. Raises BadFile."""
    if mapping.extract_pattern:
        text = formats.first_group(mapping.extract_pattern, path.name)
        if text:
            try:
                return datetime.datetime.strptime(text, mapping.extract_format).date()
            except ValueError:
                raise BadFile(
                    f"{path}: {text!r} in its name is no date of the form {mapping.extract_format}; "
                    f"rename the file."
                ) from None
    if as_at is not None:
        return as_at
    if mapping.extract_date:
        try:
            return datetime.date.fromisoformat(mapping.extract_date)
        except ValueError:
            raise BadMapping(
                f"{mapping.path.name}: extract_date = {mapping.extract_date!r} is no date; write YYYY-MM-DD."
            ) from None
    raise BadFile(
        f"{path}: neither its name nor the mapping {mapping.name} tells the date of the extract; "
        f"give it with --as-at YYYY-MM-DD."
    )

"""The measures of a snapshot as a workbook that a screen reader can follow: a table a sheet, from cell A2.

It keeps to the guidance of the government's analysis function on accessible spreadsheets: a cover, contents
and notes; one marked-up table a sheet under a title in A1; no merged, hidden or empty rows; nothing said by
colour alone. Marking and as-at date stand in cells too: nothing reads out the head and foot of a page.
"""

import io
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from typing import Any

import pandas as pd

from profiles import words, writing
from profiles.errors import ProfilesError
from profiles.escaped import visible
from profiles.selection import BASES
from profiles.snapshot.files import FIGURES, MEASURE_FIELDS, Field, Stamp, Table, checked

TITLE = "Stalking problem profile: a snapshot of its measures"

FRONT = ("Cover", "Contents", "Notes")

SHEET_LETTERS = 31
"""Letters that a spreadsheet allows in the name of a sheet."""

SAID = ("measure_id", "title", "unit")
"""Columns of the measures that the title of a sheet says once."""

TABLE_ROW = 1
"""Row of the header, from zero: under the title."""

PROFILES = {
    "internal": "Internal. Counts of 1 to 4 are withheld as [c], and so are those that give them away.",
    "external": "External. Counts of 1 to 4 are withheld as [c], and so are those that give them away; "
    "counts are rounded to 5, and rates and intervals are made of rounded counts.",
}


def workbook_bytes(measures: Table, stamp: Stamp, tables: Sequence[Table] = ()) -> bytes:
    """The workbook: Cover, Contents, Notes, the further tables, then a sheet for each measure.

    Cells hold what those of the CSV hold: numbers as numbers, unrounded though shown with few decimals,
    markers as text. A sheet leaves out the columns that are empty throughout. The same input gives the same
    bytes: the file is dated by the as-at date. Raises ProfilesError when a text is too long for a cell.
    """
    # Reading it takes longer than starting everything else on the command line.
    from xlsxwriter import Workbook

    parts = [*((checked(table), "") for table in tables), *_by_measure(checked(measures))]
    names = sheet_names([*FRONT, *(part.name for part, _ in parts)])
    contents = _contents([(name, *part) for name, part in zip(names[len(FRONT) :], parts, strict=True)])
    front = [(table, "") for table in (_cover(stamp), contents, _notes(stamp))]
    target = io.BytesIO()
    options = {f"strings_to_{kind}": False for kind in ("formulas", "urls", "numbers")}
    with Workbook(target, options | {"in_memory": True}) as book:
        book.set_properties(
            {
                "title": TITLE,
                "subject": visible(stamp.marking),
                "created": datetime.combine(date.fromisoformat(stamp.as_at), datetime.min.time()),
            }
        )
        for name, (table, unit) in zip(names, [*front, *parts], strict=True):
            _write(book, name, table, unit, stamp)
    return target.getvalue()


def sheet_names(names: Iterable[str]) -> list[str]:
    """The names as those of sheets: of at most 31 letters, no two alike whatever their case."""
    found: list[str] = []
    taken: set[str] = set()
    for name in names:
        short, number = name[:SHEET_LETTERS], 1
        while short.lower() in taken:
            number += 1
            short = f"{name[: SHEET_LETTERS - len(str(number)) - 1]}_{number}"
        taken.add(short.lower())
        found.append(short)
    return found


def _by_measure(measures: Table) -> Iterator[tuple[Table, str]]:
    """A table for each measure and its unit, without what the title says and without empty columns."""
    for measure_id, part in measures.frame.groupby("measure_id", sort=False):
        title, unit = (str(part[name].iloc[0]) for name in ("title", "unit"))
        kept = tuple(
            field
            for field in measures.fields
            if field.name not in SAID and any(writing.cell(value) for value in part[field.name].tolist())
        )
        frame = part[[field.name for field in kept]]
        yield Table(str(measure_id), title, "", kept, frame), unit


def _cover(stamp: Stamp) -> Table:
    lines = {
        "What this is": "Figures on stalking and on how the force responds to it, released together after "
        "disclosure control. Each measure has a sheet of its own.",
        "Force data as at": words.day(date.fromisoformat(stamp.as_at)),
        "Handling marking": stamp.marking,
        "Synthetic data": "SYNTHETIC: the data are invented and hold no real record."
        if stamp.synthetic == "SYNTHETIC"
        else "No.",
        "Disclosure profile": PROFILES.get(stamp.profile, stamp.profile),
        "How to find a figure": "Contents lists the sheets, with links; Notes explains markers, bases, "
        "periods and columns.",
        "Made by": f"stalking-profiles {stamp.version}, from the warehouse {stamp.warehouse_version}.",
        "Contact": "[name, team and address: to be filled in by the force]",
    }
    fields = (Field("item", "string", ""), Field("text", "string", ""))
    return Table("cover", TITLE, "", fields, pd.DataFrame({"item": lines.keys(), "text": lines.values()}))


def _contents(listed: Iterable[tuple[str, Table, str]]) -> Table:
    columns = ("sheet", "title", "unit", "rows")
    lines = [
        (name, part.title, words.UNITS.get(unit, "table"), len(part.frame)) for name, part, unit in listed
    ]
    fields = tuple(Field(name, "string", "") for name in columns)
    return Table(
        "contents", "Contents: the sheets of this workbook", "", fields, pd.DataFrame(lines, columns=columns)
    )


def _notes(stamp: Stamp) -> Table:
    columns = ("subject", "term", "meaning")
    lines = [
        *(("marker", marker, words.sentence(text)) for marker, text in words.MARKERS.items()),
        *(("basis", basis, words.sentence(text)) for basis, text in BASES.items()),
        ("basis", "fixed", "The measure compares bases."),
        *(("grain", grain, words.sentence(text)) for grain, text in words.GRAINS.items()),
        *(("column", field.name, field.about) for field in MEASURE_FIELDS),
        ("reading", "blank cell", "There is nothing to say: the figure or text does not exist for this row."),
        (
            "reading",
            "column left out",
            "A column that is empty for a whole measure is left out of its sheet.",
        ),
        ("reading", "decimals", "Figures are shown with few decimals; the cells hold them unrounded."),
        (
            "reading",
            "adding up",
            "Withheld figures are part of every total: what is shown may add up to less.",
        ),
        ("disclosure", stamp.profile, PROFILES.get(stamp.profile, "See the manifest of the snapshot.")),
    ]
    fields = tuple(Field(name, "string", "") for name in columns)
    return Table("notes", "Notes: how to read the figures", "", fields, pd.DataFrame(lines, columns=columns))


def _write(book: Any, name: str, table: Table, unit: str, stamp: Stamp) -> None:
    """Write the table to a new sheet of the workbook, under a line that says what it is."""
    sheet = writing.sheet(book, name, stamp.marking)
    bold, head = (
        book.add_format({"bold": True, "font_size": 14}),
        book.add_format({"bold": True, "text_wrap": True}),
    )
    synthetic = "" if stamp.synthetic == "no" else f"{stamp.synthetic}. "
    told = f" ({words.UNITS[unit]})" if unit else ""
    writing.put(
        sheet,
        0,
        0,
        f"{table.title}{told}. Figures as at {words.day(date.fromisoformat(stamp.as_at))}. {stamp.marking}. "
        f"{synthetic}One table; Notes explains markers and columns.",
        bold,
    )
    rows = len(table.frame)
    fault = sheet.add_table(
        TABLE_ROW,
        0,
        TABLE_ROW + max(rows, 1),
        len(table.fields) - 1,
        {
            # A name of its own: some measures are named like the function of a spreadsheet.
            "name": f"table_{table.name}",
            "title": table.title,
            "style": "Table Style Light 1",
            "columns": [{"header": field.name, "header_format": head} for field in table.fields],
        },
    )
    if fault:
        raise ProfilesError(f"The table {table.name} does not fit into a workbook; take its CSV.")
    # The library keeps a list of the cells of a table to find overlaps: here it would double the memory.
    sheet.table_cells.clear()
    sheet.freeze_panes(TABLE_ROW + 1, 0)
    sheet.repeat_rows(TABLE_ROW)
    for column, field in enumerate(table.fields):
        values = table.frame[field.name].tolist() if rows else ["none"] if column == 0 else [None]
        longest = max(len(writing.cell(value)) for value in values)
        # A number is shown with fewer digits than its cell holds.
        letters = min(longest, 12) if field.kind == "number" else longest
        form = book.add_format(_form(unit, field, values))
        sheet.set_column(column, column, min(max(letters, len(field.name) + 3) + 2, writing.WIDEST))
        for row, value in enumerate(values, start=TABLE_ROW + 1):
            if table.name == "contents" and field.name == "sheet":
                sheet.write_url(row, column, f"internal:'{value}'!A1", string=value)
            else:
                writing.put(sheet, row, column, value, form)


def _form(unit: str, field: Field, values: Sequence[Any]) -> dict[str, Any]:
    """How a column looks: figures to the right with the decimals of their unit, long texts wrapped."""
    if field.kind == "string":
        return {
            "valign": "top",
            "text_wrap": any(len(writing.cell(value)) > writing.WIDEST for value in values),
        }
    if field.name not in FIGURES:
        return {"align": "right", "valign": "top"}
    is_whole = all(not isinstance(value, float) or value != value or value.is_integer() for value in values)
    places = 0 if is_whole else max(words.PLACES.get(unit, 1), 1)
    return {"align": "right", "num_format": "#,##0" + (f".{'0' * places}" if places else "")}

"""Frames as files that a spreadsheet opens without harm, and what may leave in them."""

import csv
import io
import json
import math
import re
import unicodedata
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

import pandas as pd

from profiles.errors import ProfilesError
from profiles.escaped import visible

FORMULA_LEADS = ("=", "+", "-", "\u2212", "@")
"""A text cell that begins with one of these is run by a spreadsheet; an apostrophe in front stops it.

So do their wide, small and raised forms, which some spreadsheets take for them.
"""
CELL_LEADS = ("\t", "\r", "\n")
"""What a spreadsheet may take for the beginning of another cell."""

_BEFORE_A_LEAD = re.compile(
    "[\\s\x00-\x20\x7f-\xa0\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180e\u200b-\u200f\u2028-\u202f"
    "\u205f-\u206f\u3000\u3164\ufe00-\ufe0f\ufeff\uffa0]*"
)
"""Blanks and what shows nothing: a spreadsheet may drop them and run what follows."""

EXPORTED = (
    *("measure", "title", "definition", "note", "unit", "basis", "by", "within", "filters"),
    *("grain", "since", "until", "category", "period"),
    *("numerator", "denominator", "value", "lower", "upper", "share", "marker"),
    *("average", "lower_limit", "upper_limit", "signal"),
    *("as_at", "warehouse_version", "marking", "synthetic"),
)
"""The only columns that leave: aggregates and their stamps, nothing that tells one record apart."""

EXACT = 2**53
"""Whole numbers beyond this are no longer exact as a number of a spreadsheet: they are written as text."""
WIDEST, MARKING_LETTERS = 60, 120
"""Letters of the widest column, and of the marking at head and foot of a page, where there is little room."""


def exported(frame: pd.DataFrame) -> pd.DataFrame:
    """The frame, when every column of it may leave. Raises ProfilesError naming those that may not."""
    others = [str(name) for name in frame.columns if name not in EXPORTED]
    if others:
        raise ProfilesError(
            f"The column {', '.join(map(repr, others))} may not be exported; "
            "take it out, or add it to EXPORTED in profiles/writing.py when it tells no record apart."
        )
    return frame


def export_csv(frame: pd.DataFrame) -> bytes:
    """The frame as CSV in UTF-8. Raises ProfilesError when a column may not leave."""
    return csv_text(exported(frame)).encode()


def csv_text(frame: pd.DataFrame) -> str:
    """The frame as CSV (RFC 4180: comma, CRLF), numbers unrounded, blanks for nulls, formulas neutralised."""
    target = io.StringIO(newline="")
    writer = csv.writer(target, lineterminator="\r\n")
    writer.writerow([neutralised(str(name)) for name in frame.columns])
    columns = [[cell(value) for value in frame[name].tolist()] for name in frame.columns]
    writer.writerows(zip(*columns, strict=True))
    return target.getvalue()


def cell(value: Any) -> str:
    """One value as it stands in a file: whole numbers without a point, nulls blank, text neutralised."""
    if value is None or value is pd.NaT or value is pd.NA:
        return ""
    if isinstance(value, float):
        if math.isnan(value):
            return ""
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    return neutralised(value) if isinstance(value, str) else str(value)


def json_text(content: Mapping[str, Any]) -> str:
    """The content as JSON in one form, sorted by key, so that equal contents are equal texts.

    Raises ValueError for a number that JSON does not know.
    """
    return json.dumps(content, indent=1, sort_keys=True, ensure_ascii=False, allow_nan=False) + "\n"


def neutralised(text: str) -> str:
    """The text, with an apostrophe in front where a spreadsheet would take it for a formula.

    A text that has been neutralised stays as it is.
    """
    if not text or text[0].isalnum():
        return text
    found = _BEFORE_A_LEAD.match(text)
    first = text[found.end() if found else 0 :][:1]
    is_formula = bool(first) and unicodedata.normalize("NFKC", first)[:1] in FORMULA_LEADS
    return f"'{text}" if is_formula or text.startswith(CELL_LEADS) else text


def all_neutralised(texts: pd.Series) -> pd.Series:
    """The texts, each neutralised."""
    return texts.map({each: neutralised(each) for each in texts.unique().tolist()}).astype(texts.dtype)


def workbook(frame: pd.DataFrame, cover: Iterable[tuple[str, str]], marking: str, as_at: str) -> bytes:
    """The frame as XLSX: a sheet About with the lines of the cover, label and text, and a sheet Figures.

    Cells hold what those of the CSV hold, numbers as numbers; there are no formulas and no links. The
    marking stands at head and foot of every printed page. The same input gives the same bytes: the file
    is dated by the as-at date. Raises ProfilesError when a column may not leave or a text is too long.
    """
    # Reading it takes longer than starting everything else on the command line.
    from xlsxwriter import Workbook

    table, lines, marking = exported(frame), list(cover), visible(marking)
    target = io.BytesIO()
    options = {f"strings_to_{kind}": False for kind in ("formulas", "urls", "numbers")}
    with Workbook(target, options | {"in_memory": True}) as book:
        book.set_properties(
            {
                "title": visible(dict(reversed(lines)).get("Title", "")),
                "subject": marking,
                "created": datetime.combine(date.fromisoformat(as_at or "1980-01-01"), datetime.min.time()),
            }
        )
        plain, bold = book.add_format(), book.add_format({"bold": True, "valign": "top"})
        wrapped = book.add_format({"text_wrap": True, "valign": "top"})
        about, figures = (sheet(book, name, marking) for name in ("About", "Figures"))
        about.set_column(0, 0, 28, bold)
        about.set_column(1, 1, 100, wrapped)
        for row, (label, text) in enumerate(lines):
            put(about, row, 0, label, bold)
            put(about, row, 1, text, wrapped)
        figures.freeze_panes(1, 0)
        figures.repeat_rows(0)
        for column, name in enumerate(table.columns):
            values = table[name].tolist()
            put(figures, 0, column, str(name), bold)
            for row, value in enumerate(values, start=1):
                put(figures, row, column, value, plain)
            longest = max((len(cell(value)) for value in values), default=0)
            figures.set_column(column, column, min(max(longest, len(str(name))) + 2, WIDEST))
    return target.getvalue()


class _Unrounded(float):
    """A number whose digits are all written: the library would keep 16 of up to 17."""

    __slots__ = ()

    def __format__(self, form: str) -> str:
        return repr(float(self))


def sheet(book: Any, name: str, marking: str) -> Any:
    """A new sheet of the workbook, A4 on its side, with the marking at head and foot of every page."""
    made = book.add_worksheet(name)
    made.set_landscape()
    made.set_paper(9)
    made.fit_to_pages(1, 0)
    # An ampersand begins a code there.
    told = visible(marking)[:MARKING_LETTERS].replace("&", "&&")
    made.set_header(f"&C{told}")
    made.set_footer(f"&C{told}&RPage &P of &N")
    return made


def put(target: Any, row: int, column: int, value: Any, form: Any) -> None:
    """Write one cell: a number as a number, everything else as the text of the CSV."""
    text = cell(value)
    if not text:
        return
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)
    if is_number and (isinstance(value, float) or abs(value) <= EXACT):
        fault = target.write_number(row, column, _Unrounded(value), form)
    elif text.startswith("<r>") and text.endswith("</r>"):
        # The library takes such a text for markup of its own and would write it into the file as it is.
        fault = target.write_rich_string(row, column, text[:1], form, text[1:], form)
    else:
        fault = target.write_string(row, column, text, form)
    if fault:
        raise ProfilesError(
            f"Row {row + 1}, column {column + 1} of the sheet {target.name} does not fit into a workbook; "
            "take the CSV, or choose fewer rows."
        )

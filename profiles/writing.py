"""Frames as files that a spreadsheet opens without harm."""

import csv
import io
import math
from typing import Any

import pandas as pd

FORMULA_LEADS = ("=", "+", "-", "@", "\t", "\r")
"""A text cell that begins with one of these is run by a spreadsheet; an apostrophe in front stops it."""


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


def neutralised(text: str) -> str:
    """The text, with an apostrophe in front where a spreadsheet would take it for a formula."""
    return f"'{text}" if text.startswith(FORMULA_LEADS) else text

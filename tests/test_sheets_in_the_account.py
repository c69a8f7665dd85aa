"""Sheets in the account of an import: rows in, rejected records and references by sheet and line."""

import datetime
from pathlib import Path

import pytest
import xlsxwriter

from profiles import importing, warehouse
from profiles.errors import BadFile

pytestmark = pytest.mark.slow

MAPPING = """
name = "probe"
date_formats = ["%d/%m/%Y"]
extract_date = "2024-06-30"
[[table]]
into = "crimes"
files = ["crimes*"]
sheet = "20*"
header_line = 2
missing_key = "file:line"
[table.columns]
crime_ref = "Ref"
recorded_date = "Day"
ho_class = "Class"
"""


def sheets(path: Path, **rows: list[tuple[str, ...]]) -> Path:
    with xlsxwriter.Workbook(path) as book:
        for name, lines in rows.items():
            sheet = book.add_worksheet(name.removeprefix("y"))
            for line, cells in enumerate([("A title",), ("Ref", "Day", "Class"), *lines]):
                sheet.write_row(line, 0, cells)
    return path


def test_a_table_over_several_sheets_is_one_extract_told_apart_by_sheet_and_line(tmp_path: Path) -> None:
    mapping = tmp_path / "probe.toml"
    mapping.write_text(MAPPING, encoding="utf-8")
    path = sheets(
        tmp_path / "crimes.xlsx",
        y2023=[("C1", "01/06/2023", "8Q"), ("", "02/06/2023", "8Q")],
        y2024=[("C2", "never", "8Q"), (), ("", "02/06/2024", "8L"), ("C1", "01/06/2023", "8Q")],
        Notes=[("a", "b", "c")],
    )
    report = importing.import_files([path], str(mapping), tmp_path / "W")
    told = [(item.file, item.rows_in, item.accepted, item.unchanged, item.rejected) for item in report.files]
    assert told == [("crimes.xlsx, sheet 2023", 2, 2, 0, 0), ("crimes.xlsx, sheet 2024", 3, 1, 1, 1)]
    assert report.skipped == (("crimes.xlsx, sheet Notes", "no [[table]] of the mapping probe reads it"),)
    con = warehouse.connect(warehouse.current(tmp_path / "W").path)
    assert con.execute("select file, line, reason from meta.rejects").fetchall() == [
        ("crimes.xlsx, sheet 2024", 3, "not a date")
    ]
    assert con.execute("select crime_ref, line from raw.crimes order by 1").fetchall() == [
        ("C1", 3),
        ("crimes.xlsx, sheet 2023:4", 4),
        ("crimes.xlsx, sheet 2024:5", 5),
    ]
    con.close()
    again = importing.import_files([path], str(mapping), tmp_path / "W")
    assert [(item.file, item.rows_in, item.unchanged, item.rejected) for item in again.files] == [
        ("crimes.xlsx, sheet 2023", 2, 2, 0),
        ("crimes.xlsx, sheet 2024", 3, 2, 1),
    ]
    assert again.warehouse_version == report.warehouse_version


def test_a_cell_formatted_as_per_cent_is_per_cent(tmp_path: Path) -> None:
    path = tmp_path / "action_plan_x.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet, share = book.add_worksheet(), book.add_format({"num_format": "0%"})
        sheet.write_row(0, 0, ("ref", "requirement", "status", "percent_complete"))
        sheet.write_row(1, 0, ("7.1", "Search", "open"))
        sheet.write_number(1, 3, 0.45, share)
        sheet.write_row(2, 0, ("7.2", "Train", "done", 100))
    warehoused = tmp_path / "W"
    importing.import_files([path], "reference", warehoused, as_at=datetime.date(2026, 1, 31))
    con = warehouse.connect(warehouse.current(warehoused).path)
    found = con.execute("select ref, percent_complete from raw.action_plan order by 1").fetchall()
    con.close()
    assert found == [("7.1", 45.0), ("7.2", 100.0)]


def test_a_sheet_without_a_column_is_named(tmp_path: Path) -> None:
    mapping = tmp_path / "probe.toml"
    mapping.write_text(MAPPING.replace('"Class"', '"Offence"'), encoding="utf-8")
    path = sheets(tmp_path / "crimes.xlsx", y2023=[("C1", "01/06/2023", "8Q")], Notes=[])
    with pytest.raises(BadFile, match=r"crimes\.xlsx, sheet '2023', line 2 has no column for ho_class"):
        importing.import_files([path], str(mapping), tmp_path / "W")

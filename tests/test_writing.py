"""Files: the workbook holds what the CSV holds, nothing in them runs, and no record leaves in them."""

import csv
import io
import math
import re
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
import zipfile
from decimal import Decimal
from typing import Any

import pandas as pd
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from profiles import contracts, writing
from profiles.errors import ProfilesError
from profiles.measures import COLUMNS

COVER = (
    ("Title", "Hidden stalking adds 19%"),
    ("Note", "first"),
    ("Note", "=HYPERLINK(second)"),
    ("Marking", "OFFICIAL-SENSITIVE"),
)
FRAME = pd.DataFrame(
    {
        "category": ["Dover", "=cmd()", "<r><t>x</t></r>", "0042", None],
        "period": ["2024-01-01", "2024-02-01", "all", "", "2024-03-01"],
        "value": [100 / 3, 12.0, math.nan, 0.1 + 0.2, -2.5],
        "marker": ["", "[p]", "[x]", "", ""],
    }
)


def workbook(
    frame: pd.DataFrame, cover: Any = COVER, marking: str = "OFFICIAL", as_at: str = "2026-09-30"
) -> bytes:
    return writing.workbook(frame, cover, marking, as_at)


def sheet(content: bytes, name: str = "Figures") -> list[list[Any]]:
    return (
        CalamineWorkbook.from_filelike(io.BytesIO(content))
        .get_sheet_by_name(name)
        .to_python(skip_empty_area=False)
    )


def in_csv(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode(), newline="")))


def parts(content: bytes) -> dict[str, str]:
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        return {name: book.read(name).decode() for name in book.namelist()}


def same(from_xlsx: Any, from_csv: str) -> bool:
    """Whether the cell of a workbook is the number, or the very text, that the CSV has."""
    if isinstance(from_xlsx, float):
        return Decimal(from_csv) == Decimal(repr(from_xlsx))
    return bool(from_xlsx == from_csv)


def test_a_column_outside_the_list_is_refused_by_name_and_by_every_writer() -> None:
    for name in ("crime_ref", "victim_id", "line", "Category", "value "):
        frame = FRAME.assign(**{name: "x"})
        for write in (writing.exported, writing.export_csv, workbook):
            with pytest.raises(ProfilesError, match=re.escape(repr(name))):
                write(frame)
    assert writing.exported(FRAME) is FRAME


def test_every_measure_may_leave_and_nothing_that_tells_a_record_apart() -> None:
    assert set(COLUMNS) <= set(writing.EXPORTED)
    records = {
        column.name
        for table in contracts.TABLES.values()
        if not table.is_reference
        for column in table.columns
    }
    assert records & set(writing.EXPORTED) == set()
    assert {"source", "extract_date", "file_id", "file", "line"} & set(writing.EXPORTED) == set()


CELLS = st.one_of(
    st.none(),
    st.floats(allow_infinity=False),
    st.integers(),
    st.text(st.characters(exclude_categories=("Cs", "Cn")), max_size=12),
    st.sampled_from(
        ["=1+1", "+1", "-1", "@x", "\t=1", "\r=1", "'=1", "http://x.test", "<r>x</r>", " x ", "1e3"]
    ),
)


@pytest.mark.slow
@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(CELLS, CELLS, CELLS), max_size=6))
@example([("<r><t>x</t></r>", "<r></r>", "<r>&</r>")])
@example([(2**53 + 1, 1e300, 5e-324)])
def test_csv_and_workbook_hold_the_same_cell_by_cell(cells: list[tuple[Any, ...]]) -> None:
    columns = ["category", "value", "marker"]
    frame = pd.DataFrame(
        {name: pd.Series([row[i] for row in cells], dtype=object) for i, name in enumerate(columns)}
    )
    head, *lines = in_csv(writing.export_csv(frame))
    content = workbook(frame)
    assert head == columns == sheet(content)[0]
    found = [[*row, *[""] * (3 - len(row))] for row in sheet(content)[1:]]
    found += [[""] * 3] * (len(lines) - len(found))
    assert len(found) == len(lines)
    assert all(
        same(a, b) for row, line in zip(found, lines, strict=True) for a, b in zip(row, line, strict=True)
    )


def test_numbers_are_numbers_dates_are_iso_text_and_nulls_are_blank() -> None:
    rows = sheet(workbook(FRAME))
    assert rows[0] == list(FRAME.columns)
    assert rows[1] == ["Dover", "2024-01-01", 100 / 3, ""]
    assert rows[2][2:] == [12.0, "[p]"]
    assert rows[3][2:] == ["", "[x]"]
    assert rows[4][0] == "0042"
    assert rows[5][0] == ""


def test_a_workbook_has_no_formula_no_link_no_markup_of_the_data_and_no_filter() -> None:
    content = workbook(FRAME.assign(category="=1+1"), [("Title", "https://example.test"), ("x", "=1")])
    files = parts(content)
    text = "".join(files.values())
    assert "<f>" not in text
    assert "<hyperlink" not in text
    assert "relationships/hyperlink" not in text
    assert "autoFilter" not in text
    assert sheet(content)[1][0] == "'=1+1"
    assert sheet(content, "About")[1] == ["x", "'=1"]
    assert "<r><t>x</t></r>" not in parts(workbook(FRAME))["xl/sharedStrings.xml"]
    assert sheet(workbook(FRAME))[3][0] == "<r><t>x</t></r>"


LEADS = "=+-@＝＋－＠﹢﹣﹦﹫⁺⁻⁼₊₋₌−"
"""The signs that begin a formula, and what looks like them."""


@pytest.mark.parametrize(
    "before", ["", " ", "\t", "\r\n", "\xa0", "\u200b", "\ufeff", "\u202e", "\x00\x0b", "\u3000\u2003"]
)
def test_a_formula_is_neutralised_whatever_its_sign_and_whatever_stands_before(before: str) -> None:
    for lead in LEADS:
        text = f"{before}{lead}1+1"
        assert writing.neutralised(text) == f"'{text}"
        assert writing.neutralised(f"'{text}") == f"'{text}"


@pytest.mark.parametrize(
    "text", ["", "Dover", "1=1", "(=1)", "é+", "'=1", "_-", "≠", "≥ 5", "\u2014", "\xa0x", "🙂-", "…"]
)
def test_other_text_stays_as_it_is(text: str) -> None:
    assert writing.neutralised(text) == text


def test_text_that_xml_does_not_know_still_makes_a_workbook_that_opens() -> None:
    strange = "a\x0bb\x01\ufffe\x1f"
    content = workbook(FRAME.assign(category=f"{strange}＝1"), [("Title", strange)], marking=f"M{strange}")
    for name, text in parts(content).items():
        assert ElementTree.fromstring(text) is not None, name
    assert sheet(content)[1][0].startswith("a")


def test_the_first_sheet_says_what_the_second_holds() -> None:
    content = workbook(FRAME)
    assert CalamineWorkbook.from_filelike(io.BytesIO(content)).sheet_names == ["About", "Figures"]
    assert sheet(content, "About") == [[label, writing.neutralised(text)] for label, text in COVER]


def test_marking_title_and_as_at_date_stand_on_pages_and_in_the_properties() -> None:
    files = parts(workbook(FRAME, marking="A & B <C>"))
    for name in ("xl/worksheets/sheet1.xml", "xl/worksheets/sheet2.xml"):
        assert "<oddHeader>&amp;CA &amp;&amp; B &lt;C&gt;</oddHeader>" in files[name]
        assert (
            "<oddFooter>&amp;CA &amp;&amp; B &lt;C&gt;&amp;RPage &amp;P of &amp;N</oddFooter>" in files[name]
        )
    properties = files["docProps/core.xml"]
    assert "<dc:title>Hidden stalking adds 19%</dc:title>" in properties
    assert "<dc:subject>A &amp; B &lt;C&gt;</dc:subject>" in properties
    assert "<dc:creator></dc:creator>" in properties
    assert "<cp:lastModifiedBy></cp:lastModifiedBy>" in properties
    assert set(re.findall(r"\d{4}-\d\d-\d\dT[\d:]+Z", properties)) == {"2026-09-30T00:00:00Z"}
    pane = '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/>'
    assert pane in files["xl/worksheets/sheet2.xml"]


def test_the_same_input_gives_the_same_bytes_and_another_as_at_date_others() -> None:
    assert workbook(FRAME) == workbook(FRAME.copy())
    assert workbook(FRAME) != workbook(FRAME, as_at="2026-10-31")
    assert workbook(FRAME, as_at="")


def test_a_text_too_long_for_a_cell_is_refused_not_dropped() -> None:
    with pytest.raises(ProfilesError, match="Row 2, column 1"):
        workbook(FRAME.iloc[:1].assign(category="x" * 40_000))


def test_a_very_long_marking_is_cut_on_pages_and_whole_in_the_properties() -> None:
    marking = "OFFICIAL & " * 60
    files = parts(workbook(FRAME, marking=marking))
    header = re.search("<oddHeader>(.*)</oddHeader>", files["xl/worksheets/sheet2.xml"])
    assert header
    assert header[1].startswith("&amp;COFFICIAL")
    assert marking.strip().replace("&", "&amp;") in files["docProps/core.xml"]


@pytest.mark.slow
def test_the_command_line_starts_without_what_is_slow_to_load() -> None:
    heavy = "{'duckdb', 'numpy', 'pandas', 'plotly', 'streamlit'} & sys.modules.keys()"
    code = (
        f"import sys, profiles.cli; print({heavy}); "
        "import profiles.writing; print('xlsxwriter' in sys.modules)"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.split() == ["set()", "False"]


def test_a_frame_without_rows_still_has_its_columns() -> None:
    empty = FRAME.iloc[:0]
    assert sheet(workbook(empty)) == [list(FRAME.columns)]
    assert in_csv(writing.export_csv(empty)) == [list(FRAME.columns)]

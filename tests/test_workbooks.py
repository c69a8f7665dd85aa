"""Workbooks: each sheet read or named, cells as they are shown, limits before anything is kept."""

import random
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest
import xlsxwriter

from profiles.errors import BadFile
from profiles.importing import reading, spreadsheets, workbook_parts
from profiles.importing.arriving import arrivals
from profiles.importing.mapping import read_mapping
from profiles.importing.spreadsheet_cells import format_kind, iso_text, number_text, unescaped
from profiles.importing.suggesting import suggestion
from tests.desk import PROBE as MAPPING
from tests.typed import one, read

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
LINKS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
HEAD = ("Ref", "Day", "Class", "Place")

Rows = list[tuple[object, ...]]


def crime(number: int, place: str = "Dover") -> tuple[object, ...]:
    return f"C{number}", f"0{number}/06/2024", "8Q", place


def workbook(path: Path, **sheets: Rows) -> Path:
    """A workbook with those sheets; a name may end in `_hidden`."""
    with xlsxwriter.Workbook(path) as book:
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            if name.endswith("_hidden"):
                sheet.hide()
            for line, row in enumerate(rows):
                sheet.write_row(line, 0, row)
    return path


def raw(
    path: Path, rows: str, texts: str = "", styles: str = "", head: str = "", more: str = "", sheets: str = ""
) -> Path:
    """A workbook of one sheet S with that XML in it."""
    parts = {
        "_rels/.rels": f'<R><Relationship Type="{LINKS}/officeDocument" Target="xl/workbook.xml"/></R>',
        "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{LINKS}">{head}<sheets>'
        f'<sheet name="S" sheetId="1" r:id="b"/>{sheets}</sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<R><Relationship Id="b" Type="{LINKS}/worksheet" Target="/xl/s.xml"/>'
        f'<Relationship Id="c" Type="{LINKS}/sharedStrings" Target="t.xml"/>'
        f'<Relationship Id="d" Type="{LINKS}/styles" Target="../xl/f.xml"/></R>',
        "xl/s.xml": f'{more}<worksheet xmlns="{MAIN}"><sheetData>{rows}</sheetData></worksheet>',
    }
    parts |= {"xl/t.xml": f"<sst>{texts}</sst>"} if texts else {}
    parts |= {"xl/f.xml": f"<styleSheet>{styles}</styleSheet>"} if styles else {}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return path


def cells(path: Path) -> dict[int, tuple[str, ...]]:
    """The filled rows of the sheet S by line."""
    book = spreadsheets.opened_book(path, path)
    return dict(spreadsheets.head(book, "S", 2_000_000))


def inline(reference: str, text: str) -> str:
    return f'<c r="{reference}" t="inlineStr"><is><t>{text}</t></is></c>'


@pytest.mark.parametrize(
    ("stored", "code", "shown"),
    [
        ("0.45", "0%", "45%"),
        ("1", "0.00%", "100%"),
        ("0.28999999999999998", "0.0%", "29%"),
        ("0.125", '0.0%;[Red]-0.0%', "12.5%"),
        ("45365", "dd/mm/yyyy", "2024-03-14"),
        ("45365.395833333336", "yyyy-mm-dd hh:mm", "2024-03-14 09:30:00"),
        ("0.5", "hh:mm", "12:00:00"),
        ("1.5", "[h]:mm:ss", "1 day, 12:00:00"),
        ("24000", "d-mmm", "1965-09-15"),
        ("59", "dd/mm/yyyy", "1900-02-28"),
        ("61", "dd/mm/yyyy", "1900-03-01"),
        ("-3", "dd/mm/yyyy", "-3"),
        ("45365", "[$-809]d mmmm yyyy;@", "2024-03-14"),
        ("45365", '"Day "0', "45365"),
        ("45365", "General", "45365"),
        ("12.5", "[Red]0.00", "12.5"),
        ("1E+20", "0", "100000000000000000000"),
        ("1.5E-7", "0.00E+00", "1.5e-07"),
        ("5", r"0\ \d", "5"),
        ("1e400", "0", "inf"),
        ("1e400", "0%", "inf"),
        ("1e400", "dd/mm/yyyy", "inf"),
    ],
)  # fmt: skip
def test_a_number_is_what_its_format_shows(stored: str, code: str, shown: str) -> None:
    assert number_text(stored, format_kind(164, {164: code}), is_1904=False) == shown


def test_built_in_formats_days_from_1904_iso_days_and_spelt_characters() -> None:
    assert [format_kind(number, {}) for number in (0, 9, 10, 14, 46, 49)] == [
        *("", "percent", "percent", "date", "duration", "")
    ]
    assert number_text("43903", "date", is_1904=True) == "2024-03-14"
    assert number_text("0", "date", is_1904=True) == "1904-01-01"
    assert [iso_text(text) for text in ("2024-03-14T00:00:00", "2024-03-14T09:30:00", "n/a")] == [
        *("2024-03-14", "2024-03-14 09:30:00", "n/a")
    ]
    assert unescaped("a_x000D_b _x005F_x000D_ _x00e9_") == "a\rb _x000D_ _x00e9_"


def test_cells_of_every_kind(tmp_path: Path) -> None:
    rows = (
        '<row r="2"><c r="A2" t="s"><v>0</v></c><c r="C2" t="b"><v>1</v></c><c r="D2" t="e"><v>#N/A</v></c>'
        '<c r="E2" t="str"><f>A1&amp;"x"</f><v>made</v></c><c r="F2"><v>007</v></c></row>'
        f'<x:row xmlns:x="{MAIN}"><x:c t="s"><x:v>1</x:v></x:c><x:c s="1"><x:v>.5</x:v></x:c>'
        f'<x:c s="2"><x:v>45365</x:v></x:c><x:c t="d"><x:v>2024-03-14T00:00:00</x:v></x:c></x:row>'
        f"<row>{inline('B9', 'far')}</row>"
    )
    texts = "<si><t>one</t></si><si><r><t>two </t></r><r><t>parts</t></r><rPh><t>spoken</t></rPh></si>"
    styles = (
        '<numFmts><numFmt numFmtId="170" formatCode="0%"/></numFmts>'
        '<cellStyleXfs><xf numFmtId="14"/></cellStyleXfs>'
        '<cellXfs><xf numFmtId="0"/><xf numFmtId="170"/><xf numFmtId="14"/></cellXfs>'
    )
    assert cells(raw(tmp_path / "k.xlsx", rows, texts, styles)) == {
        2: ("one", "", "yes", "", "made", "7"),
        3: ("two parts", "50%", "2024-03-14", "2024-03-14"),
        9: ("", "far"),
    }


def test_a_workbook_of_the_other_calendar(tmp_path: Path) -> None:
    styles = '<cellXfs><xf numFmtId="14"/></cellXfs>'
    head = '<workbookPr date1904="1"/>'
    path = raw(tmp_path / "k.xlsx", '<row><c s="0"><v>43903</v></c></row>', styles=styles, head=head)
    assert cells(path) == {1: ("2024-03-14",)}


STRICT = (
    (
        "http://schemas.openxmlformats.org/spreadsheetml/2006/main",
        "http://purl.oclc.org/ooxml/spreadsheetml/main",
    ),
    (LINKS, "http://purl.oclc.org/ooxml/officeDocument/relationships"),
)


@pytest.mark.parametrize(
    ("rename", "changes"),
    [
        (str, STRICT),
        (lambda name: name.replace("/", "\\"), ()),
        (lambda name: name.replace("sharedStrings", "SharedStrings"), ()),
        (lambda name: name.replace("styles", "style2"), (("styles.xml", "style2.xml"),)),
        (str, (('<fill><patternFill patternType="none"/></fill>', "<fill/>"),)),
        (
            str,
            (
                (
                    "</sheetData>",
                    '</sheetData><dataValidations><dataValidation type="odd"/></dataValidations>',
                ),
            ),
        ),
        (
            str,
            (("<dcterms:created", "<dcterms:created x"), ("</dcterms:created>", "at noon</dcterms:created>")),
        ),
        (str, (('<row r="2"', '<row r=""'),)),
    ],
    ids=["strict", "slashes", "case", "other part", "fill", "validation", "properties", "no number"],
)
def test_what_other_programs_write_is_read(
    tmp_path: Path, rename: Callable[[str], str], changes: tuple[tuple[str, str], ...]
) -> None:
    made, path = tmp_path / "made.xlsx", tmp_path / "k.xlsx"
    with xlsxwriter.Workbook(made) as book:
        sheet = book.add_worksheet("S")
        sheet.write_row(0, 0, ("Ref", "Day", "Share"))
        sheet.write_string(1, 0, "C1")
        sheet.write_number(1, 1, 45_365, book.add_format({"num_format": "dd/mm/yyyy"}))
        sheet.write_number(1, 2, 0.45, book.add_format({"num_format": "0%"}))
    changed = set()
    with zipfile.ZipFile(made) as source, zipfile.ZipFile(path, "w") as target:
        for name in source.namelist():
            content = source.read(name).decode()
            for old, new in changes:
                changed |= {old} if old in content else set()
                content = content.replace(old, new)
            target.writestr(rename(name), content)
    assert changed == {old for old, _ in changes}
    assert cells(path) == {1: ("Ref", "Day", "Share"), 2: ("C1", "2024-03-14", "45%")}


FAR = '<row r="1">' + inline("A1", "Ref") + "</row>"


@pytest.mark.parametrize(
    ("rows", "limit"),
    [
        (FAR + f'<row r="1048576">{inline("XFD1048576", "x")}</row>', "column 16,384; at most 2,000 columns"),
        (FAR + f'<row r="1048576">{inline("A1048576", "x")}</row>', "1,048,574 blank lines; at most 100,000"),
        (FAR + f"<row>{inline('A1048576', 'x')}</row>", "1,048,574 blank lines; at most 100,000"),
        (FAR + f'<row r="1048577">{inline("A1048577", "x")}</row>', "more than 1,048,576 lines"),
        (FAR + f'<row r="2">{inline("ZZZZZZ2", "x")}</row>', "at most 2,000 columns"),
        (f'<row r="1">{inline("A1", "x" * 1_000_001)}</row>', "a cell of more than 1,000,000 characters"),
        ("<row/>" * 2 + f'<row r="1">{inline("A1", "x")}</row>', "out of order"),
        ("<a>" * 200 + "</a>" * 200, "too deep"),
        ('<row><c t="s"><v>5</v></c></row>', "names a text that is not there"),
    ],
)
def test_a_limit_is_named(tmp_path: Path, rows: str, limit: str) -> None:
    path = raw(tmp_path / "far.xlsx", rows)
    started = time.process_time()
    with pytest.raises(BadFile, match=r"far\.xlsx .*") as told:
        cells(path)
    assert limit in str(told.value)
    assert time.process_time() - started < 1


@pytest.mark.parametrize(
    ("module", "name", "value", "limit"),
    [
        (spreadsheets, "MAX_LINES", 3, "more than 3 lines"),
        (spreadsheets, "MAX_CELLS", 5, "more than 5 filled cells"),
        (spreadsheets, "MAX_SHARED_TEXTS", 2, "more than 2 shared texts"),
        (spreadsheets, "MAX_SPARE_TEXTS", -8, "more than 0 shared texts for 8 cells; at most"),
        (workbook_parts, "MAX_UNPACKED_BYTES", 900, "at most 0 MB are read"),
        (workbook_parts, "MAX_DESCRIPTION_BYTES", 99, "bytes; at most 99 are read"),
        (workbook_parts, "MAX_PARTS", 4, "5 parts; at most 4"),
        (workbook_parts, "MAX_SECONDS", -1.0, "longer than -1 seconds"),
    ],
)
def test_the_limits_of_a_whole_workbook(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, module: ModuleType, name: str, value: float, limit: str
) -> None:
    rows = "".join(
        f'<row r="{line}"><c r="A{line}" t="s"><v>0</v></c><c r="B{line}"><v>1</v></c></row>'
        for line in range(1, 5)
    )
    path = raw(tmp_path / "k.xlsx", rows, "<si><t>a</t></si>" * 3)
    assert len(cells(path)) == 4
    monkeypatch.setattr(module, name, value)
    with pytest.raises(BadFile) as told:
        cells(path)
    assert limit in str(told.value)


READ_ALONE = """
import sys
from pathlib import Path
from tests.fuzz.running import largest
from tests.test_workbooks import BadFile, cells
held = largest()
for path in sys.argv[1:]:
    try:
        print(cells(Path(path)))
    except BadFile as error:
        print(error)
print(largest() - held)
"""


def test_a_sheet_of_far_more_than_its_cells_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spreadsheets, "SMALL_PART_BYTES", 0)
    monkeypatch.setattr(spreadsheets, "MAX_SPARE_TAGS", 20)
    row = '<row r="1"><c r="A1"><v>1</v></c></row>'
    assert cells(raw(tmp_path / "a.xlsx", row)) == {1: ("1",)}
    with pytest.raises(BadFile, match="holds far more in the sheet"):
        cells(raw(tmp_path / "b.xlsx", row + "<q/>" * 40))


def test_an_encoding_that_nobody_knows_is_damage(tmp_path: Path) -> None:
    path = raw(tmp_path / "a.xlsx", "<row/>", more='<?xml version="1.0" encoding="Uefau"?>')
    with pytest.raises(BadFile, match="not a readable workbook"):
        cells(path)


@pytest.mark.slow
def test_bombs_take_no_room(tmp_path: Path) -> None:
    draw = random.Random(1)
    # Text that does not pack well passes the limit on packing.
    long = draw.randbytes(8_000_000).hex()
    odd = "".join(f'<{{}} s="{draw.randrange(10**6)}"/>' for _ in range(400_000))
    bombs = {
        "one long text": (raw(tmp_path / "a.xlsx", FAR, f"<si><t>{long}</t></si>"), "1,000,000 characters"),
        "alike rows": (raw(tmp_path / "b.xlsx", "<row/>" * 1_700_000), "at most 300 times is read"),
        "texts": (
            raw(tmp_path / "c.xlsx", FAR, "".join(f"<si><t>{n}</t></si>" for n in range(200_000))),
            "more than 100,001 shared texts for 1 cells",
        ),
        "empty rows": (
            raw(tmp_path / "d.xlsx", "".join(f'<row r="{n}"/>' for n in range(1, 1_100_000))),
            "more than 1,048,576 lines",
        ),
        "empty cells": (
            raw(tmp_path / "e.xlsx", f"{FAR}<row>{odd.replace('{}', 'c')}</row>"),
            "{1: ('Ref',)}",
        ),
        "other elements": (raw(tmp_path / "f.xlsx", FAR + odd.replace("{}", "q")), "{1: ('Ref',)}"),
    }
    # In a process of its own: this one has already held what the bombs were made of.
    program = [sys.executable, "-c", READ_ALONE, *(str(path) for path, _ in bombs.values())]
    done = subprocess.run(program, cwd=Path(__file__).parents[1], check=True, capture_output=True, text=True)
    *told, taken = done.stdout.splitlines()
    for what, (_, expected), line in zip(bombs, bombs.values(), told, strict=True):
        assert expected in line, what
    assert int(taken) < 20_000_000


ENTITIES = '<!DOCTYPE w [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>'


def broken(path: Path, change: Callable[[bytes], bytes]) -> Path:
    path.write_bytes(change(path.read_bytes()))
    return path


def test_what_is_no_whole_workbook_is_refused_in_words(tmp_path: Path) -> None:
    def made(name: str) -> Path:
        return raw(tmp_path / name, FAR)

    doubled = made("doubled.xlsx")
    with zipfile.ZipFile(doubled, "a") as archive, pytest.warns(UserWarning, match="Duplicate"):
        archive.writestr("xl/s.xml", "<a/>")
    other = tmp_path / "other.xlsx"
    with zipfile.ZipFile(other, "w") as archive:
        archive.writestr("word/document.xml", "<a/>")
    for path, why in (
        (raw(tmp_path / "entities.xlsx", "", more=ENTITIES), "declares entities"),
        (raw(tmp_path / "open.xlsx", "<row>"), "mismatched tag"),
        (broken(made("short.xlsx"), lambda content: content[:-40]), "not a readable workbook"),
        (broken(made("plain.xlsx"), lambda _: b"Ref,Day\n"), "not a readable workbook"),
        (broken(made("bits.xlsx"), lambda content: content.replace(b"xl/s.xml", b"xl/s.xmm", 1)), "readable"),
        (doubled, "twice"),
        (
            raw(tmp_path / "two.xlsx", FAR, sheets='<sheet name="s" sheetId="2" r:id="b"/>'),
            "two sheets called",
        ),
        (other, "holds no xl/workbook.xml"),
    ):
        with pytest.raises(BadFile, match=why):
            cells(path)


def test_a_second_sheet_with_the_same_columns_is_named_and_can_be_read(tmp_path: Path) -> None:
    first, second = [HEAD, crime(1), crime(2)], [HEAD, crime(3)]
    path = workbook(tmp_path / "crimes.xlsx", Report=first, Report_2=second)
    (found,), skipped = read(path, tmp_path)
    assert (found.file, found.rows_in) == ("crimes.xlsx", 2)
    ((what, why),) = skipped
    assert what == "crimes.xlsx, sheet Report_2"
    assert 'sheet = ["Report", "Report_2"]' in why
    for sheet in ('["Report", "Report_2"]', '"report*"'):
        mapping = MAPPING.replace('into = "crimes"', f'into = "crimes"\nsheet = {sheet}')
        both, skipped = read(path, tmp_path, mapping)
        assert [(item.file, item.records) for item in both] == [
            ("crimes.xlsx, sheet Report", [(2, "C1", "Dover"), (3, "C2", "Dover")]),
            ("crimes.xlsx, sheet Report_2", [(2, "C3", "Dover")]),
        ]
        assert skipped == []


OUTCOMES = """
[[table]]
into = "outcomes"
files = ["crimes*"]
sheet = "Results"
[table.columns]
crime_ref = "Crime"
outcome_date = "On"
outcome_code = "Code"
"""


def test_two_tables_each_take_their_sheet_and_every_other_one_is_named(tmp_path: Path) -> None:
    path = workbook(
        tmp_path / "crimes.xlsx",
        About=[("Weekly report",), ("Printed", "1 June")],
        Crimes=[HEAD, crime(1)],
        Results=[("Crime", "On", "Code"), ("C1", "02/06/2024", "1")],
        Empty=[],
        Codes_hidden=[("Code", "Means"), ("1", "charged")],
    )
    mapping = MAPPING + OUTCOMES
    with pytest.raises(BadFile, match="has no sheet 'Result'; it has About, Crimes"):
        read(path, tmp_path, mapping.replace('"Results"', '"Result"'))
    (tmp_path / "two.toml").write_text(mapping, encoding="utf-8")
    arrived, left = arrivals(path, read_mapping(str(tmp_path / "two.toml")), set(), tmp_path, _needs_columns)
    found = [(item.opened.file, item.entry.main.table.name) for item in arrived]
    assert found == [("crimes.xlsx, sheet Crimes", "crimes"), ("crimes.xlsx, sheet Results", "outcomes")]
    assert dict(left) == {
        "crimes.xlsx, sheet About": "no [[table]] of the mapping probe reads it",
        "crimes.xlsx, sheet Empty": "it is empty",
        "crimes.xlsx, hidden sheet Codes_hidden": "no [[table]] of the mapping probe reads it",
    }


def _needs_columns(opened: reading.Opened, entry: object) -> None:
    if not {"Ref", "Crime"} & set(opened.header):
        raise BadFile("no reference")


def test_titles_above_the_header_and_a_column_without_a_name(tmp_path: Path) -> None:
    rows = [("Weekly report",), (), ("Printed", "1 June"), HEAD, crime(1), (*crime(2), "", "note"), ()]
    path = workbook(tmp_path / "crimes.xlsx", Report=[*rows, crime(3)])
    with pytest.raises(BadFile, match="Line 4 looks like the header: say header_line = 4"):
        read(path, tmp_path)
    covered = workbook(tmp_path / "crimes_2.xlsx", About=[("A report",)], Report=rows)
    with pytest.raises(BadFile, match="Line 4 looks like the header"):
        read(covered, tmp_path)
    mapping = MAPPING.replace('into = "crimes"', 'into = "crimes"\nheader_line = 4')
    found = one(path, tmp_path, mapping)
    assert [row[:2] for row in found.records] == [(5, "C1"), (6, "C2"), (8, "C3")]
    opened = reading.open_file(path, tmp_path, header_line=4)
    assert opened.header == (*HEAD, "", "")


def test_a_formula_that_nobody_worked_out_is_refused_and_one_with_a_blank_result_is_blank(
    tmp_path: Path,
) -> None:
    header = f"<row r='2'>{inline('A2', 'Ref')}{inline('B2', 'Class')}</row>"
    blank = '<row r="3">' + inline("A3", "C1") + '<c r="B3" t="str"><f>IF(1,"")</f><v></v></c></row>'
    title = '<row r="1"><c r="A1"><f>TODAY()</f></c></row>'
    opened = reading.open_file(raw(tmp_path / "k.xlsx", title + header + blank), tmp_path, header_line=2)
    assert opened.copy.read_text(encoding="utf-8") == '"3","C1",""\n'
    for cell in ('<c r="B4"><f>D4&amp;"Q"</f><v></v></c>', '<c r="B4"><f t="shared" si="0"/></c>'):
        row = f'<row r="4">{inline("A4", "C2")}{cell}</row>'
        path = raw(tmp_path / "made.xlsx", title + header + blank + row)
        with pytest.raises(
            BadFile, match=r"made\.xlsx, sheet 'S', line 4, column 2: no program has worked out"
        ):
            reading.open_file(path, tmp_path, header_line=2)


def test_an_empty_workbook_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadFile, match="has an empty sheet 'Report'"):
        read(workbook(tmp_path / "crimes.xlsx", Report=[]), tmp_path)


def test_an_archive_that_is_called_csv_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "crimes.csv"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("crimes.csv", "Ref,Day\n")
    with pytest.raises(BadFile, match=r"is a workbook or archive, not text; name it \.xlsx"):
        read(path, tmp_path)


def test_a_draft_takes_the_sheet_and_the_line_that_look_like_a_table(tmp_path: Path) -> None:
    head = ("Crime Number", "Date Recorded", "HO Class")
    path = workbook(
        tmp_path / "crimes.xlsx",
        About=[("Weekly report",)],
        Report=[("Weekly report",), (), ("Printed 1 June",), head, ("C1", "01/06/2024", "8Q")],
    )
    draft = suggestion(path)
    assert "header_line = 4  #" in draft
    assert 'sheet = "Report"  # not read: "About"' in draft
    (tmp_path / "draft.toml").write_text(draft, encoding="utf-8")
    found = read_mapping(str(tmp_path / "draft.toml")).entries[0]
    assert (found.header_line, found.sheets) == (4, ("Report",))


def test_names_that_are_far_too_long_do_not_fill_a_message(tmp_path: Path) -> None:
    path = workbook(tmp_path / "other.xlsx", Report=[("x" * 30_000, "Day"), ("C1", "y")])
    with pytest.raises(BadFile, match="fits no") as told:
        read(path, tmp_path)
    assert len(str(told.value)) < 600
    sheets = f'<sheet name="{"x" * 101}" sheetId="2" r:id="b"/>'
    with pytest.raises(BadFile, match="the name of a sheet has more than 100 letters"):
        cells(raw(tmp_path / "k.xlsx", FAR, sheets=sheets))

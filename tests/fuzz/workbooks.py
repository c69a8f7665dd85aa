"""Workbooks whose cells, sheets, XML and archive nobody meant."""

import datetime
import io
import random
import re
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import xlsxwriter

from tests.fuzz import mutating, tables
from tests.fuzz.importing import BUILT_SHARE, imported

SHEET, STRINGS, STYLES, BOOK = (
    *("xl/worksheets/sheet1.xml", "xl/sharedStrings.xml", "xl/styles.xml", "xl/workbook.xml"),
)
FORMATS = (
    "0%",
    "0.00%",
    "dd/mm/yyyy",
    "m/d/yy",
    "[h]:mm",
    "yyyy",
    "0.00E+00",
    "@",
    "#,##0",
    '"8Q"',
    "[Red]0",
    ";;;",
)
BOMB_BYTES = 200_000_000
BOMB_SHARE = 0.01


def prepared(folder: Path) -> tuple[tables.Base, ...]:
    """The tables to change."""
    return tables.bases()


def tried(draw: random.Random, ready: tuple[tables.Base, ...], folder: Path) -> str:
    """A table as a workbook, changed as a table, in its XML, in its archive or in its bytes."""
    base = tables.drawn(draw, ready)
    rows = [list(row) for row in base.rows]
    for _ in range(draw.choice((0, 0, 1, 3))):
        tables.mangled(draw, rows)
    parts = _parts(_workbook(draw, rows))
    for _ in range(draw.choice((0, 1, 1, 2))):
        draw.choice(XML_WAYS)(draw, parts)
    if draw.random() < BOMB_SHARE:
        _bomb(draw, parts)
    content = _archive(draw, parts)
    if draw.random() < 0.3:
        content = mutating.damaged(draw, content)
    name = base.name.replace(".csv", ".xlsx")
    path = folder / tables.name(draw, name)
    path.write_bytes(content)
    return imported([path], base.mapping, folder / "W", is_built=draw.random() < BUILT_SHARE).outcome


def _workbook(draw: random.Random, rows: list[list[str]]) -> bytes:
    """The table as a sound workbook, some of its cells as numbers, dates, formulas or of an odd format."""
    target = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    if draw.random() < 0.1:
        options["date_1904"] = True
    book = xlsxwriter.Workbook(target, options)
    sheet = book.add_worksheet(draw.choice(("Sheet1", "Data", "=1", "a" * 31)))
    odd = [book.add_format({"num_format": form}) for form in FORMATS]
    lead = draw.choice((0, 0, 0, 0, 1, 3))
    # A sheet with a formula that nobody worked out is refused whole.
    results = (3, "#DIV/0!", True, *([""] if draw.random() < 0.1 else []))
    for place, row in enumerate(rows):
        for column, cell in enumerate(row):
            _put(draw, sheet, place + lead, column, cell[:32_000], draw.choice(odd), results)
    for _ in range(draw.choice((0, 0, 1, 3))):
        other = book.add_worksheet()
        for place, row in enumerate(rows[: draw.randint(0, len(rows))]):
            other.write_row(place, 0, [cell[:32_000] for cell in row])
        if draw.random() < 0.2:
            other.hide()
    book.close()
    return target.getvalue()


def _put(
    draw: random.Random, sheet: Any, row: int, column: int, cell: str, form: Any, results: tuple[object, ...]
) -> None:
    way = draw.random()
    if way < 0.75 or row == 0:
        sheet.write_string(row, column, cell)
    elif way < 0.8:
        sheet.write_number(
            row, column, draw.choice((0, 1, -1, 0.45, 1e300, 45200.5, -1e10, 2**60, 1e-300)), form
        )
    elif way < 0.85:
        moment = datetime.datetime(1900, 1, 1) + datetime.timedelta(
            days=draw.randint(0, 60_000), seconds=draw.randint(0, 86_399)
        )
        sheet.write_datetime(row, column, moment, form)
    elif way < 0.9:
        sheet.write_formula(row, column, "=1/0", form, draw.choice((cell or 3, *results)))
    elif way < 0.93:
        sheet.write_boolean(row, column, draw.random() < 0.5, form)
    elif way < 0.96:
        sheet.write_blank(row, column, None, form)


def _parts(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def _replaced(
    parts: dict[str, bytes], name: str, pattern: bytes, by: bytes | Callable[[Any], bytes], count: int = 1
) -> None:
    parts[name] = re.sub(pattern, by, parts.get(name, b""), count=count)


def _far_cell(draw: random.Random, parts: dict[str, bytes]) -> None:
    far = draw.choice(
        (b"XFD1048576", b"A1048576", b"XFD1", b"ZZZZZ1", b"A9999999999", b"A0", b"1", b"", b"aa1", b"A-1")
    )
    cells = re.findall(rb'<c r="[A-Z]+\d+"', parts[SHEET])
    if cells:
        parts[SHEET] = parts[SHEET].replace(draw.choice(cells), b'<c r="' + far + b'"', 1)


def _row_number(draw: random.Random, parts: dict[str, bytes]) -> None:
    number = str(draw.choice((0, 1, 1_048_576, 1_048_577, 2**31, 2**32, 2**64, -1))).encode()
    _replaced(parts, SHEET, rb'<row r="\d+"', b'<row r="' + number + b'"')


def _dimension(draw: random.Random, parts: dict[str, bytes]) -> None:
    told = draw.choice((b"A1:XFD1048576", b"A1", b"", b"B7:A1", b"A1:ZZZZ99999999", b"XFD1048576:XFD1048576"))
    _replaced(parts, SHEET, rb'<dimension ref="[^"]*"', b'<dimension ref="' + told + b'"')


def _kind(draw: random.Random, parts: dict[str, bytes]) -> None:
    kind = draw.choice((b"s", b"b", b"e", b"d", b"n", b"str", b"inlineStr", b"x", b""))
    _replaced(parts, SHEET, rb' t="s"', b' t="' + kind + b'"', draw.choice((1, 3, 0)))


def _value(draw: random.Random, parts: dict[str, bytes]) -> None:
    value = draw.choice(
        (
            b"-1",
            b"99999999",
            b"1e400",
            b"nan",
            b"inf",
            b"",
            b"1.5",
            b"&#0;",
            b"&x;",
            b"9" * 500,
            b"2958466",
            b"-693595",
        )
    )
    _replaced(parts, SHEET, rb"<v>[^<]*</v>", b"<v>" + value + b"</v>", draw.choice((1, 2)))


def _style(draw: random.Random, parts: dict[str, bytes]) -> None:
    style = draw.choice((b"0", b"5", b"999999", b"-1", b"x"))
    _replaced(
        parts, SHEET, rb"(<c r=\"[A-Z]+\d+\")( s=\"\d+\")?", rb'\1 s="' + style + b'"', draw.choice((1, 5, 0))
    )


def _string_count(draw: random.Random, parts: dict[str, bytes]) -> None:
    count = draw.choice((b"0", b"4294967295", b"99999999999999999999", b"-1", b"x"))
    _replaced(parts, STRINGS, rb'ount="\d+"', b'ount="' + count + b'"', 0)


def _entity(draw: random.Random, parts: dict[str, bytes]) -> None:
    steps = b"".join(b'<!ENTITY l%d "%s">' % (n, b"&l%d;" % (n - 1) * 10) for n in range(1, 10))
    head = (
        b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY l0 "lol">'
        + steps
        + b'<!ENTITY f SYSTEM "file:///etc/passwd">]>'
    )
    name = draw.choice((STRINGS, SHEET))
    parts[name] = head + parts.get(name, b"").partition(b"?>")[2].replace(
        b"<t>", draw.choice((b"<t>&l9;", b"<t>&f;")), 1
    )


def _many_rows(draw: random.Random, parts: dict[str, bytes]) -> None:
    many = draw.choice(
        (b"<row/>", b'<row r="1"></row>', b"<row><c/></row>", b"<row><c><v>1</v></c></row>", b"<c/>", b"<a>")
    )
    parts[SHEET] = parts[SHEET].replace(
        b"</sheetData>", many * draw.choice((100, 20_000, 200_000)) + b"</sheetData>"
    )


def _long_string(draw: random.Random, parts: dict[str, bytes]) -> None:
    size = draw.choice((40_000, 1_100_000, 20_000_000))
    _replaced(parts, STRINGS, rb"<t[^>]*>[^<]*</t>", b"<t>" + b"x" * size + b"</t>")


def _many_strings(draw: random.Random, parts: dict[str, bytes]) -> None:
    parts[STRINGS] = parts.get(STRINGS, b"").replace(
        b"</sst>", b"<si><t>x</t></si>" * draw.choice((1_000, 400_000)) + b"</sst>"
    )


def _lost(draw: random.Random, parts: dict[str, bytes]) -> None:
    parts.pop(draw.choice(sorted(parts)), None)
    parts.setdefault(SHEET, b"")


def _renamed(draw: random.Random, parts: dict[str, bytes]) -> None:
    name = draw.choice(sorted(parts))
    parts[
        draw.choice((name.upper(), f"/{name}", f"../{name}", name.replace("/", "\\"), "x", f"{name}\0"))
    ] = parts.pop(name)
    parts.setdefault(SHEET, b"")


def _sheets(draw: random.Random, parts: dict[str, bytes]) -> None:
    name = draw.choice((b"", b"x" * 5_000, b"a&#10;b", b"&#x202e;x", b"[bold]", b"Sheet2"))
    _replaced(parts, BOOK, rb'<sheet name="[^"]*"', b'<sheet name="' + name + b'"')


def _merged(draw: random.Random, parts: dict[str, bytes]) -> None:
    told = draw.choice((b"A1:XFD1048576", b"A1:A1", b"", b"x"))
    parts[SHEET] = parts[SHEET].replace(
        b"</sheetData>", b'</sheetData><mergeCells count="1"><mergeCell ref="' + told + b'"/></mergeCells>'
    )


def _xml_bytes(draw: random.Random, parts: dict[str, bytes]) -> None:
    name = draw.choice(sorted(parts))
    parts[name] = mutating.damaged(draw, parts[name])
    parts.setdefault(SHEET, b"")


def _nested(draw: random.Random, parts: dict[str, bytes]) -> None:
    name = draw.choice((SHEET, STRINGS, STYLES, BOOK))
    deep = draw.choice((100, 200_000))
    parts[name] = parts.get(name, b"").replace(b"<", b"<x>" * deep + b"<", 2)


XML_WAYS = (
    *(
        _far_cell,
        _row_number,
        _dimension,
        _kind,
        _value,
        _style,
        _string_count,
        _entity,
        _many_rows,
        _long_string,
    ),
    *(_many_strings, _lost, _renamed, _sheets, _merged, _xml_bytes, _nested),
)


def _bomb(draw: random.Random, parts: dict[str, bytes]) -> None:
    """A part that unpacks to a great deal."""
    filler = draw.choice((b"\0", b" ", b"<row/>", b"<si><t/></si>"))
    name = draw.choice((SHEET, STRINGS, STYLES, "xl/media/image1.png", "docProps/app.xml"))
    whole = parts.get(name, b"")
    place = whole.rfind(b"</")
    parts[name] = whole[:place] + filler * (BOMB_BYTES // len(filler)) + whole[place:]


def _archive(draw: random.Random, parts: dict[str, bytes]) -> bytes:
    """The parts as an archive whose own figures are now and then wrong."""
    target = io.BytesIO()
    kind = draw.choice(
        (zipfile.ZIP_DEFLATED,) * 8 + (zipfile.ZIP_STORED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA)
    )
    if sum(map(len, parts.values())) > 10_000_000:
        kind = zipfile.ZIP_DEFLATED
    with zipfile.ZipFile(target, "w", kind, compresslevel=1) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    changed = bytearray(target.getvalue())
    if draw.random() < 0.15:
        # A field of the central directory: sizes, places, flags, method.
        places = [found.start() for found in re.finditer(rb"PK\x01\x02", changed)]
        field, size = draw.choice(((8, 2), (10, 2), (16, 4), (20, 4), (24, 4), (28, 2), (42, 4)))
        start = draw.choice(places) + field
        changed[start : start + size] = draw.choice(
            (b"\xff" * size, b"\0" * size, b"\1" + b"\0" * (size - 1), draw.randbytes(size))
        )
    return bytes(changed)

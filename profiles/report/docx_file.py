"""The report as a Word document: real styles, a contents list, alt texts, header rows; the same bytes."""

import io
import zipfile
from datetime import date
from typing import Any

from profiles import words
from profiles.report.docx_styles import (
    BAND,
    BLUE,
    DENSE,
    OPEN,
    PAGE,
    TOGETHER,
    field_part,
    page,
    properties,
    shade,
    styles,
)
from profiles.report.drawing import WIDE, picture
from profiles.report.model import (
    Blank,
    Cell,
    Document,
    Heading,
    Line,
    Picture,
    Points,
    Table,
    Text,
    legible,
)

FIRST_DAY = (1980, 1, 1, 0, 0, 0)
"""What every part of the file is dated: the same report gives the same bytes."""


def docx_bytes(document: Document) -> bytes:
    """The document as DOCX, dated by the as-at date whatever the clock says."""
    # Reading it takes longer than starting everything else on the command line.
    import docx

    document = legible(document)
    book = docx.Document()
    properties(book, document)
    styles(book)
    page(book, document)
    _front(book, document)
    number = 0
    drawn = 0
    for block in document.blocks:
        if isinstance(block, Heading):
            number += block.level == 1
            _heading(book, block, number)
        elif isinstance(block, Text):
            _runs(book.add_paragraph(style="Note" if block.is_note else "Normal"), block.pieces)
        elif isinstance(block, Points):
            for item in block.items:
                _runs(book.add_paragraph(style="List Bullet"), item)
        elif isinstance(block, Blank):
            _blank(book, block)
        elif isinstance(block, Picture):
            drawn += 1
            _picture(book, block, drawn)
        else:
            _table(book, block)
    target = io.BytesIO()
    book.save(target)
    return _dated(target.getvalue())


def _front(book: Any, document: Document) -> None:
    """Title, stamp and the contents list: a field whose entries are there before anybody updates it."""
    stamp = document.stamp
    book.add_paragraph(document.title, style="Title")
    day = words.day(date.fromisoformat(stamp.as_at))
    made_up = " · SYNTHETIC: invented data, no real record" if stamp.synthetic != "no" else ""
    book.add_paragraph(f"As at {day} · {stamp.marking}{made_up}", style="Subtitle")
    book.add_paragraph("Contents", style="Caption")
    sections = document.sections
    for place, heading in enumerate(sections):
        paragraph = book.add_paragraph(style="Contents")
        if place == 0:
            field_part(paragraph, "begin")
            field_part(paragraph, "", 'TOC \\o "1-1" \\h \\n')
            field_part(paragraph, "separate")
        _link(paragraph, f"{place + 1}  {heading.text}", heading.anchor)
        if place == len(sections) - 1:
            field_part(paragraph, "end")


def _link(paragraph: Any, text: str, anchor: str) -> None:
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    link = OxmlElement("w:hyperlink")
    link.set(qn("w:anchor"), anchor)
    link.set(qn("w:history"), "1")
    link.append(paragraph.add_run(text)._r)
    paragraph._p.append(link)


def _heading(book: Any, heading: Heading, number: int) -> None:
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    text = f"{number}  {heading.text}" if heading.level == 1 else heading.text
    # Below a section come its figures: no level is left out.
    paragraph = book.add_heading(text, level=min(heading.level, 2))
    if heading.anchor:
        for kind, place in (("bookmarkStart", 0), ("bookmarkEnd", None)):
            mark = OxmlElement(f"w:{kind}")
            mark.set(qn("w:id"), str(number))
            if place == 0:
                mark.set(qn("w:name"), heading.anchor)
                paragraph._p.insert(1, mark)
            else:
                paragraph._p.append(mark)


def _runs(paragraph: Any, line: Line) -> None:
    for piece in line:
        paragraph.add_run(piece if isinstance(piece, str) else piece.text)


def _blank(book: Any, blank: Blank) -> None:
    paragraph = book.add_paragraph(style="Blank")
    paragraph.add_run(f"[Analyst to write: {blank.what}]").bold = True
    if blank.hint:
        paragraph.add_run(f" {blank.hint}")


def _picture(book: Any, block: Picture, number: int) -> None:
    from docx.shared import Inches

    book.add_paragraph(f"Figure {number}. {block.title}", style="Caption")
    drawn = book.add_paragraph().add_run().add_picture(io.BytesIO(picture(block.chart)), width=Inches(WIDE))
    properties = drawn._inline.docPr
    properties.set("descr", block.alt)
    properties.set("title", block.title)
    properties.set("name", f"Figure {number}")


def _table(book: Any, table: Table) -> None:
    from docx.enum.table import WD_TABLE_ALIGNMENT

    book.add_paragraph(table.caption, style="Caption")
    drawn = book.add_table(rows=1 + len(table.rows), cols=len(table.heads))
    drawn.alignment, drawn.autofit = WD_TABLE_ALIGNMENT.LEFT, False
    _table_properties(drawn, table)
    heads = tuple(Cell(((text,),), is_head=True) for text in table.heads)
    numbers = table.numeric
    for place, (row, cells) in enumerate(zip(drawn.rows, (heads, *table.rows), strict=True)):
        _row(row, is_header=place == 0)
        for column, (cell, content) in enumerate(zip(row._tr.tc_lst, cells, strict=True)):
            is_kept = place < (len(table.rows) if len(table.rows) <= TOGETHER else 2)
            _fill(cell, content, place == 0, numbers[column], table, is_kept)
    # A paragraph in any case: two tables in a row would else grow together.
    book.add_paragraph(" ".join(table.notes), style="Note")


def _table_properties(drawn: Any, table: Table) -> None:
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn
    from docx.shared import Cm

    properties = drawn._tbl.tblPr
    borders = OxmlElement("w:tblBorders")
    for side, size, colour in (("top", "8", BLUE), ("bottom", "8", BLUE), ("insideH", "4", "C5CCD4")):
        line = OxmlElement(f"w:{side}")
        for name, value in (("val", "single"), ("sz", size), ("space", "0"), ("color", colour)):
            line.set(qn(f"w:{name}"), value)
        borders.append(line)
    margins = OxmlElement("w:tblCellMar")
    for side, width in (("top", "30"), ("left", "60"), ("bottom", "30"), ("right", "60")):
        margin = OxmlElement(f"w:{side}")
        margin.set(qn("w:w"), "25" if table.is_dense and side in ("left", "right") else width)
        margin.set(qn("w:type"), "dxa")
        margins.append(margin)
    look = properties.find(qn("w:tblLook"))
    told = OxmlElement("w:tblCaption")
    told.set(qn("w:val"), table.caption)
    layout = properties.find(qn("w:tblLayout"))
    for each in (borders, layout, margins):
        if each is not None:
            look.addprevious(each)
    look.addnext(told)
    for column, share in zip(drawn.columns, table.widths, strict=True):
        column.width = Cm(PAGE * share)
    width = properties.find(qn("w:tblW"))
    width.set(qn("w:type"), "dxa")
    width.set(qn("w:w"), str(round(PAGE * 567)))


def _row(row: Any, *, is_header: bool) -> None:
    from docx.oxml import OxmlElement

    properties = row._tr.get_or_add_trPr()
    properties.append(OxmlElement("w:cantSplit"))
    if is_header:
        properties.append(OxmlElement("w:tblHeader"))


def _fill(cell: Any, content: Cell, is_header: bool, is_right: bool, table: Table, is_kept: bool) -> None:
    """Writes the lines of a cell: straight to its element, for thousands of them are written."""
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.oxml.ns import qn
    from docx.shared import Cm, Pt
    from docx.text.paragraph import Paragraph

    properties = cell.get_or_add_tcPr()
    share = table.widths[cell.getparent().tc_lst.index(cell)]
    cell.width = Cm(PAGE * share)
    if is_header or content.is_blank:
        properties.append(shade(OPEN if content.is_blank else BAND))
    first = cell.find(qn("w:p"))
    for place, line in enumerate(content.lines):
        element = first if place == 0 else cell.add_p()
        element.style = "Cell" if place == 0 else "Cellsmall"
        paragraph = Paragraph(element, cell)
        if is_kept:
            paragraph.paragraph_format.keep_with_next = True
        if is_right:
            paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT
        for piece in line:
            run = paragraph.add_run(piece if isinstance(piece, str) else piece.text)
            if is_header or content.is_head:
                run.bold = True
            if table.is_dense:
                run.font.size = Pt(DENSE)


def _dated(content: bytes) -> bytes:
    """The file with its parts by name, all of one date."""
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as source, zipfile.ZipFile(target, "w") as archive:
        # What says the types of the parts stands first, as programs expect it.
        for name in sorted(source.namelist(), key=lambda each: (each != "[Content_Types].xml", each)):
            entry = zipfile.ZipInfo(name, FIRST_DAY)
            entry.compress_type, entry.create_system, entry.external_attr = (
                zipfile.ZIP_DEFLATED,
                3,
                0o644 << 16,
            )
            archive.writestr(entry, source.read(name))
    return target.getvalue()

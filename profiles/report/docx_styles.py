"""How the Word document looks: its properties, styles and pages, and what fields are made of."""

from datetime import date, datetime
from typing import Any

from profiles import words
from profiles.report.model import Document

BLUE, TEXT, MUTED, BAND, OPEN = "12436D", "17212B", "505A64", "E7ECF2", "FFF4D6"
"""Headings, text, what stands back, header rows, and what is to be filled in."""
FACE = "Arial"
BODY, SMALL, DENSE = 10.5, 8.5, 8
"""Points of the text, of tables and notes, and of the second line of a cell."""
TOGETHER = 9
"""Rows of a table that is kept on one page; of a longer one the head and the first row are."""
PAGE = 17.0
"""Centimetres of the text's width on A4."""


def properties(book: Any, document: Document) -> None:
    stamp = document.stamp
    day = datetime.combine(date.fromisoformat(stamp.as_at), datetime.min.time())
    made_up = "SYNTHETIC" if stamp.synthetic != "no" else ""
    core = book.core_properties
    core.title, core.language, core.revision = document.title, "en-GB", 1
    core.subject = ", ".join(filter(None, (f"As at {words.day(day.date())}", stamp.marking, made_up)))
    core.author = core.last_modified_by = f"stalking-profiles {stamp.version}"
    core.keywords, core.comments, core.category = stamp.marking, "", "Problem profile"
    core.created = core.modified = core.last_printed = day


def styles(book: Any) -> None:
    from docx.enum.style import WD_STYLE_TYPE
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn
    from docx.shared import Pt, RGBColor

    known = book.styles
    defaults = known.element.find(qn("w:docDefaults")).find(qn("w:rPrDefault")).find(qn("w:rPr"))
    language = defaults.find(qn("w:lang"))
    if language is None:
        language = OxmlElement("w:lang")
        defaults.append(language)
    language.set(qn("w:val"), "en-GB")
    language.set(qn("w:eastAsia"), "en-GB")
    theme = book.settings.element.find(qn("w:themeFontLang"))
    if theme is not None:
        theme.set(qn("w:val"), "en-GB")
    for name in ("Note", "Cell", "Cell small", "Blank", "Contents"):
        known.add_style(name, WD_STYLE_TYPE.PARAGRAPH).base_style = known["Normal"]
    # Name, points, colour, bold, space before and after, kept with what follows.
    looks: tuple[tuple[str, float, str, bool, float, float, bool], ...] = (
        ("Normal", BODY, TEXT, False, 0, 6, False),
        ("Title", 28, BLUE, True, 0, 4, True),
        ("Subtitle", 12, MUTED, False, 0, 10, True),
        ("Heading 1", 18, BLUE, True, 22, 6, True),
        ("Heading 2", 14, BLUE, True, 14, 4, True),
        ("Heading 3", 12, BLUE, True, 14, 4, True),
        ("List Bullet", BODY, TEXT, False, 0, 4, False),
        ("Caption", 9.5, TEXT, True, 8, 3, True),
        ("Note", SMALL, MUTED, False, 3, 4, False),
        ("Cell", SMALL, TEXT, False, 0, 0, False),
        ("Cell small", DENSE, MUTED, False, 0, 0, False),
        ("Blank", BODY, TEXT, False, 8, 8, False),
        ("Contents", BODY, TEXT, False, 0, 3, False),
        ("Header", SMALL, MUTED, False, 0, 0, False),
        ("Footer", SMALL, MUTED, False, 0, 0, False),
    )
    for name, size, colour, is_bold, before, after, is_kept in looks:
        style = known[name]
        style.font.name, style.font.size, style.font.bold = FACE, Pt(size), is_bold
        style.font.color.rgb, style.font.italic = RGBColor.from_string(colour), False
        fonts = style.element.rPr.rFonts
        for kind in ("w:ascii", "w:hAnsi", "w:cs", "w:eastAsia"):
            fonts.set(qn(kind), FACE)
        for theme_font in ("w:asciiTheme", "w:hAnsiTheme", "w:cstheme", "w:eastAsiaTheme"):
            fonts.attrib.pop(qn(theme_font), None)
        layout = style.paragraph_format
        layout.space_before, layout.space_after = Pt(before), Pt(after)
        layout.keep_with_next, layout.line_spacing = is_kept, 1.1
        if name == "Blank":
            layout.left_indent = layout.right_indent = Pt(8)
    for spacing in list(known["Subtitle"].element.rPr.iter(qn("w:spacing"))):
        spacing.getparent().remove(spacing)
    for border in known["Title"].element.iter(qn("w:pBdr")):
        border.getparent().remove(border)
        break
    boxed(known["Blank"].element.get_or_add_pPr(), OPEN)


def boxed(properties: Any, fill: str) -> None:
    """Gives paragraphs a border and a background: nobody should overlook what is to be filled in."""
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    box = OxmlElement("w:pBdr")
    for side in ("top", "left", "bottom", "right"):
        line = OxmlElement(f"w:{side}")
        for name, value in (("val", "dashed"), ("sz", "8"), ("space", "6"), ("color", "8A6100")):
            line.set(qn(f"w:{name}"), value)
        box.append(line)
    filled = shade(fill)
    # The order of these elements is part of the format: both stand before spacing and indents.
    after = [
        child
        for child in properties
        if child.tag in (qn("w:spacing"), qn("w:ind"), qn("w:contextualSpacing"))
    ]
    for each in (box, filled):
        if after:
            after[0].addprevious(each)
        else:
            properties.append(each)


def shade(fill: str) -> Any:
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    found = OxmlElement("w:shd")
    for name, value in (("val", "clear"), ("color", "auto"), ("fill", fill)):
        found.set(qn(f"w:{name}"), value)
    return found


def page(book: Any, document: Document) -> None:
    """A4 with marking, stamp and as-at date above, and page numbers below."""
    from docx.enum.text import WD_TAB_ALIGNMENT
    from docx.shared import Cm

    section = book.sections[0]
    section.page_width, section.page_height = Cm(21), Cm(29.7)
    section.left_margin = section.right_margin = Cm(2)
    section.top_margin, section.bottom_margin = Cm(2.3), Cm(2)
    section.header_distance = section.footer_distance = Cm(1)
    stamp = document.stamp
    day = f"As at {words.day(date.fromisoformat(stamp.as_at))}"
    made_up = "SYNTHETIC: no real record" if stamp.synthetic != "no" else ""
    marked = " · ".join(filter(None, (stamp.marking, made_up)))
    for part, left, right in (
        (section.header, marked, day),
        (section.footer, f"{marked} · {document.title}", "Page "),
    ):
        paragraph = part.paragraphs[0]
        for stop in list(paragraph.style.paragraph_format.tab_stops):
            paragraph.paragraph_format.tab_stops.add_tab_stop(stop.position, WD_TAB_ALIGNMENT.CLEAR)
        paragraph.paragraph_format.tab_stops.add_tab_stop(Cm(PAGE), WD_TAB_ALIGNMENT.RIGHT)
        paragraph.add_run(f"{left}\t{right}").bold = part is section.header
        if part is section.footer:
            field(paragraph, "PAGE", "1")
            paragraph.add_run(" of ")
            field(paragraph, "NUMPAGES", "1")


def field(paragraph: Any, code: str, shown: str) -> None:
    for kind, text in (("begin", ""), ("", code), ("separate", ""), ("shown", shown), ("end", "")):
        field_part(paragraph, kind, text)


def field_part(paragraph: Any, kind: str, text: str = "") -> None:
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    run = paragraph.add_run(text if kind == "shown" else None)
    if kind == "shown":
        return
    if kind:
        part = OxmlElement("w:fldChar")
        part.set(qn("w:fldCharType"), kind)
    else:
        part = OxmlElement("w:instrText")
        part.set(qn("xml:space"), "preserve")
        part.text = f" {text} "
    run._r.append(part)

"""Files that are not what their name says, told by their first bytes: web pages, old workbooks and others."""

import codecs
import re
import struct
from pathlib import Path
from typing import BinaryIO

from profiles.errors import BadFile

START_BYTES = 4096
SECTOR_BYTES = 4096

COMPOUND = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
"""The first bytes of the compound files that hold old workbooks, and new ones under a password."""

_WEB_PAGE = re.compile(
    r"(?:\s|<!--.*?-->|<\?xml[^>]*>)*<(?:!doctype\s+html|html|head|body|table|thead|tbody|tr|td|th|meta|style|"
    r"script|title|link|div|span|center|font|form|frameset|p|br|h[1-6])\b[^<]*",
    re.IGNORECASE | re.DOTALL,
)
_XML = re.compile(r"\s*<\?(?:xml|mso-application)\b", re.IGNORECASE)

_KINDS = (
    (b"%PDF-", "a PDF"),
    (b"{\\rtf", "a text document (RTF)"),
    (b"\x1f\x8b", "packed (gzip); unpack it first"),
    (b"Rar!", "packed (RAR); unpack it first"),
    (b"7z\xbc\xaf\x27\x1c", "packed (7z); unpack it first"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"SQLite format 3\0", "a database"),
    (b"MIME-Version:", "a web page saved as one file"),
)
_OLD_SHEETS = (
    b"\x09\x00\x04\x00",
    b"\x09\x02\x06\x00",
    b"\x09\x04\x06\x00",
    b"\x09\x08\x10\x00",
    b"\x09\x08\x08\x00",
)
"""Sheets of the workbooks before 1995, which stand in no compound file."""


REMEDY = "export the table as CSV or XLSX"


def refuse_disguised(path: Path) -> None:
    """Raise BadFile for a file that is another thing than a table, whatever it is named."""
    if told := disguise(path):
        raise BadFile(f"{path} is {told}.")


def disguise(path: Path) -> str:
    """What the file is instead of a table, with the remedy; empty where nothing gives it away."""
    with path.open("rb") as handle:
        start = handle.read(START_BYTES)
        if start.startswith(COMPOUND):
            return _compound(start, handle)
    if start.startswith(_OLD_SHEETS):
        return "a workbook of the old form (.xls, before Excel 97); save it as .xlsx or CSV"
    for mark, kind in _KINDS:
        if start.startswith(mark):
            return f"{kind}; {REMEDY}"
    text, suffix = _text(start), path.suffix.lower()
    if _WEB_PAGE.match(text):
        return f"a web page saved as {suffix or 'a file'}; {REMEDY}"
    if _XML.match(text):
        return f"XML saved as {suffix or 'a file'}; {REMEDY}"
    if suffix != ".xls":
        return ""
    is_new = start.startswith(b"PK\x03\x04")
    return "a workbook of the new form; name it .xlsx" if is_new else "text, not a workbook; name it .csv"


def _compound(start: bytes, handle: BinaryIO) -> str:
    """What a compound file is, by the names in its directory."""
    directory = b""
    if len(start) >= 64:
        (shift,), (first,) = struct.unpack_from("<H", start, 30), struct.unpack_from("<I", start, 48)
        # A damaged header may point beyond every file.
        handle.seek(min((first + 1) << min(shift, 12), 1 << 40))
        directory = handle.read(SECTOR_BYTES)
    if "EncryptedPackage".encode("utf-16-le") in directory:
        return "locked with a password; save it without one"
    if "WordDocument".encode("utf-16-le") in directory:
        return f"a Word document, not a table; {REMEDY}"
    return "a workbook of the old form (.xls, Excel 97 to 2003); save it as .xlsx or CSV"


def _text(start: bytes) -> str:
    """The bytes as text, however badly: only what stands at the beginning matters."""
    if start[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
        return start.decode("utf-16", "replace")
    # Letters beyond ASCII never stand before the first tag.
    return start.removeprefix(codecs.BOM_UTF8).decode("latin-1")

"""Sheets of an XLSX workbook as rows of text, streamed, under limits that hold before anything is kept.

A workbook is an archive of XML. It is read piece by piece, so that its size in memory is that of one row
and of its shared texts, and a cell at the far end of an empty sheet costs nothing. Formats are read too:
only they tell a share from a number.

openpyxl refuses a whole workbook for a style, property or validation that holds no cell, reads neither the
strict form nor a part that is named in another case, and takes 2.5 GB for four million empty cells in one
row (2 MB here). python-calamine tells no formats; benchmarks/README.md has the figures.
"""

import csv
import tempfile
from array import array
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from profiles.errors import BadFile
from profiles.importing.spreadsheet_cells import format_kind, iso_text, number_text, unescaped
from profiles.importing.text_files import Row
from profiles.importing.workbook_parts import SMALL_PART_BYTES, Archive, Handler

MAX_SHEETS = 500
MAX_NAME_LETTERS = 100
"""Of a sheet; programs allow 31."""
MAX_LINES = 1_048_576
MAX_COLUMNS = 2_000
MAX_CELLS = 20_000_000
MAX_BLANK_LINES = 100_000
"""Blank lines between two filled ones."""
MAX_SHARED_TEXTS = 10_000_000
MAX_SPARE_TEXTS = 100_000
TAGS_A_CELL, MAX_SPARE_TAGS = 20, 2_000_000
"""A sheet has at most so many opening and closing tags for each cell, and so many beside."""
"""Shared texts that no cell may need."""


@dataclass(frozen=True)
class Sheet:
    """A sheet: its name, the part of the archive that holds it (blank for a chart), whether it is hidden."""

    name: str
    part: str
    is_hidden: bool


@dataclass(frozen=True)
class Book:
    """An opened workbook; `path` is named in messages, `copy` is read."""

    path: Path
    copy: Path
    sheets: tuple[Sheet, ...]
    formats: tuple[str, ...]
    is_1904: bool
    texts_part: str

    @property
    def names(self) -> tuple[str, ...]:
        """The names of its sheets of cells, in their order."""
        return tuple(sheet.name for sheet in self.sheets if sheet.part)

    @cached_property
    def texts(self) -> "_Texts":
        """The texts that cells share; read when the first of them is needed."""
        with Archive(self.path, self.copy) as archive:
            return _shared_texts(archive, self)


class _Texts:
    """Many texts in little memory: their bytes one behind another, and where each ends."""

    def __init__(self) -> None:
        self.content = bytearray()
        self.ends = array("Q", [0])

    def add(self, text: str) -> None:
        self.content += text.encode("utf-8", "replace")
        self.ends.append(len(self.content))

    def __len__(self) -> int:
        return len(self.ends) - 1

    def __getitem__(self, index: int) -> str:
        if index < 0:
            raise IndexError(index)
        return self.content[self.ends[index] : self.ends[index + 1]].decode()


def opened_book(path: Path, copy: Path) -> Book:
    """The workbook in `copy`, its sheets and formats known.

    Raises BadFile when it is none, is damaged or exceeds a limit.
    """
    with Archive(path, copy) as archive:
        main = "xl/workbook.xml"
        if main not in archive and "_rels/.rels" in archive:
            main = next((part for _, kind, part in archive.related("") if kind == "officeDocument"), main)
        if main not in archive or not main.endswith(".xml"):
            archive.damaged("it holds no xl/workbook.xml")
        related = archive.related(main)
        by_kind = {kind: part for _, kind, part in related if part in archive}
        parts = {link: part for link, kind, part in related if kind == "worksheet"}
        sheets: list[Sheet] = []
        is_1904 = False
        for element, item in archive.elements(main, "workbookPr", "sheet"):
            if element == "workbookPr":
                is_1904 = item.get("date1904", "") in ("1", "true", "on")
                continue
            name = item.get("name", "")
            link = next((value for key, value in item.items() if key.rpartition(":")[2] == "id"), "")
            if name.casefold() in {sheet.name.casefold() for sheet in sheets}:
                archive.damaged(f"it has two sheets called {name!r}")
            if len(name) > MAX_NAME_LETTERS:
                archive.damaged(f"the name of a sheet has more than {MAX_NAME_LETTERS} letters")
            if len(sheets) >= MAX_SHEETS:
                archive.refuse(f"has more than {MAX_SHEETS} sheets")
            sheets.append(Sheet(name, parts.get(link, ""), item.get("state", "visible") != "visible"))
        if not any(sheet.part for sheet in sheets):
            archive.damaged("it has no sheet of cells")
        formats = _formats(archive, by_kind["styles"]) if "styles" in by_kind else ()
        return Book(path, copy, tuple(sheets), formats, is_1904, by_kind.get("sharedStrings", ""))


def _formats(archive: Archive, part: str) -> tuple[str, ...]:
    """What each cell style shows: date, duration, percent, or blank for a plain number or text."""
    codes: dict[int, str] = {}
    numbers: list[int] = []
    is_cell = False
    for name, item in archive.elements(part, "numFmt", "cellXfs", "cellStyles", "dxfs", "cellStyleXfs", "xf"):
        if name == "numFmt" and not is_cell:
            codes[_whole(item.get("numFmtId", ""))] = item.get("formatCode", "")
        elif name == "xf" and is_cell:
            numbers.append(_whole(item.get("numFmtId", "")))
        elif name != "numFmt":
            is_cell = name == "cellXfs"
    return tuple(format_kind(number, codes) for number in numbers)


def _whole(text: str) -> int:
    return int(text) if text.isdigit() and len(text) < 10 else 0


def _shared_texts(archive: Archive, book: Book) -> _Texts:
    found = _Texts()
    if not book.texts_part:
        return found
    if archive.size(book.texts_part) > len("<si/>") * MAX_SPARE_TEXTS:
        cells = sum(archive.counted(sheet.part, "c") for sheet in book.sheets if sheet.part)
        most = cells + MAX_SPARE_TEXTS
        if archive.counted(book.texts_part, "si", most) > most:
            archive.refuse(
                f"has more than {most:,} shared texts for {cells:,} cells; "
                f"at most {MAX_SPARE_TEXTS:,} may be spare"
            )
    handler = Handler(archive)

    def close() -> None:
        if len(found) >= MAX_SHARED_TEXTS:
            archive.refuse(f"has more than {MAX_SHARED_TEXTS:,} shared texts")
        found.add(unescaped("".join(handler.pieces)))

    handler.keep_texts()
    handler.starts["si"], handler.ends["si"] = handler.forget, close
    for _ in archive.parsed(book.texts_part, handler):
        pass
    return found


class _Cells(Handler):
    """Rows of one sheet: line and cells by place, gathered until they are taken."""

    def __init__(self, archive: Archive, book: Book, sheet: str, below: int) -> None:
        super().__init__(archive)
        self.book, self.sheet, self.below = book, sheet, below
        self.rows: list[tuple[int, dict[int, str]]] = []
        self.line = self.place = self.count = 0
        self.last_filled = 0
        self.cells: dict[int, str] = {}
        self.kind = self.style = ""
        self.has_formula = False
        self.columns: dict[str, int] = {}
        self.texts = book.texts
        self.formats = {str(place): kind for place, kind in enumerate(book.formats)}
        self.formats[""] = self.formats.get("0", "")
        self.keep_texts()
        self.starts |= {"row": self.begin_row, "c": self.begin_cell, "v": self.keep, "f": self.begin_formula}
        self.ends |= {"row": self.end_row, "c": self.end_cell, "v": self.stop}

    def begin_row(self, attributes: dict[str, str]) -> None:
        number = _whole(attributes.get("r", ""))
        self.begin_line(number or self.line + 1)
        self.cells = {}
        self.place = -1

    def begin_line(self, line: int) -> None:
        if line > MAX_LINES:
            self.archive.refuse(f"sheet {self.sheet!r} has more than {MAX_LINES:,} lines")
        if line <= self.line:
            self.archive.damaged(f"line {line} of sheet {self.sheet!r} is out of order")
        self.line = line

    def begin_cell(self, attributes: dict[str, str]) -> None:
        reference = attributes.get("r")
        self.place += 1
        if reference is not None:
            letters = reference.rstrip("0123456789")
            place = self.columns.get(letters)
            if place is None:
                place = self.columns[letters] = _column(letters) - 1
            self.place = place if place >= 0 else self.place
            if not self.cells and (line := _whole(reference[len(letters) :])) > self.line:
                self.begin_line(line)
        self.kind, self.style = attributes.get("t", "n"), attributes.get("s", "")
        self.has_formula = False
        self.forget()

    def begin_formula(self, _: dict[str, str]) -> None:
        self.has_formula = True

    def end_cell(self) -> None:
        text = self.text("".join(self.pieces)) if self.pieces else ""
        if not text:
            # A formula whose result is blank has the kind of a text.
            if self.has_formula and self.kind == "n" and self.line > self.below:
                raise BadFile(
                    f"{self.book.path}, sheet {self.sheet!r}, line {self.line}, column {self.place + 1}: no "
                    f"program has worked out the formula of this cell; open the workbook in one, save it and "
                    f"import it again."
                )
            return
        self.count += 1
        if self.count > MAX_CELLS:
            self.archive.refuse(f"sheet {self.sheet!r} has more than {MAX_CELLS:,} filled cells")
        if self.place >= MAX_COLUMNS:
            self.archive.refuse(
                f"sheet {self.sheet!r} line {self.line} has a cell in column {self.place + 1:,}; at most "
                f"{MAX_COLUMNS:,} columns are read"
            )
        self.cells[self.place] = text

    def text(self, raw: str) -> str:
        """The stored text of a cell as the text a CSV would hold."""
        if self.kind == "n":
            return number_text(raw, self.formats.get(self.style, ""), self.book.is_1904)
        if self.kind == "s":
            try:
                return self.texts[int(raw)]
            except (ValueError, IndexError):
                self.archive.damaged(f"sheet {self.sheet!r} line {self.line} names a text that is not there")
        if self.kind == "b":
            return "yes" if raw.strip() in ("1", "true") else "no"
        if self.kind == "e":
            # #N/A and its like say that there is no value.
            return ""
        return iso_text(raw) if self.kind == "d" else unescaped(raw)

    def end_row(self) -> None:
        if not self.cells:
            return
        blank = self.line - self.last_filled - 1
        if blank > MAX_BLANK_LINES:
            self.archive.refuse(
                f"sheet {self.sheet!r} line {self.line} lies behind {blank:,} blank lines; at most "
                f"{MAX_BLANK_LINES:,} are read over"
            )
        self.last_filled = self.line
        self.rows.append((self.line, self.cells))


def _column(letters: str) -> int:
    """The number of a column, from 1: A is 1, XFD is 16384; 0 without letters."""
    number = 0
    for letter in letters[:6].upper():
        number = number * 26 + ord(letter) - 64
    return number


def _rows(book: Book, sheet: str, below: int = MAX_LINES) -> Iterator[tuple[int, dict[int, str]]]:
    """The filled rows of a sheet: line and cells by place, from 0.

    Raises BadFile for a formula below that line of which the workbook holds no result.
    """
    part = next(item.part for item in book.sheets if item.name == sheet and item.part)
    with Archive(book.path, book.copy) as archive:
        if archive.size(part) > SMALL_PART_BYTES and archive.counted(part, "row", MAX_LINES) > MAX_LINES:
            archive.refuse(f"sheet {sheet!r} has more than {MAX_LINES:,} lines")
        if archive.size(part) > SMALL_PART_BYTES:
            most = TAGS_A_CELL * archive.counted(part, "c") + MAX_SPARE_TAGS
            if archive.tags(part, most) > most:
                archive.refuse(f"holds far more in the sheet {sheet!r} than its cells need")
        handler = _Cells(archive, book, sheet, below)
        for _ in archive.parsed(part, handler):
            yield from handler.rows
            handler.rows.clear()


def head(book: Book, sheet: str, lines: int) -> tuple[Row, ...]:
    """The filled rows among the first lines of a sheet."""
    found: list[Row] = []
    for line, cells in _rows(book, sheet):
        if line > lines:
            break
        width = max(cells) + 1
        found.append((line, tuple(" ".join(cells.get(place, "").split()) for place in range(width))))
    return tuple(found)


def written(book: Book, sheet: str, header_line: int, width: int, scratch: Path) -> tuple[Path, int]:
    """A CSV of the rows below the header, the line first, and how many columns hold cells or a name."""
    while True:
        handle, name = tempfile.mkstemp(suffix=".csv", dir=scratch)
        widest = width
        with open(handle, "w", encoding="utf-8", errors="replace", newline="") as target:
            writer = csv.writer(target, quoting=csv.QUOTE_ALL, lineterminator="\n")
            for line, cells in _rows(book, sheet, header_line):
                if line > header_line and any(map(str.strip, cells.values())):
                    widest = max(widest, max(cells) + 1)
                    row = [""] * width
                    for place, text in cells.items():
                        if place < width:
                            row[place] = text
                    writer.writerow([line, *row])
        if widest == width:
            return Path(name), width
        Path(name).unlink()
        width = widest

"""Sheets of an XLSX workbook as rows of text, streamed, under limits that hold before anything is kept.

A workbook is an archive of XML. It is read piece by piece, so that its size in memory is that of one row
and of its shared texts, and a cell at the far end of an empty sheet costs nothing. Formats are read too:
only they tell a share from a number.
"""

import csv
import re
import tempfile
import time
import zipfile
import zlib
from array import array
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, NoReturn
from xml.parsers import expat

from profiles.errors import BadFile
from profiles.importing.spreadsheet_cells import format_kind, iso_text, number_text, unescaped
from profiles.importing.text_files import MAX_CELL_CHARACTERS, Row

MAX_PARTS = 10_000
MAX_UNPACKED_BYTES = 1 << 30
MAX_RATIO = 300
"""Unpacked bytes for one packed byte, of a part of more than `SMALL_PART_BYTES`; tables stay below 60."""
SMALL_PART_BYTES = 10_000_000
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
"""Shared texts that no cell may need."""
MAX_DEPTH = 100
MAX_SECONDS = 600.0
CHUNK_BYTES = 1 << 18


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
        with _Archive(self.path, self.copy) as archive:
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


class _Archive:
    """The parts of a workbook's file, found by name and read under the limits."""

    def __init__(self, path: Path, copy: Path) -> None:
        self.path = path
        self.deadline = time.monotonic() + MAX_SECONDS
        try:
            self.packed = zipfile.ZipFile(copy)
        except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
            self.damaged(str(error), error)
        self.parts: dict[str, zipfile.ZipInfo] = {}
        for info in self.packed.infolist():
            name = info.filename.replace("\\", "/").lstrip("/").lower()
            if name in self.parts:
                self.damaged(f"it holds {info.filename!r} twice")
            self.parts[name] = info
        self.check()

    def __enter__(self) -> "_Archive":
        return self

    def __exit__(self, *_: object) -> None:
        self.packed.close()

    def check(self) -> None:
        """Raise BadFile when the archive says that it unpacks to more than the limits allow."""
        if len(self.parts) > MAX_PARTS:
            self.refuse(f"has {len(self.parts):,} parts; at most {MAX_PARTS:,} are read")
        total = sum(info.file_size for info in self.parts.values())
        if total > MAX_UNPACKED_BYTES:
            self.refuse(
                f"unpacks to {total / 1e6:,.0f} MB; at most {MAX_UNPACKED_BYTES / 1e6:,.0f} MB are read"
            )
        for info in self.parts.values():
            if info.file_size > max(SMALL_PART_BYTES, MAX_RATIO * info.compress_size):
                self.refuse(
                    f"unpacks {info.filename} to {info.file_size / max(info.compress_size, 1):,.0f} times "
                    f"its size; at most {MAX_RATIO} times is read"
                )

    def refuse(self, what: str) -> NoReturn:
        """Raise BadFile naming the limit."""
        raise BadFile(f"{self.path} {what}; keep the table alone in the workbook, or export it as CSV.")

    def damaged(self, why: str, cause: Exception | None = None) -> NoReturn:
        """Raise BadFile saying that the workbook is damaged."""
        raise BadFile(f"{self.path} is not a readable workbook ({why}); save it again as .xlsx.") from cause

    def size(self, part: str) -> int:
        """How many bytes the part unpacks to; 0 when it is missing."""
        info = self.parts.get(part.lower())
        return info.file_size if info else 0

    def chunks(self, part: str) -> Iterator[bytes]:
        """The bytes of that part."""
        info = self.parts.get(part.lower())
        if info is None:
            self.damaged(f"{part} is missing")
        if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED) or info.flag_bits & 1:
            self.damaged(f"{part} is packed in a way that workbooks do not use")
        try:
            with self.packed.open(info) as handle:
                while chunk := handle.read(CHUNK_BYTES):
                    if time.monotonic() > self.deadline:
                        self.refuse(f"takes longer than {MAX_SECONDS:.0f} seconds to read")
                    yield chunk
        except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError) as error:
            self.damaged(f"{part}: {error}", error)

    def parsed(self, part: str, handler: "_Handler") -> Iterator[None]:
        """Gives the part's XML to `handler`; yields after each piece."""
        parser = expat.ParserCreate()
        parser.buffer_text = True
        parser.StartElementHandler = handler.start
        parser.EndElementHandler = handler.end
        parser.CharacterDataHandler = handler.characters

        def declared(*_: object) -> None:
            self.damaged(f"{part} declares entities, which no workbook does")

        parser.StartDoctypeDeclHandler = declared
        try:
            for chunk in self.chunks(part):
                parser.Parse(chunk, False)
                yield
            parser.Parse(b"", True)
            yield
        except (expat.ExpatError, ValueError, UnicodeError) as error:
            self.damaged(f"{part}: {error}", error)


class _ByName(dict[str, Any]):
    """What to do with each element; a prefix that some programs write is passed over: x:row is row."""

    def __missing__(self, tag: str) -> Any:
        return self.get(tag.rpartition(":")[2])


class _Handler:
    """What is done with the elements of a part: by name at the start and at the end."""

    def __init__(self, archive: _Archive) -> None:
        self.archive = archive
        self.depth = 0
        self.starts = _ByName()
        self.ends = _ByName()
        self.kept: list[str] | None = None
        self.length = 0

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            self.archive.damaged("its elements lie too deep in one another")
        if (found := self.starts[tag]) is not None:
            found(attributes)

    def end(self, tag: str) -> None:
        self.depth -= 1
        if (found := self.ends[tag]) is not None:
            found()

    def characters(self, text: str) -> None:
        if self.kept is not None:
            self.kept.append(text)
            self.length += len(text)
            if self.length > MAX_CELL_CHARACTERS:
                self.archive.refuse(f"holds a cell of more than {MAX_CELL_CHARACTERS:,} characters")


def _elements(archive: _Archive, part: str, names: tuple[str, ...]) -> list[tuple[str, dict[str, str]]]:
    """The elements of those names in a part, with their attributes, in their order."""
    found: list[tuple[str, dict[str, str]]] = []
    handler = _Handler(archive)
    for name in names:
        handler.starts[name] = lambda attributes, name=name: found.append((name, attributes))
    for _ in archive.parsed(part, handler):
        if len(found) > 200_000:
            archive.refuse(f"describes more than 200,000 things in {part}")
    return found


def opened_book(path: Path, copy: Path) -> Book:
    """The workbook in `copy`, its sheets and formats known.

    Raises BadFile when it is none, is damaged or exceeds a limit.
    """
    with _Archive(path, copy) as archive:
        main = "xl/workbook.xml"
        if main not in archive.parts and "_rels/.rels" in archive.parts:
            for _, item in _elements(archive, "_rels/.rels", ("Relationship",)):
                if item.get("Type", "").endswith("/officeDocument"):
                    main = _joined("", item.get("Target", ""))
        if main not in archive.parts or not main.endswith(".xml"):
            archive.damaged("it holds no xl/workbook.xml")
        folder, _, file = main.rpartition("/")
        links = f"{folder}/_rels/{file}.rels".lstrip("/")
        related: dict[str, tuple[str, str]] = {}
        texts = styles = ""
        for _, item in _elements(archive, links, ("Relationship",)):
            kind, target = item.get("Type", "").rpartition("/")[2], _joined(folder, item.get("Target", ""))
            related[item.get("Id", "")] = (kind, target)
            texts = target if kind == "sharedStrings" else texts
            styles = target if kind == "styles" else styles
        sheets: list[Sheet] = []
        is_1904 = False
        for name, item in _elements(archive, main, ("workbookPr", "sheet")):
            if name == "workbookPr":
                is_1904 = item.get("date1904", "") in ("1", "true", "on")
                continue
            link = next((value for key, value in item.items() if key.rpartition(":")[2] == "id"), "")
            kind, target = related.get(link, ("", ""))
            part = target if kind == "worksheet" else ""
            if item.get("name", "").casefold() in {sheet.name.casefold() for sheet in sheets}:
                archive.damaged(f"it has two sheets called {item.get('name', '')!r}")
            if len(item.get("name", "")) > MAX_NAME_LETTERS:
                archive.damaged(f"the name of a sheet has more than {MAX_NAME_LETTERS} letters")
            if len(sheets) >= MAX_SHEETS:
                archive.refuse(f"has more than {MAX_SHEETS} sheets")
            sheets.append(Sheet(item.get("name", ""), part, item.get("state", "visible") != "visible"))
        if not any(sheet.part for sheet in sheets):
            archive.damaged("it has no sheet of cells")
        formats = _formats(archive, styles) if styles.lower() in archive.parts else ()
        return Book(
            path, copy, tuple(sheets), formats, is_1904, texts if texts.lower() in archive.parts else ""
        )


def _joined(folder: str, target: str) -> str:
    """The name of a part that another one in `folder` refers to."""
    target = target.replace("\\", "/")
    steps = [] if target.startswith("/") else [step for step in folder.split("/") if step]
    for step in target.split("/"):
        if step == ".." and steps:
            steps.pop()
        elif step not in ("", ".", ".."):
            steps.append(step)
    return "/".join(steps)


def _formats(archive: _Archive, part: str) -> tuple[str, ...]:
    """What each cell style shows: date, duration, percent, or blank for a plain number or text."""
    codes: dict[int, str] = {}
    numbers: list[int] = []
    is_cell = False
    for name, item in _elements(
        archive, part, ("numFmt", "cellXfs", "cellStyles", "dxfs", "cellStyleXfs", "xf")
    ):
        if name == "numFmt" and not is_cell:
            codes[_whole(item.get("numFmtId", ""))] = item.get("formatCode", "")
        elif name == "xf" and is_cell:
            numbers.append(_whole(item.get("numFmtId", "")))
        elif name != "numFmt":
            is_cell = name == "cellXfs"
    return tuple(format_kind(number, codes) for number in numbers)


def _whole(text: str) -> int:
    return int(text) if text.isdigit() and len(text) < 10 else 0


def _shared_texts(archive: _Archive, book: Book) -> _Texts:
    found = _Texts()
    if not book.texts_part:
        return found
    if archive.size(book.texts_part) > len("<si/>") * MAX_SPARE_TEXTS:
        cells = sum(_counted(archive, sheet.part, "c") for sheet in book.sheets if sheet.part)
        most = cells + MAX_SPARE_TEXTS
        if _counted(archive, book.texts_part, "si", most) > most:
            archive.refuse(
                f"has more than {most:,} shared texts for {cells:,} cells; "
                f"at most {MAX_SPARE_TEXTS:,} may be spare"
            )
    handler = _Handler(archive)
    pieces: list[str] = []

    def begin(_: dict[str, str]) -> None:
        pieces.clear()
        handler.length = 0

    def keep(_: dict[str, str]) -> None:
        handler.kept = pieces

    def stop() -> None:
        handler.kept = None

    def close() -> None:
        if len(found) >= MAX_SHARED_TEXTS:
            archive.refuse(f"has more than {MAX_SHARED_TEXTS:,} shared texts")
        found.add(unescaped("".join(pieces)))

    _without_phonetics(handler, keep, stop)
    handler.starts["si"], handler.ends["si"] = begin, close
    for _ in archive.parsed(book.texts_part, handler):
        pass
    return found


def _without_phonetics(
    handler: _Handler, keep: Callable[[dict[str, str]], None], stop: Callable[[], None]
) -> None:
    """Makes `handler` keep the text of t, save where it only says how another is pronounced (rPh)."""

    def skip(_: dict[str, str]) -> None:
        handler.starts.pop("t", None)

    def resume() -> None:
        handler.starts["t"] = keep

    handler.starts |= {"t": keep, "rPh": skip}
    handler.ends |= {"t": stop, "rPh": resume}


def _counted(archive: _Archive, part: str, element: str, most: int = MAX_UNPACKED_BYTES) -> int:
    """About how many elements of that name a part holds, counted until there are more than `most`."""
    pattern = re.compile(rb"<(?:\w+:)?" + element.encode() + rb"[\s/>]")
    count = 0
    for chunk in archive.chunks(part):
        count += len(pattern.findall(chunk))
        if count > most:
            break
    return count


class _Cells(_Handler):
    """Rows of one sheet: line and cells by place, gathered until they are taken."""

    def __init__(self, archive: _Archive, book: Book, sheet: str) -> None:
        super().__init__(archive)
        self.book, self.sheet = book, sheet
        self.rows: list[tuple[int, dict[int, str]]] = []
        self.line = self.place = self.count = 0
        self.last_filled = 0
        self.cells: dict[int, str] = {}
        self.kind = self.style = ""
        self.pieces: list[str] = []
        self.columns: dict[str, int] = {}
        self.texts = book.texts
        self.formats = {str(place): kind for place, kind in enumerate(book.formats)}
        self.formats[""] = self.formats.get("0", "")
        _without_phonetics(self, self.keep, self.stop)
        self.starts |= {"row": self.begin_row, "c": self.begin_cell, "v": self.keep}
        self.ends |= {"row": self.end_row, "c": self.end_cell, "v": self.stop}

    def keep(self, _: dict[str, str]) -> None:
        self.kept = self.pieces

    def stop(self) -> None:
        self.kept = None

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
        self.pieces.clear()
        self.length = 0

    def end_cell(self) -> None:
        text = self.text("".join(self.pieces)) if self.pieces else ""
        if not text:
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


def _rows(book: Book, sheet: str) -> Iterator[tuple[int, dict[int, str]]]:
    """The filled rows of a sheet: line and cells by place, from 0."""
    part = next(item.part for item in book.sheets if item.name == sheet and item.part)
    with _Archive(book.path, book.copy) as archive:
        if archive.size(part) > SMALL_PART_BYTES and _counted(archive, part, "row", MAX_LINES) > MAX_LINES:
            archive.refuse(f"sheet {sheet!r} has more than {MAX_LINES:,} lines")
        handler = _Cells(archive, book, sheet)
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
            for line, cells in _rows(book, sheet):
                if line > header_line and any(map(str.strip, cells.values())):
                    widest = max(widest, max(cells) + 1)
                    writer.writerow([line, *(cells.get(place, "") for place in range(width))])
        if widest == width:
            return Path(name), width
        Path(name).unlink()
        width = widest

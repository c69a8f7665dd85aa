"""Text files as rows: decoded to UTF-8, separator and header found, records read line by line.

DuckDB reads a clean file at full speed. Whatever is not laid out plainly (a line break inside quotes, a
blank line, a stray quote, line ends of several kinds) is read by Python's csv module, which knows the
line of every record, into a clean copy.
"""

import codecs
import csv
import io
import itertools
import re
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from profiles.errors import BadFile
from profiles.importing.layouts import squeezed

DELIMITERS = (",", ";", "\t", "|")
MAX_CELL_CHARACTERS = 1_000_000
"""A longer cell is an unclosed quote or not a table."""
CHUNK_BYTES = 1 << 20
HEAD_LINES = 60
"""Lines from the first that are looked at for the header."""
UNSEEN = bytes({*range(32), 127} - {*b"\n\r"})
"""Bytes that nobody sees: the tab and controls that end no line."""

Row = tuple[int, tuple[str, ...]]
"""A physical line, from 1, and the cells of the record that begins on it."""


@dataclass(frozen=True)
class Text:
    """A text file as UTF-8: where it lies and how its lines are laid out.

    `is_plain` says that all lines end alike, so that a reader that guesses the line end guesses right.
    """

    utf8: Path
    lines: int
    ends_cleanly: bool
    is_plain: bool
    has_tabs: bool


@dataclass(frozen=True)
class BadRecord:
    """A record that cannot be laid out in columns: its line and what it holds instead."""

    line: int
    value: str


@dataclass
class _Seen:
    """What the bytes of a file hold, gathered chunk by chunk."""

    newlines: int = 0
    returns: int = 0
    pairs: int = 0
    tabs: int = 0
    size: int = 0
    last: bytes = b""

    def add(self, chunk: bytes) -> None:
        """Adds the next bytes to the counts."""
        self.newlines += chunk.count(b"\n")
        self.returns += chunk.count(b"\r")
        self.pairs += chunk.count(b"\r\n") + (self.last == b"\r" and chunk[:1] == b"\n")
        self.tabs += len(chunk) - len(chunk.translate(None, UNSEEN))
        self.size += len(chunk)
        self.last = chunk[-1:]

    def text(self, utf8: Path) -> Text:
        """The counts as the layout of the file at `utf8`."""
        ends_cleanly = self.last in (b"\n", b"\r")
        is_plain = self.returns in (0, self.newlines) and self.pairs == self.returns
        lines = self.newlines + self.returns - self.pairs + (not ends_cleanly)
        return Text(utf8, lines, ends_cleanly, is_plain, self.tabs > 0)


def decoded(path: Path, chunks: Iterator[bytes], copy: Path, scratch: Path, encoding: str) -> Text:
    """The file's text as UTF-8: its copy itself, or a further one in `scratch`.

    `chunks` are the bytes of the file at `path`, which is only named in messages, as they are written to
    `copy`. Raises BadFile when they are binary, wrongly encoded or in several encodings.
    """
    seen = _Seen()
    fault: tuple[int, int] | None = None
    first = next(chunks, b"")
    is_wide = first[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
    decoder = codecs.getincrementaldecoder("utf-8")() if encoding != "cp1252" and not is_wide else None
    for chunk in itertools.chain([first], chunks):
        if not is_wide and b"\0" in chunk:
            line = seen.newlines + 1 + chunk[: chunk.index(b"\0")].count(b"\n")
            raise BadFile(
                f"{path} line {line} is binary, not text; export the table as CSV, XLSX or Parquet."
            )
        if decoder is not None and fault is None:
            try:
                decoder.decode(chunk)
            except UnicodeDecodeError as error:
                start = max(error.start, 0)
                fault = (seen.newlines + 1 + chunk[:start].count(b"\n"), seen.size + error.start)
        seen.add(chunk)
    if decoder is not None and fault is None:
        try:
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            fault = (seen.newlines + 1, seen.size)
    if is_wide:
        return _transcoded(path, copy, scratch, "utf-16")
    if encoding == "utf-8" and fault:
        raise BadFile(
            f"{path} line {fault[0]} is not UTF-8 as the mapping declares; export it as UTF-8 or set "
            f"encoding."
        )
    if encoding != "cp1252" and not fault:
        return seen.text(copy)
    if fault and first[:3] == codecs.BOM_UTF8:
        raise BadFile(f"{path} line {fault[0]} is not UTF-8 although the file begins as it; export it again.")
    if fault:
        _refuse_mixture(path, copy, fault[0])
    return _transcoded(path, copy, scratch, "cp1252")


def _refuse_mixture(path: Path, copy: Path, line: int) -> None:
    """Raise BadFile when a file that is not UTF-8 holds UTF-8 letters elsewhere."""
    with copy.open("rb") as handle:
        while chunk := handle.read(CHUNK_BYTES):
            if re.search(rb"[\xc3-\xf4][\x80-\xbf]", chunk):
                raise BadFile(
                    f"{path} line {line} is not UTF-8 although other lines are; "
                    f"export the file in one encoding."
                )


def _transcoded(path: Path, copy: Path, scratch: Path, encoding: str) -> Text:
    handle, name = tempfile.mkstemp(suffix=".csv", dir=scratch)
    line, seen = 1, _Seen()
    with open(handle, "wb") as target, copy.open(encoding=encoding, newline="") as source:
        try:
            while text := source.read(CHUNK_BYTES):
                line += text.count("\n")
                chunk = text.encode()
                seen.add(chunk)
                target.write(chunk)
        except UnicodeError as error:
            raise BadFile(
                f"{path} line {line} or a later one is neither UTF-8 nor {encoding}; export it as UTF-8."
            ) from error
    return seen.text(Path(name))


def head(path: Path, text: Text, known: Iterable[str]) -> tuple[str, str, tuple[Row, ...]]:
    """The separator a first line `sep=;` declares (else blank), the likeliest one, and the first rows.

    `known` are column names a mapping expects: the separator that finds most of them in one row is the
    likeliest. Raises BadFile when the file holds nothing but blanks, or its cells are parted by another
    separator than the declared one.
    """
    with text.utf8.open(encoding="utf-8-sig", newline="") as handle:
        lines = list(itertools.islice(handle, HEAD_LINES))
        if not any(line.strip() for line in lines) and not any(line.strip() for line in handle):
            raise BadFile(f"{path} holds nothing but blanks; export it again.")
    declared = re.fullmatch(r'"?sep=(\\t|(.)\2*)"?\s*', lines[0], re.IGNORECASE)
    mark = (declared[2] or "\t") if declared else ""
    skipped = 1 if mark else 0
    wanted = {squeezed(name) for name in known}
    tried = {}
    for delimiter in dict.fromkeys((mark, *DELIMITERS) if mark else DELIMITERS):
        rows = tuple(_rows(lines[skipped:], delimiter, skipped))
        score = (
            max((_found(cells, wanted) for _, cells in rows), default=0),
            max((len(cells) for _, cells in rows), default=0),
        )
        tried[delimiter] = (score, rows)
    likeliest = max(tried, key=lambda delimiter: tried[delimiter][0])
    if mark and likeliest != mark:
        (found, width), (known_names, _) = tried[mark][0], tried[likeliest][0]
        if width <= 1 or (not found and known_names):
            raise BadFile(
                f"{path} line 1 says sep={_spelt(mark)}, and the cells below are parted by "
                f"{_spelt(likeliest)}; write sep={_spelt(likeliest)} on that line, or take it out, and "
                f"import again."
            )
    return mark, mark or likeliest, tried[mark or likeliest][1]


def _spelt(delimiter: str) -> str:
    return "\\t" if delimiter == "\t" else delimiter


def _rows(lines: list[str], delimiter: str, skipped: int) -> Iterator[Row]:
    """Records of the first lines; stray quotes are let pass."""
    reader = csv.reader(lines, delimiter=delimiter)
    csv.field_size_limit(MAX_CELL_CHARACTERS)
    while True:
        line = reader.line_num + 1 + skipped
        try:
            cells = next(reader, None)
        except csv.Error:
            continue
        if cells is None:
            return
        yield line, tuple(" ".join(cell.split()) for cell in cells)


def header(path: Path, text: Text, known: Iterable[str], line: int, mark: str) -> tuple[tuple[str, ...], str]:
    """The column names on that physical line and the separator: `mark`, or the one that fits best."""
    with text.utf8.open(encoding="utf-8-sig", newline="") as handle:
        start = "".join(itertools.islice(handle, line - 1, line - 1 + HEAD_LINES))[:CHUNK_BYTES]
    wanted = {squeezed(name) for name in known}
    best: tuple[int, int, tuple[str, ...], str] | None = None
    for delimiter in (mark,) if mark else DELIMITERS:
        try:
            # Not splitlines: it would also break a name at a form feed or a line separator.
            lines = io.StringIO(start, newline="")
            cells = next(csv.reader(lines, delimiter=delimiter, strict=True), [])
        except csv.Error:
            continue
        names = tuple(" ".join(cell.split()) for cell in cells)
        found = sum(squeezed(name) in wanted for name in names)
        if best is None or (found, len(names)) > best[:2]:
            best = (found, len(names), names, delimiter)
    if best is None:
        raise BadFile(
            f"{path} line {line} has an unclosed quote or an overlong cell; it must hold the column names."
        )
    return (best[2] if any(best[2]) else ()), best[3]


def _found(cells: Iterable[str], wanted: set[str]) -> int:
    return len({squeezed(cell) for cell in cells} & wanted)


def likely_header(rows: Iterable[Row], known: Iterable[str]) -> int:
    """The line, from 1, of the row that looks like the header; 0 when none does.

    The row with most of the `known` names is taken, if it has two of them; else the first row of words
    that is about as wide as the table: one heading of four may be blank.
    """
    wanted = {squeezed(name) for name in known} - {""}
    filled = [(line, [cell for cell in cells if cell]) for line, cells in rows]
    widest = max((len(cells) for _, cells in filled), default=0)
    by_shape = next(
        (
            line
            for line, cells in filled
            if len(cells) >= max(2, 0.75 * widest)
            and len({squeezed(cell) for cell in cells}) > 0.7 * len(cells)
            and all(len(cell) <= 100 and not re.fullmatch(r"[\d\s.,:/%+-]+", cell) for cell in cells)
        ),
        0,
    )
    line, found = 0, 0
    for place, cells in filled:
        count = _found(cells, wanted)
        if count > found:
            line, found = place, count
    return line if found >= 2 or line == by_shape else by_shape


def clean_copy(
    path: Path, text: Text, names: tuple[str, ...], delimiter: str, header_line: int, scratch: Path
) -> tuple[Path, int, list[BadRecord]]:
    """A copy with the line first and every cell quoted, its longest record, and the bad records.

    Raises BadFile when a quote is never closed or the last line is cut off.
    """
    csv.field_size_limit(MAX_CELL_CHARACTERS)
    width = len(names)
    bad: list[BadRecord] = []
    longest = 0
    handle, name = tempfile.mkstemp(suffix=".csv", dir=scratch)
    with (
        open(handle, "w", encoding="utf-8", newline="") as target,
        text.utf8.open(encoding="utf-8-sig", newline="") as source,
    ):
        above = header_line - 1
        reader = csv.reader(itertools.islice(source, above, None), delimiter=delimiter, strict=True)
        writer = csv.writer(target, quoting=csv.QUOTE_ALL, lineterminator="\n")
        next(reader)
        while True:
            line = reader.line_num + 1 + above
            try:
                row = next(reader, None)
            except csv.Error as error:
                last = reader.line_num + above
                if "field limit" in str(error) and last <= line:
                    raise BadFile(
                        f"{path} line {line} holds a cell of more than {MAX_CELL_CHARACTERS:,} characters; "
                        f"shorten it and import again (nothing was imported)."
                    ) from error
                if last > line or "end of data" in str(error):
                    _refuse_quote(path, text, names, delimiter, line)
                bad.append(BadRecord(line, "text after a closing quote"))
                continue
            if row is None:
                break
            if not row:
                continue
            if len(row) == width + 1 and not row[-1]:
                # A separator at the line's end, as some systems write it; DuckDB passes over it too.
                row.pop()
            if len(row) == width:
                longest = max(longest, sum(map(len, row)))
                writer.writerow([line, *row])
                continue
            bad.append(BadRecord(line, f"{len(row)} cells, the header has {width}"))
            if len(row) < width and line == text.lines and not text.ends_cleanly:
                refuse_cut_off(path, line)
    return Path(name), longest, bad


def refuse_cut_off(path: Path, line: int) -> None:
    """Raise BadFile saying that the file ends in the middle of `line`."""
    raise BadFile(f"{path} line {line} is cut off in the middle; export the file again, whole.")


def _refuse_quote(path: Path, text: Text, names: tuple[str, ...], delimiter: str, line: int) -> None:
    with text.utf8.open(encoding="utf-8-sig", newline="") as handle:
        found = next(itertools.islice(handle, line - 1, None), "")
    # The cell whose quote stays open is the last one the physical line holds.
    cells = next(csv.reader([found.rstrip("\r\n")], delimiter=delimiter, strict=False), [])
    index = min(max(len(cells), 1), len(names)) - 1
    raise BadFile(
        f"{path} line {line}, column {names[index]!r}: a quote is opened and not closed on "
        f"that line; close or remove it and import again (nothing was imported)."
    )

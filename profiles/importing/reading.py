"""Files as rows of text: CSV, XLSX and Parquet, copied, opened, and accounted for line by line.

A file is copied while its bytes are hashed, and only the copy is read: what stands under a SHA-256 in
the warehouse came from those bytes, whatever happens to the file meanwhile.
"""

import codecs
import hashlib
import os
import re
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO

from profiles import disk
from profiles.errors import BadFile
from profiles.importing import spreadsheets, text_files
from profiles.importing.disguises import refuse_disguised
from profiles.importing.text_files import BadRecord, Row, Text
from profiles.warehouse import Connection, DatabaseError, literal

TEXT_SUFFIXES = (".csv", ".txt", ".tsv")
SUFFIXES = (*TEXT_SUFFIXES, ".xlsx", ".parquet")

END_MARK = b"\x1a"
"""What programs of DOS write behind the last line of a text."""


@dataclass(frozen=True)
class Opened:
    """A file, or one sheet of a workbook, ready to be read.

    `file` is what the account calls it. `head` are its first rows with their lines, `header` the column
    names on line `header_line` (none where that line is blank), `sep` the separator that a first line
    `sep=;` declares.
    """

    path: Path
    copy: Path
    kind: str
    header: tuple[str, ...]
    sha256: str
    size: int
    header_line: int = 1
    head: tuple[Row, ...] = ()
    delimiter: str = ","
    sep: str = ""
    text: Text | None = None
    book: spreadsheets.Book | None = None
    sheet: str = ""
    file: str = ""
    known: frozenset[str] = frozenset()

    @property
    def place(self) -> str:
        """The file as messages name it, with its sheet."""
        return f"{self.path}, sheet {self.sheet!r}," if self.sheet else str(self.path)


@dataclass(frozen=True)
class Relation:
    """SQL that yields the records as text columns c0, c1, …; `line` says how a row's line is known.

    With `has_line` there is a column `line`; else it is the row's place plus `first_line`.
    """

    sql: str
    has_line: bool
    first_line: int
    careful: bool


def open_file(
    path: Path,
    scratch: Path,
    known: Iterable[str] = (),
    encoding: str = "auto",
    sheet: str = "",
    header_line: int = 0,
) -> Opened:
    """The file at `path`, opened from a copy in `scratch`; of a workbook the named sheet, else the first.

    `known` are column names a mapping expects: the delimiter that finds most of them in the header is
    taken. `header_line` 0 stands for the first line, behind a line `sep=;` the second. Raises BadFile
    when the file is missing, empty, binary, cut off, wrongly encoded or changes while it is copied.
    """
    opened = opened_whole(path, scratch, known, encoding)
    if opened.book is not None:
        names = opened.book.names
        if sheet and sheet not in names:
            raise BadFile(f"{path} has no sheet {sheet!r}; it has {', '.join(names)}.")
        opened = on_sheet(opened, opened.book, sheet or names[0])
        if not opened.head:
            raise BadFile(f"{path} has an empty sheet {opened.sheet!r}; export it again.")
    return laid_out(with_header(opened, header_line) if header_line else opened, scratch)


def opened_whole(path: Path, scratch: Path, known: Iterable[str], encoding: str) -> Opened:
    """The file at `path`, opened from a copy in `scratch`; of a workbook no sheet is chosen yet."""
    known = frozenset(known)
    try:
        if path.is_dir():
            raise BadFile(f"{path} is a folder; name the files in it.")
        if path.exists() and not path.is_file():
            # A pipe would be waited for, and a device read, without an end.
            raise BadFile(f"{path} is no plain file; save the export as a file and name that.")
        refuse_disguised(path)
        with path.open("rb") as source:
            return _copied(path, source, scratch, known, encoding)
    except FileNotFoundError as error:
        raise BadFile(f"{path} does not exist; check the path.") from error
    except OSError as error:
        if disk.is_full(error):
            raise
        raise BadFile(f"{path} cannot be read ({error.strerror}); check it and its permissions.") from error


def _copied(path: Path, source: IO[bytes], scratch: Path, known: frozenset[str], encoding: str) -> Opened:
    before = os.fstat(source.fileno())
    start = source.read(1024)
    source.seek(0)
    kind = _kind(path, start)
    handle, name = tempfile.mkstemp(suffix=f".{kind}", dir=scratch)
    copy, digest = Path(name), hashlib.sha256()
    with open(handle, "wb") as target:
        is_bytewise = kind == "csv" and start[:2] not in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
        chunks = _copying(source, target, digest, END_MARK if is_bytewise else b"")
        text = text_files.decoded(path, chunks, copy, scratch, encoding) if kind == "csv" else None
        for _ in chunks:
            pass
    after = os.fstat(source.fileno())
    if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns):
        raise BadFile(f"{path} changed while it was read; import it again when nothing writes to it.")
    opened = Opened(path, copy, kind, (), digest.hexdigest(), after.st_size, file=path.name, known=known)
    if kind == "xlsx":
        return replace(opened, book=spreadsheets.opened_book(path, copy))
    if text is None:
        return replace(opened, header=_parquet_header(opened))
    sep, delimiter, head = text_files.head(path, text, known)
    return with_header(
        replace(opened, copy=text.utf8, text=text, sep=sep, delimiter=delimiter, head=head), 2 if sep else 1
    )


def _copying(
    source: IO[bytes], target: IO[bytes], digest: "hashlib._Hash", end_mark: bytes
) -> Iterator[bytes]:
    """The bytes of `source`, chunk by chunk; each is written to `target` before it is handed on.

    All of them are hashed; an `end_mark` at the very end is left out of the rest.
    """
    held = b""
    while read := source.read(text_files.CHUNK_BYTES):
        digest.update(read)
        whole = held + read
        chunk = whole.rstrip(end_mark) if end_mark else whole
        held = whole[len(chunk) :]
        if not chunk:
            continue
        target.write(chunk)
        target.flush()
        yield chunk


def _kind(path: Path, start: bytes) -> str:
    """csv, xlsx or parquet. Raises BadFile when the name and the first bytes do not agree."""
    if not start:
        raise BadFile(f"{path} is empty; export it again.")
    suffix = path.suffix.lower()
    if suffix not in SUFFIXES:
        raise BadFile(f"{path} is no CSV, XLSX or Parquet file; export it as one of these.")
    if suffix == ".xlsx":
        return "xlsx"
    if suffix == ".parquet":
        return "parquet"
    if start.startswith(b"PK\x03\x04"):
        raise BadFile(f"{path} is a workbook or archive, not text; name it .xlsx or export it as CSV.")
    if start.startswith(b"PAR1"):
        raise BadFile(f"{path} is a Parquet file; name it .parquet.")
    return "csv"


def on_sheet(opened: Opened, book: spreadsheets.Book, sheet: str) -> Opened:
    """That sheet of the workbook, its header on the first line."""
    head = spreadsheets.head(book, sheet, text_files.HEAD_LINES)
    return with_header(replace(opened, sheet=sheet, head=head), 1)


def with_header(opened: Opened, line: int) -> Opened:
    """The same with the column names taken from that line; none where it is blank."""
    if opened.text is not None:
        names, delimiter = text_files.header(opened.path, opened.text, opened.known, line, opened.sep)
        return replace(opened, header=names, delimiter=delimiter, header_line=line)
    if opened.book is None:
        return opened
    is_near = line <= text_files.HEAD_LINES
    rows = opened.head if is_near else spreadsheets.head(opened.book, opened.sheet, line)
    names = next((cells for place, cells in rows if place == line), ())
    return replace(opened, header=names, header_line=line)


def guessed_header_line(opened: Opened, known: Iterable[str] = ()) -> int:
    """The line that looks like the header; 0 when it is the one in use, or when none looks like one.

    `known` are column names a mapping expects; those the file was opened with unless given.
    """
    line = text_files.likely_header(opened.head, tuple(known) or opened.known)
    return 0 if line == opened.header_line else line


def laid_out(opened: Opened, scratch: Path) -> Opened:
    """The same; a sheet is written out as text, and columns that hold cells and have no name join the header.

    They stay, nameless, and are reported as ignored.
    """
    if opened.book is None:
        return opened
    copy, width = spreadsheets.written(
        opened.book, opened.sheet, opened.header_line, len(opened.header), scratch
    )
    return replace(opened, copy=copy, header=(opened.header + ("",) * width)[:width])


def is_damaged(opened: Opened) -> bool:
    """Whether a Parquet file cannot be read to its end; damage may ask the database for endless memory."""
    if opened.kind != "parquet":
        return False
    import pyarrow.parquet

    try:
        with pyarrow.parquet.ParquetFile(opened.copy) as file:
            for _ in file.iter_batches():
                pass
    except (pyarrow.ArrowException, OSError, ValueError):
        return True
    return False


def _parquet_header(opened: Opened) -> tuple[str, ...]:
    import pyarrow.parquet  # costs 40 MB, so only where there is a Parquet file

    try:
        return tuple(pyarrow.parquet.read_schema(opened.copy).names)
    except (pyarrow.ArrowException, OSError, ValueError) as error:
        raise BadFile(f"{opened.path} is not a readable Parquet file; export it again.") from error


def relation(
    con: Connection, opened: Opened, scratch: Path, *, careful: bool = False
) -> tuple[Relation, list[BadRecord]]:
    """SQL for the records, and those already known to be bad (only a careful reading knows them)."""
    if opened.kind == "parquet":
        return Relation(_parquet_sql(con, opened), has_line=False, first_line=1, careful=True), []
    names = [f"c{index}" for index in range(len(opened.header))]
    if opened.text is None:
        return Relation(_csv_sql(opened.copy, ["line", *names], ",", False, 0), True, 0, True), []
    if careful or not opened.text.is_plain or opened.header_line > 1:
        clean, longest, bad = text_files.clean_copy(
            opened.path, opened.text, opened.header, opened.delimiter, opened.header_line, scratch
        )
        return Relation(_csv_sql(clean, ["line", *names], ",", False, longest), True, 0, True), bad
    sql = _csv_sql(opened.copy, names, opened.delimiter, True, 0)
    return Relation(sql, has_line=False, first_line=2, careful=False), []


def _parquet_sql(con: Connection, opened: Opened) -> str:
    source = f"read_parquet({_path(opened.copy)})"
    try:
        found = con.execute(f"describe select * from {source}").fetchall()
    except DatabaseError as error:
        raise BadFile(f"{opened.path} is not a readable Parquet file; export it again.") from error
    cells = [f"{_parquet_cell(name, kind)} as c{index}" for index, (name, kind, *_rest) in enumerate(found)]
    return f"(select {', '.join(cells)} from {source})"


def _parquet_cell(name: str, kind: str) -> str:
    """SQL for a Parquet cell as the text a CSV would hold."""
    cell = '"' + name.replace('"', '""') + '"'
    if kind.endswith("[]"):
        return f"array_to_string({cell}, chr(10))"
    if kind == "TIMESTAMP WITH TIME ZONE":
        # Police times are local.
        return f"timezone('Europe/London', {cell})::varchar"
    if kind in ("DOUBLE", "FLOAT"):
        # A whole number with a blank among its neighbours arrives as 12.0, the blank as nan.
        whole = f"case when {cell} = trunc({cell}) and abs({cell}) < 1e15 then {cell}::bigint::varchar"
        return f"{whole} when not isnan({cell}) then {cell}::varchar end"
    return f"{cell}::varchar"


def bad_records(con: Connection) -> list[BadRecord] | None:
    """Bad records of the last fast reading, in order of line; None when only a careful one can tell."""
    found = con.execute(
        "select line, error_type, error_message from reject_errors order by line, column_idx"
    ).fetchall()
    bad: dict[int, BadRecord] = {}
    for line, kind, message in found:
        if kind not in ("MISSING COLUMNS", "TOO MANY COLUMNS"):
            return None
        seen = re.search(r"Found: (\d+)|found: (\d+)|(\d+) columns? found", message)
        cells = next((group for group in seen.groups() if group), "") if seen else ""
        text = (
            f"{cells} cells" if cells else "too few cells" if kind.startswith("MISSING") else "too many cells"
        )
        bad.setdefault(line, BadRecord(line, text))
    return list(bad.values())


def _path(path: Path) -> str:
    """The path as a SQL literal; marks that DuckDB would read as a pattern of names stand for themselves."""
    return literal(re.sub(r"([*?\[])", r"[\1]", str(path)))


def _csv_sql(path: Path, names: list[str], delimiter: str, header: bool, longest: int) -> str:
    columns = ", ".join(f"'{name}': 'VARCHAR'" for name in names)
    size = f", max_line_size = {longest * 4 + 1000}" if longest > 400_000 else ""
    # In parallel DuckDB guesses where a record begins, and a line break in a quoted cell misleads it.
    # It also guesses the line end from the first record, which may hold another one in quotes.
    rejects = ", store_rejects = true" if header else ", parallel = false, new_line = '\\n'"
    return (
        f"read_csv({_path(path)}, auto_detect = false, header = {str(header).lower()}, "
        f"delim = {literal(delimiter)}, quote = '\"', escape = '\"', columns = {{{columns}}}{rejects}{size})"
    )

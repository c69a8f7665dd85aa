"""Files as rows of text: CSV, XLSX and Parquet, opened, decoded, and accounted for line by line.

DuckDB reads a clean CSV at full speed. When the count of physical lines does not equal the records
it saw (a line break inside quotes, a blank line, a stray quote), the file is read again by Python's
csv module, which knows the line of every record, into a clean copy.
"""

import codecs
import csv
import hashlib
import itertools
import re
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from profiles.errors import BadFile
from profiles.importing.disguises import refuse_disguised
from profiles.importing.layouts import squeezed
from profiles.warehouse import Connection, literal

DELIMITERS = (",", ";", "\t", "|")
LONGEST_CELL = 1_000_000
"""Characters; a longer cell is an unclosed quote or not a table."""
CHUNK = 1 << 20
TEXT_SUFFIXES = (".csv", ".txt", ".tsv")
SUFFIXES = (*TEXT_SUFFIXES, ".xlsx", ".parquet")


@dataclass(frozen=True)
class Opened:
    """A file ready to be read: its header, its fingerprint and where its text lies as UTF-8."""

    path: Path
    text: Path
    kind: str
    header: tuple[str, ...]
    sha256: str
    size: int
    delimiter: str = ","
    lines: int = 0
    ends_cleanly: bool = True
    newline: str = "\n"
    has_tabs: bool = False


@dataclass(frozen=True)
class Relation:
    """SQL that yields the records as text columns c0, c1, …; `line` says how a row's line is known.

    With `has_line` there is a column `line`; else it is the row's place plus `first_line`.
    """

    sql: str
    has_line: bool
    first_line: int
    careful: bool


@dataclass(frozen=True)
class BadRecord:
    """A record that cannot be laid out in columns: its line and what it holds instead."""

    line: int
    value: str


def open_file(
    path: Path, scratch: Path, known: Iterable[str] = (), encoding: str = "auto", sheet: str = ""
) -> Opened:
    """The file at `path`, opened; temporary copies go to `scratch`.

    `known` are column names a mapping expects: the delimiter that finds most of them in the header is
    taken. Raises BadFile when it is missing, empty, binary, cut off or wrongly encoded.
    """
    try:
        size = path.stat().st_size
        if path.is_dir():
            raise BadFile(f"{path} is a folder; name the files in it.")
        with path.open("rb") as handle:
            start = handle.read(4)
    except FileNotFoundError as error:
        raise BadFile(f"{path} does not exist; check the path.") from error
    except OSError as error:
        raise BadFile(f"{path} cannot be read ({error.strerror}); check its permissions.") from error
    if size == 0:
        raise BadFile(f"{path} is empty; export it again.")
    refuse_disguised(path)
    suffix = path.suffix.lower()
    if suffix == ".xlsx":
        return _open_workbook(path, scratch, sheet)
    if suffix == ".parquet":
        return Opened(path, path, "parquet", (), _sha256(path), size)
    if suffix not in TEXT_SUFFIXES:
        raise BadFile(f"{path} is no CSV, XLSX or Parquet file; export it as one of these.")
    if start.startswith(b"PK\x03\x04"):
        raise BadFile(f"{path} is a workbook or archive, not text; name it .xlsx or export it as CSV.")
    if start == b"PAR1":
        raise BadFile(f"{path} is a Parquet file; name it .parquet.")
    return _open_text(path, scratch, known, encoding, start)


def _sha256(path: Path) -> str:
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def _open_text(path: Path, scratch: Path, known: Iterable[str], encoding: str, start: bytes) -> Opened:
    digest = hashlib.sha256()
    utf16 = start[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
    decoder = codecs.getincrementaldecoder("utf-8")() if encoding != "cp1252" and not utf16 else None
    newlines = returns = tabs = size = 0
    last = b""
    fault: tuple[int, int] | None = None
    with path.open("rb") as handle:
        while chunk := handle.read(CHUNK):
            digest.update(chunk)
            if not utf16 and b"\0" in chunk:
                line = newlines + 1 + chunk[: chunk.index(b"\0")].count(b"\n")
                raise BadFile(
                    f"{path} line {line} is binary, not text; export the table as CSV, XLSX or Parquet."
                )
            if decoder is not None and fault is None:
                try:
                    decoder.decode(chunk)
                except UnicodeDecodeError as error:
                    fault = (newlines + 1 + chunk[: max(error.start, 0)].count(b"\n"), size + error.start)
            newlines += chunk.count(b"\n")
            returns += chunk.count(b"\r")
            tabs += chunk.count(b"\t")
            size += len(chunk)
            last = chunk[-1:]
    if decoder is not None and fault is None:
        try:
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            fault = (newlines + 1, size)
    text = path
    if utf16:
        text = _transcoded(path, scratch, "utf-16")
    elif encoding == "utf-8" and fault:
        raise BadFile(
            f"{path} line {fault[0]} is not UTF-8 as the mapping declares; "
            f"export it as UTF-8 or set encoding."
        )
    elif encoding == "cp1252" or fault:
        if fault and start[:3] != codecs.BOM_UTF8:
            _refuse_mixture(path, fault[0])
        elif fault:
            raise BadFile(
                f"{path} line {fault[0]} is not UTF-8 although the file begins as it; export it again."
            )
        text = _transcoded(path, scratch, "cp1252")
    if utf16:
        newlines = returns = 0
        with text.open("rb") as handle:
            while chunk := handle.read(CHUNK):
                newlines += chunk.count(b"\n")
                returns += chunk.count(b"\r")
                last = chunk[-1:]
    newline = "\r" if returns and not newlines else "\n"
    lines = returns if newline == "\r" else newlines
    ends_cleanly = last in (b"\n", b"\r")
    header, delimiter = _header(path, text, known)
    return Opened(
        path,
        text,
        "csv",
        header,
        digest.hexdigest(),
        size,
        delimiter,
        lines + (not ends_cleanly),
        ends_cleanly,
        newline,
        delimiter != "\t" and tabs > 0,
    )


def _refuse_mixture(path: Path, line: int) -> None:
    """Nothing; raises BadFile when a file that is not UTF-8 holds UTF-8 letters elsewhere."""
    with path.open("rb") as handle:
        while chunk := handle.read(CHUNK):
            if re.search(rb"[\xc3-\xf4][\x80-\xbf]", chunk):
                raise BadFile(
                    f"{path} line {line} is not UTF-8 although other lines are; "
                    f"export the file in one encoding."
                )


def _transcoded(path: Path, scratch: Path, encoding: str) -> Path:
    handle, name = tempfile.mkstemp(suffix=".csv", dir=scratch)
    line = 1
    with (
        open(handle, "w", encoding="utf-8", newline="") as target,
        path.open(encoding=encoding, newline="") as source,
    ):
        try:
            while chunk := source.read(CHUNK):
                line += chunk.count("\n")
                target.write(chunk)
        except UnicodeError as error:
            raise BadFile(
                f"{path} line {line} or a later one is neither UTF-8 nor {encoding}; export it as UTF-8."
            ) from error
    return Path(name)


def _header(path: Path, text: Path, known: Iterable[str]) -> tuple[tuple[str, ...], str]:
    with text.open(encoding="utf-8-sig", newline="") as handle:
        start = handle.read(CHUNK)
    if not start.strip():
        raise BadFile(f"{path} holds nothing but blanks; export it again.")
    wanted = {squeezed(name) for name in known}
    best: tuple[int, int, tuple[str, ...], str] | None = None
    for delimiter in DELIMITERS:
        try:
            cells = next(csv.reader(start.splitlines(keepends=True), delimiter=delimiter, strict=True), [])
        except csv.Error:
            continue
        names = tuple(" ".join(cell.split()) for cell in cells)
        found = sum(squeezed(name) in wanted for name in names)
        if best is None or (found, len(names)) > best[:2]:
            best = (found, len(names), names, delimiter)
    if best is not None and not any(best[2]):
        raise BadFile(f"{path} line 1 is blank; the first line must hold the column names.")
    if best is None:
        raise BadFile(f"{path} line 1 has an unclosed quote; the first line must hold the column names.")
    return best[2], best[3]


def _open_workbook(path: Path, scratch: Path, sheet: str) -> Opened:
    import python_calamine

    try:
        workbook = python_calamine.CalamineWorkbook.from_path(path)
        names = workbook.sheet_names
        if sheet and sheet not in names:
            raise BadFile(f"{path} has no sheet {sheet!r}; it has {', '.join(names)}.")
        rows = workbook.get_sheet_by_name(sheet or names[0]).to_python(skip_empty_area=False)
    except BadFile:
        raise
    except Exception as error:  # calamine's faults share no base class
        raise BadFile(f"{path} is not a readable workbook ({error}); save it again as .xlsx.") from error
    while rows and not any(_cell(cell) for cell in rows[-1]):
        rows.pop()
    if not rows:
        raise BadFile(f"{path} has an empty sheet {sheet or names[0]!r}; export it again.")
    header = [" ".join(_cell(cell).split()) for cell in rows[0]]
    if not any(header):
        raise BadFile(f"{path} line 1 is blank; the first line must hold the column names.")
    # A column that holds cells without a heading stays, nameless, and is reported as ignored.
    while header and not any(_cell(cell) for row in rows for cell in row[len(header) - 1 : len(header)]):
        header.pop()
    handle, name = tempfile.mkstemp(suffix=".csv", dir=scratch)
    with open(handle, "w", encoding="utf-8", newline="") as target:
        writer = csv.writer(target, quoting=csv.QUOTE_ALL, lineterminator="\n")
        for number, row in enumerate(rows[1:], start=2):
            cells = [_cell(cell) for cell in row]
            if any(cells):
                writer.writerow([number, *(cells + [""] * len(header))[: len(header)]])
    return Opened(path, Path(name), "xlsx", tuple(header), _sha256(path), path.stat().st_size)


def _cell(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return "" if value is None else str(value)


def parquet_header(opened: Opened) -> tuple[str, ...]:
    """The column names of a Parquet file. Raises BadFile when it cannot be read."""
    import pyarrow.parquet  # costs 40 MB, so only where there is a Parquet file

    try:
        return tuple(pyarrow.parquet.read_schema(opened.text).names)
    except (pyarrow.ArrowException, OSError) as error:
        raise BadFile(f"{opened.path} is not a readable Parquet file; export it again.") from error


def relation(
    con: Connection, opened: Opened, scratch: Path, *, careful: bool = False
) -> tuple[Relation, list[BadRecord]]:
    """SQL for the records, and those already known to be bad (only a careful reading knows them)."""
    if opened.kind == "parquet":
        found = con.execute(
            "describe select * from read_parquet($path)", {"path": str(opened.text)}
        ).fetchall()
        cells = [
            f"{_parquet_cell(name, kind)} as c{index}" for index, (name, kind, *_rest) in enumerate(found)
        ]
        sql = f"(select {', '.join(cells)} from read_parquet({literal(str(opened.text))}))"
        return Relation(sql, has_line=False, first_line=1, careful=True), []
    names = [f"c{index}" for index in range(len(opened.header))]
    if opened.kind == "xlsx":
        return Relation(_csv_sql(opened.text, ["line", *names], ",", False, 0), True, 0, True), []
    if careful:
        clean, longest, bad = _clean_copy(opened, scratch)
        return Relation(_csv_sql(clean, ["line", *names], ",", False, longest), True, 0, True), bad
    sql = _csv_sql(opened.text, names, opened.delimiter, True, 0)
    return Relation(sql, has_line=False, first_line=2, careful=False), []


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


def _csv_sql(path: Path, names: list[str], delimiter: str, header: bool, longest: int) -> str:
    columns = ", ".join(f"'{name}': 'VARCHAR'" for name in names)
    size = f", max_line_size = {longest * 4 + 1000}" if longest > 400_000 else ""
    # In parallel DuckDB guesses where a record begins, and a line break in a quoted cell misleads it.
    rejects = ", store_rejects = true" if header else ", parallel = false"
    return (
        f"read_csv({literal(str(path))}, auto_detect = false, header = {str(header).lower()}, "
        f"delim = {literal(delimiter)}, quote = '\"', escape = '\"', columns = {{{columns}}}{rejects}{size})"
    )


def _clean_copy(opened: Opened, scratch: Path) -> tuple[Path, int, list[BadRecord]]:
    """A copy with the line first and every cell quoted, its longest record, and the bad records.

    Raises BadFile when a quote is never closed or the last line is cut off.
    """
    csv.field_size_limit(LONGEST_CELL)
    width = len(opened.header)
    bad: list[BadRecord] = []
    longest = 0
    handle, name = tempfile.mkstemp(suffix=".csv", dir=scratch)
    with (
        open(handle, "w", encoding="utf-8", newline="") as target,
        opened.text.open(encoding="utf-8-sig", newline=None if opened.newline == "\r" else "") as source,
    ):
        reader = csv.reader(source, delimiter=opened.delimiter, strict=True)
        writer = csv.writer(target, quoting=csv.QUOTE_ALL, lineterminator="\n")
        next(reader)
        while True:
            line = reader.line_num + 1
            try:
                row = next(reader, None)
            except csv.Error as error:
                if "field limit" in str(error) and reader.line_num <= line:
                    raise BadFile(
                        f"{opened.path} line {line} holds a cell of more than {LONGEST_CELL:,} characters; "
                        f"shorten it and import again (nothing was imported)."
                    ) from error
                if reader.line_num > line or "end of data" in str(error):
                    _refuse_quote(opened, line)
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
            if len(row) < width and line == opened.lines and not opened.ends_cleanly:
                refuse_cut_off(opened, line)
    return Path(name), longest, bad


def refuse_cut_off(opened: Opened, line: int) -> None:
    """Nothing; raises BadFile saying that the file ends in the middle of `line`."""
    raise BadFile(f"{opened.path} line {line} is cut off in the middle; export the file again, whole.")


def _refuse_quote(opened: Opened, line: int) -> None:
    with opened.text.open(encoding="utf-8-sig", newline="") as handle:
        text = next(itertools.islice(handle, line - 1, None), "")
    # The cell whose quote stays open is the last one the physical line holds.
    cells = next(csv.reader([text.rstrip("\r\n")], delimiter=opened.delimiter, strict=False), [])
    index = min(max(len(cells), 1), len(opened.header)) - 1
    raise BadFile(
        f"{opened.path} line {line}, column {opened.header[index]!r}: a quote is opened and not closed on "
        f"that line; close or remove it and import again (nothing was imported)."
    )

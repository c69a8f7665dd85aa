"""Text files: every physical record is read or named, whatever the line ends, quotes, titles and names."""

import csv
import hashlib
import os
import random
import time
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from profiles import importing, warehouse
from profiles.errors import BadFile, NoWarehouse, ProfilesError
from profiles.importing import reading, text_files
from profiles.warehouse import publishing
from tests.desk import PROBE as MAPPING
from tests.desk import RawDesk
from tests.typed import one, read

HEAD = "Ref,Day,Class,Place"


def record(number: int, place: str = "Dover") -> str:
    return f"C{number},0{number}/06/2024,8Q,{place}"


@pytest.fixture
def scratch(tmp_path: Path) -> Path:
    """A folder whose name a database would read as a pattern."""
    made = tmp_path / "scratch[1] {a,b} it's"
    made.mkdir()
    return made


def written(tmp_path: Path, text: str, name: str = "crimes.csv") -> Path:
    path = tmp_path / name
    path.write_bytes(text.encode())
    return path


LF, CRLF, CR = "\n", "\r\n", "\r"
INNER = ('"Dover\r\nTown"', '"a\nb"', '"a\rb"', '"a\r\r\nb"')


@pytest.mark.parametrize(
    ("lines", "records", "bad"),
    [
        # one line of three ends otherwise
        ((HEAD, LF, record(1), CRLF, record(2), LF, record(3), LF), {2: "C1", 3: "C2", 4: "C3"}, []),
        ((HEAD, CRLF, record(1), LF, record(2), CRLF), {2: "C1", 3: "C2"}, []),
        # a line break in quotes, which RFC 4180 allows, in the first record and later
        ((HEAD, CRLF, record(1, INNER[0]), CRLF, record(2), CRLF), {2: "C1", 4: "C2"}, []),
        ((HEAD, LF, record(1, INNER[0]), LF, record(2), LF), {2: "C1", 4: "C2"}, []),
        (
            (HEAD, CRLF, record(1), CRLF, record(2, INNER[1]), CRLF, record(3)),
            {2: "C1", 3: "C2", 5: "C3"},
            [],
        ),
        ((HEAD, CR, record(1, INNER[1]), CR, record(2), CR), {2: "C1", 4: "C2"}, []),
        ((HEAD, LF, record(1, INNER[2]), LF, record(2, INNER[3]), LF), {2: "C1", 4: "C2"}, []),
        # a program that ends lines twice leaves blank lines
        ((HEAD, CR + CRLF, record(1), CR + CRLF, record(2), CR + CRLF), {3: "C1", 5: "C2"}, []),
        # a lone CR ends a line: what it leaves is rejected, the rest is read
        ((HEAD, LF, record(1, "Do\rver"), LF, record(3), LF), {2: "C1", 4: "C3"}, [3]),
        ((HEAD, LF, "C1,01/06\r/2024,8Q,Dover", LF, record(2), LF), {4: "C2"}, [2, 3]),
        # a blank line; a form feed and a line separator, which end no line
        ((HEAD, LF, LF, record(1, "Do\x0cver"), LF, record(2, "Do\u2028ver"), LF), {3: "C1", 4: "C2"}, []),
        # a quote within a cell, and text behind one
        ((HEAD, LF, record(1, 'Do"ver'), LF, record(2, '"Dover"x'), LF, record(3)), {2: "C1", 4: "C3"}, [3]),
        # the header itself
        (('Ref,Day,Class,"Place"', CRLF, record(1), LF), {2: "C1"}, []),
        (('Ref,Day,Class,Place,"In\r\nfull"', LF, record(1), ",x", LF), {3: "C1"}, []),
    ],
)
def test_line_ends_of_every_kind(
    tmp_path: Path, scratch: Path, lines: tuple[str, ...], records: dict[int, str], bad: list[int]
) -> None:
    found = one(written(tmp_path, "".join(lines)), scratch)
    assert {line: reference for line, reference, _ in found.records} == records
    assert found.bad == bad


def mutated(draw: random.Random) -> bytes:
    """A small table whose line ends, quotes and letters are changed at random, below its header."""
    end, mark = draw.choice(("\n", "\r\n", "\r")), draw.choice(",;\t")
    inner = [draw.choice(("", end, '""', mark)) for _ in range(6)]
    lines = [f'C{number},01/06/2024,8Q,"Do{text}ver"' for number, text in enumerate(inner)]
    body = bytearray((end.join(lines).replace(",", mark) + end).encode())
    for _ in range(draw.choice((0, 1, 2, 3))):
        place = draw.randrange(len(body))
        new = draw.choice((b"\r", b"\n", b"\r\n", b"\r\r\n", b'"', b",", b"\xff", b" ", b"\x0c", b"x" * 3000))
        body[place : place + draw.choice((0, 0, 1))] = new
    return HEAD.replace(",", mark).encode() + end.encode() + bytes(body)


def records_of(path: Path, header_line: int, delimiter: str) -> int:
    """Physical records below the header, counted by Python's csv module alone."""
    count = -header_line
    with path.open(encoding="utf-8-sig", newline="") as handle:
        reader = csv.reader(handle, delimiter=delimiter, strict=True)
        while True:
            try:
                count += bool(next(reader))
            except StopIteration:
                return count
            except csv.Error:
                count += 1


@pytest.mark.slow
def test_a_file_changed_at_random_is_accounted_for_or_refused_in_words(tmp_path: Path, scratch: Path) -> None:
    draw = random.Random(5)
    read_whole = 0
    for _ in range(40):
        path = tmp_path / "crimes.csv"
        path.write_bytes(mutated(draw))
        try:
            found = one(path, scratch)
            opened = reading.opened_whole(path, scratch, (), "auto")
        except ProfilesError:
            continue
        assert found.rows_in == records_of(opened.copy, 1, opened.delimiter), path.read_bytes()
        read_whole += 1
    assert read_whole > 20


@pytest.mark.parametrize(
    "name", ["crimes[1].csv", "crimes*.csv", "crimes?.csv", "crimes{1,2}.csv", "crimes'1.csv"]
)
def test_a_name_is_a_name_and_no_pattern(tmp_path: Path, scratch: Path, name: str) -> None:
    for other in ("crimes1.csv", "crimes2.csv", "crimesX.csv"):
        written(tmp_path, f"{HEAD}\n{record(9)}\n", other)
    found = one(written(tmp_path, f"{HEAD}\n{record(1)}\n", name), scratch)
    assert [row[1] for row in found.records] == ["C1"]


@pytest.mark.skipif(os.name == "nt", reason="names of Windows are Unicode")
def test_a_name_in_other_letters_than_utf_8_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path, f"{HEAD}\n{record(1)}\n", os.fsdecode(b"crimes_\xe9.csv"))
    with pytest.raises(BadFile, match="its name is not UTF-8; rename the file"):
        RawDesk(tmp_path).bring(MAPPING, **{path.stem: path.read_text(encoding="utf-8")})


@pytest.mark.skipif(os.name == "nt", reason="Windows has no pipes in folders")
def test_a_pipe_is_refused_and_not_waited_for(tmp_path: Path, scratch: Path) -> None:
    os.mkfifo(tmp_path / "crimes.csv")
    with pytest.raises(BadFile, match=r"crimes\.csv is no plain file; save the export as a file"):
        one(tmp_path / "crimes.csv", scratch)


@pytest.mark.skipif(os.name == "nt", reason="names of Windows are Unicode")
def test_a_folder_in_other_letters_than_utf_8_takes_no_warehouse(tmp_path: Path) -> None:
    folder = tmp_path / os.fsdecode(b"W\xe9")
    with pytest.raises(NoWarehouse, match="its name is not UTF-8"), publishing.writing(folder):
        pass
    assert not folder.exists()


def test_a_name_of_a_parquet_file_is_no_pattern_either(tmp_path: Path, scratch: Path) -> None:
    folder = tmp_path / "in [ab]*"
    folder.mkdir()
    for name, reference in (("crimes[1].parquet", "C1"), ("crimes1.parquet", "C9")):
        table = {"Ref": [reference], "Day": ["01/06/2024"], "Class": ["8Q"], "Place": ["Dover"]}
        pq.write_table(pa.table(table), folder / name)
    assert one(folder / "crimes[1].parquet", scratch).records == [(1, "C1", "Dover")]


@pytest.mark.parametrize("where", ["footer", "page", "length"])
def test_a_damaged_parquet_file_is_refused_in_words(tmp_path: Path, scratch: Path, where: str) -> None:
    path = tmp_path / "crimes.parquet"
    table = {"Ref": [f"C{n}" for n in range(500)], "Day": ["01/06/2024"] * 500, "Class": ["8Q"] * 500}
    pq.write_table(pa.table(table), path, compression="zstd")
    content = bytearray(path.read_bytes())
    place = {"footer": len(content) - 60, "page": 30, "length": len(content) - 8}[where]
    content[place : place + 40] = b"\xff" * len(content[place : place + 40])
    path.write_bytes(bytes(content))
    with pytest.raises(BadFile, match=r"crimes\.parquet is (not a readable Parquet file|damaged inside)"):
        one(path, scratch)


def test_rows_come_from_the_bytes_whose_hash_is_kept(tmp_path: Path, scratch: Path) -> None:
    content = f"{HEAD}\n{record(1)}\n"
    path = written(tmp_path, content)
    opened = reading.opened_whole(path, scratch, ("Ref",), "auto")
    path.write_text(f"{HEAD}\n{record(7)}\n")
    assert opened.sha256 == hashlib.sha256(content.encode()).hexdigest()
    assert opened.copy.read_text() == content


def test_a_file_that_grows_while_it_is_read_is_refused(
    tmp_path: Path, scratch: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = written(tmp_path, f"{HEAD}\n{record(1)}\n")
    decoded = text_files.decoded

    def growing(*arguments: object) -> text_files.Text:
        found = decoded(*arguments)  # type: ignore[arg-type]
        with path.open("a") as handle:
            handle.write(f"{record(2)}\n")
        return found

    monkeypatch.setattr(text_files, "decoded", growing)
    with pytest.raises(BadFile, match="changed while it was read"):
        one(path, scratch)


def test_a_first_line_may_name_the_separator(tmp_path: Path, scratch: Path) -> None:
    text = f"sep=;\r\n{HEAD}\r\n{record(1, 'Dover, Deal')}\r\n".replace(",", ";").replace("Dover;", "Dover,")
    assert one(written(tmp_path, text), scratch).records == [(3, "C1", "Dover, Deal")]


@pytest.mark.parametrize("first", ["sep=\\t", "sep=\t", '"sep=\t"', "SEP=\t\t\t"])
def test_a_tab_may_be_named_so(tmp_path: Path, scratch: Path, first: str) -> None:
    text = f"{first}\n{HEAD}\n{record(1)}\n".replace(",", "\t")
    assert one(written(tmp_path, text), scratch).records == [(3, "C1", "Dover")]


def test_a_first_line_that_names_the_wrong_separator_is_told(tmp_path: Path, scratch: Path) -> None:
    text = f"sep=;\n{HEAD}\n{record(1)}\n"
    with pytest.raises(BadFile, match=r"line 1 says sep=;, and the cells below are parted by ,; write sep=,"):
        one(written(tmp_path, text), scratch)


@pytest.mark.parametrize("end", ["\n\x1a", "\x1a", "\r\n\x1a\x1a\x1a"])
def test_the_mark_that_dos_ends_a_text_with_is_no_record(tmp_path: Path, scratch: Path, end: str) -> None:
    path = written(tmp_path, f"{HEAD}\n{record(1)}{end}")
    found = one(path, scratch)
    assert (found.records, found.bad) == ([(2, "C1", "Dover")], [])
    assert found.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()


TITLES = f"Weekly report\n\nPrinted by,A N Other\n{HEAD}\n{record(1)}\n,,,\n{record(2)}\n"


def test_the_line_of_the_header_can_be_named(tmp_path: Path, scratch: Path) -> None:
    mapping = MAPPING.replace('into = "crimes"', 'into = "crimes"\nheader_line = 4')
    found = one(written(tmp_path, TITLES), scratch, mapping)
    assert found.records == [(5, "C1", "Dover"), (6, None, None), (7, "C2", "Dover")]


@pytest.mark.parametrize("text", [TITLES, f"\n\n\n{HEAD}\n{record(1)}\n"])
def test_a_header_further_down_is_guessed(tmp_path: Path, scratch: Path, text: str) -> None:
    with pytest.raises(
        BadFile, match=r"Line 4 looks like the header: say header_line = 4 in its \[\[table\]\]"
    ):
        read(written(tmp_path, text), scratch)


@pytest.mark.parametrize(
    ("rows", "known", "line"),
    [
        ([(1, ("Ref", "Day")), (2, ("C1", "1/6/24"))], ("Ref", "Day"), 1),
        ([(1, ("Report", "")), (3, ("Ref", "Day", "x")), (4, ("C1", "1", "2"))], ("ref", "day"), 3),
        # nothing known: the first row of words as wide as the table
        ([(1, ("Title",)), (2, ("Made 2024",)), (4, ("One", "Two", "Three")), (5, ("1", "2", "3"))], (), 4),
        ([(1, ("1", "2")), (2, ("3", "4"))], (), 0),
    ],
)
def test_what_looks_like_a_header(rows: list[text_files.Row], known: tuple[str, ...], line: int) -> None:
    assert text_files.likely_header(rows, known) == line


def test_a_folder_whose_name_is_a_pattern_is_that_folder(tmp_path: Path) -> None:
    for folder, text in (("a[1]", "right"), ("a1", "wrong")):
        (tmp_path / folder).mkdir()
        written(tmp_path / folder, f"h\n{text}\n", "x.csv")
    con = warehouse.connect()
    sql = reading._csv_sql(tmp_path / "a[1]" / "x.csv", ["c0"], ",", True, 0)
    assert con.execute(f"select * from {sql}").fetchall() == [("right",)]
    con.close()


@pytest.mark.parametrize("name", ["why?", "a\\b"])
def test_a_folder_whose_name_the_database_cannot_read_is_refused(tmp_path: Path, name: str) -> None:
    if "\\" in name and os.name == "nt":
        pytest.skip("a backslash parts folders here")
    with pytest.raises(NoWarehouse, match="choose another folder"):
        warehouse.connect(tmp_path / name / "warehouse.duckdb", read_only=False)


TWICE = "Ref,Day,Class,Further,Place,Further,Place\nC1,01/06/2024,8L,8Q,Dover,8R,Deal\n"


def test_columns_of_one_name_all_feed_a_list_and_can_be_told_apart(tmp_path: Path, scratch: Path) -> None:
    path = written(tmp_path, TWICE)
    with pytest.raises(
        BadFile, match=r"line 1: the column 'Place' appears 2 times; .* 'Place \(1\)' or 'Place \(2\)'"
    ):
        one(path, scratch)
    listed = '[[table.list]]\ninto = "included_classifications"\ncolumns = '
    mapping = MAPPING.replace('"Place"', '"Place (2)"')
    for columns, expected in (('["Further"]', "8Q;8R"), ('["Fur*"]', "8Q;8R"), ('["further (2)"]', "8R")):
        found = one(path, scratch, f"{mapping}{listed}{columns}\n")
        assert found.records == [(2, "C1", "Deal")]
        assert found.listed == [expected]


def test_a_mapping_may_name_a_file_whose_name_looks_like_a_pattern(tmp_path: Path, scratch: Path) -> None:
    path = written(tmp_path, f"{HEAD}\n{record(1)}\n", "crimes[1].csv")
    mapping = MAPPING.replace('"crimes*"', '"Crimes[1].csv"')
    assert one(path, scratch, mapping).records == [(2, "C1", "Dover")]


@pytest.mark.slow
def test_many_rejected_records_cost_little_more_than_accepted_ones(tmp_path: Path) -> None:
    lines = "\n".join(["C1,never,8Q,Dover", "C2,01/06/2024,8Q"] * 5_000)
    path, mapping = written(tmp_path, f"{HEAD}\n{record(1)}\n{lines}\n"), tmp_path / "probe.toml"
    mapping.write_text(MAPPING, encoding="utf-8")
    started = time.process_time()
    (found,) = importing.import_files([path], str(mapping), tmp_path / "W").files
    # Row by row the database took more than half a millisecond for each.
    assert time.process_time() - started < 5
    assert (found.rows_in, found.accepted) == (10_001, 1)
    assert found.reasons == {"not a date": 5_000, "wrong number of cells": 5_000}
    con = warehouse.connect(warehouse.current(tmp_path / "W").path)
    assert con.execute(
        "select count(*), count(distinct line), min(line), max(line) from meta.rejects"
    ).fetchall() == [(10_000, 10_000, 3, 10_002)]
    con.close()

"""The report's files: Word and HTML that hold the same figures, can be read by everybody, and reproduce."""

import errno
import hashlib
import io
import os
import random
import re
import shutil
import subprocess
import sys
import zipfile
from itertools import pairwise
from pathlib import Path
from typing import Any

import docx
import pytest
from click.testing import CliRunner, Result
from docx.oxml.ns import qn
from lxml import etree, html

from profiles import report
from profiles.cli import main
from profiles.errors import BadSnapshot
from profiles.report import content, docx_file, html_file, reading
from profiles.report.model import Document, Fact, Picture, Text, text_of
from profiles.snapshot import files
from tests import programs
from tests.releases import Releases, releases
from tests.reported import snapshot
from tests.test_report import cells, differences

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return snapshot(tmp_path_factory.mktemp("small") / "2024-12-31-internal")


@pytest.fixture(scope="module")
def document(small: Path) -> Document:
    return content.document(reading.read(small))


@pytest.fixture(scope="module")
def word(document: Document) -> bytes:
    return docx_file.docx_bytes(document)


@pytest.fixture(scope="module")
def page(document: Document) -> bytes:
    return html_file.html_bytes(document)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Releases:
    return releases(tmp_path_factory)


def told(*arguments: object) -> Result:
    """How `report` ended; no exception but that of its exit status came out of it."""
    found = CliRunner().invoke(main, ["report", *(str(each) for each in arguments)])
    assert found.exception is None or isinstance(found.exception, SystemExit), found.exception
    return found


def refused(sentence: str, *arguments: object) -> None:
    """Check that the command prints a sentence with these words on standard error and ends with status 2."""
    found = told(*arguments)
    assert (found.exit_code, found.stdout) == (2, "")
    assert sentence in found.stderr
    assert found.stderr.count("\n") == 1


# ---- Word


def word_cells(content: bytes) -> list[list[list[str]]]:
    """The text of every cell, by table and row."""
    return [
        [[docx.table._Cell(each, table).text for each in row._tr.tc_lst] for row in table.rows]
        for table in docx.Document(io.BytesIO(content)).tables
    ]


def test_tables_of_word_hold_the_figures_of_the_document(document: Document, word: bytes) -> None:
    found = word_cells(word)
    assert len(found) == len(document.tables)
    for table, rows in zip(document.tables, found, strict=True):
        assert rows[0] == list(table.heads)
        expected = [["\n".join(map(text_of, cell.lines)) for cell in row] for row in table.rows]
        assert rows[1:] == expected


def test_two_hundred_random_figures_of_word_equal_the_csv(
    small: Path, document: Document, word: bytes
) -> None:
    placed = [
        (piece, rows[line + 1][column])
        for table, rows in zip(document.tables, word_cells(word), strict=True)
        for line, row in enumerate(table.rows)
        for column, cell in enumerate(row)
        for pieces in cell.lines
        for piece in pieces
        if isinstance(piece, Fact)
    ]
    chosen = random.Random(11).sample(placed, 200)
    assert [fact for fact, text in chosen if fact.text not in text] == []
    assert list(differences(small, [fact for fact, _ in chosen])) == []


def test_word_has_heading_styles_a_filled_contents_list_and_its_language(
    document: Document, word: bytes
) -> None:
    book = docx.Document(io.BytesIO(word))
    heads = [each for each in book.paragraphs if each.style and each.style.name == "Heading 1"]
    assert [each.text for each in heads] == [
        f"{number}  {each.text}" for number, each in enumerate(document.sections, start=1)
    ]
    body = book.element.body
    codes = [each.text.strip() for each in body.iter(qn("w:instrText"))]
    assert codes[0].startswith("TOC")
    entries = ["".join(text.text for text in each.iter(qn("w:t"))) for each in body.iter(qn("w:hyperlink"))]
    assert entries == [each.text for each in heads]
    marks = {each.get(qn("w:name")) for each in body.iter(qn("w:bookmarkStart"))}
    assert {each.get(qn("w:anchor")) for each in body.iter(qn("w:hyperlink"))} <= marks
    language = book.styles.element.find(f".//{qn('w:rPrDefault')}//{qn('w:lang')}")
    assert language.get(qn("w:val")) == "en-GB"
    core = book.core_properties
    assert (core.title, core.language) == ("Stalking problem profile", "en-GB")
    assert f"{core.created:%Y-%m-%d}" == f"{core.modified:%Y-%m-%d}" == "2024-12-31"


def test_fields_of_word_are_begun_and_ended(word: bytes) -> None:
    with zipfile.ZipFile(io.BytesIO(word)) as archive:
        assert archive.namelist()[0] == "[Content_Types].xml"
        for name in archive.namelist():
            if name.endswith(".xml"):
                root = etree.fromstring(archive.read(name))
                kinds = [each.get(qn("w:fldCharType")) for each in root.iter(qn("w:fldChar"))]
                assert kinds == ["begin", "separate", "end"] * (len(kinds) // 3), name


def test_header_and_footer_of_word_carry_marking_stamp_date_and_page(word: bytes) -> None:
    section = docx.Document(io.BytesIO(word)).sections[0]
    for part in (section.header, section.footer):
        text = " ".join(each.text for each in part.paragraphs)
        assert "OFFICIAL-SENSITIVE" in text
        assert "SYNTHETIC" in text
    assert "As at 31 December 2024" in section.header.paragraphs[0].text
    codes = [each.text.strip() for each in section.footer._element.iter(qn("w:instrText"))]
    assert codes == ["PAGE", "NUMPAGES"]


def test_pictures_of_word_have_their_message_as_alt_text(document: Document, word: bytes) -> None:
    drawn = [each for each in document.blocks if isinstance(each, Picture)]
    found = [each.get("descr") for each in docx.Document(io.BytesIO(word)).element.iter(qn("wp:docPr"))]
    assert len(drawn) > 5
    assert found == [each.alt for each in drawn]
    assert all(re.search(r"\d", text) and len(text) > 40 for text in found)


def test_every_table_of_word_repeats_its_header_row(word: bytes) -> None:
    for table in docx.Document(io.BytesIO(word)).tables:
        first, *others = table.rows
        assert first._tr.trPr.find(qn("w:tblHeader")) is not None
        assert not [each for each in others if each._tr.trPr.find(qn("w:tblHeader")) is not None]
        assert table._tbl.tblPr.find(qn("w:tblCaption")).get(qn("w:val"))


@pytest.mark.skipif(
    not programs.found("soffice"), reason="LibreOffice is not installed: python -m tests.programs"
)
def test_libreoffice_opens_the_word_file_and_keeps_all_of_it(word: bytes, tmp_path: Path) -> None:
    (tmp_path / "profile.docx").write_bytes(word)
    soffice = programs.found("soffice")
    assert soffice
    done = subprocess.run(
        [
            *(soffice, "--headless", f"-env:UserInstallation={(tmp_path / 'user').as_uri()}"),
            *("--convert-to", "docx:MS Word 2007 XML", "--outdir", str(tmp_path / "again"), "profile.docx"),
        ],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    ours, again = (
        docx.Document(str(path)) for path in (tmp_path / "profile.docx", tmp_path / "again" / "profile.docx")
    )

    def headings(document: Any) -> list[tuple[str, str]]:
        told = [(each.style.name, each.text) for each in document.paragraphs]
        return [(style, text) for style, text in told if style.startswith("Heading") and text]

    assert headings(ours) == headings(again)
    assert len(headings(ours)) > 20
    texts = [[[cell.text for cell in row.cells] for row in table.rows] for table in ours.tables]
    assert texts == [[[cell.text for cell in row.cells] for row in table.rows] for table in again.tables]
    assert len(ours.inline_shapes) == len(again.inline_shapes) > 3


# ---- HTML


def test_html_tells_of_each_figure_where_it_stands(small: Path, document: Document, page: bytes) -> None:
    root = html.fromstring(page.decode())
    found = [
        Fact(
            each.text_content(),
            each.get("data-file"),
            tuple(each.get("data-key").split("|")),
            each.get("data-part"),
        )
        for each in root.xpath("//table//*[@data-key]")
    ]
    assert found == cells(document)
    assert list(differences(small, random.Random(5).sample(found, 200))) == []


def test_html_asks_nothing_of_anybody(page: bytes) -> None:
    root = html.fromstring(page.decode())
    assert not root.xpath("//script | //link | //iframe | //object | //form | //@onclick | //@onload")
    addresses = root.xpath("//@href | //@src | //@srcset")
    assert all(each.startswith(("#", "data:image/svg+xml;base64,")) for each in addresses)
    assert not re.search(r"@import|url\(", page.decode())


def test_html_can_be_read_by_everybody(document: Document, page: bytes) -> None:
    root = html.fromstring(page.decode())
    assert root.get("lang") == "en-GB"
    pictures = [each for each in document.blocks if isinstance(each, Picture)]
    assert [each.get("alt") for each in root.xpath("//img")] == [each.alt for each in pictures]
    for table in root.xpath("//table"):
        assert table.xpath("caption")[0].text_content().strip()
        assert {each.get("scope") for each in table.xpath("thead//th")} == {"col"}
        assert {each.get("scope") for each in table.xpath("tbody//th")} <= {"row"}
    links = root.xpath("//nav//a/@href")
    assert links == [f"#{each.anchor}" for each in document.sections]
    ids = root.xpath("//@id")
    assert len(ids) == len(set(ids))
    assert {each.removeprefix("#") for each in links} <= set(ids)
    levels = [int(each.tag[1]) for each in root.xpath("//h1 | //h2 | //h3")]
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))


def test_html_carries_marking_stamp_and_date(page: bytes) -> None:
    root = html.fromstring(page.decode())
    first, *_, last = [each.text_content() for each in root.xpath("//*[contains(@class, 'stamp')]")]
    for text in (first, last):
        assert "OFFICIAL-SENSITIVE" in text
        assert "SYNTHETIC" in text
    assert "As at 31 December 2024" in first


def test_names_with_markup_stay_text(document: Document) -> None:
    evil = Fact("<script>1</script>", "measures", ("a", "<b>"), "value")
    whole = (document.title, document.name, document.stamp, document.released)
    found = html_file.html_bytes(Document(*whole, (Text((evil,)),)))
    assert b"<script>" not in found


# ---- files


def test_the_file_is_named_for_the_snapshot(small: Path, tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.chdir(tmp_path)
    found = told("--snapshot", small)
    assert found.exit_code == 0, found.stderr
    assert [each.name for each in tmp_path.iterdir()] == ["2024-12-31-internal-problem-profile.docx"]
    refused("is there already; a report is never overwritten", "--snapshot", small)


def test_nothing_is_written_inside_the_snapshot(small: Path, tmp_path: Path, monkeypatch: Any) -> None:
    before = sorted(each.name for each in small.iterdir())
    refused("lies inside the snapshot", "--snapshot", small, "--out", small / "a.docx")
    monkeypatch.chdir(small)
    refused("lies inside the snapshot", "--snapshot", ".", "--format", "html")
    (tmp_path / "link").symlink_to(small)
    refused("lies inside the snapshot", "--snapshot", small, "--out", tmp_path / "link" / "a.docx")
    assert sorted(each.name for each in small.iterdir()) == before


def test_what_is_there_stays(small: Path, tmp_path: Path) -> None:
    taken = tmp_path / "a.html"
    taken.write_text("mine", encoding="utf-8")
    refused("is there already", "--snapshot", small, "--format", "html", "--out", taken)
    assert taken.read_text(encoding="utf-8") == "mine"
    (tmp_path / "gone.docx").symlink_to(tmp_path / "nowhere")
    refused("is there already", "--snapshot", small, "--out", tmp_path / "gone.docx")
    refused("does not exist; make it", "--snapshot", small, "--out", tmp_path / "no" / "a.docx")


def test_a_file_that_appears_meanwhile_stays(small: Path, tmp_path: Path, monkeypatch: Any) -> None:
    out = tmp_path / "a.docx"

    def late(found: Document) -> bytes:
        out.write_text("theirs", encoding="utf-8")
        return b"ours"

    monkeypatch.setitem(report.FORMS, "docx", late)
    refused("is there already", "--snapshot", small, "--out", out)
    assert out.read_text(encoding="utf-8") == "theirs"
    assert [each.name for each in tmp_path.iterdir()] == ["a.docx"]


def test_a_full_disk_is_said_and_leaves_nothing(small: Path, tmp_path: Path, monkeypatch: Any) -> None:
    def full(handle: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setitem(report.FORMS, "docx", lambda found: b"ours")
    monkeypatch.setattr("profiles.report.os.fsync", full)
    refused(
        "is full, of bytes or of files; free some room", "--snapshot", small, "--out", tmp_path / "a.docx"
    )
    assert list(tmp_path.iterdir()) == []


def test_a_snapshot_that_is_not_whole_is_refused(small: Path, tmp_path: Path) -> None:
    out = tmp_path / "a.docx"
    refused("cannot be read as a snapshot", "--snapshot", tmp_path / "none", "--out", out)
    half = Path(shutil.copytree(small, tmp_path / "half"))
    (half / "verdicts.csv").unlink()
    refused("lacks verdicts.csv", "--snapshot", half, "--out", out)
    forged = Path(shutil.copytree(small, tmp_path / "forged"))
    path = forged / "measures.csv"
    path.write_bytes(path.read_bytes().replace(b"Dover", b"Doves", 1))
    refused("is not the file that was released", "--snapshot", forged, "--out", out)
    newer = Path(shutil.copytree(small, tmp_path / "newer"))
    path = newer / "manifest.json"
    path.write_text(path.read_text(encoding="utf-8").replace('"format": 1', '"format": 2'), encoding="utf-8")
    refused("update stalking-profiles", "--snapshot", newer, "--out", out)
    assert not out.exists()


def made(folder: Path, form: str, out: Path, zone: str, seed: str) -> str:
    """SHA-256 of the report that a process in a time zone, whose texts hash by a seed, makes."""
    subprocess.run(
        [
            sys.executable,
            "-m",
            "profiles.cli",
            "report",
            "--snapshot",
            folder,
            "--format",
            form,
            "--out",
            out,
        ],
        env=os.environ | {"TZ": zone, "PYTHONHASHSEED": seed, "PYTHONUTF8": "1"},
        check=True,
        capture_output=True,
    )
    return hashlib.sha256(out.read_bytes()).hexdigest()


@pytest.mark.parametrize("form", ["docx", "html"])
def test_the_same_snapshot_gives_the_same_bytes(small: Path, tmp_path: Path, form: str) -> None:
    here = made(small, form, tmp_path / f"a.{form}", "Pacific/Auckland", "1")
    assert made(small, form, tmp_path / f"b.{form}", "America/New_York", "2") == here


@pytest.mark.parametrize("name", ["internal", "external"])
def test_a_built_snapshot_makes_both_files(built: Releases, tmp_path: Path, name: str) -> None:
    folder = built.built(name).folder
    for form in report.FORMS:
        out = report.written(folder, form, tmp_path / f"a.{form}")
        assert out.stat().st_size > 100_000
    found = content.document(reading.read(folder))
    texts = word_cells((tmp_path / "a.docx").read_bytes())
    assert [rows[0] for rows in texts] == [list(table.heads) for table in found.tables]
    root = html.fromstring((tmp_path / "a.html").read_text(encoding="utf-8"))
    facts = [
        Fact(
            each.text_content(),
            each.get("data-file"),
            tuple(each.get("data-key").split("|")),
            each.get("data-part"),
        )
        for each in root.xpath("//*[@data-key]")
    ]
    assert list(differences(folder, random.Random(3).sample(facts, 200))) == []


def test_a_snapshot_that_changes_while_it_is_read_is_refused(
    small: Path, tmp_path: Path, monkeypatch: Any
) -> None:
    folder = Path(shutil.copytree(small, tmp_path / "snapshot"))
    rows = files.read_rows

    def read_rows(path: Path) -> Any:
        (folder / "fms.csv").write_bytes(b"other")
        return rows(path)

    monkeypatch.setattr(files, "read_rows", read_rows)
    with pytest.raises(BadSnapshot, match="is not the file that was released"):
        reading.read(folder)

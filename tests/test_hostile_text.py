"""Text of the data on pages and in reports: it shows as it is, whatever it is."""

import base64
import io
import json
import re
import warnings
import xml.etree.ElementTree as ElementTree
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import streamlit as st
from hypothesis import example, given
from hypothesis import strategies as some

from profiles import escaped
from profiles.report import docx_file, html_file
from profiles.report.model import (
    Bars,
    Blank,
    Cell,
    Document,
    Fact,
    Heading,
    Line,
    Picture,
    Points,
    Table,
    Text,
)
from profiles.settings import PREFIX, ROOT
from profiles.ui.markup import plain
from tests import hostile, pages
from tests.releases import releases
from tests.snapshot_rows import STAMP

MARKDOWN = ("body", "label", "help", "captions", "caption")
"""Fields of Streamlit's elements that it reads as Markdown."""

STEERING = tuple(sorted(path.stem for path in (ROOT / "pages" / "steering").glob("*.py")))

LIVE = re.compile(r"[<>$`|&~]|\*\*c|:red|\[j|\[l|www\.|\w@|http:|:smile|:material|\n===")
"""What Streamlit would turn into something else, where no backslash stands before it."""


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("text\n===", r"text \=\=\="),
        (":material/home:", ":\u2060material/home:"),
        (":material_home:", ":\u2060material\\_home:"),
        (":+1: :smile: :streamlit:", ":\u2060+1: :\u2060smile: :\u2060streamlit:"),
        (":red[x] :small[y] :blue-badge[z]", r":red\[x\] :small\[y\] :blue\-badge\[z\]"),
        ("$x$", r"\$x\$"),
        ("a -> b <- c <-> d -- e >= f <= g ~= h", None),
        ("->", None),
        ("www.example.uk", "www\u2060.example.uk"),
        ("HTTPS://example.uk", "HTTP\u2060S://example.uk"),
        ("a@b.uk", "a\u2060@b.uk"),
        ("<b>x</b>", r"\<b\>x\</b\>"),
        ("&lt;b&gt; &copy;", r"\&lt;b\&gt; \&copy;"),
        ("| a | b |\n|---|---|", None),
        ("    code", " code"),
        ("1. a\n- b\n# c\n> d", None),
        ("\u202eabc\u2069", "\ufffdabc\ufffd"),
        ("10:30:45", "10:30:45"),
    ],
)
def test_markdown_shows_the_text_as_it_is(text: str, shown: str | None) -> None:
    found = escaped.markdown(text)
    if shown is not None:
        # A backslash before a sign that needs none changes nothing.
        assert re.sub(r"\\([-+./:=@_&])", r"\1", found) == re.sub(r"\\([-+./:=@_&])", r"\1", shown)
    assert not re.search(r"(?<!\\)[\[\]<>$`|*_#&~]|\n|(?:^|\s)\\?[-<>~]\\?[->=]", found)
    assert re.sub(r"\\(.)|\u2060", r"\1", found) == escaped.line(text)


@given(some.text(some.characters(exclude_categories=()), max_size=30))
@example("\ud800 \ufffe \x00\x0b\x1f\u202e\U000e0041")
def test_every_text_is_legal_in_xml_and_turns_nothing_around(text: str) -> None:
    seen = escaped.visible(text)
    ElementTree.fromstring(f"<a>{escaped.html(text)}</a>")
    assert ElementTree.fromstring(f"<a b='{escaped.html(text)}'/>").attrib["b"] == re.sub("[\n\t]", " ", seen)
    assert not re.search("[\u202a-\u202e\u2066-\u2069\u200e\u200f\u061c]", seen)
    assert escaped.visible(seen) == seen
    assert "<" not in escaped.figure(text)
    assert "\n" not in escaped.line(text)


def test_plain_is_the_one_function_of_the_pages() -> None:
    assert plain is escaped.markdown
    assert re.sub(r"\\(.)|\u2060", r"\1", plain(hostile.HOSTILE)) == hostile.LOOKS


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return hostile.warehouse(tmp_path_factory.mktemp("hostile"))


@pytest.fixture
def _served(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv(f"{PREFIX}WAREHOUSE", str(folder))
    monkeypatch.setenv(f"{PREFIX}MARKING", f"OFFICIAL {hostile.HOSTILE.splitlines()[0]}")
    yield
    st.cache_resource.clear()


@pytest.mark.slow
@pytest.mark.usefixtures("_served")
@pytest.mark.parametrize("name", pages.PAGES)
def test_hostile_text_stays_text_in_every_element_of_every_page(name: str) -> None:
    assert hostile_texts(pages.opened(name).app) > 2


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("shelf")
    hostile.snapshot(releases(tmp_path_factory).built("next").folder, folder)
    return folder


@pytest.mark.slow
@pytest.mark.parametrize("name", STEERING)
def test_hostile_text_of_a_snapshot_stays_text_on_every_shared_page(
    name: str, shelf: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = {"ROLE": "steering", "SNAPSHOTS": shelf, "WAREHOUSE": tmp_path, "CONTACT": hostile.IN_A_NAME}
    for key, value in settings.items():
        monkeypatch.setenv(f"{PREFIX}{key}", str(value))
    shown = pages.opened(f"steering/{name}")
    assert not shown.app.error
    assert hostile_texts(shown.app) > 2
    if name == "action_plan":
        before = hostile_texts(shown.app)
        # What a line of the plan opens is on the page while it is folded: to open it adds and takes nothing.
        for line in ("7.1", "13.2"):
            shown.app.session_state[f"line-{line}"] = True
        assert hostile_texts(pages.drawn(shown.app).app) == before


def hostile_texts(app: Any) -> int:
    """How many texts of the page are hostile; fails when one of them could be anything but text."""
    found = 0
    for path, text in texts(app):
        if "smile" not in text:
            continue
        found += 1
        field = path.rpartition(".")[2]
        if field == "spec":
            for place, part in parts(json.loads(text)):
                if "smile" in part and not place.endswith("customdata"):
                    assert not re.search("<i>|[\u202e\ufffe\x0b\x01\x1f\n]", part), place
            continue
        assert not re.search("[\u202e\ufffe\x0b\x01\x1f]", text), path
        if field in MARKDOWN and not path.startswith("Html"):
            assert not LIVE.search(re.sub(r"\\.", "", text)), path
        elif path.startswith("Html"):
            assert "<i>" not in text
            assert "&lt;i&gt;d" in text
    return found


def texts(app: Any) -> Iterator[tuple[str, str]]:
    """Every text that a page sends to the browser, with the element and field it stands in."""
    for node in nodes(app._tree):
        if getattr(node, "proto", None) is not None:
            yield from ((f"{type(node).__name__}{path}", text) for path, text in fields(node.proto))


def nodes(block: Any) -> Iterator[Any]:
    for child in getattr(block, "children", {}).values():
        yield child
        yield from nodes(child)


def fields(message: Any, path: str = "") -> Iterator[tuple[str, str]]:
    for field, value in message.ListFields():
        for each in list(value) if type(value).__name__.startswith("Repeated") else [value]:
            if isinstance(each, str):
                yield f"{path}.{field.name}", each
            elif hasattr(each, "ListFields"):
                yield from fields(each, f"{path}.{field.name}")


def parts(content: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Every text of a figure, with its place."""
    if isinstance(content, str):
        yield path, content
    elif isinstance(content, dict):
        for key, value in content.items():
            yield from parts(value, f"{path}.{key}")
    elif isinstance(content, list):
        for value in content:
            yield from parts(value, path)


@pytest.mark.slow
def test_word_and_html_take_any_text_and_show_it() -> None:
    text = f"{hostile.HOSTILE} \x00\ud800 $\\frac$"
    stamp = replace(STAMP, marking=f"OFFICIAL {text}", version=text)
    line: Line = (text, Fact(text, "measures", (text,), "value"))
    document = Document(
        text,
        text,
        stamp,
        text,
        (
            Heading(1, text, "anchor"),
            Text(line),
            Points((line,)),
            Blank(text, text),
            Table(text, (text,), ((Cell((line,)),),), (1.0,), (text,)),
            Picture(text, text, Bars((text,), (1.0,), (0.5,), (2.0,), ("1",), "count", (1.0, "$whole$"))),
        ),
    )
    with warnings.catch_warnings():
        # The font of the charts lacks a character or two.
        warnings.filterwarnings("ignore", "Glyph")
        word, page = docx_file.docx_bytes(document), html_file.html_bytes(document).decode()
    with zipfile.ZipFile(io.BytesIO(word)) as book:
        for name in book.namelist():
            if name.endswith((".xml", ".rels")):
                ElementTree.fromstring(book.read(name))
        body = "".join(ElementTree.fromstring(book.read("word/document.xml")).itertext())
    shown = escaped.line(hostile.HOSTILE.replace("\n", ""))
    assert body.count(shown[:40]) > 8
    assert "<i>d" not in page
    assert not re.search("[\x00\x01\x0b\x1f\u202a-\u202e\ufffe\ud800]", page + body)
    for drawn in re.findall("data:image/svg[^;]*;base64,([A-Za-z0-9+/=]+)", page):
        ElementTree.fromstring(base64.b64decode(drawn))

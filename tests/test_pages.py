"""The pages without a browser: what they say, what filters do, and no traceback whatever is asked."""

import html
import re
import shutil
from collections.abc import Iterator
from datetime import date
from functools import lru_cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import streamlit as st

from profiles.blocks import overview
from profiles.catalogue import catalogue
from profiles.settings import PREFIX
from profiles.ui import reference
from tests import pages, small

pytestmark = pytest.mark.slow

FIGURES = pages.FIGURES


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("warehouse")
    small.write(folder)
    return folder


@pytest.fixture(autouse=True)
def _served(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv(f"{PREFIX}WAREHOUSE", str(folder))
    yield
    st.cache_resource.clear()


@lru_cache
def as_opened(name: str) -> pages.Shown:
    """The page as it opens without a word in its address, only to be looked at."""
    return pages.opened(name)


@pytest.fixture(scope="module", autouse=True)
def _forgotten() -> Iterator[None]:
    """Pages that were drawn for the tests of this module are not kept for the life of the worker."""
    yield
    as_opened.cache_clear()


@pytest.fixture(scope="module")
def untelling(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A warehouse of data that cannot tell what is stalking."""
    folder = tmp_path_factory.mktemp("untelling")
    small.write(folder, lacks=("stalking_class", "included_classifications", "mode"))
    return folder


@pytest.fixture(scope="module")
def nearly_empty(tmp_path_factory: pytest.TempPathFactory) -> dict[int, Path]:
    """A warehouse without a crime, and one with a single one."""
    folders = {count: tmp_path_factory.mktemp(f"of-{count}") for count in (0, 1)}
    for count, folder in folders.items():
        small.write(folder, small.crimes(20).head(count))
    return folders


@pytest.mark.parametrize("name", ["scale_and_typology", "data_quality"])
@pytest.mark.parametrize("grain", ["month", "financial year"])
def test_every_bar_of_a_single_month_has_a_width(name: str, grain: str) -> None:
    month = {"from": "March 2026", "until": "March 2026", "period": "chosen months", "grain": grain}
    shown = pages.opened(name, **month)
    figures = [block.figure for block in shown.blocks if block.figure]
    bars = [trace for figure in figures for trace in figure["data"] if trace["type"] == "bar"]
    assert bars
    for trace in bars:
        widths = trace["width"] if isinstance(trace["width"], list) else [trace["width"]]
        assert all(width > 0 for width in widths)


def plain(text: str) -> str:
    return re.sub(r"\\(.)", r"\1", text)


@pytest.mark.parametrize("name", pages.PAGES)
def test_every_page_bears_marking_stamp_and_as_at_date(name: str) -> None:
    shown = as_opened(name)
    assert shown.app.title[0].value.lower().replace("'", "") == name.replace("_", " ")
    for expected in ("OFFICIAL-SENSITIVE", "SYNTHETIC DATA", "Data as at 17 September 2026"):
        assert expected in shown.text


@pytest.mark.parametrize("name", FIGURES)
def test_every_page_of_figures_says_what_is_selected_in_words(name: str) -> None:
    shown = pages.opened(name, basis="principal", grain="quarter", period="2025/26", district=["Dover"])
    assert (
        "Selected:** April 2025 to March 2026; stalking is the principal crime; each quarter; "
        "district: Dover." in shown.text
    )
    for block in shown.blocks:
        for _, selection in block.asks:
            assert (
                selection.where in {(), (("district", "Dover"),)}
                or block.block_id == "comparators"
                or (("district", "Dover") in selection.where or selection.grain == "all")
            )


@pytest.mark.parametrize("name", FIGURES)
@pytest.mark.parametrize(
    "query", [{}, {"period": "chosen months", "from": "August 2026", "until": "August 2026"}]
)
def test_every_chart_has_a_title_and_a_sentence_of_its_own(name: str, query: dict[str, Any]) -> None:
    shown = pages.opened(name, **query) if query else as_opened(name)
    told = [chart.proto.alt for chart in shown.app.get("plotly_chart")]
    assert all(len(text) > 40 for text in told)
    assert len(set(told)) == len(told)
    assert len({block.block_id for block in shown.blocks}) == len(shown.blocks)


@pytest.mark.parametrize("name", FIGURES)
def test_numbers_in_titles_stand_in_the_tables_below_them(name: str) -> None:
    for block in as_opened(name).blocks:
        cells = {cell for row in block.table.to_numpy() for cell in row}
        parts = {part for cell in cells for part in re.findall(r"[\d,.]*\d%?", str(cell))}
        title = re.sub(r"\b(the|last|first) \d+ months|the 12 before|\d{1,2}% (above|below)", "", block.title)
        for number in re.findall(r"(?<![\w/])[\d,.]*\d%?(?![\w/])", title):
            assert number in parts or number in {"100", "1,000", "2025", "2026"}, (block.title, number)


def test_the_overview_has_four_headlines_with_interval_course_and_sentence() -> None:
    shown = pages.opened("overview")
    cards, _ = overview.cards(*_source_and_selection(shown))
    assert len(cards) == 4
    for card in cards:
        assert card.figure
        assert card.sentence
        assert "aria-label=" in card.spark
    text = html.unescape(shown.text)
    for card in cards:
        assert card.figure in text
        assert card.interval in text
    assert "feeds reach 17 September 2026" in text


def test_how_fresh_the_data_are_is_told_of_one_feed_and_of_more() -> None:
    def told(**days: int) -> str:
        feeds = {
            ("ours", table): SimpleNamespace(as_at=date(2026, 9, day) if day else None)
            for table, day in days.items()
        }
        facts: Any = SimpleNamespace(feeds=feeds)
        return overview.freshness(facts)

    assert told(crimes=30) == "1 feed reaches 30 September 2026."
    assert told(crimes=30, calls=30) == "2 feeds reach 30 September 2026."
    assert told(crimes=30, calls=2, support=2) == (
        "1 feed reaches 30 September 2026; calls and support to 2 September 2026."
    )
    assert told(crimes=0) == "No feed has a date."


def _source_and_selection(shown: pages.Shown) -> tuple[Any, Any]:
    (block,) = shown.blocks
    return block.source, block.selection


def test_the_definitions_explain_every_measure_and_find_what_the_address_asks_for() -> None:
    titles = [item.title for item in catalogue().values()]
    assert len(set(titles)) == len(titles)
    app = pages.opened("definitions").app
    app.selectbox(key="about").set_value("Online stalking")
    shown = pages.drawn(app)
    assert "Stalking-involved crimes committed online" in html.unescape(shown.text)
    assert any("Online stalking" in plain(each.value) for each in shown.app.header)
    for title in titles:
        assert title in reference.entries()
        assert html.escape(title) in reference.measures()


def test_a_change_of_a_widget_changes_every_figure() -> None:
    shown = pages.opened("scale_and_typology")
    app = shown.app
    app.radio(key="basis").set_value("principal")
    after = pages.drawn(app)
    changed = [
        one.block_id
        for one, other in zip(shown.blocks, after.blocks, strict=True)
        if not one.frame.equals(other.frame)
    ]
    fixed = {"comparators"}
    assert set(changed) == {block.block_id for block in shown.blocks} - fixed
    app.multiselect(key="district").set_value(["Medway"])
    assert "district: Medway" in pages.drawn(app).text


def test_a_filter_that_a_measure_does_not_know_is_said_to_be_left_out() -> None:
    shown = pages.opened("included_classifications", relationship=["Ex-partner"])
    (field,) = [block for block in shown.blocks if block.block_id == "with_included_share"]
    assert field.notes[0] == (
        "Crimes with an included classification cannot be narrowed by relationship: "
        "that filter is not applied here."
    )
    assert "Ex-partner" not in field.subtitle


def test_the_filters_are_cleared_at_once() -> None:
    app = pages.opened(
        "scale_and_typology", basis="principal", period="2025/26", team=[], district=["Dover"], also=[]
    ).app
    app.button[0].click()
    shown = pages.drawn(app)
    assert "September 2024 to August 2026; stalking is the principal crime or an included" in shown.text
    assert "no other filter" in shown.text


HOSTILE = [
    {"basis": "nonsense", "period": "'; drop table", "district": "<script>alert(1)</script>"},
    {"basis": "", "period": "", "district": "", "also": "", "grain": ""},
    {"period": "chosen months", "from": "9999-99", "until": "\x00"},
    {"period": "chosen months", "from": "August 2026", "until": "October 2023"},
    {"view": "1", "basis": ["principal", "nonsense"]},
    {"also": "Online or offline: <b>", "team": "../../etc/passwd", "about": "{{7*7}}"},
    {"reason": "x" * 5000, "check_name": "%00", "table_name": "\ud800".encode("utf-8", "replace").decode()},
]


@pytest.mark.parametrize("query", HOSTILE)
def test_hostile_addresses_fall_back_to_the_default(query: dict[str, Any]) -> None:
    app = pages.opened("scale_and_typology", **query).app
    assert not app.error
    assert app.radio(key="basis").value == "any"
    assert app.multiselect(key="district").value == []
    assert app.multiselect(key="also").value == []


PIECES = (
    "<img src=x onerror=alert(1)>",
    "' or 1=1 --",
    "\x00",
    "%s%n",
    "../..",
    "🙂",
    "NaN",
    "-1",
    "A" * 3000,
)
NAMES = (*pages.VIEWS, "about", "reason", "check_name", "table_name", "__proto__", "embed_options")


def hostile(count: int, seed: int, fewest: int = 1, most: int = 5) -> list[dict[str, Any]]:
    """As many addresses that nobody means well with, of so many parameters, the same for the same seed."""
    draw = np.random.default_rng(seed)
    return [
        {
            str(name): [PIECES[place] for place in draw.choice(len(PIECES), int(draw.integers(1, 4)))]
            for name in draw.choice(NAMES, int(draw.integers(fewest, most + 1)), replace=False)
        }
        for _ in range(count)
    ]


def test_without_a_warehouse_the_page_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(f"{PREFIX}WAREHOUSE", str(tmp_path / "none"))
    shown = pages.opened()
    assert "There is no warehouse" in shown.text
    assert len(re.findall(r"^\d\. ", shown.text, flags=re.MULTILINE)) == 3
    assert "stalking-profiles demo" in shown.text
    assert not shown.app.get("plotly_chart")


@pytest.mark.parametrize("damage", ["truncated", "gone", "other"])
def test_a_damaged_warehouse_is_one_sentence(
    damage: str, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(folder, copy)
    file = next(copy.glob("versions/*/warehouse.duckdb"))
    if damage == "truncated":
        file.write_bytes(file.read_bytes()[:3000])
    elif damage == "gone":
        file.unlink()
    else:
        file.write_bytes(b"not a database")
    monkeypatch.setenv(f"{PREFIX}WAREHOUSE", str(copy))
    app = pages.opened().app
    assert len(app.error) == 1
    assert "Traceback" not in app.error[0].value
    assert not app.get("plotly_chart")


def test_a_wrong_setting_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(f"{PREFIX}THREADS", "many")
    app = pages.opened().app
    assert "STALKING\\_PROFILES\\_THREADS" in app.error[0].value


def test_a_new_version_is_shown_from_the_next_run_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "warehouse"
    small.write(folder, small.crimes(300))
    monkeypatch.setenv(f"{PREFIX}WAREHOUSE", str(folder))
    shown = pages.opened("scale_and_typology", period="all data")
    small.write(folder, small.crimes(600))
    after = pages.drawn(shown.app)
    assert after.app.header[0].value != shown.blocks[1].title
    assert "Warehouse 0002-" in after.text


@pytest.mark.parametrize("name", FIGURES)
def test_data_that_cannot_tell_stalking_show_no_zero(
    name: str, untelling: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(f"{PREFIX}WAREHOUSE", str(untelling))
    shown = pages.opened(name)
    if name != "data_quality":
        drawn = [block for block in shown.blocks if block.block_id != "headlines"]
        if drawn and name != "overview":
            assert "athena does not carry: stalking class" in shown.text
        reasons = ("[x] not available", "no figure to show: source athena does not carry")
        assert any(each in shown.text for each in reasons) or not shown.blocks
        assert "is missing" in shown.text or shown.blocks
        assert not re.search(r"figure'>0<", shown.text)


@pytest.mark.parametrize("name", FIGURES)
@pytest.mark.parametrize("count", [0, 1])
def test_a_warehouse_of_one_crime_or_none_looks_intended(
    name: str, count: int, nearly_empty: dict[int, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(f"{PREFIX}WAREHOUSE", str(nearly_empty[count]))
    shown = pages.opened(name, period="all data")
    assert not shown.app.error
    assert "nan" not in re.findall(r"[a-z]+", shown.text.lower())


def test_hostile_names_in_the_data_are_shown_as_they_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hostile_name = "<img src=x onerror=alert(1)> [a](javascript:b) $x$"
    folder = tmp_path / "warehouse"
    small.write(folder, small.crimes(300).replace({"district": {"Dover": hostile_name}}))
    monkeypatch.setenv(f"{PREFIX}WAREHOUSE", str(folder))
    for name in FIGURES:
        shown = pages.opened(name, district=hostile_name)
        assert shown.app.multiselect(key="district").value == [hostile_name]
        assert not any("<img" in each.value for each in shown.app.html)
        texts = (*shown.app.markdown, *shown.app.caption, *shown.app.header)
        assert all("[a](javascript" not in each.value for each in texts)

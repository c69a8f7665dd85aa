"""The page in a real browser: downloads, addresses, keyboard, themes, narrow screens, accessibility."""

import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, Page, expect

from profiles import warehouse
from profiles.selection import Selection
from profiles.ui import blocks, typology
from tests import browser, small

pytestmark = pytest.mark.slow

DEFAULT = Selection("any", since=date(2024, 9, 1), until=date(2026, 8, 31))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("warehouse")
    small.write(folder)
    return folder


@pytest.fixture(scope="module")
def address(folder: Path) -> Iterator[str]:
    with browser.serving(folder) as address:
        yield address


@pytest.fixture
def source(folder: Path) -> blocks.Source:
    return small.source(warehouse.current(folder))


@pytest.fixture(autouse=True)
def _watched(page: Page) -> Iterator[None]:
    with browser.watched(page):
        yield


FOCUS = """() => { const each = document.activeElement, box = each.closest('[data-testid]')
    const text = each.tagName == 'MAIN' ? '' : each.innerText
    return [each.tagName, text, each.ariaLabel, box?.dataset.testid].join(' ') }"""


def titles(page: Page) -> list[str]:
    return page.locator("h2").all_inner_texts()


def test_every_figure_is_drawn_and_every_file_is_the_one_its_table_shows(
    page: Page, address: str, source: blocks.Source
) -> None:
    browser.open_page(page, address)
    expect(page.get_by_test_id("stPlotlyChart")).to_have_count(4)
    expected = [
        blocks.series(source, "stalking_crimes", DEFAULT, by="basis"),
        blocks.series(source, "included_uplift", DEFAULT),
        typology.shares(source, DEFAULT),
        typology.overlap(source, DEFAULT),
    ]
    buttons = page.get_by_test_id("stDownloadButton").get_by_role("button")
    expect(buttons).to_have_count(5)
    for number, block in enumerate(expected, start=1):
        with page.expect_download() as download:
            buttons.nth(number).click()
        assert download.value.suggested_filename == block.file_name
        assert Path(download.value.path()).read_bytes() == block.csv()


def test_the_view_lives_in_the_address(page: Page, address: str) -> None:
    browser.open_page(page, address)
    before = titles(page)
    page.get_by_test_id("stRadio").get_by_text("principal", exact=True).click()
    expect(subtitles(page, "basis: principal")).to_have_count(3)
    page.get_by_test_id("stMultiSelect").get_by_role("combobox").click()
    page.get_by_role("option", name="Thanet").click()
    expect(subtitles(page, "district: Thanet")).to_have_count(4)
    browser.settle(page)
    after = titles(page)
    assert after != before
    assert re.search(r"\?.*basis=principal", page.url)
    assert "district=Thanet" in page.url
    other = page.context.new_page()
    with browser.watched(other):
        other.goto(page.url)
        expect(subtitles(other, "district: Thanet")).to_have_count(4, timeout=browser.TO_DRAW)
        browser.settle(other)
        assert titles(other) == after
    other.close()


def subtitles(page: Page, text: str) -> Locator:
    return page.get_by_test_id("stCaptionContainer").filter(has_text=f"· {text}")


@pytest.mark.parametrize(
    "query",
    [
        "?basis=<script>alert(1)</script>&period=../../etc/passwd&district=%00",
        "?period=chosen+months&from=%F0%9F%98%80&until=-1",
        "?basis=principal&basis=any&period=&district=&district=",
        "?" + "&".join(f"district=x{number}" for number in range(200)),
    ],
)
def test_hostile_addresses_show_the_default_page(page: Page, address: str, query: str) -> None:
    browser.open_page(page, address, query)
    expect(page.get_by_test_id("stPlotlyChart")).to_have_count(4)
    expect(page.get_by_test_id("stAlert")).to_have_count(0)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_nothing_stands_in_the_way_of_assistive_technology(page: Page, address: str, theme: str) -> None:
    page.emulate_media(color_scheme="dark" if theme == "dark" else "light")
    browser.open_page(page, address, "?period=all+data")
    for table in page.get_by_text("Table", exact=True).all():
        table.click()
    expect(page.locator(".twin table")).to_have_count(5)
    found = Axe().run(page).response["violations"]
    assert [
        (each["id"], each["nodes"][0]["html"]) for each in found if each["impact"] in {"serious", "critical"}
    ] == []


def test_colours_follow_the_theme(page: Page, address: str) -> None:
    bars = {}
    for theme in ("light", "dark"):
        page.emulate_media(color_scheme="dark" if theme == "dark" else "light")
        browser.open_page(page, address)
        bar = page.get_by_test_id("stPlotlyChart").first.locator(".bars .point path").first
        bars[theme] = bar.evaluate("each => getComputedStyle(each).fill")
    assert bars == {"light": "rgb(18, 67, 109)", "dark": "rgb(156, 198, 238)"}


def test_charts_tell_their_sentence_to_those_who_cannot_see_them(page: Page, address: str) -> None:
    browser.open_page(page, address)
    for chart, title in zip(page.get_by_test_id("stPlotlyChart").all(), titles(page), strict=True):
        expect(chart).to_have_attribute("aria-label", re.compile(f"^{re.escape(title)}. .{{20,}}"))


def test_the_keyboard_reaches_filters_tables_and_files(page: Page, address: str) -> None:
    browser.open_page(page, address)
    reached: list[str] = []
    while len(reached) < 100:
        page.keyboard.press("Tab")
        reached.append(page.evaluate(FOCUS))
        if reached[-1].count("stSkipToContent") and len(reached) > 1:
            break
    for name in ("Period", "stRadio", "District"):
        assert any(name in each for each in reached), name
    assert sum(each.startswith("SUMMARY") and "Table" in each for each in reached) == 5
    assert sum(each.startswith("BUTTON") and "CSV" in each for each in reached) == 5


@pytest.mark.parametrize("query", ["", "?period=all+data&district=Folkestone+and+Hythe"])
def test_a_narrow_screen_shows_everything_without_scrolling_sideways(
    page: Page, address: str, query: str
) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    browser.open_page(page, address, query)
    main = page.get_by_test_id("stMain")
    assert main.evaluate("each => each.scrollWidth") <= 390
    for chart in page.get_by_test_id("stPlotlyChart").all():
        box = chart.bounding_box()
        assert box is not None
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 390


def test_without_a_warehouse_the_page_says_what_to_do(page: Page, tmp_path: Path) -> None:
    with browser.serving(tmp_path / "none") as address:
        browser.open_page(page, address)
        expect(page.get_by_text("There is no warehouse")).to_be_visible()
        expect(page.locator("ol li")).to_have_count(3)
        # The page would complain of the server's end.
        page.goto("about:blank")

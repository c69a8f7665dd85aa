"""Every page in a real browser: drawn, accessible in both themes, by keyboard, on a phone, and linkable."""

import json
import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Locator, Page, expect

from profiles import warehouse
from profiles.blocks import over_time
from profiles.selection import Selection
from tests import browser, pages, small
from tests.browser import Workbench

pytestmark = pytest.mark.slow

DEFAULT = Selection("any", grain="month", since=date(2024, 10, 1), until=date(2026, 9, 30))
FIGURES = [name for name in browser.PATHS if name in pages.FIGURES]


@pytest.fixture(scope="module")
def address(workbench: Workbench) -> str:
    return workbench.address


@pytest.fixture(autouse=True)
def _watched(page: Page) -> Iterator[None]:
    with browser.watched(page):
        yield


def test_every_page_is_known_to_the_rig() -> None:
    assert sorted(browser.PATHS) == sorted(pages.PAGES)


PHONE = 390
"""The width of a small phone."""

FITS = """width => document.querySelector('[data-testid=stMain]').scrollWidth <= width
    && [...document.querySelectorAll('[data-testid=stPlotlyChart]')].map(each => each.getBoundingClientRect())
        .every(box => box.x >= 0 && box.right <= width)
    && [...document.querySelectorAll('[data-testid=stPageLink] *')].every(each =>
        each.scrollWidth <= each.clientWidth + 1 || getComputedStyle(each).display == 'inline')"""


def fits_a_phone(page: Page) -> None:
    """Fail unless everything is shown on a narrow screen without scrolling sideways, charts whole."""
    page.set_viewport_size({"width": PHONE, "height": 844})
    browser.settle(page)
    page.wait_for_function(FITS, arg=PHONE, timeout=browser.TO_DRAW, polling=browser.POLLING)


@pytest.mark.parametrize("name", browser.PATHS)
def test_nothing_stands_in_the_way_of_assistive_technology_nor_is_cut_off_on_a_phone(
    page: Page, address: str, name: str
) -> None:
    browser.open_page(page, address, "?period=all+data", name)
    if name in FIGURES:
        browser.open_table(page)
        browser.settle(page)
    assert browser.barriers(page) == []
    browser.turn(page, "dark")
    assert browser.barriers(page) == []
    fits_a_phone(page)


FOCUS = """() => { const each = document.activeElement, box = each.closest('[data-testid]')
    const text = each.tagName == 'MAIN' ? '' : each.innerText
    return [each.tagName, text, each.ariaLabel, each.getAttribute('href'), box?.dataset.testid].join(' ') }"""


@pytest.mark.parametrize("name", browser.PATHS)
def test_the_keyboard_reaches_every_filter_and_every_download_and_a_phone_shows_all(
    page: Page, address: str, name: str
) -> None:
    # The longest name of a district, which has to fit the phone.
    browser.open_page(page, address, "?district=Folkestone+and+Hythe", name)
    reached: list[str] = []
    while len(reached) < 400:
        page.keyboard.press("Tab")
        reached.append(page.evaluate(FOCUS))
        if reached[-1].count("stSkipToContent") and len(reached) > 1:
            break
    filters = ("Period", "stRadio", "Periods", "District", "Type", "Relationship", "Risk grade", "Team")
    for label in (*filters, "More filters", "Clear all filters"):
        assert any(label in each for each in reached), label
    for other in browser.PATHS.values():
        assert any(each.startswith("A ") and f"/{other} " in each for each in reached), other
    downloads = [each for each in reached if re.match(r"BUTTON .*(CSV|XLSX)\s*of: ", each, re.DOTALL)]
    assert len(downloads) == page.get_by_test_id("stDownloadButton").count()
    assert len(set(downloads)) == len(downloads), "two downloads have the same name"
    tables = [each for each in reached if re.match(r"SUMMARY .*Table\s+and definition of: ", each, re.DOTALL)]
    assert len(set(tables)) == page.locator("summary").filter(has_text="Table and definition").count()
    fits_a_phone(page)


def test_files_are_those_of_the_figures_shown(page: Page, address: str, workbench: Workbench) -> None:
    source = small.source(warehouse.current(workbench.warehouse))
    block = over_time.series(source, "stalking_crimes", DEFAULT, by="basis")
    browser.open_page(page, address, "", "scale_and_typology")
    for kind, content in (("CSV", block.csv()), ("XLSX", block.xlsx())):
        button = page.get_by_role("button", name=f"{kind} of: {block.title}")
        with page.expect_download() as download:
            button.click()
        assert download.value.suggested_filename == f"{block.file_name}.{kind.lower()}"
        assert Path(download.value.path()).read_bytes() == content


def test_a_table_opens_with_its_definition_and_the_command_that_prints_it(page: Page, address: str) -> None:
    browser.open_page(page, address, "?district=Dover", "scale_and_typology")
    page.locator("summary").filter(has_text="Table and definition").nth(1).click()
    command = page.get_by_text("stalking-profiles measure stalking_crimes").first
    expect(command).to_be_visible()
    expect(command).to_contain_text("--where district=Dover --format csv")
    page.get_by_role("link", name="Definition: Stalking-involved crimes").click()
    expect(page.locator("h1")).to_have_text("Definitions")
    expect(page.locator("h2").first).to_have_text("Stalking-involved crimes")
    assert parse_qs(urlsplit(page.url).query) == {
        "about": ["Stalking-involved crimes"],
        "district": ["Dover"],
    }


def press(page: Page, mark: Locator) -> None:
    """Click the middle of a bar, over which Plotly has laid a layer of its own."""
    mark.evaluate("each => each.scrollIntoView({block: 'center'})")
    box = mark.bounding_box()
    assert box
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)


def test_a_click_narrows_the_filters_to_what_the_bar_stands_for(page: Page, address: str) -> None:
    browser.open_page(page, address, "", "scale_and_typology")
    chart = page.get_by_test_id("stPlotlyChart").first
    drawn = json.loads(
        chart.locator(".js-plotly-plot").evaluate(
            "each => JSON.stringify(each.data.map(trace => trace.customdata || []))"
        )
    )
    _, category, period = drawn[0][3]
    press(page, chart.locator(".bars .point path").nth(3))
    month = f"{date.fromisoformat(period):%B %Y}"
    expect(page.get_by_text(f"{month}; stalking is the principal crime; each month")).to_be_visible()
    assert category == "principal"
    assert parse_qs(urlsplit(page.url).query) == {
        "basis": ["principal"],
        "period": ["chosen months"],
        "from": [month],
        "until": [month],
    }
    browser.settle(page)
    page.get_by_role("button", name="Clear all filters").click()
    # The words under the title named no other filter before, either: only the address tells.
    expect(page).to_have_url(f"{address}/{browser.PATHS['scale_and_typology']}")
    browser.settle(page)
    expect(page.get_by_text(f"{month}; stalking")).to_have_count(0)


def test_a_click_on_a_district_filters_by_its_name(page: Page, address: str) -> None:
    browser.open_page(page, address, "?period=all+data", "included_classifications")
    chart = page.get_by_test_id("stPlotlyChart").nth(1)
    name = chart.locator(".js-plotly-plot").evaluate("each => each.data[0].customdata[1][1]")
    press(page, chart.locator(".bars .point path").nth(1))
    expect(page.get_by_text(f"principal offence: {name}").first).to_be_visible()
    assert parse_qs(urlsplit(page.url).query)["also"] == [f"Principal offence: {name}"]


def test_charts_tell_their_sentence_to_those_who_cannot_see_them(page: Page, address: str) -> None:
    browser.open_page(page, address, "", "scale_and_typology")
    charts = page.get_by_test_id("stPlotlyChart").all()
    assert len(charts) == 7
    for chart in charts:
        block = chart.locator("xpath=ancestor::*[.//h2][1]")
        title = block.locator("h2").first.inner_text()
        expect(chart).to_have_attribute("aria-label", re.compile(f"^{re.escape(title)}. .{{20,}}"))


def test_colours_follow_the_theme(page: Page, address: str) -> None:
    bars = {}
    for theme in ("light", "dark"):
        page.emulate_media(color_scheme="dark" if theme == "dark" else "light")
        browser.open_page(page, address, "", "scale_and_typology")
        bar = page.get_by_test_id("stPlotlyChart").first.locator(".bars .point path").first
        bars[theme] = bar.evaluate("each => getComputedStyle(each).fill")
    assert bars == {"light": "rgb(18, 67, 109)", "dark": "rgb(156, 198, 238)"}


DRAWN = """() => [...document.querySelectorAll('.js-plotly-plot .main-svg *:not(.zl)')].map(each => {
    const colours = getComputedStyle(each)
    return ['fill', 'stroke', 'textShadow'].map(name =>
        colours[name].startsWith('url') ? 'pattern' : colours[name]) })"""
CHANGED = """() => [...document.querySelectorAll('.js-plotly-plot .main-svg *')].flatMap(each =>
    ['fill', 'stroke'].filter(name => each.style[name].startsWith('rgb(')
        && each.style[name] != getComputedStyle(each)[name]).map(name => each.outerHTML.slice(0, 200)))"""


def test_colours_follow_when_an_open_page_is_turned(page: Page, address: str) -> None:
    drawn = {}
    for theme in ("light", "dark"):
        page.emulate_media(color_scheme="dark" if theme == "dark" else "light")
        browser.open_page(page, address, "", "scale_and_typology")
        drawn[theme] = page.evaluate(DRAWN)
        assert page.evaluate(CHANGED) == []
    browser.turn(page, "light")
    assert page.evaluate(DRAWN) == drawn["light"]
    page.emulate_media(color_scheme="light")
    assert drawn["light"] != drawn["dark"]


def test_records_are_searched_on_the_screen_and_every_view_of_them_is_logged(
    page: Page, workbench: Workbench
) -> None:
    log = workbench.access_log
    before = len(log.read_text().splitlines()) if log.exists() else 0
    browser.open_page(page, workbench.address, "?period=all+data", "included_classifications")
    assert not log.exists() or len(log.read_text().splitlines()) == before
    page.locator("summary").filter(has_text="Show the records").click()
    rows = page.locator(".records tbody tr")
    expect(rows.first).to_be_visible()
    reference = rows.first.locator("td").first.inner_text()
    search = page.get_by_label("Search in these records")
    search.fill(reference.lower())
    search.press("Enter")
    expect(rows).to_have_count(1)
    browser.settle(page)
    why = page.get_by_role("textbox", name="Why you look at them")
    why.fill("dip sample of October")
    why.press("Enter")
    browser.settle(page)
    assert reference not in page.url
    assert "October" not in page.url
    lines = [json.loads(line) for line in log.read_text().splitlines()[before:]]
    views = [line for line in lines if line["what"] == "record-level view"]
    assert (views[0]["reason"], views[-1]["reason"]) == ("", "dip sample of October")
    seen = [line["details"] for line in views if line["details"]["list"] == "included_only"]
    assert seen[-1]["references"] == [reference]
    assert seen[-1]["is_searched"]
    assert reference in seen[0]["references"]
    assert buttons(page, reference).count() == 0


def buttons(page: Page, text: str) -> Locator:
    return page.get_by_role("button").filter(has_text=text)


def test_without_a_warehouse_the_page_says_what_to_do(page: Page, tmp_path: Path) -> None:
    with browser.serving(tmp_path / "none", tmp_path / "log") as address:
        browser.open_page(page, address)
        expect(page.get_by_text("There is no warehouse")).to_be_visible()
        expect(page.locator("ol li")).to_have_count(3)
        # The page would complain of the server's end.
        page.goto("about:blank")

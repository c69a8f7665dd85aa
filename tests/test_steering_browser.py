"""The shared dashboard in a real browser: what travels to it, the keyboard, the order of reading, axe."""

import base64
import itertools
import os
import re
import shutil
import struct
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from playwright.sync_api import Page, Response, WebSocket, expect

from profiles.settings import PREFIX
from profiles.snapshot import files
from profiles.snapshot.files import FIGURES, KEY
from tests import browser
from tests.releases import Releases, releases

pytestmark = pytest.mark.slow

PATHS = tuple(browser.STEERING.values())
SUMMARY, PLAN = browser.STEERING["summary"], browser.STEERING["action_plan"]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Releases:
    return releases(tmp_path_factory)


@pytest.fixture(scope="module")
def shelf(made: Releases, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two snapshots of one force, a month apart."""
    folder = tmp_path_factory.mktemp("shelf")
    for name, day in (("internal", "2026-08-31"), ("next", "2026-09-30")):
        shutil.copytree(made.built(name).folder, folder / f"{day}-internal")
    return folder


@pytest.fixture(scope="module")
def address(shelf: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("steering")
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv(f"{PREFIX}ROLE", "steering")
        with browser.serving(folder / "no-warehouse", folder / "access.jsonl", shelf) as address:
            yield address


def opened(page: Page, address: str, path: str, query: str = "") -> None:
    """Open a page of the shared dashboard and wait until it is drawn."""
    page.goto(f"{address}/{path}{query}")
    browser.settle(page)


# ---- what travels


def told_numbers(text: str) -> set[str]:
    """The numbers with a long fraction in a message, in six digits: plain ones and those that are packed."""
    found = {f"{float(each):.6g}" for each in re.findall(r"\d+\.\d{4,}", text)}
    for packed in re.findall(r'"bdata": ?"([A-Za-z0-9+/=]+)"', text):
        raw = base64.b64decode(packed)
        if len(raw) % 8 == 0:
            found |= {f"{each:.6g}" for each in struct.unpack(f"<{len(raw) // 8}d", raw)}
    return found


def long_numbers(frame: pd.DataFrame) -> set[str]:
    """The figures of the rows that have a long fraction, in six digits."""
    values = frame[list(FIGURES)].to_numpy(float).ravel()
    values = values[np.isfinite(values)]
    return {f"{each:.6g}" for each in values if abs(each * 1000 - round(each * 1000)) > 1e-6}


def test_no_message_carries_a_figure_that_is_withheld(
    page: Page, address: str, made: Releases, shelf: Path
) -> None:
    shown = files.read_rows(shelf / "2026-09-30-internal").set_index(list(KEY))
    rows, is_released = made.counted("now")
    secret = rows[is_released].set_index(list(KEY))
    hidden = shown.index[(shown["marker"] == "[c]").to_numpy()]
    before = files.read_rows(shelf / "2026-08-31-internal")
    published = long_numbers(shown) | long_numbers(before)
    secrets = long_numbers(secret.loc[secret.index.isin(hidden)]) - published
    assert len(secrets) > 1000

    messages: list[str] = []

    def heard(socket: WebSocket) -> None:
        socket.on("framereceived", lambda frame: messages.append(_text(frame)))

    def answered(response: Response) -> None:
        if "/static/" not in response.url and response.status == 200:
            messages.append(response.text() + response.url)

    page.on("websocket", heard)
    page.on("response", answered)
    for path in PATHS:
        opened(page, address, path)
        for place in range(page.get_by_text("Table", exact=True).count()):
            page.get_by_text("Table", exact=True).nth(place).click()
        browser.settle(page)
    opened(page, address, PLAN, "?show=With+figures")
    for line in page.locator("[data-testid=stExpander] summary").all():
        line.click()
    browser.settle(page)
    told: set[str] = set().union(*map(told_numbers, messages))
    # What is published does travel, so that the search is known to find what is there.
    assert len(told & published) > 250
    assert sorted(told & secrets) == []
    assert [each for each in messages if str(shelf) in each or os.sep + "no-warehouse" in each] == []


def _text(frame: str | bytes) -> str:
    return frame if isinstance(frame, str) else frame.decode("latin-1")


# ---- keyboard and the order in which a page is read

FOCUSED = """() => {
    const each = document.activeElement;
    if (!each || each === document.body) return null;
    const box = each.getBoundingClientRect();
    const ring = getComputedStyle(each);
    const inner = each.closest('[data-baseweb], summary, a, button, [tabindex]');
    return {
        tag: each.tagName,
        role: each.getAttribute('role') || '',
        name: (each.getAttribute('aria-label') || each.innerText || each.value || '').trim().slice(0, 80),
        is_seen: box.width > 0 && box.height > 0,
        is_main: !!each.closest('[data-testid=stMain]'),
        is_sidebar: !!each.closest('[data-testid=stSidebar]'),
    };
}"""


def walked(page: Page, at_most: int = 200) -> list[dict[str, str | bool]]:
    """What the Tab key comes to, from the top of the page until it leaves or comes back."""
    page.locator("body").evaluate("each => { each.tabIndex = -1; each.focus(); }")
    found: list[dict[str, str | bool]] = []
    for _ in range(at_most):
        page.keyboard.press("Tab")
        told = page.evaluate(FOCUSED)
        if told is None or (len(found) > 5 and told == found[0]):
            return found
        found.append(told)
    raise AssertionError(f"the keyboard does not come to an end: {found[-3:]}")


def headings(page: Page) -> list[tuple[int, str]]:
    """Level and text of every heading of the page, as a screen reader meets them."""
    found = page.locator("[data-testid=stMain] :is(h1, h2, h3, h4)").all()
    return [(int(each.evaluate("each => each.tagName[1]")), each.inner_text().strip()) for each in found]


@pytest.mark.parametrize("path", [SUMMARY, PLAN])
def test_the_keyboard_reaches_all_in_the_order_of_the_page(page: Page, address: str, path: str) -> None:
    opened(page, address, path)
    found = walked(page)
    names = [str(each["name"]) for each in found]
    menu = [name for name in names if name in ("Summary", "Action plan", "Orders and outcomes", "About")]
    assert menu == ["Summary", "Action plan", "Orders and outcomes", "About"]
    # The menu and the choice of a snapshot come before the page itself, and nothing is in between.
    sides = [bool(each["is_main"]) for each in found if each["is_main"] or each["is_sidebar"]]
    assert sides == sorted(sides)
    assert all(each["is_seen"] for each in found)
    wanted = page.locator("[data-testid=stMain] summary").count()
    assert sum(each["tag"] == "SUMMARY" for each in found) == wanted > 0


def test_a_line_of_the_plan_opens_and_closes_by_keyboard(page: Page, address: str) -> None:
    opened(page, address, PLAN)
    line = page.locator("summary", has_text="14.5")
    line.focus()
    page.keyboard.press("Enter")
    table = page.get_by_role("region", name="Figures beside line 14.5")
    expect(table).to_be_visible(timeout=browser.TO_DRAW)
    expect(table).to_contain_text("Referral to victim support")
    expect(page.get_by_role("region", name=re.compile("Every reported version of line 14.5"))).to_be_visible()
    line.focus()
    page.keyboard.press("Enter")
    expect(table).to_be_hidden(timeout=browser.TO_DRAW)


def test_the_summary_is_read_as_the_meeting_goes(page: Page, address: str) -> None:
    opened(page, address, SUMMARY)
    told = page.get_by_test_id("stMain").inner_text()
    parts = ["Where stalking stands", "Stalking-involved crimes", "What to discuss", "What changed since"]
    places = [told.index(part) for part in parts]
    assert places == sorted(places)
    assert "Compared with 2026-08-31-internal" in told
    # Each headline is a term with its figure and reasons as descriptions of it.
    tiles = page.locator("dl.standing > div")
    assert tiles.count() >= 5
    for tile in tiles.all():
        assert tile.locator("dt").count() == 1
        assert tile.locator("dd").count() >= 3
    assert page.locator("ul.points li b").count() > 3


def are_in_order(found: list[tuple[int, str]]) -> None:
    """Fail unless the headings begin with the page's title, have a text and leave out no level."""
    levels = [level for level, _ in found]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(text for _, text in found)
    assert all(after - before <= 1 for before, after in itertools.pairwise(levels))


BEYOND = """() => {
    const main = document.querySelector('[data-testid=stMain]')
    return main.scrollWidth - main.clientWidth
}"""


@pytest.mark.parametrize("path", PATHS)
def test_headings_are_in_order_axe_finds_no_barrier_and_nothing_is_cut_off(
    page: Page, address: str, path: str
) -> None:
    page.set_viewport_size({"width": 1400, "height": 900})
    page.emulate_media(color_scheme="light")
    opened(page, address, path)
    is_open_to_all(page)
    # The two pages that a meeting opens are tried in both themes at either width.
    if path in (SUMMARY, PLAN):
        browser.turn(page, "dark")
        assert browser.barriers(page) == []
        browser.turn(page, "light")
    page.set_viewport_size({"width": 390, "height": 900})
    browser.settle(page)
    if path in (SUMMARY, PLAN):
        assert browser.barriers(page) == []
    browser.turn(page, "dark")
    is_open_to_all(page)


def is_open_to_all(page: Page) -> None:
    """Fail unless headings are in order, axe finds no barrier and nothing reaches beyond the page's width."""
    page.wait_for_function(f"() => ({BEYOND})() <= 1", timeout=browser.TO_DRAW, polling=browser.POLLING)
    are_in_order(headings(page))
    assert browser.barriers(page) == []


# ---- the menu, past snapshots, what is printed


# A visitor who has logged in asks for others in test_access_browser.py.
@pytest.mark.parametrize("path", ["orders", "risk"])
def test_pages_of_the_analyst_cannot_be_had_by_their_address(page: Page, address: str, path: str) -> None:
    page.goto(f"{address}/{path}")
    expect(page.get_by_text("Page not found")).to_be_visible(timeout=browser.TO_DRAW)
    assert page.get_by_role("link", name="Data quality").count() == 0


def test_a_past_snapshot_has_an_address_of_its_own_on_every_page(page: Page, address: str) -> None:
    opened(page, address, SUMMARY, "?snapshot=2026-08-31-internal")
    expect(page.get_by_role("heading", level=1)).to_contain_text("31 August 2026")
    page.get_by_role("link", name="Action plan", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Action plan", timeout=browser.TO_DRAW)
    browser.settle(page)
    expect(page.get_by_text("Snapshot 2026-08-31-internal").first).to_be_visible()


def test_a_printed_page_has_no_menu_and_all_of_its_tables(page: Page, address: str) -> None:
    opened(page, address, SUMMARY)
    page.emulate_media(media="print")
    expect(page.get_by_test_id("stSidebar")).to_be_hidden()
    expect(page.locator(".marking").first).to_be_visible()
    expect(page.get_by_role("table", name="The headlines of the summary")).to_be_visible()
    heights = "each => each.scrollHeight - each.clientHeight"
    assert max(page.locator("[data-testid=stColumn]").evaluate_all(f"all => all.map({heights})")) <= 1
    height = page.get_by_test_id("stMain").evaluate("each => each.scrollHeight - each.clientHeight")
    assert height <= 1
    assert page.pdf(prefer_css_page_size=True).startswith(b"%PDF")


def test_a_chart_is_printed_as_wide_as_the_paper(page: Page, address: str) -> None:
    opened(page, address, browser.STEERING["support_and_voice"])
    page.emulate_media(media="print")
    # Within one step of the script, so that the chart is not drawn anew for the width: on paper it is not.
    drawn = """each => {
        each.style.width = "400px";
        const right = each.querySelector(".main-svg").getBoundingClientRect().right;
        return [right - each.getBoundingClientRect().right, each.querySelector(".main-svg").clientWidth];
    }"""
    beyond, wide = page.get_by_test_id("stPlotlyChart").first.evaluate(drawn)
    assert wide > 500
    assert abs(beyond) <= 1


def test_lines_of_the_plan_are_printed_though_they_are_folded(page: Page, address: str) -> None:
    opened(page, address, PLAN)
    lines = page.locator("[class*=st-key-line-] dt", has_text="Measurability")
    assert lines.count() == 39
    expect(lines.first).to_be_hidden()
    # One that was opened and closed again is printed too.
    first = page.locator("[class*=st-key-line-] summary").first
    first.click()
    expect(lines.first).to_be_visible()
    first.click()
    expect(lines.first).to_be_hidden()
    page.emulate_media(media="print")
    for place in (0, 38):
        expect(lines.nth(place)).to_be_visible()
    expect(page.get_by_role("region", name="Figures beside line 14.5")).to_be_visible()
    # What is printed takes more room than the 39 folded lines do.
    assert page.get_by_test_id("stMain").evaluate("each => each.scrollHeight") > 39 * 150

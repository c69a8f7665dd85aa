"""Hostile addresses in a real browser: none makes a page fail."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode

import pytest
from playwright.sync_api import Page, expect

from tests import browser
from tests import hostile as hostile_text
from tests.browser import Workbench
from tests.sizes import IS_LONG
from tests.test_pages import NAMES, PIECES, hostile

pytestmark = pytest.mark.slow


def addresses(name: str) -> list[dict[str, Any]]:
    """What is asked of the page of that name: much at once, or little at a time in many addresses."""
    seed = list(browser.PATHS).index(name)
    return hostile(12, seed) if IS_LONG else hostile(1, seed, 9, 12)


def told(query: dict[str, Any]) -> str:
    """The query as an address has it: the longest texts last, for it is cut at 6,000 characters."""
    shortest_first = sorted(query.items(), key=lambda pair: len("".join(pair[1])))
    return urlencode(shortest_first, doseq=True)[:6000]


@pytest.fixture(autouse=True)
def _watched(page: Page) -> Iterator[None]:
    with browser.watched(page):
        yield


@pytest.mark.parametrize("name", browser.PATHS)
def test_hostile_addresses_show_the_page_and_no_fault(page: Page, workbench: Workbench, name: str) -> None:
    for query in addresses(name):
        page.goto(f"{workbench.address}/{browser.PATHS[name]}?{told(query)}")
        browser.settle(page, charts=False)
        expect(page.get_by_test_id("stException")).to_have_count(0)
        expect(page.locator("h1")).to_have_text(browser.title(name))
        assert page.locator("img[src=x]").count() == 0


def test_the_addresses_hold_every_parameter_and_every_piece() -> None:
    asked = [parse_qs(told(query)) for name in browser.PATHS for query in addresses(name)]
    assert {name for query in asked for name in query} == set(NAMES)
    assert {piece for query in asked for pieces in query.values() for piece in pieces} >= set(PIECES)


def test_text_of_the_data_shows_as_it_is(page: Page, tmp_path: Path) -> None:
    folder = hostile_text.warehouse(tmp_path)
    with browser.serving(folder, tmp_path / "access.jsonl") as address:
        page.goto(f"{address}/calls?team=%3Cb%3Ex%3C/b%3E%E2%80%AEgnp")
        browser.settle(page, charts=False)
        sentence = (
            "The address asks for the team “<b>x</b>\ufffdgnp”, which is not in this data; it is left out."
        )
        expect(page.get_by_test_id("stAlert").first).to_have_text(sentence)
        heading = page.locator("h2").filter(has_text="javascript")
        # What keeps Streamlit from turning a text into something else takes no room.
        assert hostile_text.LOOKS.replace("_", " ") in heading.first.inner_text().replace("\u2060", "")
        assert heading.locator("a[href*='uk'], i, em, strong, code, img, [role=img]").count() == 0
        assert page.locator(".katex, a[href^='mailto'], a[href*='//h.uk'], a[href*='//www.e']").count() == 0

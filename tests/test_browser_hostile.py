"""Hostile addresses in a real browser: none makes a page fail."""

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Page, expect

from tests import browser, pages
from tests.test_pages import hostile

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder: Path = pages.sampled(tmp_path_factory.mktemp("warehouse"))
    with browser.serving(folder, folder / "access.jsonl") as address:
        yield address


@pytest.fixture(autouse=True)
def _watched(page: Page) -> Iterator[None]:
    with browser.watched(page):
        yield


@pytest.mark.parametrize("name", browser.PATHS)
def test_a_dozen_hostile_addresses_show_the_page_and_no_fault(page: Page, address: str, name: str) -> None:
    for query in hostile(12, seed=len(name)):
        page.goto(f"{address}/{browser.PATHS[name]}?{urlencode(query, doseq=True)[:6000]}")
        browser.settle(page, charts=False)
        expect(page.get_by_test_id("stException")).to_have_count(0)
        expect(page.locator("h1")).to_have_text(browser.title(name))
        assert page.locator("img[src=x]").count() == 0

"""Addresses in a real browser: a view survives its address, a new browser and another page."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from playwright.sync_api import Page, expect

from tests import browser, pages
from tests.browser import Workbench
from tests.sizes import cases

pytestmark = pytest.mark.slow

FIGURES = [name for name in browser.PATHS if name in pages.FIGURES]


@pytest.fixture(autouse=True)
def _watched(page: Page) -> Iterator[None]:
    with browser.watched(page):
        yield


def titles(page: Page) -> list[str]:
    return page.locator("h2").all_inner_texts()


def selected(page: Page) -> str:
    return page.get_by_text("Selected:").locator("..").inner_text()


VIEWS = pages.random_views(cases(10, 50), seed=37)


def test_the_views_tell_every_filter_and_nearly_every_value() -> None:
    said = {
        (name, value)
        for view in VIEWS
        for name, values in view.items()
        for value in ([values] if isinstance(values, str) else values)
    }
    assert {name for name, _ in said} == set(pages.VIEWS)
    # The default basis and grain are never told.
    assert len(said) >= sum(map(len, pages.VIEWS.values())) - 6
    assert len(VIEWS) >= len(FIGURES)


@pytest.mark.parametrize("number", range(len(VIEWS)))
def test_a_view_survives_its_address_a_new_browser_and_another_page(
    page: Page, workbench: Workbench, number: int
) -> None:
    view = VIEWS[number]
    names = list(FIGURES)
    first, second = names[number % len(names)], names[(number + 1) % len(names)]
    browser.open_page(page, workbench.address, f"?{urlencode(view, doseq=True)}", first)
    assert asked(page) == told(view)
    told_here, titles_here = selected(page), titles(page)
    page.locator(f"a[href$='/{browser.PATHS[second]}']").first.click()
    expect(page.locator("h1")).to_have_text(browser.title(second))
    browser.settle(page)
    assert asked(page) == told(view)
    assert selected(page) == told_here
    if number % 5 == 0:
        context = page.context.browser.new_context()  # type: ignore[union-attr]
        other = context.new_page()
        with browser.watched(other):
            other.goto(page.url.replace(f"/{browser.PATHS[second]}?", f"/{browser.PATHS[first]}?"))
            browser.settle(other, charts=False)
            assert selected(other) == told_here
            assert titles(other) == titles_here
        context.close()


def asked(page: Page) -> dict[str, list[str]]:
    return {name: sorted(values) for name, values in parse_qs(urlsplit(page.url).query).items()}


def told(view: dict[str, Any]) -> dict[str, list[str]]:
    return {name: sorted([value] if isinstance(value, str) else value) for name, value in view.items()}

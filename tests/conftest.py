"""What all tests share: the order they run in, where snapshots lie, and the browser they drive."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

import pytest
from hypothesis import settings
from playwright.sync_api import Browser, BrowserContext, Page, Request

from profiles.settings import PREFIX
from tests import browser, chromium
from tests.browser import Workbench

# The same examples in every run, however busy the machine: what is found is found again.
settings.register_profile("suite", deadline=None, derandomize=True, database=None)
settings.load_profile("suite")

LOOPBACK = {"127.0.0.1", "localhost", "::1"}


LONGEST = (
    *("test_browser_pages", "test_snapshot_whole", "test_access_browser", "test_deploy_site"),
    *("test_steering_browser", "test_importing", "test_fuzz", "test_browser_addresses"),
    *("test_release_page", "test_equality", "test_recount", "test_browser_hostile", "test_chaos"),
    *("test_pages", "test_promises_sql", "test_snapshot_pair", "test_access_gate", "test_coverage"),
)
"""The files that take longest; those that wait for the same snapshot stand apart."""


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Put quick tests first, so that a plain fault shows before the slow ones begin.

    Where workers share the files, the longest file comes first: the workers then end at about the same time.
    """
    place = {name: number for number, name in enumerate(LONGEST)}
    is_shared = hasattr(config, "workerinput")

    def turn(item: pytest.Item) -> tuple[int, bool]:
        return place.get(item.path.stem, len(place)) * is_shared, bool(item.get_closest_marker("slow"))

    items.sort(key=turn)


@pytest.fixture(scope="session", autouse=True)
def _snapshots(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Set the folder of snapshots, until a test names another, to one that this run begins with empty."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv(f"{PREFIX}SNAPSHOTS", str(tmp_path_factory.mktemp("snapshots")))
        yield


@pytest.fixture(scope="session", autouse=True)
def _today() -> Iterator[None]:
    """Until a test names another, the day it is: an import that works now works in any year."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv(f"{PREFIX}TODAY", "2026-11-30")
        yield


@pytest.fixture
def no_reference_tables(monkeypatch: pytest.MonkeyPatch) -> None:
    """A new warehouse begins without the shipped reference tables, which take as long as a small import."""
    monkeypatch.setattr("profiles.importing.SHIPPED", ())


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """Playwright's launch options with the Chromium this machine has."""
    return {**browser_type_launch_args, **chromium.launch_options()}


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args: dict[str, Any]) -> dict[str, Any]:
    """A British reader at a common screen size."""
    return {
        **browser_context_args,
        "locale": "en-GB",
        "timezone_id": "Europe/London",
        "viewport": {"width": 1366, "height": 900},
    }


@pytest.fixture(scope="session")
def workbench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workbench]:
    """The analyst's dashboard over the exports that ship, served as long as the worker runs."""
    # Loads most of the product, which tests without a browser do not wait for.
    from tests import pages

    folder, log = pages.sampled(tmp_path_factory), tmp_path_factory.mktemp("workbench") / "access.jsonl"
    with browser.serving(folder, log) as address:
        yield Workbench(address, folder, log)


@contextmanager
def loopback_alone(context: BrowserContext) -> Iterator[None]:
    """Fail when a page of the context asks anything of another machine before the block ends."""
    elsewhere: list[str] = []

    def note(request: Request) -> None:
        address = urlsplit(request.url)
        if address.scheme not in {"about", "blob", "data"} and address.hostname not in LOOPBACK:
            elsewhere.append(request.url)

    context.on("request", note)
    yield
    context.remove_listener("request", note)
    assert elsewhere == [], "a page asked another machine"


STILL = """{
    const sheet = new CSSStyleSheet()
    sheet.replaceSync("*, *::before, *::after { animation: none !important; transition: none !important }")
    document.adoptedStyleSheets = [sheet]
}"""
"""Stops what moves on a page while it waits: without a graphics card each frame costs as much as a chart."""


@pytest.fixture
def context(context: BrowserContext) -> Iterator[BrowserContext]:
    """A browser context of the test's own, for what depends on cookies or on a first visit."""
    context.add_init_script(STILL)
    with loopback_alone(context):
        yield context


@pytest.fixture(scope="session")
def shared_context(browser: Browser, browser_context_args: dict[str, Any]) -> Iterator[BrowserContext]:
    """The browser context of most tests: what the pages consist of is fetched and compiled once."""
    context = browser.new_context(**browser_context_args)
    context.add_init_script(STILL)
    yield context
    context.close()


FORGET = (
    "() => { try { localStorage.clear(); sessionStorage.clear() } catch { /* a page without storage */ } }"
)


@pytest.fixture
def page(shared_context: BrowserContext) -> Iterator[Page]:
    """A page of the shared context, which leaves nothing behind for the next test."""
    with loopback_alone(shared_context):
        page = shared_context.new_page()
        yield page
        page.evaluate(FORGET)
        page.close()
        shared_context.clear_cookies()

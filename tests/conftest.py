"""What all tests share: the order they run in, where snapshots lie, and the browser they drive."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import BrowserContext, Request

from profiles.settings import PREFIX
from tests import chromium

LOOPBACK = {"127.0.0.1", "localhost", "::1"}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Quick tests first: a plain fault shows before the slow ones begin."""
    items.sort(key=lambda item: item.get_closest_marker("slow") is not None)


@pytest.fixture(scope="session", autouse=True)
def _snapshots(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Nothing; until a test names another, the folder of snapshots is one that this run begins with empty."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv(f"{PREFIX}SNAPSHOTS", str(tmp_path_factory.mktemp("snapshots")))
        yield


@pytest.fixture(scope="session", autouse=True)
def _today() -> Iterator[None]:
    """Until a test names another, the day it is: an import that works now works in any year."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv(f"{PREFIX}TODAY", "2026-11-30")
        yield


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


@pytest.fixture
def context(context: BrowserContext) -> Iterator[BrowserContext]:
    """A browser context that fails its test when a page asks anything of another machine."""
    elsewhere: list[str] = []

    def note(request: Request) -> None:
        address = urlsplit(request.url)
        if address.scheme not in {"about", "blob", "data"} and address.hostname not in LOOPBACK:
            elsewhere.append(request.url)

    context.on("request", note)
    yield context
    assert elsewhere == [], "a page asked another machine"

"""The rig of the browser tests: the app on a free port of this machine, and a page that is watched.

    with browser.serving(folder, folder / "access.jsonl") as address, browser.watched(page):
        browser.open_page(page, address, "?basis=principal")

A watched page fails its test when the browser's console tells of an error or the screen of a fault; the
`context` fixture of conftest.py fails it when anything is asked of another machine.
"""

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from urllib.error import URLError

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import ConsoleMessage, Page, expect

from profiles.settings import PREFIX, ROOT

SECONDS_TO_START = 60
TO_DRAW = 30_000
"""Milliseconds, as Playwright counts."""
POLLING = 100
"""Milliseconds between two looks at a page: to look at every frame would have it draw frames without need."""

PATHS = {
    "overview": "",
    "scale_and_typology": "scale",
    "included_classifications": "included",
    "protection_orders": "orders",
    "outcomes_and_investigation": "results",
    "risk_and_allocation": "risk",
    "victim_support": "support",
    "victims_voice": "voice",
    "calls_and_training": "calls",
    "demand_and_fms": "demand",
    "data_quality": "quality",
    "definitions": "terms",
}
"""The path of each page in its address."""

STEERING = {
    "summary": "",
    "action_plan": "plan",
    "orders_and_outcomes": "response",
    "support_and_voice": "victims",
    "typology_and_hidden_stalking": "types",
    "demand": "outlook",
    "about": "sources",
}
"""The path of each page of the shared dashboard."""


def title(name: str) -> str:
    """The title of the page of that name."""
    return (
        name.replace("_", " ").capitalize().replace("Victims voice", "Victims' voice").replace("fms", "FMS")
    )


ALL_DRAWN = """() => [...document.querySelectorAll('[data-testid=stPlotlyChart]')]
    .every(each => each.querySelector('.main-svg'))"""

AT_REST = """() => !document.querySelector('[data-stale=true]') && document.getAnimations().every(each =>
    each.playState != 'running' || each.effect.getComputedTiming().iterations === Infinity)"""

FAULTS = ("Traceback", "Uncaught app", "Error:", "This app has encountered an error")


@dataclass(frozen=True)
class Workbench:
    """The analyst's dashboard as it is served, its warehouse and its log."""

    address: str
    warehouse: Path
    access_log: Path


@contextmanager
def serving(warehouse: Path, access_log: Path, snapshots: Path | None = None, port: int = 0) -> Iterator[str]:
    """The address of the app, serving the warehouse of that folder until the block ends.

    Snapshots are those of the folder named, or of one beside the log; without a port, a free one is taken.
    """
    port = port or free_port()
    environment = os.environ | {
        f"{PREFIX}WAREHOUSE": str(warehouse),
        f"{PREFIX}ACCESS_LOG": str(access_log),
        f"{PREFIX}SNAPSHOTS": str(snapshots or access_log.parent / "snapshots"),
    }
    command = [sys.executable, "-m", "profiles.ui.serving", "run", "app.py", f"--server.port={port}"]
    process = subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    address = f"http://127.0.0.1:{port}"
    try:
        _wait_for(f"{address}/_stcore/health", process)
        yield address
    finally:
        process.terminate()
        process.wait(timeout=20)


def free_port() -> int:
    """A port of this machine that nobody uses now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_for(address: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + SECONDS_TO_START
    while time.monotonic() < deadline:
        assert process.poll() is None, f"the app ended with status {process.returncode}"
        try:
            with urllib.request.urlopen(address, timeout=5) as answer:
                if answer.status == 200:
                    return
        except (URLError, ConnectionError, TimeoutError):
            time.sleep(0.2)
    raise AssertionError(f"the app did not answer within {SECONDS_TO_START} seconds")


@contextmanager
def watched(page: Page) -> Iterator[Page]:
    """The page; fails when its console tells of an error or its screen of a fault."""
    faults: list[str] = []

    def note(message: ConsoleMessage) -> None:
        # Streamlit looks for its server below the path of the page before it looks at the root.
        is_search = "/_stcore/" in message.location.get("url", "")
        if message.type == "error" and not is_search:
            faults.append(message.text)

    page.on("console", note)
    page.on("pageerror", lambda error: faults.append(str(error)))
    yield page
    text = page.locator("body").inner_text()
    faults += [f"on screen: {fault}" for fault in FAULTS if fault in text]
    faults += ["on screen: an exception"] * page.get_by_test_id("stException").count()
    assert faults == []


def barriers(page: Page) -> list[tuple[str, list[str]]]:
    """What axe finds serious or critical on the page: rule, and the first places."""
    return [
        (each["id"], [node["html"] for node in each["nodes"]][:3])
        for each in Axe().run(page).response["violations"]
        if each["impact"] in {"serious", "critical"}
    ]


def turn(page: Page, theme: Literal["light", "dark"]) -> None:
    """Change the theme of the reader's system, and wait until the page has followed."""
    page.emulate_media(color_scheme=theme)
    page.wait_for_function(
        "theme => getComputedStyle(document.querySelector('[data-testid=stApp]')).colorScheme == theme",
        arg=theme,
        timeout=TO_DRAW,
        polling=POLLING,
    )
    settle(page)


def open_table(page: Page) -> None:
    """Open the first table of the page and wait until it is drawn."""
    page.get_by_text("Table and definition").first.click()
    expect(page.locator(".twin table").first).to_be_visible()


def open_page(page: Page, address: str, query: str = "", name: str = "overview") -> None:
    """Open a page with the query and wait until it is drawn."""
    page.goto(f"{address}/{PATHS[name]}{query}")
    settle(page)


def settle(page: Page, *, charts: bool = True) -> None:
    """Wait until the script has run and every chart of the page is drawn."""
    expect(page.get_by_test_id("stApp")).to_have_attribute(
        "data-test-script-state", "notRunning", timeout=TO_DRAW
    )
    expect(page.locator("h1").first).to_be_visible(timeout=TO_DRAW)
    # What stands in for a part of the page whose script is still on its way.
    expect(page.get_by_test_id("stSkeleton")).to_have_count(0, timeout=TO_DRAW)
    # What waits for its next state is pale, and becomes so by and by.
    page.wait_for_function(AT_REST, timeout=TO_DRAW, polling=POLLING)
    if charts:
        # Asked anew until it holds: while a page changes, charts of the page before may still be there.
        page.wait_for_function(ALL_DRAWN, timeout=TO_DRAW, polling=POLLING)

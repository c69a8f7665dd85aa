"""The page Scale and typology beside `plain_app.py`, in Chromium, turn by turn: what a reader waits for.

Run `python -m benchmarks.stopwatch --runs 12` in the checkout. Both apps are served on this machine from the
same SYNTHETIC exports, and both are warm: each has been visited and filtered before anything is timed.
Three times are taken, by the same rule for both apps:

- server part of a redraw: the message of a changed filter leaves for the server → the message that the script
  has finished arrives. A bare client sends it, just as the browser did, and draws nothing.
- filter to last chart: the click on the filter's value → the frame after the last change in any chart.
- new visitor: a fresh browser context asks for the address → the frame after the last change in any chart.

A chart counts as drawn when nothing in it has changed for a while (`QUIET`), which is not counted itself. The
filter is a district; each change shows districts that were not shown before, since ours keeps answers:
first one, then pairs. Coming back to what was shown before is faster in ours and is not timed.
"""

import base64
import contextlib
import itertools
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import click
import pandas as pd
from playwright.sync_api import Browser, BrowserContext, Error, Locator, Page, expect, sync_playwright
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin, Subprotocol

from profiles import importing, synthetic
from profiles.settings import ROOT
from tests import browser, chromium

QUIET = 400
"""Milliseconds without a change that end a wait."""

LONGEST = 60_000

SCREEN: dict[str, Any] = {
    "locale": "en-GB",
    "timezone_id": "Europe/London",
    "viewport": {"width": 1366, "height": 900},
}

AIMS = {"server part of a redraw": 120, "filter to last chart": 500, "new visitor": 2000}
"""Milliseconds, each the name of what is timed."""

SMALL = 512
"""Bytes of a message up to which it is read: the one that says a script has finished is small."""

WATCH = """() => {
    const seen = window.stopwatch = {}
    seen.begin = () => Object.assign(seen, {sent: [], received: 0, click: 0, last: 0, changed: 0, drawn: 0})
    seen.begin()
    const text = data => btoa(String.fromCharCode(...new Uint8Array(data)))
    addEventListener('click', event => { if (!seen.click) seen.click = event.timeStamp }, true)
    window.WebSocket = class extends WebSocket {
        constructor(...args) {
            super(...args)
            this.addEventListener('message', () => {
                seen.last = performance.now()
                seen.received++
            })
        }
        send(data) {
            seen.sent.push(text(data))
            super.send(data)
        }
    }
    const inChart = node => (node.closest ? node : node.parentElement)?.closest('[data-testid=stPlotlyChart]')
    new MutationObserver(records => {
        for (let place = records.length - 1; place >= 0; place--) {
            if (!inChart(records[place].target)) continue
            seen.changed = performance.now()
            requestAnimationFrame(() => {
                const after = new MessageChannel()
                after.port1.onmessage = () => { seen.drawn = performance.now() }
                after.port2.postMessage(0)
            })
            return
        }
    }).observe(document, {subtree: true, childList: true, attributes: true, characterData: true})
}"""

SETTLED = """quiet => {
    const seen = window.stopwatch, charts = [...document.querySelectorAll('[data-testid=stPlotlyChart]')]
    return document.querySelector('[data-testid=stApp]')?.dataset.testScriptState == 'notRunning'
        && !document.querySelector('[data-testid=stSkeleton]')
        && charts.length > 0 && charts.every(each => each.querySelector('.main-svg'))
        && seen.received > 0 && seen.changed > 0 && seen.drawn >= seen.changed
        && performance.now() - Math.max(seen.last, seen.drawn) > quiet
}"""


@dataclass
class App:
    """One app, served: where, a page of it that stays open, and the times taken of it."""

    name: str
    address: str
    page: Page
    times: dict[str, list[float]]


def free_port() -> int:
    """A port of this machine that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextlib.contextmanager
def serving_plain(exports: Path) -> Iterator[str]:
    """The address of the plain app over these exports until the block ends."""
    port = free_port()
    command = [sys.executable, "-m", "streamlit", "run", "benchmarks/plain_app.py", f"--server.port={port}"]
    process = subprocess.Popen(
        command,
        cwd=ROOT,
        env=os.environ | {"PLAIN_APP_DATA": str(exports.resolve())},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    address = f"http://127.0.0.1:{port}"
    try:
        browser._wait_for(f"{address}/_stcore/health", process)
        yield address
    finally:
        process.terminate()
        process.wait(timeout=20)


def settled(page: Page) -> dict[str, Any]:
    """What the browser has noted, once the script has run and every chart is drawn and quiet."""
    try:
        page.wait_for_function(SETTLED, arg=QUIET, polling=50, timeout=LONGEST)
    except Error as error:
        shown = page.locator("body").inner_text()
        raise SystemExit(
            f"{page.url} is not drawn after {LONGEST / 1000:.0f} s; it shows:\n{shown}"
        ) from error
    found: dict[str, Any] = page.evaluate("() => structuredClone({...window.stopwatch, begin: null})")
    return found


def asking(found: dict[str, Any]) -> BackMsg:
    """The message by which the browser asked for the redraw that is noted."""
    messages = [BackMsg.FromString(base64.b64decode(text)) for text in found["sent"]]
    return next(each for each in messages if each.WhichOneof("type") == "rerun_script")


def answered(client: ClientConnection, message: BackMsg) -> float:
    """Milliseconds from sending the message until the server says that the script has finished."""
    begun = time.perf_counter()
    client.send(message.SerializeToString())
    while True:
        data = client.recv(timeout=LONGEST / 1000)
        taken = 1000 * (time.perf_counter() - begun)
        assert isinstance(data, bytes)
        if len(data) <= SMALL and ForwardMsg.FromString(data).WhichOneof("type") == "script_finished":
            return taken


def filtered(message: BackMsg, names: tuple[str, ...]) -> BackMsg:
    """The same message with other districts selected; it must select one."""
    changed = BackMsg.FromString(message.SerializeToString())
    known = set(places())
    lists = [each.string_array_value.data for each in changed.rerun_script.widget_states.widgets]
    [selected] = [each for each in lists if each and set(each) <= known]
    selected[:] = names
    # The address tells the filter too.
    changed.rerun_script.query_string = ""
    return changed


def districts(page: Page) -> Locator:
    """The filter that is changed."""
    return page.get_by_test_id("stMultiSelect").filter(has=page.get_by_text("District", exact=True))


def places() -> list[str]:
    """Every district there is."""
    return pd.read_csv(ROOT / "sample_data" / "kent_district_population.csv")["district"].tolist()


def selections() -> list[tuple[str, ...]]:
    """Selections of districts, each another."""
    return [*itertools.combinations(places(), 1), *itertools.combinations(places(), 2)]


def prepare(app: App, before: tuple[str, ...]) -> None:
    """Leave just those districts selected."""
    box = districts(app.page).get_by_role("combobox")
    tags = districts(app.page).locator("[data-tag]")
    while left := tags.count():
        box.fill("")
        change(app, partial(box.press, "Backspace"))
        expect(tags).to_have_count(left - 1)
    for name in before:
        change(app, offered(app, name).click)


def offered(app: App, name: str) -> Locator:
    """The option of that name, on the screen."""
    box = districts(app.page).get_by_role("combobox")
    box.click()
    box.fill(name)
    option = app.page.get_by_role("option", name=name, exact=True)
    expect(option).to_be_visible()
    return option


def change(app: App, act: Callable[[], None]) -> dict[str, Any]:
    """What the browser has noted between an act and the last chart that was drawn because of it."""
    app.page.evaluate("() => window.stopwatch.begin()")
    act()
    return settled(app.page)


def redraw(app: App, names: tuple[str, ...]) -> float:
    """Milliseconds from the click on the last of the districts until the last chart is drawn."""
    app.page.bring_to_front()
    prepare(app, names[:-1])
    found = change(app, offered(app, names[-1]).click)
    return float(found["drawn"] - found["click"])


def visit(chrome: Browser, app: App) -> float:
    """Milliseconds until a new visitor's last chart is drawn."""
    with contextlib.closing(context(chrome)) as fresh:
        page = fresh.new_page()
        page.goto(app.address, wait_until="commit")
        return float(settled(page)["drawn"])


def context(chrome: Browser) -> BrowserContext:
    """A browser context that has seen nothing, and is watched from the first moment."""
    fresh = chrome.new_context(**SCREEN)
    fresh.add_init_script(f"({WATCH})()")
    return fresh


def opened(app: App, stack: contextlib.ExitStack) -> tuple[ClientConnection, BackMsg]:
    """A bare client of the app that has seen its page, and the message that changes its filter."""
    app.page.goto(app.address)
    first = asking(settled(app.page))
    changing = asking(change(app, offered(app, selections()[-1][0]).click))
    host = urlsplit(app.address)
    client = stack.enter_context(
        connect(
            f"ws://{host.netloc}/_stcore/stream",
            origin=Origin(f"http://{host.netloc}"),
            subprotocols=[Subprotocol("streamlit")],
            max_size=None,
        )
    )
    answered(client, first)
    return client, changing


def timed(chrome: Browser, apps: tuple[App, ...], runs: int, warm: int) -> None:
    """Fill the times of the apps, which take turns."""
    wanted = selections()
    # The first selections are drawn, the last ones sent by the bare client: none comes twice.
    if 2 * (warm + runs) > len(wanted) - 1:
        raise click.UsageError(f"{len(wanted)} selections do not suffice: ask for fewer runs.")
    with contextlib.ExitStack() as stack:
        clients = {app.name: opened(app, stack) for app in apps}
        for turn in range(warm + runs):
            # Who begins may find the machine busier: they change places.
            for app in apps if turn % 2 else apps[::-1]:
                client, changing = clients[app.name]
                times = (
                    answered(client, filtered(changing, wanted[-2 - turn])),
                    redraw(app, wanted[turn]),
                    visit(chrome, app),
                )
                if turn >= warm:
                    for what, value in zip(AIMS, times, strict=True):
                        app.times[what].append(value)


def told(ours: App, plain: App) -> str:
    """The medians, the median of the ratios pair by pair, and whether the aims are met."""
    lines = [f"{'milliseconds':26}{'ours':>8}{'plain':>8}{'ours/plain':>12}{'aim':>8}"]
    for what, aim in AIMS.items():
        mine, theirs = ours.times[what], plain.times[what]
        ratio = statistics.median(a / b for a, b in zip(mine, theirs, strict=True))
        met = "" if statistics.median(mine) <= aim and ratio <= 0.5 else "  not reached"
        lines.append(
            f"{what:26}{statistics.median(mine):8.0f}{statistics.median(theirs):8.0f}{ratio:12.2f}{aim:8}{met}"
        )
    charts = [app.page.get_by_test_id("stPlotlyChart").count() for app in (ours, plain)]
    lines.append(f"charts: ours {charts[0]}, plain {charts[1]}; ours/plain is to be 0.5 at most")
    if charts[0] != charts[1]:
        lines.append("The pages do not show the same charts: no fair comparison.")
    faults = [app.name for app in (ours, plain) if app.page.get_by_test_id("stException").count()]
    lines += [f"{name} shows an exception: it did not draw all that it should" for name in faults]
    return "\n".join(lines)


@click.command()
@click.option("--runs", default=12, help="Times each app is timed.")
@click.option("--warm", default=2, help="Turns before that are not counted.")
@click.option("--page", "path", default="scale", help="Path of our page.")
@click.option("--scale", default=1.0, help="Size of the force that is made up.")
@click.option("--exports", type=Path, help="SYNTHETIC exports to use instead of making some.")
@click.option("--warehouse", "folder", type=Path, help="The warehouse that was made from them.")
def main(runs: int, warm: int, path: str, scale: float, exports: Path | None, folder: Path | None) -> None:
    """Time both apps turn by turn and print medians and ratios."""
    with tempfile.TemporaryDirectory() as base, contextlib.ExitStack() as stack:
        if exports is None or folder is None:
            exports, folder = Path(base) / "exports", Path(base) / "warehouse"
            importing.import_files(synthetic.write_sample(exports, scale=scale), "athena", folder)
        ours = stack.enter_context(browser.serving(folder, folder / "access.jsonl"))
        plain = stack.enter_context(serving_plain(exports))
        playwright = stack.enter_context(sync_playwright())
        chrome = playwright.chromium.launch(**chromium.launch_options())
        stack.callback(chrome.close)
        apps = tuple(
            App(name, address, context(chrome).new_page(), {what: [] for what in AIMS})
            for name, address in (("ours", f"{ours}/{path}"), ("plain", plain))
        )
        timed(chrome, apps, runs, warm)
        print(f"{runs} runs each, alternating; other work on the machine shows in them")
        print(told(*apps))


if __name__ == "__main__":
    main()

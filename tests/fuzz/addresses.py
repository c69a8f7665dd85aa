"""Addresses of pages, and the same questions on the command line, whose parameters nobody meant."""

import os
import random
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import streamlit as st
from streamlit.testing.v1 import AppTest

from profiles import warehouse
from profiles.blocks.block import Source
from profiles.catalogue import catalogue
from profiles.cli.command import USER_FAULT
from profiles.facts import Facts, facts_of
from profiles.selection import DIMENSIONS
from profiles.settings import PREFIX, ROOT
from tests import pages, small
from tests.fuzz import mutating
from tests.fuzz.importing import asked, check_sentence
from tests.fuzz.running import ACCEPTED, REFUSED, Broken
from tests.projected import made

PAGE_SHARE, FILTERS_SHARE = 0.02, 0.5
"""Shares of the inputs given to whole pages, and to the filters alone; the rest go to the command line."""

STEERING = tuple(sorted(path.stem for path in (ROOT / "pages" / "steering").glob("*.py")))
PARAMETERS = (*pages.VIEWS, "snapshot", "by", "reason", "check_name", "view", "page", "embed", "x", "")


@dataclass(frozen=True)
class Ready:
    """A small warehouse, a shelf with a snapshot, and where the filters take their values from."""

    warehouse: Path
    facts: Facts
    source: Source


HELD: list[Ready] = []
"""What this process made ready: the script of the filters has no other way to it."""


def prepared(folder: Path) -> Ready:
    """A small warehouse and a snapshot, which the settings of this process name from now on."""
    served = small.write(folder / "W", small.crimes(300))
    made(folder / "shelf" / "2026-09-30-internal")
    os.environ[f"{PREFIX}WAREHOUSE"] = str(folder / "W")
    os.environ[f"{PREFIX}SNAPSHOTS"] = str(folder / "shelf")
    os.environ[f"{PREFIX}ACCESS_LOG"] = str(folder / "access.jsonl")
    ready = Ready(folder / "W", facts_of(warehouse.connect(served.path)), small.source(served))
    HELD[:] = [ready]
    return ready


def tried(draw: random.Random, ready: Ready, folder: Path) -> str:
    """An address given to a page or to its filters, or such a question asked on the command line."""
    way = draw.random()
    if way < PAGE_SHARE:
        return _page(draw)
    if way < PAGE_SHARE + FILTERS_SHARE:
        return _filters(draw)
    return _command(draw, ready)


def _address(draw: random.Random) -> dict[str, list[str]]:
    """Parameters: some as they should be, some changed, some of no page."""
    found: dict[str, list[str]] = {}
    for _ in range(draw.randint(1, 6)):
        name = draw.choice(PARAMETERS)
        known = pages.VIEWS.get(name, ("x",))
        values = [draw.choice(known) for _ in range(draw.choice((1, 1, 2, 40)))]
        place = draw.randrange(len(values))
        if draw.random() < 0.6:
            values[place] = (
                mutating.changed(draw, values[place]) if draw.random() < 0.5 else mutating.text(draw)
            )
        found[mutating.changed(draw, name) if draw.random() < 0.03 else name] = values
    return found


def _script() -> None:
    """Draw the filters of the pages and keep the selection."""
    import streamlit

    from profiles.ui import selecting
    from tests.fuzz.addresses import HELD

    streamlit.session_state["selected"] = selecting.selected(HELD[0].facts, HELD[0].source)


def _filters(draw: random.Random) -> str:
    app = AppTest.from_function(_script, default_timeout=60)
    return _drawn(app, _address(draw), "the filters")


def _drawn(app: Any, address: dict[str, list[str]], where: str) -> str:
    for name, values in address.items():
        app.query_params[name] = values
    app.run()
    if app.exception:
        raise Broken(f"{where}: {app.exception[0].message} {address}")
    return REFUSED if app.error or app.warning else ACCEPTED


def _page(draw: random.Random) -> str:
    """A page of either dashboard."""
    is_steering = draw.random() < 0.4
    os.environ[f"{PREFIX}ROLE"] = "steering" if is_steering else "analyst"
    try:
        name = draw.choice(STEERING if is_steering else pages.PAGES)
        app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
        address = _address(draw)
        if is_steering or name != "overview":
            app.run()
            app.switch_page(f"pages/{'steering/' if is_steering else ''}{name}.py")
        return _drawn(app, address, name)
    finally:
        os.environ.pop(f"{PREFIX}ROLE")
        st.cache_resource.clear()


def _command(draw: random.Random, ready: Ready) -> str:
    """A measure with a selection."""

    def odd(value: str, share: float = 0.3) -> str:
        told = mutating.changed(draw, value) if draw.random() < share else value
        return "x" if told.startswith("-") or "\0" in told else told

    arguments = ["measure", odd(draw.choice(sorted(catalogue())), 0.05), "--warehouse", str(ready.warehouse)]
    options = {
        "--basis": ("any", "principal", "included_only"),
        "--by": tuple(DIMENSIONS),
        "--grain": ("month", "quarter", "financial_year", "year", "rolling_year", "all"),
        "--since": ("2025-01", "2025-04-01", "1900-01-01", "9999-12", "0001-01-01"),
        "--until": ("2026-09", "2026-09-30", "2199-12-31", "1900-01"),
        "--format": ("csv", "json", "table"),
    }
    for name, values in options.items():
        if draw.random() < 0.4:
            arguments += [name, odd(draw.choice(values))]
    for _ in range(draw.choice((0, 1, 1, 3, 30))):
        name = draw.choice(tuple(DIMENSIONS))
        value = draw.choice((*DIMENSIONS[name].categories, "Dover", mutating.text(draw)))
        arguments += [
            "--where",
            f"{odd(name, 0.1)}{draw.choice('====') if draw.random() < 0.97 else ''}{value}",
        ]
    result = asked([each.replace("\0", "") for each in arguments])
    if result.exit_code == USER_FAULT:
        check_sentence(result)
        return REFUSED
    if result.exit_code != 0:
        raise Broken(f"exit status {result.exit_code}: {result.output[:300]} {arguments}")
    return ACCEPTED

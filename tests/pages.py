"""The rig of the page tests: a page of the app without a browser, and the blocks that it drew.

    shown = pages.opened("scale_and_typology", basis="principal", district=["Dover"])

A page that raises fails its test. `random_views` gives selections as addresses have them.
"""

import base64
import re
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from profiles import importing
from profiles.blocks.block import Block
from profiles.settings import ROOT
from profiles.ui import markup
from tests import shared

SECONDS = 60
PAGES = tuple(sorted(path.stem for path in (ROOT / "pages").glob("*.py")))
FIGURES = tuple(name for name in PAGES if name not in {"definitions", "demand_and_fms"})
"""Those whose figures follow the shared selection."""


@dataclass(frozen=True)
class Shown:
    """A page as drawn, with its blocks from top to bottom."""

    app: AppTest
    blocks: tuple[Block, ...]

    @property
    def text(self) -> str:
        """All that can be read on the page, but its charts."""
        app = self.app
        parts = (*app.markdown, *app.title, *app.header, *app.caption, *app.info, *app.error, *app.html)
        return re.sub(r"\\(.)", r"\1", "\n".join(each.value for each in parts))


def opened(page: str = "overview", **query: str | list[str]) -> Shown:
    """The page as a reader sees it who opens its address with these parameters."""
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=SECONDS)
    for name, value in query.items():
        app.query_params[name] = value
    if page == "overview":
        return drawn(app)
    # The frame is run before its pages are known.
    app.run()
    app.switch_page(f"pages/{page}.py")
    return drawn(app)


def drawn(app: AppTest) -> Shown:
    """The app run once more, with the blocks of that run."""
    found: list[Block] = []
    notes = markup.notes

    def noted(block: Block) -> str:
        found.append(block)
        return notes(block)

    with patch.object(markup, "notes", noted):
        app.run()
    assert not app.exception, [each.value for each in app.exception]
    return Shown(app, tuple(found))


def sampled(factory: pytest.TempPathFactory) -> Path:
    """The folder of a warehouse of the SYNTHETIC exports that ship with the product, only to be read."""
    paths = sorted((ROOT / "sample_data" / "synthetic").glob("*.csv"))
    return shared.folder(factory, "sampled", lambda folder: importing.import_files(paths, "athena", folder))


def numbers(values: Any) -> list[Any]:
    """A list of a trace, which Plotly may have packed."""
    if isinstance(values, dict):
        kind = {"f8": "d", "i1": "b", "i2": "h", "i4": "i"}[values["dtype"]]
        raw = base64.b64decode(values["bdata"])
        return list(struct.unpack(f"<{len(raw) // struct.calcsize(kind)}{kind}", raw))
    return list(values)


VIEWS: dict[str, tuple[str, ...]] = {
    "basis": ("any", "principal", "included only"),
    "grain": ("month", "quarter", "financial year", "year", "rolling year"),
    "period": ("last 12 months", "last 36 months", "2025/26", "2026/27", "all data", "chosen months"),
    "from": ("May 2023", "January 2025", "September 2026"),
    "until": ("May 2023", "March 2025", "September 2026"),
    "district": ("Dover", "Thanet", "Medway", "Folkestone and Hythe", "Ashford"),
    "typology": ("Online", "Domestic", "Stranger", "None of these", "Not recorded"),
    "relationship": ("Ex-partner", "Stranger", "Acquaintance", "Not recorded"),
    "risk_grade": ("High", "Medium", "Not recorded"),
    "team": ("CID East", "Local Policing Team Dover"),
    "also": ("Online or offline: online", "Motive: not recorded", "Overlap of types: online + domestic"),
}
"""Parameters of an address with some of the values they may have."""
SINGLE = ("basis", "grain", "period", "from", "until")


def random_views(count: int, seed: int) -> list[dict[str, Any]]:
    """As many views, the same for the same seed: each as the parameters of an address, no default told."""
    draw = np.random.default_rng(seed)
    defaults = {"basis": "any", "grain": "month", "from": "April 2023", "until": "September 2026"}
    views: list[dict[str, Any]] = []
    while len(views) < count:
        view: dict[str, Any] = {}
        for name, values in VIEWS.items():
            if name in SINGLE:
                value = str(draw.choice(values))
                if name not in {"from", "until"} or view.get("period") == "chosen months":
                    view |= {} if value == defaults.get(name) else {name: value}
            elif draw.random() < 0.3:
                size = int(draw.integers(1, min(3, len(values)) + 1))
                view[name] = [str(each) for each in draw.choice(values, size, replace=False)]
        views.append(view)
    return views

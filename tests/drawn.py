"""Every block that a page draws, without Streamlit: the page runs, and what it asks for is built and kept."""

import random
from collections.abc import Callable
from contextlib import ExitStack, nullcontext
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from types import CodeType
from typing import Any
from unittest.mock import patch

import streamlit as st

from profiles import ui
from profiles.blocks import headlines, overview
from profiles.blocks.block import Block, Source
from profiles.selection import Selection
from profiles.settings import ROOT
from profiles.ui import parts, steering
from tests import made_up

PAGES = tuple(
    path
    for path in sorted((ROOT / "pages").rglob("*.py"))
    if path.stem not in ("definitions", "demand_and_fms", "demand", "about", "summary", "action_plan")
)
"""Those that draw blocks by the selection; the others show a release or the definitions."""


@dataclass(frozen=True)
class Drawn:
    """One block with the builder that made it, what it was asked, and what it was told to say."""

    page: str
    builder: Callable[..., Any]
    asked: tuple[Any, ...]
    told: dict[str, Any]
    block: Block
    source: Source
    with_block: tuple[Any, ...] = ()
    """Tiles or cards that are drawn from the same frame."""


@lru_cache(maxsize=32)
def _code(path: Path) -> CodeType:
    return compile(path.read_text(encoding="utf-8"), str(path), "exec")


def blocks(path: Path, source: Source, selection: Selection, chance: random.Random) -> list[Drawn]:
    """The blocks of a page from top to bottom; a choice on the page itself is made by chance."""
    found: list[Drawn] = []

    def draw(
        builder: Callable[..., Block], *asked: Any, selection: Selection | None = None, **told: Any
    ) -> None:
        block = builder(source, *asked, selection or shown.selection, **told)
        found.append(Drawn(path.stem, builder, asked, told, block, source))

    def headline(*asked: Any, grain: str = "all", selection: Selection | None = None) -> None:
        tiles, block = headlines.headlines(source, asked, selection or shown.selection, grain)
        found.append(Drawn(path.stem, headlines.headlines, asked, {}, block, source, tuple(tiles)))

    def cards() -> None:
        told, block = overview.cards(source, shown.selection)
        found.append(Drawn(path.stem, overview.cards, (), {}, block, source, tuple(told)))

    def nothing(*_: Any, **__: Any) -> None:
        pass

    shown = ui.View(None, source, selection, made_up.DAYS, "")
    with ExitStack() as patched:
        put = lambda place, name, with_: patched.enter_context(patch.object(place, name, with_))  # noqa: E731
        put(ui, "view", lambda: shown)
        put(ui, "draw", draw)
        put(ui, "headline", headline)
        put(ui, "has_data_for", lambda capability: True)
        put(ui, "choice", lambda label, options, key, about="": chance.choice(options))
        put(st, "columns", lambda count, **_: [nullcontext()] * count)
        put(parts, "cards", cards)
        put(steering, "course", lambda measure_id: replace(selection, grain="month", since=made_up.DAYS[0]))
        for place, names in (
            (ui, ("heading", "title", "explanations")),
            (parts, ("standing", "ways", "coverage", "listed", "noted")),
            (steering, ("heading",)),
            (st, ("header",)),
        ):
            for name in names:
                put(place, name, nothing)
        exec(_code(path), {"__name__": f"page_{path.stem}"})
    return found

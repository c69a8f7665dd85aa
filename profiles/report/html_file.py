"""The report as one HTML file: charts inside it, no script, light and dark, for a phone and for print."""

import base64
from datetime import date
from pathlib import Path
from typing import Any

from profiles import words
from profiles.report.drawing import DARK, LIGHT, NARROW, WIDE, picture
from profiles.report.model import Document, Heading, Picture, legible

TEMPLATE = Path(__file__).parent / "report.html.jinja"


def html_bytes(document: Document) -> bytes:
    """The document as HTML in UTF-8. Every figure says by its attributes where it stands in the snapshot."""
    # Loading it takes longer than starting everything else on the command line.
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    document = legible(document)
    environment = Environment(
        loader=FileSystemLoader(TEMPLATE.parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    day = words.day(date.fromisoformat(document.stamp.as_at))
    page = environment.get_template(TEMPLATE.name).render(
        document=document,
        stamp=document.stamp,
        day=day,
        is_synthetic=document.stamp.synthetic != "no",
        blocks=_numbered(document),
    )
    return page.encode()


def _numbered(document: Document) -> list[dict[str, Any]]:
    """Each block with its kind and, where it is one of several, its number."""
    found: list[dict[str, Any]] = []
    section = drawn = shown = 0
    for block in document.blocks:
        kind = type(block).__name__
        told: dict[str, Any] = {"kind": kind, "block": block}
        if isinstance(block, Heading) and block.level == 1:
            section += 1
            told["number"] = section
        elif isinstance(block, Picture):
            drawn += 1
            told |= {"number": drawn, "drawings": _drawings(block)}
        elif kind == "Table":
            shown += 1
            told["number"] = shown
        found.append(told)
    return found


def _drawings(block: Picture) -> dict[str, str]:
    """The chart by theme and width, as addresses that hold it."""
    looks = {"light": LIGHT, "dark": DARK}
    widths = {"wide": WIDE, "narrow": NARROW}
    return {
        f"{theme}_{name}": _address(picture(block.chart, "svg", look, width))
        for theme, look in looks.items()
        for name, width in widths.items()
    }


def _address(content: bytes) -> str:
    return f"data:image/svg+xml;base64,{base64.b64encode(content).decode()}"

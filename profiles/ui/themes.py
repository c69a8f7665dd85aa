"""Colours that follow when the reader turns an open page from light to dark, or back.

Streamlit puts the colours of the theme into a chart when it draws it, and leaves those that a figure names
itself as they were when the theme changes. The style sheet made here gives each of them the one of the theme
that is on the screen; in a page that was not turned it changes nothing.
"""

from collections.abc import Iterator

import streamlit as st

from profiles.charts import SURFACE
from profiles.charts.stacks import HALO

TEXT = ("#262730", "#fafafa")
MUTED = ("#808495", "#e6eaf1")
"""What Streamlit puts in the place of `charts.TEXT` and `charts.MUTED`, in light and in dark."""

GRIDS = ":not(.gridlayer *, .zl)"
"""The lines of a grid have the colour of `MUTED` in the other theme, and follow by themselves."""

BUTTON = """
[data-testid=stBaseButton-primary], [data-testid=stBaseButton-primary] * {
  color: light-dark(#ffffff, #11161d) !important}
"""
"""Streamlit writes white on every button of the first colour, which is pale in the dark theme."""


def style() -> str:
    """The style sheet, as HTML."""
    rules = "".join(
        _rule(name, light, dark) for light, dark in pairs() if light != dark for name in ("fill", "stroke")
    )
    return f"<style>{rules}{_halo()}{BUTTON}</style>"


def pairs() -> list[tuple[str, str]]:
    """Each colour that a figure may name, in the light and the dark theme."""
    return [TEXT, MUTED, *_set_up()]


def _set_up() -> Iterator[tuple[str, str]]:
    """Those that `.streamlit/config.toml` sets, the background first."""
    light, dark = (st.get_option(f"theme.{name}.backgroundColor") for name in ("light", "dark"))
    yield light or "#ffffff", dark or "#0e1117"
    of_light, of_dark = (st.get_option(f"theme.{name}.chartCategoricalColors") for name in ("light", "dark"))
    yield from zip(of_light or (), of_dark or (), strict=True)


def _rule(name: str, light: str, dark: str) -> str:
    """What gives the parts of charts that are drawn in one of both colours the one of the theme."""
    # In patterns it is an attribute.
    drawn = ", ".join(
        f"[style*='{name}: {_written(each)};'], [{name}='{_written(each)}']" for each in (light, dark)
    )
    parts = f"[data-testid=stPlotlyChart] svg :is({drawn}){GRIDS}"
    return f"{parts} {{{name}: light-dark({light}, {dark}) !important}}\n"


def _halo() -> str:
    """What keeps words readable on a hatch, in the background of the theme."""
    light, dark = next(_set_up())
    shadow = HALO.replace(SURFACE, f"light-dark({light}, {dark})")
    return (
        f"[data-testid=stPlotlyChart] svg [style*='text-shadow: rgb'] {{text-shadow: {shadow} !important}}\n"
    )


def _written(colour: str) -> str:
    """The colour as browsers write it into an element."""
    return f"rgb({', '.join(str(int(colour[place : place + 2], 16)) for place in (1, 3, 5))})"

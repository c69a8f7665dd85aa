"""The dashboard's server: Streamlit's own behind our door, with what the first visitor would wait for done.

python -m profiles.ui.serving run app.py --server.port=8501
"""

import atexit
import gc
import sys

import plotly.io
import plotly.tools
import streamlit as st
from starlette.types import ASGIApp
from streamlit.runtime import Runtime
from streamlit.runtime.pages_manager import PagesManager
from streamlit.web.cli import main
from streamlit.web.server.starlette import starlette_app, starlette_server

from profiles import stats
from profiles.ui.door import Door

SAFE = {
    "server.baseUrlPath": "",
    "server.enableCORS": True,
    "server.enableXsrfProtection": True,
    "server.enableStaticServing": False,
    "server.enableAgentApi": False,
    "server.trustedUserHeaders": {},
    "global.developmentMode": False,
}
"""Streamlit's settings that the door counts on: what .streamlit/config.toml says, or the usual."""


def behind_the_door() -> None:
    """Put the door around Streamlit's application. Were it ever not there, the gate would let nobody in."""
    whole = starlette_app.create_starlette_app

    def made(runtime: Runtime) -> ASGIApp:
        found = unsafe()
        if found:
            sys.exit(
                f"Streamlit is set up otherwise than .streamlit/config.toml says: {', '.join(found)}. Take "
                "that out of the environment and of other configuration files, and start again."
            )
        return Door(whole(runtime))

    starlette_server.create_starlette_app = made  # type: ignore[assignment, attr-defined]


def unsafe() -> list[str]:
    """Each of Streamlit's settings that opens what the door keeps shut."""
    return [name for name, safe in SAFE.items() if (st.get_option(name) or type(safe)()) != safe]


def warmed() -> None:
    """Load what draws a chart and finds limits, and say that the pages are those of app.py.

    A folder called pages is otherwise taken for the menu, and the first visitor who opens the address of
    a page is told that there is none.
    """
    PagesManager.uses_pages_directory = False
    figure = {"data": [{"type": "bar"}, {"type": "scatter"}, {"type": "heatmap"}], "layout": {}}
    plotly.io.to_json(plotly.tools.return_figure_from_figure_or_data(figure, validate_figure=True))
    stats.poisson([1])
    # Streamlit looks for rubbish after every run, before it tells the browser that the run is over: what
    # is loaded by now is none.
    gc.collect()
    gc.freeze()
    # At the end DuckDB would otherwise tell whoever stops the server of all that was never cleared away.
    atexit.register(gc.unfreeze)


if __name__ == "__main__":
    behind_the_door()
    warmed()
    sys.exit(main())

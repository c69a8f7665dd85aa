"""The dashboard's server: Streamlit's own, with what the first visitor would wait for done before.

python -m profiles.ui.serving run app.py --server.port=8501
"""

import gc
import sys

import plotly.io
import plotly.tools
from streamlit.runtime.pages_manager import PagesManager
from streamlit.web.cli import main

from profiles import stats


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


if __name__ == "__main__":
    warmed()
    sys.exit(main())

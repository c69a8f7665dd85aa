"""Figures as Streamlit takes them, without Plotly checking each of them again."""

from functools import lru_cache
from typing import Any

import plotly.graph_objects
from plotly.basedatatypes import BaseFigure

from profiles.charts import Figure


class Ready(BaseFigure):  # type: ignore[misc]
    """A figure that is drawn as it is: tests hold every figure to Plotly's rules, so no reader waits."""

    def __init__(self, figure: Figure) -> None:
        # The parent would read, check and copy every part of it.
        self._figure = figure

    def to_dict(self) -> Figure:
        """The figure, with the template that the theme is put into."""
        return self._figure | {"layout": {"template": _template(), **self._figure["layout"]}}


@lru_cache(maxsize=1)
def _template() -> dict[str, Any]:
    found: dict[str, Any] = plotly.graph_objects.Figure().to_dict()["layout"]["template"]
    return found

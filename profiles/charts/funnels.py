"""Funnel plots: shares against what they are out of, between limits within which chance spreads them."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from profiles import escaped, stats, words
from profiles.charts import COLOURS, HEIGHT, TEXT, Figure, figures, hover, keys, layout
from profiles.charts.processes import value_range
from profiles.frames import rows
from profiles.stats import Funnel

STEPS = 60
"""Places at which a limit is computed: enough for a smooth curve."""
PLACES = {
    0: "within the limits",
    1: "above the 95% limits",
    2: "above the 99.8% limits",
    -1: "below the 95% limits",
    -2: "below the 99.8% limits",
}
"""Where a category lies, in words."""
MARKS = {
    0: {"symbol": "circle", "size": 9, "opacity": 0.65},
    1: {"symbol": "diamond", "size": 12, "opacity": 1},
    2: {"symbol": "square", "size": 12, "opacity": 1},
}
NAMES = {0: "Within the limits", 1: "Outside 95%", 2: "Outside 99.8%"}
"""How far out a dot lies is its shape; whether that is good or bad is not for a colour to say."""
LIMITS = ((stats.INNER, "95% limits", "dot"), (stats.OUTER, "99.8% limits", "dash"))
LINE, PLOT = 15, 240
"""Pixels of a name, and of the height between both ends of the value axis."""
EDGE = 1.06
"""The axis ends this far beyond the largest category."""


def funnel(frame: pd.DataFrame, unit: str, found: Funnel) -> Figure:
    """A dot a category at its denominator and its share, the average, and the two pairs of limits.

    `found` has a place for each row of the frame, which all have figures. Categories outside the limits
    have their name beside them, the others tell theirs on hover.
    """
    sizes = frame["denominator"].to_numpy(dtype=float)
    first, last = float(sizes.min()), float(sizes.max())
    # Limits change fast where categories are small.
    grid = np.geomspace(max(first / EDGE, 1), last * EDGE, STEPS)
    traces = [_line(grid, np.full(STEPS, 100 * found.target), "Average", {"color": TEXT, "width": 1.5})]
    drawn = [frame["value"].to_numpy(dtype=float)]
    for share, name, dash in LIMITS:
        look = {"color": TEXT, "width": 1.25, "dash": dash}
        for ends, is_first in zip(found.limits(grid, share), (True, False), strict=True):
            traces.append(_line(grid, 100 * ends, name, look) | {"showlegend": is_first})
            drawn.append(100 * ends)
    reach = np.abs(found.position)
    for far, mark in MARKS.items():
        chosen = reach == far
        if chosen.any():
            traces.append(_dots(frame[chosen], unit, found.position[chosen].tolist(), far, mark))
    lowest, highest = float(min(map(np.min, drawn))), float(max(map(np.max, drawn)))
    begins, _ = value_range(lowest, highest)
    pad = (highest - begins) / 20
    is_far = sizes > (first + last) / 2
    return {
        "data": traces,
        "layout": layout(
            HEIGHT,
            annotations=_names(frame, found, is_far, highest - begins),
            xaxis={
                "range": [0 if first < last / 3 else first / EDGE / EDGE, last * EDGE],
                "title": {"text": "Out of how many", "font": {"size": 12, "color": TEXT}, "standoff": 6},
                "tickformat": ",",
                "nticks": 5,
                "showgrid": False,
                "zeroline": False,
                "automargin": True,
                "fixedrange": True,
            },
            yaxis={
                "range": [max(begins - (pad if lowest <= begins else 0), -pad), highest + pad],
                "ticksuffix": "%" if unit == "percent" else "",
                "nticks": 6,
                "automargin": True,
                "fixedrange": True,
            },
        ),
    }


def _line(grid: np.ndarray, heights: np.ndarray, name: str, look: Mapping[str, object]) -> Figure:
    return {
        "type": "scatter",
        "mode": "lines",
        "name": name,
        "meta": name,
        "legendgroup": name,
        "x": grid.tolist(),
        "y": heights.tolist(),
        "line": dict(look),
        "hoverinfo": "skip",
    }


def _dots(
    frame: pd.DataFrame, unit: str, positions: list[int], far: int, mark: Mapping[str, object]
) -> Figure:
    """The categories as far out as that."""
    return {
        "type": "scatter",
        "mode": "markers",
        "name": NAMES[far],
        "meta": "funnel",
        "x": frame["denominator"].tolist(),
        "y": figures(frame["value"]),
        "customdata": keys(frame),
        "marker": {"color": COLOURS[0], "line": {"width": 0}, **mark},
        "hovertext": [
            f"{hover(words.name(row.category), row, unit)}<br>{PLACES[position]}"
            for row, position in zip(rows(frame), positions, strict=True)
        ],
        "hoverinfo": "text",
        "showlegend": far > 0,
    }


def _names(frame: pd.DataFrame, found: Funnel, is_far: np.ndarray, span: float) -> list[Figure]:
    """Names of the categories outside the limits: beside their dots, on the side that has room.

    Those above the average are written upwards and those below downwards, each clear of the one before.
    """
    told = [
        (row, place, far)
        for row, place, far in zip(rows(frame), found.position.tolist(), is_far.tolist(), strict=True)
        if place
    ]
    told.sort(key=lambda each: each[0].value * (1 if each[1] > 0 else -1))
    names: list[Figure] = []
    taken: dict[tuple[bool, bool], float] = {}
    for row, place, far in told:
        up = 1 if place > 0 else -1
        height = up * row.value / span * PLOT
        side = (place > 0, far)
        free = max(height, taken.get(side, height - LINE) + LINE)
        taken[side] = free
        names.append(
            {
                "x": row.denominator,
                "y": row.value,
                "xanchor": "right" if far else "left",
                "yanchor": "bottom" if place > 0 else "top",
                "xshift": -6 if far else 6,
                "yshift": up * round(free - height + 2),
                "text": escaped.figure(words.name(row.category)),
                "showarrow": False,
                "borderpad": 0,
                "font": {"size": 12, "color": TEXT},
            }
        )
    return names

"""Series one above the other, each on a scale of its own, on one line of time."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from profiles import words
from profiles.charts import SURFACE, TEXT, Figure, lines, over_time
from profiles.charts.bars import broken
from profiles.charts.grids import with_letters
from profiles.frames import Breaks, has_figures

PLOT, AROUND, LINE, FOOT = 104, 16, 17, 40
"""Pixels: height of a plot, room around its title, a line of the title, the dates below all."""
LETTERS_A_LINE = 44


def panels(frames: Mapping[str, pd.DataFrame], unit: str, grain: str, breaks: Breaks) -> Figure:
    """The series of each frame under its title, the first on top; every scale begins at zero.

    Lines are as `charts.lines` draws them: cut at a rebase and where there is no figure. A frame
    without a figure stands with its marker.
    """
    titles = [broken(title, LETTERS_A_LINE) for title in frames]
    heights = [PLOT + AROUND + LINE * (title.count("<br>") + 1) for title in titles]
    traces: list[Figure] = []
    axes: dict[str, Any] = {}
    notes: list[Figure] = []
    figure = over_time(traces, 1, unit, pd.concat(list(frames.values())), grain, breaks)
    total = sum(heights) + with_letters(figure["layout"], sum(heights))
    top = sum(heights) / total
    for number, (title, frame, height) in enumerate(zip(titles, frames.values(), heights, strict=True)):
        place = "" if number == 0 else f"{number + 1}"
        drawn = lines(frame, unit, grain, breaks)
        base = top - height / total
        axis = drawn["layout"]["yaxis"] | {"domain": [max(base, 0), base + PLOT / total], "nticks": 4}
        notes.append(_words(f"<b>{title}</b>", f"y{place} domain", 1))
        if not has_figures(frame):
            # Without a trace there is no axis to stand on.
            traces.append({"type": "scatter", "x": [], "y": [], "yaxis": f"y{place}", "showlegend": False})
            axis |= {"visible": False, "range": [0, 1]}
            why = "; ".join(words.marker(each) for each in dict.fromkeys(frame["marker"]) if each)
            notes.append(_words(broken(why or "No figure", LETTERS_A_LINE), f"y{place} domain", 0.3))
        axes[f"yaxis{place}"] = axis
        # A band without limits is empty.
        traces += [_alone(trace) | {"yaxis": f"y{place}"} for trace in drawn["data"] if trace["x"]]
        top = base
    told: set[str] = set()
    for trace in traces:
        if trace.get("showlegend", False):
            trace["showlegend"] = trace["name"] not in told
            told.add(trace["name"])
    figure["layout"] |= axes | {
        "height": 8 + total + FOOT,
        "margin": {"l": 0, "r": 12, "t": 8, "b": FOOT},
        "minreducedheight": PLOT,
    }
    figure["layout"]["xaxis"] |= {"anchor": f"y{place}"}
    figure["layout"]["annotations"] += notes
    return figure


def _alone(trace: Figure) -> Figure:
    """The trace; a point without neighbours is larger, and without an interval has no bar."""
    bar = trace.get("error_y")
    if bar is None or len(trace["x"]) > 1:
        return trace
    if set(bar["array"]) == {None}:
        trace = {key: value for key, value in trace.items() if key != "error_y"}
    return trace | {"marker": trace["marker"] | {"size": 8}}


def _words(text: str, where: str, height: float) -> Figure:
    return {
        "xref": "paper",
        "x": 0,
        "yref": where,
        "y": height,
        "xanchor": "left",
        "yanchor": "bottom",
        "align": "left",
        "bgcolor": SURFACE,
        "borderpad": 0,
        "text": text,
        "showarrow": False,
        "font": {"size": 13, "color": TEXT},
    }

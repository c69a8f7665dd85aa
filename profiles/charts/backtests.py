"""Back-tests: how far methods missed months already known, and how often their intervals held."""

from collections.abc import Sequence

import pandas as pd

from profiles import words
from profiles.charts import COLOURS, HEADROOM, HEIGHT, MUTED, SYMBOLS, Figure, figures, layout
from profiles.charts.processes import value_range

HORIZON = 12
"""Months ahead up to which a back-test reaches."""


def errors(frame: pd.DataFrame, names: Sequence[str]) -> Figure:
    """The error of each method named at each horizon, from zero, with a line at 1.

    `frame` has method, horizon and mase.
    """
    traces = _tried(
        frame, [(name, "mase", name, "solid" if not at else "dash") for at, name in enumerate(names)]
    )
    highest = max(1.0, float(frame.loc[frame["method"].isin(list(names)), "mase"].max()))
    return _by_horizon(traces, [0, highest * HEADROOM], (1.0,), "")


def coverage(frame: pd.DataFrame) -> Figure:
    """Of one method, how many months in a hundred lay in its intervals at each horizon, before and after.

    `frame` has method, horizon, coverage_80, coverage_95 and the same `_widened`, in per cent.
    """
    method = frame["method"].iloc[0]
    asked = [
        (method, f"coverage_{level}{end}", f"{level}% {said}", dash)
        for level in ("95", "80")
        for end, said, dash in (("_widened", "widened", "solid"), ("", "as the model gives it", "dash"))
    ]
    values = frame[[column for _, column, _, _ in asked]].to_numpy(dtype=float, na_value=80)
    lowest, _ = value_range(min(float(values.min()), 80), 100)
    return _by_horizon(_tried(frame, asked), [lowest, 104], (80.0, 95.0), "%")


def _tried(frame: pd.DataFrame, asked: Sequence[tuple[str, str, str, str]]) -> list[Figure]:
    """A line for each method and column asked for, under a name and with a dash."""
    traces = []
    for place, (method, column, name, dash) in enumerate(asked):
        mine = frame[frame["method"] == method]
        colour = COLOURS[place % len(COLOURS)]
        values = mine[column]
        sign = "" if column == "mase" else "%"
        traces.append(
            {
                "type": "scatter",
                "mode": "lines+markers",
                "name": name,
                "meta": column,
                "x": mine["horizon"].tolist(),
                "y": figures(values),
                "line": {"color": colour, "width": 2.25, "dash": dash},
                "marker": {"color": colour, "size": 7, "symbol": SYMBOLS[place % len(SYMBOLS)]},
                "hovertext": [
                    f"<b>{name}</b> {value:.{0 if sign else 2}f}{sign}"
                    if value == value
                    else f"<b>{name}</b> none"
                    for value in values.tolist()
                ],
                "hovertemplate": "%{hovertext}<extra></extra>",
            }
        )
    return traces


def _by_horizon(traces: list[Figure], ends: list[float], marks: Sequence[float], suffix: str) -> Figure:
    """Lines over the months ahead, with level lines at the marks."""
    shapes = [
        {
            "type": "line",
            "xref": "paper",
            "x0": 0,
            "x1": 1,
            "y0": mark,
            "y1": mark,
            "line": {"color": MUTED, "width": 1.25, "dash": "dot"},
        }
        for mark in marks
    ]
    return {
        "data": traces,
        "layout": layout(
            HEIGHT,
            hovermode="x unified",
            shapes=shapes,
            xaxis={
                "title": {"text": "Months ahead"},
                "range": [0.5, HORIZON + 0.5],
                "dtick": 1,
                "showgrid": False,
                "zeroline": False,
                "fixedrange": True,
            },
            yaxis={"range": ends, "ticksuffix": suffix, "nticks": 6, "zeroline": False, "fixedrange": True},
        ),
    }


def errors_title(method: str, mase: float, naive: float, naive_name: str) -> str:
    """How far the method missed, beside the naive one, which repeats the year before."""
    if method == naive_name:
        return f"Forecast error {mase:.2f} by repeating last year; no method did better"
    return f"Forecast error {mase:.2f}; repeating last year would have been {naive:.2f}"


def coverage_title(after: float) -> str:
    """How often the widened 95 % interval held."""
    return f"{words.number(after, 'percent')} of months judged lay in the widened 95% interval"

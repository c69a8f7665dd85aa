"""Figures of how a whole is made up: shares of types, and how the types overlap."""

from typing import Any

import pandas as pd

from profiles import words
from profiles.charts import COLOURS, LEGEND, MUTED, PALE, SURFACE, TEXT, Figure, figures, hover, keys, layout
from profiles.frames import Row, rows

ROW_HEIGHT = 36
NOT_RECORDED = "not recorded"
HOLLOW: Figure = {"color": SURFACE, "line": {"width": 1, "color": MUTED}}
HATCHED: Figure = HOLLOW | {"pattern": {"shape": "/", "fgcolor": MUTED, "size": 6, "solidity": 0.25}}
"""Not recorded: a pattern, so that no colour has to tell it."""


def shares(frame: pd.DataFrame, recorded: pd.DataFrame) -> Figure:
    """A bar a type, 0 to 100%: its share with the 95% interval, the others, and how much is not recorded.

    Both frames have a row a type in one order: the share, and the share with anything recorded.
    """
    names = [words.name(text) for text in frame["category"]]
    values, known = figures(frame["value"]), figures(recorded["value"])
    told = [hover(name, row, "percent") for name, row in zip(names, rows(frame), strict=True)]
    covered = [
        hover(f"{name}: recorded for", row, "percent")
        for name, row in zip(names, rows(recorded), strict=True)
    ]
    whole = [None if value is None else 100.0 for value in known]
    figure_words = [words.number(value, "percent") for value in frame["value"].tolist()]
    interval = {
        "type": "data",
        "array": figures(frame["upper"] - frame["value"]),
        "arrayminus": figures(frame["value"] - frame["lower"]),
        "color": TEXT,
        "thickness": 1.5,
        "width": 5,
    }
    solid: Figure = {"color": COLOURS[0]}
    return {
        # Drawn one over the other: all, those with anything recorded, those of the type.
        "data": [
            _bar("Not recorded", whole, covered) | {"marker": HATCHED},
            _bar("", known, covered) | {"marker": {"color": SURFACE}, "showlegend": False},
            _bar("Not of this type", known, covered)
            | {"marker": solid, "opacity": PALE, "customdata": keys(recorded)},
            _bar("Of this type", values, told)
            | {"marker": solid, "error_x": interval, "customdata": keys(frame)},
        ],
        "layout": layout(
            3 * ROW_HEIGHT * len(names) + 60,
            barmode="overlay",
            legend=LEGEND | {"traceorder": "reversed"},
            xaxis={
                "range": [0, 102],
                "tickvals": [0, 25, 50, 75, 100],
                "ticktext": ["0%", "25%", "50%", "75%", "100%"],
                "fixedrange": True,
            },
            yaxis={
                "tickvals": list(range(len(names))),
                "ticktext": [
                    f"{name}<br><b>{text}</b>" for name, text in zip(names, figure_words, strict=True)
                ],
                "tickfont": {"color": TEXT, "size": 13},
                "autorange": "reversed",
                "showgrid": False,
                "zeroline": False,
                "fixedrange": True,
            },
        ),
    }


def overlap(frame: pd.DataFrame, sets: tuple[str, ...]) -> Figure:
    """A bar a combination, with dots that say which of the `sets` it belongs to (an UpSet chart).

    The frame has a row a combination, named `a + b` or `a only`; other names, such as not recorded,
    stand as words in place of dots. `share` is the per cent of the whole. A combination without a figure
    stands with its marker.
    """
    names = frame["category"].tolist()
    members = [[each in name.removesuffix(" only").split(" + ") for each in sets] for name in names]
    others = [row for row, belongs in enumerate(members) if not any(belongs)]
    dots = [(column, row) for row in range(len(names)) if row not in others for column in range(len(sets))]
    dot_marker = {
        "size": 11,
        "opacity": 1,
        "color": [COLOURS[0] if members[row][column] else SURFACE for column, row in dots],
        "line": {
            "width": 1,
            "color": [COLOURS[0] if members[row][column] else MUTED for column, row in dots],
        },
    }
    joins = [
        _mark("lines", [column for column, belongs in enumerate(row_members) if belongs], row)
        | {"line": {"color": COLOURS[0], "width": 2.5}}
        for row, row_members in enumerate(members)
        if sum(row_members) > 1
    ]
    bars = []
    for place, (row, key) in enumerate(zip(rows(frame), keys(frame), strict=True)):
        is_plain = place not in others
        marker = {"color": COLOURS[0]} if is_plain else HATCHED if row.category == NOT_RECORDED else HOLLOW
        bars.append(_combination(row, place) | {"marker": marker, "customdata": [key]})
    top = float(frame["value"].max())
    lost = [(place, row) for place, row in enumerate(rows(frame)) if row.marker and not row.value >= 0]
    markers = _mark("text", [0] * len(lost), [place for place, _ in lost]) | {
        "xaxis": "x2",
        "text": [f"\N{NO-BREAK SPACE}{row.marker}" for _, row in lost],
        "textposition": "middle right",
        "textfont": {"color": TEXT, "size": 13},
        "hoverinfo": "text",
        "hovertext": [words.marker(row.marker) for _, row in lost],
    }
    return {
        "data": [
            *joins,
            _mark("markers", [column for column, _ in dots], [row for _, row in dots])
            | {"marker": dot_marker},
            _mark("text", [(len(sets) - 1) / 2] * len(others), others)
            | {"text": [words.name(names[row]) for row in others], "textfont": {"color": TEXT, "size": 13}},
            *bars,
            *([markers] if lost else []),
        ],
        "layout": layout(
            ROW_HEIGHT * len(names) + 60,
            showlegend=False,
            xaxis={
                "domain": [0, 0.36],
                "range": [-0.6, len(sets) - 0.4],
                "tickvals": list(range(len(sets))),
                "ticktext": [words.name(each) for each in sets],
                "side": "top",
                "tickfont": {"color": TEXT, "size": 12},
                "autotickangles": [0, -40],
                "showgrid": False,
                "zeroline": False,
                "fixedrange": True,
            },
            # The figures stand behind the bars: room for them.
            xaxis2={
                "domain": [0.38, 1],
                "range": [0, (top if top > 0 else 1) * 1.6],
                "visible": False,
                "fixedrange": True,
            },
            yaxis={"range": [len(names) - 0.4, -0.6], "visible": False, "fixedrange": True},
        ),
    }


def _bar(name: str, values: list[float | None], told: list[str]) -> Figure:
    return {
        "type": "bar",
        "orientation": "h",
        "name": name,
        "x": values,
        "y": list(range(len(values))),
        "width": 0.5,
        "hoverinfo": "text",
        "hovertext": told,
    }


def _mark(mode: str, columns: list[Any], places: list[int] | int) -> Figure:
    return {
        "type": "scatter",
        "mode": mode,
        "x": columns,
        "y": [places] * len(columns) if isinstance(places, int) else places,
        "hoverinfo": "skip",
    }


def _combination(row: Row, place: int) -> Figure:
    return {
        "type": "bar",
        "orientation": "h",
        "meta": row.category,
        "x": figures(pd.Series([row.value])),
        "y": [place],
        "xaxis": "x2",
        "width": 0.62,
        "text": [f"{words.number(row.value)} · {words.number(row.share, 'percent')}"],
        "textposition": "outside",
        "textfont": {"color": TEXT, "size": 13},
        "cliponaxis": False,
        "hoverinfo": "text",
        "hovertext": [hover(words.name(row.category), row, "count")],
    }

"""Bars lying down that are made of parts: one dimension inside another."""

import math

import pandas as pd

from profiles import escaped, words
from profiles.charts import COLOURS, LEGEND, SURFACE, TEXT, Figure, figures, hover, keys, layout
from profiles.charts.bars import (
    FOOT,
    LINE,
    PADDING,
    broken,
    name_axis,
    room,
    value_axis,
    why_none,
    words_behind,
)
from profiles.charts.mixes import HATCHED, NOT_RECORDED
from profiles.frames import rows

LEGEND_ROW = 26
"""Pixels of the legend above."""
WIDTH = 0.62
"""Of a bar, as a share of its row."""

INK = "#11161e"
"""Dark in both themes, on the colours that are bright in both: so it is not quite the dark background."""
ON_COLOUR = (SURFACE, INK, SURFACE, INK)
"""The colour of words on each of `COLOURS`."""

HALO = ", ".join(f"{x}px {y}px 2px {SURFACE}" for x in (-1, 0, 1) for y in (-1, 0, 1) if x or y)
"""Shadow that keeps words readable on a hatch."""


def crossed(
    frame: pd.DataFrame, rows_of: str = "within", unit: str = "count", *, of_row: bool = True
) -> Figure:
    """A bar for each value of the column `rows_of`, made up of the categories, with their shares in it.

    `of_row` draws every bar as 100%, its total beside the name; else bars are as long as their totals.
    The frame has counts that add up, a row a bar and category. Where one of them has no figure, the bar
    shows the others, without shares and with the marker behind it.
    """
    names = list(dict.fromkeys(frame[rows_of]))
    place = {name: number for number, name in enumerate(names)}
    totals = frame.groupby(rows_of, sort=False)["value"].sum()
    marked = {name: frame[(frame[rows_of] == name) & (frame["marker"] != "")] for name in names}
    has_gap = {name: bool(each["value"].isna().any()) for name, each in marked.items()}
    ticks = [f"{broken(words.name(name))}<br>{_total(totals[name], unit, has_gap[name])}" for name in names]
    height = LINE * max((tick.count("<br>") + 1 for tick in ticks), default=1) + PADDING
    traces: list[Figure] = []
    colours = 0
    for category, mine in frame.groupby("category", sort=False):
        is_hatched = category == NOT_RECORDED
        colour = colours % len(COLOURS)
        colours += not is_hatched
        within = mine[rows_of].tolist()
        shares = [
            100 * value / totals[name] if totals[name] > 0 and not has_gap[name] else math.nan
            for name, value in zip(within, mine["value"].tolist(), strict=True)
        ]
        solid = {"color": COLOURS[colour], "line": {"color": SURFACE, "width": 1}}
        label = words.name(str(category))
        traces.append(
            {
                "type": "bar",
                "orientation": "h",
                "name": escaped.figure(label),
                "x": figures(mine["value"]),
                "y": [place[name] for name in within],
                "width": WIDTH,
                "marker": HATCHED if is_hatched else solid,
                "customdata": keys(mine),
                "text": [words.whole_percent(share) for share in shares],
                "textposition": "inside",
                "insidetextanchor": "middle",
                "textangle": 0,
                "insidetextfont": {"size": 12, "color": ON_COLOUR[colour]}
                if not is_hatched
                else {"size": 12, "color": TEXT, "shadow": HALO},
                "hovertext": [
                    f"{hover(f'{words.name(name)}, {label}', row, unit)}{_of(share, name)}"
                    for name, row, share in zip(within, rows(mine), shares, strict=True)
                ],
                "hoverinfo": "text",
            }
        )
    ends = [100.0 if totals[name] > 0 else 0.0 for name in names] if of_row else totals.tolist()
    marks = [" ".join(dict.fromkeys(each["marker"])) for each in marked.values()]
    why = ["<br>".join(why_none(row) for row in rows(each)) for each in marked.values()]
    highest = 100.0 if of_row else float(max(ends, default=0.0))
    return {
        "data": [*traces, *([words_behind(ends, marks, why)] if any(marks) else [])],
        "layout": layout(
            height * len(names) + 8 + LEGEND_ROW + FOOT,
            barmode="stack",
            minreducedheight=height,
            **({"barnorm": "percent"} if of_row else {}),
            uniformtext={"mode": "hide", "minsize": 12},
            legend=LEGEND | {"itemclick": False, "itemdoubleclick": False},
            margin={"l": 0, "r": max(room(marks), 20), "t": 8, "b": FOOT},
            xaxis=value_axis(1.004 * highest, "percent" if of_row else unit)
            | ({"dtick": 25} if of_row else {}),
            yaxis=name_axis(ticks),
        ),
    }


def _total(value: float, unit: str, has_gap: bool) -> str:
    """The total of a bar; at least that much where a part of it has no figure."""
    if has_gap and value == 0:
        return ""
    return f"<b>{words.number(value, unit)}</b>{' or more' if has_gap else ''}"


def _of(share: float, name: str) -> str:
    return f"; {words.number(share, 'percent')} of {escaped.figure(name)}" if share >= 0 else ""

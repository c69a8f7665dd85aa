"""A grid of categories and periods, each cell as strong in colour as its figure is large."""

import math
from datetime import date
from itertools import groupby, pairwise
from typing import Any

import pandas as pd

from profiles import words
from profiles.charts import COLOURS, LEGEND, MUTED, SURFACE, TEXT, Figure, hover, keys, over_time
from profiles.charts.bars import broken
from profiles.charts.date_axis import DAY
from profiles.frames import Breaks, Row, rows
from profiles.periods import MONTHS, first_day, month_number

FAINT = "#000040"
"""Stand-in for the mix of both backgrounds: a zero is a cell too."""
SCALE = [[0, FAINT], [1, COLOURS[0]]]
"""From nearly nothing to the first colour of the theme: darker in the light theme, brighter in the dark."""

CELL, LINE, GAP = 22, 18, 9
"""Pixels of a cell, of a line of the name above it, and between one and the next."""
LETTERS_A_LINE = 30
"""A name is broken here: on a phone its highest figure stands beside it."""
LETTER, CLOSE = 22, 0.09
"""Pixels that the letter of a break needs; nearer than this share of the time, one stands below the other."""
BELOW, KEY, LEGEND_ROW = 48, 40, 26
"""Pixels of the dates below the grid, of the key to the colours under them, and of the legend."""


def grid(frame: pd.DataFrame, unit: str, grain: str, breaks: Breaks) -> Figure:
    """A row a category, a column a period: the stronger the colour, the higher the figure.

    Beside each name stands its highest whole period, which is framed in the grid. Cells without a
    figure are hatched, each marker in its own way; parts of a period are dotted. Colours run from zero.
    """
    names = list(dict.fromkeys(frame["category"]))
    starts = [
        month_number(date.fromisoformat(label)) for label in (frame["period"].min(), frame["period"].max())
    ]
    months = range(starts[0], starts[1] + 1, MONTHS[grain])
    labels = [first_day(month).isoformat() for month in months]
    edges = [*labels, first_day(months[-1] + MONTHS[grain]).isoformat()]
    told = dict(zip(zip(frame["category"], frame["period"], strict=True), rows(frame), strict=True))
    filed = {(category, period): [row, category, period] for row, category, period in keys(frame)}
    cells = [[told.get((name, label)) for label in labels] for name in names]
    highest = float(frame["value"].max()) if frame["value"].notna().any() else 0.0
    tops = [
        max(
            (row for row in mine if row and row.value > 0 and row.marker != "[p]"),
            key=lambda row: row.value,
            default=None,
        )
        for mine in cells
    ]
    marks = [[row.marker if row else "" for row in mine] for mine in cells]
    heat: Figure = {
        "type": "heatmap",
        "x": edges,
        "y": list(range(len(names))),
        "z": [
            [None if row is None or math.isnan(row.value) else float(row.value) for row in mine]
            for mine in cells
        ],
        "customdata": [[filed.get((name, label)) for label in labels] for name in names],
        "hovertext": [[_told(row, unit, grain) for row in mine] for mine in cells],
        "hoverinfo": "text",
        "zmin": 0,
        "zmax": highest or 1,
        "colorscale": SCALE,
        "xgap": 1 if len(labels) <= 40 else 0,
        "colorbar": _key(unit),
    }
    titles = [broken(words.name(name), LETTERS_A_LINE) for name in names]
    height = CELL + GAP + LINE * max(title.count("<br>") + 1 for title in titles)
    cell = CELL / height
    heat["ygap"] = height - CELL
    patterns = [
        _over(marks, marker, edges, cell) for marker in LOOKS if any(marker in mine for mine in marks)
    ]
    traces = [heat, *patterns]
    figure = over_time(traces, 1, unit, frame, grain, breaks)
    plot = height * len(names)
    above = 8 + (LEGEND_ROW if patterns else 0)
    head = with_letters(figure["layout"], plot)
    heat["colorbar"] |= {"y": -BELOW / (plot + head)}
    figure["layout"] |= {
        "height": above + head + plot + BELOW + KEY,
        "margin": {"l": 0, "r": 12, "t": above, "b": BELOW + KEY},
        "minreducedheight": height,
        "hovermode": "closest",
        "barmode": "overlay",
        "legend": LEGEND | {"itemclick": False, "itemdoubleclick": False},
        "yaxis": {
            "range": [len(names) - 1 + cell / 2, cell / 2 - 1 - head / height],
            "visible": False,
            "fixedrange": True,
        },
    }
    figure["layout"]["shapes"] += [
        _frame(place, labels.index(top.period), edges, cell) for place, top in enumerate(tops) if top
    ]
    for place, (title, top) in enumerate(zip(titles, tops, strict=True)):
        over = place - cell / 2
        figure["layout"]["annotations"].append(_words(title, over, "left", 13))
        if top:
            at = f"highest {words.number(top.value, unit)}, {words.short_period(top.period, grain)}"
            figure["layout"]["annotations"].append(_words(at, over, "right", 11))
    return figure


def _words(text: str, height: float, side: str, size: int) -> Figure:
    return {
        "xref": "paper",
        "x": 0 if side == "left" else 1,
        "xanchor": side,
        "y": height,
        "yanchor": "bottom",
        "align": side,
        # A line of a break does not run through them.
        "bgcolor": SURFACE,
        "borderpad": 0,
        "text": text,
        "showarrow": False,
        "font": {"size": size, "color": TEXT},
    }


def with_letters(layout: Figure, height: int) -> int:
    """Pixels above a plot of that height where the letters of breaks now stand, one below the other."""
    lines, letters = layout["shapes"], layout["annotations"]
    if not lines:
        return 0
    first, last, *days = (
        date.fromisoformat(x) for x in (*layout["xaxis"]["range"], *(each["x0"] for each in lines))
    )
    levels = [0]
    for before, day in pairwise(days):
        levels.append(levels[-1] + 1 if (day - before) < CLOSE * (last - first) else 0)
    head = LETTER * (max(levels) + 1)
    for line, letter, level in zip(lines, letters, levels, strict=True):
        line["y1"] = letter["y"] = 1 - LETTER * level / (height + head)
    return head


LOOKS: dict[str, Figure] = {
    "[x]": {"shape": "/", "fgcolor": MUTED, "size": 6, "solidity": 0.25},
    "[z]": {"shape": "\\", "fgcolor": MUTED, "size": 6, "solidity": 0.25},
    "[c]": {"shape": "x", "fgcolor": MUTED, "size": 6, "solidity": 0.3},
    "[u]": {"shape": "|", "fgcolor": MUTED, "size": 6, "solidity": 0.3},
    "[p]": {"shape": ".", "fgcolor": TEXT, "size": 5, "solidity": 0.3},
}
"""Pattern of the cells with each marker; the last lies on a colour, the others on the background."""
CLEAR = "rgba(0, 0, 0, 0)"


def _over(marks: list[list[str]], marker: str, edges: list[str], cell: float) -> Figure:
    """A pattern over the cells with the marker, one for all neighbours in a row."""
    starts, widths, bases = [], [], []
    for place, mine in enumerate(marks):
        column = 0
        for each, run in groupby(mine):
            ends = column + len(list(run))
            if each == marker:
                first, last = (date.fromisoformat(edges[edge]) for edge in (column, ends))
                starts.append(edges[column])
                widths.append((last - first).days * DAY)
                bases.append(place - cell / 2)
            column = ends
    ground = CLEAR if marker == "[p]" else SURFACE
    return {
        "type": "bar",
        "name": f"{marker} {words.MARKERS[marker].partition(':')[0]}",
        "x": starts,
        "y": [cell] * len(starts),
        "base": bases,
        "offset": 0,
        "width": widths,
        "marker": {"color": ground, "line": {"width": 0}, "pattern": LOOKS[marker] | {"bgcolor": ground}},
        # The cell below tells it.
        "hoverinfo": "skip",
    }


def _frame(place: int, column: int, edges: list[str], cell: float) -> Figure:
    return {
        "type": "rect",
        "x0": edges[column],
        "x1": edges[column + 1],
        "y0": place - cell / 2,
        "y1": place + cell / 2,
        "line": {"color": TEXT, "width": 1.5},
    }


def _told(row: Row | None, unit: str, grain: str) -> str:
    if row is None:
        return ""
    lead = f"{words.name(row.category)}, {words.period(row.period, grain)}"
    return hover(lead, row, unit).removesuffix(row.marker) + words.marker(row.marker)


def _key(unit: str) -> dict[str, Any]:
    """The scale of the colours, below."""
    return {
        "orientation": "h",
        "thickness": 8,
        "len": 0.6,
        "x": 1,
        "xanchor": "right",
        "yanchor": "top",
        "ticksuffix": "%" if unit == "percent" else "",
        "nticks": 4,
        "outlinewidth": 0,
        "tickfont": {"size": 11},
    }

"""Bars lying down: categories in order, each with its interval and its figure.

Counts are solid bars, for a count is a length from zero. Rates and shares are dots with their interval
on a pale bar: how sure the figure is must be as easy to see as how large, and a solid bar hides half of it.
"""

import math
import textwrap
from collections.abc import Sequence

import pandas as pd

from profiles import escaped, words
from profiles.charts import COLOURS, MUTED, PALE, SURFACE, TEXT, Figure, figures, hover, keys, layout
from profiles.charts.mixes import HATCHED, NOT_RECORDED
from profiles.frames import Row, rows

BESIDE, ABOVE = 24, 54
"""Letters of a name that a phone has room for beside the bars; of a line of one above its bar."""
LINE, PADDING, THICK, FOOT = 17, 14, 16, 32
"""Pixels of a line of a name, around a row, of a bar, and of the axis below."""
LETTER = 7.4
"""Pixels of a letter of a figure, on the safe side: room is kept for the figures behind the bars."""


def ranked(frame: pd.DataFrame, unit: str, whole: Row | None = None, top: int | None = None) -> Figure:
    """A bar a category in the order of the frame, with its 95% interval and its figure.

    `whole` is drawn as a thin line across. `top` draws that many and says how many more the table has;
    not recorded is drawn in any case. A category without a figure stands with its marker.
    """
    every = rows(frame)
    kept = [
        place for place, row in enumerate(every) if top is None or place < top or row.category == NOT_RECORDED
    ]
    shown = frame.iloc[kept].assign(place=range(len(kept)))
    told = [every[place] for place in kept]
    names = [words.name(row.category) for row in told]
    left_out = [f"{len(every) - len(kept)} more in the table"] if len(every) > len(kept) else []
    line = whole.value if whole and not math.isnan(whole.value) else 0.0
    highest = max([*map(_reach, told), line], default=0.0)
    # A line would run through figures that stand behind their bars: they stand in a column then.
    ends = [highest if line else _reach(row) for row in told]
    labels = [figure_words(row, unit) for row in told]
    is_hatched = shown["category"] == NOT_RECORDED
    height, beside, above = _named([*names, *left_out])
    head = LINE if line else 0
    return {
        "data": [
            *_bars(shown[~is_hatched], unit, height, is_solid=unit == "count"),
            *_bars(shown[is_hatched], unit, height, is_solid=False, look=HATCHED),
            words_behind(ends, labels, [why_none(row) for row in told]),
        ],
        "layout": layout(
            height * (len(names) + len(left_out)) + 8 + head + FOOT,
            barmode="overlay",
            showlegend=False,
            minreducedheight=height,
            margin={"l": 6 if above else 0, "r": room(labels), "t": 8 + head, "b": FOOT},
            shapes=_line(line) if line else [],
            annotations=[*above, *(_line_words(whole, unit, highest) if whole and line else [])],
            xaxis=value_axis(highest, unit),
            yaxis=beside,
        ),
    }


def broken(name: str, letters: int = BESIDE) -> str:
    """The name over as many lines as it needs, as Plotly reads it."""
    lines = textwrap.wrap(name, letters) or [""]
    return "<br>".join(escaped.figure(line) for line in lines)


def figure_words(row: Row, unit: str) -> str:
    """The figure with its share of the whole, where the frame has one, and its marker."""
    share = "" if math.isnan(row.share) else words.number(row.share, "percent")
    parts = filter(None, [words.number(row.value, unit), share])
    return " ".join(filter(None, [" · ".join(parts), row.marker]))


def _reach(row: Row) -> float:
    """Where the bar and its interval end; zero where there is no figure."""
    return max([each for each in (row.value, row.upper) if not math.isnan(each)], default=0.0)


def why_none(row: Row) -> str:
    """What the marker means."""
    if not row.marker:
        return ""
    return f"<b>{escaped.figure(words.name(row.category))}</b> {words.marker(row.marker)}"


def _bars(
    frame: pd.DataFrame, unit: str, height: int, *, is_solid: bool, look: Figure | None = None
) -> list[Figure]:
    """Bars with the interval of each: solid ones, or pale ones with a dot; `look` is that of hatched ones."""
    if frame.empty:
        return []
    values, places = figures(frame["value"]), frame["place"].tolist()
    above, below = figures(frame["upper"] - frame["value"]), figures(frame["value"] - frame["lower"])
    whisker = {"type": "data", "symmetric": False, "color": TEXT, "thickness": 1.75, "width": 0}
    common = {"x": values, "y": places, "showlegend": False}
    marker = look or {"color": COLOURS[0], "opacity": 1 if is_solid else PALE}
    bars = common | {
        "type": "bar",
        "orientation": "h",
        "width": THICK / height,
        "marker": marker,
        "customdata": keys(frame),
        "hovertext": [hover(words.name(row.category), row, unit) for row in rows(frame)],
        "hoverinfo": "text",
    }
    # The bar tells the same on hover.
    points = common | {"type": "scatter", "mode": "markers", "hoverinfo": "skip"}
    if is_solid:
        # The lower half lies on the bar: there it has the colour of the background.
        bars |= {"error_x": whisker | {"array": above, "arrayminus": [0] * len(values)}}
        whisker |= {"color": SURFACE, "array": [0] * len(values), "arrayminus": below}
        return [bars, points | {"marker": {"opacity": 0}, "error_x": whisker}]
    dots = {"size": 10, "color": SURFACE if look else COLOURS[0], "opacity": 1}
    dots |= {"line": {"width": 2, "color": MUTED if look else COLOURS[0]}}
    if look and unit == "count":
        dots = {"opacity": 0}
    whisker |= {"array": above, "arrayminus": below}
    return [bars, points | {"marker": dots, "customdata": keys(frame), "error_x": whisker}]


def words_behind(ends: Sequence[float], labels: Sequence[str], why: Sequence[str]) -> Figure:
    """Words behind the ends of the bars; on hover, what their markers mean."""
    return {
        "type": "scatter",
        "mode": "text",
        "x": list(ends),
        "y": list(range(len(labels))),
        "text": [f"\N{NO-BREAK SPACE}{label}" if label else "" for label in labels],
        "textposition": "middle right",
        "textfont": {"color": TEXT, "size": 13},
        "cliponaxis": False,
        "hoverinfo": ["text" if each else "skip" for each in why],
        "hovertext": list(why),
        "showlegend": False,
    }


def room(labels: Sequence[str]) -> int:
    """Pixels that the words behind the longest bar need."""
    return 12 + math.ceil(LETTER * max((len(label) for label in labels), default=0))


def _named(names: Sequence[str]) -> tuple[int, Figure, list[Figure]]:
    """Pixels of a row, the axis with the names, and the names themselves when they are too long for it.

    Long names stand above their bars, which then have the whole width.
    """
    if max((len(name) for name in names), default=0) <= BESIDE:
        height = LINE + PADDING
        return height, name_axis([broken(name, BESIDE) for name in names]), []
    ticks = [broken(name, ABOVE) for name in names]
    lines = max(tick.count("<br>") + 1 for tick in ticks)
    height = LINE * lines + THICK + PADDING
    above = [
        _words(tick, 0, place - THICK / 2 / height) | {"font": {"size": 13, "color": TEXT}}
        for place, tick in enumerate(ticks)
    ]
    edge = (THICK / 2 + PADDING / 2) / height
    return height, name_axis([], (len(ticks) - 1 + edge, edge - 1)), above


def _words(text: str, x: float, y: float) -> Figure:
    return {
        "x": x,
        "y": y,
        "xanchor": "left",
        "yanchor": "bottom",
        "align": "left",
        "borderpad": 0,
        "text": text,
        "showarrow": False,
        "font": {"size": 12, "color": TEXT},
    }


def _line(value: float) -> list[Figure]:
    line = {"color": TEXT, "width": 1, "dash": "dash"}
    return [{"type": "line", "x0": value, "x1": value, "yref": "paper", "y0": 0, "y1": 1, "line": line}]


def _line_words(whole: Row, unit: str, highest: float) -> list[Figure]:
    name = words.name(whole.category)
    text = f"{escaped.figure(name)} <b>{words.number(whole.value, unit)}</b>"
    side = "left" if whole.value < highest / 2 else "right"
    told = hover(name, whole, unit)
    return [_words(text, whole.value, 1) | {"yref": "paper", "xanchor": side, "hovertext": told}]


def value_axis(highest: float, unit: str) -> Figure:
    """The axis of figures, from zero to the highest."""
    top = highest if highest > 0 else 1
    return {
        "range": [0, top],
        "ticksuffix": "%" if unit == "percent" else "",
        "tickformat": "," if top >= 10 else "",
        "nticks": 4,
        "tickangle": 0,
        "showgrid": True,
        "zeroline": True,
        "fixedrange": True,
    }


def name_axis(ticks: Sequence[str], ends: tuple[float, float] | None = None) -> Figure:
    """The axis of names, the first on top; `ends` are its lower and its upper one."""
    return {
        "tickvals": list(range(len(ticks))),
        "ticktext": list(ticks),
        "tickfont": {"color": TEXT, "size": 13},
        "range": list(ends or (len(ticks) - 0.5, -0.5)),
        "showgrid": False,
        "zeroline": False,
        "fixedrange": True,
    }

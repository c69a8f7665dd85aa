"""Figures for Plotly over time, as plain dicts, from the frames that their tables and files are made of.

A series is drawn as it stands in the frame: what is provisional hollow and never joined, no line across
a `rebase`, a gap where there is no figure. Colours are Streamlit's stand-ins, which the browser replaces
by those of the theme in `.streamlit/config.toml`, so one figure serves light and dark.
"""

import math
from datetime import date
from itertools import pairwise
from typing import Any

import pandas as pd

from profiles import escaped, words
from profiles.charts.date_axis import column_widths, date_axis
from profiles.frames import Break, Breaks, Row, ends, rows, within
from profiles.periods import MONTHS, first_day, last_day, month_number

Figure = dict[str, Any]

COLOURS = ("#000001", "#000002", "#000003", "#000004")
"""First four categorical colours of the theme."""
TEXT, MUTED, SURFACE = "#000037", "#000036", "#000038"
"""Text, what stands back, and the background."""
SYMBOLS = ("circle", "square", "diamond", "cross")
PALE = 0.18
"""Opacity of an interval, and of what is there but not meant."""

CONFIG = {"displayModeBar": False, "scrollZoom": False, "doubleClick": False}
"""No toolbar: its pictures would leave without marking, period and as-at date."""

HEIGHT = 340
HEADROOM = 1.16
"""The value axis ends this far above the highest figure, which leaves room for the letters of breaks."""
CLOSE = 0.05
"""Breaks nearer to each other than this share of the time shown have their letters one below the other."""
STEP = 0.085
"""How much lower, as a share of the height."""

LEGEND = {
    "orientation": "h",
    "x": 0,
    "xanchor": "left",
    "y": 1.02,
    "yanchor": "bottom",
    "traceorder": "normal",
}
SPIKE = {"spikedash": "solid", "spikethickness": 1, "spikecolor": MUTED}
"""The line through the periods that are told together."""
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def columns(frame: pd.DataFrame, unit: str, grain: str, breaks: Breaks) -> Figure:
    """Stacked columns over time, a colour a category: for categories that add up to a whole."""
    traces: list[Figure] = []
    number = int(frame["period"].nunique())
    for place, (category, mine) in enumerate(frame.groupby("category", sort=False)):
        colour = COLOURS[place % len(COLOURS)]
        part = mine["marker"] == "[p]"
        solid = {"color": colour, "line": {"color": SURFACE, "width": 0.5}}
        traces.append(_column(mine[~part], str(category), unit, grain, number) | {"marker": solid})
        if part.any():
            hollow = {"color": SURFACE, "line": {"color": colour, "width": 1.5}}
            traces.append(
                _column(mine[part], str(category), unit, grain, number)
                | {"marker": hollow}
                | part_name(is_first=place == 0)
            )
    highest = float(frame.groupby("period")["value"].sum().max())
    return over_time(traces, highest, unit, frame, grain, breaks)


def lines(frame: pd.DataFrame, unit: str, grain: str, breaks: Breaks, column: str = "category") -> Figure:
    """A line a value of `column` over time; a single one with its interval as a band."""
    groups = list(frame.groupby(column, sort=False))
    is_single = len(groups) == 1
    traces: list[Figure] = []
    for place, (category, mine) in enumerate(groups):
        colour = COLOURS[place % len(COLOURS)]
        part = mine["marker"] == "[p]"
        for number, piece in enumerate(pieces(mine[~part], grain, breaks)):
            traces += [_band(piece, colour, grain)] if is_single and len(piece) > 1 else []
            traces.append(
                trace("scatter", piece, str(category), unit, grain)
                | {
                    "mode": "lines+markers",
                    "line": {"color": colour, "width": 2.5},
                    "marker": {"color": colour, "size": 5, "symbol": SYMBOLS[place % len(SYMBOLS)]},
                    "legendgroup": str(place),
                    "showlegend": number == 0 and not is_single,
                }
                # A point alone has no band.
                | (_bar(piece, colour) if is_single and len(piece) == 1 else {})
            )
        if part.any():
            hollow = {"color": SURFACE, "size": 8, "line": {"color": colour, "width": 2}}
            traces.append(
                trace("scatter", mine[part], str(category), unit, grain)
                | {"mode": "markers", "marker": hollow}
                | part_name(is_first=place == 0)
                | (_bar(mine[part], colour) if is_single else {})
            )
    # Only a single line shows its interval.
    drawn = frame[["value", "upper"]] if is_single else frame[["value"]]
    highest = float(drawn.to_numpy(dtype=float, na_value=0).max())
    return over_time(traces, highest, unit, frame, grain, breaks)


def points(frame: pd.DataFrame, unit: str, grain: str, name: str) -> list[Figure]:
    """Figures of another series as marks of their own, under `name`, each with its figure beside."""
    drawn = trace("scatter", frame, name, unit, grain)
    label = [words.number(value, unit) for value in frame["value"].tolist()]
    marker = {"color": COLOURS[3], "size": 11, "symbol": "diamond", "line": {"width": 1, "color": SURFACE}}
    words_beside = {"mode": "markers+text", "text": label, "textposition": "top left"}
    return [drawn | words_beside | {"marker": marker, "textfont": {"color": TEXT, "size": 12}}]


def shown_breaks(frame: pd.DataFrame, grain: str, breaks: Breaks) -> list[tuple[str, Break]]:
    """Letter and break, for each that falls inside the periods of the frame."""
    return list(zip(LETTERS, within(breaks, *ends(frame, grain)), strict=False))


def layout(height: int, **more: Any) -> Figure:
    """What the figures have in common: margins, legend above, no zoom, British separators."""
    return {
        "height": height,
        "margin": {"l": 0, "r": 12, "t": 8, "b": 0},
        "hovermode": "closest",
        "hoverlabel": {"font": {"color": TEXT}, "align": "left"},
        "dragmode": False,
        "separators": ".,",
        "legend": LEGEND,
        **more,
    }


def hover(name: str, row: Row, unit: str) -> str:
    """What is told of one figure: its value, what it is made of, its interval and its marker."""
    made_of = ""
    if not math.isnan(row.denominator) and not row.is_median:
        made_of = f"{words.number(row.numerator)} of {words.number(row.denominator)}"
    within = "; ".join(filter(None, [made_of, words.spread(row, unit)]))
    parts = (
        f"<b>{escaped.figure(name)}</b>" if name else "",
        words.number(row.value, unit),
        f"({within})" if within else "",
        row.marker,
    )
    return " ".join(filter(None, parts))


def figures(values: pd.Series) -> list[float | None]:
    """The values as they stand; None, which Plotly leaves out, where there is none."""
    return [None if math.isnan(value) else float(value) for value in values]


def keys(frame: pd.DataFrame) -> list[list[Any]]:
    """Row, category and period of each point of a trace: what a click stands for, and where it is filed.

    The row is the index of the frame, which is the row of the block's file.
    """
    parts = (frame.index.tolist(), frame["category"].tolist(), frame["period"].tolist())
    return [list(each) for each in zip(*parts, strict=True)]


def trace(kind: str, frame: pd.DataFrame, category: str, unit: str, grain: str) -> Figure:
    """One category over time."""
    name = words.name(category)
    return {
        "type": kind,
        "name": escaped.figure(name),
        "meta": category,
        "customdata": keys(frame),
        "x": frame["period"].tolist(),
        "y": figures(frame["value"]),
        # A column stands over its whole period, and a break between two of them.
        "xperiod": f"M{MONTHS[grain]}",
        "xperiodalignment": "middle",
        "hovertext": [hover(name if category != "all" else "", row, unit) for row in rows(frame)],
        "hovertemplate": "%{hovertext}<extra></extra>",
    }


def _column(frame: pd.DataFrame, category: str, unit: str, grain: str, number: int) -> Figure:
    """The columns of one category, of `number` periods shown."""
    widths = column_widths(frame["period"], grain, number)
    return trace("bar", frame, category, unit, grain) | {"width": widths}


def part_name(is_first: bool) -> Figure:
    return {"name": "Provisional", "showlegend": is_first, "legendrank": 2000}


def _band(frame: pd.DataFrame, colour: str, grain: str) -> Figure:
    known = frame[frame["lower"].notna() & frame["upper"].notna()]
    return {
        "type": "scatter",
        "meta": "95% interval",
        "x": [*known["period"], *known["period"][::-1]],
        "y": figures(pd.concat([known["upper"], known["lower"][::-1]])),
        "xperiod": f"M{MONTHS[grain]}",
        "xperiodalignment": "middle",
        "mode": "lines",
        "line": {"width": 0, "color": colour},
        "fill": "toself",
        "fillcolor": colour,
        "opacity": PALE,
        "hoverinfo": "skip",
        "showlegend": False,
    }


def _bar(frame: pd.DataFrame, colour: str) -> Figure:
    above, below = frame["upper"] - frame["value"], frame["value"] - frame["lower"]
    bar = {"type": "data", "array": figures(above), "arrayminus": figures(below), "color": colour}
    return {"error_y": bar | {"thickness": 1.5, "width": 5}}


def pieces(frame: pd.DataFrame, grain: str, breaks: Breaks) -> list[pd.DataFrame]:
    """The rows cut where a rebase or a missing figure parts them: each piece is one line.

    A period with a rebase inside it is neither before nor after, and stands alone.
    """
    cuts = [each.day for each in breaks if each.is_rebase]
    keys: list[tuple[int, bool] | None] = []
    for label, is_missing in zip(frame["period"].tolist(), frame["value"].isna().tolist(), strict=True):
        first, last = _days(label, grain)
        is_cut = any(first < cut <= last for cut in cuts)
        keys.append(None if is_missing else (sum(cut <= first for cut in cuts), is_cut))
    ends = [place for place, key in enumerate(keys) if place and key != keys[place - 1]]
    runs = pairwise([0, *ends, len(keys)])
    return [frame.iloc[first:last] for first, last in runs if first < last and keys[first] is not None]


def _days(label: str, grain: str) -> tuple[date, date]:
    """First and last day of the period."""
    first = date.fromisoformat(label)
    if grain == "rolling_year":
        return first_day(month_number(first) - 11), last_day(month_number(first))
    return first, last_day(month_number(first) + MONTHS[grain] - 1)


def over_time(
    traces: list[Figure], highest: float, unit: str, frame: pd.DataFrame, grain: str, breaks: Breaks
) -> Figure:
    """The figure of series on one line of time, its value axis from zero to a little above `highest`."""
    first, last = ends(frame, grain)
    top = highest * HEADROOM if highest > 0 else 1
    shapes, annotations = _marks(shown_breaks(frame, grain, breaks), first, last)
    return {
        "data": traces,
        "layout": layout(
            HEIGHT,
            hovermode="x unified",
            barmode="stack",
            shapes=shapes,
            annotations=annotations,
            xaxis=date_axis(first, last, grain, MUTED) | SPIKE,
            yaxis={
                "range": [0, top],
                "ticksuffix": "%" if unit == "percent" else "",
                "tickformat": "," if top >= 10 else "",
                "nticks": 6,
                "fixedrange": True,
            },
        ),
    }


def _marks(breaks: list[tuple[str, Break]], first: date, last: date) -> tuple[list[Figure], list[Figure]]:
    """Lines and letters of the breaks: solid where the series starts anew, dotted where it is only marked."""
    shapes: list[Figure] = []
    annotations: list[Figure] = []
    level = 0
    before: date | None = None
    for letter, each in breaks:
        is_close = before is not None and (each.day - before).days < CLOSE * (last - first).days
        level = level + 1 if is_close else 0
        before = each.day
        at, height = each.day.isoformat(), 1 - STEP * level
        dash = "solid" if each.is_rebase else "dot"
        line = {"color": TEXT, "width": 1.2, "dash": dash}
        shapes.append(
            {"type": "line", "x0": at, "x1": at, "yref": "paper", "y0": 0, "y1": height, "line": line}
        )
        annotations.append(
            {
                "x": at,
                "yref": "paper",
                "y": height,
                "yanchor": "top",
                "text": f"<b>{letter}</b>",
                "hovertext": escaped.figure(f"{words.day(each.day)}: {each.title}"),
                "showarrow": False,
                "bgcolor": SURFACE,
                "bordercolor": TEXT,
                "borderpad": 2,
                "font": {"size": 11, "color": TEXT},
            }
        )
    return shapes, annotations

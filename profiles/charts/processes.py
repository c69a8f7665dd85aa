"""Process-behaviour charts: a monthly series with its average, its limits and its signals."""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from profiles import words
from profiles.charts import COLOURS, HEADROOM, MUTED, TEXT, Figure, figures, keys, layout, lines, over_time
from profiles.charts.bars import broken
from profiles.frames import Breaks, rows
from profiles.periods import MONTHS, last_day, month_number
from profiles.stats import Process
from profiles.verdicts import IMPROVING, WORSENING, Series, Verdict

CEILING = {"percent": 100.0}
"""A limit beyond what a figure can be is drawn at its bound; none can be below zero."""

RULES = {
    "outside": "outside the limits",
    "shift": "one of seven or more in a row on one side of the average",
    "trend": "one of seven or more in a row that rise or that fall",
    "near": "one of two in three near the same limit",
}
"""What each rule says of a month that it marks."""

RING = {"size": 15, "line": {"width": 2.5}}
RINGS = {
    "Ended signal": {"size": 11, "line": {"width": 1.25}, "symbol": "circle-open", "color": MUTED},
    "Signal": RING | {"symbol": "circle-open", "color": TEXT},
    "Signal: better": RING | {"symbol": "square-open", "color": COLOURS[1]},
    "Signal: worse": RING | {"symbol": "diamond-open", "color": COLOURS[3]},
}
"""Rings around signals, by their names: small and thin where one has ended; of what holds now one shape and
colour for each verdict."""

PAIR, FOOT = 54, 32
"""Pixels of a row of two that are compared, and of the axis below them."""


def starts(frame: pd.DataFrame, breaks: Breaks, months: int = 1) -> tuple[int, ...]:
    """Places in a frame at which limits begin anew: after a rebase, not after what is only marked.

    A period (of so many months) with a rebase inside it is neither before nor after, and stands alone.
    """
    cuts = [each.day for each in breaks if each.is_rebase]
    found: list[tuple[int, bool]] = []
    for label in frame["period"].tolist():
        first = date.fromisoformat(label)
        last = last_day(month_number(first) + months - 1)
        found.append((sum(cut <= first for cut in cuts), any(first < cut <= last for cut in cuts)))
    return tuple(place for place in range(1, len(found)) if found[place] != found[place - 1])


def settled(frame: pd.DataFrame) -> NDArray[np.float64]:
    """The values that limits are made of; nan for what is provisional, as for what has no figure."""
    values = frame["value"].to_numpy(dtype=float)
    return np.where((frame["marker"] == "[p]").to_numpy(dtype=bool), np.nan, values)


def series_of(
    frame: pd.DataFrame, unit: str, breaks: Breaks, direction: str = "neutral", months: int = 1
) -> Series:
    """The series that a frame by period of so many months holds: what is not settled is left out."""
    values = settled(frame)
    blank = np.isnan(values)
    counts = values if unit == "count" else frame["numerator"].to_numpy(dtype=float)
    sizes = None if unit == "count" else frame["denominator"].to_numpy(dtype=float)
    return Series(
        values,
        np.where(blank, np.nan, counts),
        None if sizes is None else np.where(blank, np.nan, sizes),
        unit,
        starts(frame, breaks, months),
        direction,
        months,
    )


def without_hidden(frame: pd.DataFrame, breaks: Breaks, months: int = 1) -> tuple[pd.DataFrame, bool]:
    """The frame without the figures of stretches that hide a period, and whether the last one does.

    An average of the periods that happen to be published would lie above that of all.
    """
    edges = np.array(starts(frame, breaks, months), dtype=int)
    numbers = np.searchsorted(edges, np.arange(len(frame)), side="right")
    markers = frame["marker"].to_numpy()
    hidden = set(numbers[markers == "[c]"].tolist())
    is_known = ~np.isnan(settled(frame)) | (markers == "[c]")
    is_last = bool(is_known.any()) and int(numbers[is_known][-1]) in hidden
    blank = np.isin(numbers, list(hidden))
    return frame.assign(value=frame["value"].mask(blank)), is_last


def levels(frame: pd.DataFrame, unit: str, breaks: Breaks, found: Process) -> pd.DataFrame:
    """Average and limits of every month as drawn, with the number of its stretch and whether it is on trial.

    The rows are those of the frame. A provisional month has the average and the limits of its stretch,
    which it has no part in.
    """
    places = np.arange(len(frame))
    table = pd.DataFrame(
        {
            "centre": found.centre,
            "lower": np.maximum(found.lower, 0),
            "upper": np.minimum(found.upper, CEILING.get(unit, math.inf)),
            "stretch": np.searchsorted(np.array(starts(frame, breaks), dtype=int), places, side="right"),
            "is_trial": found.is_trial,
        },
        index=frame.index,
    )
    for name in ("centre", "lower", "upper"):
        table[name] = table.groupby("stretch")[name].transform(lambda each: each.ffill().bfill())
    return table


def holding(verdict: Verdict) -> frozenset[int]:
    """Places of the entries that are part of a signal that holds; none where longer points are judged."""
    if verdict.points.entries > 1:
        return frozenset()
    return frozenset(place for each in verdict.holding for place in each.places)


def dated(texts: Sequence[str], now: Iterable[int]) -> list[str]:
    """What is said of each point's signal: that it has ended, except at the places of what holds now."""
    held = frozenset(now)
    return [f"ended: {text}" if text and place not in held else text for place, text in enumerate(texts)]


def reasons(found: Process) -> list[str]:
    """In words, the rules that mark each point; empty where none does."""
    flags = {name: getattr(found, name).tolist() for name in RULES}
    return [
        "; ".join(text for name, text in RULES.items() if flags[name][place])
        for place in range(len(found.centre))
    ]


def process(
    frame: pd.DataFrame,
    unit: str,
    grain: str,
    breaks: Breaks,
    verdict: Verdict,
) -> Figure:
    """The series with its average, its limits and a ring around each signal, by whether it holds now.

    `verdict` is on a series with a place for each row of the frame. Limits are drawn from where the figures
    of a stretch begin to where they end, and broken at each rebase. What is provisional is hollow.
    """
    found = verdict.monthly
    table = levels(frame, unit, breaks, found)
    held = holding(verdict)
    signal = {IMPROVING: "Signal: better", WORSENING: "Signal: worse"}.get(verdict.now, "Signal")
    names = [signal if place in held else "Ended signal" for place in range(len(frame))]
    levels_told = [_level_words(unit, *each) for each in zip(*_columns(table), strict=True)]
    told = dict(zip(frame.index.tolist(), map(_told, levels_told, reasons(found), names), strict=True))
    traces = _limits(frame, table, grain)
    # The interval of a figure is another question than the limits of the series.
    traces += [
        _plain(trace, told)
        for trace in lines(frame, unit, grain, breaks)["data"]
        if trace["meta"] != "95% interval"
    ]
    for name, look in RINGS.items():
        chosen = found.is_signal & np.array([each == name for each in names], dtype=bool)
        if chosen.any():
            traces.append(_rings(frame[chosen], grain, name, look))
    drawn = np.concatenate([frame["value"].to_numpy(dtype=float), table["lower"], table["upper"]])
    lowest, highest = float(np.nanmin(drawn)), float(np.nanmax(drawn))
    figure = over_time(traces, highest, unit, frame, grain, breaks)
    figure["layout"]["yaxis"]["range"] = value_range(lowest, highest)
    return figure


def value_range(lowest: float, highest: float) -> list[float]:
    """Both ends of the value axis: from zero, unless everything lies in its upper half.

    Limits close together would be one line on an axis from zero, and dots need none.
    """
    begins = 0.0
    span = highest - lowest
    if 0 < span < highest / 2:
        step = 10 ** math.floor(math.log10(span))
        begins = max(step * math.floor((lowest - span / 10) / step), 0.0)
    top = begins + (highest - begins) * HEADROOM if highest > 0 else 1.0
    return [begins, top]


def pair(frame: pd.DataFrame, names: Sequence[str], unit: str) -> Figure:
    """The rows of the frame one below the other under `names`, each a dot with its 95% interval."""
    told = rows(frame)
    places = list(range(len(told)))
    above, below = frame["upper"] - frame["value"], frame["value"] - frame["lower"]
    whisker = {"type": "data", "symmetric": False, "array": figures(above), "arrayminus": figures(below)}
    reach = [each for row in told for each in (row.lower, row.upper, row.value) if not math.isnan(each)]
    begins, _ = value_range(min(reach), max(reach))
    return {
        "data": [
            {
                "type": "scatter",
                "mode": "markers",
                "x": figures(frame["value"]),
                "y": places,
                "customdata": keys(frame),
                "marker": {"color": COLOURS[0], "size": 12},
                "error_x": whisker | {"color": TEXT, "thickness": 1.75, "width": 6},
                "hovertext": [
                    f"<b>{broken(name)}</b> {words.number(row.value, unit)} ({words.spread(row, unit)})"
                    for name, row in zip(names, told, strict=True)
                ],
                "hoverinfo": "text",
                "showlegend": False,
            }
        ],
        "layout": layout(
            PAIR * len(told) + 8 + FOOT,
            margin={"l": 0, "r": 24, "t": 8, "b": FOOT},
            xaxis={
                "range": [begins, max(reach) + (max(reach) - begins) / 20],
                "ticksuffix": "%" if unit == "percent" else "",
                "nticks": 5,
                "showgrid": True,
                "zeroline": False,
                "fixedrange": True,
            },
            yaxis={
                "tickvals": places,
                "ticktext": [broken(name) for name in names],
                "tickfont": {"color": TEXT, "size": 13},
                "range": [len(told) - 0.5, -0.5],
                "automargin": True,
                "showgrid": False,
                "zeroline": False,
                "fixedrange": True,
            },
        ),
    }


def level(value: float, unit: str) -> str:
    """An average or a limit, which of counts is no count: one place more where there is room."""
    return words.rounded(value, 1, unit) if unit == "count" and 0 < value < 100 else words.number(value, unit)


def _columns(table: pd.DataFrame) -> Iterator[list[Any]]:
    return (table[name].tolist() for name in ("centre", "lower", "upper", "is_trial"))


def _level_words(unit: str, centre: float, lower: float, upper: float, is_trial: bool) -> str:
    """Average and limits, as far as there are any."""
    if math.isnan(lower):
        return ""
    kind = "trial limits" if is_trial else "limits"
    return f"average {level(centre, unit)}, {kind} {level(lower, unit)} to {level(upper, unit)}"


def _told(levels_told: str, reason: str, name: str) -> str:
    """What follows the figure on hover: average and limits, and which rule marks it."""
    signal = f"<b>{name}</b>: {reason}" if reason else ""
    return "".join(f"<br>{line}" for line in (levels_told, signal) if line)


def _plain(trace: Figure, told: Mapping[int, str]) -> Figure:
    """A trace of the series without intervals, with more to tell on hover."""
    hovertext = [
        f"{text}{told[key[0]]}" for text, key in zip(trace["hovertext"], trace["customdata"], strict=True)
    ]
    kept = {name: each for name, each in trace.items() if name != "error_y"} | {"hovertext": hovertext}
    if "line" in kept:
        kept |= {"line": kept["line"] | {"width": 1.75}, "marker": kept["marker"] | {"size": 6}}
    return kept


def _limits(frame: pd.DataFrame, table: pd.DataFrame, grain: str) -> list[Figure]:
    """Lines of the average and of the limits, for each stretch that has limits; each named once."""
    traces: list[Figure] = []
    named: set[str] = set()
    for _, mine in table.groupby("stretch", sort=True):
        known = frame.loc[mine.index, "value"].notna().to_numpy()
        if math.isnan(mine["lower"].iloc[0]) or not known.any():
            continue
        places = np.flatnonzero(known)
        part = mine.iloc[places[0] : places[-1] + 1]
        is_trial = bool(part["is_trial"].iloc[0])
        ends = "Trial limits" if is_trial else "Limits"
        periods = frame.loc[part.index, "period"].tolist()
        for column, name in (("centre", "Average"), ("upper", ends), ("lower", ends)):
            line = {"color": TEXT, "width": 1.5}
            if column != "centre":
                line = {"color": TEXT, "width": 1.25, "dash": "dot" if is_trial else "dash"}
            traces.append(
                {
                    "type": "scatter",
                    "mode": "lines",
                    "name": name,
                    "meta": name,
                    "x": periods,
                    "y": figures(part[column]),
                    "xperiod": f"M{MONTHS[grain]}",
                    "xperiodalignment": "middle",
                    "line": line,
                    "hoverinfo": "skip",
                    "legendgroup": name,
                    "showlegend": name not in named,
                }
            )
            named.add(name)
    return traces


def _rings(frame: pd.DataFrame, grain: str, name: str, look: Mapping[str, object]) -> Figure:
    """Rings around signals; the dots inside tell of them on hover."""
    return {
        "type": "scatter",
        "mode": "markers",
        "name": name,
        "meta": "signal",
        "x": frame["period"].tolist(),
        "y": figures(frame["value"]),
        "customdata": keys(frame),
        "xperiod": f"M{MONTHS[grain]}",
        "xperiodalignment": "middle",
        "marker": dict(look),
        "hoverinfo": "skip",
        "showlegend": True,
    }

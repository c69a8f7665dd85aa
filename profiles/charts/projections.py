"""Projections: a series carried on with its intervals, and its financial years.

What is projected is dashed and what lies beyond 12 months dotted, its intervals hatched: neither is told
apart by colour alone.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from profiles import words
from profiles.charts import (
    COLOURS,
    HEADROOM,
    HEIGHT,
    PALE,
    SURFACE,
    TEXT,
    Figure,
    figures,
    layout,
    lines,
    over_time,
)
from profiles.frames import Breaks

COUNTED, PART, PROJECTED, BEYOND = "Counted", "Year so far", "Projected", "Projected over 12 months ahead"
SCENARIO, SCENARIO_BEYOND = "Scenario", "Scenario over 12 months ahead"

NEAR = COLOURS[2]
"""Colour of what is projected."""
INTERVALS = (("95", PALE, 8), ("80", 0.3, 5))
"""Each interval with its opacity, and the distance of its hatching in pixels; the wider one lies below."""


def projection(history: pd.DataFrame, ahead: pd.DataFrame, unit: str, breaks: Breaks) -> Figure:
    """The months counted, and those ahead with both intervals.

    `history` is a frame of one category by month. `ahead` has period, value, lower_80, upper_80, lower_95,
    upper_95 and is_extrapolated (bool). Where there is no 80 % interval it is a scenario and its range.
    """
    traces = [
        each | {"name": COUNTED, "showlegend": each.get("showlegend", True)}
        if each["meta"] == "all" and each.get("name") != "Provisional"
        else each
        for each in lines(history, unit, "month", breaks)["data"]
        # The interval of a count that is known is another question than what is to come.
        if each["meta"] != "95% interval"
    ]
    for number, each in enumerate(traces):
        each.pop("error_y", None)
        if each["name"] == COUNTED:
            each["showlegend"] = number == 0
            each |= {"line": each["line"] | {"width": 1.75}, "marker": each["marker"] | {"size": 4}}
    is_scenario = bool(ahead["lower_80"].isna().all())
    called = names(is_scenario)
    for level, opacity, distance in INTERVALS:
        for is_beyond, piece in _pieces(ahead):
            if piece[f"lower_{level}"].notna().any():
                name = "Range" if is_scenario else f"{level}% interval"
                traces.append(_band(piece, level, name, opacity, distance if is_beyond else 0))
    for is_beyond, piece in _pieces(ahead):
        line = {"color": NEAR, "width": 2.5, "dash": "dot" if is_beyond else "dash"}
        own = piece[piece["is_extrapolated"] == is_beyond]
        traces.append(
            {
                "type": "scatter",
                "mode": "lines",
                "name": called[is_beyond],
                "meta": called[is_beyond],
                "x": own["period"].tolist(),
                "y": figures(own["value"]),
                "xperiod": "M1",
                "xperiodalignment": "middle",
                "line": line,
                "hovertext": [_told(called[is_beyond], row, unit) for row in own.to_dict("records")],
                "hovertemplate": "%{hovertext}<extra></extra>",
            }
        )
    drawn = pd.concat([history["value"], ahead["value"], ahead["upper_95"]])
    both = pd.concat([history[["period"]], ahead[["period"]]])
    figure = over_time(traces, float(drawn.max()), unit, both, "month", breaks)
    figure["layout"]["height"] = HEIGHT + 60
    return figure


def names(is_scenario: bool) -> tuple[str, str]:
    """What is to come is called, up to 12 months ahead and beyond."""
    return (SCENARIO, SCENARIO_BEYOND) if is_scenario else (PROJECTED, BEYOND)


def _pieces(ahead: pd.DataFrame) -> Iterator[tuple[bool, pd.DataFrame]]:
    """The months within reach, then those beyond, which begin with the last one within: the two join."""
    is_beyond = ahead["is_extrapolated"].to_numpy(dtype=bool)
    near, beyond = ahead[~is_beyond], ahead[is_beyond]
    if len(near):
        yield False, near
    if len(beyond):
        yield True, pd.concat([near.tail(1), beyond])


def _band(piece: pd.DataFrame, level: str, name: str, opacity: float, distance: int) -> Figure:
    """The interval as an area; with a distance it is hatched."""
    lower, upper = piece[f"lower_{level}"], piece[f"upper_{level}"]
    hatched: Figure = {
        "fillpattern": {"shape": "/", "size": distance, "solidity": 0.25, "fgcolor": NEAR, "bgcolor": SURFACE}
    }
    return {
        "type": "scatter",
        "name": name,
        "meta": name,
        "x": [*piece["period"], *piece["period"][::-1]],
        "y": figures(pd.concat([upper, lower[::-1]])),
        "xperiod": "M1",
        "xperiodalignment": "middle",
        "mode": "lines",
        "line": {"width": 0, "color": NEAR},
        "fill": "toself",
        "fillcolor": NEAR,
        "opacity": min(opacity * 2, 0.6) if distance else opacity,
        **(hatched if distance else {}),
        "hoverinfo": "skip",
        "legendgroup": name,
        "showlegend": not distance,
    }


def _told(name: str, row: Mapping[Any, Any], unit: str) -> str:
    """A projected month on hover: its figure and intervals."""
    limits = [
        f"{level}%: {words.interval(row[f'lower_{level}'], row[f'upper_{level}'], unit)}"
        for level in ("80", "95")
        if row[f"lower_{level}"] == row[f"lower_{level}"]
    ]
    return f"<b>{name}</b> {words.number(row['value'], unit)} ({'; '.join(limits)})"


def projection_title(name: str, ahead: pd.DataFrame, unit: str) -> str:
    """What is projected for the last month that a back-test reaches; or that nothing is."""
    if ahead.empty:
        return f"{name}: nothing can be projected yet"
    row = ahead.iloc[_reached(ahead)]
    is_scenario = pd.isna(row["lower_80"])
    kind = "a scenario of" if is_scenario else "projected"
    spread = "range" if is_scenario else "95% interval"
    value = words.number(row["value"], unit)
    told = f"{kind} {value}" if is_scenario else f"{value} {kind}"
    limits = words.interval(row["lower_95"], row["upper_95"], unit)
    return f"{name}: {told} for {words.period(row['period'], 'month')}, {spread} {limits}"


def projection_sentence(history: pd.DataFrame, ahead: pd.DataFrame, unit: str, reason: str) -> str:
    """The last month counted, the furthest one projected, and why in this way."""
    known = history[history["value"].notna() & (history["marker"] != "[p]")]
    parts = []
    if len(known):
        last = known.iloc[-1]
        parts.append(
            f"The last settled month is {words.period(last['period'], 'month')}, with "
            f"{words.number(last['value'], unit)} counted."
        )
    beyond = ahead[ahead["is_extrapolated"].astype(bool)]
    if len(beyond):
        last = beyond.iloc[-1]
        parts.append(
            f"Beyond {words.period(ahead.iloc[_reached(ahead)]['period'], 'month')} it is an extrapolation, "
            f"which no test reaches: {words.number(last['value'], unit)} in "
            f"{words.period(last['period'], 'month')}, "
            f"{words.interval(last['lower_95'], last['upper_95'], unit)}."
        )
    return " ".join((*parts, reason))


def _reached(ahead: pd.DataFrame) -> int:
    """Place of the last month that is no extrapolation; of the first where all are."""
    return max(int((~ahead["is_extrapolated"].astype(bool)).sum()) - 1, 0)


KINDS: dict[str, tuple[str, Figure]] = {
    "actual": (COUNTED, {"color": COLOURS[0]}),
    "near": (PROJECTED, {"color": SURFACE, "pattern": {"shape": "/", "fgcolor": NEAR, "bgcolor": SURFACE}}),
    "beyond": (BEYOND, {"color": SURFACE, "pattern": {"shape": ".", "fgcolor": NEAR, "bgcolor": SURFACE}}),
    "part_year": (PART, {"color": SURFACE}),
}
"""How a bar of each kind of year is called and filled."""


def years(frame: pd.DataFrame, unit: str, is_scenario: bool = False) -> Figure:
    """A bar a financial year from zero, projections with their interval, the year so far in front.

    `frame` has financial_year, period_type (actual, part_year, projection), value, lower, upper and
    is_extrapolated.
    """
    kinds = frame["period_type"].where(
        frame["period_type"] != "projection", frame["is_extrapolated"].map({True: "beyond", False: "near"})
    )
    traces: list[Figure] = []
    for kind, (name, fill) in KINDS.items():
        mine = frame[kinds == kind]
        if mine.empty:
            continue
        if kind in ("near", "beyond"):
            name = names(is_scenario)[kind == "beyond"]
        outline = COLOURS[0] if kind in ("actual", "part_year") else NEAR
        bar: Figure = {
            "type": "bar",
            "name": name,
            "meta": kind,
            "x": mine["financial_year"].tolist(),
            "y": figures(mine["value"]),
            "width": 0.42 if kind == "part_year" else 0.72,
            "marker": fill | {"line": {"color": outline, "width": 1.75}},
            "hovertext": [
                f"<b>{name}</b> {words.number(value, unit)} ({words.interval(lower, upper, unit)})"
                for value, lower, upper in zip(mine["value"], mine["lower"], mine["upper"], strict=True)
            ],
            "hovertemplate": "%{hovertext}<extra></extra>",
        }
        if kind in ("near", "beyond"):
            above, below = mine["upper"] - mine["value"], mine["value"] - mine["lower"]
            whisker = {"type": "data", "array": figures(above), "arrayminus": figures(below)}
            bar["error_y"] = whisker | {"color": TEXT, "thickness": 1.5, "width": 6}
        traces.append(bar)
    highest = float(pd.concat([frame["value"], frame["upper"]]).max())
    return {
        "data": traces,
        "layout": layout(
            HEIGHT,
            barmode="overlay",
            xaxis={
                "type": "category",
                "categoryorder": "array",
                "categoryarray": sorted(frame["financial_year"].unique()),
                "fixedrange": True,
                "showgrid": False,
            },
            yaxis={
                "range": [0, highest * HEADROOM if highest > 0 else 1],
                "tickformat": ",",
                "nticks": 6,
                "fixedrange": True,
            },
        ),
    }


def years_title(name: str, frame: pd.DataFrame, unit: str, is_scenario: bool = False) -> str:
    """The first whole year projected beside the last one counted."""
    counted = frame[(frame["period_type"] == "actual") & frame["value"].notna()]
    ahead = frame[(frame["period_type"] == "projection") & frame["value"].notna()]
    told = []
    for mine, place, kind in (
        (ahead, 0, "in a scenario for" if is_scenario else "projected for"),
        (counted, -1, "counted in"),
    ):
        if len(mine):
            row = mine.iloc[place]
            told.append(f"{words.number(row['value'], unit)} {kind} {row['financial_year']}")
    return f"{name}: {', '.join(told) or 'no financial year to show'}"


def years_sentence(frame: pd.DataFrame, unit: str, is_scenario: bool = False) -> str:
    """The last year projected with its interval, and the year so far."""
    told = []
    ahead = frame[(frame["period_type"] == "projection") & frame["value"].notna()]
    part = frame[(frame["period_type"] == "part_year") & frame["value"].notna()]
    if len(ahead):
        row = ahead.iloc[-1]
        told.append(
            f"{row['financial_year']} is {'put' if is_scenario else 'projected'} at "
            f"{words.number(row['value'], unit)}, within "
            f"{words.interval(row['lower'], row['upper'], unit)}."
        )
    if len(part):
        row = part.iloc[-1]
        told.append(
            f"{row['financial_year']} so far has {words.number(row['value'], unit)}: a part of a year is "
            "compared with no whole one."
        )
    if len(ahead) == 0:
        told.append("No year is projected.")
    return " ".join(told)

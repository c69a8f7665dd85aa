"""Grids, panels and sparklines: each figure in its place, none joined that must not be, no gap unsaid."""

import json
import math
import re
from datetime import date
from typing import Any
from urllib.parse import unquote

import pandas as pd
import plotly.graph_objects as go
import pytest

from profiles import charts
from profiles.charts import grids, panels
from profiles.charts.date_axis import DAY
from profiles.charts.sparklines import sparkline
from profiles.frames import Break
from tests.test_charts import frame

RULES = Break(date(2024, 4, 1), True, "New rules", "")
EVENT = Break(date(2024, 3, 20), False, "Campaign", "")

MISSING = frame(
    """
    mode         | 2024-02-01 | 5  | 50 | 10 | 4  | 21 |
    mode         | 2024-03-01 | 20 | 50 | 40 | 28 | 54 |
    mode         | 2024-04-01 | 45 | 50 | 90 | 79 | 96 | [p]
    relationship | 2024-02-01 |    |    |    |    |    | [x]
    relationship | 2024-03-01 |    |    |    |    |    | [x]
    relationship | 2024-04-01 | 0  | 50 | 0  | 0  | 7  |
    motive       | 2024-02-01 |    | 0  |    |    |    | [z]
    motive       | 2024-03-01 | 3  | 50 | 6  | 2  | 16 |
    motive       | 2024-04-01 |    |    |    |    |    | [x]
    """
)
MISSING.index = pd.Index(range(10, 19))


def cells(figure: charts.Figure) -> dict[int, float | None]:
    heat = figure["data"][0]
    return {
        key[0]: value
        for keys, values in zip(heat["customdata"], heat["z"], strict=True)
        for key, value in zip(keys, values, strict=True)
    }


def test_every_cell_has_its_value_and_is_filed_under_its_own_index() -> None:
    figure = grids.grid(MISSING, "percent", "month", [RULES])
    drawn = {row: math.nan if value is None else value for row, value in cells(figure).items()}
    assert drawn == pytest.approx(MISSING["value"].to_dict(), nan_ok=True)
    for place, keys in enumerate(figure["data"][0]["customdata"]):
        for column, (row, category, period) in enumerate(keys):
            assert (category, period) == tuple(MISSING.loc[row, ["category", "period"]])
            assert category == ["mode", "relationship", "motive"][place]
            assert period == figure["data"][0]["x"][column]


def test_the_frame_may_come_in_any_order_and_a_period_not_in_it_stays_empty() -> None:
    shuffled = MISSING.drop(index=11).sample(frac=1, random_state=1)
    heat = grids.grid(shuffled, "percent", "month", [])["data"][0]
    place = shuffled["category"].drop_duplicates().tolist().index("mode")
    assert heat["z"][place] == [10, None, 90]
    assert heat["customdata"][place][1] is None


@pytest.mark.parametrize(
    ("grain", "labels", "edges"),
    [
        ("month", ["2024-02-01"], ["2024-02-01", "2024-03-01"]),
        ("quarter", ["2024-01-01", "2024-04-01"], ["2024-01-01", "2024-04-01", "2024-07-01"]),
        ("financial_year", ["2023-04-01", "2024-04-01"], ["2023-04-01", "2024-04-01", "2025-04-01"]),
        ("rolling_year", ["2024-02-01", "2024-03-01"], ["2024-02-01", "2024-03-01", "2024-04-01"]),
    ],
)
def test_a_cell_is_as_wide_as_its_period(grain: str, labels: list[str], edges: list[str]) -> None:
    rows = MISSING.iloc[: len(labels)].assign(period=labels)
    assert grids.grid(rows, "percent", grain, [])["data"][0]["x"] == edges


def test_colours_run_from_zero_to_the_highest_figure() -> None:
    heat = grids.grid(MISSING, "percent", "month", [])["data"][0]
    assert (heat["zmin"], heat["zmax"]) == (0, 90)
    nothing = grids.grid(MISSING.iloc[[3, 4]], "percent", "month", [])["data"][0]
    assert (nothing["zmin"], nothing["zmax"]) == (0, 1)


def test_the_highest_whole_period_of_a_row_is_said_and_framed() -> None:
    layout = grids.grid(MISSING, "percent", "month", [])["layout"]
    said = [each["text"] for each in layout["annotations"]]
    assert said == ["Mode", "highest 40.0%, Mar 2024", "Relationship", "Motive", "highest 6.0%, Mar 2024"]
    assert [(each["x0"], each["x1"], round((each["y0"] + each["y1"]) / 2)) for each in layout["shapes"]] == [
        ("2024-03-01", "2024-04-01", 0),
        ("2024-03-01", "2024-04-01", 2),
    ]


def test_cells_with_a_marker_have_its_pattern_and_say_why_on_hover() -> None:
    figure = grids.grid(MISSING, "percent", "month", [])
    patterns = {
        trace["name"]: list(
            zip(trace["x"], (round(base + 0.25) for base in trace["base"]), trace["width"], strict=True)
        )
        for trace in figure["data"][1:]
    }
    day = DAY
    assert patterns == {
        # Two months as one, February of a leap year and March.
        "[x] not available": [("2024-02-01", 1, 60 * day), ("2024-04-01", 2, 30 * day)],
        "[z] not applicable": [("2024-02-01", 2, 29 * day)],
        "[p] provisional": [("2024-04-01", 0, 30 * day)],
    }
    told = figure["data"][0]["hovertext"]
    assert told[1][0].startswith("<b>Relationship, February 2024</b> [x] not available: the data")
    assert told[0][0] == "<b>Mode, February 2024</b> 10.0% (5 of 50; 95% interval 4.0% to 21.0%)"
    assert told[0][2].endswith(
        "[p] provisional: the period is not over or covered only in part, or its records may still change"
    )


def test_letters_of_breaks_stand_above_the_cells_one_below_the_other_when_close() -> None:
    layout = grids.grid(MISSING, "percent", "month", [EVENT, RULES])["layout"]
    letters = [each for each in layout["annotations"] if each["text"] in {"<b>A</b>", "<b>B</b>"}]
    lines = [each for each in layout["shapes"] if each["type"] == "line"]
    assert [each["y"] for each in letters] == [each["y1"] for each in lines] == [1, 1]
    long = pd.concat([MISSING.iloc[[0]].assign(period=f"{year}-04-01") for year in range(2014, 2024)])
    near = [Break(date(2020, month, 1), False, "", "") for month in (2, 3, 4)]
    layout = grids.grid(long, "percent", "financial_year", near)["layout"]
    high, middle, low = (each["y"] for each in layout["annotations"][:3])
    assert 0 < low < middle < high == 1
    plot = layout["height"] - layout["margin"]["t"] - layout["margin"]["b"]
    first_cell = layout["yaxis"]["range"][1]
    assert (
        plot * (1 - low) + grids.LETTER
        <= plot * (-0.5 - first_cell) / (layout["yaxis"]["range"][0] - first_cell) + 1
    )


ONE = frame(
    """
    Kent | 2021-04-01 | 100 | | 100 | | |
    Kent | 2022-04-01 | 110 | | 110 | | |
    Kent | 2023-04-01 |     | |     | | | [x]
    Kent | 2024-04-01 | 130 | | 130 | | |
    Kent | 2025-04-01 | 140 | | 140 | | |
    """
)
OTHER = frame("England | 2021-04-01 | 9000 | | 9000 | | |\nEngland | 2022-04-01 | 9100 | | 9100 | | |")
OTHER.index = pd.Index([5, 6])


def drawn(figure: charts.Figure) -> dict[int, tuple[str, float]]:
    return {
        row: (trace["yaxis"], value)
        for trace in figure["data"]
        for (row, _, _), value in zip(trace.get("customdata", []), trace["y"], strict=False)
    }


def test_each_series_is_drawn_in_its_panel_on_a_scale_of_its_own_from_zero() -> None:
    figure = panels.panels({"England": OTHER, "Kent": ONE}, "count", "financial_year", [])
    layout = figure["layout"]
    assert drawn(figure) == {
        5: ("y", 9000), 6: ("y", 9100),
        0: ("y2", 100), 1: ("y2", 110), 3: ("y2", 130), 4: ("y2", 140),
    }  # fmt: skip
    assert layout["yaxis"]["range"] == [0, pytest.approx(9100 * charts.HEADROOM)]
    assert layout["yaxis2"]["range"] == [0, pytest.approx(140 * charts.HEADROOM)]
    assert layout["xaxis"]["anchor"] == "y2"
    assert layout["xaxis"]["range"] == ["2021-04-01", "2026-04-01"]
    (low, _), (_, high) = layout["yaxis"]["domain"], layout["yaxis2"]["domain"]
    assert 0 <= high < low < 1
    assert [each["text"] for each in layout["annotations"]] == ["<b>England</b>", "<b>Kent</b>"]


def test_panels_join_nothing_across_a_rebase_or_a_gap() -> None:
    cut = Break(date(2025, 4, 1), True, "rules", "")
    pieces = [trace["x"] for trace in panels.panels({"Kent": ONE}, "count", "financial_year", [cut])["data"]]
    assert pieces == [["2021-04-01", "2022-04-01"], ["2024-04-01"], ["2025-04-01"]]


def test_a_point_without_an_interval_has_no_bar_and_one_with_keeps_it() -> None:
    alone = panels.panels({"Kent": ONE.iloc[:1]}, "count", "financial_year", [])["data"]
    assert [("error_y" in trace, trace["marker"]["size"]) for trace in alone] == [(False, 8)]
    known = ONE.iloc[:1].assign(lower=81.4, upper=121.6)
    (trace,) = panels.panels({"Kent": known}, "count", "financial_year", [])["data"]
    assert trace["error_y"]["array"] == [pytest.approx(21.6)]


def test_a_panel_without_a_figure_says_why_in_its_place() -> None:
    nothing = OTHER.assign(value=math.nan, marker="[x]")
    layout = panels.panels({"Kent": ONE, "England": nothing}, "count", "financial_year", [])["layout"]
    texts = [(each["yref"], each["text"].replace("<br>", " ")) for each in layout["annotations"]]
    assert texts[1] == ("y2 domain", "<b>England</b>")
    assert texts[2][0] == "y2 domain"
    assert texts[2][1].startswith("[x] not available: the data do not carry it")


def test_a_series_is_named_once_in_the_legend_of_all_panels() -> None:
    two = pd.concat([ONE, ONE.assign(category="Other")])
    figure = panels.panels({"a": two, "b": two}, "count", "financial_year", [])
    assert [trace["name"] for trace in figure["data"] if trace["showlegend"]] == ["Kent", "Other"]


@pytest.mark.parametrize(
    "figure",
    [
        grids.grid(MISSING, "percent", "month", [RULES, EVENT]),
        grids.grid(MISSING.iloc[:1], "percent", "month", []),
        grids.grid(MISSING.iloc[[3]], "percent", "month", []),
        panels.panels({"England": OTHER, "Kent": ONE}, "count", "financial_year", [RULES]),
        panels.panels({"Kent": ONE.iloc[[2]]}, "count", "financial_year", []),
    ],
)
def test_plotly_knows_everything_grids_and_panels_say(figure: charts.Figure) -> None:
    go.Figure(figure)
    json.dumps(figure, allow_nan=False)


def test_a_hostile_name_is_text_in_grids_and_panels() -> None:
    hostile = "<a href='javascript:alert(1)'>x</a>"
    rows = MISSING.assign(category=hostile).iloc[:3]
    for figure in (
        grids.grid(rows, "percent", "month", []),
        panels.panels({hostile: rows}, "percent", "month", []),
    ):
        shown = [
            {key: each for key, each in trace.items() if key not in {"customdata", "meta"}}
            for trace in figure["data"]
        ]
        assert "<a href" not in json.dumps([shown, figure["layout"]])
        assert "&lt;a href" in json.dumps([shown, figure["layout"]])


def drawing(*told: Any) -> str:
    """The drawing inside a sparkline."""
    found = re.search(r"mask: url\('data:image/svg\+xml,([^']*)'\)", sparkline(*told))
    assert found
    return unquote(found[1])


def lines(svg: str) -> list[list[list[float]]]:
    found = re.findall(r'<polyline points="([^"]*)"', svg)
    return [
        [list(pair) for pair in zip(*[iter(map(float, points.split()))] * 2, strict=True)] for points in found
    ]


def dots(svg: str) -> list[tuple[float, float, str]]:
    found = re.findall(r'<circle cx="([\d.]+)" cy="([\d.]+)" r="[\d.]+" fill="([^"]*)"', svg)
    return [(float(x), float(y), fill) for x, y, fill in found]


def test_a_sparkline_runs_from_zero_with_a_dot_on_the_last_whole_period_and_a_hollow_part() -> None:
    svg = drawing([0, 5, 10, 5], ["", "", "", "[p]"], "x")
    assert lines(svg) == [[[4, 28], [41.3, 16], [78.7, 4]]]
    assert dots(svg) == [(78.7, 4, "#000"), (116, 16, "none")]


def test_a_sparkline_has_a_gap_where_there_is_no_figure_and_where_the_series_starts_anew() -> None:
    svg = drawing([1, 2, math.nan, 3, 3, 3], ["", "", "[x]", "", "", ""], "x", [4])
    assert [len(piece) for piece in lines(svg)] == [2, 2]
    # A point that stands alone, and the last one.
    assert [x for x, *_ in dots(svg)] == [71.2, 116]


@pytest.mark.parametrize(
    ("values", "markers"), [([], []), ([math.nan], ["[x]"]), ([0.0], [""]), ([7.0], ["[p]"])]
)
def test_a_sparkline_of_hardly_anything_is_still_drawn(values: list[float], markers: list[str]) -> None:
    svg = drawing(values, markers, "x")
    assert svg.startswith("<svg")
    assert svg.endswith("</svg>")
    assert len(dots(svg)) >= sum(not math.isnan(value) for value in values)


def test_a_sparkline_is_an_image_with_words_in_the_colour_of_the_text() -> None:
    shown = sparkline([1, 2], ["", ""], 'a "b" <script>')
    assert 'role="img" aria-label="a &quot;b&quot; &lt;script&gt;"' in shown
    assert "background: currentColor" in shown
    assert shown.count("<") == 2

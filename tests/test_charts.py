"""Charts: what is drawn is what the frame holds, and what must not be joined, hidden or run is not."""

import json
import math
import tomllib
from datetime import date
from typing import Any

import pandas as pd
import plotly.graph_objects as go
import pytest
from afcharts.af_colours import get_af_colours

from profiles import charts, warehouse
from profiles.charts import claims, mixes
from profiles.charts.date_axis import DAY
from profiles.frames import Break

RULES = Break(date(2024, 4, 1), True, "New rules", "Not comparable before")
EVENT = Break(date(2024, 3, 1), False, "Campaign", "")


def frame(text: str) -> pd.DataFrame:
    """A measure's frame from lines of its eight columns."""
    names = ["category", "period", "numerator", "denominator", "value", "lower", "upper", "marker"]
    rows = [[cell.strip() for cell in line.split("|")] for line in text.strip().splitlines()]
    found = pd.DataFrame(rows, columns=names)
    for name in names[2:7]:
        found[name] = pd.to_numeric(found[name]).astype(float)
    return found


COUNTS = frame(
    """
    principal     | 2024-02-01 | 10 | | 10 | 4.8 | 18.4 |
    principal     | 2024-03-01 | 12 | | 12 | 6.2 | 21.0 |
    principal     | 2024-04-01 | 20 | | 20 | 12.2 | 30.9 |
    principal     | 2024-05-01 | 3  | | 3  | 0.6 | 8.8 | [p]
    included_only | 2024-02-01 | 2  | | 2  | 0.2 | 7.2 |
    included_only | 2024-03-01 | 0  | | 0  | 0 | 3.7 |
    included_only | 2024-04-01 | 5  | | 5  | 1.6 | 11.7 |
    included_only | 2024-05-01 | 1  | | 1  | 0.0 | 5.6 | [p]
    """
)

SHARES = frame(
    """
    all | 2024-01-01 | 5  | 10 | 50  | 23.7 | 76.3 |
    all | 2024-02-01 | 6  | 10 | 60  | 31.3 | 83.2 |
    all | 2024-03-01 |    | 0  |     |      |      | [z]
    all | 2024-04-01 | 2  | 10 | 20  | 5.7  | 51.0 |
    all | 2024-05-01 | 3  | 10 | 30  | 10.8 | 60.3 |
    all | 2024-06-01 | 1  | 4  | 25  | 4.6  | 69.9 | [p]
    """
)


def drawn(figure: charts.Figure) -> list[dict[str, Any]]:
    """Traces that stand for rows of the frame."""
    return [trace for trace in figure["data"] if trace.get("meta") not in {None, "95% interval"}]


def points(figure: charts.Figure) -> dict[tuple[str, str], float]:
    """What is drawn, by category and period."""
    return {
        (trace["meta"], period): value
        for trace in drawn(figure)
        for period, value in zip(trace["x"], trace["y"], strict=True)
    }


def in_frame(rows: pd.DataFrame) -> dict[tuple[str, str], float]:
    known = rows[rows["value"].notna()]
    return {(a, b): c for a, b, c in zip(known["category"], known["period"], known["value"], strict=True)}


@pytest.mark.parametrize(
    ("draw", "rows"), [(charts.columns, COUNTS), (charts.lines, COUNTS), (charts.lines, SHARES)]
)
def test_a_chart_draws_every_figure_of_its_frame_and_no_other(draw: Any, rows: pd.DataFrame) -> None:
    assert points(draw(rows, "count", "month", [RULES, EVENT])) == in_frame(rows)


@pytest.mark.parametrize("draw", [charts.columns, charts.lines])
def test_a_part_month_is_hollow_and_stands_alone(draw: Any) -> None:
    parts = [trace for trace in drawn(draw(COUNTS, "count", "month", [])) if "2024-05-01" in trace["x"]]
    assert len(parts) == 2
    for trace in parts:
        assert trace["x"] == ["2024-05-01"]
        assert trace["marker"]["color"] == charts.SURFACE
        assert "lines" not in trace.get("mode", "")
    assert [trace["showlegend"] for trace in parts] == [True, False]


def test_no_line_runs_across_a_rebase_or_a_missing_figure_but_across_an_event() -> None:
    lines = [
        trace["x"]
        for trace in drawn(charts.lines(SHARES, "percent", "month", [RULES]))
        if "lines" in trace["mode"]
    ]
    assert lines == [["2024-01-01", "2024-02-01"], ["2024-04-01", "2024-05-01"]]
    whole = SHARES.assign(value=50.0, marker="")
    event = charts.lines(whole, "percent", "month", [EVENT])
    assert [len(trace["x"]) for trace in drawn(event)] == [6]


def test_a_point_that_stands_alone_shows_its_interval() -> None:
    one = SHARES.iloc[:1]
    (trace,) = drawn(charts.lines(one, "percent", "month", []))
    assert trace["error_y"]["array"] == [pytest.approx(76.3 - 50)]
    assert trace["error_y"]["arrayminus"] == [pytest.approx(50 - 23.7)]


def test_the_band_of_a_line_is_its_interval() -> None:
    band = next(
        trace
        for trace in charts.lines(SHARES, "percent", "month", [])["data"]
        if trace["meta"] == "95% interval"
    )
    assert band["x"] == ["2024-01-01", "2024-02-01", "2024-02-01", "2024-01-01"]
    assert band["y"] == [76.3, 83.2, 31.3, 23.7]


def test_breaks_stand_between_the_periods_they_part_with_letters_one_below_the_other_when_close() -> None:
    figure = charts.columns(
        COUNTS, "count", "month", [EVENT, RULES, Break(date(2019, 1, 1), True, "Old", "")]
    )
    shapes, letters = figure["layout"]["shapes"], figure["layout"]["annotations"]
    assert [(shape["x0"], shape["line"]["dash"]) for shape in shapes] == [
        ("2024-03-01", "dot"),
        ("2024-04-01", "solid"),
    ]
    assert [letter["text"] for letter in letters] == ["<b>A</b>", "<b>B</b>"]
    assert letters[0]["y"] == letters[1]["y"] == 1
    long = COUNTS.assign(period=[f"{year}-04-01" for year in (2016, 2017, 2018, 2024) * 2])
    near = charts.columns(
        long,
        "count",
        "financial_year",
        [Break(date(2020, 3, 23), False, "a", ""), Break(date(2020, 4, 1), True, "b", "")],
    )
    high, low = (letter["y"] for letter in near["layout"]["annotations"])
    assert low < high == 1


def test_hover_tells_value_base_interval_and_marker() -> None:
    trace = drawn(charts.lines(SHARES, "percent", "month", []))[-1]
    assert trace["hovertext"] == ["25.0% (1 of 4; 95% interval 4.6% to 69.9%) [p]"]


def test_a_hostile_name_is_shown_not_run() -> None:
    rows = COUNTS.replace({"category": {"principal": "<a href='javascript:alert(1)'>x</a>"}})
    figure = charts.columns(rows, "count", "month", [Break(date(2024, 4, 1), True, "<b onclick=1>", "")])
    text = json.dumps(
        [{k: v for k, v in trace.items() if k not in {"meta", "customdata"}} for trace in figure["data"]]
    )
    assert "<a href" not in text
    assert "<b onclick" not in figure["layout"]["annotations"][0]["hovertext"]


def test_few_periods_do_not_make_broad_columns() -> None:
    three, one = (
        charts.columns(COUNTS[COUNTS["period"] <= last], "count", "month", [])["data"][0]["width"][0]
        for last in ("2024-04-01", "2024-02-01")
    )
    assert 0 < one < three < 15 * DAY


def test_shares_draw_share_recorded_and_not_recorded_and_leave_out_what_is_missing() -> None:
    shown = frame("online | all | 30 | 100 | 30 | 21.9 | 39.6 |\nstranger | all | | | | | | [x]")
    recorded = frame("online | all | 90 | 100 | 90 | 82.6 | 94.5 |\nstranger | all | | | | | | [x]")
    whole, _, known, share = mixes.shares(shown, recorded)["data"]
    assert (whole["x"], known["x"], share["x"]) == ([100.0, None], [90.0, None], [30.0, None])
    assert whole["marker"]["pattern"]["shape"] == "/"
    assert share["error_x"]["array"] == [pytest.approx(9.6), None]


def test_the_overlap_has_a_bar_and_its_dots_for_every_combination() -> None:
    names = ["domestic only", "online + domestic", "none of these", "not recorded"]
    rows = frame(
        "\n".join(
            f"{name} | all | {n} | | {n} | 1 | 9 |" for name, n in zip(names, (5, 3, 2, 1), strict=True)
        )
    )
    figure = mixes.overlap(rows.assign(share=[45.5, 27.3, 18.2, 9.1]), ("online", "domestic", "stranger"))
    bars = {trace["meta"]: trace for trace in figure["data"] if trace["type"] == "bar"}
    assert {name: bar["x"] for name, bar in bars.items()} == dict(
        zip(names, ([5], [3], [2], [1]), strict=True)
    )
    dots = next(trace for trace in figure["data"] if trace.get("mode") == "markers")
    filled = [
        (x, y)
        for x, y, c in zip(dots["x"], dots["y"], dots["marker"]["color"], strict=True)
        if c != charts.SURFACE
    ]
    assert filled == [(1, 0), (0, 1), (1, 1)]
    words = next(trace for trace in figure["data"] if trace.get("mode") == "text")
    assert words["text"] == ["None of these", "Not recorded"]
    assert "pattern" in bars["not recorded"]["marker"]
    assert "pattern" not in bars["none of these"]["marker"]


def test_a_combination_that_is_withheld_stands_with_its_marker() -> None:
    shown = frame("domestic only | all | 5 | | 5 | 1 | 9 |\nonline + domestic | all | | | | | | [c]")
    shown = shown.assign(share=[50.0, math.nan])
    figure = mixes.overlap(shown, ("online", "domestic", "stranger"))
    (marker,) = (each for each in figure["data"] if each.get("xaxis") == "x2" and each.get("mode") == "text")
    assert (marker["y"], marker["text"]) == ([1], ["\N{NO-BREAK SPACE}[c]"])
    assert claims.mix(shown) == "Domestic only 5 (50.0%). No figure for online + domestic [c]."


@pytest.mark.parametrize(
    "figure",
    [
        charts.columns(COUNTS, "count", "month", [RULES]),
        charts.lines(SHARES, "percent", "month", [EVENT]),
        charts.lines(COUNTS, "count", "month", []),
    ],
)
def test_plotly_knows_everything_a_figure_says(figure: charts.Figure) -> None:
    go.Figure(figure)
    assert not any(
        isinstance(value, float) and math.isnan(value) for trace in figure["data"] for value in trace["y"]
    )


THEME = tomllib.loads((warehouse.SQL.parent / ".streamlit/config.toml").read_text(encoding="utf-8"))["theme"]


def luminance(colour: str) -> float:
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("name", ["light", "dark"])
def test_the_colours_of_each_theme_stand_out_from_its_background(name: str) -> None:
    theme = THEME[name]
    for colour in (*theme["chartCategoricalColors"], theme["primaryColor"]):
        light, dark = sorted((luminance(colour), luminance(theme["backgroundColor"])), reverse=True)
        assert (light + 0.05) / (dark + 0.05) >= 3, colour


def test_the_light_theme_has_the_government_palette() -> None:
    palette = [colour.lower() for colour in get_af_colours("categorical", number_of_colours=6)]
    assert THEME["light"]["chartCategoricalColors"] == palette

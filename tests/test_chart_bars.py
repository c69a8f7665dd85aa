"""Bars: every row of the frame stands in the figure, with its figure or with its marker."""

import json
import math
import re
from dataclasses import replace

import pandas as pd
import plotly.graph_objects as go
import pytest

from profiles import charts
from profiles.charts import bars, stacks
from profiles.frames import Row
from tests.test_charts import THEME, frame, luminance

RATES = frame(
    """
    Thanet       | 2024-04-01 | 440 | 141922 | 3.10 | 2.82 | 3.40 |
    Dover        | 2024-04-01 | 362 | 118131 | 3.06 | 2.76 | 3.40 |
    Bexley       | 2024-04-01 | 0   | 0      |      |      |      | [z]
    not recorded | 2024-04-01 | 12  | 9000   | 1.33 | 0.69 | 2.33 |
    """
)
RATES.index = pd.Index([7, 3, 11, 20])
HIDDEN = frame(
    """
    Threats to kill                                       | all | 30 | | 30 | 20.2 | 42.8 |
    Wounding or assault with intent to cause serious harm | all | 20 | | 20 | 12.2 | 30.9 | [p]
    Rape                                                  | all |    | |    |      |      | [c]
    not recorded                                          | all | 5  | | 5  | 1.6  | 11.7 |
    Burglary                                              | all | 1  | | 1  | 0.0  | 5.6  |
    """
)
WHOLE = Row("Kent", "2024-04-01", 802, 260053, 3.08, 2.87, 3.30, "")


def points(figure: charts.Figure, axis: str = "x") -> dict[int, float | None]:
    """What is drawn for each row of the frame."""
    return {
        row: value
        for trace in figure["data"]
        if "customdata" in trace
        for (row, _, _), value in zip(trace["customdata"], trace[axis], strict=True)
    }


def words_of(figure: charts.Figure) -> dict[str, str]:
    """Words behind the bars, and what they tell on hover."""
    return {
        text.strip(): told
        for trace in figure["data"]
        if trace.get("mode") == "text"
        for text, told in zip(trace["text"], trace["hovertext"], strict=True)
    }


def texts(figure: charts.Figure) -> list[str]:
    """Names beside or above the bars, without their markup."""
    layout = figure["layout"]
    found = [*layout["yaxis"]["ticktext"], *(each["text"] for each in layout["annotations"])]
    return [re.sub("<br>", " ", text) for text in found]


@pytest.mark.parametrize(("rows", "unit"), [(RATES, "per_1000"), (HIDDEN, "count")])
def test_every_row_is_drawn_at_its_value_and_filed_under_its_own_index(rows: pd.DataFrame, unit: str) -> None:
    figure = bars.ranked(rows, unit)
    drawn = points(figure)
    assert {row: value for row, value in drawn.items() if value is not None} == rows[
        "value"
    ].dropna().to_dict()
    assert set(drawn) == set(rows.index)
    for trace in figure["data"]:
        for row, category, period in trace.get("customdata", []):
            assert (category, period) == tuple(rows.loc[row, ["category", "period"]])


def test_bars_begin_at_zero_and_leave_room_for_every_interval() -> None:
    low, high = bars.ranked(RATES, "per_1000")["layout"]["xaxis"]["range"]
    assert (low, high) == (0, 3.40)
    assert bars.ranked(RATES, "per_1000", replace(WHOLE, value=9.0))["layout"]["xaxis"]["range"] == [0, 9.0]
    nothing = RATES.assign(value=math.nan, lower=math.nan, upper=math.nan, marker="[x]")
    assert bars.ranked(nothing, "per_1000")["layout"]["xaxis"]["range"] == [0, 1]


@pytest.mark.parametrize(("rows", "unit"), [(RATES, "per_1000"), (HIDDEN, "count")])
def test_intervals_reach_from_the_lower_to_the_upper_limit(rows: pd.DataFrame, unit: str) -> None:
    reach: dict[float, list[float]] = {}
    for trace in bars.ranked(rows, unit)["data"]:
        error = trace.get("error_x", {"array": [], "arrayminus": []})
        for value, above, below in zip(trace["x"], error["array"], error["arrayminus"], strict=False):
            if value is not None:
                low, high = reach.get(value, [value, value])
                reach[value] = [min(low, value - below), max(high, value + above)]
    known = rows[rows["value"].notna()]
    assert reach == {
        row.value: [pytest.approx(row.lower), pytest.approx(row.upper)] for row in known.itertuples()
    }


def test_a_row_without_a_figure_stands_with_its_marker_and_says_why() -> None:
    told = words_of(bars.ranked(RATES, "per_1000"))
    assert told["[z]"] == "<b>Bexley</b> [z] not applicable: there is nothing to divide by"
    assert told["3.10"] == ""
    assert "Bexley" in texts(bars.ranked(RATES, "per_1000"))
    assert {"30", "20 [p]", "[c]", "5", "1"} == set(words_of(bars.ranked(HIDDEN, "count")))


def test_shares_of_the_whole_stand_beside_the_counts_that_have_one() -> None:
    told = words_of(bars.ranked(HIDDEN.assign(share=[53.6, 35.7, math.nan, 8.9, 1.8]), "count"))
    assert {"30 · 53.6%", "20 · 35.7% [p]", "[c]"} <= set(told)


def test_not_recorded_is_a_pattern_and_nothing_else_is() -> None:
    for rows, unit in ((RATES, "per_1000"), (HIDDEN, "count")):
        hatched = {
            category
            for trace in bars.ranked(rows, unit)["data"]
            if trace["type"] == "bar" and "pattern" in trace["marker"]
            for _, category, _ in trace["customdata"]
        }
        assert hatched == {"not recorded"}


def test_long_names_stand_above_their_bars_whole_and_short_ones_beside_them() -> None:
    long, short = bars.ranked(HIDDEN, "count"), bars.ranked(RATES, "per_1000")
    assert "Wounding or assault with intent to cause serious harm" in texts(long)
    assert long["layout"]["yaxis"]["ticktext"] == []
    assert short["layout"]["yaxis"]["ticktext"] == ["Thanet", "Dover", "Bexley", "Not recorded"]
    assert short["layout"]["annotations"] == []


def test_no_line_of_a_name_is_wider_than_a_phone() -> None:
    names = ["Local Policing Team Tonbridge and Malling " * 3, "x" * 200, "Dover"]
    rows = pd.concat([HIDDEN.iloc[[0]].assign(category=name) for name in names])
    for text in (each["text"] for each in bars.ranked(rows, "count")["layout"]["annotations"]):
        assert max(map(len, text.split("<br>"))) <= bars.ABOVE


def test_the_height_grows_with_the_rows_and_with_the_lines_of_their_names() -> None:
    heights = [bars.ranked(RATES.iloc[:count], "per_1000")["layout"]["height"] for count in (1, 2, 3)]
    assert heights[1] - heights[0] == heights[2] - heights[1] > 20
    # One row leaves room for the axis below it.
    assert heights[0] - (heights[1] - heights[0]) >= bars.FOOT
    named = bars.ranked(HIDDEN.iloc[:3], "count")["layout"]["height"]
    assert named > bars.ranked(HIDDEN.iloc[2:5], "count")["layout"]["height"]


def test_the_whole_is_a_line_across_that_says_its_figure() -> None:
    layout = bars.ranked(RATES, "per_1000", WHOLE)["layout"]
    (line,), (words,) = layout["shapes"], layout["annotations"]
    assert (line["x0"], line["x1"]) == (3.08, 3.08)
    assert words["text"] == "Kent <b>3.08</b>"
    assert "802 of 260,053; 95% interval 2.87 to 3.30" in words["hovertext"]
    assert bars.ranked(RATES, "per_1000", replace(WHOLE, value=math.nan))["layout"]["shapes"] == []


def test_figures_stand_in_a_column_where_a_line_would_run_through_them() -> None:
    (column,) = {
        x
        for trace in bars.ranked(RATES, "per_1000", WHOLE)["data"]
        if trace.get("mode") == "text"
        for x in trace["x"]
    }
    assert column == 3.40


def test_the_first_rows_are_drawn_with_not_recorded_and_the_number_of_the_others() -> None:
    figure = bars.ranked(HIDDEN, "count", top=2)
    assert set(points(figure)) == {0, 1, 3}
    assert "2 more in the table" in texts(figure)
    assert not any("more in the table" in text for text in texts(bars.ranked(HIDDEN, "count", top=5)))


CROSSED = frame(
    """
    online       | all | 19 | | 19 | 11 | 30 |
    offline      | all | 61 | | 61 | 47 | 78 |
    not recorded | all | 20 | | 20 | 12 | 31 |
    online       | all |    | |    |    |    | [c]
    offline      | all | 9  | | 9  | 4  | 17 |
    not recorded | all | 7  | | 7  | 3  | 14 |
    online       | all | 0  | | 0  | 0  | 4  |
    offline      | all | 0  | | 0  | 0  | 4  |
    not recorded | all | 0  | | 0  | 0  | 4  |
    """
).assign(within=["ex-partner"] * 3 + ["stranger"] * 3 + ["family"] * 3)


@pytest.mark.parametrize("of_row", [True, False])
def test_a_crossed_bar_is_made_of_the_counts_of_its_rows(of_row: bool) -> None:
    figure = stacks.crossed(CROSSED, of_row=of_row)
    drawn = {row: value for row, value in points(figure).items() if value is not None}
    assert drawn == CROSSED["value"].dropna().to_dict()
    for trace in figure["data"][:3]:
        assert trace["y"] == [0, 1, 2]
    assert figure["layout"].get("barnorm") == ("percent" if of_row else None)


def test_shares_stand_inside_and_totals_beside_the_names() -> None:
    figure = stacks.crossed(CROSSED)
    assert [trace["text"] for trace in figure["data"][:3]] == [
        ["19%", "", ""],
        ["61%", "", ""],
        ["20%", "", ""],
    ]
    assert figure["layout"]["uniformtext"] == {"mode": "hide", "minsize": 12}
    assert figure["layout"]["yaxis"]["ticktext"] == [
        "Ex-partner<br><b>100</b>",
        "Stranger<br><b>16</b> or more",
        "Family<br><b>0</b>",
    ]
    assert figure["data"][1]["hovertext"][0].endswith("61 (95% interval 47.0 to 78.0); 61.0% of ex-partner")


def test_a_hidden_part_has_its_marker_behind_the_bar_and_leaves_no_share_to_guess_it_from() -> None:
    figure = stacks.crossed(CROSSED)
    assert words_of(figure)["[c]"].startswith("<b>Online</b> [c] confidential")
    for trace in figure["data"][:3]:
        assert trace["text"][1] == ""
        assert "%" not in trace["hovertext"][1].replace("95%", "")
    none = CROSSED.assign(value=math.nan, marker="[x]")
    hidden = stacks.crossed(none)
    assert set(words_of(hidden)) == {"[x]"}
    assert hidden["layout"]["yaxis"]["ticktext"] == ["Ex-partner<br>", "Stranger<br>", "Family<br>"]


def test_not_recorded_takes_no_colour_from_the_others() -> None:
    first = CROSSED.iloc[[2, 0, 1]]
    markers = [trace["marker"] for trace in stacks.crossed(first)["data"]]
    assert markers[0]["pattern"]["shape"] == "/"
    assert [marker["color"] for marker in markers[1:]] == list(charts.COLOURS[:2])


@pytest.mark.parametrize("name", ["light", "dark"])
def test_words_inside_a_bar_stand_out_from_its_colour(name: str) -> None:
    theme = THEME[name]
    for colour, ink in zip(theme["chartCategoricalColors"][:4], stacks.ON_COLOUR, strict=True):
        shown = theme["backgroundColor"] if ink == charts.SURFACE else ink
        light, dark = sorted((luminance(colour), luminance(shown)), reverse=True)
        assert (light + 0.05) / (dark + 0.05) >= 4.5, (colour, shown)


FIGURES = [
    bars.ranked(HIDDEN, "count", top=2),
    bars.ranked(RATES, "per_1000", WHOLE),
    bars.ranked(RATES.iloc[:1], "per_1000"),
    stacks.crossed(CROSSED),
    stacks.crossed(CROSSED, of_row=False),
]


@pytest.mark.parametrize("figure", FIGURES)
def test_plotly_knows_everything_bars_say(figure: charts.Figure) -> None:
    go.Figure(figure)
    json.dumps(figure, allow_nan=False)


def test_a_hostile_name_is_text_in_bars() -> None:
    hostile = "<a href='javascript:alert(1)'>x</a>"
    rows = HIDDEN.assign(category=[hostile, *HIDDEN["category"][1:]])
    named = CROSSED.assign(within=hostile, category=CROSSED["category"].replace("online", hostile))
    for figure in (bars.ranked(rows, "count"), bars.ranked(rows.iloc[:1], "count"), stacks.crossed(named)):
        shown = [
            {key: each for key, each in trace.items() if key != "customdata"} for trace in figure["data"]
        ]
        assert "<a href" not in json.dumps([shown, figure["layout"]])
        assert "&lt;a href" in json.dumps([shown, figure["layout"]])

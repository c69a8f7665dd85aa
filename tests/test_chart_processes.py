"""Control charts and funnels: what is drawn, what is marked, and what the sentences say of chance."""

import json
import math
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import pytest

from profiles import charts, stats
from profiles.charts import comparisons, funnels, processes, signals
from profiles.frames import Break
from profiles.periods import first_day, month_number
from profiles.verdicts import Signal, found, judge

RULES = Break(date(2025, 3, 1), True, "New rules", "Not comparable before")
WITHIN = Break(date(2025, 3, 15), True, "New rules", "Not comparable before")
EVENT = Break(date(2025, 3, 1), False, "Campaign", "")
STEADY = [10.0, 12.0, 10.0, 12.0, 10.0, 12.0, 10.0, 12.0, 10.0, 12.0, 10.0, 12.0, 10.0, 12.0]
"""Average 11 and moving ranges of 2: limits at 11 ± 5.32."""
WILD = [*STEADY[:13], 20.0]
SHIFTED = [10.0, 14.0, 9.0, 13.0, 10.0, 14.0, 9.0, 12.5, 13.0, 12.5, 13.0, 12.5, 13.0, 12.5]


def monthly(values: list[float], *, parts: int = 0, lacking: tuple[int, ...] = ()) -> pd.DataFrame:
    """A measure's frame by month from January 2024; the last `parts` are provisional, numbered from 100."""
    start = month_number(date(2024, 1, 1))
    value = [math.nan if place in lacking else each for place, each in enumerate(values)]
    whole = len(values) - parts
    return pd.DataFrame(
        {
            "category": "all",
            "period": [first_day(start + place).isoformat() for place in range(len(values))],
            "numerator": value,
            "denominator": math.nan,
            "value": value,
            "lower": math.nan,
            "upper": math.nan,
            "marker": ["[z]" if place in lacking else "" for place in range(whole)] + ["[p]"] * parts,
        },
        index=range(100, 100 + len(values)),
    )


def chart(frame: pd.DataFrame, *breaks: Break) -> stats.Process:
    return stats.xmr(processes.settled(frame), processes.starts(frame, breaks))


def signals_of(frame: pd.DataFrame, *breaks: Break) -> list[Signal]:
    series = processes.series_of(frame, "count", breaks)
    return found(series.values, chart(frame, *breaks), series.stretches)


def drawn(
    frame: pd.DataFrame, *breaks: Break, unit: str = "count", direction: str = "neutral"
) -> charts.Figure:
    verdict = judge(processes.series_of(frame, unit, breaks, direction))
    return processes.process(frame, unit, "month", breaks, verdict)


def named(figure: charts.Figure, name: str) -> list[dict[str, Any]]:
    return [trace for trace in figure["data"] if trace["name"] == name]


def said(frame: pd.DataFrame, *breaks: Break, unit: str = "count") -> tuple[str, str]:
    verdict = judge(processes.series_of(frame, unit, breaks))
    return (
        signals.process_title(frame, unit, verdict, "Referrals"),
        signals.process_sentence(frame, unit, verdict),
    )


# --- control charts ---


@pytest.mark.parametrize("frame", [monthly(STEADY), monthly(WILD, parts=2), monthly(WILD, lacking=(4,))])
def test_a_control_chart_draws_every_figure_of_its_frame_under_its_own_index(frame: pd.DataFrame) -> None:
    found = {
        key[0]: value
        for trace in drawn(frame)["data"]
        for key, value in zip(trace.get("customdata", []), trace["y"], strict=False)
    }
    assert found == frame["value"].dropna().to_dict()


def test_average_and_limits_are_lines_over_the_months_with_figures() -> None:
    figure = drawn(monthly(STEADY))
    (average,), (upper, lower) = named(figure, "Average"), named(figure, "Limits")
    months = monthly(STEADY)["period"].tolist()
    assert average["x"] == upper["x"] == lower["x"] == months
    assert average["y"] == [11.0] * 14
    assert upper["y"] == pytest.approx([11 + 2.66 * 2] * 14)
    assert lower["y"] == pytest.approx([11 - 2.66 * 2] * 14)
    assert [trace["showlegend"] for trace in (upper, lower)] == [True, False]


@pytest.mark.parametrize(
    ("values", "unit", "lower", "upper"),
    [
        ([0.0, 20.0] * 7, "count", 0, 10 + 2.66 * 20),
        ([0.0, 20.0] * 7, "percent", 0, 10 + 2.66 * 20),
        ([95.0, 99.0] * 7, "percent", 97 - 2.66 * 4, 100),
        ([95.0, 99.0] * 7, "count", 97 - 2.66 * 4, 97 + 2.66 * 4),
    ],
)
def test_limits_are_drawn_no_further_than_a_figure_can_be(
    values: list[float], unit: str, lower: float, upper: float
) -> None:
    high, low = named(drawn(monthly(values), unit=unit), "Limits")
    assert low["y"][0] == pytest.approx(lower)
    assert high["y"][0] == pytest.approx(upper)


def test_limits_begin_anew_after_a_rebase_and_go_on_after_what_is_only_marked() -> None:
    frame = monthly([*STEADY, *(30 + each for each in STEADY)])
    before, after = named(drawn(frame, RULES), "Average")
    assert (before["x"][-1], after["x"][0]) == ("2025-02-01", "2025-03-01")
    assert (set(before["y"]), set(after["y"])) == ({11.0}, {41.0})
    (whole,) = named(drawn(frame, EVENT), "Average")
    assert set(whole["y"]) == {26.0}


def test_a_month_with_a_rebase_inside_it_is_neither_before_nor_after() -> None:
    frame = monthly([*STEADY, 99.0, *(30 + each for each in STEADY)])
    before, after = named(drawn(frame, WITHIN), "Average")
    assert (before["x"][-1], after["x"][0]) == ("2025-02-01", "2025-04-01")
    assert (set(before["y"]), set(after["y"])) == ({11.0}, {41.0})


def test_provisional_months_are_hollow_and_have_no_part_in_the_limits() -> None:
    frame = monthly([*STEADY, 90.0, 95.0], parts=2)
    figure = drawn(frame)
    (average,), (hollow,) = named(figure, "Average"), named(figure, "Provisional")
    assert set(average["y"]) == {11.0}
    assert hollow["mode"] == "markers"
    assert hollow["marker"]["color"] == charts.SURFACE
    assert hollow["y"] == [90.0, 95.0]
    # What they are held against reaches as far as they do, and they give no signal.
    assert average["x"][-1] == frame["period"].iloc[-1]
    assert not named(figure, "Signal")


def test_a_figure_that_is_missing_cuts_the_line_and_leaves_the_limits() -> None:
    figure = drawn(monthly(STEADY, lacking=(6,)))
    lines = [trace["x"] for trace in figure["data"] if trace["name"] == "All"]
    assert [len(each) for each in lines] == [6, 7]
    (average,) = named(figure, "Average")
    assert average["y"] == pytest.approx([np.mean([*STEADY[:6], *STEADY[7:]])] * 14)


def test_limits_on_few_months_are_dotted_and_called_trial() -> None:
    frame = monthly(STEADY[:12])
    figure = drawn(frame)
    upper, _ = named(figure, "Trial limits")
    assert upper["line"]["dash"] == "dot"
    assert not named(figure, "Limits")
    assert said(frame)[1].startswith("Too few to say: 12 settled months, and a verdict needs 13.")
    assert said(monthly(STEADY[:13]))[1].startswith("No signal now: ")


def test_a_signal_is_a_ring_and_tells_its_rule_on_hover() -> None:
    figure = drawn(monthly(WILD))
    (ring,) = named(figure, "Signal")
    assert ring["x"] == ["2025-02-01"]
    assert ring["marker"]["symbol"].endswith("-open")
    assert ring["marker"]["size"] > 10
    dots = next(trace for trace in figure["data"] if trace["name"] == "All")
    told = dict(zip(dots["x"], dots["hovertext"], strict=True))
    assert "<b>Signal</b>: outside the limits" in told["2025-02-01"]
    assert "Signal" not in told["2025-01-01"]
    assert "average 11.6, limits 4.6 to 18.5" in told["2025-01-01"]


@pytest.mark.parametrize(
    ("direction", "last", "name"),
    [
        ("neutral", 20.0, "Signal"),
        ("more_is_better", 20.0, "Signal: better"),
        ("less_is_better", 20.0, "Signal: worse"),
        ("more_is_better", 2.0, "Signal: worse"),
        ("less_is_better", 2.0, "Signal: better"),
    ],
)
def test_a_signal_is_better_or_worse_only_where_a_direction_is_agreed(
    direction: str, last: float, name: str
) -> None:
    figure = drawn(monthly([*STEADY[:13], last]), direction=direction)
    assert [trace["name"] for trace in figure["data"] if trace["meta"] == "signal"] == [name]


def rings(values: list[float], direction: str = "more_is_better", *breaks: Break) -> dict[str, list[str]]:
    """The months that are ringed, by the name of the ring."""
    traces = drawn(monthly(values), *breaks, direction=direction)["data"]
    return {trace["name"]: trace["x"] for trace in traces if trace["meta"] == "signal"}


def test_a_signal_that_has_ended_is_drawn_as_past_beside_what_holds_now() -> None:
    months = monthly(SHIFTED)["period"].tolist()
    # Better from August 2024 to February 2025; then one month that is worse, or that is nothing.
    assert rings(SHIFTED) == {"Signal: better": months[7:]}
    assert rings([*SHIFTED, 9.0]) == {"Ended signal": months[7:]}
    assert rings([*SHIFTED, 2.0]) == {"Ended signal": months[7:], "Signal: worse": ["2025-03-01"]}
    # One month of what holds was outside the limits too: it is still part of what holds.
    spike = [*[10.0, 12.0] * 12, *[12.5, 13.0] * 3, 25.0, 13.0]
    assert [*rings(spike)] == ["Signal: better"]
    # What was before a rebase has ended with it.
    assert rings([*WILD, *STEADY], "more_is_better", RULES) == {"Ended signal": ["2025-02-01"]}
    # Three months together hold a signal here, which is no month's.
    rare = [*WILD, *[1.0] * 9, *[3.0] * 21]
    assert judge(processes.series_of(monthly(rare), "count", [RULES])).points.length == 3
    assert rings(rare, "more_is_better", RULES) == {"Ended signal": ["2025-02-01"]}
    told = [
        text
        for trace in drawn(monthly([*SHIFTED, 2.0]), direction="more_is_better")["data"]
        if trace["name"] == "All"
        for text in trace["hovertext"]
    ]
    assert "<b>Ended signal</b>: one of seven or more" in told[-2]
    assert "<b>Signal: worse</b>: outside the limits" in told[-1]


def test_signals_that_hold_and_point_both_ways_are_neither_better_nor_worse() -> None:
    falling = [*[10.0, 12.0] * 10, 40.0, 38.0, 36.0, 34.0, 32.0, 30.0, 28.0, 26.0]
    assert [*rings(falling)] == ["Ended signal", "Signal"]


def test_rings_differ_in_shape_or_weight_and_in_name_not_in_colour_alone() -> None:
    looks = [(look["symbol"], look["size"], str(look["line"])) for look in processes.RINGS.values()]
    assert len(set(looks)) == len(processes.RINGS) == 4


@pytest.mark.parametrize(
    ("lowest", "highest", "begins"),
    [(0, 10, 0), (49, 100, 0), (51, 100, 40), (86.6, 95.1, 85), (97, 97, 0), (0, 0, 0), (337, 487, 300)],
)
def test_the_value_axis_begins_at_zero_unless_everything_lies_in_its_upper_half(
    lowest: float, highest: float, begins: float
) -> None:
    low, high = processes.value_range(lowest, highest)
    assert low == begins
    assert low <= lowest <= highest < high or highest == 0


# --- their words ---


def test_without_a_signal_the_sentence_tells_what_chance_makes() -> None:
    title, sentence = said(monthly(STEADY))
    assert title == "Referrals: no signal now, 11.0 a month on average"
    assert sentence == (
        "No signal now: of the newest six settled months three lie below the average of 11.0. "
        "11.0 a month on average; limits 5.7 to 16.3. Chance alone shows a signal in about one chart in 70 "
        "like this at its newest point, and about one chart in ten within a year. "
        "Newest settled month: February 2025 (12)."
    )


def test_a_month_outside_is_named_with_the_limit_it_passed() -> None:
    title, sentence = said(monthly(WILD))
    assert title == "Referrals: 20 in February 2025, above the upper limit of 18.5"
    assert sentence.startswith(
        "February 2025 (20) lies above the upper limit of 18.5. 11.6 a month on average; limits 4.6 to 18.5. "
    )


def test_a_run_is_told_since_when_while_it_lasts_and_until_when_after() -> None:
    title, sentence = said(monthly(SHIFTED))
    average = processes.level(float(np.mean(SHIFTED)), "count")
    assert title == f"Referrals: since August 2024, seven months above the average of {average}"
    assert "Since August 2024, seven months in a row lie above the average" in sentence
    ended = [*SHIFTED, 9.0]
    title, sentence = said(monthly(ended))
    assert title == "Referrals: no signal now, 11.8 a month on average"
    assert sentence.startswith("No signal now: of the newest six settled months five lie above the average")
    assert "Ended: from August 2024 to February 2025, seven months in a row lay above" in sentence


def test_months_outside_one_after_the_other_are_one_signal_that_holds_while_it_lasts() -> None:
    high = [*[10.0, 12.0] * 12, *[18.0] * 5]
    title, sentence = said(monthly(high))
    assert title.startswith("Referrals: 18 in May 2026, above the upper limit of ")
    assert sentence.startswith("Since January 2026, five months in a row lie above the upper limit of ")
    assert "lay above" not in sentence
    ended = said(monthly([*high, 11.0]))[1]
    assert "Ended: from January 2026 to May 2026, five months in a row lay above the upper limit" in ended
    assert "more signal" not in ended


def test_what_lies_outside_a_limit_does_not_read_as_on_it() -> None:
    # The limits are 3.037 and 24.848.
    assert said(monthly([*[6.0, 7.0] * 7, 3.0]))[0].endswith("3 in March 2025, below the lower limit of 3.04")
    shares = [*[30.0, 32.0] * 12, 24.75]
    frame = monthly(shares).assign(numerator=[3 * each for each in shares], denominator=300.0)
    title, sentence = said(frame, unit="percent")
    assert title.endswith("24.75% in January 2026, below the lower limit of 24.85%")
    assert sentence.startswith("January 2026 (24.75%) lies below the lower limit of 24.85%.")


def test_a_time_before_of_too_few_months_is_not_said_to_be_without_signals() -> None:
    frame = monthly([*WILD[-12:], *STEADY])
    sentence = said(frame, Break(date(2025, 1, 1), True, "New rules", ""))[1]
    assert "From January 2024 to December 2024, too few months to judge: 11.7 on average." in sentence
    assert "signals" not in sentence


def test_fewer_than_the_least_is_not_called_as_many() -> None:
    # On average 4.95 a month, and seven periods of three months are too few.
    assert (
        "4.9 cases a month on average where a control chart needs 5" in said(monthly([*[5.0] * 20, 4.0]))[1]
    )


def test_a_trend_and_a_pair_near_a_limit_are_told() -> None:
    rising = [20, 0, 18, 2, 7, 8, 9, 10.5, 11, 12, 13, 0, 19, 1, 20]
    assert "eight months in a row were each higher than the one before" in said(monthly(rising))[1]
    falling = [19.0, 1, 20, 0, 19, 13, 12, 11, 10.5, 9, 8, 7, 2]
    assert "months each lower than the last" in said(monthly(falling))[0]
    near = [*[10.0, 12.0] * 12, 15.5, 12.0, 15.5, *[10.0, 12.0] * 12]
    assert said(monthly(near))[0].startswith("Referrals: no signal now")
    assert (
        "Ended: January 2026 (16) and March 2026 (16) lay near the upper limit of" in said(monthly(near))[1]
    )
    assert "January 2026 and March 2026 near the upper limit of" in said(monthly(near[:27]))[0]


def test_two_trends_that_meet_at_a_peak_are_two_signals() -> None:
    values = [*range(1, 9), *range(7, 0, -1)]
    frame = monthly([float(each) for each in values])
    trends = [each for each in signals_of(frame) if each.rule == "trend"]
    assert [(each.places[0], each.places[-1], each.side) for each in trends] == [(7, 14, -1), (0, 7, 1)]


@pytest.mark.parametrize(("second", "breaks"), [(range(20, 34), [RULES]), (range(13, 27), [])])
def test_two_trends_that_a_rebase_or_two_equal_months_part_are_two_signals(
    second: range, breaks: list[Break]
) -> None:
    # The fourteenth month is February 2025.
    frame = monthly([float(each) for each in (*range(14), *second)])
    found = signals_of(frame, *breaks)
    trends = [(each.places[0], each.places[-1]) for each in found if each.rule == "trend"]
    assert trends == [(14, 27), (0, 13)]


def test_a_sentence_after_a_rebase_is_of_what_follows_it_and_tells_the_time_before_apart() -> None:
    frame = monthly([*WILD, *(30 + each for each in STEADY)])
    title, sentence = said(frame, RULES)
    assert title == "Referrals: no signal now, 41.0 a month on average since March 2025"
    assert (
        "From January 2024 to February 2025, with limits of its own: 11.6 on average, one signal." in sentence
    )
    assert "on average since March 2025" not in said(frame, EVENT)[1]


@pytest.mark.parametrize(
    ("frame", "title", "sentence"),
    [
        (monthly([5.0] * 3, lacking=(0, 1, 2)), "Referrals: no figure", "There is no figure to show"),
        (monthly([5.0], parts=1), "Referrals: no settled month", "no month is settled yet"),
        (monthly([5.0]), "Referrals: too few months to say whether it changed", "one settled month"),
        (
            monthly([5.0, 6.0, 7.0], lacking=(1,)),
            "Referrals: too few months to say whether it changed",
            "Too few to say: two settled months, and a verdict needs 13.",
        ),
        (
            monthly([7.0] * 20),
            "Referrals: no signal now, 7.0 a month on average",
            "the newest settled months lie at the average of 7.0",
        ),
    ],
)
def test_a_series_too_short_to_judge_says_so(frame: pd.DataFrame, title: str, sentence: str) -> None:
    found = said(frame)
    assert found[0] == title
    assert sentence in found[1]


# --- funnels ---


def places(*units: tuple[str, float, float]) -> pd.DataFrame:
    """A measure's frame by category from names, numerators and denominators, numbered from 5."""
    counts = pd.DataFrame(units, columns=["category", "numerator", "denominator"])
    lower, upper = stats.wilson(counts["numerator"], counts["denominator"])
    return counts.assign(
        period="all",
        value=100 * counts["numerator"] / counts["denominator"],
        lower=100 * lower,
        upper=100 * upper,
        marker="",
    ).set_axis(range(5, 5 + len(units)))


ALIKE = [
    (f"Place {letter}", 90.0 + shift, 100.0)
    for letter, shift in zip("ABCDEFGHIJ", [-2, -1, 0, 1, 2] * 2, strict=True)
]
ODD = places(*ALIKE, ("Thanet", 75, 100), ("Dover <b>", 890, 1000))


def funnel_of(frame: pd.DataFrame) -> stats.Funnel:
    return stats.funnel(frame["numerator"].to_numpy(), frame["denominator"].to_numpy())


def test_a_funnel_draws_each_category_at_its_denominator_and_share() -> None:
    figure = funnels.funnel(ODD, "percent", funnel_of(ODD))
    found = {
        key[0]: (x, y, key[1])
        for trace in figure["data"]
        for key, x, y in zip(trace.get("customdata", []), trace["x"], trace["y"], strict=False)
    }
    assert found == {
        index: (row["denominator"], row["value"], row["category"]) for index, row in ODD.iterrows()
    }


def test_the_lines_of_a_funnel_are_the_average_and_the_limits_for_every_size() -> None:
    found = funnel_of(ODD)
    figure = funnels.funnel(ODD, "percent", found)
    (average,) = named(figure, "Average")
    assert set(average["y"]) == {100 * ODD["numerator"].sum() / ODD["denominator"].sum()}
    for share, name in ((0.95, "95% limits"), (0.998, "99.8% limits")):
        low, high = named(figure, name)
        ends = found.limits(low["x"], share)
        assert low["y"] == pytest.approx((100 * ends[0]).tolist())
        assert high["y"] == pytest.approx((100 * ends[1]).tolist())
        assert [low["showlegend"], high["showlegend"]] == [True, False]
    assert min(average["x"]) <= 100 < 1000 <= max(average["x"])


def test_only_categories_outside_the_limits_have_their_name_beside_them() -> None:
    figure = funnels.funnel(ODD, "percent", funnel_of(ODD))
    assert [note["text"] for note in figure["layout"]["annotations"]] == ["Thanet"]
    (odd,) = named(figure, "Outside 99.8%")
    (others,) = named(figure, "Within the limits")
    assert odd["marker"]["symbol"] != others["marker"]["symbol"]
    assert odd["hovertext"][0].endswith("<br>below the 99.8% limits")
    assert "<b>Dover &lt;b&gt;</b>" in others["hovertext"][-1]


def test_names_close_to_each_other_stand_one_below_the_other() -> None:
    frame = places(*ALIKE, *ALIKE, ("Thanet", 70, 100), ("Dover", 70, 100))
    first, second = funnels.funnel(frame, "percent", funnel_of(frame))["layout"]["annotations"]
    assert first["yshift"] - second["yshift"] == funnels.LINE


def test_a_funnel_names_who_stands_out_and_says_that_chance_explains_the_others() -> None:
    found = funnel_of(ODD)
    assert comparisons.funnel_title(ODD, "percent", found, "Referral", "district") == (
        "Referral: Thanet lies below the average of 88.8%"
    )
    assert comparisons.funnel_sentence(ODD, "percent", found, "district") == (
        "Outside the 99.8% limits, where chance alone puts one in five hundred: "
        "Thanet below at 75.0% (75 of 100). "
        "The other 11 differ from the average of 88.8% by no more than chance explains."
    )


def test_as_few_outside_the_narrow_limits_as_chance_gives_are_said_to_be_so() -> None:
    frame = places(*[(f"{name} {again}", n, d) for again in "ab" for name, n, d in ALIKE], ("Low", 83, 100))
    found = funnel_of(frame)
    assert found.position.tolist()[-1] == -1
    title = comparisons.funnel_title(frame, "percent", found, "Referral", "team")
    assert title == "Referral: Low lies below the average of 89.7%; chance alone can give as many"
    assert "Chance alone can give as many among 21." in comparisons.funnel_sentence(
        frame, "percent", found, "team"
    )
    # One beyond the wider limits is not called so.
    assert "as many" not in comparisons.funnel_title(ODD, "percent", funnel_of(ODD), "Referral", "team")


def test_a_funnel_without_anyone_outside_says_that_chance_explains_all() -> None:
    frame = places(*ALIKE)
    found = funnel_of(frame)
    assert comparisons.funnel_title(frame, "percent", found, "Referral", "team") == (
        "Referral: no team stands out from the average of 90.0%"
    )
    assert comparisons.funnel_sentence(frame, "percent", found, "team") == (
        "All 10 differ from the average of 90.0% by no more than chance explains."
    )
    assert not named(funnels.funnel(frame, "percent", found), "Outside 95%")


def test_a_funnel_of_which_some_are_withheld_speaks_of_those_that_are_shown() -> None:
    frame = places(*ALIKE)
    found = funnel_of(frame)
    assert comparisons.funnel_title(frame, "percent", found, "Referral", "district", 2) == (
        "Referral: of the ten districts shown none stands out from the average of 90.0%"
    )
    assert comparisons.funnel_sentence(frame, "percent", found, "district", 2) == (
        "All 10 differ from the average of 90.0% by no more than chance explains. "
        "Two more are withheld and cannot be judged."
    )


def test_widened_limits_are_said_to_be() -> None:
    frame = places(*[(f"Place {n}", n, 1000) for n in (500, 900, 550, 850, 600, 800, 520, 880)])
    found = funnel_of(frame)
    assert found.is_overdispersed
    assert "widened" in comparisons.funnel_sentence(frame, "percent", found, "district")
    assert "widened" not in comparisons.funnel_sentence(ODD, "percent", funnel_of(ODD), "district")


def test_many_outside_are_counted_in_the_title_and_named_in_the_sentence() -> None:
    low = [(f"Low {n}", 60.0, 100.0) for n in range(4)]
    frame = places(*[(name, 10 * n, 10 * d) for name, n, d in ALIKE * 4], *low, ("High", 1000, 1000))
    found = funnel_of(frame)
    title = comparisons.funnel_title(frame, "percent", found, "Referral", "district")
    sentence = comparisons.funnel_sentence(frame, "percent", found, "district")
    outside = [name for name, place in zip(frame["category"], found.position, strict=True) if place]
    assert {"Low 0", "Low 1", "Low 2", "Low 3", "High"} <= set(outside)
    assert "Low 0 and three more lie below the average" in title
    assert title.endswith("; High above")
    assert all(name in sentence for name in outside)


# --- two years ---


@pytest.mark.parametrize(
    ("after", "before", "title", "sentence"),
    [
        (
            (96, 120),
            (86, 120),
            "Satisfied: 80.0%, no clear change from 71.7% the year before",
            "Satisfied: 80.0% (96 of 120) against 71.7% (86 of 120) the year before; "
            "a difference of 8.3 points (95% interval -2.5 to 19.0): chance alone can explain it.",
        ),
        (
            (56, 70),
            (48, 80),
            "Satisfied: up to 80.0% from 60.0% the year before",
            # Newcombe 1998, method 10: 0.0524 to 0.3339.
            "Satisfied: 80.0% (56 of 70) against 60.0% (48 of 80) the year before; "
            "a difference of 20.0 points (95% interval 5.2 to 33.4): "
            "chance makes one so clear in fewer than one comparison of twenty.",
        ),
        (
            (480, 800),
            (560, 700),
            "Satisfied: down to 60.0% from 80.0% the year before",
            "chance makes one so clear in fewer than one comparison of twenty.",
        ),
        (
            (8, 10),
            (24, 30),
            "Satisfied: 8 of 10, no clear change from 24 of 30 the year before",
            "chance alone can explain it; a low base of fewer than 30.",
        ),
        ((0, 0), (3, 9), "Satisfied: no two shares to compare", "there are no two shares to compare."),
    ],
)
def test_two_shares_are_compared_in_a_sentence_that_says_whether_chance_explains_it(
    after: tuple[float, float], before: tuple[float, float], title: str, sentence: str
) -> None:
    assert comparisons.difference_title("Satisfied", after, before) == title
    assert comparisons.difference_sentence("Satisfied", after, before).endswith(sentence)


def test_two_years_are_two_dots_with_their_intervals() -> None:
    frame = places(("all", 56, 70), ("all", 48, 80))
    figure = processes.pair(frame, ["This <year>", "Last year"], "percent")
    (dots,) = figure["data"]
    assert dots["x"] == [80.0, 60.0]
    assert dots["error_x"]["array"] == pytest.approx((frame["upper"] - frame["value"]).tolist())
    assert dots["error_x"]["arrayminus"] == pytest.approx((frame["value"] - frame["lower"]).tolist())
    assert [key[0] for key in dots["customdata"]] == frame.index.tolist()
    assert figure["layout"]["yaxis"]["ticktext"] == ["This &lt;year&gt;", "Last year"]


# --- all of them ---


@pytest.mark.parametrize(
    "figure",
    [
        drawn(monthly(WILD, parts=1, lacking=(3,)), RULES, EVENT),
        drawn(monthly(SHIFTED), unit="percent", direction="less_is_better"),
        drawn(monthly([5.0, 6.0])),
        drawn(monthly([0.0, 0.0, 0.0])),
        funnels.funnel(ODD, "percent", funnel_of(ODD)),
        funnels.funnel(
            places(("A", 0, 10), ("B", 0, 12), ("C", 0, 30)), "percent", stats.funnel([0] * 3, [10, 12, 30])
        ),
        processes.pair(places(("all", 3, 10), ("all", 0, 12)), ["a", "b"], "percent"),
    ],
)
def test_plotly_knows_everything_these_figures_say(figure: charts.Figure) -> None:
    go.Figure(figure)
    # A figure that is not a number would not reach the browser.
    json.dumps(figure, allow_nan=False)

"""The judge of a series: what holds now, how sure it is, what was before, and what is too few to say."""

import math

import numpy as np
import pytest

from benchmarks.false_alarms import RULES, flags
from profiles import false_alarms, stats
from profiles.verdicts import (
    CHANGED,
    IMPROVING,
    STEADY,
    TOO_FEW,
    WORSENING,
    Series,
    Verdict,
    judge,
)

LEVEL = [50.0, 52.0] * 10
"""Twenty months of average 51 and moving ranges of 2: limits at 51 ± 5.3."""


def counts(values: list[float], direction: str = "neutral", starts: tuple[int, ...] = ()) -> Verdict:
    """The verdict on monthly counts."""
    numbers = np.array(values)
    return judge(Series(numbers, numbers, None, "count", starts, direction))


def shares(counted: list[float], size: float, direction: str = "more_is_better") -> Verdict:
    """The verdict on a monthly share of so many."""
    numbers = np.array(counted)
    sizes = np.full(len(numbers), size)
    return judge(Series(100 * numbers / sizes, numbers, sizes, "percent", (), direction))


@pytest.mark.parametrize(
    ("last", "direction", "now"),
    [
        (70.0, "more_is_better", IMPROVING),
        (70.0, "less_is_better", WORSENING),
        (30.0, "more_is_better", WORSENING),
        (70.0, "neutral", CHANGED),
        (51.0, "more_is_better", STEADY),
    ],
)
def test_the_verdict_is_what_holds_at_the_newest_point(last: float, direction: str, now: str) -> None:
    found = counts([*LEVEL, last], direction)
    assert found.now == now
    assert found.since == (None if now == STEADY else 20)
    assert found.ended == ()


def test_a_signal_that_has_ended_is_no_verdict_but_what_was_before() -> None:
    found = counts([*LEVEL, 70.0, 51.0], "more_is_better")
    assert (found.now, found.holding, found.since) == (STEADY, (), None)
    assert [(each.rule, each.places, each.side) for each in found.ended] == [("outside", (20,), 1)]


def test_a_run_holds_since_its_first_month() -> None:
    # The month before them, of 52, lies above the average of 51.8 too.
    found = counts([*LEVEL, *[54.0] * 7], "more_is_better")
    assert (found.now, found.since, found.side) == (IMPROVING, 19, 1)


def test_signals_that_hold_and_point_both_ways_are_a_change_and_neither_better_nor_worse() -> None:
    # High since the eleventh month, and falling for seven.
    found = counts([10.0, 12.0] * 8 + [90.0, 88.0, 86.0, 84.0, 82.0, 80.0, 78.0], "more_is_better")
    assert {each.side for each in found.holding} == {1, -1}
    assert (found.now, found.side) == (CHANGED, 0)


@pytest.mark.parametrize(
    ("values", "why"),
    [
        ([], "not settled"),
        ([math.nan] * 20, "not settled"),
        ([50.0, 52.0, 51.0], "too short"),
        (LEVEL[:12], "too short"),
        ([0.0] * 60, "too rare"),
        ([1.0, 0.0] * 12, "too rare"),
    ],
)
def test_of_too_few_nothing_is_said_and_nothing_is_marked(values: list[float], why: str) -> None:
    found = counts(values, "more_is_better")
    assert (found.now, found.why) == (TOO_FEW, why)
    assert (found.holding, found.ended, found.since) == ((), (), None)
    assert not found.monthly.is_signal.any()


def test_one_value_over_and_over_is_steady() -> None:
    assert counts([7.0] * 20).now == STEADY


def test_a_month_missing_in_the_middle_ends_a_run() -> None:
    assert counts([*LEVEL, *[54.0] * 7]).now == CHANGED
    assert counts([*LEVEL, *[54.0] * 3, math.nan, *[54.0] * 3]).now == STEADY


def test_what_a_rebase_parts_is_judged_by_what_follows_it() -> None:
    assert counts([*LEVEL, *(100 + each for each in LEVEL)], starts=(20,)).now == STEADY
    assert counts([*LEVEL, *LEVEL[:12]], starts=(20,)).why == "too short"


@pytest.mark.parametrize(("mean", "length"), [(5.0, 1), (4.9, 3), (1.7, 3), (1.6, 12), (0.5, 12)])
def test_a_month_of_fewer_than_five_is_judged_by_three_or_by_twelve(mean: float, length: int) -> None:
    found = counts([mean - 0.1, mean + 0.1] * 36)
    assert (found.now, found.points.length) == (STEADY, length)
    assert math.isnan(found.monthly.lower[-1]) == (length > 1)


def test_seven_months_below_an_average_of_a_fifth_are_no_signal() -> None:
    found = counts([0.0, 0.0, 1.0, 0.0, 0.0] * 12 + [0.0] * 7)
    assert found.now == TOO_FEW
    assert not found.monthly.is_signal.any()


def test_longer_points_end_with_the_newest_month_and_one_that_lacks_a_month_is_left_out() -> None:
    months = [2.0] * 31
    months[9] = math.nan
    found = counts(months)
    assert found.points.length == 3
    assert found.points.ends[-1] == 30
    assert [math.isnan(each) for each in found.points.values] == [end == 9 for end in found.points.ends]


@pytest.mark.parametrize(
    ("counted", "size", "length"), [(95.0, 100.0, 1), (96.0, 100.0, 3), (4.0, 100.0, 3), (5.0, 6.0, 12)]
)
def test_a_share_needs_five_that_are_counted_and_five_that_are_not(
    counted: float, size: float, length: int
) -> None:
    assert shares([counted] * 84, size).points.length == length


def test_of_a_share_whose_numbers_are_withheld_nothing_is_said() -> None:
    values = np.full(20, 60.0)
    hidden = np.full(20, math.nan)
    assert judge(Series(values, hidden, hidden, "percent")).now == TOO_FEW


def test_a_share_in_longer_points_is_that_of_their_months_together() -> None:
    found = shares([9.0, 6.0, 9.0] * 10, 10.0)
    assert found.points.length == 3
    assert set(found.points.values) == {80.0}


def test_a_low_run_goes_back_over_the_points_below_the_average() -> None:
    assert shares([*LEVEL, 49.0, 48.0, 20.0], 100).low_since == 20
    assert shares([*LEVEL, 49.0, 48.0, 80.0], 100).low_since is None
    assert shares([*LEVEL, 20.0, 51.5], 100).low_since is None


# --- how often chance does it ---


@pytest.mark.parametrize(
    ("mean", "months", "whole", "year"), [(1000, 78, 0.54, 0.13), (3, 78, 0.72, 0.21), (0.3, 78, 0.995, 0.67)]
)
def test_the_table_says_how_often_chance_raises_a_signal(
    mean: float, months: int, whole: float, year: float
) -> None:
    found = false_alarms.table()["count", mean, months]
    assert found.whole == pytest.approx(whole, abs=0.05)
    assert found.newest_twelve == pytest.approx(year, abs=0.025)


def test_of_what_is_judged_chance_makes_a_verdict_in_fewer_than_one_chart_of_twenty() -> None:
    assert false_alarms.highest(5) < false_alarms.UNLIKELY
    assert false_alarms.highest(0) > false_alarms.UNLIKELY


def test_between_two_lines_the_higher_rate_is_taken() -> None:
    known = false_alarms.table()
    found = false_alarms.rates("count", 40, 70)
    lines = [known["count", size, points] for size in (30, 50) for points in (60, 78)]
    assert found.newest == max(each.newest for each in lines)
    assert false_alarms.rates("rate", 1e6, 500) == known["count", 1000, 120]


def test_the_simulation_marks_what_the_product_marks() -> None:
    drawn = np.random.default_rng(3).poisson(200, (200, 60)).astype(float)
    marked, _ = flags(drawn)
    for row, values in enumerate(drawn):
        chart = stats.xmr(values)
        for rule in RULES:
            assert marked[rule][row].tolist() == getattr(chart, rule).tolist()
    assert all(marked[rule].any() for rule in RULES)


def test_a_line_of_the_table_is_what_the_simulation_finds() -> None:
    drawn = np.random.default_rng(4).poisson(5, (4000, 24)).astype(float)
    marked, _ = flags(drawn)
    newest = np.logical_or.reduce([marked[rule][:, -1] for rule in RULES]).mean()
    assert newest == pytest.approx(false_alarms.table()["count", 5, 24].newest, abs=0.01)


@pytest.mark.parametrize(("found", "expected", "probability"), [(1, 0.3, 0.2592), (3, 0.3, 0.0036)])
def test_how_likely_chance_gives_as_many_signals(found: int, expected: float, probability: float) -> None:
    assert false_alarms.at_least(found, expected) == pytest.approx(probability, abs=0.0001)

"""Process-behaviour charts, funnels and differences: by example, and against an independent package."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.stats.proportion import confint_proportions_2indep

from profiles import stats

RULES = ("outside", "shift", "trend", "near")


def fired(process: stats.Process) -> dict[str, list[int]]:
    """The places each rule marks, of those that mark any."""
    found = {name: np.flatnonzero(getattr(process, name)).tolist() for name in RULES}
    return {name: places for name, places in found.items() if places}


# --- limits ---


def test_limits_are_the_average_and_2_66_mean_moving_ranges_by_hand() -> None:
    process = stats.xmr([10, 12, 11, 15])
    # Ranges 2, 1 and 4.
    centre, reach = 48 / 4, 2.66 * 7 / 3
    assert process.centre == pytest.approx([centre] * 4)
    assert process.lower == pytest.approx([centre - reach] * 4)
    assert process.upper == pytest.approx([centre + reach] * 4)


def test_a_lower_limit_is_not_cut_at_zero() -> None:
    assert (stats.xmr([0, 5, 0, 5, 0]).lower < 0).all()


def test_limits_are_on_trial_below_thirteen_points() -> None:
    assert stats.xmr(range(12)).is_trial.all()
    assert not stats.xmr(range(13)).is_trial.any()


def test_limits_begin_anew_at_a_start() -> None:
    before, after = [10, 12, 11, 13, 10, 12], [50, 54, 51, 53, 52, 55]
    process = stats.xmr(before + after, [6])
    for part, places in ((before, slice(0, 6)), (after, slice(6, 12))):
        alone = stats.xmr(part)
        assert process.centre[places] == pytest.approx(alone.centre)
        assert process.upper[places] == pytest.approx(alone.upper)
    # No run crosses the start: together they would be twelve rising or shifted points.
    assert not process.is_signal.any()
    assert stats.xmr(before + after).is_signal.any()


def test_a_start_at_an_end_of_the_series_changes_nothing() -> None:
    values = [3, 5, 4, 6, 5]
    assert stats.xmr(values, [0, 5]).upper == pytest.approx(stats.xmr(values).upper)


def test_a_missing_value_has_no_limits_and_ends_every_run() -> None:
    values = [1.0, 2.0, 3.0, float("nan"), 4.0, 5.0, 6.0, 7.0]
    process = stats.xmr(values)
    assert np.isnan(process.centre[3])
    assert not process.is_signal[3]
    # The range across the gap is not known: five ranges of 1.
    assert process.upper[0] - process.centre[0] == pytest.approx(2.66)
    assert "trend" not in fired(process)


@pytest.mark.parametrize("values", [[], [7.0], [float("nan")] * 4, [0.1] * 20, [0.0] * 3])
def test_a_series_without_any_variation_gives_no_signal(values: list[float]) -> None:
    process = stats.xmr(values)
    assert len(process.centre) == len(values)
    assert fired(process) == {}


@pytest.mark.parametrize("around", [[90.7, 90.9], [100 / 3 - 1, 100 / 3 + 1], [0.1, 0.3]])
def test_values_on_the_average_lie_on_neither_side_though_their_mean_is_rounded(around: list[float]) -> None:
    process = stats.xmr([*around, *[sum(around) / 2] * 8])
    assert not process.shift.any()


def test_one_wild_value_widens_the_limits_because_none_is_screened_out() -> None:
    calm = [10, 11] * 10
    assert stats.xmr([*calm, 40]).upper[0] > stats.xmr(calm).upper[0] + 1


# --- rules: each on a series made to fire it alone ---


def test_one_point_outside() -> None:
    values = [10, 11, 9, 10, 11, 9, 10, 20, 9, 11, 10, 9, 11, 10]
    assert fired(stats.xmr(values)) == {"outside": [7]}


def test_seven_points_on_one_side_and_not_six() -> None:
    # Wide swings elsewhere keep the limits far away.
    swings = [20, 2, 18, 1, 19, 3, 20, 0]
    assert fired(stats.xmr([*swings, 12, 13, 12, 13, 12, 13, 12, 1])) == {"shift": list(range(8, 15))}
    assert fired(stats.xmr([*swings, 1, 12, 13, 12, 13, 12, 13, 1])) == {}


def test_seven_points_rising_or_falling_and_not_six() -> None:
    rising = [20, 0, 18, 2, 7, 8, 9, 10.5, 11, 12, 13, 0, 19, 1, 20]
    assert fired(stats.xmr(rising)) == {"trend": [3, 4, 5, 6, 7, 8, 9, 10]}
    assert fired(stats.xmr(rising[::-1])) == {"trend": [4, 5, 6, 7, 8, 9, 10, 11]}
    assert fired(stats.xmr([20, 0, 18, 7, 8, 9, 10.5, 11, 6, 18, 1, 20])) == {}


def test_two_equal_points_end_a_trend() -> None:
    assert "trend" not in fired(stats.xmr([20, 0, 18, 2, 7, 8, 9, 9, 11, 12, 13, 0, 19]))


def test_two_of_three_near_a_limit_and_only_the_near_ones() -> None:
    calm = [10, 12] * 12
    process = stats.xmr([*calm, 15.5, 12, 15.5, *calm])
    assert fired(process) == {"near": [24, 26]}
    # The one between lies on the same side; were it on the other, the two would stand alone.
    assert process.centre[25] < 12
    assert fired(stats.xmr([*calm, 15.5, 11, 15.5, *calm])) == {}


# --- an independent package ---


@pytest.mark.slow
def test_two_hundred_random_series_have_the_limits_and_signals_of_abspc() -> None:
    from abspc import spc

    draw = np.random.default_rng(11)
    seen = dict.fromkeys(RULES, 0)
    for number in range(200):
        size = int(draw.integers(8, 60))
        values = draw.normal(50, 8, size) if number % 2 else draw.poisson(30, size).astype(float)
        if number % 5 == 0:
            values[size // 2 :] += draw.normal(0, 12)
        if number % 7 == 0:
            values += np.linspace(0, 20 * size, size)
        ours = stats.xmr(values)
        theirs = spc.calculate_control_limits(pd.DataFrame({"value": values}), "XmR")
        near = 0.001 * float(np.abs(np.diff(values)).mean())
        limits = {name: theirs[name].to_numpy() for name in ("mean", "lcl", "ucl", "lwl", "uwl")}
        assert np.abs(ours.centre - limits["mean"]).max() <= near
        assert np.abs(ours.lower - limits["lcl"]).max() <= near
        assert np.abs(ours.upper - limits["ucl"]).max() <= near
        expected = {
            "outside": spc._rule1_astronomical(values, limits["ucl"], limits["lcl"]),
            "shift": spc._rule2_shift(values, limits["mean"], run_length=7),
            "trend": spc._rule3_trend(values, run_length=7),
            "near": spc._rule4_two_in_three(
                values, *(limits[name] for name in ("mean", "ucl", "lcl", "uwl", "lwl"))
            ),
        }
        for name, flags in expected.items():
            assert getattr(ours, name).tolist() == flags.tolist(), (number, name)
            seen[name] += bool(flags.any())
    assert min(seen.values()) >= 10


# --- differences ---


@pytest.mark.parametrize(
    ("counts", "lower", "upper"),
    # Newcombe 1998, table II, method 10.
    [((56, 70, 48, 80), 0.0524, 0.3339), ((9, 10, 3, 10), 0.1705, 0.8090), ((10, 10, 0, 10), 0.6075, 1.0)],
)
def test_a_difference_has_the_published_interval(
    counts: tuple[int, int, int, int], lower: float, upper: float
) -> None:
    difference, *limits = stats.newcombe(*counts)
    assert difference == pytest.approx(counts[0] / counts[1] - counts[2] / counts[3])
    assert limits == pytest.approx([lower, upper], abs=0.00006)


@pytest.mark.parametrize(
    "counts", [(0, 5, 0, 7), (0, 9, 9, 9), (1, 2, 1, 2), (187, 4203, 3, 11), (40, 41, 877, 1200)]
)
def test_a_difference_has_the_interval_of_statsmodels(counts: tuple[int, int, int, int]) -> None:
    _, *limits = stats.newcombe(*counts)
    theirs = confint_proportions_2indep(*counts, method="newcomb", compare="diff", alpha=0.05)
    assert limits == pytest.approx(list(theirs), abs=1e-12)


def test_a_difference_without_trials_is_none() -> None:
    assert all(np.isnan(each) for each in stats.newcombe(0, 0, 3, 10))
    assert all(np.isnan(each) for each in stats.newcombe(3, 10, 0, 0))


# --- funnels ---


@given(st.lists(st.tuples(st.integers(1, 400), st.floats(0, 1)), min_size=1, max_size=20))
def test_a_unit_lies_outside_the_inner_limits_when_its_wilson_interval_leaves_out_the_target(
    units: list[tuple[int, float]],
) -> None:
    sizes = np.array([size for size, _ in units], dtype=float)
    counts = np.round(sizes * np.array([share for _, share in units]))
    found = stats.funnel(counts, sizes)
    if found.is_overdispersed or not 0 < found.target < 1:
        return
    lower, upper = stats.wilson(counts, sizes)
    is_out = (found.target < lower) | (found.target > upper)
    is_edge = np.isclose(found.target, lower) | np.isclose(found.target, upper)
    assert ((found.position != 0) == is_out)[~is_edge].all()


def test_units_may_be_held_against_a_share_of_more_than_themselves() -> None:
    counts = [40, 41, 39, 42, 38, 40, 56]
    found = stats.funnel(counts, [100] * 7, 0.4)
    assert found.target == 0.4
    assert found.position.tolist() == [0] * 6 + [2]
    # Held against themselves they lie about 42 %, which the last one has raised.
    assert stats.funnel(counts, [100] * 7).position.tolist() == [0] * 6 + [1]


def test_limits_are_narrow_for_large_units_and_wide_for_small() -> None:
    found = stats.funnel([50, 500], [100, 1000])
    assert found.target == 0.5
    lower, upper = found.limits([100, 400], stats.INNER)
    assert upper - 0.5 == pytest.approx([1.96 * 0.05, 1.96 * 0.025], abs=0.0001)
    assert 0.5 - lower == pytest.approx([1.96 * 0.05, 1.96 * 0.025], abs=0.0001)
    outer = found.limits([100], stats.OUTER)[1]
    assert outer - 0.5 == pytest.approx([3.0902 * 0.05], abs=0.0001)


def test_limits_never_leave_zero_and_one() -> None:
    found = stats.funnel([5, 5], [10, 10])
    lower, upper = found.limits([1, 2], stats.OUTER)
    assert (lower == 0).all()
    assert (upper == 1).all()


def test_a_unit_far_off_is_outside_and_the_others_are_not() -> None:
    counts = [90, 88, 92, 86, 91, 89, 93, 87, 90, 94, 88, 91, 75]
    found = stats.funnel(counts, [100] * 13)
    assert not found.is_overdispersed
    assert found.position.tolist() == [0] * 12 + [-2]


def test_units_that_all_differ_widen_the_limits() -> None:
    counts = [500, 900, 550, 850, 600, 800, 520, 880]
    found = stats.funnel(counts, [1000] * 8)
    assert found.is_overdispersed
    assert found.position.tolist() == [0] * 8
    plain = stats.Funnel(found.target, 0.0, found.position)
    assert found.limits([1000], stats.INNER)[1] > plain.limits([1000], stats.INNER)[1] + 0.05


def test_units_that_share_one_rate_are_seldom_overdispersed() -> None:
    draw = np.random.default_rng(3)
    sizes = draw.integers(50, 500, 13)
    found = [stats.funnel(draw.binomial(sizes, 0.4), sizes).is_overdispersed for _ in range(300)]
    assert sum(found) <= 15


@pytest.mark.parametrize("counts", [([], []), ([0, 0], [0, 0]), ([0, 0, 0], [5, 6, 7]), ([5, 0], [5, 0])])
def test_units_without_anything_to_compare_lie_nowhere(counts: tuple[list[int], list[int]]) -> None:
    found = stats.funnel(*counts)
    assert not found.is_overdispersed
    assert not found.position.any()

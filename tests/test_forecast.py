"""Projections against series whose answer is known, statsmodels, brute force and plain counting."""

from datetime import date
from math import ceil
from statistics import NormalDist

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binom
from statsmodels.tsa.exponential_smoothing.ets import ETSModel

from profiles import forecast
from profiles.forecast import Projection, backtest, intervals, smoothing
from profiles.forecast.smoothing import FORMS, NAIVE, Fit, Floats, Form, Grid

FIRST = date(2020, 4, 1)
UNTIL = date(2030, 3, 1)
SHAPE = np.array([90, 95, 110, 120, 130, 125, 118, 100, 92, 85, 80, 88], dtype=float)
FORM = {form.name: form for form in FORMS}


def noisy(months: int, seed: int, level: float = 400, spread: float = 25) -> Floats:
    """Independent counts about a level, wider than Poisson's."""
    return np.round(np.random.default_rng(seed).normal(level, spread, months))


def seasonal(months: int, seed: int) -> Floats:
    return np.round(np.resize(SHAPE, months) * 4 + np.random.default_rng(seed).normal(0, 25, months))


def ordered(projection: Projection) -> None:
    """Asserts that 95 holds 80 holds the value and that nothing is below 0, for months and years."""
    for frame in (projection.months, projection.years):
        cells = frame[["lower_95", "lower_80", "value", "upper_80", "upper_95"]].to_numpy()
        assert (np.diff(cells, axis=1) >= 0).all()
        assert (cells >= 0).all()


# Known answers


def test_a_pattern_that_repeats_is_carried_on_exactly_by_the_naive() -> None:
    found = forecast.projection(FIRST, np.resize(SHAPE, 48), date(2026, 3, 1))
    assert (found.method, found.kind) == (NAIVE, "naive")
    assert found.months["value"].tolist() == np.resize(SHAPE, 24).tolist()
    assert found.years["value"].tolist() == [SHAPE.sum(), SHAPE.sum()]
    assert found.mase == found.naive_mase == 0
    assert "No form of smoothing beat the seasonal naive" in found.reason


@pytest.mark.parametrize("level", [0.0, 250.0])
def test_a_constant_series_is_carried_on(level: float) -> None:
    found = forecast.projection(FIRST, [level] * 60, UNTIL)
    assert set(found.months["value"]) == {level}
    assert (found.months["upper_95"] > level).all()
    assert (found.coverage_80, found.coverage_95) == (1, 1)
    ordered(found)


def test_a_line_that_rises_is_followed_by_the_form_with_a_trend() -> None:
    found = forecast.projection(FIRST, np.linspace(100, 395, 60), UNTIL)
    assert found.method == "ETS(A,Ad,N)"
    assert found.kind == "model"
    assert found.mase < 0.3
    # Projected less actual: the naive lags a year behind, twelve steps of five.
    naive = found.backtest[found.backtest["method"] == NAIVE]
    assert naive["mean_error"].tolist() == [-60.0] * 12
    # The trend goes on and fades: the next month nearly in full, no month beyond the straight line.
    steps = np.diff([395, *found.months["value"]])
    assert steps[0] == pytest.approx(5, abs=0.5)
    assert (np.diff(steps) <= 0.1 + 1e-9).all()
    assert (steps >= 0).all()
    ordered(found)


def test_noise_about_a_level_beats_the_naive_and_projects_the_level() -> None:
    found = forecast.projection(FIRST, noisy(77, 1), UNTIL)
    assert found.method == "ETS(A,N,N)"
    best = backtest.trials(noisy(77, 1))[1]
    for level in (80, 95):
        halves = intervals.widened(best.fit, best.scores, 43, level / 100)
        assert found.months[f"upper_{level}"].to_numpy() == pytest.approx(
            best.fit.mean(43) + halves, abs=0.06
        )
        assert found.months[f"lower_{level}"].to_numpy() == pytest.approx(
            best.fit.mean(43) - halves, abs=0.06
        )
    assert found.mase < found.naive_mase
    assert found.months["value"].to_numpy() == pytest.approx(400, abs=15)
    ordered(found)


def test_a_season_under_noise_is_found() -> None:
    found = forecast.projection(FIRST, seasonal(77, 5), UNTIL)
    assert found.method == "ETS(A,N,A)"
    march = found.months.set_index("period")["value"]
    assert march["2027-08-01"] == pytest.approx(4 * 130, abs=30)
    assert march["2028-02-01"] == pytest.approx(4 * 80, abs=30)
    ordered(found)


def test_a_series_that_falls_to_nothing_never_goes_below_zero() -> None:
    fit = Fit(40, (0.3, 0.0, 0.0, 0.98), 5.0, -2.0, np.zeros(12), 3.0)
    assert fit.mean(4).tolist() == pytest.approx([3.04, 1.1192, 0, 0])
    found = forecast.projection(FIRST, np.maximum(120 - 2.5 * np.arange(50), 1), UNTIL)
    ordered(found)


# What is given back


def test_months_and_years_run_to_the_month_asked_for() -> None:
    found = forecast.projection(FIRST, noisy(77, 2), date(2030, 5, 20))
    assert found.months["period"].iloc[[0, -1]].tolist() == ["2026-09-01", "2030-05-01"]
    assert list(found.months) == list(forecast.MONTHS)
    # 2030/31 does not end by May 2030; 2026/27 has begun.
    assert found.years["period"].tolist() == ["2026-04-01", "2027-04-01", "2028-04-01", "2029-04-01"]
    assert found.years["months_known"].tolist() == [5, 0, 0, 0]
    assert list(found.years) == list(forecast.YEARS)
    assert found.months["is_extrapolated"].tolist() == [False] * 12 + [True] * 33
    assert found.years["is_extrapolated"].tolist() == [False, True, True, True]
    assert "after August 2027" in found.reason


def test_a_year_is_the_sum_of_its_months_in_whole_counts() -> None:
    values = noisy(77, 2)
    found = forecast.projection(FIRST, values, UNTIL)
    months = found.months["value"].to_numpy()
    sums = [values[-5:].sum() + months[:7].sum(), months[7:19].sum()]
    assert sums == pytest.approx([4747.1, 4815.6])
    assert found.years["value"].iloc[:2].tolist() == [4747, 4816]
    # What is known is certain: no limit of the year lies below it.
    assert found.years["lower_95"].iloc[0] >= values[-5:].sum()


@pytest.mark.parametrize(("exact", "told"), [(2.4, 2), (2.5, 3), (3.5, 4), (0.0, 0), (24 * 0.1 + 0.1, 3)])
def test_a_half_goes_up(exact: float, told: float) -> None:
    assert forecast.whole(exact) == told


def test_no_rounding_takes_a_year_out_of_its_range() -> None:
    # 4.2 a month: 50.4 a year, and so is every three months in a row.
    found = forecast.projection(FIRST, [4.2] * 24, date(2023, 3, 1))
    assert found.years[["lower_95", "value", "upper_95"]].to_numpy().tolist() == [[50, 50, 50.4]]


def test_a_short_history_is_widened_beyond_its_back_test_and_says_so() -> None:
    assert [intervals.short(months) for months in (36, 41, 42, 77)] == pytest.approx([1.15, 1.025, 1, 1])
    values = noisy(36, 3)
    found = forecast.projection(FIRST, values, UNTIL)
    best = backtest.chosen(backtest.trials(values))
    z, factor = intervals.quantile(0.8), intervals.factors(best.scores, 0.8)[0]
    upper = best.fit.mean(1)[0] + 1.15 * z * factor * best.fit.spread(1)[0]
    assert found.months["upper_80"].iloc[0] == pytest.approx(upper, abs=0.06)
    assert "A back-test of 36 months flatters, so they are another 15% wider" in found.reason
    assert "flatters" not in forecast.projection(FIRST, noisy(42, 3), UNTIL).reason


def test_a_year_that_ends_with_the_series_is_not_projected() -> None:
    found = forecast.projection(FIRST, noisy(72, 2), date(2027, 3, 1))
    assert found.years["period"].tolist() == ["2026-04-01"]
    assert found.years["months_known"].tolist() == [0]
    # It ends 12 months ahead, the last that is measured.
    assert found.years["is_extrapolated"].tolist() == [False]


def test_the_back_test_has_every_origin_and_says_how_many() -> None:
    found = forecast.projection(FIRST, noisy(40, 3), UNTIL)
    table = found.backtest.set_index(["method", "horizon"])
    assert found.backtest["method"].unique().tolist() == [form.name for form in FORMS]
    for method, shortest in ((NAIVE, 18), ("ETS(A,N,N)", 18), ("ETS(A,N,A)", 24)):
        assert table.loc[method]["origins"].tolist() == [
            40 - shortest - horizon + 1 for horizon in range(1, 13)
        ]
    chosen = table.loc[found.method]["mase_shared"]
    assert found.mase == pytest.approx(chosen.mean(), abs=1e-4)
    assert found.mase == pytest.approx(table["mase_shared"].groupby(level=0).mean().min(), abs=1e-4)


def test_errors_of_the_naive_are_those_counted_by_hand() -> None:
    values = seasonal(38, 8)
    trial = backtest.trials(values)[0]
    row = list(trial.trainings).index(20)
    train = values[:20]
    scale = np.mean([abs(train[month] - train[month - 12]) for month in range(12, 20)])
    assert trial.errors[row, 2] == values[22] - values[10]
    assert trial.scaled[row, 2] == abs(values[22] - values[10]) / scale
    assert trial.mase == pytest.approx(np.mean(np.nanmean(trial.scaled[24 - 18 :], axis=0)))
    last = list(trial.trainings).index(37)
    assert trial.errors[last, 0] == values[37] - values[25]
    assert np.isnan(trial.errors[last, 1])


def test_a_training_that_repeats_itself_is_scaled_by_one_count() -> None:
    naive = backtest.trials(np.concatenate([np.full(36, 50.0), np.full(4, 53.0)]))[0]
    assert naive.scaled[naive.trainings == 36][0, :4].tolist() == [3.0] * 4
    assert naive.scales[naive.trainings == 38] == pytest.approx(2 * 3 / 26)


@pytest.mark.slow
def test_two_runs_are_the_same_to_the_bit() -> None:
    one, two = (forecast.projection(FIRST, seasonal(77, 4), UNTIL) for _ in range(2))
    for name in ("months", "years", "backtest"):
        assert getattr(one, name).to_csv().encode() == getattr(two, name).to_csv().encode()
    assert (one.mase, one.coverage_80, one.coverage_95) == (two.mase, two.coverage_80, two.coverage_95)


def test_what_comes_later_does_not_change_an_earlier_origin() -> None:
    values = seasonal(60, 6)
    changed = values.copy()
    changed[50:] *= 3
    for form in FORMS:
        before, after = smoothing.fits(form, values, 24), smoothing.fits(form, changed, 24)
        for one, two in zip(before[:27], after[:27], strict=True):
            assert one.training == two.training
            assert (one.parameters, one.level, one.sigma) == (two.parameters, two.level, two.sigma)
            assert one.season.tolist() == two.season.tolist()
        assert before[27].sigma != after[27].sigma


# Not eligible


def test_a_model_needs_thirty_six_months() -> None:
    values = noisy(36, 3)
    assert forecast.projection(FIRST, values, UNTIL).kind in {"model", "naive"}
    fewer = forecast.projection(FIRST, values[:35], UNTIL)
    assert (fewer.method, fewer.kind, fewer.eligible_months) == ("scenario range", "scenario", 35)
    assert "35 months are known" in fewer.reason
    assert "no probability" in fewer.reason
    assert fewer.backtest.empty
    assert np.isnan([fewer.mase, fewer.naive_mase, fewer.coverage_80, fewer.coverage_95]).all()


def test_a_scenario_is_the_last_year_between_its_extreme_quarters() -> None:
    values = [10.0, 10, 3, 4, 5, 32, 29, 29, 12, 12, 12, 12, 12, 12]
    found = forecast.projection(date(2024, 12, 1), values, date(2027, 3, 1))
    level = round(sum(values[-12:]) / 12, 1)
    assert found.months["value"].tolist() == [level] * 14
    assert set(found.months["lower_95"]) == {4.0}
    assert set(found.months["upper_95"]) == {30.0}
    assert found.months[["lower_80", "upper_80"]].isna().all(axis=None)
    # December 2024 to January 2026: ten months of 2025/26 are known.
    assert found.years["months_known"].tolist() == [10, 0]
    known = sum(values[-10:])
    assert found.years["lower_95"].tolist() == [known + 2 * 4, 12 * 4]
    assert found.years["upper_95"].tolist() == [known + 2 * 30, 12 * 30]


def test_an_unpublished_month_forbids_a_model_and_empties_its_year() -> None:
    values = noisy(50, 3)
    values[20] = np.nan
    found = forecast.projection(FIRST, values, UNTIL)
    assert (found.kind, found.eligible_months) == ("scenario", 49)
    assert "There is no published count of December 2021" in found.reason
    assert found.years["value"].notna().all()
    values[49] = np.nan
    begun = forecast.projection(FIRST, values, UNTIL)
    assert "There is no published count of May 2024 (and of 1 before)" in begun.reason
    assert begun.months["value"].notna().all()
    assert begun.years[["value", "lower_95", "upper_95"]].isna().all(axis=1).tolist() == [True] + [False] * 5


def test_a_scenario_rests_on_the_last_twelve_months_in_a_row() -> None:
    values = [10.0] * 15 + [np.nan] + [50.0] * 13 + [np.nan] + [90.0] * 3
    found = forecast.projection(FIRST, values, date(2023, 3, 1))
    assert found.months[["value", "lower_95", "upper_95"]].to_numpy().tolist() == [[50.0] * 3] * 3


@pytest.mark.parametrize("values", [[5.0] * 11, [5.0] * 8 + [np.nan] + [5.0] * 11, []])
def test_without_twelve_months_in_a_row_nothing_is_projected(values: list[float]) -> None:
    found = forecast.projection(FIRST, values, UNTIL)
    assert (found.method, found.kind) == ("none", "none")
    assert found.months.empty
    assert found.years.empty
    assert "nothing is projected" in found.reason


def test_a_series_that_reaches_the_month_asked_for_is_not_projected() -> None:
    assert forecast.projection(FIRST, noisy(48, 1), date(2024, 3, 1)).kind == "none"
    assert len(forecast.projection(FIRST, noisy(48, 1), date(2024, 4, 1)).months) == 1


@pytest.mark.parametrize("value", [-1.0, float("inf")])
def test_what_is_no_count_is_refused(value: float) -> None:
    with pytest.raises(ValueError, match="below 0 or infinite"):
        forecast.projection(FIRST, [*[5.0] * 40, value], UNTIL)


# Against independent calculations


PARAMETERS = {
    "ETS(A,N,N)": (0.3, 0.0, 0.0, 1.0),
    "ETS(A,Ad,N)": (0.4, 0.08, 0.0, 0.9),
    "ETS(A,N,A)": (0.25, 0.0, 0.15, 1.0),
    "ETS(A,Ad,A)": (0.35, 0.07, 0.13, 0.95),
}
"""Level, trend, season, damping: inside the range, as statsmodels divides by what an edge leaves of it."""


def statsmodels_model(form: Form, values: Floats) -> ETSModel:
    """statsmodels' model of the same form, begun at our first states."""
    years = min(smoothing.ROUNDS, len(values) // 12) if form.has_season else 1
    level, slope, effects = smoothing.initial_states(form, values[: years * 12])
    return ETSModel(
        pd.Series(values),
        error="add",
        trend="add" if form.has_trend else None,
        damped_trend=form.has_trend,
        seasonal="add" if form.has_season else None,
        seasonal_periods=12 if form.has_season else None,
        initialization_method="known",
        initial_level=level,
        initial_trend=slope if form.has_trend else None,
        initial_seasonal=effects if form.has_season else None,
    )


def own(form: Form, parameters: tuple[float, float, float, float]) -> Floats:
    """The parameters that the form has, in statsmodels' order."""
    held = (True, form.has_trend, form.has_season, form.has_trend)
    return np.array([value for value, has in zip(parameters, held, strict=True) if has])


@pytest.mark.parametrize("name", PARAMETERS)
def test_a_form_projects_and_spreads_as_in_statsmodels(name: str) -> None:
    form, parameters = FORM[name], PARAMETERS[name]
    values = seasonal(64, 9) + 3.0 * np.arange(64)
    years = 5 if form.has_season else 1
    grid = Grid(*(np.array([value]) for value in parameters))
    (fit,) = smoothing.passed(form, grid, values, years, 64)
    twin = statsmodels_model(form, values).smooth(own(form, parameters))
    np.testing.assert_allclose(fit.mean(30), twin.forecast(30), rtol=1e-9)
    # Our sigma loses degrees of freedom; the shape over the horizon is the exact one of the form.
    exact = twin.get_prediction(start=64, end=93, method="exact")
    expected = np.sqrt(np.asarray(exact.forecast_variance) / twin.scale)
    np.testing.assert_allclose(fit.spread(30) / fit.sigma, expected, rtol=1e-9)
    fitted = (1 + 2 * form.has_trend + form.has_season) + (1 + form.has_trend + 11 * form.has_season)
    assert fit.sigma == pytest.approx(np.sqrt(twin.sse / (64 - fitted)))


@pytest.mark.parametrize("name", PARAMETERS)
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_grid_comes_near_an_optimiser(name: str, seed: int) -> None:
    """The standard deviation that is left, not the parameters, is what has to be near: within 2 %."""
    form = FORM[name]
    values = seasonal(64, seed) + np.cumsum(np.random.default_rng(seed).normal(0, 10, 64))
    fit = smoothing.fits(form, values, 64)[-1]
    optimum = statsmodels_model(form, values).fit(start_params=own(form, PARAMETERS[name]), disp=False)
    fitted = (1 + 2 * form.has_trend + form.has_season) + (1 + form.has_trend + 11 * form.has_season)
    assert fit.sigma <= 1.02 * np.sqrt(optimum.sse / (64 - fitted))


def test_the_naive_spreads_as_published() -> None:
    # Hyndman and Athanasopoulos, Forecasting: principles and practice (3rd ed., 5.5): sigma sqrt(k + 1).
    fit = smoothing.fits(FORM[NAIVE], seasonal(40, 2), 40)[-1]
    assert fit.spread(25) / fit.sigma == pytest.approx(np.sqrt([1] * 12 + [2] * 12 + [3]))


def test_a_count_varies_at_least_by_chance() -> None:
    fit = smoothing.fits(FORM[NAIVE], np.resize(SHAPE, 40), 40)[-1]
    assert fit.sigma == pytest.approx(np.sqrt((SHAPE.sum() + 0.5) / 12))
    assert smoothing.fits(FORM[NAIVE], np.zeros(40), 40)[-1].sigma == pytest.approx(np.sqrt(0.5 / 12))


@pytest.mark.parametrize("level", [0.8, 0.95])
@pytest.mark.parametrize("count", [4, 18, 19, 20, 39, 60])
def test_a_factor_is_the_conformal_quantile(count: int, level: float) -> None:
    scores = np.abs(np.random.default_rng(count).standard_t(3, count)) * 3
    z = NormalDist().inv_cdf(0.5 + level / 2)
    # Plain counting: the smallest score with at least (n + 1) x level scores at or below it.
    reached = [score for score in sorted(scores) if np.sum(scores <= score) >= (count + 1) * level - 1e-9]
    assert intervals.factor(scores, level) == pytest.approx(max(1, (reached or [max(scores)])[0] / z))
    if ceil((count + 1) * level - 1e-9) <= count:
        assert np.mean(scores <= intervals.factor(scores, level) * z) >= level


def test_an_interval_is_never_narrowed() -> None:
    assert intervals.factor(np.full(50, 0.01), 0.8) == 1
    scores = np.full((50, 12), 0.01)
    fit = smoothing.fits(FORM["ETS(A,N,N)"], noisy(50, 3), 50)[-1]
    assert intervals.widened(fit, scores, 12, 0.8) == pytest.approx(1.2815515655446004 * fit.spread(12))


def test_a_horizon_with_few_errors_takes_those_of_all() -> None:
    scores = np.full((20, 12), np.nan)
    scores[:, 0] = 1.0
    scores[:19, 1] = 6.0
    scores[:18, 2] = 1.0
    z = intervals.quantile(0.95)
    # 57 errors together; of these the ceil(58 x 0.95) = 56th is a six.
    assert intervals.factors(scores, 0.95)[:4] == pytest.approx([1.0, 6 / z, 6 / z, 6 / z])


def test_an_interval_is_never_narrower_than_a_month_before() -> None:
    widened = intervals.half_widths(np.array([10.0, 11, 12]), np.array([2.0, 1, 2]), 0.95)
    assert widened == pytest.approx(1.959963984540054 * np.array([20, 20, 24]))


def test_the_wider_interval_of_a_sum_holds_the_narrower(monkeypatch: pytest.MonkeyPatch) -> None:
    # Equal widths for the months: more of the narrower one is widening, which adds in full.
    monkeypatch.setattr(forecast, "widened", lambda fit, scores, months, level: np.full(months, 90.0))
    found = forecast.projection(FIRST, noisy(60, 3), UNTIL)
    fit = smoothing.fits(FORM[found.method], noisy(60, 3), 60)[-1]
    narrow, wide = (
        intervals.half_width_of_sum(fit, np.full(40, 90.0), 0, 12, level) for level in (0.8, 0.95)
    )
    assert narrow > wide
    ordered(found)


def test_beyond_a_year_the_interval_grows_with_the_square_root_of_the_horizon() -> None:
    fit = smoothing.fits(FORM["ETS(A,N,N)"], noisy(60, 3), 60)[-1]
    still = Fit(60, (0.0, 0.0, 0.0, 1.0), fit.level, 0.0, np.zeros(12), 10.0)
    halves = intervals.widened(still, np.full((30, 12), 0.5), 48, 0.95)
    assert halves[:12] == pytest.approx([19.6] * 12, abs=0.01)
    assert halves[[23, 47]] == pytest.approx(halves[11] * np.sqrt([2, 4]))


@pytest.mark.parametrize("name", [NAIVE, "ETS(A,Ad,A)"])
def test_the_spread_of_a_sum_is_that_of_simulated_paths(name: str) -> None:
    fit = smoothing.fits(FORM[name], seasonal(64, 9), 64)[-1]
    random = np.random.default_rng(11)
    paths, months = 40_000, 31
    errors = random.normal(0, fit.sigma, (paths, months))
    # The recursion itself, month by month, not the weights that the answer is made of.
    level, trend, season, damping = fit.parameters
    states = np.full(paths, fit.level), np.full(paths, fit.slope), np.tile(fit.season, (paths, 1))
    here, slope, effects = states
    counts = np.empty((paths, months))
    for month in range(months):
        slope = damping * slope
        counts[:, month] = here + slope + effects[:, month % 12] + errors[:, month]
        here = here + slope + level * errors[:, month]
        slope = slope + trend * errors[:, month]
        effects[:, month % 12] += season * errors[:, month]
    for since, until in ((0, 7), (7, 19), (19, 31)):
        total = counts[:, since:until].sum(axis=1)
        assert fit.spread_of_sum(since, until) == pytest.approx(total.std(), rel=0.02)
        assert fit.mean(until)[since:].sum() == pytest.approx(total.mean(), rel=0.01)
        # The widened part: one more error of the level, the same for every month of the path.
        halves = 1.3 * intervals.quantile(0.95) * fit.spread(until)
        more = np.sqrt(1.3**2 - 1) * fit.spread(until)[since:].sum()
        wider = total + random.normal(0, 1, paths) * more
        low, high = np.quantile(wider, [0.025, 0.975])
        half = intervals.half_width_of_sum(fit, halves, since, until, 0.95)
        assert half == pytest.approx((high - low) / 2, rel=0.03)


def test_a_year_is_no_surer_than_its_parts_and_no_less_sure_than_their_sum() -> None:
    found = forecast.projection(FIRST, seasonal(77, 5), UNTIL)
    months = found.months.iloc[7:19]
    half = (months["upper_95"] - months["lower_95"]) / 2
    year = found.years.iloc[1]
    width = (year["upper_95"] - year["lower_95"]) / 2
    assert np.sqrt((half**2).sum()) < width < half.sum()


# Coverage


@pytest.mark.parametrize("name", [NAIVE, "ETS(A,N,N)", "ETS(A,N,A)"])
def test_an_origin_is_judged_by_errors_that_share_no_month_with_it(name: str) -> None:
    months = 39
    trial = next(each for each in backtest.trials(noisy(months, 3)) if each.form.name == name)
    expected = np.full(trial.errors.shape, np.nan)
    for row, training in enumerate(trial.trainings):
        ours = set(range(training, min(training + 12, months)))
        kept = np.full(trial.errors.shape, np.nan)
        for at, begun in enumerate(trial.trainings):
            for ahead in range(12):
                if begun + ahead < months and not ours & set(range(begun, begun + ahead + 1)):
                    kept[at, ahead] = abs(trial.errors[at, ahead]) / trial.spreads[at, ahead]
        if np.sum(~np.isnan(kept)) < 19:
            continue
        widths = intervals.quantile(0.8) * trial.spreads[row] * intervals.factors(kept, 0.8)
        for ahead in range(len(ours)):
            expected[row, ahead] = abs(trial.errors[row, ahead]) <= max(widths[: ahead + 1])
    np.testing.assert_array_equal(backtest.covered_widened(trial, 0.8), expected)
    assert 0 < np.nanmean(expected) < 1
    assert np.isnan(expected[:, 0]).any() == (name == "ETS(A,N,A)")


@pytest.mark.slow
@pytest.mark.parametrize("months", [40, 77])
@pytest.mark.parametrize("kind", ["noise", "season", "walk"])
def test_intervals_cover_what_comes(kind: str, months: int) -> None:
    """Over 100 series the months and years that come lie inside as often as said, within binomial bounds.

    A series counts once (its share of months inside is averaged), as its months are not independent; the
    bound is the 0.1 % point of a binomial of 100, below the nominal only: wider is allowed.
    """
    series, ahead = 100, 31
    inside: dict[str, list[float]] = {
        name: [] for name in ("80 near", "95 near", "95 far", "80 year", "95 year")
    }
    for seed in range(series):
        random = np.random.default_rng([seed, months])
        values = random.normal(400, 25, months + ahead)
        if kind == "season":
            values += np.resize(SHAPE, months + ahead) * 2 - 200
        if kind == "walk":
            values += np.cumsum(random.normal(0, 8, months + ahead))
        values = np.maximum(np.round(values), 0)
        first = date(2020, 4, 1)
        found = forecast.projection(first, values[:months], date(2030, 3, 1))
        months_ahead = found.months.iloc[:ahead]
        actual = values[months:]
        for level in (80, 95):
            within = months_ahead[f"lower_{level}"].le(actual) & months_ahead[f"upper_{level}"].ge(actual)
            inside[f"{level} near"].append(within[:12].mean())
            if level == 95:
                inside["95 far"].append(within[12:].mean())
            start = (12 - months % 12) % 12
            year = found.years.iloc[1 if start else 0]
            total = actual[start : start + 12].sum()
            inside[f"{level} year"].append(year[f"lower_{level}"] <= total <= year[f"upper_{level}"])
    for name, shares in inside.items():
        nominal = float(name[:2]) / 100
        assert np.sum(shares) >= binom.ppf(0.001, series, nominal), (name, np.mean(shares))

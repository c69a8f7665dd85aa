"""Intervals against published worked figures and independent packages."""

import numpy as np
import pytest
from scipy.stats import chi2
from statsmodels.stats.proportion import proportion_confint

from profiles import stats


@pytest.mark.parametrize(
    ("successes", "trials", "lower", "upper"),
    [(8, 10, 49, 94), (24, 30, 63, 90), (96, 120, 72, 86), (10, 10, 72, 100)],
)
def test_wilson_gives_the_figures_of_the_survey_examples(
    successes: int, trials: int, lower: int, upper: int
) -> None:
    low, high = stats.wilson(successes, trials)
    assert (round(100 * float(low)), round(100 * float(high))) == (lower, upper)


@pytest.mark.parametrize(("count", "lower", "upper"), [(4, 1.1, 10.2), (12, 6.2, 21.0), (47, 34.5, 62.5)])
def test_poisson_gives_the_figures_of_the_count_examples(count: int, lower: float, upper: float) -> None:
    low, high = stats.poisson(count)
    assert (round(float(low), 1), round(float(high), 1)) == (lower, upper)


@pytest.mark.parametrize("confidence", [0.8, 0.95, 0.998])
def test_wilson_equals_statsmodels(confidence: float) -> None:
    trials = np.repeat(np.arange(1, 61), 61)
    successes = np.minimum(np.tile(np.arange(61), 60), trials)
    expected = proportion_confint(successes, trials, alpha=1 - confidence, method="wilson")
    np.testing.assert_allclose(stats.wilson(successes, trials, confidence), expected, atol=1e-12)


@pytest.mark.parametrize("confidence", [0.8, 0.95, 0.998])
def test_poisson_equals_the_chi_squared_form(confidence: float) -> None:
    counts = np.arange(1, 2000)
    tail = (1 - confidence) / 2
    lower, upper = stats.poisson(counts, confidence)
    np.testing.assert_allclose(lower, chi2.ppf(tail, 2 * counts) / 2, rtol=1e-9)
    np.testing.assert_allclose(upper, chi2.ppf(1 - tail, 2 * counts + 2) / 2, rtol=1e-9)


def test_a_count_of_zero_has_no_lower_limit_above_zero() -> None:
    lower, upper = stats.poisson(0)
    assert float(lower) == 0
    assert float(upper) == pytest.approx(-np.log(0.025))


def test_a_missing_count_has_no_limits() -> None:
    lower, upper = stats.poisson([np.nan, 4])
    assert np.isnan(lower[0])
    assert np.isnan(upper[0])
    assert upper[1] == pytest.approx(10.24, abs=0.01)


def test_a_proportion_of_nothing_has_no_limits() -> None:
    lower, upper = stats.wilson([0, 3], [0, 4])
    assert np.isnan(lower[0])
    assert np.isnan(upper[0])
    assert 0 < lower[1] < 3 / 4 < upper[1] < 1


@pytest.mark.parametrize(("successes", "limit"), [(0, 0.0), (7, 1.0)])
def test_none_and_all_of_the_trials_reach_the_edge_exactly(successes: int, limit: float) -> None:
    assert limit in [float(each) for each in stats.wilson(successes, 7)]


def test_odds_are_the_wilson_limits_of_the_share_turned_into_odds() -> None:
    low, high = proportion_confint(20, 20 + 100, method="wilson")
    lower, upper = stats.odds(20, 100)
    assert float(lower) == pytest.approx(low / (1 - low))
    assert float(upper) == pytest.approx(high / (1 - high))
    assert lower < 20 / 100 < upper


def test_odds_against_nothing_have_no_limits() -> None:
    lower, upper = stats.odds(3, 0)
    assert np.isnan(lower)
    assert np.isnan(upper)

"""Forecast: a monthly series of counts carried on, with intervals, what they rest on and how well they held.

Three ways, by how much is known (a model from 36 months after the last break that applies): a model
or the seasonal naive, whichever had the smaller error in the back-test; a range of scenarios, without a
probability; nothing. Pure functions of the numbers given: no database, no clock, no chance.
"""

from calendar import month_name
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import pairwise

import numpy as np
import pandas as pd

from profiles.forecast import backtest
from profiles.forecast.backtest import Trial
from profiles.forecast.intervals import LEVELS, half_width_of_sum, widened
from profiles.forecast.smoothing import FORMS, NAIVE, YEAR, Floats
from profiles.periods import first_day, first_period, month_number

ELIGIBLE = 36
"""Months from which on a model is fitted."""

RUN_RATE = 3
"""Months in a row whose average is a scenario's low or high."""

DECIMALS = 1
"""Projected counts are rounded so far: what lies beyond is no knowledge, and differs between machines."""

METHODS = {form.name: form.about for form in FORMS} | {
    "scenario range": "the last twelve months' level, between the lowest and highest three months in a row",
    "none": "nothing is projected",
}
"""Every method with what it does in words."""

LIMITS = ("value", "lower_80", "upper_80", "lower_95", "upper_95")
MONTHS = ("period", *LIMITS, "is_extrapolated")
YEARS = ("period", *LIMITS, "months_known", "is_extrapolated")


@dataclass(frozen=True)
class Projection:
    """A series carried on: how, why, the months and financial years to come, and the back-test behind them.

    `kind` is model, naive, scenario or none. Of a scenario the range stands in `lower_95` and `upper_95`, is
    no probability, and the 80 columns are nan. A year that has begun holds its known months in value and
    limits, and is nan where one of them is not published. `mase` and `naive_mase` are means of the twelve
    horizons' means over the origins that all forms share (column `mase_shared` of `backtest`); `coverage_80`
    and `coverage_95` are the shares of all months judged, at all horizons, that lay in the widened interval;
    all four are nan where there is no back-test. `begun_marker` stands where a begun year has no sum.
    """

    method: str
    kind: str
    reason: str
    eligible_months: int
    months: pd.DataFrame
    years: pd.DataFrame
    backtest: pd.DataFrame
    mase: float
    naive_mase: float
    coverage_80: float
    coverage_95: float
    begun_marker: str = field(default="[c]", kw_only=True)


Limits = dict[str, float]
"""A lower and an upper limit by the name of their column."""


def projection(first: date, values: Sequence[float] | Floats, until: date) -> Projection:
    """The series carried on from its last month to the month that holds `until`.

    `values` are counts of months in a row from `first` on, settled and free of breaks; nan is a month that is
    not published. Raises ValueError for a count below 0 or without end.
    """
    known = np.asarray(values, dtype=float)
    if np.any(known < 0) or np.any(np.isinf(known)):
        raise ValueError("A count is below 0 or infinite.")
    start = month_number(first) + len(known)
    months = month_number(until) - start + 1
    if months < 1:
        return _nothing(known, "The series reaches the last month asked for, so nothing is projected.")
    missing = np.flatnonzero(np.isnan(known))
    if len(missing) == 0 and len(known) >= ELIGIBLE:
        return _modelled(known, start, months)
    if len(missing):
        month = _month(month_number(first) + int(missing[-1]))
        more = f" (and of {len(missing) - 1} before)" if len(missing) > 1 else ""
        why = f"There is no published count of {month}{more}, so no model is fitted."
    else:
        why = f"{len(known)} months are known since the last break and a model needs {ELIGIBLE}."
    run = _last_run(known)
    if len(run) < YEAR:
        return _nothing(known, f"{why} A scenario needs twelve known months in a row: nothing is projected.")
    return _scenario(known, run, start, months, why)


def _modelled(known: Floats, start: int, months: int) -> Projection:
    """The form that did best in the back-test, with its widened intervals."""
    tried = backtest.trials(known)
    best = backtest.chosen(tried)
    naive = next(trial for trial in tried if trial.form.name == NAIVE)
    value = best.fit.mean(months)
    halves = {level: widened(best.fit, best.scores, months, level) for level in LEVELS}

    def limits(since: int, until: int) -> Limits:
        middle = float(np.sum(value[since:until]))
        half, wider = (half_width_of_sum(best.fit, halves[level], since, until, level) for level in LEVELS)
        # Two quantiles of few errors may cross: the wider interval holds the narrower.
        wider = max(half, wider)
        return {
            "lower_80": max(middle - half, 0),
            "upper_80": middle + half,
            "lower_95": max(middle - wider, 0),
            "upper_95": middle + wider,
        }

    shares = [round(backtest.mean(backtest.covered_widened(best, level)), 4) for level in LEVELS]
    return Projection(
        best.form.name,
        "naive" if best is naive else "model",
        _reason(best, naive, start, months),
        len(known),
        _months(start, value, limits),
        _years(known, start, value, limits),
        backtest.table(tried),
        round(best.mase, 4),
        round(naive.mase, 4),
        *shares,
    )


def _reason(best: Trial, naive: Trial, start: int, months: int) -> str:
    origins = f"{int(np.sum(best.shared))} origins of the back-test"
    if best is naive:
        why = (
            f"No form of smoothing beat the seasonal naive (MASE {naive.mase:.2f} at {origins}), so each "
            "month is projected as the same month a year before."
        )
    else:
        why = (
            f"{best.form.name}, {best.form.about}, had the smallest error of the forms tried (MASE "
            f"{best.mase:.2f}, seasonal naive {naive.mase:.2f}, at {origins})."
        )
    how = " Its intervals are widened where the back-test's errors were wider"
    if months > YEAR:
        how += (
            f"; after {_month(start + YEAR - 1)}, twelve months ahead, they are an extrapolation that grows "
            "at least with the square root of the horizon"
        )
    return f"{why}{how}."


def _scenario(known: Floats, run: Floats, start: int, months: int, why: str) -> Projection:
    """The last level held, between the lowest and highest three months in a row."""
    level = float(np.mean(run[-YEAR:]))
    rates = np.convolve(run, np.ones(RUN_RATE), mode="valid") / RUN_RATE
    value = np.full(months, level)
    nan = float("nan")

    def limits(since: int, until: int) -> Limits:
        low, high = (float(rate) * (until - since) for rate in (rates.min(), rates.max()))
        return {"lower_80": nan, "upper_80": nan, "lower_95": low, "upper_95": high}

    reason = (
        f"{why} The value holds the monthly average of the last twelve known months; the range is as if "
        "every month were like the lowest or the highest three months in a row, and has no probability."
    )
    return Projection(
        "scenario range",
        "scenario",
        reason,
        int(np.sum(~np.isnan(known))),
        _months(start, value, limits),
        _years(known, start, value, limits),
        pd.DataFrame(columns=list(backtest.COLUMNS)),
        *(nan, nan, nan, nan),
    )


def _nothing(known: Floats, reason: str) -> Projection:
    nan = float("nan")
    return Projection(
        "none",
        "none",
        reason,
        int(np.sum(~np.isnan(known))),
        pd.DataFrame(columns=list(MONTHS)),
        pd.DataFrame(columns=list(YEARS)),
        pd.DataFrame(columns=list(backtest.COLUMNS)),
        *(nan, nan, nan, nan),
    )


def _months(start: int, value: Floats, limits: Callable[[int, int], Limits]) -> pd.DataFrame:
    rows = [
        {
            "period": first_day(start + at).isoformat(),
            "value": round(float(value[at]), DECIMALS),
            **{name: round(limit, DECIMALS) for name, limit in limits(at, at + 1).items()},
            "is_extrapolated": at >= YEAR,
        }
        for at in range(len(value))
    ]
    return pd.DataFrame(rows, columns=list(MONTHS))


def _years(known: Floats, start: int, value: Floats, limits: Callable[[int, int], Limits]) -> pd.DataFrame:
    """The whole financial years with a projected month: known months and the projected ones, summed.

    The months are summed as they are shown, rounded, so that the sum can be checked.
    """
    rows = []
    begins = first_period("financial_year", first_day(start))
    while begins + YEAR <= start + len(value):
        since, until = max(begins - start, 0), begins + YEAR - start
        count = max(start - begins, 0)
        before = float(np.sum(known[len(known) - count :]))
        total = before + float(np.sum(np.round(value[since:until], DECIMALS)))
        rows.append(
            {
                "period": first_day(begins).isoformat(),
                "value": round(total, DECIMALS),
                **{name: round(before + limit, DECIMALS) for name, limit in limits(since, until).items()},
                "months_known": count,
                "is_extrapolated": until > YEAR,
            }
        )
        begins += YEAR
    return pd.DataFrame(rows, columns=list(YEARS))


def _last_run(known: Floats) -> Floats:
    """The last twelve or more known months in a row; where there are none, an empty array."""
    breaks = np.flatnonzero(np.isnan(known))
    edges = [-1, *breaks.tolist(), len(known)]
    runs = [known[low + 1 : high] for low, high in pairwise(edges)]
    return next((run for run in reversed(runs) if len(run) >= YEAR), known[:0])


def _month(number: int) -> str:
    return f"{month_name[number % 12 + 1]} {number // 12}"

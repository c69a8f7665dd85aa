"""Forecast: a monthly series of counts carried on, with intervals, what they rest on and how well they held.

Three ways, by how much is known (a model from 36 months after the last break that applies): a model
or the seasonal naive, whichever had the smaller error in the back-test; a range of scenarios, without a
probability; nothing. Pure functions of the numbers given: no database, no clock, no chance.
"""

from calendar import month_name
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import pairwise

import numpy as np
import pandas as pd

from profiles.forecast import backtest
from profiles.forecast.backtest import Trial
from profiles.forecast.intervals import FLATTERED, LEVELS, half_width_of_sum, short, widened
from profiles.forecast.smoothing import NAIVE, YEAR, Floats
from profiles.periods import first_day, first_period, month_number

ELIGIBLE = 36
"""Months from which on a model is fitted."""

RUN_RATE = 3
"""Months in a row whose average is a scenario's low or high."""

DECIMALS = 1
"""Projected counts are rounded so far: what lies beyond is no knowledge, and differs between machines."""

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


@dataclass(frozen=True)
class Draft:
    """A series carried on, before its figures are rounded: what is known, and the value of each month ahead.

    `start` is the number of the first month ahead. A model and the naive have `tried`, the back-tests of all
    forms, `best`, that of the form in use, and `naive`; a scenario has `rates`, the counts of a month at its
    low and its high end.
    """

    known: Floats
    start: int
    kind: str
    method: str
    reason: str
    value: Floats
    tried: tuple[Trial, ...] = ()
    best: Trial | None = None
    naive: Trial | None = None
    rates: tuple[float, float] = (float("nan"), float("nan"))


def projection(first: date, values: Sequence[float] | Floats, until: date) -> Projection:
    """The series carried on from its last month to the month that holds `until`.

    `values` are counts of months in a row from `first` on, settled and free of breaks; nan is a month that is
    not published. Raises ValueError for a count below 0 or without end.
    """
    return finished(drafted(first, values, until))


def drafted(first: date, values: Sequence[float] | Floats, until: date) -> Draft:
    """The same before it is rounded."""
    known = np.asarray(values, dtype=float)
    if np.any(known < 0) or np.any(np.isinf(known)):
        raise ValueError("A count is below 0 or infinite.")
    start = month_number(first) + len(known)
    months = month_number(until) - start + 1
    if months < 1:
        return _nothing(known, start, "The series reaches the last month asked for, so nothing is projected.")
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
        why = f"{why} A scenario needs twelve known months in a row: nothing is projected."
        return _nothing(known, start, why)
    return _scenario(known, run, start, months, why)


def finished(draft: Draft, totals: Mapping[int, float] | None = None) -> Projection:
    """The draft with its figures rounded: months to one decimal, years to whole counts.

    `totals` are the years' figures, by the number of their first month, where they are not the draft's own.
    """
    limits = _limits_of(draft)
    best, naive = draft.best, draft.naive
    scores = [float("nan")] * 4
    if best and naive:
        shares = [round(backtest.mean(backtest.covered_widened(best, level)), 4) for level in LEVELS]
        scores = [round(best.mase, 4), round(naive.mase, 4), *shares]
    return Projection(
        draft.method,
        draft.kind,
        draft.reason,
        int(np.sum(~np.isnan(draft.known))),
        _months(draft, limits),
        _years(draft, limits, totals or {}),
        backtest.table(draft.tried),
        *scores,
    )


def _modelled(known: Floats, start: int, months: int) -> Draft:
    """The form that did best in the back-test."""
    tried = backtest.trials(known)
    best = backtest.chosen(tried)
    naive = next(trial for trial in tried if trial.form.name == NAIVE)
    return Draft(
        known,
        start,
        "naive" if best is naive else "model",
        best.form.name,
        _reason(best, naive, start, months),
        best.fit.mean(months),
        tuple(tried),
        best,
        naive,
    )


def _limits_of(draft: Draft) -> Callable[[int, int], Limits]:
    """The limits of the sum of the months from one place ahead up to another."""
    if draft.best is None:
        return _range_of(draft)
    fit, value = draft.best.fit, draft.value
    halves = {level: widened(fit, draft.best.scores, len(value), level) for level in LEVELS}

    def limits(since: int, until: int) -> Limits:
        middle = float(np.sum(value[since:until]))
        half, wider = (half_width_of_sum(fit, halves[level], since, until, level) for level in LEVELS)
        # Two quantiles of few errors may cross: the wider interval holds the narrower.
        wider = max(half, wider)
        return {
            "lower_80": max(middle - half, 0),
            "upper_80": middle + half,
            "lower_95": max(middle - wider, 0),
            "upper_95": middle + wider,
        }

    return limits


def _range_of(draft: Draft) -> Callable[[int, int], Limits]:
    """The range of a scenario."""
    nan = float("nan")

    def limits(since: int, until: int) -> Limits:
        low, high = (rate * (until - since) for rate in draft.rates)
        return {"lower_80": nan, "upper_80": nan, "lower_95": low, "upper_95": high}

    return limits


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
            f"; after {_month(start + YEAR - 1)}, 12 months ahead, they are an extrapolation that grows "
            "at least with the square root of the horizon"
        )
    known = best.fit.training
    if known < FLATTERED:
        more = 100 * (short(known) - 1)
        how += (
            f". A back-test of {known} months flatters, so they are another {more:.3g}% wider, as simulated "
            "series of that length ask for"
        )
    return f"{why}{how}."


def _scenario(known: Floats, run: Floats, start: int, months: int, why: str) -> Draft:
    """The last level held, between the lowest and highest three months in a row."""
    level = float(np.mean(run[-YEAR:]))
    rates = np.convolve(run, np.ones(RUN_RATE), mode="valid") / RUN_RATE
    reason = (
        f"{why} The value holds the monthly average of the last twelve known months; the range is as if "
        "every month were like the lowest or the highest three months in a row, and has no probability."
    )
    ends = (float(rates.min()), float(rates.max()))
    return Draft(known, start, "scenario", "scenario range", reason, np.full(months, level), rates=ends)


def _nothing(known: Floats, start: int, reason: str) -> Draft:
    return Draft(known, start, "none", "none", reason, np.zeros(0))


def _months(draft: Draft, limits: Callable[[int, int], Limits]) -> pd.DataFrame:
    rows = [
        {
            "period": first_day(draft.start + at).isoformat(),
            **_held(round(float(draft.value[at]), DECIMALS), limits(at, at + 1)),
            "is_extrapolated": at >= YEAR,
        }
        for at in range(len(draft.value))
    ]
    return pd.DataFrame(rows, columns=list(MONTHS))


def _held(value: float, limits: Limits) -> Limits:
    """The value and its limits, rounded; no rounding takes the value out of its interval."""
    kept = {"value": value}
    for name, limit in limits.items():
        outer = min if name.startswith("lower") else max
        # Of a limit that there is not, nan remains: it stands first.
        kept[name] = outer(round(limit, DECIMALS), value)
    return kept


@dataclass(frozen=True)
class Year:
    """A whole financial year with a projected month, by the number of its first month.

    `count` of its months are known, with the sum `before`; the others are those ahead from `since` up to
    `until`. `total` is the sum of all, the projected ones as they are shown, rounded, so that it can be
    checked; nan where a known month is not published.
    """

    begins: int
    since: int
    until: int
    count: int
    before: float
    total: float


def years_of(draft: Draft) -> list[Year]:
    """The financial years of the draft, before they are rounded."""
    found = []
    begins = first_period("financial_year", first_day(draft.start))
    while begins + YEAR <= draft.start + len(draft.value):
        since, until = max(begins - draft.start, 0), begins + YEAR - draft.start
        count = max(draft.start - begins, 0)
        before = float(np.sum(draft.known[len(draft.known) - count :]))
        total = before + float(np.sum(tenths(draft.value[since:until])))
        found.append(Year(begins, since, until, count, before, total))
        begins += YEAR
    return found


def tenths(values: Floats) -> Floats:
    """The values as they are shown, to one decimal."""
    return np.array([round(float(value), DECIMALS) for value in values])


def whole(value: float) -> float:
    """The nearest whole count; a half goes up."""
    # Sums of tenths are not exact: 2.5 must not be 2.4999.
    return float(np.floor(round(value, DECIMALS) + 0.5))


def _years(draft: Draft, limits: Callable[[int, int], Limits], totals: Mapping[int, float]) -> pd.DataFrame:
    rows = [
        {
            "period": first_day(year.begins).isoformat(),
            **_held(
                totals.get(year.begins, whole(year.total)),
                {name: year.before + limit for name, limit in limits(year.since, year.until).items()},
            ),
            "months_known": year.count,
            "is_extrapolated": year.until > YEAR,
        }
        for year in years_of(draft)
    ]
    return pd.DataFrame(rows, columns=list(YEARS))


def _last_run(known: Floats) -> Floats:
    """The last twelve or more known months in a row; where there are none, an empty array."""
    breaks = np.flatnonzero(np.isnan(known))
    edges = [-1, *breaks.tolist(), len(known)]
    runs = [known[low + 1 : high] for low, high in pairwise(edges)]
    return next((run for run in reversed(runs) if len(run) >= YEAR), known[:0])


def _month(number: int) -> str:
    return f"{month_name[number % 12 + 1]} {number // 12}"

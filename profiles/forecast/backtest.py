"""Back-test: errors at rolling origins, what they say of each form, and how far its intervals must widen."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from profiles.forecast.intervals import ENOUGH, LEVELS, factors, half_widths, quantile
from profiles.forecast.smoothing import FORMS, SHORTEST_SEASONAL, YEAR, Fit, Floats, Form, fits

COLUMNS = (
    "method",
    "horizon",
    "origins",
    "mase",
    "mean_error",
    "coverage_80",
    "coverage_95",
    "coverage_80_widened",
    "coverage_95_widened",
    "mase_shared",
)

Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class Trial:
    """A form's back-test: arrays of a row an origin and a column a horizon from 1 to 12, nan past the end.

    `errors` are actual less projected, `spreads` the model's standard deviations, `scales` (a number an
    origin) the mean absolute error of the seasonal naive inside the training.
    """

    form: Form
    fit: Fit
    trainings: NDArray[np.int64]
    errors: Floats
    spreads: Floats
    scales: Floats

    @property
    def scaled(self) -> Floats:
        """Absolute errors over the origin's scale (MASE: Hyndman and Koehler 2006)."""
        scaled: Floats = np.abs(self.errors) / self.scales[:, None]
        return scaled

    @property
    def scores(self) -> Floats:
        """Absolute errors in standard deviations of the model."""
        scores: Floats = np.abs(self.errors) / self.spreads
        return scores

    @property
    def shared(self) -> Flags:
        """The origins that every form has."""
        shared: Flags = self.trainings >= SHORTEST_SEASONAL
        return shared

    @property
    def mase(self) -> float:
        """Mean scaled error at the shared origins: the mean of the twelve horizons' means."""
        return float(np.mean(np.nanmean(self.scaled[self.shared], axis=0)))


def trials(values: Floats) -> list[Trial]:
    """A trial of every form, each fitted anew at every origin; the seasonal naive's first."""
    return [_trial(form, values) for form in FORMS]


def _trial(form: Form, values: Floats) -> Trial:
    found = fits(form, values, form.shortest)
    origins = found[:-1]
    ahead = np.concatenate([values, np.full(YEAR, np.nan)])
    errors = np.array([ahead[fit.training : fit.training + YEAR] - fit.mean(YEAR) for fit in origins])
    steps = np.abs(values[YEAR:] - values[:-YEAR])
    # A training that repeats itself has no error to scale by: one count stands in.
    scales = np.array([float(np.mean(steps[: fit.training - YEAR])) or 1.0 for fit in origins])
    spreads = np.array([fit.spread(YEAR) for fit in origins])
    trainings = np.array([fit.training for fit in origins])
    return Trial(form, found[-1], trainings, errors, spreads, scales)


def chosen(tried: list[Trial]) -> Trial:
    """The form with the least mean scaled error, to four decimals; of equals the first, the naive."""
    return min(tried, key=lambda trial: round(trial.mase, 4))


def covered(trial: Trial, level: float) -> Floats:
    """1 where the model's own interval holds the actual count, 0 where it does not, nan past the end."""
    return _within(trial.errors, quantile(level) * trial.spreads)


def covered_widened(trial: Trial, level: float) -> Floats:
    """The same for widened intervals, each origin judged by factors that have not seen its months.

    An origin's factors come from those errors of the back-test that share no month with it: known when it
    was reached, or begun after its last month. With fewer than 19 of those it is not judged (nan).
    """
    scores = trial.scores
    begun = np.broadcast_to(trial.trainings[:, None], scores.shape)
    ended = begun + np.arange(1, YEAR + 1)
    found = np.full(scores.shape, np.nan)
    for row, training in enumerate(trial.trainings):
        last = training + int(np.sum(~np.isnan(scores[row])))
        apart = (ended <= training) | (begun >= last)
        kept = np.where(apart, scores, np.nan)
        if np.sum(~np.isnan(kept)) >= ENOUGH:
            halves = half_widths(trial.spreads[row], factors(kept, level), level)
            found[row] = _within(trial.errors[row], halves)
    return found


def _within(errors: Floats, halves: Floats) -> Floats:
    inside: Floats = np.where(np.isnan(errors), np.nan, np.abs(errors) <= halves + 1e-9)
    return inside


def mean(cells: Floats) -> float:
    """Mean of the known cells; nan where there are none."""
    known = cells[~np.isnan(cells)]
    return float(np.mean(known)) if len(known) else float("nan")


def table(tried: Sequence[Trial]) -> pd.DataFrame:
    """A row a method and horizon: origins, MASE, mean error, coverage before and after widening.

    Each over all origins of the method, but `mase_shared`, by which the methods are compared: over the
    origins that all have. `mean_error` is projected less actual, in counts. Coverage is a share from 0 to 1;
    after widening it is of the origins that could be judged (`covered_widened`), nan where there is none.
    """
    rows: list[dict[str, Any]] = []
    for trial in tried:
        inside = {level: covered(trial, level) for level in LEVELS}
        widened = {level: covered_widened(trial, level) for level in LEVELS}
        rows += [
            {
                "method": trial.form.name,
                "horizon": at + 1,
                "origins": int(np.sum(~np.isnan(trial.errors[:, at]))),
                "mase": round(mean(trial.scaled[:, at]), 4),
                "mean_error": round(-mean(trial.errors[:, at]), 2),
                **{f"coverage_{level * 100:.0f}": round(mean(inside[level][:, at]), 4) for level in LEVELS},
                **{
                    f"coverage_{level * 100:.0f}_widened": round(mean(widened[level][:, at]), 4)
                    for level in LEVELS
                },
                "mase_shared": round(mean(trial.scaled[trial.shared, at]), 4),
            }
            for at in range(YEAR)
        ]
    return pd.DataFrame(rows, columns=list(COLUMNS))

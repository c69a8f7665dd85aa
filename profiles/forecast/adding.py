"""Adding up: the projections of the parts of a whole, made to add up to the projection of the whole.

The whole is projected by itself. Each part is projected by itself too, and in each month both are scaled by
one factor, so that they add up to the whole (forecast proportions: Athanasopoulos, Ahmed and Hyndman 2009,
*Hierarchical forecasts for Australian domestic tourism*). So the whole, whose history is the longest and the
steadiest, is not moved by its parts. The back-test scales in the same way at every origin that all share.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from profiles.forecast import Draft, Projection, finished, tenths, whole, years_of
from profiles.forecast.backtest import Trial
from profiles.forecast.smoothing import YEAR, Floats

SCALED = ", scaled"
"""What the name of a form ends with whose projections are scaled."""


def adds_up(total: Draft, parts: Sequence[Draft]) -> bool:
    """Whether the parts can be made to add up to the total: all are projected, of the same months.

    All are modelled, or all parts are scenarios: a model scaled by a scenario would no longer be one.
    """
    kinds = {part.kind for part in parts}
    is_modelled = total.best is not None
    return (
        "none" not in kinds | {total.kind}
        and {part.start for part in parts} == {total.start}
        and {len(part.value) for part in parts} == {len(total.value)}
        and (kinds == {"scenario"} or (is_modelled and "scenario" not in kinds))
    )


def added_up(total: Draft, parts: Sequence[Draft]) -> list[Projection]:
    """The projections of the total and of its parts, whose months and years add up, as rounded.

    Of a month the parts are rounded to a decimal and of a year to whole counts, but the last, which takes
    what is left of the total: it differs from its own figure by less than one unit of the rounding. The
    limits do not add up. Where published counts of the parts do not add up to those of the total, because
    they are rounded, the months known of a year begun are those of the parts, added.
    """
    scaled = _scaled(total, parts)
    total = _counted_by_parts(total, parts)
    left = tenths(total.value)
    rounded = []
    for part in scaled[:-1]:
        value = np.minimum(tenths(part.value), left)
        left = tenths(left - value)
        rounded.append(replace(part, value=value))
    rounded.append(replace(scaled[-1], value=left))
    totals = _whole_years(total, rounded)
    return [finished(draft, each) for draft, each in zip((total, *rounded), totals, strict=True)]


def _counted_by_parts(total: Draft, parts: Sequence[Draft]) -> Draft:
    """The total, its last months counted as the sum of the parts' where all of these are known."""
    months = min(YEAR, len(total.known), *(len(part.known) for part in parts))
    known = total.known.copy()
    summed = np.sum([part.known[-months:] for part in parts], axis=0)
    known[-months:] = np.where(np.isnan(summed) | np.isnan(known[-months:]), known[-months:], summed)
    return replace(total, known=known)


def _scaled(total: Draft, parts: Sequence[Draft]) -> list[Draft]:
    """The parts with each month's value scaled, and with the back-test of what is scaled so."""
    values = shares(total.value, [part.value for part in parts])
    if total.best is None or any(part.best is None for part in parts):
        # The range of a scenario holds its value, wherever that was moved to.
        return [
            replace(
                part,
                value=value,
                rates=(min(part.rates[0], *value), max(part.rates[1], *value)),
            )
            for part, value in zip(parts, values, strict=True)
        ]
    tried = _retried(total, parts)
    return [
        replace(
            part,
            method=best.form.name,
            value=value,
            tried=(*part.tried, best),
            best=best,
            naive=naive,
        )
        for part, value, (best, naive) in zip(parts, values, tried, strict=True)
    ]


def shares(total: Floats, parts: Sequence[Floats]) -> list[Floats]:
    """The parts scaled so that they add up to the total; equal shares of it where all parts are 0."""
    summed = np.sum(parts, axis=0)
    is_none = summed == 0
    factor = total / np.where(is_none, 1, summed)
    return [np.where(is_none, total / len(parts), part * factor) for part in parts]


def _retried(total: Draft, parts: Sequence[Draft]) -> list[tuple[Trial, Trial]]:
    """Of each part the back-test of its scaled projections, and the naive's at the same origins.

    Only the origins, months of the calendar, at which the forms of all are fitted can be scaled.
    """
    drafts = (total, *parts)
    trials = [draft.best for draft in drafts if draft.best]
    months = [_origins(draft, trial) for draft, trial in zip(drafts, trials, strict=True)]
    shared = np.array(sorted(set(months[0]).intersection(*months[1:])))
    kept = [
        _at(trial, np.isin(mine, shared), trial.errors) for trial, mine in zip(trials, months, strict=True)
    ]
    actual = [_ahead(draft.known, trial) for draft, trial in zip(drafts, kept, strict=True)]
    means = [counts - trial.errors for counts, trial in zip(actual, kept, strict=True)]
    scaled = shares(means[0], means[1:])
    found = []
    for part, trial, counts, mean in zip(parts, kept[1:], actual[1:], scaled, strict=True):
        form = replace(trial.form, name=trial.form.name + SCALED)
        best = replace(trial, form=form, errors=counts - mean)
        naive = part.tried[0]
        found.append((best, _at(naive, np.isin(_origins(part, naive), shared), naive.errors)))
    return found


def _origins(draft: Draft, trial: Trial) -> list[int]:
    """Number of the first month projected from each origin."""
    first = draft.start - len(draft.known)
    return [first + int(training) for training in trial.trainings]


def _at(trial: Trial, rows: np.ndarray, errors: Floats) -> Trial:
    """The back-test at some of its origins alone."""
    return replace(
        trial,
        trainings=trial.trainings[rows],
        errors=errors[rows],
        spreads=trial.spreads[rows],
        scales=trial.scales[rows],
    )


def _ahead(known: Floats, trial: Trial) -> Floats:
    """The counts of the 12 months after each origin, nan past the end."""
    padded = np.concatenate([known, np.full(YEAR, np.nan)])
    return np.array([padded[training : training + YEAR] for training in trial.trainings])


def _whole_years(total: Draft, parts: Sequence[Draft]) -> list[dict[int, float]]:
    """Of the total and of each part the years in whole counts that add up, where all are known."""
    found: list[dict[int, float]] = [{} for _ in (total, *parts)]
    for years in zip(*(years_of(draft) for draft in (total, *parts)), strict=True):
        if np.isnan([year.total for year in years]).any():
            continue
        begins = years[0].begins
        left = found[0][begins] = whole(years[0].total)
        for place, year in enumerate(years[1:-1], 1):
            found[place][begins] = min(whole(year.total), left)
            left -= found[place][begins]
        found[-1][begins] = left
    return found

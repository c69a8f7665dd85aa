"""Smoothing: a few declared forms of exponential smoothing and the seasonal naive, fitted at every origin.

Forms are written ETS(error, trend, season): A additive, Ad additive and damped, N none (Hyndman, Koehler,
Ord and Snyder 2008, *Forecasting with Exponential Smoothing*, chapters 2 and 3). With additive errors maximum
likelihood is least squares. Smoothing parameters come from a declared grid: all of it runs along the series
at once, and the sum of squares up to each origin says which is best there. So a new fit at every origin takes
one pass, where an optimiser took seconds and may stop elsewhere on another machine.
"""

from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

YEAR = 12
"""Months in a season's round."""

ROUNDS = 5
"""Initial seasonal effects come from at most so many first years."""

SHORTEST = 18
"""Months of training from which on a form without seasons, and the seasonal naive, are fitted."""
SHORTEST_SEASONAL = 24
"""Months of training from which on a form with seasons is fitted: two of each calendar month."""

LEVEL = tuple(step / 20 for step in range(21))
TREND = (0.0, 0.05, 0.1, 0.2, 0.4)
"""As shares of the level's parameter."""
DAMPING = (0.8, 0.9, 0.95, 0.98)
SEASON = (0.0, 0.05, 0.1, 0.2, 0.4)
"""As shares of what the level's parameter leaves of 1."""

SAME = 1e-9
"""Sums of squares within this share of the least are equal."""

NAIVE = "seasonal naive"


@dataclass(frozen=True)
class Form:
    """A form of smoothing: its parts, months it needs, and what it does in words."""

    name: str
    about: str
    has_trend: bool = False
    has_season: bool = False

    @property
    def shortest(self) -> int:
        """Months of training it needs."""
        return SHORTEST_SEASONAL if self.has_season and self.name != NAIVE else SHORTEST


FORMS = (
    Form(NAIVE, "each month as the same month a year before", has_season=True),
    Form("ETS(A,N,N)", "a level that follows the series"),
    Form("ETS(A,Ad,N)", "a level and a trend that fades", has_trend=True),
    Form("ETS(A,N,A)", "a level and an effect of each calendar month", has_season=True),
    Form(
        "ETS(A,Ad,A)",
        "a level, a trend that fades and an effect of each calendar month",
        has_trend=True,
        has_season=True,
    ),
)
"""All that is tried, the one to beat first."""


@dataclass(frozen=True)
class Grid:
    """Smoothing parameters, arrays of one length: of level, trend and season, and the damping."""

    level: Floats
    trend: Floats
    season: Floats
    damping: Floats


@dataclass(frozen=True)
class Fit:
    """What a form says after `training` months: parameters, the states it has reached, its error.

    `season` holds the effects of the next 12 months in order; `sigma` is the standard deviation of one
    month's error.
    """

    training: int
    parameters: tuple[float, float, float, float]
    level: float
    slope: float
    season: Floats
    sigma: float

    def mean(self, months: int) -> Floats:
        """Projected count of each of the next `months`, never below 0."""
        effects = np.resize(self.season, months)
        values: Floats = np.maximum(
            self.level + _damped(self.parameters[3], months) * self.slope + effects, 0
        )
        return values

    def weights(self, months: int) -> Floats:
        """What a month's error adds to that month (1) and to each later one.

        Table 6.2 of Hyndman and others 2008: a + b (f + … + f^j), and the season's parameter at 12, 24, ….
        """
        level, trend, season, damping = self.parameters
        lags = np.arange(months)
        moved: Floats = level + trend * np.concatenate([[0.0], _damped(damping, months)])[:months]
        moved = moved + season * (lags % YEAR == 0)
        moved[:1] = 1.0
        return moved

    def spread(self, months: int) -> Floats:
        """Standard deviation of the error of each of the next `months`."""
        spread: Floats = self.sigma * np.sqrt(np.cumsum(self.weights(months) ** 2))
        return spread

    def spread_of_sum(self, since: int, months: int) -> float:
        """Standard deviation of the error of the sum of the months `since` (from 0) to `months`."""
        reach = np.cumsum(self.weights(months))
        # An error reaches its month and all later ones; of one before `since` only the later part counts.
        ahead = reach[::-1].copy()
        ahead[:since] -= reach[:since][::-1]
        return float(self.sigma * np.sqrt(np.sum(ahead**2)))


def fits(form: Form, values: Floats, since: int) -> list[Fit]:
    """The form fitted to the first n months, for n from `since` to the length of the series, in order."""
    if form.name == NAIVE:
        return [_naive(values[:training]) for training in range(since, len(values) + 1)]
    found: list[Fit] = []
    grid = _grid(form)
    # The initial seasons rest on the whole years of the training, so they are the same for twelve origins.
    rounds = {n: min(ROUNDS, n // YEAR) if form.has_season else 1 for n in range(since, len(values) + 1)}
    for years in sorted(set(rounds.values())):
        trainings = [n for n, of in rounds.items() if of == years]
        found += passed(form, grid, values[: trainings[-1]], years, trainings[0])
    return found


def _grid(form: Form) -> Grid:
    cells = [
        (level, share * level, part * (1 - level), damping)
        for level, share, part, damping in product(
            LEVEL,
            TREND if form.has_trend else (0.0,),
            SEASON if form.has_season else (0.0,),
            DAMPING if form.has_trend else (1.0,),
        )
    ]
    return Grid(*np.array(sorted(set(cells))).T)


def passed(form: Form, grid: Grid, values: Floats, years: int, since: int) -> list[Fit]:
    """The fits from `since` months to all of `values`, whose first states rest on the first `years`."""
    start, rise, effects = initial_states(form, values[: years * YEAR])
    level = np.full(grid.level.shape, start)
    slope = np.full(grid.level.shape, rise)
    season = np.repeat(effects[:, None], len(grid.level), axis=1)
    squares = np.zeros_like(level)
    # What was fitted: smoothing parameters and damping, and the first states.
    count = (1 + 2 * form.has_trend + form.has_season) + (1 + form.has_trend + (YEAR - 1) * form.has_season)
    found: list[Fit] = []
    for month, value in enumerate(values):
        place = month % YEAR
        slope = grid.damping * slope
        error = value - (level + slope + season[place])
        level = level + slope + grid.level * error
        slope = slope + grid.trend * error
        season[place] += grid.season * error
        squares += error * error
        training = month + 1
        if training >= since:
            # The first of equals, so that no machine's last bit decides.
            best = int(np.argmax(squares <= squares.min() * (1 + SAME) + SAME))
            found.append(
                Fit(
                    training,
                    (
                        float(grid.level[best]),
                        float(grid.trend[best]),
                        float(grid.season[best]),
                        float(grid.damping[best]),
                    ),
                    float(level[best]),
                    float(slope[best]),
                    np.roll(season[:, best], -(training % YEAR)),
                    _sigma(float(squares[best]) / (training - count), values[:training]),
                )
            )
    return found


def initial_states(form: Form, values: Floats) -> tuple[float, float, Floats]:
    """Level and slope before the first month, and the effects of 12 months, by least squares.

    A straight line (of no slope, where the form has no trend) and, for a season, an effect of each calendar
    month that sums to zero over the year.
    """
    months = np.arange(1, len(values) + 1)
    columns = [np.ones(len(values))]
    if form.has_trend:
        columns.append(months.astype(float))
    if form.has_season:
        calendar = (months - 1) % YEAR
        last = calendar == YEAR - 1
        columns += [(calendar == place).astype(float) - last for place in range(YEAR - 1)]
    solved = np.linalg.lstsq(np.column_stack(columns), values, rcond=None)[0]
    effects = np.zeros(YEAR)
    if form.has_season:
        effects[: YEAR - 1] = solved[-(YEAR - 1) :]
        effects[-1] = -effects.sum()
    return float(solved[0]), float(solved[1]) if form.has_trend else 0.0, effects


def _naive(values: Floats) -> Fit:
    """The seasonal naive: no level, no slope, the last 12 months as effects that follow wholly."""
    steps = values[YEAR:] - values[:-YEAR]
    sigma = _sigma(float(np.mean(steps**2)), values)
    return Fit(len(values), (0.0, 0.0, 1.0, 1.0), 0.0, 0.0, values[-YEAR:].copy(), sigma)


def _sigma(variance: float, values: Floats) -> float:
    """Standard deviation of a month's error, at least that of a count by chance alone.

    A short training can fit by luck, and twelve zeros have no spread at all; a Poisson count varies as its
    mean, which is taken from the last 12 months and half an event (Jeffreys).
    """
    chance = (float(np.sum(values[-YEAR:])) + 0.5) / YEAR
    return float(np.sqrt(max(variance, chance)))


def _damped(damping: float, months: int) -> Floats:
    """f, f + f², … for each of `months`."""
    summed: Floats = np.cumsum(np.full(months, damping) ** np.arange(1, months + 1))
    return summed

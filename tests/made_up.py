"""Made-up forces in memory: cases by chance with a change planted in them, answered as the product answers.

No warehouse is built: every measure has cases of its own, each with a month, a basis, a value of every
dimension, and whether it is counted. Titles are held against the frames, so measures need not agree.
"""

import zlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from profiles import measures
from profiles.blocks.block import Source
from profiles.catalogue import Measure, measure
from profiles.frames import Break, Breaks
from profiles.periods import ALL, Period, first_day, last_day, month_number, periods
from profiles.selection import DIMENSIONS, NOT_RECORDED, STEPS, Selection

AS_AT = date(2026, 9, 30)
MONTHS = 60
LAST = month_number(AS_AT)
FIRST = LAST - MONTHS + 1
DAYS = (first_day(FIRST), AS_AT)
CHANGES = ("none", "holds", "ended", "reversed")
SIZES = (0.3, 2.0, 12.0, 60.0, 400.0)
"""Cases a month of a measure, on average."""
NAMES = {
    "district": ("Dover", "Thanet", "Medway", "Ashford", "Swale", NOT_RECORDED),
    "team": ("CID East", "CID West", "Local Policing Team Dover", NOT_RECORDED),
    "area": ("Kent", "England"),
    "comparator": ("Kent: recorded stalking: principal", "England: recorded stalking: principal"),
    "series": ("recorded stalking",),
}
APART = {"Thanet": 0.5, "Medway": 1.5, "CID East": 0.5}
"""Places whose shares stand apart in every other two forces, and how far."""
Masks = dict[str, NDArray[np.bool_]]


@dataclass(frozen=True, eq=False)
class Cases:
    """The cases of one measure: month and basis, whether counted, days, and who is in which category."""

    month: NDArray[np.int64]
    is_counted: NDArray[np.bool_]
    days: NDArray[np.int64]
    by: dict[str, Masks]


@dataclass(frozen=True)
class Force:
    """A force of so many cases a month with a change planted; `has_gap` where a month is missing.

    A force that `is_published` is read as a snapshot: it withholds one and two.
    """

    seed: int
    size: float
    change: str
    is_published: bool = False

    @property
    def has_gap(self) -> bool:
        """Whether a month in the middle is not covered."""
        return self.seed % 5 == 3

    @property
    def breaks(self) -> Breaks:
        """A rebase in the middle, an event later; none of either in two forces of three."""
        if self.seed % 3:
            return ()
        return (
            Break(first_day(FIRST + 30), True, "Rules changed", "", "Home Office"),
            Break(first_day(FIRST + 40), False, "A campaign", ""),
        )

    @property
    def source(self) -> Source:
        """Where blocks take the figures of the force from."""
        return Source(
            frame=lru_cache(maxsize=4096)(self._answer),
            breaks=lambda name, basis: self.breaks,
            lacking=lambda name, selection: {},
            as_at=AS_AT.isoformat(),
            version="made up",
            marking="",
            is_synthetic=True,
            published_period_for=_published_period if self.is_published else None,
        )

    @lru_cache(maxsize=128)  # noqa: B019 - forces live as long as the module
    def cases(self, name: str) -> Cases:
        """The cases of a measure, the same in every run."""
        # The steps towards an order and the shares that take them are of one thing.
        item = measure("spo_steps" if name == "spo_step_reached" else name)
        draw = np.random.default_rng([self.seed, zlib.crc32(item.measure_id.encode())])
        course = self._course()
        numbers = draw.poisson(self.size * (course if item.is_count else 1.0))
        month = np.repeat(np.arange(FIRST, LAST + 1), numbers)
        likely = float(draw.choice([0.004, 0.1, 0.35, 0.7, 0.97])) * course / course.max()
        by = {each: _categories(draw, each, len(month)) for each in sorted({*item.dimensions, "basis"})}
        chances = likely[month - FIRST]
        if self.seed % 4 > 1:
            for each, factor in APART.items():
                for named in by.values():
                    chances = np.where(named.get(each, False), factor * chances, chances)
        return Cases(
            month,
            draw.random(len(month)) < chances,
            draw.gamma(2, 10, len(month)).astype(int),
            by,
        )

    def _course(self) -> NDArray[np.float64]:
        course = np.ones(MONTHS)
        if self.change == "holds":
            course[-10:] = 2.2
        elif self.change == "ended":
            course[-26:-15] = 2.2
        elif self.change == "reversed":
            course[-26:-14] = 2.2
            course[-12:] = 0.4
        return course

    def _answer(self, name: str, selection: Selection) -> pd.DataFrame:
        item = measure(name)
        asked = measures.fitted(item, selection)
        cases = self.cases(name)
        chosen = np.ones(len(cases.month), dtype=bool)
        if asked.basis and asked.basis != "any":
            chosen = cases.by["basis"][asked.basis]
        for each in dict.fromkeys(pair[0] for pair in asked.where):
            inside = [cases.by[each].get(value, ~chosen & False) for value in asked.values(each)]
            if each != "step":
                chosen = chosen & np.logical_or.reduce(inside)
        steps = asked.values("step") if asked.by != "step" else ()
        groups: Masks = {ALL: np.ones(len(chosen), dtype=bool)}
        if asked.by:
            groups = cases.by[asked.by]
            if not DIMENSIONS[asked.by].categories:
                groups = {name: mask for name, mask in groups.items() if (mask & chosen).any()} or groups
        grain = asked.grain or "month"
        spans = periods(grain, asked.since or DAYS[0], asked.until or AS_AT)
        found = [
            (category, span.label, *self._cell(item, cases, chosen & mask, span, grain, steps, category))
            for category, mask in groups.items()
            for span in spans
        ]
        return self._frame(item, found)

    def _cell(
        self,
        item: Measure,
        cases: Cases,
        mask: NDArray[np.bool_],
        span: Period,
        grain: str,
        steps: tuple[str, ...],
        category: str,
    ) -> tuple[float, float, list[int], str]:
        """Numerator, denominator, the days of the cases, and the marker."""
        first, last = month_number(span.starts), month_number(min(span.ends, AS_AT))
        if item.time == "stock":
            first = FIRST
        inside = mask & (cases.month >= first) & (cases.month <= last)
        is_early = first < FIRST or (self.has_gap and first <= LAST - 30 <= last)
        marker = "[x]" if is_early and item.time == "flow" else ""
        if not marker and (span.ends > AS_AT or (grain == "month" and last == LAST and self.seed % 2)):
            marker = "[p]"
        size, counted = float(inside.sum()), float((inside & cases.is_counted).sum())
        step = category if category in STEPS else (steps or ("",))[0]
        if item.measure_id in ("spo_steps", "spo_step_reached") and step:
            place = STEPS.index(step)
            reached = [float((inside & (cases.days % 7 >= each)).sum()) for each in range(len(STEPS))]
            size, counted = (reached[place - 1] if place else 0.0), reached[place]
            return counted, np.nan if item.is_count else size, [], marker
        if item.is_count:
            return size, np.nan, [], marker
        if item.interval == "odds":
            return counted, size - counted, [], marker
        if item.unit == "per_1000":
            return counted, 40_000.0 + 10 * len(category), [], marker
        return counted, size, cases.days[inside].tolist(), marker

    def _frame(
        self, item: Measure, found: list[tuple[str, str, float, float, list[int], str]]
    ) -> pd.DataFrame:
        category, period, counted, sizes, days, marked = (list(each) for each in zip(*found, strict=True))
        numerator, denominator = np.array(counted, dtype=float), np.array(sizes, dtype=float)
        marker = np.array(marked, dtype=object)
        if item.shape == "distribution":
            parts = [np.quantile(each, [0.5, 0.25, 0.75]) if each else [np.nan] * 3 for each in days]
            value, lower, upper = np.array(parts, dtype=float).T
            numerator = np.full(len(value), np.nan)
            denominator = np.array([len(each) for each in days], dtype=float)
        else:
            with np.errstate(invalid="ignore", divide="ignore"):
                value, lower, upper = measures.figures(item, numerator, denominator)
        marker[(marker != "[x]") & (denominator == 0)] = "[z]"
        is_few = (denominator < item.least) & (marker != "[x]") & (marker != "[z]")
        marker[is_few] = "[u]"
        few = np.where(item.is_count or np.isnan(numerator), 0, 1) * np.nan_to_num(numerator)
        is_hidden = (
            self.is_published
            & (marker == "")
            & (((few > 0) & (few < 3)) | (item.is_count & (value > 0) & (value < 3)))
        )
        marker[is_hidden] = "[c]"
        parts = [numerator, denominator, value, lower, upper]
        is_blank = np.isin(marker, ["[x]", "[c]"])
        parts = [np.where(is_blank, np.nan, each) for each in parts]
        parts[2:] = [np.where(is_few | (marker == "[z]"), np.nan, each) for each in parts[2:]]
        names = ("numerator", "denominator", "value", "lower", "upper")
        return pd.DataFrame(
            {"category": category, "period": period, **dict(zip(names, parts, strict=True)), "marker": marker}
        )


def _categories(draw: np.random.Generator, name: str, count: int) -> Masks:
    """Who is in which category of a dimension: of what overlaps a case may be in several."""
    known = NAMES.get(name, DIMENSIONS[name].categories) or tuple(f"{name} {each}" for each in "abcd")
    if name == "typology":
        flags = {
            each: draw.random(count) < chance for each, chance in zip(known[:3], (0.3, 0.6, 0.1), strict=True)
        }
        others = ~np.logical_or.reduce(list(flags.values()))
        is_blank = others & (draw.random(count) < 0.3)
        return flags | {known[3]: others & ~is_blank, known[4]: is_blank}
    weights = draw.dirichlet(np.full(len(known), 0.9))
    if draw.random() < 0.25:
        weights = np.full(len(known), 1 / len(known))
    places = draw.choice(len(known), count, p=weights)
    return {each: places == place for place, each in enumerate(known)}


def _published_period(name: str, selection: Selection) -> Selection:
    """The newest rolling year, or what the measure has in its place, as a snapshot heads a chart."""
    item = measure(name)
    asked = measures.fitted(item, replace(selection, grain=item.grains[0] if item.grains else None, by=None))
    if item.time == "standing":
        return replace(asked, grain=ALL)
    month = month_number(asked.until or AS_AT)
    grain = "month" if item.time == "stock" else "rolling_year"
    if item.grains and grain not in item.grains:
        grain = item.grains[0]
    return replace(asked, grain=grain, since=first_day(month), until=last_day(month))


def forces() -> Iterator[Force]:
    """Twenty: of every size one with each change; every other one is read as a snapshot."""
    for seed, (size, change) in enumerate((size, change) for size in SIZES for change in CHANGES):
        yield Force(seed, size, change, seed % 4 in ((0, 2), (1, 3))[seed // 4 % 2])

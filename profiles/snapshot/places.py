"""Places that stand apart: districts whose share differs from the force's by more than chance explains."""

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import pandas as pd

from profiles import stats, words
from profiles.catalogue import Measure, catalogue
from profiles.periods import ALL
from profiles.selection import NOT_RECORDED
from profiles.snapshot.counts import is_share
from profiles.snapshot.headlines import HEADLINES
from profiles.snapshot.judging import DIRECTIONS
from profiles.snapshot.series import bases_of, made_of, records
from profiles.verdicts import BETTER, state

DISTRICT, YEAR = "district", "financial_year"

FEWEST = 3
"""With fewer districts there is nothing to hold one against."""
OUTERMOST = 2
"""Beyond the 99.8 % limits of the funnel, which chance leaves once in a thousand on either side."""

ORDER = ("worse", "neutral", "better")
"""Of places that stand apart in one measure, those on the worse side are told first."""


@dataclass(frozen=True)
class Place:
    """A district, its row of the measure, and that of the force as a whole for the same financial year."""

    item: Measure
    district: str
    row: Mapping[str, Any]
    whole: Mapping[str, Any]

    @property
    def where(self) -> str:
        """On which side of the force it lies: above or below."""
        return "above" if self._side > 0 else "below"

    @property
    def direction(self) -> str:
        """Whether that side is better or worse; neutral where no direction is agreed."""
        return DIRECTIONS[state(self._side, self.item.direction)]

    @property
    def _side(self) -> int:
        return 1 if self.row["value"] > self.whole["value"] else -1

    @property
    def year(self) -> str:
        """The financial year in words."""
        year = words.financial_year(date.fromisoformat(self.row["period"]))
        return f"{year} so far" if self.row["marker"] == "[p]" else year

    @property
    def sentence(self) -> str:
        """Its figure and the force's, in neutral words."""
        value, average = (words.number(each["value"], self.item.unit) for each in (self.row, self.whole))
        return words.sentence(
            f"{value} ({made_of(self.row)}) in {self.year}, {self.where} the {average} of the whole force"
        )


def standing_out(rows: pd.DataFrame) -> tuple[Place, ...]:
    """The districts outside the outer limits, measure by measure: the worse side first, then the furthest.

    Of each share that has a better side or is a headline, on its usual basis, in the newest financial year
    in which it is published for three districts or more. Made of protected rows alone: a district that is
    withheld is not looked at.
    """
    return tuple(place for part, item in _looked_at(rows) for place in _of(part, item))


def named(apart: Iterable[Place]) -> str:
    """Each place with its figure and its side: 60.0% in Thanet, below the rest; 95.0% in Dover, above."""
    sides: dict[str, list[str]] = {}
    for place in apart:
        value = words.number(place.row["value"], place.item.unit)
        sides.setdefault(place.where, []).append(f"{value} in {place.district}")
    told = [f"{words.listed(places)}, {where}" for where, places in sides.items()]
    return "; ".join([*(f"{each} the rest" for each in told[:1]), *told[1:]])


def year_spoken_of(rows: pd.DataFrame) -> str:
    """First day (ISO) of the financial year that districts stand out in, or else are looked at for.

    Of several years the one of most of them, and the newest of equals; empty where none is looked at.
    """
    told = [str(place.row["period"]) for place in standing_out(rows)]
    told = told or list(filter(None, (_year(_districts(part)) for part, _ in _looked_at(rows))))
    return max(told, key=lambda year: (told.count(year), year), default="")


def _looked_at(rows: pd.DataFrame) -> Iterator[tuple[pd.DataFrame, Measure]]:
    """Each share that is looked at, with its rows of the force and its districts by financial year."""
    headlines = {name for name, *_ in HEADLINES}
    years = rows[(rows["grain"] == YEAR) & rows["dimension"].isin((ALL, DISTRICT))]
    parts = dict(iter(years.groupby(["measure_id", "basis"], sort=False)))
    for name, item in catalogue().items():
        is_told = item.direction in BETTER or name in headlines
        if is_share(item) and is_told and (name, bases_of(item)[0]) in parts:
            yield parts[name, bases_of(item)[0]], item


def _districts(part: pd.DataFrame) -> pd.DataFrame:
    """The rows of districts with a figure."""
    is_place = (part["dimension"] == DISTRICT) & (part["category"] != NOT_RECORDED)
    return part[is_place & part["value"].notna()]


def _year(held: pd.DataFrame) -> str:
    """The newest year with enough districts; empty where there is none."""
    counts = held.groupby("period").size()
    return str(max(counts.index[counts >= FEWEST], default=""))


BY_CHANCE = 1 - stats.OUTER
"""How often chance alone sets a share outside the outer limits."""


def among_places(rows: pd.DataFrame) -> str:
    """How many shares of districts were looked at, how many stand apart, and how many chance would set so.

    Empty when none was looked at.
    """
    every = [_districts(part) for part, _ in _looked_at(rows)]
    looked_at = sum(int((held["period"] == _year(held)).sum()) for held in every)
    if not looked_at:
        return ""
    found, expected = len(standing_out(rows)), looked_at * BY_CHANCE
    told = f"{found} of {looked_at:,} shares of districts {'stands' if found == 1 else 'stand'} apart"
    return words.sentence(
        f"{told}, outside the 99.8% limits; chance alone would set {words.expected(expected)} so far apart"
    )


def _of(part: pd.DataFrame, item: Measure) -> Iterator[Place]:
    held = _districts(part)
    year = _year(held)
    if not year:
        return
    mine = held[held["period"] == year]
    whole = records(part[(part["dimension"] == ALL) & (part["period"] == year)])
    if not whole or math.isnan(whole[0]["value"]):
        return
    average = float(whole[0]["value"]) / item.scale
    found = stats.funnel(mine["numerator"].to_numpy(), mine["denominator"].to_numpy(), average)
    far = mine.assign(distance=(mine["value"] / item.scale - average).abs())[abs(found.position) >= OUTERMOST]
    far = far.sort_values("distance", ascending=False, kind="stable")
    places = [Place(item, row["category"], row, whole[0]) for row in records(far)]
    yield from sorted(places, key=lambda place: ORDER.index(place.direction))


__all__ = ["Place", "among_places", "named", "standing_out", "year_spoken_of"]

"""Places that stand out: districts whose share is worse than that of the force by more than chance does."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from profiles import stats
from profiles.catalogue import Measure, catalogue
from profiles.charts import words
from profiles.periods import ALL
from profiles.selection import NOT_RECORDED
from profiles.snapshot.counts import is_share
from profiles.snapshot.series import bases_of, made_of, records

DISTRICT, YEAR = "district", "financial_year"

FEWEST = 3
"""With fewer districts there is nothing to hold one against."""
OUTERMOST = 2
"""Beyond the 99.8 % limits of the funnel, which chance leaves once in a thousand on either side."""

WORSE = {"more_is_better": -1, "less_is_better": 1}
"""The side of the average that is the worse one."""


@dataclass(frozen=True)
class Place:
    """A district, its row of the measure, and that of the force as a whole for the same financial year."""

    item: Measure
    district: str
    row: Mapping[str, Any]
    whole: Mapping[str, Any]

    @property
    def year(self) -> str:
        """The financial year in words."""
        year = words.financial_year(date.fromisoformat(self.row["period"]))
        return f"{year} so far" if self.row["marker"] == "[p]" else year

    @property
    def sentence(self) -> str:
        """What stands out, in neutral words."""
        value, average = (words.number(each["value"], self.item.unit) for each in (self.row, self.whole))
        return words.sentence(
            f"{value} ({made_of(self.row)}) in {self.year}, against {average} of the whole force: chance "
            "alone rarely sets a district so far apart"
        )


def standing_out(rows: pd.DataFrame) -> tuple[Place, ...]:
    """The districts on the worse side of the outer limits, measure by measure, the furthest first.

    Of each share that has a better side, on its usual basis, in the newest financial year in which it is
    published for three districts or more. Made of protected rows alone: a district that is withheld is not
    looked at.
    """
    years = rows[(rows["grain"] == YEAR) & rows["dimension"].isin((ALL, DISTRICT))]
    parts = dict(iter(years.groupby(["measure_id", "basis"], sort=False)))
    return tuple(
        place
        for name, item in catalogue().items()
        if is_share(item) and item.direction in WORSE and (name, bases_of(item)[0]) in parts
        for place in _of(parts[name, bases_of(item)[0]], item)
    )


def _of(part: pd.DataFrame, item: Measure) -> Iterator[Place]:
    is_place = (part["dimension"] == DISTRICT) & (part["category"] != NOT_RECORDED)
    held = part[is_place & part["value"].notna()]
    counts = held.groupby("period").size()
    told = counts.index[counts >= FEWEST]
    if not len(told):
        return
    mine = held[held["period"] == max(told)]
    whole = records(part[(part["dimension"] == ALL) & (part["period"] == max(told))])
    if not whole or math.isnan(whole[0]["value"]):
        return
    average = float(whole[0]["value"]) / item.scale
    found = stats.funnel(mine["numerator"].to_numpy(), mine["denominator"].to_numpy(), average)
    is_far = found.position * WORSE[item.direction] >= OUTERMOST
    far = mine.assign(distance=np.abs(mine["value"] / item.scale - average))[is_far]
    for row in records(far.sort_values("distance", ascending=False, kind="stable")):
        yield Place(item, row["category"], row, whole[0])


__all__ = ["Place", "standing_out"]

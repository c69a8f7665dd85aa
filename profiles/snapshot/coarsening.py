"""Coarsening: what a force with few crimes gives for years alone, because much else would be withheld."""

import numpy as np
import pandas as pd

from profiles.catalogue import measure
from profiles.disclosure import Flags
from profiles.periods import ALL
from profiles.snapshot.headlines import LASTING

FEW = 0.15
"""A force has few crimes when more than this share of the figures of its plan hold a small count."""
ENOUGH = 10_000
"""Fewer figures than this, such as those of a year or two, are protected in little time as they are."""
MOST = 0.5
"""In such a force a breakdown of which more than this share holds one is not given."""
YEARS = ("financial_year", ALL)
SERIES = ["measure_id", "basis", "dimension", "dimension_2", "grain"]


def too_fine(
    rows: pd.DataFrame, shown: pd.Series, table: pd.DataFrame, is_small: Flags
) -> tuple[Flags, Flags]:
    """Of each row, whether its period is too short for so few crimes, and whether its breakdown is too fine.

    Neither is in a force that has more. Too short are months, quarters and rolling years of what counts
    people, or holds a small count; not those of all crimes of the force, which are projected. The `table` has
    a row a count of a figure with its `place`, as in `Cells`; `is_small` tells by place which counts are
    withheld for themselves.
    """
    row = table["row"].to_numpy()
    has_any, has_small = np.zeros(len(rows), dtype=bool), np.zeros(len(rows), dtype=bool)
    has_any[row[(table["value"] > 0).to_numpy()]] = True
    has_small[row[is_small[table["place"].to_numpy()]]] = True
    is_asked = shown.to_numpy(dtype=bool) & has_any
    none = np.zeros(len(rows), dtype=bool)
    if is_asked.sum() < ENOUGH or has_small[is_asked].mean() <= FEW:
        return none, none
    kind = rows["measure_id"].map({name: measure(name).sensitivity for name in rows["measure_id"].unique()})
    is_whole = rows["dimension"] == ALL
    is_lasting = (rows["measure_id"] == LASTING[0]) & (rows["basis"] == LASTING[1]) & is_whole
    is_part = ~rows["grain"].isin(YEARS)
    small = rows.loc[is_asked & has_small & is_part.to_numpy(), SERIES[:-1]].drop_duplicates()
    holds_small = pd.MultiIndex.from_frame(rows[SERIES[:-1]]).isin(pd.MultiIndex.from_frame(small))
    of_people = (kind == "person") | ((kind == "process") & (~is_whole | holds_small))
    is_short = (of_people & is_part & ~is_lasting).to_numpy()
    asked = rows.loc[is_asked & ~is_short & ~is_whole.to_numpy(), SERIES]
    shares = asked.assign(share=has_small[asked.index]).groupby(SERIES)["share"].mean()
    fine = shares[shares > MOST].index
    return is_short, pd.MultiIndex.from_frame(rows[SERIES]).isin(fine)

"""Previews: what a snapshot built now would withhold, of which figures, and why."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from profiles import words
from profiles.catalogue import measure
from profiles.disclosure import SMALLEST
from profiles.facts import Facts
from profiles.periods import ALL
from profiles.selection import DIMENSIONS
from profiles.snapshot import contents, protecting
from profiles.snapshot.counts import is_share
from profiles.snapshot.files import KEY
from profiles.snapshot.known import Known
from profiles.snapshot.protecting import LEAST_BASE
from profiles.warehouse import Connection

SMALL, GIVEN, FEW, LEFT = "small", "given away", "too few", "left out"

REASONS = {
    SMALL: f"A count of 1 to {SMALLEST - 1}, or all but 1 to {SMALLEST - 1}",
    GIVEN: "Would give another away",
    FEW: f"Fewer than {LEAST_BASE} for a rate",
    LEFT: "Cannot be protected: left out",
}
"""Why a figure is not shown, as the head of a column."""


@dataclass(frozen=True, eq=False)
class Preview:
    """What protection costs, in sentences, and how many figures it hides: by breakdown, and by measure.

    Both tables count figures (rows): all, shown, and not shown by reason.
    """

    cost: tuple[str, ...]
    by_breakdown: pd.DataFrame
    by_measure: pd.DataFrame


def preview(
    con: Connection,
    facts: Facts,
    profile: str,
    others: Known,
    say: Callable[[str], None],
) -> Preview:
    """What a snapshot of these data would withhold; nothing is written.

    `others` are the snapshots that are known then, as for a build. Raises BadSnapshot if one is unreadable.
    """
    earlier = others.earlier()
    rows, shown = contents.rows(con, facts, say, earlier)
    say("protecting small counts")
    found = protecting.released(rows, shown, profile, earlier, others.internal(), say)
    asked = rows[shown.to_numpy(dtype=bool)].reset_index(drop=True)
    why = reasons(asked, found.rows)
    return Preview(
        protecting.cost_sentences(found.cost),
        _counted(asked.assign(Breakdown=_breakdowns(asked), Periods=asked["grain"].map(words.GRAINS)), why),
        _counted(asked.assign(Measure=asked["title"]), why),
    )


def reasons(asked: pd.DataFrame, released: pd.DataFrame) -> pd.Series:
    """For each row asked for, why its figure is not in the release; empty where it is, or there was none."""
    figures = ["numerator", "denominator"]
    both = asked[[*KEY, *figures]].merge(
        released[[*KEY, *figures, "value", "marker"]],
        on=list(KEY),
        how="left",
        suffixes=("_true", ""),
        indicator=True,
    )
    items = {name: measure(name) for name in asked["measure_id"].unique()}

    def by_measure(values: dict[str, bool]) -> np.ndarray:
        return both["measure_id"].map(values).to_numpy(dtype=bool)

    top, base = (both[f"{name}_true"].to_numpy() for name in figures)
    is_marked = (both["marker"] == "[c]").to_numpy()
    is_top, is_base = (
        is_marked & both[name].isna().to_numpy() & both[f"{name}_true"].notna().to_numpy() for name in figures
    )

    def is_small(values: np.ndarray) -> np.ndarray:
        return (values > 0) & (values < SMALLEST)

    is_part = by_measure({name: is_share(item) for name, item in items.items()})
    is_answer = by_measure({name: item.sensitivity == "answers" for name, item in items.items()})
    is_hidden = is_top | is_base
    small = (
        (is_top & is_small(top)) | (is_base & is_small(base)) | (is_hidden & is_part & is_small(base - top))
    )
    is_there = both["marker"].isin(["[u]", "[c]"]).to_numpy() & both["value"].isna().to_numpy()
    few = is_there & (~is_hidden | (is_answer & (base < LEAST_BASE)))
    is_lost = (both["_merge"] == "left_only").to_numpy()
    told = np.select([is_lost, few, small, is_hidden], [LEFT, FEW, SMALL, GIVEN], default="")
    return pd.Series(told, index=asked.index, dtype="str")


def _breakdowns(asked: pd.DataFrame) -> list[str]:
    """What each row is broken down by, in words."""
    return [
        " and ".join(DIMENSIONS[name].title for name in pair if name not in ("", ALL))
        or "the force as a whole"
        for pair in zip(asked["dimension"].tolist(), asked["dimension_2"].tolist(), strict=True)
    ]


def _counted(asked: pd.DataFrame, why: pd.Series) -> pd.DataFrame:
    """Figures by the columns that were added to the rows (those with a capital): all, and hidden by reason.

    Those with most hidden first.
    """
    by = [name for name in asked.columns if name[:1].isupper()]
    flags = asked[by].assign(
        Figures=1, **{title: (why == name).astype(int) for name, title in REASONS.items()}
    )
    table = flags.groupby(by, sort=False, as_index=False).sum()
    hidden = table[list(REASONS.values())].sum(axis=1)
    table.insert(len(by) + 1, "Shown", table["Figures"] - hidden)
    return (
        table.assign(hidden=hidden)
        .sort_values(["hidden", *by], ascending=[False, *(True for _ in by)], kind="stable")
        .drop(columns="hidden")
        .reset_index(drop=True)
    )

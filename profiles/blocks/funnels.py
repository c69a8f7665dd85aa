"""Blocks on places in place of league tables: which of them differ by more than chance."""

from dataclasses import replace

import numpy as np
import pandas as pd

from profiles import stats, words
from profiles.blocks import allocation
from profiles.blocks.block import (
    Block,
    Source,
    answers,
    asks_of,
    ignored,
    lacking,
    markers_met,
    named,
    pooled,
    subtitle,
    table_of,
)
from profiles.blocks.breakdowns import LOWEST_BASE
from profiles.catalogue import Measure, measure
from profiles.charts import comparisons, funnels
from profiles.periods import ALL
from profiles.selection import DIMENSIONS, NOT_RECORDED, Selection
from profiles.stats import Funnel

FIGURES = ("numerator", "denominator")

FEWEST = 3
"""With fewer categories there is nothing to hold one against."""


def funnel(
    source: Source, measure_id: str, selection: Selection, *, by: str, says: str = "", block_id: str = ""
) -> Block:
    """A dot a category at its denominator and its share of the whole period, between limits of chance.

    For measures that are shares. What is not recorded, and what is out of fewer than ten, stands in the
    table only. `says` stands for the measure's own name in the title.
    """
    item = measure(measure_id)
    moment = replace(selection, grain=ALL, by=None)
    asks = asks_of(item, moment, replace(moment, by=by))
    answered = answers(source, asks)
    is_part = answered["by"] != ""
    is_place = is_part & ~answered["category"].isin((ALL, "none of these", NOT_RECORDED))
    is_withheld = is_place & (answered["marker"] == "[c]")
    is_low = is_place & (answered["denominator"] < LOWEST_BASE)
    only = allocation.of_one_kind(source, item, moment) if _is_of_teams(source, by) else {}
    is_apart = is_place & answered["category"].isin(only)
    is_held = is_place & ~is_low & ~is_apart & answered["value"].notna()
    held = answered[is_held].sort_values("value", ascending=False, kind="stable")
    frame = pd.concat((answered[~is_part], held, answered[is_part & ~is_held]), ignore_index=True)
    whole = len(frame) - int(is_part.sum())
    shown = frame.iloc[whole : whole + len(held)]
    # Held against the whole, with what is not recorded and what is not drawn: the figure of the table. Teams
    # for one kind of case have no part in it.
    average = float(frame["value"].iloc[0]) / item.scale
    if is_apart.any():
        parts = answered.loc[~is_part, list(FIGURES)].sum() - answered.loc[is_apart, list(FIGURES)].sum()
        average = float(parts["numerator"] / parts["denominator"]) if parts["denominator"] > 0 else np.nan
    found = stats.funnel(shown["numerator"].to_numpy(), shown["denominator"].to_numpy(), average)
    is_drawn = len(shown) >= FEWEST
    places = [funnels.PLACES[place] for place in found.position.tolist()] if is_drawn else []
    name, what = says or named(item, selection), DIMENSIONS[by].title
    return Block(
        block_id=block_id or f"{measure_id}-{by}-funnel",
        title=comparisons.funnel_title(shown, item.unit, found, name, what, int(is_withheld.sum()))
        if is_drawn
        else f"{name} by {what}: too few to compare",
        subtitle=subtitle(item, moment, ALL, by),
        sentence=comparisons.funnel_sentence(shown, item.unit, found, what, int(is_withheld.sum()))
        if is_drawn
        else comparisons.few_sentence(frame.iloc[whole:], item.unit),
        figure=funnels.funnel(shown, item.unit, found) if is_drawn else None,
        table=_table(frame, whole, item, places),
        frame=frame,
        asks=asks,
        source=source,
        selection=selection,
        texts=3,
        notes=(
            *(_rules(what, found, len(shown)) if is_drawn else ()),
            *allocation.left_out(only if is_apart.any() else {}),
            *(
                allocation.given(source, moment, shown.loc[found.position != 0, "category"].tolist())
                if is_drawn and _is_of_teams(source, by)
                else ()
            ),
            *_left_out(answered.loc[is_low & ~is_withheld, "category"].tolist()),
            *_withheld(answered.loc[is_withheld, "category"].tolist(), what),
            *ignored(item, selection),
            *lacking(source, item, replace(moment, by=by)),
            *pooled(source, [item], moment),
            *markers_met(frame),
        ),
        by=by,
    )


def _is_of_teams(source: Source, by: str) -> bool:
    """Whether what a team is for can be told: a snapshot has no breakdown by team."""
    return by == allocation.TEAM and not source.is_snapshot


def _table(frame: pd.DataFrame, whole: int, item: Measure, places: list[str]) -> pd.DataFrame:
    """The table of the categories, with where each of those drawn lies; `whole` rows stand before them."""
    table = table_of(frame, item)
    told = ["" for _ in range(whole)] + [words.name(place) for place in places]
    table.insert(2, "Against the limits", told + [""] * (len(frame) - len(told)))
    return table


def _rules(what: str, found: Funnel, count: int) -> tuple[str, ...]:
    """How the limits are made, and what a place outside them means."""
    inner, outer = (words.expected((1 - limit) * count) for limit in (stats.INNER, stats.OUTER))
    lines = [
        f"The average is that of the whole. Limits: where 95% and 99.8% of them would lie if every {what} "
        "had the same share and only chance told them apart; they are wide where cases are few. "
        f"Of the {count} drawn chance alone would put {inner} outside the 95% limits and {outer} outside the "
        "99.8% limits. This is no ranking.",
    ]
    if found.is_overdispersed:
        lines.append(
            "Overdispersion: on the whole they differ by more than chance, so the limits are widened by the "
            "variance between them (Spiegelhalter 2005; extremes drawn in to the outer tenths)."
        )
    return tuple(lines)


def _withheld(names: list[str], what: str) -> tuple[str, ...]:
    """That some places are withheld, so that nobody takes those that are drawn for all there are."""
    if not names:
        return ()
    told = words.listed(words.name(name) for name in names)
    return (f"Withheld ([c]), so not among the {what}s drawn: {told}.",)


def _left_out(names: list[str]) -> tuple[str, ...]:
    if not names:
        return ()
    told = words.listed(words.name(name) for name in names)
    return (f"Out of fewer than {LOWEST_BASE}, so in the table only: {told}.",)

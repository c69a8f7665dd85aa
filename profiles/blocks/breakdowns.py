"""Blocks on what a measure is made of: ranked categories, one dimension inside another, fields by month."""

from dataclasses import replace
from datetime import date

import pandas as pd

from profiles import charts, words
from profiles.blocks.block import (
    Block,
    Source,
    answers,
    asks_of,
    breaks_of,
    figure_words,
    fit,
    ignored,
    lacking,
    letters_of,
    markers_met,
    named,
    pooled,
    subtitle,
    table_of,
)
from profiles.catalogue import Measure, measure
from profiles.charts import bars, claims, grids, stacks
from profiles.frames import Row, rows
from profiles.periods import ALL, first_day, last_day, month_number
from profiles.selection import DIMENSIONS, NOT_RECORDED, Selection

LOWEST_BASE = 10
"""A rate on a smaller denominator is not drawn."""
ALONE = {"mode": {"online": "online only", "offline": "offline only"}}
"""Categories that a sentence must tell from one that holds them and others, such as both."""
LAST = ("none of these", NOT_RECORDED)
"""Categories that stand last, and are never called the highest."""


def ranking(
    source: Source,
    measure_id: str,
    selection: Selection,
    *,
    by: str,
    says: str = "",
    top: int | None = None,
    block_id: str = "",
    note: str = "",
    none: str = "",
) -> Block:
    """A bar a category, the highest first, with the figure of all beside; a rate over its last whole year.

    `says` is a title about the highest category, as `claims.ranking` takes it; `note` stands before all
    others; `none` says in words that a count is zero.
    """
    item = measure(measure_id)
    moment = _moment(source, item, selection)
    asks = asks_of(item, moment, replace(moment, by=by))
    frame = answers(source, asks)
    is_whole = frame["by"] == ""
    is_last = frame["category"].isin(LAST)
    # A rate out of a handful says nothing: it stands in the table only.
    is_low = ~is_whole & (frame["denominator"] < LOWEST_BASE)
    known = frame[~is_whole & ~is_last & ~is_low]
    ordered = known.sort_values("value", ascending=False, kind="stable", na_position="last")
    left_out = frame.loc[is_low, "category"].tolist()
    parts = (frame[is_whole], ordered, frame[is_last & ~is_low], frame[is_low])
    frame = pd.concat(parts, ignore_index=True)
    if item.is_count:
        frame["share"] = 100 * frame["value"] / (frame["value"].iloc[0] or float("nan"))
    whole = rows(frame.iloc[:1])[0]
    shown = frame.iloc[1 : len(frame) - len(left_out)]
    ranked = rows(shown.iloc[: len(ordered)])
    highest = [row for row in ranked if row.value >= 0]
    is_drawn = any(row.value > 0 for row in highest)
    title = _ranked(item, named(item, moment), by, whole, shown, highest, says)
    sentence = claims.ranking_sentence(shown, item.unit, None if item.is_count else whole)
    if item.is_count and whole.value == 0:
        title = none or f"{named(item, moment)}: none"
        sentence = f"{title}."
    return Block(
        block_id=block_id or f"{measure_id}-{by}",
        title=title,
        subtitle=subtitle(item, moment, moment.grain or ALL, by),
        sentence=sentence,
        figure=bars.ranked(shown, item.unit, None if item.is_count else whole, top) if is_drawn else None,
        table=table_of(frame, item),
        frame=frame,
        asks=asks,
        source=source,
        selection=selection,
        texts=2,
        notes=(
            *filter(None, [note]),
            *ignored(item, selection),
            *lacking(source, item, replace(moment, by=by)),
            *pooled(source, [item], moment),
            *_low(left_out),
            *markers_met(frame),
        ),
        by=by,
    )


def _low(names: list[str]) -> tuple[str, ...]:
    if not names:
        return ()
    return (f"Out of fewer than {LOWEST_BASE}, so in the table only: {words.listed(names)}.",)


def _moment(source: Source, item: Measure, selection: Selection) -> Selection:
    """The whole period; of a measure that has none, the rolling year to the last whole month in it.

    A snapshot has breakdowns by financial year in its place.
    """
    if not item.grains or ALL in item.grains:
        return fit(item, replace(selection, grain=ALL, by=None))
    if source.is_snapshot and "financial_year" in item.grains:
        return fit(item, replace(selection, grain="financial_year", by=None))
    until = selection.until or date.max
    newest = month_number(until) - (until != last_day(month_number(until)))
    month = replace(selection, by=None, since=first_day(newest), until=last_day(newest))
    return fit(item, replace(month, grain="rolling_year"))


def _ranked(
    item: Measure, name: str, by: str, whole: Row, shown: pd.DataFrame, highest: list[Row], says: str
) -> str:
    if not highest:
        return f"{name} by {DIMENSIONS[by].title}: no figure"
    title = claims.ranking(shown, item.unit, says, LAST) if says else ""
    if title:
        return title
    hidden = claims.withheld(shown[~shown["category"].isin(LAST)])
    return claims.ends(name, DIMENSIONS[by].title, highest, item.unit, whole, hidden)


def crossing(
    source: Source, measure_id: str, selection: Selection, *, within: str, by: str, category: str, says: str
) -> Block:
    """One dimension inside another: a bar a value of `within`, cut into the values of `by`.

    `says` is a title about the bar with most of the category, as `claims.crossing` takes it.
    """
    item = measure(measure_id)
    moment = fit(item, replace(selection, grain=ALL, by=None))
    wanted = moment.values(within) or tuple(DIMENSIONS[within].categories)
    others = tuple(pair for pair in moment.where if pair[0] != within)
    whole = replace(moment, by=within)
    parts = {value: replace(moment, by=by, where=(*others, (within, value))) for value in wanted}
    asks = asks_of(item, whole, *parts.values())
    frame = answers(source, asks, within=("", *parts))
    is_part = frame["within"] != ""
    totals = frame[~is_part].set_index("category")["value"]
    wholes = frame["within"].where(is_part, frame["category"]).map(totals)
    frame["share"] = 100 * frame["value"] / wholes.where(wholes > 0)
    shown = frame[is_part & (frame["within"].map(totals).fillna(0) > 0)]
    names = words.name(DIMENSIONS[within].title), words.name(DIMENSIONS[by].title)
    table = pd.DataFrame(
        {
            names[0]: [words.name(text) for text in frame["within"].where(is_part, frame["category"])],
            names[1]: [words.name(text) for text in frame["category"].where(is_part, ALL)],
            words.name(words.UNITS[item.unit]): [figure_words(row, item.unit) for row in rows(frame)],
            "95% interval": [words.interval(row.lower, row.upper, item.unit) for row in rows(frame)],
            "Share": [words.number(row.share, "percent") for row in rows(frame)],
        }
    )
    is_drawn = bool(shown["value"].sum() > 0)
    title = claims.crossing(shown, category, says, leave_out=("unknown", NOT_RECORDED))
    return Block(
        block_id=f"{measure_id}-{within}-{by}",
        title=title or f"{names[0]} and {names[1].lower()}{'' if is_drawn else ': no figure'}",
        subtitle=subtitle(item, moment, ALL, by, title=f"{item.title} by {DIMENSIONS[within].title}"),
        sentence=claims.crossing_sentence(shown.replace({"category": ALONE.get(by, {})}))
        if is_drawn
        else claims.missing(frame[frame["value"].isna()]),
        figure=stacks.crossed(shown, unit=item.unit) if is_drawn else None,
        table=table,
        frame=frame,
        asks=asks,
        source=source,
        selection=selection,
        texts=2,
        notes=(*lacking(source, item, replace(moment, by=by)), *markers_met(frame)),
        by=by,
    )


def grid(source: Source, measure_id: str, selection: Selection, *, by: str, says: str) -> Block:
    """A cell a category and period, the fuller the darker: where and since when something is missing.

    `says` is a title about the highest category of the whole period, as `claims.ranking` takes it.
    """
    item = measure(measure_id)
    grain = selection.grain or "month"
    whole = replace(selection, grain=ALL, by=by)
    asks = asks_of(item, whole, replace(whole, grain=grain))
    frame = answers(source, asks)
    totals, shown = frame[frame["grain"] == ALL], frame[frame["grain"] == grain]
    known = breaks_of(source, item, selection)
    order = totals.sort_values("value", ascending=False, kind="stable")["category"].tolist()
    shown = shown.sort_values("category", key=lambda names: names.map(order.index), kind="stable")
    is_drawn = bool(shown["value"].notna().any())
    return Block(
        block_id=measure_id,
        title=claims.ranking(totals, item.unit, says) or item.title,
        subtitle=subtitle(item, selection, grain, by),
        sentence=claims.grid_sentence(shown, item.unit, grain),
        figure=grids.grid(shown, item.unit, grain, known) if is_drawn else None,
        table=table_of(frame, item),
        frame=frame,
        asks=asks,
        source=source,
        selection=selection,
        texts=2,
        notes=(
            *ignored(item, selection),
            *lacking(source, item, replace(selection, by=by)),
            *markers_met(frame),
        ),
        letters=letters_of(charts.shown_breaks(shown, grain, known)) if is_drawn else (),
        by=by,
        grain=grain,
    )

"""Blocks on one measure over time: by the periods chosen, and by rolling years."""

from dataclasses import replace
from datetime import date, timedelta

import pandas as pd

from profiles import charts, words
from profiles.blocks.block import (
    Block,
    Source,
    answers,
    asks_of,
    breaks_of,
    fit,
    ignored,
    inside_of,
    lacking,
    letters_of,
    markers_met,
    named,
    subtitle,
    table_of,
)
from profiles.catalogue import Measure, measure
from profiles.charts import claims
from profiles.frames import Breaks, Row, has_figures, last_rebase, rows
from profiles.periods import ALL
from profiles.selection import DIMENSIONS, Selection


def series(
    source: Source,
    measure_id: str,
    selection: Selection,
    *,
    by: str | None = None,
    says: str = "",
    block_id: str = "",
    note: str = "",
) -> Block:
    """A measure over time: columns for a count by a dimension that adds up, else lines.

    `note` stands before all others. `says` is a title with {value}, {lower}, {upper}, {numerator} and
    {denominator} of the whole period, or of what follows the last rebase in it: no title covers both sides.
    """
    item = measure(measure_id)
    # A measure may not be given for the periods chosen: then those it is given for.
    grain = fit(item, replace(selection, grain=selection.grain or "month")).grain or "month"
    known = breaks_of(source, item, selection, by)
    whole = source.whole(measure_id, replace(selection, by=None))
    # A sum stays a fact across a rebase; a rate does not. What is published lies on one side of each.
    inside = () if item.is_count or whole.grain != ALL else inside_of(known, selection)
    rebase = last_rebase(inside, selection.until or date.max)
    wanted = [
        whole,
        *([replace(whole, since=rebase), _before(whole, inside, rebase)] if rebase else []),
        *([replace(whole, by=by)] if by else []),
    ]
    asks = asks_of(item, *wanted, replace(selection, grain=grain, by=by))
    frame = answers(source, asks)
    headed, *others = rows(frame.iloc[1:3] if rebase else frame.iloc[:1])
    value, *before = claims.figures((headed, *others), item.unit)
    shown = _course(frame, asks[-1][1])
    after = _after(rebase, before)
    if whole.grain != ALL:
        after = f" {_in_period(item, headed)}"
    is_stacked = item.is_count and by is not None and not DIMENSIONS[by].overlaps and grain != "rolling_year"
    draw = charts.columns if is_stacked else charts.lines
    is_drawn = has_figures(shown)
    return Block(
        block_id=block_id or measure_id,
        title=_title(item, named(item, selection), headed, value, shown, grain, known, says, after),
        subtitle=subtitle(item, selection, grain, by, labels=shown["period"]),
        sentence=claims.over_time(shown, item.unit, grain),
        figure=draw(shown, item.unit, grain, known) if is_drawn else None,
        table=table_of(frame, item),
        frame=frame,
        asks=asks,
        source=source,
        selection=selection,
        texts=1 + (by is not None),
        notes=(
            *filter(None, [note]),
            *ignored(item, selection),
            *lacking(source, item, replace(selection, by=by)),
            *markers_met(frame),
        ),
        letters=letters_of(charts.shown_breaks(shown, grain, known)) if is_drawn else (),
        by=by,
        grain=grain,
    )


def rolling(source: Source, measure_id: str, selection: Selection, *, block_id: str = "") -> Block:
    """Rolling 12 months, which smooths the seasons away, whatever the periods chosen."""
    block = series(
        source,
        measure_id,
        replace(selection, grain="rolling_year"),
        block_id=block_id or f"{measure_id}-rolling",
    )
    item = measure(measure_id)
    name = named(item, selection)
    years = [row for row in rows(block.frame) if row.grain == "rolling_year" and not row.marker]
    if not years:
        return block
    value = claims.figure(years[-1], item.unit)
    told = f"{value} {name[:1].lower()}{name[1:]}" if item.is_count else f"{name}: {value}"
    last = words.period(years[-1].period, "month")
    return replace(block, title=f"{told} in the 12 months to {last}")


def _before(whole: Selection, inside: Breaks, rebase: date) -> Selection:
    """The stretch that ends where the last rebase begins."""
    until = rebase - timedelta(days=1)
    return replace(whole, since=last_rebase(inside, until) or whole.since, until=until)


def _after(rebase: date | None, before: list[str]) -> str:
    """Since when a title speaks, and what it was in the stretch before; empty when nothing was rebased."""
    if not rebase:
        return ""
    told = "".join(before)
    return f" {words.since(rebase)}{f'; before, {told}' if told else ''}"


def _title(
    item: Measure,
    name: str,
    whole: Row,
    value: str,
    shown: pd.DataFrame,
    grain: str,
    known: Breaks,
    says: str,
    after: str,
) -> str:
    if not value:
        lost = claims.left_out(shown, grain)
        if lost:
            return f"{name}: no figure overall, {lost} not available"
        return f"{name}: no figure{after if after.startswith(' in ') else ''}"
    if says:
        limits = {name: words.number(getattr(whole, name), item.unit) for name in ("lower", "upper")}
        counts = {name: words.number(getattr(whole, name)) for name in ("numerator", "denominator")}
        if item.interval == "odds" and whole.denominator < claims.LOW_BASE:
            return f"{name}: {counts['numerator']} to {counts['denominator']}{after}"
        return claims.worded(says, value=value, **limits, **counts) + after
    if not item.is_count:
        return f"{name}: {value}{after}"
    change = claims.changed(shown, known) if grain == "month" else ""
    basis = "" if whole.basis in {"", "any"} else f" ({whole.basis.replace('_', ' ')})"
    told = f"{value} {item.title[:1].lower()}{item.title[1:]}{basis}{after}"
    return "; ".join(filter(None, [told, change]))


def _course(frame: pd.DataFrame, asked: Selection) -> pd.DataFrame:
    """The rows of a course: what heads it may be of its grain as well, but of other days."""
    days = [f"{day or ''}" for day in (asked.since, asked.until)]
    return frame[(frame["grain"] == asked.grain) & (frame["since"] == days[0]) & (frame["until"] == days[1])]


def _in_period(item: Measure, row: Row) -> str:
    """The published period of a figure, as the end of a title; of a stock its day."""
    if item.time == "stock" and row.until:
        return f"on {words.day(date.fromisoformat(row.until))}"
    told = words.period(row.period, row.grain)
    if row.grain == "rolling_year":
        return f"in the {told[:1].lower()}{told[1:]}"
    return f"in {told}"

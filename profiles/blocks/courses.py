"""Blocks of several measures on one line of time: cohorts that mature, published figures beside our own."""

from collections.abc import Sequence
from dataclasses import replace

from profiles import charts, words
from profiles.blocks.block import (
    Block,
    Source,
    answers,
    asks_of,
    breaks_of,
    filters,
    fit,
    ignored,
    lacking,
    letters_of,
    markers_met,
    pooled,
    subtitle,
    table_of,
)
from profiles.catalogue import measure
from profiles.charts import claims
from profiles.frames import has_figures, rows
from profiles.selection import Selection

OWN = "Our records"


def together(
    source: Source,
    measure_ids: Sequence[str],
    selection: Selection,
    *,
    names: Sequence[str],
    title: str,
    block_id: str,
    note: str = "",
) -> Block:
    """A line a measure, under `names`, all of one unit; `title` takes the figure of each as {0}, {1}, …"""
    items = [measure(each) for each in measure_ids]
    grain = fit(items[0], replace(selection, grain=selection.grain or "month")).grain or "month"
    course = replace(selection, grain=grain, by=None)
    wholes = [source.whole(item.measure_id, replace(selection, by=None)) for item in items]
    asks = tuple(
        ask
        for moments in (wholes, [course] * len(items))
        for item, moment in zip(items, moments, strict=True)
        for ask in asks_of(item, moment)
    )
    frame = answers(source, asks, within=(*names, *names))
    shown = frame.iloc[len(items) :]
    known = breaks_of(source, items[0], selection)
    is_drawn = has_figures(shown)
    headed = claims.figures(rows(frame.iloc[: len(items)]), items[0].unit)
    if not all(headed):
        # A sentence that takes every figure lacks one.
        told = "; ".join(f"{name} {text or 'no figure'}" for name, text in zip(names, headed, strict=True))
        title, headed = words.name(told).replace("{", "{{").replace("}", "}}"), []
    return Block(
        block_id=block_id,
        title=claims.worded(title, *headed) if is_drawn else f"{items[0].title}: no figure",
        subtitle=subtitle(items[0], selection, grain, title=words.listed(item.title for item in items)),
        sentence=claims.panel_sentence(
            {name: shown[shown["within"] == name] for name in names}, items[0].unit, grain
        ),
        figure=charts.lines(shown, items[0].unit, grain, known, "within") if is_drawn else None,
        table=table_of(frame, items[0]),
        frame=frame,
        asks=asks,
        source=source,
        selection=selection,
        texts=2,
        notes=(
            *filter(None, [note]),
            *dict.fromkeys(line for item in items for line in ignored(item, selection)),
            *dict.fromkeys(line for item in items for line in lacking(source, item, selection)),
            *pooled(source, items, wholes[0]),
            *markers_met(frame),
        ),
        letters=letters_of(charts.shown_breaks(shown, grain, known)) if is_drawn else (),
        grain=grain,
    )


def beside(
    source: Source,
    measure_id: str,
    published_id: str,
    selection: Selection,
    *,
    grain: str,
    title: str,
    note: str = "",
) -> Block:
    """A measure over time with figures published for the whole force beside it, no line between them.

    `title` takes the last settled figure as {value} and its period as {period}. Under a filter the
    published figures would be of something else, and are left out.
    """
    item, published = measure(measure_id), measure(published_id)
    course = fit(item, replace(selection, grain=grain, by=None))
    others = Selection(by="area", grain="month", since=selection.since, until=selection.until)
    is_whole = not course.where
    asks = (*asks_of(item, course), *(asks_of(published, others) if is_whole else ()))
    names = (OWN, "Published") if is_whole else (OWN,)
    frame = answers(source, asks, within=names)
    # Published figures are for a few days; the others are no gaps.
    frame = frame[(frame["within"] == OWN) | frame["value"].notna()].reset_index(drop=True)
    known = breaks_of(source, item, selection)
    own, told = frame[frame["within"] == OWN], frame[frame["within"] != OWN]
    is_drawn = has_figures(own)
    figure = None
    if is_drawn:
        figure = charts.lines(own, item.unit, grain, known)
        points = charts.points(told, item.unit, grain, "Published") if len(told) else []
        top = float(frame[["value", "upper"]].to_numpy(dtype=float, na_value=0).max())
        figure = charts.over_time([*figure["data"], *points], top, item.unit, own, grain, known)
    settled = [row for row in rows(own) if row.value >= 0 and not row.marker] or rows(own)
    last = settled[-1]
    published_words = [
        f"{row.category} {words.number(row.value, item.unit)} in {words.period(row.period, row.grain)}"
        for row in rows(told)
    ]
    sentence = claims.over_time(own, item.unit, grain)
    if published_words:
        sentence += f" Published: {words.sentence('; '.join(published_words))}"
    return Block(
        block_id=f"{measure_id}-published",
        title=claims.worded(
            title, value=claims.figure(last, item.unit), period=words.period(last.period, "month")
        )
        if is_drawn
        else f"{item.title}: no figure",
        subtitle=subtitle(item, selection, grain, labels=own["period"]),
        sentence=sentence,
        figure=figure,
        table=table_of(frame, item),
        frame=frame,
        asks=asks,
        source=source,
        selection=selection,
        texts=2 if not is_whole else 3,
        notes=(
            *filter(None, [note]),
            *ignored(item, selection),
            *(
                ()
                if is_whole
                else (f"Published figures are of the whole force, so not shown for {filters(course)}.",)
            ),
            *lacking(source, item, selection),
            *markers_met(frame),
        ),
        letters=letters_of(charts.shown_breaks(own, grain, known)) if is_drawn else (),
        grain=grain,
    )

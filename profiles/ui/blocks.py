"""Blocks: one figure with its title, subtitle, sentence, table and file, all from one frame."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date

import pandas as pd

from profiles import charts
from profiles.catalogue import Measure, measure
from profiles.charts import claims, words
from profiles.charts.frames import Break, Breaks, Row, breaks, has_figures, last_rebase, rows, within
from profiles.measures import COLUMNS
from profiles.selection import DIMENSIONS, Selection
from profiles.writing import csv_text

ASKED = ("measure", "basis", "by", "grain", "since", "until", "filters")
"""Columns that say what each row answers."""

LONGEST = 60
"""Letters of the filters in the name of a file; the file itself tells all of them."""


@dataclass(frozen=True)
class Source:
    """Where figures come from, and what every page and file is stamped with.

    `frame` answers a measure under a selection, `breaks` names those of a measure on a basis, `lacking`
    what each source of the measure does not carry.
    """

    frame: Callable[[str, Selection], pd.DataFrame]
    breaks: Callable[[str, str | None], pd.DataFrame]
    lacking: Callable[[str, Selection], Mapping[str, tuple[str, ...]]]
    as_at: str
    version: str
    marking: str
    is_synthetic: bool


@dataclass(frozen=True)
class Block:
    """What is shown of one frame. `figure` is None when there is nothing to draw.

    `frame` has the columns `ASKED`, then those of every measure.
    `table` is the same as read; its first `texts` columns are words, the others figures. `letters` are
    the breaks drawn, each with its sentence; `definitions` say what was counted.
    """

    block_id: str
    title: str
    subtitle: str
    sentence: str
    figure: charts.Figure | None
    table: pd.DataFrame
    frame: pd.DataFrame
    source: Source
    selection: Selection
    texts: int = 1
    notes: tuple[str, ...] = ()
    letters: tuple[tuple[str, str], ...] = ()
    definitions: tuple[str, ...] = ()

    @property
    def stamp(self) -> str:
        """The subtitle with as-at date and SYNTHETIC, so that a picture of one block tells them too."""
        as_at = words.day(date.fromisoformat(self.source.as_at)) if self.source.as_at else "not known"
        parts = (self.subtitle, f"as at {as_at}", "SYNTHETIC" if self.source.is_synthetic else "")
        return " · ".join(filter(None, parts))

    @property
    def file_name(self) -> str:
        """Name of the file, which tells what it holds: figures, basis, filters, days, as-at, SYNTHETIC."""
        bases = "+".join(sorted(set(self.frame["basis"]) - {""})) or "no basis"
        days = [f"{day}" for day in (self.selection.since, self.selection.until) if day]
        where = [filters(self.selection)[:LONGEST]] if self.selection.where else []
        stamp = ["SYNTHETIC"] if self.source.is_synthetic else []
        parts = [self.block_id, bases, *where, *days, f"as at {self.source.as_at}", *stamp]
        return re.sub(r"[^\w.+-]+", "-", "_".join(parts)) + ".csv"

    def csv(self) -> bytes:
        """The frame as a plain table in UTF-8; what it is stamped with stands in columns at the end."""
        stamps = {
            "as_at": self.source.as_at,
            "warehouse_version": self.source.version,
            "marking": self.source.marking,
            "synthetic": "SYNTHETIC" if self.source.is_synthetic else "no",
        }
        first = (*ASKED, *COLUMNS)
        others = [name for name in self.frame.columns if name not in first]
        return csv_text(self.frame[[*first, *others]].assign(**stamps)).encode()


def series(
    source: Source,
    measure_id: str,
    selection: Selection,
    *,
    by: str | None = None,
    grain: str = "month",
    says: str = "",
) -> Block:
    """A measure over time: columns for a count by a dimension that adds up, else lines.

    `says` is a title with {value}, {lower}, {upper}, {numerator} and {denominator} of the whole period, or
    of what follows the last rebase in it: no title pools what must not be compared.
    """
    item = measure(measure_id)
    known = _breaks(source, item, selection, by)
    whole = replace(selection, grain="all", by=None)
    # A sum stays a fact across a rebase; a rate does not.
    inside = () if item.is_count else _inside(known, selection)
    rebase = last_rebase(inside, selection.until or date.max)
    asks = [
        whole,
        *([replace(whole, since=rebase)] if rebase else []),
        *([replace(whole, by=by)] if by else []),
    ]
    summed = pd.concat([asked(source, measure_id, ask) for ask in asks], ignore_index=True)
    headed = rows(summed)[1 if rebase else 0]
    shown = asked(source, measure_id, replace(selection, grain=grain, by=by))
    is_stacked = item.is_count and by is not None and not DIMENSIONS[by].overlaps
    draw = charts.columns if is_stacked else charts.lines
    is_drawn = has_figures(shown)
    frame = pd.concat([summed, shown], ignore_index=True)
    return Block(
        block_id=measure_id,
        title=_title(item, headed, shown, grain, known, says, rebase),
        subtitle=subtitle(item, selection, grain, by),
        sentence=claims.over_time(shown, item.unit, grain),
        figure=draw(shown, item.unit, grain, known) if is_drawn else None,
        table=_table(frame, item),
        frame=frame,
        source=source,
        selection=selection,
        texts=1 + (by is not None),
        notes=(*lacking(source, item, replace(selection, by=by)), *markers_met(frame)),
        letters=_letters(charts.shown_breaks(shown, grain, known)) if is_drawn else (),
        definitions=(definition(item),),
    )


def _title(
    item: Measure, whole: Row, shown: pd.DataFrame, grain: str, known: Breaks, says: str, rebase: date | None
) -> str:
    value = words.number(whole.value, item.unit)
    after = f" {words.since(rebase)}" if rebase else ""
    if not value:
        return f"{item.title}: no figure"
    if says:
        limits = {name: words.number(getattr(whole, name), item.unit) for name in ("lower", "upper")}
        counts = {name: words.number(getattr(whole, name)) for name in ("numerator", "denominator")}
        return says.format(value=value, **limits, **counts) + after
    if not item.is_count:
        return f"{item.title}: {value}{after}"
    change = claims.changed(shown, known) if grain == "month" else ""
    basis = "" if whole.basis in {"", "any"} else f" ({whole.basis.replace('_', ' ')})"
    return "; ".join(filter(None, [f"{value} {item.title[:1].lower()}{item.title[1:]}{basis}", change]))


def _letters(shown: Iterable[tuple[str, Break]]) -> tuple[tuple[str, str], ...]:
    return tuple(
        (letter, f"{words.day(each.day)}: {each.title}. {words.sentence(each.explanation)}".strip())
        for letter, each in shown
    )


def asked(source: Source, measure_id: str, selection: Selection) -> pd.DataFrame:
    """The measure's frame with the columns `ASKED`; a basis only where there is one to choose."""
    item = measure(measure_id)
    selection = fit(item, selection)
    return source.frame(measure_id, selection).assign(
        measure=measure_id,
        basis=selection.basis or ("principal and included only" if item.is_fixed else ""),
        by=selection.by or "",
        grain=selection.grain or "",
        since=f"{selection.since or ''}",
        until=f"{selection.until or ''}",
        filters=filters(selection),
    )


def fit(item: Measure, selection: Selection) -> Selection:
    """The selection without its basis when the measure has none to choose."""
    return selection if item.bases else replace(selection, basis=None)


def filters(selection: Selection) -> str:
    """The filters in words, such as district: Dover or Thanet; empty when there are none."""
    names = dict.fromkeys(name for name, _ in selection.where)
    return "; ".join(f"{DIMENSIONS[name].title}: {' or '.join(selection.values(name))}" for name in names)


def days_words(selection: Selection) -> str:
    """The period in words; empty when the selection has none."""
    since, until = selection.since, selection.until
    return words.span(since, until) if since and until else ""


def subtitle(item: Measure, selection: Selection, grain: str, by: str | None = None, title: str = "") -> str:
    """Measure, basis, unit, period and filters; `title` stands for the measure's own."""
    what = (title or item.title) + (f" by {DIMENSIONS[by].title}" if by else "")
    basis = "principal compared with included only" if item.is_fixed else ""
    if item.bases and selection.basis:
        basis = f"basis: {selection.basis.replace('_', ' ')}"
    unit = f"{words.UNITS[item.unit]}, {words.GRAINS[grain]}"
    return " · ".join(filter(None, (what, basis, unit, days_words(selection), filters(selection))))


def definition(item: Measure) -> str:
    """What the measure counts, out of what, and what surprises."""
    out_of = f", out of {item.denominator}" if item.denominator else ""
    return f"{item.title}: {item.numerator}{out_of}. {words.sentence(item.note)}"


def lacking(source: Source, item: Measure, selection: Selection) -> tuple[str, ...]:
    """A sentence a source that does not carry what the measure needs."""
    lacks = source.lacking(item.measure_id, fit(item, selection))
    return tuple(
        f"{name} does not carry: {words.listed(need.replace('_', ' ') for need in needs)}."
        for name, needs in lacks.items()
        if needs
    )


def markers_met(frame: pd.DataFrame) -> tuple[str, ...]:
    """Each marker that stands in the frame, with its meaning."""
    found = set(frame["marker"])
    return tuple(f"{marker} {text}." for marker, text in words.MARKERS.items() if marker in found)


def figure_words(row: Row, unit: str) -> str:
    """The figure with its marker, or the marker alone."""
    return " ".join(filter(None, [words.number(row.value, unit), row.marker]))


def pooled(source: Source, items: Iterable[Measure], selection: Selection) -> tuple[str, ...]:
    """A sentence where figures of the whole period pool what a rebase says must not be compared."""
    inside = {
        each.day
        for item in items
        for each in _inside(_breaks(source, item, selection), selection)
        if each.is_rebase
    }
    if not inside:
        return ()
    days = words.listed(words.day(each) for each in sorted(inside))
    return (f"The rules changed on {days}: a figure of the whole period pools what must not be compared.",)


def _inside(known: Breaks, selection: Selection) -> Breaks:
    return within(known, selection.since or date.min, selection.until or date.max)


def _breaks(source: Source, item: Measure, selection: Selection, by: str | None = None) -> tuple[Break, ...]:
    """Breaks of the measure; a figure that compares the bases takes those of each."""
    bases: tuple[str | None, ...] = (fit(item, selection).basis,)
    if by == "basis" and bases == ("any",):
        bases = item.bases
    return breaks(pd.concat([source.breaks(item.measure_id, basis) for basis in bases]))


def _table(frame: pd.DataFrame, item: Measure) -> pd.DataFrame:
    """The frame as read, period by period: names of periods and categories, rounded figures, markers."""
    # The whole period stands first.
    told = sorted(rows(frame), key=lambda row: "" if row.grain == "all" else row.period)
    columns = {"Period": [_period(row) for row in told]}
    by = max(frame["by"])
    if by:
        columns[words.name(DIMENSIONS[by].title)] = [words.name(row.category) for row in told]
    if not item.is_count:
        columns["Counted"] = [words.number(row.numerator) for row in told]
        columns["Out of"] = [words.number(row.denominator) for row in told]
    columns[words.name(words.UNITS[item.unit])] = [figure_words(row, item.unit) for row in told]
    columns["95% interval"] = [words.interval(row.lower, row.upper, item.unit) for row in told]
    return pd.DataFrame(columns)


def _period(row: Row) -> str:
    if row.grain == "all" and row.since and row.until:
        return words.span(date.fromisoformat(row.since), date.fromisoformat(row.until))
    return words.period(row.period, row.grain)

"""Blocks: one figure with its title, subtitle, sentence, table and file, all from one frame."""

import re
import shlex
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
import pandas as pd

from profiles import charts, words
from profiles.catalogue import Measure, measure
from profiles.charts import claims
from profiles.frames import Break, Breaks, Row, rows, within
from profiles.measures import COLUMNS
from profiles.periods import ALL, month_number
from profiles.reasons import Reason
from profiles.selection import BASES, DIMENSIONS, Selection
from profiles.writing import export_csv, workbook

ASKED = ("measure", "basis", "by", "grain", "since", "until", "filters")
"""Columns that say what each row answers."""

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

STANDING = "all that is loaded"
"""The time of a figure that has none."""

LONGEST = 60
"""Letters of the filters in the name of a file; the file itself tells all of them."""

Ask = tuple[str, Selection]
"""A measure and the selection it is asked under."""


@dataclass(frozen=True)
class Source:
    """Where figures come from, and what every page and file is stamped with.

    `frame` answers a measure under a selection, `breaks` names those of a measure on a basis, `lacking`
    what each source of the measure does not carry. A snapshot, which cannot add up months of its own accord,
    has `published_period_for`: the published period that stands for a longer one. `reasons` say by category
    and period why a figure is not available, where that is known.
    """

    frame: Callable[[str, Selection], pd.DataFrame]
    breaks: Callable[[str, str | None], Breaks]
    lacking: Callable[[str, Selection], Mapping[str, tuple[str, ...]]]
    as_at: str
    version: str
    marking: str
    is_synthetic: bool
    published_period_for: Callable[[str, Selection], Selection] | None = None
    reasons: Callable[[str, Selection], Mapping[tuple[str, str], Reason]] | None = None

    @property
    def is_snapshot(self) -> bool:
        """Whether figures are those of a snapshot: only its periods are known, and only its files leave."""
        return self.published_period_for is not None

    def whole(self, measure_id: str, selection: Selection) -> Selection:
        """The period that heads a chart over time: all of it, or what of it is published."""
        if self.published_period_for is None:
            return replace(selection, grain=ALL, by=None)
        return self.published_period_for(measure_id, selection)


@dataclass(frozen=True)
class Block:
    """What is shown of one frame. `figure` is None when there is nothing to draw.

    `frame` answers `asks` one after the other; it has the columns `ASKED`, then those of every measure.
    `table` is the same as read; its first `texts` columns are words, the others figures. `letters` are
    the breaks drawn, each with its sentence. A click on the figure narrows dimension `by` and a period
    of `grain`. `now` is the verdict of a control chart; empty without one.
    """

    block_id: str
    title: str
    subtitle: str
    sentence: str
    figure: charts.Figure | None
    table: pd.DataFrame
    frame: pd.DataFrame
    asks: tuple[Ask, ...]
    source: Source
    selection: Selection
    texts: int = 1
    notes: tuple[str, ...] = ()
    letters: tuple[tuple[str, str], ...] = ()
    by: str | None = None
    grain: str = ALL
    now: str = ""

    @property
    def measures(self) -> tuple[Measure, ...]:
        """The measures of the block, each once."""
        return tuple(measure(name) for name in dict.fromkeys(name for name, _ in self.asks))

    @property
    def stamp(self) -> str:
        """The subtitle with as-at date and SYNTHETIC, so that a picture of one block tells them too."""
        parts = (self._so_far, f"as at {self._as_at}", "SYNTHETIC" if self.source.is_synthetic else "")
        return " · ".join(filter(None, parts))

    @property
    def file_name(self) -> str:
        """Name of the file without its ending: figures, basis, filters, days, as-at date, SYNTHETIC."""
        bases = "+".join(sorted(set(self.frame["basis"]) - {""})) or "no basis"
        days = [f"{day}" for day in (self.selection.since, self.selection.until) if day]
        where = [filters(self.selection)[:LONGEST]] if self.selection.where else []
        stamp = ["SYNTHETIC"] if self.source.is_synthetic else []
        parts = [self.block_id, bases, *where, *days, f"as at {self.source.as_at}", *stamp]
        return re.sub(r"[^\w.+-]+", "-", "_".join(parts))

    @property
    def commands(self) -> tuple[str, ...]:
        """The command lines that print the same figures, one for each ask; none of a snapshot's."""
        if self.source.is_snapshot:
            return ()
        return tuple(dict.fromkeys(command(name, selection) for name, selection in self.asks))

    @property
    def downloads(self) -> dict[str, tuple[Callable[[], bytes], str]]:
        """The files offered beside the table, by ending: what makes each, and its media type.

        None of a snapshot: what leaves there are its own files.
        """
        if self.source.is_snapshot:
            return {}
        return {"CSV": (self.csv, "text/csv"), "XLSX": (self.xlsx, XLSX)}

    @property
    def hint(self) -> str | None:
        """What to know of the files beside the table, if anything."""
        return None

    def csv(self) -> bytes:
        """The frame as a plain table in UTF-8; what it is stamped with stands in columns at the end."""
        return export_csv(self._exported())

    def xlsx(self) -> bytes:
        """The same table as a workbook, behind a sheet that says what it holds."""
        return workbook(self._exported(), self.cover(), self.source.marking, self.source.as_at)

    def cover(self) -> tuple[tuple[str, str], ...]:
        """Labels and texts of the sheet in front of a workbook: what a reader of the figures must know."""
        bases = [BASES[name] for name in dict.fromkeys(self.frame["basis"]) if name in BASES]
        lines = [
            ("Title", self.title),
            ("What it says", self.sentence),
            *(("Definition", definition(item)) for item in self.measures),
            ("Basis", "; ".join(bases)),
            ("Period", days_words(self.selection) or "see the columns since and until"),
            ("Filters", filters(self.selection) or "none"),
            ("Subtitle", self.subtitle),
            *(("Note", note) for note in self.notes),
            *(("Break in the series", text) for _, text in self.letters),
            *(("Same figures on the command line", line) for line in self.commands),
            ("Data as at", self._as_at),
            ("Warehouse version", self.source.version),
            ("Marking", self.source.marking),
            ("Origin", "SYNTHETIC: made-up data" if self.source.is_synthetic else "police records"),
        ]
        return tuple((label, text) for label, text in lines if text)

    @property
    def _so_far(self) -> str:
        """The subtitle; of a year that is not over it names the days that the data reach."""
        until, as_at = self.selection.until, self.source.as_at
        if not until or not as_at or f"{until}" <= as_at:
            return self.subtitle
        reached = replace(self.selection, until=date.fromisoformat(as_at))
        return self.subtitle.replace(days_words(self.selection), f"{days_words(reached)}, not over yet")

    @property
    def _as_at(self) -> str:
        return words.day(date.fromisoformat(self.source.as_at)) if self.source.as_at else "not known"

    def _exported(self) -> pd.DataFrame:
        units = {item.measure_id: words.UNITS[item.unit] for item in self.measures}
        told = {item.measure_id: definition(item) for item in self.measures}
        first = (*ASKED, *COLUMNS, "why")
        others = [name for name in self.frame.columns if name not in first]
        return self.frame[[*ASKED, *COLUMNS, *others]].assign(
            unit=self.frame["measure"].map(units),
            definition=self.frame["measure"].map(told),
            as_at=self.source.as_at,
            warehouse_version=self.source.version,
            marking=self.source.marking,
            synthetic="SYNTHETIC" if self.source.is_synthetic else "no",
        )


def answers(source: Source, asks: Sequence[Ask], **more: Sequence[str]) -> pd.DataFrame:
    """The answers one below the other, a row each, numbered from 0: what a block's file holds.

    `more` are columns with a text for each ask. A column `why` holds the reasons for what is not available,
    where the source knows them; it is in no file.
    """
    answered = [source.frame(*each) for each in asks]
    sizes = [len(each) for each in answered]
    selections = [selection for _, selection in asks]
    texts: dict[str, Sequence[str]] = {
        "measure": [name for name, _ in asks],
        "basis": [
            selection.basis or ("principal and included only" if measure(name).is_fixed else "")
            for name, selection in asks
        ],
        "by": [each.by or "" for each in selections],
        "grain": [each.grain or "" for each in selections],
        "since": [f"{each.since or ''}" for each in selections],
        "until": [f"{each.until or ''}" for each in selections],
        "filters": [filters(each) for each in selections],
        **more,
    }
    columns = {
        name: pd.array(np.repeat(np.array(values, dtype=object), sizes), dtype="str")
        for name, values in texts.items()
    }
    frame = pd.concat(answered, ignore_index=True)
    if source.reasons and (frame["marker"] == "[x]").any():
        whys: list[Reason | None] = []
        for ask, each in zip(asks, answered, strict=True):
            known = source.reasons(*ask) if (each["marker"] == "[x]").any() else {}
            whys += map(known.get, zip(each["category"], each["period"], strict=True))
        frame["why"] = pd.Series(whys, dtype="object")
    return pd.DataFrame({**columns, **{name: frame[name] for name in frame.columns}})


def letters_of(shown: Iterable[tuple[str, Break]]) -> tuple[tuple[str, str], ...]:
    """Letter and sentence of each break, with who says so."""
    return tuple(
        (letter, " ".join(filter(None, [f"{words.day(each.day)}: {each.title}.", words.sentence(text)])))
        for letter, each in shown
        for text in [" ".join(filter(None, [each.explanation, each.source and f"({each.source})"]))]
    )


def asks_of(item: Measure, *selections: Selection) -> tuple[Ask, ...]:
    """The measure under each selection, as far as it knows their basis, filters and grain."""
    return tuple((item.measure_id, fit(item, each)) for each in selections)


def fit(item: Measure, selection: Selection) -> Selection:
    """The selection as far as the measure can be asked under it: a basis, filters and a grain it knows."""
    basis = selection.basis if selection.basis in item.bases else (item.bases or (None,))[0]
    grain = item.grains[0] if item.grains and selection.grain not in item.grains else selection.grain
    where = tuple(pair for pair in selection.where if pair[0] in item.dimensions)
    days = (None, None) if item.time == "standing" else (selection.since, selection.until)
    return replace(selection, basis=basis, grain=grain, since=days[0], until=days[1], where=where)


def ignored(item: Measure, selection: Selection) -> tuple[str, ...]:
    """A sentence on the filters that the measure cannot be narrowed by; none when it follows all."""
    names = dict.fromkeys(name for name, _ in selection.where if name not in item.dimensions)
    if not names:
        return ()
    titles = words.listed(DIMENSIONS[name].title for name in names)
    return (f"{item.title} cannot be narrowed by {titles}: that filter is not applied here.",)


def command(measure_id: str, selection: Selection) -> str:
    """The command line that prints the measure under the selection."""
    options = {
        "basis": selection.basis,
        "by": selection.by,
        "grain": selection.grain,
        "since": selection.since,
        "until": selection.until,
    }
    told = [f"--{name} {value}" for name, value in options.items() if value]
    told += [f"--where {shlex.quote(f'{name}={value}')}" for name, value in selection.where]
    return " ".join(["stalking-profiles measure", measure_id, *told, "--format csv"])


def filters(selection: Selection) -> str:
    """The filters in words, such as district: Dover or Thanet; empty when there are none."""
    names = dict.fromkeys(name for name, _ in selection.where)
    return "; ".join(f"{DIMENSIONS[name].title}: {' or '.join(selection.values(name))}" for name in names)


def days_words(selection: Selection) -> str:
    """The period in words; empty when the selection has none."""
    since, until = selection.since, selection.until
    return words.span(since, until) if since and until else ""


def subtitle(
    item: Measure,
    selection: Selection,
    grain: str,
    by: str | None = None,
    title: str = "",
    labels: Iterable[str] = (),
    every: str = "",
) -> str:
    """Measure, basis, unit, period and filters; `title` stands for the measure's own.

    `labels` are those of the periods of a series, `every` stands for their grain in words.
    """
    what = title or item.title
    if by and not _names(what, DIMENSIONS[by].title):
        what = f"{what} by {DIMENSIONS[by].title}"
    basis = "principal compared with included only" if item.is_fixed else ""
    selection = fit(item, selection)
    if selection.basis:
        basis = f"basis: {selection.basis.replace('_', ' ')}"
    time = every or words.every(grain, labels, is_stock=item.time == "stock")
    time = STANDING if item.time == "standing" else time
    days = "" if item.time == "standing" else days_words(selection)
    since, until = selection.since, selection.until
    if grain == "rolling_year" and since and until and month_number(since) == month_number(until):
        time, days = f"12 months to {days}", ""
    unit = f"{words.UNITS[item.unit]}, {time}"
    return " · ".join(filter(None, (what, basis, unit, days, filters(selection))))


def _names(title: str, dimension: str) -> bool:
    """Whether a title such as Crimes by risk grade says already what it is broken down by."""
    _, by, last = title.rpartition(" by ")
    return bool(by) and (dimension.startswith(last) or last.startswith(dimension))


def named(item: Measure, selection: Selection) -> str:
    """The measure's title, with the one value of what it keeps apart that the selection is of."""
    apart = [name for group in item.apart for name in group if name != selection.by]
    values = [value for name in apart for value in selection.values(name)]
    return f"{item.title} ({', '.join(values)})" if len(values) == 1 else item.title


def definition(item: Measure) -> str:
    """What the measure counts, out of what, and what surprises."""
    out_of = f", out of {item.denominator}" if item.denominator else ""
    return f"{item.title}: {item.numerator}{out_of}. {words.sentence(item.note)}"


def lacking(source: Source, item: Measure, selection: Selection) -> tuple[str, ...]:
    """A sentence a source that does not carry what the measure needs."""
    fitted = fit(item, selection)
    lacks = source.lacking(item.measure_id, fitted)
    told = [
        f"{name} does not carry: {words.listed(need.replace('_', ' ') for need in needs)}."
        for name, needs in lacks.items()
        if needs
    ]
    if fitted.basis == "any" and any("included_classifications" in needs for needs in lacks.values()):
        told.append(words.sentence(words.PRINCIPAL_ALONE))
    return tuple(told)


def markers_met(frame: pd.DataFrame) -> tuple[str, ...]:
    """A sentence for each marker that stands in the frame: what it means, or why there is no figure."""
    return tuple(map(words.sentence, claims.marker_words(frame).values()))


def figure_words(row: Row, unit: str) -> str:
    """The figure with its marker, or the marker alone."""
    return " ".join(filter(None, [words.number(row.value, unit), row.marker]))


def pooled(source: Source, items: Iterable[Measure], selection: Selection) -> tuple[str, ...]:
    """A sentence where figures of the whole period cover both sides of a change of the recording rules."""
    inside = {
        each.day
        for item in items
        for each in inside_of(breaks_of(source, item, selection), selection)
        if each.is_rebase
    }
    if not inside:
        return ()
    days = words.listed(words.day(each) for each in sorted(inside))
    return (f"The recording rules changed on {days}: a figure of the whole period covers both sides.",)


def inside_of(known: Breaks, selection: Selection) -> Breaks:
    return within(known, selection.since or date.min, selection.until or date.max)


def breaks_of(
    source: Source, item: Measure, selection: Selection, by: str | None = None
) -> tuple[Break, ...]:
    """Breaks of the measure; a figure that compares the bases takes those of each."""
    bases: tuple[str | None, ...] = (fit(item, selection).basis,)
    if by == "basis" and bases == ("any",):
        bases = item.bases
    found = {each for basis in bases for each in source.breaks(item.measure_id, basis)}
    return tuple(sorted(found, key=lambda each: (each.day, each.title)))


def table_of(frame: pd.DataFrame, item: Measure) -> pd.DataFrame:
    """The frame as read, period by period: names of periods and categories, rounded figures, markers."""
    # The whole period stands first.
    told = sorted(rows(frame), key=lambda row: "" if row.grain == "all" else row.period)
    columns = {"Period": [period_words(row) for row in told]}
    if "within" in frame:
        columns["Series"] = [row.within for row in told]
    by = max(frame["by"])
    if by:
        columns[words.name(DIMENSIONS[by].title)] = [words.name(row.category) for row in told]
    is_median = item.shape == "distribution"
    if is_median:
        columns["Cases"] = [words.number(row.denominator) for row in told]
    elif item.denominator:
        columns["Counted"] = [words.number(row.numerator) for row in told]
        columns["Out of"] = [words.number(row.denominator) for row in told]
    unit = words.UNITS[item.unit]
    columns[f"Median, {unit}" if is_median else words.name(unit)] = [
        figure_words(row, item.unit) for row in told
    ]
    limits = [words.interval(row.lower, row.upper, item.unit) for row in told]
    if any(limits) or item.interval != "none":
        columns["Half lie between" if is_median else "95% interval"] = limits
    return pd.DataFrame(columns)


def period_words(row: Row) -> str:
    """The period of a row; of a whole period its first and last day."""
    if row.grain == "all" and row.since and row.until:
        return words.span(date.fromisoformat(row.since), date.fromisoformat(row.until))
    return words.period(row.period, row.grain)

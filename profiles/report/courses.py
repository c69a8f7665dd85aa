"""Series over time: chart, sentence and table by financial year and by month, with their breaks."""

import math
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from profiles import words
from profiles.periods import month_number
from profiles.report import tables
from profiles.report.figures import Found, none_of
from profiles.report.model import Block, Columns, Course, Fact, Heading, Line, Mark, Picture, Text
from profiles.report.reading import Source, at, figure, has_figure
from profiles.report.tables import Rows

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def yearly(
    source: Source,
    name: str,
    title: str,
    found: Found,
    *,
    is_stacked: bool = False,
    notes: Sequence[str] = (),
    first: str = "Measure",
) -> Iterator[Block]:
    """Financial years of one or more series: heading, sentence, chart and table."""
    yield Heading(3, title, "")
    flat = [row for rows in found.values() for row in rows]
    years = tables.years_of(found.values())
    charted = {label: [at(rows, year) for year in years] for label, rows in found.items()}
    if not any(map(has_figure, flat)):
        yield none_of(title, flat)
        return
    yield Text(_course(found))
    provisional = tuple(
        place
        for place in range(len(years))
        if any((row := rows[place]) and row["marker"] == "[p]" for rows in charted.values())
    )
    unit = source.unit(name)
    values = tuple(tuple(_value(row) for row in rows) for rows in charted.values())
    labels = tuple(_label(year, place in provisional) for place, year in enumerate(years))
    marks = marks_of(source, next(iter(found.values())), years)
    kind = "Stacked columns" if is_stacked else "Lines"
    chart: Columns | Course = (
        Columns(labels, tuple(found), values, unit, provisional, marks=marks[0])
        if is_stacked
        else Course(labels, tuple(found), values, unit, provisional, marks[0])
    )
    spoken = " ".join(_spoken(label, rows, unit) for label, rows in charted.items())
    yield Picture(f"{title}, by financial year", f"{kind} by financial year. {spoken}", chart)
    yield from marks[1]
    table = tables.by_year(source, f"{title}: the figures", found, notes=notes, first=first)
    if table:
        yield table


def _label(year: str, is_part: bool) -> str:
    return words.period(year, "financial_year") + (" to date" if is_part else "")


def _value(row: Mapping[str, Any] | None) -> float:
    return float(row["value"]) if row else math.nan


def _course(found: Found) -> Line:
    """Where each series stood in its last two whole years."""
    line: list[Any] = []
    for label, rows in found.items():
        whole = [row for row in rows if has_figure(row) and row["marker"] != "[p]"]
        if not whole:
            continue
        last = whole[-1]
        line += [
            f"{words.name(label)}: ",
            figure(last),
            f" in {words.period(last['period'], 'financial_year')}",
        ]
        if len(whole) > 1:
            line += [", ", figure(whole[-2]), f" the year before{_parted(last)}"]
        line.append(". ")
    return tuple(line) or ("No whole year has a figure yet.",)


def _parted(row: Mapping[str, Any]) -> str:
    return " (a break falls between or into them: see the note)" if row["break"] else ""


def _spoken(label: str, rows: Sequence[dict[str, Any] | None], unit: str) -> str:
    whole = [row for row in rows if row and has_figure(row) and row["marker"] != "[p]"]
    part = [row for row in rows if row and has_figure(row) and row["marker"] == "[p]"]
    told = [
        f"{words.number(row['value'], unit)} in {words.period(row['period'], 'financial_year')}"
        for row in [*whole[:1], *(whole[1:] and whole[-1:])]
    ]
    parts = [f"from {' to '.join(told)}" if len(told) > 1 else "".join(told)]
    parts += [
        f"{words.number(row['value'], unit)} so far in {words.period(row['period'], 'financial_year')}"
        for row in part[-1:]
    ]
    return f"{words.name(label)}: {'; '.join(filter(None, parts)) or 'no figure'}."


def marks_of(source: Source, rows: Rows, periods: Sequence[str]) -> tuple[tuple[Mark, ...], tuple[Text, ...]]:
    """The breaks in the periods of the chart, and the note that says what their letters mean."""
    titles = [
        (place, title)
        for place, period in enumerate(periods)
        if (row := at(rows, period))
        for title in filter(None, row["break"].split("; "))
    ]
    effects = {(line["break_date"], line["title"]): line["effect"] for line in source.table("breaks")}
    marks, told = [], []
    for (place, title), letter in zip(titles, LETTERS, strict=False):
        day, what = title[:10], title[11:]
        row_day = date.fromisoformat(day)
        is_rebase = effects.get((day, what)) == "rebase"
        marks.append(Mark(place, _along(place, row_day, periods), letter, is_rebase))
        begins = " (the series begins anew)" if is_rebase else ""
        told.append(f"{letter} {what}, {words.day(date.fromisoformat(day))}{begins}")
    note = (Text((f"Breaks: {'; '.join(told)}.",), is_note=True),) if told else ()
    return tuple(marks), note


def _along(place: int, day: date, periods: Sequence[str]) -> float:
    """Where a day lies on an axis of periods, whose first begins half a step before zero."""
    starts = date.fromisoformat(periods[place])
    months = month_number(day) - month_number(starts) + (day.day - 1) / 31
    # Periods here are months or financial years.
    step = 12 if len(periods) > 1 and _months_between(periods) > 1 else 1
    return place - 0.5 + months / step


def _months_between(periods: Sequence[str]) -> int:
    first, second = (month_number(date.fromisoformat(each)) for each in periods[:2])
    return second - first


def _floor(values: Sequence[float], unit: str) -> float:
    """Where the axis of a line of shares begins: not at zero where all of them are high."""
    known = [value for value in values if not math.isnan(value)]
    lowest = min(known, default=0.0)
    return math.floor(lowest / 10 - 0.2) * 10.0 if unit == "percent" and lowest > 45 else 0.0


def monthly(source: Source, name: str, title: str, basis: str | None = None) -> Iterator[Block]:
    """A monthly series on its control chart: heading, verdict, chart and table by year and month."""
    rows = source.whole(name, "month", basis)
    held = [place for place, row in enumerate(rows) if row["marker"] != "[x]"]
    # A month that the data leave out stays as a gap: the line must not close over it.
    rows = rows[held[0] : held[-1] + 1] if held else []
    yield Heading(3, title, "")
    if not any(map(has_figure, rows)):
        yield none_of(title, rows)
        return
    chosen = rows[0]["basis"]
    verdict = verdict_of(source, name, chosen)
    if verdict:
        yield Text((sentence(verdict),))
    periods = [row["period"] for row in rows]
    marks, notes = marks_of(source, rows, periods)
    provisional = tuple(place for place, row in enumerate(rows) if row["marker"] == "[p]")
    average, span, stretch = _limits(verdict, periods)
    labels = tuple(words.short_period(period, "month") for period in periods)
    unit = source.unit(name)
    floor = _floor([*(float(row["value"]) for row in rows), *(span or ())], unit)
    chart = Course(
        labels,
        (source.title(name),),
        (tuple(float(row["value"]) for row in rows),),
        unit,
        provisional,
        marks,
        average,
        span,
        stretch,
        floor,
    )
    known = [row for row in rows if has_figure(row)]
    ends = [f"{figure(row).text} in {words.period(row['period'], 'month')}" for row in (known[0], known[-1])]
    said = verdict["sentence"] if verdict else ""
    told = f"{source.title(name)} each month" + (f", basis {tables.basis_words(chosen)}" if chosen else "")
    axis = f"; the axis begins at {words.number(floor, unit)}" if floor else ""
    yield Picture(f"{told}{axis}", f"Line chart. {told}: from {' to '.join(ends)}. {said}".strip(), chart)
    yield from notes
    table = tables.by_month(source, f"{title}: the figures", rows, name)
    if table:
        yield table


def _limits(
    verdict: Mapping[str, str] | None, periods: Sequence[str]
) -> tuple[float | None, tuple[float, float] | None, int]:
    if not verdict or not verdict["average"]:
        return None, None, 0
    numbers = [float(verdict[part]) for part in ("average", "lower_limit", "upper_limit")]
    since = month_number(date.fromisoformat(verdict["stretch_since"]))
    first = month_number(date.fromisoformat(periods[0]))
    return numbers[0], (numbers[1], numbers[2]), max(0, since - first)


def verdict_of(source: Source, name: str, basis: str) -> dict[str, str] | None:
    """What the control chart of a series says, as the snapshot tells it."""
    return next(
        (line for line in source.table("verdicts") if (line["measure_id"], line["basis"]) == (name, basis)),
        None,
    )


def sentence(verdict: Mapping[str, str], *, is_short: bool = False) -> Fact:
    """The sentence of a verdict as a published fact; in short only its first, on the signals."""
    told = verdict["sentence"]
    text = f"{told.partition('. ')[0]}." if is_short and ". " in told else told
    return Fact(text, "verdicts", (verdict["measure_id"], verdict["basis"]), "sentence")


def years_table(source: Source, title: str, names: tuple[str, ...]) -> Iterator[Block]:
    """Measures of the force as a whole by financial year, under a heading."""
    held = [name for name in names if source.holds(name)]
    found: Found = {source.title(name): source.whole(name, "financial_year") for name in held}
    found = {name: rows for name, rows in found.items() if rows}
    yield Heading(3, title, "")
    table = tables.by_year(
        source,
        f"{title}, by financial year",
        found,
        notes=(
            f"{_bases(source, held)} Financial years, April to March. As at {tables.day(source)}. What each "
            "measure counts, and out of what, is in the annex.",
        ),
    )
    if table:
        yield table
    else:
        yield none_of(title, [row for rows in found.values() for row in rows])


def _bases(source: Source, names: list[str]) -> str:
    told: dict[str, list[str]] = {}
    for name in names:
        told.setdefault(source.usual(name), []).append(source.title(name))
    if len(told) == 1:
        return f"Basis: {tables.basis_words(next(iter(told)))}."
    return " ".join(
        f"Basis {tables.basis_words(basis)}: {words.listed(titles)}." for basis, titles in told.items()
    )

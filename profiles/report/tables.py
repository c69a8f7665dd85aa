"""Tables of the report: published rows by category, by year and by month, with what they rest on."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from profiles import words
from profiles.periods import MONTHS, first_day, month_number
from profiles.report.model import Cell, Line, Table
from profiles.report.reading import Source, at, figure, limits

BREAK = "†"
"""Behind a figure in whose period a break of the series falls."""

YEARS = 5
"""Financial years that a table shows."""

Rows = list[dict[str, Any]]


def basis_words(basis: str) -> str:
    """The basis as a note says it."""
    told = {"": "no basis: it counts no crimes", "fixed": "principal and included only compared"}
    return told.get(basis, basis.replace("_", " "))


def rests_on(source: Source, name: str, basis: str, period: str, *, is_bare: bool = False) -> str:
    """What a measure's figures rest on: what is counted, out of what, basis, period and as-at date."""
    said = source.definitions.get(name, {})
    counted = words.sentence(f"counts {said['numerator']}") if said.get("numerator") and not is_bare else ""
    out_of = (
        words.sentence(f"out of {said['denominator']}") if said.get("denominator") and not is_bare else ""
    )
    where = f"Basis: {basis_words(basis)}. Period: {period}. As at {day(source)}."
    return " ".join(filter(None, [counted, out_of, where]))


def day(source: Source) -> str:
    """The as-at date as it is read."""
    return words.day(date.fromisoformat(source.manifest.as_at))


def marker_note(rows: Iterable[Mapping[str, Any]]) -> tuple[str, ...]:
    """What the markers met in the rows mean; nothing without any."""
    met = {row["marker"] for row in rows}
    told = [words.marker(name) for name in words.MARKERS if name in met]
    return (words.sentence("; ".join(told)),) if told else ()


def break_note(rows: Iterable[Mapping[str, Any]]) -> tuple[str, ...]:
    """The breaks that fall into the periods of the rows; nothing without any."""
    found = sorted({title for row in rows for title in filter(None, row["break"].split("; "))})
    told = [f"{title[11:]} ({words.day(date.fromisoformat(title[:10]))})" for title in found]
    return (f"{BREAK} A break falls into the period: {words.listed(told)}.",) if told else ()


def head(text: str) -> Cell:
    """The cell that names its row."""
    return Cell(((text,),), is_head=True)


def plain(text: str) -> Cell:
    """A cell of text."""
    return Cell(((text,),))


def open_cell(text: str = "") -> Cell:
    """A cell to be filled in, with what to put there."""
    return Cell(((text,),), is_blank=True)


def shown(row: Mapping[str, Any] | None, *, is_marked: bool = True) -> Cell:
    """A figure with its interval and what it is made of, one below the other."""
    if row is None:
        return Cell((("[x]",),), is_number=True)
    has_break = is_marked and bool(row["break"])
    lines: list[Line] = [(figure(row), f" {BREAK}") if has_break else (figure(row),)]
    interval = limits(row)
    if interval:
        lines.append((interval,))
    # Of a count the denominator is empty; of a median it is the number of cases.
    if row["denominator"] == row["denominator"]:
        lines.append(("of ", figure(row, "denominator")))
    return Cell(tuple(lines), is_number=True)


def years_of(found: Iterable[Rows], most: int = YEARS) -> list[str]:
    """The newest financial years that any of the series has a figure for."""
    return sorted({row["period"] for mine in found for row in mine if row["marker"] != "[x]"})[-most:]


def by_year(
    source: Source,
    caption: str,
    found: Mapping[str, Rows],
    *,
    notes: Sequence[str] = (),
    first: str = "Measure",
) -> Table | None:
    """A row a series and a column a financial year, each figure with its interval; None without figures."""
    years = years_of(found.values())
    kept = {name: [row for row in mine if row["period"] in years] for name, mine in found.items()}
    flat = [row for mine in kept.values() for row in mine]
    if not any(row["value"] == row["value"] for row in flat):
        return None
    begun = words.financial_year(date.fromisoformat(source.manifest.as_at))
    heads = [words.period(year, "financial_year") for year in years]
    heads = [f"{year} to date" if year == begun and _is_part(flat) else year for year in heads]
    rows = tuple((head(name), *(shown(at(mine, year)) for year in years)) for name, mine in kept.items())
    wide = 0.26 if len(years) > 3 else 0.34
    return Table(
        caption,
        (first, *heads),
        rows,
        (wide, *[(1 - wide) / len(years)] * len(years)),
        (
            *notes,
            "Below each figure its 95% interval and what it is out of; of days, a median, the middle half.",
            *marker_note(flat),
            *break_note(flat),
        ),
    )


def _is_part(rows: Rows) -> bool:
    last = max(row["period"] for row in rows)
    return any(row["period"] == last and row["marker"] == "[p]" for row in rows)


def by_category(
    source: Source,
    caption: str,
    found: Mapping[str, Rows],
    period: str,
    *,
    name: str,
    first: str,
    notes: Sequence[str] = (),
    grain: str = "financial_year",
) -> Table | None:
    """A row a category: its figure, interval, what it is made of, and the period before; None without."""
    mine = {category: at(rows, period) for category, rows in found.items()}
    told = [row for row in mine.values() if row]
    if not any(row["value"] == row["value"] for row in told):
        return None
    periods = sorted({row["period"] for rows in found.values() for row in rows})
    earlier = max((each for each in periods if each < period), default="")
    if grain == "rolling_year":
        # Windows that overlap are no comparison: the one 12 months before.
        earlier = first_day(month_number(date.fromisoformat(period)) - MONTHS["financial_year"]).isoformat()
    is_count = source.unit(name) == "count"
    label = words.period(period, grain)
    heads = [first, _short(period, grain), "95% interval"] + ([] if is_count else ["Counted", "Out of"])
    if source.unit(name) == "days":
        heads = [first, f"{label}, median", "Middle half", "Cases"]
    before = {category: at(rows, earlier) for category, rows in found.items()} if earlier else {}
    has_before = any(row and row["value"] == row["value"] for row in before.values())
    if has_before:
        heads.append(_short(earlier, grain))
    rows = []
    for category, row in mine.items():
        if row is None:
            continue
        interval = limits(row)
        cells = [head(words.name(category)), _number((figure(row),))]
        cells.append(_number((interval,) if interval else (_none(row),)))
        if not is_count and source.unit(name) != "days":
            cells.append(_number((figure(row, "numerator"),)))
        if not is_count:
            cells.append(_number((figure(row, "denominator"),)))
        if has_before:
            old = before.get(category)
            cells.append(_number((figure(old),)) if old else _number(("[x]",)))
        rows.append(tuple(cells))
    every = [*told, *(row for row in before.values() if row and has_before)]
    basis = told[0]["basis"]
    return Table(
        caption,
        tuple(heads),
        tuple(rows),
        _widths(len(heads)),
        (*notes, rests_on(source, name, basis, label), *marker_note(every), *break_note(every)),
    )


def _short(period: str, grain: str) -> str:
    return words.sentence(words.short_period(period, grain)).rstrip(".")


def _widths(columns: int) -> tuple[float, ...]:
    """Shares of the page: the name first, the interval third, both wider than figures."""
    name, interval = (0.36, 0.2) if columns < 6 else (0.3, 0.2)
    rest = (1 - name - interval) / (columns - 2)
    return (name, rest, interval, *[rest] * (columns - 3))


def _number(line: Line) -> Cell:
    return Cell((line,), is_number=True)


def _none(row: Mapping[str, Any]) -> str:
    """What stands where a row has no interval."""
    return str(row["marker"]) if row["value"] != row["value"] and row["marker"] else "–"


def by_month(source: Source, caption: str, rows: Rows, name: str, notes: Sequence[str] = ()) -> Table | None:
    """A row a financial year and a column a month, of one series; None without figures."""
    if not any(row["value"] == row["value"] for row in rows):
        return None
    by_first = {row["period"]: row for row in rows}
    years: dict[str, list[Cell]] = {}
    for year in sorted({words.financial_year(date.fromisoformat(each)) for each in by_first}):
        begins = int(year[:4])
        cells = []
        for month in (*range(4, 13), *range(1, 4)):
            row = by_first.get(f"{begins + (month < 4)}-{month:02d}-01")
            has_break = row is not None and bool(row["break"])
            line: Line = (figure(row), BREAK) if row and has_break else (figure(row),) if row else ("",)
            cells.append(_number(line))
        years[year] = cells
    months = tuple(f"{date(2000, month, 1):%b}" for month in (*range(4, 13), *range(1, 4)))
    basis = rows[0]["basis"]
    first, last = (date.fromisoformat(rows[place]["period"]) for place in (0, -1))
    span = f"{first:%B %Y} to {last:%B %Y}, month by month"
    return Table(
        caption,
        ("Year", *months),
        tuple((head(year), *cells) for year, cells in years.items()),
        (0.1, *[0.9 / 12] * 12),
        (*notes, rests_on(source, name, basis, span), *marker_note(rows), *break_note(rows)),
        is_dense=True,
    )

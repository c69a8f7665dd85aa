"""Breakdowns: bars and the table with the same figures, what they say, or why there is none."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from profiles import words
from profiles.report import tables
from profiles.report.model import Bars, Block, Heading, Line, Picture, Text
from profiles.report.reading import Source, at, figure, has_figure, last_year, limits
from profiles.report.tables import Rows

APART = ("not recorded", "not known", "unknown", "all")
"""Categories that no sentence calls the largest."""
FEW = 8
"""More bars than this leave out those that are zero."""
Found = Mapping[str, Rows]


def none_of(title: str, rows: Rows) -> Text:
    """The sentence that stands where every figure is missing, and why."""
    met = sorted({row["marker"] for row in rows if row["marker"]})
    why = "; ".join(words.marker(each) for each in met) or "the snapshot does not hold it"
    return Text((f"{title}: no figure can be given ({why}).",))


def breakdown(
    source: Source,
    name: str,
    dimension: str,
    title: str,
    *,
    first: str,
    basis: str | None = None,
    grain: str = "financial_year",
    whole: str = "",
    notes: Sequence[str] = (),
    found: Found | None = None,
    is_sorted: bool = True,
) -> Iterator[Block]:
    """The newest whole period of a measure by category: heading, sentence, bars and table.

    `whole` names the line of the force as a whole, where a rate has one.
    """
    if not source.holds(name):
        return
    mine = found if found is not None else source.broken_down(name, grain, dimension, basis)
    period = last_year(mine)
    flat = [row for rows in mine.values() for row in rows]
    here = {category: row for category, rows in mine.items() if (row := at(rows, period))}
    yield Heading(3, title, "")
    if not any(map(has_figure, here.values())):
        yield none_of(title, list(here.values()) or flat)
        return
    order = sorted(here, key=lambda each: _rank(here[each])) if is_sorted else list(here)
    here = {category: here[category] for category in order}
    unit = source.unit(name)
    when = words.period(period, grain)
    yield Text(_largest(here, when))
    reference = None
    if whole and (of_all := at(source.whole(name, grain, basis), period)) and has_figure(of_all):
        reference = (float(of_all["value"]), f"{whole}: {words.number(of_all['value'], unit)}")
        here["all"] = of_all
    bars = [row for category, row in here.items() if category != "all"]
    if len(bars) > FEW:
        # What is zero takes room and shows nothing: the table has it.
        bars = [row for row in bars if row["value"] != 0] or bars
    chart = Bars(
        tuple(words.name(_category(row)) for row in bars),
        tuple(float(row["value"]) for row in bars),
        tuple(float(row["lower"]) for row in bars),
        tuple(float(row["upper"]) for row in bars),
        tuple(figure(row).text for row in bars),
        unit,
        reference,
    )
    counted = source.title(name)
    basis_told = f", basis {tables.basis_words(bars[0]['basis'])}" if bars[0]["basis"] else ""
    told = f"{title}{'' if title == counted else f' ({counted.lower()})'}, {when}{basis_told}"
    # Zeros and withheld figures alone would be an empty chart: the table says it.
    if any(row["value"] > 0 for row in bars):
        yield Picture(told, f"Bar chart. {told}. {_listed(bars)}", chart)
    shown = {category: mine[category] for category in order}
    if reference:
        shown = {whole: source.whole(name, grain, basis), **shown}
    table = tables.by_category(
        source, f"{title}: the figures", shown, period, name=name, first=first, notes=notes, grain=grain
    )
    if table:
        yield table


def _category(row: Mapping[str, Any]) -> str:
    return str(row["category_2"] or row["category"])


def _rank(row: Mapping[str, Any]) -> tuple[bool, bool, float]:
    """What is not recorded last, before it what has no figure, else the highest first."""
    return _category(row) in APART, not has_figure(row), -row["value"] if has_figure(row) else 0.0


def _largest(here: Mapping[str, dict[str, Any]], when: str) -> Line:
    """The highest and the lowest category, as a sentence with its figures."""
    known = [row for category, row in here.items() if category not in APART and has_figure(row)]
    if not known:
        return (f"{when}: see the table.",)
    top = max(known, key=lambda row: row["value"])
    line: list[Any] = [f"In {when} the highest figure is that of {_said(top)}: ", figure(top)]
    interval = limits(top)
    if interval:
        line += [" (95% interval ", interval, ")"]
    known = [row for row in known if row["value"] > 0]
    if len(known) > 1:
        low = min(known, key=lambda row: row["value"])
        line += [f"; the lowest above zero that can be given is that of {_said(low)}: ", figure(low)]
    hidden = sum(row["marker"] == "[c]" for row in here.values())
    line.append(f". {hidden} of {len(here)} are withheld as [c]." if hidden else ".")
    return tuple(line)


def _said(row: Mapping[str, Any]) -> str:
    text = _category(row).replace("_", " ")
    return f"“{text}”"


def _listed(rows: Sequence[Mapping[str, Any]]) -> str:
    """Every bar in words, for who cannot see them."""
    return words.sentence(words.listed(f"{words.name(_category(row))} {figure(row).text}" for row in rows))

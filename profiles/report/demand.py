"""Sections on the problem: scale and trend, typology."""

import math
from collections.abc import Iterator

from profiles import words
from profiles.report import tables
from profiles.report.courses import monthly, yearly
from profiles.report.figures import Found, breakdown, none_of
from profiles.report.model import Blank, Block, Cell, Columns, Fact, Heading, Picture, Table, Text
from profiles.report.reading import Source
from profiles.report.tables import Rows, head

CRIMES = "stalking_crimes"
OVERLAP = "A crime may be of several types, so the types do not add up to the whole."


def scale(source: Source) -> Iterator[Block]:
    """How much stalking is recorded, how much of it is hidden, how it moves and what is expected."""
    yield Heading(1, "Scale and trend", "scale-and-trend")
    bases = {
        "Principal crime": source.whole(CRIMES, "financial_year", "principal"),
        "Included only": source.whole(CRIMES, "financial_year", "included_only"),
    }
    if source.holds(CRIMES):
        whole = {"Any basis": source.whole(CRIMES, "financial_year", "any")}
        yield from yearly(
            source,
            CRIMES,
            "Stalking-involved crimes",
            bases,
            is_stacked=True,
            notes=(
                "Basis: principal, stalking is the crime it is recorded as; included only, stalking is only "
                "among the included classifications; any, either, each crime counted once. "
                f"Financial years, April to March. As at {tables.day(source)}.",
            ),
            first="Basis",
        )
        table = tables.by_year(
            source,
            "Stalking-involved crimes on the basis any, and for every 1,000 residents",
            whole | {"Per 1,000 residents (any)": source.whole("stalking_rate", "financial_year", "any")},
            notes=(f"Financial years. As at {tables.day(source)}.",),
        )
        if table:
            yield table
    yield from monthly(source, CRIMES, "Month by month", "any")
    hidden: Found = {
        "Hidden under another crime": source.whole("included_only_share", "financial_year"),
    }
    if source.holds("included_only_share"):
        yield from yearly(
            source,
            "included_only_share",
            "The share that only an included classification shows",
            hidden,
            notes=(tables.rests_on(source, "included_only_share", "fixed", "financial years"),),
        )
    yield from _projected(source)
    yield Blank(
        "what drives the change, and how much of it is better recording",
        "Hold the trend against the breaks marked above, campaigns, changes of screening and of policy.",
    )


def _projected(source: Source) -> Iterator[Block]:
    """The years counted and projected, from the figures for the force management statement."""
    lines = [line for line in source.table("fms") if (line["measure_id"], line["basis"]) == (CRIMES, "any")]
    actual = [line for line in lines if line["period_type"] == "actual"]
    ahead = [line for line in lines if line["period_type"] == "projection"]
    yield Heading(3, "What is to be expected", "")
    every = [*actual, *ahead]
    if not ahead or not any(_float(line["value"]) == _float(line["value"]) for line in ahead):
        yield Text(("The snapshot has no projection of stalking-involved crimes: there are too few months.",))
        return
    yield Text(
        (
            f"{words.sentence(ahead[0]['notes'])} The projection is of recorded crimes on the basis any, "
            "whole financial years, with the limits of its 95% interval or, of a scenario, its range.",
        )
    )
    numbers = {part: [_float(line[part]) for line in every] for part in ("value", "lower", "upper")}
    years = tuple(line["financial_year"] for line in every)
    places = tuple(range(len(actual), len(every)))
    chart = Columns(
        years,
        ("Stalking-involved crimes",),
        (tuple(numbers["value"]),),
        "count",
        projected=places,
        lowers=tuple(numbers["lower"]),
        uppers=tuple(numbers["upper"]),
    )
    first, last = ahead[0], ahead[-1]
    alt = (
        f"Columns by financial year, {years[0]} to {years[-1]}; those from {first['financial_year']} on "
        f"are projected and hatched: {_number(first['value'])} in {first['financial_year']}, "
        f"{_number(last['value'])} in {last['financial_year']}, the last between {_number(last['lower'])} "
        f"and {_number(last['upper'])}."
    )
    yield Picture("Stalking-involved crimes counted and projected, basis any", alt, chart)
    rows = tuple(
        (
            head(line["financial_year"]),
            Cell((("counted" if line["period_type"] == "actual" else f"projected, {line['method']}",),)),
            *(Cell(((_fms(line, part),),), is_number=True) for part in ("value", "lower", "upper")),
        )
        for line in every
    )
    yield Table(
        "Counted and projected: the figures",
        ("Financial year", "How", "Crimes", "Lower limit", "Upper limit"),
        rows,
        (0.2, 0.32, 0.16, 0.16, 0.16),
        (f"From fms.csv of the snapshot, rounded to whole crimes. Basis: any. As at {tables.day(source)}.",),
    )


def _float(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return math.nan


def _number(text: str) -> str:
    value = _float(text)
    return text or "–" if math.isnan(value) else words.number(value)


def _fms(line: dict[str, str], part: str) -> Fact:
    place = (line["measure_id"], line["basis"], line["financial_year"], line["period_type"])
    return Fact(_number(line[part]), "fms", place, part)


def typology(source: Source) -> Iterator[Block]:
    """Which kinds of stalking there are, and how they overlap."""
    yield Heading(1, "Typology", "typology")
    yield Text(
        (
            "Online, domestic and stranger stalking are independent of one another: a crime can be all "
            "three. What is not recorded is a category of its own, and unknown is not stranger.",
        )
    )
    shares: Found = {
        "Domestic": source.whole("domestic_share", "financial_year"),
        "Online": source.whole("online_share", "financial_year"),
        "Stranger": source.whole("stranger_share", "financial_year"),
    }
    shares = {name: rows for name, rows in shares.items() if rows}
    if shares:
        note = "Share of stalking-involved crimes, basis any, what is not recorded stays in the denominator"
        yield from yearly(
            source,
            "domestic_share",
            "Domestic, online and stranger stalking",
            shares,
            notes=(f"{note}. {OVERLAP} Financial years. As at {tables.day(source)}.",),
            first="Type",
        )
    parts = (
        ("typology", "Crimes by type", "Type", (OVERLAP,)),
        ("atom", "How the types overlap", "Overlap", ("Each crime is in one row.",)),
        ("relationship", "Relationship of the closest suspect to the victim", "Relationship", ()),
        ("mode", "Online or offline", "Mode", ()),
    )
    for dimension, title, first, notes in parts:
        yield from breakdown(source, CRIMES, dimension, title, first=first, notes=notes)
    yield from _crossed(source)


def _crossed(source: Source) -> Iterator[Block]:
    """Relationship by mode, of the newest whole financial year."""
    if not source.holds(CRIMES):
        return
    mine = source.by_measure[CRIMES]
    kept = mine[(mine["dimension"] == "relationship") & (mine["dimension_2"] == "mode")]
    kept = kept[(kept["grain"] == "financial_year") & ~kept["marker"].isin(["[p]", "[x]"])]
    title = "Relationship by mode"
    if kept.empty:
        return
    yield Heading(3, title, "")
    period = max(kept["period"].tolist())
    kept = kept[kept["period"] == period]
    if kept["value"].isna().all():
        yield none_of(title, [{"marker": text} for text in kept["marker"].tolist()])
        return
    across = list(dict.fromkeys(kept["category_2"].tolist()))
    rows = []
    every: Rows = []
    for category in dict.fromkeys(kept["category"].tolist()):
        found = [source.of(CRIMES, "financial_year", "relationship", category, other) for other in across]
        here = [row for series in found for row in series if row["period"] == period]
        every += here
        cells = [tables.shown(row, is_marked=False) for row in here]
        rows.append((head(words.name(category)), *cells))
    label = words.period(period, "financial_year")
    yield Text((f"How much of online stalking is by an ex-partner, and how much by a stranger, in {label}.",))
    yield Table(
        f"{title}, {label}",
        ("Relationship", *map(words.name, across)),
        tuple(rows),
        (0.28, *[0.72 / len(across)] * len(across)),
        (
            tables.rests_on(source, CRIMES, every[0]["basis"], label),
            "Below each figure its 95% interval.",
            *tables.marker_note(every),
            *tables.break_note(every),
        ),
    )

"""What a snapshot tells: each count that its files give or withhold, under the name that all counts share."""

import csv
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from profiles.catalogue import Measure, catalogue
from profiles.disclosure import BASE, SMALLEST
from profiles.errors import BadSnapshot
from profiles.periods import ALL, MONTHS, first_day, last_day, month_number
from profiles.snapshot.identities import ANY, known
from profiles.snapshot.signatures import Series

ALWAYS = date(1, 1, 1)
"""The first and last day of what is of no period."""
ROLES = ("numerator", "denominator")
WITHHELD = "[c]"
WHOLE_FILE = "measures.csv"
OTHER_FILES = ("fms.csv", "data_quality.csv")
FINER = ("month", "quarter")
"""Periods that say in which month the data begin."""


class Count(NamedTuple):
    """What tells a count: its kind, the word it is of, and its first and last day.

    The kind is a number of those that the definitions tell apart, or the series itself where these say
    nothing of it. What there is on a day has that day as the first and the last.
    """

    kind: int | Series
    word: str
    first: date
    last: date


@dataclass(frozen=True)
class Figure:
    """A count as one figure tells it: between `low` and `high`, or withheld.

    One that `is_cut` is of a part of its period alone: its measure begins within it, or is of what is old
    enough.
    """

    count: Count
    series: Series
    low: float
    high: float
    is_withheld: bool
    is_cut: bool = False
    grain: str = ""
    period: str = ""


@dataclass(frozen=True)
class Release:
    """The figures of a snapshot; `begins` has, for each kind, the first day of the first period with data.

    `others` are the figures of its other files. `sha256` is that of its manifest, `previous` that of the one
    before it, where the manifest names one.
    """

    name: str
    as_at: date
    profile: str
    figures: tuple[Figure, ...]
    others: tuple[tuple[str, Figure], ...]
    begins: dict[int | Series, date]
    sha256: str = ""
    previous: str = ""


def told(
    folder: Path,
    profile: str,
    sha256: str = "",
    previous: str = "",
    starts: Mapping[str, date] | None = None,
) -> Release:
    """What the files of the folder tell; `starts` has the first day of the data of measures.

    Raises BadSnapshot when one cannot be read."""
    lines = list(_lines(folder / WHOLE_FILE))
    if not lines:
        raise BadSnapshot(f"{folder / WHOLE_FILE} has no row; build the snapshot again.")
    as_at = date.fromisoformat(lines[0]["as_at"])
    others = [
        (name, line) for name in OTHER_FILES if (folder / name).exists() for line in _lines(folder / name)
    ]
    return of_lines(folder.name, lines, as_at, profile, others, sha256, previous, starts)


def exactly(folder: Path, exact: pd.DataFrame, starts: Mapping[str, date] | None = None) -> Release:
    """What the measures of the folder would tell if they were not rounded.

    Raises BadSnapshot where a figure is withheld in one and not in the other.
    """
    lines = list(_lines(folder / WHOLE_FILE))
    figures = zip(*(exact[role].tolist() for role in ROLES), strict=True)
    for line, both in zip(lines, figures, strict=True):
        for role, figure in zip(ROLES, both, strict=True):
            is_withheld = figure != figure
            if (line[role] == WITHHELD and not is_withheld) or (_is_number(line[role]) and is_withheld):
                raise BadSnapshot(
                    f"{folder / WHOLE_FILE} withholds other figures than it is to; build it again."
                )
            if not is_withheld:
                line[role] = str(figure)
    as_at = date.fromisoformat(lines[0]["as_at"])
    return of_lines(folder.name, lines, as_at, "internal", starts=starts)


def of_lines(
    name: str,
    lines: Iterable[dict[str, str]],
    as_at: date,
    profile: str,
    others: Iterable[tuple[str, dict[str, str]]] = (),
    sha256: str = "",
    previous: str = "",
    starts: Mapping[str, date] | None = None,
) -> Release:
    """What the lines tell: each has the columns of the measures, as text.

    `starts` has the first day of the data of measures; of others the first shorter period tells it.
    """
    figures: list[Figure] = []
    said, starts = starts or {}, dict(starts or {})
    for line in lines:
        for role in ROLES:
            figure = _figure(line, role, as_at, profile)
            if figure is not None:
                figures.append(figure)
                if line["grain"] in FINER and line["measure_id"] not in said:
                    first = figure.count.first
                    starts[line["measure_id"]] = min(starts.get(line["measure_id"], first), first)
    begins: dict[int | Series, date] = {}
    for each in figures:
        first = starts.get(each.series.measure_id, ALWAYS)
        begins[each.count.kind] = min(begins.get(each.count.kind, first), first)
    figures = [
        replace(each, is_cut=True) if each.is_cut or _is_later(each, starts, begins) else each
        for each in figures
    ]
    found = [
        (file, _figure(_as_measure(line), role, as_at, profile)) for file, line in others for role in ROLES
    ]
    return Release(
        name,
        as_at,
        profile,
        tuple(figures),
        tuple((file, figure) for file, figure in found if figure and not figure.is_withheld),
        begins,
        sha256,
        previous,
    )


def _is_later(figure: Figure, starts: dict[str, date], begins: dict[int | Series, date]) -> bool:
    """Whether the measure begins within the period, and another one that has the same counts before it."""
    first = starts.get(figure.series.measure_id, ALWAYS)
    return max(figure.count.first, begins[figure.count.kind]) < first


def _lines(path: Path) -> Iterator[dict[str, str]]:
    try:
        with path.open(encoding="utf-8", newline="") as source:
            yield from csv.DictReader(source)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise BadSnapshot(f"{path} cannot be read ({error}); take the snapshot anew.") from error


def _as_measure(line: dict[str, str]) -> dict[str, str]:
    """A line of another file with the columns of the measures; without a grain it gives no count."""
    if "financial_year" in line:
        is_count = line["period_type"] == "actual" and line["unit"] == "count"
        return line | {
            "grain": "financial_year" if is_count else "",
            "period": f"{line['financial_year'][:4]}-04-01",
            "dimension": ALL,
            "category": ALL,
            "dimension_2": "",
            "category_2": "",
            "numerator": line["value"],
            "denominator": "",
        }
    year = line["period"]
    return line | {
        "grain": ALL if year == ALL else "financial_year",
        "period": year if year == ALL else f"{year[:4]}-04-01",
        "dimension_2": "",
        "category_2": "",
    }


def _figure(line: dict[str, str], role: str, as_at: date, profile: str) -> Figure | None:
    """The count behind one side of a line; None where it has none, or is public anyway."""
    text, name = line[role], line["measure_id"]
    is_withheld = text == WITHHELD
    if not line["grain"] or not (is_withheld or _is_number(text)):
        return None
    item = catalogue().get(name)
    kind = _sensitivity(item, role)
    if kind == "open":
        return None
    columns = ("basis", "dimension", "category", "dimension_2", "category_2")
    series = Series(name, role, *(line[each] for each in columns))
    found = _kind(series)
    if found is None:
        return None
    first, last = _days(line["grain"], line["period"], as_at)
    if item is not None and item.time == "stock":
        first = last
    low, high = 1.0, float("inf")
    if is_withheld:
        # Of answers so few that none is given, none may be meant.
        low = 0.0 if item is not None and item.sensitivity == "answers" and role == "numerator" else 1.0
    else:
        low = high = float(text)
        if profile == "external":
            low, high = _rounded(low, 0 if kind == "answers" else SMALLEST)
    is_cut = item is not None and bool(item.matures) and last > item.matures.before(as_at)
    return Figure(
        Count(*found, first, last), series, low, high, is_withheld, is_cut, line["grain"], line["period"]
    )


def _is_number(text: str) -> bool:
    return text[:1].isdigit()


def _sensitivity(item: Measure | None, role: str) -> str:
    """How the count behind a side of a measure is protected: as the measure, or as the one that counts it."""
    if item is None:
        return "person"
    known_ones = catalogue()
    if item.ratio:
        return known_ones[item.ratio[ROLES.index(role)]].sensitivity
    if role == "denominator" and item.part_of and known_ones[item.part_of].sensitivity == "open":
        return "open"
    return item.sensitivity


def _rounded(figure: float, smallest: float) -> tuple[float, float]:
    """The least and the most that is rounded to the figure; none between 0 and the smallest is given."""
    half = (BASE - 1) / 2
    if figure == 0 and smallest:
        return 0.0, 0.0
    return max(figure - half, smallest if figure >= smallest else 0.0), figure + half


@lru_cache(maxsize=20_000)
def _kind(series: Series) -> tuple[int | Series, str] | None:
    """Kind and word of a series; None of what is always 0, which tells nothing."""
    kinds, _ = known()
    kind = kinds.get(series)
    if kind is not None:
        return None if kind < 0 else (kind, "")
    kind = kinds.get(series._replace(category=ANY))
    if kind is not None:
        return None if kind < 0 else (kind, series.category)
    return series, ""


@lru_cache(maxsize=2_000)
def _days(grain: str, period: str, as_at: date) -> tuple[date, date]:
    """First and last day of a period, as far as there were data."""
    if period == ALL:
        return ALWAYS, ALWAYS
    month = month_number(date.fromisoformat(period))
    first, last = (month - 11, month) if grain == "rolling_year" else (month, month + MONTHS[grain] - 1)
    return first_day(first), min(last_day(last), as_at)

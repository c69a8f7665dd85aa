"""The plan: which measures, bases, periods and breakdowns a snapshot holds, and its unprotected rows."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import pandas as pd

from profiles.catalogue import BROKEN_DOWN, BROKEN_DOWN_OFTEN, Measure, catalogue
from profiles.facts import Facts
from profiles.measures import breaks_for, run
from profiles.periods import ALL, MONTHS, last_day, month_number, periods
from profiles.selection import DIMENSIONS, Selection
from profiles.snapshot.files import NAMES, Release
from profiles.warehouse import SQL, Connection
from profiles.writing import all_neutralised

WHOLE = ("month", "quarter", "financial_year", "rolling_year")
"""Periods for which the force as a whole is given."""
LONG = ("financial_year",)
"""Periods for which a measure is given on a basis that is not its first, and what is given by basis
is broken down on it. What two bases differ by is the third, and of a month or quarter of included-only crimes
that is so few that much else would be withheld."""

QUARTERS = ("03", "06", "09", "12")
"""The months that quarters end with."""

COLUMNS = (
    *("measure_id", "title", "unit", "basis", "grain", "period"),
    *("dimension", "category", "dimension_2", "category_2"),
    *("numerator", "denominator", "value", "lower", "upper", "marker", "break"),
)
"""Columns of the rows of a snapshot."""

UNTIL = "until"
"""Column of the unprotected rows: the last day of which there were data when the row was, or is, released."""


@dataclass(frozen=True)
class Ask:
    """One question of the plan; `crossed` is the category of `dimension` that a second one breaks down.

    What is not `is_released` is counted only because figures that are released depend on it. Rolling years
    that are `is_by_quarter` are those that end with a quarter.
    """

    item: Measure
    basis: str | None
    grain: str
    dimension: str = ALL
    crossed: str = ""
    dimension_2: str = ""
    is_released: bool = True
    is_by_quarter: bool = False
    since: date | None = None
    until: date | None = None

    @property
    def selection(self) -> Selection:
        """What the question selects."""
        by = self.dimension_2 or (None if self.dimension == ALL else self.dimension)
        where = ((self.dimension, self.crossed),) if self.dimension_2 else ()
        return Selection(
            basis=self.basis, by=by, grain=self.grain, where=where, since=self.since, until=self.until
        )


def asks(folder: Path = SQL) -> Iterator[Ask]:
    """Every question of the plan, measure by measure; `folder` is that of the SQL files."""
    for item in catalogue(folder).values():
        bases = item.bases or (None,)
        grains = _grains(item, WHOLE)
        of_basis = {
            basis: grains if basis == bases[0] or item.is_by_basis else _grains(item, LONG) for basis in bases
        }
        if item.apart:
            yield from (
                Ask(item, basis, grain, *kinds, is_by_quarter=_is_by_quarter(grain, grains))
                for basis in bases[:1]
                for kinds in _kinds(item)
                for grain in grains
            )
            continue
        yield from (
            Ask(item, basis, grain, is_by_quarter=_is_by_quarter(grain, of_basis[basis]))
            for basis in bases
            for grain in of_basis[basis]
        )
        for basis in bases if item.is_by_basis else bases[:1]:
            for dimension in item.released_by:
                is_rare = DIMENSIONS[dimension].is_rare
                if is_rare and basis != bases[0]:
                    continue
                is_long = is_rare or basis != bases[0]
                for grain in _grains(item, LONG if is_long else item.broken_down_for):
                    yield Ask(item, basis, grain, dimension)
                    if dimension == "typology" and "atom" not in item.released_by:
                        yield Ask(item, basis, grain, "atom", is_released=False)
                    # What a stock is made of is known of each part of it that is given.
                    flow = catalogue(folder).get(item.stock_of)
                    if flow and dimension in flow.dimensions:
                        for each in (dimension, "atom") if dimension == "typology" else (dimension,):
                            if each not in flow.released_by or grain not in flow.broken_down_for:
                                yield Ask(flow, None, grain, each, is_released=False)
        for first, second in item.crossed:
            for grain in _grains(item, BROKEN_DOWN):
                for category in DIMENSIONS[first].categories:
                    yield Ask(item, bases[0], grain, first, category, second)


def crossings() -> tuple[tuple[str, str, str], ...]:
    """Measure and both dimensions of each two-way breakdown."""
    return tuple((item.measure_id, *pair) for item in catalogue().values() for pair in item.crossed)  # type: ignore[misc]


def _grains(item: Measure, grains: tuple[str, ...]) -> tuple[str, ...]:
    if item.time == "standing":
        return (ALL,)
    # A month of a survey is too few answers to be a figure.
    few = ("month",) if item.sensitivity == "answers" else ()
    given = item.released_for or item.grains or grains
    return tuple(
        name
        for name in grains
        if name not in few and name in given and (not item.grains or name in item.grains)
    )


def _is_by_quarter(grain: str, grains: tuple[str, ...]) -> bool:
    """Whether only the rolling years that end with a quarter are given: two others would tell of a month."""
    return grain == "rolling_year" and "quarter" in grains and "month" not in grains


def _kinds(item: Measure) -> Iterator[tuple[str, str, str]]:
    """Of a measure whose kinds are never pooled, the dimension of each: dimension, crossed, dimension_2."""
    first, *others = item.apart
    if not others:
        yield first[0], "", ""
        return
    for category in DIMENSIONS[first[0]].categories:
        yield first[0], category, others[0][0]


def rows(
    con: Connection,
    facts: Facts,
    say: Callable[[str], None] = lambda text: None,
    earlier: Sequence[Release] = (),
) -> tuple[pd.DataFrame, pd.Series]:
    """The rows of the plan before protection, and which of them are released; columns `COLUMNS` and `UNTIL`.

    Of a measure that matures, a period that is not wholly old enough is `[x]`: two figures that differ by
    a few days' crimes would tell those apart. Each release that came `earlier` gave the periods of its day as
    far as it knew them, and maybe what is given no more: these are counted again, though not released.
    """
    found, shown = [], []
    last = ""
    for ask in _with_earlier(facts.as_at, earlier):
        if ask.item.measure_id != last:
            last = ask.item.measure_id
            say(f"counting {last}")
        frame = run(con, ask.item.measure_id, ask.selection, facts=facts)
        if ask.is_by_quarter:
            frame = frame[frame["period"].str.slice(5, 7).isin(QUARTERS)].reset_index(drop=True)
        if ask.item.matures:
            is_young = frame["marker"] == "[p]"
            frame.loc[is_young, ["numerator", "denominator", "value", "lower", "upper"]] = float("nan")
            frame.loc[is_young, "marker"] = "[x]"
        until = ask.until or facts.as_at
        found.append(_placed(frame, ask).assign(**{UNTIL: until.isoformat() if until else ""}))
        shown.append(pd.Series(ask.is_released, index=range(len(frame))))
    table = pd.concat(found, ignore_index=True)
    table["break"] = _breaks(con, table)
    # From here on a name is what every file of the snapshot calls it: figures can be joined by it.
    for name in NAMES:
        table[name] = all_neutralised(table[name])
    return table[[*COLUMNS, UNTIL]], pd.concat(shown, ignore_index=True)


def _with_earlier(as_at: date | None, earlier: Sequence[Release]) -> Iterator[Ask]:
    """Every question of the plan; and of the releases before, what it lacks and periods cut short."""
    days = sorted({date.fromisoformat(release.as_at) for release in earlier})
    planned = list(asks())
    for ask in (*planned, *_given_before(planned, earlier)):
        yield ask
        if not as_at or ask.grain not in BROKEN_DOWN_OFTEN or ask.item.matures:
            continue
        for day in days:
            (period,) = periods(ask.grain, day, day)
            # A stock is of its day, and is given for that day's month.
            if day < min(period.ends, as_at):
                yield replace(ask, is_released=False, since=period.starts, until=day)


def _given_before(planned: Sequence[Ask], earlier: Sequence[Release]) -> Iterator[Ask]:
    """Questions that releases before answered and the plan asks no more; of rolling years also months."""
    of = ["measure_id", "basis", "grain", "dimension", "category", "dimension_2"]
    asked = {
        (ask.item.measure_id, ask.basis, ask.grain, ask.dimension, ask.crossed, ask.dimension_2)
        for ask in planned
    }
    for release in earlier:
        for name, basis, grain, dimension, category, other in (
            release.rows[of].drop_duplicates().itertuples(index=False, name=None)
        ):
            item = catalogue()[name]
            kind = basis if basis in item.bases else None
            for each in dict.fromkeys((grain, "month" if grain == "rolling_year" else grain)):
                ask = Ask(item, kind, each, dimension, category if other else "", other, is_released=False)
                key = (name, kind, each, dimension, ask.crossed, other)
                if key not in asked and (not item.grains or each in item.grains):
                    asked.add(key)
                    yield ask


def _placed(frame: pd.DataFrame, ask: Ask) -> pd.DataFrame:
    """The frame of one question with the columns that say what was asked."""
    category = frame["category"]
    return frame.assign(
        measure_id=ask.item.measure_id,
        title=ask.item.title,
        unit=ask.item.unit,
        basis="fixed" if ask.item.is_fixed else ask.basis or "",
        grain=ask.grain,
        dimension=ask.dimension,
        category=ask.crossed or category,
        dimension_2=ask.dimension_2,
        category_2=category if ask.dimension_2 else "",
    )


def _breaks(con: Connection, table: pd.DataFrame) -> pd.Series:
    """Titles of the breaks that fall into each row's period and apply to it."""
    told: dict[tuple[str, str, str, str], str] = {}
    columns = [table[name] for name in ("measure_id", "basis", "grain", "period")]
    keys = list(zip(*(column.tolist() for column in columns), strict=True))
    known: dict[tuple[str, str], list[tuple[int, str]]] = {}
    for measure_id, basis, grain, period in dict.fromkeys(keys):
        if (measure_id, basis) not in known:
            frame = breaks_for(con, measure_id, basis if basis not in ("", "fixed") else None)
            days = pd.to_datetime(frame["break_date"]).dt.date.tolist()
            known[measure_id, basis] = [
                (month_number(day), f"{day.isoformat()} {title}")
                for day, title in zip(days, frame["title"].tolist(), strict=True)
            ]
        first, last = months_of(grain, period)
        told[measure_id, basis, grain, period] = "; ".join(
            text for month, text in known[measure_id, basis] if first <= month <= last
        )
    return pd.Series([told[key] for key in keys], dtype="str")


def months_of(grain: str, period: str) -> tuple[int, int]:
    """Numbers of the first and the last month of a period; of everything, no month."""
    if period == ALL:
        return 0, -1
    label = month_number(pd.Timestamp(period).date())
    return (label - 11, label) if grain == "rolling_year" else (label, label + MONTHS[grain] - 1)


def last_day_of(grain: str, period: str) -> str:
    """The last day of a period, ISO; empty for everything."""
    return "" if period == ALL else last_day(months_of(grain, period)[1]).isoformat()


__all__ = ["COLUMNS", "UNTIL", "Ask", "asks", "crossings", "last_day_of", "months_of", "rows"]

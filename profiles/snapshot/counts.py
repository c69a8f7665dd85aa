"""Counts: what stands behind the figures of a snapshot, each once, and the relations that tie them.

A figure's numerator and denominator, and what the one lacks of the other, are counts. Those that have the
same value wherever both are given are one count.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import sparse

from profiles.catalogue import Measure, measure
from profiles.disclosure import Floats, Places
from profiles.periods import ALL
from profiles.snapshot import breakdowns, defined, over_time
from profiles.snapshot.contents import UNTIL, months_of
from profiles.snapshot.identities import ANY, known
from profiles.snapshot.relations import Relations
from profiles.snapshot.signatures import Series

ROLES = ("numerator", "denominator", "rest")
"""Counts of a figure; the rest is what the numerator lacks of the denominator, and is never published."""

SINCE = "since"
"""In place of a grain: a count of what came after a release had cut a period short."""
SERIES = Series._fields


@dataclass(frozen=True)
class Cells:
    """Counts: their `values`, and what ties them.

    `relations` are sums that are zero, `limits` sums that are never above it, and `then` sums that were zero
    on the day of a release before. The `table` has a row a count of a figure: its `place` among the counts,
    and the figure's `row`. `failed` says how many relations of each kind were expected and do not hold:
    nobody can use those.
    """

    table: pd.DataFrame
    values: Floats
    relations: sparse.csr_matrix
    limits: sparse.csr_matrix
    then: sparse.csr_matrix
    failed: dict[str, int]


def cells_of(
    rows: pd.DataFrame,
    shown: pd.Series,
    then: pd.DataFrame | None = None,
    spans: tuple[Places, Places] | None = None,
) -> Cells:
    """The counts of the rows, and the relations among them; `shown` tells the rows that are released.

    `spans` has the first and last month of each row, where the rows alone do not tell them.
    `then` has the numerator and denominator of each row in a release before: nan where it told none, and
    below zero where it withheld it.
    """
    table = _table(rows, shown, spans or spans_of(rows))
    table["kind"], table["word"], table["is_known"] = _kinds(table)
    table["then"] = np.nan
    if then is not None:
        for role in ROLES[:2]:
            is_role = (table["role"] == role).to_numpy()
            table.loc[is_role, "then"] = then[role].to_numpy()[table["row"].to_numpy()[is_role]]
    since = _since(table)
    if len(since):
        table = pd.concat([table, since[table.columns]], ignore_index=True)
    place, values = _identified(table)
    if then is not None:
        place, values = _parted(table, place, values)
    table["place"] = place
    found = Relations(values)
    lines = np.tile(np.arange(len(since)), 3)
    terms = np.concatenate([since["cut"], since["whole"], np.arange(len(table) - len(since), len(table))])
    found.add("since", lines, place[terms.astype(np.int64)], np.repeat([1.0, -1.0, 1.0], len(since)))
    breakdowns.rests(table, found)
    defined.patterned(table, found)
    # Of what no day holds, such as what is in force at an end, the sums are those of every breakdown.
    others = table[~table["is_known"]]
    breakdowns.categories(others, found)
    breakdowns.atoms(others, found)
    breakdowns.crossings(others, found)
    breakdowns.bases(others, found)
    over_time.periods_sum(table, found)
    over_time.cumulated(table, found)
    over_time.stocks(table, found)
    over_time.followed(table, found)
    return Cells(
        table, np.array(found.values), found.matrix(), found.never_above(), found.held_then(), found.failed
    )


def _table(rows: pd.DataFrame, shown: pd.Series, spans: tuple[Places, Places]) -> pd.DataFrame:
    """One row a count: SERIES, the months it is of, its value and whether it is released."""
    items = {name: measure(name) for name in rows["measure_id"].unique()}
    starts, ends = spans
    is_stock = rows["measure_id"].map({name: item.time == "stock" for name, item in items.items()}).to_numpy()
    opens = np.where(is_stock & (ends >= 0), ends, _nominal(rows)[0])
    is_part = rows["measure_id"].map({name: is_share(item) for name, item in items.items()}).to_numpy()
    parts = []
    for role in ROLES:
        figures = rows["denominator"] - rows["numerator"] if role == "rest" else rows[role]
        is_there = figures.notna().to_numpy() & (is_part if role == "rest" else True)
        part = rows.loc[is_there, ["measure_id", "basis", "grain", "period", *SERIES[3:], UNTIL]].copy()
        part["role"] = role
        part["row"] = np.flatnonzero(is_there)
        part["value"] = figures[is_there].to_numpy()
        part["starts"], part["ends"] = starts[is_there], ends[is_there]
        part["opens"] = opens[is_there]
        part["is_shown"] = shown.to_numpy()[is_there] & (role != "rest")
        part["base"] = rows["denominator"].to_numpy()[is_there]
        parts.append(part)
    table = pd.concat(parts, ignore_index=True)
    table["is_stock"] = table["measure_id"].map({name: item.time == "stock" for name, item in items.items()})
    return table


def spans_of(rows: pd.DataFrame) -> tuple[Places, Places]:
    """Numbers of the first and last month that each row is of, as far as there were data until its `UNTIL`.

    A period in which the data of the measure begin is one from that month on.
    What there is on a day is one count, whichever period ends with it: of a stock both are the last.
    """
    lasts = {day: months_of("month", f"{day[:8]}01")[0] if day else -1 for day in rows[UNTIL].unique()}
    starts, ends = _nominal(rows)
    ends = np.minimum(ends, rows[UNTIL].map(lasts).to_numpy(dtype=np.int64))
    begins = np.maximum(rows["measure_id"].map(first_months(rows)).to_numpy(), _begin_later(rows, starts))
    starts = np.maximum(starts, np.minimum(begins, ends))
    names = rows["measure_id"].unique()
    is_stock = rows["measure_id"].map({name: measure(name).time == "stock" for name in names}).to_numpy()
    return np.where(is_stock & (ends >= 0), ends, starts), ends


def _nominal(rows: pd.DataFrame) -> tuple[Places, Places]:
    """Numbers of the first and last month of each row's period, whether or not there were data."""
    months = {
        (grain, period): months_of(grain, period)
        for grain, period in rows[["grain", "period"]].drop_duplicates().itertuples(index=False)
    }
    both = [months[key] for key in zip(rows["grain"].tolist(), rows["period"].tolist(), strict=True)]
    starts, ends = np.array(both, dtype=np.int64).reshape(-1, 2).T
    return starts, ends


def first_months(rows: pd.DataFrame) -> dict[str, int]:
    """By measure the number of the first month of its data; -1 where nothing tells it.

    Where it is not given by month, measures of the same records tell the month.
    """
    there = rows[~rows["marker"].isin(["[x]", "[z]"]) & (rows["grain"] != ALL)]
    firsts = {str(name): -1 for name in rows["measure_id"].unique()}
    by_month: dict[str, int] = {}
    for grain in ("month", "quarter", "financial_year"):
        known = [name for name, first in firsts.items() if first >= 0]
        mine = there[(there["grain"] == grain) & ~there["measure_id"].isin(known)]
        for name, period in mine.groupby("measure_id")["period"].min().items():
            first, last = months_of(grain, period)
            reads = measure(str(name)).reads
            if grain == "month":
                by_month[reads] = min(first, by_month.get(reads, first))
            firsts[str(name)] = min(max(first, by_month.get(reads, first)), last)
    return firsts


def begun(table: pd.DataFrame, firsts: Mapping[str, int]) -> dict[str, int]:
    """By measure the number of its first month of data, as `first_months` has it and its counts bear it out.

    What counts less than others of its kind in the first period began within it: where nothing shorter is
    given it is taken to begin in the last month of that period. What counts as much begins with it.
    """
    found = dict(firsts)
    of = ["kind", "word", "opens", "ends"]
    mine = table["measure_id"].map(firsts)
    first = table[(table["opens"] <= mine) & (table["ends"] >= mine) & (table["ends"] > table["opens"])]
    both = first.merge(table.groupby(of)["value"].max().rename("most").reset_index(), on=of)
    for name, rows in both.groupby("measure_id"):
        if not (rows["value"] < rows["most"]).any():
            found[str(name)] = int(rows["opens"].min())
        elif found[str(name)] <= rows["opens"].min():
            found[str(name)] = int(rows["ends"].max())
    return found


def _begin_later(rows: pd.DataFrame, starts: Places) -> Places:
    """Of each row the first month of its category's data, where these begin after others; else -1."""
    of = ["measure_id", "dimension", "category"]
    short = rows.loc[rows["grain"].isin(["month", "quarter"]), [*of, "marker", "grain"]]
    short["starts"] = starts[short.index]
    short = short.sort_values(["starts", "grain"], kind="stable")
    there = short[short["marker"] != "[x]"].drop_duplicates(of).set_index(of)["starts"]
    absent = short[short["marker"] == "[x]"].drop_duplicates(of).set_index(of)["starts"]
    later = there[there > absent.reindex(there.index)]
    at = later.index.get_indexer(pd.MultiIndex.from_frame(rows[of]))
    found: Places = np.append(later.to_numpy(dtype=np.int64), -1)[at]
    return found


def is_share(item: Measure) -> bool:
    """Whether the numerator is a part of the denominator."""
    return item.unit == "percent" and item.shape == "ratio" and bool(item.denominator) and not item.ratio


def _kinds(table: pd.DataFrame) -> tuple[Places, NDArray[np.object_], NDArray[np.bool_]]:
    """For each row the kind of its count, the word it is of, and whether what ties the kind is known.

    Two series of one kind and word are one count, whatever the measure.
    """
    kinds, _ = known()
    series = table.drop_duplicates(list(SERIES))[list(SERIES)]
    numbers, words, is_known = [], [], []
    others = len(kinds)
    for key in series.itertuples(index=False):
        exact = Series(*key)
        kind, word = kinds.get(exact), ""
        if kind is None and (kind := kinds.get(exact._replace(category=ANY))) is not None:
            word = exact.category
        is_known.append(kind is not None and kind >= 0)
        if kind is None or kind < 0:
            others += 1
            kind, word = others, ""
        numbers.append(kind)
        words.append(word)
    named = pd.MultiIndex.from_frame(series)
    at = named.get_indexer(pd.MultiIndex.from_frame(table[list(SERIES)]))
    return np.array(numbers)[at], np.array(words, dtype=object)[at], np.array(is_known)[at]


def _identified(table: pd.DataFrame) -> tuple[Places, Floats]:
    """For each row the place of its count, and the value of each count.

    A kind has one count for the same months and word, whatever the period is called: a financial year is the
    rolling year to its March. Where two values are given all the same, the data of one begin later: these
    are two counts.
    """
    same = [
        table.groupby(["kind", "word", first, "ends", "value"], sort=False).ngroup().to_numpy()
        for first in ("starts", "opens")
    ]
    # What is the same by either is one count: the days before the data of one begin hold none.
    at, size = np.concatenate([same[0], same[1] + same[0].max() + 1]), len(table)
    links = sparse.csr_matrix((np.ones(len(at)), (np.tile(np.arange(size), 2), size + at)))
    links.resize((size + at.max() + 1, size + at.max() + 1))
    _, label = sparse.csgraph.connected_components(links, directed=False)
    _, place = np.unique(label[:size], return_inverse=True)
    values = np.zeros(place.max() + 1)
    values[place] = table["value"].to_numpy()
    return place.astype(np.int64), values


def _parted(table: pd.DataFrame, place: Places, values: Floats) -> tuple[Places, Floats]:
    """Places and values, where no count is both told and withheld in a release before: then they were two."""
    then = table["then"].to_numpy()
    is_told, is_withheld = np.zeros(len(values), dtype=bool), np.zeros(len(values), dtype=bool)
    is_told[place[then >= 0]] = True
    is_withheld[place[then < 0]] = True
    moves = (is_told & is_withheld)[place] & ~(then >= 0)
    old, number = np.unique(place[moves], return_inverse=True)
    place = place.copy()
    place[moves] = len(values) + number
    return place, np.concatenate([values, values[old]])


def _since(table: pd.DataFrame) -> pd.DataFrame:
    """What came after a release before had cut a period short: a row a count, like those of the table.

    `cut` and `whole` are the rows of the table that it is the difference of: two year-to-date figures.
    """
    flows = table[~table["is_stock"] & (table["ends"] >= 0)]
    flows = flows.assign(at=flows.index)
    on = [*SERIES, "grain", "period"]
    several = flows[flows.duplicated([*on], keep=False)]
    both = several[[*on, "ends", "value", "base", "at"]].merge(several, on=on, suffixes=("_cut", ""))
    both = both[both["ends_cut"] < both["ends"]]
    found = both.assign(
        starts=both["ends_cut"] + 1,
        opens=both["ends_cut"] + 1,
        value=both["value"] - both["value_cut"],
        base=both["base"] - both["base_cut"],
        is_shown=False,
        then=np.nan,
        grain=SINCE,
        period=both["ends_cut"].astype("str"),
    )
    found = found.rename(columns={"at_cut": "cut", "at": "whole"})
    return found[[*table.columns, "cut", "whole"]].reset_index(drop=True)

"""Counts: what stands behind the figures of a snapshot, each once, and the relations that tie them.

A figure's numerator and denominator, and what the one lacks of the other, are counts. Those that have the
same value wherever both are given are one count.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from itertools import pairwise

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import sparse

from profiles.catalogue import Measure, measure
from profiles.disclosure import Floats, Places
from profiles.periods import ALL, MONTHS, last_day
from profiles.selection import DIMENSIONS
from profiles.snapshot.identities import ANY, known, words_of
from profiles.snapshot.plan import UNTIL, months_of
from profiles.snapshot.signatures import Series

ROLES = ("numerator", "denominator", "rest")
"""Counts of a figure; the rest is what the numerator lacks of the denominator, and is never published."""

SINCE = "since"
"""In place of a grain: a count of what came after a release had cut a period short."""
OFTEN = 100
"""Two counts that never differ among so many cases are believed to be one."""
CLOSE = 50
"""What is further below its limit than this is not held by it: no range that is sought is so wide."""

SERIES = ("measure_id", "role", "basis", "dimension", "category", "dimension_2", "category_2")


@dataclass(frozen=True)
class Cells:
    """Counts: their `values`, and the relations among them, each of which sums to nought.

    The `table` has a row a count of a figure: its `place` among the counts, and the figure's `row`. `failed`
    says how many relations of each kind were expected and do not hold: nobody can use those.
    """

    table: pd.DataFrame
    values: Floats
    relations: sparse.csr_matrix
    limits: sparse.csr_matrix
    then: sparse.csr_matrix
    failed: dict[str, int]


def cells_of(rows: pd.DataFrame, shown: pd.Series, then: pd.DataFrame | None = None) -> Cells:
    """The counts of the rows, and the relations among them; `shown` tells the rows that are released.

    `then` has the numerator and denominator of each row in a release before: nan where it told none, and
    below nought where it withheld it.
    """
    table = _table(rows, shown)
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
    found = _Relations(values)
    lines = np.tile(np.arange(len(since)), 3)
    terms = np.concatenate([since["cut"], since["whole"], np.arange(len(table) - len(since), len(table))])
    found.add("since", lines, place[terms.astype(np.int64)], np.repeat([1.0, -1.0, 1.0], len(since)))
    _rests(table, found)
    _patterned(table, found)
    # Of what no day holds, such as what is in force at an end, the sums are those of every breakdown.
    others = table[~table["is_known"]]
    _categories(others, found)
    _atoms(others, found)
    _crossings(others, found)
    _bases(others, found)
    _times(table, found)
    _cumulated(table, found)
    _stocks(table, found)
    _followed(table, found)
    return Cells(
        table, np.array(found.values), found.matrix(), found.never_above(), found.held_then(), found.failed
    )


def _table(rows: pd.DataFrame, shown: pd.Series) -> pd.DataFrame:
    """One row a count: SERIES, the months it is of, its value and whether it is released."""
    items = {name: measure(name) for name in rows["measure_id"].unique()}
    starts, ends = spans_of(rows)
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
    months = {
        (grain, period): months_of(grain, period)
        for grain, period in rows[["grain", "period"]].drop_duplicates().itertuples(index=False)
    }
    both = [months[key] for key in zip(rows["grain"].tolist(), rows["period"].tolist(), strict=True)]
    lasts = {day: months_of("month", f"{day[:8]}01")[0] if day else -1 for day in rows[UNTIL].unique()}
    starts, ends = np.array(both, dtype=np.int64).reshape(-1, 2).T
    ends = np.minimum(ends, rows[UNTIL].map(lasts).to_numpy(dtype=np.int64))
    starts = np.maximum(starts, np.minimum(rows["measure_id"].map(_begins(rows)).to_numpy(), ends))
    names = rows["measure_id"].unique()
    is_stock = rows["measure_id"].map({name: measure(name).time == "stock" for name in names}).to_numpy()
    return np.where(is_stock & (ends >= 0), ends, starts), ends


def _begins(rows: pd.DataFrame) -> dict[str, int]:
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
    keys = ["kind", "word", "starts", "ends", "value"]
    groups = table.groupby(keys, sort=False)
    place = groups.ngroup().to_numpy().astype(np.int64)
    values = np.zeros(place.max() + 1)
    values[place] = table["value"].to_numpy()
    return place, values


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


def _linked(one: list[Places], other: list[Places], count: int) -> tuple[int, Places]:
    """How many there are of `count` things when those of `one` are those of `other`, and each its number."""
    left, right = np.concatenate([[], *one]).astype(np.int64), np.concatenate([[], *other]).astype(np.int64)
    links = sparse.coo_matrix((np.ones(len(left)), (left, right)), shape=(count, count))
    return sparse.csgraph.connected_components(links, directed=False)  # type: ignore[no-any-return]


class _Relations:
    """Relations as they are collected: places, coefficients, and of which kind each is."""

    def __init__(self, values: Floats) -> None:
        self.values = values
        self.rows: list[NDArray[np.int64]] = []
        self.places: list[NDArray[np.int64]] = []
        self.signs: list[Floats] = []
        self.count = 0
        self.failed: dict[str, int] = {}
        self.limits: list[tuple[Places, Places, Floats]] = []
        self.then: list[list[tuple[int, float]]] = []

    def hidden(self, value: float) -> int:
        """The place of one more count, which nobody publishes."""
        self.values = np.append(self.values, value)
        return len(self.values) - 1

    def add_one(self, kind: str, terms: list[tuple[int, float]]) -> None:
        """Add one relation."""
        places, signs = zip(*terms, strict=True)
        self.add(kind, np.zeros(len(terms), dtype=np.int64), np.array(places), np.array(signs))

    def limit_one(self, terms: list[tuple[int, float]]) -> None:
        """Add one sum that is never above nought."""
        places, signs = zip(*terms, strict=True)
        self.limit(np.zeros(len(terms), dtype=np.int64), np.array(places), np.array(signs))

    def limit(self, line: Places, place: Places, sign: Floats) -> None:
        """Note sums that are never above nought; those that the data break nobody can use."""
        if not len(line):
            return
        _, line = np.unique(line, return_inverse=True)
        sums = np.bincount(line, sign * self.values[place], line.max() + 1)
        keep = (sums <= 0)[line]
        self.failed["limits"] = self.failed.get("limits", 0) + int((sums > 0).sum())
        self.limits.append((line[keep], place[keep], sign[keep]))

    def add(self, kind: str, line: Places, place: Places, sign: Floats) -> None:
        """Nothing; adds the relations that hold."""
        if not len(line):
            return
        _, line = np.unique(line, return_inverse=True)
        count = line.max() + 1
        sums = np.bincount(line, sign * self.values[place], count)
        # Who believes in a definition that the data break is to be misled by it, not to be told by it.
        holds = (sums == 0) | (kind == "definitions")
        self.failed[kind] = self.failed.get(kind, 0) + int((sums != 0).sum())
        keep = holds[line]
        number = np.cumsum(holds) - 1 + self.count
        self.rows.append(number[line[keep]])
        self.places.append(place[keep])
        self.signs.append(sign[keep])
        self.count += int(holds.sum())

    def held_then(self) -> sparse.csr_matrix:
        """Sums that were nought in a release before, and are not of the counts of now."""
        line = np.repeat(np.arange(len(self.then)), [len(terms) for terms in self.then])
        place, sign = np.array([term for terms in self.then for term in terms]).reshape(-1, 2).T
        shape = (len(self.then), len(self.values))
        return _once(sparse.csr_matrix((sign, (line, place.astype(np.int64))), shape=shape))

    def never_above(self) -> sparse.csr_matrix:
        """Sums that are never above nought, each once."""
        pieces, start = [], 0
        for line, place, sign in self.limits:
            if len(line):
                pieces.append((line + start, place, sign))
                start += int(line.max()) + 1
        shape = (start, len(self.values))
        if not pieces:
            return sparse.csr_matrix((0, len(self.values)))
        lines, places, signs = (np.concatenate(each) for each in zip(*pieces, strict=True))
        return _once(sparse.csr_matrix((signs, (lines, places)), shape=shape))

    def matrix(self) -> sparse.csr_matrix:
        """All relations, each once."""
        shape = (self.count, len(self.values))
        if not self.rows:
            return sparse.csr_matrix(shape)
        parts = (np.concatenate(self.rows), np.concatenate(self.places))
        found = sparse.csr_matrix((np.concatenate(self.signs), parts), shape=shape)
        return _once(found)


def _once(found: sparse.csr_matrix) -> sparse.csr_matrix:
    """Each line that says something, once."""
    found.sum_duplicates()
    found.eliminate_zeros()
    ends = zip(found.indptr[:-1].tolist(), found.indptr[1:].tolist(), strict=True)
    texts = [found.indices[a:b].tobytes() + found.data[a:b].tobytes() for a, b in ends]
    once = np.array(sorted({text: row for row, text in enumerate(texts) if text}.values()), dtype=np.int64)
    return sparse.csr_matrix(found[once])


def _patterned(table: pd.DataFrame, found: "_Relations") -> None:
    """What follows from the definitions, for each period and word that it can be said of."""
    cells = table[table["is_known"]].sort_values("value", ascending=False, kind="stable")
    cells = cells.drop_duplicates(["kind", "word", "starts", "ends"])
    cells = cells[["kind", "word", "starts", "ends", "place"]]
    words = cells.loc[cells["word"] != "", ["word"]].drop_duplicates()
    terms = _terms()
    both = terms.merge(cells, on="kind")
    both = both[both["starts"] >= both["since"]]
    # What is said of each word stands there once a word, and what it has no word for with each of them.
    both["of"] = np.where(both["is_each"], both["word"], "")
    spread = both[both["is_each"] & (both["word"] == "")].drop(columns="of")
    spread = spread.merge(words.rename(columns={"word": "of"}), how="cross")
    both = pd.concat([both[~(both["is_each"] & (both["word"] == ""))], spread], ignore_index=True)
    line = both.groupby(["pattern", "of", "starts", "ends"], sort=False).ngroup().to_numpy()
    count = line.max(initial=-1) + 1
    pattern = np.zeros(count, dtype=np.int64)
    pattern[line] = both["pattern"].to_numpy()
    # A sum of which parts are not counted is what the parts that are counted are no more than.
    # Of a dimension that may hold any word only those are there that were found: of the others there is none.
    there = both.assign(line=line).drop_duplicates(["line", "term"])
    is_found = np.bincount(there["line"], there["word"] != "", count) > 0
    plus, lacks_plus = _there(terms[terms["sign"] > 0], there[there["sign"] > 0], pattern, is_found)
    minus, lacks_minus = _there(terms[terms["sign"] < 0], there[there["sign"] < 0], pattern, is_found)
    is_sum = terms.drop_duplicates("pattern").sort_values("pattern")["is_sum"].to_numpy()[pattern]
    is_told = (plus > 0) & (minus > 0)
    exact = is_told & is_sum & (lacks_plus == 0) & (lacks_minus == 0)
    more = is_told & (lacks_minus == 0) & ~exact
    fewer = is_told & is_sum & (lacks_plus == 0) & (lacks_minus > 0)
    place, sign = both["place"].to_numpy().astype(np.int64), both["sign"].to_numpy().astype(float)
    exact |= more & _as_one(pattern, line.astype(np.int64), sign * found.values[place])
    more &= ~exact
    found.add("definitions", line[exact[line]], place[exact[line]], sign[exact[line]])
    for kept, side in ((more, 1.0), (fewer, -1.0)):
        found.limit(line[kept[line]], place[kept[line]], sign[kept[line]] * side)


def _as_one(pattern: Places, line: Places, parts: Floats) -> NDArray[np.bool_]:
    """Which lines say that a count is no more than another, as which it is in each line of their pattern.

    They are one unless dates are out of order, or the like: whoever sees that they always are believes it.
    """
    sizes = np.bincount(_terms()["pattern"].to_numpy())[pattern]
    differs = np.bincount(line, parts, len(pattern)) != 0
    is_never = np.bincount(pattern, differs) == 0
    is_often = np.bincount(pattern, np.bincount(line, abs(parts), len(pattern))) >= 2 * OFTEN
    found: NDArray[np.bool_] = (sizes == 2) & (is_never & is_often)[pattern]
    return found


def _there(
    terms: pd.DataFrame, there: pd.DataFrame, pattern: Places, is_found: NDArray[np.bool_]
) -> tuple[Places, Places]:
    """How many terms of one sign each line has, and how many it lacks.

    Where a word of the dimension `is_found`, what `may_lack` is not lacking.
    """
    count = pattern.max(initial=-1) + 1
    every = np.bincount(terms["pattern"], minlength=count)[pattern]
    must = np.bincount(terms.loc[~terms["may_lack"], "pattern"], minlength=count)[pattern]
    found = np.bincount(there["line"], minlength=len(pattern))
    held = np.bincount(there.loc[~there["may_lack"], "line"], minlength=len(pattern))
    return found, np.where(is_found, must - held, every - found)


@lru_cache(maxsize=1)
def _terms() -> pd.DataFrame:
    """A row a term of each pattern: its number, `kind`, `sign` and `may_lack`, and what the pattern says.

    What `may_lack` is a category that nobody must have, such as *not recorded* among districts.
    """
    kinds, patterns = known()
    # A field that is blank may be told of elsewhere as well.
    lacking = {kind for series, kind in kinds.items() if words_of(series.dimension)}
    rows = [
        (
            *(number, at, term.kind, term.sign, pattern.is_each, pattern.is_sum),
            *(pattern.since, term.kind in lacking),
        )
        for number, pattern in enumerate(patterns)
        for at, term in enumerate(pattern.terms)
    ]
    columns = ["pattern", "term", "kind", "sign", "is_each", "is_sum", "since", "may_lack"]
    return pd.DataFrame(rows, columns=columns)


def _joined(
    found: _Relations,
    kind: str,
    parts: pd.DataFrame,
    whole: pd.DataFrame,
    on: list[str],
) -> None:
    """Nothing; adds "the parts sum to the whole" for each value of `on`; both have a column `place`."""
    keys = whole.drop_duplicates(on)[[*on, "place"]].reset_index(drop=True)
    keys["line"] = np.arange(len(keys))
    both = parts[[*on, "place"]].merge(keys[[*on, "line"]], on=on)
    used = np.unique(both["line"])
    keys = keys[keys["line"].isin(used)]
    line = np.concatenate([both["line"].to_numpy(), keys["line"].to_numpy()])
    place = np.concatenate([both["place"].to_numpy(), keys["place"].to_numpy()])
    sign = np.concatenate([np.ones(len(both)), -np.ones(len(keys))])
    found.add(kind, line, place, sign)


KEY = ["measure_id", "role", "basis", "grain", "period", "ends"]


def _rests(table: pd.DataFrame, found: _Relations) -> None:
    """Numerator and rest make the denominator."""
    rest = table[table["role"] == "rest"]
    parts = table[table["role"].isin(["numerator", "rest"]) & table["row"].isin(rest["row"])]
    whole = table[(table["role"] == "denominator") & table["row"].isin(rest["row"])]
    _joined(found, "rest", parts, whole, ["row", "starts"])


def _categories(table: pd.DataFrame, found: _Relations) -> None:
    """The categories of a dimension make the whole."""
    overlaps = [name for name, item in DIMENSIONS.items() if item.overlaps]
    one_way = table[(table["dimension_2"] == "") & (table["role"] != "rest")]
    whole = one_way[one_way["dimension"] == ALL]
    for dimension, parts in one_way[~one_way["dimension"].isin([ALL, *overlaps])].groupby("dimension"):
        del dimension
        _joined(found, "categories", parts, whole, KEY)


def _atoms(table: pd.DataFrame, found: _Relations) -> None:
    """A type is made of the overlaps it is in."""
    atoms = table[(table["dimension"] == "atom") & (table["dimension_2"] == "")]
    types = table[(table["dimension"] == "typology") & (table["dimension_2"] == "")]
    for name, whole in types.groupby("category"):
        is_in = atoms["category"].str.contains(str(name), regex=False)
        _joined(found, "types", atoms[is_in], whole, KEY)


def _crossings(table: pd.DataFrame, found: _Relations) -> None:
    """A two-way breakdown sums to either of its one-way ones."""
    both = table[(table["dimension_2"] != "") & (table["role"] != "rest")]
    one_way = table[table["dimension_2"] == ""]
    whole = one_way[[*KEY, "dimension", "category", "place"]]
    turned = both.assign(
        dimension=both["dimension_2"],
        category=both["category_2"],
        dimension_2=both["dimension"],
        category_2=both["category"],
    )
    for _, parts in pd.concat([both, turned]).groupby("dimension_2"):
        _joined(found, "crossing", parts, whole, [*KEY, "dimension", "category"])


def _times(table: pd.DataFrame, found: _Relations) -> None:
    """Months make quarters and years; quarters make financial years."""
    flows = table[~table["is_stock"] & (table["ends"] >= 0) & (table["role"] != "rest")]
    series = list(SERIES)
    for grain, wider in (
        ("month", ("quarter", "financial_year", "rolling_year")),
        ("quarter", ("financial_year", "rolling_year")),
    ):
        parts = flows[flows["grain"] == grain]
        has_months = pd.MultiIndex.from_frame(flows[flows["grain"] == "month"][series].drop_duplicates())
        for name in wider:
            whole = flows[flows["grain"] == name]
            if grain == "quarter":
                # Where there are months, they say it all.
                whole = whole[~pd.MultiIndex.from_frame(whole[series]).isin(has_months)]
            pieces = []
            for length in range(12 if name != "quarter" else 3):
                piece = whole.assign(at=whole["starts"] + length)
                pieces.append(piece[piece["at"] <= piece["ends"]])
            step = pd.concat(pieces)
            step = step.rename(columns={"place": "whole"})
            # A quarter that is cut short is a part of a year that is cut short with it.
            step["to"] = np.minimum(step["at"] + MONTHS[grain] - 1, step["ends"])
            both = step.merge(
                parts[[*series, "starts", "ends", "place"]].rename(columns={"starts": "at", "ends": "to"}),
                on=[*series, "at", "to"],
            )
            both = both[[*series, "whole", "place"]].drop_duplicates()
            line = both.groupby([*series, "whole"], sort=False).ngroup().to_numpy()
            _, heads = np.unique(line, return_index=True)
            found.add(
                f"{grain}s",
                np.concatenate([line, line[heads]]),
                np.concatenate([both["place"].to_numpy(), both["whole"].to_numpy()[heads]]),
                np.concatenate([np.ones(len(line)), -np.ones(len(heads))]),
            )


def _bases(table: pd.DataFrame, found: _Relations) -> None:
    """Principal and included only make any."""
    on = [*SERIES[:2], *SERIES[3:], "grain", "period", "ends"]
    parts = table[table["basis"].isin(["principal", "included_only"])]
    whole = table[table["basis"] == "any"]
    pairs = parts.groupby(on)["basis"].transform("nunique")
    _joined(found, "bases", parts[pairs == 2], whole, on)


def _cumulated(table: pd.DataFrame, found: _Relations) -> None:
    """What there is at the end is what there was before, and what came."""
    for name in table["measure_id"].unique():
        flow = measure(name).cumulates
        if not flow:
            continue
        stock = table[(table["measure_id"] == name) & (table["role"] == "numerator")]
        came = table[(table["measure_id"] == flow) & (table["role"] == "numerator")]
        on = ["dimension", "category", "dimension_2", "category_2"]
        first = stock[[*on, "ends", "place"]].drop_duplicates()
        steps = came[[*on, "starts", "ends", "place"]].drop_duplicates()
        before = (
            first.assign(starts=first["ends"] + 1).rename(columns={"place": "before"}).drop(columns="ends")
        )
        both = steps.merge(before, on=[*on, "starts"]).merge(
            first.rename(columns={"place": "after"}), on=[*on, "ends"]
        )
        line = np.arange(len(both))
        found.add(
            "cumulated",
            np.tile(line, 3),
            np.concatenate([both[each].to_numpy() for each in ("before", "place", "after")]),
            np.repeat([1.0, 1.0, -1.0], len(both)),
        )


def _stocks(table: pd.DataFrame, found: "_Relations") -> None:
    """What is in force is what was granted less what has ended; what has ended does not come back.

    Counts that nobody publishes stand between: all that was granted so far, and all that has ended.
    """
    of = table[table["role"] == "numerator"]
    cell = ["dimension", "category", "dimension_2", "category_2"]
    for name in of["measure_id"].unique():
        item = measure(name)
        if not item.stock_of:
            continue
        flows = dict(list(of[of["measure_id"] == item.stock_of].groupby(cell)))
        soon = [
            each
            for each in of["measure_id"].unique()
            if measure(each).part_of == name and measure(each).ends_within
        ]
        ending = {each: dict(list(of[of["measure_id"] == each].groupby(cell))) for each in soon}
        for key, stock in of[of["measure_id"] == name].groupby(cell):
            if key not in flows:
                continue
            levels = dict(zip(stock["ends"].tolist(), stock["place"].tolist(), strict=True))
            granted = _so_far(flows[key], found)
            ended = _ended_so_far(levels, granted, found)
            for each, parts in ending.items():
                if key in parts:
                    _ending_soon(parts[key], measure(each).ends_within.days, levels, ended, found)


def _followed(table: pd.DataFrame, found: "_Relations") -> None:
    """What follows is, so far, no more than what it follows; where all do in the end, it is as much now.

    On the day of a release before it was as much as well.
    """
    of = table[(table["role"] == "numerator") & (table["ends"] >= 0) & table["is_known"]]
    cell = ["basis", "dimension", "category", "dimension_2", "category_2"]
    followers = [measure(name) for name in of["measure_id"].unique() if measure(name).follows]
    # All of them in the end, and on the day of each release.
    days = set(of.groupby(UNTIL)["ends"].max())
    parts = {
        name: dict(list(of[of["measure_id"] == name].groupby(cell)))
        for item in followers
        for name in (item.measure_id, item.follows)
    }
    for first in sorted({item.follows for item in followers}):
        for key, flow in parts.get(first, {}).items():
            came = _until(flow)
            left = [
                (item.follows_by, _until(parts[item.measure_id][key]))
                for item in followers
                if item.follows == first and key in parts[item.measure_id]
            ]
            for month in sorted(came.keys() & set().union(*(each for _, each in left))):
                more = [place for _, each in left for place in each.get(month, ())]
                slack = found.values[came[month]].sum() - found.values[more].sum()
                if 0 <= slack <= CLOSE:
                    terms = [(place, 1.0) for place in more] + [(place, -1.0) for place in came[month]]
                    found.limit_one(terms)
            for by, each in left:
                for last in came.keys() & each.keys() & days if by in (ALL, key[1]) else ():
                    terms = [(place, 1.0) for place in each[last]] + [(place, -1.0) for place in came[last]]
                    if last == max(days):
                        found.add_one("definitions", terms)
                    else:
                        found.then.append(terms)


def _until(flow: pd.DataFrame) -> dict[int, list[int]]:
    """By the month at whose end it stands, the places of what has come until then: as few as make it."""
    steps = flow[["ends", "starts", "place"]].drop_duplicates(["starts", "ends"])
    first = int(steps["starts"].min())
    found: dict[int, list[int]] = {}
    for end, start, place in sorted(steps.itertuples(index=False, name=None)):
        before = [] if start == first else found.get(start - 1)
        if before is not None and (end not in found or len(before) + 1 < len(found[end])):
            found[end] = [*before, place]
    return found


def _so_far(flow: pd.DataFrame, found: "_Relations") -> dict[int, int]:
    """By the month at whose end it stands, the place of all that has come until then."""
    steps = flow[["starts", "ends", "place", "value"]].drop_duplicates(["starts", "ends"])
    spans = list(steps.itertuples(index=False, name=None))
    first = min(start for start, *_ in spans)
    # The shortest steps say how it grew; it is known where they meet without a gap.
    known = {first - 1: 0.0}
    for start, end, _, value in sorted(spans, key=lambda each: (each[1], each[1] - each[0])):
        if start - 1 in known:
            known.setdefault(end, known[start - 1] + value)
    place = {month: found.hidden(value) for month, value in sorted(known.items()) if month >= first}
    for start, end, number, _ in spans:
        if end in place and (start - 1 in place or start == first):
            before = [place[start - 1]] if start - 1 in place else []
            found.add_one(
                "stocks", [(place[end], 1.0), (int(number), -1.0), *((each, -1.0) for each in before)]
            )
    _never_falls(place, found)
    return place


def _ended_so_far(
    levels: Mapping[int, int], granted: Mapping[int, int], found: "_Relations"
) -> dict[int, int]:
    """By the month at whose end it stands, the place of all that has ended by then."""
    place = {}
    for month in sorted(levels.keys() & granted.keys()):
        value = found.values[granted[month]] - found.values[levels[month]]
        if value >= 0:
            place[month] = found.hidden(value)
            found.add_one("stocks", [(levels[month], 1.0), (place[month], 1.0), (granted[month], -1.0)])
    _never_falls(place, found)
    return place


def _ending_soon(
    part: pd.DataFrame, days: int, levels: Mapping[int, int], ended: Mapping[int, int], found: "_Relations"
) -> None:
    """What ends within so many days is in force now, and has ended by the first month's end after them."""
    for month, place in sorted(dict(zip(part["ends"].tolist(), part["place"].tolist(), strict=True)).items()):
        if month in levels:
            found.limit_one([(place, 1.0), (levels[month], -1.0)])
        until = last_day(month) + timedelta(days=days)
        later = min((each for each in ended if last_day(each) >= until), default=None)
        if later is not None and month in ended:
            found.limit_one([(place, 1.0), (ended[later], -1.0), (ended[month], 1.0)])


def _never_falls(place: Mapping[int, int], found: "_Relations") -> None:
    """Each is no more than the one after it."""
    for before, after in pairwise(sorted(place)):
        found.limit_one([(place[before], 1.0), (place[after], -1.0)])


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
        value=both["value"] - both["value_cut"],
        base=both["base"] - both["base_cut"],
        is_shown=False,
        then=np.nan,
        grain=SINCE,
        period=both["ends_cut"].astype("str"),
    )
    found = found.rename(columns={"at_cut": "cut", "at": "whole"})
    return found[[*table.columns, "cut", "whole"]].reset_index(drop=True)

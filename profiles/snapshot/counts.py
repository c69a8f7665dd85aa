"""Counts: what stands behind the figures of a snapshot, each once, and the relations that tie them.

A figure's numerator and denominator, and what the one lacks of the other, are counts. Those that have the
same value wherever both are given are one count.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import sparse

from profiles.catalogue import Measure, measure
from profiles.disclosure import Floats, Places
from profiles.periods import ALL, MONTHS
from profiles.selection import DIMENSIONS
from profiles.snapshot.plan import UNTIL, months_of

ROLES = ("numerator", "denominator", "rest")
"""Counts of a figure; the rest is what the numerator lacks of the denominator, and is never published."""

ALIKE = 30
"""Two measures whose common counts sum to fewer are not taken for one on the ground of their values alone."""

CHANCE = 4.0
"""Two series are one when that they are the same by chance is as unlikely as ten to the minus this: a count
of v, taken to be spread like a Poisson variable, is the same as another of its size once in `3.5 sqrt(v)`."""

MOSTLY = 0.8
"""Measures of which so large a share of the counts is the same count the same: one may begin later."""

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
    failed: dict[str, int]


def cells_of(rows: pd.DataFrame, shown: pd.Series, then: pd.DataFrame | None = None) -> Cells:
    """The counts of the rows, and the relations among them; `shown` tells the rows that are released.

    `then` has the numerator and denominator of each row in a release before: nan where it told none, and
    below nought where it withheld it.
    """
    table = _table(rows, shown)
    place, values = _identified(table)
    table["then"] = np.nan
    if then is not None:
        for role in ROLES[:2]:
            is_role = (table["role"] == role).to_numpy()
            table.loc[is_role, "then"] = then[role].to_numpy()[table["row"].to_numpy()[is_role]]
        place, values = _parted(table, place, values)
    table["place"] = place
    found = _Relations(values)
    _add_relations(table, found)
    renamed = _renamed(table, list(SERIES[:3]))
    _add_relations(renamed, found)
    _add_relations(_renamed(renamed, list(SERIES)), found)
    return Cells(table, values, found.matrix(), found.failed)


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
    names = rows["measure_id"].unique()
    is_stock = rows["measure_id"].map({name: measure(name).time == "stock" for name in names}).to_numpy()
    return np.where(is_stock & (ends >= 0), ends, starts), ends


def is_share(item: Measure) -> bool:
    """Whether the numerator is a part of the denominator."""
    return item.unit == "percent" and item.shape == "ratio" and bool(item.denominator) and not item.ratio


def _identified(table: pd.DataFrame) -> tuple[Places, Floats]:
    """For each row the place of its count, and the value of each count.

    One series has one count for the same months, whatever the period is called: a financial year is the
    rolling year to its March. Series that agree wherever both are given are one; and where two measures have
    mostly the same counts of the force as a whole, those of their counts that are the same are one.
    To take two counts for one that only happen to be the same does no harm: they are protected together.
    """
    series = table.groupby(list(SERIES), sort=False).ngroup().to_numpy()
    months = table["starts"].to_numpy() * 100000 + table["ends"].to_numpy()
    _, column = np.unique(months, return_inverse=True)
    cell = series.astype(np.int64) * (column.max() + 1) + column
    _, first, place = np.unique(cell, return_index=True, return_inverse=True)
    value = table["value"].to_numpy()
    grid = np.full((series.max() + 1, column.max() + 1), np.nan)
    number = np.full(grid.shape, -1, dtype=np.int64)
    grid[series, column] = value
    number[series, column] = place
    one, other = [], []
    pairs = _alike(grid)
    for a, b in [*pairs, *_alike_on_other_bases(table.assign(series=series), grid, pairs)]:
        both = (number[a] >= 0) & (number[b] >= 0)
        one.append(number[a][both])
        other.append(number[b][both])
    count = len(first)
    for left, right in _mostly_alike(table.assign(place=place)):
        one.append(left)
        other.append(right)
    total, label = _linked(one, other, count)
    values = np.zeros(total)
    values[label] = value[first]
    return label[place].astype(np.int64), values


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


def _renamed(table: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    """The counts under the first of the names, values of `keys`, that mean the same counts, each once.

    Two names mean the same when most of what both are given for is one count.
    """
    number = table.groupby(keys, sort=False).ngroup().to_numpy()
    others = [name for name in (*SERIES, "starts", "ends") if name not in keys]
    cell: Places = table.groupby(others, sort=False).ngroup().to_numpy().astype(np.int64)

    def incidence(columns: Places) -> sparse.csr_matrix:
        found = sparse.csr_matrix((np.ones(len(number)), (number, columns)))
        found.data[:] = 1.0
        return found

    counted, given = incidence(table["place"].to_numpy().astype(np.int64)), incidence(cell)
    common = sparse.coo_matrix(sparse.triu(counted @ counted.T, 1))
    both = np.asarray(given[common.row].multiply(given[common.col]).sum(axis=1)).ravel()
    is_one = (common.data >= MOSTLY * both) & (both > 0)
    _, label = _linked([common.row[is_one]], [common.col[is_one]], number.max() + 1)
    names = table[keys].assign(number=number, rank=0).drop_duplicates("number").sort_values("number")
    # A count says most of itself, and in its categories; what compares bases says none.
    names["rank"] = (names["basis"] == "fixed") * 4 + (names["role"] != "numerator") * 2
    if "dimension" in keys:
        names["rank"] += names["dimension"] == ALL
    names["label"] = label
    heads = names.sort_values(["rank", "number"], kind="stable").drop_duplicates("label").set_index("label")
    named = heads.loc[label[number], keys].to_numpy()
    renamed = table.assign(**{name: named[:, at] for at, name in enumerate(keys)})
    # Where two counts of one name differ, one of them began later: the fuller one has it.
    renamed = renamed.sort_values("value", ascending=False, kind="stable")
    return renamed.drop_duplicates([*SERIES, "grain", "period", "ends"]).sort_index()


def _alike(grid: Floats) -> list[tuple[int, int]]:
    """Pairs of series that have the same value wherever both have one, and hardly by CHANCE."""
    known = ~np.isnan(grid)
    unlikely = np.log10(3.5 * np.sqrt(np.where(grid > 0, grid, 1 / 3.5**2)))
    packed = np.packbits(known, axis=1)
    _, kind = np.unique(packed, axis=0, return_inverse=True)
    kinds = [np.flatnonzero(kind == each) for each in range(kind.max() + 1)]
    pairs: list[tuple[int, int]] = []
    for i, left in enumerate(kinds):
        for right in kinds[i:]:
            shared = known[left[0]] & known[right[0]]
            if not shared.any():
                continue
            first: dict[bytes, int] = {}
            for series in left.tolist():
                if unlikely[series, shared].sum() < CHANCE:
                    continue
                twin = first.setdefault(grid[series, shared].tobytes(), series)
                if left is right and twin != series:
                    pairs.append((twin, series))
            if left is right:
                continue
            # Series of one kind that differ elsewhere may agree on what two kinds share: the first is taken.
            for series in right.tolist():
                twin = first.get(grid[series, shared].tobytes(), -1)
                if twin >= 0:
                    pairs.append((twin, series))
    return pairs


def _alike_on_other_bases(
    table: pd.DataFrame, grid: Floats, pairs: list[tuple[int, int]]
) -> Iterator[tuple[int, int]]:
    """Pairs of series of which those on another basis are alike: to be the same is enough, however small."""
    of = table.drop_duplicates("series").sort_values("series")
    name = of.groupby([key for key in SERIES if key != "basis"], sort=False).ngroup().to_numpy()
    basis = of.groupby("basis", sort=False).ngroup().to_numpy()
    known = {key: series for series, key in enumerate(zip(name.tolist(), basis.tolist(), strict=True))}
    ends = np.array(pairs, dtype=np.int64).reshape(-1, 2).T
    _, label = _linked([ends[0]], [ends[1]], len(grid))
    for group in np.unique(label[ends[0]]).tolist():
        names = np.unique(name[label == group]).tolist()
        for other in np.unique(basis).tolist():
            there = [known[each, other] for each in names if (each, other) in known]
            for series in there[1:]:
                both = ~np.isnan(grid[there[0]]) & ~np.isnan(grid[series])
                if both.any() and (grid[there[0], both] == grid[series, both]).all():
                    yield there[0], series


def _mostly_alike(table: pd.DataFrame) -> Iterator[tuple[Places, Places]]:
    """Places of counts that are the same in two measures which mostly count the same."""
    group = table.groupby(list(SERIES[:3]), sort=False).ngroup().to_numpy()
    is_counted = (table["role"] != "rest").to_numpy()
    counted, group = table[is_counted], group[is_counted]
    period = counted.groupby(["starts", "ends"], sort=False).ngroup().to_numpy()
    cell = counted.groupby([*SERIES[3:], "starts", "ends", "value"], sort=False).ngroup().to_numpy()
    place = counted["place"].to_numpy()
    is_whole = (counted["dimension"] == ALL).to_numpy()
    grid = np.full((group.max() + 1, period.max() + 1), np.nan)
    grid[group[is_whole], period[is_whole]] = counted["value"].to_numpy()[is_whole]
    of_group = [np.flatnonzero(group == each) for each in range(len(grid))]
    cells = [dict(zip(cell[rows].tolist(), place[rows].tolist(), strict=True)) for rows in of_group]
    for first in range(len(grid)):
        is_same = grid[first] == grid[first + 1 :]
        shared = (~np.isnan(grid[first]) & ~np.isnan(grid[first + 1 :])).sum(axis=1)
        size = np.where(is_same, grid[first + 1 :], 0.0).sum(axis=1)
        found = (is_same.sum(axis=1) >= MOSTLY * np.maximum(shared, 1)) & (size >= ALIKE)
        for second in (np.flatnonzero(found) + first + 1).tolist():
            both = [
                (cells[first][key], cells[second][key]) for key in cells[first].keys() & cells[second].keys()
            ]
            left, right = np.array(sorted(both), dtype=np.int64).T
            yield left, right


class _Relations:
    """Relations as they are collected: places, coefficients, and of which kind each is."""

    def __init__(self, values: Floats) -> None:
        self.values = values
        self.rows: list[NDArray[np.int64]] = []
        self.places: list[NDArray[np.int64]] = []
        self.signs: list[Floats] = []
        self.count = 0
        self.failed: dict[str, int] = {}

    def add(self, kind: str, line: Places, place: Places, sign: Floats) -> None:
        """Nothing; adds the relations that hold."""
        if not len(line):
            return
        _, line = np.unique(line, return_inverse=True)
        count = line.max() + 1
        sums = np.bincount(line, sign * self.values[place], count)
        holds = sums == 0
        self.failed[kind] = self.failed.get(kind, 0) + int((~holds).sum())
        keep = holds[line]
        number = np.cumsum(holds) - 1 + self.count
        self.rows.append(number[line[keep]])
        self.places.append(place[keep])
        self.signs.append(sign[keep])
        self.count += int(holds.sum())

    def matrix(self) -> sparse.csr_matrix:
        """All relations, each once."""
        shape = (self.count, len(self.values))
        if not self.rows:
            return sparse.csr_matrix(shape)
        parts = (np.concatenate(self.rows), np.concatenate(self.places))
        found = sparse.csr_matrix((np.concatenate(self.signs), parts), shape=shape)
        found.sum_duplicates()
        found.eliminate_zeros()
        ends = zip(found.indptr[:-1].tolist(), found.indptr[1:].tolist(), strict=True)
        texts = [found.indices[a:b].tobytes() + found.data[a:b].tobytes() for a, b in ends]
        once = np.array(sorted({text: row for row, text in enumerate(texts)}.values()), dtype=np.int64)
        return sparse.csr_matrix(found[once])


def _add_relations(table: pd.DataFrame, found: _Relations) -> None:
    _rests(table, found)
    _categories(table, found)
    _atoms(table, found)
    _crossings(table, found)
    _times(table, found)
    _bases(table, found)
    _cumulated(table, found)


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
    _joined(found, "rest", parts, whole, ["row"])


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


def exclusives(table: pd.DataFrame) -> sparse.csr_matrix:
    """A row a count and those parts of it that exclude one another: 1 for a part, -1 for the whole.

    No more than the whole are they together: nobody is in two of them.
    """
    names = [name for name in table["measure_id"].unique() if measure(name).one_of]
    of = table[table["measure_id"].isin(names) & (table["role"] != "rest")]
    kind = of["measure_id"].map({name: measure(name).one_of for name in names})
    wide = of.assign(kind=kind).pivot_table(index=["row", "kind"], columns="role", values="place").dropna()
    if wide.empty:
        return sparse.csr_matrix((0, int(table["place"].max()) + 1))
    keys = [*SERIES[2:], "starts", "ends"]
    both = wide.reset_index().merge(of[["row", *keys]].drop_duplicates("row"), on="row")
    both = both.drop_duplicates([*keys, "kind", "numerator", "denominator"])
    line = both.groupby([*keys, "kind", "denominator"], sort=False).ngroup()
    both = both[line.groupby(line).transform("size") > 1].assign(line=line)
    _, number = np.unique(both["line"], return_inverse=True)
    heads = both.assign(number=number).drop_duplicates("number")
    return sparse.csr_matrix(
        (
            np.concatenate([np.ones(len(both)), -np.ones(len(heads))]),
            (
                np.concatenate([number, heads["number"]]),
                np.concatenate([both["numerator"], heads["denominator"]]).astype(np.int64),
            ),
        ),
        shape=(len(heads), int(table["place"].max()) + 1),
    )


def beginnings(table: pd.DataFrame) -> pd.DataFrame:
    """Pairs of places as of `parents`: a period as an earlier release cut it short, and the period."""
    flows = table[~table["is_stock"] & (table["ends"] >= 0)]
    on = [*SERIES, "grain", "period"]
    both = flows[[*on, "ends", "place"]].merge(flows[[*on, "ends", "place"]], on=on, suffixes=("", "_whole"))
    both = both[(both["ends"] < both["ends_whole"]) & (both["place"] != both["place_whole"])]
    pairs = both[["place", "place_whole"]].rename(columns={"place_whole": "whole"})
    return pairs.drop_duplicates().reset_index(drop=True)


def parents(table: pd.DataFrame) -> pd.DataFrame:
    """Pairs of places of which the first is never more than the second: a part and what it is part of.

    What a part is out of is as a rule no more than the whole either, and says more.
    """
    out = [pd.DataFrame({"place": [], "whole": []}, dtype=np.int64)]
    for name in table["measure_id"].unique():
        item = measure(name)
        if not item.part_of:
            continue
        whole = measure(item.part_of)
        of = table[(table["measure_id"] == item.part_of) & (table["role"] == "numerator")]
        on = ["dimension", "category", "dimension_2", "category_2", "starts", "ends"]
        if item.bases and whole.bases:
            on = ["basis", *on]
        elif whole.bases:
            of = of[of["basis"] == whole.bases[0]]
        for role in ("denominator", "numerator"):
            part = table[(table["measure_id"] == name) & (table["role"] == role)]
            both = part[[*on, "place", "value"]].merge(
                of[[*on, "place", "value"]], on=on, suffixes=("", "_whole")
            )
            if len(both) and (both["value"] <= both["value_whole"]).all():
                out.append(both[["place", "place_whole"]].rename(columns={"place_whole": "whole"}))
                break
    found = pd.concat(out).drop_duplicates()
    return found[found["place"] != found["whole"]].reset_index(drop=True)

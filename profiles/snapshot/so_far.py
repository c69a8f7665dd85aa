"""What headers state of what there is so far: stocks, what ends soon, and what follows on a flow."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, timedelta
from itertools import pairwise

from profiles.catalogue import catalogue
from profiles.periods import ALL
from profiles.snapshot.definitional import DAY, Placed
from profiles.snapshot.identities import ANY, known
from profiles.snapshot.signatures import Series
from profiles.snapshot.told import ALWAYS, Count

Cell = tuple[str, str, str, str]
FOLLOWS = "what follows is no more than what came"
KIND = "what there was before, what came and what there is now"


def relate(placed: Placed) -> None:
    """Add what `stock`, `cumulates`, `ends_within` and `follows` say of the counts of a release."""
    stocks: dict[str, dict[Cell, dict[date, int]]] = defaultdict(lambda: defaultdict(dict))
    for count, place in placed.found.items():
        kind = count.kind
        if isinstance(kind, Series) and kind.role == "numerator" and count.first == count.last != ALWAYS:
            stocks[kind.measure_id][tuple(kind[3:])][count.last] = place  # type: ignore[index]
    items = catalogue()
    for name, cells in stocks.items():
        item = items.get(name)
        if item is None:
            continue
        if item.cumulates:
            for cell, levels in cells.items():
                granted = so_far(placed, item.cumulates, cell, levels)
                for day, place in levels.items():
                    placed.beliefs.relate(KIND, [(place, 1.0), (granted[day], -1.0)])
        if item.stock_of:
            soon = {
                each.measure_id: each.ends_within.days
                for each in items.values()
                if each.part_of == name and each.ends_within
            }
            for cell, levels in cells.items():
                ending = {each: (days, stocks.get(each, {}).get(cell, {})) for each, days in soon.items()}
                _in_force(placed, item.stock_of, cell, levels, list(ending.values()))
    _followed(placed)


def _followed(placed: Placed) -> None:
    """What follows a flow is, so far, no more than it; where all of it does in the end, it is as much now."""
    items = catalogue()
    flows: dict[str, dict[tuple[str, Cell], date]] = defaultdict(dict)
    for figure in placed.release.figures:
        series, last = figure.series, figure.count.last
        if series.role == "numerator" and figure.count.first < last:
            cell: Cell = (series.dimension, series.category, series.dimension_2, series.category_2)
            cells = flows[series.measure_id]
            cells[series.basis, cell] = max(last, cells.get((series.basis, cell), last))
    followers = [items[name] for name in flows if name in items and items[name].follows in flows]
    for first in sorted({item.follows for item in followers}):
        for (basis, cell), last in flows[first].items():
            after = [
                item
                for item in followers
                if item.follows == first
                and (basis, cell) in flows[item.measure_id]
                and isinstance(_kind(Series(item.measure_id, "numerator", basis, *cell))[0], int)
            ]
            came = so_far(placed, first, cell, (), basis) if after else {}
            went = {item.measure_id: so_far(placed, item.measure_id, cell, came, basis) for item in after}
            for day, place in came.items():
                parts = [(levels[day], 1.0) for levels in went.values()]
                placed.beliefs.relate(FOLLOWS, [*parts, (place, -1.0)], is_sum=False)
            for item in after:
                is_all = item.follows_by in (ALL, cell[0])
                if is_all and flows[item.measure_id][basis, cell] == last:
                    placed.beliefs.relate(FOLLOWS, [(went[item.measure_id][last], 1.0), (came[last], -1.0)])


def _in_force(
    placed: Placed,
    flow: str,
    cell: Cell,
    levels: dict[date, int],
    ending: list[tuple[int, dict[date, int]]],
) -> None:
    """What is in force is what was granted less what has ended; what ends soon has ended soon after."""
    later = {day + timedelta(days=days) for days, parts in ending for day in parts}
    days = sorted({*levels, *later})
    granted = so_far(placed, flow, cell, days)
    ended = {day: placed.place(_level(f"{flow}: ended so far", cell, day)) for day in days}
    for before, after in pairwise(days):
        placed.beliefs.relate(KIND, [(ended[before], 1.0), (ended[after], -1.0)], is_sum=False)
    for day in days:
        if day in levels:
            placed.beliefs.relate(KIND, [(levels[day], 1.0), (ended[day], 1.0), (granted[day], -1.0)])
        else:
            placed.beliefs.relate(KIND, [(ended[day], 1.0), (granted[day], -1.0)], is_sum=False)
    for length, parts in ending:
        for day, place in parts.items():
            then = day + timedelta(days=length)
            if day not in levels:
                continue
            placed.beliefs.relate(KIND, [(place, 1.0), (levels[day], -1.0)], is_sum=False)
            went = [(ended[then], 1.0), (ended[day], -1.0)]
            placed.beliefs.relate(KIND, [(place, 1.0), *((at, -sign) for at, sign in went)], is_sum=False)
            # What was granted after the day may have ended as well.
            came = [(granted[then], -1.0), (granted[day], 1.0)]
            placed.beliefs.relate(KIND, [(place, -1.0), *went, *came], is_sum=False)


def so_far(placed: Placed, flow: str, cell: Cell, days: Iterable[date], basis: str = "") -> dict[date, int]:
    """By day, the number of the count of all that the flow has brought by then.

    The days are those asked for and the ends of the periods that are told. Before the data of the flow begin
    it is 0.
    """
    periods = [
        (count.first, count.last, placed.found[count])
        for count in placed.by_kind.get(_kind(Series(flow, "numerator", basis, *cell)), [])
        if count.first != count.last
    ]
    wanted = {*days, *(last for _, last, _ in periods), *(first - DAY for first, *_ in periods)}
    found = {day: placed.place(_level(f"{flow} {basis}: so far", cell, day)) for day in sorted(wanted)}
    whole, _ = _kind(Series(flow, "numerator", basis, ALL, ALL, "", ""))
    starts = placed.release.begins.get(whole, ALWAYS)
    for day, place in found.items():
        if day < starts:
            placed.beliefs.high[place] = 0.0
    for first, last, place in periods:
        placed.beliefs.relate(KIND, [(found[last], 1.0), (found[first - DAY], -1.0), (place, -1.0)])
    for before, after in pairwise(sorted(found)):
        placed.beliefs.relate(KIND, [(found[before], 1.0), (found[after], -1.0)], is_sum=False)
    return found


def _kind(series: Series) -> tuple[int | Series, str]:
    """Kind and word of a series, as counts have them."""
    kinds, _ = known()
    if series in kinds:
        return kinds[series], ""
    kind = kinds.get(series._replace(category=ANY))
    return (series, "") if kind is None else (kind, series.category)


def _level(name: str, cell: Cell, day: date) -> Count:
    return Count(Series(name, "", "", *cell), "", day, day)

"""What ties counts of different days: months and years, stocks and flows, what follows on what."""

from collections.abc import Mapping
from datetime import timedelta
from itertools import pairwise

import numpy as np
import pandas as pd

from profiles.catalogue import measure
from profiles.periods import ALL, MONTHS, last_day
from profiles.snapshot.contents import UNTIL
from profiles.snapshot.relations import Relations
from profiles.snapshot.signatures import Series

SERIES = list(Series._fields)
CLOSE = 50
"""What is further below its limit than this is not held by it: no range that is sought is so wide."""


def periods_sum(table: pd.DataFrame, found: Relations) -> None:
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
            # One in which the data begin is one from that month on.
            step["to"] = np.minimum(step["at"] - step["at"] % MONTHS[grain] + MONTHS[grain] - 1, step["ends"])
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


def cumulated(table: pd.DataFrame, found: Relations) -> None:
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


def stocks(table: pd.DataFrame, found: Relations) -> None:
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


def followed(table: pd.DataFrame, found: Relations) -> None:
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


def _so_far(flow: pd.DataFrame, found: Relations) -> dict[int, int]:
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


def _ended_so_far(levels: Mapping[int, int], granted: Mapping[int, int], found: Relations) -> dict[int, int]:
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
    part: pd.DataFrame, days: int, levels: Mapping[int, int], ended: Mapping[int, int], found: Relations
) -> None:
    """What ends within so many days is in force now, and has ended by the first month's end after them."""
    for month, place in sorted(dict(zip(part["ends"].tolist(), part["place"].tolist(), strict=True)).items()):
        if month in levels:
            found.limit_one([(place, 1.0), (levels[month], -1.0)])
        until = last_day(month) + timedelta(days=days)
        later = min((each for each in ended if last_day(each) >= until), default=None)
        if later is not None and month in ended:
            found.limit_one([(place, 1.0), (ended[later], -1.0), (ended[month], 1.0)])


def _never_falls(place: Mapping[int, int], found: Relations) -> None:
    """Each is no more than the one after it."""
    for before, after in pairwise(sorted(place)):
        found.limit_one([(place[before], 1.0), (place[after], -1.0)])

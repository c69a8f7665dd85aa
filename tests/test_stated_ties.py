"""What headers state of counts over time is true, and no such tie that figures show is left unstated."""

from itertools import combinations

import pytest

from profiles.catalogue import Measure, catalogue, measure
from profiles.periods import ALL
from profiles.snapshot import imagined
from profiles.snapshot.contents import asks
from profiles.snapshot.identities import ANY, known
from profiles.snapshot.signatures import Series, signatures

SEEDS, CRIMES = (21, 22, 23, 24), 2500
OFTEN = 40
"""A count that comes less often in one of the forces may be as high as another one by chance."""

IN_ORDER = {
    "days_to_outcome": "outcomes_closed",
    "outcome_in_90_days": "outcomes_closed",
    "spo_days_to_application": "spo_applications",
    "spo_applied_in_28_days": "spo_applications",
}
"""What the denominator of each leaves out of the other is dates that are in no order: here there are none."""


def states(item: Measure) -> bool:
    """Whether a header says what a stock has to do with flows."""
    return bool(item.cumulates or item.stock_of or item.ends_within)


def test_a_stock_of_what_flows_count_says_so() -> None:
    dates: dict[tuple[str, str], list[str]] = {}
    for item in catalogue().values():
        if item.time == "flow" and not item.ratio:
            dates.setdefault((item.reads, item.date), []).append(item.measure_id)
    stocks = [item for item in catalogue().values() if item.time == "stock" and item.sensitivity != "open"]
    assert {"spo_active", "spo_granted_to_date", "outstanding_suspects"} <= {
        item.measure_id for item in stocks
    }
    unsaid = {
        item.measure_id: flows
        for item in stocks
        for (mart, day), flows in dates.items()
        if mart == item.reads and day in item.words and not states(item)
    }
    assert unsaid == {}, "say in the header what of these it cumulates, or that it is their stock"


@pytest.mark.slow
def test_counts_that_are_one_over_all_years_say_that_one_follows_the_other(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # Nothing comes before the crime, and all that comes has come by the end of the data.
    monkeypatch.setattr(imagined, "AFTER", tuple(day for day in imagined.AFTER if day >= 0))
    every = tuple(asks())
    forces = [signatures([imagined.imagined(seed, CRIMES)], every) for seed in SEEDS]
    totals: dict[Series, list[int]] = {}
    for found in forces:
        for series, row in zip(found.series, found.counts, strict=True):
            totals.setdefault(series, []).append(int(row.sum(dtype=int)))
    often = {s: tuple(t) for s, t in totals.items() if len(t) == len(SEEDS) and min(t) >= OFTEN}
    assert len(often) > 800
    kinds, _ = known()
    one = Joined()
    for series in often:
        kind = kinds.get(series, kinds.get(series._replace(category=ANY)))
        one.join(series, (kind, "" if series in kinds else series.category))
        if series.measure_id in IN_ORDER and series.role == "denominator":
            whole = series._replace(measure_id=IN_ORDER[series.measure_id], role="numerator")
            assert often[series] == often.get(whole, often[series])
            one.join(series, whole)
    stated = 0
    for series in often:
        item = measure(series.measure_id)
        if item.follows and series.role == "numerator" and item.follows_by in (ALL, series.dimension):
            first = series._replace(measure_id=item.follows)
            assert often[series] == often[first], f"{series} follows {first}, but not to the last"
            one.join(series, first)
            stated += 1
    by_total: dict[tuple[int, ...], list[Series]] = {}
    for series, total in often.items():
        # Of calls and referrals there are as many as of crimes because so many were drawn.
        if total != (CRIMES,) * len(SEEDS):
            by_total.setdefault(total, []).append(series)
    unsaid = [
        (a, b)
        for group in by_total.values()
        for a, b in combinations(group, 2)
        if one.root(a) != one.root(b) and a.category == b.category
    ]
    assert unsaid == [], "\n".join(f"{'/'.join(a)} = {'/'.join(b)}" for a, b in unsaid)
    assert stated > 5


class Joined:
    """Things that are one with others."""

    def __init__(self) -> None:
        self.up: dict[object, object] = {}

    def root(self, each: object) -> object:
        """What stands for all that are one with it."""
        while each in self.up:
            each = self.up[each]
        return each

    def join(self, one: object, other: object) -> None:
        """Make the two one."""
        if self.root(one) != self.root(other):
            self.up[self.root(one)] = self.root(other)

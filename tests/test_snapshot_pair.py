"""Two releases one after the other, solved together: what neither tells, both together do not tell either.

The attack is the product's own on each, with everything that did not change between the two taken to be one
count, and every period as it was cut short then no more than the period as it is now.
"""

from collections import defaultdict

import numpy as np
import pandas as pd
import pytest

from profiles import disclosure, warehouse
from profiles.catalogue import catalogue, measure
from profiles.facts import facts_of
from profiles.snapshot import attack, plan, protecting
from profiles.snapshot.attack import Count
from profiles.snapshot.files import Release, read_rows
from profiles.snapshot.headlines import HEADLINES
from profiles.snapshot.series import bases_of
from tests.releases import EARLIER, LATER, Releases, releases

QUARTER = "2026-06-01"
"""The month that the last whole quarter before EARLIER ends with."""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Releases:
    """The two warehouses and their snapshots."""
    return releases(tmp_path_factory)


def counted(rows: pd.DataFrame, as_at: str) -> dict[Count, float]:
    """What the counts of a plan truly are."""
    known = attack._known(rows, as_at, "internal")
    return {
        count: known.low[place]
        for count, place in known.number.items()
        if known.low[place] == known.high[place]
    }


def truth(made: Releases, name: str, as_at: str) -> dict[Count, float]:
    """What the counts of a warehouse truly are, as far as a snapshot is to show them."""
    rows, shown = made.counted(name)
    return counted(rows.loc[shown, list(plan.COLUMNS)], as_at)


def joined(
    old: attack._Known, new: attack._Known, was: dict[Count, float], now: dict[Count, float]
) -> attack._Known:
    """Both releases as one system."""
    both = attack._Known(
        dict(new.number), list(new.low), list(new.high), list(new.is_withheld), list(new.rows)
    )
    place: dict[int, int] = {}
    for count, at in old.number.items():
        same = new.number.get(count)
        if same is not None and count in was and was[count] == now.get(count):
            both.low[same] = max(both.low[same], old.low[at])
            both.high[same] = min(both.high[same], old.high[at])
            both.is_withheld[same] |= old.is_withheld[at]
            place[at] = same
            continue
        place[at] = both.place(count._replace(name=f"then: {count.name}"))
        both.low[place[at]], both.high[place[at]] = old.low[at], old.high[at]
        both.is_withheld[place[at]] = old.is_withheld[at]
    both.rows += [[(place[at], sign) for at, sign in row] for row in old.rows]
    longer = defaultdict(list)
    for count in new.number:
        longer[count[:4]].append(count)
    stocks = {name for name, item in catalogue().items() if item.time == "stock"}
    for count, at in old.number.items():
        is_cut = count.first < count.last and count.last - count.first + 1 not in (3, 12)
        if not is_cut or count not in was or count.name in stocks:
            continue
        for whole in longer[count[:4]]:
            if whole.last > count.last and was[count] <= now.get(whole, -1.0):
                more = both.place(whole._replace(name=f"since: {whole.name}"))
                both.rows.append([(place[at], 1.0), (more, 1.0), (new.number[whole], -1.0)])
    return both


def told_together(
    made: Releases, old: pd.DataFrame, new: pd.DataFrame
) -> tuple[int, list[tuple[Count, float, float]]]:
    """How many counts are withheld, and those that both releases together tell to less than five."""
    both = joined(
        attack._known(old, EARLIER, "internal"),
        attack._known(new, LATER, "internal"),
        truth(made, "before", EARLIER),
        truth(made, "now", LATER),
    )
    low, high = attack._ranges(both, lambda text: None)
    names = list(both.number)
    bad = np.flatnonzero(np.array(both.is_withheld) & ~disclosure.is_wide(low, high))
    return sum(both.is_withheld), [(names[at], low[at], high[at]) for at in bad.tolist()]


@pytest.mark.slow
def test_two_releases_in_a_row_tell_no_withheld_count_together(made: Releases) -> None:
    withheld, told = told_together(
        made, read_rows(made.built("internal").folder), read_rows(made.built("next").folder)
    )
    assert withheld > 1500
    assert told == []


@pytest.mark.slow
def test_a_release_that_does_not_know_the_one_before_gives_counts_of_it_away(made: Releases) -> None:
    rows, shown = made.counted("now")
    alone = protecting.released(rows, shown, "internal").rows
    _, told = told_together(made, read_rows(made.built("internal").folder), alone)
    assert len(told) > 10


@pytest.mark.slow
@pytest.mark.parametrize("name", ["internal", "next"])
def test_the_year_that_a_meeting_looks_at_first_is_withheld_for_no_other_figure(
    made: Releases, name: str
) -> None:
    rows = read_rows(made.built(name).folder)
    newest = f"{LATER if name == 'next' else EARLIER:.7}-01"
    rows = rows[rows["grain"] == "rolling_year"]
    # Of a survey only rolling years that end with a quarter are given.
    is_newest = rows["period"] == rows.groupby("measure_id")["period"].transform("max")
    rows = rows[is_newest & rows["period"].isin((newest, QUARTER))]
    asked = [
        (measure_id, bases_of(measure(measure_id))[0], dimension, category)
        for measure_id, dimension, category in HEADLINES
    ]
    found = rows[rows[["measure_id", "basis", "dimension", "category"]].apply(tuple, axis=1).isin(asked)]
    assert len(found) == len(asked)
    of_survey = found.loc[found["measure_id"] == "satisfied_overall", "period"].tolist()
    assert of_survey == [newest if name == "next" else QUARTER]
    assert found.loc[found["marker"] == "[c]", "measure_id"].tolist() == []


@pytest.mark.slow
def test_periods_that_the_earlier_release_cut_short_are_counted_again_to_its_day(made: Releases) -> None:
    served = warehouse.current(made.warehouse("now"))
    con = warehouse.connect(served.path)
    rows, shown = plan.rows(
        con, facts_of(con), earlier=[Release(pd.DataFrame(columns=plan.COLUMNS), EARLIER)]
    )
    con.close()
    cut = rows[rows[plan.UNTIL] == EARLIER]
    assert set(cut["grain"]) == {"quarter", "financial_year"}
    assert set(cut["period"]) == {"2026-07-01", "2026-04-01"}
    assert not shown[cut.index].any()
    of = ["measure_id", "basis", "dimension", "category"]
    crimes = rows[(rows["measure_id"] == "stalking_crimes") & (rows["dimension"] == "all")]
    months = crimes[(crimes["grain"] == "month") & crimes["period"].between("2026-07-01", "2026-08-01")]
    quarter = crimes[(crimes["grain"] == "quarter") & (crimes[plan.UNTIL] == EARLIER)]
    assert len(quarter) == 3
    pd.testing.assert_series_equal(
        months.groupby(of)["numerator"].sum(), quarter.set_index(of)["numerator"].sort_index()
    )

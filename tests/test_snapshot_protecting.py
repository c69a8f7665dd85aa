"""Rows as they are released: what is withheld, what is shown, and what stands in the place of a figure."""

from datetime import date
from math import nan
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import sparse

from profiles.snapshot import following, protecting, told
from profiles.snapshot.attack import audit
from profiles.snapshot.contents import UNTIL
from profiles.snapshot.counts import cells_of
from profiles.snapshot.files import Release
from tests.snapshot_rows import count, row, rows

pytestmark = pytest.mark.slow

AS_AT = "2024-06-30"
DISTRICTS = ("Ashford", "Canterbury", "Dartford", "Dover")


def released(
    *given: dict[str, Any], profile: str = "internal", previous: pd.DataFrame | None = None
) -> pd.DataFrame:
    """The rows as released, of data as at the end of June 2024; `previous` as at the end of May."""
    frame = rows(*given).assign(**{UNTIL: AS_AT})
    shown = pd.Series(True, index=frame.index)
    before = () if previous is None else (Release(previous, "2024-05-31"),)
    return protecting.released(frame, shown, profile, before).rows


def districts(*numbers: float, measure_id: str = "stalking_crimes", **cells: Any) -> list[dict[str, Any]]:
    """Rows of a quarter: the force as a whole, and the first districts."""
    of = {"grain": "quarter", "period": "2024-01-01"} | cells

    def told(number: float, **more: Any) -> dict[str, Any]:
        return row(
            measure_id, numerator=number, value=number, lower=number / 2, upper=number * 2, **of, **more
        )

    parts = [
        told(number, dimension="district", category=name)
        for name, number in zip(DISTRICTS, numbers, strict=False)
    ]
    return [told(sum(numbers)), *parts]


def shown(frame: pd.DataFrame) -> list[float | str]:
    """Of each row its numerator, or the marker that stands for it."""
    return [
        marker if number != number else number
        for number, marker in zip(frame["numerator"].tolist(), frame["marker"].tolist(), strict=True)
    ]


def test_a_small_count_takes_its_interval_and_one_more_count_with_it() -> None:
    found = released(*districts(3.0, 12.0, 20.0))
    assert shown(found) == [35.0, "[c]", "[c]", 20.0]
    assert found.loc[1, ["value", "lower", "upper"]].isna().all()
    table = found.assign(numerator=shown(found), denominator="").astype("str")
    lines = [{str(name): cell for name, cell in row.items()} for row in table.to_dict("records")]
    assert audit([told.of_lines("a", lines, date.fromisoformat(AS_AT), "internal")]).is_safe


@pytest.mark.parametrize(("number", "is_shown"), [(0, True), (1, False), (4, False), (5, True), (6, True)])
def test_counts_of_one_to_four_are_withheld(number: float, is_shown: bool) -> None:
    found = released(*districts(number, 30.0, 40.0))
    assert (shown(found)[1] == number) is is_shown


def test_what_leaves_no_room_is_withheld_with_the_whole() -> None:
    # 3 and 1 of 4: no two parts can hide behind a sum that is shown.
    found = released(*districts(3.0, 1.0))
    assert shown(found) == ["[c]", "[c]", "[c]"]


def test_orders_granted_to_the_force_are_shown_internally_however_few() -> None:
    given = row("spo_granted", numerator=2, value=2.0, lower=0.2, upper=7.2, grain="month")
    assert shown(released(given)) == [2.0]
    assert shown(released(given, profile="external")) == ["[c]"]


def test_breakdowns_of_orders_are_withheld_like_any_count() -> None:
    found = released(
        *districts(2.0, 9.0, 30.0, measure_id="spo_granted", grain="financial_year", period="2023-04-01")
    )
    assert shown(found) == [41.0, "[c]", "[c]", 30.0]


def test_of_a_rate_neither_a_small_part_nor_a_small_remainder_is_told() -> None:
    of = {"grain": "quarter", "denominator": 60.0, "value": 50.0, "lower": 40.0, "upper": 60.0}
    found = released(
        row("online_share", period="2023-04-01", numerator=30.0, **of),
        row("online_share", period="2023-07-01", numerator=2.0, **of),
        row("online_share", period="2023-10-01", numerator=58.0, **of),
    )
    assert shown(found) == [30.0, "[c]", "[c]"]
    assert found["value"].isna().tolist() == [False, True, True]


def test_no_rate_is_given_on_fewer_than_ten() -> None:
    found = released(
        row("online_share", grain="quarter", numerator=0.0, denominator=9.0, value=0.0, lower=0.0, upper=30.0)
    )
    first = found.to_dict("records")[0]
    assert (first["numerator"], first["denominator"], first["marker"]) == (0.0, 9.0, "[u]")
    assert found.loc[0, ["value", "lower", "upper"]].isna().all()


def test_of_a_survey_the_number_of_answers_decides() -> None:
    of = {"grain": "financial_year", "value": 50.0, "lower": 20.0, "upper": 80.0}
    found = released(
        row("satisfied_overall", period="2022-04-01", numerator=6.0, denominator=8.0, **of),
        row("satisfied_overall", period="2023-04-01", numerator=2.0, denominator=40.0, **of),
    )
    assert shown(found) == ["[c]", 2.0]
    assert found["denominator"].isna().tolist() == [True, False]


def test_outside_counts_are_rounded_and_everything_is_made_from_rounded_counts() -> None:
    of = {"grain": "quarter", "value": 55.0, "lower": 40.0, "upper": 60.0}
    found = released(
        row("online_share", period="2023-04-01", numerator=33.0, denominator=61.0, **of),
        *districts(33.0, 62.0, 38.0),
        profile="external",
    )
    rate = found[found["measure_id"] == "online_share"].iloc[0]
    assert (rate["numerator"], rate["denominator"]) == (35.0, 60.0)
    assert rate["value"] == pytest.approx(100 * 35 / 60)
    assert rate["lower"] < rate["value"] < rate["upper"]
    counts = found.loc[found["measure_id"] == "stalking_crimes", "numerator"]
    assert counts.tolist() == [135.0, 35.0, 60.0, 40.0]


def test_what_a_release_withheld_stays_withheld() -> None:
    before = released(*districts(3.0, 17.0, 30.0, 40.0))
    assert shown(before) == [90.0, "[c]", "[c]", 30.0, 40.0]
    # Dartford has been corrected and would be the cheapest to withhold: but Canterbury, shown, would give
    # Ashford away, as the earlier release told what both make.
    now = districts(3.0, 17.0, 6.0, 40.0)
    assert shown(released(*now))[2] == 17.0
    found = released(*now, previous=before)
    assert shown(found)[1:3] == ["[c]", "[c]"]
    assert shown(found)[0] == 66.0


def test_what_a_release_told_is_not_withheld_in_vain() -> None:
    before = released(*districts(6.0, 17.0, 30.0, measure_id="stalking_victims"))
    assert shown(before) == [53.0, 6.0, 17.0, 30.0]
    # Ashford is corrected to 4: who knows the 17 and the 30 of before can only be kept from the new sum.
    found = released(*districts(4.0, 17.0, 30.0, measure_id="stalking_victims"), previous=before)
    assert shown(found) == ["[c]", "[c]", 17.0, 30.0]


def test_even_the_force_s_own_crimes_are_withheld_where_nothing_else_hides_a_small_count() -> None:
    # The only count that can hide Ashford is the whole: left out alone, it were the difference of the others.
    before = released(*districts(6.0, 17.0, 30.0))
    found = released(*districts(4.0, 17.0, 30.0), previous=before)
    assert shown(found) == ["[c]", "[c]", 17.0, 30.0]


def test_headlines_are_spared_since_they_can_be_compared_and_the_force_s_own_crimes_always() -> None:
    of = {"denominator": 90.0, "grain": "month", "period": "2024-06-01"}
    given = {
        "newest": {},
        "year to": {"grain": "rolling_year"},
        "first": {"period": "2020-04-01"},
        "before": {"period": "2020-03-01"},
        "a year from before": {"grain": "rolling_year", "period": "2021-02-01"},
        "of a district": {
            "grain": "quarter",
            "period": "2024-04-01",
            "dimension": "district",
            "category": "Dover",
        },
        "on another basis": {"basis": "principal"},
    }
    asked = {
        name: row("stranger_share", numerator=20.0 + number, **(of | more))
        for number, (name, more) in enumerate(given.items())
    }
    asked |= {
        "no headline": row("mode_recorded_share", numerator=50.0, **of),
        "crimes": count(70.0, period="2019-04-01"),
    }
    frame = rows(*asked.values()).assign(**{UNTIL: AS_AT})
    cells = cells_of(frame, pd.Series(True, index=frame.index))
    spared = protecting.problem(cells, "internal").suppress_last
    table = cells.table[cells.table["role"] == "numerator"]
    found = {name for name, place in zip(asked, table["place"], strict=True) if spared[place]}
    assert found == {"newest", "year to", "first", "crimes"}


def test_a_district_that_stands_out_is_withheld_last() -> None:
    # Three in Ashford were not assessed. Thanet, the smallest other count, would be the cheapest to hide it.
    of = {"grain": "financial_year", "period": "2023-04-01", "value": 50.0, "lower": 40.0, "upper": 60.0}
    parts = {
        "Ashford": (77.0, 80.0),
        "Thanet": (60.0, 100.0),
        "Dover": (190.0, 210.0),
        "Swale": (182.0, 200.0),
    }

    def given(thanet: float) -> list[dict[str, Any]]:
        told = parts | {"Thanet": (thanet, thanet + 40.0 if thanet < 90 else 100.0)}
        tops, bases = (sum(each) for each in zip(*told.values(), strict=True))
        return [
            row("risk_assessed_24h", numerator=tops, denominator=bases, **of),
            *(
                row(
                    "risk_assessed_24h",
                    numerator=top,
                    denominator=base,
                    dimension="district",
                    category=name,
                    **of,
                )
                for name, (top, base) in told.items()
            ),
        ]

    assert shown(released(*given(60.0)))[2] == 60.0
    assert shown(released(*given(92.0)))[2] == "[c]"


@pytest.mark.parametrize(
    ("dover", "told"),
    # What came since is a count as well: three of June would be the difference of two figures.
    [(36.0, [61.0, 8.0, 17.0, 36.0]), (33.0, ["[c]", "[c]", 17.0, "[c]"])],
)
def test_a_period_cut_short_then_is_not_the_period_of_now(dover: float, told: list[float | str]) -> None:
    # As at May the quarter from April held two months.
    april = {"grain": "quarter", "period": "2024-04-01"}
    before = released(*districts(8.0, 17.0, 30.0, **april))
    frame = rows(*districts(8.0, 17.0, dover, **april), *districts(8.0, 17.0, 30.0, **april))
    until = [AS_AT] * 4 + ["2024-05-31"] * 4
    seen = pd.Series([True] * 4 + [False] * 4)
    found = protecting.released(
        frame.assign(**{UNTIL: until}), seen, "internal", (Release(before, "2024-05-31"),)
    ).rows
    assert len(found) == 4
    assert shown(found) == told


def test_a_breakdown_of_which_one_row_cannot_be_protected_is_left_out() -> None:
    # Three orders were granted to the force, which is shown: whose they were is not, nor who had none.
    asked = {"measure_id": "spo_granted", "grain": "financial_year"}
    given = districts(1.0, 2.0, 0.0, period="2023-04-01", **asked)
    more = districts(31.0, 22.0, 0.0, period="2024-04-01", **asked)
    frame = rows(*given, *more).assign(**{UNTIL: AS_AT})
    found = protecting.released(frame, pd.Series(True, index=frame.index), "internal")
    assert shown(found.rows) == [3.0, 53.0, 31.0, 22.0, 0.0]
    assert found.cost["rows_left_out"] == 3


def test_the_cost_counts_each_number_once() -> None:
    frame = rows(*districts(3.0, 12.0, 20.0)).assign(**{UNTIL: AS_AT})
    cost = protecting.released(frame, pd.Series(True, index=frame.index), "internal").cost
    assert cost == {
        "counts": 4,
        "primary": 1,
        "secondary": 1,
        "rows": 4,
        "rows_with_a_withheld_count": 2,
        "rows_left_out": 0,
        "share_of_total_lost": round(15 / 70, 6),
    }
    assert any("15" in text or "21" in text for text in protecting.cost_sentences(cost))


def test_nothing_is_made_of_a_row_without_figures() -> None:
    found = released(count(nan, marker="[x]"), row("online_share", numerator=0, denominator=0, marker="[z]"))
    assert found["marker"].tolist() == ["[x]", "[z]"]


def test_what_was_withheld_is_taken_to_be_as_near_to_now_as_what_was_told_then_allows() -> None:
    # Of two withheld counts the first was one less than the second, as was told; now they are 6 and 3.
    difference = sparse.csr_matrix(np.array([[1.0, -1.0]]))
    found = following._nearest(
        difference, np.array([-1.0]), np.array([6.0, 3.0]), np.array([1.0, 1.2]), np.zeros(1)
    )
    assert found.tolist() == [2.0, 3.0]
    # Rounding explains as much without any of them being another.
    found = following._nearest(
        difference, np.array([1.0]), np.array([6.0, 3.0]), np.array([1.0, 1.2]), np.array([2.5])
    )
    assert found.tolist() == [6.0, 3.0]
    # What no counts could explain is no reason to think anything of them.
    both = sparse.csr_matrix(np.array([[1.0, 1.0]]))
    found = following._nearest(
        both, np.array([-7.0]), np.array([6.0, 3.0]), np.array([1.0, 1.2]), np.zeros(1)
    )
    assert (found >= 0).all()


def test_two_counts_limit_each_other_by_way_of_one_that_is_not_counted() -> None:
    # Cases closed for a time limit are among those prevented, of which no month is given. Those charged, and
    # those that the victim does not support, are others of the same cases.
    given = [
        row("charge_rate", numerator=1, denominator=12),
        row("victim_does_not_support", numerator=7, denominator=12),
        row("time_limit_expired", numerator=3, denominator=12),
    ]
    frame = rows(*given).assign(**{UNTIL: AS_AT})
    cells = cells_of(frame, pd.Series(True, index=frame.index))
    place = cells.table.set_index(["measure_id", "role"])["place"]
    limit = np.zeros(len(cells.values))
    for name in ("charge_rate", "victim_does_not_support", "time_limit_expired"):
        limit[place[name, "numerator"]] = 1
    limit[place["charge_rate", "denominator"]] = -1
    assert limit.tolist() in cells.limits.toarray().tolist()

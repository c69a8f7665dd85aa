"""Figures published by others, by example: shown for the month they were stated for, and for no other."""

import pytest

from profiles import warehouse
from tests.tables import asked, filled, only

COMPARATORS = """
series | area | period | period_end | value | unit | published_by
full SPOs granted (cumulative) | Kent | 2022-12 | 2022-12-31 | 100 | orders | press
full SPOs granted (cumulative) | Kent | 2024-11 | 2024-11-22 | 186 | orders | plan
full SPOs granted (cumulative) | Essex | 2024-11 | 2024-11-22 | 70 | orders | plan
victims referred to services (rolling 12 months) | Kent | 2024-11 | 2024-11-22 | 90.8 | percent | plan
"""


def force() -> warehouse.Connection:
    return filled(comparators=COMPARATORS)


DAYS = {"since": "2022-12-01", "until": "2024-12-31"}


@pytest.mark.slow
def test_published_orders_stand_at_their_month_alone() -> None:
    frame = asked(force(), "published_orders", where={"area": "Kent"}, **DAYS)
    known = frame[frame["value"].notna()]
    assert dict(zip(known["period"], known["value"], strict=True)) == {"2022-12-01": 100, "2024-11-01": 186}
    assert set(frame[frame["value"].isna()]["marker"]) == {"[x]"}


def test_published_orders_of_two_forces_are_never_one_figure() -> None:
    assert set(asked(force(), "published_orders", **DAYS)["marker"]) == {"[z]"}
    november = asked(force(), "published_orders", by="area", since="2024-11-01", until="2024-11-30")
    assert dict(zip(november["category"], november["value"], strict=True)) == {"Essex": 70, "Kent": 186}


def test_a_published_rate_has_no_counts_and_no_interval() -> None:
    row = only(asked(force(), "published_referral_rate", where={"area": "Kent"}, **DAYS), period="2024-11-01")
    assert row["value"] == 90.8
    assert row[["denominator", "lower", "upper"]].isna().all()


def test_without_published_figures_there_is_none() -> None:
    con = filled(crimes="crime_ref | recorded_date | ho_class\nA | 2024-01-05 | 8Q")
    for name in ("published_orders", "published_referral_rate"):
        assert set(asked(con, name, where={"area": "Kent"})["marker"]) == {"[x]"}, name

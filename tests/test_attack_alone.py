"""The attack on snapshots finds what a sum gives away, and nothing where no sum does."""

from datetime import date
from pathlib import Path

import pytest

from tests.attack_alone import Attack, span, words

AS_AT = "2026-03-31"
HEAD = "measure_id,basis,grain,period,dimension,category,dimension_2,category_2,numerator,denominator,as_at"
STOCKS = {"spo_active", "spo_expiring", "spo_granted_to_date"}


def snapshot(folder: Path, figures: str) -> Attack:
    """The attack on a snapshot of these figures, done; rows: measure basis grain period dim=category n d."""
    lines = []
    measures = set()
    for line in figures.strip().splitlines():
        measure, basis, grain, period, narrowed, over, under = (each.strip() for each in line.split("|"))
        dimension, _, category = narrowed.partition("=")
        measures.add(measure)
        lines.append(
            ",".join(
                [measure, basis, grain, period, dimension, category or "all", "", "", over, under, AS_AT]
            )
        )
    (folder / "measures.csv").write_text("\n".join([HEAD, *lines]))
    kinds = [f"{each},{'stock' if each in STOCKS else ''},person" for each in sorted(measures)]
    (folder / "definitions.csv").write_text("\n".join(["measure_id,time,sensitivity", *kinds]))
    (folder / "datapackage.json").write_text('{"disclosure_profile": "internal"}')
    attack = Attack()
    attack.read(folder)
    attack.relate()
    attack.propagate()
    assert not attack.contradictions()
    attack.solve(5, say=False)
    return attack


def ranges(attack: Attack) -> dict[str, tuple[float, float]]:
    """The range of each withheld count, by its name."""
    return {words(attack.keys[n]): (attack.low[n], attack.high[n]) for n in attack.targets}


def test_a_difference_of_three_measures_gives_a_count_away(tmp_path: Path) -> None:
    attack = snapshot(
        tmp_path,
        """
        stalking_victims          |any|financial_year|2025-04-01|all                              |386|
        stalking_victims          |any|financial_year|2025-04-01|referral_status=opted out        |23 |
        stalking_victims          |any|financial_year|2025-04-01|referral_status=unsafe to contact|[c]|
        referral_rate_of_eligible |any|financial_year|2025-04-01|all                              |330|360
        """,
    )
    assert ranges(attack) == {
        "victims[any; referral_status unsafe to contact] 2025-04-01..2026-03-31": (3, 3)
    }
    assert attack.summary() == {"withheld": 1, "narrower than 5": 1, "upper below 6": 1, "exact": 1}


def test_withheld_counts_are_at_least_one_each(tmp_path: Path) -> None:
    attack = snapshot(
        tmp_path,
        """
        masip_referrals||quarter|2025-04-01|all          |3  |
        masip_referrals||quarter|2025-04-01|district=A   |[c]|
        masip_referrals||quarter|2025-04-01|district=B   |[c]|
        masip_referrals||quarter|2025-04-01|district=C   |[c]|
        """,
    )
    assert set(ranges(attack).values()) == {(1, 1)}


def test_orders_in_force_and_granted_give_those_that_end(tmp_path: Path) -> None:
    attack = snapshot(
        tmp_path,
        """
        spo_active          ||month|2025-11-01|all|144|
        spo_active          ||month|2026-02-01|all|155|
        spo_granted_to_date ||month|2025-11-01|all|170|
        spo_granted_to_date ||month|2026-02-01|all|182|
        spo_expiring        ||month|2025-11-01|all|[c]|
        """,
    )
    assert set(ranges(attack).values()) == {(1, 1)}


def test_rolling_years_and_quarters_give_a_quarter_away(tmp_path: Path) -> None:
    attack = snapshot(
        tmp_path,
        """
        specialist_allocation|principal|rolling_year|2020-09-01|all            |400|449
        specialist_allocation|principal|rolling_year|2020-12-01|all            |500|589
        stalking_crimes      |principal|quarter     |2020-10-01|risk_grade=high|172|
        stalking_crimes      |principal|quarter     |2019-10-01|risk_grade=high|[c]|
        """,
    )
    assert set(ranges(attack).values()) == {(32, 32)}


def test_two_withheld_parts_that_may_be_many_numbers_give_nothing_away(tmp_path: Path) -> None:
    attack = snapshot(
        tmp_path,
        """
        stalking_crimes|any|financial_year|2025-04-01|all                  |70 |
        stalking_crimes|any|financial_year|2025-04-01|domestic=yes         |41 |
        stalking_crimes|any|financial_year|2025-04-01|domestic=no          |[c]|
        stalking_crimes|any|financial_year|2025-04-01|domestic=not recorded|[c]|
        """,
    )
    assert set(ranges(attack).values()) == {(1, 28)}
    assert attack.summary() == {"withheld": 2, "narrower than 5": 0, "upper below 6": 0, "exact": 0}


@pytest.mark.parametrize(
    ("grain", "period", "is_stock", "expected"),
    [
        ("quarter", "2025-04-01", False, ("2025-04-01", "2025-06-30")),
        ("rolling_year", "2025-06-01", False, ("2024-07-01", "2025-06-30")),
        ("financial_year", "2025-04-01", False, ("2025-04-01", "2025-12-31")),
        ("month", "2025-02-01", True, ("", "2025-02-28")),
        ("all", "all", True, ("", "")),
    ],
)
def test_a_figure_is_of_its_days(grain: str, period: str, is_stock: bool, expected: tuple[str, str]) -> None:
    assert span(grain, period, date(2025, 12, 31), is_stock) == expected

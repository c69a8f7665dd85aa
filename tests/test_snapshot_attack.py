"""The attack on snapshots: what a few rows give away, and what they do not."""

from datetime import date

import pytest

from profiles.snapshot import attack, told
from profiles.snapshot.attack import Audit
from profiles.snapshot.told import Release

COLUMNS = ("measure_id", "basis", "grain", "period", "dimension", "category", "numerator", "denominator")
AS_AT = date(2026, 3, 31)


def release(
    figures: str,
    name: str = "a",
    as_at: date = AS_AT,
    profile: str = "internal",
    sha256: str = "",
    previous: str = "",
) -> Release:
    """What a snapshot of these figures tells; rows: measure|basis|grain|period|dimension=category|n|d."""
    lines = figures_of(figures)
    return told.of_lines(name, lines, as_at, profile, sha256=sha256, previous=previous)


def figures_of(figures: str) -> list[dict[str, str]]:
    """The lines of a file of measures."""
    lines = []
    for line in figures.strip().splitlines():
        measure, basis, grain, period, narrowed, *sides = (each.strip() for each in line.split("|"))
        first, _, second = narrowed.partition(" & ")
        dimension, _, category = first.partition("=")
        dimension_2, _, category_2 = second.partition("=")
        lines.append(
            dict(
                zip(
                    COLUMNS,
                    (measure, basis, grain, period, dimension, category or "all", *sides),
                    strict=True,
                )
            )
            | {"dimension_2": dimension_2, "category_2": category_2}
        )
    return lines


def ranges(*releases: Release) -> list[tuple[object, ...]]:
    """What is given away: measure, categories, least and most, and by what."""
    found = attack.audit(releases, 30).exposed
    return list(
        found[["measure", "categories", "lowest", "highest", "known_by"]].itertuples(index=False, name=None)
    )


def test_a_figure_of_data_that_begin_within_its_period_is_no_more_than_the_whole() -> None:
    figures = """
        arrest_rate|any|financial_year|2024-04-01|all|[c]|[c]
        arrest_rate|any|financial_year|2025-04-01|all|40 |90
        spo_steps|any|financial_year|2024-04-01|step=suspect identified|15|
        """
    lines = figures_of(figures)
    found = attack.audit([told.of_lines("a", lines, AS_AT, "internal")], 30).exposed
    assert found["measure"].tolist() == ["arrest_rate"]
    starts = {"spo_steps": date(2025, 3, 1), "arrest_rate": date(2024, 4, 1)}
    found = attack.audit([told.of_lines("a", lines, AS_AT, "internal", starts=starts)], 30).exposed
    assert found.empty


ONE = "one sum after another: "
DEFINITIONS = ONE + "what the definitions say"
STOCKS = ONE + "what there was before, what came and what there is now"


def test_withheld_counts_are_at_least_one_each() -> None:
    found = ranges(
        release("""
        stalking_crimes|any|quarter|2025-04-01|all       |3  |
        stalking_crimes|any|quarter|2025-04-01|district=A|[c]|
        stalking_crimes|any|quarter|2025-04-01|district=B|[c]|
        stalking_crimes|any|quarter|2025-04-01|district=C|[c]|
        stalking_crimes|any|quarter|2025-04-01|district=D|0  |
        """)
    )
    assert found == [("stalking_crimes", f"district={name}", 1, 1, DEFINITIONS) for name in "ABC"]


def test_orders_in_force_and_granted_tell_those_that_ended() -> None:
    found = ranges(
        release("""
        spo_active  ||quarter|2025-10-01|all|144|
        spo_active  ||quarter|2026-01-01|all|155|
        spo_expiring||quarter|2025-10-01|all|[c]|
        spo_granted ||quarter|2020-01-01|all|200|
        spo_granted ||quarter|2026-01-01|all|12 |
        """)
    )
    # 144 + 12 - 155 have ended by the end of March; by then all have that were to end within 90 days.
    assert found == [("spo_expiring", "", 1, 1, "all sums together")]


def test_where_none_was_granted_all_that_ended_were_to_end() -> None:
    found = ranges(
        release("""
        spo_active  ||quarter|2025-10-01|all|144|
        spo_active  ||quarter|2026-01-01|all|138|
        spo_expiring||quarter|2025-10-01|all|[c]|
        spo_granted ||quarter|2020-01-01|all|200|
        spo_granted ||quarter|2026-01-01|all|0  |
        """)
    )
    assert found == [("spo_expiring", "", 6, 6, "all sums together")]


def test_outcomes_of_all_years_are_those_that_were_assigned() -> None:
    found = ranges(
        release("""
        outcomes_recorded|any|quarter       |2024-04-01|all                  |90 |
        outcomes_closed  |any|quarter       |2024-04-01|all                  |70 |
        outcomes_recorded|any|financial_year|2024-04-01|outcome_group=charged|50 |
        outcomes_recorded|any|financial_year|2025-04-01|outcome_group=charged|[c]|
        outcomes_closed  |any|financial_year|2024-04-01|outcome_group=charged|40 |
        outcomes_closed  |any|financial_year|2025-04-01|outcome_group=charged|13 |
        """)
    )
    assert [row[:4] for row in found] == [("outcomes_recorded", "outcome_group=charged", 3, 3)]


def test_no_more_orders_are_in_force_than_were_granted_so_far() -> None:
    found = ranges(
        release("""
        spo_granted||quarter|2020-01-01|all|1  |
        spo_active ||quarter|2020-01-01|all|[c]|
        """)
    )
    assert found == [("spo_active", "", 1, 1, STOCKS)]


def test_dimensions_that_say_the_same_tell_a_count() -> None:
    found = ranges(
        release("""
        stalking_crimes|any|financial_year|2025-04-01|typology=stranger                 |380|
        stalking_crimes|any|financial_year|2025-04-01|atom=stranger only                |161|
        stalking_crimes|any|financial_year|2025-04-01|atom=online + stranger            |218|
        stalking_crimes|any|financial_year|2025-04-01|atom=online + domestic + stranger |0  |
        stalking_crimes|any|financial_year|2025-04-01|atom=domestic + stranger          |[c]|
        """)
    )
    assert found == [("stalking_crimes", "atom=domestic + stranger", 1, 1, DEFINITIONS)]


def test_measures_that_say_the_same_tell_a_count() -> None:
    found = ranges(
        release("""
        stalking_victims         |any|financial_year|2025-04-01|all                              |386|
        stalking_victims         |any|financial_year|2025-04-01|referral_status=opted out        |23 |
        stalking_victims         |any|financial_year|2025-04-01|referral_status=unsafe to contact|[c]|
        referral_rate_of_eligible|any|financial_year|2025-04-01|all                              |330|360
        """)
    )
    assert found == [("stalking_victims", "referral_status=unsafe to contact", 3, 3, DEFINITIONS)]


TWO = """
stalking_crimes|any|quarter|2025-{month}-01|all       |{whole}|
stalking_crimes|any|quarter|2025-{month}-01|district=A|[c]    |
stalking_crimes|any|quarter|2025-{month}-01|district=B|[c]    |
"""


@pytest.mark.parametrize(("whole", "narrow"), [(7, 0), (6, 2)])
def test_a_count_is_safe_when_its_ends_are_five_apart(whole: int, narrow: int) -> None:
    # Each of the two is 1 to 6, or 1 to 5.
    found = attack.audit([release(TWO.format(month="04", whole=whole))], 30)
    assert (found.withheld, len(found.exposed), found.is_safe) == (2, narrow, narrow == 0)


def test_of_figures_rounded_to_five_the_whole_range_is_believed() -> None:
    rows = """
    stalking_crimes|any|quarter|2025-04-01|all       |{}|
    stalking_crimes|any|quarter|2025-04-01|district=A|[c]|
    stalking_crimes|any|quarter|2025-04-01|district=B|[c]|
    """
    # 5 stands for 5 to 7, so that each of two is 1 to 6; given as it is, each is 1 to 4.
    assert ranges(release(rows.format(5), profile="external")) == []
    assert [row[2:4] for row in ranges(release(rows.format(5)))] == [(1, 4), (1, 4)]


def test_what_another_figure_gives_is_given_away() -> None:
    found = ranges(
        release("""
        stalking_crimes|any|quarter|2025-04-01|district=A|[c]|
        charge_rate    |any|quarter|2025-04-01|district=A|9|40
        """)
    )
    assert found == [("stalking_crimes", "district=A", 40, 40, attack.TOLD)]


def test_a_relation_that_the_figures_break_is_left_out_and_counted() -> None:
    found = attack.audit(
        [
            release("""
            stalking_crimes|any|quarter|2025-04-01|all       |20 |
            stalking_crimes|any|quarter|2025-04-01|district=A|30 |
            stalking_crimes|any|quarter|2025-04-01|district=B|[c]|
            """)
        ],
        30,
    )
    assert (found.withheld, len(found.exposed)) == (1, 0)
    assert found.broken > 0
    assert f"  {found.broken} relations do not fit the figures and were left out" in list(
        found.sentences("a")
    )


# ---- several releases


def test_the_internal_one_tells_what_the_external_one_withholds() -> None:
    inside = TWO.format(month="04", whole=40).replace("[c]    ", "31", 1)
    one, other = release(inside), release(TWO.format(month="04", whole=40), "b", profile="external")
    assert attack.audit([other], 30).is_safe
    found = attack.audit([one, other], 30)
    assert sorted(found.exposed["lowest"]) == [9, 31]


def test_two_releases_tell_the_month_between_them() -> None:
    row = "stalking_crimes|any|financial_year|2025-04-01|district=A|{}|"
    found = attack.audit(
        [
            release(row.format(37), as_at=date(2025, 8, 31)),
            release(row.format(39), "b", as_at=date(2025, 9, 30)),
        ],
        30,
    )
    assert found.exposed.empty
    (line,) = found.differences.to_dict("records")
    assert (line["first_day"], line["last_day"], line["lowest"], line["highest"]) == (
        "2025-09-01",
        "2025-09-30",
        2,
        2,
    )
    assert not found.is_safe


def test_a_count_that_was_corrected_is_two() -> None:
    def row(text: str) -> str:
        return f"stalking_crimes|any|quarter|2025-04-01|district=A|{text}|"

    assert attack.audit([release(row("12")), release(row("17"), "b")], 30).apart == 1
    # Withheld after it was given by the one before, it has changed; by another one it has not.
    before, after = release(row("12"), sha256="x"), release(row("[c]"), "b", previous="x")
    assert attack.audit([before, after], 30).is_safe
    assert [each[2:4] for each in ranges(before, release(row("[c]"), "b"))] == [(12, 12)]


def test_releases_that_contradict_one_another_are_held_apart() -> None:
    one, other = TWO.format(month="04", whole=7), TWO.format(month="04", whole=30)
    found: Audit = attack.audit([release(one), release(other, "b")], 30)
    # The force differs, and with it each of the two that are withheld.
    assert found.apart == 3
    third = release(other.replace("[c]", "27", 1), "c")
    found = attack.audit([release(one), third], 30)
    assert found.apart > 1
    assert found.broken == 0

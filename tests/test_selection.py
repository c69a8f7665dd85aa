"""Selections, periods and the statement they become."""

import itertools
from datetime import date, timedelta

import pytest

from profiles import periods
from profiles.errors import BadSelection
from profiles.selection import DIMENSIONS, Rows, Selection, conditions, joined, nearest, selected


def test_a_selection_says_itself_in_words_with_british_dates() -> None:
    chosen = Selection(
        basis="included_only",
        by="principal_class",
        grain="financial_year",
        since=date(2024, 4, 1),
        until=date(2025, 3, 31),
        where=(("district", "Dover"), ("mode", "online"), ("district", "Thanet")),
    )
    assert chosen.words() == (
        "Stalking is only an included classification; by principal class; by financial year; "
        "from 1 April 2024 to 31 March 2025; district: Dover or Thanet; online or offline: online."
    )
    assert Selection().words() == "Everything."
    assert Selection(grain="all", until=date(2025, 1, 9)).words() == (
        "The whole period at once; from the beginning of the data to 9 January 2025."
    )


def test_a_filter_is_a_dimension_and_a_value_with_an_equals_sign() -> None:
    assert conditions(["district=Dover", " mode = online", "team=a=b"]) == (
        ("district", "Dover"),
        ("mode", "online"),
        ("team", "a=b"),
    )
    with pytest.raises(BadSelection, match="'district' has no equals sign; write DIMENSION=VALUE"):
        conditions(["district"])


def test_several_values_of_a_dimension_are_kept_once_each_in_order() -> None:
    chosen = Selection(
        by="team", where=(("district", "B"), ("team", "T"), ("district", "A"), ("district", "B"))
    )
    assert chosen.values("district") == ("B", "A")
    assert chosen.values("beat") == ()
    assert chosen.dimensions == ("team", "district")


def test_a_name_like_none_is_answered_with_all_there_are() -> None:
    assert nearest("zzz", ["month", "year"]) == "there are month, year."
    assert nearest("Mnth", ["month", "year"]) == "did you mean month?"


@pytest.mark.parametrize("name", ["category", "period", "crime_ref", "1; drop table", "District", ""])
def test_only_listed_names_are_dimensions(name: str) -> None:
    with pytest.raises(BadSelection, match="no breakdown"):
        Selection(by=name)
    with pytest.raises(BadSelection, match="no filter"):
        Selection(where=((name, "x"),))


def test_days_may_reach_the_edges_of_what_is_allowed_and_no_further() -> None:
    assert Selection(since=date(1900, 1, 1), until=date(2199, 12, 31)).basis is None
    with pytest.raises(BadSelection, match="until 2200-01-01 lies outside"):
        Selection(until=date(2200, 1, 1))
    with pytest.raises(BadSelection, match="since 1899-12-31 lies outside"):
        Selection(since=date(1899, 12, 31))
    assert Selection(since=date(2024, 1, 1), until=date(2024, 1, 1)).since == date(2024, 1, 1)


def test_values_are_bound_and_never_part_of_the_statement() -> None:
    chosen = Selection(by="district", grain="month", where=(("district", "O'Dover"), ("typology", "online")))
    day = date(2024, 1, 1)
    text, bound = selected(
        Rows(chosen, "stalking_crimes", ("basis",), "recorded_date", ("athena",), day, day)
    )
    assert "Dover" not in text
    assert "athena" not in text
    assert {"O'Dover", "online"} <= {value for value in bound.values() if isinstance(value, str)}
    assert bound["sources"] == ["athena"]
    assert sorted(f"${name}" in text for name in bound) == [True] * len(bound)


def test_a_measure_with_steps_of_its_own_is_joined_behind_the_selection() -> None:
    assert (
        joined("with selected as (s)", "with a as (b)\nselect 1")
        == "with selected as (s),\na as (b)\nselect 1"
    )
    assert joined("with selected as (s)", "select 1") == "with selected as (s)\nselect 1"


# --- periods ---


@pytest.mark.parametrize(
    ("grain", "day", "starts", "ends"),
    [
        ("month", date(2024, 2, 29), date(2024, 2, 1), date(2024, 2, 29)),
        ("month", date(2023, 12, 31), date(2023, 12, 1), date(2023, 12, 31)),
        ("quarter", date(2024, 3, 31), date(2024, 1, 1), date(2024, 3, 31)),
        ("quarter", date(2024, 4, 1), date(2024, 4, 1), date(2024, 6, 30)),
        ("financial_year", date(2024, 3, 31), date(2023, 4, 1), date(2024, 3, 31)),
        ("financial_year", date(2024, 4, 1), date(2024, 4, 1), date(2025, 3, 31)),
        ("year", date(2024, 1, 1), date(2024, 1, 1), date(2024, 12, 31)),
        ("rolling_year", date(2024, 2, 10), date(2023, 3, 1), date(2024, 2, 29)),
        ("all", date(2024, 2, 10), date(2024, 2, 10), date(2024, 2, 10)),
    ],
)
def test_a_day_lies_in_one_period_of_each_grain(grain: str, day: date, starts: date, ends: date) -> None:
    (only,) = periods.periods(grain, day, day)
    assert (only.starts, only.ends) == (starts, ends)
    label = {"rolling_year": "2024-02-01", "all": "all"}.get(grain, starts.isoformat())
    assert only.label == label


@pytest.mark.parametrize("grain", ["month", "quarter", "financial_year", "year"])
def test_periods_follow_one_another_without_gap_or_overlap(grain: str) -> None:
    found = periods.periods(grain, date(2019, 4, 17), date(2026, 9, 30))
    assert found[0].starts <= date(2019, 4, 17)
    assert found[-1].ends >= date(2026, 9, 30)
    for before, after in itertools.pairwise(found):
        assert after.starts - before.ends == timedelta(days=1)


def test_every_dimension_has_a_title_a_reader_understands() -> None:
    for name, dimension in DIMENSIONS.items():
        assert "_" not in dimension.title, name
        assert len(set(dimension.categories)) == len(dimension.categories), name

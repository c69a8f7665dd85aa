"""Coarsening: a force with few crimes gives years, and what counts no people; any other gives the plan."""

import pandas as pd
import pytest

from profiles.snapshot import coarsening, protecting
from profiles.snapshot.contents import UNTIL
from profiles.snapshot.counts import begun, cells_of, first_months, spans_of
from tests.snapshot_rows import count, row, rows

AS_AT = "2024-03-31"
MONTHS = ("2024-01-01", "2024-02-01", "2024-03-01")
YEAR = {"grain": "financial_year", "period": "2023-04-01"}


def plan(crimes: float, dover: float) -> tuple[pd.DataFrame, pd.Series]:
    """Months and a year of so many crimes and orders a month, and so many crimes a year in two districts."""
    parts = [
        line
        for month in MONTHS
        for line in (
            count(crimes, period=month),
            row("spo_granted", period=month, numerator=1.0, value=1.0),
            row("domestic_share", period=month, numerator=crimes / 2, denominator=crimes, value=50.0),
        )
    ]
    of = {"dimension": "district", **YEAR}
    more = [
        count(crimes * 3, **YEAR),
        row("online_share", numerator=crimes, denominator=crimes * 3, **YEAR),
        count(dover, category="Dover", **of),
        count(dover, category="Ashford", **of),
        count(crimes * 3 - 2 * dover, category="Thanet", **of),
    ]
    frame = rows(*parts, *more).assign(**{UNTIL: AS_AT})
    return frame, pd.Series(True, index=frame.index)


def given(crimes: float, dover: float) -> list[tuple[str, str, str]]:
    frame, shown = plan(crimes, dover)
    cells = cells_of(frame, shown)
    is_small = protecting.problem(cells, "internal").is_primary
    is_short, is_fine = coarsening.too_fine(frame, shown, cells.table, is_small)
    left = frame[~is_short & ~is_fine]
    return sorted(set(left[["measure_id", "grain", "dimension"]].itertuples(index=False, name=None)))


@pytest.fixture(autouse=True)
def of_few_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(coarsening, "ENOUGH", 10)


ALL = [
    ("domestic_share", "month", "all"),
    ("online_share", "financial_year", "all"),
    ("spo_granted", "month", "all"),
    ("stalking_crimes", "financial_year", "all"),
    ("stalking_crimes", "financial_year", "district"),
    ("stalking_crimes", "month", "all"),
]


def test_a_force_with_few_crimes_gives_years_its_crimes_and_what_counts_no_people() -> None:
    assert given(60.0, 30.0) == ALL
    without_months = [each for each in ALL if each != ("domestic_share", "month", "all")]
    assert given(8.0, 6.0) == without_months
    # Of a breakdown that holds small counts for the most part nothing is given.
    assert given(8.0, 3.0) == [each for each in without_months if each[2] == "all"]


def test_the_share_of_few_figures_is_not_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(coarsening, "ENOUGH", 15)
    assert given(8.0, 3.0) == ALL


def test_data_of_a_category_that_begin_later_are_of_a_shorter_period() -> None:
    of = {"dimension": "field", "denominator": 40.0}
    parts = [
        row("field_not_recorded", period=month, category=name, numerator=6.0, marker=mark, **of)
        for name, marks in (("relationship", ("", "", "")), ("order considered", ("[x]", "", "")))
        for month, mark in zip(MONTHS, marks, strict=True)
    ]
    year = [
        row("field_not_recorded", category=name, numerator=18.0, **of, **YEAR)
        for name in ("relationship", "order considered")
    ]
    frame = rows(*parts, *year).assign(**{UNTIL: AS_AT})
    starts, _ = spans_of(frame)
    assert starts[-1] == starts[-2] + 1


def test_a_measure_of_years_alone_that_counts_less_begins_within_the_first() -> None:
    before = {"grain": "financial_year", "period": "2022-04-01"}
    steps = {"dimension": "step", "category": "suspect identified"}
    frame = rows(
        *(row("arrest_rate", numerator=40.0, denominator=90.0, **of) for of in (before, YEAR)),
        row("spo_steps", numerator=15.0, value=15.0, **steps, **before),
        row("spo_steps", numerator=90.0, value=90.0, **steps, **YEAR),
    ).assign(**{UNTIL: AS_AT})
    firsts = first_months(frame)
    found = begun(cells_of(frame, pd.Series(True, index=frame.index)).table, firsts)
    assert found["arrest_rate"] == firsts["arrest_rate"]
    assert found["spo_steps"] == firsts["spo_steps"] + 11

"""The steering pages' figures: what a snapshot answers is what it holds, and nothing else is made up."""

from dataclasses import replace
from datetime import date
from math import isnan
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from profiles.blocks import control_charts, from_snapshot, over_time
from profiles.blocks.block import Source, answers
from profiles.catalogue import measure
from profiles.charts import claims
from profiles.measures import COLUMNS
from profiles.periods import ALL
from profiles.selection import Selection
from profiles.snapshot import contents, opened
from profiles.snapshot.files import FIGURES
from profiles.snapshot.opened import Release
from tests.projected import made
from tests.releases import releases as released
from tests.snapshot_rows import row, rows


def only_one(folder: Path) -> Release:
    """The one snapshot in the folder."""
    (manifest,) = opened.found(folder).whole
    return opened.release(manifest)


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> Release:
    folder = tmp_path_factory.mktemp("shelf")
    made(folder / "2026-09-30-internal")
    return only_one(folder)


@pytest.fixture
def source(release: Release) -> Source:
    return from_snapshot.source(release)


def test_what_a_snapshot_does_not_give_says_so(source: Source) -> None:
    asked = Selection(grain="month", basis="any", by="platform")
    frame = answers(source, [("stalking_crimes", asked)])
    assert claims.missing(frame) == "There is no figure to show: this snapshot does not give it."
    given = answers(source, [("stalking_crimes", replace(asked, by=None))])
    assert given["why"].isna().all() if "why" in given else True


@pytest.mark.slow
def test_a_series_is_that_of_the_snapshot(source: Source, release: Release) -> None:
    frame = source.frame("stalking_crimes", Selection(grain="month", basis="any"))
    rows = release.rows
    mine = rows[
        (rows["measure_id"] == "stalking_crimes")
        & (rows["basis"] == "any")
        & (rows["grain"] == "month")
        & (rows["dimension"] == ALL)
    ]
    assert tuple(frame.columns) == COLUMNS
    assert len(frame) == len(mine) > 12
    for name in (*FIGURES, "period", "marker"):
        expected = mine.sort_values("period")[name].tolist()
        assert [str(each) for each in frame[name]] == [str(each) for each in expected]


def test_days_narrow_a_series_to_the_periods_in_them(source: Source) -> None:
    asked = Selection(grain="month", basis="any", since=date(2026, 1, 1), until=date(2026, 3, 31))
    frame = source.frame("stalking_crimes", asked)
    assert frame["period"].tolist() == ["2026-01-01", "2026-02-01", "2026-03-01"]


def test_what_no_published_period_covers_is_not_added_up(source: Source) -> None:
    asked = Selection(grain=ALL, basis="any", since=date(2026, 1, 1), until=date(2026, 2, 28))
    frame = source.frame("stalking_crimes", asked)
    assert frame["marker"].tolist() == ["[x]"]
    assert all(isnan(frame[name].iloc[0]) for name in FIGURES)


@pytest.mark.parametrize(
    ("since", "until", "grain"),
    [
        (date(2026, 1, 1), date(2026, 1, 31), "month"),
        (date(2026, 4, 1), date(2026, 6, 30), "quarter"),
        (date(2025, 4, 1), date(2026, 3, 31), "financial_year"),
        (date(2025, 10, 1), date(2026, 9, 30), "rolling_year"),
        (date(2026, 2, 1), date(2026, 4, 30), ""),
        (date(2026, 1, 2), date(2026, 1, 31), ""),
        (date(2025, 4, 1), date(2026, 3, 30), ""),
        (date(2020, 4, 1), date(2026, 3, 31), ""),
    ],
)
def test_a_stretch_of_days_is_answered_by_the_period_published_for_it(
    since: date, until: date, grain: str
) -> None:
    asked = Selection(grain=ALL, basis="any", since=since, until=until)
    assert from_snapshot.published(measure("stalking_crimes"), asked)[0] == grain


def test_a_stock_is_of_the_last_month_asked_for() -> None:
    asked = Selection(grain=ALL, since=date(2020, 1, 1), until=date(2026, 9, 30))
    grain, first, last = from_snapshot.published(measure("spo_active"), asked)
    assert (grain, first) == ("month", last)


def test_a_chart_is_headed_by_the_newest_settled_published_period(source: Source) -> None:
    whole = source.whole("stalking_crimes", Selection(basis="any"))
    assert whole.grain in from_snapshot.FLOWS
    frame = source.frame("stalking_crimes", whole)
    assert len(frame) == 1
    assert frame["marker"].iloc[0] != "[p]"


def test_the_bases_beside_each_other_are_the_published_ones(source: Source) -> None:
    both = source.frame("stalking_crimes", Selection(grain="month", by="basis"))
    for basis in ("principal", "included_only"):
        mine = source.frame("stalking_crimes", Selection(grain="month", basis=basis))
        other = both[both["category"] == basis].drop(columns="category").reset_index(drop=True)
        pd.testing.assert_frame_equal(other, mine.drop(columns="category"), check_dtype=False)


def test_what_is_not_released_says_so(source: Source) -> None:
    for selection in (
        Selection(grain="quarter", by="beat"),
        Selection(grain="quarter", by="district", where=(("mode", "online"),)),
        Selection(grain="quarter", where=(("district", "Dover"), ("mode", "online"))),
        Selection(grain="quarter", where=(("district", "Dover"), ("district", "Thanet"))),
    ):
        assert source.frame("stalking_crimes", selection)["marker"].tolist() == ["[x]"]


STOCK = {"spo_active": {"quarter": ("2026-01-01", "2026-04-01"), "financial_year": ("2025-04-01",)}}
SURVEY = {"satisfied_overall": {"rolling_year": ("2025-03-01", "2025-06-01", "2026-03-01", "2026-06-01")}}


def coarse(release: Release) -> Release:
    """The snapshot with a stock by quarter, and a survey of which rolling years end with quarters."""
    told = []
    for measure_id, grains in (STOCK | SURVEY).items():
        kind = {} if measure_id == "spo_active" else {"dimension": "survey", "category": "stalking"}
        for grain, periods in grains.items():
            for place, period in enumerate(periods):
                figures = {"numerator": 50 + place, "value": 50 + place}
                more = {} if measure_id == "spo_active" else {"denominator": 100}
                told.append(row(measure_id, grain=grain, period=period, **kind, **figures, **more))
    return replace(release, rows=rows(*told))


def test_a_stock_is_found_by_the_shortest_periods_it_is_given_for(release: Release) -> None:
    given = coarse(release)
    item, source = measure("spo_active"), from_snapshot.source(given)
    assert from_snapshot.shortest(given, item) == "quarter"
    whole = source.whole("spo_active", Selection(until=date(2026, 9, 30)))
    assert (whole.grain, whole.since, whole.until) == ("quarter", date(2026, 4, 1), date(2026, 6, 30))
    assert source.frame("spo_active", whole)["value"].tolist() == [51]

    def on(day: date) -> list[float]:
        asked = Selection(grain=ALL, since=date(2020, 1, 1), until=day)
        return source.frame("spo_active", asked)["value"].dropna().tolist()

    assert (on(date(2026, 6, 30)), on(date(2026, 3, 31)), on(date(2026, 5, 31))) == ([51], [50], [])


def test_without_quarters_a_stock_is_that_of_financial_years(release: Release) -> None:
    given = coarse(release)
    given = replace(given, rows=given.rows[given.rows["grain"] != "quarter"])
    assert from_snapshot.shortest(given, measure("spo_active")) == "financial_year"
    block = over_time.series(
        from_snapshot.source(given),
        "spo_active",
        Selection(grain="financial_year", since=date(2019, 4, 1), until=date(2026, 9, 30)),
        says="{value} orders are in force",
    )
    assert block.title == "50 orders are in force on 31 March 2026"
    assert "number, at the end of each financial year" in block.subtitle


def test_rolling_years_that_end_with_quarters_are_told_as_such_and_compared(release: Release) -> None:
    source = from_snapshot.source(coarse(release))
    asked = Selection(since=date(2019, 4, 1), until=date(2026, 8, 31), where=(("survey", "stalking"),))
    block = over_time.rolling(source, "satisfied_overall", asked)
    assert "per cent, rolling 12 months, to the end of each quarter" in block.subtitle
    assert (
        block.title == "Satisfied with the whole experience (stalking): 53.0% in the 12 months to June 2026"
    )
    two = control_charts.difference(source, "satisfied_overall", asked)
    assert two.frame["value"].tolist() == [53, 51]
    assert (two.selection.since, two.selection.until) == (date(2024, 7, 1), date(2026, 6, 30))


@pytest.mark.slow
@pytest.mark.parametrize("name", ["internal", "external"])
def test_every_question_of_the_plan_is_answered_by_its_rows(
    name: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    built = released(tmp_path_factory).built(name)
    release = opened.release(
        next(each for each in opened.found(built.folder.parent).whole if each.folder.name == name)
    )
    source = from_snapshot.source(release)
    keys = ["measure_id", "basis", "grain", "dimension", "dimension_2"]
    parts = dict(iter(release.rows.groupby(keys, sort=False)))
    asked = 0
    for ask in contents.asks():
        basis = "fixed" if ask.item.is_fixed else ask.basis or ""
        part = parts.get((ask.item.measure_id, basis, ask.grain, ask.dimension, ask.dimension_2))
        if part is None or not ask.is_released:
            continue
        if ask.crossed:
            part = part[part["category"] == ask.crossed]
        column = "category_2" if ask.dimension_2 else "category"
        frame = source.frame(ask.item.measure_id, replace(ask.selection, grain=ask.grain))
        if part.empty:
            assert frame["marker"].tolist() == ["[x]"]
            continue
        mine = part.assign(category=part[column])[list(COLUMNS)].sort_values(["category", "period"])
        theirs = frame.sort_values(["category", "period"])
        for figure in FIGURES:
            np.testing.assert_array_equal(theirs[figure].to_numpy(float), mine[figure].to_numpy(float))
        for text in ("category", "period", "marker"):
            assert theirs[text].tolist() == mine[text].tolist()
        asked += 1
    assert asked > 300

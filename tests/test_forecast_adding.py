"""Projections of parts that add up to the whole: in every month and year, whatever the histories are."""

from datetime import date

import numpy as np
import pytest

from profiles.forecast import Draft, Projection, adding, backtest, drafted, finished
from profiles.forecast.smoothing import FORMS, Floats
from profiles.periods import first_day, month_number

BEGAN = month_number(date(2026, 10, 1))
"""Number of the first month ahead, in the midst of a financial year."""
UNTIL = date(2030, 3, 31)


def draft(values: Floats, until: date = UNTIL) -> Draft:
    """The draft of months that end with September 2026."""
    return drafted(first_day(BEGAN - len(values)), values, until)


def chance(seed: int, months: int, mean: float) -> Floats:
    """Counts by chance alone, with a season."""
    season = 1 + 0.3 * np.sin(np.arange(months) * np.pi / 6)
    return np.random.default_rng(seed).poisson(mean * season).astype(float)


def adds(found: list[Projection]) -> None:
    """Asserts that parts add up to the total, months in tenths and years whole, and lie in their limits."""
    for name, unit in (("months", 10), ("years", 1)):
        frames = [getattr(each, name) for each in found]
        units = [frame["value"].to_numpy() * unit for frame in frames]
        for each, frame in zip(units, frames, strict=True):
            assert each == pytest.approx(np.round(each), abs=1e-9)
            assert (frame["value"] >= 0).all()
            assert (frame["lower_95"] <= frame["value"]).all()
            assert (frame["value"] <= frame["upper_95"]).all()
        assert len(units[0]) > 3
        assert np.round(units[0]).tolist() == np.round(sum(units[1:])).tolist()


HISTORIES = {
    # Months of the parts, and how many before for the whole alone; their means.
    "a large force": (40, 8, 330.0, 70.0),
    "the fewest for a model": (36, 0, 20.0, 5.0),
    "a small force": (37, 12, 3.0, 0.4),
    "an empty part": (38, 4, 9.0, 0.0),
    "nothing at all": (36, 2, 0.0, 0.0),
    "scenarios": (30, 0, 12.3, 4.1),
    "scenarios under a model": (20, 20, 50.0, 9.0),
}


@pytest.mark.parametrize("name", HISTORIES)
def test_parts_add_up_in_every_month_and_year(name: str) -> None:
    months, before, large, small = HISTORIES[name]
    parts = [chance(1, months, large), chance(2, months, small)]
    total = draft(np.concatenate([chance(3, before, large + small), parts[0] + parts[1]]))
    drafts = [draft(part) for part in parts]
    assert adding.adds_up(total, drafts)
    found = adding.added_up(total, drafts)
    adds(found)
    assert {each.kind for each in found[1:]} == {each.kind for each in map(finished, drafts)}
    # The total is what it would be by itself.
    assert found[0].months.equals(finished(total).months)
    assert found[0].years.equals(finished(total).years)


def test_a_part_keeps_its_share_of_what_the_parts_would_be_by_themselves() -> None:
    # By itself 30 and 10 a month; the whole, of which more is known, 60.
    total = draft(np.full(40, 60.0))
    found = adding.added_up(total, [draft(np.full(38, 30.0)), draft(np.full(38, 10.0))])
    assert [set(each.months["value"]) for each in found] == [{60.0}, {45.0}, {15.0}]
    assert [set(each.years["value"].iloc[1:]) for each in found] == [{720.0}, {540.0}, {180.0}]
    assert [each.method for each in found[1:]] == ["seasonal naive, scaled"] * 2


def test_parts_that_are_0_share_equally() -> None:
    scaled = adding.shares(np.array([6.0, 0.0, 8.0]), [np.array([0.0, 0, 3]), np.array([0.0, 0, 1])])
    assert [each.tolist() for each in scaled] == [[3, 0, 6], [3, 0, 2]]


def test_the_back_test_of_what_is_scaled_is_made_of_what_each_form_said_at_the_same_month() -> None:
    large, small = chance(1, 36, 40.0), chance(2, 36, 9.0)
    whole = np.concatenate([chance(3, 5, 49.0), large + small])
    found = adding.added_up(draft(whole), [draft(large), draft(small)])
    said = []
    for values in (whole, large, small):
        best = backtest.chosen(backtest.trials(values))
        # The origin after 30 months of the parts, three months ahead.
        (row,) = np.flatnonzero(best.trainings == len(values) - 6)
        said.append(values[len(values) - 6 + 2] - best.errors[row, 2])
    expected = large[32] - said[0] * said[1] / (said[1] + said[2])
    trial = adding._retried(draft(whole), [draft(large), draft(small)])[0][0]
    (row,) = np.flatnonzero(trial.trainings == 30)
    assert trial.errors[row, 2] == pytest.approx(expected)
    # It is told as a method of its own, beside those that were tried by themselves.
    table = found[1].backtest
    mine = table[table["method"] == found[1].method]
    assert found[1].method.endswith(", scaled")
    assert mine["mase_shared"].mean() == pytest.approx(found[1].mase, abs=1e-4)
    assert set(table["method"]) == {form.name for form in FORMS} | {found[1].method}


def test_where_rounded_counts_do_not_add_up_the_year_begun_is_made_of_the_parts() -> None:
    large, small = np.full(24, 45.0), np.full(24, 10.0)
    found = adding.added_up(draft(np.full(24, 60.0)), [draft(large), draft(small)])
    adds(found)
    # Six months counted: 6 x (45 + 10), not 6 x 60, and six ahead of 60.
    assert found[0].years["value"].iloc[0] == 6 * 55 + 6 * 60
    assert found[0].years["lower_95"].iloc[0] == 6 * 55 + 6 * 60


def test_a_year_of_which_a_month_is_withheld_has_no_sum_and_the_others_add_up() -> None:
    large, small = np.full(24, 45.0), np.full(24, 15.0)
    withheld = large.copy()
    withheld[22] = np.nan
    found = adding.added_up(draft(np.full(24, 60.0)), [draft(withheld), draft(small)])
    assert np.isnan(found[1].years["value"].iloc[0])
    assert found[0].years["value"].iloc[0] == 720
    years = [each.years["value"].iloc[1:].to_numpy() for each in found]
    assert years[0].tolist() == (years[1] + years[2]).tolist() == [720] * 3


def test_what_is_not_projected_alike_is_not_made_to_add_up() -> None:
    model, scenario = draft(np.full(40, 9.0)), draft(np.full(20, 9.0))
    none, ended = draft(np.full(5, 9.0)), drafted(date(2023, 1, 1), np.full(40, 9.0), UNTIL)
    assert adding.adds_up(model, [model, model])
    for total, parts in (
        (model, [model, scenario]),
        (scenario, [model, model]),
        (model, [model, none]),
        (none, [none, none]),
        (model, [model, ended]),
        (model, [model, draft(np.full(40, 9.0), date(2029, 3, 31))]),
    ):
        assert not adding.adds_up(total, parts)

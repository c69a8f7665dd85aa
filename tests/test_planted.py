"""The whole made-up force: what was put into it on purpose is what the measures and the alert show."""

import numpy as np
import pytest

from profiles import measures, stats, warehouse
from profiles.blocks import alerts
from profiles.selection import Selection
from tests import force as forces
from tests import small

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def force(tmp_path_factory: pytest.TempPathFactory) -> forces.Force:
    """The force as `make run` makes it."""
    folder = tmp_path_factory.mktemp("whole")
    made = forces.Force(folder / "exports", folder / "warehouse", b"")
    forces.command("sample", "--out", made.exports)
    printed = forces.imported(made.warehouse, *sorted(made.exports.iterdir()))
    return forces.Force(made.exports, made.warehouse, printed)


def values(force: forces.Force, *asked: object) -> list[float]:
    return [float(row["value"]) for row in forces.measured(force.warehouse, *asked)]


def test_full_orders_reach_the_published_milestones(force: forces.Force) -> None:
    planted = force.truth["planted"]["full_orders_granted_by"]
    assert abs(planted["2024-11-22"] - 186) <= 2
    for day, count in planted.items():
        assert values(force, "spo_granted_to_date", "--grain", "all", "--until", day) == [count]


def test_nine_victims_in_ten_are_referred(force: forces.Force) -> None:
    [share] = values(
        force, "referral_rate", "--grain", "all", "--since", "2023-12-01", "--until", "2024-11-30"
    )
    assert 88 < share < 93


@pytest.mark.parametrize(("survey", "wanted"), [("stalking", 10), ("domestic abuse", 30)])
def test_as_many_are_surveyed_each_month_as_the_plan_says(
    force: forces.Force, survey: str, wanted: int
) -> None:
    found = values(
        force, "survey_responses", "--where", f"survey={survey}", "--since", "2025-01", "--until", "2025-12"
    )
    assert len(found) == 12
    assert all(abs(each - wanted) <= 0.2 * wanted for each in found)


def test_the_fall_in_one_district_is_signalled_there_and_hardly_seen_in_the_rolling_year(
    force: forces.Force,
) -> None:
    planted = force.truth["planted"]["district_referral_fall"]
    rows = forces.measured(
        force.warehouse, "referral_rate", "--where", f"district={planted['district']}", "--since", "2023-06"
    )
    settled = [row for row in rows if row["marker"] == ""]
    process = stats.xmr(np.array([float(row["value"]) for row in settled]))
    low = process.outside | process.shift | process.near
    signalled = {
        row["period"]
        for row, is_low in zip(settled, low, strict=True)
        if is_low and float(row["value"]) < process.centre[0]
    }
    fallen = {row["period"] for row in settled if row["period"] >= planted["from"]}
    assert len(fallen) >= planted["months"] - 1
    assert len(signalled & fallen) >= 6
    rolling = [
        float(row["value"])
        for row in forces.measured(force.warehouse, "referral_rate", "--grain", "rolling_year")
        if row["marker"] == "" and row["period"] >= "2025-12-01"
    ]
    assert max(rolling) - min(rolling) < 2


def test_the_alert_names_the_district_that_fell_since_when_and_how_sure(force: forces.Force) -> None:
    planted = force.truth["planted"]["district_referral_fall"]
    version = warehouse.current(force.warehouse)
    con = warehouse.connect(version.path)
    try:
        since, until = measures.facts_of(con).bounds("crimes", (), ("athena",))
        selection = Selection(basis="any", since=since, until=until)
        block = alerts.falls(small.source(version), "referral_rate", selection, by="district")
    finally:
        con.close()
    assert planted["district"] in block.title
    assert "95% interval" in block.sentence
    named = {row[0] for row in block.table.itertuples(index=False) if row[1] == alerts.SINCE}
    assert named == {planted["district"]}
    assert "since February 2026" in block.title

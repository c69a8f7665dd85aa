"""Refusals, and the shapes of measure that the catalogue does not use yet, by example."""

import math
from pathlib import Path
from typing import Any

import pytest

from profiles import measures, warehouse
from profiles.errors import BadSelection
from profiles.facts import facts_of
from profiles.selection import Selection
from tests.tables import asked, by_category, empty, figures, filled, loaded, only

MONTHS = """
crime_ref | recorded_date | ho_class
A         | 2023-01-03    | 8Q
B         | 2023-03-31    | 8Q
C         | 2023-04-01    | 8Q
D         | 2023-12-31    | 8Q
E         | 2024-02-29    | 8Q
"""

PLACES = """
crime_ref | recorded_date | ho_class | district | relationship
A         | 2022-05-01    | 8Q       | Dover    | stranger
B         | 2022-12-31    | 8Q       | Dover    | partner
C         | 2023-01-01    | 8Q       | Thanet   | stranger
D         | 2023-03-31    | 8Q       |          | stranger
"""


@pytest.mark.parametrize(
    ("measure_id", "chosen", "message"),
    [
        ("stalking_crime", {}, "no measure 'stalking_crime'; did you mean stalking_crimes"),
        ("stalking_crimes", {"basis": "anyy"}, "no basis 'anyy'; did you mean any"),
        ("stalking_crimes", {"grain": "monthly"}, "no grain 'monthly'; did you mean month"),
        ("stalking_crimes", {"by": "distric"}, "no breakdown 'distric'; did you mean district"),
        (
            "stalking_crimes",
            {"where": {"districts": "Dover"}},
            "no filter 'districts'; did you mean district",
        ),
        ("stalking_crimes", {"where": {"mode": "onlin"}}, "no mode 'onlin'; did you mean online"),
        ("recorded_crimes", {"by": "relationship"}, "recorded_crimes has no dimension 'relationship'"),
        ("recorded_crimes", {"where": {"mode": "online"}}, "recorded_crimes has no dimension 'mode'"),
        ("recorded_crimes", {"basis": "any"}, "has no basis to choose, not 'any'; leave the basis out"),
        ("included_only_share", {"basis": "principal"}, "has no basis to choose"),
        ("stalking_crimes", {"since": "2024-02-01", "until": "2024-01-31"}, "put the earlier day first"),
        ("stalking_crimes", {"since": "0001-01-01"}, "lies outside 1900-01-01"),
    ],
)
def test_what_is_not_known_is_refused_with_a_remedy(
    measure_id: str, chosen: dict[str, Any], message: str
) -> None:
    with pytest.raises(BadSelection) as refused:
        asked(filled(crimes=MONTHS), measure_id, **chosen)
    assert message in str(refused.value)


@pytest.mark.parametrize(
    "value", ["'; drop table marts.stalking_crimes; --", "Dover' or '1'='1", "$since", "%", "\x00", "Dover\n"]
)
def test_a_hostile_value_is_only_a_value(value: str) -> None:
    con = filled(crimes=PLACES)
    frame = asked(con, "stalking_crimes", grain="all", where={"district": value})
    assert frame["value"].tolist() == [0]
    frame = asked(con, "stalking_crimes", by="district", grain="all", where={"district": value})
    assert frame["category"].tolist() == [value]
    assert only(asked(con, "stalking_crimes", grain="all"))["value"] == 4


MARTS = {
    "spells.sql": """\
-- grain: one order
-- key: source, order_id
-- feed: spo_orders
-- dimensions: source, district
select source, order_id, district, date '2024-01-10' as begins, expiry_date as finishes
from staging.stg_spo_orders
""",
    "stalking.sql": """\
-- grain: one crime
-- key: source, crime_ref
-- feed: crimes
-- dimensions: source
select crimes.source, crime_ref, recorded_date, min(assessed_at) as first_assessed_at
from staging.stg_crimes as crimes
left join staging.stg_risk_assessments using (crime_ref)
group by all
""",
    "waits.sql": """\
-- grain: one assessment
-- key: source, crime_ref, assessed_at
-- feed: risk_assessments
-- dimensions: source, risk_grade
select source, crime_ref, assessed_at, assessed_at::date as assessed_date, risk_grade,
    length(risk_tool) as days
from staging.stg_risk_assessments
""",
}
FIXTURES = {
    "active.sql": """\
-- title: Active
-- note: a stock
-- unit: count
-- reads: spells
-- time: stock
-- numerator: spells that hold on the last day
-- bases: none
select category, periods.period, count(*) as numerator, null as denominator
from selected
inner join periods on begins <= periods.as_at and (finishes is null or periods.as_at < finishes)
group by all
""",
    "days.sql": """\
-- title: Days
-- note: a distribution
-- unit: days
-- reads: waits
-- date: assessed_date
-- shape: distribution
-- interval: quartiles
-- numerator: days
-- bases: none
select
    category,
    period,
    count(days) as count_cases,
    percentile(days, 0.5) as median,
    percentile(days, 0.25) as lower_quartile,
    percentile(days, 0.75) as upper_quartile
from selected
group by all
""",
    "active_per_wait.sql": """\
-- title: Active for every hundred waits
-- note: two marts
-- unit: per_100
-- per: 100
-- ratio: active / counted
-- numerator: spells
-- denominator: waits
-- bases: none
""",
    "counted.sql": """\
-- title: Counted
-- note: a count
-- unit: count
-- reads: waits
-- date: assessed_date
-- numerator: waits
-- bases: none
-- adds_over: time
with kept as (
    select category, period from selected
)

select category, period, count(*) as numerator, null as denominator
from kept
group by all
""",
    "assessed.sql": """\
-- title: Assessed
-- note: needs a feed that begins after that of its mart
-- unit: percent
-- reads: stalking
-- date: recorded_date
-- numerator: assessed
-- denominator: all
-- bases: none
-- needs: risk
select category, period, count(first_assessed_at) as numerator, count(*) as denominator
from selected
group by all
""",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """SQL files with the product's staging and marts and measures of the test's own."""
    (tmp_path / "staging").symlink_to(warehouse.SQL / "staging")
    for kind, files in (("marts", MARTS), ("measures", FIXTURES)):
        (tmp_path / kind).mkdir()
        for name, text in files.items():
            (tmp_path / kind / name).write_text(text, encoding="utf-8")
    return tmp_path


def test_a_stock_is_taken_on_the_last_day_that_can_be_counted(folder: Path) -> None:
    orders = """
    order_id | district | expiry_date
    O1       | Dover    | 2024-02-29
    O2       | Dover    |
    O3       | Thanet   | 2024-03-16
    """
    con = loaded(empty(), {"spo_orders": orders}, as_at="2024-03-15", sql=folder)
    frame = asked(con, "active", folder=folder, since="2024-01-01", until="2024-03-31")
    assert figures(frame) == {
        "2024-01-01": len(["O1", "O2", "O3"]),
        "2024-02-01": len(["O2", "O3"]),  # O1 ends on the last day
        "2024-03-01": len(["O2", "O3"]),  # on the 15th; on the 31st O3 would have ended
    }
    assert frame["marker"].tolist() == ["", "", "[p]"]
    frame = asked(
        con,
        "active",
        folder=folder,
        by="district",
        grain="rolling_year",
        since="2024-02-01",
        until="2024-02-29",
    )
    assert by_category(frame) == {"Dover": 1, "Thanet": 1}


WAITS = """
crime_ref | assessed_at         | risk_tool | risk_grade
A         | 2023-01-05 23:59:00 | 1         | high
B         | 2023-01-31 23:59:00 | 22        | high
C         | 2023-12-01 01:00:00 | 333       | high
D         | 2023-12-01 02:00:00 | 4444      | high
E         | 2023-12-02 02:00:00 | 55555     | medium
"""


def test_a_distribution_shows_median_quartiles_and_number_of_cases(folder: Path) -> None:
    con = loaded(empty(), {"risk_assessments": WAITS}, as_at="2023-12-31", sql=folder)
    frame = asked(con, "days", folder=folder)
    december = only(frame, period="2023-12-01")
    assert [december["value"], december["lower"], december["upper"]] == [4, (3 + 4) / 2, (4 + 5) / 2]
    assert december["denominator"] == len(["C", "D", "E"])
    assert math.isnan(december["numerator"])
    june = only(frame, period="2023-06-01")
    assert [june["denominator"], june["marker"]] == [0, "[z]"]
    assert math.isnan(june["value"])


def test_a_rolling_distribution_is_taken_over_all_cases_of_its_twelve_months(folder: Path) -> None:
    con = loaded(empty(), {"risk_assessments": WAITS}, as_at="2023-12-31", sql=folder)
    row = only(asked(con, "days", folder=folder, grain="rolling_year"), period="2023-12-01")
    assert [row["value"], row["denominator"]] == [3, 5]


def test_a_measure_with_steps_of_its_own_runs_behind_the_selection(folder: Path) -> None:
    con = loaded(empty(), {"risk_assessments": WAITS}, as_at="2023-12-31", sql=folder)
    frame = asked(con, "counted", folder=folder, by="risk_grade", grain="year")
    assert by_category(frame) == {
        "standard": 0,
        "medium": 1,
        "high": 4,
        "not recorded": 0,
    }
    row = only(asked(con, "counted", folder=folder, grain="rolling_year"), period="2023-12-01")
    assert row["value"] == 5


def test_a_ratio_of_two_marts_is_not_available_where_either_is_not(folder: Path) -> None:
    orders = """
    order_id | district | expiry_date
    O1       | Dover    |
    """
    con = loaded(empty(), {"risk_assessments": WAITS}, as_at="2023-12-31", sql=folder)
    assert set(asked(con, "active_per_wait", folder=folder)["marker"]) == {"[x]"}
    waits = WAITS.replace("2023", "2024")
    con = loaded(empty(), {"risk_assessments": waits, "spo_orders": orders}, as_at="2024-12-31", sql=folder)
    frame = asked(con, "active_per_wait", folder=folder, since="2023-12-01")
    assert frame["marker"].tolist()[:3] == ["[x]", "", "[z]"]
    assert only(frame, period="2024-12-01")["value"] == 100 * 1 / 3


def test_a_measure_begins_when_the_last_of_the_feeds_it_needs_has_begun(folder: Path) -> None:
    tables = {
        "crimes": MONTHS,
        "risk_assessments": """
        crime_ref | assessed_at         | risk_tool | risk_grade
        C         | 2023-04-20 10:00:00 | DARA      | high
        """,
    }
    con = loaded(empty(), tables, sql=folder)
    assert asked(con, "assessed", folder=folder)["period"].iloc[0] == "2023-04-01"
    frame = asked(con, "assessed", folder=folder, since="2023-03-01", until="2023-04-30")
    assert frame["marker"].tolist() == ["[x]", ""]
    days = {"since": "2023-01-01", "until": "2023-12-31"}
    whole = only(asked(con, "assessed", folder=folder, grain="year", **days))
    assert whole["marker"] == "[p]"
    assert [whole["numerator"], whole["denominator"]] == [1, len(["C", "D"])]


def test_facts_read_once_serve_every_question() -> None:
    con = filled(crimes=PLACES)
    known = facts_of(con)
    first = measures.run(con, "stalking_crimes", Selection(by="district"), facts=known)
    assert len(known.categories) == 1
    again = measures.run(con, "stalking_crimes", Selection(by="district"), facts=known)
    assert len(known.categories) == 1
    assert first.equals(again)


@pytest.mark.slow
def test_facts_of_a_published_version_are_remembered_and_of_another_are_not_taken_for_them() -> None:
    con = loaded(empty(), {"crimes": PLACES})
    assert facts_of(con) is not facts_of(con)
    warehouse.set_meta(con, version="0001-2024-12-31-aa")
    assert facts_of(con) is facts_of(con.cursor())
    before = facts_of(con)
    warehouse.set_meta(con, version="0002-2024-12-31-bb")
    assert facts_of(con) is not before


def test_the_frame_has_the_agreed_columns_in_order() -> None:
    frame = asked(filled(crimes=PLACES), "stalking_crimes")
    assert tuple(frame.columns) == measures.COLUMNS
    assert [str(frame[name].dtype) for name in ("category", "period", "marker")] == ["str"] * 3
    assert {str(frame[name].dtype) for name in measures.COLUMNS[2:7]} == {"float64"}

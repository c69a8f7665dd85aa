"""Periods and sources, by example: gaps, rolling years, part periods and what is not available."""

import math
from typing import Any

import pytest

from profiles import measures
from profiles.facts import facts_of
from profiles.selection import Selection
from tests.tables import asked, empty, figures, filled, loaded, only

pytestmark = pytest.mark.slow

MONTHS = """
crime_ref | recorded_date | ho_class
A         | 2023-01-03    | 8Q
B         | 2023-03-31    | 8Q
C         | 2023-04-01    | 8Q
D         | 2023-12-31    | 8Q
E         | 2024-02-29    | 8Q
"""


def test_an_empty_month_is_zero_and_does_not_close_up() -> None:
    frame = asked(filled(crimes=MONTHS), "stalking_crimes", since="2023-01-01", until="2023-04-30")
    assert figures(frame) == {"2023-01-01": 1, "2023-02-01": 0, "2023-03-01": 1, "2023-04-01": 1}
    assert frame["marker"].tolist() == [""] * 4


@pytest.mark.parametrize(
    ("grain", "expected"),
    [
        ("quarter", {"2023-01-01": 2, "2023-04-01": 1, "2023-07-01": 0, "2023-10-01": 1, "2024-01-01": 1}),
        ("financial_year", {"2022-04-01": 2, "2023-04-01": 3}),
        ("year", {"2023-01-01": 4, "2024-01-01": 1}),
        ("all", {"all": 5}),
    ],
)
def test_each_grain_is_labelled_with_the_first_day_of_its_periods(
    grain: str, expected: dict[str, int]
) -> None:
    assert (
        figures(asked(filled(crimes=MONTHS), "stalking_crimes", grain=grain, until="2024-03-31")) == expected
    )


def test_both_days_of_a_selection_are_included() -> None:
    con = filled(crimes=MONTHS)
    frame = asked(con, "stalking_crimes", grain="all", since="2023-03-31", until="2023-12-31")
    assert figures(frame) == {"all": len(["B", "C", "D"])}


def test_a_rolling_year_is_the_sum_of_its_twelve_months_and_reads_those_before_the_first_day() -> None:
    frame = asked(
        filled(crimes=MONTHS), "stalking_crimes", grain="rolling_year", since="2023-12-15", until="2024-03-31"
    )
    assert figures(frame) == {
        "2023-12-01": len(["A", "B", "C", "D"]),
        "2024-01-01": len(["B", "C", "D"]),
        "2024-02-01": len(["B", "C", "D", "E"]),
        "2024-03-01": len(["C", "D", "E"]),
    }
    assert frame["marker"].tolist() == [""] * 4


def test_a_rolling_share_is_twelve_numerators_over_twelve_denominators() -> None:
    con = filled(
        crimes="""
        crime_ref | recorded_date | ho_class | mode
        A         | 2023-01-03    | 8Q       | online
        B         | 2023-06-03    | 8Q       | offline
        C         | 2023-06-04    | 8Q       | offline
        D         | 2023-12-31    | 8Q       | online
        """
    )
    row = only(asked(con, "online_share", grain="rolling_year"), period="2023-12-01")
    assert row["value"] == 100 * 2 / 4


def test_a_rolling_year_needs_twelve_months_of_data() -> None:
    frame = asked(filled(crimes=MONTHS), "stalking_crimes", grain="rolling_year", until="2023-12-31")
    assert frame["marker"].tolist() == ["[x]"] * 11 + [""]
    assert math.isnan(frame["value"].iloc[10])


def test_a_part_month_is_provisional_and_keeps_its_figure() -> None:
    con = loaded(empty(), {"crimes": MONTHS}, as_at="2024-02-29")
    frame = asked(con, "stalking_crimes", since="2023-12-31", until="2024-02-15")
    assert frame["marker"].tolist() == ["[p]", "", "[p]"]
    assert frame["value"].tolist() == [len(["D"]), 0, 0]
    frame = asked(con, "stalking_crimes", grain="rolling_year", since="2024-01-01", until="2024-02-15")
    assert frame["marker"].tolist() == ["", "[p]"]


def test_the_month_of_the_newest_extract_is_provisional_unless_it_is_the_last_day() -> None:
    for as_at, marker in (("2024-02-29", ""), ("2024-03-01", "[p]")):
        con = loaded(empty(), {"crimes": MONTHS}, as_at=as_at)
        frame = asked(con, "stalking_crimes")
        assert frame["period"].iloc[0] == "2023-01-01"
        assert frame["period"].iloc[-1] == as_at[:7] + "-01"
        assert frame["marker"].tolist()[:-1] == [""] * (len(frame) - 1)
        assert frame["marker"].iloc[-1] == marker


def test_a_financial_year_the_data_begin_in_is_provisional() -> None:
    frame = asked(filled(crimes=MONTHS), "stalking_crimes", grain="financial_year", until="2024-03-31")
    assert frame["marker"].tolist() == ["[p]", ""]


def test_before_the_data_begin_and_after_they_end_a_figure_is_not_available() -> None:
    con = loaded(empty(), {"crimes": MONTHS}, as_at="2024-02-29")
    frame = asked(con, "online_share", since="2022-11-01", until="2024-04-30")
    assert frame["marker"].tolist()[:3] == ["[x]", "[x]", ""]
    assert frame["marker"].tolist()[-3:] == ["", "[x]", "[x]"]
    outside = frame[frame["marker"] == "[x]"]
    assert outside[["numerator", "denominator", "value", "lower", "upper"]].isna().all(axis=None)


@pytest.mark.parametrize("chosen", [{"since": "2031-05-06"}, {"until": "1999-05-06"}])
def test_a_selection_beside_the_data_is_one_period_not_available(chosen: dict[str, Any]) -> None:
    frame = asked(filled(crimes=MONTHS), "stalking_crimes", **chosen)
    assert frame["marker"].tolist() == ["[x]"]


def test_a_share_of_nothing_is_not_applicable() -> None:
    row = only(asked(filled(crimes=MONTHS), "online_share"), period="2023-02-01")
    assert row["marker"] == "[z]"
    assert [row["numerator"], row["denominator"]] == [0, 0]
    assert math.isnan(row["value"])
    assert math.isnan(row["upper"])


TWO_SOURCES = {
    "crimes": """
    source    | crime_ref | recorded_date | ho_class | district | mode
    athena    | A         | 2024-01-05    | 8Q       | Dover    | online
    police_uk | P         | 2023-12-01    | Drugs    | Dover    |
    police_uk | Q         | 2024-01-01    | Drugs    | Thanet   |
    """
}
LACKS = {"police_uk": ["stalking_class", "included_classifications", "mode"]}


def test_a_source_without_a_stalking_class_is_not_available_rather_than_zero() -> None:
    street = {
        "crimes": "\n".join(line for line in TWO_SOURCES["crimes"].splitlines() if "athena" not in line)
    }
    con = loaded(empty(), street, lacks=LACKS)
    for measure_id in (
        "stalking_crimes",
        "stalking_rate",
        "included_only_share",
        "included_uplift",
        "online_share",
    ):
        for by in (None, "district"):
            frame = asked(con, measure_id, by=by)
            assert set(frame["marker"]) == {"[x]"}, measure_id
            assert frame["numerator"].isna().all()
    assert asked(con, "recorded_crimes")["value"].tolist()[:2] == [1, 1]


def test_only_the_sources_that_can_carry_it_count_and_bound_the_periods() -> None:
    con = loaded(empty(), TWO_SOURCES, lacks=LACKS)
    frame = asked(con, "stalking_crimes", until="2024-01-31")
    assert figures(frame) == {"2024-01-01": 1}
    assert figures(asked(con, "recorded_crimes", until="2024-01-31")) == {"2023-12-01": 1, "2024-01-01": 2}
    row = only(asked(con, "recorded_crimes", by="source", until="2023-12-31"), category="athena")
    assert row["marker"] == "[x]"


def test_crimes_of_a_source_that_cannot_carry_it_are_in_no_denominator() -> None:
    crimes = """
    source | crime_ref | recorded_date | ho_class | mode
    athena | A         | 2024-01-05    | 8Q       | online
    niche  | B         | 2024-01-05    | 8Q       |
    niche  | C         | 2024-01-05    | 8Q       |
    """
    con = loaded(empty(), {"crimes": crimes}, lacks={"niche": ["mode"]})
    assert only(asked(con, "online_share", grain="all"))["value"] == 100 * 1 / 1
    assert only(asked(con, "stalking_crimes", grain="all"))["value"] == 3
    assert only(asked(con, "stalking_crimes", grain="all", where={"source": "niche"}))["value"] == 2
    frame = asked(con, "online_share", grain="all", where={"source": "niche"})
    assert frame["marker"].tolist() == ["[x]"]


def test_a_basis_or_breakdown_that_needs_more_is_not_available_where_that_is_lacking() -> None:
    con = loaded(empty(), TWO_SOURCES, lacks={"athena": ["included_classifications", "mode"], **LACKS})
    assert set(asked(con, "stalking_crimes", basis="included_only")["marker"]) == {"[x]"}
    assert set(asked(con, "included_uplift")["marker"]) == {"[x]"}
    assert set(asked(con, "stalking_crimes", by="mode", grain="all")["marker"]) == {"[x]"}
    assert set(asked(con, "stalking_crimes", by="typology", grain="all")["marker"]) == {"[x]"}
    assert set(asked(con, "stalking_crimes", where={"mode": "online"}, grain="all")["marker"]) == {"[x]"}
    assert only(asked(con, "stalking_crimes", basis="principal", grain="all"))["value"] == 1


def test_what_each_source_lacks_is_named() -> None:
    con = loaded(empty(), TWO_SOURCES, lacks=LACKS)
    item = measures.catalogue()["online_share"]
    assert measures.lacking(item, Selection(), facts_of(con)) == {
        "athena": (),
        "police_uk": ("stalking_class", "mode"),
    }


def test_a_breakdown_by_what_is_kept_only_since_later_shows_the_time_before_as_not_recorded() -> None:
    con = filled(
        crimes=MONTHS,
        risk_assessments="""
        crime_ref | assessed_at         | risk_tool | risk_grade
        C         | 2023-04-02 10:00:00 | DARA      | high
        """,
    )
    frame = asked(con, "stalking_crimes", by="risk_grade", since="2023-03-01", until="2023-04-30")
    assert only(frame, category="not recorded", period="2023-03-01")["value"] == len(["B"])
    assert only(frame, category="high", period="2023-04-01")["value"] == len(["C"])
    assert only(frame, category="not recorded", period="2023-04-01")["value"] == 0


def test_a_warehouse_without_records_answers_not_available() -> None:
    con = loaded(empty(), {})
    for measure_id in measures.catalogue():
        assert set(asked(con, measure_id)["marker"]) == {"[x]"}

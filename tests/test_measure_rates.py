"""Rates, published figures and breaks, by example."""

from typing import Any

import pandas as pd
import pytest

from profiles import measures
from profiles.errors import BadSelection
from tests.tables import asked, by_category, figures, filled, only

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
RESIDENTS = """
district | year | residents
Dover    | 2022 | 1000
Thanet   | 2022 | 2000
Swale    | 2022 | 4000
Dover    | 2023 | 1500
"""


@pytest.mark.slow
def test_residents_are_the_estimate_for_the_middle_of_the_period() -> None:
    con = filled(crimes=PLACES, population=RESIDENTS)
    frame = asked(
        con, "residents", by="district", grain="financial_year", since="2021-04-01", until="2024-03-31"
    )
    dover = frame[frame["category"] == "Dover"]
    assert figures(dover) == {"2021-04-01": 1000, "2022-04-01": 1000, "2023-04-01": 1500}
    assert figures(asked(con, "residents", grain="year", since="2023-01-01", until="2023-12-31")) == {
        "2023-01-01": 1500 + 2000 + 4000
    }
    rolling = asked(con, "residents", grain="rolling_year", since="2023-06-01", until="2023-07-31")
    assert figures(rolling) == {
        "2023-06-01": 1500 + 2000 + 4000,  # July 2022 to June 2023: the middle is 1 January 2023
        "2023-07-01": 1500 + 2000 + 4000,
    }
    rolling = asked(con, "residents", grain="rolling_year", since="2023-05-01", until="2023-05-31")
    assert figures(rolling) == {"2023-05-01": 1000 + 2000 + 4000}


def test_a_rate_is_crimes_over_residents_of_the_same_place() -> None:
    con = filled(crimes=PLACES, population=RESIDENTS)
    frame = asked(con, "stalking_rate", by="district", since="2022-04-01", until="2023-03-31")
    assert frame["category"].tolist() == ["Dover", "Swale", "Thanet", "not recorded"]
    assert frame["value"].tolist()[:3] == [1000 * 2 / 1000, 1000 * 0 / 4000, 1000 * 1 / 2000]
    assert only(frame, category="not recorded")["marker"] == "[z]"
    assert only(frame, category="not recorded")["numerator"] == 1
    whole = only(asked(con, "stalking_rate", since="2022-04-01", until="2023-03-31"))
    assert whole["value"] == 1000 * 4 / (1000 + 2000 + 4000)


def test_a_rate_keeps_all_residents_when_crimes_are_filtered_by_what_residents_do_not_have() -> None:
    con = filled(crimes=PLACES, population=RESIDENTS)
    days = {"since": "2022-04-01", "until": "2023-03-31"}
    chosen = {"relationship": "stranger", "district": "Dover"}
    assert only(asked(con, "stalking_rate", where=chosen, **days))["value"] == 1000 * 1 / 1000
    frame = asked(con, "stalking_rate", by="relationship", **days)
    assert only(frame, category="stranger")["value"] == 1000 * 3 / (1000 + 2000 + 4000)


@pytest.mark.slow
def test_a_place_without_residents_has_no_rate_alone_or_together_with_another() -> None:
    con = filled(crimes=PLACES.replace("Thanet", "Bexley"), population=RESIDENTS)
    days = {"since": "2022-04-01", "until": "2023-03-31"}
    alone = only(asked(con, "stalking_rate", where={"district": "Bexley"}, **days))
    assert (alone["marker"], alone["numerator"]) == ("[z]", 1)
    both = (("district", "Bexley"), ("district", "Dover"))
    together = only(asked(con, "stalking_rate", where=both, **days))
    assert (together["marker"], together["numerator"]) == ("[z]", 3)
    apart = asked(con, "stalking_rate", by="district", where=both, **days)
    assert only(apart, category="Dover")["value"] == 1000 * 2 / 1000
    assert only(apart, category="Bexley")["marker"] == "[z]"


def test_places_without_a_crime_under_the_filters_have_a_rate_of_zero() -> None:
    con = filled(crimes=PLACES, population=RESIDENTS)
    frame = asked(
        con,
        "stalking_rate",
        by="district",
        grain="year",
        until="2022-12-31",
        where={"relationship": "family"},
    )
    assert by_category(frame) == {"Dover": 0, "Swale": 0, "Thanet": 0}


def test_residents_are_not_summed_over_a_rolling_year() -> None:
    con = filled(crimes=PLACES, population=RESIDENTS)
    row = only(asked(con, "stalking_rate", grain="rolling_year"), period="2023-04-01")
    assert [row["numerator"], row["denominator"]] == [len(["A", "B", "C", "D"]), 1000 + 2000 + 4000]


@pytest.mark.slow
def test_a_rate_without_residents_is_not_available() -> None:
    frame = asked(filled(crimes=PLACES), "stalking_rate", by="district")
    assert set(frame["marker"]) == {"[x]"}


@pytest.mark.parametrize("grain", ["month", "quarter", "all"])
def test_a_rate_is_given_by_whole_years_only(grain: str) -> None:
    with pytest.raises(
        BadSelection, match=r"stalking_rate is not given by .*financial_year or year or rolling_year"
    ):
        asked(filled(crimes=PLACES, population=RESIDENTS), "stalking_rate", grain=grain)


PUBLISHED = """
series   | area | period  | period_start | period_end | basis     | value | unit     | published_by
stalking | Kent | 2019/20 | 2019-04-01   | 2020-03-31 | principal | 882   | crimes   | Newspaper
stalking | Kent | Apr-Dec | 2020-04-01   | 2020-12-31 | principal | 3228  | crimes   | Newspaper
orders   | Kent | 2019/20 | 2019-04-01   | 2020-03-31 | principal | 23    | orders   | Newspaper
hidden   | Kent | 2019/20 | 2019-04-01   | 2020-03-31 | any       | 7     | crimes   | Newspaper

series   | area | class | period   | period_start | period_end | basis     | value | unit   | published_by
stalking | Kent | 8Q    | 17/18 Q1 | 2017-04-01   | 2017-06-30 | principal | 87    | crimes | Home Office
stalking | Kent | 8Q    | 17/18 Q2 | 2017-07-01   | 2017-09-30 | principal | 90    | crimes | Home Office
stalking | Kent | 8Q    | 17/18 Q3 | 2017-10-01   | 2017-12-31 | principal | 99    | crimes | Home Office
stalking | Kent | 8Q    | 17/18 Q4 | 2018-01-01   | 2018-03-31 | principal | 119   | crimes | Home Office
stalking | Kent | 8Q    | 18/19 Q1 | 2018-04-01   | 2018-06-30 | principal | 130   | crimes | Home Office
stalking | Kent | 8Q    | 18/19 Q2 | 2018-07-01   | 2018-09-30 | principal | 131   | crimes | Home Office
stalking | Kent | 8Q    | 18/19 Q3 | 2018-10-01   | 2018-12-31 | principal | 132   | crimes | Home Office
"""
NEWSPAPER, HOME_OFFICE = "Kent: stalking (Newspaper)", "Kent: stalking, 8Q (Home Office)"


def published(**chosen: Any) -> pd.DataFrame:
    days = {"since": "2017-04-01", "until": "2021-03-31"}
    return asked(filled(crimes=MONTHS, comparators=PUBLISHED), "published_crimes", **(days | chosen))


@pytest.mark.slow
def test_a_published_year_is_that_exact_year_or_four_quarters_of_one_publisher() -> None:
    frame = published(by="comparator", grain="financial_year")
    assert set(frame["category"]) == {HOME_OFFICE, NEWSPAPER}
    whole = frame[frame["marker"] == ""]
    assert set(zip(whole["category"], whole["period"], whole["value"], strict=True)) == {
        (HOME_OFFICE, "2017-04-01", 87 + 90 + 99 + 119),
        (NEWSPAPER, "2019-04-01", 882),
    }
    assert set(frame[frame["marker"] != ""]["marker"]) == {"[x]"}


def test_nine_months_are_shown_neither_as_a_year_nor_as_quarters() -> None:
    for grain in ("financial_year", "year", "rolling_year", "quarter"):
        frame = published(by="comparator", grain=grain, where={"comparator": NEWSPAPER}, since="2020-04-01")
        assert set(frame["marker"]) == {"[x]"}, grain


def test_four_published_quarters_make_any_twelve_months() -> None:
    calendar = published(by="comparator", grain="year")
    assert calendar[calendar["marker"] == ""]["period"].tolist() == ["2018-01-01"]
    assert only(calendar, period="2018-01-01")["value"] == 119 + 130 + 131 + 132
    rolling = published(by="comparator", grain="rolling_year", where={"published_by": "Home Office"})
    assert rolling[rolling["marker"] == ""]["period"].tolist() == [
        "2018-03-01",
        "2018-06-01",
        "2018-09-01",
        "2018-12-01",
    ]


def test_published_series_are_never_pooled() -> None:
    assert set(published()["marker"]) == {"[z]"}
    assert set(published(where={"area": "Kent"})["marker"]) == {"[z]"}
    assert set(published(by="area")["category"]) == {HOME_OFFICE, NEWSPAPER}
    assert set(published(by="published_by")["category"]) == {"Home Office", "Newspaper"}
    row = only(published(where={"comparator": NEWSPAPER}), period="2019-04-01")
    assert [row["category"], row["value"]] == ["all", 882]


def test_published_figures_are_principal_only() -> None:
    with pytest.raises(BadSelection, match="published_crimes has the bases principal"):
        published(basis="any", by="comparator")


BREAKS = """
date       | effect   | applies_to              | title
2018-04-01 | rebase   | principal               | Recorded in addition
2020-01-20 | annotate | orders                  | Orders begin
2020-04-01 | rebase   | all                     | Former partners
2023-06-01 | rebase   | principal; included_only | One principal crime
"""


@pytest.mark.slow
@pytest.mark.parametrize(
    ("measure_id", "basis", "titles"),
    [
        ("stalking_crimes", "any", ["Former partners"]),
        ("stalking_crimes", None, ["Former partners"]),
        ("stalking_crimes", "principal", ["Recorded in addition", "Former partners", "One principal crime"]),
        ("stalking_crimes", "included_only", ["Former partners", "One principal crime"]),
        ("included_only_share", None, ["Recorded in addition", "Former partners", "One principal crime"]),
        ("with_included_share", None, ["One principal crime"]),
        ("recorded_crimes", None, []),
    ],
)
def test_a_measure_takes_the_breaks_of_its_bases(
    measure_id: str, basis: str | None, titles: list[str]
) -> None:
    found = measures.breaks_for(filled(breaks=BREAKS), measure_id, basis)
    assert found["title"].tolist() == titles

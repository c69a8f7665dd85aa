"""Titles and sentences: what is said is what the frame holds, and no more than its interval allows."""

import math
from datetime import date

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from profiles import stats, words
from profiles.charts import claims
from profiles.frames import Break
from profiles.periods import first_day
from tests.test_chart_bars import CROSSED, HIDDEN, RATES, WHOLE
from tests.test_chart_grids import MISSING, ONE, OTHER


def months(values: list[float], last: int = 2026 * 12 + 8, **marked: str) -> pd.DataFrame:
    """A frame of a count by month that ends with the month of that number, September 2026 unless told."""
    periods = [first_day(last - len(values) + 1 + place).isoformat() for place in range(len(values))]
    rows = pd.DataFrame({"category": "all", "period": periods, "numerator": values, "denominator": math.nan})
    rows = rows.assign(value=values, lower=math.nan, upper=math.nan, marker="")
    for period, marker in marked.items():
        rows.loc[rows["period"] == period[1:].replace("_", "-"), "marker"] = marker
    return rows


def test_the_last_whole_month_is_compared_with_the_same_month_a_year_before() -> None:
    change = claims.changed_month(months([100.0] + [7.0] * 11 + [150.0]), [])
    assert change
    assert (change.after, change.before, change.percent) == (150, 100, 50)
    lower, upper = stats.odds(150, 100)
    assert (change.lower, change.upper) == pytest.approx((100 * lower - 100, 100 * upper - 100))
    assert change.claim == "September 2026: 50% above September 2025"
    assert change.detail == "150 against 100; 50% above, 95% interval 17% above to 93% above"


def test_a_difference_that_may_be_chance_is_not_claimed() -> None:
    change = claims.changed_month(months([100.0] + [7.0] * 11 + [110.0]), [])
    assert change
    assert not change.is_clear
    assert change.claim == "September 2026: no clear change from September 2025"
    assert change.detail == "110 against 100; 10% above, 95% interval 16% below to 44% above"


def test_a_part_month_is_passed_over() -> None:
    change = claims.changed_month(months([80.0, 100.0] + [7.0] * 10 + [40.0, 3.0], _2026_09_01="[p]"), [])
    assert change
    assert (change.after, change.before) == (40, 80)
    assert change.claim == "August 2026: 50% below August 2025"


def test_the_last_twelve_whole_months_are_compared_with_the_twelve_before() -> None:
    change = claims.changed_year(months([1000.0] + [10.0] * 12 + [20.0] * 12 + [1.0], _2026_09_01="[p]"), [])
    assert change
    assert (change.after, change.before) == (240, 120)
    assert change.claim == "the last 12 months: 100% above the 12 before"
    same = claims.changed_year(months([10.0] * 24), [])
    assert same
    assert same.claim == "the last 12 months: no clear change from the 12 before"
    assert same.detail.startswith("120 against 120; no change, 95% interval")


def test_categories_of_one_month_are_added() -> None:
    both = pd.concat([months([10.0] * 13), months([30.0] * 13).assign(category="other")])
    change = claims.changed_month(both, [])
    assert change
    assert (change.after, change.before) == (40, 40)


@pytest.mark.parametrize(
    ("day", "month", "year"),
    [
        # Before the first month compared, at its beginning, and within.
        (date(2025, 8, 31), True, False),
        (date(2025, 9, 1), True, False),
        (date(2025, 9, 2), False, False),
        (date(2026, 9, 30), False, False),
        (date(2026, 10, 1), True, True),
        (date(2024, 10, 1), True, True),
        (date(2024, 10, 2), True, False),
    ],
)
def test_nothing_is_compared_across_a_rebase(day: date, month: bool, year: bool) -> None:
    frame, cut = months([10.0] * 30), [Break(day, True, "rules", "")]
    assert (claims.changed_month(frame, cut) is not None) == month
    assert (claims.changed_year(frame, cut) is not None) == year
    event = [Break(day, False, "event", "")]
    assert claims.changed_month(frame, event)
    assert claims.changed_year(frame, event)


def test_what_is_not_whole_or_not_there_is_not_compared() -> None:
    assert claims.changed_month(months([10.0] * 12), []) is None
    assert claims.changed_year(months([10.0] * 23), []) is None
    assert claims.changed_month(months([10.0] * 13, _2025_09_01="[x]"), []) is None
    assert claims.changed_year(months([10.0] * 24, _2025_03_01="[x]"), []) is None
    assert claims.changed_year(months([10.0] * 24).drop(index=7), []) is None
    assert claims.changed_month(months([1.0], _2026_09_01="[p]"), []) is None


def test_nothing_before_gives_no_per_cent() -> None:
    change = claims.changed_month(months([0.0] + [1.0] * 11 + [12.0]), [])
    assert change
    assert math.isnan(change.percent)
    assert not change.is_clear
    assert change.detail == "12 against 0"
    gone = claims.changed_month(months([12.0] + [1.0] * 11 + [0.0]), [])
    assert gone
    assert gone.claim == "September 2026: 100% below September 2025"


@pytest.mark.parametrize(
    ("value", "told"),
    [
        (0, "no change"),
        (0.6, "under 1% above"),
        (-0.2, "under 1% below"),
        (-7.6, "8% below"),
        (1234, "1,234% above"),
        (math.nan, ""),
    ],
)
def test_a_difference_in_words(value: float, told: str) -> None:
    assert words.difference(value) == told


@pytest.mark.parametrize(
    ("value", "told"),
    [
        (0, "0%"),
        (0.5, "under 1%"),
        (1, "1%"),
        (98.6, "99%"),
        (99.6, "over 99%"),
        (100, "100%"),
        (math.nan, ""),
    ],
)
def test_a_share_where_room_is_short(value: float, told: str) -> None:
    assert words.whole_percent(value) == told


def test_a_ranking_is_titled_by_its_highest_category() -> None:
    says = "{name} hides most: {share} of hidden crimes, {value} ({lower} to {upper})"
    frame = HIDDEN.assign(share=[53.6, 35.7, math.nan, 8.9, 1.8])
    assert (
        claims.ranking(frame, "count", says)
        == "Threats to kill hides most: 53.6% of hidden crimes, 30 (20 to 43)"
    )
    rates = claims.ranking(RATES, "per_1000", "{name}: {value}, {numerator} of {denominator}")
    assert rates == "Thanet: 3.10, 440 of 141,922"


def test_two_may_share_the_first_place_but_not_three_and_not_recorded_never_has_it() -> None:
    def titled(**values: float) -> str:
        rows = pd.concat(
            [HIDDEN.iloc[[0]].assign(category=name.replace("_", " "), value=n) for name, n in values.items()]
        )
        return claims.ranking(rows, "count", "{name}")

    assert titled(a=2, b=2, c=1) == "A and B"
    assert titled(a=2, b=2, c=2) == ""
    assert titled(not_recorded=9, a=1) == "A; not recorded is higher"
    assert titled(not_recorded=1, a=1) == "A"
    assert titled(a=0) == ""
    assert titled(a=math.nan) == ""


def test_no_superlative_is_claimed_over_what_is_withheld() -> None:
    names = ["ex-partner", "stranger", "family"]
    hidden = pd.DataFrame(
        [
            {"category": name, "value": value, "share": share, "marker": marker}
            for name, value, share, marker in zip(
                names, [30.0, 10.0, math.nan], [40.0, 13.3, math.nan], ["", "", "[c]"], strict=True
            )
        ]
    ).assign(period="all", numerator=math.nan, denominator=math.nan, lower=1.0, upper=50.0)
    assert claims.ranking(hidden, "count", "{name}") == ""
    assert claims.largest(hidden) == (
        "1 of 3 groups is withheld; of the others the largest is ex-partner: 40.0% of crimes"
    )
    assert claims.ranking_sentence(hidden, "count").startswith("Of those shown, highest Ex-partner 30")
    # What is more than half of all is the largest, whatever is withheld.
    most = hidden.assign(share=[75.0, 25.0, math.nan])
    assert claims.ranking(most, "count", "{name}: {share}") == "Ex-partner: 75.0%"
    assert claims.largest(most) == "Ex-partner is the largest group: 75.0% of crimes"
    # Not available is no secret: it has no figure that could be larger.
    assert claims.ranking(hidden.assign(marker=["", "", "[x]"]), "count", "{name}") == "Ex-partner"


def test_a_course_with_a_withheld_month_tells_the_ends_of_what_is_shown() -> None:
    frame = months([10, 20, 30, 25])
    assert claims.over_time(frame, "count", "month").count("of those shown") == 0
    frame.loc[1, "value"], frame.loc[1, "marker"] = math.nan, "[c]"
    assert "; of those shown, lowest 10 in" in claims.over_time(frame, "count", "month")


def test_the_sentence_of_a_ranking_tells_ends_not_recorded_the_whole_and_what_is_missing() -> None:
    assert claims.ranking_sentence(RATES, "per_1000", WHOLE) == (
        "Highest Thanet 3.10 (95% interval 2.82 to 3.40); Dover 3.06 (95% interval 2.76 to 3.40). "
        "Not recorded: 1.33 (95% interval 0.69 to 2.33). Kent: 3.08 (95% interval 2.87 to 3.30). "
        "No figure for Bexley [z]."
    )
    names = [f"d{number}" for number in range(9)]
    many = RATES.iloc[[0] * 9].assign(category=names, value=[float(n) for n in range(9)], lower=math.nan)
    told = "Highest D8 8.00; D7 7.00; D6 6.00; 5 between; lowest D0 0.00."
    assert claims.ranking_sentence(many, "per_1000") == told
    alike = many.assign(value=[0.0, *many["value"].tolist()[:-1]])
    assert claims.ranking_sentence(alike, "per_1000").endswith("; lowest D1 0.00, and 1 more alike.")
    assert claims.ranking_sentence(RATES.iloc[[2]], "per_1000").startswith("There is no figure to show: [z]")


def crossed(**parts: tuple[float, float]) -> pd.DataFrame:
    """Rows of groups, each with so many crimes online and so many offline."""
    lines = [
        {"within": name.replace("_", " "), "category": mode, "value": float(value), "marker": ""}
        for name, both in parts.items()
        for mode, value in zip(("online", "offline"), both, strict=True)
    ]
    frame = pd.DataFrame(lines).assign(period="all", numerator=math.nan, denominator=math.nan)
    return frame.assign(lower=math.nan, upper=math.nan)


def test_a_crossing_is_titled_by_the_row_with_the_largest_share_of_a_category() -> None:
    says = "largest share offline: {name}, {share}, {count} of {whole}"
    # Of the 16 crimes or more by strangers the total is withheld: their share could be larger.
    assert claims.crossing(CROSSED, "offline", says) == ""
    told = "Largest share offline: ex-partner, 61.0%, 61 of 100"
    assert claims.crossing(crossed(ex_partner=(39, 61), family=(20, 20)), "offline", says) == (
        told.replace("ex-partner", "ex partner")
    )
    # Groups of few are passed over, and that is said; with one left there is nothing to compare.
    few = crossed(a=(39, 61), b=(20, 20), c=(1, 28))
    assert claims.crossing(few, "offline", says).endswith("61 of 100 (groups of 30 crimes or more)")
    assert claims.crossing(crossed(a=(39, 61), c=(1, 28)), "offline", says) == ""
    assert claims.crossing(crossed(a=(39, 61), b=(78, 122)), "offline", says) == ""
    assert claims.crossing(CROSSED, "both", says) == ""


def test_the_sentence_of_a_crossing_tells_total_and_largest_part_of_each_row() -> None:
    assert (
        claims.crossing_sentence(CROSSED)
        == "Ex-partner 100, mostly offline (61.0%); Stranger [c]; Family none."
    )
    half = CROSSED.iloc[:3].assign(value=[50, 30, 20])
    assert claims.crossing_sentence(half) == "Ex-partner 100, most often online (50.0%)."
    assert claims.crossing_sentence(crossed(a=(50, 50), b=(1, 0))) == (
        "A 100, most often online and offline (50.0% each); B 1, mostly online (1)."
    )


# ---- superlatives, held against the table


def shares_of(values: dict[str, float | None]) -> pd.DataFrame:
    """A frame of counts and their shares; None is withheld."""
    whole = sum(value or 3 for value in values.values())
    lines = [
        {
            "category": name,
            "value": math.nan if value is None else value,
            "marker": "[c]" if value is None else "",
        }
        for name, value in values.items()
    ]
    frame = pd.DataFrame(lines).assign(period="all", numerator=math.nan, denominator=math.nan)
    return frame.assign(lower=math.nan, upper=math.nan, share=100 * frame["value"] / whole)


NUMBERS = st.dictionaries(
    st.sampled_from(["a", "b", "c", "not recorded"]),
    st.one_of(st.none(), st.sampled_from([0.0, 5.0, 6.0, 40.0])),
    min_size=1,
)


@given(NUMBERS)
def test_what_is_called_highest_is_highest_in_its_table(values: dict[str, float | None]) -> None:
    found = claims.highest(shares_of(values), ["not recorded"])
    named = {name: value for name, value in values.items() if name != "not recorded" and value}
    if found is None:
        assert not named
        return
    most = max(value for value in named.values() if value)
    assert {row.category for row in found.first} == {name for name, value in named.items() if value == most}
    assert found.above == tuple(name for name in ["not recorded"] if (values.get(name) or 0) > most)
    whole = sum(value or 3 for value in values.values())
    assert found.whole == pytest.approx(whole)
    # Whatever stands behind what is withheld, it is no higher where the claim is certain.
    hidden = [name for name, value in values.items() if value is None]
    assert found.hidden == len(hidden)
    assert found.is_certain == (not hidden or most > whole / 2)


@given(NUMBERS)
def test_a_title_names_every_category_that_shares_the_first_place_and_says_what_is_higher(
    values: dict[str, float | None],
) -> None:
    frame = shares_of(values)
    found = claims.highest(frame, ["not recorded"])
    for title in (
        claims.largest(frame, ["not recorded"]),
        claims.ranking(frame, "count", "{name}: {share} of x"),
    ):
        if not title:
            assert found is None or not found.is_certain or len(found.first) > 2
            continue
        assert found is not None
        names = words.listed(row.category for row in found.first)
        assert names in title or words.name(names) in title or names.upper() in title.upper()
        assert (" each" in title) == (len(found.first) > 1)
        assert ("not recorded is" in title) == (
            bool(found.above) and (found.is_certain or "withheld" not in title)
        )
        assert ("%" in title) == (found.whole >= claims.LOW_BASE)


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({"a": 5.0, "b": 40.0}, "B is the largest group: 88.9% of crimes"),
        ({"a": 40.0, "b": 40.0}, "A and b are the largest groups: 50.0% of crimes each"),
        ({"a": 1.0}, "A is the largest group: 1 of 1 crimes"),
        ({"a": 5.0, "not recorded": 40.0}, "A is the largest group: 11.1% of crimes; not recorded is larger"),
    ],
)
def test_the_largest_in_words(values: dict[str, float | None], told: str) -> None:
    assert claims.largest(shares_of(values), ["not recorded"]) == told


def test_types_of_few_crimes_are_numbers() -> None:
    frame = shares_of({"online": 100.0, "domestic": 50.0}).assign(numerator=[2.0, 1.0], denominator=2.0)
    said = {"online": "online", "domestic": "domestic"}
    assert claims.ranked_types(frame, said) == "Of 2 crimes: 2 online and 1 domestic"
    assert claims.ranked_types(frame.assign(denominator=200.0), said) == (
        "100.0% of stalking is online and 50.0% domestic"
    )


@pytest.mark.parametrize(
    ("limits", "unit", "told"),
    [
        ((0.02, 0.31), "percent", "under 0.1% to 0.3%"),
        ((0.0, 0.31), "percent", "0.0% to 0.3%"),
        ((99.1, 99.97), "percent", "99.1% to over 99.9%"),
        ((0.001, 0.4), "per_1000", "under 0.01 to 0.40"),
        ((0.0, 100.0), "percent", "0.0% to 100.0%"),
    ],
)
def test_limits_that_are_not_zero_are_not_called_zero(
    limits: tuple[float, float], unit: str, told: str
) -> None:
    assert words.interval(*limits, unit) == told


def test_the_sentence_of_a_grid_tells_last_highest_and_how_much_is_missing() -> None:
    assert claims.grid_sentence(MISSING, "percent", "month") == (
        "Mode: 40.0% in March 2024; highest 40.0% in March 2024. "
        "Relationship: 0.0% in April 2024; highest 0.0% in April 2024; no figure for 2 of 3 periods. "
        "Motive: 6.0% in March 2024; highest 6.0% in March 2024; no figure for 2 of 3 periods."
    )
    assert claims.grid_sentence(MISSING.iloc[[3, 4]], "percent", "month").startswith("There is no figure")


def test_the_sentence_of_panels_names_each_title() -> None:
    told = claims.panel_sentence({"In Kent": ONE, "In England": OTHER}, "count", "financial_year")
    assert told == (
        "In Kent: 100 in 2021/22, 140 in 2025/26; no figure for 2023/24; "
        "of those shown, lowest 100 in 2021/22, highest 140 in 2025/26. "
        "In England: 9,000 in 2021/22, 9,100 in 2022/23; lowest 9,000 in 2021/22, highest 9,100 in 2022/23."
    )


@pytest.mark.parametrize(
    ("grain", "labels", "is_stock", "told"),
    [
        ("quarter", ("2026-01-01", "2026-04-01"), False, "each quarter"),
        ("quarter", ("2026-01-01", "2026-04-01"), True, "at the end of each quarter"),
        ("all", ("all",), True, "whole period"),
        ("rolling_year", ("2026-02-01", "2026-03-01"), False, "rolling 12 months"),
        ("rolling_year", ("2026-03-01",), False, "rolling 12 months"),
        (
            "rolling_year",
            ("2026-03-01", "2026-06-01"),
            False,
            "rolling 12 months, to the end of each quarter",
        ),
    ],
)
def test_the_periods_of_a_series_in_words(
    grain: str, labels: tuple[str, ...], is_stock: bool, told: str
) -> None:
    assert words.every(grain, labels, is_stock=is_stock) == told


@pytest.mark.parametrize(
    ("label", "grain", "told"),
    [
        ("2026-09-01", "month", "Sep 2026"),
        ("2026-09-01", "rolling_year", "year to Sep 2026"),
        ("2026-04-01", "quarter", "Apr to Jun 2026"),
        ("2025-04-01", "financial_year", "2025/26"),
        ("2025-01-01", "year", "2025"),
        ("all", "all", "Whole period"),
    ],
)
def test_periods_where_room_is_short(label: str, grain: str, told: str) -> None:
    assert words.short_period(label, grain) == told


def test_a_marker_says_what_it_means() -> None:
    assert words.marker("[z]") == "[z] not applicable: there is nothing to divide by"
    assert words.marker("") == ""


def test_periods_that_the_data_leave_out_between_others_are_named_or_counted() -> None:
    labels = [f"2024-{month:02d}-01" for month in range(1, 10)]

    def told(lost: set[int], marker: str = "[x]") -> str:
        values = [float("nan") if place in lost else 5.0 for place in range(9)]
        frame = ONE.iloc[:1].loc[[0] * 9].reset_index(drop=True)
        marks = [marker if place in lost else "" for place in range(9)]
        return claims.left_out(frame.assign(period=labels, value=values, marker=marks), "month")

    assert told(set()) == ""
    assert told({0, 8}) == ""  # before the data, or not old enough
    assert told({2}) == "March 2024 is"
    assert told({2, 3, 5}) == "March 2024, April 2024 and June 2024 are"
    assert told({1, 2, 3, 5}) == "4 periods are"
    assert told({2}, "[c]") == ""
    assert told(set(range(9))) == ""


def test_a_sentence_names_what_the_data_leave_out_between_and_at_the_end() -> None:
    def told(lost: set[int], grain: str = "month", count: int = 6) -> str:
        frame = months([5.0 + place for place in range(count)], last=2024 * 12 + count - 1)
        values = [math.nan if place in lost else 5.0 + place for place in range(count)]
        marks = ["[x]" if place in lost else "" for place in range(count)]
        return claims.over_time(frame.assign(value=values, marker=marks), "count", grain)

    assert told({4, 5}, "rolling_year") == (
        "5 in the year to January 2024, 8 in the year to April 2024; "
        "no figure for the year to May 2024 and the year to June 2024; "
        "of those shown, lowest 5 in the year to January 2024, highest 8 in the year to April 2024."
    )
    assert "; no figure for March 2024 and June 2024; of those shown" in told({2, 5})
    assert "; no figure for 4 periods at the end; of those shown" in told({4, 5, 6, 7}, count=8)
    assert told({1, 2, 3, 4, 5}) == "5 in January 2024; no figure for 5 periods at the end."
    # Periods that share the lowest or the highest are all named, or counted.
    shared = claims.over_time(months([3.0, 1.0, 1.0, 3.0, 3.0, 3.0]), "count", "month")
    assert shared.endswith("lowest 1 in May 2026 and June 2026, highest 3 in April 2026 and 3 more.")
    # Of equal figures none is the lowest or the highest.
    same = months([1.0, 1.0, 1.0])
    assert claims.over_time(same, "days", "month").endswith("1 in September 2026; all are 1.")
    # Where a series begins is told by its first figure.
    assert "no figure" not in told({0})

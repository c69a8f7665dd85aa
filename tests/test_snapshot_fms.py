"""The force management statement: the months a projection rests on, the years that are shown, the words."""

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from typing import Any

import pandas as pd
import pytest

from profiles import measures, warehouse, words
from profiles.catalogue import catalogue, measure
from profiles.forecast import Projection, projection
from profiles.frames import breaks as frame_breaks
from profiles.periods import first_day, month_number
from profiles.snapshot import contents
from profiles.snapshot.files import Stamp, Table, checked, csv_bytes
from profiles.snapshot.fms import FIELDS, FMS_MEASURES, fms
from profiles.snapshot.forecasts import (
    PARTS,
    PROJECTED,
    TOTAL,
    add_up,
    begun_marker,
    forecast_table,
    history,
    projected,
    projected_until,
    year_begun,
)
from profiles.snapshot.series import applying, bases_of
from profiles.snapshot.steps import BLANKS, fms_steps
from tests import small, small_force
from tests.snapshot_rows import row, rows
from tests.tables import filled

STAMP = Stamp("2026-09-30", "OFFICIAL-SENSITIVE", "SYNTHETIC", "0.1.0", "0001", "internal")

DOMAIN = (
    *("fms_section", "crime_area", "measure_id", "measure_name", "unit", "basis", "financial_year"),
    *("period_type", "value", "lower", "upper", "method", "series_break", "suppressed"),
    *("source_extract_date", "generated_at", "version", "notes"),
)
"""The columns that docs and the inspectorate's readers are told of."""

BREAKS = pd.DataFrame(
    [
        ("2020-04-01", "rebase", "all", "Former partners presumed stalking"),
        ("2023-06-01", "rebase", "principal;included_only", "One principal crime again"),
        ("2024-11-01", "annotate", "all", "Screening tool"),
    ],
    columns=["break_date", "effect", "applies_to", "title"],
).assign(explanation="", published_by="ONS", verified="yes")


def months(
    first: str, values: Iterable[float], markers: Mapping[int, str] | None = None, **cells: Any
) -> list[dict[str, Any]]:
    """Months of stalking crimes in a row; a marker other than [p] takes the figure with it."""
    start = month_number(date.fromisoformat(first))
    return [
        figure(value, (markers or {}).get(place, ""), period=first_day(start + place).isoformat(), **cells)
        for place, value in enumerate(values)
    ]


def figure(value: float, marker: str = "", **cells: Any) -> dict[str, Any]:
    if marker in ("[c]", "[x]"):
        value = math.nan
    usual = {"numerator": value, "value": value, "lower": value - 1, "upper": value + 1, "marker": marker}
    return row("stalking_crimes", **(usual | cells))


def years(values: Mapping[int, float], markers: Any = None, **cells: Any) -> list[dict[str, Any]]:
    """Financial years of stalking crimes, by the year in which they begin."""
    return [
        figure(value, (markers or {}).get(year, ""), period=f"{year}-04-01", grain="financial_year", **cells)
        for year, value in values.items()
    ]


def table(*given: Mapping[str, Any], projections: Any = None, as_at: str = "2026-09-30") -> Table:
    stamp = Stamp(as_at, *list(vars(STAMP).values())[1:])
    return checked(fms(rows(*given), projections or {}, BREAKS, stamp))


def told(found: Table, *columns: str, **cells: str) -> list[tuple[Any, ...]]:
    frame = found.frame
    for name, text in cells.items():
        frame = frame[frame[name] == text]
    return list(frame[list(columns)].itertuples(index=False, name=None))


# --- the months that a projection rests on ---


def test_a_history_begins_with_the_month_of_a_rebase_on_its_first_day_and_after_one_within() -> None:
    given = rows(*months("2023-04-01", [1, 2, 3, 4]))
    principal = rows(*months("2023-04-01", [1, 2, 3, 4], basis="principal"))
    within = BREAKS.assign(break_date=BREAKS["break_date"].replace("2023-06-01", "2023-06-02"))
    assert history(given, BREAKS, "stalking_crimes", "any") == (date(2023, 4, 1), (1, 2, 3, 4))
    assert history(principal, BREAKS, "stalking_crimes", "principal") == (date(2023, 6, 1), (3, 4))
    assert history(principal, within, "stalking_crimes", "principal") == (date(2023, 7, 1), (4,))


def test_a_history_leaves_out_what_is_provisional_or_not_available_and_keeps_the_place_of_the_hidden() -> (
    None
):
    markers = {0: "[x]", 1: "[p]", 3: "[c]", 5: "[p]"}
    first, values = history(
        rows(*months("2024-01-01", [9, 9, 5, 9, 7, 9], markers)), BREAKS, "stalking_crimes", "any"
    )
    assert first == date(2024, 3, 1)
    assert values[0] == 5
    assert math.isnan(values[1])
    assert values[2:] == (7,)


def test_a_hidden_month_that_is_not_over_or_not_settled_is_no_part_of_a_history() -> None:
    given = rows(*months("2024-01-01", [5, 6, 7], {2: "[c]"}))
    assert len(history(given, BREAKS, "stalking_crimes", "any", "2024-03-31")[1]) == 3
    assert history(given, BREAKS, "stalking_crimes", "any", "2024-03-30")[1] == (5, 6)
    # Referrals settle 28 days after the month: on 27 March February may still change, a day later it may not.
    referred = given.assign(measure_id="referral_rate")
    assert len(history(referred, BREAKS, "referral_rate", "any", "2024-03-27")[1]) == 1
    assert len(history(referred, BREAKS, "referral_rate", "any", "2024-03-28")[1]) == 2


def test_a_series_of_no_settled_month_has_an_empty_history_and_so_has_one_that_is_not_there() -> None:
    given = rows(*months("2024-01-01", [5, 6], {0: "[x]", 1: "[x]"}))
    assert history(given, BREAKS, "stalking_crimes", "any") == (date(2024, 1, 1), ())
    assert history(given, BREAKS, "stalking_victims", "any", "2024-02-29") == (date(2024, 3, 1), ())


@pytest.mark.slow
def test_breaks_apply_to_a_series_as_they_do_on_the_pages() -> None:
    con = filled(**small_force.TABLES)
    every = con.execute("select * exclude (source) from marts.breaks order by break_date, title").df()
    for name, item in catalogue().items():
        for basis in bases_of(item):
            asked = basis if item.bases else None
            expected = frame_breaks(measures.breaks_for(con, name, asked))
            assert applying(every, item, basis) == expected, (name, basis)


# --- the years that are shown ---


@pytest.mark.parametrize(
    ("as_at", "begun", "until"),
    [
        (date(2026, 3, 30), date(2025, 4, 1), date(2029, 3, 31)),
        (date(2026, 3, 31), date(2026, 4, 1), date(2030, 3, 31)),
        (date(2026, 4, 1), date(2026, 4, 1), date(2030, 3, 31)),
    ],
)
def test_four_years_are_projected_with_the_one_that_is_not_over(
    as_at: date, begun: date, until: date
) -> None:
    assert (year_begun(as_at), projected_until(as_at)) == (begun, until)


def test_the_columns_are_those_that_the_statement_asks_for() -> None:
    assert [field.name for field in FIELDS] == list(DOMAIN)


def test_every_series_of_the_statement_is_one_that_a_snapshot_holds() -> None:
    asked = {
        (ask.item.measure_id, "fixed" if ask.item.is_fixed else ask.basis or "", ask.grain)
        for ask in contents.asks()
    }
    for line in FMS_MEASURES:
        assert (line.measure_id, line.basis, "financial_year") in asked
    for name, basis in PROJECTED:
        assert (name, basis, "month") in asked
        item = measure(name)
        assert item.is_count
        assert item.time == "flow"
        assert "time" in item.adds_over
        assert (name, basis) in {(line.measure_id, line.basis) for line in FMS_MEASURES}


def test_the_last_five_whole_years_are_shown_and_the_year_begun_apart() -> None:
    given = {year: float(year) for year in range(2020, 2027)}
    found = table(*years(given, {2026: "[p]"}))
    assert told(found, "financial_year", "period_type", "value") == [
        *((f"{year}/{year - 1999}", "actual", float(year)) for year in range(2021, 2026)),
        ("2026/27", "part_year", 2026.0),
    ]
    assert "April 2026 to September 2026" in found.frame["notes"].iloc[-1]


def test_no_year_is_shown_that_begins_before_the_last_rebase_of_every_series() -> None:
    found = table(*years({2019: 1.0, 2020: 2.0, 2021: 3.0}))
    assert told(found, "financial_year") == [("2020/21",), ("2021/22",)]


def test_a_year_that_the_data_hold_in_part_is_no_actual_and_one_that_is_not_settled_is() -> None:
    given = {2024: 10.0, 2025: 20.0}
    found = table(*years(given, {2024: "[p]"}))
    assert told(found, "financial_year", "period_type") == [("2024/25", "part_year"), ("2025/26", "actual")]
    assert "only a part of the year" in found.frame["notes"].iloc[0]
    late = [
        each | {"measure_id": "referral_rate", "denominator": 40.0} for each in years(given, {2025: "[p]"})
    ]
    assert told(table(*late, as_at="2026-04-20"), "period_type") == [("actual",), ("actual",)]
    assert told(table(*late, as_at="2026-05-20"), "period_type") == [("actual",), ("part_year",)]


def test_a_hidden_year_has_its_marker_in_the_place_of_the_figures_and_an_absent_one_too() -> None:
    found = table(*years({2023: 1.0, 2024: 2.0, 2025: 3.0}, {2023: "[x]", 2024: "[c]"}))
    assert told(found, "value", "lower", "upper", "suppressed") == [
        ("[x]", "[x]", "[x]", "no"),
        ("[c]", "[c]", "[c]", "yes"),
        (3.0, 2.0, 4.0, "no"),
    ]


def test_a_break_stands_beside_the_year_it_falls_into() -> None:
    broken = years({2023: 5.0}, **{"break": "2023-06-01 One principal crime again"})
    found = table(*broken, *years({2024: 6.0}))
    assert told(found, "series_break") == [("2023-06-01 One principal crime again",), ("",)]


def test_a_rate_says_what_it_is_made_of_and_a_survey_whose_it_is() -> None:
    answers = row(
        "satisfied_overall",
        grain="financial_year",
        period="2025-04-01",
        dimension="survey",
        category="stalking",
        numerator=96,
        denominator=120,
        value=80,
        lower=72,
        upper=86,
    )
    found = table(answers, answers | {"category": "domestic abuse", "value": 50})
    ((name, value, method, notes),) = told(found, "measure_name", "value", "method", "notes")
    assert (name, value, method) == (
        "Satisfied with the whole experience (stalking survey)",
        80,
        "rate of counts",
    )
    assert "96 of 120" in notes


# --- projections ---


def modelled(known: int = 42, until: date = date(2030, 3, 31)) -> Projection:
    """A projection of whole months up to September 2026, of which the last six are of the year begun."""
    first = first_day(month_number(date(2026, 10, 1)) - known)
    values = [100.0 + 10 * (place % 12) + place % 5 for place in range(known)]
    return projection(first, values, until)


@pytest.fixture(scope="module")
def model() -> Projection:
    return modelled()


@pytest.mark.parametrize("marker", ["[x]", "[c]"])
def test_a_begun_year_with_a_month_that_the_data_leave_out_has_no_sum_and_is_not_confidential(
    marker: str,
) -> None:
    given = rows(*months("2024-04-01", [50] * 30, {26: marker}))  # June 2026
    values = history(given, BREAKS, "stalking_crimes", "any", "2026-09-30")[1]
    assert [place for place, value in enumerate(values) if math.isnan(value)] == [26]
    named = begun_marker(given, "stalking_crimes", "any", "2026-09-30")
    assert named == marker
    found = replace(projection(date(2024, 4, 1), values, date(2030, 3, 31)), begun_marker=named)
    assert found.kind == "scenario"
    projections = {("stalking_crimes", "any"): found}
    years_told = told(
        table(*years({2025: 600.0}), projections=projections),
        *("financial_year", "value", "suppressed"),
        period_type="projection",
    )
    assert years_told[0] == ("2026/27", marker, "yes" if marker == "[c]" else "no")
    assert years_told[1] == ("2027/28", 600.0, "no")
    begun = told(forecast_table(projections), "value", kind="financial_year", period="2026-04-01")
    assert begun == [(marker,)]


def test_the_year_begun_has_a_row_so_far_and_one_of_the_whole_year(model: Projection) -> None:
    given = years({2025: 1500.0, 2026: 700.0}, {2026: "[p]"})
    found = table(*given, projections={("stalking_crimes", "any"): model})
    assert told(found, "financial_year", "period_type") == [
        ("2025/26", "actual"),
        ("2026/27", "part_year"),
        ("2026/27", "projection"),
        ("2027/28", "projection"),
        ("2028/29", "projection"),
        ("2029/30", "projection"),
    ]
    shown = found.frame[found.frame["period_type"] == "projection"]
    assert shown["value"].tolist() == model.years["value"].tolist()
    assert shown["lower"].tolist() == model.years["lower_95"].tolist()
    assert shown["upper"].tolist() == model.years["upper_95"].tolist()
    assert set(shown["method"]) == {model.method}
    notes = shown["notes"].tolist()
    assert notes[0].startswith("6 months counted and 6 projected.")
    assert model.reason in notes[1]
    assert "counted" not in notes[1]


def test_a_year_with_a_hidden_month_has_no_sum_and_what_cannot_be_projected_says_so() -> None:
    values = [50.0] * 20 + [math.nan] + [50.0] * 3
    hidden = projection(date(2024, 10, 1), values, date(2030, 3, 31))
    short = projection(date(2026, 7, 1), [50.0] * 3, date(2030, 3, 31))
    found = table(projections={("stalking_crimes", "any"): hidden, ("spo_applications", ""): short})
    assert told(found, "financial_year", "value", "suppressed", measure_id="stalking_crimes")[:2] == [
        ("2026/27", "[c]", "yes"),
        ("2027/28", 600.0, "no"),
    ]
    assert (
        told(found, "value", "method", "suppressed", measure_id="spo_applications")
        == [("[x]", "none", "no")] * 4
    )
    assert short.reason in found.frame["notes"].iloc[-1]


def test_a_forecast_holds_the_series_its_months_its_years_and_its_back_test(model: Projection) -> None:
    found = checked(forecast_table({("stalking_crimes", "any"): model}))
    assert told(found, "kind").count(("month",)) == len(model.months) == 42
    assert told(found, "horizon", kind="month") == [(place,) for place in range(1, 43)]
    assert told(found, "horizon", "months", kind="financial_year") == [(6, 6), (18, 0), (30, 0), (42, 0)]
    assert told(found, "value", "upper_80", kind="month") == list(
        model.months[["value", "upper_80"]].itertuples(index=False, name=None)
    )
    extrapolated = told(found, "is_extrapolated", kind="month")
    assert extrapolated == [("no",)] * 12 + [("yes",)] * 30
    assert told(found, "mase", "method", kind="backtest") == list(
        model.backtest[["mase", "method"]].itertuples(index=False, name=None)
    )
    ((reason, months_known, share),) = told(found, "reason", "months", "coverage_95_widened", kind="series")
    assert (reason, months_known, share) == (model.reason, 42, model.coverage_95)


def test_a_scenario_has_a_range_and_no_interval_of_four_in_five() -> None:
    found = forecast_table({("stalking_calls", ""): modelled(20)})
    shown = found.frame[found.frame["kind"] == "financial_year"]
    assert shown["lower_80"].isna().all()
    assert shown["upper_80"].isna().all()
    assert (shown["lower_95"] <= shown["value"]).all()
    text = csv_bytes(found, STAMP).decode()
    assert ",nan," not in text.lower()
    assert ",None," not in text


# --- projections that add up ---

OTHERS = tuple(each for each in PROJECTED if each[0] != "stalking_crimes")


def released(**parts: Any) -> Any:
    """Protected rows of the months of each basis given, and three of every other series that is projected."""
    given = [
        each
        for basis, (first, values, markers) in parts.items()
        for each in months(first, values, markers, basis=basis)
    ]
    for name, basis in OTHERS:
        given += [each | {"measure_id": name} for each in months("2026-07-01", [5, 6, 7], basis=basis)]
    return rows(*given)


PRINCIPAL = [40.0 + place % 7 for place in range(30)]
INCLUDED = [9.0 + place % 4 for place in range(30)]
SUM = [sum(pair) for pair in zip(PRINCIPAL, INCLUDED, strict=True)]
TOGETHER = "add up to the projection of any"


def test_principal_and_included_only_add_up_to_any_and_the_files_say_so() -> None:
    given = released(
        any=("2024-04-01", SUM, None),
        principal=("2024-04-01", PRINCIPAL, None),
        included_only=("2024-04-01", INCLUDED, None),
    )
    found = projected(given, BREAKS, "2026-09-30")
    assert add_up(found)
    total, *parts = (found[each] for each in (TOTAL, *PARTS))
    assert "principal and included only add up to it" in total.reason
    assert all(TOGETHER in part.reason and "limits do not add up" in part.reason for part in parts)
    statement, every = fms(given, found, BREAKS, STAMP), forecast_table(found)
    for table_made in (statement, every):
        assert "add up to those of any" in table_made.about
        assert "limits do not add up" in table_made.about
    ahead = [
        told(
            checked(statement),
            "financial_year",
            "value",
            period_type="projection",
            basis=basis,
            measure_id="stalking_crimes",
        )
        for basis in ("any", "principal", "included_only")
    ]
    assert len(ahead[0]) == 4
    for (year, value), *others in zip(*ahead, strict=True):
        assert [each[0] for each in others] == [year, year]
        assert value == sum(each[1] for each in others)


@pytest.mark.parametrize(
    ("basis", "series"),
    {
        "no months": ("included_only", ("2026-09-01", [9.0], {0: "[x]"})),
        "too short a history": ("included_only", ("2026-01-01", INCLUDED[:9], None)),
        "begins later": ("principal", ("2025-12-01", PRINCIPAL[:10], None)),
        "withheld months": ("included_only", ("2024-04-01", INCLUDED, dict.fromkeys(range(1, 30, 6), "[c]"))),
        "ends earlier": ("included_only", ("2024-04-01", INCLUDED, {29: "[p]"})),
    }.values(),
)
def test_where_one_of_them_cannot_be_projected_alike_the_others_are_as_before_and_nothing_is_claimed(
    basis: str, series: tuple[str, list[float], dict[int, str] | None]
) -> None:
    usual = {
        "any": ("2024-04-01", SUM, None),
        "principal": ("2024-04-01", PRINCIPAL, None),
        "included_only": ("2024-04-01", INCLUDED, None),
    }
    given = released(**(usual | {basis: series}))
    found = projected(given, BREAKS, "2026-09-30")
    assert not add_up(found)
    for each in (TOTAL, *PARTS):
        alone = projection(*history(given, BREAKS, *each, "2026-09-30"), projected_until(date(2026, 9, 30)))
        assert found[each].months.equals(alone.months)
        assert found[each].years.equals(alone.years)
        assert TOGETHER not in found[each].reason
        assert ("need not add up to any" in found[each].reason) == (alone.kind != "none")
    assert "add up" not in fms(given, found, BREAKS, STAMP).about


# --- the four steps ---

CELL = re.compile(r"[\d,]+(?:\.\d+)?%?")


def test_every_figure_of_the_steps_is_that_of_the_table(model: Projection) -> None:
    given = rows(
        *years({2023: 4454.0, 2025: 5131.0, 2026: 2662.0}, {2026: "[p]"}),
        *years({2024: 1.0, 2025: 894.0}, {2024: "[c]"}, basis="included_only"),
        *(
            each | {"measure_id": "online_share", "numerator": 2060.0, "denominator": 5227.0, "value": 39.41}
            for each in years({2025: 0.0})
        ),
    )
    projections = {("stalking_crimes", "any"): model, ("stalking_crimes", "included_only"): modelled(20)}
    found = fms(given, projections, BREAKS, STAMP)
    text = fms_steps(given, found, STAMP)
    frame = found.frame
    seen = 0
    for names, cells in lines_of(text):
        mine = frame[(frame["measure_name"] == names[0]) & (frame["basis"] == names[1])]
        for head, cell in cells.items():
            kind = ["projection"] if head.endswith("projected") else ["actual", "part_year"]
            rows_of = mine[(mine["financial_year"] == head[:7]) & mine["period_type"].isin(kind)]
            if rows_of.empty:
                assert cell == "[x]"
                continue
            ((value, lower, upper, unit),) = told(
                Table("", "", "", (), rows_of), "value", "lower", "upper", "unit"
            )
            seen += 1
            if isinstance(value, str):
                assert cell == value
            elif kind == ["projection"]:
                assert CELL.findall(cell) == [words.number(each, unit) for each in (value, lower, upper)]
            else:
                assert CELL.findall(cell)[0] == words.number(value, unit)
    assert seen == len(frame) == 3 + 4 + 2 + 4 + 1
    assert "39.4% of 5,227" in text
    assert "| [c] |" in text


def lines_of(text: str) -> list[tuple[tuple[str, str], dict[str, str]]]:
    """Of each line of the tables, measure and basis, and its cells by the heads that are years."""
    found = []
    heads: list[str] = []
    for line in text.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split(" | ")]
        if line.startswith("| Measure"):
            heads = cells
        elif line.startswith("| ") and not line.startswith("| ---"):
            pairs = dict(zip(heads, cells, strict=True))
            basis = {"all": "", "compares bases": "fixed"}.get(
                pairs["Basis"], pairs["Basis"].replace(" ", "_")
            )
            shown = {head: cell for head, cell in pairs.items() if re.match(r"\d{4}/\d{2}", head)}
            if "Method" in pairs:
                shown = {f"{head} projected": cell for head, cell in shown.items()}
            found.append(((pairs["Measure"], basis), shown))
    return found


def test_the_steps_name_their_date_their_basis_and_what_is_left_to_people(model: Projection) -> None:
    given = rows(*years({2025: 5131.0}, **{"break": "2025-06-01 Some rule"}))
    found = fms(given, {("stalking_crimes", "any"): model}, BREAKS, STAMP)
    text = fms_steps(given, found, STAMP)
    assert "SYNTHETIC" in text
    assert "OFFICIAL-SENSITIVE" in text
    assert "as at 30 September 2026" in text
    assert re.findall(r"^## (Step \d)", text, re.MULTILINE) == [f"Step {number}" for number in (1, 2, 3, 4)]
    for blank in (each for blanks in BLANKS.values() for each in blanks):
        assert f"[To be written by {blank}.]" in text
    assert "5,131 †" in text
    assert "- 2025-06-01 Some rule: 2025/26" in text
    assert model.reason in text
    real = fms_steps(given, found, Stamp("2026-09-30", "OFFICIAL", "no", "0.1.0", "0001", "internal"))
    assert "SYNTHETIC" not in real


@pytest.mark.slow
def test_the_statement_of_a_small_force_counts_its_crimes(tmp_path_factory: pytest.TempPathFactory) -> None:
    served = small.write(tmp_path_factory.mktemp("warehouse"))
    con = warehouse.connect(served.path)
    given, shown = contents.rows(con, measures.facts_of(con))
    every = con.execute("select * from marts.breaks").df()
    stamp = Stamp(served.as_at, "OFFICIAL", "SYNTHETIC", "0.1.0", served.name, "internal")
    projections = {
        key: projection(*history(given, every, *key, served.as_at), projected_until(date(2026, 9, 17)))
        for key in PROJECTED
    }
    found = fms(given[shown.to_numpy()].reset_index(drop=True), projections, every, stamp)
    crimes = small.crimes()
    is_stalking = (crimes["ho_class"] == "8Q") | crimes["is_included"]
    days = crimes["recorded_date"]
    {
        year: int((is_stalking & (days >= date(year, 4, 1)) & (days < date(year + 1, 4, 1))).sum())
        for year in (2023, 2024, 2025, 2026)
    }
    calls = found.frame[found.frame["measure_id"] == "stalking_calls"]
    assert set(calls["value"]) == {"[x]"}
    assert "projection" in set(calls["period_type"])

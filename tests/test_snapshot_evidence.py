"""Evidence in a snapshot: verdicts of control charts, plan lines and their figures, definitions, quality."""

import math
from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from profiles.blocks import control_charts
from profiles.blocks.block import Source
from profiles.catalogue import MEASURE_KEYS, catalogue, header
from profiles.errors import ProfilesError
from profiles.periods import first_day, month_number
from profiles.selection import FIELDS as RECORDED
from profiles.selection import Selection
from profiles.snapshot import judging, reference_tables
from profiles.snapshot.files import Table, checked, csv_bytes
from profiles.snapshot.judging import verdicts
from profiles.snapshot.plan_history import as_reported, plan_history
from profiles.snapshot.plans import FIELD_OF, action_plan
from profiles.warehouse import SQL
from tests import small
from tests.snapshot_rows import ROWS, STAMP, row, rows

NO_BREAKS = pd.DataFrame(
    columns=["break_date", "effect", "applies_to", "title", "explanation", "published_by", "verified"]
)
REBASE = pd.DataFrame(
    [("2024-03-01", "rebase", "all", "New rules", "", "ONS", "yes")], columns=NO_BREAKS.columns
)
LEVEL = [50.0, 52.0, 49.0, 51.0, 50.0, 48.0, 52.0, 50.0, 49.0, 51.0, 50.0, 52.0, 48.0, 50.0]
"""Fourteen months in which nothing happens."""
PLAN = Path(__file__).resolve().parent.parent / "sample_data" / "action_plan.csv"


def months(
    values: Iterable[float],
    markers: Mapping[int, str] | None = None,
    measure_id: str = "stalking_crimes",
    first: str = "2024-01-01",
) -> list[dict[str, Any]]:
    """Months in a row, of the force as a whole; a marker other than [p] and [u] takes the figure with it."""
    start = month_number(date.fromisoformat(first))
    found = []
    for place, number in enumerate(values):
        marker = (markers or {}).get(place, "")
        value = number if marker in ("", "[p]", "[u]") else math.nan
        period = first_day(start + place).isoformat()
        found.append(row(measure_id, period=period, numerator=value, value=value, marker=marker))
    return found


def verdict(given: list[dict[str, Any]], breaks: pd.DataFrame = NO_BREAKS, as_at: str = "") -> dict[str, Any]:
    """The one verdict on those months."""
    found = checked(verdicts(rows(*given), breaks, as_at))
    assert len(found.frame) == 1
    return {str(name): value for name, value in found.frame.to_dict("records")[0].items()}


# --- verdicts ---


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Source:
    return small.source(small.write(tmp_path_factory.mktemp("warehouse")))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("measure_id", "basis"),
    [
        ("stalking_crimes", "any"),
        ("stalking_crimes", "principal"),
        ("stalking_crimes", "included_only"),
        ("online_share", "any"),
        ("domestic_share", "any"),
        ("included_only_share", "fixed"),
        ("recorded_crimes", ""),
    ],
)
def test_a_verdict_says_what_the_page_says_of_the_same_series(
    source: Source, measure_id: str, basis: str
) -> None:
    chosen = Selection(basis=basis if basis in ("any", "principal", "included_only") else None)
    block = control_charts.process(source, measure_id, chosen)
    page = block.frame[(block.frame["grain"] == "month") & (block.frame["marker"] == "")]
    last = page.iloc[-1]
    frame = source.frame(measure_id, Selection(basis=chosen.basis, grain="month"))
    given = [row(measure_id, **{"basis": basis, **each}) for each in records(frame)]
    every = pd.read_csv(small.SAMPLE / "breaks.csv").rename(
        columns={"source": "published_by", "date": "break_date"}
    )
    found = verdict(given, every)
    assert found["sentence"] == block.sentence
    assert (found["last_period"], found["value"]) == (last["period"], last["value"])
    for name in ("average", "lower_limit", "upper_limit"):
        assert found[name] == pytest.approx(last[name], rel=1e-12)
    signals = page.loc[page["signal"] != "", "period"].tolist()
    assert found["until"] == (max(signals) if signals else None)
    assert (found["signal"] == "none") == (not signals)


def records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    return [{str(name): value for name, value in each.items()} for each in frame.to_dict("records")]


def test_limits_are_the_average_and_the_mean_moving_range_of_the_published_months() -> None:
    found = verdict(months(LEVEL))
    ranges = np.abs(np.diff(LEVEL)).mean()
    assert found["average"] == pytest.approx(np.mean(LEVEL), abs=0.005)
    assert found["upper_limit"] == pytest.approx(np.mean(LEVEL) + 2.66 * ranges, abs=0.005)
    assert found["lower_limit"] == pytest.approx(np.mean(LEVEL) - 2.66 * ranges, abs=0.005)
    assert (found["signal"], found["direction"], found["months"], found["is_trial"]) == (
        "none",
        "none",
        14,
        "no",
    )


@pytest.mark.parametrize(
    ("measure_id", "change", "direction"),
    [
        ("stalking_crimes", 40, "neutral"),
        ("referral_rate", 40, "better"),
        ("referral_rate", -40, "worse"),
        ("time_limit_expired", -40, "better"),
        ("time_limit_expired", 40, "worse"),
    ],
)
def test_a_signal_is_better_or_worse_by_the_direction_of_its_measure(
    measure_id: str, change: float, direction: str
) -> None:
    found = verdict(months([*LEVEL, 50.0 + change], measure_id=measure_id))
    assert (found["signal"], found["direction"]) == ("outside", direction)
    assert found["since"] == found["until"] == "2025-03-01"


def test_a_run_of_seven_is_told_from_its_first_to_its_last_month() -> None:
    found = verdict(months([*LEVEL, *[56.0, 57.0] * 4]))
    assert (found["signal"], found["since"], found["until"]) == ("shift", "2025-03-01", "2025-10-01")
    assert "since March 2025, eight months in a row lie above" in found["sentence"].lower().replace(
        "march", "March"
    )


def test_limits_begin_anew_at_a_rebase_and_a_few_months_are_on_trial() -> None:
    found = verdict(months([500.0, 510.0, *LEVEL[:12]]), REBASE)
    assert (found["stretch_since"], found["months"], found["is_trial"]) == ("2024-03-01", 12, "yes")
    assert found["average"] == pytest.approx(np.mean(LEVEL[:12]), abs=0.005)


def test_provisional_months_take_no_part() -> None:
    found = verdict(months([*LEVEL, 3.0], {len(LEVEL): "[p]"}))
    assert found["average"] == pytest.approx(np.mean(LEVEL), abs=0.005)
    assert (found["last_period"], found["signal"]) == ("2025-02-01", "none")


def test_a_series_with_a_hidden_month_since_the_last_rebase_is_not_judged() -> None:
    found = verdict(months(LEVEL, {5: "[c]"}), REBASE)
    assert (found["signal"], found["direction"], found["months"]) == ("not judged", "none", 0)
    assert all(math.isnan(found[name]) for name in ("value", "average", "lower_limit", "upper_limit"))
    assert "[c] confidential" in found["sentence"]


def test_a_hidden_month_before_the_last_rebase_leaves_only_that_stretch_unjudged() -> None:
    found = verdict(months([500.0, 510.0, *LEVEL], {0: "[c]"}), REBASE)
    shown = verdict(months([500.0, 510.0, *LEVEL]), REBASE)
    assert found["average"] == shown["average"] == pytest.approx(np.mean(LEVEL), abs=0.005)
    assert "510" not in found["sentence"]
    assert "From January 2024 to February 2024, too few months to judge" in shown["sentence"]
    assert "too few months to judge" not in found["sentence"]


def test_a_hidden_month_that_is_not_over_hides_no_verdict() -> None:
    given = months([*LEVEL, 3.0], {len(LEVEL): "[c]"})
    assert verdict(given, as_at="2025-03-31")["signal"] == "not judged"
    assert verdict(given, as_at="2025-03-30")["signal"] == "none"


def test_too_few_months_have_a_reason_instead_of_limits() -> None:
    found = verdict(months(LEVEL[:1]))
    assert (found["signal"], found["months"]) == ("not judged", 1)
    assert math.isnan(found["average"])
    assert found["sentence"].startswith("Too few to say: one settled month, and a verdict needs 13.")
    empty = verdict(months(LEVEL[:2], {0: "[x]", 1: "[x]"}))
    assert (empty["signal"], empty["last_period"]) == ("not judged", None)
    assert "[x] not available" in empty["sentence"]


def test_only_series_of_the_force_with_a_control_chart_have_a_verdict() -> None:
    given = [*months(LEVEL), *months(LEVEL, measure_id="spo_active")]
    given += [each | {"dimension": "district", "category": "Dover"} for each in months(LEVEL)]
    given += [each | {"grain": "quarter"} for each in months(LEVEL, measure_id="online_share")]
    found = verdicts(rows(*given), NO_BREAKS).frame
    assert found["measure_id"].tolist() == ["online_share", "stalking_crimes"]


def quarters(values: Iterable[float], first: str = "2022-01-01") -> list[dict[str, Any]]:
    """Quarters in a row, of the force as a whole."""
    start = month_number(date.fromisoformat(first))
    given = months(values, first=first)
    return [
        each | {"grain": "quarter", "period": first_day(start + 3 * place).isoformat()}
        for place, each in enumerate(given)
    ]


@pytest.mark.parametrize("hidden", [[], months(LEVEL, {5: "[c]"})])
def test_where_months_are_withheld_or_not_given_quarters_are_judged(hidden: list[dict[str, Any]]) -> None:
    found = verdict([*hidden, *quarters([20.0, 22.0] * 5), *quarters([40.0], "2024-07-01")])
    assert (found["signal"], found["since"], found["until"]) == ("outside", "2024-07-01", "2024-09-01")
    assert (found["stretch_since"], found["last_period"], found["months"]) == ("2022-01-01", "2024-09-01", 33)
    assert math.isnan(found["average"])
    assert found["sentence"].startswith(
        "The three months to September 2024 (40) lies above the upper limit of 32.3 "  # 22.7 + 2.66 × 3.6
        "(judged by three months, for months are withheld or not given)."
    )
    assert judging.told(found).now == "changed"


def test_quarters_that_hide_one_give_way_to_years_and_those_to_too_few() -> None:
    hidden = [each | {"marker": "[c]", "value": math.nan, "numerator": math.nan} for each in quarters([3.0])]
    years = [
        each | {"grain": "financial_year", "period": f"{2017 + place}-04-01"}
        for place, each in enumerate(months([50.0, 52.0] * 3))
    ]
    found = verdict([*hidden, *years])
    assert (found["signal"], found["last_period"], found["months"]) == ("none", "2023-03-01", 72)
    assert "judged by 12 months" in found["sentence"]
    assert judging.told(verdict(hidden)).now == "too few to say"


# --- definitions, breaks ---


def test_every_measure_is_defined_by_every_key_of_its_header() -> None:
    found = checked(reference_tables.definitions())
    assert found.frame["measure_id"].tolist() == list(catalogue())
    assert [field.name for field in found.fields] == ["measure_id", "file", *MEASURE_KEYS]
    for line in records(found.frame):
        path = SQL / "measures" / f"{line['measure_id']}.sql"
        assert line["file"] == f"sql/measures/{path.name}"
        said = header(path.read_text(encoding="utf-8"), path.name)
        assert {key: line[key] for key in MEASURE_KEYS if line[key]} == said


def test_every_key_of_a_header_has_a_sentence() -> None:
    assert set(reference_tables.SAID) == set(MEASURE_KEYS)


def test_breaks_are_listed_by_date_each_once() -> None:
    late = REBASE.assign(break_date=pd.Timestamp("2025-01-01"), title="Later")
    early = REBASE.assign(break_date=pd.Timestamp("2024-03-01"))
    given = pd.concat([late, early, early]).assign(source="reference")
    found = checked(reference_tables.breaks(given)).frame
    assert found[["break_date", "title"]].to_numpy().tolist() == [
        ["2024-03-01", "New rules"],
        ["2025-01-01", "Later"],
    ]


# --- data quality ---


def share(
    year: int, marker: str = "", measure_id: str = "mode_recorded_share", **cells: Any
) -> dict[str, Any]:
    """One year of the share of crimes whose mode is recorded, or of another one."""
    figures = {"numerator": 80.0, "denominator": 100.0, "value": 80.0, "lower": 71.1, "upper": 86.7}
    if marker in ("[c]", "[x]"):
        figures = dict.fromkeys(figures, math.nan)
    usual = {"grain": "financial_year", "period": f"{year}-04-01", "marker": marker, **figures}
    return row(measure_id, **{**usual, **cells})


def test_data_quality_is_of_the_last_year_that_is_over() -> None:
    found = checked(reference_tables.data_quality(rows(share(2023), share(2024), share(2025, "[p]")))).frame
    assert found[["period", "value"]].to_numpy().tolist() == [["2024/25", 80.0]]
    assert (
        found["sentence"].item()
        == "Online flag recorded: 80.0% (80 of 100; 95% interval 71.1% to 86.7%) in 2024/25."
    )


def test_data_quality_shows_the_marker_of_what_is_hidden_and_every_field_of_one_year() -> None:
    fields = [
        share(year, marker, measure_id="field_not_recorded", dimension="field", category=name)
        for year, name, marker in [
            (2024, "platform", "[c]"),
            (2024, "motive", ""),
            (2025, "platform", "[c]"),
            (2025, "motive", "[p]"),
        ]
    ]
    found = reference_tables.data_quality(rows(*fields)).frame
    assert found[["period", "category", "value"]].to_numpy().tolist() == [
        ["2024/25", "platform", "[c]"],
        ["2024/25", "motive", 80.0],
    ]


def test_data_quality_counts_records_by_what_became_of_them() -> None:
    cells = {"grain": "all", "period": "all", "numerator": 7.0, "value": 7.0}
    given = [
        row("records_read", **cells),
        row("records_read", **cells, dimension="fate", category="rejected"),
        row("records_read", **cells, dimension="district", category="Dover"),
    ]
    found = reference_tables.data_quality(rows(*given)).frame
    assert found["sentence"].tolist() == ["Records read: 7.", "Records read, Rejected: 7."]


# --- the action plan ---


def line(ref: str, **cells: Any) -> dict[str, Any]:
    """One line of the plan, complete and measured where nothing else is said."""
    usual = {
        "ref": ref,
        "deadline": "2025-03-27",
        "requirement": "It is done",
        "owner": "Chief constable",
        "position": "In place",
        "status": "complete",
        "percent_complete": 100,
        "measurability": "measured",
        "updated": "2024-11",
    }
    return usual | cells


def planned(*lines: Mapping[str, Any], given: Iterable[dict[str, Any]] = ()) -> list[dict[str, Any]]:
    """The rows of the table for those lines; verdicts are those of the months given."""
    frame = rows(*given)
    judged = verdicts(frame, NO_BREAKS)
    found = checked(action_plan(pd.DataFrame(list(lines)), frame, judged))
    assert b"nan" not in csv_bytes(found, STAMP)
    return records(found.frame)


def rolling(measure_id: str, period: str, value: float, marker: str = "", **cells: Any) -> dict[str, Any]:
    hidden = marker in ("[c]", "[x]")
    figures = {
        "numerator": value,
        "denominator": 100.0,
        "value": value,
        "lower": value - 5,
        "upper": value + 5,
    }
    figures = dict.fromkeys(figures, math.nan) if hidden else figures
    return row(
        measure_id, **{"grain": "rolling_year", "period": period, "marker": marker, **figures, **cells}
    )


def test_a_line_has_the_last_settled_twelve_months_of_each_measure_that_names_it() -> None:
    given = [
        rolling("referral_rate", "2024-10-01", 80.0),
        rolling("referral_rate", "2024-11-01", 90.0),
        rolling("referral_rate", "2024-12-01", 10.0, "[p]"),
        rolling("referral_rate", "2024-11-01", 1.0, basis="principal"),
        rolling("referral_rate", "2024-11-01", 2.0, dimension="district", category="Dover"),
        rolling("care_card_rate", "2024-11-01", 70.0),
    ]
    (found,) = planned(line("14.5"), given=given)
    assert (found["measure_id"], found["matched"], found["basis"]) == ("referral_rate", "line", "any")
    assert (found["period"], found["numerator"], found["denominator"], found["value"]) == (
        *("2024-11-01", 90.0, 100.0),
        90.0,
    )
    assert found["sentence"] == (
        "Referral to victim support (basis any): 90.0% (90 of 100; 95% interval 85.0% to 95.0%), "
        "the year to November 2024."
    )


def test_a_stock_is_told_as_it_stands_at_the_end_of_the_last_settled_month() -> None:
    given = [
        rolling("spo_active", "2024-12-01", 7.0, denominator=math.nan),
        rolling("spo_active", "2024-11-01", 8.0, grain="month", denominator=math.nan),
        rolling("spo_active", "2024-12-01", 9.0, "[p]", grain="month", denominator=math.nan),
    ]
    (found,) = planned(line("13.2"), given=given)
    assert (found["grain"], found["period"], found["value"]) == ("month", "2024-11-01", 8.0)


def test_a_stock_without_months_is_told_as_it_stands_at_the_end_of_the_last_settled_quarter() -> None:
    given = [
        rolling("spo_active", "2024-04-01", 6.0, grain="financial_year", denominator=math.nan),
        rolling("spo_active", "2024-07-01", 8.0, grain="quarter", denominator=math.nan),
        rolling("spo_active", "2024-10-01", 9.0, "[p]", grain="quarter", denominator=math.nan),
    ]
    (found,) = planned(line("13.2"), given=given)
    assert (found["grain"], found["period"], found["value"]) == ("quarter", "2024-07-01", 8.0)
    assert found["sentence"].endswith(", on 30 September 2024.")


def test_a_measure_of_a_whole_recommendation_is_evidence_for_each_line_by_the_field_it_is_about() -> None:
    given = [
        rolling("field_not_recorded", "2024-11-01", 12.0, dimension="field", category=name)
        for name in RECORDED
    ]
    found = planned(line("12.1"), line("12.3"), line("13.1"), line("11.1"), given=given)
    assert [(each["plan_ref"], each["category"], each["matched"]) for each in found[-3:]] == [
        ("12.1", "risk grade", "whole recommendation"),
        ("12.3", "risk grade", "whole recommendation"),
        ("13.1", "order considered", "line"),
    ]
    assert [each["category"] for each in found[:-3]] == list(RECORDED)
    assert set(FIELD_OF.values()) <= set(RECORDED)


def test_a_line_may_name_measures_itself_and_an_unknown_one_is_refused_by_name() -> None:
    given = [rolling("referral_rate", "2024-11-01", 90.0), rolling("arrest_rate", "2024-11-01", 40.0)]
    found = planned(line("14.5", measures="arrest_rate; referral_rate"), given=given)
    assert [(each["measure_id"], each["matched"]) for each in found] == [
        ("arrest_rate", "named by the line"),
        ("referral_rate", "named by the line"),
    ]
    with pytest.raises(ProfilesError) as caught:
        planned(line("14.4", measures=None), line("14.5", measures="referal_rate"), given=given)
    for part in (
        "action_plan.csv",
        "line 3",
        "column measures",
        "14.5",
        "'referal_rate'",
        "did you mean referral_rate",
    ):
        assert part in str(caught.value)


@pytest.mark.parametrize(
    ("ref", "measurability", "reason"),
    [
        ("10.1", "narrative", "A narrative: no figure can show it."),
        ("9.9", "needs a feed", "Needs a feed that is not there yet."),
        ("23.1", "measured", "No measure names this line as its evidence yet."),
        (
            "14.1",
            "measured",
            "Needs assessment completed would be evidence, but this snapshot does not hold it.",
        ),
    ],
)
def test_a_line_without_evidence_says_why(ref: str, measurability: str, reason: str) -> None:
    (found,) = planned(line(ref, measurability=measurability), given=months(LEVEL))
    assert (found["measure_id"], found["sentence"], found["to_discuss"]) == ("", reason, "")
    assert math.isnan(found["value"])


def test_hidden_evidence_has_its_marker_and_is_not_replaced_by_an_older_figure() -> None:
    given = [
        rolling("referral_rate", "2024-10-01", 80.0),
        rolling("referral_rate", "2024-11-01", 3.0, "[c]", denominator=100.0),
    ]
    (found,) = planned(line("14.5"), given=given)
    assert (found["value"], found["numerator"], found["denominator"]) == ("[c]", "[c]", 100.0)
    assert "no figure ([c] confidential" in found["sentence"]


WORSE = [*LEVEL, 10.0]


@pytest.mark.parametrize(
    ("status", "values", "says"),
    [
        ("complete", WORSE, "a change for the worse in March 2025"),
        ("Complete", WORSE, "a change for the worse in March 2025"),
        ("in progress", WORSE, ""),
        ("complete", [*LEVEL, 90.0], ""),
        ("complete", LEVEL, ""),
        ("complete", [*WORSE, LEVEL[0]], ""),
    ],
)
def test_a_line_reported_complete_is_to_be_discussed_while_its_chart_shows_it_worse(
    status: str, values: list[float], says: str
) -> None:
    given = [rolling("referral_rate", "2025-02-01", 50.0), *months(values, measure_id="referral_rate")]
    (found,) = planned(line("14.5", status=status), given=given)
    assert (says in found["to_discuss"]) if says else (found["to_discuss"] == "")


def test_a_line_reported_complete_is_to_be_discussed_when_its_figure_is_not_available() -> None:
    given = [rolling("referral_rate", "2025-02-01", 50.0, "[x]")]
    (found,) = planned(line("14.5"), given=given)
    assert found["to_discuss"] == (
        "Reported complete; Referral to victim support is not available here to show it."
    )
    (open_line,) = planned(line("14.5", status="in progress"), given=given)
    assert open_line["to_discuss"] == ""


def test_the_published_plan_keeps_all_of_its_lines_whether_from_its_file_or_from_the_warehouse() -> None:
    plan = pd.read_csv(PLAN, dtype={"ref": "str"})
    stored = plan.rename(
        columns={
            "ref": "plan_ref",
            "deadline": "deadline_date",
            "position": "reported_position",
            "status": "reported_status",
            "updated": "updated_in",
        }
    ).assign(deadline_date=pd.to_datetime(plan["deadline"]))
    judged = verdicts(ROWS, NO_BREAKS)
    found = action_plan(plan, ROWS, judged)
    assert found.frame["plan_ref"].drop_duplicates().tolist() == plan["ref"].tolist()
    assert len(plan) == 39
    assert csv_bytes(found, STAMP) == csv_bytes(action_plan(stored, ROWS, judged), STAMP)
    blank = found.frame[found.frame["plan_ref"] == "20.3"]
    assert blank["percent_complete"].isna().all()


@pytest.mark.parametrize("name", ["verdicts", "data_quality", "definitions"])
def test_the_key_of_a_table_tells_its_rows_apart(name: str) -> None:
    frame = rows(*months(LEVEL), share(2024), share(2024, basis="principal"))
    made: dict[str, Table] = {
        "verdicts": verdicts(frame, NO_BREAKS),
        "data_quality": reference_tables.data_quality(frame),
        "definitions": reference_tables.definitions(),
    }
    table = made[name]
    assert len(table.frame) > 0
    assert not table.frame.duplicated(list(table.key)).any()


# ---- reports on the lines of the plan


def reports(*lines: tuple[str, str, str, float, str]) -> pd.DataFrame:
    """Reports (ref, day, status, per cent, note) as staging has them."""
    frame = pd.DataFrame(
        lines, columns=["plan_ref", "reported_date", "reported_status", "percent_complete", "note"]
    )
    frame["report_number"] = frame.groupby("plan_ref").cumcount() + 1
    return frame.assign(reported_date=pd.to_datetime(frame["reported_date"]))


STORED = pd.DataFrame(
    [
        (
            "10.1",
            "2025-03-27",
            "Training",
            "chief",
            "Under review",
            "in progress",
            50.0,
            "narrative",
            "2024-11",
        ),
        ("7.1", "2025-03-27", "Search", "chief", "In place", "complete", 100.0, "measured", "2024-11"),
    ],
    columns=[
        *("plan_ref", "deadline_date", "requirement", "owner", "reported_position", "reported_status"),
        *("percent_complete", "measurability", "updated_in"),
    ],
)


def test_the_history_has_every_version_of_each_line_as_published_first() -> None:
    told = reports(
        ("10.1", "2025-03-01", "in progress", 60.0, "Begun"),
        ("10.1", "2025-06-01", "complete", 100.0, ""),
    )
    table = plan_history(STORED, told, "2025-12-31")
    assert [tuple(row) for row in table.frame.drop(columns="percent_complete").to_numpy()] == [
        ("7.1", 0, "2024-11", "complete", "In place", "published plan"),
        ("10.1", 0, "2024-11", "in progress", "Under review", "published plan"),
        ("10.1", 1, "2025-03-01", "in progress", "Begun", "report"),
        ("10.1", 2, "2025-06-01", "complete", "", "report"),
    ]
    assert table.frame["percent_complete"].tolist() == [100.0, 50.0, 60.0, 100.0]
    assert csv_bytes(table, STAMP).startswith(b"plan_ref,number,reported_on,status")


def test_a_line_stands_where_its_newest_report_up_to_the_day_has_it() -> None:
    told = reports(
        ("10.1", "2025-03-01", "in progress", 60.0, "Begun"),
        ("10.1", "2025-06-01", "complete", 100.0, ""),
    )
    for day, status, percent, position, updated in (
        ("2025-02-28", "in progress", 50.0, "Under review", "2024-11"),
        ("2025-03-01", "in progress", 60.0, "Begun", "2025-03-01"),
        ("2025-06-01", "complete", 100.0, "Under review", "2025-06-01"),
    ):
        line = as_reported(STORED, told, day).set_index("plan_ref").loc["10.1"]
        assert (line["reported_status"], line["percent_complete"]) == (status, percent)
        assert (line["reported_position"], line["updated_in"]) == (position, updated)
        assert len(plan_history(STORED, told, day).frame) == 2 + (day >= "2025-03-01") + (day >= "2025-06-01")


def test_without_a_report_the_plan_stands_as_published() -> None:
    nothing = reports()
    pd.testing.assert_frame_equal(as_reported(STORED, nothing, "2025-12-31"), STORED, check_dtype=False)
    assert plan_history(STORED, nothing, "2025-12-31").frame["number"].tolist() == [0, 0]


@pytest.mark.parametrize(
    ("requirement", "value", "status", "says"),
    [
        ("Needs assessments are always completed", 90.0, "complete", True),
        ("All victims are told their rights", 90.0, "complete", True),
        ("Every case is considered", 90.0, "complete", True),
        ("Needs assessments are allowed", 90.0, "complete", False),
        ("Needs assessments are always completed", 90.0, "in progress", False),
        ("Needs assessments are always completed", 97.0, "complete", False),
    ],
)
def test_a_line_that_asks_for_every_case_is_to_be_discussed_when_its_share_is_not_of_all(
    requirement: str, value: float, status: str, says: bool
) -> None:
    # Its interval ends five points above the value.
    given = [rolling("needs_assessment_rate", "2024-11-01", value)]
    (found,) = planned(line("14.1", status=status, requirement=requirement), given=given)
    sentence = f"Reported complete for every case; Needs assessment completed stands at {value}%."
    assert found["to_discuss"] == (sentence if says else "")

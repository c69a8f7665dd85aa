"""Blocks of one snapshot: every number, title and note is that of its files."""

import re
from dataclasses import replace
from pathlib import Path

import pandas as pd
import plotly.graph_objects
import pytest

from profiles.blocks import backtests, projections
from profiles.blocks.projections import Published
from profiles.forecast.smoothing import NAIVE
from profiles.snapshot import manifests, opened
from profiles.snapshot.opened import Release
from tests.projected import MODEL, NOTHING, SCENARIO, made


@pytest.fixture(scope="module")
def ready(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with one snapshot."""
    folder = tmp_path_factory.mktemp("snapshots")
    made(folder / "2026-09-30-internal")
    return folder


@pytest.fixture(scope="module")
def release(ready: Path) -> Release:
    return opened.release(manifests.verified(ready / "2026-09-30-internal"))


def blocks(release: Release, series: tuple[str, str]) -> list[Published]:
    """Every block of a series."""
    found = [
        each(release, *series)
        for each in (projections.history, projections.years, backtests.backtest, backtests.coverage)
    ]
    return [block for block in found if block]


def lines(path: Path, **asked: str) -> pd.DataFrame:
    """The lines of a CSV, as text, in which these columns hold these."""
    frame = pd.read_csv(path, dtype="str", keep_default_na=False)
    for name, value in asked.items():
        frame = frame[frame[name] == value]
    return frame.reset_index(drop=True)


def shape(text: str, places: int = 0) -> str:
    """A number of a file as a page writes it; nothing where there is none."""
    return f"{float(text):,.{places}f}" if text else ""


@pytest.mark.slow
@pytest.mark.parametrize("asked", [MODEL, SCENARIO])
def test_months_projected_are_those_of_forecast_csv(
    release: Release, ready: Path, asked: tuple[str, str]
) -> None:
    block = projections.history(release, *asked)
    told = lines(
        ready / "2026-09-30-internal" / "forecast.csv", measure_id=asked[0], basis=asked[1], kind="month"
    )
    assert len(told) == 42
    ahead = block.table.iloc[: len(told)]
    assert list(ahead["Number"]) == [shape(text) for text in told["value"]]
    limits = {
        level: [
            f"{shape(low)} to {shape(high)}" if low else ""
            for low, high in zip(told[f"lower_{level}"], told[f"upper_{level}"], strict=True)
        ]
        for level in ("80", "95")
    }
    kind = "Projected"
    if asked == SCENARIO:
        # A range without a probability is never called an interval of 95 %.
        kind = "Scenario"
        assert list(ahead["Range of the scenario"]) == limits["95"]
        assert set(ahead["95% interval"]) == {""}
        assert "80% interval" not in ahead
    else:
        assert {level: list(ahead[f"{level}% interval"]) for level in limits} == limits
    assert list(ahead["Kind"]) == [
        f"{kind} over 12 months ahead" if each == "yes" else kind for each in told["is_extrapolated"]
    ]
    assert block.figure
    drawn = {
        month: value
        for trace in block.figure["data"]
        if trace["name"].startswith(("Projected", "Scenario"))
        for month, value in zip(trace["x"], trace["y"], strict=True)
    }
    assert drawn == dict(zip(told["period"], told["value"].astype(float), strict=True))


def test_bands_are_both_intervals_and_what_is_extrapolated_is_hatched_and_dotted(release: Release) -> None:
    told = release.forecast[
        (release.forecast["measure_id"] == MODEL[0])
        & (release.forecast["basis"] == MODEL[1])
        & (release.forecast["kind"] == "month")
    ]
    figure = projections.history(release, *MODEL).figure
    assert figure
    for level in ("80", "95"):
        near, beyond = [each for each in figure["data"] if each["name"] == f"{level}% interval"]
        for trace, part in ((near, told.iloc[:12]), (beyond, told.iloc[11:])):
            upper, lower = part[f"upper_{level}"].astype(float), part[f"lower_{level}"].astype(float)
            assert trace["x"] == [*part["period"], *part["period"][::-1]]
            assert trace["y"] == [*upper, *lower[::-1]]
        assert "fillpattern" not in near
        assert beyond["fillpattern"]["shape"] == "/"
    near, beyond = [each for each in figure["data"] if each["name"].startswith("Projected")]
    assert (near["line"]["dash"], beyond["line"]["dash"]) == ("dash", "dot")
    assert len(near["x"]) == 12
    assert near["name"] != beyond["name"]


@pytest.mark.parametrize("asked", [MODEL, SCENARIO, NOTHING])
def test_financial_years_are_those_of_fms_csv(release: Release, ready: Path, asked: tuple[str, str]) -> None:
    block = projections.years(release, *asked)
    told = lines(ready / "2026-09-30-internal" / "fms.csv", measure_id=asked[0], basis=asked[1])
    assert list(block.table["Financial year"]) == list(told["financial_year"])
    assert list(block.table["Number"]) == [
        text if text.startswith("[") else shape(text) for text in told["value"]
    ]
    limits = [
        f"{shape(low)} to {shape(high)}" if low and not low.startswith("[") else ""
        for low, high in zip(told["lower"], told["upper"], strict=True)
    ]
    is_range = [method == "scenario range" for method in told["method"]]
    assert any(is_range) == (asked == SCENARIO) == ("Range of the scenario" in block.table)
    for name, wanted in (("95% interval", False), ("Range of the scenario", True)):
        assert list(block.table.get(name, limits)) == [
            text if is_one == wanted or name not in block.table else ""
            for text, is_one in zip(limits, is_range, strict=True)
        ]
    drawn = [
        (year, value)
        for trace in (block.figure or {"data": []})["data"]
        for year, value in zip(trace["x"], trace["y"], strict=True)
    ]
    known = told[~told["value"].str.startswith("[")]
    assert sorted(drawn) == sorted(zip(known["financial_year"], known["value"].astype(float), strict=True))


def test_a_year_projected_beyond_twelve_months_is_filled_otherwise(release: Release) -> None:
    figure = projections.years(release, *MODEL).figure
    assert figure
    shapes = {
        trace["name"]: (trace["x"], trace["marker"].get("pattern", {}).get("shape"))
        for trace in figure["data"]
    }
    assert shapes["Projected"] == (["2026/27"], "/")
    assert shapes["Projected over 12 months ahead"] == (["2027/28", "2028/29", "2029/30"], ".")
    assert shapes["Counted"][1] is None
    assert all(("error_y" in trace) == trace["name"].startswith("Projected") for trace in figure["data"])
    told = release.fms[(release.fms["basis"] == MODEL[1]) & (release.fms["period_type"] == "projection")]
    value, lower, upper = (told[name].astype(float).tolist() for name in ("value", "lower", "upper"))
    drawn = [trace["error_y"] for trace in figure["data"] if "error_y" in trace]
    for name, ends in (("array", upper), ("arrayminus", lower)):
        lengths = [each for bar in drawn for each in bar[name]]
        assert lengths == pytest.approx([abs(end - each) for end, each in zip(ends, value, strict=True)])


def test_the_back_test_and_its_coverage_are_those_of_forecast_csv(release: Release, ready: Path) -> None:
    path = ready / "2026-09-30-internal" / "forecast.csv"
    (head,) = lines(path, measure_id=MODEL[0], basis=MODEL[1], kind="series").to_dict("records")
    tried = lines(path, measure_id=MODEL[0], basis=MODEL[1], kind="backtest")
    errors, held = backtests.backtest(release, *MODEL), backtests.coverage(release, *MODEL)
    assert (tried["coverage_95"] != tried["coverage_95_widened"]).any()
    assert errors
    assert held
    first = 1 if head["method"] == NAIVE else 2
    assert list(errors.table["Error (MASE)"])[:1] == [shape(head["mase"], 2)]
    assert list(errors.table["Error (MASE)"])[first:] == [shape(each, 2) for each in tried["mase"]]
    assert list(errors.table["Starting points"])[first:] == list(tried["origins"])
    mine = tried[tried["method"] == head["method"]]
    assert held.figure
    for level in ("80", "95"):
        own, wide = f"coverage_{level}", f"coverage_{level}_widened"
        assert list(held.table[f"{level}% interval of the model"])[1:] == [
            f"{100 * float(each):.1f}%" for each in mine[own]
        ]
        assert list(held.table[f"{level}% interval widened"]) == [
            f"{100 * float(each):.1f}%" for each in (head[wide], *mine[wide])
        ]
        for name in (own, wide):
            (trace,) = [each for each in held.figure["data"] if each["meta"] == name]
            assert trace["y"] == pytest.approx([100 * float(each) for each in mine[name]])
            assert trace["name"].startswith(f"{level}%")
            assert ("widened" in trace["name"], trace["line"]["dash"] == "solid") == (name == wide,) * 2
    better = float(head["mase"]) < float(head["naive_mase"])
    assert ("less than the seasonal naive" in errors.sentence) == better
    assert head["origins"] in errors.sentence


def test_where_nothing_beats_the_naive_it_says_so(release: Release) -> None:
    frame = release.forecast
    is_head = (frame["measure_id"] == MODEL[0]) & (frame["basis"] == MODEL[1]) & (frame["kind"] == "series")
    changed = frame.assign(
        method=frame["method"].where(~is_head, NAIVE), mase=frame["mase"].where(~is_head, frame["naive_mase"])
    )
    block = backtests.backtest(replace(release, forecast=changed), *MODEL)
    assert block
    assert block.title.startswith("Forecast error ")
    assert block.title.endswith("by repeating last year; no method did better")
    assert "Nothing did better" in block.sentence
    assert block.figure
    assert next(trace["name"] for trace in block.figure["data"]) == NAIVE
    assert len({trace["name"] for trace in block.figure["data"]}) == 2


def test_a_series_without_a_model_says_why_and_has_no_back_test(release: Release) -> None:
    scenario, nothing = (projections.history(release, *each) for each in (SCENARIO, NOTHING))
    assert "a scenario of" in scenario.title
    assert "a model needs 36" in scenario.sentence
    assert any("no probability" in note for note in scenario.notes)
    assert nothing.title.endswith("nothing can be projected yet")
    assert nothing.figure
    assert all(trace["x"][-1] < "2026-10" for trace in nothing.figure["data"])
    for each in (SCENARIO, NOTHING):
        assert backtests.backtest(release, *each) is None
        assert backtests.coverage(release, *each) is None


@pytest.mark.parametrize("asked", [MODEL, SCENARIO, NOTHING])
def test_numbers_in_titles_stand_in_the_tables_below_them(release: Release, asked: tuple[str, str]) -> None:
    for block in blocks(release, asked):
        cells = {part for line in block.table.to_numpy() for cell in line for part in str(cell).split()}
        title = re.sub(r"\d+% interval", "", block.title)
        for number in re.findall(r"(?<![\w/])[\d,]*\d(?:\.\d+)?%?(?![\w/])", title):
            assert number in cells, (block.title, number)


@pytest.mark.parametrize("asked", [MODEL, SCENARIO, NOTHING])
def test_every_figure_keeps_to_the_rules_of_plotly(release: Release, asked: tuple[str, str]) -> None:
    for block in blocks(release, asked):
        if block.figure:
            plotly.graph_objects.Figure(block.figure)


def test_a_file_is_that_of_the_snapshot_byte_for_byte_and_bears_its_stamp(
    release: Release, ready: Path
) -> None:
    for block in blocks(release, MODEL):
        assert block.csv() == (ready / "2026-09-30-internal" / f"{block.file}.csv").read_bytes()
        assert block.file_name == f"{block.file}_as-at-2026-09-30_SYNTHETIC"
        assert block.stamp.endswith("as at 30 September 2026 · SYNTHETIC")

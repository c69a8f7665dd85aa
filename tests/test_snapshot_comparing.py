"""Two snapshots compared: every figure that a revision touches is named, and nothing else."""

import math
import re
import shutil
from dataclasses import replace
from math import nan
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from profiles.errors import BadSnapshot
from profiles.snapshot.comparing import CHANGES, COLUMNS, compared, most_changed
from profiles.snapshot.files import FIGURES, KEY, Field, Stamp, Table, csv_bytes, measures_table
from profiles.snapshot.manifests import written
from tests.snapshot_rows import ROWS, STAMP, count, definitions, release, row, rows


def snapshot(folder: Path, frame: pd.DataFrame, tables: tuple[Table, ...] = (), stamp: Stamp = STAMP) -> Path:
    """The folder with those rows and tables, and a manifest: what a comparison reads."""
    folder.mkdir()
    for table in (measures_table(frame), *tables):
        (folder / f"{table.name}.csv").write_bytes(csv_bytes(table, stamp))
    written(folder, stamp=stamp, inputs=[], settings={}, thresholds={}, cost={})
    return folder


def changed(frame: pd.DataFrame, place: int, **cells: Any) -> pd.DataFrame:
    """A copy of the rows in which one has other cells."""
    frame = frame.copy()
    for name, value in cells.items():
        frame.loc[place, name] = value
    return frame


def named(frame: pd.DataFrame) -> list[tuple[str, ...]]:
    """What is named of the measures: change, measure and period."""
    frame = frame[frame["table"] == "measures"]
    return list(frame[["change", "measure_id", "period"]].itertuples(index=False, name=None))


def compare(tmp_path: Path, old: pd.DataFrame, new: pd.DataFrame) -> Any:
    return compared(snapshot(tmp_path / "a", old), snapshot(tmp_path / "b", new))


PLANTED = {
    "a numerator and what follows": (
        (0, {"numerator": 41.0, "value": 41.0, "lower": 20.5, "upper": 82.0}),
        "revised",
    ),
    "a denominator alone": ((5, {"denominator": 4.0}), "revised"),
    "the last digit of a value": ((5, {"value": math.nextafter(100 / 3, 100)}), "revised"),
    "a limit alone": ((0, {"upper": 81.0}), "revised"),
    "a figure that is no longer available": (
        (0, {**dict.fromkeys(FIGURES, nan), "marker": "[x]"}),
        "revised",
    ),
    "a figure that is available now": ((8, {"denominator": 9.0, "value": 1.0}), "revised"),
    "withheld now": ((0, {**dict.fromkeys(FIGURES, nan), "marker": "[c]"}), "now hidden"),
    "withheld now in part": (
        (5, {"numerator": nan, "value": nan, "lower": nan, "upper": nan, "marker": "[c]"}),
        "now hidden",
    ),
    "no longer withheld": (
        (3, {"numerator": 6.0, "value": 6.0, "lower": 2.0, "upper": 13.0, "marker": ""}),
        "now shown",
    ),
    "settled": ((2, {"marker": ""}), "marker"),
    "nothing to divide by, then no data": (
        (6, {"numerator": nan, "denominator": nan, "marker": "[x]"}),
        "revised",
    ),
    "confidential, then not available": ((3, {"marker": "[x]"}), "marker"),
    "a break more": ((0, {"break": "2024-01-15 New form"}), "wording"),
    "another title": ((5, {"title": "Online"}), "wording"),
}


@pytest.mark.slow
@pytest.mark.parametrize(("planted", "change"), PLANTED.values(), ids=PLANTED)
def test_exactly_the_row_that_a_revision_touches_is_named(
    tmp_path: Path, planted: tuple[int, dict[str, Any]], change: str
) -> None:
    place, cells = planted
    found = compare(tmp_path, ROWS, changed(ROWS, place, **cells))
    (line,) = found.frame.to_dict("records")
    assert line["change"] == change
    assert {name: line[name] for name in KEY} == {name: ROWS.loc[place, name] for name in KEY}
    assert set(found.frame["change"]) <= set(CHANGES)


def test_both_figures_stand_as_in_the_files_with_their_difference(tmp_path: Path) -> None:
    new = changed(ROWS, 0, numerator=50.0, value=50.0)
    new = changed(new, 1, **dict.fromkeys(FIGURES, nan), marker="[c]")
    found = compare(tmp_path, ROWS, new).frame
    assert tuple(found.columns) == COLUMNS
    revised, hidden = found.to_dict("records")
    assert (revised["numerator_old"], revised["numerator_new"]) == ("40", "50")
    assert (revised["denominator_old"], revised["denominator_new"]) == ("", "")
    assert (revised["lower_old"], revised["lower_new"]) == ("20", "20")
    assert revised["difference"] == 50 - 40
    assert revised["per_cent"] == 100 * (50 - 40) / 40
    assert (hidden["value_old"], hidden["value_new"]) == ("44", "[c]")
    assert (hidden["marker_old"], hidden["marker_new"]) == ("", "[c]")
    assert math.isnan(hidden["difference"])
    assert math.isnan(hidden["per_cent"])


def test_a_change_from_zero_has_a_difference_and_no_per_cent(tmp_path: Path) -> None:
    old = rows(count(0.0), count(-4.0, period="2024-02-01"))
    new = rows(count(3.0), count(-3.0, period="2024-02-01"))
    found = compare(tmp_path, old, new).frame
    assert found["difference"].tolist() == [3, 1]
    assert math.isnan(found["per_cent"].iloc[0])
    # Less below zero than before is more.
    assert found["per_cent"].iloc[1] == 25


def test_new_and_vanished_rows_are_named_and_the_others_keep_their_order(tmp_path: Path) -> None:
    new = pd.concat([ROWS.drop(index=[5, 7]), rows(count(9.0, period="2024-04-01"))], ignore_index=True)
    found = compare(tmp_path, ROWS, new.iloc[::-1].reset_index(drop=True))
    assert named(found.frame) == [
        ("new", "stalking_crimes", "2024-04-01"),
        ("vanished", "online_share", "2024-01-01"),
        ("vanished", "online_share", "2024-03-01"),
    ]
    added, gone, _ = found.frame.to_dict("records")
    assert (added["value_old"], added["value_new"], added["title"]) == ("", "9", "Stalking-involved crimes")
    assert (gone["value_old"], gone["value_new"], gone["unit"]) == (repr(100 / 3), "", "percent")


def test_equal_snapshots_have_no_changes(tmp_path: Path) -> None:
    found = compared(release(tmp_path / "a"), release(tmp_path / "b"))
    assert found.frame.empty
    assert tuple(found.frame.columns) == COLUMNS
    assert found.summary[-1] == "Nothing changed."
    assert most_changed(found).empty


@pytest.mark.slow
def test_rows_that_differ_only_in_one_part_of_their_key_are_kept_apart(tmp_path: Path) -> None:
    keys = {
        "basis": "principal",
        "grain": "quarter",
        "period": "2024-04-01",
        "dimension": "district",
        "category": "Dover",
        "dimension_2": "mode",
        "category_2": "online",
    }
    frame = rows(count(30.0), *(count(30.0, **{name: value}) for name, value in keys.items()))
    for place in range(len(frame)):
        folder = tmp_path / str(place)
        folder.mkdir()
        found = compare(folder, frame, changed(frame, place, value=31.0)).frame
        assert len(found) == 1
        assert {name: found[name].iloc[0] for name in KEY} == {name: frame.loc[place, name] for name in KEY}


def test_many_planted_revisions_are_all_named_and_nothing_else(tmp_path: Path) -> None:
    months = [f"20{year:02d}-{month:02d}-01" for year in range(10, 26) for month in range(1, 13)]
    old = rows(*(count(float(place + 30), period=month) for place, month in enumerate(months)))
    touched = set(range(0, len(months), 7))
    new = old.assign(value=[value + (place in touched) for place, value in enumerate(old["value"])])
    found = compare(tmp_path, old, new)
    assert named(found.frame) == [("revised", "stalking_crimes", months[place]) for place in sorted(touched)]
    assert f"Of {len(months)} rows that both hold, {len(touched)} were revised." in found.summary


# ---- the other tables


def table(name: str, **columns: list[Any]) -> Table:
    frame = pd.DataFrame(columns)
    return Table(name, name, name, tuple(Field(column, "string", "") for column in frame.columns), frame)


BREAKS = table(
    "breaks",
    break_date=["2023-06-01", "2024-11-01"],
    title=["Rule ends", "Screening"],
    effect=["rebase", "annotate"],
)
PLAN = table(
    "action_plan",
    plan_ref=["7.1", "7.1", "13.1"],
    measure_id=["included_only_share", "stalking_crimes", ""],
    basis=["fixed", "any", ""],
    status=["open", "open", "open"],
)


def test_lines_of_the_other_tables_are_compared_by_their_key(tmp_path: Path) -> None:
    frame = BREAKS.frame.copy()
    frame.loc[0, "effect"] = "annotate"
    frame.loc[1, "title"] = "Screening tool"
    plan = PLAN.frame.copy()
    plan.loc[1, "status"] = "complete"
    a = snapshot(tmp_path / "a", ROWS, (BREAKS, PLAN, definitions()))
    b = snapshot(
        tmp_path / "b",
        ROWS,
        (replace(BREAKS, frame=frame), replace(PLAN, frame=plan), definitions("victims")),
    )
    found = compared(a, b)
    assert list(
        found.frame[["table", "change", "measure_id", "detail"]].itertuples(index=False, name=None)
    ) == [
        (
            "definitions",
            "revised",
            "stalking_crimes",
            "stalking_crimes: numerator: stalking-involved crimes → victims",
        ),
        ("breaks", "revised", "", "2023-06-01 / Rule ends: effect: rebase → annotate"),
        ("breaks", "new", "", "2024-11-01 / Screening tool"),
        ("breaks", "vanished", "", "2024-11-01 / Screening"),
        ("action_plan", "revised", "stalking_crimes", "7.1 / stalking_crimes / any: status: open → complete"),
    ]
    assert "1 line of definitions.csv changed." in found.summary
    assert "3 lines of breaks.csv changed." in found.summary


def test_a_new_as_at_date_on_every_line_is_no_change_of_the_line(tmp_path: Path) -> None:
    a = snapshot(tmp_path / "a", ROWS, (BREAKS, PLAN))
    b = snapshot(tmp_path / "b", ROWS, (BREAKS, PLAN), replace(STAMP, as_at="2025-03-31", marking="OFFICIAL"))
    assert compared(a, b).frame.empty


@pytest.mark.slow
def test_lines_of_one_key_are_told_apart_by_their_order_and_a_table_may_be_new(tmp_path: Path) -> None:
    twice = table("breaks", break_date=["2024-01-01"] * 3, title=["A"] * 3, effect=["x", "y", "z"])
    other = table("breaks", break_date=["2024-01-01"] * 3, title=["A"] * 3, effect=["x", "Y", "z"])
    a, b = snapshot(tmp_path / "a", ROWS, (twice,)), snapshot(tmp_path / "b", ROWS, (other,))
    assert compared(a, b).frame["detail"].tolist() == ["2024-01-01 / A: effect: y → Y"]
    none = snapshot(tmp_path / "none", ROWS)
    assert compared(none, b).frame["change"].tolist() == ["new"] * 3
    assert compared(a, none).frame["change"].tolist() == ["vanished"] * 3


def test_a_column_that_only_one_of_the_two_has_is_a_change(tmp_path: Path) -> None:
    more = replace(
        BREAKS,
        frame=BREAKS.frame.assign(note=["", "n"]),
        fields=(*BREAKS.fields, Field("note", "string", "")),
    )
    a, b = snapshot(tmp_path / "a", ROWS, (BREAKS,)), snapshot(tmp_path / "b", ROWS, (more,))
    assert compared(a, b).frame["detail"].tolist() == ["2024-11-01 / Screening: note: blank → n"]


def test_limits_of_counts_that_only_one_of_the_two_rounds_are_no_change_and_told_once(tmp_path: Path) -> None:
    limits = {3: (0.6187, 8.7673), 40: (28.5766, 54.4686), 472: (430.3798, 516.5655)}
    exact = [
        count(float(number), period=f"20{number % 90 + 10}-01-01", lower=lower, upper=upper)
        for number, (lower, upper) in limits.items()
    ]
    # A limit of a share is a change, and so is one of a count that rounding does not explain.
    exact += [row("online_share", lower=14.02, upper=40.0), count(30.0, upper=41.0)]
    old, new = rows(*exact), rows(*exact)
    new[["lower", "upper"]] = [(0.6, 8.8), (28.6, 54.5), (430, 517), (14.0, 40.0), (15.0, 41.1)]
    plans = [
        (table("action_plan", plan_ref=["7.1"], unit=["count"], lower=[lower], upper=[upper]),)
        for lower, upper in (("28.5766", "54.4686"), ("28.6", "54.5"))
    ]
    a, b = snapshot(tmp_path / "a", old, plans[0]), snapshot(tmp_path / "b", new, plans[1])
    for pair in ((a, b), (b, a)):
        found = compared(*pair)
        assert set(found.frame["table"]) == {"measures"}
        assert [measure for _, measure, _ in named(found.frame)] == ["online_share", "stalking_crimes"]
        assert "Limits of 3 counts are rounded in one: no change." in found.summary
        assert "Of 5 rows that both hold, 2 were revised." in found.summary
    assert "rounded" not in " ".join(compared(b, b).summary)


# ---- in sentences


def test_the_summary_says_both_dates_and_what_changed_most(tmp_path: Path) -> None:
    share = {"numerator": 10.0, "denominator": 40.0, "value": 25.0, "lower": 14.0, "upper": 40.0}
    small = share | {"denominator": 29.0}
    old = rows(
        count(40.0),
        count(40.0, period="2024-02-01", marker="[p]"),
        count(29.0, period="2024-03-01"),
        row("online_share", **share, dimension="district", category="Dover"),
        row("online_share", **small, dimension="district", category="Thanet"),
        count(5.0, period="2024-04-01", marker="[p]"),
    )
    new = old.copy()
    new["value"] = [42.0, 30.0, 290.0, 40.0, 99.0, 5.0]
    new.loc[5, "marker"] = ""
    a = snapshot(tmp_path / "a", old)
    b = snapshot(tmp_path / "b", new, stamp=replace(STAMP, as_at="2025-03-31", version="0.2.0"))
    found = compared(a, b)
    assert (found.as_at_a, found.as_at_b) == ("2024-12-31", "2025-03-31")
    assert found.summary == (
        "Figures as at 31 March 2025 compared with those as at 31 December 2024.",
        "They were made by different versions, 0.1.0 and 0.2.0.",
        "Of 6 rows that both hold, 5 were revised, 1 of them provisional before.",
        "1 row is unchanged but for the marker.",
        "Most revised: Stalking-involved crimes (3 of 4 rows) and Online stalking (2 of 2 rows).",
        # 99 on a base of 29 and 290 after 29 changed more, on too few.
        "The largest change on a base of 30 or more: Online stalking, basis any, January 2024, "
        "district Dover, from 25.0% to 40.0% (+60.0%).",
    )
    most = most_changed(found)
    assert most[["measure_id", "held", "revised", "per_cent"]].values.tolist() == [
        ["stalking_crimes", 4, 3, -25.0],
        ["online_share", 2, 2, 60.0],
    ]
    assert most.loc[0, "period"] == "2024-02-01"
    assert most_changed(found, 1)["measure_id"].tolist() == ["stalking_crimes"]
    assert "The second snapshot is the older one" in compared(b, a).summary[1]


# ---- refusals


@pytest.mark.parametrize(
    ("stamp", "told"),
    [({"profile": "external"}, "profile internal .* external"), ({"synthetic": "no"}, "synthetic data")],
)
def test_two_that_are_not_alike_are_refused_in_either_order(
    tmp_path: Path, stamp: dict[str, str], told: str
) -> None:
    a, b = snapshot(tmp_path / "a", ROWS), snapshot(tmp_path / "b", ROWS, stamp=replace(STAMP, **stamp))
    with pytest.raises(BadSnapshot, match=told) as caught:
        compared(a, b)
    assert re.search(rf"{a}.*{b}|{b}.*{a}", str(caught.value))
    assert "compare two of" in str(caught.value)
    with pytest.raises(BadSnapshot, match="compare two of"):
        compared(b, a)


def test_a_damaged_one_is_refused_wherever_it_stands(tmp_path: Path) -> None:
    a = release(tmp_path / "a")
    b = Path(shutil.copytree(a, tmp_path / "b"))
    (b / "measures.xlsx").write_bytes(b"x")
    for pair in ((a, b), (b, a), (a, tmp_path / "c"), (tmp_path / "c", a)):
        with pytest.raises(BadSnapshot, match=re.escape(str(tmp_path))):
            compared(*pair)

"""Whole snapshots of a made-up force: nothing given away, the same each time, one number in every file."""

import csv
import io
import random
import re
import shutil
from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from frictionless import Package, system
from python_calamine import CalamineWorkbook

from profiles import disclosure, measures, snapshot, warehouse
from profiles.catalogue import catalogue, measure
from profiles.disclosure import Protection
from profiles.errors import BadSnapshot
from profiles.facts import facts_of
from profiles.periods import first_day
from profiles.selection import Selection
from profiles.snapshot import (
    attack,
    comparing,
    contents,
    files,
    manifests,
    protecting,
    reference_tables,
    told,
)
from profiles.snapshot.files import COLUMNS, FIGURES, KEY, figures_of
from profiles.snapshot.fms import fms
from profiles.snapshot.forecasts import forecast_table, projected
from profiles.snapshot.judging import verdicts
from profiles.snapshot.plan_history import as_reported, plan_history
from profiles.snapshot.plans import action_plan
from profiles.snapshot.steps import fms_steps
from profiles.writing import cell
from tests import force as forces
from tests import releases
from tests.releases import BUILDS, Releases
from tests.sizes import IS_LONG

pytestmark = pytest.mark.slow

STATED = (
    *("verdicts.csv", "forecast.csv", "fms.csv", "fms_steps.md", "action_plan.csv"),
    *("action_plan_history.csv", "data_quality.csv"),
)
"""Files that say again what measures.csv says, or what follows from it."""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Releases:
    return releases.releases(tmp_path_factory)


@pytest.fixture(scope="module")
def internal(made: Releases) -> Path:
    return made.built("internal").folder


@pytest.fixture(scope="module")
def counted(made: Releases) -> tuple[pd.DataFrame, pd.Series]:
    """The rows of the earlier month before protection."""
    return made.counted("before")


@pytest.fixture(scope="module")
def counted_next(made: Releases) -> tuple[pd.DataFrame, pd.Series]:
    """The rows of the later month before protection."""
    return made.counted("now")


@pytest.fixture(scope="module", autouse=True)
def _forgotten() -> Iterator[None]:
    """Files that were read for the tests of this module are not kept for the life of the worker."""
    yield
    for each in (in_csv, in_parquet, in_workbook):
        each.cache_clear()


@lru_cache(maxsize=3)
def in_csv(path: Path) -> pd.DataFrame:
    """A file's lines as text."""
    return pd.read_csv(path, dtype="str", keep_default_na=False, encoding="utf-8")


@lru_cache(maxsize=3)
def in_parquet(folder: Path) -> pd.DataFrame:
    return files.read_rows(folder)


@lru_cache(maxsize=3)
def in_workbook(folder: Path) -> pd.DataFrame:
    """The rows of all sheets of the workbook that hold a measure, a column that a sheet leaves out as blank;
    numbers are floats, all else text."""
    book = CalamineWorkbook.from_path(str(folder / "measures.xlsx"))
    by_sheet = {name[:31]: name for name in catalogue()}
    assert len(by_sheet) == len(catalogue())
    held = in_parquet(folder)["measure_id"].unique().tolist()
    parts = []
    for name in held:
        _, head, *lines = book.get_sheet_by_name(name[:31]).to_python()
        part = pd.DataFrame(lines, columns=head, dtype=object)
        parts.append(part.reindex(columns=list(COLUMNS), fill_value="").assign(measure_id=name))
    sheets = {by_sheet[sheet] for sheet in book.sheet_names if sheet in by_sheet}
    assert sheets - {"definitions"} == set(held)
    return pd.concat(parts, ignore_index=True)


def keys(frame: pd.DataFrame) -> list[tuple[str, ...]]:
    """What tells each row from the others."""
    return list(frame[list(KEY)].itertuples(index=False, name=None))


# ---- what is published gives nothing away


# The first one is audited by the command, in test_snapshot_cli.py.
@pytest.mark.parametrize("name", [name for name in BUILDS if name != "internal"])
def test_no_withheld_count_can_be_worked_out(made: Releases, name: str) -> None:
    manifest = manifests.verified(made.built(name).folder)
    found = attack.audit([attack.release_of(manifest)])
    assert found.withheld > 1000
    assert found.exposed.empty, found.exposed.to_string()


def test_withholding_the_small_counts_alone_gives_many_of_them_away(
    made: Releases,
    counted: tuple[pd.DataFrame, pd.Series],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    def weak(counts: disclosure.Counts, *_: Any) -> Protection:
        return Protection(counts.is_primary & ~counts.is_unseen, np.zeros(len(counts.values), dtype=bool))

    monkeypatch.setattr(disclosure, "protection", weak)
    found = protecting.released(*counted, "internal")
    assert found.cost["secondary"] == 0
    assert found.cost["primary"] > 300
    stamp = manifests.verified(made.built("internal").folder).stamp
    (tmp_path / "measures.csv").write_bytes(files.csv_bytes(files.measures_table(found.rows), stamp))
    given = attack.audit([told.told(tmp_path, "internal")]).exposed
    assert len(given) > 100
    assert (given["highest"] - given["lowest"] < 5).all()
    # What it says of a count is so.
    true = counts_by_days(counted[0], releases.EARLIER)
    said = [
        (low, true[tuple(place)], high)
        for *place, low, high, _ in given[given["side"] == "numerator"]
        .drop(columns="side")
        .itertuples(index=False, name=None)
        if tuple(place) in true
    ]
    assert len(said) > 20
    assert all(low - 1e-6 <= number <= high + 1e-6 for low, number, high in said)


def counts_by_days(rows: pd.DataFrame, as_at: str) -> dict[tuple[Any, ...], float]:
    """The numerators of flows of the whole and of one-way breakdowns, as an audit names counts."""
    found = {}
    flows = {name for name, item in catalogue().items() if item.time == "flow"}
    wanted = rows[rows["measure_id"].isin(flows) & (rows["dimension_2"] == "") & rows["numerator"].notna()]
    for row in wanted.to_dict("records"):
        if row["grain"] == "all" or row["until"] != as_at:
            continue
        first = first_day(contents.months_of(row["grain"], row["period"])[0]).isoformat()
        last = min(contents.last_day_of(row["grain"], row["period"]), as_at)
        part = "" if row["dimension"] == "all" else f"{row['dimension']}={row['category']}"
        found[row["measure_id"], row["basis"], part, first, last] = float(row["numerator"])
    return found


def test_no_small_count_of_people_stands_in_any_file(made: Releases) -> None:
    people = [name for name, item in catalogue().items() if item.sensitivity == "person"]
    assert len(people) > 20
    for name in BUILDS:
        for frame in (in_parquet(made.built(name).folder), in_workbook(made.built(name).folder)):
            counts = pd.to_numeric(frame.loc[frame["measure_id"].isin(people), "numerator"], errors="coerce")
            assert not counts.between(0, 5, inclusive="neither").any()


def test_what_was_withheld_stays_withheld_while_it_is_unchanged(
    made: Releases, counted: tuple[pd.DataFrame, pd.Series], counted_next: tuple[pd.DataFrame, pd.Series]
) -> None:
    old, new = (by_key(in_parquet(made.built(name).folder)) for name in ("internal", "next"))
    was, now = of_released(counted), of_released(counted_next)
    kept, told = 0, []
    for key in old.keys() & new.keys():
        # A period that went on has another count by now, though it may be as high.
        if old[key]["marker"] != "[c]" or not "" < contents.last_day_of(key[2], key[3]) <= releases.EARLIER:
            continue
        for name in ("numerator", "denominator"):
            is_withheld = old[key][name] != old[key][name]
            if is_withheld and was[key][name] == now[key][name]:
                kept += 1
                if new[key][name] == new[key][name]:
                    told.append((*key, name, was[key][name]))
    assert kept > 500
    assert not told, f"{len(told)} of {kept}: {sorted(told)[:5]}"


# ---- withheld in every file alike


@pytest.mark.parametrize("name", BUILDS)
def test_what_is_withheld_is_withheld_in_every_file_and_all_else_is_one_number(
    made: Releases, name: str
) -> None:
    folder = made.built(name).folder
    rows, lines, sheets = in_parquet(folder), in_csv(folder / "measures.csv"), in_workbook(folder)
    assert keys(rows) == keys(lines) == keys(sheets)
    assert len(set(keys(rows))) == len(rows)
    assert rows["marker"].tolist() == lines["marker"].tolist() == sheets["marker"].tolist()
    is_confidential = rows["marker"] == "[c]"
    assert is_confidential.sum() > 1000
    assert rows.loc[is_confidential, ["value", "lower", "upper"]].isna().all(axis=None)
    has = {each: figures_of(measure(each)) for each in rows["measure_id"].unique()}
    for figure in FIGURES:
        is_of_kind = rows["measure_id"].map({each: figure in kept for each, kept in has.items()}).tolist()
        for number, marker, of_kind, text, stands in zip(
            rows[figure].tolist(),
            rows["marker"].tolist(),
            is_of_kind,
            lines[figure].tolist(),
            sheets[figure].tolist(),
            strict=True,
        ):
            if number != number:
                expected = marker if of_kind and marker not in ("", "[p]") else ""
                assert text == stands == expected
            else:
                assert text == cell(number)
                assert stands == number
    withheld = rows.loc[is_confidential, ["numerator", "denominator"]].isna()
    assert withheld.any(axis=1).all(), "a row is confidential and hides no count"


@pytest.mark.parametrize("name", BUILDS)
def test_what_is_said_beside_the_measures_follows_from_the_published_rows_alone(
    made: Releases, name: str
) -> None:
    manifest = manifests.verified(made.built(name).folder)
    rows, stamp = files.read_rows(manifest.folder), manifest.stamp
    served = warehouse.current(made.warehouse(BUILDS[name][0]))
    con = warehouse.connect(served.path)
    breaks, plan_lines = con.execute(snapshot.BREAKS).df(), con.execute(snapshot.PLAN).df()
    updates = con.execute(snapshot.UPDATES).df()
    con.close()
    assert len(updates) > 30 or name == "internal"
    projections = projected(rows, breaks, stamp.as_at)
    judged, statement = verdicts(rows, breaks, stamp.as_at), fms(rows, projections, breaks, stamp)
    tables = (
        judged,
        forecast_table(projections),
        statement,
        action_plan(as_reported(plan_lines, updates, stamp.as_at), rows, judged),
        plan_history(plan_lines, updates, stamp.as_at),
        reference_tables.data_quality(rows),
    )
    expected = {f"{table.name}.csv": files.csv_bytes(table, stamp) for table in tables}
    expected["fms_steps.md"] = fms_steps(rows, statement, stamp).encode()
    assert set(expected) == set(STATED)
    for file, content in expected.items():
        assert (manifest.folder / file).read_bytes() == content, file


@pytest.mark.parametrize("name", BUILDS)
def test_no_figure_is_quoted_of_a_row_that_is_withheld(made: Releases, name: str) -> None:
    folder = made.built(name).folder
    rows = in_parquet(folder)
    at = dict(zip(keys(rows), rows.to_dict("records"), strict=True))
    statement = in_csv(folder / "fms.csv").to_dict("records")
    seen = 0
    for line in statement:
        if line["period_type"] == "projection":
            continue
        year = f"{line['financial_year'][:4]}-04-01"
        kind = ("survey", "stalking") if line["measure_id"] == "satisfied_overall" else ("all", "all")
        row = at[line["measure_id"], line["basis"], "financial_year", year, *kind, "", ""]
        assert (line["suppressed"] == "yes") == (row["marker"] == "[c]")
        if row["marker"] == "[c]":
            seen += 1
            assert line["value"] == "[c]"
            assert {line["lower"], line["upper"]} <= {"[c]", ""}
            assert not re.search(r"\d of \d", line["notes"])
    for line in in_csv(folder / "action_plan.csv").to_dict("records"):
        if not line["measure_id"] or not line["period"]:
            continue
        place = [line[column] for column in ("measure_id", "basis", "grain", "period")]
        part = [line["dimension"], line["category"]]
        # A survey is of one kind of victim; what it asks them of each stage is the second dimension.
        cut = [*part, "", ""] if (*place, *part, "", "") in at else ["survey", "stalking", *part]
        row = at[*place, *cut]
        assert line["marker"] == row["marker"]
        if row["marker"] == "[c]":
            seen += 1
            assert line["value"] == "[c]"
            assert "no figure ([c] confidential" in line["sentence"]
            for figure in FIGURES:
                assert line[figure] in ("[c]", "", cell(row[figure]))
    judged = 0
    for line in in_csv(folder / "verdicts.csv").to_dict("records"):
        if not line["value"]:
            continue
        judged += 1
        months = rows[
            (rows["measure_id"] == line["measure_id"])
            & (rows["basis"] == line["basis"])
            & (rows["grain"] == "month")
            & (rows["dimension"] == "all")
            & rows["period"].between(line["stretch_since"], line["last_period"])
        ]
        assert not (months["marker"] == "[c]").any()
        assert cell(months["value"].tolist()[-1]) == line["value"]
    assert seen >= 5
    assert judged >= 5


# ---- the same each time, and as it was


PARTS_BY_YEAR = """
import sys
from profiles.cli import main
from profiles.snapshot import contents
every = contents.asks
contents.asks = lambda: (a for a in every() if a.dimension == "all" or a.grain in ("financial_year", "all"))
main(sys.argv[1:])
"""
"""The command, which breaks nothing down by a shorter period than a year: a third of the counts."""


def test_the_same_inputs_give_the_same_bytes_whatever_folder_and_hash_seed(
    made: Releases, tmp_path: Path
) -> None:
    served, again = made.copied("before", tmp_path / "other"), tmp_path / "another name"
    if IS_LONG:
        program, first, printed = (
            ("-m", "profiles.cli"),
            made.built("internal").folder,
            made.built("internal").printed,
        )
    else:
        program, first = ("-c", PARTS_BY_YEAR), tmp_path / "first"
        run = releases.building(first, made.warehouse("before"), program=program)
        assert run.returncode == 0, run.stderr
        printed = run.stdout
    run = releases.building(again, served, seed=12345, program=program)
    assert run.returncode == 0, run.stderr
    names = sorted(path.name for path in first.iterdir())
    assert sorted(path.name for path in again.iterdir()) == names
    assert {*STATED, "measures.csv", "measures.parquet", "measures.xlsx", "manifest.json"} <= set(names)
    for name in names:
        assert (first / name).read_bytes() == (again / name).read_bytes(), name
    assert manifests.verified(again).sha256 == manifests.verified(first).sha256
    cost = manifests.verified(again).raw["suppression"]
    assert min(cost["primary"], cost["secondary"]) > 50
    assert printed == run.stdout.replace(str(again), str(first))
    assert {path.name for path in tmp_path.iterdir()} <= {"other", "first", "another name"}


@pytest.mark.parametrize("name", BUILDS)
def test_one_flipped_byte_is_caught_in_every_file(made: Releases, name: str, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(made.built(name).folder, tmp_path / "copy"))
    chance = random.Random(name)
    for path in sorted(folder.iterdir()):
        content = path.read_bytes()
        place = chance.randrange(len(content))
        with path.open("r+b") as file:
            file.seek(place)
            file.write(bytes([content[place] ^ (1 << chance.randrange(8))]))
        with pytest.raises(BadSnapshot) as caught:
            manifests.verified(folder)
        assert str(path) in str(caught.value)
        path.write_bytes(content)
        manifests.verified(folder)


@pytest.mark.parametrize("name", BUILDS)
def test_the_description_of_the_files_holds_of_them(made: Releases, name: str) -> None:
    folder = made.built(name).folder
    with system.use_context(trusted=True):
        package = Package(str(folder / "datapackage.json"))
        described = {resource.path for resource in package.resources}
        assert described == {path.name for path in folder.glob("*.csv")}
        report = package.validate()
    assert report.valid, report.flatten(["name", "rowNumber", "fieldName", "type", "message"])[:5]
    told = {task.name: task.stats["rows"] for task in report.tasks}
    assert told["measures"] == len(in_parquet(folder))


# ---- one number wherever it is read


def drawn(rows: pd.DataFrame) -> pd.DataFrame:
    """200 rows with a figure: twenty of two-way breakdowns, the others spread over all measures."""
    shown = rows[rows["value"].notna()]
    crossed = shown[shown["dimension_2"] != ""].sample(20, random_state=5)
    others = shown[shown["dimension_2"] == ""].sample(frac=1, random_state=5)
    # One of each grain and dimension of a measure before the second of any.
    others = others.assign(nth=others.groupby(["measure_id", "grain", "dimension"]).cumcount())
    others = others.assign(of=others.sort_values("nth", kind="stable").groupby("measure_id").cumcount())
    others = others.sort_values("of", kind="stable").head(180)
    return pd.concat([crossed, others])[list(COLUMNS)]


def asked(row: Mapping[Any, Any]) -> Selection:
    """The selection under which `measure` answers with the row."""
    is_crossed = bool(row["dimension_2"])
    return Selection(
        basis=None if row["basis"] in ("", "fixed") else row["basis"],
        by=row["dimension_2"] if is_crossed else None if row["dimension"] == "all" else row["dimension"],
        grain=row["grain"],
        where=((row["dimension"], row["category"]),) if is_crossed else (),
    )


def test_two_hundred_random_figures_are_one_number_in_every_file_and_to_the_measure(
    made: Releases, internal: Path
) -> None:
    chosen = drawn(in_parquet(internal))
    assert len(chosen) == 200
    assert chosen["measure_id"].nunique() > 40
    assert {"month", "quarter", "financial_year", "rolling_year", "all"} == set(chosen["grain"])
    assert chosen["dimension"].nunique() > 5
    with (internal / "measures.csv").open(encoding="utf-8", newline="") as source:
        lines = {tuple(line[name] for name in KEY): line for line in csv.DictReader(source)}
    book = in_workbook(internal)
    sheets = dict(zip(keys(book), book.to_dict("records"), strict=True))
    folder = made.warehouse("before")
    con = warehouse.connect(warehouse.current(folder).path)
    facts = facts_of(con)
    for number, row in enumerate(chosen.to_dict("records")):
        key = tuple(row[name] for name in KEY)
        selection = asked(row)
        frame = measures.run(con, row["measure_id"], selection, facts=facts)
        category = row["category_2"] or row["category"]
        (found,) = frame[(frame["category"] == category) & (frame["period"] == row["period"])].to_dict(
            "records"
        )
        for name in (*FIGURES, "marker"):
            told = {cell(row[name]), cell(found[name]), lines[key][name], cell(sheets[key][name])}
            assert len(told) == 1, (key, name, told)
        if number % 10 == 0:
            options = [("--basis", selection.basis), ("--by", selection.by), ("--grain", selection.grain)]
            options += [("--where", f"{name}={value}") for name, value in selection.where]
            given = [part for pair in options if pair[1] for part in pair]
            (line,) = [
                line
                for line in forces.measured(folder, row["measure_id"], *given)
                if (line["category"], line["period"]) == (cell(category), row["period"])
            ]
            assert {name: line[name] for name in FIGURES} == {name: lines[key][name] for name in FIGURES}
    con.close()


# ---- a planted revision


CHANGED = {"Internet Involved": ("N", "Y"), "District": ("Dover", "Thanet"), "DA Flag": ("Y", "N")}
"""What a later extract says otherwise: cells as they were, and as they are."""


@pytest.fixture(scope="module")
def revised(made: Releases, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The warehouse of the later month after an extract of the same day that corrects ten crimes, and its
    snapshot with the one before the correction as the previous one."""
    folder = tmp_path_factory.mktemp("revised")
    served = made.copied("now", folder / "warehouse")
    (export,) = made.exports.glob(f"*_crimes_{releases.LATER.replace('-', '')}.csv")
    extract = folder / f"SYNTHETIC_corrections_{releases.LATER.replace('-', '')}.csv"
    extract.write_text(corrections(export), encoding="utf-8", newline="")
    forces.imported(served, extract)
    run = releases.building(folder / "snapshot", served, previous=made.built("next").folder)
    assert run.returncode == 0, run.stderr
    return served, folder / "snapshot"


def corrections(export: Path) -> str:
    """Ten crimes of the export whose principal crime is stalking, as another extract, each corrected."""
    with export.open(encoding="utf-8-sig", newline="") as source:
        reader = csv.DictReader(source)
        lines = list(reader)
    references = [line["Investigation Ref"] for line in lines]
    told: list[dict[str, str]] = []
    for name, (was, corrected) in CHANGED.items():
        found = [
            line
            for line in lines
            if line["HO Class"] == "8Q"
            and line[name] == was
            and line["Status"] == "Recorded"
            and references.count(line["Investigation Ref"]) == 1
            and line["Investigation Ref"] not in {each["Investigation Ref"] for each in told}
        ]
        told += [line | {name: corrected} for line in found[:3]]
    # And one that was recorded in another month.
    moved = next(
        line
        for line in lines
        if line["HO Class"] == "8Q"
        and line["Date Recorded"].endswith("/07/2026")
        and references.count(line["Investigation Ref"]) == 1
        and line["Investigation Ref"] not in {each["Investigation Ref"] for each in told}
    )
    told.append(moved | {"Date Recorded": moved["Date Recorded"].replace("/07/2026", "/08/2026")})
    assert len(told) == 10
    target = io.StringIO(newline="")
    writer = csv.DictWriter(target, list(lines[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(told)
    return target.getvalue()


def test_a_comparison_names_every_figure_that_a_correction_touches_and_nothing_else(
    made: Releases, counted_next: tuple[pd.DataFrame, pd.Series], revised: tuple[Path, Path]
) -> None:
    served, folder = revised
    before = made.built("next").folder
    found = comparing.compared(before, folder)
    named = found.frame[found.frame["table"] == "measures"]
    changes = dict(zip(keys(named), named["change"], strict=True))
    assert len(changes) == len(named)
    was, now = (of_released(pair) for pair in (counted_next, releases.unprotected(served)))
    old, new = (by_key(in_parquet(each)) for each in (before, folder))
    expected: dict[tuple[str, ...], str] = {}
    for key in old.keys() | new.keys():
        if key not in old or key not in new:
            expected[key] = comparing.NEW if key in new else comparing.VANISHED
            continue
        told = [{name for name in FIGURES if row[name] == row[name]} for row in (old[key], new[key])]
        kept = set(figures_of(measure(key[0])))
        hidden, shown = (
            (one - other) & kept if row["marker"] == "[c]" else set()
            for one, other, row in ((told[0], told[1], new[key]), (told[1], told[0], old[key]))
        )
        differs = {name for name in kept if not same(was[key][name], now[key][name])}
        if hidden or shown:
            expected[key] = comparing.HIDDEN if hidden else comparing.SHOWN
        elif differs & (told[0] | told[1]):
            expected[key] = comparing.REVISED
    is_marked = named["change"].isin([comparing.MARKER, comparing.WORDING])
    assert {
        key: change for key, change in changes.items() if key not in set(keys(named[is_marked]))
    } == expected
    kinds = pd.Series(list(expected.values())).value_counts()
    assert kinds[comparing.REVISED] > 50
    # What is said of a figure is what both warehouses count.
    for row in named[named["change"] == comparing.REVISED].to_dict("records"):
        key = tuple(row[name] for name in KEY)
        for name in FIGURES:
            for text, true in ((row[f"{name}_old"], was[key][name]), (row[f"{name}_new"], now[key][name])):
                assert text in ("", "[c]", "[u]", "[z]", "[x]") or text == cell(true)
    for row in named[is_marked].to_dict("records"):
        assert all(
            row[f"{name}_old"] == row[f"{name}_new"] for name in FIGURES if "[" not in row[f"{name}_new"]
        )
    # Nor is a line of another table named but for what was counted anew.
    others = found.frame[found.frame["table"] != "measures"]
    assert set(others["table"]) <= {"action_plan"}
    assert set(others["measure_id"]) <= {key[0] for key in changes}
    withheld = {key for key, row in (*old.items(), *new.items()) if row["marker"] == "[c]"}
    only_one = {key for key in withheld if key in old and key in new}
    only_one = {key for key in only_one if (old[key]["marker"] == "[c]") != (new[key]["marker"] == "[c]")}
    assert not {key for key in only_one if changes.get(key) == comparing.REVISED}


def of_released(pair: tuple[pd.DataFrame, pd.Series]) -> dict[tuple[str, ...], dict[Any, Any]]:
    """The rows that are released, before protection, by key."""
    return by_key(pair[0][pair[1]])


def by_key(rows: pd.DataFrame) -> dict[tuple[str, ...], dict[Any, Any]]:
    return dict(zip(keys(rows), rows.to_dict("records"), strict=True))


def same(one: float, other: float) -> bool:
    return one == other or (one != one and other != other)


def test_nothing_changed_when_a_snapshot_is_compared_with_itself(made: Releases) -> None:
    folder = made.built("next").folder
    found = comparing.compared(folder, folder)
    assert found.frame.empty
    assert found.summary[-1] == "Nothing changed."

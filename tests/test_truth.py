"""An import of a sample finds what truth.json lists: no record more, no fault less, in whatever order."""

import json
import os
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from profiles import contracts, warehouse
from profiles.settings import ROOT
from tests.force import Force, asked, imported, lines, measured, messy
from tests.force import force as made

REASONS = {
    "missing value", "not a date", "ambiguous date", "not a number", "not an allowed value", "out of range",
    "date after the extract", "code became a date", "repeated reference", "wrong number of cells",
    "total row",
}  # fmt: skip
COUNTS = ("rows_in", "accepted", "unchanged", "superseded", "rejected")
EXTRACTS = ("20260630", "20260731", "20260831", "20260930")


pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def force(tmp_path_factory: pytest.TempPathFactory) -> Force:
    """The force of this run."""
    return made(tmp_path_factory)


@pytest.fixture(scope="module")
def records(force: Force) -> dict[str, dict[int, list[str]]]:
    """Every record of every export, by file and line."""
    return {path.name: lines(path) for path in force.exports.glob("*.csv")}


def accounts(printed: bytes) -> dict[str, dict[str, Any]]:
    """The account of each file as an import printed it, its parts in the form of truth.json."""
    return {
        item["file"]: {name: item[name] for name in ("table", *COUNTS, "reasons")}
        for item in json.loads(printed)["files"]
    }


def extract(force: Force, day: str) -> list[Path]:
    """The files of one extract."""
    found = sorted(force.exports.glob(f"*_{day}.csv"))
    assert len(found) == len(force.truth["files"]) / len(EXTRACTS)
    return found


def copied(force: Force, folder: Path) -> Path:
    """The warehouse once more, to be written."""
    return Path(shutil.copytree(force.warehouse, folder / "warehouse"))


# --- Show 3: exactly what truth.json lists -------------------------------------------------------


def test_each_file_is_accounted_for_as_truth_says(force: Force) -> None:
    assert accounts(force.printed) == force.truth["files"]
    for item in force.account["files"]:
        assert item["rows_in"] == sum(item[name] for name in COUNTS[1:]), item
        assert item["rejected"] == sum(item["reasons"].values()), item
        assert item["removed"] == 0
    assert force.account["as_at"] == force.truth["as_at"] == "2026-09-30"


def test_the_rows_in_are_the_records_of_the_file(
    force: Force, records: dict[str, dict[int, list[str]]]
) -> None:
    assert {item["file"]: item["rows_in"] for item in force.account["files"]} == {
        file: len(found) - 1 for file, found in records.items()
    }


def test_truth_itself_is_skipped_and_said_to_be(force: Force) -> None:
    (skipped,) = force.account["skipped"]
    assert skipped["file"] == "truth.json"
    assert ".json" in skipped["reason"]


def test_every_rejected_record_is_one_that_truth_lists_by_line_column_and_reason(
    force: Force, records: dict[str, dict[int, list[str]]]
) -> None:
    found = asked(force.warehouse, "select file, line, column_name, value, reason from meta.rejects")
    faults = force.truth["faults"]
    assert Counter((file, line, column, reason) for file, line, column, _, reason in found) == Counter(
        (row["file"], row["line"], row.get("column"), kind)
        for kind in REASONS & set(faults)
        for row in faults[kind]["rows"]
    )
    for file, line, column, value, reason in found:
        header, cells = records[file][1], records[file][line]
        if reason == "wrong number of cells":
            assert len(cells) != len(header)
        elif reason == "repeated reference":
            assert cells[header.index(column)].strip() in str(value)
        else:
            cell = cells[header.index(column)].strip()
            assert value == (None if cell in ("", "Not Recorded") else cell), (file, line)


def test_an_odd_age_of_a_victim_is_left_blank_and_noted_and_its_crime_counts(
    force: Force, records: dict[str, dict[int, list[str]]]
) -> None:
    places = force.truth["faults"]["odd age of a victim"]["rows"]
    held = asked(
        force.warehouse,
        "select file, crimes.line, age from raw.crimes join raw.crime_victims using (source, crime_ref) "
        "join meta.files on crimes.file_id = files.file_id",
    )
    ages = {(file, line): age for file, line, age in held}
    assert {ages[row["file"], row["line"]] for row in places} == {None}
    noted = Counter[str]()
    for item in force.account["files"]:
        noted[item["file"]] += sum(
            count for note, count in item["notes"].items() if note.startswith("age of")
        )
    assert +noted == Counter(row["file"] for row in places)


def test_every_marked_record_is_one_that_truth_lists_by_the_reference_on_its_line(
    force: Force, records: dict[str, dict[int, list[str]]]
) -> None:
    found = asked(force.warehouse, "select check_name, row_key from marts.findings")
    faults, expected = force.truth["faults"], force.truth["findings"]
    assert Counter(check for check, _ in found) == Counter(expected)
    assert min(expected.values()) > 0
    assert Counter((check, key.split(" / ")[0]) for check, key in found) == Counter(
        (check, records[row["file"]][row["line"]][0].strip())
        for check in expected
        for row in faults[check]["rows"]
    )


def test_every_fault_is_either_rejected_or_marked_or_harmless(force: Force) -> None:
    harmless = {
        "row sent twice", "padded reference", "date in another declared form", "odd age of a victim",
    }  # fmt: skip
    kinds = set(force.truth["faults"])
    assert kinds - REASONS - set(force.truth["findings"]) == harmless
    # Only the reasons that this layout, with its one order of day and month, cannot give are missing.
    assert REASONS - kinds == {"ambiguous date"}


def test_the_measures_say_the_totals_of_truth_in_all_and_by_month(force: Force) -> None:
    totals = force.truth["totals"]
    stalking = totals["stalking"]
    (row,) = measured(force.warehouse, "recorded_crimes", "--grain", "all")
    assert row["numerator"] == str(totals["recorded_crimes"])
    for basis in ("principal", "included_only", "any"):
        (row,) = measured(force.warehouse, "stalking_crimes", "--basis", basis, "--grain", "all")
        assert row["numerator"] == str(stalking[basis])
    assert stalking["any"] == stalking["principal"] + stalking["included_only"] > 1000
    months: dict[str, dict[str, int]] = {}
    asks = {
        "recorded_crimes": ("recorded_crimes",),
        **{
            basis: ("stalking_crimes", "--basis", basis)
            for basis in ("principal", "included_only", "any")
        },
    }  # fmt: skip
    for name, ask in asks.items():
        for row in measured(force.warehouse, *ask, "--grain", "month"):
            months.setdefault(row["period"][:7], {})[name] = int(row["numerator"])
    assert months == totals["by_month"]


def test_the_raw_tables_hold_as_many_crimes_as_truth_says(force: Force) -> None:
    assert asked(force.warehouse, "select count(*) from raw.crimes") == [
        (force.truth["totals"]["crime_records"],)
    ]


# --- the same again, in parts, and backwards -----------------------------------------------------


def test_the_same_import_twice_is_all_unchanged_and_makes_no_version(force: Force, tmp_path: Path) -> None:
    folder = copied(force, tmp_path)
    before = sorted(path.name for path in (folder / "versions").iterdir())
    printed = imported(folder, *sorted(force.exports.iterdir()))
    again = {
        file: {
            **item,
            "accepted": 0,
            "superseded": 0,
            "unchanged": item["accepted"] + item["unchanged"] + item["superseded"],
        }
        for file, item in force.truth["files"].items()
    }
    assert accounts(printed) == again
    assert json.loads(printed)["warehouse_version"] == force.account["warehouse_version"]
    assert json.loads(printed)["skipped"] == force.account["skipped"]
    assert sorted(path.name for path in (folder / "versions").iterdir()) == before


HISTORY = {"read_records", "rejected_records"}
"""Marts of what became of each file when it was read, which another order of imports changes."""


def rows(folder: Path, schema: str) -> dict[str, list[tuple]]:
    """The rows of every table of the schema in an order of their own; of raw tables without their origin."""
    named = f"select table_name from information_schema.tables where table_schema = '{schema}' order by 1"
    found = {}
    for (name,) in asked(folder, named):
        if name in HISTORY:
            continue
        columns = "*"
        if schema == "raw":
            columns = ", ".join(f'"{column}"' for column in contracts.TABLES[name].names)
        found[name] = asked(folder, f"select {columns} from {schema}.{name} order by all")
    return found


def same_rows(folder: Path, other: Path, schema: str) -> None:
    """Fail at the first table of the schema that differs, without printing all of it."""
    mine, theirs = rows(folder, schema), rows(other, schema)
    assert list(mine) == list(theirs)
    for name, found in mine.items():
        if found != theirs[name]:
            extra = Counter(map(repr, found)) - Counter(map(repr, theirs[name]))
            lacking = Counter(map(repr, theirs[name])) - Counter(map(repr, found))
            pytest.fail(f"{schema}.{name}: {list(extra)[:3]} instead of {list(lacking)[:3]}")
    assert sum(map(len, mine.values())) > 1000


def origins(folder: Path) -> list[tuple]:
    """For each crime the extract, file and line it came from."""
    return asked(
        folder,
        "select crimes.crime_ref, crimes.extract_date, files.file, crimes.line from raw.crimes "
        "inner join meta.files on crimes.file_id = files.file_id order by all",
    )


def test_extracts_imported_one_by_one_end_where_all_at_once_ended(force: Force, tmp_path: Path) -> None:
    folder = tmp_path / "warehouse"
    for day in EXTRACTS:
        printed = imported(folder, *extract(force, day))
        # Nothing newer is known yet, so what a later extract will replace is accepted as yet.
        assert accounts(printed) == {
            path.name: {
                **force.truth["files"][path.name],
                "accepted": force.truth["files"][path.name]["accepted"]
                + force.truth["files"][path.name]["superseded"],
                "superseded": 0,
            }
            for path in extract(force, day)
        }
    same_rows(folder, force.warehouse, "marts")
    same_rows(folder, force.warehouse, "raw")
    assert origins(folder) == origins(force.warehouse)
    rejects = "select file, line, table_name, column_name, value, reason from meta.rejects order by all"
    assert asked(folder, rejects) == asked(force.warehouse, rejects)


def test_extracts_imported_newest_first_end_there_too_for_an_older_one_never_replaces(
    force: Force, tmp_path: Path
) -> None:
    folder = tmp_path / "warehouse"
    superseded = 0
    for day in reversed(EXTRACTS):
        found = accounts(imported(folder, *extract(force, day)))
        for file, item in found.items():
            for name in ("rows_in", "superseded", "rejected", "reasons"):
                assert item[name] == force.truth["files"][file][name], (file, name)
            superseded += item["superseded"]
        assert warehouse.current(folder).as_at == "2026-09-30"
    assert superseded > 100
    same_rows(folder, force.warehouse, "raw")
    same_rows(folder, force.warehouse, "marts")


@pytest.fixture(scope="module")
def untidy(tmp_path_factory: pytest.TempPathFactory) -> Force:
    """A small force in three extracts that contradict each other and themselves."""
    return messy(tmp_path_factory.mktemp("untidy"))


@pytest.mark.parametrize("order", [(0, 2, 1), (1, 2, 0), (2, 0, 1)])
def test_untidy_extracts_end_in_the_same_rows_in_whatever_order_they_come(
    untidy: Force, tmp_path: Path, order: tuple[int, ...]
) -> None:
    files = sorted(untidy.exports.iterdir())
    for place in order:
        imported(tmp_path / "warehouse", files[place])
    same_rows(tmp_path / "warehouse", untidy.warehouse, "raw")
    same_rows(tmp_path / "warehouse", untidy.warehouse, "marts")


# --- Show 3: the same bytes wherever it runs -----------------------------------------------------

RUN = """
import sys
from pathlib import Path
from profiles.cli import main

folder = ["--warehouse", sys.argv[1]]
files = [str(path) for path in sorted(Path(sys.argv[2]).iterdir())]
main(["import", *files, "--mapping", "athena", "--json", *folder], standalone_mode=False)
for ask in (
    ["stalking_crimes", "--by", "district"],
    ["stalking_crimes", "--by", "typology", "--grain", "rolling_year"],
    ["included_uplift", "--grain", "quarter"],
    ["online_share", "--by", "team", "--basis", "principal", "--grain", "financial_year"],
    ["stalking_rate", "--by", "district", "--grain", "rolling_year"],
    ["with_included_share", "--by", "principal_class", "--grain", "year"],
):
    main(["measure", *ask, "--format", "csv", *folder], standalone_mode=False)
"""

SURROUNDINGS = (
    {"TZ": "Asia/Kolkata", "LC_ALL": "C", "PYTHONHASHSEED": "1", "STALKING_PROFILES_THREADS": "1",
     "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"},
    {"TZ": "America/St_Johns", "LC_ALL": "C.utf8", "PYTHONHASHSEED": "77", "STALKING_PROFILES_THREADS": "5"},
)  # fmt: skip


def test_two_processes_in_other_surroundings_print_the_same_bytes(force: Force, tmp_path: Path) -> None:
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", RUN, str(tmp_path / f"warehouse_{number}"), str(force.exports)],
            env={**os.environ, **surroundings, "PYTHONPATH": str(ROOT)},
            cwd=tmp_path,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        for number, surroundings in enumerate(SURROUNDINGS)
    ]
    printed = []
    for process in processes:
        out, err = process.communicate(timeout=300)
        assert process.returncode == 0, err.decode()
        printed.append(out)
    assert printed[0] == printed[1]
    # The account, version name included, is also that of this process; the measures follow it.
    assert printed[0].startswith(force.printed)
    assert printed[0].count(b"category,period,") == 6

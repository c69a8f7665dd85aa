"""A snapshot that was sealed with nonsense is damaged: it is refused, and the last good one stays up."""

import csv
import io
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from profiles import cli
from profiles.cli.command import USER_FAULT
from profiles.errors import BadSnapshot
from profiles.snapshot import comparing, files, manifests, opened
from profiles.snapshot.soundness import sound
from profiles.writing import json_text
from tests.projected import made
from tests.snapshot_rows import COST, LIMITS

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A sound snapshot; only to be copied."""
    return made(tmp_path_factory.mktemp("sound") / "2026-09-30-internal")


@pytest.fixture
def folder(good: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(good, tmp_path / "shelf" / "2026-09-30-internal"))


def sealed(folder: Path, **changed: Any) -> None:
    """Write the manifest as a forger would: other content, with sizes, hashes and a seal that fit."""
    raw = json.loads((folder / manifests.NAME).read_text(encoding="utf-8")) | changed
    raw = {name: value for name, value in raw.items() if value is not ...}
    raw["files"] = {
        path.name: manifests._measured(path)
        for path in sorted(folder.iterdir())
        if path.name != manifests.NAME
    }
    raw["seal"] = manifests._seal(raw)
    (folder / manifests.NAME).write_text(json_text(raw), encoding="utf-8", newline="")


def refused(folder: Path, *named: str) -> None:
    with pytest.raises(BadSnapshot) as caught:
        sound(folder)
    for word in named:
        assert word in str(caught.value)
    assert "\n" not in str(caught.value)


def edited(path: Path, change: Callable[[list[list[str]]], object]) -> None:
    rows = list(csv.reader(io.StringIO(path.read_text(encoding="utf-8"), newline="")))
    change(rows)
    target = io.StringIO(newline="")
    csv.writer(target, lineterminator="\r\n").writerows(rows)
    path.write_bytes(target.getvalue().encode())


def test_what_is_built_makes_sense(good: Path) -> None:
    assert sound(good) == manifests.verified(good)


INPUT = {"file": "a.csv", "table": "crimes", "as_at": "2026-09-30", "sha256": "0" * 64, "rows": 1}


def each(key: str, *values: Any) -> list[dict[str, Any]]:
    """The manifest changed at that key, once for each value; `...` takes the key away."""
    return [{key: value} for value in values]


NONSENSE: list[dict[str, Any]] = [
    *(
        {"as_at": day, "generated_at": day}
        for day in ("9999-99-99", "2026-02-30", "9999-12-31", "0001-01-01")
    ),
    *({"as_at": day, "generated_at": day} for day in ("", "today", "2026-9-30", "20260930", "2026-W40-3")),
    {"as_at": "2026-09-30T00:00", "generated_at": "2026-09-30T00:00"},
    {"as_at": "\u0662\u0660\u0662\u0666-09-30", "generated_at": "\u0662\u0660\u0662\u0666-09-30"},
    *each("as_at", None, 20260930, True, [], {}, ..., "2026-08-31"),
    *each("generated_at", None, "9999-99-99", ...),
    *each("profile", "", "public", "Internal", None, 1, ...),
    *each("synthetic", "", "yes", "synthetic", None, False, ...),
    *each("marking", "", "x" * 9_000, "a\nb", "\x1b[31m", "\u202ex", None, 0, ...),
    *each("version", "", None, 1.0, ...),
    *each("warehouse_version", "", None, [], ...),
    *each("inputs", None, {}, "x", ["x"], [[]], [{}], [{**INPUT, "more": 1}], ...),
    *each("inputs", *([{**INPUT, "as_at": value}] for value in ("9999-99-99", "", 1))),
    *each("inputs", *([{**INPUT, "rows": value}] for value in (-1, "many", 1.5, True, 10**30))),
    *each("settings", None, [], "x", ...),
    *each("thresholds", None, {}, [], "x", ..., {**LIMITS, "rounded_to": "five"}),
    *each("thresholds", *({**LIMITS, "rounded_to": value} for value in (None, True, -1, 10**30))),
    *each("suppression", None, {}, [], {"primary": 1}, ..., {**COST, "rows": "x"}),
    *each("two_way", None, "x", ["x"], [[1]], [{}], ...),
    *each("begins", None, "x", [], {"stalking_crimes": "2026-13-01"}),
    *each("previous", "x", {}, [], {"as_at": "9999-99-99", "sha256": "0" * 64}),
    {"previous": {"as_at": "2026-08-31", "sha256": "0"}},
    *each("format", 0, -1, "1", None, True, 1.0, [], ..., 2),
]


def test_a_manifest_of_nonsense_is_damaged_though_its_seal_fits(folder: Path, good: Path) -> None:
    for changed in NONSENSE:
        shutil.copy(good / manifests.NAME, folder / manifests.NAME)
        sealed(folder, **changed)
        try:
            refused(folder, str(folder))
        except BaseException as error:
            raise AssertionError(str(changed)[:200]) from error


def test_numbers_that_json_does_not_know_are_damage(folder: Path) -> None:
    path = folder / manifests.NAME
    for number in (b"NaN", b"Infinity", b"-Infinity", b"1e999", b"9" * 5_000):
        text = path.read_bytes()
        path.write_bytes(text.replace(b'"primary": 3', b'"primary": ' + number))
        refused(folder, "manifest.json", "damaged")
        path.write_bytes(text)


def header(name: str, other: str) -> Callable[[list[list[str]]], object]:
    def change(rows: list[list[str]]) -> None:
        rows[0][rows[0].index(name)] = other

    return change


def cell(name: str, value: str) -> Callable[[list[list[str]]], object]:
    def change(rows: list[list[str]]) -> None:
        rows[1][rows[0].index(name)] = value

    return change


def dropped(name: str) -> Callable[[list[list[str]]], object]:
    def change(rows: list[list[str]]) -> None:
        place = rows[0].index(name)
        for each in rows:
            del each[place]

    return change


def swapped(rows: list[list[str]]) -> None:
    rows[0][0], rows[0][1] = rows[0][1], rows[0][0]


def added(rows: list[list[str]]) -> None:
    for each in rows:
        each.append("x")


TABLES: list[tuple[str, Callable[[list[list[str]]], object], str]] = [
    *((f"{name}.csv", swapped, "another order") for name in ("measures", "forecast", "fms", "breaks")),
    *((f"{name}.csv", added, "other columns") for name in ("measures", "forecast", "fms", "breaks")),
    *((f"{name}.csv", lambda rows: rows.clear(), "damaged") for name in ("measures", "fms", "definitions")),
    *(
        (f"{name}.csv", lambda rows: rows[1].pop(), "damaged")
        for name in ("measures", "breaks", "definitions")
    ),
    ("definitions.csv", header("least", "measure_id"), "each once"),
    ("measures.csv", header("value", "Value"), "'value'"),
    ("measures.csv", header("value", "lower"), "'value'"),
    ("forecast.csv", dropped("lower_80"), "'lower_80'"),
    ("breaks.csv", header("break_date", "day"), "'break_date'"),
    ("breaks.csv", cell("break_date", "9999-99-99"), "break_date"),
    ("breaks.csv", cell("break_date", "soon"), "break_date"),
    ("breaks.csv", cell("as_at", "2020-01-01"), "as_at"),
    ("breaks.csv", cell("synthetic", "no"), "synthetic"),
    ("fms.csv", cell("marking", "OFFICIAL"), "marking"),
    ("fms.csv", cell("source_extract_date", "9999-99-99"), "source_extract_date"),
    *(("fms.csv", cell("value", text), "value") for text in ("many", "nan", "inf", "1e400", "-", "9" * 400)),
    ("forecast.csv", cell("horizon", "1.5"), "horizon"),
    ("forecast.csv", cell("period", "2026-13-01"), "period"),
    ("forecast.csv", cell("measure_id", "moonlight"), "'moonlight'"),
    ("measures.csv", cell("period", "yesterday"), "period"),
    ("measures.csv", cell("numerator", "=1+1"), "numerator"),
]


def test_a_table_of_other_columns_or_cells_is_damaged_though_its_hash_fits(folder: Path, good: Path) -> None:
    for name, change, named in TABLES:
        edited(folder / name, change)
        sealed(folder)
        try:
            refused(folder, name, named)
        except BaseException as error:
            raise AssertionError(f"{name}, {named}") from error
        shutil.copy(good / name, folder / name)
    for content in (b"", b"\xff\xfe\0", b"\0" * 99, b'"' * 99):
        (folder / "fms.csv").write_bytes(content)
        sealed(folder)
        refused(folder, "fms.csv")
    shutil.copy(good / "fms.csv", folder / "fms.csv")
    sealed(folder)
    assert sound(folder).as_at == "2026-09-30"


def test_rows_of_nonsense_in_the_parquet_are_damage(folder: Path) -> None:
    rows, stamp = files.read_rows(folder), manifests.verified(folder).stamp
    for name, value, told in (
        ("measure_id", "moonlight", "'moonlight', which this version does not know"),
        ("grain", "fortnight", "grain"),
        ("period", "9999-99-99", "period"),
        ("marker", "[?]", "marker"),
        ("value", float("inf"), "figure that cannot be"),
        ("numerator", 1e300, "figure that cannot be"),
    ):
        changed = rows.copy()
        changed.loc[0, name] = value
        (folder / "measures.parquet").write_bytes(files.parquet_bytes(changed, stamp))
        sealed(folder)
        refused(folder, "measures.parquet", told)
    twice = rows.iloc[[0, *range(len(rows))]].reset_index(drop=True)
    (folder / "measures.parquet").write_bytes(files.parquet_bytes(twice, stamp))
    sealed(folder)
    refused(folder, "measures.parquet", "a row twice")
    for content in (b"", b"PAR1", b"PAR1" + b"\0" * 99 + b"PAR1"):
        (folder / "measures.parquet").write_bytes(content)
        sealed(folder)
        refused(folder, "measures.parquet")


def test_a_description_of_other_columns_is_damage(folder: Path) -> None:
    path = folder / "datapackage.json"
    stamp = {"as_at": "2026-09-30", "marking": "OFFICIAL-SENSITIVE", "synthetic": "SYNTHETIC"}
    for content in ("", "[]", "{}", "null", '{"resources": 1}', json.dumps(stamp | {"resources": []})):
        path.write_text(content, encoding="utf-8")
        sealed(folder)
        refused(folder, "datapackage.json")


def test_verify_says_that_it_is_damaged_and_the_dashboard_keeps_the_last_good_one_up(
    folder: Path, good: Path
) -> None:
    older = made(folder.parent / "2026-08-31-internal", as_at="2026-08-31")
    sealed(folder, as_at="9999-99-99", generated_at="9999-99-99")
    told = CliRunner().invoke(cli.main, ["verify", str(folder)])
    assert told.exit_code == USER_FAULT
    assert told.stderr.startswith(f"stalking-profiles: {folder / 'manifest.json'} is damaged: its as_at ")
    shelf = opened.shown_first(opened.found(folder.parent))
    assert [each.folder for each in shelf.whole] == [older]
    assert len(shelf.damaged) == 1
    # One that makes sense and lacks what the pages need is passed over as well.
    shutil.rmtree(folder)
    shutil.copytree(good, folder)
    (folder / "forecast.csv").unlink()
    sealed(folder)
    shelf = opened.shown_first(opened.found(folder.parent))
    assert ([each.folder for each in shelf.whole], len(shelf.damaged)) == ([older], 1)
    shutil.rmtree(older)
    assert opened.shown_first(opened.found(folder.parent)).whole == ()


@pytest.mark.parametrize("error", [KeyError("category"), AttributeError("replace"), OverflowError("day")])
def test_two_of_which_one_holds_nonsense_are_not_compared(
    good: Path, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def stumbling(*_: object) -> None:
        raise error

    monkeypatch.setattr(comparing, "_changes", stumbling)
    told = CliRunner().invoke(cli.main, ["compare", str(good), str(good)])
    assert told.exit_code == USER_FAULT
    assert told.stderr.endswith("`stalking-profiles verify` says which, take it anew from its source.\n")

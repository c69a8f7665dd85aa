"""Building a snapshot: whole or not at all, never over anything, and why not in one sentence."""

import errno
import os
import re
import shutil
from math import nan
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from click.testing import CliRunner

from profiles import __version__, cli, importing, snapshot, warehouse
from profiles.cli.command import USER_FAULT
from profiles.errors import BadSnapshot, NoWarehouse, ProfilesError
from profiles.settings import Settings
from profiles.snapshot import attack, contents, files, manifests, reference_tables
from profiles.snapshot.files import TOGETHER, csv_bytes, measures_table
from profiles.snapshot.judging import verdicts
from profiles.snapshot.known import Known, all_known
from profiles.snapshot.plans import action_plan
from profiles.snapshot.protecting import Released
from tests import force as forces
from tests import releases
from tests.built import again, build, names, refused
from tests.releases import BREAKS, FILES
from tests.snapshot_rows import ROWS, STAMP, count, release, rows
from tests.test_snapshot_manifests import sealed


@pytest.fixture
def happened(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    return releases.of_few_rows(monkeypatch)


@pytest.fixture
def shelf(tmp_path: Path) -> Path:
    """A folder for snapshots."""
    folder = tmp_path / "shelf"
    folder.mkdir()
    return folder


def test_a_snapshot_is_in_place_whole_and_nothing_beside_it(happened: list[str], shelf: Path) -> None:
    seen: list[list[str]] = []
    found = build(shelf / "a", say=lambda text: seen.append(names(shelf)))
    assert names(shelf) == ["a"]
    assert names(shelf / "a") == sorted(FILES)
    assert found == manifests.verified(shelf / "a")
    assert found.folder == shelf / "a"
    # While it is made there is no folder of that name.
    assert seen
    assert not any("a" in each for each in seen)
    assert happened == ["connected", "counted", "closed"]
    assert found.raw["previous"] is None
    assert found.raw["suppression"] == releases.COST
    assert (found.version, found.profile, found.as_at) == (__version__, "internal", STAMP.as_at)


def test_the_connection_is_closed_when_counting_fails(
    happened: list[str], shelf: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(*_: Any) -> Any:
        raise ProfilesError("no such measure")

    monkeypatch.setattr(snapshot, "_counted", failing)
    with pytest.raises(ProfilesError, match="no such measure"):
        build(shelf / "a")
    assert happened == ["connected", "closed"]
    assert names(shelf) == []


def given_away() -> pd.DataFrame:
    """Rows of which one is withheld, and told by the two others."""
    part = count(57.0, grain="quarter") | {"dimension": "district"}
    return rows(
        count(60.0, grain="quarter"),
        part | {"category": "Thanet"},
        part | {"category": "Dover", "numerator": nan, "value": nan, "marker": "[c]"},
    )


def test_a_snapshot_that_would_give_a_count_away_is_refused_and_leaves_nothing(
    happened: list[str], shelf: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = given_away()

    def contents(*_: Any) -> Any:
        for name, content in releases.few_contents(STAMP):
            yield name, csv_bytes(measures_table(told), STAMP) if name == "measures.csv" else content

    monkeypatch.setattr(snapshot, "_contents", contents)
    with pytest.raises(BadSnapshot) as caught:
        build(shelf / "a")
    assert str(caught.value) == (
        "The snapshot would give away 1 of 1 withheld counts and was not written: stalking_crimes (any, "
        "district=Dover) 2024-01-01 to 2024-03-31, by one sum after another: what the definitions say. "
        "Report it with the version of the program."
    )
    assert names(shelf) == []


def test_what_the_attack_gets_is_left_out_with_its_breakdown_and_the_rest_is_written(
    happened: list[str], shelf: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = given_away()
    asked: list[Any] = []

    def released(counted: Any, others: Any, without: Any, say: Any) -> Any:
        asked.append(without)
        keys = pd.MultiIndex.from_frame(told[list(TOGETHER)])
        kept = told if without is None else told[~keys.isin(pd.MultiIndex.from_frame(without))]
        return Released(kept, dict(releases.COST))

    def contents(tables: Any, found: Released, stamp: Any, say: Any) -> Any:
        for name, content in releases.few_contents(STAMP):
            yield name, csv_bytes(measures_table(found.rows), STAMP) if name == "measures.csv" else content

    monkeypatch.setattr(snapshot, "_released", released)
    monkeypatch.setattr(snapshot, "_contents", contents)
    said: list[str] = []
    build(shelf / "a", say=said.append)
    assert [each if each is None else each.to_numpy().tolist() for each in asked] == [
        None,
        [["stalking_crimes", "any", "quarter", "2024-01-01", "district", ""]],
    ]
    assert any("stalking_crimes (any, district=Dover) 2024-01-01 to 2024-03-31" in text for text in said)
    assert "Dover" not in (shelf / "a" / "measures.csv").read_text()


# ---- where it is to be


def test_what_is_there_is_never_overwritten(happened: list[str], shelf: Path) -> None:
    (shelf / "file").write_text("mine", encoding="utf-8")
    (shelf / "empty").mkdir()
    (shelf / "full").mkdir()
    (shelf / "full" / "notes.txt").write_text("mine", encoding="utf-8")
    (shelf / "dangling").symlink_to(shelf / "nowhere")
    (shelf / "link").symlink_to(shelf / "full")
    before = names(shelf)
    for name in before:
        told = f"{shelf / name} is there already; a snapshot is never overwritten: name a new folder."
        refused(shelf / name, told)
    assert names(shelf) == before
    assert (shelf / "file").read_text(encoding="utf-8") == "mine"
    assert (shelf / "full" / "notes.txt").read_text(encoding="utf-8") == "mine"
    assert names(shelf / "empty") == []
    assert not (shelf / "nowhere").exists()
    assert happened == []


@pytest.mark.parametrize("kind", ["folder", "file", "link"])
def test_what_comes_to_be_there_meanwhile_is_not_overwritten(
    happened: list[str], shelf: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    out, tables = shelf / "a", snapshot._tables

    def slow(*given: Any) -> Any:
        if kind == "file":
            out.write_text("mine", encoding="utf-8")
        elif kind == "link":
            out.symlink_to(shelf / "nowhere")
        else:
            out.mkdir()
            (out / "mine").touch()
        return tables(*given)

    monkeypatch.setattr(snapshot, "_tables", slow)
    refused(out, f"{out} is there already; a snapshot is never overwritten: name a new folder.")
    assert names(shelf) == ["a"]
    assert out.is_symlink() or (out.is_file() and out.read_text(encoding="utf-8") == "mine") or names(out)


def test_a_folder_that_does_not_exist_is_not_made(happened: list[str], shelf: Path) -> None:
    parent = shelf / "lacking"
    refused(parent / "a", f"The folder {parent} of a does not exist; make it, or name another.")
    (shelf / "file").touch()
    refused(
        shelf / "file" / "a", f"The folder {shelf / 'file'} of a does not exist; make it, or name another."
    )
    assert names(shelf) == ["file"]


def test_a_folder_named_from_the_one_worked_in_is_where_it_says(
    happened: list[str], shelf: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(shelf)
    assert build(Path("a")).folder == Path("a")
    assert names(shelf) == ["a"]
    refused(Path(), ". is there already; a snapshot is never overwritten: name a new folder.")


@pytest.mark.skipif(os.name != "posix", reason="folders have no such mode")
def test_a_folder_that_cannot_be_written_is_named(
    happened: list[str], shelf: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = os.open

    def denied(path: Any, *given: Any, **named: Any) -> int:
        if Path(os.fspath(path)).parent == shelf:
            raise PermissionError(errno.EACCES, "Permission denied", str(path))
        return opened(path, *given, **named)

    told = (
        f"Nothing can be written to {shelf} (Permission denied); name a folder that can be written and try "
        "again."
    )
    with monkeypatch.context() as patched:
        # The administrator may write everywhere.
        patched.setattr(os, "open", denied)
        refused(shelf / "a", told)
    assert names(shelf) == []
    if os.geteuid() != 0:
        shelf.chmod(0o500)
        refused(shelf / "a", told)
        shelf.chmod(0o700)
    again(shelf / "a")


# ---- the snapshot before


def test_the_one_before_is_named_by_its_hash(happened: list[str], shelf: Path) -> None:
    before = build(shelf / "a")
    found = build(shelf / "b", previous=shelf / "a")
    assert found.raw["previous"] == {"as_at": STAMP.as_at, "sha256": before.sha256}


@pytest.mark.parametrize(
    ("stamped", "told"),
    [
        (
            {"profile": "external"},
            "{} has profile external, and the new snapshot internal; name one of its own kind as previous.",
        ),
        (
            {"synthetic": "no"},
            "{} has synthetic no, and the new snapshot SYNTHETIC; name one of its own kind as previous.",
        ),
        (
            {"as_at": "2025-01-01"},
            "{} is as at 2025-01-01, after the data of 2024-12-31; name an earlier one.",
        ),
    ],
    ids=["profile", "synthetic", "newer"],
)
def test_one_before_that_is_no_predecessor_is_refused(
    happened: list[str], shelf: Path, stamped: dict[str, str], told: str
) -> None:
    elsewhere = shelf.parent / "before"
    release(elsewhere, ROWS, None, **{"version": __version__, **stamped})
    refused(shelf / "a", told.format(elsewhere), previous=elsewhere)
    assert names(shelf) == []
    assert happened == []
    # One that is like it, and of the same day, is taken, whatever version made it.
    release(shelf / "like", version="0.0.9")
    assert build(shelf / "a", previous=shelf / "like").raw["previous"]["as_at"] == STAMP.as_at


def test_all_releases_before_are_known_and_one_that_is_missing_is_named(
    happened: list[str], shelf: Path
) -> None:
    first = release(shelf / "first")
    release(shelf / "second", previous=first)
    before = all_known(shelf / "a", STAMP, shelf / "second").before
    assert [each.folder.name for each in before] == ["second", "first"]
    sha256 = manifests.verified(first).sha256
    first.rename(shelf.parent / "first")
    refused(
        shelf / "a",
        f"{shelf / 'second'} was released after a snapshot as at {STAMP.as_at} (its manifest has SHA-256 "
        f"{sha256}), which is not in {shelf}; put its folder there.",
        previous=shelf / "second",
    )
    assert happened == []


def test_of_a_release_before_only_what_means_the_same_is_known(shelf: Path) -> None:
    said = reference_tables.definitions().frame[["measure_id", "numerator"]]
    is_online = said["measure_id"] == "online_share"
    changed = said.assign(numerator=said["numerator"].where(~is_online, "crimes online"))
    manifest = manifests.verified(release(shelf / "a"))
    for table, known in ((said, {"stalking_crimes", "online_share"}), (changed, {"stalking_crimes"})):
        table.to_csv(shelf / "a" / "definitions.csv", index=False)
        rows = Known((manifest,)).earlier()[0].rows
        assert set(rows["measure_id"]) & {"stalking_crimes", "online_share"} == known


def test_an_external_one_goes_with_the_internal_one_of_its_day(happened: list[str], shelf: Path) -> None:
    inside = build(shelf / "in")
    assert inside.raw["beside"] is None
    found = build(shelf / "out", profile="external")
    assert found.raw["beside"] == {"as_at": STAMP.as_at, "sha256": inside.sha256}
    told = f"{shelf / 'out'} is the external snapshot as at {STAMP.as_at} and was built without this "
    with pytest.raises(BadSnapshot, match=re.escape(told)):
        build(shelf / "again")
    elsewhere = shelf.parent / "elsewhere"
    elsewhere.mkdir()
    assert build(elsewhere / "a", profile="external").raw["beside"] is None
    assert (
        build(elsewhere / "b", profile="external", beside=shelf / "in").raw["beside"] == found.raw["beside"]
    )
    with pytest.raises(BadSnapshot, match="name the internal snapshot as at"):
        build(elsewhere / "c", profile="external", beside=shelf / "out")
    with pytest.raises(BadSnapshot, match="leave --beside out"):
        build(shelf / "d", beside=shelf / "in")


def test_one_before_that_is_not_whole_is_refused_and_left_as_it_is(happened: list[str], shelf: Path) -> None:
    before = release(shelf / "before", version=__version__)
    remedy = "take the snapshot anew from where it was released, or build it again"
    content = (before / "measures.parquet").read_bytes()
    spoilt = content[:-1] + bytes([content[-1] ^ 1])
    (before / "measures.parquet").write_bytes(spoilt)
    refused(
        shelf / "a",
        f"{before / 'measures.parquet'} is not the file that was released; {remedy}.",
        previous=before,
    )
    assert (before / "measures.parquet").read_bytes() == spoilt
    (before / "measures.parquet").write_bytes(content)
    newer = Path(shutil.copytree(before, shelf / "newer"))
    sealed(newer, format=manifests.FORMAT + 1, version="9.9.9")
    refused(
        shelf / "a",
        f"{newer} is a snapshot of format {manifests.FORMAT + 1}, made by version 9.9.9; this version "
        f"reads format {manifests.FORMAT}: update stalking-profiles.",
        previous=newer,
    )
    (before / "manifest.json").unlink()
    refused(
        shelf / "a",
        f"{before} has no manifest.json, so it is no snapshot; choose another folder, or {remedy}.",
        previous=before,
    )
    with pytest.raises(BadSnapshot, match="nowhere cannot be read as a snapshot"):
        build(shelf / "a", previous=shelf / "nowhere")
    assert names(shelf) == ["before", "newer"]
    assert happened == []


def test_a_profile_that_there_is_not_is_refused(happened: list[str], shelf: Path) -> None:
    refused(shelf / "a", "There is no profile 'public'; choose internal or external.", profile="public")
    assert names(shelf) == []


# ---- the warehouse


def test_without_a_warehouse_there_is_nothing_to_release(shelf: Path) -> None:
    with pytest.raises(NoWarehouse, match=r"There is no warehouse in .*; import an export with"):
        snapshot.build(shelf / "a", settings=Settings(warehouse=shelf / "none"))
    assert names(shelf) == []


def test_a_warehouse_without_records_is_refused(shelf: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    happened = releases.of_few_rows(monkeypatch, as_at="")
    refused(shelf / "a", "nowhere holds no records yet; import exports before a snapshot.")
    assert names(shelf) == []
    assert happened == []


def test_a_line_of_the_plan_that_names_a_measure_that_there_is_not_is_refused(
    happened: list[str], shelf: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tables = snapshot._tables
    plan = BREAKS.head(1)[[]].assign(plan_ref="13.2", requirement="x", measures="stalking_crime")

    def planned(*given: Any) -> Any:
        found = tables(*given)
        return [*found, action_plan(plan, ROWS, verdicts(ROWS, BREAKS, STAMP.as_at))]

    monkeypatch.setattr(snapshot, "_tables", planned)
    with pytest.raises(ProfilesError) as caught:
        build(shelf / "a")
    told = (
        "action_plan.csv, line 2, column measures: plan line 13.2 names the measure 'stalking_crime', "
        "which there is not; "
    )
    assert str(caught.value).startswith(told)
    assert "stalking_crimes" in str(caught.value)[len(told) :]
    assert names(shelf) == []


@pytest.mark.slow
def test_an_imported_plan_with_such_a_line_is_refused_before_anything_is_counted(
    shelf: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "warehouse"
    crimes = tmp_path / "crimes_20260930.csv"
    crimes.write_text(
        "Investigation Ref,Date Recorded,HO Class,Victim ID\nA1,01/09/2026,8Q,V1\n", encoding="utf-8"
    )
    forces.imported(folder, crimes, as_at="2026-09-30")
    ours = tmp_path / "action_plan_2026.csv"
    ours.write_text(
        "ref,requirement,status,measures\n7.1,Search,complete,\n13.2,Orders,complete,spo_granted;spo_aplied\n",
        encoding="utf-8",
    )
    forces.imported(folder, ours, mapping="reference", as_at="2026-09-30")
    monkeypatch.setattr(contents, "rows", lambda *_: pytest.fail("counted"))
    told = "action_plan_2026.csv, line 3, column measures: plan line 13.2 names the measure 'spo_aplied', "
    with pytest.raises(ProfilesError) as caught:
        snapshot.build(shelf / "a", settings=Settings(warehouse=folder))
    assert str(caught.value).startswith(told)
    assert names(shelf) == []
    found = CliRunner().invoke(cli.main, ["check", "--warehouse", str(folder)])
    assert found.exit_code == USER_FAULT
    assert told in found.stderr
    assert "contract violations: 0" in found.stdout


@pytest.mark.slow
def test_a_force_that_exports_next_to_nothing_has_a_snapshot_all_the_same(tmp_path: Path) -> None:
    export = tmp_path / "SYNTHETIC_crimes_20240930.csv"
    lines = [
        f"R/{number},{1 + number % 28:02d}/{1 + number % 9:02d}/2024,8Q,Recorded,SYNTHETIC"
        for number in range(60)
    ]
    head = "Investigation Ref,Date Recorded,HO Class,Status,Marking"
    export.write_text("\n".join([head, *lines, ""]), encoding="utf-8")
    importing.import_files([export], "athena", tmp_path / "warehouse")
    out = tmp_path / "a"
    found = snapshot.build(out, settings=Settings(warehouse=tmp_path / "warehouse"))
    assert found == manifests.verified(out)
    rows = files.read_rows(out)
    markers = rows.groupby("measure_id")["marker"].agg(set)
    figures = rows[list(files.FIGURES)].notna().any(axis=1).groupby(rows["measure_id"]).any()
    assert figures["stalking_crimes"]
    # Of what it does not export there are rows that say so.
    assert markers["stalking_calls"] == markers["referral_rate"] == {"[x]"}
    assert not figures["stalking_calls"]
    assert not figures["referral_rate"]
    assert attack.audit([attack.release_of(found)]).is_safe
    assert warehouse.current(tmp_path / "warehouse").as_at == found.as_at == "2024-09-30"


@pytest.mark.slow
def test_a_warehouse_of_exports_without_a_record_has_no_figure_to_give_away(tmp_path: Path) -> None:
    export = tmp_path / "SYNTHETIC_crimes_20240930.csv"
    export.write_text("Investigation Ref,Date Recorded,HO Class,Status,Marking\n", encoding="utf-8")
    importing.import_files([export], "athena", tmp_path / "warehouse")
    out = tmp_path / "a"
    snapshot.build(out, settings=Settings(warehouse=tmp_path / "warehouse"))
    rows = files.read_rows(out)
    assert rows.loc[rows["measure_id"] == "stalking_crimes", "value"].fillna(0).eq(0).all()

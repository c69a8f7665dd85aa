"""Withdrawn snapshots: the list beside their folders, and what each reader of a snapshot is told."""

import shutil
from collections.abc import Iterator
from datetime import date
from functools import partial
from pathlib import Path

import pytest
import streamlit as st
from click.testing import CliRunner, Result

from profiles.blocks import projections
from profiles.cli import main
from profiles.errors import BadSnapshot, BadWithdrawals, ProfilesError
from profiles.settings import PREFIX, ROOT, settings
from profiles.snapshot import manifests, opened, withdrawals
from profiles.ui import files_beside
from tests import pages, small
from tests.built import build
from tests.projected import made
from tests.releases import of_few_rows
from tests.snapshot_rows import ROWS, STAMP, release

DAY = date(2026, 12, 1)
HEAD = "sha256,name,as_at,withdrawn_on,reason"
SENTENCE = (
    "This snapshot was withdrawn on 1 December 2026: gives counts away. Do not use or pass on its figures."
)
UNTIL = "until then no snapshot beside it is shown"


@pytest.fixture(scope="module")
def released(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return release(tmp_path_factory.mktemp("released") / "a")


@pytest.fixture
def folder(released: Path, tmp_path: Path) -> Path:
    """A snapshot alone in a folder."""
    return Path(shutil.copytree(released, tmp_path / "2024-12-31-internal"))


def told(*arguments: object) -> Result:
    return CliRunner().invoke(
        main, [str(each) for each in arguments], env={f"{PREFIX}TODAY": DAY.isoformat()}
    )


# ---- the command


def test_a_withdrawal_is_a_line_beside_the_folder_which_stays_as_released(folder: Path) -> None:
    sha256 = manifests.verified(folder).sha256
    found = told("snapshot-withdraw", folder, "--reason", " gives\ncounts away. ")
    assert (found.exit_code, found.stderr) == (0, "")
    assert found.stdout.splitlines() == [
        f"{folder}: withdrawn. {SENTENCE}",
        f"SHA-256 of its manifest, to be told to all who have it: {sha256}",
    ]
    line = f"{sha256},2024-12-31-internal,2024-12-31,2026-12-01,gives counts away."
    written = (folder.parent / "withdrawn.csv").read_bytes()
    assert written == f"{HEAD}\r\n{line}\r\n".encode()
    assert manifests.verified(folder).sha256 == sha256
    # No part and no lock is left.
    assert sorted(each.name for each in folder.parent.iterdir()) == ["2024-12-31-internal", "withdrawn.csv"]


def test_a_second_withdrawal_changes_nothing_and_another_snapshot_is_added(folder: Path) -> None:
    other = release(folder.parent / "other", as_at="2024-11-30")
    withdrawals.withdrawn(folder, "first", DAY)
    listed = folder.parent / "withdrawn.csv"
    listed.chmod(0o640)
    before = listed.read_bytes()
    found = told("snapshot-withdraw", folder, "--reason", "second")
    assert found.stdout.startswith(f"{folder}: withdrawn before; nothing was changed. This snapshot was")
    assert "first" in found.stdout
    assert listed.read_bytes() == before
    assert withdrawals.withdrawn(other, "=1+1", DAY)[1]
    assert listed.read_bytes().startswith(before)
    assert listed.stat().st_mode & 0o777 == 0o640
    assert [each.reason for each in withdrawals.read(folder.parent).values()] == ["first", "'=1+1"]


@pytest.mark.parametrize("reason", ["", " \n", "…", "x" * 501])
def test_a_withdrawal_without_a_reason_is_refused(folder: Path, reason: str) -> None:
    with pytest.raises(BadWithdrawals, match="say in 1 to 500 letters why"):
        withdrawals.withdrawn(folder, reason, DAY)
    assert not (folder.parent / "withdrawn.csv").exists()


def test_what_is_no_snapshot_is_not_withdrawn(tmp_path: Path) -> None:
    found = told("snapshot-withdraw", tmp_path, "--reason", "x")
    assert found.exit_code == 2
    assert found.stderr.startswith(
        f"stalking-profiles: {tmp_path} has no manifest.json, so it is no snapshot;"
    )
    assert not (tmp_path.parent / "withdrawn.csv").exists()


def test_a_snapshot_is_known_by_its_manifest_under_another_name_and_behind_a_link(folder: Path) -> None:
    withdrawals.withdrawn(folder, "gives counts away", DAY)
    renamed = folder.rename(folder.parent / "renamed")
    shelf = folder.parent / "shelf"
    shelf.mkdir()
    (shelf / "link").symlink_to(renamed)
    for place in (renamed, shelf / "link"):
        found = withdrawals.of(manifests.verified(place))
        assert found
        assert found.sentence == SENTENCE


# ---- a list that cannot be read


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (b"", " has nothing in it; take it from a backup"),
        (b"{}\r\n", f", line 1 is not the head {HEAD}; write it there"),
        (f"{HEAD}\n{'a' * 64},n,2026-08-31,2026-12-01\n".encode(), ", line 2 has 4 cells instead of 5;"),
        (
            f"{HEAD}\n\n{'A' * 64},n,2026-08-31,2026-12-01,x\n".encode(),
            ", line 3, column sha256 is no SHA-256;",
        ),
        (
            f"{HEAD}\n{'a' * 64},n,2026-08-31,01/12/2026,x\n".encode(),
            ", line 2, column withdrawn_on is '01/12/2026', which is no day; write it as 2026-12-01;",
        ),
        (f"{HEAD}\n{'a' * 64},n,2026-08-31,2026-12-01, \n".encode(), ", line 2, column reason is empty;"),
        (f'{HEAD}\n{"a" * 64},n,2026-08-31,2026-12-01,"x\n'.encode(), ", line 2 is no line of a CSV"),
        (f"{HEAD}\n{'a' * 64},n,2026-08-31,2026-12-01,\xe9\n".encode("latin-1"), ", line 2 is not UTF-8;"),
    ],
    ids=["empty", "head", "cells", "hash", "day", "reason", "quote", "encoding"],
)
def test_a_damaged_list_is_named_and_nothing_beside_it_is_shown(
    folder: Path, content: bytes, fault: str
) -> None:
    listed = folder.parent / "withdrawn.csv"
    listed.write_bytes(content)
    with pytest.raises(BadWithdrawals) as caught:
        opened.found(folder.parent)
    assert str(caught.value).startswith(f"{listed}{fault}")
    assert str(caught.value).endswith(f"; {UNTIL}.")
    with pytest.raises(BadWithdrawals):
        withdrawals.withdrawn(folder, "x", DAY)
    assert listed.read_bytes() == content


def test_a_list_that_is_a_folder_or_a_link_to_nowhere_is_refused(folder: Path) -> None:
    listed = folder.parent / "withdrawn.csv"
    for spoil in (listed.mkdir, lambda: listed.symlink_to(folder.parent / "nowhere")):
        spoil()
        with pytest.raises(BadWithdrawals, match="is no plain file"):
            withdrawals.read(folder.parent)
        listed.unlink() if listed.is_symlink() else listed.rmdir()


# ---- what others make of it


def test_the_setting_is_one_of_two_words() -> None:
    assert settings({f"{PREFIX}WITHDRAWN": "refuse"}).withdrawn == "refuse"
    with pytest.raises(ProfilesError, match=f"^{PREFIX}WITHDRAWN is 'Refuse'; set it to warn or refuse.$"):
        settings({f"{PREFIX}WITHDRAWN": "Refuse"})


def test_a_withdrawn_snapshot_is_known_to_the_next_one_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    of_few_rows(monkeypatch)
    before = release(tmp_path / "before", ROWS, None, as_at=STAMP.as_at)
    withdrawals.withdrawn(before, "gives counts away", DAY)
    found = build(tmp_path / "next", previous=before)
    assert found.raw["previous"]["sha256"] == manifests.verified(before).sha256
    assert withdrawals.of(found) is None


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two snapshots, the newer withdrawn."""
    shelf = tmp_path_factory.mktemp("two")
    first = made(shelf / "2026-08-31-internal", as_at="2026-08-31")
    withdrawals.withdrawn(made(shelf / "2026-09-30-internal", previous=first), "gives counts away", DAY)
    return shelf


@pytest.fixture
def shelf(two: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    folder = Path(shutil.copytree(two, tmp_path / "shelf"))
    monkeypatch.setenv(f"{PREFIX}ROLE", "steering")
    monkeypatch.setenv(f"{PREFIX}SNAPSHOTS", str(folder))
    monkeypatch.setenv(f"{PREFIX}WAREHOUSE", str(tmp_path / "none"))
    monkeypatch.setenv(f"{PREFIX}ACCESS_LOG", str(tmp_path / "access.jsonl"))
    yield folder
    st.cache_resource.clear()


def said(shown: pages.Shown, kind: str = "error") -> list[str]:
    return [str(each.value).replace("\\", "") for each in getattr(shown.app, kind)]


@pytest.mark.slow
def test_a_report_on_a_withdrawn_snapshot_prints_a_warning(two: Path, tmp_path: Path) -> None:
    asked = ("report", "--format", "html", "--out")
    found = told(*asked, tmp_path / "a.html", "--snapshot", two / "2026-09-30-internal")
    assert found.exit_code == 0, found.output
    assert found.stderr.endswith(f"Warning: {SENTENCE}\n")
    found = told(*asked, tmp_path / "b.html", "--snapshot", two / "2026-08-31-internal")
    assert (found.exit_code, "Warning" in found.stderr) == (0, False)


@pytest.mark.slow
def test_the_shared_dashboard_prefers_another_and_warns_on_every_page_of_a_withdrawn_one(shelf: Path) -> None:
    shown = pages.opened("steering/summary")
    assert said(shown) == []
    assert "Snapshot 2026-08-31-internal" in shown.text
    assert shown.app.sidebar.selectbox[0].options == ["2026-08-31-internal", "2026-09-30-internal"]
    assert "Withdrawn: 2026-09-30-internal." in said(shown, "caption")
    for path in sorted((ROOT / "pages" / "steering").glob("*.py")):
        shown = pages.opened(f"steering/{path.stem}", snapshot="2026-09-30-internal")
        assert said(shown) == [SENTENCE]
        assert not shown.app.get("download_button")
    # Nor is a newer one compared with it.
    made(shelf / "2026-10-31-internal", as_at="2026-10-31")
    assert "Compared with 2026-08-31-internal" in pages.opened("steering/summary").text
    shutil.rmtree(shelf / "2026-08-31-internal")
    alone = (
        "no snapshot of its kind before this one here to compare with, leaving out those that were withdrawn"
    )
    assert alone in pages.opened("steering/summary").text


@pytest.mark.slow
def test_a_setting_refuses_withdrawn_snapshots(shelf: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(f"{PREFIX}WITHDRAWN", "refuse")
    shown = pages.opened("steering/summary", snapshot="2026-09-30-internal")
    assert "Snapshot 2026-08-31-internal" in shown.text
    assert shown.app.sidebar.selectbox[0].options == ["2026-08-31-internal"]
    withdrawals.withdrawn(shelf / "2026-08-31-internal", "gives counts away", DAY)
    shown = pages.opened("steering/summary")
    assert not shown.app.get("plotly_chart")
    assert "no snapshot that is whole and was not withdrawn to show" in "\n".join(said(shown, "info"))


@pytest.mark.slow
def test_a_damaged_list_shows_nothing_and_names_no_folder(shelf: Path) -> None:
    (shelf / "withdrawn.csv").write_bytes(b"")
    shown = pages.opened("steering/summary")
    assert not shown.app.get("plotly_chart")
    (sentence,) = said(shown)
    assert "the list of withdrawn snapshots cannot be read" in sentence
    assert str(shelf) not in shown.text + sentence


@pytest.mark.slow
def test_a_file_of_a_snapshot_withdrawn_while_its_page_is_open_is_not_given_out(shelf: Path) -> None:
    good = manifests.verified(shelf / "2026-08-31-internal")
    block = projections.history(opened.release(good), "stalking_crimes", "any")
    asks = (lambda: opened.zipped(good), block.csv, partial(files_beside.content, good, "fms.csv"))
    assert all(ask() for ask in asks)
    withdrawals.withdrawn(good.folder, "gives counts away", DAY)
    assert block.downloads == {}
    for ask in asks:
        with pytest.raises(BadSnapshot, match="is not given out; take another one"):
            ask()


@pytest.mark.slow
def test_the_analyst_sees_which_were_withdrawn(shelf: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    served = shelf.parent / "warehouse"
    monkeypatch.setenv(f"{PREFIX}ROLE", "analyst")
    monkeypatch.setenv(f"{PREFIX}WAREHOUSE", str(served))
    small.write(served, small.crimes(30))
    shown = pages.opened("demand_and_fms")
    assert SENTENCE in said(shown)
    assert "Withdrawn: 2026-09-30-internal." in shown.text
    assert "zip" not in [each.key for each in shown.app.get("download_button")]

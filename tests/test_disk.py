"""A full disk is told from every other fault, and what killed runs left goes at the next one."""

import datetime
import errno
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import duckdb
import pytest
from click.testing import CliRunner
from filelock import FileLock, Timeout

from profiles import cli, disk, importing, parts, pointers, sessions, synthetic, warehouse
from profiles.cli.command import USER_FAULT
from profiles.errors import BadFile, BadSql, DiskFull, NoWarehouse, ProfilesError
from profiles.importing import replacing
from profiles.settings import Settings
from profiles.synthetic import writing
from profiles.warehouse import marts, raw_tables

FULL = OSError(errno.ENOSPC, "No space left on device")

SAID = [
    FULL,
    OSError(errno.EDQUOT, "Disk quota exceeded"),
    OSError("Matplotlib cannot write: No space left on device"),
    duckdb.TransactionException(
        'TransactionContext Error: Failed to commit: Could not write file "w.wal": No space left on device'
    ),
    duckdb.IOException('IO Error: Cannot open file "w.tmp/duckdb_temp_1": No space left on device'),
    duckdb.FatalException(
        'FATAL Error: Failed to create checkpoint because of error: Could not write file "w": '
        "No space left on device"
    ),
    duckdb.OutOfMemoryException("Out of Memory Error: failed to offload data block of size 256.0 KiB"),
]

OTHERWISE = [
    OSError(errno.EIO, "Input/output error"),
    OSError(errno.EROFS, "Read-only file system"),
    FileNotFoundError(errno.ENOENT, "No such file or directory", "the disk is full.csv"),
    duckdb.OutOfMemoryException("Out of Memory Error: could not allocate block of size 256.0 KiB"),
    duckdb.IOException('IO Error: Could not read from file "w"'),
    BadFile("no space left on device.csv line 1 fits no [[table]]"),
    ValueError("27"),
]


def caught(error: Exception, *, handled: bool) -> Exception:
    """The error of this program that came of it, or in the handling of it."""
    try:
        try:
            raise error
        except type(error) as first:
            if handled:
                raise BadFile("it is damaged; export it again.") from None
            raise BadSql("marts/orders.sql does not run.") from first
    except ProfilesError as second:
        return second


@pytest.mark.parametrize("error", SAID, ids=lambda error: f"{type(error).__name__}-{str(error)[:30]}")
def test_a_full_disk_is_known_whoever_says_so_and_whatever_it_was_turned_into(error: Exception) -> None:
    for found in (error, caught(error, handled=True), caught(error, handled=False)):
        assert disk.is_full(found)
        with pytest.raises(DiskFull) as told, disk.watched("there"):
            raise found
        assert str(told.value) == (
            "The disk of there is full, of bytes or of files; free some room and run this again. "
            "What was there before is unchanged."
        )


@pytest.mark.parametrize("error", OTHERWISE, ids=lambda error: f"{type(error).__name__}-{str(error)[:30]}")
def test_other_faults_go_on_as_they_are(error: Exception) -> None:
    assert not disk.is_full(error)
    assert not disk.is_full(caught(error, handled=False))
    with pytest.raises(type(error)) as told, disk.watched("there"):
        raise error
    assert told.value is error


def test_no_room_for_a_temporary_file_is_a_full_disk_only_where_there_is_none(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    error = FileNotFoundError(errno.ENOENT, "No usable temporary directory found in ['/tmp']")
    if os.name != "posix":
        pytest.skip("the room of a disk is asked otherwise there")
    found = os.statvfs("/")

    class Room:
        f_bavail, f_files, f_favail = 0, found.f_files, found.f_favail

    monkeypatch.setattr(os, "statvfs", lambda _: Room)
    assert disk.is_full(error)
    Room.f_bavail, Room.f_files, Room.f_favail = 1, 1, 1
    assert not disk.is_full(error)


def test_every_command_says_that_the_disk_is_full_and_where(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(error: Exception) -> Any:
        def raised(*_: object, **__: object) -> None:
            raise error

        return raised

    place = str(tmp_path / "W" / "w.duckdb")
    for error, named in (
        (OSError(errno.ENOSPC, "No space left on device", place), place),
        (duckdb.IOException(f'IO Error: Could not write file "{place}": No space left on device'), place),
        (caught(FULL, handled=True), "what was to be written"),
        (DiskFull(disk.sentence("there")), "there"),
    ):
        monkeypatch.setattr(warehouse, "current", failing(error))
        found = CliRunner().invoke(cli.main, ["check", "--warehouse", str(tmp_path)])
        assert found.exit_code == USER_FAULT
        assert found.stderr == f"stalking-profiles: {disk.sentence(named)}\n"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full")
def test_figures_that_find_no_room_where_they_are_led_say_so() -> None:
    with open("/dev/full", "w") as full:
        found = subprocess.run(
            [sys.executable, "-m", "profiles.cli", "contract"],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert (found.returncode, found.stderr) == (
        USER_FAULT,
        f"stalking-profiles: {disk.sentence('what was to be written')}\n",
    )


@pytest.mark.slow
def test_an_import_on_a_disk_that_fills_up_at_any_step_changes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, shipped = tmp_path / "W", replacing.SAMPLE_DATA / "kent_district_population.csv"
    own = tmp_path / "population.csv"
    own.write_text("district,lad_code,year,population\nNorthtown,X1,2023,100000\n", encoding="utf-8")
    importing.import_files([shipped], "reference", folder)
    served = warehouse.current(folder)

    def full(*_: object, **__: object) -> None:
        raise FULL

    connected = duckdb.connect

    def unopened(path: str, **options: Any) -> duckdb.DuckDBPyConnection:
        return database_full() if "building" in path else connected(path, **options)

    def database_full(*_: object, **__: object) -> Any:
        raise duckdb.FatalException('FATAL Error: Could not write file "w": No space left on device')

    steps: list[tuple[Any, str, Any]] = [
        (Path, "mkdir", full),
        (FileLock, "acquire", full),
        (duckdb, "connect", unopened),
        (raw_tables, "copy_records", database_full),
        (marts, "build", database_full),
        (os, "fsync", full),
        (pointers, "prepared", full),
        (Path, "rename", full),
    ]
    for owner, name, broken in steps:
        with monkeypatch.context() as patched:
            patched.setattr(owner, name, broken)
            with pytest.raises(DiskFull) as told:
                importing.import_files([own], "reference", folder)
        assert str(told.value) == disk.sentence(folder), name
        assert warehouse.current(folder) == served, name
        assert [path.name for path in (folder / "versions").iterdir()] == [served.name], name
    importing.import_files([own], "reference", folder)
    assert sorted(path.name for path in folder.iterdir()) == ["CURRENT", "LOCK", "versions"]


def test_a_fault_of_the_database_that_is_no_full_disk_is_said_as_before(tmp_path: Path) -> None:
    (tmp_path / "w.duckdb").write_bytes(b"?")
    with pytest.raises(NoWarehouse, match="cannot be opened"):
        warehouse.connect(tmp_path / "w.duckdb")


def test_a_log_in_that_finds_no_room_is_told_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise FULL

    monkeypatch.setattr(Path, "mkdir", full)
    with pytest.raises(DiskFull, match=r"The disk of .* is full, so nobody can be logged in; free some room"):
        sessions.ended(Settings(access_log=tmp_path / "logs" / "access.jsonl"), "key")


# ---- what killed runs leave


def test_what_killed_runs_left_goes_when_anything_is_written_beside_it(tmp_path: Path) -> None:
    (tmp_path / ".a.part").mkdir()
    (tmp_path / ".a.part" / "measures.csv").write_text("half", encoding="utf-8")
    for name in (".a.lock", ".r.docx.part", ".r.docx.lock", ".2026-09-30-internal-2.lock", ".other.lock"):
        (tmp_path / name).touch()
    (tmp_path / "a").mkdir()
    held = FileLock(tmp_path / ".b.lock")
    with held:
        (tmp_path / ".b.part").touch()
        with parts.held(tmp_path / "new", is_folder=True) as folder:
            assert folder.is_dir()
            # That of somebody else, and what a process holds, is left alone.
            assert sorted(path.name for path in tmp_path.iterdir()) == [
                ".b.lock",
                ".b.part",
                ".new.lock",
                ".new.part",
                ".other.lock",
                "a",
            ]
        with pytest.raises(Timeout), parts.held(tmp_path / "b", is_folder=False):
            pass
        assert (tmp_path / ".b.part").exists()
    with parts.held(tmp_path / "c.docx", is_folder=False) as file:
        assert not file.exists()
    assert sorted(path.name for path in tmp_path.iterdir()) == [".other.lock", "a"]


@pytest.mark.slow
def test_a_sample_that_finds_no_room_leaves_the_one_that_was_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    days = datetime.date(2026, 1, 1), datetime.date(2026, 9, 30)
    out = tmp_path / "sample"
    written, calls = writing.write_sheet, []

    def full(*given: Any) -> int:
        calls.append(1)
        if len(calls) == 5:
            given[0].write_text("half", encoding="utf-8")
            raise FULL
        return written(*given)

    monkeypatch.setattr(synthetic, "write_sheet", full)
    with pytest.raises(DiskFull, match=r"The disk of .*sample is full"):
        synthetic.write_sample(out, 7, *days, scale=0.02)
    assert not out.exists()
    synthetic.write_sample(out, 7, *days, scale=0.02)
    before = {path.name: path.read_bytes() for path in out.iterdir()}
    calls.clear()
    with pytest.raises(DiskFull):
        synthetic.write_sample(out, 8, *days, scale=0.02)
    assert {path.name: path.read_bytes() for path in out.iterdir()} == before

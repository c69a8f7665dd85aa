"""A snapshot built by two at once, on a disk that fills up, or stopped: no half of one is ever seen."""

import errno
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock

from profiles import disk, snapshot
from profiles.errors import BadSnapshot, DiskFull
from profiles.settings import ROOT
from profiles.snapshot import manifests
from tests import releases
from tests.built import again, build, names, refused
from tests.releases import FILES


@pytest.fixture
def happened(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    return releases.of_few_rows(monkeypatch)


@pytest.fixture
def shelf(tmp_path: Path) -> Path:
    """A folder for snapshots."""
    folder = tmp_path / "shelf"
    folder.mkdir()
    return folder


# ---- two at once


HOLDING = """
import sys
from filelock import FileLock
with FileLock(sys.argv[1]):
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def elsewhere(shelf: Path) -> Iterator[subprocess.Popen[str]]:
    """Another process, which is writing the snapshot `a`."""
    with subprocess.Popen(
        [sys.executable, "-c", HOLDING, str(shelf / ".a.lock")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        encoding="utf-8",
    ) as process:
        assert process.stdout
        assert process.stdout.readline() == "held\n"
        yield process
        process.kill()


def test_two_at_once_are_refused_and_the_first_is_left_alone(
    happened: list[str], shelf: Path, elsewhere: subprocess.Popen[str]
) -> None:
    (shelf / ".a.part").mkdir()
    (shelf / ".a.part" / "measures.csv").write_text("half", encoding="utf-8")
    refused(shelf / "a", f"{shelf / 'a'} is being written by another process; wait for it, or name another.")
    assert names(shelf) == [".a.lock", ".a.part"]
    assert names(shelf / ".a.part") == ["measures.csv"]
    assert happened == []
    build(shelf / "b")
    assert names(shelf) == [".a.lock", ".a.part", "b"]
    # What another left when it was killed does not stand in the way.
    elsewhere.kill()
    elsewhere.wait()
    again(shelf / "a")


def test_while_it_is_written_the_folder_is_held_and_afterwards_no_lock_is_left(
    happened: list[str], shelf: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []
    tables = snapshot._tables

    def slow(*given: Any) -> Any:
        with pytest.raises(BadSnapshot) as caught:
            build(shelf / "a")
        told.append(str(caught.value))
        return tables(*given)

    monkeypatch.setattr(snapshot, "_tables", slow)
    build(shelf / "a")
    assert told == [f"{shelf / 'a'} is being written by another process; wait for it, or name another."]
    assert names(shelf) == ["a"]


@pytest.mark.skipif(os.name != "posix", reason="a file that is open cannot be taken away there")
def test_no_two_can_hold_it_when_the_first_is_just_done(
    happened: list[str], shelf: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    released, was_there = FileLock.release, []

    def watched(self: FileLock, force: bool = False) -> None:
        was_there.append((shelf / ".a.lock").exists())
        released(self, force)

    monkeypatch.setattr(FileLock, "release", watched)
    build(shelf / "a")
    # Taken away only after it was released, it could be held by one process and made anew by another.
    assert was_there[0] is False


# ---- a full disk, and what ends a process


FULL = OSError(errno.ENOSPC, "No space left on device")


@pytest.mark.parametrize("name", [name for name in FILES if name != "manifest.json"])
def test_a_disk_that_fills_up_at_any_file_leaves_nothing(
    happened: list[str], shelf: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    opened = open

    def full(path: Any, *given: Any, **named: Any) -> Any:
        if Path(path).name == name:
            Path(path).write_bytes(b"half of it")
            raise FULL
        return opened(path, *given, **named)

    with monkeypatch.context() as patched:
        patched.setattr("builtins.open", full)
        refused(shelf / "a", disk.sentence(shelf))
    assert names(shelf) == []
    again(shelf / "a")


def test_a_disk_that_fills_up_at_the_folder_the_manifest_or_the_last_step_leaves_nothing(
    happened: list[str], shelf: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: Any, **__: Any) -> Any:
        raise FULL

    told = disk.sentence(shelf)
    for name in ("mkdir", "rename"):
        with monkeypatch.context() as patched:
            patched.setattr(Path, name, full)
            refused(shelf / "a", told)
        assert names(shelf) == []
    for name in ("fsync",):
        with monkeypatch.context() as patched:
            patched.setattr(os, name, full)
            refused(shelf / "a", told)
        assert names(shelf) == []
    with monkeypatch.context() as patched:
        patched.setattr(Path, "write_text", full)
        with pytest.raises(DiskFull, match=r"The disk of .*\.a\.part is full"):
            build(shelf / "a")
    assert names(shelf) == []
    again(shelf / "a")


def test_a_disk_that_is_over_its_quota_is_a_full_one_and_a_read_only_one_is_not(
    happened: list[str], shelf: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in (errno.EDQUOT, errno.EROFS, errno.EIO):
        reason = os.strerror(number)
        told = (
            disk.sentence(shelf)
            if number == errno.EDQUOT
            else f"Nothing can be written to {shelf} ({reason}); "
            "name a folder that can be written and try again."
        )

        def failing(*_: Any, number: int = number, reason: str = reason) -> None:
            raise OSError(number, reason)

        with monkeypatch.context() as patched:
            patched.setattr(snapshot, "_put", failing)
            refused(shelf / "a", told)
        assert names(shelf) == []


def test_when_it_is_in_place_and_only_the_last_word_of_the_disk_is_lacking_it_is_built(
    happened: list[str], shelf: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced = os.fsync

    def failing(handle: int) -> None:
        if (shelf / "a").exists():
            raise OSError(errno.EINVAL, "Invalid argument")
        synced(handle)

    monkeypatch.setattr(os, "fsync", failing)
    assert build(shelf / "a") == manifests.verified(shelf / "a")


@pytest.mark.parametrize("kind", [KeyboardInterrupt, SystemExit, MemoryError])
@pytest.mark.parametrize("where", ["_tables", "_put", "_published"])
def test_who_stops_it_finds_nothing_left(
    happened: list[str],
    shelf: Path,
    monkeypatch: pytest.MonkeyPatch,
    kind: type[BaseException],
    where: str,
) -> None:
    done = getattr(snapshot, where)
    calls: list[int] = []

    def stopped(*given: Any) -> Any:
        calls.append(1)
        if where != "_put" or len(calls) == 5:
            raise kind
        return done(*given)

    with monkeypatch.context() as patched:
        patched.setattr(snapshot, where, stopped)
        with pytest.raises(kind):
            build(shelf / "a")
    assert names(shelf) == []
    again(shelf / "a")


KILLED = """
import os, signal, sys
from pathlib import Path
import pytest
from profiles import snapshot
from profiles.settings import Settings
from tests import releases

releases.of_few_rows(pytest.MonkeyPatch())
put, calls = snapshot._put, []

def killed(*given):
    calls.append(1)
    if len(calls) == 5:
        os.kill(os.getpid(), signal.SIGKILL)
    put(*given)

snapshot._put = killed
snapshot.build(Path(sys.argv[1]), settings=Settings())
"""


@pytest.mark.slow
@pytest.mark.skipif(os.name != "posix", reason="no such signal")
def test_what_a_killed_process_left_is_no_snapshot_and_does_not_stand_in_the_way(
    happened: list[str], shelf: Path
) -> None:
    run = subprocess.run(
        [sys.executable, "-c", KILLED, str(shelf / "a")],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert run.returncode == -signal.SIGKILL, run.stderr
    assert not (shelf / "a").exists()
    assert len(names(shelf / ".a.part")) == 4
    with pytest.raises(BadSnapshot):
        manifests.verified(shelf / ".a.part")
    again(shelf / "a")

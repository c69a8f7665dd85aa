"""The scripts of deploy/: a snapshot is built beside the one before, sent, taken in only when it is whole."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from profiles.settings import PREFIX, ROOT
from tests import built, releases

SCRIPTS = ROOT / "deploy" / "bin"
NAME = "2024-12-31-internal"

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(os.name != "posix", reason="the scripts are those of a Debian server"),
]


@pytest.fixture
def command(tmp_path: Path) -> Path:
    """The command, as a file that can be started."""
    return written(tmp_path / "command", f'exec "{sys.executable}" -m profiles.cli "$@"')


@pytest.fixture
def shelf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The analyst's folder of snapshots, with one of a few rows."""
    releases.of_few_rows(monkeypatch)
    folder = tmp_path / "analyst"
    folder.mkdir()
    built.build(folder / NAME)
    return folder


@pytest.fixture
def server(tmp_path: Path) -> Path:
    """The empty folder of snapshots of the shared server."""
    folder = tmp_path / "server"
    folder.mkdir()
    return folder


def written(path: Path, text: str) -> Path:
    """The path of a script with that text."""
    path.write_text(f"#!/bin/sh\n{text}\n", encoding="utf-8")
    path.chmod(0o755)
    return path


def run(
    script: str, shelf: Path, command: Path, *arguments: str, stdin: bytes = b"", **environment: str
) -> subprocess.CompletedProcess[bytes]:
    """How the script ended, working in that folder with that command."""
    told = {f"{PREFIX}SNAPSHOTS": str(shelf), "STALKING_PROFILES": str(command)}
    return subprocess.run(
        [str(SCRIPTS / script), *arguments],
        env=os.environ | told | environment,
        cwd=ROOT,
        input=stdin,
        capture_output=True,
        check=False,
    )


def files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def packed(folder: Path) -> bytes:
    return subprocess.run(["tar", "-C", folder, "-cf", "-", "."], check=True, capture_output=True).stdout


def test_what_is_sent_arrives_whole(tmp_path: Path, shelf: Path, server: Path, command: Path) -> None:
    receive = f'{PREFIX}SNAPSHOTS="{server}" STALKING_PROFILES="{command}" exec "{SCRIPTS}/receive-snapshot"'
    # As ssh does with a key that may do one thing: the last word is told, the command is the server's.
    ssh = written(
        tmp_path / "ssh",
        f"for each; do SSH_ORIGINAL_COMMAND=$each; done\nexport SSH_ORIGINAL_COMMAND\n{receive}",
    )
    done = run("send-snapshot", shelf, command, NAME, STALKING_SSH=str(ssh), STALKING_SHARED_SERVER="it")
    assert done.returncode == 0, done.stderr
    assert files(server / NAME) == files(shelf / NAME)
    assert [path.name for path in server.iterdir()] == [NAME]
    again = run("send-snapshot", shelf, command, NAME, STALKING_SSH=str(ssh), STALKING_SHARED_SERVER="it")
    assert again.returncode
    assert b"a release is never replaced" in again.stderr


def test_a_damaged_snapshot_is_not_sent(shelf: Path, command: Path) -> None:
    with open(shelf / NAME / "measures.csv", "ab") as file:
        file.write(b"x")
    done = run("send-snapshot", shelf, command, NAME, STALKING_SSH="false", STALKING_SHARED_SERVER="nobody")
    assert b"measures.csv is not the file that was released" in done.stderr


def test_one_that_comes_incomplete_is_not_taken_in(shelf: Path, server: Path, command: Path) -> None:
    (shelf / NAME / "fms.csv").unlink()
    whole = packed(shelf / NAME)
    for content in (whole, whole[: len(whole) // 2], b""):
        done = run("receive-snapshot", server, command, stdin=content, SSH_ORIGINAL_COMMAND=NAME)
        assert done.returncode
        assert list(server.iterdir()) == []


@pytest.mark.parametrize(
    "name",
    ["", "..", "../2024-12-31-internal", "2024-12-31-internal; id", "latest", "2024-12-31-internal\nid"],
)
def test_a_strange_name_is_refused(shelf: Path, server: Path, command: Path, name: str) -> None:
    done = run("receive-snapshot", server, command, stdin=packed(shelf / NAME), SSH_ORIGINAL_COMMAND=name)
    assert done.returncode == 2
    assert list(server.iterdir()) == []


def test_a_link_out_of_the_folder_is_refused(
    tmp_path: Path, shelf: Path, server: Path, command: Path
) -> None:
    (shelf / NAME / "fms.csv").unlink()
    (shelf / NAME / "fms.csv").symlink_to("/etc/hostname")
    done = run("receive-snapshot", server, command, stdin=packed(shelf / NAME), SSH_ORIGINAL_COMMAND=NAME)
    assert done.returncode
    assert list(server.iterdir()) == []


# ---- building: the command is one that copies a snapshot to where it is told to build


def copying(tmp_path: Path, source: Path, status: int = 0) -> Path:
    """A command that notes how it is called; its snapshot is a copy, or ends with a status of its own."""
    made = f"exit {status}" if status else f'cp -r "{source}" "$3"'
    return written(
        tmp_path / "copying",
        f'echo "$*" >> "{tmp_path}/calls"\ncase $1 in\nsnapshot) {made} ;;\n'
        f'*) exec "{sys.executable}" -m profiles.cli "$@" ;;\nesac',
    )


def test_a_snapshot_is_built_with_regard_to_the_one_before(tmp_path: Path, shelf: Path) -> None:
    source = Path(shutil.move(shelf / NAME, tmp_path / "source"))
    for name in ("2024-10-31-internal", "2024-11-30-internal", "2024-11-30-external", ".new-internal"):
        (shelf / name).mkdir()
    done = run("build-snapshot", shelf, copying(tmp_path, source), "internal")
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "calls").read_text(encoding="utf-8").splitlines() == [
        f"snapshot --out {shelf}/.new-internal --profile internal --previous {shelf}/2024-11-30-internal",
        f"verify {shelf}/.new-internal",
    ]
    assert files(shelf / NAME) == files(source)
    assert not (shelf / ".new-internal").exists()


def test_the_first_snapshot_has_none_before(tmp_path: Path, shelf: Path) -> None:
    source = Path(shutil.move(shelf / NAME, tmp_path / "source"))
    assert run("build-snapshot", shelf, copying(tmp_path, source), "internal").returncode == 0
    assert "--previous" not in (tmp_path / "calls").read_text(encoding="utf-8")


def test_one_that_would_give_something_away_is_not_there(tmp_path: Path, shelf: Path) -> None:
    source = Path(shutil.move(shelf / NAME, tmp_path / "source"))
    assert run("build-snapshot", shelf, copying(tmp_path, source, status=2), "internal").returncode == 2
    assert list(shelf.iterdir()) == []


def test_nothing_newer_is_said_and_replaces_nothing(tmp_path: Path, shelf: Path) -> None:
    source = Path(shutil.copytree(shelf / NAME, tmp_path / "source"))
    before = files(shelf / NAME)
    done = run("build-snapshot", shelf, copying(tmp_path, source), "internal")
    assert done.returncode == 1
    assert b"nothing newer was imported" in done.stderr
    assert files(shelf / NAME) == before

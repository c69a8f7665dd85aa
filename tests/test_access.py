"""The log of views: what a line says, and that nothing is shown without one."""

import getpass
import json
import os
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from profiles import access
from profiles.errors import ProfilesError
from profiles.selection import Selection
from profiles.settings import ROOT, Settings

SELECTION = Selection(by="district", grain="month", where=(("team", "CID"),))


def log(folder: Path) -> Settings:
    return replace(Settings(), access_log=folder / "logs" / "access.jsonl")


def lines(chosen: Settings) -> list[dict[str, object]]:
    text = chosen.access_log.read_text(encoding="utf-8")
    assert text.endswith("\n")
    return [json.loads(line) for line in text.splitlines()]


def test_a_view_leaves_one_line_that_says_who_saw_which_records_when(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if os.name == "posix":
        # Who runs the process is not for the environment to say.
        monkeypatch.setenv("LOGNAME", "somebody else")
    chosen = log(tmp_path)
    before = datetime.now(UTC).replace(microsecond=0)
    access.viewed(chosen, "marked", SELECTION, "Jane Doe", ("crimes:A", "crimes:B\n"))
    access.viewed(chosen, "rejects", Selection(), "  ", ())
    first, second = lines(chosen)
    assert before <= datetime.fromisoformat(str(first.pop("at"))) <= datetime.now(UTC)
    assert first == {
        "user": chosen.access_log.owner() if os.name == "posix" else getpass.getuser(),
        "list": "marked",
        "selection": "Team: CID.",
        "is_searched": True,
        "count": 2,
        "references": ["crimes:A", "crimes:B\n"],
    }
    assert (second["selection"], second["is_searched"], second["references"]) == ("Everything.", False, [])


def test_what_was_searched_for_is_not_kept(tmp_path: Path) -> None:
    chosen = log(tmp_path)
    access.viewed(chosen, "marked", SELECTION, "Jane Doe", ("crimes:A",))
    assert "jane" not in chosen.access_log.read_text(encoding="utf-8").lower()


@pytest.mark.skipif(os.name != "posix", reason="Windows has no such modes")
def test_only_its_owner_reads_the_log(tmp_path: Path) -> None:
    chosen = log(tmp_path)
    access.viewed(chosen, "marked", SELECTION, "", ())
    assert chosen.access_log.stat().st_mode & 0o777 == 0o600


def test_a_user_without_a_name_is_unknown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def nobody(*_: object) -> None:
        raise KeyError("no such user")

    asked = "pwd.getpwuid" if os.name == "posix" else "getpass.getuser"
    monkeypatch.setattr(f"profiles.access.{asked}", nobody)
    access.viewed(log(tmp_path), "marked", SELECTION, "", ())
    assert lines(log(tmp_path))[0]["user"] == "unknown"


def test_records_are_not_shown_when_the_view_cannot_be_logged(tmp_path: Path) -> None:
    (tmp_path / "logs").write_text("a file where the folder should be", encoding="utf-8")
    with pytest.raises(
        ProfilesError, match=r"access\.jsonl cannot be written .*STALKING_PROFILES_ACCESS_LOG"
    ):
        access.viewed(log(tmp_path), "marked", SELECTION, "", ("crimes:A",))


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full")
def test_a_full_disk_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ProfilesError, match="cannot be written"):
        access.viewed(replace(Settings(), access_log=Path("/dev/full")), "marked", SELECTION, "", ())


def test_a_line_that_was_written_in_part_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = os.write
    monkeypatch.setattr(os, "write", lambda log, line: whole(log, line[:10]))
    with pytest.raises(ProfilesError, match="is full"):
        access.viewed(log(tmp_path), "marked", SELECTION, "", ())


WRITER = """
from dataclasses import replace
from pathlib import Path
import sys
from profiles import access
from profiles.selection import Selection
from profiles.settings import Settings

chosen = replace(Settings(), access_log=Path(sys.argv[1]))
for number in range(200):
    access.viewed(chosen, sys.argv[2], Selection(), "", [f"{number}:" + sys.argv[2] * 2000])
"""


def test_lines_of_several_processes_do_not_mix(tmp_path: Path) -> None:
    chosen = log(tmp_path)
    writers = [
        subprocess.Popen([sys.executable, "-c", WRITER, str(chosen.access_log), name], cwd=ROOT)
        for name in "ab"
    ]
    assert [writer.wait() for writer in writers] == [0, 0]
    found = lines(chosen)
    for name in "ab":
        own = [line["references"] for line in found if line["list"] == name]
        assert own == [[f"{number}:" + name * 2000] for number in range(200)]

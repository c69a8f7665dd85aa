"""The log: what a line says, that nothing happens without one, and that no line is changed unseen."""

import getpass
import json
import os
import subprocess
import sys
import time
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner

from profiles import audit
from profiles.cli import main
from profiles.cli.command import USER_FAULT
from profiles.errors import ProfilesError
from profiles.selection import Selection
from profiles.settings import ROOT, Settings

SELECTION = Selection(by="district", grain="month", where=(("team", "CID"),))


@pytest.fixture
def chosen(tmp_path: Path) -> Settings:
    """Settings with a log of its own, in a folder that is not there yet."""
    return replace(Settings(), access_log=tmp_path / "logs" / "access.jsonl")


@pytest.fixture
def filled(chosen: Settings) -> Path:
    """A log of five lines."""
    for name in "abcde":
        audit.written(chosen, audit.EXPORT, "ann@example.org", {"file": f"{name}.csv"})
    return chosen.access_log


def lines(chosen: Settings) -> list[dict[str, object]]:
    text = chosen.access_log.read_text(encoding="utf-8")
    assert text.endswith("\n")
    return [json.loads(line) for line in text.splitlines()]


def test_a_view_leaves_one_line_that_says_who_saw_which_records_when(chosen: Settings) -> None:
    before = datetime.now(UTC).replace(microsecond=0)
    audit.viewed(chosen, "ann@example.org", "marked", SELECTION, "Jane Doe", ("crimes:A", "crimes:B\n"))
    audit.viewed(chosen, "", "rejects", Selection(), "  ", (), " dip sample ")
    first, second = lines(chosen)
    assert before <= datetime.fromisoformat(str(first["at"])) <= datetime.now(UTC)
    assert (first["number"], first["who"], first["what"]) == (1, "ann@example.org", "record-level view")
    assert first["details"] == {
        "list": "marked",
        "selection": "Team: CID.",
        "is_searched": True,
        "count": 2,
        "references": ["crimes:A", "crimes:B\n"],
    }
    assert second["who"] == (chosen.access_log.owner() if os.name == "posix" else getpass.getuser())
    assert second["details"] == {
        "list": "rejects",
        "selection": "Everything.",
        "is_searched": False,
        "count": 0,
        "references": [],
    }
    assert (first["reason"], second["reason"]) == ("", "dip sample")
    assert second["previous"] == first["hash"]


def test_what_was_searched_for_is_not_kept(chosen: Settings) -> None:
    audit.viewed(chosen, "", "marked", SELECTION, "Jane Doe", ("crimes:A",))
    assert "jane" not in chosen.access_log.read_text(encoding="utf-8").lower()


@pytest.mark.skipif(os.name != "posix", reason="Windows has no such modes")
def test_only_its_owner_reads_the_log(filled: Path) -> None:
    assert filled.stat().st_mode & 0o777 == 0o600


def test_a_user_without_a_name_is_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    def nobody(*_: object) -> None:
        raise KeyError("no such user")

    asked = "pwd.getpwuid" if os.name == "posix" else "getpass.getuser"
    monkeypatch.setattr(f"profiles.audit.{asked}", nobody)
    assert audit.user() == "unknown"


def test_what_the_log_does_not_know_is_refused(chosen: Settings) -> None:
    with pytest.raises(ProfilesError, match="'dance' is nothing the log knows"):
        audit.written(chosen, "dance", "ann")


# ---- nothing happens unlogged


def test_a_log_that_cannot_be_written_is_an_error(chosen: Settings) -> None:
    chosen.access_log.parent.write_text("a file where the folder should be", encoding="utf-8")
    with pytest.raises(ProfilesError, match=r"cannot be written .*STALKING_PROFILES_ACCESS_LOG"):
        audit.written(chosen, audit.LOG_IN, "ann")


def test_a_disk_that_takes_half_a_line_has_none_of_it(
    chosen: Settings, filled: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = filled.read_bytes()
    whole = os.write
    monkeypatch.setattr(os, "write", lambda log, line: whole(log, line[:10]))
    with pytest.raises(ProfilesError, match=r"The disk of .* is full"):
        audit.written(chosen, audit.EXPORT, "ann")
    monkeypatch.undo()
    assert filled.read_bytes() == before
    audit.written(chosen, audit.EXPORT, "ann")
    assert audit.verified(filled).number == 6


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full")
def test_a_full_disk_is_an_error(chosen: Settings, filled: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened = os.open

    def full(path: object, *more: int) -> int:
        return opened("/dev/full", os.O_WRONLY) if path == filled else opened(path, *more)  # type: ignore[arg-type]

    monkeypatch.setattr(os, "open", full)
    with pytest.raises(ProfilesError, match="unless it is logged; free some room"):
        audit.written(chosen, audit.EXPORT, "ann")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b'{"at": "2026-01-01", "user": "ann", "list": "marked"}\n', "none of this version; move"),
        (b"not json\n", "none of this version; move"),
        (b'{"number": 1', "ends in the middle"),
    ],
)
def test_a_log_that_is_none_of_ours_is_not_written_to(chosen: Settings, content: bytes, said: str) -> None:
    chosen.access_log.parent.mkdir()
    chosen.access_log.write_bytes(content)
    with pytest.raises(ProfilesError, match=said):
        audit.written(chosen, audit.EXPORT, "ann")
    assert chosen.access_log.read_bytes() == content


@pytest.mark.parametrize("kind", ["gone", "empty", "cut"])
def test_a_log_that_lost_lines_is_not_written_to(chosen: Settings, filled: Path, kind: str) -> None:
    if kind == "gone":
        filled.unlink()
    else:
        filled.write_bytes(b"" if kind == "empty" else b"".join(filled.read_bytes().splitlines(True)[:3]))
    with pytest.raises(ProfilesError, match="audit verify"):
        audit.written(chosen, audit.EXPORT, "ann")


# ---- the chain


def test_a_whole_log_is_found_whole(filled: Path) -> None:
    found = audit.verified(filled)
    assert found.number == 5
    assert found.hash == json.loads(filled.read_text(encoding="utf-8").splitlines()[-1])["hash"]
    assert audit.verified(filled, found.hash) == found


@pytest.mark.parametrize("place", [0, 1, 2, 3])
def test_a_removed_line_is_found(filled: Path, place: int) -> None:
    told = filled.read_bytes().splitlines(True)
    filled.write_bytes(b"".join(told[:place] + told[place + 1 :]))
    with pytest.raises(ProfilesError, match=rf"line {place + 1} does not follow"):
        audit.verified(filled)


def test_a_cut_end_is_found_by_the_head_beside_it_or_one_that_was_noted(filled: Path) -> None:
    noted = audit.verified(filled).hash
    filled.write_bytes(b"".join(filled.read_bytes().splitlines(True)[:4]))
    with pytest.raises(ProfilesError, match=r"ends with line 4, and access\.jsonl\.head tells of 5 lines"):
        audit.verified(filled)
    filled.with_name("access.jsonl.head").unlink()
    with pytest.raises(ProfilesError, match=r"line 4, and access\.jsonl\.head is missing"):
        audit.verified(filled)
    with pytest.raises(ProfilesError, match="no line with the hash"):
        audit.verified(filled, noted)


def test_without_its_head_a_log_is_whole_only_by_the_hash_of_its_last_line(
    chosen: Settings, filled: Path
) -> None:
    noted = audit.verified(filled).hash
    filled.with_name("access.jsonl.head").unlink()
    assert audit.verified(filled, noted).number == 5
    earlier = json.loads(filled.read_bytes().splitlines()[3])["hash"]
    for told in ("", earlier, audit.FIRST):
        with pytest.raises(ProfilesError, match=r"is missing|no line with the hash"):
            audit.verified(filled, told)
    with pytest.raises(ProfilesError, match="head is missing"):
        audit.written(chosen, audit.EXPORT, "ann")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b'{"number": 3, ', b'{"number": 3, "who": "eve", '),
        (b', "who": "ann@example.org"', b', "who": "eve", "who": "ann@example.org"'),
        (b'": ', b'":  '),
        (b'", "what"', b'" , "what"'),
        (b'"ann@', b'"\\u0061nn@'),
        (b"}}", b"}}\r"),
        (b'{"number"', b'\xef\xbb\xbf{"number"'),
    ],
)
def test_a_second_key_or_changed_blanks_are_found(filled: Path, old: bytes, new: bytes) -> None:
    told = filled.read_bytes().split(b"\n")
    changed = told[2].replace(old, new, 1) if old != b"}}" else told[2] + b"\r"
    assert changed != told[2]
    told[2] = changed
    filled.write_bytes(b"\n".join(told))
    with pytest.raises(ProfilesError, match=r"line 3 (was changed|is no line)"):
        audit.verified(filled)


# ---- what a killed process leaves


def test_a_kill_between_line_and_head_is_told_and_the_log_goes_on(
    chosen: Settings, filled: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(path: Path, head: audit.Head) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(audit, "_noted", killed)
    with pytest.raises(KeyboardInterrupt):
        audit.written(chosen, audit.EXPORT, "ann")
    monkeypatch.undo()
    found = audit.verified(filled)
    assert (found.number, found.note) == (6, "the last line was written, and the head beside it was not")
    said = CliRunner().invoke(main, ["audit", "verify", str(filled)])
    assert said.exit_code == 0
    assert (
        "Nothing was changed, and a process was ended or is writing: the last line was written" in said.stdout
    )
    audit.written(chosen, audit.EXPORT, "ann")
    found = audit.verified(filled)
    assert (found.number, found.note) == (7, "")


def test_a_second_kill_within_the_next_line_is_no_tampering_either(
    chosen: Settings, filled: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(path: Path, told: object) -> None:
        if isinstance(told, bytes):
            path.write_bytes(path.read_bytes() + told[:20])
        raise KeyboardInterrupt

    for name in ("_noted", "_append"):
        with monkeypatch.context() as patched:
            patched.setattr(audit, name, killed)
            with pytest.raises(KeyboardInterrupt):
                audit.written(chosen, audit.EXPORT, "ann")
    assert (audit.verified(filled).number, audit.verified(filled).note[:17]) == (6, "a line was begun ")
    audit.written(chosen, audit.EXPORT, "ann")
    assert audit.verified(filled).number == 7


def test_a_kill_before_the_first_line_or_its_head_is_no_tampering(
    chosen: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("_append", "_noted"):
        whole = getattr(audit, name)

        def killed(path: Path, told: object, name: str = name, whole: object = whole) -> None:
            if name == "_noted" and told == audit.Head(0, audit.FIRST):
                whole(path, told)  # type: ignore[operator]
                return
            raise KeyboardInterrupt

        with monkeypatch.context() as patched:
            patched.setattr(audit, name, killed)
            with pytest.raises(KeyboardInterrupt):
                audit.written(chosen, audit.EXPORT, "ann")
    assert audit.verified(chosen.access_log).number == 1
    audit.written(chosen, audit.EXPORT, "ann")
    assert audit.verified(chosen.access_log).number == 2


def test_a_line_cut_short_by_a_kill_is_told_and_dropped_by_the_next(chosen: Settings, filled: Path) -> None:
    whole = filled.read_bytes()
    filled.write_bytes(whole + b'{"number": 6, "at": "2026')
    assert audit.verified(filled).note == "a line was begun and not ended, which nothing followed"
    audit.written(chosen, audit.EXPORT, "ann")
    assert filled.read_bytes().startswith(whole)
    assert audit.verified(filled).number == 6


def test_what_no_kill_leaves_is_tampering(chosen: Settings, filled: Path) -> None:
    beside = filled.with_name("access.jsonl.head")
    lines_held, head = filled.read_bytes(), beside.read_bytes()
    third = json.loads(lines_held.splitlines()[2])["hash"]
    cut = lines_held[:-30]
    for log, told in (
        (lines_held, f"3 {third}\n".encode()),  # lines that the head does not count
        (cut, head),  # a line that the head counts, cut short
        (lines_held, f"4 {third}\n".encode()),  # a head of another line
        (lines_held, f"５ {head[2:].decode()}".encode()),
        (lines_held, head.upper()),
        (lines_held, b""),
    ):
        filled.write_bytes(log)
        beside.write_bytes(told)
        with pytest.raises(ProfilesError, match=r"lines were added|were removed|cannot be read as the head"):
            audit.verified(filled)
        with pytest.raises(ProfilesError, match=r"move both files away"):
            audit.written(chosen, audit.EXPORT, "ann")
        assert filled.read_bytes() == log


KILLED = """
import os, sys
from dataclasses import replace
from pathlib import Path
from profiles import audit
from profiles.settings import Settings

chosen = replace(Settings(), access_log=Path(sys.argv[1]))
while True:
    audit.written(chosen, audit.EXPORT, "ann", {"file": "x" * 20000})
    print("written", flush=True)
"""


@pytest.mark.slow
def test_kills_at_any_moment_leave_a_log_that_is_whole_and_goes_on(chosen: Settings) -> None:
    for number in range(4):
        command = [sys.executable, "-c", KILLED, str(chosen.access_log)]
        with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE) as writer:
            assert writer.stdout
            writer.stdout.readline()
            time.sleep(0.02 + 0.011 * number)
            writer.kill()
        before = audit.verified(chosen.access_log).number
        audit.written(chosen, audit.EXPORT, "ann")
        found = audit.verified(chosen.access_log)
        assert (found.number, found.note) == (before + 1, "")


@pytest.mark.parametrize("key", audit.KEYS)
@pytest.mark.parametrize("place", [0, 2, 4])
def test_a_changed_line_is_found(filled: Path, place: int, key: str) -> None:
    told = filled.read_text(encoding="utf-8").splitlines()
    line = json.loads(told[place])
    line[key] = {"file": "other"} if key == "details" else 77 if key == "number" else "changed"
    told[place] = json.dumps(line)
    filled.write_text("\n".join(told) + "\n", encoding="utf-8")
    with pytest.raises(ProfilesError, match=f"line {place + 1} was changed"):
        audit.verified(filled)


def test_a_line_changed_with_its_hash_breaks_the_next_one(filled: Path) -> None:
    told = filled.read_text(encoding="utf-8").splitlines()
    line = json.loads(told[1]) | {"who": "somebody"}
    line["hash"] = audit._hash({name: line[name] for name in audit.KEYS if name != "hash"})
    told[1] = json.dumps(line)
    filled.write_text("\n".join(told) + "\n", encoding="utf-8")
    with pytest.raises(ProfilesError, match="line 3 does not follow"):
        audit.verified(filled)


@pytest.mark.parametrize(("one", "other"), [(0, 1), (1, 3), (3, 4)])
def test_lines_in_another_order_are_found(filled: Path, one: int, other: int) -> None:
    told = filled.read_bytes().splitlines(True)
    told[one], told[other] = told[other], told[one]
    filled.write_bytes(b"".join(told))
    with pytest.raises(ProfilesError, match=f"line {one + 1} does not follow"):
        audit.verified(filled)


def test_the_command_tells_the_head_and_names_the_line_that_is_wrong(filled: Path) -> None:
    found = CliRunner().invoke(main, ["audit", "verify", str(filled)])
    assert (found.exit_code, found.stderr) == (0, "")
    assert f"{filled} is whole: 5 lines" in found.stdout
    assert audit.verified(filled).hash in found.stdout
    told = filled.read_bytes().splitlines(True)
    filled.write_bytes(b"".join([told[0], *told[2:]]))
    found = CliRunner().invoke(main, ["audit", "verify", str(filled)])
    assert (found.exit_code, found.stdout) == (USER_FAULT, "")
    assert "line 2 does not follow" in found.stderr
    missing = CliRunner().invoke(main, ["audit", "verify", str(filled.parent / "none")])
    assert missing.exit_code == USER_FAULT
    assert "cannot be read" in missing.stderr


WRITER = """
import sys
import time
from dataclasses import replace
from pathlib import Path
from profiles import audit
from profiles.settings import Settings

chosen = replace(Settings(), access_log=Path(sys.argv[1]))
for number in range(50):
    audit.written(chosen, audit.EXPORT, sys.argv[2], {"file": f"{number}:" + sys.argv[2] * 2000})
"""


@pytest.mark.slow
def test_lines_of_several_processes_make_one_chain(chosen: Settings) -> None:
    writers = [
        subprocess.Popen([sys.executable, "-c", WRITER, str(chosen.access_log), name], cwd=ROOT)
        for name in "ab"
    ]
    assert [writer.wait() for writer in writers] == [0, 0]
    assert audit.verified(chosen.access_log).number == 100
    for name in "ab":
        own = [line["details"] for line in lines(chosen) if line["who"] == name]
        assert own == [{"file": f"{number}:" + name * 2000} for number in range(50)]

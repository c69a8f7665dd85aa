"""How long a log-in holds, in every process whose log lies in the same folder."""

import os
from pathlib import Path

import pytest

from profiles import sessions
from profiles.errors import ProfilesError
from profiles.settings import Settings

NOW = 1_790_000_000

KEY, OTHER = "a" * 64, "b" * 64


@pytest.fixture
def processes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Settings, Settings]:
    """Two processes of one dashboard, each with a log of its own; the clock stands."""
    clock(monkeypatch, NOW)
    first, second = (Settings(access_log=tmp_path / f"access-{port}.jsonl") for port in (8511, 8512))
    return first, second


def clock(monkeypatch: pytest.MonkeyPatch, now: float) -> None:
    monkeypatch.setattr("profiles.sessions.time.time", lambda: now)


def kept(chosen: Settings) -> list[str]:
    return sorted(each.name for each in (chosen.access_log.parent / sessions.FOLDER).iterdir())


def test_who_asks_now_and_then_stays(
    processes: tuple[Settings, Settings], monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = processes
    for minutes in range(0, 12 * 60 + 1, 30):
        clock(monkeypatch, NOW + 60 * minutes)
        # Now with one, now with the other: each knows of both.
        assert sessions.over(first if minutes % 60 else second, KEY, NOW) == ""
    clock(monkeypatch, NOW + sessions.LONGEST + 1)
    assert sessions.over(first, KEY, NOW) == "a log-in lasts 12 hours at most"


def test_idle_in_one_process_is_over_in_the_other(
    processes: tuple[Settings, Settings], monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = processes
    assert sessions.over(first, KEY, NOW) == ""
    clock(monkeypatch, NOW + 30 * 60 + 1)
    assert sessions.over(second, KEY, NOW) == "nothing was asked for in 30 minutes"
    assert sessions.over(first, KEY, NOW) == "this log-in has ended"
    assert sessions.over(first, OTHER, NOW) == ""


def test_what_has_ended_in_one_process_has_ended_in_the_other(processes: tuple[Settings, Settings]) -> None:
    first, second = processes
    assert sessions.over(first, KEY, NOW) == ""
    sessions.ended(second, KEY)
    assert sessions.over(first, KEY, NOW) == "this log-in has ended"
    assert sessions.over(first, OTHER, NOW) == ""


@pytest.mark.parametrize("begun", [None, "now", NOW - sessions.LONGEST - 1])
def test_a_log_in_whose_beginning_is_not_told_or_long_ago_is_over(
    begun: object, processes: tuple[Settings, Settings]
) -> None:
    assert sessions.over(processes[0], KEY, begun) == "a log-in lasts 12 hours at most"


def test_files_of_log_ins_that_age_has_ended_are_removed_and_no_others(
    processes: tuple[Settings, Settings], monkeypatch: pytest.MonkeyPatch
) -> None:
    first, _ = processes
    for key in (KEY, OTHER):
        sessions.over(first, key, NOW)
    sessions.ended(first, KEY)
    ended = first.access_log.parent / sessions.FOLDER / f"{KEY}.{sessions.ENDED}"
    os.utime(ended, (NOW + 60, NOW + 60))
    clock(monkeypatch, NOW + sessions.LONGEST + 30)
    assert sessions.over(first, "c" * 64, NOW + sessions.LONGEST) == ""
    assert kept(first) == [ended.name, "c" * 64]


def test_where_nothing_can_be_kept_nobody_is_let_in(
    processes: tuple[Settings, Settings], tmp_path: Path
) -> None:
    (tmp_path / sessions.FOLDER).write_text("", encoding="utf-8")
    with pytest.raises(ProfilesError, match=r"logins cannot be written .*mend it"):
        sessions.over(processes[0], KEY, NOW)
    with pytest.raises(ProfilesError, match=r"logins cannot be written .*mend it"):
        sessions.ended(processes[0], KEY)


def test_the_files_are_the_dashboards_alone(processes: tuple[Settings, Settings]) -> None:
    first, _ = processes
    sessions.over(first, KEY, NOW)
    sessions.ended(first, KEY)
    folder = first.access_log.parent / sessions.FOLDER
    assert [each.stat().st_mode & 0o077 for each in (folder, *folder.iterdir())] == [0, 0, 0]
    assert all(each.read_bytes() == b"" for each in folder.iterdir())

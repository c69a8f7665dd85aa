"""How long a log-in holds, in every process whose log lies in the same folder."""

import math
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
    for each in (second, first, second):
        assert sessions.over(each, KEY, NOW) == "nothing was asked for in 30 minutes"
    assert sessions.over(first, OTHER, NOW) == ""


def test_what_has_ended_in_one_process_has_ended_in_the_other(processes: tuple[Settings, Settings]) -> None:
    first, second = processes
    assert sessions.over(first, KEY, NOW) == ""
    assert not sessions.has_ended(first, KEY)
    sessions.ended(second, KEY)
    assert sessions.has_ended(first, KEY)
    assert sessions.over(first, KEY, NOW) == "log out was chosen, in this tab or another one"
    assert sessions.over(first, OTHER, NOW) == ""


def test_the_first_reason_is_the_one_that_is_told(processes: tuple[Settings, Settings]) -> None:
    first, second = processes
    sessions.ended(first, KEY, "you asked for it")
    sessions.ended(second, KEY, "another")
    assert sessions.over(second, KEY, NOW) == "you asked for it"
    # As the version before marked it.
    (first.access_log.parent / sessions.FOLDER / f"{OTHER}.{sessions.ENDED}").touch()
    assert sessions.over(second, OTHER, NOW) == "the reason was not kept"


def test_a_look_is_no_question(processes: tuple[Settings, Settings], monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = processes
    assert sessions.over(first, KEY, NOW) == ""
    for minutes in (10, 20, 30):
        clock(monkeypatch, NOW + 60 * minutes)
        assert sessions.over(second, KEY, NOW, is_asked=False) == ""
    clock(monkeypatch, NOW + 30 * 60 + 1)
    assert sessions.over(second, KEY, NOW, is_asked=False) == "nothing was asked for in 30 minutes"


NOT_A_TIME: list[object] = [
    None,
    "now",
    "",
    str(NOW),
    True,
    False,
    math.nan,
    math.inf,
    -math.inf,
    [NOW],
    {},
    1j,
]


@pytest.mark.parametrize("begun", NOT_A_TIME)
def test_what_is_no_time_lets_nobody_in(begun: object, processes: tuple[Settings, Settings]) -> None:
    told = sessions.over(processes[0], KEY, begun)
    assert told == "a log-in lasts 12 hours at most, and the provider does not say when this one began"


@pytest.mark.parametrize("begun", [NOW - sessions.LONGEST - 1, 0, -1.5, True - 10**400])
def test_a_log_in_of_long_ago_is_over(begun: float, processes: tuple[Settings, Settings]) -> None:
    assert sessions.over(processes[0], KEY, begun) == "a log-in lasts 12 hours at most"


@pytest.mark.parametrize("begun", [NOW + 1, NOW + 0.5, NOW + 10**9, 10**400])
def test_a_log_in_of_the_future_lets_nobody_in_until_it_has_begun(
    begun: float, processes: tuple[Settings, Settings], monkeypatch: pytest.MonkeyPatch
) -> None:
    first, _ = processes
    assert "begins later than now" in sessions.over(first, KEY, begun)
    assert kept(first) == []
    if begun == NOW + 1:
        clock(monkeypatch, NOW + 1)
        assert sessions.over(first, KEY, begun) == ""


@pytest.mark.parametrize("jump", [13 * 3600, 400 * 86400, -600, -13 * 3600, -400 * 86400])
def test_a_wrong_clock_brings_no_ended_log_in_back(
    jump: int, processes: tuple[Settings, Settings], monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = processes
    for key in (KEY, OTHER):
        assert sessions.over(first, key, NOW) == ""
    sessions.ended(first, KEY)
    clock(monkeypatch, NOW + jump)
    assert sessions.over(second, KEY, NOW) == "log out was chosen, in this tab or another one"
    # Another visitor comes while the clock is wrong.
    assert sessions.over(second, "c" * 64, NOW + jump) == ""
    while_wrong = sessions.over(second, OTHER, NOW)
    assert while_wrong != ""
    clock(monkeypatch, NOW + 60)
    assert sessions.over(first, KEY, NOW) == "log out was chosen, in this tab or another one"
    assert sessions.over(first, OTHER, NOW) == while_wrong


def test_a_visit_while_the_clock_was_ahead_makes_no_log_in_longer(
    processes: tuple[Settings, Settings], monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = processes
    clock(monkeypatch, NOW + 11 * 3600)
    assert sessions.over(first, KEY, NOW) == ""
    clock(monkeypatch, NOW + 45 * 60)
    assert sessions.over(second, KEY, NOW) == "the clock of this server was set back"


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
    assert {each.read_bytes() for each in folder.iterdir()} == {
        b"",
        b"log out was chosen, in this tab or another one",
    }

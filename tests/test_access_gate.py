"""The gate: who is let in, who is not and what they read, and that nothing of the dashboard shows before."""

import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest.mock import PropertyMock, patch

import pytest
import streamlit as st

from profiles import audit, logins, sessions
from profiles.settings import PREFIX, settings
from profiles.ui import gate
from tests import pages
from tests.projected import made
from tests.test_access import GOOD, secrets

pytestmark = pytest.mark.slow

NOW = 1_790_000_000


class User(dict[str, Any]):
    """What Streamlit tells of a visitor."""

    @property
    def is_logged_in(self) -> bool:
        return bool(self)

    def to_dict(self) -> dict[str, Any]:
        return dict(self)


ANN = {"email": "ann@example.org", "email_verified": True, "sub": "1", "iat": NOW - 60, "nonce": "n1"}


@pytest.fixture(autouse=True)
def _process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A process of the steering group with one snapshot and a login; the clock stands."""
    made(tmp_path / "shelf" / "2026-09-30-internal")
    for name, value in {
        "ROLE": "steering",
        "SNAPSHOTS": str(tmp_path / "shelf"),
        "ACCESS_LOG": str(tmp_path / "access.jsonl"),
        "STEERING_GROUP": "ann@example.org;board",
        "ANALYSTS": "bob@example.org",
    }.items():
        monkeypatch.setenv(f"{PREFIX}{name}", value)
    monkeypatch.setenv(logins.FILES, str(secrets(tmp_path, GOOD)))
    clock(monkeypatch, NOW)
    yield
    st.cache_resource.clear()


def clock(monkeypatch: pytest.MonkeyPatch, now: float) -> None:
    """Set the time of log-ins to that many seconds from here on."""
    monkeypatch.setattr("profiles.sessions.time.time", lambda: now)


def visited(claims: dict[str, Any] | None, page: str = "overview") -> pages.Shown:
    """What a visitor sees of whom the provider says this; None: who is not logged in."""
    with patch.object(st, "user", User(claims or {})):
        return pages.opened(page)


def logged(what: str = "") -> list[tuple[str, str, str]]:
    """Kind, who and reason of each line of the log, or of those of one kind."""
    path = settings().access_log
    if not path.exists():
        return []
    audit.verified(path)
    found = [audit._read(line) or {} for line in path.read_bytes().splitlines()]
    told = [(each["what"], each["who"], each["reason"]) for each in found]
    return [each for each in told if not what or each[0] == what]


def nothing_shows(shown: pages.Shown) -> None:
    """Check that the page shows the refusal, and no part of the dashboard."""
    text = shown.text
    assert "2026-09-30" not in text
    assert "SYNTHETIC" not in text
    assert not shown.app.selectbox
    assert not shown.app.get("plotly_chart")
    assert shown.blocks == ()


def test_a_member_of_the_group_is_let_in_and_logged_once() -> None:
    shown = visited(ANN)
    assert "Snapshot 2026-09-30-internal" in shown.text
    assert "Preview" not in "".join(each.value for each in shown.app.info)
    assert "ann@example.org" in [each.value for each in shown.app.text]
    assert logged() == [("log-in", "ann@example.org (subject 1)", "")]


def test_who_is_not_logged_in_sees_the_page_to_log_in() -> None:
    shown = visited(None)
    nothing_shows(shown)
    assert [each.label for each in shown.app.button] == ["Log in"]
    assert settings().contact in shown.text


@pytest.mark.parametrize(
    "claims",
    [
        ANN | {"email": "eve@example.org"},
        ANN | {"email": "bob@example.org"},
        ANN | {"email_verified": False},
        ANN | {"email_verified": "true"},
        ANN | {"email": "\u0430nn@example.org"},
        {name: value for name, value in ANN.items() if name != "email_verified"},
        {"sub": "7", "iat": NOW},
        ANN | {"email": "eve@example.org", "roles": ["steering"]},
    ],
)
def test_who_has_no_role_is_refused_and_logged(claims: dict[str, Any]) -> None:
    shown = visited(claims)
    nothing_shows(shown)
    assert "are not among those who may see the shared dashboard" in shown.app.error[0].value
    assert settings().contact in shown.app.error[0].value
    ((what, _, reason),) = logged()
    assert (what, reason) == ("refusal", "not among those who may see the shared dashboard")


def test_a_value_of_the_claim_lets_in(monkeypatch: pytest.MonkeyPatch) -> None:
    claims = {"sub": "7", "iat": NOW, "groups": ["board"]}
    nothing_shows(visited(claims))
    monkeypatch.setenv(f"{PREFIX}ROLES_CLAIM", "groups")
    assert "Snapshot 2026-09-30-internal" in visited(claims).text


@pytest.mark.parametrize(
    ("changes", "is_over"),
    [
        ({"iat": NOW - sessions.LONGEST}, False),
        ({"iat": NOW - sessions.LONGEST - 1}, True),
        ({"iat": None}, True),
        ({"iat": "now"}, True),
        ({"iat": True}, True),
        ({"iat": math.nan}, True),
    ],
)
def test_a_log_in_lasts_twelve_hours_at_most(changes: dict[str, Any], is_over: bool) -> None:
    shown = visited(ANN | changes)
    if not is_over:
        assert "Snapshot 2026-09-30-internal" in shown.text
        return
    nothing_shows(shown)
    assert "You were logged out: a log-in lasts 12 hours at most" in shown.text
    assert [each[0] for each in logged()] == ["log-out"]


@pytest.mark.parametrize("begun", [NOW + 1, NOW + 86_400])
def test_a_log_in_that_begins_later_than_now_lets_nobody_in(begun: int) -> None:
    shown = visited(ANN | {"iat": begun})
    nothing_shows(shown)
    assert "it begins later than now" in shown.text


def test_who_is_idle_too_long_is_logged_out_and_a_copied_cookie_with_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert "Snapshot" in visited(ANN).text
    clock(monkeypatch, NOW + 30 * 60)
    assert "Snapshot" in visited(ANN).text
    clock(monkeypatch, NOW + 60 * 60 + 1)
    shown = visited(ANN)
    nothing_shows(shown)
    assert "nothing was asked for in 30 minutes" in shown.text
    again = visited(ANN)
    nothing_shows(again)
    assert "nothing was asked for in 30 minutes" in again.text
    assert [each[2] for each in logged("log-out")] == ["nothing was asked for in 30 minutes"]
    # Another log-in of the same person is another.
    assert "Snapshot" in visited(ANN | {"nonce": "n2", "iat": NOW + 3600}).text


def test_nobody_gets_in_unlogged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(
        f"{PREFIX}ACCESS_LOG", str(tmp_path / "shelf" / "2026-09-30-internal" / "fms.csv" / "x")
    )
    shown = visited(ANN)
    nothing_shows(shown)
    assert "cannot be shown now" in shown.app.error[0].value
    assert str(tmp_path) not in shown.app.error[0].value


@pytest.mark.parametrize("text", ["[auth\n", '[auth]\nclient_id = "x"\n', "auth = 1\n[auth2]\n"])
def test_half_a_login_lets_nobody_in(text: str, tmp_path: Path) -> None:
    (tmp_path / "secrets.toml").write_text(text, encoding="utf-8")
    if text.startswith("auth = 1"):
        # No section: as if there were no login, so on this machine a preview.
        assert "Preview" in visited(None).app.info[0].value
        return
    for claims in (None, ANN):
        shown = visited(claims)
        nothing_shows(shown)
        assert shown.app.error


def test_without_a_login_this_machine_sees_a_preview(tmp_path: Path) -> None:
    (tmp_path / "secrets.toml").unlink()
    shown = visited(None)
    assert "Preview" in shown.app.info[0].value
    assert "Snapshot 2026-09-30-internal" in shown.text
    assert logged() == []


@pytest.mark.parametrize("role", ["steering", "analyst"])
@pytest.mark.parametrize("address", ["0.0.0.0", "10.0.0.7", "::", None])
def test_without_a_login_no_other_address_shows_anything(
    address: str | None, role: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "secrets.toml").unlink()
    monkeypatch.setenv(f"{PREFIX}ROLE", role)
    option = st.get_option
    monkeypatch.setattr(
        "profiles.ui.gate.st.get_option", lambda name: address if name == "server.address" else option(name)
    )
    shown = visited(None)
    nothing_shows(shown)
    assert "has no login, so it is not shown" in shown.app.error[0].value


@pytest.mark.parametrize("header", ["X-Forwarded-For", "Via", "Proxy-Connection"])
def test_without_a_login_nobody_comes_through_a_proxy(header: str, tmp_path: Path) -> None:
    (tmp_path / "secrets.toml").unlink()
    with patch.object(type(st.context), "headers", PropertyMock(return_value={header: "10.0.0.7"})):
        shown = visited(None)
    nothing_shows(shown)
    assert "through a proxy" in shown.app.error[0].value


def test_the_workbench_demands_the_analyst(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(f"{PREFIX}ROLE", "analyst")
    nothing_shows(visited(None))
    nothing_shows(visited(ANN))
    shown = visited(ANN | {"email": "bob@example.org", "nonce": "n3"})
    assert "There is no warehouse" in shown.text


def test_what_is_taken_is_logged_first_and_not_given_unlogged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = gate.logged_download(audit.EXPORT, "a.csv", lambda: b"content")
    assert logged() == []
    assert given() == b"content"
    assert [each[0] for each in logged()] == ["export"]
    monkeypatch.setenv(f"{PREFIX}ACCESS_LOG", str(tmp_path / "access.jsonl" / "x"))
    with pytest.raises(Exception, match="cannot be written"):
        gate.logged_download(audit.EXPORT, "a.csv", b"content")()


def test_the_provider_is_asked_before_the_visitor_is_sent_there() -> None:
    assert not gate._answers("http://127.0.0.1:9/.well-known/openid-configuration")

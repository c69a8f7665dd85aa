"""Roles: nobody has one unless a setting names them; a login that is half set up lets nobody in."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from profiles import access, logins
from profiles.cli import dashboards
from profiles.errors import ProfilesError
from profiles.settings import Settings

ANN = {"email": "ann@example.org", "email_verified": True, "sub": "1", "roles": ["staff"]}

LISTED = replace(
    Settings(),
    analysts="ann@example.org; analysts",
    steering_group="Bob@Example.org;board",
    roles_claim="roles",
)


@pytest.mark.parametrize(
    ("claims", "roles"),
    [
        ({}, set()),
        (ANN, {"analyst"}),
        (ANN | {"email": "ANN@EXAMPLE.ORG"}, {"analyst"}),
        (ANN | {"email_verified": False}, set()),
        (ANN | {"email_verified": None}, set()),
        ({"email": "ann@example.org"}, set()),
        (ANN | {"email": "bob@example.org"}, {"steering"}),
        (ANN | {"email": "eve@example.org"}, set()),
        (ANN | {"email": "", "roles": ["board"]}, {"steering"}),
        ({"roles": "board"}, {"steering"}),
        ({"roles": ["board", "analysts"]}, {"analyst", "steering"}),
        ({"roles": ["BOARD"]}, set()),
        ({"roles": ["steering"]}, set()),
        ({"roles": {"board": True}}, set()),
        ({"roles": ["ann@example.org"]}, set()),
        ({"groups": ["board"]}, set()),
        ({"roles": "boards"}, set()),
        ({"roles": [None, 7]}, set()),
    ],
)
def test_a_role_is_had_by_a_verified_address_or_a_value_of_the_claim(
    claims: dict[str, Any], roles: set[str]
) -> None:
    assert access.roles_of(claims, LISTED) == roles


def test_without_a_list_nobody_has_a_role() -> None:
    assert access.roles_of(ANN | {"roles": ["analyst", "steering", ""]}, Settings()) == frozenset()


LIKE = ("ann@example.org", "\u212aim@example.org", "stra\u00dfe@example.org", "ann@mi\u017fs.example")
"""Addresses with letters that Unicode folds into others: K of kelvin, sharp s, long s."""

FOLDED = ("\u0430nn@example.org", "kim@example.org", "strasse@example.org", "ann@miss.example")


@pytest.mark.parametrize(
    "told",
    [
        *LIKE[1:],
        *FOLDED,
        "ANN\u0131@example.org",
        "ann\uff20example.org",
        " ann@example.org",
        "ann@example.org\n",
    ],
)
@pytest.mark.parametrize("listed", [*LIKE, *FOLDED])
def test_no_letter_makes_somebody_of_another(told: str, listed: str) -> None:
    chosen = replace(Settings(), analysts=listed)
    claims = ANN | {"email": told}
    is_same = told.isascii() and told == listed
    assert access.roles_of(claims, chosen) == ({"analyst"} if is_same else set())


@pytest.mark.parametrize(
    "entry", [*LIKE[1:], FOLDED[0], "ann@example.org, bob@example.org", "@", "ann @example.org"]
)
def test_a_setting_that_holds_no_plain_address_is_told(entry: str) -> None:
    (told,) = access.faults(replace(Settings(), steering_group=f"board; {entry};x@example.org"))
    assert told.startswith("STALKING_PROFILES_STEERING_GROUP holds '")
    assert told.isascii()
    with pytest.raises(ProfilesError, match=r"not clear who may see the dashboard: .*plain ASCII"):
        dashboards.check_access(replace(Settings(), analysts=entry))


@pytest.mark.parametrize("minutes", [0, -5])
def test_a_log_in_that_is_idle_at_once_is_told(minutes: int) -> None:
    (told,) = access.faults(replace(Settings(), idle_minutes=minutes))
    assert told == "STALKING_PROFILES_IDLE_MINUTES is less than 1"


def test_plain_addresses_and_any_value_of_the_claim_are_no_fault() -> None:
    assert access.faults(LISTED) == ()
    assert access.faults(replace(Settings(), analysts="Bwrdd Ll\u0177wio; O'Neil+x@example.org")) == ()


@pytest.mark.parametrize("told", ["true", "True", 1, 1.0, [True], {"yes": True}, "yes", None, False, 0])
def test_an_address_is_verified_when_the_provider_says_true_and_nothing_else(told: object) -> None:
    claims = ANN | {"email_verified": told}
    assert access.roles_of(claims, LISTED) == set()
    assert access.name_of(claims) == "subject 1"


@pytest.mark.parametrize(
    ("claims", "name"),
    [
        (ANN, "ann@example.org (subject 1)"),
        (ANN | {"email": "Ann@Example.org"}, "ann@example.org (subject 1)"),
        (ANN | {"email_verified": False}, "subject 1"),
        (ANN | {"email": "\u0430nn@example.org"}, "subject 1"),
        (ANN | {"email": "ann@example.org (subject 2)"}, "subject 1"),
        ({"sub": "chief@example.org", "email": "ann@example.org"}, "subject chief@example.org"),
        (
            {"sub": "1) log-out\n(", "preferred_username": "ann"},
            "subject 1\\u0029\\u0020log-out\\u000a\\u0028",
        ),
        ({"sub": "a\\u0062"}, "subject a\\u005cu0062"),
        ({"sub": "\u202ennA"}, "subject \\u202ennA"),
        ({"preferred_username": "ann", "name": "Ann"}, "subject not told"),
        ({"sub": 7}, "subject not told"),
        ({"sub": "x" * 256}, "subject not told"),
        ({}, "subject not told"),
    ],
)
def test_the_log_names_a_visitor_by_what_the_provider_vouches_for(claims: dict[str, Any], name: str) -> None:
    assert access.name_of(claims) == name


@pytest.mark.parametrize("name", [*access.PROXIED, *(f"{each}x" for each in access.PROXIED_BEGIN)])
def test_what_only_a_proxy_says_is_known(name: str) -> None:
    assert access.is_proxied(["Host", name.title()])


@pytest.mark.parametrize(
    "name",
    ["X-Forwarded-For", "X-Forwarded-Proto", "X-Forwarded-Port", "X-Forwarded-Server", "X_Forwarded_For"],
)
def test_headers_like_the_usual_ones_are_among_them(name: str) -> None:
    assert access.is_proxied([name])


@pytest.mark.parametrize(
    "name",
    [
        "Via",
        "Forwarded",
        "X-Real-IP",
        "True-Client-IP",
        "CF-Connecting-IP",
        "X-Client-IP",
        "Proxy-Connection",
    ],
)
def test_the_usual_headers_of_proxies_are_among_them(name: str) -> None:
    assert access.is_proxied([name])


def test_what_a_browser_sends_is_no_proxys() -> None:
    sent = "Host Connection Pragma Cache-Control User-Agent Upgrade Origin Accept Accept-Encoding Cookie"
    sent += " Accept-Language Referer DNT Priority Sec-WebSocket-Key Sec-WebSocket-Protocol Sec-Fetch-Site"
    sent += " Sec-CH-UA Upgrade-Insecure-Requests If-None-Match Range TE X-Xsrftoken"
    assert not access.is_proxied(sent.split())


@pytest.mark.parametrize(
    ("address", "is_it"),
    [
        ("127.0.0.1", True),
        ("127.0.0.9", True),
        ("::1", True),
        ("localhost", True),
        ("0.0.0.0", False),
        ("::", False),
        ("10.0.0.4", False),
        ("dashboard.example", False),
        ("", False),
        (None, False),
    ],
)
def test_loopback_is_this_machine_alone(address: str | None, is_it: bool) -> None:
    assert access.is_loopback(address) == is_it


# ---- the login


GOOD = {
    "redirect_uri": "https://dashboard.example/oauth2callback",
    "cookie_secret": "0123456789abcdef0123456789abcdef",
    "client_id": "dashboard",
    "client_secret": "a secret",
    "server_metadata_url": "https://login.example/.well-known/openid-configuration",
}


def test_a_login_that_is_complete_has_no_fault() -> None:
    assert logins.faults(GOOD) == ()
    local = GOOD | {"redirect_uri": "http://127.0.0.1:8501/oauth2callback"}
    assert logins.faults(local) == ()


@pytest.mark.parametrize("name", logins.REQUIRED)
def test_each_part_is_required_and_none_may_be_the_examples(name: str) -> None:
    for value, said in (("", "is missing"), ("  ", "is missing"), ("PUT-IN", "is still the example's")):
        assert f"{name} {said}" in logins.faults(GOOD | {name: value})
    assert f"{name} is missing" in logins.faults({key: text for key, text in GOOD.items() if key != name})


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"cookie_secret": "0" * 31}, "fewer than 32 letters"),
        ({"redirect_uri": "http://dashboard.example/oauth2callback"}, "redirect_uri is no https address"),
        ({"redirect_uri": "https://dashboard.example/callback"}, "does not end in /oauth2callback"),
        ({"server_metadata_url": "http://login.example/x"}, "server_metadata_url is no https address"),
        ({"server_metadata_url": "file:///etc/passwd"}, "server_metadata_url is no https address"),
        ({"expose_tokens": "id"}, "expose_tokens is set"),
    ],
)
def test_a_login_that_would_not_be_safe_is_told(changes: dict[str, str], said: str) -> None:
    found = logins.faults(GOOD | changes)
    assert [each for each in found if said in each]
    assert not any(GOOD["client_secret"] in each for each in found)


def secrets(folder: Path, content: dict[str, str]) -> Path:
    """A file of secrets with that section."""
    path = folder / "secrets.toml"
    path.write_text(
        "[auth]\n" + "".join(f'{key} = "{text}"\n' for key, text in content.items()), encoding="utf-8"
    )
    return path


def test_the_section_is_read_from_the_file_that_the_server_reads(tmp_path: Path) -> None:
    path = secrets(tmp_path, GOOD)
    assert logins.section({logins.FILES: str(path)}) == GOOD
    assert logins.section({logins.FILES: str(tmp_path / "none.toml")}) is None
    path.write_text("[other]\na = 1\n", encoding="utf-8")
    assert logins.section({logins.FILES: str(path)}) is None


def test_secrets_that_cannot_be_read_let_nobody_in(tmp_path: Path) -> None:
    path = tmp_path / "secrets.toml"
    path.write_text("[auth\n", encoding="utf-8")
    with pytest.raises(ProfilesError, match=r"secrets\.toml cannot be read"):
        logins.section({logins.FILES: str(path)})


@pytest.mark.parametrize(
    ("content", "changes", "said"),
    [
        (None, {"host": "0.0.0.0"}, r"No login is set up, so the dashboard is not served on 0\.0\.0\.0"),
        (None, {"host": "0.0.0.0", "role": "steering"}, "No login is set up"),
        (None, {"role": "chief"}, "There is no role 'chief'"),
        (GOOD | {"client_id": ""}, {}, "client_id is missing"),
        (GOOD | {"client_id": ""}, {"host": "0.0.0.0"}, "client_id is missing"),
        (None, {}, ""),
        (GOOD, {"host": "0.0.0.0"}, ""),
        (GOOD, {"host": "0.0.0.0", "role": "steering"}, ""),
    ],
)
def test_the_command_refuses_to_open_to_whoever_comes(
    content: dict[str, str] | None,
    changes: dict[str, str],
    said: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    path = secrets(tmp_path, content) if content is not None else tmp_path / "none.toml"
    monkeypatch.setenv(logins.FILES, str(path))
    chosen = replace(Settings(), **changes)  # type: ignore[arg-type]
    if not said:
        dashboards.check_access(chosen)
        return
    with pytest.raises(ProfilesError, match=said):
        dashboards.check_access(chosen)

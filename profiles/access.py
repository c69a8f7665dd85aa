"""Who may see what: the roles of a visitor by the provider's word, and where no login is needed."""

import ipaddress
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from profiles.settings import PREFIX, Settings

ANALYST, STEERING = "analyst", "steering"

ROLES = (ANALYST, STEERING)
"""Whom a process can serve, one each."""

NAMED = {ANALYST: "the analyst's workbench", STEERING: "the shared dashboard"}

ADDRESS = re.compile(r"[!-'*-~]+@[!-'*-~]+")
"""An e-mail address as it is compared: ASCII alone, so that no letter can stand for another one, and no
brackets, which the log puts around names."""

LONGEST_SUBJECT = 255
"""Characters that OpenID Connect allows the name of a person at the provider."""

PROXIED = (
    "via",
    "forwarded",
    "x-real-ip",
    "x-client-ip",
    "client-ip",
    "true-client-ip",
    "x-remote-ip",
    "x-remote-addr",
    "x-host",
    "front-end-https",
    "cdn-loop",
    "x-request-start",
    "x-amzn-trace-id",
)
"""Headers, in small letters, that say that a proxy stands in front: then visitors come from elsewhere."""

PROXIED_BEGIN = (
    "x-forward",
    "x-original-",
    "x-proxy",
    "proxy-",
    "x-cluster-",
    "x-envoy-",
    "x-arr-",
    "x-azure-",
    "x-appengine-",
    "cf-",
    "fastly-",
    "fly-",
    "wl-proxy-",
)
"""What further headers begin with that only proxies add."""


@dataclass(frozen=True)
class Visitor:
    """Who looks at the pages, in which role; `is_preview` when it is shown without login."""

    name: str
    role: str
    is_preview: bool


def is_loopback(address: str | None) -> bool:
    """Whether only this machine can reach the address; none given means all there are."""
    if address == "localhost":
        return True
    try:
        # Asked about, never listened on.
        return ipaddress.ip_address(address or "0.0.0.0").is_loopback  # nosec B104
    except ValueError:
        return False


def is_proxied(headers: Iterable[str]) -> bool:
    """Whether a question with headers of these names came through a proxy."""
    names = {name.lower().replace("_", "-") for name in headers}
    return any(name in PROXIED or name.startswith(PROXIED_BEGIN) for name in names)


def faults(settings: Settings) -> tuple[str, ...]:
    """What is wrong with the settings of who may see the dashboard and how long, each in a few words."""
    lists = {"ANALYSTS": settings.analysts, "STEERING_GROUP": settings.steering_group}
    idle = () if settings.idle_minutes > 0 else (f"{PREFIX}IDLE_MINUTES is less than 1",)
    return idle + tuple(
        f"{PREFIX}{name} holds {entry!a}, which is no e-mail address in plain ASCII (semicolons separate "
        "entries)"
        for name, text in lists.items()
        for entry in _entries(text)
        if "@" in entry and not ADDRESS.fullmatch(entry)
    )


def roles_of(claims: Mapping[str, object], settings: Settings) -> frozenset[str]:
    """The roles that the settings give a visitor with these claims; none unless a setting names them.

    An entry with an @ is an e-mail address, and counts when the provider says that it verified it: letter
    for letter, but for capital and small letters of ASCII. Any other entry is a value of the claim
    `roles_claim`. A claim that holds an e-mail address makes nobody its owner.
    """
    email = verified_address(claims)
    values = _values(claims.get(settings.roles_claim))
    listed = {ANALYST: settings.analysts, STEERING: settings.steering_group}
    found = set()
    for role, text in listed.items():
        entries = _entries(text)
        addresses = {each.lower() for each in entries if ADDRESS.fullmatch(each)}
        if email in addresses or values & {each for each in entries if "@" not in each}:
            found.add(role)
    return frozenset(found)


def verified_address(claims: Mapping[str, object]) -> str:
    """The visitor's e-mail address in small letters, where the provider vouches for it; empty otherwise."""
    told = claims.get("email")
    if claims.get("email_verified") is not True or not isinstance(told, str):
        return ""
    return told.lower() if ADDRESS.fullmatch(told) else ""


def name_of(claims: Mapping[str, object]) -> str:
    """How the log names a visitor: by what the provider vouches for, the subject and a verified address.

    What is no plain letter of ASCII is spelt out, so that no name reads like another one.
    """
    subject = claims.get("sub")
    known = isinstance(subject, str) and 0 < len(subject) <= LONGEST_SUBJECT
    told = f"subject {_spelt(str(subject))}" if known else "subject not told"
    email = verified_address(claims)
    return f"{email} ({told})" if email else told


def _spelt(text: str) -> str:
    """The text with all but graphic ASCII, and what the log puts around names, as code points."""
    return "".join(
        each if "!" <= each <= "~" and each not in "()\\" else f"\\u{ord(each):04x}" for each in text
    )


def _entries(text: str) -> set[str]:
    """The entries of a list in a setting."""
    return {each.strip() for each in text.split(";")} - {""}


def _values(told: object) -> set[str]:
    """A claim's values: a text is one of them, a list all of its texts."""
    if isinstance(told, str):
        return {told}
    if isinstance(told, (list, tuple)):
        return {each for each in told if isinstance(each, str)}
    return set()

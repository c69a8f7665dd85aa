"""Who may see what: the roles of a visitor by the provider's word, and where no login is needed."""

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass

from profiles.settings import Settings

ANALYST, STEERING = "analyst", "steering"

ROLES = (ANALYST, STEERING)
"""Whom a process can serve, one each."""

NAMED = {ANALYST: "the analyst's workbench", STEERING: "the shared dashboard"}


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


def roles_of(claims: Mapping[str, object], settings: Settings) -> frozenset[str]:
    """The roles that the settings give a visitor with these claims; none unless a setting names them.

    An entry with an @ is an e-mail address, and counts when the provider says that it verified it. Any
    other is a value of the claim `roles_claim`. A claim that holds an e-mail address makes nobody its owner.
    """
    emails = _verified_email(claims)
    values = _values(claims.get(settings.roles_claim))
    listed = {ANALYST: settings.analysts, STEERING: settings.steering_group}
    found = set()
    for role, text in listed.items():
        entries = {each.strip() for each in text.split(";")} - {""}
        addresses = {each.casefold() for each in entries if "@" in each}
        if emails & addresses or values & {each for each in entries if "@" not in each}:
            found.add(role)
    return frozenset(found)


def name_of(claims: Mapping[str, object]) -> str:
    """How the log names a visitor: by the e-mail address, or else by the provider's own name."""
    for name in ("email", "preferred_username", "sub"):
        told = claims.get(name)
        if isinstance(told, str) and told:
            return told[:200]
    return "unknown"


def _verified_email(claims: Mapping[str, object]) -> set[str]:
    told = claims.get("email")
    is_verified = claims.get("email_verified") in (True, "true")
    return {told.casefold()} if is_verified and isinstance(told, str) and told else set()


def _values(told: object) -> set[str]:
    """A claim's values: a text is one of them, a list all of its texts."""
    if isinstance(told, str):
        return {told}
    if isinstance(told, (list, tuple)):
        return {each for each in told if isinstance(each, str)}
    return set()

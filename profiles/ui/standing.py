"""The one question of the gate: may who asks have what this process shows, now?

Every page, piece of a page, click, download and file is asked this first: `door` asks it before anything
reaches Streamlit, and `gate` once more before a page is drawn.
"""

import hashlib
import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any

import streamlit as st

from profiles import access, audit, logins, sessions
from profiles.settings import PREFIX, Settings

LOG = logging.getLogger(__name__)


class Kind(Enum):
    """How a visitor stands."""

    IN = auto()
    """Logged in, in time, and of the role."""
    PREVIEW = auto()
    """On this machine, where no login is set up."""
    LOGGED_OUT = auto()
    """Not logged in yet."""
    OVER = auto()
    """The log-in has ended."""
    NO_ROLE = auto()
    """Logged in, and not of the role."""
    SHUT = auto()
    """Nobody is let in as the process is set up."""


@dataclass(frozen=True)
class Standing:
    """How a visitor stands: the name for the log, what tells the log-in from others, and why not let in."""

    kind: Kind
    name: str = "not logged in"
    key: str = ""
    why: str = ""

    @property
    def is_let_in(self) -> bool:
        """Whether pages, records and files may be shown."""
        return self.kind in {Kind.IN, Kind.PREVIEW}


def standing(
    chosen: Settings, claims: Mapping[str, Any] | None, headers: Iterable[str], *, is_asked: bool = True
) -> Standing:
    """How the visitor stands with these claims of the provider, if any, and headers of these names.

    With `is_asked` it is because the visitor asked for something, so the time without a click begins anew.
    Raises ProfilesError when the log cannot be written, or what tells of the log-ins: then nothing is shown.
    """
    if chosen.role not in access.ROLES:
        return Standing(
            Kind.SHUT,
            why=f"This process serves a role that is not defined; set {PREFIX}ROLE to "
            f"{' or '.join(access.ROLES)} and start again.",
        )
    told = logins.section()
    if told is None:
        return _without_login(chosen, headers)
    faults = (*logins.faults(told), *access.faults(chosen))
    if faults:
        LOG.error("The login is not set up: %s", "; ".join(faults))
        return Standing(
            Kind.SHUT,
            why="The login of this dashboard is not set up as it must be, so nobody is let in. "
            f"Please tell {chosen.contact}; what is wrong stands in the log of the server.",
        )
    return _logged_in(chosen, claims, is_asked) if claims else Standing(Kind.LOGGED_OUT)


def key_of(claims: Mapping[str, Any]) -> str:
    """What tells one log-in from every other; a copied cookie has the same."""
    parts = [str(claims.get(name, "")) for name in ("iss", "sub", "iat", "nonce", "sid")]
    return hashlib.sha256("\x1f".join(parts).encode(errors="replace")).hexdigest()


def log_out(chosen: Settings, claims: Mapping[str, Any]) -> None:
    """End the log-in, because its owner asked for it; say so in the log unless it has ended before."""
    key = key_of(claims)
    if not sessions.has_ended(chosen, key):
        audit.written(chosen, audit.LOG_OUT, access.name_of(claims), reason="asked for")
        sessions.ended(chosen, key)


def _without_login(chosen: Settings, headers: Iterable[str]) -> Standing:
    """A visitor of this machine; nobody where others could come as well."""
    address = st.get_option("server.address")
    if not access.is_loopback(address):
        where = f"on {address}" if address else "on every address of this machine"
        return Standing(
            Kind.SHUT,
            why=f"This dashboard has no login, so it is not shown {where}: serve it on 127.0.0.1, or set up "
            "a login (docs/access.md).",
        )
    if access.is_proxied(headers):
        return Standing(
            Kind.SHUT,
            why="This dashboard has no login, and you come to it through a proxy: set up a login "
            "(docs/access.md), or open it on the machine itself.",
        )
    return Standing(Kind.PREVIEW, audit.user())


def _logged_in(chosen: Settings, claims: Mapping[str, Any], is_asked: bool) -> Standing:
    name, key = access.name_of(claims), key_of(claims)
    had_ended = sessions.has_ended(chosen, key)
    why = sessions.over(chosen, key, claims.get("iat"), is_asked=is_asked)
    if why:
        if not had_ended and sessions.has_ended(chosen, key):
            audit.written(chosen, audit.LOG_OUT, name, reason=why)
        return Standing(Kind.OVER, name, key, why)
    if chosen.role not in access.roles_of(claims, chosen):
        return Standing(Kind.NO_ROLE, name, key, f"not among those who may see {access.NAMED[chosen.role]}")
    return Standing(Kind.IN, name, key)

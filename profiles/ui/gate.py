"""The gate: who is let in to the pages of this process, for how long, and that each of it is logged."""

import hashlib
import logging
import urllib.request
from collections.abc import Callable, Mapping
from typing import Any

import streamlit as st

from profiles import access, audit, logins, sessions
from profiles.access import Visitor
from profiles.settings import PREFIX, Settings, settings

__all__ = ["Visitor", "admitted", "taken", "visitor_name"]

LOG = logging.getLogger(__name__)

PRODUCT = "Stalking problem profiles"

PROXIED = ("X-Forwarded-For", "Forwarded", "X-Real-Ip", "X-Forwarded-Host")
"""Headers that say that a proxy stands in front: then visitors come from elsewhere."""


def admitted(chosen: Settings) -> Visitor | None:
    """The visitor; None after drawing the page to log in, or why nobody or not this one is let in.

    Asked at every run, before anything is opened. Raises ProfilesError when the log cannot be written, or
    what tells of the log-ins.
    """
    if chosen.role not in access.ROLES:
        _refuse(
            f"This process serves a role that is not defined; set {PREFIX}ROLE to "
            f"{' or '.join(access.ROLES)} and start again."
        )
        return None
    told = logins.section()
    if told is None:
        return _without_login(chosen)
    faults = logins.faults(told)
    if faults:
        LOG.error("The login is not set up: %s", "; ".join(faults))
        _refuse(
            "The login of this dashboard is not set up as it must be, so nobody is let in. "
            f"Please tell {chosen.contact}; what is wrong stands in the log of the server."
        )
        return None
    if not st.user.is_logged_in:
        _log_in(chosen, told)
        return None
    return _logged_in(chosen, dict(st.user.to_dict()))


def visitor_name() -> str:
    """How the log names who looks at this page: by their log-in, or as who runs the process."""
    found = st.session_state.get("visitor")
    return found.name if isinstance(found, Visitor) else audit.user()


def taken(what: str, name: str, content: bytes | Callable[[], bytes]) -> Callable[[], bytes]:
    """What logs that a file was taken, and then gives its content; nothing is given unlogged."""
    who = visitor_name()

    def given() -> bytes:
        audit.written(settings(), what, who, {"file": name})
        return content() if callable(content) else content

    return given


def _without_login(chosen: Settings) -> Visitor | None:
    """A visitor of this machine; None where others could come as well."""
    address = st.get_option("server.address")
    if not access.is_loopback(address):
        where = f"on {address}" if address else "on every address of this machine"
        _refuse(
            f"This dashboard has no login, so it is not shown {where}: serve it on 127.0.0.1, or set up a "
            "login (docs/access.md)."
        )
        return None
    if any(name in st.context.headers for name in PROXIED):
        _refuse(
            "This dashboard has no login, and you come to it through a proxy: set up a login "
            "(docs/access.md), or open it on the machine itself."
        )
        return None
    found = Visitor(audit.user(), chosen.role, is_preview=chosen.role == access.STEERING)
    st.session_state.visitor = found
    return found


def _log_in(chosen: Settings, told: Mapping[str, Any]) -> None:
    """Nothing; draws the page to log in."""
    st.session_state.pop("visitor", None)
    st.title(PRODUCT, anchor=False)
    st.markdown(
        f"This is {access.NAMED[chosen.role]}. Log in with your work account. If you come back to this page "
        f"afterwards, your log-in was not accepted: please turn to {chosen.contact}."
    )
    if not st.button("Log in", type="primary", icon=":material/login:"):
        return
    if _answers(str(told["server_metadata_url"])):
        st.login()
        return
    audit.written(chosen, audit.REFUSAL, "not logged in", reason="the provider of identities does not answer")
    st.error(
        "The service that checks who you are does not answer, so nobody can log in now. Try again in a few "
        f"minutes; if it stays so, please tell {chosen.contact}."
    )


def _answers(address: str) -> bool:
    """Whether the provider tells of itself at its address."""
    try:
        # The address is the server's own setting, checked to be https or of this machine.
        with urllib.request.urlopen(address, timeout=5) as answer:  # nosec B310
            return bool(answer.status == 200)
    except (OSError, ValueError):
        LOG.exception("The provider of identities does not answer")
        return False


def _logged_in(chosen: Settings, claims: dict[str, Any]) -> Visitor | None:
    """The visitor whom the provider vouched for; None when the time is over or the role is not theirs."""
    name, key = access.name_of(claims), _key(claims)
    over = sessions.over(chosen, key, claims.get("iat"))
    if over:
        _once(chosen, key, audit.LOG_OUT, name, over)
        st.session_state.clear()
        st.title(PRODUCT, anchor=False)
        st.info(f"You were logged out: {over}. Log in again to go on.")
        st.button("Log in again", on_click=st.logout, type="primary")
        return None
    if chosen.role not in access.roles_of(claims, chosen):
        _once(chosen, key, audit.REFUSAL, name, f"not among those who may see {access.NAMED[chosen.role]}")
        st.session_state.pop("visitor", None)
        _refuse(
            f"You are logged in as {name}, and are not among those who may see {access.NAMED[chosen.role]}. "
            f"If you should be, please turn to {chosen.contact}."
        )
        st.button("Log out", on_click=st.logout)
        return None
    _once(chosen, key, audit.LOG_IN, name, "")
    found = Visitor(name, chosen.role, is_preview=False)
    st.session_state.visitor = found
    with st.sidebar:
        st.caption("Logged in as")
        st.text(name)
        st.button("Log out", on_click=_log_out, args=(chosen, key, name), icon=":material/logout:")
    return found


def _log_out(chosen: Settings, key: str, name: str) -> None:
    audit.written(chosen, audit.LOG_OUT, name, reason="asked for")
    sessions.ended(chosen, key)
    st.session_state.clear()
    st.logout()


def _key(claims: Mapping[str, Any]) -> str:
    """What tells one log-in from every other; a copied cookie has the same."""
    parts = [str(claims.get(name, "")) for name in ("iss", "sub", "iat", "nonce", "sid")]
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()


def _once(chosen: Settings, key: str, what: str, name: str, reason: str) -> None:
    """Nothing; logs it the first time in this session."""
    mark = f"logged-{what}-{key}"
    if not st.session_state.get(mark):
        audit.written(chosen, what, name, reason=reason)
        st.session_state[mark] = True


def _refuse(sentence: str) -> None:
    st.title(PRODUCT, anchor=False)
    st.error(sentence)

"""The gate: who is let in to the pages of this process, for how long, and that each of it is logged."""

import logging
import urllib.request
from collections.abc import Callable, Mapping
from typing import Any

import streamlit as st

from profiles import access, audit, logins
from profiles.access import Visitor
from profiles.settings import Settings, settings
from profiles.ui import door
from profiles.ui.markup import plain
from profiles.ui.standing import Kind, Standing, log_out, standing

__all__ = ["Visitor", "admitted", "logged_download", "visitor_name"]

LOG = logging.getLogger(__name__)

PRODUCT = "Stalking problem profiles"


def admitted(chosen: Settings) -> Visitor | None:
    """The visitor; None after drawing the page to log in, or why nobody or not this one is let in.

    Asked at every run, before anything is opened. Raises ProfilesError when the log cannot be written, or
    what tells of the log-ins.
    """
    # Where no login is set up, a visitor has no such attribute.
    claims = dict(st.user.to_dict()) if getattr(st.user, "is_logged_in", False) else None
    found = standing(chosen, claims, st.context.headers)
    if found.kind is not Kind.SHUT and not door.passed(st.context.headers):
        found = Standing(
            Kind.SHUT, why="This dashboard is served by *stalking-profiles serve* alone: start it with that."
        )
    if found.is_let_in:
        return _let_in(chosen, found, claims)
    st.session_state.pop("visitor", None)
    st.title(PRODUCT, anchor=False)
    match found.kind:
        case Kind.LOGGED_OUT:
            _log_in(chosen, logins.section() or {})
        case Kind.OVER:
            st.session_state.clear()
            st.info(f"You were logged out: {plain(found.why)}. Log in again to go on.")
            _offer("Log in again")
        case Kind.NO_ROLE:
            _once(chosen, found, audit.REFUSAL, found.why)
            st.error(
                f"You are logged in as {plain(found.name)}, and are {found.why}. If you should be, please "
                f"turn to {plain(chosen.contact)}."
            )
            _offer("Log out")
        case _:
            st.error(found.why)
    return None


def visitor_name() -> str:
    """How the log names who looks at this page: by their log-in, or as who runs the process."""
    found = st.session_state.get("visitor")
    return found.name if isinstance(found, Visitor) else audit.user()


def logged_download(what: str, name: str, content: bytes | Callable[[], bytes]) -> Callable[[], bytes]:
    """What logs that a file was taken, and then gives its content; nothing is given unlogged."""
    who = visitor_name()

    def given() -> bytes:
        audit.written(settings(), what, who, {"file": name})
        return content() if callable(content) else content

    return given


def _let_in(chosen: Settings, found: Standing, claims: Mapping[str, Any] | None) -> Visitor:
    """The visitor, whose log-in stands in the log and at the side of the page."""
    is_preview = found.kind is Kind.PREVIEW and chosen.role == access.STEERING
    visitor = Visitor(found.name, chosen.role, is_preview)
    if claims and found.kind is Kind.IN:
        _once(chosen, found, audit.LOG_IN, "")
        with st.sidebar:
            st.caption("Logged in as")
            st.text(access.verified_address(claims) or found.name)
            st.button("Log out", on_click=_log_out, args=(chosen, claims), icon=":material/logout:")
    st.session_state.visitor = visitor
    return visitor


def _log_in(chosen: Settings, told: Mapping[str, Any]) -> None:
    """Draw what the page to log in says, and its button."""
    st.markdown(
        f"This is {access.NAMED[chosen.role]}. Log in with your work account. If you come back to this page "
        f"afterwards, your log-in was not accepted: please turn to {plain(chosen.contact)}."
    )
    if not st.button("Log in", type="primary", icon=":material/login:"):
        return
    if _answers(str(told["server_metadata_url"])):
        st.login()
        return
    audit.written(chosen, audit.REFUSAL, "not logged in", reason="the provider of identities does not answer")
    st.error(
        "The service that checks who you are does not answer, so nobody can log in now. Try again in a few "
        f"minutes; if it stays so, please tell {plain(chosen.contact)}."
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


def _offer(label: str) -> None:
    """Draw a link that ends the log-in: a button would need a click that is not let in any more."""
    st.html(f"<a class='leave' href='{door.LOG_OUT}'>{label}</a>")


def _log_out(chosen: Settings, claims: Mapping[str, Any]) -> None:
    log_out(chosen, claims)
    st.session_state.clear()
    st.logout()


def _once(chosen: Settings, found: Standing, what: str, reason: str) -> None:
    """Log it the first time in this session."""
    mark = f"logged-{what}-{found.key}"
    if not st.session_state.get(mark):
        audit.written(chosen, what, found.name, reason=reason)
        st.session_state[mark] = True

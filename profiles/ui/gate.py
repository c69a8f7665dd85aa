"""Who gets in: on this machine's own address everybody, marked as a preview; elsewhere nobody."""

from collections.abc import Callable
from dataclasses import dataclass

import streamlit as st

from profiles.settings import Settings

LOOPBACK = ("127.0.0.1", "localhost", "::1")


@dataclass(frozen=True)
class Visitor:
    """Who looks at the pages, in which role, and whether without login."""

    name: str
    role: str
    is_preview: bool


def admitted(chosen: Settings) -> Visitor | None:
    """The visitor; None after drawing why nobody is let in on this address."""
    if st.get_option("server.address") not in LOOPBACK:
        st.title("Stalking problem profiles", anchor=False)
        st.error("There is no login, so this is shown on 127.0.0.1 alone: start it there.")
        return None
    return Visitor("", chosen.role, is_preview=True)


def taken(what: str, name: str, content: bytes | Callable[[], bytes]) -> Callable[[], bytes]:
    """What gives the content when it is asked for."""
    return content if callable(content) else lambda: content

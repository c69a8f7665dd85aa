"""What the address asks for and is not there: said on the page, since Streamlit drops it without a word."""

import re
from collections.abc import Iterable
from difflib import get_close_matches

import streamlit as st

from profiles import words
from profiles.ui.markup import plain

LETTERS_SHOWN, VALUES_SHOWN = 60, 3

NEAR = 0.8
"""How much like a name one that is offered is, from 0 to 1, for the page to ask whether it was meant."""

FRAME = ("embed", "embed_options")
"""What Streamlit itself reads from an address."""

_STATE = "left_out_of_address"


def check(
    key: str, name: str, offered: Iterable[str], where: str = "offered here", outcome: str = ""
) -> None:
    """Remember what the address asks of the widget `key` and is not among the texts offered.

    To be called before the widget is drawn, which corrects the address. `name` is what it picks, in words;
    `outcome` what is done instead of leaving it out.
    """
    known = set(offered)
    asked = dict.fromkeys(each for each in st.query_params.get_all(key) if each and each not in known)
    if asked:
        if len(asked) == 1:
            told, it_is = f"the {name} {_listed(asked)}, which is", "it is"
        else:
            told, it_is = f"{_listed(asked)} as {name}, which are", "they are"
        done = outcome or f"{it_is} left out"
        _kept()[key] = f"The address asks for {told} not {where}; {done}.{_meant(asked, known)}"


def check_names(known: Iterable[str]) -> None:
    """Remember which names in the address belong to no widget of this dashboard."""
    others = dict.fromkeys(name for name in st.query_params if name not in {*known, *FRAME})
    if others:
        is_no, it_is = ("is no filter", "it is") if len(others) == 1 else ("are no filters", "they are")
        # No widget has an empty key.
        _kept()[""] = (
            f"The address sets {_listed(others)}, which {is_no} of this dashboard; {it_is} left out."
        )


def say(*keys: str) -> None:
    """Draw what was remembered of these widgets, until the reader picks something else there."""
    kept = _kept()
    sentences = [kept[key] for key in keys if key in kept]
    if sentences:
        st.warning("  \n".join(map(plain, sentences)))


def forget(*keys: str) -> None:
    """Say no more what the address asked of these widgets; of all where none is named."""
    kept = _kept()
    for key in keys or tuple(kept):
        kept.pop(key, None)


def _meant(asked: Iterable[str], offered: Iterable[str]) -> str:
    """A question after what was meant, where a name is near; one with figures in it has no near one."""
    lowered = {each.casefold(): each for each in sorted(offered)}
    names = [each.casefold() for each in asked if len(each) <= LETTERS_SHOWN and not re.search(r"\d", each)]
    near = (get_close_matches(name, lowered, 1, NEAR) for name in names[:VALUES_SHOWN])
    meant = dict.fromkeys(lowered[each] for found in near for each in found)
    return f" Did you mean {_listed(meant)}?" if meant else ""


def _kept() -> dict[str, str]:
    """The sentences of this session, by the key of their widget."""
    kept: dict[str, str] = st.session_state.setdefault(_STATE, {})
    return kept


def _listed(asked: Iterable[str]) -> str:
    told = [f"“{each if len(each) <= LETTERS_SHOWN else each[:LETTERS_SHOWN] + '…'}”" for each in asked]
    more = len(told) - VALUES_SHOWN
    return words.listed([*told[:VALUES_SHOWN], *([f"{more:,} more"] if more > 0 else [])])

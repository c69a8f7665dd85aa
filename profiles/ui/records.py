"""Lists of records with their references, on the analyst's own screen: searched, paged, every view logged."""

from dataclasses import replace
from datetime import date
from typing import Any

import pandas as pd
import streamlit as st

from profiles import audit, escaped, listing
from profiles.escaped import html as escape
from profiles.selection import DIMENSIONS, Selection
from profiles.settings import settings
from profiles.ui import addresses, gate
from profiles.warehouse import Connection

A_PAGE = 50
"""Rows shown at once."""

LONGEST = 200
"""Letters of a reason."""


def chosen(list_id: str, selection: Selection, choices: dict[str, tuple[str, ...]]) -> Selection:
    """The selection as far as the list knows it, with what the reader picks from `choices` here."""
    item = listing.listing(list_id)
    where = [pair for pair in selection.where if pair[0] in item.dimensions]
    for name, values in choices.items():
        title = DIMENSIONS[name].title
        addresses.check(name, title, map(escaped.line, values), "in this data")
        addresses.say(name)
        picked = st.multiselect(
            f"{title[:1].upper()}{title[1:]}",
            values,
            key=name,
            format_func=escaped.line,
            placeholder="All",
            on_change=addresses.forget,
            args=(name,),
            bind="query-params",
        )
        where += [(name, value) for value in picked]
    days = (selection.since, selection.until) if item.date and item.bases else (None, None)
    return replace(
        selection,
        basis=item.bases[0] if item.bases else None,
        by=None,
        grain=None,
        since=days[0],
        until=days[1],
        where=tuple(where),
    )


def records(list_id: str, selection: Selection, con: Connection) -> None:
    """Draw the rows of a list that fit the selection and the search, and log that they were seen.

    Neither the search, the reason nor the page is in the address: a search may be a name or a reference.
    """
    left, right = st.columns(2)
    search = left.text_input(
        "Search in these records", key=f"search-{list_id}", placeholder="Any word or number"
    )
    reason = right.text_input(
        "Why you look at them",
        key=f"reason-{list_id}",
        max_chars=LONGEST,
        placeholder="Optional; kept in the log",
        help="Every view of records is logged: who, when, which list, which references. A reason stands "
        "beside it as you write it, so name no victim or suspect.",
    )
    total = listing.page(con.cursor(), list_id, selection, search, count=0).total
    if not total:
        st.info("No record fits.")
        return
    pages = -(-total // A_PAGE)
    # Another search has pages of its own.
    number = st.pagination(pages, key=f"page-{list_id}-{total}") if pages > 1 else 1
    first = A_PAGE * (number - 1)
    shown = listing.page(con.cursor(), list_id, selection, search, first, A_PAGE)
    audit.viewed(settings(), gate.visitor_name(), list_id, selection, search, shown.references, reason)
    st.caption(f"{first + 1:,} to {first + len(shown.frame):,} of {total:,} records")
    st.html(_table(shown.frame, listing.listing(list_id).title))


def _table(frame: pd.DataFrame, label: str) -> str:
    head = "".join(f"<th scope='col' class='text'>{escape(name)}</th>" for name in frame.columns)
    body = "".join(
        f"<tr>{''.join(f'<td class=text>{escape(_cell(value))}</td>' for value in row)}</tr>"
        for row in frame.itertuples(index=False)
    )
    return (
        f"<div class='twin records' tabindex='0' role='region' aria-label='{escape(label)}'><table>"
        f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def _cell(value: Any) -> str:
    if value is None or value is pd.NaT:
        return ""
    return f"{value:%d %b %Y}" if isinstance(value, date) else f"{value}"

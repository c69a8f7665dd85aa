"""The frame of the shared dashboard: one verified snapshot, picked in the address, and nothing else."""

import logging
from dataclasses import dataclass, replace
from datetime import date

import streamlit as st

from profiles import words
from profiles.blocks import from_snapshot
from profiles.catalogue import measure
from profiles.errors import ProfilesError
from profiles.selection import Selection
from profiles.settings import Settings, settings
from profiles.snapshot import opened
from profiles.snapshot.manifests import Manifest
from profiles.snapshot.opened import Found, Release
from profiles.ui import (
    PRODUCT,
    View,
    addresses,
    everything,
    gate,
    markup,
    meeting,
    releasing,
    themes,
    title,
    view,
)
from profiles.ui.gate import Visitor
from profiles.ui.markup import plain

DEFINITIONS = "pages/steering/about.py"

NAMES = ("snapshot", "year", "show", "series", "about")
"""Every name that an address of the shared dashboard may have."""

LOG = logging.getLogger(__name__)


@dataclass(frozen=True, eq=False)
class Shown:
    """The snapshot that is shown, the one before it of its kind that was not withdrawn, and all there are."""

    release: Release
    before: Release | None
    shelf: Found


def run(pages: list[st.Page]) -> None:
    """Draw the frame and the page asked for. A fault is told in a sentence, with whom to turn to.

    What is wrong in detail, which names folders of the server, stands in its log alone.
    """
    st.html(markup.STYLE + themes.style())
    chosen = visitor = fault = None
    try:
        chosen = settings()
        visitor = gate.admitted(chosen)
    except ProfilesError as error:
        LOG.exception("The visitor cannot be admitted")
        fault = error
    # Streamlit must be told its pages at every run, or it takes the folder for them. Who is not admitted
    # sees no menu.
    page = st.navigation(pages, position="sidebar" if visitor else "hidden")
    if fault:
        _say(fault, chosen)
    if visitor is None or chosen is None:
        return
    try:
        _draw(page, chosen, visitor)
    except ProfilesError as error:
        LOG.exception("The page cannot be drawn")
        _say(error, chosen)


def _draw(page: st.Page, chosen: Settings, visitor: Visitor) -> None:
    with st.sidebar:
        st.markdown(f"**{PRODUCT}**")
        st.caption("Shared dashboard of the steering group")
        if visitor.is_preview:
            st.info("Preview: on this machine alone, without login.")
    found = opened.found(chosen.snapshots)
    shelf = opened.shown_first(found, refuses_withdrawn=chosen.withdrawn == "refuse")
    for sentence in shelf.damaged:
        LOG.error(sentence)
    if not shelf.whole:
        _say_that_there_is_none(chosen, found, shelf)
        return
    manifest = _picked(shelf)
    _enter(manifest, shelf)
    withdrawal = shelf.withdrawn.get(manifest.sha256)
    if withdrawal:
        st.error(plain(withdrawal.sentence))
    _say_what_is_left_out(manifest, shelf, chosen)
    source = view().source
    st.html(markup.marking(source))
    page.run()
    st.html(markup.marking(source))


def shown() -> Shown:
    """The snapshot of this run of the page."""
    found: Shown = st.session_state.shown
    return found


def heading(text: str, about: str, *, by_year: bool = False) -> None:
    """Draw the page's title and what it answers; with `by_year` the choice of a financial year.

    Breakdowns are published by financial year; charts over time show all there is. The year that the
    summary speaks of comes first.
    """
    title(text, about)
    if not by_year:
        return
    years = from_snapshot.financial_years(shown().release)
    names = {
        words.financial_year(date.fromisoformat(day)) + ("" if is_over else " so far"): day
        for day, is_over in years
    }
    if not names:
        return
    spoken_of = meeting.year_spoken_of(shown().release)
    usual = next((place for place, (day, _) in enumerate(years) if day == spoken_of), 0)
    addresses.check("year", "financial year", names, "in this snapshot")
    addresses.say("year")
    picked = st.selectbox(
        "Financial year of the breakdowns",
        names,
        index=usual,
        key="year",
        help="Breakdowns are published by financial year, so that small numbers stay hidden. Charts over "
        "time show every period that is published.",
        on_change=addresses.forget,
        args=("year",),
        bind="query-params",
    )
    first = date.fromisoformat(names[picked])
    last = from_snapshot.last_of(names[picked], "financial_year")
    st.session_state.view = replace(view(), selection=replace(view().selection, since=first, until=last))


def course(measure_id: str) -> Selection:
    """All that the snapshot holds of the measure over time, by the shortest periods for which it is given."""
    return everything(grain=from_snapshot.shortest(shown().release, measure(measure_id)))


def _picked(shelf: Found) -> Manifest:
    """The snapshot that the reader picked, the newest unless told."""
    names = [each.folder.name for each in shelf.whole]
    addresses.check_names(NAMES)
    addresses.check("snapshot", "snapshot", names, outcome=f"this is {names[0]}")
    with st.sidebar:
        picked = st.selectbox(
            "Snapshot",
            names,
            key="snapshot",
            help="A dated release of every figure. Earlier ones stay as they were.",
            on_change=addresses.forget,
            args=("snapshot", "year", "series"),
            bind="query-params",
        )
        releasing.say_which_are_withdrawn(shelf)
    addresses.say("", "snapshot")
    return shelf.named(picked) or shelf.whole[0]


def _enter(manifest: Manifest, shelf: Found) -> None:
    """Show this snapshot in the session from here on."""
    release = opened.release(manifest)
    earlier = next(
        (
            each
            for each in shelf.like(manifest.profile, manifest.synthetic, manifest.as_at)
            if each.as_at < manifest.as_at and each.sha256 not in shelf.withdrawn
        ),
        None,
    )
    st.session_state.shown = Shown(release, opened.release(earlier) if earlier else None, shelf)
    source = from_snapshot.source(release)
    as_at = date.fromisoformat(manifest.as_at)
    # What others published reaches back further than the force's own data.
    is_month = release.rows["grain"] == "month"
    is_own = release.rows["measure_id"].map(lambda name: measure(name).sensitivity != "open")
    months = release.rows.loc[is_own & is_month, "period"]
    begins = date.fromisoformat(months.min()) if len(months) else as_at
    st.session_state.view = View(
        None, source, Selection(since=begins, until=as_at), (begins, as_at), DEFINITIONS
    )


def _say_that_there_is_none(chosen: Settings, found: Found, shelf: Found) -> None:
    title(PRODUCT, "Shared dashboard of the steering group.")
    why = "none that is whole" if shelf.damaged else "no snapshot yet"
    if found.withdrawn:
        why = "no snapshot that is whole and was not withdrawn"
    st.info(
        f"There is {why} to show. A snapshot is a dated release of every figure, and this dashboard shows "
        f"nothing else. Please turn to {plain(chosen.contact)}."
    )


def _say_what_is_left_out(manifest: Manifest, shelf: Found, chosen: Settings) -> None:
    """Say that a snapshot beside this one is damaged or not readable, and is not shown."""
    if not shelf.damaged:
        return
    number = len(shelf.damaged)
    told = "One other snapshot is" if number == 1 else f"{words.number(number)} other snapshots are"
    st.warning(
        f"{told} damaged, incomplete or from another version, and not shown. What you see, "
        f"{plain(manifest.folder.name)}, is whole. Please tell {plain(chosen.contact)}."
    )


def _say(error: ProfilesError, chosen: Settings | None) -> None:
    contact = chosen.contact if chosen else "whoever runs this dashboard"
    st.error(
        f"This page cannot be shown now: {plain(_kind(error))}. Nothing is lost; "
        f"please tell {plain(contact)}."
    )


def _kind(error: ProfilesError) -> str:
    """What is wrong in general words: a message names folders of the server."""
    kinds = {
        "BadSnapshot": "the snapshot is missing or damaged",
        "BadWithdrawals": "the list of withdrawn snapshots cannot be read",
        "DiskFull": "the disk of the server is full",
        "BadSelection": "it asks for what this snapshot does not hold",
    }
    return kinds.get(type(error).__name__, "the server is not set up as it must be")

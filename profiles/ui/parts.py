"""Parts of single pages: the cards and directions of the overview, lists of records, the definitions."""

import streamlit as st

from profiles import checking, facts, listing, words
from profiles.blocks import imports, overview
from profiles.selection import BASES, Selection
from profiles.ui import addresses, guarded, markup, notes, records, reference, twin, view
from profiles.ui.markup import plain


def cards() -> None:
    """Draw the four headlines of the overview, with their table."""
    with guarded():
        figures, block = overview.cards(view().source, view().selection)
        st.html(markup.cards(figures))
        notes(block)
        twin(block)


def standing() -> None:
    """Draw how fresh the data are and what to be careful about."""
    with guarded(), st.container(border=True, height="stretch"):
        st.header("How far these figures can be trusted", anchor="trust")
        lines = [
            overview.freshness(view().warehouse.facts),
            *imports.left_out(view().warehouse.facts.left_out()),
            *imports.doubtful(facts.doubtful(view().warehouse.con, view().warehouse.facts)),
            *overview.warnings(view().source, view().selection),
        ]
        st.markdown("\n".join(f"- {plain(line)}" for line in lines))


def coverage() -> None:
    """Draw which months no export covers, or may not cover, and what to do; a line where none is left out."""
    with guarded(), st.container(border=True):
        lost = imports.left_out(view().warehouse.facts.left_out())
        asked = imports.doubtful(facts.doubtful(view().warehouse.con, view().warehouse.facts))
        if not lost and not asked:
            st.header("No month is left out", anchor="coverage")
            st.markdown(
                "Every month from the first record of a feed to its last export is covered by an export."
            )
            return
        title = "Months are missing that no export covers" if lost else "Months that an export may not cover"
        st.header(title, anchor="coverage")
        st.markdown("\n".join(f"- {plain(line)}" for line in (*lost, *asked)))
        if lost:
            st.markdown(
                "Figures of these months, and sums that hold one, are not available (\\[x\\]). Import the "
                "missing export. If nothing happened in them, say in the mapping what each file covers: "
                "`covers`."
            )
        if asked:
            st.markdown(
                "Where it is asked whether an export covers a month: import the export that is missing, or "
                "say in the mapping what each file covers: `covers`."
            )


def noted() -> None:
    """Draw what imports noted of accepted records: what was read otherwise, left blank, or near a target."""
    with guarded(), st.container(border=True):
        found = checking.notes(view().warehouse.con)
        if found.empty:
            st.header("Imports noted nothing", anchor="noted")
            return
        count = int(found["count"].sum())
        named = "cell or record" if count == 1 else "cells or records"
        st.header(f"What imports noted: {count:,} {named}", anchor="noted")
        st.markdown(
            "Of records that were taken in, in the words of the import. What is close to a target code and "
            "not counted may be stalking: correct it at its source, or translate it in the mapping."
        )
        st.html(imports.noted(found))


def ways() -> None:
    """Draw where to go next."""
    with st.container(border=True, height="stretch"):
        st.header("Where to go next", anchor="next")
        for page, title, about in overview.WAYS:
            st.page_link(page, label=f"**{title}**: {about}")


@st.fragment
def listed(list_id: str, choices: dict[str, str] | None = None) -> None:
    """Draw a list of records, shown when it is opened.

    `choices` are dimensions to pick from here, each with the measure that counts by it.
    """
    item = listing.listing(list_id)
    with guarded(), st.container(border=True):
        st.header(plain(item.title), anchor=f"list-{list_id}")
        st.caption(
            f"{plain(words.sentence(item.note))} References stay on this screen: they are in no file, and "
            f"every view of them is logged."
        )
        found = {
            name: tuple(
                each
                for each in view().source.frame(measure_id, Selection(by=name, grain="all"))["category"]
                if each != "all"
            )
            for name, measure_id in (choices or {}).items()
        }
        selection = records.chosen(list_id, view().selection, found)
        with st.expander("Show the records", key=f"records-{list_id}", on_change="rerun") as opened:
            if opened.open:
                records.records(list_id, selection, view().warehouse.con)


def definitions() -> None:
    """Draw all definitions, and the one that the address asks about before them."""
    with guarded():
        entries = reference.entries()
        addresses.check("about", "definition", entries)
        addresses.say("about")
        asked = st.selectbox(
            "Look up a measure, a code, a gap or a word",
            entries,
            index=None,
            key="about",
            placeholder="Type to search",
            on_change=addresses.forget,
            args=("about",),
            bind="query-params",
        )
        if asked:
            with st.container(border=True):
                st.header(plain(asked), anchor="asked")
                st.html(entries[asked])
        known = {each for basis in BASES for each in view().source.breaks("stalking_crimes", basis)}
        parts = {
            "Measures": reference.measures(),
            "Breaks": reference.breaks(sorted(known, key=lambda each: each.day)),
            "Codes": reference.codes(),
            "Not known": reference.gaps(),
            "Glossary": reference.glossary(),
        }
        for tab, text in zip(st.tabs(list(parts)), parts.values(), strict=True):
            tab.html(text)
        # Of tabs, only the open one is there to be printed.
        st.html("".join(f"<div class='printed'><h2>{name}</h2>{text}</div>" for name, text in parts.items()))

"""What the page About tells: owner, sources, next update, disclosure in plain words, limits, definitions."""

from datetime import date

import pandas as pd
import streamlit as st

from profiles import ui, words
from profiles.escaped import html as escape
from profiles.settings import settings
from profiles.snapshot import protecting
from profiles.snapshot.series import records
from profiles.ui import markup, parts, releasing, steering
from profiles.ui.markup import plain


def drawn() -> None:
    """Draw the page."""
    shown = steering.shown()
    manifest, chosen = shown.release.manifest, settings()
    ui.title(
        "About these figures",
        "Whose they are, where they come from, what they cannot say, and what their words mean.",
    )
    as_at = words.day(date.fromisoformat(manifest.as_at))
    with st.container(border=True):
        st.header("At a glance", anchor="glance")
        pairs = [
            ("Owner", chosen.contact),
            ("Data as at", as_at),
            ("Next update", chosen.next_update),
            ("Snapshot", manifest.folder.name),
            ("Made for", f"{manifest.profile}: {releasing.SAYING.get(manifest.profile, '')}"),
            ("Marking", manifest.marking),
            ("Origin", "SYNTHETIC: made-up data" if manifest.synthetic != "no" else "police records"),
            ("Version", f"{manifest.version}, data {manifest.warehouse_version}"),
            ("SHA-256 of its manifest", manifest.sha256),
        ]
        told = "".join(f"<dt>{escape(name)}</dt><dd>{escape(text)}</dd>" for name, text in pairs)
        st.html(f"<dl class='pairs entry'>{told}</dl>")
    _sources()
    _disclosure()
    _limits()
    _definitions()


def _sources() -> None:
    """Draw the extracts that the figures were made from."""
    frame = pd.DataFrame(steering.shown().release.manifest.raw["inputs"])
    with st.container(border=True):
        st.header("Sources", anchor="sources")
        st.markdown(
            "Police and partner exports, read by a mapping that says what each column means. Every record "
            "was accepted, unchanged, superseded or rejected with a reason; none is lost silently. Behind "
            "this page there is no record of a person: only the files of the snapshot."
        )
        if frame.empty:
            return
        grouped = frame.groupby("table", sort=True).agg(
            files=("file", "size"), rows=("rows", "sum"), newest=("as_at", "max")
        )
        table = pd.DataFrame(
            {
                "What": [words.name(str(name).replace("_", " ")) for name in grouped.index],
                "Newest extract": [
                    words.day(date.fromisoformat(day)) if day else "" for day in grouped["newest"].fillna("")
                ],
                "Files": [words.number(value) for value in grouped["files"]],
                "Records read": [words.number(value) for value in grouped["rows"]],
            }
        )
        with st.expander("Table :gray[of the extracts read]"):
            st.html(markup.words_table(table, "Extracts that the figures were made from", 2))


def _disclosure() -> None:
    manifest = steering.shown().release.manifest
    limits = manifest.raw["thresholds"]
    cost = manifest.raw["suppression"]
    rounded = (
        f" Every figure is rounded to {limits['rounded_to']:.0f}, and rates are made from rounded figures."
        if limits["rounded_to"] > 1
        else ""
    )
    with st.container(border=True):
        st.header("Why some figures are hidden", anchor="disclosure")
        st.markdown(
            f"A count of 1 to {limits['smallest_count_published'] - 1:.0f} could point at somebody, so it is "
            "hidden: **\\[c\\]** stands in its place. Where a hidden count could be worked out from a total "
            "and its other parts, another count is hidden as well; both bear the same mark, so that nobody "
            f"can tell which was small.{rounded} Zeros are shown. No rate is given on fewer than "
            f"{limits['least_base_of_a_rate']:.0f} cases. What the force as a whole did about orders is "
            "shown even when it is small: it tells of a process, not of a person.\n\n"
            "In this snapshot:\n"
            + "\n".join(f"- {plain(words.sentence(each))}" for each in protecting.cost_sentences(cost))
        )


def _limits() -> None:
    quality = steering.shown().release.table("data_quality")
    with st.container(border=True):
        st.header("Limits", anchor="limits")
        st.markdown(
            "\n".join(
                f"- {line}"
                for line in (
                    "Recorded stalking is not all stalking: what is never reported, or recorded as "
                    "something else without an included classification, is in no figure.",
                    "National figures count principal crimes only: never compare them with basis *any*.",
                    "The newest months still change, as crimes are recorded and finished late; they are "
                    "marked provisional, *\\[p\\]*.",
                    "A signal says that a series may have changed, not why. Of a hundred control charts of "
                    "chance alone about two show one at their newest month, and 10 to 18 show one within "
                    "a year: the summary says how many there are, and how many chance would give.",
                    "A district stands apart when chance alone would set it so far from the force, on "
                    "either side, twice in a thousand. Some 230 shares are looked at, so that two snapshots "
                    "in five may name one by chance: look at the figure before you ask the district.",
                    "A projection carries the past on. It knows of no reason why demand should change.",
                )
            )
        )
        told = [row["sentence"] for row in records(quality) if row["sentence"]] if len(quality) else []
        if told:
            with st.expander(f"What was rejected or is not recorded :gray[{len(told)} lines]"):
                st.markdown("\n".join(f"- {plain(line)}" for line in told))


def _definitions() -> None:
    with st.container(border=True):
        st.header("Definitions", anchor="definitions")
        parts.definitions()
    ui.explanations()

"""Snapshots on the page Demand and FMS: compared, previewed and built."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd
import streamlit as st

from profiles import audit, disk, snapshot, words, writing
from profiles.errors import BadSnapshot, ProfilesError
from profiles.escaped import html as escape
from profiles.settings import settings
from profiles.snapshot import comparing, opened
from profiles.snapshot.comparing import Comparison
from profiles.snapshot.known import all_known
from profiles.snapshot.manifests import Manifest
from profiles.snapshot.opened import Release
from profiles.snapshot.protecting import PROFILES
from profiles.ui import gate, guarded, previews, view
from profiles.ui.markup import NOT_COMPARED, plain
from profiles.ui.previews import Preview
from profiles.ui.releasing import SAYING
from profiles.warehouse import Version

NONE = "none: this is the first release"
CHANGES_SHOWN = 200
"""Rows of a comparison on the page; its file holds all."""


@st.fragment
def changes(release: Release) -> None:
    """Draw what changed from an earlier snapshot to the one shown, worked out when it is opened."""
    manifest = release.manifest
    with guarded(), st.container(border=True):
        st.header("What changed since the snapshot before", anchor="changes")
        known = opened.found(settings().snapshots)
        others = [
            each
            for each in known.like(manifest.profile, manifest.synthetic, manifest.as_at)
            if each.folder.name != manifest.folder.name
        ]
        if not others:
            st.markdown(
                f"There is no earlier snapshot of the profile {plain(manifest.profile)} to compare it with."
            )
            return
        before = (manifest.raw["previous"] or {}).get("sha256")
        others.sort(key=lambda each: each.sha256 != before)
        names = {each.folder.name: each for each in others}
        picked = st.selectbox("Compare with", names, key=f"against-{manifest.folder.name}")
        is_open = st.session_state.pop("open_changes", False)
        with st.expander(
            f"Changes since {plain(picked)}",
            expanded=is_open,
            key=f"changes-{manifest.folder.name}",
            on_change="rerun",
        ) as folded:
            if folded.open:
                with st.spinner("Comparing every figure of both"):
                    found = opened.compared(names[picked], manifest)
                _draw_changes(found, manifest)
            else:
                st.html(NOT_COMPARED)


def _draw_changes(found: Comparison, manifest: Manifest) -> None:
    st.markdown("\n".join(f"- {plain(sentence)}" for sentence in found.summary))
    if found.frame.empty:
        return
    most = comparing.most_changed(found)
    if len(most):
        st.html(_table(_most(most), 3, "Measures with most figures revised"))
    shown = found.frame.head(CHANGES_SHOWN)
    label = f"Every change: {len(found.frame):,}"
    if len(shown) < len(found.frame):
        label = f"The first {len(shown):,} of {len(found.frame):,} changes"
    st.html(_table(_each(shown), 5, label))
    # It tells of two releases, so it bears the stamp of both.
    stamps = {"as_at": manifest.as_at, "marking": manifest.marking, "synthetic": manifest.synthetic}
    stamp = "" if manifest.synthetic == "no" else "_SYNTHETIC"
    st.download_button(
        "CSV :gray[of: every change]",
        gate.logged_download(
            audit.EXPORT,
            f"changes_{found.as_at_a}_{found.as_at_b}_{manifest.profile}",
            lambda: writing.csv_text(found.frame.assign(as_at_before=found.as_at_a, **stamps)).encode(),
        ),
        file_name=f"changes_{found.as_at_a}_{found.as_at_b}_{manifest.profile}{stamp}.csv",
        mime="text/csv",
        key="CSV-changes",
        on_click="ignore",
        icon=":material/download:",
    )


def _most(most: pd.DataFrame) -> pd.DataFrame:
    largest = [
        f"{old} → {new} ({per_cent:+.1f}%)" if per_cent == per_cent else ""
        for old, new, per_cent in zip(most["value_old"], most["value_new"], most["per_cent"], strict=True)
    ]
    return pd.DataFrame(
        {
            "Measure": most["title"],
            "Largest change, where": [
                _place(row) if told else ""
                for row, told in zip(most.to_dict("records"), largest, strict=True)
            ],
            "Largest change, on a base of 30 or more": largest,
            "Figures in both": [words.number(each) for each in most["held"]],
            "Revised": [words.number(each) for each in most["revised"]],
        }
    )


def _each(frame: pd.DataFrame) -> pd.DataFrame:
    records = frame.to_dict("records")
    return pd.DataFrame(
        {
            "Change": frame["change"],
            "Table": frame["table"],
            "Measure": [row["title"] or row["measure_id"] for row in records],
            "Figure of": [_place(row) if row["table"] == "measures" else "" for row in records],
            "Words": frame["detail"],
            "Before": [" ".join(filter(None, _told(row, "old"))) for row in records],
            "Now": [" ".join(filter(None, _told(row, "new"))) for row in records],
        }
    )


def _told(row: Mapping[Any, Any], when: str) -> list[str]:
    """The value and the marker of a row before or now, each once."""
    return list(dict.fromkeys([row[f"value_{when}"], row[f"marker_{when}"]]))


def _place(row: Mapping[Any, Any]) -> str:
    """Basis, period and categories of a row."""
    basis = f"basis {row['basis'].replace('_', ' ')}" if row["basis"] not in ("", "fixed") else ""
    parts = [
        row[name]
        for name in ("category", "category_2")
        if row[name] not in ("", "all") and isinstance(row[name], str)
    ]
    return ", ".join(filter(None, (words.period(row["period"], row["grain"]), basis, *parts)))


@st.fragment
def building() -> None:
    """Draw what a snapshot of the data served now would withhold, and build it."""
    with guarded(), st.container(border=True):
        st.header("Build a snapshot of the data as they are now", anchor="build")
        version = view().warehouse.version
        if not version.as_at:
            st.info("The warehouse holds no records yet; import exports before a snapshot.")
            return
        synthetic = "SYNTHETIC" if version.is_synthetic else "no"
        profile = st.radio(
            "Disclosure profile",
            PROFILES,
            key="release_profile",
            captions=[SAYING[name] for name in PROFILES],
        )
        folder = settings().snapshots
        known = {
            each.folder.name: each for each in opened.found(folder).like(profile, synthetic, version.as_at)
        }
        picked = st.selectbox(
            "Released before it",
            (*known, NONE),
            # One built meanwhile is what the next one follows.
            key=f"release_previous-{profile}-{next(iter(known), '')}",
            help="What that snapshot withheld stays withheld, and both together tell no more than each. Name "
            "the last one that was released to anybody.",
        )
        previous = known.get(picked)
        kept = st.session_state.setdefault("previews", {})
        key = (version.name, profile, previous.sha256 if previous else "")
        left, right = st.columns(2, gap="small")
        is_asked = left.button("See what would be withheld", width="stretch", key="preview")
        is_to_build = right.button("Build the snapshot", width="stretch", key="build")
        st.caption("Either takes a minute or two for a force. Stay on this page until it is done.")
        if is_asked and key not in kept:
            kept[key] = _previewed(folder, version, profile, previous)
        if is_to_build:
            _build(folder, version.as_at, profile, previous)
        done = st.session_state.get("built")
        if done:
            st.success(f"{plain(done)} is built. It is shown above, with what changed and its download.")
        if key in kept:
            _draw_preview(kept[key])


def _previewed(folder: Path, version: Version, profile: str, previous: Manifest | None) -> Preview:
    """What would be withheld, worked out while its progress is shown."""
    served = view().warehouse
    out = folder / opened.new_name(folder, version.as_at, profile)
    others = all_known(
        out, snapshot.stamped(version, settings(), profile), previous.folder if previous else None
    )
    with st.status("Working out what would be withheld", expanded=False) as status:
        found = previews.preview(
            served.con.cursor(),
            served.facts,
            profile,
            others,
            lambda text: status.update(label=words.sentence(plain(text))),
        )
        status.update(label="Worked out what would be withheld.", state="complete")
    return found


def _build(folder: Path, as_at: str, profile: str, previous: Manifest | None) -> None:
    """Build the snapshot while its progress is shown, then draw the page with it."""
    st.session_state.pop("built", None)
    with st.status("Building the snapshot", expanded=False) as status:
        try:
            _make(folder)
            name = opened.new_name(folder, as_at, profile)
            snapshot.build(
                folder / name,
                settings=settings(),
                profile=profile,
                previous=previous.folder if previous else None,
                say=lambda text: status.update(label=words.sentence(plain(text))),
            )
        except ProfilesError:
            status.update(label="No snapshot was built.", state="error")
            raise
        status.update(label="The snapshot is built.", state="complete")
    st.session_state.update(built=name, built_now=name, open_changes=True)
    st.rerun()


def _make(folder: Path) -> None:
    try:
        with disk.watched(folder):
            folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise BadSnapshot(
            f"The folder of the snapshots {folder} cannot be made ({error.strerror}); "
            "set STALKING_PROFILES_SNAPSHOTS to one that can be written."
        ) from error


def _draw_preview(found: Preview) -> None:
    st.subheader("What would be withheld", anchor="withheld")
    st.markdown("\n".join(f"- {plain(words.sentence(sentence))}" for sentence in found.cost))
    st.markdown(
        "A figure is not shown when it is a small count itself; when it would give another away, because it "
        "is what is left of a total; or when there are too few to divide by."
    )
    for label, table, texts in (
        ("Figures by breakdown and period", found.by_breakdown, 2),
        ("Figures by measure", found.by_measure, 1),
    ):
        told = table.assign(
            **{name: [words.number(each) for each in table[name]] for name in table.columns[texts:]},
            **{name: [words.name(each) for each in table[name]] for name in table.columns[:texts]},
        )
        st.html(_table(told, texts, label))


def _table(frame: pd.DataFrame, texts: int, label: str) -> str:
    """The frame as a table that scrolls by itself: its first columns are words, the others figures."""
    classes = [" class='text'" if place < texts else "" for place in range(frame.shape[1])]
    head = "".join(
        f"<th scope='col'{each}>{escape(str(name))}</th>"
        for name, each in zip(frame.columns, classes, strict=True)
    )
    body = "".join(
        "<tr>"
        + "".join(f"<td{each}>{escape(str(cell))}</td>" for cell, each in zip(row, classes, strict=True))
        + "</tr>"
        for row in frame.itertuples(index=False)
    )
    told = escape(label)
    return (
        f"<div class='twin' tabindex='0' role='region' aria-label='{told}'><table><caption>{told}</caption>"
        f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
    )

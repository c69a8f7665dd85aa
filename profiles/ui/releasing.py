"""A snapshot on the page Demand and FMS: picked, said what it is, and its series drawn."""

from functools import partial
from pathlib import Path

import streamlit as st

from profiles import audit, charts, escaped, words
from profiles.blocks import backtests, projections
from profiles.blocks.projections import Published
from profiles.errors import ProfilesError
from profiles.settings import settings
from profiles.snapshot import opened, protecting, withdrawals
from profiles.snapshot.manifests import Manifest
from profiles.snapshot.opened import Found, Release
from profiles.ui import addresses, gate, guarded, markup, notes, twin
from profiles.ui.figures import Ready
from profiles.ui.markup import plain

SAYING = {
    "internal": "for partners under the sharing agreement: counts of 1 to 4 are withheld",
    "external": "for publication: the same, and every figure rounded to 5",
}
"""What each disclosure profile is for."""


def chosen() -> Release | None:
    """The snapshot that the page shows, after drawing which there are; None where there is none to show."""
    st.markdown(
        "The filters at the side do not apply here: a snapshot holds the force as a whole, and breakdowns."
    )
    try:
        folder = settings().snapshots
        known = opened.found(folder)
        for sentence in known.damaged:
            st.error(plain(sentence))
        if not known.whole:
            _say_what_one_is(folder)
            return None
        built = st.session_state.pop("built_now", "")
        if known.named(built):
            st.session_state.snapshot = built
        names = [each.folder.name for each in known.whole]
        picked = names[0]
        addresses.check("snapshot", "snapshot", names)
        addresses.say("snapshot")
        if len(names) > 1:
            picked = st.selectbox(
                "Snapshot",
                names,
                key="snapshot",
                on_change=addresses.forget,
                args=("snapshot",),
                bind="query-params",
            )
        say_which_are_withdrawn(known)
        manifest = known.named(picked) or known.whole[0]
        _head(manifest)
        return opened.release(manifest)
    except ProfilesError as error:
        st.error(plain(str(error)))
        return None


def say_which_are_withdrawn(known: Found) -> None:
    """Draw a line under the list of snapshots that names those that were withdrawn, if any."""
    names = [each.folder.name for each in known.whole if each.sha256 in known.withdrawn]
    if names:
        st.caption(f"Withdrawn: {plain(words.listed(names))}.")


def _say_what_one_is(folder: Path) -> None:
    st.info(
        f"There is no snapshot in {plain(str(folder))} yet. A snapshot is a dated release of every measure: "
        "small counts are withheld so that nobody can be recognised, demand is projected, and every file is "
        "sealed, so that the same figures can be found a year later. Projections are made when one is built: "
        "build the first one below; it takes a minute or two."
    )


def _head(manifest: Manifest) -> None:
    """Draw what the snapshot is, what it withholds, and its download."""
    name = manifest.folder.name
    with st.container(border=True):
        st.header(f"Snapshot {plain(name)}", anchor="snapshot")
        withdrawal = withdrawals.of(manifest)
        if withdrawal:
            st.error(plain(withdrawal.sentence))
        st.html(markup.marking(projections.source(manifest)))
        told = (
            f"Disclosure profile *{manifest.profile}*, {SAYING.get(manifest.profile, '')}.",
            *(plain(words.sentence(each)) for each in protecting.cost_sentences(manifest.raw["suppression"])),
        )
        st.markdown("\n".join(f"- {each}" for each in told))
        if withdrawal:
            st.info("The files of a withdrawn snapshot are not given out.")
        else:
            offered(manifest)
        st.caption(
            f"SHA-256 of its manifest, to be told with the release: {manifest.sha256}. It is checked by "
            "*stalking-profiles verify*, and what its figures give away together by *stalking-profiles "
            "snapshot-audit*."
        )


def offered(manifest: Manifest) -> None:
    """Draw the download of all files of the snapshot as one ZIP."""
    name = manifest.folder.name
    stamp = "" if manifest.synthetic == "no" else "_SYNTHETIC"
    st.download_button(
        "Download all of it as one ZIP",
        gate.logged_download(audit.DOWNLOAD, f"{name}.zip", partial(opened.zipped, manifest)),
        file_name=f"snapshot_{name}{stamp}.zip",
        mime="application/zip",
        key="zip",
        on_click="ignore",
        icon=":material/download:",
    )


def series(release: Release) -> None:
    """Draw the blocks of the series that the reader picks."""
    with guarded():
        names = {projections.name_of(*each): each for each in release.series}
        if not names:
            st.info("This snapshot projects no series.")
            return
        addresses.check("series", "series", names, "in this snapshot")
        addresses.say("series")
        picked = st.selectbox(
            "Series",
            names,
            key="series",
            on_change=addresses.forget,
            args=("series",),
            bind="query-params",
        )
        asked = names[picked]
        _show(projections.history(release, *asked))
        _show(projections.years(release, *asked))
        tested = [block(release, *asked) for block in (backtests.backtest, backtests.coverage)]
        drawn = [block for block in tested if block]
        if not drawn:
            st.info(
                "There was no back-test of this series: no model was fitted, for the reason that its "
                "projection names."
            )
            return
        for side, block in zip(st.columns(len(drawn), gap="small"), drawn, strict=True):
            with side:
                _show(block)


def _show(block: Published) -> None:
    """Draw a block: title, subtitle, chart, sentence, notes, table and the file it stands in."""
    with st.container(border=True, height="stretch"):
        st.header(plain(block.title), anchor=block.block_id)
        st.caption(plain(block.stamp))
        if block.figure:
            st.plotly_chart(
                Ready(block.figure),
                key=f"chart-{block.block_id}",
                config=charts.CONFIG,
                alt=escaped.line(f"{block.title}. {block.sentence}"),
            )
            st.caption(plain(block.sentence))
        else:
            st.info(plain(block.sentence))
        notes(block)
        twin(block)


def explanations() -> None:
    """Draw what the words of the page mean."""
    markers = "\n".join(f"- **{plain(marker)}** {meaning}." for marker, meaning in words.MARKERS.items())
    with st.expander("What these words mean"):
        st.markdown(
            "**Projection.** A form of smoothing (ETS) carries a series on from its own past: its level, and "
            "where it has them a trend that fades and an effect of each calendar month. It knows of no "
            "reason why demand should change.\n\n"
            "**Seasonal naive.** The plainest projection: each month as the same month a year before. What "
            "does no better than that is not used.\n\n"
            "**Back-test.** Months already known are projected as if they were not, from many starting "
            "points one after the other, and held against what came.\n\n"
            "**Error (MASE).** The average miss, as a share of what the seasonal naive missed in the months "
            "that the method learnt from. 1 is as far, 0.5 half as far.\n\n"
            "**Coverage.** How many of a hundred months lay within an interval. It is meant to be the number "
            "in its name, 80 or 95; models promise more than they hold, so intervals are widened by what the "
            "back-test found (conformal).\n\n"
            "**Extrapolation.** No back-test reaches further than 12 months; beyond, intervals are made "
            "wider by a rule and nobody has measured whether they hold.\n\n"
            "**Scenario range.** With too few months for a model: the last 12 months' level, between the "
            "lowest and the highest three months in a row. It has no probability.\n\n"
            f"**Markers** stand beside a figure, or in its place:\n{markers}"
        )

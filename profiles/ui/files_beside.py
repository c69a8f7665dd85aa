"""The files of a snapshot to take away: all as one ZIP, or each by itself, byte for byte."""

from functools import partial
from pathlib import Path

import streamlit as st

from profiles import audit
from profiles.errors import BadSnapshot
from profiles.snapshot import manifests, opened, withdrawals
from profiles.snapshot.manifests import Manifest
from profiles.ui import gate, releasing, steering
from profiles.ui.markup import plain

MEDIA = {
    "csv": "text/csv",
    "json": "application/json",
    "md": "text/markdown",
    "parquet": "application/vnd.apache.parquet",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}

TOLD = {
    "measures.csv": "every figure of the snapshot, a row each",
    "measures.xlsx": "the same as a workbook, with verdicts, breaks and definitions",
    "measures.parquet": "the same for programs",
    "fms.csv": "financial years counted and projected, for the force management statement",
    "fms_steps.md": "what the statement asks, step by step, with the figures",
    "forecast.csv": "projections by month and how well they held",
    "verdicts.csv": "what the control charts say",
    "action_plan.csv": "the lines of the plan with their figures",
    "action_plan_history.csv": "every reported version of the lines",
    "data_quality.csv": "what was rejected or is not recorded",
    "definitions.csv": "what every measure counts",
    "breaks.csv": "changes of the rules that break a series",
    "datapackage.json": "the columns of every file, for programs",
    "manifest.json": "the seal: size and SHA-256 of every file",
}
"""What each file holds, in words."""


def offered() -> None:
    """Draw the files of the snapshot that is shown, to take away."""
    manifest = steering.shown().release.manifest
    name = manifest.folder.name
    stamp = "" if manifest.synthetic == "no" else "_SYNTHETIC"
    with st.container(border=True):
        st.header("Files of this snapshot", anchor="files")
        if withdrawals.of(manifest):
            st.info("The files of a withdrawn snapshot are not given out. Please take those of another one.")
            return
        st.caption(
            "As they were released, byte for byte; every figure of these pages stands in them. Each "
            "download is logged with who took it."
        )
        releasing.offered(manifest)
        for file in sorted((*manifest.files, manifests.NAME), key=_order):
            left, right = st.columns([1, 2], gap="small", vertical_alignment="center")
            with left:
                st.download_button(
                    plain(file),
                    gate.logged_download(audit.DOWNLOAD, f"{name}/{file}", partial(content, manifest, file)),
                    file_name=f"{Path(file).stem}_as-at-{manifest.as_at}{stamp}{Path(file).suffix}",
                    mime=MEDIA.get(file.rpartition(".")[2], "application/octet-stream"),
                    key=f"file-{file}",
                    on_click="ignore",
                    icon=":material/download:",
                )
            with right:
                st.markdown(TOLD.get(file, ""))
        st.caption(f"SHA-256 of the manifest, as told with the release: {manifest.sha256}")


def _order(name: str) -> tuple[int, str]:
    known = list(TOLD)
    return (known.index(name) if name in known else len(known), name)


def content(manifest: Manifest, name: str) -> bytes:
    """A file of the snapshot, read when it is asked for.

    Raises BadSnapshot when the snapshot is no longer whole, or was withdrawn.
    """
    now = opened.to_take(manifest)
    try:
        return (now.folder / name).read_bytes()
    except OSError as error:
        raise BadSnapshot(f"{now.folder / name} cannot be read ({error.strerror}).") from error

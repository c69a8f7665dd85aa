"""A warehouse in which every kind of text that comes from data does its worst on a page."""

import csv
from pathlib import Path

from profiles import importing
from profiles.settings import ROOT

HOSTILE = (
    ":material/home: :smile: :red[x] $a$ `b` **c** <i>d</i> www.e.uk f@g.uk http://h.uk -> <- -- "
    "[j](javascript:k) ![l](m) &lt;n&gt; | ~~o~~ \u202ep\u2069 \x0bq \x01r \x1fs \ufffet :material_home:\n==="
)
"""What Streamlit, Plotly, a browser or Word would turn into something else."""
LOOKS = (
    ":material/home: :smile: :red[x] $a$ `b` **c** <i>d</i> www.e.uk f@g.uk http://h.uk -> <- -- "
    "[j](javascript:k) ![l](m) &lt;n&gt; | ~~o~~ \ufffdp\ufffd q \ufffdr \ufffds \ufffdt :material_home: ==="
)
"""How that shows, on one line."""

RENAMED = {
    "District": (),
    "Location Type": (),
    "OIC Team": (),
    "Team": (),
    "Offence Description": ("Harassment",),
    "Platform": (),
    "Reason": (),
    "Call Type": ("Stalking",),
    "Role": ("Police staff investigator",),
    "Course": ("Stalking e-learning",),
}
"""Columns of the exports and the cells in them that become hostile; all cells where none is named."""


def written(source: Path, folder: Path, renamed: dict[str, tuple[str, ...]] = RENAMED) -> Path:
    """A copy of an export in which hostile text stands behind the cells named, so that they stay apart."""
    target = folder / source.name
    with (
        source.open(encoding="utf-8", newline="") as lines,
        target.open("w", encoding="utf-8", newline="") as out,
    ):
        header, *records = csv.reader(lines)
    for record in records:
        for place, (name, cell) in enumerate(zip(header, record, strict=False)):
            if name in renamed and cell and (not renamed[name] or cell in renamed[name]):
                record[place] = f"{cell} {HOSTILE}"
    with target.open("w", encoding="utf-8", newline="") as out:
        csv.writer(out).writerows([header, *records])
    return target


REFERENCE = {
    "published_comparators.csv": ("series", "area", "period", "source"),
    "breaks.csv": ("title", "explanation", "source"),
    "action_plan.csv": ("requirement", "owner", "position", "updated"),
}
"""Columns of the reference tables of which every cell becomes hostile."""


def warehouse(folder: Path) -> Path:
    """The folder, with a warehouse of hostile copies of the newest SYNTHETIC exports and reference tables."""
    copies = folder / "exports"
    copies.mkdir()
    exports = sorted((ROOT / "sample_data" / "synthetic").glob("*_20260930.csv"))
    importing.import_files([written(path, copies) for path in exports], "athena", folder / "warehouse")
    tables = [
        written(ROOT / "sample_data" / name, copies, dict.fromkeys(columns, ()))
        for name, columns in REFERENCE.items()
    ]
    importing.import_files(tables, "reference", folder / "warehouse")
    return folder / "warehouse"

"""A warehouse, and a snapshot, in which every kind of text that comes from data does its worst on a page."""

import csv
import json
import shutil
from dataclasses import replace
from pathlib import Path

import pandas as pd

from profiles import importing
from profiles.settings import ROOT
from profiles.snapshot import files, manifests

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


IN_A_RELEASE: dict[str, tuple[str, ...]] = {
    "action_plan": ("requirement", "owner", "reported_position", "category", "sentence", "to_discuss"),
    "action_plan_history": ("status", "note"),
    "breaks": ("title", "explanation", "published_by"),
    "data_quality": ("category",),
    "definitions": ("title", "numerator", "denominator", "note"),
    "fms": ("title",),
    "verdicts": ("title", "sentence"),
}
"""Columns of the tables of a snapshot of which every cell becomes hostile, but for `all`."""

IN_A_NAME = ":smile: **c** $a$ <i>d -> www.e.uk f@g.uk"
"""What may stand in the name of a folder, and in a line of a manifest."""

NAMED = ("district", "role", "forum", "area", "call_type", "comparator")
"""Dimensions whose values come from the data."""


def snapshot(source: Path, shelf: Path) -> Path:
    """A copy of the snapshot on the shelf whose names, plan, notes and sources are hostile, sealed anew."""
    told = manifests.verified(source)
    folder = shelf / f"{source.name} {IN_A_NAME}"
    shutil.copytree(source, folder, ignore=shutil.ignore_patterns(manifests.NAME))
    stamp = replace(told.stamp, marking=f"OFFICIAL {IN_A_NAME}")
    rows = files.read_rows(source)
    for dimension, category in (("dimension", "category"), ("dimension_2", "category_2")):
        is_named = rows[dimension].isin(NAMED) & (rows[category] != "all")
        rows[category] = rows[category].where(~is_named, rows[category] + f" {HOSTILE}")
    (folder / "measures.parquet").write_bytes(files.parquet_bytes(rows, stamp))
    for path in folder.glob("*.csv"):
        table = pd.read_csv(path, dtype="str", keep_default_na=False)
        table["marking"] = stamp.marking
        for name in IN_A_RELEASE.get(path.stem, ()):
            if name in table:
                cells = table[name]
                table[name] = cells.where(cells.isin(["", "all"]), cells + f" {HOSTILE}")
        table.to_csv(path, index=False, lineterminator="\r\n")
    package = json.loads((folder / "datapackage.json").read_text(encoding="utf-8"))
    (folder / "datapackage.json").write_text(json.dumps(package | {"marking": stamp.marking}))
    raw = told.raw
    # A file of a manifest stands in no folder.
    inputs = [each | {"file": f"{each['file']} {HOSTILE.replace('/', '')}"} for each in raw["inputs"]]
    manifests.written(
        folder,
        stamp=stamp,
        inputs=inputs,
        settings=raw["settings"] | {"marking": stamp.marking},
        thresholds=raw["thresholds"],
        cost=raw["suppression"],
        crossed=raw["two_way"],
    )
    return folder

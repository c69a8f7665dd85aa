"""A small release for the tests of what is done with one: rows as protection leaves them, and their files."""

from collections.abc import Mapping
from dataclasses import replace
from math import nan
from pathlib import Path
from typing import Any

import pandas as pd

from profiles.catalogue import measure
from profiles.snapshot.files import (
    COLUMNS,
    FIGURES,
    Field,
    Stamp,
    Table,
    csv_bytes,
    datapackage,
    measures_table,
    parquet_bytes,
)
from profiles.snapshot.manifests import verified, written
from profiles.snapshot.workbooks import workbook_bytes
from profiles.writing import json_text

STAMP = Stamp("2024-12-31", "OFFICIAL-SENSITIVE", "SYNTHETIC", "0.1.0", "0001-2024-12-31-abc", "internal")

INPUT = {
    "file": "crimes.csv",
    "table": "crimes",
    "as_at": "2024-12-31",
    "sha256": "0" * 64,
    "rows": 12,
}

LIMITS = {"smallest_count_published": 5, "least_base_of_a_rate": 10, "rounded_to": 1}

COST = {
    "counts": 40,
    "primary": 1,
    "secondary": 2,
    "rows": 30,
    "rows_with_a_withheld_count": 3,
    "rows_left_out": 0,
    "share_of_total_lost": 0.01,
}


def row(measure_id: str, **cells: Any) -> dict[str, Any]:
    """One row of a release; of the force as a whole in January 2024 where nothing else is said."""
    item = measure(measure_id)
    usual = {
        "measure_id": measure_id,
        "title": item.title,
        "unit": item.unit,
        "basis": item.bases[0] if item.bases else "",
        "grain": "month",
        "period": "2024-01-01",
        "dimension": "all",
        "category": "all",
        "dimension_2": "",
        "category_2": "",
        **dict.fromkeys(FIGURES, nan),
        "marker": "",
        "break": "",
    }
    assert set(cells) <= set(usual)
    return usual | cells


def count(number: float, **cells: Any) -> dict[str, Any]:
    """A row of stalking crimes with limits of its own."""
    return row("stalking_crimes", numerator=number, value=number, lower=number / 2, upper=number * 2) | cells


def rows(*given: Mapping[Any, Any]) -> pd.DataFrame:
    """The rows as one frame, columns and types as every part of a release has them."""
    frame = pd.DataFrame(list(given), columns=list(COLUMNS))
    return frame.astype({name: "float64" if name in FIGURES else "str" for name in COLUMNS})


ROWS = rows(
    count(40.0, period="2024-01-01"),
    count(44.0, period="2024-02-01", **{"break": "2024-02-01 Screening tool"}),
    count(12.0, period="2024-03-01", marker="[p]"),
    count(nan, period="2024-01-01", grain="quarter", dimension="district", category="Dover", marker="[c]"),
    count(41.0, period="2024-01-01", grain="quarter", dimension="district", category="=Thanet"),
    row("online_share", numerator=1, denominator=3, value=100 / 3, lower=6.149, upper=79.23),
    row("online_share", period="2024-02-01", numerator=0, denominator=0, marker="[z]"),
    row("online_share", period="2024-03-01", denominator=30, marker="[c]"),
    row("online_share", period="2024-04-01", marker="[x]"),
    row("satisfied_overall", numerator=6, denominator=8, marker="[u]"),
    row("spo_days_to_application", denominator=12, value=10.5, lower=0.1 + 0.2, upper=1e-7),
    row("spo_days_to_application", period="2024-02-01", denominator=4, marker="[c]"),
)
"""A count, a percentage, a percentage of a survey and a distribution, with each marker."""


def definitions(about: str = "stalking-involved crimes") -> Table:
    """A table beside the measures."""
    fields = (
        Field("measure_id", "string", "Name of the measure."),
        Field("numerator", "string", "What is counted."),
        Field("least", "integer", "Least base."),
    )
    frame = pd.DataFrame(
        {
            "measure_id": ["online_share", "stalking_crimes"],
            "numerator": ["=online", about],
            "least": [10, None],
        }
    )
    frame["least"] = frame["least"].astype("Int64")
    return Table("definitions", "Definitions", "What is counted.", fields, frame, ("measure_id",))


def release(folder: Path, frame: pd.DataFrame = ROWS, previous: Path | None = None, **stamped: str) -> Path:
    """The folder, in which a release of the rows was written, its manifest last."""
    folder.mkdir()
    stamp = replace(STAMP, **stamped)
    tables = (measures_table(frame), definitions())
    for table in tables:
        (folder / f"{table.name}.csv").write_bytes(csv_bytes(table, stamp))
    (folder / "measures.parquet").write_bytes(parquet_bytes(frame, stamp))
    (folder / "measures.xlsx").write_bytes(workbook_bytes(tables[0], stamp, tables[1:]))
    (folder / "datapackage.json").write_bytes(json_text(datapackage(tables, stamp)).encode())
    written(
        folder,
        stamp=stamp,
        inputs=[INPUT],
        settings={"marking": stamp.marking},
        thresholds=LIMITS,
        cost=COST,
        crossed=[("stalking_crimes", "district", "mode")],
        previous=verified(previous) if previous else None,
    )
    return folder

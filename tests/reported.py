"""Small snapshots for the tests of the report: every dimension it asks for, each marker, and none."""

import random
from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache
from math import nan
from pathlib import Path
from typing import Any

import pandas as pd

from profiles import stats
from profiles.snapshot import reference_tables
from profiles.snapshot.files import csv_bytes, measures_table, parquet_bytes
from profiles.snapshot.fms import fms
from profiles.snapshot.forecasts import forecast_table
from profiles.snapshot.judging import verdicts
from profiles.snapshot.manifests import written
from tests.releases import BREAKS
from tests.snapshot_rows import COST, INPUT, LIMITS, STAMP, row, rows

YEARS = ("2021-04-01", "2022-04-01", "2023-04-01", "2024-04-01")
"""Financial years; the as-at date lies in the last one."""
MONTHS = tuple(f"{year}-{month:02d}-01" for year in (2022, 2023, 2024) for month in range(1, 13))

SHARES = ("online_share", "domestic_share", "stranger_share", "referral_rate", "spo_considered")
DIMENSIONS = {
    "typology": ("online", "domestic", "stranger", "none of these", "not recorded"),
    "relationship": ("ex-partner", "stranger", "not recorded"),
    "mode": ("online", "offline", "not recorded"),
    "district": ("Dover", "Thanet", "Swale", "Medway"),
}


def counted(number: int, **cells: Any) -> dict[str, Any]:
    """A row of crimes with its exact limits."""
    lower, upper = (float(limit) for limit in stats.poisson(number))
    return row("stalking_crimes", numerator=number, value=number, lower=lower, upper=upper, **cells)


def shared(name: str, part: int, of: int, **cells: Any) -> dict[str, Any]:
    """A row of a share with its limits."""
    lower, upper = (100 * float(limit) for limit in stats.wilson(part, of))
    return row(name, numerator=part, denominator=of, value=100 * part / of, lower=lower, upper=upper, **cells)


def withheld(name: str, **cells: Any) -> dict[str, Any]:
    """A row whose figure is withheld."""
    return row(name, marker="[c]", **cells)


@lru_cache(maxsize=2)
def frame(is_tiny: bool) -> pd.DataFrame:
    """The rows of a small force; of a tiny one all of them are withheld."""
    found = list(_rows(random.Random(7)))
    if is_tiny:
        figures = ("numerator", "denominator", "value", "lower", "upper")
        found = [each | dict.fromkeys(figures, nan) | {"marker": "[c]"} for each in found]
    return rows(*found)


def _rows(draw: random.Random) -> Iterator[dict[str, Any]]:
    for year in YEARS:
        mark = {"marker": "[p]"} if year == YEARS[-1] else {}
        when = {"grain": "financial_year", "period": year, **mark}
        for basis in ("any", "principal", "included_only"):
            yield counted(draw.randint(300, 900), basis=basis, **when)
        for name in SHARES:
            yield shared(name, draw.randint(100, 500), 600, **when)
        for dimension, categories in DIMENSIONS.items():
            for category in categories:
                place = {"dimension": dimension, "category": category}
                if category in ("Swale", "stranger"):
                    yield withheld("stalking_crimes", grain="financial_year", period=year, **place)
                else:
                    yield counted(draw.randint(5, 400), **when, **place)
        for field in ("motive", "platform"):
            yield shared(
                "field_not_recorded", draw.randint(90, 500), 600, dimension="field", category=field, **when
            )
    for month in MONTHS:
        cells = {"break": "2024-02-01 Screening tool"} if month == "2024-02-01" else {}
        mark = {"marker": "[p]"} if month == MONTHS[-1] else {}
        yield counted(draw.randint(20, 90), period=month, **cells, **mark)
        yield shared("referral_rate", draw.randint(60, 95), 100, period=month, **cells, **mark)
        yield counted(draw.randint(300, 900), grain="rolling_year", period=month, **mark)


def snapshot(folder: Path, is_tiny: bool = False, **stamped: str) -> Path:
    """The folder, in which such a snapshot was written."""
    folder.mkdir(parents=True)
    stamp, found = replace(STAMP, **stamped), frame(is_tiny)
    tables = (
        measures_table(found),
        verdicts(found, BREAKS, stamp.as_at),
        forecast_table({}),
        fms(found, {}, BREAKS, stamp),
        reference_tables.definitions(),
        reference_tables.breaks(BREAKS),
        reference_tables.data_quality(found),
    )
    for table in tables:
        (folder / f"{table.name}.csv").write_bytes(csv_bytes(table, stamp))
    (folder / "measures.parquet").write_bytes(parquet_bytes(found, stamp))
    written(
        folder,
        stamp=stamp,
        inputs=[INPUT],
        settings={"marking": stamp.marking},
        thresholds=LIMITS,
        cost=COST,
    )
    return folder

"""A small snapshot with projections, for the tests of what is drawn of one."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd

from profiles.forecast import projection
from profiles.periods import first_day, month_number
from profiles.snapshot import files, manifests, reference_tables, thresholds
from profiles.snapshot.fms import fms
from profiles.snapshot.forecasts import forecast_table, history, projected_until
from tests.snapshot_rows import INPUT, STAMP, definitions, row, rows

AS_AT = "2026-09-30"
BREAKS = pd.DataFrame(
    [
        ("2020-04-01", "rebase", "all", "Former partners presumed stalking"),
        ("2023-06-01", "rebase", "principal;included_only", "One principal crime again"),
        ("2024-11-01", "annotate", "all", "Screening tool"),
    ],
    columns=["break_date", "effect", "applies_to", "title"],
).assign(explanation="", published_by="ONS", verified="yes")

MODEL, SCENARIO, NOTHING = (
    ("stalking_crimes", "any"),
    ("stalking_crimes", "principal"),
    ("stalking_calls", ""),
)
COST = {
    "counts": 100,
    "primary": 3,
    "secondary": 4,
    "rows": 90,
    "rows_with_a_withheld_count": 7,
    "rows_left_out": 0,
    "share_of_total_lost": 0.01,
}


def counted(measure_id: str, basis: str, first: str, values: np.ndarray, grain: str = "month") -> list[dict]:
    """Months, or financial years, of a count in a row."""
    step = 1 if grain == "month" else 12
    start = month_number(date.fromisoformat(first))
    return [
        row(
            measure_id,
            basis=basis,
            grain=grain,
            period=first_day(start + step * place).isoformat(),
            numerator=value,
            value=value,
            lower=value * 0.9,
            upper=value * 1.1,
        )
        for place, value in enumerate(values.astype(float).tolist())
    ]


def made(
    folder: Path,
    *,
    as_at: str = AS_AT,
    profile: str = "internal",
    synthetic: str = "SYNTHETIC",
    level: int = 400,
    previous: Path | None = None,
) -> Path:
    """The folder of a snapshot with one series that is modelled, one of a scenario and one of nothing."""
    draw = np.random.default_rng(5)
    months = month_number(date.fromisoformat(as_at)) - month_number(date(2020, 4, 1)) + 1
    seasons = 30 * np.sin(np.arange(months) * 2 * np.pi / 12)
    # From year to year less sure, so that the back-test finds the model's own intervals too narrow.
    any_basis = np.round(level + seasons + draw.normal(0, np.linspace(4, 30, months)))
    table = rows(
        *counted(*MODEL, "2020-04-01", any_basis),
        *counted(
            *MODEL, "2020-04-01", any_basis[: months // 12 * 12].reshape(-1, 12).sum(1), "financial_year"
        ),
        *counted(*SCENARIO, "2025-01-01", np.round(level - 50 + draw.normal(0, 9, months - 57))),
        *counted(*NOTHING, "2026-04-01", draw.normal(50, 4, months - 72).round()),
    )
    stamp = replace(STAMP, as_at=as_at, profile=profile, synthetic=synthetic)
    until = projected_until(date.fromisoformat(as_at))
    found = {
        each: projection(*history(table, BREAKS, *each, as_at), until) for each in (MODEL, SCENARIO, NOTHING)
    }
    tables = [
        files.measures_table(table),
        forecast_table(found),
        fms(table, found, BREAKS, stamp),
        reference_tables.breaks(BREAKS),
        definitions(),
    ]
    folder.mkdir(parents=True)
    for each in tables:
        (folder / f"{each.name}.csv").write_bytes(files.csv_bytes(each, stamp))
    (folder / "measures.parquet").write_bytes(files.parquet_bytes(table, stamp))
    manifests.written(
        folder,
        stamp=stamp,
        inputs=[INPUT],
        settings={"marking": stamp.marking},
        thresholds=thresholds(profile),
        cost=COST,
        previous=manifests.verified(previous) if previous else None,
    )
    return folder

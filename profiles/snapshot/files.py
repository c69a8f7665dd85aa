"""Files of a snapshot: a table and its stamp as CSV, the measures as Parquet, and what describes them."""

import hashlib
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from profiles import writing
from profiles.catalogue import Measure, measure
from profiles.errors import BadSnapshot, ProfilesError

FIGURES = ("numerator", "denominator", "value", "lower", "upper")

KEY = ("measure_id", "basis", "grain", "period", "dimension", "category", "dimension_2", "category_2")
"""What tells one row of the measures from every other."""

TOGETHER = tuple(name for name in KEY if not name.startswith("category"))
"""What tells a breakdown of a period: its figures are left out together."""

STANDING = ("[c]", "[x]", "[z]", "[u]")
"""Markers that stand in the place of a figure; beside `[p]`, provisional, the figure stays."""

KINDS = ("string", "integer", "number", "date")


@dataclass(frozen=True)
class Field:
    """One column of a table: its name, what it holds (one of KINDS) and a sentence on it."""

    name: str
    kind: str
    about: str


@dataclass(frozen=True)
class Table:
    """One table of a snapshot; the columns of its frame are the names of its fields, in their order.

    Its file is `<name>.csv`. The fields are the list of what may leave: a frame with another column is
    refused. `key` names the columns that tell its rows apart, when there are such.
    """

    name: str
    title: str
    about: str
    fields: tuple[Field, ...]
    frame: pd.DataFrame
    key: tuple[str, ...] = ()


@dataclass(frozen=True)
class Release:
    """Rows of `measures` that a release told, and the day that it was as at."""

    rows: pd.DataFrame
    as_at: str


@dataclass(frozen=True)
class Stamp:
    """What stands on every file: as-at date (ISO), handling marking, SYNTHETIC or no, and what made it.

    `version` is that of the code, `warehouse_version` that of the data, `profile` that of disclosure
    control, internal or external.
    """

    as_at: str
    marking: str
    synthetic: str
    version: str
    warehouse_version: str
    profile: str


STAMPS = (
    Field("as_at", "date", "The last day of the data from which the file was made."),
    Field("marking", "string", "Handling marking of the file."),
    Field("synthetic", "string", "SYNTHETIC when the data are invented, otherwise no."),
)
"""The columns at the end of every CSV."""

MEASURE_FIELDS = (
    Field("measure_id", "string", "Name of the measure; definitions.csv says what it counts."),
    Field("title", "string", "Title of the measure."),
    Field("unit", "string", "count, percent (0 to 100), per_100, per_1000, days or score."),
    Field("basis", "string", "principal, included_only or any; fixed: bases compared; empty: no crimes."),
    Field("grain", "string", "Length of the period: month, quarter, financial_year, rolling_year or all."),
    Field("period", "string", "First day of the period; of a rolling year that of its last month; or all."),
    Field("dimension", "string", "What the row is broken down by; all for the force as a whole."),
    Field("category", "string", "Category of the dimension; all for the force as a whole."),
    Field("dimension_2", "string", "Second dimension of a two-way breakdown; empty otherwise."),
    Field("category_2", "string", "Category of the second dimension; empty otherwise."),
    Field("numerator", "number", "What is counted; of a count this is the value. None for a median."),
    Field("denominator", "number", "What the numerator is divided by; of a median the number of cases."),
    Field("value", "number", "The figure, unrounded, in the unit; of a distribution its median."),
    Field(
        "lower",
        "number",
        "Lower limit of the 95 % interval, of a count as it is read; of a distribution the lower quartile.",
    ),
    Field(
        "upper",
        "number",
        "Upper limit of the 95 % interval, of a count as it is read; of a distribution the upper quartile.",
    ),
    Field(
        "marker",
        "string",
        "[p] provisional, [u] low base, [z] not applicable, [x] not available, [c] confidential.",
    ),
    Field("break", "string", "Breaks of the series that fall into the period; empty when there is none."),
)
"""Columns of the rows of a snapshot, in memory and in its files."""

COLUMNS = tuple(field.name for field in MEASURE_FIELDS)

NAMES = ("category", "category_2", "break")
"""Columns whose text comes from the data: the Parquet file holds it neutralised, as CSV and workbook do."""


def figures_of(item: Measure) -> tuple[str, ...]:
    """Which of FIGURES the measure has by its kind."""
    is_median = item.shape == "distribution"
    has = {
        "numerator": not is_median,
        "denominator": is_median or bool(item.denominator),
        "value": True,
        "lower": item.interval != "none",
        "upper": item.interval != "none",
    }
    return tuple(name for name in FIGURES if has[name])


def measures_table(rows: pd.DataFrame) -> Table:
    """The protected rows as the table `measures`: where a measure lacks a figure that it has by its kind,
    the row's marker stands in its place. Figures are numbers or markers; blank is null."""
    has = {name: figures_of(measure(name)) for name in rows["measure_id"].unique().tolist()}
    stands = rows["marker"].isin(STANDING).to_numpy()
    frame = rows[list(COLUMNS)].copy()
    for name in FIGURES:
        is_of_kind = rows["measure_id"].map({key: name in kept for key, kept in has.items()}).to_numpy(bool)
        column = rows[name].astype(object).to_numpy(copy=True)
        place = stands & is_of_kind & rows[name].isna().to_numpy()
        column[place] = rows["marker"].to_numpy(object)[place]
        frame[name] = pd.Series(column, index=rows.index, dtype=object)
    return Table(
        "measures",
        "Measures",
        "Every measure, a row for each basis, period and category; figures unrounded, markers in the place "
        "of those that cannot be given.",
        MEASURE_FIELDS,
        frame,
        KEY,
    )


def checked(table: Table) -> Table:
    """The table, when it is as its fields declare it. Raises ProfilesError naming what is not."""
    found, declared = list(table.frame.columns), [field.name for field in table.fields]
    if found != declared:
        others = [repr(name) for name in found if name not in declared] or ["another order or number"]
        raise ProfilesError(
            f"The table {table.name} has {', '.join(others)} among its columns, which no field declares; "
            "take it out, or describe it by a Field when it may leave."
        )
    for field in table.fields:
        if field.kind not in KINDS:
            raise ProfilesError(
                f"The field {field.name} of {table.name} is {field.kind!r}; make it {', '.join(KINDS)}."
            )
    return table


def csv_bytes(table: Table, stamp: Stamp) -> bytes:
    """The table as CSV (RFC 4180) in UTF-8, with the three columns of the stamp at its end.

    Raises ProfilesError when the frame has a column that no field declares.
    """
    stamps = {field.name: getattr(stamp, field.name) for field in STAMPS}
    return writing.csv_text(checked(table).frame.assign(**stamps)).encode()


def parquet_bytes(rows: pd.DataFrame, stamp: Stamp) -> bytes:
    """The protected rows as Parquet: texts as strings, figures as doubles that may be null.

    The column `marker` says why a figure is null; the stamp is metadata of the file. The same rows give the
    same bytes.
    """
    import pyarrow as pa
    from pyarrow import parquet

    rows = rows.assign(**{name: writing.all_neutralised(rows[name]) for name in NAMES})
    columns = [
        pa.array(rows[field.name].to_numpy(np.float64), from_pandas=True)
        if field.kind == "number"
        else pa.array(rows[field.name].tolist(), pa.string())
        for field in MEASURE_FIELDS
    ]
    described = [
        pa.field(field.name, column.type, field.kind == "number", {"description": field.about})
        for field, column in zip(MEASURE_FIELDS, columns, strict=True)
    ]
    told = {name: str(value) for name, value in vars(stamp).items()}
    table = pa.table(columns, schema=pa.schema(described, told))
    target = io.BytesIO()
    parquet.write_table(table, target, compression="zstd", compression_level=9, row_group_size=1_000_000)
    return target.getvalue()


def read_rows(folder: Path) -> pd.DataFrame:
    """The rows of a snapshot from its measures.parquet, columns as in COLUMNS: texts, and figures as floats.

    Verify the folder first. Raises BadSnapshot when the file cannot be read as those rows.
    """
    import pyarrow as pa
    from pyarrow import parquet

    path = folder / "measures.parquet"
    try:
        table = parquet.ParquetFile(path).read()
    except (OSError, pa.ArrowException) as error:
        raise BadSnapshot(
            f"{path} cannot be read as Parquet; take the snapshot anew from its source."
        ) from error
    wanted = {field.name: pa.float64() if field.kind == "number" else pa.string() for field in MEASURE_FIELDS}
    if dict(zip(table.column_names, table.schema.types, strict=True)) != wanted:
        raise BadSnapshot(f"{path} has other columns than this version writes; build the snapshot again.")
    frame: pd.DataFrame = table.to_pandas()
    texts = [name for name in COLUMNS if name not in FIGURES]
    frame = frame[list(COLUMNS)].astype(dict.fromkeys(texts, "str"))
    # Snapshots of the version before hold names as they came.
    return frame.assign(**{name: writing.all_neutralised(frame[name]) for name in NAMES})


def datapackage(
    tables: Sequence[Table], stamp: Stamp, files: Mapping[str, bytes] | None = None
) -> dict[str, Any]:
    """The content of datapackage.json (Frictionless Data Package 1): every CSV, its columns in words.

    `files` holds CSVs that were made already, by file name; others are made to be measured. The only date
    is the as-at date. There is no licence: who may use the files is what their marking says.
    """
    return {
        "profile": "tabular-data-package",
        "name": "stalking-problem-profile",
        "title": "Stalking problem profile: a snapshot of its measures",
        "description": f"Figures as at {stamp.as_at}. {stamp.marking}."
        + (" SYNTHETIC: invented data, no real record." if stamp.synthetic == "SYNTHETIC" else ""),
        "version": stamp.version,
        "as_at": stamp.as_at,
        "marking": stamp.marking,
        "synthetic": stamp.synthetic,
        "disclosure_profile": stamp.profile,
        "warehouse_version": stamp.warehouse_version,
        "resources": [_resource(table, stamp, files or {}) for table in tables],
    }


def _resource(table: Table, stamp: Stamp, files: Mapping[str, bytes]) -> dict[str, Any]:
    path = f"{table.name}.csv"
    content = files[path] if path in files else csv_bytes(table, stamp)
    schema: dict[str, Any] = {
        "fields": [_described(field) for field in (*table.fields, *STAMPS)],
        "missingValues": ["", *STANDING],
    }
    if table.key:
        schema["primaryKey"] = list(table.key)
    return {
        "profile": "tabular-data-resource",
        "name": table.name.replace("_", "-"),
        "title": table.title,
        "description": table.about,
        "path": path,
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "bytes": len(content),
        "hash": f"sha256:{hashlib.sha256(content).hexdigest()}",
        "dialect": {
            "delimiter": ",",
            "lineTerminator": "\r\n",
            "quoteChar": '"',
            "doubleQuote": True,
            "header": True,
        },
        "schema": schema,
    }


def _described(field: Field) -> dict[str, Any]:
    told: dict[str, Any] = {"name": field.name, "type": field.kind, "description": field.about}
    if field.kind == "string":
        # A marker in a column of texts is the text itself, and an empty one is no missing one.
        told["missingValues"] = []
    return told

"""Whether a sealed snapshot makes sense: a seal says that nothing changed, not that what was sealed is right.

Keys and types of the manifest, columns of the files and the kind of every cell are looked at.
"""

import csv
import json
import math
import re
from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

from profiles import __version__, writing
from profiles.catalogue import catalogue
from profiles.errors import BadSnapshot
from profiles.periods import ALL, GRAINS
from profiles.snapshot import files, forecasts, manifests, plans, reference_tables
from profiles.snapshot.files import STAMPS, STANDING, Field
from profiles.snapshot.fms import FIELDS as FMS_FIELDS
from profiles.snapshot.judging import FIELDS as VERDICT_FIELDS
from profiles.snapshot.manifests import INPUT_KEYS, REMEDY, Manifest
from profiles.snapshot.plan_history import FIELDS as HISTORY_FIELDS
from profiles.snapshot.protecting import PROFILES

TABLES: dict[str, tuple[Field, ...]] = {
    "measures": files.MEASURE_FIELDS,
    "verdicts": VERDICT_FIELDS,
    "forecast": forecasts.FIELDS,
    "fms": FMS_FIELDS,
    "breaks": reference_tables.BREAK_FIELDS,
    "action_plan": plans.FIELDS,
    "action_plan_history": HISTORY_FIELDS,
    "data_quality": reference_tables.QUALITY_FIELDS,
}
"""Columns of each table that this version reads by name; the definitions have a column for every key."""

THRESHOLDS = ("smallest_count_published", "least_base_of_a_rate", "rounded_to")
COST = (
    *("counts", "primary", "secondary", "rows", "rows_with_a_withheld_count", "rows_left_out"),
    "share_of_total_lost",
)
MARKERS = ("", "[p]", *STANDING)

FIRST_YEAR, LAST_YEAR = 1900, 2199
LARGEST = 1e15
"""Figures beyond which none was counted."""
LONGEST = 1_000_000
"""Letters of a cell beyond which it is none."""

_NUMBER = re.compile(r"-?[0-9]{1,20}(\.[0-9]+)?(e[+-]?[0-9]{1,3})?", re.ASCII | re.IGNORECASE)
_INTEGER = re.compile(r"-?[0-9]{1,15}", re.ASCII)


def sound(folder: Path) -> Manifest:
    """The manifest of the snapshot, when all is as it was sealed and what was sealed makes sense.

    Raises BadSnapshot naming the file, and the column or key, that does not.
    """
    manifest = manifests.verified(folder)
    _check_manifest(manifest)
    for name in manifest.files:
        if name.endswith(".csv"):
            _check_csv(manifest, name)
    if "datapackage.json" in manifest.files:
        _check_description(manifest)
    if "measures.parquet" in manifest.files:
        _check_rows(manifest)
    return manifest


def _damaged(path: Path, what: str) -> BadSnapshot:
    return BadSnapshot(f"{path} is damaged: {what}; {REMEDY}.")


def _check_manifest(manifest: Manifest) -> None:
    """Raises BadSnapshot when the manifest does not say what it must, in the types it must."""
    path, raw = manifest.folder / manifests.NAME, manifest.raw
    faults = {
        "as_at": not _is_day(manifest.as_at),
        "generated_at": raw.get("generated_at") != manifest.as_at,
        "profile": manifest.profile not in PROFILES,
        "synthetic": manifest.synthetic not in ("SYNTHETIC", "no"),
        "marking": not _is_line(manifest.marking),
        "version": not _is_line(manifest.version),
        "warehouse_version": not _is_line(manifest.warehouse_version),
        "inputs": not _is_list(raw.get("inputs"), _is_input),
        "settings": not isinstance(raw.get("settings"), dict),
        "thresholds": not _is_numbers(raw.get("thresholds"), THRESHOLDS),
        "suppression": not _is_numbers(raw.get("suppression"), COST),
        "two_way": not _is_list(raw.get("two_way"), lambda item: _is_list(item, _is_line)),
        "begins": not _is_begins(raw.get("begins", {})),
        "previous": not (raw.get("previous") is None or _is_previous(raw["previous"])),
        "beside": not (raw.get("beside") is None or _is_previous(raw["beside"])),
    }
    for name, is_wrong in faults.items():
        if is_wrong:
            raise _damaged(path, f"its {name} is not what it must be")


def _is_day(text: object) -> bool:
    if not isinstance(text, str) or not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
        return False
    try:
        return FIRST_YEAR <= date.fromisoformat(text).year <= LAST_YEAR
    except ValueError:
        return False


def _is_line(text: object) -> bool:
    return isinstance(text, str) and 0 < len(text) <= 300 and text.isprintable()


def _is_whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= LARGEST


def _is_number(value: object) -> bool:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return is_number and math.isfinite(value) and 0 <= value <= LARGEST  # type: ignore[arg-type, operator]


def _is_list(value: object, holds: Any) -> bool:
    return isinstance(value, list) and all(holds(item) for item in value)


def _is_begins(value: object) -> bool:
    return isinstance(value, dict) and all(_is_line(name) and _is_day(day) for name, day in value.items())


def _is_numbers(value: object, needed: Iterable[str]) -> bool:
    return (
        isinstance(value, dict)
        and set(needed) <= set(value)
        and all(_is_number(each) for each in value.values())
    )


def _is_input(item: object) -> bool:
    return (
        isinstance(item, dict)
        and set(item) == INPUT_KEYS
        and isinstance(item["file"], str)
        and _is_line(item["table"])
        and isinstance(item["sha256"], str)
        and (item["as_at"] is None or _is_day(item["as_at"]))
        and _is_whole(item["rows"])
    )


def _is_previous(value: object) -> bool:
    return (
        isinstance(value, dict)
        and set(value) == {"as_at", "sha256"}
        and _is_day(value["as_at"])
        and isinstance(value["sha256"], str)
        and bool(re.fullmatch(r"[0-9a-f]{64}", value["sha256"]))
    )


def _header(path: Path) -> list[str]:
    """The names in the first line of a CSV."""
    try:
        with path.open(encoding="utf-8", newline="") as file:
            return next(csv.reader(file, strict=True), [])
    except (OSError, ValueError, csv.Error) as error:
        raise _damaged(path, "it cannot be read as CSV") from error


def _distinct(path: Path, header: list[str]) -> dict[str, set[str]]:
    """The distinct texts of each column of a CSV."""
    import pyarrow
    from pyarrow import csv as arrow_csv

    try:
        table = arrow_csv.read_csv(
            path,
            parse_options=arrow_csv.ParseOptions(newlines_in_values=True),
            convert_options=arrow_csv.ConvertOptions(
                column_types=dict.fromkeys(header, pyarrow.string()), strings_can_be_null=False
            ),
        )
        found = {name: set(table[name].unique().to_pylist()) for name in header}
    except (OSError, ValueError, KeyError, pyarrow.ArrowException) as error:
        raise _damaged(path, "it cannot be read as CSV of as many cells a line as the first") from error
    return {name: {each or "" for each in cells} for name, cells in found.items()}


def _check_csv(manifest: Manifest, name: str) -> None:
    """Raises BadSnapshot when a table has other columns than are declared, or a cell of another kind."""
    path = manifest.folder / name
    header, fields = _header(path), TABLES.get(path.stem)
    if fields is None:
        if not header or len(set(header)) < len(header):
            raise _damaged(path, "its first line does not name its columns, each once")
        _distinct(path, header)
        return
    declared = [field.name for field in (*fields, *STAMPS)]
    if header != declared:
        others = [each for each in declared if each not in header] or [
            each for each in header if each not in declared
        ]
        told = f"it has other columns than it must, see {', '.join(map(repr, others[:5]))}" if others else ""
        if others and manifest.version != __version__:
            raise BadSnapshot(
                f"{path} was made by version {manifest.version}, whose columns were others than those that "
                f"version {__version__} reads; build the snapshot again with this version."
            )
        raise _damaged(path, told or "its columns stand in another order")
    columns = _distinct(path, header)
    if "measure_id" in columns:
        _check_measures(path, columns["measure_id"])
    # The one of data quality is a financial year.
    if "period" in columns and path.stem != "data_quality":
        _check_periods(path, columns["period"])
    for field in fields:
        for cell in columns[field.name]:
            if not _is_of_kind(cell, field.kind):
                raise _damaged(path, f"the column {field.name} holds what is no {field.kind}")
    for field in STAMPS:
        stamp = writing.cell(getattr(manifest.stamp, field.name))
        if columns[field.name] - {stamp}:
            raise _damaged(path, f"its {field.name} is not that of the manifest")


def _is_of_kind(cell: str, kind: str) -> bool:
    if len(cell) > LONGEST:
        return False
    if kind == "string" or cell == "":
        return True
    if kind == "date":
        return _is_day(cell)
    if cell in STANDING:
        return True
    if kind == "integer":
        return bool(_INTEGER.fullmatch(cell))
    return bool(_NUMBER.fullmatch(cell)) and abs(float(cell)) <= LARGEST


def _check_description(manifest: Manifest) -> None:
    """Raises BadSnapshot when the description of the files is none, or tells of other columns."""
    path = manifest.folder / "datapackage.json"
    try:
        told = json.loads(path.read_bytes().decode())
        described = {
            item["path"]: [field["name"] for field in item["schema"]["fields"]] for item in told["resources"]
        }
        stamped = [told["as_at"], told["marking"], told["synthetic"]]
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise _damaged(path, "it does not describe the files") from error
    if stamped != [manifest.as_at, manifest.marking, manifest.synthetic]:
        raise _damaged(path, "its as-at date, marking or origin is not that of the manifest")
    tables = [name for name in manifest.files if name.endswith(".csv")]
    if sorted(described) != sorted(tables):
        raise _damaged(path, "it describes other files than there are")
    for name in tables:
        if _header(manifest.folder / name) != described[name]:
            raise _damaged(path, f"it describes other columns than {name} has")


def _check_rows(manifest: Manifest) -> None:
    """Raises BadSnapshot when a row of the measures is none."""
    path = manifest.folder / "measures.parquet"
    rows = files.read_rows(manifest.folder)
    _check_measures(path, set(rows["measure_id"]))
    _check_periods(path, set(rows["period"]))
    allowed: Mapping[str, Iterable[str]] = {"grain": GRAINS, "marker": MARKERS}
    for name, words in allowed.items():
        if set(rows[name]) - set(words):
            raise _damaged(path, f"the column {name} holds a word that it must not")
    figures = rows[list(files.FIGURES)].to_numpy(np.float64)
    if np.isinf(figures).any() or (np.abs(np.nan_to_num(figures)) > LARGEST).any():
        raise _damaged(path, "it holds a figure that cannot be")
    if rows.duplicated(list(files.KEY)).any():
        raise _damaged(path, "it holds a row twice")


def _check_measures(path: Path, names: set[str]) -> None:
    unknown = sorted(names - set(catalogue()) - {""})
    if unknown:
        raise BadSnapshot(
            f"{path} holds the measure {unknown[0][:80]!r}, which this version does not know; "
            f"build the snapshot again with this version."
        )


def _check_periods(path: Path, periods: set[str]) -> None:
    if not all(each in ("", ALL) or _is_day(each) for each in periods):
        raise _damaged(path, "the column period holds what is no day")

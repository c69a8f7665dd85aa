"""What an import tells: what became of each file, and the version that is then served."""

from collections.abc import Callable
from dataclasses import dataclass

Say = Callable[[str], None]
"""What is told of an import while it runs."""


@dataclass(frozen=True)
class FileReport:
    """What became of one file: `rows_in` = accepted + unchanged + superseded + rejected."""

    file: str
    table: str
    rows_in: int
    accepted: int
    unchanged: int
    superseded: int
    rejected: int
    reasons: dict[str, int]
    notes: dict[str, int]
    removed: int = 0
    ignored_columns: tuple[str, ...] = ()
    lacking_columns: tuple[str, ...] = ()
    replacement: str = ""


@dataclass(frozen=True)
class ImportReport:
    """What became of an import: its files, those skipped and why, and the version now served."""

    files: tuple[FileReport, ...]
    skipped: tuple[tuple[str, str], ...]
    as_at: str
    warehouse_version: str
    notice: str = ""

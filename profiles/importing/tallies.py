"""The account of one file: its records by what became of them, reasons of rejection, notes."""

from collections import Counter
from dataclasses import dataclass, field


@dataclass
class Tally:
    """The account of one file, filled while its extract is reconciled."""

    rows_in: int = 0
    accepted: int = 0
    unchanged: int = 0
    superseded: int = 0
    rejected: int = 0
    removed: int = 0
    reasons: Counter[str] = field(default_factory=Counter)
    notes: Counter[str] = field(default_factory=Counter)
    replacement: str = ""

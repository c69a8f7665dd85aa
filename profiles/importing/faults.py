"""What can be wrong with a record, in words, and the states in which a record ends."""

from dataclasses import dataclass

MISSING = "missing value"
NOT_A_DATE = "not a date"
AMBIGUOUS = "ambiguous date"
NOT_A_NUMBER = "not a number"
NOT_ALLOWED = "not an allowed value"
OUT_OF_RANGE = "out of range"
AFTER_EXTRACT = "date after the extract"
CODE_IS_DATE = "code became a date"
CODE_IS_ERROR = "code became an error"
REPEATED = "repeated reference"
WRONG_CELLS = "wrong number of cells"
PERSONAL = "looks like a person or a case"
TOO_LONG = "too long"

REASONS = (
    "",
    NOT_A_DATE,
    AMBIGUOUS,
    NOT_A_NUMBER,
    NOT_ALLOWED,
    OUT_OF_RANGE,
    AFTER_EXTRACT,
    CODE_IS_DATE,
    PERSONAL,
    TOO_LONG,
)
"""Why an optional cell of a linked row is left blank; `odd_<column>` holds the place here."""

ACCEPTED, UNCHANGED, SUPERSEDED, REJECTED = range(4)
"""States of a record."""


@dataclass(frozen=True)
class Fault:
    """One thing that can be wrong with a record: the source column, its contract column, the reason."""

    source: str
    column: str
    reason: str

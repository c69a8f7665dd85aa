"""Why a figure is not available."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class Reason:
    """Why there is no figure: of the fields the one that is filled; none of them where it is not known.

    `lacks` are sources with what they do not carry; a source without a name stands for a feed that never
    came. `months` are those, by number, that no file covers. The data begin and end on days; records `wait`
    so long until it can be told what became of them. A snapshot may leave a figure out (`is_ungiven`).
    """

    lacks: tuple[tuple[str, tuple[str, ...]], ...] = ()
    months: tuple[int, ...] = ()
    begins: date | None = None
    ends: date | None = None
    wait: str = ""
    is_ungiven: bool = False

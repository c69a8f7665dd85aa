"""How often chance alone raises a signal, by the size of a series and its length, as simulation found.

`benchmarks/false_alarms.py` writes `false_alarms.csv`, which this module reads.
"""

import csv
import math
from bisect import bisect_left, bisect_right
from dataclasses import dataclass, fields
from functools import lru_cache
from pathlib import Path
from typing import Any

FILE = Path(__file__).with_name("false_alarms.csv")

UNLIKELY = 0.05
"""Below this probability something is called unlikely to be chance."""

KINDS = {"count": "count", "share": "share", "rate": "count"}
"""The kind of series in the file that stands for each kind that is judged."""


@dataclass(frozen=True)
class Rates:
    """Shares (0 to 1) of charts of pure chance with a signal: in the whole series and in its newest part.

    `newest` is a signal that holds at the newest point, `newest_low` one that holds there on the low side.
    """

    whole: float
    newest_twelve: float
    newest_four: float
    newest: float
    newest_low: float


@lru_cache(maxsize=1)
def table() -> dict[tuple[str, float, int], Rates]:
    """Every line of the file, by kind (count or share), size and number of points."""
    with FILE.open(encoding="utf-8", newline="") as file:
        return {
            (line["kind"], float(line["size"]), int(line["points"])): Rates(
                *(float(line[each.name]) for each in fields(Rates))
            )
            for line in csv.DictReader(file)
        }


def rates(kind: str, size: float, points: int) -> Rates:
    """The rates for a series of `points` that counts `size` a point on average.

    The size of a share is the smaller of two numbers a point: those counted, and the others. Between two
    lines of the file the higher rate is taken, so that nothing is called surer than it is.
    """
    known = [key for key in table() if key[0] == KINDS[kind]]
    sizes = sorted({each for _, each, _ in known})
    lengths = sorted({each for _, _, each in known})
    found = [
        table()[KINDS[kind], at, length] for at in _around(sizes, size) for length in _around(lengths, points)
    ]
    return Rates(*(max(getattr(each, field.name) for each in found) for field in fields(Rates)))


def highest(least_size: float) -> float:
    """The highest rate of a signal at the newest point, of all series at least of that size."""
    return max(each.newest for (_, size, _), each in table().items() if size >= least_size)


def at_least(found: int, expected: float) -> float:
    """The probability that chance gives `found` signals or more where it gives `expected` on average."""
    fewer = (expected**count / math.factorial(count) for count in range(found))
    return 1 - math.exp(-expected) * sum(fewer)


def _around(known: list[Any], value: float) -> list[Any]:
    """The known numbers on either side of the value; the nearest one beyond an end."""
    below = known[max(bisect_right(known, value) - 1, 0)]
    above = known[min(bisect_left(known, value), len(known) - 1)]
    return [below, above]

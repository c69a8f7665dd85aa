"""What a feed is: one file of every extract, its rows and what changes them.

A feed knows for each of its units (a crime, an order, a person asked) the day it first appears and
the days on which its rows change, so that an extract holds what is new or changed since the last.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from profiles.synthetic import writing
from profiles.synthetic.draws import NEVER, Bools, Ints, date_of
from profiles.synthetic.world import World
from profiles.synthetic.writing import Sheet, Text

MARKING = "SYNTHETIC"

Changes = tuple[tuple[Ints, Ints], ...]
"""Pairs of units and days: on that day something about that unit changes."""


@dataclass(frozen=True)
class Feed:
    """One file of every extract: the contract's table, when its units appear and change, its rows.

    `sheet` gives the rows of the units marked, as an extract of that day shows them. `reference` is
    the column that names the unit.
    """

    name: str
    table: str
    reference: str
    created: Ints
    changes: Changes
    sheet: Callable[[Bools, int], Sheet]

    def changed(self, after: int, until: int) -> Bools:
        """The units that appeared or changed after one day, until another."""
        found = (self.created > after) & (self.created <= until)
        for unit, day in self.changes:
            felt = np.maximum(day, self.created[unit])
            found[unit[(felt > after) & (felt <= until)]] = True
        return found


def listed(
    name: str,
    table: str,
    header: tuple[str, ...],
    unit: Ints,
    appears: Ints,
    changes: Changes,
    columns: Callable[[Ints, int], list[Text]],
    units: int,
) -> Feed:
    """A feed whose rows each belong to one unit and appear on one day; its first column names the unit."""
    created = np.full(units, NEVER)
    np.minimum.at(created, unit, appears)

    def sheet(wanted: Bools, day: int) -> Sheet:
        rows = np.flatnonzero(wanted[unit] & (appears <= day))
        marking = writing.constant(MARKING, len(rows))
        parts = ((writing.joined(columns(rows, day)), None), (marking, None))
        return Sheet((*header, "Marking"), parts, unit[rows], rows)

    return Feed(name, table, header[0], created, ((unit, appears), *changes), sheet)


def crime_references(world: World) -> Text:
    """The reference of every crime: force, number within the year of recording, year."""
    recorded = world.crimes.recorded
    low, high = int(recorded[0]), int(recorded[-1])
    year = np.array([date_of(number).year for number in range(low, high + 1)])[recorded - low]
    begins = np.searchsorted(year, year, side="left")
    number = writing.coded("SYN/46/", np.arange(len(year)) - begins + 1, 6)
    return writing.joined([number, writing.numbers(year % 100, 2)], "/")

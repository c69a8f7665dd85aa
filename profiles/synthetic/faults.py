"""Faults of single lines: records to be rejected, rows sent twice, references padded, dates in another form.

Every faulty record has a reference of its own, or repeats a row whose unit appears in one extract
only: so the clean records stay as they are, and what an import must count is known.
"""

from dataclasses import dataclass

import numpy as np

from profiles.synthetic import draws, writing
from profiles.synthetic.draws import Bools, Ints
from profiles.synthetic.feeds import Feed
from profiles.synthetic.marked import NO_CRIME
from profiles.synthetic.writing import Blemishes, Edit, Insert, Sheet

MISSING = "missing value"
NOT_A_DATE = "not a date"
NOT_A_NUMBER = "not a number"
NOT_ALLOWED = "not an allowed value"
OUT_OF_RANGE = "out of range"
TOO_LATE = "date after the extract"
CODE_IS_DATE = "code became a date"
REPEATED = "repeated reference"
CELLS = "wrong number of cells"
TOTAL = "total row"
SENT_TWICE = "row sent twice"
PADDED = "padded reference"
OTHER_FORM = "date in another declared form"
ODD_AGE = "odd age of a victim"

REJECTED, UNCHANGED, ACCEPTED = "rejected", "unchanged", "accepted"


@dataclass(frozen=True)
class Fault:
    """One way in which a column is wrong: what stands there instead, and its share of the rows.

    The texts are used in turn; of a fault with none, the text is made on the spot.
    """

    feed: str
    kind: str
    column: str
    texts: tuple[str, ...]
    rate: float


FAULTS: tuple[Fault, ...] = (
    Fault("crimes", MISSING, "Investigation Ref", ("",), 1e-5),
    Fault("crimes", MISSING, "Date Recorded", ("", "Not Recorded"), 3e-5),
    Fault("crimes", MISSING, "HO Class", ("",), 3e-5),
    Fault(
        "crimes", NOT_A_DATE, "Date Recorded", ("04/13/2024", "31/02/2025", "not known", "00/00/0000"), 4e-5
    ),
    Fault("crimes", NOT_A_DATE, "Date Reported", ("12/25/2024 10:15", "25/12/2024 24:61"), 2e-5),
    Fault("crimes", NOT_ALLOWED, "DA Flag", ("Maybe", "Refer"), 3e-5),
    Fault("crimes", NOT_ALLOWED, "Relationship", ("Landlord", "See log"), 2e-5),
    Fault("crimes", OUT_OF_RANGE, "Date Recorded", ("01/01/1900",), 1e-5),
    Fault("crimes", TOO_LATE, "Date Recorded", (), 3e-5),
    Fault("crimes", CODE_IS_DATE, "HO Code", ("Aug-65", "Aug-66", "01/08/1965", "01/08/1966"), 5e-5),
    Fault("crimes", CODE_IS_DATE, "Included Classifications", ("Aug-65", "8L;Aug-66"), 2e-5),
    Fault("crimes", REPEATED, "District", (), 6e-5),
    Fault("crimes", CELLS, "", (), 4e-5),
    Fault("outcomes", MISSING, "Outcome Code", ("",), 2e-5),
    Fault("outcomes", NOT_A_DATE, "Outcome Date", ("02/30/2024", "TBC"), 2e-5),
    Fault("outcomes", TOO_LATE, "Outcome Date", (), 2e-5),
    Fault("outcomes", CELLS, "", (), 1e-5),
    Fault("risk", NOT_ALLOWED, "Risk Grade", ("Extreme", "Amber"), 1e-4),
    Fault("risk", NOT_A_DATE, "Assessment Date", ("13/13/2024 09:00",), 5e-5),
    Fault("allocations", MISSING, "Allocated Date", ("",), 5e-5),
    Fault("reviews", NOT_A_DATE, "Review Due", ("next week",), 3e-5),
    Fault("support", NOT_ALLOWED, "Referral Status", ("Pending IT", "?"), 1e-4),
    Fault("support", CELLS, "", (), 5e-5),
    Fault("spo_orders", NOT_A_DATE, "Expiry Date", ("Until further order",), 1e-3),
    Fault("spo_orders", REPEATED, "District", (), 2e-3),
    Fault("spo_events", NOT_ALLOWED, "Event", ("Postponed",), 1e-3),
    Fault("spo_events", TOO_LATE, "Event Date", (), 1e-3),
    Fault("survey", NOT_ALLOWED, "Question", ("Parking",), 1e-4),
    Fault("survey", OUT_OF_RANGE, "Score", ("9", "0"), 2e-4),
    Fault("survey", NOT_A_NUMBER, "Score", ("agree",), 1e-4),
    Fault("calls", MISSING, "Call Date", ("",), 2e-4),
    Fault("calls", REPEATED, "Call Type", (), 3e-4),
    Fault("partner_referrals", NOT_ALLOWED, "Forum", ("Other",), 1e-3),
    Fault("training", TOTAL, "Role", ("Total",), 2e-2),
    Fault("training", OUT_OF_RANGE, "Completed", ("-3",), 5e-3),
)

_TWICE = {"crimes": 2e-4, "outcomes": 1e-4, "support": 2e-4, "calls": 5e-4}
_PADDED = {"crimes": 8e-4, "outcomes": 3e-4, "support": 5e-4, "spo_orders": 5e-3}
_OTHER_FORM = {"crimes": ("Date Recorded", 5e-4), "survey": ("Survey Date", 2e-4)}
# The crime counts; the age alone is not recorded.
_ODD_AGES = {"crimes": 4e-5}
_AGES = ("3O", "150", "adult", "-3")
_ORPHANS = {"outcomes": 1e-4}

# References of records that exist only as faults; the numbers lie above every real one.
_OWN = {
    "Investigation Ref": "SYN/46/9{number:05d}/{year:02d}",
    "Order Ref": "SPO-9{number:04d}",
    "Response Ref": "R-XX-9{number:04d}",
    "Call Ref": "C-9{number:06d}",
    "Referral Ref": "PR-9{number:05d}",
    "Role": "Special constable {number}",
}


def blemishes(seed: int, feed: Feed, sheet: Sheet, once: Bools, days: list[int], place: int) -> Blemishes:
    """The faults of one file: `once` marks its rows whose unit no other extract holds.

    `place` is the extract's place among `days`. The first and the last extract have every kind at
    least once.
    """
    if not len(sheet):
        return Blemishes()
    rng = draws.generator(seed, f"faults of {feed.name} {place}")
    free = once.copy()
    fewest = 1 if place in (0, len(days) - 1) else 0
    made = _Maker(sheet, feed.reference, days[place], place)
    inserts: list[Insert] = []
    for fault in FAULTS:
        if fault.feed != feed.name:
            continue
        count = max(fewest, round(fault.rate * len(sheet)))
        if fault.kind == REPEATED:
            rows = _taken(rng, free, count)
            inserts += [made.repeated(row, fault, int(rng.integers(0, 40))) for row in rows]
            continue
        for number, row in enumerate(np.sort(rng.integers(0, len(sheet), count))):
            inserts.append(made.faulty(int(row), fault, number, int(rng.integers(1, 300))))
    for row in _taken(rng, free, _some(_TWICE, feed.name, sheet, fewest)):
        after = min(row + int(rng.integers(0, 30)), len(sheet) - 1)
        inserts.append(Insert(after, made.line(row), SENT_TWICE, "", UNCHANGED))
    for row in np.sort(rng.integers(0, len(sheet), _some(_ORPHANS, feed.name, sheet, fewest))):
        inserts.append(made.orphan(int(row)))
    edits = [
        made.padded(row, number)
        for number, row in enumerate(_taken(rng, free, _some(_PADDED, feed.name, sheet, fewest)))
    ]
    if feed.name in _OTHER_FORM:
        column, rate = _OTHER_FORM[feed.name]
        count = max(fewest, round(rate * len(sheet)))
        edits += [made.in_other_form(row, column) for row in _taken(rng, free, count)]
    alone = np.bincount(sheet.unit)[sheet.unit] == 1
    ages = _taken(rng, free & alone, _some(_ODD_AGES, feed.name, sheet, fewest))
    edits += [made.of_odd_age(row, number) for number, row in enumerate(ages)]
    inserts.sort(key=lambda insert: insert.after)
    return Blemishes(tuple(inserts), tuple(edits))


def _some(rates: dict[str, float], feed: str, sheet: Sheet, fewest: int) -> int:
    return max(fewest, round(rates[feed] * len(sheet))) if feed in rates else 0


def _taken(rng: np.random.Generator, free: Bools, count: int) -> list[int]:
    """Free rows, no longer free."""
    rows: Ints = draws.spread(rng, free, count)
    free[rows] = False
    return [int(row) for row in rows]


class _Maker:
    """Writes faulty lines from the lines of one sheet, each with a reference of its own."""

    def __init__(self, sheet: Sheet, reference: str, day: int, place: int) -> None:
        self.sheet, self.reference, self.day = sheet, reference, day
        self.number = place * 20_000

    def line(self, row: int) -> str:
        return ",".join(self.sheet.cells(row))

    def own(self) -> str:
        self.number += 1
        year = draws.date_of(self.day).year % 100
        return _OWN[self.reference].format(number=self.number, year=year)

    def faulty(self, row: int, fault: Fault, number: int, late: int) -> Insert:
        cells = self.sheet.cells(row)
        key = self.sheet.header.index(self.reference)
        cells[key] = self.own()
        if fault.kind == CELLS:
            # A comma inside a text that nobody quoted, or a cell lost on the way.
            cells = cells[:-1] if number % 2 else [*cells[:3], "", *cells[3:]]
        else:
            text = (
                fault.texts[number % len(fault.texts)] if fault.texts else writing.day_text(self.day + late)
            )
            cells[self.sheet.header.index(fault.column)] = text
        return Insert(row, ",".join(cells), fault.kind, fault.column, REJECTED)

    def repeated(self, row: int, fault: Fault, away: int) -> Insert:
        """The same key with another value, some lines further down."""
        cells = self.sheet.cells(row)
        place = self.sheet.header.index(fault.column)
        others = [self.sheet.cells(other)[place] for other in range(min(len(self.sheet), 200))]
        cells[place] = next((text for text in others if text not in ("", cells[place])), "Elsewhere")
        after = min(row + away, len(self.sheet) - 1)
        return Insert(after, ",".join(cells), fault.kind, self.reference, REJECTED)

    def orphan(self, row: int) -> Insert:
        """A record of a crime that no extract holds, its number apart from those of faulty crimes."""
        cells = self.sheet.cells(row)
        cells[self.sheet.header.index(self.reference)] = self.own().replace("/46/9", "/46/85")
        return Insert(row, ",".join(cells), NO_CRIME, self.reference, ACCEPTED)

    def padded(self, row: int, number: int) -> Edit:
        cells = self.sheet.cells(row)
        key = self.sheet.header.index(self.reference)
        before, after = ((" ", ""), ("", "  "), ("  ", " "))[number % 3]
        cells[key] = before + cells[key] + after
        return Edit(row, ",".join(cells), PADDED, self.reference)

    def of_odd_age(self, row: int, number: int) -> Edit:
        cells = self.sheet.cells(row)
        cells[self.sheet.header.index("Victim Age")] = _AGES[number % len(_AGES)]
        return Edit(row, ",".join(cells), ODD_AGE, "Victim Age")

    def in_other_form(self, row: int, column: str) -> Edit:
        cells = self.sheet.cells(row)
        place = self.sheet.header.index(column)
        day, month, year = cells[place].split("/")
        cells[place] = f"{year}-{month}-{day}"
        return Edit(row, ",".join(cells), OTHER_FORM, column)

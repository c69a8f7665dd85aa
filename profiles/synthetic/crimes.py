"""The crimes themselves: how many, of what class, where, when, and what else they carry."""

import csv
from dataclasses import dataclass

import numpy as np

from profiles.errors import BadFile
from profiles.settings import ROOT
from profiles.synthetic import draws, offences
from profiles.synthetic.draws import NEVER, Bools, Floats, Ints
from profiles.synthetic.offences import OFFENCES, STALKING

SHARES = ROOT / "sample_data" / "kent_district_shares.csv"

RECORDED, CANCELLED, TRANSFERRED = range(3)
UNKNOWN_DISTRICTS = ("Bexley", "Rother", "Medwya", "Off district")
"""What the export names as a district although the force has none such."""

# Which class a crime had before it was reclassified to the one in front, and how often that happens.
_REVISIONS = {
    offences.STALKING: (offences.HARASSMENT, 0.045),
    offences.HARASSMENT: (offences.STALKING, 0.010),
    offences.COMMUNICATIONS: (offences.HARASSMENT, 0.010),
    offences.COMMON_ASSAULT: (offences.ASSAULT, 0.010),
}
_HOURS = (5, 3, 2, 2, 1, 2, 3, 5, 9, 13, 14, 14, 13, 13, 13, 13, 13, 12, 12, 11, 11, 10, 9, 7)
_COURSE_DAYS = {"stalking": 45.0, "harassment": 15.0, "communications": 8.0, "control": 90.0}
_ITEMS = (0.40, 0.15, 0.20, 0.25)


@dataclass(frozen=True)
class Districts:
    """The force's districts and their shares of recorded crime."""

    names: tuple[str, ...]
    shares: Floats


@dataclass(frozen=True)
class Crimes:
    """Every crime in the order of recording, one array entry a crime.

    `offence` is the class it ends with; until `revised` it bears `offence_before`. From
    `status_changed` on it is `status`, before that recorded. `hidden` crimes carry stalking only in
    their included list: `item` says in which words; `company` holds up to three further places in
    `CLASSES`, `repeats` one that only repeats the principal (0 is none). `district_shown` may lie
    beyond the districts, in `UNKNOWN_DISTRICTS`.
    """

    recorded: Ints
    reported: Ints
    minute: Ints
    committed_from: Ints
    committed_to: Ints
    offence: Ints
    offence_before: Ints
    revised: Ints
    status: Ints
    status_changed: Ints
    district: Ints
    district_shown: Ints
    hidden: Bools
    item: Ints
    item_is_last: Bools
    company: Ints
    repeats: Ints
    title: Ints

    def __len__(self) -> int:
        return len(self.recorded)

    def offence_at(self, day: int) -> Ints:
        """The class each crime bears in an extract of that day."""
        return np.where(self.revised > day, self.offence_before, self.offence)

    def status_at(self, day: int) -> Ints:
        """The status each crime bears in an extract of that day."""
        return np.where(self.status_changed > day, RECORDED, self.status)

    @property
    def is_stalking(self) -> Bools:
        """Stalking in the end, as the principal crime or hidden."""
        found: Bools = (self.offence == STALKING) | self.hidden
        return found

    @property
    def habit(self) -> Ints:
        """The class whose habits each crime has: hidden stalking behaves as stalking."""
        return np.where(self.is_stalking, STALKING, self.offence)

    @property
    def was_stalking(self) -> Bools:
        """Stalking in any of the extracts."""
        found: Bools = self.is_stalking | (self.offence_before == STALKING)
        return found


CLASSES = (
    "",
    *dict.fromkeys(
        [item for offence in OFFENCES for item in (offence.ho_class, *offence.company)]
        + list(offences.STALKING_ITEMS)
    ),
)
"""Every classification an included list may hold."""


def districts() -> Districts:
    """The districts with their published shares. Raises BadFile when the file is missing."""
    try:
        with SHARES.open(encoding="utf-8", newline="") as handle:
            rows = list(csv.DictReader(handle))
        names = tuple(row["district"] for row in rows)
        shares = np.array([float(row["crimes_jan_apr_2024"]) for row in rows])
    except (OSError, KeyError, ValueError) as error:
        raise BadFile(f"{SHARES} cannot be read as districts and their shares; restore it.") from error
    return Districts(names, shares / shares.sum())


def crimes(seed: int, first: int, until: int, scale: float, places: Districts, baseline: int) -> Crimes:
    """All crimes recorded from day `first` to day `until`; revisions before `baseline` are already made."""
    offence, recorded = _volumes(draws.generator(seed, "volumes"), first, until, scale)
    size = len(recorded)
    rng = draws.generator(seed, "crimes")
    district = draws.pick(rng, places.shares, size)
    hidden = _hidden(rng, np.arange(first, until + 1), offence, recorded, district, places)
    reported = recorded - draws.pick(rng, (70, 17, 5, 2, 1.5, 1, 1, 0.8, 0.5, 0.4, 0.3, 0.2, 0.2, 0.1), size)
    minute = draws.pick(rng, _HOURS, size) * 60 + rng.integers(0, 60, size)
    committed_from, committed_to = _conduct(rng, offence, hidden, recorded, reported)
    before, revised = _revisions(rng, offence, hidden, recorded, baseline, until)
    status = draws.pick(rng, (97.4, 1.8, 0.8), size)
    status_changed = recorded + 1 + draws.lag(rng, size, 20, 1.0, 150)
    item, item_is_last, company = _included(draws.generator(seed, "included"), offence, hidden, recorded)
    return Crimes(
        recorded=recorded,
        reported=reported,
        minute=minute,
        committed_from=committed_from,
        committed_to=committed_to,
        offence=offence,
        offence_before=before,
        revised=revised,
        status=status,
        status_changed=np.where(status == RECORDED, NEVER, status_changed),
        district=district,
        district_shown=district,
        hidden=hidden,
        item=item,
        item_is_last=item_is_last,
        company=company,
        repeats=np.zeros(size, dtype=np.int64),
        title=rng.integers(0, 60, size),
    )


def _volumes(rng: np.random.Generator, first: int, until: int, scale: float) -> tuple[Ints, Ints]:
    """Class and recorded day of each crime, in order of the day, classes mixed within it."""
    days = np.arange(first, until + 1, dtype=np.int64)
    weekday = np.asarray(offences.WEEKDAYS)[(days + 3) % 7]
    season = 1 + offences.SEASON * np.cos(2 * np.pi * ((days - draws.day("2020-07-15")) / 365.25))
    rhythm = weekday * season * scale / draws.MONTH_DAYS
    expected = np.stack([draws.level(offence.monthly, days) * rhythm for offence in OFFENCES], axis=1)
    counts = rng.poisson(expected)
    offence = np.repeat(np.tile(np.arange(len(OFFENCES)), len(days)), counts.ravel())
    recorded = np.repeat(np.repeat(days, len(OFFENCES)), counts.ravel())
    order = np.lexsort((rng.permutation(len(recorded)), recorded))
    return offence[order].astype(np.int64), recorded[order]


def _hidden(
    rng: np.random.Generator, days: Ints, offence: Ints, recorded: Ints, district: Ints, places: Districts
) -> Bools:
    """Which crimes carry stalking only in their included list: as many as the uplift of the day asks."""
    weight = np.array([item.hides for item in OFFENCES])
    serious = sum(item.hides * draws.level(item.monthly, days) for item in OFFENCES if item.hides)
    wanted = draws.level(offences.UPLIFT, days) * draws.level(OFFENCES[STALKING].monthly, days)
    ratio = (wanted / serious)[recorded - days[0]]
    habit = np.resize(np.asarray(offences.OFF_DISTRICT), len(places.names))
    habit = habit / float((habit * places.shares).sum())
    return draws.happens(rng, np.minimum(weight[offence] * ratio * habit[district], 0.9), len(offence))


def _conduct(
    rng: np.random.Generator, offence: Ints, hidden: Bools, recorded: Ints, reported: Ints
) -> tuple[Ints, Ints]:
    """First and last day of the offence; the last is often left blank where it is the first."""
    size = len(offence)
    last = reported - draws.lag(rng, size, 0.9, 1.3, 60)
    typical = np.array([_COURSE_DAYS.get(item.kin, 0.0) for item in OFFENCES])[offence]
    typical = np.where(hidden, _COURSE_DAYS["stalking"], typical)
    length = np.where(typical > 0, draws.lag(rng, size, np.maximum(typical, 1.0), 1.1, 280), 0)
    length = np.where((typical == 0) & draws.happens(rng, 0.2, size), rng.integers(1, 4, size), length)
    first = np.maximum(last - length, recorded - 355)
    blank = (first == last) & draws.happens(rng, 0.5, size)
    return first, np.where(blank, NEVER, last)


def _revisions(
    rng: np.random.Generator, offence: Ints, hidden: Bools, recorded: Ints, baseline: int, until: int
) -> tuple[Ints, Ints]:
    """The class before and the day of revision, of those that lie between two extracts."""
    size = len(offence)
    before = np.arange(len(OFFENCES))
    chance = np.zeros(len(OFFENCES))
    for end, (start, rate) in _REVISIONS.items():
        before[end], chance[end] = start, rate
    revised = recorded + 4 + draws.lag(rng, size, 18, 0.8, 90)
    seen = draws.happens(rng, chance[offence], size) & ~hidden & (revised > baseline) & (revised <= until)
    return np.where(seen, before[offence], offence), np.where(seen, revised, 0)


def _included(
    rng: np.random.Generator, offence: Ints, hidden: Bools, recorded: Ints
) -> tuple[Ints, Bools, Ints]:
    """How the list names stalking (a place in `STALKING_ITEMS`), where, and up to three other classes."""
    size = len(offence)
    most = max(len(item.company) for item in OFFENCES)
    table = np.zeros((len(OFFENCES), most), dtype=np.int64)
    for row, item in enumerate(OFFENCES):
        table[row, : len(item.company)] = [CLASSES.index(name) for name in item.company]
    width = np.array([len(item.company) for item in OFFENCES])[offence]
    habit = np.array([item.listed for item in OFFENCES])[offence]
    chance = np.where(hidden, 0.35, draws.level(offences.LISTED, recorded) * habit)
    count = np.where(draws.happens(rng, chance, size), 1 + draws.pick(rng, (72, 22, 6), size), 0)
    one = np.floor(rng.random(size) * width).astype(np.int64)
    step = 1 + np.floor(rng.random(size) * (width - 1)).astype(np.int64)
    leap = 1 + np.floor(rng.random(size) * (width - 2)).astype(np.int64)
    leap += leap >= step
    places = np.stack([one, (one + step) % width, (one + leap) % width], axis=1)
    company = np.where(np.arange(3) < count[:, None], table[offence[:, None], places], 0)
    return draws.pick(rng, _ITEMS, size), draws.happens(rng, 0.4, size), company

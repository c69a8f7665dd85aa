"""The people in the crimes: cases that go on, victims and suspects who return, and how they know each other.

A crime may continue an earlier one of its district: then it has that one's victim, suspect and
relationship. Following these links back to the first crime gives the people their pseudonyms.
"""

from dataclasses import dataclass

import numpy as np

from profiles.synthetic import draws, offences
from profiles.synthetic.crimes import Crimes
from profiles.synthetic.draws import NEVER, Bools, Floats, Ints
from profiles.synthetic.offences import KIN, OFFENCES

YEAR = 365
_KINS = tuple(KIN)
_SIMILAR = (
    offences.HARASSMENT,
    offences.AGGRAVATED,
    offences.COMMUNICATIONS,
    offences.CONTROL,
    offences.ORDERS,
    offences.DAMAGE,
    offences.COMMON_ASSAULT,
    offences.ASSAULT,
)
_NEW_SUSPECT = 0.06
_SERIAL = 0.07
_AGES = ((10, 18, 5), (18, 25, 22), (25, 35, 31), (35, 45, 21), (45, 55, 12), (55, 65, 6), (65, 88, 3))
_SUSPECT_AGES = (
    (12, 18, 4),
    (18, 25, 16),
    (25, 35, 33),
    (35, 45, 26),
    (45, 55, 14),
    (55, 65, 5),
    (65, 82, 2),
)
_IDENTIFIED = np.array([0.0, 0.985, 0.985, 0.98, 0.94, 0.62, 0.45])


@dataclass(frozen=True)
class Cases:
    """For each crime the first crime of its victim, of its suspect and of the two together, and how
    many crimes of the case came before it."""

    victim: Ints
    suspect: Ints
    pair: Ints
    depth: Ints


@dataclass(frozen=True)
class Victims:
    """One row a victim of a crime, in the order of the crimes; sex is a place in ("", F, M, Other)."""

    crime: Ints
    number: Ints
    is_organisation: Bools
    sex: Ints
    age: Ints


@dataclass(frozen=True)
class Suspects:
    """One row a suspect of a crime, in the order of the crimes, known from `identified` on.

    Until `corrected` the export named the suspect `earlier` instead.
    """

    crime: Ints
    number: Ints
    sex: Ints
    age: Ints
    relationship: Ints
    identified: Ints
    arrested: Ints
    dealt_with: Ints
    earlier: Ints
    corrected: Ints


@dataclass(frozen=True)
class People:
    """Everyone, and per crime the relationship as it is and as it is recorded (0 is blank)."""

    cases: Cases
    victims: Victims
    suspects: Suspects
    kinship: Ints
    relationship: Ints
    identified: Ints


def people(seed: int, crimes: Crimes, baseline: int) -> People:
    """The people of all crimes; corrections of suspects made before `baseline` are not kept."""
    cases = _cases(draws.generator(seed, "cases"), crimes)
    kinship = _kinship(draws.generator(seed, "kinship"), crimes, cases)
    victims = _victims(draws.generator(seed, "victims"), crimes, cases)
    organisation = np.zeros(len(crimes), dtype=np.bool_)
    organisation[victims.crime[victims.is_organisation]] = True
    missing = draws.happens(draws.generator(seed, "relationship missing"), 0.08, len(crimes))
    relationship = np.where(missing | organisation, 0, kinship)
    suspects, identified = _suspects(
        draws.generator(seed, "suspects"), crimes, cases, kinship, relationship, baseline
    )
    return People(cases, victims, suspects, kinship, relationship, identified)


def earlier_crimes(
    rng: np.random.Generator, crimes: Crimes, seekers: Bools, among: Bools, mean: float, window: int
) -> Ints:
    """For each crime an earlier one of its district, marked in `among`, or itself.

    The one nearest to a day drawn about `mean` days back is taken, at most `window` days back.
    """
    size = len(crimes)
    found = np.arange(size)
    back = 1 + np.minimum(rng.exponential(mean, size), window - 5).astype(np.int64)
    pool = np.flatnonzero(among)
    seeking = np.flatnonzero(seekers)
    if not len(pool) or not len(seeking):
        return found
    keys = crimes.district * NEVER + crimes.recorded
    pool = pool[np.argsort(keys[pool], kind="stable")]
    place = np.searchsorted(keys[pool], keys[seeking] - back[seeking], side="right")
    for step in (-1, 0):
        candidate = pool[np.clip(place + step, 0, len(pool) - 1)]
        gap = keys[seeking] - keys[candidate]
        fits = (gap >= 0) & (gap <= window) & (candidate < seeking) & (found[seeking] == seeking)
        found[seeking[fits]] = candidate[fits]
    return found


def firsts(parent: Ints) -> Ints:
    """For each item the end of its chain of parents."""
    while True:
        grand = parent[parent]
        if np.array_equal(grand, parent):
            return parent
        parent = grand


def lengths(parent: Ints) -> Ints:
    """For each item the number of links to the end of its chain of parents."""
    found: Ints = (parent != np.arange(len(parent))).astype(np.int64)
    while True:
        grand = parent[parent]
        if np.array_equal(grand, parent):
            return found
        found = found + found[parent]
        parent = grand


def _cases(rng: np.random.Generator, crimes: Crimes) -> Cases:
    size = len(crimes)
    stalking = crimes.is_stalking
    chances = np.array([item.returns for item in OFFENCES])[crimes.habit]
    drawn = rng.random(size)
    to_stalking = drawn < chances[:, 0]
    to_similar = ~to_stalking & (drawn < chances.sum(axis=1))
    similar = np.isin(crimes.offence, _SIMILAR) & ~stalking
    parent = earlier_crimes(rng, crimes, to_stalking, stalking, 80, YEAR)
    other = earlier_crimes(rng, crimes, to_similar, similar, 70, YEAR)
    parent = np.where(to_similar, other, parent)
    fresh = draws.happens(rng, _NEW_SUSPECT, size)
    pair = np.where(fresh, np.arange(size), parent)
    # Someone new to this victim may be known from another: a serial suspect.
    begins = pair == np.arange(size)
    personal = np.array([item.kin != "property" for item in OFFENCES])[crimes.offence]
    serial = begins & personal & draws.happens(rng, _SERIAL, size)
    suspect = np.where(serial, earlier_crimes(rng, crimes, serial, similar | stalking, 300, 900), pair)
    return Cases(firsts(parent), firsts(suspect), firsts(pair), lengths(parent))


def _kinship(rng: np.random.Generator, crimes: Crimes, cases: Cases) -> Ints:
    """The relationship of victim and suspect, drawn once a pair; a place in `offences.RELATIONSHIPS`."""
    kin = np.array([_KINS.index(item.kin) for item in OFFENCES])[crimes.habit]
    drawn = 1 + draws.pick_by(rng, list(KIN.values()), kin)
    of_pair: Ints = drawn[cases.pair]
    return of_pair


def _ages(rng: np.random.Generator, bands: tuple[tuple[int, int, int], ...], size: int) -> Ints:
    band = draws.pick(rng, [weight for _, _, weight in bands], size)
    low: Ints = np.array([start for start, _, _ in bands])[band]
    high: Ints = np.array([end for _, end, _ in bands])[band]
    return low + np.floor(rng.random(size) * (high - low)).astype(np.int64)


def _older(crimes: Crimes, root: Ints, age: Ints) -> Ints:
    """The age at each crime of people who had `age` at the first one."""
    older: Ints = age[root] + (crimes.recorded - crimes.recorded[root]) // YEAR
    return older


def _more(rng: np.random.Generator, among: Bools, weights: tuple[float, ...]) -> Ints:
    """Crimes that have further people, once for each."""
    count = np.where(among, draws.pick(rng, weights, len(among)), 0)
    return np.repeat(np.arange(len(among)), count)


def _victims(rng: np.random.Generator, crimes: Crimes, cases: Cases) -> Victims:
    size = len(crimes)
    female = np.array([item.female_victim for item in OFFENCES])[crimes.habit][cases.victim]
    drawn = rng.random(size)[cases.victim]
    sex = np.where(drawn < female, 1, 2)
    sex = np.where(rng.random(size)[cases.victim] < 0.004, 3, sex)
    age = _older(crimes, cases.victim, _ages(rng, _AGES, size))
    chance = np.array([item.organisation for item in OFFENCES])[crimes.offence]
    is_organisation = draws.happens(rng, chance, size)[cases.victim]
    _, number = np.unique(cases.victim, return_inverse=True)
    further = _more(rng, ~is_organisation, (95.0, 4.2, 0.8))
    sex_further = 1 + draws.pick(rng, (60, 40), len(further))
    age_further = _ages(rng, _AGES, len(further))
    numbers = int(number.max(initial=0)) + 1 + np.arange(len(further))
    crime = np.concatenate([np.arange(size), further])
    order = np.argsort(crime, kind="stable")
    sex = np.concatenate([sex, sex_further])
    age = np.concatenate([age, age_further])
    is_organisation = np.concatenate([is_organisation, np.zeros(len(further), dtype=np.bool_)])
    sex = np.where(is_organisation | draws.happens(rng, 0.01, len(crime)), 0, sex)
    age = np.where(is_organisation | draws.happens(rng, 0.015, len(crime)), -1, age)
    number = 1 + np.concatenate([number, numbers])
    return Victims(crime[order], number[order], is_organisation[order], sex[order], age[order])


def _suspects(
    rng: np.random.Generator,
    crimes: Crimes,
    cases: Cases,
    kinship: Ints,
    relationship: Ints,
    baseline: int,
) -> tuple[Suspects, Ints]:
    """The suspects, and per crime the day its first suspect was identified (NEVER if not)."""
    size = len(crimes)
    male = rng.random(size)[cases.suspect]
    sex = np.where(male < 0.80, 2, 1)
    sex = np.where(male > 0.997, 3, sex)
    age = _older(crimes, cases.suspect, _ages(rng, _SUSPECT_AGES, size))
    certainty = np.array([item.identified for item in OFFENCES])[crimes.habit]
    known = draws.happens(rng, _IDENTIFIED[kinship] * certainty, size)
    at_once = draws.happens(rng, 0.78, size)
    identified = np.where(at_once, crimes.reported, crimes.reported + 1 + draws.lag(rng, size, 8, 1.2, 300))
    identified = np.where(known, identified, NEVER)
    _, number = np.unique(cases.suspect, return_inverse=True)

    further = _more(rng, known, (94.0, 5.0, 1.0))
    later = draws.pick_by(rng, list(KIN.values()), np.full(len(further), _KINS.index("violence")))
    count = int(number.max(initial=0)) + 1
    crime = np.concatenate([np.arange(size)[known], further])
    order = np.argsort(crime, kind="stable")
    crime = crime[order]
    rows = len(crime)
    number = 1 + np.concatenate([number[known], count + np.arange(len(further))])[order]
    sex = np.concatenate([sex[known], 1 + draws.pick(rng, (25, 75), len(further))])[order]
    age = np.concatenate([age[known], _ages(rng, _SUSPECT_AGES, len(further))])[order]
    # The crime's own field names the closest relationship, so nobody else on it is closer.
    closest = np.concatenate([kinship[known], np.maximum(kinship[further], 1 + later)])[order]
    found = np.concatenate(
        [identified[known], identified[further] + draws.lag(rng, len(further), 3, 1.2, 90)]
    )[order]

    arrested, dealt_with = _pursuit(rng, crimes, cases, crime, found)
    corrected = found + 10 + draws.lag(rng, rows, 20, 0.8, 120)
    wrong = draws.happens(rng, 0.006, rows) & (corrected > baseline) & (found < NEVER)
    earlier = count + len(further) + 1 + np.cumsum(wrong)
    return (
        Suspects(
            crime=crime,
            number=number,
            sex=np.where(draws.happens(rng, 0.02, rows), 0, sex),
            age=np.where(draws.happens(rng, 0.06, rows), -1, age),
            relationship=np.where(relationship[crime] == 0, 0, closest),
            identified=found,
            arrested=arrested,
            dealt_with=dealt_with,
            earlier=np.where(wrong, earlier, number),
            corrected=np.where(wrong, corrected, 0),
        ),
        identified,
    )


def _pursuit(
    rng: np.random.Generator, crimes: Crimes, cases: Cases, crime: Ints, found: Ints
) -> tuple[Ints, Ints]:
    """Day of arrest and day the suspect stopped being outstanding, NEVER where it did not happen."""
    rows = len(crime)
    chance: Floats = np.where(crimes.was_stalking, 0.38, 0.20)[crime]
    chance = np.minimum(chance + 0.06 * np.minimum(cases.depth[crime], 4), 0.7)
    is_arrested = draws.happens(rng, chance, rows)
    arrest = found + draws.lag(rng, rows, 2.0, 1.4, 150)
    talk = found + draws.lag(rng, rows, 9, 1.1, 250)
    dealt = np.where(is_arrested, arrest + draws.lag(rng, rows, 0.7, 1.0, 30), talk)
    is_open = ~is_arrested & draws.happens(rng, 0.05, rows)
    return np.where(is_arrested, arrest, NEVER), np.where(is_open, NEVER, dealt)

"""What a crime's record says beside its class: flags, mode, platform, motive, sub-code, place."""

from dataclasses import dataclass

import numpy as np
from faker import Faker
from faker.providers.address.en_GB import Provider as Places
from faker.providers.person.en_GB import Provider as Persons

from profiles import contracts
from profiles.synthetic import draws, offences
from profiles.synthetic.crimes import Crimes, Districts
from profiles.synthetic.draws import Ints, Knots
from profiles.synthetic.offences import OFFENCES, STALKING
from profiles.synthetic.people import People

YES_NO = ("", "Y", "N")
INTERNET = ("", "Y", "Partly", "N")
PLATFORMS = (
    "", "Facebook", "Instagram", "WhatsApp", "Snapchat", "TikTok", "X", "E-mail", "Text message",
    "Dating app", "Other",
)  # fmt: skip
MOTIVES = ("", *(motive.title() for motive in contracts.MOTIVES))
LOCATIONS = (
    "Dwelling", "Street", "Workplace", "School or college", "Shop", "Licensed premises", "Vehicle", "Online",
)  # fmt: skip
BEATS = 6
"""Beats of a district."""

# By relationship: blank, Y, N.
_DOMESTIC = (
    (10, 5, 85), (6, 94, 0), (6, 94, 0), (3, 90, 7), (4, 0, 96), (4, 0, 96), (6, 8, 86),
)  # fmt: skip
_ONLINE_BY_KIN = np.array([1.0, 0.7, 0.9, 0.8, 1.1, 1.6, 1.3])
_MISSING_MODE = 0.10
# By relationship: blank and the five motives.
_MOTIVES = (
    (97, 1, 1, 0.5, 0.3, 0.2), (86, 12, 2, 0, 0, 0), (84, 14, 1.6, 0, 0.3, 0.1), (90, 2, 8, 0, 0, 0),
    (87, 2, 4, 4, 2.6, 0.4), (88, 0, 2, 4, 3, 3), (96, 1, 1, 1, 0.5, 0.5),
)  # fmt: skip
# By the number of crimes of the case before: blank, 195/12, 8/65, 8/66. Cases escalate.
_CODES = ((4, 55, 11, 30), (4, 41, 16, 39), (4, 28, 20, 48))
_CONSIDERED: Knots = (("2020-01-20", 0.45), ("2022-06-30", 0.58), ("2024-11-01", 0.70), ("2026-09-30", 0.82))
_SCREENED: Knots = (("2024-11-01", 0.45), ("2025-06-30", 0.70), ("2026-09-30", 0.84))
_SCREENING = (
    offences.HARASSMENT,
    offences.COMMUNICATIONS,
    offences.ORDERS,
    offences.CONTROL,
    offences.DAMAGE,
)


@dataclass(frozen=True)
class Details:
    """Per crime a place in the lists of this module, 0 mostly being blank."""

    domestic: Ints
    internet: Ints
    platform: Ints
    motive: Ints
    code: Ints
    four: Ints
    statement: Ints
    screened: Ints
    spo_considered: Ints
    beat: Ints
    location: Ints


def details(seed: int, crimes: Crimes, people: People) -> Details:
    """The details of every crime."""
    rng = draws.generator(seed, "details")
    size = len(crimes)
    stalking = crimes.was_stalking
    depth = np.minimum(people.cases.depth, 2)
    organisation = np.zeros(size, dtype=np.bool_)
    organisation[people.victims.crime[people.victims.is_organisation]] = True
    internet = _internet(rng, crimes, people)
    is_online = (internet == 1) | (internet == 2)
    platform = np.where(is_online, draws.pick(rng, (25, 17, 15, 16, 8, 4, 2, 4, 5, 2, 2), size), 0)
    markers = draws.pick_by(rng, ((100, 0, 0), (46, 4, 50), (20, 42, 38)), _marker_group(crimes))
    applied = draws.level(_CONSIDERED, crimes.recorded)
    asked = draws.happens(rng, applied, size)
    declined = draws.happens(rng, 0.72, size)
    may_ask = stalking & (people.identified < draws.NEVER) & (crimes.recorded >= draws.day("2020-02-01"))
    is_screened = draws.happens(rng, draws.level(_SCREENED, crimes.recorded), size)
    to_screen = np.isin(crimes.offence, _SCREENING) & ~stalking & (crimes.recorded >= draws.day("2024-11-01"))
    location = draws.pick(rng, (52, 22, 8, 4, 4, 4, 4, 0), size)
    return Details(
        domestic=np.where(organisation, 2, draws.pick_by(rng, _DOMESTIC, people.kinship)),
        internet=internet,
        platform=platform,
        motive=np.where(stalking, draws.pick_by(rng, _MOTIVES, people.kinship), 0),
        code=np.where(
            (crimes.offence == STALKING) | (crimes.offence_before == STALKING),
            draws.pick_by(rng, _CODES, depth),
            0,
        ),
        four=markers,
        statement=draws.pick(rng, (14, 36, 50), size),
        screened=np.where(to_screen, np.where(is_screened, 1, 2), 0),
        spo_considered=np.where(may_ask, np.where(asked, 1, np.where(declined, 2, 0)), 0),
        beat=crimes.district * BEATS + draws.pick(rng, (25, 21, 18, 15, 12, 9), size),
        location=np.where((internet == 1) & draws.happens(rng, 0.6, size), 7, location),
    )


def _internet(rng: np.random.Generator, crimes: Crimes, people: People) -> Ints:
    """A place in INTERNET; the share of stalking with an online part rises by three points a year."""
    size = len(crimes)
    habit = np.array([item.online for item in OFFENCES])[crimes.offence]
    aimed = draws.level(offences.ONLINE, crimes.recorded) * _ONLINE_BY_KIN[people.kinship]
    chance = np.where(crimes.was_stalking, aimed / (1 - _MISSING_MODE), habit)
    is_online = draws.happens(rng, np.minimum(chance, 0.95), size)
    is_partly = draws.happens(rng, 0.45, size)
    is_missing = draws.happens(rng, _MISSING_MODE, size)
    return np.where(is_missing, 0, np.where(is_online, np.where(is_partly, 2, 1), 3))


def _marker_group(crimes: Crimes) -> Ints:
    """2 for stalking, 1 for what resembles it, 0 for the rest."""
    return np.where(crimes.was_stalking, 2, np.isin(crimes.offence, _SCREENING).astype(np.int64))


def beat_names(seed: int, places: Districts) -> tuple[str, ...]:
    """Made-up names of the beats, BEATS for each district, none of them a person's name."""
    faker = Faker("en_GB")
    faker.seed_instance(seed)
    surnames = {str(name) for name in Persons.last_names} | {str(name) for name in Persons.first_names}
    pool = [word for word in dict.fromkeys(Places.street_suffixes) if word not in surnames]
    names = []
    for district in places.names:
        names += [f"{district} {word}" for word in faker.random_elements(pool, length=BEATS, unique=True)]
    return tuple(names)

"""What was done about a crime: risk, allocation, reviews, support for its victims, outcomes."""

from dataclasses import dataclass

import numpy as np

from profiles import contracts
from profiles.synthetic import draws, offences
from profiles.synthetic.crimes import RECORDED, Crimes, Districts
from profiles.synthetic.details import Details
from profiles.synthetic.draws import NEVER, Bools, Floats, Ints, Knots
from profiles.synthetic.offences import STALKING
from profiles.synthetic.people import People

GRADES = ("", *(grade.capitalize() for grade in contracts.RISK_GRADES))
HIGH = 3
TOOLS = ("DASH", "DARA", "S-DASH", "Stalking Screening Tool")
STATUSES = ("Referred", "Opted Out", "Unsafe to Contact", "Not Transferred")
REFERRED = 0
CODES = (
    "1", "1a", "2", "3", "4", "5", "8", "9", "10", "11", "12", "13", "14", "15", "16", "17", "18", "20",
    "21", "22",
)  # fmt: skip
UNKNOWN_CODES = ("99", "16X", "NFA")
"""What the export holds as an outcome although the framework has no such number."""
FALL_DISTRICT = "Thanet"
FALL_RATE = 0.63
FALL_MONTHS = 8

_DIVISIONS = ("North", "East", "West")
_DIVISION_OF = {
    "Dartford": 0, "Gravesham": 0, "Medway": 0, "Swale": 0, "Ashford": 1, "Canterbury": 1, "Dover": 1,
    "Folkestone and Hythe": 1, "Thanet": 1,
}  # fmt: skip
_SERIOUS = (offences.THREATS, offences.WOUNDING, offences.RAPE, offences.BURGLARY, offences.ROBBERY)
_MISSING_RISK = 0.12
# By closeness (other, partner or former) and the crimes of the case before: no grade, standard, medium, high.
_GRADES = (
    (0, 64, 28, 8), (0, 58, 31, 11), (0, 50, 34, 16), (0, 42, 39, 19), (0, 33, 42, 25), (0, 25, 42, 33),
)  # fmt: skip
_SPECIALIST: tuple[Knots, ...] = (
    (("2019-04-01", 0.06), ("2026-09-30", 0.12)),
    (("2019-04-01", 0.06), ("2026-09-30", 0.10)),
    (("2019-04-01", 0.20), ("2026-09-30", 0.32)),
    (("2019-04-01", 0.62), ("2024-11-01", 0.72), ("2026-09-30", 0.86)),
)
_REFERRED: Knots = (
    ("2019-04-01", 0.870),
    ("2021-04-01", 0.893),
    ("2024-11-01", 0.910),
    ("2026-09-30", 0.920),
)
_ADVOCATE: Knots = (("2019-04-01", 0.14), ("2024-11-01", 0.30), ("2026-09-30", 0.38))
_ASSESSED: Knots = (("2019-04-01", 0.74), ("2024-11-01", 0.84), ("2026-09-30", 0.92))
_CARD: Knots = (("2019-04-01", 0.55), ("2024-11-01", 0.74), ("2026-09-30", 0.86))

_KNOWN_STALKING = {
    "1": 7.4, "1a": 0.3, "2": 0.2, "3": 0.5, "4": 0.05, "5": 0.1, "8": 1.4, "9": 0.3, "10": 0.5, "11": 0.1,
    "12": 0.1, "13": 0.2, "15": 32.0, "16": 52.0, "17": 4.6, "20": 0.3, "21": 0.6, "22": 0.8,
}  # fmt: skip
_UNKNOWN_STALKING = {"13": 2, "14": 36, "17": 5, "18": 49, "20": 4, "21": 4}
_KNOWN_OTHER = {
    "1": 11, "1a": 0.5, "2": 1, "3": 3, "4": 0.1, "5": 0.1, "8": 6, "9": 0.4, "10": 2.5, "11": 0.6, "12": 0.3,
    "13": 0.4, "15": 27, "16": 42, "17": 1.2, "20": 0.8, "21": 2.2, "22": 0.9,
}  # fmt: skip
_UNKNOWN_OTHER = {"14": 9, "18": 88, "20": 1, "21": 2}
_MEDIANS = {"1": 26.0, "15": 26.0, "16": 11.5, "18": 9.0, "14": 11.0}
_MEDIAN = 24.0
_NEVER_CLOSED = 0.018


@dataclass(frozen=True)
class Risk:
    """One row an assessment, in the order of the crimes."""

    crime: Ints
    day: Ints
    minute: Ints
    tool: Ints
    grade: Ints


@dataclass(frozen=True)
class Allocations:
    """One row an allocation, in the order of the crimes; `team` is a place in the team names."""

    crime: Ints
    day: Ints
    team: Ints
    is_specialist: Bools


@dataclass(frozen=True)
class Reviews:
    """One row a supervisor's review, in the order of the crimes; `done` is NEVER while it is not."""

    crime: Ints
    due: Ints
    done: Ints


@dataclass(frozen=True)
class Support:
    """One row a person victim of a crime; each day is NEVER where it did not happen.

    `settled` is the day the status, a place in STATUSES, became known.
    """

    crime: Ints
    victim: Ints
    needs: Ints
    card: Ints
    status: Ints
    settled: Ints
    referred: Ints
    advocate: Ints


@dataclass(frozen=True)
class Outcomes:
    """One row an outcome, in the order of the crimes; `code` is a place in CODES."""

    crime: Ints
    day: Ints
    code: Ints


@dataclass(frozen=True)
class Response:
    """Everything that was done, and per crime its first risk grade and its team."""

    grade: Ints
    team: Ints
    risk: Risk
    allocations: Allocations
    reviews: Reviews
    support: Support
    outcomes: Outcomes


def team_names(places: Districts) -> tuple[str, ...]:
    """The teams: local and victim-based ones by district, vulnerability and CID by division."""
    return (
        *(f"Local Policing Team {name}" for name in places.names),
        *(f"Victim Based Crime Team {name}" for name in places.names),
        *(f"Vulnerability Investigation Team {name}" for name in _DIVISIONS),
        *(f"CID {name}" for name in _DIVISIONS),
    )


def response(
    seed: int, crimes: Crimes, people: People, details: Details, places: Districts, until: int, fall_from: int
) -> Response:
    """The response to every crime; referrals of one district fall from day `fall_from` on."""
    followed = crimes.was_stalking | np.isin(crimes.offence, (offences.CONTROL, offences.ORDERS))
    close = (people.kinship == offences.PARTNER) | (people.kinship == offences.EX_PARTNER)
    rng = draws.generator(seed, "risk")
    grade = draws.pick_by(rng, _GRADES, close * 3 + np.minimum(people.cases.depth, 2))
    has_risk = followed & ~draws.happens(rng, _MISSING_RISK, len(crimes))
    risk = _risk(rng, crimes, details, grade, np.flatnonzero(has_risk))
    team, allocations = _allocations(draws.generator(seed, "teams"), crimes, places, grade, followed)
    support = _support(draws.generator(seed, "support"), crimes, people, places, grade, followed, fall_from)
    outcomes = _outcomes(draws.generator(seed, "outcomes"), crimes, people, details, support)
    closed = np.full(len(crimes), NEVER)
    np.minimum.at(closed, outcomes.crime, outcomes.day)
    reviews = _reviews(draws.generator(seed, "reviews"), crimes, closed, np.flatnonzero(followed), until)
    return Response(np.where(has_risk, grade, 0), team, risk, allocations, reviews, support, outcomes)


def _risk(rng: np.random.Generator, crimes: Crimes, details: Details, grade: Ints, first: Ints) -> Risk:
    tool_of = np.where(details.domestic == 1, draws.pick(rng, (70, 30), len(crimes)), 2)
    screened = crimes.was_stalking & (crimes.recorded >= draws.day("2024-11-01"))
    tool_of = np.where(screened & draws.happens(rng, 0.35, len(crimes)), 3, tool_of)
    median = draws.level((("2019-04-01", 660), ("2026-09-30", 380)), crimes.recorded[first])
    waited = draws.lag(rng, len(first), median, 1.5, 60 * 1440)
    again = first[draws.happens(rng, 0.18, len(first))]
    later = 14 + rng.integers(0, 106, len(again))
    change = draws.pick(rng, (20, 50, 30), len(again)) - 1
    crime = np.concatenate([first, again])
    begun = np.concatenate([np.zeros(len(first), dtype=np.int64), later]) * 1440
    moment = crimes.reported[crime] * 1440 + crimes.minute[crime] + begun
    moment[: len(first)] += waited
    moment[len(first) :] += rng.integers(-300, 300, len(again))
    # The second assessment follows the first however late that was.
    start = np.zeros(len(crimes), dtype=np.int64)
    start[first] = moment[: len(first)]
    moment[len(first) :] = np.maximum(moment[len(first) :], start[again] + 1440)
    grades = np.concatenate([grade[first], np.clip(grade[again] + change, 1, HIGH)])
    order = np.argsort(crime, kind="stable")
    crime, moment = crime[order], moment[order]
    return Risk(crime, moment // 1440, moment % 1440, tool_of[crime], grades[order])


def _allocations(
    rng: np.random.Generator, crimes: Crimes, places: Districts, grade: Ints, followed: Bools
) -> tuple[Ints, Allocations]:
    """The team of every crime, and the allocations of those that are followed."""
    size, count = len(crimes), len(places.names)
    division = np.array([_DIVISION_OF.get(name, 2) for name in places.names])[crimes.district]
    chance: Floats = np.choose(grade, [draws.level(knots, crimes.recorded) for knots in _SPECIALIST])
    is_specialist = followed & draws.happens(rng, chance, size)
    serious = np.isin(crimes.offence, _SERIOUS)
    local = crimes.district + np.where(draws.happens(rng, 0.55, size), count, 0)
    team = np.where(serious, 2 * count + 3 + division, local)
    team = np.where(is_specialist, 2 * count + division, team)
    first = np.flatnonzero(followed)
    quick = np.where(grade[first] == HIGH, 0, 1)
    delay = draws.pick_by(rng, ((62, 22, 7, 3, 2, 2, 1, 1), (48, 24, 10, 6, 4, 4, 2, 2)), quick)
    moved = first[draws.happens(rng, 0.05, len(first))]
    before = crimes.district[moved]
    moved = moved[before != team[moved]]
    crime = np.concatenate([first, moved])
    day = crimes.recorded[first] + delay
    started = np.zeros(size, dtype=np.int64)
    started[first] = day
    # A moved crime went to the local team first and to its own team some days later.
    was_moved = np.isin(first, moved)
    teams = np.concatenate([np.where(was_moved, crimes.district[first], team[first]), team[moved]])
    special = np.concatenate([is_specialist[first] & ~was_moved, is_specialist[moved]])
    day = np.concatenate([day, started[moved] + 2 + draws.lag(rng, len(moved), 9, 0.9, 60)])
    order = np.argsort(crime, kind="stable")
    return team, Allocations(crime[order], day[order], teams[order], special[order])


def _support(
    rng: np.random.Generator,
    crimes: Crimes,
    people: People,
    places: Districts,
    grade: Ints,
    followed: Bools,
    fall_from: int,
) -> Support:
    victims = people.victims
    chosen = np.flatnonzero(followed[victims.crime] & ~victims.is_organisation)
    crime, rows = victims.crime[chosen], len(chosen)
    recorded = crimes.recorded[crime]
    referred = draws.level(_REFERRED, recorded)
    falls = np.array([name == FALL_DISTRICT for name in places.names])[crimes.district[crime]]
    falls = falls & (recorded >= fall_from)
    referred = np.where(falls, FALL_RATE, referred)
    other = 1 + draws.pick_by(rng, ((48, 16, 36), (22, 8, 70)), falls.astype(np.int64))
    status = np.where(draws.happens(rng, referred, rows), REFERRED, other)
    wait = draws.pick(rng, (40, 28, 12, 7, 4, 3, 2, 2, 1, 1), rows)
    late = draws.happens(rng, 0.035, rows)
    wait = np.where(late, 15 + rng.integers(0, 50, rows), wait)
    settled = recorded + np.where(status == REFERRED, wait, rng.integers(0, 6, rows))
    needs = recorded + draws.lag(rng, rows, 1.2, 1.1, 30)
    card = recorded + draws.lag(rng, rows, 0.8, 1.1, 30)
    weight = np.where(grade[crime] == HIGH, 1.6, 0.9)
    advocate = recorded + 1 + draws.lag(rng, rows, 4, 0.9, 60)
    return Support(
        crime=crime,
        victim=victims.number[chosen],
        needs=np.where(draws.happens(rng, draws.level(_ASSESSED, recorded), rows), needs, NEVER),
        card=np.where(draws.happens(rng, draws.level(_CARD, recorded), rows), card, NEVER),
        status=status,
        settled=settled,
        referred=np.where(status == REFERRED, settled, NEVER),
        advocate=np.where(
            draws.happens(rng, draws.level(_ADVOCATE, recorded) * weight, rows), advocate, NEVER
        ),
    )


def _outcomes(
    rng: np.random.Generator, crimes: Crimes, people: People, details: Details, support: Support
) -> Outcomes:
    size = len(crimes)
    known = people.identified < NEVER
    mixes = (_UNKNOWN_OTHER, _KNOWN_OTHER, _UNKNOWN_STALKING, _KNOWN_STALKING)
    table = [[float(mix.get(code, 0.0)) for code in CODES] for mix in mixes]
    code = draws.pick_by(rng, table, 2 * crimes.was_stalking + known)
    refused, carried, expired, nobody = (CODES.index(name) for name in ("16", "15", "17", "18"))
    # Only the summary offence can run out of time.
    summary = (crimes.offence == STALKING) & (details.code == 1)
    lasting = (code == expired) & crimes.was_stalking & ~summary
    code = np.where(lasting, np.where(known, refused, nobody), code)
    helped = np.zeros(size, dtype=np.bool_)
    helped[support.crime[support.advocate < NEVER]] = True
    code = np.where((code == refused) & helped & draws.happens(rng, 0.15, size), carried, code)
    median = np.array([_MEDIANS.get(name, _MEDIAN) for name in CODES])[code]
    wait = np.where(
        code == expired, 180 + draws.lag(rng, size, 12, 0.8, 120), draws.lag(rng, size, median, 1.25, 900)
    )
    day = np.maximum(crimes.recorded + wait, np.where(known, people.identified, 0))
    is_open = draws.happens(rng, _NEVER_CLOSED, size) | (crimes.status != RECORDED)
    first = np.flatnonzero(~is_open)
    again = first[draws.happens(rng, 0.02, len(first))]
    later = day[again] + 14 + draws.lag(rng, len(again), 45, 0.9, 400)
    # A case reopened ends in a charge, or with the victim's support lost.
    second = np.where(draws.happens(rng, 0.5, len(again)), CODES.index("1"), refused)
    changed = second != code[again]
    again, later, second = again[changed], later[changed], second[changed]
    crime = np.concatenate([first, again])
    order = np.argsort(crime, kind="stable")
    days = np.concatenate([day[first], later])
    codes = np.concatenate([code[first], second])
    return Outcomes(crime[order], days[order], codes[order])


def _reviews(rng: np.random.Generator, crimes: Crimes, closed: Ints, first: Ints, until: int) -> Reviews:
    """Up to three reviews a crime: due a week after recording, then every four weeks while it is open."""
    due = crimes.recorded[first][:, None] + np.array([7, 35, 63])
    is_due = (due <= until) & ((due <= closed[first][:, None]) | (np.arange(3) == 0))
    crime = np.repeat(first, 3)[is_due.ravel()]
    days = due.ravel()[is_due.ravel()]
    rows = len(crime)
    on_time = days - rng.integers(0, 5, rows)
    overdue = days + 1 + draws.lag(rng, rows, 5, 1.0, 60)
    kind = draws.pick(rng, (79, 17, 4), rows)
    return Reviews(crime, days, np.choose(kind, [on_time, overdue, np.full(rows, NEVER)]))

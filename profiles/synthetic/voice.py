"""What lies beside the crime system: victims' surveys, calls, multi-agency referrals, training."""

from dataclasses import dataclass

import numpy as np

from profiles import contracts
from profiles.synthetic import draws
from profiles.synthetic.crimes import Crimes, Districts
from profiles.synthetic.details import Details
from profiles.synthetic.draws import NEVER, Ints

SURVEYS = tuple({"domestic abuse": "DA"}.get(name, name.capitalize()) for name in contracts.SURVEYS)
MONTHLY = (10, 30)
"""People surveyed a month, stalking and domestic abuse: fixed, whatever the scale."""
STAGES = tuple(stage.capitalize() for stage in contracts.STAGES)
NO_ANSWER = ("", "DK", "REF")
CALL_TYPES = ("Stalking", "Stalking - online", "Stalking - breach of order")
CALLS_BEGIN = "2024-12-01"
"""The control room began to type its calls at the end of 2024."""
FORUMS = contracts.FORUMS
ROLES = (
    ("Police constable", 2150, 0.94),
    ("Detective constable", 640, 0.95),
    ("Sergeant", 520, 0.92),
    ("Inspector", 170, 0.88),
    ("Control room staff", 410, 0.83),
    ("Police staff investigator", 260, 0.90),
)
COURSES = (("Stalking e-learning", "2024-11-01", 8.0), ("Stalking screening tool", "2025-01-01", 11.0))
"""Course, start, and months until half of those who will complete it have."""

_STAGE_LEVEL = (0.45, -0.05, 0.10, -0.55, 0.55, 0.15, -0.10, 0.20)
_FORUM_BEGIN = ("2020-06-01", "2019-01-01", "2021-04-01", "2019-01-01")
# By grade (none, standard, medium, high): the chance of a referral to each forum.
_FORUM_CHANCE = np.array(
    [
        [0.01, 0.004, 0.002, 0.001],
        [0.015, 0.004, 0.003, 0.001],
        [0.04, 0.05, 0.012, 0.004],
        [0.15, 0.42, 0.05, 0.03],
    ]
)


@dataclass(frozen=True)
class Survey:
    """One row an answer; `response` numbers the people asked, in order."""

    response: Ints
    survey: Ints
    day: Ints
    place: Ints
    stage: Ints
    score: Ints
    no_answer: Ints
    district: Ints


@dataclass(frozen=True)
class Calls:
    """One row a call in order of its day; `crime` is -1 where none was recorded."""

    day: Ints
    kind: Ints
    crime: Ints
    district: Ints


@dataclass(frozen=True)
class Referrals:
    """One row a referral to a forum, in order of its day."""

    crime: Ints
    forum: Ints
    day: Ints


@dataclass(frozen=True)
class Training:
    """One row a role, a course and the last day of a month, with its counts."""

    day: Ints
    role: Ints
    course: Ints
    eligible: Ints
    completed: Ints


def month_ends(first: int, until: int) -> Ints:
    """The last day of each month from the month of `first` to that of `until`."""
    begin = draws.date_of(first)
    end = draws.date_of(until)
    count = (end.year - begin.year) * 12 + end.month - begin.month + 1
    starts = np.datetime64(f"{begin.year:04d}-{begin.month:02d}", "M") + np.arange(1, count + 1)
    return starts.astype("datetime64[D]").astype(np.int64) - 1


def survey(seed: int, first: int, until: int, places: Districts) -> Survey:
    """Ten stalking and thirty domestic-abuse victims asked every month about every stage."""
    rng = draws.generator(seed, "survey")
    ends = month_ends(first, until)
    ends = ends[ends <= until]
    starts = np.concatenate([[first], ends[:-1] + 1])[: len(ends)]
    people = sum(MONTHLY)
    which = np.tile(np.repeat([0, 1], MONTHLY), len(ends))
    month = np.repeat(np.arange(len(ends)), people)
    count = len(which)
    days = starts[month] + np.floor(rng.random(count) * (ends - starts + 1)[month]).astype(np.int64)
    place = np.tile(np.concatenate([np.arange(size) for size in MONTHLY]), len(ends)) + 1
    district = draws.pick(rng, places.shares, count)
    years = (days - draws.day("2019-04-01")) / 365.25
    mood = rng.normal(0, 1.1, count) + np.where(which == 0, 0.05 * years, 0.25 + 0.02 * years)
    stages = len(STAGES)
    score = 5.35 + np.asarray(_STAGE_LEVEL)[None, :] + mood[:, None] + rng.normal(0, 0.8, (count, stages))
    no_answer = draws.pick(rng, (95.5, 3.2, 1.3), count * stages)
    rounded = np.clip(np.rint(score), 1, 7).astype(np.int64).ravel()
    return Survey(
        response=np.repeat(np.arange(count), stages),
        survey=np.repeat(which, stages),
        day=np.repeat(days, stages),
        place=np.repeat(place, stages),
        stage=np.tile(np.arange(stages), count),
        score=np.where(no_answer > 0, -1, rounded),
        no_answer=no_answer,
        district=np.repeat(district, stages),
    )


def calls(
    seed: int, crimes: Crimes, details: Details, first: int, until: int, scale: float, places: Districts
) -> Calls:
    """Calls with a stalking type: most of the stalking crimes' own, and others that led to none.

    They begin at the end of 2024; a shorter period has them in its second half.
    """
    rng = draws.generator(seed, "calls")
    begin = draws.day(CALLS_BEGIN)
    if begin > until:
        begin = (first + until) // 2
    called = np.flatnonzero(
        crimes.is_stalking & (crimes.reported >= begin) & draws.happens(rng, 0.75, len(crimes))
    )
    days = np.arange(max(begin, first), until + 1)
    alone = np.repeat(days, rng.poisson(7.2 * scale, len(days)))
    day = np.concatenate([crimes.reported[called], alone])
    crime = np.concatenate([called, np.full(len(alone), -1)])
    district = np.concatenate([crimes.district[called], draws.pick(rng, places.shares, len(alone))])
    online = np.isin(details.internet[called], (1, 2))
    kind = np.concatenate([np.where(online, 1, 0), draws.pick(rng, (70, 30), len(alone))])
    kind = np.where(draws.happens(rng, 0.08, len(kind)), 2, kind)
    order = np.lexsort((rng.permutation(len(day)), day))
    return Calls(day[order], kind[order], crime[order], district[order])


def referrals(seed: int, crimes: Crimes, details: Details, grade: Ints) -> Referrals:
    """Stalking cases brought to the forums: the higher the risk the likelier, and some to several."""
    rng = draws.generator(seed, "partners")
    stalking = np.flatnonzero(crimes.is_stalking & (crimes.offence_before == crimes.offence))
    chance = _FORUM_CHANCE[grade[stalking]]
    domestic = (details.domestic[stalking] == 1)[:, None]
    chance = chance * np.where(domestic, [[1.0, 1.0, 1.0, 1.0]], [[1.1, 0.0, 0.1, 0.8]])
    begins = np.array([draws.day(text) for text in _FORUM_BEGIN])
    chance = chance * (crimes.recorded[stalking][:, None] >= begins)
    row, forum = np.nonzero(rng.random(chance.shape) < chance)
    crime = stalking[row]
    day = crimes.recorded[crime] + 2 + draws.lag(rng, len(crime), 11, 0.8, 90)
    order = np.lexsort((forum, crime, day))
    return Referrals(crime[order], forum[order].astype(np.int64), day[order])


def training(seed: int, first: int, until: int) -> Training:
    """Completions counted at each month's end since the courses began; a force's size, whatever the scale."""
    rng = draws.generator(seed, "training")
    ends = month_ends(first, until)
    ends = ends[ends <= until]
    rows = []
    for course, (_, begin, half) in enumerate(COURSES):
        counted = ends[ends >= draws.day(begin)]
        months = (counted - draws.day(begin)) / draws.MONTH_DAYS
        for role, (_, staff, ceiling) in enumerate(ROLES):
            eligible = staff + np.cumsum(rng.integers(-3, 4, len(counted)))
            share = ceiling / (1 + np.exp(-(months - half) / 3.0))
            done = (
                np.maximum.accumulate(np.floor(eligible * share).astype(np.int64))
                if len(counted)
                else eligible
            )
            done = np.minimum(done, eligible)
            rows += [
                (int(day), role, course, int(staff_then), int(completed))
                for day, staff_then, completed in zip(counted, eligible, done, strict=True)
            ]
    rows.sort()
    table = np.array(rows, dtype=np.int64).reshape(-1, 5)
    return Training(*(table[:, column] for column in range(5)))


def visible_crime(sheet: Calls, crimes: Crimes, day: int) -> Ints:
    """The crime of each call as an extract of that day shows it: -1 until it is recorded."""
    known = (sheet.crime >= 0) & (crimes.recorded[np.maximum(sheet.crime, 0)] <= day)
    return np.where(known, sheet.crime, -1)


def recorded_day(sheet: Calls, crimes: Crimes) -> Ints:
    """The day each call's crime was recorded, NEVER where there is none."""
    return np.where(sheet.crime >= 0, crimes.recorded[np.maximum(sheet.crime, 0)], NEVER)

"""Stalking protection orders: from being considered to the last breach, on the published milestones."""

from dataclasses import dataclass

import numpy as np

from profiles import contracts
from profiles.synthetic import draws, offences
from profiles.synthetic.crimes import RECORDED, Crimes
from profiles.synthetic.draws import NEVER, Bools, Ints, Knots
from profiles.synthetic.offences import STALKING
from profiles.synthetic.people import People
from profiles.synthetic.response import HIGH

BEGIN = "2020-01-20"
"""The day the Act came into force; the force's first full order followed on 25 February 2020."""

FULL_ORDERS: Knots = (
    ("2020-02-24", 0.0),
    ("2020-02-25", 1.0),
    ("2021-04-30", 23.5),
    ("2022-12-31", 100.5),
    ("2024-11-22", 186.5),
    ("2026-09-30", 272.0),
    ("2036-09-30", 740.0),
)
"""Full orders granted so far, published up to November 2024."""

EVENTS = tuple(event.title() for event in contracts.SPO_EVENTS)
(
    CONSIDERED, REFERRED, APPLIED, INTERIM_GRANTED, INTERIM_REFUSED, GRANTED, REFUSED, WITHDRAWN, SERVED,
    VARIED, RENEWED, DISCHARGED, EXPIRED, BREACHED,
) = range(14)  # fmt: skip
REASONS = (
    "", "Criteria not met", "Not necessary", "Insufficient evidence", "Other order made",
    "Undertaking accepted", "Victim safety", "Respondent in custody",
)  # fmt: skip

_GRANTED, _REFUSED, _WITHDRAWN = 78, 5, 17
_CONSIDERED_MONTHLY = 13.0
"""Cases a month the tracker holds that come to no application."""
_YEARS = (2, 3, 5, 10, 0)
_LENGTHS = (35, 20, 35, 8, 2)
_INTERIM = 0.40
_BREACHED = 0.20


@dataclass(frozen=True)
class Orders:
    """One row an order of the tracker; the days are NEVER where a step was not reached.

    `decided` is the day of the grant, refusal or withdrawal. Until `renewed` the order expires on
    `first_expiry`, then on `expiry` (NEVER is until further order). Without `has_reference` its crime
    is left blank, or named wrongly where `stray` is above 0. The events lie in their own rows.
    """

    crime: Ints
    has_reference: Bools
    stray: Ints
    contested: Ints
    victim_supports: Ints
    reason: Ints
    considered: Ints
    applied: Ints
    decided: Ints
    granted: Ints
    renewed: Ints
    first_expiry: Ints
    expiry: Ints
    event_order: Ints
    event_day: Ints
    event: Ints

    def __len__(self) -> int:
        return len(self.crime)


def orders(seed: int, crimes: Crimes, people: People, grade: Ints, until: int, scale: float) -> Orders:
    """The orders arising from the crimes, in the order of being considered."""
    rng = draws.generator(seed, "orders")
    decided, outcome = _decisions(rng, until, scale)
    applications = len(decided)
    ideas = _ideas(rng, until, scale)
    kind = np.concatenate([outcome, np.full(len(ideas), CONSIDERED)])
    decided = np.concatenate([decided, np.full(len(ideas), NEVER)])
    size = len(kind)
    is_applied = np.arange(size) < applications
    begin = draws.day(BEGIN)
    applied = np.where(is_applied, decided - 6 - draws.lag(rng, size, 34, 0.6, 150), NEVER)
    # The first order came five weeks after the Act: its steps are pressed together.
    applied = np.maximum(applied, begin + 8)
    is_referred = is_applied | draws.happens(rng, 0.45, size)
    referred = np.where(is_applied, applied - 4 - draws.lag(rng, size, 12, 0.6, 60), NEVER)
    referred = np.where(is_applied, np.maximum(referred, begin + 5), NEVER)
    considered = referred - 1 - draws.lag(rng, size, 5, 0.7, 30)
    considered[~is_applied] = ideas
    considered = np.maximum(considered, begin)
    pursued = considered + 2 + draws.lag(rng, size, 7, 0.7, 60)
    referred = np.where(is_applied, referred, np.where(is_referred, pursued, NEVER))
    crime = _crimes_for(rng, crimes, people, grade, considered, is_applied)
    kept = np.flatnonzero(crime >= 0)
    kept = kept[np.argsort(considered[kept], kind="stable")]
    crime, kind, considered = crime[kept], kind[kept], considered[kept]
    referred, applied, decided = referred[kept], applied[kept], decided[kept]
    applied = np.where(kind == CONSIDERED, NEVER, applied)
    return _lives(rng, crime, kind, considered, referred, applied, decided)


def _times(knots: Knots, scale: float, until: int, offset: float) -> Ints:
    """Days on which a scaled cumulative curve passes the half-way point to each whole number."""
    days = np.arange(draws.day(knots[0][0]), until + 1)
    curve = draws.level(knots, days) * scale
    wanted = (
        np.arange(1, int(np.floor(curve[-1] + 1 - offset)) + 1) - 1 + offset if len(days) else np.zeros(0)
    )
    return (
        days[np.searchsorted(curve, wanted[wanted <= curve[-1]])]
        if len(days)
        else np.zeros(0, dtype=np.int64)
    )


def _decisions(rng: np.random.Generator, until: int, scale: float) -> tuple[Ints, Ints]:
    """Day and outcome of every application decided, some of them after `until`: those are pending."""
    horizon = until + 120
    granted = _times(FULL_ORDERS, scale, horizon, 1.0)
    others = tuple((text, value * (_REFUSED + _WITHDRAWN) / _GRANTED) for text, value in FULL_ORDERS)
    failed = _times(others, scale, horizon, 0.6) + 5
    # A refusal for every 3.4 withdrawals, spread evenly.
    place = np.arange(len(failed)) + 2
    is_refused = (place * _REFUSED) // (_REFUSED + _WITHDRAWN) > ((place - 1) * _REFUSED) // (
        _REFUSED + _WITHDRAWN
    )
    shift = rng.integers(-3, 4, len(granted))
    shift[granted <= draws.day("2020-04-01")] = 0
    day = np.concatenate([granted + shift, failed + rng.integers(0, 12, len(failed))])
    outcome = np.concatenate([np.full(len(granted), GRANTED), np.where(is_refused, REFUSED, WITHDRAWN)])
    return day.astype(np.int64), outcome.astype(np.int64)


def _ideas(rng: np.random.Generator, until: int, scale: float) -> Ints:
    """Days on which an order was considered that nobody applied for."""
    days = np.arange(draws.day(BEGIN) + 30, until + 1)
    return np.repeat(days, rng.poisson(_CONSIDERED_MONTHLY * scale / draws.MONTH_DAYS, len(days))).astype(
        np.int64
    )


def _crimes_for(
    rng: np.random.Generator, crimes: Crimes, people: People, grade: Ints, considered: Ints, is_applied: Bools
) -> Ints:
    """A stalking crime for each order, each crime once; -1 where there was none in the fortnights before."""
    close = people.kinship == offences.EX_PARTNER
    chance = 0.15 + 0.20 * close + 0.35 * (grade == HIGH)
    fit = crimes.is_stalking & (crimes.status == RECORDED) & (people.identified <= crimes.recorded)
    fit &= (crimes.offence_before == STALKING) | crimes.hidden
    pool = np.flatnonzero(fit & draws.happens(rng, chance, len(crimes)))
    found = np.full(len(considered), -1)
    if not len(pool):
        return found
    # The latest first, each order taking a crime before those already taken; applications come first
    # where two compete.
    order = np.lexsort((~is_applied, -considered))
    target = considered[order] - rng.integers(0, 15, len(order))
    place = np.searchsorted(crimes.recorded[pool], target, side="right") - 1
    step = np.arange(len(place))
    place = np.minimum.accumulate(place + step) - step
    fits = place >= 0
    fits &= considered[order] - crimes.recorded[pool[np.maximum(place, 0)]] <= 180
    found[order[fits]] = pool[place[fits]]
    return found


def _lives(
    rng: np.random.Generator,
    crime: Ints,
    kind: Ints,
    considered: Ints,
    referred: Ints,
    applied: Ints,
    decided: Ints,
) -> Orders:
    size = len(crime)
    is_full = kind == GRANTED
    granted = np.where(is_full, decided, NEVER)
    full = np.flatnonzero(is_full)
    years = np.zeros(size, dtype=np.int64)
    years[full] = np.asarray(_YEARS)[draws.quota(rng, _LENGTHS, len(full))]
    length = np.round(years * 365.25).astype(np.int64)
    first_expiry = np.where(is_full & (years > 0), granted + length, NEVER)
    renews = is_full & (years == 2) & draws.happens(rng, 0.15, size)
    renewed = np.where(renews, first_expiry - 12, NEVER)
    expiry = np.where(renews, first_expiry + 730, first_expiry)
    discharges = is_full & ~renews & draws.happens(rng, 0.04, size)
    discharged = np.where(discharges, granted + 420 + rng.integers(0, 250, size), NEVER)
    ends = np.minimum(expiry, discharged)
    varied = is_full & draws.happens(rng, 0.05, size)

    interim = np.zeros(size, dtype=np.int64)
    asked = np.flatnonzero(applied < NEVER)
    interim[asked] = draws.quota(rng, (100 * _INTERIM, 4, 100 - 100 * _INTERIM - 4), len(asked))
    interim[applied == NEVER] = 2
    interim_day = np.minimum(applied + 2 + rng.integers(0, 10, size), decided - 1)
    served = granted + rng.integers(0, 9, size)
    breached = np.zeros(size, dtype=np.bool_)
    breached[full] = draws.quota(rng, (_BREACHED, 1 - _BREACHED), len(full)) == 0
    breach = granted + 12 + rng.integers(0, 330, size)
    again = breach + 15 + rng.integers(0, 200, size)
    late = granted + 370 + rng.integers(0, 330, size)
    steps = [
        (CONSIDERED, np.ones(size, dtype=np.bool_), considered),
        (REFERRED, referred < NEVER, referred),
        (APPLIED, applied < NEVER, applied),
        (INTERIM_GRANTED, interim == 0, interim_day),
        (INTERIM_REFUSED, interim == 1, interim_day),
        (GRANTED, is_full, decided),
        (REFUSED, kind == REFUSED, decided),
        (WITHDRAWN, kind == WITHDRAWN, decided),
        (SERVED, is_full, served),
        (VARIED, varied, granted + 90 + rng.integers(0, 250, size)),
        (RENEWED, renews, renewed),
        (DISCHARGED, discharges, discharged),
        (EXPIRED, is_full & ~discharges & (expiry < NEVER), expiry),
        (BREACHED, breached & (breach < ends), breach),
        (BREACHED, breached & draws.happens(rng, 0.35, size) & (again < ends), again),
        (BREACHED, is_full & ~breached & draws.happens(rng, 0.05, size) & (late < ends), late),
    ]
    order = np.concatenate([np.flatnonzero(mask) for _, mask, _ in steps])
    day = np.concatenate([days[mask] for _, mask, days in steps])
    event = np.concatenate([np.full(int(mask.sum()), code) for code, mask, _ in steps])
    by_order = np.lexsort((event, day, order))
    reason = np.where(kind == REFUSED, draws.pick(rng, (0, 40, 25, 35), size), 0)
    reason = np.where(kind == WITHDRAWN, draws.pick(rng, (0, 0, 12, 24, 30, 18, 10, 6), size), reason)
    return Orders(
        crime=crime,
        has_reference=draws.happens(rng, 0.98, size),
        stray=np.zeros(size, dtype=np.int64),
        contested=draws.pick(rng, (12, 38, 50), size),
        victim_supports=draws.pick(rng, (12, 70, 18), size),
        reason=reason,
        considered=considered,
        applied=applied,
        decided=decided,
        granted=granted,
        renewed=renewed,
        first_expiry=first_expiry,
        expiry=expiry,
        event_order=order[by_order],
        event_day=day[by_order],
        event=event[by_order],
    )

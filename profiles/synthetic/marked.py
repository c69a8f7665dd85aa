"""Faults that an import accepts and marks: put into the world itself, so that every extract shows them."""

from dataclasses import dataclass, replace

import numpy as np

from profiles.synthetic import crimes as crime
from profiles.synthetic import draws, offences, orders, response
from profiles.synthetic.crimes import CANCELLED, CLASSES, TRANSFERRED
from profiles.synthetic.draws import NEVER, Bools, Ints
from profiles.synthetic.offences import OFFENCES, STALKING
from profiles.synthetic.orders import BREACHED, EXPIRED, GRANTED
from profiles.synthetic.world import World

REPEATS = "included list repeats the principal"
MISMATCH = "domestic-abuse flag against relationship"
DISORDER = "dates out of order"
HISTORIC = "historic offence"
CANCELS = "cancelled record"
TRANSFERS = "transferred record"
ORGANISATION = "organisation as victim"
UNKNOWN_CODE = "unknown outcome code"
UNKNOWN_DISTRICT = "unknown district"
NO_CRIME = "no such crime"
WITHOUT_CRIME = "order without a crime"
ENDS_EARLY = "order ends before it starts"
EARLY_BREACH = "breach before grant"
EARLY_REFERRAL = "referral before report"

_RATES = {REPEATS: 0.0012, MISMATCH: 0.003, DISORDER: 0.0008, HISTORIC: 0.004, UNKNOWN_DISTRICT: 0.0004}
"""Share of all crimes."""
_CODE_RATE = 0.0002
_REFERRAL_RATE = 0.002
_STRAY_RATE = 0.005
_GRANT_RATE = 0.012


@dataclass(frozen=True)
class Finding:
    """Rows of one feed that a check marks: places among the rows of that feed's source."""

    check: str
    feed: str
    column: str
    rows: Ints


def marked(seed: int, world: World, until: int) -> World:
    """The world with the faults in it, on crimes, referrals, outcomes and orders of their own."""
    rng = draws.generator(seed, "marked")
    world = _on_crimes(rng, world, until)
    world = _on_support(rng, world, until)
    world = _on_outcomes(rng, world, until)
    return _on_orders(rng, world, until)


def _count(rate: float, size: int) -> int:
    """How often a fault is planted: at least once, so that a small sample shows it too."""
    return max(1, round(rate * size))


def _on_crimes(rng: np.random.Generator, world: World, until: int) -> World:
    crimes, about, people = world.crimes, world.details, world.people
    size = len(crimes)
    free = np.ones(size, dtype=np.bool_)

    def chosen(check: str, among: Bools) -> Ints:
        found = draws.spread(rng, free & among, _count(_RATES[check], size))
        free[found] = False
        return found

    # A class revised later would make the repeat come and go.
    settled = crimes.offence == crimes.offence_before
    repeated = chosen(REPEATS, settled & ((crimes.company[:, 0] > 0) | (crimes.offence == STALKING)))
    repeats = crimes.repeats.copy()
    own = np.array([CLASSES.index(item.ho_class) for item in OFFENCES])[crimes.offence[repeated]]
    code = np.array([0, *(CLASSES.index(text) for text in offences.STALKING_CODES[1:])])[about.code[repeated]]
    by_code = (crimes.offence[repeated] == STALKING) & (code > 0) & (np.arange(len(repeated)) % 2 == 1)
    repeats[repeated] = np.where(by_code, code, own)

    domestic = about.domestic.copy()
    close = (people.relationship == offences.PARTNER) | (people.relationship == offences.EX_PARTNER)
    strange = people.relationship == offences.STRANGER
    mismatched = chosen(MISMATCH, (close & (domestic == 1)) | (strange & (domestic == 2)))
    domestic[mismatched] = 3 - domestic[mismatched]

    first, last, reported = crimes.committed_from.copy(), crimes.committed_to.copy(), crimes.reported.copy()
    supported = np.zeros(size, dtype=np.bool_)
    supported[world.response.support.crime] = True
    ordered = (last < NEVER) & (first < last)
    swapped = chosen(DISORDER, ordered)
    first[swapped], last[swapped] = crimes.committed_to[swapped], crimes.committed_from[swapped]
    # A report must not lie after any extract that shows it.
    early = crimes.recorded < until - 130
    late = chosen(DISORDER, ~supported & early)
    reported[late] = crimes.recorded[late] + 1 + rng.integers(0, 20, len(late))

    historic = chosen(HISTORIC, last < NEVER)
    shift = 370 + np.floor(rng.exponential(900, len(historic))).astype(np.int64)
    shift = np.minimum(shift, 6000)
    first[historic] -= shift
    last[historic] -= shift

    stray = chosen(UNKNOWN_DISTRICT, np.ones(size, dtype=np.bool_))
    district = crimes.district_shown.copy()
    district[stray] = len(world.places.names) + rng.integers(0, len(crime.UNKNOWN_DISTRICTS), len(stray))
    return replace(
        world,
        crimes=replace(
            crimes,
            repeats=repeats,
            committed_from=first,
            committed_to=last,
            reported=reported,
            district_shown=district,
        ),
        details=replace(about, domestic=domestic),
    )


def _on_support(rng: np.random.Generator, world: World, until: int) -> World:
    support = world.response.support
    reported = world.crimes.reported[support.crime]
    among = (support.status == response.REFERRED) & (support.referred <= until)
    rows = draws.spread(rng, among, _count(_REFERRAL_RATE, len(among)))
    referred = support.referred.copy()
    referred[rows] = reported[rows] - 1 - rng.integers(0, 25, len(rows))
    support = replace(support, referred=referred)
    return replace(world, response=replace(world.response, support=support))


def _on_outcomes(rng: np.random.Generator, world: World, until: int) -> World:
    outcomes = world.response.outcomes
    rows = draws.spread(rng, outcomes.day <= until, _count(_CODE_RATE, len(outcomes.crime)))
    code = outcomes.code.copy()
    code[rows] = len(response.CODES) + rng.integers(0, len(response.UNKNOWN_CODES), len(rows))
    outcomes = replace(outcomes, code=code)
    return replace(world, response=replace(world.response, outcomes=outcomes))


def _on_orders(rng: np.random.Generator, world: World, until: int) -> World:
    tracker = world.orders
    size = len(tracker)
    free = tracker.considered <= until
    steps = np.zeros((size, len(orders.EVENTS)), dtype=np.bool_)
    steps[tracker.event_order, tracker.event] = True
    granted = steps[:, GRANTED] & (tracker.granted <= until)
    running = granted & (tracker.renewed == NEVER)
    running &= (tracker.expiry < NEVER) & (~steps[:, EXPIRED] | (tracker.expiry > until))
    count = _count(_GRANT_RATE, int(granted.sum()))
    reversed_ = draws.spread(rng, free & running, count)
    free[reversed_] = False
    first = _first_grants(tracker)
    expiry, first_expiry = tracker.expiry.copy(), tracker.first_expiry.copy()
    expiry[reversed_] = first[reversed_] - 20 - rng.integers(0, 300, len(reversed_))
    first_expiry[reversed_] = expiry[reversed_]
    kept = ~((tracker.event == EXPIRED) & np.isin(tracker.event_order, reversed_))

    # An order whose breach bears the wrong year, before anything was granted.
    early = draws.spread(rng, free & granted & ~steps[:, BREACHED], count)
    free[early] = False
    stray = draws.spread(rng, free & ~granted & tracker.has_reference, _count(_STRAY_RATE, size))
    strays, references = tracker.stray.copy(), tracker.has_reference.copy()
    strays[stray], references[stray] = np.arange(1, len(stray) + 1), False
    event_order = np.concatenate([tracker.event_order[kept], early])
    event_day = np.concatenate([tracker.event_day[kept], first[early] - 1 - rng.integers(0, 20, len(early))])
    event = np.concatenate([tracker.event[kept], np.full(len(early), BREACHED)])
    order = np.lexsort((event, event_day, event_order))
    return replace(
        world,
        orders=replace(
            tracker,
            stray=strays,
            has_reference=references,
            expiry=expiry,
            first_expiry=first_expiry,
            event_order=event_order[order],
            event_day=event_day[order],
            event=event[order],
        ),
    )


def _first_grants(tracker: orders.Orders) -> Ints:
    """The day of each order's first grant, interim or full; NEVER without one."""
    found = np.full(len(tracker), NEVER)
    grants = np.isin(tracker.event, (orders.INTERIM_GRANTED, GRANTED))
    np.minimum.at(found, tracker.event_order[grants], tracker.event_day[grants])
    return found


def findings(world: World, until: int) -> tuple[Finding, ...]:
    """What the checks must find in the newest state of the world, whether planted or natural.

    Rows of the crimes are named by their first victim's row, as the sheets name them.
    """
    crimes, people, tracker = world.crimes, world.people, world.orders
    begins = np.searchsorted(people.victims.crime, np.arange(len(crimes)), side="left")
    status = crimes.status_at(until)
    close = (people.relationship == offences.PARTNER) | (people.relationship == offences.EX_PARTNER)
    strange = people.relationship == offences.STRANGER
    domestic = world.details.domestic
    last = np.where(crimes.committed_to < NEVER, crimes.committed_to, crimes.committed_from)
    disorder = ((crimes.committed_to < NEVER) & (crimes.committed_from > crimes.committed_to)) | (
        crimes.reported > crimes.recorded
    )
    support, outcomes = world.response.support, world.response.outcomes
    reported = crimes.reported[support.crime]
    shown = tracker.considered <= until
    first = np.where(_first_grants(tracker) <= until, _first_grants(tracker), NEVER)
    breaches = (tracker.event == BREACHED) & (tracker.event_day <= until)
    ends_early = shown & (tracker.granted <= until) & (tracker.expiry < first)

    def on_crimes(check: str, column: str, mask: Bools) -> Finding:
        return Finding(check, "crimes", column, begins[np.flatnonzero(mask)])

    return (
        on_crimes(REPEATS, "Included Classifications", crimes.repeats > 0),
        on_crimes(MISMATCH, "DA Flag", (close & (domestic == 2)) | (strange & (domestic == 1))),
        on_crimes(DISORDER, "Earliest Committed", disorder),
        on_crimes(HISTORIC, "Latest Committed", last < crimes.recorded - 366),
        on_crimes(CANCELS, "Status", status == CANCELLED),
        on_crimes(TRANSFERS, "Status", status == TRANSFERRED),
        on_crimes(UNKNOWN_DISTRICT, "District", crimes.district_shown >= len(world.places.names)),
        Finding(ORGANISATION, "crimes", "Victim Type", np.flatnonzero(people.victims.is_organisation)),
        Finding(
            UNKNOWN_CODE,
            "outcomes",
            "Outcome Code",
            np.flatnonzero((outcomes.code >= len(response.CODES)) & (outcomes.day <= until)),
        ),
        Finding(NO_CRIME, "spo_orders", "Investigation Ref", np.flatnonzero(shown & (tracker.stray > 0))),
        Finding(
            WITHOUT_CRIME,
            "spo_orders",
            "Investigation Ref",
            np.flatnonzero(shown & ~tracker.has_reference & (tracker.stray == 0)),
        ),
        Finding(ENDS_EARLY, "spo_orders", "Expiry Date", np.flatnonzero(ends_early)),
        Finding(
            EARLY_BREACH,
            "spo_events",
            "Event Date",
            np.flatnonzero(breaches & (tracker.event_day < first[tracker.event_order])),
        ),
        Finding(
            EARLY_REFERRAL,
            "support",
            "Referral Date",
            np.flatnonzero(support.referred < reported),
        ),
    )

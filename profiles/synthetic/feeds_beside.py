"""The files beside the crime system: orders and their steps, surveys, calls, forums, training."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from profiles.synthetic import details, orders, voice, writing
from profiles.synthetic.draws import NEVER, Ints
from profiles.synthetic.feeds import Feed, listed
from profiles.synthetic.world import World
from profiles.synthetic.writing import Text, words


def beside_feeds(world: World, references: Text) -> tuple[Feed, ...]:
    """The feeds that other systems keep."""
    return (
        _orders(world, references),
        _order_events(world),
        _survey(world),
        _calls(world, references),
        _partners(world, references),
        _training(world),
    )


def _orders(world: World, references: Text) -> Feed:
    found = world.orders
    own = np.arange(len(found))
    shown = np.where(found.has_reference, found.crime, 0)
    stray = pa.array(["", *(f"SYN/46/8{number:05d}/24" for number in range(1, len(found) + 1))], pa.string())

    def columns(rows: Ints, day: int) -> list[Text]:
        crimes = references.take(pa.array(shown[rows]))
        crimes = writing.one_of(found.has_reference[rows], crimes, stray.take(pa.array(found.stray[rows])))
        expiry = np.where(found.renewed[rows] > day, found.first_expiry[rows], found.expiry[rows])
        district = world.crimes.district[found.crime[rows]]
        is_applied = found.applied[rows] <= day
        failed = found.decided[rows] <= day
        return [
            writing.coded("SPO-", rows + 1, 5),
            crimes,
            writing.coded("S-", first_suspects(world, found.crime[rows]), 7),
            words(world.places.names, district),
            writing.days(np.where(found.granted[rows] <= day, expiry, NEVER)),
            words(details.YES_NO, np.where(is_applied, found.contested[rows], 0)),
            words(details.YES_NO, found.victim_supports[rows]),
            words(orders.REASONS, np.where(failed, found.reason[rows], 0)),
        ]

    header = (
        "Order Ref", "Investigation Ref", "Suspect ID", "District", "Expiry Date", "Contested",
        "Victim Supports", "Reason",
    )  # fmt: skip
    changes = (
        (own, np.where(found.expiry < NEVER, found.granted, NEVER)),
        (own, np.where(found.contested > 0, found.applied, NEVER)),
        (own, np.where(found.reason > 0, found.decided, NEVER)),
        (own, found.renewed),
    )
    return listed("spo_orders", "spo_orders", header, own, found.considered, changes, columns, len(found))


def first_suspects(world: World, chosen: Ints) -> Ints:
    """The pseudonym's number of the first suspect of each crime; each must have one."""
    suspects = world.people.suspects
    return suspects.number[np.searchsorted(suspects.crime, chosen, side="left")]


def _order_events(world: World) -> Feed:
    found = world.orders

    def columns(rows: Ints, day: int) -> list[Text]:
        return [
            writing.coded("SPO-", found.event_order[rows] + 1, 5),
            writing.days(found.event_day[rows]),
            words(orders.EVENTS, found.event[rows]),
        ]

    header = ("Order Ref", "Event Date", "Event")
    return listed(
        "spo_events", "spo_events", header, found.event_order, found.event_day, (), columns, len(found)
    )


def _survey(world: World) -> Feed:
    found = world.survey
    units = int(found.response.max(initial=-1)) + 1

    def columns(rows: Ints, day: int) -> list[Text]:
        months = writing.days(found.day[rows])
        month = pc.binary_join_element_wise(
            pc.utf8_slice_codeunits(months, 8, 10), pc.utf8_slice_codeunits(months, 3, 5), ""
        )
        which = words(("R-ST-", "R-DA-"), found.survey[rows])
        number = writing.numbers(found.place[rows], 2)
        return [
            pc.binary_join_element_wise(which, month, "-", number, ""),
            words(voice.SURVEYS, found.survey[rows]),
            months,
            words(voice.STAGES, found.stage[rows]),
            writing.numbers(found.score[rows]),
            words(voice.NO_ANSWER, found.no_answer[rows]),
            words(world.places.names, found.district[rows]),
        ]

    header = ("Response Ref", "Survey", "Survey Date", "Question", "Score", "No Answer", "District")
    return listed("survey", "survey_answers", header, found.response, found.day, (), columns, units)


def _calls(world: World, references: Text) -> Feed:
    found = world.calls
    own = np.arange(len(found.day))

    def columns(rows: Ints, day: int) -> list[Text]:
        seen = voice.visible_crime(found, world.crimes, day)[rows]
        known = references.take(pa.array(np.maximum(seen, 0)))
        return [
            writing.coded("C-", rows + 1, 7),
            writing.days(found.day[rows]),
            words(voice.CALL_TYPES, found.kind[rows]),
            writing.one_of(seen >= 0, known, writing.constant("", len(rows))),
            words(world.places.names, found.district[rows]),
        ]

    header = ("Call Ref", "Call Date", "Call Type", "Investigation Ref", "District")
    changes = ((own, voice.recorded_day(found, world.crimes)),)
    return listed("calls", "calls", header, own, found.day, changes, columns, len(own))


def _partners(world: World, references: Text) -> Feed:
    found = world.referrals
    own = np.arange(len(found.day))

    def columns(rows: Ints, day: int) -> list[Text]:
        return [
            writing.coded("PR-", rows + 1, 6),
            references.take(pa.array(found.crime[rows])),
            words(voice.FORUMS, found.forum[rows]),
            writing.days(found.day[rows]),
            words(world.places.names, world.crimes.district[found.crime[rows]]),
        ]

    header = ("Referral Ref", "Investigation Ref", "Forum", "Referral Date", "District")
    return listed("partner_referrals", "partner_referrals", header, own, found.day, (), columns, len(own))


def _training(world: World) -> Feed:
    found = world.training
    own = np.arange(len(found.day))

    def columns(rows: Ints, day: int) -> list[Text]:
        return [
            words([role for role, _, _ in voice.ROLES], found.role[rows]),
            words([course for course, _, _ in voice.COURSES], found.course[rows]),
            writing.days(found.day[rows]),
            writing.numbers(found.eligible[rows]),
            writing.numbers(found.completed[rows]),
        ]

    header = ("Role", "Course", "Count Date", "Eligible", "Completed")
    return listed("training", "training", header, own, found.day, (), columns, len(own))

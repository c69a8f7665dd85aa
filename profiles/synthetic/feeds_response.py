"""The files of what was done about a crime: outcomes, risk, allocations, reviews, support."""

import numpy as np
import pyarrow as pa

from profiles.synthetic import response, writing
from profiles.synthetic.draws import NEVER, Ints
from profiles.synthetic.feeds import Feed, listed
from profiles.synthetic.world import World
from profiles.synthetic.writing import Text, words


def response_feeds(world: World, references: Text) -> tuple[Feed, ...]:
    """The feeds that follow a crime by its reference."""
    return (
        _outcomes(world, references),
        _risk(world, references),
        _allocations(world, references),
        _reviews(world, references),
        _support(world, references),
    )


def _outcomes(world: World, references: Text) -> Feed:
    found = world.response.outcomes
    codes = (*response.CODES, *response.UNKNOWN_CODES)

    def columns(rows: Ints, day: int) -> list[Text]:
        return [
            references.take(pa.array(found.crime[rows])),
            writing.days(found.day[rows]),
            words(codes, found.code[rows]),
        ]

    header = ("Investigation Ref", "Outcome Date", "Outcome Code")
    return listed("outcomes", "outcomes", header, found.crime, found.day, (), columns, len(world.crimes))


def _risk(world: World, references: Text) -> Feed:
    found = world.response.risk

    def columns(rows: Ints, day: int) -> list[Text]:
        return [
            references.take(pa.array(found.crime[rows])),
            writing.moments(found.day[rows], found.minute[rows]),
            words(response.TOOLS, found.tool[rows]),
            words(response.GRADES, found.grade[rows]),
        ]

    header = ("Investigation Ref", "Assessment Date", "Risk Tool", "Risk Grade")
    # An assessment is exported once its crime is recorded.
    appears = np.maximum(found.day, world.crimes.recorded[found.crime])
    return listed("risk", "risk_assessments", header, found.crime, appears, (), columns, len(world.crimes))


def _allocations(world: World, references: Text) -> Feed:
    found = world.response.allocations

    def columns(rows: Ints, day: int) -> list[Text]:
        return [
            references.take(pa.array(found.crime[rows])),
            writing.days(found.day[rows]),
            words(world.teams, found.team[rows]),
            words(("N", "Y"), found.is_specialist[rows].astype(np.int64)),
        ]

    header = ("Investigation Ref", "Allocated Date", "Team", "Specialist Team")
    return listed(
        "allocations", "allocations", header, found.crime, found.day, (), columns, len(world.crimes)
    )


def _reviews(world: World, references: Text) -> Feed:
    found = world.response.reviews

    def columns(rows: Ints, day: int) -> list[Text]:
        return [
            references.take(pa.array(found.crime[rows])),
            writing.days(found.due[rows]),
            writing.days(found.done[rows], day),
        ]

    header = ("Investigation Ref", "Review Due", "Review Date")
    done = np.where(found.done < NEVER, np.maximum(found.done, found.due), NEVER)
    changes = ((found.crime, done),)
    units = len(world.crimes)
    return listed("reviews", "supervisor_reviews", header, found.crime, found.due, changes, columns, units)


def _support(world: World, references: Text) -> Feed:
    found = world.response.support
    recorded = world.crimes.recorded[found.crime]

    def done(days: Ints, day: int) -> Text:
        return words(("N", "Y"), (days <= day).astype(np.int64))

    def columns(rows: Ints, day: int) -> list[Text]:
        status = np.where(found.settled[rows] <= day, 1 + found.status[rows], 0)
        return [
            references.take(pa.array(found.crime[rows])),
            writing.coded("V-", found.victim[rows], 7),
            done(found.needs[rows], day),
            writing.days(found.needs[rows], day),
            done(found.card[rows], day),
            writing.days(found.card[rows], day),
            words(("", *response.STATUSES), status),
            writing.days(found.referred[rows], day),
            done(found.advocate[rows], day),
            writing.days(found.advocate[rows], day),
        ]

    header = (
        "Investigation Ref", "Victim ID", "VNA Completed", "VNA Date", "VCC Issued", "VCC Date",
        "Referral Status", "Referral Date", "ISAC Referral", "ISAC Referral Date",
    )  # fmt: skip
    days = (found.needs, found.card, found.settled, found.referred, found.advocate)
    changes = tuple((found.crime, day) for day in days)
    return listed("support", "support", header, found.crime, recorded, changes, columns, len(world.crimes))

"""The wide file of crimes, one row for each victim and suspect, as an extract of a day shows it."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from profiles.synthetic import crimes as crime
from profiles.synthetic import details, offences, writing
from profiles.synthetic.draws import NEVER, Bools, Ints
from profiles.synthetic.feeds import MARKING, Changes, Feed
from profiles.synthetic.offences import OFFENCES, STALKING
from profiles.synthetic.people import Suspects
from profiles.synthetic.world import World
from profiles.synthetic.writing import Sheet, Text, words

SEXES = ("", "F", "M", "Other")
STATUSES = ("Recorded", "No Crime", "Transferred Out")

_HEADER = (
    "Investigation Ref", "Date Recorded", "Date Reported", "Earliest Committed", "Latest Committed",
    "HO Class", "HO Code", "Offence Description", "Included Classifications", "Status", "DA Flag",
    "Internet Involved", "Platform", "Motive", "District", "Beat", "Location Type", "OIC Team",
    "Relationship", "SPO Considered", "FOUR", "VPS Recorded", "Screened", "Victim ID", "Victim Type",
    "Victim Sex", "Victim Age", "Suspect ID", "Suspect Sex", "Suspect Age", "Suspect Relationship",
    "Date Identified", "Date Arrested", "Date Dealt With", "Marking",
)  # fmt: skip


def crimes_feed(world: World, references: Text) -> Feed:
    """The crimes; each row is named by its victim's row."""
    crimes, suspects = world.crimes, world.people.suspects
    victims = _victim_cells(world)
    own = np.arange(len(crimes))
    changes: Changes = (
        (own, crimes.revised),
        (own, crimes.status_changed),
        (suspects.crime, suspects.identified),
        (suspects.crime, np.where(suspects.identified < NEVER, suspects.arrested, NEVER)),
        (suspects.crime, np.where(suspects.identified < NEVER, suspects.dealt_with, NEVER)),
        (suspects.crime, np.where(suspects.corrected > 0, suspects.corrected, NEVER)),
    )

    def sheet(wanted: Bools, day: int) -> Sheet:
        chosen = np.flatnonzero(wanted)
        visible = np.flatnonzero(wanted[suspects.crime] & (suspects.identified <= day))
        rows, victim, suspect = _combined(world, chosen, suspects.crime[visible])
        shown = pa.concat_arrays([_suspect_cells(suspects, visible, day), pa.array([",,,,,,"], pa.string())])
        return Sheet(
            header=_HEADER,
            parts=(
                (_crime_cells(world, references, chosen, day), rows),
                (victims, victim),
                (shown, suspect),
                (writing.constant(MARKING, len(rows)), None),
            ),
            unit=chosen[rows],
            row=victim,
        )

    return Feed("crimes", "crimes", "Investigation Ref", crimes.recorded, changes, sheet)


def _combined(world: World, chosen: Ints, suspected: Ints) -> tuple[Ints, Ints, Ints]:
    """For each row of crime, victim and suspect: its place in `chosen`, its victim's row, and its
    suspect's place in `suspected` (the place after the last where nobody is identified)."""
    begins = np.searchsorted(world.people.victims.crime, chosen, side="left")
    count_victims = np.searchsorted(world.people.victims.crime, chosen, side="right") - begins
    starts = np.searchsorted(suspected, chosen, side="left")
    count_suspects = np.searchsorted(suspected, chosen, side="right") - starts
    across = np.maximum(count_suspects, 1)
    count = count_victims * across
    rows = np.repeat(np.arange(len(chosen)), count)
    place = np.arange(len(rows)) - np.repeat(np.cumsum(count) - count, count)
    victim = begins[rows] + place // across[rows]
    suspect = np.where(count_suspects[rows] > 0, starts[rows] + place % across[rows], len(suspected))
    return rows, victim, suspect


def _crime_cells(world: World, references: Text, chosen: Ints, day: int) -> Text:
    crimes, about = world.crimes, world.details
    offence = crimes.offence_at(day)[chosen]
    code = np.where(offence == STALKING, about.code[chosen], 0)
    yes_no = details.YES_NO
    return writing.joined(
        [
            references.take(pa.array(chosen)),
            writing.days(crimes.recorded[chosen]),
            writing.moments(crimes.reported[chosen], crimes.minute[chosen]),
            writing.days(crimes.committed_from[chosen]),
            writing.days(crimes.committed_to[chosen]),
            words([item.ho_class for item in OFFENCES], offence),
            words(offences.STALKING_CODES, code),
            _titles(offence, code, crimes.title[chosen]),
            included_lists(world, chosen),
            words(STATUSES, crimes.status_at(day)[chosen]),
            words(yes_no, about.domestic[chosen]),
            words(details.INTERNET, about.internet[chosen]),
            words(details.PLATFORMS, about.platform[chosen]),
            words(details.MOTIVES, about.motive[chosen]),
            words((*world.places.names, *crime.UNKNOWN_DISTRICTS), crimes.district_shown[chosen]),
            words(world.beats, about.beat[chosen]),
            words(details.LOCATIONS, about.location[chosen]),
            words(world.teams, world.response.team[chosen]),
            words(offences.RELATIONSHIPS, world.people.relationship[chosen]),
            words(yes_no, about.spo_considered[chosen]),
            words(yes_no, about.four[chosen]),
            words(yes_no, about.statement[chosen]),
            words(yes_no, about.screened[chosen]),
        ]
    )


def _titles(offence: Ints, code: Ints, drawn: Ints) -> Text:
    pool = [*offences.STALKING_TITLES]
    begins, counts = [], []
    for item in OFFENCES:
        begins.append(len(pool))
        counts.append(len(item.titles))
        pool += item.titles
    place = np.array(begins)[offence] + drawn % np.array(counts)[offence]
    return words(pool, np.where(offence == STALKING, code, place))


def included_lists(world: World, chosen: Ints) -> Text:
    """The included classifications of the crimes, separated by semicolons."""
    crimes = world.crimes
    known = ("", *(f";{name}" for name in crime.CLASSES[1:]))
    stalking = np.array([crime.CLASSES.index(item) for item in offences.STALKING_ITEMS])[crimes.item[chosen]]
    stalking = np.where(crimes.hidden[chosen], stalking, 0)
    is_last = crimes.item_is_last[chosen]
    places = [
        np.where(is_last, 0, stalking),
        *(crimes.company[chosen, column] for column in range(3)),
        np.where(is_last, stalking, 0),
        crimes.repeats[chosen],
    ]
    return pc.utf8_slice_codeunits(writing.joined([words(known, place) for place in places], ""), 1)


def _victim_cells(world: World) -> Text:
    victims = world.people.victims
    prefix = writing.one_of(
        victims.is_organisation,
        writing.coded("O-", victims.number, 7),
        writing.coded("V-", victims.number, 7),
    )
    kind = words(("Person", "Organisation"), victims.is_organisation.astype(np.int64))
    return writing.joined([prefix, kind, words(SEXES, victims.sex), writing.numbers(victims.age)])


def _suspect_cells(suspects: Suspects, visible: Ints, day: int) -> Text:
    number = np.where(suspects.corrected[visible] > day, suspects.earlier[visible], suspects.number[visible])
    return writing.joined(
        [
            writing.coded("S-", number, 7),
            words(SEXES, suspects.sex[visible]),
            writing.numbers(suspects.age[visible]),
            words(offences.RELATIONSHIPS, suspects.relationship[visible]),
            writing.days(suspects.identified[visible], day),
            writing.days(suspects.arrested[visible], day),
            writing.days(suspects.dealt_with[visible], day),
        ]
    )

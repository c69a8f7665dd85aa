"""The whole made-up force: every subject, drawn in the order in which one needs another."""

from dataclasses import dataclass, replace

from profiles.synthetic import crimes as crime
from profiles.synthetic import details, draws, orders, people, response, voice


@dataclass(frozen=True)
class World:
    """Everything that happened, and the names it is written with."""

    places: crime.Districts
    beats: tuple[str, ...]
    teams: tuple[str, ...]
    crimes: crime.Crimes
    people: people.People
    details: details.Details
    response: response.Response
    orders: orders.Orders
    survey: voice.Survey
    calls: voice.Calls
    referrals: voice.Referrals
    training: voice.Training


def fall_start(until: int) -> int:
    """The first day of the planted fall in referrals: it lasts to the end of the month of `until`."""
    last = draws.date_of(until)
    months = last.year * 12 + last.month - response.FALL_MONTHS
    return draws.day(f"{months // 12:04d}-{months % 12 + 1:02d}-01")


def world(seed: int, first: int, until: int, scale: float, baseline: int) -> World:
    """The force from day `first` to day `until`; `baseline` is the day of its first extract."""
    places = crime.districts()
    crimes = crime.crimes(seed, first, until, scale, places, baseline)
    folk = people.people(seed, crimes, baseline)
    about = details.details(seed, crimes, folk)
    answer = response.response(seed, crimes, folk, about, places, until, fall_start(until))
    tracker = orders.orders(seed, crimes, folk, answer.grade, until, scale)
    # Whatever the tracker holds was considered, and the crime's own record says so.
    flags = about.spo_considered.copy()
    flags[tracker.crime[tracker.considered <= until]] = 1
    about = replace(about, spo_considered=flags)
    return World(
        places=places,
        beats=details.beat_names(seed, places),
        teams=response.team_names(places),
        crimes=crimes,
        people=folk,
        details=about,
        response=answer,
        orders=tracker,
        survey=voice.survey(seed, first, until, places),
        calls=voice.calls(seed, crimes, about, first, until, scale, places),
        referrals=voice.referrals(seed, crimes, about, answer.grade),
        training=voice.training(seed, first, until),
    )

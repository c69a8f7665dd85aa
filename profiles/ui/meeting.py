"""What a meeting should talk about, each with its reason: signals, then overdue lines, then low bases."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from profiles import words
from profiles.measures import LOW_BASE
from profiles.snapshot import judging
from profiles.snapshot.headlines import HEADLINES
from profiles.snapshot.opened import Release
from profiles.snapshot.places import among_places
from profiles.snapshot.places import year_spoken_of as year_of_places
from profiles.snapshot.plan_history import order
from profiles.ui import plan_lines, summary
from profiles.ui.summary import Standing
from profiles.verdicts import CHANGED, WORSENING

SIGNAL, COMPLETE, OVERDUE, LOW = (
    "Signals",
    "Reported complete, figures differ",
    "Overdue lines of the plan",
    "Low bases",
)
"""Kinds of what to discuss, in their order."""

CONCERNS = {WORSENING: 0, CHANGED: 1}
"""Verdicts that are for discussion, the first first; what improves is told by its tile."""

ASIDES = {
    "worse": "▼ worse",
    "better": "▲ better",
    "neutral": "no direction is agreed",
}
"""What stands beside the subject of a signal."""


@dataclass(frozen=True)
class Point:
    """One thing to discuss: its kind, what it is about, why, and the line of the plan it belongs to."""

    kind: str
    subject: str
    reason: str
    plan_ref: str = ""


def points(release: Release) -> tuple[Point, ...]:
    """All there is to discuss, in the order of the kinds."""
    return (
        *_places(release, ("worse",)),
        *_signals(release),
        *_places(release, ("neutral", "better")),
        *_complete(release),
        *_overdue(release),
        *_low(summary.standings(release)),
    )


@lru_cache(maxsize=8)
def year_spoken_of(release: Release) -> str:
    """First day (ISO) of the financial year that the summary speaks of districts in; empty for none."""
    return year_of_places(release.rows)


def _places(release: Release, directions: tuple[str, ...]) -> Iterator[Point]:
    """The districts that stand apart in one of those directions."""
    for place in summary.places(release):
        if place.direction in directions:
            subject = f"{place.item.title} in {place.district} ({ASIDES[place.direction]})"
            yield Point(SIGNAL, subject, place.sentence)


def _signals(release: Release) -> Iterator[Point]:
    """What worsens now, and of the headlines what changed without an agreed direction."""
    headlines = {name for name, *_ in HEADLINES}
    found = [
        (CONCERNS[said.now], item.title, said.sentence)
        for item, _, said in judging.usual(release.table("verdicts"))
        if said.now == WORSENING or (said.now == CHANGED and item.measure_id in headlines)
    ]
    for concern, title, sentence in sorted(found):
        aside = ASIDES["neutral" if concern else "worse"]
        yield Point(SIGNAL, f"{title} ({aside})", sentence)


def signals_among(release: Release) -> str:
    """How many signals there are among all charts and places looked at, and how many chance would give."""
    charts = judging.among(said.now for _, _, said in judging.usual(release.table("verdicts")))
    return " ".join(filter(None, (charts, among_places(release.rows))))


def _complete(release: Release) -> Iterator[Point]:
    """Lines whose figures differ; what the figures of one before say is not said again."""
    said: dict[str, str] = {}
    for line in plan_lines.differing(release):
        first = said.setdefault(line.difference, line.ref)
        told = line.difference if first == line.ref else f"The same figures differ as in line {first}."
        yield Point(COMPLETE, f"Line {line.ref}", told, line.ref)


def _overdue(release: Release) -> Iterator[Point]:
    """Lines past their deadline and not complete, those with the least done first."""
    late = [line for line in plan_lines.lines(release) if line.is_overdue]
    for line in sorted(late, key=lambda each: (each.done, order(each.ref))):
        yield Point(
            OVERDUE,
            f"Line {line.ref}: {line.requirement}",
            words.sentence(f"due {line.deadline_words}; {line.standing}"),
            line.ref,
        )


def _low(told: tuple[Standing, ...]) -> Iterator[Point]:
    """Headlines on few cases, or without a figure."""
    for each in told:
        marker = each.row["marker"]
        base = each.row["denominator"] if each.item.denominator else each.row["value"]
        if marker in ("[c]", "[x]", "[z]"):
            yield Point(LOW, each.title, words.sentence(f"no figure: {words.marker(marker)}"))
        elif base < LOW_BASE:
            yield Point(
                LOW,
                each.title,
                words.sentence(
                    f"rests on {words.number(base)} cases, fewer than {LOW_BASE}: "
                    f"such a figure moves widely by chance ({each.interval or 'no interval'})"
                ),
            )

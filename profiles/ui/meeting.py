"""What a meeting should talk about, each with its reason: signals, then overdue lines, then low bases."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from profiles.catalogue import measure
from profiles.charts import words
from profiles.measures import LOW_BASE
from profiles.snapshot.headlines import HEADLINES
from profiles.snapshot.places import Place, standing_out
from profiles.snapshot.places import year_spoken_of as year_of_places
from profiles.snapshot.plan_history import order
from profiles.snapshot.series import bases_of, records
from profiles.ui import plan_lines, summary
from profiles.ui.releases import Release
from profiles.ui.summary import Standing

SIGNAL, COMPLETE, OVERDUE, LOW = (
    "Signals",
    "Reported complete, figures differ",
    "Overdue lines of the plan",
    "Low bases",
)
"""Kinds of what to discuss, in their order."""

CONCERNS = {"worse": 0, "neutral": 1}
"""Directions of signals that are for discussion, the first first; what got better is told by its tile."""


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
        *_places(release),
        *_signals(release),
        *_complete(release),
        *_overdue(release),
        *_low(summary.standings(release)),
    )


@lru_cache(maxsize=8)
def places(release: Release) -> tuple[Place, ...]:
    """The districts whose share stands out on the worse side."""
    return standing_out(release.rows)


@lru_cache(maxsize=8)
def year_spoken_of(release: Release) -> str:
    """First day (ISO) of the financial year that the summary speaks of districts in; empty for none."""
    return year_of_places(release.rows)


def _places(release: Release) -> Iterator[Point]:
    for place in places(release):
        yield Point(
            SIGNAL, f"{place.item.title} in {place.district} (in the worse direction)", place.sentence
        )


def _signals(release: Release) -> Iterator[Point]:
    """Recent signals in the worse direction, and of headlines those without a direction."""
    headlines = {name for name, *_ in HEADLINES}
    found = []
    for row in records(release.table("verdicts")):
        item = measure(row["measure_id"])
        is_usual = row["basis"] == bases_of(item)[0]
        is_asked = row["direction"] == "worse" or item.measure_id in headlines
        if is_usual and is_asked and row["direction"] in CONCERNS and summary.is_recent(row):
            found.append((CONCERNS[row["direction"]], item.title, row))
    for concern, title, row in sorted(found, key=lambda each: each[:2]):
        aside = "in the worse direction" if not concern else "no direction is agreed"
        yield Point(SIGNAL, f"{title} ({aside})", summary.short(row))


def _complete(release: Release) -> Iterator[Point]:
    for line in plan_lines.differing(release):
        yield Point(COMPLETE, f"Line {line.ref}", line.difference, line.ref)


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
                    f"chance alone moves it widely ({each.interval or 'no interval'})"
                ),
            )

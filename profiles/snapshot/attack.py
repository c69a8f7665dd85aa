"""The attack: what somebody who holds all published figures against one another can tell of a withheld count.

It starts from the files that are released, knows what the figures mean, and shares nothing with what protects
the counts but the numbers that count as protected.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date

import pandas as pd

from profiles.catalogue import catalogue
from profiles.disclosure import SMALLEST, WIDTH
from profiles.errors import BadSnapshot
from profiles.periods import ALL
from profiles.snapshot import definitional, so_far, told
from profiles.snapshot.beliefs import Beliefs, differing, numbered, pruned
from profiles.snapshot.definitional import Placed
from profiles.snapshot.files import TOGETHER
from profiles.snapshot.manifests import Manifest
from profiles.snapshot.ranges import Ranges, contradicted, ranges
from profiles.snapshot.told import ALWAYS, Count, Figure, Release

Say = Callable[[str], None]

SECONDS = 1800.0
"""How long an attack goes on unless told."""
ROUNDS = 6
"""How often releases that contradict one another are believed apart a little more, before they are wholly."""
FIRST = 5
"""How many counts that are given away are named."""
COLUMNS = ("measure", "side", "basis", "categories", "first_day", "last_day", "lowest", "highest", "known_by")
NOT_FINISHED = "not finished in the time, and so taken to be given away"
TOLD = "another figure"


@dataclass(frozen=True)
class Audit:
    """What an attack found: how many counts are withheld, and a row for each of them that is given away.

    `breakdowns` are those that hold a figure of one that is given away, as the columns `TOGETHER` tell them.
    `differences` are counts of 1 to 4 that no release gives and that two of them tell together. `unfinished`
    are those that were not looked at to the end: they are among the given away. `broken` says how many
    relations the figures do not fit, `split` how many counts have two values, and `apart` how many are
    believed to differ between releases.
    """

    withheld: int
    exposed: pd.DataFrame
    breakdowns: pd.DataFrame
    differences: pd.DataFrame
    unfinished: int
    broken: int
    split: int
    apart: int

    @property
    def is_safe(self) -> bool:
        """Whether nothing is given away."""
        return self.exposed.empty and self.differences.empty

    def by_kind(self) -> dict[str, int]:
        """How many counts are given away, by the kind of knowledge that does it."""
        return {str(name): int(count) for name, count in self.exposed["known_by"].value_counts().items()}

    def sentences(self, name: str) -> Iterator[str]:
        """What was found of what bears the name, and what is to be done."""
        yield (
            f"{name}: {self.withheld:,} counts withheld, {len(self.exposed):,} of them given away "
            f"(least and most less than {WIDTH:.0f} apart)"
        )
        for how, count in self.by_kind().items():
            yield f"  {count:,} by {how}" if how != NOT_FINISHED else f"  {count:,} {how}"
        if len(self.differences):
            yield f"  {len(self.differences):,} counts of 1 to 4 that none gives, and two tell together"
        if self.broken:
            yield f"  {self.broken:,} relations do not fit the figures and were left out"
        if self.split:
            yield f"  {self.split:,} counts are given with two values, and taken to be two counts each"
        if self.apart:
            yield f"  {self.apart:,} counts are believed to have been corrected from one snapshot to another"
        yield (
            "Nothing is given away."
            if self.is_safe
            else "Withdraw this snapshot, or do not release it: docs/snapshot.md says how."
        )


def release_of(manifest: Manifest) -> Release:
    """What the snapshot of the manifest tells, read from its files."""
    before = manifest.raw.get("previous") or {}
    return told.told(
        manifest.folder, manifest.profile, manifest.sha256, before.get("sha256", ""), begins_in(manifest)
    )


def begins_in(manifest: Manifest) -> dict[str, date]:
    """The first day of the data of each measure, as far as the manifest says it; those of old ones do not."""
    return {name: date.fromisoformat(day) for name, day in (manifest.raw.get("begins") or {}).items()}


def audit(releases: Sequence[Release], seconds: float = SECONDS, say: Say = lambda text: None) -> Audit:
    """What the releases give away together of the counts that they withhold.

    A count that several of them tell alike, or withhold, is believed to be one, unless that contradicts what
    else they tell.
    """
    releases = [
        replace(each, previous=each.previous or "none", sha256=each.sha256 or f"{number}")
        for number, each in enumerate(sorted(releases, key=lambda each: each.as_at))
    ]
    apart = differing(releases)
    for number in range(ROUNDS if len(releases) > 1 else 0):
        beliefs, _ = _believed(releases, apart)
        relations = pruned(beliefs)
        wrong = contradicted(beliefs.low, beliefs.high, relations, list(beliefs.withheld), seconds)
        if not wrong:
            break
        names = {place: count for (count, _), place in beliefs.number.items()}
        fixed = {place for place in names if beliefs.low[place] == beliefs.high[place]}
        more = {names[place] for line in wrong for place in relations[line].terms if place not in fixed}
        say(f"{len(wrong):,} relations do not fit the releases together: {len(more):,} counts are held apart")
        apart = set(names.values()) if number == ROUNDS - 2 or more <= apart else apart | more
    beliefs, places = _believed(releases, apart)
    relations = pruned(beliefs)
    say(
        f"{sum(beliefs.is_told):,} counts, {len(beliefs.withheld):,} of them withheld, "
        f"{len(relations):,} relations"
    )
    found = ranges(beliefs.low, beliefs.high, relations, list(beliefs.withheld), seconds, say)
    return Audit(
        len(beliefs.withheld),
        _exposed(beliefs, found),
        _breakdowns(beliefs, found, releases),
        _differences(beliefs, found, places),
        len(found.unfinished),
        len(found.broken),
        len(beliefs.split),
        sum(count in apart for count in {count for placed in places for count in placed.found}),
    )


def audit_written(
    manifest: Manifest,
    exact: pd.DataFrame | None = None,
    seconds: float = SECONDS,
    say: Say = lambda text: None,
) -> Audit:
    """What the files of a snapshot give away, as far as the time tells.

    Where they are rounded, the attack is given the `exact` figures of what they tell: it knows more than any
    reader, and is done sooner.
    """
    if exact is None:
        release = release_of(manifest)
    else:
        release = told.exactly(manifest.folder, exact, begins_in(manifest))
    return audit([release], seconds, say)


def named(found: Audit) -> str:
    """The first counts that are given away, each with what tells it."""
    told = [
        f"{row['measure']} ({', '.join(str(row[name]) for name in ('basis', 'categories') if row[name])}) "
        f"{row['first_day']} to {row['last_day']}, by {row['known_by']}"
        for row in found.exposed.head(FIRST).to_dict("records")
    ]
    return f"{'; '.join(told)}{' …' if len(found.exposed) > FIRST else ''}"


def refusal(found: Audit) -> BadSnapshot:
    """Why a snapshot that gives something away is not written."""
    return BadSnapshot(
        f"The snapshot would give away {len(found.exposed):,} of {found.withheld:,} withheld counts and was "
        f"not written: {named(found)}. Report it with the version of the program."
    )


def _believed(releases: Sequence[Release], apart: set[Count]) -> tuple[Beliefs, list[Placed]]:
    """All that the releases tell, and what ties it: within each, and between them."""
    beliefs = Beliefs(apart=apart if len(releases) > 1 else set())
    tags = [f"release {number}" if len(releases) > 1 else "" for number in range(len(releases))]
    told_ones = [numbered(beliefs, release, tag) for release, tag in zip(releases, tags, strict=True)]
    places = [Placed(beliefs, *each) for each in zip(releases, tags, told_ones, strict=True)]
    for placed in places:
        definitional.relate(placed)
        so_far.relate(placed)
    if len(releases) > 1:
        # What a period of one release has more than a period of another is a count as well.
        both = {
            count: place
            for placed in places
            for count, place in placed.found.items()
            if count not in beliefs.apart
        }
        joint = Placed(beliefs, replace(releases[-1], begins={}), "", both)
        definitional.relate(joint)
        beliefs.kept = {beliefs.place(count) for count in definitional.pieces(joint)}
        places.append(joint)
    return beliefs, places


def _given_away(beliefs: Beliefs, found: Ranges) -> list[int]:
    return [each for each in beliefs.withheld if found.is_narrow(each) or each in found.unfinished]


def _breakdowns(beliefs: Beliefs, found: Ranges, releases: Sequence[Release]) -> pd.DataFrame:
    names = {place: count for (count, _), place in beliefs.number.items()}
    counts = {names[place] for place in _given_away(beliefs, found)}
    figures = [each for release in releases for each in release.figures if each.count in counts]
    rows = {
        (of.measure_id, of.basis, each.grain, each.period, of.dimension, of.dimension_2)
        for each in figures
        for of in [each.series]
    }
    return pd.DataFrame(sorted(rows), columns=list(TOGETHER))


def _exposed(beliefs: Beliefs, found: Ranges) -> pd.DataFrame:
    rows = []
    names = {place: count for (count, _), place in beliefs.number.items()}
    for place in _given_away(beliefs, found):
        figure = beliefs.withheld[place]
        how = (
            NOT_FINISHED if not found.is_narrow(place) else beliefs.by.get(place) or found.by.get(place, TOLD)
        )
        rows.append(_row(names[place], figure, found.low[place], found.high[place], how))
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _differences(beliefs: Beliefs, found: Ranges, places: Sequence[Placed]) -> pd.DataFrame:
    """Counts of 1 to 4 that no release gives: what one period has more than another of a later release."""
    rows = []
    series: dict[object, Figure] = {}
    seen: set[Count] = set()
    for placed in places[:-1]:
        for figure in placed.release.figures:
            series.setdefault((figure.count.kind, figure.count.word), figure)
        seen |= set(definitional.pieces(placed))
    for count in definitional.pieces(places[-1]) if len(places) > 1 else ():
        place = beliefs.number.get((count, ""))
        if place is None or count in seen or not 1 <= found.low[place] <= found.high[place] < SMALLEST:
            continue
        figure = series[count.kind, count.word]
        item = catalogue().get(figure.series.measure_id)
        kind = item.sensitivity if item else "person"
        if kind == "answers" or (kind == "process" and figure.series.dimension == ALL):
            continue
        how = "two releases, one less the other"
        rows.append(_row(count, figure, found.low[place], found.high[place], how))
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _row(count: Count, figure: Figure, low: float, high: float, how: str) -> tuple[object, ...]:
    series = figure.series
    pairs = ((series.dimension, series.category), (series.dimension_2, series.category_2))
    days = ("all", "all") if count.last == ALWAYS else (count.first.isoformat(), count.last.isoformat())
    return (
        series.measure_id,
        series.role,
        series.basis,
        "; ".join(f"{name}={category}" for name, category in pairs if name not in ("", ALL)),
        *days,
        float(low) + 0.0,
        float(high) + 0.0,
        how,
    )

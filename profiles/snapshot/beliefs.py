"""Beliefs: what anybody can hold against one another among the counts of snapshots.

Counts are numbered. Each has a least and a most; a relation is a weighted sum of counts that lies at 0, or is
never above it. Nothing here is shared with what protects the counts.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from profiles.snapshot.told import Count, Figure, Release

PART = "what begins later, or is old enough, is a part"
Terms = dict[int, float]
Tagged = tuple[Count, str]
"""A count and which of several it is, where figures tell it differently; empty where they agree."""


@dataclass(frozen=True)
class Relation:
    """A weighted sum of counts that is 0, or (`is_sum` false) never above 0; `kind` says why in words."""

    kind: str
    terms: Terms
    is_sum: bool


@dataclass
class Beliefs:
    """Counts by number: their ends, which are withheld, and the relations among them.

    `apart` holds the counts that are believed to differ from release to release. `by` says of a withheld
    count that some figure tells it all the same; `split` are those told with two values, and taken to be two.
    `kept` are counts that are looked at though no figure tells of them.
    """

    number: dict[Tagged, int] = field(default_factory=dict)
    low: list[float] = field(default_factory=list)
    high: list[float] = field(default_factory=list)
    is_told: list[bool] = field(default_factory=list)
    withheld: dict[int, Figure] = field(default_factory=dict)
    relations: list[Relation] = field(default_factory=list)
    by: dict[int, str] = field(default_factory=dict)
    apart: set[Count] = field(default_factory=set)
    split: set[Tagged] = field(default_factory=set)
    kept: set[int] = field(default_factory=set)
    _seen: set[tuple[frozenset[tuple[int, float]], bool]] = field(default_factory=set)

    def place(self, count: Count, tag: str = "") -> int:
        """The number of the count; of a new one nothing is known but that it is not below 0."""
        key = (count, tag)
        if key not in self.number:
            self.number[key] = len(self.low)
            self.low.append(0.0)
            self.high.append(float("inf"))
            self.is_told.append(False)
        return self.number[key]

    def relate(self, kind: str, terms: Iterable[tuple[int, float]], is_sum: bool = True) -> None:
        """Add a relation, unless it is there."""
        found: Terms = defaultdict(float)
        for place, weight in terms:
            found[place] += weight
        kept = {place: weight for place, weight in found.items() if weight}
        key = (frozenset(kept.items()), is_sum)
        if kept and key not in self._seen:
            self._seen.add(key)
            self.relations.append(Relation(kind, kept, is_sum))

    def take(self, figure: Figure, place: int) -> None:
        """Note what a figure tells of the count with that number."""
        self.is_told[place] = True
        if figure.is_withheld:
            self.withheld.setdefault(place, figure)
            self.low[place] = min(max(self.low[place], figure.low), self.high[place])
            return
        if figure.low > self.high[place] or figure.high < self.low[place]:
            # What is given stands against what withholding says.
            self.low[place], self.high[place] = 0.0, float("inf")
        self.low[place] = max(self.low[place], figure.low)
        self.high[place] = min(self.high[place], figure.high)


def numbered(beliefs: Beliefs, release: Release, tag: str) -> dict[Count, int]:
    """The number of each count that the release tells of, what it tells taken in.

    A figure of a part of the period alone is another count, and no more than the one of all of it. So is one
    that is less than what other figures tell. `tag` marks the counts of this release where it is
    believed apart from others.
    """
    figures: dict[Count, list[Figure]] = defaultdict(list)
    for figure in release.figures:
        figures[figure.count].append(figure)
    found = {}
    for count, same in figures.items():
        mark = tag if count in beliefs.apart else ""
        greatest = max((each.low for each in same if not each.is_withheld and not each.is_cut), default=0.0)
        is_split = any(each.high < greatest for each in same if not each.is_cut)
        if is_split:
            beliefs.split.add((count, mark))
        for figure in same:
            is_main = not figure.is_cut and (not is_split or figure.high >= greatest)
            # Where figures differ nobody knows of which of the two a withheld one is.
            if is_main and not (is_split and figure.is_withheld):
                found[count] = beliefs.place(count, mark)
                beliefs.take(figure, found[count])
        for figure in same:
            is_main = not figure.is_cut and (not is_split or figure.high >= greatest)
            if is_main and not (is_split and figure.is_withheld):
                continue
            part = beliefs.place(count, f"{mark} {figure.series.measure_id}")
            beliefs.take(figure, part)
            if count in found:
                beliefs.relate(PART, [(part, 1.0), (found[count], -1.0)], is_sum=False)
    for file, figure in release.others:
        place_there = found.get(figure.count)
        if place_there in beliefs.withheld:
            is_new = figure.low > beliefs.low[place_there] or figure.high < beliefs.high[place_there]
            beliefs.take(figure, place_there)
            if is_new:
                beliefs.by[place_there] = f"given in {file}"
    return found


def differing(releases: Iterable[Release]) -> set[Count]:
    """Counts that releases tell differently: data were corrected in between, or one names the other as the
    one before it and withholds what that one told, which it does only where it changed."""
    ends: dict[Count, tuple[float, float]] = {}
    out: set[Count] = set()
    told_in: dict[str, set[Count]] = {}
    for release in releases:
        given: dict[Count, tuple[float, float]] = {}
        for figure in release.figures:
            if not figure.is_withheld:
                low, high = given.get(figure.count, (figure.low, figure.high))
                given[figure.count] = max(low, figure.low), max(high, figure.high)
        for count, (low, high) in given.items():
            first = ends.get(count)
            if first is None:
                ends[count] = (low, high)
            elif low > first[1] or high < first[0]:
                out.add(count)
            else:
                ends[count] = max(low, first[0]), min(high, first[1])
        if release.previous in told_in:
            before = told_in[release.previous]
            out |= {f.count for f in release.figures if f.is_withheld and f.count in before}
        told_in[release.sha256] = set(given)
    return out


def pruned(beliefs: Beliefs) -> list[Relation]:
    """The relations without the counts that nobody tells of and that stand in one of them alone.

    Such a count can be whatever the relation leaves it: a sum with one is a limit, a limit with one may say
    nothing.
    """
    relations: dict[int, Relation] = dict(enumerate(beliefs.relations))
    uses: Counter[int] = Counter()
    where: dict[int, set[int]] = defaultdict(set)
    for at, relation in relations.items():
        for place in relation.terms:
            uses[place] += 1
            where[place].add(at)
    queue = [place for place, count in uses.items() if count == 1 and _is_free(beliefs, place)]
    while queue:
        place = queue.pop()
        if uses[place] != 1:
            continue
        (at,) = where[place]
        relation = relations[at]
        weight = relation.terms[place]
        terms = {each: value for each, value in relation.terms.items() if each != place}
        is_gone = not terms or (not relation.is_sum and weight < 0)
        if relation.is_sum and weight < 0:
            terms = {each: -value for each, value in terms.items()}
        dropped = relation.terms if is_gone else (place,)
        for each in dropped:
            uses[each] -= 1
            where[each].discard(at)
            if uses[each] == 1 and _is_free(beliefs, each):
                queue.append(each)
        if is_gone:
            del relations[at]
        else:
            relations[at] = Relation(relation.kind, terms, False)
    return list(relations.values())


def _is_free(beliefs: Beliefs, place: int) -> bool:
    is_any = beliefs.low[place] == 0 and beliefs.high[place] == float("inf")
    return is_any and not beliefs.is_told[place] and place not in beliefs.kept

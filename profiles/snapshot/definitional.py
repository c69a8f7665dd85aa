"""Relations that follow from what is counted: the patterns of `identities.jsonl`, periods and categories."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import lru_cache
from itertools import pairwise

from profiles.catalogue import catalogue
from profiles.periods import ALL, month_number
from profiles.selection import DIMENSIONS
from profiles.snapshot.beliefs import Beliefs
from profiles.snapshot.identities import ANY, Pattern, known
from profiles.snapshot.signatures import Series
from profiles.snapshot.told import ALWAYS, Count, Release

DAY = timedelta(days=1)
EVERY = "every word"
"""In place of a word: the counts of every word together, where none of them is told."""


@dataclass
class Placed:
    """The counts of one release by number, and where counts that nobody tells of get theirs."""

    beliefs: Beliefs
    release: Release
    tag: str
    found: dict[Count, int]
    by_kind: dict[tuple[int | Series, str], list[Count]] = field(init=False)

    def __post_init__(self) -> None:
        self.by_kind = defaultdict(list)
        for count in self.found:
            self.by_kind[count.kind, count.word].append(count)

    def place(self, count: Count) -> int:
        """The number of the count, told or not; one that no release tells of is each release's own."""
        if count in self.found:
            return self.found[count]
        is_told = (count, "") in self.beliefs.number and count not in self.beliefs.apart
        return self.beliefs.place(count, "" if is_told else self.tag)


def relate(placed: Placed) -> None:
    """Add every relation that the definitions give among the counts of a release."""
    _periods(placed)
    _patterns(placed)
    _series(placed)


def _periods(placed: Placed) -> None:
    """A period is made of the shortest ones that the told ones cut it into; before the data there is none."""
    for (kind, word), told, marks in _cut(placed):
        at = {mark: number for number, mark in enumerate(marks)}
        begins = placed.release.begins.get(kind, ALWAYS)
        for first, last in told:
            inside = marks[at[first] : at[last + DAY] + 1]
            if len(inside) < 3:
                continue
            parts = [Count(kind, word, a, b - DAY) for a, b in pairwise(inside)]
            places = [
                (placed.place(part), 1.0) for part in parts if part in placed.found or part.last >= begins
            ]
            whole = placed.found[Count(kind, word, first, last)]
            placed.beliefs.relate("shorter periods make longer ones", [*places, (whole, -1.0)])


def pieces(placed: Placed) -> Iterator[Count]:
    """The shortest periods that the told ones of a count are cut into, where these are not told."""
    for (kind, word), _, marks in _cut(placed):
        for first, after in pairwise(marks):
            count = Count(kind, word, first, after - DAY)
            if count not in placed.found:
                yield count


def _cut(placed: Placed) -> Iterator[tuple[tuple[int | Series, str], list[tuple[date, date]], list[date]]]:
    """Kind and word, the periods told of it, and the days at which any of them begins or has ended."""
    for kind, counts in placed.by_kind.items():
        told = [(count.first, count.last) for count in counts if count.first != count.last]
        if len(told) > 1:
            yield kind, told, sorted({first for first, _ in told} | {last + DAY for _, last in told})


@lru_cache(maxsize=1)
def _open_kinds() -> tuple[frozenset[int], frozenset[int]]:
    """Kinds that stand for any word of a dimension, and named words of such a dimension, which may lack."""
    kinds, _ = known()
    of_any = frozenset(kind for series, kind in kinds.items() if ANY in (series.category, series.category_2))
    # A field that is blank may be told of elsewhere as well.
    named = frozenset(
        kind
        for series, kind in kinds.items()
        if series.dimension != ALL and not DIMENSIONS[series.dimension].categories
    )
    return of_any, named - of_any


def _patterns(placed: Placed) -> None:
    of_any, may_lack = _open_kinds()
    _, patterns = known()
    using: dict[int, list[int]] = defaultdict(list)
    for number, pattern in enumerate(patterns):
        for kind in {term.kind for term in pattern.terms}:
            using[kind].append(number)
    there: dict[tuple[date, date], dict[int, dict[str, int]]] = defaultdict(lambda: defaultdict(dict))
    for count, place in placed.found.items():
        if isinstance(count.kind, int):
            there[count.first, count.last][count.kind][count.word] = place
    for (first, last), kinds in there.items():
        month = month_number(first)
        for number in sorted({number for kind in kinds for number in using[kind]}):
            pattern = patterns[number]
            if pattern.since > month:
                continue
            words = [""]
            if pattern.is_each:
                words = sorted({word for term in pattern.terms for word in kinds.get(term.kind, {}) if word})
            for word in words:
                terms = list(_terms(placed, pattern, word, kinds, (first, last), of_any, may_lack))
                if pattern.is_sum or any(weight > 0 for _, weight in terms):
                    placed.beliefs.relate("what the definitions say", terms, pattern.is_sum)


def _terms(
    placed: Placed,
    pattern: Pattern,
    word: str,
    kinds: Mapping[int, Mapping[str, int]],
    span: tuple[date, date],
    of_any: frozenset[int],
    may_lack: frozenset[int],
) -> Iterator[tuple[int, float]]:
    """The counts of a pattern for one word and period; in a limit, none that only makes it stronger."""
    is_worded = any(term.is_every and kinds.get(term.kind) for term in pattern.terms)
    is_worded |= bool(word)
    for term in pattern.terms:
        present = kinds.get(term.kind, {})
        if term.is_every and present:
            yield from ((place, float(term.sign)) for place in present.values())
            continue
        named = word if pattern.is_each and term.kind in of_any else EVERY if term.is_every else ""
        if named in present:
            yield present[named], float(term.sign)
        elif (present and term.kind in of_any) or (is_worded and term.kind in may_lack):
            continue  # the words that are told are all there are
        elif pattern.is_sum or term.sign < 0:
            yield placed.place(Count(term.kind, named, *span)), float(term.sign)


Cell = tuple[str, str, str, str]
"""Dimension, category, second dimension and its category."""


@dataclass(frozen=True)
class _Group:
    """The counts of one measure, side, basis and period; `listed` are the categories of dimensions."""

    placed: Placed
    key: tuple[str, str, str]
    first: date
    last: date
    found: dict[Cell, int]
    listed: dict[tuple[str, str], set[str]]

    def count(self, cell: Cell) -> Count:
        """The count of a cell."""
        return Count(Series(*self.key, *cell), "", self.first, self.last)

    def place(self, dimension: str, category: str, other: str, of: str) -> int:
        """The number of the count of a category, of a category of another dimension where that is named."""
        cell: Cell = (dimension, category, other, of)
        turned: Cell = (other, of, dimension, category)
        return self.placed.place(self.count(turned if other and turned in self.found else cell))


def _series(placed: Placed) -> None:
    """Where there is no pattern: categories make the whole, overlaps the types, two bases the third."""
    cells: dict[tuple[tuple[str, str, str], date, date], dict[Cell, int]] = defaultdict(dict)
    listed: dict[tuple[str, str, str], dict[tuple[str, str], set[str]]] = defaultdict(
        lambda: defaultdict(set)
    )
    for count, place in placed.found.items():
        if isinstance(count.kind, Series):
            name, role, basis, *cell = count.kind
            cells[(name, role, basis), count.first, count.last][cell[0], cell[1], cell[2], cell[3]] = place
            listed[name, role, basis][cell[0], cell[2]].add(cell[1])
            listed[name, role, basis][cell[2], cell[0]].add(cell[3])
    for (key, first, last), found in cells.items():
        group = _Group(placed, key, first, last, found, listed[key])
        item = catalogue().get(key[0])
        if item is None or "category" in item.adds_over:
            _categories(group)
        if key[2] == "any":
            _bases(group)


def _bases(group: _Group) -> None:
    for cell, place in group.found.items():
        parts = [replace(group, key=(*group.key[:2], basis)) for basis in ("principal", "included_only")]
        counts = [part.count(cell) for part in parts]
        if all(count in group.placed.found for count in counts):
            terms = [*((group.placed.found[count], 1.0) for count in counts), (place, -1.0)]
            group.placed.beliefs.relate("two bases make the third", terms)


def _categories(group: _Group) -> None:
    told: dict[tuple[str, str, str], set[str]] = defaultdict(set)
    for dimension, category, dimension_2, category_2 in group.found:
        if dimension_2:
            told[dimension_2, dimension, category].add(category_2)
            told[dimension, dimension_2, category_2].add(category)
        elif dimension != ALL:
            told[dimension, "", ""].add(category)
    beliefs = group.placed.beliefs
    for (dimension, other, of), categories in told.items():
        top = group.found.get((other, of, "", "") if other else (ALL, ALL, "", ""))
        if top is None:
            continue
        if dimension == "typology":
            atoms = {name: group.place("atom", name, other, of) for name in DIMENSIONS["atom"].categories}
            terms = [*((place, 1.0) for place in atoms.values()), (top, -1.0)]
            beliefs.relate("overlaps make the types", terms)
            for category in categories:
                parts = [(place, 1.0) for name, place in atoms.items() if category in name]
                whole = group.place(dimension, category, other, of)
                beliefs.relate("overlaps make the types", [*parts, (whole, -1.0)])
        elif not DIMENSIONS[dimension].overlaps:
            names = sorted(set(DIMENSIONS[dimension].categories) | group.listed[dimension, other])
            terms = [*((group.place(dimension, name, other, of), 1.0) for name in names), (top, -1.0)]
            beliefs.relate("categories make the whole", terms)

"""Identities: what holds between counts whatever the data are, found from their signatures.

Two counts are one, one is never more than another, some add up to others: if it is so on each of thousands of
days on which everything was drawn by itself, it follows from what is counted.
"""

import json
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from profiles.errors import BadSnapshot
from profiles.periods import ALL
from profiles.selection import DIMENSIONS
from profiles.snapshot.completing import as_table, further_sums
from profiles.snapshot.contents import asks
from profiles.snapshot.fingerprints import fingerprint
from profiles.snapshot.imagined import CLASSES, WORDS, imagined
from profiles.snapshot.signatures import Series, Signatures, signatures
from profiles.warehouse import SQL

FILE = Path(__file__).with_name("identities.jsonl")
"""What follows from the definitions, as it was last worked out: a test says whether it still does."""
COMMAND = "`make identities`"
"""What writes it anew."""
FINGERPRINT = "fingerprint"
FORCES = 4
"""Imagined forces: what holds in one by accident does not in the others."""
LEAST = 5
"""A count that comes less often on all the days cannot be told from others."""

CERTAIN = 40
"""How many times two counts would have to differ by chance for it to say something that they do not."""

Places = NDArray[np.int64]
Sum = tuple[tuple[int, int], ...]
"""Places with their signs, or what each counts times, which together are zero."""


ANY = "*"
"""Stands for each word of a dimension that may hold any."""


@dataclass(frozen=True)
class Identities:
    """The place of each series among the different counts, and what ties these.

    The place -1 is of what is always zero. `sums` are zero together, `limits` are never above zero,
    and the counts of `later` are one from a month on.
    """

    place: dict[Series, int]
    count: int
    sums: tuple[Sum, ...]
    limits: tuple[Sum, ...]
    later: tuple[tuple[Sum, int], ...]


def identities(found: Signatures) -> Identities:
    """What ties the counts of these signatures. Raises ArithmeticError where a count is too rare to tell."""
    place, counts = _different(found)
    rare = [
        series for series, number in place.items() if number >= 0 and counts[number].sum(dtype=int) < LEAST
    ]
    if rare:
        raise ArithmeticError(f"{rare[0]} is counted too seldom to tell what ties it: draw more of it.")
    marks = _marks(counts)
    contains = _containing(counts)
    sums = set(_sums_of_families(_families(place), marks, contains))
    sums |= set(_short_sums(marks))
    sums |= {_normal(terms) for terms in further_sums(counts, as_table(sorted(sums), len(counts)))}
    limits = (*_within(counts, contains, sums), *_covered(counts, contains))
    later = tuple(sorted(_later(counts, contains, found.months)))
    return Identities(place, len(counts), tuple(sorted(sums)), tuple(dict.fromkeys(limits)), later)


@dataclass(frozen=True)
class Term:
    """A count in a pattern: its kind, its sign, and whether the counts of every word are meant together."""

    kind: int
    sign: int
    is_every: bool


@dataclass(frozen=True)
class Pattern:
    """Terms that are zero together, or not above zero; of one word of a dimension at a time `is_each`.

    It holds of periods that begin with the month of the number `since` or later.
    """

    terms: tuple[Term, ...]
    is_sum: bool
    is_each: bool
    since: int = 0


def patterns(found: Identities) -> tuple[dict[Series, int], tuple[Pattern, ...]]:
    """The same for words that nobody knows yet: the kind of each series, and what ties the kinds.

    The series of a word stands once, with ANY in place of the word.
    Of the words of a dimension none is special, so that what holds of the first holds of each.
    """
    words: dict[int, str] = {}
    kinds: dict[Series, int] = {}
    for series, number in found.place.items():
        word = _word(series)
        if number >= 0 and word:
            words[number] = word
        if not word or word == words_of(series.dimension)[0]:
            kinds[series._replace(category=ANY) if word else series] = number
    firsts = {words.get(number, "") for number in kinds.values()}
    out = []
    for terms, is_sum, since in (
        *((terms, True, 0) for terms in found.sums),
        *((terms, False, 0) for terms in found.limits),
        *((terms, True, since) for terms, since in found.later),
    ):
        used = {words[place] for place, _ in terms if place in words}
        if not used <= firsts and len(used) == 1:
            continue  # the same is said of the first word
        if len(used) <= 1:
            single = tuple(Term(place, sign, False) for place, sign in terms)
            out.append(Pattern(single, is_sum, bool(used), since))
        elif len(used) == len(WORDS):
            kept = tuple(
                Term(place, sign, place in words) for place, sign in terms if words.get(place, "") in firsts
            )
            out.append(Pattern(kept, is_sum, False, since))
    return kinds, tuple(dict.fromkeys(out))


def words_of(dimension: str) -> tuple[str, ...]:
    """Words of a dimension of which none is special; none where all it may hold is declared."""
    if dimension == ALL or DIMENSIONS[dimension].categories:
        return ()
    return CLASSES if dimension == "principal_class" else WORDS


def _word(series: Series) -> str:
    """The word that a series is of, where it is one of which none is special."""
    return series.category if series.category in words_of(series.dimension) else ""


def _different(found: Signatures) -> tuple[dict[Series, int], NDArray[np.int8]]:
    """The place of each series, and the signatures that differ."""
    first: dict[bytes, int] = {}
    place: dict[Series, int] = {}
    kept: list[int] = []
    for number, (series, row) in enumerate(zip(found.series, found.counts, strict=True)):
        if not row.any():
            place[series] = -1
            continue
        key = row.tobytes()
        if key not in first:
            first[key] = len(kept)
            kept.append(number)
        place[series] = first[key]
    return place, found.counts[kept]


def _marks(counts: NDArray[np.int8]) -> NDArray[np.uint64]:
    """A number for each count: sums of counts that are equal every day have sums of numbers that are, and no
    others but once in ten to the nineteen."""
    weights = np.random.default_rng(0).integers(0, 2**64, counts.shape[1], dtype=np.uint64)
    return np.array([(row.astype(np.uint64) * weights).sum(dtype=np.uint64) for row in counts])


def _containing(counts: NDArray[np.int8]) -> sparse.csr_matrix:
    """For each count those that are never less: a row a count."""
    is_there = sparse.csr_matrix(counts > 0).astype(np.float32)
    common = sparse.coo_matrix(is_there @ is_there.T)
    size = np.asarray(is_there.sum(axis=1)).ravel()
    is_wider = (common.data >= size[common.row] - 0.5) & (common.row != common.col)
    pairs = [
        (part, whole)
        for part, whole in zip(common.row[is_wider].tolist(), common.col[is_wider].tolist(), strict=True)
        if (counts[whole] >= counts[part]).all()
    ]
    part, whole = np.array(pairs, dtype=np.int64).reshape(-1, 2).T
    shape = (len(counts), len(counts))
    return sparse.csr_matrix((np.ones(len(part), dtype=np.int8), (part, whole)), shape=shape)


def _families(place: dict[Series, int]) -> Iterator[Places]:
    """Places of counts that differ in one thing alone: a category, or the basis."""
    groups: dict[tuple[object, ...], set[int]] = defaultdict(set)
    for series, number in place.items():
        if number < 0:
            continue
        one = (series.measure_id, series.role, series.basis)
        if series.dimension_2:
            groups[*one, series.dimension, series.category, series.dimension_2].add(number)
            groups[*one, series.dimension_2, series.category_2, series.dimension].add(number)
        elif series.dimension != "all":
            groups[*one, series.dimension].add(number)
        if series.basis in ("principal", "included_only"):
            groups[series._replace(basis="")].add(number)
    for members in {tuple(sorted(members)) for members in groups.values() if len(members) > 1}:
        yield np.array(members, dtype=np.int64)


def _sums_of_families(
    families: Iterator[Places], marks: NDArray[np.uint64], contains: sparse.csr_matrix
) -> Iterator[Sum]:
    """Sums of those of a family that lie within a count: they make it, or lack one other count of it."""
    by_mark = {int(mark): number for number, mark in enumerate(marks)}
    for family in families:
        wholes = contains[family]
        for whole in np.flatnonzero(np.asarray((wholes > 0).sum(axis=0)).ravel() > 1).tolist():
            inside = family[wholes[:, [whole]].toarray().ravel() > 0]
            rest = (int(marks[whole]) - int(marks[inside].sum(dtype=np.uint64))) % 2**64
            if rest == 0:
                yield _sum(inside.tolist(), [whole])
            elif rest in by_mark and by_mark[rest] not in inside:
                yield _sum([*inside.tolist(), by_mark[rest]], [whole])


def _sum(left: Sequence[int], right: Sequence[int]) -> Sum:
    """The sum as it is kept: in order, the first with a plus."""
    terms = sorted([*((place, 1) for place in left), *((place, -1) for place in right)])
    sign = terms[0][1]
    return tuple((place, each * sign) for place, each in terms)


def _normal(terms: Places) -> Sum:
    """A sum as it is kept, of the coefficient of each count."""
    places = np.flatnonzero(terms)
    return tuple((int(place), int(terms[place] * np.sign(terms[places[0]]))) for place in places)


def _short_sums(marks: NDArray[np.uint64]) -> Iterator[Sum]:
    """All sums of three or four different counts."""
    count = len(marks)
    order = np.argsort(marks)
    left, right = np.triu_indices(count, 1)
    pairs = marks[left] + marks[right]
    yield from (_sum([a, b], [c]) for a, b, c in _met(pairs, left, right, marks[order], order))
    by_pair = np.argsort(pairs, kind="stable")
    in_order = pairs[by_pair]
    same = np.flatnonzero(in_order[1:] == in_order[:-1])
    for first, second in zip(by_pair[same].tolist(), by_pair[same + 1].tolist(), strict=True):
        one, other = [int(left[first]), int(right[first])], [int(left[second]), int(right[second])]
        if len({*one, *other}) == 4:
            yield _sum(one, other)
    # a + b + c = d: a + b is what d has more than c.
    for whole in range(count):
        more = marks[whole] - marks
        at = np.searchsorted(in_order, more)
        at[at == len(in_order)] = 0
        for third in np.flatnonzero(in_order[at] == more).tolist():
            pair = by_pair[at[third]]
            terms = {int(left[pair]), int(right[pair]), third}
            if len(terms | {whole}) == 4:
                yield _sum(sorted(terms), [whole])


def _met(
    sums: NDArray[np.uint64], left: Places, right: Places, in_order: NDArray[np.uint64], order: Places
) -> Iterator[tuple[int, int, int]]:
    """Two counts and the one that is their sum."""
    at = np.searchsorted(in_order, sums)
    at[at == len(in_order)] = 0
    for hit in np.flatnonzero(in_order[at] == sums).tolist():
        yield int(left[hit]), int(right[hit]), int(order[at[hit]])


def _within(counts: NDArray[np.int8], contains: sparse.csr_matrix, sums: set[Sum]) -> Iterator[Sum]:
    """Groups of counts that together are never more than another one, which no sum says already."""
    told = set()
    for terms in sums:
        for sign in (1, -1):
            wholes = [place for place, each in terms if each == -sign]
            if len(wholes) == 1:
                told |= {(place, wholes[0]) for place, each in terms if each == sign}
    by_whole = contains.T.tocsr()
    for whole in range(len(counts)):
        parts = by_whole.indices[by_whole.indptr[whole] : by_whole.indptr[whole + 1]]
        inside = set(parts.tolist())
        # Only the widest: what lies within a part of it says no more.
        widest = [
            place
            for place in parts.tolist()
            if not inside
            & set(contains.indices[contains.indptr[place] : contains.indptr[place + 1]].tolist())
        ]
        open_ones = sorted(
            (place for place in widest if (place, whole) not in told), key=lambda each: -counts[each].sum()
        )
        while open_ones:
            group = [open_ones.pop(0)]
            left = counts[whole] - counts[group[0]]
            for place in list(open_ones):
                if (counts[place] <= left).all():
                    group.append(place)
                    left = left - counts[place]
                    open_ones.remove(place)
            yield (*((part, 1) for part in sorted(group)), (whole, -1))


def _covered(counts: NDArray[np.int8], contains: sparse.csr_matrix) -> Iterator[Sum]:
    """Counts that two of their widest parts make up between them, whoever is in both."""
    by_whole = contains.T.tocsr()
    sizes = counts.sum(axis=1, dtype=np.int64)
    for whole in range(len(counts)):
        parts = by_whole.indices[by_whole.indptr[whole] : by_whole.indptr[whole + 1]]
        for place, first in enumerate(parts.tolist()):
            left = counts[whole] - counts[first]
            for second in parts[place + 1 :].tolist():
                # Where they are never more than it either, they are a sum of it.
                if sizes[first] + sizes[second] > sizes[whole] and (counts[second] >= left).all():
                    yield (whole, 1), (first, -1), (second, -1)


def _later(
    counts: NDArray[np.int8], contains: sparse.csr_matrix, months: Places
) -> Iterator[tuple[Sum, int]]:
    """Counts of which one is more than the other in early months alone, and the month that makes them one.

    A measure may leave out what lies before a day, such as that on which orders began.
    """
    found: dict[Sum, int] = {}
    parts, wholes = contains.nonzero()
    for part, whole in zip(parts.tolist(), wholes.tolist(), strict=True):
        differ = np.flatnonzero(counts[part] != counts[whole])
        since = int(months[differ].max()) + 1
        after = counts[whole][months >= since].sum(dtype=np.int64)
        # By chance they would differ after it as often as before.
        if after * len(differ) > CERTAIN * counts[whole].sum(dtype=np.int64):
            found[_sum([part], [whole])] = since
    # What is rare may not have come in the month itself.
    for terms in found:
        yield terms, max(found.values())


def imagined_signatures(folder: Path = SQL) -> Signatures:
    """The signatures of the measures of the folder, over as many imagined forces as it takes."""
    return signatures((imagined(seed) for seed in range(FORCES)), tuple(asks(folder)), folder)


def derived() -> tuple[dict[Series, int], tuple[Pattern, ...]]:
    """Kinds and patterns, worked out from the measures as they are: takes half a minute."""
    return patterns(identities(imagined_signatures()))


def as_text(kinds: dict[Series, int], found: tuple[Pattern, ...]) -> str:
    """Kinds and patterns as they are kept: the fingerprint, then a line a series, then a line a pattern."""
    lines = [json.dumps({FINGERPRINT: fingerprint()})]
    lines += [json.dumps([*series, number]) for series, number in sorted(kinds.items())]
    lines += [
        json.dumps(
            [
                ["sum" if each.is_sum else "limit", each.is_each, each.since],
                [[*vars(term).values()] for term in each.terms],
            ]
        )
        for each in found
    ]
    return "\n".join(lines) + "\n"


@lru_cache(maxsize=1)
def known() -> tuple[dict[Series, int], tuple[Pattern, ...]]:
    """Kinds and patterns of the measures of today, as `make identities` wrote them down.

    Raises BadSnapshot when they were written of other definitions: what a new measure tells of others, or
    others of it, would then be known to nobody but the reader of a snapshot.
    """
    head, *lines = FILE.read_text(encoding="utf-8").splitlines()
    if json.loads(head) != {FINGERPRINT: fingerprint()}:
        raise BadSnapshot(
            f"{FILE} does not belong to the measures in {SQL}, which have changed since: what their counts "
            f"tell of each other is not known. Run {COMMAND}, then build the snapshot."
        )
    kinds: dict[Series, int] = {}
    found: list[Pattern] = []
    for line in lines:
        first, *rest = json.loads(line)
        if isinstance(first, str):
            kinds[Series(first, *rest[:-1])] = rest[-1]
        else:
            found.append(Pattern(tuple(Term(*term) for term in rest[0]), first[0] == "sum", *first[1:]))
    return kinds, tuple(found)


def write() -> None:
    """Write down what ties the counts of the measures as they are: takes half a minute."""
    FILE.write_text(as_text(*derived()), encoding="utf-8")

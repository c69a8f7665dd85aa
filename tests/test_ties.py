"""The ties of counts that are found are all there are: by linear algebra, of random and real measures."""

from itertools import product
from pathlib import Path

import numpy as np
import pytest
from scipy import sparse

from profiles.snapshot import identities
from profiles.snapshot.completing import as_table, null_space, rank
from profiles.snapshot.contents import asks
from profiles.snapshot.identities import ANY, FORCES, Identities, Pattern, patterns
from profiles.snapshot.imagined import WORDS, imagined
from profiles.snapshot.signatures import Series, Signatures, signatures
from tests import ties
from tests.sizes import cases

pytestmark = pytest.mark.slow

TEN = 10
FURTHER = 8
"""Forces that may show a tie to be an accident, after ten in which it held."""


@pytest.mark.parametrize("seed", range(cases(2, 40)))
def test_what_holds_in_ten_forces_follows_from_the_definitions_or_is_an_accident(
    tmp_path: Path, seed: int
) -> None:
    folder = ties.measured(seed, tmp_path / "sql")
    every = tuple(asks(folder))

    def days(number: int, count: int, *, is_even: bool, of: int = seed) -> Signatures:
        return signatures([ties.forces(of, number, count, is_even=is_even)], every, folder)

    found = identities.identities(days(2, 3000, is_even=True))
    series = list(found.place)
    known = ties.said(found, series)
    is_in = ties.inside(found, series)
    data = ties.aligned(days(TEN, 700, is_even=False), series, by_month=True)
    # What the definitions hold, the ten forces hold.
    assert not (known @ data).any()
    certain, held = rank(known), len(series) - rank(data)
    assert held > certain, "ten forces of habits hold more than the definitions do"
    daily = [ties.aligned(days(TEN, 60, is_even=False), series)]
    for number in range(FURTHER):
        further = days(1, 800, is_even=True, of=1000 + 10 * seed + number)
        assert ties.broken(found, further) == []
        daily.append(ties.aligned(further, series))
        data = np.hstack([data, daily[-1]])
        held = len(series) - rank(data)
        is_more = np.array([(row[None, :] <= np.hstack(daily)).all(axis=1) for row in np.hstack(daily)])
        if held == certain and (is_more == is_in).all():
            return
    extra = [each for each in null_space(data.T) if rank(np.vstack([known, each])) > certain]
    told = [ties.words(each, series) for each in extra]
    told += [f"{series[a]} <= {series[b]}" for a, b in np.argwhere(is_more & ~is_in).tolist()]
    raise AssertionError("\n".join(told) or "an order that the definitions hold is broken")


# ---- the real measures, and one more


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The SQL files with one measure more."""
    return ties.with_new_measure(tmp_path_factory.mktemp("more") / "sql")


@pytest.fixture(scope="module")
def every(folder: Path) -> Signatures:
    """The signatures of the real measures and of the new one."""
    return identities.imagined_signatures(folder)


@pytest.fixture(scope="module")
def real(every: Signatures) -> Signatures:
    """The signatures of the real measures."""
    of = [number for number, series in enumerate(every.series) if series.measure_id != ties.NEW_ID]
    return Signatures(tuple(every.series[number] for number in of), every.counts[of], every.months)


@pytest.fixture(scope="module")
def found(real: Signatures) -> Identities:
    return identities.identities(real)


def test_the_file_that_ships_holds_what_follows_from_the_measures(found: Identities) -> None:
    is_kept = identities.as_text(*patterns(found)) == identities.FILE.read_text(encoding="utf-8")
    assert is_kept, (
        f"What ties counts has changed. Run {identities.COMMAND}, and say in the docs what it costs."
    )


def test_the_sums_of_the_real_measures_are_all_there_are(real: Signatures, found: Identities) -> None:
    different = {
        number: row for row, number in zip(real.counts, map(found.place.get, real.series), strict=True)
    }
    counts = np.array([different[place] for place in range(found.count)])
    days = sparse.csr_matrix(counts.astype(np.float32))
    squares = (days @ days.T).toarray()
    # Single precision has been exact.
    assert squares.max() < 2**24
    told = rank(as_table(found.sums, found.count))
    assert told > 300
    assert found.count - rank(squares.astype(np.int64)) == told


def test_what_holds_of_each_word_and_of_all_says_as_much_as_what_was_found(found: Identities) -> None:
    kinds, ties_of_kinds = patterns(found)
    assert rank(spelled_out(kinds, ties_of_kinds, found)) == rank(as_table(found.sums, found.count))


def spelled_out(
    kinds: dict[Series, int], of_kinds: tuple[Pattern, ...], found: Identities
) -> np.ndarray[tuple[int, ...], np.dtype[np.int64]]:
    """A row for each sum of the patterns, said of each word that an imagined force has."""
    place: dict[tuple[int, int], int] = {}
    for series, kind in kinds.items():
        if series.category == ANY:
            for at, name in enumerate(identities.words_of(series.dimension)):
                place[kind, at] = found.place[series._replace(category=name)]
        else:
            place |= {(kind, at): kind for at in range(len(WORDS)) if (kind, at) not in place}
    rows = []
    for pattern, at in product(
        [each for each in of_kinds if each.is_sum and not each.since], range(len(WORDS))
    ):
        row = np.zeros(found.count, dtype=np.int64)
        for term in pattern.terms:
            for word in range(len(WORDS)) if term.is_every else (at,):
                row[place[term.kind, word]] += term.sign
        rows.append(row)
    return np.array(rows)


def test_what_was_found_holds_in_a_further_force(found: Identities) -> None:
    further = signatures([imagined(FORCES + 7)], tuple(asks()))
    assert len(further.series) > 1500
    assert ties.broken(found, further) == []


def test_a_new_measure_is_tied_because_it_is_there(every: Signatures) -> None:
    near = (ties.NEW_ID, "stalking_crimes", "mode_recorded_share")
    of = [number for number, series in enumerate(every.series) if series.measure_id in near]
    days = Signatures(tuple(every.series[number] for number in of), every.counts[of], every.months)
    kinds, of_kinds = patterns(identities.identities(days))

    def kind(measure_id: str, dimension: str = "all", category: str = "all", basis: str = "any") -> int:
        return kinds[Series(measure_id, "numerator", basis, dimension, category, "", "")]

    # What it counts is what the type counts, on every basis.
    for basis in ("any", "principal", "included_only"):
        assert kind(ties.NEW_ID, basis=basis) == kind("stalking_crimes", "typology", "online", basis)
    # By district it is new: what all districts have make it, and each is a part of that district's crimes
    # of which it is known.
    each, none = kind(ties.NEW_ID, "district", ANY), kind(ties.NEW_ID, "district", "not recorded")
    sums = [{(term.kind, term.is_every) for term in pattern.terms} for pattern in of_kinds if pattern.is_sum]
    assert {(kind(ties.NEW_ID), False), (each, True), (none, False)} in sums
    within = [pattern.terms for pattern in of_kinds if not pattern.is_sum and pattern.is_each]
    whole = kinds[Series("mode_recorded_share", "numerator", "any", "district", ANY, "", "")]
    assert (identities.Term(each, 1, False), identities.Term(whole, -1, False)) in within

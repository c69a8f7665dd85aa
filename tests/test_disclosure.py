"""Nothing withheld can be worked out: random tables, protected, then attacked with plain linear programs."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytest
from scipy import sparse
from scipy.optimize import linprog

from profiles import disclosure
from profiles.disclosure import Counts, Flags, Floats, protection
from tests.sizes import cases

SMALLEST, WIDTH, REACH = 5, 5, 5
"""What the domain asks for, written out again: a change in the product does not move its own yardstick."""


@dataclass(frozen=True)
class Grid:
    """A made-up table with its totals, and which of its counts are inner ones."""

    counts: Counts

    @property
    def values(self) -> Floats:
        """All its counts."""
        return self.counts.values


def grid(seed: int) -> Grid:
    """A table of two dimensions with totals, over one to three months and their sum; some never seen."""
    chance = np.random.default_rng(seed)
    months, rows, columns = chance.integers(1, 4), chance.integers(2, 5), chance.integers(2, 6)
    inner = chance.poisson(chance.choice([0.7, 3.0, 12.0], (1, rows, 1)), (months, rows, columns))
    numbers = np.arange((months + 1) * (rows + 1) * (columns + 1)).reshape(months + 1, rows + 1, columns + 1)
    values = np.zeros(numbers.shape)
    values[:months, :rows, :columns] = inner
    lines: list[tuple[Any, Any]] = []
    for axis, size in enumerate((months, rows, columns)):
        if axis == 0 and months == 1:
            continue
        parts, whole = [slice(None)] * 3, [slice(None)] * 3
        parts[axis], whole[axis] = slice(0, size), slice(size, size + 1)
        values[tuple(whole)] = values[tuple(parts)].sum(axis=axis, keepdims=True)
        of = np.moveaxis(numbers[tuple(parts)], axis, -1).reshape(-1, size)
        for members, head in zip(of, np.moveaxis(numbers[tuple(whole)], axis, -1).ravel(), strict=True):
            lines.append((members, head))
    if months == 1:
        values[1] = values[0]
        lines += [([a], b) for a, b in zip(numbers[0].ravel(), numbers[1].ravel(), strict=True)]
    relations = sparse.lil_matrix((len(lines), numbers.size))
    for line, (members, head) in enumerate(lines):
        relations[line, members] = 1.0
        relations[line, head] = -1.0
    flat = values.ravel()
    unseen = np.zeros(len(flat), dtype=bool)
    if chance.random() < 0.3:
        unseen[numbers[:, :, chance.integers(columns)].ravel()] = True
    costs = np.where(flat == 0, np.inf, 1.0 + np.log1p(flat))
    small = (flat > 0) & (flat < SMALLEST)
    spared = (chance.random(len(flat)) < 0.3) & (chance.random() < 0.3)
    return Grid(Counts(flat, sparse.csr_matrix(relations), costs, small, unseen, spared, flat))


def told(table: Grid, withheld: Flags) -> list[tuple[int, float, float]]:
    """Each withheld count that is not protected, with its lowest and highest value. Plain linear programs."""
    is_open = withheld | table.counts.is_unseen
    unknown = np.flatnonzero(is_open)
    system = table.counts.relations[:, unknown]
    right = -(table.counts.relations @ np.where(is_open, 0.0, table.values))
    found: list[tuple[int, float, float]] = []
    for at, place in enumerate(unknown):
        if not withheld[place]:
            continue
        goal = np.zeros(len(unknown))
        goal[at] = 1.0
        ends: list[float] = []
        for sign in (1.0, -1.0):
            solved = linprog(sign * goal, A_eq=system, b_eq=right, bounds=(0, None))
            assert solved.status in (0, 3), solved.message
            ends.append(solved.fun * sign if solved.status == 0 else sign * -np.inf)
        if ends[1] - ends[0] < WIDTH - 1e-6 or ends[1] < REACH - 1e-6:
            found.append((int(place), ends[0], ends[1]))
    return found


def faults(seeds: range) -> list[object]:
    """What is wrong in any of the tables after protection."""
    wrong: list[object] = []
    for seed in seeds:
        table = grid(seed)
        found = protection(table.counts)
        if (table.counts.is_primary & ~table.counts.is_unseen & ~found.withheld).any():
            wrong.append((seed, "a small count is shown"))
        if (found.withheld & (table.values == 0)).any():
            wrong.append((seed, "zero is withheld"))
        wrong += [(seed, *each) for each in told(table, found.withheld) if not found.exposed[each[0]]]
        wrong += [(seed, "given up", int(place)) for place in np.flatnonzero(found.exposed)]
    return wrong


BLOCK = 25


@pytest.mark.slow
@pytest.mark.parametrize("first", range(0, cases(150, 1000), BLOCK))
def test_no_withheld_count_of_a_table_can_be_told(first: int) -> None:
    assert faults(range(first, first + BLOCK)) == []


@pytest.mark.slow
def test_without_secondary_suppression_the_attack_tells_small_counts() -> None:
    shown = [grid(seed) for seed in range(25)]
    assert sum(bool(told(table, table.counts.is_primary & ~table.counts.is_unseen)) for table in shown) > 15


def test_one_withheld_count_of_a_sum_takes_others_along_with_room_to_move() -> None:
    # 2 of 2 + 9 + 7 = 18: one more is withheld, and it can move by 5.
    relation = sparse.csr_matrix(np.array([[1.0, 1.0, 1.0, -1.0]]))
    values = np.array([2.0, 9.0, 7.0, 18.0])
    none = np.zeros(4, dtype=bool)
    counts = Counts(values, relation, np.array([1.0, 2.0, 1.0, 50.0]), values == 2.0, none, none, values)
    found = protection(counts)
    assert found.withheld.tolist() == [True, False, True, False]
    assert not found.exposed.any()
    # Of what is spared nothing is withheld where another will do, however dear; and it is where none will.
    spared = values == 7.0
    found = protection(replace(counts, suppress_last=spared))
    assert found.withheld.tolist() == [True, True, False, False]
    assert not found.exposed.any()
    found = protection(replace(counts, suppress_last=spared, costs=np.array([1.0, np.inf, 1.0, np.inf])))
    assert found.withheld.tolist() == [True, False, True, False]
    assert not found.exposed.any()


def test_a_count_that_was_less_before_can_be_thought_to_fall_no_further() -> None:
    # 6 - 4 = 2, of which 2 is told, and 4 + 1 = 5: both the 6 and the 4 may be less by 4, or more by 1.
    relations = sparse.csr_matrix(np.array([[1.0, -1.0, -1.0, 0.0, 0.0], [0.0, 1.0, 0.0, 1.0, -1.0]]))
    values = np.array([6.0, 4.0, 2.0, 1.0, 5.0])
    small, none = np.array([False, True, False, True, False]), np.zeros(5, dtype=bool)
    costs = np.array([1.0, 1.0, np.inf, 1.0, np.inf])
    counts = Counts(values, relations, costs, small, none, none, values)
    assert not protection(counts).exposed.any()
    # Where the 6 was 2 in a release before and the same relation held, there is no such room.
    was = np.array([2.0, 4.0, 2.0, 1.0, 5.0])
    assert protection(replace(counts, max_decrease=was)).exposed.tolist() == [False, True, False, True, False]
    # With room enough for one more to be withheld.
    found = protection(replace(counts, max_decrease=was, costs=np.where(values == 5.0, 1.0, costs)))
    assert found.withheld.tolist() == [True, True, False, True, True]
    assert not found.exposed.any()


def test_a_count_that_cannot_be_protected_is_named() -> None:
    # Both parts and their sum are 3 or less, and the sum may not be withheld.
    values = np.array([1.0, 2.0, 3.0])
    relation = sparse.csr_matrix(np.array([[1.0, 1.0, -1.0]]))
    counts = Counts(
        values,
        relation,
        np.array([1.0, 1.0, np.inf]),
        np.array([True, True, False]),
        np.zeros(3, dtype=bool),
        np.zeros(3, dtype=bool),
        values,
    )
    assert protection(counts).exposed.tolist() == [True, True, False]


def test_what_is_withheld_from_the_start_stays_so_and_is_protected_too() -> None:
    table = grid(3)
    start = np.zeros(len(table.values), dtype=bool)
    start[np.argmax(table.values)] = True
    found = protection(table.counts, start)
    assert found.withheld[start].all()
    assert told(table, found.withheld) == []


def test_a_range_is_as_wide_as_the_whole_numbers_in_it() -> None:
    low, high = np.array([0.5, 1.0, 0.0]), np.array([5.5, 6.0, 4.9999999])
    assert disclosure.is_wide(low, high).tolist() == [False, True, True]


def test_protection_is_the_same_each_time() -> None:
    table = grid(11)
    first, second = (protection(table.counts).withheld.tolist() for _ in range(2))
    assert first == second


def test_rounding_is_to_the_nearest_five_and_halves_cannot_occur() -> None:
    values = np.array([0.0, 2.0, 3.0, 7.0, 8.0, 12.0, 13.0])
    assert disclosure.rounded(values).tolist() == [0.0, 0.0, 5.0, 5.0, 10.0, 10.0, 15.0]

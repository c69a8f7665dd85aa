"""Ranges: the least and the most that withheld counts can be, as far as a system of relations tells.

First each relation by itself, until nothing changes; then linear programs over all relations that hang
together, of which the solver (HiGHS) keeps the last solution and starts from it; then small programs in
whole numbers for what is nearly narrow. A count of which a solution was seen far enough below and above is
safe, and is followed no further.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from profiles.disclosure import WIDTH
from profiles.snapshot.beliefs import Relation
from profiles.snapshot.programs import EPSILON, Floats, Places, Program, near

Flags = NDArray[np.bool_]
System = tuple[sparse.csr_array, Floats, Floats, Places]
"""Relations over columns: matrix, right sides below and above, and which relations they are."""
MOST = 1e6
"""No count is thought to be more than this, or than twice the greatest that is told."""
IDLE = 3
"""Programs in a row that may bring next to nothing before each count that is left is looked at by itself."""
NEAR = 250
"""Relations in a program of whole numbers."""
TURNS, ENOUGH = 12, 0.95
"""Solutions looked for where figures are told rounded, unless one leaves more than this share unsafe."""
SIZES = (50, 200, 800)
"""Relations around a count, fewer first, among which it is looked at where figures are rounded."""
NARROW = 8.0
"""What is less wide in a linear program is looked at in whole numbers."""
CHUNK = 3000
"""Counts in one program, at most, unless one block of relations has more."""

ONE, ALL, WHOLE = "one sum after another", "all sums together", "whole numbers"


@dataclass
class Ranges:
    """The ends of each count, how they were found where they are narrow, and which were not finished.

    `broken` are the places of relations that the figures contradict: they were left out.
    """

    low: Floats
    high: Floats
    by: dict[int, str]
    unfinished: set[int]
    broken: list[int]

    def is_narrow(self, place: int) -> bool:
        """Whether the count is given away."""
        return bool(self.high[place] - self.low[place] < WIDTH - EPSILON)


def ranges(
    low: Sequence[float],
    high: Sequence[float],
    relations: Sequence[Relation],
    targets: Sequence[int],
    seconds: float,
    say: Callable[[str], None] = lambda text: None,
) -> Ranges:
    """The least and the most of each target, found within so many seconds."""
    return _Solver(low, high, relations, targets, time.monotonic() + seconds, say).found()


def contradicted(
    low: Sequence[float],
    high: Sequence[float],
    relations: Sequence[Relation],
    targets: Sequence[int],
    seconds: float,
) -> list[int]:
    """Places of relations without which the others can all hold; none when all can."""
    return _Solver(
        low, high, relations, targets, time.monotonic() + seconds, lambda text: None
    ).contradicted()


class _Solver:
    """A system, and what has been found of it so far."""

    def __init__(
        self,
        low: Sequence[float],
        high: Sequence[float],
        relations: Sequence[Relation],
        targets: Sequence[int],
        end: float,
        say: Callable[[str], None],
    ) -> None:
        self.low, self.high = np.array(low, dtype=float), np.array(high, dtype=float)
        told = np.concatenate([self.high[np.isfinite(self.high)], self.low])
        self.high = np.minimum(self.high, max(MOST, 2 * told.max(initial=0.0)))
        self.relations = relations
        self.is_target = np.zeros(len(self.low), dtype=bool)
        self.is_target[list(targets)] = True
        # Only where the snapshot tells a range of a count is one that is no target bounded before all else.
        self.is_rounded = ~self.is_target & (np.array(low) < np.array(high)) & np.isfinite(np.array(high))
        self.end, self.say = end, say
        self.by: dict[int, str] = {}
        self.broken: list[int] = []
        self.unfinished: set[int] = set()
        self.done: set[int] = set()
        self.turn = 0
        self.seen_low, self.seen_high = np.full(len(self.low), np.inf), np.full(len(self.low), -np.inf)
        sizes = np.array([len(relation.terms) for relation in relations], dtype=np.int64)
        self.line = np.repeat(np.arange(len(relations)), sizes)
        self.column = np.array([place for each in relations for place in each.terms], dtype=np.int64)
        self.weight = np.array([weight for each in relations for weight in each.terms.values()], dtype=float)
        self.is_sum = np.array([each.is_sum for each in relations], dtype=bool)
        self.is_used = np.ones(len(relations), dtype=bool)

    def found(self) -> Ranges:
        """All that is found."""
        self._one_after_another()
        narrow = int((self.is_target & (self.high - self.low < WIDTH - EPSILON)).sum())
        self.say(f"{narrow:,} counts are told by one sum after another")
        blocks = list(self._blocks())
        sizes = sum(len(columns) for columns, _ in blocks)
        self.say(f"solving for {sizes:,} counts in {len(blocks)} programs")
        for columns, lines in blocks:
            self._together(columns, lines)
        self._in_whole_numbers()
        return Ranges(self.low, self.high, self.by, self.unfinished, self.broken)

    def contradicted(self) -> list[int]:
        """Relations that had to be left out for the others to hold."""
        self._one_after_another()
        for columns, system in self._blocks():
            self._started(columns, system)
        return self.broken

    def _one_after_another(self, rounds: int = 100) -> None:
        """Narrow every count by each relation in turn until nothing changes; leave out what contradicts."""
        count = len(self.relations)
        if (self.low > self.high).any():
            place = int(np.flatnonzero(self.low > self.high)[0])
            raise ArithmeticError(f"count {place} is told as {self.low[place]:g} and {self.high[place]:g}")
        k, r, w = self.column, self.line, self.weight
        is_up = w > 0
        for _ in range(rounds):
            low, high = self.low.copy(), self.high.copy()
            least = np.where(is_up, w * low[k], w * high[k])
            most = np.where(is_up, w * high[k], w * low[k])
            at_least, at_most = np.bincount(r, least, count), np.bincount(r, most, count)
            # Of a sum that is 0, or no more.
            above = -(at_least[r] - least) / w
            below = np.where(self.is_sum[r], -(at_most[r] - most) / w, np.where(is_up, -np.inf, np.inf))
            tops, bottoms = np.where(is_up, above, below), np.where(is_up, below, above)
            tops = np.where(self.is_used[r], np.floor(tops + EPSILON), np.inf)
            bottoms = np.where(self.is_used[r], np.ceil(bottoms - EPSILON), -np.inf)
            is_wrong = (tops < low[k]) | (bottoms > high[k])
            if is_wrong.any():
                wrong = np.unique(r[is_wrong])
                # One at a time for each count: others may hold without it.
                self._leave_out([int(wrong[np.argmax(at_least[wrong] - at_most[wrong] * 0)])])
                continue
            np.minimum.at(self.high, k, tops)
            np.maximum.at(self.low, k, bottoms)
            crossed = np.flatnonzero(self.low > self.high + EPSILON)
            if len(crossed):
                self.low, self.high = low, high
                at = np.flatnonzero(np.isin(k, crossed) & ((tops < high[k]) | (bottoms > low[k])))
                self._leave_out([int(r[at[-1]])])
                continue
            changed = (self.low > low) | (self.high < high)
            if not changed.any():
                return
            hit = self.is_target[k] & (
                ((tops <= self.high[k]) & (self.high[k] < high[k]))
                | ((bottoms >= self.low[k]) & (self.low[k] > low[k]))
            )
            for place, line in zip(k[hit].tolist(), r[hit].tolist(), strict=True):
                self.by[place] = f"{ONE}: {self.relations[line].kind}"

    def _leave_out(self, lines: list[int]) -> None:
        self.is_used[lines] = False
        self.broken += lines

    def _system(self) -> System:
        """Relations over the counts that are open: matrix, right sides below and above, and lines."""
        is_open = self.high - self.low > 0.5
        fixed = np.bincount(
            self.line,
            np.where(is_open[self.column], 0.0, self.weight * self.low[self.column]),
            len(self.relations),
        )
        most = np.bincount(
            self.line,
            np.where(
                self.weight > 0, self.weight * self.high[self.column], self.weight * self.low[self.column]
            ),
            len(self.relations),
        )
        opens = np.bincount(self.line, is_open[self.column], len(self.relations)) > 0
        kept = self.is_used & opens & (self.is_sum | (most > EPSILON))
        lines = np.flatnonzero(kept)
        number = np.cumsum(kept) - 1
        at = kept[self.line] & is_open[self.column]
        matrix = sparse.csr_array(
            (self.weight[at], (number[self.line[at]], self.column[at])), shape=(len(lines), len(self.low))
        )
        right = np.asarray(-fixed[lines], dtype=np.float64)
        return matrix, np.where(self.is_sum[lines], right, -np.inf), right, lines.astype(np.int64)

    def _blocks(self) -> Iterator[tuple[Places, System]]:
        """The open counts of blocks that hold a target which may be wide, small ones together."""
        matrix, right_low, right_high, lines = self._system()
        is_open = self.high - self.low > 0.5
        wanted = self.is_target & is_open & (self.high - self.low >= WIDTH - EPSILON)
        # What no relation ties can be anything between its ends.
        loose = wanted & (np.diff(sparse.csc_array(matrix).indptr) == 0)
        self.seen_low[loose], self.seen_high[loose] = self.low[loose], self.high[loose]
        for columns, rows in _blocks(matrix, wanted):
            part = sparse.csr_array(matrix[rows][:, columns])
            yield columns, (part, right_low[rows], right_high[rows], lines[rows])

    def _is_safe(self, columns: Places) -> Flags:
        """Which counts were seen far enough apart, in whole numbers."""
        safe: Flags = (
            np.floor(self.seen_high[columns] + EPSILON) - np.ceil(self.seen_low[columns] - EPSILON) >= WIDTH
        )
        return safe

    def _together(self, columns: Places, system: System) -> None:
        """Look for solutions of a block in which its targets lie far apart; of those left find the ends."""
        targets = self.is_target[columns] & (self.high[columns] - self.low[columns] >= WIDTH - EPSILON)
        program, first = self._started(columns, system)
        if first is None:
            self.unfinished |= set(columns[targets].tolist())
            return
        self._note(columns, first)
        if self.is_rounded[columns].any():
            self._told_rounded(program, system, columns, targets)
        else:
            self._many(program, columns, targets)
        for at in np.flatnonzero(targets).tolist():
            if not self._is_safe(columns[[at]])[0] and int(columns[at]) not in self.done:
                self._ends(program, columns, at)

    def _nearby(
        self,
        system: System,
        columns: Places,
        targets: Flags,
        solution: Floats,
    ) -> None:
        """Look at each target that is left among ever more of what is around it.

        With all else as in a solution it can be at least what is found so; with all else left out, at most.
        """
        matrix, right_low, right_high, _ = system
        across = sparse.csc_array(matrix)
        low, high = self.low[columns], self.high[columns]
        for size in SIZES:
            left = [
                at
                for at in np.flatnonzero(targets).tolist()
                if not self._is_safe(columns[[at]])[0] and int(columns[at]) not in self.done
            ]
            self.say(f"{len(left):,} counts by themselves, among {size:,} relations")
            for at in left:
                if time.monotonic() > self.end:
                    return
                if self._is_safe(columns[[at]])[0]:
                    continue
                close = near(matrix, across, at, size)
                region = np.unique(matrix[close].indices)
                touched = np.unique(across[:, region].indices)
                rest = np.ones(len(columns), dtype=bool)
                rest[region] = False
                around = matrix[touched] @ np.where(rest, solution, 0.0)
                inner = Program(
                    sparse.csr_array(matrix[touched][:, region]),
                    right_low[touched] - around,
                    right_high[touched] - around,
                    low[region],
                    high[region],
                )
                place = int(np.searchsorted(region, at))
                for found in inner.both(place, self.end):
                    self._note(columns[region], found)
                if self._is_safe(columns[[at]])[0]:
                    continue
                outer = Program(
                    sparse.csr_array(matrix[close][:, region]),
                    right_low[close],
                    right_high[close],
                    low[region],
                    high[region],
                )
                ends = [found[place] for found in outer.both(place, self.end)]
                if len(ends) == 2 and ends[1] - ends[0] < WIDTH - EPSILON:
                    self._narrowed(int(columns[at]), ends[0], ends[1])

    def _narrowed(self, place: int, low: float, high: float) -> None:
        """Note the ends of a count that all relations together narrow."""
        low, high = np.ceil(low - EPSILON), np.floor(high + EPSILON)
        self.done.add(place)
        if high - low < self.high[place] - self.low[place]:
            self.low[place], self.high[place] = low, max(low, high)
            self.by[place] = ALL

    def _told_rounded(self, program: Program, system: System, columns: Places, targets: Flags) -> None:
        """Look for far solutions where figures are told rounded: what can still be far apart is safe.

        First these are held as they are in a solution, then all that are left are moved together; at last
        each is looked at by itself.
        """
        held = np.flatnonzero(self.is_rounded[columns])
        solution = program.solution(np.zeros(len(columns)), self.end)
        if solution is None:
            return
        program.hold(held, solution[held])
        self._many(program, columns, targets)
        program.release()
        inside: Floats | None = None
        chance = np.random.default_rng(7)
        for turn in range(TURNS):
            left = targets & ~self._is_safe(columns)
            if not left.any():
                return
            # All that are left up, all down, and some up and the others down.
            signs = (
                chance.choice([-1.0, 1.0], len(columns))
                if turn > 1
                else np.full(len(columns), 1.0 - 2 * turn)
            )
            found = program.inside(
                np.where(left, signs * chance.uniform(0.5, 1.5, len(columns)), 0.0), self.end
            )
            if found is None:
                break
            inside = found
            self._note(columns, inside)
            still = int((targets & ~self._is_safe(columns)).sum())
            self.say(f"{len(columns):,} counts, moved together: {still:,} may be narrow")
            if turn and still > ENOUGH * left.sum():
                break
        if inside is not None:
            self._nearby(system, columns, targets, inside)

    def _many(self, program: Program, columns: Places, targets: Flags) -> None:
        """Push all targets that are not safe up or down together, again and again, while that helps."""
        chance = np.random.default_rng(self.turn)
        idle, number = 0, 0
        while idle < IDLE:
            left = targets & ~self._is_safe(columns)
            count = int(left.sum())
            if not count:
                return
            signs = np.full(len(columns), 1.0 if self.turn % 2 else -1.0)
            if self.turn % 6 > 3:
                signs = chance.choice([-1.0, 1.0], len(columns))
            weights = np.where(left, signs * chance.uniform(0.5, 1.5, len(columns)), 0.0)
            found = program.solution(weights, self.end)
            if found is None:
                return
            self._note(columns, found)
            still = int((targets & ~self._is_safe(columns)).sum())
            idle = idle + 1 if still > 0.97 * count else 0
            number, self.turn = number + 1, self.turn + 1
            self.say(f"{len(columns):,} counts together: {still:,} of {int(targets.sum()):,} may be narrow")

    def _started(self, columns: Places, system: System) -> tuple[Program, Floats | None]:
        """The program of a block and a first solution; relations that contradict the others are left out."""
        matrix, right_low, right_high, lines = system
        program = Program(matrix, right_low, right_high, self.low[columns], self.high[columns])
        first = program.solution(np.zeros(len(columns)), self.end)
        while first is None and not program.is_late:
            wrong = program.broken()
            if not len(wrong):
                break
            self._leave_out(lines[wrong].tolist())
            program.leave_out(wrong)
            first = program.solution(np.zeros(len(columns)), self.end)
        return program, first

    def _ends(self, program: Program, columns: Places, at: int) -> None:
        """Find the least and the most of one count."""
        place = int(columns[at])
        weights = np.zeros(len(columns))
        for sign in (-1.0, 1.0):
            weights[at] = sign
            found = program.solution(weights, self.end)
            if found is None:
                self.unfinished.add(place)
                return
            self._note(columns, found)
        self._narrowed(place, self.seen_low[place], self.seen_high[place])

    def _note(self, columns: Places, solution: Floats) -> None:
        self.seen_low[columns] = np.minimum(self.seen_low[columns], solution)
        self.seen_high[columns] = np.maximum(self.seen_high[columns], solution)

    def _in_whole_numbers(self) -> None:
        """Narrow what is nearly narrow by programs in whole numbers over the relations around it."""
        width = self.high - self.low
        places = np.flatnonzero(self.is_target & (width >= WIDTH - EPSILON) & (width < NARROW))
        if not len(places):
            return
        matrix, right_low, right_high, _ = self._system()
        across = sparse.csc_array(matrix)
        for place in places[np.argsort(width[places], kind="stable")].tolist():
            close = near(matrix, across, place, NEAR)
            if not len(close):
                continue
            part = sparse.csr_array(matrix[close])
            columns = np.unique(part.indices)
            at = int(np.searchsorted(columns, place))
            program = Program(
                sparse.csr_array(part[:, columns]),
                right_low[close],
                right_high[close],
                self.low[columns],
                self.high[columns],
                is_whole=True,
            )
            weights = np.zeros(len(columns))
            for sign in (-1.0, 1.0):
                weights[at] = sign
                bound = program.bound(weights, self.end)
                if bound is None:
                    if time.monotonic() > self.end:
                        self.unfinished.add(place)
                    continue
                if sign < 0:
                    new = np.ceil(-bound - EPSILON)
                    is_new = new > self.low[place]
                    self.low[place] = max(self.low[place], new)
                else:
                    new = np.floor(bound + EPSILON)
                    is_new = new < self.high[place]
                    self.high[place] = min(self.high[place], new)
                if is_new:
                    self.by[place] = WHOLE


def _blocks(matrix: sparse.csr_array, wanted: Flags) -> Iterator[tuple[Places, Places]]:
    """Columns and rows of the independent blocks that hold a wanted column, small ones together."""
    joint = sparse.block_array([[None, matrix], [matrix.T, None]], format="csr")
    total, label = sparse.csgraph.connected_components(joint, directed=False)
    of_line, of_column = label[: matrix.shape[0]], label[matrix.shape[0] :]
    is_wanted = np.zeros(total, dtype=bool)
    is_wanted[of_column[wanted]] = True
    is_wanted &= np.bincount(of_line, minlength=total) > 0
    size = np.bincount(of_column, minlength=total)
    bundle = np.full(total, -1)
    number, filled = 0, 0
    for each in np.flatnonzero(is_wanted).tolist():
        if filled and filled + size[each] > CHUNK:
            number, filled = number + 1, 0
        bundle[each] = number
        filled += size[each]
    for each in range(number + 1):
        columns, rows = np.flatnonzero(bundle[of_column] == each), np.flatnonzero(bundle[of_line] == each)
        if len(columns):
            yield columns, rows

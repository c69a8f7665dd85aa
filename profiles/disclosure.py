"""Disclosure control: which counts are withheld so that no small one can be worked out from the rest.

Counts are whole and not below 0, and are tied by linear relations `R x = 0` that everybody knows. Counts of
1 to 4 are withheld (primary); further ones are withheld (secondary) until each withheld count could, as far
as everything published tells, be anything in a range at least `WIDTH` wide that reaches `REACH`. Ranges come
from linear programming (HiGHS), after Fischetti and Salazar-González (2001), Management Science 47(7).
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Places = NDArray[np.int64]

SMALLEST = 5
"""Counts above 0 and below this are withheld."""
WIDTH, REACH = 5.0, 5.0
"""A withheld count has a range at least so wide, and its upper end lies at least so high."""
BASE = 5
"""What figures of the external profile are rounded to."""

FURTHEST = 400.0
"""No count is moved further than this when a range is sought: keeps every program bounded."""
TOLERANCE = 1e-6
CHUNK = 1500
"""Counts in one linear program, at most, unless one block of relations has more."""
REWARD = 100.0
"""What protecting a count is worth for each unit it is moved, where withholding the dearest one costs 1."""
STAGES = ((300, 3), (30, 6), (5, 12))
"""How many counts are moved in one program, and through how many relations: first many that need little."""
WIDEST = 8000
"""Counts in the neighbourhood of those moved, beyond which it grows no further."""
LAST, FARTHEST = 30, 16000
"""Relations to go through, and counts in the neighbourhood, when nothing nearer will do. What that does not
protect is left out: where much is withheld, programs over all counts take minutes each."""
ROUNDS = 2
"""Programs that may bring next to nothing before each count that is left is looked at by itself."""
SWEEPS = 50
"""Times that all sums are gone through, one after the other."""
GAIN = 0.7
"""A stage ends when more than this share of what was unprotected still is."""
ABREAST = 2
"""Programs solved at a time: each starts from what is withheld before them, so that their number shows in the
result, and is the same on every machine."""


@dataclass(frozen=True)
class Counts:
    """Counts, the relations between them (a row each, coefficients, summing to 0) and what may be done.

    `costs` is what withholding one costs, infinite where it cannot be. Of what `is_unseen` nothing is
    ever published. `is_primary` are those to be protected, seen or not. Those of `suppress_last` are withheld
    for the sake of another only where nothing else protects that one. `max_decrease` is how far each may be
    thought to fall: its value, or less where it was less in a release before.
    """

    values: Floats
    relations: sparse.csr_matrix
    costs: Floats
    is_primary: Flags
    is_unseen: Flags
    suppress_last: Flags
    max_decrease: Floats


@dataclass(frozen=True)
class Protection:
    """Which counts are withheld, and which of them could not be protected whatever else is withheld."""

    withheld: Flags
    exposed: Flags


def protection(
    counts: Counts, start: Flags | None = None, say: Callable[[str], None] = lambda text: None
) -> Protection:
    """What to withhold: the primary ones, those of `start`, and as few and cheap further ones as found.

    The result holds against whoever solves all relations at once; what cannot be protected is said.
    """
    can = np.isfinite(counts.costs) & ~counts.is_unseen
    withheld = (counts.is_primary & ~counts.is_unseen) | (start if start is not None else False)
    moves = _Moves(counts, withheld)
    allowed = can & ~counts.suppress_last
    moves.can, moves.lost = allowed, _is_held(counts, allowed | withheld | counts.is_unseen)
    for together, hops in STAGES:
        moves.free_ones()
        before, after = np.inf, int(moves.left().sum())
        while 0 < after < GAIN * before:
            before = after
            for _ in range(ROUNDS):
                moves.several(together, hops)
            after = int(moves.left().sum())
            say(f"{int(moves.withheld.sum()):,} withheld, {after:,} still to be protected")
    moves.free_ones()
    moves.several(len(withheld), LAST, FARTHEST)
    moves.one_by_one()
    # What nothing else protects may take what is to be suppressed last: as few as found, so one by one.
    moves.can, moves.lost = can, _is_held(counts, can | moves.withheld | counts.is_unseen)
    moves.free_ones()
    moves.one_by_one()
    moves.lost = np.zeros(len(withheld), dtype=bool)
    return Protection(moves.withheld, moves.left())


def _is_held(counts: Counts, may: Flags) -> Flags:
    """Which counts stay too narrow even if all that `may` be is withheld, as one sum after another tells.

    A sum whose other terms are held holds its last one; what it does not tell the solver is asked for.
    """
    system = counts.relations
    line, at, sign = (
        np.repeat(np.arange(system.shape[0]), np.diff(system.indptr)),
        system.indices,
        system.data,
    )
    low = np.where(may, -np.minimum(counts.max_decrease, FURTHEST), 0.0)
    high = np.where(may, FURTHEST, 0.0)
    for _ in range(SWEEPS):
        least, most = (sign * np.where((sign > 0) == is_low, low[at], high[at]) for is_low in (True, False))
        others_least = np.bincount(line, least, system.shape[0])[line] - least
        others_most = np.bincount(line, most, system.shape[0])[line] - most
        ends = np.sort(np.stack([-others_least / sign, -others_most / sign]), axis=0)
        before = (high - low).sum()
        np.maximum.at(low, at, ends[0])
        np.minimum.at(high, at, ends[1])
        if (high - low).sum() > before - TOLERANCE:
            break
    return ~is_wide(counts.values + low, counts.values + high)


@dataclass(frozen=True)
class _Block:
    """Counts that hang together, and the relations among them."""

    places: Places
    relations: sparse.csr_matrix


def _free_blocks(counts: Counts, withheld: Flags, targets: Flags) -> tuple[list[list[_Block]], Flags]:
    """Blocks of what is free to move and holds a target, bundled, and the targets no program need look for.

    Those are the targets that one relation after the other tells.
    """
    free = withheld | counts.is_unseen
    system = sparse.csr_matrix(counts.relations @ sparse.diags(free.astype(float)))
    system.eliminate_zeros()
    told = np.zeros(len(free), dtype=bool)
    while True:
        lone = np.diff(system.indptr) == 1
        if not lone.any():
            break
        found = np.unique(system.indices[system.indptr[:-1][lone]])
        told[found] = True
        system = sparse.csr_matrix(system @ sparse.diags((~told).astype(float)))
        system.eliminate_zeros()
    system = system[np.diff(system.indptr) > 0]
    return _bundled(system, targets & ~told), told & targets


def _bundled(system: sparse.csr_matrix, targets: Flags) -> list[list[_Block]]:
    """The independent blocks of a system that hold a target, several small ones together."""
    tied = np.unique(system.indices)
    if not len(tied):
        return []
    links = abs(system).sign()
    joint = sparse.bmat([[None, links], [links.T, None]]).tocsr()
    _, label = sparse.csgraph.connected_components(joint, directed=False)
    of_row, of_column = label[: system.shape[0]], label[system.shape[0] :]
    wanted = np.zeros(label.max() + 1, dtype=bool)
    is_tied = np.zeros(len(targets), dtype=bool)
    is_tied[tied] = True
    wanted[of_column[targets & is_tied]] = True
    columns = tied[wanted[of_column[tied]]]
    columns = columns[np.argsort(of_column[columns], kind="stable")]
    rows = np.flatnonzero(wanted[of_row])
    rows = rows[np.argsort(of_row[rows], kind="stable")]
    column_parts = np.split(columns, np.flatnonzero(np.diff(of_column[columns])) + 1) if len(columns) else []
    row_parts = np.split(rows, np.flatnonzero(np.diff(of_row[rows])) + 1) if len(rows) else []
    bundles: list[list[_Block]] = []
    size = CHUNK
    for places, lines in zip(column_parts, row_parts, strict=True):
        block = _Block(places, sparse.csr_matrix(system[lines][:, places]))
        if size + len(places) > CHUNK:
            bundles.append([])
            size = 0
        bundles[-1].append(block)
        size += len(places)
    return bundles


def is_wide(low: Floats, high: Floats) -> Flags:
    """Whether ranges protect the counts they are of, which are whole."""
    least, most = np.ceil(low - TOLERANCE), np.floor(high + TOLERANCE)
    wide: Flags = (most - least >= WIDTH) & (most >= REACH)
    return wide


def reaches(
    relations: sparse.csr_matrix,
    right: Floats,
    lower: Floats,
    upper: Floats,
    targets: Flags,
    blocks: Places,
    origin: Floats | None = None,
    is_exact: bool = True,
) -> tuple[Floats, Floats]:
    """Lowest and highest value of each target found: the true ends, or ends that already protect it.

    The system is `relations y = right`, `lower <= y <= upper`. `blocks` number its independent
    parts; in each of them one target is looked at in one program. `origin` is added to y to make counts of
    it; with an origin y = 0 is known to solve the system. Unless it `is_exact`, a target may be left with
    less than its range.
    """
    base = np.zeros(len(lower)) if origin is None else origin
    low, high = np.full(len(lower), np.inf), np.full(len(lower), -np.inf)
    if origin is not None:
        low[:], high[:] = 0.0, 0.0
    chance = np.random.default_rng(0)

    def tried(weights: Floats, goal: Floats | float = np.inf) -> None:
        found = _solved(relations, right, lower, np.minimum(upper, goal), weights)
        np.minimum(low, found, out=low)
        np.maximum(high, found, out=high)

    def open_ones() -> Flags:
        return targets & ~is_wide(base + low, base + high)

    # As many at once as will go: all that are left are pushed up, none further than it need go; then some are
    # pushed up and the others down.
    idle, number = 0, 0
    while idle < ROUNDS:
        left = open_ones()
        count = int(left.sum())
        if not count:
            return low, high
        signs = np.ones(len(lower)) if number % 2 == 0 else chance.choice([-1.0, 1.0], len(lower))
        goal = np.where(left & (signs > 0) & (number % 4 < 2) & (origin is not None), WIDTH, np.inf)
        tried(np.where(left, signs * chance.uniform(0.5, 1.5, len(lower)), 0.0), goal)
        idle = idle + 1 if open_ones().sum() > 0.98 * count else 0
        number += 1
    if not is_exact:
        return low, high
    done = np.zeros(len(lower), dtype=bool)
    while True:
        left = open_ones() & ~done
        if not left.any():
            return low, high
        places = np.flatnonzero(left)
        _, first = np.unique(blocks[places], return_index=True)
        chosen = places[first]
        weights = np.zeros(len(lower))
        weights[chosen] = 1.0
        tried(weights)
        tried(-weights)
        done[chosen] = True


def _solved(
    relations: sparse.csr_matrix, right: Floats, lower: Floats, upper: Floats, weights: Floats
) -> Floats:
    """A solution of the system with the greatest weighted sum. Raises ArithmeticError when there is none."""
    from scipy.optimize import linprog

    found = linprog(
        -weights,
        A_eq=relations,
        b_eq=right,
        bounds=np.column_stack([lower, upper]),
        method="highs",
    )
    if found.x is None:
        raise ArithmeticError(found.message)
    solution: Floats = found.x
    return solution


class _Moves:
    """The changes found so far that keep every relation, and what is withheld because it moves in one.

    `low` and `high` are the furthest changes of each count in any of them: all are there for whoever
    solves the relations to believe in. Withholding more only adds to them.
    """

    def __init__(self, counts: Counts, withheld: Flags) -> None:
        self.counts, self.withheld, self.can = counts, withheld, np.zeros(len(withheld), dtype=bool)
        self.low, self.high = np.zeros(len(withheld)), np.zeros(len(withheld))
        self.lost = np.zeros(len(withheld), dtype=bool)
        self.pattern = abs(counts.relations).sign()
        self.turned = sparse.csr_matrix(self.pattern.T)
        self.chance = np.random.default_rng(0)
        dearest = counts.costs[np.isfinite(counts.costs) & ~counts.suppress_last].max(initial=1.0)
        self.costs = np.where(np.isfinite(counts.costs), counts.costs / dearest, 0.0)

    def left(self) -> Flags:
        """Which of those to be protected are not yet, and are not lost."""
        wide = is_wide(self.counts.values + self.low, self.counts.values + self.high)
        flags: Flags = (self.withheld | self.counts.is_primary) & ~wide & ~self.lost
        return flags

    def free_ones(self) -> None:
        """Find changes of what is withheld already."""
        counts, targets = self.counts, self.left()
        bundles, _ = _free_blocks(counts, self.withheld, targets)

        def moved(bundle: list[_Block]) -> tuple[Places, Floats, Floats]:
            places = np.concatenate([block.places for block in bundle])
            relations = sparse.csr_matrix(sparse.block_diag([block.relations for block in bundle]))
            blocks = np.repeat(np.arange(len(bundle)), [len(block.places) for block in bundle])
            down, up = self._room(places)
            low, high = reaches(
                relations,
                np.zeros(relations.shape[0]),
                -down,
                up,
                targets[places],
                blocks,
                counts.values[places],
                is_exact=False,
            )
            return places, low, high

        with ThreadPoolExecutor(ABREAST) as pool:
            for places, low, high in pool.map(moved, bundles):
                self._note(places, low)
                self._note(places, high)
        # What no relation ties can be anything.
        tied = np.diff(sparse.csc_matrix(self.counts.relations).indptr) > 0
        self.high[~tied] = FURTHEST

    def several(self, together: int, hops: int, widest: float = WIDEST) -> None:
        """Move many counts at once, no two of which share a relation."""
        order = self.chance.permutation(np.flatnonzero(self.left()))
        used = np.zeros(self.pattern.shape[0], dtype=bool)
        chosen = []
        for place in order.tolist():
            lines = self.turned.indices[self.turned.indptr[place] : self.turned.indptr[place + 1]]
            if not used[lines].any():
                used[lines] = True
                chosen.append(place)
        chosen.sort()
        parts = [np.array(chosen[at : at + together]) for at in range(0, len(chosen), together)]

        def moved(goals: Places) -> tuple[Places, Floats]:
            return self._change(goals, hops, widest=widest)

        with ThreadPoolExecutor(ABREAST) as pool:
            for at in range(0, len(parts), ABREAST):
                for found in pool.map(moved, parts[at : at + ABREAST]):
                    self._take(*found)

    def one_by_one(self) -> None:
        """Move each count that is left by itself; what cannot be protected so is lost."""
        while self.left().any():
            place = int(np.flatnonzero(self.left())[0])
            self.lost[place] = not self.one(place)

    def one(self, place: int) -> bool:
        """Whether a change was found that protects the count, as far as it may spread."""
        for hops, widest in ((6, WIDEST), (LAST, FARTHEST)):
            for sign in (1.0, -1.0):
                self._take(*self._change(np.array([place]), hops, sign, widest))
                if not self.left()[place]:
                    return True
        return False

    def _room(self, places: Places) -> tuple[Floats, Floats]:
        """How far each count may be moved down and up."""
        return np.minimum(self.counts.max_decrease[places], FURTHEST), np.full(len(places), FURTHEST)

    def _note(self, places: Places, change: Floats) -> None:
        self.low[places] = np.minimum(self.low[places], change)
        self.high[places] = np.maximum(self.high[places], change)

    def _take(self, region: Places, change: Floats) -> None:
        """Note a change and withhold what moves in it."""
        self._note(region, change)
        is_moved = (np.abs(change) > TOLERANCE) & ~self.counts.is_unseen[region]
        self.withheld[region[is_moved]] = True

    def _change(
        self, goals: Places, hops: int, sign: float = 1.0, widest: float = WIDEST
    ) -> tuple[Places, Floats]:
        """A change that moves as many goals by WIDTH as it can and withholds little: places, and how far."""
        counts = self.counts
        may = self.withheld | counts.is_unseen | self.can
        near = np.zeros(len(may))
        near[goals] = 1.0
        for _ in range(hops):
            near = ((self.turned @ (self.pattern @ near > 0).astype(float) > 0) & may).astype(float)
            near[goals] = 1.0
            if near.sum() > widest:
                break
        region = np.flatnonzero(near > 0)
        lines = np.flatnonzero(self.pattern @ near > 0)
        system = sparse.csr_matrix(counts.relations[lines][:, region])
        at = np.searchsorted(region, goals)
        down, up = self._room(region)
        is_free = self.withheld[region] | counts.is_unseen[region]
        cost = np.where(is_free, 1e-5, self.costs[region])
        upward, downward = cost.copy(), cost.copy()
        falls = (counts.values[goals] >= REACH + WIDTH) if len(goals) > 1 else np.array([sign < 0])
        rising, falling = at[~falls], at[falls]
        up[rising] = np.minimum(up[rising], WIDTH)
        down[rising] = 0.0
        down[falling] = np.minimum(down[falling], WIDTH)
        up[falling] = 0.0
        upward[rising], downward[falling] = -REWARD, -REWARD
        found = _solved(
            sparse.csr_matrix(sparse.hstack([system, -system])),
            np.zeros(system.shape[0]),
            np.zeros(2 * len(region)),
            np.concatenate([up, down]),
            -np.concatenate([upward, downward]),
        )
        return region, found[: len(region)] - found[len(region) :]


def rounded(values: Floats) -> Floats:
    """Counts to the nearest multiple of BASE."""
    return np.floor(values / BASE + 0.5) * BASE


__all__ = ["Counts", "Protection", "is_wide", "protection", "reaches", "rounded"]

"""The sums that nobody thought to look for: all that hold every day, by linear algebra.

Ranks are worked out modulo a prime: that is exact but for one number in many millions. What is given back has
been looked at on every day.
"""

from collections.abc import Iterable, Iterator

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.optimize import linprog

PRIME = 2**31 - 1
MULTIPLES = range(1, 13)
"""What a sum may have to be multiplied by for its coefficients to be whole."""
LARGEST = 1000
"""No coefficient is larger: a larger one is a fraction that no small multiple makes whole."""

Table = NDArray[np.int64]


def further_sums(counts: NDArray[np.int8], known: Table) -> Iterator[Table]:
    """Coefficients of sums that are zero every day and do not follow from `known`, a row a sum.

    Together with these they are all there are. Raises ArithmeticError for one that has no whole coefficients.
    """
    if not len(counts):
        return
    days = sparse.csr_matrix(counts).astype(np.float64)
    # A sum is zero every day where its square over all days is.
    squares = np.rint((days @ days.T).toarray()).astype(np.int64)
    every, told = null_space(squares), rank(known)
    for terms in every:
        if told == len(every):
            return
        if rank(np.vstack([known, terms])) == told:
            continue
        found = _whole(_shortest(_lifted(terms, squares), known), squares)
        known = np.vstack([known, found])
        told += 1
        yield found


def reduced(table: Table) -> tuple[Table, list[int]]:
    """The rows in reduced echelon form modulo PRIME without those that are zero, and the pivot of each."""
    left = table % PRIME
    pivots: list[int] = []
    for column in range(left.shape[1]):
        at = len(pivots)
        found = np.flatnonzero(left[at:, column])
        if not len(found):
            continue
        left[[at, at + found[0]]] = left[[at + found[0], at]]
        left[at] = left[at] * pow(int(left[at, column]), -1, PRIME) % PRIME
        others = np.flatnonzero(left[:, column])
        others = others[others != at]
        left[others] = (left[others] - left[others, column][:, None] * left[at]) % PRIME
        pivots.append(column)
    return left[: len(pivots)], pivots


def rank(table: Table) -> int:
    """How many of the rows say something of their own."""
    return len(reduced(table)[1])


def null_space(table: Table) -> Table:
    """A row for each combination of columns that is zero, modulo PRIME; they give all others."""
    echelon, pivots = reduced(table)
    free = np.setdiff1d(np.arange(table.shape[1]), pivots)
    out = np.zeros((len(free), table.shape[1]), dtype=np.int64)
    out[np.arange(len(free)), free] = 1
    out[:, pivots] = -echelon[:, free].T % PRIME
    return out


def _lifted(terms: Table, squares: Table) -> Table:
    """Whole coefficients that are a multiple of these modulo PRIME."""
    for multiple in MULTIPLES:
        found = terms * multiple % PRIME
        found = np.where(found > PRIME // 2, found - PRIME, found)
        if np.abs(found).max() <= LARGEST and not (squares @ found).any():
            return found
    raise ArithmeticError("A sum of counts has no whole coefficients: draw more days.")


def _shortest(terms: Table, known: Table) -> NDArray[np.float64]:
    """The terms with as much of known sums added as makes their coefficients smallest together."""
    sums, count = known.shape
    one = np.eye(count)
    found = linprog(
        np.concatenate([np.zeros(sums), np.ones(2 * count)]),
        A_eq=sparse.csr_matrix(np.hstack([known.T, -one, one])),
        b_eq=-terms,
        bounds=[(None, None)] * sums + [(0, None)] * (2 * count),
        method="highs-ds",
    )
    if found.x is None:
        raise ArithmeticError(found.message)
    short: NDArray[np.float64] = found.x[sums : sums + count] - found.x[sums + count :]
    return short


def _whole(terms: NDArray[np.float64], squares: Table) -> Table:
    """The smallest multiple of the terms that is whole."""
    for multiple in MULTIPLES:
        found = np.rint(terms * multiple).astype(np.int64)
        if np.abs(found - terms * multiple).max() < 1e-6 and not (squares @ found).any():
            return found
    raise ArithmeticError("A sum of counts has no whole coefficients: draw more days.")


def as_table(sums: Iterable[tuple[tuple[int, int], ...]], count: int) -> Table:
    """A row a sum, a column a count."""
    rows = list(sums)
    out = np.zeros((len(rows), count), dtype=np.int64)
    for row, terms in enumerate(rows):
        for place, sign in terms:
            out[row, place] = sign
    return out

"""Relations between counts, as they are collected: sums that are zero, and sums that are never above it."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import sparse

from profiles.disclosure import Floats, Places


class Relations:
    """Relations as they are collected: places, coefficients, and of which kind each is."""

    def __init__(self, values: Floats) -> None:
        self.values = values
        self.rows: list[NDArray[np.int64]] = []
        self.places: list[NDArray[np.int64]] = []
        self.signs: list[Floats] = []
        self.count = 0
        self.failed: dict[str, int] = {}
        self.limits: list[tuple[Places, Places, Floats]] = []
        self.then: list[list[tuple[int, float]]] = []

    def hidden(self, value: float) -> int:
        """The place of one more count, which nobody publishes."""
        self.values = np.append(self.values, value)
        return len(self.values) - 1

    def add_one(self, kind: str, terms: list[tuple[int, float]]) -> None:
        """Add one relation."""
        places, signs = zip(*terms, strict=True)
        self.add(kind, np.zeros(len(terms), dtype=np.int64), np.array(places), np.array(signs))

    def limit_one(self, terms: list[tuple[int, float]]) -> None:
        """Add one sum that is never above zero."""
        places, signs = zip(*terms, strict=True)
        self.limit(np.zeros(len(terms), dtype=np.int64), np.array(places), np.array(signs))

    def limit(self, line: Places, place: Places, sign: Floats) -> None:
        """Note sums that are never above zero; those that the data break nobody can use."""
        if not len(line):
            return
        _, line = np.unique(line, return_inverse=True)
        sums = np.bincount(line, sign * self.values[place], line.max() + 1)
        keep = (sums <= 0)[line]
        self.failed["limits"] = self.failed.get("limits", 0) + int((sums > 0).sum())
        self.limits.append((line[keep], place[keep], sign[keep]))

    def add(self, kind: str, line: Places, place: Places, sign: Floats) -> None:
        """Add the relations that hold; a definition that the data break is kept as well."""
        if not len(line):
            return
        _, line = np.unique(line, return_inverse=True)
        count = line.max() + 1
        sums = np.bincount(line, sign * self.values[place], count)
        # Who believes in a definition that the data break is to be misled by it, not to be told by it.
        holds = (sums == 0) | (kind == "definitions")
        self.failed[kind] = self.failed.get(kind, 0) + int((sums != 0).sum())
        keep = holds[line]
        number = np.cumsum(holds) - 1 + self.count
        self.rows.append(number[line[keep]])
        self.places.append(place[keep])
        self.signs.append(sign[keep])
        self.count += int(holds.sum())

    def held_then(self) -> sparse.csr_matrix:
        """Sums that were zero in a release before, and are not of the counts of now."""
        line = np.repeat(np.arange(len(self.then)), [len(terms) for terms in self.then])
        place, sign = np.array([term for terms in self.then for term in terms]).reshape(-1, 2).T
        shape = (len(self.then), len(self.values))
        return _once(sparse.csr_matrix((sign, (line, place.astype(np.int64))), shape=shape))

    def never_above(self) -> sparse.csr_matrix:
        """Sums that are never above zero, each once."""
        pieces, start = [], 0
        for line, place, sign in self.limits:
            if len(line):
                pieces.append((line + start, place, sign))
                start += int(line.max()) + 1
        shape = (start, len(self.values))
        if not pieces:
            return sparse.csr_matrix((0, len(self.values)))
        lines, places, signs = (np.concatenate(each) for each in zip(*pieces, strict=True))
        return _once(sparse.csr_matrix((signs, (lines, places)), shape=shape))

    def matrix(self) -> sparse.csr_matrix:
        """All relations, each once."""
        shape = (self.count, len(self.values))
        if not self.rows:
            return sparse.csr_matrix(shape)
        parts = (np.concatenate(self.rows), np.concatenate(self.places))
        found = sparse.csr_matrix((np.concatenate(self.signs), parts), shape=shape)
        return _once(found)


def _once(found: sparse.csr_matrix) -> sparse.csr_matrix:
    """Each line that says something, once."""
    found.sum_duplicates()
    found.eliminate_zeros()
    ends = zip(found.indptr[:-1].tolist(), found.indptr[1:].tolist(), strict=True)
    texts = [found.indices[a:b].tobytes() + found.data[a:b].tobytes() for a, b in ends]
    once = np.array(sorted({text: row for row, text in enumerate(texts) if text}.values()), dtype=np.int64)
    return sparse.csr_matrix(found[once])


def joined(
    found: Relations,
    kind: str,
    parts: pd.DataFrame,
    whole: pd.DataFrame,
    on: list[str],
) -> None:
    """Add "the parts sum to the whole" for each value of `on`; both tables have a column `place`."""
    keys = whole.drop_duplicates(on)[[*on, "place"]].reset_index(drop=True)
    keys["line"] = np.arange(len(keys))
    both = parts[[*on, "place"]].merge(keys[[*on, "line"]], on=on)
    used = np.unique(both["line"])
    keys = keys[keys["line"].isin(used)]
    line = np.concatenate([both["line"].to_numpy(), keys["line"].to_numpy()])
    place = np.concatenate([both["place"].to_numpy(), keys["place"].to_numpy()])
    sign = np.concatenate([np.ones(len(both)), -np.ones(len(keys))])
    found.add(kind, line, place, sign)

"""Linear programs whose aim changes: each solution starts from the one before it (solver: HiGHS)."""

import time
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

Floats = NDArray[np.float64]
Places = NDArray[np.int64]

EPSILON = 1e-6
LONGEST = 3.0
"""Seconds for one program in whole numbers."""


def near(matrix: sparse.csr_array, across: sparse.csc_array, start: int, size: int) -> Places:
    """The relations nearest to a count, at most so many."""
    lines: dict[int, None] = {}
    seen, layer = {start}, [start]
    while layer and len(lines) < size:
        fresh = {
            int(line)
            for place in layer
            for line in across.indices[across.indptr[place] : across.indptr[place + 1]]
        } - lines.keys()
        layer = []
        for line in sorted(fresh, key=lambda each: (matrix.indptr[each + 1] - matrix.indptr[each], each)):
            if len(lines) >= size:
                break
            lines[line] = None
            for place in matrix.indices[matrix.indptr[line] : matrix.indptr[line + 1]].tolist():
                if place not in seen:
                    seen.add(place)
                    layer.append(place)
    return np.array(sorted(lines), dtype=np.int64)


class Program:
    """A linear program whose aim changes: each solution starts from the one before."""

    def __init__(
        self,
        matrix: sparse.csr_array,
        right_low: Floats,
        right_high: Floats,
        low: Floats,
        high: Floats,
        is_whole: bool = False,
    ) -> None:
        # Takes a moment to load, and only attacks need it.
        import highspy

        self.highs = highspy
        self.solver = highspy.Highs()
        self.solver.silent()
        for name in ("threads", "random_seed"):
            self.solver.setOptionValue(name, 1)
        model = highspy.HighsLp()
        model.num_row_, model.num_col_ = matrix.shape
        self.size = matrix.shape[1]
        model.col_cost_ = np.zeros(self.size)
        model.col_lower_, model.col_upper_ = low, high
        model.row_lower_ = np.where(np.isfinite(right_low), right_low, -np.inf)
        model.row_upper_ = right_high
        model.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
        model.a_matrix_.start_ = matrix.indptr.astype(np.int32)
        model.a_matrix_.index_ = matrix.indices.astype(np.int32)
        model.a_matrix_.value_ = matrix.data
        if is_whole:
            model.integrality_ = [highspy.HighsVarType.kInteger] * self.size
        model.sense_ = highspy.ObjSense.kMaximize
        self.solver.passModel(model)
        self.matrix, self.right = matrix, (right_low, right_high)
        self.limits = (low, high)
        self.is_late = False
        self.is_started = False

    def solution(self, weights: Floats, end: float) -> Floats | None:
        """A solution with the greatest weighted sum; None when there is none, or no time."""
        left = end - time.monotonic()
        if left <= 0:
            self.is_late = True
            return None
        self.solver.setOptionValue("time_limit", self.solver.getRunTime() + left)
        if self.is_started:
            # The solution before is still one: from there the best is not far.
            self.solver.setOptionValue("simplex_strategy", 4)
        self.solver.changeColsCost(self.size, np.arange(self.size, dtype=np.int32), weights)
        self.solver.run()
        status = self.solver.getModelStatus()
        self.is_late = status == self.highs.HighsModelStatus.kTimeLimit
        if status != self.highs.HighsModelStatus.kOptimal:
            return None
        self.is_started = True
        return np.array(self.solver.getSolution().col_value)

    def hold(self, columns: Places, values: Floats) -> None:
        """Fix these columns at the values."""
        self.solver.changeColsBounds(len(columns), columns.astype(np.int32), values, values)

    def release(self) -> None:
        """Give all columns their limits again."""
        self.solver.changeColsBounds(self.size, np.arange(self.size, dtype=np.int32), *self.limits)

    def inside(self, weights: Floats, end: float) -> Floats | None:
        """A solution with nearly the greatest weighted sum, all else as far from its ends as may be."""
        left = end - time.monotonic()
        if left <= 0:
            return None
        inner = self.highs.Highs()
        inner.silent()
        options: dict[str, object] = {
            "threads": 1,
            "solver": "ipm",
            "run_crossover": "off",
            "time_limit": left,
        }
        for name, value in options.items():
            inner.setOptionValue(name, value)
        inner.passModel(self.solver.getLp())
        inner.changeColsCost(self.size, np.arange(self.size, dtype=np.int32), weights)
        inner.run()
        if inner.getInfo().max_primal_infeasibility > EPSILON:
            return None
        return np.array(inner.getSolution().col_value)

    def both(self, column: int, end: float) -> Iterator[Floats]:
        """The solutions in which a column is least and most, when there is time."""
        weights = np.zeros(self.size)
        for sign in (-1.0, 1.0):
            weights[column] = sign
            found = self.solution(weights, end)
            if found is not None:
                yield found

    def bound(self, weights: Floats, end: float, seconds: float = LONGEST) -> float | None:
        """What the weighted sum in whole numbers is never above; None when none was found in the time."""
        left = min(seconds, end - time.monotonic())
        if left <= 0:
            return None
        self.solver.setOptionValue("time_limit", self.solver.getRunTime() + left)
        self.solver.changeColsCost(self.size, np.arange(self.size, dtype=np.int32), weights)
        self.solver.run()
        found = float(self.solver.getInfo().mip_dual_bound)
        return found if np.isfinite(found) and abs(found) < 1e20 else None

    def broken(self) -> Places:
        """The rows of which as few as may be must be missed, and by as little, so that the others hold."""
        rows = self.matrix.shape[0]
        more = sparse.eye_array(rows, format="csr")
        loose = Program(
            sparse.csr_array(sparse.hstack([self.matrix, more, -more])),
            *self.right,
            np.concatenate([self.limits[0], np.zeros(2 * rows)]),
            np.concatenate([self.limits[1], np.full(2 * rows, np.inf)]),
        )
        found = loose.solution(
            np.concatenate([np.zeros(self.size), np.full(2 * rows, -1.0)]), time.monotonic() + 60
        )
        if found is None:
            return np.array([], dtype=np.int64)
        missed = found[self.size : self.size + rows] + found[self.size + rows :]
        return np.flatnonzero(missed > EPSILON)

    def leave_out(self, rows: Places) -> None:
        """Drop these rows."""
        for row in rows.tolist():
            self.right[0][row], self.right[1][row] = -np.inf, np.inf
            self.solver.changeRowBounds(row, -np.inf, np.inf)

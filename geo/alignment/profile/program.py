"""Mixed-integer linear programs, put together column by column and solved by HiGHS."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import highspy
import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import sparse

from geo import highs

Floats = NDArray[np.float64]
Columns = NDArray[np.int64]
LEAST_LOOKS = 3  # the first comes before anything is done
Terms = Sequence[tuple[Columns, ArrayLike]]
_DECIDED = {highspy.HighsModelStatus.kOptimal, highspy.HighsModelStatus.kInfeasible}
_STOPPED = {highspy.HighsModelStatus.kInterrupt}


class Solution(NamedTuple):
    """`x` is None where nothing was found; `proven` says that then nothing exists."""

    x: Floats | None
    bound: float
    proven: bool


class Program:
    """A program under construction: minimise cost · x within bounds and rows.

    Examples
    --------
    Two kinds of coin, 3 and 5, whole numbers of each: at least 7 is best met by 3 + 5 = 8.

    >>> program = Program()
    >>> coins = program.columns([3, 5], 0, 9, whole=True)
    >>> program.rows([(coins[:1], 3), (coins[1:], 5)], 7, np.inf)
    >>> program.solve().x.round().tolist()
    [1.0, 1.0]
    """

    def __init__(self) -> None:
        self._size = 0
        self._columns: list[Floats] = []  # cost, lower, upper, whole; shape (4, k)
        self._rows: list[tuple[Floats, ...]] = []
        self._count = 0
        self._entries: list[tuple[Columns, Columns, Floats]] = []

    def columns(
        self, cost: ArrayLike, lower: ArrayLike, upper: ArrayLike, *, whole: bool = False
    ) -> Columns:
        """Add variables; the shapes are broadcast, and the result has their shape."""
        parts = np.broadcast_arrays(*(np.asarray(v, np.float64) for v in (cost, lower, upper)))
        shape = parts[0].shape or (1,)
        flat = [part.ravel() for part in parts]
        self._columns.append(np.stack([*flat, np.full(flat[0].size, float(whole))]))
        index = np.arange(self._size, self._size + flat[0].size)
        self._size += flat[0].size
        return index.reshape(shape)

    def rows(self, terms: Terms, lower: ArrayLike, upper: ArrayLike) -> None:
        """Add rows: lower ≤ sum of coefficient × column ≤ upper.

        Columns and coefficients of each term are broadcast to shape (rows,), or (rows, k) for
        sums of k columns.
        """
        size = max(*(cols.shape[0] for cols, _ in terms), np.size(lower), np.size(upper))
        number = np.arange(self._count, self._count + size)
        for cols, coefficients in terms:
            wide = cols.reshape(cols.shape[0], -1)
            wide = np.broadcast_to(wide, (size, wide.shape[1]))
            factor = np.asarray(coefficients, np.float64)
            factor = factor[:, None] if factor.ndim == 1 else factor
            values = np.broadcast_to(factor, wide.shape)
            place = np.broadcast_to(number[:, None], wide.shape)
            self._entries.append((place.ravel(), wide.ravel(), values.ravel()))
        limits = (np.broadcast_to(np.asarray(v, np.float64), (size,)) for v in (lower, upper))
        self._rows.append(tuple(limits))
        self._count += size

    def matrix(
        self, matrix: sparse.csr_array, cols: Columns, lower: ArrayLike, upper: ArrayLike
    ) -> None:
        """Add rows: lower ≤ matrix · columns ≤ upper."""
        entries = matrix.tocoo()
        place = entries.coords[0].astype(np.int64) + self._count
        self._entries.append((place, cols[entries.coords[1]], entries.data))
        limits = (
            np.broadcast_to(np.asarray(v, np.float64), matrix.shape[:1]) for v in (lower, upper)
        )
        self._rows.append(tuple(limits))
        self._count += matrix.shape[0]

    def solve(self, *, work: float = np.inf, gap: float = 1e-6, relaxed: bool = False) -> Solution:
        """Minimise.

        Parameters
        ----------
        work
            What the solver may do, counted and so the same on every machine: how often it looks
            up from its work times the numbers in the rows, about half a million in a second. It
            looks up at least `LEAST_LOOKS` times; relaxed programs run to their end.
        gap
            Between cost and bound, as a share of the cost, at which the solver ends.
        relaxed
            Lets whole numbers be broken.
        """
        whole = np.concatenate([part[3] for part in self._columns]).astype(np.bool_)
        looks = (
            np.inf if relaxed else max(work / sum(v.size for *_, v in self._entries), LEAST_LOOKS)
        )
        solver = highs.solver({"mip_rel_gap": gap})
        solver.passModel(self._passed(np.zeros_like(whole) if relaxed else whole))
        for presolve in ("on", "off"):  # a scaled solution may miss the tolerance: once more, plain
            solver.clearSolver()
            solver.setOptionValue("presolve", presolve)
            _run(solver, looks)
            if solver.getModelStatus() in _DECIDED | _STOPPED:
                break
        status, info = solver.getModelStatus(), solver.getInfo()
        found = info.primal_solution_status == highspy.SolutionStatus.kSolutionStatusFeasible
        linear = relaxed or not whole.any()
        ended = found and status == highspy.HighsModelStatus.kOptimal and linear
        bound = info.objective_function_value if ended else info.mip_dual_bound
        return Solution(
            np.asarray(solver.getSolution().col_value) if found else None,
            -np.inf if np.isnan(bound) or (linear and not ended) else float(bound),
            status in _DECIDED,
        )

    def _passed(self, whole: NDArray[np.bool_]) -> highspy.HighsLp:
        cost, lower, upper, _ = np.concatenate(self._columns, axis=1)
        place, cols, values = (np.concatenate(part) for part in zip(*self._entries, strict=True))
        matrix = sparse.csc_array((values, (place, cols)), shape=(self._count, self._size))
        lp = highspy.HighsLp()
        lp.num_row_, lp.num_col_ = matrix.shape
        lp.col_cost_, lp.col_lower_, lp.col_upper_ = cost, lower, upper
        lp.row_lower_, lp.row_upper_ = (
            np.concatenate([rows[k] for rows in self._rows]) for k in (0, 1)
        )
        lp.a_matrix_.format_ = highspy.MatrixFormat.kColwise
        lp.a_matrix_.num_row_, lp.a_matrix_.num_col_ = matrix.shape
        lp.a_matrix_.start_ = matrix.indptr.astype(np.int32)
        lp.a_matrix_.index_ = matrix.indices.astype(np.int32)
        lp.a_matrix_.value_ = matrix.data
        kinds = (highspy.HighsVarType.kContinuous, highspy.HighsVarType.kInteger)
        lp.integrality_ = [kinds[int(one)] for one in whole] if whole.any() else []
        return lp


def _run(solver: Any, looks: float) -> None:
    """Run, to the end or until it has looked up so often."""
    left = looks

    def look(kind: Any, _told: Any) -> bool:
        nonlocal left
        left -= int(kind == highs.AGAIN)
        return bool(left < 0)

    highs.run(solver, look)

"""Mixed-integer linear programs put together column by column, with a start, solved by HiGHS."""

from __future__ import annotations

from typing import Any, NamedTuple

import highspy
import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import csr_array

from geo.errors import LimitError

Floats = NDArray[np.float64]
Columns = NDArray[np.int64]
Entries = tuple[NDArray[np.int64], Columns, ArrayLike]
_HELD = {highspy.HighsModelStatus.kTimeLimit, highspy.HighsModelStatus.kSolutionLimit}
_DONE = {highspy.HighsModelStatus.kOptimal, highspy.HighsModelStatus.kObjectiveTarget}


class Solution(NamedTuple):
    """`x` is None where nothing was found; `bound` is inf where nothing exists.

    `reduced` and `price` are the reduced costs of columns and the duals of rows of a relaxed
    program. `stopped` says that the time limit was hit.
    """

    x: Floats | None
    bound: float
    stopped: bool
    reduced: Floats
    price: Floats


class Program:
    """A program under construction: minimise cost · x within bounds and rows.

    Examples
    --------
    Coins of 3 and 5, at most 9 of each: at least 7 is best met by 3 + 5 = 8.

    >>> program = Program()
    >>> coins = program.columns([3, 5], 9, whole=True)
    >>> program.rows([(np.zeros(2, int), coins, [3, 5])], [7.0], [np.inf])
    >>> program.solve().x.round().tolist()
    [1.0, 1.0]
    """

    def __init__(self) -> None:
        self.width = self.height = 0  # columns and rows so far
        self._columns: list[tuple[Floats, Floats, Floats, Floats]] = []  # cost, ends, whole
        self._rows: list[tuple[Floats, Floats]] = []
        self._entries: list[tuple[NDArray[np.int64], Columns, Floats]] = []

    @property
    def cost(self) -> Floats:
        """The cost of every column."""
        return np.concatenate([np.zeros(0), *(costs for costs, *_ in self._columns)])

    def columns(
        self, cost: ArrayLike, upper: ArrayLike, *, lower: ArrayLike = 0.0, whole: bool = False
    ) -> Columns:
        """Add variables between `lower` and `upper`; give their numbers."""
        costs, uppers = np.broadcast_arrays(np.asarray(cost, float), np.asarray(upper, float))
        lowers = np.broadcast_to(np.asarray(lower, float), costs.shape)
        self._columns.append((costs, lowers, uppers, np.full(costs.shape, float(whole))))
        self.width += len(costs)
        return np.arange(self.width - len(costs), self.width)

    def rows(self, entries: list[Entries], low: ArrayLike, high: ArrayLike) -> None:
        """Add rows: low ≤ sum of value · column ≤ high; entries are (row, column, value)."""
        lows, highs = np.broadcast_arrays(np.asarray(low, float), np.asarray(high, float))
        for row, cols, values in entries:
            wide = np.broadcast_to(np.asarray(values, float), cols.shape)
            self._entries.append((row + self.height, cols, wide))
        self._rows.append((lows, highs))
        self.height += len(lows)

    def solve(
        self,
        *,
        seconds: float = np.inf,
        gap: float = 0.0,
        relaxed: bool = False,
        start: Floats | None = None,
        target: float = -np.inf,
        plain: bool = False,
    ) -> Solution:
        """Minimise; stop at the gap, or at a value no larger than `target`.

        `relaxed` lets whole numbers be broken, `start` is a solution to better, `plain` does
        without presolving.

        Raises
        ------
        LimitError
            If the solver fails.
        """
        if not self.width:
            return self._empty()
        make: Any = vars(highspy.highs)["_Highs"]  # Highs itself prints a banner
        solver = make()
        for name, value in _OPTIONS.items():
            solver.setOptionValue(name, value)
        solver.setOptionValue("mip_rel_gap", gap)
        solver.setOptionValue("objective_target", target)
        solver.setOptionValue("presolve", "off" if plain else "on")
        if np.isfinite(seconds):
            solver.setOptionValue("time_limit", max(seconds, 0.01))
        solver.passModel(self._program(relaxed=relaxed))
        if start is not None:
            known = highspy.HighsSolution()
            known.col_value = start.tolist()
            solver.setSolution(known)
        solver.run()
        if solver.getModelStatus() == highspy.HighsModelStatus.kSolveError:
            # presolve may miss the tolerance by a hair: once more, plain
            solver.clearSolver()
            solver.setOptionValue("presolve", "off")
            solver.run()
        return _read(solver, relaxed=relaxed or not any(w.any() for *_, w in self._columns))

    def _empty(self) -> Solution:
        """Give the solution without columns: it obeys the rows or nothing does."""
        none = np.zeros(0)
        if all(((low <= 0) & (high >= 0)).all() for low, high in self._rows):
            return Solution(none, 0.0, False, none, np.zeros(self.height))
        return Solution(None, np.inf, False, none, none)

    def _program(self, *, relaxed: bool) -> highspy.HighsLp:
        parts = self._entries or [(np.zeros(0, int), np.zeros(0, int), np.zeros(0))]
        row, cols, values = (np.concatenate(part) for part in zip(*parts, strict=True))
        matrix = csr_array((values, (row, cols)), shape=(self.height, self.width))
        low, high = np.concatenate([np.zeros((2, 0)), *map(np.stack, self._rows)], axis=1)
        cost, lower, upper, whole = np.concatenate([*map(np.stack, self._columns)], axis=1)
        lp = highspy.HighsLp()
        lp.num_row_, lp.num_col_ = matrix.shape
        lp.col_cost_, lp.col_lower_, lp.col_upper_ = cost, lower, upper
        lp.row_lower_, lp.row_upper_ = low, high
        lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
        lp.a_matrix_.num_row_, lp.a_matrix_.num_col_ = matrix.shape
        lp.a_matrix_.start_ = matrix.indptr.astype(np.int32)
        lp.a_matrix_.index_ = matrix.indices.astype(np.int32)
        lp.a_matrix_.value_ = matrix.data
        if not relaxed:
            kinds = (highspy.HighsVarType.kContinuous, highspy.HighsVarType.kInteger)
            lp.integrality_ = [kinds[int(one)] for one in whole]
        return lp


_OPTIONS = {
    "output_flag": False,
    "threads": 1,
    "random_seed": 0,
    "mip_abs_gap": 0.0,
    "mip_feasibility_tolerance": 1e-6,
}


def _read(solver: Any, *, relaxed: bool) -> Solution:
    status, info = solver.getModelStatus(), solver.getInfo()
    found = solver.getSolution()
    none = np.zeros(0)
    if status in {
        highspy.HighsModelStatus.kInfeasible,
        highspy.HighsModelStatus.kUnboundedOrInfeasible,
    }:
        return Solution(None, np.inf, False, none, none)
    stopped = status in _HELD
    if relaxed and not stopped and status not in _DONE:
        return Solution(None, -np.inf, True, none, none)  # a relaxed program only helps
    if not stopped and status not in _DONE:
        raise LimitError(f"求解器失败 the solver failed: {solver.modelStatusToString(status)}")
    feasible = info.primal_solution_status == 2  # kSolutionStatusFeasible
    x = np.asarray(found.col_value) if feasible else None
    if relaxed:
        bound = info.objective_function_value if not stopped else -np.inf
        return Solution(x, bound, stopped, np.asarray(found.col_dual), np.asarray(found.row_dual))
    return Solution(x, info.mip_dual_bound, stopped, none, none)

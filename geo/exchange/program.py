"""Mixed-integer linear programs put together column by column, with a start, solved by HiGHS."""

from __future__ import annotations

from typing import Any, NamedTuple

import highspy
import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import csr_array

from geo import highs
from geo.errors import LimitError
from geo.words import Text

Floats = NDArray[np.float64]
Columns = NDArray[np.int64]
Entries = tuple[NDArray[np.int64], Columns, ArrayLike]
_STATUS = highspy.HighsModelStatus
_HELD = {_STATUS.kTimeLimit, _STATUS.kSolutionLimit, _STATUS.kInterrupt, _STATUS.kIterationLimit}
_DONE = {_STATUS.kOptimal, _STATUS.kObjectiveTarget}
_NOTHING = {_STATUS.kInfeasible, _STATUS.kUnboundedOrInfeasible}
SETUP, ROOT, NODE, STEP = 40.0, 7.0, 1.0, 0.01
"""Work of a program, by its size: to put it up, of a call of its solver before it branches and
after, of a step of the simplex method."""


class Limits(NamedTuple):
    """When a solver ends: after so much counted work, or by the clock of a user's wish.

    `plain` does without presolving.
    """

    work: float = np.inf
    seconds: float = np.inf
    plain: bool = False


NO_LIMITS = Limits()


class Solution(NamedTuple):
    """`x` is None where nothing was found; `bound` is inf where nothing exists.

    `price` are the duals of the rows of a relaxed program. `stopped` says that a limit was hit,
    `late` that it was the clock. `others` are the solutions on the way, `work` is what was done.
    """

    x: Floats | None
    bound: float
    stopped: bool
    price: Floats
    late: bool = False
    others: tuple[Floats, ...] = ()
    work: float = 0.0


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
        limit: Limits = NO_LIMITS,
        gap: float = 0.0,
        relaxed: bool = False,
        start: Floats | None = None,
        target: float = -np.inf,
    ) -> Solution:
        """Minimise; stop at the gap, or at a value no larger than `target`.

        `relaxed` lets whole numbers be broken, `start` is a solution to better.

        Raises
        ------
        LimitError
            If the solver fails.
        """
        if not self.width:
            return self._empty()
        relaxed = relaxed or not any(whole.any() for *_, whole in self._columns)
        asked = {"mip_rel_gap": gap, "objective_target": target}
        solver = highs.solver(_OPTIONS | asked)
        solver.setOptionValue("presolve", "off" if limit.plain else "on")
        size = self.width + self.height
        watch = Watch(limit.work, size)
        if relaxed and np.isfinite(limit.work):
            most = max(limit.work / (STEP * size), 1.0)
            solver.setOptionValue("simplex_iteration_limit", int(min(most, 2**30)))
        if np.isfinite(limit.seconds):
            solver.setOptionValue("time_limit", max(limit.seconds, 0.01))
        if solver.passModel(self._program(relaxed=relaxed)) == highspy.HighsStatus.kError:
            return Solution(None, -np.inf, True, np.zeros(0))  # figures beyond its range: no bound
        if start is not None:
            known = highspy.HighsSolution()
            known.col_value = start.tolist()
            solver.setSolution(known)
        watch.run(solver, relaxed=relaxed)
        if solver.getModelStatus() == highspy.HighsModelStatus.kSolveError:
            # presolve may miss the tolerance by a hair: once more, plain
            solver.clearSolver()
            solver.setOptionValue("presolve", "off")
            watch.run(solver, relaxed=relaxed)
        steps = solver.getInfo().simplex_iteration_count if relaxed else 0
        work = watch.done + (STEP * steps + SETUP) * size
        return _read(solver, relaxed=relaxed)._replace(others=tuple(watch.found), work=work)

    def _empty(self) -> Solution:
        """Give the solution without columns: it obeys the rows or nothing does."""
        if all(((low <= 0) & (high >= 0)).all() for low, high in self._rows):
            return Solution(np.zeros(0), 0.0, False, np.zeros(self.height))
        return Solution(None, np.inf, False, np.zeros(0))

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


_OPTIONS = {"mip_abs_gap": 0.0, "mip_feasibility_tolerance": 1e-6}


class Watch:
    """Counts how often a solver of whole numbers looks up; keeps the solutions on its way."""

    def __init__(self, most: float, size: int) -> None:
        self.most, self.size, self.done = most, size, 0.0
        self.found: list[Floats] = []

    def run(self, solver: Any, *, relaxed: bool) -> None:
        """Run a solver; end it when it has done enough."""
        if relaxed:
            solver.run()
        else:
            highs.run(solver, self._look)

    def _look(self, kind: Any, told: Any) -> bool:
        if kind == highs.BETTER:
            self.found.append(np.array(told.mip_solution))
        else:
            self.done += (NODE if told.mip_node_count else ROOT) * self.size
        return self.done > self.most


def _read(solver: Any, *, relaxed: bool) -> Solution:
    status, info = solver.getModelStatus(), solver.getInfo()
    found, none = solver.getSolution(), np.zeros(0)
    if status in _NOTHING:
        return Solution(None, np.inf, False, none)
    stopped, late = status in _HELD, status == highspy.HighsModelStatus.kTimeLimit
    if relaxed and status not in _DONE:
        return Solution(None, -np.inf, True, none, late)  # a relaxed program only helps
    if not stopped and status not in _DONE:
        told = solver.modelStatusToString(status)
        raise LimitError(Text(f"求解器失败：{told}", f"the solver failed: {told}"))
    feasible = info.primal_solution_status == 2  # kSolutionStatusFeasible
    x = np.asarray(found.col_value) if feasible else None
    if relaxed:
        return Solution(x, info.objective_function_value, stopped, np.asarray(found.row_dual))
    return Solution(x, info.mip_dual_bound, stopped, none, late)

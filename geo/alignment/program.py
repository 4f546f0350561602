"""Mixed-integer linear programs, put together column by column and solved by HiGHS."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import sparse
from scipy.optimize import Bounds, LinearConstraint, milp

Floats = NDArray[np.float64]
Columns = NDArray[np.int64]
SOLVE_ERROR = 4  # of scipy.optimize.milp
Terms = Sequence[tuple[Columns, ArrayLike]]


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

    def solve(
        self, *, seconds: float = np.inf, gap: float = 1e-6, relaxed: bool = False
    ) -> Solution:
        """Minimise; `relaxed` lets whole numbers be broken."""
        cost, lower, upper, whole = np.concatenate(self._columns, axis=1)
        place, cols, values = (np.concatenate(part) for part in zip(*self._entries, strict=True))
        matrix = sparse.csr_array((values, (place, cols)), shape=(self._count, self._size))
        low, high = (np.concatenate([rows[k] for rows in self._rows]) for k in (0, 1))
        options: dict[str, float] = {"mip_rel_gap": gap}
        if np.isfinite(seconds):
            options["time_limit"] = max(seconds, 0.05)
        for presolve in (True, False):  # a scaled solution may miss the tolerance: once more, plain
            done = milp(
                cost,
                integrality=np.zeros(self._size) if relaxed else whole,
                bounds=Bounds(lower, upper),
                constraints=LinearConstraint(matrix, low, high),
                options=options | {"presolve": presolve},
            )
            if done.status != SOLVE_ERROR:
                break
        bound = done.get("mip_dual_bound")
        found = done.x is not None
        if done.status == 0 and (relaxed or not whole.any() or bound is None):
            bound = done.fun
        return Solution(
            np.asarray(done.x) if found else None,
            -np.inf if bound is None or np.isnan(bound) else float(bound),
            done.status in {0, 2},
        )

"""The transport program of earth on a line: what leaves, arrives, is brought and taken away."""

from __future__ import annotations

from typing import Any, NamedTuple

import highspy
import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from geo import highs
from geo.errors import InfeasibleError
from geo.words import Text

Floats = NDArray[np.float64]
TIGHT = 1e-7  # yuan/m³: a column that costs more than this on top is none of the cheapest
PRIMAL = 4  # the primal simplex: eight times as fast on these flows as the dual
APART_M = 1e-6  # chainages nearer than this are one


class Place(NamedTuple):
    """Where earth comes from or goes to, in the order of chainage; arrays of shape (n,).

    Parameters
    ----------
    x
        Chainages, m.
    most
        m³ that each gives or takes: stretches all of it, sites at most so much.
    must
        Whether it is a stretch of road.
    yuan
        Price of each m³ that moves from or to there.
    left_yuan
        Price of each m³ of a stretch that does not move; infinite where all has to.
    kind
        What it is.
    """

    x: Floats
    most: Floats
    must: NDArray[np.bool_]
    yuan: Floats
    left_yuan: Floats
    kind: NDArray[np.object_]


class Plan(NamedTuple):
    """m³ of each place that gives: sent, left; of each that takes: taken, brought."""

    sent: Floats
    left: Floats
    taken: Floats
    brought: Floats


class _Columns(NamedTuple):
    """Columns of the program: from node to node (−1: none), price, metres, most."""

    start: NDArray[np.int64]
    end: NDArray[np.int64]
    yuan: Floats
    metres: Floats
    most: Floats


def chosen(
    gives: Place, takes: Place, *, free_m: float, yuan_m: float, loading: float = 0.0
) -> Plan:
    """Say how much moves from and to each place at the least cost.

    Parameters
    ----------
    gives, takes
        Where earth comes from, and where it goes to.
    free_m, yuan_m, loading
        A m³ that moves d metres costs loading + max(d − free_m, 0) × yuan_m.

    Raises
    ------
    InfeasibleError
        If there is no plan.

    Notes
    -----
    A flow of least cost on a network of the size of the road, not of its pairs: earth within the
    free distance goes at once; other earth jumps that distance on to the line at no cost, runs
    along it, and leaves it where it is needed. No way through the network costs less than the move
    it stands for, and the way of each move costs as much. Among the cheapest plans that of the
    least moment is taken: in a second run what has a reduced cost stays as it is.

    Examples
    --------
    100 m³ at 0 m, of which 60 are needed at 2,000 m; there they cost 3 yuan and 5 to leave.

    >>> kind, both = np.array(["cut"], dtype=object), np.array([True])
    >>> one = Place(np.zeros(1), np.array([100.0]), both, np.zeros(1), np.array([5.0]), kind)
    >>> other = Place(np.array([2e3]), np.array([60.0]), both, np.zeros(1), np.array([9.0]), kind)
    >>> [part.tolist() for part in chosen(one, other, free_m=500, yuan_m=0.002)]
    [[60.0], [40.0], [60.0], [0.0]]
    """
    n, m = gives.x.size, takes.x.size
    if not n + m:
        empty = np.zeros(0)
        return Plan(empty, empty, empty, empty)
    posts = _posts(gives.x, takes.x, free_m)
    columns = _joined(
        _outer(gives, 0, sign=1),
        _outer(takes, n, sign=-1),
        _direct(gives.x, takes.x, free_m, loading),
        _line(gives.x, takes.x, posts, (free_m, yuan_m, loading)),
    )
    given = np.where(gives.must, gives.most, 0.0)
    wanted = np.where(takes.must, takes.most, 0.0)
    flow = _least(columns, np.concatenate([given, -wanted, np.zeros(posts.size)]))
    left, brought = np.where(gives.must, flow[:n], 0.0), np.where(takes.must, flow[n : n + m], 0.0)
    sent = np.where(gives.must, given - flow[:n], flow[:n])
    taken = np.where(takes.must, wanted - flow[n : n + m], flow[n : n + m])
    return Plan(*(np.maximum(part, 0.0) for part in (sent, left, taken, brought)))


def _posts(out: Floats, into: Floats, free_m: float) -> Floats:
    """Give the chainages of the line's nodes: where earth comes on to it and leaves it."""
    at = np.sort(np.concatenate([out - free_m, out + free_m, into]))
    return at[np.append(True, np.diff(at) > APART_M)] if at.size else at


def _nearest(posts: Floats, at: Floats) -> NDArray[np.int64]:
    after = np.clip(np.searchsorted(posts, at), 1, max(posts.size - 1, 1))
    before = after - 1
    after = np.minimum(after, posts.size - 1)
    return np.where(np.abs(posts[before] - at) <= np.abs(posts[after] - at), before, after)


def _outer(place: Place, first: int, *, sign: int) -> _Columns:
    """Give what stays at stretches, and what sites give or take; a column each place."""
    node = first + np.arange(place.x.size)
    none = np.full(node.size, -1)
    leaves = place.must == (sign > 0)  # earth that stays leaves the network, that brought enters it
    price = np.where(
        place.must, np.where(np.isinf(place.left_yuan), 0.0, place.left_yuan), place.yuan
    )
    shut = place.must & np.isinf(place.left_yuan)
    return _Columns(
        np.where(leaves, node, none),
        np.where(leaves, none, node),
        price,
        np.zeros(node.size),
        np.where(shut, 0.0, place.most),
    )


def _direct(out: Floats, into: Floats, free_m: float, loading: float) -> _Columns:
    """Give the moves within the free distance."""
    low = np.searchsorted(into, out - free_m - APART_M)
    high = np.searchsorted(into, out + free_m + APART_M, side="right")
    count = high - low
    i = np.repeat(np.arange(out.size), count)
    j = np.arange(i.size) - np.repeat(np.cumsum(count) - count, count) + np.repeat(low, count)
    return _Columns(
        i,
        out.size + j,
        np.full(i.size, loading),
        np.abs(out[i] - into[j]) + 1.0,  # of two plans of one moment that which moves less
        np.full(i.size, np.inf),
    )


def _line(out: Floats, into: Floats, posts: Floats, price: tuple[float, float, float]) -> _Columns:
    """Give the ways on to the line, along it in both directions, and off it."""
    free_m, yuan_m, loading = price
    first = out.size + into.size
    on = np.arange(out.size)
    gap = np.diff(posts)
    along = first + np.arange(posts.size)
    free = np.full(gap.size, np.inf)
    jumps = [
        _alike(on, first + _nearest(posts, out + side * free_m), loading, free_m + 1.0)
        for side in (-1, 1)
    ]
    ways = [
        _Columns(along[a], along[b], gap * yuan_m, gap, free)
        for a, b in ((slice(-1), slice(1, None)), (slice(1, None), slice(-1)))
    ]
    off = _alike(first + _nearest(posts, into), out.size + np.arange(into.size), 0.0, 0.0)
    return _joined(*jumps, *ways, off)


def _alike(
    start: NDArray[np.int64], end: NDArray[np.int64], yuan: float, metres: float
) -> _Columns:
    """Give columns without a limit that differ in their ends alone."""
    count = start.size
    return _Columns(
        start, end, np.full(count, yuan), np.full(count, metres), np.full(count, np.inf)
    )


def _joined(*parts: _Columns) -> _Columns:
    return _Columns(*(np.concatenate(column) for column in zip(*parts, strict=True)))


def _least(columns: _Columns, supply: Floats) -> Floats:
    """Give a flow of least cost and, among those, of least moment."""
    solver = highs.solver({"solver": "simplex", "simplex_strategy": PRIMAL})
    solver.passModel(_model(columns, supply))
    flow, reduced = _solved(solver)
    count = flow.size
    low, high = np.zeros(count), columns.most.copy()
    high[reduced > TIGHT] = 0.0
    full = (reduced < -TIGHT) & np.isfinite(columns.most)
    low[full] = columns.most[full]
    index = np.arange(count, dtype=np.int32)
    solver.changeColsBounds(count, index, low, high)
    solver.changeColsCost(count, index, columns.metres)
    return _solved(solver)[0]


def _model(columns: _Columns, supply: Floats) -> Any:
    count = columns.yuan.size
    cols = np.arange(count)
    leaves, enters = columns.start >= 0, columns.end >= 0
    rows = np.concatenate([columns.start[leaves], columns.end[enters]])
    signs = np.concatenate([np.ones(leaves.sum()), -np.ones(enters.sum())])
    places = np.concatenate([cols[leaves], cols[enters]])
    matrix = sparse.csc_array((signs, (rows, places)), shape=(supply.size, count))
    lp = highspy.HighsLp()
    lp.num_row_, lp.num_col_ = matrix.shape
    lp.col_cost_, lp.col_lower_, lp.col_upper_ = columns.yuan, np.zeros(count), columns.most
    lp.row_lower_ = lp.row_upper_ = supply
    lp.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    lp.a_matrix_.num_row_, lp.a_matrix_.num_col_ = matrix.shape
    lp.a_matrix_.start_ = matrix.indptr.astype(np.int32)
    lp.a_matrix_.index_ = matrix.indices.astype(np.int32)
    lp.a_matrix_.value_ = matrix.data
    return lp


def _solved(solver: Any) -> tuple[Floats, Floats]:
    """Run; give values and reduced costs."""
    solver.run()
    if solver.getModelStatus() != highspy.HighsModelStatus.kOptimal:
        raise InfeasibleError(Text("土方无法平衡", "the earth cannot be balanced"))
    found = solver.getSolution()
    return np.asarray(found.col_value), np.asarray(found.col_dual)

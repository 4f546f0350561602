"""The grid of points of vertical intersection (PVI), and heights and rises along it.

PVIs stand `spacing` apart and every one has a vertical curve as long as the spacing, so that curves
meet and never overlap. Such a line is a uniform quadratic B-spline with the PVIs as control
points: heights at stations are linear in the heights of three PVIs, with weights that are not
negative and sum to 1. It is also the polygon of tangents averaged over one spacing; hence a bound
on rises over a given distance that holds for the polygon holds for the line.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from geo.alignment.profile.climbs import Window
from geo.alignment.values import Fixed, Floats, Limits

Bands = tuple[tuple[float, float, float], ...]
ROUNDING = 1e-7  # m: a rise this much beyond what is allowed is none
BELOW_RISE = 1e-3  # m: a rise this much below a band's first rise is outside the band


class Anchor(NamedTuple):
    """A chainage, and the lowest and highest height at which the line passes it."""

    at: float
    low: float
    high: float


class Stretch(NamedTuple):
    """A stretch of the tangents, and the most it may rise or fall."""

    begin: float
    end: float
    most: float


class Grid(NamedTuple):
    """PVIs at `nodes`, `spacing` apart; `weights` give heights at stations, shape (n, nodes)."""

    nodes: Floats
    spacing: float
    weights: sparse.csr_array


class Envelope(NamedTuple):
    """Lowest and highest height of each PVI."""

    low: Floats
    high: Floats


def grid(s: Floats, least: float) -> Grid:
    """Lay equally spaced PVIs, at least `least` metres apart, from the first to the last station.

    Examples
    --------
    >>> laid = grid(np.array([0.0, 50, 100, 150, 200]), 90)
    >>> laid.nodes.tolist()
    [0.0, 100.0, 200.0]

    The middle of the curve lies a quarter of the way up from its PVI to the chord's middle.

    >>> laid.weights.toarray()[2].tolist()
    [0.125, 0.75, 0.125]
    """
    count = max(int((s[-1] - s[0]) / least * (1 + 1e-12)), 1)
    nodes = np.linspace(s[0], s[-1], count + 1)
    spacing = float((s[-1] - s[0]) / count)
    return Grid(nodes, spacing, line_weights(nodes, s))


def line_weights(nodes: Floats, at: Floats) -> sparse.csr_array:
    """Give weights of equally spaced PVIs for heights of the line, curves included."""
    count = nodes.size - 1
    spacing = float(nodes[-1] - nodes[0]) / count
    inner = np.arange(count - 1)
    bend = np.tile([1.0, -2.0, 1.0], count - 1) / spacing
    place = (np.repeat(inner, 3), (inner[:, None] + [0, 1, 2]).ravel())
    change = sparse.csr_array((bend, place), shape=(count - 1, count + 1))
    k = np.clip(np.rint((at - nodes[0]) / spacing).astype(np.int64), 1, max(count - 1, 1))
    away = np.abs(at - nodes[k])
    lift = np.maximum(spacing / 2 - away, 0) ** 2 / (2 * spacing) * (count > 1)
    some = np.flatnonzero(lift)
    near = sparse.csr_array((lift[some], (some, k[some] - 1)), shape=(at.size, count - 1))
    return sparse.csr_array(_interpolation(at, nodes) + near @ change)


def envelope(laid: Grid, anchors: Sequence[Anchor], grade: float, limits: Limits) -> Envelope:
    """Give the heights a PVI can have, from what the line passes through.

    Between line and tangents lies at most a quarter of spacing × grade; `grade` stands in for the
    steepest of `limits`, whose mean grades hold too.
    """
    low = np.full(laid.nodes.size, -np.inf)
    high = -low
    for at, bottom, top in anchors:
        slack = 0.0 if at in {laid.nodes[0], laid.nodes[-1]} else grade * laid.spacing / 4
        away = slack + np.array([_climb(float(d), grade, limits) for d in abs(laid.nodes - at)])
        low, high = np.maximum(low, bottom - away), np.minimum(high, top + away)
    return Envelope(low, high)


def anchors(fixed: Fixed, s: Floats, ground: Floats, limits: Limits) -> list[Anchor]:
    """Give the anchors at ends and vias; free ends lie within cut and fill.

    Without a limit of cut or fill a free end stays within the relief of the ground and what the
    grade can climb over the whole length.
    """
    relief = float(np.ptp(ground)) + limits.max_grade * float(s[-1] - s[0])
    cut, fill = (min(v, relief) for v in (limits.max_cut_m, limits.max_fill_m))
    ends = ((s[0], ground[0], fixed.start_z), (s[-1], ground[-1], fixed.end_z))
    found = [
        Anchor(float(at), float(h - cut), float(h + fill)) if z is None else Anchor(float(at), z, z)
        for at, h, z in ends
    ]
    return [*found, *(Anchor(at, z, z) for at, z in fixed.via)]


def most_rise(distance: float, bands: Bands) -> float:
    """Give the greatest rise that mean-grade bands allow over a distance (inf: any).

    Below the first rise of a band its grade does not bind; from there on the rise needs
    rise / grade metres. A line reaches no rise without passing all smaller ones, so what is
    allowed is always everything up to a greatest rise.

    Examples
    --------
    5.5 % over a rise of 200 to 500 m: 200 m need 3636 m, 500 m need 9091 m.

    >>> bands = ((200, 500, 0.055),)
    >>> most_rise(3000, bands), round(most_rise(4000, bands), 9), most_rise(9100, bands)
    (199.999, 220.0, inf)
    """
    for first, below, grade in sorted(bands):
        if grade * distance < below:
            return max(grade * distance, first - BELOW_RISE)
    return math.inf


def steep_stretches(laid: Grid, heights: Floats, limits: Limits) -> list[Stretch]:
    """Give the stretches of the tangents that break a mean-grade rule.

    The rule is linear in every cell of pairs between PVIs but for the kinks of `most_rise`; so it
    holds for every stretch when it holds where an end of the stretch is a PVI or an end of the
    road, lengthened by half a curve, and for the lengths at kinks.

    Returns
    -------
    list
        The worst of each first end and rule; empty if all is well.
    """
    half = laid.spacing / 2
    ends = np.array([laid.nodes[0] - half, laid.nodes[-1] + half])
    kinks = np.sort(np.concatenate([laid.nodes, ends]))
    found: list[Stretch] = []
    if math.isfinite(limits.window_grade):
        rise = limits.window_grade * limits.window_m
        found += _over(laid, heights, _apart(kinks, limits.window_m), np.array([rise]))
    bands = limits.mean_grades
    if bands:
        least = min(first for first, _, _ in bands) / limits.max_grade
        edges = [(edge, grade) for first, below, grade in bands for edge in (first, below)]
        for length in sorted({edge / grade for edge, grade in edges if np.isfinite(edge)}):
            allowed = np.array([most_rise(length, bands)])
            found += _over(laid, heights, _apart(kinks, length), allowed)
        for start in kinks:
            stops = kinks[kinks >= start + least]
            allowed = np.array([most_rise(d, bands) for d in stops - start])
            pairs = np.stack([np.full(stops.size, start), stops], axis=1)
            found += _over(laid, heights, pairs, allowed, most=1)
    return found


def steep_runs(laid: Grid, heights: Floats, window: Window) -> list[Stretch]:
    """Give the stretches of the tangents, from or to a PVI, that rise more than reliefs let them.

    Returns
    -------
    list
        The worst first; empty if all is well.
    """
    if not math.isfinite(window.length):
        return []
    return _over(laid, heights, _apart(laid.nodes, window.length), np.array([window.rise]))


def _climb(distance: float, grade: float, limits: Limits) -> float:
    whole, rest = divmod(distance, limits.window_m)
    window = limits.window_grade * limits.window_m
    windows = (whole * min(window, grade * limits.window_m) if whole else 0.0) + min(
        window, grade * rest
    )
    return min(grade * distance, windows, most_rise(distance, limits.mean_grades))


def along(laid: Grid, at: Floats) -> sparse.csr_array:
    """Give weights of PVIs for heights of the tangents, straight on beyond both ends."""
    return _interpolation(at, laid.nodes)


def _apart(kinks: Floats, length: float) -> Floats:
    pairs = np.concatenate(
        [np.stack([kinks, kinks + length], axis=1), np.stack([kinks - length, kinks], axis=1)]
    )
    inside = (pairs[:, 0] >= kinks[0] - 1e-9) & (pairs[:, 1] <= kinks[-1] + 1e-9)
    return np.asarray(pairs[inside])


def _over(
    laid: Grid, heights: Floats, pairs: Floats, allowed: Floats, *, most: int = 1000
) -> list[Stretch]:
    if not pairs.size:
        return []
    rise = np.abs((along(laid, pairs[:, 1]) - along(laid, pairs[:, 0])) @ heights)
    excess = rise - allowed
    worst = np.argsort(-excess, kind="stable")[:most]
    allowed = np.broadcast_to(allowed, rise.shape)
    return [
        Stretch(float(pairs[k, 0]), float(pairs[k, 1]), float(allowed[k]))
        for k in worst
        if excess[k] > ROUNDING
    ]


def _interpolation(at: Floats, nodes: Floats) -> sparse.csr_array:
    k: NDArray[np.int64] = np.clip(np.searchsorted(nodes, at, side="right") - 1, 0, nodes.size - 2)
    share = (at - nodes[k]) / (nodes[k + 1] - nodes[k])
    row = np.arange(at.size)
    values = np.concatenate([1 - share, share])
    place = (np.concatenate([row, row]), np.concatenate([k, k + 1]))
    return sparse.csr_array((values, place), shape=(at.size, nodes.size))


def heights(pvi: Floats, at: Floats) -> Floats:
    """Give heights of a line of tangents and parabolas, as `Profile.pvi` describes it.

    Examples
    --------
    Up 4 %, down 4 %, a curve of 100 m between: its middle lies 100 × 0.08 / 8 = 1 m lower.

    >>> pvi = np.array([(0, 0, 0), (200, 8, 100), (400, 0, 0)], dtype=float)
    >>> heights(pvi, np.array([100.0, 200.0])).tolist()
    [4.0, 7.0]
    """
    z = np.interp(at, pvi[:, 0], pvi[:, 1])
    change = np.diff(np.diff(pvi[:, 1]) / np.diff(pvi[:, 0]))
    inner = pvi[1:-1]
    half = inner[:, 2] / 2
    low, high = (np.searchsorted(at, inner[:, 0] + side * half) for side in (-1, 1))
    for k in np.flatnonzero(half > 0):
        part = slice(low[k], high[k])
        z[part] += change[k] * (half[k] - np.abs(at[part] - inner[k, 0])) ** 2 / (4 * half[k])
    return np.asarray(z)

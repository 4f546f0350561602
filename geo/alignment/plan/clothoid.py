"""Clothoid spirals: their course, and the tangents of a curve that has them.

Method: a spiral of length Ls to radius R turns by θ = Ls / 2R and ends at (X, Y) of its tangent,
by Fresnel integrals. It shifts the arc inwards by p = Y − R (1 − cos θ) and begins k = X − R sin θ
before the arc's foot; with equal spirals the tangent is T = (R + p) tan(Δ/2) + k long.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import fresnel

Floats = NDArray[np.float64]


def clothoid(length: ArrayLike, radius: ArrayLike, along: ArrayLike) -> tuple[Floats, Floats]:
    """Give the way along and off its tangent of a spiral, at distances from its flat end.

    Parameters
    ----------
    length, radius
        The spiral's length and its radius at the tight end in m; both above 0.
    along
        Distances on the spiral in m.

    Examples
    --------
    A spiral of 50 m to radius 100 m leaves its tangent by nearly 50² / (6 × 100) = 4.17 m.

    >>> x, y = clothoid(50, 100, 50)
    >>> round(float(x), 3), round(float(y), 3)
    (49.688, 4.148)
    """
    scale = np.sqrt(np.pi * np.asarray(length, dtype=float) * np.asarray(radius, dtype=float))
    sine, cosine = fresnel(np.asarray(along, dtype=float) / scale)
    return scale * cosine, scale * sine


def shift(radius: float, spiral: float) -> tuple[float, float]:
    """Give how far a spiral shifts its arc inwards (p) and begins before the arc's foot (k).

    Parameters
    ----------
    radius, spiral
        Radius of the arc and length of the spiral in m; a spiral of 0 shifts nothing.

    Examples
    --------
    Nearly Ls² / 24 R = 1.042 m and Ls / 2 = 25 m.

    >>> [round(v, 3) for v in shift(100, 50)]
    [1.039, 24.948]
    """
    if spiral == 0:
        return 0.0, 0.0
    x, y = clothoid(spiral, radius, spiral)
    turn = spiral / (2 * radius)
    return float(y - radius * (1 - np.cos(turn))), float(x - radius * np.sin(turn))


def tangent_lengths(turn: float, radius: float, spirals: ArrayLike) -> tuple[float, float]:
    """Give the lengths from a point of intersection back to the curve's start and on to its end.

    Parameters
    ----------
    turn
        Deflection in radians, 0 < turn < π.
    radius
        Radius of the arc in m.
    spirals
        Lengths of the spirals in and out in m; 0 for none.

    Examples
    --------
    A right angle without spirals: T = R tan 45° = R.

    >>> [round(t, 6) for t in tangent_lengths(np.pi / 2, 100, (0, 0))]
    [100.0, 100.0]
    """
    into, out = np.asarray(spirals, dtype=float)
    (p1, k1), (p2, k2) = shift(radius, float(into)), shift(radius, float(out))
    near = k1 + ((radius + p2) - (radius + p1) * np.cos(turn)) / np.sin(turn)
    far = k2 + ((radius + p1) - (radius + p2) * np.cos(turn)) / np.sin(turn)
    return float(near), float(far)

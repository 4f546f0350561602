"""Centrelines made by hand from curvatures and grades, for tests of the checker: nothing designed."""

import numpy as np
import pandas as pd

NODES, WEIGHTS = np.polynomial.legendre.leggauss(8)


def running(parts, s):
    """Integrals to s of a function that is linear over each (length, from, to), and itself."""
    length, first, last = np.array(parts, dtype=float).T
    start = np.append(0, np.cumsum(length))
    total = np.append(0, np.cumsum(length * (first + last) / 2))
    i = np.clip(np.searchsorted(start, s, side="right") - 1, 0, len(length) - 1)
    along = s - start[i]
    slope = (last[i] - first[i]) / length[i]
    return total[i] + first[i] * along + slope * along**2 / 2, first[i] + slope * along


def summed(rates, s):
    """Integral of the integral: a height from grades that change linearly, by Gauss on each gap."""
    half = np.diff(s) / 2
    at = (s[:-1] + half)[:, None] + half[:, None] * NODES
    return np.append(0, np.cumsum(half * (rates(at) @ WEIGHTS)))


def centreline(bends, grades, s, *, origin=(4.5e5, 3.1e6), heading=0.7):
    """Stations at s from curvatures and grades that run linearly over lengths; on level ground.

    The course is integrated numerically (exact to rounding).
    """
    joints = np.cumsum([part[0] for part in bends])[:-1]
    fine = np.unique(np.concatenate([s, joints]))
    x = summed(lambda at: np.cos(heading + running(bends, at)[0]), fine)[np.isin(fine, s)]
    y = summed(lambda at: np.sin(heading + running(bends, at)[0]), fine)[np.isin(fine, s)]
    design = running(grades, s)[0] + 100
    return pd.DataFrame(
        {"s": s, "x": x + origin[0], "y": y + origin[1], "design": design, "ground": design}
    ).assign(structure=0)


def road(bends=None, grades=None, *, spacing=5.0, origin=(4.5e5, 3.1e6), heading=0.7):
    """A centreline with stations equally far apart."""
    bends = bends or [(400, 0, 0)]
    length = sum(part[0] for part in bends)
    s = np.append(np.arange(0, length, spacing), length)
    grades = grades or [(length, 0.0, 0.0)]
    return centreline(bends, grades, s, origin=origin, heading=heading)


def curve(radius, spiral, arc, side=1):
    k = side / radius
    return [(spiral, 0, k), (arc, k, k), (spiral, k, 0)]

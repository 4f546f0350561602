"""Whether curves fit the corners of a polygon: shapes of the input, spirals, tangents."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from geo.errors import GeometryError, Problem
from geo.words import Text

CLOSE = 1e-6  # m: what tangents may lack, by rounding of coordinates of 10⁷ m

Floats = NDArray[np.float64]


def shaped(
    points: ArrayLike, radii: ArrayLike, spirals: ArrayLike
) -> tuple[Floats, Floats, Floats]:
    """Give corners (n, 2), radii (n − 2,) and spirals in and out (n − 2, 2).

    Raises
    ------
    GeometryError
        If they do not fit each other or are not finite.
    """
    corners = np.array(points, dtype=np.float64)
    if corners.ndim != 2 or corners.shape[1] != 2 or len(corners) < 2:
        raise GeometryError(
            Text(
                f"交点须为 n×2 坐标，n ≥ 2：{corners.shape}",
                f"points must be n × 2, n ≥ 2: {corners.shape}",
            )
        )
    curves = len(corners) - 2
    lengths = np.asarray(spirals, dtype=np.float64)
    try:
        bends = np.broadcast_to(np.asarray(radii, dtype=np.float64), (curves,)).copy()
        lengths = lengths[:, None] if lengths.ndim == 1 else lengths
        pairs = np.broadcast_to(lengths, (curves, 2)).copy()
    except ValueError:
        raise GeometryError(
            Text(
                f"半径或缓和曲线与 {curves} 个曲线数目不符",
                f"radii or spirals do not fit {curves} curves",
            )
        ) from None
    if not all(np.isfinite(part).all() for part in (corners, bends, pairs)):
        raise GeometryError(
            Text("交点、半径和缓和曲线须为有限数", "points, radii and spirals must be finite")
        )
    return corners, bends, pairs


def refuse(problems: list[Problem]) -> None:
    """Raise a GeometryError if there are problems, all in one."""
    if problems:
        raise GeometryError(
            Text("平面线形无法布设", "the plan cannot be laid out"), problems=problems
        )


def faults(lengths: Floats, turns: Floats, radii: Floats, spirals: Floats) -> list[Problem]:
    """Name legs without length and curves that no arc fits."""
    named = [
        Problem(
            row=Text(f"交点 {leg}–{leg + 1}", f"points {leg}–{leg + 1}"),
            found="0 m",
            expected="> 0 m",
        )
        for leg in np.flatnonzero(lengths <= CLOSE)
    ]
    for i, turn in enumerate(np.abs(turns)):
        row, room = Text(f"曲线 {i + 1}", f"curve {i + 1}"), 2 * radii[i] * turn
        if radii[i] <= 0 or spirals[i].min() < 0:
            radius, lengths_m = f"{radii[i]:g} m", f"{spirals[i].tolist()} m"
            found = Text(
                f"半径 {radius}，缓和曲线 {lengths_m}", f"radius {radius}, spirals {lengths_m}"
            )
            wanted = Text("半径 > 0，缓和曲线 ≥ 0", "radius > 0, spirals ≥ 0")
            named.append(Problem(row=row, found=found, expected=wanted))
        elif turn > np.pi - CLOSE:
            named.append(Problem(row=row, field="turn", found="180°", expected="< 180°"))
        elif turn and spirals[i].sum() > room + CLOSE:
            both = f"{spirals[i].sum():.2f} m"
            named.append(Problem(row=row, field="spirals", found=both, expected=f"≤ {room:.2f} m"))
    return named


def crowded(lengths: Floats, free: Floats) -> list[Problem]:
    """Name the curves whose tangents overlap on a leg."""
    remedy = Text("减小半径或缓和曲线，或移动交点", "smaller radii or spirals, or other points")
    curves = len(free) - 1
    names = ["1", *(f"{leg}–{leg + 1}" for leg in range(1, curves)), str(curves)]
    return [
        Problem(
            row=Text(f"曲线 {names[leg]}", f"curve {names[leg]}"),
            field="tangents",
            found=f"{lengths[leg] - free[leg]:.2f} m",
            expected=f"≤ {lengths[leg]:.2f} m",
            remedy=remedy,
        )
        for leg in np.flatnonzero(free < -CLOSE)
    ]

"""The shifted coordinates GCJ-02 of Chinese web maps, undone and done.

Meant for reading maps that are shifted; nothing is ever exported in GCJ-02. The forward formula is
the published one; it is defined for the Chinese mainland.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

# Constants of the published forward formula (ellipsoid Krasovsky 1940).
AXIS_M = 6378245.0
ECCENTRICITY2 = 0.00669342162296594323


def gcj02_from_wgs84(lon: ArrayLike, lat: ArrayLike) -> tuple[NDArray[np.float64], ...]:
    """Shift WGS 84 longitudes and latitudes (degrees) to GCJ-02, by the published formula.

    Meant for reading maps that are shifted; nothing is ever exported in GCJ-02.

    >>> [round(float(v), 6) for v in gcj02_from_wgs84(119.6332, 27.9861)]
    [119.637803, 27.982691]
    """
    x, y = np.asarray(lon, dtype=float), np.asarray(lat, dtype=float)
    east, north = _offsets_m(x - 105.0, y - 35.0)
    phi = np.radians(y)
    magic = 1 - ECCENTRICITY2 * np.sin(phi) ** 2
    d_lat = np.degrees(north / (AXIS_M * (1 - ECCENTRICITY2) / (magic * np.sqrt(magic))))
    d_lon = np.degrees(east / (AXIS_M / np.sqrt(magic) * np.cos(phi)))
    return x + d_lon, y + d_lat


def wgs84_from_gcj02(lon: ArrayLike, lat: ArrayLike) -> tuple[NDArray[np.float64], ...]:
    """Undo `gcj02_from_wgs84` by fixed-point iteration, to well under a millimetre.

    >>> [round(float(v), 6) for v in wgs84_from_gcj02(119.637803, 27.982691)]
    [119.6332, 27.9861]
    """
    shifted_x, shifted_y = np.asarray(lon, dtype=float), np.asarray(lat, dtype=float)
    x, y = shifted_x, shifted_y
    for _ in range(5):
        there_x, there_y = gcj02_from_wgs84(x, y)
        x, y = x + shifted_x - there_x, y + shifted_y - there_y
    return x, y


def _offsets_m(
    x: NDArray[np.float64], y: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Give the east and north offsets of the GCJ-02 formula, x and y from 105° E, 35° N."""
    root = np.sqrt(np.abs(x))
    waves = 20 * np.sin(6 * np.pi * x) + 20 * np.sin(2 * np.pi * x)
    east = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root
    east += (
        waves
        + 20 * np.sin(np.pi * x)
        + 40 * np.sin(np.pi * x / 3)
        + 150 * np.sin(np.pi * x / 12)
        + 300 * np.sin(np.pi * x / 30)
    ) * (2 / 3)
    north = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root
    north += (
        waves
        + 20 * np.sin(np.pi * y)
        + 40 * np.sin(np.pi * y / 3)
        + 160 * np.sin(np.pi * y / 12)
        + 320 * np.sin(np.pi * y / 30)
    ) * (2 / 3)
    return east, north

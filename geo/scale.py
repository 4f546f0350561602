"""How much longer and larger things are drawn in a projection than they are on the ellipsoid."""

from __future__ import annotations

from typing import Any

import numpy as np
from pyproj import CRS, Geod

from geo.crs import transformer

PROBE_M = 100.0  # side of the square by which a scale is measured


def scale(crs: Any, x: float, y: float) -> tuple[float, float]:
    """Give how much longer and larger things are drawn at a place than they are: 1 is true.

    Parameters
    ----------
    crs
        A projected CRS.
    x, y
        The place in it.

    Returns
    -------
    (float, float)
        The length that is off most, and the area.

    Examples
    --------
    >>> [round(one, 4) for one in scale(4549, 460000, 3098442)]
    [1.0, 1.0]
    >>> from geo.crs import transformer
    >>> x, y = transformer(4326, 3857).transform(119.6, 28)
    >>> [round(one, 3) for one in scale(3857, x, y)]
    [1.138, 1.288]
    """
    known = CRS(crs)
    across = np.array([0, 1, 1, 0, 1, 0]) * PROBE_M  # a square, then its other diagonal
    up = np.array([0, 0, 1, 1, 0, 1]) * PROBE_M
    lon, lat = transformer(known, known.geodetic_crs).transform(x + across, y + up)
    ground = known.get_geod() or Geod(ellps="GRS80")
    _, _, lengths = ground.inv(lon[:-1], lat[:-1], lon[1:], lat[1:])
    drawn = np.hypot(np.diff(across), np.diff(up))
    longer = [float(one) for one in drawn / np.asarray(lengths)]
    area, _ = ground.polygon_area_perimeter(lon[:4], lat[:4])
    return max(longer, key=lambda one: abs(one - 1)), float(PROBE_M**2 / abs(area))

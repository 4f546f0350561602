"""Tiles of terrain and land cover by their names: where they lie, and which a county needs."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

GLO = re.compile(
    r"Copernicus_DSM(?:_COG)?_(?P<step>10|30)_(?P<ns>[NS])(?P<lat>\d{2})_00_"
    r"(?P<ew>[EW])(?P<lon>\d{3})_00_DEM",
    re.IGNORECASE,
)
HGT = re.compile(r"(?P<ns>[NS])(?P<lat>\d{2})(?P<ew>[EW])(?P<lon>\d{3})", re.IGNORECASE)
COVER = re.compile(
    r"ESA_WorldCover_10m_(?P<year>\d{4})_v\d+_(?P<ns>[NS])(?P<lat>\d{2})(?P<ew>[EW])(?P<lon>\d{3})_Map",
    re.IGNORECASE,
)
COVER_SIDE = 3  # degrees


class Corner(NamedTuple):
    """The south-western corner of a tile, whole degrees."""

    longitude: int
    latitude: int

    @property
    def words(self) -> tuple[str, str]:
        """Give it as file names have it: N27, E119."""
        north, east = "NS"[self.latitude < 0], "EW"[self.longitude < 0]
        return f"{north}{abs(self.latitude):02d}", f"{east}{abs(self.longitude):03d}"


def corner(found: re.Match[str]) -> Corner:
    """Give the corner that a name says.

    >>> corner(GLO.match("Copernicus_DSM_COG_10_N27_00_E119_00_DEM.tif"))
    Corner(longitude=119, latitude=27)
    """
    south, west = found["ns"].upper() == "S", found["ew"].upper() == "W"
    return Corner(int(found["lon"]) * (-1) ** west, int(found["lat"]) * (-1) ** south)


def corners(bounds: Iterable[float], side: int) -> Iterator[Corner]:
    """Give the tiles of a side, in whole degrees, that bounds in degrees touch.

    >>> [one.words for one in corners((119.2, 27.6, 119.9, 28.1), 1)]
    [('N27', 'E119'), ('N28', 'E119')]
    >>> [one.words for one in corners((119.2, 27.6, 119.9, 28.1), 3)]
    [('N27', 'E117')]
    """
    west, south, east, north = (math.floor(value / side) * side for value in bounds)
    for latitude in range(south, north + 1, side):
        for longitude in range(west, east + 1, side):
            yield Corner(longitude, latitude)


def glo_names(bounds: Iterable[float]) -> list[str]:
    """Give the names of the GLO-30 tiles that bounds in degrees touch.

    >>> glo_names((119.2, 27.6, 119.9, 27.9))
    ['Copernicus_DSM_COG_10_N27_00_E119_00_DEM.tif']
    """
    return [
        f"Copernicus_DSM_COG_10_{north}_00_{east}_00_DEM.tif"
        for north, east in (one.words for one in corners(bounds, 1))
    ]


def cover_names(bounds: Iterable[float]) -> list[str]:
    """Give the names of the WorldCover tiles that bounds in degrees touch.

    >>> cover_names((119.2, 27.6, 119.9, 28.1))
    ['ESA_WorldCover_10m_2021_v200_N27E117_Map.tif']
    """
    return [
        f"ESA_WorldCover_10m_2021_v200_{north}{east}_Map.tif"
        for north, east in (one.words for one in corners(bounds, COVER_SIDE))
    ]

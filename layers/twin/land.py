"""The land of the synthetic county: a fabric of parcels whose best exchange is known.

The pilots (townships 003 west, 004 east) are 20 x 12 parcels of 300 x 200 m = 6 ha = 90 mu, so that
two that touch make a block of a hundred mu. `MAP` draws them, north above, a letter a parcel:

    C  paddy 0101, 4°               S  steep dry field 0103, 25° … 16° as they are read
    T  steep paddy 0101, 18°, in permanent basic farmland
    G  orchard 0201 within the fields, 1°, 1.5° … 5.5° as they are read
    O  tea 0202, 12°                P  pond 1104, 12°
    F  forest 0301, 30°             R  forest in the redline, 0.5°   W  in the source zone, 0.5°
    H  homestead 0702, 3°           U  town 0701, 3°                 L  reservoir 1103, 0°

Every S stands alone, every G has fields on all eight sides. So the best exchange of k pairs, by
slope and by contiguity alike, takes the first k of S out and the first k of G in, in the order of
reading, for k up to 10:

    cropland     68 C + 1 T + 10 S = 79 parcels = 474 ha
    slope        68 x 4 + 18 + (25 + 24 + … + 16) = 272 + 18 + 205 = 495; mean 495 / 79 = 6.2658°
    all 10 pairs 495 - 205 + (1 + 1.5 + … + 5.5) = 495 - 205 + 32.5 = 322.5; mean 4.0823°
    neighbours   each G brings 4 shared borders (300 + 300 + 200 + 200 = 1,000 m) and 4 corners;
                 each S takes none

Without the redline the two R (0.5°) would enter before the two last G: 5.5 + 5 - 1 = 9.5 less.
Permanent basic farmland: the rows of MAP with fields throughout, 24 parcels = 144 ha a township; a
twentieth is 7.2 ha, so that one parcel each may be adjusted.
Quality is grade 6 for C, G and T, 9 for S, 8 for O and P, 10 for F, 5 for the rest.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

import geopandas as gpd
import pandas as pd
from shapely import Polygon

from layers.land.survey import slope_class
from layers.twin.place import area, frame

MAP = (
    "FFFFFFFFFFFFFFFFFFFF",
    "FSFFSFFSFFFFSFFFFSFF",
    "FFFFFFFFFFFRRFFFWWFF",
    "FOOFFFFOOFFOOFFFFOOF",
    "FCCCCCCCCFFCCCCCCCCF",
    "FCGCCHCGCFFCGCGCCGCF",
    "FCCCTCCCCFFCCCCCCCCF",
    "FCGCCCCGCFFCGCGCCGCF",
    "FCCCCCCCCFFCCCCCCCCF",
    "FOOFFFFOOFFOOFFFFLLF",
    "FFFFFFFFFFFFFFFFFFFF",
    "FSFFSFSUPFFSFFSFFPFF",
)
EAST_M, NORTH_M = 300, 200
BASIC_ROWS = (4, 6, 8)  # of MAP


class Kind(NamedTuple):
    """Parcels of one letter of MAP: code and name, slope of the first of them, quality grade."""

    code: str
    name: str
    slope_deg: float
    quality: int


KINDS: Mapping[str, Kind] = MappingProxyType(
    {
        "C": Kind("0101", "水田", 4, 6),
        "S": Kind("0103", "旱地", 25, 9),
        "T": Kind("0101", "水田", 18, 6),
        "G": Kind("0201", "果园", 1, 6),
        "O": Kind("0202", "茶园", 12, 8),
        "P": Kind("1104", "坑塘水面", 12, 8),
        "F": Kind("0301", "乔木林地", 30, 10),
        "R": Kind("0301", "乔木林地", 0.5, 5),
        "W": Kind("0301", "乔木林地", 0.5, 5),
        "H": Kind("0702", "农村宅基地", 3, 5),
        "U": Kind("0701", "城镇住宅用地", 3, 5),
        "L": Kind("1103", "水库水面", 0, 5),
    }
)
STEP_DEG = {"S": -1.0, "G": 0.5}
"""How the slope goes on from parcel to parcel of a kind, in the order of reading."""


def parcels() -> gpd.GeoDataFrame:
    """Give the parcels of the pilots, indexed by BSM: row and column of MAP.

    Examples
    --------
    >>> land = parcels()
    >>> land.DLBM.value_counts().to_dict()["0103"], float(land.slope_deg["p0104"])
    (10, 24.0)
    """
    places = [(row, column) for row in range(len(MAP)) for column in range(len(MAP[0]))]
    kinds = pd.Series([MAP[row][column] for row, column in places])
    turn = kinds.groupby(kinds).cumcount()
    slope = kinds.map(lambda kind: KINDS[kind].slope_deg) + turn * kinds.map(STEP_DEG).fillna(0)
    codes = kinds.map(lambda kind: KINDS[kind].code)
    share = codes.eq("0103") * 0.1
    towns = ["003" if column < 10 else "004" for _, column in places]
    villages = [
        f"{town}{1 + column % 10 // 5:03d}" for town, (_, column) in zip(towns, places, strict=True)
    ]
    whole = float(EAST_M * NORTH_M)
    columns = {
        "BSM": [f"p{row:02d}{column:02d}" for row, column in places],
        "TBBH": [str(number) for number in range(1, len(places) + 1)],
        "DLBM": codes,
        "DLMC": kinds.map(lambda kind: KINDS[kind].name),
        "QSDWDM": villages,
        "ZLDWDM": villages,
        "TBMJ": whole,
        "KCDLBM": codes.where(codes != "0103", "1203").where(codes == "0103", None),
        "KCXS": share,
        "KCMJ": share * whole,
        "TBDLMJ": whole - share * whole,
        "GDPDJB": slope_class(slope).where(codes.str.startswith("01"), None),
        "slope_deg": slope,
        "quality": kinds.map(lambda kind: float(KINDS[kind].quality)),
        "township": towns,
    }
    return frame(columns, [_strip(row, column, column) for row, column in places], "BSM")


def protection() -> dict[str, gpd.GeoDataFrame]:
    """Give permanent basic farmland, the redline, the source-water zone, and forest by owner."""
    strips = [
        (row, first, last, town)
        for row in BASIC_ROWS
        for first, last, town in ((1, 8, "003"), (11, 18, "004"))
    ]
    basic = {
        "id": [f"basic_{number}" for number in range(1, len(strips) + 1)],
        "township": [town for *_, town in strips],
    }
    shapes = [_strip(row, first, last) for row, first, last, _ in strips]
    return {
        "basic_farmland": frame(basic, shapes, "id"),
        "redline": frame({"id": ["redline"], "name": ["生态保护红线"]}, [_zone("R")], "id"),
        "source_water": frame({"id": ["source"], "grade": ["second"]}, [_zone("W")], "id"),
        "forest": _forest(),
    }


def _forest() -> gpd.GeoDataFrame:
    """Give the forest of the park: its west is collective, of its east a part not known."""
    columns = {
        "id": ["f1", "f2", "f3", "f4"],
        "class": ["0301", "0301", "0302", "0301"],
        "ownership": ["collective", "state", None, "collective"],
        "township": ["002"] * 4,
    }
    shapes = [
        area(3165, 3015, 3915, 4515),
        area(3915, 3015, 4665, 3765),
        area(3915, 3765, 4665, 4365),
        area(4665, 3015, 5265, 3615),
    ]
    return frame(columns, shapes, "id")


def _zone(kind: str) -> Polygon:
    """Give the rectangle of the parcels of a kind, which lie side by side."""
    row = next(place for place, line in enumerate(MAP) if kind in line)
    return _strip(row, MAP[row].index(kind), MAP[row].rindex(kind))


def _strip(row: int, first: int, last: int) -> Polygon:
    """Give the rectangle of parcels of one row of MAP, both ends included."""
    south = (len(MAP) - 1 - row) * NORTH_M
    return area(first * EAST_M, south, (last + 1) * EAST_M, south + NORTH_M)

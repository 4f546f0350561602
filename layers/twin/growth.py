"""What endangers the synthetic county, how it may grow, how its park is entered and watched.

- **Hazards**: a landslide zone of 350 × 350 m = 12.25 ha, high, on the hill, with `s22` (50 people)
  in it; a debris flow of 100 × 500 m = 5 ha, medium, along the brook; floods of the river, high 60
  ha (50 m on either side of it) and low 60 ha (100 m north of that). No other settlement is in one.
- **Development boundary**: concentrated 6 ha around the county seat, and 30 ha of the new town's 36
  (the southern 6 are basic farmland); flexible 5 ha on its east,
  special 5 ha on its west: 46 ha, none of them in basic farmland or redline.
- **Levelled land**: 18 ha of the new town, west built, east vacant, 9 ha each.
- **Gate**: no existing road crosses the park's outline; the nearest but the expressway is `east`,
  at its end √(450² + 300²) = 540.8 m from the park's south-eastern corner, where the gate stands.
- **Tower sites**: `t1` on the hill's top, 250 m, in the core; `t2` 600 m south of it, in the
  general zone, 250 - 0.2 x 600 = 130 m; `t3` 900 m east of it, 150 m outside of the park, 100 m.
"""

from __future__ import annotations

import geopandas as gpd
from shapely import Point

from layers.twin.place import area, frame, xy


def growth() -> dict[str, gpd.GeoDataFrame]:
    """Give hazards, development boundary, levelled land, park gates and tower sites.

    Examples
    --------
    >>> made = growth()
    >>> (made["hazards"].area / 1e4).tolist()
    [12.25, 5.0, 60.0, 60.0]
    >>> (made["development_boundary"].area / 1e4).tolist()
    [6.0, 30.0, 5.0, 5.0]
    """
    hazards = {
        "id": ["landslide", "debris_flow", "flood_1", "flood_2"],
        "kind": ["landslide", "debris_flow", "flood", "flood"],
        "level": ["high", "medium", "high", "low"],
    }
    endangered = [
        area(3615, 3465, 3965, 3815),
        area(1465, 1615, 1565, 2115),
        area(0, 565, 6000, 665),
        area(0, 665, 6000, 765),
    ]
    boundary = {
        "id": ["seat", "new_town", "new_town_east", "new_town_west"],
        "zone": ["concentrated", "concentrated", "flexible", "special"],
    }
    zones = [
        area(1400, 1200, 1700, 1400),
        area(1800, 1600, 2400, 2100),
        area(2400, 1600, 2500, 2100),
        area(1700, 1600, 1800, 2100),
    ]
    levelled = {"id": ["l1", "l2"], "state": ["built", "vacant"]}
    halves = [area(1800, 1600, 2100, 1900), area(2100, 1600, 2400, 1900)]
    towers = {"id": ["t1", "t2", "t3"], "height_m": [250.0, 130.0, 100.0]}
    tops = [Point(xy(3900, 3750)), Point(xy(3900, 3150)), Point(xy(4800, 3750))]
    return {
        "hazards": frame(hazards, endangered, "id"),
        "development_boundary": frame(boundary, zones, "id"),
        "levelled_land": frame(levelled, halves, "id"),
        "park_gates": frame({"id": ["gate"]}, [Point(xy(4650, 3000))], "id"),
        "tower_sites": frame(towers, tops, "id"),
    }

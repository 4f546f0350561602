"""A small synthetic county with answers known by construction, for tests and examples.

All of it is invented; no place is real. It is 6,000 m wide and 4,800 m high, on 160 rows and 200
columns of 30 m cells in EPSG:4549. Polygons are measured from the south-west corner of the county,
points and lines from the centre of the south-westernmost cell, so that each of their vertices is
the centre of a cell. In those coordinates (metres east, metres north):

- **Townships**: quarters of 7.2 km², `001` north-west, `002` north-east, `003` south-west, `004`
  south-east. Seats: `001` (1500, 3600), `002` (5100, 2700), `003` (1500, 1200), which is the
  county seat, `004` (4500, 1200).
- **Terrain**: a plane at 100 m with one cone around (3900, 3750), radius 750 m, grade 0.2, top
  250 m.
- **Roads**: `main` east along 1200 from (0, 1200) past both southern seats, 60 km/h; `north` from
  the county seat to seat `001`, 2,400 m, 30 km/h; `east` from seat `004` by (5100, 1200) to seat
  `002`, 2,100 m, 30 km/h; `second_passage`, planned, straight from the county seat to seat `002`,
  3,900 m (300 × 5-12-13), 60 km/h; `expressway_1` along 1800, 80 km/h, which joins `north` at
  (1500, 1800) and nothing else, so that it leads nowhere and changes no answer.
- **Minutes by road to the county seat**: seat `004` 3; seat `001` 4.8; seat `002` 3 + 4.2 = 7.2,
  and 3.9 when the second passage is open.
- **Settlements**: one at each seat (150, 100, 400, 150 people) and one of 50 people off the road
  in each township: `s12` 600 m west of `north`, `s22` on top of the hill, `s32` and `s42` 300 m
  north of `main`. Together 1,000: 200, 150, 450 and 200 by township.
- **Facilities**: hospital, high school and middle school at the county seat, a middle school at
  seat `004`, clinics at the county seat and seat `002`, a primary school at each seat.
- **Water**: a river along 600 that a brook joins at (1500, 600); a pool of 800 × 400 m = 0.32 km²
  with upright walls, 4 m deep when full: 1.28 hm³.
- **Park**: around the hill, a core of 600 × 600 m in a general zone of 1500 × 1500 m: 0.36 km² and
  1.89 km². **Pilots**: townships `003` and `004`. **New town**: 600 × 600 m by the county seat.
  **Lijing park**: 1000 × 400 m outside the county, its plots in `layers.twin.industry`.
- **Forest** by owner: the west of the park (112.5 ha, 18 of them in the core) collective; of its
  east 56.25 ha (9 in the core) of the state, 45 ha (9 in the core) of an owner who is not known,
  11.25 ha without forest; 36 ha collective outside of the park.
- **Hazards, development boundary, levelled land, park gate, tower sites**: see
  `layers.twin.growth`.
- **Land**: the parcels of the pilots and what protects them, see `layers.twin.land`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from shapely import Point

from geo.grid import Grid
from geo.raster import Raster
from geo.words import Text
from layers.catalog import CATALOG
from layers.county import County, LayerData
from layers.source import NO_CRS, Quality, Source, both
from layers.twin.growth import growth
from layers.twin.industry import DEMANDS, industrial_plots
from layers.twin.land import parcels, protection
from layers.twin.place import CELL, CRS_OF_TWIN, HEIGHT, SOUTH, WEST, WIDTH, area, frame, line, xy

ID, NAME = "twin", Text("样板县", "Twin County")
PLANE_M, HILL, HILL_RADIUS, HILL_GRADE = 100.0, (3900, 3750), 750.0, 0.2

EastNorth = tuple[int, int]


class Quarter(NamedTuple):
    """A township: its names, its bounds (west, south, east, north) and its seat."""

    name: str
    name_en: str
    bounds: tuple[int, int, int, int]
    seat: EastNorth


class Road(NamedTuple):
    """A road by its vertices."""

    id: str
    road_class: str
    speed_kmh: int
    status: str
    vertices: tuple[EastNorth, ...]


class Settlement(NamedTuple):
    """A settlement and its people."""

    id: str
    township: str
    population: int
    place: EastNorth


class Facility(NamedTuple):
    """A facility at the seat of its township."""

    id: str
    kind: str
    township: str


QUARTERS = {
    "001": Quarter("西北乡", "Northwest", (0, 2400, 3000, 4800), (1500, 3600)),
    "002": Quarter("东北乡", "Northeast", (3000, 2400, 6000, 4800), (5100, 2700)),
    "003": Quarter("西南镇", "Southwest", (0, 0, 3000, 2400), (1500, 1200)),
    "004": Quarter("东南乡", "Southeast", (3000, 0, 6000, 2400), (4500, 1200)),
}
ROADS = (
    Road("main", "national", 60, "existing", ((0, 1200), (1500, 1200), (4500, 1200))),
    Road("north", "township", 30, "existing", ((1500, 1200), (1500, 1800), (1500, 3600))),
    Road("east", "township", 30, "existing", ((4500, 1200), (5100, 1200), (5100, 2700))),
    Road("expressway_1", "expressway", 80, "existing", ((0, 1800), (1500, 1800), (5970, 1800))),
    Road("second_passage", "national", 60, "planned", ((1500, 1200), (5100, 2700))),
)
SETTLEMENTS = (
    Settlement("s11", "001", 150, (1500, 3600)),
    Settlement("s12", "001", 50, (900, 3000)),
    Settlement("s21", "002", 100, (5100, 2700)),
    Settlement("s22", "002", 50, HILL),
    Settlement("s31", "003", 400, (1500, 1200)),
    Settlement("s32", "003", 50, (600, 1500)),
    Settlement("s41", "004", 150, (4500, 1200)),
    Settlement("s42", "004", 50, (3600, 1500)),
)
FACILITIES = (
    Facility("hospital", "hospital", "003"),
    Facility("clinic_1", "clinic", "003"),
    Facility("clinic_2", "clinic", "002"),
    Facility("primary_1", "primary_school", "001"),
    Facility("primary_2", "primary_school", "002"),
    Facility("primary_3", "primary_school", "003"),
    Facility("primary_4", "primary_school", "004"),
    Facility("middle_1", "middle_school", "003"),
    Facility("middle_2", "middle_school", "004"),
    Facility("high", "high_school", "003"),
)


DEFAULTS: Mapping[str, Mapping[str, Any]] = {
    "access": {"open_roads": ["second_passage"]},
    "corridor": {"points": ["roads:second_passage"]},
    "idle_land": {"demands": DEMANDS},
}
"""What the twin sets for the parameters of questions."""


def county() -> County:
    """Give the twin, in memory; every call gives an equal one.

    Examples
    --------
    >>> twin = county()
    >>> twin.id, twin.raster("dem").grid.shape, int(twin.vector("settlements").population.sum())
    ('twin', (160, 200), 1000)
    """
    data: dict[str, LayerData] = {
        "dem": _dem(),
        **_boundaries(),
        **_water(),
        **_network(),
        **_zones(),
        "parcels": parcels(),
        "industrial_plots": industrial_plots(),
        **protection(),
        **growth(),
    }
    sources = {name: _source(name, one) for name, one in data.items()}
    return County(ID, NAME, CRS_OF_TWIN, data, sources, DEFAULTS)


def write(folder: Path) -> None:
    """Write the twin as a county folder; `layers.county.load` gives an equal county back."""
    from layers.county import save

    save(county(), folder)


def _dem() -> Raster:
    grid = Grid.from_bounds((WEST, SOUTH, WEST + WIDTH, SOUTH + HEIGHT), CELL, CRS_OF_TWIN)
    x, y = grid.xy(*np.indices(grid.shape))
    top_x, top_y = xy(*HILL)
    rise = HILL_GRADE * np.maximum(HILL_RADIUS - np.hypot(x - top_x, y - top_y), 0)
    return Raster((PLANE_M + rise).astype(np.float32), grid)


def _boundaries() -> dict[str, LayerData]:
    codes = list(QUARTERS)
    names = {
        "name": [quarter.name for quarter in QUARTERS.values()],
        "name_en": [quarter.name_en for quarter in QUARTERS.values()],
    }
    outline = {"code": ["000"], "name": [NAME.zh], "name_en": [NAME.en]}
    areas = [area(*quarter.bounds) for quarter in QUARTERS.values()]
    seats = [Point(xy(*quarter.seat)) for quarter in QUARTERS.values()]
    roles = ["county" if code == "003" else "township" for code in codes]
    return {
        "outline": frame(outline, [area(0, 0, WIDTH, HEIGHT)], "code"),
        "townships": frame({"code": codes, **names, "area_km2": [7.2] * 4}, areas, "code"),
        "seats": frame(
            {"code": codes, **names, "role": roles, "height_m": [PLANE_M] * 4}, seats, "code"
        ),
        "pilots": frame(
            {"code": codes[2:], **{name: column[2:] for name, column in names.items()}},
            areas[2:],
            "code",
        ),
    }


def _water() -> dict[str, LayerData]:
    courses = [((0, 600), (1500, 600)), ((1500, 2100), (1500, 600)), ((1500, 600), (5970, 600))]
    rivers = {"id": ["upper", "brook", "lower"], "name": ["河", "溪", "河"], "order": [1, 1, 2]}
    pool = {"id": ["pool_100"], "name": ["水库"], "level_m": [100.0], "area_km2": [0.32]}
    levels = {
        "id": ["dead", "normal"],
        "level_m": [96.0, 100.0],
        "title_zh": ["死水位", "正常蓄水位"],
        "title_en": ["dead level", "normal level"],
    }
    storage = {"level_m": [96.0, 98.0, 100.0], "storage_hm3": [0.0, 0.64, 1.28]}
    return {
        "rivers": frame(rivers, [line(course) for course in courses], "id"),
        "lake": frame(pool, [area(5000, 400, 5800, 800)], "id"),
        "lake_levels": pd.DataFrame(levels).set_index("id"),
        "lake_storage": pd.DataFrame(storage),
    }


def _network() -> dict[str, LayerData]:
    roads = {
        "id": [road.id for road in ROADS],
        "class": [road.road_class for road in ROADS],
        "speed_kmh": [float(road.speed_kmh) for road in ROADS],
        "status": [road.status for road in ROADS],
    }
    settlements = {
        "id": [one.id for one in SETTLEMENTS],
        "township": [one.township for one in SETTLEMENTS],
        "population": [float(one.population) for one in SETTLEMENTS],
        "height_m": [250.0 if one.place == HILL else PLANE_M for one in SETTLEMENTS],
    }
    facilities = {
        "id": [one.id for one in FACILITIES],
        "kind": [one.kind for one in FACILITIES],
        "township": [one.township for one in FACILITIES],
    }
    at_seats = [Point(xy(*QUARTERS[one.township].seat)) for one in FACILITIES]
    return {
        "roads": frame(roads, [line(road.vertices) for road in ROADS], "id"),
        "settlements": frame(settlements, [Point(xy(*one.place)) for one in SETTLEMENTS], "id"),
        "facilities": frame(facilities, at_seats, "id"),
    }


def _zones() -> dict[str, LayerData]:
    top = [v + CELL / 2 for v in HILL]
    core = area(top[0] - 300, top[1] - 300, top[0] + 300, top[1] + 300)
    whole = area(top[0] - 750, top[1] - 750, top[0] + 750, top[1] + 750)
    park = {"id": ["core", "general"], "zone": ["core", "general"]}
    new_town = {"id": ["new_town"], "name": ["新城"], "name_en": ["New town"]}
    lijing = {"id": ["lijing"], "name": ["飞地园区"], "name_en": ["Enclave park"]}
    return {
        "park": frame(park, [core, whole.difference(core)], "id"),
        "new_town": frame(new_town, [area(1800, 1500, 2400, 2100)], "id"),
        "lijing_park": frame(lijing, [area(7000, 5500, 8000, 5900)], "id"),
    }


def _source(name: str, data: LayerData) -> Source:
    """Say where a layer comes from; the hash is that of its content, as it has no file."""
    if isinstance(data, Raster):
        content, rows = data.values.tobytes(), int(data.valid.sum())
    else:
        content, rows = pd.DataFrame(data).to_csv(lineterminator="\n").encode(), len(data)
    return Source(
        layer=name,
        title=CATALOG[name].title,
        publisher="layers.twin",
        licence="Apache-2.0",
        retrieved="",
        crs=NO_CRS if CATALOG[name].kind == "table" else "EPSG:4549",
        sha256=hashlib.sha256(content).hexdigest(),
        rows=rows,
        quality=Quality.MODELLED,
        steps=(both(Text("由 layers.twin 合成", "made up by layers.twin")),),
        resolution_m=CELL if name == "dem" else None,
    )

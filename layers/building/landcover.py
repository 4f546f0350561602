"""What grows or stands on every fine cell of the pilots: modelled land cover.

Each class takes the cells that suit it best until it has its share of the land: fields lie on
gentle ground near hamlets and water, tea and fruit on the slopes above them, bamboo around, shrub
and grass on high and steep ground; trees have the rest. Gullies and winding belts of grass, trees
and tea part the fields, which are scattered in the mountains. The shares are assumptions.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import binary_dilation, binary_opening, distance_transform_edt, label
from shapely.geometry.base import BaseGeometry

from geo.grid import Grid
from layers.building.fabric_ground import Ground
from layers.building.hamlets import Places, patches, pull, scattered
from layers.building.noise import noise
from layers.building.relief import blurred

Floats = NDArray[np.float64]
Marks = NDArray[np.bool_]
Codes = NDArray[np.int16]

CODES = (
    *("0301", "0302", "0305", "0307", "0404"),  # trees, bamboo, shrub, other wood, grass
    *("0103", "0101", "0202", "0201"),  # dry fields, paddy, tea, fruit
    *("0702", "1202", "1104", "1103"),  # homesteads, farm buildings, ponds, reservoir
    *("0701", "05H1", "08H1", "08H2", "0601", "0809", "0810", "1004"),  # towns and industry
    "1206",  # bare rock
)
NUMBER = {code: number for number, code in enumerate(CODES)}
SHARES = {
    "field": 0.139,
    "orchard": 0.055,
    "bamboo": 0.10,
    "shrub": 0.06,
    "other": 0.035,
    "grass": 0.018,
}
"""Parts of the land: fields and so on, an assumption for a mountain township."""
PADDY = 0.62  # of the fields
GULLY_M2, GULLY_GRADE = 20_000.0, 0.1  # catchment and grade from which a gully parts fields
BELT, BELT_GRADE = 0.05, 0.08  # half width of belts in noise, and grade from which they stand
WORKS = 0.16  # of the new town
PREFERRED = 0.02  # what a cell's own class counts more where others prevail as much
# Seeds; a pattern of several waves counts on from its own.
BAMBOO_SEED, SHRUB_SEED, OTHER_SEED, GRASS_SEED = 21, 24, 27, 29
FIELD_SEED, PADDY_SEED, ORCHARD_SEED, TEA_SEED = 31, 35, 37, 39
HOME_SEED, SMALL_SEED, WORKS_SEED, ROW_SEED, COLUMN_SEED = 41, 43, 55, 57, 59
BELT_SEED, BELT_KIND_SEED = 61, 63


class Wave(NamedTuple):
    """A wave that moves the rims of uses, and how far it does, m."""

    length_m: float
    aside_m: float


@dataclass(frozen=True, eq=False)
class Small:
    """A kind of small patches: code, how many, how far apart, their radii, and where they suit."""

    code: str
    count: int
    apart_m: float
    radius_m: tuple[float, float]
    score: Floats


ASIDE = (Wave(95.0, 46.0), Wave(36.0, 15.0))
LEAST_M2 = {"0702": 250, "1104": 150, "1202": 200}  # smaller patches join what surrounds them
LEAST_OTHER_M2 = 900.0


def cover(ground: Ground, places: Places, works: BaseGeometry) -> Codes:
    """Give every cell its class, a position in `CODES`; towns are built later.

    Parameters
    ----------
    ground
        Cells.
    places
        Hamlets.
    works
        Where industry stands, as far as the ground is gentle.
    """
    code = _wild(ground, places)
    fields = _fields(ground, places, code)
    code[patches(ground, places, seed=HOME_SEED, grade=0.25)] = NUMBER["0702"]
    for kind in _small(ground, fields):
        spots = scattered(
            ground, kind.score, count=kind.count, apart_m=kind.apart_m, radius_m=kind.radius_m
        )
        code[patches(ground, spots, seed=SMALL_SEED, grade=0.5, ragged=0.4)] = NUMBER[kind.code]
    code[_industry(ground, works, code)] = NUMBER["0601"]
    return _tidied(_prevailing(code), ground)


def refined(code: Codes, cells: Grid) -> Codes:
    """Give classes on cells half as wide: each takes what lies a little aside, so that rims wind.

    Parameters
    ----------
    code
        Classes on coarse cells.
    cells
        Fine cells over the same ground.
    """
    rows, columns = np.indices(cells.shape, sparse=True)
    aside = [
        sum(
            wave.aside_m * noise(cells, wave_m=wave.length_m, seed=seed + turn)
            for turn, wave in enumerate(ASIDE)
        )
        for seed in (ROW_SEED, COLUMN_SEED)
    ]
    row, column = (
        np.clip(np.floor((place + part / cells.resolution) / 2), 0, size - 1).astype(np.int64)
        for place, part, size in zip((rows, columns), aside, code.shape, strict=True)
    )
    return np.asarray(code[row, column])


def top(score: Floats, free: Marks, count: float) -> Marks:
    """Mark the cells with the highest scores, as many as wanted."""
    size = int(free.sum())
    wanted = min(int(count), size)
    if wanted < 1:
        return np.zeros_like(free)
    limit = np.partition(score[free], size - wanted)[size - wanted]
    return np.asarray(free & (score >= limit))


def _wavy(ground: Ground, seed: int, *waves: float) -> Floats:
    """Give noise of several waves, the longest highest, in about [-1/2, 1/2]."""
    total = np.zeros(ground.grid.shape)
    for turn, wave in enumerate(waves):
        total += noise(ground.grid, wave_m=wave, seed=seed + turn) / 2**turn
    return total


def _gentle(ground: Ground, half: float, power: int = 4) -> Floats:
    return np.asarray(1 / (1 + (ground.grade / half) ** power))


def _wild(ground: Ground, places: Places) -> Codes:
    """Give forest of several kinds, shrub and grass.

    Of a score the order of the cells counts alone, `SHARES` says how many: its weights, here and
    below, are assumptions on what a use prefers.
    """
    code = np.full(ground.grid.shape, NUMBER["0301"], dtype=np.int16)
    land = float(ground.inside.sum())
    homes = pull(ground, places, half_m=900.0)
    high = np.clip((ground.height - 600) / 600, 0, 1)
    bamboo = (0.3 + homes) * (1.2 - high) * (0.55 + _wavy(ground, BAMBOO_SEED, 900.0, 300.0, 110.0))
    shrub = (
        (0.1 + high)
        * (0.4 + ground.grade)
        * (0.5 + _wavy(ground, SHRUB_SEED, 1100.0, 350.0, 120.0))
    )
    other = (0.4 + homes) * (0.5 + _wavy(ground, OTHER_SEED, 500.0, 180.0))
    grass = (
        (0.3 + high + homes)
        * _gentle(ground, 0.6)
        * (0.5 + _wavy(ground, GRASS_SEED, 420.0, 140.0))
    )
    for name, key, score in (
        ("bamboo", "0302", bamboo),
        ("shrub", "0305", shrub),
        ("other", "0307", other),
        ("grass", "0404", grass),
    ):
        free = ground.inside & (code == NUMBER["0301"])
        code[top(score, free, SHARES[name] * land)] = NUMBER[key]
    return code


def _fields(ground: Ground, places: Places, code: Codes) -> Marks:
    """Lay out paddy, dry fields, tea and fruit; gives the fields."""
    land = float(ground.inside.sum())
    homes, wet = pull(ground, places, half_m=420.0), 1 / (1 + (ground.water / 160.0) ** 2)
    ragged = 0.55 + 0.8 * _wavy(ground, FIELD_SEED, 420.0, 170.0, 70.0)
    score = _gentle(ground, 0.40, 3) * (0.09 + homes) * (0.5 + 0.6 * wet) * np.maximum(ragged, 0.02)
    field = top(score, ground.inside, SHARES["field"] * land)
    suits = (
        _gentle(ground, 0.25, 2)
        * (0.4 + wet)
        * (0.6 + 0.9 * _wavy(ground, PADDY_SEED, 500.0, 160.0))
    )
    paddy = top(suits, field, PADDY * float(field.sum()))
    wide = pull(ground, places, half_m=800.0)
    slopes = (
        _gentle(ground, 0.45)
        * (0.08 + wide)
        * (0.5 + _wavy(ground, ORCHARD_SEED, 600.0, 220.0, 90.0))
    )
    orchard = top(slopes, ground.inside & ~field, SHARES["orchard"] * land)
    tea = (ground.height > 380) & (_wavy(ground, TEA_SEED, 700.0, 240.0) > -0.12)
    code[orchard] = np.where(tea, NUMBER["0202"], NUMBER["0201"])[orchard]
    code[field] = np.where(paddy, NUMBER["0101"], NUMBER["0103"])[field]
    belt = field & _belts(ground)
    turn = _wavy(ground, BELT_KIND_SEED, 260.0, 90.0)
    kinds = [NUMBER[one] for one in ("0404", "0307")]
    code[belt] = np.select([turn > 0.14, turn < -0.02], kinds, NUMBER["0202"])[belt]
    return field & ~belt


def _belts(ground: Ground) -> Marks:
    """Mark what parts fields on sloping ground: gullies, and belts that wind."""
    gully = (ground.size >= GULLY_M2) & (ground.grade > GULLY_GRADE)
    winding = np.abs(_wavy(ground, BELT_SEED, 230.0, 90.0)) < BELT
    return np.asarray(
        binary_dilation(gully, np.ones((2, 2))) | (winding & (ground.grade > BELT_GRADE))
    )


def _small(ground: Ground, fields: Marks) -> list[Small]:
    """Give ponds, farm buildings and rocks."""
    inner = np.minimum(np.asarray(distance_transform_edt(fields)) * ground.grid.resolution, 60.0)
    flat = _gentle(ground, 0.18)
    farm = np.where(fields & (ground.road < 120), flat / (1 + ground.road / 40), 0.0)
    return [
        Small("1104", 330, 130.0, (7.0, 24.0), flat * inner / (1 + ground.water / 200)),
        Small("1202", 210, 140.0, (10.0, 22.0), farm),
        Small("1206", 40, 500.0, (14.0, 30.0), np.where(fields, 0.0, ground.grade)),
    ]


def _prevailing(code: Codes) -> Codes:
    """Give every cell the class that prevails around it: strips a cell wide vanish."""
    most = np.zeros(code.shape)
    prevailing = code.copy()
    for number in range(len(CODES)):
        mine = code == number
        share = blurred(mine.astype(np.float64), 1) + PREFERRED * mine
        prevailing[share > most] = number
        most = np.maximum(most, share)
    return prevailing


def _tidied(code: Codes, ground: Ground) -> Codes:
    """Let patches that are too small join what surrounds them."""
    keep = np.zeros(code.shape, dtype=bool)
    for name, number in NUMBER.items():
        parts, count = label(code == number)
        least = LEAST_M2.get(name, LEAST_OTHER_M2) / ground.grid.resolution**2
        large = np.bincount(parts.ravel(), minlength=count + 1) >= least
        large[0] = False
        keep |= large[parts]
    row, column = distance_transform_edt(~keep, return_distances=False, return_indices=True)
    return np.asarray(code[row, column])


def _industry(ground: Ground, works: BaseGeometry, code: Codes) -> Marks:
    """Mark the gentlest ground within a shape that neither water nor houses take."""
    taken = [NUMBER[one] for one in ("0702", "1104", "1202", "0101")]
    free = ground.cells_of(works) & ~np.isin(code, taken)
    rough = ground.grade * (1 + noise(ground.grid, wave_m=300.0, seed=WORKS_SEED))
    site = top(-rough, free, WORKS * float(free.sum()))
    return np.asarray(binary_opening(site, np.ones((3, 3))))

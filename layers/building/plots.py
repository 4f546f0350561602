"""Land cover divided into plots: strips along the contours, forest by facets, towns by blocks.

1. Sloping fields and gardens fall into bands between contours, whose spacing follows the slope, so
   that a band is about as wide as a plot; on flat ground bands run along the water.
2. A band is cut across its length into plots of drawn sizes: cells are ordered by their distance
   along the band (from its far end, within it), so that the cuts run across.
3. Forest is divided by facets, which end at ridges and in valleys, and by village.
4. Plots that come out too small join the neighbour of their kind with the longest border.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from layers.building.fabric_ground import Ground
from layers.building.landcover import CODES, NUMBER, Codes
from layers.building.noise import hashed
from layers.building.pieces import along, connected

Floats = NDArray[np.float64]
Marks = NDArray[np.bool_]
Whole = NDArray[np.int64]


@dataclass(frozen=True)
class Size:
    """How plots of a class are cut: width of a band (0: none), area and least area, m and m²."""

    wide_m: float
    area_m2: float
    least_m2: float


SIZES: Mapping[str, Size] = MappingProxyType(
    {
        "0101": Size(21, 1750, 300),
        "0103": Size(21, 1600, 300),
        "0201": Size(38, 4000, 600),
        "0202": Size(36, 3600, 600),
        "0702": Size(40, 1900, 300),
        "0301": Size(0, 52000, 2500),
        "0302": Size(0, 24000, 1500),
        "0305": Size(0, 30000, 1500),
        "0307": Size(0, 12000, 900),
        "0404": Size(0, 6000, 600),
        "0601": Size(0, 9000, 600),
        "1004": Size(0, 7000, 300),
        "1103": Size(0, 60000, 300),
    }
)
"""Assumptions by class."""
PLAIN = Size(0, 9000, 200)
UNDIVIDED = ("1104", "1202", "1206", "0701", "05H1", "08H1", "08H2", "0809", "0810")
FLAT = 0.05  # grade below which bands run along the water
FLAT_WIDE = 1.4  # bands on flat ground, parts of the width on slopes
# Rises of bands, m, each about 1.4 times the one before, so that neighbours on changing slopes
# mostly have the same.
RISES = np.array([0.25, 0.35, 0.5, 0.7, 1, 1.4, 2, 2.8, 4, 5.6, 8, 11, 16, 22, 32, 45])
FLAT_KIND = 30  # in place of a rise, where bands run along the water; above all of `RISES`
# Strides of keys: room for kinds, bands, villages a facet, for blocks and for classes.
KIND_STRIDE, BAND_STRIDE, VILLAGE_STRIDE = 32, 20_011, 97
BLOCK_STRIDE, CLASS_STRIDE = 997, 97
LEAST_DRAWN, MORE_DRAWN = 0.45, 1.35  # drawn sizes: the least, and how much more at most, parts
MOST_PARTS = 4096  # of a piece; a stride of keys as well
SAME_KIND, BOTH_SMALL = 1000, 1e6  # a like neighbour goes before any border; a small one after all
ROUNDS = 4  # a joined plot may still be too small; after a few hardly any is
PARTS_SEED, CUT_SEED = 71, 72
UNEVEN = 0.5  # how far a cut strays from even ones, parts of a plot


def plots(ground: Ground, code: Codes, block: Whole) -> Whole:
    """Give every cell the number of its plot, from 0; plots hang together and have one class.

    Parameters
    ----------
    ground
        Fine cells.
    code
        Class of every cell.
    block
        Block of every cell of a town.
    """
    part = np.zeros(code.shape, dtype=np.int64)
    for name in CODES:
        size = SIZES.get(name, PLAIN)
        mine = (code == NUMBER[name]) & ground.inside
        if not mine.any():
            continue
        bands = _bands(ground, mine, size.wide_m) if size.wide_m else _facets(ground, mine, name)
        part[mine] = bands if name != "1004" else 0
    key = (part * BLOCK_STRIDE + block) * CLASS_STRIDE + code
    pieces = _cut(ground, key, code)
    return _joined(pieces, code, ground)


def _bands(ground: Ground, mine: Marks, wide_m: float) -> Whole:
    """Give the bands of a class numbers. RULE 1."""
    grade, height = ground.grade[mine], ground.height[mine]
    kind = np.searchsorted(RISES, grade * wide_m)
    rise = RISES[np.minimum(kind, RISES.size - 1)]
    band = np.floor(height / rise).astype(np.int64)
    flat = grade < FLAT
    band[flat] = np.floor(ground.water[mine] / (FLAT_WIDE * wide_m)).astype(np.int64)[flat]
    kind[flat] = FLAT_KIND
    return np.asarray((ground.village[mine] * KIND_STRIDE + kind) * BAND_STRIDE + band)


def _facets(ground: Ground, mine: Marks, name: str) -> Whole:
    """Give the facets of a class numbers. RULE 3."""
    if name in UNDIVIDED:
        return np.zeros(int(mine.sum()), dtype=np.int64)
    return np.asarray(ground.facet[mine] * VILLAGE_STRIDE + ground.village[mine])


def _cut(ground: Ground, key: Whole, code: Codes) -> Whole:
    """Cut what hangs together into plots. RULE 2."""
    piece = connected(np.where(ground.inside, key, -1))
    count = int(piece.max()) + 1
    cells = np.flatnonzero(piece.ravel() >= 0)
    whose = piece.ravel()[cells]
    size = np.bincount(whose, minlength=count)
    kind = np.empty(count, dtype=np.int64)
    kind[whose] = code.ravel()[cells]
    parts = _parts(np.asarray(size * ground.grid.resolution**2, dtype=np.float64), kind)
    long = parts[whose] > 1
    cells, owner = cells[long], whose[long]
    strip = np.full(piece.size, -1, dtype=np.int64)
    strip[cells] = owner
    order = np.lexsort((along(strip.reshape(piece.shape)).ravel()[cells], owner))
    start = np.concatenate([[0], np.cumsum(np.bincount(owner, minlength=count))])[:-1]
    rank = np.empty(order.size, dtype=np.int64)
    rank[order] = np.arange(order.size) - start[owner[order]]
    turns = piece.ravel() * MOST_PARTS
    turns[cells] += _turn(rank / size[owner] * parts[owner], owner, parts[owner])
    return connected(turns.reshape(piece.shape))


def _parts(area: Floats, kind: Whole) -> Whole:
    """Draw into how many plots pieces fall, by their areas, m², and classes."""
    usual = np.array([SIZES.get(name, PLAIN).area_m2 for name in CODES])[kind]
    draw = hashed(np.arange(kind.size), np.full(kind.size, PARTS_SEED), PARTS_SEED)
    parts = np.round(area / (usual * (LEAST_DRAWN + MORE_DRAWN * draw * draw)))
    parts[np.isin(kind, [NUMBER[name] for name in UNDIVIDED])] = 1
    return np.clip(parts, 1, MOST_PARTS - 1).astype(np.int64)


def _turn(at: Floats, owner: Whole, parts: Whole) -> Whole:
    """Say which plot of its piece each cell falls into; cuts stray from whole numbers of `at`."""
    near = np.round(at).astype(np.int64)
    cut = near + UNEVEN * (hashed(near, owner, CUT_SEED) - 0.5)
    inner = (near > 0) & (near < parts)
    turn = np.where(inner, np.where(at < cut, near - 1, near), np.floor(at))
    return np.clip(turn, 0, parts - 1).astype(np.int64)


def _joined(piece: Whole, code: Codes, ground: Ground) -> Whole:
    """Join plots that are too small to a neighbour. RULE 4."""
    cell = ground.grid.resolution**2
    least = np.array([SIZES.get(name, PLAIN).least_m2 for name in CODES]) / cell
    inside = ground.inside.ravel()
    for _ in range(ROUNDS):
        count = int(piece.max()) + 1
        size = np.bincount(piece.ravel()[inside], minlength=count)
        votes = np.bincount(
            piece.ravel()[inside] * len(CODES) + code.ravel()[inside], minlength=count * len(CODES)
        ).reshape(count, len(CODES))
        kind = votes.argmax(axis=1)
        small = size < least[kind]
        if not small.any():
            break
        target = _longest(piece, ground.inside, kind, small)
        piece = connected(np.where(piece >= 0, target[piece], -1))
    return piece


def _longest(piece: Whole, inside: Marks, kind: Whole, small: Marks) -> Whole:
    """Give for each plot the one it joins: itself, or for a small one the best neighbour."""
    pairs = []
    for near, far in ((np.s_[:, 1:], np.s_[:, :-1]), (np.s_[1:], np.s_[:-1])):
        apart = (piece[near] != piece[far]) & inside[near] & inside[far]
        a, b = piece[near][apart], piece[far][apart]
        pairs += [np.column_stack([a, b]), np.column_stack([b, a])]
    both = np.vstack(pairs)
    both = both[small[both[:, 0]]]
    neighbours, border = np.unique(both, axis=0, return_counts=True)
    a, b = neighbours.T
    worth = border + SAME_KIND * (kind[a] == kind[b]) - BOTH_SMALL * (small[b] & (b > a))
    order = np.lexsort((b, -worth, a))
    best = order[np.unique(a[order], return_index=True)[1]]
    target = np.arange(kind.size)
    kept = worth[best] > 0
    target[a[best][kept]] = b[best][kept]
    return np.asarray(target[target])

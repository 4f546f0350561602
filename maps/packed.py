"""Layers of many polygons, packed: shapes and cells once, in half metres of Web Mercator."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from geo.crs import transformer
from maps.binding import bindings
from maps.imagery import MERCATOR
from maps.store import Store, Whole, differences, varints, zigzag
from scenarios.result import Layer

FROM, DETAILED = 1_500, 12_000
"""Polygon layers of more features, or of more points and without labels, are packed."""
AREAS = frozenset({"category", "amount", "change", "boundary"})
UNIT = 0.5
BUSY, TOLERANCE_M = 1_200_000, 0.7


def is_packed(layer: Layer) -> bool:
    """Say whether a layer is one of many polygons, or of very detailed ones."""
    frame: Any = layer.data
    if not isinstance(frame, gpd.GeoDataFrame) or layer.meaning not in AREAS:
        return False
    if not set(frame.geom_type.dropna()) <= {"Polygon", "MultiPolygon"}:
        return False
    points = shapely.get_num_coordinates(frame.geometry.to_numpy()).sum()
    return len(frame) > FROM or (points > DETAILED and not layer.label)


def packed(
    layer: Layer, store: Store, *, looks: Sequence[int], rules: Mapping[str, int]
) -> dict[str, Any]:
    """Pack a layer's shapes, identities, looks, bindings and declared columns.

    Parameters
    ----------
    layer
        A layer for which `is_packed` holds.
    store
        Where the blobs go.
    looks
        The look of each row.
    rules
        Places of the run's rules by id.
    """
    frame: Any = layer.data
    sets, bound = bindings(layer, rules)
    cells = frame.drop(columns=frame.geometry.name)
    shapes = _lighter(frame.geometry.to_numpy())
    labels = [str(label) for label in frame.index]
    told = [(c.name, c.decimals) for c in layer.columns]

    def drawn(new: Whole) -> dict[str, Any]:
        return {"blob": store.add(outlines(shapes[new], frame.crs))}

    def written(new: Whole) -> dict[str, Any]:
        columns = [store.column(cells[name].iloc[new], decimals) for name, decimals in told]
        return {"cells": [store.texts([labels[k] for k in new]), *columns]}

    rows = list(zip(labels, *(cells[name].map(repr) for name, _ in told), strict=True))
    return {
        "count": len(frame),
        "shapes": store.rows(f"shapes {frame.crs}", shapely.to_wkb(shapes).tolist(), drawn),
        "rows": store.rows(repr(told), rows, written),
        "look": store.codes(looks),
        "bound": store.codes(bound),
        "bindings": sets,
    }


def outlines(shapes: NDArray[Any], crs: Any) -> bytes:
    """Write polygons as whole half metres of Web Mercator.

    Returns
    -------
    bytes
        Rings of each shape; points of each ring times two, plus one for a hole; steps in x; steps
        in y. Outer rings run against the clock, holes with it; the closing point is left out, as
        are points that fall on the one before. A shape without area has no rings.
    """
    polygons, shape_of = shapely.get_parts(shapes, return_index=True)
    polygons = shapely.orient_polygons(polygons)
    rings, polygon_of = shapely.get_rings(polygons, return_index=True)
    hole = np.append(False, polygon_of[1:] == polygon_of[:-1])[: len(rings)]
    points, ring_of = shapely.get_coordinates(rings, return_index=True)
    x, y = transformer(crs, MERCATOR).transform(points[:, 0], points[:, 1])
    xy = np.round(np.column_stack([x, y]) / UNIT).astype(np.int64)
    keep = np.ones(len(xy), dtype=bool)
    same_ring = ring_of[1:] == ring_of[:-1]
    keep[1:] = ~(same_ring & (xy[1:] == xy[:-1]).all(axis=1))
    keep[:-1] &= same_ring  # the last point of a ring closes it
    keep[-1:] = False
    left = np.bincount(ring_of[keep], minlength=len(rings))
    whole = left >= 3
    keep &= whole[ring_of]
    rings_of_shape = np.bincount(shape_of[polygon_of[whole]], minlength=len(shapes))
    counted = [rings_of_shape, 2 * left[whole] + hole[whole]]
    steps = [zigzag(differences(xy[keep, axis])) for axis in (0, 1)]
    return b"".join(varints(part.astype(np.uint64)) for part in (*counted, *steps))


def _lighter(shapes: NDArray[Any]) -> NDArray[Any]:
    """Thin out a very detailed coverage; borders that were shared stay shared."""
    if shapely.get_num_coordinates(shapes).sum() <= BUSY or not shapely.coverage_is_valid(shapes):
        return shapes
    thin: NDArray[Any] = shapely.coverage_simplify(shapes, TOLERANCE_M)
    return thin

"""Contours and spot heights as the page reads them: few bytes, drawn by zoom."""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely

from geo.crs import reproject, transformer
from maps import imagery, style
from maps.packed import UNIT
from maps.store import Store, differences, varints, zigzag
from maps.wording import pair
from scenarios.result import Layer

DECIMALS = 5
INDEX = 5
"""Every fifth contour is drawn stronger, is seen from further off and is numbered."""


def relief(layer: Layer, store: Store) -> dict[str, Any]:
    """Give contours, if a layer has lines, or spot heights, with their legend."""
    frame: Any = layer.data
    low = reproject(frame, imagery.MERCATOR).total_bounds
    found: dict[str, Any] = {
        "kind": "relief",
        "bounds": imagery.degrees(tuple(low)) if len(frame) else [[0, 0], [0, 0]],
        "looks": [style.RELIEF],
        "legend": [{"title": pair(layer.title), "look": 0}],
        "columns": [],
        "features": [],
    }
    heights = frame[layer.value].to_numpy(dtype=float)
    if bool(frame.geom_type.str.endswith("Point").all()):
        return {**found, "spots": _spots(frame, heights)}
    return {**found, **_lines(frame, heights, store)}


def _spots(frame: Any, heights: Any) -> list[list[float]]:
    """Give latitude, longitude and whole metres of each point, from the highest."""
    degrees: Any = reproject(frame, "EPSG:4326").geometry
    order = np.argsort(-heights, kind="stable")
    at = np.round(np.column_stack([degrees.y, degrees.x]), DECIMALS)
    return [[*at[k].tolist(), round(float(heights[k]))] for k in order]


def _lines(frame: Any, heights: Any, store: Store) -> dict[str, Any]:
    """Pack lines as whole half metres of Web Mercator, with the height of each part."""
    parts, row = shapely.get_parts(frame.geometry.to_numpy(), return_index=True)
    points, part = shapely.get_coordinates(parts, return_index=True)
    x, y = transformer(frame.crs, imagery.MERCATOR).transform(points[:, 0], points[:, 1])
    steps = [zigzag(differences(np.round(v / UNIT).astype(np.int64))) for v in (x, y)]
    counts = np.bincount(part, minlength=len(parts)).astype(np.uint64)
    levels = np.unique(heights)
    step = float(np.min(np.diff(levels))) if len(levels) > 1 else 1.0
    return {
        "count": len(parts),
        "step": step,
        "index": step * INDEX,
        "heights": store.codes(np.round(heights[row]).astype(np.int64)),
        "lines": store.add(b"".join(map(varints, (counts, *steps)))),
    }

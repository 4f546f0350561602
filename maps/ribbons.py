"""What is written along lines: shields of numbered roads, names of rivers.

Lines of one name are joined first, so that a name runs along the whole and not along each piece.
Names and numbers are those of the layer; where it has none, nothing is written.
"""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import shapely

from geo.crs import reproject
from maps import labels
from scenarios.result import Layer

THIN = 40.0  # metres: letters are not set finer
DECIMALS = 4
REFS = "ref"
SHIELDS = {"G": "national", "S": "provincial", "X": "county", "Y": "township", "C": "village"}
"""Kinds of road by the first letter of their number, as GB/T 917 has them."""


def ribbons(layer: Layer) -> list[dict[str, Any]]:
    """Give the words along a layer's lines, each with its lines as latitude and longitude.

    Roads with a number get shields, waters with a name their name.
    """
    frame: Any = layer.data
    lines = frame[frame.geom_type.str.endswith("LineString").to_numpy(dtype=bool)]
    if layer.meaning == "path" and REFS in {column.name for column in layer.columns}:
        said = [_shield(layer, row) for row in lines.to_dict("records")]
    elif layer.meaning == "water" and layer.label:
        said = [(*labels.words(layer, row), "") for row in lines.to_dict("records")]
    else:
        return []
    return _joined(lines, said)


def _shield(layer: Layer, row: dict[str, Any]) -> tuple[str, str, str]:
    """Give number, number and kind of a road; nothing for a road without a number."""
    ref = labels.text(row.get(REFS))
    kind = SHIELDS.get(ref[:1], "county")
    fast = "class" in {column.name for column in layer.columns} and row.get("class") == "expressway"
    return ref, ref, "expressway" if ref and fast else kind if ref else ""


def _joined(lines: gpd.GeoDataFrame, said: list[tuple[str, str, str]]) -> list[dict[str, Any]]:
    shapes = lines.geometry.to_numpy()
    found = []
    for words in dict.fromkeys(one for one in said if one[0]):
        own = [shape for shape, one in zip(shapes, said, strict=True) if one == words]
        parts = shapely.get_parts(shapely.line_merge(shapely.union_all(own)))
        parts = parts[np.argsort(-shapely.length(parts), kind="stable")]
        thin = gpd.GeoSeries(shapely.simplify(parts, THIN), crs=lines.crs)
        degrees: Any = reproject(gpd.GeoDataFrame(geometry=thin), "EPSG:4326").geometry
        found.append(
            {
                "said": list(words[:2]),
                **({"shield": words[2]} if words[2] else {}),
                "lines": [_written(line) for line in degrees if not line.is_empty],
            }
        )
    return found


def _written(line: Any) -> list[list[float]]:
    """Give a line's points as latitude and longitude."""
    points: list[list[float]] = np.round(shapely.get_coordinates(line)[:, ::-1], DECIMALS).tolist()
    return points

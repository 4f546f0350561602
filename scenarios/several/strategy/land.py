"""Land of several plans: every m² once, and where two claim the same with at least one alone."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from itertools import combinations
from types import MappingProxyType
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from scenarios.answers.claimed import Claimed, claimed
from scenarios.result import Run
from scenarios.several.compare.consensus import faces, flat

Pair = tuple[str, str]
LEAST_M2 = 1.0
"""Overlaps of two plans below are how the borders of two surveys differ."""
CLOSE = 1e-3
"""By so much of it the claimed shapes may miss what is claimed: surveys are ellipsoidal."""
SHARED = "~"
"""Marks the land of a plan that others may use as well; no name of a plan holds it."""


@dataclass(frozen=True, eq=False)
class Land:
    """The land of plans, cut into pieces that the same plans claim.

    Parameters
    ----------
    pieces
        takers (names joined by ";"), plans (how many), contested (truth), area_ha, geometry; a row
        each set of takers, in the order of their names.
    contested
        Hectares by pair of plans that claim the same land, neither sharing it with the other.
    shared
        Hectares by pair of plans that both use land and allow it.
    claimed_ha, shapes_ha
        By plan: what its claims sum up to, and what its shapes cover; no shapes, no row.
    """

    pieces: gpd.GeoDataFrame
    contested: Mapping[Pair, float]
    shared: Mapping[Pair, float]
    claimed_ha: Mapping[str, float]
    shapes_ha: Mapping[str, float]

    @property
    def once_ha(self) -> float:
        """Every m² of it once; land that is claimed without shapes counts as claimed."""
        unshaped = sum(ha for name, ha in self.claimed_ha.items() if name not in self.shapes_ha)
        return float(self.pieces["area_ha"].sum()) + unshaped

    @property
    def contested_ha(self) -> float:
        """What more than one plan claims that do not share it, each m² once."""
        return float(self.pieces.loc[self.pieces["contested"], "area_ha"].sum())

    def unlike(self) -> tuple[str, ...]:
        """Name the plans whose shapes are not what they claim, or that claim without shapes."""
        return tuple(
            name
            for name, ha in self.claimed_ha.items()
            if ha > 0 and abs(self.shapes_ha.get(name, 0.0) - ha) > CLOSE * ha
        )


def land(runs: Mapping[str, Run], *, share: Callable[[str, str], bool], crs: object) -> Land:
    """Lay the claimed land of plans over each other.

    Parameters
    ----------
    runs
        By the name of their plan.
    share
        Whether the first of two plans allows the second its land, beside what its claims say.
    crs
        Of all shapes.
    """
    unions: dict[str, Any] = {}
    claimed_ha: dict[str, float] = {}
    shapes_ha: dict[str, float] = {}
    for name in sorted(runs):
        claims = [one for one in runs[name].result.claims if one.kind == "land" and one.high > 0]
        if claims:
            claimed_ha[name] = float(sum(one.likely for one in claims))
        kept = [one for one in claimed(runs[name].result) if len(polygons([one]))]
        for one in kept:
            key = name if one.claims[0].exclusive else f"{name}{SHARED}"
            before = [unions[key]] if key in unions else []
            unions[key] = shapely.union_all([*polygons([one]), *before])
        if kept:
            shapes_ha[name] = float(shapely.area(shapely.union_all(polygons(kept))) / 1e4)
    pieces, contested, shared = _laid(unions, share, crs)
    frozen = (MappingProxyType(one) for one in (contested, shared, claimed_ha, shapes_ha))
    return Land(pieces, *frozen)


def polygons(claims: Iterable[Claimed]) -> NDArray[np.object_]:
    """Give the polygons of claimed shapes, made valid."""
    shapes = [np.array(one.shapes.geometry.array, dtype=object) for one in claims]
    return flat(np.concatenate(shapes) if shapes else np.zeros(0, dtype=object))


def _laid(
    unions: Mapping[str, Any], share: Callable[[str, str], bool], crs: object
) -> tuple[gpd.GeoDataFrame, dict[Pair, float], dict[Pair, float]]:
    """Cut land into pieces; give them, and hectares by pair that contest or share land."""
    parts: dict[tuple[tuple[str, ...], bool], list[Any]] = {}
    pairs: tuple[dict[Pair, float], dict[Pair, float]] = ({}, {})
    for keys, face in faces(unions) if unions else ():
        takers = tuple(dict.fromkeys(key.removesuffix(SHARED) for key in sorted(keys)))
        unwilling = [pair for pair in combinations(takers, 2) if not _both(pair, keys, share)]
        for pair in combinations(takers, 2):
            book = pairs[pair not in unwilling]
            book[pair] = book.get(pair, 0.0) + face.area / 1e4
        parts.setdefault((takers, bool(unwilling)), []).append(face)
    contested, shared = ({p: ha for p, ha in one.items() if ha * 1e4 >= LEAST_M2} for one in pairs)
    rows = [
        {
            "takers": ";".join(takers),
            "plans": len(takers),
            "contested": unwilling and sum(one.area for one in shapes) >= LEAST_M2,
            "geometry": shapely.union_all(shapes),
        }
        for (takers, unwilling), shapes in sorted(parts.items(), key=lambda item: item[0])
    ]
    frame = pd.DataFrame(rows, columns=["takers", "plans", "contested", "geometry"])
    pieces = gpd.GeoDataFrame(frame, geometry="geometry", crs=crs)
    pieces["contested"] = pieces["contested"].astype(bool)
    pieces["area_ha"] = shapely.area(np.array(pieces.geometry.array)) / 1e4
    return pieces.rename_axis("piece"), contested, shared


def _both(pair: Pair, keys: tuple[str, ...], share: Callable[[str, str], bool]) -> bool:
    """Say whether both of a pair allow the other: by their claims there, or by what they say."""
    return all(
        (f"{name}{SHARED}" in keys and name not in keys) or share(name, other)
        for name, other in (pair, pair[::-1])
    )

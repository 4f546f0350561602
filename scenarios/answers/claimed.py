"""The land that a result claims, as shapes: what plans are held against each other by."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import geopandas as gpd

from scenarios.result import Claim, Layer, Result


@dataclass(frozen=True, eq=False)
class Claimed:
    """The shapes of a layer that claims of land take, and these claims."""

    layer: Layer
    shapes: gpd.GeoDataFrame
    claims: tuple[Claim, ...]


def claimed(result: Result) -> Iterator[Claimed]:
    """Give the shapes that a result takes, layer by layer; land that is supplied is not taken.

    Parameters
    ----------
    result
        Its claims of land name layers, and which of their features; all where they name none.

    Yields
    ------
    Claimed
        Once a layer and whether others may use the land as well; nothing for rasters.
    """
    for layer in result.layers:
        if not isinstance(layer.data, gpd.GeoDataFrame):
            continue
        for exclusive in (True, False):
            claims = tuple(
                one
                for one in result.claims
                if one.layer == layer.id and _takes(one) and one.exclusive is exclusive
            )
            if claims:
                yield Claimed(layer, _rows(layer.data, claims), claims)


def _takes(claim: Claim) -> bool:
    return claim.kind == "land" and claim.high > 0


def _rows(frame: gpd.GeoDataFrame, claims: tuple[Claim, ...]) -> gpd.GeoDataFrame:
    """Give the rows that claims name; one that names none takes them all."""
    if not all(one.features for one in claims):
        return frame
    named = {label for one in claims for label in one.features}
    rows: gpd.GeoDataFrame = frame[frame.index.astype(str).isin(named)]
    return rows

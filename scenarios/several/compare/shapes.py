"""What differs on the map between two runs: added, gone, changed, and what is the same.

Shapes of a layer are held together by their labels first: those alike to the last bit in both runs
only differ in their value. The polygons that are left are cut by each other, so that areas close:
what is the same, changed, added and gone of one run and the other adds up to what either has. Lines
and points that are left are changed where they share a label, else gone or added.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from geo.vector import overlay, polygonal
from scenarios.result import Layer
from scenarios.several.frames import frame

STATES = ("same", "changed", "added", "gone")
MEASURES = {0: ("", 1.0), 1: ("km", 1e-3), 2: ("ha", 1e-4)}
"""Unit and factor of what shapes of a dimension are counted in."""
NUMBER = 1e-9
"""Numbers that differ by less than this share are the same."""
LEAST_M2 = 1e-4
"""Overlaps below are rounding."""


@dataclass(frozen=True, eq=False)
class Difference:
    """What differs in a layer from one run to another.

    Parameters
    ----------
    layer
        The layer's id.
    shapes
        state (`same`, `changed`, `added`, `gone`), before, after (the value in each run as text,
        missing where it has none), feature, other (the labels in each run), step (the number after
        less that before, NaN where they are no numbers), geometry; one row a piece.
    dimension
        0 for points, 1 for lines, 2 for polygons.
    """

    layer: str
    shapes: gpd.GeoDataFrame
    dimension: int

    @property
    def unit(self) -> str:
        """What it is counted in: hectares, kilometres, or pieces."""
        return MEASURES[self.dimension][0]

    def amounts(self) -> dict[str, float]:
        """Give how much there is of each state, in `unit`."""
        state, sizes = self.shapes["state"].to_numpy(), self._sizes()
        return {one: float(np.sum(sizes[state == one])) for one in STATES}

    def partnerless(self) -> pd.DataFrame:
        """Give the features of either run that no piece joins to one of the other.

        Returns
        -------
        DataFrame
            feature (its label), new (whether the later run has it), amount and unit; those of the
            first run first.
        """
        pieces = pd.DataFrame(self.shapes).assign(amount=self._sizes())
        alone = []
        for own, other in (("feature", "other"), ("other", "feature")):
            joined = set(pieces.loc[pieces[other].notna(), own])
            held = pieces[pieces[own].notna() & ~pieces[own].isin(joined)]
            sums = held.groupby(held[own].rename("label"), sort=False)["amount"].sum()
            alone.append(pd.DataFrame({"feature": sums.index, "amount": sums.to_numpy()}))
            alone[-1] = alone[-1].assign(new=own == "other", unit=self.unit)
        return pd.concat(alone, ignore_index=True)

    def _sizes(self) -> NDArray[np.float64]:
        shapes = np.array(self.shapes.geometry.array)
        if self.dimension == 0:
            return shapely.get_num_geometries(shapes).astype(float)
        size = shapely.length(shapes) if self.dimension == 1 else shapely.area(shapes)
        return np.asarray(size * MEASURES[self.dimension][1], dtype=np.float64)


def difference(one: Layer, other: Layer) -> Difference | None:
    """Give what differs between a layer of one run and the same layer of another.

    Parameters
    ----------
    one, other
        Layers of frames in one CRS.

    Returns
    -------
    Difference or None
        None where the layers hold shapes of different dimensions, or none at all.

    Raises
    ------
    CrsError
        If the CRSs differ.
    """
    first, second = _read(one), _read(other)
    dimensions = {*_dimensions(first), *_dimensions(second)}
    if len(dimensions) != 1:
        return None
    dimension = dimensions.pop()
    alike = _alike(first, second)
    rest = first[~first["feature"].isin(alike)], second[~second["feature"].isin(alike)]
    kept = first[first["feature"].isin(alike)].merge(
        second.loc[second["feature"].isin(alike), ["feature", "value"]],
        on="feature",
        suffixes=("", "_after"),
    )
    pieces = [
        _pieces(kept.geometry, kept["feature"], kept["feature"], kept["value"], kept["value_after"])
    ]
    pieces += list(_cut(*rest) if dimension == 2 else _paired(*rest))
    whole = pd.concat([piece for piece in pieces if len(piece)] or pieces[:1], ignore_index=True)
    shapes = gpd.GeoDataFrame(_judged(whole), geometry="geometry", crs=first.crs)
    return Difference(one.id, shapes, dimension)


def _read(layer: Layer) -> gpd.GeoDataFrame:
    """Give the shapes of a layer with label and value as they are held together."""
    whole = frame(layer)
    held = ~(whole.geometry.is_empty | whole.geometry.isna()).to_numpy()
    values = whole[layer.value] if layer.value else pd.Series("", index=whole.index)
    labels = whole.index.astype(str)
    columns = {"feature": labels[held], "value": values.to_numpy(dtype=object)[held]}
    return gpd.GeoDataFrame(columns, geometry=whole.geometry.array[held], crs=whole.crs)


def _dimensions(shapes: gpd.GeoDataFrame) -> Iterable[int]:
    return {int(one) for one in shapely.get_dimensions(np.array(shapes.geometry.array))}


def _alike(first: gpd.GeoDataFrame, second: gpd.GeoDataFrame) -> set[str]:
    """Name the shapes that stand once in each run, the same to the last bit."""
    sides = []
    for side in (first, second):
        once = side[~side["feature"].duplicated(keep=False)]
        wkb = shapely.to_wkb(np.array(once.geometry.array))
        sides.append(dict(zip(once["feature"], wkb, strict=True)))
    one, other = sides
    return {name for name, shape in one.items() if other.get(name) == shape}


def _cut(first: gpd.GeoDataFrame, second: gpd.GeoDataFrame) -> Iterator[pd.DataFrame]:
    """Cut what is left of polygons by each other; overlaps within a run count once."""
    one, other = _flat(first), _flat(second)
    if len(one):
        parts = overlay(one, other)
        left, right = _rows(one, parts["left"]), _rows(other, parts["right"])
        named = left["feature"], right["feature"], left["value"], right["value"]
        yield _pieces(parts.geometry, *named)
    if len(other):
        parts = overlay(other, one)
        own = parts[parts["right"].isna().to_numpy()]
        right, none = _rows(other, own["left"]), _rows(other.iloc[:0], own["left"])
        yield _pieces(
            own.geometry, none["feature"], right["feature"], none["value"], right["value"]
        )


def _rows(whole: gpd.GeoDataFrame, places: pd.Series) -> pd.DataFrame:
    """Give the rows at places; missing ones where a place is missing."""
    wanted = pd.to_numeric(places).to_numpy(dtype=float, na_value=np.nan)
    return pd.DataFrame(whole)[["feature", "value"]].reindex(wanted)


def _flat(whole: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Give polygons that do not overlap: of two that do, the later one loses what is shared."""
    shapes = polygonal(shapely.make_valid(np.array(whole.geometry.array)))
    i, j = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    i, j = i[i > j], j[i > j]
    over = shapely.area(shapely.intersection(shapes[i], shapes[j])) > LEAST_M2
    for n, before in pd.Series(j[over]).groupby(i[over]):
        others = shapely.union_all(shapes[before.to_numpy()])
        shapes[n : n + 1] = polygonal(shapely.difference(shapes[n : n + 1], others))
    flat = whole.reset_index(drop=True).set_geometry(gpd.GeoSeries(shapes, crs=whole.crs))
    kept: gpd.GeoDataFrame = flat[~shapely.is_empty(shapes)].reset_index(drop=True)
    return kept


def _paired(first: gpd.GeoDataFrame, second: gpd.GeoDataFrame) -> Iterator[pd.DataFrame]:
    """Pair what is left of lines and points by label; the others are gone or added."""
    both = pd.DataFrame(first).merge(
        pd.DataFrame(second), on="feature", how="outer", suffixes=("", "_after")
    )
    gone, added = both["geometry_after"].isna(), both["geometry"].isna()
    piece = _pieces(
        gpd.GeoSeries(both["geometry_after"].where(~gone, both["geometry"])),
        both["feature"].where(~added),
        both["feature"].where(~gone),
        both["value"],
        both["value_after"],
    )
    piece["moved"] = (~gone & ~added).to_numpy()
    yield piece


def _pieces(
    shapes: gpd.GeoSeries,
    feature: pd.Series,
    other: pd.Series,
    before: pd.Series,
    after: pd.Series,
) -> pd.DataFrame:
    named = {"feature": feature, "other": other, "before": before, "after": after}
    columns = {name: one.to_numpy(dtype=object) for name, one in named.items()}
    return pd.DataFrame({**columns, "moved": False, "geometry": np.array(shapes.array)})


def _judged(pieces: pd.DataFrame) -> pd.DataFrame:
    """Add the state of every piece, and by how much its number differs."""
    gone, added = pieces["other"].isna(), pieces["feature"].isna()
    equal = _equal(pieces["before"], pieces["after"]) & ~pieces["moved"].to_numpy(dtype=bool)
    state = np.select([gone, added, equal], ["gone", "added", "same"], "changed")
    numbers = [pd.to_numeric(pieces[name], errors="coerce") for name in ("before", "after")]
    told = {name: pieces[name].map(_told) for name in ("before", "after")}
    step = (numbers[1] - numbers[0]).to_numpy(dtype=float)
    return pieces.drop(columns="moved").assign(state=state, step=step, **told)


def _equal(before: pd.Series, after: pd.Series) -> NDArray[np.bool_]:
    """Say which values are the same: texts to the letter, numbers within rounding, both missing."""
    one, other = (pd.to_numeric(side, errors="coerce").to_numpy(float) for side in (before, after))
    close = np.abs(one - other) <= NUMBER * np.maximum(np.abs(one), np.abs(other))
    return np.asarray(
        close | (before.isna() & after.isna()).to_numpy() | (before == after).to_numpy(), dtype=bool
    )


def _told(value: object) -> str | None:
    """Give a value as text; none where it is missing."""
    if value is None or value != value:  # noqa: PLR0124 - NaN alone differs from itself
        return None
    return f"{value:g}" if isinstance(value, float) else str(value)

"""What differs on the map between two runs: added, gone, changed, and what is the same.

Shapes of a layer are held together by their labels first: those alike to the last bit in both runs
only differ in their value. The polygons that are left are cut by each other into the faces between
their outlines, so that areas close: what is the same, changed, added and gone of one run and the
other adds up to what either has. Lines and points that are left are changed where they share a
label, else gone or added.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from geo.errors import GeometryError, Problem
from geo.vector import polygonal
from geo.words import Text
from scenarios.result import Layer
from scenarios.several.compare.consensus import GRID_M, Shapes, noded
from scenarios.several.compare.figures import CLOSE
from scenarios.several.frames import frame

STATES = ("same", "changed", "added", "gone")
MEASURES = {0: ("", 1.0), 1: ("km", 1e-3), 2: ("ha", 1e-4)}
"""Unit and factor of what shapes of a dimension are counted in."""
ROUNDING_M = 2 * GRID_M
"""How far the outline of a polygon may shift when it is cut."""
LEAST_M = 1e-3
"""Pieces of polygons less wide are rounding: they count, but join no features and are not drawn."""


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

    def differing(self) -> gpd.GeoDataFrame:
        """Give the pieces that are not the same, but for rounding."""
        return self.shapes[(self.shapes["state"] != "same") & self._seen()]

    def partnerless(self) -> pd.DataFrame:
        """Give the features of either run that no piece joins to one of the other.

        Returns
        -------
        DataFrame
            feature (its label), new (whether the later run has it), amount and unit; those of the
            first run first.
        """
        pieces = pd.DataFrame(self.shapes).assign(amount=self._sizes())
        joins = self._seen() & pieces[["feature", "other"]].notna().all(axis=1)
        alone = []
        for own in ("feature", "other"):
            held = pieces[pieces[own].notna() & ~pieces[own].isin(pieces.loc[joins, own])]
            sums = held.groupby(held[own].rename("label"), sort=False)["amount"].sum()
            alone.append(pd.DataFrame({"feature": sums.index, "amount": sums.to_numpy()}))
            alone[-1] = alone[-1].assign(new=own == "other", unit=self.unit)
        return pd.concat(alone, ignore_index=True)

    def _seen(self) -> NDArray[np.bool_]:
        """Say which pieces are more than rounding: of a width of twice their area by outline."""
        shapes = self.shapes.geometry.to_numpy()
        wide = 2 * shapely.area(shapes) >= LEAST_M * shapely.length(shapes)
        return np.asarray(wide | (self.dimension != 2), dtype=np.bool_)

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
    """Cut what is left of polygons by each other; overlaps within a run count once, as the first's.

    The faces between all outlines are in one polygon or none of either run.
    """
    one, other = _parts(first), _parts(second)
    faces = noded(np.concatenate([one.geometry.to_numpy(), other.geometry.to_numpy()]))
    left, right = (_owners(side, faces) for side in (one, other))
    order = np.lexsort((right, left))
    faces, left, right = faces[order], left[order], right[order]
    gone, added = _rows(one, left), _rows(other, right)
    pieces = _pieces(
        gpd.GeoSeries(faces),
        gone["feature"],
        added["feature"],
        gone["value"],
        added["value"],
    )
    yield pieces[(left < len(one)) | (right < len(other))]


def _parts(whole: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Give single polygons, made valid; what holds none is left out."""
    shapes = polygonal(shapely.make_valid(whole.geometry.to_numpy()))
    sound = whole.set_geometry(gpd.GeoSeries(shapes, index=whole.index, crs=whole.crs))
    return sound[~shapely.is_empty(shapes)].explode(ignore_index=True)


def _owners(side: gpd.GeoDataFrame, faces: Shapes) -> NDArray[np.int64]:
    """Give the place of the first polygon that holds each face; that after the last for none.

    Raises
    ------
    GeometryError
        If the faces of a polygon do not add up to its area.
    """
    shapes = side.geometry.to_numpy()
    face, owner = shapely.STRtree(shapes).query(shapely.point_on_surface(faces), predicate="within")
    sums = np.bincount(owner, shapely.area(faces)[face], len(side))
    _require_closed(side, sums.astype(np.float64))
    owners = np.full(len(faces), len(side))
    np.minimum.at(owners, face, owner)
    return owners


def _require_closed(side: gpd.GeoDataFrame, found: NDArray[np.float64]) -> None:
    shapes = side.geometry.to_numpy()
    area = shapely.area(shapes)
    apart = np.flatnonzero(np.abs(found - area) > ROUNDING_M * shapely.length(shapes))
    if len(apart):
        problems = [
            Problem(
                row=str(side["feature"].iloc[n]),
                found=f"{found[n]:.6f} m²",
                expected=f"{area[n]:.6f} m²",
            )
            for n in apart[:20]
        ]
        words = Text("叠加后面积不守恒", "areas do not sum up when cut by each other")
        raise GeometryError(words, problems=problems)


def _rows(whole: gpd.GeoDataFrame, places: NDArray[np.int64]) -> pd.DataFrame:
    """Give the rows at places; missing ones at the place after the last."""
    return pd.DataFrame(whole)[["feature", "value"]].reindex(places)


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
    close = np.abs(one - other) <= CLOSE * np.maximum(np.abs(one), np.abs(other))
    return np.asarray(
        close | (before.isna() & after.isna()).to_numpy() | (before == after).to_numpy(), dtype=bool
    )


def _told(value: object) -> str | None:
    """Give a value as text; none where it is missing."""
    if value is None or value != value:  # noqa: PLR0124 - NaN alone differs from itself
        return None
    return f"{value:g}" if isinstance(value, float) else str(value)

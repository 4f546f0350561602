"""Counties that are wrong in one way of content, and what must be said of each.

A wrong is a change of a county's layers that works on the twin and on the shipped county alike,
unless it says where: what is told by a sharp fit of layers needs a land that is none of squares.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from shapely import affinity

from geo.crs import transformer
from geo.raster import Raster
from layers import soundness
from layers.catalog import CATALOG
from layers.county import County
from layers.schema import check_all
from layers.soundness import shifts

BOTH = ("twin", "jingning")
FOOT, MU = 0.3048, 2000 / 3


@dataclass(frozen=True)
class Wrong:
    """A change of some layers, and the finding by which it must be named.

    Parameters
    ----------
    named
        Findings any one of which names it: `layer.id`, or `layer.FIELD` of the schema.
    layers
        New layers by name: functions of the county.
    on
        Counties it can be told of.
    """

    named: tuple[str, ...]
    layers: Mapping[str, Callable]
    on: tuple[str, ...] = BOTH


def spoil(county, wrong):
    """Give a county with the layers of a wrong."""
    changed = {name: change(county) for name, change in wrong.layers.items()}
    return replace(county, data={**county.data, **changed})


def told(county: County, wrong: Wrong) -> dict[str, str]:
    """Give what `layers check` names of the layers that were changed, by layer and id.

    What the schema refuses stands for all; shifts are sought where one is expected.
    """
    held = {*wrong.layers, "outline", "townships"}
    plain = {
        name: one.reset_index() if isinstance(one, pd.DataFrame) and CATALOG[name].key else one
        for name, one in county.data.items()
        if name in held
    }
    refused = check_all(plain, CATALOG, crs=county.crs)
    if refused:
        return {f"{one.layer}.{one.field or 'values'}": "error" for one in refused}
    sought = any(one.endswith(".shifted") for one in wrong.named)
    return {
        f"{found.layer}.{found.id}": found.standing
        for subject in soundness.SUBJECTS
        if sought or subject is not shifts
        for one in subject.INSPECTIONS
        if set(wrong.layers) & set(one.reads) and all(name in county for name in one.beside)
        for found in (one.findings(county) if one.layer in county else ())
    }


def column(layer, **changes):
    """Change columns: constants, or functions of the frame."""
    return {layer: lambda county: county.vector(layer).assign(**changes)}


def times(layer, factor, *names):
    return {
        layer: lambda county: (frame := county.vector(layer)).assign(
            **{name: frame[name].astype(float) * factor for name in names}
        )
    }


def rows(layer, share, **changes):
    """Change the first rows of a layer, a share of them."""

    def change(county):
        frame = county.vector(layer)
        some = frame.index[: max(int(len(frame) * share), 1)]
        for name, value in changes.items():
            frame[name] = frame[name].astype(object) if isinstance(value, str) else frame[name]
            frame.loc[some, name] = value(frame.loc[some]) if callable(value) else value
        return frame

    return {layer: change}


def without(layer, *names):
    return {layer: lambda county: county.vector(layer).drop(columns=[*names], errors="ignore")}


def moved(layer, east, north):
    return {
        layer: lambda county: (f := county.vector(layer)).set_geometry(f.translate(east, north))
    }


def through(layer, function):
    """Change coordinates by a function of x and y."""

    def change(county):
        frame = county.vector(layer)
        shapes = shapely.transform(
            np.array(frame.geometry.array, dtype=object),
            lambda xy: np.column_stack(function(county, xy[:, 0], xy[:, 1])),
        )
        return frame.set_geometry(gpd.GeoSeries(shapes, index=frame.index, crs=frame.crs))

    return {layer: change}


def turned(layer):
    return through(layer, lambda _, x, y: (y, x))


def prefixed(layer, number):
    return through(layer, lambda _, x, y: (x + number * 1e6, y))


def next_zone(layer):
    return through(layer, lambda county, x, y: transformer(county.crs, 4548).transform(x, y))


def degrees(layer):
    return through(layer, lambda county, x, y: transformer(county.crs, 4490).transform(x, y))


def mercator(layer):
    return through(layer, lambda county, x, y: transformer(county.crs, 3857).transform(x, y))


def doubled(layer, east=0.0):
    """Add every row once more under another key, so far aside."""

    def change(county):
        frame = county.vector(layer)
        again = frame.set_geometry(frame.translate(east, 0))
        again.index = pd.Index([f"again_{one}" for one in frame.index], name=frame.index.name)
        return gpd.GeoDataFrame(pd.concat([frame, again]), crs=frame.crs)

    return {layer: change}


def rolled(layer, *names):
    """Give every row the values of the row before: a join by position."""
    return {
        layer: lambda county: (f := county.vector(layer)).assign(
            **{name: np.roll(f[name].to_numpy(), max(len(f) // 2, 1)) for name in names}
        )
    }


def heights(function):
    def change(county):
        dem = county.raster("dem")
        cells = function(dem.values.astype(np.float64).copy())
        cells = np.where(dem.valid, cells, np.nan)
        return Raster(cells.astype(np.float32), dem.grid)

    return {"dem": change}


def cells(function):
    """Change cells in place."""

    def change(values):
        function(values)
        return values

    return heights(change)


def table(layer, function):
    return {layer: lambda county: function(county.table(layer).copy())}


def outline(function):
    return {
        "outline": lambda county: (f := county.vector("outline")).set_geometry(
            f.geometry.map(function)
        )
    }


def of(layer, function):
    return {layer: lambda county: function(county.vector(layer))}


def as_layer(layer, other):
    """Give a layer the shapes of another, as many as it has rows or fewer."""

    def change(county):
        frame, theirs = county.vector(layer), county.vector(other)
        columns = frame.iloc[[0] * len(theirs)].reset_index(drop=True)
        columns.index = pd.Index([f"x{n}" for n in range(len(theirs))], name=frame.index.name)
        return columns.set_geometry(
            gpd.GeoSeries(theirs.geometry.to_numpy(), index=columns.index, crs=frame.crs)
        )

    return {layer: change}


def jitter(east):
    """Move every other road aside, whole."""

    def change(county):
        frame = county.vector("roads")
        shift = np.where(np.arange(len(frame)) % 2, east, 0.0)
        shapes = [
            affinity.translate(one, off, off / 2)
            for one, off in zip(frame.geometry, shift, strict=True)
        ]
        return frame.set_geometry(gpd.GeoSeries(shapes, index=frame.index, crs=frame.crs))

    return {"roads": change}


def exchanged(frame):
    """Give every row the code of the next township."""
    codes = sorted(frame["township"].dropna().unique())
    after = dict(zip(codes, codes[1:] + codes[:1], strict=True))
    return frame.assign(township=frame["township"].map(after))

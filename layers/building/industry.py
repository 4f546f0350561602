"""Plots of an industrial park: blocks between streets, each cut into plots back to back.

No register of the plots is openly published. Where plots lie, who holds them and what stands on
them is drawn by seeds; no firm is meant.
"""

from __future__ import annotations

import itertools
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from pyproj import CRS
from shapely.geometry.base import BaseGeometry

from layers.building.facts import in_millimetres
from layers.building.noise import hashed
from layers.land.industrial import DAY

Floats = NDArray[np.float64]

KIND, CUT, SUPPLIED, WORKS, SHARE, CAUSE, OUTPUT, GAP = range(101, 109)
"""Seeds of what is drawn."""


def industrial_plots(facts: dict[str, Any], park: BaseGeometry, crs: CRS) -> gpd.GeoDataFrame:
    """Draw the plots of a park of straight sides, and what the register says of each.

    Parameters
    ----------
    facts
        Numbers of blocks, width of streets, shares of each state, the day of the register.
    park
        The extent.
    crs
        Its CRS.
    """
    shapes = np.concatenate([_cut(block, number) for number, block in _blocks(facts, park)])
    frame = gpd.GeoDataFrame(_register(facts, len(shapes)), geometry=shapes, crs=crs)
    return frame.set_geometry(in_millimetres(frame.geometry), crs=crs)


def _blocks(facts: dict[str, Any], park: BaseGeometry) -> list[tuple[int, BaseGeometry]]:
    """Give the blocks between the streets by their numbers, but those kept for green and services.

    The number is that of the block, from the south-west along each row.
    """
    west, south, east, north = park.bounds
    across, along, street = facts["across"], facts["along"], facts["street_m"]
    wide = (east - west - street * (across + 1)) / across
    high = (north - south - street * (along + 1)) / along
    found = []
    for number in range(across * along):
        row, column = divmod(number, across)
        x = west + street + column * (wide + street)
        y = south + street + row * (high + street)
        if number not in facts["green"]:
            found.append((number, shapely.box(x, y, x + wide, y + high)))
    return found


def _cut(block: BaseGeometry, number: int) -> NDArray[np.object_]:
    """Cut a block into two rows of two to four plots of drawn widths."""
    west, south, east, north = block.bounds
    middle = (south + north) / 2
    plots = []
    for side, (low, high) in enumerate(((south, middle), (middle, north))):
        draw = _drawn(np.arange(5), 2 * number + side, CUT)
        widths = 0.6 + 0.8 * draw[: 2 + int(3 * draw[4])]  # from 0.6 to 1.4 of one another
        ends = west + (east - west) * np.concatenate([[0.0], np.cumsum(widths) / widths.sum()])
        plots += [shapely.box(a, low, b, high) for a, b in itertools.pairwise(ends)]
    return np.array(plots, dtype=object)


def _drawn(of: NDArray[np.int64], other: int, seed: int) -> Floats:
    return hashed(of, np.full(of.shape, other), seed)


def _register(facts: dict[str, Any], count: int) -> pd.DataFrame:
    """Draw what the register says of plots."""
    of = np.arange(count)
    shares = pd.Series(facts["states"])
    place = np.searchsorted(np.cumsum(shares.to_numpy()), _drawn(of, 0, KIND), side="right")
    kind = shares.index.to_numpy()[np.minimum(place, len(shares) - 1)]
    frame = pd.DataFrame({"id": [f"P{number:03d}" for number in of + 1]})
    frame["use"] = np.where(_drawn(of, 1, KIND) < facts["logistics"], "logistics", "industry")
    free = kind == "not_supplied"
    frame["supply"] = np.where(free, "not_supplied", "supplied")
    frame = frame.assign(**_dates(facts, of, kind))
    frame["works"] = pd.Series(kind, dtype=object).mask(
        free | (_drawn(of, 2, WORKS) < facts["gaps"])
    )
    built = _built(of, kind)
    frame["built_share"], frame["invested_share"] = built.T
    cause = np.where(_drawn(of, 3, CAUSE) < facts["government"], "government", "owner")
    cause[_drawn(of, 4, CAUSE) < 4 * facts["gaps"]] = "unknown"
    frame["cause"] = pd.Series(cause, dtype=object).where(np.isin(kind, ["not_started", "stopped"]))
    output = np.round(facts["output_wan_yuan_mu"] * np.exp(2.4 * (_drawn(of, 5, OUTPUT) - 0.5)), 1)
    known = (kind == "complete") & (_drawn(of, 6, GAP) >= facts["gaps"])
    frame["output_wan_yuan_mu"] = np.where(known, output, np.nan)
    return frame


def _dates(facts: dict[str, Any], of: NDArray[np.int64], kind: NDArray[np.object_]) -> pd.DataFrame:
    """Draw days: of supply, of the start a year later, and since when works have stopped."""
    day = pd.Timestamp(facts["register"])
    draw = _drawn(of, 7, SUPPLIED)
    recent = np.isin(kind, ["not_started", "under_way"])
    back = np.where(recent, 250 + 1150 * draw, 1800 + 3200 * draw).astype(np.int64)
    supplied = pd.Series(day - pd.to_timedelta(back, unit="D"))
    start = supplied + pd.DateOffset(years=1)
    unsaid = (kind == "not_started") & (_drawn(of, 8, GAP) < facts["gaps"])
    stop = day - pd.to_timedelta((100 + 1200 * _drawn(of, 9, SUPPLIED)).astype(np.int64), unit="D")
    free = kind == "not_supplied"
    return pd.DataFrame(
        {
            "supplied_on": supplied.dt.strftime(DAY).astype(object).mask(free),
            "start_by": start.dt.strftime(DAY).astype(object).mask(free | unsaid),
            "stopped_since": pd.Series(stop.strftime(DAY), dtype=object).where(kind == "stopped"),
        }
    )


def _built(of: NDArray[np.int64], kind: NDArray[np.object_]) -> Floats:
    """Draw the shares built and invested, shape (n, 2); NaN where the plot is not supplied."""
    draw = np.column_stack([_drawn(of, 10, SHARE), _drawn(of, 11, SHARE)])
    found = np.where((kind == "complete")[:, None], 1.0, 0.1 + 0.6 * draw)
    found[kind == "not_started"] = 0.0
    found[kind == "not_supplied"] = np.nan
    return np.asarray(np.round(found, 2))

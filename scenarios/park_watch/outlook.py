"""What chosen towers see of the park: the state of each cell, shares by zone, what each tower adds.

The state of a cell: 1 covered, seen by as many towers as asked for; 0 blind; −1 unknown, where
enough towers may see it but terrain of unknown height lies on it or on the line.
"""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd

from geo.polygonize import polygonize
from geo.words import Text
from scenarios.park_watch.ground import HA, Flags, Watched
from scenarios.park_watch.towers import Choice, States

WHOLE = "whole"
ZONES = {
    "core": Text("核心保护区", "core zone"),
    "general": Text("一般控制区", "general zone"),
    WHOLE: Text("公园合计", "whole park"),
}
COVERED, BLIND, UNKNOWN = 1, 0, -1


@dataclass(frozen=True, eq=False)
class Outlook:
    """All that was found, before it is told.

    Parameters
    ----------
    watched
        The park's cells.
    sites
        Candidates.
    states
        What each sees of each cell, shape (sites, cells).
    covers
        How many towers must see a cell.
    curve
        The best choice for each number of towers, ascending.
    chosen
        The choice that is shown.
    points, patrolled
        Patrol points, and their choice.
    code
        Of this plan among several; empty where there is one alone.
    """

    watched: Watched
    sites: gpd.GeoDataFrame
    states: States
    covers: int
    curve: tuple[Choice, ...]
    chosen: Choice
    points: gpd.GeoDataFrame
    patrolled: Choice
    code: str = ""

    def layer(self, name: str) -> str:
        """Give the id of a layer of this plan."""
        return f"{name}_{self.code}" if self.code else name

    @property
    def count(self) -> np.ndarray[tuple[int, ...], np.dtype[np.int64]]:
        """By how many of the chosen towers each cell is seen."""
        return np.asarray((self.states[list(self.chosen.chosen)] == COVERED).sum(axis=0))

    @property
    def state(self) -> States:
        """The state of each cell."""
        return state(self.states[list(self.chosen.chosen)], self.covers)


def state(states: States, covers: int) -> States:
    """Give the state of cells under towers; states of shape (towers, cells).

    >>> state(np.array([[1, 0, -1], [1, 1, 0]], dtype=np.int8), covers=2).tolist()
    [1, 0, 0]
    >>> state(np.array([[1, 0, -1], [-1, 0, -1]], dtype=np.int8), covers=2).tolist()
    [-1, 0, -1]
    """
    sure, may = (states == COVERED).sum(axis=0), (states == UNKNOWN).sum(axis=0)
    found = np.where(sure >= covers, COVERED, np.where(sure + may >= covers, UNKNOWN, BLIND))
    return found.astype(np.int8)


def by_zone(outlook: Outlook) -> pd.DataFrame:
    """Give areas covered, blind and unknown, ha, and the share covered, %, for each zone."""
    core, now = outlook.watched.core, outlook.state
    rows = {
        zone: [
            float(part.sum() * outlook.watched.cell_ha),
            *(
                float((part & (now == one)).sum() * outlook.watched.cell_ha)
                for one in (COVERED, BLIND, UNKNOWN)
            ),
            100 * float((now[part] == COVERED).mean()) if part.any() else np.nan,
        ]
        for zone, part in (("core", core), ("general", ~core), (WHOLE, np.ones_like(core)))
        if part.any() or zone == WHOLE
    }
    names = ["area_ha", "covered_ha", "blind_ha", "unknown_ha", "covered_percent"]
    return pd.DataFrame.from_dict(rows, orient="index", columns=names)


def share(outlook: Outlook, cells: Flags) -> float:
    """Give the weight of some cells, % of that of the park."""
    weight = outlook.watched.weight
    return 100 * float(weight[cells].sum()) / max(float(weight.sum()), 1.0)


def towers(outlook: Outlook) -> gpd.GeoDataFrame:
    """Give the chosen towers: place, what each sees, and what would be lost without it."""
    chosen, watched = list(outlook.chosen.chosen), outlook.watched
    frame = outlook.sites.iloc[chosen].copy()
    sees = outlook.states[chosen] == COVERED
    without = [outlook.covers <= outlook.count - one for one in sees]
    lost = [outlook.state == COVERED] * len(chosen)
    x, y = frame.geometry.x.to_numpy(), frame.geometry.y.to_numpy()
    rows, columns = watched.dem.grid.index(x, y)
    return frame.assign(
        x=x.round(),
        y=y.round(),
        height_m=watched.dem.values[rows, columns],
        seen_ha=sees.sum(axis=1) * watched.cell_ha,
        alone_percent=[
            share(outlook, before & ~after) for before, after in zip(lost, without, strict=True)
        ],
    )


def blind_spots(outlook: Outlook) -> gpd.GeoDataFrame:
    """Give polygons of what is not covered: `state` by zone, or unknown; area in ha."""
    now = outlook.state
    codes = np.where(now == UNKNOWN, 3, np.where(outlook.watched.core, 1, 2)).astype(np.int16)
    cells = outlook.watched.raster(np.where(now == COVERED, 0, codes).astype(np.int16))
    frame = polygonize(cells)
    names = {1: "core", 2: "general", 3: "unknown"}
    labels = pd.Index([f"blind_{n:04d}" for n in range(1, len(frame) + 1)], dtype=object)
    states = pd.Series(frame["value"].map(names), dtype=object)
    frame = frame.assign(state=states, area_ha=frame.area * HA).drop(columns="value")
    return frame.set_index(labels)

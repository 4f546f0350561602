"""Sites: as much of contiguous land as a community needs, what is measured of them, how they rank.

1. A site begins at the cell that is the fewest minutes from a gate (ties: from the north, then from
   the west); then at the next one that is no nearer to the beginning of another site than a
   distance, centre to centre.
2. It grows within its piece by the cell that is nearest to its beginning (ties as above) and
   touches it by a side, until it is large enough. Sites share no cell; one that cannot grow as
   large is none.
3. A cell of which minutes or slope are not known, while they are of others, is in no site.
4. Minutes and slope are means over its cells; the distance to the nearest gate is from its border.
5. A criterion that is not known of a site is left out of the ranking, for all sites, and named.
"""

from __future__ import annotations

import heapq
import math
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from scipy.spatial import KDTree

from geo.ranking import acceptability, least_exchange, normalised, weighted_sum
from layers.county import County
from layers.people.near import near
from scenarios.answers.screening import YES
from scenarios.entrance_community.ground import Land
from scenarios.entrance_community.terms import EntranceCommunity

Cell = tuple[int, int]
SIDES = ((-1, 0), (0, -1), (0, 1), (1, 0))
MEANS = ("gate_min", "seat_min", "service_min", "slope_deg")


@dataclass(frozen=True, eq=False)
class Ranked:
    """Sites, best first.

    Attributes
    ----------
    sites
        By id (site_01 is the first in rank): the measures of `terms.MEASURES`, area_ha, gate (id of
        the nearest), gate_m, township (code), verdict (yes, unknown), geometry; worth (0 to 1 under
        the weights), share, error, low, high (of all weightings, 0 to 1), from_, to, shift (see
        `geo.ranking`).
    values
        What each criterion that counts is worth, 0 to 1.
    left_out
        Criteria that are not known of a site.
    """

    sites: gpd.GeoDataFrame
    values: pd.DataFrame
    left_out: tuple[str, ...]

    @property
    def rival(self) -> str:
        """The site that wins by the least exchange of two weights, or nothing."""
        shift = self.sites["shift"].iloc[1:].dropna()
        return str(shift.idxmin()) if len(shift) else ""


def ranked(county: County, params: EntranceCommunity, land: Land) -> Ranked:
    """Find sites, measure and rank them (ties: the one found first). RULE 5."""
    found = _measured(county, params, land, _grown(params, land))
    known = found[[*params.scales]].notna().all()
    counted = [name for name in params.scales if known[name]]
    weights = {name: params.weighing[name] for name in counted}
    ranks = {"worth": 0.0, "share": np.nan, "error": np.nan, "low": np.nan, "high": np.nan}
    told = found.assign(**ranks, from_="", to="", shift=np.nan)
    values = pd.DataFrame(index=found.index)
    if counted:
        scales = {name: params.scales[name] for name in counted}
        values = normalised(pd.DataFrame(found[counted]), scales)
        told["worth"] = weighted_sum(values, weights)
        shares = acceptability(values, samples=params.samples, seed=params.seed)
        told[[*shares]] = shares
        told[["from_", "to", "shift"]] = least_exchange(values, weights)
    order = np.argsort(-told["worth"].to_numpy().round(12), kind="stable")
    names = pd.Index([f"site_{place:02d}" for place in range(1, len(order) + 1)], dtype=object)
    told, values = told.iloc[order].set_axis(names), values.iloc[order].set_axis(names)
    return Ranked(told, values, tuple(name for name in params.scales if not known[name]))


def _grown(params: EntranceCommunity, land: Land) -> list[pd.Index]:
    """Give the cells of each site. RULES 1 to 3."""
    side = land.dem.grid.resolution
    size = math.ceil(params.site_ha * 1e4 / side**2 * (1 - 1e-9))
    free = land.open_places
    known = [name for name in MEANS if free[name].notna().any()]
    free = free.dropna(subset=known)  # RULE 3
    free = free.sort_values(["gate_min", "row", "column"], kind="stable")
    spots = free[["row", "column"]].to_numpy(dtype=np.int64)
    pieces = free["piece"].to_numpy()
    left: dict[int, set[Cell]] = {}
    for (row, column), piece in zip(spots.tolist(), pieces.tolist(), strict=True):
        left.setdefault(piece, set()).add((row, column))
    tree = KDTree(spots) if len(spots) else None
    shut, sites = np.zeros(len(spots), dtype=bool), []
    for place, (row, column) in enumerate(spots.tolist()):
        own = left[pieces[place]]
        if tree is None or shut[place] or (row, column) not in own:
            continue
        site = _grow((row, column), size, own)
        if len(site) == size:
            sites.append(pd.Index([f"{a}_{b}" for a, b in sorted(site)]))
            near_by = tree.query_ball_point(spots[place], params.apart_m / side * (1 - 1e-9))
            shut[near_by] = True
        own -= set(site)  # what is too little for one start is so for all of it
    return sites


def _grow(start: Cell, size: int, free: set[Cell]) -> list[Cell]:
    """Take the free cells nearest to a start that hang together, at most so many.

    >>> _grow((0, 0), 3, {(0, 0), (0, 1), (0, 2), (2, 0)})
    [(0, 0), (0, 1), (0, 2)]
    """
    ahead, seen = [(0, *start)], {start}
    site: list[Cell] = []
    while ahead and len(site) < size:
        _, row, column = heapq.heappop(ahead)
        site.append((row, column))
        for down, across in SIDES:
            cell = (row + down, column + across)
            if cell in free and cell not in seen:
                seen.add(cell)
                squared = (cell[0] - start[0]) ** 2 + (cell[1] - start[1]) ** 2
                heapq.heappush(ahead, (squared, *cell))
    return site


def _measured(
    county: County, params: EntranceCommunity, land: Land, sites: list[pd.Index]
) -> gpd.GeoDataFrame:
    """Give what is measured of each site, in the order in which they were found. RULE 4."""
    free, half = land.open_places, land.dem.grid.resolution / 2
    cell_ha = land.dem.grid.resolution**2 / 1e4
    size = free.groupby("piece").size() * cell_ha
    verdict = land.held.screened.places["verdict"]
    rows = []
    for cells in sites:
        own = free.loc[cells]
        x, y = own.geometry.x.to_numpy(), own.geometry.y.to_numpy()
        shape = shapely.union_all(shapely.box(x - half, y - half, x + half, y + half))
        away = land.gates.distance(shape)
        frame = gpd.GeoDataFrame(geometry=[shape], crs=county.crs)
        people = near(county, frame, person_m2=params.person_m2, within_m=(params.near_m,))
        rows.append(
            {
                **{name: float(own[name].mean(skipna=False)) for name in MEANS},
                "buildable_ha": float(size[own["piece"].iloc[0]]),
                "people": float(people["people"].iloc[0]),
                "area_ha": len(cells) * cell_ha,
                "gate": str(away.idxmin()),
                "gate_m": float(away.min()),
                "township": _township(county, shape),
                "verdict": YES if (verdict[cells] == YES).all() else "unknown",
                "geometry": shape,
            }
        )
    columns = [*MEANS, "buildable_ha", "people", "area_ha", "gate", "gate_m", "township"]
    frame = pd.DataFrame(rows, columns=[*columns, "verdict", "geometry"])
    return gpd.GeoDataFrame(frame, geometry="geometry", crs=county.crs)


def _township(county: County, shape: shapely.Geometry) -> str:
    """Give the township that holds most of a site (ties: the lower code), or nothing."""
    towns = county.vector("townships").sort_index()
    shared = towns.intersection(shape).area
    return str(shared.idxmax()) if shared.max() > 0 else ""

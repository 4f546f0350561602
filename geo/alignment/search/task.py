"""What a road search is asked: places, limits, prices, zones, and how finely to look."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field, fields
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from geo.alignment.crossed import Crossed
from geo.alignment.search.lattice import DIRECTIONS
from geo.alignment.values import Costs, Limits
from geo.errors import GridError, InputError, Problem
from geo.raster import Raster
from geo.words import Text

Floats = NDArray[np.float64]
Cell = tuple[int, int]


@dataclass(frozen=True)
class Lattice:
    """How finely a road is searched.

    Parameters
    ----------
    headings
        Number of grid directions: 8, 16 or 32. On a long way over level ground the road is longer
        than the straight line by at most 8.3, 2.8 or 0.8 %; structures have 8 or 16.
    height_step_m
        Step of heights; 0 for `max_grade` × cell, at which a step along a row climbs at full grade.
    deepest_m, highest_m
        Levels reach so far under and above ground, whole steps.
    coarse
        Cells between the nodes of a first search, and steps of heights it takes as one; the second
        search keeps to its answer. 1 for none.
    corridor_m
        Distance that the second search, with steps of heights twice as large, keeps to the answer
        of the first; two and a half times as far where it finds nothing, then everywhere.
    tube_m
        Distance that the last search keeps to the answer of the second.
    stretch, margin_m
        A leg is searched for within the ellipse of all ways no longer than `stretch` × its
        straight line (or the way that its rise takes at full grade) plus the margin.
    longest_m
        Longest structure tried.
    budget_states
        States to be expanded before a search settles for the best it can find.
    progress
        Called with the share of the work that is done, ever more up to 1.

    Raises
    ------
    InputError
        If a figure is out of range; all of them at once.
    """

    headings: int = 32
    height_step_m: float = 0.0
    deepest_m: float = 12.0
    highest_m: float = 12.0
    coarse: int = 3
    corridor_m: float = 240.0
    tube_m: float = 120.0
    stretch: float = 1.4
    margin_m: float = 1000.0
    longest_m: float = 3000.0
    budget_states: int = 100_000_000
    progress: Callable[[float], None] | None = field(default=None, compare=False)

    def __post_init__(self) -> None:
        """Refuse figures out of range."""
        least = {"coarse": 1, "stretch": 1, "budget_states": 1}
        problems = [
            Problem(field=name, found=f"{value}", expected=f"≥ {least.get(name, 0)}")
            for name, value in ((part.name, getattr(self, part.name)) for part in fields(self))
            if name != "progress" and not (least.get(name, 0) <= value < math.inf)
        ]
        if self.headings not in DIRECTIONS:
            problems.append(Problem(field="headings", found=f"{self.headings}", expected="8|16|32"))
        if problems:
            raise InputError(
                Text("搜索网格参数有误", "lattice figures are wrong"), problems=problems
            )


@dataclass(frozen=True, eq=False)
class Zones:
    """What it costs to run through a place, in yuan a metre of road; infinite: forbidden.

    Parameters
    ----------
    above
        For roads on earth and bridges.
    below
        For tunnels; without it they run free under anything but begin and end where roads may be.
    earth
        On top for roads on earth: water, which bridges may cross.
    crossed
        Lines and floods that the road meets. A search knows of them only where earth may not run
        (`Crossed.cells`); the heights they leave are held by the profile, so that what a search
        calls the least cost stays a bound.
    """

    above: Raster
    below: Raster | None = None
    earth: Raster | None = None
    crossed: Crossed | None = None


class Task(NamedTuple):
    """What is asked: terrain, cells to lead through in order, limits, prices, zones, fineness."""

    dem: Raster
    cells: tuple[Cell, ...]
    limits: Limits
    costs: Costs
    zones: Zones | None
    lattice: Lattice


class Near(NamedTuple):
    """Row, column and leg of points, shape (n, 3), and how far from its own each leg may run."""

    places: Floats
    within_m: float


class Pass(NamedTuple):
    """One search of several: cells between nodes, steps of heights taken as one, and where.

    `near`: everywhere without it; `most_yuan`: a road costs no more; `share`: of the work, from and
    up to.
    """

    stride: int = 1
    steps: int = 1
    near: Near | None = None
    most_yuan: float = math.inf
    share: tuple[float, float] = (0.0, 1.0)


def require_zones(dem: Raster, zones: Zones) -> None:
    """Raise GridError or InputError unless zones fit the terrain and are costs."""
    cells = None if zones.crossed is None else zones.crossed.cells
    rasters = (("above", zones.above), ("below", zones.below), ("earth", zones.earth))
    for name, raster in (*rasters, ("crossed", cells)):
        if raster is None:
            continue
        if raster.grid != dem.grid:
            raise GridError(
                Text(
                    f"分区 zones.{name} 与地形网格不一致",
                    f"zones.{name} must have the grid of the terrain",
                )
            )
        if not raster.valid.all() or not (raster.values.astype(np.float64) >= 0).all():
            raise InputError(
                Text(
                    f"分区费用 zones.{name} 须处处为非负数或无穷大",
                    f"zones.{name} must be 0 or more everywhere, or infinite",
                )
            )

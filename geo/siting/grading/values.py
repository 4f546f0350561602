"""What a grading is told and what it gives: the ground, prices and rules, the design."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo.crs import require_metric, require_same
from geo.errors import InputError, Problem
from geo.raster import Raster
from geo.words import Text

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]
REACH_M = 100.0
"""Levels lie at most so far beyond the heights, bounds and roads that are given."""
LINKS = ("left", "right", "border_m", "street_m")
ROADS = ("pad", "level_m", "length_m")
KNOWN = Text("须为已有地块", "a pad that is there")
POSITIVE = Text("≥ 0", "at least 0")


class WallPrice(NamedTuple):
    """What one m² of a retaining wall of this height costs, over the whole of its face."""

    height_m: float
    price_m2: float


@dataclass(frozen=True)
class Prices:
    """What earth and walls cost, in any one currency.

    Attributes
    ----------
    cut, fill
        Per m³ dug, as it lies, and per m³ filled, as it is compacted.
    borrow, waste
        Per m³, as it lies, brought from elsewhere or taken away; digging what is wasted is in
        `cut`, placing what is borrowed in `fill`.
    walls
        By rising height. A metre of wall as high as one that is listed costs height × price;
        between, and from the ground up, it is interpolated; beyond the last it rises as before.
        None: walls cost nothing.

    Raises
    ------
    InputError
        If a price is below 0 or no number, or a metre of wall becomes cheaper the higher up it
        is: bands of walls, as they rise, must not cost less.

    Examples
    --------
    Walls up to 3 m cost 500 a m², those of 5 m 800: 1,500 and 4,000 a metre run, so that each
    metre of height between costs 1,250.

    >>> prices = Prices(12, 8, 30, 20, walls=(WallPrice(3, 500), WallPrice(5, 800)))
    >>> prices.walls[1].height_m * prices.walls[1].price_m2
    4000
    """

    cut: float
    fill: float
    borrow: float = 0.0
    waste: float = 0.0
    walls: tuple[WallPrice, ...] = ()

    def __post_init__(self) -> None:
        """Refuse prices below 0, and walls whose upper bands are cheaper."""
        plain = {name: getattr(self, name) for name in ("cut", "fill", "borrow", "waste")}
        for name, price in plain.items():
            _number(name, price)
        height = run = steep = 0.0
        for wall in self.walls:
            _number("walls", wall.price_m2)
            if not height < wall.height_m < math.inf:
                raise _refused("walls", wall.height_m, Text("高度递增", "rising heights"))
            slope = (wall.height_m * wall.price_m2 - run) / (wall.height_m - height)
            if slope < steep * (1 - 1e-12):
                words = Text(
                    "挡墙越高，每增高一米不得更便宜", "no band of a wall cheaper than that below it"
                )
                raise _refused("walls", wall, words)
            height, run, steep = wall.height_m, wall.height_m * wall.price_m2, slope


@dataclass(frozen=True)
class Rules:
    """What levels must keep.

    Attributes
    ----------
    balance_m3
        How far what is cut and what the fill takes may differ, in m³ as it lies; inf: any
        difference is borrowed or wasted at its price.
    max_step_m
        Largest difference of levels between pads that share a border.
    max_grade
        Steepest street, rise over length (0.08 is 8 %), between pads and from roads.
    cut_per_fill
        m³ of cut, as it lies, that one m³ of compacted fill takes: above 1 the earth shrinks, below
        it swells.

    Raises
    ------
    InputError
        If a figure is below 0 or no number, or `cut_per_fill` not above 0.
    """

    balance_m3: float = 0.0
    max_step_m: float = math.inf
    max_grade: float = math.inf
    cut_per_fill: float = 1.0

    def __post_init__(self) -> None:
        """Refuse figures that make no sense."""
        for name in ("balance_m3", "max_step_m", "max_grade"):
            _number(name, getattr(self, name), most=math.inf)
        if not 0 < self.cut_per_fill < math.inf:
            raise _refused("cut_per_fill", self.cut_per_fill, Text("> 0", "above 0"))


@dataclass(frozen=True, eq=False)
class Site:
    """Pads on terrain, and what links them.

    Attributes
    ----------
    pads
        Polygons with unique labels in a CRS in metres. Columns low_m and high_m, where there,
        bound the level of each (NaN: no bound), such as a flood level with freeboard.
    dem
        Heights in m, level within each cell, in the CRS of the pads.
    links
        A row a link: left and right (labels of pads), border_m (length of their common border,
        where a step needs a wall; NaN or 0: they do not touch), street_m (length of the street
        from one to the other; NaN or 0: there is none). `neighbours` makes them.
    roads
        A row a connection: pad (label), level_m of the road, length_m of the street that leads
        from it to the pad, no steeper than the rules say.

    Raises
    ------
    CrsError
        If CRSs are missing, unequal or not in metres.
    InputError
        If a label is not unique or not known, a column is missing, or a length is below 0.
    """

    pads: gpd.GeoDataFrame
    dem: Raster
    links: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=LINKS))
    roads: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=ROADS))

    def __post_init__(self) -> None:
        """Refuse what does not fit together."""
        require_metric(self.pads.crs, what="grading")
        require_same(self.pads.crs, self.dem.grid.crs, what="grading")
        for name, frame in (("pads", self.pads), ("links", self.links)):
            twice = frame.index[frame.index.duplicated()]
            if len(twice):
                raise _refused(name, twice[0], Text("唯一标签", "unique labels"))
        for name, frame, columns in (("links", self.links, LINKS), ("roads", self.roads, ROADS)):
            missing = [one for one in columns if one not in frame.columns]
            if missing:
                raise _refused(name, missing, Text("须有此列", "these columns"))
        self._check(self.links, "links", ("left", "right"), ("border_m", "street_m"))
        self._check(self.roads, "roads", ("pad",), ("length_m",))
        same = self.links.index[(self.links["left"] == self.links["right"]).to_numpy(dtype=bool)]
        if len(same):
            raise _refused("links", same[0], Text("两个不同地块", "two pads, not one"))
        if self.roads["level_m"].isna().any():
            raise _refused("roads", "NaN", Text("道路标高", "the level of the road"))

    def _check(
        self, frame: pd.DataFrame, layer: str, labels: Sequence[str], lengths: Sequence[str]
    ) -> None:
        for name in labels:
            wrong = frame.index[~frame[name].isin(self.pads.index)]
            if len(wrong):
                raise _refused(layer, frame.loc[wrong[0], name], KNOWN)
        for name in lengths:
            if (frame[name].astype(float) < 0).any():
                raise _refused(layer, name, POSITIVE)


@dataclass(frozen=True, eq=False)
class Duals:
    """What the bound rests on: a price of balance and one of each link's step.

    With these prices the pads part from each other: the least that each pad and each link costs by
    itself, added up, is no more than any design costs.

    Attributes
    ----------
    balance_m3
        Worth of one m³ of cut, as it lies (below 0: one too many costs that).
    step_m
        Worth of lowering the left pad of each link by one metre against the right, shape (links,).
    """

    balance_m3: float
    step_m: Floats


@dataclass(frozen=True, eq=False)
class Design:
    """Levels of pads, what they move and cost, and how good that is.

    Attributes
    ----------
    pads
        level_m, area_m2, cut_m3, fill_m3 by the labels of the pads.
    links
        By the labels of the links: left, right, step_m (left less right), grade (of the street,
        without sign; NaN where there is none), wall_m2, wall_cost, and relief: what a metre more of
        the step that its rule allows would save, 0 where it does not bind.
    cut_m3, fill_m3, borrow_m3, waste_m3
        Totals: cut + borrow − waste = cut_per_fill × fill.
    cost
        What it all costs.
    bound
        No design that keeps the rules costs less.
    gap
        (cost − bound) / cost, 0 where it costs nothing.
    duals
        Prices from which the bound follows, or the part of it that does.
    by
        "prices": `verify` derives the bound from the duals; "HiGHS": the bound is that solver's
        word, beyond what the duals prove.
    stopped
        Whether a limit ended the search before the gap that was asked for.
    """

    pads: pd.DataFrame
    links: pd.DataFrame
    cut_m3: float
    fill_m3: float
    borrow_m3: float
    waste_m3: float
    cost: float
    bound: float
    gap: float
    duals: Duals
    by: str
    stopped: bool


def _number(name: str, value: float, *, most: float = 1e300) -> None:
    if not 0 <= value <= most:
        raise _refused(name, value, POSITIVE)


def _refused(name: str, value: Any, expected: Text) -> InputError:
    problem = Problem(field=name, found=str(value), expected=expected)
    return InputError(Text("不能据此竖向设计", "no grading from this"), problems=[problem])

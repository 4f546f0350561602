"""The independent test of a grading: cells cut anew, every rule tried, the bound derived again.

It shares nothing with what finds levels but the values that both speak of.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd
import shapely

from geo.errors import Problem
from geo.raster import Raster
from geo.siting.grading.values import REACH_M, Design, Floats, Prices, Rules, Site
from geo.words import Text, alike

NEAR = 1e-6
"""Metres of levels, m³ per m² and per m³, shares of costs: what differs by less is the same."""


@dataclass(frozen=True)
class Report:
    """What was measured anew, and what is wrong.

    Attributes
    ----------
    problems
        One for each figure that is not so and each rule that is broken.
    cut_m3, fill_m3, cost
        Of the levels, measured by cutting cells.
    bound
        What the duals prove; a greater bound of the design is the word of a solver.
    """

    problems: tuple[Problem, ...]
    cut_m3: float
    fill_m3: float
    cost: float
    bound: float

    @property
    def accepted(self) -> bool:
        """Whether nothing is wrong."""
        return not self.problems


class _Cells(NamedTuple):
    """The cells of one pad: heights in m, and what the pad covers of each in m²."""

    height: Floats
    area: Floats

    def fill(self, level: float) -> float:
        return float(self.area @ np.maximum(level - self.height, 0.0))

    def cut(self, level: float) -> float:
        return float(self.area @ np.maximum(self.height - level, 0.0))


class _End(NamedTuple):
    """An end of the level of a pad, and the field it comes from."""

    pad: Hashable
    level: float
    upper: bool
    field: str


def verify(site: Site, design: Design, *, prices: Prices, rules: Rules) -> Report:
    """Measure a design anew and try every rule on it.

    Cells are cut with the pads by a geometry library. Levels are held against ends, roads, steps
    and grades, volumes and costs against what is measured, the bound against what follows from the
    duals with each pad and each link by itself.

    Parameters
    ----------
    site, prices, rules
        As the design was asked for.
    design
        What is to be tested, from wherever it comes.

    Returns
    -------
    Report
        Accepted where everything holds; a bound that is the word of HiGHS is not held against
        the duals.

    Examples
    --------
    A cell at 1 m and one at 3 m, a pad on both, level at 2 m: 100 m³ of cut and of fill. Said to
    lie at 2.5 m, it fills 150 + 0 and cuts 0 + 50.

    >>> import geopandas as gpd
    >>> from affine import Affine
    >>> from dataclasses import replace
    >>> from pyproj import CRS
    >>> from geo.grid import Grid
    >>> from geo.siting.grading import design_levels
    >>> grid = Grid((1, 2), Affine(10, 0, 0, 0, -10, 10), CRS(4549))
    >>> pads = gpd.GeoDataFrame(geometry=[shapely.box(0, 0, 20, 10)], index=["a"], crs=4549)
    >>> asked = {"prices": Prices(12, 8), "rules": Rules(balance_m3=0)}
    >>> site = Site(pads, Raster(np.array([[1.0, 3.0]]), grid))
    >>> found = design_levels(site, **asked)
    >>> verify(site, found, **asked).accepted
    True
    >>> wrong = verify(site, replace(found, pads=found.pads.assign(level_m=2.5)), **asked)
    >>> round(wrong.cut_m3), round(wrong.fill_m3), wrong.accepted
    (50, 150, False)
    """
    cells = [_cut(site.dem, shape) for shape in site.pads.geometry]
    levels = design.pads["level_m"].reindex(site.pads.index)
    cut = pd.Series([c.cut(z) for c, z in zip(cells, levels, strict=True)], levels.index, float)
    fill = pd.Series([c.fill(z) for c, z in zip(cells, levels, strict=True)], levels.index, float)
    volumes = pd.DataFrame({"cut_m3": cut, "fill_m3": fill})
    step = _steps(site, levels)
    walls = _wall(np.abs(step), prices) * _lengths(site, "border_m")
    left = float(cut.sum() - rules.cut_per_fill * fill.sum())
    cost = prices.cut * cut.sum() + prices.fill * fill.sum() + walls.sum()
    cost += prices.waste * left if left > 0 else -prices.borrow * left
    derived = _bound(site, cells, design, prices, rules)
    problems = [
        *_figures(site, design, volumes, pd.DataFrame({"step_m": step, "wall_cost": walls})),
        *_kept(site, levels, step, rules),
        *_totals(design, volumes, left, rules),
        *_costs(design, float(cost), derived),
    ]
    return Report(tuple(problems), float(cut.sum()), float(fill.sum()), float(cost), derived)


def _cut(dem: Raster, shape: shapely.Geometry) -> _Cells:
    """Cut the cells around a pad with it."""
    west, south, east, north = shapely.bounds(shape)
    (top, bottom), (first, last) = dem.grid.index([west, east], [north, south])
    rows = np.arange(max(top, 0), min(bottom + 1, dem.grid.shape[0]))
    columns = np.arange(max(first, 0), min(last + 1, dem.grid.shape[1]))
    row, column = (place.ravel() for place in np.meshgrid(rows, columns, indexing="ij"))
    x, y = dem.grid.xy(row, column)
    half = dem.grid.resolution / 2
    squares = shapely.box(x - half, y - half, x + half, y + half)
    area = shapely.area(shapely.intersection(squares, shape))
    return _Cells(dem.values[row, column].astype(np.float64)[area > 0], area[area > 0])


def _lengths(site: Site, name: str) -> Floats:
    return np.nan_to_num(np.asarray(site.links[name], dtype=np.float64))


def _steps(site: Site, levels: pd.Series) -> Floats:
    left, right = (levels.reindex(site.links[name]).to_numpy() for name in ("left", "right"))
    return np.asarray(left - right)


def _wall(height: Floats, prices: Prices) -> Floats:
    """Give what a metre run of wall costs: interpolated by height, then on as before."""
    if not prices.walls:
        return np.zeros(len(height))
    posts = np.array([0.0, *(wall.height_m for wall in prices.walls)])
    runs = np.array([0.0, *(wall.height_m * wall.price_m2 for wall in prices.walls)])
    steepest = (runs[-1] - runs[-2]) / (posts[-1] - posts[-2])
    beyond = np.maximum(height - posts[-1], 0.0)
    return np.asarray(np.interp(height, posts, runs) + steepest * beyond)


def _figures(
    site: Site, design: Design, volumes: pd.DataFrame, links: pd.DataFrame
) -> Iterator[Problem]:
    """Hold the figures of each pad and each link against those measured."""
    area = site.pads.area
    told = design.pads.reindex(site.pads.index)
    for name, true in (("area_m2", area), *volumes.items()):
        wrong = ~((told[name] - true).abs() <= NEAR * (area + true))
        for label in told.index[wrong]:
            yield _unlike(str(label), name, told.loc[label, name], true[label])
    told = design.links.reindex(site.links.index)
    measured = links.set_axis(site.links.index)
    measured["wall_m2"] = _lengths(site, "border_m") * links["step_m"].abs().to_numpy()
    for name, true in measured.items():
        wrong = ~((told[name] - true).abs() <= NEAR * (1 + true.abs()) * 10)
        for label in told.index[wrong]:
            yield _unlike(str(label), str(name), told.loc[label, name], true[label])


def _kept(site: Site, levels: pd.Series, step: Floats, rules: Rules) -> Iterator[Problem]:
    """Try the ends of levels, roads, steps and streets."""
    for end in _ends(site, rules):
        level = levels.loc[end.pad]
        if not (level <= end.level + NEAR if end.upper else level >= end.level - NEAR):
            yield _broken(str(end.pad), end.field, level, end.level)
    border, street = _lengths(site, "border_m"), _lengths(site, "street_m")
    for place, label in enumerate(site.links.index):
        rise = abs(step[place])
        if border[place] > 0 and not rise <= rules.max_step_m + NEAR:
            yield _broken(str(label), "max_step_m", rise, rules.max_step_m)
        if street[place] > 0 and not rise <= rules.max_grade * street[place] + NEAR:
            yield _broken(str(label), "max_grade", rise, rules.max_grade * street[place])


def _totals(design: Design, volumes: pd.DataFrame, left: float, rules: Rules) -> Iterator[Problem]:
    """Hold totals against their parts, and what is left against the balance."""
    slack = NEAR * (float(design.pads["area_m2"].sum()) + float(volumes.to_numpy().sum()))
    true = {
        "cut_m3": float(volumes["cut_m3"].sum()),
        "fill_m3": float(volumes["fill_m3"].sum()),
        "borrow_m3": max(-left, 0.0),
        "waste_m3": max(left, 0.0),
    }
    for name, value in true.items():
        if not abs(getattr(design, name) - value) <= slack:
            yield _unlike("", name, getattr(design, name), value)
    if not abs(left) <= rules.balance_m3 + slack:
        yield _broken("", "balance_m3", left, rules.balance_m3)


def _costs(design: Design, cost: float, derived: float) -> Iterator[Problem]:
    """Hold cost, bound and gap against what is measured and derived."""
    slack = NEAR * (1 + abs(cost))
    if not abs(design.cost - cost) <= slack:
        yield _unlike("", "cost", design.cost, cost)
    if not design.bound <= design.cost + slack:
        yield _broken("", "bound", design.bound, design.cost)
    if design.by != "HiGHS" and not design.bound <= derived + slack:
        yield _broken("", "bound", design.bound, derived)
    gap = (design.cost - design.bound) / design.cost if design.cost > 0 else 0.0
    if not abs(design.gap - gap) <= NEAR:
        yield _unlike("", "gap", design.gap, gap)


def _bound(site: Site, cells: list[_Cells], design: Design, prices: Prices, rules: Rules) -> float:
    """Derive what the duals prove: the least that each pad, link and m³ over costs by itself."""
    balance, step = design.duals.balance_m3, design.duals.step_m
    pull = pd.Series(0.0, site.pads.index)
    for left, right, price in zip(site.links["left"], site.links["right"], step, strict=True):
        pull[left] += price
        pull[right] -= price
    low, high = _reach(site, cells, rules)
    total = 0.0
    for place, one in enumerate(cells):
        inside = (one.height > low[place]) & (one.height < high[place])
        total += min(
            (prices.cut - balance) * one.cut(level)
            + (prices.fill + balance * rules.cut_per_fill) * one.fill(level)
            + pull.iloc[place] * level
            for level in (low[place], high[place], *np.unique(one.height[inside]))
        )
    total += sum(_least_links(site, step, prices, rules, high.max(initial=0) - low.min(initial=0)))
    for price in (prices.borrow - balance, prices.waste + balance):
        total += rules.balance_m3 * price if price < 0 else 0.0
    return total


def _ends(site: Site, rules: Rules) -> Iterator[_End]:
    """Give every end of a level, from the pads' columns and from roads."""
    for field, upper in (("low_m", False), ("high_m", True)):
        if field in site.pads.columns:
            for pad, level in site.pads[field].items():
                if math.isfinite(level):
                    yield _End(pad, float(level), upper, field)
    if math.isfinite(rules.max_grade):
        roads = site.roads[["pad", "level_m", "length_m"]]
        for pad, level, length in roads.itertuples(index=False):
            yield _End(pad, level - rules.max_grade * length, False, "max_grade")
            yield _End(pad, level + rules.max_grade * length, True, "max_grade")


def _reach(site: Site, cells: list[_Cells], rules: Rules) -> tuple[Floats, Floats]:
    """Give the lowest and the highest level of each pad by itself."""
    ends = list(_ends(site, rules))
    known = [h for c in cells for h in (c.height.min(), c.height.max())]
    known = [*known, *(end.level for end in ends), *site.roads["level_m"]]
    low = pd.Series(min(known, default=0.0) - REACH_M, site.pads.index, dtype=np.float64)
    high = pd.Series(max(known, default=0.0) + REACH_M, site.pads.index, dtype=np.float64)
    for end in ends:
        if end.upper:
            high[end.pad] = min(high[end.pad], end.level)
        else:
            low[end.pad] = max(low[end.pad], end.level)
    return low.to_numpy(), high.to_numpy()


def _least_links(
    site: Site, step: Floats, prices: Prices, rules: Rules, widest: float
) -> Iterator[float]:
    border, street = _lengths(site, "border_m"), _lengths(site, "street_m")
    for place, price in enumerate(step):
        most = min(widest, rules.max_step_m) if border[place] > 0 else widest
        if street[place] > 0:
            most = min(most, rules.max_grade * street[place])
        heights = np.array([0.0, most, *(min(wall.height_m, most) for wall in prices.walls)])
        yield float((border[place] * _wall(heights, prices) - abs(price) * heights).min())


def _unlike(row: str, field: str, found: float, true: float) -> Problem:
    return Problem(row=row, field=field, found=f"{found:.9g}", expected=f"{true:.9g}")


def _broken(row: str, field: str, found: float, most: float) -> Problem:
    held = Text(f"规则界限 {most:.9g}", f"held to {most:.9g}")
    return Problem(row=row, field=field, found=alike(f"{found:.9g}"), expected=held)

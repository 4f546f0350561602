"""The cells under pads: cut and fill as functions of levels, and their tangents."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd

from geo.coverage import coverage_problems
from geo.errors import GeometryError, GridError, Problem
from geo.siting.grading.values import Floats, Site, Whole
from geo.words import Text
from geo.zonal import covered

SLIVER = 1e-6
"""Share of a pad: what lies outside the terrain by less is rounding."""


class Volumes(NamedTuple):
    """Cut as it lies and fill as it is compacted, m³ of each pad, shape (P,)."""

    cut: Floats
    fill: Floats


class Lines(NamedTuple):
    """Straight lines: fill ≥ slope · level − moment; shape (m,)."""

    slope: Floats
    moment: Floats


@dataclass(frozen=True, eq=False)
class Ground:
    """The n cells under P pads, by pad and rising height.

    Attributes
    ----------
    labels
        Of the pads.
    datum
        Level in m that all heights and levels are counted from here, so that rounding is that of
        metres, not of altitudes.
    owner, height, area
        Of each cell the position of its pad, its height above the datum in m, and what the pad
        covers of it in m², shape (n,).
    first
        Where the cells of each pad begin, and the end, shape (P + 1,).
    areas, moments
        Sums of area and of area × height of the cells before, shape (n + 1,).
    total, mean
        Area and mean height above the datum of each pad, shape (P,).
    """

    labels: pd.Index
    datum: float
    owner: Whole
    height: Floats
    area: Floats
    first: Whole
    areas: Floats
    moments: Floats
    total: Floats
    mean: Floats

    def volumes(self, levels: Floats) -> Volumes:
        """Give cut and fill of each pad at these levels above the datum."""
        depth = (levels[self.owner] - self.height) * self.area
        cut, fill = (
            _sums(self.owner, np.maximum(one, 0.0), len(self.labels)) for one in (-depth, depth)
        )
        return Volumes(cut, fill)

    def below(self, levels: Floats, *, closed: bool) -> Whole:
        """Count the cells of each pad below its level (`closed`: or on it): the pieces of fill."""
        under = self.height <= levels[self.owner] if closed else self.height < levels[self.owner]
        return np.bincount(self.owner, under, minlength=len(self.labels)).astype(np.int64)

    def tangents(self, pads: Whole, pieces: Whole) -> Lines:
        """Give the lines that fill follows while so many cells of a pad lie below its level."""
        start = self.first[pads]
        end = start + pieces
        return Lines(self.areas[end] - self.areas[start], self.moments[end] - self.moments[start])


def measured(site: Site) -> Ground:
    """Measure the cells under pads, each by the share of it that the pad covers.

    Raises
    ------
    GeometryError
        If a pad has no area, or two overlap by more than 0.01 m²; they are named.
    GridError
        If terrain is unknown under a pad; pads are named.
    """
    _check(site)
    pads, dem = site.pads, site.dem
    cells = covered(dem.grid, pads)
    values = np.where(dem.valid, dem.values, np.nan).astype(np.float64)
    height = values[cells["row"].to_numpy(), cells["column"].to_numpy()]
    owner = cells["zone"].to_numpy()
    area = cells["share"].to_numpy() * dem.grid.resolution**2
    unknown = np.bincount(owner, np.where(np.isnan(height), 0.0, area), minlength=len(pads))
    lacking = unknown < pads.area.to_numpy() * (1 - SLIVER)
    if lacking.any():
        told = Text("地块下的高程", "terrain under the pad")
        raise GridError(
            Text("地块下缺少高程", "terrain is unknown under pads"),
            problems=[Problem(row=str(row), expected=told) for row in pads.index[lacking]],
        )
    known = ~np.isnan(height)
    return _sorted(pads.index, owner[known], height[known], area[known])


def _check(site: Site) -> None:
    pads = site.pads
    empty = pads.index[~(pads.area > 0)]
    overlaps = coverage_problems(pads) if len(pads) else pd.DataFrame({"problem": []})
    overlaps = overlaps[overlaps["problem"] == "overlap"]
    problems = [Problem(row=str(row), found="0 m²", expected="> 0 m²") for row in empty]
    for one in overlaps.itertuples():
        area = Text(f"重叠 {one.area_m2:.2f} m²", f"overlap of {one.area_m2:.2f} m²")
        problems.append(Problem(row=f"{one.left}, {one.right}", found=area))
    if problems:
        words = Text("地块须有面积且不重叠", "pads must have an area and not overlap")
        raise GeometryError(words, problems=problems)


def _sorted(labels: pd.Index, owner: Whole, height: Floats, area: Floats) -> Ground:
    """Bring cells into order and add them up."""
    count = len(labels)
    datum = float(np.average(height, weights=area)) if len(height) else 0.0
    order = np.lexsort((height, owner))
    owner, height, area = owner[order], height[order] - datum, area[order]
    total = _sums(owner, area, count)
    return Ground(
        labels=labels,
        datum=datum,
        owner=owner,
        height=height,
        area=area,
        first=np.searchsorted(owner, np.arange(count + 1)),
        areas=np.append(0.0, np.cumsum(area)),
        moments=np.append(0.0, np.cumsum(area * height)),
        total=total,
        mean=_sums(owner, area * height, count) / total,
    )


def _sums(owner: Whole, values: Floats, count: int) -> Floats:
    return np.asarray(np.bincount(owner, values, minlength=count), dtype=np.float64)

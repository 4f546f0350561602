"""What the alignment floor speaks of: limits, costs, stations, profiles, alignments.

Grades are metres up per metre along, positive uphill; heights and chainages are in metres, money in
yuan. Limits and costs come from the caller: nothing here knows a standard.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, fields
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from geo.alignment.plan.plan import Plan
from geo.errors import GeometryError, InputError, Problem
from geo.words import Text

EARTH, BRIDGE, TUNNEL = range(3)  # structure of a stretch of road: in every array of kinds
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Limits:
    """What a road class allows; infinity (for smallest values: 0) means no limit.

    Parameters
    ----------
    max_grade
        Steepest grade, m/m.
    min_radius_m, min_spiral_m, min_tangent_m
        In plan: tightest radius, shortest spiral, shortest tangent between curves.
    min_slope_length_m
        Shortest distance between points of vertical intersection (PVI).
    min_vertical_radius_m, min_sag_radius_m
        Tightest vertical curves, on crests and in sags.
    min_vertical_curve_m
        Shortest vertical curve.
    mean_grades
        (rise from, rise below, grade): any stretch that rises or falls by so many metres, the
        first included, may not be steeper on average.
    window_m, window_grade
        No stretch of this length may be steeper on average.
    max_cut_m, max_fill_m
        Deepest cut and highest fill at the axis; beyond, a tunnel or a bridge.
    max_bridge_m, max_tunnel_m, min_structure_m
        Longest single bridge and tunnel; shortest of either. 0 as the longest: none at all.
    grade_lengths
        (grade, longest stretch in m) by rising grade, lengths falling; between them interpolated,
        below the first no limit, above the last as at the last. Stretches that climb, or fall, one
        after another share: what each uses of its grade's length sums to at most 1.
    relief_grade
        A stretch of at least the shortest slope and at most this grade begins that sum anew.
    min_curve_m
        Shortest curve in plan, spirals and arc together.
    same_turn_m, opposite_turn_m
        Shortest straight between curves that turn the same way and opposite ways; the spirals of
        opposite ones may meet instead (S-curve, a straight of 0).
    general_radius_m
        Radius wished for: tighter curves are allowed, counted and priced.

    Raises
    ------
    InputError
        If a figure is negative or missing; all of them at once.
    """

    max_grade: float
    min_radius_m: float
    min_spiral_m: float
    min_slope_length_m: float
    min_vertical_radius_m: float
    min_sag_radius_m: float
    min_vertical_curve_m: float
    mean_grades: tuple[tuple[float, float, float], ...] = ()
    window_m: float = 3000.0
    window_grade: float = math.inf
    max_cut_m: float = math.inf
    max_fill_m: float = math.inf
    min_tangent_m: float = 0.0
    max_bridge_m: float = math.inf
    max_tunnel_m: float = math.inf
    min_structure_m: float = 0.0
    grade_lengths: tuple[tuple[float, float], ...] = ()
    relief_grade: float = 0.0
    min_curve_m: float = 0.0
    same_turn_m: float = 0.0
    opposite_turn_m: float = 0.0
    general_radius_m: float = 0.0

    def __post_init__(self) -> None:
        """Refuse negative and missing figures."""
        refuse(self, positive=("max_grade", "min_slope_length_m", "window_m"))
        bad = [
            (first, below, grade)
            for first, below, grade in self.mean_grades
            if not (0 <= first < below and grade > 0)
        ]
        if bad:
            raise InputError(
                Text("平均纵坡规定有误", "mean-grade rules are wrong"),
                problems=[Problem(field="mean_grades", found=f"{b}") for b in bad],
            )
        _refuse_lengths(self.grade_lengths)


@dataclass(frozen=True)
class Costs:
    """Prices and the cross-section they apply to.

    Parameters
    ----------
    cut_yuan_m3, fill_yuan_m3
        Earthwork.
    bridge_yuan_m, bridge_height_yuan_m2
        A metre of bridge, and what each metre of height above ground adds to it.
    tunnel_yuan_m
        A metre of tunnel, pavement included.
    width_m
        Width of the bed.
    cut_slope, fill_slope
        Side slopes, horizontal per vertical.
    pavement_yuan_m
        Pavement, of a metre of road on earth; structures have theirs in their price.
    land_yuan_m2
        Land under bed, side slopes and bridges; tunnels take none.
    """

    cut_yuan_m3: float
    fill_yuan_m3: float
    bridge_yuan_m: float
    bridge_height_yuan_m2: float
    tunnel_yuan_m: float
    width_m: float
    cut_slope: float
    fill_slope: float
    pavement_yuan_m: float = 0.0
    land_yuan_m2: float = 0.0

    def __post_init__(self) -> None:
        """Refuse negative and missing figures."""
        refuse(self, positive=("width_m",))


@dataclass(frozen=True, eq=False)
class Stations:
    """Points along a plan: chainage, coordinates, height of the ground; each of shape (n,).

    `on_top` is what a metre of road costs besides, by its kind (earth, bridge, tunnel) between
    stations, in yuan, shape (n − 1, 3); infinite where it may not be. Without it nothing.
    `least` and `most` are the heights, m, between which the line lies at a station where a stretch
    of a kind touches it, shape (n, 3), infinite where there are none. Without them any height.

    Raises
    ------
    GeometryError
        If shapes differ, there are fewer than two stations, a value is missing or chainages do
        not rise.
    """

    s: Floats
    x: Floats
    y: Floats
    ground: Floats
    on_top: Floats | None = None
    least: Floats | None = None
    most: Floats | None = None

    def __post_init__(self) -> None:
        """Refuse what is no row of stations."""
        arrays = {name: np.asarray(getattr(self, name)) for name in ("s", "x", "y", "ground")}
        n = arrays["s"].size
        problems = [
            Problem(field=name, found=f"{array.shape}", expected=f"({n},), n ≥ 2")
            for name, array in arrays.items()
            if array.shape != (n,) or n < 2
        ]
        problems += [
            Problem(
                field=name,
                found="NaN / inf",
                remedy=Text("为每个桩补齐数值", "give every station a value"),
            )
            for name, array in arrays.items()
            if not np.isfinite(array).all()
        ]
        if not problems and not (np.diff(arrays["s"]) > 0).all():
            problems.append(Problem(field="s", found=Text("里程不递增", "not rising")))
        if self.on_top is not None and not (
            self.on_top.shape == (n - 1, 3) and (self.on_top >= 0).all()
        ):
            problems.append(Problem(field="on_top", expected=f"({n - 1}, 3), ≥ 0"))
        for name in ("least", "most"):
            bound = getattr(self, name)
            if bound is not None and (bound.shape != (n, 3) or np.isnan(bound).any()):
                problems.append(Problem(field=name, found=f"{bound.shape}", expected=f"({n}, 3)"))
        if problems:
            raise GeometryError(Text("桩号数据有误", "the stations are wrong"), problems=problems)


@dataclass(frozen=True)
class Fixed:
    """What a profile has to meet: heights (m) and grades; None leaves an end free.

    Parameters
    ----------
    start_z, end_z
        Heights of the two ends; a free end lies on earth, within cut and fill.
    start_grade, end_grade
        Grades at the two ends.
    via
        (chainage, height) the line passes through, curves included.
    rises
        (from, to, metres) between which the tangents rise or fall no more.
    climbed
        What was used of the lengths of grades before the start, climbing and falling: shares.
    """

    start_z: float | None = None
    end_z: float | None = None
    start_grade: float | None = None
    end_grade: float | None = None
    via: tuple[tuple[float, float], ...] = ()
    rises: tuple[tuple[float, float, float], ...] = ()
    climbed: tuple[float, float] = (0.0, 0.0)


@dataclass(frozen=True, eq=False)
class Profile:
    """A vertical alignment at stations.

    Parameters
    ----------
    s, design
        Chainages and heights of the line, vertical curves included, shape (n,).
    structure
        `EARTH`, `BRIDGE` or `TUNNEL` between stations, shape (n − 1,).
    pvi
        Chainage, height and length of the vertical curve (0: none) of each point of vertical
        intersection, both ends included, shape (k, 3). Between them the line is straight; a curve
        is a parabola, half of it on either side of its PVI.
    cost_yuan
        Cost of this profile, by `geo.alignment.profile.cost`, and what its stations cost on top.
    bound_yuan
        No profile of the discretised problem costs less.
    gap
        (cost − bound) / cost; 0 where the cost is 0.
    """

    s: Floats
    design: Floats
    structure: NDArray[np.int64]
    pvi: Floats
    cost_yuan: float
    bound_yuan: float
    gap: float


@dataclass(frozen=True, eq=False)
class Alignment:
    """A road in space: plan, profile and the limits they were made for."""

    plan: Plan
    profile: Profile
    limits: Limits


def refuse(value: Limits | Costs, *, positive: tuple[str, ...]) -> None:
    """Raise InputError naming every figure that is negative or missing, or 0 among `positive`.

    Examples
    --------
    >>> refuse(Costs(20, 15, 5e4, 0, 8e4, 8, 0.75, 1.5), positive=("width_m",))
    """
    problems = [
        Problem(field=field.name, found=f"{figure}", expected=wanted)
        for field in fields(value)
        if field.name not in {"mean_grades", "grade_lengths"}
        for figure in (getattr(value, field.name),)
        for wanted in ("> 0" if field.name in positive else "≥ 0",)
        if not (figure > 0 if field.name in positive else figure >= 0)
    ]
    if problems:
        raise InputError(Text("取值有误", "figures are wrong"), problems=problems)


def _refuse_lengths(rows: tuple[tuple[float, float], ...]) -> None:
    """Refuse lengths of grades whose grades do not rise or whose lengths do not fall."""
    ends = ((0.0, math.inf), *rows)
    bad = [
        here
        for (flatter, longer), here in pairwise(ends)
        if not (flatter < here[0] < math.inf and 0 < here[1] <= longer and here[1] < math.inf)
    ]
    if bad:
        raise InputError(
            Text("坡长限制有误", "lengths of grades are wrong"),
            problems=[Problem(field="grade_lengths", found=f"{row}") for row in bad],
        )

"""Road standards by class and design speed, each figure with its rule and its standing."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Any

from geo.errors import FileError, Problem, SchemaError, UsageError
from geo.words import Text
from layers.catalog import ROAD_CLASSES as COUNTY_CLASSES
from layers.given import Row, nearest, number, rows, unknown
from layers.rulebook import Rule, Status, rules

ROAD_CLASSES: Mapping[str, Text] = MappingProxyType(
    {
        "expressway": Text("高速公路", "expressway"),
        "class_i": Text("一级公路", "class I"),
        "class_ii": Text("二级公路", "class II"),
        "class_iii": Text("三级公路", "class III"),
        "class_iv": Text("四级公路", "class IV"),
    }
)
CLASS_RULE, WIDTH_RULE = "roads.classes", "roads.widths"
MET_RULE, WIDENING_RULE = "roads.clearance", "roads.widening"
SPEED = "design_speed_kmh"
OWN = "own"
"""What stands for the rule of a figure that the user gave."""

PERCENTS = range(3, 11)
LONGEST: Mapping[str, float] = MappingProxyType(
    {f"longest_{percent}_percent_m": percent / 100 for percent in PERCENTS}
)
"""Figures of the longest stretch of a grade, and the grade; 0: the standard has no figure."""
PLACES: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "min_radius_m": ("roads.curves", "least_radius_m"),
        "general_radius_m": ("roads.curves", "general_radius_m"),
        "no_superelevation_m": ("roads.curves", "no_superelevation_m"),
        "min_spiral_m": ("roads.sight", "spiral_m"),
        "stopping_sight_m": ("roads.sight", "stopping_sight_m"),
        "max_grade": ("roads.grades", "max_grade"),
        "min_slope_length_m": ("roads.grades", "least_length_m"),
        "mean_grade_200_500": ("roads.grades", "mean_grade_rise_200_to_500_m"),
        "mean_grade_above_500": ("roads.grades", "mean_grade_rise_above_500_m"),
        "window_grade": ("roads.grades", "mean_grade_any_3_km"),
        **{name: ("roads.grade_lengths", name) for name in LONGEST},
        "grade_share": ("roads.grade_lengths", "most_used"),
        "relief_grade": ("roads.relief", "relief_grade"),
        "min_vertical_radius_m": ("roads.vertical_curves", "least_crest_radius_m"),
        "general_vertical_radius_m": ("roads.vertical_curves", "general_crest_radius_m"),
        "min_sag_radius_m": ("roads.vertical_curves", "least_sag_radius_m"),
        "general_sag_radius_m": ("roads.vertical_curves", "general_sag_radius_m"),
        "min_vertical_curve_m": ("roads.vertical_curves", "least_length_m"),
        "max_cut_m": ("roads.earthwork", "max_cut_m"),
        "max_fill_m": ("roads.earthwork", "max_fill_m"),
        "cut_slope": ("roads.earthwork", "cut_slope"),
        "fill_slope": ("roads.earthwork", "fill_slope"),
        "clearance_m": ("roads.clearance", "clearance_m"),
        "deck_m": ("roads.clearance", "deck_m"),
        "bore_m": ("roads.clearance", "bore_m"),
        "cover_m": ("roads.clearance", "cover_m"),
        "junction_angle": ("roads.clearance", "junction_angle"),
        "junction_angle_advised": ("roads.clearance", "junction_angle_advised"),
        "junction_rise_m": ("roads.clearance", "junction_rise_m"),
        "stream_km2": ("roads.floods", "stream_km2"),
        "culvert_km2": ("roads.floods", "culvert_km2"),
        "flood_depth_m": ("roads.floods", "depth_at_1_km2"),
        "flood_depth_power": ("roads.floods", "depth_power"),
        "flood_width": ("roads.floods", "width_by_depth"),
        "freeboard_m": ("roads.floods", "freeboard_m"),
        "min_curve_m": ("roads.curve_lengths", "least_length_m"),
        "general_curve_m": ("roads.curve_lengths", "general_length_m"),
        "same_turn_m": ("roads.straights", "same_turn_m"),
        "opposite_turn_m": ("roads.straights", "opposite_turn_m"),
        "longest_straight_m": ("roads.straights", "longest_m"),
        "straights_from_kmh": ("roads.straights", "binding_from_kmh"),
        "max_superelevation": ("roads.superelevation", "max_rate"),
        "max_superelevation_freezing": ("roads.superelevation", "max_rate_freezing"),
        "crown": ("roads.superelevation", "crown"),
        "side_friction": ("roads.superelevation", "side_friction"),
        "min_runoff_m": ("roads.superelevation", "runoff_m"),
        "lane_m": ("roads.superelevation", "lane_m"),
        "widened_below_m": ("roads.widening", "widened_below_m"),
        "eye_m": ("roads.sight", "eye_m"),
        "object_m": ("roads.sight", "object_m"),
        "path_from_edge_m": ("roads.sight", "path_from_edge_m"),
    }
)
"""Figures of a standard, and the rule and parameter where each stands."""
NAMES = (*PLACES, "width_m")
WINDOW_M = 3000.0
LIMITS = (
    *("max_grade", "min_radius_m", "min_spiral_m", "min_slope_length_m", "min_vertical_radius_m"),
    *("min_sag_radius_m", "min_vertical_curve_m", "window_grade", "max_cut_m", "max_fill_m"),
    "relief_grade",
    *("min_curve_m", "general_radius_m", "same_turn_m", "opposite_turn_m"),
)
"""Figures that are limits of an alignment as they are; straights from a speed on, else advice."""
STRAIGHTS = ("same_turn_m", "opposite_turn_m")


@dataclass(frozen=True)
class Figure:
    """A figure, the rule it comes from (`own`: the user's) and its standing."""

    value: float
    unit: str
    rule: str
    status: Status


@dataclass(frozen=True)
class Standard:
    """What a road of a class and design speed has to obey.

    Parameters
    ----------
    road_class
        One of `ROAD_CLASSES`.
    speed_kmh
        Design speed.
    figures
        All of `NAMES`.
    widenings
        (radius from which on it holds, metres) of the widening on curves, falling to radius 0.
    """

    road_class: str
    speed_kmh: int
    figures: Mapping[str, Figure]
    widenings: tuple[tuple[float, float], ...]

    def __getitem__(self, name: str) -> float:
        """Give a figure's value."""
        return self.figures[name].value

    def binds(self, name: str) -> bool:
        """Say whether a figure binds at this speed; straights below theirs are advice."""
        return name not in STRAIGHTS or self.speed_kmh >= self["straights_from_kmh"]

    @property
    def limits(self) -> Mapping[str, Any]:
        """Limits of an alignment by their names there.

        The mean grades are (rise from, rise below, grade), the first rise included: at exactly
        500 m the stricter one holds. The standard counts both ends in; this is the safe side. The
        longest stretches are (grade, m) for the grades that have one. What does not bind is 0.
        """
        means = (
            (200.0, 500.0, self["mean_grade_200_500"]),
            (500.0, math.inf, self["mean_grade_above_500"]),
        )
        plain = {name: self[name] if self.binds(name) else 0.0 for name in LIMITS}
        longest = ((grade, self[name]) for name, grade in LONGEST.items())
        lengths = tuple((grade, most) for grade, most in longest if most > 0)
        more = {"mean_grades": means, "window_m": WINDOW_M, "grade_lengths": lengths}
        return MappingProxyType(plain | more)

    @property
    def template(self) -> Mapping[str, float]:
        """Bed and side slopes of the cross-section."""
        return MappingProxyType({n: self[n] for n in ("width_m", "cut_slope", "fill_slope")})


@dataclass(frozen=True)
class Met:
    """What a road of the county asks of those that cross it."""

    clearance_m: float
    width_m: float


def met_roads(day: date) -> Mapping[str, Met]:
    """Give what roads of the county ask of those that cross them, by class of the layer `roads`.

    >>> met_roads(date(2025, 1, 1))["expressway"]
    Met(clearance_m=5.0, width_m=24.5)
    """
    rule = _rule(rules(day), MET_RULE, day)
    return MappingProxyType(
        {
            name: Met(
                *(_listed(rule, f"{name}_{of}", 0).value for of in ("clearance_m", "width_m"))
            )
            for name in COUNTY_CLASSES
        }
    )


def speeds(day: date) -> Mapping[str, tuple[int, ...]]:
    """Give the design speeds of every class in km/h, fastest first.

    >>> speeds(date(2025, 1, 1))["class_ii"]
    (80, 60)
    """
    listed = _rule(rules(day), CLASS_RULE, day).parameters or {}
    return MappingProxyType(
        {name: tuple(map(int, listed[name]["values"])) for name in ROAD_CLASSES}
    )


def standard(day: date, *, speed_kmh: int, road_class: str = "", own: str = "") -> Standard:
    r"""Give what a road has to obey on a day.

    Parameters
    ----------
    day
        The day under whose rules it is judged.
    speed_kmh
        Design speed.
    road_class
        One of `ROAD_CLASSES`; without it class II, III, IV, I or expressway, the first that has the
        speed.
    own
        A table of the user's own figures (CSV or TOML text, `layers.given`): column `speed_kmh`
        and any of `NAMES`, for one or more speeds. Its figures count as unverified.

    Raises
    ------
    UsageError
        If the class or the speed does not exist, or they do not go together.
    SchemaError
        If a rule is not valid on the day.
    FileError
        If the table is wrong or has no row of the speed; everything wrong in it is named.

    Examples
    --------
    >>> road = standard(date(2025, 1, 1), speed_kmh=60)
    >>> road.road_class, road["min_radius_m"], road.figures["min_radius_m"].status
    ('class_ii', 125, 'secondary')
    >>> standard(date(2025, 1, 1), speed_kmh=60, own="speed_kmh,max_grade\n60,0.05")["max_grade"]
    0.05
    """
    named = _class(speeds(day), speed_kmh, road_class)
    known = rules(day)
    figures = {name: _figure(known, name, speed_kmh, day) for name in PLACES}
    place = speeds(day)[named].index(speed_kmh)
    figures["width_m"] = _listed(_rule(known, WIDTH_RULE, day), named, place)
    if own:
        figures |= _own(own, speed_kmh, figures)
    table = _rule(known, WIDENING_RULE, day).parameters or {}
    rows = zip(table["radius_from_m"]["values"], table["widening_m"]["values"], strict=True)
    return Standard(named, speed_kmh, MappingProxyType(figures), tuple(rows))


def _class(known: Mapping[str, tuple[int, ...]], speed_kmh: int, road_class: str) -> str:
    """Choose the class, or say which there are."""
    if road_class and road_class not in ROAD_CLASSES:
        problem = Problem(
            field="road_class", found=road_class, remedy=nearest(road_class, ROAD_CLASSES)
        )
        raise UsageError(Text("没有这种公路等级", "no such class of roads"), problems=[problem])
    order = ("class_ii", "class_iii", "class_iv", "class_i", "expressway")
    for name in [road_class] if road_class else order:
        if speed_kmh in known[name]:
            return name
    choices = known[road_class] if road_class else sorted({v for s in known.values() for v in s})
    problem = Problem(
        field="speed_kmh", found=f"{speed_kmh}", expected=" | ".join(map(str, choices))
    )
    raise UsageError(Text("没有这种设计速度", "no such design speed"), problems=[problem])


def _rule(known: Mapping[str, Rule], rule_id: str, day: date) -> Rule:
    if rule_id not in known:
        raise SchemaError(
            Text(
                f"{day}：规则 {rule_id} 尚未生效；处理：改用较晚的日期",
                f"{day}: no rule is valid: {rule_id}; remedy: a later day",
            )
        )
    return known[rule_id]


def _figure(known: Mapping[str, Rule], name: str, speed_kmh: int, day: date) -> Figure:
    rule_id, parameter = PLACES[name]
    rule = _rule(known, rule_id, day)
    along = (rule.parameters or {}).get(SPEED, {"values": []})["values"]
    return _listed(rule, parameter, along.index(speed_kmh) if speed_kmh in along else 0)


def _listed(rule: Rule, parameter: str, place: int) -> Figure:
    figures = (rule.parameters or {})[parameter]
    value = figures["values"][place] if "values" in figures else figures["value"]
    return Figure(value, figures["unit"], rule.id, rule.status)


def _own(text: str, speed_kmh: int, shipped: Mapping[str, Figure]) -> dict[str, Figure]:
    """Read the user's figures of a speed."""
    own: dict[str, Figure] = {}
    problems: list[Problem] = []
    told: set[float] = set()
    for place, row in enumerate(rows(text), 1):
        problems += _own_problems(row, str(place), told)
        told.add(number(row.get("speed_kmh", "")))
        if number(row.get("speed_kmh", "")) == speed_kmh:
            own |= {
                name: Figure(number(row[name]), shipped[name].unit, OWN, "unverified")
                for name in shipped
                if name in row
            }
    if speed_kmh not in told:
        problems.append(
            Problem(
                field="speed_kmh",
                found=Text("没有此速度的行", "no row of this speed"),
                expected=f"{speed_kmh}",
            )
        )
    if problems:
        raise FileError(Text("自备标准有误", "your own standard is wrong"), problems=problems)
    return own


def _own_problems(row: Row, label: str, told: set[float]) -> Iterator[Problem]:
    yield from unknown(row, ("speed_kmh", *NAMES), label)
    for name in ("speed_kmh", *NAMES):
        value = row.get(name, "" if name == "speed_kmh" else 1.0)
        if not number(value) > 0:
            yield Problem(row=label, field=name, found=f"{value}", expected="> 0")
    if number(row.get("speed_kmh", "")) in told:
        twice = Text(f"{row['speed_kmh']}，重复", f"{row['speed_kmh']}, twice")
        yield Problem(row=label, field="speed_kmh", found=twice)

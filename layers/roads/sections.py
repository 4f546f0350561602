"""What a standard asks of cross-sections along the road: lean, width, sight."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

from geo.alignment.values import Limits
from geo.alignment.works.sight import Sight, least_crest
from geo.alignment.works.superelevation import Superelevation, least_radius
from geo.alignment.works.widening import Widening
from layers.roads.standard import Standard

TESTED = (
    *("side_friction", "crown", "no_superelevation_m", "lane_m", "min_runoff_m", "width_m"),
    *("widened_below_m", "stopping_sight_m", "eye_m", "object_m", "path_from_edge_m"),
)
"""Figures that the checker asks for by the names that a standard gives them."""


@dataclass(frozen=True)
class Across:
    """How a road leans, widens and is seen along.

    Parameters
    ----------
    lean, wide, sight
        For the designer.
    limits
        The same for the checker, by its names.
    """

    lean: Superelevation
    wide: Widening
    sight: Sight
    limits: Mapping[str, Any]


def across(standard: Standard, *, freezes: bool = False) -> Across:
    """Give what a standard asks of cross-sections along the road.

    Parameters
    ----------
    standard
        The standard.
    freezes
        Whether roads freeze over, so that they may lean less.

    Examples
    --------
    >>> from datetime import date
    >>> from layers.roads.standard import standard
    >>> asked = across(standard(date(2025, 1, 1), speed_kmh=60), freezes=True)
    >>> asked.lean.max_rate, asked.lean.lane_m, asked.wide.rows[0], asked.sight.stopping_m
    (0.06, 3.5, (200, 0.6), 75)
    """
    most = standard["max_superelevation_freezing" if freezes else "max_superelevation"]
    lean = Superelevation(
        speed_kmh=standard.speed_kmh,
        friction=standard["side_friction"],
        max_rate=most,
        crown=standard["crown"],
        free_radius_m=standard["no_superelevation_m"],
        runoff_m=standard["min_runoff_m"],
        lane_m=standard["lane_m"],
    )
    sight = Sight(
        stopping_m=standard["stopping_sight_m"],
        eye_m=standard["eye_m"],
        object_m=standard["object_m"],
        from_edge_m=standard["path_from_edge_m"],
        lane_m=standard["lane_m"],
    )
    limits = {
        **{name: standard[name] for name in TESTED},
        "speed_kmh": standard.speed_kmh,
        "max_superelevation": most,
        "widenings": standard.widenings,
    }
    wide = Widening(standard["widened_below_m"], standard.widenings)
    return Across(lean, wide, sight, MappingProxyType(limits))


def designed_by(limits: Limits, asked: Across) -> Limits:
    """Tighten limits so that their shortest spirals turn every curve, and crests can be seen over.

    The standard's least radius asks for a rate that its least spiral does not bring about, and its
    least crest is rounded: over 1,400 m an eye sees 74.7 m.

    Examples
    --------
    50 m of spiral turn two lanes of 3.5 m to 5.71 %, enough from a radius of 137 m on.

    >>> from datetime import date
    >>> from layers.roads.standard import standard
    >>> road = standard(date(2025, 1, 1), speed_kmh=60)
    >>> tight = designed_by(Limits(**road.limits), across(road))
    >>> round(tight.min_radius_m, 1), round(tight.min_vertical_radius_m)
    (136.8, 1411)
    """
    return replace(
        limits,
        min_radius_m=max(limits.min_radius_m, least_radius(asked.lean, limits.min_spiral_m)),
        min_vertical_radius_m=max(limits.min_vertical_radius_m, least_crest(asked.sight)),
    )

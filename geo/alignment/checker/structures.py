"""Cuts, fills, bridges and tunnels of a centreline."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from geo.alignment.checker.stations import (
    BRIDGE,
    EARTH,
    HEIGHT,
    LENGTH,
    TUNNEL,
    Codes,
    Floats,
    Limits,
    Row,
    Rule,
    runs,
    worst,
)


class _Kind(NamedTuple):
    """A kind of structure: its side of the ground, its rules, the limit of its length."""

    code: int
    side: int  # 1 above, −1 below
    length: Rule
    place: Rule
    longest: str


KINDS = (
    _Kind(BRIDGE, 1, "bridge_length", "bridge_place", "max_bridge_m"),
    _Kind(TUNNEL, -1, "tunnel_length", "tunnel_place", "max_tunnel_m"),
)


def heights(s: Floats, above: Floats, structure: Codes, limits: Limits) -> list[Row]:
    """Cut and fill where earth begins, goes on or ends."""
    earth = structure == EARTH
    on_earth = np.append(earth, False) | np.append(False, earth)
    deepest, highest = limits.get("max_cut_m", np.inf), limits.get("max_fill_m", np.inf)
    return [
        *worst(s, -above, on_earth & (-above > deepest + HEIGHT), "cut", deepest),
        *worst(s, above, on_earth & (above > highest + HEIGHT), "fill", highest),
    ]


def structures(s: Floats, above: Floats, structure: Codes, limits: Limits) -> list[Row]:
    """Lengths of bridges and tunnels; a bridge rises above the ground, a tunnel goes below it."""
    unknown = ~np.isin(structure, (EARTH, BRIDGE, TUNNEL))
    rows = worst(s[:-1], structure.astype(float), unknown, "structure_code", TUNNEL)
    shortest = limits.get("min_structure_m", 0.0)
    for kind in KINDS:
        longest = limits.get(kind.longest, np.inf)
        for first, last in runs(structure == kind.code):
            begin, length = float(s[first]), float(s[last + 1] - s[first])
            for allowed, bad in ((longest, length > longest), (shortest, length < shortest)):
                if bad and abs(length - allowed) > LENGTH:
                    rows.append((begin, kind.length, length, allowed))
            if (clear := float((kind.side * above[first : last + 2]).max())) < 0:
                rows.append((begin, kind.place, clear, 0.0))
    return rows

"""Whether zones can be avoided: as a road that was designed proves it, and as others read it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

import pandas as pd

from geo.words import Text, headed
from layers.zones import ZONES
from scenarios.result import Category, Column, Result, Table

State = Literal["unmapped", "clear", "within", "avoided", "unavoidable", "undesigned", "unproven"]
STATES: Mapping[State, Text] = MappingProxyType(
    {
        "unmapped": Text("没有该分区的图层", "the zone is not mapped"),
        "clear": Text("最省路线本不占用", "the cheapest road takes none of it"),
        "within": Text(
            "确实难以避让：须到达的地点在区内或紧邻其边界",
            "unavoidable: a place to be reached lies in it or at its edge",
        ),
        "avoided": Text("可避让，已避让", "avoidable, avoided"),
        "unavoidable": Text("确实难以避让：已搜索全部路线", "unavoidable: all roads were searched"),
        "undesigned": Text(
            "搜索到可避让的走廊，设计未达到", "a way round was searched, not designed"
        ),
        "unproven": Text("未能证明：搜索量过大", "not proven: the search is too large"),
    }
)
"""What may be found of zones that are to be avoided."""
PROVEN: Mapping[State, bool | None] = MappingProxyType(
    {
        "unmapped": None,
        "clear": False,
        "within": True,
        "avoided": False,
        "unavoidable": True,
        "undesigned": None,
        "unproven": None,
    }
)
"""Whether it proves that they cannot be avoided; None is not known."""
TABLE, WAN = "avoidance", 1e4


@dataclass(frozen=True)
class Avoidance:
    """What a run found of zones that are to be avoided.

    Parameters
    ----------
    zones
        All of them together.
    state
        What was found.
    percent
        Going round is to be borne up to so much on top.
    through_yuan, around_yuan
        Bills of the roads across and around; NaN where there is none.
    """

    zones: tuple[str, ...]
    state: State
    percent: float
    through_yuan: float = math.nan
    around_yuan: float = math.nan


def table(found: Avoidance) -> Table:
    """Give it as a table, a row each zone.

    >>> one = Avoidance(("park_general",), "unavoidable", 20.0, 3e8, 4e8)
    >>> read(Result(tables=(table(one),))) == one
    True
    """
    frame = pd.DataFrame(
        {
            "zone": list(found.zones),
            "state": str(found.state),
            "bearable_percent": found.percent,
            "through_wan": found.through_yuan / WAN,
            "around_wan": found.around_yuan / WAN,
        }
    )
    columns = (
        Column("zone", Text("分区", "Zone"), categories=_titles(found.zones)),
        Column(
            "state",
            Text("能否避让", "Can it be avoided?"),
            categories=tuple(Category(code, headed(words)) for code, words in STATES.items()),
        ),
        Column("bearable_percent", Text("可承受增幅", "To be borne"), "%", 0),
        Column("through_wan", Text("穿越造价", "Cost across"), "万元", 1),
        Column("around_wan", Text("绕行造价", "Cost around"), "万元", 1),
    )
    return Table(TABLE, Text("分区能否避让", "Can zones be avoided?"), frame, columns)


def _titles(zones: Sequence[str]) -> tuple[Category, ...]:
    return tuple(Category(zone, headed(ZONES[zone].title)) for zone in zones)


def read(result: Result) -> Avoidance | None:
    """Give what a run found of zones that are to be avoided, or None where none were asked."""
    frames = [one.frame for one in result.tables if one.id == TABLE]
    if not frames or frames[0].empty:
        return None
    first = frames[0].iloc[0]
    return Avoidance(
        tuple(frames[0]["zone"]),
        first["state"],
        float(first["bearable_percent"]),
        float(first["through_wan"]) * WAN,
        float(first["around_wan"]) * WAN,
    )

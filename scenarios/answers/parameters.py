"""Parameters that several questions share, each declared once."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from pydantic import Field

from geo.words import Text
from scenarios.contract import PLANNER, param

NearBest = Annotated[int, Field(ge=0, le=5)]
NearPercent = Annotated[float, Field(ge=0.1, le=20)]


def county_seat() -> Any:
    """Declare which township's seat is the county's: a text."""
    return param(
        "",
        zh="县城所在乡镇代码（seats 未注明 role 时）",
        en="township code of the county seat, where seats give no role",
        unit="",
        source=PLANNER,
    )


def lake() -> Any:
    """Declare which surface of a lake is water: the id of one, a text."""
    return param(
        "",
        zh="水面编号（空为最低水面）",
        en="id of the lake surface (none: the lowest)",
        unit="",
        source=PLANNER,
    )


def near_best() -> Any:
    """Declare how many plans are wanted beside the best: a `NearBest`."""
    return param(
        0,
        zh="另求与最优相近而差别最大的方案数（0 为不求）",
        en="further plans near the best that differ most, 0: none",
        unit="count",
        source=PLANNER,
    )


def near_percent() -> Any:
    """Declare how far from the best they may be: a `NearPercent`."""
    return param(
        5,
        zh="相近方案与最优至多相差（含）",
        en="plans near the best are within, closed",
        unit="%",
        source=PLANNER,
    )


def rule_date(default: date, *, source: Text | str = PLANNER) -> Any:
    """Declare the day under whose rules something is judged."""
    return param(default, zh="评判日期", en="day of the rules", unit="", source=source)

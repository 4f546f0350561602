"""Parameters that several questions share, each declared once."""

from __future__ import annotations

from datetime import date
from typing import Any

from geo.words import Text
from scenarios.contract import PLANNER, param


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


def rule_date(default: date, *, source: Text | str = PLANNER) -> Any:
    """Declare the day under whose rules something is judged."""
    return param(default, zh="评判日期", en="day of the rules", unit="", source=source)

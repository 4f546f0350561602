"""Where the earth of a corridor's roads goes: mass diagram and plan of hauling, as tables."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from geo.alignment.works.haultable import loops
from geo.alignment.works.tabulation import station
from geo.words import Text
from scenarios.corridor.codes import ALTERNATIVE
from scenarios.corridor.road import Case
from scenarios.result import Category, Column, Table

SMALLEST_M3 = 0.5  # less is written as none
MASS = Column("mass_m3", Text("土方累积", "Mass"), "m³", 0)
BALANCE = Column("balance_m3", Text("平衡线", "Line of balance"), "m³", 0)
SOURCE = Column(
    "source",
    Text("土源", "From"),
    categories=(
        Category("cut", Text("挖方", "Cut")),
        Category("spoil", Text("隧道弃渣", "Spoil of a tunnel")),
        Category("borrow", Text("借方", "Borrow")),
    ),
)
SINK = Column(
    "sink",
    Text("去向", "To"),
    categories=(
        Category("fill", Text("填方", "Fill")),
        Category("waste", Text("弃方", "Waste")),
    ),
)


def diagram(cases: Sequence[Case], title: Text) -> Table:
    """Give the mass diagrams with their lines of balance, at the ends of stretches of 20 m."""
    parts = [
        pd.DataFrame(
            {
                "alternative": case.label,
                "chainage_m": case.haul.s,
                "mass_m3": case.haul.mass_m3,
                "balance_m3": case.haul.balance_m3,
            }
        )
        for case in cases
    ]
    columns = (
        ALTERNATIVE,
        Column("chainage_m", Text("里程", "Chainage"), "m", 2),
        MASS,
        BALANCE,
    )
    return Table("mass", title, pd.concat(parts, ignore_index=True), columns, "mass")


def hauls(cases: Sequence[Case], title: Text) -> Table:
    """Give the plan of hauling: which stretch fills which, over what distance."""
    parts = [loops(case.haul).assign(alternative=case.label) for case in cases]
    frame = pd.concat(parts, ignore_index=True)
    frame = frame[frame["volume_m3"] >= SMALLEST_M3].reset_index(drop=True)
    for name in ("from_start", "from_end", "to_start", "to_end"):
        frame[name] = [station(value) for value in frame[f"{name}_m"]]
    frame["distance_m"] = frame["distance_m"].where(frame["distance_m"] > 0, np.nan)
    columns = (
        ALTERNATIVE,
        SOURCE,
        SINK,
        Column("from_start", Text("取土起点", "Cut from")),
        Column("from_end", Text("取土终点", "Cut to")),
        Column("to_start", Text("填筑起点", "Fill from")),
        Column("to_end", Text("填筑终点", "Fill to")),
        Column("volume_m3", Text("方量（天然方）", "Volume in the cut"), "m³", 0),
        Column("distance_m", Text("平均运距", "Mean haul"), "m", 0),
    )
    return Table("hauls", title, frame, columns)

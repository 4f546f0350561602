"""A road as plan-and-profile sheets need it, read from a run's layers and tables.

The profile gives its stations. The tables `elements`, `slopes`, `structures` and `crossings`, where
the run has them, give curves, grades, bridges, tunnels and what is crossed; without them grades and
structures are those of the stations.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from geo.words import Text
from maps import profile, style
from maps.crosssections import POST
from maps.stretches import STRUCTURES, Floats, grades, runs
from maps.wording import UI, told
from scenarios.result import Column, Run, Table

STRAIGHT = "tangent"


@dataclass(frozen=True)
class Grade:
    """A grade between two points where grades meet, and the vertical curve at its beginning."""

    start: float
    end: float
    grade: float
    height: float
    curve: float
    radius: float


@dataclass(frozen=True)
class Element:
    """A straight, spiral or arc of the plan; `side` is 1 to the left, −1 to the right, else 0."""

    kind: str
    start: float
    end: float
    radius: float
    side: int


@dataclass(frozen=True)
class Mark:
    """Something that stands at a station or along a stretch, in words."""

    kind: str
    start: float
    end: float
    words: Text


@dataclass(frozen=True)
class Road:
    """One alternative: stations in driving order, metres, and what lies along it."""

    code: str
    title: Text
    colour: str
    chainage: Floats
    x: Floats
    y: Floats
    ground: Floats
    design: Floats
    structure: tuple[str, ...]
    grades: tuple[Grade, ...]
    elements: tuple[Element, ...]
    marks: tuple[Mark, ...]

    def at(self, chainage: float) -> tuple[float, float]:
        """Give the place at a chainage."""
        return (
            float(np.interp(chainage, self.chainage, self.x)),
            float(np.interp(chainage, self.chainage, self.y)),
        )

    def within(self, start: float, end: float) -> Floats:
        """Give the chainages of a stretch: its ends and the stations between them."""
        inner = self.chainage[(self.chainage > start) & (self.chainage < end)]
        return np.concatenate([[start], inner, [end]])


def post(metres: float) -> str:
    """Name a chainage.

    >>> post(3200.4), post(999.7)
    ('K3+200', 'K1+000')
    """
    whole = round(metres)
    return f"K{whole // 1000}+{whole % 1000:03d}"


def metres(name: object) -> float:
    """Read a chainage; NaN where it is none.

    >>> metres("K1+312.310"), metres("at home")
    (1312.31, nan)
    """
    match = POST.fullmatch(str(name))
    return 1000 * int(match[1]) + float(match[2]) if match else float("nan")


def roads(run: Run) -> list[Road]:
    """Give the alternatives of every profile of a run that have two stations or more."""
    return [
        road
        for table in run.result.tables
        if table.chart == "profile"
        for road in _alternatives(run, table)
    ]


def _alternatives(run: Run, table: Table) -> Iterator[Road]:
    known = profile.alternatives(run)
    where = table.frame[["chainage_m", "x", "y"]].to_numpy(dtype=float)
    rows = table.frame[np.isfinite(where).all(axis=1)]
    for place, (name, part) in enumerate(rows.groupby("alternative", sort=False)):
        if len(part) < 2:
            continue
        code = str(name)
        own = str(part["alternative_en"].iloc[0]) if "alternative_en" in part else code
        title, colour = known.get(code, ((code, own), style.alternative(place)))
        chainage, design = (part[key].to_numpy(dtype=float) for key in ("chainage_m", "design_m"))
        structure = tuple(str(value) for value in part["structure"])
        yield Road(
            code=code,
            title=Text(*title),
            colour=colour,
            chainage=chainage,
            x=part["x"].to_numpy(dtype=float),
            y=part["y"].to_numpy(dtype=float),
            ground=part["ground_m"].to_numpy(dtype=float),
            design=design,
            structure=structure,
            grades=tuple(_slopes(run, code)) or tuple(_stationed(chainage, design)),
            elements=tuple(_elements(run, code)),
            marks=(*(_built(run, code) or _runs(structure, chainage)), *_crossed(run, code)),
        )


def _rows(run: Run, name: str, code: str, needed: set[str]) -> pd.DataFrame:
    """Give an alternative's rows of a table; none when the run has no such table."""
    for table in run.result.tables:
        if table.id == name and needed | {"alternative"} <= set(table.frame.columns):
            return table.frame[table.frame["alternative"].astype(str) == code]
    return pd.DataFrame()


def _column(run: Run, table: str, name: str) -> Column:
    """Give a column of a table, for the titles of its codes."""
    columns = [c for one in run.result.tables if one.id == table for c in one.columns]
    return next((c for c in columns if c.name == name), Column(name, Text("", "")))


def _slopes(run: Run, code: str) -> Iterator[Grade]:
    """Give grades from the table of points where they meet."""
    rows = _rows(run, "slopes", code, {"station", "height_m", "grade_percent", "curve_m"})
    if rows.empty:
        return
    at = [metres(name) for name in rows["station"]]
    height, percent, curve = (
        rows[name].to_numpy(dtype=float) for name in ("height_m", "grade_percent", "curve_m")
    )
    for k in range(len(at) - 1):
        change = 0.0 if k == 0 else abs(percent[k] - percent[k - 1]) / 100
        radius = curve[k] / change if change > 0 and curve[k] > 0 else float("nan")
        yield Grade(at[k], at[k + 1], percent[k] / 100, float(height[k]), float(curve[k]), radius)


def _stationed(chainage: Floats, design: Floats) -> Iterator[Grade]:
    """Give grades from the stations, without vertical curves."""
    for start, end, grade in grades(chainage, design):
        height = float(np.interp(start, chainage, design))
        yield Grade(start, end, grade, height, 0.0, float("nan"))


def _elements(run: Run, code: str) -> Iterator[Element]:
    rows = _rows(run, "elements", code, {"kind", "from", "length_m", "radius_m", "turn"})
    for row in rows.to_dict("records"):
        start = metres(row["from"])
        side = {"left": 1, "right": -1}.get(str(row["turn"]), 0)
        end = start + float(row["length_m"])
        yield Element(str(row["kind"]), start, end, float(row["radius_m"]), side)


def _built(run: Run, code: str) -> list[Mark]:
    """Give bridges and tunnels from their table."""
    rows = _rows(run, "structures", code, {"structure", "start", "end", "length_m"})
    return [
        _structure(str(row["structure"]), metres(row["start"]), metres(row["end"]))
        for row in rows.to_dict("records")
    ]


def _runs(structure: tuple[str, ...], chainage: Floats) -> list[Mark]:
    """Give bridges and tunnels from the stations."""
    return [
        _structure(kind, start, end)
        for kind, start, end in runs(structure, chainage)
        if kind in STRUCTURES[1:] and end > start
    ]


def _structure(kind: str, start: float, end: float) -> Mark:
    name = UI.get(kind, Text(kind, kind))
    length = f"{end - start:.0f} m"
    return Mark(kind, start, end, Text(f"{name.zh} {length}", f"{name.en} {length}"))


def _crossed(run: Run, code: str) -> list[Mark]:
    """Give what is crossed, but for bridges and tunnels, which stand for themselves."""
    rows = _rows(run, "crossings", code, {"station", "crossing"})
    kind, grade = (_column(run, "crossings", name) for name in ("crossing", "class"))
    found = []
    for row in rows.to_dict("records"):
        words, road = told(row, kind), told(row, grade)
        if words is None:
            continue
        at = metres(row["station"])
        zh, en = words if road is None else (f"{words[0]}（{road[0]}）", f"{words[1]}, {road[1]}")
        found.append(Mark("crossing", at, at, Text(zh, en)))
    return found

"""Elevation profiles of a run's alternatives, for the drawer below the map.

Each alternative is drawn once, as SVG in metres that stretches to the drawer's width: ground,
design line, cut and fill, bridges, tunnels, the chainage and the grades. As in charts, words are
places. The stations come along as numbers, so that the cursor of the profile and the mark on the
map move together.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from geo.crs import transformer
from geo.words import Text
from maps import charts, masses, style
from maps.draw import DECIMALS
from maps.stretches import STRUCTURES, Floats, below, between, grades, inclines, reached, runs
from maps.wording import UI, PageError, pair, plain, unit_words
from scenarios.result import Column, Layer, Run, Table

NEEDED = ("alternative", "chainage_m", "x", "y", "ground_m", "design_m", "structure")
LEAST_SHARE = 0.012


@dataclass(frozen=True)
class Stations:
    """One alternative: its stations as arrays, metres."""

    code: str
    name: tuple[str, str]
    colour: str
    chainage: Floats
    ground: Floats
    design: Floats
    structure: tuple[str, ...]
    rows: pd.DataFrame
    extra: tuple[Column, ...]
    mass: pd.DataFrame | None = None

    @property
    def length(self) -> float:
        """Length from the first station to the last."""
        return float(self.chainage[-1] - self.chainage[0]) or 1.0

    def along(self, chainage: float) -> float:
        """Give the share of the way at a chainage."""
        return (chainage - float(self.chainage[0])) / self.length


def profiles(run: Run) -> tuple[list[dict[str, Any]], str]:
    """Draw every alternative of every table that is a profile.

    Returns
    -------
    entries, figures
        Words, stations and colour of each alternative; their markup without a word.

    Raises
    ------
    ValueError
        If a profile lacks one of its columns.
    """
    found = [
        one for table in run.result.tables if table.chart == "profile" for one in _read(table, run)
    ]
    drawn = [_drawn(one, run.crs) for one in found]
    figures = [
        f'<div class="way" data-way="{k}" hidden>{svg}</div>' for k, (_, svg) in enumerate(drawn)
    ]
    return [entry for entry, _ in drawn], "\n".join(figures)


def _read(table: Table, run: Run) -> Iterator[Stations]:
    """Give the alternatives of a profile in their order.

    Stations without a chainage or a place are left out.
    """
    lacking = [name for name in NEEDED if name not in table.frame.columns]
    if lacking:
        zh, en = "、".join(lacking), ", ".join(lacking)
        raise PageError(
            Text(f"{table.id}：纵断面缺少字段：{zh}", f"{table.id}: a profile lacks columns: {en}")
        )
    extra = tuple(c for c in table.columns if c.name not in {*NEEDED, "alternative_en"})
    where = table.frame[["chainage_m", "x", "y"]].to_numpy(dtype=float)
    rows = table.frame[np.isfinite(where).all(axis=1)]
    known, diagrams = alternatives(run), masses.masses(run)
    for place, (name, part) in enumerate(rows.groupby("alternative", sort=False)):
        own = str(part["alternative_en"].iloc[0]) if "alternative_en" in part else str(name)
        title, colour = known.get(str(name), ((str(name), own), style.alternative(place)))
        yield Stations(
            code=str(name),
            name=title,
            colour=colour,
            chainage=part["chainage_m"].to_numpy(dtype=float),
            ground=part["ground_m"].to_numpy(dtype=float),
            design=part["design_m"].to_numpy(dtype=float),
            structure=tuple(str(v) for v in part["structure"]),
            rows=part,
            extra=extra,
            mass=diagrams.get(str(name)),
        )


def alternatives(run: Run) -> dict[str, tuple[tuple[str, str], str]]:
    """Give title and colour of each alternative as the map has them, by code and by title."""
    found: dict[str, tuple[tuple[str, str], str]] = {}
    for layer in run.result.layers:
        if is_alternatives(layer):
            for place, one in enumerate(layer.categories):
                said = ((one.title.zh, one.title.en), style.alternative(place))
                for name in (one.code, one.title.zh):
                    found.setdefault(name, said)
    return found


def is_alternatives(layer: Layer) -> bool:
    """Say whether a layer holds the alternatives of a road."""
    return (
        layer.meaning == "path"
        and layer.value == "alternative"
        and isinstance(layer.data, gpd.GeoDataFrame)
    )


def bounds(run: Run) -> tuple[float, float, float, float] | None:
    """Give west, south, east, north in degrees of all stations, or nothing without any."""
    tables = [one for one in run.result.tables if one.chart == "profile" and len(one.frame)]
    if not tables:
        return None
    rows = pd.concat([table.frame[["x", "y"]] for table in tables]).dropna()
    lon, lat = transformer(run.crs, "EPSG:4326").transform(
        rows["x"].to_numpy(), rows["y"].to_numpy()
    )
    return float(min(lon)), float(min(lat)), float(max(lon)), float(max(lat))


def _drawn(way: Stations, crs: str) -> tuple[dict[str, Any], str]:
    words: charts.Words = []
    low, high, ticks = _heights(way)
    parts = [
        f'<svg class="heights">{_height_axis(ticks, low, high, words)}</svg>',
        '<svg class="cross" tabindex="0" role="slider" aria-valuemin="0">',
        _grid(ticks, low, high) + _shapes(way, low, high) + _structure_names(way, words),
        _marks(way, low, high),
        "</svg>",
        f'<svg class="along">{_chainage_axis(way, words)}</svg>',
        f'<svg class="steepness">{_grade_axis(way, words)}</svg>',
        f'<svg class="grades">{_grade_strip(way, words)}</svg>',
    ]
    if way.mass is not None:
        ends = (float(way.chainage[0]), float(way.chainage[0]) + way.length)
        parts.append(masses.strip(way.mass, ends, words))
    rows = way.rows
    lon, lat = transformer(crs, "EPSG:4326").transform(
        rows["x"].to_numpy(dtype=float), rows["y"].to_numpy(dtype=float)
    )
    entry = {
        "code": way.code,
        "title": list(way.name),
        "colour": way.colour,
        "words": words,
        "graded": any(column.name.startswith("grade") for column in way.extra),
        "low": low,
        "high": high,
        "chainage": [round(float(v), 2) for v in way.chainage],
        "ground": [plain(round(float(v), 2)) for v in way.ground],
        "design": [plain(round(float(v), 2)) for v in way.design],
        "structure": [STRUCTURES.index(s) if s in STRUCTURES else 0 for s in way.structure],
        "spots": np.round(np.column_stack([lat, lon]), DECIMALS).tolist(),
        "extra": [
            {
                "title": pair(column.title),
                "unit": unit_words(column.unit),
                "decimals": column.decimals,
                "values": _values(rows[column.name], column),
            }
            for column in way.extra
        ]
        + ([] if way.mass is None else masses.facts(way.mass, way.chainage)),
    }
    return entry, "".join(parts)


def _values(cells: pd.Series, column: Column) -> list[Any]:
    """Give the cells of a column, codes by their titles in both languages."""
    titles = {one.code: pair(one.title) for one in column.categories}
    return [titles.get(str(value), value) for value in map(plain, cells)]


def _heights(way: Stations) -> tuple[float, float, list[float]]:
    """Give the lowest and highest height drawn, on round figures, and the ticks between."""
    known = np.concatenate([way.ground, way.design])
    known = known[np.isfinite(known)]
    low, high = (float(known.min()), float(known.max())) if known.size else (0.0, 1.0)
    margin = max(0.06 * (high - low), 2.0)
    low, high = low - margin, high + 1.6 * margin
    return low, high, charts.nice(low, high, 5)


def _share(value: float) -> str:
    return f"{100 * value:.2f}%"


def _height_axis(ticks: Sequence[float], low: float, high: float, words: charts.Words) -> str:
    extra = 'dx="-6" dy="4" class="e"'
    marks = ((f"{tick:g}", _share((high - tick) / (high - low))) for tick in ticks)
    return "".join(_label(words, "100%", y, (height, height), extra) for height, y in marks)


def _label(words: charts.Words, x: str, y: str, text: Sequence[str], extra: str) -> str:
    words.append(list(text))
    return f'<text x="{x}" y="{y}" data-words="{len(words) - 1}" {extra}></text>'


def _grid(ticks: Sequence[float], low: float, high: float) -> str:
    lines = (_share((high - tick) / (high - low)) for tick in ticks)
    return "".join(f'<line x2="100%" y1="{y}" y2="{y}" stroke="{charts.GRID}"/>' for y in lines)


def _shapes(way: Stations, low: float, high: float) -> str:
    """Draw the profile in metres; the frame around it stretches."""
    x = way.chainage - way.chainage[0]
    ground, design = high - way.ground, high - way.design
    parts = [f'<path class="soil" d="{below(x, ground, high - low)}"/>']
    for name, path in between(x, ground, design, way.structure).items():
        parts.append(f'<path class="{name}" d="{path}"/>')
    parts.append(f'<path class="ground" d="{charts.track(x, ground)}"/>')
    parts.append(f'<path class="design" d="{charts.track(x, design)}"/>')
    for kind in STRUCTURES[1:]:
        on = np.array([s == kind for s in way.structure])
        line = charts.track(x, np.where(reached(on), design, np.nan))
        if line:
            parts.append(f'<path class="{kind}-line" d="{line}"/>')
    return (
        f'<svg viewBox="0 0 {way.length:.1f} {high - low:.1f}" preserveAspectRatio="none" '
        f'width="100%" height="100%" class="metres">{"".join(parts)}</svg>'
    )


def _marks(way: Stations, low: float, high: float) -> str:
    """Mark the stations at which something is crossed (column `crossing`) on the design line."""
    if "crossing" not in way.rows:
        return ""
    spots = zip(way.rows["crossing"].notna(), way.chainage, way.design, strict=True)
    return "".join(
        f'<circle cx="{_share(way.along(s))}" cy="{_share((high - z) / (high - low))}" r="3.5" '
        f'fill="#FFFFFF" stroke="{charts.GREY}"/>'
        for there, s, z in spots
        if there
    )


def _structure_names(way: Stations, words: charts.Words) -> str:
    """Name bridges and tunnels above them, with their lengths, where there is room."""
    parts = []
    for kind, start, end in runs(way.structure, way.chainage):
        if kind not in STRUCTURES[1:]:
            continue
        share = (end - start) / way.length
        said = [f"{word} {end - start:.0f} m" for word in pair(UI[kind])]
        middle = _share(way.along((start + end) / 2))
        parts.append(
            _label(words, middle, "12", said, f'class="m {kind}" data-share="{share:.4f}"')
        )
    return "".join(parts)


def _chainage_axis(way: Stations, words: charts.Words) -> str:
    """Name round chainages as roads do: K3+200."""
    first, last = float(way.chainage[0]), float(way.chainage[-1])
    parts = []
    for tick in charts.nice(first, last, 8):
        at = _share(way.along(tick))
        parts.append(f'<line x1="{at}" x2="{at}" y2="4" stroke="{charts.GREY}"/>')
        said = f"K{int(tick // 1000)}+{tick % 1000:03.0f}"
        edge = "" if way.along(tick) < 0.04 else "e" if way.along(tick) > 0.96 else "m"
        parts.append(_label(words, at, "15", (said, said), f'class="{edge}"'))
    return f'<line x2="100%" stroke="{charts.GREY}"/>{"".join(parts)}'


def _steepest(way: Stations) -> float:
    """Give the per cent at the top of the strip of grades: the steepest grade, rounded up."""
    steps = np.diff(way.design) / np.maximum(np.diff(way.chainage), 1e-9)
    known = np.abs(steps[np.isfinite(steps)])
    return float(max(np.ceil(round(100 * known.max(), 1)), 1.0)) if known.size else 1.0


def _grade_axis(way: Stations, words: charts.Words) -> str:
    """Name the steepest grade up and down, and level."""
    top = _steepest(way)
    said = ((f"+{top:g}%", "5", "4"), ("0", "50%", "4"), (f"−{top:g}%", "100%", "-1"))
    return "".join(
        _label(words, "100%", y, (grade, grade), f'dx="-6" dy="{dy}" class="e"')
        for grade, y, dy in said
    )


def _grade_strip(way: Stations, words: charts.Words) -> str:
    """Draw grades as areas above and below level; each stretch with its figure opposite."""
    top = _steepest(way)
    path = inclines(way.chainage - way.chainage[0], way.design, top)
    frame = f'viewBox="0 0 {way.length:.1f} {2 * top:g}" preserveAspectRatio="none"'
    parts = [
        f'<svg {frame} class="metres"><path class="incline" d="{path}"/></svg>',
        '<line class="level" x2="100%" y1="50%" y2="50%"/>',
    ]
    for start, end, grade in grades(way.chainage, way.design):
        share = (end - start) / way.length
        if share < LEAST_SHARE:
            continue
        said = f"{100 * grade:+.1f}".replace("-", "−").replace("+0.0", "0.0").replace("−0.0", "0.0")
        middle = _share(way.along((start + end) / 2))
        low = "25%" if grade < 0 else "75%"
        extra = f'dy="4" class="m" data-share="{share:.4f}"'
        parts.append(_label(words, middle, low, (f"{said}%",) * 2, extra))
    return "".join(parts)

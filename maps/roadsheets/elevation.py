"""The lower half of a sheet: the profile over its table of stations, grades and curves."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from geo.words import Text
from maps import charts
from maps.roadsheets.road import STRAIGHT, Element, Grade, post
from maps.roadsheets.sheet import GRAPH_LOW, GRAPH_TOP, LEFT, RIGHT, SCALE, Piece, Sheet
from maps.stretches import STRUCTURES, between, reached
from maps.wording import pair

LEAST_APART = 6.0  # millimetres between two stations whose figures are written
RULER = 2.0
ROWS = (
    ("grades", 10.0, Text("坡度 % / 坡长 m", "Grade % / length m")),
    ("design", 12.0, Text("设计高程 m", "Design m")),
    ("ground", 12.0, Text("地面高程 m", "Ground m")),
    ("height", 11.0, Text("填（+）挖（−）m", "Fill + cut − m")),
    ("station", 12.0, Text("里程桩号", "Chainage")),
    ("curves", 9.0, Text("直线及平曲线", "Plan")),
)
TOPS = {
    name: GRAPH_LOW + sum(high for _, high, _ in ROWS[:k]) for k, (name, _, _) in enumerate(ROWS)
}
HIGHS = {name: high for name, high, _ in ROWS}
FOOT = GRAPH_LOW + sum(high for _, high, _ in ROWS)
CURVE_WORDS = 18.0  # millimetres that radius and length of a curve need
LEAST_WORDS = 9.0  # millimetres that a grade's figure needs


def elevation(sheet: Sheet, words: charts.Words) -> str:
    """Draw profile and table of a sheet."""
    parts: list[str] = []
    for number, piece in enumerate(sheet.pieces):
        parts += _heights(sheet, piece, words)
        parts += _lines(sheet, piece)
        if number:
            x = sheet.across(piece.start)
            parts.append(f'<path class="break" d="M{x:.2f} {GRAPH_TOP - 12:.2f}V{GRAPH_LOW}"/>')
    parts += [*_vertical_curves(sheet, words), *_marks(sheet, words), *_figures(sheet, words)]
    parts += [*_grades(sheet, words), *_curves(sheet, words), *_frame(words)]
    return "".join(parts)


def _frame(words: charts.Words) -> Iterator[str]:
    """Draw the rows of the table with their heads."""
    yield f'<path class="rule" d="M0 {GRAPH_LOW}H{RIGHT}V{FOOT}M{LEFT} {GRAPH_LOW}V{FOOT}"/>'
    for name, high, title in ROWS:
        low = TOPS[name] + high
        yield f'<path class="rule" d="M0 {low:.2f}H{RIGHT}"/>'
        yield charts.text(words, (2.0, TOPS[name] + high / 2 + 0.9), pair(title), 'class="head"')


def _heights(sheet: Sheet, piece: Piece, words: charts.Words) -> Iterator[str]:
    """Draw the ruler of a datum, black and white, with its round heights."""
    x = sheet.across(piece.start)
    step = 10 * sheet.vertical / 1000
    count = int((GRAPH_LOW - GRAPH_TOP) // 10)
    right = sheet.across(piece.end)
    for k in range(count + 1):
        y = GRAPH_LOW - 10 * k
        yield f'<path class="grid" d="M{x:.2f} {y:.2f}H{right:.2f}"/>'
        if k < count:
            kind = "black" if k % 2 == 0 else "white"
            yield (
                f'<rect class="{kind}" x="{x - RULER:.2f}" y="{y - 10:.2f}" '
                f'width="{RULER}" height="10"/>'
            )
        height = f"{piece.datum + step * k:g}"
        yield charts.text(
            words, (x - RULER - 0.8, y + 0.8), (height, height), 'class="e halo figure"'
        )


def _lines(sheet: Sheet, piece: Piece) -> Iterator[str]:
    """Draw ground and design line of a piece in metres, stretched to its scales."""
    road = sheet.road
    along = road.within(piece.start, piece.end)
    ground, design = (np.interp(along, road.chainage, v) for v in (road.ground, road.design))
    place = np.clip(np.searchsorted(road.chainage, along, side="right") - 1, 0, None)
    structure = tuple(road.structure[k] for k in place)
    x, top = along - piece.start, piece.datum + (GRAPH_LOW - GRAPH_TOP) * sheet.vertical / 1000
    down, level = top - ground, top - design
    yield (
        f'<g class="metres" transform="translate({sheet.across(piece.start):.2f} {GRAPH_TOP}) '
        f'scale({1000 / SCALE:g} {1000 / sheet.vertical:g})">'
    )
    for name, path in between(x, down, level, structure).items():
        yield f'<path class="{name}" d="{path}"/>'
    yield f'<path class="ground" d="{charts.track(x, down)}"/>'
    yield f'<path class="design" d="{charts.track(x, level)}"/>'
    for kind in STRUCTURES[1:]:
        on = np.array([one == kind for one in structure])
        if line := charts.track(x, np.where(reached(on), level, np.nan)):
            yield f'<path class="{kind}-line" d="{line}"/>'
    yield "</g>"


def _design_at(sheet: Sheet, chainage: float) -> float:
    """Give where the design line stands at a chainage; the foot where that is not known."""
    height = float(np.interp(chainage, sheet.road.chainage, sheet.road.design))
    return sheet.up(sheet.piece_at(chainage), height) if math.isfinite(height) else GRAPH_LOW


def _vertical_curves(sheet: Sheet, words: charts.Words) -> Iterator[str]:
    """Name radius, tangent and external distance of each vertical curve above its middle."""
    for grade in sheet.road.grades:
        if not (sheet.start <= grade.start <= sheet.end and math.isfinite(grade.radius)):
            continue
        x, half = sheet.across(grade.start), grade.curve / 2 * 1000 / SCALE
        y = GRAPH_TOP - 5
        left, right = max(x - half, LEFT), min(x + half, RIGHT)
        yield f'<path class="thin" d="M{left:.2f} {y + 1.5}V{y}H{right:.2f}V{y + 1.5}"/>'
        yield f'<path class="lead" d="M{x:.2f} {y}V{_design_at(sheet, grade.start):.2f}"/>'
        external = grade.curve**2 / (8 * grade.radius)
        for line, said in (
            (-4.4, f"R={grade.radius:,.0f}"),
            (-1.4, f"T={grade.curve / 2:.1f} E={external:.2f}"),
        ):
            middle = min(max(x, LEFT + 10), RIGHT - 10)
            yield charts.text(words, (middle, y + line), (said, said), 'class="m small"')


def _marks(sheet: Sheet, words: charts.Words) -> Iterator[str]:
    """Name bridges, tunnels and what is crossed, upright at their stations."""
    rulers = [(sheet.across(one.start) - 11, sheet.across(one.start) + 2.5) for one in sheet.pieces]
    taken: list[tuple[float, float]] = []
    for mark in sorted(sheet.road.marks, key=lambda one: (one.start + one.end, one.kind)):
        middle = (mark.start + mark.end) / 2
        if not sheet.start <= middle <= sheet.end:
            continue
        x = sheet.across(middle)
        beside = x
        while any(west < beside < east for west, east in [*rulers, *taken]):
            beside += 0.8
        taken.append((beside - 3.2, beside + 3.2))
        base = _design_at(sheet, middle)
        low = GRAPH_LOW - 3 if base < (GRAPH_TOP + GRAPH_LOW) / 2 else base - 4
        yield f'<path class="lead" d="M{x:.2f} {base:.2f}L{beside:.2f} {low:.2f}"/>'
        said = [f"{post(middle)} {one}" for one in pair(mark.words)]
        turn = f'transform="rotate(-90 {beside + 0.8:.1f} {low:.1f})" class="halo mark {mark.kind}"'
        yield charts.text(words, (beside + 0.8, low), said, turn)


def _written(sheet: Sheet) -> list[int]:
    """Choose the stations whose figures are written: no two nearer than there is room for."""
    found: list[int] = []
    for k, chainage in enumerate(sheet.road.chainage):
        inside = sheet.start - 1e-6 <= chainage <= sheet.end + 1e-6
        last = sheet.road.chainage[found[-1]] if found else -math.inf
        if inside and (chainage - last) * 1000 / SCALE >= LEAST_APART - 1e-6:
            found.append(k)
    return found


def _figures(sheet: Sheet, words: charts.Words) -> Iterator[str]:
    """Write heights and chainages of stations upright in their rows."""
    road = sheet.road
    for k in _written(sheet):
        x, high = sheet.across(float(road.chainage[k])), road.design[k] - road.ground[k]
        yield f'<path class="tick" d="M{x:.2f} {TOPS["design"]}V{TOPS["curves"]}"/>'
        rows = {
            "design": f"{road.design[k]:.2f}",
            "ground": f"{road.ground[k]:.2f}",
            "height": f"{high:+.2f}".replace("-", "−"),
            "station": post(float(road.chainage[k])),
        }
        for name, said in rows.items():
            if "nan" in said:
                continue
            y = TOPS[name] + HIGHS[name] - 0.8
            turn = f'transform="rotate(-90 {x - 0.5:.1f} {y:.1f})" class="figure"'
            yield charts.text(words, (x - 0.5, y), (said, said), turn)


def _shown(sheet: Sheet, one: Grade | Element) -> tuple[float, float] | None:
    """Give the ends of what of a stretch lies on the sheet, millimetres."""
    start, end = max(one.start, sheet.start), min(one.end, sheet.end)
    return (sheet.across(start), sheet.across(end)) if end > start else None


def _grades(sheet: Sheet, words: charts.Words) -> Iterator[str]:
    """Draw each grade as a slanting line, its per cent above it and its length below."""
    top, high = TOPS["grades"], HIGHS["grades"]
    for grade in sheet.road.grades:
        ends = _shown(sheet, grade)
        if ends is None:
            continue
        left, right = ends
        rise = 0.0 if abs(grade.grade) < 5e-5 else math.copysign(high - 2, grade.grade)
        middle = top + high / 2
        yield (
            f'<path class="thin" d="M{left:.2f} {middle + rise / 2:.2f}'
            f'L{right:.2f} {middle - rise / 2:.2f}"/>'
            f'<path class="rule" d="M{left:.2f} {top}v{high}"/>'
        )
        if right - left < LEAST_WORDS:
            continue
        percent = f"{100 * grade.grade:+.2f}".replace("-", "−")
        length = f"{grade.end - grade.start:.1f}"
        up = rise >= 0
        for share, y, said in (
            (0.28 if up else 0.72, top + 3.3, percent),
            (0.72 if up else 0.28, top + high - 1, length),
        ):
            x = left + share * (right - left)
            yield charts.text(words, (x, y), (said, said), 'class="m halo figure"')


def _curves(sheet: Sheet, words: charts.Words) -> Iterator[str]:
    """Draw straights level, curves to the right above and to the left below, spirals between."""
    top, high = TOPS["curves"], HIGHS["curves"]
    middle = top + high / 2
    for one in sheet.road.elements:
        ends = _shown(sheet, one)
        if ends is None:
            continue
        left, right = ends
        level = middle + 2.6 * one.side
        if one.kind == STRAIGHT:
            yield f'<path class="curve" d="M{left:.2f} {middle}H{right:.2f}"/>'
        elif one.kind == "arc":
            yield f'<path class="curve" d="M{left:.2f} {middle}V{level}H{right:.2f}V{middle}"/>'
        else:
            yield _spiral(sheet, one, middle, level)
        if one.kind == "arc" and right - left >= CURVE_WORDS:
            said = f"R={one.radius:.1f} L={one.end - one.start:.1f}"
            y = middle + (2.0 if one.side > 0 else -0.6)
            yield charts.text(words, ((left + right) / 2, y), (said, said), 'class="m small"')
    if not sheet.road.elements:
        none = pair(Text("情景运行结果未列平曲线要素", "the run lists no elements of the plan"))
        yield charts.text(words, (LEFT + 3, middle + 1), none, 'class="small"')


def _spiral(sheet: Sheet, one: Element, middle: float, level: float) -> str:
    """Draw a spiral as a slanting line between the levels of its ends.

    It stands at the level of its curve where it meets an arc or a spiral to the same side.
    """
    before, after = (
        any(
            abs(getattr(other, far) - at) < 0.01
            and other.kind != STRAIGHT
            and other.side == one.side
            for other in sheet.road.elements
            if other is not one
        )
        for far, at in (("end", one.start), ("start", one.end))
    )
    ends = np.array([level if before else middle, level if after else middle])
    start, end = max(one.start, sheet.start), min(one.end, sheet.end)
    left, right = np.interp([start, end], [one.start, one.end], ends)
    return (
        f'<path class="curve" d="M{sheet.across(start):.2f} {left:.2f}'
        f'L{sheet.across(end):.2f} {right:.2f}"/>'
    )


def scale_words(sheet: Sheet) -> Text:
    """Say the scales of a sheet."""
    grouped = f"{sheet.vertical:,}".replace(",", " ")
    plan = f"{SCALE:,}".replace(",", " ")
    return Text(
        f"平面 1:{plan}；纵断面 横 1:{plan}，竖 1:{grouped}",
        f"plan 1:{plan}; profile 1:{plan} across, 1:{grouped} up",
    )

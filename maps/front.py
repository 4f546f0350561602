"""A Pareto front as inline SVG: each plan a point, the best ones joined, the chosen one marked."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from maps import charts, tips
from maps.alternatives import COLUMN
from maps.wording import UI, english, number, pair, plain, told, unit_words
from scenarios.result import Column, Table

LEFT, RIGHT, TOP, HEIGHT = 46.0, charts.WIDTH - 12.0, 22.0, 150.0
CHOSEN = "chosen"


def front(table: Table, words: charts.Words) -> str:
    """Draw a table whose first two columns are goals and whose third names each plan.

    Points without either goal are left out. The line joins the points that no other one beats in
    both goals, in the order of the first; where a goal does not say which way is better, all. Each
    point carries the number of its words: name, both goals with their units, and in one
    more line what further columns say. A point of an alternative of the run knows it by the place
    of its code.
    """
    across_by, up_by, name = table.columns[:3]
    x, y = charts.floats(table, across_by), charts.floats(table, up_by)
    known = [k for k in np.argsort(x, kind="stable") if math.isfinite(x[k]) and math.isfinite(y[k])]
    across, up, axes = _axes((across_by, up_by), (x[known], y[known]), words)
    parts = [axes]
    best = [k for k in known if not _beaten(k, known, (across_by, x), (up_by, y))]
    line = charts.track([across(x[k]) for k in best], [up(y[k]) for k in best])
    parts.append(f'<path d="{line}" fill="none" stroke="{charts.LINES[0]}" stroke-width="1.5"/>')
    said = {english(column.name, table.frame) for column in table.columns}
    further = [one for one in table.columns[3:] if one.name not in {CHOSEN, *said}]
    taken = table.frame.get(CHOSEN, pd.Series(False, table.frame.index)).eq(True).to_numpy()
    rows = table.frame.to_dict("records")
    owned = COLUMN in {column.name for column in table.columns}
    for k in known:
        at = (across(x[k]), up(y[k]))
        chosen, way = bool(taken[k]), str(rows[k][COLUMN]) if owned else ""
        said_of = _said(rows[k], (across_by, up_by, name), (x[k], y[k]), chosen=chosen and not way)
        said_of += [_further(rows[k], further)] if further else []
        whose = _whose(way, words)
        parts.append(_point(at, len(words), chosen=chosen, whose=whose))
        words += said_of
    return tips.told(TOP + HEIGHT + 38, parts, lines=4 if further else 3)


def _beaten(
    place: int, known: Sequence[int], *goals: tuple[Column, np.ndarray[Any, np.dtype[np.float64]]]
) -> bool:
    """Say whether another point is as good in all goals and better in one."""
    if not all(column.better for column, _ in goals):
        return False
    signed = [values if column.better == "lower" else -values for column, values in goals]
    gaps = [np.array([values[k] - values[place] for k in known]) for values in signed]
    return bool(((gaps[0] <= 0) & (gaps[1] <= 0) & ((gaps[0] < 0) | (gaps[1] < 0))).any())


def _whose(code: str, words: charts.Words) -> str:
    """Keep the code of the alternative a point is of among the words; give its place."""
    if not code:
        return ""
    words.append([code, code])
    return f' data-whose="{len(words) - 1}"'


def _point(at: tuple[float, float], place: int, *, chosen: bool, whose: str) -> str:
    """Draw one point; the chosen one is larger, ringed, and told in words by the page."""
    x, y = at
    mark = 'class="point chosen" r="6"' if chosen else 'class="point" r="4"'
    return f'<circle cx="{x:.1f}" cy="{y:.1f}" {mark} data-tip="{place}"{whose}/>'


def _said(
    row: dict[str, Any],
    columns: tuple[Column, Column, Column],
    values: tuple[float, float],
    *,
    chosen: bool,
) -> list[list[str]]:
    """Give the name of a plan and each of its goals in both languages."""
    own = told(row, columns[2]) or ("", "")
    marks = pair(UI["chosen"]) if chosen else ("", "")
    names = [" · ".join(filter(None, both)) for both in zip(own, marks, strict=True)]
    goals = []
    for column, value in zip(columns[:2], values, strict=True):
        figure = number(value, 1 if column.decimals is None else column.decimals)
        words = zip(pair(column.title), unit_words(column.unit), strict=True)
        goals.append([f"{title} {figure} {unit}".strip() for title, unit in words])
    return [names, *goals]


def _further(row: dict[str, Any], columns: list[Column]) -> list[str]:
    """Give what further columns say of a plan in one line, in both languages."""
    parts: list[list[str]] = []
    for column in columns:
        value = plain(row.get(column.name))
        if isinstance(value, float):
            figure = number(value, 1 if column.decimals is None else column.decimals)
            words = zip(pair(column.title), unit_words(column.unit), strict=True)
            parts.append([f"{title} {figure} {unit}".strip() for title, unit in words])
        elif (named := told(row, column)) is not None:
            parts.append(list(named))
    return [" · ".join(one[lang] for one in parts) for lang in (0, 1)]


def _axes(
    columns: tuple[Column, Column],
    values: tuple[np.ndarray[Any, np.dtype[np.float64]], ...],
    words: charts.Words,
) -> tuple[Any, Any, str]:
    """Give both scales, with a margin around the points, and the drawn axes."""
    spans = [_margin(v) for v in values]
    (x_low, x_high), (y_low, y_high) = spans

    def across(v: float) -> float:
        return LEFT + (RIGHT - LEFT) * (v - x_low) / (x_high - x_low)

    def up(v: float) -> float:
        return TOP + HEIGHT - HEIGHT * (v - y_low) / (y_high - y_low)

    bottom = TOP + HEIGHT
    parts = [charts.text(words, (4, 11), charts.titled(columns[1]), 'class="g" data-room="280"')]
    for tick in charts.nice(y_low, y_high):
        parts.append(f'<path d="M{LEFT} {up(tick):.1f}H{RIGHT}" stroke="{charts.GRID}"/>')
        said = (f"{tick:,.6g}",) * 2
        parts.append(charts.text(words, (LEFT - 5, up(tick) + 3.5), said, 'class="e"'))
    for tick in charts.nice(x_low, x_high, 4):
        said = (f"{tick:,.6g}",) * 2
        parts.append(charts.text(words, (across(tick), bottom + 13), said, 'class="m"'))
        parts.append(f'<path d="M{across(tick):.1f} {bottom:.1f}v4" stroke="{charts.GREY}"/>')
    parts.append(f'<path d="M{LEFT} {bottom:.1f}H{RIGHT}" stroke="{charts.GREY}"/>')
    middle = ((LEFT + RIGHT) / 2, bottom + 28)
    parts.append(
        charts.text(words, middle, charts.titled(columns[0]), 'class="m g" data-room="240"')
    )
    return across, up, "".join(parts)


def _margin(values: np.ndarray[Any, np.dtype[np.float64]]) -> tuple[float, float]:
    """Give the lowest and highest figure with room around them."""
    low, high = (float(values.min()), float(values.max())) if values.size else (0.0, 1.0)
    room = 0.08 * (high - low) or 0.05 * abs(high) or 0.5
    return low - room, high + room

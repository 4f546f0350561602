"""Curves as inline SVG: lines over the first column, a legend above, both axes named."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from maps import charts, tips
from maps.front import CHOSEN
from maps.wording import number, pair, plain, unit_words
from scenarios.result import Column, Table

POINTS = 12
"""A curve of no more points shows each, and tells it under the pointer or the arrow keys."""
_MIDDLE = 'class="m g" data-room="250"'


def curve(table: Table, words: charts.Words) -> str:
    """Draw lines over the first column, with a legend above and both axes named."""
    abscissa, *ordinates = table.columns
    x = charts.floats(table, abscissa)
    series = [charts.floats(table, column) for column in ordinates]
    keys = [column.name for column in ordinates]
    legend, top = _curve_legend(ordinates, words)
    left, right, height = 34.0, charts.WIDTH - 10.0, 128.0
    x_low, x_high = _span([x])
    y_low, y_high = _span(series)
    y_low = min(y_low, 0.0)
    if y_high <= 100.0 < y_high * 1.3:
        y_high = 100.0

    def across(v: float) -> float:
        return left + (right - left) * (v - x_low) / ((x_high - x_low) or 1.0)

    def up(v: float) -> float:
        return top + height - height * (v - y_low) / ((y_high - y_low) or 1.0)

    parts = [*legend]
    for tick in charts.nice(y_low, y_high):
        y = up(tick)
        parts.append(f'<path d="M{left} {y:.1f}H{right}" stroke="{charts.GRID}"/>')
        parts.append(charts.amount(words, (left - 5, y + 3.5), f"{tick:g}", 'class="e"'))
    parts += [
        charts.amount(words, (across(tick), top + height + 13), f"{tick:g}", 'class="m"')
        for tick in charts.nice(x_low, x_high, 6)
    ]
    parts.append(f'<path d="M{left} {top + height:.1f}H{right}" stroke="{charts.GREY}"/>')
    for place, values in enumerate(series):
        colour, dash = _line(place, keys)
        line = charts.track([across(v) for v in x], [up(v) for v in values])
        parts.append(
            f'<path d="{line}" fill="none" stroke="{colour}" stroke-width="2"{dash} '
            'stroke-linejoin="round"/>'
        )
    middle = ((left + right) / 2, top + height + 28)
    parts.append(charts.text(words, middle, charts.titled(abscissa), _MIDDLE))
    if len(x) > POINTS:
        return charts.framed(top + height + 34, parts)
    none = np.zeros(len(x), dtype=bool)
    taken = table.frame[CHOSEN].to_numpy(dtype=bool) if CHOSEN in table.frame else none
    for k in map(int, np.flatnonzero(np.isfinite(x))):
        heights = [up(values[k]) for values in series if math.isfinite(values[k])]
        parts += [_point(across(x[k]), y, len(words), chosen=taken[k]) for y in heights]
        words += [_told(table, column, k) for column in table.columns]
    return tips.told(top + height + 34, parts, lines=len(table.columns))


def _point(x: float, y: float, place: int, *, chosen: bool) -> str:
    mark = 'class="point chosen" r="6"' if chosen else 'class="point" r="4"'
    return f'<circle {mark} cx="{x:.1f}" cy="{y:.1f}" data-tip="{place}"/>'


def _told(table: Table, column: Column, row: int) -> list[str]:
    """Say what a column holds in a row, with its unit, in both languages."""
    value = plain(table.frame[column.name].iloc[row])
    if not isinstance(value, int | float):
        said = "—"
    elif column.decimals is None:
        said = f"{value:g}".replace("-", "−")
    else:
        said = number(value, column.decimals)
    words = zip(pair(column.title), unit_words(column.unit), strict=True)
    return [f"{title} {said} {unit}".strip() for title, unit in words]


def _line(place: int, keys: Sequence[str]) -> tuple[str, str]:
    """Give colour and dash of a line; a column *_before shares its partner's colour, dashed."""
    key = keys[place]
    stem = key.removesuffix("before").removesuffix("after")
    if stem == key:
        return charts.LINES[place % len(charts.LINES)], ""
    stems = list(dict.fromkeys(k.removesuffix("before").removesuffix("after") for k in keys))
    dash = ' stroke-dasharray="4 3"' if key.endswith("before") else ""
    return charts.LINES[stems.index(stem) % len(charts.LINES)], dash


def _curve_legend(columns: Sequence[Column], words: charts.Words) -> tuple[list[str], float]:
    """Give the legend above a curve, two entries a line, and where the plot begins.

    A unit that all lines share is said once, below the legend.
    """
    shared = columns[0].unit if len({column.unit for column in columns}) == 1 else ""
    parts: list[str] = []
    keys = [column.name for column in columns]
    half = (charts.WIDTH - 8) / min(len(columns), 2)
    for place, column in enumerate(columns):
        x, y = 4 + half * (place % 2), 10.0 + 17 * (place // 2)
        colour, dash = _line(place, keys)
        parts.append(f'<path d="M{x:.0f} {y:.0f}h18" stroke="{colour}" stroke-width="2.4"{dash}/>')
        room = f'data-room="{half - 28:.0f}"'
        said = pair(column.title) if shared else charts.titled(column)
        parts.append(charts.text(words, (x + 24, y + 4), said, room))
    top = 17.0 * math.ceil(len(columns) / 2) + 10
    if not shared:
        return parts, top
    parts.append(charts.text(words, (34, top + 2), unit_words(shared), 'class="e g"'))
    return parts, top + 12


def _span(series: Sequence[np.ndarray[Any, np.dtype[np.float64]]]) -> tuple[float, float]:
    known = np.concatenate([values[np.isfinite(values)] for values in series] or [np.zeros(1)])
    if not known.size:
        return 0.0, 1.0
    return float(known.min()), float(known.max())

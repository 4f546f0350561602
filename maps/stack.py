"""A sum and its parts by year as stacked columns, inline SVG; each year tells its parts below."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from geo.words import Text
from maps import charts, style, tips
from maps.tornado import Scale
from maps.wording import number, unit_words
from scenarios.result import Column, Table

HIGH = 120.0  # of the drawing of columns, without its words
LEFT, RIGHT, TOP = 44.0, 4.0, 22.0
WIDEST = 34.0
MOST_YEARS = 12  # whose labels have room beside each other
LINE = tips.LINE
TOTAL = Text("合计", "Total")


def stack(table: Table, words: charts.Words) -> str:
    """Draw for each row a column of parts, what comes in below the line of nought.

    The year under the pointer or the arrow keys tells its total and its parts, beside the colours
    of the parts.
    """
    label, *parts = table.columns
    rows = [_row(row, label, parts) for row in table.frame.to_dict("records")]
    ends = [0.0, *(sum(v for v in one[1] if v > 0) for one in rows)]
    low = min(0.0, *(sum(v for v in one[1] if v < 0) for one in rows))
    scale = Scale(low, max(ends) or 1.0, TOP + HIGH, TOP)
    drawn = _axis(scale, parts[0], words)
    step = (charts.WIDTH - LEFT - RIGHT) / max(len(rows), 1)
    every = math.ceil(len(rows) / MOST_YEARS)
    for place, (year, values) in enumerate(rows):
        inside = _column(values, scale, (LEFT + step * place, step))
        if place % every == 0:
            spot = (LEFT + step * (place + 0.5), TOP + HIGH + 13)
            inside.append(charts.amount(words, spot, f"{year:.0f}", 'class="m"'))
        drawn.append(_told(inside, (LEFT + step * place, step), len(words)))
        words += _tips(year, values, parts)
    drawn.append(
        f'<path d="M{LEFT} {scale.at(0):.1f}H{charts.WIDTH - RIGHT}" stroke="{charts.GREY}"/>'
    )
    return _framed(drawn, parts)


def _row(
    row: Mapping[Any, Any], label: Column, parts: Sequence[Column]
) -> tuple[float, list[float]]:
    values = [float(row[one.name]) for one in parts]
    return float(row[label.name]), [v if math.isfinite(v) else 0.0 for v in values]


def _axis(scale: Scale, part: Column, words: charts.Words) -> list[str]:
    """Draw the round figures of the axis and say its unit."""
    drawn = [charts.text(words, (LEFT - 6, 11), unit_words(part.unit), 'class="e g"')]
    for tick in charts.nice(scale.low, scale.high, 4):
        y = scale.at(tick)
        drawn.append(f'<path d="M{LEFT} {y:.1f}H{charts.WIDTH - RIGHT}" stroke="{charts.GRID}"/>')
        drawn.append(charts.amount(words, (LEFT - 6, y + 4), number(tick, 0), 'class="e g"'))
    return drawn


def _column(values: Sequence[float], scale: Scale, across: tuple[float, float]) -> list[str]:
    """Draw the parts of a year upon each other: what is spent upwards, what comes in downwards."""
    left, step = across
    wide = min(step * 0.72, WIDEST)
    x, ends, drawn = left + (step - wide) / 2, {True: 0.0, False: 0.0}, []
    for place, value in enumerate(values):
        if value == 0:
            continue
        start = ends[value > 0]
        ends[value > 0] = start + value
        top, bottom = sorted((scale.at(start), scale.at(start + value)))
        drawn.append(
            f'<rect x="{x:.1f}" y="{top:.1f}" width="{wide:.1f}" height="{bottom - top:.1f}" '
            f'fill="{colour(place)}" stroke="#FFFFFF" stroke-width=".8" data-part="{place}"/>'
        )
    return drawn


def colour(place: int) -> str:
    """Give the colour of a part: that of the kind in its place on the map."""
    return style.KINDS[place % len(style.KINDS)]


def _told(inside: Sequence[str], across: tuple[float, float], place: int) -> str:
    left, step = across
    back = (
        f'<rect class="back" x="{left:.1f}" y="{TOP - 6:.0f}" width="{step:.1f}" '
        f'height="{HIGH + 24:.0f}"/>'
    )
    return f'<g class="band" data-tip="{place}">{back}{"".join(inside)}</g>'


def _tips(year: float, values: Sequence[float], parts: Sequence[Column]) -> list[list[str]]:
    """Give the year with its total, then each part."""
    return [
        [f"{year:.0f} · {said}" for said in _said(TOTAL, math.fsum(values), parts[0])],
        *(_said(one.title, value, one) for one, value in zip(parts, values, strict=True)),
    ]


def _said(title: Text, value: float, column: Column) -> list[str]:
    figure, units = number(value, column.decimals or 0), unit_words(column.unit)
    return [
        f"{word} {figure} {unit}" for word, unit in zip((title.zh, title.en), units, strict=True)
    ]


def _framed(drawn: Sequence[str], parts: Sequence[Column]) -> str:
    """Frame the chart with the lines that tell of a year, each part beside its colour."""
    top = TOP + HIGH + 34
    lines = [f'<text class="tip" x="4" y="{top:.0f}" data-room="292"></text>']
    for place in range(len(parts)):
        y = top + LINE * (place + 1)
        lines.append(f'<rect x="4" y="{y - 9:.0f}" width="11" height="10" fill="{colour(place)}"/>')
        lines.append(f'<text class="tip" x="22" y="{y:.0f}" data-room="274"></text>')
    svg = charts.framed(top + LINE * len(parts) + 6, [*drawn, *lines])
    return svg.replace('class="chart"', 'class="chart front" tabindex="0"', 1)

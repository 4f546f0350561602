"""How parameters move a figure, as inline SVG: tornado, and indices with their intervals."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from geo.words import Text
from maps import charts, tips
from maps.wording import number, pair, plain, told, unit_words
from scenarios.result import Column, Table

SIDE = 52.0  # room for a figure beside a bar
ROW = 36.0
INTERVAL = "_interval"
AT = {"low": Text("取值", "at"), "high": Text("取值", "at")}
REACH = Text("变幅", "Range")
UNMOVED = Text("不随此参数变化", "not moved by it")
BAR_ROWS = 24


class Scale(NamedTuple):
    """From figures to places across a drawing."""

    low: float
    high: float
    left: float
    right: float

    def at(self, value: float) -> float:
        """Give the place of a figure."""
        span = (self.high - self.low) or 1.0
        return self.left + (self.right - self.left) * (value - self.low) / span


def tornado(table: Table, words: charts.Words) -> str:
    """Draw for each parameter a bar from the lowest to the highest figure around the usual one.

    The widest bar comes first. Each row tells its parameter, both ends with the values of the
    parameter there, and how far they lie apart.
    """
    columns = {column.name: column for column in table.columns}
    value = columns["base"]
    rows = sorted(table.frame.to_dict("records"), key=_reach, reverse=True)[:BAR_ROWS]
    ends = [float(row[name]) for row in rows for name in ("low", "base", "high")]
    known = [end for end in ends if math.isfinite(end)] or [0.0]
    scale = Scale(min(known), max(known), SIDE, charts.WIDTH - SIDE)
    if scale.low == scale.high:
        scale = Scale(scale.low - 1.0, scale.high + 1.0, SIDE, charts.WIDTH - SIDE)
    middle = scale.at(float(rows[0]["base"]))
    height = 22.0 + ROW * len(rows)
    named = [
        f"{title} {_figure(rows[0], value, side)}" for side, title in enumerate(pair(value.title))
    ]
    parts = [charts.text(words, (_inside(middle), 11), named, 'class="m g" data-room="200"')]
    for place, row in enumerate(rows):
        top = 18.0 + ROW * place
        inside = _bar(row, columns, scale, top, words)
        parts.append(tips.band((top, ROW - 2), len(words), inside))
        words += _tips(row, columns)
    return tips.told(height, parts, lines=3)


def _inside(middle: float) -> float:
    """Keep words that stand around a place within the picture."""
    return min(max(middle, 70.0), charts.WIDTH - 70.0)


def _reach(row: Mapping[Any, Any]) -> float:
    reach = float(row["high"]) - float(row["low"])
    return reach if math.isfinite(reach) else -1.0


def _bar(
    row: Mapping[Any, Any],
    columns: Mapping[str, Column],
    scale: Scale,
    top: float,
    words: charts.Words,
) -> list[str]:
    """Draw the parameter's name and below it its bar, with the figures at both ends."""
    label = told(row, next(iter(columns.values()))) or ("", "")
    parts = [charts.text(words, (4, top + 12), label, 'data-room="292"')]
    low, base, high = (float(row[name]) for name in ("low", "base", "high"))
    y = top + 18
    for start, end, colour in ((low, base, charts.LESS), (base, high, charts.MORE)):
        x, wide = scale.at(start), scale.at(end) - scale.at(start)
        if wide > 0:
            parts.append(
                f'<rect x="{x:.1f}" y="{y:.0f}" width="{wide:.1f}" height="12" fill="{colour}"/>'
            )
    usual = scale.at(base)
    parts.append(f'<path d="M{usual:.1f} {y - 2:.0f}v16" stroke="{charts.INK}"/>')
    digits = _digits(columns["base"])
    ends = ((low, scale.at(low) - 4, 'class="e"'), (high, scale.at(high) + 4, ""))
    parts += [charts.amount(words, (x, y + 10), number(end, digits), how) for end, x, how in ends]
    return parts


def _digits(column: Column) -> int:
    return 1 if column.decimals is None else column.decimals


def _figure(row: Mapping[Any, Any], column: Column, side: int) -> str:
    unit = unit_words(column.unit)[side]
    return f"{number(float(row[column.name]), _digits(column))} {unit}".strip()


def _tips(row: Mapping[Any, Any], columns: Mapping[str, Column]) -> list[list[str]]:
    """Give the name, both ends with the parameter's values there, and the range."""
    label = told(row, next(iter(columns.values()))) or ("", "")
    low, high = float(row["low"]), float(row["high"])
    if low == high:
        return [list(label), pair(UNMOVED), ["", ""]]
    ends = [
        " · ".join(_end(row, columns[name], side) for name in ("low", "high")) for side in (0, 1)
    ]
    base = columns["base"]
    apart = number(high - low, _digits(base))
    reach = [
        f"{title} {apart} {unit}".strip()
        for title, unit in zip(pair(REACH), unit_words(base.unit), strict=True)
    ]
    return [list(label), ends, reach]


def _end(row: Mapping[Any, Any], column: Column, side: int) -> str:
    """Say one end of a bar, and at which value of the parameter it is reached."""
    said = f"{pair(column.title)[side]} {_figure(row, column, side)}"
    at = plain(row.get(f"{column.name}_at"))
    if at in {None, ""}:
        return said
    where = f"{pair(AT[column.name])[side]} {at}"
    return f"{said}（{where}）" if side == 0 else f"{said} ({where})"


class Measured(NamedTuple):
    """A column of figures, and the one that holds how far each may be off, if there is one."""

    column: Column
    interval: Column | None


def whiskers(table: Table, words: charts.Words) -> str:
    """Draw a bar for each figure of each row, with a line from its lowest to its highest.

    A column that is followed by one of its name with `_interval` has such lines; zero is always in
    the picture. Each row tells its label and all figures with their intervals.
    """
    figures = measured(table)
    rows = table.frame.head(BAR_ROWS).to_dict("records")
    ends = [end for row in rows for one in figures for end in _ends(row, one)]
    known = [0.0, *(end for end in ends if math.isfinite(end))]
    scale = Scale(min(known), max(known), 14.0, charts.WIDTH - 14.0)
    parts, top = _keys(figures, words)
    each = 17.0 + 14.0 * len(figures)
    bottom = top + each * len(rows) + 2
    for tick in charts.nice(scale.low, scale.high, 5):
        x = scale.at(tick)
        parts.append(f'<path d="M{x:.1f} {top:.0f}V{bottom:.0f}" stroke="{charts.GRID}"/>')
        parts.append(
            charts.amount(
                words,
                (x, bottom + 12),
                f"{tick:g}".replace("-", "−"),
                'class="m"',
            )
        )
    for place, row in enumerate(rows):
        start = top + each * place
        label = told(row, table.columns[0]) or ("", "")
        inside = [charts.text(words, (4, start + 12), label, 'data-room="292"')]
        for line, one in enumerate(figures):
            inside += _whisker(row, one, scale, (start + 17 + 14 * line, charts.LINES[line]))
        parts.append(tips.band((start, each - 2), len(words), inside))
        words += [list(label), *(_measured_words(row, one) for one in figures)]
    parts.append(f'<path d="M{scale.at(0):.1f} {top:.0f}V{bottom:.0f}" stroke="{charts.GREY}"/>')
    return tips.told(bottom + 20, parts, lines=1 + len(figures))


def measured(table: Table) -> list[Measured]:
    """Give the columns of figures with their intervals, in order."""
    columns = {column.name: column for column in table.columns}
    return [
        Measured(column, columns.get(f"{name}{INTERVAL}"))
        for name, column in columns.items()
        if charts.numeric(table, column) and not name.endswith(INTERVAL)
    ]


def _ends(row: Mapping[Any, Any], one: Measured) -> tuple[float, float]:
    """Give the lowest and the highest that a figure may be."""
    value = float(row[one.column.name])
    off = float(row[one.interval.name]) if one.interval else 0.0
    off = off if math.isfinite(off) else 0.0
    return value - off, value + off


def _keys(figures: Sequence[Measured], words: charts.Words) -> tuple[list[str], float]:
    """Give the legend, one entry a figure, and where the drawing begins."""
    parts = []
    for line, one in enumerate(figures):
        y = 4.0 + 16 * line
        parts.append(f'<rect x="4" y="{y:.0f}" width="12" height="8" fill="{charts.LINES[line]}"/>')
        said = charts.titled(one.column)
        if one.interval:
            said = [
                f"{word}，± 95 %" if not side else f"{word}, ± 95 %"
                for side, word in enumerate(said)
            ]
        parts.append(charts.text(words, (22, y + 8), said, 'data-room="270"'))
    return parts, 8.0 + 16 * len(figures)


def _whisker(
    row: Mapping[Any, Any], one: Measured, scale: Scale, at: tuple[float, str]
) -> list[str]:
    """Draw one figure's bar from zero, and the line of its interval."""
    y, colour = at
    value = float(row[one.column.name])
    if not math.isfinite(value):
        return []
    x, end = sorted((scale.at(0.0), scale.at(value)))
    size = f'x="{x:.1f}" y="{y:.0f}" width="{end - x:.1f}" height="10"'
    parts = [f'<rect {size} fill="{colour}" fill-opacity=".75"/>']
    low, high = (scale.at(spot) for spot in _ends(row, one))
    if high > low:
        parts.append(
            f'<path class="whisker" d="M{low:.1f} {y + 5:.0f}H{high:.1f}'
            f'M{low:.1f} {y + 2:.0f}v6M{high:.1f} {y + 2:.0f}v6" '
            f'stroke="{charts.INK}" fill="none"/>'
        )
    return parts


def _measured_words(row: Mapping[Any, Any], one: Measured) -> list[str]:
    """Say a figure with its interval and unit in both languages."""
    value, digits = float(row[one.column.name]), _digits(one.column)
    said = number(value, digits) if math.isfinite(value) else "—"
    if one.interval and math.isfinite(off := float(row[one.interval.name])):
        said += f" ± {number(off, digits)}"
    words = zip(pair(one.column.title), unit_words(one.column.unit), strict=True)
    return [f"{title} {said} {unit}".strip() for title, unit in words]

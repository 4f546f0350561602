"""Charts as inline SVG: cumulative curves, bars, changes, what goes and comes.

The drawing holds numbers and the toolkit's own colours only. Words are places: a text element
carries the number of its words in the page's list, and the page fills it in.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from geo.words import Text
from maps.wording import number, pair, plain, told, unit_words
from scenarios.result import Column, Table

WIDTH = 300
LINES = ("#1F4E5F", "#D55E00", "#0072B2", "#CC79A7", "#009E73", "#8C6D1F")
LESS, MORE, GREY, GRID = "#3B7EA8", "#C4772B", "#6B7885", "#E6EAEE"
INK = "#22303C"
BAR_ROWS = 24
Words = list[list[str]]


def numeric(table: Table, column: Column) -> bool:
    """Say whether a column of a table holds numbers."""
    return str(table.frame[column.name].dtype.kind) in "iuf"


def nice(low: float, high: float, count: int = 5) -> list[float]:
    """Give about `count` round figures from low to high.

    >>> nice(0, 94)
    [0.0, 20.0, 40.0, 60.0, 80.0]
    """
    span = high - low or 1.0
    power = 10.0 ** math.floor(math.log10(span / count))
    step = next(power * m for m in (1, 2, 2.5, 5, 10) if span / (power * m) <= count)
    first = math.ceil(low / step - 1e-9)
    last = math.floor(high / step + 1e-9)
    return [round(k * step, 10) for k in range(first, last + 1)]


def _say(words: Words, text: Sequence[str]) -> int:
    words.append(list(text))
    return len(words) - 1


def text(words: Words, at: tuple[float, float], said: Sequence[str], extra: str = "") -> str:
    """Place words in a drawing."""
    x, y = at
    place = _say(words, said)
    return f'<text x="{x:.1f}" y="{y:.1f}" data-words="{place}" {extra}></text>'


def amount(words: Words, at: tuple[float, float], said: str, extra: str = "") -> str:
    """Place a figure in a drawing, the same in both languages."""
    return text(words, at, (said, said), extra)


def framed(height: float, parts: Sequence[str]) -> str:
    """Put a drawing's parts into a picture of the panel's width."""
    return (
        f'<svg viewBox="0 0 {WIDTH} {height:.0f}" width="{WIDTH}" height="{height:.0f}" '
        f'role="img" class="chart">{"".join(parts)}</svg>'
    )


def titled(column: Column) -> list[str]:
    """Give a column's title with its unit in both languages."""
    zh, en = unit_words(column.unit)
    if not column.unit:
        return pair(column.title)
    return [f"{column.title.zh} ({zh})", f"{column.title.en} ({en})"]


def floats(table: Table, column: Column) -> np.ndarray[Any, np.dtype[np.float64]]:
    """Give a column's figures; what is missing is NaN."""
    return np.asarray(table.frame[column.name].to_numpy(dtype=float, na_value=np.nan))


def track(xs: Iterable[float], ys: Iterable[float]) -> str:
    """Give a path through points, broken where one is missing.

    >>> track([0, 1, 2, 3], [5, 6, math.nan, 8])
    'M0.0 5.0L1.0 6.0M3.0 8.0'
    """
    steps, pen = [], "M"
    for x, y in zip(xs, ys, strict=True):
        if math.isfinite(x) and math.isfinite(y):
            steps.append(f"{pen}{x:.1f} {y:.1f}")
            pen = "L"
        else:
            pen = "M"
    return "".join(steps)


def _rows(table: Table) -> list[dict[str, Any]]:
    return list(table.frame.head(BAR_ROWS).to_dict("records"))


def _label(row: dict[str, Any], column: Column) -> tuple[str, str]:
    return told(row, column) or ("", "")


def _value(row: dict[str, Any], column: Column) -> float:
    value = plain(row.get(column.name))
    return float(value) if isinstance(value, int | float) else math.nan


def bars(table: Table, words: Words) -> str:
    """Draw one horizontal bar a row, the figure at its end."""
    label, value = table.columns[0], table.columns[1]
    rows = _rows(table)
    figures = [_value(row, value) for row in rows]
    top = max([abs(v) for v in figures if math.isfinite(v)], default=1.0) or 1.0
    left = 92.0 if max(len(_label(row, label)[0]) for row in rows) <= LONG else 148.0
    room = WIDTH - left - 52.0
    parts = [text(words, (left, 10), titled(value), 'class="g" data-room="200"')]
    for place, (row, figure) in enumerate(zip(rows, figures, strict=True)):
        y = 18.0 + 19 * place
        parts.append(text(words, (left - 8, y + 12), _label(row, label), _room(left - 8)))
        if not math.isfinite(figure):
            parts.append(amount(words, (left + 4, y + 12), "—"))
            continue
        width = room * abs(figure) / top
        colour = LINES[0] if figure >= 0 else MORE
        parts.append(
            f'<rect x="{left}" y="{y + 2:.0f}" width="{width:.1f}" height="12" fill="{colour}"/>'
        )
        said = number(figure, 1 if value.decimals is None else value.decimals)
        parts.append(amount(words, (left + width + 5, y + 12), said))
    return framed(24 + 19 * len(rows), parts)


def _decimals(span: float, decimals: int) -> int:
    """Give one decimal more where a table's own would leave a whole chart at one digit or none.

    >>> _decimals(0.4, 1), _decimals(4.0, 1), _decimals(0.0, 1)
    (2, 1, 1)
    """
    return decimals + int(0 < span < 10.0 ** (1 - decimals))


LONG = 7  # Chinese characters that fit beside a bar in the usual room


def _room(wide: float) -> str:
    return f'class="e" data-room="{wide:.0f}"'


def change(table: Table, words: Words) -> str:
    """Draw the difference after − before of each row as a bar left or right of zero.

    The two hues say less and more, not worse and better: a table does not know which it is.
    """
    label, before, after = table.columns[:3]
    rows = _rows(table)
    steps = [_value(row, after) - _value(row, before) for row in rows]
    known = [v for v in steps if math.isfinite(v)]
    low, high = min([0.0, *known]), max([0.0, *known])
    left, right = (
        92.0 + 46.0 * (low < 0),
        WIDTH - 46.0 * (high > 0 or low == 0) - 30.0 * (high == 0),
    )
    scale = (right - left) / ((high - low) or 1.0)
    zero = left - low * scale
    decimals = _decimals(high - low, 1 if after.decimals is None else after.decimals)
    named = replace(after, title=Text("变化", "Change"))
    parts = [text(words, (92, 10), titled(named), 'class="g" data-room="200"')]
    for place, (row, step) in enumerate(zip(rows, steps, strict=True)):
        y = 18.0 + 19 * place
        parts.append(text(words, (84, y + 12), _label(row, label), _room(84)))
        if not math.isfinite(step):
            parts.append(amount(words, (zero + 5, y + 12), "—"))
            continue
        width = abs(step) * scale
        start = zero - width if step < 0 else zero
        colour = LESS if step < 0 else MORE
        parts.append(
            f'<rect x="{start:.1f}" y="{y + 2:.0f}" width="{width:.1f}" height="12" '
            f'fill="{colour}"/>'
        )
        said = ("+" if round(step, decimals) > 0 else "") + number(step, decimals)
        spot = (start - 4, y + 12) if step < 0 else (start + width + 4, y + 12)
        parts.append(amount(words, spot, said, 'class="e"' if step < 0 else ""))
    parts.append(f'<path d="M{zero:.1f} 16V{20 + 19 * len(rows)}" stroke="{GREY}"/>')
    return framed(24 + 19 * len(rows), parts)


def flows(table: Table, words: Words) -> str:
    """Draw what goes left of zero and what comes right of it, both from the same scale."""
    label, gone, come = table.columns[:3]
    rows = _rows(table)
    pairs = [(_value(row, gone), _value(row, come)) for row in rows]
    top = max([v for pair in pairs for v in pair if math.isfinite(v)], default=1.0) or 1.0
    zero, room = 92.0 + 104.0, 62.0
    parts = [
        text(words, (zero - 4, 10), titled(gone), 'class="e g" data-room="120"'),
        text(words, (zero + 4, 10), titled(come), 'class="g" data-room="100"'),
    ]
    for place, (row, figures) in enumerate(zip(rows, pairs, strict=True)):
        y = 18.0 + 19 * place
        parts.append(text(words, (84, y + 12), _label(row, label), _room(84)))
        for figure, side, colour, column in zip(
            figures, (-1, 1), (LESS, MORE), (gone, come), strict=True
        ):
            if not math.isfinite(figure):
                parts.append(amount(words, (zero + 5 * side, y + 12), "—", 'class="m"'))
                continue
            width = room * max(figure, 0.0) / top
            start = zero - width if side < 0 else zero
            parts.append(
                f'<rect x="{start:.1f}" y="{y + 2:.0f}" width="{width:.1f}" height="12" '
                f'fill="{colour}"/>'
            )
            said = number(figure, 1 if column.decimals is None else column.decimals)
            end = 'class="e"' if side < 0 else ""
            parts.append(amount(words, (zero + side * (width + 4), y + 12), said, end))
    parts.append(f'<path d="M{zero:.1f} 16V{20 + 19 * len(rows)}" stroke="{GREY}"/>')
    return framed(24 + 19 * len(rows), parts)

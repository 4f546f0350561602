"""Mass-haul diagrams below elevation profiles: what is cut less what fill needs, lines of balance.

Between curve and line of balance lies what is hauled: forward where the curve is above, backward
where it is below. A line of balance steps up where earth is taken away, down where it is brought.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from geo.words import Text
from maps import charts
from maps.stretches import Floats, between
from maps.wording import PageError, pair, unit_words
from scenarios.result import Run

NEEDED = ("alternative", "chainage_m", "mass_m3", "balance_m3")
WAN = 1e4
LEAST_M3 = 1e3  # drawn from top to bottom, so that a road without earth shows a level line
TITLE = Text("土方调配图（万立方米）", "Mass haul (10⁴ m³)")
KEY = Text(
    "实线：累计挖余（挖减填）· 虚线：平衡线 · 橙：向前调运 · 绿：向后调运",
    "line: cut less fill · dashed: balance · orange: hauled forward · green: backward",
)
FACTS = (Text("土方累积", "Mass"), Text("过站调运（向前为正）", "Hauled past, forward positive"))


def masses(run: Run) -> dict[str, pd.DataFrame]:
    """Give the mass diagram of each alternative that has one, by its code.

    Raises
    ------
    PageError
        If a diagram lacks one of its columns.
    """
    found: dict[str, pd.DataFrame] = {}
    for table in run.result.tables:
        if table.chart != "mass":
            continue
        lacking = [name for name in NEEDED if name not in table.frame.columns]
        if lacking:
            zh, en = "、".join(lacking), ", ".join(lacking)
            words = Text(
                f"{table.id}：土方调配图缺少字段：{zh}",
                f"{table.id}: a mass diagram lacks columns: {en}",
            )
            raise PageError(words)
        for name, part in table.frame.groupby("alternative", sort=False):
            found[str(name)] = part[np.isfinite(part[list(NEEDED[1:])]).all(axis=1)]
    return {name: part for name, part in found.items() if len(part) > 1}


def strip(mass: pd.DataFrame, ends: tuple[float, float], words: charts.Words) -> str:
    """Draw a diagram as wide as the profile between two chainages, with its axis beside it."""
    x, curve, level = _arrays(mass)
    low, high = _span(curve, level)
    parts = [
        f'<path class="{name}" d="{path}"/>'
        for name, path in zip(
            ("backward", "forward"), _areas(x - ends[0], high - curve, high - level), strict=True
        )
        if path
    ]
    parts.append(f'<path class="zero" d="M0 {high:.1f}H{ends[1] - ends[0]:.1f}"/>')
    parts.append(f'<path class="balance" d="{charts.track(x - ends[0], high - level)}"/>')
    parts.append(f'<path class="curve" d="{charts.track(x - ends[0], high - curve)}"/>')
    frame = f'viewBox="0 0 {ends[1] - ends[0]:.1f} {high - low:.1f}" preserveAspectRatio="none"'
    said = [
        charts.text(words, (4, 11), pair(TITLE), 'data-share="1.0000"'),
        charts.text(words, (150, 11), pair(KEY), 'class="g" data-share="0.7000"'),
    ]
    return (
        f'<svg class="volumes">{_axis(low, high, words)}</svg>'
        f'<svg class="mass"><svg {frame} class="metres">{"".join(parts)}</svg>{"".join(said)}</svg>'
    )


def facts(mass: pd.DataFrame, chainage: Floats) -> list[dict[str, Any]]:
    """Give what stands at the stations of a profile: the mass, and what is hauled past."""
    x, curve, level = _arrays(mass)
    values = (np.interp(chainage, x, curve), np.interp(chainage, x, curve - level))
    unit = unit_words("m³")
    return [
        {"title": pair(title), "unit": unit, "decimals": 0, "values": np.round(one, 1).tolist()}
        for title, one in zip(FACTS, values, strict=True)
    ]


def _arrays(mass: pd.DataFrame) -> tuple[Floats, Floats, Floats]:
    return tuple(mass[name].to_numpy(dtype=float) for name in NEEDED[1:])


def _areas(x: Floats, curve: Floats, level: Floats) -> Sequence[str]:
    """Give the areas where the curve lies below and above its line of balance; y grows downwards.

    >>> x, curve, level = np.array([0.0, 20.0]), np.array([0.0, 0.0]), np.array([5.0, 5.0])
    >>> _areas(x, curve, level)
    ['', 'M0.0 5.0L20.0 5.0L20.0 0.0L0.0 0.0Z']
    """
    found = between(x, level, curve, ["earth"] * x.size)
    return [found.get(name, "") for name in ("cut", "fill")]


def _span(curve: Floats, level: Floats) -> tuple[float, float]:
    """Give the lowest and highest mass drawn, 0 among them, with room for the words above."""
    both = np.concatenate([curve, level, np.zeros(1)])
    low, high = float(both.min()), float(both.max())
    high = max(high, low + LEAST_M3)
    room = high - low
    return low - 0.06 * room, high + 0.3 * room


def _axis(low: float, high: float, words: charts.Words) -> str:
    """Name about three masses in ten thousands of m³."""
    parts = []
    for tick in charts.nice(low / WAN, high / WAN, 3):
        share = (high - tick * WAN) / (high - low)
        said = f"{tick:g}".replace("-", "−")
        words.append([said, said])
        parts.append(
            f'<text x="100%" y="{100 * share:.2f}%" data-words="{len(words) - 1}" dx="-6" dy="4" '
            'class="e"></text>'
        )
    return "".join(parts)

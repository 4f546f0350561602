"""The looks of a layer's features and the legend that tells them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from geo.words import Text
from maps import apart, labels, style
from maps.wording import UI, pair
from scenarios.result import Layer

Floats = np.ndarray[Any, np.dtype[np.float64]]
Span = tuple[float, float]
"""The lowest and the highest value that a scale of amounts or changes reaches."""


def looks(
    layer: Layer, span: Span | None = None
) -> tuple[list[style.Look], list[int], list[dict[str, Any]]]:
    """Give the looks of a layer, the look of each row, and the legend.

    A scale of amounts reaches as far as `span`; without one, as far as the layer's own values.
    """
    frame: Any = layer.data
    if layer.meaning == "outline":
        return [], [0] * len(frame), [entry(UI["county_line"], 0)]
    if not layer.value or layer.meaning == "relief":
        return [_plain(layer)], [0] * len(frame), [entry(layer.title, 0)]
    if layer.categories:
        return _by_category(layer, [labels.text(v) for v in frame[layer.value]])
    if layer.meaning in {"amount", "change"} or layer.breaks:
        return _by_amount(layer, frame[layer.value].to_numpy(dtype=float), span)
    return [_plain(layer)], [0] * len(frame), [entry(layer.title, 0)]


def _plain(layer: Layer) -> style.Look:
    """Give the look of a layer whose shape says it all; lines are never filled."""
    look = style.plain_look(layer)
    if _has_lines(layer.data):
        return {key: value for key, value in look.items() if not key.startswith("fill")}
    return look


def entry(title: Any, look: int) -> dict[str, Any]:
    """Give one line of a legend."""
    return {"title": pair(title), "look": look}


UNKNOWN = {"title": pair(Text("无数据", "No data"))}


def _by_category(
    layer: Layer, codes: Sequence[str]
) -> tuple[list[style.Look], list[int], list[dict[str, Any]]]:
    looks = apart.told_apart(
        [style.category_look(layer, c, k) for k, c in enumerate(layer.categories)],
        "path" if _has_lines(layer.data) else layer.meaning,
    )
    order = {category.code: place for place, category in enumerate(layer.categories)}
    legend = [entry(c.title, k) for k, c in enumerate(layer.categories) if c.code in codes]
    found = [order.get(code, len(looks)) for code in codes]
    if len(looks) in found:
        legend.append({**UNKNOWN, "look": len(looks)})
    return [*looks, style.NO_DATA], found, legend


def _by_amount(
    layer: Layer, values: Floats, span: Span | None
) -> tuple[list[style.Look], list[int], list[dict[str, Any]]]:
    breaks, colours, legend = scale(layer, values, span)
    looks = [style.amount_look(c, layer, lines=_has_lines(layer.data)) for c in colours]
    found = [style.class_of(v, breaks) if np.isfinite(v) else len(looks) for v in values]
    if len(looks) in found:
        legend.append({**UNKNOWN, "look": len(looks)})
    return [*looks, style.NO_DATA], found, legend


def spanned(values: Floats) -> Span | None:
    """Give where all but the outermost fiftieths of values lie; nothing where none is known."""
    known = values[np.isfinite(values)]
    low, high = np.quantile(known, (0.02, 0.98)) if known.size else (0.0, 0.0)
    return (float(low), float(high)) if known.size else None


def scale(
    layer: Layer, values: Floats, span: Span | None = None
) -> tuple[tuple[float, ...], tuple[str, ...], list[dict[str, Any]]]:
    """Give class limits, colours and legend of an amount or a change.

    Limits of the layer's own hold before those between the ends of `span` or of its values.
    """
    low, high = span or spanned(values) or (0.0, 1.0)
    breaks = style.limits(layer, low, high)
    colours = style.class_colours(layer, breaks)
    if layer.breaks:
        words = style.class_words(breaks)
        return breaks, colours, [{"title": [w, w], "look": k} for k, w in enumerate(words)]
    ends = [breaks[0], breaks[len(breaks) // 2], breaks[-1]]
    step = {"ramp": list(colours), "ends": [f"{v:.3g}".replace("-", "−") for v in ends]}
    return breaks, colours, [step]


def _has_lines(frame: Any) -> bool:
    return bool(frame.geom_type.str.endswith("LineString").any())

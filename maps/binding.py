"""Which rules bind which feature of a layer, as the page embeds it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import geopandas as gpd

from maps import labels
from scenarios.result import Layer

SEPARATOR = ";"


def bindings(layer: Layer, rules: Mapping[str, int]) -> tuple[list[list[int | str]], list[int]]:
    """Give the sets of rules that occur in a layer, and the set of each row.

    Parameters
    ----------
    layer
        A layer of shapes; without a column of bindings nothing binds single features.
    rules
        Places of the run's rules by id.

    Returns
    -------
    sets, places
        Each set as places of rules; an id that the run does not know stands as itself. The first
        set is empty.
    """
    frame = layer.data
    if not layer.binding or not isinstance(frame, gpd.GeoDataFrame):
        return [[]], [0] * len(getattr(frame, "index", ()))
    sets: dict[str, int] = {"": 0}
    cells = frame[layer.binding].to_numpy(dtype=object)
    places = [sets.setdefault(cell, len(sets)) for cell in map(_cell, cells)]
    return [[rules.get(one, one) for one in cell.split(SEPARATOR) if one] for cell in sets], places


def _cell(value: Any) -> str:
    """Give the ids of a cell without blanks around them."""
    ids = (one.strip() for one in labels.text(value).split(SEPARATOR))
    return SEPARATOR.join(one for one in ids if one)

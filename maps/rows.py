"""Which features of the map the rows of a table name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import geopandas as gpd

from maps import labels
from scenarios.result import Layer, Run, Table


@dataclass(frozen=True)
class Named:
    """A layer, and for each row of a table the features of it that the row names."""

    layer: str
    features: tuple[tuple[str, ...], ...]

    @property
    def count(self) -> int:
        """How many different features the rows name."""
        return len({one for row in self.features for one in row})


NONE = Named("", ())


def named(run: Run, table: Table, most: int) -> Named:
    """Give the features that the first rows of a table name, those of one layer.

    A cell of text names a feature by its id, or by its label where no other feature has the same.
    Of layers that rows name, the one of which they name the most features is taken: a list of
    parcels lights parcels, not the townships in its other columns; then one that is shown, then
    the first.
    """
    frame: Any = table.frame.head(most)
    cells = [column.name for column in table.columns if not column.unit]
    rows = [[v for v in row if isinstance(v, str)] for row in frame[cells].to_numpy(dtype=object)]
    found = []
    for layer in run.result.layers:
        if isinstance(layer.data, gpd.GeoDataFrame) and layer.meaning != "outline":
            known = _known(layer, {cell for row in rows for cell in row})
            features = tuple(tuple({known[c]: None for c in row if c in known}) for row in rows)
            found.append((layer, Named(layer.id, features)))
    best = max(found, key=lambda one: (one[1].count, one[0].shown), default=None)
    return best[1] if best and best[1].count else NONE


def _known(layer: Layer, words: set[str]) -> Mapping[str, str]:
    """Give the ids of features by what may name them: the id, or a label that only one has."""
    frame: Any = layer.data
    drawn = frame[[shape is not None and not shape.is_empty for shape in frame.geometry]]
    ids = {str(label): str(label) for label in drawn.index if str(label) in words}
    if not layer.label:
        return ids
    said: dict[str, list[str]] = {}
    for label, value in zip(drawn.index, drawn[layer.label], strict=True):
        if labels.text(value) in words:
            said.setdefault(labels.text(value), []).append(str(label))
    return {**{word: own[0] for word, own in said.items() if len(own) == 1}, **ids}

"""Who gains and who loses: places by what plans tell of them before and after."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
import pandas as pd

from scenarios.result import Column, Layer, Run
from scenarios.several.compare.figures import CLOSE
from scenarios.several.compare.losers import AFTER, BEFORE
from scenarios.several.frames import frame, framed

TOWN = "township"
COLUMNS = ("plan", "layer", "what", "what_en", "town", "better", "worse")


def gains(runs: Mapping[str, Run]) -> pd.DataFrame:
    """Count the places that are better off and worse off than today, by plan and township.

    Columns of layers count that say which way is better and stand before and after. A place that is
    not known on both sides counts nowhere.

    Returns
    -------
    DataFrame
        plan, layer, what, what_en (the column's title), town (code; empty where a place names
        none), better, worse (numbers of places); rows in which some place changes.
    """
    rows = [
        counted
        for name in sorted(runs)
        for layer in framed(runs[name])
        for column in layer.columns
        if _tells(layer, column)
        for counted in _counted(name, layer, column)
    ]
    return pd.DataFrame(rows, columns=[*COLUMNS])


def _tells(layer: Layer, column: Column) -> bool:
    names = {one.name for one in layer.columns}
    before = column.name.removesuffix(AFTER) + BEFORE
    return bool(column.better) and column.name.endswith(AFTER) and before in names


def _counted(plan: str, layer: Layer, column: Column) -> Iterator[dict[str, object]]:
    places = frame(layer)
    after = pd.to_numeric(places[column.name], errors="coerce")
    before = pd.to_numeric(places[column.name.removesuffix(AFTER) + BEFORE], errors="coerce")
    gain = (after - before) * (1.0 if column.better == "higher" else -1.0)
    least = CLOSE * np.maximum(after.abs(), before.abs())
    towns = places[TOWN].fillna("").astype(str) if TOWN in places else pd.Series("", places.index)
    for town, rows in gain.groupby(towns):
        better = int((rows > least.loc[rows.index]).sum())
        worse = int((rows < -least.loc[rows.index]).sum())
        if better or worse:
            yield {
                "plan": plan,
                "layer": layer.id,
                "what": column.title.zh,
                "what_en": column.title.en,
                "town": str(town),
                "better": better,
                "worse": worse,
            }

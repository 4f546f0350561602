"""The fabric of the pilots repeated, for measuring how work grows with the number of parcels."""

import geopandas as gpd
import pandas as pd

APART_M = 1_000.0


def repeated(parcels, count):
    """Give copies of parcels beside one another, as many rows as wanted.

    Every copy is the same land a little further east, with ids and townships of its own (`#2` and
    so on behind them), so that no two copies are neighbours and each balances by itself.

    Parameters
    ----------
    parcels
        Parcels indexed by BSM, with `township`.
    count
        Rows wanted; the last copy ends where they are reached.
    """
    west, _, east, _ = parcels.total_bounds
    copies = []
    for turn in range(-(-count // len(parcels))):
        part = parcels.iloc[: count - turn * len(parcels)].copy()
        mark = f"#{turn + 1}" if turn else ""
        part.index = part.index + mark
        part["township"] = part["township"] + mark
        copies.append(part.set_geometry(part.translate(turn * (east - west + APART_M))))
    whole = pd.concat(copies)
    whole.index.name = parcels.index.name
    return gpd.GeoDataFrame(whole, crs=parcels.crs)

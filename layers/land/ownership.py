"""Who owns forest land: from a layer of forest rights, else from the parcels of the survey.

The survey's kind of ownership (QSXZ) is of two figures: 1x and 2x are land of the state, 3x and 4x
of collectives (unverified). What says nothing is not known, and is never taken for collective.
"""

from __future__ import annotations

import geopandas as gpd
import pandas as pd

from geo.words import Text
from layers.county import County
from layers.land.classes import classes

LAYERS = ("forest", "parcels")
"""Layers that may say it, that which goes first above."""
COLLECTIVE, STATE, UNKNOWN = "collective", "state", "unknown"
OWNERS = {
    COLLECTIVE: Text("集体", "collective"),
    STATE: Text("国有", "state"),
    UNKNOWN: Text("权属未知", "owner not known"),
}
KINDS = {"1": STATE, "2": STATE, "3": COLLECTIVE, "4": COLLECTIVE}
FOREST = "forest"


def source(county: County) -> str:
    """Give the layer that says who owns forest land; empty where none does."""
    return next((one for one in LAYERS if one in county), "")


def forests(county: County) -> gpd.GeoDataFrame | None:
    """Give forest land by owner, or None where no layer says it.

    Parameters
    ----------
    county
        With `forest`, or `parcels`.

    Returns
    -------
    GeoDataFrame
        class (code of the survey, None where it is not known), ownership (of `OWNERS`), township
        (code, empty where it is not known), by the labels of the layer.

    Examples
    --------
    >>> from layers import twin
    >>> found = forests(twin.county())
    >>> (found.area / 1e4).groupby(found["ownership"]).sum().to_dict()
    {'collective': 148.5, 'state': 56.25, 'unknown': 45.0}
    """
    layer = source(county)
    if not layer:
        return None
    frame = county.vector(layer).sort_index()
    if layer == "forest":
        frame = frame.reindex(columns=["class", "ownership", "township", "geometry"])
        owner = frame["ownership"]
    else:
        frame = frame[(classes(frame["DLBM"]) == FOREST).to_numpy()]
        frame = frame.reindex(columns=["DLBM", "QSXZ", "township", "geometry"])
        frame = frame.rename(columns={"DLBM": "class"})
        owner = frame["QSXZ"].map(_owner)
    columns = {
        "ownership": _text(owner, UNKNOWN),
        "township": _text(frame["township"], ""),
        "class": frame["class"].astype(object).where(frame["class"].notna(), None),
    }
    return frame.assign(**columns)[["class", "ownership", "township", "geometry"]]


def _owner(kind: object) -> str | None:
    """Give the owner of a kind of ownership of the survey; another says nothing."""
    return KINDS.get(kind[:1]) if isinstance(kind, str) else None


def _text(column: pd.Series, missing: str) -> pd.Series:
    return column.astype(object).where(column.notna(), missing)

"""An exchange of parcels worked out: new classes, the parcel that is split, what has changed.

What lies between the plan of an optimiser and its report.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd

from geo.landscape import adjacency
from layers.land.classes import Mapped, new_code
from scenarios.consolidation.eligible import CROPLAND
from scenarios.consolidation.ledger import REST, new_classes, pairs, split

INSTEAD = {"homestead": "forest", "construction": "forest", "other": "forest"}
"""Cropland does not become built-up or waste land in exchange; it becomes forest."""
STAYS, ENTERS, LEAVES = "kept", "in", "out"


class Fabric(NamedTuple):
    """Pieces of land by label, and which of them are neighbours: left, right, length_m."""

    land: gpd.GeoDataFrame
    neighbours: pd.DataFrame


@dataclass(frozen=True, eq=False)
class Pieces:
    """The land before and after, piece by piece.

    Parameters
    ----------
    land
        One row a piece: what `eligible` gives, and class_after, code_after, change (kept, in, out,
        or empty), parcel (label of the parcel it is or is a part of), year (in which it changes, 0
        for what does not).
    neighbours
        left, right, length_m of pieces.
    ledger
        year, leaving, entering, hundredths, as `scenarios.consolidation.ledger.pairs` gives them.
    """

    land: gpd.GeoDataFrame
    neighbours: pd.DataFrame
    ledger: pd.DataFrame

    def cropland(self, side: str) -> pd.Series:
        """Say which pieces are cropland `before` or `after`."""
        column = "land_class" if side == "before" else "class_after"
        return self.land[column] == CROPLAND

    def moved(self, change: str) -> gpd.GeoDataFrame:
        """Give the pieces that go in or out."""
        return self.land[self.land["change"] == change]


def settled(
    fabric: Fabric, member: pd.Series, *, code_table: Mapped, close: bool, gap_m: float
) -> Pieces:
    """Give classes and codes to what moves, and split one parcel where areas shall close.

    Parameters
    ----------
    fabric
        Eligible parcels, and which are neighbours.
    member
        Who is cropland afterwards, by label.
    code_table
        Table of the codes that new land gets.
    close
        Whether the steepest entering parcel that is large enough is split, so that as much enters
        as leaves, to 0.01 m².
    gap_m
        How far apart neighbours may lie.
    """
    land = fabric.land
    before = land["member"].to_numpy()
    after = member.reindex(land.index).to_numpy(dtype=bool)
    whole = land.assign(parcel=land.index.astype(str))
    surplus = int(
        land["hundredths"][after & ~before].sum() - land["hundredths"][before & ~after].sum()
    )
    fabric, rest = Fabric(whole, fabric.neighbours), ""
    if close and surplus > 0:
        inside = whole[after & ~before & (whole["hundredths"] > surplus).to_numpy()]
        if len(inside):
            order = inside.assign(label=inside["parcel"])
            order = order.sort_values(["slope_deg", "label"], ascending=[False, True])
            cut = str(order.index[0])
            fabric = _cut(fabric, cut, surplus, gap_m)
            rest = cut + REST
    return _changed(fabric, member, rest=rest, code_table=code_table)


def _cut(fabric: Fabric, label: str, surplus: int, gap_m: float) -> Fabric:
    """Split a parcel into the part that enters, under its label, and the rest."""
    whole, neighbours, rest = fabric.land, fabric.neighbours, label + REST
    kept = int(whole["hundredths"][label]) - surplus
    parts = dict(zip((label, rest), split(whole, label, kept), strict=True))
    rows = whole.loc[[label, label]].set_axis([label, rest])
    share = pd.Series([kept, surplus], index=rows.index)
    rows = rows.assign(
        hundredths=share,
        area_m2=share / 100,
        basic_m2=rows["basic_m2"] * share / share.sum(),
        cost=rows["cost"] * share / share.sum(),
        geometry=gpd.GeoSeries(parts, crs=whole.crs),
    )
    pieces = pd.concat([whole.drop(index=label), rows]).sort_index()
    pieces.index.name = whole.index.name
    touching = (neighbours["left"] == label) | (neighbours["right"] == label)
    near = {*neighbours["left"][touching], *neighbours["right"][touching], label, rest}
    again = adjacency(pieces.loc[sorted(near)], gap_m=gap_m)
    own = again["left"].isin([label, rest]) | again["right"].isin([label, rest])
    joined = pd.concat([neighbours[~touching], again[own]], ignore_index=True)
    return Fabric(pieces, joined.sort_values(["left", "right"], ignore_index=True))


def _changed(fabric: Fabric, member: pd.Series, *, rest: str, code_table: Mapped) -> Pieces:
    whole = fabric.land
    after = member.reindex(whole["parcel"]).to_numpy(dtype=bool) & (whole.index != rest)
    before = whole["member"].to_numpy()
    entering, leaving = whole[after & ~before], whole[before & ~after]
    taken = new_classes(leaving, entering, instead=INSTEAD)
    ledger = pairs(leaving.assign(land_class=taken, year=1), entering.assign(year=1))
    classes = whole["land_class"].astype(object).copy()
    classes[entering.index] = CROPLAND
    classes[leaving.index] = taken
    codes = whole["code"].astype(object).copy()
    codes[entering.index] = new_code(CROPLAND, mapping=code_table)
    partners = _codes_of_partners(ledger, whole, taken)
    codes[leaving.index] = [
        partners.get(label) or new_code(taken[label], mapping=code_table) for label in leaving.index
    ]
    change = np.select([after & before, after, before], [STAYS, ENTERS, LEAVES], "")
    land = whole.assign(
        class_after=classes.astype(str),
        code_after=codes.astype(str),
        change=change,
        year=(after != before).astype(np.int64),
    )
    return Pieces(land, fabric.neighbours, ledger)


def phased(pieces: Pieces, years: pd.Series) -> Pieces:
    """Give pieces with the year of what moves, and the ledger matched year by year.

    Parameters
    ----------
    pieces
        The exchange.
    years
        By label, for every piece that moves.
    """
    land = pieces.land.assign(year=years.reindex(pieces.land.index).fillna(0).astype(np.int64))
    done = Pieces(land, pieces.neighbours, pieces.ledger)
    leaving = done.moved(LEAVES)
    ledger = pairs(leaving.assign(land_class=leaving["class_after"]), done.moved(ENTERS))
    return Pieces(land, pieces.neighbours, ledger)


def _codes_of_partners(
    ledger: pd.DataFrame, whole: gpd.GeoDataFrame, taken: pd.Series
) -> Mapping[str, str]:
    """Give each leaving parcel the code of the largest partner of the class it takes over."""
    rows = ledger[(ledger["leaving"] != "") & (ledger["entering"] != "")]
    rows = rows.assign(
        code=whole["code"].reindex(rows["entering"]).to_numpy(),
        same=whole["land_class"].reindex(rows["entering"]).to_numpy()
        == taken.reindex(rows["leaving"]).to_numpy(),
    )
    rows = rows[rows["same"]].sort_values(
        ["hundredths", "entering"], ascending=[False, True], kind="stable"
    )
    rows = rows.drop_duplicates("leaving")
    return dict(zip(rows["leaving"], rows["code"], strict=True))

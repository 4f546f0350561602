"""The haul of a road in tables: what it is paid by, and which stretch fills which."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
import pandas as pd

from geo.alignment.values import Floats
from geo.alignment.works.haul import LEAST_M3, Haul, Hauling


def quantities_hauled(found: Haul, prices: Hauling) -> Mapping[str, float]:
    """Sum hauling up in what it is paid by.

    Returns
    -------
    Mapping
        surplus_m3, deficit_m3 (cut taken away, earth brought), spoil_m3 (used), haul_m3_km (beyond
        the free distance); moment_m3_km (all of it), moved_m3 (what leaves its stretch) besides.

    Examples
    --------
    100 m³ go 1,500 m, 1 km of it free: 50 m³·km are paid of 150.

    >>> from geo.alignment.works.haul import hauled
    >>> s = np.array([0.0, 20, 1500, 1520])
    >>> cut, need = np.array([100.0, 0, 0]), np.array([0.0, 0, 100])
    >>> prices = Hauling(2, free_m=1000, surplus_yuan_m3=22, deficit_yuan_m3=45)
    >>> paid = quantities_hauled(hauled(s, cut, need, prices), prices)
    >>> paid["haul_m3_km"], paid["moment_m3_km"], paid["surplus_m3"]
    (50.0, 150.0, 0.0)
    """
    moves = found.moves
    volume, distance = moves["volume_m3"].to_numpy(), moves["distance_m"].to_numpy()
    paid = volume * np.maximum(distance - prices.free_m, 0.0) / 1e3
    return {
        "surplus_m3": found.volume("cut", "waste"),
        "deficit_m3": found.volume("borrow", "fill"),
        "spoil_m3": found.volume("spoil", "fill"),
        "haul_m3_km": float(paid.sum()),
        "moment_m3_km": float((volume * distance).sum() / 1e3),
        "moved_m3": float(volume[distance > 0].sum()),
    }


def loops(found: Haul) -> pd.DataFrame:
    """Put moves together that a plan of hauling names as one.

    Parameters
    ----------
    found
        The haul.

    Returns
    -------
    DataFrame
        A row each in the order of chainage: source, sink, from_start_m, from_end_m, to_start_m,
        to_end_m, volume_m3, distance_m (the mean), yuan. Moves of one kind and direction whose
        ways overlap are one; so are stretches in a row that use their own cut, lack or have too
        much.

    Examples
    --------
    Two stretches of cut fill the next two: one haul of 40 m.

    >>> from geo.alignment.works.haul import hauled
    >>> s = np.array([0.0, 20, 40, 60, 80])
    >>> cut, need = np.array([10.0, 10, 0, 0]), np.array([0.0, 0, 10, 10])
    >>> names = ["from_start_m", "from_end_m", "to_start_m", "to_end_m", "volume_m3", "yuan"]
    >>> loops(hauled(s, cut, need, Hauling(2)))[names].to_numpy().tolist()  # 20 m³ go 0.04 km
    [[0.0, 40.0, 40.0, 80.0, 20.0, 1.6]]
    """
    groups: list[list[int]] = []
    moves = found.moves.assign(
        low=found.moves[["from_m", "to_m"]].min(axis=1),
        high=found.moves[["from_m", "to_m"]].max(axis=1),
        way=np.sign(found.moves["to_m"] - found.moves["from_m"]),
    )
    moves = moves.sort_values(["way", "source", "sink", "low", "high"], kind="stable")
    before: tuple[object, ...] = ()
    reach = -math.inf
    gap = float(np.diff(found.s).max()) * 1.01
    for row in moves.itertuples():
        kind = (row.way, row.source, row.sink)
        near = row.low < reach if row.way else row.low - reach < gap
        if kind != before or not near:
            groups.append([])
            reach = -math.inf
        groups[-1].append(row.Index)
        before, reach = kind, max(reach, row.high)
    rows = [_loop(moves.loc[group], found.s) for group in groups]
    names = ["source", "sink", "from_start_m", "from_end_m", "to_start_m", "to_end_m"]
    frame = pd.DataFrame(rows, columns=[*names, "volume_m3", "distance_m", "yuan"])
    frame = frame.astype(dict.fromkeys(frame.columns[2:], float))
    first = frame[["from_start_m", "to_start_m"]].min(axis=1)
    order = np.lexsort((frame["volume_m3"], frame["from_start_m"], first))
    return frame.iloc[order].reset_index(drop=True)


def _loop(moves: pd.DataFrame, s: Floats) -> tuple[object, ...]:
    """Sum moves up; a middle of a stretch stands for both of its ends."""
    volume = moves["volume_m3"].sum()
    ends = [
        _end(s, float(pick(moves[side])), side=hand)
        for side in ("from_m", "to_m")
        for pick, hand in ((min, 0), (max, 1))
    ]
    mean = float((moves["distance_m"] * moves["volume_m3"]).sum() / volume)
    kinds = moves.iloc[0]
    return (kinds["source"], kinds["sink"], *ends, float(volume), mean, float(moves["yuan"].sum()))


def _end(s: Floats, at: float, *, side: int) -> float:
    """Give the end of the stretch whose middle a chainage is; a site is where it is."""
    k = int(np.clip(np.searchsorted(s, at, side="right") - 1, 0, s.size - 2))
    middle = abs((s[k] + s[k + 1]) / 2 - at) < LEAST_M3
    return float(s[k + side]) if middle else at

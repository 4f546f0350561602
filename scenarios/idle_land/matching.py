"""Demands for land, and which plots serve them so that the area served is largest."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo.assignment import Assignment, assign
from geo.errors import FileError, Problem
from geo.exchange.program import Limits
from geo.words import Text
from layers.given import MISSING, Row, number, rows, unknown
from scenarios.idle_land.terms import IdleLand

COLUMNS = ("id", "mu", "year", "kind")
PARTS = 100  # of a mu: sizes and rooms are whole numbers of them
LIMIT = Limits(work=2e6)  # some ten seconds; thirty demands on forty plots take far less
LARGEST_MU = 1e6
YEARS = (1949, 2200)
SPARE = 1e-4  # of a part: what a plot may lack of it by rounding


@dataclass(frozen=True, eq=False)
class Matched:
    """Demands, and what serves them.

    Attributes
    ----------
    demands
        By id: mu, year, kind, plots (ids joined by " "), served_year (0: not served), why (empty
        when served; `use`, `size`, `late`, `taken`), largest_mu and first_year of what could.
    plots
        By id, those that are released, earliest first: used_mu, left_mu, serves.
    found
        As it was found, in hundredths of a mu.
    """

    demands: pd.DataFrame
    plots: pd.DataFrame
    found: Assignment


def demanded(text: str) -> pd.DataFrame:
    r"""Read demands for land.

    Parameters
    ----------
    text
        A table (CSV or TOML text, `layers.given`): id, mu, year from which the land is needed, and
        if it matters the kind: a use of plots. Empty: none.

    Returns
    -------
    DataFrame
        By id, in order: mu, year, kind (empty: any use).

    Raises
    ------
    FileError
        If it is no such table; everything wrong is named.

    Examples
    --------
    >>> demanded("id,mu,year\nb,20.5,2027\na,30,2026").to_dict("index")["b"]
    {'mu': 20.5, 'year': 2027, 'kind': ''}
    """
    given = rows(text) if text.strip() else ()
    problems = [one for place, row in enumerate(given, 1) for one in _problems(row, place)]
    ids = [str(row.get("id", "")) for row in given]
    twice = sorted({one for one in ids if ids.count(one) > 1})
    problems += [Problem(row=one, field="id", expected=Text("唯一", "unique")) for one in twice]
    if problems:
        raise FileError(Text("用地需求有误", "the demands are wrong"), problems=problems)
    frame = pd.DataFrame(
        {
            "mu": [number(row["mu"]) for row in given],
            "year": [int(number(row["year"])) for row in given],
            "kind": [str(row.get("kind", "")) for row in given],
        },
        index=pd.Index(ids, dtype=object),
    )
    return frame.astype({"mu": float, "year": int, "kind": object}).sort_index()


def _problems(row: Row, place: int) -> Iterator[Problem]:
    label = str(row.get("id", place))
    yield from unknown(row, COLUMNS, label)
    for name in COLUMNS[:3]:
        if name not in row:
            yield Problem(row=label, field=name, found=MISSING)
    mu, year = number(row.get("mu", 1)), number(row.get("year", YEARS[0]))
    if not 1 / PARTS <= mu <= LARGEST_MU:
        yield Problem(row=label, field="mu", found=f"{row['mu']}", expected="0.01 … 1,000,000")
    if not YEARS[0] <= year <= YEARS[1] or year % 1:
        expected = f"{YEARS[0]} … {YEARS[1]}"
        yield Problem(row=label, field="year", found=f"{row['year']}", expected=expected)


def matched(plots: gpd.GeoDataFrame, demands: pd.DataFrame, params: IdleLand) -> Matched:
    """Match demands to plots that are released within the years ahead.

    A plot serves a demand of its use that needs land in the year of release or later, or waits as
    long as it may. Among the best matchings one of plots that are released early is taken.
    """
    free = plots[plots["release_year"] > 0].sort_values("release", kind="stable")
    sizes = np.rint(demands["mu"].to_numpy(dtype=float) * PARTS).astype(np.int64)
    rooms = np.floor(free["mu"].to_numpy(dtype=float) * PARTS + SPARE).astype(np.int64)
    kind, year = demands["kind"].to_numpy()[:, None], demands["year"].to_numpy()[:, None]
    right = (kind == "") | (kind == free["use"].astype(object).fillna("").to_numpy()[None, :])
    needed = (year <= params.last_year) & right
    when = free["release_year"].to_numpy()[None, :]
    may = needed & (when <= year + params.wait_years)
    found = assign(sizes, rooms, may, share=params.sharing, limit=LIMIT)
    used = found.amount.sum(axis=0)
    serves = [" ".join(demands.index[column > 0]) for column in found.amount.T]
    served = pd.DataFrame(
        {"used_mu": used / PARTS, "left_mu": free["mu"] - used / PARTS, "serves": serves},
        index=free.index,
    )
    told = demands.assign(
        plots=[" ".join(free.index[row > 0].astype(str)) for row in found.amount],
        served_year=_served(found.amount, demands["year"], free["release_year"]),
    )
    why = _why(_Case(sizes, rooms, right, may), free, params).set_index(demands.index)
    why["why"] = why["why"].where(told["served_year"] == 0, "")
    return Matched(told.join(why), served, found)


@dataclass(frozen=True, eq=False)
class _Case:
    """Sizes, rooms, and which plot is of the right use, and free in time as well, shape (n, m)."""

    sizes: NDArray[np.int64]
    rooms: NDArray[np.int64]
    right: NDArray[np.bool_]
    may: NDArray[np.bool_]


def _served(amount: NDArray[np.int64], year: pd.Series, release: pd.Series) -> NDArray[np.int64]:
    """Give the year in which each demand is served: needed, and the last of its plots released."""
    last = np.where(amount > 0, release.to_numpy()[None, :], 0).max(axis=1, initial=0)
    return np.where(last > 0, np.maximum(last, year.to_numpy()), 0)


def _why(case: _Case, free: pd.DataFrame, params: IdleLand) -> pd.DataFrame:
    """Say of each demand what would keep it from being served, were it not.

    `use`: no plot of its use is released. `size`: none is large enough (`spread`: all together).
    `late`: those that are come too late. `taken`: others take them.
    """
    rooms, spread = case.rooms[None, :], params.sharing == "spread"
    fits = case.right & (spread | (rooms >= case.sizes[:, None]))
    enough = (case.right * rooms).sum(axis=1) >= case.sizes if spread else fits.any(axis=1)
    timely = case.may & fits
    in_time = (timely * rooms).sum(axis=1) >= case.sizes if spread else timely.any(axis=1)
    why = np.select([~case.right.any(axis=1), ~enough, ~in_time], ["use", "size", "late"], "taken")
    largest = (case.right * rooms).max(axis=1, initial=0) / PARTS
    years = np.where(fits, free["release_year"].to_numpy()[None, :], 9999)
    first = years.min(axis=1, initial=9999)
    columns = {"why": why.astype(object), "largest_mu": largest}
    columns["first_year"] = np.where(enough & (first < 9999), first, 0)
    return pd.DataFrame(columns)

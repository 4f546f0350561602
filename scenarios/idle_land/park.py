"""The plots of a park: their state on a day, when they are free again, hectares that close."""

from __future__ import annotations

from datetime import date

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from shapely.geometry.base import BaseGeometry

from layers.county import County
from layers.land import idle
from layers.land.industrial import FIELDS
from layers.land.rules import M2_PER_MU
from scenarios.idle_land.terms import IdleLand

PLOTS, EXTENT = "industrial_plots", "lijing_park"
REST, TOTAL = "rest", "total"
M2_PER_HA = 1e4
YUAN_PER_WAN = 1e4


def plots_of(county: County, params: IdleLand) -> gpd.GeoDataFrame:
    """Give the plots with all columns of the register, judged, and the day each is released.

    Returns
    -------
    GeoDataFrame
        By id: the register, state, lacks, rule, idle_from, taken_from (see `idle.judged`), area_ha
        and mu of the shape, release (a day; NaT: not released) and release_year (0: not within the
        years ahead).
    """
    plots = county.vector(PLOTS).sort_index()
    for field in FIELDS[1:]:
        if field.name not in plots:
            plots[field.name] = np.nan if field.kind == "number" else None
    least = params.least_output_wan_yuan_mu
    plots = plots.join(idle.judged(plots, params.rule_date, least_output=least))
    plots["area_ha"] = plots.area / M2_PER_HA
    plots["mu"] = plots.area / M2_PER_MU
    plots["release"] = _release(plots, params)
    year = plots["release"].dt.year.fillna(0).astype(int)
    plots["release_year"] = year.where(year <= params.last_year, 0)
    return plots


def _release(plots: pd.DataFrame, params: IdleLand) -> pd.Series:
    """Give the day on which each plot can be supplied: from today, or from when it may be taken."""
    today = pd.Timestamp(params.rule_date)
    start = pd.Series(today, index=plots.index).where(
        plots["taken_from"].isna() | (plots["taken_from"] < today), plots["taken_from"]
    )
    back = params.take_back_months
    months = {"not_supplied": 0, "taken_back": back, "fee": back, "agreed": params.agree_months}
    if params.release_low:
        months["low_output"] = params.redevelop_months
    found = pd.Series(pd.NaT, index=plots.index, dtype="datetime64[ns]")
    for state, way in months.items():
        mine = plots["state"].eq(state)
        found[mine] = start[mine] + pd.DateOffset(months=way + params.supply_months)
    return found


def extent_of(county: County, plots: gpd.GeoDataFrame) -> BaseGeometry:
    """Give the extent of the park; without one that of the plots."""
    shapes = county.vector(EXTENT).geometry if EXTENT in county else plots.geometry
    return shapely.union_all(shapes.to_numpy())


def by_year(plots: gpd.GeoDataFrame, extent: BaseGeometry, params: IdleLand) -> pd.DataFrame:
    """Give hectares by state within the extent, on the day and at the end of each year.

    In later years nothing is done: no plot is started, supplied or taken back.

    Returns
    -------
    DataFrame
        By state, then `rest`, what lies on no plot, then `total`, the extent itself; each measured
        by itself, so that plots that overlap show: they add up to more than the total.
    """
    inside = shapely.area(shapely.intersection(plots.geometry.to_numpy(), extent)) / M2_PER_HA
    rest = shapely.difference(extent, shapely.union_all(plots.geometry.to_numpy())).area / M2_PER_HA
    days = {"today": params.rule_date}
    days |= {f"y{y}": date(y, 12, 31) for y in range(params.rule_date.year, params.last_year + 1)}
    found = pd.DataFrame(index=[*idle.STATES, REST, TOTAL], columns=[*days], dtype=float)
    for name, day in days.items():
        said = idle.judged(plots[REGISTER], day, least_output=params.least_output_wan_yuan_mu)
        sums = pd.Series(inside, index=said["state"].to_numpy()).groupby(level=0).sum()
        found[name] = sums.reindex(found.index).fillna(0.0)
        found.loc[[REST, TOTAL], name] = [rest, extent.area / M2_PER_HA]
    return found


REGISTER = [field.name for field in FIELDS[1:]]
"""Columns of the register, but for the id."""


def fees(plots: pd.DataFrame, params: IdleLand) -> pd.DataFrame:
    """Give low, likely and high yuan of the fee of each plot that owes one; NaN without a price."""
    due = plots[plots["state"] == "fee"]
    share, spread = idle.fee_share(params.rule_date), params.price_spread_percent / 100
    own = pd.to_numeric(due["price_yuan"], errors="coerce").astype(float)
    usual = due["mu"] * (params.price_wan_yuan_mu or np.nan) * YUAN_PER_WAN
    ends = {
        name: share * own.fillna(usual * by)
        for name, by in (("low", 1 - spread), ("likely", 1.0), ("high", 1 + spread))
    }
    return pd.DataFrame(ends, index=due.index)

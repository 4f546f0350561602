"""What a profile costs."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from geo.alignment.values import Costs, Floats

Codes = NDArray[np.int64]


class SectionPrices(NamedTuple):
    """Earthwork and land of a metre of road so deep or high: yuan/m, and yuan/m² of the square."""

    cut: float
    cut_square: float
    fill: float
    fill_square: float


def cost(s: Floats, ground: Floats, design: Floats, structure: Codes, costs: Costs) -> float:
    """Give the cost of a profile in yuan.

    Parameters
    ----------
    s, ground, design
        Chainages and heights in m, shape (n,).
    structure
        Kind of each interval, shape (n − 1,).
    costs
        Prices.

    Notes
    -----
    Earth: the mean of the end areas of a trapezoid on level ground × length × price, its land and
    pavement; bridges: price and height price × mean height; tunnels: price.

    Examples
    --------
    20 m of fill 2 m high, 8 m wide, 1.5 : 1: (16 + 6) m² × 20 m × 15 yuan.

    >>> prices = Costs(20, 15, 5e4, 0, 8e4, 8, 0.75, 1.5)
    >>> cost(np.array([0, 20]), np.zeros(2), np.full(2, 2.0), np.array([0]), prices)
    6600.0
    """
    y, length = design - ground, np.diff(s)
    p = section_prices(costs)
    up, down = np.maximum(y, 0), np.maximum(-y, 0)
    earth = p.cut * down + p.cut_square * down**2 + p.fill * up + p.fill_square * up**2
    at = np.stack([earth, costs.bridge_height_yuan_m2 * up, 0 * y], axis=1)
    price = base_prices(costs) + (at[1:] + at[:-1]) / 2
    return float((price[np.arange(length.size), structure] * length).sum())


def section_prices(costs: Costs) -> SectionPrices:
    """Give what earthwork and land cost by depth and height, beside the bed.

    Examples
    --------
    3 m deep, 8 m wide, 0.75 : 1: an area of 3 × 8 + 9 × 0.75 = 30.75 m² at 20 yuan.

    >>> prices = section_prices(Costs(20, 15, 5e4, 0, 8e4, 8, 0.75, 1.5))
    >>> float(prices.cut * 3 + prices.cut_square * 9)
    615.0
    """
    cut, fill, land = costs.cut_yuan_m3, costs.fill_yuan_m3, costs.land_yuan_m2
    return SectionPrices(
        float(cut * costs.width_m + land * costs.cut_slope),
        float(cut * costs.cut_slope),
        float(fill * costs.width_m + land * costs.fill_slope),
        float(fill * costs.fill_slope),
    )


def base_prices(costs: Costs) -> Floats:
    """Give yuan per metre of earth, bridge and tunnel at the height of the ground."""
    land = costs.land_yuan_m2 * costs.width_m
    each = (costs.pavement_yuan_m + land, costs.bridge_yuan_m + land, costs.tunnel_yuan_m)
    return np.array(each, dtype=np.float64)

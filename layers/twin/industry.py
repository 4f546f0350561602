"""The plots of the synthetic enclave: ten plots whose states and best uses are known.

Two rows in the enclave of 1000 × 400 m = 40 ha, a street of 100 m between: 30 ha of plots, 10 ha
of street. A hectare is 15 mu. On 1 January 2026, with output below 100 万元 per mu short:

    q01  45   mu  approved, not supplied
    q02  45   mu  to be started by 2024-01-01, owner: two years full today, taken back
    q03  45   mu  to be started by 2025-01-01, owner: one year full today, a fee; two on 2027-01-01
    q04  45   mu  to be started by 2023-06-01, government: by agreement
    q05  45   mu  to be started by 2025-06-01: within its term
    q06  22.5 mu  to be started by 2023-03-01, cause not known
    q07  22.5 mu  a fifth built, stopped since 2024-12-31: by agreement
    q08  45   mu  complete, output 30: short
    q09  67.5 mu  complete, output 200: in use
    q10  67.5 mu  supplied, works not known

Idle: 45 × 3 + 22.5 × 2 = 180 mu = 12 ha. With 6 months to supply and 12 to take back or agree, q01
can be used from July 2026; q02, q04 and q07 from July 2027; q03 from July 2028. `DEMANDS`, whole
plots' worth of land asked for in the year it is needed, each whole on one plot that several share:

    2026  A 40, B 45           q01 holds one of them: B
    2027  C 30, D 20, E 25     q02 and q04 (45 each), q07 (22.5) hold all
    2028  F 60                 no plot is as large: the largest that can be used is 45

B + C + D + E = 120 of 220 mu. Spread over several plots F fits into q03 and what 2027 leaves: 180.
One demand a plot: the same 120. A price of 10 万元 per mu: a fee of 0.2 × 45 × 10 = 90 万元.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from typing import Any

import geopandas as gpd
from shapely import Polygon

from layers.twin.place import area, frame

WEST_M, SOUTH_M, HIGH_M, NORTH_M = 7000, 5500, 150, 250
UPPER = (200, 200, 200, 200, 200)
LOWER = (100, 100, 200, 300, 300)
REGISTER: Mapping[str, Mapping[str, Any]] = {
    "q01": {"supply": "not_supplied"},
    "q02": {"works": "not_started", "start_by": "2024-01-01", "cause": "owner"},
    "q03": {"works": "not_started", "start_by": "2025-01-01", "cause": "owner"},
    "q04": {"works": "not_started", "start_by": "2023-06-01", "cause": "government"},
    "q05": {"works": "not_started", "start_by": "2025-06-01", "cause": "owner"},
    "q06": {"works": "not_started", "start_by": "2023-03-01", "cause": "unknown"},
    "q07": {
        "works": "stopped",
        "stopped_since": "2024-12-31",
        "built_share": 0.2,
        "invested_share": 0.5,
    },
    "q08": {"works": "complete", "output_wan_yuan_mu": 30.0},
    "q09": {"works": "complete", "output_wan_yuan_mu": 200.0},
    "q10": {},
}
COLUMNS = (
    "supply",
    "start_by",
    "works",
    "built_share",
    "invested_share",
    "stopped_since",
    "cause",
    "output_wan_yuan_mu",
)
DEMANDS = "id,mu,year\nA,40,2026\nB,45,2026\nC,30,2027\nD,20,2027\nE,25,2027\nF,60,2028\n"


def industrial_plots() -> gpd.GeoDataFrame:
    """Give the plots, indexed by id.

    Examples
    --------
    >>> plots = industrial_plots()
    >>> len(plots), float(plots.area.sum() / 1e4), float(plots.area["q09"] * 3 / 2000)
    (10, 30.0, 67.5)
    """
    shapes = [*_row(UPPER, SOUTH_M + NORTH_M), *_row(LOWER, SOUTH_M)]
    usual = {"supply": "supplied"}
    rows = [{**usual, **said} for said in REGISTER.values()]
    columns = {name: [row.get(name) for row in rows] for name in COLUMNS}
    plots = frame({"id": [*REGISTER], **columns}, shapes, "id")
    numbers = dict.fromkeys(("built_share", "invested_share", "output_wan_yuan_mu"), float)
    return plots.astype(numbers)


def _row(widths: tuple[int, ...], south: int) -> list[Polygon]:
    ends = [WEST_M + sum(widths[:k]) for k in range(len(widths) + 1)]
    return [area(a, south, b, south + HIGH_M) for a, b in itertools.pairwise(ends)]

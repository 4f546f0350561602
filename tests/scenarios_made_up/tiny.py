"""How many people live where?

Question: how many people does each township hold, with newcomers? Method: a sum. Limits: made up.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from affine import Affine
from pydantic import Field
from pyproj import CRS

from geo.errors import InfeasibleError, LimitError
from geo.grid import Grid
from geo.raster import Raster
from geo.words import NO_TEXT, Text, alike
from layers.county import County
from layers.source import Quality, Source
from scenarios.contract import Params, Scenario, param
from scenarios.result import Check, Column, Layer, Metric, Result, Table

EPSG = CRS(4549)


class Tiny(Params):
    """Parameters of the made-up scenario."""

    growth: Annotated[float, Field(gt=0, le=10)] = param(
        1.5, zh="增长", en="growth", unit="1", source="made up"
    )
    limits: tuple[Annotated[int, Field(ge=1)], ...] = param(
        (15, 30), zh="界限", en="limits", unit="min", source="made up"
    )
    mode: Literal["plain", "infeasible", "limit", "broken", "interrupted"] = param(
        "plain", zh="方式", en="mode", unit="", source="made up"
    )
    speeds: dict[Literal["fast", "slow"], Annotated[float, Field(ge=1, le=9)]] = param(
        {}, zh="速度", en="speeds", unit="km/h", source="made up"
    )
    remark: str = param("none", zh="备注", en="remark", unit="", source="made up")
    added: dict[str, Any] | None = param(
        None, zh="新增", en="added places", unit="", source="made up", file="geojson"
    )


def run(county: County, params: Tiny) -> Result:
    """Sum the people of each township."""
    if params.mode == "infeasible":
        raise InfeasibleError("无可行解 no answer")
    if params.mode == "limit":
        raise LimitError("超时 out of time")
    if params.mode == "broken":
        raise ZeroDivisionError("a mistake")
    if params.mode == "interrupted":
        raise KeyboardInterrupt
    townships, places = county.vector("townships"), county.vector("settlements")
    people = places.groupby("township")["population"].sum().reindex(townships.index)
    townships["people"] = people * params.growth
    townships["crowded"] = townships["people"] > 100
    townships["remark"] = pd.Series([None, "=1+1", "-"], index=townships.index, dtype=object)
    townships["inner"] = "never leaves"
    layers = [
        Layer(
            "townships",
            Text("乡镇", "townships"),
            Text("人口", "people"),
            "amount",
            townships,
            value="people",
            unit="人",
            columns=(
                Column("name", Text("名称", "name")),
                Column("crowded", Text("拥挤", "crowded")),
                Column("remark", Text("备注", "remark")),
            ),
            label="name",
            sources=("townships", "settlements"),
        ),
        Layer(
            "nobody",
            Text("无人", "nobody"),
            Text("人口", "people"),
            "place",
            places[places["population"] < 0],
            columns=(Column("population", Text("人口", "people"), "人"),),
            sources=("settlements",),
        ),
    ]
    if "dem" in county:
        layers.append(
            Layer(
                "high",
                Text("高地", "high ground"),
                Text("地形", "terrain"),
                "amount",
                county.raster("dem"),
                unit="m",
                sources=("dem",),
            )
        )
    frame = pd.DataFrame(
        {
            "place": ["甲", '乙 "two", three', "=HYPERLINK(1)", "'=quoted", None],
            "n": [1, 2, 3, 4, 5],
            "x": [0.1, 1 / 3, np.nan, -1e-300, 1e22],
            "yes": [True, False, True, True, False],
            "inner": "never leaves",
        }
    )
    columns = tuple(Column(name, Text(name, name)) for name in ("place", "n", "x", "yes"))
    total = float(townships["people"].sum())
    return Result(
        layers=tuple(layers),
        tables=(Table("cells", Text("表", "table"), frame, columns),),
        metrics=(
            Metric("total", Text("总人口", "people"), total, "人", before=total / params.growth),
        ),
        checks=(
            Check(
                "dem",
                Text("有地形", "terrain is there"),
                "pass" if "dem" in county else "unknown",
                alike("dem") if "dem" in county else Text("缺少 dem（地形）", "no dem (terrain)"),
                NO_TEXT,
            ),
        ),
    )


SCENARIO = Scenario(
    title=Text("人口", "people"),
    question=Text("各乡镇有多少人？", "How many people live in each township?"),
    method="方法：求和。局限：虚构。",
    measures=(4,),
    needs=("townships", "settlements"),
    uses=("dem",),
    params=Tiny,
    run=run,
)


def county() -> County:
    """Give three squares in a row, a settlement in each, on ground that rises eastwards."""
    squares = [shapely.box(500_000 + 300 * n, 3e6, 500_300 + 300 * n, 3_000_300) for n in range(3)]
    codes = pd.Index(["001", "002", "003"], name="code")
    names = ["甲镇", "乙乡", "丙乡"]
    squares[2] = shapely.MultiPolygon([squares[2]])
    townships = gpd.GeoDataFrame({"name": names}, geometry=squares, index=codes, crs=EPSG)
    settlements = gpd.GeoDataFrame(
        {"township": ["001", "002", "003"], "population": [10, 200, 30]},
        geometry=[shapely.Point(500_150 + 300 * n, 3_000_150, 7.5) for n in range(3)],
        index=pd.Index(["s1", "s2", "s3"], name="id"),
        crs=EPSG,
    )
    heights = np.tile(np.arange(30, dtype=np.float32), (10, 1))
    heights[0, 0] = np.nan
    dem = Raster(heights, Grid((10, 30), Affine(30, 0, 500_000, 0, -30, 3_000_300), EPSG))
    data = {"townships": townships, "settlements": settlements, "dem": dem}
    sources = {
        name: Source(
            name,
            Text(name, name),
            "made up",
            "CC0-1.0",
            f"2020-01-0{place}",
            "EPSG:4549",
            str(place) * 64,
            3,
            quality,
        )
        for place, (name, quality) in enumerate(
            zip(data, (Quality.OFFICIAL, Quality.MODELLED, Quality.OPEN), strict=True), 1
        )
    }
    return County("tiny", Text("小县", "Tiny"), EPSG, data, sources)

"""What does a plan on a rectangle of land claim?

Question: what would a plan claim that takes a rectangle? Method: it claims what it is told to.
Limits: made up.
"""

from __future__ import annotations

from typing import Annotated

import geopandas as gpd
from pydantic import Field

from geo.errors import InfeasibleError
from geo.words import Text, alike
from layers.county import County
from layers.land.taken import taken
from layers.twin.place import area
from scenarios.answers import backdrop
from scenarios.contract import Params, Scenario, param
from scenarios.result import Claim, Column, Edit, Layer, Metric, Result

Metres = Annotated[int, Field(ge=0, le=6000)]


def _told(default, zh, en, unit=""):
    return param(default, zh=zh, en=en, unit=unit, source="made up")


class Claiming(Params):
    """Parameters of the made-up scenario."""

    box: tuple[Metres, Metres, Metres, Metres] = _told((0, 0, 100, 100), "范围", "rectangle", "m")
    use: str = _told("road", "用途", "use that comes")
    exclusive: bool = _told(True, "独用", "nobody else may use it")
    yuan: float = _told(0.0, "投资", "cost", "yuan")
    year: Annotated[int, Field(ge=0, le=3000)] = _told(0, "年份", "year; 0: none")
    people: float = _told(0.0, "人口", "people moved", "persons")
    owed_ha: float = _told(0.0, "欠补耕地", "cropland owed", "ha")
    opens: bool = _told(False, "开通第二通道", "open the second passage")
    fails: bool = _told(False, "失败", "fail")


def run(county: County, params: Claiming) -> Result:
    """Claim the land of the rectangle by class, and what else is told."""
    if params.fails:
        raise InfeasibleError(Text("无解", "no answer"))
    shape = gpd.GeoDataFrame({"id": ["box"]}, geometry=[area(*params.box)], crs=county.crs)
    shape = shape.set_index("id", drop=False)
    shape.index.name = "label"
    land = Layer(
        "box",
        Text("用地", "land"),
        Text("用地", "land"),
        "category",
        shape,
        value="id",
        columns=(Column("id", Text("编号", "id")),),
        sources=("townships",),
    )
    roads = county.vector("roads")
    edits = []
    if params.opens:
        roads.loc["second_passage", "status"] = "existing"
        edits.append(Edit("roads", roads))
    ha = float(shape.area.sum() / 1e4)
    return Result(
        layers=(*backdrop.ground(county), land),
        metrics=(Metric("ha", Text("面积", "area"), ha, "ha"),),
        answer=(alike(f"{ha} ha"),),
        claims=tuple(_claims(county, params, shape)),
        edits=tuple(edits),
    )


def _claims(county, params, shape):
    for row in taken(county, shape).to_dict("records"):
        ha = float(row["area_ha"])
        yield Claim(
            "land",
            ha,
            ha,
            ha,
            place=row["township"],
            from_=row["class"],
            to=params.use,
            exclusive=params.exclusive,
            layer="box",
        )
    owed, year = params.owed_ha, params.year or None
    yield Claim("cropland_owed", owed, owed, 2 * owed)
    if params.yuan:
        yield Claim("yuan", 0.8 * params.yuan, params.yuan, 1.5 * params.yuan, year=year)
    if params.people:
        yield Claim("people", params.people, params.people, params.people, layer="box")


SCENARIO = Scenario(
    title=Text("占地", "land taken"),
    question=Text("占用什么？", "What is claimed?"),
    method="方法：按所给占用。局限：虚构。",
    measures=(4,),
    needs=("townships", "roads", "dem", "outline"),
    uses=("parcels",),
    params=Claiming,
    run=run,
)

"""How many people live in each settlement after some have come?

Question: how many people does each settlement hold after newcomers, on top of another run where one
is named? Method: a product. Limits: made up.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from geo.words import Text, alike
from layers.county import County
from scenarios.contract import Params, Scenario, param
from scenarios.result import Column, Edit, Layer, Metric, Result


class Moved(Params):
    """Parameters of the made-up scenario."""

    growth: Annotated[int, Field(ge=1, le=10)] = param(
        2, zh="增长", en="growth", unit="1", source="made up"
    )
    roads: bool = param(False, zh="改动道路", en="edit roads, too", unit="", source="made up")
    base: str = param("", zh="先行运行", en="run before it", unit="", source="made up", file="run")
    other: str = param("", zh="另一先行运行", en="another", unit="", source="made up", file="run")


def run(county: County, params: Moved) -> Result:
    """Multiply the people of every settlement."""
    places = county.vector("settlements")
    before = float(places["population"].sum())
    places["population"] *= params.growth
    edits = [Edit("settlements", places)]
    if params.roads:
        edits.append(Edit("roads", county.vector("roads")))
    layer = Layer(
        "places",
        Text("居民点", "settlements"),
        Text("人口", "people"),
        "place",
        places,
        value="population",
        unit="人",
        columns=(Column("population", Text("人口", "people"), "人"),),
        sources=("settlements",),
    )
    total = Metric(
        "total", Text("总人口", "people"), float(places["population"].sum()), "人", before=before
    )
    words = alike(f"{before:.0f} → {total.value:.0f}")
    return Result(layers=(layer,), metrics=(total,), answer=(words,), edits=tuple(edits))


SCENARIO = Scenario(
    title=Text("新增人口", "newcomers"),
    question=Text("各居民点有多少人？", "How many people live in each settlement?"),
    method="方法：乘积。局限：虚构。",
    measures=(4,),
    needs=("settlements",),
    uses=("outline",),
    params=Moved,
    run=run,
)

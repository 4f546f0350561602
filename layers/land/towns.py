"""How far towns may grow, and which land has been levelled for them."""

from __future__ import annotations

from geo.words import Text
from layers.fields import Field, LayerSchema

TOWN_ZONES = ("concentrated", "flexible", "special")
STATES = ("built", "vacant")

_ID = Field("id", "text", Text("编号", "id"), key=True)

DEVELOPMENT_BOUNDARY = LayerSchema(
    "development_boundary",
    "vector",
    Text("城镇开发边界", "urban development boundary"),
    "polygon",
    (
        _ID,
        Field(
            "zone",
            "text",
            Text("分区（集中建设、弹性发展、特别用途）", "concentrated, flexible or special zone"),
            allowed=TOWN_ZONES,
            required=False,
        ),
        Field("name", "text", Text("名称", "name"), required=False),
    ),
)
LEVELLED_LAND = LayerSchema(
    "levelled_land",
    "vector",
    Text("已平整土地", "levelled land"),
    "polygon",
    (_ID, Field("state", "text", Text("利用状态", "state of use"), allowed=STATES)),
    own=True,
)

"""The layers a county may have, and what each must hold."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from types import MappingProxyType

from geo.errors import UsageError
from geo.words import NO_TEXT, Text, joined
from layers.fields import Field, LayerSchema
from layers.land.hazards import HAZARDS
from layers.land.industrial import INDUSTRIAL_PLOTS
from layers.land.survey import PARCELS
from layers.land.towns import DEVELOPMENT_BOUNDARY, LEVELLED_LAND

ROAD_CLASSES = ("expressway", "national", "provincial", "county", "township", "village")
PEOPLE = Text("人", "people")
FOREST_CLASSES = ("0301", "0302", "0305", "0307")
OWNERS = ("collective", "state")
FACILITY_KINDS = ("hospital", "clinic", "primary_school", "middle_school", "high_school")

_ID = Field("id", "text", Text("编号", "id"), key=True)
_NAME = Field("name", "text", Text("名称", "name"), required=False)
_NAME_EN = Field("name_en", "text", Text("英文名称", "English name"), required=False)
_PLACE = Field("name", "text", Text("名称", "name"))
_TOWNSHIP = Field("township", "text", Text("乡镇代码", "township code"), refers="townships")
_HEIGHT = Field(
    "height_m", "number", Text("海拔", "height"), "m", low=-500, high=9000, required=False
)
_PEOPLE = Field(
    "population", "number", Text("公布人口", "published population"), PEOPLE, low=0, required=False
)


def _code(title: Text, *, refers: str = "") -> Field:
    return Field("code", "text", title, key=True, refers=refers)


_LAYERS = (
    LayerSchema(
        "outline",
        "vector",
        Text("县界", "county outline"),
        "polygon",
        (_code(Text("行政区划代码", "county code")), _PLACE, _NAME_EN, _PEOPLE),
        one_row=True,
    ),
    LayerSchema(
        "townships",
        "vector",
        Text("乡镇", "townships"),
        "polygon",
        (
            _code(Text("乡镇代码", "township code")),
            _PLACE,
            _NAME_EN,
            Field(
                "area_km2",
                "number",
                Text("公布面积", "published area"),
                "km²",
                low=0,
                high=100_000,
                required=False,
            ),
            _PEOPLE,
        ),
        lies="inside",
    ),
    LayerSchema(
        "seats",
        "vector",
        Text("乡镇驻地", "township seats"),
        "point",
        (
            _code(Text("乡镇代码", "township code"), refers="townships"),
            _PLACE,
            _NAME_EN,
            Field(
                "role",
                "text",
                Text("级别", "role"),
                allowed=("county", "township"),
                required=False,
            ),
            _HEIGHT,
        ),
        lies="inside",
    ),
    LayerSchema("dem", "raster", Text("地形", "terrain"), unit="m", low=-500, high=9000),
    LayerSchema(
        "rivers",
        "vector",
        Text("河流", "rivers"),
        "line",
        (
            _ID,
            _NAME,
            _NAME_EN,
            Field(
                "order",
                "integer",
                Text("斯特拉勒级别", "Strahler order"),
                low=1,
                high=9,
                required=False,
            ),
        ),
    ),
    LayerSchema(
        "lake",
        "vector",
        Text("水库水面", "lake"),
        "polygon",
        (
            _ID,
            _NAME,
            _NAME_EN,
            Field("level_m", "number", Text("水位", "water level"), "m", low=-500, high=9000),
            Field("area_km2", "number", Text("面积", "area"), "km²", low=0, required=False),
        ),
    ),
    LayerSchema(
        "lake_levels",
        "table",
        Text("特征水位", "characteristic levels"),
        fields=(
            _ID,
            Field("level_m", "number", Text("水位", "water level"), "m", low=-500, high=9000),
            Field("title_zh", "text", Text("中文名称", "Chinese title")),
            Field("title_en", "text", Text("英文名称", "English title")),
        ),
    ),
    LayerSchema(
        "lake_storage",
        "table",
        Text("水位库容曲线", "storage curve"),
        fields=(
            Field("level_m", "number", Text("水位", "water level"), "m", low=-500, high=9000),
            Field("storage_hm3", "number", Text("库容", "storage"), "hm³", low=0),
        ),
    ),
    LayerSchema(
        "roads",
        "vector",
        Text("道路", "roads"),
        "line",
        (
            _ID,
            Field("ref", "text", Text("路线编号", "road number"), required=False),
            _NAME,
            _NAME_EN,
            Field("class", "text", Text("道路等级", "road class"), allowed=ROAD_CLASSES),
            Field("speed_kmh", "number", Text("速度", "speed"), "km/h", low=1, high=120),
            Field("status", "text", Text("状态", "status"), allowed=("existing", "planned")),
            Field(
                "structure",
                "text",
                Text("结构类型", "structure"),
                allowed=("earth", "bridge", "tunnel"),
                required=False,
            ),
            Field(
                "oneway",
                "text",
                Text("单行（按画线方向）", "one way, as drawn"),
                allowed=("yes", "no"),
                required=False,
            ),
            Field(
                "level_m",
                "number",
                Text("路面高程", "level of the road"),
                "m",
                low=-500,
                high=9000,
                required=False,
            ),
        ),
    ),
    LayerSchema(
        "park",
        "vector",
        Text("国家公园", "national park"),
        "polygon",
        (
            _ID,
            Field("zone", "text", Text("管控分区", "zone"), allowed=("core", "general")),
            _NAME,
            _NAME_EN,
        ),
        lies="inside",
    ),
    LayerSchema(
        "pilots",
        "vector",
        Text("土地综合整治试点", "land consolidation pilots"),
        "polygon",
        (_code(Text("乡镇代码", "township code"), refers="townships"), _PLACE, _NAME_EN),
        lies="inside",
        own=True,
    ),
    LayerSchema(
        "new_town",
        "vector",
        Text("产业新城范围", "industrial new town"),
        "polygon",
        (_ID, _PLACE, _NAME_EN),
        lies="inside",
        own=True,
    ),
    LayerSchema(
        "lijing_park",
        "vector",
        Text("丽景民族工业园", "Lijing industrial park"),
        "polygon",
        (_ID, _PLACE, _NAME_EN),
        lies="anywhere",
        own=True,
    ),
    LayerSchema(
        "settlements",
        "vector",
        Text("居民点", "settlements"),
        "point",
        (
            _ID,
            _TOWNSHIP,
            Field("population", "number", Text("人口", "population"), PEOPLE, low=0, high=1e8),
            _HEIGHT,
        ),
        lies="inside",
    ),
    LayerSchema(
        "facilities",
        "vector",
        Text("公共服务设施", "facilities"),
        "point",
        (
            _ID,
            Field("kind", "text", Text("类别", "kind"), allowed=FACILITY_KINDS),
            _NAME,
            _NAME_EN,
            Field(
                "township",
                "text",
                Text("乡镇代码", "township code"),
                required=False,
                refers="townships",
            ),
        ),
    ),
    PARCELS,
    INDUSTRIAL_PLOTS,
    LayerSchema(
        "forest",
        "vector",
        Text("林权地块", "forest by owner"),
        "polygon",
        (
            _ID,
            Field(
                "class",
                "text",
                Text("林地类型（三调编码）", "kind of forest, code of the third survey"),
                allowed=FOREST_CLASSES,
                required=False,
            ),
            Field(
                "ownership",
                "text",
                Text("林地所有权（空为未知）", "owner of the land; empty: not known"),
                allowed=OWNERS,
                required=False,
            ),
            _TOWNSHIP,
        ),
    ),
    LayerSchema(
        "basic_farmland",
        "vector",
        Text("永久基本农田", "permanent basic farmland"),
        "polygon",
        (_ID, _TOWNSHIP),
    ),
    LayerSchema(
        "redline",
        "vector",
        Text("生态保护红线", "ecological redline"),
        "polygon",
        (_ID, _NAME, _NAME_EN),
    ),
    LayerSchema(
        "source_water",
        "vector",
        Text("饮用水水源保护区", "drinking-water source zones"),
        "polygon",
        (
            _ID,
            Field(
                "grade",
                "text",
                Text("级别", "grade"),
                allowed=("first", "second", "quasi"),
                required=False,
            ),
            _NAME,
            _NAME_EN,
        ),
    ),
    HAZARDS,
    DEVELOPMENT_BOUNDARY,
    LEVELLED_LAND,
    LayerSchema(
        "park_gates",
        "vector",
        Text("国家公园入口", "park gates"),
        "point",
        (_ID, _NAME, Field("ref", "text", Text("路线编号", "road number"), required=False)),
        own=True,
    ),
    LayerSchema(
        "tower_sites",
        "vector",
        Text("瞭望塔候选点", "candidate watch towers"),
        "point",
        (_ID, _HEIGHT),
        own=True,
    ),
)
CATALOG: Mapping[str, LayerSchema] = MappingProxyType({one.name: one for one in _LAYERS})
"""The schema of each layer, by name."""


def schema_of(layer: str) -> LayerSchema:
    """Give the schema of a layer.

    Raises
    ------
    UsageError
        If there is no such layer; the nearest name is suggested.

    Examples
    --------
    >>> schema_of("dem").title.en
    'terrain'
    """
    if layer in CATALOG:
        return CATALOG[layer]
    near = difflib.get_close_matches(layer, list(CATALOG), n=1)
    names = joined(CATALOG)
    meant = Text(f"是否指 {near[0]}？", f"did you mean {near[0]}? ") if near else NO_TEXT
    raise UsageError(
        Text(
            f"没有图层 {layer!r}；{meant.zh}现有：{names.zh}",
            f"no layer {layer!r}; {meant.en}there are: {names.en}",
        )
    )

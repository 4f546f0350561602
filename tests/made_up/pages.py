"""A run on made-up ground for the tests of the pages; no place of it exists."""

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo.raster import Raster
from geo.words import Text, alike
from layers.rulebook import Rule
from layers.source import Quality, Source
from scenarios.result import Category, Check, Claim, Column, Layer, Metric, Result, Run, Table
from tests.made_up.ground import (
    CLASSES,
    COLUMNS,
    ENGLISH,
    EPSG,
    GRID,
    MINUTES,
    NAMES,
    ROWS,
    ground,
    lines,
    outline,
    points,
    surface,
    townships,
)

T_TIME = Text("出行时间", "Travel time")
T_BASE = Text("行政区划", "Administrative")
T_ROAD = Text("交通", "Transport")


def column(name, zh, en, unit="", decimals=None):
    return Column(name, Text(zh, en), unit, decimals)


def source(layer, zh, en, quality):
    return Source(
        layer,
        Text(zh, en),
        "示例测绘院",
        "CC-BY-4.0",
        "2026-03-01",
        "EPSG:4549",
        "0" * 64,
        8,
        quality,
    )


def layers():
    county = outline()
    towns, seats = townships(county)
    _, shade = ground()
    before, after = surface(seats, faster=False), surface(seats, faster=True)
    inside = shapely.contains_xy(county, *GRID.xy(*np.mgrid[0:ROWS, 0:COLUMNS]))
    before[~inside] = np.nan
    after[~inside] = np.nan
    roads, rivers = lines(seats)
    people, services = points(county, seats)
    minutes = {"unit": "min", "theme": T_TIME, "breaks": MINUTES}
    town_columns = (
        column("code", "代码", "Code"),
        column("name", "名称", "Name"),
        column("name_en", "英文名", "English name"),
        column("before_min", "现状平均时间", "Mean time now", "min", 1),
        column("after_min", "情景平均时间", "Mean time then", "min", 1),
        column("people", "人口", "People", "persons", 0),
    )
    return (
        Layer(
            "hillshade",
            Text("地形晕渲", "Hillshade"),
            Text("底图", "Ground"),
            "hillshade",
            Raster(shade, GRID),
            sources=("dem",),
        ),
        Layer(
            "time_before",
            Text("到县城时间 · 现状", "Minutes to the seat, now"),
            meaning="amount",
            data=Raster(before, GRID),
            side="before",
            sources=("dem", "roads"),
            **minutes,
        ),
        Layer(
            "time_after",
            Text("到县城时间 · 情景", "Minutes to the seat, then"),
            meaning="amount",
            data=Raster(after, GRID),
            side="after",
            sources=("dem", "roads"),
            **minutes,
        ),
        Layer(
            "saved",
            Text("时间变化", "Change of time"),
            meaning="change",
            data=Raster(after - before, GRID),
            side="difference",
            better="lower",
            unit="min",
            theme=T_TIME,
            breaks=(-20.0, -10.0, -5.0, -1.0, 1.0, 5.0),
            sources=("dem", "roads"),
        ),
        Layer(
            "town_time",
            Text("乡镇平均时间", "Mean minutes by township"),
            T_TIME,
            "amount",
            towns,
            value="after_min",
            unit="min",
            columns=town_columns,
            shown=False,
            breaks=MINUTES,
            sources=("townships",),
        ),
        Layer(
            "rivers",
            Text("河流", "Rivers"),
            Text("水系", "Water"),
            "water",
            rivers,
            columns=(column("id", "编号", "Id"), column("name", "名称", "Name")),
            label="name",
            sources=("rivers",),
        ),
        Layer(
            "townships",
            Text("乡镇界", "Townships"),
            T_BASE,
            "boundary",
            towns,
            columns=town_columns,
            label="name",
            sources=("townships",),
        ),
        Layer(
            "roads",
            Text("道路", "Roads"),
            T_ROAD,
            "path",
            roads,
            value="class",
            columns=(
                column("ref", "路线", "Route"),
                column("class", "等级", "Class"),
                column("speed_kmh", "设计速度", "Speed", "km/h", 0),
            ),
            categories=tuple(Category(c, Text(zh, en)) for c, zh, en in CLASSES),
            sources=("roads",),
            rules=("JTG-B01-speed",),
        ),
        Layer(
            "second",
            Text("第二通道", "Second passage"),
            T_ROAD,
            "path",
            roads[roads["class"] == "planned"],
            value="class",
            label="ref",
            columns=(column("ref", "路线", "Route"),),
            categories=(Category("planned", Text("规划道路", "Planned road")),),
            side="after",
            sources=("roads",),
        ),
        Layer(
            "settlements",
            Text("居民点", "Settlements"),
            Text("人口与设施", "People and services"),
            "place",
            people,
            value="minutes",
            unit="min",
            columns=(
                column("people", "人口", "People", "persons", 0),
                column("minutes", "到县城时间", "Minutes to seat", "min", 1),
            ),
            breaks=MINUTES,
            shown=False,
            sources=("settlements",),
        ),
        Layer(
            "services",
            Text("公共服务设施", "Services"),
            Text("人口与设施", "People and services"),
            "place",
            services,
            value="kind",
            columns=(column("kind", "类别", "Kind"), column("name", "名称", "Name")),
            label="name",
            categories=(
                Category("hospital", Text("医院", "Hospital")),
                Category("clinic", Text("卫生院", "Clinic")),
                Category("primary_school", Text("小学", "Primary school")),
            ),
            sources=("facilities",),
        ),
        Layer(
            "outline",
            Text("县界", "County boundary"),
            T_BASE,
            "outline",
            gpd.GeoDataFrame({"code": ["X"]}, geometry=[county], crs=EPSG),
            sources=("townships",),
        ),
    )


def tables():
    minutes = np.arange(0, 121, 5)
    curve = pd.DataFrame(
        {
            "minutes": minutes,
            "seat_before": 100 / (1 + np.exp(-(minutes - 38) / 11)),
            "seat_after": 100 / (1 + np.exp(-(minutes - 32) / 10)),
            "hospital_before": 100 / (1 + np.exp(-(minutes - 45) / 13)),
            "hospital_after": 100 / (1 + np.exp(-(minutes - 41) / 12)),
        }
    )
    towns = pd.DataFrame(
        {
            "name": NAMES,
            "name_en": ENGLISH,
            "before": [41.2, 22.5, 9.8, 33.0, 27.1, 58.6, 71.3, 25.0],
            "after": [33.9, 22.5, 9.1, 27.4, 27.1, 47.0, 63.8, 25.0],
        }
    )
    label = column("name", "乡镇", "Township")
    return (
        Table(
            "reach",
            Text("人口累计曲线", "People within minutes"),
            curve,
            (
                column("minutes", "时间", "Time", "min"),
                column("seat_before", "县城 · 现状", "Seat, now", "%"),
                column("seat_after", "县城 · 情景", "Seat, then", "%"),
                column("hospital_before", "医院 · 现状", "Hospital, now", "%"),
                column("hospital_after", "医院 · 情景", "Hospital, then", "%"),
            ),
            "curve",
        ),
        Table(
            "town_change",
            Text("各乡镇时间变化", "Change by township"),
            towns,
            (
                label,
                column("before", "现状", "Now", "min", 1),
                column("after", "情景减现状", "Then minus now", "min", 1),
            ),
            "change",
        ),
        Table(
            "town_bars",
            Text("各乡镇平均时间", "Mean time by township"),
            towns,
            (label, column("after", "情景", "Then", "min", 1)),
            "bars",
        ),
        Table(
            "towns",
            Text("各乡镇出行时间", "Travel time by township"),
            towns,
            (
                label,
                column("before", "现状", "Now", "min", 1),
                column("after", "情景", "Then", "min", 1),
            ),
        ),
    )


def metrics():
    return (
        Metric(
            "mean",
            Text("到县城平均时间", "Mean time to the county seat"),
            24.3,
            "min",
            29.8,
            30.0,
            "lower",
            layer="townships",
        ),
        Metric(
            "within30",
            Text("30 分钟内到县城人口", "People within 30 min of the seat"),
            71.8,
            "%",
            63.0,
            80.0,
            "higher",
            layer="settlements",
            features=("s001", "s002", "s003"),
        ),
        Metric(
            "worst",
            Text("最不便乡镇平均时间", "Worst-served township"),
            63.8,
            "min",
            71.3,
            None,
            "lower",
            note=Text("石门乡", "Shimen"),
            layer="townships",
            features=("T06",),
        ),
        Metric(
            "gini", Text("时间不均系数", "Gini of travel time"), 0.312, "", 0.344, None, "lower", 3
        ),
        Metric("land", Text("占用耕地", "Cropland taken"), 1032.0, "ha", 0.0, 900.0, "lower", 0),
        Metric(
            "none",
            Text("高中可达", "High school"),
            float("nan"),
            "min",
            None,
            None,
            "lower",
            note=Text("缺少设施图层", "no such layer"),
        ),
    )


def checks():
    return (
        Check(
            "speed",
            Text("规划道路设计速度", "Speed of the planned road"),
            "pass",
            alike("60 km/h"),
            alike("40–80 km/h"),
            "JTG-B01-speed",
            "roads",
            ("road_8",),
        ),
        Check(
            "grade",
            Text("规划道路纵坡", "Grade of the planned road"),
            "unknown",
            Text("无高程断面", "no profile of heights"),
            alike("≤ 6 %"),
            "JTG-B01-grade",
        ),
        Check(
            "clinic",
            Text("每个乡镇有卫生院", "A clinic in every township"),
            "fail",
            alike("6 / 8"),
            alike("8 / 8"),
            "",
            "townships",
            ("T04", "T06"),
        ),
    )


def answer():
    return (
        Text(
            "第二通道使全县到县城平均时间由 29.8 分钟降至 24.3 分钟。",
            "With the second passage the county seat is 24.3 minutes away on average, 29.8 now.",
        ),
        Text(
            "30 分钟内到县城的人口由 63.0 % 升至 71.8 %，距目标 80 % 尚差 8.2 个百分点。",
            "71.8 % of people are within 30 minutes, 63.0 % now; 80 % are asked for.",
        ),
    )


def claims():
    return (
        Claim("land", 1000.0, 1032.0, 1100.0, from_="0101", to="road", layer="townships"),
        Claim("yuan", 5.2e8, 5.2e8, 5.2e8, year=2023, title=Text("造价", "Cost")),
        Claim("cropland_owed", 3.5, 3.5, 3.5, place="T04", rule="JTG-B01-speed"),
    )


def run(**changes):
    """Give the whole made-up run."""
    fields = {
        "key": "7f3a" * 16,
        "scenario": "access",
        "title": Text("示例县出行可达性评估", "Made-up county access review"),
        "question": Text(
            "谁能在多少分钟内到达县城与医院，第二通道改变了什么？",
            "Who reaches the seat and a hospital in how many minutes?",
        ),
        "measures": (4,),
        "params": {"walk_kmh": 5, "edits": ["second_passage"]},
        "changed": {"walk_kmh": 4.5},
        "county": "made_up",
        "county_name": Text("示例县", "Made-up County"),
        "crs": "EPSG:4549",
        "data_date": "2026-03",
        "quality": Quality.MODELLED,
        "sources": (
            source("dem", "地形", "Terrain", Quality.MODELLED),
            source("roads", "道路", "Roads", Quality.SCHEMATIC),
            source("townships", "乡镇", "Townships", Quality.DERIVED),
            source("rivers", "河流", "Rivers", Quality.MODELLED),
            source("settlements", "居民点", "Settlements", Quality.MODELLED),
            source("facilities", "设施", "Facilities", Quality.SCHEMATIC),
        ),
        "rules": (
            Rule("JTG-B01-speed", "JTG B01-2014", "3.5.1", "secondary"),
            Rule("JTG-B01-grade", "JTG B01-2014", "4.0.20", "unverified"),
        ),
        "subtitle": Text("现状与第二通道建成后对比", "Now and with the second passage"),
        "result": Result(layers(), tables(), metrics(), checks(), answer=answer(), claims=claims()),
    }
    return Run(**{**fields, **changes})

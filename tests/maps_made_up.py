"""A run on made-up ground for the tests of the pages; no place of it exists."""

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from affine import Affine
from pyproj import CRS

from geo.grid import Grid
from geo.raster import Raster
from geo.words import Text, alike
from layers.rulebook import Rule
from layers.source import Quality, Source
from scenarios.result import Category, Check, Claim, Column, Layer, Metric, Result, Run, Table

WEST, SOUTH, CELL, ROWS, COLUMNS = 470_000.0, 3_080_000.0, 100.0, 400, 460
EPSG = CRS(4549)
NAMES = ("云岭乡", "白坞乡", "城关镇", "溪口镇", "东溪镇", "南山乡", "石门乡", "竹川镇")
ENGLISH = ("Yunling", "Baiwu", "Chengguan", "Xikou", "Dongxi", "Nanshan", "Shimen", "Zhuchuan")
MINUTES = (15.0, 30.0, 45.0, 60.0, 90.0)
GRID = Grid((ROWS, COLUMNS), Affine(CELL, 0, WEST, 0, -CELL, SOUTH + ROWS * CELL), EPSG)
T_TIME = Text("出行时间", "Travel time")
T_BASE = Text("行政区划", "Administrative")
T_ROAD = Text("交通", "Transport")


def outline():
    angle = np.linspace(0, 2 * np.pi, 240, endpoint=False)
    radius = 0.84 + 0.08 * np.sin(3 * angle) + 0.05 * np.cos(5 * angle) + 0.02 * np.sin(11 * angle)
    x = WEST + COLUMNS * CELL * (0.5 + 0.5 * radius * np.cos(angle))
    y = SOUTH + ROWS * CELL * (0.5 + 0.5 * radius * np.sin(angle))
    return shapely.Polygon(np.column_stack([x, y]))


def townships(county):
    random = np.random.default_rng(5)
    west, south, east, north = county.bounds
    seats = [
        shapely.Point(
            west + (east - west) * (0.2 + 0.2 * (k % 4)) + random.normal(0, 1200),
            south + (north - south) * (0.3 + 0.4 * (k // 4)) + random.normal(0, 1200),
        )
        for k in range(len(NAMES))
    ]
    cells = shapely.get_parts(
        shapely.voronoi_polygons(shapely.MultiPoint(seats), extend_to=county.envelope)
    )
    cells = [next(c for c in cells if c.contains(seat)).intersection(county) for seat in seats]
    return gpd.GeoDataFrame(
        {
            "code": [f"T{k:02d}" for k in range(len(NAMES))],
            "name": NAMES,
            "name_en": ENGLISH,
            "before_min": [41.2, 22.5, 9.8, 33.0, 27.1, 58.6, 71.3, 25.0],
            "after_min": [33.9, 22.5, 9.1, 27.4, 27.1, 47.0, 63.8, 25.0],
            "people": [3120, 2480, 31005, 8210, 6120, 2210, 1540, 7003],
        },
        geometry=cells,
        crs=EPSG,
        index=[f"T{k:02d}" for k in range(len(NAMES))],
    ), seats


def ground():
    y, x = np.mgrid[0:ROWS, 0:COLUMNS]
    height = (
        260 * np.sin(x / 37) * np.cos(y / 29)
        + 130 * np.sin(x / 11 + y / 17)
        + 55 * np.sin(x / 5.0) * np.sin(y / 6.3)
        + 18 * np.sin(x / 2.3 + np.cos(y / 3.1))
        + 700
    )
    down, right = np.gradient(height, CELL)
    slope, aspect = np.arctan(2.2 * np.hypot(right, down)), np.arctan2(-right, down)
    sun, high = np.radians(315), np.radians(45)
    shade = np.sin(high) * np.cos(slope) + np.cos(high) * np.sin(slope) * np.cos(sun - aspect)
    return height, np.clip(shade, 0, 1)


def surface(seats, faster):
    y, x = np.mgrid[0:ROWS, 0:COLUMNS]
    px, py = GRID.xy(y, x)
    height, _ = ground()
    minutes = (
        4 + np.hypot(px - seats[2].x, py - seats[2].y) / 420 + np.maximum(height - 600, 0) / 22
    )
    if faster:
        near = np.exp(-((py - seats[0].y) ** 2) / 3.5e7) * (px < seats[2].x)
        minutes = minutes * (1 - 0.35 * near)
    return minutes.astype(np.float32)


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
        Layer("hillshade", Text("地形晕渲", "Hillshade"), Text("底图", "Ground"), "hillshade", Raster(shade, GRID), sources=("dem",)),
        Layer("time_before", Text("到县城时间 · 现状", "Minutes to the seat, now"), meaning="amount", data=Raster(before, GRID), side="before", sources=("dem", "roads"), **minutes),
        Layer("time_after", Text("到县城时间 · 情景", "Minutes to the seat, then"), meaning="amount", data=Raster(after, GRID), side="after", sources=("dem", "roads"), **minutes),
        Layer("saved", Text("时间变化", "Change of time"), meaning="change", data=Raster(after - before, GRID), side="difference", better="lower", unit="min", theme=T_TIME, breaks=(-20.0, -10.0, -5.0, -1.0, 1.0, 5.0), sources=("dem", "roads")),
        Layer("town_time", Text("乡镇平均时间", "Mean minutes by township"), T_TIME, "amount", towns, value="after_min", unit="min", columns=town_columns, shown=False, breaks=MINUTES, sources=("townships",)),
        Layer("rivers", Text("河流", "Rivers"), Text("水系", "Water"), "water", rivers, columns=(column("id", "编号", "Id"), column("name", "名称", "Name")), label="name", sources=("rivers",)),
        Layer("townships", Text("乡镇界", "Townships"), T_BASE, "boundary", towns, columns=town_columns, label="name", sources=("townships",)),
        Layer("roads", Text("道路", "Roads"), T_ROAD, "path", roads, value="class", columns=(column("ref", "路线", "Route"), column("class", "等级", "Class"), column("speed_kmh", "设计速度", "Speed", "km/h", 0)), categories=tuple(Category(c, Text(zh, en)) for c, zh, en in CLASSES), sources=("roads",), rules=("JTG-B01-speed",)),
        Layer("second", Text("第二通道", "Second passage"), T_ROAD, "path", roads[roads["class"] == "planned"], value="class", label="ref", columns=(column("ref", "路线", "Route"),), categories=(Category("planned", Text("规划道路", "Planned road")),), side="after", sources=("roads",)),
        Layer("settlements", Text("居民点", "Settlements"), Text("人口与设施", "People and services"), "place", people, value="minutes", unit="min", columns=(column("people", "人口", "People", "persons", 0), column("minutes", "到县城时间", "Minutes to seat", "min", 1)), breaks=MINUTES, shown=False, sources=("settlements",)),
        Layer("services", Text("公共服务设施", "Services"), Text("人口与设施", "People and services"), "place", services, value="kind", columns=(column("kind", "类别", "Kind"), column("name", "名称", "Name")), label="name", categories=(Category("hospital", Text("医院", "Hospital")), Category("clinic", Text("卫生院", "Clinic")), Category("primary_school", Text("小学", "Primary school"))), sources=("facilities",)),
        Layer("outline", Text("县界", "County boundary"), T_BASE, "outline", gpd.GeoDataFrame({"code": ["X"]}, geometry=[county], crs=EPSG), sources=("townships",)),
    )  # fmt: skip


CLASSES = (
    ("expressway", "高速公路", "Expressway"),
    ("national", "国道", "National road"),
    ("county", "县道", "County road"),
    ("planned", "规划道路", "Planned road"),
)


def wave(a, b, bend):
    t = np.linspace(0, 1, 60)
    x = a.x + (b.x - a.x) * t + bend * np.sin(t * 9)
    y = a.y + (b.y - a.y) * t + bend * np.sin(t * 7 + 1) - bend * np.sin(1)
    return shapely.LineString(np.column_stack([x, y]))


def lines(seats):
    pairs = [(2, 6, "national", "G901"), (2, 3, "national", "G901"), (0, 1, "county", "X101"), (1, 2, "county", "X102"),
             (4, 5, "county", "X103"), (5, 6, "county", "X104"), (6, 7, "county", "X105"), (1, 5, "expressway", "S26"), (2, 0, "planned", "第二通道")]  # fmt: skip
    speed = {"expressway": 100, "national": 60, "county": 40, "planned": 60}
    roads = gpd.GeoDataFrame(
        {
            "ref": [ref for *_, ref in pairs],
            "class": [kind for *_, kind, _ in pairs],
            "speed_kmh": [speed[kind] for *_, kind, _ in pairs],
        },
        geometry=[wave(seats[a], seats[b], 500 + 60 * k) for k, (a, b, *_) in enumerate(pairs)],
        crs=EPSG,
        index=[f"road_{k}" for k in range(len(pairs))],
    )
    west, east = (
        shapely.Point(WEST + 3000, seats[0].y + 4000),
        shapely.Point(WEST + 42_500, seats[7].y - 5000),
    )
    rivers = gpd.GeoDataFrame(
        {"id": ["r1"], "name": ["示例溪"]},
        geometry=[wave(west, east, 1500)],
        crs=EPSG,
        index=["r1"],
    )
    return roads, rivers


def points(county, seats):
    random = np.random.default_rng(11)
    spots = [
        shapely.Point(WEST + COLUMNS * CELL * u, SOUTH + ROWS * CELL * v)
        for u, v in random.random((400, 2))
    ]
    spots = [p for p in spots if county.contains(p)][:220]
    people = gpd.GeoDataFrame(
        {"people": random.integers(20, 900, len(spots)), "minutes": random.gamma(3, 14, len(spots))},
        geometry=spots, crs=EPSG, index=[f"s{k:03d}" for k in range(len(spots))],
    )  # fmt: skip
    kinds = [
        "clinic",
        "clinic",
        "hospital",
        "clinic",
        "primary_school",
        "clinic",
        "primary_school",
        "clinic",
    ]
    services = gpd.GeoDataFrame(
        {"kind": kinds, "name": [f"示例{n[:2]}{'医院' if k == 'hospital' else '院校'}" for k, n in zip(kinds, NAMES, strict=True)]},
        geometry=[shapely.Point(s.x + 300, s.y - 250) for s in seats], crs=EPSG, index=[f"f{k}" for k in range(len(seats))],
    )  # fmt: skip
    return people, services


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
        Table("reach", Text("人口累计曲线", "People within minutes"), curve, (column("minutes", "时间", "Time", "min"), column("seat_before", "县城 · 现状", "Seat, now", "%"), column("seat_after", "县城 · 情景", "Seat, then", "%"), column("hospital_before", "医院 · 现状", "Hospital, now", "%"), column("hospital_after", "医院 · 情景", "Hospital, then", "%")), "curve"),
        Table("town_change", Text("各乡镇时间变化", "Change by township"), towns, (label, column("before", "现状", "Now", "min", 1), column("after", "情景减现状", "Then minus now", "min", 1)), "change"),
        Table("town_bars", Text("各乡镇平均时间", "Mean time by township"), towns, (label, column("after", "情景", "Then", "min", 1)), "bars"),
        Table("towns", Text("各乡镇出行时间", "Travel time by township"), towns, (label, column("before", "现状", "Now", "min", 1), column("after", "情景", "Then", "min", 1))),
    )  # fmt: skip


def metrics():
    return (
        Metric("mean", Text("到县城平均时间", "Mean time to the county seat"), 24.3, "min", 29.8, 30.0, "lower", layer="townships"),
        Metric("within30", Text("30 分钟内到县城人口", "People within 30 min of the seat"), 71.8, "%", 63.0, 80.0, "higher", layer="settlements", features=("s001", "s002", "s003")),
        Metric("worst", Text("最不便乡镇平均时间", "Worst-served township"), 63.8, "min", 71.3, None, "lower", note=Text("石门乡", "Shimen"), layer="townships", features=("T06",)),
        Metric("gini", Text("时间不均系数", "Gini of travel time"), 0.312, "", 0.344, None, "lower", 3),
        Metric("land", Text("占用耕地", "Cropland taken"), 1032.0, "ha", 0.0, 900.0, "lower", 0),
        Metric("none", Text("高中可达", "High school"), float("nan"), "min", None, None, "lower", note=Text("缺少设施图层", "no such layer")),
    )  # fmt: skip


def checks():
    return (
        Check("speed", Text("规划道路设计速度", "Speed of the planned road"), "pass", alike("60 km/h"), alike("40–80 km/h"), "JTG-B01-speed", "roads", ("road_8",)),
        Check("grade", Text("规划道路纵坡", "Grade of the planned road"), "unknown", Text("无高程断面", "no profile of heights"), alike("≤ 6 %"), "JTG-B01-grade"),
        Check("clinic", Text("每个乡镇有卫生院", "A clinic in every township"), "fail", alike("6 / 8"), alike("8 / 8"), "", "townships", ("T04", "T06")),
    )  # fmt: skip


def answer():
    return (
        Text("第二通道使全县到县城平均时间由 29.8 分钟降至 24.3 分钟。", "With the second passage the county seat is 24.3 minutes away on average, 29.8 now."),
        Text("30 分钟内到县城的人口由 63.0 % 升至 71.8 %，距目标 80 % 尚差 8.2 个百分点。", "71.8 % of people are within 30 minutes, 63.0 % now; 80 % are asked for."),
    )  # fmt: skip


def claims():
    return (
        Claim("land", 1000.0, 1032.0, 1100.0, from_="0101", to="road", layer="townships"),
        Claim("yuan", 5.2e8, 5.2e8, 5.2e8, year=2023, title=Text("造价", "Cost")),
        Claim("cropland_owed", 3.5, 3.5, 3.5, place="T04", rule="JTG-B01-speed"),
    )  # fmt: skip


def run(**changes):
    """Give the whole made-up run."""
    fields = {
        "key": "7f3a" * 16,
        "scenario": "access",
        "title": Text("示例县出行可达性评估", "Made-up county access review"),
        "question": Text("谁能在多少分钟内到达县城与医院，第二通道改变了什么？", "Who reaches the seat and a hospital in how many minutes?"),
        "measures": (4,),
        "params": {"walk_kmh": 5, "edits": ["second_passage"]},
        "changed": {"walk_kmh": 4.5},
        "county": "made_up",
        "county_name": Text("示例县", "Made-up County"),
        "crs": "EPSG:4549",
        "data_date": "2026-03",
        "quality": Quality.MODELLED,
        "sources": (
            source("dem", "地形", "Terrain", Quality.MODELLED), source("roads", "道路", "Roads", Quality.SCHEMATIC),
            source("townships", "乡镇", "Townships", Quality.DERIVED), source("rivers", "河流", "Rivers", Quality.MODELLED),
            source("settlements", "居民点", "Settlements", Quality.MODELLED), source("facilities", "设施", "Facilities", Quality.SCHEMATIC),
        ),
        "rules": (
            Rule("JTG-B01-speed", "JTG B01-2014", "3.5.1", "secondary"),
            Rule("JTG-B01-grade", "JTG B01-2014", "4.0.20", "unverified"),
        ),
        "subtitle": Text("现状与第二通道建成后对比", "Now and with the second passage"),
        "result": Result(layers(), tables(), metrics(), checks(), answer=answer(), claims=claims()),
    }  # fmt: skip
    return Run(**{**fields, **changes})

"""Made-up ground for the tests of the pages: heights, townships, roads, people; no place exists."""

import geopandas as gpd
import numpy as np
import shapely
from affine import Affine
from pyproj import CRS

from geo.grid import Grid

WEST, SOUTH, CELL, ROWS, COLUMNS = 470_000.0, 3_080_000.0, 100.0, 400, 460
EPSG = CRS(4549)
NAMES = ("云岭乡", "白坞乡", "城关镇", "溪口镇", "东溪镇", "南山乡", "石门乡", "竹川镇")
ENGLISH = ("Yunling", "Baiwu", "Chengguan", "Xikou", "Dongxi", "Nanshan", "Shimen", "Zhuchuan")
MINUTES = (15.0, 30.0, 45.0, 60.0, 90.0)
GRID = Grid((ROWS, COLUMNS), Affine(CELL, 0, WEST, 0, -CELL, SOUTH + ROWS * CELL), EPSG)


CLASSES = (
    ("expressway", "高速公路", "Expressway"),
    ("national", "国道", "National road"),
    ("county", "县道", "County road"),
    ("planned", "规划道路", "Planned road"),
)


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


def wave(a, b, bend):
    t = np.linspace(0, 1, 60)
    x = a.x + (b.x - a.x) * t + bend * np.sin(t * 9)
    y = a.y + (b.y - a.y) * t + bend * np.sin(t * 7 + 1) - bend * np.sin(1)
    return shapely.LineString(np.column_stack([x, y]))


def lines(seats):
    pairs = [
        (2, 6, "national", "G901"),
        (2, 3, "national", "G901"),
        (0, 1, "county", "X101"),
        (1, 2, "county", "X102"),
        (4, 5, "county", "X103"),
        (5, 6, "county", "X104"),
        (6, 7, "county", "X105"),
        (1, 5, "expressway", "S26"),
        (2, 0, "planned", "第二通道"),
    ]
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
        {
            "people": random.integers(20, 900, len(spots)),
            "minutes": random.gamma(3, 14, len(spots)),
        },
        geometry=spots,
        crs=EPSG,
        index=[f"s{k:03d}" for k in range(len(spots))],
    )
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
        {
            "kind": kinds,
            "name": [
                f"示例{n[:2]}{'医院' if k == 'hospital' else '院校'}"
                for k, n in zip(kinds, NAMES, strict=True)
            ],
        },
        geometry=[shapely.Point(s.x + 300, s.y - 250) for s in seats],
        crs=EPSG,
        index=[f"f{k}" for k in range(len(seats))],
    )
    return people, services

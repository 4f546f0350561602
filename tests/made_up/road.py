"""A made-up road with alternatives, structures, a profile and a front of plans."""

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
import shapely.ops

from geo.words import Text
from scenarios.result import (
    Alternative,
    Category,
    Check,
    Column,
    Layer,
    Metric,
    Part,
    Result,
    Stretch,
    Table,
)
from tests.made_up import pages
from tests.made_up.ground import EPSG, SOUTH, WEST

STEP = 20.0
WAYS = (
    ("沿溪方案", "Along the stream", 900),
    ("隧道方案", "By tunnel", 250),
    ("绕山方案", "Round the hill", 2600),
)


def height(x, y):
    """Give the made-up ground at a place, metres above sea level."""
    return (
        420
        + 90 * np.sin(x / 2100) * np.cos(y / 1700)
        + 34 * np.sin(x / 610 + y / 540)
        + 9 * np.sin(x / 170)
        + (x - WEST) / 260
    )


def stations(bend):
    """Give points every 20 m along a made-up road, heights and structures."""
    t = np.linspace(0, 1, 900)
    x = WEST + 9000 + 15_000 * t + bend * np.sin(5 * t)
    y = SOUTH + 15_000 + 9000 * t + bend * np.sin(4 * t + 1) - bend * np.sin(1)
    line = shapely.LineString(np.column_stack([x, y]))
    chainage = np.arange(0, line.length, STEP)
    points = shapely.line_interpolate_point(line, chainage)
    x, y = shapely.get_x(points), shapely.get_y(points)
    ground = height(x, y)
    knots = np.linspace(0, chainage[-1], 12)
    design = np.interp(
        chainage, knots, np.convolve(np.interp(knots, chainage, ground), [0.25, 0.5, 0.25], "same")
    )
    design[chainage < knots[1]] = np.linspace(
        ground[0], design[chainage >= knots[1]][0], (chainage < knots[1]).sum()
    )
    design[chainage > knots[-2]] = np.linspace(
        design[chainage <= knots[-2]][-1], ground[-1], (chainage > knots[-2]).sum()
    )
    step = design - ground
    structure = np.where(step > 14, "bridge", np.where(step < -24, "tunnel", "earth"))
    return line, pd.DataFrame(
        {
            "chainage_m": chainage,
            "x": x,
            "y": y,
            "ground_m": ground,
            "design_m": design,
            "structure": structure,
        }
    )


def stretches(line, table, name):
    """Give bridges and tunnels as lines."""
    marks = table["structure"].ne(table["structure"].shift()).cumsum()
    for _, part in table.groupby(marks):
        kind = part["structure"].iloc[0]
        if kind != "earth":
            ends = part["chainage_m"].iloc[[0, -1]] + [0, STEP]
            yield kind, name, shapely.ops.substring(line, *ends)


def column(name, zh, en, unit="", decimals=None):
    return Column(name, Text(zh, en), unit, decimals)


def run():
    """Give the made-up run of a road: base layers, three alternatives, a front."""
    plain = pages.run()
    lines, tables, structures = [], [], []
    for zh, en, bend in WAYS:
        line, table = stations(bend)
        lines.append(line)
        tables.append(
            table.assign(
                alternative=zh,
                alternative_en=en,
                radius_m=np.where(table.index % 40 < 20, 125.0, np.nan),
            )
        )
        structures += list(stretches(line, table, zh))
    theme = Text("方案", "Alternatives")
    names = [zh for zh, *_ in WAYS]
    ways = gpd.GeoDataFrame(
        {
            "alternative": names,
            "length_m": [line.length for line in lines],
            "bound_by": ["road.grade;road.radius", "road.grade", ""],
        },
        geometry=lines,
        crs=EPSG,
        index=[f"way_{k}" for k in range(len(names))],
    )
    built = gpd.GeoDataFrame(
        {
            "structure": [kind for kind, *_ in structures],
            "alternative": [name for _, name, _ in structures],
            "length_m": [line.length for *_, line in structures],
        },
        geometry=[line for *_, line in structures],
        crs=EPSG,
        index=[f"structure_{k}" for k in range(len(structures))],
    )
    kept = [
        one
        for one in plain.result.layers
        if one.id in {"hillshade", "rivers", "townships", "roads", "outline"}
    ]
    length = column("length_m", "长度", "Length", "m", 1)
    layers = (
        *kept,
        Layer(
            "ways",
            Text("路线方案", "Alternatives"),
            theme,
            "path",
            ways,
            value="alternative",
            columns=(column("alternative", "方案", "Alternative"), length),
            categories=tuple(Category(zh, Text(zh, en)) for zh, en, _ in WAYS),
            label="alternative",
            binding="bound_by",
            side="planned",
            focus=True,
            sources=("dem",),
        ),
        Layer(
            "structures",
            Text("桥梁与隧道", "Bridges and tunnels"),
            theme,
            "path",
            built,
            value="structure",
            columns=(
                column("structure", "类别", "Kind"),
                column("alternative", "方案", "Alternative"),
                length,
            ),
            categories=(
                Category("bridge", Text("桥梁", "Bridge")),
                Category("tunnel", Text("隧道", "Tunnel")),
            ),
            side="planned",
            sources=("dem",),
        ),
        *fields(ways),
    )
    profile = pd.concat(tables, ignore_index=True)
    columns = (
        column("alternative", "方案", "Alternative"),
        column("alternative_en", "英文名", "English name"),
        column("chainage_m", "桩号", "Chainage", "m", 1),
        column("x", "东坐标", "Easting", "m", 2),
        column("y", "北坐标", "Northing", "m", 2),
        column("ground_m", "地面高程", "Ground", "m", 2),
        column("design_m", "设计高程", "Design", "m", 2),
        column("structure", "结构", "Structure"),
        column("radius_m", "半径", "Radius", "m", 0),
    )
    return pages.run(
        title=Text("示例公路选线", "Made-up road alternatives"),
        scenario="corridor",
        result=Result(
            layers,
            (
                Table("profile", Text("纵断面", "Profile"), profile, columns, "profile"),
                mass(tables),
                front(),
                phases(),
                comparison(lines, structures),
                built_table(built),
            ),
            headlines(0, lines),
            (*plain.result.checks, *checks()),
            alternatives=tuple(
                Alternative(zh, Text(zh, en), headlines(k, lines), "ways", (f"way_{k}",))
                for k, (zh, en, _) in enumerate(WAYS)
            ),
        ),
    )


def headlines(place, lines):
    """Give the headline figures of one made-up road."""
    length = Metric(
        "length",
        Text("推荐方案长度", "Length of the chosen road"),
        lines[place].length / 1000,
        "km",
        None,
        None,
        "lower",
        2,
        Text("与理论最优的差距不超过 0.20 %", "at most 0.20 % above the best possible"),
        "ways",
        (f"way_{place}",),
    )
    return (length,)


BENDS = (1_200.0, 3_300.0, 8_300.0)  # where the tightest bend of each road begins, m
TIGHT = 1  # the road of which it is too tight


def checks():
    """Give a made-up check that says what it finds of each road, and one of their land."""
    parts = tuple(
        Part(
            zh,
            "fail" if k == TIGHT else "pass",
            Text(f"{100 * k + 90} m @ 半径 {k}", f"{100 * k + 90} m @ radius {k}"),
            (Stretch(BENDS[k], BENDS[k] + 300),),
        )
        for k, (zh, *_) in enumerate(WAYS)
    )
    words = Text("圆曲线最小半径", "Tightest radius")
    yield Check(
        "radius", words, "fail", Text("三条", "three"), Text("≥ 125 m", "≥ 125 m"), parts=parts
    )
    parts = tuple(
        Part(zh, "pass", Text(f"{k} 块", f"{k} fields"), (), "fields", (f"field_{k}",))
        for k, (zh, *_) in enumerate(WAYS)
    )
    words = Text("占用农田", "Fields taken")
    yield Check("fields", words, "pass", Text("三块", "three"), Text("", ""), parts=parts)


def fields(ways):
    """Give a made-up field half-way along each road, and minutes that are of one road each."""
    names = list(ways["alternative"])
    shapes = [line.interpolate(0.5, normalized=True).buffer(300) for line in ways.geometry]
    frame = gpd.GeoDataFrame(
        {"alternative": names},
        geometry=shapes,
        crs=EPSG,
        index=[f"field_{k}" for k in range(len(names))],
    )
    common = {"theme": Text("农田", "Fields"), "meaning": "category", "sources": ("dem",)}
    yield Layer(
        "fields",
        Text("所占农田", "Fields taken"),
        data=frame,
        columns=(column("alternative", "方案", "Alternative"),),
        side="planned",
        shown=False,
        **common,
    )
    now = gpd.GeoDataFrame(geometry=shapes[:1], crs=EPSG, index=["now"])
    yield Layer(
        "fields_now", Text("现有农田", "Fields now"), data=now, side="before", shown=False, **common
    )
    for k, (zh, en, _) in enumerate(WAYS):
        yield Layer(
            f"left_{zh}",
            Text(f"所余农田 {zh}", f"Fields left, {en}"),
            data=frame.iloc[[k]],
            side="after",
            shown=not k,
            alternative=zh,
            **common,
        )


def built_table(built):
    """Give bridges and tunnels with their stations, more columns than a panel shows."""
    rows = built.drop(columns="geometry").reset_index(names="id")
    rows["station"] = [f"K{1 + k // 50}+{20 * (k % 50):03d}.000" for k in range(len(rows))]
    columns = (
        column("alternative", "方案", "Alternative"),
        column("id", "编号", "Id"),
        column("structure", "类别", "Kind"),
        column("station", "桩号", "Station"),
        column("length_m", "长度", "Length", "m", 1),
        column("height_m", "高度", "Height", "m", 1),
    )
    rows["height_m"] = 12.5
    return Table("built", Text("桥隧表", "Bridges and tunnels"), rows, columns)


def mass(tables):
    """Give made-up mass diagrams: earth 10 m wide, balanced half-way, then left over or lacking."""
    parts = []
    for table in tables:
        earth = np.where(table["structure"] == "earth", table["ground_m"] - table["design_m"], 0)
        curve = np.append(0.0, np.cumsum(200.0 * earth)[:-1])
        half = len(curve) // 2
        level = np.where(np.arange(len(curve)) < half, 0.0, curve[-1])
        parts.append(table[["alternative", "chainage_m"]].assign(mass_m3=curve, balance_m3=level))
    columns = (
        column("alternative", "方案", "Alternative"),
        column("chainage_m", "桩号", "Chainage", "m", 1),
        column("mass_m3", "土方累积", "Mass", "m³", 0),
        column("balance_m3", "平衡线", "Balance", "m³", 0),
    )
    return Table(
        "mass",
        Text("土方调配图", "Mass haul"),
        pd.concat(parts, ignore_index=True),
        columns,
        "mass",
    )


def front():
    """Give a made-up front of cost against hectares."""
    cost = np.array([2.1, 2.3, 2.6, 3.0, 3.6, 4.5, 5.9])
    rows = pd.DataFrame(
        {
            "cost": cost,
            "land": 60 / cost,
            "plan": [f"P{k}" for k in range(7)],
            "chosen": [k == 2 for k in range(7)],
        }
    )
    columns = (
        column("cost", "造价", "Cost", "10k CNY", 1),
        column("land", "占地", "Land", "ha", 2),
        column("plan", "方案", "Plan"),
        column("chosen", "选定", "Chosen"),
    )
    return Table("front", Text("造价与占地", "Cost against land"), rows, columns, "front")


def phases():
    """Give made-up yearly phases."""
    rows = pd.DataFrame({"year": ["2026", "2027", "2028"], "ha": [41.5, 60.2, 33.0]})
    columns = (column("year", "年份", "Year"), column("ha", "面积", "Area", "ha", 1))
    return Table("phases", Text("分年实施", "By year"), rows, columns, "bars")


def comparison(lines, structures):
    """Give one row each alternative."""
    names = [zh for zh, *_ in WAYS]
    rows = pd.DataFrame(
        {
            "alternative": names,
            "alternative_en": [en for _, en, _ in WAYS],
            "length_km": [line.length / 1000 for line in lines],
            "bridges_m": [
                sum(s.length for kind, own, s in structures if own == name and kind == "bridge")
                for name in names
            ],
            "tunnels_m": [
                sum(s.length for kind, own, s in structures if own == name and kind == "tunnel")
                for name in names
            ],
            "cost": [23_410.0, 31_020.5, np.nan],
        }
    )
    columns = (
        column("alternative", "方案", "Alternative"),
        column("alternative_en", "英文名", "English name"),
        column("length_km", "长度", "Length", "km", 2),
        column("bridges_m", "桥梁", "Bridges", "m", 0),
        column("tunnels_m", "隧道", "Tunnels", "m", 0),
        column("cost", "造价", "Cost", "10k CNY", 1),
    )
    return Table(
        "comparison", Text("方案对比", "Alternatives compared"), rows, columns, role="comparison"
    )

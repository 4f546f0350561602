"""Made-up land: a fabric of parcels that share their borders, as it is and as a plan would have it."""

from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo.words import Text, hectares
from layers.rulebook import Rule
from scenarios.result import Category, Check, Column, Layer, Metric, Proof, Result, Table
from tests.made_up import pages
from tests.made_up.ground import EPSG, SOUTH, WEST

CLASSES = (
    ("0101", "水田", "Paddy"),
    ("0103", "旱地", "Dry land"),
    ("0201", "果园", "Orchard"),
    ("0301", "乔木林地", "Forest"),
    ("0404", "其他草地", "Grass"),
    ("0702", "农村宅基地", "Homesteads"),
    ("1104", "坑塘水面", "Pond"),
)
SIDE, BETWEEN = 95.0, 5


def column(name, zh, en, unit="", decimals=None):
    return Column(name, Text(zh, en), unit, decimals)


def fabric(rows, columns):
    """Give rows × columns parcels whose borders are shared lines of a few points each."""
    random = np.random.default_rng(17)
    y, x = np.mgrid[0 : rows + 1, 0 : columns + 1].astype(float)
    nodes = np.stack(
        [x + random.uniform(-0.2, 0.2, x.shape), y + random.uniform(-0.2, 0.2, x.shape)], axis=-1
    )
    nodes = nodes * SIDE + [WEST + 12_000, SOUTH + 10_000]

    def bent(a, b):
        t = np.linspace(0, 1, BETWEEN + 2)[1:-1, None, None, None]
        return np.moveaxis((a + (b - a) * t) + random.normal(0, 1.6, (BETWEEN, *a.shape)), 0, 2)

    across = bent(nodes[:, :-1], nodes[:, 1:])
    down = bent(nodes[:-1], nodes[1:])
    south = np.concatenate([nodes[:-1, :-1, None], across[:-1]], axis=2)
    east = np.concatenate([nodes[:-1, 1:, None], down[:, 1:]], axis=2)
    north = np.concatenate([nodes[1:, 1:, None], across[1:, :, ::-1]], axis=2)
    west = np.concatenate([nodes[1:, :-1, None], down[:, :-1, ::-1]], axis=2)
    rings = np.concatenate([south, east, north, west], axis=2).reshape(rows * columns, -1, 2)
    return shapely.polygons(rings)


def parcels(rows, columns):
    """Give the parcels with what they are, would be, and what forbids a change."""
    random = np.random.default_rng(23)
    shapes = fabric(rows, columns)
    middle = shapely.centroid(shapes)
    x, y = shapely.get_x(middle), shapely.get_y(middle)
    wave = (
        np.sin(x / 900)
        + np.cos(y / 700)
        + 0.5 * np.sin(x / 260 + y / 310)
        + random.normal(0, 0.35, len(x))
    )
    place = np.digitize(wave, [-1.5, -0.9, -0.5, 0.9, 1.3, 1.9])
    now = np.array([code for code, *_ in CLASSES])[place]
    then = now.copy()
    some = random.random(len(now))
    then[(now == "0201") & (some < 0.3)] = "0101"
    then[(now == "0103") & (some < 0.2)] = "0301"
    change = np.where(now == then, "kept", np.where(np.char.startswith(then, "01"), "in", "out"))
    bound = np.where(some > 0.85, "land.redline;land.slope", np.where(some > 0.7, "land.slope", ""))
    count = len(shapes)
    return gpd.GeoDataFrame(
        {
            "BSM": [f"331127{k:012d}" for k in range(count)],
            "TBMJ": np.round(shapely.area(shapes), 2),
            "DLBM": now,
            "then": then,
            "change": change,
            "bound_by": bound,
            "slope_deg": np.where(some < 0.01, np.nan, random.gamma(3, 4, count)),
            "GDPDJB": random.integers(1, 6, count),
            "basic": random.random(count) < 0.4,
            "village": [f"V{k:02d}" for k in random.integers(0, 40, count)],
        },
        geometry=shapes,
        crs=EPSG,
        index=[f"p{k:05d}" for k in range(count)],
    )


def run(rows=187, columns=188):
    """Give the made-up run: land now and then on the same shapes, the change, blocks, a front."""
    plain = pages.run()
    land = parcels(rows, columns)
    theme = Text("土地利用", "Land use")
    kinds = tuple(Category(code, Text(zh, en)) for code, zh, en in CLASSES)
    columns_ = (
        column("BSM", "标识码", "Id code"),
        column("DLBM", "地类编码", "Class"),
        column("then", "规划地类", "Class then"),
        column("TBMJ", "图斑面积", "Area", "m²", 2),
        column("slope_deg", "坡度", "Slope", "°", 1),
        column("GDPDJB", "坡度级", "Slope class"),
        column("basic", "永久基本农田", "Basic farmland"),
        column("village", "村", "Village"),
    )
    common = {"theme": theme, "columns": columns_, "binding": "bound_by", "sources": ("roads",)}
    fields = land[land["change"] == "in"].iloc[:400]
    blocks = gpd.GeoDataFrame(
        {"kind": ["block"] * 12},
        geometry=list(fields.geometry.buffer(150).iloc[:: len(fields) // 13][:12]),
        crs=EPSG,
        index=[f"b{k}" for k in range(12)],
    )
    kept = [
        one
        for one in plain.result.layers
        if one.id in {"hillshade", "rivers", "townships", "outline"}
    ]
    layers = (
        *kept,
        Layer(
            "before",
            Text("现状地类", "Land use now"),
            meaning="category",
            data=land,
            value="DLBM",
            categories=kinds,
            side="before",
            **common,
        ),
        Layer(
            "after",
            Text("规划地类", "Land use then"),
            meaning="category",
            data=land,
            value="then",
            categories=kinds,
            side="after",
            **common,
        ),
        Layer(
            "moves",
            Text("调整", "Changes"),
            meaning="category",
            data=land,
            value="change",
            categories=(
                Category("in", Text("调入", "In")),
                Category("out", Text("调出", "Out")),
                Category("kept", Text("不变", "Kept")),
            ),
            side="difference",
            **common,
        ),
        Layer(
            "blocks",
            Text("百亩方", "Blocks of 100 mu"),
            theme,
            "boundary",
            blocks,
            value="kind",
            categories=(Category("block", Text("百亩方", "Block of 100 mu")),),
        ),
    )
    rules = (
        Rule(
            "land.redline",
            "自然资发〔2021〕166号",
            "第二条",
            "secondary",
            title=Text("生态保护红线内不得新增耕地", "No new cropland in the redline"),
        ),
        Rule(
            "land.slope",
            "三调",
            "",
            "unverified",
            title=Text("25° 以上不得新增耕地", "No new cropland above 25°"),
        ),
    )
    chosen = tuple(land.index[land["change"] == "in"])
    return replace(
        plain,
        scenario="consolidation",
        title=Text("示例县跨乡镇土地整治", "Made-up land consolidation"),
        subtitle=Text("耕地、园地、林地之间的调整", "Exchange of cropland, orchard and forest"),
        rules=rules,
        result=Result(
            layers,
            tables(land),
            (
                Metric(
                    "in",
                    Text("调入耕地", "Cropland entering"),
                    float(land.loc[list(chosen), "TBMJ"].sum()) / 1e4,
                    "ha",
                    0.0,
                    None,
                    "higher",
                    1,
                    Text("与理论最优的差距不超过 0.20 %", "at most 0.20 % above the best possible"),
                    "after",
                    chosen,
                ),
                Metric(
                    "parcels",
                    Text("参与图斑", "Parcels in the pilot"),
                    len(land),
                    "count",
                    decimals=0,
                    layer="before",
                ),
            ),
            tuple(
                Check(
                    f"c{k}",
                    Text(f"第 {k} 条规则", f"Rule {k}"),
                    ("pass", "fail", "unknown")[k % 3],
                    hectares(k, decimals=1),
                    hectares(0, decimals=0),
                    "land.slope",
                    "before",
                    tuple(land.index[k : k + 3]),
                )
                for k in range(14)
            ),
        ),
    )


def tables(land):
    """Give the change of area by class and the moves by year."""
    now, then = (land.groupby(name)["TBMJ"].sum() / 1e4 for name in ("DLBM", "then"))
    rows = pd.DataFrame(
        {
            "name": [zh for _, zh, _ in CLASSES],
            "name_en": [en for *_, en in CLASSES],
            "before": [now.get(code, 0.0) for code, *_ in CLASSES],
            "after": [then.get(code, 0.0) for code, *_ in CLASSES],
        }
    )
    label = column("name", "地类", "Class")
    return (
        Table(
            "classes",
            Text("地类面积变化", "Change by class"),
            rows,
            (
                label,
                column("before", "现状", "Now", "ha", 1),
                column("after", "规划", "Then", "ha", 1),
            ),
            "change",
        ),
    )


def proven(run):
    """Give the run with a certificate, with words on what it covers, and ended by a clock."""
    words = Text(
        "与理论最优的差距：据求解器 0 %；其中合并地块的整数规划的界仅据求解器 HiGHS，未另行证明",
        "within 0 % of the best possible, by the word of HiGHS",
    )
    title = Text(
        "方案与理论最优的差距（占改善量）", "Distance to the best possible, of the improvement"
    )
    known = Text("不超过 2.882 %，可复核", "within 2.882 %, can be re-checked")
    asked, none = Text("≤ 0.1 %", "≤ 0.1 %"), Text("", "")
    checks = (
        Check("proof", title, "pass", words, asked),
        Check(
            "proof_certified",
            Text("与理论最优的差距：由证书证明的", "Distance as certified"),
            "unknown",
            known,
            asked,
        ),
        Check(
            "proof_beyond",
            Text("方案证明之外的部分", "What the proof does not cover"),
            "unknown",
            Text(
                "分年安排：据求解器 HiGHS，距最优不超过 0.005 %；前沿 4 点：证书未留存，界均据乘子",
                "years: within 0.005 % of the best order, by the word of HiGHS; 4 points of the front",
            ),
            none,
        ),
    )
    proofs = (Proof("exchange", title, known, words, b"", "moves", "in"),)
    result = replace(
        run.result, checks=(*checks, *run.result.checks), proofs=proofs, reproducible=False
    )
    return replace(run, result=result)

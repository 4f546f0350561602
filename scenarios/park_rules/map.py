"""A project in the park on the map and in tables, and the land it claims there."""

from __future__ import annotations

from collections.abc import Iterator

import geopandas as gpd
import pandas as pd

from geo.words import Text, headed
from layers.land.classes import class_title
from layers.land.taken import taken
from layers.roads.edits import edited_roads
from layers.rulebook import STANDINGS
from layers.zones import PARK_ZONES, ZONES
from scenarios.answers import backdrop
from scenarios.park_rules.case import LAYERS, VERDICTS, Case, conditions, worst
from scenarios.park_rules.terms import CONDITIONS
from scenarios.park_rules.verdicts import MEASURES, ZONE_TITLES
from scenarios.result import Category, Claim, Column, Layer, Meaning, Table

PROJECT = Text("项目与分区", "Project and zones")
ZONE = Column(
    "zone",
    Text("分区", "Zone"),
    categories=(
        *(Category(zone, title) for zone, title in ZONE_TITLES.items()),
        Category("outside", Text("园外", "Outside of the park")),
        Category("unknown", Text("未知", "Unknown")),
    ),
)
VERDICT = Column(
    "verdict",
    Text("结论", "Verdict"),
    categories=tuple(Category(code, title) for code, title in VERDICTS.items()),
)
NAMES = (Column("name", Text("名称", "Name")), Column("name_en", Text("英文名", "English name")))
EXCEPTION = Column("exception", Text("主张的例外", "Exception claimed"), "", 0)
SIZES = tuple(Column(one.id, headed(one.title), one.unit, one.decimals) for one in MEASURES)
TITLES: dict[str, tuple[Text, Meaning]] = {
    "parts_areas": (Text("项目用地（按结论）", "Land of the project, by verdict"), "category"),
    "parts_lines": (Text("项目线路（按结论）", "Lines of the project, by verdict"), "path"),
    "parts_points": (Text("项目点位（按结论）", "Points of the project, by verdict"), "place"),
}
SLIVER_HA = 1e-4  # 1 m²: less is how borders of two surveys differ


def layers(case: Case) -> Iterator[Layer]:
    """Give the backdrop, the zones of the park, and the parts of the project by verdict."""
    county = case.county
    yield from backdrop.ground(county)
    towns = county.vector("townships").sort_index()
    yield backdrop.townships(county, towns, (), ("dem",))
    if case.zones is not None:
        yield _zones(case, case.zones)
    yield from backdrop.roads(edited_roads(county))
    for name in reversed(LAYERS):
        rows = case.parts[case.parts["layer"] == name]
        if len(rows):
            yield _parts(case, name, rows)


def _zones(case: Case, zones: gpd.GeoDataFrame) -> Layer:
    frame = zones.assign(zone=list(zones.index), area_ha=zones.area / 1e4)
    taking = (ZONES[f"park_{zone}"].taking for zone in PARK_ZONES)
    frame["rule"] = [rule if rule in case.book else "" for rule in taking]
    return Layer(
        "zones",
        Text("国家公园分区", "Zones of the national park"),
        PROJECT,
        "category",
        frame,
        value="zone",
        columns=(ZONE, Column("area_ha", Text("面积", "Area"), "ha", 2)),
        categories=ZONE.categories[: len(PARK_ZONES)],
        sources=("park",),
        binding="rule",
    )


def _parts(case: Case, name: str, rows: gpd.GeoDataFrame) -> Layer:
    title, meaning = TITLES[name]
    here = tuple(one for one in VERDICT.categories if (rows["verdict"] == one.code).any())
    layers_read = ("park", "new_town", "lijing_park", "roads")
    used = {"park", *rows["source"]} | ({"roads"} if (rows["source"] == "run").any() else set())
    known = tuple(one for one in layers_read if one in used and one in case.county)
    return Layer(
        name,
        title,
        PROJECT,
        meaning,
        rows,
        value="verdict",
        columns=(*NAMES, ZONE, VERDICT, EXCEPTION, *SIZES),
        categories=here,
        focus=True,
        sources=known or ("outline",),
        binding="rule",
    )


def tables(case: Case) -> Iterator[Table]:
    """Give the parts, sums by zone that close to the whole, verdicts by shape, conditions."""
    yield _part_table(case)
    yield _sums(case)
    yield _shapes(case)
    if case.items:
        yield _conditions(case)


def _part_table(case: Case) -> Table:
    frame = pd.DataFrame(case.parts.drop(columns="geometry")).reset_index(drop=True)
    frame["rule"] = frame["rule"].replace("", None)
    rules = {one for one in frame["rule"] if one}
    titles = tuple(Category(one, short(one)) for one in sorted(rules))
    columns = (
        Column("shape", Text("图形", "Shape")),
        *NAMES,
        ZONE,
        *SIZES,
        EXCEPTION,
        VERDICT,
        Column("rule", Text("依据", "By the rule"), categories=titles),
    )
    return Table("parts", Text("分段", "Parts"), frame, columns)


def short(rule: str) -> Text:
    """Give what a rule of the park is called in a narrow column; pop-ups and checks say it whole.

    >>> short("park.exception_7").en, short("park.core").en
    ('Exception 7', 'Core zone of the park')
    """
    name = rule.removeprefix("park.")
    number = name.removeprefix("exception_")
    return ZONE_TITLES.get(name) or Text(f"例外第 {number} 项", f"Exception {number}")


def _sums(case: Case) -> Table:
    """Sum parts by zone, the whole last as it was before it was split."""
    parts = case.parts
    rows = []
    for zone in (one.code for one in ZONE.categories):
        part = parts[parts["zone"] == zone]
        if len(part) or (zone in PARK_ZONES and case.zones is not None):
            rows.append({"zone": zone, "parts": len(part), **_added(part)})
    rows.append({"zone": "total", "parts": len(parts), **_added(parts)})
    total = Category("total", Text("合计", "Total"))
    zone_column = Column("zone", ZONE.title, categories=(*ZONE.categories, total))
    columns = (zone_column, Column("parts", Text("分段数", "Parts"), "count", 0), *SIZES)
    frame = pd.DataFrame(rows, columns=[one.name for one in columns])
    return Table("zones", Text("分区合计", "Sums by zone"), frame, columns)


def _added(parts: gpd.GeoDataFrame) -> dict[str, float]:
    return {one.id: float(parts[one.id].sum(min_count=1)) for one in MEASURES}


def _shapes(case: Case) -> Table:
    """Give each shape with its metres and hectares in the park, and its verdict."""
    rows = []
    for label, parts in case.parts.groupby("shape", sort=False):
        inside = parts[parts["zone"].isin(PARK_ZONES)]
        names = {one.name: parts[one.name].iloc[0] for one in NAMES}
        verdict = worst(list(parts["verdict"]))
        rows.append({"shape": label, **names, **_added(inside), "verdict": verdict})
    columns = (Column("shape", Text("图形", "Shape")), *NAMES, *SIZES, VERDICT)
    frame = pd.DataFrame(rows, columns=[one.name for one in columns])
    return Table(
        "verdicts", Text("各图形在园内部分与结论", "Shapes: in the park, verdict"), frame, columns
    )


def _conditions(case: Case) -> Table:
    """Give each condition of the exceptions claimed: met or not, on which ground, standing."""
    states = {True: "yes", False: "no", None: "unknown"}
    rows = []
    for item in case.items:
        for name in conditions(item) or ("",):
            met = case.met(name) if name else None
            rows.append(
                {
                    "item": item.id,
                    "condition": name or None,
                    "state": states[met.state] if met else None,
                    "ground": met.ground.zh if met else None,
                    "ground_en": met.ground.en if met else None,
                    "status": item.status,
                }
            )
    titles = tuple(Category(one.id, short(one.id)) for one in case.items)
    columns = (
        Column("item", Text("例外", "Exception"), categories=titles),
        Column(
            "condition",
            Text("条件", "Condition"),
            categories=tuple(Category(code, headed(words)) for code, words in CONDITIONS.items()),
        ),
        Column(
            "state",
            Text("是否符合", "Met"),
            categories=(
                Category("yes", Text("是", "Yes")),
                Category("no", Text("否", "No")),
                Category("unknown", Text("未知", "Unknown")),
            ),
        ),
        Column("ground", Text("根据", "Ground")),
        Column("ground_en", Text("根据（英文）", "Ground, in English")),
        Column(
            "status",
            Text("规则状态", "Standing"),
            categories=tuple(Category(code, headed(words)) for code, words in STANDINGS.items()),
        ),
    )
    frame = pd.DataFrame(rows, columns=[one.name for one in columns], dtype=object)
    return Table("conditions", Text("例外的条件", "Conditions of the exceptions"), frame, columns)


def claims(case: Case) -> Iterator[Claim]:
    """Give the land in the park that is taken, by class and township; a run has claimed its own."""
    parts = case.parts
    flat = parts[parts["layer"].eq("parts_areas") & parts["source"].ne("run")]
    for zone in PARK_ZONES:
        rows = flat[flat["zone"] == zone]
        taking = ZONES[f"park_{zone}"].taking
        for one in taken(case.county, rows[["geometry"]]).to_dict("records"):
            hectares = float(one["area_ha"])
            if hectares <= SLIVER_HA:
                continue
            title, where = class_title(one["class"]), ZONE_TITLES[zone]
            yield Claim(
                "land",
                hectares,
                hectares,
                hectares,
                place=one["township"],
                from_=one["class"],
                to="project",
                rule=taking if taking in case.book else "",
                layer="parts_areas",
                features=tuple(sorted(rows.index.astype(str))),
                title=Text(
                    f"{where.zh}内{title.zh}用于项目",
                    f"{where.en}: {title.en} taken by the project",
                ),
            )

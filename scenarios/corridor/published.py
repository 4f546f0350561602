"""The chosen road held against one whose cost is published: both by the km, what explains it."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping

import pandas as pd

from geo.alignment.profile.cost import base_prices, section_prices
from geo.alignment.values import BRIDGE, EARTH, TUNNEL, Costs, Limits
from geo.words import NO_TEXT, Text
from layers.roads.prices import WORKS_YUAN, Book, bill
from layers.roads.reference import Reference
from scenarios.answers.figures import unit_column
from scenarios.corridor.codes import STANDING
from scenarios.corridor.figures import WAN
from scenarios.corridor.road import Case, Study
from scenarios.result import Category, Check, Column, Table

GROUPS: Mapping[str, tuple[str, ...]] = {
    "earth": ("cut", "fill", "haul", "surplus", "deficit", "spoil", "wall"),
    "road": ("pavement", "roadside", "culvert", "junction"),
    "bridge": ("bridge", "bridge_height"),
    "tunnel": ("tunnel",),
    "land": ("land", "cropland", "dwelling"),
    "on_top": ("on_top",),
}
"""Items of the cost book that are told together."""
OTHER = "other"
MEASURES = (
    Category("yuan_km", Text("每公里造价", "Cost per km")),
    Category("earth", Text("土石方与挡墙", "Earthwork and walls")),
    Category("road", Text("路面、排水防护、涵洞与交叉", "Pavement, roadside, culverts, junctions")),
    Category("bridge", Text("桥梁", "Bridges")),
    Category("tunnel", Text("隧道", "Tunnels")),
    Category("land", Text("征地拆迁", "Land and dwellings")),
    Category("on_top", Text("其他费用与预备费", "Design, supervision and reserve")),
    Category(OTHER, Text("自备的其他项目", "Other items of one's own")),
    Category("beyond", Text("手册未能解释的部分", "What the cost book does not explain")),
    Category("bridge_share", Text("桥梁占里程", "Bridges, share of the length")),
    Category("tunnel_share", Text("隧道占里程", "Tunnels, share of the length")),
    Category("bridge_m", Text("每米桥梁造价", "A metre of bridge")),
    Category("tunnel_m", Text("每米隧道造价", "A metre of tunnel")),
    Category("earth_m", Text("每米路基路面造价", "A metre on earth, with pavement")),
    Category("land_km", Text("每公里用地", "Land per km")),
)
LENGTHS = ("earth_m", "bridge_m", "tunnel_m")


def comparison(study: Study, title: Text) -> Iterator[Table]:
    """Give both roads by the km, share and metre; nothing where none is named.

    How a published road is made up is mostly not published: its quantities are assumed, paid by the
    cost book, and what then lacks to its published cost is told as such.
    """
    known = study.setting.terms.published
    if known is None:
        return
    book = study.setting.terms.book
    theirs, ours = _of_reference(known, book), _of_case(study.best, book)
    frame = pd.DataFrame(
        [
            (
                one.code,
                theirs.get(one.code, math.nan),
                ours.get(one.code, math.nan),
                _unit(one.code),
            )
            for one in MEASURES
            if one.code in theirs.keys() | ours.keys()
        ],
        columns=["measure", "published", "own", "unit"],
    )
    frame.insert(3, "difference", frame["published"] - frame["own"])
    frame["status"] = ["unverified"] * len(frame)
    frame.loc[frame["measure"] == "yuan_km", "status"] = known.status
    columns = (
        Column("measure", Text("项目", "Item"), categories=MEASURES),
        Column("published", known.title, "", 2),
        Column("own", study.best.title, "", 2),
        Column("difference", Text("差额", "Difference"), "", 2),
        unit_column(frame["unit"]),
        STANDING,
    )
    yield Table("published", title, frame, columns)


def _unit(code: str) -> str:
    if code.endswith("_share"):
        return "%"
    if code in LENGTHS:
        return "万元/m"
    return "ha/km" if code == "land_km" else "万元/km"


def _of_case(case: Case, book: Book) -> dict[str, float]:
    sums = case.items["yuan"]
    return _measures({**case.amounts, "length_m": case.length_m}, sums, book, case.cost_yuan)


def _of_reference(known: Reference, book: Book) -> dict[str, float]:
    """Give the measures of a published road; those of what nobody knows are left out."""
    quantities = dict.fromkeys((item.quantity for item in book.values()), math.nan)
    quantities |= known.quantities
    found = _measures(quantities, bill(quantities, book)["yuan"], book, known.published_yuan)
    parts = [
        found.get(name, math.nan) for name in (*GROUPS, OTHER) if name != OTHER or name in found
    ]
    return {
        name: value
        for name, value in {**found, "beyond": found["yuan_km"] - sum(parts)}.items()
        if not math.isnan(value)
    }


def _measures(
    amounts: Mapping[str, float], sums: pd.Series, book: Book, whole_yuan: float
) -> dict[str, float]:
    """Give cost by the km, its groups, shares of the length, cost by the metre of each kind."""
    km, metres = amounts["length_m"] / 1e3, amounts["length_m"]
    named = {item: group for group, items in GROUPS.items() for item in items}
    groups = sums.groupby([named.get(item, OTHER) for item in book]).sum(min_count=1)
    if all(
        math.isnan(amounts[item.quantity]) for item in book.values() if item.quantity != WORKS_YUAN
    ):
        groups["on_top"] = math.nan
    found = {"yuan_km": whole_yuan / km / WAN}
    found |= {str(name): float(yuan) / km / WAN for name, yuan in groups.items()}
    lengths = {name: amounts.get(name, math.nan) for name in LENGTHS}
    found |= {f"{kind}_share": 100 * lengths[f"{kind}_m"] / metres for kind in ("bridge", "tunnel")}
    paid = {
        "earth_m": groups.get("earth", math.nan) + groups.get("road", math.nan),
        "bridge_m": groups.get("bridge", math.nan),
        "tunnel_m": groups.get("tunnel", math.nan),
    }
    for name, yuan in paid.items():
        if lengths[name] > 0:
            found[name] = yuan / lengths[name] / WAN
    found["land_km"] = amounts["land_m2"] / WAN / km
    return found


def sentence(study: Study) -> Iterator[Text]:
    """Say both costs by the km, and how much of the difference bridges and tunnels are."""
    known = study.setting.terms.published
    if known is None:
        return
    book = study.setting.terms.book
    theirs, ours = _of_reference(known, book), _of_case(study.best, book)
    cost, own = f"{theirs['yuan_km']:,.0f}", f"{ours['yuan_km']:,.0f}"
    standing = next(one.title for one in STANDING.categories if one.code == known.status)
    more = Text("其构成未公布。", "how that road is made up is not known.")
    if {"bridge_share", "tunnel_share", "bridge", "tunnel"} <= theirs.keys():
        gap = sum(theirs[kind] - ours.get(kind, 0.0) for kind in ("bridge", "tunnel"))
        share, mine = (
            f"{one['bridge_share'] + one['tunnel_share']:.0f} %" for one in (theirs, ours)
        )
        more = Text(
            f"差额中桥隧占 {gap:,.0f} 万元/km（桥隧占里程：公布项目假定 {share}，本路线 {mine}）。",
            f"bridges and tunnels are {gap * WAN / 1e6:,.1f} million of the difference (of the "
            f"length: there, as assumed, {share}, here {mine}).",
        )
    yield Text(
        f"对照公布造价：{known.title.zh}，{cost} 万元/km（{standing.zh}），本路线 {own} 万元/km；"
        f"{more.zh}",
        f"Published: {known.title.en}, {theirs['yuan_km'] * WAN / 1e6:,.1f} million yuan a km "
        f"({standing.en.lower()}); this road {ours['yuan_km'] * WAN / 1e6:,.1f} million; {more.en}",
    )


def verdict(study: Study) -> Iterator[Check]:
    """Say whether the published cost lies within the range of the bill, and what remains."""
    known = study.setting.terms.published
    if known is None:
        return
    best = study.best
    km = best.length_m / 1e3
    low, high = (end / km for end in best.cost_ends)
    own = best.cost_yuan / km
    found = f"{own / WAN:,.0f} ({low / WAN:,.0f} … {high / WAN:,.0f})"
    told = f"{known.yuan_km / WAN:,.0f}"
    within = low <= known.yuan_km <= high
    yield Check(
        "published",
        Text("与公布造价对照", "Held against the published cost"),
        "pass" if within else "unknown",
        Text(
            f"本路线 {found}，公布 {told} 万元/km",
            f"this road {found}, published {told} 10k CNY/km",
        ),
        NO_TEXT,
        layer="alternatives",
        remedy=remains(study.setting.terms.costs, study.setting.terms.limits),
    )


def remains(costs: Costs, limits: Limits) -> Text:
    """Say what a design lacks to cost what such roads do.

    Examples
    --------
    A fill costs 20 yuan/m³ and a bridge 50,000 yuan/m: 10 h + 1.5 h² = 2,500 at 37.6 m. A cut at 20
    and a tunnel of 80,000: 10 d + 0.75 d² = 4,000 at 66.7 m.

    >>> prices = Costs(20, 20, 5e4, 0, 8e4, 10, 0.75, 1.5)
    >>> capped = Limits(0.06, 125, 50, 150, 1400, 1000, 50, max_cut_m=30, max_fill_m=20)
    >>> remains(prices, capped).en[:89]
    'What remains: by its prices a bridge is cheaper than fills above 38 m, a tunnel than cuts'
    """
    fill, cut = breaks_even(costs)
    capped = fill > limits.max_fill_m and cut > limits.max_cut_m
    first = Text("，而限值先到，桥隧因而少", "; the limits of both come first, so few are built")
    few = first if capped else NO_TEXT
    return Text(
        f"尚余差距：按所用单价，填高逾 {fill:.0f} m 桥才省、挖深逾 {cut:.0f} m 隧才省{few.zh}；"
        "设计按平地横断面计价，陡坡上偏低（工程量按实际横断面计）；未计地质、边坡病害与连接线；"
        "地形像元抹平冲沟。"
        "以勘察资料与自备单价核对",
        f"What remains: by its prices a bridge is cheaper than fills above {fill:.0f} m, a tunnel "
        f"than cuts above {cut:.0f} m{few.en}; the design is priced by sections on level ground, "
        "too low on steep slopes (quantities are those of the true ones); geology, slope failures "
        "and link roads are not counted; cells of the terrain smooth gullies away. Check it by a "
        "survey and prices of your own",
    )


def breaks_even(costs: Costs) -> tuple[float, float]:
    """Give the fill and the cut on level ground, m, from which a bridge or a tunnel is cheaper."""
    base, section = base_prices(costs), section_prices(costs)
    return (
        _root(
            section.fill_square,
            section.fill - costs.bridge_height_yuan_m2,
            base[BRIDGE] - base[EARTH],
        ),
        _root(section.cut_square, section.cut, base[TUNNEL] - base[EARTH]),
    )


def _root(square: float, linear: float, constant: float) -> float:
    """Give the positive x of square x² + linear x = constant; 0 where it is paid from the start.

    >>> _root(1, 0, 9), _root(1, 1, -1), _root(0, 0, 1)
    (3.0, 0.0, inf)
    """
    if constant <= 0:
        return 0.0
    if square == 0:
        return constant / linear if linear > 0 else math.inf
    return (math.sqrt(linear**2 + 4 * square * constant) - linear) / (2 * square)

"""What is told of idle land: figures, map, tables and sentences."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd

from geo.words import NO_TEXT, Text, alike, headed, hectares, joined
from layers.county import County
from layers.land import idle
from layers.land.industrial import CAUSES, DAY, FIELDS, SUPPLY, WORKS
from layers.land.rules import M2_PER_MU
from scenarios.answers.figures import Figure
from scenarios.idle_land.matching import PARTS, Matched
from scenarios.idle_land.park import EXTENT, M2_PER_HA, PLOTS, REST, TOTAL, YUAN_PER_WAN
from scenarios.idle_land.terms import IdleLand
from scenarios.result import Category, Column, Layer, Metric, Table

THEME = Text("园区土地", "Land of the park")
IDLE = Figure("idle_ha", Text("闲置土地", "Idle land"), "ha", 2, better="lower")
NOT_SUPPLIED = Figure(
    "not_supplied_ha", Text("批而未供", "Approved, not supplied"), "ha", 2, better="lower"
)
LOW = Figure("low_output_ha", Text("低效用地", "Land short of output"), "ha", 2, better="lower")
NOT_KNOWN = Figure("unknown_ha", Text("状态未知", "State not known"), "ha", 2, better="lower")
RELEASED = Figure(
    "released_ha", Text("可释放土地", "Land that can be released"), "ha", 2, better="higher"
)
SERVED = Figure("served_mu", Text("可满足的用地需求", "Demand served"), "mu", better="higher")
FEE = Figure("fee_wan_yuan", Text("土地闲置费", "Fees due on idle land"), "万元", decimals=0)
TITLES: Mapping[str, Mapping[str, Text]] = {
    "supply": {
        "not_supplied": Text("未供应", "not supplied"),
        "supplied": Text("已供应", "supplied"),
    },
    "works": {
        "not_started": Text("未动工", "not started"),
        "under_way": Text("在建", "under way"),
        "stopped": Text("停建", "stopped"),
        "complete": Text("建成", "complete"),
    },
    "cause": {
        "owner": Text("企业原因", "the holder"),
        "government": Text("政府原因", "the government"),
        "unknown": Text("待认定", "not known"),
    },
    "use": {"industry": Text("工业", "industry"), "logistics": Text("物流仓储", "logistics")},
    "why": {
        "use": Text("没有该用途的可释放宗地", "no plot of this use is released"),
        "size": Text("没有足够大的宗地", "no plot is large enough"),
        "late": Text("足够大的宗地释放过晚", "those large enough come too late"),
        "taken": Text("宗地已用于其他需求", "others take the plots"),
    },
}
"""Titles of codes, by the column that holds them."""
CODES = {"supply": SUPPLY, "works": WORKS, "cause": CAUSES}
LACKS = {field.name: headed(field.title) for field in FIELDS} | {
    idle.NO_RULE: Text("当日无此规则", "No rule on this day")
}
ENDS = {
    REST: Text("道路、绿地等（无宗地）", "Streets, green: no plot"),
    TOTAL: Text("园区范围", "Extent of the park"),
}
WAYS = {
    "taken_back": "to be taken back",
    "fee": "with a fee due",
    "agreed": "to be dealt with by agreement",
    "cause_open": "of unknown cause",
}
"""Ways of dealing with idle land within an English sentence."""
KEPT, TAKEN = "kept", "taken"


@dataclass(frozen=True, eq=False)
class Found:
    """Plots as `park.plots_of` gives them, hectares by year, the matching, yuan of fees."""

    plots: gpd.GeoDataFrame
    by_year: pd.DataFrame
    matched: Matched
    fees: pd.DataFrame

    def hectares(self, *states: str) -> float:
        """Give the hectares in some states on the day, within the extent."""
        return float(self.by_year.loc[[*states], "today"].sum())

    @property
    def released(self) -> gpd.GeoDataFrame:
        """Plots that are released within the years ahead, earliest first."""
        return self.plots.loc[self.matched.plots.index]

    @property
    def served(self) -> pd.DataFrame:
        """Demands that are served."""
        return self.matched.demands[self.matched.demands["served_year"] > 0]


def counted(plots: int) -> Text:
    """Say how many plots."""
    return Text(f"{plots} 宗", "1 plot" if plots == 1 else f"{plots} plots")


def titled(words: Mapping[str, Text]) -> tuple[Category, ...]:
    """Give codes with their titles, a capital first."""
    return tuple(Category(code, headed(title)) for code, title in words.items())


def figures(found: Found) -> Iterator[Metric]:
    """Give the headline figures; a fee without a price has none, nor what nobody asks for."""
    states = found.plots.groupby("state").groups
    for figure, these in (
        (IDLE, idle.IDLE),
        (NOT_SUPPLIED, ("not_supplied",)),
        (LOW, ("low_output",)),
        (NOT_KNOWN, (idle.NOT_KNOWN,)),
    ):
        names = sorted(str(label) for state in these for label in states.get(state, ()))
        if names or figure is not NOT_KNOWN:
            area = found.hectares(*these)
            note = counted(len(names))
            layer = "plots" if names else ""
            yield figure.metric(area, layer=layer, features=tuple(names), note=note)
    names = sorted(map(str, found.released.index))
    area = float(found.released["area_ha"].sum())
    yield (
        RELEASED.metric(area, layer="uses", features=tuple(names)) if names else RELEASED.metric(0)
    )
    if len(found.matched.demands):
        asked = float(found.matched.demands["mu"].sum())
        yield SERVED.metric(found.matched.found.total / PARTS, target=asked)
    yield from _fee(found)


def _fee(found: Found) -> Iterator[Metric]:
    known = found.fees.dropna()
    if len(known):
        low, likely, high = (float(known[end].sum()) / YUAN_PER_WAN for end in known)
        names = tuple(sorted(map(str, known.index)))
        yield FEE.metric(likely, low=low, high=high, layer="plots", features=names)


def layers(county: County, found: Found) -> Iterator[Layer]:
    """Give the extent, the plots by state, and what becomes of them."""
    if EXTENT in county:
        title = Text("园区范围", "Extent of the park")
        extent = county.vector(EXTENT).sort_index()
        yield Layer("extent", title, THEME, "boundary", extent, sources=(EXTENT,))
    plots = _shown(found)
    sources = (PLOTS,)
    here = {code: title for code, title in idle.STATES.items() if (plots["state"] == code).any()}
    yield Layer(
        "plots",
        Text("宗地状态（评判日）", "Plots by state, on the day"),
        THEME,
        "category",
        plots,
        value="state",
        columns=_columns(plots),
        categories=titled(here),
        label="number",
        side="before",
        sources=sources,
        binding="rule",
    )
    yield Layer(
        "uses",
        Text("可释放与匹配的宗地", "Plots released and matched"),
        THEME,
        "category",
        plots,
        value="becomes",
        columns=_columns(plots),
        categories=_becomes(plots),
        label="number",
        side="after",
        sources=sources,
        binding="rule",
    )


def _shown(found: Found) -> gpd.GeoDataFrame:
    """Give the plots with what a pop-up shows: days as text, what is used and what is left."""
    plots = found.plots.join(found.matched.plots)
    plots["number"] = plots.index.astype(str)
    for name in ("idle_from", "release"):
        plots[name] = plots[name].dt.strftime(DAY).astype(object)
    plots["release"] = plots["release"].where(plots["release_year"] > 0)
    plots[["used_mu", "left_mu"]] = plots[["used_mu", "left_mu"]].astype(float)
    plots["serves"] = plots["serves"].astype(object).fillna("")
    year = plots["release_year"].astype(str)
    plots["becomes"] = np.where(
        plots["release_year"] == 0, KEPT, np.where(plots["serves"] != "", TAKEN, "y" + year)
    )
    for name in ("lacks", "rule"):
        plots[name] = plots[name].astype(object)
    return plots.drop(columns=["taken_from", "release_year"])


def _becomes(plots: gpd.GeoDataFrame) -> tuple[Category, ...]:
    years = sorted(set(plots["becomes"]) - {KEPT, TAKEN})
    ends = {
        TAKEN: Text("已匹配需求", "Serves a demand"),
        **{y: Text(f"{y[1:]} 年可供，未匹配", f"Free in {y[1:]}, not asked for") for y in years},
        KEPT: Text("不释放", "Not released"),
    }
    return tuple(Category(code, ends[code]) for code in ends if (plots["becomes"] == code).any())


def _columns(frame: pd.DataFrame) -> tuple[Column, ...]:
    """Give the columns of plots, with titles for every code that occurs."""

    def coded(name: str) -> tuple[Category, ...]:
        known = dict(TITLES[name])
        other = sorted(set(frame[name].dropna().astype(str)) - set(known) - {""})
        return titled({**known, **{code: alike(code) for code in other}})

    titles = {field.name: headed(field.title) for field in FIELDS}
    return (
        Column("number", titles["id"]),
        Column("state", Text("状态", "State"), categories=titled(idle.STATES)),
        Column("area_ha", Text("面积", "Area"), "ha", 2),
        Column("mu", Text("面积（亩）", "Area in mu"), "mu", 1),
        Column("use", titles["use"], categories=coded("use")),
        Column("works", titles["works"], categories=coded("works")),
        Column("start_by", titles["start_by"]),
        Column("idle_from", Text("闲置起算日", "Idle from")),
        Column("cause", titles["cause"], categories=coded("cause")),
        Column("built_share", titles["built_share"], "", 2),
        Column("invested_share", titles["invested_share"], "", 2),
        Column("stopped_since", titles["stopped_since"]),
        Column("output_wan_yuan_mu", titles["output_wan_yuan_mu"], "万元/mu", 1),
        Column("lacks", Text("缺少", "Lacking"), categories=tuple(map(_lack, LACKS))),
        Column("release", Text("可供应日期", "Can be supplied from")),
        Column("serves", Text("匹配的需求", "Serves")),
        Column("left_mu", Text("剩余", "Left"), "mu", 1),
    )


def _lack(code: str) -> Category:
    return Category(code, LACKS[code])


def tables(found: Found, params: IdleLand) -> Iterator[Table]:
    """Give released land and demand over the years, states by year, plots in order, matches."""
    yield _curve(found, params)
    yield _states(found)
    if len(found.matched.demands):
        yield from _matches(found)
    yield _plots(found)


def _curve(found: Found, params: IdleLand) -> Table:
    """Give what is released and what is served, added up over the years."""
    years = range(params.rule_date.year, params.last_year + 1)
    free, served = found.released, found.served
    frame = pd.DataFrame({"year": [*years]})
    for state in ("not_supplied", "taken_back", "fee", "agreed", "low_output"):
        these = free[free["state"] == state]
        sums = these.groupby("release_year")["area_ha"].sum().reindex([*years]).fillna(0.0)
        if len(these):
            frame[f"{state}_ha"] = sums.to_numpy()
    parts = [name for name in frame if name != "year"]
    frame["released_ha"] = frame[parts].sum(axis=1).cumsum()
    used = served.groupby("served_year")["mu"].sum().reindex([*years]).fillna(0.0)
    frame["served_ha"] = used.to_numpy().cumsum() * M2_PER_MU / M2_PER_HA
    columns = (
        Column("year", Text("年份", "Year"), "", 0),
        *(Column(p, headed(idle.STATES[p.removesuffix("_ha")]), "ha", 2) for p in parts),
        Column("released_ha", Text("累计可释放", "Released so far"), "ha", 2),
        Column("served_ha", Text("累计已匹配", "Demand served so far"), "ha", 2),
    )
    return Table("released", Text("逐年可释放土地", "Land released by year"), frame, columns)


def _states(found: Found) -> Table:
    """Give hectares by state and year if nothing is done; states that never occur are left out."""
    frame = found.by_year
    frame = frame[(frame > 0).any(axis=1) | frame.index.isin([REST, TOTAL])]
    known = titled({**idle.STATES, **ENDS})
    when = {"today": Text("评判日", "On the day")}
    when |= {y: Text(f"{y[1:]} 年末", f"End of {y[1:]}") for y in frame if y != "today"}
    columns = (
        Column("state", Text("状态", "State"), categories=known),
        *(Column(name, title, "ha", 2) for name, title in when.items()),
    )
    title = Text("各状态面积：不作处置的情形", "Hectares by state, if nothing is done")
    return Table("states", title, frame.reset_index(names="state"), columns)


def _matches(found: Found) -> Iterator[Table]:
    demands = found.matched.demands.reset_index(names="demand").replace("", None)
    served, not_served = demands["served_year"] > 0, demands["served_year"] == 0
    head = (
        Column("demand", Text("需求", "Demand")),
        Column("mu", Text("需要", "Asked"), "mu", 1),
        Column("year", Text("需要年份", "Needed from"), "", 0),
        Column("kind", Text("用途", "Use"), categories=_kinds(demands)),
    )
    more = (
        Column("plots", Text("宗地", "Plots")),
        Column("served_year", Text("满足年份", "Served in"), "", 0),
    )
    names = [column.name for column in (*head, *more)]
    title = Text("已匹配的需求", "Demands that are served")
    yield Table("matches", title, demands.loc[served, names].reset_index(drop=True), (*head, *more))
    why = (
        Column("why", Text("原因", "Why"), categories=titled(TITLES["why"])),
        Column("largest_mu", Text("最大可释放宗地", "Largest plot released"), "mu", 1),
        Column("first_year", Text("最早可满足年份", "Large enough from"), "", 0),
    )
    names = [column.name for column in (*head, *why)]
    frame = demands.loc[not_served, names].reset_index(drop=True)
    frame["first_year"] = frame["first_year"].where(frame["first_year"] > 0).astype(float)
    title = Text("未满足的需求", "Demands that are not served")
    yield Table("unserved", title, frame, (*head, *why))


def _kinds(demands: pd.DataFrame) -> tuple[Category, ...]:
    codes = sorted(set(demands["kind"].dropna()))
    return tuple(Category(code, headed(TITLES["use"].get(code, alike(code)))) for code in codes)


def _plots(found: Found) -> Table:
    """Give the plots to look to in order: of each state those released first, then the largest."""
    shown = _shown(found)
    order = {state: place for place, state in enumerate(idle.STATES)}
    late = shown["release"].fillna("9999")
    keys = pd.DataFrame({"state": shown["state"].map(order), "late": late, "ha": -shown["area_ha"]})
    keys["number"] = shown["number"]
    wanted = shown[~shown["state"].isin(["in_use", "in_term"])]
    ordered = wanted.loc[
        keys.loc[wanted.index].sort_values(["state", "late", "ha", "number"]).index
    ]
    frame = pd.DataFrame(ordered.drop(columns=["geometry"])).reset_index(drop=True)
    frame = frame.replace({"lacks": {"": None}, "serves": {"": None}})
    frame.insert(0, "rank", np.arange(1, len(frame) + 1))
    columns = _columns(shown)
    kept = ("number", "state", "mu", "works", "idle_from", "cause", "lacks", "release", "serves")
    first = Column("rank", Text("次序", "Order"), "", 0)
    chosen = (first, *(column for column in columns if column.name in kept))
    title = Text("待处置宗地清单", "Plots to look to, in order")
    return Table("plots_in_order", title, frame[[c.name for c in chosen]], chosen)


def sentences(found: Found, params: IdleLand) -> Iterator[Text]:
    """Answer in sentences made of the figures."""
    by = {state: hectares(found.hectares(state)) for state in idle.STATES}
    day, whole = params.rule_date, hectares(found.hectares(TOTAL))
    free, low, open_ = (by[one] for one in ("not_supplied", "low_output", idle.NOT_KNOWN))
    yield Text(
        f"截至 {day}，{whole.zh}的园区中批而未供 {free.zh}，低效 {low.zh}，状态未知 {open_.zh}。",
        f"On {day} the park of {whole.en} has {free.en} approved and not supplied and {low.en} "
        f"short of output; of {open_.en} the state is not known.",
    )
    area = hectares(found.hectares(*idle.IDLE))
    parts = [
        Text(f"{headed(idle.STATES[one]).zh[3:]} {by[one].zh}", f"{by[one].en} {WAYS[one]}")
        for one in idle.IDLE
        if found.hectares(one)
    ]
    told = joined(parts, "，")
    yield Text(
        f"闲置 {area.zh}{'：' * bool(parts)}{told.zh}。",
        f"{area.en} are idle{': ' * bool(parts)}{told.en}.",
    )
    free = found.released
    first = hectares(float(free.loc[free["release_year"] == day.year, "area_ha"].sum()))
    all_ = hectares(float(free["area_ha"].sum()))
    yield Text(
        f"到 {params.last_year} 年底可释放 {all_.zh}，其中 {day.year} 年内 {first.zh}。",
        f"By the end of {params.last_year} {all_.en} can be released, {first.en} in {day.year}.",
    )
    if len(found.matched.demands):
        yield _served(found)
    yield _due(found)


def _served(found: Found) -> Text:
    demands, most = found.matched.demands, found.matched.found
    count, every = len(found.served), len(demands)
    held, asked = most.total / PARTS, demands["mu"].sum()
    beyond = Text(
        "，据求解器 HiGHS，没有面积更大的匹配",
        ", and by the word of HiGHS no matching serves more",
    )
    if most.gap:
        beyond = Text(
            f"，据求解器 HiGHS 至多还可多 {most.gap / PARTS:,.1f} 亩",
            f", and by the word of HiGHS {most.gap / PARTS:,.1f} mu more at most",
        )
    return Text(
        f"{every} 项需求中可满足 {count} 项，{held:,.1f} 亩（共需 {asked:,.1f} 亩）{beyond.zh}。",
        f"Of {every} demands {count} are served, {held:,.1f} of {asked:,.1f} mu{beyond.en}.",
    )


def _due(found: Found) -> Text:
    """Say what fees are due."""
    count, known = len(found.fees), found.fees.dropna()
    if not count:
        return Text("没有应缴闲置费的宗地。", "No plot owes a fee.")
    said, verb = counted(count), "owes" if count == 1 else "owe"
    plots = Text(f"{said.zh}应缴闲置费", f"{said.en} {verb} a fee")
    if known.empty:
        return Text(
            f"{plots.zh}，土地价款未知，金额未知。",
            f"{plots.en}; the land price is not known, nor is the sum.",
        )
    low, high = (float(known[end].sum()) / YUAN_PER_WAN for end in ("low", "high"))
    part = NO_TEXT
    if len(known) < count:
        part = Text(f"（仅 {len(known)} 宗有价款）", f" ({len(known)} with a known price)")
    span = f"{low:,.0f}" if math.isclose(low, high) else f"{low:,.0f}–{high:,.0f}"
    return Text(
        f"{plots.zh}，合计 {span} 万元{part.zh}。",
        f"{plots.en}, together {span} ten thousand yuan{part.en}.",
    )

"""What is said of the watch over the park: figures, sentences, verdicts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

import numpy as np

from geo.words import NO_TEXT, Text, alike, joined
from layers.catalog import CATALOG
from layers.county import County
from layers.rulebook import rules
from scenarios.answers import backdrop, near_best, unknowns
from scenarios.answers.figures import Figure
from scenarios.park_watch.outlook import (
    BLIND,
    COVERED,
    UNKNOWN,
    WHOLE,
    Outlook,
    by_zone,
    share,
    towers,
)
from scenarios.park_watch.towers import Choice
from scenarios.result import Check, Metric, Verdict

COVER = Figure("cover", Text("加权覆盖率", "Weighted cover"), "%", better="higher")
BLIND_AREA = Figure("blind", Text("盲区面积", "Blind area"), "ha", decimals=2, better="lower")
CORE = Figure(
    "core_cover", Text("核心保护区覆盖率", "Cover of the core zone"), "%", better="higher"
)
AREA = Figure(
    "area_cover", Text("公园面积覆盖率", "Cover of the park's area"), "%", better="higher"
)
GAP = Figure("gap", Text("距理论上限", "Gap to the bound"), "%", decimals=2, better="lower")
PATROLS = Text("巡护点可及盲区（加权）", "Blind area in reach of patrols (weighted)")
REACHED = Figure("patrolled", PATROLS, "%", better="higher")
AGAIN = "--set effort=5"
TOLD_BY = "tower_sites"


@dataclass(frozen=True)
class Origin:
    """Where candidates are from: words around their number, and the title of what is open."""

    before: Text = NO_TEXT
    after: Text = NO_TEXT
    open: Text = NO_TEXT


OWN = Origin()
NAMED = CATALOG[TOLD_BY].title
LAYER = Origin(after=Text(f"（图层“{NAMED.zh}”）", f" of the layer of {NAMED.en}"))
LAYER_MODELLED = Origin(
    Text("推算的", "modelled "),
    LAYER.after,
    Text(
        f"候选塔址取自图层“{NAMED.zh}”，为推算，未经踏勘",
        f"Places are those of the layer of {NAMED.en}, modelled, none visited",
    ),
)
TERRAIN = Origin(
    Text("推算的", "modelled "),
    open=Text("候选塔址由地形推算，未经踏勘", "Places are modelled on the terrain, none visited"),
)


def metrics(outlook: Outlook, target: float) -> Iterator[Metric]:
    """Give the headline figures; between low and high where cells are unknown."""
    zones, now = by_zone(outlook), outlook.state
    cover, unknown = share(outlook, now == COVERED), share(outlook, now == UNKNOWN)
    open_ended = {"low": cover, "high": cover + unknown} if unknown else {}
    yield COVER.metric(
        cover,
        target=target,
        layer=outlook.layer("towers") if outlook.chosen.chosen else "",
        **open_ended,
    )
    yield AREA.metric(zones.loc[WHOLE, "covered_percent"])
    if "core" in zones.index:
        yield CORE.metric(zones.loc["core", "covered_percent"])
    yield BLIND_AREA.metric(zones.loc[WHOLE, "blind_ha"])
    if len(outlook.points):
        weight = share(outlook, now == BLIND)
        reached = 100 * outlook.patrolled.covered / max(int(outlook.watched.weight.sum()), 1)
        yield REACHED.metric(100 * reached / weight)
    yield GAP.metric(100 * outlook.chosen.gap, note=rests(outlook.chosen))


def rests(choice: Choice) -> Text:
    """Say what a bound rests on.

    >>> rests(Choice(1, (0,), 5, 5, "prices")).en
    'proven by prices'
    """
    if choice.by == "prices":
        return Text("由对偶价格证明，可复核", "proven by prices")
    return Text("上限仅据求解器 HiGHS", "the bound is the word of the solver HiGHS")


def answer(outlook: Outlook, origin: Origin) -> tuple[Text, ...]:
    """Say in two to five sentences what towers see, how sure that is the most, and what is left."""
    return (*_seen(outlook), _bound(outlook, origin), *_curve(outlook), *_left(outlook))


def _seen(outlook: Outlook) -> Iterator[Text]:
    zones, chosen = by_zone(outlook), outlook.chosen.chosen
    cover = share(outlook, outlook.state == COVERED)
    by = (
        Text("至少一座", "at least one") if outlook.covers == 1 else Text("至少两座", "two or more")
    )
    whole = zones.loc[WHOLE]
    yield Text(
        f"{len(chosen)} 座瞭望塔中{by.zh}能看到公园 {whole.covered_ha:,.2f} 公顷"
        f"（{whole.covered_percent:.1f} %），按分区与风险加权为 {cover:.1f} %。",
        f"With {len(chosen)} towers, {whole.covered_ha:,.2f} ha of the park "
        f"({whole.covered_percent:.1f} %) are seen by {by.en}; weighted by zone and risk, "
        f"{cover:.1f} %.",
    )


def _bound(outlook: Outlook, origin: Origin) -> Text:
    choice, words, count = outlook.chosen, rests(outlook.chosen), len(outlook.sites)
    many = Text(
        f"{origin.before.zh} {count} 个候选点{origin.after.zh}",
        f"{count} {origin.before.en}candidates{origin.after.en}",
    )
    if (outlook.states == UNKNOWN).any():
        words = Text(f"{words.zh}，未知处不计", f"{words.en}, unknown ground left out")
    if choice.most == choice.covered:
        return Text(
            f"在{many.zh}中，没有其他选址组合能看得更多（{words.zh}）。",
            f"Among {many.en} no other choice sees more ({words.en}).",
        )
    return Text(
        f"在{many.zh}中，其他选址组合至多再多看 {100 * choice.gap:.2f} %（{words.zh}）。",
        f"Among {many.en} another choice could see at most {100 * choice.gap:.2f} % "
        f"more ({words.en}).",
    )


def _curve(outlook: Outlook) -> Iterator[Text]:
    """Say what the first and the last tower of the curve bring."""
    first, last = outlook.curve[0], outlook.curve[-1]
    total = max(int(outlook.watched.weight.sum()), 1)
    if last.number > first.number:
        low, high = (100 * one.covered / total for one in (first, last))
        yield Text(
            f"塔数由 {first.number} 座增至 {last.number} 座，加权覆盖率由 {low:.1f} % 升至"
            f" {high:.1f} %。",
            f"From {first.number} to {last.number} towers the weighted cover goes from {low:.1f} "
            f"to {high:.1f} %.",
        )


def _left(outlook: Outlook) -> Iterator[Text]:
    zones = by_zone(outlook)
    blind, unknown = zones.loc[WHOLE, "blind_ha"], zones.loc[WHOLE, "unknown_ha"]
    core = zones.loc["core", "blind_ha"] if "core" in zones.index else 0.0
    words = Text(
        f"盲区 {blind:,.2f} 公顷，其中核心保护区 {core:,.2f} 公顷",
        f"{blind:,.2f} ha are blind, {core:,.2f} ha of them in the core zone",
    )
    if len(outlook.points):
        cells = share(outlook, outlook.state == BLIND) * outlook.watched.weight.sum()
        reached = 100 * 100 * outlook.patrolled.covered / cells
        words = Text(
            f"{words.zh}；{len(outlook.points)} 个巡护或无人机点可及其 {reached:.1f} %（加权）",
            f"{words.en}; {len(outlook.points)} patrol or drone points reach {reached:.1f} % of it "
            "(weighted)",
        )
    if unknown:
        words = Text(
            f"{words.zh}；{unknown:,.2f} 公顷因地形缺失而未知",
            f"{words.en}; {unknown:,.2f} ha are unknown, for terrain is missing",
        )
    yield Text(f"{words.zh}。", f"{words.en}.")


@dataclass(frozen=True)
class Asked:
    """What is judged by: the cover wanted, the day of the rules, where places are from."""

    target: float
    day: date
    origin: Origin


def checks(county: County, outlook: Outlook, asked: Asked) -> Iterator[Check]:
    """Judge the cover, towers in the core zone, the proof; name what is modelled or missing."""
    yield _enough(outlook, asked.target)
    yield from _standing(outlook, asked.day)
    chosen = outlook.chosen
    if outlook.code in near_best.BEST and chosen.most > chosen.covered:
        yield Check(
            "proof",
            Text("尚未证明最优", "Not proven to be the best"),
            "unknown",
            alike(f"{100 * chosen.gap:.2f} %"),
            alike("0 %"),
            remedy=unknowns.remedy(Text("增加求解工作量", "search longer"), AGAIN),
        )
    yield from _terrain(county, outlook)
    if asked.origin.open != NO_TEXT:
        yield Check(
            "candidates",
            asked.origin.open,
            "unknown",
            Text(f"{len(outlook.sites)} 个", f"{len(outlook.sites)} places"),
            NO_TEXT,
            layer=outlook.layer("candidates")
            if len(outlook.sites) > len(outlook.chosen.chosen)
            else "",
            remedy=unknowns.remedy(
                Text("给出规划的塔址", "give places of your own"), "--set sites=FILE.geojson"
            ),
        )
    yield from _risk(county, outlook)


def _enough(outlook: Outlook, target: float) -> Check:
    cover = share(outlook, outlook.state == COVERED)
    most = cover + share(outlook, outlook.state == UNKNOWN)
    verdict: Verdict = "pass" if cover >= target else "unknown" if most >= target else "fail"
    return Check(
        "target",
        Text("加权覆盖率是否达到目标", "Weighted cover against the target"),
        verdict,
        alike(f"{cover:.1f} %"),
        alike(f"≥ {target:g} %"),
        layer=outlook.layer("seen"),
    )


def _standing(outlook: Outlook, day: date) -> Iterator[Check]:
    """Name towers in either zone of the park, under the rules of a day."""
    park, frame, known = outlook.watched.park, towers(outlook), rules(day)
    for zone, words in (
        ("core", Text("塔址在核心保护区内", "Towers in the core zone")),
        ("general", Text("塔址在一般控制区内", "Towers in the general zone")),
    ):
        rule = known.get(f"park.{zone}")
        if rule is None:
            continue
        whole = park.geometry[park["zone"] == zone].union_all()
        names = tuple(map(str, frame.index[frame.geometry.intersects(whole)]))
        breach: Verdict = "fail" if rule.approver == NO_TEXT else "approval"
        yield Check(
            f"towers_{zone}",
            words,
            breach if names else "pass",
            alike(", ".join(names) or "0"),
            alike("0"),
            rule=rule.id,
            layer=outlook.layer("towers") if names else "",
            features=names,
        )


def _terrain(county: County, outlook: Outlook) -> Iterator[Check]:
    """Say where the park has no terrain, and that coarse terrain makes lines of sight a sketch."""
    watched = outlook.watched
    lacking = watched.lacking.sum() * watched.cell_ha + watched.beyond_ha
    if lacking > 0:
        yield Check(
            "park_terrain",
            Text("公园内没有地形的面积，该处未知", "Park without terrain, unknown there"),
            "unknown",
            Text(f"{lacking:,.1f} 公顷", f"{lacking:,.1f} ha"),
            Text("0 公顷", "0 ha"),
            remedy=backdrop.importing("dem"),
        )
    told = county.sources["dem"].resolution_m
    side = watched.dem.grid.resolution
    if told is None or told > side:
        yield Check(
            "terrain_source",
            Text(
                "地形来源间距大于像元，通视仅作示意",
                "Terrain coarser than cells: sight is a sketch",
            ),
            "unknown",
            NO_TEXT if told is None else alike(f"{told:g} m"),
            alike(f"≤ {side:g} m"),
            remedy=backdrop.importing("dem"),
        )


def _risk(county: County, outlook: Outlook) -> Iterator[Check]:
    """Say from which layers the modelled risk was told, or that it is unknown."""
    layers = (("roads", Text("道路", "roads")), ("settlements", Text("居民点", "settlements")))
    there = joined((words for name, words in layers if name in county), "、", " and ")
    near = 100 * float(np.mean(outlook.watched.near)) if len(outlook.watched.near) else 0.0
    known = Text(
        f"靠近{there.zh}的像元占 {near:.1f} %", f"{near:.1f} % of cells are near {there.en}"
    )
    yield Check(
        "risk",
        Text("火险与闯入风险为推算权重", "Fire and trespass risk is a modelled weight"),
        "unknown",
        known if there.zh else Text("未知，仅按分区加权", "unknown: weighted by zone alone"),
        NO_TEXT,
        remedy=Text("以实测火险图校核", "hold it against a surveyed map of risk"),
    )

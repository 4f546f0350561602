"""The verdicts of a strategy: plans that failed, land contested, limits, cropland, the park."""

from __future__ import annotations

from collections.abc import Iterator

from geo.words import NO_TEXT, Text, hectares, joined
from layers.land.rules import BALANCE
from scenarios.result import Check, Verdict
from scenarios.several.strategy.drawn import contested
from scenarios.several.strategy.found import Found
from scenarios.several.strategy.joint import park_checks, park_verdict
from scenarios.several.strategy.ledger import short_ha
from scenarios.several.strategy.spread import Spread, told
from scenarios.several.strategy.subsets import CLOSE, MOST

NONE = Text("无", "none")
TOLD: dict[Verdict, Text] = {
    "pass": Text("没有违反管控规则的用地", "no land that breaks them"),
    "fail": Text("违规", "fails"),
    "approval": Text("需报批", "needs approval"),
    "unknown": Text("未知", "unknown"),
}


def checks(found: Found) -> Iterator[Check]:
    """Give all verdicts."""
    yield from _failures(found)
    yield from _contests(found)
    yield from _unlike(found)
    yield from _limits(found)
    yield from _cropland(found)
    yield from _needs(found)
    yield from _park(found)
    yield from _too_many(found)


def _failures(found: Found) -> Iterator[Check]:
    for one in found.done:
        if one.run is None:
            words = Text(f"规划可运行：{one.plan.name}", f"Plan can be run: {one.plan.name}")
            why = one.failure or NO_TEXT
            allowed = Text("可以运行", "can be run")
            yield Check(f"plan_{one.plan.name}", words, "unknown", why, allowed)


def _contests(found: Found) -> Iterator[Check]:
    """Give one verdict a pair of plans; that nothing is contested where nothing is."""
    title = Text("用地不重复", "No land is used twice")
    pieces = contested(found)
    for (one, other), ha in sorted(found.land.contested.items()):
        both, size = joined([found.titles[one], found.titles[other]]), hectares(ha, decimals=4)
        own = [{one, other} <= set(names.split(";")) for names in pieces["takers"]]
        rules = sorted({rule for rule in pieces["rules"][own] if rule and ";" not in rule})
        yield Check(
            f"contested_{one}_{other}",
            Text(f"{title.zh}：{both.zh}", f"{title.en}: {both.en}"),
            "fail",
            Text(f"争用 {size.zh}", f"both claim {size.en}"),
            NONE,
            rule=rules[0] if rules else "",
            layer="contested",
            features=tuple(pieces.index[own].astype(str)),
            remedy=Text(
                "错开用地，只取其一；确可共用的，双方均在 may_share 中写明对方",
                "move one, take one of them, or let both name the other in may_share",
            ),
        )
    if not found.land.contested and len(found.land.shapes_ha) > 1:
        yield Check("contested", title, "pass", NONE, NONE)


def _unlike(found: Found) -> Iterator[Check]:
    for name in found.land.unlike():
        ha, told = found.land.shapes_ha.get(name, 0.0), found.land.claimed_ha[name]
        own = found.titles[name]
        yield Check(
            f"shapes_{name}",
            Text(f"用地图形齐全：{own.zh}", f"Shapes are what is claimed: {own.en}"),
            "unknown",
            Text(f"图形 {ha:,.2f} 公顷", f"shapes of {ha:,.2f} ha"),
            hectares(told),
            remedy=Text("此规划的争用面积可能有漏", "contested land of this plan may be more"),
        )


def _limits(found: Found) -> Iterator[Check]:
    """Judge each limit for all plans together; between low and high it is not known."""
    for number, bound in enumerate(found.together.bounds, 1):
        amount = sum(bound.amounts.values())
        most = told(bound.most, bound.unit)
        over = amount > bound.most + CLOSE * max(1.0, abs(bound.most))
        yield Check(
            f"limit_{number}",
            Text(f"总量控制：{bound.title.zh}", f"Limit of all plans: {bound.title.en}"),
            "fail" if over else "pass",
            told(amount, bound.unit),
            Text(f"≤ {most.zh}", f"≤ {most.en}"),
        )


def _cropland(found: Found) -> Iterator[Check]:
    """Judge whether the cropland that plans owe is supplied by them."""
    if "cropland_owed" not in found.items:
        return
    short = short_ha(found.runs)
    known = {rule.id for run in found.runs.values() for rule in run.rules}
    owed = found.items["cropland_owed"].whole
    least, most = hectares(short.likely), hectares(short.high)
    yield Check(
        "cropland_balance",
        Text("耕地占补平衡", "Cropland owed is made up for"),
        _short(short),
        Text(f"尚缺 {least.zh}，至多 {most.zh}", f"{least.en} short, {most.en} at most"),
        Text(f"补足 {hectares(owed.likely).zh}", f"{hectares(owed.likely).en} supplied"),
        rule=BALANCE if BALANCE in known else "",
        remedy=Text(
            "扩大整治的调入，或另行落实补充耕地指标",
            "let consolidation bring in more, or secure cropland elsewhere",
        ),
    )


def _short(short: Spread) -> Verdict:
    if short.low > CLOSE or short.likely > CLOSE:
        return "fail"
    return "unknown" if short.high > CLOSE else "pass"


def _needs(found: Found) -> Iterator[Check]:
    for one in found.done:
        lacking = [name for name in one.plan.needs if name not in found.runs]
        if one.run and lacking:
            own, names = found.titles[one.plan.name], joined(lacking)
            title = Text(f"前提齐备：{own.zh}", f"What it needs is there: {own.en}")
            words = Text(f"没有结果：{names.zh}", f"no run of {names.en}")
            yield Check(f"needs_{one.plan.name}", title, "fail", words, NO_TEXT)


def _park(found: Found) -> Iterator[Check]:
    """Give what the rules of the park say of each plan's land; the rule behind the worst."""
    for one in found.done:
        verdict = park_verdict(one)
        if verdict is None:
            continue
        own = found.titles[one.plan.name]
        title = Text(f"国家公园管控：{own.zh}", f"Rules of the park: {own.en}")
        name = f"park_{one.plan.name}"
        if isinstance(one.park, Text):
            yield Check(name, title, verdict, one.park, TOLD["pass"])
            continue
        worst = next((check for check in park_checks(one) if check.verdict == verdict), None)
        told = worst.found if worst and verdict != "pass" else TOLD[verdict]
        allowed = worst.allowed if worst else TOLD["pass"]
        yield Check(name, title, verdict, told, allowed, rule=worst.rule if worst else "")


def _too_many(found: Found) -> Iterator[Check]:
    count = len(found.runs)
    if count > MOST:
        title = Text("逐一检查规划组合", "Every subset looked at")
        words = Text(f"{count} 个规划", f"{count} plans")
        yield Check("subsets", title, "unknown", words, Text(f"≤ {MOST} 个", f"≤ {MOST}"))

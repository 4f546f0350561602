"""The answer in a few sentences made of figures."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np

from geo.words import Text, hectares, joined
from layers.land.classes import UNKNOWN_CLASS
from scenarios.corridor import terrain
from scenarios.corridor.advice import ADVISED
from scenarios.corridor.minutes import Benefit
from scenarios.corridor.published import sentence
from scenarios.corridor.road import Case, Study, money
from scenarios.result import Check


def answer(study: Study, checks: Iterable[Check]) -> Iterator[Text]:
    """Say length, class, cost and structures, land, minutes, and what is not met; a published cost.

    That the terrain is too coarse comes before all.

    Parameters
    ----------
    study
        What was worked out.
    checks
        All verdicts; those that bind other alternatives alone are left out.
    """
    yield from terrain.sentence(study.setting.county)
    yield _road(study)
    yield from sentence(study)
    land, minutes = _land(study.best), _minutes(study.best, study.gained)
    yield Text(f"{land.zh}；{minutes.zh}", f"{land.en}; {minutes.en}")
    mine = f"road_{study.best.label}"
    yield _unmet([one for one in checks if not one.features or mine in one.features])


def _road(study: Study) -> Text:
    case, title = study.best, study.setting.terms.title
    cost, length = money(case.cost_yuan), f"{case.length_m / 1e3:.2f} km"
    year = int(case.items["year"].max())
    low, high = (money(end) for end in case.cost_ends)
    bridges, tunnels = (f"{case.amounts[name]:,.0f} m" for name in ("bridge_m", "tunnel_m"))
    many = len(study.cases)
    chosen = (
        Text("", "The road")
        if many == 1
        else Text(
            f"{many} 个方案中{case.title.zh}造价最低：", f"{case.title.en}, the cheapest of {many},"
        )
    )
    return Text(
        f"{chosen.zh}{title.zh}，长 {length}，造价 {cost.zh}（{year} 年价，单价全取低值 {low.zh}，"
        f"全取高值 {high.zh}），其中桥梁 {bridges}、隧道 {tunnels}。",
        f"{chosen.en} is {title.en}, {length} long, and costs {cost.en} at prices of {year} (all "
        f"prices low {low.en}, all high {high.en}), with {bridges} of bridges and {tunnels} of "
        "tunnels.",
    )


def _land(case: Case) -> Text:
    area = case.taken.groupby("class")["area_ha"].sum()
    whole = hectares(case.amounts["land_m2"] / 1e4)
    parts = []
    if area.get(UNKNOWN_CLASS, 0.0) < area.sum():
        crops = hectares(float(area.get("cropland", 0.0)))
        parts.append(Text(f"耕地 {crops.zh}", f"{crops.en} of cropland"))
    if (unknown := float(area.get(UNKNOWN_CLASS, 0.0))) > 0:
        blank = hectares(unknown)
        parts.append(Text(f"地类未知 {blank.zh}", f"{blank.en} of unknown land use"))
    farmland = float(case.zones.loc["basic_farmland", "area_ha"])
    if np.isfinite(farmland):
        basic = hectares(farmland)
        parts.append(Text(f"永久基本农田 {basic.zh}", f"{basic.en} of permanent basic farmland"))
    told = joined(parts)
    return Text(f"用地 {whole.zh}，其中{told.zh}", f"It takes {whole.en}, {told.en} among it")


def _minutes(case: Case, gained: Benefit | None) -> Text:
    if gained is None or not np.isfinite(gained.mean()):
        return Text("节省的出行时间未知。", "how much time it saves is not known.")
    before, after = gained.mean(), gained.mean(case.label)
    saved = gained.saved(case.label)
    return Text(
        f"到县城平均时间由 {before:.2f} 分钟变为 {after:.2f} 分钟，"
        f"单程合计节省 {saved:,.0f} 人·分钟。",
        f"mean time to the county seat goes from {before:.2f} to {after:.2f} min; one way saves "
        f"{saved:,.0f} person-minutes in all.",
    )


def _unmet(checks: list[Check]) -> Text:
    """Name what is not met, what needs approval, and how much is not known."""
    parts = []
    for verdict, words in (
        ("fail", Text("未满足", "Not met")),
        ("approval", Text("需报批", "In need of approval")),
    ):
        titles = [one.title for one in checks if one.verdict == verdict]
        if titles:
            told = joined(titles, "、", "; ")
            parts.append(Text(f"{words.zh}：{told.zh}", f"{words.en}: {told.en}"))
    if not parts:
        advised = {wish.id for wish in ADVISED}  # never a reason to fail, so never met
        met = sum(one.verdict == "pass" and one.id not in advised for one in checks)
        parts.append(Text(f"{met} 项检验均满足", f"All of {met} tests are met"))
    if unknown := sum(one.verdict == "unknown" for one in checks):
        parts.append(Text(f"另有 {unknown} 项未知", f"not known: {unknown}"))
    told = joined(parts, "；", "; ")
    return Text(f"{told.zh}。", f"{told.en}.")

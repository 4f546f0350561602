"""What a new town answers with: sentences made of figures, what it uses up and owes, its proof."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import geopandas as gpd
import numpy as np
import pandas as pd

from geo.certificates import AllocationCertificate, packed
from geo.errors import Problem
from geo.words import Text, hectares, joined
from layers.county import County
from layers.land.classes import class_title
from layers.land.rules import BALANCE
from layers.land.taken import taken
from layers.people.near import near
from scenarios.answers.screening import NO, YES
from scenarios.contract import Rechecked
from scenarios.new_town.land import BUILT, REASONS
from scenarios.new_town.plan import LEANINGS, M2_PER_HA, USES, YUAN_PER_WAN
from scenarios.new_town.report import Town, plan_id, used
from scenarios.new_town.works import ENDS, M3_PER_WAN, SLIVER_HA, by_year, measured
from scenarios.result import RESULT, Claim, Proof, Run

CLOSE = 1e-9  # of a figure: the metric is the claim in per cent, written in full
SAME_M2 = 0.02  # a plot's area in the certificate is rounded to 0.01 m²
METRIC = "gap"
BEYOND = Text(
    "适宜性权重与用地比例为规划人员选定；标高、分年与其他方案的证书未留存",
    "weights and shares, which are the planner's; levels, years, and certificates of the other "
    "alternatives are not kept",
)


def sentences(town: Town) -> Iterator[Text]:
    """Answer in sentences made of the figures."""
    yield _said_land(town)
    yield _said_plan(town)
    yield _said_works(town)
    yield _said_others(town)


def _said_land(town: Town) -> Text:
    land = town.land
    verdict = land.patches["verdict"]
    whole = hectares(land.extent.area / M2_PER_HA, decimals=1)
    built, free, lost = (
        hectares(land.hectares(verdict == one), decimals=1) for one in (BUILT, YES, NO)
    )
    firsts = land.patches.groupby("first")["area_ha"].sum().drop("", errors="ignore")
    firsts = firsts.sort_values(ascending=False, kind="stable").head(3)
    parts = [
        joined([REASONS[str(name)].title, hectares(float(area), decimals=1)], " ", " ")
        for name, area in firsts.items()
    ]
    most = joined(parts)
    return Text(
        f"新城范围 {whole.zh}中，已建成 {built.zh}，受规则限制 {lost.zh}"
        f"（按首要限制：{most.zh}），可建设 {free.zh}。",
        f"Of {whole.en} {built.en} are built on, {lost.en} are refused (first of all by: "
        f"{most.en}), and {free.en} may be built on.",
    )


def _said_plan(town: Town) -> Text:
    found, title = measured(town.parts, town.shown), LEANINGS[town.name].title
    used = hectares(found["used_ha"], decimals=1)
    low, _, high = town.shown.amount("jobs")
    jobs, people, tce = (f"{found[name]:,.0f}" for name in ("jobs", "people", "energy_tce"))
    value = f"{found['value_wan_yuan'] / YUAN_PER_WAN:,.1f}"
    return Text(
        f"{title.zh}方案布置 {used.zh}，按假定强度约 {jobs} 个岗位"
        f"（{low:,.0f}–{high:,.0f}），可居住约 {people} 人，年增加值约 {value} 亿元，"
        f"年能耗约 {tce} 吨标准煤。",
        f"The {title.en.lower()} alternative puts {used.en} to use: at the densities assumed "
        f"{jobs} jobs ({low:,.0f}–{high:,.0f}), homes for {people}, {value} × 100 million "
        f"yuan of value added and {tce} tce a year.",
    )


def _said_works(town: Town) -> Text:
    works, costs = town.shown, town.shown.costs.sum()
    years = by_year(town.shown, town.terms)
    busy = years.index[years["area_ha"] > 0]
    low, likely, high = (f"{costs[end] / YUAN_PER_WAN:,.2f}" for end in ENDS)
    cut, fill = (f"{m3 / M3_PER_WAN:,.1f}" for m3 in (works.cut_m3, works.fill_m3))
    vacant = town.parts.plots.loc[town.placed.used]
    ready = hectares(float(vacant.loc[vacant["vacant"], "area_ha"].sum()), decimals=1)
    return Text(
        f"其中 {ready.zh}为已平整空地，不需土方；"
        f"其余地块及道路挖方 {cut} 万方、填方 {fill} 万方。造价约 "
        f"{likely} 亿元（{low}–{high}，单价为假定，不含建筑），"
        f"{busy.min()}–{busy.max()} 年分年实施。",
        f"Of this {ready.en} are levelled and move no earth; the other plots and the streets "
        f"cut {cut} and fill {fill} × 10,000 m³. It costs about {likely} ({low}–{high}) "
        f"× 100 million yuan at assumed prices, buildings aside, spread over "
        f"{busy.min()}–{busy.max()}.",
    )


def _said_others(town: Town) -> Text:
    """Say what each other alternative wins and loses against this one."""
    own = measured(town.parts, town.shown)
    parts = [_against(town, name, own) for name in town.works if name != town.name]
    told = joined(parts, "；", "; ")
    return Text(f"{told.zh}。", f"{told.en}.")


SAME_EARTH = 0.1  # of 10,000 m³
SHORT: Mapping[str, Text] = {
    "jobs": Text("岗位", "jobs"),
    "cost_wan_yuan": Text("造价", "cost"),
    "gate_min": Text("产业到互通时间", "minutes of industry to the interchange"),
    "facing_m": Text("同类相邻边长", "border of like uses"),
}


def _against(town: Town, name: str, own: Mapping[str, float]) -> Text:
    other, title = measured(town.parts, town.works[name]), LEANINGS[name].title
    parts = []
    for figure, words in SHORT.items():
        if not own[figure] or np.isnan(own[figure]) or np.isnan(other[figure]):
            continue
        share = 100 * (other[figure] - own[figure]) / own[figure]
        if abs(share) >= 1:
            more = Text("多" if share > 0 else "少", "more" if share > 0 else "less")
            parts.append(
                Text(
                    f"{words.zh}{more.zh} {abs(share):.0f} %",
                    f"{abs(share):.0f} % {more.en} {words.en}",
                )
            )
    earth, less = other["earth_m3"], own["earth_m3"]
    if abs(earth - less) >= SAME_EARTH:
        parts.append(
            Text(
                f"挖填方 {earth:,.1f} 万方（本方案 {less:,.1f} 万方）",
                f"{earth:,.1f} × 10,000 m³ of earth moved against {less:,.1f}",
            )
        )
    differs = f"{town.differs(town.name, name):.0f} %"
    told = joined(parts) if parts else Text("主要指标相近", "much the same figures")
    return Text(
        f"{title.zh}方案有 {differs} 的用地用途不同，{told.zh}",
        f"{title.en}: {differs} of the land has another use, {told.en}",
    )


def claims(county: County, town: Town) -> Iterator[Claim]:
    """Give land by class, cropland owed, yuan by year, energy, people housed and people near."""
    yield from _land_claims(county, town)
    known, most = town.shown.cropland_ha()
    if town.shown.surveyed:
        owed = Text("占用耕地须补充", "Cropland to be made up for")
        rule = BALANCE if BALANCE in town.book else ""
        yield Claim("cropland_owed", known, known, most, rule=rule, title=owed)
    costs = town.shown.costs.sum()
    for year, spent in by_year(town.shown, town.terms)["wan_yuan"].items():
        if spent:
            low, likely, high = (
                spent * YUAN_PER_WAN * costs[end] / costs["likely"] for end in ENDS
            )
            title = Text(f"{year} 年开发造价", f"Cost of development in {year}")
            yield Claim("yuan", low, likely, high, year=int(str(year)), title=title)
    low, likely, high = town.shown.amount("tce")
    title = Text("建成后年能耗", "Energy a year once it is built")
    yield Claim("energy", low, likely, high, rule="new_town.energy", title=title)
    low, likely, high = town.shown.amount("people")
    title = Text("居住容量（供给）", "Homes for people, a supply")
    yield Claim("people", -high, -likely, -low, title=title)
    yield from _people(county, town)


def _land_claims(county: County, town: Town) -> Iterator[Claim]:
    plots, use = town.parts.plots, town.placed.use
    groups = {
        "green": plots[use == "green"],
        "construction": pd.concat([plots[~use.isin(["", "green"])], town.shown.streets]),
    }
    for to, shapes in groups.items():
        if shapes.empty:
            continue
        frame = gpd.GeoDataFrame(geometry=shapes.geometry.to_numpy(), crs=plots.crs)
        labels = tuple(sorted(shapes.index.astype(str)))
        for row in taken(county, frame).to_dict("records"):
            if row["area_ha"] <= SLIVER_HA:
                continue
            area, title = float(row["area_ha"]), class_title(row["class"])
            become = Text("绿地", "green") if to == "green" else Text("建设用地", "building land")
            yield Claim(
                "land",
                area,
                area,
                area,
                place=row["township"],
                from_=row["class"],
                to=to,
                layer=plan_id(town),
                features=labels,
                title=Text(f"{title.zh}转为新城{become.zh}", f"{title.en} becomes {become.en}"),
            )


def _people(county: County, town: Town) -> Iterator[Claim]:
    """Give people whose settlement lies on land that is used."""
    here = residents(county, town)
    if np.isfinite(here) and here > 0:
        title = Text("用地内居民，须搬迁安置", "People on land that is used, to be moved")
        yield Claim("people", here, here, here, title=title)


def residents(county: County, town: Town) -> float:
    """Count people whose settlement lies on land that is used; NaN where that is not known."""
    frame = gpd.GeoDataFrame(geometry=used(town).geometry.to_numpy(), crs=town.parts.plots.crs)
    return float(near(county, frame, within_m=(0.0,))["people"].iloc[0])


def claim(town: Town) -> Text:
    """Say what the certificate proves of the plan."""
    share = 100 * town.placed.plan.gap
    return Text(
        f"按同样的权重与规则，任何布局至多好 {share:.2f} %",
        f"by the same weights and rules no layout is better by more than {share:.2f} %",
    )


def proofs(town: Town) -> Iterator[Proof]:
    """Give the certificate of the plan told in full."""
    certificate = packed(town.placed.plan.certificate)
    title = Text("用地布局", "Layout of uses")
    metric = METRIC if np.isfinite(town.placed.plan.gap) else ""
    yield Proof("layout", title, claim(town), BEYOND, certificate, plan_id(town), metric)


def recheck(run: Run, proof: Proof, certificate: AllocationCertificate) -> Rechecked:
    """Hold the uses of a run, and how far from the best they are, against a certificate."""
    if getattr(certificate, "kind", "") != "allocation":
        return Rechecked()
    claims = certificate.claims
    shares = [
        100 * (bound - claims.score) / abs(claims.score) if claims.score else 0.0
        for bound in (claims.certified, claims.bound)
    ]
    words = [
        Text(f"任何布局至多好 {share:.2f} %", f"no layout is better by more than {share:.2f} %")
        for share in shares
    ]
    said = () if claims.by == "prices" else (words[1],)
    problems = (*_uses(run, proof, certificate), *_gap(run, proof, shares[1]))
    return Rechecked(problems, (words[0],), said)


def _uses(run: Run, proof: Proof, certificate: AllocationCertificate) -> Iterator[Problem]:
    """Ask whether the uses on the map are those of the certificate."""
    problem = certificate.problem
    names = np.array([*problem.uses, "left"], dtype=object)
    wanted = pd.Series(names[certificate.state], index=list(problem.labels))
    frames = [one.data for one in run.result.layers if one.id == proof.layer]
    for frame in frames:
        if isinstance(frame, gpd.GeoDataFrame) and "use" in frame:
            drawn = frame["use"].reindex(wanted.index)
            for label in wanted.index[(drawn != wanted).to_numpy()]:
                found = str(drawn[label])
                yield Problem(
                    RESULT, layer=proof.layer, row=label, found=found, expected=wanted[label]
                )
            yield from _land(frame, proof, pd.Series(problem.area / 100, list(problem.labels)))
            return
    yield Problem(RESULT, layer=proof.layer, found=Text("缺少", "missing"))


def _land(frame: gpd.GeoDataFrame, proof: Proof, area: pd.Series[float]) -> Iterator[Problem]:
    """Ask whether plots on the map are those of the certificate, each as large, and no others."""
    shapes, told = frame.area.reindex(area.index), frame["area_ha"].reindex(area.index)
    for field, found in (("geometry", shapes), ("area_ha", told * M2_PER_HA)):
        for label in area.index[~((found - area).abs() <= SAME_M2).to_numpy()]:
            size, expected = f"{found[label]:.2f} m²", f"{area[label]:.2f} m²"
            yield Problem(
                RESULT, layer=proof.layer, row=label, field=field, found=size, expected=expected
            )
    used = frame.index[frame["use"].isin(list(USES))]
    for label in used.difference(area.index):
        found_, none = str(frame["use"][label]), Text("无此地块", "no such plot")
        yield Problem(RESULT, layer=proof.layer, row=label, found=found_, expected=none)


def _gap(run: Run, proof: Proof, share: float) -> Iterator[Problem]:
    """Ask whether the figure that names the distance follows from the claims."""
    found = [one.value for one in run.result.metrics if one.id == proof.metric]
    if proof.metric and (len(found) != 1 or not abs(found[0] - share) <= CLOSE * max(1.0, share)):
        place = f"metrics/{proof.metric}/value"
        yield Problem(RESULT, field=place, found=f"{found!r}", expected=f"{share!r} %")

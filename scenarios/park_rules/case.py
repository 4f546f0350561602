"""A project before the rules of the park: parts by zone, conditions of exceptions, verdicts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo.splitting import split
from geo.words import NO_TEXT, UNKNOWN, Text, joined
from layers.county import County
from layers.rulebook import Rule, rules
from layers.zones import PARK_ZONES, ZONES, park_zones
from scenarios.answers.avoidance import PROVEN, STATES, Avoidance, read
from scenarios.answers.unknowns import remedy
from scenarios.contract import found
from scenarios.park_rules.terms import CONDITIONS, ParkRules, ends
from scenarios.result import Run, Verdict

VERDICTS: Mapping[Verdict, Text] = MappingProxyType(
    {
        "fail": Text("违规", "Fail"),
        "unknown": Text(UNKNOWN.zh, "Unknown"),
        "approval": Text("需报批", "Approval"),
        "pass": Text("达标", "Pass"),
    }
)
"""From the worst: what breaks a rule is never unknown, what is not known never passes."""
LAYERS = ("parts_points", "parts_lines", "parts_areas")
"""The layer of the map that parts stand in, by dimension."""
ENDS_M = 200.0  # a project that reaches so near to both ends of a run's road joins the same places
PARK = frozenset({"park", "park_core", "park_general"})
PROVE = Text(
    "以国家公园为最后选项设计该路线，再指明该情景运行结果"
    "（--set last_resort=park_general；--set run=运行文件夹）",
    "design the road with the park as its last resort, and name that run "
    "(--set last_resort=park_general; --set run=FOLDER)",
)
LIST = Text(
    "查阅管理办法原文，征询国家公园管理机构",
    "read the paper itself, and ask the park's administration",
)


@dataclass(frozen=True)
class Met:
    """Whether a condition is met (None: not known), on which ground, what would settle it."""

    state: bool | None
    ground: Text
    remedy: Text = NO_TEXT


@dataclass(frozen=True, eq=False)
class Case:
    """A project: its shapes as `terms.shapes` gives them, and what the park makes of them."""

    county: County
    params: ParkRules
    shapes: gpd.GeoDataFrame

    @cached_property
    def book(self) -> Mapping[str, Rule]:
        """The rules of the day."""
        return rules(self.params.rule_date)

    @cached_property
    def zones(self) -> gpd.GeoDataFrame | None:
        """Core and general zone, a row each; None where the park is not mapped."""
        return park_zones(self.county)

    @cached_property
    def parts(self) -> gpd.GeoDataFrame:
        """Parts by `shape/zone`: shape, zone, measures, exception, verdict, the rule behind it."""
        if self.zones is None:
            frame = self.shapes[["geometry"]].assign(shape=self.shapes.index, zone="unknown")
        else:
            frame = split(self.shapes, self.zones).rename(columns={"area": "zone"})
            frame["zone"] = frame["zone"].fillna("outside").astype(object)
        about = self.shapes.drop(columns="geometry").loc[frame["shape"]]
        frame.index = pd.Index(
            [f"{a}/{b}" for a, b in zip(frame["shape"], frame["zone"], strict=True)]
        )
        frame = frame.join(about.set_axis(frame.index))
        pairs = zip(frame["zone"], frame["exception"], strict=True)
        judged = [self.verdict(zone, int(number)) for zone, number in pairs]
        return frame.assign(
            **measures(frame, self.params.width_m),
            verdict=pd.Series([one for one, _ in judged], frame.index, dtype=object),
            rule=pd.Series([rule for _, rule in judged], frame.index, dtype=object),
        )

    def verdict(self, zone: str, number: int) -> tuple[Verdict, str]:
        """Judge what lies in a zone and claims an exception; give the rule that decides, or none.

        1. Outside of the park its rules do not bind: pass.
        2. Without the park, or a rule of the day, nothing is known.
        3. Inside, without an exception that the zone allows: fail.
        4. With one, each condition of it is asked: one broken is a fail, one not known unknown.
        5. All met, it is approved by whom the rule names; where it names nobody, it is not known.
        """
        if zone == "outside":  # RULE 1
            return "pass", ""
        taking = ZONES[f"park_{zone}"].taking if zone in PARK_ZONES else ""
        if taking not in self.book:  # RULE 2
            return "unknown", ""
        item = self.book.get(f"park.exception_{number}")
        if item is None or zone not in (item.parameters or {})["zones"]:  # RULE 3
            return "fail", taking
        states = [self.met(one).state for one in conditions(item)]
        if False in states:  # RULE 4
            return "fail", item.id
        known = None not in states and item.approver != NO_TEXT
        return ("approval" if known else "unknown"), item.id  # RULE 5

    @cached_property
    def items(self) -> tuple[Rule, ...]:
        """The exceptions that are claimed for parts in the park."""
        inside = self.parts[self.parts["zone"].isin(PARK_ZONES)]
        known = (self.book.get(f"park.exception_{one}") for one in sorted(set(inside["exception"])))
        return tuple(one for one in known if one is not None)

    def met(self, condition: str) -> Met:
        """Say whether a condition of an exception is met; what is stated is taken as stated."""
        if condition == "unavoidable":
            return self.unavoidable
        if condition == "core_list":
            words = Text("该清单未收入规则库", "that list is not among the rules")
            return Met(None, words, LIST)
        stated = {str(name): so for name, so in self.params.stated.items()}
        words = CONDITIONS[condition]
        if condition not in stated:
            command = f"--set stated.{condition}=true"
            say = remedy(
                Text(f"确认“{words.zh}”后声明", f"state that it {words.en}, if so"), command
            )
            return Met(None, Text("未声明", "not stated"), say)
        if not stated[condition]:
            return Met(False, Text("规划人员声明不符合", "the planner states that it is not so"))
        return Met(True, Text("规划人员声明，未核查", "stated by the planner, not checked"))

    @cached_property
    def unavoidable(self) -> Met:
        """Whether the park cannot be avoided: as the run of a corridor proves it, or not known."""
        run = found(self.county, self.params.run)
        if run is None:
            return Met(
                None, Text("未给出道路走廊的情景运行结果", "no run of a corridor is given"), PROVE
            )
        proof = read(run.result)
        if proof is None or not {"park", "park_general"} & {*proof.zones}:
            words = Text(
                "该情景运行结果未搜索避开国家公园的路线", "that run searched no road off the park"
            )
            return Met(None, words, PROVE)
        if not PARK.issuperset(proof.zones):
            words = Text(
                "该情景运行结果同时避开其他分区，不能证明单独避开国家公园的情形",
                "that run kept off other zones too, which proves nothing of the park alone",
            )
            return Met(None, words, PROVE)
        if not _joins(self.shapes, run):
            words = Text(
                "该情景运行结果的路线起讫点与项目不同", "the road of that run joins other places"
            )
            return Met(None, words, PROVE)
        return _as_proven(proof, run)


def _joins(shapes: gpd.GeoDataFrame, run: Run) -> bool:
    """Say whether a project reaches both ends of a run's road."""
    places = ends(run)
    whole = shapes.union_all()
    return bool(len(places)) and bool((shapely.distance(whole, places) <= ENDS_M).all())


def _as_proven(proof: Avoidance, run: Run) -> Met:
    """Say what a run proves, within which limits."""
    state, words = PROVEN[proof.state], STATES[proof.state]
    name, bearable = run.key[:12], f"{proof.percent:g} %"
    shut = joined(ZONES[one].title for one in run.params.get("forbid", ()) if one not in PARK)
    kept = Text(f"，不入{shut.zh}", f", keeping out of {shut.en}") if shut.zh else NO_TEXT
    ground = Text(
        f"{words.zh}（情景运行结果 {name}；增幅 {bearable} 以内即须绕行{kept.zh}）",
        f"{words.en} (run {name}; to go round for up to {bearable} more{kept.en})",
    )
    return Met(state, ground, PROVE if state is None else NO_TEXT)


def conditions(item: Rule) -> Sequence[str]:
    """Give the conditions of an exception."""
    listed: Sequence[str] = (item.parameters or {})["conditions"]
    return listed


def measures(frame: gpd.GeoDataFrame, width_m: float) -> dict[str, Any]:
    """Give metres of lines, hectares of polygons (of lines with a width too), points, the layer."""
    shapes = np.array(frame.geometry.array, dtype=object)
    kind = shapely.get_dimensions(shapes)
    length = np.where(kind == 1, shapely.length(shapes), np.nan)
    flat = np.where(kind == 2, shapely.area(shapes), np.nan)
    wide = (frame["source"] != "run").to_numpy() & (width_m > 0)  # a run tells its own land
    square_m = np.where(wide & (kind == 1), length * width_m, flat)
    points = np.where(kind == 0, shapely.get_num_geometries(shapes), np.nan)
    layer = pd.Series([LAYERS[one] for one in kind], frame.index, dtype=object)
    return {"length_m": length, "area_ha": square_m / 1e4, "points": points, "layer": layer}


def worst(verdicts: Sequence[Verdict]) -> Verdict:
    """Give the worst of verdicts; none of them is a pass.

    >>> worst(["pass", "approval", "unknown"]), worst([])
    ('unknown', 'pass')
    """
    return next((one for one in VERDICTS if one in verdicts), "pass")

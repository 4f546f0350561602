"""What a standard advises on the plan of a road: told with its figures, never a reason to fail."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from geo.alignment.plan.curves import curves
from geo.alignment.plan.plan import TANGENT
from geo.alignment.values import Floats
from geo.words import Text, joined
from scenarios.corridor.extremes import worst
from scenarios.corridor.parts import NONE, part
from scenarios.corridor.road import Case
from scenarios.corridor.terms import Terms
from scenarios.result import Check

ROUNDING = 1e-6  # m


@dataclass(frozen=True)
class Advised:
    """A wish of the standard: id, title, the figure that says it, whether it is a most."""

    id: str
    title: Text
    figure: str
    most: bool = False


ADVISED = (
    Advised(
        "general_radius",
        Text("圆曲线半径（一般值，建议）", "General radius (advice)"),
        "general_radius_m",
    ),
    Advised(
        "general_curve",
        Text("平曲线长度（一般值，建议）", "General length of plane curves (advice)"),
        "general_curve_m",
    ),
    Advised(
        "longest_straight",
        Text("最大直线长度（建议）", "Longest straight (advice)"),
        "longest_straight_m",
        most=True,
    ),
)


def advice(cases: Sequence[Case], terms: Terms) -> Iterator[Check]:
    """Say of each wish how many curves or straights of each road fall short of it, and how far."""
    for wish in ADVISED:
        figure = terms.standard.figures[wish.figure]
        allowed = f"{'≤' if wish.most else '≥'} {figure.value:,g} m"
        told = [_told(wish, case, figure.value) for case in cases]
        yield Check(
            wish.id,
            wish.title,
            "pass",
            joined(
                [
                    Text(f"{case.label} {one.zh}", f"{case.label} {one.en}")
                    for case, one in zip(cases, told, strict=True)
                ],
                "；",
                "; ",
            ),
            Text(f"宜 {allowed}", f"advice: {allowed}"),
            rule=figure.rule if "." in figure.rule else "",
            layer="alternatives",
            parts=tuple(
                part(case, "pass", one, [worst(wish.id, case).stretch])
                for case, one in zip(cases, told, strict=True)
            ),
        )


def _told(wish: Advised, case: Case, figure: float) -> Text:
    """Count what falls short of a wish on a road, and give the worst with its station."""
    metres = _measured(wish.id, case)
    if not metres.size:
        return NONE
    off = metres > figure + ROUNDING if wish.most else metres < figure - ROUNDING
    place, beyond = worst(wish.id, case).words, "beyond" if wish.most else "short of"
    return Text(
        f"{metres.size} 处中 {off.sum()} 处不满足，最不利 {place}",
        f"{off.sum()} of {metres.size} {beyond} it, worst {place}",
    )


def _measured(wish: str, case: Case) -> Floats:
    """Give the metres of the curves or straights of a road that a wish is about."""
    plan = case.design.road.plan
    if wish == "longest_straight":
        straights: Floats = plan.length[plan.kind == TANGENT]
        return straights
    column = "radius_m" if wish == "general_radius" else "length_m"
    return np.asarray(curves(plan)[column], dtype=np.float64)

"""Plans against plans: where they conflict, where one helps another, where nothing is known."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from geo.words import NO_TEXT, Text, alike, joined
from layers.catalog import CATALOG
from scenarios.result import Category, Run
from scenarios.several.strategy.carrying import Done, runs_of
from scenarios.several.strategy.cropland import owed_ha, supplied_ha
from scenarios.several.strategy.handing import handed, references
from scenarios.several.strategy.land import Land
from scenarios.several.strategy.ledger import KINDS

State = Literal["conflict", "help", "none", "unknown"]
STATES = (
    Category("conflict", Text("冲突", "Conflict")),
    Category("help", Text("支撑", "Help")),
    Category("none", Text("无", "None")),
    Category("unknown", Text("未知", "Unknown")),
)


@dataclass(frozen=True)
class Cell:
    """What one plan is to another: conflict, help, none, unknown; hectares where land says it."""

    plan: str
    other: str
    state: State
    area_ha: float
    why: Text


def cells(done: Sequence[Done], land: Land) -> list[Cell]:
    """Give what each plan is to each other, by name.

    1. Land that both claim and do not share is a conflict, whatever else there is.
    2. A plan helps another that stands on what it leaves, takes what it found, needs it, or owes
       cropland that it supplies.
    3. Without a run, or with claims of land whose shapes are not told, or without any claim,
       nothing is known.
    4. Else they have nothing to do with each other.
    """
    by = {one.plan.name: one for one in done}
    names = sorted(by)
    return [
        _cell(by[name], by[other], land, runs_of(done))
        for name in names
        for other in names
        if name != other
    ]


def _cell(one: Done, other: Done, land: Land, runs: Mapping[str, Run]) -> Cell:
    name, to = one.plan.name, other.plan.name
    pair = (min(name, to), max(name, to))
    if pair in land.contested:  # RULE 1
        words = Text("争用同一土地", "both claim the same land")
        return Cell(name, to, "conflict", land.contested[pair], words)
    reasons = list(_helps(one, other, runs))
    if reasons:  # RULE 2
        ha = [size for size, _ in reasons if np.isfinite(size)]
        words = joined((why for _, why in reasons), "；", "; ")
        return Cell(name, to, "help", sum(ha) if ha else np.nan, words)
    unknown = next(filter(None, (_unknown(side, land) for side in (one, other))), None)
    if unknown is not None:  # RULE 3
        return Cell(name, to, "unknown", np.nan, unknown)
    return Cell(name, to, "none", land.shared.get(pair, 0.0), NO_TEXT)  # RULE 4


def _helps(one: Done, other: Done, runs: Mapping[str, Run]) -> Iterator[tuple[float, Text]]:
    """Give by what a plan helps another, with hectares where there are any."""
    name, to = one.plan.name, other.plan.name
    yield from ((np.nan, why) for why in hands(one, other))
    if name in runs and to in runs:
        met = min(supplied_ha(runs[name]).likely, owed_ha(runs[to]).likely)
        if met > 0:
            yield met, Text("为其补充耕地", "supplies cropland that it owes")


def hands(one: Done, other: Done) -> Iterator[Text]:
    """Say what a plan hands over to another: layers as it leaves them, what it found, itself."""
    name = one.plan.name
    layers = [layer for layer, by in other.stands_on.items() if by == name]
    if layers:
        titles = joined(CATALOG[layer].title for layer in layers)
        yield Text(f"以其改动后的{titles.zh}为准", f"stands on its {titles.en}")
    figures = {
        part.figure
        for _, text in handed(other.plan.set)
        for part in references(text)
        if part.plan == name
    }
    if figures:
        titles = joined(_referred(one, figure) for figure in sorted(figures))
        yield Text(f"取用其{titles.zh}", f"takes from it: {titles.en}")
    if name in other.plan.needs:
        yield Text("以其为前提", "needs it")


def _referred(done: Done, figure: str) -> Text:
    """Give what is referred to of a plan in words; one that nobody has named reads as its id."""
    if not figure:
        return Text("情景运行结果", "its run")
    known = {str(kind): title for kind, title in KINDS.items()}
    known["cropland_owed"] = Text("须补充耕地", "cropland owed")
    metrics = done.run.result.metrics if done.run else ()
    return known.get(figure) or next(
        (one.title for one in metrics if one.id == figure), alike(figure)
    )


def _unknown(done: Done, land: Land) -> Text | None:
    """Say why nothing is known of a plan's claims, or nothing where they are."""
    name = done.plan.name
    if done.run is None:
        return Text(f"{name} 没有结果", f"{name} has no run")
    if not done.run.result.claims:
        return Text(f"{name} 未列出用量与义务", f"{name} tells nothing that it uses or owes")
    if name in land.unlike():
        return Text(
            f"{name} 用地图形与所列面积不符", f"{name}: shapes of its land are not what it claims"
        )
    return None

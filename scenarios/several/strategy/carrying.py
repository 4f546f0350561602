"""Plans carried out in their order, each on what those before it would leave; failures are told."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

from geo.errors import InputError, Problem
from geo.words import Text
from layers.county import County
from scenarios import names
from scenarios.result import Run, load
from scenarios.running.basis import Basis, latest, opened
from scenarios.running.orders import ordered
from scenarios.running.runs import Order, fulfil
from scenarios.several.strategy.handing import settings
from scenarios.several.strategy.reading import Asked
from scenarios.several.strategy.terms import Plan
from scenarios.several.trying import tried

PLANS, PARK = "plans", "park"
"""The folders within a strategy's: the runs of its plans, and what the park's rules say of each."""
RULES = "park_rules"
"""The question that judges a plan's land by the rules of the park, known by its name alone."""
Tell = Callable[[int, int], None]


@dataclass(frozen=True, eq=False)
class Done:
    """What came of a plan: its run, or why there is none.

    `stands_on` names by layer the earlier plan whose edit it stands on; `park` is what the rules of
    the park say of its land, a failure in words, or None where there is nothing to be judged.
    """

    plan: Plan
    run: Run | None
    failure: Text | None = None
    reused: bool = False
    stands_on: Mapping[str, str] = field(default_factory=dict)
    park: Run | Text | None = None


def carried_out(
    asked: Asked, folder: Path, *, held: dict[str, County], tell: Tell = lambda _n, _of: None
) -> tuple[Done, ...]:
    """Run the plans in their order, each into `folder`/plans/NAME.

    Parameters
    ----------
    asked
        The strategy.
    folder
        The folder of the strategy; runs that stand there whole with the same key are taken.
    held
        Counties that are loaded already.
    tell
        Hears how many plans are done, of how many.

    Returns
    -------
    tuple of Done
        One a plan, in order.

    Raises
    ------
    MemoryError
        A plan's own failure stops nothing else.
    """
    done: list[Done] = []
    bases: dict[str, Basis] = {}
    plans = asked.strategy.plan
    for number, plan in enumerate(plans):
        tell(number, len(plans))
        place = folder / PLANS / plan.name
        found = tried(partial(_one, asked, plan, folder, bases=bases, held=held))
        if isinstance(found, Text):
            done.append(Done(plan, None, found))
            continue
        bases[plan.name] = opened(place)
        run = bases[plan.name].run  # as it is read, made now or before: the same bytes follow
        park = tried(partial(_judged, asked, run, folder, name=plan.name, held=held))
        done.append(replace(found, run=run, park=park))
    tell(len(plans), len(plans))
    return tuple(done)


def _one(
    asked: Asked, plan: Plan, folder: Path, *, bases: Mapping[str, Basis], held: dict[str, County]
) -> Done:
    """Run one plan on the county as it would be after those before it."""
    runs = {name: basis.run for name, basis in bases.items()}
    places = {name: folder / PLANS / name for name in bases}
    order = ordered(
        asked.what(plan),
        lang=asked.lang,
        settings=settings(plan.set, runs, places),
        county=asked.county,
        held=held,
    )
    order = replace(order, before=tuple(bases.values()))
    run, reused = fulfil(order, folder / PLANS / plan.name)
    return Done(plan, run, reused=reused, stands_on=_stands_on(order, bases))


def _stands_on(order: Order, bases: Mapping[str, Basis]) -> dict[str, str]:
    """Name by layer the plan whose edit the order stands on."""
    layers = {*order.scenario.needs, *order.scenario.uses}
    of = {basis.run.key: name for name, basis in bases.items()}
    return {
        layer: of[basis.run.key]
        for basis, own in latest(order.before, layers)
        for layer in sorted(own)
    }


def _judged(
    asked: Asked, run: Run, folder: Path, *, name: str, held: dict[str, County]
) -> Run | None:
    """Ask what the rules of the park say of a plan's land; None where there is nothing to ask."""
    if run.scenario == RULES or RULES not in names() or not _takes_land(run):
        return None
    place = f"run={(folder / PLANS / name).resolve()}"
    order = ordered(RULES, lang=asked.lang, settings=[place], county=asked.county, held=held)
    if "park" not in order.county:
        return None
    fulfil(order, folder / PARK / name)
    return load(folder / PARK / name)


def _takes_land(run: Run) -> bool:
    return any(one.kind == "land" and one.layer and one.high > 0 for one in run.result.claims)


def runs_of(done: Sequence[Done]) -> dict[str, Run]:
    """Give the runs there are, by the names of their plans."""
    return {one.plan.name: one.run for one in done if one.run is not None}


def require_some(done: Sequence[Done]) -> None:
    """Refuse plans of which not one could be carried out.

    Raises
    ------
    InputError
        With the failure of each.
    """
    if not runs_of(done):
        problems = [Problem(field=one.plan.name, found=one.failure or "—") for one in done]
        words = Text("没有一个规划可以运行", "no plan can be carried out")
        raise InputError(words, problems=problems)

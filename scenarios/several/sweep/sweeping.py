"""A sweep from what a planner asked: its cases read, run, and what they say."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from geo.errors import InputError, PlanningError, Problem, UsageError
from geo.words import Lang, Text, alike
from layers.county import County
from layers.given import text_of
from scenarios.result import Run, load
from scenarios.running.orders import ordered
from scenarios.running.runs import Order
from scenarios.several.sweep.axes import Axis, axes
from scenarios.several.sweep.cases import CASES, Case, Outcome, Performer, fulfilled, here
from scenarios.several.sweep.designs import DRAWN, Design, design, table
from scenarios.several.sweep.findings import swept
from scenarios.several.sweep.flips import Flip, flips
from scenarios.several.sweep.outcomes import Swept

WHERE = "county"
"""The name by which county folders are varied."""
MOST = 100_000
Tell = Callable[[int, int], None]
Opened = Callable[[Mapping[int, str]], AbstractContextManager[Performer]]
"""Opens what runs orders, for counties by `id` with where each was loaded from."""


@dataclass(frozen=True)
class Asked:
    """What a sweep shall be, as it is typed; see the options of the command."""

    what: str
    over: tuple[str, ...] = ()
    table: Path | None = None
    method: str = "grid"
    n: int = 64
    seed: int = 1
    flip: tuple[str, ...] = ()
    width: float = 0.01
    settings: tuple[str, ...] = ()
    county: str = ""
    lang: Lang = "zh"

    @property
    def told(self) -> dict[str, Any]:
        """What the result follows from beside its runs."""
        own: dict[str, Any] = {
            "what": Path(self.what).stem,
            "over": list(self.over),
            "method": self.method,
            "flip": list(self.flip),
            "set": list(self.settings),
        }
        if self.method in DRAWN:
            own |= {"n": self.n, "seed": self.seed}
        if self.flip:
            own["width"] = self.width
        return {name: value for name, value in own.items() if value}


def sweep(
    asked: Asked,
    folder: Path,
    *,
    opened: Opened = lambda _: nullcontext(here),
    tell: Tell = lambda _done, _of: None,
) -> Run:
    """Run all cases into a folder and give what they say.

    Parameters
    ----------
    asked
        What shall be swept.
    folder
        Where the runs go; those that stand there already are taken as they are.
    opened
        Opens what runs the cases.
    tell
        Hears how many cases are done, of how many.

    Raises
    ------
    UsageError
        If what is asked does not fit the question, or is too much.
    InputError
        If no case has a run; the first failures are named.
    """
    held: dict[str, County] = {}
    base = ordered(
        asked.what, lang=asked.lang, settings=asked.settings, county=asked.county, held=held
    )
    layout = _layout(asked, base)
    cases = [_case(asked, settings, held) for settings in layout.cases]
    spans = _spans(asked, base)
    with opened({id(county): place for place, county in held.items()}) as perform_all:

        def run_all(some: Sequence[Case]) -> list[Outcome]:
            return fulfilled(some, folder, perform_all=perform_all, tell=tell)

        outcomes = run_all(cases) if cases else []
        found = {axis.name: _flipped(axis, asked, held, run_all) for axis in spans}
    first = next((one.case.name for one in outcomes if one.run), None)
    if first is None:
        problems = [
            Problem(row=str(number), found=one.failure or alike("—"))
            for number, one in enumerate(outcomes, 1)
        ]
        words = Text("没有一个案例可以运行", "no case can be run")
        raise InputError(words, problems=problems[:20])
    layers = load(folder / CASES / first).result.layers
    titles = _titles(base)
    whole = Swept(layout, tuple(outcomes), titles, asked.seed, flips=found, layers=layers)
    return swept(whole, asked=asked.told)


def _layout(asked: Asked, base: Order) -> Design:
    """Lay out the cases; a table, or the axes by the method; with flips alone the case as it is."""
    if asked.table is not None:
        if asked.over:
            words = Text("--design 与 --over 只能取其一", "take --design or --over, not both")
            raise UsageError(words)
        return _bounded(table(_rows(asked.table)))
    if not asked.over and asked.flip:
        return Design("grid", (), ({},))
    varied = tuple(_whole(axis, base) for axis in axes(asked.over))
    return _bounded(design(asked.method, varied, n=asked.n, seed=asked.seed))


def _bounded(layout: Design) -> Design:
    if len(layout.cases) > MOST:
        count = len(layout.cases)
        words = Text(f"{count} 个案例，超过 {MOST}", f"{count} cases, more than {MOST}")
        raise UsageError(words)
    return layout


def _whole(axis: Axis, base: Order) -> Axis:
    """Say of an axis whether its parameter takes whole numbers alone."""
    shape = type(base.params).model_json_schema()["properties"].get(axis.name, {})
    return replace(axis, whole=shape.get("type") == "integer")


def _rows(path: Path) -> list[dict[str, str]]:
    """Read the cases of a CSV; a cell outside the named columns is refused."""
    rows = list(csv.DictReader(io.StringIO(text_of(path))))
    wrong = [
        Problem(file=str(path), row=str(number), found=Text("多出的单元格", "cells too many"))
        for number, row in enumerate(rows, 2)
        if None in row
    ]
    if wrong or not rows:
        words = Text(f"{path}：不是案例表", f"{path}: no table of cases")
        raise InputError(words, problems=wrong)
    return [{key.strip(): (value or "").strip() for key, value in row.items()} for row in rows]


def _case(asked: Asked, settings: Mapping[str, str], held: dict[str, County]) -> Case:
    """Read one case; one that does not fit the question is kept with the reason."""
    own = {name: value for name, value in settings.items() if name != WHERE}
    given = (*asked.settings, *(f"{name}={value}" for name, value in own.items()))
    county = settings.get(WHERE, asked.county)
    try:
        order = ordered(asked.what, lang=asked.lang, settings=given, county=county, held=held)
    except PlanningError as error:
        return Case(settings, None, Text(error.said("zh"), error.said("en")))
    return Case(settings, order)


def _titles(base: Order) -> dict[str, Text]:
    """Give the parameters in words."""
    shapes = type(base.params).model_json_schema()["properties"]
    own = {name: Text(one["title_zh"], one["title_en"]) for name, one in shapes.items()}
    return {**own, WHERE: Text("县域", "county")}


def _spans(asked: Asked, base: Order) -> tuple[Axis, ...]:
    """Read along which parameters verdicts shall be followed."""
    found = tuple(_whole(axis, base) for axis in axes(asked.flip)) if asked.flip else ()
    listed = [axis.name for axis in found if axis.values]
    if listed or not 0 < asked.width < 1:
        raise UsageError(
            Text(
                "--flip 须为区间，如 0.6..1.2；--width 介于 0 与 1",
                "--flip wants K=LOW..HIGH, --width lies between 0 and 1",
            )
        )
    return found


def _flipped(
    axis: Axis,
    asked: Asked,
    held: dict[str, County],
    run_all: Callable[[Sequence[Case]], list[Outcome]],
) -> tuple[Flip, ...]:
    """Find where verdicts change between the ends of a parameter."""

    def judged(value: float) -> dict[str, str]:
        case = _case(asked, {axis.name: axis.told(value)}, held)
        run = run_all([case])[0].run
        return {} if run is None else {one.id: one.verdict for one in run.result.checks}

    low, high = axis.ends
    return tuple(flips(judged, (low, high), width=asked.width * (high - low)))

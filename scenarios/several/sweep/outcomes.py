"""A sweep that was run: its design and what came of each case."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from geo.words import Text, alike
from scenarios.result import Layer, Metric, Run
from scenarios.several.sweep.cases import Outcome
from scenarios.several.sweep.designs import Design
from scenarios.several.sweep.flips import Flip

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Swept:
    """A sweep that was run: its design and what came of each case, in order.

    `titles` are the parameters in words; `flips` by the parameter they were looked for along;
    `layers` are those of the first run.
    """

    design: Design
    outcomes: tuple[Outcome, ...]
    titles: Mapping[str, Text]
    seed: int = 0
    flips: Mapping[str, tuple[Flip, ...]] = field(default_factory=dict)
    layers: tuple[Layer, ...] = ()

    @property
    def runs(self) -> list[Run]:
        """The runs there are, in the order of the cases, each once."""
        found = {one.run.key: one.run for one in self.outcomes if one.run is not None}
        return list(found.values())

    @property
    def metrics(self) -> dict[str, Metric]:
        """Every figure that some run has, by id."""
        found: dict[str, Metric] = {}
        for run in self.runs:
            for metric in run.result.metrics:
                found.setdefault(metric.id, metric)
        return found

    def values(self, figure: str) -> Floats:
        """Give the value of a figure in each case; NaN where it is not known."""
        return np.array([value(one.run, figure) for one in self.outcomes], dtype=np.float64)

    def title(self, parameter: str) -> Text:
        """Give a parameter in words, with its code."""
        words = self.titles.get(parameter, alike(parameter))
        return Text(f"{words.zh}（{parameter}）", f"{words.en} ({parameter})")


def value(run: Run | None, figure: str) -> float:
    """Give the value of a figure of a run; NaN where it has none."""
    metrics = run.result.metrics if run is not None else ()
    return next((metric.value for metric in metrics if metric.id == figure), np.nan)

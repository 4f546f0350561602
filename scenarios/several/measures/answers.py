"""Which questions answer a measure, which scripts ask them, and what their latest runs found."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from geo.words import Text, joined, unit_words
from scenarios import find, names
from scenarios.contract import Scenario
from scenarios.result import Metric, Run
from scenarios.running.script import heading
from scenarios.several.below import Found

HEADLINES = 3


@dataclass(frozen=True, eq=False)
class Asked:
    """A question that answers a measure: ready-made scripts of it, and its runs, latest first."""

    name: str
    scenario: Scenario
    scripts: tuple[str, ...] = ()
    runs: tuple[Found, ...] = ()

    @property
    def command(self) -> str:
        """How it is run: by its first ready-made script, else by its name."""
        return f"jingning run {self.scripts[0] if self.scripts else self.name}"


def asked(scripts: Mapping[str, Path], runs: Sequence[Found]) -> Mapping[int, tuple[Asked, ...]]:
    """Give the questions of each measure, by number; they are found by what they say they serve.

    Parameters
    ----------
    scripts
        Ready-made scripts by name.
    runs
        Runs, the latest first; those of several runs answer no measure themselves.
    """
    asks = {name: heading(path).scenario for name, path in scripts.items()}
    found: dict[int, list[Asked]] = {}
    for name in names():
        scenario = find(name)
        own = Asked(
            name,
            scenario,
            tuple(script for script, question in asks.items() if question == name),
            tuple(one for one in runs if one.run.scenario == name),
        )
        for measure in scenario.measures:
            found.setdefault(measure, []).append(own)
    return {measure: tuple(some) for measure, some in sorted(found.items())}


def headline(run: Run) -> Text:
    """Give the first figures of a run in one line."""
    return joined(_told(run.result.metrics[:HEADLINES]), "；", "; ")


def _told(metrics: Sequence[Metric]) -> Iterator[Text]:
    for one in metrics:
        unit = unit_words(one.unit)
        value = f"{one.value:,.{one.decimals}f}".replace("-", "−")
        yield Text(
            f"{one.title.zh} {value} {unit.zh}".rstrip(),
            f"{one.title.en} {value} {unit.en}".rstrip(),
        )

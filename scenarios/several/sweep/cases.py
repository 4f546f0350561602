"""The cases of a sweep as runs: each in a folder of its own, none run twice, a failing one told."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

from geo.words import Text
from scenarios.result import Result, Run
from scenarios.running import folder as folders
from scenarios.running.runs import Order, former, key, perform
from scenarios.several.trying import tried

CASES = "cases"
"""The folder within a sweep's that holds its runs."""


@dataclass(frozen=True)
class Case:
    """One case: its settings by parameter, and what shall be run, or why it cannot be."""

    settings: Mapping[str, str]
    order: Order | None
    refused: Text | None = None

    @property
    def name(self) -> str:
        """The name of its folder: it follows from its settings alone."""
        lines = "\n".join(f"{name}={self.settings[name]}" for name in sorted(self.settings))
        return hashlib.sha256(lines.encode()).hexdigest()[:12]


@dataclass(frozen=True, eq=False)
class Written:
    """A run that was written elsewhere: its files by name, and the run without what they hold."""

    run: Run
    files: Mapping[str, bytes] = field(repr=False)


@dataclass(frozen=True, eq=False)
class Outcome:
    """What came of a case: its run, with figures and verdicts alone, or why there is none."""

    case: Case
    run: Run | None
    failure: Text | None = None
    reused: bool = False


Performer = Callable[[Sequence[tuple[int, Order]]], Iterable[tuple[int, Run | Written | Text]]]
"""Runs orders, in any order, and gives each by its number with its run or why it failed."""


def fulfilled(
    cases: Sequence[Case],
    folder: Path,
    *,
    perform_all: Performer,
    tell: Callable[[int, int], None] = lambda _done, _of: None,
) -> list[Outcome]:
    """Run all cases that have not been run, each into `folder`/cases/NAME.

    Parameters
    ----------
    cases
        The cases; of two with the same settings the run is made once.
    folder
        The folder of the sweep. What stands there whole with the same key is taken as it is.
    perform_all
        What runs the orders.
    tell
        Hears how many cases are done, of how many.

    Returns
    -------
    list of Outcome
        One a case, in order.

    Raises
    ------
    BusyError
        If another process writes one of the runs.
    LimitError
        If there is no room; what is done stays.
    """
    outcomes: dict[str, Outcome] = {}
    todo: list[tuple[int, Order]] = []
    for number, case in enumerate(cases):
        if case.name in outcomes or case.order is None:
            outcomes.setdefault(case.name, Outcome(case, None, case.refused))
            continue
        place = folder / CASES / case.name
        stands = former(place, key(case.order)) if place.is_dir() else None
        outcomes[case.name] = Outcome(case, stands and bare(stands), reused=stands is not None)
        if stands is None:
            todo.append((number, case.order))
    done = len(cases) - len(todo)
    tell(done, len(cases))
    for number, found in perform_all(todo):
        case = cases[number]
        if isinstance(found, Text):
            outcomes[case.name] = Outcome(case, None, found)
        else:
            outcomes[case.name] = Outcome(case, _kept(found, folder / CASES / case.name))
        done += 1
        tell(done, len(cases))
    return [replace(outcomes[case.name], case=case) for case in cases]


def _kept(found: Run | Written, place: Path) -> Run:
    """Put a run into its folder; give it bare."""
    with folders.locked(place):
        if isinstance(found, Written):
            folders.lay(found.files, place)
            return found.run
        folders.write(found, place)
        return bare(found)


def bare(run: Run) -> Run:
    """Give a run with its figures and verdicts alone, so that thousands are held at once."""
    result = Result(metrics=run.result.metrics, checks=run.result.checks)
    return replace(run, result=result)


def here(orders: Sequence[tuple[int, Order]]) -> Iterator[tuple[int, Run | Text]]:
    """Run orders one after the other in this process."""
    for number, order in orders:
        yield number, attempted(order)


def attempted(order: Order) -> Run | Text:
    """Run an order; one that fails gives its message, so that it stops no other."""
    return tried(partial(perform, order))

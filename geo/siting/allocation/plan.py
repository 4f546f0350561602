"""An allocation found: which unit takes which use, what it reaches, how far from the best."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd

from geo.certificates.allocation import AllocationCertificate
from geo.siting.allocation.lots import NO_USE, Whole
from geo.siting.allocation.model import Model, areas, patches, prices
from geo.words import Text

ROUNDING = 1e-9  # a bound this close, as a share of the score, leaves no gap
SUITABILITY = Text("适宜性", "suitability")


class Work(NamedTuple):
    """What was done, counted: sweeps for the bound, changes tried, steps of HiGHS."""

    sweeps: int
    moves: int
    program: float


@dataclass(frozen=True, eq=False)
class Plan:
    """An allocation, with its proof.

    Attributes
    ----------
    use
        The use of each unit, by label in the order given; "" for land without a use.
    score
        Suitability and what borders count; more is better.
    bound
        No allocation that obeys the rules has a score above this.
    gap
        (bound − score) / |score|; 0 where the allocation is proven best, inf where the score is 0
        and the bound is not.
    certified
        The bound that prices alone prove, which `geo.certificates.verify` derives anew. It is no
        less than `bound`.
    by
        "prices" where the bound is certified, "HiGHS" where it rests on that solver's own word.
    proven
        Whether the gap asked for was reached; where it was not, a limit of work ended the search.
    work
        What was done.
    goals
        One row for suitability and for each goal: goal (Text), score.
    uses
        By use: area_m2, least_m2, most_m2 (inf: no end), units, patches.
    certificate
        What the bound rests on, to be re-checked.
    """

    use: pd.Series[str]
    score: float
    bound: float
    gap: float
    certified: float
    by: str
    proven: bool
    work: Work
    goals: pd.DataFrame
    uses: pd.DataFrame
    certificate: AllocationCertificate


def gap(score: float, bound: float) -> float:
    """Give by how much of its score a better allocation could be better.

    >>> gap(100.0, 101.0), gap(0.0, 0.0), gap(0.0, 1.0)
    (0.01, 0.0, inf)
    """
    if bound - score <= ROUNDING * max(abs(score), abs(bound)):
        return 0.0
    return (bound - score) / abs(score) if score else float("inf")


def names(on: Model, state: Whole) -> pd.Series[str]:
    """Give the use of each unit, in the order the units were given."""
    uses = np.array([*on.lots.uses, NO_USE], dtype=object)
    return pd.Series(uses[state], on.lots.labels, name="use").reindex(on.lots.given)


def goal_table(on: Model, state: Whole) -> pd.DataFrame:
    """Give what suitability and each goal count."""
    place = {use: k for k, use in enumerate(on.lots.uses)}
    given = on.lots
    ends = state[given.left], state[given.right]
    rows = [(SUITABILITY, float(on.value[np.arange(len(state)), state].sum()))]
    for goal in on.goals:
        borders = given.length_m * prices([goal], place)[ends]
        rows.append((goal.words(), float(borders.sum())))
    return pd.DataFrame(rows, columns=["goal", "score"])


def use_table(on: Model, state: Whole) -> pd.DataFrame:
    """Give what each use has and may have."""
    most = np.where(on.high < 2**53, on.high / 100, np.inf)
    columns = {
        "area_m2": areas(on, state) / 100,
        "least_m2": on.low / 100,
        "most_m2": most,
        "units": np.bincount(state, minlength=on.free + 1)[: on.free],
        "patches": [len(patches(on, state, use)) for use in range(on.free)],
    }
    return pd.DataFrame(columns, index=pd.Index(on.lots.uses, name="use"))

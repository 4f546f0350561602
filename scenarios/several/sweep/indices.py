"""How much of a figure's spread each parameter accounts for: Morris and Sobol, by SALib.

Morris (1991): mean of the absolute elementary effects µ*, and their spread σ. Sobol: first-order
and total indices with 95 % intervals by resampling (Saltelli 2010). A figure that is the same in
all cases has no spread to account for, so it has no index, and one that is not known in some case
cannot be analysed: both are said.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo.words import Text
from scenarios.several.sweep.designs import LEVELS, Design, problem, salib

Floats = NDArray[np.float64]
CONSTANT = Text("各案中不变，无指数", "the same in all cases: no index")
INCOMPLETE = Text("部分案例无此数值，无法分析", "not known in some cases: cannot be analysed")
FLAT = 1e-12
"""A spread below this share of the mean is rounding."""


@dataclass(frozen=True, eq=False)
class Indices:
    """The indices of one figure: one row a parameter, or why there are none.

    Parameters
    ----------
    rows
        parameter, and for Sobol first, first_interval, total, total_interval; for Morris mu_star,
        mu_star_interval, sigma. Intervals are half-widths at 95 %.
    why
        Why there are none.
    """

    rows: pd.DataFrame
    why: Text | None = None


def indices(design: Design, figures: Mapping[str, Floats], *, seed: int) -> dict[str, Indices]:
    """Analyse each figure.

    Parameters
    ----------
    design
        Of Sobol or Morris.
    figures
        The value of each figure in each case, in the order of the design; NaN where unknown.
    seed
        Of the resampling for the intervals.
    """
    return {name: _one(design, values, seed) for name, values in figures.items()}


def _one(design: Design, values: Floats, seed: int) -> Indices:
    if not np.isfinite(values).all():
        return Indices(pd.DataFrame(), INCOMPLETE)
    if np.ptp(values) <= FLAT * max(1.0, float(np.abs(values).max())):
        return Indices(pd.DataFrame(), CONSTANT)
    library = salib("analyze")
    names = [axis.name for axis in design.axes]
    cube = problem(len(names))
    if design.method == "sobol":
        found = library.sobol.analyze(
            cube, values, calc_second_order=False, seed=seed, print_to_console=False
        )
        columns = {"first": "S1", "first_interval": "S1_conf"}
        columns |= {"total": "ST", "total_interval": "ST_conf"}
    else:
        found = library.morris.analyze(
            cube, design.shares, values, num_levels=LEVELS, seed=seed, print_to_console=False
        )
        columns = {"mu_star": "mu_star", "mu_star_interval": "mu_star_conf", "sigma": "sigma"}
    rows = {name: np.asarray(found[key], dtype=float) for name, key in columns.items()}
    return Indices(pd.DataFrame({"parameter": names, **rows}))

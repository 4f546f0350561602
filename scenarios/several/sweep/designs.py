"""Which cases are run: grids, tables, one at a time, drawn at random, or as Morris and Sobol ask.

Samples of Morris (Morris 1991; trajectories) and Sobol (Saltelli 2010) are SALib's, drawn in the
unit cube and put through each distribution, so that any distribution may be declared.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from geo.errors import UsageError
from geo.words import Text
from scenarios.several.sweep.axes import Axis

Floats = NDArray[np.float64]
METHODS = ("grid", "one-at-a-time", "morris", "sobol", "monte-carlo")
DRAWN = frozenset({"morris", "sobol", "monte-carlo"})
"""Those that draw at random, as many as asked, by a seed."""
LEVELS = 4
"""Levels of a Morris design."""


@dataclass(frozen=True, eq=False)
class Design:
    """Cases to run.

    Parameters
    ----------
    method
        One of `METHODS`, or `table`.
    axes
        What is varied; empty for a table.
    cases
        The settings of each case, by parameter, as `--set` takes them.
    shares
        For samples: cases × axes, the place of each in its distribution, 0 to 1.
    """

    method: str
    axes: tuple[Axis, ...]
    cases: tuple[Mapping[str, str], ...]
    shares: Floats = field(default_factory=lambda: np.zeros((0, 0)))


def design(method: str, axes: Sequence[Axis], *, n: int, seed: int) -> Design:
    """Lay out the cases of a method.

    Parameters
    ----------
    method
        One of `METHODS`.
    axes
        What is varied; samples want distributions, grids values, one at a time either.
    n
        How many samples: of Monte Carlo the cases, of Sobol the base samples (a power of two; runs
        are n × (axes + 2)), of Morris the trajectories (runs are n × (axes + 1)).
    seed
        Of what is drawn.

    Raises
    ------
    UsageError
        If an axis is not of the kind that the method wants, or n is not.
    """
    if not axes:
        raise UsageError(Text("请用 --over 给出所改参数", "say by --over what shall be varied"))
    layouts: Mapping[str, Callable[[], Design]] = MappingProxyType(
        {
            "grid": lambda: _grid(axes),
            "one-at-a-time": lambda: _one_at_a_time(axes),
            "morris": lambda: _sampled("morris", axes, n=n, seed=seed),
            "sobol": lambda: _sampled("sobol", axes, n=n, seed=seed),
            "monte-carlo": lambda: _sampled("monte-carlo", axes, n=n, seed=seed),
        }
    )
    return layouts[method]()


def table(rows: Sequence[Mapping[str, str]]) -> Design:
    """Take the cases of a table: one row each, empty cells are as the script has them."""
    cases = tuple({name: value for name, value in row.items() if value} for row in rows)
    return Design("table", (), cases)


def _grid(axes: Sequence[Axis]) -> Design:
    """Cross all values with all others."""
    spread = [axis.name for axis in axes if not axis.values]
    if spread:
        raise UsageError(
            Text(
                f"{'、'.join(spread)}：网格须给出各值；分布请用 --method",
                f"{', '.join(spread)}: a grid wants values; distributions want a --method",
            )
        )
    crossed = itertools.product(*(axis.values for axis in axes))
    names = [axis.name for axis in axes]
    cases = tuple(dict(zip(names, values, strict=True)) for values in crossed)
    return Design("grid", tuple(axes), cases)


def _one_at_a_time(axes: Sequence[Axis]) -> Design:
    """Take the case as it is, then each value of each parameter, the others as they are."""
    cases: list[Mapping[str, str]] = [{}]
    for axis in axes:
        values = axis.values or tuple(map(axis.told, axis.ends))
        cases += [{axis.name: value} for value in values]
    return Design("one-at-a-time", tuple(axes), tuple(cases))


def _sampled(method: str, axes: Sequence[Axis], *, n: int, seed: int) -> Design:
    listed = [axis.name for axis in axes if axis.values]
    if listed:
        raise UsageError(
            Text(
                f"{'、'.join(listed)}：{method} 须给出区间或分布，如 0.6..1.2",
                f"{', '.join(listed)}: {method} wants an interval or a distribution, as 0.6..1.2",
            )
        )
    shares = _shares(method, len(axes), n=n, seed=seed)
    values = np.column_stack([axis.at(_inside(axis, shares[:, k])) for k, axis in enumerate(axes)])
    cases = tuple(
        {axis.name: axis.told(value) for axis, value in zip(axes, row, strict=True)}
        for row in values.tolist()
    )
    return Design(method, tuple(axes), cases, shares)


def _shares(method: str, count: int, *, n: int, seed: int) -> Floats:
    """Draw the places of all cases in the unit cube."""
    if method == "monte-carlo":
        return np.random.default_rng(seed).random((n, count))
    if method == "sobol" and (n < 2 or n & (n - 1)):
        near = 1 << max(1, round(np.log2(max(n, 2))))
        raise UsageError(
            Text(f"Sobol 的 --n 须为 2 的幂，如 {near}", f"--n of Sobol is a power of two: {near}")
        )
    if method == "morris" and n < 2:
        raise UsageError(Text("Morris 的 --n 至少为 2", "--n of Morris is 2 at least"))
    library = salib("sample")
    cube = problem(count)
    if method == "sobol":
        drawn = library.sobol.sample(cube, n, calc_second_order=False, seed=seed)
    else:
        drawn = library.morris.sample(cube, n, num_levels=LEVELS, seed=seed)
    return np.asarray(drawn, dtype=np.float64)


def problem(count: int) -> dict[str, Any]:
    """Give SALib's word for the unit cube of so many parameters."""
    names = [f"x{k}" for k in range(count)]
    return {"num_vars": count, "names": names, "bounds": [[0.0, 1.0]] * count}


def salib(part: str) -> Any:
    """Give a part of SALib with the methods in use.

    Raises
    ------
    UsageError
        If it is not installed.
    """
    import importlib

    try:
        modules = {
            one: importlib.import_module(f"SALib.{part}.{one}") for one in ("sobol", "morris")
        }
    except ImportError as error:
        raise UsageError(
            Text(
                "敏感性分析需要 SALib：pip install '.[sensitivity]'",
                "sensitivity wants SALib: pip install '.[sensitivity]'",
            )
        ) from error
    return _Part(**modules)


@dataclass(frozen=True)
class _Part:
    sobol: Any
    morris: Any


def _inside(axis: Axis, shares: Floats) -> Floats:
    """Keep off the ends of a distribution that has none."""
    low, high = axis.at(np.array([0.0, 1.0]))
    if np.isfinite(low) and np.isfinite(high):
        return shares
    return np.clip(shares, 1e-6, 1 - 1e-6)


def lines(design: Design) -> Iterator[tuple[str, ...]]:
    """Give the settings of each case as `--set` takes them."""
    for case in design.cases:
        yield tuple(f"{name}={value}" for name, value in case.items())

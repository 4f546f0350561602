"""Alternatives ranked by several criteria whose weights are a choice: how far the choice decides.

An alternative is worth the weighted sum of its values. Weights are at least 0 and sum to 1; all
such weightings are the simplex, and each is as likely as any other (Dirichlet distribution with all
parameters 1). That method is stochastic multicriteria acceptability analysis: Lahdelma, R.,
Hokkanen, J. and Salminen, P. (1998), SMAA, European Journal of Operational Research 106; its first
rank acceptability is the share of weightings in which an alternative wins.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo.errors import InputError, Problem
from geo.words import Text

Floats = NDArray[np.float64]
BLOCK = 1024  # weightings at a time
NORMAL_95 = 1.959963984540054  # two-sided
SAME = 1e-12  # worths this near are equal: sums of a dozen values of at most 1 are rounded less


@dataclass(frozen=True)
class Scale:
    """A criterion's ends: what is worth 0 and what is worth 1, in its own unit.

    Its direction follows: less is better where the best is the lower end. What lies beyond an end
    is worth as much as the end.
    """

    worst: float
    best: float


def normalised(measured: pd.DataFrame, scales: Mapping[str, Scale]) -> pd.DataFrame:
    """Give what measures are worth, 0 to 1, in proportion between the ends of their scales.

    Ends are fixed, and not those of the alternatives at hand, so that one more alternative changes
    the worth of no other.

    Parameters
    ----------
    measured
        Alternatives by unique label, a column for each criterion.
    scales
        By criterion; others are left out.

    Returns
    -------
    DataFrame
        In the order of the scales; NaN where a measure is not known.

    Raises
    ------
    InputError
        If a scale's ends are equal, or its criterion is not measured.

    Examples
    --------
    >>> sites = pd.DataFrame({"time_min": [10.0, 40], "area_ha": [3.0, 9]}, index=["a", "b"])
    >>> scales = {"time_min": Scale(60, 0), "area_ha": Scale(3, 7)}
    >>> normalised(sites, scales).round(3).to_dict("list")
    {'time_min': [0.833, 0.333], 'area_ha': [0.0, 1.0]}
    """
    wrong = [
        Problem(field=name, found=f"{one.worst:g} … {one.best:g}")
        for name, one in scales.items()
        if name not in measured or one.worst == one.best
    ]
    if wrong:
        words = Text("指标尺度有误", "scales of criteria are wrong")
        raise InputError(words, problems=wrong)
    shares = {
        name: (measured[name].astype(float) - one.worst) / (one.best - one.worst)
        for name, one in scales.items()
    }
    return pd.DataFrame(shares, index=measured.index).clip(0.0, 1.0)


def weighted_sum(values: pd.DataFrame, weights: Mapping[str, float]) -> pd.Series:
    """Give what each alternative is worth: the weighted mean of its values.

    Parameters
    ----------
    values
        Alternatives by unique label, a column for each criterion, as `normalised` gives them.
    weights
        By criterion, at least 0 and not all 0; they are scaled to sum to 1.

    Raises
    ------
    InputError
        If weights and criteria do not fit, or a value is not known.

    Examples
    --------
    >>> values = pd.DataFrame({"near": [1.0, 0.2], "flat": [0.0, 1.0]}, index=["a", "b"])
    >>> weighted_sum(values, {"near": 3, "flat": 1}).round(3).to_dict()
    {'a': 0.75, 'b': 0.4}
    """
    weighting = _weighting(values, weights)
    return pd.Series(_worth(weighting[None, :], _known(values))[0], index=values.index)


def acceptability(values: pd.DataFrame, *, samples: int, seed: int) -> pd.DataFrame:
    """Give the share of all weightings in which each alternative wins, from a sample of them.

    1. Weightings are drawn uniformly from the simplex: exponential numbers over their sum.
    2. The one of the highest worth wins; those that tie share the win evenly.
    3. The standard error is √(p(1 − p)/n), with ties at most that; the interval of 95 % is
       Wilson's (1927), which holds near 0 and 1 also.

    Parameters
    ----------
    values
        As `weighted_sum` takes them.
    samples
        How many weightings.
    seed
        Of the draw; the same seed gives the same shares.

    Returns
    -------
    DataFrame
        By alternative: share, error (standard), low and high (95 %), each 0 to 1; shares sum to 1.
        No alternatives give no rows.

    Raises
    ------
    InputError
        If a value is not known, or there are no criteria.

    Examples
    --------
    Of two criteria `a` is better in the first by 1, `b` in the second by 3: `a` wins where the
    first has a weight above 3/4, a quarter of all weightings. `c` is beaten by `b` in both.

    >>> values = pd.DataFrame({"x": [1.0, 0, 0], "y": [0, 3.0, 2]}, index=["a", "b", "c"]) / 3
    >>> acceptability(values, samples=40_000, seed=1)["share"].round(2).to_dict()
    {'a': 0.25, 'b': 0.75, 'c': 0.0}
    """
    known = _known(values)
    if not len(known):
        return pd.DataFrame(columns=["share", "error", "low", "high"], dtype=float)
    draw = np.random.default_rng(seed)
    wins = np.zeros(len(known))
    for start in range(0, samples, BLOCK):
        raw = draw.exponential(size=(min(BLOCK, samples - start), known.shape[1]))  # RULE 1
        worth = _worth(raw / raw.sum(axis=1, keepdims=True), known)
        best = worth >= worth.max(axis=1, keepdims=True) - SAME
        wins += (best / best.sum(axis=1, keepdims=True)).sum(axis=0)  # RULE 2
    return _told(wins / samples, samples).set_axis(values.index)


def _told(share: Floats, samples: int) -> pd.DataFrame:
    """Give shares with their standard error and interval. RULE 3."""
    error = np.sqrt(share * np.maximum(1 - share, 0) / samples)
    wide = NORMAL_95**2 / samples
    middle = (share + wide / 2) / (1 + wide)
    half = NORMAL_95 * np.sqrt(error**2 + wide / (4 * samples)) / (1 + wide)
    low, high = np.clip(middle - half, 0, 1), np.clip(middle + half, 0, 1)
    return pd.DataFrame({"share": share, "error": error, "low": low, "high": high})


def least_exchange(values: pd.DataFrame, weights: Mapping[str, float]) -> pd.DataFrame:
    """Give for each alternative the least weight to move between two criteria so that it wins.

    Where weight t is moved from criterion i to criterion j, the worth of each alternative is linear
    in t, so that those t, from 0 to the weight of i, at which one is worth no less than all others
    are an interval; its lower end is exact. The least over all pairs is taken (ties: the pair that
    comes first in the order of criteria). Two weights decide the winner most easily: the pair of
    the alternative whose shift is the least above 0.

    Parameters
    ----------
    values
        As `weighted_sum` takes them.
    weights
        As `weighted_sum` takes them.

    Returns
    -------
    DataFrame
        By alternative: from_ and to (criteria; empty for what wins already), shift (weight, of a
        sum of 1; 0 for what wins already, NaN with empty names where no exchange of two weights
        makes it win; from the shift on it wins or ties).

    Raises
    ------
    InputError
        If weights and criteria do not fit, or a value is not known.

    Examples
    --------
    `a` wins at equal weights by 1/2 to 1/3. With t moved from x to y it is worth 1/2 − t, `b` 1/3 +
    2t/3: equal at t = 1/10.

    >>> values = pd.DataFrame({"x": [1.0, 0], "y": [0, 2 / 3]}, index=["a", "b"])
    >>> least_exchange(values, {"x": 1, "y": 1}).round(6).to_dict("index")["b"]
    {'from_': 'x', 'to': 'y', 'shift': 0.1}
    """
    known, names = _known(values), [str(one) for one in values.columns]
    weighting = _weighting(values, weights)
    worth = _worth(weighting[None, :], known)[0]
    best = np.full(len(known), np.inf)
    pair = np.full((len(known), 2), -1)
    first = worth >= worth.max(initial=-np.inf) - SAME
    best[first] = 0.0
    for one in range(len(names)):
        for other in range(len(names)):
            if one != other:
                shift = _entry(worth, known[:, other] - known[:, one], weighting[one])
                better = ~first & (shift < best - SAME)
                best[better], pair[better] = shift[better], (one, other)
    said = np.array([*names, ""], dtype=object)[pair]
    shift = np.where(np.isfinite(best), best, np.nan)
    found = {"from_": said[:, 0], "to": said[:, 1], "shift": shift}
    return pd.DataFrame(found, index=values.index)


def _entry(worth: Floats, gain: Floats, most: float) -> Floats:
    """Give the least t from 0 to most at which each is worth no less than all; inf for none.

    An alternative is worth `worth` + t `gain`; against another one it holds from t on if it gains
    more, up to t if it gains less, always or never if it gains alike.
    """
    lead, faster = worth[:, None] - worth[None, :], gain[:, None] - gain[None, :]
    up, down = faster > SAME, faster < -SAME
    with np.errstate(divide="ignore", invalid="ignore"):
        meet = np.where(up | down, -lead / faster, 0.0)
    low = np.where(up, meet, 0.0).max(axis=1, initial=0.0)
    high = np.where(down, meet, most).min(axis=1, initial=most)
    never = (~up & ~down & (lead < -SAME)).any(axis=1)
    return np.where(never | (low > high + SAME), np.inf, low)


def _weighting(values: pd.DataFrame, weights: Mapping[str, float]) -> Floats:
    """Give weights in the order of the criteria, of sum 1."""
    given = {name: float(weights.get(str(name), np.nan)) for name in values.columns}
    wrong = [name for name, one in given.items() if not (np.isfinite(one) and one >= 0)]
    wrong += [name for name in weights if name not in values]
    total = sum(given.values())
    if wrong or not total > 0:
        words = Text(
            "权重须为非负数，逐项给出，且不全为零",
            "weights must be at least 0, one for each criterion, and not all 0",
        )
        raise InputError(words, problems=[Problem(field=str(name)) for name in wrong])
    found: Floats = np.array([*given.values()]) / total
    return found


def _known(values: pd.DataFrame) -> Floats:
    """Give values as they are known, or refuse them."""
    known: Floats = values.to_numpy(dtype=float)
    lacking = values.index[~np.isfinite(known).all(axis=1)]
    if len(lacking) or not known.shape[1]:
        words = Text(
            "每个方案的每项指标都须已知", "every criterion of every alternative must be known"
        )
        raise InputError(words, problems=[Problem(row=str(label)) for label in lacking])
    return known


def _worth(weightings: Floats, known: Floats) -> Floats:
    """Give worths, shape (weightings, alternatives), summed in the order of criteria.

    Not by a matrix product, whose order of summing hangs on the machine and on the place of a row.
    """
    worth = np.zeros((len(weightings), len(known)))
    for criterion in range(known.shape[1]):
        worth += weightings[:, criterion, None] * known[None, :, criterion]
    return worth

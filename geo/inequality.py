"""How evenly something is spread over people: Gini, shares within limits, cumulative curves."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray


def gini(values: ArrayLike, weights: ArrayLike) -> float:
    """Give the Gini coefficient: half the mean difference of two draws, over the mean.

    Parameters
    ----------
    values
        Not negative, finite, shape (n,).
    weights
        People who have each value, not negative, shape (n,).

    Returns
    -------
    float
        0 when all are equal, near 1 when one has everything; NaN without people or for a mean
        of 0. Source: Gini (1912) in the form for grouped data.

    Examples
    --------
    One person has 1, one 3: pairs differ by 0, 2, 2, 0, on average 1; 1 / (2 · 2) = 0.25.

    >>> gini([1, 3], [1, 1])
    0.25
    """
    amount, people = _sorted(values, weights)
    total, whole = people.sum(), (amount * people).sum()
    if not total > 0 or not whole > 0:
        return float("nan")
    below = np.cumsum(people) - people
    # Σ Σ p q |v - w| / 2 = Σ p v (people below - people above)
    spread = (people * amount * (2 * below + people - total)).sum()
    return float(spread / (total * whole))


def share_within(values: ArrayLike, weights: ArrayLike, limit: float) -> float:
    """Give the share of people whose value is at most a limit, which itself counts as within.

    Infinite and missing values are not within, and their people count in the whole.

    Examples
    --------
    >>> share_within([10, 15, np.inf], [1, 2, 1], 15)
    0.75
    """
    amount, people = np.asarray(values, dtype=float), np.asarray(weights, dtype=float)
    if not people.sum() > 0:
        return float("nan")
    return float(people[amount <= limit].sum() / people.sum())


def weighted_mean(values: ArrayLike, weights: ArrayLike) -> float:
    """Give the mean over people; those with an infinite or missing value are left out.

    Returns
    -------
    float
        NaN when nobody is left.

    Examples
    --------
    >>> weighted_mean([10, 40, np.inf], [2, 1, 5])
    20.0
    """
    amount, people = _sorted(values, weights)
    return float((amount * people).sum() / people.sum()) if people.sum() > 0 else float("nan")


def cumulative_shares(
    values: ArrayLike, weights: ArrayLike, limits: ArrayLike
) -> NDArray[np.float64]:
    """Give the share of people within each of many limits, shape of the limits.

    Examples
    --------
    >>> cumulative_shares([10, 15, np.inf], [1, 2, 1], [0, 10, 20]).tolist()
    [0.0, 0.25, 0.75]
    """
    amount, people = _sorted(values, weights)
    total = np.asarray(weights, dtype=float).sum()
    running = np.concatenate([[0.0], np.cumsum(people)])
    within = running[np.searchsorted(amount, np.asarray(limits, dtype=float), side="right")]
    return np.asarray(within / total if total > 0 else np.full(within.shape, np.nan))


def _sorted(
    values: ArrayLike, weights: ArrayLike
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    amount, people = np.asarray(values, dtype=float), np.asarray(weights, dtype=float)
    known = np.isfinite(amount)
    order = np.lexsort((people[known], amount[known]))  # sums do not depend on the rows' order
    return amount[known][order], people[known][order]

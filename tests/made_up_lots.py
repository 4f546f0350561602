"""Made-up allocations: small ones for brute force, and a large one of parcels in a town."""

import itertools

import numpy as np
import pandas as pd

from geo.siting.allocation import (
    Affinity,
    Compactness,
    Connected,
    Demand,
    Exclusion,
    Patch,
    lots,
)

ROWS, COLUMNS = 3, 4
USES = ("a", "b", "c")
KINDS = ("plain", "compact", "affinity", "exclusion", "patch", "connected", "all")


def grid(rows, columns, lengths):
    """Pairs of cells that share a border, with the lengths given, row after row."""
    cell = np.arange(rows * columns).reshape(rows, columns)
    left = np.concatenate([cell[:, :-1].ravel(), cell[:-1].ravel()])
    right = np.concatenate([cell[:, 1:].ravel(), cell[1:].ravel()])
    return pd.DataFrame({"left": left, "right": right, "length_m": lengths(len(left))})


def small(seed, kind):
    """Twelve cells, three uses: areas, suitability, neighbours, goals and rules."""
    rng = np.random.default_rng(seed)
    count = ROWS * COLUMNS
    areas = pd.Series(rng.integers(50, 150, count) / 100 * 4.0)
    fit = pd.DataFrame(rng.integers(-4, 20, (count, 3)) / 2, columns=list(USES))
    fit = fit.mask(rng.random(fit.shape) < 0.1)
    near = grid(ROWS, COLUMNS, lambda size: rng.integers(1, 4, size).astype(float))
    goals, rules = [], []
    if kind in ("compact", "all"):
        goals.append(Compactness(like=rng.integers(0, 3) / 2, unlike=rng.integers(0, 3) / 2))
    if kind in ("affinity", "all"):
        goals += [Affinity("a", "b", -2.0), Affinity("b", "c", 0.5), Affinity("c", "c", -0.5)]
    if kind in ("exclusion", "all"):
        rules += [Exclusion("a", "c")]
    if kind in ("patch", "all"):
        rules += [Patch("a", 9.0), Patch("b", 7.0)]
    if kind in ("connected", "all"):
        rules += [Connected("c")] if kind == "all" else [Connected("a"), Connected("c")]
    for use in USES:
        least = rng.uniform(0, 16)
        rules.append(Demand(use, least, least + rng.uniform(2, 12)))
    return areas, fit, near, goals, rules


def town(rows, columns, *, seed=0, side=50.0):
    """Parcels of a town and six uses whose suitability changes slowly over it, with noise."""
    rng = np.random.default_rng(seed)
    count = rows * columns
    labels = [f"p{number:05d}" for number in range(count)]
    y, x = np.divmod(np.arange(count), columns)
    fit = np.zeros((count, 6))
    for use, _ in itertools.product(range(6), range(5)):
        wave, turn = rng.normal(size=2) * 0.15, rng.uniform(0, 2 * np.pi)
        fit[:, use] += np.sin(wave[0] * x + wave[1] * y + turn)
    fit = 50 + 15 * fit + rng.normal(size=fit.shape) * 5
    fit[rng.random(fit.shape) < 0.08] = np.nan
    near = grid(rows, columns, lambda size: side * rng.uniform(0.5, 1.5, size))
    near[["left", "right"]] = np.array(labels)[near[["left", "right"]]]
    areas = pd.Series(np.round(side**2 * rng.uniform(0.6, 1.4, count), 2), labels)
    names = ["green", "homes", "industry", "public", "shops", "storage"]
    return areas, pd.DataFrame(fit, labels, names), near


SHARES = {"green": 0.2, "homes": 0.25, "industry": 0.15, "public": 0.1, "shops": 0.08}
"""Of the area of a town, within 2 % of it; some of the rest is for storage."""


def wishes(areas, extra=()):
    """Goals and rules of a town: compact uses, homes far from industry, demands within 2 %."""
    whole = float(areas.sum())
    ends = {use: (0.98 * share * whole, 1.02 * share * whole) for use, share in SHARES.items()}
    demands = [Demand(use, least, most) for use, (least, most) in ends.items()]
    goals = [
        Compactness(unlike=0.1),
        Affinity("homes", "industry", -0.4),
        Affinity("homes", "green", 0.05),
    ]
    return goals, [*demands, *extra]


def lots_of(areas, fit, near):
    return lots(areas, fit, neighbours=near)

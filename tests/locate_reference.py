"""Questions of location answered by trying everything, and made-up cases of every kind.

Sets of sites are tried one by one; who serves whom is tried too where nobody is split, and else is
a linear program for each set. Nothing here knows how the toolkit solves them.
"""

from itertools import combinations

import numpy as np
import pandas as pd
from scipy.optimize import linprog

from geo.siting.locate import (
    Limits,
    fixed_charge,
    maximal_cover,
    p_centre,
    p_median,
    places,
    set_cover,
)

QUESTIONS = {
    "p_median": p_median,
    "p_centre": p_centre,
    "maximal_cover": maximal_cover,
    "set_cover": set_cover,
    "fixed_charge": fixed_charge,
}
KINDS = ("plain", "limits", "single", "split")
INF = float("inf")


def case(question, kind, seed, most=5):
    """A small case: frames of costs, demands, sites, limits, and what covers need."""
    rng = np.random.default_rng([seed, len(question), KINDS.index(kind)])
    count, width = (int(k) for k in rng.integers(2, most + 1, 2))
    cost = rng.integers(0, 10, (count, width)).astype(float)
    if seed % 3 == 0:
        cost = cost + rng.random((count, width)).round(3)
    cost[rng.random(cost.shape) < 0.15] = INF
    names = [f"d{k}" for k in range(count)], [f"s{k}" for k in range(width)]
    demands = pd.DataFrame({"weight": rng.integers(0, 5, count)}, index=names[0])
    sites = pd.DataFrame({"price": rng.integers(0, 9, width)}, index=names[1])
    limits = {}
    if question not in {"set_cover", "fixed_charge"} or rng.random() < 0.3:
        limits["number"] = int(rng.integers(1, width + 1))
    if kind != "plain":
        demands["amount"] = rng.integers(0, 5, count)
        state = rng.random(width)
        sites["must_open"], sites["forbidden"] = state < 0.12, state > 0.88
        sites["closing"] = rng.integers(0, 5, width) * (rng.random(width) < 0.4)
        if rng.random() < 0.4:
            limits["distance"] = float(rng.integers(3, 11))
        if rng.random() < 0.4:
            limits["budget"] = float(rng.integers(0, 4 * width + 1))
    if kind in {"single", "split"}:
        sites["capacity"] = np.where(rng.random(width) < 0.85, rng.integers(0, 12, width), INF)
        limits["single_source"] = kind == "single"
    more = {}
    if question in {"maximal_cover", "set_cover"}:
        more = {"radius": float(rng.integers(2, 9)), "covers": int(rng.integers(1, 3))}
        more["covers"] = min(more["covers"], width)
    return {
        "cost": pd.DataFrame(cost, *names),
        "demands": demands,
        "sites": sites,
        "limits": limits,
        "more": more,
    }


def asked(question, one):
    """The toolkit's answer."""
    given = places(one["cost"], demands=one["demands"], sites=one["sites"])
    return QUESTIONS[question](given, Limits(**one["limits"]), **one["more"])


def column(frame, name, usual):
    return (frame[name] if name in frame else pd.Series(usual, frame.index)).to_numpy(float)


def best(question, one):
    """The least objective by trying everything; inf where nothing keeps the limits."""
    sites, limits = one["sites"], one["limits"]
    price, closing = column(sites, "price", 1.0), column(sites, "closing", 0.0)
    must, forbidden = column(sites, "must_open", 0.0), column(sites, "forbidden", 0.0)
    least = INF
    for size in range(len(sites) + 1):
        for chosen in combinations(range(len(sites)), size):
            opened = np.isin(np.arange(len(sites)), chosen)
            spent = price[opened].sum() + closing[~opened].sum()
            if size > limits.get("number", INF) or spent > limits.get("budget", INF):
                continue
            if (must.astype(bool) & ~opened).any() or (forbidden.astype(bool) & opened).any():
                continue
            charged = spent if question in {"set_cover", "fixed_charge"} else 0.0
            least = min(least, charged + served(question, one, opened))
    return least


def served(question, one, opened):
    """The least cost of service from open sites."""
    cost = np.where(opened, one["cost"].to_numpy(), INF)
    weight = column(one["demands"], "weight", 1.0)
    distance, covers = one["limits"].get("distance", INF), one["more"].get("covers", 1)
    radius = one["more"].get("radius", INF)
    if question == "maximal_cover" and distance < INF and (cost.min(axis=1) > distance).any():
        return INF
    most = radius if question == "maximal_cover" else min(distance, radius)
    allowed = np.isfinite(cost) & (cost <= most)
    if question == "p_centre":
        for reach in [0.0, *np.unique(cost[allowed])]:
            if assigned(one, allowed & (cost <= reach), np.zeros_like(cost), None, covers) == 0:
                return reach
        return INF
    counted = question in {"p_median", "fixed_charge"}
    paid = np.where(allowed, weight[:, None] * np.where(allowed, cost, 0.0), 0.0) * counted
    return assigned(one, allowed, paid, weight if question == "maximal_cover" else None, covers)


def assigned(one, allowed, paid, lost, covers):
    """The least sum of what is paid and lost; inf where somebody who must be is not served."""
    capacity = column(one["sites"], "capacity", INF)
    amount = column(one["demands"], "amount", 0.0)
    if np.isinf(capacity).all() or one["limits"]["single_source"]:
        return tried((allowed, paid, lost, covers, amount), capacity, 0)
    return split(allowed, paid, lost, covers, amount, capacity)


def tried(rest, capacity, i):
    """Try every choice of sites for demand i and those after it."""
    allowed, paid, lost, covers, amount = rest
    if i == len(allowed):
        return 0.0
    least = INF if lost is None else lost[i] + tried(rest, capacity, i + 1)
    endless = np.isinf(capacity).all()
    sites = np.flatnonzero(allowed[i] & (capacity >= amount[i]))
    if endless:
        # nobody is in the way of another: the cheapest will do
        sites = sites[np.argsort(paid[i][sites], kind="stable")][:covers]
    for chosen in combinations(sites, covers):
        left = capacity.copy()
        left[list(chosen)] -= amount[i]
        mine = paid[i][list(chosen)].sum()
        least = min(least, mine + tried(rest, left, i + 1))
    return least


def split(allowed, paid, lost, covers, amount, capacity):
    """Demands in parts: a linear program."""
    demand, site = np.nonzero(allowed)
    pairs, count = len(demand), len(allowed)
    cost = np.r_[paid[allowed], np.zeros(count) if lost is None else lost]
    equal = np.zeros((count, pairs + count))
    equal[demand, np.arange(pairs)] = 1.0
    equal[np.arange(count), pairs + np.arange(count)] = covers
    rows, ends = [], []
    for j in np.flatnonzero(np.isfinite(capacity)):
        row = np.zeros(pairs + count)
        row[:pairs] = amount[demand] * (site == j)
        rows.append(row)
        ends.append(capacity[j])
    for k in range(pairs):
        row = np.zeros(pairs + count)
        row[k] = row[pairs + demand[k]] = 1.0
        rows.append(row)
        ends.append(1.0)
    bounds = [(0, 1)] * pairs + [(0, 0 if lost is None else 1)] * count
    done = linprog(
        cost,
        np.array(rows) if rows else None,
        ends or None,
        equal,
        np.full(count, float(covers)),
        bounds,
    )
    return float(done.fun) if done.status == 0 else INF

"""The bound that prices prove: with these, every pad and every link is a problem of its own."""

from __future__ import annotations

import numpy as np

from geo.siting.grading.program import Task
from geo.siting.grading.values import Duals, Floats


def bound(task: Task, duals: Duals) -> float:
    """Give the Lagrangian bound: what pads and links cost at least, each by itself.

    The balance and level(left) − level(right) = step are priced instead of kept. What is left of a
    pad is piecewise linear in its level, with corners at its cells; of a link, in its step, with
    corners at the bands of its wall. So each least value lies at a corner or at an end. The bound
    holds for any duals.
    """
    pads = float(_pads(task, duals).sum())
    links = float(_links(task, duals).sum())
    prices, most = task.prices, task.limits.balance_m3
    over = min(prices.borrow - duals.balance_m3, 0.0), min(prices.waste + duals.balance_m3, 0.0)
    return pads + links + sum(most * one for one in over if one < 0)


def _pads(task: Task, duals: Duals) -> Floats:
    """Give the least of each pad: a · fill + b · level + c over its cells' heights and its ends."""
    ground, prices, on = task.ground, task.prices, task.limits.steps
    count = len(ground.labels)
    pull = np.bincount(on.left, duals.step_m, minlength=count)
    pull -= np.bincount(on.right, duals.step_m, minlength=count)
    worth = prices.cut - duals.balance_m3  # cut is fill + area · (mean − level)
    a = worth + prices.fill + duals.balance_m3 * task.limits.cut_per_fill
    b, c = pull - worth * ground.total, worth * ground.total * ground.mean
    low, high = task.limits.box(count)
    least = np.full(count, np.inf)
    for levels in (low, high):
        least = np.minimum(least, a * ground.volumes(levels).fill + b * levels + c)
    owner, height = ground.owner, ground.height
    number = np.arange(len(height)) - ground.first[owner]
    slope, moment = ground.tangents(owner, number)
    value = a * (slope * height - moment) + b[owner] * height + c[owner]
    inside = (height > low[owner]) & (height < high[owner])
    np.minimum.at(least, owner[inside], value[inside])
    return least


def _links(task: Task, duals: Duals) -> Floats:
    """Give the least of each link: cost of the wall − |price| · step, steps from 0 to the limit."""
    most = task.most
    heights = [0.0, *(wall.height_m for wall in task.prices.walls)]
    corners = np.minimum(np.append(np.array(heights), np.inf)[:, None], most)
    walls = np.stack([task.bands.cost(row) for row in corners])
    values = task.border * walls - np.abs(duals.step_m) * corners
    return np.asarray(values.min(axis=0))

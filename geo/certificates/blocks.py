"""Area in blocks: counted exactly, and cuts that bound it for every plan.

A cut is right when

1. every unit that can be a member is loose, or of one key, or can be in no block: all that can be
   members and hang together with it are less than a block;
2. for each set of links of a key and each unit of the key: without the links, all that can be
   members and hang together with the unit are less than a block. A plan in which no link is a
   member has no unit of the key in a block then.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from geo.certificates.certificate import Cut, ExchangeProblem, Flags, Whole
from geo.certificates.connected import Graph, Walks, components, graph, reached
from geo.certificates.directed import Interval, exact, gathered, joined
from geo.certificates.formulas import NOTHING, Case, Form
from geo.errors import Problem
from geo.words import Text

MOST = 20_000_000  # walks of one cut
SHOWN = 5  # units told of one fault


def block_areas(problem: ExchangeProblem, inside: Flags) -> Whole:
    """Give for each unit the area of what it hangs together with among some; 0 for others."""
    both = inside[problem.left] & inside[problem.right]
    name = components(len(inside), problem.left[both], problem.right[both])
    areas = np.zeros(len(inside), np.int64)
    np.add.at(areas, name[inside], problem.area[inside])
    return np.where(inside, areas[name], 0)


def area_in_blocks(problem: ExchangeProblem, member: Flags, least: int) -> int:
    """Give the area of members that hang together on `least` or more, 0.01 m²."""
    return int(problem.area[block_areas(problem, member) >= least].sum())


def floor(case: Case, number: int) -> int:
    """Give the least area in blocks that a floor allows, 0.01 m²."""
    least, gain = case.floors[number]
    return area_in_blocks(case.problem, case.problem.member, least) + gain


def figures(case: Case, cut: Cut) -> Form:
    """Give what a cut says area in blocks is no more than."""
    area = case.problem.area
    counted = exact(_by_key(cut, area[cut.units]))
    key = np.repeat(np.arange(len(cut.own)), np.diff(cut.unit_starts))
    lengths = np.diff(cut.link_starts)
    keys = np.repeat(np.arange(len(cut.own)), np.diff(cut.set_starts))
    links = (counted[keys] * cut.weights)[np.repeat(np.arange(len(lengths)), lengths)]
    loose = np.flatnonzero(cut.loose)
    weight = gathered(keys, exact(cut.weights), len(cut.own)) + cut.own
    rest = exact(np.ones(len(cut.own))) - weight
    rest = Interval(np.maximum(rest.low, 0.0), np.maximum(rest.high, 0.0))
    return Form(
        joined([NOTHING, rest * counted]),
        np.concatenate([loose, cut.units, cut.links]),
        joined([exact(area[loose]), exact(area[cut.units]) * cut.own[key], links]),
    )


def _by_key(cut: Cut, values: Whole) -> Whole:
    """Add up by key what stands for its units."""
    return np.diff(np.concatenate([[0], np.cumsum(values)])[cut.unit_starts])


def faults(case: Case, cut: Cut) -> Iterator[Problem]:
    """Say what keeps a cut from holding for every plan."""
    problem, possible = case.problem, case.possible
    least = case.floors[cut.floor].least
    count = cut.loose + np.bincount(cut.units, minlength=len(possible))
    yield from _named(case, np.flatnonzero(count > 1), Text("计两次", "counted twice"))
    # RULE 1
    missing = (count == 0) & (block_areas(problem, possible) >= least)
    yield from _named(case, np.flatnonzero(missing), Text("漏计", "not counted"))
    # RULE 2
    both = possible[problem.left] & possible[problem.right]
    beside = graph(len(possible), problem.left[both], problem.right[both])
    sizes = np.diff(cut.unit_starts)[np.repeat(np.arange(len(cut.own)), np.diff(cut.set_starts))]
    if sizes.sum() > MOST:
        yield Problem(field="units", found=str(sizes.sum()), expected=f"≤ {MOST}")
        return
    anyway = Text("不经连接地块即成片", "in a block without its links")
    yield from _named(case, _unlinked(case, cut, beside, least), anyway)


def _unlinked(case: Case, cut: Cut, beside: Graph, least: int) -> Whole:
    """Give the units of keys that can be in a block without one of their sets of links.

    All units of a key start one walk; where that gets far enough for a block, each its own.
    """
    size, sets = len(case.possible), len(cut.weights)
    closed = np.repeat(np.arange(sets), np.diff(cut.link_starts)) * size + cut.links
    keys = np.repeat(np.arange(len(cut.own)), np.diff(cut.set_starts))
    lengths = np.diff(cut.unit_starts)[keys]
    number = np.repeat(np.arange(sets), lengths)
    offset = cut.unit_starts[keys] - np.concatenate([[0], np.cumsum(lengths)])[:-1]
    units = cut.units[offset[number] + np.arange(lengths.sum())]
    can = case.possible[units]
    number, units = number[can], units[can]
    walks = Walks(number, units, np.arange(sets), closed)
    far = reached(beside, walks, case.problem.area, least)[number] >= least
    number, units = number[far], units[far]
    walks = Walks(np.arange(len(units)), units, number, closed)
    linked: Whole = units[reached(beside, walks, case.problem.area, least) >= least]
    return linked


def _named(case: Case, units: Whole, fault: Text) -> Iterator[Problem]:
    for unit in units[:SHOWN]:
        yield Problem(row=case.problem.labels[unit], found=fault)

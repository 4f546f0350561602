"""Floors on the area in blocks: what is counted exactly, and the relaxation that is cut to it.

A block is a group of members that hang together on an area of at least T. In the program a unit i
counts as far as b_i lets it, with b_i ≤ x_i and, for a set S of units of less than T in all that
holds i, b_i ≤ sum of x over the neighbours of S: a block around i must leave S. All these cuts
together are exact; the few that matter are found one after the other where a solution counts a
unit that is in no block. Today's small groups have one b for all their units until one is cut.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from scipy.sparse import csr_array

from geo.exchange.rules import Blocks
from geo.exchange.units import Flags, Floats, Units, Whole
from geo.landscape import joined

Key = tuple[str, int]


class Group(NamedTuple):
    """Units that count together, and the units that can link them to a block."""

    units: Whole
    links: Whole


@dataclass
class Cuts:
    """The relaxation of one floor as found so far.

    `loose` units count when they are members; `groups` when, too, one of their links is; a unit in
    `cut` counts when, for each of its sets of links, one is. Links are positions of units.
    `weights` are those with which `row` adds up, for a group or unit, what limits its area.
    """

    units: Units
    rule: Blocks
    least: int
    floor: int
    beside: csr_array
    loose: Flags
    groups: list[Group] = field(default_factory=list)
    cut: dict[int, list[Whole]] = field(default_factory=dict)
    weights: dict[Key, Floats] = field(default_factory=dict)

    def columns(self) -> Iterator[tuple[Key, Whole, list[Whole]]]:
        """Give what counts together: a key, the units and the sets of links it needs."""
        for place, group in enumerate(self.groups):
            if len(group.units):
                yield ("group", place), group.units, [group.links]
        for unit, sets in self.cut.items():
            yield ("unit", unit), np.array([unit]), sets


class Groups(NamedTuple):
    """The number of the group of each unit (−1 for others), and the groups' areas, 0.01 m²."""

    number: Whole
    areas: Whole


def groups(given: Units, member: Flags) -> Groups:
    """Give what hangs together among the members."""
    inside = member[given.left] & member[given.right]
    number = joined(len(member), given.left[inside], given.right[inside])
    _, number[member] = np.unique(number[member], return_inverse=True)
    number[~member] = -1
    areas = np.zeros(int(number.max(initial=-1)) + 1, np.int64)
    np.add.at(areas, number[member], given.area[member])
    return Groups(number, areas)


def block_area(given: Units, member: Flags, least: int) -> int:
    """Give the area of members in blocks of at least `least`; all in 0.01 m²."""
    areas = groups(given, member).areas
    return int(areas[areas >= least].sum())


def threshold(rule: Blocks) -> int:
    """Give the least area of a block, in 0.01 m²."""
    return math.ceil(100 * rule.least_m2 - 1e-6)


def cuts(given: Units, rule: Blocks) -> Cuts:
    """Start the relaxation of a floor: today's small groups and the units far from blocks."""
    least = threshold(rule)
    number, areas = groups(given, given.member)
    before = int(areas[areas >= least].sum())
    enterable = ~given.member & given.may_enter
    beside = _beside(given, given.member | enterable)
    big = given.member & (areas[number] >= least) if len(areas) else given.member & False
    made = Cuts(
        given,
        rule,
        least,
        before + math.ceil(100 * rule.gain_m2 - 1e-6),
        beside,
        big | (enterable & (given.area >= least)),
    )
    small = np.flatnonzero(given.member & ~big)
    order = small[np.argsort(number[small], kind="stable")]
    ends = np.flatnonzero(np.diff(number[order])) + 1
    for units in np.split(order, ends) if len(order) else []:
        links = around(made, units)
        if len(links):
            made.groups.append(Group(units, links))
    _entering(made, number, areas, np.flatnonzero(enterable & ~made.loose))
    return made


def _entering(made: Cuts, number: Whole, areas: Whole, entering: Whole) -> None:
    """Let entering units count where they touch a block, or cut them with the groups they touch."""
    near = (made.beside[entering] @ made.loose.astype(np.int8)) > 0
    made.loose[entering[near]] = True
    for unit in entering[~near]:
        touched = np.unique(number[neighbours(made, unit)])
        touched = touched[touched >= 0]
        if made.units.area[unit] + areas[touched].sum() >= made.least:
            made.loose[unit] = True
            continue
        inside = np.concatenate([[unit], _members_of(made, unit, touched, number)])
        made.cut[int(unit)] = [around(made, inside)]


def _members_of(made: Cuts, unit: int, touched: Whole, number: Whole) -> Whole:
    """Give all members of the groups a unit touches, walking from its neighbours."""
    found = {int(k) for k in neighbours(made, unit) if number[k] in touched}
    todo = list(found)
    while todo:
        new = {int(k) for k in neighbours(made, todo.pop()) if number[k] >= 0} - found
        found |= new
        todo.extend(new)
    return np.array(sorted(found), np.int64)


def _beside(given: Units, possible: Flags) -> csr_array:
    """Give the neighbours of each unit among those that can be members."""
    inside = possible[given.left] & possible[given.right]
    left, right = given.left[inside], given.right[inside]
    ends = (np.concatenate([left, right]), np.concatenate([right, left]))
    size = len(possible)
    return csr_array((np.ones(len(ends[0]), np.int8), ends), shape=(size, size))


def neighbours(made: Cuts, unit: int) -> Whole:
    """Give the neighbours of a unit that are or can be members."""
    start, end = made.beside.indptr[unit : unit + 2]
    return np.asarray(made.beside.indices[start:end], np.int64)


def around(made: Cuts, units: Whole) -> Whole:
    """Give the units beside a set that are or can be members."""
    beside = np.concatenate([neighbours(made, unit) for unit in units])
    return np.setdiff1d(beside, units)


def missing(made: Cuts, member: Flags) -> int:
    """Give by how much members miss the floor, 0.01 m²; 0 or less where they keep it."""
    return made.floor - block_area(made.units, member, made.least)


def separate(made: Cuts, member: Flags) -> int:
    """Cut off every unit that counts and is in no block; give how many cuts were added."""
    number, areas = groups(made.units, member)
    grouped = {int(u): k for k, group in enumerate(made.groups) for u in group.units}
    added = 0
    small = np.flatnonzero(member)
    small = small[areas[number[small]] < made.least]
    for group in np.unique(number[small]):
        units = small[number[small] == group]
        counted = [int(u) for u in units if _counts(made, int(u), member, grouped)]
        if counted:
            links = around(made, units)
            for unit in counted:
                _cut(made, unit, links, grouped)
            added += len(counted)
    return added


def _counts(made: Cuts, unit: int, member: Flags, grouped: dict[int, int]) -> bool:
    """Say whether a member counts for blocks as far as the cuts go."""
    if made.loose[unit]:
        return True
    if unit in grouped:
        return bool(member[made.groups[grouped[unit]].links].any())
    return unit in made.cut and all(member[links].any() for links in made.cut[unit])


def _cut(made: Cuts, unit: int, links: Whole, grouped: dict[int, int]) -> None:
    """Let a unit count only with one of the links; it leaves its group, the group's links stay."""
    if made.loose[unit]:
        made.loose[unit] = False
        made.cut[unit] = []
    elif unit in grouped:
        place = grouped.pop(unit)
        group = made.groups[place]
        made.groups[place] = Group(group.units[group.units != unit], group.links)
        made.cut[unit] = [group.links]
    made.cut[unit].append(links)


class Counted(NamedTuple):
    """What counts together, flat: of key k the units with `owner` k and the sets with `key` k.

    Set j holds the links with `holder` j. Each set and, last, each key's own units have a weight.
    """

    names: list[Key]
    units: Whole
    owner: Whole
    links: Whole
    holder: Whole
    key: Whole
    area: Floats  # of each key's units, 0.01 m²
    set_weight: Floats
    own_weight: Floats


def counted(made: Cuts) -> Counted:
    """Lay out what counts together."""
    names, units, sets, held, own = [], [], [], [], []
    for name, mine, links in made.columns():
        names.append(name)
        units.append(mine)
        sets.append(links)
        weights = made.weights.get(name)
        if weights is None:
            weights = np.array([1.0, 0.0] if name[0] == "group" else [0.0, 1.0])
        held.append(np.concatenate([weights[:-1], np.zeros(len(links) + 1 - len(weights))]))
        own.append(float(weights[-1]))
    flat = [links for some in sets for links in some]
    owner = np.repeat(np.arange(len(names)), [len(mine) for mine in units])
    inside = _flat(units)
    area = np.bincount(owner, made.units.area[inside].astype(np.float64), minlength=len(names))
    return Counted(
        names,
        inside,
        owner,
        _flat(flat),
        np.repeat(np.arange(len(flat)), [len(links) for links in flat]),
        np.repeat(np.arange(len(names)), [len(some) for some in sets]),
        np.asarray(area, np.float64),
        np.concatenate([np.zeros(0), *held]),
        np.array(own),
    )


def _flat(parts: list[Whole]) -> Whole:
    return np.concatenate([np.zeros(0, np.int64), *parts])


class Shot(NamedTuple):
    """A floor on blocks as it stands at one moment: what counts, and how it is weighed."""

    units: Units
    rule: Blocks
    floor: int
    loose: Flags
    flat: Counted


def shot(made: Cuts) -> Shot:
    """Keep a floor on blocks as it stands now."""
    return Shot(made.units, made.rule, made.floor, made.loose.copy(), counted(made))


class Linear(NamedTuple):
    """constant + sum of figures · x over the units."""

    constant: float
    figures: Floats


def row(of: Shot) -> Linear:
    """Give what area in blocks is no more than.

    What counts of a key is limited by its area, by the area of its members, and by the area times
    the links that are members, for each set of links: by any weighted mean of these too.
    """
    flat, size, area = of.flat, len(of.loose), of.units.area.astype(np.float64)
    figures = np.where(of.loose, area, 0.0)
    own = flat.own_weight[flat.owner] * area[flat.units]
    figures += np.bincount(flat.units, own, minlength=size)
    link = (flat.set_weight * flat.area[flat.key])[flat.holder]
    figures += np.bincount(flat.links, link, minlength=size)
    total = np.bincount(flat.key, flat.set_weight, minlength=len(flat.own_weight)) + flat.own_weight
    return Linear(float((np.maximum(1.0 - total, 0.0) * flat.area).sum()), figures)


def full(made: Cuts) -> Floats:
    """Give the most that a unit can add to what is counted: itself and all it links."""
    flat, member = counted(made), made.units.member
    size, area = len(made.loose), made.units.area.astype(np.float64)
    alone = np.array([name[0] == "unit" for name in flat.names], np.bool_)
    enters = alone[flat.owner] & ~member[flat.units]
    new = ~member[flat.links]
    link = flat.area[flat.key][flat.holder]
    return np.asarray(
        np.where(made.loose, area, 0.0)
        + np.bincount(flat.units[enters], area[flat.units[enters]], minlength=size)
        + np.bincount(flat.links[new], link[new], minlength=size)
    )

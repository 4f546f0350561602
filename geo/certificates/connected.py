"""What hangs together: components of pairs, and how far one gets from many places at once."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from geo.certificates.certificate import Whole


class Graph(NamedTuple):
    """Neighbours of place k: `ends[starts[k]:starts[k + 1]]`."""

    starts: Whole
    ends: Whole


class Walks(NamedTuple):
    """Walks that start at some places: source j belongs to walk `walk[j]`, at place `place[j]`.

    Walk w may not enter the places closed to the set `of[w]`; `closed` holds set · size + place.
    """

    walk: Whole
    place: Whole
    of: Whole
    closed: Whole


def components(size: int, left: Whole, right: Whole) -> Whole:
    """Give for each of 0 … size − 1 the first place of its component.

    Places take the least name among their neighbours, and names the names of their own, until
    nothing changes: then both ends of every pair have one name.

    Examples
    --------
    >>> components(4, np.array([3, 1]), np.array([1, 0])).tolist()
    [0, 0, 2, 0]
    """
    name = np.arange(size)
    while True:
        before = name.copy()
        least = np.minimum(before[left], before[right])
        for place in (before[left], before[right], left, right):
            np.minimum.at(name, place, least)
        name = name[name]
        if (name == before).all():
            return name


def graph(size: int, left: Whole, right: Whole) -> Graph:
    """Make a graph of pairs.

    Examples
    --------
    >>> graph(3, np.array([0]), np.array([2]))
    Graph(starts=array([0, 1, 1, 2]), ends=array([2, 0]))
    """
    one, other = np.concatenate([left, right]), np.concatenate([right, left])
    order = np.argsort(one, kind="stable")
    counts = np.bincount(one, minlength=size)
    return Graph(np.concatenate([[0], np.cumsum(counts)]), other[order])


def reached(of: Graph, walks: Walks, weight: Whole, enough: int) -> Whole:
    """Give the weight of all places each walk reaches; a walk ends once that is enough.

    Examples
    --------
    In a row of four, from 1, where 2 is closed: 0 and 1 are reached.

    >>> row = graph(4, np.array([0, 1, 2]), np.array([1, 2, 3]))
    >>> walks = Walks(np.array([0]), np.array([1]), np.array([0]), np.array([2]))
    >>> reached(row, walks, np.array([1, 1, 1, 1]), 9).tolist()
    [2]
    """
    size = len(weight)
    reach = np.zeros(len(walks.of), np.int64)
    front = _open(walks, np.unique(walks.walk * size + walks.place), size)
    last = front[:0]
    while len(front):
        np.add.at(reach, front // size, weight[front % size])
        front = front[reach[front // size] < enough]
        near = _open(walks, np.unique(_near(of, front, size)), size)
        # what lies beside one round of a walk was reached then, the round before, or is new
        near = near[~np.isin(near, front) & ~np.isin(near, last)]
        last, front = front, near
    return reach


def _open(walks: Walks, codes: Whole, size: int) -> Whole:
    within = walks.of[codes // size] * size + codes % size
    opened: Whole = codes[~np.isin(within, walks.closed)]
    return opened


def _near(of: Graph, codes: Whole, size: int) -> Whole:
    place = codes % size
    counts = of.starts[place + 1] - of.starts[place]
    offset = of.starts[place] - np.concatenate([[0], np.cumsum(counts)])[:-1]
    ends = of.ends[np.repeat(offset, counts) + np.arange(counts.sum())]
    near: Whole = np.repeat(codes - place, counts) + ends
    return near

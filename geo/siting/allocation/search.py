"""The best allocation found: annealing from where the prices lead, with dearer faults each time."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from geo.siting.allocation.annealing import BEST, Ground, State, anneal
from geo.siting.allocation.dual import unit_size
from geo.siting.allocation.lots import Floats, Whole
from geo.siting.allocation.model import ENDLESS, Model, kept, score

SEED = 20_071  # any number from 1 to 2³¹ − 2
FINES = 1.0, 2.0, 1.0, 0.3
"""Of a mean unit beyond a demand, an excluded pair, a patch at fault, and a mean unit in it; in the
usual size of what a unit counts."""
DEARER = 2.0  # fines, from one round to the next while nothing sound was found
FIRST = 0.3  # heat of a round that has nothing sound to begin from, in the same size
HEATS = 0.03, 0.06, 0.12, 0.24  # of those that have, in turn
COLD = 1e-3  # at last


@dataclass
class Finder:
    """A search under way; `state` and `value` are the best found, None and −inf before."""

    on: Model
    fines: Floats = field(init=False)
    turn: int = 0
    seed: int = SEED
    state: Whole | None = None
    value: float = -np.inf
    moves: int = 0

    def __post_init__(self) -> None:
        """Set what faults cost at first."""
        mean = float(self.on.lots.area.mean())
        self.fines = unit_size(self.on) * np.array(FINES) / np.array([mean, 1.0, 1.0, mean])

    def look(self, state: Whole) -> None:
        """Keep an allocation that is sound and better."""
        if kept(self.on, state) and (self.state is None or score(self.on, state) > self.value):
            self.state, self.value = state.copy(), score(self.on, state)

    def round(self, start: Whole, *, heats: int) -> Whole:
        """Anneal from the best found, or else from `start`; give where it ends, sound or not."""
        sound = self.state is not None or not self.formed
        heat = HEATS[self.turn % len(HEATS)] if sound else FIRST
        size = unit_size(self.on)
        under = _state(start if self.state is None else self.state, self.seed, self.on.free + 1)
        ladder = size * np.geomspace(heat, COLD, heats)
        anneal(_ground(self.on, self.fines), under, np.append(ladder, [0.0, 0.0]))
        self.moves += (heats + 2) * len(start)
        self.seed, self.turn = int(under.seed[0]), self.turn + 1
        if np.isfinite(under.sums[BEST]):
            self.look(under.best)
        else:
            self.fines = self.fines * DEARER
        return under.now

    @property
    def formed(self) -> bool:
        """Whether patches or pieces are asked for: these take heat to come about."""
        return bool(self.on.patch.any() or self.on.single.any())


def _state(start: Whole, seed: int, states: int) -> State:
    size = len(start)
    whole = [np.zeros(size, np.int64) for _ in range(6)]
    now, patch, land, queue, seen, best = whole
    now[:] = start
    area, sums = np.zeros(states, np.int64), np.array([0.0, -np.inf, 0.0, 0.0])
    once = np.zeros(1, np.int64), np.full(1, seed)
    return State(now, patch, land, area, queue, seen, best, sums, *once)


def _ground(on: Model, fines: Floats) -> Ground:
    given = on.lots
    size, count = len(given.area), len(given.left)
    tail = np.concatenate([given.left, given.right])
    order = np.argsort(tail, kind="stable")
    first = np.zeros(size + 1, np.int64)
    np.cumsum(np.bincount(tail, minlength=size), out=first[1:])
    head = np.concatenate([given.right, given.left])[order]
    length = given.length_m[order % max(count, 1)]
    low, high = np.append(on.low, 0), np.append(on.high, ENDLESS)
    rules = low, high, np.append(on.patch, 0), np.append(on.single, False)
    return Ground(
        on.value, on.allowed, given.area, first, head, length, on.price, on.never, *rules, fines
    )

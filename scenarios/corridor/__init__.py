"""A question of several files; see `scenarios.corridor.question`."""

from scenarios.corridor.question import SCENARIO

__all__ = ["SCENARIO"]

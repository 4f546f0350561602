"""A question of several files; see `scenarios.consolidation.question`."""

from scenarios.consolidation.question import SCENARIO

__all__ = ["SCENARIO"]

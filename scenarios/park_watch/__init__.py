"""A question of several files; see `scenarios.park_watch.question`."""

from scenarios.park_watch.question import SCENARIO

__all__ = ["SCENARIO"]

"""Which land of an industrial park lies idle, when it is free again, and who it is enough for."""

from scenarios.idle_land.question import SCENARIO

__all__ = ["SCENARIO"]

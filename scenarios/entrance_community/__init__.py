"""Where an entrance community of a national park could stand."""

from scenarios.entrance_community.question import SCENARIO

__all__ = ["SCENARIO"]

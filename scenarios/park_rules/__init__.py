"""Whether a project keeps to the rules of the national park."""

from scenarios.park_rules.question import SCENARIO

__all__ = ["SCENARIO"]

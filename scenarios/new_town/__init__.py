"""How an industrial new town grows on the little flat land there is."""

from scenarios.new_town.question import SCENARIO

__all__ = ["SCENARIO"]

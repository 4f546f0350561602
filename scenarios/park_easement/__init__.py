"""What an easement on the collective forest of the national park would cost a year."""

from scenarios.park_easement.question import SCENARIO

__all__ = ["SCENARIO"]

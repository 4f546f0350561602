"""A question in a file of its own, and every word of what the manual tells."""

from geo.words import Text
from scenarios.result import Setting

MINE = '''"""Counts. Method: counting. Limits: none."""

from geo.words import Text
from scenarios.contract import Params, Scenario, param


class Mine(Params):
    """One choice."""

    add: int = param(7, zh="另加数", en="added number", unit="ha", source="me")


SCENARIO = Scenario(
    title=Text("自有问题", "question of my own"),
    question=Text("几个？", "How many?"),
    method="方法：计数。局限：无。",
    measures=(1,),
    needs=("townships",),
    params=Mine,
    run=lambda county, params: None,
)
'''


def leaves(value):
    """Give every word of the tree, and where it stands."""
    if isinstance(value, Setting):
        yield from (value.title, value.source, *([value.span] if value.span else []))
    elif isinstance(value, dict):
        for one in value.values():
            yield from leaves(one)
    elif isinstance(value, list):
        for one in value:
            yield from leaves(one)
    elif isinstance(value, Text):
        yield value

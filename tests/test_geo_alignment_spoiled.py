"""Roads spoiled on purpose in one rule each: the checker tells that rule, there, and no other.

Every way to spoil a road takes one that obeys all rules just so and breaks one of them by a little:
a metre, a tenth of a metre of height, a tenth of a per cent. It says between which chainages the
breach stands. The rules come from the checker, so that a rule without a way to break it is seen.
"""

import pytest

from geo.alignment.checker import RULES, breaches, crossing_breaches
from tests.spoiled_roads import lines, works
from tests.spoiled_roads.just_so import course

WAYS = lines.WAYS | works.WAYS


def told(road):
    return breaches(road.stations, road.limits), crossing_breaches(road.stations, road.crossed)


def missed(seed):
    """Spoil a road in the way and the class that a seed names; say what is told wrong, if it is."""
    rules, spoil = list(WAYS.values())[seed % len(WAYS)]
    made = course(seed)
    case = spoil(made)
    name = f"{spoil.__name__}, {made.limits['speed_kmh']} km/h, {seed}"
    for part in told(case.legal or made.road):
        if len(part):
            return f"{name}: legal, but {part.to_dict('records')}"
    rows = [row for part in told(case.spoiled) for row in part.itertuples(index=False)]
    there = all(case.low <= row.chainage_m <= case.high for row in rows)
    if {row.rule for row in rows} == rules and there:
        return None
    return f"{name}: {case.low:.2f} to {case.high:.2f}: {[tuple(row) for row in rows]}"


def test_every_rule_of_the_checker_has_a_way_to_break_it():
    assert {rule for rules, _ in WAYS.values() for rule in rules} == set(RULES)


@pytest.mark.parametrize("number", range(len(WAYS)), ids=list(WAYS))
def test_a_road_spoiled_in_one_rule_is_caught_there(number):
    assert missed(number) is None


@pytest.mark.prove
def test_every_one_of_two_hundred_roads_spoiled_in_one_rule_is_caught_there(seeds, figures):
    drawn = seeds(200)
    bad = [one for one in map(missed, drawn) if one]
    figures(f"roads spoiled in one rule, in {len(WAYS)} ways: {len(bad)} of 200 not caught there")
    assert bad == []

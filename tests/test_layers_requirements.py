"""Every requirement of roads says what becomes of it; no rule and no check can hide."""

from __future__ import annotations

import ast
from datetime import date
from pathlib import Path

import pytest

from geo.alignment import checker
from geo.errors import SchemaError
from layers.roads.requirements import PARTS, STATES, read, requirements
from layers.rulebook import rules
from scenarios.corridor.checks import TESTED

LISTING = ("design_speed_kmh",)
"""Parameters that say for which speeds the others of their rule are."""
DAY = date(2025, 1, 1)


def entered():
    """Give every figure of the rule book on roads, as `rule:parameter`."""
    return {
        f"{name}:{parameter}"
        for name, rule in rules(DAY).items()
        if name.startswith("roads.")
        for parameter in rule.parameters or {}
        if parameter not in LISTING
    }


def rules_of_the_checker():
    """Give the names of rules that stand in the checker's source, the ones breaches are told by."""
    room = Path(checker.__file__).parent
    words = set()
    for path in room.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                words.add(node.value)
    return words


def test_every_figure_of_the_rule_book_stands_in_a_requirement():
    held = {parameter for one in requirements() for parameter in one.parameters}
    assert sorted(entered() - held) == []
    assert sorted(held - entered()) == []


def test_every_rule_that_a_check_stands_on_is_one_of_the_checker():
    words = rules_of_the_checker()
    for rule in TESTED:
        assert [name for name in rule.broken if name not in words] == [], rule.id


def test_every_rule_that_is_tested_stands_in_a_requirement():
    told = {name for one in requirements() for name in one.checks}
    assert [rule.id for rule in TESTED if rule.id not in told] == []


def test_every_part_and_state_is_used_and_ids_are_unique():
    known = requirements()
    assert len({one.id for one in known}) == len(known) > 30
    assert {one.part for one in known} == set(PARTS)
    assert {one.state for one in known} == set(STATES)


GOOD = """[[requirement]]
id = "a"
part = "plan"
title_zh = "甲"
title_en = "A"
document = "D"
state = "checked"
checks = ["radius"]
"""


@pytest.mark.parametrize(
    ("old", "new", "field"),
    [
        ('state = "checked"', 'state = "done"', "state"),
        ('part = "plan"', 'part = "air"', "part"),
        ('document = "D"', 'document = ""', "document"),
        ('checks = ["radius"]', "", "checks"),
        ('state = "checked"\nchecks = ["radius"]', 'state = "not_checked"', "why_zh"),
        ('id = "a"', 'id = "a"\nwho = "b"', "who"),
        ('state = "checked"', 'state = "designed"', "checks"),
    ],
)
def test_wrong_entries_are_named(tmp_path, old, new, field):
    path = tmp_path / "r.toml"
    path.write_text(GOOD, encoding="utf-8")
    assert read(path)[0].checks == ("radius",)
    path.write_text(GOOD.replace(old, new), encoding="utf-8")
    with pytest.raises(SchemaError) as caught:
        read(path)
    assert {problem.field for problem in caught.value.problems} >= {field}
    assert "要求" in caught.value.said("zh")


def test_twice_is_named_and_what_is_no_toml(tmp_path):
    path = tmp_path / "r.toml"
    path.write_text(GOOD + GOOD, encoding="utf-8")
    with pytest.raises(SchemaError, match="twice"):
        read(path)
    path.write_text("[[requirement", encoding="utf-8")
    with pytest.raises(SchemaError):
        read(path)

"""Rules are dated data: each valid on its days, each with its standing, none twice."""

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.errors import SchemaError
from geo.words import NO_TEXT, Text
from layers import rulebook
from layers.rulebook import Rule, approver, read, rules

ENTRY = """
[[rule]]
id = "{id}"
title_zh = "规则"
title_en = "rule"
document = "a paper"
clause = ""
status = "{status}"
valid_from = "{start}"
valid_to = "{end}"
[rule.parameters]
limit = {limit}
"""
GOOD = {
    "id": "a.b",
    "status": "secondary",
    "start": "",
    "end": "",
    "limit": '{ value = 1, unit = "m", bound = "at most" }',
}
DAYS = st.dates(date(2000, 1, 1), date(2050, 1, 1))


def written(folder, *entries):
    text = "".join(ENTRY.format(**{**GOOD, **entry}) for entry in entries)
    (folder / "rules.toml").write_text(text, encoding="utf-8")
    return folder


def test_the_shipped_rules_are_those_of_the_papers():
    now = rules(date(2025, 1, 1))
    assert now["roads.curves"].parameters["least_radius_m"]["values"][3] == 125  # at 60 km/h
    assert now["roads.grades"].parameters["max_grade"]["bound"] == "at most"
    assert now["cropland.slope_classes"].parameters["upper_limit_deg"]["values"] == [2, 6, 15, 25]
    assert now["walking.tobler"].parameters["top_kmh"]["value"] == 6
    assert {"park.core", "park.general", "exchange.balance"} <= set(now)
    assert {now[name].status for name in ("roads.grades", "roads.classes")} == {"unverified"}
    for rule in now.values():
        assert rule.document
        assert rule.title.zh
        assert rule.title.en


def test_lists_of_a_rule_have_one_length_where_speeds_run_along():
    for rule in rules(date(2025, 1, 1)).values():
        if "design_speed_kmh" in rule.parameters:
            along = [v["values"] for v in rule.parameters.values() if "values" in v]
            assert len({len(values) for values in along}) == 1


def test_who_approves_is_named_by_the_rule_or_nobody_does():
    day = date(2025, 1, 1)
    assert approver("land_take.basic_farmland", day).zh.startswith("国务院（土地管理法第三十五条")
    assert approver("land_take.redline", day).zh.startswith("省级人民政府")
    assert approver("park.general", day).zh.startswith("国家公园管理机构")
    for number in range(1, 10):
        assert approver(f"park.exception_{number}", day).zh.startswith("国家公园管理机构")
    for nobody in ("park.core", "land_take.source_water", "exchange.redline", "no.such", ""):
        assert approver(nobody, day) == NO_TEXT
    assert approver("park.general", date(2022, 5, 31)) == NO_TEXT  # a day before the rule


def test_an_approver_is_named_in_both_languages(tmp_path):
    text = ENTRY.format(**GOOD).replace(
        "[rule.parameters]", 'approved_by_zh = "省"\n[rule.parameters]'
    )
    (tmp_path / "rules.toml").write_text(text, encoding="utf-8")
    with pytest.raises(SchemaError, match="approved_by_en"):
        read(tmp_path)
    both = text.replace("approved_by_zh", 'approved_by_en = "a province"\napproved_by_zh')
    (tmp_path / "rules.toml").write_text(both, encoding="utf-8")
    assert [rule.approver for rule in read(tmp_path)] == [Text("省", "a province")]


def test_a_rule_is_not_applied_before_its_time():
    assert "exchange.balance" not in rules(date(2021, 11, 26))
    assert "exchange.balance" in rules(date(2021, 11, 27))


def test_the_balance_of_exchange_was_recast_and_zones_are_rules_of_their_own():
    old, late = rules(date(2024, 9, 29)), rules(date(2024, 9, 30))
    assert "homestead" not in old["exchange.balance"].parameters["counts"]
    assert "homestead" in late["exchange.balance"].parameters["counts"]
    assert late["exchange.balance"].status == "unverified"
    for day in (old, late):
        zones = {day[f"exchange.{name}"].parameters["zone"] for name in ("redline", "reserve")}
        assert zones == {"redline", "park"}
        assert day["cropland.steepest"].parameters["max_slope_deg"]["bound"] == "at most"
        share = day["exchange.permanent_farmland"].parameters["adjusted_share_of_township"]
        assert (share["value"], share["bound"]) == (0.05, "at most")


def test_rules_cannot_be_changed():
    now = rules(date(2025, 1, 1))
    with pytest.raises(TypeError):
        now["a"] = None
    with pytest.raises(TypeError):
        now["park.core"].parameters["building"] = "allowed"


def test_successors_replace_each_other(tmp_path):
    folder = written(tmp_path, {"start": "2023-01-01"}, {"end": "2022-12-31"})
    assert [rule.valid_to for rule in read(folder)] == ["2022-12-31", ""]


@given(DAYS, DAYS, DAYS)
@settings(max_examples=50)
def test_validity_is_closed_on_both_days(day, start, end):
    start, end = min(start, end), max(start, end)
    rule = Rule("a", "", "", "verified", start.isoformat(), end.isoformat())
    assert rule.holds(day) == (start <= day <= end)
    assert rule.holds(start)
    assert rule.holds(end)
    assert not rule.holds(end + timedelta(days=1))


@given(DAYS, DAYS, DAYS, DAYS)
@settings(max_examples=50)
def test_overlap_is_found_exactly_when_a_day_has_two(a, b, c, d):
    first, second = sorted((min(x, y), max(x, y)) for x, y in ((a, b), (c, d)))
    two = [Rule("a", "", "", "verified", x.isoformat(), y.isoformat()) for x, y in (first, second)]
    # brute force: the later first day is the only day that need be asked
    shared = all(rule.holds(second[0]) for rule in two)
    assert bool(list(rulebook._overlaps(two))) == shared


def test_two_rules_valid_on_one_day_are_refused(tmp_path):
    folder = written(tmp_path, {"end": "2022-12-31"}, {"start": "2022-12-31"})
    with pytest.raises(SchemaError, match=r"a\.b.*2022-12-31"):
        read(folder)


def test_every_problem_is_named_at_once(tmp_path):
    written(
        tmp_path,
        {"status": "sure"},
        {"id": "c", "start": "2022-13-01"},
        {"id": "d", "limit": '{ value = 1, unit = "m", bound = "below" }'},
        {"id": "e", "limit": "7"},
        {"id": "f", "limit": "{ value = 1 }"},
        {"id": "", "start": "2023-01-01", "end": "2022-01-01"},
    )
    (tmp_path / "torn.toml").write_text("[[rule", encoding="utf-8")
    with pytest.raises(SchemaError) as caught:
        read(tmp_path)
    fields = sorted(problem.field for problem in caught.value.problems)
    assert "规则有误" in caught.value.said("zh")
    expected = ["", "id", *["parameters.limit"] * 3, "status", *["valid_from … valid_to"] * 2]
    assert fields == sorted(expected)


def test_missing_and_unknown_entries_are_named(tmp_path):
    (tmp_path / "a.toml").write_text('[[rule]]\nid = "a"\nlaw = "b"\n', encoding="utf-8")
    with pytest.raises(SchemaError) as caught:
        read(tmp_path)
    fields = {problem.field for problem in caught.value.problems}
    assert {"law", "document", "status", "parameters"} <= fields

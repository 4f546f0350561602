"""What rules say of cropland on a day: what counts, which zones are closed, what is a block."""

from dataclasses import replace
from datetime import date

import pytest

from geo.errors import SchemaError
from layers import twin
from layers.land.fabric import fabric
from layers.land.rules import (
    BALANCE,
    ENTERING,
    KEPT_OUT_OF,
    STEEPEST,
    Book,
    book,
    least_m2,
    permanent,
)

NOW, THEN = book(date(2026, 1, 1)), book(date(2022, 1, 1))


def test_rules_are_said_to_bind_in_the_order_of_zones_slope_and_balance():
    closed = {
        "exchange.redline": "redline",
        "exchange.reserve": "park_core",
        "exchange.source_water": "source_water",
    }
    assert [*KEPT_OUT_OF.items()] == [*closed.items()]
    assert [*ENTERING] == [*closed, STEEPEST, BALANCE]
    assert set(ENTERING) < set(NOW.rules)


def test_what_lies_in_basic_farmland_is_not_known_without_its_layer():
    place = twin.county()
    land = fabric(place)
    basic = permanent(land, place)
    assert basic.sum() == pytest.approx(place.vector("basic_farmland").area.sum())
    data = {name: one for name, one in place.data.items() if name != "basic_farmland"}
    assert permanent(land, replace(place, data=data)).isna().all()


def test_what_counts_in_the_balance_depends_on_the_day():
    assert set(NOW.counts) - set(THEN.counts) == {"homestead", "construction", "other"}


def test_a_rule_not_yet_in_force_is_not_there():
    before = book(date(2021, 11, 26))
    assert set(ENTERING) & set(before.rules) == {STEEPEST}
    assert before.counts == ()
    with pytest.raises(SchemaError, match=r"no such rule on this day: exchange\.balance") as caught:
        before.figure(BALANCE, "area_ratio")
    assert "当日没有有效的规则 exchange.balance" in caught.value.said("zh")


def test_a_block_counts_from_a_hundred_mu():
    assert least_m2(NOW) == pytest.approx(200_000 / 3)
    with pytest.raises(SchemaError, match=r"exchange\.block"):
        least_m2(Book(NOW.day, {}))

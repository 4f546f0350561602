"""What every scenario must hold: each one found is asked, on the synthetic county."""

import functools
import json
import math
import re
import sys
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from pandas.testing import assert_frame_equal

import scenarios
from geo.crs import same
from geo.errors import InfeasibleError, MissingLayer, SchemaError, UsageError
from geo.raster import Raster
from layers import twin
from layers.catalog import CATALOG
from layers.county import County
from maps.page import page
from scenarios.contract import Params, Scenario, param, schema
from scenarios.result import load
from scenarios.running import runs

# One worker asks a scenario everything, since it keeps the result with defaults.
NAMES = [pytest.param(n, marks=pytest.mark.xdist_group(f"contract_{n}")) for n in scenarios.names()]
every = pytest.mark.parametrize("name", NAMES)
NUMBERS = {"number", "integer"}
LOW, HIGH = ("minimum", "exclusiveMinimum"), ("maximum", "exclusiveMaximum")
# Layers whose labels neither other layers nor parameters name.
ELSEWHERE = {"corridor": {"points": ("119.8121,27.9888", "119.8426,27.9888")}}
"""Parameters for counties of few layers, where defaults name a layer."""
NAMELESS = ("settlements", "facilities", "rivers")


@functools.cache
def county():
    return twin.county()


def order(name, place=None, **params):
    return runs.Order(name, place or county(), scenarios.find(name).params(**params))


@functools.cache
def defaults(name):
    """The result with defaults, as it comes from the scenario."""
    scenario = scenarios.find(name)
    return scenario.run(county(), scenario.params())


@functools.cache
def bare(name):
    """Give the result with the layers alone that a scenario needs."""
    needs = scenarios.find(name).needs
    data = {n: one for n, one in county().data.items() if n in needs}
    place = replace(county(), data=data)
    return runs.perform(order(name, place, **ELSEWHERE.get(name, {}))).result


@functools.cache
def performed(name):
    """The run with defaults, as it is saved."""
    return runs.perform(order(name))


def fields(name):
    return scenarios.find(name).params.model_json_schema()["properties"]


def numeric(shape):
    """Give the part of a field's schema that holds numbers, or nothing."""
    parts = [shape, shape.get("items"), shape.get("additionalProperties"), *shape.get("anyOf", ())]
    return next((p for p in parts if isinstance(p, dict) and p.get("type") in NUMBERS), None)


def with_frames(place, change):
    data = {
        name: one if isinstance(one, Raster) else change(name, one)
        for name, one in place.data.items()
    }
    return replace(place, data=data)


def content(folder):
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_there_are_scenarios_and_each_has_its_test():
    assert "access" in scenarios.names()
    tests = Path(__file__).parent
    lacking = [n for n in scenarios.names() if not (tests / f"test_scenario_{n}.py").is_file()]
    assert lacking == []


def test_an_import_error_is_not_swallowed(tmp_path, monkeypatch):
    monkeypatch.setattr(scenarios, "__path__", [*scenarios.__path__, str(tmp_path)])
    (tmp_path / "broken.py").write_text("from no_such_module import SCENARIO\n", encoding="utf-8")
    (tmp_path / "empty.py").write_text('"""Speaks of SCENARIO only."""\n', encoding="utf-8")
    (tmp_path / "wrong.py").write_text("SCENARIO: int = 1\n", encoding="utf-8")
    (tmp_path / "torn.py").write_text("SCENARIO = (\n", encoding="utf-8")
    assert {"broken", "wrong", "torn"} <= set(scenarios.names())
    assert "empty" not in scenarios.names()
    with pytest.raises(ModuleNotFoundError, match="no_such_module"):
        scenarios.find("broken")
    with pytest.raises(SyntaxError):
        scenarios.find("torn")
    with pytest.raises(SchemaError, match="no question"):
        scenarios.find("wrong")
    with pytest.raises(UsageError, match="did you mean access"):
        scenarios.find("acess")


@every
def test_it_says_what_it_is(name):
    scenario = scenarios.find(name)
    assert isinstance(scenario, Scenario)
    doc = sys.modules[scenario.run.__module__].__doc__
    assert all(word in doc for word in ("Question", "Method", "Limits"))
    assert all(word in scenario.method for word in ("方法：", "局限："))
    for text in (scenario.title, scenario.question):
        assert text.zh.strip()
        assert text.en.strip()
    assert scenario.measures
    assert set(scenario.measures) <= set(range(1, 12))
    declared = [*scenario.needs, *scenario.uses]
    assert len(set(declared)) == len(declared)
    assert set(declared) <= set(CATALOG)


@every
def test_every_parameter_has_titles_unit_range_and_source(name):
    assert issubclass(scenarios.find(name).params, Params)
    for field, shape in fields(name).items():
        for part in ("title_zh", "title_en", "source"):
            assert shape[part].strip(), (field, part)
        assert "unit" in shape, field
        numbers = numeric(shape)
        if numbers is not None:
            assert any(end in numbers for end in LOW), field
            assert any(end in numbers for end in HIGH), field


@every
def test_its_schema_is_json_and_takes_the_defaults(name):
    whole = schema(name, scenarios.find(name))
    assert json.loads(json.dumps(whole)) == whole
    params = scenarios.find(name).params
    assert params.model_validate_json(params().model_dump_json(), strict=True) == params()


@every
def test_it_leaves_the_county_unchanged(name):
    place = twin.county()
    before = {n: fingerprint(one) for n, one in place.data.items()}
    scenario = scenarios.find(name)
    scenario.run(place, scenario.params())
    assert {n: fingerprint(one) for n, one in place.data.items()} == before


def fingerprint(data):
    if isinstance(data, Raster):
        return data.values.tobytes()
    frame = pd.DataFrame(data.to_wkb() if isinstance(data, gpd.GeoDataFrame) else data)
    return frame.to_csv()


@every
def test_twice_gives_equal_bytes_and_pages_that_show_every_layer(name, tmp_path):
    assert performed(name).result.reproducible  # by default no clock stops anything
    runs.save(performed(name), tmp_path / "a")
    again = runs.perform(order(name, twin.county()))
    runs.save(again, tmp_path / "b")
    assert content(tmp_path / "a") == content(tmp_path / "b")
    shown = page(load(tmp_path / "a"))
    assert shown == page(load(tmp_path / "b"))
    for layer in again.result.layers:
        assert layer.title.zh in shown
        assert layer.title.en in shown


@every
def test_saved_and_loaded_it_is_equal(name, tmp_path):
    runs.save(performed(name), tmp_path)
    run, found = load(tmp_path), defaults(name)
    assert replace(run, result=found) == replace(performed(name), result=found)
    assert (run.result.metrics, run.result.checks) == (found.metrics, found.checks)
    assert run.result.proofs == found.proofs
    for a, b in zip(run.result.layers, found.layers, strict=True):
        assert replace(a, data=None).__dict__ == replace(b, data=None).__dict__
        if isinstance(b.data, Raster):
            assert_array_equal(a.data.values, b.data.values)
            assert a.data.values.dtype == b.data.values.dtype
            assert (a.data.grid, a.data.nodata) == (b.data.grid, b.data.nodata)
        else:
            columns = [n for n in a.data.columns if n != "geometry"]
            expected = pd.DataFrame(b.data)[columns]
            assert_frame_equal(pd.DataFrame(a.data)[columns], expected, check_dtype=False)
            assert a.data.geometry.geom_equals(b.data.geometry).all()
    for a, b in zip(run.result.tables, found.tables, strict=True):
        columns = [column.name for column in b.columns]
        assert_frame_equal(a.frame, b.frame[columns], check_dtype=False, check_exact=True)


@every
def test_it_needs_exactly_the_layers_it_declares(name, monkeypatch):
    scenario, read = scenarios.find(name), set()
    plain = County._layer

    def watched(self, layer, kind):
        read.add(layer)
        return plain(self, layer, kind)

    monkeypatch.setattr(County, "_layer", watched)
    scenario.run(county(), scenario.params())
    assert set(scenario.needs) <= read <= {*scenario.needs, *scenario.uses}
    for layer in scenario.needs:
        data = {n: one for n, one in county().data.items() if n != layer}
        with pytest.raises(MissingLayer, match=layer):
            runs.perform(order(name, replace(county(), data=data)))


@every
def test_what_it_could_use_and_is_not_there_is_named(name):
    scenario, result = scenarios.find(name), bare(name)
    said = [
        *(f"{c.id} {c.title} {c.found} {c.allowed}" for c in result.checks),
        *(f"{m.title} {m.note}" for m in result.metrics),
    ]
    for layer in scenario.uses:
        words = (layer, CATALOG[layer].title.zh)
        assert any(word in text for word in words for text in said), layer


def ends(name):
    """Give every end of a range: its field, and a value that is accepted there."""
    base = scenarios.find(name).params()
    for field, shape in fields(name).items():
        if shape.get("type") not in NUMBERS:
            continue
        default = getattr(base, field)
        for end in (end for end in (*LOW, *HIGH) if end in shape):
            # an open end is not accepted itself; a hundredth of the way from it is
            near = shape[end]
            if end.startswith("exclusive"):
                near = shape[end] + (default - shape[end]) / 100
            yield field, near


def answers(name, chosen):
    """Say whether a run with a parameter at an end has an answer, which then is finite."""
    field, near = chosen
    try:
        found = runs.perform(order(name, **{field: near}))
    except InfeasibleError:
        return False
    assert all(math.isfinite(metric.value) for metric in found.result.metrics), field
    return True


@every
def test_it_accepts_the_ends_of_every_range(name):
    asked = list(ends(name))
    assert all(scenarios.find(name).params(**{field: near}) for field, near in asked)
    assert [chosen for chosen in asked[::5] if answers(name, chosen)]


@every
@pytest.mark.prove
def test_it_answers_at_the_ends_of_every_range(name, figures):
    told = [answers(name, chosen) for chosen in ends(name)]
    figures(f"{sum(told)} of {len(told)} ends have an answer, the others are impossible")
    assert any(told)


@every
def test_its_layers_are_whole(name):
    found = defaults(name)
    for things in (found.layers, found.tables, found.metrics, found.checks):
        ids = [thing.id for thing in things]
        assert len(set(ids)) == len(ids)
    assert found.layers
    for layer in found.layers:
        assert layer.title.zh.strip()
        assert layer.title.en.strip()
        assert set(layer.sources) <= set(CATALOG)
        assert layer.sources
        if isinstance(layer.data, Raster):
            assert same(layer.data.grid.crs, county().crs)
            assert layer.unit or layer.categories or layer.meaning == "hillshade", layer.id
            continue
        assert same(layer.data.crs, county().crs)
        assert layer.data.index.is_unique
        assert layer.data.geometry.is_valid.all(), layer.id
        assert not layer.data.geometry.is_empty.any()
        named = {column.name for column in layer.columns} | {layer.value, layer.label} - {""}
        assert named <= set(layer.data.columns) | {""}, layer.id
        if layer.categories:
            codes = {category.code for category in layer.categories}
            assert set(layer.data[layer.value].dropna().astype(str)) <= codes
    for table in found.tables:
        assert {column.name for column in table.columns} <= set(table.frame.columns)


@every
def test_its_figures_are_finite_and_have_a_unit(name):
    found = defaults(name)
    assert found.metrics
    layers = {layer.id: layer for layer in found.layers}
    for metric in found.metrics:
        numbers = [metric.value, metric.before, metric.target]
        assert all(math.isfinite(n) for n in numbers if n is not None), metric.id
        # what has no unit is a share or an index between -1 and 1
        assert metric.unit or abs(metric.value) <= 1, metric.id
        assert metric.title.zh.strip()
        assert metric.title.en.strip()
    for thing in (*found.metrics, *found.checks):
        assert thing.layer in {"", *layers}, thing.id
        if thing.layer and thing.features:
            labels = set(map(str, layers[thing.layer].data.index))
            assert set(thing.features) <= labels, thing.id


CHINESE = re.compile(r"[\u4e00-\u9fff]")
ENGLISH = re.compile(r"(?<![\w.-])[a-z]{4,}(?![\w-])")


@every
def test_what_its_checks_say_is_one_language_at_a_time(name):
    """With all layers and with those it needs alone, since what is missing is said too."""
    for check in (*defaults(name).checks, *bare(name).checks):
        assert check.title.zh.strip()
        assert check.title.en.strip()
        assert not check.title.en[0].islower(), check.id
        for words in (check.title, check.found, check.allowed, check.remedy):
            assert not CHINESE.search(words.en), (check.id, words)
            assert bool(words.zh) == bool(words.en), (check.id, words)
        for words in (check.title, check.found, check.allowed):
            assert not ENGLISH.search(words.zh), (check.id, words)


def assert_alike(found, expected):
    """Equal but for the last digits, which the order of a sum decides."""
    for a, b in zip(found.metrics, expected.metrics, strict=True):
        assert a.value == pytest.approx(b.value, rel=1e-9, abs=1e-9), a.id
        assert (a.before is None) == (b.before is None)
        assert a.before is None or a.before == pytest.approx(b.before, rel=1e-9, abs=1e-9)
    assert [(c.id, c.verdict) for c in found.checks] == [(c.id, c.verdict) for c in expected.checks]
    for a, b in zip(found.layers, expected.layers, strict=True):
        if isinstance(b.data, Raster):
            assert_allclose(a.data.values, b.data.values, rtol=1e-5, atol=1e-5)


@every
def test_the_answer_does_not_depend_on_the_order_of_rows(name):
    turned = with_frames(county(), lambda _, frame: frame.iloc[::-1])
    found, expected = runs.perform(order(name, turned)).result, performed(name).result
    assert_alike(found, expected)
    for a, b in zip(found.metrics, expected.metrics, strict=True):
        assert sorted(a.features) == sorted(b.features)
    for a, b in zip(found.layers, expected.layers, strict=True):
        if not isinstance(b.data, Raster):
            turned_back = a.data.loc[b.data.index]
            columns = [n for n in b.data.columns if n != "geometry"]
            assert_frame_equal(
                pd.DataFrame(turned_back)[columns], pd.DataFrame(b.data)[columns], rtol=1e-9
            )
            assert turned_back.geometry.geom_equals(b.data.geometry).all(), b.id
    for a, b in zip(found.tables, expected.tables, strict=True):
        assert_frame_equal(a.frame, b.frame, rtol=1e-9)


@every
def test_the_answer_does_not_depend_on_index_labels(name):
    def relabelled(layer, frame):
        if layer not in NAMELESS:
            return frame
        rank = np.argsort(np.argsort(frame.index.to_numpy()))
        labels = pd.Index([f"label {n:04d}" for n in rank], name=frame.index.name)
        return frame.set_axis(labels)

    found = runs.perform(order(name, with_frames(county(), relabelled))).result
    assert_alike(found, performed(name).result)


def test_defaults_are_held_to_their_ranges():
    class Wrong(Params):
        far: float = param(math.inf, zh="远", en="far", unit="m", source="made up")

    with pytest.raises(ValueError, match="finite"):
        Wrong()

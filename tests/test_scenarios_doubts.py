"""Doubts about the data go with every run that uses them; errors refuse it."""

from dataclasses import replace
from datetime import date

import pytest

import scenarios
from geo.errors import SchemaError
from layers import soundness, twin
from layers.county import save
from maps import panel
from maps.page import page
from scenarios.__main__ import main
from scenarios.result import load
from scenarios.running import runs
from scenarios.running.doubts import LAYER
from tests.spoiled_county import spoiled


def order(county, name="access", **asked):
    scenario = scenarios.find(name)
    own = county.defaults.get(name, {})
    return runs.Order(name, county, scenario.params(**{**own, **scenario.example, **asked}))


def one_large(frame):
    frame.loc["002", "area_km2"] = 9.0
    return frame


def in_hectares(frame):
    return frame.assign(area_km2=frame["area_km2"] * 100)


@pytest.fixture(scope="module")
def doubted():
    return runs.perform(order(spoiled(townships=one_large)))


def test_a_doubt_is_a_verdict_that_says_where(doubted):
    [check] = [one for one in doubted.result.checks if one.doubts]
    assert (check.id, check.verdict) == ("doubt_townships_areas_declared", "unknown")
    assert check.doubts == "townships"
    assert "1 of 4 rows" in check.found.en
    [layer] = [one for one in doubted.result.layers if one.id == LAYER]
    assert check.layer == LAYER
    assert list(layer.data.index) == list(check.features) == ["townships.areas_declared.002"]
    town = twin.county().vector("townships").geometry["002"]
    assert town.contains(layer.data.geometry.iloc[0])


def test_the_quality_words_say_that_there_are_doubts(doubted):
    assert doubted.quality_words.en.endswith("; 1 doubtful in the content of layers")
    assert doubted.quality_words.zh.startswith(doubted.quality.words.zh)
    sound = runs.perform(order(twin.county()))
    assert sound.quality_words == sound.quality.words
    assert not any(one.doubts for one in sound.result.checks)
    assert LAYER not in {one.id for one in sound.result.layers}


def test_doubts_are_saved_and_drawn(doubted, tmp_path):
    runs.save(doubted, tmp_path)
    read = load(tmp_path)
    assert read.result.checks == doubted.result.checks
    assert read.quality_words == doubted.quality_words
    [told] = [one for one in panel.checks(read) if one["layer"] == LAYER]
    assert told["verdict"] == ["存疑", "DOUBTFUL"]
    footer = [line["text"][1] for line in panel.footer(read) if line["title"][1] == "Quality"]
    assert "1 doubtful" in footer[0]
    drawn = page(read)
    for words in ("公布面积（area_km2）与图形不符", "Where layers are doubtful"):
        assert words in drawn


def test_layers_that_a_question_does_not_use_are_no_doubt_of_its_answer():
    def shift(frame):
        frame.loc["p0401", ["TBMJ", "TBDLMJ"]] = 90.0
        return frame

    county = spoiled(parcels=shift)
    assert soundness.findings(county)
    run = runs.perform(order(county))
    assert not any(one.doubts for one in run.result.checks)


def test_an_error_refuses_the_run():
    with pytest.raises(SchemaError, match="areas_unit") as caught:
        runs.perform(order(spoiled(townships=in_hectares)))
    assert caught.value.exit_code == 3


def said(capsys, *words):
    code = main([str(word) for word in words])
    out = capsys.readouterr()
    return code, out.out, out.err


def test_the_command_tells_doubts_and_refuses_errors(capsys, tmp_path):
    save(spoiled(townships=one_large), tmp_path / "doubtful")
    save(spoiled(townships=in_hectares), tmp_path / "wrong")
    at = ["-o", tmp_path / "out", "--lang", "en"]
    code, out, _ = said(capsys, "run", "access", "--county", tmp_path / "doubtful", *at)
    assert code == 0
    assert "? doubtful The published area (area_km2) is not the shapes'" in out
    assert "1 doubtful in the content of layers" in out
    for command in (["run", "access", *at], ["validate", "access", "--lang", "en"]):
        code, _, err = said(capsys, *command, "--county", tmp_path / "wrong")
        assert code == 3
        assert "layer townships" in err
        assert "multiply area_km2 by 0.01 to have km²" in err


def test_a_day_before_the_rules_is_a_verdict():
    late = runs.perform(
        order(twin.county(), "consolidation", rule_date=date(2020, 1, 1), front_points=0)
    )
    [check] = [one for one in late.result.checks if one.id == "rule_date"]
    assert (check.verdict, check.doubts) == ("unknown", "")
    assert "not yet in force on 2020-01-01" in check.found.en


def test_a_run_with_doubts_is_the_same_twice(doubted, tmp_path):
    again = runs.perform(order(spoiled(townships=one_large)))
    for name, run in (("first", doubted), ("again", again)):
        runs.save(run, tmp_path / name)
    files = [
        {path.name: path.read_bytes() for path in (tmp_path / name).rglob("*") if path.is_file()}
        for name in ("first", "again")
    ]
    assert files[0] == files[1]


@pytest.mark.parametrize(
    ("needed", "told"), [(None, []), (30.0, ["pass"]), (20.0, ["fail"]), ("?", ["unknown"])]
)
def test_a_question_states_how_fine_terrain_it_needs(monkeypatch, needed, told):
    county = twin.county()
    if needed == "?":
        source = replace(county.sources["dem"], resolution_m=None)
        county, needed = replace(county, sources={**county.sources, "dem": source}), 30.0
    asked = replace(scenarios.find("access"), terrain_m=needed)
    monkeypatch.setattr(scenarios, "find", lambda _: asked)
    run = runs.perform(order(county))
    assert [one.verdict for one in run.result.checks if one.id == "terrain_source"] == told


def test_the_page_tells_how_far_apart_heights_stand(doubted):
    told = {one["title"][1]: one["quality"][1] for one in panel.sources(doubted)}
    assert told["terrain"].endswith("; heights 30 m apart")
    assert "apart" not in told["townships"]

"""The measures of the policy: what answers each, what has been run, what is not known."""

import os
from dataclasses import replace
from pathlib import Path

import pytest

from geo.words import NO_TEXT, Text
from jingning import main
from layers import county as counties
from layers.folder import scripts
from scenarios import find, names
from scenarios.result import Metric, Result, load
from scenarios.running import folder as folders
from scenarios.several.below import below
from scenarios.several.gathering import gathered
from scenarios.several.measures.answers import asked, headline
from scenarios.several.measures.findings import GROUND, measured
from scenarios.several.measures.policy import policy
from tests.made_up import pages as made_up

WITHOUT = {1, 5, 6, 7, 13, 15, 16, 18, 19, 21}
UNTOLD = {10, 14, 17, 20, 22}


@pytest.fixture(scope="module")
def county():
    return counties.load("jingning", only=GROUND)


def run_of(name, *, county="jingning", subtitle=NO_TEXT):
    metrics = (
        Metric("a", Text("长度", "length"), -1234.5, "ha"),
        Metric("b", Text("点", "points"), 3.0, "", decimals=0),
    )
    return replace(
        made_up.run(),
        scenario=name,
        county=county,
        subtitle=subtitle,
        measures=find(name).measures if name in names() else (4,),
        result=Result(metrics=metrics),
    )


def kept(path, run, *, written=0):
    path.mkdir(parents=True)
    with folders.locked(path):
        folders.write(run, path)
    os.utime(path / "manifest.json", ns=(written, written))


def frame(run):
    return next(one.frame for one in run.result.tables if one.id == "answers")


def test_all_22_are_there_and_what_is_not_known_is_not_told():
    told = policy().measures
    assert [one.number for one in told] == list(range(1, 23))
    assert {one.number for one in told if not one.spatial} == UNTOLD
    assert all(not one.text.zh for one in told if not one.spatial)
    assert len({one.title for one in told if one.spatial}) == 17


def test_questions_are_found_by_the_measures_they_serve():
    found = asked(scripts("jingning"), [])
    serving = {(n, name) for name in names() for n in find(name).measures}
    assert {(n, one.name) for n, some in found.items() for one in some} == serving
    roads = {one.name: one for one in found[4]}
    assert "g638_hexi_dajun" in roads["corridor"].scripts
    assert roads["corridor"].command == "jingning run g235_second_passage"
    assert roads["access"].command == "jingning run access"


def test_without_runs_all_is_said_to_wait(county, tmp_path):
    run = measured(policy(), county, [], tmp_path)
    states = frame(run).groupby("measure")["state"].agg(set)
    assert {n for n, one in states.items() if one == {"open"}} == WITHOUT
    assert {n for n, one in states.items() if one == {"none"}} == UNTOLD
    assert {n for n, one in states.items() if one == {"waiting"}} == set(
        range(1, 23)
    ) - WITHOUT - UNTOLD
    assert not frame(run)["headline"].any()
    assert {one.id: one.value for one in run.result.metrics} == {
        "measures_run": 0,
        "measures_waiting": 7,
        "measures_open": 10,
        "measures_none": 5,
    }


def test_the_latest_run_is_told_and_runs_of_others_are_not(county, tmp_path):
    kept(tmp_path / "a" / "old", run_of("corridor", subtitle=Text("旧", "old")), written=1)
    kept(tmp_path / "b", run_of("corridor", subtitle=Text("新", "new")), written=2)
    kept(tmp_path / "c", run_of("access", county="twin"), written=3)
    kept(tmp_path / "d", run_of("sweep"), written=4)
    found = below(tmp_path)
    assert [one.folder.name for one in found] == ["d", "c", "b", "old"]
    run = measured(policy(), county, found, tmp_path / "measures")
    rows = frame(run).set_index(["measure", "question_en"])
    row = rows.loc[(4, find("corridor").title.en)]
    assert (row["run_en"], row["folder"], row["runs"]) == ("new", "../b", 2)
    assert row["headline"] == "长度 −1,234.5 公顷；点 3"
    assert rows.loc[(4, find("access").title.en), "state"] == "waiting"
    assert "1 of other counties" in run.result.answer[-1].en


def test_runs_within_runs_and_hidden_ones_are_not_found(tmp_path):
    kept(tmp_path / "sweep", run_of("sweep"))
    kept(tmp_path / "sweep" / "cases" / "1", run_of("access"))
    kept(tmp_path / ".hidden", run_of("access"))
    assert [one.folder for one in below(tmp_path)] == [tmp_path / "sweep"]
    assert below(tmp_path / "nowhere") == []


def test_the_place_of_runs_changes_nothing(county, tmp_path):
    texts = []
    for top in ("one", "two"):
        kept(tmp_path / top / "a", run_of("corridor"), written=5)
        run = measured(policy(), county, below(tmp_path / top), tmp_path / top / "m")
        texts.append((run.key, frame(run).to_csv()))
    assert texts[0] == texts[1]


def test_rules_with_figures_can_be_held_together():
    from layers.rulebook import Rule

    rule = Rule("a", "d", "c", "verified", parameters={"x": 1})
    runs = [replace(run_of("access"), rules=(rule,))] * 2
    words = Text("甲", "A")
    found = gathered("x", runs, Result(), title=words, question=words, asked={})
    assert found.rules == (rule,)


def test_the_command_writes_a_run_with_both_tables_and_names_no_place(tmp_path, capsys):
    kept(tmp_path / "b", run_of("corridor", subtitle=Text("新", "new")))
    assert main(["measures", str(tmp_path), "--lang", "en"]) == 0
    assert capsys.readouterr().out.startswith("Of 22 measures 7 have planning questions")
    run = load(tmp_path / "measures")
    assert [(one.id, one.role) for one in run.result.tables] == [
        ("measures", ""),
        ("answers", "measures"),
    ]
    text = (tmp_path / "measures" / "index.html").read_text(encoding="utf-8")
    assert str(tmp_path) not in text
    assert "./../b/index.html" not in text
    (tmp_path / "b" / "index.html").write_text("页", encoding="utf-8")
    assert main(["maps", str(tmp_path / "measures"), "--lang", "en"]) == 0
    assert "./../b/index.html" in (tmp_path / "measures" / "index.html").read_text(encoding="utf-8")


def test_headlines_are_the_first_figures():
    assert headline(run_of("access")).en == "length −1,234.5 ha; points 3"
    assert headline(replace(run_of("access"), result=Result())) == Text("", "")
    assert Path(policy().document).name == "丽政办发〔2022〕63号"

"""`validate` on a run folder: certificates re-checked, and the run held against them."""

import json
import math
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import jingning
import scenarios
from geo.certificates import NONE, Program, packed, unpacked
from geo.errors import InputError
from layers import twin
from layers.folder import sha256_of
from scenarios.__main__ import main
from scenarios.contract import Rechecked
from scenarios.result import load
from scenarios.running import runs
from scenarios.running.proofs import NOT_HELD, examined, opened, report, require_held


def uneven(parcels):
    """Areas that never match, so that one parcel is split."""
    area = np.round(60_000 + np.random.default_rng(1).uniform(-9_000, 9_000, len(parcels)), 2)
    return parcels.assign(TBMJ=area, KCXS=0.0, KCMJ=0.0, TBDLMJ=area)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A run whose account is closed by a split, as it is written."""
    place = twin.county()
    place = replace(place, data={**place.data, "parcels": uneven(place.vector("parcels"))})
    params = scenarios.find("consolidation").params(front_points=0, close_exactly=True)
    made = tmp_path_factory.mktemp("proofs") / "run"
    runs.save(runs.perform(runs.Order("consolidation", place, params)), made)
    return made


@pytest.fixture
def run(folder):
    return load(folder)


def validated(folder, capsys, *words, code=0):
    assert main(["validate", str(folder), *words]) == code
    return capsys.readouterr()


def with_certificate(run, change):
    """The run with its certificate changed, well packed."""
    (proof,) = run.result.proofs
    changed = replace(proof, certificate=packed(change(unpacked(proof.certificate))))
    return replace(run, result=replace(run.result, proofs=(changed,)))


def with_layer(run, name, change):
    layers = tuple(
        replace(one, data=change(one.data)) if one.id == name else one for one in run.result.layers
    )
    return replace(run, result=replace(run.result, layers=layers))


def saved(run, tmp_path):
    """Write a run, so that the manifest's hashes are right."""
    runs.save(run, tmp_path / "changed")
    return tmp_path / "changed"


def layer(run, name):
    return next(one.data for one in run.result.layers if one.id == name)


def problems(run):
    """Give what is wrong with a run, one a line."""
    return "\n".join(str(one) for part in examined(run, Path("run")) for one in part.problems)


def some(frame, side):
    return frame.index[frame["change"] == side][0]


# What holds ---------------------------------------------------------------------------------------


def test_a_whole_run_is_accepted_in_words(folder, capsys):
    said = validated(folder, capsys).out
    for words in (
        "its files are those of its manifest",
        "certified, re-checked: ",
        "beyond the certificate, as the run says: ",
    ):
        assert words in said
    assert "the parcel split after the search" in said
    assert "not reproducible" not in said


def test_one_language_is_told_where_it_is_asked_for(folder, capsys):
    said = validated(folder, capsys, "--lang", "en").out
    assert "certified" in said
    assert "已证明" not in said
    said = validated(folder, capsys, "--lang", "zh").out
    assert "文件与清单一致" in said
    assert "已证明并复核：与理论最优的差距" in said
    assert "certified" not in said


def test_the_planners_command_hands_it_on(folder, capsys):
    assert jingning.main(["validate", str(folder)]) == 0
    assert "re-checked" in capsys.readouterr().out


def test_the_word_of_the_solver_is_told_as_such(run, tmp_path, capsys):
    def by_word(old):
        claims = old.claims
        count, bound = len(old.moves), claims.objective
        program = Program("joined", bound, math.inf, np.full(count, NONE), np.zeros(count, bool))
        claims = replace(claims, bound=bound, by="HiGHS")
        return replace(old, claims=claims, programs=(program,))

    changed = with_certificate(run, by_word)
    metrics = tuple(
        replace(one, value=0.0) if one.id == "gap" else one for one in run.result.metrics
    )
    changed = replace(changed, result=replace(changed.result, metrics=metrics))
    said = validated(saved(changed, tmp_path), capsys).out
    assert "the solver's word, not proven: within 0 % of the best possible" in said
    assert "proven best" not in said
    said = validated(tmp_path / "changed", capsys, "--lang", "zh").out
    assert "仅据求解器，未另行证明：与理论最优的差距：据求解器 0 %" in said
    assert "已证明并复核：与理论最优的差距不超过" in said


def test_a_run_without_proofs_and_one_that_a_clock_ended_say_so(run, tmp_path, capsys):
    bare = replace(run, result=replace(run.result, proofs=(), reproducible=False))
    said = validated(saved(bare, tmp_path), capsys).out
    assert "this run holds no proofs" in said
    assert "not reproducible: a time limit ended a search" in said
    assert "该情景运行结果不含证书" in validated(tmp_path / "changed", capsys, "--lang", "zh").out


# What is refused ----------------------------------------------------------------------------------


def test_a_spoiled_certificate_is_refused_though_every_hash_is_right(folder, tmp_path, capsys):
    copy = tmp_path / "run"
    shutil.copytree(folder, copy)
    path = copy / "proofs" / "exchange.zip"
    certificate = unpacked(path.read_bytes())
    top, *rest = certificate.statements
    prices = top.prices * np.where(np.abs(top.prices) == np.abs(top.prices).max(), 1.5, 1.0)
    spoiled = replace(certificate, statements=(replace(top, prices=prices), *rest))
    path.write_bytes(packed(spoiled))
    manifest = json.loads((copy / "manifest.json").read_text(encoding="utf-8"))
    assert "exchange.zip" in validated(copy, capsys, code=3).err  # its hash is another
    manifest["files"]["proofs/exchange.zip"] = sha256_of(path)
    (copy / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    said = validated(copy, capsys, code=3)
    assert "a proof does not hold" in said.err
    for words in ("proofs/exchange.zip", "statements/0/bound", "found", "expected", "remedy"):
        assert words in said.err
    assert "certified, re-checked" not in said.out
    assert "✗" in said.out


def test_a_torn_certificate_is_refused(run, tmp_path, capsys):
    (proof,) = run.result.proofs
    torn = replace(proof, certificate=proof.certificate[:-40])
    changed = replace(run, result=replace(run.result, proofs=(torn,)))
    said = validated(saved(changed, tmp_path), capsys, code=3).err
    assert str(Path("proofs") / "exchange.zip") in said
    assert "write the certificate again" in said


@pytest.mark.parametrize("part", ["labels", "area", "moves"])
def test_parts_that_do_not_fit_are_refused_in_words(part, run):
    def shortened(old):
        if part == "moves":
            return replace(old, moves=old.moves[1:])
        return replace(old, problem=replace(old.problem, **{part: getattr(old.problem, part)[1:]}))

    said = problems(with_certificate(run, shortened))
    assert "field problem/" in said or "field moves" in said


def test_a_parcel_moved_on_the_map_is_noticed(run, tmp_path, capsys):
    moved = {}

    def turned(frame):
        frame = frame.copy()
        moved["turned"], moved["gone"] = some(frame, "out"), some(frame, "in")
        frame.loc[moved["turned"], "change"] = "in"
        return frame.drop(index=moved["gone"])

    said = validated(saved(with_layer(run, "change", turned), tmp_path), capsys, code=3).err
    assert (
        f"row {moved['turned']} · field change · found Becomes cropland · expected Ceases to be cropland"
        in said
    )
    assert f"row {moved['gone']} · field change · found stays · expected Becomes cropland" in said
    assert "layers.gpkg" in said


def test_an_area_that_is_another_is_noticed_in_every_layer_and_every_fault_at_once(run):
    def wider(frame):
        frame = frame.copy()
        frame.loc[frame.index[0], "area_m2"] += 0.01
        return frame

    first = run.result.metrics
    metrics = tuple(replace(one, value=one.value / 2) if one.id == "gap" else one for one in first)
    changed = with_layer(with_layer(run, "change", wider), "land", wider)
    changed = replace(changed, result=replace(changed.result, metrics=metrics))
    said = problems(changed)
    for words in (
        "layer change",
        "layer land",
        "field area_m2",
        "metrics/gap/value",
    ):
        assert words in said
    assert len(said.splitlines()) == 3


def test_what_stays_cropland_has_its_area(run):
    def more(frame):
        frame = frame.copy()
        frame.loc[some(frame, "kept"), "area_m2"] += 1
        return frame

    assert "row kept" in problems(with_layer(run, "change", more))


def test_units_that_the_map_or_the_certificate_lacks_are_named(run):
    names = {}

    def renamed(frame):
        names["old"] = frame.index[0]
        return frame.rename(index={names["old"]: "invented"})

    said = problems(with_layer(run, "land", renamed))
    assert "row invented · found not in the certificate" in said
    assert f"row {names['old']} · found not on the map" in said


def test_one_parcel_may_be_split_and_no_other(run):
    (rest,) = [label for label in layer(run, "land").index if label.endswith("_rest")]
    entering = layer(run, "change").query("change == 'in'").index
    label = next(one for one in entering if one != rest.removesuffix("_rest"))

    def less(frame):
        frame = frame.copy()
        frame.loc[label, "area_m2"] -= 1
        return frame

    def more(frame):
        part = frame.loc[[rest]].rename(index={rest: f"{label}_rest"}).assign(area_m2=1.0)
        return pd.concat([frame, part])

    changed = with_layer(run, "land", more)
    for name in ("change", "land_before", "land_after"):
        changed = with_layer(changed, name, less)
    said = problems(changed)
    assert "at most one is split" in said
    assert len(said.splitlines()) == 1


def test_a_figure_or_a_layer_that_is_not_there_is_named(run):
    less = {
        "metrics": tuple(one for one in run.result.metrics if one.id != "gap"),
        "layers": tuple(one for one in run.result.layers if one.id != "change"),
    }
    said = problems(replace(run, result=replace(run.result, **less)))
    assert "metrics/gap/value" in said
    assert "proofs/exchange/layer" in said


def test_many_faults_are_told_of_a_few(run):
    away = with_layer(run, "change", lambda frame: frame[frame["change"] == "kept"])
    moves = int(unpacked(run.result.proofs[0].certificate).moves.sum())
    assert len(problems(away).splitlines()) == min(moves, 20) + (moves > 20)


def test_faults_are_told_in_chinese_too(run):
    def renamed(frame):
        return frame.rename(index={frame.index[0]: "invented"})

    (made,) = examined(with_layer(run, "land", renamed), Path("run"))
    told = [one.said("zh") for one in made.problems]
    assert told[0].endswith(
        "行 invented · 发现 不在证书中 · 应为 — · 处理 重新运行，或取回原来的文件夹"
    )
    assert "发现 图上没有" in told[1]
    with pytest.raises(InputError, match="a proof does not hold") as caught:
        require_held(Path("run"), [made])
    assert "证书未通过复核，或结果与证书不符" in caught.value.said("zh")


def test_a_run_whose_question_is_not_here_is_verified_and_not_held(run):
    (made,) = examined(replace(run, scenario="elsewhere"), Path("run"))
    assert made.certified
    assert not made.problems
    assert NOT_HELD in made.neither
    assert any("结果未与证书核对" in line.zh for line in report(run, [made]))


def test_a_certificate_of_another_kind_says_nothing_of_an_exchange(run):
    (proof,) = run.result.proofs
    other = replace(unpacked(proof.certificate), kind="another")
    assert scenarios.find("consolidation").recheck(run, proof, other) == Rechecked()


# What is told from what ---------------------------------------------------------------------------


def test_a_run_folder_takes_no_settings(folder, capsys):
    for words in (("--set", "years=2"), ("--county", "jingning")):
        assert "--set, --county" in validated(folder, capsys, *words, code=2).err


def test_a_folder_that_is_no_run_is_refused_and_a_name_stays_a_name(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "empty").mkdir()
    (tmp_path / "consolidation").mkdir()
    assert "no whole run" in validated("empty", capsys, code=3).err
    assert "ready to run on" in validated("consolidation", capsys).out
    assert main(["validate", "nothing"]) == 2


@pytest.mark.parametrize(
    "change",
    [
        lambda said: said.pop("result"),
        lambda said: said["result"].update(metrics=[{"id": 1}]),
        lambda said: said["result"]["proofs"][0].update(id="another"),
        lambda said: said["result"].update(proofs=[{}]),
    ],
)
def test_a_record_that_no_run_would_write_is_refused(change, folder, tmp_path, capsys):
    copy = tmp_path / "run"
    shutil.copytree(folder, copy)
    path = copy / "result.json"
    said = json.loads(path.read_text(encoding="utf-8"))
    change(said)
    path.write_text(json.dumps(said), encoding="utf-8")
    manifest = json.loads((copy / "manifest.json").read_text(encoding="utf-8"))
    manifest["files"]["result.json"] = sha256_of(path)
    (copy / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    words = validated(copy, capsys, code=3).err
    assert "result.json" in words
    assert "remedy" in words
    assert opened(folder).key

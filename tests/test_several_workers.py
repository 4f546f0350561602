"""Runs on workers: the same bytes, nothing lost on the way, nothing foreign let in, no kill felt."""

import hashlib
import json
import os
import pickle
import random
import signal
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import fields
from pathlib import Path

import numpy as np
import psutil
import pytest

import scenarios
from geo.errors import FileError
from jingning import main
from layers import county as counties
from layers import twin
from scenarios.result import load
from scenarios.running import basis
from scenarios.running import folder as folders
from scenarios.running.runs import Order, fulfil, key, perform
from scenarios.several.sweep.cases import Case, Written, bare, fulfilled
from scenarios.several.workers import Ticket, packed, performed, received, ticket

ROOT = Path(__file__).parent.parent
MADE_UP = str(Path(__file__).with_name("scenarios_made_up"))


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    folder = tmp_path_factory.mktemp("county") / "twin"
    counties.save(twin.county(), folder)
    return folder


@pytest.fixture
def moved(monkeypatch, place):
    """Orders of a made-up question that edits the settlements."""
    monkeypatch.setattr(scenarios, "__path__", [*scenarios.__path__, MADE_UP])
    params = scenarios.find("moved").params
    county = counties.load(place)
    return lambda growth, **more: Order("moved", county, params(growth=growth), **more)


def contents(folder):
    files = (path for path in folder.rglob("*") if path.is_file() and path.name != ".lock")
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


# --- what travels ----------------------------------------------------------------------------


def test_an_order_loses_nothing_on_its_way(moved, place, tmp_path):
    assert {one.name for one in fields(Order)} - {"county"} <= {one.name for one in fields(Ticket)}
    fulfil(moved(2), tmp_path / "first")
    order = moved(3, lang="en", before=(basis.opened(tmp_path / "first"),))
    found = performed(packed(place), pickle.loads(pickle.dumps(ticket(order))))  # noqa: S301 - own
    assert found.run.key == key(order) != key(moved(3, lang="en"))
    assert found.run.result.metrics == perform(order).result.metrics


def test_what_a_worker_wrote_is_what_would_be_written_here(moved, place, tmp_path):
    order = moved(4)
    run, found = perform(order), performed(packed(place), ticket(order))
    for name in ("here", "there"):
        with folders.locked(tmp_path / name):
            folders.write(perform(moved(5)), tmp_path / name)
    with folders.locked(tmp_path / "here"):
        folders.write(run, tmp_path / "here")
    with folders.locked(tmp_path / "there"):
        folders.lay(found.files, tmp_path / "there")
    assert contents(tmp_path / "here") == contents(tmp_path / "there") == found.files
    assert load(tmp_path / "there").result.metrics == found.run.result.metrics


def listed(files, **changed):
    """Put files beside those of a run and into its manifest, as whoever means harm would."""
    manifest = json.loads(files["manifest.json"])
    manifest["files"] |= {name: hashlib.sha256(data).hexdigest() for name, data in changed.items()}
    return {**files, **changed, "manifest.json": json.dumps(manifest).encode()}


WRONG = {
    "torn": lambda files: {**files, "layers.gpkg": files["layers.gpkg"][:-1]},
    "lacking": lambda files: {name: files[name] for name in files if name != "result.json"},
    "more": lambda files: {**files, "tables/more.csv": b""},
    "outside": lambda files: listed(files, **{"layers/../../../more.csv": b""}),
    "a page": lambda files: listed(files, **{"index.html": b"<script>"}),
    "no manifest": lambda files: {name: files[name] for name in files if name != "manifest.json"},
    "no JSON": lambda files: {**files, "manifest.json": b"{"},
    "a list": lambda files: {**files, "manifest.json": b"[]"},
    "another form": lambda files: {**files, "manifest.json": b'{"format": 0, "files": [1]}'},
}


@pytest.mark.parametrize("wrong", WRONG)
def test_files_that_are_not_those_of_the_run_are_refused(wrong, moved):
    run = perform(moved(2))
    files = folders.written(run)
    assert received(Written(bare(run), files), run.key).files == files
    with pytest.raises(FileError):
        received(Written(bare(run), WRONG[wrong](files)), run.key)


def test_the_run_of_another_case_is_refused(moved):
    run = perform(moved(2))
    with pytest.raises(FileError, match=r"manifest\.json"):
        received(Written(bare(run), folders.written(run)), key(moved(3)))


def test_a_case_of_other_code_or_layers_is_told(moved, place, tmp_path):
    asked = ticket(moved(2))
    other = Ticket(**{one.name: getattr(asked, one.name) for one in fields(asked)} | {"key": "0"})
    case = Case({"growth": "2"}, moved(2))
    (outcome,) = fulfilled(
        [case],
        tmp_path,
        perform_all=lambda orders: [(n, performed(packed(place), other)) for n, _ in orders],
    )
    assert outcome.run is None
    assert "other code or layers" in outcome.failure.en
    assert not (tmp_path / "cases" / case.name).exists()


@pytest.mark.parametrize("more", [["--scheduler", "tls://h:1"], ["--tls", "ca", "me", "key"]])
def test_tls_on_one_side_alone_is_refused(more, place, tmp_path, capsys):
    words = ["sweep", "access", "--county", str(place), "--over", "walk_factor=1", *more]
    assert main([*words, "-o", str(tmp_path), "--lang", "en"]) == 2
    assert "--tls CA CERT KEY" in capsys.readouterr().err


# --- processes -------------------------------------------------------------------------------

DRIVER = """
import sys
from jingning import main
if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
"""
QUESTION = '''
"""How many are there? Question: how many? Method: a product. Limits: made up."""
from typing import Annotated
from pydantic import Field
from geo.words import Text, alike
from scenarios.contract import Params, Scenario, param
from scenarios.result import Check, Column, Layer, Metric, Result, Table

class Much(Params):
    factor: Annotated[float, Field(gt=0, le=10)] = param(
        1.0, zh="倍数", en="factor", unit="1", source="made up"
    )

def run(county, params):
    places = county.vector("settlements")
    places["many"] = places["population"] * params.factor
    columns = (Column("many", Text("人数", "many"), "人"),)
    layer = Layer("places", alike("places"), alike("people"), "amount", places, value="many",
                  unit="人", columns=columns, sources=("settlements",))
    total = float(places["many"].sum())
    verdict = "pass" if total > 2000 else "fail"
    return Result(
        layers=(layer,),
        tables=(Table("places", alike("places"), places[["many"]], columns),),
        metrics=(Metric("total", Text("总数", "total"), total, "人"),),
        checks=(Check("enough", alike("enough"), verdict, alike(str(total)), alike("2000")),),
    )

SCENARIO = Scenario(title=alike("many"), question=alike("How many?"), method="made up",
                    measures=(4,), needs=("settlements",), params=Much, run=run)
'''


@pytest.fixture
def tiny(tmp_path):
    """A question of a file, that takes milliseconds."""
    (tmp_path / "tiny.py").write_text(QUESTION, encoding="utf-8")
    return str(tmp_path / "tiny.py")


def driven(place, folder, what, *more, tmp, seed=0):
    """Start a sweep in a session of its own, with a seed for the hashes of texts."""
    script = tmp / "drive.py"
    script.write_text(DRIVER, encoding="utf-8")
    command = [sys.executable, script, "sweep", what, "--county", place, *more, "-o", folder]
    env = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONHASHSEED": str(seed)}
    return subprocess.Popen([str(one) for one in command], env=env, start_new_session=True)


def values(name, low, high, count):
    return "--over", f"{name}=" + ",".join(f"{one:.3f}" for one in np.linspace(low, high, count))


def reached(process, folder, count):
    """Wait until so many cases stand there; say whether the process is still at it."""
    while process.poll() is None:
        if sum(1 for _ in folder.glob("cases/*/manifest.json")) >= count:
            return True
        time.sleep(0.02)
    return False


def workers_of(process):
    for one in psutil.Process(process.pid).children():
        with suppress(psutil.NoSuchProcess):  # ended meanwhile
            if "spawn_main" in " ".join(one.cmdline()):
                yield one


def kill_a_worker(process, draw):
    """Kill a worker, as soon as there is one; say whether there was."""
    while process.poll() is None:
        if workers := list(workers_of(process)):
            draw.choice(workers).kill()
            return True
        time.sleep(0.02)
    return False


def killed_often(process, folder, seeds, count):
    """Kill a worker each time that a drawn number of cases is done; give how many were killed."""
    draw = random.Random(seeds[0])  # noqa: S311 - no secret
    moments = sorted(draw.sample(range(count - 5), len(seeds)))
    return sum(kill_a_worker(process, draw) for one in moments if reached(process, folder, one))


def test_two_workers_give_the_same_bytes_as_none(place, tmp_path):
    more = ("--set", "cell_m=200", "--over", "walk_factor=0.5,9")
    more += ("--flip", "target_min=1..30", "--width", "0.3")
    assert driven(place, tmp_path / "one", "access", *more, tmp=tmp_path).wait() == 0
    more += ("--workers", "2")
    assert driven(place, tmp_path / "two", "access", *more, tmp=tmp_path, seed=1).wait() == 0
    assert contents(tmp_path / "one") == contents(tmp_path / "two")
    flips = next(one.frame for one in load(tmp_path / "two").result.tables if one.id == "flips")
    assert len(flips) > 0


@pytest.mark.prove
def test_workers_give_the_same_bytes_and_kills_lose_nothing(place, tmp_path, seeds, figures):
    count = 200
    over = ("--set", "cell_m=200", *values("walk_factor", 0.4, 1.4, count))
    assert driven(place, tmp_path / "none", "access", *over, tmp=tmp_path).wait() == 0
    whole = contents(tmp_path / "none")
    for workers in ("1", "2", "4"):
        more = (*over, "--workers", workers)
        assert driven(place, tmp_path / workers, "access", *more, tmp=tmp_path).wait() == 0
        assert contents(tmp_path / workers) == whole
    more = (*over, "--workers", "2")
    process = driven(place, tmp_path / "killed", "access", *more, tmp=tmp_path)
    kills = killed_often(process, tmp_path / "killed", seeds(10), count)
    assert process.wait() == 0
    assert contents(tmp_path / "killed") == whole
    figures(f"sweeps: {count} runs, 1, 2, 4 workers the same bytes; {kills} killed, nothing lost")
    assert kills == 10


@pytest.mark.prove
def test_a_thousand_runs_in_any_order_with_kills_are_the_same(
    place, tmp_path, tiny, seeds, figures
):
    count = 1000
    _, over = values("factor", 0.5, 5, count)
    assert driven(place, tmp_path / "one", tiny, "--over", over, tmp=tmp_path).wait() == 0
    whole = contents(tmp_path / "one")
    folder, kills = tmp_path / "many", 0
    for seed in seeds(2):
        listed_values = over.removeprefix("factor=").split(",")
        random.Random(seed).shuffle(listed_values)  # noqa: S311 - no secret
        more = ("--over", "factor=" + ",".join(listed_values), "--workers", "2")
        folder = tmp_path / f"many_{seed}"
        process = driven(place, folder, tiny, *more, tmp=tmp_path, seed=1 + seed % 1000)
        kills += killed_often(process, folder, seeds(3), count)
        assert process.wait() == 0
        done = {path: path.stat().st_mtime_ns for path in folder.glob("cases/*/manifest.json")}
        assert len(done) == count
        assert driven(place, folder, tiny, "--over", over, tmp=tmp_path).wait() == 0
        assert {path: path.stat().st_mtime_ns for path in done} == done
        assert contents(folder) == whole
    keys = {json.loads(whole[name])["key"] for name in whole if name.endswith("manifest.json")}
    assert len(keys) == count + 1
    figures(f"sweeps: {count} tiny runs shuffled, other hash seeds, {kills} workers killed: same")
    assert kills == 6


@pytest.mark.prove
def test_a_sweep_killed_whole_goes_on_with_the_rest(place, tmp_path, tiny, seeds, figures):
    count = 100
    over = values("factor", 0.5, 5, count)
    assert driven(place, tmp_path / "one", tiny, *over, tmp=tmp_path).wait() == 0
    whole = contents(tmp_path / "one")
    kills = 0
    for seed in seeds(10):
        folder = tmp_path / f"killed_{seed}"
        draw = random.Random(seed)  # noqa: S311 - no secret
        more = (*over, "--workers", "2") if seed % 2 else over
        process = driven(place, folder, tiny, *more, tmp=tmp_path)
        kills += reached(process, folder, draw.randrange(count - 5))
        time.sleep(draw.uniform(0, 0.1))  # in the middle of one
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        done = {path: path.stat().st_mtime_ns for path in folder.glob("cases/*/manifest.json")}
        assert driven(place, folder, tiny, *over, tmp=tmp_path).wait() == 0
        assert {path: path.stat().st_mtime_ns for path in done} == done
        assert {n: data for n, data in contents(folder).items() if "/.new/" not in n} == whole
    figures(f"sweeps of {count} runs killed whole {kills} times: what was done stays")
    assert kills == 10

"""Running into a folder: whole or not there, one at a time, reused when nothing has changed."""

import errno
import json
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from geopandas.testing import assert_geodataframe_equal
from numpy.testing import assert_array_equal
from pandas.testing import assert_frame_equal

import scenarios
from geo.errors import BusyError, FileError, LimitError, MissingLayer, UsageError
from geo.words import Text
from layers.source import Quality
from scenarios.result import Proof, load, verify
from scenarios.running import folder as folders
from scenarios.running import runs

MADE_UP = str(Path(__file__).with_name("scenarios_made_up"))


@pytest.fixture
def tiny(monkeypatch):
    monkeypatch.setattr(scenarios, "__path__", [*scenarios.__path__, MADE_UP])
    scenario = scenarios.find("tiny")
    yield sys.modules["scenarios.tiny"]
    assert scenario is scenarios.find("tiny")


def order(tiny, **changes):
    return runs.Order("tiny", tiny.county(), tiny.Tiny(**changes))


def content(folder):
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_a_run_folder_holds_what_it_should(tiny, tmp_path):
    run, reused = runs.fulfil(order(tiny), tmp_path / "run")
    assert not reused
    assert set(content(tmp_path / "run")) - {".lock"} == {
        "layers.gpkg",
        "layers/nobody.geojson",
        "layers/townships.geojson",
        "manifest.json",
        "rasters/high.tif",
        "result.json",
        "tables/cells.csv",
    }
    # 10 + 200 + 30 people, times 1.5
    assert (run.result.metrics[0].value, run.result.metrics[0].before) == (360.0, 240.0)
    assert (run.quality, run.data_date) == (Quality.MODELLED, "2020-01-01 – 2020-01-03")
    assert [source.layer for source in run.sources] == ["dem", "settlements", "townships"]
    manifest = verify(tmp_path / "run")
    assert (manifest["key"], set(manifest["files"])) == (
        run.key,
        set(content(tmp_path / "run")) - {".lock", "manifest.json"},
    )


def test_a_run_read_equals_the_run_written(tiny, tmp_path):
    run, _ = runs.fulfil(order(tiny, growth=2.0), tmp_path)
    read = load(tmp_path)
    assert replace(read, result=run.result) == run
    assert (read.result.metrics, read.result.checks) == (run.result.metrics, run.result.checks)
    for a, b in zip(read.result.layers, run.result.layers, strict=True):
        assert replace(a, data=None).__dict__ == replace(b, data=None).__dict__
    for place in (0, 1):
        assert_geodataframe_equal(read.result.layers[place].data, run.result.layers[place].data)
    raster, written = read.result.layers[2].data, run.result.layers[2].data
    assert_array_equal(raster.values, written.values)
    assert (raster.grid, raster.nodata) == (written.grid, written.nodata)
    assert raster.values.dtype == written.values.dtype
    assert_frame_equal(read.result.tables[0].frame, run.result.tables[0].frame, check_exact=True)
    runs_again = tmp_path / "again"
    folders_before = content(tmp_path)
    runs.save(read, runs_again)
    assert content(runs_again) == folders_before


def test_only_declared_columns_leave(tiny, tmp_path):
    runs.fulfil(order(tiny), tmp_path)
    for name, data in content(tmp_path).items():
        assert b"never leaves" not in data, name


def test_tables_open_in_a_spreadsheet(tiny, tmp_path):
    runs.fulfil(order(tiny), tmp_path)
    data = (tmp_path / "tables" / "cells.csv").read_bytes()
    assert data.startswith(b"\xef\xbb\xbfplace,n,x,yes\r\n")
    assert data.decode("utf-8-sig").splitlines()[1:] == [
        "甲,1,0.1,True",
        '"乙 ""two"", three",2,0.3333333333333333,False',
        "'=HYPERLINK(1),3,,True",
        "''=quoted,4,-1e-300,True",
        ",5,1e+22,False",
    ]


def test_same_inputs_give_same_bytes(tiny, tmp_path):
    runs.fulfil(order(tiny), tmp_path / "a")
    runs.fulfil(order(tiny), tmp_path / "b")
    assert content(tmp_path / "a") == content(tmp_path / "b")


def test_an_unchanged_run_is_reused_and_a_changed_one_is_not(tiny, tmp_path, monkeypatch):
    first, _ = runs.fulfil(order(tiny), tmp_path)
    steps = []
    again, reused = runs.fulfil(order(tiny), tmp_path, tell=steps.append)
    assert (reused, steps, again.key) == (True, [], first.key)
    assert runs.fulfil(order(tiny), tmp_path, again=True, tell=steps.append)[1] is False
    assert steps == ["run", "save"]
    assert runs.fulfil(order(tiny, growth=3), tmp_path)[1] is False
    assert runs.fulfil(order(tiny, growth=3.0), tmp_path)[1] is True
    monkeypatch.setattr(runs, "code_version", lambda: "another")
    assert runs.fulfil(order(tiny, growth=3.0), tmp_path)[1] is False


def test_the_key_holds_all_a_run_follows_from(tiny):
    base = order(tiny)
    county = base.county
    townships = replace(county.sources["townships"], sha256="f" * 64)
    others = [
        order(tiny, growth=2),
        replace(base, subtitle=Text("甲", "a")),
        replace(base, county=replace(county, id="other")),
        replace(base, county=replace(county, sources={**county.sources, "townships": townships})),
        replace(base, county=replace(county, data={**county.data, "dem": None}, id="third")),
    ]
    keys = [runs.key(one) for one in [base, *others]]
    assert len(set(keys)) == len(keys)
    # A layer the scenario does not declare changes nothing, unless one it does is held against it.
    for layer, same in (("lijing_park", True), ("rivers", False)):
        more = {**county.sources, layer: replace(townships, layer=layer)}
        wider = replace(county, sources=more, data={**county.data, layer: None})
        assert (runs.key(replace(base, county=wider)) == keys[0]) is same


def test_what_was_tampered_with_is_not_reused(tiny, tmp_path):
    runs.fulfil(order(tiny), tmp_path)
    table = tmp_path / "tables" / "cells.csv"
    table.write_bytes(table.read_bytes() + b"more")
    (tmp_path / "layers" / "nobody.geojson").unlink()
    with pytest.raises(FileError) as caught:
        load(tmp_path)
    found = {problem.found.en for problem in caught.value.problems}
    assert found == {"missing", "changed"}
    assert "情景运行结果不完整，请重新运行" in caught.value.said("zh")
    assert "发现 被改动 · 应为 sha256" in caught.value.said("zh")
    assert runs.fulfil(order(tiny), tmp_path)[1] is False
    assert verify(tmp_path)


@pytest.mark.parametrize("text", ["", "[]", "{", '{"format": 9, "files": {}}', '{"format": 1}'])
def test_a_broken_manifest_is_no_run(tmp_path, text):
    (tmp_path / "manifest.json").write_text(text, encoding="utf-8")
    with pytest.raises(FileError, match="run it again") as caught:
        load(tmp_path)
    assert "请重新运行" in caught.value.said("zh")


def test_a_scenario_sees_the_layers_it_declares_and_no_others(tiny):
    base = order(tiny)
    seen = []
    scenario = replace(tiny.SCENARIO, uses=(), run=lambda c, p: seen.append(c) or tiny.run(c, p))
    tiny.SCENARIO, kept = scenario, tiny.SCENARIO
    try:
        run = runs.perform(base)
    finally:
        tiny.SCENARIO = kept
    assert seen[0].names == ("settlements", "townships")
    assert run.result.checks[0].verdict == "unknown"


def test_missing_layers_are_all_named(tiny, tmp_path):
    base = order(tiny)
    county = replace(base.county, data={"dem": base.county.data["dem"]})
    with pytest.raises(MissingLayer) as caught:
        runs.fulfil(replace(base, county=county), tmp_path)
    assert [p.layer for p in caught.value.problems] == ["settlements", "townships"]
    assert caught.value.said("zh").splitlines() == [
        "tiny：情景 'tiny' 缺少图层：settlements, townships",
        "  - 图层 settlements · 发现 缺少 · 处理 导入图层：jingning layers import FOLDER FILE --as settlements",
        "  - 图层 townships · 发现 缺少 · 处理 导入图层：jingning layers import FOLDER FILE --as townships",
    ]
    assert "remedy import the layer: jingning layers import" in str(caught.value)
    assert not (tmp_path / "manifest.json").exists()


def test_another_result_leaves_nothing_of_the_former(tiny, tmp_path):
    base = order(tiny)
    runs.fulfil(base, tmp_path)
    for drawn in ("index.html", "layers_qgis.gpkg", "rasters/high.qml"):
        (tmp_path / drawn).write_text("of the former run", encoding="utf-8")
    (tmp_path / "notes.txt").write_text("the planner's own", encoding="utf-8")
    runs.fulfil(base, tmp_path, again=True)
    assert (tmp_path / "index.html").exists()
    data = {name: base.county.data[name] for name in ("townships", "settlements")}
    runs.fulfil(replace(base, county=replace(base.county, data=data)), tmp_path)
    assert set(content(tmp_path)) - {".lock"} == {
        "layers.gpkg",
        "layers/nobody.geojson",
        "layers/townships.geojson",
        "manifest.json",
        "notes.txt",
        "result.json",
        "tables/cells.csv",
    }


def test_proofs_of_the_former_run_do_not_stay(tiny, tmp_path):
    run, _ = runs.fulfil(order(tiny), tmp_path / "run")
    words = run.title
    proofs = tuple(Proof(name, words, words, words, name.encode()) for name in ("a", "b"))
    for kept in (proofs, proofs[:1], ()):
        runs.save(replace(run, result=replace(run.result, proofs=kept)), tmp_path / "run")
        there = {path.name for path in (tmp_path / "run").glob("proofs/*")}
        assert there == {f"{one.id}.zip" for one in kept}


def test_a_manifest_cannot_have_foreign_files_removed(tiny, tmp_path):
    runs.fulfil(order(tiny), tmp_path / "run")
    victim = tmp_path / "victim.tif"
    victim.write_text("keep me", encoding="utf-8")
    path = tmp_path / "run" / "manifest.json"
    manifest = json.loads(path.read_text(encoding="utf-8"))
    manifest["files"] |= {"../victim.tif": "0", "rasters/../../victim.tif": "0"}
    path.write_text(json.dumps(manifest), encoding="utf-8")
    runs.fulfil(order(tiny, growth=2), tmp_path / "run")
    assert victim.exists()


def test_files_of_others_are_not_overwritten(tiny, tmp_path):
    (tmp_path / "layers").mkdir()
    (tmp_path / "layers" / "townships.geojson").write_text("mine", encoding="utf-8")
    with pytest.raises(UsageError, match="layers"):
        runs.fulfil(order(tiny), tmp_path)
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(UsageError, match="cannot be made"):
        runs.fulfil(order(tiny), tmp_path / "file")


def child(code, *words):
    whole = f"import sys\nimport scenarios\nscenarios.__path__.append({MADE_UP!r})\n{code}"
    return subprocess.Popen(
        [sys.executable, "-c", whole, *words],
        cwd=Path(scenarios.__file__).parents[1],
        stdout=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    )


HOLDING = """
import time
from pathlib import Path
from scenarios.running import folder
with folder.locked(Path(sys.argv[1])):
    print("ready", flush=True)
    time.sleep(60)
"""


def test_two_runs_into_one_folder_the_second_refuses(tiny, tmp_path):
    with child(HOLDING, str(tmp_path)) as other:
        try:
            assert other.stdout.readline().strip() == "ready"
            with pytest.raises(BusyError) as caught:
                runs.fulfil(order(tiny), tmp_path)
            assert caught.value.exit_code == 5
            assert "另一情景正在写入该文件夹" in caught.value.said("zh")
        finally:
            other.kill()
    # the other was killed while it held the lock: that lock holds nothing
    assert runs.fulfil(order(tiny), tmp_path)[1] is False


KILLED = """
import os, random, signal, time
from pathlib import Path
from scenarios.running import runs
scenarios.find("tiny")
tiny = sys.modules["scenarios.tiny"]
top, folder = Path(sys.argv[1]), Path(sys.argv[1]) / "run"
county = tiny.county()
made = [runs.perform(runs.Order("tiny", county, tiny.Tiny(growth=g))) for g in (1, 2)]
good = {}
for place, run in enumerate(made):
    start = time.monotonic()
    runs.save(run, top / str(place))
    took = time.monotonic() - start
    for path in (top / str(place)).rglob("*"):
        if path.is_file():
            name = path.relative_to(top / str(place)).as_posix()
            good.setdefault(name, set()).add(path.read_bytes())
def check(folder=folder):
    for path in folder.rglob("*"):
        name = path.relative_to(folder).as_posix()
        if path.is_file() and not name.startswith(".new/"):
            assert path.read_bytes() in good[name], f"torn: {name}"
    if not (folder / "manifest.json").exists():
        return False
    read = runs.load(folder)
    assert read.result.metrics[0].value == {1: 240.0, 2: 480.0}[read.params["growth"]]
    return True
moments, whole, kills = random.Random(int(sys.argv[2])), [], int(sys.argv[3])
for _ in range(kills):
    pid = os.fork()
    if pid == 0:
        while True:
            for run in made:
                runs.save(run, folder)
    time.sleep(moments.uniform(0, min(2 * took, 0.5)))
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    whole.append(check())
first = []
for place in range(kills):  # into a folder that is not there yet
    pid = os.fork()
    if pid == 0:
        runs.save(made[place % 2], top / f"first{place}")
        os._exit(0)
    time.sleep(moments.uniform(0, 1.2 * took))
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    first.append(check(top / f"first{place}"))
    runs.save(made[0], top / f"first{place}")
    assert check(top / f"first{place}")
assert not all(first)
move, moved = Path.replace, []
for place in range(7):  # and once before each file moves into place
    pid = os.fork()
    if pid == 0:
        def replace(path, target):
            if ".new" not in str(target):
                moved.append(path)
                if len(moved) > place:
                    os.kill(os.getpid(), signal.SIGKILL)
            return move(path, target)
        Path.replace = replace
        runs.save(made[place % 2], folder)
    os.waitpid(pid, 0)
    assert not check(), place
assert runs.fulfil(runs.Order("tiny", county, tiny.Tiny(growth=1)), folder)[0].key == made[0].key
assert not (folder / ".new").exists()
print("whole", sum(whole), "of", len(whole), "took", round(took, 3))
"""


def killed(folder, *, seed, kills):
    """Kill runs into a folder that holds one, and into new ones, each so many times."""
    folder.mkdir(exist_ok=True)
    with child(KILLED, str(folder), str(seed), str(kills)) as process:
        said = process.communicate(timeout=300)[0]
    assert process.returncode == 0
    return said


@pytest.mark.skipif(sys.platform == "win32", reason="forks and kills")
def test_killed_at_random_moments_no_file_is_torn_and_no_half_run_is_whole(tmp_path):
    assert killed(tmp_path, seed=7, kills=6).startswith("whole")


@pytest.mark.prove
@pytest.mark.skipif(sys.platform == "win32", reason="forks and kills")
def test_killed_at_200_moments_no_file_is_torn(tmp_path, seeds, figures):
    for seed in seeds(5):
        figures(killed(tmp_path / str(seed), seed=seed, kills=40).strip())


@pytest.mark.parametrize("moves", range(7))
def test_a_folder_left_within_the_swap_is_its_owner_s_still(tiny, tmp_path, moves, monkeypatch):
    folder, move = tmp_path / "run", Path.replace
    runs.fulfil(order(tiny), folder)
    runs.save(runs.perform(order(tiny, growth=2)), tmp_path / "other")
    left = []

    def replace_(path, target):
        if ".new" not in str(Path(target).parent):
            left.append(path)
            if len(left) > moves:
                raise SystemExit  # what follows is not done, as if killed
        return move(path, target)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", replace_)
        patch.setattr(folders, "_leave", lambda _: None)
        with pytest.raises(SystemExit):
            runs.fulfil(order(tiny, growth=2), folder)
    for _ in range(2):  # who comes next fails before anything is written, again and again
        with pytest.raises(ZeroDivisionError), folders.locked(folder):
            raise ZeroDivisionError
    assert verify(folder)["key"]
    read, reused = runs.fulfil(order(tiny, growth=2), folder)
    assert reused  # what had begun was finished
    assert read.params["growth"] == 2
    assert {k: v for k, v in content(folder).items() if k != ".lock"} == {
        k: v for k, v in content(tmp_path / "other").items() if k != ".lock"
    }


def test_a_folder_without_its_hidden_one_is_its_owner_s_when_a_run_fails(tiny, tmp_path):
    runs.fulfil(order(tiny), tmp_path)
    (tmp_path / "manifest.json").rename(tmp_path / ".new")
    (tmp_path / ".new").unlink()
    (tmp_path / ".new").mkdir()  # killed while it swapped, its own files gone
    for _ in range(2):
        with pytest.raises(ZeroDivisionError), folders.locked(tmp_path):
            raise ZeroDivisionError
    assert runs.fulfil(order(tiny), tmp_path)[1] is False
    assert not (tmp_path / ".new").exists()


FULL = """
import resource
from pathlib import Path
from scenarios.running import runs
from geo.errors import LimitError
scenarios.find("tiny")
tiny = sys.modules["scenarios.tiny"]
order = runs.Order("tiny", tiny.county(), tiny.Tiny(growth=2))
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]), -1))
try:
    runs.fulfil(order, Path(sys.argv[1]))
except Exception as error:
    print(type(error).__name__)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="limits the size of files")
@pytest.mark.parametrize("size", [1_000, 20_000, 100_000])
def test_where_files_cannot_be_written_the_former_run_stays(tiny, tmp_path, size):
    runs.fulfil(order(tiny), tmp_path)
    before = content(tmp_path)
    with child(FULL, str(tmp_path), str(size)) as process:
        said = process.communicate(timeout=60)[0].strip()
    assert said == "LimitError"
    assert content(tmp_path) == before


def test_a_full_disk_leaves_the_former_run(tiny, tmp_path, monkeypatch):
    runs.fulfil(order(tiny), tmp_path)
    before = content(tmp_path)
    for writer in ("write_layers", "write_raster", "write_text"):
        for number in (errno.ENOSPC, errno.EDQUOT):
            with monkeypatch.context() as patch:
                error = OSError(number, "no room")

                def refuse(*_, error=error, **__):
                    raise error

                patch.setattr(folders, writer, refuse)
                with pytest.raises(LimitError) as caught:
                    runs.fulfil(order(tiny, growth=5), tmp_path)
                assert caught.value.exit_code == 5
            assert content(tmp_path) == before
    usage = shutil.disk_usage(tmp_path)._replace(free=10)
    monkeypatch.setattr(folders.shutil, "disk_usage", lambda _: usage)
    monkeypatch.setattr(folders, "load", lambda _: 1 / 0)
    with pytest.raises(LimitError):
        runs.fulfil(order(tiny, growth=5), tmp_path)
    assert content(tmp_path) == before


def test_a_file_held_by_another_program_is_named(tiny, tmp_path, monkeypatch):
    def refuse(*_, **__):
        raise PermissionError(13, "in use", "cells.csv")

    monkeypatch.setattr(folders, "_swap", refuse)
    with pytest.raises(BusyError, match=r"cells\.csv"):
        runs.fulfil(order(tiny), tmp_path)

"""Killed at drawn moments, import, run and maps leave nothing torn, lost or locked."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="forks and kills")

SHARED = """
import json, os, random, signal, sys, time
from pathlib import Path
import jingning
import scenarios
scenarios.__path__.append(os.path.join("tests", "scenarios_made_up"))
scenarios.find("tiny")
tiny = sys.modules["scenarios.tiny"]
from layers.county import load, save
import maps.page
from scenarios.result import load as loaded, verify
top, moments, kills = Path(sys.argv[1]), random.Random(int(sys.argv[2])), int(sys.argv[3])
county, run = top / "county", top / "run"

def obey(words):  # in a process of its own, which says nothing
    pid = os.fork()
    if pid:
        return pid
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    os._exit(jingning.main([str(word) for word in words]))

def done(words):
    return os.waitstatus_to_exitcode(os.waitpid(obey(words), 0)[1])

def killed(words, took):
    pid = obey(words)
    time.sleep(moments.uniform(0, 1.1 * took))
    os.kill(pid, signal.SIGKILL)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) < 0

def timed(words):
    start = time.monotonic()
    assert done(words) == 0, words
    return time.monotonic() - start

def left(folder):
    return [p.name for p in folder.rglob("*") if ".part" in p.name or p.name == ".new"]
"""
IMPORTS = """
def file(name, west):
    ring = [[west, 27.7], [119.6, 27.8], [119.6, 27.7], [west, 27.8], [west, 27.7]]
    shape = {"type": "Polygon", "coordinates": [ring]}
    one = {"type": "Feature", "properties": {"id": "a", "zone": "core"}, "geometry": shape}
    path = top / name
    path.write_text(json.dumps({"type": "FeatureCollection", "features": [one]}))
    return ["layers", "import", county, path, "--as", "park"]

assert done(["layers", "new", county, "--id", "a", "--name", "A", "--crs", "EPSG:4549"]) == 0
asked = [file("first.geojson", 119.5), file("second.geojson", 119.4)]
took, states = timed(asked[0]), []
states.append(load(county).sources["park"].sha256)
timed(asked[1])
states.append(load(county).sources["park"].sha256)
count = 0
for place in range(kills):
    new = place % 2
    assert load(county).sources["park"].sha256 == states[not new]
    count += killed(asked[new], took)
    there = load(county).sources["park"].sha256  # every hash is verified
    assert there in states, place
    assert done(asked[new]) == 0, place  # the same again clears up what the killed one left
    assert load(county).sources["park"].sha256 == states[new]
    assert left(county) == []
    if place % 5 == 0:  # nor is lost what it replaced
        assert done(["layers", "undo", county, "park"]) == 0
        assert load(county).sources["park"].sha256 == states[not new]
        assert done(["layers", "undo", county, "park"]) == 0
print(count, "of", kills, "killed; took", round(took, 2))
"""
RUNS = """
save(tiny.county(), county)
def asked(growth):
    return ["run", "tiny", "-o", run, "--county", county, "--set", f"growth={growth}"]
timed(asked(1))
took = max(timed(asked(2)), timed(asked(1)))
count = held = 0
for place in range(kills):
    growth = (2, 1)[place % 2]
    count += killed(asked(growth), took)
    if (run / "manifest.json").exists():
        held += 1
        assert loaded(run).params["growth"] in {1, 2}, place  # every hash is verified
    assert done(asked(growth)) == 0, place
    assert loaded(run).params["growth"] == growth
    assert left(run) == []
print(count, "of", kills, "killed,", held, "left a whole run at once; took", round(took, 2))
"""
MAPS = """
save(tiny.county(), county)
assert done(["run", "tiny", "-o", run, "--county", county]) == 0
page, files = run / "index.html", dict(verify(run)["files"])
whole, styled = page.read_bytes(), (run / "layers_qgis.gpkg").read_bytes()
page.unlink()
took, count = timed(["maps", run]), 0
for place in range(kills):
    page.unlink()
    count += killed(["maps", run], took)
    assert verify(run)["files"] == files  # the run is not touched
    assert not page.exists() or page.read_bytes() == whole, place
    assert done(["maps", run]) == 0, place
    assert (page.read_bytes(), (run / "layers_qgis.gpkg").read_bytes()) == (whole, styled)
    assert left(run) == []
print(count, "of", kills, "killed; took", round(took, 2))
"""
COMMANDS = {"import": IMPORTS, "run": RUNS, "maps": MAPS}


def killed(folder, command, *, seed, kills):
    folder.mkdir(exist_ok=True)
    with subprocess.Popen(
        [
            sys.executable,
            "-W",
            "ignore",
            "-c",
            SHARED + COMMANDS[command],
            folder,
            str(seed),
            str(kills),
        ],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    ) as process:
        out, err = process.communicate()
    assert process.returncode == 0, err[-3_000:]
    return out.strip()


@pytest.mark.parametrize("command", COMMANDS)
def test_killed_at_a_few_moments_nothing_is_torn_lost_or_locked(tmp_path, command):
    assert "killed" in killed(tmp_path, command, seed=3, kills=3)


@pytest.mark.prove
@pytest.mark.parametrize("command", COMMANDS)
def test_killed_at_100_moments_nothing_is_torn_lost_or_locked(tmp_path, command, seeds, figures):
    for seed in seeds(1):
        figures(f"{command}: {killed(tmp_path, command, seed=seed, kills=100)}")

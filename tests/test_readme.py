"""What the README says can be typed: its Python runs, its commands and options exist."""

import re
import shlex
import tomllib
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
from shapely import box

import jingning
from layers import county as counties
from layers import twin
from layers.county import save
from layers.roads.requirements import requirements
from scenarios import find
from scenarios.result import load

ROOT = Path(__file__).resolve().parents[1]
READMES = ("README.md", "README.zh.md")


def blocks(name, language):
    text = (ROOT / name).read_text(encoding="utf-8")
    return re.findall(rf"```{language}\n(.*?)```", text, re.DOTALL)


def commands(name):
    lines = "\n".join(blocks(name, "sh")).replace("\\\n", " ").splitlines()
    words = [shlex.split(line, comments=True) for line in lines]
    return [line for line in words if line and line[0] in {"jingning", "python"}]


@pytest.mark.parametrize("cell_m", [300, pytest.param(60, marks=pytest.mark.prove)])
def test_the_python_runs(cell_m, capsys, monkeypatch):
    def coarser(name):
        """The county, that asks for larger cells."""
        county = loaded(name)
        own = {**county.defaults["access"], "cell_m": cell_m}
        return replace(county, defaults={**county.defaults, "access": own})

    loaded = counties.load
    monkeypatch.setattr(counties, "load", coarser)
    code, _ = blocks(READMES[0], "python")  # the other language holds the same, see below
    assert len([line for line in code.splitlines() if line.strip()]) <= 15
    exec(compile(code, READMES[0], "exec"), {})  # noqa: S102 - the README's own example
    assert "min" in capsys.readouterr().out


@pytest.fixture
def question(tmp_path, monkeypatch):
    """The question of the README as a file of a planner's folder."""
    _, code = blocks(READMES[0], "python")
    assert len([line for line in code.splitlines() if line.strip()]) <= 40
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "high_fields.py"
    path.write_text(code, encoding="utf-8")
    return path


def test_the_question_passes_and_runs_as_the_readme_says(question, monkeypatch):
    opened = []
    monkeypatch.setattr("webbrowser.open", opened.append)
    lines = [line[1:] for line in commands("README.md") if question.name in line]
    assert [line[0] for line in lines] == ["validate", "run"]
    for line in lines:
        assert jingning.main(line) == 0, line
    page = question.parent / "out" / "high_fields" / "index.html"
    assert opened == [page.as_uri()]
    assert "高处耕地" in page.read_text(encoding="utf-8")
    run = load(page.parent)
    assert (run.scenario, run.county) == ("high_fields", "jingning")
    assert run.result.metrics[0].value > 0


def test_the_question_counts_what_lies_above_the_height(question):
    save(twin.county(), question.parent / "twin")
    parcels = twin.county().vector("parcels")
    fields = parcels[parcels["DLBM"].str.startswith("01")]
    # Both townships with parcels lie on the plane at 100 m, the others have none: not 0.
    whole = fields.area.groupby(fields["township"]).sum() / 10_000
    for height, share in ((99, 1), (100, 0)):
        words = ["run", question.name, "--county", "twin", "--set", f"height_m={height}"]
        assert jingning.main([*words, "-o", "out"]) == 0
        found = load(question.parent / "out").result
        areas = found.layers[0].data["high_ha"]
        assert areas.dropna().to_dict() == pytest.approx((share * whole).to_dict())
        assert areas[["001", "002"]].isna().all()
        assert found.metrics[0].value == pytest.approx(share * whole.sum())


@pytest.mark.parametrize("name", READMES)
def test_the_commands_and_their_options_exist(name, capsys):
    lines = commands(name)
    assert len(lines) >= 8
    for line in lines:
        words = line[1:] if line[0] == "jingning" else line[2:]
        depth = 2 if words[0] == "layers" else 1
        if words[0] == "doctor":
            continue
        assert jingning.main([*words[:depth], "--help"]) == 0, line
        told = capsys.readouterr().out
        for option in words[depth:]:
            if option.startswith("-"):
                assert option.split("=")[0] in told, line


def own_files(folder):
    """What a planner has: an outline in degrees, townships in GBK, an SRTM tile, seats."""
    east, north = np.meshgrid(np.linspace(119, 120, 1201), np.linspace(28, 27, 1201))
    heights = 400 + 3000 * np.hypot(east - 119.52, north - 27.62)
    heights.astype(">i2").tofile(folder / "N27E119.hgt")
    whole = box(119.50, 27.60, 119.56, 27.64)
    outline = gpd.GeoDataFrame({"name": ["小县"]}, geometry=[whole], crs=4490)
    outline.to_file(folder / "outline.geojson", driver="GeoJSON")
    halves = [box(119.50, 27.60, 119.53, 27.64), box(119.53, 27.60, 119.56, 27.64)]
    said = {"XZQDM": ["331127001", "331127002"], "XZQMC": ["红星街道", "鹤溪街道"]}
    towns = gpd.GeoDataFrame(said, geometry=halves, crs=4490)
    towns.to_file(folder / "townships.shp", encoding="gbk")
    said = {"CODE": said["XZQDM"], "NAME": said["XZQMC"]}
    seats = [half.centroid for half in halves]
    gpd.GeoDataFrame(said, geometry=seats, crs=4490).to_file(folder / "seats.gpkg")
    own_land(folder, gpd.GeoSeries(seats, crs=4490).to_crs(4549).iloc[1])


def own_land(folder, centre):
    """Parcels of the land survey around a place, in rows of four classes, and basic farmland."""
    codes = ["0101", "0103", "0201", "0301"]
    places = [(row, column) for row in range(8) for column in range(8)]
    west, south = round(centre.x) - 400, round(centre.y) - 400
    squares = [
        box(west + 100 * c, south + 100 * r, west + 100 * c + 100, south + 100 * r + 100)
        for r, c in places
    ]
    said = {
        "BSM": [f"{331127002000000 + n}" for n in range(len(places))],
        "DLBM": [codes[(row * row + column) % 4] for row, column in places],
        "TBMJ": 10_000.0,
    }
    gpd.GeoDataFrame(said, geometry=squares, crs=4549).to_file(folder / "DLTB.gpkg")
    basic = {"BSM": ["1"], "XZQDM": ["331127002"]}
    gpd.GeoDataFrame(basic, geometry=squares[:1], crs=4549).to_file(folder / "yongjiu.gpkg")


def test_own_layers_as_the_readme_brings_them(tmp_path, monkeypatch):
    opened = []
    monkeypatch.setattr("webbrowser.open", opened.append)
    monkeypatch.chdir(tmp_path)
    own_files(tmp_path)
    lines = [line[1:] for line in commands("README.md") if {"mycounty", "out/exchange"} & {*line}]
    assert [line[:2] for line in lines[:2]] == [["layers", "new"], ["layers", "import"]]
    for line in lines:
        assert jingning.main(line) == 0, line
    pages = [tmp_path / "out" / name / "index.html" for name in ("mycounty", "exchange")]
    assert opened == [page.as_uri() for page in pages]
    exchanged = {one.id: one for one in load(tmp_path / "out" / "exchange").result.metrics}
    assert exchanged["neighbours"].value > exchanged["neighbours"].before
    result = load(tmp_path / "out" / "mycounty").result
    found = {metric.id: metric.value for metric in result.metrics}
    # From half of a cone's foot to within 2 km of it: a walk of some minutes to some tens of them.
    assert 5 < found["mean_county_seat"] < 120
    unknown = {check.id for check in result.checks if check.verdict == "unknown"}
    assert {"missing_roads", "missing_settlements", "missing_lake"} <= unknown


@pytest.mark.parametrize("name", READMES)
def test_the_scripts_are_valid(name):
    for script in blocks(name, "toml"):
        content = tomllib.loads(script)
        find(content["scenario"]).params.model_validate(content.get("params", {}))


def test_both_languages_say_the_same_commands():
    first, second = (commands(name) for name in READMES)
    assert first == second
    assert blocks(READMES[0], "python") == blocks(READMES[1], "python")
    assert blocks(READMES[0], "powershell") == blocks(READMES[1], "powershell")


STATES = {
    "README.md": {
        "checked": "**Checked independently**: ",
        "designed": "**Designed for, nothing re-tests it**: ",
        "advice": "**Advice, told only**: ",
        "not_checked": "**Not checked**: ",
    },
    "README.zh.md": {
        "checked": "**独立校核**：",
        "designed": "**设计时遵守，未另行校核**：",
        "advice": "**建议值，仅提示**：",
        "not_checked": "**未校核**：",
    },
}


@pytest.mark.parametrize(("name", "lang"), [("README.md", "en"), ("README.zh.md", "zh")])
def test_what_becomes_of_each_requirement_of_roads_is_told(name, lang):
    text = (ROOT / name).read_text(encoding="utf-8")
    flat = re.sub(r"\s+", " " if lang == "en" else "", text)
    between, end = ("; ", ".") if lang == "en" else ("；", "。")
    for state, head in STATES[name].items():
        titles = [getattr(one.title, lang) for one in requirements() if one.state == state]
        listed = head + between.join(titles) + end
        assert (listed if lang == "en" else re.sub(r"\s+", "", listed)) in flat, state

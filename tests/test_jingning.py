"""The planner's one command, tried as a planner types it."""

import json

import pytest

import jingning
from layers import twin


@pytest.fixture(scope="module")
def county(tmp_path_factory):
    folder = tmp_path_factory.mktemp("county") / "twin"
    twin.write(folder)
    return folder


def test_help_names_every_command(capsys):
    assert jingning.main(["--help"]) == 0
    told = capsys.readouterr().out
    for word in ("run", "list", "describe", "schema", "validate", "layers", "maps", "doctor"):
        assert word in told
    assert jingning.main([]) == 2


def test_an_unknown_command_is_a_usage_error(capsys):
    assert jingning.main(["rnu"]) == 2
    assert "rnu" in capsys.readouterr().err


def test_the_floors_keep_their_own_help_and_exit_codes(capsys):
    assert jingning.main(["layers", "--help"]) == 0
    assert jingning.main(["maps", "--help"]) == 0
    assert jingning.main(["run", "--help"]) == 0
    assert "--open" in capsys.readouterr().out
    assert jingning.main(["run", "acess"]) == 2
    assert "access" in capsys.readouterr().err


def test_run_draws_and_opens_the_page(county, tmp_path, monkeypatch):
    opened = []
    monkeypatch.setattr("webbrowser.open", opened.append)
    folder = tmp_path / "run"
    words = ["run", "access", "--county", str(county), "--set", "cell_m=100", "-o", str(folder)]
    assert jingning.main([*words, "--open"]) == 0
    assert json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    assert opened == [(folder / "index.html").resolve().as_uri()]
    assert "</html>" in (folder / "index.html").read_text(encoding="utf-8")


def test_run_chooses_a_folder_by_the_scenario(county, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert jingning.main(["run", "access", "--county", str(county), "--set", "cell_m=100"]) == 0
    assert (tmp_path / "out" / "access" / "index.html").is_file()


def test_a_failed_run_draws_nothing(county, tmp_path):
    folder = tmp_path / "run"
    words = ["run", "access", "--county", str(county), "-o", str(folder), "--set", "cell_m=-1"]
    assert jingning.main(words) == 2
    assert not (folder / "index.html").exists()


def test_doctor_tells_what_the_toolkit_stands_on(capsys):
    assert jingning.main(["doctor"]) == 0
    told = capsys.readouterr().out
    for word in ("Python", "GDAL", "PROJ", "geopandas", "CJK"):
        assert word in told
    assert "✗" not in told


def test_doctor_fails_when_something_is_missing(capsys, monkeypatch):
    import importlib.metadata

    def version(name):
        if name == "folium":
            raise importlib.metadata.PackageNotFoundError(name)
        return "1"

    monkeypatch.setattr(importlib.metadata, "version", version)
    assert jingning.main(["doctor"]) == 1
    assert "✗ folium" in capsys.readouterr().out

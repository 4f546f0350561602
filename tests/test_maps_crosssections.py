"""Cross-sections as pictures: the post that is asked for, to one scale, in one language."""

import re
from types import SimpleNamespace
from xml.etree import ElementTree as ET

import pandas as pd
import pytest

from maps import __main__ as maps_command
from maps.crosssections import PostError, drawing, pictures

ROW = {
    "alternative": "A",
    "station": "K0+240.000",
    "ground_m": 103.0,
    "design_m": 100.0,
    "cut_m2": 39.0,
    "fill_m2": 0.0,
    "design": "-8.00/103.00 -5.00/100.00 5.00/100.00 8.00/103.00",
    "ground": "-18.00/103.00 0.00/103.00 18.00/103.00",
}


def run(*rows, name="sections"):
    table = SimpleNamespace(id=name, frame=pd.DataFrame(rows))
    return SimpleNamespace(result=SimpleNamespace(tables=(table,)))


def lines(svg):
    found = ET.fromstring(svg).iter("{http://www.w3.org/2000/svg}polyline")  # noqa: S314
    return [
        [tuple(map(float, point.split(","))) for point in line.get("points").split()]
        for line in found
    ]


def test_heights_and_widths_have_one_scale():
    # The slopes are 1 : 1: 3 m across and 3 m up; the bed is 10 m, the ground 36 m.
    ground, design = lines(drawing(ROW, "zh"))
    metre = (design[2][0] - design[1][0]) / 10
    assert design[1][0] - design[0][0] == pytest.approx(3 * metre, abs=0.2)
    assert design[1][1] - design[0][1] == pytest.approx(3 * metre, abs=0.2)
    assert ground[-1][0] - ground[0][0] == pytest.approx(36 * metre, abs=0.2)
    assert design[0][1] == ground[0][1]


@pytest.mark.parametrize(("lang", "words"), [("zh", "挖方 39.0 m²"), ("en", "cut 39.0 m²")])
def test_a_picture_speaks_one_language(lang, words):
    told = drawing(ROW, lang)
    assert words in told
    assert bool(re.search(r"[一-鿿]", told)) == (lang == "zh")


def test_the_post_asked_for_is_drawn_of_every_alternative():
    made = run(ROW, ROW | {"alternative": "B"}, ROW | {"station": "K0+260.000"})
    assert [one.name for one in pictures(made, "K0+240", "zh")] == ["A_K0+240.svg", "B_K0+240.svg"]
    assert len(list(pictures(made, "all", "zh"))) == 3
    with pytest.raises(PostError, match=r"K0\+250; there are K0\+240.000 … K0\+260.000, or all"):
        list(pictures(made, "K0+250", "zh"))
    with pytest.raises(PostError, match="no cross-sections"):
        list(pictures(run(ROW, name="bill"), "all", "zh"))


def test_the_command_writes_a_file_a_section(tmp_path, monkeypatch, capsys):
    (tmp_path / "manifest.json").write_text("{}", encoding="utf-8")
    monkeypatch.setattr("scenarios.result.load", lambda _: run(ROW))
    assert maps_command.main([str(tmp_path), "--section", "K0+240", "--lang", "en"]) == 0
    assert capsys.readouterr().out == f"cross-sections, 1 of them: {tmp_path / 'sections'}\n"
    assert (tmp_path / "sections" / "A_K0+240.svg").read_text(encoding="utf-8").startswith("<svg")
    assert maps_command.main([str(tmp_path), "--section", "K9+000", "--lang", "zh"]) == 2
    assert "此处没有横断面：K9+000" in capsys.readouterr().err

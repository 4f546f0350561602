"""Words in two languages, and that geo says everything by them."""

from pathlib import Path

import pytest

import geo
from geo.words import Text, asked_lang, joined, said
from tests.words_of import plain_chinese

GEO = Path(geo.__file__).parent


def test_geo_says_nothing_in_chinese_but_by_text():
    assert plain_chinese(GEO) == []


@pytest.mark.parametrize(
    ("source", "wrong"),
    [
        ('raise ValueError("没有 none")', ["a.py:1: 没有 none"]),
        ('raise ValueError(Text("没有", "none"))', []),
        ('raise ValueError(words.Text(f"没有 {n}" + "了", f"no {n}"))', []),
        ('x = Text("没有", "没有 none")', ["a.py:1: 没有 none"]),
        ('x = Text(zh="没有", en="none")', []),
        ('x = f"没有 {n}"', ["a.py:1: 没有 "]),
        ('def f():\n    """甲."""\n    return "甲"', ["a.py:3: 甲"]),
        ('X = 1\n"""甲."""', []),
        ('x = joined([a, b], "、", ", ")', []),
        ('x = {"地类": 1}', ["a.py:1: 地类"]),
    ],
)
def test_chinese_that_no_text_says_is_found(tmp_path, source, wrong):
    (tmp_path / "a.py").write_text(source, encoding="utf-8")
    assert plain_chinese(tmp_path) == wrong
    assert plain_chinese(tmp_path, allowed=[one.partition(": ")[2] for one in wrong]) == []


def test_a_name_reads_the_same_in_both_languages():
    assert joined(["dem.tif", Text("缺失", "missing")], "：", ": ") == Text(
        "dem.tif：缺失", "dem.tif: missing"
    )
    assert said("dem.tif", "zh") == said("dem.tif", "en") == "dem.tif"


@pytest.mark.parametrize("argv", [[], ["list"], ["list", "--lang"], ["--lang", "fr"]])
def test_what_names_no_language_leaves_it_to_the_locale(argv):
    assert asked_lang(argv, {"LANG": "zh_CN.UTF-8"}) == "zh"
    assert asked_lang(argv, {}) == "en"

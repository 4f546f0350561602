"""Words in two languages."""

import pytest

from geo.words import Text, asked_lang, joined, said


def test_a_name_reads_the_same_in_both_languages():
    assert joined(["dem.tif", Text("缺失", "missing")], "：", ": ") == Text(
        "dem.tif：缺失", "dem.tif: missing"
    )
    assert said("dem.tif", "zh") == said("dem.tif", "en") == "dem.tif"


@pytest.mark.parametrize("argv", [[], ["list"], ["list", "--lang"], ["--lang", "fr"]])
def test_what_names_no_language_leaves_it_to_the_locale(argv):
    assert asked_lang(argv, {"LANG": "zh_CN.UTF-8"}) == "zh"
    assert asked_lang(argv, {}) == "en"

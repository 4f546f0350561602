"""Tables on narrow and wide terminals: words stay whole, nothing is lost, lines fit."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.words import Text
from layers import console
from layers.console import laid_out, table

COLUMNS = ["layer", "title", "rows", "publisher"]
ROWS = [
    ["basic_farmland", "permanent basic farmland", "412", "Jingning planning toolkit 2026-11-24"],
    ["dem", "terrain", "5198886", "—"],
]
WORDS = st.text("ab_7地图。", min_size=1, max_size=9)
CELLS = st.lists(WORDS, max_size=5).map(" ".join)


def wide(line):
    return console._wide(line)


def test_where_it_fits_nothing_is_folded():
    lines = list(laid_out(COLUMNS, ROWS, 200))
    assert lines == list(laid_out(COLUMNS, ROWS, None))
    assert lines[2].split() == " ".join(ROWS[0]).split()
    assert [line.index("5198886") for line in lines[3:]] == [lines[0].index("rows")]


def test_the_widest_column_is_folded_between_words():
    lines = list(laid_out(COLUMNS, ROWS, 80))
    assert max(map(wide, lines)) <= 80
    assert lines[2].endswith("Jingning planning toolkit")
    assert lines[3].strip() == "2026-11-24"
    assert lines[3].index("2026") == lines[0].index("publisher")


def test_on_a_narrow_terminal_cells_stand_below_each_other():
    lines = list(laid_out(COLUMNS, ROWS, 40))
    assert lines[0] == "layer      basic_farmland"
    assert lines[1] == "title      permanent basic farmland"
    assert lines[3:5] == ["publisher  Jingning planning toolkit", "           2026-11-24"]
    assert lines[5] == ""  # between two records
    assert max(map(wide, lines)) <= 40


def test_chinese_folds_between_characters_and_marks_stay_with_their_word():
    cell = "景宁畲族自治县规划工具（2026），见 facts/高程点.csv；单位 m"
    lines = [line.strip() for line in laid_out(["甲", "乙"], [["a", cell]], 24)][2:]
    assert len(lines) > 2
    assert max(map(wide, lines)) <= 24
    assert not any(re.match(r"[，。；）]", line) or line.endswith("（") for line in lines)
    assert any("facts/高程点.csv；" in line for line in lines)
    assert "".join(lines).removeprefix("a").replace(" ", "") == cell.replace(" ", "")


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_into_a_file_a_table_goes_as_wide_as_it_is(capsys, lang):
    console.speak(["--lang", lang])
    cell = "word " * 60 + "end"
    table(Text("表", "table"), [Text("列", "column"), "b"], [["x", cell], [Text("是", "yes"), 7]])
    lines = capsys.readouterr().out.splitlines()
    console.speak(["--lang", "en"])
    assert lines[0] == {"zh": "表", "en": "table"}[lang]
    assert lines[1].split()[0] == {"zh": "列", "en": "column"}[lang]
    assert cell in lines[3]
    assert lines[4].split() == [{"zh": "是", "en": "yes"}[lang], "7"]


@given(st.lists(st.tuples(CELLS, CELLS, CELLS), min_size=1, max_size=4), st.integers(1, 90))
@settings(max_examples=100)
def test_every_word_is_there_whole_and_in_order_at_any_width(rows, width):
    lines = list(laid_out(["a", "b", "c"], [list(row) for row in rows], width))
    text = "\n".join(lines)
    for word in {word for row in rows for cell in row for word in cell.split()}:
        for part in console.WORD.findall(word):
            assert part in text
    longest = max(console._longest_word(cell) for row in rows for cell in row)
    assert max(map(wide, lines), default=0) <= max(width, 1 + 2 + max(longest, console.LEAST_WIDE))

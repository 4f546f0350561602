"""Words of the layers: nothing is said in two languages at once, and what a file keeps comes apart."""

import ast
import re
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.words import Text
from layers.source import MARK, both, parted
from maps.wording import said

FLOOR = Path(__file__).parents[1] / "layers"
HAN = re.compile("[\u4e00-\u9fff]")


@dataclass(frozen=True)
class Data:
    """Chinese of a file that is data and no message: its form, and why it stands there."""

    form: str
    why: str


ALLOWED = {
    "intake/coordinates.py": Data(r"gcj.*火星|xian.*北京", "what datums and GCJ-02 are called"),
    "intake/csv.py": Data("[经纬]度|[东北]坐标", "what columns of coordinates are called"),
    "people/gazetteer.py": Data(r"[街道镇乡|]+", "how the names of townships end"),
    "land/survey.py": Data(
        "[\u4e00-\u9fff]+", "titles of the survey's columns, beside the English"
    ),
    "twin/__init__.py": Data("[\u4e00-\u9fff]+", "names in the made-up county"),
    "twin/land.py": Data("[\u4e00-\u9fff]+", "names of land classes, as the survey writes them"),
}


def chinese(text):
    """Give the plain strings of a source that hold Chinese: no docstring, no Chinese half of words.

    The first argument of Text, the Chinese mark of `joined` and arguments named `zh` are halves.
    """
    tree = ast.parse(text)
    halves = set()
    for node in ast.walk(tree):
        parts = []
        if isinstance(node, ast.Expr):
            parts = [node.value] if isinstance(node.value, ast.Constant) else []
        elif isinstance(node, ast.Call):
            name = getattr(node.func, "id", getattr(node.func, "attr", ""))
            parts = {"Text": node.args[:1], "joined": node.args[1:2]}.get(name, [])
            parts = [*parts, *(word.value for word in node.keywords if word.arg == "zh")]
        halves |= {id(one) for part in parts for one in ast.walk(part)}
    return [
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
        if HAN.search(node.value) and id(node) not in halves
    ]


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ('raise E("缺少 missing")', ["缺少 missing"]),
        ('raise E(f"{a}: 缺少 missing {b}")', [": 缺少 missing "]),
        ('"""缺少 missing"""\nx = 1', []),
        ('Text("缺少", "missing")', []),
        ('Text(f"{a}：缺少" if a else "缺少", "missing")', []),
        ('Text("缺少", "missing 缺少")', ["missing 缺少"]),
        ('joined(names, " 或 ", " or ")', []),
        ('param(1, zh="速度", en="speed")', []),
    ],
)
def test_what_counts_as_plain(text, plain):
    assert chinese(text) == plain


@pytest.mark.parametrize(
    "path", sorted(FLOOR.rglob("*.py")), ids=lambda p: p.relative_to(FLOOR).as_posix()
)
def test_chinese_stands_in_words_or_is_data(path):
    name = path.relative_to(FLOOR).as_posix()
    plain = chinese(path.read_text(encoding="utf-8"))
    data = ALLOWED.get(name)
    assert [one for one in plain if data is None or not re.fullmatch(data.form, one)] == []


def test_what_is_allowed_is_there():
    for name, data in ALLOWED.items():
        plain = chinese((FLOOR / name).read_text(encoding="utf-8"))
        assert any(re.fullmatch(data.form, one) for one in plain), name


@given(st.text(), st.text())
def test_words_of_a_source_come_apart_as_they_were(zh, en):
    words = Text(zh, en)
    if MARK.strip() in zh + en:
        assert MARK.strip() not in parted(both(words)).zh + parted(both(words)).en
    else:
        assert parted(both(words)) == words


def test_pages_take_not_stated_apart():
    text = both(Text("未注明", "not stated"))
    assert said(text) == ("未注明", "not stated")
    assert said(f"2024-05-01 – {text}") == ("2024-05-01 – 未注明", "2024-05-01 – not stated")

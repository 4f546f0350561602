"""Every floor says what it says in both languages: Chinese stands in a `Text`, or is data."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
FLOORS = ("geo", "layers", "scenarios", "maps", "jingning.py")
HAN = re.compile("[\u3400-\u9fff]")
DOCUMENTED = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
CHINESE_AT = {"Text": 0, "joined": 1}
"""What takes words in both languages, and the place of the Chinese among its arguments."""
CHINESE_AS = {("", "zh"), ("Scenario", "method")}
"""Arguments by name that are Chinese, of a function or of any; a docstring says `method` in English."""


DOCUMENT = "what a default comes from, by its own name"
UNIT = "a unit as planners write it; pages say it in English too"
ANY = "[\u4e00-\u9fff]+"
ALLOWED = {
    "layers/intake/coordinates.py": {
        "gcj.*火星": "what GCJ-02 is called",
        "xian.*北京": "what datums are called",
    },
    "geo/words.py": {"万(元/mu|m³)": UNIT},
    "layers/intake/csv.py": {"[经纬]度|[东北]坐标": "what columns of coordinates are called"},
    "layers/people/gazetteer.py": {"[街道镇乡|]+": "how the names of townships end"},
    "layers/soundness/facilities.py": {
        "[\u4e00-\u9fff|()?:$\\[\\]]+": "what names of facilities say that they are"
    },
    "layers/soundness/lakes.py": {"[\u4e00-\u9fff|]+": "titles of levels"},
    "layers/land/survey.py": {ANY: "titles of the survey's columns, beside the English"},
    "layers/twin/__init__.py": {ANY: "names in the made-up county"},
    "layers/twin/land.py": {ANY: "names of land classes, as the survey writes them"},
    "scenarios/answers/avoidance.py": {"万元": UNIT},
    "scenarios/park_easement/case.py": {"万元": UNIT},
    "scenarios/park_easement/question.py": {"万元": UNIT},
    "scenarios/park_rules/terms.py": {"国家公园管理暂行办法（2022）": DOCUMENT},
    "scenarios/corridor/terms.py": {"国家公园管理暂行办法（2022）": DOCUMENT},
    "scenarios/consolidation/problem.py": {"自然资发〔2021〕166号": DOCUMENT, "万元": UNIT},
    "scenarios/consolidation/tables.py": {"万元": UNIT},
    "scenarios/consolidation/years.py": {"万元": UNIT},
    "scenarios/corridor/figures.py": {"万元(/km)?": UNIT, "万m³": UNIT},
    "scenarios/corridor/published.py": {"万元/k?m": UNIT},
    "scenarios/corridor/tables.py": {"万元": UNIT},
    "scenarios/idle_land/report.py": {"万元(/mu)?": UNIT},
    "scenarios/idle_land/terms.py": {"万元/mu": UNIT},
    "scenarios/new_town/question.py": {"万元": UNIT},
    "scenarios/new_town/report.py": {"万元": UNIT},
    "scenarios/new_town/works.py": {"万(元|m³)": UNIT},
    "scenarios/park_watch/question.py": {"国家公园管理暂行办法（2022）": DOCUMENT},
    "scenarios/several/strategy/spread.py": {"万元": UNIT},
    "scenarios/running/questions/declared.py": {
        "(方法|局限)：": "headings that a Chinese abstract must have",
    },
    "maps/wording.py": {"EN / 中": "the switch between the languages names both"},
    "maps/handoff/report/looks.py": {
        "(方正小标宋|仿宋|楷体|黑体|宋体).*": "what fonts are called, and what stands for them",
    },
    "maps/handoff/report/content.py": {"十|[一二三四五六七八九 ]+": "the numbers of headings"},
    "maps/landuse.py": {ANY: "names of land classes, by which colours are looked up"},
}
"""By file, the form of Chinese that is data and no message, and why it stands there."""


def plain_chinese(text):
    """Give the strings of a source that hold Chinese: no docstring, no Chinese half of words."""
    tree = ast.parse(text)
    fine = {id(one) for node in ast.walk(tree) for part in halves(node) for one in ast.walk(part)}
    return [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
        if HAN.search(node.value) and id(node) not in fine
    ]


def halves(node):
    """Give the parts of a node that may hold Chinese: docstrings, and what is said in Chinese."""
    if isinstance(node, DOCUMENTED) and ast.get_docstring(node, clean=False) is not None:
        yield node.body[0].value
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
        yield node.value  # words below a constant
    if isinstance(node, ast.Call):
        name = getattr(node.func, "id", getattr(node.func, "attr", ""))
        if name in CHINESE_AT:
            yield from node.args[CHINESE_AT[name] :][:1]
        for one in node.keywords:
            if {("", one.arg), (name, one.arg)} & CHINESE_AS:
                yield one.value


def files(floor):
    path = ROOT / floor
    return [path] if path.is_file() else sorted(path.rglob("*.py"))


@pytest.mark.parametrize("floor", FLOORS)
def test_a_floor_says_nothing_in_chinese_alone(floor):
    wrong = []
    for path in files(floor):
        name = path.relative_to(ROOT).as_posix()
        wrong += [
            f"{name}:{one.lineno}: {one.value}"
            for one in plain_chinese(path.read_text(encoding="utf-8"))
            if not any(re.fullmatch(form, one.value) for form in ALLOWED.get(name, ()))
        ]
    assert wrong == []


def test_what_is_allowed_is_there():
    for name, forms in ALLOWED.items():
        plain = [one.value for one in plain_chinese((ROOT / name).read_text(encoding="utf-8"))]
        for form in forms:
            assert any(re.fullmatch(form, one) for one in plain), (name, form)


@pytest.mark.parametrize(
    ("source", "plain"),
    [
        ('raise E("缺少 missing")', ["缺少 missing"]),
        ('raise E(f"{a}: 缺少 missing {b}")', [": 缺少 missing "]),
        ('raise ValueError(Text("没有", "none"))', []),
        ('raise ValueError(words.Text(f"没有 {n}" + "了", f"no {n}"))', []),
        ('Text(f"{a}：缺少" if a else "缺少", "missing")', []),
        ('Text("没有", "没有 none")', ["没有 none"]),
        ('Text(zh="没有", en="none")', []),
        ('"""甲."""\nx = 1', []),
        ('def f():\n    """甲."""\n    return "甲"', ["甲"]),
        ('X = 1\n"""甲."""', []),
        ('joined([a, b], "、", ", ")', []),
        ('joined(names, " 或 ", " or ")', []),
        ('joined(["甲"], " 或 ", " or ")', ["甲"]),
        ('{"地类": 1}', ["地类"]),
        ('{"k": ("甲", "A")}', ["甲"]),
        ('param(1, zh="速度", en="speed")', []),
        ('param(1, zh="速度", en="速度", source="文件")', ["速度", "文件"]),
        ('Scenario(method="方法：甲")', []),
        ('other(method="方法：甲")', ["方法：甲"]),
    ],
)
def test_what_counts_as_plain(source, plain):
    assert [one.value for one in plain_chinese(source)] == plain

"""One word for one thing: the terms of `glossary.toml` hold in every Chinese string there is."""

import ast
import re
import tomllib
from pathlib import Path

import pytest

from tests.test_words import CHINESE_AS, CHINESE_AT, FLOORS, HAN, ROOT, files

TERMS = tomllib.loads((Path(__file__).parent / "glossary.toml").read_text(encoding="utf-8"))["term"]
OURS = (ROOT / "maps/assets", ROOT / "layers/rules", ROOT / "layers/data")
"""Where Chinese stands in pages and data beside the sources."""


def spoken(node):
    """Give a string as it is written, each value put into it as {}; nothing where it is none.

    Strings that are chosen between are given each.
    """
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.JoinedStr):
        yield "".join(
            str(part.value) if isinstance(part, ast.Constant) else "{}" for part in node.values
        )
        for part in node.values:
            if isinstance(part, ast.FormattedValue):
                yield from spoken(part.value)
    else:
        for part in ast.iter_child_nodes(node):
            yield from spoken(part)


def sayings(text):
    """Give line, Chinese and English of all that a source says; no English where it has none."""
    for node in ast.walk(ast.parse(text)):
        if not isinstance(node, ast.Call):
            continue
        name = getattr(node.func, "id", getattr(node.func, "attr", ""))
        named = [k.value for k in node.keywords if {("", k.arg), (name, k.arg)} & CHINESE_AS]
        own = node.args[CHINESE_AT[name] :] if name in CHINESE_AT else []
        for one in [*own[:1], *named]:
            other = list(spoken(own[1])) if len(own) > 1 and one is own[0] else []
            for words in spoken(one):
                if HAN.search(words):
                    yield node.lineno, words, other[0] if len(other) == 1 else ""


def lines():
    """Give place, Chinese and English of all sources, pages and shipped data."""
    for path in (path for floor in FLOORS for path in files(floor)):
        name = path.relative_to(ROOT).as_posix()
        for number, zh, en in sayings(path.read_text(encoding="utf-8")):
            yield f"{name}:{number}", zh, en
    kinds = {".toml", ".js", ".html"}
    for path in sorted(path for folder in OURS for path in folder.rglob("*")):
        if path.suffix in kinds and path.parent.name not in {"leaflet", "fflate"}:
            name = path.relative_to(ROOT).as_posix()
            for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
                if HAN.search(line):
                    yield f"{name}:{number}", line, ""


@pytest.fixture(scope="module")
def told():
    return list(lines())


def test_no_other_word_stands_for_a_term(told):
    wrong = [
        f"{place}: {zh[:60]} ({term['zh']})"
        for term in TERMS
        for form in map(re.compile, term.get("never", ()))
        for place, zh, _ in told
        if form.search(zh)
    ]
    assert wrong == []


def test_a_title_that_is_a_term_reads_alike_in_english(told):
    known = {term["zh"]: term["en"] for term in TERMS if term.get("exact")}
    wrong = [
        f"{place}: {zh} is {en}, not {known[zh]}"
        for place, zh, en in told
        if zh in known and en.casefold() not in {known[zh], f"{known[zh]}s"}
    ]
    assert wrong == []


@pytest.mark.parametrize("term", TERMS, ids=lambda term: term["en"])
def test_a_term_is_in_use_and_its_patterns_find_what_is_wrong(term, told):
    assert any(term["zh"] in zh for _, zh, _ in told)
    assert term.get("exact") or term.get("never")
    forms = term.get("never", [])
    for words in term.get("wrong", []):
        assert any(re.search(form, words) for form in forms), words
    assert bool(forms) == bool(term.get("wrong"))
    assert not any(re.search(form, term["zh"]) for form in forms)


def test_terms_stand_once():
    names = [term["zh"] for term in TERMS]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize(
    ("source", "zh", "en"),
    [
        ('Text("乡镇", "Township")', "乡镇", "Township"),
        ('Text(f"到{place}的运行", "x")', "到{}的运行", "x"),
        ('param(1, zh="速度", en="speed")', "速度", ""),
        ('joined(rows, "、", ", ")', None, None),
    ],
)
def test_what_is_said_is_read_from_sources(source, zh, en):
    assert [(one, other) for _, one, other in sayings(source)] == ([(zh, en)] if zh else [])

"""The manual in Chromium: all of it in both languages, what is looked for, print, hostile words."""

import json
import re
import subprocess
from contextvars import copy_context
from dataclasses import replace

import pytest

import jingning
from geo.words import Text, unit_words
from layers.console import speak
from maps.manual import manual
from scenarios.result import Setting
from scenarios.running.manual import contents
from tests.made_up import pages as made_up
from tests.made_up.hostile import HOSTILE, any_words, harmless
from tests.made_up.manual import MINE, leaves
from tests.made_up.screen import DESK, PHONE, WIDE

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
SHOWN = """[...document.querySelectorAll('tbody tr, .about')].filter(one => one.checkVisibility())
    .map(one => [one.closest('article').id, one.textContent])"""
HEADS = """Object.fromEntries([...document.querySelectorAll('article')]
    .map(one => [one.id, one.querySelector('h3').textContent]))"""
SIDES = {"zh": 0, "en": 1}


@pytest.fixture(scope="module")
def facts():
    return contents(jingning.parsers)


@pytest.fixture(scope="module")
def runs():
    run = made_up.run()
    metrics = tuple(replace(one, value=one.value + 1) for one in run.result.metrics)
    return [run, replace(run, result=replace(run.result, metrics=metrics))]


@pytest.fixture(scope="module")
def html(facts, runs):
    return manual(facts, runs, list(runs[0].result.answer))


@pytest.fixture(scope="module")
def file(html, tmp_path_factory):
    path = tmp_path_factory.mktemp("手册") / "manual.html"
    path.write_text(html, encoding="utf-8", newline="\n")
    return path


def test_same_facts_give_the_same_bytes_and_few(html, runs):
    def in_chinese():
        speak(["--lang", "zh"])
        return contents(jingning.parsers)

    again = copy_context().run(in_chinese)
    assert manual(again, runs, list(runs[0].result.answer)) == html
    assert len(html.encode()) <= 3_000_000


def test_the_command_writes_it_and_says_where(tmp_path, capsys):
    path = tmp_path / "a" / "manual.html"
    assert jingning.main(["manual", "-o", str(path), "--lang", "zh"]) == 0
    assert capsys.readouterr().out == f"手册：{path}\n"
    assert "到县城平均时间" in path.read_text(encoding="utf-8")
    assert jingning.main(["manual", "--all"]) == 2
    assert jingning.main(["manual", str(tmp_path / "none.py"), "-o", str(path)]) == 2
    assert [one.name for one in tmp_path.rglob("*.html")] == ["manual.html"]


def names(facts):
    """Give what is typed: the names of all that is told."""
    for question in facts["questions"]:
        yield question["name"]
        yield from (one.id for one in question["params"])
        yield from (one.value for one in question["params"])
    yield from (one["name"] for one in facts["scripts"])
    for rule in facts["rules"]:
        yield from (rule["id"], rule["document"], rule["clause"], rule["valid_from"], *rule["asks"])
    for layer in facts["layers"]:
        yield from (layer["name"], *(one["name"] for one in layer["fields"]))
    for command in facts["commands"]:
        yield command["call"]
        for one in command["taken"]:
            yield from (one["form"], one["choices"], one["default"])
    yield from facts["codes"]
    yield from (line for step in facts["hour"] for line in step["lines"])


@pytest.mark.parametrize("size", [WIDE, PHONE])
def test_all_that_is_told_stands_in_both_languages(opened, file, facts, size):
    tab = opened(file, size)
    for lang, side in SIDES.items():
        shown = tab.text_content("#chapters")
        assert [one for one in names(facts) if one not in shown] == []
        words = [(one.zh, one.en)[side] for one in leaves(facts)]
        assert len(words) > 900
        assert [one for one in words if one not in shown] == []
        units = {unit_words(o.unit) for q in facts["questions"] for o in q["params"]}
        assert [one for one in units if (one.zh, one.en)[side] not in shown] == []
        assert tab.evaluate("document.documentElement.lang")[:2] == lang
        assert tab.evaluate("document.documentElement.scrollWidth") <= size[0]
        tab.click("#lang")


@pytest.mark.parametrize(
    ("asked", "size"),
    [("坡度", DESK), ("walk_factor", PHONE), ("WALK_factor 0.8", DESK), ("slope °", PHONE)],
)
def test_a_search_shows_what_matches_and_nothing_else(opened, file, asked, size):
    tab = opened(file, size)
    whole = tab.evaluate(SHOWN)
    heads = tab.evaluate(HEADS)
    tab.fill("#query", asked)
    shown = tab.evaluate(SHOWN)
    words = asked.lower().split()
    data = json.loads(tab.text_content("#data"))
    said = {
        group["id"]: json.dumps(group, ensure_ascii=False)
        for s in data["sections"]
        for group in s["groups"]
    }
    assert 0 < len(shown) < 40
    for group, text in shown:
        own = (text + heads[group]).lower()
        assert all(word in own or word in said[group].lower() for word in words)
        assert words[0] in own or asked == "slope °"
    found = re.search(r"\d+", tab.inner_text("#count"))
    assert int(found[0]) == len(shown)
    visible = "[...document.querySelectorAll('article')].filter(one => one.checkVisibility()).map(one => one.id)"
    assert set(tab.evaluate(visible)) == {group for group, _ in shown}
    tab.press("#query", "Escape")
    assert tab.evaluate(SHOWN) == whole
    assert tab.inner_text("#count") == ""


def test_nothing_found_is_said_and_links_lead_to_what_they_name(opened, file):
    tab = opened(file, DESK)
    tab.fill("#query", "qwertz")
    assert tab.evaluate(SHOWN) == []
    assert tab.inner_text("#count") == "符合 0 条"
    tab.fill("#query", "")
    targets = tab.locator("#chapters a, #toc a").evaluate_all(
        "all => all.map(a => decodeURIComponent(a.hash.slice(1)))"
    )
    assert len(targets) > 150
    assert [one for one in targets if tab.locator(f"[id='{one}']").count() != 1] == []
    tab.locator("#questions-access dd a", has_text="townships").first.click()
    place = tab.locator("#layers-townships h3").bounding_box()
    assert 60 <= place["y"] < 200


def test_on_a_phone_chapters_are_folded_until_they_are_asked_for(opened, file):
    tab = opened(file, PHONE)
    for _ in SIDES:
        assert tab.evaluate("document.documentElement.scrollHeight") <= 8000
        tab.click("#lang")
    place = tab.locator("#layers-townships")
    assert not place.is_visible()
    tab.locator("#contents > summary").click()
    tab.locator("#toc a[href='#layers-townships']").click()
    place.wait_for(state="visible")
    assert -5 <= place.bounding_box()["y"] < 400
    tab.click("#lang")
    assert place.is_visible()  # a switch folds nothing
    assert not tab.locator("#commands article").first.is_visible()
    tab.locator("#commands > details > summary").click()
    assert tab.locator("#commands article").first.is_visible()


def test_the_picture_numbers_the_regions_of_a_real_run(opened, file, runs):
    tab = opened(file, DESK)
    texts = tab.locator(".small-page text").all_text_contents()
    assert runs[0].title.zh[:4] in texts[0]
    numbers = tab.locator(".small-page text.number").all_text_contents()
    assert len(numbers) == tab.locator(".regions li").count() == 9
    assert (
        tab.evaluate("document.querySelector('.small-page image').href.baseVal.slice(0, 15)")
        == "data:image/png;"
    )
    clear = "[...document.querySelectorAll('.small-page text[data-room]')].filter(one => one.getComputedTextLength() > Number(one.dataset.room) + 1).length"
    for _ in SIDES:
        assert tab.evaluate(clear) == 0
        tab.click("#lang")


def test_it_prints_whole_on_a4_also_what_a_phone_folds(opened, file, facts, tmp_path):
    tab = opened(file, PHONE)
    tab.pdf(path=tmp_path / "m.pdf", prefer_css_page_size=True)
    about = subprocess.run(
        ["pdfinfo", tmp_path / "m.pdf"], capture_output=True, text=True, check=True
    ).stdout
    wide, high = (
        float(one) for one in re.search(r"Page size: +([\d.]+) x ([\d.]+)", about).groups()
    )
    assert (round(wide), round(high)) == (595, 842)
    assert 20 < int(re.search(r"Pages: +(\d+)", about)[1]) < 120
    text = subprocess.run(
        ["pdftotext", "-raw", tmp_path / "m.pdf", "-"], capture_output=True, check=True
    ).stdout.decode()
    told = re.sub(r"\s", "", text)
    ids = [one.id for question in facts["questions"] for one in question["params"]]
    ids += [one["id"] for one in facts["rules"]] + [one["name"] for one in facts["layers"]]
    assert [one for one in ids if one not in told] == []


@pytest.fixture
def alone(monkeypatch):
    """Leave out what is handed on beside the run; it is not what is looked at."""
    monkeypatch.setattr("maps.handoff.files", lambda _: ())


def poisoned(value, words):
    """Replace every word of the facts but names that lead somewhere, all the way down."""
    if isinstance(value, Text):
        return Text(next(words), next(words))
    if isinstance(value, Setting):
        return replace(
            value,
            **{
                one: poisoned(getattr(value, one), words)
                for one in ("id", "title", "unit", "value", "span", "source")
            },
        )
    if isinstance(value, dict):
        kept = {"picture", "status", "needed", "terrain_m", "measures"}
        return {key: one if key in kept else poisoned(one, words) for key, one in value.items()}
    if isinstance(value, list):
        return [poisoned(one, words) for one in value]
    return next(words) if isinstance(value, str) else value


@pytest.mark.usefixtures("alone")
def test_hostile_words_of_all_that_is_told_do_nothing(opened, facts, runs, tmp_path):
    hostile = poisoned(facts, any_words(6))
    for question in hostile["questions"]:
        question["files"] = {}  # by ids that are others now
    path = tmp_path / "manual.html"
    path.write_text(manual(hostile, runs, [Text(*HOSTILE[:2])]), encoding="utf-8", newline="\n")
    tab = opened(path)
    for side in SIDES.values():
        shown = tab.text_content("#chapters")
        harmless(tab, shown)
        told = {(one.zh, one.en)[side] for one in leaves(hostile["questions"])}
        assert len(told) > 300
        assert [one for one in told if one not in shown] == []
        tab.fill("#query", "<script>")
        harmless(tab, tab.text_content("#chapters"))
        tab.fill("#query", "")
        tab.click("#lang")


@pytest.mark.usefixtures("alone")
def test_a_hostile_question_file_does_nothing(opened, runs, tmp_path):
    source = MINE
    for number, word in enumerate(
        ("自有问题", "question of my own", "几个？", "How many?", "计数", "另加数", "added number")
    ):
        source = source.replace(
            word,
            HOSTILE[35 + 7 * number].replace("\\", "").replace('"', '\\"').replace("\u2028", ""),
        )
    mine = tmp_path / "'x&y.py"
    mine.write_text(source, encoding="utf-8")
    path = tmp_path / "manual.html"
    told = contents(jingning.parsers, [str(mine)])
    path.write_text(manual(told, runs, []), encoding="utf-8", newline="\n")
    tab = opened(path)
    shown = tab.text_content("#chapters")
    harmless(tab, shown)
    assert HOSTILE[35] in shown
    tab.locator("#toc a", has_text=HOSTILE[35]).click()
    assert tab.evaluate("decodeURIComponent(location.hash)") == "#questions-'x&y"

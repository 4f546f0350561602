"""The index: runs told apart by title, parameters, place and picture; found; their files linked."""

from dataclasses import replace

import pytest

from geo.words import Text
from layers.source import Quality
from maps import __main__ as maps_command
from maps.entries import beside, entry, places
from maps.page import index
from maps.parameters import changed
from maps.thumbnail import thumbnail
from maps.wording import SEVERAL
from scenarios.result import Setting
from tests.made_up import pages as made_up
from tests.made_up.screen import DESK, PHONE, WIDE

FILES = (
    "index.html",
    "workbook.xlsx",
    "layers/roads.geojson",
    "plans/b #1.pdf",
    "README.txt",
    "a.dxf",
)


@pytest.fixture(scope="module")
def run():
    return made_up.run()


@pytest.fixture(scope="module")
def runs(run):
    """Give three runs of two questions; one is about two townships."""
    towns = next(one for one in run.result.layers if one.id == "townships")
    two = replace(towns, id="two", meaning="category", data=towns.data.iloc[:2], focus=True)
    local = replace(
        run,
        title=Text("产业园区选址", "Industrial site"),
        subtitle=Text("云岭片区", "Yunling area"),
        quality=Quality.OFFICIAL,
        changed={"most_ha": 200.0, "strict": True},
        result=replace(run.result, layers=(*run.result.layers, two)),
    )
    return {"access": run, "甲/site": local, "site2": replace(local, subtitle=Text("乙", "B"))}


def test_changed_parameters_have_their_titles_units_and_the_titles_of_codes(run):
    words = Text("最大面积", "Most area")
    setting = Setting("most_ha", words, "ha", "200.0", "100.0", Text("", ""), Text("", ""))
    towns = next(one for one in run.result.layers if one.id == "townships").data
    asked = {"most_ha": 200.0, "open": True, "long": "x" * 99}
    told = changed(replace(run, changed=asked, settings=(setting,)))
    assert told[0] == {"title": ["最大面积", "Most area"], "value": ["200 公顷", "200 ha"]}
    assert told[1] == {"title": ["open", "open"], "value": ["是", "yes"]}
    assert told[2]["value"][0] == "x" * 59 + "…"
    assert len(towns)


def test_a_run_is_at_the_townships_it_opens_at_or_in_the_whole_county(runs):
    rows = next(one for one in runs["access"].result.layers if one.id == "townships").data
    assert places(runs["access"]) == []
    assert places(runs["甲/site"]) == rows.iloc[:2][["name", "name_en"]].to_numpy().tolist()


def test_the_script_names_the_run_and_pictures_tell_places_apart(run, runs):
    told = {folder: entry(folder, one) for folder, one in runs.items()}
    assert told["access"]["title"] == [runs["access"].subtitle.zh, runs["access"].subtitle.en]
    assert told["甲/site"]["title"] == ["云岭片区", "Yunling area"]
    assert told["甲/site"]["kind"] == ["产业园区选址", "Industrial site"]
    assert told["access"]["thumbnail"] != told["甲/site"]["thumbnail"]
    assert thumbnail(run) == thumbnail(made_up.run())


def test_files_found_are_linked_known_ones_first_and_none_twice():
    told = beside("./%E7%94%B2", FILES)
    assert [one["title"][1] for one in told] == [
        "Workbook, Excel",
        "About the files",
        "a.dxf",
        "plans",
    ]
    assert told[-1] == {
        "title": ["plans", "plans"],
        "folder": True,
        "files": [{"title": ["b #1.pdf"] * 2, "href": "./%E7%94%B2/plans/b%20%231.pdf"}],
    }
    assert told[0]["files"][0]["href"] == "./%E7%94%B2/workbook.xlsx"


def test_a_file_that_comes_or_goes_draws_the_index_anew(runs, tmp_path, monkeypatch):
    folders = [tmp_path / "a", tmp_path / "b"]
    for folder in folders:
        folder.mkdir()
        (folder / "manifest.json").write_text("{}", encoding="utf-8")
    monkeypatch.setattr("scenarios.result.load", lambda _: runs["access"])
    monkeypatch.setattr("scenarios.result.verify", lambda _: {})
    monkeypatch.setattr(maps_command, "_write_handed", lambda *_: None)

    def drawn():
        lines = [one.en for one in maps_command._drawn(tmp_path, folders, None, b"")]
        return lines[-1].partition(":")[0], (tmp_path / "index.html").read_text(encoding="utf-8")

    first, again = drawn(), drawn()
    assert (first[0], again[0]) == ("index", "index unchanged")
    (folders[0] / "notes.pdf").write_bytes(b"%PDF")
    (tmp_path / "manual.html").write_text("手册", encoding="utf-8")
    later = drawn()
    assert later[0] == "index"
    assert "./a/notes.pdf" in later[1]
    assert "./manual.html" in later[1]
    assert "notes.pdf" not in first[1]


@pytest.mark.browser
@pytest.mark.xdist_group("browser")
@pytest.mark.parametrize("size", [WIDE, DESK, PHONE], ids=str)
def test_runs_are_found_by_words_question_place_and_quality(opened, runs, tmp_path, size):
    path = tmp_path / "index.html"
    path.write_text(index(runs, {"site2": FILES}), encoding="utf-8", newline="\n")
    tab = opened(path, size)
    switch, finding = (tab.locator(one).bounding_box() for one in ("#lang", "#finding"))
    assert switch["y"] + switch["height"] <= finding["y"]
    shown = tab.locator("article.run:visible")
    for _ in range(2):
        assert shown.count() == 3
        tab.fill("#query", "200")
        assert shown.count() == 2
        assert "2" in tab.inner_text("#count")
        tab.fill("#query", "yunling 云岭")
        assert shown.count() == 2
        tab.keyboard.press("Enter")
        tab.fill("#query", "没有这个")
        assert shown.count() == 0
        assert tab.locator("#runs .none").is_visible()
        tab.fill("#query", "")
        for name, place, count in (("question", 1, 1), ("place", 2, 2), ("quality", 2, 2)):
            tab.select_option(f"#by_{name}", index=place)
            assert shown.count() == count, name
            tab.select_option(f"#by_{name}", index=0)
        assert tab.evaluate("document.documentElement.scrollWidth <= innerWidth")
        title = tab.inner_text("#title")
        tab.click("#lang")
        assert tab.inner_text("#title") != title
    details = tab.locator("article.run").nth(2).locator("details").last
    details.locator("summary").click()
    assert details.locator("a").inner_text() == "b #1.pdf"


@pytest.mark.browser
@pytest.mark.xdist_group("browser")
def test_what_is_over_several_runs_comes_first_and_measures_choose(opened, runs, tmp_path):
    over = {
        name: replace(runs["access"], scenario=name, subtitle=Text(name, name), measures=measures)
        for name, measures in (("sweep", ()), ("compare", (22, 12)), ("strategy", (12,)))
    }
    path = tmp_path / "index.html"
    path.write_text(index({**runs, **over}), encoding="utf-8", newline="\n")
    tab = opened(path, WIDE)
    heads = tab.locator("h2.group:visible")
    for side, lang in enumerate(("zh", "en")):
        groups = [one.splitlines()[0] for one in heads.all_inner_texts()]
        first = [getattr(SEVERAL[name], lang) for name in ("strategy", "compare", "sweep")]
        assert (groups[:3], len(groups)) == (first, 5)
        measures = tab.locator("#by_measure option").all_inner_texts()[1:]
        assert (
            measures
            == [["举措 4", "举措 12", "举措 22"], ["Measure 4", "Measure 12", "Measure 22"]][side]
        )
        tab.select_option("#by_measure", label=measures[2])
        assert tab.locator("article.run:visible").count() == 1
        assert heads.all_inner_texts()[0].splitlines()[0] == first[1]
        assert heads.count() == 1
        tab.select_option("#by_measure", label=measures[1])
        assert tab.locator("article.run:visible").count() == 2
        tab.select_option("#by_measure", index=0)
        tab.click("#lang")

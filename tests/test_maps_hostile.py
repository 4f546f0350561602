"""Hostile words of every kind in all that leaves the house: nothing runs, all show as themselves.

A few hundred in `make test`, the stated number for each kind of file in `make prove`. Report and
workbook have their proof in test_maps_report, the manual in test_maps_manual.
"""

import csv
import io
import re
import sqlite3
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely
from lxml import etree

from geo.words import Text
from maps import handoff, page
from maps.compare.page import comparison_page
from maps.handoff import dictionary, dxf, landxml
from maps.handoff.packing import held
from maps.handoff.readme import readme
from maps.handoff.roads import roads
from maps.qgis.layout import SCALE_TEXT
from maps.qgis.project import project
from maps.qgis.wording import JOINER, plain
from scenarios.result import Column, Layer
from scenarios.several.compare.comparing import compared
from scenarios.several.compare.staleness import Since
from tests.made_up import alignment, pages
from tests.made_up.ground import EPSG
from tests.made_up.handed import notes, packed, parsed, words_of
from tests.made_up.hostile import any_words, every_word, harmless, poisoned
from tests.made_up.screen import written

SCHEMA = etree.XMLSchema(etree.parse(Path(__file__).parent / "landxml_part.xsd"))
IN_DRAWINGS = {"POLYLINE", "LWPOLYLINE", "VERTEX", "SEQEND", "LINE", "TEXT"}
NAMES = ("a", "b", "c")
POPUPS = """() => [...document.querySelectorAll('.leaflet-place_both-pane path.feature')].map(one => {
    one.dispatchEvent(new MouseEvent('click', { clientX: 900, clientY: 500, bubbles: true }));
    return document.querySelector('.leaflet-popup-content').textContent;
})"""
TEXTS = """() => [...document.querySelectorAll('body *:not(script)')]
    .map(one => one.textContent + (one.alt || '') + (one.title || '')).join('\\n')"""


def said(words):
    return Text(next(words), next(words))


def spent(words):
    """Give how many words have been handed out."""
    letters = str.maketrans("abcdefghij", "0123456789")
    return int(next(words).split("·")[-2].translate(letters))


def crowded(words, rows):
    """Give a run of hostile words alone, with a layer of so many places in four columns of them."""
    run = poisoned(pages.run(), words)
    west, south, east, north = pages.outline().bounds
    spots = np.linspace((west, south), (east, north), rows).T
    frame = gpd.GeoDataFrame(
        {name: [next(words) for _ in range(rows)] for name in NAMES},
        index=[next(words) for _ in range(rows)],
        geometry=shapely.points(*spots),
        crs=EPSG,
    )
    columns = tuple(Column(name, said(words)) for name in NAMES)
    many = Layer("many", said(words), said(words), "place", frame, columns=columns)
    return replace(run, result=replace(run.result, layers=(*run.result.layers, many)))


def cells(run):
    """Give the rows of the layer of many places, its identity first."""
    return run.result.layers[-1].data[list(NAMES)].reset_index().to_numpy().tolist()


def shows_as_itself(opened, folder, run):
    """Open the page of a run, and every pop-up of its places."""
    tab = opened(written(folder, run))
    tab.click("#layers-button")
    shown = ""
    for _ in range(2):
        shown += tab.evaluate(TEXTS)
        tab.click("#lang")
    words = {one for text in every_word(run) for one in (text.zh, text.en)}
    assert [one for one in words if one not in shown] == []
    popups = tab.evaluate(POPUPS)[-len(cells(run)) :]
    missing = [
        row
        for row, popup in zip(cells(run), popups, strict=True)
        if not all(one in popup for one in row)
    ]
    assert missing == []
    harmless(tab, shown + "".join(popups))


@pytest.mark.browser
@pytest.mark.xdist_group("browser")
class TestPages:
    """In Chromium, where `opened` allows neither requests, nor dialogs, nor complaints."""

    def test_places_show_their_words_as_they_are(self, opened, tmp_path):
        shows_as_itself(opened, tmp_path, crowded(any_words(1), 25))

    @pytest.mark.prove
    def test_four_thousand_words_of_places_show_as_they_are(self, opened, tmp_path, seeds, figures):
        (seed,) = seeds(1)
        words = any_words(seed)
        shows_as_itself(opened, tmp_path, crowded(words, 1000))
        figures(f"words through the page: {spent(words):,}, none runs, all show")

    def test_the_index_shows_its_words_as_they_are(self, opened, tmp_path):
        words = any_words(2)
        runs = {f"a'\"><b>#?{k}": poisoned(pages.run(), words) for k in range(2)}
        path = tmp_path / "index.html"
        path.write_text(page.index(runs), encoding="utf-8", newline="\n")
        tab = opened(path)
        shown = tab.evaluate(TEXTS)
        titles = [text.zh for run in runs.values() for text in (run.title, run.question)]
        assert [one for one in titles if one not in shown] == []
        harmless(tab, shown)

    def test_a_comparison_shows_its_words_as_they_are(self, opened, tmp_path):
        words = any_words(3)
        one = replace(poisoned(pages.run(), words), crs=pages.run().crs)
        known = tuple(each for each in one.result.metrics if np.isfinite(each.value))
        one = replace(one, result=replace(one.result, metrics=known))
        asked = next(words)
        runs = {
            name: replace(one, key=name * 64, subtitle=said(words), params={asked: next(words)})
            for name in "AB"
        }
        path = tmp_path / "index.html"
        whole = compared(list(runs.values()), aged={"B": Since(changed=said(words))})
        path.write_text(comparison_page(whole, runs), encoding="utf-8", newline="\n")
        tab = opened(path)
        shown = tab.evaluate(TEXTS)
        titles = [each.title.zh for each in one.result.metrics]
        assert [each for each in titles if each not in shown] == []
        harmless(tab, shown)


def stay_words_in_qgis(run, folder):
    """Read the project and the GeoPackage of a run of hostile words."""
    run = replace(run, key="k" * 64, crs=pages.run().crs)
    tree = parsed(project(run))
    path = packed(run, folder)
    told = {word for one in tree.iter() for word in words_of(one)} | set(notes(path))
    with sqlite3.connect(path) as database:
        kept = [text for (text,) in database.execute("SELECT metadata FROM gpkg_metadata")]
        kept += [text for (text,) in database.execute("SELECT styleQML FROM layer_styles")]
    database.close()
    told |= {word for text in kept for one in parsed(text).iter() for word in words_of(one)}
    for one in told - {SCALE_TEXT}:
        assert not re.search(r"\[%|<[a-z!/?](?!OCTYPE qg)", one, re.IGNORECASE)
        assert "://" not in one.replace("http://mrcc.com/qgis.dtd", "")
    names = {one.get("name").replace(JOINER, "") for one in tree.iter("layer-tree-layer")}
    titles = {plain(f"{one.title.zh} {one.title.en}".strip()) for one in run.result.layers}
    assert titles <= names
    read = gpd.read_file(path, layer="many")
    assert read[list(NAMES)].to_numpy().tolist() == [row[1:] for row in cells(run)]


def stay_lines(run):
    """Read what tells of the files of a run of hostile words."""
    usual = readme(pages.run(), ()).content.decode("utf-8-sig").split("\r\n")
    lines = readme(run, ()).content.decode("utf-8-sig").split("\r\n")
    assert all(one.isprintable() for one in lines)
    assert len([one for one in lines if one.startswith("  many  ")]) == 2
    assert len(lines) > len(usual)
    (file,) = dictionary.files(run)
    rows = list(csv.DictReader(io.StringIO(file.content.decode("utf-8-sig"), newline="")))
    told = [cell for row in rows for cell in row.values()]
    assert not [one for one in told if re.match(r"[=+\-@＝＋－＠\t\r\n]", one)]
    named = [one for one in run.result.layers if one.columns]
    titles = {held(one.title, "zh").replace("\n", " ") for one in named}
    assert titles <= {one.removeprefix("'") for one in told} | set(told)


def test_words_stay_words_in_projects_and_lines(tmp_path):
    run = crowded(any_words(4), 60)
    stay_words_in_qgis(run, tmp_path)
    stay_lines(run)


@pytest.mark.prove
def test_four_thousand_words_stay_words_in_projects_and_lines(tmp_path, seeds, figures):
    (seed,) = seeds(1)
    words = any_words(seed)
    runs = [crowded(words, 400) for _ in range(4)]
    for run in runs:
        stay_words_in_qgis(run, tmp_path)
        stay_lines(run)
    figures(f"words through project, GeoPackage, README and dictionary: {spent(words):,}")


def stay_names_of_roads(words, count):
    """Read drawing and LandXML of so many roads of hostile names."""
    run = alignment.run()
    run = replace(run, title=said(words), county_name=said(words), crs=run.crs)
    made = list(roads(run))
    few = [
        replace(
            made[place % 2],
            title=said(words),
            code=next(words),
            place=place,
            line=shapely.LineString(made[place % 2].line.coords[:2]),
            stations=made[place % 2].stations.iloc[:2],
            land=(),
            built=(),
        )
        for place in range(count)
    ]
    kept = etree.fromstring(landxml.document(run, few))
    SCHEMA.assertValid(kept)
    names = [one.get("name") for one in kept.iter("{*}Alignment")]
    assert all(plain(road.title.zh) in name for road, name in zip(few, names, strict=True))
    lines = dxf.encoded(dxf.drawing(few)).decode("cp936").split("\r\n")
    codes, values = lines[:-1:2], lines[1::2]
    assert all(re.fullmatch(r" *\d+", one) for one in codes)
    assert values[-1] == "EOF"
    assert values.count("EOF") == 1
    begun = codes.index("  2", values.index("ENTITIES") - 1)
    kinds = [
        value for code, value in zip(codes[begun:], values[begun:], strict=True) if code == "  0"
    ]
    assert set(kinds[: kinds.index("ENDSEC")]) <= IN_DRAWINGS
    layers = {value for code, value in zip(codes, values, strict=True) if code == "  8"}
    assert not any(set('<>/\\":;?*|=`,') & set(re.sub(r"\\U\+", "", one)) for one in layers)


def test_names_of_roads_stay_names():
    stay_names_of_roads(any_words(5), 40)


def test_what_a_file_cannot_hold_breaks_none():
    odd = Text("甲\0\ud800乙", "a\0\udfffb")
    run = pages.run(title=odd, subtitle=odd, question=odd, county_name=odd)
    for made in (run, replace(alignment.run(), title=odd, county_name=odd)):
        for file in handoff.files(made):
            if file.name.endswith((".xml", ".html", ".txt")):
                assert "甲" in file.content.decode()
            if file.name.endswith(".xml"):
                SCHEMA.assertValid(etree.fromstring(file.content))
        parsed(project(made))
        assert page.page(made).encode()
        assert page.index({"a": made}).encode()


@pytest.mark.prove
def test_four_thousand_names_of_roads_stay_names(seeds, figures):
    (seed,) = seeds(1)
    words = any_words(seed)
    for _ in range(10):
        stay_names_of_roads(words, 140)
    figures(f"words through DXF and LandXML: {spent(words):,}, none begins a line or an element")

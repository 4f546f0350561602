"""Page, workbook, report, CSV and GeoPackage hold the same numbers, each rounded as declared."""

import io
import json
import re
from dataclasses import replace
from pathlib import Path

import docx
import geopandas as gpd
import pandas as pd
import pytest

from layers.intake.xlsx import read_xlsx
from maps.handoff import report, sheets, workbook
from maps.page import page as drawn_page
from scenarios.result import load
from scenarios.running import runs
from scenarios.running.questions.trial import Trial
from tests.made_up import road

KEPT = Path(__file__).resolve().parents[1] / "layers/data/jingning/scripts"
SCRIPTS = sorted(one.stem for one in KEPT.glob("*.toml"))
DATA = re.compile(r'<script type="application/json" id="data">(.*?)</script>', re.DOTALL)
MADE = {
    "access": lambda: runs.perform(Trial("access").order(cell_m=120)),
    "consolidation": lambda: Trial("consolidation").run,
    "corridor": road.run,
}


@pytest.fixture(
    scope="module",
    params=[
        "access",
        pytest.param("corridor", marks=pytest.mark.prove),
        pytest.param("consolidation", marks=pytest.mark.prove),
        *(pytest.param(name, marks=pytest.mark.prove) for name in SCRIPTS),
    ],
)
def folder(request, tmp_path_factory, ready_made):
    if request.param in SCRIPTS:
        return ready_made(request.param)
    place = tmp_path_factory.mktemp(request.param)
    runs.save(MADE[request.param](), place)
    run = load(place)
    (place / "index.html").write_text(drawn_page(run), encoding="utf-8")
    (place / "workbook.xlsx").write_bytes(workbook.written(run))
    light = replace(run, result=replace(run.result, layers=()))  # maps take their time
    (file,) = report.files(light)
    (place / "report.docx").write_bytes(file.content)
    return place


@pytest.fixture(scope="module")
def run(folder):
    return load(folder)


@pytest.fixture(scope="module")
def page(folder):
    return json.loads(DATA.search((folder / "index.html").read_text(encoding="utf-8"))[1])


@pytest.fixture(scope="module")
def paper(folder):
    """The tables of the report as rows of words, by the words of their head."""
    document = docx.Document(io.BytesIO((folder / "report.docx").read_bytes()))
    return [[[cell.text for cell in row.cells] for row in one.rows] for one in document.tables]


def figure(words):
    """Give the number that words are; nothing where they say that there is none."""
    text = str(words).replace(",", "").replace("−", "-")
    return None if text in {"—", "", "nan", "None"} else float(text)


def held(shown, exact, decimals, per=1.0):
    """Say whether a number as shown is the exact one after rounding to its decimals."""
    number = figure(shown)
    if number is None or pd.isna(exact):
        return (number is None) == bool(pd.isna(exact))
    exact = float(exact) / per
    return abs(number - exact) <= 0.5 * 10.0**-decimals + 1e-9 * max(abs(exact), 1.0)


def numeric(table, frame):
    """Give the columns of a table that are figures with decimals."""
    return [
        column
        for column in sheets.columns(table)
        if column.decimals is not None and not column.categories
        if frame[column.name].dtype.kind == "f"
    ]


def csv(folder, table):
    return pd.read_csv(folder / "tables" / f"{table.id}.csv", encoding="utf-8-sig")


def per(unit, shown):
    """Give what of a column's unit makes one of the unit it is shown in."""
    if unit == "m²" and shown in {"公顷", "ha"}:
        return 10_000.0
    return 1.0


def test_figures_are_the_same_on_page_workbook_report_and_in_the_run(run, page, folder, paper):
    told = read_xlsx(folder / "workbook.xlsx", part="关键指标")
    printed = next(rows for rows in paper if rows[0][0] == "指标")  # tables of the run come later
    on_paper = {row[0]: row[1] for row in printed[1:]}
    checked = 0
    for metric, card, cell in zip(
        run.result.metrics, page["indicators"], told["情景\nScenario"], strict=True
    ):
        places = len(str(card["value"]).partition(".")[2])
        assert places >= metric.decimals
        assert held(card["value"], metric.value, places), metric.id
        assert held(cell, metric.value, places), metric.id
        assert figure(on_paper[metric.title.zh]) == figure(card["value"]), metric.id
        checked += 1
    assert checked == len(run.result.metrics)


def test_tables_are_the_same_on_page_workbook_and_csv(run, page, folder):
    shown = {one["title"][0]: one for one in page["tables"]}
    listed = {one.id: one for one in map(sheets.table, run.result.tables)}
    book = workbook_names(run)
    compared = 0
    for table in run.result.tables:
        exact = csv(folder, table)
        cells = read_xlsx(folder / "workbook.xlsx", part=book[table.id]) if len(exact) else None
        mine = shown.get(table.title.zh)
        for column in numeric(table, exact):
            place = sheets.columns(table).index(column)
            unit = listed[table.id].heads[head_of(table, column)].unit
            scale = per(column.unit, unit.zh)
            decimals = 2 if scale > 1 else column.decimals
            for row, value in enumerate(exact[column.name]):
                cell = cells.iloc[row, head_of(table, column)]
                assert held(cell, value, decimals, scale), (table.id, column.name, row)
                compared += 1
                if mine is None or mine.get("compared") or row >= len(mine["rows"]):
                    continue
                if mine["more"] == 0 and len(mine["rows"]) == len(exact):
                    assert mine["columns"][place]["unit"][0] == unit.zh
                    on_page = mine["rows"][row][place]
                    assert held(on_page, value, decimals, scale), (table.id, column.name, row)
    assert compared


def workbook_names(run):
    """Give the names of the workbook's sheets by the ids of what they hold."""
    made = [one for one in workbook.listed(run) if one.rows]
    return dict(zip((one.id for one in made), workbook.names(made, run.lang), strict=True))


def head_of(table, column):
    """Give the place of a column's cells in a sheet: a column of codes takes two."""
    before = sheets.columns(table)[: sheets.columns(table).index(column)]
    return len(before) + sum(bool(one.categories) for one in before)


def test_all_that_is_drawn_is_a_row_and_every_row_is_drawn(run, page, folder):
    drawn = {one["id"]: one for one in page["layers"]}
    compared = 0
    for layer in run.result.layers:
        if layer.meaning == "relief" or not isinstance(layer.data, gpd.GeoDataFrame):
            continue
        rows = gpd.read_file(folder / "layers.gpkg", layer=layer.id)
        mine = drawn[layer.id]
        assert len(rows) == len(layer.data)
        whole = int((~(rows.geometry.isna() | rows.geometry.is_empty)).sum())
        assert mine.get("count", len(mine.get("features", ()))) == whole, layer.id
        compared += whole
        for place, column in enumerate(layer.columns):
            if column.categories or layer.data[column.name].dtype.kind != "f":
                continue
            values = rows[column.name].tolist()
            for feature, value in zip(mine.get("features", ()), values, strict=False):
                digits = 12 if column.decimals is None else column.decimals
                assert held(feature["values"][place], value, digits), (layer.id, column.name)
                compared += 1
    assert compared


def test_the_report_says_the_answer_and_the_answer_is_the_pages(run, page, folder):
    document = docx.Document(io.BytesIO((folder / "report.docx").read_bytes()))
    text = "\n".join(one.text for one in document.paragraphs)
    for sentence, shown in zip(run.result.answer, page["answer"], strict=True):
        assert shown == [sentence.zh, sentence.en]
        assert re.sub(r"\s", " ", sentence.zh) in re.sub(r"\s", " ", text)


@pytest.mark.parametrize(
    ("shown", "exact", "decimals", "same"),
    [
        ("1,234.5", 1234.54, 1, True),
        ("1,234.5", 1234.56, 1, False),
        ("−0.5", -0.45, 1, True),
        ("—", float("nan"), 1, True),
        ("—", 0.0, 1, False),
        ("0", float("nan"), 0, False),
    ],
)
def test_what_counts_as_the_same(shown, exact, decimals, same):
    assert held(shown, exact, decimals) == same

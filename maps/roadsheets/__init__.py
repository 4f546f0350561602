"""Plan-and-profile sheets of a road: an offline page of A3 sheets, as many as each road needs.

Above stands the plan at 1:5 000, turned to run to the right, below it the profile to the same
length, with the figures of its stations, grades and curves. Everything drawn stands in the run's
layers and tables.
"""

from __future__ import annotations

from collections.abc import Iterator

from geo.words import NO_TEXT, Text, alike
from maps import charts, stable
from maps.page import assembled, embedded, own, ui
from maps.roadsheets.elevation import FOOT, elevation, scale_words
from maps.roadsheets.plan import plan
from maps.roadsheets.road import Road, post, roads
from maps.roadsheets.sheet import HIGH, WIDE, Sheet, sheets
from maps.wording import UI, pair, said
from scenarios.result import Run

KIND = Text("路线平纵面图", "Plan and profile")
CRS = Text("坐标系与数据日期", "CRS, data of")
CELLS = {  # millimetres that each cell of the title block is wide
    "title": 84.0,
    "kind": 50.0,
    "scale": 62.0,
    "crs": 48.0,
    "author": 56.0,
    "quality": 62.0,
    "sheet": 42.0,
}


def road_sheets(run: Run) -> str:
    """Draw the plan-and-profile sheets of a run's roads as one HTML file; empty without a road."""
    ways = roads(run)
    if not ways:
        return ""
    drawn = [list(_drawn(road, run)) for road in ways]
    data = {
        "ui": ui(),
        "title": pair(run.title),
        "county": pair(run.county_name),
        "subtitle": pair(run.subtitle),
        "roads": [
            {
                "title": pair(road.title),
                "colour": road.colour,
                "sheets": [words for words, _ in book],
            }
            for road, book in zip(ways, drawn, strict=True)
        ],
    }
    figures = "".join(
        f'<div class="road" data-road="{k}" hidden>{"".join(svg for _, svg in book)}</div>'
        for k, book in enumerate(drawn)
    )
    return assembled(
        "plan_profile.html",
        scripts={"own": own(("page.js", "plan_profile.js"))},
        styles={"style": stable.asset("page.css") + stable.asset("plan_profile.css")},
        parts={"figures": figures, "data": embedded(data)},
    )


def _drawn(road: Road, run: Run) -> Iterator[tuple[charts.Words, str]]:
    """Give words and drawing of each sheet of a road."""
    cut = sheets(road)
    for k, sheet in enumerate(cut, 1):
        words: charts.Words = []
        number = Text(f"第 {k} 张，共 {len(cut)} 张", f"{k} of {len(cut)}")
        block = "".join(_block(_cells(sheet, run, number), words))
        drawing = plan(sheet, run, words) + elevation(sheet, words) + block
        edge = f'x="0.3" y="0.3" width="{WIDE - 0.6:g}" height="{HIGH - 0.6:g}"'
        frame = f'<svg class="sheet" viewBox="0 0 {WIDE:g} {HIGH:g}" role="img">'
        yield words, f'{frame}<rect class="edge" {edge}/>{drawing}</svg>'


def _cells(sheet: Sheet, run: Run, number: Text) -> dict[str, tuple[Text, Text]]:
    """Say what a sheet is, its scales, its coordinates, who drew it and how good it is."""
    ends = alike(f"{post(sheet.start)} – {post(sheet.end)}")
    date, quality, statutory = Text(*said(run.data_date)), run.quality_words, UI["statutory"]
    return {
        "title": (run.title, run.subtitle),
        "kind": (KIND, sheet.road.title),
        "scale": (UI["scale"], scale_words(sheet)),
        "crs": (CRS, Text(f"{run.crs} · {date.zh}", f"{run.crs} · {date.en}")),
        "author": (UI["author"], NO_TEXT),
        "quality": (
            UI["quality"],
            Text(f"{quality.zh} · {statutory.zh}", f"{quality.en} · {statutory.en}"),
        ),
        "sheet": (ends, number),
    }


def _block(cells: dict[str, tuple[Text, Text]], words: charts.Words) -> Iterator[str]:
    """Draw the title block along the foot of a sheet."""
    left = 0.3
    yield f'<path class="rule" d="M0 {FOOT}H{WIDE}"/>'
    for name, wide in CELLS.items():
        first, second = (pair(one) for one in cells[name])
        room = f'data-room="{wide - 4:g}"'
        kind = "block strong" if name in {"title", "sheet"} else "block"
        author = ' data-author="yes"' if name == "author" else ""
        yield charts.text(words, (left + 2, FOOT + 5.2), first, f'class="{kind}" {room}')
        yield charts.text(words, (left + 2, FOOT + 10.6), second, f'class="small" {room}{author}')
        left += wide
        if left < WIDE - 1:
            yield f'<path class="rule" d="M{left:.2f} {FOOT}V{HIGH - 0.3}"/>'

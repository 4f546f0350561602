"""The page of a comparison as one HTML file: the runs as tabs, the swipe, what differs, who loses.

It is the page of a run with another choice: `runs.js` and `runviews.js` stand in the places of
`chosen.js` and `views.js`, and features are read from what is packed.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from geo.words import Text
from maps import draw, figures, panel
from maps.compare import figures as compared
from maps.compare.layers import ROOM, Embedded, embedded
from maps.page import PAGE_SCRIPTS, PAGE_STYLES, data_of, put_together, ui
from maps.wording import RefusedError, pair
from scenarios.result import Run

SCRIPTS = tuple(
    one
    for name in PAGE_SCRIPTS
    for one in {
        "chosen.js": ("packed.js", "runs.js"),
        "packed.js": (),
        "views.js": ("runviews.js",),
        "shelf.js": ("shelf.js", "runfigures.js", "runpanels.js"),
    }.get(name, (name,))
)
WORDS: Mapping[str, Text] = {
    "run": Text("单个情景", "One run"),
    "compare": Text("卷帘对比", "Swipe"),
    "compared": Text("卷帘对比（左右各一情景）", "Two runs, left and right"),
    "consensus": Text("用地共识", "Agreement"),
    "losers": Text("受损者", "Who loses"),
    "before": Text("左图", "Left"),
    "after": Text("右图", "Right"),
    "swipe": Text("左右对比滑块", "Swipe between left and right"),
    "states": Text("视图切换", "Views"),
    "runs_shown": Text("情景", "Run"),
    "left": Text("左", "Left"),
    "right": Text("右", "Right"),
    "exchange": Text("左右互换", "Exchange left and right"),
    "against": Text("与 {0} 相比", "Against {0}"),
    "face": Text("所示内容", "What of the run is shown"),
    "face_before": Text("现状", "Today"),
    "face_after": Text("情景", "As planned"),
    "face_difference": Text("较现状变化", "Change from today"),
    "heat": Text("指标热力表", "Heat table of figures"),
    "parallel": Text("平行坐标", "Parallel coordinates"),
    "heat_hint": Text(
        "颜色越深越优（未注明优劣方向的指标：数值越大越深）；点行首切换到该情景",
        "The darker the better (where neither way is better: the larger); click a run to show it",
    ),
    "parallel_hint": Text(
        "每条折线为一种情景，各轴上端为优；点击折线或用左右方向键切换情景",
        "One line a run, better at the top; click a line, or use the arrow keys, to choose it",
    ),
    "figure": Text("指标", "Figure"),
    "best": Text("最优", "best"),
    "same_all": Text("各情景的指标全部相同", "All figures are the same in all runs"),
    "off_map": Text("图层未嵌入本页，仅列指标", "not on the map of this page, figures only"),
    "better_by": Text("改善", "better"),
    "worse_by": Text("变差", "worse"),
    "equal": Text("相同", "same"),
    "than": Text("较 {0}", "than {0}"),
    "today": Text("现状", "today"),
    "no_difference": Text("此情景与 {0} 在图上无差异", "Nothing on the map differs from {0}"),
    "no_losers": Text("没有受损的地方", "No place is worse off"),
    "no_consensus": Text(
        "占地的情景不足两种，无用地共识可言",
        "Fewer than two runs take land: there is nothing to agree on",
    ),
    "more_losers": Text("另有 0 处，见 tables/losers.csv", "0 more in tables/losers.csv"),
}


MOST_TOLD = 12
"""Runs that the footer names."""


def comparison_page(whole: Run, runs: Mapping[str, Run], *, room: int = ROOM) -> str:
    """Draw a comparison with its runs as one HTML file.

    Parameters
    ----------
    whole
        The comparison.
    runs
        The runs that were compared, by letter, in their order.
    room
        Bytes that the layers of the runs may take.

    Raises
    ------
    RefusedError
        If these are not the runs that were compared.
    AssetError
        If anything outside the file would be needed.
    """
    require_compared(whole, runs)
    layers = embedded(whole, runs, room=room)
    kept = _kept(layers)
    charts, drawings = _charts({letter: runs[letter] for letter in layers.drawn})
    data = {
        **data_of(whole),
        "ui": ui() | {name: pair(words) for name, words in WORDS.items()},
        "bounds": _box([draw.bounds(run) for run in runs.values()]),
        "focus": _box([draw.focus(runs[letter]) for letter in layers.drawn]),
        "layers": layers.layers,
        "kept": kept,
        "pictures": list(layers.pictures),
        "codes": _codes([whole, *(runs[letter] for letter in layers.drawn)]),
        "charts": charts,
        "footer": _footer(whole),
        "tables": _tables(whole),
        "runs": [
            {**name, **(_panels(runs[letter]) if letter in layers.drawn else {})}
            for letter, name in compared.named(runs).items()
        ],
        "figures": compared.figures(whole, runs),
        "losers": compared.losers(whole),
        "stale": _stale(whole, runs),
    }
    return put_together(
        data,
        layers.store,
        parts={"charts": drawings, "profiles": ""},
        scripts=SCRIPTS,
        styles=(*PAGE_STYLES, "runs.css"),
    )


def _kept(found: Embedded) -> int:
    """Put features and shapes into the store, where they take a tenth; give the number of the blob.

    Layers name the place of their features.
    """
    features = []
    for entry in found.layers:
        if "features" in entry:
            features.append(entry["features"])
            entry["features"] = len(features) - 1
    held = {"features": features, "geometries": [json.loads(one) for one in found.geometries]}
    return found.store.add(json.dumps(held, separators=(",", ":"), allow_nan=False).encode())


def require_compared(whole: Run, runs: Mapping[str, Run]) -> None:
    """Refuse runs that are not those of which a comparison was made.

    Raises
    ------
    RefusedError
        If one is missing, is another one, or is one too many.
    """
    told = {letter: f"{run.scenario} {run.key[:12]}" for letter, run in runs.items()}
    if told != dict(whole.params):
        words = Text(
            "runs 中的运行与所对比的不符；请重新对比：jingning compare",
            "the runs in `runs` are not those compared; compare again: jingning compare",
        )
        raise RefusedError(words)


def _box(boxes: Sequence[tuple[float, float, float, float]]) -> tuple[float, float, float, float]:
    low, high = np.min(boxes, axis=0), np.max(boxes, axis=0)
    return draw.rounded((*low[:2], *high[2:]))


def _codes(runs: Sequence[Run]) -> dict[str, list[list[str]]]:
    """Give the titles of codes of all runs by the column that holds them."""
    found: dict[str, dict[str, list[str]]] = {}
    for run in runs:
        for name, titles in draw.code_titles(run).items():
            found.setdefault(name, {}).update({one[0]: one for one in titles})
    return {name: list(titles.values()) for name, titles in found.items()}


def _charts(runs: Mapping[str, Run]) -> tuple[list[dict[str, Any]], str]:
    """Draw the charts of all runs, each with the letter of its run."""
    words: list[dict[str, Any]] = []
    drawn: list[str] = []
    for letter, run in runs.items():
        own, svg = figures.drawings(run, start=len(words))
        words += own
        drawn.append(
            svg.replace('<details class="plot"', f'<details class="plot" data-run="{letter}"')
        )
    return words, "\n".join(drawn)


def _panels(run: Run) -> dict[str, Any]:
    """Give what the panels show of a run; its tables stand in the panel, however wide."""
    tables = [{**one, "own": True} for one in panel.tables(run)]
    return {
        "indicators": panel.indicators(run),
        "tables": tables,
        "checks": panel.checks(run),
        "answer": [pair(one) for one in run.result.answer],
        "footer": panel.footer(run),
    }


def _footer(whole: Run) -> list[dict[str, Any]]:
    """Give the footer; of many runs their table tells what they are."""
    title = pair(panel.CHANGED) if len(whole.params) > MOST_TOLD else None
    return [one for one in panel.footer(whole) if one["title"] != title]


def _stale(whole: Run, runs: Mapping[str, Run]) -> list[dict[str, Any]]:
    """Give the runs whose layers or code have changed since, with what changed."""
    known = {f"stale_{letter.lower()}": letter for letter in runs}
    return [
        {
            "code": known[check.id],
            "title": pair(check.title),
            "found": pair(check.found),
            "remedy": pair(check.remedy),
        }
        for check in whole.result.checks
        if check.id in known
    ]


def _tables(whole: Run) -> list[dict[str, Any]]:
    """Give the tables of the comparison but for the figures, which the page draws itself."""
    tables = tuple(one for one in whole.result.tables if one.id != "figures" and len(one.frame))
    return panel.tables(replace(whole, result=replace(whole.result, tables=tables)))

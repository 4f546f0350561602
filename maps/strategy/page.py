"""The page of a strategy as one HTML file: the page of a run, and its plans held together.

It is the page of a run with the matrix, what fits together, the ledger and the timeline; its tables
stand on the shelf, and all of it on the printed sheets.
"""

from __future__ import annotations

from collections.abc import Container, Mapping
from dataclasses import replace
from typing import Any

from geo.words import Text
from maps import panel
from maps.basemap import Basemap
from maps.page import PAGE_SCRIPTS, PAGE_STYLES, drawn, put_together, ui
from maps.store import Store
from maps.strategy.ledger import ledger, timeline
from maps.strategy.matrix import LAND, matrix, plans, subsets
from maps.strategy.rows import require_told, rows
from maps.wording import pair
from scenarios.result import Run, Table

STRATEGY = "strategy"
"""What a run is called that carries out several plans."""
OWN = frozenset({"ledger", "matrix"})
"""Tables that the page draws in a way of its own."""
FIRST = ("subsets", "contested", "townships", "bearers", "discounted", "benefits")
"""Tables that stand first on the shelf, after ledger and timeline."""
CODES = frozenset({"codes", "line", "rest", "rest_en"})
"""Columns of files that the page tells otherwise."""
SCRIPTS = tuple(
    one
    for name in PAGE_SCRIPTS
    for one in ((name, "strategy.js", "strategybooks.js") if name == "shelf.js" else (name,))
)
WORDS: Mapping[str, Text] = {
    "relations": Text("规划关系", "Plans against plans"),
    "relations_hint": Text(
        "行对列；点击单元格在地图上查看，方向键移动",
        "What the row is to the column; click a cell to see it on the map; arrow keys move",
    ),
    "relation_of": Text("{0} 对 {1}", "{0} to {1}"),
    "own": Text("本规划用地", "Land of this plan"),
    "uses": Text("拟作用途", "Uses that would come"),
    "land_now": Text("现状", "Land today"),
    "clauses": Text("条款", "Clauses"),
    "no_clause": Text("未注明条款", "no clause told"),
    "on_map": Text("在地图上点亮其所在", "It is lit on the map"),
    "off_map": Text("没有可上图的用地", "no land of it on the map"),
    "fit": Text("能否同时实施", "Do they fit together"),
    "all_plans": Text("全部规划", "All plans"),
    "best_plans": Text("可同时实施且优先值最高", "Fits, and counts most"),
    "contests": Text("{0} 与 {1} 争用 {2} 公顷", "{0} and {1} both claim {2} ha"),
    "all_subsets": Text("查看全部组合", "See every subset"),
    "too_many": Text("规划过多，未逐一检查组合", "Too many plans: not every subset was looked at"),
    "ledger": Text("总账", "The ledger"),
    "item": Text("科目", "Item"),
    "whole": Text("合计", "In all"),
    "span": Text("区间", "Range"),
    "settled": Text("已落实", "settled"),
    "timeline": Text("分年度资金与衔接", "Years and hand-overs"),
    "present": Text("现值", "Present value"),
    "handed": Text("衔接（先行规划交接的内容）", "What earlier plans hand over"),
    "by_source": Text("资金来源", "Source of money"),
    "undated": Text(
        "＊ 运行结果与规划均未注明年份，计入起始年",
        "＊ neither run nor plan tells a year: counted in the first",
    ),
    "failed": Text("未能运行", "could not be carried out"),
    "ten_thousand": Text("万元", "10k CNY"),
}


def strategy_page(run: Run, basemap: Basemap | None = None, pages: Container[str] = ()) -> str:
    """Draw a strategy as one HTML file.

    Parameters
    ----------
    run
        The strategy.
    basemap
        An online basemap that was asked for.
    pages
        Of the folders of its plans, those that have a page to lead to.

    Raises
    ------
    RefusedError
        If it was made by code whose tables tell less.
    AssetError
        If anything outside the file would be needed.
    """
    require_told(run)
    store = Store()
    whole = drawn(run, store, basemap, pages)
    order = plans(run, [str(row["folder"]) for row in rows(run, "plans") if row["folder"] in pages])
    names = [one["name"] for one in order]
    data = {
        **whole.data,
        "ui": ui() | {name: pair(words) for name, words in WORDS.items()},
        "tables": [],
        STRATEGY: {
            "plans": order,
            **matrix(run),
            "subsets": subsets(run),
            "ledger": ledger(run, names),
            "timeline": timeline(run, names),
            "tables": _tables(run, pages),
        },
    }
    return put_together(
        data,
        store,
        parts=whole.parts,
        scripts=SCRIPTS,
        styles=(*PAGE_STYLES, "strategy.css"),
        hosts=whole.hosts,
    )


def _tables(run: Run, pages: Container[str]) -> list[dict[str, Any]]:
    """Give the tables of a strategy for the shelf; rows of subsets name the land of their plans."""
    order = {name: place for place, name in enumerate(FIRST)}
    own = (_readable(one) for one in run.result.tables if one.id not in OWN)
    kept = tuple(sorted(own, key=lambda one: order.get(one.id, len(FIRST))))
    listed = [one for one in kept if not one.chart]
    bare = replace(run, result=replace(run.result, tables=kept, claims=()))
    told = zip(listed, panel.tables(bare, pages), strict=True)
    return [
        {"id": one.id, **table, **(_subsets(run, table) if one.id == "subsets" else {})}
        for one, table in told
    ]


def _readable(table: Table) -> Table:
    kept = tuple(one for one in table.columns if one.name not in CODES)
    return replace(table, columns=kept)


def _subsets(run: Run, table: Mapping[str, Any]) -> dict[str, Any]:
    """Give the features that rows of subsets name: the land of their plans."""
    frames: Any = [one.data for one in run.result.layers if one.id == LAND]
    known = {str(label) for frame in frames for label in frame.index}
    codes = [str(row["codes"]).split(";") for row in rows(run, "subsets")][: len(table["rows"])]
    features = [[one for one in own if one in known] for own in codes]
    return {"layer": LAND if known else "", "features": features}

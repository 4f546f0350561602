"""The words of the page itself, Chinese and English, and the words of units."""

from __future__ import annotations

import re
from collections.abc import Container, Mapping
from typing import Any

import numpy as np

from scenarios.result import Column

UI: dict[str, tuple[str, str]] = {
    "title": ("规划情景", "Planning scenario"),
    "answer": ("结论", "Answer"),
    "indicators": ("关键指标", "Key indicators"),
    "further": ("其他指标", "Further indicators"),
    "charts": ("图表", "Charts"),
    "checks": ("合规与质量检查", "Checks"),
    "tables": ("数据表", "Tables"),
    "legend": ("图例", "Legend"),
    "layers": ("图层", "Layers"),
    "search": ("按名称或编号查找", "Search by name or id"),
    "nothing": ("没有找到", "nothing found"),
    "measure": ("量测", "Measure"),
    "measure_hint": (
        "点击量测，双击或回车结束，Esc 清除",
        "Click; double click or Enter ends; Esc clears",
    ),
    "length": ("长度", "length"),
    "area": ("面积", "area"),
    "fullscreen": ("全屏", "Full screen"),
    "whole": ("全县", "Whole county"),
    "compare": ("前后对比", "Compare"),
    "before": ("现状", "Baseline"),
    "after": ("情景", "Scenario"),
    "difference": ("差异", "Difference"),
    "both": ("共用", "Both"),
    "lang": ("中 / EN", "EN / 中"),
    "lang_hint": ("切换语言", "Switch language"),
    "export": ("导出 GeoJSON", "Export GeoJSON"),
    "export_hint": (
        "导出当前可见矢量图层（显示精度，分析请用 GeoPackage）",
        "Exports the visible vector layers (display precision; analyse the GeoPackage)",
    ),
    "print": ("打印 A3", "Print A3"),
    "states": ("情景切换", "Scenario states"),
    "map": ("地图", "Map"),
    "north": ("北", "N"),
    "lon": ("经度", "Lon"),
    "lat": ("纬度", "Lat"),
    "swipe": ("前后对比滑块", "Before / after swipe"),
    "close": ("关闭", "Close"),
    "here": ("此处数值", "Values here"),
    "rules": ("约束规则", "Rules that bind it"),
    "source": ("数据来源", "Source"),
    "identity": ("编号", "Id"),
    "unknown": ("未知", "unknown"),
    "yes": ("是", "yes"),
    "no": ("否", "no"),
    "remedy": ("处理", "what to do"),
    "gaps": ("未知及原因", "Not known, and why"),
    "found": ("实际", "found"),
    "allowed": ("要求", "required"),
    "verified": ("已核实", "verified"),
    "secondary": ("转引", "secondary"),
    "unverified": ("未核实", "unverified"),
    "county_line": ("县界", "County boundary"),
    "measured": ("量测结果", "Measured"),
    "author": ("制图单位", "Drawn by"),
    "date": ("制图日期", "Date"),
    "review": ("审图号", "Map approval no."),
    "statutory": ("非法定图件", "not a statutory map"),
    "skip": ("跳到地图", "Skip to the map"),
    "light": ("在地图上显示", "Show on the map"),
    "zoom_in": ("放大", "Zoom in"),
    "zoom_out": ("缩小", "Zoom out"),
    "widen": ("在大窗口中查看", "Look at it in a large window"),
    "more": ("另有 0 行，见数据表文件", "0 more rows in the table's file"),
    "hidden_more": ("另有 0 项，见图页", "0 more on the page"),
    "chosen": ("选定", "chosen"),
    "front_hint": ("左右方向键逐点查看", "Arrow keys go from point to point"),
    "profile": ("纵断面", "Profile"),
    "profile_hint": (
        "纵断面：左右方向键移动，Home/End 到两端",
        "Profile: arrow keys move the cursor, Home and End go to the ends",
    ),
    "ground": ("地面线", "Ground"),
    "design": ("设计线", "Design line"),
    "cut": ("挖方", "Cut"),
    "fill": ("填方", "Fill"),
    "earth": ("路基", "Earthwork"),
    "bridge": ("桥梁", "Bridge"),
    "tunnel": ("隧道", "Tunnel"),
    "grade": ("坡度", "Grade"),
    "station": ("桩号", "Chainage"),
    "stretched": ("高程放大", "Heights stretched"),
    "fold": ("收起或展开", "Fold or unfold"),
    "runs": ("情景运行", "Scenario runs"),
    "page": ("打开图页", "Open the page"),
    "qgis": ("QGIS（带样式）", "QGIS (styled)"),
    "geopackage": ("GeoPackage", "GeoPackage"),
    "geojson": ("GeoJSON", "GeoJSON"),
    "csv": ("数据表 CSV", "Tables, CSV"),
    "proofs": ("证书", "Certificates"),
    "claims": ("用量与义务", "Used and owed"),
    "question": ("规划问题", "Question"),
    "quality": ("数据质量", "Quality"),
}

VERDICTS: dict[str, tuple[str, str]] = {
    "pass": ("达标", "PASS"),
    "fail": ("未达标", "FAIL"),
    "over": ("超限", "FAIL"),
    "breach": ("违规", "FAIL"),
    "approval": ("需报批", "APPROVAL"),
    "unknown": ("未知", "UNKNOWN"),
    "better": ("改善", "BETTER"),
    "worse": ("变差", "WORSE"),
    "same": ("不变", "SAME"),
}

CLAIMS: dict[str, tuple[str, str]] = {
    "land": ("用地", "Land"),
    "people": ("搬迁人口", "People moved"),
    "yuan": ("资金", "Money"),
    "water": ("用水", "Water"),
    "energy": ("用能", "Energy"),
    "carbon": ("碳排放", "Carbon"),
    "cropland_owed": ("须补充耕地", "Cropland owed"),
}

_UNITS = {
    "ha": "公顷",
    "mu": "亩",
    "persons": "人",
    "people": "人",
    "person": "人",
    "10k CNY": "万元",
    "years": "年",
    "count": "个",
    "yuan": "元",
    "tce/a": "吨标准煤/年",
    "tCO₂/a": "吨 CO₂/年",
    "m³/a": "m³/年",
    "person-min": "人·分钟",
    "yuan/person-min": "元/人·分钟",
}


def unit_words(unit: str) -> tuple[str, str]:
    """Give a unit in both languages; international symbols stay as they are.

    >>> unit_words("ha"), unit_words("min"), unit_words("块 fields"), unit_words("万元/km")
    (('公顷', 'ha'), ('min', 'min'), ('块', 'fields'), ('万元/km', '10k CNY/km'))
    """
    both = re.fullmatch(r"([\u4e00-\u9fff]+) (.*[A-Za-z].*)", unit)
    if both:
        return both[1], both[2]
    return _UNITS.get(unit, unit), unit.replace("万元", "10k CNY").replace("万m", "10⁴ m")


def pair(words: Any) -> list[str]:
    """Give words in both languages as the page embeds them."""
    return [words.zh, words.en]


def english(name: str, names: Container[str]) -> str:
    """Name the column that says another one in English; nothing where there is none.

    >>> english("what", {"what", "what_en"}), english("title_zh", ["title_en"]), english("m", [])
    ('what_en', 'title_en', '')
    """
    own = f"{name.removesuffix('_zh')}_en"
    return own if own in names else ""


def told(row: Mapping[str, Any], column: Column) -> tuple[str, str] | None:
    """Give a cell that holds words in both languages; none where it holds nothing.

    The title of a code, else the text as it stands, with the English of a column that says it.

    >>> from geo.words import Text
    >>> from scenarios.result import Category
    >>> bridge = Category("bridge", Text("桥梁", "Bridge"))
    >>> told({"kind": "bridge"}, Column("kind", bridge.title, categories=(bridge,)))
    ('桥梁', 'Bridge')
    >>> told({"name": "甲", "name_en": "A"}, Column("name", bridge.title))
    ('甲', 'A')
    """
    value = plain(row.get(column.name))
    if value is None:
        return None
    for one in column.categories:
        if one.code == str(value):
            return one.title.zh, one.title.en
    other = plain(row.get(english(column.name, row)))
    return str(value), str(value if other is None else other)


def plain(value: Any) -> Any:
    """Give a cell as JSON holds it: no value as null, numbers, truth and text as they are.

    >>> plain(float("nan")), plain(np.int64(3)), plain(np.bool_(True))
    (None, 3, True)
    """
    if isinstance(value, np.generic):
        value = value.item()
    if value is None or value != value or value in (float("inf"), float("-inf")):  # noqa: PLR0124 - NaN alone differs from itself
        return None
    return value if isinstance(value, bool | int | float) else str(value)


NOT_STATED = ("未注明", "not stated")
MARK = " ‖ "  # as layers.source.both puts it between the languages of a source's words


def said(text: str) -> tuple[str, str]:
    """Give words of a source in both languages; "not stated" is stored in both at once.

    >>> said("未注明 ‖ not stated"), said("NASA")
    (('未注明', 'not stated'), ('NASA', 'NASA'))
    """
    zh, en = NOT_STATED
    zh_text = en_text = text
    for both in (f"{zh}{MARK}{en}", f"{zh} {en}"):  # older folders have a blank between
        zh_text, en_text = zh_text.replace(both, zh), en_text.replace(both, en)
    return zh_text, en_text


def number(value: float, decimals: int) -> str:
    """Write a number with grouped thousands and a true minus; no sign on zero.

    >>> number(-1032.04, 1), number(-0.04, 1)
    ('−1,032.0', '0.0')
    """
    text = f"{value:,.{max(decimals, 0)}f}"
    if re.fullmatch(r"-0(\.0*)?", text):
        text = text[1:]
    return text.replace("-", "−")

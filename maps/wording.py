"""The words of the page itself, Chinese and English, and the words of units."""

from __future__ import annotations

import re
from collections.abc import Container, Mapping
from typing import Any

import numpy as np

from geo import words
from geo.words import Lang, Text
from scenarios.result import Column

UI: Mapping[str, Text] = {
    "title": Text("规划情景", "Planning scenario"),
    "answer": Text("结论", "Answer"),
    "answer_of": Text(
        "结论按{0}撰写；指标、检查与地图现为{1}。",
        "The answer is written for {0}; figures, checks and map show {1}.",
    ),
    "indicators": Text("关键指标", "Key indicators"),
    "further": Text("其他指标", "Further indicators"),
    "charts": Text("图表", "Charts"),
    "checks": Text("合规与质量检查", "Checks"),
    "tables": Text("数据表", "Tables"),
    "legend": Text("图例", "Legend"),
    "layers": Text("图层", "Layers"),
    "search": Text("按名称或编号查找", "Search by name or id"),
    "nothing": Text("未找到", "nothing found"),
    "measure": Text("量测", "Measure"),
    "measure_hint": Text(
        "点击量测，双击或回车结束，Esc 清除",
        "Click; double click or Enter ends; Esc clears",
    ),
    "length": Text("长度", "length"),
    "area": Text("面积", "area"),
    "fullscreen": Text("全屏", "Full screen"),
    "whole": Text("全县", "Whole county"),
    "to_extent": Text("回到结果范围", "Back to the extent of the results"),
    "opacity": Text("不透明度", "Opacity"),
    "filter": Text("筛选行", "Filter rows"),
    "of_rows": Text("{0} / {1} 行", "{0} of {1} rows"),
    "all_values": Text("全部属性（0 项）", "All values (0)"),
    "all_grounds": Text("全部规则与来源（0 条）", "All rules and sources (0)"),
    "back": Text("返回", "Back"),
    "compare": Text("前后对比", "Compare"),
    "before": Text("现状", "Baseline"),
    "after": Text("情景", "Scenario"),
    "difference": Text("差异", "Difference"),
    "planned": Text("方案", "Plan"),
    "alternatives": Text("方案选择", "Alternatives"),
    "choose": Text("查看此方案", "Look at this alternative"),
    "to_station": Text("定位到桩号", "Go to the station"),
    "search_stations": Text("按名称、编号或桩号查找", "Search by name, id or station"),
    "shelf": Text("数据表", "Tables"),
    "both": Text("共用", "Both"),
    "lang": Text("中 / EN", "EN / 中"),
    "lang_hint": Text("切换语言", "Switch language"),
    "export": Text("导出 GeoJSON", "Export GeoJSON"),
    "export_hint": Text(
        "导出当前可见矢量图层（显示精度，分析请用 GeoPackage）",
        "Exports the visible vector layers (display precision; analyse the GeoPackage)",
    ),
    "print": Text("打印 A3", "Print A3"),
    "plan_profile": Text("路线平纵面图", "Plan and profile"),
    "print_order": Text("出图设置", "Printing"),
    "print_now": Text("打印", "Print"),
    "picture": Text("下载 PNG 图片", "Download as PNG"),
    "map_only": Text("仅图（不附结论、指标与检查）", "Map only, no answer, figures, checks"),
    "with_tables": Text("附全部数据表（张数不限）", "All data tables, on as many sheets as needed"),
    "sheet_title": Text("图名", "Title"),
    "extent": Text("图幅范围", "Extent"),
    "extent_run": Text("情景涉及范围", "What the scenario is about"),
    "extent_county": Text("全县", "Whole county"),
    "extent_screen": Text("屏幕所见范围", "What the screen shows"),
    "sheet_of": Text("第 {k} 张，共 {n} 张", "Sheet {k} of {n}"),
    "scale": Text("比例尺", "Scale"),
    "at_a3": Text("（A3 幅面）", "(at A3)"),
    "in_columns": Text("见正文栏", "see the columns"),
    "compared": Text("前后对比（左：现状，右：情景）", "Baseline left, scenario right"),
    "alternative": Text("方案：", "Alternative: "),
    "urgent": Text("未达标、需报批与未知的检查", "Checks failed, for approval, unknown"),
    "passed": Text("达标的检查", "Checks passed"),
    "states": Text("情景切换", "Scenario states"),
    "map": Text("地图", "Map"),
    "north": Text("北", "N"),
    "lon": Text("经度", "Lon"),
    "lat": Text("纬度", "Lat"),
    "swipe": Text("前后对比滑块", "Before / after swipe"),
    "close": Text("关闭", "Close"),
    "here": Text("此处数值", "Values here"),
    "rules": Text("约束规则", "Rules that bind it"),
    "source": Text("数据来源", "Source"),
    "identity": Text("编号", "Id"),
    "unknown": Text("未知", "unknown"),
    "yes": Text("是", "yes"),
    "no": Text("否", "no"),
    "remedy": Text("处理", "what to do"),
    "gaps": Text("未知及原因", "Not known, and why"),
    "found": Text("实际", "found"),
    "allowed": Text("要求", "required"),
    "verified": Text("已核实", "verified"),
    "secondary": Text("转引", "secondary"),
    "unverified": Text("未核实", "unverified"),
    "county_line": Text("县界", "County boundary"),
    "measured": Text("量测结果", "Measured"),
    "author": Text("制图单位", "Drawn by"),
    "date": Text("制图日期", "Date"),
    "review": Text("审图号", "Map approval no."),
    "statutory": Text("非法定图件", "not a statutory map"),
    "skip": Text("跳到地图", "Skip to the map"),
    "light": Text("在地图上显示", "Show on the map"),
    "zoom_in": Text("放大", "Zoom in"),
    "zoom_out": Text("缩小", "Zoom out"),
    "widen": Text("在大窗口中查看", "Look at it in a large window"),
    "more": Text("另有 0 行，见数据表文件", "0 more rows in the table's file"),
    "chosen": Text("选定", "chosen"),
    "front_hint": Text("左右方向键逐点查看", "Arrow keys go from point to point"),
    "profile": Text("纵断面", "Profile"),
    "profile_hint": Text(
        "纵断面：左右方向键移动，Home/End 到两端",
        "Profile: arrow keys move the cursor, Home and End go to the ends",
    ),
    "ground": Text("地面线", "Ground"),
    "design": Text("设计线", "Design line"),
    "cut": Text("挖方", "Cut"),
    "fill": Text("填方", "Fill"),
    "earth": Text("路基", "Earthwork"),
    "bridge": Text("桥梁", "Bridge"),
    "tunnel": Text("隧道", "Tunnel"),
    "grade": Text("坡度", "Grade"),
    "station": Text("桩号", "Chainage"),
    "stretched": Text("高程放大", "Heights stretched"),
    "fold": Text("收起或展开", "Fold or unfold"),
    "runs": Text("情景运行结果", "Scenario runs"),
    "search_runs": Text(
        "查找：标题、参数、地点、指标", "Search: titles, parameters, places, figures"
    ),
    "by_question": Text("按规划问题筛选", "By question"),
    "by_place": Text("按地点筛选", "By place"),
    "by_quality": Text("按数据质量筛选", "By quality"),
    "any_by_question": Text("全部问题", "All questions"),
    "any_by_place": Text("全部地点", "All places"),
    "any_by_quality": Text("全部质量等级", "All qualities"),
    "of_runs": Text("显示 {0} 个，共 {1} 个", "{0} of {1} shown"),
    "changed": Text("参数改动", "Changed"),
    "defaults": Text("均为默认值", "all defaults"),
    "data_of": Text("数据日期", "data of"),
    "page": Text("打开图页", "Open the page"),
    "qgis": Text("QGIS（带样式）", "QGIS (styled)"),
    "geopackage": Text("GeoPackage", "GeoPackage"),
    "geojson": Text("GeoJSON", "GeoJSON"),
    "csv": Text("数据表 CSV", "Tables, CSV"),
    "proofs": Text("证书", "Certificates"),
    "claims": Text("用量与义务", "Used and owed"),
    "question": Text("规划问题", "Question"),
    "quality": Text("数据质量", "Quality"),
    "skip_board": Text("跳到图表", "Skip to the charts"),
    "figure": Text("指标", "Figure"),
    "undrawn": Text(
        "{0} 次运行尚无图页；绘制：jingning maps 其文件夹",
        "{0} runs have no page yet; to draw them: jingning maps FOLDER",
    ),
    "search_measures": Text("查找：举措、问题、指标", "Search: measures, questions, figures"),
    "by_state": Text("按进展筛选", "By state"),
    "any_by_state": Text("全部进展", "All states"),
    "of_measures": Text("显示 {0} 条，共 {1} 条", "{0} of {1} shown"),
    "latest": Text("最近一次运行：", "Latest run:"),
    "by_measure": Text("按举措筛选", "By measure"),
    "any_by_measure": Text("全部举措", "All measures"),
}

SEVERAL: Mapping[str, Text] = {
    "measures": Text("政策举措", "Measures of the policy"),
    "strategy": Text("组合方案", "Strategies"),
    "compare": Text("方案比较", "Comparisons"),
    "sweep": Text("参数扫描", "Sweeps"),
}
"""What runs over several runs are called together, in the order in which the index has them."""

VERDICTS: Mapping[str, Text] = {
    "pass": Text("达标", "PASS"),
    "fail": Text("未达标", "FAIL"),
    "over": Text("超限", "FAIL"),
    "breach": Text("违规", "FAIL"),
    "approval": Text("需报批", "APPROVAL"),
    "unknown": Text("未知", "UNKNOWN"),
    "doubt": Text("存疑", "DOUBTFUL"),
    "better": Text("改善", "BETTER"),
    "worse": Text("变差", "WORSE"),
    "same": Text("不变", "SAME"),
}

HANDED_WORDS: Mapping[str, Text] = {
    "report.docx": Text("报告（Word）", "Report, Word"),
    "workbook.xlsx": Text("工作簿（Excel）", "Workbook, Excel"),
    "plan_profile.html": UI["plan_profile"],
    "project.qgz": Text("QGIS 工程", "QGIS project"),
    "road.dxf": Text("道路 DXF", "Road, DXF"),
    "road.xml": Text("道路线形 LandXML", "Road alignment, LandXML"),
    "edits.gpkg": Text("方案实施后图层", "Layers after the plan"),
    "README.txt": Text("文件说明", "About the files"),
    "dictionary.csv": Text("数据字典", "Data dictionary"),
    "manual.html": Text("使用手册", "Manual"),
    "sections": Text("横断面图", "Cross-sections"),
}
"""What files and folders beside a page are called, in the order in which they are offered."""

CLAIMS: Mapping[str, Text] = {
    "land": Text("用地", "Land"),
    "people": Text("搬迁人口", "People moved"),
    "yuan": Text("资金", "Money"),
    "water": Text("用水", "Water"),
    "energy": Text("用能", "Energy"),
    "carbon": Text("碳排放", "Carbon"),
    "cropland_owed": Text("须补充耕地", "Cropland owed"),
}


class PageError(RuntimeError):
    """A page cannot be drawn; a command tells it in its language by `said`."""

    exit_code = 1

    def __init__(self, message: Text) -> None:
        self.message = message
        super().__init__(message.en)

    def said(self, lang: Lang) -> str:
        """Give the message in a language."""
        return self.message.zh if lang == "zh" else self.message.en


class RefusedError(PageError):
    """What was given for a page or a report cannot be used."""

    exit_code = 3


def unit_words(unit: str) -> tuple[str, str]:
    """Give a unit in both languages; international symbols stay as they are.

    >>> unit_words("ha")
    ('公顷', 'ha')
    """
    both = words.unit_words(unit)
    return both.zh, both.en


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


NOT_STATED = Text("未注明", "not stated")
MARK = " ‖ "  # as layers.source.both puts it between the languages of a source's words


def said(text: str) -> tuple[str, str]:
    """Give words of a source in both languages; "not stated" is stored in both at once.

    >>> said("未注明 ‖ not stated"), said("NASA")
    (('未注明', 'not stated'), ('NASA', 'NASA'))
    """
    zh, en = NOT_STATED.zh, NOT_STATED.en
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

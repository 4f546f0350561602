"""The words of the manual itself."""

from __future__ import annotations

from collections.abc import Mapping

from geo.words import Text

WORDS: Mapping[str, Text] = {
    "manual": Text("使用手册", "Manual"),
    "about": Text(
        "由程序生成：问题、参数、规则、图层与命令均取自程序本身",
        "Made by the program of its own questions, parameters, rules, layers and commands",
    ),
    "contents": Text("目录", "Contents"),
    "search_manual": Text(
        "查找：坡度、walk_factor、退出码…", "Search: slope, walk_factor, exit code…"
    ),
    "matches": Text("符合 {n} 条", "{n} found"),
    "print_manual": Text("打印", "Print"),
    "hour": Text("第一个小时", "The first hour"),
    "hour_lead": Text(
        "从检查环境到移交成果，按顺序操作一遍。命令逐行输入；配图由程序在虚构示例县上实际运行后绘制。",
        "From a look at the installation to handing a result on. Type the lines one by one; the "
        "pictures are drawn from a real run on a made-up county.",
    ),
    "questions": Text("规划问题", "Planning questions"),
    "questions_lead": Text(
        "每个问题以 jingning run 加问题名运行。参数用 --set 名=值 改动；问题默认值、县域设定、"
        "脚本、--set 依次覆盖，后者优先。",
        "A question runs by jingning run and its name. --set NAME=VALUE changes a parameter; what "
        "counts is the question's default, then what the county sets, the script, and --set last.",
    ),
    "scripts": Text("随县脚本", "Ready-made scripts"),
    "scripts_lead": Text(
        "随附县域提供的脚本，以 jingning run 加脚本名运行。",
        "Scripts kept with the shipped county; they run by jingning run and their name.",
    ),
    "rules": Text("规则", "Rules"),
    "rules_lead": Text(
        "判定所依据的规则，各有文件、条款、效力期与核对情况。≥、≤ 含该数，>、< 不含。"
        "未注明效力期的，没有期限或期限不详。正式使用前应核对原文。",
        "The rules by which verdicts are given, with document, clause, validity and standing. ≥, "
        "≤ include the figure, > and < do not. Where no day is given there is none, or it is not "
        "known. Read the documents themselves before relying on them.",
    ),
    "layers": Text("图层", "Layers"),
    "layers_lead": Text(
        "县域可以有的图层及其字段。必填为“主键”的字段每行唯一，不得为空。",
        "The layers a county may have, with their fields. A key is unique and never empty.",
    ),
    "qualities": Text("数据质量", "Quality of data"),
    "qualities_lead": Text(
        "每个图层注明质量，由高到低如下；结果取所用图层中最低的一级。",
        "Every layer tells its quality, best first; a result has the worst among its layers.",
    ),
    "commands": Text("命令", "Commands"),
    "commands_lead": Text(
        "各命令均可加 -h 或 --help 显示帮助。方括号内的内容可以省略。",
        "Each command shows its help by -h or --help. What stands in brackets may be left out.",
    ),
    "codes": Text("退出码", "Exit codes"),
    "codes_lead": Text(
        "命令结束时返回的数，供脚本和计划任务判断。",
        "The number a command ends with, for scripts and schedulers.",
    ),
    "measures": Text("对应举措", "Measures"),
    "needs": Text("必需图层", "Needs layers"),
    "uses": Text("可用图层", "Uses, if there"),
    "terrain": Text("地形要求", "Terrain"),
    "terrain_m": Text("源数据高程间距不大于 {n} m", "heights in its source at most {n} m apart"),
    "method": Text("方法与局限", "Method and limits"),
    "none": Text("无", "none"),
    "parameter": Text("参数", "Parameter"),
    "unit": Text("单位", "Unit"),
    "default": Text("默认值", "Default"),
    "range": Text("取值范围", "Range"),
    "source": Text("来源", "Source"),
    "script": Text("脚本", "Script"),
    "question": Text("问题", "Question"),
    "rule": Text("规则", "Rule"),
    "document": Text("文件与条款", "Document and clause"),
    "asks": Text("要求", "Asks"),
    "valid": Text("效力期", "Valid"),
    "standing": Text("核对情况", "Standing"),
    "approver": Text("批准机关", "May be approved by"),
    "field": Text("字段", "Field"),
    "kind": Text("类型", "Kind"),
    "values": Text("取值", "Values"),
    "required": Text("必填", "Required"),
    "needed_by": Text("必需此图层的问题", "Needed by"),
    "used_by": Text("可用此图层的问题", "Used by"),
    "quality": Text("质量", "Quality"),
    "meaning": Text("含义", "Meaning"),
    "indicator": Text("指标", "Indicator"),
    "as_it_is": Text("默认参数", "As it is"),
    "changed": Text("改动后", "Changed"),
    "option": Text("参数与选项", "Arguments and options"),
    "does": Text("说明", "What it does"),
    "choices": Text("可选值", "Choices"),
    "code": Text("代码", "Code"),
    "exit_code": Text("退出码", "Exit code"),
    "file": Text("文件", "File"),
    "answered": Text("命令的回答", "What the command answers"),
    "rows": Text("{what}：{n} 项", "{what}: {n}"),
    "parts": Text("共 {n} 节", "{n} parts"),
    "made_by": Text("程序代码", "code"),
}
REGIONS: Mapping[str, Text] = {
    "head": Text(
        "标题栏：情景名称、现状 / 情景切换、语言切换、导出与打印",
        "Head: the scenario, baseline and scenario, language, export and print",
    ),
    "answer": Text("结论：由计算结果组成的数句话", "The answer: a few sentences made of figures"),
    "cards": Text(
        "关键指标：数值、单位、较现状的变化与判定；点击后在地图上亮出构成该指标的要素",
        "Indicators: value, unit, change and verdict; a click lights up what makes the figure",
    ),
    "tools": Text(
        "工具：图层、查找、量测、全县、前后对比、全屏",
        "Tools: layers, search, measuring, whole county, compare, full screen",
    ),
    "map": Text(
        "地图：点击要素查看数值、约束规则与数据来源",
        "The map: click a feature for its values, the rules that bind it, and its source",
    ),
    "legend": Text("图例：只列当前打开的图层", "The legend: the layers that are on"),
    "charts": Text("图表与数据表", "Charts and tables"),
    "checks": Text(
        "检查：达标、未达标、需报批、未知，各注明依据的规则",
        "Checks: pass, fail, approval, unknown, each with the rule it stands on",
    ),
    "footer": Text(
        "页脚：与默认不同的参数、坐标系、数据日期与质量、运行编号",
        "Foot: parameters that differ, CRS, date and quality of the data, id of the run",
    ),
}
"""What each region of a page is for, in the order in which the picture numbers them."""

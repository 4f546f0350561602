"""The first hour of a planner with the toolkit: steps, and the lines to type.

The lines are typed by the tests; names of scripts and questions are those that are there.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from geo.words import Text
from layers.folder import scripts
from scenarios.running import COUNTY

QUESTION = "access"
"""The question of the first hour."""
CHANGE: Mapping[str, Any] = MappingProxyType({"walk_factor": 0.8})
"""The parameter of it that is changed, and to what."""


def steps() -> list[dict[str, Any]]:
    """Give the steps: title, words, lines to type, and the picture that belongs to each."""
    return [*_asking(), *_reading(), *_handing_on()]


def _step(title: Text, words: Text, *lines: str, picture: str = "") -> dict[str, Any]:
    return {"title": title, "words": words, "lines": list(lines), "picture": picture}


def _asking() -> list[dict[str, Any]]:
    """Tell how a question is asked."""
    return [
        _step(
            Text("检查运行环境", "Look at what is installed"),
            Text(
                "安装方法见随附的说明文件。首先检查各组件的版本、浏览器与中文字体；标 ✗ 的，"
                "按其后的说明处理。",
                "README says how to install. First look at versions, browser and Chinese fonts; "
                "what is marked ✗ says what to do about it.",
            ),
            "jingning doctor",
        ),
        _step(
            Text("了解可以回答哪些问题", "See which questions there are"),
            Text(
                "list 列出全部规划问题和随县提供的脚本；describe 说明某个问题的方法、局限、所需图层"
                "与各项参数。",
                "list names the planning questions and the scripts kept with the county; describe "
                "tells the method, limits, layers and parameters of one.",
            ),
            "jingning list",
            f"jingning describe {QUESTION}",
        ),
        _step(
            Text("运行第一个情景", "Run the first scenario"),
            Text(
                "结果写入 out 文件夹，图页随即在浏览器中打开。首次运行须先编译，约需一分钟；"
                "输入、参数与程序均未变的，再次运行直接沿用已有结果。命令行先给出结论，再列各项"
                "指标与检查。下图为虚构示例县上的实际运行结果。",
                "The result goes into the folder out and its page opens in the browser. The first "
                "run compiles, for about a minute; where inputs, parameters and code are the same, "
                "the former result is taken. The command tells the answer, then figures and "
                "checks. The picture is a real run on a made-up county.",
            ),
            f"jingning run {QUESTION} --open",
            picture="told",
        ),
    ]


def _reading() -> list[dict[str, Any]]:
    """Tell how an answer is read, and asked for again with a parameter changed."""
    changes = " ".join(f"--set {name}={value}" for name, value in CHANGE.items())
    return [
        _step(
            Text("看懂图页", "Read the page"),
            Text(
                "图页为单个文件，不需要网络，复制到任何办公电脑均可打开。各区域的用途见图下说明。",
                "The page is one file and needs no network: it opens on any office computer. What "
                "each region is for stands below the picture.",
            ),
            picture="page",
        ),
        _step(
            Text("调整参数，比较结果", "Change a parameter and compare"),
            Text(
                "参数的单位、范围与来源见“问题”一章。另存为一个运行文件夹，再与原结果并排比较。"
                "下表为示例县上两次运行的指标。",
                "Units, ranges and sources of parameters stand in the chapter on questions. Keep "
                "the new run in a folder of its own and hold both side by side. Below stand the "
                "figures of both runs on the made-up county.",
            ),
            f"jingning run {QUESTION} {changes} -o out/changed --open",
            f"jingning compare out/{QUESTION} out/changed --open",
            picture="changed",
        ),
    ]


def _handing_on() -> list[dict[str, Any]]:
    """Tell of scripts, of layers of one's own, and of what leaves the house."""
    ready = [f"jingning run {name} --open" for name in list(scripts(COUNTY))[:1]]
    return [
        _step(
            Text("使用随县脚本", "Use a ready-made script"),
            Text(
                "脚本把一个问题与一组参数存为文件，便于复核和重复运行；运行前先检查。",
                "A script keeps a question with its parameters in a file, to be checked and run "
                "again; validate it before it runs.",
            ),
            *(
                line.replace("jingning run", "jingning validate").removesuffix(" --open")
                for line in ready
            ),
            *ready,
        ),
        _step(
            Text("换用本单位的数据", "Bring in your own data"),
            Text(
                "新建县域文件夹，逐一导入图层并检查。各图层的字段见“图层”一章；字段名不同的，用 "
                "--field 对应。现有图层不会丢失，可以撤销。",
                "Make a county folder, bring layers in one by one and check them. Their fields "
                "stand in the chapter on layers; --field maps names that differ. A layer that "
                "stood before is not lost and can be taken back.",
            ),
            "jingning layers new mycounty --id mycounty --name mycounty --crs EPSG:4549",
            "jingning layers import mycounty outline.geojson --as outline --field code=CODE",
            "jingning layers import mycounty dem.tif --as dem",
            "jingning layers check mycounty",
        ),
        _step(
            Text("复核与移交", "Verify and hand on"),
            Text(
                "validate 复核运行文件夹的每个文件及其证书；maps 重新绘制 out 下的"
                "全部图页和索引页；manual 在旁边写出本手册，下次绘制的索引页链接到它。"
                "移交时复制整个运行文件夹，其中的文件见下表；图页可打印为 A3 图。",
                "validate re-checks every file of a run folder and its certificates; maps draws "
                "all pages below out and their index again; manual writes this manual beside it, "
                "and the next index links to it. To hand a run on, copy its whole folder, with "
                "the files below. The page prints on A3.",
            ),
            f"jingning validate out/{QUESTION}",
            "jingning maps out",
            "jingning manual -o out/manual.html",
            picture="folder",
        ),
    ]

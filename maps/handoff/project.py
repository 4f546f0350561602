"""project.qgz: the run as a project of QGIS."""

from __future__ import annotations

from collections.abc import Iterator

from geo.words import Text
from maps.handoff.file import File
from maps.handoff.zipped import zipped
from maps.qgis.project import project
from maps.wording import HANDED_WORDS
from scenarios.result import Run

NAME = "project.qgz"
TITLE = HANDED_WORDS[NAME]
ABOUT = Text(
    "QGIS 3.22 及以上直接打开：图层分组、样式、字段别名与 A3 图幅；须与本文件夹其他文件放在一起",
    "opens in QGIS 3.22 and later: groups, styles, column titles and an A3 sheet; keep it in this "
    "folder",
)


def files(run: Run) -> Iterator[File]:
    """Give the project of a run that has layers."""
    content = project(run)
    if content:
        yield File(NAME, TITLE, ABOUT, zipped({"project.qgs": content.encode()}))

"""The command `new`: what it takes, and a county made of open data."""

from __future__ import annotations

import argparse
from pathlib import Path

from geo.errors import UsageError
from geo.words import Text
from layers.console import here, say

HEAD = {
    "id": Text("短名，如 jingning", "short name, such as jingning"),
    "name": Text("中文名", "Chinese name"),
    "name-en": Text("英文名；不写则同短名", "English name (the id)"),
    "crs": Text("以米为单位的投影坐标系：EPSG:4549", "projected, in metres: EPSG:4549"),
}
NEEDED = ("id", "name", "crs")
"""What an empty county needs to be told."""
TITLE = Text(
    "由公开数据建县（只读本地文件，不下载）；短名、名称、坐标系可不写",
    "a county from open data (local files only, nothing is downloaded); id, name, CRS may be left",
)
OPEN = {
    "outline": Text("县界文件", "file with the county's outline"),
    "from": Text("存放已下载文件的文件夹", "folder of files as they were downloaded"),
    "tables": Text(
        "替换随附对照表的文件夹（roads.csv 等，见 layers/opendata/tables）",
        "folder of tables in place of the shipped ones (roads.csv …; see layers/opendata/tables)",
    ),
    "level": Text(
        "OpenStreetMap 中乡镇的 admin_level", "admin_level of townships in OpenStreetMap"
    ),
}
LEVEL = "8"
ABOUT = ("quality", "publisher", "licence", "retrieved")
"""What may be said of the outline, by the options of `import`."""


def options(one: argparse.ArgumentParser, sources: dict[str, Text]) -> None:
    """Add what `new` takes; `sources` are the words of the options on a source."""
    folder = Text("新文件夹", "a folder that is not there yet")
    one.add_argument("folder", type=Path, help=here(folder))
    for name, words in HEAD.items():
        one.add_argument(f"--{name}", default="", help=here(words))
    group = one.add_argument_group(here(TITLE))
    for name, words in OPEN.items():
        typed, default = (str, LEVEL) if name == "level" else (Path, None)
        where = "downloads" if name == "from" else name  # `from` is a word of Python
        group.add_argument(f"--{name}", dest=where, type=typed, default=default, help=here(words))
    group = one.add_argument_group(here(Text("县界的来源", "the source of the outline")))
    for name in ABOUT:
        group.add_argument(f"--{name}", default="", help=here(sources[name]))


def opened(chosen: argparse.Namespace) -> bool:
    """Say whether a county of open data is asked for.

    Raises
    ------
    UsageError
        If something is lacking for the one or the other.
    """
    data = [name for name in ("outline", "downloads") if getattr(chosen, name)]
    if len(data) == 2:
        return True
    lacking = [f"--{name}" for name in NEEDED if not getattr(chosen, name)]
    if data:
        lacking = ["--from" if data == ["outline"] else "--outline"]
    if lacking:
        names = ", ".join(lacking)
        raise UsageError(
            Text(f"缺少参数：{names}", f"the following arguments are required: {names}")
        )
    return False


def new(chosen: argparse.Namespace) -> int:
    """Make a county of open data, and say what was made of each file."""
    from layers.intake.coordinates import named
    from layers.intake.reading import Options
    from layers.opendata.county import Wanted, county
    from layers.opendata.telling import tell

    crs = named(chosen.crs).to_string() if chosen.crs else ""
    about = Options(**{name: getattr(chosen, name) for name in ABOUT})
    words = (chosen.id, chosen.name, chosen.name_en, crs, chosen.level)
    wanted = Wanted(*words, tables=chosen.tables, about=about)
    tell(chosen.folder, county(chosen.folder, chosen.outline, chosen.downloads, wanted, say))
    if chosen.after:
        chosen.after(chosen.folder)
    return 0

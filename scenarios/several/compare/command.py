"""`jingning compare RUN RUN … [-o FOLDER]`."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from geo.words import Text
from layers.console import here

if TYPE_CHECKING:  # heavy; --help does without
    from scenarios.several.compare.staleness import Since

HELP = Text("并排比较几个情景运行结果", "hold the results of several runs side by side")
MOST = 200


def options(parser: argparse.ArgumentParser) -> None:
    """Add the options of the command."""
    words = Text(
        "运行文件夹，至少两个；与第一个相比", "run folders, two at least; the first is the base"
    )
    parser.add_argument("folders", nargs="+", type=Path, metavar="RUN", help=here(words))
    words = Text("写到哪个文件夹；默认 out/compare", "where it goes; out/compare unless said")
    default = Path("out") / "compare"
    parser.add_argument("-o", "--output", type=Path, default=default, help=here(words))
    words = Text(
        "县域：结果之后其图层是否已改变；默认为随附的同名县域",
        "county whose layers may have changed since the runs; else the shipped one of their name",
    )
    parser.add_argument("--county", metavar="NAME|FOLDER", default="", help=here(words))


def obey(chosen: argparse.Namespace) -> Path:
    """Compare the runs, write the folder, tell the answer.

    Raises
    ------
    UsageError
        If there are fewer than two runs, or more than can be compared; if the folder is one of
        them or holds `runs` of something else; if no run is of the county given.
    FileError
        If a folder holds no whole run, or there is no such county.
    """
    from geo.errors import UsageError
    from scenarios.result import load
    from scenarios.running.runs import save
    from scenarios.running.showing import showing
    from scenarios.several.compare.comparing import compared
    from scenarios.several.compare.keeping import keep, require_free
    from scenarios.several.compare.staleness import since
    from scenarios.several.labels import letter

    folders: Sequence[Path] = chosen.folders
    if not 2 <= len(folders) <= MOST:
        words = Text(f"请给出 2 至 {MOST} 个运行文件夹", f"give 2 to {MOST} run folders")
        raise UsageError(words)
    require_free(chosen.output, folders)
    with showing() as now:
        now.tell("load")
        runs = [load(folder) for folder in folders]
        now.tell("run")
        aged = since(runs, chosen.county)
        run = compared(runs, aged=aged)
        now.tell("save")
        save(run, chosen.output)
        keep({letter(n): folder for n, folder in enumerate(folders)}, chosen.output)
    for sentence in (*run.result.answer, *_told(aged)):
        print(here(sentence))
    output: Path = chosen.output
    print(here(Text(f"对比文件夹：{output}", f"folder: {output}")))
    return output


def _told(aged: Mapping[str, Since]) -> Iterator[Text]:
    """Say which runs are older than layers or code, and of which that is not known."""
    for name, one in aged.items():
        if one.changed.zh:
            zh, en = one.changed.zh, one.changed.en
            yield Text(f"! {name}：运行后已改变：{zh}", f"! {name}: changed since the run: {en}")
    for name, one in aged.items():
        if one.unknown.zh:
            zh, en = one.unknown.zh, one.unknown.en
            yield Text(f"? {name}：是否已改变未知：{zh}", f"? {name}: changed since or not: {en}")

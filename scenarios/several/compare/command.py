"""`jingning compare RUN RUN … [-o FOLDER]`."""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from geo.words import Text, joined
from layers.console import here

if TYPE_CHECKING:  # heavy; --help does without
    from scenarios.result import Run

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


def obey(chosen: argparse.Namespace) -> Path:
    """Compare the runs, write the folder, tell the answer.

    Raises
    ------
    UsageError
        If there are fewer than two runs, or more than can be compared; if the folder is one of
        them or holds `runs` of something else.
    FileError
        If a folder holds no whole run.
    """
    from geo.errors import UsageError
    from scenarios.result import load
    from scenarios.running.runs import save
    from scenarios.running.showing import showing
    from scenarios.several.compare.comparing import compared
    from scenarios.several.compare.keeping import keep, require_free
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
        run = compared(runs, stale=_stale(runs))
        now.tell("save")
        save(run, chosen.output)
        keep({letter(n): folder for n, folder in enumerate(folders)}, chosen.output)
    for sentence in run.result.answer:
        print(here(sentence))
    output: Path = chosen.output
    print(here(Text(f"对比文件夹：{output}", f"folder: {output}")))
    return output


def _stale(runs: Sequence[Run]) -> Mapping[str, Text]:
    """Say of which runs layers or code have changed since; of a county not at hand nothing."""
    from geo.errors import PlanningError
    from layers.county import load as county
    from scenarios.running.runs import code_version
    from scenarios.several.labels import letter

    now = code_version()
    why: dict[str, Text] = {}
    for place, run in enumerate(runs):
        try:
            known = {name: one.sha256 for name, one in county(run.county).sources.items()}
        except PlanningError:
            known = {}
        changed = [s.layer for s in run.sources if known.get(s.layer, s.sha256) != s.sha256]
        code = [Text("程序", "the code")] if run.code != now else []
        told = joined([*code, *changed])
        if told.zh:
            why[letter(place)] = Text(f"已改变：{told.zh}", f"changed since: {told.en}")
    return why

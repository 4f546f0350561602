"""`jingning measures FOLDER [-o FOLDER]`: the policy's measures, and what has been run for each."""

from __future__ import annotations

import argparse
from pathlib import Path

from geo.words import Text
from layers.console import here

HELP = Text(
    "政策各条举措由哪些问题回答、运行结果如何", "which questions answer the measures of the policy"
)


def options(parser: argparse.ArgumentParser) -> None:
    """Add the options of the command."""
    words = Text("其下有运行的文件夹，默认 out", "a folder above runs; out unless said")
    parser.add_argument(
        "folder", nargs="?", type=Path, metavar="FOLDER", default=Path("out"), help=here(words)
    )
    words = Text(
        "写到哪个文件夹；默认 FOLDER/measures", "where it goes; FOLDER/measures unless said"
    )
    parser.add_argument("-o", "--output", type=Path, metavar="FOLDER", help=here(words))


def obey(chosen: argparse.Namespace) -> Path:
    """Gather the runs below the folder by measure, write the folder, tell the answer.

    Raises
    ------
    FileError
        If a run below the folder was cut or changed since it was written.
    """
    from layers.county import load
    from scenarios.running.runs import save
    from scenarios.running.showing import showing
    from scenarios.several.below import below
    from scenarios.several.measures.findings import GROUND, measured
    from scenarios.several.measures.policy import policy

    told = policy()
    output: Path = chosen.output or chosen.folder / "measures"
    with showing() as now:
        now.tell("load")
        found = [one for one in below(chosen.folder) if one.run.scenario != "measures"]
        now.tell("read")
        county = load(told.county, only=GROUND)
        now.tell("run")
        run = measured(told, county, found, output)
        now.tell("save")
        save(run, output)
    for sentence in run.result.answer:
        print(here(sentence))
    print(here(Text(f"文件夹：{output}", f"folder: {output}")))
    return output

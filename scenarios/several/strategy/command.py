"""`jingning strategy NAME|FILE.toml [-o FOLDER]`: several plans in order, on one ledger."""

from __future__ import annotations

import argparse
from pathlib import Path

from geo.words import Text
from layers.console import here, spoken

HELP = Text("把几项规划按次序合成一本账", "several plans in order, on one ledger")


def options(parser: argparse.ArgumentParser) -> None:
    """Add the options of the command."""
    words = Text("随县组合方案名，或其文件", "a strategy kept with the county, or the file of one")
    parser.add_argument("what", metavar="NAME|FILE.toml", help=here(words))
    words = Text("县域；默认为文件所指", "county; the file's unless said")
    parser.add_argument("--county", metavar="NAME|FOLDER", default="", help=here(words))
    words = Text("写到哪个文件夹；默认 out/NAME", "where it goes; out/NAME unless said")
    parser.add_argument("-o", "--output", type=Path, metavar="FOLDER", help=here(words))


def obey(chosen: argparse.Namespace) -> Path:
    """Carry out the plans, write the folder, tell the answer.

    Raises
    ------
    UsageError
        If there is no such strategy, or naming all that is wrong in it.
    InputError
        If no plan can be carried out.
    """
    from layers.county import County
    from scenarios.running.runs import save
    from scenarios.running.showing import showing
    from scenarios.several.strategy.combining import combined
    from scenarios.several.strategy.reading import read

    folder: Path = chosen.output or Path("out") / Path(chosen.what).stem
    held: dict[str, County] = {}
    with showing() as now:
        now.tell("read")
        asked = read(chosen.what, county=chosen.county, lang=spoken(), held=held)
        plans = [*asked.strategy.plans, ""]

        def tell(done: int, total: int) -> None:
            name = plans[done]
            words = Text(f"规划 {done}/{total} {name}", f"plan {done} of {total} {name}")
            now.hear(words, done / total)

        run = combined(asked, folder, held=held, tell=tell)
        now.tell("save")
        save(run, folder)
    for sentence in run.result.answer:
        print(here(sentence))
    print(here(Text(f"组合方案文件夹：{folder}", f"folder: {folder}")))
    return folder

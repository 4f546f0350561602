"""`jingning sweep NAME --over KEY=VALUES …`: a question over many values of its parameters."""

from __future__ import annotations

import argparse
from contextlib import nullcontext
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from geo.words import Text
from layers.console import here, spoken

if TYPE_CHECKING:  # heavy; --help does without
    from scenarios.several.sweep.sweeping import Opened

HELP = Text("对一个问题的参数逐一或成批取值", "one question over many values of its parameters")
METHODS = ("grid", "one-at-a-time", "morris", "sobol", "monte-carlo")


def options(parser: argparse.ArgumentParser) -> None:
    """Add the options of the command."""

    def add(name: str, words: Text, **more: Any) -> None:
        parser.add_argument(name, help=here(words), **more)

    words = Text("情景名、随县脚本名、脚本或问题文件", "scenario, script, or file of one")
    add("what", words, metavar="NAME|SCRIPT.toml|QUESTION.py")
    words = Text(
        "所改参数，可重复：K=1,2,3、K=1..3、K=normal(2,0.5)，县域用 county=甲,乙",
        "what is varied, repeatable: K=1,2,3, K=1..3, K=normal(2,0.5); county=one,other",
    )
    add("--over", words, action="append", default=[], metavar="K=VALUES")
    words = Text(
        "案例表 CSV，每行一案，列名为参数", "a CSV of cases, one a row, columns are parameters"
    )
    add("--design", words, type=Path, metavar="FILE")
    words = Text("取值方法，默认 grid", "how values are laid out; grid unless said")
    add("--method", words, choices=METHODS, default="grid")
    words = Text("样本数：sobol 为 2 的幂", "how many samples; of sobol a power of two")
    add("--n", words, type=int, default=64)
    add("--seed", Text("随机种子", "seed of what is drawn"), type=int, default=1)
    words = Text("沿此参数求结论转折点，可重复", "find where verdicts change along it, repeatable")
    add("--flip", words, action="append", default=[], metavar="K=LOW..HIGH")
    words = Text(
        "转折点求到的宽度，占区间之比", "how narrow a flip is found, as a share of the span"
    )
    add("--width", words, type=float, default=0.01)
    words = Text("所有案例共同的参数，可重复", "a parameter of all cases, repeatable")
    add("--set", words, action="append", default=[], metavar="K=VALUE")
    add("--county", Text("县域", "county"), metavar="NAME|FOLDER")
    words = Text("本机进程数；默认在本进程运行", "processes on this machine; this one unless said")
    add("--workers", words, type=int, default=0, metavar="N")
    words = Text("集群调度器地址", "address of a cluster's scheduler")
    add("--scheduler", words, default="", metavar="tcp://HOST:PORT")
    words = Text(
        "集群 TLS：CA、证书、密钥文件", "TLS of the cluster: files of CA, certificate, key"
    )
    add("--tls", words, nargs=3, type=Path, metavar=("CA", "CERT", "KEY"))
    words = Text("另绘每个案例的图页", "draw the page of each case as well")
    add("--pages", words, action="store_true")
    words = Text("写到哪个文件夹；默认 out/sweep_NAME", "where it goes; out/sweep_NAME unless said")
    parser.add_argument("-o", "--output", type=Path, metavar="FOLDER", help=here(words))


def below(chosen: argparse.Namespace, folder: Path) -> Path | None:
    """Give the folder above runs that shall be drawn too; none unless asked."""
    from scenarios.several.sweep.cases import CASES

    return folder / CASES if chosen.pages else None


def obey(chosen: argparse.Namespace) -> Path:
    """Run the sweep, write its folder, tell the answer.

    Raises
    ------
    UsageError
        If the options do not fit each other, the question or its parameters.
    """
    from scenarios.running.runs import save
    from scenarios.running.showing import showing
    from scenarios.several.sweep.sweeping import Asked, sweep

    folder = chosen.output or Path("out") / f"sweep_{Path(chosen.what).stem}"
    asked = Asked(
        what=chosen.what,
        over=tuple(chosen.over),
        table=chosen.design,
        method=chosen.method,
        n=chosen.n,
        seed=chosen.seed,
        flip=tuple(chosen.flip),
        width=chosen.width,
        settings=tuple(chosen.set),
        county=chosen.county or "",
        lang=spoken(),
    )
    with showing() as now:
        now.tell("read")

        def tell(done: int, total: int) -> None:
            now.hear(Text(f"案例 {done}/{total}", f"case {done} of {total}"), done / max(total, 1))

        run = sweep(asked, folder, opened=_opened(chosen), tell=tell)
        now.tell("save")
        save(run, folder)
    for sentence in run.result.answer:
        print(here(sentence))
    print(here(Text(f"扫描文件夹：{folder}", f"folder: {folder}")))
    return Path(folder)


def _opened(chosen: argparse.Namespace) -> Opened:
    """Give what opens the workers that were asked for, or runs the cases in this process."""
    from scenarios.several.sweep.cases import here as in_this_process

    if not chosen.workers and not chosen.scheduler and not chosen.tls:
        return lambda _: nullcontext(in_this_process)
    from scenarios.several.workers import Lock, cluster

    lock = Lock(*chosen.tls) if chosen.tls else None
    return partial(cluster, count=chosen.workers, scheduler=chosen.scheduler, lock=lock)

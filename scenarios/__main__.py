"""The scenarios' command: `python -m scenarios list | describe | schema | validate | run`."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from geo.words import Arguments, Text, joined, unit_words
from layers.console import EXIT_CODES, alone, guarded, here, speak, spoken
from scenarios.running import COUNTY
from scenarios.running.drawing import BY_ITSELF, Way

if TYPE_CHECKING:  # heavy; --help does without
    from scenarios.result import Check, Metric, Run
    from scenarios.running.runs import Order

SIGNS = {
    "pass": Text("✓ 通过", "✓ pass"),
    "fail": Text("✗ 不符", "✗ fail"),
    "approval": Text("! 需报批", "! needs approval"),
    "unknown": Text("? 未知", "? unknown"),
    "doubt": Text("? 存疑", "? doubtful"),
}


def main(argv: Sequence[str] | None = None, *, way: Way = BY_ITSELF) -> int:
    """Run one command and give its exit code."""
    speak(argv)
    return guarded(lambda: _obeyed(argv, way))


def _obeyed(argv: Sequence[str] | None, way: Way) -> int:
    chosen = parser(way).parse_args(argv)
    chosen.command(chosen)
    if chosen.command is _run and way.draw:
        return way.draw(chosen.output, chosen.open)
    return 0


def parser(way: Way) -> Arguments:
    """Give what reads the words of the command, in the language spoken."""
    words = Text(
        "规划情景：一个情景回答一个规划问题", "planning scenarios, each answers one question"
    )
    shared: dict[str, Any] = {"lang": spoken(), "epilog": here(EXIT_CODES)}
    whole = Arguments(prog=way.prog, description=here(words), **shared)
    commands = whole.add_subparsers(metavar="COMMAND", required=True)

    def add(name: str, command: Callable[[argparse.Namespace], None], words: Text) -> Arguments:
        one: Arguments = commands.add_parser(
            name, help=here(words), description=here(words), **shared
        )
        one.set_defaults(command=command)
        words = Text("用何种语言；默认随系统", "language; the system's unless said")
        one.add_argument("--lang", choices=("zh", "en"), help=here(words))
        return one

    words = Text("列出情景与脚本", "which scenarios and ready-made scripts there are")
    _county(add("list", _list, words))
    words = Text("问题、方法、图层与参数", "question, method, layers and parameters")
    asked = Text("问题名，见 list", "a question, one of `list`")
    add("describe", _describe, words).add_argument("name", metavar="NAME", help=here(asked))
    words = Text("脚本的 JSON Schema，供编辑器用", "JSON Schema of scripts, for editors")
    add("schema", _schema, words).add_argument("name", metavar="NAME", help=here(asked))
    words = Text(
        "检查脚本、参数或问题文件，或复核情景运行结果及其证书",
        "check a script or the file of a question, or a run and its proofs",
    )
    _asked(add("validate", _validate, words), or_else="|FOLDER")
    words = Text("运行情景，写出结果", "run and write a folder")
    if way.draw:
        words = Text("运行情景，写出结果并绘制图页", "run, write a folder and draw its page")
    _running(add("run", _run, words), way)
    return whole


def _running(run: Arguments, way: Way) -> None:
    """Add the options of a run."""
    _asked(run)
    words = Text("运行文件夹", "run folder")
    if way.draw:
        words = Text(
            "运行文件夹；可省略，默认 out/NAME", "run folder; out/NAME where it is left out"
        )
        shown = Text("出图后在浏览器中打开", "open the page when it is drawn")
        run.add_argument("--open", action="store_true", help=here(shown))
    run.add_argument(
        "-o", "--output", metavar="FOLDER", type=Path, required=not way.draw, help=here(words)
    )
    words = Text("即使未变也重新运行", "run even when nothing has changed")
    run.add_argument("--again", action="store_true", help=here(words))


def _asked(parser: Arguments, *, or_else: str = "") -> None:
    """Add what names a scenario with its county and parameters."""
    words = Text(
        "情景名、随县脚本名、脚本文件或问题文件",
        "scenario, script kept with the county, file of a script or of a question",
    )
    if or_else:
        words = Text(f"{words.zh}；或运行文件夹", f"{words.en}; or a run folder")
    parser.add_argument("what", metavar=f"NAME|SCRIPT.toml|QUESTION.py{or_else}", help=here(words))
    _county(parser)
    words = Text("改动一个参数，可重复", "change a parameter; may be repeated")
    parser.add_argument("--set", metavar="KEY=VALUE", action="append", default=[], help=here(words))


def _county(parser: Arguments) -> None:
    words = Text(f"县域；默认为脚本所指，否则 {COUNTY}", f"county; the script's, else {COUNTY}")
    parser.add_argument("--county", metavar="NAME|FOLDER", help=here(words))


def _list(chosen: argparse.Namespace) -> None:
    from layers.folder import scripts, strategies
    from scenarios import find, names
    from scenarios.running.script import heading

    for name in names():
        scenario = find(name)
        measures = ", ".join(map(str, scenario.measures))
        title = Text(
            f"{name}：{scenario.title.zh}（举措 {measures}）",
            f"{name}: {scenario.title.en} (measures {measures})",
        )
        print(f"{here(title)}\n    {here(scenario.question)}")
    county = chosen.county or COUNTY
    kept = scripts(county)
    if kept:
        print(here(Text(f"\n随 {county} 的脚本：", f"\nscripts kept with {county}:")))
    for name, path in kept.items():
        script = heading(path)
        zh, en = script.title.zh, script.title.en
        print(f"{name}{here(Text(f'：{zh}（{script.scenario}）', f': {en} ({script.scenario})'))}")
    if combined := strategies(county):
        print(here(Text(f"\n随 {county} 的组合方案：", f"\nstrategies kept with {county}:")))
    for name, path in combined.items():
        print(f"{name}{here(Text('：', ': '))}{here(heading(path).title)}")


def _describe(chosen: argparse.Namespace) -> None:
    from layers.catalog import CATALOG
    from scenarios import find
    from scenarios.running.settings import abstract, facts

    scenario = find(chosen.name)
    print(f"{here(scenario.title)}\n{here(scenario.question)}\n")
    print(here(abstract(scenario)))
    for words, names in (
        (Text("需要图层：", "needs: "), scenario.needs),
        (Text("可用图层：", "uses, if there: "), scenario.uses),
    ):
        titles = {name: CATALOG[name].title for name in names}
        layers = joined(Text(f"{n}（{one.zh}）", f"{n} ({one.en})") for n, one in titles.items())
        print(f"\n{here(words)}{here(layers) or '—'}")
    print(here(Text("\n参数：", "\nparameters:")))
    schema = scenario.params.model_json_schema()
    for name, shape in schema["properties"].items():
        print(f"  {name}  {here(Text(shape['title_zh'], shape['title_en']))}")
        print(f"      {' · '.join(map(here, facts(shape)))}")


def _schema(chosen: argparse.Namespace) -> None:
    from scenarios import find
    from scenarios.contract import schema

    whole = schema(chosen.name, find(chosen.name), spoken())
    print(json.dumps(whole, ensure_ascii=False, indent=2))


def _validate(chosen: argparse.Namespace) -> None:
    from scenarios import outside

    if _is_folder(chosen.what):
        _re_check(chosen)
        return
    if outside(chosen.what):
        _try(chosen)
        return
    from scenarios.running.runs import require_layers, require_sound

    order = _order(chosen)
    require_layers(order.name, order.ground)
    require_sound(order)
    county = order.county
    print(f"✓ {chosen.what}", end="")
    print(here(Text(f"：可在{county.name.zh}运行", f": ready to run on {county.name.en}")))


def _is_folder(what: str) -> bool:
    """Tell a run folder from the name of a scenario or script."""
    from scenarios import names

    folder = Path(what)
    return (folder / "manifest.json").is_file() or (folder.is_dir() and what not in names())


def _re_check(chosen: argparse.Namespace) -> None:
    """Verify the files of a run and its proofs; say what is certified, said, or neither."""
    from geo.errors import UsageError
    from scenarios.running.proofs import examined, opened, report, require_held
    from scenarios.running.showing import showing

    if chosen.set or chosen.county:
        raise UsageError(
            Text("复核运行文件夹时不用 --set、--county", "a run folder takes no --set, --county")
        )
    folder = Path(chosen.what)
    with showing() as now:
        now.tell("load")
        run = opened(folder)
        now.tell("verify")
        found = list(examined(run, folder))
    for line in report(run, found):
        print(here(line))
    require_held(folder, found)


def _try(chosen: argparse.Namespace) -> None:
    """Ask a question in a file of its own all that every question is asked."""
    from geo.errors import InputError, UsageError
    from scenarios.running.questions import check
    from scenarios.running.showing import showing

    if chosen.set or chosen.county:
        raise UsageError(
            Text("检查问题文件时不用 --set、--county", "a question takes no --set, --county")
        )
    with showing() as now:
        problems = check(chosen.what, tell=now.hear)
    if problems:
        words = Text("问题未通过检查", "the question does not pass")
        raise InputError(joined([chosen.what, words], "：", ": "), problems=problems)
    print(f"✓ {chosen.what}", end="")
    print(here(Text("：符合对问题的各项要求", ": holds all that is asked of a question")))


def _run(chosen: argparse.Namespace) -> None:
    from scenarios.running.progress import listening
    from scenarios.running.questions import faults
    from scenarios.running.runs import fulfil
    from scenarios.running.showing import showing

    chosen.output = chosen.output or Path("out") / Path(chosen.what).stem
    with showing() as now, listening(now.hear):
        now.tell("read")
        order = _order(chosen)
        with faults(order.name):
            run, reused = fulfil(order, chosen.output, again=chosen.again, tell=now.tell)
    for line in told(run):
        print(here(line))
    if reused:
        words = Text(
            "输入、参数与代码均未变，沿用已有结果", "nothing has changed: the former run is reused"
        )
        print(here(words))
    print(here(Text(f"运行文件夹：{chosen.output}", f"run folder: {chosen.output}")))


def _order(chosen: argparse.Namespace) -> Order:
    from scenarios.running.orders import ordered

    county = chosen.county or ""
    return ordered(chosen.what, lang=spoken(), settings=chosen.set, county=county)


def told(run: Run) -> Iterator[Text]:
    """Tell the answer of a run, its figures and its verdicts."""
    yield from run.result.answer
    yield from map(_figure, run.result.metrics)
    yield from map(_verdict, run.result.checks)
    quality = run.quality_words
    yield Text(f"数据质量：{quality.zh}", f"quality: {quality.en}")


def _figure(metric: Metric) -> Text:
    """Tell a figure with its ends where it is not known to a point, and what it was before."""

    def number(value: float) -> str:
        return f"{value:,.{metric.decimals}f}"

    beside = []
    if metric.low is not None and metric.high is not None:
        low, high = number(metric.low), number(metric.high)
        beside.append(Text(f"{low} 至 {high}", f"{low} to {high}"))
    if metric.before is not None:
        beside.append(Text(f"原 {number(metric.before)}", f"before {number(metric.before)}"))
    value, unit = number(metric.value), unit_words(metric.unit)
    more = joined(beside, "；", "; ")
    return Text(
        f"{metric.title.zh}：{value} {unit.zh}".rstrip() + (f"（{more.zh}）" if beside else ""),
        f"{metric.title.en}: {value} {unit.en}".rstrip() + (f" ({more.en})" if beside else ""),
    )


def _verdict(check: Check) -> Text:
    """Tell a verdict: what was found, what is allowed, and what to do about it."""
    sign = SIGNS["doubt" if check.doubts else check.verdict]
    bounds = [one for one in (check.found, check.allowed) if one.en]
    parts = [joined(bounds, " / ", " / ")] if bounds else []
    if check.remedy.en:
        parts.append(Text(f"处理：{check.remedy.zh}", f"remedy: {check.remedy.en}"))
    more = joined(parts, "；", "; ")
    mark = Text("：", ": ") if bounds else Text("；", "; ")
    return Text(
        f"{sign.zh} {check.title.zh}" + (f"{mark.zh}{more.zh}" if parts else ""),
        f"{sign.en} {check.title.en}" + (f"{mark.en}{more.en}" if parts else ""),
    )


if __name__ == "__main__":
    alone(main)

"""The scenarios' command: `python -m scenarios list | describe | schema | validate | run`."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from layers.console import EXIT_CODES, alone, guarded, here

if TYPE_CHECKING:  # heavy; --help does without
    from geo.words import Text
    from layers.county import County
    from scenarios.result import Run
    from scenarios.running.progress import Listener
    from scenarios.running.script import Script

COUNTY = "jingning"
STEPS = {
    "read": "读取县域 reading the county",
    "run": "计算 running the scenario",
    "save": "写出结果 writing the run folder",
    "load": "读取运行文件夹 reading the run folder",
    "verify": "复核证书 re-checking certificates",
}
COMPILING = "（首次运行，正在编译 first run, compiling）"
SIGNS = {
    "pass": "✓ 通过 pass",
    "fail": "✗ 不符 fail",
    "approval": "! 需报批 approval",
    "unknown": "? 未知 unknown",
}
LIMITS = {
    "exclusiveMinimum": ">",
    "minimum": "≥",
    "exclusiveMaximum": "<",
    "maximum": "≤",
}


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and give its exit code."""
    return guarded(lambda: _obeyed(argv))


def _obeyed(argv: Sequence[str] | None) -> int:
    chosen = _parser().parse_args(argv)
    chosen.command(chosen)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m scenarios",
        description="规划情景：每个回答一个问题 planning scenarios, each answers one question",
        epilog=here(EXIT_CODES),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(metavar="COMMAND", required=True)

    def add(
        name: str, command: Callable[[argparse.Namespace], None], words: str
    ) -> argparse.ArgumentParser:
        one = commands.add_parser(
            name,
            help=words,
            description=words,
            epilog=here(EXIT_CODES),
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        one.set_defaults(command=command)
        return one

    listed = add("list", _list, "有哪些情景与脚本 which scenarios and ready-made scripts there are")
    _county(listed)
    _lang(listed)
    describe = add(
        "describe", _describe, "问题、方法、图层与参数 question, method, layers, parameters"
    )
    describe.add_argument("name", metavar="NAME")
    _lang(describe)
    add("schema", _schema, "脚本的 JSON Schema of scripts, for editors").add_argument(
        "name", metavar="NAME"
    )
    words = (
        "检查脚本与参数或问题文件，或复核运行及其证书 "
        "check a script or a question's file, or a run and its proofs"
    )
    validate = add("validate", _validate, words)
    _asked(validate, or_else="|QUESTION.py|FOLDER")
    _lang(validate)
    run = add("run", _run, "运行并写出文件夹 run and write a folder")
    _asked(run)
    run.add_argument(
        "-o", "--output", metavar="FOLDER", type=Path, required=True, help="运行文件夹 run folder"
    )
    run.add_argument(
        "--again", action="store_true", help="即使未变也重新运行 run even when nothing has changed"
    )
    _lang(run)
    return parser


def _asked(parser: argparse.ArgumentParser, *, or_else: str = "") -> None:
    """Add what names a scenario with its county and parameters."""
    words = "情景名、随县脚本名或脚本文件 scenario, script kept with the county, or script file"
    words += "；或运行文件夹 or a run folder" if or_else else ""
    parser.add_argument("what", metavar=f"NAME|SCRIPT.toml{or_else}", help=words)
    _county(parser)
    parser.add_argument(
        "--set",
        metavar="KEY=VALUE",
        action="append",
        default=[],
        help="改动一个参数 change a parameter; 可重复 may be repeated",
    )


def _county(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--county",
        metavar="NAME|FOLDER",
        help=f"县域 county: 默认为脚本所指 the script's, else {COUNTY}",
    )


def _lang(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--lang", choices=("zh", "en"), help="只用一种语言 one language only")


def _said(text: Text, lang: str | None) -> str:
    """Give words in one language, or Chinese first and English beside it."""
    both = {"zh": text.zh, "en": text.en}
    return both[lang] if lang else " ".join(dict.fromkeys(both.values()))


def _list(chosen: argparse.Namespace) -> None:
    from layers.folder import scripts
    from scenarios import find, names
    from scenarios.running.script import heading

    for name in names():
        scenario = find(name)
        measures = ", ".join(map(str, scenario.measures))
        print(f"{name}: {_said(scenario.title, chosen.lang)} (举措 measures {measures})")
        print(f"    {_said(scenario.question, chosen.lang)}")
    county = chosen.county or COUNTY
    kept = scripts(county)
    if kept:
        print(f"\n随县脚本 scripts kept with {county}:")
    for name, path in kept.items():
        script = heading(path)
        print(f"{name}: {_said(script.title, chosen.lang)} ({script.scenario})")


def _describe(chosen: argparse.Namespace) -> None:
    from layers.catalog import CATALOG
    from scenarios import find

    scenario, lang = find(chosen.name), chosen.lang
    print(f"{_said(scenario.title, lang)}\n{_said(scenario.question, lang)}\n")
    english = (sys.modules[scenario.run.__module__].__doc__ or "").strip()
    print(
        "\n\n".join(
            {"zh": [scenario.method], "en": [english]}.get(lang, [scenario.method, english])
        )
    )
    for words, names in (
        ("需要图层 needs", scenario.needs),
        ("可用图层 uses, if there", scenario.uses),
    ):
        layers = (f"{name} ({_said(CATALOG[name].title, lang)})" for name in names)
        print(f"\n{words}: {', '.join(layers) or '—'}")
    print("\n参数 parameters:")
    schema = scenario.params.model_json_schema()
    for name, shape in schema["properties"].items():
        title = {"zh": shape["title_zh"], "en": shape["title_en"]}.get(lang, shape["title"])
        print(f"  {name}  {title}")
        print(f"      {' · '.join(_facts(shape))}")


def _facts(shape: dict[str, Any]) -> Iterator[str]:
    """Say what a parameter may be: default, unit, range, choices, file, source."""
    yield f"默认 default {json.dumps(shape.get('default'), ensure_ascii=False)}"
    if shape.get("unit"):
        yield f"单位 unit {shape['unit']}"
    inner = _of_one(shape)
    limits = [f"{sign} {inner[name]:,.12g}" for name, sign in LIMITS.items() if name in inner]
    if limits:
        yield f"范围 range {', '.join(limits)}"
    choices = inner.get("enum") or shape.get("propertyNames", {}).get("enum")
    if choices:
        yield f"可选 choices {' | '.join(map(str, choices))}"
    if shape.get("file"):
        yield f"文件 file {shape['file']}"
    yield f"来源 source: {shape['source']}"


def _of_one(shape: dict[str, Any]) -> dict[str, Any]:
    """Give the shape of one value: of an optional one without none, of lists and tables inside."""
    for one in shape.get("anyOf", ()):
        if one.get("type") != "null":
            return _of_one(one)
    inner = shape.get("items") or shape.get("additionalProperties")
    return inner if isinstance(inner, dict) else shape


def _schema(chosen: argparse.Namespace) -> None:
    from scenarios import find
    from scenarios.contract import schema

    print(json.dumps(schema(chosen.name, find(chosen.name)), ensure_ascii=False, indent=2))


def _validate(chosen: argparse.Namespace) -> None:
    from scenarios import outside

    if _is_folder(chosen.what):
        _re_check(chosen)
        return
    if outside(chosen.what):
        _try(chosen)
        return
    from geo.words import Text
    from scenarios.running.runs import require_layers

    script, county = _read(chosen)
    require_layers(script.scenario, county)
    ready = _said(Text("可以运行", "ready to run on"), chosen.lang)
    print(f"✓ {chosen.what}: {ready} {_said(county.name, chosen.lang)}")


def _is_folder(what: str) -> bool:
    """Tell a run folder from the name of a scenario or script."""
    from scenarios import names

    folder = Path(what)
    return (folder / "manifest.json").is_file() or (folder.is_dir() and what not in names())


def _re_check(chosen: argparse.Namespace) -> None:
    """Verify the files of a run and its proofs; say what is certified, said, or neither."""
    from geo.errors import UsageError
    from scenarios.running.proofs import examined, opened, report, require_held

    if chosen.set or chosen.county:
        raise UsageError("运行文件夹不接受 a run folder takes no --set, --county")
    folder = Path(chosen.what)
    with _progress() as (tell, _):
        tell("load")
        run = opened(folder)
        tell("verify")
        found = list(examined(run, folder))
    for line in report(run, found):
        print({"zh": line.zh, "en": line.en}.get(chosen.lang, f"{line.zh}\n{line.en}"))
    require_held(folder, found)


def _try(chosen: argparse.Namespace) -> None:
    """Ask a question in a file of its own all that every question is asked."""
    from geo.errors import InputError, UsageError
    from geo.words import Text, joined
    from scenarios.running.questions import check

    if chosen.set or chosen.county:
        raise UsageError(
            Text("检查问题文件时不用 --set、--county", "a question takes no --set, --county")
        )
    with _progress() as (_, hear):
        problems = check(chosen.what, tell=hear)
    if problems:
        words = Text("问题未通过检查", "the question does not pass")
        raise InputError(joined([chosen.what, words], "：", ": "), problems=problems)
    holds = Text("符合对问题的各项要求", "holds all that is asked of a question")
    print(f"✓ {chosen.what}: {_said(holds, chosen.lang)}")


def _run(chosen: argparse.Namespace) -> None:
    from scenarios.running.progress import listening
    from scenarios.running.runs import Order, fulfil

    with _progress() as (tell, hear), listening(hear):
        tell("read")
        script, county = _read(chosen)
        order = Order(script.scenario, county, script.params, script.subtitle)
        run, reused = fulfil(order, chosen.output, again=chosen.again, tell=tell)
    _tell(run, chosen.lang)
    if reused:
        print("输入、参数与代码均未变，沿用已有结果 nothing has changed: the former run is reused")
    print(f"运行文件夹 run folder: {chosen.output}")


def _read(chosen: argparse.Namespace) -> tuple[Script, County]:
    """Read script and settings first, then the county they ask for."""
    from layers.folder import scripts
    from scenarios import names, outside
    from scenarios.running.script import SUFFIX, read

    named = chosen.what in names() or chosen.what.endswith(SUFFIX) or outside(chosen.what)
    kept = {} if named else scripts(chosen.county or COUNTY)
    script = read(chosen.what, settings=chosen.set, kept=kept)
    from layers.county import load

    return script, load(chosen.county or script.county or COUNTY)


@contextmanager
def _progress() -> Iterator[tuple[Callable[[str], None], Listener]]:
    """Show the step at work and how far it is on a terminal; elsewhere nothing."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    from scenarios.running.progress import compiling

    console = Console(stderr=True)
    words = TextColumn("{task.description}{task.fields[note]}")
    columns = SpinnerColumn(), words, BarColumn(), TimeElapsedColumn()
    with Progress(
        *columns, console=console, transient=True, disable=not console.is_terminal
    ) as progress:
        task = progress.add_task("", total=None, note="")

        def begin(step: str) -> None:
            progress.update(task, description=STEPS[step], total=None)

        def hear(step: Text, share: float) -> None:
            progress.update(task, description=f"{step.zh} {step.en}", total=1.0, completed=share)

        def note(words: str) -> None:
            progress.update(task, note=words)

        with compiling(partial(note, COMPILING), partial(note, "")):
            yield begin, hear


def _tell(run: Run, lang: str | None) -> None:
    """Print the figures and verdicts of a run."""
    for metric in run.result.metrics:
        before = (
            "" if metric.before is None else f" (原 before {metric.before:,.{metric.decimals}f})"
        )
        value = f"{metric.value:,.{metric.decimals}f} {metric.unit}".strip()
        print(f"{_said(metric.title, lang)}: {value}{before}")
    for check in run.result.checks:
        found, allowed, remedy = (
            _said(words, lang) for words in (check.found, check.allowed, check.remedy)
        )
        allowed = f" / {allowed}" if allowed else ""
        remedy = f"; 处理 remedy: {remedy}" if remedy else ""
        found = f"{found}{allowed}{remedy}".removeprefix("; ")
        print(f"{SIGNS[check.verdict]} {_said(check.title, lang)}: {found}")
    print(f"数据质量 quality: {_said(run.quality.words, lang)}")


if __name__ == "__main__":
    alone(main)

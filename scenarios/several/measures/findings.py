"""The measures of the policy as a run: what answers each, and how far each is answered."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from geo.words import NO_TEXT, Text, joined
from layers.console import spoken
from layers.county import County
from layers.folder import scripts
from layers.source import worst
from scenarios.answers.backdrop import ground
from scenarios.result import Category, Column, Metric, Result, Run, Table
from scenarios.running.runs import data_date
from scenarios.several.below import Found
from scenarios.several.gathering import gathered
from scenarios.several.measures.answers import Asked, asked, headline
from scenarios.several.measures.policy import Measure, Policy

TITLE = Text("政策举措落实情况", "Measures of the policy")
QUESTION = Text(
    "政策的每条举措由哪个规划问题回答，最近一次运行得出什么？",
    "Which planning question answers each measure of the policy, and what did its latest run find?",
)
STATES = (
    Category("run", Text("已运行", "run")),
    Category("waiting", Text("尚未运行", "not run yet")),
    Category("open", Text("尚无对应问题", "no question yet")),
    Category("none", Text("非空间举措", "not spatial")),
)
STANDING = Text("公开网页转引，未与原文核对", "as told on public pages, not held against the paper")
UNTOLD = Text("条文未收录", "text not carried here")
TABLE = Text("举措与规划问题", "Measures and questions")
COUNTED = {
    "run": Text("已运行的举措", "Measures run"),
    "waiting": Text("尚未运行的举措", "Measures not run yet"),
    "open": Text("尚无对应问题的举措", "Measures without a question"),
    "none": Text("非空间举措", "Measures that are not spatial"),
}
ORDER = ("run", "waiting", "open", "none")
GROUND = ("outline",)
COLUMNS = (
    Column("measure", Text("举措", "Measure"), decimals=0),
    Column("title", Text("名称", "Title")),
    Column("title_en", Text("英文名称", "Title in English")),
    Column("state", Text("进展", "State"), categories=STATES),
    Column("question", Text("规划问题", "Question")),
    Column("question_en", Text("规划问题英文名", "Question in English")),
    Column("headline", Text("最近一次运行的主要指标", "Headline of the latest run")),
    Column("headline_en", Text("主要指标英文", "Headline in English")),
    Column("run", Text("最近一次运行", "Latest run")),
    Column("run_en", Text("最近一次运行英文名", "Latest run in English")),
    Column("runs", Text("运行次数", "Runs"), decimals=0),
    Column("command", Text("运行命令", "Command")),
    Column("scripts", Text("随县脚本", "Ready-made scripts")),
    Column("asks", Text("问题内容", "What it asks")),
    Column("asks_en", Text("问题内容英文", "What it asks in English")),
    Column("text", Text("条文要点", "What is known of the text")),
    Column("text_en", Text("条文要点英文", "Text in English")),
    Column("standing", Text("依据", "Standing")),
    Column("standing_en", Text("依据英文", "Standing in English")),
    Column("folder", Text("运行文件夹", "Run folder")),
)
LONG = frozenset({"asks", "text", "standing", "command", "run"})
UNCOUNTED = Text(
    "应统计的指标与数据台账须依条文确定；条文未收录，不作推定，不列数值。",
    "What would be counted, and from which register, follows from the text, which is not carried "
    "here: nothing is presumed and no figure given.",
)


def measured(policy: Policy, county: County, found: Sequence[Found], at: Path) -> Run:
    """Give the measures with what answers them, on the county that the policy is for.

    Parameters
    ----------
    policy
        The policy.
    county
        The county; its outline is shown.
    found
        Runs, the latest first; those of other counties are counted, not told.
    at
        The folder that folders of runs are told from.
    """
    own = [one for one in found if one.run.county == county.id]
    answers = asked(scripts(county.id), own)
    table = _table(policy, answers, at)
    result = Result(
        layers=(next(ground(county)),),  # the outline comes first
        tables=(_short(table), table),
        metrics=tuple(_metrics(table)),
        answer=tuple(_answer(table, len(own), len(found) - len(own))),
    )
    asked_of = {"document": policy.document}
    runs = [_standing(county), *(one.run for one in own)]
    return gathered("measures", runs, result, title=TITLE, question=QUESTION, asked=asked_of)


def _standing(county: County) -> Run:
    """Give the county as it stands as a run that found nothing, so that no run is needed."""
    sources = tuple(county.sources[name] for name in GROUND)
    return Run(
        key="",
        scenario="measures",
        title=TITLE,
        question=QUESTION,
        measures=(),
        params={},
        changed={},
        county=county.id,
        county_name=county.name,
        crs=county.crs.to_string(),
        data_date=data_date(sources),
        quality=worst(one.quality for one in sources),
        sources=sources,
        rules=(),
        result=Result(),
        lang=spoken(),
    )


def _table(policy: Policy, answers: Mapping[int, Sequence[Asked]], at: Path) -> Table:
    """Give one row a measure and question; of a measure without questions one."""
    rows = [
        row
        for measure in policy.measures
        for row in _rows(measure, answers.get(measure.number, ()), at)
    ]
    frame = pd.DataFrame(rows, columns=[column.name for column in COLUMNS])
    return Table("answers", Text("举措详情", "Measures in full"), frame, COLUMNS, role="measures")


def _short(table: Table) -> Table:
    """Give the table without what is told of a measure and a question at length."""
    columns = tuple(one for one in COLUMNS if one.name.removesuffix("_en") not in LONG)
    frame = table.frame[[one.name for one in columns]]
    return Table("measures", TABLE, frame, columns)


def _rows(measure: Measure, answers: Sequence[Asked], at: Path) -> Iterator[dict[str, Any]]:
    """Give the rows of a measure: one each question, or one that says there is none."""
    own = {
        "measure": measure.number,
        **_both("title", measure.title),
        **_both("text", measure.text if measure.spatial else UNCOUNTED),
        **_both("standing", STANDING if measure.spatial else UNTOLD),
    }
    if not answers:
        yield {**own, **_both("question", NO_TEXT), "state": "open" if measure.spatial else "none"}
    for one in answers:
        yield {**own, **_answered(one, at)}


def _answered(one: Asked, at: Path) -> dict[str, Any]:
    """Give the cells of a question and of its latest run."""
    latest = one.runs[0] if one.runs else None
    run = latest.run if latest else None
    named = run.subtitle if run else NO_TEXT
    return {
        **_both("question", one.scenario.title),
        **_both("asks", one.scenario.question),
        **_both("headline", headline(run) if run else NO_TEXT),
        **_both("run", named),
        "state": "run" if run else "waiting",
        "runs": float(len(one.runs)),
        "scripts": "、".join(one.scripts),
        "command": "" if run else one.command,
        "folder": Path(os.path.relpath(latest.folder, at)).as_posix() if latest else "",
    }


def _both(name: str, words: Text) -> dict[str, str]:
    return {name: words.zh, f"{name}_en": words.en}


def _counts(table: Table) -> dict[str, int]:
    """Count measures by their state: one with some run has been run."""
    best = table.frame.groupby("measure")["state"].agg(lambda some: min(some, key=ORDER.index))
    return {state: int((best == state).sum()) for state in ORDER}


def _metrics(table: Table) -> Iterator[Metric]:
    for state, number in _counts(table).items():
        yield Metric(f"measures_{state}", COUNTED[state], float(number), "", decimals=0)


def _answer(table: Table, own: int, elsewhere: int) -> Iterator[Text]:
    count = _counts(table)
    total, with_question = sum(count.values()), count["run"] + count["waiting"]
    yield Text(
        f"{total} 条举措中，{with_question} 条有对应的规划问题，其中 {count['run']} 条已运行、"
        f"{count['waiting']} 条尚未运行。",
        f"Of {total} measures {with_question} have planning questions that answer them: "
        f"{count['run']} have been run, {count['waiting']} not yet.",
    )
    yield Text(
        f"{count['open']} 条尚无对应问题，{count['none']} 条为非空间举措，条文未收录。",
        f"{count['open']} have no question yet; {count['none']} are not spatial, and their text is "
        "not carried here.",
    )
    more = Text(
        f"另有 {elsewhere} 个为其他县域的情景运行结果，不计入。",
        f" {elsewhere} of other counties are not counted.",
    )
    told = Text(f"共找到本县运行 {own} 次。", f"{own} runs of this county were found.")
    yield joined([told, more], "", "") if elsewhere else told

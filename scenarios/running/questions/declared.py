"""What a question says of itself, asked before it is run."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator
from typing import Any

from pydantic import ValidationError

from geo.errors import Problem
from geo.words import Text, alike, joined
from layers.catalog import CATALOG
from scenarios.contract import Params, schema
from scenarios.running.questions.trial import HIGH, LOW, Trial, numeric

HEADINGS = ("Question", "Method", "Limits")
ABSTRACT = ("方法：", "局限：")
MEASURES = range(1, 23)
MISSING = Text("缺少", "missing")


def says_what_it_is(trial: Trial) -> Iterator[Problem]:
    """Ask for a docstring with question, method and limits, and for the same in Chinese."""
    scenario = trial.scenario
    doc = sys.modules[scenario.run.__module__].__doc__ or ""
    for field, text, parts in (
        ("__doc__", doc, HEADINGS),
        ("SCENARIO.method", scenario.method, ABSTRACT),
    ):
        lacking = [part for part in parts if part not in text]
        if lacking:
            yield Problem(
                field=field,
                found=joined([MISSING, *lacking], " ", " "),
                expected=", ".join(parts),
            )
    for field in ("title", "question"):
        yield from empty(f"SCENARIO.{field}", getattr(scenario, field))


def empty(field: str, words: Text) -> Iterator[Problem]:
    """Name words that lack one of the languages."""
    for lang, said in (("zh", words.zh), ("en", words.en)):
        if not said.strip():
            yield Problem(field=f"{field}.{lang}", found=MISSING)


def serves_measures(trial: Trial) -> Iterator[Problem]:
    """Ask for the numbers of the policy's measures it serves."""
    measures = trial.scenario.measures
    if not measures or not set(measures) <= set(MEASURES):
        yield Problem(
            field="SCENARIO.measures",
            found=str(measures),
            expected=f"{MEASURES[0]} … {MEASURES[-1]}",
        )


def declares_layers(trial: Trial) -> Iterator[Problem]:
    """Ask that each layer it declares is one of the catalog, once."""
    declared = [*trial.scenario.needs, *trial.scenario.uses]
    unknown = sorted(set(declared) - set(CATALOG))
    if unknown:
        yield Problem(
            field="SCENARIO.needs, uses",
            found=joined([Text("未知图层", "unknown layers"), ", ".join(unknown)], "：", ": "),
            remedy=alike("jingning layers list"),
        )
    twice = sorted({name for name in declared if declared.count(name) > 1})
    if twice:
        words = Text("重复声明", "declared twice")
        yield Problem(field="SCENARIO.needs, uses", found=joined([words, *twice], " ", " "))


def declares_parameters(trial: Trial) -> Iterator[Problem]:
    """Ask each parameter for titles, unit, source and, where it holds numbers, a range."""
    if not issubclass(trial.scenario.params, Params):
        yield Problem(
            field="SCENARIO.params",
            found=trial.scenario.params.__name__,
            expected=alike("scenarios.contract.Params"),
        )
        return
    for field, shape in trial.fields.items():
        lacking = [
            part
            for part in ("title_zh", "title_en", "source_zh", "source_en")
            if not _said(shape, part)
        ]
        lacking += [] if "unit" in shape else ["unit"]
        if lacking:
            yield Problem(
                field=f"params.{field}",
                found=joined([MISSING, *lacking], " ", " "),
                remedy=alike("param(…, zh=…, en=…, unit=…, source=…)"),
            )
        yield from _range(field, numeric(shape))


def _said(shape: Any, part: str) -> bool:
    return bool(str(shape.get(part, "")).strip())


def _range(field: str, numbers: Any) -> Iterator[Problem]:
    """Ask numbers for two ends."""
    if numbers is None:
        return
    for words, ends in ((Text("下限", "lower end"), LOW), (Text("上限", "upper end"), HIGH)):
        if not any(end in numbers for end in ends):
            yield Problem(
                field=f"params.{field}",
                found=Text(f"没有{words.zh}", f"no {words.en} of its range"),
                remedy=alike("Annotated[float, Field(ge=…, le=…)]"),
            )


def takes_its_own_values(trial: Trial) -> Iterator[Problem]:
    """Ask that defaults, written as JSON and read again, are the same, and its example is taken."""
    model = trial.scenario.params
    try:
        usual = trial.params()
        for params in (model(), usual):
            if model.model_validate_json(params.model_dump_json(), strict=True) != params:
                words = Text(
                    "写成 JSON 再读出后不同", "another when written as JSON and read again"
                )
                yield Problem(field="params", found=words)
        whole = schema(trial.name, trial.scenario)
        if json.loads(json.dumps(whole)) != whole:
            yield Problem(field="params", found=Text("模式不是 JSON", "its schema is no JSON"))
    except (ValidationError, TypeError, ValueError) as error:
        yield refused("params, SCENARIO.example", error)


def accepts_the_ends(trial: Trial) -> Iterator[Problem]:
    """Ask that both ends of every range are accepted."""
    for field, value in trial.ends():
        try:
            trial.params(**{field: value})
        except ValidationError as error:
            yield refused(f"params.{field}", error)


def refused(field: str, error: Exception) -> Problem:
    """Say that a value is not taken."""
    lines: Iterable[str] = str(error).splitlines()
    if isinstance(error, ValidationError):
        lines = (f"{one['loc']}: {one['msg']}" for one in error.errors(include_url=False))
    return Problem(
        field=field,
        found=joined([Text("不被接受", "is refused"), "; ".join(lines)], "：", ": "),
    )

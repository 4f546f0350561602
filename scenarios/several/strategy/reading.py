"""A strategy read from its file: every problem of it is told at once, each with its dotted path."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, time
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from geo.documents import toml_file
from geo.errors import FileError, PlanningError, Problem, UsageError
from geo.words import Lang, Text, joined
from layers.county import County
from layers.folder import strategies
from scenarios import meant, names, outside
from scenarios.running import COUNTY
from scenarios.running.orders import ordered
from scenarios.running.script import SUFFIX
from scenarios.running.validation import finding, quoted
from scenarios.several.strategy.handing import FORM, handed, leaves, references, settings
from scenarios.several.strategy.terms import SHARES, Limit, Plan, Strategy


@dataclass(frozen=True)
class Asked:
    """A strategy, the folder of its file, and the language of what is written."""

    strategy: Strategy
    folder: Path
    county: str
    lang: Lang

    def what(self, plan: Plan) -> str:
        """Give the question or script of a plan, a file by its path from here."""
        filed = outside(plan.what) or plan.what.endswith(SUFFIX)
        return str(self.folder / plan.what) if filed else plan.what


def read(what: str, *, county: str, lang: Lang, held: dict[str, County]) -> Asked:
    """Read a strategy by the name it is kept under with a county, or by the path of its file.

    Parameters
    ----------
    what
        The name, or the path of a .toml file.
    county
        Name or folder, over the file's.
    lang
        Language of the titles in what is written.
    held
        Counties that are loaded already, as `ordered` takes them.

    Raises
    ------
    UsageError
        If there is none of that name, or naming all that is wrong in it and in the parameters of
        its plans.
    FileError
        If there is no such county.
    """
    path = _path(what, county or COUNTY)
    try:
        content = toml_file(path)
    except FileError as error:
        raise UsageError(error.message) from error
    schema = Strategy.model_json_schema()
    try:
        text = json.dumps(content, default=_day)
        strategy = Strategy.model_validate_json(text, strict=True)
    except ValidationError as error:
        found = (finding(one, schema) for one in error.errors(include_url=False))
        raise _wrong(path, [_placed(one) for one in found]) from error
    asked = Asked(strategy, path.parent, county or _county(strategy, path), lang)
    problems = [*_unlike(strategy), *_unfit(asked, held)]
    if problems:
        raise _wrong(path, problems)
    return asked


def _path(what: str, county: str) -> Path:
    if what.endswith(SUFFIX):
        return Path(what)
    kept = strategies(county)
    if what not in kept:
        words = Text(f"没有组合方案 {what!r}", f"no strategy {what!r}")
        near = meant(what, kept)
        there = joined(sorted(kept))
        listed = Text(f"现有 {there.zh or '—'}", f"there are {there.en or '—'}")
        raise UsageError(joined([words, near or listed], "；", "; "))
    return kept[what]


def _county(strategy: Strategy, path: Path) -> str:
    """Give the county a file names: a folder beside it by its path."""
    beside = path.parent / strategy.county
    if strategy.county and (beside / "county.toml").is_file():
        return str(beside)
    return strategy.county or COUNTY


def _wrong(path: Path, problems: list[Problem]) -> UsageError:
    words = Text("组合方案有误", "the strategy is not as it should be")
    return UsageError(
        words, problems=[replace(one, file=one.file or str(path)) for one in problems]
    )


def _placed(problem: Problem) -> Problem:
    """Name a field as it stands in the file; scripts keep theirs below `params`."""
    return replace(problem, field=problem.field.removeprefix("params").removeprefix("."))


def _unlike(strategy: Strategy) -> Iterator[Problem]:
    """Find what does not fit each other: names, references, sources of money, shares of years."""
    seen: list[str] = []
    for number, plan in enumerate(strategy.plan):
        field = f"plan[{number}]"
        if plan.name in seen:
            words = Text("每个名称只用一次", "each name once")
            yield Problem(field=f"{field}.name", found=quoted(plan.name), expected=words)
        yield from _strangers(plan, field, [one.name for one in strategy.plan])
        yield from _references(plan, field, seen)
        yield from _paying(strategy, plan, field)
        seen.append(plan.name)
    for number, limit in enumerate(strategy.limit):
        yield from _limiting(strategy, limit, f"limit[{number}]")


def _strangers(plan: Plan, field: str, everyone: list[str]) -> Iterator[Problem]:
    """Find plans that are named beside one and are none, or itself."""
    for key in ("may_share", "needs"):
        for other in getattr(plan, key):
            if other not in everyone or other == plan.name:
                yield _unknown(f"{field}.{key}", other, everyone)


def _paying(strategy: Strategy, plan: Plan, field: str) -> Iterator[Problem]:
    """Find a source of money that is none, and shares of years that are not the whole."""
    if plan.money and plan.money not in strategy.money:
        yield _unknown(f"{field}.money", plan.money, [*strategy.money])
    if plan.spent and abs(sum(plan.spent.values()) - 1) > SHARES:
        whole = f"Σ = {sum(plan.spent.values()):g}"
        yield Problem(field=f"{field}.spent", found=whole, expected="Σ = 1")


def _limiting(strategy: Strategy, limit: Limit, field: str) -> Iterator[Problem]:
    """Find a source of money that is none, and years or sources of what is no money."""
    if limit.money and limit.money not in strategy.money:
        yield _unknown(f"{field}.money", limit.money, [*strategy.money])
    if (limit.year or limit.money) and limit.kind != "yuan":
        only = Text("年份与来源只用于资金", "year and source of money go with yuan")
        yield Problem(field=field, found=limit.kind, expected=only)


def _references(plan: Plan, field: str, earlier: list[str]) -> Iterator[Problem]:
    """Find references to plans that do not stand above."""
    for name, text in handed(plan.set):
        parts, place = references(text), f"{field}.set.{name}"
        if not parts:
            yield Problem(field=place, found=quoted(text), expected=FORM)
        for other in sorted({one.plan for one in parts if one.plan} - {*earlier}):
            first = Text("排在前面的规划", "a plan that stands above")
            near = meant(other, earlier) or ""
            yield Problem(field=place, found=quoted(text), expected=first, remedy=near)


def _unknown(field: str, name: str, known: list[str]) -> Problem:
    expected = " | ".join(known) or "—"
    return Problem(
        field=field, found=quoted(name), expected=expected, remedy=meant(name, known) or ""
    )


def _unfit(asked: Asked, held: dict[str, County]) -> Iterator[Problem]:
    """Read every plan's question and parameters but for what others hand over to them."""
    for number, plan in enumerate(asked.strategy.plan):
        own = given(plan.set)
        try:
            ordered(
                asked.what(plan),
                lang=asked.lang,
                settings=settings(own, {}, {}),
                county=asked.county,
                held=held,
            )
        except PlanningError as error:
            field = f"plan[{number}]"
            known = (Problem(field="what", found=error.message, expected=_askable(error)),)
            for one in error.problems or known:
                yield replace(one, field=f"{field}.{one.field.replace('params', 'set', 1)}")


def _askable(error: PlanningError) -> Text | str:
    kept = Text("问题、随县脚本或文件", "a question, a script kept with the county, or a file")
    return kept if isinstance(error, UsageError) and names() else ""


def given(values: Mapping[str, Any]) -> dict[str, Any]:
    """Give parameters without those that refer to other plans.

    >>> given({"a": 1, "b": "@first", "c": {"d": 2, "e": "@first.yuan"}})
    {'a': 1, 'c.d': 2}
    """
    refers = dict(handed(values))
    return {name: value for name, value in leaves(values) if name not in refers}


def _day(value: Any) -> str:
    """Write TOML's dates and times as JSON has them."""
    if isinstance(value, date | time):
        return value.isoformat()
    raise TypeError(f"no value: {value!r}")

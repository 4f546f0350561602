"""Figures of several runs, side by side: which is best in each, and which run is beaten in all."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from geo.words import Text, alike
from scenarios.result import Category, Column, Metric, Run, Table
from scenarios.several.labels import categories, titled

CLOSE = 1e-9
"""Figures that differ by less than this share of the larger one are the same."""


def shared(runs: Mapping[str, Run]) -> dict[str, dict[str, Metric]]:
    """Give the figures by id, each by the letter of its run; a unit apart is a figure apart."""
    found: dict[tuple[str, str], dict[str, Metric]] = {}
    for name, run in runs.items():
        for metric in run.result.metrics:
            found.setdefault((metric.id, metric.unit), {})[name] = metric
    codes = [code for code, _ in found]
    return {
        code if codes.count(code) == 1 else f"{code} {unit}": metrics
        for (code, unit), metrics in found.items()
    }


def same(one: float, other: float) -> bool:
    """Say whether two figures are the same; one that is not known is like no other.

    >>> same(1.0, 1.0 + 1e-12), same(0.0, 0.0), same(float("nan"), float("nan"))
    (True, True, False)
    """
    return abs(one - other) <= CLOSE * max(abs(one), abs(other))


def table(runs: Mapping[str, Run]) -> Table:
    """Give one row a run and one column a figure; then by how much each differs from the first.

    A figure that a run does not have is missing in its row.
    """
    first, *others = runs
    of = shared(runs)
    values = pd.DataFrame(
        {
            code: [metrics[name].value if name in metrics else np.nan for name in runs]
            for code, metrics in of.items()
        },
        index=list(runs),
        dtype=float,
    )
    steps = values.loc[others] - values.loc[first]
    steps.index = pd.Index([less(name, first) for name in others], dtype=object)
    frame = pd.concat([values, steps]).rename_axis("run").reset_index()
    letters = (
        *categories(runs),
        *(Category(less(name, first), alike(less(name, first))) for name in others),
    )
    columns = (
        Column("run", Text("情景", "Run"), categories=letters),
        *(_column(code, next(iter(metrics.values()))) for code, metrics in of.items()),
    )
    title = Text("指标对比", "Figures compared")
    return Table("figures", title, frame, columns, role="comparison")


def less(name: str, first: str) -> str:
    """Give the code of a difference between two runs.

    >>> less("B", "A")
    'B − A'
    """
    return f"{name} − {first}"


def _column(code: str, metric: Metric) -> Column:
    return Column(code, metric.title, metric.unit, metric.decimals, better=metric.better)


def best(runs: Mapping[str, Run]) -> Table:
    """Give one row a figure that says which way is better: the runs that are best in it."""
    rows = [
        {"figure": any_one.title.zh, "figure_en": any_one.title.en, "best": "、".join(_best(of))}
        for of in shared(runs).values()
        for any_one in [next(iter(of.values()))]
        if _best(of)
    ]
    columns = (
        Column("figure", Text("指标", "Figure")),
        Column("figure_en", Text("指标英文名", "Figure in English")),
        Column("best", Text("最优", "Best")),
    )
    frame = pd.DataFrame(rows, columns=[column.name for column in columns], dtype=object)
    return Table("best", Text("各项最优", "Best in each figure"), frame, columns)


def _best(of: Mapping[str, Metric]) -> list[str]:
    """Name the runs that are best in a figure; none where only one has it or no way is better."""
    ways = {metric.better for metric in of.values()}
    if len(of) < 2 or len(ways) != 1 or not (way := ways.pop()):
        return []
    values = [metric.value for metric in of.values()]
    best = max(values) if way == "higher" else min(values)
    return [name for name, metric in of.items() if same(metric.value, best)]


def dominated(runs: Mapping[str, Run]) -> dict[str, list[str]]:
    """Give for each run those that are as good in every figure and better in one.

    Only figures count that all runs have and that say which way is better; without any, no run is
    dominated.
    """
    counted = [
        of
        for of in shared(runs).values()
        if len(of) == len(runs) and len({metric.better for metric in of.values()}) == 1
    ]
    signs = {"lower": 1.0, "higher": -1.0}
    goals = [
        {name: signs[metric.better] * metric.value for name, metric in of.items()}
        for of in counted
        if next(iter(of.values())).better in signs
    ]
    return {
        name: [other for other in runs if other != name and _beats(other, name, goals)]
        for name in runs
    }


def _beats(other: str, name: str, goals: list[dict[str, float]]) -> bool:
    """Say whether one is nowhere worse than another, and somewhere better; less is better."""
    as_good = all(goal[other] <= goal[name] or same(goal[other], goal[name]) for goal in goals)
    return as_good and any(
        goal[other] < goal[name] and not same(goal[other], goal[name]) for goal in goals
    )


def asked(runs: Mapping[str, Run]) -> Table:
    """Give one row a parameter in which the runs differ, and one for question and day of data."""
    rows = [
        *_row("question", Text("问题", "Question"), {n: run.scenario for n, run in runs.items()}),
        *_row("data_date", Text("数据日期", "Data of"), {n: r.data_date for n, r in runs.items()}),
        *_row("county", Text("县域", "County"), {n: run.county for n, run in runs.items()}),
    ]
    titles = {one.id: one.title for run in runs.values() for one in run.settings}
    for name, title in titles.items():
        values = {
            label: next((one.value for one in run.settings if one.id == name), "")
            for label, run in runs.items()
        }
        rows += _row(name, title, values)
    columns = (
        Column("title", Text("参数", "Parameter")),
        Column("title_en", Text("参数英文名", "Parameter in English")),
        Column("parameter", Text("代号", "Code")),
        *(Column(f"value_{name}", titled(name, run)) for name, run in runs.items()),
    )
    frame = pd.DataFrame(rows, columns=[column.name for column in columns], dtype=object)
    return Table("asked", Text("参数差异", "Parameters that differ"), frame, columns)


def _row(code: str, title: Text, values: Mapping[str, str]) -> list[dict[str, str]]:
    """Give a row where the runs differ, else none."""
    if len(set(values.values())) < 2:
        return []
    told = {f"value_{name}": value for name, value in values.items()}
    return [{"parameter": code, "title": title.zh, "title_en": title.en, **told}]


def listed(runs: Mapping[str, Run], beaten: Mapping[str, list[str]]) -> Table:
    """Give one row a run: what it is, when, how well known, and which runs beat it in all."""
    rows = [
        {
            "run": name,
            "question": run.scenario,
            "key": run.key[:12],
            "quality": run.quality_words.zh,
            "quality_en": run.quality_words.en,
            "beaten": "、".join(beaten[name]),
        }
        for name, run in runs.items()
    ]
    columns = (
        Column("run", Text("情景", "Run"), categories=categories(runs)),
        Column("question", Text("问题", "Question")),
        Column("key", Text("编号", "Key")),
        Column("quality", Text("数据质量", "Quality")),
        Column("quality_en", Text("数据质量英文", "Quality in English")),
        Column("beaten", Text("各项均不优于", "Beaten in all by")),
    )
    frame = pd.DataFrame(rows, columns=[column.name for column in columns], dtype=object)
    return Table("runs", Text("参与对比的情景", "Runs compared"), frame, columns)

"""What a sweep says: its tables, the spread of each figure, and what failed, as a run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

import numpy as np

from geo.words import Text, unit_words
from scenarios.result import Check, Layer, Metric, Result, Run
from scenarios.several.gathering import alike_in, gathered
from scenarios.several.sweep import tables as told
from scenarios.several.sweep.indices import indices
from scenarios.several.sweep.outcomes import Swept
from scenarios.several.sweep.province import province

TITLE = Text("参数扫描", "Parameters swept")
MEDIAN = Text("各案例的中位数", "median of the cases")
BASE = frozenset({"outline", "hillshade", "water", "boundary"})


def swept(sweep: Swept, *, asked: Mapping[str, object]) -> Run:
    """Give what a sweep says, as a run.

    Raises
    ------
    ValueError
        If no case has a run.
    """
    runs = sweep.runs
    tables = [told.cases(sweep)]
    if sweep.design.method == "one-at-a-time":
        tables += [told.tornado(sweep, metric) for metric in sweep.metrics.values()]
    tables += list(told.curves(sweep))
    checks = list(_failures(sweep))
    if sweep.design.method in {"sobol", "morris"}:
        figures = {name: sweep.values(name) for name in sweep.metrics}
        found = indices(sweep.design, figures, seed=sweep.seed)
        tables += [
            told.index_table(sweep, name, one) for name, one in found.items() if one.why is None
        ]
        checks += [_none(sweep, name, one.why) for name, one in found.items() if one.why]
    if sweep.flips:
        tables.append(told.flips(sweep))
    first = runs[0]
    layers = [one for one in sweep.layers if one.meaning in BASE] if alike_in(runs) else []
    layers = [_plain(one) for one in layers] + list(province(sweep))
    metrics = tuple(_spread(sweep))
    result = Result(
        layers=tuple(layers),
        tables=tuple(tables),
        metrics=metrics,
        checks=tuple(checks),
    )
    result = replace(result, answer=tuple(_answer(sweep)))
    title = Text(f"{TITLE.zh}：{first.title.zh}", f"{TITLE.en}: {first.title.en}")
    return gathered("sweep", runs, result, title=title, question=first.question, asked=asked)


def _plain(layer: Layer) -> Layer:
    return replace(layer, focus=False, columns=(), binding="") if layer.label == "" else layer


def _none(sweep: Swept, name: str, why: Text) -> Check:
    metric = sweep.metrics[name]
    title = Text(f"敏感性指数：{metric.title.zh}", f"Indices: {metric.title.en}")
    return Check(
        f"no_indices_{name}",
        title,
        "unknown",
        why,
        Text("各案均已知且有变化", "known in all cases, and varying"),
    )


def _failures(sweep: Swept) -> Iterator[Check]:
    """Tell each case that failed, with what it was and why."""
    for number, one in enumerate(sweep.outcomes, 1):
        if one.run is None:
            asked = "，".join(f"{name}={value}" for name, value in one.case.settings.items())
            yield Check(
                f"case_{number}",
                Text(f"案例 {number}：{asked}", f"Case {number}: {asked}"),
                "unknown",
                one.failure or Text("未运行", "not run"),
                Text("可以运行", "can be run"),
            )


def _spread(sweep: Swept) -> Iterator[Metric]:
    """Give each figure's median over the cases, with its least and most."""
    for name, metric in sweep.metrics.items():
        values = sweep.values(name)
        known = values[np.isfinite(values)]
        if known.size:
            yield replace(
                metric,
                value=float(np.median(known)),
                low=float(known.min()),
                high=float(known.max()),
                before=None,
                note=MEDIAN,
                layer="",
                features=(),
            )


def _answer(sweep: Swept) -> Iterator[Text]:
    failed = sum(one.run is None for one in sweep.outcomes)
    total = len(sweep.outcomes)
    yield Text(
        f"共 {total} 个案例，{total - failed} 个完成，{failed} 个失败。",
        f"{total} cases: {total - failed} done, {failed} failed.",
    )
    spread = list(_spread(sweep))
    moved = [one for one in spread if one.low != one.high]
    for metric in moved[:3]:
        low, high = (f"{end:,.{metric.decimals}f}" for end in (metric.low, metric.high))
        unit = unit_words(metric.unit)
        yield Text(
            f"{metric.title.zh}在 {low} 至 {high} {unit.zh} 之间。",
            f"{metric.title.en} lies between {low} and {high} {unit.en}.",
        )
    if same := len(spread) - len(moved):
        yield Text(
            f"{same} 项指标在各案例中不变。", f"{same} of the figures are the same in all cases."
        )

"""What a sweep says: a table of its cases, tornado, curves, indices, flips, and what failed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo.words import Text, alike
from scenarios.result import Category, Check, Column, Layer, Metric, Result, Run, Table
from scenarios.several.gathering import alike_in, gathered
from scenarios.several.sweep.cases import CASES, Outcome
from scenarios.several.sweep.designs import Design
from scenarios.several.sweep.flips import Flip
from scenarios.several.sweep.indices import Indices, indices

Floats = NDArray[np.float64]
TITLE = Text("参数扫描", "Parameters swept")
BASE = frozenset({"outline", "hillshade", "water", "boundary"})
STATES = (
    Category("run", Text("已运行", "run")),
    Category("failed", Text("失败", "failed")),
)
PARAMETER = Column("parameter", Text("参数", "Parameter"))


@dataclass(frozen=True, eq=False)
class Swept:
    """A sweep that was run: its design and what came of each case, in order.

    `titles` are the parameters in words; `flips` by the parameter they were looked for along.
    """

    design: Design
    outcomes: tuple[Outcome, ...]
    titles: Mapping[str, Text]
    seed: int = 0
    flips: Mapping[str, tuple[Flip, ...]] = field(default_factory=dict)

    @property
    def runs(self) -> list[Run]:
        """The runs there are, in the order of the cases, each once."""
        found = {one.run.key: one.run for one in self.outcomes if one.run is not None}
        return list(found.values())

    @property
    def metrics(self) -> dict[str, Metric]:
        """Every figure that some run has, by id."""
        found: dict[str, Metric] = {}
        for run in self.runs:
            for metric in run.result.metrics:
                found.setdefault(metric.id, metric)
        return found

    def values(self, figure: str) -> Floats:
        """Give the value of a figure in each case; NaN where it is not known."""
        return np.array([_value(one.run, figure) for one in self.outcomes], dtype=np.float64)

    def title(self, parameter: str) -> Text:
        """Give a parameter in words, with its code."""
        words = self.titles.get(parameter, alike(parameter))
        return Text(f"{words.zh}（{parameter}）", f"{words.en} ({parameter})")


def _value(run: Run | None, figure: str) -> float:
    metrics = run.result.metrics if run is not None else ()
    return next((metric.value for metric in metrics if metric.id == figure), np.nan)


def swept(sweep: Swept, *, asked: Mapping[str, object]) -> Run:
    """Give what a sweep says, as a run.

    Raises
    ------
    ValueError
        If no case has a run.
    """
    runs = sweep.runs
    tables = [_cases(sweep)]
    if sweep.design.method == "one-at-a-time":
        tables += [_tornado(sweep, metric) for metric in sweep.metrics.values()]
    tables += list(_curves(sweep))
    checks = list(_failures(sweep))
    if sweep.design.method in {"sobol", "morris"}:
        figures = {name: sweep.values(name) for name in sweep.metrics}
        found = indices(sweep.design, figures, seed=sweep.seed)
        tables += [_indices(sweep, name, one) for name, one in found.items() if one.why is None]
        checks += [_none(sweep, name, one.why) for name, one in found.items() if one.why]
    if sweep.flips:
        tables.append(_flips(sweep))
    first = runs[0]
    layers = [one for one in first.result.layers if one.meaning in BASE] if alike_in(runs) else []
    metrics = tuple(_spread(sweep))
    result = Result(
        layers=tuple(_plain(one) for one in layers),
        tables=tuple(tables),
        metrics=metrics,
        checks=tuple(checks),
    )
    result = replace(result, answer=tuple(_answer(sweep)))
    title = Text(f"{TITLE.zh}：{first.title.zh}", f"{TITLE.en}: {first.title.en}")
    return gathered("sweep", runs, result, title=title, question=first.question, asked=asked)


def _plain(layer: Layer) -> Layer:
    return replace(layer, focus=False, columns=(), binding="") if layer.label == "" else layer


def _names(sweep: Swept) -> list[str]:
    """Name the parameters that some case sets, in the order of the axes, then as they come."""
    axes = [axis.name for axis in sweep.design.axes]
    set_by_cases = [name for case in sweep.design.cases for name in case]
    return list(dict.fromkeys([*axes, *set_by_cases]))


def _cases(sweep: Swept) -> Table:
    """Give one row a case: its settings, its figures, its verdicts, its folder."""
    names, metrics = _names(sweep), sweep.metrics
    rows = []
    for number, (case, one) in enumerate(zip(sweep.design.cases, sweep.outcomes, strict=True), 1):
        checks = one.run.result.checks if one.run else ()
        verdicts = [check.verdict for check in checks]
        row: dict[str, object] = {
            "case": str(number),
            "state": "run" if one.run else "failed",
            "folder": f"{CASES}/{one.case.name}" if one.run else "",
            "fails": float(verdicts.count("fail")) if one.run else np.nan,
            "unknown": float(verdicts.count("unknown")) if one.run else np.nan,
        }
        row |= {f"set_{name}": case.get(name, "") for name in names}
        row |= {f"figure_{name}": _value(one.run, name) for name in metrics}
        rows.append(row)
    columns = (
        Column("case", Text("案例", "Case")),
        Column("state", Text("状态", "State"), categories=STATES),
        *(Column(f"set_{name}", sweep.title(name)) for name in names),
        *(_figure(f"figure_{name}", metric) for name, metric in metrics.items()),
        Column("fails", Text("不达标项", "Checks failed"), decimals=0),
        Column("unknown", Text("未知项", "Checks unknown"), decimals=0),
        Column("folder", Text("运行文件夹", "Run folder")),
    )
    frame = pd.DataFrame(rows, columns=[column.name for column in columns])
    return Table("cases", Text("案例", "Cases"), frame, columns)


def _figure(name: str, metric: Metric) -> Column:
    return Column(name, metric.title, metric.unit, metric.decimals, better=metric.better)


def _tornado(sweep: Swept, metric: Metric) -> Table:
    """Give for a figure how far each parameter moves it; the widest first."""
    values = sweep.values(metric.id)
    base = values[0]
    rows = []
    for axis in sweep.design.axes:
        moved = [
            value
            for case, value in zip(sweep.design.cases, values, strict=True)
            if axis.name in case and np.isfinite(value)
        ]
        if moved and np.isfinite(base):
            title = sweep.title(axis.name)
            ends = {"low": min(*moved, base), "base": base, "high": max(*moved, base)}
            rows.append({"parameter": title.zh, "parameter_en": title.en, **ends})
    columns = (
        PARAMETER,
        Column("parameter_en", Text("参数英文名", "Parameter in English")),
        Column("low", Text("最低", "Lowest"), metric.unit, metric.decimals),
        Column("base", Text("基准", "As it is"), metric.unit, metric.decimals),
        Column("high", Text("最高", "Highest"), metric.unit, metric.decimals),
    )
    frame = pd.DataFrame(rows, columns=[column.name for column in columns])
    width = (frame["high"] - frame["low"]).sort_values(ascending=False, kind="stable")
    title = Text(f"敏感性：{metric.title.zh}", f"Sensitivity: {metric.title.en}")
    ordered = frame.loc[width.index].reset_index(drop=True)
    return Table(f"tornado_{metric.id}", title, ordered, columns, chart="tornado")


def _curves(sweep: Swept) -> Iterator[Table]:
    """Give the course of each figure along a parameter of at least three numbers, others fixed."""
    for axis in sweep.design.axes:
        points = list(_along(sweep, axis.name))
        if len(points) < 3:
            continue
        for metric in sweep.metrics.values():
            known = sorted(
                (x, value) for x, run in points if np.isfinite(value := _value(run, metric.id))
            )
            if len(known) < 3:
                continue
            frame = pd.DataFrame(known, columns=["x", metric.id])
            columns = (Column("x", sweep.title(axis.name)), _figure(metric.id, metric))
            title = Text(
                f"{metric.title.zh} 随 {axis.name}", f"{metric.title.en} along {axis.name}"
            )
            yield Table(f"curve_{axis.name}_{metric.id}", title, frame, columns, chart="curve")


def _along(sweep: Swept, name: str) -> Iterator[tuple[float, Run]]:
    """Give the cases in which this parameter alone is set, by its number."""
    for case, one in zip(sweep.design.cases, sweep.outcomes, strict=True):
        if set(case) == {name} and one.run is not None:
            try:
                yield float(case[name]), one.run
            except ValueError:
                return


def _indices(sweep: Swept, name: str, found: Indices) -> Table:
    """Give the indices of a figure; the parameter that accounts for most first."""
    titles = {
        "first": Text("一阶指数", "First order"),
        "first_interval": Text("± 95 %", "± 95 %"),
        "total": Text("总指数", "Total"),
        "total_interval": Text("± 95 % ", "± 95 % "),
        "mu_star": Text("平均影响 µ*", "Mean effect µ*"),
        "mu_star_interval": Text("± 95 %", "± 95 %"),
        "sigma": Text("影响离散 σ", "Spread of effects σ"),
    }
    metric = sweep.metrics[name]
    unit = metric.unit if sweep.design.method == "morris" else ""
    rows = found.rows.assign(
        parameter=[sweep.title(one).zh for one in found.rows["parameter"]],
        parameter_en=[sweep.title(one).en for one in found.rows["parameter"]],
    )
    numbers = [column for column in titles if column in rows]
    most = "total" if "total" in rows else "mu_star"
    rows = rows.sort_values(most, ascending=False, kind="stable").reset_index(drop=True)
    columns = (
        PARAMETER,
        Column("parameter_en", Text("参数英文名", "Parameter in English")),
        *(Column(one, titles[one], unit, 3) for one in numbers),
    )
    title = Text(f"敏感性指数：{metric.title.zh}", f"Indices: {metric.title.en}")
    return Table(f"indices_{name}", title, rows[[one.name for one in columns]], columns)


def _none(sweep: Swept, name: str, why: Text) -> Check:
    metric = sweep.metrics[name]
    title = Text(f"敏感性指数：{metric.title.zh}", f"Indices: {metric.title.en}")
    return Check(f"no_indices_{name}", title, "unknown", why, Text("有变化且各案已知", "varies"))


def _flips(sweep: Swept) -> Table:
    """Give the values between which verdicts change."""
    checks = {check.id: check.title for run in sweep.runs for check in run.result.checks}
    rows = [
        {
            "parameter": sweep.title(name).zh,
            "parameter_en": sweep.title(name).en,
            "check": checks.get(one.check, alike(one.check)).zh,
            "check_en": checks.get(one.check, alike(one.check)).en,
            "below": one.below,
            "above": one.above,
            "verdict_below": one.verdict_below,
            "verdict_above": one.verdict_above,
        }
        for name, found in sweep.flips.items()
        for one in found
    ]
    columns = (
        PARAMETER,
        Column("parameter_en", Text("参数英文名", "Parameter in English")),
        Column("check", Text("检查项", "Check")),
        Column("check_en", Text("检查项英文名", "Check in English")),
        Column("below", Text("低于此值", "Up to"), decimals=4),
        Column("verdict_below", Text("结论", "Verdict"), categories=VERDICTS),
        Column("above", Text("高于此值", "From"), decimals=4),
        Column("verdict_above", Text("结论变为", "Becomes"), categories=VERDICTS),
    )
    frame = pd.DataFrame(rows, columns=[column.name for column in columns])
    return Table("flips", Text("结论转折点", "Where verdicts change"), frame, columns)


VERDICTS = (
    Category("pass", Text("达标", "pass")),
    Category("fail", Text("未达标", "fail")),
    Category("approval", Text("需报批", "needs approval")),
    Category("unknown", Text("未知", "unknown")),
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
    for metric in list(_spread(sweep))[:3]:
        low, high = (f"{end:,.{metric.decimals}f}" for end in (metric.low, metric.high))
        yield Text(
            f"{metric.title.zh}在 {low} 至 {high} {metric.unit}之间。",
            f"{metric.title.en} lies between {low} and {high} {metric.unit}.",
        )

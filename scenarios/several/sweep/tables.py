"""What a sweep says in tables: cases, tornado, curves, indices, where verdicts change."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd

from geo.words import Text, alike
from scenarios.result import Category, Column, Metric, Run, Table
from scenarios.several.sweep.cases import CASES
from scenarios.several.sweep.indices import Indices
from scenarios.several.sweep.outcomes import Swept, value

STATES = (
    Category("run", Text("已运行", "run")),
    Category("failed", Text("失败", "failed")),
)
PARAMETER = Column("parameter", Text("参数", "Parameter"))
VERDICTS = (
    Category("pass", Text("达标", "pass")),
    Category("fail", Text("未达标", "fail")),
    Category("approval", Text("需报批", "needs approval")),
    Category("unknown", Text("未知", "unknown")),
)


def cases(sweep: Swept) -> Table:
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
        row |= {f"set_{name}": _setting(case, one.run, name) for name in names}
        row |= {f"figure_{name}": value(one.run, name) for name in metrics}
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
    for name in names:
        frame[f"set_{name}"] = _as_numbers(frame[f"set_{name}"])
    return Table("cases", Text("案例", "Cases"), frame, columns)


def _setting(case: Mapping[str, str], run: Run | None, name: str) -> str:
    """Give a parameter in a case: as it was set, else what the run had where that is one word."""
    usual = run.params.get(name, "") if run is not None else ""
    return case.get(name) or ("" if isinstance(usual, list | tuple | dict) else str(usual))


def _as_numbers(cells: pd.Series[str]) -> pd.Series[Any]:
    """Give texts as numbers where each is one or empty, so that they sort as such.

    >>> _as_numbers(pd.Series(["0.55", "", "0.6"])).tolist()
    [0.55, nan, 0.6]
    >>> _as_numbers(pd.Series(["a", "1"])).tolist()
    ['a', '1']
    """
    told = cells[cells != ""]
    numbers = pd.to_numeric(told, errors="coerce")
    if not len(told) or not np.isfinite(numbers.to_numpy(dtype=float)).all():
        return cells
    return numbers.astype(float).reindex(cells.index)


def _names(sweep: Swept) -> list[str]:
    """Name the parameters that some case sets, in the order of the axes, then as they come."""
    axes = [axis.name for axis in sweep.design.axes]
    set_by_cases = [name for case in sweep.design.cases for name in case]
    return list(dict.fromkeys([*axes, *set_by_cases]))


def _figure(name: str, metric: Metric) -> Column:
    return Column(name, metric.title, metric.unit, metric.decimals, better=metric.better)


def tornado(sweep: Swept, metric: Metric) -> Table:
    """Give for a figure how far each parameter moves it; the widest first."""
    values = sweep.values(metric.id)
    base = values[0]
    rows = []
    for axis in sweep.design.axes:
        moved = {
            case[axis.name]: one
            for case, one in zip(sweep.design.cases, values, strict=True)
            if axis.name in case and np.isfinite(one)
        }
        if moved and np.isfinite(base):
            title = sweep.title(axis.name)
            low, high = (end(moved, key=moved.__getitem__) for end in (min, max))
            ends = {"low": min(moved[low], base), "base": base, "high": max(moved[high], base)}
            at = {
                "low_at": low if moved[low] < base else "",
                "high_at": high if moved[high] > base else "",
            }
            rows.append({"parameter": title.zh, "parameter_en": title.en, **ends, **at})
    columns = (
        PARAMETER,
        Column("parameter_en", Text("参数英文名", "Parameter in English")),
        Column("low", Text("最低", "Lowest"), metric.unit, metric.decimals),
        Column("base", Text("基准", "As it is"), metric.unit, metric.decimals),
        Column("high", Text("最高", "Highest"), metric.unit, metric.decimals),
        Column("low_at", Text("最低时取值", "Lowest at")),
        Column("high_at", Text("最高时取值", "Highest at")),
    )
    frame = pd.DataFrame(rows, columns=[column.name for column in columns])
    width = (frame["high"] - frame["low"]).sort_values(ascending=False, kind="stable")
    title = Text(f"敏感性：{metric.title.zh}", f"Sensitivity: {metric.title.en}")
    ordered = frame.loc[width.index].reset_index(drop=True)
    return Table(f"tornado_{metric.id}", title, ordered, columns, chart="tornado", about=metric.id)


def curves(sweep: Swept) -> Iterator[Table]:
    """Give the course of each figure along a parameter of at least three numbers, others fixed."""
    for axis in sweep.design.axes:
        points = list(_along(sweep, axis.name))
        if len(points) < 3:
            continue
        for metric in sweep.metrics.values():
            known = sorted((x, y) for x, run in points if np.isfinite(y := value(run, metric.id)))
            if len(known) < 3:
                continue
            frame = pd.DataFrame(known, columns=["x", metric.id])
            columns = (Column("x", sweep.title(axis.name)), _figure(metric.id, metric))
            along = sweep.titles.get(axis.name, alike(axis.name))
            title = Text(
                f"{metric.title.zh}随{along.zh}的变化", f"{metric.title.en} along {along.en}"
            )
            name = f"curve_{axis.name}_{metric.id}"
            yield Table(name, title, frame, columns, chart="curve", about=metric.id)


def _along(sweep: Swept, name: str) -> Iterator[tuple[float, Run]]:
    """Give the cases in which this parameter alone is set, by its number."""
    for case, one in zip(sweep.design.cases, sweep.outcomes, strict=True):
        if set(case) == {name} and one.run is not None:
            try:
                yield float(case[name]), one.run
            except ValueError:
                return


def index_table(sweep: Swept, name: str, found: Indices) -> Table:
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
    kept = rows[[one.name for one in columns]]
    return Table(f"indices_{name}", title, kept, columns, chart="whiskers", about=name)


def flips(sweep: Swept) -> Table:
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

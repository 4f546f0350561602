"""What becomes of every requirement of the standard book on the roads of this run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

import pandas as pd

from geo.words import Text
from layers.roads.requirements import PARTS, STATES, Requirement, requirements
from scenarios.result import Category, Check, Column, Table

TITLE = Text("标准要求与处理", "Requirements of the standard")
UNTOLD = "none"
"""Stands for the verdict of what nothing tests."""
VERDICTS: Mapping[str, Text] = MappingProxyType(
    {
        "fail": Text("违规", "fail"),
        "approval": Text("需报批", "needs approval"),
        "unknown": Text("未知", "unknown"),
        "pass": Text("达标", "pass"),
        UNTOLD: Text("无", "none"),
    }
)
"""Worst first."""


def requirement_table(checks: Sequence[Check]) -> Table:
    """Give a row a requirement: how the road is held to it, and the verdict if anything tests it.

    Parameters
    ----------
    checks
        Every verdict of the run.
    """
    known = {check.id: check for check in checks}
    rows = [_row(one, known) for one in requirements()]
    columns = (
        Column("part", Text("部分", "Part"), categories=_categories(PARTS)),
        Column(
            "requirement",
            Text("要求", "Requirement"),
            categories=tuple(Category(one.id, one.title) for one in requirements()),
        ),
        Column("document", Text("标准", "Standard")),
        Column("state", Text("处理方式", "How it is held"), categories=_categories(STATES)),
        Column("verdict", Text("结论", "Verdict"), categories=_categories(VERDICTS)),
        Column(
            "why",
            Text("说明", "Remark"),
            categories=tuple(Category(one.id, one.why) for one in requirements() if one.why.zh),
        ),
    )
    return Table("requirements", TITLE, pd.DataFrame(rows, columns=_names(columns)), columns)


def _row(one: Requirement, known: Mapping[str, Check]) -> tuple[str | None, ...]:
    """Give the worst verdict of the checks of a requirement.

    What is said to be checked and was not, for want of a layer, is unknown; advice is told, not
    judged.
    """
    verdict = UNTOLD
    if one.state == "checked":
        told = {known[name].verdict for name in one.checks if name in known}
        verdict = next((word for word in VERDICTS if word in told), "unknown")
    return (one.part, one.id, one.document, one.state, verdict, one.id if one.why.zh else None)


def _categories(titles: Mapping[str, Text]) -> tuple[Category, ...]:
    return tuple(Category(code, title) for code, title in titles.items())


def _names(columns: Sequence[Column]) -> list[str]:
    return [column.name for column in columns]

"""Tables of a strategy as its page reads them: rows, words of cells, amounts with their units."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

from geo.words import Text
from maps.cards import MU_PER_HA
from maps.wording import RefusedError, number, plain, told, unit_words
from scenarios.result import Run, Table

Row = Mapping[Any, Any]
NONE = "—"
ENDS = ("low", "likely", "high")


NEEDED: Mapping[str, tuple[str, ...]] = {
    "plans": ("number", "plan", "state", "stands_on", "folder"),
    "pairs": ("plan", "other", "state", "area_ha", "why"),
    "ledger": ("section", "item", "side", "unit", *ENDS, "line"),
    "years": ("year", "money", "plan", "likely", "basis"),
    "discounted": ("plan", "cost"),
}
"""Tables of every strategy, with the columns that its page reads."""


def require_told(run: Run) -> None:
    """Refuse a strategy that was made by code whose tables tell less.

    Raises
    ------
    RefusedError
        If it lacks a table or a column that its page reads.
    """
    told_of = {one.id: {column.name for column in one.columns} for one in run.result.tables}
    lacking = [name for name, own in NEEDED.items() if not {*own} <= told_of.get(name, set())]
    if lacking:
        names = "、".join(lacking)
        message = Text(
            f"组合方案的表不全（{names}），系旧版所写；请重新运行：jingning strategy",
            f"tables of the strategy tell too little ({names}); run it again: jingning strategy",
        )
        raise RefusedError(message)


def table(run: Run, name: str) -> Table:
    """Give a table of a strategy that has it."""
    return next(one for one in run.result.tables if one.id == name)


def rows(run: Run, name: str) -> Iterator[Row]:
    """Give the rows of a table; none where a strategy has no such table."""
    for one in run.result.tables:
        if one.id == name:
            yield from one.frame.to_dict("records")


def words(source: Table, row: Row, name: str) -> list[str]:
    """Give a cell in both languages."""
    column = next(one for one in source.columns if one.name == name)
    return list(told(row, column) or ("", ""))


def amount(value: Any, decimals: int) -> str:
    """Write an amount; what is not there is a dash.

    >>> amount(1234.5, 1), amount(float("nan"), 0), amount(None, 0)
    ('1,234.5', '—', '—')
    """
    known = plain(value)
    return NONE if known is None else number(float(known), decimals)


def mu(hectares: Any) -> list[str]:
    """Give hectares in 亩 as well; nothing where they are not known, or none.

    >>> mu(2.0), mu(float("nan")), mu(0.0)
    (['30.0 亩', '30.0 mu'], ['', ''], ['', ''])
    """
    known = plain(hectares)
    if not known or not math.isfinite(float(known)):
        return ["", ""]
    said = number(float(known) * MU_PER_HA, 1)
    return [f"{said} {unit}" for unit in unit_words("mu")]

"""The ledger section by section, and the timeline: what each plan spends in which year."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import groupby
from typing import Any

from maps.strategy.matrix import CONTESTED, LAND
from maps.strategy.rows import Row, amount, mu, rows, table, words
from maps.wording import plain, unit_words
from scenarios.result import Run, Table

DECIMALS = {"ha": 2}
LIT = {"land": LAND, "land_once": LAND, "land_contested": CONTESTED}
"""Lines of the ledger with the layer that they are on the map."""
FIRST = "first"
"""Yuan of no told year, counted in the first."""


def ledger(run: Run, names: Sequence[str]) -> list[dict[str, Any]]:
    """Give the sections with their lines: title, side, amounts in all and of each plan."""
    source = table(run, "ledger")
    layers = {one.id for one in run.result.layers}
    lines = [
        (words(source, row, "section"), _line(source, row, names, layers))
        for row in source.frame.to_dict("records")
    ]
    return [
        {"title": title, "lines": [line for _, line in own]}
        for title, own in groupby(lines, key=lambda one: one[0])
    ]


def _line(source: Table, row: Row, names: Sequence[str], layers: set[str]) -> dict[str, Any]:
    unit = str(row["unit"])
    decimals = DECIMALS.get(unit, 0)
    low, high = (amount(row[end], decimals) for end in ("low", "high"))
    layer = LIT.get(str(row["line"]), "")
    return {
        "id": row["line"],
        "title": words(source, row, "item"),
        "side": str(row["side"]),
        "side_words": words(source, row, "side"),
        "unit": list(unit_words(unit)),
        "whole": amount(row["likely"], decimals),
        "mu": mu(row["likely"]) if unit == "ha" else ["", ""],
        "span": f"{low} … {high}" if low != high else "",
        "nothing": not plain(row["likely"]) and not plain(row["high"]),
        "plans": [amount(row.get(f"plan_{name}"), decimals) for name in names],
        "note": words(source, row, "note"),
        "layer": layer if layer in layers else "",
    }


def timeline(run: Run, names: Sequence[str]) -> dict[str, Any]:
    """Give 10⁴ yuan of each plan and of each source of money by year, with the sums.

    Yuan of no told year stands in the first and is marked.
    """
    source = table(run, "years")
    spent = list(rows(run, "years"))
    years = sorted({int(row["year"]) for row in spent})
    paying = dict.fromkeys(tuple(words(source, row, "money")) for row in spent)
    present = {str(row["plan"]): row["cost"] for row in rows(run, "discounted")}
    return {
        "years": [str(year) for year in years],
        "plans": [
            {
                **_sums([row for row in spent if row["plan"] == name], years),
                "present": amount(present.get(name), 0),
            }
            for name in names
        ],
        "sources": [
            {
                "title": list(title),
                **_sums([r for r in spent if tuple(words(source, r, "money")) == title], years),
            }
            for title in paying
        ],
        "whole": {**_sums(spent, years), "present": amount(sum(present.values()), 0)},
        "undated": any(row["basis"] == FIRST and row["likely"] for row in spent),
    }


def _sums(spent: Sequence[Row], years: Sequence[int]) -> dict[str, Any]:
    """Give the sum of each year and of all; marked where some of it names no year."""
    cells = []
    for year in years:
        own = [row for row in spent if row["year"] == year]
        value = math.fsum(float(row["likely"]) for row in own)
        cells.append(
            {
                "value": amount(value, 0) if own else "",
                "undated": any(row["basis"] == FIRST for row in own),
            }
        )
    whole = math.fsum(float(row["likely"]) for row in spent)
    return {"cells": cells, "total": amount(whole, 0)}

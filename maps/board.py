"""Pages that are about figures, not places: charts by figure, or measures, in place of the map."""

from __future__ import annotations

from collections.abc import Container
from typing import Any

from maps.figures import DRAWN
from maps.leading import FOLDER, href
from maps.wording import pair, plain, told
from scenarios.result import Run, Table

MEASURES = "measures"


def board(run: Run) -> list[dict[str, Any]] | None:
    """Give the figures that charts are about; none on other pages.

    They come in the order of the metrics, those that are the same in all cases last.

    Charts take the place of the map where some are about a figure, or where measures are told.
    """
    about = {one.about for one in run.result.tables if one.chart in DRAWN and one.about}
    if not about and not any(one.role == MEASURES for one in run.result.tables):
        return None
    told_of = [one for one in run.result.metrics if one.id in about]
    moved = sorted(told_of, key=lambda one: one.low is not None and one.low == one.high)
    return [{"id": one.id, "title": pair(one.title)} for one in moved]


def measures(run: Run, pages: Container[str]) -> list[dict[str, Any]]:
    """Give the measures of a policy as cards: each with the questions that answer it."""
    cards: dict[str, dict[str, Any]] = {}
    for table in run.result.tables:
        if table.role != MEASURES:
            continue
        for row in table.frame.to_dict("records"):
            number = str(plain(row["measure"]))
            card = cards.setdefault(number, _card(number, row, table))
            if _words(row, table, "question") != ["", ""]:
                card["questions"].append(_question(row, table, pages))
    return list(cards.values())


def _card(number: str, row: dict[Any, Any], table: Table) -> dict[str, Any]:
    own = {name: _words(row, table, name) for name in ("title", "text", "standing")}
    return {"measure": number, **own, "state": _state(row, table), "questions": []}


def _state(row: dict[Any, Any], table: Table) -> dict[str, Any]:
    """Give the state of a row in words, with its code for the page's looks."""
    return {"code": str(plain(row["state"]) or ""), "words": _words(row, table, "state")}


def _question(row: dict[Any, Any], table: Table, pages: Container[str]) -> dict[str, Any]:
    folder = str(plain(row[FOLDER]) or "")
    names = ("question", "asks", "headline", "run", "command")
    own = {name: _words(row, table, name) for name in names}
    to = href(folder) if folder in pages else ""
    return {**own, "state": _state(row, table), "folder": folder, "href": to}


def _words(row: dict[Any, Any], table: Table, name: str) -> list[str]:
    column = next(one for one in table.columns if one.name == name)
    return list(told(row, column) or ("", ""))

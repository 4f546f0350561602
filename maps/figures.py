"""Which tables of a run are drawn, as which chart, and which of them are open at first."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from maps import charts
from maps.curves import curve
from maps.front import front
from maps.stack import stack
from maps.tornado import tornado, whiskers
from maps.wording import pair
from scenarios.result import Run, Table

FEWEST = {"front": 2}  # rows without which a chart says nothing
OPEN = 2  # charts that are open when the page opens; the checks stand below them
DRAWN: dict[str, Callable[[Table, charts.Words], str]] = {
    "curve": curve,
    "bars": charts.bars,
    "change": charts.change,
    "flows": charts.flows,
    "front": front,
    "tornado": tornado,
    "whiskers": whiskers,
    "stack": stack,
}


def drawings(run: Run, *, start: int = 0) -> tuple[list[dict[str, Any]], str]:
    """Draw every table that says how it may be drawn; profiles have a place of their own.

    Parameters
    ----------
    run
        The run.
    start
        The place of its first chart in the page's list.

    Returns
    -------
    words, figures
        Titles and words of each chart for the page's list; the figures' markup without a word.
    """
    tables = [
        one
        for one in run.result.tables
        if one.chart in DRAWN and len(one.frame) >= FEWEST.get(one.chart, 1)
    ]
    drawn = [drawing(table) for table in tables]
    figures = [
        f'<details class="plot" data-chart="{start + place}"{" open" * (place < OPEN)}>'
        f'<summary class="section"></summary>{svg}</details>'
        for place, (_, svg) in enumerate(drawn)
    ]
    return [words for words, _ in drawn], "\n".join(figures)


def drawing(table: Table) -> tuple[dict[str, Any], str]:
    """Draw one table: its words, and the SVG that points to them by number."""
    words: charts.Words = []
    svg = DRAWN[table.chart](table, words)
    return {"title": pair(table.title), "words": words, "about": table.about}, svg

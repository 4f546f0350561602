"""Which questions a county can be asked, by the layers it has."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from pathlib import Path
from typing import NamedTuple

from geo.words import Text
from layers.console import here, table
from layers.folder import SOURCE
from scenarios import find, names

NOTHING = "—"


class Runnable(NamedTuple):
    """A question: the layers without which it does not run, and those it would use besides."""

    name: str
    title: Text
    lacking: tuple[str, ...]
    without: tuple[str, ...]


def runnable(layers: Collection[str]) -> Iterator[Runnable]:
    """Say of every question whether it runs on some layers, by name.

    Parameters
    ----------
    layers
        Names of the layers that are there.

    Examples
    --------
    >>> found = {one.name: one for one in runnable({"dem", "outline", "townships"})}
    >>> found["access"].lacking, found["consolidation"].lacking
    ((), ('parcels',))
    """
    for name in names():
        scenario = find(name)
        lacking = tuple(one for one in scenario.needs if one not in layers)
        without = tuple(one for one in scenario.uses if one not in layers)
        yield Runnable(name, scenario.title, lacking, without)


def tell(folder: Path) -> None:
    """Print which questions run on a county folder, and what others lack."""
    layers = {path.parent.name for path in folder.glob(f"*/{SOURCE}")}
    columns = (
        Text("问题", "question"),
        Text("名称", "title"),
        Text("可运行", "runs"),
        Text("缺少", "lacks"),
        Text("有则更好", "would use"),
    )
    rows = [
        (
            one.name,
            here(one.title),
            here(Text("否", "no") if one.lacking else Text("是", "yes")),
            ", ".join(one.lacking) or NOTHING,
            ", ".join(one.without) or NOTHING,
        )
        for one in runnable(layers)
    ]
    table(Text("\n可以运行的问题", "\nquestions that run"), columns, rows)

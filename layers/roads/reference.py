"""Roads whose cost is published, to hold a design against: shipped ones, and the user's own."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, get_args

from geo.errors import FileError, Problem
from geo.words import Text
from layers.given import MISSING, Row, nearest, number, rows, unknown
from layers.roads.prices import OWN, shipped_book, source_title
from layers.rulebook import Status

WORDS = ("id", "title_zh", "title_en", "source", "status")
SUMS = ("published_yuan", "length_m")


@dataclass(frozen=True)
class Reference:
    """A road whose cost is published.

    Parameters
    ----------
    id, title
        What it is called.
    published_yuan
        Its cost.
    quantities
        Its `length_m`, and what else is known or assumed of how it is made up, by the names of a
        bill's quantities.
    source
        Where the cost is published.
    status
        Standing of cost and length. The other quantities are never better than unverified.
    """

    id: str
    title: Text
    published_yuan: float
    quantities: Mapping[str, float]
    source: Text
    status: Status

    @property
    def length_m(self) -> float:
        """Length in m."""
        return self.quantities["length_m"]

    @property
    def yuan_km(self) -> float:
        """Published cost of a kilometre."""
        return self.published_yuan / self.length_m * 1e3


def references() -> Mapping[str, Reference]:
    """Give the shipped ones; the first is that on which the cost book is calibrated.

    >>> road = references()["g638_rebuild"]
    >>> road.length_m, round(road.yuan_km / 1e4)  # 3.6 bn yuan / 56.13 km, in 万元
    (56130, 6414)
    """
    return MappingProxyType({entry["id"]: _shipped(entry) for entry in shipped_book()["reference"]})


def _shipped(entry: Mapping[str, Any]) -> Reference:
    return Reference(
        entry["id"],
        Text(entry["title_zh"], entry["title_en"]),
        float(entry["published_yuan"]),
        MappingProxyType(entry["quantities"]),
        Text(entry["source_zh"], entry["source_en"]),
        entry["status"],
    )


def reference(text: str) -> Reference | None:
    r"""Read the one a user names; nothing where the text is empty.

    Parameters
    ----------
    text
        A table of one row (CSV or TOML text, `layers.given`). The id alone names a shipped one;
        else title_zh, title_en, published_yuan and length_m, and if known source, status and
        quantities of a bill (bridge_m2, tunnel_m2 …).

    Raises
    ------
    FileError
        If it is no such table; everything wrong is named.

    Examples
    --------
    >>> reference("id\ng638_rebuild").status
    'secondary'
    >>> own = "id,title_zh,title_en,published_yuan,length_m\nx,某路,A road,5e8,10000"
    >>> reference(own).yuan_km, reference(own).status, reference("")
    (50000000.0, 'unverified', None)
    """
    if not text:
        return None
    found = rows(text)
    problems = [] if len(found) == 1 else [Problem(found=f"{len(found)}", expected="1")]
    row, shipped = found[0], references()
    name = str(row.get("id", ""))
    if set(row) == {"id"} and name in shipped and not problems:
        return shipped[name]
    problems += _problems(row, shipped)
    if problems:
        raise FileError(Text("公布造价有误", "the published cost is wrong"), problems=problems)
    numbers = {key: number(value) for key, value in row.items() if key not in WORDS}
    cost = numbers.pop("published_yuan")
    source = source_title(str(row.get("source", OWN)))
    title = Text(str(row["title_zh"]), str(row["title_en"]))
    status: Any = row.get("status", "unverified")
    return Reference(name, title, cost, MappingProxyType(numbers), source, status)


def _problems(row: Row, shipped: Mapping[str, Reference]) -> Iterator[Problem]:
    label = str(row.get("id", 1))
    known = {key for road in shipped.values() for key in road.quantities}
    yield from unknown(row, (*WORDS, *SUMS, *sorted(known - {"length_m"})), label)
    if set(row) == {"id"}:
        yield Problem(row=label, field="id", found=label, remedy=nearest(label, shipped))
        return
    for name in ("id", "title_zh", "title_en", *SUMS):
        if name not in row:
            yield Problem(row=label, field=name, found=MISSING)
    for name in (*SUMS, *sorted(known - {"length_m"})):
        least = 1.0 if name in SUMS else 0.0
        if name in row and not least <= number(row[name]) < math.inf:
            yield Problem(row=label, field=name, found=f"{row[name]}", expected=f"≥ {least:g}")
    if row.get("status", "unverified") not in get_args(Status):
        expected = " | ".join(get_args(Status))
        yield Problem(row=label, field="status", found=f"{row['status']}", expected=expected)

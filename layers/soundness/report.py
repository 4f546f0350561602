"""Findings as lines to read, layer by layer."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence

from geo.words import Text, joined
from layers.catalog import CATALOG
from layers.soundness.finding import STANDINGS, Finding, named

MARKS = {"doubtful": "?", "error": "✕"}


def lines(found: Sequence[Finding]) -> Iterator[Text]:
    """Give a heading for each layer, below it each finding: figure, expectation, remedy, places.

    Parameters
    ----------
    found
        Findings of a layer stand together, as `layers.soundness.findings` gives them.
    """
    for layer, group in itertools.groupby(found, key=lambda one: one.layer):
        title = CATALOG[layer].title
        yield Text(f"{layer} · {title.zh}", f"{layer} · {title.en}")
        for one in group:
            yield from _finding(one)


def _finding(one: Finding) -> Iterator[Text]:
    mark, standing = MARKS[one.standing], STANDINGS[one.standing]
    yield Text(
        f"  {mark} {one.id}（{standing.zh}）：{one.title.zh}：{one.found.zh}",
        f"  {mark} {one.id} ({standing.en}): {one.title.en}: {one.found.en}",
    )
    yield Text(f"      应为：{one.expected.zh}", f"      expected: {one.expected.en}")
    yield Text(f"      处理：{one.remedy.zh}", f"      remedy: {one.remedy.en}")
    if one.places:
        where = joined(named(one, 8))
        yield Text(f"      位置：{where.zh}", f"      places: {where.en}")


def total(found: Sequence[Finding]) -> Text:
    """Say in one line how many findings there are of each standing.

    >>> total([]).en
    '0 errors, 0 doubtful'
    """
    errors = sum(one.standing == "error" for one in found)
    doubts = len(found) - errors
    return Text(f"错误 {errors} 项，存疑 {doubts} 项", f"{errors} errors, {doubts} doubtful")

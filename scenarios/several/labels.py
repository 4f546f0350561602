"""The letters that runs side by side go by."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from string import ascii_uppercase
from types import MappingProxyType

from geo.words import Text
from scenarios.result import Category, Run


def lettered(runs: Sequence[Run]) -> Mapping[str, Run]:
    """Give runs by letters, in their order: A to Z, then AA and on.

    >>> [letter(n) for n in (0, 25, 26, 701, 702)]
    ['A', 'Z', 'AA', 'ZZ', 'AAA']
    """
    return MappingProxyType({letter(n): run for n, run in enumerate(runs)})


def letter(place: int) -> str:
    """Give the letter of a place, counted from 0, as spreadsheets name their columns."""
    name, rest = "", place + 1
    while rest:
        rest, digit = divmod(rest - 1, len(ascii_uppercase))
        name = ascii_uppercase[digit] + name
    return name


def titled(name: str, run: Run) -> Text:
    """Give what a run is called beside others: its letter, and its script or question."""
    own = run.subtitle if run.subtitle.zh or run.subtitle.en else run.title
    return Text(f"{name} {own.zh or own.en}", f"{name} {own.en or own.zh}")


def categories(runs: Mapping[str, Run]) -> tuple[Category, ...]:
    """Give the letters as codes with the titles of their runs."""
    return tuple(Category(name, titled(name, run)) for name, run in runs.items())

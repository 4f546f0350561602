"""The measures of the policy as kept with the toolkit: number, title, what is known of the text."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from geo.documents import toml_file
from geo.words import NO_TEXT, Text

FILE = Path(__file__).with_name("policy.toml")
UNTOLD = Text("非空间举措，条文未收录", "Not spatial; text not carried here")


@dataclass(frozen=True)
class Measure:
    """One measure: its number, short title, and what is known of its text.

    Of one that is not `spatial` neither title nor text is known.
    """

    number: int
    title: Text = UNTOLD
    text: Text = NO_TEXT
    spatial: bool = True


@dataclass(frozen=True)
class Policy:
    """A policy: its document, the county it is for, all its measures by number."""

    document: str
    county: str
    measures: tuple[Measure, ...]


@cache
def policy() -> Policy:
    """Read the policy; measures that the file leaves out are not spatial.

    Examples
    --------
    >>> [one.number for one in policy().measures if not one.spatial]
    [10, 14, 17, 20, 22]
    """
    content = toml_file(FILE)
    known = {
        int(one["number"]): Measure(
            int(one["number"]),
            Text(one["zh"], one["en"]),
            Text(one.get("text_zh", ""), one.get("text_en", "")),
        )
        for one in content["measures"]
    }
    numbers = range(1, int(content["count"]) + 1)
    every = tuple(known.get(n, Measure(n, spatial=False)) for n in numbers)
    return Policy(content["document"], content["county"], every)

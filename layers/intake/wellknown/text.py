"""Well-known text, with arcs and open rings: what GEOS refuses though it can be understood."""

from __future__ import annotations

import re
from collections.abc import Iterator

from geo.errors import GeometryError
from geo.words import Text
from layers.intake.features import NUMBER
from layers.intake.wellknown.arcs import Part, Position

DEEPEST = 20
TOKENS = re.compile(r"\s*([A-Za-z]+|[(),]|[^\s(),A-Za-z][^\s(),]*)")
POINTS = {"POINT", "LINESTRING", "LINEARRING", "CIRCULARSTRING"}
BARE = {
    "POLYGON": "LINESTRING",
    "TRIANGLE": "LINESTRING",
    "CURVEPOLYGON": "LINESTRING",
    "COMPOUNDCURVE": "LINESTRING",
    "MULTICURVE": "LINESTRING",
    "MULTILINESTRING": "LINESTRING",
    "MULTIPOINT": "POINT",
    "MULTIPOLYGON": "POLYGON",
    "MULTISURFACE": "POLYGON",
}
"""What stands inside a kind without a name of its own."""


def part_of_text(text: str) -> Part:
    """Read well-known text as it is written.

    Raises
    ------
    GeometryError
        If it is none.

    Examples
    --------
    >>> part_of_text("CIRCULARSTRING (0 0, 1 1, 2 0)")
    Part(kind='CIRCULARSTRING', inside=[(0.0, 0.0), (1.0, 1.0), (2.0, 0.0)])
    """
    tokens = _tokens(text)
    part = _named(tokens, DEEPEST)
    if (rest := next(tokens, "")) != "":
        raise _broken(rest)
    return part


def _tokens(text: str) -> Iterator[str]:
    place = 0
    text = text.rstrip()
    while place < len(text):
        token = TOKENS.match(text, place)
        if token is None:
            raise _broken(text[place : place + 20])
        place = token.end()
        yield token[1]


def _broken(word: str) -> GeometryError:
    return GeometryError(Text(f"WKT 有误：{word!r}", f"broken WKT: {word!r}"))


def _named(tokens: Iterator[str], depth: int, word: str = "") -> Part:
    """Read a kind with what follows it."""
    kind = (word or next(tokens, "")).upper()
    after = next(tokens, "").upper()
    if after in {"Z", "M", "ZM"}:
        after = next(tokens, "").upper()
    plain = re.sub(r"(?<=[A-Z]{4})(ZM|Z|M)$", "", kind)
    if not (plain in POINTS or plain in BARE or plain == "GEOMETRYCOLLECTION") or not depth:
        raise _broken(kind[:40])
    if after == "EMPTY":
        return Part(plain, [])
    if after != "(":
        raise _broken(after[:40])
    return _inside(plain, tokens, depth)


def _inside(kind: str, tokens: Iterator[str], depth: int) -> Part:
    """Read what stands in brackets, the first of which is read already."""
    if kind in POINTS:
        return Part(kind, _positions(tokens))
    parts = []
    mark = ","
    while mark == ",":
        word = next(tokens, "")
        if word == "(" and kind in BARE:
            parts.append(_inside(BARE[kind], tokens, depth - 1))
        elif kind == "MULTIPOINT" and NUMBER.fullmatch(word):
            return Part(kind, [Part("POINT", [one]) for one in _positions(tokens, word)])
        elif word.upper() == "EMPTY":
            parts.append(Part(BARE.get(kind, "POINT"), []))
        else:
            parts.append(_named(tokens, depth - 1, word))
        mark = next(tokens, "")
    if mark != ")":
        raise _broken(mark)
    return Part(kind, parts)


def _positions(tokens: Iterator[str], first: str = "") -> list[Position]:
    """Read positions up to the closing bracket."""
    positions: list[Position] = []
    numbers = [float(first)] if first else []
    for word in tokens:
        if word in {",", ")"}:
            if not 2 <= len(numbers) <= 4:
                raise _broken(" ".join(map(str, numbers)) or word)
            positions.append(tuple(numbers))
            numbers = []
            if word == ")":
                return positions
        elif NUMBER.fullmatch(word):
            numbers.append(float(word))
        else:
            raise _broken(word[:40])
    raise _broken("")

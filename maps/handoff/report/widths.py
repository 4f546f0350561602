"""How wide the columns of a table are, so that words and numbers stay whole."""

from __future__ import annotations

import re
from collections.abc import Sequence

BROAD, PADDING, MOST_TOKEN, MOST_WORD, FOUR = (
    34.0,
    3.0,
    20.0,
    10.0,
    8.0,
)  # Latin characters of a column
CJK = 0x2E7F
PIECE = re.compile(r"[!-~·°²³×–−]+|[\u2e80-\uffff]+")


def shares(rows: Sequence[Sequence[str]], whole: int, *, room: float) -> list[int]:
    """Share a width among columns: first what keeps words whole, the rest by their length.

    Parameters
    ----------
    rows
        The words of each cell.
    whole
        The width of the table.
    room
        How many Latin characters fit in it.
    """
    least, wanted = [], []
    for column in zip(*rows, strict=True):
        lengths = sorted(_wide(text) for text in column)
        typical = (lengths[-1] + sum(lengths) / len(lengths)) / 2
        low = max(_token(text) for text in column)
        least.append(low + PADDING)
        wanted.append(max(min(typical, BROAD), low) + PADDING)
    rest, over = room - sum(least), sum(wanted) - sum(least)
    if rest > 0 and over > 0:
        part = min(rest / over, 1.0)
        wanted = [a + (b - a) * part for a, b in zip(least, wanted, strict=True)]
    needs = wanted if rest > 0 else least
    return [round(whole * need / sum(needs)) for need in needs]


def _token(text: str) -> float:
    """Give the width of the longest piece that shall not be broken."""
    return max((min(_wide(one), _most(one)) for one in PIECE.findall(text)), default=1.0)


def _most(piece: str) -> float:
    """Give how much of a piece stays on one line: four Chinese characters; numbers and codes."""
    if ord(piece[0]) > CJK:
        return FOUR
    return MOST_WORD if any(c.isalpha() for c in piece) else MOST_TOKEN


def _wide(text: str) -> float:
    return sum(2.0 if ord(c) > CJK else 1.0 for c in text)

"""Lines cut into dashes."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

MOST = 20_000  # dashes of one line; a longer one is drawn whole

Line = NDArray[np.float64]


def dashed(line: Line, pattern: str, unit: float) -> Iterator[Line]:
    """Give the pieces of a line that are drawn.

    Parameters
    ----------
    line
        Places, n × 2, in pixels.
    pattern
        Lengths of strokes and gaps in turn, as SVG has them; empty for a whole line.
    unit
        Pixels of one of its lengths.

    Examples
    --------
    >>> [piece.tolist() for piece in dashed(np.array([[0.0, 0.0], [10.0, 0.0]]), "4 3", 1.0)]
    [[[0.0, 0.0], [4.0, 0.0]], [[7.0, 0.0], [10.0, 0.0]]]
    """
    steps = np.hypot(*np.diff(line, axis=0).T)
    along = np.concatenate([[0.0], np.cumsum(steps)])
    lengths = [float(part) * unit for part in pattern.split()]
    whole = sum(lengths)
    if not whole or along[-1] / whole > MOST:
        yield line
        return
    starts = np.concatenate([[0.0], np.cumsum(lengths)[:-1]])
    for turn in range(int(along[-1] // whole) + 1):
        for start, length in list(zip(starts, lengths, strict=True))[::2]:
            low = turn * whole + float(start)
            if low < along[-1]:
                yield _between(line, along, low, min(low + length, float(along[-1])))


def _between(line: Line, along: Line, low: float, high: float) -> Line:
    """Give the piece of a line between two lengths along it."""
    inner = line[(along > low) & (along < high)]
    ends = [[np.interp(at, along, line[:, k]) for k in (0, 1)] for at in (low, high)]
    return np.vstack([ends[0], inner, ends[1]])

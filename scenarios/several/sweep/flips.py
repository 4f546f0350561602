"""At which value of a parameter a verdict changes: bisection between two that differ."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

Verdicts = dict[str, str]


@dataclass(frozen=True)
class Flip:
    """A verdict that changes between two values of a parameter, no further apart than asked."""

    check: str
    below: float
    above: float
    verdict_below: str
    verdict_above: str


def flips(
    judged: Callable[[float], Verdicts], values: Sequence[float], *, width: float
) -> Iterator[Flip]:
    """Find where verdicts change along one parameter.

    Parameters
    ----------
    judged
        Gives the verdicts at a value, by the check's id.
    values
        Ascending values, two at least; between neighbours with the same verdict no change is
        looked for.
    width
        How far apart the two ends of a flip may be at most.

    Raises
    ------
    ValueError
        If values do not ascend or the width is not above 0.

    Notes
    -----
    Between neighbours that differ, bisection finds one change; where there are several in between,
    it is one of them.

    Examples
    --------
    >>> found = flips(lambda x: {"steep": "fail" if x > 0.3 else "pass"}, [0, 1], width=0.125)
    >>> [(one.below, one.above, one.verdict_above) for one in found]
    [(0.25, 0.375, 'fail')]
    """
    if width <= 0 or any(b <= a for a, b in pairwise(values)):
        raise ValueError("values ascend, and a width is above 0")
    known = {value: judged(value) for value in values}
    for low, high in pairwise(values):
        for check in sorted(known[low]):
            if known[low][check] != known[high].get(check, known[low][check]):
                yield _narrowed(check, low, high, judged, known, width)


def _narrowed(
    check: str,
    low: float,
    high: float,
    judged: Callable[[float], Verdicts],
    known: dict[float, Verdicts],
    width: float,
) -> Flip:
    """Halve the interval until it is narrow enough; what has been judged is not judged again."""
    while high - low > width:
        middle = (low + high) / 2
        if not low < middle < high:
            break
        if middle not in known:
            known[middle] = judged(middle)
        if known[middle].get(check) == known[low][check]:
            low = middle
        else:
            high = middle
    return Flip(check, low, high, known[low][check], known[high].get(check, ""))

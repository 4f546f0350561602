"""Directed arithmetic: intervals that hold the exact result, whatever floating point rounds.

Results are rounded outwards. Whole numbers below 2**53 stay exact, so that areas in 0.01 m² add up
to the last one. What overflows ends at an infinity; what is undefined is nan, which proves nothing
as long as one asks whether a claim holds, never whether it fails.

Error of sums: Higham, N. J. (2002): Accuracy and Stability of Numerical Algorithms, 2nd ed., 4.2.
Two-sum: Knuth, D. E. (1997): The Art of Computer Programming 2, 3rd ed., 4.2.2.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from geo.certificates.certificate import Floats, Whole

EXACT = 2.0**53  # whole numbers below this are sums and products without rounding
UNIT = 2.0**-52  # twice the unit roundoff
TINY = 2.0**-1074  # the least number above 0, for what is too small to be a share of itself


@dataclass(frozen=True, eq=False)
class Interval:
    """Exact reals between `low` and `high`, arrays of one shape; an end may be infinite.

    `+`, `-`, `*` take an interval, or numbers that are exact.

    Examples
    --------
    >>> tenth = exact(1.0) / exact(10.0)  # 0.1 is no floating-point number
    >>> bool(tenth.low < 0.1 < tenth.high)
    True
    >>> half = exact(1.0) * 0.5
    >>> bool(half.low == half.high == 0.5)
    True
    """

    low: Floats
    high: Floats

    def __getitem__(self, which: Any) -> Interval:
        """Give those at some places."""
        return Interval(self.low[which], self.high[which])

    def __neg__(self) -> Interval:
        """Turn round; exact."""
        return Interval(-self.high, -self.low)

    def __add__(self, other: Interval | ArrayLike) -> Interval:
        """Add; sums without rounding stay exact."""
        more = _interval(other)
        return Interval(_added(self.low, more.low)[0], _added(self.high, more.high)[1])

    def __sub__(self, other: Interval | ArrayLike) -> Interval:
        """Subtract."""
        return self + (-_interval(other))

    def __mul__(self, other: Interval | ArrayLike) -> Interval:
        """Multiply; 0 times anything is 0, since exact reals are finite."""
        more = _interval(other)
        ends = [_times(a, b) for a in _ends(self) for b in _ends(more)]
        low, high = ends[0]
        for below, above in ends[1:]:
            low, high = np.minimum(low, below), np.maximum(high, above)
        return Interval(low, high)

    def __truediv__(self, other: Interval) -> Interval:
        """Divide by what is above 0; nan where it may not be."""
        least = np.where(other.low > 0, other.low, np.nan)
        low = _over(self.low, np.where(self.low >= 0, other.high, least))[0]
        high = _over(self.high, np.where(self.high >= 0, least, other.high))[1]
        return Interval(low + 0 * least, high + 0 * least)


def exact(values: ArrayLike) -> Interval:
    """Take numbers as they are.

    >>> exact([1.0, 2.0]).high.tolist()
    [1.0, 2.0]
    """
    array = np.asarray(values, np.float64)
    return Interval(array, array)


def _interval(other: Interval | ArrayLike) -> Interval:
    return other if isinstance(other, Interval) else exact(other)


def _ends(of: Interval) -> tuple[Floats, ...]:
    return (of.low,) if of.low is of.high else (of.low, of.high)


def joined(parts: Sequence[Interval]) -> Interval:
    """Put intervals one after the other.

    >>> joined([exact([1.0]), exact([2.0])]).low.tolist()
    [1.0, 2.0]
    """
    low = np.concatenate([np.zeros(0), *(np.atleast_1d(part.low) for part in parts)])
    high = np.concatenate([np.zeros(0), *(np.atleast_1d(part.high) for part in parts)])
    return Interval(low, high)


@np.errstate(all="ignore")
def _added(a: Floats, b: Floats) -> tuple[Floats, Floats]:
    """Give a + b rounded down and up: two-sum tells on which side the exact sum lies."""
    near = a + b
    part = near - a
    error = (a - (near - part)) + (b - part)
    low = np.where(error >= 0, near, np.nextafter(near, -np.inf))
    return low, np.where(error <= 0, near, np.nextafter(near, np.inf))


@np.errstate(all="ignore")
def _times(a: Floats, b: Floats) -> tuple[Floats, Floats]:
    same = (a == 0) | (b == 0)
    near = np.where(same, 0.0, a * b)
    for one in (a, b):
        if np.ndim(one) == 0 and abs(one) == 1:
            return near, near
    if whole(b).any():
        same |= whole(a) & whole(b) & (np.abs(near) < EXACT)
    return _outward(near, same)


@np.errstate(all="ignore")
def _over(a: Floats, b: Floats) -> tuple[Floats, Floats]:
    near = a / b
    same = (a == 0) | (b == 1)
    same |= whole(a) & whole(b) & whole(near) & (near * b == a) & (np.abs(a) < EXACT)
    return _outward(near, same)


def _outward(near: Floats, same: Any) -> tuple[Floats, Floats]:
    """Move outwards by one unit in the last place at least: 2⁻⁵² of the size is no less."""
    off = np.where(same, 0.0, np.abs(near) * UNIT + TINY)
    return near - off, near + off


def whole(values: Floats) -> Any:
    """Say which numbers are whole; infinities and nan are not.

    >>> whole(np.array([2.0, 0.5, np.inf])).tolist()
    [True, False, False]
    """
    return (values == np.rint(values)) & (np.abs(values) < np.inf)


def total(parts: Interval) -> Interval:
    """Add all up. The sum is correctly rounded, then moved one number outwards.

    Examples
    --------
    >>> sum_ = total(exact([1e16, 1.0, -1e16]))  # plain sums give 0
    >>> bool(sum_.low == sum_.high == 1.0)
    True
    """
    return Interval(_total(parts.low, -math.inf), _total(parts.high, math.inf))


def _total(values: Floats, outwards: float) -> Floats:
    flat = np.ravel(values)
    if not np.isfinite(flat).all():
        undefined = np.isnan(flat).any() or np.isinf(flat[flat != outwards]).any()
        return np.asarray(np.nan if undefined else outwards)
    try:
        near = math.fsum(flat.tolist())
    except OverflowError:
        return np.asarray(outwards)
    if bool(whole(flat).all()) and abs(near) < EXACT:
        return np.asarray(near)
    return np.asarray(math.nextafter(near, outwards))


@np.errstate(all="ignore")
def gathered(at: Whole, parts: Interval, size: int) -> Interval:
    """Add up what stands at each of the places 0 … size − 1; one number alone stays as it is.

    The error of a plain sum of d numbers is no more than d · 2⁻⁵² times the sum of their sizes.

    Examples
    --------
    >>> sums = gathered(np.array([0, 2, 2]), exact([5.0, 1.0, 2.0]), 3)
    >>> bool(sums.low[0] == sums.high[0] == 5.0), bool(sums.low[2] < 3.0 < sums.high[2])
    (True, True)
    """
    count = np.bincount(at, minlength=size)
    low, off = _gathered(at, parts.low, count)
    high, over = (low, off) if parts.low is parts.high else _gathered(at, parts.high, count)
    return Interval(low - off, high + over)


def _gathered(at: Whole, values: Floats, count: Whole) -> tuple[Floats, Floats]:
    """Give plain sums by place, and how far outwards each has to move."""
    sums = np.asarray(np.bincount(at, values, len(count)), np.float64)
    sizes = np.bincount(at, np.abs(values), len(count))
    # the last factor and unit are for the rounding of these lines themselves
    off = ((count + 2) * UNIT * sizes) * (1 + 4 * UNIT) + TINY
    return sums, np.where((count <= 1) | (sizes == 0), 0.0, off)

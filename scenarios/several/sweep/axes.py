"""What is varied: the values, the interval or the distribution of each parameter.

walk_factor=0.6,0.8,1            values; with semicolons they may hold commas
walk_factor=0.6..1.2             an interval, all of it equally likely
walk_factor=normal(1,0.1)        mean and standard deviation
walk_factor=uniform(0.6,1.2)     the same as an interval
walk_factor=triangular(0.6,1,1.2)     least, most likely, most
walk_factor=lognormal(0,0.2)     mean and standard deviation of the logarithm
county=jingning,yunhe            county folders
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from geo.errors import Problem, UsageError
from geo.words import Text, alike

Floats = NDArray[np.float64]
CALL = re.compile(r"([a-z]+)\(([^()]*)\)")
SPAN = re.compile(r"\s*([-+.\deE]+)\s*\.\.\s*([-+.\deE]+)\s*")
FORM = alike("KEY=1,2,3 | KEY=1..3 | KEY=normal(2,0.5)")
TAIL = 1e-3
"""Where a normal is asked for its ends, so much of it lies beyond each."""


def _triangular(p: Floats, least: float, likely: float, most: float) -> Floats:
    shape = (likely - least) / (most - least)
    return np.asarray(stats.triang.ppf(p, shape, loc=least, scale=most - least))


QUANTILES: Mapping[str, Callable[..., Floats]] = MappingProxyType(
    {
        "uniform": lambda p, low, high: low + p * (high - low),
        "normal": lambda p, mean, deviation: mean + deviation * stats.norm.ppf(p),
        "lognormal": lambda p, mean, deviation: np.exp(mean + deviation * stats.norm.ppf(p)),
        "triangular": _triangular,
    }
)
COUNTS: Mapping[str, int] = MappingProxyType(
    {"uniform": 2, "normal": 2, "lognormal": 2, "triangular": 3}
)


@dataclass(frozen=True)
class Axis:
    """One parameter that is varied: by values as `--set` takes them, or by a distribution.

    Of a `whole` one the numbers drawn are rounded.
    """

    name: str
    values: tuple[str, ...] = ()
    distribution: str = ""
    numbers: tuple[float, ...] = ()
    whole: bool = False

    def at(self, shares: Floats) -> Floats:
        """Give the values below which shares of the distribution lie.

        >>> Axis("x", (), "uniform", (2.0, 4.0)).at(np.array([0.0, 0.5, 1.0])).tolist()
        [2.0, 3.0, 4.0]
        """
        return np.asarray(QUANTILES[self.distribution](shares, *self.numbers), dtype=np.float64)

    def told(self, value: float) -> str:
        """Write a number as `--set` takes it, so that it is read as the same one.

        >>> Axis("x").told(0.1), Axis("x", whole=True).told(2.6)
        ('0.1', '3')
        """
        return str(round(value)) if self.whole else repr(float(value))

    @property
    def ends(self) -> tuple[float, float]:
        """The least and the most of a distribution; of one without ends its tails are left out."""
        low, high = self.at(np.array([0.0, 1.0]))
        if not (math.isfinite(low) and math.isfinite(high)):
            low, high = self.at(np.array([TAIL, 1 - TAIL]))
        return float(low), float(high)


def axes(over: Sequence[str]) -> tuple[Axis, ...]:
    """Read what shall be varied.

    Raises
    ------
    UsageError
        Naming each text that is none, and each parameter named twice.

    Examples
    --------
    >>> [(one.name, one.values) for one in axes(["a=1,2", "b=x,1; y,2"])]
    [('a', ('1', '2')), ('b', ('x,1', 'y,2'))]
    >>> axes(["a=0.5..2"])[0].ends
    (0.5, 2.0)
    """
    found = [_axis(text) for text in over]
    names = [one.name for one in found if isinstance(one, Axis)]
    twice = Text("同一参数给了两次", "the same parameter twice")
    problems = [one for one in found if isinstance(one, Problem)]
    problems += [
        Problem(field="--over", found=alike(name), expected=twice)
        for name in sorted({name for name in names if names.count(name) > 1})
    ]
    if problems:
        words = Text("所改参数有误", "what shall be varied is not as it should be")
        raise UsageError(words, problems=problems)
    return tuple(one for one in found if isinstance(one, Axis))


def _axis(text: str) -> Axis | Problem:
    name, equals, values = (part.strip() for part in text.partition("="))
    wrong = Problem(field="--over", found=alike(text), expected=FORM)
    if not (name and equals and values):
        return wrong
    if span := SPAN.fullmatch(values):
        return _spread(name, "uniform", list(span.groups())) or wrong
    if call := CALL.fullmatch(values):
        return _spread(name, call[1], call[2].split(",")) or wrong
    listed = tuple(_listed(values))
    return Axis(name, listed) if all(listed) or ";" in values else wrong


def _spread(name: str, kind: str, texts: Sequence[str]) -> Axis | None:
    """Give an axis with a distribution, or none where its numbers are not as it wants them."""
    try:
        numbers = tuple(float(one) for one in texts)
    except ValueError:
        return None
    if COUNTS.get(kind) != len(numbers) or not all(map(math.isfinite, numbers)):
        return None
    if kind in {"normal", "lognormal"}:
        well = numbers[1] > 0
    else:
        well = list(numbers) == sorted(numbers) and numbers[0] < numbers[-1]
    return Axis(name, (), kind, numbers) if well else None


def _listed(values: str) -> Iterator[str]:
    """Give the values of a list: of JSON its items, else what stands between the marks."""
    if values.startswith("[") and values.endswith("]"):
        try:
            for one in json.loads(values):
                yield one if isinstance(one, str) else json.dumps(one, ensure_ascii=False)
        except ValueError:
            pass
        else:
            return
    yield from (part.strip() for part in values.split(";" if ";" in values else ","))

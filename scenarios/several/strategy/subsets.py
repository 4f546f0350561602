"""Which plans fit together: every subset is looked at, none is guessed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from geo.words import Text, alike, hectares, joined
from scenarios.several.strategy.spread import told

MOST = 15
"""Plans of which every subset is looked at: 32,767."""
CLOSE = 1e-9


@dataclass(frozen=True)
class Bound:
    """What plans together may claim at most, and how much each claims."""

    title: Text
    unit: str
    most: float
    amounts: Mapping[str, float]


@dataclass(frozen=True, eq=False)
class Together:
    """What decides whether plans fit together.

    Parameters
    ----------
    weights
        What each plan counts, by its name.
    contested
        Hectares by pair of plans that claim the same land.
    needs
        By plan, those without which it is not carried out.
    barred
        By plan, why it cannot be carried out at all.
    bounds
        What all together may claim.
    """

    weights: Mapping[str, float]
    contested: Mapping[tuple[str, str], float] = field(default_factory=dict)
    needs: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    barred: Mapping[str, Text] = field(default_factory=dict)
    bounds: tuple[Bound, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """The plans, in the order of their names."""
        return tuple(sorted(self.weights))


@dataclass(frozen=True)
class Subset:
    """Some plans: what they count, and whether they fit together."""

    plans: tuple[str, ...]
    score: float
    fits: bool


def subsets(terms: Together) -> list[Subset]:
    """Give every subset but the empty one: those that fit first, each by what it counts.

    Of two that count the same the one with fewer plans goes first, then that of the earlier names.

    Raises
    ------
    ValueError
        If there are more plans than `MOST`.

    Examples
    --------
    Two roads over one field, of which the second counts more:

    >>> terms = Together({"a": 1.0, "b": 2.0}, contested={("a", "b"): 0.5})
    >>> [(one.plans, one.score, one.fits) for one in subsets(terms)]
    [(('b',), 2.0, True), (('a',), 1.0, True), (('a', 'b'), 3.0, False)]
    """
    names = terms.names
    if len(names) > MOST:
        raise ValueError(f"{len(names)} plans, more than {MOST}")
    codes = np.arange(1, 1 << len(names))
    member = (codes[:, None] >> np.arange(len(names))) & 1 == 1
    fits = _fitting(terms, member)
    scores = member @ np.array([terms.weights[name] for name in names], dtype=float)
    found = [
        Subset(tuple(np.array(names)[row].tolist()), float(score), bool(fit))
        for row, score, fit in zip(member, scores, fits, strict=True)
    ]
    return sorted(found, key=lambda one: (not one.fits, -one.score, len(one.plans), one.plans))


def _fitting(terms: Together, member: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Say of each row whether it fits."""
    of = {name: member[:, n] for n, name in enumerate(terms.names)}
    never = np.zeros(len(member), dtype=bool)
    wrong = never.copy()
    for one, other in terms.contested:
        wrong |= of.get(one, never) & of.get(other, never)
    for name, needed in terms.needs.items():
        for other in needed:
            wrong |= of.get(name, never) & ~of.get(other, never)
    for name in terms.barred:
        wrong |= of.get(name, never)
    for bound in terms.bounds:
        amounts = np.array([bound.amounts.get(name, 0.0) for name in terms.names])
        wrong |= member @ amounts > bound.most + CLOSE * max(1.0, abs(bound.most))
    return ~wrong


def conflicts(terms: Together, plans: tuple[str, ...], titles: Mapping[str, Text]) -> list[Text]:
    """Say why plans do not fit together; nothing where they do."""
    return [*_contesting(terms, plans, titles), *beside_land(terms, plans, titles)]


def beside_land(terms: Together, plans: tuple[str, ...], titles: Mapping[str, Text]) -> list[Text]:
    """Say why plans do not fit together but for the land that they contest."""
    return [*_lacking(terms, plans, titles), *_beyond(terms, plans)]


def _contesting(
    terms: Together, plans: tuple[str, ...], titles: Mapping[str, Text]
) -> Iterator[Text]:
    for (one, other), ha in terms.contested.items():
        if one in plans and other in plans:
            size, both = hectares(ha), joined([titles[one], titles[other]], "与", " and ")
            yield Text(f"{both.zh}争用 {size.zh}", f"{both.en} both claim {size.en}")


def _lacking(terms: Together, plans: tuple[str, ...], titles: Mapping[str, Text]) -> Iterator[Text]:
    for name in plans:
        own = titles[name]
        for other in terms.needs.get(name, ()):
            if other not in plans:
                what = titles.get(other, alike(other))
                yield Text(f"{own.zh}须有{what.zh}", f"{own.en} needs {what.en}")
        if name in terms.barred:
            why = terms.barred[name]
            yield Text(f"{own.zh}：{why.zh}", f"{own.en}: {why.en}")


def _beyond(terms: Together, plans: tuple[str, ...]) -> Iterator[Text]:
    for bound in terms.bounds:
        amount = sum(bound.amounts.get(name, 0.0) for name in plans)
        if amount > bound.most + CLOSE * max(1.0, abs(bound.most)):
            own, most = told(amount, bound.unit), told(bound.most, bound.unit)
            yield Text(
                f"{bound.title.zh} {own.zh}，超过 {most.zh}",
                f"{bound.title.en} {own.en}, more than {most.en}",
            )

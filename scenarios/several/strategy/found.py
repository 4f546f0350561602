"""What was found of a strategy: its plans, their land, their money, what fits together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import pandas as pd

from geo.words import Text, alike
from layers.county import County
from scenarios.result import Category, Run
from scenarios.several.strategy import money
from scenarios.several.strategy.carrying import Done, runs_of
from scenarios.several.strategy.gains import gains
from scenarios.several.strategy.joint import together
from scenarios.several.strategy.land import Land, land
from scenarios.several.strategy.ledger import Item, items
from scenarios.several.strategy.matrix import Cell, cells, hands
from scenarios.several.strategy.subsets import MOST, Subset, Together, subsets
from scenarios.several.strategy.terms import Strategy


@dataclass(frozen=True, eq=False)
class Found:
    """A strategy that was carried out on a county: all that is said of it follows from here."""

    strategy: Strategy
    county: County
    done: tuple[Done, ...]

    @cached_property
    def runs(self) -> dict[str, Run]:
        """The runs there are, by the names of their plans."""
        return runs_of(self.done)

    @cached_property
    def first(self) -> Run:
        """The run of the first plan that has one."""
        return next(iter(self.runs.values()))

    @cached_property
    def titles(self) -> Mapping[str, Text]:
        """The plans in words, in their order: what their scripts are called, else their names.

        Plans that would be called the same have their names beside it.
        """
        return told_apart({one.plan.name: _title(one) for one in self.done})

    @cached_property
    def categories(self) -> tuple[Category, ...]:
        """The plans as codes with titles, by name."""
        return tuple(Category(name, self.titles[name]) for name in sorted(self.titles))

    @cached_property
    def land(self) -> Land:
        """Their land laid over each other."""
        return land(self.runs, share=self.strategy.allows, crs=self.first.crs)

    @cached_property
    def items(self) -> Mapping[str, Item]:
        """The lines of the ledger by id."""
        return {one.id: one for one in items(self.runs, self.land, self.county)}

    @cached_property
    def spent(self) -> pd.DataFrame:
        """Yuan by plan, source and year."""
        return money.spent(self.strategy, self.runs)

    @cached_property
    def discounted(self) -> pd.DataFrame:
        """Costs and benefits by plan, in yuan of the first year."""
        return money.discounted(self.strategy, self.runs)

    @cached_property
    def benefits(self) -> pd.DataFrame:
        """Benefits that plans name."""
        return money.benefits(self.strategy, self.runs)

    @cached_property
    def gains(self) -> pd.DataFrame:
        """Places better and worse off."""
        return gains(self.runs)

    @cached_property
    def together(self) -> Together:
        """What decides whether plans fit together."""
        return together(self.strategy, self.done, self.land, self.spent)

    @cached_property
    def subsets(self) -> tuple[Subset, ...]:
        """Every subset, what fits and counts most first; none where there are too many plans."""
        return tuple(subsets(self.together)) if len(self.runs) <= MOST else ()

    @cached_property
    def cells(self) -> tuple[Cell, ...]:
        """Plans against plans."""
        return tuple(cells(self.done, self.land))

    @cached_property
    def handed(self) -> frozenset[tuple[str, str]]:
        """The pairs of plans of which the first hands something over to the second."""
        return frozenset(
            (one.plan.name, other.plan.name)
            for one in self.done
            for other in self.done
            if one is not other and any(hands(one, other))
        )

    def stands_alone(self, plans: tuple[str, ...]) -> bool:
        """Say whether nothing of some plans stands on a plan that is not among them."""
        return all(one in plans for one, other in self.handed if other in plans)


def told_apart(titles: Mapping[str, Text]) -> dict[str, Text]:
    """Give titles of which no two are the same in either language.

    >>> told_apart({"a": Text("路", "road"), "b": Text("道", "road")})["a"]
    Text(zh='路（a）', en='road (a)')
    """
    zh, en = (Counter(getattr(one, lang) for one in titles.values()) for lang in ("zh", "en"))
    return {
        name: Text(f"{one.zh}（{name}）", f"{one.en} ({name})")
        if zh[one.zh] > 1 or en[one.en] > 1
        else one
        for name, one in titles.items()
    }


def _title(done: Done) -> Text:
    """Give a plan in words."""
    run = done.run
    if run is None:
        return alike(done.plan.name)
    own = run.subtitle if run.subtitle.zh or run.subtitle.en else run.title
    return Text(own.zh or own.en, own.en or own.zh)

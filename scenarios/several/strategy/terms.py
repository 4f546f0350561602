"""What a strategy is: its plans in their order, what limits them together, what counts.

    title_zh = "景宁 2025"
    title_en = "Jingning 2025"
    county = "jingning"                  # or a folder beside this file; may be left out
    discount = 0.08                      # rate a year
    first_year = 2025                    # to which costs and benefits are discounted

    [money.county]                       # sources of money in words
    zh = "县级财政"
    en = "County budget"

    [[limit]]                            # what all plans together may claim at most
    kind = "yuan"                        # yuan, water, energy, carbon, people, land, cropland_owed
    most = 2e9                           # in the unit of the kind
    year = 2026                          # of yuan: in this year; left out: over all years
    money = "county"                     # of yuan: of this source; left out: of all

    [[plan]]
    name = "new_town"
    what = "chengzhao_new_town"          # a question, a script kept with the county, or a file
    set = { years = 8 }                  # parameters over the script's
    weight = 2                           # what counts where plans compete, or a figure's id
    may_share = ["avenue"]               # with these it shares land, if they say so too
    needs = ["passage"]                  # never without these
    money = "county"
    spent = { 2026 = 0.5, 2027 = 0.5 }   # shares of its yuan by year

    [[plan.benefit]]
    figure = "minutes_saved"             # a figure of its run, counted each year
    yuan = 12.5                          # of one unit; left out: told, not valued
    first_year = 2028
    years = 20
    who_zh = "沿线居民"
    who_en = "people along it"

A parameter may hand over what an earlier plan found: `"@new_town"` its run, `"@new_town.water"`
what it claims of a kind, `"@new_town.plots"` a figure; `"@new_town.cropland_owed * 10000"` times
so much.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from geo.words import NO_TEXT, Text
from scenarios.result import CLAIM_UNITS, ClaimKind

NAME = r"^[a-z][a-z0-9_]*$"
Name = Annotated[str, Field(pattern=NAME, max_length=60)]
Year = Annotated[int, Field(ge=1900, le=2300)]
Amount = Annotated[float, Field(ge=0)]
SHARES = 1e-6
"""By so much the shares of the years may miss the whole."""


class Terms(BaseModel):
    """Frozen, nothing unknown, no number infinite or missing."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class Titled(Terms):
    """Words in both languages."""

    zh: str
    en: str

    @property
    def text(self) -> Text:
        """The words as one."""
        return Text(self.zh, self.en)


class Limit(Terms):
    """What all plans together may claim of a kind at most."""

    kind: ClaimKind
    most: float
    year: Year | None = None
    money: Name | Literal[""] = ""

    @property
    def unit(self) -> str:
        """What it is counted in."""
        return CLAIM_UNITS[self.kind]


class Benefit(Terms):
    """A figure of a plan's run that counts each year, with what one unit is worth where known."""

    figure: str
    yuan: float | None = None
    first_year: Year
    years: Annotated[int, Field(ge=1, le=200)]
    who_zh: str = ""
    who_en: str = ""

    @property
    def who(self) -> Text:
        """Who gains."""
        return Text(self.who_zh, self.who_en)


class Plan(Terms):
    """One plan: what shall be run, and how it stands to the others."""

    name: Name
    what: str
    set: dict[str, Any] = {}
    weight: float | str = 1.0
    may_share: tuple[Name, ...] = ()
    needs: tuple[Name, ...] = ()
    money: Name | Literal[""] = ""
    spent: dict[Annotated[str, Field(pattern=r"^\d{4}$")], Amount] = {}
    benefit: tuple[Benefit, ...] = ()


class Strategy(Terms):
    """Plans in their order, with what limits them together."""

    title_zh: str = ""
    title_en: str = ""
    county: str = ""
    discount: Annotated[float, Field(ge=0, le=1)]
    first_year: Year
    money: dict[Name, Titled] = {}
    limit: tuple[Limit, ...] = ()
    plan: Annotated[tuple[Plan, ...], Field(min_length=1, max_length=200)]

    @property
    def title(self) -> Text:
        """Its title; empty where it has none."""
        return Text(self.title_zh, self.title_en) if self.title_zh or self.title_en else NO_TEXT

    @property
    def plans(self) -> Mapping[str, Plan]:
        """The plans by their names, in their order."""
        return {one.name: one for one in self.plan}

    def source(self, money: str) -> Text:
        """Give a source of money in words; that nothing is said of it where it is not told."""
        unsaid = Text("未注明来源", "source not told")
        return self.money[money].text if money in self.money else unsaid

    def allows(self, one: str, other: str) -> bool:
        """Say whether a plan names another as one with which it shares its land."""
        return other in self.plans[one].may_share

"""Which plot takes which use: three leanings, each the best found with its bound.

A plan is worth, in ten thousand yuan as a common measure of points, what its leaning says: land put
to use, less minutes to a trunk road or an interchange, less earth to be moved, more where plots of
one use face each other. The weights are the planner's, no prices; what they come to is measured by
the figures of each plan, which are no weights.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
from scipy.optimize import linprog
from scipy.sparse import coo_array, vstack

from geo.errors import FileError, InfeasibleError, LimitError, Problem
from geo.siting.allocation import (
    Affinity,
    Compactness,
    Demand,
    Effort,
    Exclusion,
    Goal,
    Lots,
    Plan,
    Rule,
    allocate,
    lots,
)
from geo.siting.allocation.conflict import feasible
from geo.words import Text, hectares, joined, said
from layers.given import MISSING, Row, nearest, number, rows, unknown
from scenarios.new_town.land import Book, values
from scenarios.new_town.plots import Parts

USES: Mapping[str, Text] = {
    "demonstration": Text("产业示范", "Industry demonstration"),
    "platform": Text("平台试验", "Platform trial"),
    "headquarters": Text("总部经济", "Headquarters"),
    "ethnic": Text("民族产业", "Ethnic-area industry"),
    "integration": Text("产城融合", "Integration of work and town"),
    "housing": Text("居住", "Housing"),
    "green": Text("绿地", "Green"),
}
"""What plots are used for: the five functions of the policy, housing and green."""
INDUSTRY, HOUSING, GREEN = ("demonstration", "platform", "ethnic"), "housing", "green"
"""Industry keeps away from housing, and its goods leave by the expressway."""
M2_PER_HA, YUAN_PER_WAN = 1e4, 1e4
COLUMNS = ("use", "least_ha", "most_ha")
SPARE_HA = 1e-6


class Leaning(NamedTuple):
    """What a plan leans to; points are ten thousand yuan in the planner's own measure.

    Attributes
    ----------
    title
        What the alternative is called.
    worth
        Of a hectare put to use.
    minute
        Lost for a minute to the road that a use needs, a hectare.
    earth
        Lost for what moving earth costs, times its price.
    like
        Gained for a metre that plots of one use face each other.
    """

    title: Text
    worth: float
    minute: float
    earth: float
    like: float


LEANINGS: Mapping[str, Leaning] = {
    "compact": Leaning(Text("紧凑", "Compact"), 100.0, 3.0, 0.5, 0.18),
    "balanced": Leaning(Text("均衡", "Balanced"), 80.0, 4.0, 2.0, 0.08),
    "low_earthwork": Leaning(Text("少动土", "Low earthwork"), 20.0, 0.5, 6.0, 0.03),
}
"""The alternatives: how much of each matters to them."""


class Wanted(NamedTuple):
    """What a use asks for, ha, both ends closed."""

    least_ha: float
    most_ha: float


@dataclass(frozen=True, eq=False)
class Placed:
    """An alternative: its leaning, what was asked, and the plan with its bound."""

    name: str
    wanted: Mapping[str, Wanted]
    plan: Plan

    @property
    def use(self) -> pd.Series[str]:
        """The use of each plot; empty where it has none."""
        return self.plan.use

    @property
    def used(self) -> pd.Index[str]:
        """Plots that have a use."""
        return self.use.index[self.use != ""]


def wanted(text: str, book: Book, whole_ha: float) -> Mapping[str, Wanted]:
    r"""Give what each use asks for: as a table says, else the shares of the rules.

    Parameters
    ----------
    text
        A table (CSV or TOML text, `layers.given`): use, least_ha, most_ha. Uses that it leaves out
        get nothing. Empty: every use has the share of its rule.
    book
        The rules of the day.
    whole_ha
        All plots, of which shares are taken.

    Raises
    ------
    FileError
        If it is no such table; everything wrong is named.
    """
    if not text.strip():
        found = {}
        for use in USES:
            least, most = values(book, f"new_town.{use}", "share_percent")
            found[use] = Wanted(whole_ha * least / 100, whole_ha * most / 100)
        return found
    given = rows(text)
    problems = [one for place, row in enumerate(given, 1) for one in _problems(row, place)]
    names = [str(row.get("use", "")) for row in given]
    twice = sorted({name for name in names if names.count(name) > 1})
    once = Text("每种用途一行", "a row for each use")
    problems += [Problem(row=name, field="use", expected=once) for name in twice]
    if problems:
        raise FileError(Text("用地需求有误", "the demands are wrong"), problems=problems)
    ends = {
        str(row["use"]): Wanted(number(row["least_ha"]), number(row["most_ha"])) for row in given
    }
    return {use: ends.get(use, Wanted(0.0, 0.0)) for use in USES}


def _problems(row: Row, place: int) -> Iterator[Problem]:
    label = str(row.get("use", place))
    yield from unknown(row, COLUMNS, label)
    for name in COLUMNS:
        if name not in row:
            yield Problem(row=label, field=name, found=MISSING)
    if str(row.get("use", "green")) not in USES:
        yield Problem(row=label, field="use", found=label, remedy=nearest(label, list(USES)))
    least, most = (number(row.get(name, 0)) for name in COLUMNS[1:])
    if not 0 <= least <= most:
        ends = f"{row.get('least_ha')} … {row.get('most_ha')}"
        yield Problem(row=label, field="least_ha", found=ends, expected="0 ≤ least_ha ≤ most_ha")


def placed(
    parts: Parts, wants: Mapping[str, Wanted], book: Book, *, apart_m: float, effort: Effort
) -> Iterator[Placed]:
    """Place the uses by each leaning.

    Parameters
    ----------
    parts
        Plots and their borders.
    wants
        What uses ask for.
    book
        The rules of the day: slopes and prices.
    apart_m
        Housing and industry lie farther apart than this; 0 asks for nothing.
    effort
        Work of each search.

    Raises
    ------
    InfeasibleError
        If the demands cannot be met: those in conflict, and the least by which they must give.
    LimitError
        If nothing was found within the work, nor the contrary proven.
    """
    rules: list[Rule] = [
        Demand(use, ends.least_ha * M2_PER_HA, ends.most_ha * M2_PER_HA)
        for use, ends in wants.items()
    ]
    if apart_m > 0:
        rules += [Exclusion(HOUSING, use) for use in INDUSTRY]
    for name, leaning in LEANINGS.items():
        units = _lots(parts, book, leaning)
        goals: list[Goal] = [
            Compactness(like=leaning.like),
            Affinity(HOUSING, GREEN, leaning.like),
            Affinity(HOUSING, "integration", leaning.like),
        ]
        try:
            plan = _best(units, goals, rules, effort)
        except InfeasibleError as error:
            raise _conflict(error, units, wants, rules) from error
        yield Placed(name, wants, plan)


def _best(units: Lots, goals: list[Goal], rules: list[Rule], effort: Effort) -> Plan:
    """Search by annealing, slower where the goal is near, and at last for a bound by HiGHS.

    Where annealing finds nothing HiGHS is asked for a plan too.
    """
    exact = replace(effort, small=EXACT)
    slower = replace(effort, rounds=LONGER * effort.rounds, heats=SLOWER * effort.heats)
    try:
        plan = allocate(units, goals=goals, rules=rules, gap=GAP, effort=effort)
    except LimitError:
        return allocate(units, goals=goals, rules=rules, gap=GAP, effort=exact)
    for more in (slower, replace(exact, rounds=1)):
        if not GAP < plan.gap <= NEAR:
            break
        plan = allocate(units, goals=goals, rules=rules, gap=GAP, effort=more, start=plan.use)
    return plan


GAP = 0.01  # of the score, at which a search may end
NEAR = 0.015  # from here more work may get there
LONGER, SLOWER = 2, 4  # times as many rounds, and heats in each
EXACT = 60_000  # columns of a program of whole numbers


def _lots(parts: Parts, book: Book, leaning: Leaning) -> Lots:
    plots = parts.plots
    cut, fill = (values(book, "new_town.prices", name)[1] for name in ("cut", "fill"))
    earth = leaning.earth * plots["lift_m"] * (cut + fill) * M2_PER_HA / YUAN_PER_WAN
    fit = {}
    for use in USES:
        minutes = plots["gate_min" if use in INDUSTRY else "trunk_min"]
        far = leaning.minute * minutes.fillna(minutes.max() if minutes.notna().any() else 0.0)
        steepest = values(book, f"new_town.{use}", "slope_percent")[0]
        may = plots["vacant"] | (plots["slope_percent"] <= steepest)
        moved = 0.0 if use == GREEN else earth
        fit[use] = ((leaning.worth - far - moved) * plots["area_ha"]).where(may)
    pairs = parts.borders[["left", "right", "length_m"]]
    return lots(plots.area, pd.DataFrame(fit), neighbours=pairs)


def _conflict(
    error: InfeasibleError, units: Lots, wants: Mapping[str, Wanted], rules: Sequence[Rule]
) -> InfeasibleError:
    """Name the demands in conflict, and the least by which they must give."""
    short = {use: gap for use, gap in shortfalls(units, wants).items() if gap > SPARE_HA}
    problems = [
        Problem(
            row=USES[use],
            field="demands.least_ha",
            found=hectares(wants[use].least_ha),
            expected=Text(f"≤ {ends:,.2f} 公顷", f"≤ {ends:,.2f} ha"),
            remedy=Text(f"至少调低 {gap:,.2f} 公顷", f"lower it by {gap:,.2f} ha at least"),
        )
        for use, gap in short.items()
        for ends in [wants[use].least_ha - gap]
    ]
    total = sum(short.values())
    least = Text(
        f"各用途下限合计至少须减少 {total:,.2f} 公顷",
        f"the least demands must give {total:,.2f} ha together",
    )
    told = least if short else _whole(units, rules)
    return InfeasibleError(
        joined([error.message, told], "；", "; "), problems=[*_named(error), *problems]
    )


def _named(error: InfeasibleError) -> Iterator[Problem]:
    """Give what is in conflict with the titles of uses beside their codes."""
    for one in error.problems:
        told = said(one.expected, "en")
        uses = [title for use, title in USES.items() if f" {use} " in f" {told} "]
        yield replace(one, row=joined(uses, "、", ", "), field="demands") if uses else one


def _whole(units: Lots, rules: Sequence[Rule]) -> Text:
    """Say what gives where there is land enough, but plots are whole and homes apart from works."""
    effort = Effort(small=EXACT, work=CONFLICT_WORK)
    near = [rule for rule in rules if isinstance(rule, Demand)]
    if len(near) < len(rules) and feasible(units, near, effort):
        return Text(
            "面积足够，冲突在于居住与产业的间距；处理：减小 apart_m",
            "there is land enough, the conflict lies in the distance of housing to industry; "
            "remedy: less apart_m",
        )
    for share in EASED:
        less = [
            replace(rule, least_m2=rule.least_m2 * share) if isinstance(rule, Demand) else rule
            for rule in rules
        ]
        if feasible(units, less, effort):
            return Text(
                f"面积足够，但地块不可再分；各用途下限降至 {share:.0%} 即可，或减小 plot_m",
                f"there is land enough, but plots are whole; {share:.0%} of every least demand can "
                "be met; or less plot_m",
            )
    return Text(
        "面积足够，但地块不可再分；处理：减小 plot_m",
        "there is land enough, but plots are whole; remedy: less plot_m",
    )


CONFLICT_WORK = 5e6  # of HiGHS, for each set of demands that is tried
EASED = (0.95, 0.9, 0.8, 0.7, 0.5)


def shortfalls(units: Lots, wants: Mapping[str, Wanted]) -> dict[str, float]:
    """Give by how much the least demands pass what there is, ha, at the least altogether.

    A linear program: plots may be split, and what a use lacks costs 1 a hectare.
    """
    unit, use = np.nonzero(units.allowed)
    area = units.area / 100 / M2_PER_HA
    count, kinds = len(unit), len(units.uses)
    lack = np.arange(kinds)
    used = coo_array((np.ones(count), (unit, np.arange(count))), (len(area), count + kinds))
    served = coo_array(
        (
            -np.ones(count + kinds),
            (np.concatenate([use, lack]), np.arange(count + kinds)),
        ),
        (kinds, count + kinds),
    )
    least = np.array([wants[name].least_ha for name in units.uses])
    done = linprog(
        np.concatenate([np.zeros(count), np.ones(kinds)]),
        A_ub=vstack([used, served]),
        b_ub=np.concatenate([area, -least]),
        bounds=(0, None),
    )
    if done.x is None:
        raise LimitError(Text("求解器失败", "the solver failed"))
    return dict(zip(units.uses, map(float, done.x[count:]), strict=True))


def differing(plots: gpd.GeoDataFrame, uses: Sequence[pd.Series]) -> float:
    """Give the share of plots' land, %, that two alternatives use otherwise."""
    one, other = uses
    area = plots["area_ha"]
    return 100 * float(area[one != other].sum() / area.sum()) if len(area) else 0.0

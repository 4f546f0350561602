"""Haul of earth along a road: which cut goes into which fill, what is brought, what is taken away.

A transport program, solved exactly. Volumes are those of the cut; the fill of a stretch needs
`cut_per_fill` times its own. The method is that of mass diagrams, whose lines of balance are the
program's answer instead of a draughtsman's.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Literal, NamedTuple

import numpy as np
import pandas as pd

from geo.alignment.values import TUNNEL, Floats
from geo.alignment.works.crosssection import Centreline, Template
from geo.alignment.works.earthwork import Earthwork, stretches
from geo.alignment.works.transport import Place, chosen
from geo.errors import InfeasibleError, InputError, Problem
from geo.words import Text

Kind = Literal["borrow", "spoil", "waste"]
EVERY = 20.0  # m: stretches between which earth is moved, as chainages are tabled
LEAST_M3 = 1e-6  # less is how sums differ
MOVED = ["source", "sink", "from_m", "to_m", "volume_m3", "distance_m", "yuan"]


@dataclass(frozen=True)
class Site:
    """A place at the road that gives earth (`borrow`, `spoil`) or takes it (`waste`).

    Parameters
    ----------
    at_m
        Chainage.
    kind
        What it is; spoil is that of a tunnel, at its portal.
    capacity_m3
        Most it gives or takes, in m³ of cut.
    yuan_m3
        Price there, the way between site and road included.
    """

    at_m: float
    kind: Kind
    capacity_m3: float = math.inf
    yuan_m3: float = 0.0


@dataclass(frozen=True)
class Hauling:
    """What moving earth costs, and where there is some to be had or put.

    Parameters
    ----------
    yuan_m3_km
        Of each m³ and km beyond `free_m`.
    free_m
        Distance within which the price of the cut holds the haul.
    loading_yuan_m3
        Of each m³ that leaves its stretch.
    surplus_yuan_m3, deficit_yuan_m3
        Of a m³ that is taken away or brought anywhere along the road; infinite where that is not
        done, so that sites have to do.
    sites
        Places that give or take earth besides.
    barriers
        Chainages past which no earth is hauled, as a bridge that is built last; none unless given:
        earth passes bridges and tunnels.

    Raises
    ------
    InputError
        If a figure is negative or missing; all of them at once.
    """

    yuan_m3_km: float
    free_m: float = 0.0
    loading_yuan_m3: float = 0.0
    surplus_yuan_m3: float = math.inf
    deficit_yuan_m3: float = math.inf
    sites: tuple[Site, ...] = ()
    barriers: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        """Refuse negative and missing figures."""
        numbers = [(f.name, getattr(self, f.name)) for f in fields(self)[:5]]
        numbers += [(f"sites.{f}", getattr(s, f)) for s in self.sites for f in SITE_FIGURES]
        endless = {"surplus_yuan_m3", "deficit_yuan_m3", "sites.capacity_m3"}
        problems = [
            Problem(field=name, found=f"{value}", expected="≥ 0")
            for name, value in numbers
            if not (0 <= value < math.inf or (value == math.inf and name in endless))
        ]
        if problems:
            raise InputError(
                Text("运土参数有误", "figures of hauling are wrong"), problems=problems
            )


SITE_FIGURES = ("capacity_m3", "yuan_m3")


@dataclass(frozen=True, eq=False)
class Haul:
    """Where the earth of a road goes.

    Parameters
    ----------
    s
        Ends of the stretches, m; shape (k + 1,).
    mass_m3
        Mass diagram at the ends: cut less what fill needs, cumulated; shape (k + 1,).
    balance_m3
        Its lines of balance: level where earth only moves along the road, a step up by what is
        taken away, a step down by what is brought; shape (k + 1,). The mass above them is hauled
        forward, below them backward, and the area between is the moment of the haul.
    moves
        A row a move, those along the road in the order of chainage: source (`cut`, `borrow`,
        `spoil`), sink (`fill`, `waste`), from_m, to_m (middles of stretches, or sites), volume_m3,
        distance_m, yuan. Where both ends are one stretch the earth does not leave it: cut used in
        its own fill, surplus and deficit that anywhere will do for.
    """

    s: Floats
    mass_m3: Floats
    balance_m3: Floats
    moves: pd.DataFrame

    @property
    def yuan(self) -> float:
        """Cost of all moves, with what is brought and taken away."""
        return float(self.moves["yuan"].sum())

    def volume(self, source: str = "", sink: str = "") -> float:
        """Sum the m³ of one source, one sink, or both."""
        moves = self.moves
        moves = moves[(moves["source"] == source) | (source == "")]
        return float(moves.loc[(moves["sink"] == sink) | (sink == ""), "volume_m3"].sum())


class _Stretches(NamedTuple):
    """Cut, and cut that the fill needs, in each stretch."""

    s: Floats
    cut: Floats
    need: Floats

    @property
    def middle(self) -> Floats:
        return (self.s[1:] + self.s[:-1]) / 2


def hauled(s: Floats, cut_m3: Floats, need_m3: Floats, prices: Hauling) -> Haul:
    """Move earth at the least cost.

    Parameters
    ----------
    s
        Ends of the stretches, m, rising; shape (k + 1,).
    cut_m3, need_m3
        What each stretch gives, and what its fill needs, both in m³ of cut; shape (k,).
    prices
        What it costs. A stretch's cut goes into its own fill first, at no cost; what is left moves
        from and to its middle.

    Raises
    ------
    InfeasibleError
        If sites cannot take or give enough, and anywhere is not allowed.

    Notes
    -----
    `geo.alignment.works.transport` says which volumes leave, arrive, are brought and taken away.
    Those that move are paired in the order of chainage: where the cost grows with distance the
    more the farther (here not at all, then evenly), no other pairing is cheaper (the monotone
    rearrangement, Villani 2003, theorem 2.18), and no two moves pass each other.

    Examples
    --------
    100 m³ of cut, 300 m later a need of 60: hauled free; 40 m³ are taken away at 20 yuan.

    >>> s = np.array([0.0, 100, 300, 400])
    >>> cut, need = np.array([100.0, 0, 0]), np.array([0.0, 0, 60])
    >>> free = Hauling(2, free_m=500, surplus_yuan_m3=20, deficit_yuan_m3=40)
    >>> way = hauled(s, cut, need, free)
    >>> way.moves[["source", "sink", "distance_m", "volume_m3", "yuan"]].to_numpy().tolist()
    [['cut', 'fill', 300.0, 60.0, 0.0], ['cut', 'waste', 0.0, 40.0, 800.0]]
    >>> way.mass_m3.tolist(), way.balance_m3.tolist()
    ([0.0, 100.0, 100.0, 40.0], [0.0, 40.0, 40.0, 40.0])
    """
    whole = _Stretches(s, cut_m3, need_m3)
    bounds = sorted({-math.inf, math.inf, *prices.barriers})
    parts = [_between(whole, prices, low, high) for low, high in itertools.pairwise(bounds)]
    moves = pd.concat(parts, ignore_index=True)
    moves = moves[moves["volume_m3"] > LEAST_M3 / 1e3].reset_index(drop=True)
    mass = np.append(0.0, np.cumsum(cut_m3 - need_m3))
    return Haul(s, mass, mass - _passing(moves, s), moves)


def _between(whole: _Stretches, prices: Hauling, low: float, high: float) -> pd.DataFrame:
    """Move the earth of the stretches between two barriers."""
    inside = (whole.middle >= low) & (whole.middle < high)
    x, cut, need = whole.middle[inside], whole.cut[inside], whole.need[inside]
    sites = [site for site in prices.sites if low <= site.at_m < high]
    givers = [site for site in sites if site.kind != "waste"]
    takers = [site for site in sites if site.kind == "waste"]
    own = np.minimum(cut, need)
    gives = _places("cut", x, cut - own, prices.surplus_yuan_m3, givers)
    takes = _places("fill", x, need - own, prices.deficit_yuan_m3, takers)
    _require_room(gives, takes, (low, high))
    plan = chosen(
        gives,
        takes,
        free_m=prices.free_m,
        yuan_m=prices.yuan_m3_km / 1e3,
        loading=prices.loading_yuan_m3,
    )
    kept = _still("cut", "fill", x, own, 0.0)
    away = _still("cut", "waste", gives.x, plan.left, gives.left_yuan)
    brought = _still("borrow", "fill", takes.x, plan.brought, takes.left_yuan)
    moved = _paired((gives, plan.sent), (takes, plan.taken), prices)
    return pd.concat([moved, kept, away, brought], ignore_index=True)


def _places(kind: str, x: Floats, amount: Floats, left: float, sites: Sequence[Site]) -> Place:
    """Put stretches that give or take, and the sites that do, in the order of chainage."""
    real = amount > 0
    at = np.append(x[real], [site.at_m for site in sites])
    order = np.argsort(at, kind="stable")
    stretch = np.arange(at.size) < real.sum()
    most = np.append(amount[real], [site.capacity_m3 for site in sites])
    price = np.append(np.zeros(int(real.sum())), [site.yuan_m3 for site in sites])
    kinds = np.array([kind] * int(real.sum()) + [site.kind for site in sites], dtype=object)
    lost = np.where(stretch, left, math.inf)
    return Place(*(one[order] for one in (at, most, stretch, price, lost, kinds)))


def _require_room(gives: Place, takes: Place, bounds: tuple[float, float]) -> None:
    """Raise InfeasibleError where sites have too little room or earth."""
    problems = []
    for there, other, word in (
        (gives, takes, Text("弃土场容量不足", "waste sites are too small")),
        (takes, gives, Text("取土场储量不足", "borrow pits hold too little")),
    ):
        must = float(there.most[there.must & np.isinf(there.left_yuan)].sum())
        room = float(other.most.sum())
        if must > room + LEAST_M3:
            row = " – ".join(f"{end:.0f} m" for end in bounds if math.isfinite(end))
            found = Text(
                f"{word.zh}，差 {must - room:,.0f} m³", f"{word.en} by {must - room:,.0f} m³"
            )
            problems.append(Problem(row=row, field="sites", found=found))
    if problems:
        raise InfeasibleError(
            Text("土方无法平衡", "the earth cannot be balanced"), problems=problems
        )


def _still(source: str, sink: str, x: Floats, volume: Floats, yuan: Floats | float) -> pd.DataFrame:
    """Give the moves that stay in their stretch; a price that is never paid may be infinite."""
    moved = volume > 0
    price = np.broadcast_to(np.asarray(yuan, np.float64), x.shape)[moved]
    at, volume = x[moved], volume[moved]
    return pd.DataFrame(
        {
            "source": source,
            "sink": sink,
            "from_m": at,
            "to_m": at,
            "volume_m3": volume,
            "distance_m": 0.0,
            "yuan": price * volume,
        },
        columns=MOVED,
    )


def _paired(
    sent: tuple[Place, Floats], taken: tuple[Place, Floats], prices: Hauling
) -> pd.DataFrame:
    """Pair what leaves with what arrives in the order of chainage."""
    (gives, out), (takes, into) = sent, taken
    left, right = np.cumsum(out), np.cumsum(into)
    if not left.size or not right.size or left[-1] <= 0 or right[-1] <= 0:
        return _still("cut", "fill", np.zeros(0), np.zeros(0), 0.0)
    right = right * (left[-1] / right[-1])  # a solver's sums close to its tolerance only
    ends = np.unique(np.concatenate([left, right]))
    ends = ends[ends > 0]
    volume = np.diff(ends, prepend=0.0)
    middle = ends - volume / 2
    i = np.minimum(np.searchsorted(left, middle), left.size - 1)
    j = np.minimum(np.searchsorted(right, middle), right.size - 1)
    distance = np.abs(takes.x[j] - gives.x[i])
    paid = np.maximum(distance - prices.free_m, 0.0) * prices.yuan_m3_km / 1e3
    each = paid + prices.loading_yuan_m3 + gives.yuan[i] + takes.yuan[j]
    return pd.DataFrame(
        {
            "source": gives.kind[i],
            "sink": takes.kind[j],
            "from_m": gives.x[i],
            "to_m": takes.x[j],
            "volume_m3": volume,
            "distance_m": distance,
            "yuan": each * volume,
        },
        columns=MOVED,
    )


def _passing(moves: pd.DataFrame, s: Floats) -> Floats:
    """Give what passes each chainage, forward less backward."""
    volume = moves["volume_m3"].to_numpy()
    gone, come = (_before(moves[end].to_numpy(), volume, s) for end in ("from_m", "to_m"))
    return gone - come


def _before(at: Floats, volume: Floats, s: Floats) -> Floats:
    order = np.argsort(at, kind="stable")
    sums = np.append(0.0, np.cumsum(volume[order]))
    return np.asarray(sums[np.searchsorted(at[order], s, side="left")])


def haul(
    line: Centreline,
    moved: Earthwork,
    template: Template,
    prices: Hauling,
    *,
    spoil: tuple[float, float] = (0.0, 0.0),
) -> Haul:
    """Move the earth of a road, stretches of 20 m at a time.

    Parameters
    ----------
    line, moved, template
        The road and its earthwork.
    prices
        What moving costs.
    spoil
        m³ of cut that a metre of tunnel gives, and what using a m³ costs; half of a tunnel's spoil
        comes out at either portal. What is not used is no surplus: the price of a tunnel holds
        where its spoil goes.

    Raises
    ------
    InfeasibleError
        As `hauled`.

    Examples
    --------
    20 m of a cut of 10 × 3 + 3² = 39 m², then a tunnel: all is surplus.

    >>> from affine import Affine
    >>> from pyproj import CRS
    >>> from geo.alignment.values import EARTH
    >>> from geo.alignment.works.earthwork import earthwork
    >>> from geo.grid import Grid
    >>> from geo.raster import Raster
    >>> grid = Grid((9, 9), Affine(20, 0, 0, 0, -20, 180), CRS(4549))
    >>> level = Raster(np.full((9, 9), 103.0), grid)
    >>> at, one = np.array([0.0, 20, 40]), np.ones(3)
    >>> road = Centreline(at, at + 60, 90 * one, 0 * one, 0 * one, 100 * one,
    ...     np.array([EARTH, TUNNEL]))
    >>> trapezoid = Template(10, cut_slope=1, fill_slope=1.5)
    >>> free = Hauling(2, surplus_yuan_m3=22, deficit_yuan_m3=45)
    >>> round(haul(road, earthwork(road, level, trapezoid), trapezoid, free).yuan)  # 780 × 22
    17160
    """
    first, last = float(line.s[0]), float(line.s[-1])
    count = max(math.ceil((last - first) / EVERY - 1e-9), 1)
    s = np.append(first + EVERY * np.arange(count), last)
    cut, need = (
        np.diff(np.interp(s, line.s, np.append(0.0, np.cumsum(each))))
        for each in (moved.cut_m3, template.cut_per_fill * moved.fill_m3)
    )
    sites = (*prices.sites, *_portals(line, *spoil))
    known = Hauling(**{**vars(prices), "sites": sites})
    return hauled(s, np.maximum(cut, 0.0), np.maximum(need, 0.0), known)


def _portals(line: Centreline, m3_m: float, yuan_m3: float) -> list[Site]:
    """Give the portals of tunnels as places that give spoil."""
    return [
        Site(float(line.s[end]), "spoil", m3_m * float(line.s[last] - line.s[first]) / 2, yuan_m3)
        for code, first, last in stretches(line.structure)
        if code == TUNNEL and m3_m > 0
        for end in (first, last)
    ]

"""What an optimiser of locations writes down so that others can check its claims: values alone.

Demands (0 … n − 1) and sites (0 … m − 1) are told by position; −1 is none. What is said of pairs
stands demand by demand, shape (n · m,).
"""

from __future__ import annotations

from dataclasses import dataclass

from geo.certificates.certificate import Codes, Flags, Floats, Shares, Whole

LOCATION = "location"
QUESTIONS = ("p_median", "p_centre", "maximal_cover", "set_cover", "fixed_charge")
CODES = 240  # a price of this is the whole weight; half, a third, … a sixth of it are whole too


@dataclass(frozen=True, eq=False)
class LocationProblem:
    """Where facilities are opened, in plain arrays; less of the objective is better.

    Attributes
    ----------
    question
        "p_median": sum of weight · cost. "p_centre": the largest cost. "maximal_cover": the weight
        not covered. "set_cover": prices. "fixed_charge": prices and sum of weight · cost. Prices
        are those of the open sites, and `closing` those of the others.
    demands, sites
        Identities, unique each.
    cost
        Of serving a demand from a site, ≥ 0; inf where that may not be. Shape (n · m,).
    weight, amount
        ≥ 0, shape (n,): what a demand counts in the objective, and of capacities.
    price, closing, capacity
        ≥ 0, shape (m,); capacities may be inf.
    must, may
        Which sites have to be open, and which may be, shape (m,).
    number
        How many sites may be open; −1 where that is not limited.
    distance
        The largest cost at which anybody is served, may be inf. Of a maximal cover: at which every
        demand has an open site, covered or not.
    budget
        What open sites (price) and the others (closing) may cost together; may be inf.
    single
        Whether a demand is served by one site (each of its covers by one) or may be split.
    radius, covers
        Of covers: a demand is covered where so many sites within the radius serve it.
    """

    question: str
    demands: tuple[str, ...]
    sites: tuple[str, ...]
    cost: Floats
    weight: Floats
    amount: Floats
    price: Floats
    closing: Floats
    capacity: Floats
    must: Flags
    may: Flags
    number: int
    distance: float
    budget: float
    single: bool
    radius: float
    covers: int


@dataclass(frozen=True)
class LocationClaims:
    """What is claimed: the objective of the plan, and bounds that no plan is below.

    `certified` follows from prices (−inf: nothing does). `bound` may rest on the word of a solver:
    `by` says whether "prices" alone prove it (bound ≤ certified) or that of "HiGHS" is needed.
    """

    objective: float
    certified: float
    bound: float
    by: str


@dataclass(frozen=True, eq=False)
class Prices:
    """Prices of what is asked for and of what is limited, each ≥ 0 but `serve`.

    Attributes
    ----------
    serve
        Of each cover of a demand, any number, shape (n,).
    capacity
        Of a unit of each site's capacity, 0 where it is not limited, shape (m,).
    near
        Of having an open site within the distance of a maximal cover, shape (n,), else empty.
    number, budget
        Of a site, and of the budget; 0 where they are not limited.
    radius
        Of a p-centre: no plan serves all within it. Else inf.
    bound
        What is claimed; of a p-centre the least cost above the radius.
    """

    serve: Floats
    capacity: Floats
    near: Floats
    number: float
    budget: float
    radius: float
    bound: float


@dataclass(frozen=True, eq=False)
class Fixed:
    """Decisions that no plan below `bound` makes otherwise, by the first of the prices.

    `opened` and `closed` are sites, shape (m,); `barred` are pairs that do not serve, shape
    (n · m,) or empty. `bound` is inf where nothing is fixed.
    """

    opened: Flags
    closed: Flags
    barred: Flags
    bound: float


@dataclass(frozen=True, eq=False)
class Tree:
    """Cases that exhaust what is not fixed, each with prices of its own.

    Node 0 is the whole. Other nodes come after their `parent`, two of each: in the one that is
    `near` the demand has an open site at no more than `cost` and is served from within; in the
    other all sites within are closed. Nodes without children are leaves, in their order: leaf k has
    the prices serve[k · n : (k + 1) · n] and number[k]. Empty arrays are no tree.
    """

    parent: Whole
    demand: Whole
    cost: Floats
    near: Flags
    serve: Shares
    number: Floats
    bound: float


@dataclass(frozen=True, eq=False)
class Branches:
    """Cases of a cover by which sites are open, each with prices of its own.

    Demands of one `group` (from 0 on, shape (n,)) are reached by the same sites. Node 0 is the
    whole. Other nodes come after their `parent`, two of each, of one `site`: in the one that is
    `opened` it is open, in the other it is not. Nodes without children are leaves, in their order:
    in leaf k a cover of a demand of group g is paid code[k · groups + g] / CODES of its weight.
    Empty arrays are no branches.

    Of a p-centre they refuse a `radius`, as prices do: each demand weighs 1, and in no case are all
    within it of an open site. `bound` is then the least cost above. Of a maximal cover it is inf.
    """

    parent: Whole
    site: Whole
    opened: Flags
    group: Whole
    code: Codes
    radius: float
    bound: float


@dataclass(frozen=True)
class Word:
    """What HiGHS says: no plan that decides as fixed is below `bound`. −inf: nothing."""

    bound: float


@dataclass(frozen=True, eq=False)
class LocationCertificate:
    """A plan, what is claimed of it, and what the claims follow from.

    `opened` are the open sites, shape (m,); `demand`, `site` and `share` (0 … 1) who serves whom,
    one for each pair that is served. `prices` may be none.
    """

    kind: str
    problem: LocationProblem
    claims: LocationClaims
    prices: tuple[Prices, ...]
    fixed: Fixed
    tree: Tree
    branches: Branches
    word: Word
    opened: Flags
    demand: Whole
    site: Whole
    share: Floats

"""The questions of location by their textbook names, each answered with its proof."""

from __future__ import annotations

import math
import time

from geo.errors import InputError, LimitError, Problem
from geo.siting.locate.centre import centre
from geo.siting.locate.conflict import explain
from geo.siting.locate.effort import USUAL, Effort, Purse
from geo.siting.locate.model import Asked, model
from geo.siting.locate.places import Limits, Places, limit_faults
from geo.siting.locate.plan import Plan, planned
from geo.siting.locate.solving import minimise
from geo.words import Text

NO_LIMITS = Limits()


def p_median(places: Places, limits: Limits, *, effort: Effort = USUAL) -> Plan:
    """Open sites so that the sum of weight · cost is least (Hakimi, S. L., 1964).

    Parameters
    ----------
    places
        Demands, sites and costs, from `places`.
    limits
        `number` is p: at most so many are open. Prices count for the budget alone.
    effort
        The work that the search may do.

    Returns
    -------
    Plan
        The best plan found, its bound and gap. Of several equally good plans one, always the same.

    Raises
    ------
    InfeasibleError
        If no plan keeps the limits: with the demands that no site can reach, or the least of each
        limit that opens it.
    LimitError
        If the work was done before any plan was found or the contrary proven.
    InputError
        If a limit is none.

    Examples
    --------
    Villages at 0, 1 and 10 km along a road, one shop in one of them: at 0 it is 1 + 10, at 1 it is
    1 + 9, at 10 it is 10 + 9.

    >>> import pandas as pd
    >>> from geo.siting.locate import Limits, p_median, places
    >>> km = pd.DataFrame([[0, 1, 10], [1, 0, 9], [10, 9, 0]], index=[*"abc"], columns=[*"abc"])
    >>> plan = p_median(places(km), Limits(number=1))
    >>> list(plan.opened), plan.objective, plan.bound, plan.by
    (['b'], 10.0, 10.0, 'prices')
    """
    return _answered(places, Asked("p_median", limits, gap=effort.gap), effort)


def p_centre(places: Places, limits: Limits, *, effort: Effort = USUAL) -> Plan:
    """Open sites so that the largest cost of any demand is least (Hakimi, S. L., 1964).

    Weights do not count; whoever wants them multiplies the costs. See `p_median` for parameters,
    what is returned and raised.

    Examples
    --------
    From the village at 1 km the farthest is 9 km; from the others 10.

    >>> import pandas as pd
    >>> from geo.siting.locate import Limits, p_centre, places
    >>> km = pd.DataFrame([[0, 1, 10], [1, 0, 9], [10, 9, 0]], index=[*"abc"], columns=[*"abc"])
    >>> plan = p_centre(places(km), Limits(number=1))
    >>> list(plan.opened), plan.objective
    (['b'], 9.0)
    """
    return _answered(places, Asked("p_centre", limits, gap=effort.gap), effort)


def maximal_cover(
    places: Places, limits: Limits, *, radius: float, covers: int = 1, effort: Effort = USUAL
) -> Plan:
    """Open sites so that the least weight is left uncovered (Church, R. and ReVelle, C., 1974).

    Parameters
    ----------
    places, limits, effort
        As for `p_median`, but for `distance`: within it every demand has an open site, covered or
        not (mandatory closeness), whatever its capacity.
    radius
        A demand is covered where sites at no more than this cost serve it: closed, ≤.
    covers
        By how many different sites. Where capacities are limited each of them holds room for it,
        and split demands are covered in part.

    Returns
    -------
    Plan
        `served` names who covers whom; the objective is the weight that is not covered.

    Raises
    ------
    InfeasibleError, LimitError, InputError
        As for `p_median`.

    Examples
    --------
    One tower covers the villages at 0 and 1 km, or the one at 10 km with 5 people.

    >>> import pandas as pd
    >>> from geo.siting.locate import Limits, maximal_cover, places
    >>> km = pd.DataFrame([[0, 1, 10], [1, 0, 9], [10, 9, 0]], index=[*"abc"], columns=[*"abc"])
    >>> people = pd.DataFrame({"weight": [2, 2, 5]}, index=[*"abc"])
    >>> plan = maximal_cover(places(km, demands=people), Limits(number=1), radius=1)
    >>> list(plan.opened), plan.objective
    (['c'], 4.0)
    """
    return _answered(places, Asked("maximal_cover", limits, radius, covers, effort.gap), effort)


def set_cover(
    places: Places,
    limits: Limits = NO_LIMITS,
    *,
    radius: float,
    covers: int = 1,
    effort: Effort = USUAL,
) -> Plan:
    """Cover every demand at the least sum of prices (Toregas, C. et al., 1971).

    Parameters
    ----------
    places, limits, effort
        As for `p_median`; prices are 1 each where none are given, so that the fewest sites open.
        Existing sites that close are paid for.
    radius, covers
        As for `maximal_cover`.

    Returns
    -------
    Plan
        `served` names who covers whom; the objective is the sum of prices.

    Raises
    ------
    InfeasibleError, LimitError, InputError
        As for `p_median`.

    Examples
    --------
    >>> import pandas as pd
    >>> from geo.siting.locate import places, set_cover
    >>> km = pd.DataFrame([[0, 1, 10], [1, 0, 9], [10, 9, 0]], index=[*"abc"], columns=[*"abc"])
    >>> set_cover(places(km), radius=1).objective, set_cover(places(km), radius=9).objective
    (2.0, 1.0)
    """
    return _answered(places, Asked("set_cover", limits, radius, covers, effort.gap), effort)


def fixed_charge(places: Places, limits: Limits = NO_LIMITS, *, effort: Effort = USUAL) -> Plan:
    """Serve everybody at the least sum of prices and weight · cost (Balinski, M. L., 1965).

    Existing sites are kept at their price or closed at theirs. See `p_median` for parameters, what
    is returned and raised.

    Examples
    --------
    A second shop at 3 saves 9 km to the village of weight 1; at 10 it would not pay.

    >>> import pandas as pd
    >>> from geo.siting.locate import fixed_charge, places
    >>> km = pd.DataFrame([[0, 1, 10], [1, 0, 9], [10, 9, 0]], index=[*"abc"], columns=[*"abc"])
    >>> for price in (3.0, 10.0):
    ...     shops = pd.DataFrame({"price": price}, index=[*"abc"])
    ...     plan = fixed_charge(places(km, sites=shops))
    ...     print(len(plan.opened), plan.objective)
    2 7.0
    1 20.0
    """
    return _answered(places, Asked("fixed_charge", limits, gap=effort.gap), effort)


def _answered(places: Places, asked: Asked, effort: Effort) -> Plan:
    """Solve a question, or say why it has no answer."""
    _check(places, asked)
    begun, purse = time.process_time(), Purse(effort.work)
    on = model(places, asked)
    found = (
        centre(places, asked, purse)
        if asked.question == "p_centre"
        else minimise(on, purse, effort)
    )
    if found.opened is None:
        if found.word < math.inf:
            raise LimitError(
                Text(
                    "限度内未找到方案，也未证明无解；处理：放宽工作量",
                    "no plan found within the limit, nor proven that there is none; remedy: more "
                    "work",
                )
            )
        raise explain(places, asked, effort)
    seconds = time.process_time() - begun
    return planned(on, found, work=purse.done, seconds=seconds, wanted=effort.gap)


def _check(places: Places, asked: Asked) -> None:
    problems = limit_faults(asked.limits)
    if not asked.radius >= 0:
        problems.append(Problem(field="radius", found=str(asked.radius), expected="≥ 0"))
    if not 1 <= asked.covers <= len(places.sites.labels):
        expected = f"1 … {len(places.sites.labels)}"
        problems.append(Problem(field="covers", found=str(asked.covers), expected=expected))
    if problems:
        raise InputError(Text("限制有误", "the limits are refused"), problems=problems)

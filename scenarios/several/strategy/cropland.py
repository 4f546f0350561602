"""The balance of cropland over several plans: what each owes, what it supplies, what is short.

A plan that claims `cropland_owed` has told what it owes; of any other it follows from the land that
it claims by class: what leaves cropland less what becomes it; land of no known class may be
cropland, all of it or none. Permanent basic farmland that is to
be replaced by designation is an obligation of its own and no part of it.
"""

from __future__ import annotations

from layers.land.classes import UNKNOWN_CLASS
from layers.zones import ZONES
from scenarios.result import Claim, Run
from scenarios.several.strategy.spread import Spread, of, total

CROPLAND = "cropland"
DESIGNATED = ZONES["basic_farmland"].taking
"""The rule by which permanent basic farmland that is taken is replaced."""


def designating(claim: Claim) -> bool:
    """Say whether a claim is of permanent basic farmland to be designated elsewhere."""
    return claim.kind == "cropland_owed" and claim.rule == DESIGNATED


def net_ha(run: Run) -> Spread:
    """Give the cropland that a run owes; below zero is what it supplies."""
    told = [
        one for one in run.result.claims if one.kind == "cropland_owed" and not designating(one)
    ]
    if told:
        return total(map(of, told))
    land = [one for one in run.result.claims if one.kind == "land"]
    leaves = total(of(one) for one in land if one.from_ == CROPLAND and one.to != CROPLAND)
    enters = total(of(one) for one in land if one.to == CROPLAND and one.from_ != CROPLAND)
    unclear = sum(one.high for one in land if one.from_ == UNKNOWN_CLASS and one.high > 0)
    return leaves.less(enters).plus(Spread(0.0, 0.0, unclear))


def owed_ha(run: Run) -> Spread:
    """Give the cropland that a run owes, not below zero."""
    return net_ha(run).floored()


def supplied_ha(run: Run) -> Spread:
    """Give the cropland that a run supplies beyond what it takes, not below zero."""
    return Spread().less(net_ha(run)).floored()


def designated_ha(run: Run) -> Spread:
    """Give the permanent basic farmland that a run takes and that is to be designated anew."""
    return total(of(one) for one in run.result.claims if designating(one))

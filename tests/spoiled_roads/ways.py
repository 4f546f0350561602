"""What a road spoiled in one rule is, and how ways to spoil one are entered."""

from typing import NamedTuple

from tests.spoiled_roads.just_so import Road

ROUNDING = 0.1  # m: ends of bends and PVIs are read from points
STEP = 5.0  # m: stations stand no further apart


class Case(NamedTuple):
    """A spoiled road, between which chainages it is, and the legal one it was."""

    spoiled: Road
    low: float
    high: float
    legal: Road | None = None  # none: the course as it was given


def entering(ways):
    """Give a decorator that enters a way to break a rule; where it takes another along, both."""

    def way(*rules):
        def entered(spoil):
            ways[spoil.__name__] = (set(rules), spoil)
            return spoil

        return entered

    return way


def at(made, chainage, *, by=ROUNDING, legal=None):
    return Case(made.road, chainage - by, chainage + by, legal and legal.road)


def within(made, low, high, *, legal=None):
    return Case(made.road, low - STEP, high + STEP, legal and legal.road)


def edited(made, low, high, **columns):
    """Change columns of the stations themselves."""
    road = made.road
    stations = road.stations.assign(**columns)
    return Case(road._replace(stations=stations), low, high)

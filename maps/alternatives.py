"""The alternatives of a run: what the page chooses among, each with its cards and its colour."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from maps import profile
from maps.cards import card
from maps.wording import pair
from scenarios.result import Alternative, Run

COLUMN = "alternative"
"""The column of a frame that says whose each row is."""


def alternatives(run: Run, ways: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Give code, title, colour on the map, cards and features of each alternative.

    A run that lists none has those of its map, or of its profiles.

    Parameters
    ----------
    run
        The run.
    ways
        Its profiles, as `profile.profiles` gives them.
    """
    known = profile.alternatives(run)
    drawn = [
        Alternative(one.code, one.title)
        for layer in run.result.layers
        if profile.is_alternatives(layer)
        for one in layer.categories
    ]
    listed = [
        {
            "code": one.code,
            "title": pair(one.title),
            "colour": known[one.code][1] if one.code in known else "",
            "cards": [card(metric) for metric in one.metrics],
            "layer": one.layer,
            "features": list(one.features),
        }
        for one in run.result.alternatives or drawn
    ]
    return listed or [
        {**{name: way[name] for name in ("code", "title", "colour")}, **_BARE} for way in ways
    ]


_BARE: dict[str, Any] = {"cards": [], "layer": "", "features": []}

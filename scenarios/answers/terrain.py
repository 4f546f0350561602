"""Whether a county's terrain is as fine as a question asks for."""

from __future__ import annotations

from collections.abc import Iterator

from geo.words import NO_TEXT, Text, alike
from layers.county import County
from layers.ground import resolution_m
from scenarios.result import Check


def checks(county: County, needed_m: float | None) -> Iterator[Check]:
    """Judge the terrain by how far apart the heights stand that it was made from.

    Parameters
    ----------
    county
        The county; without terrain nothing is judged.
    needed_m
        The farthest that a question can do with (closed); None where it asks for nothing.

    Examples
    --------
    >>> from layers import twin
    >>> [one.verdict for needed in (30, 20, None) for one in checks(twin.county(), needed)]
    ['pass', 'fail']
    """
    if needed_m is None or "dem" not in county:
        return
    told = resolution_m(county)
    title = Text("地形来源的间距", "Resolution of what the terrain was made from")
    allowed = alike(f"≤ {needed_m:g} m")
    if told is None:
        remedy = Text(
            "在 dem/source.toml 中注明 resolution_m，或重新导入地形",
            "say resolution_m in dem/source.toml, or import the terrain again",
        )
        yield Check("terrain_source", title, "unknown", NO_TEXT, allowed, remedy=remedy)
        return
    found = alike(f"{told:g} m")
    if told <= needed_m:
        yield Check("terrain_source", title, "pass", found, allowed)
    else:
        finer = Text("导入更细的地形", "import finer terrain")
        yield Check("terrain_source", title, "fail", found, allowed, remedy=finer)

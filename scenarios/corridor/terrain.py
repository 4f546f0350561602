"""Whether the terrain is fine enough to search roads on, by the resolution of its source."""

from __future__ import annotations

from collections.abc import Iterator

from geo.errors import InputError, Problem
from geo.words import NO_TEXT, Text
from layers.county import County
from layers.ground import resolution_m

CELL_M = 30.0  # the search's cells are those of the terrain, but no finer
MARKED_M = 100.0
"""Open terrain of three seconds (93 m) passes. Beyond, a gully or spur that the road would meet is
smoothed away: measured, roads came out at twice or half the cost of those on terrain of 90 m."""
REFUSED_M = 300.0
"""Beyond it whole valleys are: what comes of it is no road, and only made where that is asked."""
ALLOW = "--set coarse_terrain=true"


def require_fine(county: County, *, coarse: bool) -> None:
    """Refuse terrain on which no road can be designed, unless coarse terrain is allowed.

    Raises
    ------
    InputError
        If its source is coarser than `REFUSED_M`.
    """
    told = resolution_m(county)
    if told is not None and told > REFUSED_M and not coarse:
        raise InputError(
            Text("地形过粗，不能据以选线", "the terrain is too coarse to design a road on"),
            problems=[
                Problem(
                    layer="dem",
                    field="resolution_m",
                    found=f"{told:g} m",
                    expected=f"≤ {REFUSED_M:g} m",
                    remedy=Text(
                        f"导入更细的地形；只作示意时允许粗地形（{ALLOW}）",
                        f"import finer terrain; for a sketch allow coarse terrain ({ALLOW})",
                    ),
                )
            ],
        )


def mark(county: County) -> Text:
    """Give the words that mark what was designed on coarse terrain; nothing on fine."""
    told = resolution_m(county)
    if told is None or told <= MARKED_M:
        return NO_TEXT
    return Text(f"（地形来源 {told:g} m，过粗）", f" (terrain from {told:g} m, too coarse)")


def sentence(county: County) -> Iterator[Text]:
    """Say in the answer that the terrain is too coarse for what follows."""
    told = resolution_m(county)
    if told is not None and told > MARKED_M:
        yield Text(
            f"地形来源间距 {told:g} m，选线需要 {MARKED_M:g} m 以内：造价与桥隧可能相差一倍，"
            "仅作示意。",
            f"The terrain comes from heights {told:g} m apart, and a road needs {MARKED_M:g} m: "
            "cost, bridges and tunnels may be half or twice as much, and all is a sketch.",
        )

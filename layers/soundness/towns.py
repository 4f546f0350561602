"""Towns against what is drawn around them: the county seat is a centre, and zones leave towns out.

- The county seat is where people live: no other seat has twice as many within `CENTRE_M`.
- The development boundary is drawn around the county seat first of all, most of it for concentrated
  building; flexible and special land come with that.
- Redline and national park leave towns out; villages that stayed within are few.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import numpy as np
import shapely

from geo.words import Text
from layers.catalog import CATALOG
from layers.county import County
from layers.soundness.finding import Finding, Inspection, at

CENTRE_M, TIMES = 2_000.0, 2.0
SEAT_M = 2_000.0
"""How far from the development boundary a county seat may lie (closed)."""
MOST_PEOPLE = 0.2
"""Share of the people who may live in a zone that leaves towns out (closed)."""
EMPTY = ("redline", "park")


def centre(county: County) -> Iterator[Finding]:
    """Tell a county seat around which far fewer people live than around another seat."""
    frame, lived = county.vector("seats").sort_index(), county.vector("settlements")
    if "role" not in frame or frame["role"].eq("county").sum() != 1 or lived.empty:
        return
    seats = np.array(frame.geometry.array, dtype=object)
    tree = shapely.STRtree(np.array(lived.geometry.array, dtype=object))
    seat, place = tree.query(seats, predicate="dwithin", distance=CENTRE_M)
    people = np.zeros(len(frame))
    np.add.at(people, seat, lived["population"].to_numpy(dtype=float)[place])
    chief = frame["role"].eq("county").to_numpy()
    most, own = int(np.argmax(people)), float(people[chief][0])
    if people[most] > TIMES * own:
        name, other = str(frame.index[chief][0]), str(frame.index[most])
        yield Finding(
            "county_seat_small",
            "seats",
            "doubtful",
            Text("县城人口远少于另一驻地", "Far fewer people at the county seat than at another"),
            Text(
                f"{CENTRE_M / 1000:g} km 内：{name} {own:,.0f} 人，{other} {people[most]:,.0f} 人",
                f"within {CENTRE_M / 1000:g} km: {name} {own:,.0f}, {other} {people[most]:,.0f}",
            ),
            Text(f"不少于其 1/{TIMES:g}", "half as many and more"),
            Text(
                "核对级别（role）、人口所属的行，以及县城居民是否缺漏",
                "check the roles, the rows people belong to, and those of the county seat",
            ),
            **at(frame, chief),
        )


def boundary(county: County) -> Iterator[Finding]:
    """Tell a development boundary that is not drawn around the county seat."""
    seats = county.vector("seats")
    if "role" not in seats or seats["role"].eq("county").sum() != 1:
        return
    chief = seats[seats["role"].eq("county")]
    away = float(county.vector("development_boundary").distance(chief.geometry.iloc[0]).min())
    if away > SEAT_M:
        far = f"{away:,.0f} m"
        yield Finding(
            "off_seat",
            "development_boundary",
            "doubtful",
            Text("城镇开发边界不含县城", "The development boundary leaves the county seat out"),
            Text(f"相距 {far}", f"{far} off"),
            Text(f"不超过 {SEAT_M:g} m", f"at most {SEAT_M:g} m"),
            Text(
                "补齐县城的开发边界，或核对坐标系",
                "bring the boundary of the county seat, or check the CRS",
            ),
            **at(chief, [True]),
        )


def shares(county: County) -> Iterator[Finding]:
    """Tell a development boundary of more flexible or special than concentrated land."""
    frame = county.vector("development_boundary").sort_index()
    if frame.empty or "zone" not in frame or frame["zone"].isna().any():
        return
    area_ha = (frame.area / 1e4).groupby(frame["zone"]).sum()
    most = str(area_ha.idxmax())
    if most != "concentrated":
        words = ", ".join(f"{zone} {area:,.1f} ha" for zone, area in area_ha.items())
        yield Finding(
            "zones_turned",
            "development_boundary",
            "doubtful",
            Text("开发边界多非集中建设区", "Most of the development boundary is not concentrated"),
            Text(words, words),
            Text("集中建设区最大", "concentrated land is the largest"),
            Text("核对分区字段的对应", "check how zones were read"),
            **at(frame, frame["zone"].eq(most)),
        )


def people(county: County, layer: str) -> Iterator[Finding]:
    """Tell a zone in which a fair part of the people live, though it leaves towns out."""
    lived = county.vector("settlements").sort_index()
    zones = np.array(county.vector(layer).geometry.array, dtype=object)
    inside = np.zeros(len(lived), dtype=bool)
    points = np.array(lived.geometry.array, dtype=object)
    inside[shapely.STRtree(zones).query(points, predicate="within")[0]] = True
    total = float(lived["population"].sum())
    count = float(lived["population"][inside].sum())
    if total > 0 and count > MOST_PEOPLE * total:
        title, share = CATALOG[layer].title, f"{100 * count / total:.3g} %"
        yield Finding(
            "over_people",
            layer,
            "doubtful",
            Text(f"{title.zh}内居住人口过多", f"Many people live in the {title.en}"),
            Text(f"{count:,.0f} 人（{share}）", f"{count:,.0f} people ({share})"),
            Text(
                f"不超过 {100 * MOST_PEOPLE:g} %：不含城镇",
                f"at most {100 * MOST_PEOPLE:g} %, towns being left out",
            ),
            Text("核对范围、坐标系与居民点", "check the zone, its CRS and the settlements"),
            **at(lived, inside),
        )


INSPECTIONS = (
    Inspection("seats", centre, beside=("settlements",)),
    Inspection("development_boundary", boundary, beside=("seats",)),
    Inspection("development_boundary", shares),
    *(Inspection(one, partial(people, layer=one), beside=("settlements",)) for one in EMPTY),
)

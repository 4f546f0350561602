"""Roads of OpenStreetMap: class and speed by a declared table, bridges, tunnels, directions.

1. `highway=construction` and `=proposed` are planned roads of the class that the tag of that name
   gives, where it does.
2. The table `roads.csv` gives class and speed by the value of `highway`. A value without a class
   there, or not in it, is no road: counted, and left out.
   Where `ref` is a number of China's roads (GB/T 917: a letter and three figures), the table
   `refs.csv` gives the class by its letter, the first of several; motorways keep theirs.
3. A road closed to all motor vehicles is left out: of `motor_vehicle`, `vehicle`, `access` the
   first that is there decides, by `no` or `private`.
4. The speed is the table's, or the posted `maxspeed` where that is lower; in mph where it says so.
   Of several (`60;40`) the lowest counts; a word (`CN:rural`) is no figure.
5. `bridge` other than `no` is a bridge, else `tunnel` other than `no` a tunnel, else earth. A
   passage through a building and a culvert are no tunnels of the road.
6. `oneway` is `yes` where the tag is yes, true or 1, on motorways and in roundabouts unless the tag
   says no; where it is -1 or reverse the line is turned around.
7. Roads join where they share a node, as in OpenStreetMap, and nowhere else. `layer`, which only
   tells what passes above, is not used.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import NamedTuple

import geopandas as gpd
import shapely
from pyproj import CRS

from geo.words import Text, alike, joined
from layers.opendata.declared import Tables
from layers.opendata.osm.reading import Extract
from layers.opendata.yielded import Yielded

PLANNED = ("construction", "proposed")
CLOSED = ("no", "private")
NO_TUNNEL = ("no", "building_passage", "culvert")
MPH = 1.609344
SPEED = re.compile(r"(\d+(?:\.\d+)?)\s*(mph|km/h|kmh)?")
NUMBER = re.compile(r"([A-Z])\d{3}")
BETWEEN = re.compile(r"[;；|,]")
EXPRESSWAY = "expressway"
Tags = Mapping[str, str]


class Drawn(NamedTuple):
    """A row of the table: what a value of `highway` is."""

    road_class: str
    speed_kmh: float


def roads(extract: Extract, tables: Tables, crs: CRS) -> Yielded:
    """Give the roads of an extract.

    Returns
    -------
    Yielded
        Rows id, ref, name, name_en, class, speed_kmh, status, structure, oneway; steps say what
        became of each value of `highway`, and the rules' counts.
    """
    table = {
        row["highway"]: Drawn(row["class"], float(row["speed_kmh"]))
        for row in tables.rows["roads"]
        if row["class"]
    }
    letters = {row["letter"]: row["class"] for row in tables.rows["refs"] if row["class"]}
    ways = extract.lines.loc[[bool(tags.get("highway")) for tags in extract.lines["tags"]]]
    kept: list[dict[str, object]] = []
    counts = Counter[str]()
    for key, tags, line in zip(ways.index, ways["tags"], ways.geometry, strict=True):
        value, status = _value(tags)
        drawn = table.get(value)
        if drawn is None:  # RULE 2
            counts[f"left {tags['highway']}"] += 1
        elif _closed(tags):
            counts["closed"] += 1
        else:
            counts[f"road {value}"] += 1
            numbered = by_number(tags.get("ref", ""), letters)
            if numbered and drawn.road_class != EXPRESSWAY:
                counts["numbered"] += drawn.road_class != numbered
                drawn = drawn._replace(road_class=numbered)
            row = _row(key, tags, line, drawn) | {"status": status}
            counts["posted"] += bool(row.pop("posted"))
            counts["oneway"] += row["oneway"] == "yes"
            kept.append(row)
    frame = gpd.GeoDataFrame(kept, geometry="geometry", crs=crs) if kept else None
    return Yielded("roads", frame, tuple(_steps(counts, table)), ())


def _value(tags: Tags) -> tuple[str, str]:
    """Give the value that decides, and whether the road is there. RULE 1."""
    value = tags["highway"]
    if value in PLANNED:
        return tags.get(value, ""), "planned"
    return value, "existing"


def _row(key: str, tags: Tags, line: shapely.Geometry, drawn: Drawn) -> dict[str, object]:
    speed = posted(tags.get("maxspeed", ""))
    lower = speed is not None and 1 <= speed < drawn.speed_kmh
    oneway, turned = direction(tags)
    return {
        "id": key,
        "ref": tags.get("ref"),
        "name": tags.get("name:zh") or tags.get("name"),
        "name_en": tags.get("name:en"),
        "class": drawn.road_class,
        "speed_kmh": speed if lower else drawn.speed_kmh,  # RULE 4
        "structure": structure(tags),
        "oneway": "yes" if oneway else "no",
        "geometry": shapely.reverse(line) if turned else line,
        "posted": lower,
    }


def _closed(tags: Tags) -> bool:
    """Say whether no motor vehicle may use a road. RULE 3."""
    names = ("motor_vehicle", "vehicle", "access")
    return next((tags[name] for name in names if name in tags), "yes") in CLOSED


def by_number(ref: str, letters: Mapping[str, str]) -> str:
    """Give the class that the number of a road says; nothing where it says none. RULE 2.

    >>> letters = {"G": "national", "S": "provincial"}
    >>> [by_number(ref, letters) for ref in ("G235", "S228;X301", "G25", "")]
    ['national', 'provincial', '', '']
    """
    number = NUMBER.fullmatch(BETWEEN.split(ref)[0].strip())
    return letters.get(number[1], "") if number else ""


def posted(value: str) -> float | None:
    """Give a posted speed in km/h; None where it is no figure. RULE 4.

    >>> posted("40"), posted("30 mph"), posted("60;40"), posted("CN:urban")
    (40.0, 48.28032, 40.0, None)
    """
    figures = [SPEED.fullmatch(one.strip()) for one in BETWEEN.split(value)]
    speeds = [float(one[1]) * (MPH if one[2] == "mph" else 1) for one in figures if one]
    return min(speeds, default=None)


def structure(tags: Tags) -> str:
    """Say what carries a road. RULE 5.

    >>> [structure(tags) for tags in ({"bridge": "viaduct"}, {"tunnel": "yes"}, {"bridge": "no"})]
    ['bridge', 'tunnel', 'earth']
    """
    if tags.get("bridge", "no") != "no":
        return "bridge"
    return "earth" if tags.get("tunnel", "no") in NO_TUNNEL else "tunnel"


def direction(tags: Tags) -> tuple[bool, bool]:
    """Say whether a road is driven one way only, and whether against its drawing. RULE 6.

    >>> direction({"oneway": "-1"}), direction({"junction": "roundabout"}), direction({})
    ((True, True), (True, False), (False, False))
    """
    told = tags.get("oneway", "")
    if told in {"-1", "reverse"}:
        return True, True
    implied = tags.get("highway") == "motorway" or tags.get("junction") == "roundabout"
    return told in {"yes", "true", "1"} or (implied and told != "no"), False


def _steps(counts: Counter[str], table: Mapping[str, Drawn]) -> Iterator[Text]:
    """Say what became of each value, and how often the rules spoke."""
    taken = joined(
        alike(f"{value} → {one.road_class} {one.speed_kmh:g} km/h × {counts[f'road {value}']}")
        for value, one in table.items()
        if counts[f"road {value}"]
    )
    if taken.en:
        yield Text(f"highway → 道路等级：{taken.zh}", f"highway → class: {taken.en}")
    left = joined(
        f"{name.removeprefix('left ')} × {count}"
        for name, count in sorted(counts.items())
        if name.startswith("left ")
    )
    if left.en:
        yield Text(
            f"不是车行道路，未采用：{left.zh}", f"no roads for vehicles, left out: {left.en}"
        )
    if counts["closed"]:
        count = counts["closed"]
        yield Text(f"禁止机动车通行，未采用：{count} 条", f"closed to vehicles, left out: {count}")
    if counts["numbered"]:
        count = counts["numbered"]
        yield Text(f"等级按路线编号：{count} 条", f"class by the number of the road: {count}")
    if counts["posted"]:
        count = counts["posted"]
        yield Text(f"限速低于表中车速，取限速：{count} 条", f"posted speed is lower: {count}")
    if counts["oneway"]:
        count = counts["oneway"]
        yield Text(f"单行：{count} 条", f"one way: {count}")

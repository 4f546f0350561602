"""GeoJSON spoiled in its structure: nodes deleted, doubled, renamed, retyped, wrapped, swapped."""

import copy
import json

from tests.spoiled_files.lakes import (
    LAKES,
    NAMES,
    NUMBERS,
    Content,
    field,
    number,
    odd_rings,
    spoil_bytes,
    text_of,
)

TWICE = "‡"  # ends a name that shall stand twice in the text
OTHERS = (
    None,
    True,
    False,
    0,
    -1,
    1e308,
    10**25,
    2**60 + 1,
    "",
    "119.5",
    "NaN",
    [],
    [[]],
    {},
    {"type": "Point"},
    {"type": ["Polygon"], "coordinates": []},
    {"type": "Feature", "properties": {}, "geometry": None},
    {"type": "FeatureCollection", "features": []},
    {"type": "GeometryCollection", "geometries": []},
    {"type": "Point", "coordinates": [119.5, 27.9]},
    "千峡湖",
)
CRSS = (
    {"type": "name", "properties": {"name": "EPSG:4549"}},
    {"type": "name", "properties": {"name": "EPSG:4490"}},
    {"type": "name", "properties": {"name": "urn:ogc:def:crs:OGC:1.3:CRS84"}},
    {"type": "name", "properties": {"name": 4326}},
    {"type": "name", "properties": {"name": ["EPSG:4326"]}},
    {"type": "link", "properties": {"href": "x"}},
    "EPSG:4326",
    4326,
    [],
)
BOXES = ([119.4, 27.8, 119.63, 27.92], [27.8, 119.4, 27.92, 119.63], [1, 2], "box", [None] * 4)


def base():
    """Give the lakes as GeoJSON."""
    rows = []
    for properties, polygons in LAKES:
        kind = "Polygon" if len(polygons) == 1 else "MultiPolygon"
        shape = {"type": kind, "coordinates": polygons[0] if kind == "Polygon" else polygons}
        rows.append({"type": "Feature", "properties": dict(properties), "geometry": shape})
    # Through text, so that no node stands at two places: what is put into itself has no end.
    return json.loads(json.dumps({"type": "FeatureCollection", "features": rows}))


def nodes(tree, path=()):
    """Give the path of every node below the root."""
    items = tree.items() if isinstance(tree, dict) else enumerate(tree)
    for key, value in list(items):
        yield (*path, key)
        if isinstance(value, dict | list):
            yield from nodes(value, (*path, key))


def parent(tree, path):
    for key in path[:-1]:
        tree = tree[key]
    return tree


def pick(things, rng):
    return things[int(rng.integers(len(things)))]


def shallow(tree, rng):
    """Choose a node, those near the root as often as the many numbers below."""
    paths = list(nodes(tree))
    depth = pick(sorted({len(path) for path in paths}), rng)
    return pick([path for path in paths if len(path) == depth], rng)


def delete(tree, path, _rng):
    del parent(tree, path)[path[-1]]


def double(tree, path, rng):
    above, key = parent(tree, path), path[-1]
    if isinstance(above, list):
        above.insert(key, copy.deepcopy(above[key]))
    else:
        above[f"{key}{TWICE}"] = pick((copy.deepcopy(above[key]), *OTHERS), rng)


def rename(tree, path, rng):
    above, key = parent(tree, path), path[-1]
    if isinstance(above, list):
        above.reverse()
        return
    name = pick((key.upper(), key[:-1], f"{key}s", f" {key}", "", "type", "geometry", "fid"), rng)
    renamed = {name if one == key else one: value for one, value in above.items()}
    above.clear()
    above.update(renamed)


def retype(tree, path, rng):
    parent(tree, path)[path[-1]] = copy.deepcopy(pick(OTHERS, rng))


def as_text(tree, path, _rng):
    above = parent(tree, path)
    value = above[path[-1]]
    above[path[-1]] = value if isinstance(value, str) else json.dumps(value)


def wrap(tree, path, rng):
    above = parent(tree, path)
    value = above[path[-1]]
    above[path[-1]] = pick(
        ([value], {"value": value}, [[value]], [value, copy.deepcopy(value)]), rng
    )


def unwrap(tree, path, rng):
    above = parent(tree, path)
    value = above[path[-1]]
    inside = list(value.values()) if isinstance(value, dict) else value
    above[path[-1]] = pick(inside, rng) if isinstance(inside, list) and inside else None


def swap(tree, path, rng):
    other = pick(list(nodes(tree)), rng)
    if path[: len(other)] == other or other[: len(path)] == path:
        return
    one, two = parent(tree, path), parent(tree, other)
    one[path[-1]], two[other[-1]] = two[other[-1]], one[path[-1]]


def shorten(tree, path, _rng):
    value = parent(tree, path)[path[-1]]
    if isinstance(value, list | str):
        parent(tree, path)[path[-1]] = value[: len(value) // 2]


def nest(tree, path, rng):
    above = parent(tree, path)
    value = above[path[-1]]
    for _ in range(pick((3, 40, 3000), rng)):
        value = [value]
    above[path[-1]] = value


def foreign(tree, _path, rng):
    places = [tree, *tree["features"], *(one["geometry"] for one in tree["features"])]
    place = pick(places, rng)
    name = pick(
        ("crs", "crs", "bbox", "id", "coordinates", "geometries", "features", "properties"), rng
    )
    given = {"crs": CRSS, "bbox": BOXES}.get(name, OTHERS)
    place[f"{name}{TWICE}" if name in place else name] = copy.deepcopy(pick(given, rng))


def renumber(tree, _path, rng):
    numbers = [one for one in nodes(tree) if isinstance(parent(tree, one)[one[-1]], int | float)]
    chosen = pick(numbers, rng)
    odd = pick((float("nan"), float("inf"), -1e300, 1e-320, 1800, "27.9", True, 10**4000), rng)
    parent(tree, chosen)[chosen[-1]] = odd


WAYS = (
    delete,
    double,
    rename,
    retype,
    as_text,
    wrap,
    unwrap,
    swap,
    shorten,
    nest,
    foreign,
    foreign,
    renumber,
)


def spoiled(rng):
    """Give the lakes as GeoJSON, spoiled in one or two ways."""
    tree = base()
    if rng.random() < 0.15:
        return spoil_bytes(json.dumps(tree, ensure_ascii=False, indent=1).encode(), rng)
    for _ in range(pick((1, 1, 2), rng)):
        try:
            pick(WAYS, rng)(tree, shallow(tree, rng), rng)
        except (LookupError, TypeError, AttributeError, ValueError, RecursionError):
            break  # the first way has left nothing for the second
    text = json.dumps(tree, ensure_ascii=False) if depth_of(tree) < 500 else deep_text(tree)
    return text.replace(TWICE, "").encode("utf-8", "replace")


def depth_of(tree):
    deepest, waiting = 0, [(tree, 0)]
    while waiting:
        node, depth = waiting.pop()
        deepest = max(deepest, depth)
        inside = node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()
        waiting += [(one, depth + 1) for one in inside]
    return deepest


def deep_text(tree):
    """Write a tree that is too deep for recursion."""
    parts, waiting = [], [tree]
    while waiting:
        node = waiting.pop()
        if isinstance(node, tuple):
            parts.append(node[0])
        elif isinstance(node, dict):
            waiting.append(("}",))
            items = list(node.items())
            for place, (key, value) in reversed(list(enumerate(items))):
                waiting += [value, (f"{',' if place else ''}{json.dumps(key)}:",)]
            parts.append("{")
        elif isinstance(node, list):
            waiting.append(("]",))
            for place, value in reversed(list(enumerate(node))):
                waiting += [value, ("," if place else "",)]
            parts.append("[")
        else:
            parts.append(json.dumps(node, ensure_ascii=False))
    return "".join(parts)


def content(raw):
    """Say what a spoiled file holds by RFC 7946, strictly."""
    odd, rows = [], []

    def once(pairs):
        if len(dict(pairs)) < len(pairs):
            odd.append("double name")
        return dict(pairs)

    def constant(name):
        odd.append(name)

    try:
        tree = json.loads(text_of(raw), object_pairs_hook=once, parse_constant=constant)
    except (ValueError, RecursionError) as error:
        return Content([repr(error)[:80]], [])
    if not isinstance(tree, dict) or tree.get("type") != "FeatureCollection":
        return Content(["no collection"], [])
    listed = tree.get("features")
    if not isinstance(listed, list) or not listed:
        return Content(["no features"], [])
    odd += [
        name for name in ("coordinates", "geometries", "geometry", "properties") if name in tree
    ]
    odd += ["crs"] if crs_of_its_own(tree) else []
    odd += [] if tree.get("bbox") is None or tree["bbox"] == BOXES[0] else ["bbox"]
    for one in listed:
        said, row = of_feature(one)
        odd += said
        rows.append(row)
    return Content(odd, rows)


def crs_of_its_own(thing):
    return thing.get("crs") is not None and thing["crs"] != CRSS[2]


def of_feature(one):
    if not isinstance(one, dict) or one.get("type") != "Feature":
        return ["no feature"], None
    odd = [name for name in ("coordinates", "geometries", "features") if name in one]
    odd += [name for name in ("properties", "geometry") if name not in one]
    odd += ["crs"] if crs_of_its_own(one) else []
    name, shape = one.get("id"), one.get("geometry")
    if name is not None and (isinstance(name, bool) or not isinstance(name, int | float | str)):
        odd.append("id")
    properties = one.get("properties") if one.get("properties") is not None else {}
    if not isinstance(properties, dict):
        return [*odd, "properties"], None
    if name is not None and properties.get("id", name) != name:
        odd.append("two ids")
    properties = {"id": name, **properties} if name is not None else properties
    if not isinstance(shape, dict) or shape.get("type") not in ("Polygon", "MultiPolygon"):
        return [*odd, "no polygon"], None
    others = ("geometry", "properties", "features", "geometries")
    odd += [name for name in others if name in shape]
    odd += ["crs"] if crs_of_its_own(shape) else []
    polygons = shape.get("coordinates")
    polygons = [polygons] if shape["type"] == "Polygon" else polygons
    if not isinstance(polygons, list) or not polygons:
        return [*odd, "no coordinates"], None
    odd += [what for rings in polygons for what in odd_rings(rings)]
    values = {name: field(properties, name) for name in NAMES}
    for name, value in values.items():
        fine = value is None or (number(value) is not None if name in NUMBERS else True)
        fine = fine and not isinstance(value, list | dict | bool)
        odd += [] if fine else [f"{name}: {value!r:.40}"]
    return odd, (values, polygons)

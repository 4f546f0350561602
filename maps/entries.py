"""What the index says of a run: title, what differs, where it lies, its figures and its files."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import quote

import geopandas as gpd
import shapely

from geo.words import Text
from maps import draw, labels, panel, parameters, profile, thumbnail
from maps.wording import HANDED_WORDS, SEVERAL, VERDICTS, pair, said
from scenarios.result import Layer, Run

HEADLINES = 4
OWN = frozenset({"index.html", "manifest.json", "result.json", "layers.gpkg", "layers_qgis.gpkg"})
LISTED = frozenset({"layers", "tables", "rasters", "proofs"})
"""Folders of a run of which the index names each file by the title of what it holds."""


def entry(folder: str, run: Run, files: Iterable[str] = ()) -> dict[str, Any]:
    """Give what the index says of one run; links are relative and quoted.

    Parameters
    ----------
    folder
        The run's folder, relative to the index, with forward slashes.
    run
        The run.
    files
        Files found in its folder, relative to it, with forward slashes.
    """
    base = "./" + quote(folder)
    vectors = [one for one in run.result.layers if isinstance(one.data, gpd.GeoDataFrame)]
    named = any(pair(run.subtitle))
    return {
        "title": pair(run.subtitle if named else run.title),
        "kind": pair(run.title),
        "group": pair(SEVERAL.get(run.scenario, run.title)),
        "rank": list(SEVERAL).index(run.scenario) if run.scenario in SEVERAL else len(SEVERAL),
        "measures": [pair(_measure(number)) for number in run.measures],
        "question": pair(run.question),
        "county": pair(run.county_name),
        "places": places(run),
        "changed": parameters.changed(run),
        "key": f"{run.scenario} {run.key[:12]}",
        "data_date": list(said(run.data_date)),
        "quality": pair(run.quality_words),
        "grade": pair(run.quality.words),
        "thumbnail": thumbnail.thumbnail(run, profile.bounds(run) or draw.focus(run)),
        "indicators": panel.indicators(run)[:HEADLINES],
        "verdicts": _verdicts(run),
        "page": f"{base}/index.html",
        "geopackage": f"{base}/layers.gpkg" if vectors else "",
        "qgis": f"{base}/layers_qgis.gpkg" if vectors else "",
        "geojson": [_file(f"{base}/layers", one, "geojson") for one in vectors],
        "csv": [_file(f"{base}/tables", one, "csv") for one in run.result.tables],
        "proofs": [_file(f"{base}/proofs", one, "zip") for one in run.result.proofs],
        "beside": beside(base, files),
    }


def _measure(number: int) -> Text:
    return Text(f"举措 {number}", f"Measure {number}")


def _file(folder: str, one: Any, kind: str) -> dict[str, Any]:
    return {"title": pair(one.title), "href": f"{folder}/{quote(one.id, safe='')}.{kind}"}


def _verdicts(run: Run) -> list[dict[str, Any]]:
    """Count the checks that do not pass, by verdict."""
    asked = (("fail", "bad"), ("approval", "bad"), ("unknown", "plain"))
    counts = {name: sum(one.verdict == name for one in run.result.checks) for name, _ in asked}
    return [
        {"words": pair(VERDICTS[name]), "tone": tone, "count": counts[name]}
        for name, tone in asked
        if counts[name]
    ]


def places(run: Run) -> list[list[str]]:
    """Give the names of the townships that a run speaks of; none where it is about the county.

    Those in which a feature lies that the page opens at; a layer of boundaries with labels names
    them. A run that reaches all of them is about the county.
    """
    towns = next((one for one in run.result.layers if _has_names(one)), None)
    if towns is None:
        return []
    frame: Any = towns.data
    ways = tuple(one for one in run.result.layers if one.value == "alternative")
    touched: set[int] = set()
    for layer in ways or draw.opening(run):
        if isinstance(layer.data, gpd.GeoDataFrame):
            touched.update(frame.sindex.query(_spots(layer.data), predicate="intersects")[1])
    if len(touched) == len(frame):
        return []
    rows = frame.drop(columns=frame.geometry.name).to_dict("records")
    return [list(labels.words(towns, rows[place])) for place in sorted(touched)]


def _spots(frame: gpd.GeoDataFrame) -> Any:
    """Give the shapes of a frame, of areas a point inside: neighbours share no border then."""
    shapes = frame.geometry.to_numpy()
    areas = frame.geom_type.str.endswith("Polygon").any()
    spots = shapely.point_on_surface(shapes) if areas else shapes
    return spots[~(shapely.is_missing(spots) | shapely.is_empty(spots))]


def _has_names(layer: Layer) -> bool:
    """Say whether a layer is of boundaries with names, that of the townships."""
    named = layer.meaning == "boundary" and bool(layer.label)
    return named and isinstance(layer.data, gpd.GeoDataFrame) and len(layer.data) > 1


def beside(base: str, files: Iterable[str]) -> list[dict[str, Any]]:
    """Give the hand-off files of a run as groups of links: its own first, then one a folder.

    Files that are handed over by name come first, in their order; others follow by name. What the
    index names by title already is left out.
    """
    paths = sorted((PurePosixPath(one) for one in files), key=_rank)
    top = [one for one in paths if len(one.parts) == 1 and one.name not in OWN]
    groups: dict[str, list[PurePosixPath]] = {}
    for one in paths:
        if len(one.parts) > 1 and one.parts[0] not in LISTED:
            groups.setdefault(one.parts[0], []).append(one)
    return [
        *({"title": _title(one.name), "files": [_link(base, one)], "folder": False} for one in top),
        *(
            {"title": _title(name), "files": [_link(base, one) for one in inside], "folder": True}
            for name, inside in groups.items()
        ),
    ]


def _rank(path: PurePosixPath) -> tuple[int, Sequence[str]]:
    names = list(HANDED_WORDS)
    return names.index(path.parts[0]) if path.parts[0] in names else len(names), path.parts


def _title(name: str) -> list[str]:
    return pair(HANDED_WORDS[name]) if name in HANDED_WORDS else [name, name]


def _link(base: str, path: PurePosixPath) -> dict[str, Any]:
    rest = "/".join(path.parts[1:]) if len(path.parts) > 1 else path.name
    return {"title": [rest, rest], "href": f"{base}/{quote(path.as_posix())}"}

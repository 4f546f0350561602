"""Which maker makes a layer of an open file."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from layers.opendata import land, population
from layers.opendata.osm import facilities, protection, roads, settlements, townships, waters
from layers.opendata.recognition import File
from layers.opendata.site import Site
from layers.opendata.yielded import Yielded


def made(site: Site, layer: str, file: File) -> Yielded:
    """Make a layer of an open file; its frame is None where the file holds nothing of it.

    Parameters
    ----------
    site
        The county, with the layers it has so far: the outline, and townships but for themselves.
    layer
        One that the file may give.
    file
        Its kind is not `layer`.
    """
    if file.kind in {"worldpop", "ghspop"}:
        return population.settlements(file.path, site.outline, site.frame("townships"))
    if file.kind == "worldcover":
        return land.cover(file.path, site.tables, site.outline, site.frame("townships"))
    return _osm(site, layer, file)


def _osm(site: Site, layer: str, file: File) -> Yielded:
    found, tables = site.osm(file.path), site.tables
    whole = site.outline.union_all()
    makers: Mapping[str, Callable[[], Yielded]] = {
        "townships": lambda: townships.townships(found, whole, level=site.level),
        "seats": lambda: townships.seats(found, tables, site.frame("townships")),
        "roads": lambda: roads.roads(found, tables, site.crs),
        "rivers": lambda: waters.rivers(found, tables, whole),
        "lake": lambda: waters.lake(found, tables, whole, site.terrain),
        "park": lambda: protection.park(found, tables, whole),
        "settlements": lambda: settlements.settlements(found, site.frame("townships")),
        "facilities": lambda: facilities.facilities(found, tables, site.frame("townships")),
        "parcels": lambda: land.use(found, tables, site.outline, site.frame("townships")),
    }
    given = makers[layer]()
    if given.frame is None:
        return given
    return replace(given, warnings=(*given.warnings, *found.warnings))

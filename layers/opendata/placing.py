"""Layers of open data put into a county folder: checked like any other, with their source."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from pyproj import CRS

from geo.errors import SchemaError
from geo.words import Text
from layers.catalog import CATALOG
from layers.county import LayerData, write_layer
from layers.opendata.declared import Publisher
from layers.opendata.yielded import Yielded
from layers.schema import check_all
from layers.source import Source, both, worst

UNSTATED = Text("未注明", "not stated")


def placed(
    folder: Path,
    given: Yielded,
    about: Publisher,
    *,
    others: Mapping[str, LayerData],
    crs: CRS,
    file: str,
) -> Source:
    """Check a layer against its schema and those that are there, and write it.

    Parameters
    ----------
    folder
        County folder.
    given
        The layer; it has rows.
    about
        Who published what it was made from.
    others
        The layers it is held against, keys as columns.
    crs
        The county's CRS.
    file
        Name of the file it was made from; empty for none.

    Raises
    ------
    SchemaError
        Naming everything that is wrong with it.
    """
    schema, data = CATALOG[given.layer], given.frame
    if data is None:
        raise SchemaError(Text(f"{given.layer}：没有内容", f"{given.layer}: nothing there"))
    problems = [
        replace(problem, file=file)
        for problem in check_all({**others, given.layer: data}, CATALOG, crs=crs)
        if problem.layer == given.layer
    ]
    if problems:
        refused = Text(f"{file}：不能作为 {given.layer}", f"{file}: cannot be {given.layer}")
        raise SchemaError(refused, problems=problems)
    origin = Text(f"由 {file} 生成", f"made from {file}") if file else about.title
    source = Source(
        layer=given.layer,
        title=schema.title,
        publisher=about.publisher,
        licence=about.licence,
        retrieved=both(UNSTATED),
        crs=crs.to_string(),
        sha256="",
        rows=0,
        quality=worst([about.quality]),
        steps=tuple(map(both, (origin, *given.steps))),
        notes=tuple(map(both, given.warnings)),
    )
    return write_layer(folder, given.layer, data, source)

"""Runs read from their folders, after every file has been held against the manifest."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from pyproj import CRS

from geo.crs import require_same
from geo.documents import json_of, text
from geo.errors import FileError, Problem
from geo.files import read_raster, read_vector
from geo.grid import Grid
from geo.raster import Raster
from geo.words import Text, joined
from layers.folder import sha256_of
from scenarios import record
from scenarios.result.values import (
    Alternative,
    Check,
    Claim,
    Edit,
    Layer,
    Metric,
    Proof,
    Result,
    Run,
    Table,
)

FORMAT = 4
MANIFEST, RESULT, VECTORS, EDITS = "manifest.json", "result.json", "layers.gpkg", "edits.gpkg"
HANDED = (
    "README.txt",
    "report.docx",
    "workbook.xlsx",
    "dictionary.csv",
    "plan_profile.html",
    "project.qgz",
    "road.dxf",
    "road.xml",
)
"""Files that are made of a run beside its page, to be handed on; those it has none of are not."""
ASKED = ("shapefiles.zip", "online.html")
"""Files that are made of a run only when they are asked for."""
CHANGED, MISSING = Text("被改动", "changed"), Text("缺少", "missing")
MOST_MANIFEST, MOST_RESULT = 10_000_000, 1_000_000_000  # bytes


def load(folder: Path) -> Run:
    """Read a run from its folder, after every file has been held against the manifest.

    Parameters
    ----------
    folder
        A run folder as `scenarios.running.folder` writes it.

    Returns
    -------
    Run
        Equal to the one that was saved: index labels, dtypes, shapes and figures.

    Raises
    ------
    FileError
        If it holds no whole run; every file that is missing or changed is named.
    """
    verify(folder)
    content = json_of(text(folder / RESULT, most=MOST_RESULT))
    found = content.pop("result")
    crs, proofs = CRS(content["crs"]), folder / "proofs"
    result = Result(
        layers=tuple(_layer(folder, one, crs) for one in found["layers"]),
        tables=tuple(_table(folder, one) for one in found["tables"]),
        metrics=tuple(record.revive(Metric, one) for one in found["metrics"]),
        checks=tuple(record.revive(Check, one) for one in found["checks"]),
        proofs=tuple(
            record.revive(Proof, one, certificate=(proofs / f"{one['id']}.zip").read_bytes())
            for one in found["proofs"]
        ),
        reproducible=found["reproducible"],
        answer=tuple(record.revive(Text, one) for one in found["answer"]),
        claims=tuple(record.revive(Claim, one) for one in found["claims"]),
        edits=tuple(_edit(folder, one, crs) for one in found["edits"]),
        alternatives=tuple(
            record.revive(Alternative, one) for one in found.get("alternatives", ())
        ),
    )
    return record.revive(Run, content, result=result)


def verify(folder: Path) -> dict[str, Any]:
    """Give the manifest of a whole run: each file it lists is there, with the hash it says.

    Raises
    ------
    FileError
        If there is no readable manifest, or files are missing or changed.
    """
    try:
        manifest = json_of(text(folder / MANIFEST, most=MOST_MANIFEST))
        known, files = manifest["format"], manifest["files"].items()
    except (FileError, KeyError, TypeError, AttributeError) as error:
        why, again = Text("清单有误", "no such list"), f"jingning run NAME -o {folder}"
        why = joined([error.message]) if isinstance(error, FileError) else why
        words = Text(
            f"{folder}：没有完整的情景运行结果（{MANIFEST}：{why.zh}）；请重新运行：{again}",
            f"{folder}: no whole run ({MANIFEST}: {why.en}); run it again: {again}",
        )
        raise FileError(words) from error
    if known != FORMAT:
        words = Text(
            f"{folder}：情景运行结果由其他版本写出（格式 {known}）；请重新运行",
            f"{folder}: written by another version (format {known}); run it again",
        )
        raise FileError(words)
    problems = [
        Problem(
            file=str(folder / name),
            found=CHANGED if (folder / name).is_file() else MISSING,
            expected=f"sha256 {sha256}",
        )
        for name, sha256 in files
        if not (folder / name).is_file() or sha256_of(folder / name) != sha256
    ]
    if problems:
        words = Text(
            f"{folder}：情景运行结果不完整，请重新运行",
            f"{folder}: the run is not whole; run it again",
        )
        raise FileError(words, problems=problems)
    return dict(manifest)


def _layer(folder: Path, content: dict[str, Any], crs: CRS) -> Layer:
    """Read one layer's data and put it with what result.json says of it."""
    kept = content.pop("kept")
    data: gpd.GeoDataFrame | Raster
    if "columns" in kept:
        frame = read_vector(folder / VECTORS, layer=content["id"])
        require_same(frame.crs, crs, what=content["id"])
        data = record.without_identity(frame, kept).set_crs(crs, allow_override=True)
    else:
        raster = read_raster(folder / "rasters" / f"{content['id']}.tif")
        require_same(raster.grid.crs, crs, what=content["id"])
        grid = Grid(raster.grid.shape, raster.grid.transform, crs)
        data = Raster(raster.values.astype(np.dtype(kept["dtype"])), grid, kept["nodata"])
    return record.revive(Layer, content, data=data)


def _edit(folder: Path, content: dict[str, Any], crs: CRS) -> Edit:
    """Read a layer of the county as it would be."""
    frame = read_vector(folder / EDITS, layer=content["layer"])
    require_same(frame.crs, crs, what=content["layer"])
    data = record.without_identity(frame, content["kept"]).set_crs(crs, allow_override=True)
    return Edit(content["layer"], data)


def _table(folder: Path, content: dict[str, Any]) -> Table:
    """Read one table and put it with what result.json says of it."""
    kept = content.pop("kept")
    path = folder / "tables" / f"{content['id']}.csv"
    cells = pd.read_csv(
        path, dtype=str, encoding="utf-8-sig", keep_default_na=False, na_values=[""]
    )
    return record.revive(Table, content, frame=record.from_csv(cells, kept))

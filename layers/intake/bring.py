"""Bringing a user's file into a county folder: read, reproject, map, repair, check, write."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import CRS
from shapely.geometry.base import BaseGeometry

from geo.crs import reproject, require_metric
from geo.errors import Problem, SchemaError, UsageError
from geo.files import read_vector, write_text
from geo.raster import Raster
from geo.words import Text, said
from layers import folder as folders
from layers.catalog import CATALOG
from layers.county import LayerData, layer_file, write_layer
from layers.intake.coordinates import GCJ02
from layers.intake.fieldmap import mapped
from layers.intake.grid import Bounds
from layers.intake.reading import Options, Progress, Reading, examine, read
from layers.intake.shifted import suspicion
from layers.schema import MISSING, LayerSchema, check_all
from layers.source import Quality, Source

__all__ = ["Intake", "Options", "Reading", "bring", "read"]

MARGIN_M = 3_000.0
"""Rasters are kept so far around the outline: what lies just outside is seen and walked on."""
LEDGER = "repairs.csv"
UNSTATED = "未注明 not stated"


@dataclass(frozen=True, eq=False)
class Intake:
    """What `bring` has done.

    Parameters
    ----------
    layer
        Name of the layer.
    rows
        Rows written; for rasters, cells with data.
    steps
        What was done, in order, as source.toml says it.
    warnings
        What the user should know.
    ledger
        Repairs: row, problem, area_before_m2, area_after_m2, changed_m2; also in `repairs.csv`.
    source
        The source as written.
    """

    layer: str
    rows: int
    steps: tuple[str, ...]
    warnings: tuple[str, ...]
    source: Source
    ledger: pd.DataFrame = field(default_factory=pd.DataFrame)

    def __str__(self) -> str:
        """Give the report as lines."""
        lines = [f"{self.layer}: {self.rows} 行 rows · {self.source.quality.words.zh}"]
        lines += [f"  {step}" for step in self.steps]
        lines += [f"  注意 warning: {warning}" for warning in self.warnings]
        lines += [
            f"  修复 repaired: 行 row {one['row']}: {one['problem']}, {one['changed_m2']:+.3f} m²"
            for one in self.ledger.to_dict("records")
        ]
        return "\n".join(lines)


def bring(
    folder: Path,
    file: Path,
    layer: str,
    *,
    fields: Mapping[str, str] | None = None,
    options: Options | None = None,
    progress: Progress | None = None,
) -> Intake:
    """Bring a file into a county folder as one of its layers.

    What is kept: the fields of the layer's schema and those named in `fields`; what is dropped is
    named. Rasters are brought onto a square grid in the county's CRS and cut to the outline and
    `MARGIN_M` around it, where the outline is there. A layer that stands there is replaced.

    Parameters
    ----------
    folder
        County folder.
    file
        What to bring; see `layers.intake.reading.read`.
    layer
        A layer of the catalog.
    fields
        Target field to source: a column of the file, `=text` for a constant, `#` for row numbers.
    options
        What the user says about the file.
    progress
        Told what is being done.

    Raises
    ------
    UsageError
        If there is no such layer or quality.
    SchemaError
        Listing everything that is wrong with the file at once.
    InputError
        If the file cannot be read at all.
    """
    said = options or Options()
    schema = _schema(layer)
    quality = _quality(said.quality)
    head = folders.read_head(folders.folder_of(folder))
    crs = require_metric(head.crs, what=str(folder / folders.COUNTY))
    others = _others(folder, schema)
    outline = _outline(others, schema)
    done = examine(file, said, crs=crs, bounds=_around(outline), progress=progress)
    data, steps, problems = _fitted(done, schema, fields or {})
    problems = [*done.problems, *problems, *_checked(done, data, schema, others, crs)]
    if problems:
        told = _once([_of_file(problem, done) for problem in problems])
        named = [replace(p, file=p.file or file.name, layer=layer) for p in told]
        raise SchemaError(f"{file}: 不能导入为 cannot be brought in as {layer}", problems=named)
    warnings = [*done.warnings, *_suspicions(file, data, outline, said)]
    if not said.quality:
        warnings.append(f"未说明质量，记为 quality not stated, taken as {quality.value}: --quality")
    source = Source(
        layer=layer,
        title=Text(said.title_zh or schema.title.zh, said.title_en or schema.title.en),
        publisher=said.publisher or UNSTATED,
        licence=said.licence or UNSTATED,
        retrieved=said.retrieved or UNSTATED,
        crs=head.crs,
        sha256="",
        rows=0,
        quality=quality,
        steps=(f"导入 imported from {file.name} ({done.format})", *done.steps, *steps, *_sum(done)),
        notes=tuple(warnings),
    )
    if progress:
        progress(f"写入 writing {layer}")
    written = write_layer(folder, layer, data, source)
    _write_ledger(layer_file(folder, layer).with_name(LEDGER), done.ledger)
    return Intake(layer, written.rows, written.steps, tuple(warnings), written, done.ledger)


def _schema(layer: str) -> LayerSchema:
    if layer not in CATALOG:
        near = difflib.get_close_matches(layer, list(CATALOG), n=1)
        guess = f"是否指 did you mean {near[0]}? " if near else ""
        raise UsageError(
            f"没有图层 no layer {layer!r}; {guess}现有 there are: {', '.join(CATALOG)}"
        )
    return CATALOG[layer]


def _quality(text: str) -> Quality:
    if text and text not in set(Quality):
        raise UsageError(f"没有质量 no quality {text!r}; 现有 there are: {', '.join(Quality)}")
    return Quality(text) if text else Quality.DERIVED


def _others(folder: Path, schema: LayerSchema) -> dict[str, gpd.GeoDataFrame]:
    """Read the layers this one is held against: the outline and those its fields refer to."""
    wanted = {"outline", *(one.refers for one in schema.fields if one.refers)}
    if schema.name == "outline":
        wanted.add("townships")
    files = {name: layer_file(folder, name) for name in sorted(wanted - {schema.name})}
    return {name: read_vector(path, layer=name) for name, path in files.items() if path.is_file()}


def _outline(others: Mapping[str, gpd.GeoDataFrame], schema: LayerSchema) -> BaseGeometry | None:
    """Give the county's shape; townships stand in where the outline itself is brought."""
    name = "townships" if schema.name == "outline" else "outline"
    if name not in others:
        return None
    return shapely.union_all(np.array(others[name].geometry.array))


def _around(outline: BaseGeometry | None) -> Bounds | None:
    if outline is None:
        return None
    west, south, east, north = outline.bounds
    return west - MARGIN_M, south - MARGIN_M, east + MARGIN_M, north + MARGIN_M


def _fitted(
    done: Reading, schema: LayerSchema, fields: Mapping[str, str]
) -> tuple[LayerData, list[str], list[Problem]]:
    if isinstance(done.data, Raster):
        return done.data, [], []
    if schema.kind == "table" and isinstance(done.data, gpd.GeoDataFrame):
        plain = pd.DataFrame(done.data.drop(columns=done.data.geometry.name))
        return mapped(plain, schema, fields)
    return mapped(done.data, schema, fields)


def _checked(
    done: Reading,
    data: LayerData,
    schema: LayerSchema,
    others: Mapping[str, gpd.GeoDataFrame],
    crs: CRS,
) -> list[Problem]:
    """Check against the schema; without a usable CRS only what does not depend on it."""
    found = [
        problem
        for problem in check_all({schema.name: data, **others}, CATALOG, crs=crs)
        if problem.layer == schema.name
    ]
    if any(problem.field == "CRS" for problem in done.problems):
        return [problem for problem in found if problem.field not in {"CRS", "geometry"}]
    return found


def _of_file(problem: Problem, done: Reading) -> Problem:
    """Name the fields of the file itself where one that is asked for is missing."""
    if isinstance(done.data, Raster) or not said(problem.found, "zh").startswith(MISSING):
        return problem
    shapes = done.data.geometry.name if isinstance(done.data, gpd.GeoDataFrame) else ""
    own = ", ".join(str(name) for name in done.data.columns if name != shapes)
    return replace(problem, found=f"{MISSING}; 文件中有 fields of the file: {own or '—'}")


def _once(problems: list[Problem]) -> list[Problem]:
    """Leave repeated problems out."""
    return list(dict.fromkeys(problems))


def _suspicions(
    file: Path, data: LayerData, outline: BaseGeometry | None, said: Options
) -> list[str]:
    """Say what looks shifted, or does not reach over the county."""
    if GCJ02.search(said.crs):
        return []
    found = []
    if GCJ02.search(file.name):
        found.append("文件名称 GCJ-02 the file's name says GCJ-02; --crs GCJ-02 undoes the shift")
    if isinstance(data, gpd.GeoDataFrame):
        found += [word for word in [suspicion(data, outline)] if word]
    if outline is None and not isinstance(data, Raster):
        found += _out_of_use(data)
    if isinstance(data, Raster) and outline is not None:
        share = _covered(data, outline)
        if share < 0.999:
            found.append(f"只覆盖县域 covers only {share:.1%} of the county")
    return found


def _out_of_use(data: LayerData) -> list[str]:
    """Say that shapes lie where their CRS is not meant for; without an outline nothing else can."""
    if not isinstance(data, gpd.GeoDataFrame):
        return []
    area = CRS(data.crs).area_of_use
    if area is None:
        return []
    use = area.bounds
    west, south, east, north = reproject(data[[data.geometry.name]], 4326).total_bounds
    if use[0] <= (west + east) / 2 <= use[2] and use[1] <= (south + north) / 2 <= use[3]:
        return []
    return [f"位于坐标系适用范围之外 outside of where {CRS(data.crs).name} is used: check the CRS"]


def _covered(raster: Raster, outline: BaseGeometry) -> float:
    """Give the share of an outline in which a raster has data."""
    rows, columns = np.nonzero(raster.valid)
    x, y = raster.grid.xy(rows, columns)
    shapely.prepare(outline)
    inside = int(shapely.contains_xy(outline, x, y).sum())
    return float(inside * raster.grid.resolution**2 / outline.area)


def _sum(done: Reading) -> list[str]:
    """Say in one line what was repaired."""
    if done.ledger.empty:
        return []
    change = float(done.ledger["changed_m2"].abs().sum())
    return [f"修复 repaired {len(done.ledger)} 行 rows, {change:.3f} m² changed; see {LEDGER}"]


def _write_ledger(path: Path, ledger: pd.DataFrame) -> None:
    if ledger.empty:
        path.unlink(missing_ok=True)
        return
    text = ledger.to_csv(index=False, lineterminator="\n", float_format="%.6f")
    write_text(path, re.sub(r"\r\n?", "\n", text))

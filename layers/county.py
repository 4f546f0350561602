"""A county: an immutable bundle of named layers in one coordinate reference system."""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType
from typing import TypeAlias, TypeVar

import geopandas as gpd
import numpy as np
import pandas as pd
from pyproj import CRS

from geo.crs import require_metric
from geo.errors import FileError, MissingLayer, Problem, SchemaError
from geo.files import read_raster, read_vector, write_raster, write_text, write_vector
from geo.raster import Raster
from layers import source as sources
from layers.catalog import CATALOG
from layers.schema import LayerSchema, check
from layers.source import Source, Text

T = TypeVar("T")
LayerData: TypeAlias = gpd.GeoDataFrame | pd.DataFrame | Raster


@dataclass(frozen=True, eq=False)
class County:
    """Named layers in one CRS, with their sources; reading a layer gives a copy.

    Parameters
    ----------
    id
        Short name, such as `jingning`.
    name
        Name in both languages.
    crs
        The projected CRS every spatial layer is in, units metres.
    data
        Layers by name: frames with geometry, tables, rasters.
    sources
        The source of each layer, by the same names.
    """

    id: str
    name: Text
    crs: CRS
    data: Mapping[str, LayerData]
    sources: Mapping[str, Source]

    def __contains__(self, layer: object) -> bool:
        """Say whether the county has a layer of this name."""
        return layer in self.data

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the layers, sorted."""
        return tuple(sorted(self.data))

    def vector(self, layer: str) -> gpd.GeoDataFrame:
        """Give a copy of a vector layer; raises MissingLayer."""
        return self._layer(layer, gpd.GeoDataFrame).copy()

    def table(self, layer: str) -> pd.DataFrame:
        """Give a copy of a table; raises MissingLayer."""
        return self._layer(layer, pd.DataFrame).copy()

    def raster(self, layer: str) -> Raster:
        """Give a copy of a raster layer; raises MissingLayer."""
        raster = self._layer(layer, Raster)
        return Raster(np.array(raster.values), raster.grid, raster.nodata)

    def _layer(self, layer: str, kind: type[T]) -> T:
        found = self.data.get(layer)
        if not isinstance(found, kind):
            raise MissingLayer(
                f"{self.id}: 没有图层 no {kind.__name__} layer {layer!r}; "
                f"现有 it has {', '.join(self.names)}; 处理 remedy: python -m layers import"
            )
        return found


SHIPPED = Path(__file__).parent / "data"
NO_CRS = "none"  # what a table's source says
SUFFIXES = {"vector": ".gpkg", "raster": ".tif", "table": ".csv"}


def shipped() -> tuple[str, ...]:
    """Names of the counties that come with the toolkit."""
    return tuple(sorted(path.parent.name for path in SHIPPED.glob("*/county.toml")))


def folder_of(county: str | Path) -> Path:
    """Find the folder of a shipped county by name, or of any other by path.

    Raises
    ------
    FileError
        If there is no county.
    """
    for folder in (SHIPPED / str(county), Path(county)):
        if (folder / "county.toml").is_file():
            return folder
    raise FileError(
        f"{county}: 不是县域文件夹 not a county: no county.toml; "
        f"随附 shipped: {', '.join(shipped())}; 处理 remedy: python -m layers new {county}"
    )


def load(county: str | Path) -> County:
    """Load a county and verify the hash and the schema of every layer.

    Parameters
    ----------
    county
        The name of a shipped county, or a folder that holds county.toml and a folder per layer.

    Raises
    ------
    FileError
        If there is no county, or a file cannot be read.
    SchemaError
        Naming every problem of every layer at once.
    """
    folder = folder_of(county)
    head = identity(folder)
    data: dict[str, LayerData] = {}
    known: dict[str, Source] = {}
    problems: list[Problem] = []
    for path in sorted(folder.glob("*/source.toml")):
        name = path.parent.name
        if name not in CATALOG:
            problems.append(
                Problem(
                    file=str(path),
                    layer=name,
                    found="未知图层 unknown layer",
                    expected=", ".join(CATALOG),
                )
            )
            continue
        known[name] = sources.read(path)
        file = layer_file(folder, name)
        problems += _hash_problems(file, known[name])
        data[name] = _read(file, CATALOG[name])
    problems += _layer_problems(data, head.crs, folder)
    if problems:
        raise SchemaError(
            f"{folder}: 县域数据有误 the county is not as it should be", problems=problems
        )
    return replace(
        head,
        data=MappingProxyType({name: _keyed(one, CATALOG[name]) for name, one in data.items()}),
        sources=MappingProxyType(known),
    )


def identity(folder: Path) -> County:
    """Read county.toml alone: id, names and CRS, without layers.

    Raises
    ------
    SchemaError
        If an entry is missing or no text.
    CrsError
        If the CRS is not a projected one in metres.
    """
    path = folder / "county.toml"
    content = tomllib.loads(path.read_text(encoding="utf-8"))
    missing = [
        name
        for name in ("id", "name_zh", "name_en", "crs")
        if not isinstance(content.get(name), str)
    ]
    if missing:
        raise SchemaError(
            "county.toml",
            problems=[
                Problem(file=str(path), field=name, found="缺少 missing", expected="text")
                for name in missing
            ],
        )
    crs = CRS(content["crs"])
    require_metric(crs)
    return County(content["id"], Text(content["name_zh"], content["name_en"]), crs, {}, {})


def layer_file(folder: Path, layer: str) -> Path:
    """Give the data file of a layer in a county folder."""
    return folder / layer / f"{layer}{SUFFIXES[CATALOG[layer].kind]}"


def write_layer(
    folder: Path, data: LayerData, source: Source, *, scale: float | None = None
) -> None:
    """Write a layer and its source into a county folder; the source's hash and rows are filled in.

    Parameters
    ----------
    folder
        County folder.
    data
        The layer; a frame carries its key as a column.
    source
        Its source; `source.layer` names the layer.
    scale
        For rasters: store as integers times this unit.
    """
    file = layer_file(folder, source.layer)
    if isinstance(data, Raster):
        write_raster(data, file, scale=scale)
        rows = int(data.valid.sum())
    elif isinstance(data, gpd.GeoDataFrame):
        write_vector(data, file, layer=source.layer)
        rows = len(data)
    else:
        write_text(file, data.to_csv(index=False, lineterminator="\n"))
        rows = len(data)
    crs = NO_CRS if not isinstance(data, gpd.GeoDataFrame | Raster) else source.crs
    done = replace(source, sha256=_sha256(file), rows=rows, crs=crs)
    write_text(file.with_name("source.toml"), sources.dumps(done))


def _sha256(file: Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _hash_problems(file: Path, source: Source) -> list[Problem]:
    if not file.is_file():
        raise FileError(f"{file}: 没有此文件 no such file")
    found = _sha256(file)
    if found == source.sha256:
        return []
    return [
        Problem(
            file=str(file),
            layer=source.layer,
            field="sha256",
            found=found,
            expected=source.sha256,
            remedy="文件被改动 the file was changed: import it again",
        )
    ]


def _read(file: Path, schema: LayerSchema) -> LayerData:
    if schema.kind == "raster":
        return read_raster(file)
    if schema.kind == "vector":
        return read_vector(file, layer=schema.name)
    kinds = {field.name: str for field in schema.fields if field.kind == "text"}
    return pd.read_csv(file, dtype=kinds, encoding="utf-8", keep_default_na=False, na_values=[""])


def _layer_problems(data: Mapping[str, LayerData], crs: CRS, folder: Path) -> list[Problem]:
    """Check every layer against its schema, and the keys that layers refer to."""
    outline = data.get("outline")
    shape = outline.union_all() if isinstance(outline, gpd.GeoDataFrame) else None
    problems = [
        replace(problem, file=str(layer_file(folder, name)))
        for name, one in data.items()
        for problem in check(one, CATALOG[name], crs=crs, outline=shape)
    ]
    for name, one in data.items():
        for field in CATALOG[name].fields:
            target = data.get(field.refers)
            if (
                isinstance(one, Raster)
                or target is None
                or isinstance(target, Raster)
                or field.name not in one
            ):
                continue
            keys = set(target[CATALOG[field.refers].key])
            problems += [
                Problem(
                    file=str(layer_file(folder, name)),
                    layer=name,
                    field=field.name,
                    found=str(value),
                    expected=f"{field.refers} 中的代码 a code in {field.refers}",
                )
                for value in sorted(set(one[field.name].dropna()) - keys)
            ]
    return problems


def _keyed(data: LayerData, schema: LayerSchema) -> LayerData:
    """Make the key the index: identity, never position."""
    if isinstance(data, Raster) or not schema.key:
        return data
    return data.set_index(schema.key)

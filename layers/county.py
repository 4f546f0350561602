"""A county: an immutable bundle of named layers in one coordinate reference system."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypeAlias, TypeVar

import geopandas as gpd
import numpy as np
import pandas as pd
import tomli_w
from pyproj import CRS

from geo.crs import require_survey
from geo.errors import MissingLayer, PlanningError, Problem, SchemaError
from geo.files import read_raster, read_vector, whole, write_raster, write_text, write_vector
from geo.grid import Grid
from geo.raster import Raster
from geo.words import Text
from layers import folder as folders
from layers import source as sources
from layers.archive import pack, unpacked
from layers.catalog import CATALOG
from layers.fields import LayerSchema
from layers.folder import Head
from layers.keeping import layer as keeping
from layers.keeping.hold import held
from layers.schema import check_all
from layers.source import NO_CRS, Source

T = TypeVar("T")
LayerData: TypeAlias = gpd.GeoDataFrame | pd.DataFrame | Raster
DATA_KINDS: Mapping[type, Text] = MappingProxyType(
    {
        gpd.GeoDataFrame: Text("矢量图层", "vector layer"),
        pd.DataFrame: Text("表", "table"),
        Raster: Text("栅格图层", "raster layer"),
    }
)
CHANGED = Text("文件被改动，请重新导入", "the file was changed: import it again")


@dataclass(frozen=True, eq=False)
class County:
    """Named layers in one CRS, with their sources; what is read from it never changes it.

    Parameters
    ----------
    id
        Short name, such as `jingning`.
    name
        Name in both languages.
    crs
        The projected CRS every spatial layer is in, units metres.
    data
        Layers by name: frames whose index is their key, tables, rasters. Frames are copied on the
        way in, and on the way out by `vector` and `table`; the cells of a raster are kept once,
        read-only, and so handed out by `raster`.
    sources
        The source of each layer, by the same names.
    defaults
        What the county sets for the parameters of questions, by question and parameter; over it
        stand scripts and settings.

    Raises
    ------
    CrsError
        If the CRS is not projected in metres that are metres in the county.
    """

    id: str
    name: Text
    crs: CRS
    data: Mapping[str, LayerData]
    sources: Mapping[str, Source]
    defaults: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Keep copies that no caller holds."""
        require_survey(self.crs, what=self.id)
        kept = {name: _own(one) for name, one in self.data.items()}
        object.__setattr__(self, "data", MappingProxyType(kept))
        object.__setattr__(self, "sources", MappingProxyType(dict(self.sources)))
        object.__setattr__(self, "defaults", MappingProxyType(dict(self.defaults)))

    def __contains__(self, layer: object) -> bool:
        """Say whether the county has a layer of this name."""
        return layer in self.data

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the layers, sorted."""
        return tuple(sorted(self.data))

    def vector(self, layer: str) -> gpd.GeoDataFrame:
        """Give a copy of a vector layer, indexed by its key; raises MissingLayer."""
        return self._layer(layer, gpd.GeoDataFrame).copy()

    def table(self, layer: str) -> pd.DataFrame:
        """Give a copy of a table, indexed by its key if it has one; raises MissingLayer."""
        return self._layer(layer, pd.DataFrame).copy()

    def raster(self, layer: str) -> Raster:
        """Give a raster layer, its cells read-only; raises MissingLayer."""
        return self._layer(layer, Raster)

    def _layer(self, layer: str, kind: type[T]) -> T:
        data = self.data.get(layer)
        if not isinstance(data, kind):
            raise MissingLayer(self._lack(layer, DATA_KINDS[kind]))
        return data

    def _lack(self, layer: str, kind: Text) -> Text:
        """Say that there is no layer of a kind, what there is, and how to bring one."""
        held = ", ".join(self.names)
        remedy = f"jingning layers import FOLDER FILE --as {layer}"
        return Text(
            f"{self.id}：没有{kind.zh} {layer!r}；现有：{held}；处理：{remedy}",
            f"{self.id}: no {kind.en} {layer!r}; it has {held}; remedy: {remedy}",
        )


def load(county: str | Path, *, only: Collection[str] | None = None) -> County:
    """Load a county and verify the hash and the schema of every layer.

    Parameters
    ----------
    county
        The name of a shipped county, or a folder that holds county.toml and a folder per layer.
    only
        Names of the layers to open, where not all are wanted; the others are left aside.

    Returns
    -------
    County
        Frames are indexed by their key; every CRS is the county's own.

    Raises
    ------
    FileError
        If there is no county.
    SchemaError
        Naming every problem of every layer at once.
    """
    folder = folders.folder_of(county)
    head = folders.read_head(folder)
    crs = require_survey(head.crs, what=str(folder / folders.COUNTY))
    data: dict[str, LayerData] = {}
    known: dict[str, Source] = {}
    problems: list[Problem] = []
    for path in sorted(folder.glob(f"*/{folders.SOURCE}")):
        if only is not None and path.parent.name not in only:
            continue
        try:
            known[path.parent.name], data[path.parent.name] = _open(path)
        except PlanningError as error:
            plain = Problem(file=str(path.parent), layer=path.parent.name, found=error.message)
            problems += error.problems or [plain]
    files = {name: str(keeping.data_file(folder / name, name, known[name].sha256)) for name in data}
    problems += [
        replace(problem, file=files[problem.layer]) for problem in check_all(data, CATALOG, crs=crs)
    ]
    if problems:
        raise SchemaError(
            Text(f"{folder}：县域数据有误", f"{folder}: the county is not as it should be"),
            problems=problems,
        )
    kept = {name: _kept(data[name], crs, name) for name in data}
    return County(head.id, head.name, crs, kept, known, folders.defaults(folder))


def save(county: County, folder: Path) -> None:
    """Write a county as a folder; `load` gives an equal one back.

    Parameters
    ----------
    county
        The county; layers that have no schema are refused.
    folder
        Where to; made when missing. Other layers that stand there stay.

    Raises
    ------
    UsageError
        If the folder holds another county.
    BusyError
        If another process changes it.
    LimitError
        If there is no room.
    """
    with held(folder), whole(folder):
        folders.write_head(folder, Head(county.id, county.name, county.crs.to_string()))
        if county.defaults:
            content = {name: dict(values) for name, values in county.defaults.items()}
            write_text(folder / folders.DEFAULTS, tomli_w.dumps(content))
        for name in county.names:
            write_layer(folder, name, county.data[name], county.sources[name])


def layer_file(folder: Path, layer: str) -> Path:
    """Give the data file of a layer in a county folder: the one its source speaks of.

    >>> layer_file(Path("jingning"), "dem").as_posix()
    'jingning/dem/dem.tif'
    """
    source = folder / layer / folders.SOURCE
    try:
        sha256 = sources.read(source).sha256 if source.is_file() else ""
    except SchemaError:
        sha256 = ""
    return keeping.data_file(folder / layer, layer, sha256)


def write_layer(
    folder: Path,
    name: str,
    data: LayerData,
    source: Source,
    *,
    scale: float | None = None,
    zipped: bool = False,
) -> Source:
    """Write a layer and its source into a county folder, whole or not at all.

    Whenever it is stopped, either the old layer stands or the new one. Same layer, same bytes.

    Parameters
    ----------
    folder
        County folder.
    name
        Name of the layer, one of the catalog.
    data
        The layer; a frame carries its key as a column or as its index.
    source
        Its source; layer, sha256 and rows (for rasters cells with data) are filled in.
    scale
        For rasters: store as 16-bit integers times this unit.
    zipped
        Keep the file in a zip, as layers of many shapes are shipped.

    Returns
    -------
    Source
        The source as written.

    Raises
    ------
    SchemaError
        If the layer stands there as a link.
    BusyError
        If another process changes the county.
    LimitError
        If there is no room; the old layer stays.
    """
    place = folder / name
    with held(folder), whole(folder):
        keeping.require_own(place)
        with keeping.stage(place) as stage:
            file = _written(data, stage, name, scale=scale)
            file = pack(file) if zipped else file
            done = _described(source, name, data, file)
            keeping.stand(place, sources.dumps(done), _by_hash(file, done), undoable=False)
    return done


def replace_layer(
    folder: Path,
    name: str,
    data: LayerData,
    source: Source,
    *,
    lists: Mapping[str, str] = MappingProxyType({}),
) -> Source:
    """Write a layer as `write_layer` does, and keep what it replaces until the next time.

    Parameters
    ----------
    folder, name, data, source
        As `write_layer` has them.
    lists
        Lists of rows by subject, one of `keeping.LISTS`: kept beside the data under
        `keeping.list_named`, which the source names; an empty one is none.
    """
    place = folder / name
    with held(folder), whole(folder):
        keeping.require_own(place)
        with keeping.stage(place) as stage:
            file = _written(data, stage, name)
            done = _described(source, name, data, file)
            files = _by_hash(file, done)
            for subject, text in lists.items():
                if text:
                    named = keeping.list_named(subject, text)
                    files[named] = stage / named
                    write_text(files[named], text)
            keeping.stand(place, sources.dumps(done), files, undoable=True)
    return done


def _written(data: LayerData, stage: Path, name: str, *, scale: float | None = None) -> Path:
    """Write data into a folder of their own and read them once: GDAL does not tell all it lacks."""
    schema = CATALOG[name]
    file = stage / f"{name}{folders.SUFFIXES[schema.kind]}"
    if isinstance(data, Raster):
        write_raster(data, file, scale=scale)
    else:
        frame = data.reset_index() if schema.key and data.index.name == schema.key else data
        if isinstance(frame, gpd.GeoDataFrame):
            write_vector(frame, file, layer=name)
        else:
            write_text(file, frame.to_csv(index=False, lineterminator="\n"))
    _read(file, schema)
    return file


def _described(source: Source, name: str, data: LayerData, file: Path) -> Source:
    """Fill in what the source says of the data as they were written."""
    return replace(
        source,
        layer=name,
        sha256=folders.sha256_of(file),
        rows=_rows(data),
        crs=NO_CRS if CATALOG[name].kind == "table" else source.crs,
    )


def _rows(data: LayerData) -> int:
    return int(data.valid.sum()) if isinstance(data, Raster) else len(data)


def _by_hash(file: Path, source: Source) -> dict[str, Path]:
    """Give a data file by the name it shall stand under."""
    ending = file.name.removeprefix(source.layer)
    return {f"{keeping.named(source.layer, source.sha256)}{ending}": file}


def _open(path: Path) -> tuple[Source, LayerData]:
    """Read a layer beside its source.toml and hold it against the hash and rows it names.

    Where another process replaces the layer meanwhile, the new one is read.
    """
    before = path.read_bytes() if path.is_file() else b""
    try:
        return _opened(path)
    except PlanningError:
        if not path.is_file() or path.read_bytes() == before:
            raise
        return _open(path)


def _opened(path: Path) -> tuple[Source, LayerData]:
    """Read a layer as its source.toml says now."""
    name = path.parent.name
    if name not in CATALOG:
        known = ", ".join(CATALOG)
        raise SchemaError(
            Text(f"未知图层 {name}；应为：{known}", f"unknown layer {name}; expected {known}")
        )
    keeping.require_own(path.parent)
    source = sources.read(path)
    file = keeping.data_file(path.parent, name, source.sha256)
    data = _read(file, CATALOG[name])
    digest = folders.sha256_of(file)
    wrong = {
        "layer": (source.layer, name),
        "sha256": (digest, source.sha256),
        "rows": (_rows(data), source.rows),
    }
    problems = [
        Problem(str(file), name, "", field, str(here), str(expected), CHANGED)
        for field, (here, expected) in wrong.items()
        if here != expected
    ]
    if problems:
        raise SchemaError(
            Text(f"{file}：与来源说明不符", f"{file}: not what its source says"), problems=problems
        )
    return source, data


def _read(file: Path, schema: LayerSchema) -> LayerData:
    if schema.kind == "raster":
        return read_raster(file)
    if schema.kind == "vector":
        with unpacked(file) as plain:
            return read_vector(plain, layer=schema.name)
    if not file.is_file():
        raise SchemaError(Text(f"{file}：没有此文件", f"{file}: no such file"))
    kinds = {field.name: str for field in schema.fields if field.kind == "text"}
    try:
        return pd.read_csv(
            file, dtype=kinds, encoding="utf-8", keep_default_na=False, na_values=[""]
        )
    except (ValueError, OSError) as error:
        raise SchemaError(
            Text(f"{file}：无法读取：{error}", f"{file}: cannot be read: {error}")
        ) from error


def _kept(data: LayerData, crs: CRS, name: str) -> LayerData:
    """Give a layer the county's own CRS object and make its key the index: never position."""
    if isinstance(data, Raster):
        data.values.setflags(write=False)  # read from a file just now: nobody else holds them
        return Raster(data.values, Grid(data.grid.shape, data.grid.transform, crs), data.nodata)
    if isinstance(data, gpd.GeoDataFrame):
        data = data.set_crs(crs, allow_override=True)
    key = CATALOG[name].key
    return data.set_index(key) if key else data


def _own(data: T) -> T:
    """Give a layer that no caller can change: cells that nobody can write are shared."""
    if isinstance(data, Raster):
        flags = data.values.flags
        if flags.owndata and not flags.writeable:
            return data
        values = np.array(data.values)
        values.setflags(write=False)
        return replace(data, values=values)
    if isinstance(data, pd.DataFrame):
        copied: T = data.copy()
        return copied
    return data

"""What each file of a folder is, told by its content and its name; nothing is refused, all named.

1. OpenStreetMap files are known by how they begin, SRTM tiles by size and name.
2. Other rasters are known by the names their publishers give them; what their content contradicts
   (bands, kind of numbers, CRS) is not what it is named. The value of a name is never more than its
   content.
3. A file of shapes or a table is a county's own layer where its name, or that of its folder, holds
   the name of the layer in one of both languages, its shapes are of the layer's kind, and its
   fields hold those the layer must have; one with the field DLBM is the land survey's parcels.
4. All others are named with what they hold.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import geopandas as gpd
import rasterio

from geo.errors import FileError, PlanningError
from geo.raster import Raster
from geo.words import Text, alike, joined
from layers.catalog import CATALOG
from layers.fields import LayerSchema
from layers.identify import HGT_SIZES, kind, plain_file
from layers.intake.fieldmap import NUMBERED
from layers.intake.reading import Options, Reading, examine
from layers.opendata.osm.reading import is_osm
from layers.opendata.terrain import COVER, GLO, HGT, Corner, corner
from layers.places import SHAPES
from layers.unpack import NO_DATA

MOST_READ = 300_000_000  # bytes of a file of shapes that is read to know what it is
MAINS = (".shp", ".tif", ".tiff", ".gpkg")
BESIDE = (".aux.xml", ".shp.xml", ".ovr", ".gpkg-wal", ".gpkg-shm", ".gpkg-journal")
WORLDPOP = re.compile(r"[a-z]{3}_(?:ppp|pop)_(?P<year>\d{4})(?:_|\.|$)", re.IGNORECASE)
GHSPOP = re.compile(r"GHS_POP_E(?P<year>\d{4})_GLOBE_R\w+?_(?P<crs>54009|4326)_", re.IGNORECASE)
OSM_LAYERS = (
    "townships",
    "seats",
    "roads",
    "rivers",
    "lake",
    "park",
    "settlements",
    "facilities",
    "parcels",
)
SURVEY = "DLBM"
OWN_KEYS = ("id", "BSM")
"""Keys that no other layer refers to: where a file has none, the row's number stands for it."""
UNKNOWN = "unknown"


@dataclass(frozen=True)
class File:
    """A file of a folder, and what it is.

    Parameters
    ----------
    name
        Its path below the folder.
    path
        The file itself; where the folder holds a link, what it leads to.
    kind
        osm, glo30, glo90, srtm1, srtm3, worldcover, worldpop, ghspop, layer, or unknown.
    what
        The same in words, or why it is nothing that is known.
    layers
        The layers it may give.
    corner
        The south-western corner of a tile.
    year
        The year its name says, 0 where it says none.
    fields
        What to say of its fields, as `layers.intake.bring.bring` takes it.
    """

    name: str
    path: Path
    kind: str
    what: Text
    layers: tuple[str, ...] = ()
    corner: Corner | None = None
    year: int = 0
    fields: Mapping[str, str] = field(default_factory=dict)


def files(folder: Path) -> list[File]:
    """Give every file below a folder by name, hidden ones and companions of others left out.

    Links to files are followed, links to folders are not.

    Raises
    ------
    FileError
        If it is no folder.
    """
    if not folder.is_dir():
        raise FileError(Text(f"{folder}：不是文件夹", f"{folder}: no folder"))
    paths = [path for path in sorted(folder.rglob("*")) if path.is_file() and _own(path, folder)]
    return [file(path, path.relative_to(folder).as_posix()) for path in paths]


def _own(path: Path, folder: Path) -> bool:
    """Say whether a file stands for itself: not hidden, and no companion of a data file."""
    if any(part.startswith(".") for part in path.relative_to(folder).parts):
        return False
    beside = (path.with_suffix(main) for main in MAINS if main != path.suffix.lower())
    named = path.name.lower().endswith(BESIDE)
    return not (path.suffix.lower() in NO_DATA and any(map(Path.is_file, beside))) and not named


def file(path: Path, name: str) -> File:
    """Say what one file is."""
    real = path.resolve()
    try:
        plain = plain_file(real)
        if is_osm(plain):  # RULE 1
            return File(name, real, "osm", alike("OpenStreetMap"), OSM_LAYERS)
        readers: Mapping[str, Callable[[str, Path], File]] = {"hgt": _hgt, "geotiff": _raster}
        return readers.get(kind(plain), _shapes)(name, real)
    except (PlanningError, OSError) as error:
        words = joined([error.message if isinstance(error, PlanningError) else str(error)])
        short = Text(words.zh.replace(str(real), real.name), words.en.replace(str(real), real.name))
        return File(name, real, UNKNOWN, short)


def _hgt(name: str, path: Path) -> File:
    found = HGT.match(path.stem)
    if found is None:
        words = Text("SRTM 地形，但文件名没有位置", "SRTM terrain whose name says no place")
        return File(name, path, UNKNOWN, words)
    seconds = 3600 // (HGT_SIZES[path.stat().st_size][0] - 1)
    words = Text(f"SRTM {seconds}″ 地形", f"SRTM {seconds}″ terrain")
    return File(name, path, f"srtm{seconds}", words, ("dem",), corner(found))


def _raster(name: str, path: Path) -> File:
    """Say what a GeoTIFF is. RULE 2."""
    options = {"GDAL_DISABLE_READDIR_ON_OPEN": "EMPTY_DIR", "GDAL_PAM_ENABLED": "NO"}
    try:
        with (
            warnings.catch_warnings(),
            rasterio.Env(**options),
            _opened(path) as source,
        ):
            code = source.crs.to_epsg() if source.crs else None
            told = source.crs.to_string() if source.crs else ""
            bands, number = source.count, str(source.dtypes[0])
            size = f"{source.height} × {source.width}"
    except rasterio.errors.RasterioError as error:
        raise FileError(Text(f"无法读取：{error}", f"cannot be read: {error}")) from error
    found = _named(name, path)
    if found is None:
        own = _layer_of(name, lambda schema: schema.kind == "raster")
        if own is not None:
            return File(name, path, "layer", own.title, (own.name,))
        words = Text(
            f"栅格 {size}，{number}，{told or '无坐标系'}，名称不认识",
            f"raster {size}, {number}, {told or 'no CRS'}, of no name that is known",
        )
        return File(name, path, UNKNOWN, words)
    geographic = found.kind != "ghspop" or "_4326_" in path.name
    right = bands == 1 and number.startswith("uint8" if found.kind == "worldcover" else "float")
    if right and (code == 4326 if geographic else "54009" in told or "Mollweide" in told):
        return found
    words = Text(
        f"名称像 {found.what.zh}，内容不是：{bands} 个波段，{number}，{told or '无坐标系'}",
        f"named like {found.what.en}, but it is not: {bands} bands, {number}, {told or 'no CRS'}",
    )
    return File(name, path, UNKNOWN, words)


def _opened(path: Path) -> rasterio.DatasetReader:
    """Open a GeoTIFF; that it has no place is told by who brings it in."""
    warnings.simplefilter("ignore", rasterio.errors.NotGeoreferencedWarning)
    return rasterio.open(path, driver="GTiff")


def _named(name: str, path: Path) -> File | None:
    """Give what a raster is by the name its publisher gives it."""
    if found := GLO.match(path.stem):
        metres = {"10": "30", "30": "90"}[found["step"]]
        words = Text(f"Copernicus GLO-{metres} 地形", f"Copernicus GLO-{metres} terrain")
        return File(name, path, f"glo{metres}", words, ("dem",), corner(found))
    if found := COVER.match(path.stem):
        words = Text("ESA WorldCover 土地覆盖", "ESA WorldCover land cover")
        place, year = corner(found), int(found["year"])
        return File(name, path, "worldcover", words, ("parcels",), place, year)
    for pattern, name_of in ((WORLDPOP, "WorldPop"), (GHSPOP, "GHS-POP")):
        if found := pattern.match(path.name):
            year = int(found["year"])
            words = Text(f"{name_of} {year} 年人口", f"{name_of} population of {year}")
            short = name_of.lower().replace("-", "")
            return File(name, path, short, words, ("settlements",), None, year)
    return None


def _layer_of(name: str, right: Callable[[LayerSchema], bool]) -> LayerSchema | None:
    """Give the layer a name speaks of, the file's own name before its folder's. RULE 3."""
    for part in reversed(Path(name.lower()).with_suffix("").parts):
        for schema in CATALOG.values():
            words = (schema.name, schema.title.zh)
            spoken = (re.search(rf"(?<![a-z]){re.escape(word)}(?![a-z])", part) for word in words)
            if any(spoken) and right(schema):
                return schema
    return None


def _shapes(name: str, path: Path) -> File:
    """Say what a file of shapes or a table is. RULE 3, RULE 4."""
    if path.stat().st_size > MOST_READ:
        words = Text(
            "过大，未读取；处理：jingning layers import",
            "too large to look into: jingning layers import",
        )
        return File(name, path, UNKNOWN, words)
    done = examine(path, Options())
    if isinstance(done.data, Raster):
        packed = Text("压缩包中是栅格；处理：先解压", "a raster in a zip; remedy: unpack it first")
        return File(name, path, UNKNOWN, packed)
    columns = _columns(done)
    survey = SURVEY in {column.upper() for column in columns}
    schema = (
        CATALOG["parcels"] if survey else _layer_of(name, lambda schema: schema.kind != "raster")
    )
    held = _held(done, columns)
    if schema is None:
        return File(
            name,
            path,
            UNKNOWN,
            Text(f"{held.zh}，名称不像任何图层", f"{held.en}; its name speaks of no layer"),
        )
    wrong = list(_lacking(done, columns, schema))
    if wrong:
        why = joined(wrong, "；", "; ")
        title = schema.title
        words = Text(
            f"{held.zh}；不能作为{title.zh}：{why.zh}", f"{held.en}; not {title.en}: {why.en}"
        )
        return File(name, path, UNKNOWN, words)
    words = Text(f"{schema.title.zh}：{held.zh}", f"{schema.title.en}: {held.en}")
    numbered = {schema.key: NUMBERED} if _numberable(schema, columns) else {}
    return File(name, path, "layer", words, (schema.name,), fields=numbered)


def _numberable(schema: LayerSchema, columns: list[str]) -> bool:
    """Say whether rows may be told apart by their numbers: no other layer refers to their key."""
    return schema.key in OWN_KEYS and schema.key.lower() not in map(str.lower, columns)


def _columns(done: Reading) -> list[str]:
    if isinstance(done.data, Raster):  # told before
        return []
    shapes = done.data.geometry.name if isinstance(done.data, gpd.GeoDataFrame) else ""
    return [str(name) for name in done.data.columns if name != shapes]


def _held(done: Reading, columns: list[str]) -> Text:
    """Say what a file holds: rows, kinds of shapes, fields."""
    rows = 0 if isinstance(done.data, Raster) else len(done.data)
    shapes = sorted(set(done.data.geom_type)) if isinstance(done.data, gpd.GeoDataFrame) else []
    kinds = joined(shapes or [Text("无图形", "no shapes")])
    names = joined([name[:24] for name in columns[:8]] + (["…"] if len(columns) > 8 else []))
    return Text(f"{rows} 行 {kinds.zh}（{names.zh}）", f"{rows} rows, {kinds.en} ({names.en})")


def _lacking(done: Reading, columns: list[str], schema: LayerSchema) -> Iterator[Text]:
    """Say what keeps a file from being a layer as it is."""
    if schema.kind == "vector":
        here = set(done.data.geom_type) if isinstance(done.data, gpd.GeoDataFrame) else set()
        if not here or here - SHAPES[schema.shape]:
            expected = " | ".join(sorted(SHAPES[schema.shape]))
            yield Text(f"图形应为 {expected}", f"shapes should be {expected}")
    known = {column.lower() for column in columns}
    lacking = [
        one.name
        for one in schema.fields
        if one.required and one.name not in OWN_KEYS and one.name.lower() not in known
    ]
    if lacking:
        names = joined(lacking)
        yield Text(f"缺少字段 {names.zh}", f"it lacks {names.en}")

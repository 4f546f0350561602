"""A whole county from its outline and a folder of files, by name and content.

1. The outline decides the CRS where none is named: the 3-degree zone of CGCS2000 in which the
   middle of its longitudes lies. It gives code and name where it has such fields; else the county's
   id and name stand for them, and it says so.
2. For each layer the candidates are tried in this order, and the first that can be brought in is
   taken: a file named for the layer; then open data by kind (`ORDER`); of one kind the tile that
   covers most of the county, then the later year, then by name. What was not taken is told, with
   why. Tiles of terrain that reach into the county are taken together, the first where it has
   data, the others for the rest.
3. Without a file of townships, and none in OpenStreetMap, the county stands as its one township:
   their figures are the county's, and it says so.
4. What no file gave, and what would, is told.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import geopandas as gpd
from pyproj import CRS

from geo.crs import WGS84, gauss_krueger, reproject, require_survey
from geo.errors import FileError, PlanningError
from geo.files import read_raster, read_vector
from geo.words import NO_TEXT, Text, joined
from layers import source as sources
from layers.catalog import CATALOG
from layers.county import layer_file
from layers.folder import SOURCE, Head, write_head
from layers.intake.bring import Options, bring
from layers.intake.fieldmap import CONSTANT
from layers.intake.grid import Bounds
from layers.intake.reading import Progress, read
from layers.opendata.declared import Publisher, tables
from layers.opendata.making import made
from layers.opendata.placing import placed
from layers.opendata.recognition import File, files
from layers.opendata.site import Site
from layers.opendata.terrain import COVER_SIDE, Corner, cover_names, glo_names
from layers.opendata.yielded import Yielded
from layers.source import Source, parted, worst

ORDER = ("layer", "glo30", "srtm1", "glo90", "srtm3", "worldcover", "worldpop", "ghspop", "osm")
CODES = ("code", "adcode", "xzqdm")
NAMES = ("name", "xzqmc", "fullname")
FIRST = ("dem", "townships")
"""Brought in before the others, which are made with them."""
STANDS_IN = Text(
    "没有乡镇界：全县作为一个乡镇，各乡镇的数字即全县的数字",
    "no townships: the county stands as its one township, whose figures are the county's",
)
NOTHING_IN_IT = Text("县内没有", "nothing in the county")
GIVEN = Text("给定的县界（--outline）", "the outline that was given (--outline)")


@dataclass(frozen=True)
class Wanted:
    """What a user says of a new county.

    Parameters
    ----------
    id, name, name_en, crs
        As in county.toml; empty: the folder's name, the outline's name, the id, by its longitude.
    level
        `admin_level` of townships in OpenStreetMap.
    tables
        Folder of tables in place of the shipped ones.
    about
        What is said of the outline's source.
    """

    id: str = ""
    name: str = ""
    name_en: str = ""
    crs: str = ""
    level: str = "8"
    tables: Path | None = None
    about: Options = field(default_factory=Options)


@dataclass(frozen=True)
class Tried:
    """A file tried for a layer: what became of it, or why it was not taken."""

    layer: str
    file: str
    source: Source | None
    why: Text


@dataclass(frozen=True)
class Made:
    """A county that was made: its head, every file of the folder, what was tried, what is lacking.

    `lacking` says of each layer that the county has not what would bring it.
    """

    head: Head
    files: tuple[File, ...]
    tried: tuple[Tried, ...]
    lacking: Mapping[str, Text]


def county(
    folder: Path, outline: Path, downloads: Path, wanted: Wanted, progress: Progress
) -> Made:
    """Make a county folder from an outline and what a folder holds.

    Parameters
    ----------
    folder
        Where to; another county there is refused.
    outline
        The county's outline, one polygon in any format that is read.
    downloads
        The folder that is looked through; nothing in it is changed.
    wanted
        What the user says.
    progress
        Told what is being done.

    Raises
    ------
    InputError
        If the outline cannot be brought in, or a table is wrong.
    UsageError
        If the folder holds another county.
    """
    declared = tables(wanted.tables)
    seen = [
        replace(one, kind="layer", what=GIVEN, layers=()) if one.path == outline.resolve() else one
        for one in files(downloads)
    ]
    head, fields = _head(folder, outline, wanted)
    write_head(folder, head)
    source = bring(folder, outline, "outline", fields=fields, options=wanted.about).source
    site = Site(folder, CRS(head.crs), declared, wanted.level)
    _keep(site, "outline")
    bounds: Bounds = tuple(reproject(site.outline, WGS84).total_bounds)
    name = next((one.name for one in seen if one.path == outline.resolve()), outline.name)
    tried = [Tried("outline", name, source, _notes(source))]
    known = [*FIRST, *(name for name in CATALOG if name not in {*FIRST, "outline"})]
    for layer in known:
        progress(Text(f"正在查找 {layer}", f"looking for {layer}"))
        tried += _tried(site, layer, candidates(seen, layer, bounds))
        if layer == "townships" and layer not in site.data:
            tried.append(_stood_in(site))
    lacking = {name: _would(name, bounds) for name in known if name not in site.data}
    return Made(head, tuple(seen), tuple(tried), lacking)


def _head(folder: Path, outline: Path, wanted: Wanted) -> tuple[Head, dict[str, str]]:
    """Give the county's head, and what its outline's fields are called. RULE 1."""
    frame = read(outline, wanted.about).data
    if not isinstance(frame, gpd.GeoDataFrame) or frame.empty:
        raise FileError(Text(f"{outline}：没有图形", f"{outline}: no shapes in it"))
    named = {str(name).lower(): str(name) for name in frame.columns}
    short = wanted.id or folder.resolve().name
    name = next((named[one] for one in NAMES if one in named), "")
    code = next((named[one] for one in CODES if one in named), "")
    own = frame[name].iloc[0] if name else ""
    said = wanted.name or (own.strip() if isinstance(own, str) else "") or short
    west, _, east, _ = reproject(frame, WGS84).total_bounds
    crs = require_survey(wanted.crs or gauss_krueger((west + east) / 2), what="--crs")
    fields = {
        "code": code or f"{CONSTANT}{short}",
        "name": name if said == own else f"{CONSTANT}{said}",
    }
    return Head(short, Text(said, wanted.name_en or short), crs.to_string()), fields


def candidates(seen: list[File], layer: str, bounds: Bounds) -> list[File]:
    """Give the files that may give a layer, in the order in which they are tried. RULE 2."""
    mine = [one for one in seen if layer in one.layers]
    return sorted(
        mine,
        key=lambda one: (
            ORDER.index(one.kind),
            -_covered(one.corner, COVER_SIDE if one.kind == "worldcover" else 1, bounds),
            -one.year,
            one.name,
        ),
    )


def _covered(corner: Corner | None, side: int, bounds: Bounds) -> float:
    """Give the share of bounds in degrees that a tile covers; 0 for what is no tile."""
    if corner is None:
        return 0.0
    west, south, east, north = bounds
    wide = min(east, corner.longitude + side) - max(west, corner.longitude)
    high = min(north, corner.latitude + side) - max(south, corner.latitude)
    return max(wide, 0.0) * max(high, 0.0) / ((east - west) * (north - south))


def _tried(site: Site, layer: str, choice: list[File]) -> Iterator[Tried]:
    """Try files for a layer until one is taken."""
    tiles = [one for one in choice if layer == "dem" and _reaches(site, one)]
    if len(tiles) > 1 and choice[0] is tiles[0]:
        yield from _together(site, tiles)
    for one in choice:
        if one in tiles and layer in site.data:
            continue
        if layer in site.data:
            better = Text("已有更优先的文件", "a file that goes before it was taken")
            yield Tried(layer, one.name, None, better)
            continue
        try:
            source = _brought(site, layer, one)
        except PlanningError as error:
            yield Tried(layer, one.name, None, _refusal(error, one))
            continue
        if isinstance(source, Text):
            yield Tried(layer, one.name, None, source)
            continue
        _keep(site, layer)
        yield Tried(layer, one.name, source, _notes(source))


def _reaches(site: Site, one: File) -> bool:
    """Say whether a tile of terrain reaches into the county."""
    bounds: Bounds = tuple(reproject(site.outline, WGS84).total_bounds)
    return _covered(one.corner, 1, bounds) > 0


def _together(site: Site, tiles: Sequence[File]) -> Iterator[Tried]:
    """Lay tiles of terrain over each other in their order; one by one where they cannot be."""
    abouts = [_published(site, one) for one in tiles]
    about = abouts[0]._replace(
        publisher="; ".join(dict.fromkeys(one.publisher for one in abouts)),
        licence="; ".join(dict.fromkeys(one.licence for one in abouts)),
        quality=worst(one.quality for one in abouts),
    )
    options = replace(_told(about), further=tuple(one.path for one in tiles[1:]))
    names = ", ".join(one.name for one in tiles)
    try:
        source = bring(site.folder, tiles[0].path, "dem", options=options).source
    except PlanningError as error:
        yield Tried("dem", names, None, _refusal(error, tiles[0]))
        return
    _keep(site, "dem")
    yield Tried("dem", names, source, _notes(source))


def _notes(source: Source) -> Text:
    return joined((parted(note) for note in source.notes), "；", "; ")


def _published(site: Site, one: File) -> Publisher:
    kind = one.kind.rstrip("13") if one.kind.startswith("srtm") else one.kind
    return site.tables.publisher(kind)


def _refusal(error: PlanningError, one: File) -> Text:
    """Say why a file was refused: in short, with its first problem."""
    head = joined([error.message])
    first = [replace(problem, file="", layer="") for problem in error.problems[:1]]
    words = [
        Text(
            head.zh.replace(str(one.path), one.path.name),
            head.en.replace(str(one.path), one.path.name),
        )
    ]
    words += [Text(problem.said("zh"), problem.said("en")) for problem in first]
    more = len(error.problems) - 1
    words += [Text(f"另有 {more} 处", f"and {more} more")] if more > 0 else []
    return joined(words, "；", "; ")


def _brought(site: Site, layer: str, one: File) -> Source | Text:
    """Bring one file in as a layer, or say why it holds nothing of it."""
    if one.kind == "layer":
        return bring(site.folder, one.path, layer, fields=one.fields).source
    about = _published(site, one)
    if layer == "dem":
        return bring(site.folder, one.path, layer, options=_told(about)).source
    given = made(site, layer, one)
    if given.frame is None:
        return joined(given.warnings or (NOTHING_IN_IT,), "；", "; ")
    return _placed(site, given, about, one.path.name)


def _told(about: Publisher) -> Options:
    return Options(
        publisher=about.publisher,
        licence=about.licence,
        quality=str(about.quality),
        title_zh=about.title.zh,
        title_en=about.title.en,
    )


def _placed(site: Site, given: Yielded, about: Publisher, file: str) -> Source:
    return placed(site.folder, given, about, others=site.data, crs=site.crs, file=file)


def _stood_in(site: Site) -> Tried:
    """Let the county stand as its one township. RULE 3."""
    told = sources.read(layer_file(site.folder, "outline").with_name(SOURCE))
    about = Publisher(told.title, told.publisher, told.licence, told.quality)
    given = Yielded("townships", site.outline, (STANDS_IN,), (STANDS_IN,))
    source = _placed(site, given, about, "")
    _keep(site, "townships")
    return Tried("townships", "", source, STANDS_IN)


def _keep(site: Site, layer: str) -> None:
    """Keep a layer as it was written, for those that come after."""
    path = layer_file(site.folder, layer)
    kind = CATALOG[layer].kind
    if kind == "raster":
        site.data[layer] = read_raster(path)
    elif kind == "vector":
        frame = read_vector(path, layer=layer)
        site.data[layer] = frame.set_crs(site.crs, allow_override=True)


def _would(layer: str, bounds: Bounds) -> Text:
    """Say what would bring a layer. RULE 4."""
    if layer == "dem":
        return joined([*glo_names(bounds)])
    if layer == "parcels":
        survey = Text("三调 DLTB", "the survey's DLTB")
        return joined([survey, *cover_names(bounds)], " | ", " | ")
    if layer == "settlements":
        return Text("WorldPop 或 GHS-POP", "WorldPop or GHS-POP")
    if CATALOG[layer].own:
        return NO_TEXT
    if layer in {"seats", "roads", "rivers", "lake", "park", "facilities"}:
        return Text("OpenStreetMap（.osm.pbf）", "OpenStreetMap (.osm.pbf)")
    return Text("本县资料", "the county's own data")

"""Where a layer comes from: publisher, licence, date, hash, quality and the steps done to it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path
from types import UnionType

import tomli_w

from geo.documents import toml_file
from geo.errors import FileError, Problem, SchemaError
from geo.words import Text
from layers.folder import SOURCE

NO_CRS = "none"
"""What a table's source says where others name their CRS."""
RESOLUTION = "resolution_m"
FORMER = "former"
"""What a source.toml may say besides: of the heights, and by which name the source it replaced is
kept (`layers.keeping.layer`)."""
PARTS = "parts"
"""The files a raster is made of, which a source.toml may list."""
MARK = " ‖ "
"""Stands between the Chinese and the English of words in a source.toml."""


class Quality(StrEnum):
    """How far a layer can be trusted, best first."""

    OFFICIAL = "official"
    OPEN = "open"
    DERIVED = "derived"
    MODELLED = "modelled"
    SCHEMATIC = "schematic"

    @property
    def words(self) -> Text:
        """The quality in words."""
        return _QUALITY_WORDS[self]


_QUALITY_WORDS = {
    Quality.OFFICIAL: Text("官方数据", "official data"),
    Quality.OPEN: Text("公开数据", "open data"),
    Quality.DERIVED: Text("推导数据", "derived data"),
    Quality.MODELLED: Text("示意 · 模拟数据，不可用于设计", "modelled, not for design"),
    Quality.SCHEMATIC: Text("示意 · 概略位置，不可用于设计", "schematic, not for design"),
}


def both(words: Text) -> str:
    """Give words as a source.toml keeps them, for readers of either language; `parted` undoes it.

    The only place where two languages make one string. What reads the same in both stands once;
    a mark within the words becomes `|`.

    >>> both(Text("未注明", "not stated")), both(Text("EPSG:4549", "EPSG:4549"))
    ('未注明 ‖ not stated', 'EPSG:4549')
    """
    sign = MARK.strip()
    zh, en = words.zh.replace(sign, "|"), words.en.replace(sign, "|")
    return zh if zh == en else f"{zh}{MARK}{en}"


def parted(words: str) -> Text:
    """Give words of a source.toml in each language; what holds no mark reads the same in both.

    >>> parted("未注明 ‖ not stated").en, parted("NASA").zh
    ('not stated', 'NASA')
    """
    zh, mark, en = words.partition(MARK)
    return Text(zh, en) if mark else Text(words, words)


def worst(qualities: Iterable[Quality]) -> Quality:
    """Give the worst quality of some; what comes of layers is as good as the worst of them.

    Raises
    ------
    ValueError
        If there are none.

    Examples
    --------
    >>> worst([Quality.OPEN, Quality.MODELLED, Quality.OFFICIAL]).value
    'modelled'
    """
    order = list(Quality)
    return max(qualities, key=order.index)


@dataclass(frozen=True)
class Part:
    """A file that a raster is made of.

    `resolution_m` is how far apart its values stand, None where that is not known; `share` its
    share of the raster's cells.
    """

    file: str
    resolution_m: float | None
    share: float


@dataclass(frozen=True)
class Source:
    """What a layer's source.toml says; words of it are taken apart by `parted`.

    `resolution_m` is how far apart the heights stand that a terrain was made from, however fine its
    cells; None where it is not known. Of several files (`parts`) it is that of the coarsest.
    """

    layer: str
    title: Text
    publisher: str
    licence: str
    retrieved: str
    crs: str
    sha256: str
    rows: int
    quality: Quality
    steps: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    resolution_m: float | None = None
    parts: tuple[Part, ...] = ()


def read(path: Path) -> Source:
    """Read a source.toml.

    Raises
    ------
    SchemaError
        Naming every field that is missing, unknown or of the wrong kind.
    """
    try:
        content = toml_file(path)
    except FileError as error:
        raise SchemaError(error.message) from error
    problems = [
        Problem(
            file=str(path),
            field=name,
            found=repr(content[name]) if name in content else Text("缺少", "missing"),
            expected=" | ".join(Quality) if name == "quality" else _KINDS[kind],
        )
        for name, kind in _FIELDS.items()
        if not _right(content.get(name), kind)
        or (name == "quality" and content[name] not in set(Quality))
    ]
    problems += [
        Problem(
            file=str(path),
            field=name,
            found=Text("未知字段", "unknown field"),
            remedy=Text("删除该字段", "remove it"),
        )
        for name in content
        if name not in _FIELDS and name not in {RESOLUTION, FORMER, PARTS}
    ]
    resolution = content.get(RESOLUTION)
    if not (resolution is None or (_right(resolution, int | float) and resolution > 0)):
        problems.append(
            Problem(file=str(path), field=RESOLUTION, found=repr(resolution), expected="> 0")
        )
    parts = _parts(content.get(PARTS, []))
    if parts is None:
        form = "[[parts]] file, resolution_m, share"
        problems.append(
            Problem(file=str(path), field=PARTS, found=repr(content[PARTS]), expected=form)
        )
    if problems or parts is None:
        raise SchemaError(
            Text("来源说明有误", "the source is not as it should be"), problems=problems
        )
    return Source(
        layer=content["layer"],
        title=Text(content["title_zh"], content["title_en"]),
        publisher=content["publisher"],
        licence=content["licence"],
        retrieved=content["retrieved"],
        crs=content["crs"],
        sha256=content["sha256"],
        rows=content["rows"],
        quality=Quality(content["quality"]),
        steps=tuple(content["steps"]),
        notes=tuple(content["notes"]),
        resolution_m=None if resolution is None else float(resolution),
        parts=parts,
    )


def read_all(county: Path) -> dict[str, Source]:
    """Read what the layers in a county's folder say of themselves; the data are not opened.

    Raises
    ------
    SchemaError
        If a source.toml is not as it should be.
    """
    return {path.parent.name: read(path) for path in sorted(county.glob(f"*/{SOURCE}"))}


def _parts(listed: object) -> tuple[Part, ...] | None:
    """Read the files a raster is made of; None where they are not as they should be."""
    if not isinstance(listed, list):
        return None
    parts = []
    for one in listed:
        if not isinstance(one, dict) or not one.keys() <= {"file", RESOLUTION, "share"}:
            return None
        side, share = one.get(RESOLUTION), one.get("share")
        known = side is None or (_right(side, int | float) and side > 0)
        if share is None or not _right(share, int | float) or not known:
            return None
        if not isinstance(one.get("file"), str):
            return None
        parts.append(Part(one["file"], None if side is None else float(side), float(share)))
    return tuple(parts)


def _right(value: object, kind: type | UnionType) -> bool:
    """Say whether a value is of a kind; lists hold text, a truth is no number."""
    if isinstance(value, list):
        return kind is list and all(isinstance(item, str) for item in value)
    return isinstance(value, kind) and not isinstance(value, bool)


def dumps(source: Source) -> str:
    """Give the text of a source.toml; `read` gives the same source back."""
    content = asdict(source)
    title = content.pop("title")
    content |= {
        "title_zh": title["zh"],
        "title_en": title["en"],
        "quality": str(source.quality),
        "steps": list(source.steps),
        "notes": list(source.notes),
    }
    kept = {name: content[name] for name in _FIELDS}
    if source.resolution_m is not None:
        kept[RESOLUTION] = source.resolution_m
    if source.parts:
        listed = [asdict(part) for part in source.parts]
        kept[PARTS] = [{k: v for k, v in one.items() if v is not None} for one in listed]
    return tomli_w.dumps(kept, multiline_strings=False)


_FIELDS: Mapping[str, type] = {
    "layer": str,
    "title_zh": str,
    "title_en": str,
    "publisher": str,
    "licence": str,
    "retrieved": str,
    "crs": str,
    "sha256": str,
    "rows": int,
    "quality": str,
    "steps": list,
    "notes": list,
}
_KINDS = {
    str: Text("文字", "text"),
    int: Text("整数", "a whole number"),
    list: Text("文字列表", "a list of text"),
}

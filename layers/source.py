"""Where a layer comes from: publisher, licence, date, hash, quality and the steps done to it."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path

import tomli_w

from geo.errors import Problem, SchemaError
from geo.words import Text

NO_CRS = "none"
"""What a table's source says where others name their CRS."""


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
class Source:
    """What a layer's source.toml says."""

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


def read(path: Path) -> Source:
    """Read a source.toml.

    Raises
    ------
    SchemaError
        Naming every field that is missing, unknown or of the wrong kind.
    """
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SchemaError(f"{path}: 无法读取 cannot be read: {error}") from error
    problems = [
        Problem(
            file=str(path),
            field=name,
            found=repr(content.get(name, "缺少 missing")),
            expected=" | ".join(Quality) if name == "quality" else kind.__name__,
        )
        for name, kind in _FIELDS.items()
        if not _right(content.get(name), kind)
        or (name == "quality" and content[name] not in set(Quality))
    ]
    problems += [
        Problem(file=str(path), field=name, found="未知字段 unknown field", remedy="删除 remove it")
        for name in content.keys() - _FIELDS.keys()
    ]
    if problems:
        raise SchemaError("来源说明有误 the source is not as it should be", problems=problems)
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
    )


def _right(value: object, kind: type) -> bool:
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
    return tomli_w.dumps({name: content[name] for name in _FIELDS}, multiline_strings=False)


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

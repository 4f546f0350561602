"""Where a layer comes from: publisher, licence, date, hash, quality and the steps done to it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True)
class Text:
    """Words in Chinese and in English."""

    zh: str
    en: str


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

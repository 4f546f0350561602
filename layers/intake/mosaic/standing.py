"""The raster layer that stands in a county folder: what a new file is laid over or under."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from geo.errors import Problem, SchemaError
from geo.files import read_raster
from geo.raster import Raster
from geo.words import Text, joined
from layers import source as sources
from layers.county import layer_file
from layers.folder import SOURCE, sha256_of
from layers.intake.shifted import PARTLY
from layers.source import Part, Quality, Source, both, parted, worst

ALONE = Text("只要新文件：--replace", "to take the new file alone: --replace")


@dataclass(frozen=True, eq=False)
class Standing:
    """A raster layer as it stands, and its source."""

    raster: Raster
    source: Source

    @property
    def parts(self) -> tuple[Part, ...]:
        """What it was made of; a layer that does not say so is one part."""
        named = Part(self.source.layer, self.source.resolution_m, 1.0)
        return self.source.parts or (named,)

    @property
    def whole(self) -> Part:
        """All of it as one part, by the coarsest."""
        sides = [part.resolution_m for part in self.parts]
        known = [side for side in sides if side is not None]
        names = "; ".join(part.file for part in self.parts)
        return Part(names, max(known) if len(known) == len(sides) else None, 1.0)

    @property
    def finest_m(self) -> float:
        """How far apart its values stand where they stand closest; its cells where none says."""
        known = [part.resolution_m for part in self.parts if part.resolution_m is not None]
        return min(known, default=self.raster.grid.resolution)


def standing(folder: Path, layer: str) -> Standing | None:
    """Read the raster layer of a county folder; None where there is none.

    Raises
    ------
    SchemaError
        If it is not what its source says: nothing is laid over what is in doubt.
    """
    file = layer_file(folder, layer)
    path = file.with_name(SOURCE)
    if not (file.is_file() and path.is_file()):
        return None
    source = sources.read(path)
    if sha256_of(file) != source.sha256:
        found = Text("现有图层与来源说明不符", "the layer that stands is not what its source says")
        raise SchemaError(
            Text(f"{layer}：不能合并", f"{layer}: cannot be merged"),
            problems=[Problem(file=str(file), layer=layer, found=found, remedy=ALONE)],
        )
    return Standing(read_raster(file), source)


def worse(resolution_m: float | None, quality: Quality, before: Standing) -> bool:
    """Say whether a new source is no better than what stands: modelled over measured, or coarser.

    What is worse fills where nothing stands; what is as good takes its place.
    """
    modelled = {Quality.MODELLED, Quality.SCHEMATIC}
    here, there = quality in modelled, before.source.quality in modelled
    if here != there:
        return here
    return resolution_m is not None and resolution_m > before.finest_m * 1.01


def merged_source(new: Source, before: Source) -> Source:
    """Give the source of a layer that is made of a new one and of what stood there.

    Publishers, licences and dates of both stand in it, the steps of both, and the worse quality;
    how much of the county the former one covered holds no more.
    """
    kept = [note for note in before.notes if not parted(note).en.startswith(PARTLY.en)]
    return replace(
        new,
        publisher=_both_said(before.publisher, new.publisher),
        licence=_both_said(before.licence, new.licence),
        retrieved=_both_said(before.retrieved, new.retrieved),
        quality=worst([new.quality, before.quality]),
        steps=(*before.steps, *new.steps),
        notes=tuple(dict.fromkeys((*kept, *new.notes))),
    )


def _both_said(before: str, new: str) -> str:
    if before == new:
        return new
    listed = [parted(one) for one in (before, new)]
    known = parted(before)
    if parted(new).zh in known.zh.split("；"):
        return before
    return both(joined(listed, "；", "; "))

"""Rasters from several files, and over what stands: one reading with its seams told.

1. The order of files is the order of preference.
2. All are brought onto cells of one side: the one that is asked for, else the finest.
3. A file that is no worse than the layer that stands takes its place where it has data; the rest
   is kept. One that is coarser, or modelled over measured, only fills what nothing covers.
4. What stands is left out where nothing of it would be seen.
5. Voids are filled from other sources only, moved by the difference at their rims, and counted.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from geo.crs import same
from geo.errors import GridError
from geo.raster import Raster
from geo.words import Text, alike, joined
from layers.intake.mosaic.sheets import Laid, Seam, Sheet, common, laid
from layers.intake.mosaic.standing import ALONE, Standing, worse
from layers.intake.reading import Options, Reading
from layers.source import Part, Quality, both, parted

Reader = Callable[[Path, Options], Reading]
MEETINGS = {
    "overlap": Text("个重叠像元", "cells overlap"),
    "edge": Text("个重叠像元在接边上", "of them lie along the edge"),
    "step": Text("对相邻像元（含地面坡度）", "pairs along the edge (with the ground's own slope)"),
}
PRESENT = Text("现有图层", "the layer that stands")


@dataclass(frozen=True, eq=False)
class _Source:
    """A raster to lay: one that was read, or the one that stands."""

    name: Text
    raster: Raster
    reading: Reading | None = None

    @property
    def sheet(self) -> Sheet:
        """The raster by its name, with the place the file reaches over."""
        return Sheet(both(self.name), self.raster, self.reading.extent if self.reading else None)


def several(
    files: Sequence[Path],
    options: Options,
    read: Reader,
    *,
    before: Standing | None,
    quality: Quality,
) -> Reading:
    """Read rasters as one, over or under what stands.

    Parameters
    ----------
    files
        In order of preference.
    options
        What the user says about each of them.
    read
        Reads one.
    before
        The layer that stands, or None.
    quality
        That of the new files.

    Returns
    -------
    Reading
        `parts` says what it is made of, `merged` whether the layer that stands is among it. A file
        that is no raster comes back alone, for the check to refuse.
    """
    readings = [read(file, options) for file in files]
    for one in readings:
        if not isinstance(one.data, Raster):
            return one
    if before is not None and not same(before.raster.grid.crs, _raster(readings[0]).grid.crs):
        before = None  # nothing can be laid on a layer in another CRS: the check will name it
    if before is None and len(files) == 1:
        side = readings[0].resolution_m
        return replace(readings[0], parts=(Part(files[0].name, side, 1.0),))
    side = _side(readings, options, before)  # RULE 2
    readings = [
        one
        if np.isclose(_raster(one).grid.resolution, side)
        else read(file, replace(options, resolution=side))
        for file, one in zip(files, readings, strict=True)
    ]
    stack = [
        _Source(alike(file.name), _raster(one), one)  # RULE 1
        for file, one in zip(files, readings, strict=True)
    ]
    if before is not None:  # RULE 3
        poorer = [worse(one.resolution_m, quality, before) for one in readings]
        place = poorer.index(True) if any(poorer) else len(stack)
        stack.insert(place, _Source(PRESENT, before.raster))
    rasters = sorted(
        (one.raster for one in stack), key=lambda one: not np.isclose(one.grid.resolution, side)
    )
    classes = options.how == "nearest"
    done = laid([one.sheet for one in stack], common(rasters), classes=classes)
    cells = [int((done.owner == number).sum()) for number in range(len(stack))]
    if before is not None and not cells[place]:  # RULE 4
        return several(files, options, read, before=None, quality=quality)
    if before is not None and cells[place] == sum(cells):
        raise _useless(files)
    return _told(stack, done, cells, before, classes=classes)


def _useless(files: Sequence[Path]) -> GridError:
    names = joined([file.name for file in files])
    return GridError(
        Text(
            f"{names.zh}：没有可用的像元：现有图层处处有数据，且不比它差；处理：{ALONE.zh}",
            f"{names.en}: no cell of it would be used: the layer that stands has data everywhere "
            f"and is no worse; remedy: {ALONE.en}",
        )
    )


def _raster(reading: Reading) -> Raster:
    """Give the raster of a reading that is known to be one."""
    if not isinstance(reading.data, Raster):
        raise TypeError(reading.format)
    return reading.data


def _side(readings: Sequence[Reading], options: Options, before: Standing | None) -> float:
    sides = [_raster(one).grid.resolution for one in readings]
    sides += [] if before is None else [before.raster.grid.resolution]
    return options.resolution or min(sides)


def _told(
    stack: Sequence[_Source],
    done: Laid,
    cells: Sequence[int],
    before: Standing | None,
    *,
    classes: bool,
) -> Reading:
    """Put together what was read, laid and measured."""
    readings = [one.reading for one in stack if one.reading is not None]
    parts = _parts(stack, cells, before)
    sides = [part.resolution_m for part in parts if part.resolution_m is not None]
    steps = [
        *_step_words(stack),
        *_cell_words(stack, cells, done, classes=classes),
        *_part_words(parts),
    ]
    steps += [_seam_words(seam, classes=classes) for seam in done.seams]
    warnings = [
        *dict.fromkeys(words for one in readings for words in one.warnings),
        *_order_words(stack, cells),
    ]
    return replace(
        readings[0],
        data=done.raster,
        format=" + ".join(dict.fromkeys(one.format for one in readings)),
        steps=tuple(steps),
        warnings=tuple(warnings),
        resolution_m=max(sides) if len(sides) == len(parts) else None,
        parts=tuple(parts),
        merged=before is not None,
    )


def _parts(stack: Sequence[_Source], cells: Sequence[int], before: Standing | None) -> list[Part]:
    """Give the files that have cells, with their share of all; those of what stands are scaled.

    Where some of it is covered, it is not known which of its parts: they count as one, by the
    coarsest.
    """
    total = max(sum(cells), 1)
    parts = []
    for one, count in zip(stack, cells, strict=True):
        if not count:
            continue
        share = count / total
        if one.reading is not None:
            parts.append(Part(one.name.en, one.reading.resolution_m, round(share, 4)))
        elif before is not None:
            whole = count == int(before.raster.valid.sum())
            known = before.parts if whole else (before.whole,)
            parts += [replace(part, share=round(part.share * share, 4)) for part in known]
    return parts


def _step_words(stack: Sequence[_Source]) -> Iterator[Text]:
    for one in stack:
        for words in one.reading.steps if one.reading else ():
            yield Text(f"{one.name.zh}：{words.zh}", f"{one.name.en}: {words.en}")


def _cell_words(
    stack: Sequence[_Source], cells: Sequence[int], done: Laid, *, classes: bool
) -> Iterator[Text]:
    """Say how much each source gave, what filled voids of others, and what stays void."""
    for one, count, filled in zip(stack, cells, done.filled, strict=True):
        yield Text(
            f"{one.name.zh}：{count} 个像元，其中填补前者空洞 {filled} 个",
            f"{one.name.en}: {count} cells, {filled} of them in voids of those before it",
        )
        if filled and not classes:
            yield Text(
                f"{one.name.zh}：填补空洞的数值按空洞边缘处两者之差修正",
                f"{one.name.en}: values in voids are moved by the difference at the voids' rims",
            )
    if done.voids:
        yield Text(
            f"{done.voids} 个空洞像元没有来源可填，仍为空洞",
            f"{done.voids} void cells stay voids: no source covers them",
        )


def _part_words(parts: Sequence[Part]) -> Iterator[Text]:
    """Say how far apart values stand in the sources, by share of area."""
    shares: dict[str, float] = {}
    for part in parts:
        side = "?" if part.resolution_m is None else f"{part.resolution_m:g} m"
        shares[side] = shares.get(side, 0) + part.share
    listed = joined([f"{side} {share:.1%}" for side, share in shares.items()])
    yield Text(f"来源分辨率：{listed.zh}", f"resolution of the sources: {listed.en}")


def _seam_words(seam: Seam, *, classes: bool) -> Text:
    one, other = parted(seam.one), parted(seam.other)
    if classes:
        figures = Text(f"{seam.unlike:.1%} 不同", f"{seam.unlike:.1%} differ")
    else:
        figures = Text(
            f"差值平均 {seam.mean:+.2f}，最大 {seam.most:+.2f}",
            f"mean difference {seam.mean:+.2f}, largest {seam.most:+.2f}",
        )
    meet = MEETINGS[seam.where]
    return Text(
        f"接缝 {one.zh} / {other.zh}：{seam.cells} {meet.zh}，{figures.zh}",
        f"seam {one.en} / {other.en}: {seam.cells} {meet.en}, {figures.en}",
    )


def _order_words(stack: Sequence[_Source], cells: Sequence[int]) -> Iterator[Text]:
    """Say where what stands is kept, and of files that gave nothing."""
    place = next((n for n, one in enumerate(stack) if one.reading is None), len(stack))
    for one in stack[place + 1 :]:
        yield Text(
            f"{one.name.zh} 不优于现有图层，只填其空缺；{ALONE.zh}",
            f"{one.name.en} is no better than the layer that stands and only fills where that has "
            f"nothing; {ALONE.en}",
        )
    if place < len(stack):
        yield Text(
            f"与现有图层合并，未覆盖处保留；{ALONE.zh}",
            f"merged with the layer that stands, which is kept where it is not covered; {ALONE.en}",
        )
    for one, count in zip(stack, cells, strict=True):
        if not count:
            yield Text(f"{one.name.zh} 未采用任何像元", f"{one.name.en}: no cell of it is used")

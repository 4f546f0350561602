"""Bringing a user's file into a county folder: read, reproject, map, repair, check, write."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import CRS
from shapely.geometry.base import BaseGeometry

from geo.crs import require_survey
from geo.errors import Problem, SchemaError, UsageError
from geo.files import read_vector
from geo.raster import Raster
from geo.words import Lang, Text, joined, said
from layers import folder as folders
from layers.catalog import CATALOG, schema_of
from layers.county import LayerData, layer_file, replace_layer
from layers.intake.fieldmap import Mapped, mapped
from layers.intake.grid import Bounds
from layers.intake.joining import with_table
from layers.intake.mosaic.several import several
from layers.intake.mosaic.standing import merged_source, standing
from layers.intake.reading import Options, Progress, Reading, examine, read
from layers.intake.shifted import suspicions
from layers.intake.skipping import (
    Judge,
    Sound,
    keys_of,
    labelled,
    sound_rows,
    unlabelled,
)
from layers.keeping.hold import held
from layers.keeping.layer import list_named, listing
from layers.places import shape_fault
from layers.schema import LayerSchema, absent, check_all
from layers.source import Quality, Source, both

__all__ = ["Intake", "Options", "Reading", "bring", "read"]

MARGIN_M = 3_000.0
"""Rasters are kept so far around the outline: what lies just outside is seen and walked on."""
UNSTATED = Text("未注明", "not stated")


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
        What was done, in order; source.toml keeps it in both languages.
    warnings
        What the user should know.
    ledger
        Repairs: row, problem, area_before_m2, area_after_m2, changed_m2; also in a file of the
        layer, `repairs-….csv`, which the steps name.
    source
        The source as written.
    """

    layer: str
    rows: int
    steps: tuple[Text, ...]
    warnings: tuple[Text, ...]
    source: Source
    ledger: pd.DataFrame = field(default_factory=pd.DataFrame)

    @property
    def report(self) -> Text:
        """What was done as lines: the layer, steps, warnings, and each repair."""
        quality = self.source.quality.words
        head = Text(
            f"{self.layer}：{self.rows} 行 · {quality.zh}",
            f"{self.layer}: {self.rows} rows · {quality.en}",
        )
        lines = [
            *self.steps,
            *(Text(f"注意：{one.zh}", f"warning: {one.en}") for one in self.warnings),
            *(_repair_words(one) for one in self.ledger.to_dict("records")),
        ]
        return joined([head, *lines], "\n  ", "\n  ")

    def said(self, lang: Lang) -> str:
        """Give the report in a language."""
        return said(self.report, lang)

    def __str__(self) -> str:
        """Give the report in English."""
        return self.said("en")


def _repair_words(one: Mapping[Hashable, Any]) -> Text:
    fault, change = shape_fault(one["problem"]), f"{one['changed_m2']:+.3f} m²"
    return Text(
        f"修复：第 {one['row']} 行：{fault.zh}，{change}",
        f"repaired: row {one['row']}: {fault.en}, {change}",
    )


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
    `MARGIN_M` around it, where the outline is there. A layer that stands there is replaced, at
    once or not at all, and kept until the next import (`layers.keeping.undo`); a raster is laid
    over or under it (`layers.intake.mosaic.several`), unless taken alone.

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
    BusyError
        If another process changes the county.
    LimitError
        If there is no room; the former layer stays.
    """
    schema = schema_of(layer)
    options = options or Options()
    _quality(options.quality)
    folder = folders.own_folder(folder)
    with held(folder):
        return _brought(folder, file, schema, fields or {}, options, progress)


def _brought(
    folder: Path,
    file: Path,
    schema: LayerSchema,
    fields: Mapping[str, str],
    options: Options,
    progress: Progress | None,
) -> Intake:
    """Bring a file into a county that is held: what it is checked against does not change."""
    layer, quality = schema.name, _quality(options.quality)
    head = folders.read_head(folder)
    crs = require_survey(head.crs, what=str(folder / folders.COUNTY))
    others = _others(folder, schema)
    outline = _outline(others, schema)
    reader = partial(examine, crs=crs, bounds=_around(outline), progress=progress)
    raster = schema.kind == "raster"
    before = standing(folder, layer) if raster and not options.replace else None
    if raster:
        files = (file, *options.further)
        done = several(files, options, reader, before=before, quality=quality)
    else:
        _refuse_several(options, schema)
        done = reader(file, options)
    done = _joined(done, options, fields)

    def judge(reading: Reading) -> tuple[Mapped[LayerData], list[Problem]]:
        fit = _fitted(reading, schema, fields)
        marked = replace(fit, frame=labelled(fit.frame)) if options.skip_bad else fit
        wrong = _checked(reading, marked, schema, others, crs)
        return fit, [*reading.problems, *fit.problems, *wrong]

    sound = _sound(done, schema, judge, options, fields)
    done, fitted, problems = sound.reading, sound.fitted, sound.problems
    if problems:
        refused = Text(f"{file}：不能导入为 {layer}", f"{file}: cannot be brought in as {layer}")
        named = (
            replace(p, file=p.file or file.name, layer=layer, row=unlabelled(p.row))
            for p in problems
        )
        raise SchemaError(refused, problems=tuple(dict.fromkeys(named)))
    warnings = (
        *done.warnings,
        *suspicions(file.name, fitted.frame, outline, options.crs),
        *_quality_warnings(options),
    )
    steps = (_first_step(file, options, done), *done.steps, *fitted.steps, *_sum(done))
    source = _source(schema, options, done, crs=head.crs)
    source = replace(source, steps=tuple(map(both, steps)), notes=tuple(map(both, warnings)))
    if before is not None and done.merged:
        source = merged_source(source, before.source)
    if progress:
        progress(Text(f"正在写入 {layer}", f"writing {layer}"))
    lists = {"repairs": listing(done.ledger), "skipped": listing(sound.skipped)}
    written = replace_layer(folder, layer, fitted.frame, source, lists=lists)
    return Intake(layer, written.rows, steps, warnings, written, done.ledger)


def _refuse_several(options: Options, schema: LayerSchema) -> None:
    if options.further or options.replace:
        raise UsageError(
            Text(
                f"{schema.name} 不是栅格：只能导入一个文件，且总是替换现有图层",
                f"{schema.name} is no raster: it is brought in from one file, which always takes "
                "the place of the layer that stands",
            )
        )


def _sound(
    done: Reading, schema: LayerSchema, judge: Judge, options: Options, fields: Mapping[str, str]
) -> Sound:
    """Judge a reading, and leave out what is wrong with single rows where that is asked for."""
    if not options.skip_bad:
        fitted, problems = judge(done)
        return Sound(done, fitted, tuple(problems))
    if isinstance(done.data, Raster):
        raise UsageError(Text("--skip-bad 不用于栅格", "--skip-bad is not for rasters"))
    lost = {}
    if not done.lost.empty:
        lost = keys_of(mapped(done.lost, schema, fields).frame, schema)
    return sound_rows(done, schema, judge, lost=lost)


def _source(schema: LayerSchema, options: Options, done: Reading, *, crs: str) -> Source:
    """Give the source of a layer, as far as its steps and notes."""
    return Source(
        layer=schema.name,
        title=Text(options.title_zh or schema.title.zh, options.title_en or schema.title.en),
        publisher=options.publisher or both(UNSTATED),
        licence=options.licence or both(UNSTATED),
        retrieved=options.retrieved or both(UNSTATED),
        crs=crs,
        sha256="",
        rows=0,
        quality=_quality(options.quality),
        resolution_m=done.resolution_m,
        parts=done.parts,
    )


def _joined(done: Reading, options: Options, fields: Mapping[str, str]) -> Reading:
    """Bring the columns of a table to the rows of what was read, where one is named."""
    if not (options.join or options.on):
        return done
    if isinstance(done.data, Raster):
        raise UsageError(Text("--join 不用于栅格", "--join is not for rasters"))
    whole = with_table(done.data, options.join, options.on, fields)
    return replace(
        done,
        data=whole.frame,
        steps=(*done.steps, *whole.steps),
        warnings=(*done.warnings, *whole.warnings),
        problems=(*done.problems, *whole.problems),
    )


def _quality(text: str) -> Quality:
    if text and text not in set(Quality):
        known = joined(Quality)
        raise UsageError(
            Text(
                f"没有质量 {text!r}；现有：{known.zh}",
                f"no quality {text!r}; there are: {known.en}",
            )
        )
    return Quality(text) if text else Quality.DERIVED


def _quality_warnings(options: Options) -> list[Text]:
    if options.quality:
        return []
    taken = _quality("")
    return [
        Text(
            f"未说明质量，按{taken.words.zh}（{taken}）处理：--quality",
            f"quality not stated, taken as {taken}: --quality",
        )
    ]


def _first_step(file: Path, options: Options, done: Reading) -> Text:
    names = joined([one.name for one in (file, *options.further)])
    return Text(f"由 {names.zh} 导入（{done.format}）", f"imported from {names.en} ({done.format})")


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


def _fitted(done: Reading, schema: LayerSchema, fields: Mapping[str, str]) -> Mapped[LayerData]:
    """Bring a frame under the schema's names; a raster has none."""
    if isinstance(done.data, Raster):
        return Mapped(done.data, (), ())
    if schema.kind == "table" and isinstance(done.data, gpd.GeoDataFrame):
        plain = pd.DataFrame(done.data.drop(columns=done.data.geometry.name))
        return mapped(plain, schema, fields)
    return mapped(done.data, schema, fields)


def _checked(
    done: Reading,
    fitted: Mapped[LayerData],
    schema: LayerSchema,
    others: Mapping[str, gpd.GeoDataFrame],
    crs: CRS,
) -> list[Problem]:
    """Check against the schema; without a usable CRS only what does not depend on it."""
    named = _named_by_file(done, fitted, schema)
    problems = [
        named.get(problem, problem)
        for problem in check_all({schema.name: fitted.frame, **others}, CATALOG, crs=crs)
        if problem.layer == schema.name
    ]
    if any(problem.field == "CRS" for problem in done.problems):
        return [problem for problem in problems if problem.field not in {"CRS", "geometry"}]
    return problems


def _named_by_file(
    done: Reading, fitted: Mapped[LayerData], schema: LayerSchema
) -> dict[Problem, Problem]:
    """Give, for every missing field, the problem that names the columns of the file itself.

    The check sees the columns that were kept; who is to name one must see all of them.
    """
    if isinstance(done.data, Raster) or isinstance(fitted.frame, Raster):
        return {}
    own, kept = _columns(done.data), [str(name) for name in fitted.frame.columns]
    return {absent(one, schema, kept): absent(one, schema, own) for one in schema.fields}


def _columns(frame: pd.DataFrame) -> list[str]:
    shapes = frame.geometry.name if isinstance(frame, gpd.GeoDataFrame) else ""
    return [str(name) for name in frame.columns if name != shapes]


def _sum(done: Reading) -> list[Text]:
    """Say in one line what was repaired."""
    if done.ledger.empty:
        return []
    change = float(done.ledger["changed_m2"].abs().sum())
    count, name = len(done.ledger), list_named("repairs", listing(done.ledger))
    return [
        Text(
            f"修复 {count} 行，面积变动 {change:.3f} m²，见 {name}",
            f"repaired {count} rows, {change:.3f} m² changed; see {name}",
        )
    ]

"""What an answer must not depend on, and what must stay as it is: asked by running it again."""

from __future__ import annotations

import math
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from geo.errors import InfeasibleError, Problem
from geo.raster import Raster
from geo.words import Text, alike
from layers import twin
from scenarios.result import Layer, Result, load
from scenarios.running import runs
from scenarios.running.questions.trial import End, Trial, with_frames

NAMELESS = ("settlements", "facilities", "rivers")
"""Layers whose labels neither other layers nor parameters name."""
LAST_DIGITS = 1e-9  # what the order of a sum decides
CELLS = 1e-5  # the same in cells of single precision


def leaves_the_county_unchanged(trial: Trial) -> Iterator[Problem]:
    """Ask that no layer of the county is changed."""
    for name in trial.first.changed:
        yield Problem(layer=name, found=Text("被问题改动", "changed by the question"))


def needs_what_it_declares(trial: Trial) -> Iterator[Problem]:
    """Ask that every layer it needs is read, and no layer that it does not declare."""
    scenario, read = trial.scenario, trial.first.read
    for name in sorted(set(scenario.needs) - read):
        yield Problem(
            layer=name,
            found=Text("声明需要而未读取", "needed, but not read"),
            remedy=Text("从 needs 中删去", "take it from needs"),
        )
    for name in sorted(read - {*scenario.needs, *scenario.uses}):
        yield Problem(
            layer=name,
            found=Text("读取而未声明", "read, but not declared"),
            remedy=Text("列入 needs 或 uses", "add it to needs or uses"),
        )


def twice_is_the_same(trial: Trial) -> Iterator[Problem]:
    """Ask that a second run, which sees declared layers alone, gives the same files."""
    if not trial.run.result.reproducible:
        yield Problem(
            field="Result.reproducible",
            found="False",
            expected=Text("默认不受时限", "no clock stops it by default"),
        )
    again = runs.perform(trial.order(twin.county()))
    with tempfile.TemporaryDirectory() as place:
        files = []
        for name, run in (("first", trial.run), ("again", again)):
            runs.save(run, Path(place, name))
            files.append(dict(_files(Path(place, name))))
    for name in sorted({*files[0], *files[1]}):
        if files[0].get(name) != files[1].get(name):
            yield Problem(
                field=name,
                found=Text("两次运行的结果不同", "not the same when run twice"),
                remedy=Text("随机数须由种子参数给定", "draw by a seed parameter only"),
            )


def _files(folder: Path) -> Iterator[tuple[str, bytes]]:
    for path in folder.rglob("*"):
        if path.is_file():
            yield path.relative_to(folder).as_posix(), path.read_bytes()


def loaded_is_what_was_saved(trial: Trial) -> Iterator[Problem]:
    """Ask that a run read from its folder equals the one written."""
    found = trial.first.found
    with tempfile.TemporaryDirectory() as place:
        runs.save(trial.run, Path(place))
        run = load(Path(place))
    if replace(run, result=found) != replace(trial.run, result=found):
        yield Problem(field=RUN, found=UNLIKE)
    for one in fields(Result):
        if one.name not in {"layers", "tables", "edits"} and (
            getattr(run.result, one.name) != getattr(found, one.name)
        ):
            yield Problem(field=f"{RUN}.{one.name}", found=UNLIKE)
    for name in _frames(run.result, found, trial.run.result):
        yield Problem(field=name, found=UNLIKE)


def _frames(read: Result, found: Result, saved: Result) -> Iterator[str]:
    """Name what differs in layers and tables as they were found, and in edits as they are saved."""
    for a, b in zip(read.layers, found.layers, strict=True):
        yield from (f"layers.{b.id}.{name}" for name in _layer(a, b, exact=True))
    for one, table in zip(read.tables, found.tables, strict=True):
        names = [column.name for column in table.columns]
        yield from (f"tables.{table.id}.{name}" for name in unlike(one.frame, table.frame[names]))
    for edit, kept in zip(read.edits, saved.edits, strict=True):
        ours, theirs = (pd.DataFrame(one.data.to_wkb()) for one in (edit, kept))
        yield from (f"edits.{kept.layer}.{name}" for name in unlike(ours, theirs))


PARTS = ("metrics", "checks", "layers", "tables")
RUN = "result.json"
UNLIKE = Text("写出再读入后不同", "another when it is saved and loaded")


def _layer(a: Layer, b: Layer, *, exact: bool) -> Iterator[str]:
    """Name what differs in two layers: what is said of them, cells, columns of `a`, shapes."""
    about = [one.name for one in fields(Layer) if one.name != "data"]
    yield from (name for name in about if getattr(a, name) != getattr(b, name))
    if isinstance(a.data, Raster) or isinstance(b.data, Raster):
        if not _same_cells(a.data, b.data, exact=exact):
            yield "data"
        return
    columns = [name for name in a.data.columns if name != a.data.geometry.name]
    ours, theirs = (pd.DataFrame(one.data)[columns] for one in (a, b))
    yield from unlike(ours, theirs, rtol=0.0 if exact else LAST_DIGITS)
    if len(ours) == len(theirs) and not a.data.geometry.geom_equals(b.data.geometry).all():
        yield "geometry"


def _same_cells(a: Any, b: Any, *, exact: bool) -> bool:
    if not (isinstance(a, Raster) and isinstance(b, Raster)) or a.grid != b.grid:
        return False
    if a.nodata != b.nodata and not (math.isnan(a.nodata or 0) and math.isnan(b.nodata or 0)):
        return False
    near = 0.0 if exact else CELLS
    same = np.allclose(a.values, b.values, rtol=near, atol=near, equal_nan=True)
    return a.values.dtype == b.values.dtype and bool(same)


def unlike(a: pd.DataFrame, b: pd.DataFrame, *, rtol: float = 0.0) -> list[str]:
    """Name the columns in which two frames differ; `index` and `columns` where these do.

    Parameters
    ----------
    a, b
        Any frames; missing values equal each other.
    rtol
        Relative and absolute tolerance of numbers.

    Examples
    --------
    >>> a = pd.DataFrame({"n": [1.0, np.nan], "word": ["x", None]})
    >>> unlike(a, a.assign(n=[1.0, 2.0])), unlike(a, a), unlike(a, a.iloc[::-1])
    (['n'], [], ['index'])
    """
    if not a.index.equals(b.index):
        return ["index"]
    if list(a.columns) != list(b.columns):
        return ["columns"]
    return [str(name) for name in b.columns if not _same_column(a[name], b[name], rtol)]


def _same_column(a: pd.Series, b: pd.Series, rtol: float) -> bool:
    if pd.api.types.is_numeric_dtype(a) and pd.api.types.is_numeric_dtype(b):
        ours, theirs = (one.to_numpy(dtype=float, na_value=np.nan) for one in (a, b))
        return bool(np.allclose(ours, theirs, rtol=rtol, atol=rtol, equal_nan=True))
    first, second = (one.astype(object).where(one.notna(), None).tolist() for one in (a, b))
    return bool(first == second)


def ignores_the_order_of_rows(trial: Trial) -> Iterator[Problem]:
    """Ask that layers whose rows are turned round give the same answer."""
    turned = with_frames(trial.county, lambda _, frame: frame.iloc[::-1])
    found, expected = runs.perform(trial.order(turned)).result, trial.run.result
    places = list(unlike_answers(found, expected))
    for one, other in zip(found.metrics, expected.metrics, strict=False):
        if sorted(one.features) != sorted(other.features):
            places.append(f"metrics.{other.id}.features")
    for a, b in zip(found.layers, expected.layers, strict=False):
        if isinstance(a.data, gpd.GeoDataFrame) and isinstance(b.data, gpd.GeoDataFrame):
            if set(a.data.index) == set(b.data.index):
                a = replace(a, data=a.data.loc[b.data.index])  # noqa: PLW2901 - rows put back
            places += [f"layers.{b.id}.{name}" for name in _layer(a, b, exact=False)]
    for c, d in zip(found.tables, expected.tables, strict=False):
        places += [f"tables.{d.id}.{name}" for name in unlike(c.frame, d.frame, rtol=LAST_DIGITS)]
    yield from _depends(places, Text("图层中行的顺序", "the order of rows"))


def ignores_labels(trial: Trial) -> Iterator[Problem]:
    """Ask that other labels of rows, in the same order, give the same answer."""

    def relabelled(layer: str, frame: pd.DataFrame) -> pd.DataFrame:
        if layer not in NAMELESS:
            return frame
        rank = np.argsort(np.argsort(frame.index.to_numpy()))
        labels = pd.Index([f"label {n:04d}" for n in rank], name=frame.index.name)
        return frame.set_axis(labels)

    order = trial.order(with_frames(trial.county, relabelled))
    places = unlike_answers(runs.perform(order).result, trial.run.result)
    yield from _depends(places, Text("图层中行的标签", "the labels of rows"))


def _depends(places: Iterable[str], what: Text) -> Iterator[Problem]:
    for place in dict.fromkeys(places):
        words = Text(f"随{what.zh}而变", f"changes with {what.en}")
        yield Problem(field=place, found=words, remedy=alike("sort_index()"))


def unlike_answers(found: Result, expected: Result) -> Iterator[str]:
    """Name figures, verdicts and cells that differ by more than the last digits."""
    for kind in PARTS:
        ids = [[one.id for one in getattr(result, kind)] for result in (found, expected)]
        if ids[0] != ids[1]:
            yield kind
            return
    pairs = [zip(getattr(found, kind), getattr(expected, kind), strict=True) for kind in PARTS]
    yield from (
        f"metrics.{b.id}"
        for a, b in pairs[0]
        if not (_near(a.value, b.value) and _near(a.before, b.before))
    )
    yield from (f"checks.{b.id}" for a, b in pairs[1] if a.verdict != b.verdict)
    yield from (
        f"layers.{b.id}"
        for a, b in pairs[2]
        if isinstance(b.data, Raster) and not _same_cells(a.data, b.data, exact=False)
    )


def _near(a: float | None, b: float | None) -> bool:
    if a is None or b is None:
        return a is b
    return math.isclose(a, b, rel_tol=LAST_DIGITS, abs_tol=LAST_DIGITS)


def answers_at_some_ends(trial: Trial) -> Iterator[Problem]:
    """Run it with a few parameters at an end of their range; see `answers_at`."""
    yield from answers_at(trial, trial.some_ends())


def answers_at(trial: Trial, ends: Iterable[End]) -> Iterator[Problem]:
    """Ask for finite figures at ends of ranges; some may be impossible, but not all of them."""
    asked = answered = 0
    for field, value in ends:
        asked += 1
        try:
            found = runs.perform(trial.order(**{field: value})).result
        except InfeasibleError:
            continue
        answered += 1
        for metric in found.metrics:
            if not math.isfinite(metric.value):
                yield Problem(
                    field=f"params.{field} = {value:g}: metrics.{metric.id}",
                    found=str(metric.value),
                    expected=Text("有限数", "finite"),
                )
    if asked and not answered:
        yield Problem(
            field="params", found=Text("范围两端均无解", "no end of a range has an answer")
        )

"""Runs side by side, as one result: figures, parameters, land that differs, who loses.

Method: figures are held together by id and unit. Layers of frames that share id, meaning and value
are held together shape by shape (`shapes`), each run against the first; rasters on one grid are
subtracted, later less first. Land that claims take is counted over all runs (`consensus`). Places
are worse off than today, or than in the first run, by columns that say which way is better
(`losers`). What one run alone has is told: layers as checks, features in a table. Limits: layers
of unlike counties or CRSs are not held together; a raster on another grid is named, not resampled;
the base map (outline, water, hillshade, labels) is not compared.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd

from geo.errors import GeometryError
from geo.raster import Raster
from geo.words import Text, headed, joined
from scenarios.result import Category, Check, Column, Layer, Metric, Result, Run, Table
from scenarios.several.compare import consensus, figures, likeness, losers
from scenarios.several.compare.shapes import Difference, difference
from scenarios.several.compare.staleness import Since
from scenarios.several.frames import frame, framed
from scenarios.several.gathering import gathered
from scenarios.several.labels import categories, lettered, titled

TITLE = Text("情景对比", "Runs compared")
QUESTION = Text("几种情景差在哪里，谁因此受损？", "Where do the runs differ, and who loses by it?")
DIFFERENCE, AGREED = Text("差异", "Difference"), Text("共识", "Agreement")
BASE = frozenset({"outline", "hillshade", "water"})
UNCOMPARED = frozenset({"hillshade", "outline", "water", "boundary"})
STATES = (
    Category("changed", Text("改变", "Changed")),
    Category("added", Text("新增", "Added")),
    Category("gone", Text("消失", "Gone")),
)
CLEAN = Text("检查该图层的重叠与细碎面", "look for overlaps and slivers in the layer")
MOST_NAMED, MOST_FREE = 3, 12
"""Runs beaten in every figure that the answer names with those that beat them, and runs that are
not beaten that it names."""
MOST_ROWS = 2000
"""Places worse off that are listed; the rest are counted."""


def compared(runs: Sequence[Run], *, aged: Mapping[str, Since]) -> Run:
    """Hold runs side by side.

    Parameters
    ----------
    runs
        At least two; the first is what the others are held against.
    aged
        By letter, what has changed since a run, or may have (`staleness.since`).

    Raises
    ------
    ValueError
        If there are fewer than two.
    """
    if len(runs) < 2:
        raise ValueError("at least two runs are compared")
    by_letter = lettered(runs)
    checks = [*likeness.banners(by_letter, aged=aged), *likeness.checks(by_letter)]
    found = _land(by_letter) if likeness.comparable(by_letter) else Result()
    beaten = figures.dominated(by_letter)
    tables = (
        figures.table(by_letter),
        figures.best(by_letter),
        figures.asked(by_letter),
        figures.listed(by_letter, beaten),
        *found.tables,
    )
    result = replace(
        found,
        tables=tables,
        checks=(*checks, *found.checks),
        metrics=(_differing(tables[0], len(runs)), *found.metrics),
    )
    result = replace(result, answer=tuple(_answer(by_letter, beaten, result)))
    asked = {name: f"{run.scenario} {run.key[:12]}" for name, run in by_letter.items()}
    return gathered("compare", runs, result, title=TITLE, question=QUESTION, asked=asked)


def _differing(table: Table, runs: int) -> Metric:
    """Count the figures in which not all runs are the same; one that a run has not, differs."""
    frame = table.frame.drop(columns="run")
    values, steps = frame.iloc[:runs], frame.iloc[runs:]
    apart = (steps.abs() > figures.CLOSE * values.abs().max()).any() | values.isna().any()
    title = Text("有差异的指标", "Figures that differ")
    return Metric("differing", title, float(apart.sum()), "", decimals=0)


def _land(runs: Mapping[str, Run]) -> Result:
    """Hold the layers of runs of one county together."""
    first = next(iter(runs.values()))
    base = [replace(one, focus=False) for one in first.result.layers if one.meaning in BASE]
    differences: list[Layer] = []
    rows: list[dict[str, object]] = []
    alone: list[pd.DataFrame] = []
    unlike: list[Check] = []
    for name, run in list(runs.items())[1:]:
        for pair in _pairs(first, run):
            if isinstance(pair, Check):
                unlike.append(replace(pair, id=f"{pair.id}_{name.lower()}"))
                continue
            try:
                found = difference(*pair)
            except GeometryError as error:
                unlike.append(_open(name, pair[0], error))
                continue
            if found is None:
                unlike += list(_mixed(name, pair))
                continue
            rows.append(_row(name, pair[0], found))
            alone.append(found.partnerless().assign(run=name, **_titled(pair[0])))
            differences += list(_drawn(name, run, pair[0], found))
        for one in _subtracted(name, run, first):
            if isinstance(one, Check):
                unlike.append(one)
            else:
                differences.append(one)
    agreed = _agreed(runs)
    worse = losers.losers(runs)
    return Result(
        layers=(*base, *differences, *agreed.layers, *_worse(worse, runs)),
        tables=(_areas(rows, runs), _alone(alone, runs), *agreed.tables, _listed(worse, runs)),
        metrics=agreed.metrics,
        checks=tuple(unlike),
    )


def _open(name: str, layer: Layer, error: GeometryError) -> Check:
    """Name a layer whose shapes, cut by each other, do not add up to what they were."""
    told = f"layer_{layer.id}_{name.lower()}"
    closing = Text("叠加后面积闭合", "areas that close when cut by each other")
    return replace(_unlike(told, layer.title, joined([error.message]), closing), remedy=CLEAN)


def _mixed(name: str, pair: tuple[Layer, Layer]) -> Iterator[Check]:
    """Name layers whose shapes are of unlike kinds; two without any shape have nothing to tell."""
    if any(not frame(one).geometry.is_empty.all() for one in pair):
        expected = Text("均为点、均为线或均为面", "points alone, lines alone or areas alone")
        words = Text("点、线、面混杂", "points, lines and areas mixed")
        yield _unlike(f"layer_{pair[0].id}_{name.lower()}", pair[0].title, words, expected)


def _pairs(first: Run, run: Run) -> Iterator[tuple[Layer, Layer] | Check]:
    """Give layers that share id, meaning and value; those of one run alone are named."""
    own = {one.id: one for one in framed(first) if one.meaning not in UNCOMPARED}
    other = {one.id: one for one in framed(run) if one.meaning not in UNCOMPARED}
    for name in [*own, *(name for name in other if name not in own)]:
        one, two = own.get(name), other.get(name)
        title = (one or two or first.result.layers[0]).title
        if one is None or two is None:
            words = Text("只在一方", "in one run only")
        elif (one.meaning, one.value) != (two.meaning, two.value):
            words = Text("含义不同", "of unlike meaning")
        else:
            yield one, two
            continue
        expected = Text("两方均有且含义相同", "in both runs, of one meaning")
        yield _unlike(f"layer_{name}", title, words, expected)


def _row(name: str, layer: Layer, found: Difference) -> dict[str, object]:
    return {"run": name, **_titled(layer), "unit": found.unit, **found.amounts()}


def _titled(layer: Layer) -> dict[str, str]:
    return {"layer": layer.title.zh, "layer_en": layer.title.en}


def _alone(parts: Sequence[pd.DataFrame], runs: Mapping[str, Run]) -> Table:
    """List every feature that has no partner in the other run, with the run that has it."""
    first = next(iter(runs))
    owners = categories(runs)
    columns = (
        Column("run", Text(f"与 {first} 相比的情景", f"Run against {first}"), categories=owners),
        Column("layer", Text("图层", "Layer")),
        Column("layer_en", Text("图层英文名", "Layer in English")),
        Column("feature", Text("编号", "Id")),
        Column("owner", Text("仅见于", "Only in"), categories=owners),
        Column("amount", Text("数量", "Amount"), decimals=2),
        Column("unit", Text("单位", "Unit")),
    )
    names = [column.name for column in columns]
    whole = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=["new"])
    whole["owner"] = whole["run"].where(whole["new"], first) if len(whole) else None
    title = Text("无对应要素", "Features without a partner")
    return Table("partnerless", title, whole.reindex(columns=names), columns)


def _areas(rows: list[dict[str, object]], runs: Mapping[str, Run]) -> Table:
    """Give how much of each layer is the same, changed, added and gone against the first run."""
    columns = (
        Column("run", Text("情景", "Run"), categories=categories(runs)),
        Column("layer", Text("图层", "Layer")),
        Column("layer_en", Text("图层英文名", "Layer in English")),
        Column("unit", Text("单位", "Unit")),
        Column("same", Text("相同", "Same"), decimals=2),
        *(Column(one.code, one.title, decimals=2) for one in STATES),
    )
    frame = pd.DataFrame(rows, columns=[column.name for column in columns])
    first = next(iter(runs))
    title = Text(f"图层差异（与 {first} 相比）", f"Layers against {first}")
    return Table("layers", title, frame, columns)


def _drawn(name: str, run: Run, layer: Layer, found: Difference) -> Iterator[Layer]:
    """Give a layer of what differs; none where nothing does."""
    differing = found.differing()
    if differing.empty:
        return
    told = titled(name, run)
    titles = {one.code: one.title for one in layer.categories}
    values = tuple(Category(code, title) for code, title in titles.items())
    yield Layer(
        f"difference_{name.lower()}_{layer.id}",
        Text(f"{layer.title.zh}：{told.zh}", f"{headed(layer.title).en}: {told.en}"),
        DIFFERENCE,
        ("place", "path", "category")[found.dimension],
        differing.reset_index(drop=True).rename_axis("piece"),
        value="state",
        columns=(
            Column("state", DIFFERENCE, categories=STATES),
            Column("feature", Text("先前编号", "Id before")),
            Column("other", Text("此情景编号", "Id in this run")),
            Column("before", Text("先前", "Before"), categories=values),
            Column("after", Text("此情景", "In this run"), categories=values),
            Column("step", Text("差值", "Difference"), layer.unit, 2),
        ),
        categories=STATES,
        shown=name == "B",
        sources=layer.sources,
    )


def _subtracted(name: str, run: Run, first: Run) -> Iterator[Layer | Check]:
    """Subtract the rasters of the first run from those of another; what has no partner is named."""
    own, others = _rasters(first), _rasters(run)
    told = titled(name, run)
    for code in sorted({*own} ^ {*others}):
        title = {**own, **others}[code].title
        words = Text("只在一方", "in one run only")
        yield _unlike(
            f"layer_{code}_{name.lower()}", title, words, Text("两方均有", "in both runs")
        )
    for layer in others.values():
        if layer.id not in own or {own[layer.id].meaning, layer.meaning} != {"amount"}:
            continue
        before, after = own[layer.id].data, layer.data
        if not (isinstance(before, Raster) and isinstance(after, Raster)):
            continue
        if before.grid != after.grid:
            words = Text("像元大小或范围不同", "cells of another size or place")
            expected = Text("同一格网", "one grid")
            yield _unlike(f"layer_{layer.id}_{name.lower()}", layer.title, words, expected)
            continue
        values = after.values.astype(np.float32) - before.values.astype(np.float32)
        yield Layer(
            f"difference_{name.lower()}_{layer.id}",
            Text(f"{layer.title.zh}：{told.zh}", f"{layer.title.en}: {told.en}"),
            DIFFERENCE,
            "change",
            Raster(values, after.grid),
            unit=layer.unit,
            shown=False,
            better=layer.better,
        )


def _rasters(run: Run) -> dict[str, Layer]:
    held = (one for one in run.result.layers if isinstance(one.data, Raster))
    return {one.id: one for one in held if one.meaning not in UNCOMPARED}


def _unlike(code: str, title: Text, found: Text, expected: Text) -> Check:
    told = Text(f"图层可比：{title.zh}", f"Layer comparable: {title.en}")
    return Check(code, told, "unknown", found, expected)


def _agreed(runs: Mapping[str, Run]) -> Result:
    """Give in how many runs land is taken; nothing where fewer than two take any."""
    land = {name: consensus.taken(run) for name, run in runs.items()}
    land = {name: shapes for name, shapes in land.items() if len(shapes)}
    if len(land) < 2:
        return Result()
    crs = next(iter(runs.values())).crs
    agreed = consensus.consensus(land, crs=crs)
    counts = tuple(
        Category(str(n), Text(f"{n} 种情景占用", f"taken in {n} of {len(runs)}"))
        for n in sorted(set(agreed["runs"]), reverse=True)
    )
    agreed = agreed.assign(count=agreed["runs"].astype(str))
    columns = (
        Column("count", Text("占用情景数", "Taken in"), categories=counts),
        Column("takers", Text("占用者", "By")),
        Column("area_ha", Text("面积", "Area"), "ha", 2),
    )
    layer = Layer(
        "consensus",
        Text("用地共识：几种情景占用此地", "Agreement: in how many runs land is taken"),
        AGREED,
        "category",
        agreed,
        value="count",
        columns=columns,
        categories=counts,
        shown=False,
    )
    table = Table(
        "consensus", Text("用地共识", "Agreement on land"), agreed[[*_of(columns)]], columns
    )
    shared = float(agreed.loc[agreed["runs"] == len(runs), "area_ha"].sum())
    title = Text("各情景均占用的土地", "Land that every run takes")
    metric = Metric("agreed", title, shared, "ha", decimals=2, layer="consensus")
    return Result(layers=(layer,), tables=(table,), metrics=(metric,))


def _of(columns: Sequence[Column]) -> Iterator[str]:
    yield from (column.name for column in columns)


def _worse(worse: gpd.GeoDataFrame, runs: Mapping[str, Run]) -> Iterator[Layer]:
    """Draw the places worse off than in the first run, and than today, by their greatest loss."""
    first = next(iter(runs))
    then, today = Text(f"比 {first} 差的地方", f"Worse off than in {first}"), losers.TODAY
    now = Text(f"比{today.zh}差的地方", f"Worse off than {today.en}")
    for name, than, title in (("losers", first, then), ("losers_today", "today", now)):
        rows = worse[worse["than"] == than].sort_values("loss", ascending=False, kind="stable")
        rows = rows.drop_duplicates(["layer", "place", "run"]).sort_index()
        if rows.empty:
            continue
        yield Layer(
            name,
            title,
            Text("受损者", "Who loses"),
            "category",
            rows,
            value="run",
            columns=losers.columns(runs),
            categories=tuple(one for one in categories(runs) if one.code in set(rows["run"])),
            shown=False,
        )


def _listed(worse: gpd.GeoDataFrame, runs: Mapping[str, Run]) -> Table:
    """List the places that are worse off, the greatest loss first."""
    columns = losers.columns(runs)
    rows = worse.sort_values("loss", ascending=False, kind="stable").head(MOST_ROWS)
    frame = pd.DataFrame(rows[[*_of(columns)]]).reset_index(drop=True)
    more = max(len(worse) - MOST_ROWS, 0)
    tail = Text(f"（另有 {more} 行）", f" ({more} more)") if more else Text("", "")
    title = Text(f"受损的地方{tail.zh}", f"Who loses{tail.en}")
    return Table("losers", title, frame, columns)


def _answer(
    runs: Mapping[str, Run], beaten: Mapping[str, list[str]], result: Result
) -> Iterator[Text]:
    """Say in figures where the runs differ."""
    known = {metric.id: metric for metric in result.metrics}
    count, total = int(known["differing"].value), len(result.tables[0].columns) - 1
    yield Text(
        f"对比 {len(runs)} 种情景：{total} 项指标中 {count} 项有差异。",
        f"{len(runs)} runs compared: {count} of {total} figures differ.",
    )
    lost = [name for name, others in beaten.items() if others]
    if len(lost) > MOST_NAMED:
        free = [name for name in beaten if name not in lost]
        named = joined(free) if len(free) <= MOST_FREE else Text(f"{len(free)} 种", f"{len(free)}")
        yield Text(
            f"{len(lost)} 种情景各项指标均被其他情景超过，未被超过的有：{named.zh}。",
            f"{len(lost)} runs are beaten in every figure; not beaten: {named.en}.",
        )
    elif lost:
        each = [
            Text(f"{name} 不优于 {'、'.join(beaten[name])}", f"{name} by {', '.join(beaten[name])}")
            for name in lost
        ]
        words = joined(each, "；", "; ")
        yield Text(f"各项指标均被超过：{words.zh}。", f"Beaten in every figure: {words.en}.")
    else:
        yield Text("没有一种情景在各项指标上都被超过。", "No run is beaten in every figure.")
    if "agreed" in known:
        ha = known["agreed"].value
        yield Text(f"各情景均占用的土地 {ha:.2f} 公顷。", f"Every run takes {ha:.2f} ha.")
    first = next(iter(runs))
    tables = {table.id: table for table in result.tables}
    if "losers" in tables:
        than = tables["losers"].frame
        places = than.loc[than["than"] == first, ["layer", "place"]].drop_duplicates()
        yield Text(
            f"比 {first} 差的地方 {len(places)} 处。", f"{len(places)} places lose against {first}."
        )

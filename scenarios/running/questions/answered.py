"""What a question's answer must be: its layers, figures, verdicts and sentences."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence

import geopandas as gpd

from geo.crs import same
from geo.errors import Problem
from geo.raster import Raster
from geo.words import NO_TEXT, Text, alike, joined
from layers.catalog import CATALOG
from scenarios import outside
from scenarios.result import Alternative, Check, Layer, Metric, Part
from scenarios.running.questions.declared import MISSING, empty
from scenarios.running.questions.trial import Trial

SENTENCES = range(2, 6)
CHINESE = re.compile(r"[\u4e00-\u9fff]")
ENGLISH = re.compile(r"(?<![\w.-])[a-z]{4,}(?![\w-])")
"""A word; ids, units and commands are none."""


def has_unique_ids(trial: Trial) -> Iterator[Problem]:
    """Ask for layers and figures, and for an id of its own for each thing of a kind."""
    found = trial.first.found
    kinds: dict[str, Sequence[object]] = {
        "layers": found.layers,
        "tables": found.tables,
        "metrics": found.metrics,
        "checks": found.checks,
    }
    codes = [one.code for one in found.alternatives]
    if len({*codes}) < len(codes):
        yield Problem(field="result.alternatives", found=joined([TWICE, *codes], " ", " "))
    for kind, things in kinds.items():
        ids = [str(getattr(thing, "id", "")) for thing in things]
        twice = sorted({one for one in ids if ids.count(one) > 1})
        if twice:
            yield Problem(field=f"result.{kind}", found=joined([TWICE, *twice], " ", " "))
        if not ids and kind in {"layers", "metrics"}:
            yield Problem(field=f"result.{kind}", found=MISSING)


TWICE = Text("编号重复", "ids that two of them share:")


def layers_are_whole(trial: Trial) -> Iterator[Problem]:
    """Ask each layer for titles, sources, the county's CRS, valid shapes, its columns and codes."""
    for layer in trial.first.found.layers:
        field = f"layers.{layer.id}"
        yield from empty(f"{field}.title", layer.title)
        if not layer.sources or not set(layer.sources) <= set(CATALOG):
            yield Problem(
                field=f"{field}.sources",
                found=str(layer.sources),
                expected=Text("所依据的县域图层", "the county layers it was made from"),
            )
        crs = layer.data.grid.crs if isinstance(layer.data, Raster) else layer.data.crs
        if not same(crs, trial.county.crs):
            yield Problem(field=f"{field}.data", found=str(crs), expected=str(trial.county.crs))
        yield from _cells(layer) if isinstance(layer.data, Raster) else _shapes(layer, layer.data)


def _cells(layer: Layer) -> Iterator[Problem]:
    if not (layer.unit or layer.categories or layer.meaning == "hillshade"):
        yield Problem(field=f"layers.{layer.id}.unit", found=MISSING)


def _shapes(layer: Layer, frame: gpd.GeoDataFrame) -> Iterator[Problem]:
    """Ask for identity, shapes, columns and codes of a layer of features."""
    field = f"layers.{layer.id}"
    if not frame.index.is_unique:
        yield Problem(field=f"{field}.index", found=Text("有重复", "not unique"))
    for state, rows in (
        (Text("无效图形", "invalid shapes"), ~frame.geometry.is_valid),
        (Text("空图形", "empty shapes"), frame.geometry.is_empty | frame.geometry.isna()),
    ):
        if rows.any():
            labels = ", ".join(map(str, frame.index[rows][:5]))
            yield Problem(
                field=f"{field}.geometry",
                row=labels,
                found=state,
                remedy=alike("geo.vector.repair"),
            )
    named = {column.name for column in layer.columns} | {layer.value, layer.label} - {""}
    lacking = sorted(named - {""} - set(map(str, frame.columns)))
    if lacking:
        words = Text("没有这些字段", "no such columns:")
        yield Problem(field=field, found=joined([words, *lacking], " ", " "))
    elif layer.categories and layer.value:
        codes = {category.code for category in layer.categories}
        strange = sorted(set(frame[layer.value].dropna().astype(str)) - codes)
        if strange:
            words = Text("没有标题的代码", "codes without a title:")
            yield Problem(field=f"{field}.categories", found=joined([words, *strange], " ", " "))


def tables_are_whole(trial: Trial) -> Iterator[Problem]:
    """Ask that each table holds the columns it declares."""
    for table in trial.first.found.tables:
        lacking = sorted({column.name for column in table.columns} - set(table.frame.columns))
        if lacking:
            words = Text("没有这些字段", "no such columns:")
            yield Problem(field=f"tables.{table.id}", found=joined([words, *lacking], " ", " "))


def figures_are_finite(trial: Trial) -> Iterator[Problem]:
    """Ask each figure for a finite value, titles and a unit; a share or index needs no unit."""
    for metric in trial.first.found.metrics:
        field = f"metrics.{metric.id}"
        yield from empty(f"{field}.title", metric.title)
        numbers = (metric.value, metric.before, metric.target, metric.low, metric.high)
        wrong = [number for number in numbers if number is not None and not math.isfinite(number)]
        if wrong:
            yield Problem(
                field=field,
                found=str(wrong[0]),
                expected=Text("有限数；未知则不列", "finite; what is unknown is left out"),
            )
        elif not metric.unit and abs(metric.value) > 1:
            yield Problem(field=f"{field}.unit", found=MISSING)


def claims_are_whole(trial: Trial) -> Iterator[Problem]:
    """Ask claims for finite amounts and layers of the result, edits for layers of the catalog."""
    found = trial.first.found
    layers = {layer.id: layer for layer in found.layers}
    for number, claim in enumerate(found.claims):
        field = f"claims[{number}]"
        if not all(map(math.isfinite, (claim.low, claim.likely, claim.high))):
            yield Problem(field=field, found=f"{claim.likely}", expected=Text("有限数", "finite"))
        if claim.layer and claim.layer not in layers:
            yield Problem(field=f"{field}.layer", found=claim.layer, expected=" | ".join(layers))
        yield from _strange(claim.features, layers.get(claim.layer), f"{field}.features")
    for edit in found.edits:
        if edit.layer not in CATALOG:
            words = Text("县域没有此图层", "no layer of a county")
            yield Problem(field=f"edits.{edit.layer}", found=words)


def points_at_its_features(trial: Trial) -> Iterator[Problem]:
    """Ask that figures and verdicts name layers and features that the result holds."""
    found = trial.first.found
    layers = {layer.id: layer for layer in found.layers}
    parts = {
        f"checks.{one.id}.{part.alternative}": part for one in found.checks for part in one.parts
    }
    things: dict[str, Metric | Check | Part | Alternative] = {
        **{f"metrics.{one.id}": one for one in found.metrics},
        **{f"checks.{one.id}": one for one in found.checks},
        **parts,
        **{f"alternatives.{one.code}": one for one in found.alternatives},
        **{f"{a.code}.{one.id}": one for a in found.alternatives for one in a.metrics},
    }
    for field, thing in things.items():
        layer = layers.get(thing.layer)
        if thing.layer and layer is None:
            yield Problem(field=f"{field}.layer", found=thing.layer, expected=" | ".join(layers))
        yield from _strange(thing.features, layer, f"{field}.features")


def _strange(features: Sequence[str], layer: Layer | None, field: str) -> Iterator[Problem]:
    """Name features that a layer does not hold."""
    if layer is None or not isinstance(layer.data, gpd.GeoDataFrame):
        return
    strange = sorted(set(features) - set(layer.data.index.astype(str)))
    if strange:
        yield Problem(field=field, found=", ".join(strange[:5]))


def parts_name_alternatives(trial: Trial) -> Iterator[Problem]:
    """Ask that parts and layers are of alternatives, and figures of the first are the headlines."""
    found = trial.first.found
    codes = [one.code for one in found.alternatives]
    for check in found.checks:
        strange = sorted({one.alternative for one in check.parts} - {*codes})
        if strange:
            yield Problem(field=f"checks.{check.id}.parts", found=", ".join(strange))
        elif check.parts and [one.alternative for one in check.parts] != codes:
            yield Problem(
                field=f"checks.{check.id}.parts", found=MISSING, expected=", ".join(codes)
            )
    for layer in found.layers:
        own = layer.alternative
        if own and (own not in codes or not layer.id.endswith(f"_{own}")):
            yield Problem(field=f"layers.{layer.id}.alternative", found=own)
    if codes and found.alternatives[0].metrics != found.metrics:
        yield Problem(field=f"alternatives.{codes[0]}.metrics", expected="result.metrics")


def names_what_it_lacks(trial: Trial) -> Iterator[Problem]:
    """Ask that each layer it could use is named, by figure or verdict, where it is not there.

    A layer of a county's own is not missed.
    """
    told = [
        *(f"{one.id} {one.title} {one.found} {one.allowed}" for one in trial.bare.checks),
        *(f"{one.title} {one.note}" for one in trial.bare.metrics),
    ]
    for name in trial.scenario.uses:
        if CATALOG[name].own:
            continue
        if not any(word in text for word in (name, CATALOG[name].title.zh) for text in told):
            yield Problem(
                layer=name,
                found=Text("缺少该图层时未说明", "not named where it is not there"),
                remedy=alike("scenarios.answers.backdrop.missing(county, SCENARIO.uses)"),
            )


def speaks_one_language_at_a_time(trial: Trial) -> Iterator[Problem]:
    """Ask words of verdicts and sentences for both languages, never mixed; with few layers too."""
    for result in (trial.first.found, trial.bare):
        for check in result.checks:
            field = f"checks.{check.id}"
            yield from empty(f"{field}.title", check.title)
            if check.title.en[:1].islower():
                yield Problem(
                    field=f"{field}.title.en",
                    found=check.title.en,
                    expected=Text("首字母大写", "a capital first"),
                )
            for words in (check.title, check.found, check.allowed):
                yield from _mixed(field, words, ENGLISH)
            yield from _mixed(f"{field}.remedy", check.remedy, None)
        for sentence in result.answer:
            yield from _mixed("answer", sentence, ENGLISH)


def _mixed(field: str, words: Text, english: re.Pattern[str] | None) -> Iterator[Problem]:
    """Name words of one language within the other, and a language that is missing."""
    strange = CHINESE.search(words.en) or (english.search(words.zh) if english else None)
    if strange or bool(words.zh) != bool(words.en):
        yield Problem(
            field=field,
            found=f"{words.zh} | {words.en}",
            expected=Text("每种语言各说各的", "each language by itself"),
        )


def answers_in_sentences(trial: Trial) -> Iterator[Problem]:
    """Ask for two to five sentences; a file outside the package may answer in none."""
    count = len(trial.first.found.answer)
    if count in SENTENCES or (count == 0 and outside(trial.name)):
        return
    yield Problem(
        field="Result.answer",
        found=Text(f"{count} 句", f"{count} sentences"),
        expected=Text("二至五句", "two to five"),
    )


def approvals_have_an_approver(trial: Trial) -> Iterator[Problem]:
    """Ask that who may allow a breach is named by its rule."""
    approved = {rule.id for rule in trial.run.rules if rule.approver != NO_TEXT}
    for check in trial.first.found.checks:
        if check.verdict == "approval" and check.rule not in approved:
            yield Problem(
                field=f"checks.{check.id}.rule",
                found=check.rule or MISSING,
                expected=Text("指明批准机关的规则", "a rule that names who approves"),
            )

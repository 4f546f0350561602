"""README.txt: what each file of a run folder is, the fields with units, how to run it again."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from geo.words import Text, joined, unit_words
from maps.handoff.file import File
from maps.handoff.sheets import Head
from maps.wording import HANDED_WORDS, said
from scenarios.result import Layer, Run, Table, coded, fields

NAME = "README.txt"
STYLE = Text("QGIS 样式", "QGIS style")
USUAL = Text("默认", "usually")
ABOUT = Text("本文件夹各文件的说明", "what each file of this folder is")


def readme(run: Run, made: Sequence[File]) -> File:
    """Write what stands in a run folder, Chinese first, then English.

    Parameters
    ----------
    run
        The run.
    made
        The other files that are handed on with it.

    Returns
    -------
    File
        UTF-8 with a byte order mark and CRLF, as Windows editors expect.
    """
    lines = [*_told(run, made, 0), "", "=" * 72, "", *_told(run, made, 1)]
    content = "\r\n".join(_flat(line) for line in lines) + "\r\n"
    return File(NAME, HANDED_WORDS[NAME], ABOUT, content.encode("utf-8-sig"))


def _flat(line: str) -> str:
    """Keep a line one line, whatever its words hold."""
    return "".join(c if c.isprintable() else " " for c in line)


def _told(run: Run, made: Sequence[File], lang: int) -> Iterator[str]:
    def one(words: Text) -> str:
        return (words.zh, words.en)[lang]

    yield one(run.title)
    yield one(run.subtitle)
    yield one(run.question)
    yield ""
    for sentence in run.result.answer:
        yield f"  {one(sentence)}"
    yield ""
    yield one(Text("一、文件", "1. Files"))
    yield from (f"  {name}  {one(about)}" for name, about in listed(run, made))
    yield ""
    yield one(
        Text(f"二、坐标系：{run.crs}；GeoJSON 为 WGS-84", f"2. CRS: {run.crs}; GeoJSON: WGS-84")
    )
    yield ""
    yield one(Text("三、图层与数据表的字段", "3. Fields of layers and tables"))
    things: list[Layer | Table] = [*run.result.layers, *run.result.tables]
    for thing in things:
        yield f"  {thing.id}  {one(thing.title)}"
        yield from (f"      {name}" for name in _fields(thing, run, lang))
    yield ""
    yield one(Text("四、参数", "4. Parameters"))
    yield from (f"  {line}" for line in _settings(run, lang))
    yield ""
    yield one(Text("五、数据来源", "5. Sources"))
    for source in run.sources:
        facts = (source.publisher, source.licence, source.retrieved)
        told = " · ".join(said(fact)[lang] for fact in facts)
        yield f"  {one(source.title)}  {told} · {one(source.quality.words)}"
    yield ""
    yield one(Text("六、重新运行", "6. To run it again"))
    yield f"  {_command(run)}"
    yield one(Text(f"  运行编号 {run.key}", f"  run {run.key}"))
    yield one(Text(f"  代码 {run.code}", f"  code {run.code}"))


def listed(run: Run, made: Iterable[File]) -> Iterator[tuple[str, Text]]:
    """Name every file of the folder with what it is."""
    yield "index.html", Text("图页，浏览器离线打开", "the page; opens in any browser, offline")
    yield from ((file.name, file.about) for file in made)
    shapes = [layer for layer in run.result.layers if hasattr(layer.data, "geometry")]
    if shapes:
        yield "layers.gpkg", Text("全部矢量图层，原始精度", "all vector layers, full precision")
        styled = Text("同上，带样式，供 QGIS 使用", "the same with the page's looks, for QGIS")
        yield "layers_qgis.gpkg", styled
    for layer in run.result.layers:
        shape = layer in shapes
        yield f"layers/{layer.id}.geojson" if shape else f"rasters/{layer.id}.tif", layer.title
        if not shape:
            yield f"rasters/{layer.id}.qml", joined([layer.title, STYLE], "：", ": ")
    for table in run.result.tables:
        yield f"tables/{table.id}.csv", table.title
    for proof in run.result.proofs:
        yield f"proofs/{proof.id}.zip", proof.title
    if run.result.edits:
        after = Text("方案实施后的县域图层", "layers of the county as after the plan")
        yield "edits.gpkg", after
    yield "result.json", Text("结果全文，供程序读取", "the whole result, for programs")
    yield "manifest.json", Text("文件清单与校验值", "the list of files with their hashes")


def _settings(run: Run, lang: int) -> Iterator[str]:
    """Give the parameters with their values, units, usual values and ranges."""
    for one in run.settings:
        unit, span = ((words.zh, words.en)[lang] for words in (unit_words(one.unit), one.span))
        usual = "" if one.value == one.usual else f"  {(USUAL.zh, USUAL.en)[lang]} {one.usual}"
        told = f"{one.id}  {(one.title.zh, one.title.en)[lang]} = {one.value} {unit}".rstrip()
        yield told + usual + (f"  [{span}]" if span else "")


def _fields(thing: Layer | Table, run: Run, lang: int) -> Iterator[str]:
    """Name the fields of a file with their titles, units and codes."""
    codes = coded(thing)
    for field in fields(thing, run.lang):
        head = Head(field.column.title, unit_words(field.column.unit)).whole
        kind = (field.kind.zh, field.kind.en)[lang]
        yield f"{field.name}  {(head.zh, head.en)[lang]}  [{kind}]"
        if field.role in {"value", "other"}:
            for code, title in codes.get(field.name, {}).items():
                yield f"    {code} = {(title.zh, title.en)[lang]}"


def _command(run: Run) -> str:
    """Give the command that runs the question with the same parameters again."""
    settings = [
        f"--set {shlex.quote(f'{name}={_json(value)}')}" for name, value in run.changed.items()
    ]
    words = ["jingning run", shlex.quote(run.scenario), f"--county {shlex.quote(run.county)}"]
    return " ".join([*words, *settings])


def _json(value: Any) -> str:
    """Give a value as JSON; a whole number without a point."""
    whole = isinstance(value, float) and value.is_integer()
    return json.dumps(int(value) if whole else value, ensure_ascii=False)

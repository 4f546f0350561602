"""What was made of a folder of files, told on the command line."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from geo.words import Text, joined
from layers.catalog import CATALOG
from layers.console import here, table
from layers.opendata.county import Made, Tried
from layers.opendata.recognition import UNKNOWN
from layers.source import parted

NOTHING = "—"


def tell(folder: Path, made: Made) -> None:
    """Print what each file is, which layers the county has and from where, and what is lacking."""
    table(
        Text("文件", "files"),
        (Text("文件", "file"), Text("内容", "what it is"), Text("采用为", "taken as")),
        _files(made),
    )
    taken = [one for one in made.tried if one.source is not None]
    table(
        Text(
            f"\n{made.head.name.zh} · {made.head.crs} · {folder}",
            f"\n{made.head.name.en} · {made.head.crs} · {folder}",
        ),
        (
            Text("图层", "layer"),
            Text("名称", "title"),
            Text("行数", "rows"),
            Text("质量", "quality"),
            Text("来源与许可", "publisher, licence"),
            Text("说明", "notes"),
        ),
        [_layer(one) for one in taken],
    )
    others = [one for one in made.tried if one.source is None]
    if others:
        columns = (Text("图层", "layer"), Text("文件", "file"), Text("原因", "why"))
        rows = [(one.layer, one.file, here(one.why)) for one in others]
        table(Text("\n未采用", "\nnot taken"), columns, rows)
    if made.lacking:
        columns = (
            Text("图层", "layer"),
            Text("名称", "title"),
            Text("可由何而来", "what would bring it"),
        )
        rows = [
            (name, here(CATALOG[name].title), here(words) or NOTHING)
            for name, words in made.lacking.items()
        ]
        table(Text("\n没有的图层", "\nlayers it has not"), columns, rows)


def _files(made: Made) -> Iterator[tuple[str, str, str]]:
    for one in made.files:
        layers = [
            each.layer for each in made.tried if one.name in each.file.split(", ") and each.source
        ]
        unknown = Text("不认识", "not known") if one.kind == UNKNOWN else NOTHING
        yield one.name, here(one.what), here(joined(layers)) or here(unknown)


def _layer(one: Tried) -> tuple[object, ...]:
    source = one.source
    if source is None:
        return ()
    said = joined((parted(source.publisher), parted(source.licence)), "；", "; ")
    title = CATALOG[one.layer].title
    return (
        one.layer,
        here(title),
        source.rows,
        here(source.quality.words),
        here(said),
        here(one.why),
    )

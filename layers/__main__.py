"""The county's layers: `python -m layers list | show | check | new | import | undo | pack | …`."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from geo.words import Arguments, Lang, Text
from layers.console import EXIT_CODES, alone, guarded, here, say, speak, spoken, table
from layers.keeping import command as keeping
from layers.opendata import command as opendata

if TYPE_CHECKING:  # frames are heavy: commands import them when they run
    from layers.fields import Field, LayerSchema
    from layers.soundness import Finding
    from layers.source import Source

SHIPPED_COUNTY = "jingning"
FILE_OPTIONS = {
    "crs": Text(
        "文件未注明时的坐标系，如 EPSG:4528；GCJ-02 则还原其偏移",
        "CRS where the file names none: EPSG:4528; GCJ-02 undoes its shift",
    ),
    "encoding": Text("属性编码：utf-8、gb18030", "encoding of its text: utf-8, gb18030"),
    "part": Text(
        "GeoPackage 中的图层，或压缩包中的文件",
        "which layer of a GeoPackage, or which file of a zip",
    ),
    "columns": Text(
        "CSV 无表头时的列名：code,name,,lon,lat",
        "names of columns of a CSV without a header: code,name,,lon,lat",
    ),
    "only": Text(
        "只取这些行：level=town 或 name!=X，以分号分隔",
        "which rows: level=town or name!=X; semicolons between",
    ),
    "join": Text(
        "按代码连接的表：names.csv、names.xlsx#工作表",
        "a table to join by a code: names.csv, names.xlsx#sheet",
    ),
    "on": Text(
        "代码所在的列：code，两边不同名时 XZQDM=code",
        "the column with the code: code, or XZQDM=code where its names differ",
    ),
    "xy": Text("点坐标所在的两列：lon,lat", "two columns with the points: lon,lat"),
    "nodata": Text("表示无数据的值", "the value that marks no data"),
    "resolution": Text("像元边长，m", "side of raster cells, m"),
    "how": Text(
        "重采样：高程用 bilinear，分类用 nearest",
        "resampling: bilinear for heights, nearest for classes",
    ),
}
SWITCHES = {
    "skip_bad": Text(
        "只导入无误的行，其余及原因写入 skipped-….csv",
        "take the sound rows; the others and the reasons go to skipped-….csv",
    ),
    "replace": Text(
        "栅格：只要新文件，不与现有图层合并",
        "rasters: take the new file alone, without the layer that stands",
    ),
}
SOURCE_OPTIONS = {
    "quality": Text(
        "质量：official | open | derived | modelled | schematic",
        "official | open | derived | modelled | schematic",
    ),
    "publisher": Text("来源单位", "who published it"),
    "licence": Text("许可：SPDX 代号或文字", "SPDX or words"),
    "retrieved": Text("收到日期：2024-05-01", "when it was received: 2024-05-01"),
    "title_zh": Text("中文标题", "Chinese title"),
    "title_en": Text("英文标题", "English title"),
}
FIELD = Text(
    "字段对应：本系统名=文件中的名；name==文字 为常量，name=# 为行号，code=CODE:9 取前 9 位；"
    "可重复",
    "our name = the file's; name==TEXT a constant, name=# row numbers, code=CODE:9 its first 9 "
    "characters; may be repeated",
)
COUNTY = Text("随附的县名或县域文件夹（jingning）", "a shipped county or a folder (jingning)")
FOLDER = Text("县域文件夹，见 new", "county folder, see `new`")
LAYER = Text("图层名，见 list", "a layer, one of `list`")
LANG = Text("用何种语言；默认随系统", "language; the system's unless said")
FIELD_COLUMNS = (
    Text("字段", "field"),
    Text("名称", "title"),
    Text("类型", "kind"),
    Text("取值", "values"),
    Text("必填", "required"),
)
LANGS: tuple[Lang, ...] = ("zh", "en")
NOTHING = "—"


def main(
    argv: Sequence[str] | None = None,
    *,
    prog: str = "python -m layers",
    after: Callable[[Path], None] | None = None,
) -> int:
    """Run one command and give its exit code; `after` is told of a county made of open data."""
    speak(argv)
    return guarded(lambda: _run(argv, prog, after))


def _run(argv: Sequence[str] | None, prog: str, after: Callable[[Path], None] | None) -> int:
    whole = parser(prog)
    whole.set_defaults(after=after)
    chosen = whole.parse_args(argv)
    command: Callable[[argparse.Namespace], int] = chosen.command
    return command(chosen)


def parser(prog: str) -> Arguments:
    """Give what reads the words of the command, in the language spoken."""
    words = Text(
        "县域图层：查看、检查、构建、导入、打包", "the county's layers: see, check, import, pack"
    )
    shared: dict[str, Any] = {"lang": spoken(), "epilog": here(EXIT_CODES)}
    whole = Arguments(prog=prog, description=here(words), **shared)
    _language(whole)
    commands = whole.add_subparsers(metavar="COMMAND", required=True)

    def add(name: str, command: Callable[[argparse.Namespace], int], words: Text) -> Arguments:
        one: Arguments = commands.add_parser(
            name, help=here(words), description=here(words), **shared
        )
        one.set_defaults(command=command)
        _language(one)
        return one

    one = add("list", _list, Text("列出县域的图层", "list the layers of a county"))
    one.add_argument("county", nargs="?", default=SHIPPED_COUNTY, help=here(COUNTY))

    one = add(
        "show", _show, Text("查看图层：来源、字段、范围", "show a layer: source, fields, ranges")
    )
    layer = Text("图层名；不写则全部", "a layer (all of them)")
    one.add_argument("layer", nargs="?", help=here(layer))
    one.add_argument("--county", default=SHIPPED_COUNTY, help=here(COUNTY))

    words = Text(
        "检查每个图层的结构与内容，指出每个问题",
        "check form and content of every layer and name every problem",
    )
    one = add("check", _check, words)
    one.add_argument("folder", nargs="?", default=SHIPPED_COUNTY, help=here(COUNTY))

    words = Text("由事实表构建随附的景宁", "build the shipped county from tables of facts")
    where = Text("写入何处；不写则随附的县", "where to (the shipped county)")
    one = add("build", _build, words)
    one.add_argument("folder", nargs="?", type=Path, help=here(where))

    opendata.options(
        add("new", _new, Text("新建县域文件夹", "make a county folder")), SOURCE_OPTIONS
    )
    _import_options(add("import", _import, Text("导入文件", "bring a file into a county folder")))
    keeping.options(add, county=COUNTY, folder=FOLDER, layer=LAYER)
    return whole


def _language(one: Arguments) -> None:
    one.add_argument("--lang", choices=("zh", "en"), help=here(LANG))


def _import_options(one: Arguments) -> None:
    one.add_argument("folder", type=Path, help=here(FOLDER))
    kinds = "GeoPackage, Shapefile (.zip), GeoJSON, KML, GeoTIFF, .hgt, CSV, XLSX"
    several = Text("；栅格可给多个，在前者优先", "; several of a raster, the preferred first")
    one.add_argument("file", type=Path, nargs="+", help=kinds + here(several))
    one.add_argument("--as", dest="layer", required=True, metavar="LAYER", help=here(LAYER))
    one.add_argument("--field", action="append", default=[], metavar="name=NAME", help=here(FIELD))
    for title, options in (
        (Text("文件", "the file"), FILE_OPTIONS),
        (Text("来源", "the source"), SOURCE_OPTIONS),
    ):
        group = one.add_argument_group(here(title))
        for name, words in options.items():
            kind = float if name in {"nodata", "resolution"} else str
            choices = ("bilinear", "nearest") if name == "how" else None
            flag = f"--{name.replace('_', '-')}"
            group.add_argument(flag, type=kind, choices=choices, help=here(words))
    for name, words in SWITCHES.items():
        one.add_argument(f"--{name.replace('_', '-')}", action="store_true", help=here(words))


def _list(chosen: argparse.Namespace) -> int:
    from layers import folder as folders
    from layers.catalog import CATALOG
    from layers.source import parted, read_all

    folder = folders.folder_of(chosen.county)
    head = folders.read_head(folder)
    known = read_all(folder)
    rows = []
    for name, schema in CATALOG.items():
        source = known.get(name)
        about: tuple[object, ...] = (NOTHING,) * 3
        if source is not None:
            publisher = here(parted(source.publisher))
            about = (source.rows, source.quality, f"{publisher} {source.retrieved}".strip())
        rows.append((name, schema.title, *about))
    columns = (
        Text("图层", "layer"),
        Text("名称", "title"),
        Text("行数", "rows"),
        Text("质量", "quality"),
        Text("来源", "publisher"),
    )
    table(f"{here(head.name)} · {head.id} · {head.crs} · {folder}", columns, rows)
    return 0


def _show(chosen: argparse.Namespace) -> int:
    from layers import folder as folders
    from layers.catalog import CATALOG, schema_of
    from layers.source import read_all

    wanted = [schema_of(chosen.layer)] if chosen.layer is not None else list(CATALOG.values())
    known = read_all(folders.folder_of(chosen.county))
    for schema in wanted:
        _show_layer(schema, known.get(schema.name))
    return 0


def _show_layer(schema: LayerSchema, source: Source | None) -> None:
    """Print what a layer must hold and where the county's own comes from."""
    from layers.fields import kind, span

    title = f"{schema.name} · {here(schema.title)} · {here(kind(schema))}"
    if schema.kind == "raster":
        columns = (Text("单位", "unit"), Text("范围", "range"))
        table(title, columns, [(schema.unit, span(schema))])
    else:
        table(title, FIELD_COLUMNS, [_field_row(field) for field in schema.fields])
    if source is None:
        print(here(Text("本县没有此图层\n", "the county has no such layer\n")))
        return
    rows = [row for row in _source_rows(source) if row[1] != ""]
    table(Text("来源", "source"), (Text("项", "item"), Text("内容", "content")), rows)
    print()


def _source_rows(source: Source) -> Iterator[tuple[Text | str, object]]:
    """Give what a source says, item by item."""
    from layers.source import parted

    yield Text("标题", "title"), source.title
    yield Text("来源", "publisher"), here(parted(source.publisher))
    yield Text("许可", "licence"), here(parted(source.licence))
    yield Text("日期", "retrieved"), source.retrieved
    yield Text("坐标系", "CRS"), source.crs
    yield Text("行数", "rows"), source.rows
    yield Text("质量", "quality"), source.quality.words
    apart = "" if source.resolution_m is None else f"{source.resolution_m:g} m"
    yield Text("高程间距", "heights apart"), apart
    yield "sha256", source.sha256
    yield Text("步骤", "steps"), "\n".join(here(parted(one)) for one in source.steps)
    yield Text("说明", "notes"), "\n".join(here(parted(one)) for one in source.notes)


def _field_row(field: Field) -> tuple[Text | str, ...]:
    from layers.fields import KINDS, need, values

    return field.name, field.title, KINDS[field.kind], values(field), need(field)


def _check(chosen: argparse.Namespace) -> int:
    from geo.errors import InputError
    from layers import soundness
    from layers.catalog import CATALOG
    from layers.county import load
    from layers.soundness.report import total

    county = load(chosen.folder)
    found = soundness.findings(county)
    missing = [name for name in CATALOG if name not in county]
    count, name = len(county.names), county.name
    if found:
        told = total(found)
        words = Text(f"{count} 个图层；{told.zh}", f"{count} layers; {told.en}")
    else:
        words = Text(f"{count} 个图层无误", f"{count} layers are sound")
    print(here(Text(f"{name.zh}：{words.zh}", f"{name.en}: {words.en}")))
    _tell(found)
    if missing:
        names = ", ".join(missing)
        print(here(Text(f"没有图层：{names}", f"there are no: {names}")))
    return InputError.exit_code if any(one.standing == "error" for one in found) else 0


def _tell(found: Sequence[Finding]) -> None:
    from layers.soundness.report import lines

    for line in lines(found):
        print(here(line))


def _build(chosen: argparse.Namespace) -> int:
    from layers.build import build
    from layers.folder import SHIPPED

    folder = chosen.folder or SHIPPED / SHIPPED_COUNTY
    build(folder, progress=say)
    print(here(Text(f"已构建：{folder}", f"built: {folder}")))
    return 0


def _new(chosen: argparse.Namespace) -> int:
    if opendata.opened(chosen):
        return opendata.new(chosen)
    from geo.crs import require_survey
    from geo.errors import CrsError, UsageError
    from layers.folder import Head, write_head

    try:
        require_survey(chosen.crs, what="--crs")
    except CrsError as error:
        zh, en = (error.said(lang) for lang in LANGS)
        raise UsageError(
            Text(
                f"--crs {chosen.crs}：不可用：{zh}；处理：--crs EPSG:4549",
                f"--crs {chosen.crs}: not usable: {en}; remedy: --crs EPSG:4549",
            )
        ) from error
    head = Head(chosen.id, Text(chosen.name, chosen.name_en or chosen.id), chosen.crs)
    write_head(chosen.folder, head)
    following = f"jingning layers import {chosen.folder} FILE --as outline"
    print(here(Text(f"已新建：{chosen.folder}", f"made: {chosen.folder}")))
    print(here(Text(f"下一步：{following}", f"next: {following}")))
    return 0


def _import(chosen: argparse.Namespace) -> int:
    fields = _pairs(chosen.field)
    from geo.errors import SchemaError
    from layers.intake.bring import Options, bring
    from layers.soundness import brought

    names = (*FILE_OPTIONS, *SOURCE_OPTIONS, *SWITCHES)
    given = {name: getattr(chosen, name) for name in names}
    file, *further = chosen.file
    given |= {"further": tuple(further)}
    options = Options(**{name: value for name, value in given.items() if value is not None})
    done = bring(chosen.folder, file, chosen.layer, fields=fields, options=options, progress=say)
    print(here(done.report))
    try:
        _tell(brought(chosen.folder, chosen.layer))
    except SchemaError as error:  # of a layer that stands there: this one is written nonetheless
        print(
            here(Text("内容未检查，其他图层有误：", "content not checked, other layers are wrong:"))
        )
        print(error.said(spoken()))
    return 0


def _pairs(words: Sequence[str]) -> dict[str, str]:
    """Read `name=NAME` words.

    >>> _pairs(["code=XZQDM", "name=XZQMC"])
    {'code': 'XZQDM', 'name': 'XZQMC'}
    """
    from geo.errors import UsageError

    pairs: dict[str, str] = {}
    for word in words:
        ours, equals, theirs = word.partition("=")
        if not (ours and equals and theirs) or ours in pairs:
            raise UsageError(
                Text(
                    f"--field {word}：应为 name=NAME，每个字段一次；例：--field code=XZQDM",
                    f"--field {word}: expected name=NAME, each field once; example: "
                    "--field code=XZQDM",
                )
            )
        pairs[ours] = theirs
    return pairs


if __name__ == "__main__":
    alone(main)

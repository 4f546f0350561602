"""The county's layers: `python -m layers list | show | check | build | new | import`."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from layers.console import EXIT_CODES, alone, guarded, here, say, speak, table

if TYPE_CHECKING:  # frames are heavy: commands import them when they run
    from layers.fields import Field, LayerSchema
    from layers.source import Source

SHIPPED_COUNTY = "jingning"
FILE_OPTIONS = {
    "crs": "文件未注明时的坐标系 CRS where the file names none: EPSG:4528; GCJ-02 undoes its shift",
    "encoding": "属性编码 of its text: utf-8, gb18030",
    "part": "文件中的图层 which layer of a GeoPackage, or which file of a zip",
    "columns": "CSV 无表头时的列名 names of columns of a CSV without a header: code,name,,lon,lat",
    "only": "只取这些行 which rows: level=town 或 or name!=X; 以分号分隔 semicolons between",
    "xy": "点坐标所在两列 two columns with the points: lon,lat",
    "nodata": "无数据值 the value that marks no data",
    "resolution": "像元边长 side of raster cells, m",
    "how": "重采样 resampling: bilinear for heights, nearest for classes",
}
SOURCE_OPTIONS = {
    "quality": "official | open | derived | modelled | schematic",
    "publisher": "来源单位 who published it",
    "licence": "许可 SPDX or words",
    "retrieved": "日期 when it was received: 2024-05-01",
    "title_zh": "中文标题 Chinese title",
    "title_en": "英文标题 English title",
}
COUNTY_HELP = "县域名称或文件夹 a shipped county or a folder (jingning)"


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and give its exit code."""
    speak(argv)
    return guarded(lambda: _run(argv))


def _run(argv: Sequence[str] | None) -> int:
    chosen = _parser().parse_args(argv)
    command: Callable[[argparse.Namespace], int] = chosen.command
    return command(chosen)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m layers",
        description="县域图层 the county's layers: see, check, build, import",
        epilog=here(EXIT_CODES),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(metavar="COMMAND", required=True)

    one = commands.add_parser("list", help="列出图层 list the layers of a county")
    one.add_argument("county", nargs="?", default=SHIPPED_COUNTY, help=COUNTY_HELP)
    one.set_defaults(command=_list)

    one = commands.add_parser("show", help="查看图层 show a layer: source, fields, ranges")
    one.add_argument("layer", nargs="?", help="图层名 a layer (all of them)")
    one.add_argument("--county", default=SHIPPED_COUNTY, help=COUNTY_HELP)
    one.set_defaults(command=_show)

    one = commands.add_parser("check", help="检查县域 check every layer and name every problem")
    one.add_argument("folder", nargs="?", default=SHIPPED_COUNTY, help=COUNTY_HELP)
    one.set_defaults(command=_check)

    one = commands.add_parser("build", help="由事实表构建景宁 build Jingning from tables of facts")
    one.add_argument("folder", nargs="?", type=Path, help="写入何处 where to (the shipped county)")
    one.set_defaults(command=_build)

    one = commands.add_parser("new", help="新建县域文件夹 make a county folder")
    one.add_argument("folder", type=Path)
    one.add_argument("--id", required=True, help="短名 short name, such as jingning")
    one.add_argument("--name", required=True, help="中文名 Chinese name")
    one.add_argument("--name-en", help="英文名 English name (the id)")
    one.add_argument("--crs", required=True, help="米制投影 projected, in metres: EPSG:4549")
    one.set_defaults(command=_new)

    _import_options(
        commands.add_parser("import", help="导入文件 bring a file into a county folder")
    )
    return parser


def _import_options(one: argparse.ArgumentParser) -> None:
    one.add_argument("folder", type=Path, help="县域文件夹 county folder, see `new`")
    one.add_argument(
        "file", type=Path, help="GeoPackage, Shapefile (.zip), GeoJSON, GeoTIFF, .hgt, CSV"
    )
    one.add_argument(
        "--as", dest="layer", required=True, metavar="LAYER", help="图层名 one of `show`"
    )
    one.add_argument(
        "--field", action="append", default=[], metavar="name=NAME",
        help="字段对应：本系统名=文件中的名；name==文字 为常量，name=# 为行号，"
        "code=CODE:9 取前 9 位 our name = the file's; name==TEXT a constant, name=# row numbers, "
        "code=CODE:9 its first 9 characters; may be repeated",
    )  # fmt: skip
    for title, options in (("文件 the file", FILE_OPTIONS), ("来源 the source", SOURCE_OPTIONS)):
        group = one.add_argument_group(title)
        for name, words in options.items():
            kind = float if name in {"nodata", "resolution"} else str
            choices = ("bilinear", "nearest") if name == "how" else None
            flag = f"--{name.replace('_', '-')}"
            group.add_argument(flag, type=kind, choices=choices, help=words)
    one.set_defaults(command=_import)


def _list(chosen: argparse.Namespace) -> int:
    from layers import folder as folders
    from layers.catalog import CATALOG

    folder = folders.folder_of(chosen.county)
    head = folders.read_head(folder)
    known = _sources(folder)
    rows = []
    for name, schema in CATALOG.items():
        source = known.get(name)
        found: tuple[object, ...] = ("—", "—", "—")
        if source is not None:
            found = (source.rows, source.quality, f"{source.publisher} {source.retrieved}".strip())
        rows.append((name, f"{schema.title.zh} {schema.title.en}", *found))
    table(
        f"{head.name.zh} {head.name.en} · {head.id} · {head.crs} · {folder}",
        ("图层 layer", "名称 title", "行数 rows", "质量 quality", "来源 publisher"),
        rows,
    )
    return 0


def _show(chosen: argparse.Namespace) -> int:
    from geo.errors import UsageError
    from layers import folder as folders
    from layers.catalog import CATALOG

    if chosen.layer is not None and chosen.layer not in CATALOG:
        import difflib

        near = difflib.get_close_matches(chosen.layer, list(CATALOG), n=1)
        guess = f"是否指 did you mean {near[0]}? " if near else ""
        raise UsageError(
            f"没有图层 no layer {chosen.layer!r}; {guess}现有 there are: {', '.join(CATALOG)}"
        )
    known = _sources(folders.folder_of(chosen.county))
    for name in [chosen.layer] if chosen.layer else CATALOG:
        _show_layer(CATALOG[name], known.get(name))
    return 0


def _show_layer(schema: LayerSchema, source: Source | None) -> None:
    """Print what a layer must hold and where the county's own comes from."""
    title = f"{schema.name} · {schema.title.zh} {schema.title.en} · {_kind(schema)}"
    if schema.kind == "raster":
        table(title, ("单位 unit", "范围 range"), [(schema.unit, _span(schema))])
    else:
        columns = ("字段 field", "名称 title", "类型 kind", "取值 values", "必填 required")
        table(title, columns, [_field_row(field) for field in schema.fields])
    if source is None:
        print("本县没有此图层 the county has no such layer\n")
        return
    said = {
        "标题 title": f"{source.title.zh} {source.title.en}",
        "来源 publisher": source.publisher,
        "许可 licence": source.licence,
        "日期 retrieved": source.retrieved,
        "坐标系 CRS": source.crs,
        "行数 rows": source.rows,
        "质量 quality": f"{source.quality.words.zh} {source.quality.words.en}",
        "sha256": source.sha256,
        "步骤 steps": "\n".join(source.steps),
        "说明 notes": "\n".join(source.notes),
    }
    table(
        "来源 source", ("项 item", "内容 content"), [item for item in said.items() if item[1] != ""]
    )
    print()


def _field_row(field: Field) -> tuple[str, ...]:
    values = " | ".join(field.allowed) or (f"→ {field.refers}" if field.refers else _span(field))
    need = "主键 key" if field.key else "是 yes" if field.required else "否 no"
    return field.name, f"{field.title.zh} {field.title.en}", field.kind, values, need


def _span(thing: Field | LayerSchema) -> str:
    """Give a closed range in words, open where it has no end."""
    if thing.low is None and thing.high is None:
        return thing.unit
    low = "" if thing.low is None else f"{thing.low:g}"
    high = "" if thing.high is None else f"{thing.high:g}"
    return f"{low} … {high} {thing.unit}".strip()


def _kind(schema: LayerSchema) -> str:
    words = {"raster": "栅格 raster", "table": "表 table"}
    shapes = {"point": "点 points", "line": "线 lines", "polygon": "面 polygons"}
    return words.get(schema.kind) or shapes[schema.shape or "point"]


def _sources(folder: Path) -> dict[str, Source]:
    """Read what the layers of a county say of themselves; the data are not opened."""
    from layers import source as sources
    from layers.folder import SOURCE

    return {path.parent.name: sources.read(path) for path in sorted(folder.glob(f"*/{SOURCE}"))}


def _check(chosen: argparse.Namespace) -> int:
    from layers.catalog import CATALOG
    from layers.county import load

    county = load(chosen.folder)
    missing = [name for name in CATALOG if name not in county]
    print(f"{county.name.zh} {county.name.en}: {len(county.names)} 个图层无误 layers are sound")
    if missing:
        print(f"没有 there are no: {', '.join(missing)}")
    return 0


def _build(chosen: argparse.Namespace) -> int:
    from layers.build import build
    from layers.folder import SHIPPED

    folder = chosen.folder or SHIPPED / SHIPPED_COUNTY
    build(folder, progress=say)
    print(f"已构建 built: {folder}")
    return 0


def _new(chosen: argparse.Namespace) -> int:
    from geo.crs import require_metric
    from geo.errors import CrsError, UsageError
    from geo.words import Text
    from layers.folder import Head, write_head

    try:
        require_metric(chosen.crs, what="--crs")
    except (CrsError, RuntimeError) as error:  # pyproj's own is a RuntimeError
        raise UsageError(
            f"--crs {chosen.crs}: 不可用 not usable: {error}; 处理 remedy: --crs EPSG:4549"
        ) from error
    head = Head(chosen.id, Text(chosen.name, chosen.name_en or chosen.id), chosen.crs)
    write_head(chosen.folder, head)
    print(
        f"已新建 made: {chosen.folder}\n"
        f"下一步 next: python -m layers import {chosen.folder} FILE --as outline"
    )
    return 0


def _import(chosen: argparse.Namespace) -> int:
    fields = _pairs(chosen.field)
    from layers.intake.bring import Options, bring

    given = {name: getattr(chosen, name) for name in (*FILE_OPTIONS, *SOURCE_OPTIONS)}
    options = Options(**{name: value for name, value in given.items() if value is not None})
    done = bring(
        chosen.folder, chosen.file, chosen.layer, fields=fields, options=options, progress=say
    )
    print(done)
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
                f"--field {word}: 应为 expected name=NAME, 每个字段一次 each field once; "
                "例 example: --field code=XZQDM"
            )
        pairs[ours] = theirs
    return pairs


if __name__ == "__main__":
    alone(main)

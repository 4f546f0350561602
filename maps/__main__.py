"""Draw runs: `python -m maps FOLDER`."""

from __future__ import annotations

import csv
import errno
import json
import locale
import os
import signal
import sys
from argparse import Namespace
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from geo.words import Arguments, Lang, Text, asked_lang, printable, said
from maps.marked import MANIFEST, fresh, mark_of, write, write_marked

if TYPE_CHECKING:
    from maps.basemap import Basemap
    from scenarios.result import Run

EPILOG = Text(
    """\
FOLDER 为单个情景运行结果时，绘制 FOLDER/index.html；其下有多个时，逐一绘制并生成索引页。
图页可离线打开，放在何处均可。图页旁的 layers_qgis.gpkg 供 QGIS 使用，样式与图页一致；
report.docx 为报告，workbook.xlsx 为工作簿，dictionary.csv 为数据字典，README.txt 说明各文件。
退出码：0 完成 · 1 意外错误 · 2 用法 · 3 输入被拒 · 5 达到限制 · 130 中断
""",
    """\
When FOLDER is a run, its page is FOLDER/index.html; when runs lie below it, each page is drawn and
FOLDER/index.html lists them. The pages open offline, from any place. Beside each page stands
layers_qgis.gpkg: the run's layers with the page's looks, for QGIS. report.docx is the report,
workbook.xlsx the figures and tables, dictionary.csv the fields; README.txt tells what each file is.
exit codes: 0 done · 1 unexpected error · 2 usage · 3 input refused · 5 limit hit · 130 interrupted
""",
)
NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EACCES}
STYLED, PLAIN, ONLINE = "layers_qgis.gpkg", "layers.gpkg", "online.html"
MANUAL = "manual.html"
COMPARISON = "compare"


def main(argv: Sequence[str] | None = None, *, prog: str = "python -m maps") -> int:
    """Draw the page of a run, or of every run below a folder with their index."""
    typed = sys.argv[1:] if argv is None else argv
    lang = asked_lang(typed, os.environ, locale.getlocale()[0] or "")
    try:
        chosen = parser(lang, prog).parse_args(typed)
    except SystemExit as leaving:
        return leaving.code if isinstance(leaving.code, int) else 2
    folders = run_folders(chosen.folder)
    if not folders:
        _complain(_no_run(chosen.folder), lang)
        return 3
    if unfit := _unfit(chosen, folders):
        _complain(unfit, lang)
        return 2
    try:
        for line in _asked(chosen, folders, lang):
            print(printable(said(line, lang)))
    except KeyboardInterrupt:
        _complain(Text("\n已中断", "\ninterrupted"), lang)
        return 130
    except Exception as error:  # noqa: BLE001 - the last place where an error can be told
        return _told(error, lang)
    return 0


def _asked(chosen: Namespace, folders: Sequence[Path], lang: Lang) -> Iterator[Text]:
    """Do what was asked for, and tell of it."""
    if chosen.section:
        return _pictured(folders, chosen.section, lang)
    if chosen.shapefile:
        return _shaped(folders)
    if chosen.basemap:
        return _online(folders, chosen.basemap)
    return _drawn(chosen.folder, folders, chosen.output, _form(chosen.report_template))


def parser(lang: Lang, prog: str) -> Arguments:
    """Give what reads the words of the command, in a language."""
    words = Text("把情景运行结果绘成可离线打开的图页", "draw runs as pages that open offline")
    whole = Arguments(
        lang=lang, prog=prog, description=said(words, lang), epilog=said(EPILOG, lang)
    )
    words = Text("运行文件夹或其上级", "a run, or a folder above runs")
    whole.add_argument("folder", type=Path, metavar="FOLDER", help=said(words, lang))
    words = Text("图页文件，仅用于单个情景运行结果", "where the page goes; for one run only")
    whole.add_argument("-o", "--output", type=Path, metavar="FILE", help=said(words, lang))
    words = Text(
        "不绘图页，绘道路横断面：K12+340 处，或 all 全部",
        "no page, but cross-sections of roads: at K12+340, or all",
    )
    whole.add_argument("--section", metavar="K0+000|all", default="", help=said(words, lang))
    words = Text(
        "不绘图页，写出 shapefiles.zip（UTF-8，附字段对照表 fields.csv）",
        "no page, but shapefiles.zip (UTF-8, with a table of field names)",
    )
    whole.add_argument("--shapefile", action="store_true", help=said(words, lang))
    words = Text(
        "另绘 online.html，带在线底图（须联网；天地图用 JINGNING_TIANDITU_TOKEN）；离线图页不变",
        "another page, online.html, with a basemap from the network (Tianditu by "
        "JINGNING_TIANDITU_TOKEN); the offline page stays",
    )
    names = ("osm", "tianditu")
    whole.add_argument("--basemap", choices=names, default="", help=said(words, lang))
    words = Text(
        "以本单位的 Word 文件为报告模板，其中 {{结论}}、{{图件}} 等占位符由系统填写",
        "your own Word file for the report; its {{answer}}, {{map}} and other places are filled",
    )
    whole.add_argument(
        "--report-template", type=Path, metavar="FILE", help=said(words, lang), default=None
    )
    words = Text("用何种语言；默认随系统", "language; the system's unless said")
    whole.add_argument("--lang", choices=("zh", "en"), help=said(words, lang))
    return whole


def _unfit(chosen: Namespace, folders: Sequence[Path]) -> Text | None:
    """Say which options do not go together."""
    if chosen.output and folders != [chosen.folder]:
        return Text("-o 仅用于单个情景运行结果", "-o is for one run only")
    others = (chosen.output, chosen.section, chosen.shapefile, chosen.basemap)
    if chosen.report_template and any(others):
        return Text(
            "--report-template 不与 -o、--section、--shapefile、--basemap 同用",
            "--report-template goes with neither -o, --section, --shapefile nor --basemap",
        )
    return None


def _form(path: Path | None) -> bytes:
    """Read the Word document that takes the place of the report.

    Raises
    ------
    PageError
        If it cannot be read.
    """
    if path is None:
        return b""
    try:
        return path.read_bytes()
    except OSError as error:
        from maps.wording import RefusedError

        words = Text(f"{path}：无法读取报告模板", f"{path}: the report's form cannot be read")
        raise RefusedError(words) from error


def _no_run(folder: Path) -> Text:
    return Text(
        f"{folder}：其中没有完整的情景运行结果（{MANIFEST}）；先运行情景："
        f"jingning run NAME -o {folder}",
        f"{folder}: no whole run in or below it ({MANIFEST}); run a scenario first: "
        f"jingning run NAME -o {folder}",
    )


def _complain(words: Text | str, lang: Lang) -> None:
    print(printable(said(words, lang)), file=sys.stderr)


def _told(error: Exception, lang: Lang) -> int:
    """Say an error in plain words and give its exit code; details when JINGNING_DEBUG is 1."""
    if os.environ.get("JINGNING_DEBUG") == "1":
        raise error
    if isinstance(code := getattr(error, "exit_code", None), int):
        _complain(_words(error, lang), lang)
        return code
    if isinstance(error, OSError) and error.errno in NO_ROOM:
        words = Text(f"磁盘已满或不可写：{error}", f"no room left, or not writable: {error}")
        _complain(words, lang)
        return 5
    name = f"{type(error).__name__}: {error}"
    words = Text(
        f"意外错误：{name}\n查看详情：JINGNING_DEBUG=1",
        f"unexpected error: {name}\ndetails: JINGNING_DEBUG=1",
    )
    _complain(words, lang)
    return 1


def _words(error: Exception, lang: Lang) -> str:
    """Say an error in a language where it can."""
    tell: Callable[[Lang], str] = getattr(error, "said", lambda _: str(error))
    return tell(lang)


def run_folders(folder: Path) -> list[Path]:
    """Give the folder itself when it is a complete run, else the complete runs below it, sorted.

    What lies below a run belongs to it, as the cases of a sweep do.
    """
    if (folder / MANIFEST).is_file():
        return [folder]
    found = {path.parent for path in folder.rglob(MANIFEST) if _whole(path)}
    return sorted(one for one in found if found.isdisjoint(one.parents))


def _whole(manifest: Path) -> bool:
    """Leave out what a writer keeps in hidden or temporary folders."""
    return not any(part.startswith((".", "_")) for part in manifest.parent.parts[-2:])


def _drawn(top: Path, folders: Sequence[Path], output: Path | None, form: bytes) -> Iterator[Text]:
    """Draw what is not drawn yet from these very runs by this very code, and tell of it.

    A run that is refused stops no other: it is left out of the index, and told at the end.
    """
    from maps.wording import RefusedError

    refused: dict[Path, Exception] = {}
    for folder in folders:
        try:
            yield _drawn_one(folder, folders, output, form)
        except Exception as error:
            if folders == [top] or getattr(error, "exit_code", None) != RefusedError.exit_code:
                raise
            refused[folder] = error
    if folders == [top]:
        return
    yield from _indexed(top, [one for one in folders if one not in refused])
    if refused:
        raise _all_refused(refused)


def _drawn_one(folder: Path, folders: Sequence[Path], output: Path | None, form: bytes) -> Text:
    """Draw one run with its files, unless they stand already; tell of it."""
    from scenarios.result import load, verify

    kept, pages = _kept(folder), _pages(folder, folders)
    more = form + json.dumps(sorted(pages)).encode()
    target, mark = output or folder / "index.html", mark_of(folder, [folder, *kept], more)
    verify(folder)  # a run that was cut or changed since is not unchanged
    if fresh(target, mark, [] if output else _beside(folder)):
        return Text(f"图页未变：{target}", f"page unchanged: {target}")
    run = load(folder)
    if not output:
        _write_handed(folder, run, form)
        _write_styles(folder, run)
    drawn = _page(run, kept, () if output else pages)
    write_marked(target, drawn, mark, [] if output else _beside(folder))
    return Text(f"图页：{target}", f"page: {target}")


def _indexed(top: Path, folders: Sequence[Path]) -> Iterator[Text]:
    """Draw the index of runs, unless it stands already; tell of it."""
    from scenarios.result import load

    if not folders:
        return
    files = {folder.relative_to(top).as_posix(): _found(folder) for folder in folders}
    files[""] = [name for name in (MANUAL,) if (top / name).is_file()]
    target, mark = top / "index.html", mark_of(top, folders, json.dumps(files).encode())
    if fresh(target, mark, []):
        yield Text(f"索引未变：{target}", f"index unchanged: {target}")
        return
    from maps.page import index

    runs = {folder.relative_to(top).as_posix(): load(folder) for folder in folders}
    write_marked(target, index(runs, files), mark, [])
    yield Text(f"索引：{target}", f"index: {target}")


def _all_refused(refused: Mapping[Path, Exception]) -> Exception:
    """Give one error that tells of every run that was refused."""
    from maps.wording import RefusedError

    langs: tuple[Lang, ...] = ("zh", "en")
    zh, en = (
        "\n".join(f"{path}: {_words(error, lang)}" for path, error in refused.items())
        for lang in langs
    )
    count = len(refused)
    return RefusedError(
        Text(
            f"{count} 个情景运行结果未绘图，其余已完成：\n{zh}",
            f"{count} of the runs not drawn, the others are:\n{en}",
        )
    )


def _kept(folder: Path) -> list[Path]:
    """Give the runs that a comparison keeps; nothing for every other run."""
    manifest = json.loads((folder / MANIFEST).read_bytes())
    if not isinstance(manifest, dict) or manifest.get("scenario") != COMPARISON:
        return []
    found = (path.parent for path in (folder / "runs").glob(f"*/{MANIFEST}"))
    return sorted(found, key=lambda one: (len(one.name), one.name))


def _page(run: Run, kept: Sequence[Path], pages: Collection[str]) -> str:
    """Draw the page of a run, of a comparison with its runs, or of a strategy."""
    if kept:
        from maps.compare.page import comparison_page
        from scenarios.result import load

        return comparison_page(run, {one.name: load(one) for one in kept})
    return _alone(run, None, pages)


def _alone(run: Run, tiles: Basemap | None, pages: Collection[str]) -> str:
    """Draw the page of a run that keeps no runs of its own."""
    from maps.page import page
    from maps.strategy.page import STRATEGY, strategy_page

    return (strategy_page if run.scenario == STRATEGY else page)(run, tiles, pages)


def _pages(folder: Path, drawn: Sequence[Path]) -> set[str]:
    """Give those run folders that tables of a run name which have a page, or are being drawn."""
    soon = {one.resolve() for one in drawn}
    named: set[str] = set()
    for path in sorted(folder.glob("tables/*.csv")):
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = csv.DictReader(file)
            if "folder" in (rows.fieldnames or ()):
                named |= {row["folder"] for row in rows if row["folder"]}
    there = {one: folder / one for one in named}
    return {
        one
        for one, path in there.items()
        if path.resolve() in soon or (path / "index.html").is_file()
    }


def _found(folder: Path) -> list[str]:
    """Give the files of a run's folder relative to it, sorted; what is hidden is left out."""
    paths = (path for path in folder.rglob("*") if path.is_file())
    own = (path for path in paths if not _of_a_case(path, folder))
    return sorted(path.relative_to(folder).as_posix() for path in own)


def _of_a_case(path: Path, folder: Path) -> bool:
    """Say whether a file is hidden, or belongs to a run within the run."""
    inside = path.relative_to(folder)
    runs = [one for one in path.parents if one != folder and one.is_relative_to(folder)]
    hidden = any(part.startswith(".") for part in inside.parts)
    return hidden or any((one / MANIFEST).is_file() for one in runs)


def _pictured(folders: Sequence[Path], asked: str, lang: Lang) -> Iterator[Text]:
    """Draw cross-sections into the folder `sections` of each run, and tell of it."""
    from maps.crosssections import pictures
    from scenarios.result import load

    for folder in folders:
        count = 0
        for picture in pictures(load(folder), asked, lang):
            write(folder / "sections" / picture.name, picture.svg)
            count += 1
        target = folder / "sections"
        yield Text(f"横断面图 {count} 幅：{target}", f"cross-sections, {count} of them: {target}")


def _shaped(folders: Sequence[Path]) -> Iterator[Text]:
    """Write the shapefiles of each run, and tell of it."""
    from maps.handoff.shapefile import NAME, shapefiles
    from scenarios.result import load

    for folder in folders:
        target = folder / NAME
        write(target, shapefiles(load(folder)))
        yield Text(f"Shapefile：{target}", f"shapefiles: {target}")


def _online(folders: Sequence[Path], name: str) -> Iterator[Text]:
    """Draw a page with an online basemap beside the page of each run, and tell of it."""
    from maps.basemap import basemap
    from scenarios.result import load

    tiles = basemap(name, os.environ)
    for folder in folders:
        target = folder / ONLINE
        write(target, _alone(load(folder), tiles, ()))
        yield Text(f"在线图页：{target}", f"online page: {target}")
    if tiles.warning.zh:
        yield tiles.warning


def _beside(folder: Path) -> list[Path]:
    """Give the files that belong to a page: those for QGIS, those that may be handed on."""
    from scenarios.result import HANDED

    vectors = [folder / STYLED] if (folder / PLAIN).is_file() else []
    styles = [one.with_suffix(".qml") for one in sorted(folder.glob("rasters/*.tif"))]
    return [*vectors, *styles, *(folder / name for name in HANDED)]


def _write_styles(folder: Path, run: Run) -> None:
    """Write what QGIS needs to show a run as its page does; the run's own files stay."""
    from maps.qgis.geopackage import styled
    from maps.qgis.qml import raster_qml

    if (folder / PLAIN).is_file():
        whole = styled((folder / PLAIN).read_bytes(), run)
        write(folder / STYLED, whole)
    for layer in run.result.layers:
        cells = folder / "rasters" / f"{layer.id}.tif"
        if cells.is_file():
            write(cells.with_suffix(".qml"), raster_qml(layer))


def _write_handed(folder: Path, run: Run, form: bytes) -> None:
    """Write what is handed on beside the page, and take away what this run no longer has."""
    from maps import handoff
    from scenarios.result import HANDED

    made = {file.name: file.content for file in handoff.files(run, template=form)}
    for name in HANDED:
        if name in made:
            write(folder / name, made[name])
        else:
            (folder / name).unlink(missing_ok=True)


if __name__ == "__main__":
    left = main()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the page is drawn: a stop changes nothing
    sys.exit(left)

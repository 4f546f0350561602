"""Draw runs: `python -m maps FOLDER`."""

from __future__ import annotations

import argparse
import errno
import hashlib
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from scenarios.result import Run

EPILOG = """\
FOLDER 本身是一次运行时，绘制 FOLDER/index.html；其下有多次运行时，逐一绘制并生成索引页。
When FOLDER is a run, its page is FOLDER/index.html; when runs lie below it, each page is drawn and
FOLDER/index.html lists them. The pages open offline, from any place.
图页旁的 layers_qgis.gpkg 供 QGIS 使用，样式与图页一致。
Beside each page stands layers_qgis.gpkg: the run's layers with the page's looks, for QGIS.
退出码 exit codes: 0 完成 done · 1 意外错误 unexpected · 2 用法 usage · 3 输入被拒 input refused
  · 5 达到限制 limit hit · 130 中断 interrupted
"""
MANIFEST = "manifest.json"
NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EACCES}
STYLED, PLAIN = "layers_qgis.gpkg", "layers.gpkg"


def main(argv: Sequence[str] | None = None) -> int:
    """Draw the page of a run, or of every run below a folder with their index."""
    parser = argparse.ArgumentParser(
        prog="python -m maps",
        description="把情景运行绘成可离线打开的图页 draw runs as pages that open offline",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "folder",
        type=Path,
        metavar="FOLDER",
        help="运行文件夹或其上级 a run, or a folder above runs",
    )
    parser.add_argument(
        "-o", "--output", type=Path, metavar="FILE",
        help="图页文件，仅用于单次运行 where the page goes; for one run only",
    )  # fmt: skip
    try:
        chosen = parser.parse_args(argv)
    except SystemExit as leaving:
        return leaving.code if isinstance(leaving.code, int) else 2
    folders = run_folders(chosen.folder)
    if not folders:
        print(
            f"未找到完整的运行 no complete run in or below {chosen.folder}: "
            f"缺少 no {MANIFEST}; 处理 remedy: python -m scenarios run NAME -o {chosen.folder}",
            file=sys.stderr,
        )
        return 3
    alone = folders == [chosen.folder]
    if chosen.output and not alone:
        print("-o 仅用于单次运行 -o is for one run only", file=sys.stderr)
        return 2
    try:
        _draw(chosen.folder, folders, chosen.output)
    except KeyboardInterrupt:
        print("\n已中断 interrupted", file=sys.stderr)
        return 130
    except Exception as error:  # noqa: BLE001 - the last place where an error can be told
        return _told(error)
    return 0


def _told(error: Exception) -> int:
    """Say an error in plain words and give its exit code; details when JINGNING_DEBUG is 1."""
    if os.environ.get("JINGNING_DEBUG") == "1":
        raise error
    if isinstance(code := getattr(error, "exit_code", None), int):
        print(error, file=sys.stderr)
        return code
    if isinstance(error, OSError) and error.errno in NO_ROOM:
        print(f"磁盘已满或不可写 no room left, or not writable: {error}", file=sys.stderr)
        return 5
    words = f"{type(error).__name__}: {error}"
    print(f"意外错误 unexpected error: {words}\n详情 details: JINGNING_DEBUG=1", file=sys.stderr)
    return 1


def run_folders(folder: Path) -> list[Path]:
    """Give the folder itself when it is a complete run, else the complete runs below it, sorted."""
    if (folder / MANIFEST).is_file():
        return [folder]
    return sorted(path.parent for path in folder.rglob(MANIFEST) if _whole(path))


def _whole(manifest: Path) -> bool:
    """Leave out what a writer keeps in hidden or temporary folders."""
    return not any(part.startswith((".", "_")) for part in manifest.parent.parts[-2:])


def _draw(top: Path, folders: Sequence[Path], output: Path | None) -> None:
    """Draw what is not drawn yet from these very runs by this very code."""
    marks = {folder: _mark(folder, [folder]) for folder in folders}
    for folder in folders:
        target = output or folder / "index.html"
        if _fresh(target, marks[folder]) and (output or _styled(folder)):
            print(f"图页未变 page unchanged: {target}")
            continue
        from maps.page import page
        from scenarios.result import load

        run = load(folder)
        if not output:
            _write_styles(folder, run)
        _write(target, page(run) + marks[folder])
        print(f"图页 page: {target}")
    if folders == [top]:
        return
    target, mark = top / "index.html", _mark(top, folders)
    if _fresh(target, mark):
        print(f"索引未变 index unchanged: {target}")
        return
    from maps.page import index
    from scenarios.result import load

    runs = {folder.relative_to(top).as_posix(): load(folder) for folder in folders}
    _write(target, index(runs) + mark)
    print(f"索引 index: {target}")


def _styled(folder: Path) -> bool:
    """Say whether a run's GeoPackage, when it has one, has its copy with styles."""
    return (folder / STYLED).is_file() or not (folder / PLAIN).is_file()


def _write_styles(folder: Path, run: Run) -> None:
    """Write what QGIS needs to show a run as its page does; the run's own files stay."""
    from maps import qgis

    if (folder / PLAIN).is_file():
        styled = qgis.styled((folder / PLAIN).read_bytes(), run.result.layers)
        _write(folder / STYLED, styled)
    for layer in run.result.layers:
        cells = folder / "rasters" / f"{layer.id}.tif"
        if cells.is_file():
            _write(cells.with_suffix(".qml"), qgis.raster_qml(layer))


def _mark(top: Path, folders: Sequence[Path]) -> str:
    """Give the line that ends a page: a hash of the runs' manifests, their places and the code."""
    digest = hashlib.sha256()
    here = Path(__file__).parent
    for path in sorted(p for p in here.rglob("*") if p.is_file() and p.suffix != ".pyc"):
        digest.update(path.relative_to(here).as_posix().encode() + b"\0" + path.read_bytes())
    for folder in folders:
        place = folder.relative_to(top).as_posix().encode()
        digest.update(place + b"\0" + (folder / MANIFEST).read_bytes())
    return f"<!-- {digest.hexdigest()} -->\n"


def _fresh(target: Path, mark: str) -> bool:
    """Say whether a page ends with this mark."""
    if not target.is_file():
        return False
    with target.open("rb") as file:
        file.seek(max(target.stat().st_size - len(mark), 0))
        return file.read() == mark.encode()


def _write(path: Path, content: str | bytes) -> None:
    """Write a file whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with draft.open("wb") as file:
            file.write(content.encode() if isinstance(content, str) else content)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


if __name__ == "__main__":
    left = main()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the page is drawn: a stop changes nothing
    sys.exit(left)

"""Run folders: whole or not there, and locked while they are written.

A run folder holds `result.json`, `layers/*.geojson`, `layers.gpkg`, `edits.gpkg`,
`rasters/*.tif`, `tables/*.csv`, `proofs/*.zip` and `manifest.json`. Everything is written into a
hidden folder inside it first and read once; then the former manifest goes, the files move into
place, and the new manifest moves last. Whoever is killed on the way leaves that hidden folder: it
tells the run folder from files of others, and the next one finishes what had begun.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from geo import geojson
from geo.documents import json_of, text
from geo.errors import BusyError, FileError, SchemaError, UsageError
from geo.files import (
    flush_all,
    unflushed,
    whole,
    write_bytes,
    write_layers,
    write_raster,
    write_text,
)
from geo.raster import Raster
from geo.words import Text
from layers.folder import sha256_of
from scenarios import record
from scenarios.result import (
    ASKED,
    EDITS,
    FORMAT,
    HANDED,
    MANIFEST,
    MOST_MANIFEST,
    RESULT,
    VECTORS,
    Result,
    Run,
    coded,
    load,
)

LOCK = ".lock"
STAGE = ".new"
BEFORE = "former.json"  # the former manifest, within the hidden folder while files move
DRAWN = ("index.html", "layers_qgis.gpkg", *HANDED, *ASKED)
"""What is made of a run later; that of another run must not stay."""
FOLDERS = ("layers", "rasters", "tables", "proofs")
IDENTIFIER = re.compile(r"[A-Za-z0-9_]+")
OURS = re.compile(
    r"(layers|edits)\.gpkg|(layers|rasters|tables|proofs)/[A-Za-z0-9_]+\.(geojson|tif|csv|zip)"
)
"""A manifest may name any file; only such ones are ever removed."""


def require_ids(result: Result) -> None:
    """Refuse ids that cannot name files, or that two things share on any file system."""
    edited = [edit.layer for edit in result.edits]
    kinds = (result.layers, result.tables, result.proofs)
    named = ([thing.id for thing in things] for things in kinds)
    for ids in (*named, edited):
        bad = [one for one in ids if not IDENTIFIER.fullmatch(one)]
        if bad or len({one.lower() for one in ids}) < len(ids):
            raise SchemaError(
                Text(
                    f"编号须唯一，由字母、数字与下划线组成：{', '.join(ids)}",
                    f"ids must be unique, of letters, digits and underscores: {', '.join(ids)}",
                )
            )


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Hold a run folder alone; the lock of a process that died holds nothing.

    Raises
    ------
    BusyError
        If another process works in the folder.
    UsageError
        If it cannot be made, or holds files that a run would overwrite but is no run folder.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        words = Text(f"{folder}：无法建立文件夹：{error}", f"{folder}: cannot be made: {error}")
        raise UsageError(words) from error
    known = (folder / MANIFEST).exists() or (folder / STAGE).exists()
    theirs = _results(folder)
    if theirs and not known:
        held = ", ".join(theirs)
        raise UsageError(
            Text(
                f"{folder}：其中有不属于情景运行结果的文件，不予覆盖：{held}；请另选文件夹（-o）",
                f"{folder}: holds files that are no run, not overwritten: {held}; "
                "choose another folder (-o)",
            )
        )
    try:
        with FileLock(folder / LOCK, timeout=0):
            _recover(folder)
            try:
                yield
            finally:
                _leave(folder)
    except Timeout:
        raise BusyError(
            Text(
                f"{folder}：另一情景正在写入该文件夹；请等待其结束，或另选文件夹（-o）",
                f"{folder}: another run works in this folder; "
                "wait for it, or choose another folder (-o)",
            )
        ) from None


def _results(folder: Path) -> list[str]:
    """Name what a run would overwrite."""
    return [name for name in (RESULT, VECTORS, *FOLDERS) if (folder / name).exists()]


def _recover(folder: Path) -> None:
    """Finish the swap of a writer that was killed within it; clear away what another one left."""
    stage = folder / STAGE
    if (stage / MANIFEST).is_file() and not (folder / MANIFEST).exists():
        _move(stage, folder)
    stage.mkdir(exist_ok=True)
    for path in stage.iterdir():
        _removed(path)


def _leave(folder: Path) -> None:
    """Take the hidden folder away, unless it alone tells that the files here are of a run."""
    if (folder / MANIFEST).exists() or not _results(folder):
        shutil.rmtree(folder / STAGE, ignore_errors=True)


def _removed(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink()


def write(run: Run, folder: Path) -> None:
    """Write a run beside the former one, read it once, and let it take its place.

    Parameters
    ----------
    run
        What shall be written.
    folder
        A run folder that is held by `locked`.

    Raises
    ------
    LimitError
        If there is no room; the former run stays.
    BusyError
        If another program holds one of the files.
    """
    with _replaced(folder) as stage:
        _write_read(run, stage)


def written(run: Run) -> dict[str, bytes]:
    """Write a run into a folder for the moment, read it once, and give its files by name.

    Raises
    ------
    LimitError
        If there is no room.
    """
    with tempfile.TemporaryDirectory() as temporary:
        stage = Path(temporary)
        with whole(stage), unflushed():
            _write_read(run, stage)
        return {path.relative_to(stage).as_posix(): path.read_bytes() for path in _files(stage)}


def lay(files: Mapping[str, bytes], folder: Path) -> None:
    """Let files that were `written` elsewhere take the place of the former run; see `write`."""
    with _replaced(folder) as stage:
        with unflushed():
            for name in files.keys() - {MANIFEST}:
                write_bytes(stage / name, files[name])
        _seal(stage, files[MANIFEST])


def require_whole(files: Mapping[str, bytes], key: str) -> None:
    """Refuse files that are not those of one whole run with this key.

    Parameters
    ----------
    files
        As `written` gives them.
    key
        The key of the run.

    Raises
    ------
    FileError
        If the manifest is not of that run, or the files are not those it lists, by name and hash.
    """
    try:
        manifest = json_of(files[MANIFEST].decode())
        sums, own = dict(manifest["files"]), (manifest["format"], manifest["key"])
    except (FileError, KeyError, TypeError, AttributeError, ValueError) as error:
        words = Text(f"没有清单（{MANIFEST}）：{error}", f"no manifest ({MANIFEST}): {error}")
        raise FileError(words) from error
    hashes = {name: hashlib.sha256(content).hexdigest() for name, content in files.items()}
    del hashes[MANIFEST]
    wrong = {name for name in {*sums, *hashes} if sums.get(name) != hashes.get(name)}
    wrong |= {name for name in hashes if name != RESULT and not OURS.fullmatch(name)}
    wrong |= {MANIFEST} if own != (FORMAT, key) else set()
    if wrong:
        named = ", ".join(sorted(wrong))
        raise FileError(
            Text(
                f"送达的文件与清单不符：{named}",
                f"the files that came are not those of the run: {named}",
            )
        )


@contextmanager
def _replaced(folder: Path) -> Iterator[Path]:
    """Give the hidden folder; what is written there becomes the run when the block ends well."""
    stage = folder / STAGE
    try:
        with whole(folder):
            yield stage
            _swap(stage, folder)
    except PermissionError as error:
        raise BusyError(
            Text(
                f"{folder}：文件被占用或不可写：{error}；请关闭打开它的程序（如电子表格）后重新运行",
                f"{folder}: a file is in use or may not be written: {error}; "
                "close it, for example in the spreadsheet, and run again",
            )
        ) from error


def _write_read(run: Run, stage: Path) -> None:
    """Write a run and read it: GDAL does not always tell when it could not write."""
    _write_files(run, stage)
    load(stage)


def _write_files(run: Run, stage: Path) -> None:
    """Write every file of a run, its manifest last."""
    with unflushed():
        _write_contents(run, stage)
    files = {path.relative_to(stage).as_posix(): sha256_of(path) for path in _files(stage)}
    manifest = {"format": FORMAT, "key": run.key, "scenario": run.scenario, "files": files}
    _seal(stage, record.dumps(manifest).encode())


def _seal(stage: Path, manifest: bytes) -> None:
    """Write the manifest once all that it lists is on the disk."""
    flush_all(stage)
    write_bytes(stage / MANIFEST, manifest)


def _write_contents(run: Run, stage: Path) -> None:
    """Write every file of a run but its manifest."""
    content = record.tree(run, leave=("data", "frame", "certificate"))
    frames = {}
    for layer, said in zip(run.result.layers, content["result"]["layers"], strict=True):
        if isinstance(layer.data, Raster):
            said["kept"] = {"dtype": str(layer.data.values.dtype), "nodata": layer.data.nodata}
            write_raster(layer.data, stage / "rasters" / f"{layer.id}.tif")
        else:
            said["kept"] = record.kinds(layer.data)
            whole = record.with_identity(layer.data)
            frames[layer.id] = record.titled(whole, coded(layer), run.lang)
            drawn = geojson.dumps(frames[layer.id])
            write_text(stage / "layers" / f"{layer.id}.geojson", drawn)
    for table, said in zip(run.result.tables, content["result"]["tables"], strict=True):
        said["kept"] = record.kinds(table.frame)
        titled = record.titled(record.with_identity(table.frame), coded(table), run.lang)
        cells = record.csv(titled)
        write_text(stage / "tables" / f"{table.id}.csv", cells, encoding="utf-8-sig")
    for proof in run.result.proofs:
        write_bytes(stage / "proofs" / f"{proof.id}.zip", proof.certificate)
    if frames:
        write_layers(frames, stage / VECTORS)
    for edit, said in zip(run.result.edits, content["result"]["edits"], strict=True):
        said["kept"] = record.kinds(edit.data)
    if run.result.edits:
        whole = {edit.layer: record.with_identity(edit.data) for edit in run.result.edits}
        write_layers(whole, stage / EDITS)
    write_text(stage / RESULT, record.dumps(content))


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def _swap(stage: Path, folder: Path) -> None:
    """Let a run that is written take the place of the former one.

    Without its manifest a folder is no run: the former manifest goes first, the new one comes last.
    """
    if (folder / MANIFEST).exists():
        (folder / MANIFEST).replace(stage / BEFORE)
    _move(stage, folder)


def _move(stage: Path, folder: Path) -> None:
    """Move files into place, those that a killed process did not move yet; the manifest last."""
    for path in _stale(stage, folder):
        path.unlink(missing_ok=True)
    for name in FOLDERS:
        if (stage / name).is_dir():
            (folder / name).mkdir(exist_ok=True)
    for path in _files(stage):
        if path.name not in {MANIFEST, BEFORE}:
            path.replace(folder / path.relative_to(stage))
    _sync(folder)
    (stage / MANIFEST).replace(folder / MANIFEST)
    _sync(folder)


def _stale(stage: Path, folder: Path) -> list[Path]:
    """Give the files of the former run that the new one does not replace, and its page."""
    try:
        former, new = (_manifest(stage / name) for name in (BEFORE, MANIFEST))
        names = [str(name) for name in former["files"]]
        kept, same = set(new["files"]), former["key"] == new["key"]
    except (FileError, KeyError, TypeError):
        return []
    ours = [name for name in names if OURS.fullmatch(name)]
    cells = [name for name in ours if name.endswith(".tif")]
    styles = [Path(name).with_suffix(".qml").as_posix() for name in cells]
    drawn = [] if same else [*DRAWN, *styles]
    left = [name for name in ours if name not in kept]
    return [folder / name for name in (*drawn, *left)]


def _manifest(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = json_of(text(path, most=MOST_MANIFEST))
    return found


def _sync(folder: Path) -> None:
    """Push a folder's entries to the disk where the system allows it."""
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)

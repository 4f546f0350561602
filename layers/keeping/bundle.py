"""A county in one file: every file with its SHA-256, and out of it again byte by byte.

The zip begins with SHA256SUMS, which `sha256sum -c` reads too. Packed is what stands: the files of
the folder that are not hidden, so neither locks nor what an undo would bring back.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import stat
import unicodedata
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO

from geo.errors import BusyError, FileError, LimitError, Problem, SchemaError, UsageError
from geo.files import atomic, swept, whole
from geo.words import Text
from layers import folder as folders
from layers import source as sources
from layers.archive import EPOCH
from layers.catalog import CATALOG
from layers.keeping.layer import data_file
from layers.unpack import CHUNK, MOST_BYTES, MOST_MEMBERS, MOST_RATIO, RATIO_FROM

SUMS = "SHA256SUMS"
LINE = re.compile(r"([0-9a-f]{64})  (.+)")
MOST_SUMS = 1_000_000  # bytes; so many lines have names of 400 characters
LEVEL = 6
PLAIN = re.compile(r'[^\x00-\x1f\x7f<>:"|?*\\]+')
"""Names that every system takes; what Windows does not is left out."""
AGAIN = Text("请重新打包", "pack it again")


@dataclass(frozen=True)
class Packed:
    """A county as packed or unpacked: where it stands, how many files and layers it has."""

    place: Path
    files: int
    layers: int
    sha256: str

    @property
    def words(self) -> Text:
        """What was done, in words."""
        place, layers, files, sha256 = self.place, self.layers, self.files, self.sha256
        return Text(
            f"{place}：{layers} 个图层，{files} 个文件\n压缩包 sha256 {sha256}",
            f"{place}: {layers} layers, {files} files\nsha256 of the zip {sha256}",
        )


def pack(county: str | Path, target: Path) -> Packed:
    """Put a county into one zip; the same county gives the same bytes.

    Parameters
    ----------
    county
        A shipped county by name, or a county folder.
    target
        The zip, written whole or not at all.

    Raises
    ------
    UsageError
        If the zip would stand in the county itself.
    SchemaError
        If a layer's data are not what its source says, or something is a link or oddly named.
    BusyError
        If the county changes meanwhile.
    LimitError
        If there is too much of it, or no room.
    """
    folder = folders.folder_of(county)
    folders.read_head(folder)
    if target.resolve().is_relative_to(folder.resolve()):
        raise UsageError(
            Text(
                f"{target}：在县域文件夹之内；处理：-o 指向别处",
                f"{target}: lies in the county itself; remedy: -o somewhere else",
            )
        )
    files = dict(_files(folder))
    layers = _require_sound(folder)
    sums = {name: folders.sha256_of(path) for name, path in files.items()}
    target.parent.mkdir(parents=True, exist_ok=True)
    with whole(target.parent), atomic(target) as temporary:
        _write(temporary, files, sums)
    if _sources(folder) != layers or dict(_files(folder)) != files:
        target.unlink()
        raise BusyError(
            Text(
                f"{folder}：打包时县域有改动；请再试", f"{folder}: changed while packed; try again"
            )
        )
    return Packed(target, len(files), len(layers), folders.sha256_of(target))


def _files(folder: Path) -> Iterator[tuple[str, Path]]:
    """Give what is packed by its name in the zip, in order."""
    problems = []
    for path in sorted(folder.rglob("*"), key=lambda one: one.relative_to(folder).as_posix()):
        name = path.relative_to(folder).as_posix()
        if any(part.startswith(".") for part in PurePosixPath(name).parts):
            continue
        if path.is_symlink() or not (path.is_file() or path.is_dir()):
            found = Text("链接、管道或设备", "a link, a pipe or a device")
            problems.append(Problem(file=str(path), found=found))
        elif path.is_file():
            problems += [Problem(file=str(path), found=fault) for fault in _faults(name)]
            yield name, path
    if problems:
        words = Text(f"{folder}：不能打包", f"{folder}: cannot be packed")
        raise SchemaError(words, problems=problems)


def _sources(folder: Path) -> dict[str, bytes]:
    """Give what the layers say of themselves."""
    found = sorted(folder.glob(f"*/{folders.SOURCE}"))
    return {path.parent.name: path.read_bytes() for path in found if path.is_file()}


def _require_sound(folder: Path) -> dict[str, bytes]:
    """Refuse a county whose layers are not what their sources say; give the sources."""
    layers, problems = _sources(folder), []
    for name in layers:
        place = folder / name
        source = sources.read(place / folders.SOURCE)
        data = data_file(place, name, source.sha256) if name in CATALOG else place
        found = folders.sha256_of(data) if data.is_file() else Text("缺少", "missing")
        if found != source.sha256:
            problems.append(Problem(str(data), name, "", "sha256", found, source.sha256))
    if problems:
        words = Text(f"{folder}：图层与来源说明不符", f"{folder}: layers are not what sources say")
        raise SchemaError(words, problems=problems)
    return layers


def _write(target: Path, files: Mapping[str, Path], sums: Mapping[str, str]) -> None:
    listed = "".join(f"{sha256}  {name}\n" for name, sha256 in sums.items()).encode()
    size = sum(path.stat().st_size for path in files.values())
    if len(files) > MOST_MEMBERS or size > MOST_BYTES or len(listed) > MOST_SUMS:
        raise LimitError(_too_much(str(target)))
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(_member(SUMS, len(listed)), listed, compresslevel=LEVEL)
        for name, path in files.items():
            member = _member(name, path.stat().st_size)
            member._compresslevel = LEVEL  # type: ignore[attr-defined]  # noqa: SLF001 - 3.11 has no other way for streams
            with path.open("rb") as stream, archive.open(member, "w") as sink:
                shutil.copyfileobj(stream, sink, CHUNK)


def _member(name: str, size: int) -> zipfile.ZipInfo:
    """Give a member whose date and rights are the same every day."""
    member = zipfile.ZipInfo(name, EPOCH)
    member.compress_type = zipfile.ZIP_DEFLATED
    member.external_attr = (stat.S_IFREG | 0o644) << 16
    member.create_system = 3
    member.file_size = size
    return member


def unpack(file: Path, folder: Path) -> Packed:
    """Make a county folder of a zip that `pack` wrote, every byte held against its SHA-256.

    Parameters
    ----------
    file
        The zip.
    folder
        Where to: nothing may be there. It appears whole or not at all.

    Raises
    ------
    UsageError
        If something is there already.
    FileError
        If the zip is damaged, holds links, names twice or leading out of it, files that its list
        does not name, or others than it says; all are listed.
    LimitError
        If it unpacks to too much.
    SchemaError
        If what comes out is no county.
    """
    if folder.exists() or folder.is_symlink():
        raise UsageError(
            Text(
                f"{folder}：已存在；处理：另选一个新文件夹",
                f"{folder}: is there already; remedy: choose a new folder",
            )
        )
    folder.parent.mkdir(parents=True, exist_ok=True)
    swept(folder.parent)
    draft = folder.with_name(f".{folder.name}-{os.getpid()}-new.part")
    try:
        draft.mkdir()
        count = _unpacked(file, draft)
        folders.read_head(draft)
        layers = _require_sound(draft)
        draft.rename(folder)
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    return Packed(folder, count, len(layers), folders.sha256_of(file))


def _unpacked(file: Path, draft: Path) -> int:
    """Unpack every file of the list into a folder; give how many there are."""
    if not file.is_file():
        raise FileError(Text(f"{file}：没有此文件", f"{file}: no such file"))
    try:
        with zipfile.ZipFile(file) as archive:
            members = archive.infolist()
            sums = _sums(file, archive, members)
            left = _Left(MOST_BYTES, max(RATIO_FROM, MOST_RATIO * file.stat().st_size))
            problems = [
                problem
                for member in members
                if member.filename != SUMS
                for problem in _drawn(archive, member, draft, sums[member.filename], left)
            ]
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, EOFError) as error:
        words = Text(f"{file}：压缩包损坏；{AGAIN.zh}", f"{file}: the zip is damaged; {AGAIN.en}")
        raise FileError(words) from error
    if problems:
        words = Text(f"{file}：内容与校验不符", f"{file}: not what its list says")
        raise FileError(words, problems=problems)
    return len(sums)


def _sums(file: Path, archive: zipfile.ZipFile, members: list[zipfile.ZipInfo]) -> dict[str, str]:
    """Read the list of a zip, which names every file of it, and refuse what must not be there."""
    if len(members) > MOST_MEMBERS + 1:
        raise LimitError(_too_much(str(file)))
    if not members or members[0].filename != SUMS:
        raise FileError(
            Text(
                f"{file}：不是打包的县域（缺 {SUMS}）；导入数据用 layers import",
                f"{file}: no packed county ({SUMS} is missing); layers import brings data in",
            )
        )
    problems = [
        Problem(file=str(file), row=repr(member.filename)[:200], found=fault)
        for member in members
        for fault in (*_member_faults(member), *_faults(member.filename))
    ]
    problems += _twice(file, members)
    if problems:
        raise FileError(
            Text(f"{file}：拒绝此压缩包", f"{file}: the zip is refused"), problems=problems
        )
    with archive.open(members[0]) as stream:
        raw = stream.read(MOST_SUMS + 1)
    if len(raw) > MOST_SUMS:
        raise LimitError(_too_much(str(file)))
    lines = [LINE.fullmatch(line) for line in raw.decode("utf-8", errors="replace").splitlines()]
    sums = {line[2]: line[1] for line in lines if line}
    names = {member.filename for member in members[1:]}
    if None in lines or len(sums) < len(lines) or set(sums) != names:
        odd = ", ".join(sorted(set(sums) ^ names)[:5])
        raise FileError(
            Text(f"{file}：{SUMS} 与内容不符：{odd}", f"{file}: {SUMS} is not its content: {odd}")
        )
    return sums


class _Left:
    """How many bytes may still come out of a zip, counted as they come."""

    def __init__(self, *limits: int) -> None:
        self.bytes = min(limits)

    def take(self, count: int, name: str) -> None:
        """Count some more; raises LimitError where it is too much."""
        self.bytes -= count
        if self.bytes < 0:
            raise LimitError(_too_much(name))


def _drawn(
    archive: zipfile.ZipFile, member: zipfile.ZipInfo, draft: Path, sha256: str, left: _Left
) -> list[Problem]:
    """Write one file out and hold it against its sum."""
    path = draft / member.filename
    path.parent.mkdir(parents=True, exist_ok=True)
    digest = hashlib.sha256()
    with archive.open(member) as stream, path.open("xb") as sink:
        for chunk in _chunks(stream):
            left.take(len(chunk), member.filename)
            digest.update(chunk)
            sink.write(chunk)
        sink.flush()
        os.fsync(sink.fileno())
    path.chmod(0o644)
    found = digest.hexdigest()
    if found == sha256:
        return []
    return [
        Problem(file=member.filename, field="sha256", found=found, expected=sha256, remedy=AGAIN)
    ]


def _chunks(stream: IO[bytes]) -> Iterator[bytes]:
    while chunk := stream.read(CHUNK):
        yield chunk


def _member_faults(member: zipfile.ZipInfo) -> Iterator[Text]:
    if member.flag_bits & 0x1:
        yield Text("已加密", "encrypted")
    kind = stat.S_IFMT(member.external_attr >> 16)
    if kind not in {0, stat.S_IFREG}:
        yield Text("链接、文件夹、管道或设备", "a link, a folder, a pipe or a device")


def _faults(name: str) -> Iterator[Text]:
    """Say why a name is not taken, within a county folder, on every system."""
    parts = name.split("/")
    if any(part in {"", ".", ".."} for part in parts):
        yield Text("路径越出压缩包", "the path leads out of the zip")
    elif any(part.startswith(".") for part in parts):
        yield Text("隐藏文件", "a hidden file")
    elif not all(PLAIN.fullmatch(part) and part == part.rstrip(" .") for part in parts):
        yield Text("名称含他处不可用的字符", "characters that not every system takes in names")
    elif any(part.split(".")[0].lower() in folders.RESERVED for part in parts):
        yield Text("与系统设备同名", "the name of a device")


def _twice(file: Path, members: list[zipfile.ZipInfo]) -> Iterator[Problem]:
    """Name what would fall on another file where case or the way of accents does not count."""
    seen: set[str] = set()
    for member in members:
        alike = unicodedata.normalize("NFC", member.filename).casefold()
        if alike in seen:
            found = Text("重名", "a name twice")
            yield Problem(file=str(file), row=repr(member.filename)[:200], found=found)
        seen.add(alike)


def _too_much(what: str) -> Text:
    size = f"{MOST_BYTES / 1e9:g} GB"
    return Text(
        f"{what}：过大：至多 {MOST_MEMBERS} 个文件、{size}，且不得由极小的文件展开",
        f"{what}: too much: at most {MOST_MEMBERS} files, {size}, and not out of next to nothing",
    )

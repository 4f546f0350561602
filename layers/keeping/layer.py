"""The files of a layer: which stand, how new ones take their place, and what they replaced.

    roads/source.toml               says which data stand, by their SHA-256
    roads/roads-1a2b3c4d5e6f.gpkg   data named by their SHA-256 (shipped: roads.gpkg)
    roads/repairs-0a1b2c3d4e5f.csv  what was repaired, named by its own SHA-256 in source.toml
    roads/.former/                  source and files of the layer that the last import replaced

Data are never changed where they stand. New data come under a new name, then source.toml is
renamed: that one step decides, before it the old layer stands and after it the new one, whenever
the process is killed. What no source.toml speaks of is cleared away afterwards, by `settle`.
"""

from __future__ import annotations

import hashlib
import re
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pandas as pd

from geo.documents import toml
from geo.errors import InputError, SchemaError
from geo.files import write_text
from geo.words import Text
from layers.catalog import CATALOG
from layers.folder import SOURCE, SUFFIXES
from layers.keeping.hold import FORMER

ZIPPED = ".zip"
STAGE = ".new"
FIRST = "none"
"""What the source of a first import says it replaced."""
DIGITS = 12  # of a SHA-256 in a file's name
LINK = re.compile(r'^former = "([0-9a-z]*)"\r?\n?', re.MULTILINE)
LISTS = ("repairs", "skipped")
"""What is told of rows in lists beside the data: what was mended, what was left out."""
NAMES = re.compile(rf"(?:{'|'.join(LISTS)})-[0-9a-f]{{{DIGITS}}}\.csv")


def named(layer: str, sha256: str) -> str:
    """Give the name of data, without its ending.

    >>> named("roads", "1a2b3c4d5e6f7a8b")
    'roads-1a2b3c4d5e6f'
    """
    return f"{layer}-{sha256[:DIGITS]}"


def list_named(subject: str, text: str) -> str:
    """Give the name of a list, one of `LISTS`: that of its content.

    >>> list_named("repairs", "")
    'repairs-e3b0c44298fc.csv'
    """
    return f"{subject}-{hashlib.sha256(text.encode()).hexdigest()[:DIGITS]}.csv"


def listing(frame: pd.DataFrame) -> str:
    r"""Give a frame as the text of a list; empty where it has no rows.

    >>> listing(pd.DataFrame({"row": [7], "changed_m2": [0.5]}))
    'row,changed_m2\n7,0.500000\n'
    """
    if frame.empty:
        return ""
    text = frame.to_csv(index=False, lineterminator="\n", float_format="%.6f")
    return re.sub(r"\r\n?", "\n", text)


def data_file(place: Path, layer: str, sha256: str) -> Path:
    """Give the data file of a layer that has this SHA-256: by its name, else the only one there.

    Parameters
    ----------
    place
        The folder of the layer.
    layer
        Its name, one of the catalog.
    sha256
        What its source says; empty for a layer that is not there.
    """
    plain = place / f"{layer}{SUFFIXES[CATALOG[layer].kind]}"
    return _data(layer, sha256, place) or plain


def _data(layer: str, sha256: str, *places: Path) -> Path | None:
    """Look for data by their name, then for plain ones, then for the only ones: in each place."""
    suffix = SUFFIXES[CATALOG[layer].kind]
    choices = [
        place / f"{stem}{suffix}{end}"
        for stem in (named(layer, sha256), layer)
        for place in places
        for end in ("", ZIPPED)
    ]
    only = [one for one in _ours(places[0], layer) if not NAMES.fullmatch(one.name)]
    choices += only if len(only) == 1 else []
    return next((one for one in choices if one.is_file()), None)


def require_own(place: Path) -> None:
    """Refuse a layer that is a link, or whose files are: it would stand elsewhere, or lead there.

    Raises
    ------
    SchemaError
        Naming the link.
    """
    for path in (place, *(place.iterdir() if place.is_dir() else ())):
        if path.is_symlink():
            raise SchemaError(
                Text(
                    f"{path}：是链接，不予采用；处理：以文件本身代替",
                    f"{path}: is a link, not taken; remedy: put the file itself there",
                )
            )


@contextmanager
def stage(place: Path) -> Iterator[Path]:
    """Give an empty hidden folder within a layer's folder, gone afterwards.

    The county is held by whoever asks: a stage that is there is of a process that died.
    """
    shutil.rmtree(place / STAGE, ignore_errors=True)
    (place / STAGE).mkdir(parents=True)
    try:
        yield place / STAGE
    finally:
        shutil.rmtree(place / STAGE, ignore_errors=True)
        if not any(place.iterdir()):
            place.rmdir()


def stand(place: Path, text: str, files: Mapping[str, Path], *, undoable: bool) -> None:
    """Let new files and a new source take the place of a layer.

    Parameters
    ----------
    place
        Folder of the layer, in a county that is held.
    text
        The new source.toml.
    files
        Files it speaks of, flushed to disk, by the names they shall have.
    undoable
        Whether what it replaces is kept until the next time.
    """
    settle(place)
    before = place / SOURCE
    try:
        for name, path in files.items():
            path.replace(place / name)
        if undoable:
            there = written(before) if before.is_file() else ""
            if unlinked(there) == text:
                return  # the very same again replaces nothing
            text = linked(text, kept(place, there) if there else FIRST)
        write_text(before, text)
    finally:
        settle(place)


def linked(text: str, former: str) -> str:
    """Give a source.toml that says which one it replaced, by the name `kept` gave."""
    return f'{unlinked(text)}former = "{former}"\n'


def unlinked(text: str) -> str:
    """Give a source.toml without what it says of the one before."""
    return LINK.sub("", text)


def written(source: Path) -> str:
    """Give the text of a source.toml, also of one that is no longer UTF-8."""
    return source.read_text(encoding="utf-8", errors="replace")


def kept(place: Path, text: str) -> str:
    """Keep the source of a layer that is being replaced, and give the name it is kept by."""
    name = hashlib.sha256(text.encode()).hexdigest()[:DIGITS]
    write_text(place / FORMER / f"{name}.toml", text)
    return name


def former(place: Path) -> tuple[Path | None, bool]:
    """Give the kept source of what stood before, and whether anything is known of it.

    Where no layer stands it is the one that was taken away.
    """
    source = place / SOURCE
    if not source.is_file():
        left = sorted((place / FORMER).glob("*.toml"))
        return (left[0], True) if len(left) == 1 else (None, False)
    link = LINK.search(written(source))
    if link is None:
        return None, False
    path = place / FORMER / f"{link[1]}.toml"
    return (path, True) if path.is_file() else (None, link[1] == FIRST)


def spoken_of(place: Path, layer: str, text: str) -> list[Path]:
    """Give the files that a source speaks of, in the layer's folder or in `.former`."""
    try:
        sha256 = str(toml(text).get("sha256", ""))
    except InputError:
        return _ours(place, layer)  # what cannot be read is not cleared away
    data = _data(layer, sha256, place, place / FORMER)
    lists = [place / FORMER / name for name in dict.fromkeys(NAMES.findall(text))]
    return [
        *([data] if data else []),
        *(one if one.is_file() else place / one.name for one in lists),
    ]


def settle(place: Path) -> None:
    """Clear away what neither the layer nor the one it replaced speaks of; again changes nothing.

    What a killed process left is put in order so too: files of the layer come into its folder,
    those of the former one into `.former`.
    """
    source, hidden = place / SOURCE, place / FORMER
    before, _ = former(place)
    seen, unseen = (
        {one.name for one in spoken_of(place, place.name, written(path))} if path else set()
        for path in (source if source.is_file() else None, before)
    )
    for path in _ours(hidden, place.name):
        _moved(path, place if path.name in seen else hidden, kept=seen | unseen)
    for path in _ours(place, place.name):
        _moved(path, place if path.name in seen else hidden, kept=seen | unseen)
    for path in hidden.glob("*.toml"):
        if path != before:
            path.unlink()
    if hidden.is_dir() and not any(hidden.iterdir()):
        hidden.rmdir()


def _moved(path: Path, folder: Path, *, kept: set[str]) -> None:
    """Let a file stand in a folder if it is kept, and take it away otherwise."""
    if path.name not in kept:
        path.unlink()
    elif path.parent != folder:
        path.replace(folder / path.name)


def _ours(place: Path, layer: str) -> list[Path]:
    """Give the data and lists in a folder; what else stands there is not touched."""
    suffix = re.escape(SUFFIXES[CATALOG[layer].kind])
    lists = rf"({'|'.join(LISTS)})(-[0-9a-f]{{{DIGITS}}})?\.csv"
    pattern = rf"{layer}(-[0-9a-f]{{{DIGITS}}})?{suffix}({ZIPPED})?|{lists}"
    found = sorted(place.iterdir()) if place.is_dir() else []
    return [one for one in found if one.is_file() and re.fullmatch(pattern, one.name)]

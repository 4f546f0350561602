"""Files that are written whole, and pages that know whether they are as they were drawn.

The last line of a page holds a mark of what it follows from, and a hash of the page and of the
files that belong to it.
"""

from __future__ import annotations

import glob
import hashlib
import os
from collections.abc import Sequence
from pathlib import Path

MANIFEST = "manifest.json"


def mark_of(top: Path, folders: Sequence[Path], more: bytes) -> str:
    """Give the hash of what a page follows from: manifests, their places, code, and more."""
    digest = hashlib.sha256(more)
    here = Path(__file__).parent
    for path in sorted(p for p in here.rglob("*") if p.is_file() and p.suffix != ".pyc"):
        digest.update(path.relative_to(here).as_posix().encode() + b"\0" + path.read_bytes())
    for folder in folders:
        place = folder.relative_to(top).as_posix()
        digest.update(place.encode() + b"\0" + (folder / MANIFEST).read_bytes())
    return digest.hexdigest()


def _ending(page: bytes, mark: str, beside: Sequence[Path]) -> bytes:
    """Give the line that ends a page: its mark, and a hash of page and files that belong to it."""
    digest = hashlib.sha256(page)
    for path in beside:
        content = path.read_bytes() if path.is_file() else b"missing"
        digest.update(b"\0" + hashlib.sha256(content).digest())
    return f"<!-- {mark} {digest.hexdigest()} -->\n".encode()


def fresh(target: Path, mark: str, beside: Sequence[Path]) -> bool:
    """Say whether a page is as it was drawn, with this mark and these files beside it."""
    if not target.is_file():
        return False
    whole = target.read_bytes()
    size = len(_ending(b"", mark, []))
    return whole[-size:] == _ending(whole[:-size], mark, beside)


def write_marked(target: Path, page: str, mark: str, beside: Sequence[Path]) -> None:
    """Write a page with its last line."""
    content = page.encode()
    write(target, content + _ending(content, mark, beside))


def write(path: Path, content: str | bytes) -> None:
    """Write a file whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    _sweep(path)
    draft = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with draft.open("wb") as file:
            file.write(content.encode() if isinstance(content, str) else content)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


def _sweep(path: Path) -> None:
    """Clear away drafts of a file by processes that were killed; those of living ones stay."""
    for draft in path.parent.glob(f".{glob.escape(path.name)}.*.part"):
        process = draft.name.rsplit(".", 2)[1]
        if os.name == "nt" or not process.isdecimal():  # Windows does not tell who lives
            continue
        try:
            os.kill(int(process), 0)
        except ProcessLookupError:
            draft.unlink(missing_ok=True)
        except (PermissionError, OverflowError):
            continue

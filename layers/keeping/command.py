"""The commands that keep a county: an import taken back, a county in one file and out of it."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

from geo.words import Text
from layers.console import here


def options(
    add: Callable[..., argparse.ArgumentParser], *, county: Text, folder: Text, layer: Text
) -> None:
    """Add what keeps a county; `county`, `folder` and `layer` are the words for what is named."""
    words = Text(
        "撤销图层的上一次导入；再撤销则复原", "undo the last import of a layer; again redoes"
    )
    one = add("undo", _undo, words)
    one.add_argument("folder", type=Path, help=here(folder))
    one.add_argument("layer", metavar="LAYER", help=here(layer))

    words = Text(
        "把县域打包为一个文件，含校验与来源", "a county in one file, hashes and sources in it"
    )
    one = add("pack", _pack, words)
    one.add_argument("county", help=here(county))
    words = Text("压缩包；不写则为 短名.zip", "the zip (ID.zip)")
    one.add_argument("-o", "--output", type=Path, metavar="FILE", help=here(words))

    words = Text("由打包文件还原县域，逐一校验", "a county out of such a file, every hash verified")
    one = add("unpack", _unpack, words)
    one.add_argument(
        "file", type=Path, help=here(Text("pack 写出的压缩包", "a zip that pack wrote"))
    )
    one.add_argument(
        "folder", type=Path, help=here(Text("新文件夹", "a folder that is not there yet"))
    )


def _undo(chosen: argparse.Namespace) -> int:
    from layers.keeping.undo import undo

    print(here(undo(chosen.folder, chosen.layer).words))
    return 0


def _pack(chosen: argparse.Namespace) -> int:
    from layers.folder import folder_of, read_head
    from layers.keeping.bundle import pack

    output = chosen.output or Path(f"{read_head(folder_of(chosen.county)).id}.zip")
    print(here(pack(chosen.county, output).words))
    return 0


def _unpack(chosen: argparse.Namespace) -> int:
    from layers.keeping.bundle import unpack

    print(here(unpack(chosen.file, chosen.folder).words))
    return 0

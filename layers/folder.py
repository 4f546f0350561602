"""A county folder: `county.toml`, one folder a layer, its data file beside its source.toml.

Ready-made scripts of scenarios may stand in `scripts`, strategies of several plans in `strategies`.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import tomli_w

from geo.documents import toml_file
from geo.errors import FileError, Problem, SchemaError, UsageError
from geo.words import Text

COUNTY = "county.toml"
SOURCE = "source.toml"
SCRIPTS, STRATEGIES = "scripts", "strategies"
DEFAULTS = "defaults.toml"
SHIPPED = Path(__file__).parent / "data"
LONGEST = 80  # characters of an id, and of a value that an error quotes
RESERVED = {"con", "prn", "aux", "nul"} | {
    f"{port}{n}" for port in ("com", "lpt") for n in range(10)
}
SUFFIXES = {"vector": ".gpkg", "raster": ".tif", "table": ".csv"}


@dataclass(frozen=True)
class Head:
    """What county.toml says: id, name, and the CRS as text such as `EPSG:4549`."""

    id: str
    name: Text
    crs: str


def shipped() -> tuple[str, ...]:
    """Names of the counties that come with the toolkit."""
    return tuple(sorted(path.parent.name for path in SHIPPED.glob(f"*/{COUNTY}")))


def folder_of(county: str | Path) -> Path:
    """Find the folder of a shipped county by name, or of any other by path.

    Raises
    ------
    FileError
        If there is no county.
    """
    choices = [Path(county)]
    if str(county) in shipped():
        choices.insert(0, SHIPPED / str(county))
    for folder in choices:
        if (folder / COUNTY).is_file():
            return folder
    ours = ", ".join(shipped())
    remedy = f"jingning layers build | jingning layers new {county} --id … --name … --crs …"
    raise FileError(
        Text(
            f"{county}：不是县域文件夹（没有 {COUNTY}）；随附：{ours}；处理：{remedy}",
            f"{county}: not a county: no {COUNTY}; shipped: {ours}; remedy: {remedy}",
        )
    )


def own_folder(county: str | Path) -> Path:
    """Find the folder of a county that may be changed: never a shipped one by its name.

    Raises
    ------
    UsageError
        If the name is that of a shipped county and no folder here.
    FileError
        If there is no county.
    """
    if (Path(county) / COUNTY).is_file():
        return Path(county)
    if str(county) in shipped():
        copy = f"jingning layers pack {county} && jingning layers unpack {county}.zip mycounty"
        raise UsageError(
            Text(
                f"{county}：随附县域不改动；处理：先复制，再改动副本：{copy}",
                f"{county}: a shipped county stays as it is; remedy: change a copy: {copy}",
            )
        )
    return folder_of(county)


def scripts(county: str | Path) -> dict[str, Path]:
    """Give the ready-made scripts kept with a county: `scripts/*.toml` in its folder, by name.

    Raises
    ------
    FileError
        If there is no county.
    """
    return {path.stem: path for path in sorted((folder_of(county) / SCRIPTS).glob("*.toml"))}


def strategies(county: str | Path) -> dict[str, Path]:
    """Give the strategies kept with a county: `strategies/*.toml` in its folder, by name.

    Raises
    ------
    FileError
        If there is no county.
    """
    return {path.stem: path for path in sorted((folder_of(county) / STRATEGIES).glob("*.toml"))}


def defaults(county: str | Path) -> dict[str, dict[str, Any]]:
    """Give what a county sets for the parameters of questions: `defaults.toml`, a table each.

    Raises
    ------
    FileError
        If there is no county.
    SchemaError
        If the file cannot be read, or holds anything but tables.
    """
    path = folder_of(county) / DEFAULTS
    if not path.exists():
        return {}
    content = _content(path)
    problems = [
        Problem(
            file=str(path),
            field=name,
            found=repr(value),
            expected=Text("表：[问题名]", "a table: [name of a question]"),
        )
        for name, value in content.items()
        if not isinstance(value, dict)
    ]
    if problems:
        words = Text("县的默认参数有误", "the county's defaults are not as they should be")
        raise SchemaError(words, problems=problems)
    return content


def _content(path: Path) -> dict[str, Any]:
    """Read a TOML file of a county."""
    try:
        return toml_file(path)
    except FileError as error:
        raise SchemaError(error.message) from error


def read_head(folder: Path) -> Head:
    """Read county.toml.

    Raises
    ------
    SchemaError
        If it cannot be read, entries are missing, unknown or no text, or the id can name no file.
    """
    path = folder / COUNTY
    content = _content(path)
    wanted = ("id", "name_zh", "name_en", "crs")
    problems = [
        Problem(
            file=str(path),
            field=name,
            found=repr(content[name])[:LONGEST] if name in content else Text("缺少", "missing"),
            expected=Text("文字", "text"),
        )
        for name in wanted
        if not (isinstance(content.get(name), str) and content[name].strip())
    ]
    problems += [
        Problem(
            file=str(path),
            field=name,
            found=Text("未知字段", "unknown field"),
            expected=", ".join(wanted),
        )
        for name in content
        if name not in wanted
    ]
    if isinstance(name := content.get("id"), str) and name.strip():
        problems += [replace(one, file=str(path)) for one in id_problems(name)]
    if problems:
        raise SchemaError(
            Text(f"{path}：县域说明有误", f"{path}: wrong entries"), problems=problems
        )
    return Head(content["id"], Text(content["name_zh"], content["name_en"]), content["crs"])


def id_problems(name: str) -> list[Problem]:
    """Give what is wrong with the id of a county: it names folders and files on any desk.

    >>> id_problems("jingning"), [str(one) for one in id_problems("../x")]
    ([], ["field id · found '../x' · expected letters, digits, - _ . and no . at either end"])
    """
    plain = re.fullmatch(r"[\w-]+([.\w-]*[\w-])?", name) is not None and len(name) <= LONGEST
    if plain and name.split(".", maxsplit=1)[0].lower() not in RESERVED:
        return []
    expected = Text(
        "字母、数字与 - _ .，首尾不用 .", "letters, digits, - _ . and no . at either end"
    )
    if plain:
        expected = Text("不与系统设备同名", "no name of a device, which Windows keeps for itself")
    return [Problem(field="id", found=repr(name)[:LONGEST], expected=expected)]


def write_head(folder: Path, head: Head) -> None:
    """Write county.toml into a folder, made when missing.

    Raises
    ------
    UsageError
        If the folder holds another county, which is not overwritten, or the id can name no file.
    """
    from geo.files import write_text

    path = folder / COUNTY
    if problems := id_problems(head.id):
        words = Text("县域短名不可用", "the id of the county is not usable")
        raise UsageError(words, problems=problems)
    if path.is_file() and read_head(folder) != head:
        other = read_head(folder).id
        raise UsageError(
            Text(
                f"{path}：已有另一个县域 {other}；处理：另选文件夹",
                f"{path}: holds another county: {other}; remedy: choose another folder",
            )
        )
    content = {
        "id": head.id,
        "name_zh": head.name.zh,
        "name_en": head.name.en,
        "crs": head.crs,
    }
    write_text(path, tomli_w.dumps(content))


def sha256_of(file: Path) -> str:
    """Give the SHA-256 of a file's bytes."""
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()

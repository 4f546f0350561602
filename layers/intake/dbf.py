"""The attribute table of a Shapefile (.dbf), read strictly: no guessed text, no cut number."""

from __future__ import annotations

import math
import re
import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from geo.errors import FileError, Problem
from geo.words import Text
from layers.decoding import Raw, chosen, read
from layers.intake.features import NUMBER, Features

NUMBERS = b"NF"
NOT_A_NUMBER = {"nan", "-nan", "inf", "-inf", "1.#qnan", "-1.#ind", "1.#inf"}
READ = b"CNFDL"
LANGUAGES = {0x4D: "936", 0x4F: "950"}
DELETED = b"*"


@dataclass(frozen=True)
class Column:
    """A column of the table: where it stands in a record."""

    name: bytes
    kind: bytes
    width: int
    decimals: int
    start: int


@dataclass(frozen=True)
class Structure:
    """The columns of a table and its records as they stand, deleted ones too."""

    columns: tuple[Column, ...]
    records: tuple[bytes, ...]


def read_dbf(raw: bytes, features: Features, *, declared: str = "", encoding: str = "") -> None:
    """Read a table into features; deleted records keep their number and are left out.

    Parameters
    ----------
    raw
        The file's bytes.
    features
        Get the table; warnings and problems are added.
    declared
        What the .cpg file says.
    encoding
        What the user says.

    Raises
    ------
    FileError
        If the file is cut short, two columns have one name, or the characters are unclear.
    """
    table = _structure(raw)
    kept = {n: r for n, r in enumerate(table.records, 1) if r[:1] != DELETED}
    texts = [column for column in table.columns if column.kind == b"C"]
    values = [Raw(column.name) for column in table.columns]
    values += [Raw(_cell(record, c), c.width) for record in kept.values() for c in texts]
    declared = declared or LANGUAGES.get(raw[29], "")
    encoded = chosen(values, declared=declared, encoding=encoding)
    features.warnings += encoded.warnings
    columns = _named(table.columns, encoded.codec)
    data: dict[str, list[str | float | None]] = {}
    for name, column in columns.items():
        if column.kind not in READ:
            kind = column.kind.decode("latin-1")
            features.warn(
                Text(f"未读字段：{name}（类型 {kind}）", f"field not read: {name} (type {kind})")
            )
            continue
        data[name] = [
            _value(record, column, encoded.codec, name, row, features)
            for row, record in kept.items()
        ]
    features.table = pd.DataFrame(data, index=pd.Index(list(kept), dtype="int64"))


def _named(columns: Sequence[Column], codec: str) -> Mapping[str, Column]:
    """Give columns by name; each has one of its own."""
    names = [read(Raw(column.name), codec).text for column in columns]
    double = sorted({name for name in names if names.count(name) > 1 or not name})
    if double:
        remedy = Text("改名", "rename one")
        raise FileError(
            Text("字段名空或重复", "empty or double field names"),
            problems=[Problem(field=name, remedy=remedy) for name in double],
        )
    return dict(zip(names, columns, strict=True))


def _structure(raw: bytes) -> Structure:
    """Give columns and records; the header must tell the truth."""
    if len(raw) < 33:
        raise FileError(
            Text(".dbf 残缺；处理：重新导出", "the .dbf is cut short; remedy: export it again")
        )
    count, header, length = struct.unpack("<IHH", raw[4:12])
    if len(raw) < header + count * length or header < 33 or (count and not length):
        stated = header + count * length
        raise FileError(
            Text(
                f".dbf 残缺：{len(raw)} 字节，文件头注明 {stated}；处理：重新复制或导出",
                f"the .dbf is cut short: {len(raw)} bytes, its header says {stated}; "
                "remedy: copy or export it again",
            )
        )
    columns, start = [], 1
    for place in range(32, header - 1, 32):
        field = raw[place : place + 32]
        if field[:1] in {b"\r", b"\n"} or len(field) < 32:
            break
        name = field[:11].split(b"\x00", 1)[0].strip()
        columns.append(Column(name, field[11:12], field[16], field[17], start))
        start += field[16]
    if columns and start > length:
        raise FileError(
            Text(
                ".dbf 字段超出记录；处理：重新导出",
                "fields of the .dbf are longer than records; remedy: export it again",
            )
        )
    records = (raw[header + n * length :][:length] for n in range(count))
    return Structure(tuple(columns), tuple(records))


def _cell(record: bytes, column: Column) -> bytes:
    """Give the bytes of a cell, blanks behind left out unless the cell is full."""
    return record[column.start : column.start + column.width].rstrip(b" \x00")


def _value(
    record: bytes, column: Column, codec: str, name: str, row: int, features: Features
) -> str | float | None:
    cell = _cell(record, column)
    if column.kind == b"C":
        characters = read(Raw(cell, column.width), codec)
        text = characters.text.strip()
        if characters.cut:
            features.warn(
                Text(
                    f"{name}：第 {row} 行字段过短，末字被截断",
                    f"{name}: row {row}: the field is short, the last character was cut off",
                )
            )
        if re.fullmatch(r"\?{2,}", text) or "\ufffd" in text:
            features.warn(
                Text(
                    f"{name}：文字在文件制作时已丢失：??",
                    f"{name}: the text was lost when the file was made: ??",
                )
            )
        return text or None
    plain = cell.decode("latin-1").strip()
    if column.kind in NUMBERS:
        return _number(plain, name, row, features)
    return None if plain in {"", "?", "00000000"} else plain


def _number(plain: str, name: str, row: int, features: Features) -> float | None:
    if not plain or set(plain) <= {"*"}:
        return None
    if plain.lower() in NOT_A_NUMBER:
        features.warn(Text(f"{name}：非数值按缺失读取", f"{name}: not-a-number is read as missing"))
        return None
    if NUMBER.fullmatch(plain) and math.isfinite(float(plain)):
        return float(plain) if re.search(r"[.eE]", plain) else int(plain)
    features.fault(row, repr(plain), expected=Text("数值", "a number"), name=name)
    return None

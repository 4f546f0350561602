"""GeoJSON, feature by feature: what is wrong with one does not hide the others."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import pandas as pd
from pyproj import CRS
from pyproj.exceptions import CRSError
from shapely.geometry.base import BaseGeometry

from geo.crs import WGS84, same
from geo.errors import FileError, GeometryError
from geo.formats import GEOJSON
from geo.words import Text, joined
from layers.decoding import decoded
from layers.intake.features import Builder, Features, merged

GEOMETRIES = GEOJSON - {"FeatureCollection", "Feature"}
FOREIGN = {
    "FeatureCollection": {"coordinates", "geometries", "geometry", "properties"},
    "Feature": {"coordinates", "geometries", "features"},
    "geometry": {"geometry", "properties", "features"},
}
DEEPEST = 20  # collections within collections
VALUE_KINDS = {
    "truth": Text("是否", "yes or no"),
    "number": Text("数值", "number"),
    "long": Text("过长的整数", "long"),
    "text": Text("文字", "text"),
    "nested": Text("嵌套", "nested"),
}


@dataclass(frozen=True)
class Rows:
    """Features as they stand in the file, and the CRS it names by the older standard."""

    features: list[Any]
    crs: CRS | None


def read_geojson(raw: bytes, *, encoding: str = "") -> Features:
    """Read GeoJSON, or a sequence of GeoJSON texts.

    Without a `crs` member coordinates are longitude and latitude in WGS 84 (RFC 7946); the member
    of the older standard is taken at its word, with a warning.

    Parameters
    ----------
    raw
        The file's bytes.
    encoding
        What the user says it is in.

    Raises
    ------
    FileError
        If it is no JSON, or JSON of something else.
    """
    read = decoded(raw, encoding=encoding)
    content = _parsed(read.text)
    rows = _rows(content)
    numbers = pd.RangeIndex(1, len(rows.features) + 1)
    features = Features([], pd.DataFrame(index=numbers), rows.crs or WGS84)
    features.warnings += read.warnings
    if rows.crs is not None and not same(rows.crs, WGS84) and rows.crs.name != "WGS 84 (CRS84)":
        name = rows.crs.name
        features.warn(
            Text(f"按旧式 crs 成员读取：{name}", f"read by its old-style crs member: {name}")
        )
    if content["type"] == "FeatureCollection":
        _foreign(content, "FeatureCollection", features)
    records = [_record(number, row, features) for number, row in enumerate(rows.features, 1)]
    features.table = _table(records, features)
    return features


def _parsed(text: str) -> dict[str, Any]:
    """Give the JSON object of a text; several of them become one collection."""
    parts = [part for part in text.split("\x1e") if part.strip()]
    try:
        if len(parts) == 1 and not text.lstrip().startswith("\x1e"):
            content = json.loads(text, parse_constant=_refuse_constant)
        else:
            read = [json.loads(part, parse_constant=_refuse_constant) for part in parts]
            content = {"type": "FeatureCollection", "features": read}
    except (ValueError, RecursionError) as error:
        raise FileError(
            Text(
                f"JSON 有误：{error}；处理：重新导出",
                f"broken JSON: {error}; remedy: export it again",
            )
        ) from error
    if not isinstance(content, dict) or content.get("type") not in GEOJSON:
        raise _no_geojson(content)
    return content


def _no_geojson(content: Any) -> FileError:
    what = "Esri JSON" if isinstance(content, dict) and "type" not in content else "JSON"
    kind = content.get("type") if isinstance(content, dict) else type(content).__name__
    types = joined(sorted(GEOJSON))
    return FileError(
        Text(
            f"是 {what}，不是 GeoJSON：type 为 {kind!r}，应为 {types.zh} 之一；"
            "处理：导出为 GeoJSON",
            f"{what}, not GeoJSON: type {kind!r}; expected one of {types.en}; "
            "remedy: export it as GeoJSON",
        )
    )


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON number")


def _rows(content: dict[str, Any]) -> Rows:
    """Give the features, a bare geometry being one, and the CRS of the older standard."""
    kind = content["type"]
    if kind == "FeatureCollection":
        rows = content.get("features")
        if not isinstance(rows, list):
            raise FileError(
                Text("GeoJSON 的 features 应为数组", "features of GeoJSON must be an array")
            )
    else:
        rows = [content if kind == "Feature" else {"type": "Feature", "geometry": content}]
        rows[0].setdefault("properties", {} if kind != "Feature" else None)
    return Rows(rows, _crs(content.get("crs")))


def _crs(member: Any) -> CRS | None:
    if member is None:
        return None
    properties = member.get("properties") if isinstance(member, dict) else None
    name = properties.get("name") if isinstance(properties, dict) else None
    try:
        return CRS.from_user_input(name)
    except (CRSError, TypeError, ValueError) as error:
        raise FileError(
            Text(
                f"crs 成员无法识别：{member!r:.120}；处理：重新导出为 WGS 84",
                f"the crs member names no known CRS: {member!r:.120}; "
                "remedy: export it again in WGS 84",
            )
        ) from error


def _record(number: int, row: Any, features: Features) -> dict[str, Any]:
    """Read one feature; its shape goes to the features, its properties come back."""
    if not isinstance(row, dict) or row.get("type") != "Feature":
        found = Text(f"不是要素：{row!r:.60}", f"no feature: {row!r:.60}")
        features.fault(number, found, expected='"type": "Feature"')
        features.shapes.append(None)
        return {}
    _foreign(row, "Feature", features)
    if "properties" not in row:
        features.warn(Text("有要素缺少 properties 成员", "features without a properties member"))
    properties = row.get("properties") or {}
    if not isinstance(properties, dict):
        features.fault(
            number, f"{properties!r:.60}", expected=Text("对象", "an object"), name="properties"
        )
        properties = {}
    features.shapes.append(_shape(number, row.get("geometry"), features))
    name = row.get("id")
    if isinstance(name, str | int | float) and "id" not in properties:
        properties = {"id": name, **properties}
    elif name is not None and not isinstance(name, str | int | float):
        features.warn(
            Text("忽略了不是文字或数值的 id", "ids that are no text or number are left out")
        )
    return properties


def _shape(number: int, geometry: Any, features: Features) -> BaseGeometry | None:
    builder = Builder()
    try:
        shape = _geometry(geometry, builder, features, DEEPEST)
    except GeometryError as error:
        features.fault(number, error.message)
        return None
    features.remark(number, builder)
    return shape


def _geometry(
    geometry: Any, builder: Builder, features: Features, depth: int
) -> BaseGeometry | None:
    if geometry is None:
        return None
    if not isinstance(geometry, dict) or geometry.get("type") not in GEOMETRIES or not depth:
        raise GeometryError(Text(f"不是图形：{geometry!r:.60}", f"no geometry: {geometry!r:.60}"))
    _foreign(geometry, "geometry", features)
    if geometry["type"] != "GeometryCollection":
        return builder.shape(geometry["type"], geometry.get("coordinates"))
    members = geometry.get("geometries")
    if not isinstance(members, list):
        raise GeometryError(Text("geometries 应为数组", "geometries must be an array"))
    parts = [_geometry(member, builder, features, depth - 1) for member in members]
    if any(part is None for part in parts):
        raise GeometryError(Text("集合中有空图形", "a member of the collection is null"))
    return merged([part for part in parts if part is not None])


def _foreign(content: dict[str, Any], kind: str, features: Features) -> None:
    """Warn of members that belong to another kind of object."""
    odd = sorted(FOREIGN[kind] & content.keys())
    if odd:
        names = joined(odd)
        features.warn(
            Text(
                f"忽略了 {kind} 中不该有的成员：{names.zh}",
                f"members of a {kind} left out: {names.en}",
            )
        )


def _table(records: list[dict[str, Any]], features: Features) -> pd.DataFrame:
    """Give properties as columns; what a table cannot hold becomes text, with a warning."""
    names = dict.fromkeys(name for record in records for name in record)
    columns = {}
    for name in names:
        values = [record.get(name) for record in records]
        kinds = {_kind(value) for value in values if value is not None}
        if len(kinds) > 1 or kinds & {"nested", "long"}:
            mixed = joined(VALUE_KINDS[kind] for kind in VALUE_KINDS if kind in kinds)
            features.warn(
                Text(
                    f"字段类型不一，按文字读取：{name}（{mixed.zh}）",
                    f"read as text: {name} ({mixed.en})",
                )
            )
            values = [_as_text(value) for value in values]
        columns[name] = pd.Series(values, dtype=None if kinds <= {"number"} else object)
    table = pd.DataFrame(columns, index=range(len(records)))
    return table.set_axis(pd.RangeIndex(1, len(records) + 1), axis=0)


def _kind(value: Any) -> str:
    if isinstance(value, bool):
        return "truth"
    if isinstance(value, int | float):
        return "number" if abs(value) < 2**63 else "long"
    return "text" if isinstance(value, str) else "nested"


def _as_text(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False)

"""GeoJSON, feature by feature: what is wrong with one does not hide the others."""

from __future__ import annotations

import json
from typing import Any

import pandas as pd
from pyproj import CRS
from pyproj.exceptions import CRSError
from shapely.geometry.base import BaseGeometry

from geo.crs import WGS84, same
from geo.errors import FileError, GeometryError
from geo.formats import GEOJSON
from layers.decoding import decoded
from layers.intake.features import CLOSED, Builder, Features, merged

GEOMETRIES = GEOJSON - {"FeatureCollection", "Feature"}
FOREIGN = {
    "FeatureCollection": {"coordinates", "geometries", "geometry", "properties"},
    "Feature": {"coordinates", "geometries", "features"},
    "geometry": {"geometry", "properties", "features"},
}
DEEPEST = 20  # collections within collections


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
    text, warnings = decoded(raw, encoding=encoding)
    content = _parsed(text)
    rows, crs = _rows(content)
    features = Features([], pd.DataFrame(index=pd.RangeIndex(1, len(rows) + 1)), crs or WGS84)
    features.warnings += warnings
    if crs is not None and not same(crs, WGS84) and crs.name != "WGS 84 (CRS84)":
        features.warn(f"按旧式 crs 成员读取 read by its old-style crs member: {crs.name}")
    if content["type"] == "FeatureCollection":
        _foreign(content, "FeatureCollection", features)
    records = [_record(number, row, features) for number, row in enumerate(rows, 1)]
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
            f"JSON 有误 broken JSON: {error}; 处理 remedy: 重新导出 export it again"
        ) from error
    if not isinstance(content, dict) or content.get("type") not in GEOJSON:
        esri = isinstance(content, dict) and "type" not in content
        what = "Esri JSON" if esri else "JSON"
        found = content.get("type") if isinstance(content, dict) else type(content).__name__
        raise FileError(
            f"{what}，不是 GeoJSON: type {found!r}; expected one of {', '.join(sorted(GEOJSON))}; "
            "处理 remedy: 导出为 GeoJSON export it as GeoJSON"
        )
    return content


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} 不是 JSON 数值 is no JSON number")


def _rows(content: dict[str, Any]) -> tuple[list[Any], CRS | None]:
    """Give the features, a bare geometry being one, and the CRS of the older standard."""
    kind = content["type"]
    if kind == "FeatureCollection":
        rows = content.get("features")
        if not isinstance(rows, list):
            raise FileError("GeoJSON 的 features 应为数组 features must be an array")
    else:
        rows = [content if kind == "Feature" else {"type": "Feature", "geometry": content}]
        rows[0].setdefault("properties", {} if kind != "Feature" else None)
    return rows, _crs(content.get("crs"))


def _crs(member: Any) -> CRS | None:
    if member is None:
        return None
    properties = member.get("properties") if isinstance(member, dict) else None
    name = properties.get("name") if isinstance(properties, dict) else None
    try:
        return CRS.from_user_input(name)
    except (CRSError, TypeError, ValueError) as error:
        raise FileError(
            f"crs 成员无法识别 the crs member names no known CRS: {member!r:.120}; "
            "处理 remedy: 重新导出为 WGS 84 export it again in WGS 84"
        ) from error


def _record(number: int, row: Any, features: Features) -> dict[str, Any]:
    """Read one feature; its shape goes to the features, its properties come back."""
    if not isinstance(row, dict) or row.get("type") != "Feature":
        features.fault(number, f"不是要素 no feature: {row!r:.60}", expected='"type": "Feature"')
        features.shapes.append(None)
        return {}
    _foreign(row, "Feature", features)
    if "properties" not in row:
        features.warn("缺少 properties 成员 features without a properties member")
    properties = row.get("properties") or {}
    if not isinstance(properties, dict):
        features.fault(number, f"{properties!r:.60}", expected="an object", name="properties")
        properties = {}
    features.shapes.append(_shape(number, row.get("geometry"), features))
    name = row.get("id")
    if isinstance(name, str | int | float) and "id" not in properties:
        properties = {"id": name, **properties}
    elif name is not None and not isinstance(name, str | int | float):
        features.warn("忽略了不是文字或数值的 id ids that are no text or number are left out")
    return properties


def _shape(number: int, geometry: Any, features: Features) -> BaseGeometry | None:
    builder = Builder()
    try:
        shape = _geometry(geometry, builder, features, DEEPEST)
    except GeometryError as error:
        features.fault(number, error.message)
        return None
    for remark in sorted(builder.remarks):
        if remark == CLOSED:
            features.notes[number] = remark
        else:
            features.warn(remark)
    return shape


def _geometry(
    geometry: Any, builder: Builder, features: Features, depth: int
) -> BaseGeometry | None:
    if geometry is None:
        return None
    if not isinstance(geometry, dict) or geometry.get("type") not in GEOMETRIES or not depth:
        raise GeometryError(f"不是图形 no geometry: {geometry!r:.60}")
    _foreign(geometry, "geometry", features)
    if geometry["type"] != "GeometryCollection":
        return builder.shape(geometry["type"], geometry.get("coordinates"))
    members = geometry.get("geometries")
    if not isinstance(members, list):
        raise GeometryError("geometries 应为数组 must be an array")
    parts = [_geometry(member, builder, features, depth - 1) for member in members]
    if any(part is None for part in parts):
        raise GeometryError("集合中有空图形 a member of the collection is null")
    return merged([part for part in parts if part is not None])


def _foreign(content: dict[str, Any], kind: str, features: Features) -> None:
    """Warn of members that belong to another kind of object."""
    odd = sorted(FOREIGN[kind] & content.keys())
    if odd:
        features.warn(f"忽略了 {kind} 中不该有的成员 members left out: {', '.join(odd)}")


def _table(records: list[dict[str, Any]], features: Features) -> pd.DataFrame:
    """Give properties as columns; what a table cannot hold becomes text, with a warning."""
    names = dict.fromkeys(name for record in records for name in record)
    columns = {}
    for name in names:
        values = [record.get(name) for record in records]
        kinds = {_kind(value) for value in values if value is not None}
        if len(kinds) > 1 or kinds & {"nested", "long"}:
            features.warn(
                f"字段类型不一，按文字读取 read as text: {name} ({', '.join(sorted(kinds))})"
            )
            values = [_as_text(value) for value in values]
        columns[name] = pd.Series(values, dtype=None if kinds <= {"number"} else object)
    table = pd.DataFrame(columns, index=range(len(records)))
    return table.set_axis(pd.RangeIndex(1, len(records) + 1), axis=0)


def _kind(value: Any) -> str:
    if isinstance(value, bool):
        return "yes or no"
    if isinstance(value, int | float):
        return "number" if abs(value) < 2**63 else "long"
    return "text" if isinstance(value, str) else "nested"


def _as_text(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False)

"""GeoJSON, feature by feature: what is wrong with one does not hide the others."""

from __future__ import annotations

import json
import math
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import shapely
from pyproj import CRS
from pyproj.exceptions import CRSError
from shapely.geometry.base import BaseGeometry

from geo.crs import WGS84, same
from geo.errors import FileError, GeometryError
from geo.formats import GEOJSON
from geo.words import Text, joined
from layers.decoding import decoded
from layers.intake.features import EXACT, Builder, Features, merged

GEOMETRIES = GEOJSON - {"FeatureCollection", "Feature"}
FOREIGN = {
    "FeatureCollection": {"coordinates", "geometries", "geometry", "properties"},
    "Feature": {"coordinates", "geometries", "features"},
    "geometry": {"geometry", "properties", "features", "geometries"},
    "GeometryCollection": {"geometry", "properties", "features", "coordinates"},
}
DEEPEST = 20  # collections within collections
BOX_SLACK = 0.01  # share of the extent by which a bounding box may be rounded
VALUE_KINDS = {
    "truth": Text("是否", "yes or no"),
    "number": Text("数值", "number"),
    "long": Text("过长或过大的数", "too long or large"),
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
    _hold_bbox(content, features)
    return features


def _parsed(text: str) -> dict[str, Any]:
    """Give the JSON object of a text; several of them become one collection."""
    parts = [part for part in text.split("\x1e") if part.strip()]
    try:
        if len(parts) == 1 and not text.lstrip().startswith("\x1e"):
            content = _loaded(text)
        else:
            read = [_loaded(part) for part in parts]
            content = {"type": "FeatureCollection", "features": read}
    except (ValueError, RecursionError) as error:
        raise FileError(
            Text(
                f"JSON 有误：{error}；处理：重新导出",
                f"broken JSON: {error}; remedy: export it again",
            )
        ) from error
    if not isinstance(content, dict) or not _is_kind(content.get("type"), GEOJSON):
        raise _no_geojson(content)
    return content


def _loaded(text: str) -> Any:
    """Read one JSON text; of names that stand twice in an object it is not told which is meant."""
    return json.loads(text, parse_constant=_refuse_constant, object_pairs_hook=_once)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    content = dict(pairs)
    if len(content) < len(pairs):
        names = [name for name, _ in pairs]
        double = sorted({name for name in names if names.count(name) > 1})
        raise ValueError(f"double names in an object: {', '.join(double)}")
    return content


def _is_kind(value: Any, kinds: AbstractSet[str]) -> bool:
    """Say whether a value is one of some words; it may be anything, lists too."""
    return isinstance(value, str) and value in kinds


def _no_geojson(content: Any) -> FileError:
    what = "Esri JSON" if isinstance(content, dict) and "type" not in content else "JSON"
    kind = content.get("type") if isinstance(content, dict) else type(content).__name__
    types = joined(sorted(GEOJSON))
    return FileError(
        Text(
            f"是 {what}，不是 GeoJSON：type 为 {kind!r:.60}，应为 {types.zh} 之一；"
            "处理：导出为 GeoJSON",
            f"{what}, not GeoJSON: type {kind!r:.60}; expected one of {types.en}; "
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
        if kind != "Feature":
            rows[0]["properties"] = {}
    return Rows(rows, _crs(content.get("crs")))


def _crs(member: Any) -> CRS | None:
    if member is None:
        return None
    properties = member.get("properties") if isinstance(member, dict) else None
    name = properties.get("name") if isinstance(properties, dict) else None
    try:
        return CRS.from_user_input(name if isinstance(name, str) else None)
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
    _hold_crs(number, row, features)
    if "properties" not in row:
        features.warn(Text("有要素缺少 properties 成员", "features without a properties member"))
    properties = row.get("properties")
    if properties is None:
        properties = {}
    if not isinstance(properties, dict):
        features.fault(
            number, f"{properties!r:.60}", expected=Text("对象", "an object"), name="properties"
        )
        properties = {}
    features.shapes.append(_shape(number, row.get("geometry"), features))
    return _identified(row.get("id"), properties, features)


def _identified(name: Any, properties: dict[str, Any], features: Features) -> dict[str, Any]:
    """Keep a feature's own id as a property, unless there is one of that name."""
    if name is None:
        return properties
    if isinstance(name, bool) or not isinstance(name, str | int | float):
        features.warn(
            Text("忽略了不是文字或数值的 id", "ids that are no text or number are left out")
        )
    elif "id" not in properties:
        return {"id": name, **properties}
    elif properties["id"] != name:
        features.warn(
            Text(
                "要素的 id 与属性 id 不同，取属性 id",
                "features whose id is not that of their properties: the latter is taken",
            )
        )
    return properties


def _hold_crs(number: int, row: dict[str, Any], features: Features) -> None:
    """Refuse a row with a CRS of its own that is not the file's."""
    geometry = row.get("geometry")
    inner = geometry.get("crs") if isinstance(geometry, dict) else None
    for member in (row.get("crs"), inner):
        if member is None:
            continue
        try:
            own = _crs(member)
        except FileError:
            own = None
        if own is None or features.crs is None or not same(own, features.crs):
            name = f"{member!r:.60}" if own is None else own.name
            found = Text(f"要素另有坐标系：{name}", f"a CRS of its own: {name}")
            features.fault(number, found, name="crs")


def _hold_bbox(content: dict[str, Any], features: Features) -> None:
    """Tell where a bounding box is not that of the shapes: one of them is wrong.

    It may be rounded, and one that crosses the date line has its west east of its east.
    """
    box = content.get("bbox")
    shapes = [shape for shape in features.shapes if shape is not None and not shape.is_empty]
    if box is None or not shapes:
        return
    good = isinstance(box, list) and len(box) in {4, 6} and all(map(_is_number, box))
    half = len(box) // 2 if good else 0
    stated = np.array([box[0], box[1], box[half], box[half + 1]] if good else [np.nan] * 4)
    true = shapely.total_bounds(np.array(shapes, dtype=object))
    slack = BOX_SLACK * max(true[2] - true[0], true[3] - true[1], 1e-3)
    if not good or not np.allclose(stated, true, rtol=0, atol=slack):
        there = ", ".join(f"{value:.6g}" for value in true)
        features.warn(
            Text(
                f"bbox 与图形范围不符，未采用：{box!r:.80}，实为 {there}",
                f"the bbox is not that of the shapes and is not used: {box!r:.80}; they lie in "
                f"{there}",
            )
        )


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


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
    known = isinstance(geometry, dict) and _is_kind(geometry.get("type"), GEOMETRIES)
    if not known or not depth:
        raise GeometryError(Text(f"不是图形：{geometry!r:.60}", f"no geometry: {geometry!r:.60}"))
    collection = geometry["type"] == "GeometryCollection"
    _foreign(geometry, "GeometryCollection" if collection else "geometry", features)
    if not collection:
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
    if isinstance(value, float):
        return "number" if math.isfinite(value) else "long"
    if isinstance(value, int):
        return "number" if abs(value) <= EXACT else "long"
    return "text" if isinstance(value, str) else "nested"


def _as_text(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False)

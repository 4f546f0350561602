"""Parcels as the third national land survey has them (layer DLTB): fields, and what binds them.

The second survey is another schema (GDPDJ, KCLX, codes of three figures); a file of it is told by
its columns and refused in words. Field lengths are not confirmed anywhere, and never refused on.
Rules of the schema, each over every row at once:

1. The code is text of the third survey's form: `0101`, `0201K`, `05H1`; the leading zero is kept.
2. TBMJ = KCMJ + TBDLMJ, to the hundredth of a square metre.
3. KCMJ = TBMJ x KCXS, within the hundredth to which it is rounded.
4. The slope class GDPDJB stands with cropland (01xx) alone.
5. Areas are given to two decimals.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd

from geo.errors import Problem
from geo.words import Text, joined
from layers.fields import Field, LayerSchema, rows

CODE_FORM = r"\d{4}[A-Z]?|\d{2}H\d[A-Z]?|09"
SECOND = ("GDPDJ", "KCLX")
"""Columns of the second survey that the third has not."""
THIRD = ("GDPDJB", "KCXS", "KCDLBM")
AREAS = ("TBMJ", "KCMJ", "TBDLMJ")
NOISE = 1e-3
"""How far a hundredth may be off a whole one, as binary numbers are."""
FORM = Text("三调地类编码，如 0101、0201K、05H1", "a code of the third survey: 0101, 0201K, 05H1")
CROPLAND_ALONE = Text("仅耕地（01xx）填写", "empty but for cropland 01xx")
TWO_DECIMALS = Text("两位小数", "two decimals")
SLOPE_CLASSES = ("1", "2", "3", "4", "5")


def _text(name: str, zh: str, en: str, *, refers: str = "") -> Field:
    return Field(name, "text", Text(zh, en), required=False, refers=refers)


def _area(name: str, zh: str, en: str) -> Field:
    return Field(name, "number", Text(zh, en), "m²", low=0, high=1e10, required=False)


FIELDS = (
    Field("BSM", "text", Text("标识码", "identifier"), key=True),
    _text("YSDM", "要素代码", "feature code"),
    _text("TBYBH", "图斑预编号", "provisional parcel number"),
    _text("TBBH", "图斑编号", "parcel number"),
    Field("DLBM", "text", Text("地类编码", "land-use code")),
    _text("DLMC", "地类名称", "land use"),
    _text("QSXZ", "权属性质", "kind of ownership"),
    _text("QSDWDM", "权属单位代码", "owner's code"),
    _text("QSDWMC", "权属单位名称", "owner"),
    _text("ZLDWDM", "坐落单位代码", "code of the village it lies in"),
    _text("ZLDWMC", "坐落单位名称", "village it lies in"),
    _area("TBMJ", "图斑面积", "parcel area"),
    _text("KCDLBM", "扣除地类编码", "code of the ridges taken off"),
    Field("KCXS", "number", Text("扣除地类系数", "share of ridges"), low=0, high=1, required=False),
    _area("KCMJ", "扣除地类面积", "area of ridges"),
    _area("TBDLMJ", "图斑地类面积", "area net of ridges"),
    _text("GDLX", "耕地类型", "kind of cropland: TT terraced, PD sloping"),
    Field(
        "GDPDJB",
        "text",
        Text("耕地坡度级别", "slope class of cropland"),
        allowed=SLOPE_CLASSES,
        required=False,
    ),
    Field(
        "XZDWKD",
        "number",
        Text("线状地物宽度", "width of a linear parcel"),
        "m",
        low=0,
        high=10_000,
        required=False,
    ),
    _text("TBXHDM", "图斑细化代码", "refined code"),
    _text("TBXHMC", "图斑细化名称", "refined land use"),
    _text("ZZSXDM", "种植属性代码", "code of what is planted"),
    _text("ZZSXMC", "种植属性名称", "what is planted"),
    _text("GDDB", "耕地等别", "grade of cropland"),
    _text("FRDBS", "飞入地标识", "mark of an exclave"),
    _text("CZCSXM", "城镇村属性码", "code of town or village"),
    _text("SJNF", "数据年份", "year of the data"),
    _text("MSSM", "描述说明", "description"),
    _text("HDMC", "海岛名称", "island"),
    _text("BZ", "备注", "remarks"),
    Field(
        "slope_deg", "number", Text("平均坡度", "mean slope"), "°", low=0, high=90, required=False
    ),
    Field(
        "quality",
        "number",
        Text("质量等别（1 最好）", "quality grade, 1 best, 15 worst"),
        low=1,
        high=15,
        required=False,
    ),
    _text("township", "乡镇代码", "township code", refers="townships"),
)
"""Fields of DLTB, and three that models and surveys add: mean slope, quality, township."""


def hundredths(column: pd.Series) -> pd.Series:
    """Give areas in m² as whole hundredths; what is missing or no number stays NaN.

    >>> hundredths(pd.Series([1.005, 12.3, None])).tolist()
    [100.0, 1230.0, nan]
    """
    return (pd.to_numeric(column, errors="coerce") * 100).round()


def headings(columns: Sequence[str]) -> Iterator[Problem]:
    """Say that columns are those of the second survey.

    >>> [problem.found for problem in headings(["BSM", "DLBM", "GDPDJ", "KCLX"])]
    ['GDPDJ, KCLX']
    """
    named = {str(name).upper() for name in columns}
    old = [name for name in SECOND if name in named]
    if old and not named & set(THIRD):
        yield Problem(
            layer="parcels",
            field="GDPDJB",
            found=", ".join(old),
            expected=Text(
                "第三次全国国土调查 DLTB 结构（GDPDJB、KCXS、KCDLBM）",
                "the third survey's DLTB (GDPDJB, KCXS, KCDLBM)",
            ),
            remedy=Text(
                "这是二调结构：请导入三调数据，或先转换编码与字段",
                "this is the second survey's schema: bring data of the third, or convert codes "
                "and fields first",
            ),
        )


def further(frame: pd.DataFrame, schema: LayerSchema) -> Iterator[Problem]:
    """Name every row that breaks a rule of the schema; columns not there are not missed."""
    fields = {field.name: field for field in schema.fields}
    code = _codes(frame)
    if code is not None:
        wrong = code.ne("") & ~code.str.fullmatch(CODE_FORM)
        yield from rows(frame, wrong, fields["DLBM"], schema, expected=_expected(code[wrong]))
        if "GDPDJB" in frame:  # RULE 4
            alien = frame["GDPDJB"].notna() & code.ne("") & ~wrong & ~code.str.startswith("01")
            yield from rows(frame, alien, fields["GDPDJB"], schema, expected=CROPLAND_ALONE)
    yield from _sums(frame, fields, schema)
    for name in AREAS:  # RULE 5
        if name in frame:
            exact = pd.to_numeric(frame[name], errors="coerce") * 100
            wrong = (exact - exact.round()).abs() > NOISE
            yield from rows(frame, wrong, fields[name], schema, expected=TWO_DECIMALS)


def _codes(frame: pd.DataFrame) -> pd.Series | None:
    """Give the codes, empty where they are no text; or nothing where there is no such column."""
    if "DLBM" not in frame:
        return None
    texts = [value if isinstance(value, str) else "" for value in frame["DLBM"]]
    return pd.Series(texts, index=frame.index, dtype="str")


def _expected(wrong: pd.Series) -> Text:
    """Say what a code looks like, and what three figures may have been. RULE 1."""
    if wrong.str.fullmatch(r"[1-9]\d{2}").any():
        return joined([FORM, Text("前导零丢失？", "was a leading zero lost?")], "；", "; ")
    if wrong.str.fullmatch(r"0\d{2}").any():
        old = Text("三位数字为二调编码", "three figures are the second survey's")
        return joined([FORM, old], "；", "; ")
    return FORM


def _sums(frame: pd.DataFrame, fields: dict[str, Field], schema: LayerSchema) -> Iterator[Problem]:
    if not {"TBMJ", "KCMJ"} <= set(frame):
        return
    whole, ridges = hundredths(frame["TBMJ"]), hundredths(frame["KCMJ"])
    if "TBDLMJ" in frame:  # RULE 2
        net = hundredths(frame["TBDLMJ"])
        wrong = (whole - ridges - net).abs() > 0
        yield from rows(frame, wrong, fields["TBDLMJ"], schema, expected="TBMJ = KCMJ + TBDLMJ")
    if "KCXS" in frame:  # RULE 3
        share = pd.to_numeric(frame["KCXS"], errors="coerce")
        exact = pd.to_numeric(frame["TBMJ"], errors="coerce") * share * 100
        wrong = (ridges - exact).abs() > 1 + NOISE
        yield from rows(frame, wrong, fields["KCMJ"], schema, expected="KCMJ = TBMJ × KCXS")


PARCELS = LayerSchema(
    "parcels",
    "vector",
    Text("地类图斑", "parcels of the land survey"),
    "polygon",
    FIELDS,
    headings=headings,
    further=further,
)


def slope_class(slope_deg: pd.Series) -> pd.Series:
    """Give the slope class of cropland: 1 to 2°, 2 to 6°, 3 to 15°, 4 to 25°, 5 above.

    Limits belong to the lower class (closed on the right); an unknown slope has no class.

    >>> slope_class(pd.Series([0, 2, 2.1, 25, 25.1, None])).tolist()
    ['1', '1', '2', '4', '5', nan]
    """
    place = np.searchsorted([2, 6, 15, 25], slope_deg.to_numpy(dtype=float), side="left")
    known = np.array(SLOPE_CLASSES, dtype=object)[np.minimum(place, 4)]
    names = np.where(slope_deg.notna(), known, None)
    return pd.Series(names, index=slope_deg.index, dtype="str")

"""Codes and names: columns that were taken for one another, names and ids that two share."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import numpy as np
import pandas as pd

from geo.words import Text
from layers.catalog import CATALOG
from layers.county import County
from layers.land.classes import code_title, code_titles
from layers.soundness.finding import Finding, Inspection, at

NAMED = tuple(
    layer
    for layer, schema in CATALOG.items()
    if any(field.name == "name" for field in schema.fields)
)
"""Layers that have names."""
KEYED = tuple(layer for layer, schema in CATALOG.items() if schema.key)
COUNTY_DIGITS = 6
"""Digits of a county's code (GB/T 2260), with which the codes of its townships begin."""
DIGITS = r"\s*\d+(?:\.0)?\s*"
LATIN = r"[\x00-\x7f]*[A-Za-z][\x00-\x7f]*"
HAN = r"[\u4e00-\u9fff]"
MOST_ALIEN = 0.05
"""Share of the parcels with ridges that may be no cropland (closed)."""
SEVERAL = 0.5
"""Share of the names that are alike, from which (closed) it is the column and no single name."""


def names(county: County, layer: str) -> Iterator[Finding]:
    """Tell codes in a column of names, and Chinese and English names that changed places."""
    frame = _frame(county, layer)
    if "name" not in frame:
        return
    told = frame["name"].astype(object).where(frame["name"].notna(), "").astype(str)
    digits = told.str.fullmatch(DIGITS).to_numpy(dtype=bool)
    there = told.ne("").to_numpy()
    title = CATALOG[layer].title
    if there.any() and digits.sum() >= SEVERAL * there.sum():
        first = told[digits].iloc[0]
        yield Finding(
            "names_digits",
            layer,
            "doubtful",
            Text(f"{title.zh}的名称是数字", f"Names of the {title.en} are digits"),
            Text(
                f"{int(digits.sum())} 行，如 {first}", f"{int(digits.sum())} rows, such as {first}"
            ),
            Text("名称", "names"),
            Text(
                "指明名称所在的字段（--field name=…）",
                "say which column holds names (--field name=…)",
            ),
            **at(frame, digits),
        )
    if "name_en" in frame:
        english = frame["name_en"].astype(object).where(frame["name_en"].notna(), "").astype(str)
        turned = (told.str.fullmatch(LATIN) & english.str.contains(HAN)).to_numpy(dtype=bool)
        if turned.any():
            yield Finding(
                "names_turned",
                layer,
                "doubtful",
                Text("中文名与英文名互换", "Chinese and English names changed places"),
                Text(f"{int(turned.sum())} 行", f"{int(turned.sum())} rows"),
                Text("name 为中文，name_en 为英文", "Chinese in name, English in name_en"),
                Text(
                    "互换两个字段的对应", "turn the two columns (--field name=… --field name_en=…)"
                ),
                **at(frame, turned),
            )


def alike(county: County, layer: str) -> Iterator[Finding]:
    """Tell ids that differ by case or spaces alone."""
    frame = _frame(county, layer).sort_index()
    plain = pd.Series(frame.index.astype(str)).str.strip().str.casefold()
    again = plain.duplicated(keep=False).to_numpy()
    if again.any():
        yield Finding(
            "ids_alike",
            layer,
            "doubtful",
            Text("编号仅大小写或空格不同", "Ids differ by case or spaces alone"),
            Text(f"{int(again.sum())} 行", f"{int(again.sum())} rows"),
            Text("编号各不相同", "ids of their own"),
            Text("核对是否同一事物重复", "see whether the same thing is there twice"),
            **at(frame, again),
        )


def townships(county: County) -> Iterator[Finding]:
    """Tell townships of one name."""
    frame = county.vector("townships").sort_index()
    told = frame["name"].astype(str).str.strip()
    again = told.duplicated(keep=False).to_numpy()
    if again.any():
        shared = told[again].iloc[0]
        yield Finding(
            "names_equal",
            "townships",
            "doubtful",
            Text("乡镇重名", "Townships of one name"),
            Text(
                f"{int(again.sum())} 个，如 {shared}",
                f"{int(again.sum())} of them, such as {shared}",
            ),
            Text("名称各不相同", "a name of its own each"),
            Text("核对名称，或改用代码指称", "check the names, or call them by their codes"),
            **at(frame, again),
        )


def prefix(county: County) -> Iterator[Finding]:
    """Tell codes of townships that do not begin with the county's."""
    codes = county.vector("outline").index.astype(str)
    own = str(codes[0])[:COUNTY_DIGITS] if len(codes) == 1 else ""
    if not (own.isdigit() and len(own) == COUNTY_DIGITS):
        return
    frame = county.vector("townships").sort_index()
    told = pd.Series(frame.index.astype(str))
    alien = ~told.str.startswith(own).to_numpy()
    if alien.any():
        first = told[alien].iloc[0]
        count = int(alien.sum())
        yield Finding(
            "codes_prefix",
            "townships",
            "doubtful",
            Text("乡镇代码不属本县", "Township codes are not of this county"),
            Text(f"{count} 个，如 {first}", f"{count} of them, such as {first}"),
            Text(f"以 {own} 开头", f"beginning with {own}"),
            Text(
                "核对代码字段与县界的行政区划代码",
                "check the column of codes and the county's own code",
            ),
            **at(frame, alien),
        )


def seats(county: County) -> Iterator[Finding]:
    """Tell a county with several seats, or with none among seats that say their role."""
    frame = county.vector("seats").sort_index()
    if "role" not in frame or frame["role"].isna().all():
        return
    chief = frame["role"].eq("county").to_numpy(dtype=bool)
    count = int(chief.sum())
    if count != 1:
        yield Finding(
            "county_seats",
            "seats",
            "doubtful",
            Text("县城不唯一", "Not one county seat"),
            Text(f"{count} 个驻地的级别为 county", f"{count} seats have the role county"),
            Text("一个", "one"),
            Text(
                "改正级别，或在参数中指明县城（county_seat）",
                "mend the roles, or name it (county_seat)",
            ),
            **at(frame, chief if count else ~chief),
        )


def seatless(county: County) -> Iterator[Finding]:
    """Tell townships that have no seat, as where a part of the seats was brought."""
    towns = county.vector("townships").sort_index()
    without = ~towns.index.isin(county.vector("seats").index)
    if without.any():
        first, count = towns.index[without][0], int(without.sum())
        yield Finding(
            "townships_without",
            "seats",
            "doubtful",
            Text("有乡镇没有驻地", "Townships without a seat"),
            Text(
                f"{len(towns)} 个乡镇中 {count} 个，如 {first}",
                f"{count} of {len(towns)} townships, such as {first}",
            ),
            Text("每个乡镇都有驻地", "a seat in every township"),
            Text("补齐驻地，或核对乡镇代码", "bring those missing, or check the township codes"),
            **at(towns, without),
        )


def classes(county: County) -> Iterator[Finding]:
    """Tell parcels whose DLMC is the name of another code of the survey than their DLBM."""
    frame = county.vector("parcels")
    if "DLMC" not in frame:
        return
    pairs = frame[["DLBM", "DLMC"]].astype(object)
    known = {title.zh for title in code_titles().values()}
    strange = [
        (code, name)
        for code, name in pairs.drop_duplicates().itertuples(index=False)
        if name in known and name not in {code_title(one).zh for one in (code, code[:4])}
    ]
    if not strange:
        return
    wrong = pd.MultiIndex.from_frame(pairs).isin(strange)
    code, name = min(strange)
    count, every = int(np.sum(wrong)), len(frame)
    yield Finding(
        "classes_named",
        "parcels",
        "doubtful",
        Text("地类编码与地类名称不符", "Codes and names of land use differ"),
        Text(
            f"{every} 个图斑中 {count} 个，如 {code} {name}",
            f"{count} of {every} parcels, such as {code} {name}",
        ),
        Text(
            f"{code} {code_title(code).zh}（三调）",
            f"{code} {code_title(code).zh}, by the third survey",
        ),
        Text(
            "核对 DLBM 是否为三调编码（二调、用地用海另有编码）",
            "see whether DLBM holds codes of the third survey (the second and plans have others)",
        ),
        **at(frame, wrong),
    )


def ridges(county: County) -> Iterator[Finding]:
    """Tell ridges and kinds of cropland (KCXS, GDLX) on other land: codes of other rows.

    Cropland is 01 of the survey, and what may be turned back to it (codes that end in K).
    """
    frame = county.vector("parcels")
    code = frame["DLBM"].astype(str)
    marked = np.zeros(len(frame), dtype=bool)
    if "KCXS" in frame:
        marked |= (frame["KCXS"] > 0).to_numpy()
    if "GDLX" in frame:
        marked |= frame["GDLX"].notna().to_numpy()
    wrong = marked & ~(code.str.startswith("01") | code.str.endswith("K")).to_numpy()
    if wrong.sum() > MOST_ALIEN * marked.sum():
        count, every = int(wrong.sum()), int(marked.sum())
        yield Finding(
            "ridges_elsewhere",
            "parcels",
            "doubtful",
            Text("田坎或耕地类型不在耕地上", "Ridges and kinds of cropland on other land"),
            Text(
                f"有扣除系数或耕地类型的图斑 {every} 个，其中 {count} 个不是耕地",
                f"{count} of {every} parcels with ridges or a kind of cropland are none",
            ),
            Text(
                f"耕地（01xx）；他类不超过 {100 * MOST_ALIEN:g} %",
                f"cropland (01xx); at most {100 * MOST_ALIEN:g} % of it other",
            ),
            Text("核对 DLBM 与其余字段是否错行", "see whether DLBM is of the same rows"),
            **at(frame, wrong),
        )


def _frame(county: County, layer: str) -> pd.DataFrame:
    if CATALOG[layer].kind == "vector":
        return county.vector(layer)
    return county.table(layer)


INSPECTIONS = (
    *(Inspection(layer, partial(names, layer=layer)) for layer in NAMED),
    *(Inspection(layer, partial(alike, layer=layer)) for layer in KEYED),
    Inspection("townships", townships),
    Inspection("townships", prefix, beside=("outline",)),
    Inspection("seats", seats),
    Inspection("seats", seatless, beside=("townships",)),
    Inspection("parcels", classes),
    Inspection("parcels", ridges),
)

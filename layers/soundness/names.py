"""Names that cannot be read, that are of another county, or of another township than the code's."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import numpy as np
import pandas as pd

from geo.words import Text
from layers.catalog import CATALOG
from layers.county import County
from layers.soundness.finding import Finding, Inspection, at

TEXTS = {
    layer: tuple(
        one.name for one in schema.fields if one.kind == "text" and one.name in ("name", "DLMC")
    )
    for layer, schema in CATALOG.items()
    if schema.kind == "vector"
}
"""Columns of Chinese text by layer."""
SPOILED = (
    r"[\u0080-\u00ff]{2}|\ufffd|[\ue000-\uf8ff]|\u20ac|\u951f\u65a4\u62f7|\u70eb{3}|\?{3}"
    r"|[\u3400-\u4dbf]{2}"
)
"""What text becomes that was read in another encoding than it was written in: two letters of
Latin-1, characters that stand for none, GBK and UTF-8 taken for one another."""
HAN = r"[\u4e00-\u9fff]"


def garbled(county: County, layer: str) -> Iterator[Finding]:
    """Tell text that was read in the wrong encoding."""
    frame = county.vector(layer)
    for field in TEXTS[layer]:
        if field not in frame:
            continue
        told = frame[field].dropna().astype(str)
        kinds = pd.Series(told.unique(), dtype=object).astype(str)
        bad = kinds[kinds.str.contains(SPOILED)]
        if bad.empty:
            continue
        wrong = frame[field].isin(bad)
        title, first, count = CATALOG[layer].title, bad.iloc[0], int(wrong.sum())
        yield Finding(
            f"garbled_{field}",
            layer,
            "doubtful",
            Text(
                f"{title.zh}的文字（{field}）为乱码", f"Text of the {title.en} ({field}) is garbled"
            ),
            Text(f"{count} 行，如 {first}", f"{count} rows, such as {first}"),
            Text("可读的中文", "text that can be read"),
            Text(
                "用 --encoding 说明编码后重新导入", "import again and say the encoding (--encoding)"
            ),
            **at(frame, wrong),
        )


def of_township(county: County, layer: str) -> Iterator[Finding]:
    """Tell rows whose code is one township's and whose name another's."""
    frame = county.vector(layer).sort_index()
    towns = county.vector("townships")["name"].astype(str).str.strip()
    if "name" not in frame:
        return
    told = frame["name"].astype(object).where(frame["name"].notna(), "").astype(str).str.strip()
    own = towns.reindex(frame.index)
    alien = (own.notna() & told.ne(own) & told.isin(set(towns))).to_numpy(dtype=bool)
    if alien.any():
        title, row = CATALOG[layer].title, int(np.flatnonzero(alien)[0])
        code, name, right = frame.index[row], told.iloc[row], own.iloc[row]
        count = int(alien.sum())
        yield Finding(
            "names_of_others",
            layer,
            "doubtful",
            Text(
                f"{title.zh}的代码与名称不是同一乡镇",
                f"Codes and names of the {title.en} are of different townships",
            ),
            Text(f"{count} 行，如 {code} {name}", f"{count} rows, such as {code} {name}"),
            Text(f"{code} {right}", f"{code} {right}"),
            Text("核对代码与名称的对应", "check which code goes with which name"),
            **at(frame, alien),
        )


def of_county(county: County) -> Iterator[Finding]:
    """Tell an outline that bears another county's name."""
    frame = county.vector("outline")
    told, own = str(frame["name"].iloc[0]).strip(), county.name.zh.strip()
    han = all(pd.Series([told, own]).str.contains(HAN))
    if han and told[:2] != own[:2]:
        yield Finding(
            "county_named",
            "outline",
            "doubtful",
            Text("县界的名称不是本县", "The outline bears another name than the county"),
            Text(told, told),
            Text(own, own),
            Text(
                "核对县界文件与县名（county.toml）",
                "check the outline, and the name in county.toml",
            ),
            **at(frame, np.ones(len(frame), dtype=bool)),
        )


INSPECTIONS = (
    *(Inspection(one, partial(garbled, layer=one)) for one, fields in TEXTS.items() if fields),
    *(
        Inspection(one, partial(of_township, layer=one), beside=("townships",))
        for one in ("seats", "pilots")
    ),
    Inspection("outline", of_county),
)

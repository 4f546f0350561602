"""What a scenario finds: layers, tables, metrics and checks, as values, and read from a folder."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import geopandas as gpd
import numpy as np
import pandas as pd
from pyproj import CRS

from geo.crs import require_same
from geo.documents import json_of, text
from geo.errors import FileError, Problem
from geo.files import read_raster, read_vector
from geo.grid import Grid
from geo.raster import Raster
from geo.words import NO_TEXT, Lang, Text, joined
from layers.folder import sha256_of
from layers.rulebook import Rule
from layers.source import Quality, Source
from scenarios import record

Meaning = Literal[
    "outline", "hillshade", "boundary", "water", "path", "place", "category", "amount", "change"
]
Side = Literal["both", "before", "after", "difference"]
Verdict = Literal["pass", "fail", "approval", "unknown"]
ClaimKind = Literal["land", "people", "yuan", "water", "energy", "carbon", "cropland_owed"]
CLAIM_UNITS: Mapping[ClaimKind, str] = {
    "land": "ha",
    "people": "persons",
    "yuan": "yuan",
    "water": "m³/a",
    "energy": "tce/a",
    "carbon": "tCO₂/a",
    "cropland_owed": "ha",
}
"""What each kind of claim is counted in."""


@dataclass(frozen=True)
class Category:
    """One code of a column that holds categories."""

    code: str
    title: Text


@dataclass(frozen=True)
class Column:
    """A column of a frame as a reader sees it.

    Where it has `categories` the frame holds their codes: pages speak the titles, and files carry
    a column of titles beside the codes, in the language of the run. `better` is the direction in
    which a figure improves.
    """

    name: str
    title: Text
    unit: str = ""
    decimals: int | None = None
    categories: tuple[Category, ...] = ()
    better: Literal["higher", "lower", ""] = ""


@dataclass(frozen=True, eq=False)
class Layer:
    """A map layer that says what its value means; colours are decided by whoever draws it.

    Parameters
    ----------
    id
        Unique within the result; letters, digits and underscores.
    data
        A frame (its index is the features' identity) or a raster, in the county's CRS.
    value
        For frames: the column that `meaning` speaks of; empty when the shape says it all.
    unit
        Unit of the value.
    columns
        What a pop-up shows and an export carries; nothing else leaves the frame.
    label
        The column drawn as a label beside each feature, or empty.
    categories
        For `category`, `path`, `place` and `boundary`: the codes of `value`, in the order of the
        legend. Known by their code: the survey's land classes (0101 …), `in`, `out` and `kept` of a
        change of class, `block` (an outlined block of fields), `bridge` and `tunnel`, road classes.
        The categories of a path layer with value `alternative` get a colour each.
    breaks
        For `amount` and `change`: class limits, ascending; empty means continuous.
    side
        On which side of the before/after swipe it is drawn.
    better
        For `change`: which direction is the better one.
    shown, focus
        Whether it is on when the page opens, and whether the page opens at it, not at the county.
    sources
        Names of the county layers it was made from.
    rules
        Ids of the rules that bind all its features.
    binding
        The column that holds, for each feature, the ids of the rules that bind it, joined by ";";
        empty cells are bound by none. Pop-ups list them with clause and standing.
    """

    id: str
    title: Text
    theme: Text
    meaning: Meaning
    data: gpd.GeoDataFrame | Raster
    value: str = ""
    unit: str = ""
    columns: tuple[Column, ...] = ()
    label: str = ""
    categories: tuple[Category, ...] = ()
    breaks: tuple[float, ...] = ()
    side: Side = "both"
    better: Literal["higher", "lower", ""] = ""
    shown: bool = True
    focus: bool = False
    sources: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()
    binding: str = ""


@dataclass(frozen=True, eq=False)
class Table:
    """A table; `chart` says how its columns may be drawn.

    `curve`: first column x, every further column a line. `bars`: first column the label, second
    the value. `change`: label, before, after. `front`: two goals as numbers, a label, further
    words of a plan; a column `chosen` of truths marks the one taken. `profile`: one row a station
    in driving order with `alternative`, `chainage_m`, `x`, `y` (county CRS), `ground_m`, `design_m`
    and `structure` (earth, bridge or tunnel, up to the next station); its cursor and a mark on
    the map move together. `mass`: the mass diagrams of a profile's alternatives, one row an end of
    a stretch with `alternative`, `chainage_m`, `mass_m3` and `balance_m3`; drawn below the profile.

    A table without a chart stands as a table. With the role `comparison` it has one row each
    alternative, its name first, and one column each figure: it stands among the indicators,
    turned, one line each figure. A column `name` or `name_zh` with a `name_en` beside it is told in
    the language chosen; so it is in the pop-ups of a layer.
    """

    id: str
    title: Text
    frame: pd.DataFrame
    columns: tuple[Column, ...]
    chart: Literal["curve", "bars", "change", "front", "profile", "mass", ""] = ""
    role: Literal["comparison", ""] = ""


@dataclass(frozen=True)
class Metric:
    """One headline figure.

    `before` is the same figure without the scenario's edits, `target` what it should reach,
    `better` the direction in which it improves. Where it is not known to a point it lies between
    `low` and `high`. `layer` names the layer whose features make it up; `features` their labels as
    text (empty: all of them).
    """

    id: str
    title: Text
    value: float
    unit: str
    before: float | None = None
    target: float | None = None
    better: Literal["higher", "lower", ""] = ""
    decimals: int = 1
    note: Text = NO_TEXT
    layer: str = ""
    features: tuple[str, ...] = ()
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class Check:
    """One rule's verdict: what was found, what is allowed, which places it binds.

    `approval` is a breach that somebody may allow: the rule names who. What is known to break a
    rule is never `unknown`, and what is not known never passes. `remedy` says what to do about it,
    above all how what is unknown becomes known. `doubts`: the layer whose content is doubtful.
    """

    id: str
    title: Text
    verdict: Verdict
    found: Text
    allowed: Text
    rule: str = ""
    layer: str = ""
    features: tuple[str, ...] = ()
    remedy: Text = NO_TEXT
    doubts: str = ""


@dataclass(frozen=True)
class Claim:
    """What a plan would use up or owe; negative is what it supplies.

    Parameters
    ----------
    kind
        What is claimed; `CLAIM_UNITS` names the unit of each kind.
    low, likely, high
        The amount; the ends are equal to it where nothing is known of its spread.
    year
        Of the prices of yuan, or in which it is used up; None when it is not told.
    place
        Code of a township; empty for the county.
    from_, to
        The class of land that goes and the use that comes, as codes; empty for other kinds.
    exclusive
        Whether nobody else can use it at the same time.
    rule
        Id of the rule it follows from, or empty.
    layer
        Layer of the result whose shapes it takes; empty when it takes none.
    title
        What it is, in words; a page makes them of kind, class and use where there are none.

    Raises
    ------
    ValueError
        If low, likely and high do not ascend.
    """

    kind: ClaimKind
    low: float
    likely: float
    high: float
    year: int | None = None
    place: str = ""
    from_: str = ""
    to: str = ""
    exclusive: bool = True
    rule: str = ""
    layer: str = ""
    title: Text = NO_TEXT

    def __post_init__(self) -> None:
        """Hold the order of the three amounts."""
        if not self.low <= self.likely <= self.high:
            raise ValueError(f"claim {self.kind}: {self.low} ≤ {self.likely} ≤ {self.high}")

    @property
    def unit(self) -> str:
        """What it is counted in."""
        return CLAIM_UNITS[self.kind]


@dataclass(frozen=True, eq=False)
class Edit:
    """A layer of the county as it would be after the plan, with all its columns."""

    layer: str
    data: gpd.GeoDataFrame


@dataclass(frozen=True)
class Proof:
    """A certificate as packed: its claim, what it leaves open, the layer and metric it is about."""

    id: str
    title: Text
    claim: Text
    beyond: Text
    certificate: bytes = field(repr=False)
    layer: str = ""
    metric: str = ""


@dataclass(frozen=True, eq=False)
class Result:
    """All a scenario finds.

    `answer` is two to five sentences made of figures. `claims` say what the plan would use up or
    owe, `edits` how its layers would be after it. Not `reproducible`: a time limit ended a search.
    """

    layers: tuple[Layer, ...] = ()
    tables: tuple[Table, ...] = ()
    metrics: tuple[Metric, ...] = ()
    checks: tuple[Check, ...] = ()
    proofs: tuple[Proof, ...] = ()
    reproducible: bool = True
    answer: tuple[Text, ...] = ()
    claims: tuple[Claim, ...] = ()
    edits: tuple[Edit, ...] = ()


@dataclass(frozen=True)
class Run:
    """A result with what led to it: enough to run it again and to defend it.

    `key` is the hash of all it follows from, `code` that of the source code alone; `lang` is the
    language of the titles beside codes in its files.
    """

    key: str
    scenario: str
    title: Text
    question: Text
    measures: tuple[int, ...]
    params: Mapping[str, Any]
    changed: Mapping[str, Any]
    county: str
    county_name: Text
    crs: str
    data_date: str
    quality: Quality
    sources: tuple[Source, ...]
    rules: tuple[Rule, ...]
    result: Result = field(repr=False)
    subtitle: Text = NO_TEXT
    code: str = ""
    lang: Lang = "zh"

    @property
    def quality_words(self) -> Text:
        """The quality in words, and how many doubts there are about the content of layers."""
        words, doubts = self.quality.words, sum(bool(one.doubts) for one in self.result.checks)
        more = Text(f"；图层内容存疑 {doubts} 项", f"; {doubts} doubtful in the content of layers")
        return Text(words.zh + more.zh, words.en + more.en) if doubts else words


FORMAT = 3
MANIFEST, RESULT, VECTORS, EDITS = "manifest.json", "result.json", "layers.gpkg", "edits.gpkg"
CHANGED, MISSING = Text("被改动", "changed"), Text("缺少", "missing")
MOST_MANIFEST, MOST_RESULT = 10_000_000, 1_000_000_000  # bytes


def load(folder: Path) -> Run:
    """Read a run from its folder, after every file has been held against the manifest.

    Parameters
    ----------
    folder
        A run folder as `scenarios.running.folder` writes it.

    Returns
    -------
    Run
        Equal to the one that was saved: index labels, dtypes, shapes and figures.

    Raises
    ------
    FileError
        If it holds no whole run; every file that is missing or changed is named.
    """
    verify(folder)
    content = json_of(text(folder / RESULT, most=MOST_RESULT))
    found = content.pop("result")
    crs, proofs = CRS(content["crs"]), folder / "proofs"
    result = Result(
        layers=tuple(_layer(folder, one, crs) for one in found["layers"]),
        tables=tuple(_table(folder, one) for one in found["tables"]),
        metrics=tuple(record.revive(Metric, one) for one in found["metrics"]),
        checks=tuple(record.revive(Check, one) for one in found["checks"]),
        proofs=tuple(
            record.revive(Proof, one, certificate=(proofs / f"{one['id']}.zip").read_bytes())
            for one in found["proofs"]
        ),
        reproducible=found["reproducible"],
        answer=tuple(record.revive(Text, one) for one in found["answer"]),
        claims=tuple(record.revive(Claim, one) for one in found["claims"]),
        edits=tuple(_edit(folder, one, crs) for one in found["edits"]),
    )
    return record.revive(Run, content, result=result)


def verify(folder: Path) -> dict[str, Any]:
    """Give the manifest of a whole run: each file it lists is there, with the hash it says.

    Raises
    ------
    FileError
        If there is no readable manifest, or files are missing or changed.
    """
    try:
        manifest = json_of(text(folder / MANIFEST, most=MOST_MANIFEST))
        known, files = manifest["format"], manifest["files"].items()
    except (FileError, KeyError, TypeError, AttributeError) as error:
        why, again = Text("清单有误", "no such list"), f"jingning run NAME -o {folder}"
        why = joined([error.message]) if isinstance(error, FileError) else why
        words = Text(
            f"{folder}：没有完整的运行（{MANIFEST}：{why.zh}）；请重新运行：{again}",
            f"{folder}: no whole run ({MANIFEST}: {why.en}); run it again: {again}",
        )
        raise FileError(words) from error
    if known != FORMAT:
        words = Text(
            f"{folder}：运行由其他版本写出（格式 {known}）；请重新运行",
            f"{folder}: written by another version (format {known}); run it again",
        )
        raise FileError(words)
    problems = [
        Problem(
            file=str(folder / name),
            found=CHANGED if (folder / name).is_file() else MISSING,
            expected=f"sha256 {sha256}",
        )
        for name, sha256 in files
        if not (folder / name).is_file() or sha256_of(folder / name) != sha256
    ]
    if problems:
        words = Text(
            f"{folder}：运行不完整，请重新运行", f"{folder}: the run is not whole; run it again"
        )
        raise FileError(words, problems=problems)
    return dict(manifest)


def _layer(folder: Path, content: dict[str, Any], crs: CRS) -> Layer:
    """Read one layer's data and put it with what result.json says of it."""
    kept = content.pop("kept")
    data: gpd.GeoDataFrame | Raster
    if "columns" in kept:
        frame = read_vector(folder / VECTORS, layer=content["id"])
        require_same(frame.crs, crs, what=content["id"])
        data = record.without_identity(frame, kept).set_crs(crs, allow_override=True)
    else:
        raster = read_raster(folder / "rasters" / f"{content['id']}.tif")
        require_same(raster.grid.crs, crs, what=content["id"])
        grid = Grid(raster.grid.shape, raster.grid.transform, crs)
        data = Raster(raster.values.astype(np.dtype(kept["dtype"])), grid, kept["nodata"])
    return record.revive(Layer, content, data=data)


def _edit(folder: Path, content: dict[str, Any], crs: CRS) -> Edit:
    """Read a layer of the county as it would be."""
    frame = read_vector(folder / EDITS, layer=content["layer"])
    require_same(frame.crs, crs, what=content["layer"])
    data = record.without_identity(frame, content["kept"]).set_crs(crs, allow_override=True)
    return Edit(content["layer"], data)


def _table(folder: Path, content: dict[str, Any]) -> Table:
    """Read one table and put it with what result.json says of it."""
    kept = content.pop("kept")
    path = folder / "tables" / f"{content['id']}.csv"
    cells = pd.read_csv(
        path, dtype=str, encoding="utf-8-sig", keep_default_na=False, na_values=[""]
    )
    return record.revive(Table, content, frame=record.from_csv(cells, kept))

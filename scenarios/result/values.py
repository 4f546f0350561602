"""What a scenario finds, as values: layers, tables, metrics, checks, claims, and their run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import geopandas as gpd
import pandas as pd

from geo.raster import Raster
from geo.words import NO_TEXT, Lang, Text
from layers.rulebook import Rule
from layers.source import Quality, Source

Ground = Literal["outline", "hillshade", "relief", "boundary", "water"]
Meaning = Ground | Literal["path", "place", "category", "amount", "change"]
Side = Literal["both", "before", "after", "difference", "planned"]
"""On which side of the swipe; what is planned stands after and in the difference."""
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
        For frames: the column that `meaning` speaks of; empty when the shape says it all. Of
        `relief` it is the height: lines are contours, points are spot heights.
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
        Whether it is on when the page opens, and whether the page opens at it and on its side, not
        at the county.
    sources
        Names of the county layers it was made from.
    rules
        Ids of the rules that bind all its features.
    binding
        The column that holds, for each feature, the ids of the rules that bind it, joined by ";";
        empty cells are bound by none. Pop-ups list them with clause and standing.
    alternative
        The alternative that the whole layer is of; its id ends with that code. Of a layer of
        several a column `alternative` says whose each feature is.
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
    alternative: str = ""


@dataclass(frozen=True, eq=False)
class Table:
    """A table; `chart` says how its columns may be drawn.

    `curve`: first column x, every further column a line; `chosen` as in a front. `bars`: first
    column the label, second the value. `change`: label, before, after. `flows`: label, what goes,
    what comes. `front`: two goals as numbers, a label, further words of a plan; a column `chosen`
    of truths marks the one taken. `tornado`: label, then `low`, `base` and `high` of a figure as
    one parameter is varied; texts `low_at` and `high_at` say at which value of it. `whiskers`:
    label, then figures; one that is followed by a column of its name with `_interval` may lie so
    much lower or higher. `profile`:
    one row a station in driving order with `alternative`, `chainage_m`, `x`, `y`
    (county CRS), `ground_m`, `design_m` and `structure` (earth, bridge or tunnel, up to the next
    station); its cursor and a mark on the map move together. `mass`: the mass diagrams of a
    profile's alternatives, one row an end of a stretch with `alternative`, `chainage_m`, `mass_m3`
    and `balance_m3`; drawn below the profile. `stack`: a year, then parts of a sum in one unit.

    A table without a chart stands as a table. With the role `comparison` it has one row each
    alternative, its name first, and one column each figure: it stands among the indicators,
    turned, one line each figure. `elements` and `slopes` are a road as it is set out, one row each
    in driving order with `alternative`: its elements in plan with `kind` (tangent, spiral, arc),
    `start_m`, `length_m`, `radius_from_m` and `radius_to_m` (missing: straight), `turn` (left,
    right), and at their start `x`, `y` and `azimuth_deg` (clockwise from grid north); its points of
    vertical intersection with `chainage_m`, `height_m` and `curve_m`, the length of a parabola
    about them. Rows with a column `alternative` are told of the one chosen. A column `name` or
    `name_zh` with a `name_en` beside it is told in
    the language chosen; so it is in the pop-ups of a layer. A column `folder` holds run folders,
    relative to that of the table's run: a row leads to the page there. `measures` are measures of
    a policy and what answers them, a row each question with `measure`, `state`, `standing` and
    `folder` of its latest run.

    `about` is the metric whose course a chart shows: of many charts a reader chooses the figure.
    """

    id: str
    title: Text
    frame: pd.DataFrame
    columns: tuple[Column, ...]
    chart: Literal[
        "curve",
        "bars",
        "change",
        "flows",
        "front",
        "profile",
        "mass",
        "tornado",
        "whiskers",
        "stack",
        "",
    ] = ""
    role: Literal["comparison", "elements", "slopes", "measures", ""] = ""
    about: str = ""


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
class Alternative:
    """One of several answers: code, as the column `alternative` holds it, title, its own headlines.

    `layer` and `features` are what it is on the map.
    """

    code: str
    title: Text
    metrics: tuple[Metric, ...] = ()
    layer: str = ""
    features: tuple[str, ...] = ()


@dataclass(frozen=True)
class Stretch:
    """A stretch of a profile from chainage to chainage, m; a point where they are the same."""

    from_m: float
    to_m: float


@dataclass(frozen=True)
class Part:
    """What a check finds of one alternative, and where.

    `stretches` lie along its profile, `features` are those of a layer. Without either it speaks of
    no place.
    """

    alternative: str
    verdict: Verdict
    found: Text
    stretches: tuple[Stretch, ...] = ()
    layer: str = ""
    features: tuple[str, ...] = ()
    remedy: Text = NO_TEXT


@dataclass(frozen=True)
class Check:
    """One rule's verdict: what was found, what is allowed, which places it binds.

    `approval` is a breach that somebody may allow: the rule names who. What is known to break a
    rule is never `unknown`, and what is not known never passes. `remedy` says what to do about it,
    above all how what is unknown becomes known. `doubts`: the layer whose content is doubtful.
    `parts` say the same of each alternative, with the places it binds.
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
    parts: tuple[Part, ...] = ()


@dataclass(frozen=True)
class Claim:
    """What a plan would use up or owe; negative is what it supplies.

    Parameters
    ----------
    kind
        What is claimed; `CLAIM_UNITS` names the unit of each kind. `people` have to move; below 0
        they are those who can be housed, so that one sum over plans tells whether homes suffice.
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
    features
        Labels of these shapes as text; empty: all of the layer.
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
    features: tuple[str, ...] = ()

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
    `alternatives` are answers beside each other; `answer`, `metrics` and `claims` are of the first.
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
    alternatives: tuple[Alternative, ...] = ()


@dataclass(frozen=True)
class Setting:
    """A parameter of a run in words: its value and the usual one as JSON text, its range."""

    id: str
    title: Text
    unit: str
    value: str
    usual: str
    span: Text
    source: Text


@dataclass(frozen=True)
class Run:
    """A result with what led to it: enough to run it again and to defend it.

    `key` is the hash of all it follows from, `code` that of the source code alone; `lang` is the
    language of the titles beside codes in its files. `method` is how the question is answered and
    within which limits; `settings` are the parameters in words.
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
    method: Text = NO_TEXT
    settings: tuple[Setting, ...] = ()

    @property
    def quality_words(self) -> Text:
        """The quality in words, and how many doubts there are about the content of layers."""
        words, doubts = self.quality.words, sum(bool(one.doubts) for one in self.result.checks)
        more = Text(f"；图层内容存疑 {doubts} 项", f"; {doubts} doubtful in the content of layers")
        return Text(words.zh + more.zh, words.en + more.en) if doubts else words

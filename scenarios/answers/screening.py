"""Where something may go, and what refuses the rest: parcels, cells or points held to criteria.

1. Every criterion says of every place: it refuses it, it does not, or it cannot tell.
2. A place that a criterion refuses is refused, whatever others cannot tell: no.
3. A place that none refuses and one cannot judge is not known; what is left may be taken: yes.
4. Every criterion that refuses a place is named; the one that binds first is the first in order.
5. What is lost is counted in whole 0.01 m²: by each criterion alone, and in order, so that what is
   lost in order, what is not known and what is left add up to the extent exactly.

Shapes are looked at beyond the extent, as far as the widest buffer or distance reaches.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import ndimage

from geo.errors import InputError, Problem
from geo.grid import Grid
from geo.raster import Raster
from geo.words import UNKNOWN, Text
from scenarios.answers.criteria import Criterion, Distance, Inside, Limit, reach_m, state
from scenarios.result import Category, Column, Table

YES, NO, NOT_KNOWN, TOTAL = "yes", "no", "unknown", "total"


@dataclass(frozen=True, eq=False)
class Screened:
    """What criteria say of places.

    Attributes
    ----------
    places
        By place: verdict (yes, no, unknown), first (id of the criterion that binds first, empty
        for none), refused (ids of all that refuse it, joined by ";"), binding (the same by rule).
    states
        By place, a column for each criterion: 1 it refuses, 0 it does not, NaN it cannot tell.
    losses
        By criterion, then unknown, yes and total: refused_ha and unknown_ha by each alone, first_ha
        and places lost in order, which close to the total.
    criteria
        In order.
    halo_m
        How far beyond the extent shapes were looked at.
    """

    places: pd.DataFrame
    states: pd.DataFrame
    losses: pd.DataFrame
    criteria: tuple[Criterion, ...]
    halo_m: float

    @property
    def refused(self) -> pd.Series:
        """Whether each place is refused."""
        return self.places["verdict"] == NO


def screen(places: gpd.GeoDataFrame, criteria: Sequence[Criterion]) -> Screened:
    """Hold places to criteria.

    Parameters
    ----------
    places
        Parcels, points or cells (see `cells`), in metres, of unique labels, with the columns that
        criteria name; `area_m2` where the area is not that of the shape. A place without a shape
        is not known to any criterion of shapes.
    criteria
        In the order in which they are said to bind first.

    Raises
    ------
    InputError
        If labels or ids are not unique, an id is a word of the answer, or a column is not there.
    CrsError
        If shapes are in another CRS.

    Examples
    --------
    Of three fields one lies in a zone, and the slope of one is not known:

    >>> from shapely import box
    >>> from scenarios.answers.criteria import Limit
    >>> fields = gpd.GeoDataFrame({"slope_deg": [3.0, np.nan, 9.0]}, index=[*"abc"], crs=4549,
    ...     geometry=[box(0, 0, 100, 100), box(100, 0, 200, 100), box(200, 0, 300, 100)])
    >>> zone = gpd.GeoDataFrame(geometry=[box(250, 0, 400, 100)], crs=4549)
    >>> found = screen(fields, [Criterion("zone", Text("保护区", "zone"), Inside(zone)),
    ...     Criterion("steep", Text("陡坡", "steep"), Limit("slope_deg", "at most", 8))])
    >>> found.places[["verdict", "first", "refused"]].to_numpy().tolist()
    [['yes', '', ''], ['unknown', '', ''], ['no', 'zone', 'zone;steep']]
    >>> found.losses[["refused_ha", "unknown_ha", "first_ha"]].T.round(1).to_numpy().tolist()
    [[1.0, 1.0, nan, nan, nan], [0.0, 1.0, nan, nan, nan], [1.0, 0.0, 1.0, 1.0, 3.0]]
    """
    _require(places, criteria)
    halo_m = max((reach_m(one.test) for one in criteria), default=0.0)
    states = pd.DataFrame(
        {one.id: state(places, one, halo_m) for one in criteria}, index=places.index
    )
    return _screened(places, states, tuple(criteria), halo_m)


def _screened(
    places: gpd.GeoDataFrame,
    states: pd.DataFrame,
    criteria: tuple[Criterion, ...],
    halo_m: float,
) -> Screened:
    """Give verdicts and losses of what each criterion says."""
    refuses, unknown = states.eq(1).to_numpy(), states.isna().to_numpy()  # RULE 1
    none = ~refuses.any(axis=1)
    verdict = np.where(none, np.where(unknown.any(axis=1), NOT_KNOWN, YES), NO)  # RULES 2 and 3
    ids, rules = [one.id for one in criteria], [one.rule for one in criteria]
    first = np.where(none, "", np.array([*ids, ""])[_first(refuses)])  # RULE 4
    said = pd.DataFrame(
        {
            "verdict": verdict,
            "first": first,
            "refused": _joined(refuses, ids),
            "binding": _joined(refuses, rules),
        },
        index=places.index,
        dtype=object,
    )
    return Screened(said, states, _losses(places, states, said), criteria, halo_m)


def cells(
    grid: Grid, columns: Mapping[str, Raster], *, inside: NDArray[np.bool_] | None = None
) -> gpd.GeoDataFrame:
    """Give the cells of a grid as places: their centres, their area, and values of rasters.

    A cell is judged by its centre. Its label is row_column, from the upper left.

    Parameters
    ----------
    grid
        In metres.
    columns
        Rasters on this grid by the name of the column they become; nodata is NaN.
    inside
        The cells that are asked about, shape of the grid; None: all.

    Raises
    ------
    InputError
        If a raster lies on another grid.

    Examples
    --------
    >>> from affine import Affine
    >>> from pyproj import CRS
    >>> grid = Grid((1, 2), Affine(10, 0, 0, 0, -10, 10), CRS(4549))
    >>> cells(grid, {"height_m": Raster(np.array([[5.0, 7.0]]), grid)}).drop(columns="geometry")
         row  column  area_m2  height_m
    0_0    0       0    100.0       5.0
    0_1    0       1    100.0       7.0
    """
    rows, across = np.nonzero(np.ones(grid.shape, dtype=bool) if inside is None else inside)
    found = {"row": rows, "column": across, "area_m2": np.full(len(rows), grid.resolution**2)}
    for name, raster in columns.items():
        if raster.grid != grid:
            words = Text("栅格与像元网格不一致", "the raster does not lie on the grid of the cells")
            raise InputError(words, problems=[Problem(field=name)])
        values = np.where(raster.valid, raster.values, np.nan).astype(float)
        found[name] = values[rows, across]
    labels = [f"{row}_{column}" for row, column in zip(rows, across, strict=True)]
    centres = gpd.points_from_xy(*grid.xy(rows, across))
    return gpd.GeoDataFrame(found, geometry=centres, index=labels, crs=grid.crs)


PIECE = "piece"
"""Id of the criterion on contiguous land."""


@dataclass(frozen=True, eq=False)
class Pieces:
    """Contiguous land of cells.

    Attributes
    ----------
    screened
        What criteria say, with a last one more, `PIECE`: that land is too small a piece.
    number
        By place that no criterion refuses: the piece it belongs to, from 1, in the order of the
        grid's rows; its sides hang together.
    """

    screened: Screened
    number: pd.Series


def pieces(found: Screened, places: gpd.GeoDataFrame, *, least_ha: float) -> Pieces:
    """Hold cells that no criterion refuses to a least size of contiguous land.

    6. Cells hang together by their sides. A piece is of cells that may be taken, those that are not
       known among them.
    7. A piece smaller than the least size is refused as the last criterion, its cells that are not
       known too. A cell that may be taken is not known where its piece is large enough only with
       cells that are not known.

    Parameters
    ----------
    found
        What criteria say of the places.
    places
        As `cells` gives them.
    least_ha
        Least size, closed; 0 refuses none.

    Examples
    --------
    Of four cells of 0.01 ha in a row the second is refused, so that the first stands alone:

    >>> from affine import Affine
    >>> from pyproj import CRS
    >>> from scenarios.answers.criteria import Limit
    >>> grid = Grid((1, 4), Affine(10, 0, 0, 0, -10, 10), CRS(4549))
    >>> row = cells(grid, {"slope_deg": Raster(np.array([[1.0, 30, 2, 3]]), grid)})
    >>> flat = Criterion("steep", Text("陡坡", "steep"), Limit("slope_deg", "at most", 25))
    >>> held = pieces(screen(row, [flat]), row, least_ha=0.02)
    >>> held.screened.places["first"].tolist(), held.number.tolist()
    (['piece', 'steep', '', ''], [2, 2])
    """
    title = Text(f"连片面积小于 {least_ha:g} 公顷", f"less than {least_ha:g} ha in one piece")
    one = Criterion(PIECE, title, Limit("piece_ha", "at least", least_ha))
    least_m2 = least_ha * 1e4 * (1 - 1e-9)  # whole cells: less is rounding
    verdict = found.places["verdict"].to_numpy()
    may = _numbered(places, verdict != NO)  # RULE 6
    sure = _numbered(places, verdict == YES)
    area = places["area_m2"].to_numpy(dtype=float)
    wide, known = (_sizes(number, area) >= least_m2 for number in (may, sure))
    said = np.where(wide & ~known, np.nan, (~wide).astype(float))  # RULE 7
    states = found.states.assign(**{PIECE: np.where(may > 0, said, 0.0)})
    screened = _screened(places, states, (*found.criteria, one), found.halo_m)
    number = pd.Series(may, index=places.index)
    return Pieces(screened, number[(screened.places["verdict"] != NO).to_numpy()])


def _numbered(places: gpd.GeoDataFrame, chosen: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Give some cells the numbers of their pieces, from 1; 0 to the others."""
    rows, across = places["row"].to_numpy(), places["column"].to_numpy()
    shape = (rows.max(initial=0) + 1, across.max(initial=0) + 1)
    there = np.zeros(shape, dtype=bool)
    there[rows, across] = chosen
    return np.asarray(ndimage.label(there)[0][rows, across], dtype=np.int64)


def _sizes(number: NDArray[np.int64], area: NDArray[np.float64]) -> NDArray[np.float64]:
    """Give the area of the piece of each cell; 0 where it is in none."""
    sums = np.bincount(number, weights=area, minlength=1)
    sums[0] = 0.0
    return np.asarray(sums[number])


def categories(criteria: Sequence[Criterion]) -> tuple[Category, ...]:
    """Give criteria as codes with their titles."""
    return tuple(Category(one.id, one.title) for one in criteria)


def table(found: Screened, *, title: Text) -> Table:
    """Give what each criterion takes away, alone and in order, and what is left.

    Parameters
    ----------
    found
        As `screen` gives it.
    title
        Of the table.
    """
    ends = (
        Category(NOT_KNOWN, UNKNOWN),
        Category(YES, Text("可用", "may be taken")),
        Category(TOTAL, Text("合计", "Total")),
    )
    known = (*categories(found.criteria), *ends)
    columns = (
        Column("criterion", Text("条件", "Criterion"), categories=known),
        Column("refused_ha", Text("单独排除", "Refused by it alone"), "ha", 2),
        Column("unknown_ha", Text("未知", "Not known"), "ha", 2),
        Column("first_ha", Text("依次排除", "Lost in order"), "ha", 2),
        Column("places", Text("依次排除的个数", "Places lost in order"), "count", 0),
    )
    return Table("screening", title, found.losses.reset_index(names="criterion"), columns)


def _require(places: gpd.GeoDataFrame, criteria: Sequence[Criterion]) -> None:
    ids = [one.id for one in criteria]
    wrong = sorted({one for one in ids if ids.count(one) > 1 or one in {YES, NO, NOT_KNOWN, TOTAL}})
    if wrong:
        words = Text(
            "条件编号重复或与结论用语相同", "ids of criteria must be unique, and no verdict"
        )
        raise InputError(words, problems=[Problem(field="id", found=one) for one in wrong])
    if places.index.has_duplicates:
        raise InputError(Text("地块编号重复", "labels of places must be unique"))
    named = [one.test.column for one in criteria if not isinstance(one.test, Inside | Distance)]
    lacking = [name for name in named if name not in places]
    if lacking:
        words = Text("地块缺少条件所需字段", "places lack columns that criteria name")
        raise InputError(words, problems=[Problem(field=name) for name in lacking])


def _first(refuses: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Give the place of the first criterion that refuses, past the last one where none does."""
    count = refuses.shape[1]
    if not count:
        return np.zeros(len(refuses), dtype=np.int64)
    found: NDArray[np.int64] = np.where(refuses.any(axis=1), refuses.argmax(axis=1), count)
    return found


def _joined(refuses: NDArray[np.bool_], names: list[str]) -> NDArray[np.object_]:
    """Join the names of those that refuse each place; places alike are looked at once."""
    if not names:
        return np.full(len(refuses), "", dtype=object)
    kinds, which = np.unique(np.packbits(refuses, axis=1), axis=0, return_inverse=True)
    rows = np.unpackbits(kinds, axis=1, count=len(names))
    words = [
        ";".join(name for name, one in zip(names, row, strict=True) if one and name) for row in rows
    ]
    return np.array(words, dtype=object)[which.ravel()]


def _losses(places: gpd.GeoDataFrame, states: pd.DataFrame, said: pd.DataFrame) -> pd.DataFrame:
    """Count what is lost, in whole 0.01 m². RULE 5."""
    area = places.get("area_m2", places.area).fillna(0)  # what has no shape has no area
    hundredths = np.rint(100 * area.to_numpy(dtype=float)).astype(np.int64)

    def hectares(chosen: pd.Series) -> float:
        return float(hundredths[chosen.to_numpy()].sum() / 1e6)

    rows = {
        name: (
            hectares(states[name] == 1),
            hectares(states[name].isna()),
            hectares(said["first"] == name),
            int((said["first"] == name).sum()),
        )
        for name in states
    }
    for word in (NOT_KNOWN, YES):
        chosen = said["verdict"] == word
        rows[word] = (np.nan, np.nan, hectares(chosen), int(chosen.sum()))
    rows[TOTAL] = (np.nan, np.nan, float(hundredths.sum() / 1e6), len(places))
    columns = ["refused_ha", "unknown_ha", "first_ha", "places"]
    return pd.DataFrame.from_dict(rows, orient="index", columns=columns)

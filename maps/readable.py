"""Tables as planners read them: large areas in hectares; files keep what the run holds."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from scenarios.result import Column, Table

SMALL = "m²"
PER_HECTARE = 10_000.0
LARGE_M2 = 100_000.0  # ten hectares: from there on square metres are no longer read
PLACES = 2


def readable(table: Table) -> Table:
    """Give a table whose areas in m² are in hectares where any of them is large.

    All its areas change together, so that they can be compared and add up as they are read.

    Parameters
    ----------
    table
        As the run holds it; columns with categories are left as they are.

    Returns
    -------
    Table
        The same one where no area reaches `LARGE_M2`.

    Examples
    --------
    >>> import pandas as pd
    >>> from geo.words import Text
    >>> area = Column("area_m2", Text("面积", "Area"), "m²", 2)
    >>> large = Table("t", area.title, pd.DataFrame({"area_m2": [1_999_875.33, 50.0]}), (area,))
    >>> told = readable(large)
    >>> told.columns[0].unit, told.frame["area_m2"].round(2).tolist()
    ('ha', [199.99, 0.0])
    """
    areas = [one for one in table.columns if _is_area(table, one)]
    if not areas:
        return table
    names = [one.name for one in areas]
    if not (table.frame[names].abs() >= LARGE_M2).any(axis=None):
        return table
    told = {name: table.frame[name].to_numpy(dtype=np.float64) / PER_HECTARE for name in names}
    columns = (
        replace(one, unit="ha", decimals=PLACES) if one in areas else one for one in table.columns
    )
    return replace(table, frame=table.frame.assign(**told), columns=tuple(columns))


def _is_area(table: Table, column: Column) -> bool:
    kind = table.frame[column.name].dtype.kind
    return column.unit == SMALL and not column.categories and kind in "iuf"

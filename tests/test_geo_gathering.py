"""People gathered into places: by hand, and laws on any cells."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from geo.errors import GridError
from geo.gathering import Gathering, gathered

SIDE = 100.0  # m: 300 people/km² are 3 people a cell


def places(people, regions=None, **rule):
    people = np.asarray(people, dtype=float)
    regions = np.zeros(people.shape, int) if regions is None else np.asarray(regions)
    side = np.full(people.shape[0], SIDE)
    return gathered(people, regions, (side, side), Gathering(**rule))


def rows(found):
    return list(
        zip(
            found.row.tolist(),
            found.column.tolist(),
            found.people.tolist(),
            found.region.tolist(),
            found.cells.tolist(),
            strict=True,
        )
    )


def test_by_hand():
    # Two clusters of dense cells, apart by one empty column: 5 + 5 + 9 with its middle by people
    # in the first row (5 at row 0 and 0, 9 at row 1, so 0.47 rows down); 8 by itself. The 2.5 below
    # is not dense and in the second square of 3 x 3: its own place, as 2.5 is the least.
    found = places([[5, 5, 0, 8], [0, 9, 0, 0], [0, 0, 0, 0], [2.5, 0, 0, 0]], block=3, least=2.5)
    assert rows(found) == [(0, 1, 19, 0, 3), (0, 3, 8, 0, 1), (3, 0, 2.5, 0, 1)]
    # With more as the least it joins the nearest, the first cluster, 2.6 cells off, whose middle
    # moves down to (9 + 3 x 2.5) / 21.5 = 0.77 rows.
    found = places([[5, 5, 0, 8], [0, 9, 0, 0], [0, 0, 0, 0], [2.5, 0, 0, 0]], block=3, least=5)
    assert rows(found) == [(0, 3, 8, 0, 1), (1, 1, 21.5, 0, 4)]


def test_regions_keep_their_own():
    # One dense run over two regions is a cluster in each; a region below the least is one place.
    found = places([[5, 5, 5, 1, np.nan, 1]], [[0, 0, 1, 1, 2, 2]])
    assert rows(found) == [(0, 0, 10, 0, 2), (0, 2, 6, 1, 2), (0, 5, 1, 2, 1)]


def test_what_does_not_count():
    found = places([[np.nan, 0, 7, 7]], [[0, 0, -1, 0]])
    assert rows(found) == [(0, 3, 7, 0, 1)]
    assert rows(places([[np.nan, 0]])) == []
    with pytest.raises(GridError, match="fewer than no people"):
        places([[-1, 2]])


def test_density_is_closed_and_by_the_cell_of_its_row():
    assert len(rows(places([[3, 3]], block=1, least=0))) == 1  # 300 people/km²: dense
    assert len(rows(places([[2.9, 2.9]], block=1, least=0))) == 2
    side = np.array([50.0])  # the same people on a quarter of the land
    found = gathered(
        np.array([[1.0, 1.0]]), np.zeros((1, 2), int), (side, side), Gathering(block=1, least=0)
    )
    assert len(rows(found)) == 1


CELLS = arrays.arrays(
    float, (5, 6), elements=st.one_of(st.just(np.nan), st.floats(0, 50).map(lambda n: round(n, 3)))
)
REGIONS = arrays.arrays(int, (5, 6), elements=st.integers(-1, 3))


@given(CELLS, REGIONS, st.floats(0, 20), st.integers(1, 5))
def test_nobody_is_lost_and_nobody_made(people, regions, least, block):
    found = places(people, regions, least=least, block=block)
    for region in range(4):
        wanted = np.nansum(people[regions == region])
        assert found.people[found.region == region].sum() == pytest.approx(wanted, abs=1e-9)
    counted = (regions >= 0) & (np.nan_to_num(people) > 0)
    assert found.cells.sum() == counted.sum()
    # A place stands on a cell of its own region with people, and no two on one.
    assert counted[found.row, found.column].all()
    assert (regions[found.row, found.column] == found.region).all()
    assert len(set(zip(found.row.tolist(), found.column.tolist(), strict=True))) == len(found.row)
    # Below the least is only who is all alone in a region.
    for region in np.unique(found.region):
        own = found.people[found.region == region]
        assert len(own) == 1 or own.min() >= least

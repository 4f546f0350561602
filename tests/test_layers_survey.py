"""Parcels of the land survey: every problem of a file at once, through the import as well."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import CRS
from shapely import box

from geo.errors import SchemaError
from geo.files import write_vector
from layers import twin
from layers.catalog import CATALOG
from layers.county import load
from layers.intake.bring import bring
from layers.land.survey import FIELDS, headings, hundredths
from layers.schema import check
from layers.twin.place import SOUTH, WEST

METRES = CRS(4549)
SCHEMA = CATALOG["parcels"]


def parcels(count=4, **columns):
    """Sound parcels in a row: 1,000.50 m² each, ridges of 12.03 %."""
    good = {
        "BSM": [f"b{n}" for n in range(count)],
        "DLBM": ["0101", "0103", "0301", "0201K", "05H1", "09"][:count],
        "TBMJ": [1000.5] * count,
        "KCXS": [0.1203] * count,
        # 1000.5 x 0.1203 = 120.36015
        "KCMJ": [120.36] * count,
        "TBDLMJ": [880.14] * count,
        "GDPDJB": (["2", "3"] + [None] * 4)[:count],
    }
    shapes = [box(WEST + 100 * n, SOUTH, WEST + 100 * n + 50, SOUTH + 20) for n in range(count)]
    return gpd.GeoDataFrame({**good, **columns}, geometry=shapes, crs=METRES)


def found(frame):
    return sorted((p.row, p.field) for p in check(frame, SCHEMA, crs=METRES))


def test_sound_parcels_have_no_problem():
    assert found(parcels(6)) == []
    assert found(parcels()[["BSM", "DLBM", "geometry"]]) == []


def test_every_problem_of_a_file_is_named_at_once():
    frame = parcels(
        6,
        BSM=["b0", "b0", "b2", "b3", "b4", "b5"],
        DLBM=["0101", "103", "0301", 201.0, "05H1", "09"],
        TBMJ=[1000.5, 1000.5, 1000.505, 1000.5, 1000.5, -1],
        TBDLMJ=[880.15, 880.14, 880.15, 880.14, 880.14, np.nan],
        KCMJ=[120.36, 120.36, 120.36, 120.4, 120.36, np.nan],
        GDPDJB=["2", "3", "1", None, "6", None],
    )
    # by hand: b0 twice; 103 has lost its zero, 201.0 is no text; b0 120.36 + 880.15 is 0.01 more,
    # b2 1000.505 has three decimals and, rounded to 1000.50, the sum is 0.01 off;
    # b3 1000.5 x 0.1203 = 120.36, not 120.40, nor 120.40 + 880.14; b5 is below 0;
    # GDPDJB of a forest (b2), of shops (b4), and 6 is none
    expected = sorted(
        [
            ("b0", "BSM"),
            ("b0", "BSM"),
            ("b0", "DLBM"),
            ("b3", "DLBM"),
            ("b2", "TBMJ"),
            ("b5", "TBMJ"),
            ("b0", "TBDLMJ"),
            ("b2", "TBDLMJ"),
            ("b3", "TBDLMJ"),
            ("b3", "KCMJ"),
            ("b2", "GDPDJB"),
            ("b4", "GDPDJB"),
            ("b4", "GDPDJB"),
        ]
    )
    assert found(frame) == expected


def test_a_lost_zero_and_the_second_survey_are_told_apart():
    lost = check(parcels(DLBM=["101", "0103", "0301", "0201"]), SCHEMA, crs=METRES)
    assert ["leading zero lost" in p.said("en") for p in lost] == [True]
    second = check(parcels(DLBM=["011", "0103", "0301", "0201"]), SCHEMA, crs=METRES)
    assert "second survey" in second[0].said("en")
    assert "三位数字为二调编码" in second[0].said("zh")
    assert [p.found for p in headings(["BSM", "dlbm", "gdpdj", "KCLX"])] == ["GDPDJ, KCLX"]
    assert list(headings(["BSM", "DLBM", "KCLX", "KCXS", "GDPDJB"])) == []


def test_the_fields_are_those_of_the_survey():
    names = "BSM YSDM TBYBH TBBH DLBM DLMC QSXZ QSDWDM QSDWMC ZLDWDM ZLDWMC TBMJ KCDLBM KCXS KCMJ"
    more = "TBDLMJ GDLX GDPDJB XZDWKD TBXHDM TBXHMC ZZSXDM ZZSXMC GDDB FRDBS CZCSXM SJNF MSSM HDMC"
    names = [*names.split(), *more.split(), "BZ"]
    assert [field.name for field in FIELDS][: len(names)] == names
    assert [field.name for field in FIELDS if field.required] == ["BSM", "DLBM"]


def test_a_file_is_imported_with_names_in_any_case(tmp_path):
    twin.write(tmp_path / "twin")
    frame = parcels().assign(slope_deg=[1.0, 2, 3, 4], TBYBH=["x" * 300] * 4)
    frame = frame.rename(columns={"DLBM": "dlbm", "slope_deg": "SLOPE_DEG"})
    write_vector(frame, tmp_path / "dltb.gpkg", layer="DLTB")
    done = bring(tmp_path / "twin", tmp_path / "dltb.gpkg", "parcels")
    assert done.rows == 4
    back = load(tmp_path / "twin").vector("parcels")
    assert back.DLBM.tolist() == ["0101", "0103", "0301", "0201K"]
    assert back.slope_deg.tolist() == [1, 2, 3, 4]
    assert back.TBYBH.str.len().tolist() == [300] * 4


def test_a_file_of_the_second_survey_is_refused_in_words(tmp_path):
    twin.write(tmp_path / "twin")
    frame = parcels(DLBM=["011", "013", "031", "203"])
    frame = frame.rename(columns={"GDPDJB": "GDPDJ", "KCXS": "TKXS"}).assign(KCLX="x")
    write_vector(frame, tmp_path / "dltb.gpkg", layer="DLTB")
    with pytest.raises(SchemaError) as caught:
        bring(tmp_path / "twin", tmp_path / "dltb.gpkg", "parcels")
    said = {(p.file, p.layer, p.field) for p in caught.value.problems}
    assert said == {("dltb.gpkg", "parcels", "GDPDJB"), ("dltb.gpkg", "parcels", "DLBM")}
    assert all(p.expected and p.remedy for p in caught.value.problems)


AMOUNTS = st.integers(0, 10**9)


@given(st.lists(st.tuples(AMOUNTS, AMOUNTS, AMOUNTS), min_size=1, max_size=9))
@settings(max_examples=60)
def test_sums_are_judged_in_whole_hundredths(amounts):
    whole, ridges, net = (np.array(column) for column in zip(*amounts, strict=True))
    count = len(amounts)
    frame = gpd.GeoDataFrame(
        {
            "BSM": [f"b{n:03}" for n in range(count)],
            "DLBM": "0101",
            "TBMJ": whole / 100,
            "KCMJ": ridges / 100,
            "TBDLMJ": net / 100,
        },
        geometry=[box(0, 0, 1, 1)] * count,
        crs=METRES,
    )
    expected = [(f"b{n:03}", "TBDLMJ") for n, (w, r, d) in enumerate(amounts) if w != r + d]
    assert found(frame) == expected
    assert hundredths(pd.Series(whole / 100)).tolist() == whole.tolist()

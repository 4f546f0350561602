"""Codes of the land survey, of plans and of the benchmark: mapped by a table, or an error."""

import csv

import pandas as pd
import pytest

from geo.errors import SchemaError, UsageError
from layers.land.classes import (
    CLASSES,
    TABLES,
    UNKNOWN_CLASS,
    class_title,
    classes,
    code_title,
    new_code,
    planning_code,
    survey_codes,
)
from layers.land.survey import CODE_FORM


def table(name):
    with (TABLES / f"{name}.csv").open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def test_every_code_of_the_survey_is_well_formed_and_has_class_and_plan():
    rows = table("survey")
    codes = pd.Series([row["code"] for row in rows])
    assert codes.is_unique
    assert codes.str.fullmatch(CODE_FORM).all()
    for row in rows:
        assert row["class"] in CLASSES
        assert row["planning"].isdigit()
        assert row["title_zh"]
        assert row["title_en"]
    for name in ("cropland", "orchard", "forest", "grass", "other_farm"):
        assert classes(pd.Series([new_code(name)])).tolist() == [name]
    assert new_code("cropland", mapping="benchmark") == "0110"
    with pytest.raises(UsageError, match="water"):
        new_code("water")


def test_codes_of_the_papers_fall_where_the_papers_say():
    said = {
        "0101": "cropland",
        "0102": "cropland",
        "0103": "cropland",
        "0201K": "orchard",
        "0301": "forest",
        "0404": "grass",
        "0601": "construction",
        "05H1": "construction",
        "0702": "homestead",
        "1104": "other_farm",
        "1202": "other_farm",
        "1203": "other_farm",
        "1103": "water",
        "1207": "other",
    }
    assert classes(pd.Series(list(said))).tolist() == list(said.values())
    benchmark = classes(pd.Series(["0110", "0310", "0510", "0133"]), mapping="benchmark")
    assert benchmark.tolist() == ["cropland", "forest", "other", "cropland"]


def test_survey_and_planning_lists_are_a_crosswalk_never_a_mix():
    # homestead 0702 / 0703, industry 0601 / 1001: the same number is another thing in the other list
    assert (planning_code("0702"), survey_codes("0703")) == ("0703", ("0702",))
    assert (planning_code("0601"), survey_codes("0601")) == ("1001", ("1006",))
    for row in table("survey"):
        assert row["code"] in survey_codes(row["planning"])
    with pytest.raises(UsageError, match="0110"):
        planning_code("0110")
    assert survey_codes("9999") == ()


def test_every_unmapped_code_is_listed_and_the_other_table_is_named():
    codes = pd.Series(["0101", "0110", "0310", "0310", "0510"])
    with pytest.raises(SchemaError) as caught:
        classes(codes)
    said = str(caught.value)
    assert all(words in said for words in ("0110 × 1", "0310 × 2", "0510 × 1"))
    assert "code_table=benchmark" in said
    assert "0101 " not in said


def test_survey_codes_under_the_benchmarks_table_are_never_silently_nothing():
    real = pd.Series(["0101", "0102", "0103", "0201", "0301", None])
    with pytest.raises(SchemaError) as caught:
        classes(real, mapping="benchmark")
    found = [problem.found.en for problem in caught.value.problems]
    assert found == ["empty × 1", "0101 × 1", "0102 × 1", "0103 × 1", "0301 × 1"]


def test_the_users_own_classes_go_first():
    codes = pd.Series(["0101", "2121", "2122", "9"])
    own = {"21*": "forest", "2122": "grass", "9": "other", "0101": "other"}
    assert classes(codes, own=own).tolist() == ["other", "forest", "grass", "other"]
    with pytest.raises(UsageError, match="wood"):
        classes(codes, own={"9": "wood"})


def test_labels_of_rows_stay():
    codes = pd.Series(["0301", "0101"], index=["b", "a"])
    assert classes(codes).to_dict() == {"b": "forest", "a": "cropland"}


def test_the_benchmark_names_its_codes():
    assert code_title("0133", mapping="benchmark").en == "Farmland"


def test_every_class_has_a_title_and_so_has_land_of_none():
    assert {name: class_title(name) for name in CLASSES} == dict(CLASSES)
    assert class_title(UNKNOWN_CLASS).en == "land use unknown"
    with pytest.raises(UsageError, match=r"no such class of land\n.*lake") as caught:
        class_title("lake")
    assert "没有这种地类" in caught.value.said("zh")

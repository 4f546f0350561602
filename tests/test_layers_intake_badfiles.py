"""Files of other projects' test suites; where ../shared is absent these tests skip and say so."""

import csv
from pathlib import Path

import pytest

from geo.errors import PlanningError
from layers.intake.reading import Options, read

FILES = Path(__file__).resolve().parents[2] / "shared" / "badfiles"
OTHERWISE = {
    "037": "latitudes of −141°: its CRS, WGS 84 by the standard, has none",
    "397": "no table and no shapes: words to be shown, which pages are tested with",
    "398": "no table and no shapes: words to be shown, which pages are tested with",
}
"""Cases that are refused though the list says otherwise, and why."""

pytestmark = pytest.mark.skipif(not FILES.is_dir(), reason="the bad files in ../shared are absent")


def cases():
    manifest = FILES / "manifest.csv"
    if not manifest.is_file():
        return []
    with manifest.open(encoding="utf-8", newline="") as file:
        return [row for row in csv.DictReader(file) if row["case"] not in OTHERWISE]


def outcome(row):
    """Read a file as the list hints, and say how it ended."""
    options = Options(crs=row["load_hint"].removeprefix("crs="))
    try:
        done = read(FILES / row["file"], options)
    except PlanningError as error:
        return "refuse" if str(error).strip() else "silence"
    if len(done.ledger):
        return "repair_warn"
    return "accept_warn" if done.warnings else "accept"


@pytest.mark.parametrize("row", cases(), ids=lambda row: row["case"])
def test_a_file_ends_as_it_should(row):
    assert outcome(row) in {row["right_outcome"], row["also_allowed"]}, row["what_is_wrong"]


def test_what_ends_otherwise_is_refused():
    with (FILES / "manifest.csv").open(encoding="utf-8", newline="") as file:
        known = {row["case"]: row for row in csv.DictReader(file)}
    assert {outcome(known[case]) for case in OTHERWISE} == {"refuse"}

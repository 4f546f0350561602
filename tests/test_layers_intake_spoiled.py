"""Files spoiled in their structure: refused in one message, told of, or taken just as they stand.

Every one is brought in by the command itself. It must not end unexpectedly (exit code 1); what a
strict reader of our own (`tests/spoiled_files`) finds odd must be refused or told; and what comes
in without a word must be, vertex by vertex and value by value, what that reader finds in the file.
"""

import math
import shutil

import numpy as np
import pytest
import shapely
from pyproj import Transformer

from geo.files import read_vector
from geo.words import Text
from layers.__main__ import main
from layers.county import layer_file
from layers.folder import Head, write_head
from tests.spoiled_files import markup, tables, trees
from tests.spoiled_files.lakes import NUMBERS

FORMATS = {
    "geojson": (trees, ()),
    "kml": (markup, ()),
    "csv": (tables, ("--crs", "EPSG:4326")),
}
USUAL = ("lake: ", "imported from ", "reprojected: ")
"""How lines of a report begin that every file has."""
TO_COUNTY = Transformer.from_crs(4326, 4549, always_xy=True)


@pytest.fixture(scope="module")
def county(tmp_path_factory):
    folder = tmp_path_factory.mktemp("spoiled") / "county"
    write_head(folder, Head("made", Text("某县", "Made"), "EPSG:4549"))
    return folder


def brought(raw, kind, county, capsys):
    """Bring a file in by the command; give its exit code and what it said beside the usual."""
    shutil.rmtree(county / "lake", ignore_errors=True)
    path = county.parent / f"lakes.{kind}"
    path.write_bytes(raw)
    words = ("import", county, path, "--as", "lake", "--quality", "official")
    code = main([str(word) for word in (*words, *FORMATS[kind][1])])
    out, err = capsys.readouterr()
    said = [line.strip() for line in out.splitlines() if line.strip()]
    return code, [line for line in said if not line.startswith(USUAL)], err


def differs(county, rows):
    """Say where a layer is not what the file holds."""
    lakes = read_vector(layer_file(county, "lake"), layer="lake")
    if len(lakes) != len(rows):
        return f"{len(lakes)} rows of {len(rows)}"
    for (_, lake), (values, polygons) in zip(lakes.iterrows(), rows, strict=True):
        for name in set(values) & set(lakes.columns):
            if not same_value(lake[name], values[name], name):
                return f"{name}: {lake[name]!r} of {values[name]!r}"
        places = [place[:2] for polygon in polygons for ring in polygon for place in ring]
        wanted = np.column_stack(TO_COUNTY.transform(*np.array(places).T))
        found = shapely.get_coordinates(lake.geometry)
        if found.shape != wanted.shape or np.abs(found - wanted).max() > 1e-6:
            return "vertices"
    return ""


def same_value(found, wanted, name):
    missing = found is None or (isinstance(found, float) and math.isnan(found))
    if wanted is None or (isinstance(wanted, str) and not wanted.strip()):
        return missing
    if missing:
        return False
    return float(found) == float(wanted) if name in NUMBERS else found == str(wanted).strip()


def wrong(kind, seed, county, capsys):
    """Say what went wrong with a spoiled file; nothing where all is well."""
    reader = FORMATS[kind][0]
    raw = reader.spoiled(np.random.default_rng(seed))
    code, said, err = brought(raw, kind, county, capsys)
    if code != 0:
        plain = code in {3, 5} and "Traceback" not in err and err.strip()
        return "" if plain else f"exit code {code}: {err[-300:]}"
    if said:
        return ""
    odd, rows = reader.content(raw)
    why = f"silent: {odd[:3]}" if odd else differs(county, rows)
    return f"{why}: {raw[:3000].decode('utf-8', 'replace')}" if why else ""


@pytest.mark.parametrize("kind", FORMATS)
def test_a_sound_file_comes_in_without_a_word(kind, county, capsys):
    made = FORMATS[kind][0].base()
    text = {"geojson": trees.json.dumps, "kml": str, "csv": tables.written}[kind](made)
    code, said, err = brought(text.encode(), kind, county, capsys)
    assert (code, said) == (0, []), err
    assert FORMATS[kind][0].content(text.encode()).odd == []
    assert differs(county, FORMATS[kind][0].content(text.encode()).rows) == ""


@pytest.mark.parametrize(("kind", "count"), [("geojson", 36), ("kml", 12), ("csv", 12)])
def test_a_spoiled_file_is_refused_told_or_taken_as_it_stands(kind, count, county, capsys):
    found = {seed: wrong(kind, seed, county, capsys) for seed in range(count)}
    assert {seed: words for seed, words in found.items() if words} == {}


@pytest.mark.prove
@pytest.mark.parametrize(("kind", "count"), [("geojson", 900), ("kml", 300), ("csv", 300)])
def test_every_spoiled_file_is_refused_told_or_taken(kind, count, county, capsys, seeds, figures):
    drawn = seeds(count)
    found = {seed: wrong(kind, seed, county, capsys) for seed in drawn}
    bad = {seed: words for seed, words in found.items() if words}
    figures(f"{kind}: {len(bad)} of {len(drawn):,} spoiled files end wrongly")
    assert bad == {}

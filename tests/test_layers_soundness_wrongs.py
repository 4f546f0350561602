"""Some hundred wrong contents, none named by a test of its own: each is named, none is silent."""

import pytest

from layers import soundness, twin
from layers.county import load
from tests.wrong_contents import spoil, told
from tests.wrong_joins import codes, elsewhere, figures, halves
from tests.wrong_land import areas, land, terrain, zones
from tests.wrong_places import names, people, placed, roads

FURTHER = (halves, elsewhere, figures, codes)
MADE = (areas, land, terrain, zones, people, roads, names, placed, *FURTHER)
EVERY = {name: one for make in MADE for name, one in make().items()}
TWIN = [name for name, one in EVERY.items() if "twin" in one.on]


@pytest.fixture(scope="module")
def sound():
    return twin.county()


def silent(county, names):
    """Give the wrongs that are not named, with what is."""
    found = {name: told(spoil(county, EVERY[name]), EVERY[name]) for name in names}
    return {name: sorted(one) for name, one in found.items() if not {*one} & {*EVERY[name].named}}


def test_wrong_contents_are_named(sound):
    assert silent(sound, TWIN[::6]) == {}


@pytest.mark.prove
def test_every_wrong_content_is_named(sound, figures):
    unnamed = silent(sound, TWIN)
    figures(f"wrong contents of the twin: {len(unnamed)} of {len(TWIN)} silent")
    assert unnamed == {}


def test_there_are_many_wrongs_and_every_finding_says_all_it_must(sound):
    assert len(EVERY) >= 60
    for name in ("heights_zero", "all_roads_one_way", "farmland_as_redline", "outline_larger"):
        for one in soundness.findings(spoil(sound, EVERY[name])):
            words = (one.title, one.found, one.expected, one.remedy)
            assert all(text.zh and text.en for text in words), (name, one.id)


@pytest.mark.prove
def test_wrong_contents_of_the_shipped_county_are_named(figures):
    county = load("jingning")
    assert soundness.findings(county) == ()
    names = [name for name, one in EVERY.items() if "jingning" in one.on]
    unnamed = silent(county, names)
    figures(f"wrong contents of the shipped county: {len(unnamed)} of {len(names)} silent")
    assert unnamed == {}

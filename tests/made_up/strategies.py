"""Strategies on the twin: plans that claim rectangles of its land, written, read and carried out."""

from dataclasses import replace
from pathlib import Path

import scenarios
from layers import county as counties
from layers import twin
from scenarios.several.strategy.combining import combined
from scenarios.several.strategy.reading import read

MADE_UP = str(Path(__file__).parents[1] / "scenarios_made_up")
HEAD = "discount = 0.1\nfirst_year = 2025\n"
LEFT, RIGHT = "[200, 1400, 400, 1600]", "[300, 1500, 500, 1600]"
"""4 ha and 2 ha of the twin that share 100 m × 100 m: 1 ha, all of it on the field p0401."""


def patched(monkeypatch, county=None):
    """Let the made-up questions be found, and the twin stand for every county."""
    monkeypatch.setattr(scenarios, "__path__", [*scenarios.__path__, MADE_UP])
    monkeypatch.setattr(counties, "load", lambda _: county or parkless())


def parkless():
    """Give the twin without its park, so that nothing is asked of it."""
    county = twin.county()
    data = {name: one for name, one in county.data.items() if name != "park"}
    sources = {name: one for name, one in county.sources.items() if name != "park"}
    return replace(county, data=data, sources=sources)


def plan(name, what="claiming", more="", **values):
    inner = ", ".join(f"{key} = {value}" for key, value in values.items())
    return f'[[plan]]\nname = "{name}"\nwhat = "{what}"\nset = {{ {inner} }}\n{more}\n'


def box(west, south, east, north):
    return f"[{west}, {south}, {east}, {north}]"


def written(folder, *plans, head=HEAD):
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "plan.toml").write_text(head + "".join(plans), encoding="utf-8")
    return folder / "plan.toml"


def carried(folder, *plans, head=HEAD, out="out"):
    held = {}
    asked = read(str(written(folder, *plans, head=head)), county="", lang="en", held=held)
    return combined(asked, folder / out, held=held)


def table(run, name):
    return next(one.frame for one in run.result.tables if one.id == name)

"""What shall be run, from what a planner typed: script and settings first, then their county."""

from __future__ import annotations

from collections.abc import MutableMapping, Sequence
from pathlib import Path

from geo.words import Lang
from layers import county as counties
from layers.county import County
from layers.folder import defaults, scripts
from scenarios import outside
from scenarios.running import COUNTY
from scenarios.running.runs import Order
from scenarios.running.script import SUFFIX, read


def ordered(
    what: str,
    *,
    lang: Lang,
    settings: Sequence[str] = (),
    county: str = "",
    held: MutableMapping[str, County] | None = None,
) -> Order:
    """Read what shall be run, on which county, with which parameters.

    Parameters
    ----------
    what
        A question, a script kept with the county, the file of a script or of a question.
    lang
        Language of the titles in the run's files.
    settings
        `key=value`, over the script's.
    county
        Name or folder; where it is empty the script's, else `COUNTY`.
    held
        Counties that are loaded already, by name or folder; what is loaded is put there.

    Raises
    ------
    UsageError, FileError, InputError
        As `scenarios.running.script.read` and `layers.county.load` do.
    """
    named = what.endswith(SUFFIX) or outside(what)
    kept: dict[str, Path] = {} if named else scripts(county or COUNTY)
    script = read(
        what, settings=settings, kept=kept, usual=lambda own: defaults(county or own or COUNTY)
    )
    place = county or script.county or COUNTY
    held = {} if held is None else held
    if place not in held:
        held[place] = counties.load(place)
    return Order(script.scenario, held[place], script.params, script.subtitle, lang, script.bases)

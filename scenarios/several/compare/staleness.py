"""Whether runs are older than the layers and the code of today, by the hashes that they carry."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import scenarios
from geo.errors import UsageError
from geo.words import NO_TEXT, Text, joined
from layers.folder import folder_of, read_head, shipped
from layers.source import Source, read_all
from scenarios.result import Run
from scenarios.running.runs import code_version
from scenarios.several import COMMANDS
from scenarios.several.labels import letter

CODE = Text("程序", "the code")
CODE_APART = Text("单独文件中的问题", "the question's own file")
AFTER_RUN = re.compile(r"\w+ [0-9a-f]{64}")
"""The last step of a layer that an earlier run edited: the name and key of that run."""


@dataclass(frozen=True)
class Since:
    """What has changed since a run, and of what that cannot be told; empty texts for nothing."""

    changed: Text = NO_TEXT
    unknown: Text = NO_TEXT


def since(runs: Sequence[Run], county: str = "") -> dict[str, Since]:
    """Say by letter of which runs layers or code have changed since, or may have.

    Parameters
    ----------
    runs
        The runs in their order.
    county
        A county's name or folder, whose layers are those of today for the runs that are of it;
        those of other counties are held against the shipped county of their name.

    Raises
    ------
    UsageError
        If none of the runs is of the county given.
    FileError, SchemaError
        If there is no such county, or a source of it is not as it should be.
    """
    places = {name: folder_of(name) for name in shipped()}
    if county:
        given = folder_of(county)
        name = read_head(given).id
        if name not in {run.county for run in runs}:
            words = Text(f"没有情景属于县域 {name}", f"no run is of the county {name}")
            raise UsageError(words)
        places[name] = given
    ours = {run.county for run in runs} & set(places)
    known = {name: read_all(places[name]) for name in sorted(ours)}
    found = {letter(n): _since(run, known.get(run.county)) for n, run in enumerate(runs)}
    return {name: one for name, one in found.items() if one != Since()}


def _since(run: Run, known: Mapping[str, Source] | None) -> Since:
    changed, unknown = list[str | Text](), list[str | Text]()
    if run.code != code_version():
        own = run.scenario in {*scenarios.names(), *COMMANDS}
        (changed if own else unknown).append(CODE if own else CODE_APART)
    if known is None:
        unknown.append(Text(f"县域 {run.county} 的图层", f"layers of the county {run.county}"))
        return Since(joined(changed), joined(unknown))
    for source in run.sources:
        name, now = source.layer, known.get(source.layer)
        if source.steps and AFTER_RUN.fullmatch(source.steps[-1]):
            unknown.append(Text(f"{name}（承接先前的情景）", f"{name} (left by an earlier run)"))
        elif now is None or now.sha256 != source.sha256:
            changed.append(name)
    return Since(joined(changed), joined(unknown))

"""The run that several runs make together: what it follows from, of which land, how well known."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

from pyproj import CRS

from geo.crs import same
from geo.words import Text, joined
from layers.source import worst
from scenarios import record
from scenarios.result import Result, Run
from scenarios.running import folder as folders
from scenarios.running.runs import code_version, kept


def gathered(
    kind: str,
    runs: Sequence[Run],
    result: Result,
    *,
    title: Text,
    question: Text,
    asked: Mapping[str, Any],
) -> Run:
    """Give the run of what was found of several runs.

    Parameters
    ----------
    kind
        What was done with them: the command's name.
    runs
        The runs, at least one, in the order in which they were given.
    result
        What was found; its layers are in the CRS of the first run.
    title, question
        In both languages.
    asked
        What else it follows from: the options of the command.

    Returns
    -------
    Run
        Its key follows from the keys of the runs, from `asked` and from the code. Its quality is
        the worst of theirs, its sources and rules are all of theirs, each once.

    Raises
    ------
    ValueError
        If there are no runs.
    """
    if not runs:
        raise ValueError("no runs to gather")
    first = runs[0]
    content = {
        "kind": kind,
        "runs": [one.key for one in runs],
        "asked": asked,
        "code": code_version(),
        "lang": first.lang,
    }
    whole = kept(result, CRS(first.crs))
    folders.require_ids(whole)
    return Run(
        key=hashlib.sha256(record.dumps(record.tree(content)).encode()).hexdigest(),
        scenario=kind,
        title=title,
        question=question,
        measures=tuple(sorted({measure for one in runs for measure in one.measures})),
        params=dict(asked),
        changed=dict(asked),
        county="+".join(dict.fromkeys(one.county for one in runs)),
        county_name=joined(dict.fromkeys(one.county_name for one in runs)),
        crs=first.crs,
        data_date=_dates(runs),
        quality=worst(one.quality for one in runs),
        sources=tuple({(s.layer, s.sha256): s for one in runs for s in one.sources}.values()),
        rules=tuple({(r.id, r.valid_from): r for one in runs for r in one.rules}.values()),
        result=whole,
        code=code_version(),
        lang=first.lang,
    )


def alike_in(runs: Sequence[Run]) -> bool:
    """Say whether runs are of one county in one CRS, so that their shapes may be held together."""
    first = runs[0]
    return all(one.county == first.county and same(CRS(one.crs), CRS(first.crs)) for one in runs)


def _dates(runs: Sequence[Run]) -> str:
    """Give the first and the last day of the data of all."""
    days = sorted({day for one in runs for day in one.data_date.split(" – ")})
    return " – ".join(dict.fromkeys((days[0], days[-1])))

"""Figures of the runs compared as numbers for the page, what the runs are called, and who loses."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from geo.words import Text
from maps.parameters import changed
from maps.wording import pair, plain, unit_words
from scenarios.result import Run, Table

AS_USUAL = Text("均为默认值", "all defaults")
NOTHING, EMPTY = Text("无", "none"), "—"
BRACKETS = re.compile(r"（.*?）|\(.*?\)")
MOST_LOSERS = 80
"""Places worse off of each run that the page lists; the table's file has them all."""
LOSERS = "losers"


def table(whole: Run, name: str) -> Table | None:
    """Give a table of the comparison."""
    return next((one for one in whole.result.tables if one.id == name), None)


def figures(whole: Run, letters: Mapping[str, Any]) -> dict[str, Any]:
    """Give every figure that the runs have: what it is, and its value in each run."""
    own = table(whole, "figures")
    if own is None:
        return {"columns": [], "values": {}}
    columns = [column for column in own.columns if column.name != "run"]
    rows = {str(row["run"]): row for row in own.frame.to_dict("records")}
    return {
        "columns": [
            {
                "title": pair(column.title),
                "unit": unit_words(column.unit),
                "decimals": column.decimals,
                "better": column.better,
            }
            for column in columns
        ],
        "values": {
            letter: [plain(rows[letter][column.name]) for column in columns] for letter in letters
        },
    }


def named(runs: Mapping[str, Run]) -> dict[str, dict[str, Any]]:
    """Give each run's title, and in words its values of the parameters in which the runs differ.

    Those that it shares with fewest runs stand first, since long names are cut short.
    """
    questions = {run.scenario for run in runs.values()}
    differing = _differing(runs) if len(questions) == 1 else []
    names = {}
    for letter, run in runs.items():
        own = run.params
        alike = {n: sum(one.params.get(n) == own[n] for one in runs.values()) for n in differing}
        asked = {name: own[name] for name in sorted(differing, key=alike.__getitem__)}
        told = changed(replace(run, changed=asked)) if asked else changed(run)
        words = (" · ".join(_worded(one, lang) for one in told) for lang in (0, 1))
        title = pair(run.subtitle if any(pair(run.subtitle)) else run.title)
        names[letter] = {
            "code": letter,
            "name": title,
            "differs": list(words) if told else pair(AS_USUAL),
        }
    return names


def _differing(runs: Mapping[str, Run]) -> list[str]:
    """Name the parameters that not all runs were asked with alike."""
    first, *others = (run.params for run in runs.values())
    return [name for name in first if any(one.get(name) != first[name] for one in others)]


def _worded(told: Mapping[str, Sequence[str]], lang: int) -> str:
    """Say a parameter and its value; what its title says in brackets stands in the run's own."""
    title = BRACKETS.sub("", told["title"][lang]).strip()
    value = told["value"][lang]
    return f"{title} {pair(NOTHING)[lang] if value == EMPTY else value}"


def losers(whole: Run) -> dict[str, Any]:
    """List the places worse off, of each run the greatest losses first, with how many are left."""
    own = table(whole, "losers")
    if own is None:
        return {"rows": [], "more": {}}
    places = dict(_features(whole))
    rows = []
    for row in own.frame.groupby("run", sort=False).head(MOST_LOSERS).to_dict("records"):
        key = row["layer"], row["place"], row["run"], row["than"] == "today"
        layer, feature = places.get(key, ("", ""))
        rows.append(
            {
                "place": plain(row["name"]) or row["place"],
                "run": row["run"],
                "than": row["than"],
                "what": [row["what"], row["what_en"]],
                "unit": unit_words(plain(row["unit"]) or ""),
                **{name: plain(row[name]) for name in ("value", "other", "loss")},
                "layer": layer,
                "feature": feature,
            }
        )
    counts = own.frame["run"].value_counts(sort=False)
    return {"rows": rows, "more": {str(k): max(int(n) - MOST_LOSERS, 0) for k, n in counts.items()}}


def _features(whole: Run) -> Iterator[tuple[tuple[str, str, str, bool], tuple[str, str]]]:
    """Give the layer and the id of each place that the map shows as worse off."""
    for layer in whole.result.layers:
        if not layer.id.startswith(LOSERS):
            continue
        frame: Any = layer.data
        for label, row in zip(frame.index, frame.to_dict("records"), strict=True):
            key = row["layer"], row["place"], row["run"], layer.id != LOSERS
            yield key, (layer.id, str(label))

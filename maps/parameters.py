"""The parameters of a run that are not as usual, in words, and the titles of its codes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from geo.words import Text
from maps.wording import UI, pair, plain, unit_words
from scenarios.result import Run

SEPARATORS = pair(Text("、", ", "))
LONGEST = 60  # letters of a parameter's value


def changed(run: Run) -> list[dict[str, list[str]]]:
    """Give the parameters that are not as usual: their titles and values, codes by their titles."""
    titles = code_titles(run)
    known = {one.id: one for one in run.settings}
    found = []
    for name, value in run.changed.items():
        one = known.get(name)
        units = unit_words(one.unit) if one and one.unit != "1" else ("", "")
        words = [_value(plainest(value), titles, lang) for lang in (0, 1)]
        found.append(
            {
                "title": pair(one.title if one else Text(name, name)),
                "value": [
                    f"{word} {unit}".rstrip() for word, unit in zip(words, units, strict=True)
                ],
            }
        )
    return found


def _value(value: Any, titles: Mapping[str, tuple[str, str]], lang: int) -> str:
    """Write a parameter's value in a language, short enough for a line."""
    if isinstance(value, bool):
        return pair(UI["yes" if value else "no"])[lang]
    if isinstance(value, list):
        whole = SEPARATORS[lang].join(_value(one, titles, lang) for one in value) or "—"
    elif isinstance(value, str):
        whole = titles[value][lang] if value in titles else value.replace("\n", " ") or "—"
    else:
        whole = f"{value:g}" if isinstance(value, float) else json.dumps(value, ensure_ascii=False)
    return whole if len(whole) <= LONGEST else whole[: LONGEST - 1] + "…"


def code_titles(run: Run) -> dict[str, tuple[str, str]]:
    """Give the titles of all codes that the run's columns hold."""
    columns = [column for layer in run.result.layers for column in layer.columns]
    columns += [column for table in run.result.tables for column in table.columns]
    known = [one for column in columns for one in column.categories]
    known += [one for layer in run.result.layers for one in layer.categories]
    return {one.code: (one.title.zh, one.title.en) for one in reversed(known)}


def plainest(value: Any) -> Any:
    """Give a parameter's value as JSON holds it, through lists and mappings."""
    if isinstance(value, Mapping):
        return {str(key): plainest(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plainest(item) for item in value]
    return plain(value)

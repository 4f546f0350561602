"""The manual as one HTML file: what the code says of itself, under the same policy as pages.

It receives facts as lists and tables of words and knows no question, rule, layer or command by
name. Same facts and run, same bytes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from geo.words import NO_TEXT, Text, alike, joined, unit_words
from maps import handoff, stable
from maps.cards import written
from maps.handoff.readme import listed
from maps.manual import pictures
from maps.manual.words import WORDS
from maps.page import assembled, embedded, own, ui
from maps.wording import pair
from scenarios.result import Metric, Run, Setting

Facts = Mapping[str, Any]
Group = dict[str, Any]
Cell = dict[str, Any]


def manual(facts: Facts, runs: Sequence[Run], told: Sequence[Text]) -> str:
    """Draw the manual as one HTML file.

    Parameters
    ----------
    facts
        Questions, scripts, rules, layers, commands, exit codes and the steps of the first hour.
    runs
        The run that the pictures of the first hour show, and one with a parameter changed.
    told
        What the command answers when the first of them is made.
    """
    sections = [
        _section("hour", _hour(facts, runs, told)),
        _section("questions", map(_question, facts["questions"])),
        _section("scripts", [_scripts(facts)]),
        _section("rules", [_rules(facts), _standings(facts)]),
        _section("layers", map(_layer, facts["layers"])),
        _section("qualities", [_listed("qualities", ("quality", "meaning"), facts["qualities"])]),
        _section("commands", map(_command, facts["commands"])),
        _section("codes", [_listed("codes", ("exit_code", "meaning"), facts["codes"])]),
    ]
    words = {name: pair(one) for name, one in WORDS.items()}
    data = {"ui": {**ui(), **words}, "code": facts["code"][:12], "sections": sections}
    return assembled(
        "manual.html",
        scripts={"own": own(("page.js", "manual.js"))},
        styles={"style": stable.asset("page.css") + stable.asset("manual.css")},
        parts={"data": embedded(data), "figures": "".join(_figures(sections))},
    )


def _figures(sections: Sequence[Group]) -> Iterator[str]:
    """Take the drawings out of the groups: they hold no word of data, and stand in the file."""
    for section in sections:
        for group in section["groups"]:
            if picture := group.get("picture"):
                yield f'<figure id="figure-{group["id"]}">{picture.pop("svg")}</figure>'


def _section(name: str, groups: Any) -> Group:
    known = list(groups)
    lead = pair(WORDS[f"{name}_lead"])
    return {"id": name, "title": pair(WORDS[name]), "lead": lead, "groups": known}


def _group(kind: str, name: str, title: Text, **parts: Any) -> Group:
    """Give one thing that is told: name, title, paragraphs, facts, table."""
    return {"id": f"{kind}-{name}", "name": name, "title": pair(title), **parts}


def _cell(words: Text | str, code: str = "", *, to: Sequence[str] = ()) -> Cell:
    """Give what stands in a place: a name as it is typed, words, places it leads to."""
    both = pair(alike(words) if isinstance(words, str) else words)
    return {"words": both, "code": code, "to": list(to)}


def _table(columns: Sequence[str], rows: Any) -> Group:
    return {"columns": [pair(WORDS[one]) for one in columns], "rows": list(rows)}


def _hour(facts: Facts, runs: Sequence[Run], told: Sequence[Text]) -> Iterator[Group]:
    """Give the steps of the first hour with their pictures."""
    for number, step in enumerate(facts["hour"], 1):
        group = _group("step", str(number), step["title"], paragraphs=[pair(step["words"])])
        group |= {"name": "", "number": number, "lines": step["lines"]}
        if step["picture"] == "told":
            group["told"] = [pair(one) for one in told]
        if step["picture"] == "page":
            group["picture"] = pictures.page(runs[0])
        if step["picture"] == "changed":
            group["table"] = _changed(runs)
        if step["picture"] == "folder":
            files = listed(runs[0], handoff.files(runs[0]))
            rows = ([_cell("", name), _cell(about)] for name, about in files)
            group["table"] = _table(("file", "meaning"), rows)
        yield group


def _changed(runs: Sequence[Run]) -> Group:
    """Give the figures of both runs side by side."""
    figures = [{one.id: one for one in run.result.metrics} for run in runs]
    rows = [
        [_cell(one.title), *(_figure(known.get(one.id)) for known in figures)]
        for one in runs[0].result.metrics
    ]
    return _table(("indicator", "as_it_is", "changed"), rows)


def _figure(metric: Metric | None) -> Cell:
    if metric is None:
        return _cell("")
    unit = unit_words(metric.unit)
    value = written(metric.value, metric.decimals)
    return _cell(Text(f"{value} {unit.zh}".rstrip(), f"{value} {unit.en}".rstrip()))


def _question(question: Facts) -> Group:
    """Give a question: what it asks, its method and limits, its layers, its parameters."""
    facts = {
        "measures": _cell(", ".join(map(str, question["measures"]))),
        "needs": _led("layers", question["needs"]),
        "uses": _led("layers", question["uses"]),
    }
    if question["terrain_m"]:
        facts["terrain"] = _cell(_filled("terrain_m", f"{question['terrain_m']:g}"))
    rows = [_parameter(one, question["files"].get(one.id)) for one in question["params"]]
    return _group(
        "questions",
        question["name"],
        question["title"],
        lead=pair(question["question"]),
        paragraphs=[pair(question["method"])],
        facts=_facts(facts),
        table=_table(("parameter", "unit", "default", "range", "source"), rows),
    )


def _filled(name: str, figure: str) -> Text:
    words = WORDS[name]
    return Text(words.zh.replace("{n}", figure), words.en.replace("{n}", figure))


def _facts(cells: Mapping[str, Cell]) -> list[Cell]:
    return [{"label": pair(WORDS[name]), **cell} for name, cell in cells.items()]


def _led(kind: str, names: Sequence[str]) -> Cell:
    """Give names that lead to where they are told."""
    return _cell(NO_TEXT if names else WORDS["none"], to=[f"{kind}-{name}" for name in names])


def _parameter(one: Setting, file: Text | None) -> list[Cell]:
    spans = [words for words in (one.span, file) if words and words.zh]
    return [
        _cell(one.title, one.id),
        _cell(unit_words(one.unit)),
        _cell("", one.value),
        _cell(joined(spans, "；", "; ")),
        _cell(one.source),
    ]


def _scripts(facts: Facts) -> Group:
    rows = [
        [_cell(one["title"], one["name"]), _led("questions", [one["scenario"]])]
        for one in facts["scripts"]
    ]
    table = _table(("script", "question"), rows)
    return _group("scripts", "", WORDS["scripts"], table=table)


def _rules(facts: Facts) -> Group:
    """Give every rule in every version of it."""
    columns = ("rule", "document", "asks", "valid", "standing", "approver")
    rows = [_rule(one, facts["standings"]) for one in facts["rules"]]
    return _group("rules", "", WORDS["rules"], table=_table(columns, rows))


def _standings(facts: Facts) -> Group:
    """Say what the standing of a rule may be."""
    listed = _listed("standing", ("code", "meaning"), facts["standings"])
    return {**listed, "id": "rules-standings"}


def _rule(rule: Facts, standings: Mapping[str, Text]) -> list[Cell]:
    days = (rule["valid_from"], rule["valid_to"])
    return [
        _cell(rule["title"], rule["id"]),
        _cell(" · ".join(filter(None, (rule["document"], rule["clause"])))),
        {**_cell(""), "list": rule["asks"]},
        _cell(f"{days[0]} – {days[1]}" if any(days) else ""),
        {**_cell(standings[rule["status"]]), "tone": rule["status"]},
        _cell(rule["approver"]),
    ]


def _layer(layer: Facts) -> Group:
    """Give a layer: its fields, or the range of its cells, and the questions that ask for it."""
    facts = {
        "kind": _cell(layer["kind"]),
        "values": _cell(layer["values"]),
        "needed_by": _led("questions", layer["needed"]),
        "used_by": _led("questions", layer["used"]),
    }
    if layer["fields"]:
        del facts["values"]
    columns = ("field", "kind", "values", "required")
    rows = [
        [
            _cell(one["title"], one["name"]),
            _cell(one["kind"]),
            _cell(one["values"]),
            _cell(one["need"]),
        ]
        for one in layer["fields"]
    ]
    table = {"table": _table(columns, rows)} if rows else {}
    return _group("layers", layer["name"], layer["title"], facts=_facts(facts), **table)


def _command(command: Facts) -> Group:
    """Give a command with what it takes."""
    rows = [
        [_cell("", _form(one)), _cell(one["words"]), _cell("", one["choices"]), _default(one)]
        for one in command["taken"]
    ]
    table = _table(("option", "does", "choices", "default"), rows)
    name = command["call"].partition(" ")[2].replace(" ", "-")
    group = _group("commands", name, command["words"], table=table)
    return {**group, "name": command["call"]}


def _form(one: Facts) -> str:
    return one["form"] if one["needed"] or one["form"].startswith("[") else f"[{one['form']}]"


def _default(one: Facts) -> Cell:
    return _cell("", one["default"])


def _listed(name: str, columns: Sequence[str], meanings: Mapping[str, Text]) -> Group:
    """Give codes with what they mean."""
    rows = [[_cell("", code), _cell(words)] for code, words in meanings.items()]
    return _group(name, "", WORDS[name], table=_table(columns, rows))

"""Indicators, checks, tables and footer of a run as words and numbers for the page."""

from __future__ import annotations

from collections.abc import Container, Mapping
from dataclasses import replace
from typing import Any

from geo.words import Text, alike, joined
from maps import charts, profile
from maps.alternatives import COLUMN
from maps.cards import card
from maps.leading import FOLDER, RUN_ROWS, leads
from maps.parameters import changed, code_titles
from maps.readable import readable
from maps.rows import named
from maps.wording import (
    CLAIMS,
    UI,
    VERDICTS,
    english,
    number,
    pair,
    plain,
    said,
    told,
    unit_words,
)
from scenarios.result import Check, Claim, Column, Part, Run, Table, Verdict

TABLE_ROWS = 200
NONE = Text("无，全部为默认值", "none, all defaults")
STOPPED = Text("否：求解因时限中止，重新运行结果可能不同", "no: a time limit ended a search")
WHOLE = Text("全县", "county")
CLAIMED = (
    Text("项目", "Item"),
    Text("数量", "Amount"),
    Text("范围", "Range"),
    Text("地点", "Place"),
    Text("年份", "Year"),
)
SUPPLY = Text("供给", "supplies")
SUPPLIES = {"people": Text("可安置", "houses"), "yuan": Text("收入", "brings in")}
URGENT = ("fail", "approval", "unknown", "pass")
COMPARED = 6


def indicators(run: Run) -> list[dict[str, Any]]:
    """Give every metric as a card."""
    return [card(metric) for metric in run.result.metrics]


def checks(run: Run) -> list[dict[str, Any]]:
    """Give every check with its verdict in words and the rule it stands on.

    What fails comes first, then what needs approval, then what is not known, each in the order of
    the result.
    """
    rules = {rule.id: place for place, rule in enumerate(run.rules)}
    return [_check(check, rules) for check in ordered(run)]


def ordered(run: Run) -> list[Check]:
    """Give the checks in the order in which they are told."""
    return sorted(run.result.checks, key=lambda check: URGENT.index(check.verdict))


def _check(check: Check, rules: Mapping[str, int]) -> dict[str, Any]:
    return {
        "title": pair(check.title),
        **_judged(check, check.verdict),
        "found": pair(check.found),
        "allowed": pair(check.allowed),
        "remedy": pair(check.remedy),
        "rule": rules.get(check.rule),
        "rule_id": check.rule,
        "layer": check.layer,
        "features": list(check.features),
        "stretches": [],
        "parts": {one.alternative: _part(check, one) for one in check.parts},
    }


def _judged(check: Check, verdict: Verdict) -> dict[str, Any]:
    """Say a verdict in words, with its tone, its mark and how urgent it is."""
    return {
        "verdict": pair(VERDICTS[_verdict(check, verdict)]),
        "tone": {"pass": "good", "fail": "bad", "approval": "bad"}.get(verdict, "plain"),
        "mark": {"pass": "✓", "fail": "✕", "approval": "!"}.get(verdict, "?"),
        "urgency": URGENT.index(verdict),
    }


def _part(check: Check, part: Part) -> dict[str, Any]:
    """Give what a check says of one alternative in place of what it says of all."""
    return {
        **_judged(check, part.verdict),
        "found": pair(part.found),
        "remedy": pair(part.remedy),
        "layer": part.layer,
        "features": list(part.features),
        "stretches": [[one.from_m, one.to_m] for one in part.stretches],
    }


def _verdict(check: Check, verdict: Verdict) -> str:
    """Name a verdict: against a rule a failure is a breach; a doubt is about data."""
    if check.doubts:
        return "doubt"
    return "breach" if check.rule and verdict == "fail" else verdict


def tables(run: Run, pages: Container[str] = ()) -> list[dict[str, Any]]:
    """Give the tables that are not drawn as charts or cards, cut to what a panel can hold.

    Of the folders that rows name `pages` are those that have a page.
    """
    listed = [one for one in run.result.tables if not one.chart and one.role != "measures"]
    known = profile.alternatives(run)
    first = [_compared(one, known) for one in listed if _compares_ways(one)]
    codes = {one.code for one in run.result.alternatives}
    rest = [
        _table(run, readable(one), codes) | leads(one, pages)
        for one in listed
        if not _compares_ways(one)
    ]
    return [*first, *claims(run), *rest]


def _compares_ways(table: Table) -> bool:
    """Say whether a table compares alternatives, one row each."""
    return table.role == "comparison" and len(table.columns) > 1


def _compared(table: Table, known: Mapping[str, tuple[tuple[str, str], str]]) -> dict[str, Any]:
    """Give a comparison turned: one line each figure, one column each alternative.

    An alternative that the map shows has its title and colour there.
    """
    rows = table.frame.head(COMPARED).to_dict("records")
    label, *figures = _columns(table)
    drawn = [known.get(str(row.get(label.name))) for row in rows]
    return {
        "title": pair(table.title),
        "columns": [
            {"title": pair(label.title), "unit": ["", ""]},
            *(
                {
                    "title": list(one[0]) if one else _told(row, label),
                    "unit": ["", ""],
                    "colour": one[1] if one else "",
                    "code": str(row.get(label.name)),
                }
                for row, one in zip(rows, drawn, strict=True)
            ),
        ],
        "numeric": [False, *(True for _ in rows)],
        "rows": [[pair(c.title), *(_told(row, c) for row in rows)] for c in figures],
        "units": [unit_words(c.unit) for c in figures],
        "more": max(len(table.frame) - COMPARED, 0),
        "compared": True,
    }


def _columns(table: Table) -> list[Column]:
    """Give the columns of a table but for those that say another one in English."""
    names = {column.name for column in table.columns}
    said = {english(name, names) for name in names}
    return [column for column in table.columns if column.name not in said]


def _told(row: Mapping[str, Any], column: Column) -> str | list[str]:
    """Give a cell, in both languages where these differ."""
    words = told(row, column) if isinstance(row.get(column.name), str) else None
    if words is None:
        return _cell(row.get(column.name), column)
    return words[0] if words[0] == words[1] else list(words)


def claims(run: Run) -> list[dict[str, Any]]:
    """Give what the plan would use up or owe as a table, or none where it claims nothing."""
    if not run.result.claims:
        return []
    titles = code_titles(run)
    rows = []
    for one in run.result.claims:
        digits = 0 if one.unit in {"yuan", "persons"} else 2
        place = list(titles.get(one.place, (one.place,) * 2)) if one.place else pair(WHOLE)
        year = "—" if one.year is None else str(one.year)
        ends = sorted(map(abs, (one.low, one.high))) if _supplied(one) else (one.low, one.high)
        span = " … ".join(number(end, digits) for end in ends) if one.low < one.high else "—"
        rows.append([_claimed(one, titles), _amount(one, digits), span, place, year])
    return [
        {
            "title": pair(UI["claims"]),
            "columns": [{"title": pair(title), "unit": ["", ""]} for title in CLAIMED],
            "numeric": [False, True, True, False, True],
            "rows": rows,
            "more": 0,
        }
    ]


def claim_places(claim: Claim) -> int:
    """Give the decimals of what is claimed: none of yuan and persons."""
    return 0 if claim.unit in {"yuan", "persons"} else 2


def _supplied(claim: Claim) -> bool:
    """Say whether it is a supply, whatever its spread."""
    return claim.likely < 0 and claim.high <= 0


def _amount(claim: Claim, digits: int) -> list[str]:
    """Say how much; of a supply that it is one, without a sign."""
    units = unit_words(claim.unit)
    if not _supplied(claim):
        return [f"{number(claim.likely, digits)} {unit}" for unit in units]
    words = pair(SUPPLIES.get(claim.kind, SUPPLY))
    amount = number(-claim.likely, digits)
    return [f"{word} {amount} {unit}" for word, unit in zip(words, units, strict=True)]


def _claimed(claim: Claim, titles: Mapping[str, tuple[str, str]]) -> list[str]:
    """Say what is claimed: its own words, else its kind with the class that goes and comes."""
    if any(pair(claim.title)):
        return pair(claim.title)
    ways = [titles.get(code, (code, code)) for code in (claim.from_, claim.to) if code]
    kind = CLAIMS[claim.kind]
    both = (" → ".join(way[lang] for way in ways) for lang in (0, 1))
    return [
        f"{word}（{way}）" if way and not lang else f"{word} ({way})" if way else word
        for lang, (word, way) in enumerate(zip(pair(kind), both, strict=True))
    ]


def _table(run: Run, table: Table, codes: Container[str] = ()) -> dict[str, Any]:
    """Give a table with the features that its rows name.

    Of one that holds several alternatives the first rows of each, and whose they are.
    """
    frame, names = table.frame, {column.name for column in table.columns}
    owned = COLUMN in names and all(str(code) in codes for code in frame[COLUMN].unique())
    most = RUN_ROWS if FOLDER in names else TABLE_ROWS
    shown = (frame.groupby(COLUMN, sort=False) if owned else frame).head(most)
    whose = {}
    if owned:
        counts = frame[COLUMN].astype(str).value_counts(sort=False)
        whose = {
            "ways": [str(code) for code in shown[COLUMN]],
            "over": {code: max(int(count) - most, 0) for code, count in counts.items()},
        }
    on_map = named(run, replace(table, frame=shown), len(shown))
    rows = shown.to_dict("records")
    columns = _columns(table)
    return {
        "title": pair(table.title),
        "columns": [{"title": pair(c.title), "unit": unit_words(c.unit)} for c in columns],
        "numeric": [charts.numeric(table, column) for column in columns],
        "rows": [[_told(row, c) for c in columns] for row in rows],
        "more": 0 if owned else max(len(frame) - most, 0),
        "layer": on_map.layer,
        "features": on_map.features,
        **whose,
    }


def _cell(value: Any, column: Column) -> str:
    value = plain(value)
    if value is None:
        return "—"
    if isinstance(value, float) and column.decimals is not None:
        return number(value, column.decimals)
    return f"{value:g}" if isinstance(value, float) else str(value)


def rules(run: Run) -> list[dict[str, Any]]:
    """Give the rules of a run as pop-ups and checks show them."""
    return [
        {
            "id": r.id,
            "title": pair(r.title),
            "document": r.document,
            "clause": r.clause,
            "status": r.status,
        }
        for r in run.rules
    ]


def sources(run: Run) -> list[dict[str, Any]]:
    """Give the sources of a run as pop-ups show them."""
    return [
        {
            "title": pair(s.title),
            "publisher": said(s.publisher),
            "licence": said(s.licence),
            "retrieved": said(s.retrieved),
            "quality": pair(_quality(s.quality.words, s.resolution_m)),
        }
        for s in run.sources
    ]


def _quality(words: Text, resolution_m: float | None) -> Text:
    """Say how far a source can be trusted, and how far apart the heights of terrain stand."""
    if resolution_m is None:
        return words
    apart = f"{resolution_m:g} m"
    return Text(f"{words.zh}；高程间距 {apart}", f"{words.en}; heights {apart} apart")


CHANGED = Text("改动参数", "Parameters changed")


def footer(run: Run) -> list[dict[str, list[str]]]:
    """Give the lines of the footer: run, changed parameters, CRS, date of data, quality."""
    asked = [
        [f"{one['title'][lang]} = {one['value'][lang]}" for one in changed(run)] for lang in (0, 1)
    ]
    lines = [
        (Text("情景运行结果", "Run"), alike(f"{run.scenario} {run.key[:12]}")),
        (
            CHANGED,
            Text(*map(" · ".join, asked)) if asked[0] else NONE,
        ),
        (Text("代码", "Code"), alike(run.code[:12] or "—")),
        (Text("坐标系", "CRS"), alike(run.crs)),
        (Text("数据日期", "Data of"), Text(*said(run.data_date))),
        (Text("数据质量", "Quality"), run.quality_words),
    ]
    if run.result.proofs:
        files = joined(f"proofs/{one.id}.zip" for one in run.result.proofs)
        checked = Text(
            f"{files.zh}，jingning validate 可复核", f"{files.en}, re-checked by jingning validate"
        )
        lines.append((Text("证书", "Certificates"), checked))
    if not run.result.reproducible:
        lines.append((Text("可复现", "Reproducible"), STOPPED))
    return [{"title": pair(title), "text": pair(text)} for title, text in lines]

"""Planning rules as dated data: id, clause, document, validity, parameters, standing.

Each file of `layers/rules` holds `[[rule]]` tables. A figure is `{ value = …, unit = "…" }` or
`{ values = […], unit = "…" }`; a threshold also says its `bound`: `at least` and `at most` include
the figure (closed), `more than` and `less than` do not (open). A rule may name who approves what it
forbids, `approved_by_zh` and `approved_by_en`, with the clause.
"""

from __future__ import annotations

import functools
import itertools
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal

from geo.errors import Problem, SchemaError
from geo.words import NO_TEXT, Text

Status = Literal["verified", "secondary", "unverified"]
SHIPPED = Path(__file__).parent / "rules"
BOUNDS = ("at least", "at most", "more than", "less than")
PARAMETER = '{ value = 1, unit = "m", bound = "at most" }; bound: ' + " | ".join(BOUNDS)
STANDINGS: Mapping[str, Text] = MappingProxyType(
    {
        "verified": Text("已核对原文", "verified"),
        "secondary": Text("转引，未核对原文", "secondary"),
        "unverified": Text("未核实", "unverified"),
    }
)
"""What each `Status` is called; `Rule` says what it means."""
DAYS = ("valid_from", "valid_to")
TEXTS = ("id", "title_zh", "title_en", "document", "clause", "status", *DAYS)
APPROVED_BY = ("approved_by_zh", "approved_by_en")
MAY_BE_EMPTY = ("clause", *DAYS)


@dataclass(frozen=True)
class Rule:
    """One rule as it stands in a document, from a day until a day.

    Parameters
    ----------
    id
        Subject and name, such as `park.core`.
    document, clause
        Where it stands; the clause may be empty when it is not known.
    status
        `verified`: read in a primary source; `secondary`: in a copy; `unverified`: common knowledge
        of the field, usable as a default and shown as unverified.
    valid_from, valid_to
        First and last day (ISO, both included); empty when there is none or it is not known.
    parameters
        Figures with their units, and words.
    title
        In both languages.
    approver
        Who may approve what it forbids, and under which clause; empty where nobody may.
    """

    id: str
    document: str
    clause: str
    status: Status
    valid_from: str = ""
    valid_to: str = ""
    parameters: Mapping[str, Any] | None = None
    title: Text = NO_TEXT
    approver: Text = NO_TEXT

    def holds(self, day: date) -> bool:
        """Say whether it is valid on a day.

        >>> Rule("a", "", "", "verified", valid_to="2022-12-31").holds(date(2022, 12, 31))
        True
        """
        return (self.valid_from or "0000") <= day.isoformat() <= (self.valid_to or "9999-12-31")


def rules(day: date) -> Mapping[str, Rule]:
    """Give the rules that are valid on a day, by id.

    Parameters
    ----------
    day
        The day under whose rules something is judged.

    Raises
    ------
    SchemaError
        If the shipped rules are damaged.

    Examples
    --------
    >>> rules(date(2025, 1, 1))["walking.tobler"].status
    'secondary'
    >>> "park.core" in rules(date(2022, 5, 31)), "park.core" in rules(date(2022, 6, 1))
    (False, True)
    """
    return MappingProxyType({rule.id: rule for rule in _shipped() if rule.holds(day)})


def not_yet(day: date) -> Mapping[str, Rule]:
    """Give the rules that begin after a day and hold in no earlier version on it, by id.

    >>> sorted(not_yet(date(2024, 1, 1))), not_yet(date(2020, 1, 1))["exchange.balance"].valid_from
    ([], '2021-11-27')
    """
    held = rules(day)
    later = {rule.id: rule for rule in reversed(_shipped()) if rule.valid_from > day.isoformat()}
    return MappingProxyType({name: rule for name, rule in later.items() if name not in held})


def approver(rule_id: str, day: date) -> Text:
    """Give who may approve what a rule forbids, and under which clause.

    Parameters
    ----------
    rule_id
        Id of a rule.
    day
        The day under whose rules something is judged.

    Returns
    -------
    Text
        Empty where nobody may, and where no such rule holds on the day: a breach is then a breach.

    Examples
    --------
    >>> approver("land_take.basic_farmland", date(2025, 1, 1)).en
    'the State Council (Land Administration Law, articles 35 and 46)'
    >>> approver("park.core", date(2025, 1, 1))
    Text(zh='', en='')
    """
    held = rules(day).get(rule_id)
    return held.approver if held else NO_TEXT


@functools.cache
def _shipped() -> tuple[Rule, ...]:
    return read(SHIPPED)


def read(folder: Path) -> tuple[Rule, ...]:
    """Read every rule of a folder's TOML files, by id and first day.

    Raises
    ------
    SchemaError
        Naming every wrong entry of every file, and rules of one id whose validity overlaps.
    """
    problems: list[Problem] = []
    known: list[Rule] = []
    for path in sorted(folder.glob("*.toml")):
        try:
            content = tomllib.loads(path.read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
            problems.append(Problem(file=str(path), found=str(error), expected="TOML"))
            continue
        for number, entry in enumerate(content.get("rule", ()), 1):
            wrong = list(_problems(entry, str(path), str(entry.get("id", number))))
            problems += wrong
            if not wrong:
                known.append(_rule(entry))
    known.sort(key=lambda rule: (rule.id, rule.valid_from))
    problems += _overlaps(known)
    if problems:
        raise SchemaError(
            Text(f"{folder}：规则有误", f"{folder}: rules are not as they should be"),
            problems=problems,
        )
    return tuple(known)


def _rule(entry: Mapping[str, Any]) -> Rule:
    return Rule(
        id=entry["id"],
        document=entry["document"],
        clause=entry["clause"],
        status=entry["status"],
        valid_from=entry["valid_from"],
        valid_to=entry["valid_to"],
        parameters=MappingProxyType(dict(entry["parameters"])),
        title=Text(entry["title_zh"], entry["title_en"]),
        approver=Text(*(entry.get(field, "") for field in APPROVED_BY)),
    )


def _problems(entry: Mapping[str, Any], file: str, name: str) -> Iterator[Problem]:
    """Name what is missing, unknown or wrong in one entry."""
    yield from _text_problems(entry, file, name)
    status = entry.get("status")
    if status not in STANDINGS:
        yield Problem(
            file, row=name, field="status", found=str(status), expected=" | ".join(STANDINGS)
        )
    days = [str(entry.get(field) or "") for field in DAYS]
    if not all(_is_day(day) for day in days if day) or (all(days) and days[0] > days[1]):
        where, found = " … ".join(DAYS), " … ".join(days)
        yield Problem(file, row=name, field=where, found=found, expected="2022-06-01 … 2025-12-31")
    parameters = entry.get("parameters")
    if not isinstance(parameters, dict):
        expected = Text("表", "a table")
        yield Problem(file, row=name, field="parameters", found=repr(parameters), expected=expected)
        return
    for field, value in parameters.items():
        if not _is_parameter(value):
            where = f"parameters.{field}"
            yield Problem(file, row=name, field=where, found=repr(value), expected=PARAMETER)


def _text_problems(entry: Mapping[str, Any], file: str, name: str) -> Iterator[Problem]:
    """Name texts that are missing, empty or none, and entries that are not known."""
    both = APPROVED_BY if entry.keys() & set(APPROVED_BY) else ()  # in both languages or neither
    known = (*TEXTS, *both)
    for field in (*known, *sorted(entry.keys() - {*known, "parameters"})):
        value = entry.get(field)
        empty = field not in MAY_BE_EMPTY and value == ""
        if field not in known or not isinstance(value, str) or empty:
            found = Text("缺少", "missing") if value is None else repr(value)
            yield Problem(file, row=name, field=field, found=found, expected=", ".join(known))


def _is_parameter(value: Any) -> bool:
    """Say whether a parameter is a figure with its unit, a word, or a list of words."""
    if not isinstance(value, dict):
        return all(
            isinstance(word, str) for word in (value if isinstance(value, list) else [value])
        )
    numbers = value.get("values", [value.get("value")])
    return (
        value.keys() <= {"value", "values", "unit", "bound"}
        and ("value" in value) != ("values" in value)
        and isinstance(value.get("unit"), str)
        and value.get("bound", BOUNDS[0]) in BOUNDS
        and isinstance(numbers, list)
        and all(isinstance(n, int | float) and not isinstance(n, bool) for n in numbers)
    )


def _is_day(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def _overlaps(ordered: list[Rule]) -> Iterator[Problem]:
    """Name rules of one id that are valid on one day; the list is sorted."""
    for rule_id, group in itertools.groupby(ordered, key=lambda rule: rule.id):
        for first, second in itertools.pairwise(group):
            if not first.valid_to or second.valid_from <= first.valid_to:
                yield Problem(
                    row=rule_id,
                    field="valid_from",
                    found=f"{first.valid_from} … {first.valid_to} / {second.valid_from} …",
                    expected=Text("期限不重叠", "no two valid on one day"),
                )

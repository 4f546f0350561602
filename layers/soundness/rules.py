"""A day of judging before the rules it is judged by: what does not hold on it."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from geo.words import Text, joined
from layers.rulebook import Rule, not_yet
from layers.soundness.finding import Finding

LISTED = 8
"""Rules that are named; the others are counted."""


def early(day: date, named: Collection[Rule]) -> Finding | None:
    """Tell a day on which no dated rule is named, while rules are known that begin later.

    Parameters
    ----------
    day
        The day under whose rules something was judged.
    named
        The rules that the judgement stands on.

    Returns
    -------
    Finding or None
        Of no layer: it is about the day. None where a dated rule is named, or all rules that are
        known have begun: what a question does not ask for is not missed.

    Examples
    --------
    >>> early(date(2025, 1, 1), []) is None
    True
    >>> early(date(2022, 7, 1), []).found.en.split("; ")[1]
    'Ecological redline: limited human activity only, linear works that cannot avoid it among it
    (from 2022-08-16)'
    """
    later = sorted(not_yet(day).values(), key=lambda rule: (rule.valid_from, rule.id))
    if not later or any(rule.valid_from for rule in named):
        return None
    words = [_begins(rule) for rule in later[:LISTED]]
    if len(later) > LISTED:
        more = len(later) - LISTED
        words.append(Text(f"另有 {more} 条", f"{more} more"))
    return Finding(
        "rule_date",
        "",
        "doubtful",
        Text("评判日期早于规则生效", "The day of judging is before the rules"),
        joined([Text(f"{day} 尚未生效", f"not yet in force on {day}"), *words], "；", "; "),
        Text(f"{day} 有效的规则", f"rules that hold on {day}"),
        Text("改评判日期（--set rule_date=…）", "judge on another day (--set rule_date=…)"),
    )


def _begins(rule: Rule) -> Text:
    return Text(
        f"{rule.title.zh}（{rule.valid_from} 起）", f"{rule.title.en} (from {rule.valid_from})"
    )

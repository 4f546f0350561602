"""What the rules of a day say of plots of industrial parks: idle, short of output, in order.

1. A plot that is not supplied is approved land without a user, whatever else is said.
2. Supplied and not started: idle from a full year after the agreed day of start; by the owner, a
   fee is due, from two full years on it is taken back; by the government, it is dealt with by
   agreement; the cause not known, how is open.
3. Started and stopped: idle from a full year after, where less than a third is built or less than
   a quarter invested; how it is dealt with is agreed upon.
4. Complete: short of output below the threshold (open), else in use.
5. What else is supplied is within its term, or under way.
6. Where a cell that decides is empty, or no rule holds on the day, the state is not known; what the
   cells that are there decide alone is never "not known".

A year is full on the same day of the month; from 29 February on 28 February. Works and output are
as the register has them, on whatever day it is judged.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from types import MappingProxyType

import numpy as np
import pandas as pd

from geo.words import UNKNOWN, Text
from layers.land.industrial import days
from layers.rulebook import Rule, rules

NOT_STARTED = "idle_land.not_started"
TAKEN_BACK = "idle_land.taken_back"
GOVERNMENT = "idle_land.government"
STOPPED = "idle_land.stopped"
RULES = (TAKEN_BACK, NOT_STARTED, GOVERNMENT, STOPPED)
"""All that must hold for a plot that is supplied to be judged."""
NOT_KNOWN = "not_known"
STATES: Mapping[str, Text] = MappingProxyType(
    {
        "not_supplied": Text("批而未供", "approved, not supplied"),
        "taken_back": Text("闲置·应收回", "idle, to be taken back"),
        "fee": Text("闲置·应缴闲置费", "idle, a fee is due"),
        "agreed": Text("闲置·协商处置", "idle, by agreement"),
        "cause_open": Text("闲置·原因待认定", "idle, cause not known"),
        "low_output": Text("低效用地", "short of output"),
        "in_term": Text("在建或未到期", "under way or within its term"),
        "in_use": Text("正常使用", "in use"),
        NOT_KNOWN: UNKNOWN,
    }
)
"""Each state, in the order in which land is looked to."""
IDLE = ("taken_back", "fee", "agreed", "cause_open")
BINDING: Mapping[str, str] = MappingProxyType(
    {"taken_back": TAKEN_BACK, "fee": NOT_STARTED, "cause_open": NOT_STARTED}
)
NO_RULE = "rule"
"""Stands among what is lacking where no rule holds on the day."""


def judged(plots: pd.DataFrame, day: date, *, least_output: float) -> pd.DataFrame:
    """Give the state of each plot on a day.

    Parameters
    ----------
    plots
        As the layer `industrial_plots`; columns that are not there are not known.
    day
        The day whose rules hold, and to which terms run.
    least_output
        Output below which a plot that is complete is short of it, 万元 per mu and year.

    Returns
    -------
    DataFrame
        By the index of the plots: state, lacks (the column that decides and is empty, `rule` where
        no rule holds), rule (that binds it), idle_from (NaT where it is not known or never),
        taken_from (when it is to be taken back, if it is not started by then).

    Examples
    --------
    Agreed to start on 1 July 2023; a year is full on 1 July 2024, two on 1 July 2025:

    >>> plot = pd.DataFrame({"supply": ["supplied"], "works": ["not_started"],
    ...     "start_by": ["2023-07-01"], "cause": ["owner"]})
    >>> on = [date(2024, 6, 30), date(2024, 7, 1), date(2025, 6, 30), date(2025, 7, 1)]
    >>> [judged(plot, one, least_output=100).state.item() for one in on]
    ['in_term', 'fee', 'fee', 'taken_back']
    """
    book = rules(day)
    said = _cells(plots)
    found = pd.DataFrame(
        {"state": NOT_KNOWN, "lacks": "", "rule": ""}, index=plots.index, dtype=object
    )
    found["idle_from"] = found["taken_from"] = pd.Series(pd.NaT, index=plots.index)
    found["lacks"] = np.where(said["supply"].isna(), "supply", "works")
    free, supplied = said["supply"].eq("not_supplied"), said["supply"].eq("supplied")
    found.loc[free, ["state", "lacks"]] = ["not_supplied", ""]  # RULE 1
    if not set(RULES) <= set(book):  # RULE 6
        found.loc[supplied, "lacks"] = NO_RULE
        return found
    _not_started(found, said, supplied & said["works"].eq("not_started"), (book, day))
    _stopped(found, said, supplied & said["works"].eq("stopped"), (book, day))
    done = supplied & said["works"].eq("complete")  # RULE 4
    output = said["output_wan_yuan_mu"]
    state = np.where(
        output.isna(), NOT_KNOWN, np.where(output < least_output, "low_output", "in_use")
    )
    found.loc[done, "state"] = state[done]
    found.loc[done, "lacks"] = np.where(output.isna(), "output_wan_yuan_mu", "")[done]
    busy = supplied & said["works"].eq("under_way")  # RULE 5
    found.loc[busy, ["state", "lacks"]] = ["in_term", ""]
    return found


def fee_share(day: date) -> float:
    """Give the share of the land price that is due as a fee; NaN where no rule holds."""
    held = rules(day).get(NOT_STARTED)
    return float(_figure(held, "fee_share_of_price")) if held else float("nan")


def _cells(plots: pd.DataFrame) -> pd.DataFrame:
    """Give the columns that decide, dates as days; those that are not there are empty."""
    texts = {name: plots.get(name) for name in ("supply", "works", "cause")}
    dates = {name: plots.get(name) for name in ("start_by", "stopped_since")}
    shares = ("built_share", "invested_share", "output_wan_yuan_mu")
    empty = pd.Series(None, index=plots.index, dtype=object)
    cells = {name: empty if one is None else one.astype(object) for name, one in texts.items()}
    cells |= {name: days(empty if one is None else one) for name, one in dates.items()}
    for name in shares:
        cells[name] = pd.to_numeric(plots.get(name, empty), errors="coerce").astype(float)
    return pd.DataFrame(cells, index=plots.index)


def _not_started(
    found: pd.DataFrame, said: pd.DataFrame, these: pd.Series, on: tuple[Mapping[str, Rule], date]
) -> None:
    """Judge what is supplied and not started. RULE 2."""
    book, day = on
    idle = said["start_by"] + _months(book[NOT_STARTED])
    taken = said["start_by"] + _months(book[TAKEN_BACK])
    now, cause = pd.Timestamp(day), said["cause"].fillna(NOT_KNOWN)
    owner = np.where(taken <= now, "taken_back", "fee")
    way = np.select([cause == "owner", cause == "government"], [owner, "agreed"], "cause_open")
    state = np.where(idle.isna(), NOT_KNOWN, np.where(idle <= now, way, "in_term"))
    found.loc[these, "state"] = state[these]
    found.loc[these, "lacks"] = np.where(idle.isna(), "start_by", "")[these]
    found.loc[these, "idle_from"] = idle[these]
    found.loc[these & (cause == "owner"), "taken_from"] = taken[these & (cause == "owner")]
    bound = np.where(state == "agreed", GOVERNMENT, pd.Series(state).map(BINDING).fillna(""))
    found.loc[these, "rule"] = bound[these]


def _stopped(
    found: pd.DataFrame, said: pd.DataFrame, these: pd.Series, on: tuple[Mapping[str, Rule], date]
) -> None:
    """Judge what was started and has stopped. RULE 3."""
    book, day = on
    short = [
        said[name] < _figure(book[STOPPED], name) for name in ("built_share", "invested_share")
    ]
    known = said["built_share"].notna() & said["invested_share"].notna()
    little = short[0] | short[1]
    idle = said["stopped_since"] + _months(book[STOPPED])
    ripe = idle <= pd.Timestamp(day)
    open_ = np.where(idle.isna() & (little | ~known), "stopped_since", "")
    open_ = np.where(~little & ~known & ripe, "built_share", open_)
    state = np.where(open_ != "", NOT_KNOWN, np.where(little & ripe, "agreed", "in_term"))
    found.loc[these, "state"] = state[these]
    found.loc[these, "lacks"] = open_[these]
    found.loc[these & little, "idle_from"] = idle[these & little]
    found.loc[these, "rule"] = np.where(state == "agreed", STOPPED, "")[these]


def _months(rule: Rule) -> pd.DateOffset:
    return pd.DateOffset(months=int(_figure(rule, "months")))


def _figure(rule: Rule, name: str) -> float:
    return float((rule.parameters or {})[name]["value"])

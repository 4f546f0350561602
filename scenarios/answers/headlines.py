"""The figures a page of minutes begins with, and its verdicts.

A figure is worked out over those whose minutes are known; a verdict is unknown where the others
could turn it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from geo.inequality import share_within, weighted_mean
from geo.words import NO_TEXT, Text, alike
from layers.people.services import SERVICES
from scenarios.answers.minutes import Floats, Goals, Reach
from scenarios.result import Check, Metric, Verdict

ALL = Text("各项服务", "all services")


@dataclass(frozen=True)
class Figure:
    """A headline figure: how it is worked out of minutes and people, and how it is shown."""

    id: str
    title: Text
    worked: Callable[[Floats, Floats], float]
    unit: str
    better: Literal["higher", "lower"]
    decimals: int = 1
    target: float | None = None
    layer: str = ""


def _figures(reach: Reach, name: Text) -> tuple[Figure, ...]:
    mean = Text(f"到{name.zh}平均时间", f"Mean minutes to {name.en}")
    return Figure("mean", mean, weighted_mean, "min", "lower"), _share(reach, name)


def _share(reach: Reach, name: Text) -> Figure:
    by, limit = reach.by[0], reach.goals.target_min
    title = Text(
        f"{limit:g} 分钟内到{name.zh}的{by.zh}",
        f"Share of {by.en} within {limit:g} min of {name.en}",
    )

    def within(minutes: Floats, weight: Floats) -> float:
        return 100 * share_within(minutes, weight, limit)

    target = reach.goals.target_share
    return Figure("within", title, within, "%", "higher", 1, target, reach.people)


def metrics(reach: Reach) -> Iterator[Metric]:
    """Give mean minutes and share within the target time for each service, and the share for all.

    The spread, Gini, stands in the tables.
    """
    services = list(dict.fromkeys(service for _, service, *_ in reach.keys))
    if len(services) > 1:  # who reaches each of them within the target time
        longest = {
            side: reach.minutes[[f"{service}_{side}" for service in services]].max(
                axis=1, skipna=False
            )
            for side in ("before", "after")
            if f"{services[0]}_{side}" in reach.minutes
        }
        yield from _metrics(reach, _share(reach, ALL), "all", longest)
    for service in services:
        own = {
            side: reach.minutes[f"{service}_{side}"]
            for side in ("before", "after")
            if f"{service}_{side}" in reach.minutes
        }
        for figure in _figures(reach, SERVICES[service][0]):
            yield from _metrics(reach, figure, service, own)


def _metrics(
    reach: Reach, figure: Figure, what: str, minutes: Mapping[str, pd.Series]
) -> Iterator[Metric]:
    """Give a figure after and before; none where nobody reaches it: the checks say so."""
    now = minutes["after"]
    value = figure.worked(*reach.known(now))
    before = figure.worked(*reach.known(minutes["before"])) if "before" in minutes else np.nan
    if not np.isnan(value):
        within = (now <= reach.goals.target_min).to_numpy()
        features, lost = reach.labels(within) if figure.layer else (), reach.unknown(now)
        by = reach.by[0]
        note = Text(
            f"不含 {lost:.1f} % 未知的{by.zh}", f"without {lost:.1f} % of {by.en}, not known"
        )
        yield Metric(f"{figure.id}_{what}", figure.title, value, figure.unit,
                     None if np.isnan(before) else before, figure.target, figure.better,
                     figure.decimals, note if lost else NO_TEXT, layer=figure.layer,
                     features=features)  # fmt: skip


def checks(reach: Reach) -> Iterator[Check]:
    """Judge for each service whether enough are within the target time, and all have a way."""
    weight, goals = reach.places["weight"].to_numpy(), reach.goals
    for key, service, side, _ in reach.keys:
        if side == "before":
            continue
        name, now = SERVICES[service][0], reach.minutes[key].to_numpy()
        limit = f"{goals.target_min:g}"
        share = 100 * share_within(*reach.known(reach.minutes[key]), goals.target_min)
        title = Text(f"{limit} 分钟内到{name.zh}的比例", f"Share within {limit} min of {name.en}")
        yield Check(
            f"target_{service}",
            title,
            _enough(now, weight, goals),
            NO_TEXT if np.isnan(share) else alike(f"{share:.1f} %"),
            alike(f"≥ {goals.target_share:g} %"),
            layer=reach.people,
            features=reach.labels(now > goals.target_min),
        )
        cut, (by, unit) = np.isinf(now) & (weight > 0), reach.by
        words = f"{by.en.capitalize()} without any way to {name.en}"
        yield Check(
            f"cut_off_{service}",
            Text(f"无路到{name.zh}的{by.zh}", words),
            "fail" if cut.any() else "unknown" if np.isnan(now).any() else "pass",
            alike(
                f"{weight[cut].sum():,.0f}" if reach.people else f"{weight[cut].sum():,.1f} {unit}"
            ),
            alike("0" if reach.people else f"0 {unit}"),
            layer=reach.people,
            features=reach.labels(cut),
        )


def _enough(minutes: Floats, weight: Floats, goals: Goals) -> Verdict:
    """Judge whether enough are within the target time, whatever holds of those not known."""
    within = 100 * share_within(minutes, weight, goals.target_min)
    unknown = 100 * share_within(np.where(np.isnan(minutes), 0.0, np.inf), weight, 0)
    if np.isnan(within):
        return "unknown"
    if within >= goals.target_share:
        return "pass"
    return "fail" if within + unknown < goals.target_share else "unknown"

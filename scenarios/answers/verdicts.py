"""What minutes to services come to: headline figures, the answer in sentences, and verdicts.

Whose minutes are not known is in no figure, and makes a verdict unknown that it could turn. Without
settlements figures are by area, and say so.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from geo.inequality import share_within, weighted_mean
from geo.words import NO_TEXT, UNKNOWN, Text, alike, joined
from layers.people.services import SERVICES
from scenarios.answers.figures import Figure
from scenarios.answers.minutes import Floats, Goals, Reach
from scenarios.result import Check, Metric, Verdict

ALL = Text("各项服务", "all services")


@dataclass(frozen=True)
class Headline:
    """A figure of minutes: how it is worked out of minutes and people, and what it should reach."""

    figure: Figure
    worked: Callable[[Floats, Floats], float]
    target: float | None = None
    layer: str = ""


def _headlines(reach: Reach, service: str) -> tuple[Headline, ...]:
    name = SERVICES[service][0]
    mean = Text(f"到{name.zh}平均时间", f"Mean minutes to {name.en}")
    figure = Figure(f"mean_{service}", mean, "min", better="lower")
    return Headline(figure, weighted_mean), _share(reach, service, name)


def _share(reach: Reach, service: str, name: Text) -> Headline:
    by, limit = reach.by[0], reach.goals.target_min
    title = Text(
        f"{limit:g} 分钟内到{name.zh}的{by.zh}",
        f"Share of {by.en} within {limit:g} min of {name.en}",
    )

    def within(minutes: Floats, weight: Floats) -> float:
        return 100 * share_within(minutes, weight, limit)

    figure = Figure(f"within_{service}", title, "%", better="higher")
    return Headline(figure, within, reach.goals.target_share, reach.people)


def metrics(reach: Reach, without: Sequence[str] = ()) -> Iterator[Metric]:
    """Give mean minutes and share within the target time for each service, and the share for all.

    The spread, Gini, stands in the tables. Services `without` a place are named beside "all".
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
        name = _counted(services, without) if without else ALL
        yield from _metrics(reach, _share(reach, "all", name), longest)
    for service in services:
        own = {
            side: reach.minutes[f"{service}_{side}"]
            for side in ("before", "after")
            if f"{service}_{side}" in reach.minutes
        }
        for headline in _headlines(reach, service):
            yield from _metrics(reach, headline, own)


def _metrics(
    reach: Reach, headline: Headline, minutes: Mapping[str, pd.Series]
) -> Iterator[Metric]:
    """Give a figure after and before; none where nobody reaches it: the checks say so."""
    now = minutes["after"]
    value = headline.worked(*reach.known(now))
    before = headline.worked(*reach.known(minutes["before"])) if "before" in minutes else np.nan
    if not np.isnan(value):
        within = (now <= reach.goals.target_min).to_numpy()
        features, lost = reach.labels(within) if headline.layer else (), reach.unknown(now)
        by = reach.by[0]
        note = Text(
            f"不含 {lost:.1f} % 未知的{by.zh}", f"without {lost:.1f} % of {by.en}, not known"
        )
        yield headline.figure.metric(
            value,
            before=None if np.isnan(before) else before,
            target=headline.target,
            note=note if lost else NO_TEXT,
            layer=headline.layer,
            features=features,
        )


def answer(reach: Reach, without: Sequence[str] = ()) -> tuple[Text, ...]:
    """Say in two to five sentences who is within the target time, what edits change, who is not.

    Nothing where no service has a place. Services `without` a place are named: "all services" are
    all that were asked for.
    """
    services = list(dict.fromkeys(service for _, service, *_ in reach.keys))
    if not services:
        return ()
    edited = any(key.endswith("_before") for key in reach.minutes)
    sides = ("before", "after") if edited else ("after",)
    said = [_mean_words(reach, service, sides) for service in services[:2]]
    return (*filter(None, said), *_share_words(reach, services, sides, without))


def _counted(services: Sequence[str], without: Sequence[str]) -> Text:
    """Name the services that a share is of, and those that are left out of it.

    >>> _counted(["school"], ["clinic"]).en
    'the school (not counting clinic: no place known)'
    >>> _counted(["school"], []).en, _counted(["school", "clinic"], []).en
    ('the school', 'all 2 services')
    """
    if len(services) > 1 and not without:
        return Text(f"全部 {len(services)} 项服务", f"all {len(services)} services")
    named = joined((SERVICES[one].title for one in services), en=" and the ")
    lost = joined(SERVICES[one].title for one in without)
    return Text(
        named.zh + (f"（不含{lost.zh}：位置未知）" if without else ""),
        f"the {named.en}" + (f" (not counting {lost.en}: no place known)" if without else ""),
    )


def _mean_words(reach: Reach, service: str, sides: Sequence[str]) -> Text | None:
    """Say the mean minutes to a service, now and with edits; nothing where nobody has a way."""
    name = SERVICES[service][0]
    means = [weighted_mean(*reach.known(reach.minutes[f"{service}_{side}"])) for side in sides]
    if np.isnan(means[-1]):
        return None
    last = f"{means[-1]:.1f}"
    if len(means) == 1 or np.isnan(means[0]):
        words = f"{last} min to the {name.en} on average."
        return Text(f"到{name.zh}平均 {last} 分钟。", words)
    return Text(
        f"到{name.zh}平均时间由 {means[0]:.1f} 分钟变为 {last} 分钟。",
        f"The mean time to the {name.en} goes from {means[0]:.1f} to {last} min.",
    )


def _share_words(
    reach: Reach, services: Sequence[str], sides: Sequence[str], without: Sequence[str]
) -> Iterator[Text]:
    """Say how many reach every service in the target time, and how many have no way."""
    goals, by = reach.goals, reach.by[0]
    longest = [
        reach.minutes[[f"{service}_{side}" for service in services]].max(axis=1, skipna=False)
        for side in sides
    ]
    shares = [100 * share_within(*reach.known(one), goals.target_min) for one in longest]
    limit, target = f"{goals.target_min:g}", f"{goals.target_share:g} %"
    if np.isnan(shares[-1]):
        share = UNKNOWN
    elif len(shares) == 1 or np.isnan(shares[0]):
        share = alike(f"{shares[-1]:.1f} %")
    else:
        first, last = (f"{one:.1f}" for one in (shares[0], shares[-1]))
        share = (
            Text(f"仍为 {last} %", f"still {last} %")
            if first == last
            else Text(f"由 {first} % 变为 {last} %", f"{first} → {last} %")
        )
    counted = _counted(services, without)
    yield Text(
        f"{limit} 分钟内可达{counted.zh}的{by.zh}：{share.zh}，目标 {target}。",
        f"Within {limit} min of {counted.en}: {share.en} of {by.en}; {target} asked.",
    )
    yield _without_way(reach, longest[-1], several=len(services) > 1)


def _without_way(reach: Reach, longest: pd.Series, *, several: bool) -> Text:
    """Say how many have no way to a service, or to one of several, and of how many none knows."""
    weight = reach.places["weight"].to_numpy()
    cut = weight[np.isinf(longest.to_numpy())].sum()
    unknown = weight[longest.isna().to_numpy()].sum()
    digits, unit = 0 if reach.people else 1, reach.by[1]
    ends = Text("人", unit) if reach.people else alike(unit)
    far, blank = f"{cut:,.{digits}f}", f"{unknown:,.{digits}f}"
    where = Text("至少一项服务", "to one of them") if several else Text("", "there")
    return Text(
        f"{where.zh}无路可达的有 {far} {ends.zh}，情况未知的有 {blank} {ends.zh}。",
        f"{far} {ends.en} have no way {where.en}, of {blank} {ends.en} it is not known.",
    )


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

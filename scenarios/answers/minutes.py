"""How minutes to services are reported: maps, tables, headline figures and verdicts.

Thresholds are closed: exactly 30 minutes is within 30. Who has no way at all is beyond every
threshold, counts in the whole, and is left out of means and Gini. Whose minutes are not known is in
no figure, and makes a verdict unknown that it could turn. Without settlements figures are by area,
and say so.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo.inequality import cumulative_shares, gini, share_within, weighted_mean
from geo.raster import Raster
from geo.words import NO_TEXT, UNKNOWN, Text, alike, headed
from layers.county import County
from layers.people.services import SERVICES
from scenarios.answers import backdrop
from scenarios.answers.figures import Figure
from scenarios.result import Category, Check, Column, Layer, Metric, Side, Table, Verdict

TIME = Text("出行时间", "Travel time")
ALL = Text("各项服务", "all services")
WHEN = {"before": Text("现状", "now"), "after": Text("情景", "with edits")}
CHANGES = (-20.0, -10.0, -5.0, -1.0, 1.0, 5.0)  # min
SOURCES = ("dem", "roads", "lake", "seats", "settlements", "facilities")
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Goals:
    """What minutes are held against.

    Parameters
    ----------
    thresholds_min
        Limits of the classes on the maps, min, ascending.
    target_min, target_share
        The share of people, %, that should be within a time, min.
    worst
        How many worst-served settlements are listed.
    """

    thresholds_min: tuple[float, ...]
    target_min: float
    target_share: float
    worst: int


@dataclass(frozen=True, eq=False)
class Reach:
    """What was found.

    `places` are people, or areas, as `layers.people.services.demand` gives them; `minutes` has
    their rows and a column `<service>_<side>`, infinite without a way, NaN where it is not known;
    `surfaces` are the same by cells, NaN for both.
    """

    county: County
    goals: Goals
    roads: gpd.GeoDataFrame
    places: pd.DataFrame
    minutes: pd.DataFrame
    surfaces: Mapping[str, Raster]

    @property
    def keys(self) -> list[tuple[str, str, Side, Text]]:
        """Column, service, side and title of each set of minutes."""
        edited = any(key.endswith("_before") for key in self.minutes)
        found: list[tuple[str, str, Side, Text]] = []
        for key in self.minutes:
            service, _, side = str(key).rpartition("_")
            name, when = SERVICES[service][0], WHEN[side if edited else "before"]
            title = Text(f"到{name.zh}时间 · {when.zh}", f"Minutes to {name.en}, {when.en}")
            drawn: Side = "both" if not edited else "before" if side == "before" else "after"
            found.append((str(key), service, drawn, title))
        return found

    @property
    def by(self) -> tuple[Text, str]:
        """What figures are weighted by, and its unit: people, or without settlements area."""
        if "settlements" in self.county:
            return Text("人口", "people"), "persons"
        return Text("面积", "area"), "km²"

    @property
    def people(self) -> str:
        """The layer whose features the figures count, or nothing when they are by area."""
        return "settlements" if "settlements" in self.county else ""

    def known(self, minutes: pd.Series) -> tuple[Floats, Floats]:
        """Give minutes that are known, or infinite, and the weights of these rows."""
        said = minutes.notna().to_numpy()
        return minutes.to_numpy()[said], self.places["weight"].to_numpy()[said]

    def unknown(self, minutes: pd.Series) -> float:
        """Give the share of all, %, whose minutes are not known."""
        weight = self.places["weight"].to_numpy()
        lost = weight[minutes.isna().to_numpy()].sum()
        return float(100 * lost / weight.sum()) if lost else 0.0

    def labels(self, chosen: NDArray[np.bool_]) -> tuple[str, ...]:
        """Name the settlements chosen."""
        return tuple(str(label) for label in self.minutes.index[chosen]) if self.people else ()


def layers(reach: Reach) -> Iterator[Layer]:
    """Give the backdrop, a surface of minutes for each service and side, and their differences."""
    county, used = reach.county, tuple(name for name in SOURCES if name in reach.county)
    limits = (*reach.goals.thresholds_min, 2 * max(reach.goals.thresholds_min))
    yield from backdrop.ground(county)
    first = reach.keys[0][1] if reach.keys else ""
    for key, service, side, title in reach.keys:
        yield Layer(f"time_{key}", title, TIME, "amount", reach.surfaces[key], unit="min",
                    breaks=limits, side=side, shown=service == first, sources=used)  # fmt: skip
        if side == "after":
            after, before = reach.surfaces[key], reach.surfaces[f"{service}_before"]
            name = SERVICES[service][0]
            words = Text(f"到{name.zh}时间变化", f"Change of minutes to {name.en}")
            saved = after.values.astype(np.float32) - before.values.astype(np.float32)
            change = Raster(saved, after.grid)
            yield Layer(f"change_{service}", words, TIME, "change", change, unit="min",
                        breaks=CHANGES, side="difference", better="lower",
                        shown=service == first, sources=used)  # fmt: skip
    by, unit = reach.by
    columns = (*_columns(reach), Column("weight", by, unit, 0 if reach.people else 1))
    yield backdrop.townships(county, _by_township(reach), columns, used)
    yield from backdrop.roads(reach.roads)
    if "settlements" in county:
        frame = county.vector("settlements").sort_index()
        frame = frame.join(reach.minutes.where(np.isfinite(reach.minutes)))
        latest = [key for key, service, *_ in reach.keys if service == first][-1:]
        drawn = {"value": latest[0], "unit": "min", "breaks": limits} if latest else {}
        yield backdrop.settlements(county, frame, _columns(reach), sources=used, **drawn)
    yield from backdrop.facilities(county)


def _columns(reach: Reach) -> tuple[Column, ...]:
    return tuple(Column(key, title, "min", 1) for key, *_, title in reach.keys)


def _by_township(reach: Reach) -> gpd.GeoDataFrame:
    """Give townships with mean minutes, shares within each threshold, and people or area."""
    towns = reach.county.vector("townships").sort_index()
    groups = reach.places.reset_index(drop=True).groupby("township").indices
    rows = [groups.get(code, np.zeros(0, dtype=int)) for code in towns.index]
    for key, *_ in reach.keys:
        found = pd.DataFrame([_summary(reach, key, own) for own in rows], index=towns.index)
        towns = towns.join(found.rename(columns={name: f"{key}_{name}" for name in found}))
        towns[key] = found["mean"]
    weight = reach.places["weight"].to_numpy()
    return towns.assign(weight=[weight[own].sum() for own in rows])


def _summary(reach: Reach, key: str, rows: NDArray[np.int64]) -> dict[str, float]:
    minutes, weight = reach.minutes[key].to_numpy()[rows], reach.places["weight"].to_numpy()[rows]
    unknown = {"unknown": weight[np.isnan(minutes)].sum()}
    minutes, weight = minutes[~np.isnan(minutes)], weight[~np.isnan(minutes)]
    shares = {
        _within(limit): 100 * share_within(minutes, weight, limit)
        for limit in reach.goals.thresholds_min
    }
    without = {"gini": gini(minutes, weight), "without": weight[np.isinf(minutes)].sum()}
    return {"mean": weighted_mean(minutes, weight), **shares, **without, **unknown}


def _within(limit: float) -> str:
    return f"within_{limit:g}".replace(".", "_")


def _summary_columns(reach: Reach) -> tuple[Column, ...]:
    (by, unit), limits = reach.by, reach.goals.thresholds_min
    return (
        Column("mean", Text("平均", "mean"), "min", 1),
        *(
            Column(_within(limit), Text(f"≤{limit:g}分", f"≤{limit:g} min"), "%", 1)
            for limit in limits
        ),
        Column("gini", Text("基尼", "Gini"), "", 3),
        Column("without", Text(f"无路可达{by.zh}", f"{by.en} without a way"), unit, 1),
        Column("unknown", Text(f"未知{by.zh}", f"{by.en} not known"), unit, 1),
    )


def tables(reach: Reach) -> Iterator[Table]:
    """Give shares within minutes, figures of county and townships, worst-served settlements."""
    if not reach.keys:
        return
    by = reach.by[0]
    curve = pd.DataFrame({"minutes": np.arange(0, 2 * max(reach.goals.thresholds_min) + 1, 5.0)})
    for key, *_ in reach.keys:
        curve[key] = 100 * cumulative_shares(*reach.known(reach.minutes[key]), curve["minutes"])
    edited = any(side == "before" for _, _, side, _ in reach.keys)
    lines = tuple(Column(key, _line(key, service, edited=edited), "%", 1)
                  for key, service, *_ in reach.keys)  # fmt: skip
    yield Table("within", Text(f"{by.zh}累计曲线", f"Share of {by.en} within minutes"), curve,
                (Column("minutes", Text("时间以内", "Within"), "min"), *lines),
                "curve")  # fmt: skip
    every = np.arange(len(reach.places))
    whole = pd.DataFrame([{"to": key, **_summary(reach, key, every)} for key, *_ in reach.keys])
    title = Text(f"全县：平均时间与{by.zh}比例", f"The county: mean time and shares of {by.en}")
    services = tuple(
        Category(key, _line(key, service, edited=edited)) for key, service, *_ in reach.keys
    )
    to = Column("to", Text("到达", "To"), categories=services)
    yield Table("county", title, whole, (to, *_summary_columns(reach)[:-2]))
    yield from _township_tables(reach)
    if reach.people:
        yield _worst(reach)


def _line(key: str, service: str, *, edited: bool) -> Text:
    """Name a line of the curve, in few words: its service, and its side where there are two."""
    name, when = headed(SERVICES[service][0]), WHEN[key.rpartition("_")[2]]
    return Text(f"{name.zh} · {when.zh}", f"{name.en}, {when.en}") if edited else name


def _township_tables(reach: Reach) -> Iterator[Table]:
    towns = pd.DataFrame(_by_township(reach).drop(columns="geometry")).reset_index(drop=True)
    for service in dict.fromkeys(service for _, service, *_ in reach.keys):
        own = [(key, title) for key, found, _, title in reach.keys if found == service]
        columns = [Column("name", Text("乡镇", "Township"))]
        columns += [Column(key, title, "min", 1) for key, title in own]
        for key, title in own:
            columns += [
                Column(f"{key}_{one.name}", Text(f"{title.zh} {one.title.zh}",
                       f"{title.en}, {one.title.en}"), one.unit, one.decimals)
                for one in _summary_columns(reach)[1:]
            ]  # fmt: skip
        words = SERVICES[service][0]
        title = Text(f"各乡镇到{words.zh}时间", f"Minutes to {words.en} by township")
        columns += [one for one in backdrop.NAMES[1:] if one.name in towns]
        yield Table(f"townships_{service}", title, towns[[c.name for c in columns]],
                    tuple(columns), "change" if len(own) > 1 else "bars")  # fmt: skip


def _worst(reach: Reach) -> Table:
    latest = [key for key, _, side, _ in reach.keys if side != "before"]
    longest = reach.minutes[latest].max(axis=1, skipna=False)
    longest = longest.sort_values(ascending=False, kind="stable", na_position="last")
    worst = reach.minutes.loc[longest.index[: reach.goals.worst]]
    worst = reach.places[["township", "weight"]].join(worst, how="right").reset_index(names="id")
    about = (
        Column("id", Text("居民点", "Settlement")),
        Column("township", Text("乡镇", "Township"), categories=backdrop.towns(reach.county)),
        Column("weight", *reach.by, 0),
    )
    title = Text("最不便居民点（无路可达者在前）", "Worst served; without any way first")
    return Table("worst", title, worst.replace(np.inf, np.nan), (*about, *_columns(reach)))


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
        yield from _metrics(reach, _share(reach, "all", ALL), longest)
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


def answer(reach: Reach) -> tuple[Text, ...]:
    """Say in two to five sentences who is within the target time, what edits change, who is not.

    Nothing where no service has a place.
    """
    services = list(dict.fromkeys(service for _, service, *_ in reach.keys))
    if not services:
        return ()
    edited = any(key.endswith("_before") for key in reach.minutes)
    sides = ("before", "after") if edited else ("after",)
    said = [_mean_words(reach, service, sides) for service in services[:2]]
    return (*filter(None, said), *_share_words(reach, services, sides))


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


def _share_words(reach: Reach, services: Sequence[str], sides: Sequence[str]) -> Iterator[Text]:
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
        share = Text(
            f"由 {shares[0]:.1f} % 变为 {shares[-1]:.1f} %", f"{shares[0]:.1f} → {shares[-1]:.1f} %"
        )
    yield Text(
        f"{limit} 分钟内可达全部 {len(services)} 项服务的{by.zh}：{share.zh}，目标 {target}。",
        f"Within {limit} min of all {len(services)} services: {share.en} of {by.en}; "
        f"{target} asked.",
    )
    weight = reach.places["weight"].to_numpy()
    without = weight[np.isinf(longest[-1].to_numpy())].sum()
    unknown = weight[longest[-1].isna().to_numpy()].sum()
    digits, unit = 0 if reach.people else 1, reach.by[1]
    ends = {"persons": "人"}.get(unit, unit)
    yield Text(
        f"无路可达其中某项的有 {without:,.{digits}f} {ends}，"
        f"未知的有 {unknown:,.{digits}f} {ends}。",
        f"{without:,.{digits}f} {unit} have no way to one of them, of {unknown:,.{digits}f} {unit} "
        "it is not known.",
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

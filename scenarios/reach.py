"""How minutes to services are reported: maps, tables, headline figures and verdicts.

No scenario itself, but for every one that asks who reaches what in how many minutes. Thresholds are
closed: exactly 30 minutes is within 30. Who has no way at all is beyond every threshold, counts in
the whole, and is left out of means and Gini. Without settlements figures are by area, and say so.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo.inequality import cumulative_shares, gini, share_within, weighted_mean
from geo.raster import Raster
from layers.county import County
from layers.services import SERVICES
from layers.source import Text
from scenarios import backdrop
from scenarios.result import Check, Column, Layer, Metric, Side, Table, Verdict

TIME = Text("出行时间", "Travel time")
WHEN = {"before": Text("现状", "now"), "after": Text("情景", "with edits")}
CHANGES = (-20.0, -10.0, -5.0, -1.0, 1.0, 5.0)  # min
SOURCES = ("dem", "roads", "lake", "seats", "settlements", "facilities")
ALL = Text("各项服务", "every service asked for")
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Goals:
    """What minutes are held against.

    Parameters
    ----------
    thresholds_min
        Limits of the classes on the maps, min.
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

    `places` are people, or areas, as `layers.services.demand` gives them; `minutes` has their rows
    and a column `<service>_<side>`, infinite without a way; `surfaces` are the same by cells, NaN
    there.
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
            return Text("人口", "people"), "人"
        return Text("面积", "area"), "km²"

    @property
    def people(self) -> str:
        """The layer whose features the figures count, or nothing when they are by area."""
        return "settlements" if "settlements" in self.county else ""

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
        yield backdrop.settlements(frame, _columns(reach), sources=used, **drawn)
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
    shares = {
        f"within_{place}": 100 * share_within(minutes, weight, limit)
        for place, limit in enumerate(reach.goals.thresholds_min, 1)
    }
    without = {"gini": gini(minutes, weight), "without": weight[np.isinf(minutes)].sum()}
    return {"mean": weighted_mean(minutes, weight), **shares, **without}


def _summary_columns(reach: Reach) -> tuple[Column, ...]:
    (by, unit), limits = reach.by, reach.goals.thresholds_min
    shares = (Text(f"≤ {limit:g} 分", f"≤ {limit:g} min") for limit in limits)
    return (
        Column("mean", Text("平均", "mean"), "min", 1),
        *(Column(f"within_{place}", title, "%", 1) for place, title in enumerate(shares, 1)),
        Column("gini", Text("基尼", "Gini"), "", 3),
        Column("without", Text(f"无路可达{by.zh}", f"{by.en} without a way"), unit, 1),
    )


def tables(reach: Reach) -> Iterator[Table]:
    """Give shares within minutes, figures of county and townships, worst-served settlements."""
    if not reach.keys:
        return
    by = reach.by[0]
    curve = pd.DataFrame({"minutes": np.arange(0, 2 * max(reach.goals.thresholds_min) + 1, 5.0)})
    for key, *_ in reach.keys:
        shares = cumulative_shares(reach.minutes[key], reach.places["weight"], curve["minutes"])
        curve[key] = 100 * shares
    lines = tuple(Column(key, title, "%", 1) for key, *_, title in reach.keys)
    yield Table("within", Text(f"{by.zh}累计曲线", f"Share of {by.en} within minutes"), curve,
                (Column("minutes", Text("时间（含）", "Minutes, closed"), "min"), *lines),
                "curve")  # fmt: skip
    every = np.arange(len(reach.places))
    whole = pd.DataFrame([{"what": f"{SERVICES[service][0].zh} · {title.zh.rpartition(' · ')[2]}",
                           "what_en": title.en, **_summary(reach, key, every)}
                          for key, service, _, title in reach.keys])  # fmt: skip
    title = Text(f"全县：平均时间与{by.zh}比例", f"The county: mean time and shares of {by.en}")
    columns = (Column("what", Text("到达", "To")), *_summary_columns(reach)[:-1])
    yield Table("county", title, whole, columns)
    yield from _township_tables(reach)
    if reach.people:
        yield _worst(reach)


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
        english = [name for name in ("name_en",) if name in towns]
        yield Table(f"townships_{service}", title, towns[[c.name for c in columns] + english],
                    tuple(columns), "change" if len(own) > 1 else "bars")  # fmt: skip


def _worst(reach: Reach) -> Table:
    latest = [key for key, _, side, _ in reach.keys if side != "before"]
    longest = reach.minutes[latest].max(axis=1).sort_values(ascending=False, kind="stable")
    worst = reach.minutes.loc[longest.index[: reach.goals.worst]]
    worst = reach.places[["township", "weight"]].join(worst, how="right").reset_index(names="id")
    about = (
        Column("id", Text("居民点", "Settlement")),
        Column("township", Text("乡镇代码", "Township code")),
        Column("weight", *reach.by, 0),
    )
    title = Text("最不便居民点（无路可达者在前）", "Worst served; without any way first")
    return Table("worst", title, worst.replace(np.inf, np.nan), (*about, *_columns(reach)))


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
    spread = Text(f"到{name.zh}时间的基尼系数", f"Gini of minutes to {name.en}")
    return (
        Figure("mean", mean, weighted_mean, "min", "lower"),
        _share(reach, name),
        Figure("gini", spread, gini, "", "lower", 3),
    )


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
    """Give mean minutes, share within the target time and Gini for each service, and for all."""
    services = list(dict.fromkeys(service for _, service, *_ in reach.keys))
    if len(services) > 1:  # who reaches each of them within the target time
        longest = {
            side: reach.minutes[[f"{service}_{side}" for service in services]].max(axis=1)
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
    weight, now = reach.places["weight"].to_numpy(), minutes["after"].to_numpy()
    value = figure.worked(now, weight)
    before = figure.worked(minutes["before"].to_numpy(), weight) if "before" in minutes else np.nan
    if not np.isnan(value):
        features = reach.labels(now <= reach.goals.target_min) if figure.layer else ()
        yield Metric(f"{figure.id}_{what}", figure.title, value, figure.unit,
                     None if np.isnan(before) else before, figure.target, figure.better,
                     figure.decimals, layer=figure.layer, features=features)  # fmt: skip


def checks(reach: Reach) -> Iterator[Check]:
    """Judge for each service whether enough are within the target time, and all have a way."""
    weight, goals = reach.places["weight"].to_numpy(), reach.goals
    for key, service, side, _ in reach.keys:
        if side == "before":
            continue
        name, now = SERVICES[service][0], reach.minutes[key].to_numpy()
        share, limit = 100 * share_within(now, weight, goals.target_min), f"{goals.target_min:g}"
        enough: Verdict = "pass" if share >= goals.target_share else "fail"
        title = Text(f"{limit} 分钟内到{name.zh}的比例", f"Share within {limit} min of {name.en}")
        yield Check(
            f"target_{service}",
            title,
            "unknown" if np.isnan(share) else enough,
            "—" if np.isnan(share) else f"{share:.1f} %",
            f"≥ {goals.target_share:g} %",
            layer=reach.people,
            features=reach.labels(now > goals.target_min),
        )
        cut, (by, unit) = np.isinf(now) & (weight > 0), reach.by
        words = f"{by.en.capitalize()} without any way to {name.en}"
        yield Check(
            f"cut_off_{service}",
            Text(f"无路到{name.zh}的{by.zh}", words),
            "fail" if cut.any() else "pass",
            f"{weight[cut].sum():,.{0 if reach.people else 1}f} {unit}",
            f"0 {unit}",
            layer=reach.people,
            features=reach.labels(cut),
        )

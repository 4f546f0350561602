"""How minutes to services are reported: maps and tables; `verdicts` says what they come to.

Thresholds are closed: exactly 30 minutes is within 30. Who has no way at all is beyond every
threshold, counts in the whole, and is left out of means and Gini. Whose minutes are not known is in
no figure. Without settlements figures are by area, and say so.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo.inequality import cumulative_shares, gini, share_within, weighted_mean
from geo.raster import Raster
from geo.words import Text, headed
from layers.county import County
from layers.people.services import SERVICES
from scenarios.answers import backdrop
from scenarios.result import Category, Column, Layer, Side, Table

TIME = Text("出行时间", "Travel time")
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
        yield Layer(
            f"time_{key}",
            title,
            TIME,
            "amount",
            reach.surfaces[key],
            unit="min",
            breaks=limits,
            side=side,
            shown=service == first,
            sources=used,
        )
        if side == "after":
            yield replace(_change(reach, service), shown=service == first, sources=used)
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


def _change(reach: Reach, service: str) -> Layer:
    """Give the surface of minutes after, less that before."""
    after, before = reach.surfaces[f"{service}_after"], reach.surfaces[f"{service}_before"]
    saved = after.values.astype(np.float32) - before.values.astype(np.float32)
    name = SERVICES[service][0]
    return Layer(
        f"change_{service}",
        Text(f"到{name.zh}时间变化", f"Change of minutes to {name.en}"),
        TIME,
        "change",
        Raster(saved, after.grid),
        unit="min",
        breaks=CHANGES,
        side="difference",
        better="lower",
    )


def _columns(reach: Reach) -> tuple[Column, ...]:
    return tuple(Column(key, title, "min", 1, better="lower") for key, *_, title in reach.keys)


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
            Column(_within(limit), Text(f"{limit:g} 分钟内", f"within {limit:g} min"), "%", 1)
            for limit in limits
        ),
        Column("gini", Text("基尼系数", "Gini"), "", 3),
        Column(
            "without",
            Text(f"无路可达{by.zh}", f"{by.en} without a way"),
            unit,
            0 if reach.people else 1,
        ),
        Column(
            "unknown", Text(f"未知{by.zh}", f"{by.en} not known"), unit, 0 if reach.people else 1
        ),
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
    lines = tuple(
        Column(key, _line(key, service, edited=edited), "%", 1) for key, service, *_ in reach.keys
    )
    yield Table(
        "within",
        Text(f"{by.zh}累计曲线", f"Share of {by.en} within minutes"),
        curve,
        (Column("minutes", Text("出行时间不超过", "Within"), "min", 0), *lines),
        "curve",
    )
    every = np.arange(len(reach.places))
    whole = pd.DataFrame([{"to": key, **_summary(reach, key, every)} for key, *_ in reach.keys])
    title = Text(f"全县：平均时间与{by.zh}比例", f"The county: mean time and shares of {by.en}")
    services = tuple(
        Category(key, _line(key, service, edited=edited)) for key, service, *_ in reach.keys
    )
    to = Column("to", Text("目的地", "To"), categories=services)
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
                Column(
                    f"{key}_{one.name}",
                    Text(f"{title.zh} {one.title.zh}", f"{title.en}, {one.title.en}"),
                    one.unit,
                    one.decimals,
                )
                for one in _summary_columns(reach)[1:]
            ]
        words = SERVICES[service][0]
        title = Text(f"各乡镇到{words.zh}时间", f"Minutes to {words.en} by township")
        columns += [one for one in backdrop.NAMES[1:] if one.name in towns]
        yield Table(
            f"townships_{service}",
            title,
            towns[[c.name for c in columns]],
            tuple(columns),
            "change" if len(own) > 1 else "bars",
        )


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

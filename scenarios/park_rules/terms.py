"""What can be asked of a project in the park, and the shapes it is made of."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from types import MappingProxyType
from typing import Annotated, Any, Literal

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pydantic import Field

from geo.errors import InputError, Problem, UsageError
from geo.words import Text
from layers import projects
from layers.county import County
from scenarios.answers import parameters
from scenarios.answers.claimed import claimed
from scenarios.contract import PLANNER, Params, found, param
from scenarios.result import Layer, Run

Statement = Literal["approved", "harmless", "necessary", "must_be_there", "fits_plan", "by_law"]
CONDITIONS: Mapping[str, Text] = MappingProxyType(
    {
        "approved": Text("经依法批准", "is approved by law"),
        "harmless": Text("不破坏生态功能", "does not harm the ecological function"),
        "necessary": Text("确属必要", "is necessary"),
        "must_be_there": Text("必须在此", "must be there"),
        "unavoidable": Text("无法避让", "cannot be avoided"),
        "fits_plan": Text(
            "符合县级以上国土空间规划", "fits a spatial plan of county level or above"
        ),
        "by_law": Text("法律、行政法规有规定", "is set by laws or administrative regulations"),
        "core_list": Text("属核心保护区允许的活动", "is among what the core zone allows"),
    }
)
"""What the words of an exception ask for."""
MOST = 9  # exceptions of the general zone


class ParkRules(Params):
    """What can be asked for."""

    project: dict[str, Any] | None = param(
        None,
        zh="项目图形（GeoJSON 点、线、面；可含 name、exception）",
        en="the project (GeoJSON points, lines, polygons; with name, exception)",
        unit="",
        source=PLANNER,
        file="geojson",
    )
    rows: tuple[str, ...] = param(
        (),
        zh="或县域图层中的行（图层:编号；均不给出时为全部规划道路）",
        en="or rows of the county's layers, layer:id; where nothing is given all planned roads",
        unit="",
        source=PLANNER,
    )
    run: str = param(
        "",
        zh="道路走廊的情景运行结果：其路线即项目；另给项目时只作能否避让的证明",
        en="run of a corridor: its road is the project, or else the proof for one that is given",
        unit="",
        source=PLANNER,
        file="run",
    )
    exception: Annotated[int, Field(ge=0, le=MOST)] = param(
        0,
        zh="主张的例外（一般控制区有限人为活动第几项；0 为无）",
        en="exception that is claimed, by its number among the nine; 0: none",
        unit="1",
        source="国家公园管理暂行办法（2022）",
    )
    stated: dict[Statement, bool] = param(
        {},
        zh="规划人员对例外条件的声明（未核查）",
        en="what the planner states of conditions of the exception; not checked",
        unit="",
        source=PLANNER,
    )
    width_m: Annotated[float, Field(ge=0, le=200)] = param(
        0, zh="线的宽度（0 为不计面积）", en="width of lines; 0: none", unit="m", source=PLANNER
    )
    rule_date: date = parameters.rule_date(date(2025, 1, 1))


def shapes(county: County, params: ParkRules) -> gpd.GeoDataFrame:
    """Give the shapes of the project: drawn, rows of layers, else the road of the run.

    Where nothing is given the county's planned roads are the project.

    Parameters
    ----------
    county
        As the question receives it.
    params
        What is asked.

    Returns
    -------
    GeoDataFrame
        name, name_en, source, exception (0: none is claimed), by label.

    Raises
    ------
    InputError
        If shapes, rows or claims are not as they should be.
    UsageError
        If there is no project.
    """
    frames = []
    if params.project is not None:
        frames.append(projects.drawn(params.project, county.crs, columns=("exception",)))
    if params.rows:
        frames.append(projects.rows(county, params.rows))
    known = found(county, params.run)
    if known is not None and not frames:
        frames.append(_of_run(known))
    if not frames:
        frames.append(_planned(county))
    frame = gpd.GeoDataFrame(pd.concat(frames), crs=county.crs)
    if frame.empty:
        raise UsageError(
            Text("未给项目，县域也没有规划道路", "no project is given, and no road is planned"),
            problems=[Problem(field="params", found="—", expected=GIVE)],
        )
    return frame.assign(exception=_claimed(frame, params.exception))


GIVE = "--set project=FILE.geojson | --set rows=roads:ID | --set run=FOLDER"


def _planned(county: County) -> gpd.GeoDataFrame:
    """Give the roads that are planned."""
    if "roads" not in county:
        return projects.rows(county, ())
    roads = county.vector("roads").sort_index()
    return projects.rows(
        county, [f"roads:{one}" for one in roads.index[roads["status"] == "planned"]]
    )


def _claimed(frame: gpd.GeoDataFrame, usual: int) -> pd.Series:
    """Give the exception claimed for each shape: its own, or that of all."""
    if "exception" not in frame:
        return pd.Series(usual, index=frame.index)
    own = frame["exception"]
    numbers = pd.to_numeric(own.where(own.notna(), usual), errors="coerce")
    wrong = ~numbers.isin(range(MOST + 1))
    if wrong.any():
        raise InputError(
            Text("没有这一项例外", "there is no such exception"),
            problems=[
                Problem(
                    row=str(label), field="exception", found=repr(value), expected=f"0 … {MOST}"
                )
                for label, value in own[wrong].items()
            ],
        )
    return numbers.astype(int)


def _of_run(run: Run) -> gpd.GeoDataFrame:
    """Give the project of a run: its chosen road, and the land that it claims."""
    land = {one.layer.id: one.shapes.union_all() for one in claimed(run.result)}
    rows = []
    for layer in run.result.layers:
        if line := road(layer):
            rows.append(("road", Text("路线", "road"), line))
        elif layer.id in land:
            rows.append((layer.id, layer.title, land[layer.id]))
    if not rows:
        found_here = Text(
            "该情景运行结果没有路线，也不占地", "this run has no road and takes no land"
        )
        raise InputError(found_here, problems=[Problem(field="params.run", found=run.scenario)])
    title = run.subtitle if run.subtitle.zh else run.title
    table = {
        "name": [f"{title.zh}：{name.zh}" for _, name, _ in rows],
        "name_en": [f"{title.en or title.zh}: {name.en}" for _, name, _ in rows],
        "source": "run",
    }
    labels = pd.Index([label for label, *_ in rows])
    return gpd.GeoDataFrame(table, geometry=[one for *_, one in rows], index=labels, crs=run.crs)


def road(layer: Layer) -> shapely.Geometry | None:
    """Give the chosen road of a layer of alternatives: the first of its legend."""
    if layer.meaning != "path" or layer.value != "alternative":
        return None
    frame: Any = layer.data
    chosen = frame[frame["alternative"] == layer.categories[0].code]
    line: shapely.Geometry = shapely.force_2d(chosen.geometry.iloc[0])
    return line


def ends(run: Run) -> np.ndarray[Any, np.dtype[np.object_]]:
    """Give the two ends of the chosen road of a run, as points; none where it has no road."""
    lines = [line for layer in run.result.layers if (line := road(layer))]
    if not lines:
        return np.array([], dtype=object)
    return shapely.get_point(shapely.line_merge(lines[0]), [0, -1])

"""Running a scenario on a county: what it may see, the key of what it follows from, reuse."""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from types import MappingProxyType
from typing import Any

from pyproj import CRS

import geo
import layers
import scenarios
from geo.crs import require_same
from geo.errors import FileError, MissingLayer, Problem, SchemaError, UsageError
from geo.raster import Raster
from geo.words import NO_TEXT, Lang, Text
from layers import rulebook, soundness
from layers.county import County
from layers.rulebook import Rule
from layers.source import Source, worst
from scenarios import record
from scenarios.answers import terrain
from scenarios.contract import Params, Scenario
from scenarios.result import MISSING, Edit, Layer, Result, Run, Table, load, verify
from scenarios.running import folder as folders
from scenarios.running.basis import Basis, laid, stacked
from scenarios.running.doubts import carried, dated
from scenarios.running.settings import abstract, settings, short


@dataclass(frozen=True)
class Order:
    """What shall be run: a scenario by name, on a county, with parameters, under a subtitle.

    `name` is what `scenarios.find` takes, also the path of a file; `lang` is the language of the
    titles beside codes in the files; `bases` are the runs that parameters name by their keys,
    `before` runs that were carried out earlier: of each layer the latest edit is what stands.
    """

    name: str
    county: County
    params: Params
    subtitle: Text = NO_TEXT
    lang: Lang = "zh"
    bases: tuple[Basis, ...] = ()
    before: tuple[Basis, ...] = ()

    @functools.cached_property
    def ground(self) -> County:
        """The county that the scenario sees: after the runs that it stands on.

        Raises
        ------
        UsageError
            If a parameter names a run that is not given, or a run is given that none names.
        InputError
            If a run does not fit the county, see `basis.laid`.
        """
        _require_bases(self)
        layers = {*self.scenario.needs, *self.scenario.uses}
        return stacked(laid(self.county, self.bases, layers), self.before, layers)

    @property
    def scenario(self) -> Scenario:
        """The scenario itself."""
        return scenarios.find(self.name)

    @property
    def code(self) -> str:
        """The hash of the source it follows from: that of the floors, and of a file outside."""
        if not scenarios.outside(self.name):
            return code_version()
        source = Path(self.name).read_bytes().replace(b"\r\n", b"\n")
        return hashlib.sha256(code_version().encode() + source).hexdigest()


def fulfil(
    order: Order,
    folder: Path,
    *,
    again: bool = False,
    tell: Callable[[str], None] = lambda _: None,
) -> tuple[Run, bool]:
    """Run a scenario into a folder, or take the run that stands there when nothing has changed.

    Parameters
    ----------
    order
        What shall be run.
    folder
        The run folder; made when missing.
    again
        Run even when a whole run with the same key stands there.
    tell
        Receives the name of each step as it begins: `run`, `save`.

    Returns
    -------
    Run, bool
        The run, and whether it was reused.

    Raises
    ------
    BusyError
        If another process works in the folder.
    UsageError
        If the folder holds files that a run would overwrite but is no run folder.
    MissingLayer
        If the county lacks layers the scenario needs; all of them are named.
    LimitError
        If there is no room; the former run stays.
    """
    with folders.locked(folder):
        stands = None if again else former(folder, key(order))
        if stands is not None:
            return stands, True
        tell("run")
        run = perform(order)
        tell("save")
        folders.write(run, folder)
        return run, False


def save(run: Run, folder: Path) -> None:
    """Write a run into its folder; see `fulfil` for what is raised."""
    with folders.locked(folder):
        folders.write(run, folder)


def perform(order: Order) -> Run:
    """Run a scenario in memory; nothing is written.

    The scenario sees the layers it declares and no others; what is doubtful in the content of these
    (`layers.soundness`) is a verdict of the result. Frames of the result keep the columns
    they declare, in the form that files keep, so that a run that is read equals the one written.

    Raises
    ------
    MissingLayer
        If the county lacks layers the scenario needs; all of them are named.
    SchemaError
        If the content of layers it uses is wrong beyond doubt; all errors are named.
    InputError
        If a run that a parameter names does not fit the county.
    """
    scenario, county = order.scenario, order.ground
    require_layers(order.name, county)
    require_sound(order)
    declared = _declared(scenario, county)
    seen = replace(county, data=MappingProxyType({name: county.data[name] for name in declared}))
    found = judged(order, scenario.run(seen, order.params))
    doubts = soundness.findings(order.county, declared)
    return dated(made(order, carried(found, doubts, county)), order.params)


def judged(order: Order, found: Result) -> Result:
    """Add the verdict whether the terrain is as fine as the scenario asks for."""
    fine = terrain.checks(order.ground, order.scenario.terrain_m)
    return replace(found, checks=(*found.checks, *fine))


def made(order: Order, found: Result) -> Run:
    """Give the run of a result: what it follows from beside it, its frames as files keep them."""
    scenario, county = order.scenario, order.ground
    result = kept(found, county.crs)
    folders.require_ids(result)
    sources = _sources(result, scenario, county)
    own = order.county.defaults.get(scenarios.called(order.name), {})
    return Run(
        key=key(order),
        scenario=scenarios.called(order.name),
        title=scenario.title,
        question=scenario.question,
        measures=scenario.measures,
        params=order.params.model_dump(mode="json"),
        changed=changed(order.params, own),
        county=county.id,
        county_name=county.name,
        crs=county.crs.to_string(),
        data_date=data_date(sources),
        quality=worst(source.quality for source in sources),
        sources=sources,
        rules=_rules(result, order.params),
        result=result,
        subtitle=order.subtitle,
        code=order.code,
        lang=order.lang,
        method=abstract(scenario),
        settings=settings(order.params, own),
    )


def kept(found: Result, crs: CRS) -> Result:
    """Give a result as files keep it: frames with their declared columns only.

    Raises
    ------
    CrsError
        If a layer or an edit is in another CRS.
    """
    return replace(
        found,
        layers=tuple(_kept_layer(layer, crs) for layer in found.layers),
        tables=tuple(_kept_table(table) for table in found.tables),
        edits=tuple(_kept_edit(edit, crs) for edit in found.edits),
    )


def _require_bases(order: Order) -> None:
    """Refuse runs that parameters name but nobody gives, and the other way round."""
    shapes = type(order.params).model_json_schema()["properties"]
    values = order.params.model_dump(mode="json")
    named = {values[name] for name, shape in shapes.items() if shape.get("file") == "run"}
    differing = sorted((named - {"", None}) ^ {basis.run.key for basis in order.bases})
    if differing:
        keys = ", ".join(key[:12] for key in differing)
        raise UsageError(
            Text(
                f"参数所指的情景运行结果与所给的不一致：{keys}；请给出其文件夹",
                f"runs that parameters name and runs that are given differ: {keys}; "
                "name their folders",
            )
        )


def require_layers(name: str, county: County) -> None:
    """Refuse a county that lacks layers a scenario needs.

    Raises
    ------
    MissingLayer
        Naming all of them.
    """
    lacking = sorted(set(scenarios.find(name).needs) - set(county.names))
    if lacking:
        raise MissingLayer(
            Text(
                f"{county.id}：情景 {name!r} 缺少图层：{', '.join(lacking)}",
                f"{county.id}: scenario {name!r} lacks layers: {', '.join(lacking)}",
            ),
            problems=[Problem(layer=one, found=MISSING, remedy=_importing(one)) for one in lacking],
        )


def require_sound(order: Order) -> None:
    """Refuse a county of which layers that the scenario may see are wrong in content.

    Raises
    ------
    SchemaError
        Naming every error of every such layer.
    """
    soundness.require(order.county, _declared(order.scenario, order.ground))


def _importing(layer: str) -> Text:
    command = f"jingning layers import FOLDER FILE --as {layer}"
    return Text(f"导入图层：{command}", f"import the layer: {command}")


def key(order: Order) -> str:
    """Give the hash of all a run follows from: layers, parameters, scenario and code."""
    county = order.ground
    declared = _declared(order.scenario, county)
    held = soundness.read_for(order.county, declared)
    content = {
        "scenario": scenarios.called(order.name),
        "code": order.code,
        "county": [county.id, record.tree(county.name), county.crs.to_string()],
        "layers": {name: record.tree(county.sources[name]) for name in declared},
        "held": {name: record.tree(order.county.sources[name]) for name in held},
        "params": order.params.model_dump(mode="json"),
        "subtitle": record.tree(order.subtitle),
        "lang": order.lang,
    }
    return hashlib.sha256(record.dumps(content).encode()).hexdigest()


@functools.cache
def code_version() -> str:
    """Give the hash of sources, rules, code tables and policies of the three lower floors."""
    digest = hashlib.sha256()
    for package in (geo, layers, scenarios):
        root = Path(str(package.__file__)).parent
        for path in sorted(
            [
                *root.rglob("*.py"),
                *root.glob("rules/*.toml"),
                *root.glob("land/landuse/*.csv"),
                *root.glob("several/*/*.toml"),
            ]
        ):
            name = path.relative_to(root.parent).as_posix()
            digest.update(f"{name}\n".encode() + path.read_bytes().replace(b"\r\n", b"\n"))
    return digest.hexdigest()


def changed(params: Params, own: Mapping[str, Any] = MappingProxyType({})) -> dict[str, Any]:
    """Give the parameters that are not as usual; a FeatureCollection by its size.

    Parameters
    ----------
    params
        What was asked.
    own
        What the county sets, over the defaults of the scenario.
    """
    now = params.model_dump(mode="json")
    before = type(params)(**own).model_dump(mode="json")
    return {name: short(value) for name, value in now.items() if value != before[name]}


def _declared(scenario: Scenario, county: County) -> list[str]:
    """Name the layers the scenario may see."""
    return sorted({*scenario.needs, *scenario.uses} & set(county.names))


def _kept_layer(layer: Layer, crs: CRS) -> Layer:
    """Give a layer with its declared columns only, its data in the CRS."""
    own = layer.data.grid.crs if isinstance(layer.data, Raster) else layer.data.crs
    require_same(own, crs, what=layer.id)
    if isinstance(layer.data, Raster):
        return layer
    declared = [column.name for column in layer.columns]
    names = [*declared, layer.value, layer.label, layer.binding]
    return replace(layer, data=record.shapes_kept(layer.data, names, what=layer.id))


def _kept_table(table: Table) -> Table:
    names = [column.name for column in table.columns]
    return replace(table, frame=record.columns_kept(table.frame, names, what=table.id))


def _kept_edit(edit: Edit, crs: CRS) -> Edit:
    require_same(edit.data.crs, crs, what=edit.layer)
    names = [str(name) for name in edit.data.columns if name != edit.data.geometry.name]
    return replace(edit, data=record.shapes_kept(edit.data, names, what=edit.layer))


def _sources(result: Result, scenario: Scenario, county: County) -> tuple[Source, ...]:
    """Give the sources of the layers a result was made from; of all it needs if none is named."""
    named = {name for layer in result.layers for name in layer.sources} or set(scenario.needs)
    return tuple(county.sources[name] for name in sorted(named))


def data_date(sources: tuple[Source, ...]) -> str:
    """Give the day of the data, or the first and the last."""
    days = sorted({source.retrieved for source in sources})
    return " – ".join(dict.fromkeys((days[0], days[-1])))


def _rules(result: Result, params: Params) -> tuple[Rule, ...]:
    """Give the rules that checks and layers name, as they stand on the day of judging."""
    named = {check.rule for check in result.checks if check.rule}
    named |= {rule for layer in result.layers for rule in (*layer.rules, *binding(layer))}
    if not named:
        return ()
    day = getattr(params, "rule_date", None)
    if not isinstance(day, date):
        raise SchemaError(
            Text(
                "引用规则的情景须有参数 rule_date: date",
                "a scenario that names rules needs the parameter rule_date: date",
            )
        )
    known = rulebook.rules(day)
    unknown = named - set(known)
    if unknown:
        named_so = ", ".join(sorted(unknown))
        raise SchemaError(
            Text(f"{day}：无此规则：{named_so}", f"{day}: no such rules on this day: {named_so}")
        )
    return tuple(known[name] for name in sorted(named))


def binding(layer: Layer) -> set[str]:
    """Give the ids of the rules that bind single features of a layer."""
    if not layer.binding or isinstance(layer.data, Raster):
        return set()
    cells = layer.data[layer.binding].dropna().unique()
    return {rule for cell in cells for rule in str(cell).split(";") if rule}


def former(folder: Path, wanted: str) -> Run | None:
    """Give the run that stands in a folder when it is whole and has the key, else None."""
    try:
        return load(folder) if verify(folder).get("key") == wanted else None
    except FileError:
        return None

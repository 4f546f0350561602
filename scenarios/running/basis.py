"""Runs that others stand on: a run folder that a parameter names, and its edits of the county."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from pyproj import CRS

from geo.crs import same
from geo.errors import FileError, InputError, SchemaError
from geo.words import Text
from layers.catalog import CATALOG
from layers.county import County
from layers.schema import check
from layers.source import Source, worst
from scenarios.contract import After
from scenarios.result import EDITS, Edit, Run, load, verify

NOT_A_RUN = Text("不是情景运行结果", "not a run")


@dataclass(frozen=True, eq=False)
class Basis:
    """A run that another stands on, and the hash of the file that holds its edits."""

    run: Run
    sha256: str

    @property
    def words(self) -> Text:
        """The run in words."""
        name = f"{self.run.scenario} {self.run.key[:12]}"
        return Text(f"{self.run.title.zh}（{name}）", f"{self.run.title.en} ({name})")


def opened(folder: Path) -> Basis:
    """Read a run that another shall stand on.

    Raises
    ------
    FileError
        If the folder holds no whole run.
    """
    sha256 = verify(folder)["files"].get(EDITS, "")
    try:
        return Basis(load(folder), str(sha256))
    except FileError:
        raise
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise FileError(
            Text(f"{folder}：{NOT_A_RUN.zh}：{error}", f"{folder}: {NOT_A_RUN.en}: {error}")
        ) from error


def laid(county: County, bases: Sequence[Basis], layers: Collection[str]) -> County:
    """Give a county as it would be after some runs, with what they found.

    Parameters
    ----------
    county
        The county as it is.
    bases
        The runs; none leaves the county as it is.
    layers
        Names of the layers whose edits count; others are passed over.

    Raises
    ------
    InputError
        If a run is of another county or CRS, or two of them edit the same layer.
    SchemaError
        If an edited layer is not what the county's layers must be.
    """
    data, sources = dict(county.data), dict(county.sources)
    edited: dict[str, Basis] = {}
    for basis in bases:
        _require_here(basis, county)
        for edit in basis.run.result.edits:
            if edit.layer not in layers:
                continue
            if edit.layer in edited:
                raise _twice(edit.layer, edited[edit.layer], basis)
            edited[edit.layer] = basis
            _require_whole(edit, basis, county)
            data[edit.layer] = edit.data
            sources[edit.layer] = _source(edit, basis, county)
    if not bases:
        return county
    before = county.runs if isinstance(county, After) else {}
    runs = MappingProxyType({**before, **{basis.run.key: basis.run for basis in bases}})
    return After(county.id, county.name, county.crs, data, sources, county.defaults, runs)


def stacked(county: County, bases: Sequence[Basis], layers: Collection[str]) -> County:
    """Give a county as it would be after runs in a row: of each layer the latest edit stands.

    Parameters
    ----------
    county, layers
        As `laid` takes them.
    bases
        The runs in their order, each made on what those before it left.

    Raises
    ------
    InputError, SchemaError
        As `laid` does.
    """
    for basis, own in latest(bases, layers):
        county = laid(county, [basis], own)
    return county


def latest(bases: Sequence[Basis], layers: Collection[str]) -> list[tuple[Basis, frozenset[str]]]:
    """Give the runs in their order with those of the layers that no later one edits.

    Runs of which nothing is the latest are left out.
    """
    left, found = set(layers), []
    for basis in reversed(bases):
        own = frozenset(edit.layer for edit in basis.run.result.edits) & left
        left -= own
        if own:
            found.append((basis, own))
    return found[::-1]


def _require_here(basis: Basis, county: County) -> None:
    """Refuse a run of another county or in another CRS."""
    run, words = basis.run, basis.words
    if run.county != county.id:
        raise InputError(
            Text(
                f"{words.zh}：该情景运行结果属于县域 {run.county}，而非 {county.id}",
                f"{words.en}: it is a run of the county {run.county}, not of {county.id}",
            )
        )
    if not same(CRS(run.crs), county.crs):
        here = county.crs.to_string()
        raise InputError(
            Text(
                f"{words.zh}：该情景运行结果的坐标系为 {run.crs}，而非 {here}",
                f"{words.en}: its CRS is {run.crs}, not {here}",
            )
        )


def _require_whole(edit: Edit, basis: Basis, county: County) -> None:
    """Refuse a layer that the county itself could not hold."""
    schema = CATALOG[edit.layer]
    frame = edit.data.reset_index() if schema.key == edit.data.index.name else edit.data
    problems = check(frame, schema, crs=county.crs)
    if problems:
        words = Text(
            f"{basis.words.zh}：改动后的图层不合要求",
            f"{basis.words.en}: a layer it edits is not as it should be",
        )
        raise SchemaError(words, problems=problems)


def _twice(layer: str, first: Basis, second: Basis) -> InputError:
    return InputError(
        Text(
            f"图层 {layer} 被两个情景运行结果改动：{first.words.zh}、{second.words.zh}；请只用其一",
            f"the layer {layer} is edited by two runs, {first.words.en} and {second.words.en}: "
            "take one of them",
        )
    )


def _source(edit: Edit, basis: Basis, county: County) -> Source:
    """Give the source of an edited layer: what it was, after which run, the worse quality."""
    run = basis.run
    seen = {one.layer: one for one in run.sources}  # by the run, maybe after others before it
    known = [known[edit.layer] for known in (seen, county.sources) if edit.layer in known]
    given = known[:1] or run.sources
    title = CATALOG[edit.layer].title
    return Source(
        layer=edit.layer,
        title=Text(f"{title.zh}，{basis.words.zh}之后", f"{title.en} after {basis.words.en}"),
        publisher="; ".join(dict.fromkeys(one.publisher for one in given)),
        licence="; ".join(dict.fromkeys(one.licence for one in given)),
        retrieved=max(one.retrieved for one in given),
        crs=county.crs.to_string(),
        sha256=basis.sha256,
        rows=len(edit.data),
        quality=worst([*(one.quality for one in known), run.quality]),
        steps=(*(step for one in given for step in one.steps), f"{run.scenario} {run.key}"),
        notes=tuple(dict.fromkeys(note for one in given for note in one.notes)),
    )

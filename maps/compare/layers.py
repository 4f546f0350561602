"""Layers of several runs for one page: what is the same in several of them stands there once.

Layers that are equal to the last bit are drawn once for all their runs. Of the others shapes,
pictures and cells that are equal stand once. Scales without limits of their own reach as far in
every run, so that one colour means one value on either side of a swipe.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from geo.words import Text
from maps import draw, legend
from maps.store import Store
from maps.wording import pair
from scenarios.result import Layer, Run

ROOM = 7_100_000
"""Bytes of layers that a page holds; runs that find no room are told by their figures alone."""
LEAST = 2
KINDS = (
    Text("（点）", " (places)"),
    Text("（线）", " (lines)"),
    Text("（面）", " (areas)"),
)
DECIMALS = 10.0
"""Read-outs are told in tenths."""
OF_RUN = re.compile(r"difference_([a-z]+)_(\w+)")
LOST = re.compile(r"(losers(?:_today)?)_([A-Z]+)_([012])")
VIEWS = ("difference", "consensus", "losers")


@dataclass(frozen=True)
class Embedded:
    """Layers as the page embeds them, with what several of them share.

    Parameters
    ----------
    layers
        Entries as `draw.layers` gives them; shapes and pictures are places in the lists below.
        `runs` are the letters of their runs, `own` is their side within a run, `mate` is shared by
        layers that tell the same of several runs. Those of the comparison have a `view` instead.
    geometries, pictures
        Each once.
    drawn
        Letters of the runs whose layers found room.
    store
        Cells and packed shapes of what found room.
    """

    layers: list[dict[str, Any]] = field(default_factory=list)
    geometries: dict[str, int] = field(default_factory=dict)
    pictures: dict[str, int] = field(default_factory=dict)
    drawn: list[str] = field(default_factory=list)
    store: Store = field(default_factory=Store)


def embedded(whole: Run, runs: Mapping[str, Run], *, room: int = ROOM) -> Embedded:
    """Give the layers of a comparison and of its runs, each once.

    Parameters
    ----------
    whole
        The comparison: its sources and rules are those of all runs, its layers tell what differs.
    runs
        The runs by letter.
    room
        Bytes that the layers of the runs may take; the first two always find room.
    """
    found, store = Embedded(), Store()
    reach = _spans(whole, runs)
    found.layers.extend(_slim(entry, found, store) for entry in _own(whole, "", store, reach))
    known: dict[bytes, dict[str, Any]] = {}
    used = _weight(found.layers, found, (0, 0)) + store.weight()
    for letter, run in runs.items():
        more = store.copy()
        new = list(_of_run(letter, _known_by(whole, run), known, more, reach))
        new += _own(whole, letter, more, reach)
        held = len(found.pictures), len(found.geometries)
        slim = [_slim(entry, found, more) for entry in new]
        used += _weight(slim, found, held) + more.weight(store.count)
        if used > room and len(found.drawn) >= LEAST:
            break
        store = more
        found.layers.extend(slim)
        found.drawn.append(letter)
    return _settled(replace(found, store=store))


def _settled(found: Embedded) -> Embedded:
    """Leave out the runs that found no room, and put what the comparison itself found last."""
    for entry in found.layers:
        entry["runs"] = [one for one in entry["runs"] if one in found.drawn]
    shared = [one for one in found.layers if one["runs"]]
    return replace(found, layers=[*shared, *(one for one in found.layers if not one["runs"])])


def _weight(entries: list[dict[str, Any]], found: Embedded, held: tuple[int, int]) -> int:
    """Give about how many bytes entries take with the pictures and shapes that came with them."""
    pictures, shapes = list(found.pictures)[held[0] :], list(found.geometries)[held[1] :]
    features = [one.get("features") for one in entries]
    bare = [{name: one[name] for name in one if name != "features"} for one in entries]
    told = len(json.dumps(bare, ensure_ascii=False, separators=(",", ":")).encode())
    packed = json.dumps([features, shapes], separators=(",", ":")).encode()
    return told + sum(map(len, pictures)) + 4 * len(zlib.compress(packed, 1)) // 3


def _of_run(
    letter: str,
    run: Run,
    known: dict[bytes, dict[str, Any]],
    store: Store,
    reach: Mapping[str, legend.Span],
) -> Iterator[dict[str, Any]]:
    """Draw the layers of a run that no run before has; those it shares are noted as its own too."""
    prints = {layer.id: _fingerprint(layer) for layer in run.result.layers}
    shared = {name for name, one in prints.items() if one in known}
    for name in shared:
        known[prints[name]]["runs"].append(letter)
    first = run.result.alternatives[0].code if run.result.alternatives else ""
    for entry in draw.layers(run, store, but=shared, spans=reach):
        aside = entry["alternative"] not in {"", first}
        entry |= {"runs": [letter], "own": entry["side"], "mate": entry["id"]}
        entry |= {"alternative": "", "shown": entry["shown"] and not aside}
        known[prints[entry["id"]]] = entry
        yield entry


def _known_by(whole: Run, run: Run) -> Run:
    """Give a run whose sources and rules stand in the places that those of all runs have."""
    own = {(one.layer, one.sha256) for one in run.sources}
    sources = [
        one if (one.layer, one.sha256) in own else replace(one, layer="") for one in whole.sources
    ]
    rules = [one if one in run.rules else replace(one, id="") for one in whole.rules]
    return replace(run, sources=tuple(sources), rules=tuple(rules))


def _own(
    whole: Run, letter: str, store: Store, reach: Mapping[str, legend.Span]
) -> Iterator[dict[str, Any]]:
    """Draw what the comparison itself found of a run: differences, who loses; of none agreement."""
    every = [one for layer in whole.result.layers if _view(layer.id) for one in _parted(layer)]
    layers = [one for one in every if _letter(one.id) == letter]
    run = replace(whole, result=replace(whole.result, layers=tuple(layers)))
    shown = _shown(every)
    for layer, entry in zip(layers, draw.layers(run, store, spans=reach), strict=True):
        lost = LOST.fullmatch(layer.id)
        yield entry | {
            "id": lost[1] if lost else layer.id,
            "runs": [],
            "own": "apart",
            "view": _view(layer.id),
            "letter": letter,
            "mate": _mate(layer.id),
            "stem": _mate(layer.id),
            "shown": layer.id in shown,
        }


def _parted(layer: Layer) -> Iterator[Layer]:
    """Give who loses run by run, areas apart from lines and places, each drawn by its loss."""
    if _view(layer.id) != "losers":
        yield layer
        return
    frame: Any = layer.data
    kinds = shapely.get_dimensions(frame.geometry.to_numpy())
    for (letter, kind), rows in frame.groupby([frame["run"], kinds]):
        units = set(rows["unit"])
        title = Text(
            *(f"{a}{b}" for a, b in zip(pair(layer.title), pair(KINDS[kind]), strict=True))
        )
        yield replace(
            layer,
            id=f"{layer.id}_{letter}_{kind}",
            title=title,
            meaning="amount",
            value="loss",
            categories=(),
            unit=units.pop() if len(units) == 1 else "",
            data=rows,
        )


def _view(name: str) -> str:
    """Name the view of a layer that the comparison itself found; nothing for what lies below."""
    first = name.split("_", maxsplit=1)[0]
    return first if first in VIEWS else ""


def _letter(name: str) -> str:
    """Name the run that a layer of the comparison tells of; nothing where it tells of all."""
    of, lost = OF_RUN.fullmatch(name), LOST.fullmatch(name)
    return of[1].upper() if of else lost[2] if lost else ""


def _mate(name: str) -> str:
    """Name what a layer tells, whichever run it tells it of."""
    of, lost = OF_RUN.fullmatch(name), LOST.fullmatch(name)
    return f"difference_{of[2]}" if of else f"{lost[1]}_{lost[3]}" if lost else name


def _shown(layers: list[Layer]) -> set[str]:
    """Choose what is on at first: one surface that differs, no areas over it, and who loses."""
    names = {layer.id for layer in layers}
    surfaces = [
        layer.id
        for layer in layers
        if not isinstance(layer.data, gpd.GeoDataFrame) and np.nan_to_num(layer.data.values).any()
    ]
    after = [name for name in surfaces if name.endswith("_after")]
    chosen = {_mate(name) for name in (after or surfaces)[:1]}
    light = {"path", "place"} if chosen else {"path", "place", "category", "amount", "change"}
    lines = {
        layer.id
        for layer in layers
        if isinstance(layer.data, gpd.GeoDataFrame) and layer.meaning in light
    }
    return {
        *(name for name in names if _mate(name) in chosen),
        *(name for name in lines if _view(name) == "difference"),
        "consensus",
        *(name for name in names if _mate(name) in _first_lost(names)),
    }


def _first_lost(names: Iterable[str]) -> set[str]:
    """Choose who is shown to lose: against the first run, and places rather than areas."""
    mates = sorted({_mate(name) for name in names if _view(name) == "losers"})
    return set(mates[:1])


def _spans(whole: Run, runs: Mapping[str, Run]) -> dict[str, legend.Span]:
    """Give how far the scales of layers reach in all runs together, by the layers' ids."""
    ends: dict[str, list[legend.Span]] = {}
    names: dict[str, str] = {}
    for run in (whole, *runs.values()):
        for layer in (part for one in run.result.layers for part in _parted(one)):
            span = legend.spanned(values) if (values := _amounts(layer)) is not None else None
            if span is not None:
                names[layer.id] = _mate(layer.id)
                ends.setdefault(names[layer.id], []).append(span)
    return {
        name: (min(low for low, _ in ends[mate]), max(high for _, high in ends[mate]))
        for name, mate in names.items()
    }


def _amounts(layer: Layer) -> NDArray[np.float64] | None:
    """Give the numbers that a layer's scale is made of; nothing where it has limits or none."""
    if layer.breaks or layer.meaning not in {"amount", "change"}:
        return None
    if not isinstance(layer.data, gpd.GeoDataFrame):
        return np.where(layer.data.valid, layer.data.values, np.nan).astype(np.float64)
    if not layer.value or layer.categories:
        return None
    frame: Any = layer.data
    amounts: NDArray[np.float64] = frame[layer.value].to_numpy(dtype=np.float64)
    return amounts


def _fingerprint(layer: Layer) -> bytes:
    """Give a hash of all that a layer shows."""
    told = {one.name: getattr(layer, one.name) for one in fields(layer)}
    data = told.pop("data")
    told.pop("focus")
    digest = hashlib.sha256(repr(sorted(told.items())).encode())
    if isinstance(data, gpd.GeoDataFrame):
        cells = data.drop(columns=data.geometry.name)
        digest.update(f"{data.crs}\0".encode() + cells.to_csv(na_rep="\0").encode())
        for shape in data.geometry.to_wkb():
            digest.update(shape or b"\0")
    else:
        digest.update(f"{data.grid}{data.nodata}{data.values.dtype}".encode())
        digest.update(np.ascontiguousarray(data.values).tobytes())
    return digest.digest()


def _slim(entry: dict[str, Any], found: Embedded, store: Store) -> dict[str, Any]:
    """Put shapes, pictures and cells where equal ones stand once."""
    for feature in entry.get("features", ()):
        shape = json.dumps(feature["geometry"], separators=(",", ":"))
        feature["geometry"] = found.geometries.setdefault(shape, len(found.geometries))
    if "image" in entry:
        entry["image"] = found.pictures.setdefault(entry["image"], len(found.pictures))
    if "grid" in entry:
        entry["grid"] = _tenths(entry["grid"], store)
    return entry


def _tenths(grid: Mapping[str, Any], store: Store) -> dict[str, Any]:
    """Keep the values of a read-out in tenths, counted from the lowest as 1; 0 is no data."""
    cells = np.frombuffer(base64.b64decode(grid["cells"]), dtype="<u2").astype(np.int64)
    values = np.round((grid["low"] + (cells - 1) * grid["step"]) * DECIMALS).astype(np.int64)
    low = int(np.min(values[cells > 0])) if cells.any() else 0
    kept = store.codes(np.where(cells > 0, values - low + 1, 0))
    size = {name: grid[name] for name in ("rows", "columns")}
    return {**size, "low": low / DECIMALS, "step": 1 / DECIMALS, "kept": kept}

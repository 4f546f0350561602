"""A question on trial: what it answers on the synthetic county, worked out once for every check."""

from __future__ import annotations

import random
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from types import MappingProxyType
from typing import Any, NamedTuple, TypeVar

import geopandas as gpd
import pandas as pd

import scenarios
from geo.raster import Raster
from layers import twin
from layers.county import County, LayerData
from scenarios.contract import Params, Scenario
from scenarios.result import Result, Run
from scenarios.running import runs

T = TypeVar("T")
NUMBERS = ("number", "integer")
LOW, HIGH = ("minimum", "exclusiveMinimum"), ("maximum", "exclusiveMaximum")
SLICE = 2  # ends of ranges that are run, where not all are


class First(NamedTuple):
    """A first run: the result as it comes, the layers it read, and those it changed."""

    found: Result
    read: frozenset[str]
    changed: tuple[str, ...]


class End(NamedTuple):
    """A parameter and a value at an end of its range."""

    field: str
    value: float


@dataclass(frozen=True, eq=False)
class Trial:
    """A question on the synthetic county (`layers.twin`), with its defaults and its `example`.

    What it answers is worked out when it is first asked for, and kept.

    Parameters
    ----------
    name
        What `scenarios.find` takes.
    """

    name: str

    @cached_property
    def scenario(self) -> Scenario:
        """The question."""
        return scenarios.find(self.name)

    @cached_property
    def county(self) -> County:
        """The county; nobody changes it."""
        return twin.county()

    @property
    def fields(self) -> Mapping[str, Any]:
        """The JSON schema of each parameter."""
        shapes: Mapping[str, Any] = self.scenario.params.model_json_schema()["properties"]
        return shapes

    @property
    def own(self) -> Mapping[str, Any]:
        """What the county sets for it."""
        return self.county.defaults.get(scenarios.called(self.name), {})

    def params(self, **changes: Any) -> Params:
        """Give the parameters it is asked with, some of them changed."""
        return self.scenario.params(**{**self.own, **self.scenario.example, **changes})

    def order(self, county: County | None = None, /, **changes: Any) -> runs.Order:
        """Give an order on the county or another one."""
        return runs.Order(self.name, county or self.county, self.params(**changes))

    @cached_property
    def first(self) -> First:
        """The run with all layers, of which it is seen what is read and changed."""
        county, read = watched(twin.county())
        before = {name: fingerprint(one) for name, one in county.data.items()}
        found = runs.judged(self.order(), self.scenario.run(county, self.params()))
        changed = (name for name, one in county.data.items() if fingerprint(one) != before[name])
        return First(found, frozenset(read), tuple(changed))

    @cached_property
    def run(self) -> Run:
        """The first run as it is saved."""
        return runs.made(self.order(), self.first.found)

    @cached_property
    def bare(self) -> Result:
        """The result with the layers alone that it needs."""
        needed = {name: self.county.data[name] for name in self.scenario.needs}
        return runs.perform(self.order(replace(self.county, data=needed))).result

    def ends(self) -> Iterator[End]:
        """Give both ends of each range; of an open one, a hundredth of the way to the default."""
        usual = self.params()
        for field, shape in self.fields.items():
            if shape.get("type") not in NUMBERS:
                continue
            for kind in (kind for kind in (*LOW, *HIGH) if kind in shape):
                end = shape[kind]
                if kind.startswith("exclusive"):
                    end += (getattr(usual, field) - end) / 100
                yield End(field, end)

    def some_ends(self) -> list[End]:
        """Give a few ends, always the same ones."""
        ends = list(self.ends())
        seed = zlib.crc32(scenarios.called(self.name).encode())
        return random.Random(seed).sample(ends, min(SLICE, len(ends)))  # noqa: S311 - no secret


def numeric(shape: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """Give the part of a parameter's schema that holds numbers, or nothing.

    >>> numeric({"type": "array", "items": {"type": "number", "minimum": 0}})
    {'type': 'number', 'minimum': 0}
    """
    parts = [shape, shape.get("items"), shape.get("additionalProperties"), *shape.get("anyOf", ())]
    numbers = (one for one in parts if isinstance(one, dict) and one.get("type") in NUMBERS)
    return next(numbers, None)


def watched(county: County) -> tuple[County, set[str]]:
    """Give a county, and the names of the layers that are read of it as they are read."""
    read: set[str] = set()

    class Watched(County):
        """Notes what is read."""

        def _layer(self, layer: str, kind: type[T]) -> T:
            read.add(layer)
            return super()._layer(layer, kind)

    return Watched(
        county.id, county.name, county.crs, county.data, county.sources, county.defaults
    ), read


def fingerprint(data: LayerData) -> Any:
    """Give what changes with any value of a layer."""
    if isinstance(data, Raster):
        return data.values.tobytes()
    plain = pd.DataFrame(data.to_wkb() if isinstance(data, gpd.GeoDataFrame) else data)
    return plain.to_csv()


def with_frames(county: County, change: Any) -> County:
    """Give a county whose frames are changed by a function of layer and frame."""
    data = {
        name: one if isinstance(one, Raster) else change(name, one)
        for name, one in county.data.items()
    }
    return replace(county, data=MappingProxyType(data))

"""A county's layers held against each other and themselves: what is wrong in their content.

The schema (`layers.schema`) asks each layer for its form. Here is asked what a form that is right
may still hide: areas in another unit, land that is there twice, people in a lake. Every subject is
a module; it declares `INSPECTIONS`, each the function of a county that gives the findings of one
layer. To ask for more: write such a function, declare it in its module, name the module below.

What is not known is no finding: a layer that is not there, an optional column that is missing.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from pathlib import Path
from weakref import WeakKeyDictionary

from geo.errors import SchemaError
from geo.words import Text
from layers.catalog import CATALOG
from layers.county import County, load
from layers.soundness import (
    areas,
    codes,
    coverage,
    facilities,
    figures,
    heights,
    lakes,
    names,
    networks,
    people,
    place,
    relief,
    routes,
    shifts,
    speeds,
    terrain,
    towns,
    zones,
)
from layers.soundness.finding import Finding, Inspection

__all__ = ["SUBJECTS", "Finding", "brought", "findings", "read_for", "require"]

SUBJECTS = (
    areas,
    coverage,
    people,
    facilities,
    codes,
    names,
    figures,
    lakes,
    zones,
    towns,
    place,
    shifts,
    heights,
    terrain,
    relief,
    networks,
    speeds,
    routes,
)
"""The modules that ask, in the order in which findings are told."""
_KNOWN: WeakKeyDictionary[County, dict[Inspection, tuple[Finding, ...]]] = WeakKeyDictionary()
"""What was found of counties that are still held: they never change."""


def findings(county: County, layers: Collection[str] | None = None) -> tuple[Finding, ...]:
    """Give what is wrong in the content of layers, in the order of the catalog.

    Each inspection is made once for a county, however often it is asked.

    Parameters
    ----------
    county
        Layers that hold to their schema.
    layers
        Whose findings are wanted; all layers of the county unless said. They are held against all
        the county has.

    Examples
    --------
    >>> from layers import twin
    >>> findings(twin.county())
    ()
    """
    return _found(county, _asked(county, layers))


def read_for(county: County, layers: Collection[str]) -> tuple[str, ...]:
    """Name the layers that the findings of some layers follow from, sorted.

    >>> from layers import twin
    >>> read_for(twin.county(), ["lake_levels"]), read_for(twin.county(), ["lake_storage"])
    (('lake_levels', 'lake_storage'), ('lake', 'lake_storage'))
    """
    asked = _asked(county, layers)
    return tuple(sorted({name for one in asked for name in one.reads if name in county}))


def brought(folder: Path, layer: str) -> tuple[Finding, ...]:
    """Give the findings of a layer that came into a county folder, and of those held against it.

    Only the layers that these follow from are opened.

    Raises
    ------
    SchemaError
        If one of them does not hold to its schema.
    """
    concerned = [one for one in _declared() if layer in one.reads]
    if not concerned:
        return ()
    county = load(folder, only={name for one in concerned for name in one.reads})
    return _found(county, (one for one in concerned if _is_there(one, county)))


def require(county: County, layers: Collection[str]) -> None:
    """Refuse layers whose content is wrong beyond doubt.

    Raises
    ------
    SchemaError
        Naming all errors at once.
    """
    errors = [one for one in findings(county, layers) if one.standing == "error"]
    if errors:
        words = Text(
            f"{county.id}：图层内容有误，不能据此分析；详情：jingning layers check",
            f"{county.id}: layers are wrong in content, nothing can be worked out from them; "
            "details: jingning layers check",
        )
        raise SchemaError(words, problems=[one.problem for one in errors])


def _found(county: County, asked: Iterable[Inspection]) -> tuple[Finding, ...]:
    """Give the findings of inspections, those of a layer together."""
    known = _KNOWN.setdefault(county, {})
    told: list[Finding] = []
    for one in asked:
        if one not in known:
            known[one] = tuple(one.findings(county))
        told += known[one]
    order = list(CATALOG)
    return tuple(sorted(told, key=lambda finding: order.index(finding.layer)))


def _asked(county: County, layers: Collection[str] | None) -> Iterator[Inspection]:
    """Give the inspections of some layers for which all is there."""
    wanted = county.data if layers is None else layers
    return (one for one in _declared() if one.layer in wanted and _is_there(one, county))


def _declared() -> Iterator[Inspection]:
    """Give the inspections of every subject."""
    for subject in SUBJECTS:
        yield from subject.INSPECTIONS


def _is_there(one: Inspection, county: County) -> bool:
    """Say whether a county has all that an inspection reads."""
    return all(name in county for name in (one.layer, *one.beside))

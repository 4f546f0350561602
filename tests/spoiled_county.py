"""The twin spoiled in one way, and what is found of it: shared by the tests of `layers.soundness`."""

from dataclasses import replace

from layers import soundness, twin


def spoiled(**layers):
    """Give the twin with other layers: frames, or functions of the twin's own frame."""
    county = twin.county()
    changed = {
        name: one(county.data[name].copy()) if callable(one) else one
        for name, one in layers.items()
    }
    return replace(county, data={**county.data, **changed})


def told(county):
    """Give the findings of a county by layer and id: `parcels.areas_unit`."""
    return {f"{one.layer}.{one.id}": one for one in soundness.findings(county)}

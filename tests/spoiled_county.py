"""The twin spoiled in one way, and what is found of it: shared by the tests of `layers.soundness`."""

from dataclasses import replace

import pandas as pd
from shapely.affinity import translate

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


def columns(**changes):
    """Give a spoiler: columns that are constants, or functions of the frame."""
    return lambda frame: frame.assign(**changes)


def moved(row, east, north=0):
    """Give a spoiler that moves the shape of a row."""

    def change(frame):
        frame.loc[row, "geometry"] = translate(frame.geometry[row], east, north)
        return frame

    return change


def copied(row, name):
    """Give a spoiler that adds a row under another name."""
    return lambda frame: pd.concat([frame, frame.loc[[row]].rename({row: name})])

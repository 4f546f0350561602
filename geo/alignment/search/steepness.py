"""Whether a searched path climbs more than mean grades allow."""

from __future__ import annotations

import numpy as np

from geo.alignment.search.terrain import Path
from geo.alignment.values import Limits

BEYOND = 1.02  # times what mean grades allow: more than a profile mends
APART = 30.0  # m between points of a path whose rises are looked at: a cell of the usual terrain


def steeper(path: Path, limits: Limits) -> bool:
    """Say whether a path breaks mean grades by more than its profile could mend.

    Parameters
    ----------
    path
        What a search found; it knows of no mean grades.
    limits
        With mean grades.
    """
    s = np.append(0.0, np.cumsum(np.hypot(*np.diff(path.xy, axis=0).T)))
    at = np.arange(0.0, s[-1] + APART, APART)
    z = np.interp(at, s, path.z)
    steps = int(limits.window_m / APART)
    rise = np.abs(z[steps:] - z[:-steps]) if at.size > steps else np.zeros(0)
    if (rise > BEYOND * limits.window_grade * limits.window_m).any():
        return True
    for i in range(at.size - 1):
        rise, length = np.abs(z[i + 1 :] - z[i]), at[i + 1 :] - at[i]
        for first, below, grade in limits.mean_grades:
            inside = (rise >= BEYOND * first) & (rise < below)
            if (inside & (rise > BEYOND * grade * length)).any():
                return True
    return False

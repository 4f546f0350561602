"""Whether a searched path climbs more than mean grades and reliefs allow.

The search knows no grade but the steepest: what it proves is a bound for roads under mean grades
and lengths of grades too. A path that its profile could not mend is not followed; gentler ones are
searched for instead, at the mean that reliefs allow in the long run (`mean`), and are no bound.
"""

from __future__ import annotations

import numpy as np

from geo.alignment.profile.climbs import long_run
from geo.alignment.search.terrain import Path
from geo.alignment.values import Floats, Limits

BEYOND = 1.02  # times what mean grades allow: more than a profile mends
MENDS = 10.0  # m of rise that cut and fill take off a climb: a little of what they may
APART = 30.0  # m between points of a path whose rises are looked at: a cell of the usual terrain


def mean(limits: Limits) -> float:
    """Give the mean grade that lengths of grades and reliefs allow in the long run (inf: any).

    A bound over as many metres as the steepest grade may be long and a relief has to be, 750 m at
    60 km/h, and over every multiple of them: what is over is short of one.

    Examples
    --------
    600 m at 6 % and 150 m at 3 %: 5.4 %.

    >>> lengths = ((0.03, 1200.0), (0.04, 1000.0), (0.05, 800.0), (0.06, 600.0))
    >>> road = Limits(0.06, 125, 50, 150, 1400, 1000, 50, grade_lengths=lengths, relief_grade=0.03)
    >>> round(mean(road), 4)
    0.054
    """
    window = long_run(limits, limits.min_slope_length_m)
    return window.rise / window.length if np.isfinite(window.length) else np.inf


def steeper(path: Path, limits: Limits) -> bool:
    """Say whether a path breaks mean grades or needs reliefs by more than its profile could mend.

    Parameters
    ----------
    path
        What a search found; it knows neither.
    limits
        With mean grades and lengths of grades.
    """
    s = np.append(0.0, np.cumsum(np.hypot(*np.diff(path.xy, axis=0).T)))
    at = np.arange(0.0, s[-1] + APART, APART)
    z = np.interp(at, s, path.z)
    if (_rises(z, limits.window_m) > BEYOND * limits.window_grade * limits.window_m).any():
        return True
    length, most = long_run(limits, limits.min_slope_length_m)
    many = int(s[-1] / length) if np.isfinite(length) else 0
    if any((_rises(z, k * length) > k * most + MENDS).any() for k in range(1, many + 1)):
        return True
    for i in range(at.size - 1):
        rise, length = np.abs(z[i + 1 :] - z[i]), at[i + 1 :] - at[i]
        for first, below, grade in limits.mean_grades:
            inside = (rise >= BEYOND * first) & (rise < below)
            if (inside & (rise > BEYOND * grade * length)).any():
                return True
    return False


def _rises(z: Floats, length: float) -> Floats:
    """Give what heights `APART` from each other rise or fall over stretches of a length."""
    steps = int(length / APART)
    return np.abs(z[steps:] - z[:-steps]) if z.size > steps else np.zeros(0)

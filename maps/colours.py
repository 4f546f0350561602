"""How far apart two colours are, to every reader: CIEDE2000, colour-vision deficiencies, contrast.

Sources: Sharma, G., Wu, W., Dalal, E. N. (2005), The CIEDE2000 color-difference formula, Color
Research and Application 30(1); Machado, G. M., Oliveira, M. M., Fernandes, L. A. F. (2009), A
physiologically-based model for simulation of color vision deficiency, IEEE TVCG 15(6), matrices of
severity 1.0; contrast as WCAG 2.2 has it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from functools import lru_cache

Rgb = tuple[float, float, float]
Lab = tuple[float, float, float]
Matrix = tuple[Rgb, Rgb, Rgb]

DEFICIENCIES: Mapping[str, Matrix] = {
    "protanopia": (
        (0.152286, 1.052583, -0.204868),
        (0.114503, 0.786281, 0.099216),
        (-0.003882, -0.048116, 1.051998),
    ),
    "deuteranopia": (
        (0.367322, 0.860646, -0.227968),
        (0.280085, 0.672501, 0.047413),
        (-0.011820, 0.042940, 0.968881),
    ),
    "tritanopia": (
        (1.255528, -0.076749, -0.178779),
        (-0.078411, 0.930809, 0.147602),
        (0.004733, 0.691367, 0.303900),
    ),
}
"""On linear red, green and blue."""
TO_XYZ: Matrix = (
    (0.4124564, 0.3575761, 0.1804375),
    (0.2126729, 0.7151522, 0.0721750),
    (0.0193339, 0.1191920, 0.9503041),
)
WHITE: Rgb = (0.95047, 1.0, 1.08883)  # D65
BEND, SLOPE = 216 / 24389, 24389 / 27
APART = 10.0
"""CIEDE2000 from which two classes of one layer are told apart."""


def linear(colour: str) -> Rgb:
    """Give red, green and blue of #RRGGBB as shares of light.

    >>> linear("#FFFFFF")
    (1.0, 1.0, 1.0)
    """
    shares = (int(colour[k : k + 2], 16) / 255 for k in (1, 3, 5))
    red, green, blue = (s / 12.92 if s <= 0.04045 else ((s + 0.055) / 1.055) ** 2.4 for s in shares)
    return red, green, blue


def times(matrix: Matrix, light: Rgb) -> Rgb:
    """Give a matrix times a colour."""
    a, b, c = (sum(m * v for m, v in zip(row, light, strict=True)) for row in matrix)
    return a, b, c


def lab(light: Rgb) -> Lab:
    """Give CIE L*, a*, b* of linear red, green and blue under D65.

    >>> [abs(round(v, 3)) for v in lab(linear("#FFFFFF"))]
    [100.0, 0.0, 0.0]
    """
    shares = (v / w for v, w in zip(times(TO_XYZ, light), WHITE, strict=True))
    x, y, z = (s ** (1 / 3) if s > BEND else (SLOPE * s + 16) / 116 for s in shares)
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)


def difference(one: Lab, other: Lab) -> float:
    """Give the CIEDE2000 difference of two colours.

    >>> round(difference((50.0, 2.6772, -79.7751), (50.0, 0.0, -82.7485)), 4)
    2.0425
    """
    mean_c = (math.hypot(*one[1:]) + math.hypot(*other[1:])) / 2
    g = 0.5 * (1 - math.sqrt(mean_c**7 / (mean_c**7 + 25.0**7)))
    (c1, h1), (c2, h2) = (_polar((1 + g) * v[1], v[2]) for v in (one, other))
    light, chroma = other[0] - one[0], c2 - c1
    turn = (h2 - h1 + 180) % 360 - 180 if c1 * c2 else 0.0
    if turn == -180 and h2 > h1:  # half a turn goes the way the angles grow
        turn = 180.0
    hue = 2 * math.sqrt(c1 * c2) * math.sin(math.radians(turn) / 2)
    mean_l, mean_c = (one[0] + other[0]) / 2, (c1 + c2) / 2
    return _weighed(light, chroma, hue, (mean_l, mean_c, _mean_hue(c1 * c2, h1, h2)))


def _polar(a: float, b: float) -> tuple[float, float]:
    return math.hypot(a, b), math.degrees(math.atan2(b, a)) % 360 if a or b else 0.0


def _mean_hue(chromas: float, one: float, other: float) -> float:
    if not chromas:
        return one + other
    mean = (one + other) / 2
    if abs(one - other) <= 180:
        return mean
    return mean + 180 if one + other < 360 else mean - 180


def _weighed(light: float, chroma: float, hue: float, mean: Lab) -> float:
    mean_l, mean_c, mean_h = mean
    parts = ((0.17, 1, -30), (-0.24, 2, 0), (-0.32, 3, 6), (0.20, 4, -63))
    t = 1 - sum(w * math.cos(math.radians(k * mean_h + turn)) for w, k, turn in parts)
    off = (mean_l - 50) ** 2
    s_l = 1 + 0.015 * off / math.sqrt(20 + off)
    s_c, s_h = 1 + 0.045 * mean_c, 1 + 0.015 * mean_c * t
    bent = 2 * math.sqrt(mean_c**7 / (mean_c**7 + 25.0**7))
    r = -bent * math.sin(math.radians(60 * math.exp(-(((mean_h - 275) / 25) ** 2))))
    dl, dc, dh = light / s_l, chroma / s_c, hue / s_h
    return math.sqrt(max(dl**2 + dc**2 + dh**2 + r * dc * dh, 0.0))


@lru_cache(maxsize=4096)
def as_seen(colour: str, deficiency: str) -> Lab:
    """Give a colour as L*, a*, b* as a reader with a deficiency sees it; with none for no name."""
    light = linear(colour)
    if deficiency:
        a, b, c = times(DEFICIENCIES[deficiency], light)
        light = (min(max(a, 0.0), 1.0), min(max(b, 0.0), 1.0), min(max(c, 0.0), 1.0))
    return lab(light)


@lru_cache(maxsize=65536)
def least_difference(one: str, other: str) -> float:
    """Give the smallest CIEDE2000 difference of two colours over the three deficiencies.

    >>> least_difference("#009E73", "#009E73")
    0.0
    >>> red, olive = "#C0504D", "#7F7F2A"
    >>> least_difference(red, olive) < difference(as_seen(red, ""), as_seen(olive, ""))
    True
    """
    return min(difference(as_seen(one, kind), as_seen(other, kind)) for kind in DEFICIENCIES)


def over_white(colour: str, opacity: float) -> str:
    """Give a colour that is seen through as it stands on white.

    >>> over_white("#000000", 0.5)
    '#808080'
    """
    channels = (int(colour[k : k + 2], 16) for k in (1, 3, 5))
    return "#" + "".join(f"{round(255 + (v - 255) * opacity):02X}" for v in channels)


def contrast(one: str, other: str) -> float:
    """Give the contrast of two colours, 1 to 21.

    >>> round(contrast("#000000", "#FFFFFF"), 6)
    21.0
    """
    low, high = sorted(_luminance(colour) for colour in (one, other))
    return (high + 0.05) / (low + 0.05)


def _luminance(colour: str) -> float:
    weights: Sequence[float] = (0.2126, 0.7152, 0.0722)
    return sum(w * v for w, v in zip(weights, linear(colour), strict=True))

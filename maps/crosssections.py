"""Cross-sections of a road as pictures, one file each, drawn from a run's table `sections`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

from geo.words import Lang, Text, said
from maps.charts import GREY, GRID, LINES, nice
from maps.wording import PageError

if TYPE_CHECKING:
    from scenarios.result import Run

TABLE = "sections"
ALL = "all"
WIDTH, EDGE, HEAD, FOOT = 760.0, 46.0, 58.0, 26.0
GROUND, DESIGN = LINES[5], LINES[1]
POST = re.compile(r"K(\d+)\+(\d+(?:\.\d+)?)", re.IGNORECASE)
NEAR_M = 0.5  # a post named to the metre is the one that stands within

Points = list[tuple[float, float]]


class PostError(PageError):
    """There is no cross-section at the post that was asked for."""

    exit_code = 2


class Picture(NamedTuple):
    """A drawing and the name of its file."""

    name: str
    svg: str


def pictures(run: Run, asked: str, lang: Lang) -> Iterator[Picture]:
    """Draw the cross-section at a post (K12+340) of every alternative, or `all` of them.

    Raises
    ------
    PostError
        If the run has no cross-sections, or none at this post.
    """
    found = [table for table in run.result.tables if table.id == TABLE]
    if not found:
        words = Text("该情景运行结果中没有道路横断面", "the run has no cross-sections of roads")
        raise PostError(words)
    rows = found[0].frame.to_dict("records")
    chosen = rows if asked == ALL else [row for row in rows if _is_at(str(row["station"]), asked)]
    if not chosen:
        first, last = rows[0]["station"], rows[-1]["station"]
        raise PostError(
            Text(
                f"此处没有横断面：{asked}；可取 {first} … {last} 或 {ALL}",
                f"no cross-section here: {asked}; there are {first} … {last}, or {ALL}",
            )
        )
    for row in chosen:
        post = str(row["station"]).removesuffix(".000")
        yield Picture(f"{row['alternative']}_{post}.svg", drawing(row, lang))


def _is_at(station: str, asked: str) -> bool:
    """Say whether a station is the post that is asked for, to half a metre.

    >>> _is_at("K0+240.000", "k0+240"), _is_at("K0+240.000", "K0+241")
    (True, False)
    """
    metres = [POST.fullmatch(name) for name in (station, asked)]
    here, there = (
        1000 * int(match[1]) + float(match[2]) if match else float("nan") for match in metres
    )
    return abs(here - there) <= NEAR_M


def points(outline: str) -> Points:
    """Read the points of an outline.

    >>> points("-5.00/100.00 5.00/100.50")
    [(-5.0, 100.0), (5.0, 100.5)]
    """
    pairs = (word.split("/") for word in outline.split())
    return [(float(off), float(height)) for off, height in pairs]


def drawing(row: dict[str, Any], lang: Lang) -> str:
    """Draw a cross-section, heights and widths to one scale; the picture says its figures."""
    ground, design = points(str(row["ground"])), points(str(row["design"]))
    both = [*ground, *design]
    west, east = min(x for x, _ in both), max(x for x, _ in both)
    low, high = min(z for _, z in both) - 1, max(z for _, z in both) + 1
    scale = (WIDTH - 2 * EDGE) / max(east - west, 1.0)
    height = HEAD + (high - low) * scale + FOOT

    def at(x: float, z: float) -> tuple[float, float]:
        return EDGE + (x - west) * scale, HEAD + (high - z) * scale

    parts = []
    for z in nice(low, high):
        _, y = at(west, z)
        parts.append(f'<path d="M{EDGE} {y:.1f}H{WIDTH - EDGE:.1f}" stroke="{GRID}"/>')
        parts.append(_words((EDGE - 5, y + 4), f"{z:g}", 'text-anchor="end"'))
    for x in nice(west, east, 9):
        place, y = at(x, low)
        parts.append(f'<path d="M{place:.1f} {HEAD}V{y:.1f}" stroke="{GRID}"/>')
        parts.append(_words((place, y + 16), f"{x:g}", 'text-anchor="middle"'))
    for outline, colour, dash in ((ground, GROUND, "6 3"), (design, DESIGN, "none")):
        line = " ".join(f"{x:.1f},{y:.1f}" for x, y in (at(*point) for point in outline))
        parts.append(
            f'<polyline points="{line}" fill="none" stroke="{colour}" stroke-width="2" '
            f'stroke-dasharray="{dash}"/>'
        )
    parts += _head(row, lang)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH:.0f} {height:.0f}" '
        f'font-family="sans-serif" font-size="12" fill="{GREY}">'
        f'<rect width="100%" height="100%" fill="#FFFFFF"/>{"".join(parts)}</svg>\n'
    )


def _head(row: dict[str, Any], lang: Lang) -> Iterator[str]:
    """Say where it is, its heights and areas, and what the lines are."""
    post = str(row["station"]).removesuffix(".000")
    title = Text(f"{post}  方案{row['alternative']}", f"{post}  alternative {row['alternative']}")
    figures = Text(
        f"设计 {row['design_m']:.2f} m · 地面 {row['ground_m']:.2f} m · "
        f"挖方 {row['cut_m2']:.1f} m² · 填方 {row['fill_m2']:.1f} m²",
        f"design {row['design_m']:.2f} m · ground {row['ground_m']:.2f} m · "
        f"cut {row['cut_m2']:.1f} m² · fill {row['fill_m2']:.1f} m²",
    )
    yield _words((EDGE, 22), said(title, lang), 'font-size="16" font-weight="bold"')
    yield _words((EDGE, 42), said(figures, lang))
    for x, colour, name in (
        (WIDTH - 250, GROUND, Text("地面线", "ground")),
        (WIDTH - 130, DESIGN, Text("设计线", "design")),
    ):
        yield f'<path d="M{x} 18h26" stroke="{colour}" stroke-width="2"/>'
        yield _words((x + 32, 22), said(name, lang))


def _words(at: tuple[float, float], words: str, extra: str = "") -> str:
    return f'<text x="{at[0]:.1f}" y="{at[1]:.1f}" {extra}>{words}</text>'

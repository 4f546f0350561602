"""Pictures of the first hour, drawn from a run: a page small, its regions numbered."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from geo.words import Text
from maps import charts, figures, legend, panel, thumbnail
from maps.charts import Words, text
from maps.manual.words import REGIONS
from maps.wording import UI, pair
from scenarios.result import Layer, Run

WIDE, HIGH = 760, 456  # a page of 1600 × 960 at 0.475
HEAD, LEFT, RIGHT = 29, 148, 156
CARD, GAP = 50, 6
LINE, GROUND, ACCENT, ACTIVE = "#DFE4E9", "#F3F5F7", "#1F4E5F", "#F0C75E"
GREY = "#B7C4D3"
TONES = {"good": "#2F7D6B", "bad": "#B5473C"}
MARKS = {
    "head": (470, 15),
    "answer": (139, 46),
    "cards": (139, 152),
    "tools": (193, 60),
    "map": (376, 100),
    "legend": (300, 388),
    "charts": (750, 52),
    "checks": (750, 226),
    "footer": (750, 420),
}
"""Where the number of each region stands."""
Picture = dict[str, Any]


def page(run: Run) -> Picture:
    """Draw the page of a run small, its regions numbered, with what each is for."""
    words: Words = []
    parts = [*_head(run, words), *_left(run, words), *_middle(run, words), *_right(run, words)]
    marks = [
        f'<circle cx="{x}" cy="{y}" r="9" class="number"/>'
        f'<text x="{x}" y="{y + 4}" class="number">{place}</text>'
        for place, (x, y) in enumerate((MARKS[name] for name in REGIONS), 1)
    ]
    frame = f'<rect width="{WIDE}" height="{HIGH}" fill="{GROUND}" stroke="#AEB9C2"/>'
    return {
        "svg": _framed(frame + "".join(parts) + "".join(marks)),
        "words": words,
        "keys": [pair(one) for one in REGIONS.values()],
    }


def _chart(run: Run) -> Picture | None:
    """Draw the first chart of a run, or nothing where it has none."""
    tables = [one for one in run.result.tables if one.chart in figures.DRAWN and len(one.frame) > 1]
    if not tables:
        return None
    told, svg = figures.drawing(tables[0])
    return {"svg": svg, "words": told["words"]}


def _framed(parts: str) -> str:
    size = f'viewBox="0 0 {WIDE} {HIGH}" width="{WIDE}" height="{HIGH}"'
    return f'<svg {size} role="img" class="small-page">{parts}</svg>'


def _box(at: tuple[float, float], size: tuple[float, float], fill: str = "#fff") -> str:
    x, y = at
    wide, high = size
    place = f'x="{x:g}" y="{y:g}" width="{wide:g}" height="{high:g}"'
    return f'<rect {place} rx="2.5" fill="{fill}" stroke="{LINE}"/>'


def _said(words: Words, at: tuple[float, float], said: Text | list[str], style: str) -> str:
    """Place words; what has no room is cut by the page."""
    kind, room = style.split()
    both = pair(said) if isinstance(said, Text) else said
    return text(words, at, both, f'class="{kind}" data-room="{room}"')


def _head(run: Run, words: Words) -> Iterator[str]:
    yield f'<rect width="{WIDE}" height="{HEAD}" fill="{ACCENT}"/>'
    yield _said(words, (10, 19), run.title, "title 400")
    for place, name in enumerate(("before", "after", "difference")):
        x = 498 + 48 * place
        fill, kind = (ACTIVE, "chosen") if name == "after" else ("#3A6675", "tab")
        yield f'<rect x="{x}" y="7" width="44" height="15" rx="7.5" fill="{fill}"/>'
        yield _said(words, (x + 22, 17.5), UI[name], f"{kind} 42")
    for place, name in enumerate(("lang", "print")):
        x = 654 + 50 * place
        yield f'<rect x="{x}" y="7" width="46" height="15" rx="2.5" fill="none" stroke="#7FA0AB"/>'
        yield _said(words, (x + 23, 17.5), UI[name], "tab 44")


def _left(run: Run, words: Words) -> Iterator[str]:
    """Draw the answer and the first indicators, as the left panel has them."""
    yield f'<rect y="{HEAD}" width="{LEFT}" height="{HIGH - HEAD}" fill="#fff"/>'
    yield _said(words, (8, 44), UI["answer"], "section 120")
    for place, sentence in enumerate(run.result.answer[:4]):
        yield _said(words, (8, 59 + 13 * place), sentence, f"plain {LEFT - 16}")
    top = 118
    yield _said(words, (8, top), UI["indicators"], "section 120")
    for place, card in enumerate(panel.indicators(run)[:5]):
        y = top + 8 + place * (CARD + GAP)
        yield _box((6, y), (LEFT - 12, CARD))
        yield _said(words, (12, y + 12), card["title"], f"plain {LEFT - 26}")
        yield _said(words, (12, y + 29), _value(card), f"value {LEFT - 26}")
        if card["verdict"]:
            colour = TONES.get(card["tone"], "#6B7885")
            yield f'<rect x="12" y="{y + 35}" width="6" height="8" fill="{colour}"/>'
            yield _said(words, (21, y + 42.5), card["verdict"], f"grey {LEFT - 40}")


def _value(card: dict[str, Any]) -> list[str]:
    return [f"{card['value']} {unit}".strip() for unit in card["unit"]]


def _middle(run: Run, words: Words) -> Iterator[str]:
    """Draw the map with its tools and its legend."""
    wide, high = WIDE - LEFT - RIGHT, HIGH - HEAD
    yield f'<rect x="{LEFT}" y="{HEAD}" width="{wide}" height="{high}" fill="#F1F4F5"/>'
    place = f'x="{LEFT + 22}" y="{HEAD + 6}" width="{wide - 30}" height="{high - 90}"'
    yield f'<image {place} href="{thumbnail.thumbnail(run)}"/>'
    for k in range(6):
        yield _box((LEFT + 7, HEAD + 8 + 18 * k), (16, 16))
    top = HIGH - 76
    shown = [one for one in run.result.layers if one.shown and one.side != "before"][:4]
    yield _box((LEFT + 8, top), (240, 68))
    yield _said(words, (LEFT + 16, top + 14), UI["legend"], "section 120")
    for k, layer in enumerate(shown):
        x, y = LEFT + 16 + 118 * (k % 2), top + 32 + 18 * (k // 2)
        yield f'<rect x="{x}" y="{y - 8}" width="10" height="9" fill="{_colour(layer)}"/>'
        yield _said(words, (x + 15, y), layer.title, "plain 96")


def _colour(layer: Layer) -> str:
    """Give the first colour of a layer's legend; of cells, and where there is none, grey."""
    if not hasattr(layer.data, "geometry"):
        return GREY
    first = next(iter(legend.looks(layer)[0]), {})
    return str(first.get("fill", first.get("stroke", GREY)))


def _right(run: Run, words: Words) -> Iterator[str]:
    """Draw the charts and the first checks, as the right panel has them."""
    x = WIDE - RIGHT
    yield f'<rect x="{x}" y="{HEAD}" width="{RIGHT}" height="{HIGH - HEAD}" fill="#fff"/>'
    yield _said(words, (x + 8, 44), UI["charts"], "section 120")
    if picture := _chart(run):
        offset = len(words)
        words += picture["words"]
        yield _moved(picture["svg"], offset, (x + 6, 50))
    yield _said(words, (x + 8, 218), UI["checks"], "section 120")
    for place, check in enumerate(panel.checks(run)[:6]):
        y = 236 + 27 * place
        colour = TONES.get(check["tone"], "#6B7885")
        yield f'<circle cx="{x + 12}" cy="{y - 3}" r="3.5" fill="{colour}"/>'
        yield _said(words, (x + 20, y), check["title"], f"plain {RIGHT - 30}")
        yield _said(words, (x + 20, y + 11), check["verdict"], f"grey {RIGHT - 30}")
    yield f'<path d="M{x + 6} 408H{WIDE - 6}" stroke="{LINE}"/>'
    yield _said(words, (x + 8, 424), run.quality_words, f"grey {RIGHT - 30}")
    yield _said(words, (x + 8, 438), UI["statutory"], f"grey {RIGHT - 16}")


def _moved(svg: str, offset: int, at: tuple[float, float]) -> str:
    """Put a chart into the picture: its words behind those that are there, its size halved."""
    import re

    moved = re.sub(
        r'data-words="(\d+)"', lambda found: f'data-words="{int(found[1]) + offset}"', svg
    )
    scale = (RIGHT - 12) / charts.WIDTH
    return f'<g transform="translate({at[0]:g} {at[1]:g}) scale({scale:.3f})">{moved}</g>'

"""What a chart tells of the thing under the pointer or the arrow keys, in lines below it."""

from __future__ import annotations

from collections.abc import Sequence

from maps import charts

LINE = 16.0


def told(height: float, parts: Sequence[str], *, lines: int) -> str:
    """Frame a chart whose parts carry `data-tip`, with room for their words below it.

    Parameters
    ----------
    height
        Of the drawing itself.
    parts
        Its parts. One with `data-tip` names the first of `lines` words in the chart's list.
    lines
        How many lines each tells.
    """
    rows = [
        f'<text class="tip" x="4" y="{height + 9 + LINE * line:.0f}" data-room="292"></text>'
        for line in range(lines)
    ]
    svg = charts.framed(height + LINE * lines, [*parts, *rows])
    return svg.replace('class="chart"', 'class="chart front" tabindex="0"', 1)


def band(box: tuple[float, float], place: int, inside: Sequence[str]) -> str:
    """Draw a row from a height on, as high as said, that tells its words wherever it is touched."""
    top, height = box
    back = f'<rect class="back" x="0" y="{top:.1f}" width="{charts.WIDTH}" height="{height:.1f}"/>'
    return f'<g class="band" data-tip="{place}">{back}{"".join(inside)}</g>'

"""Words as QGIS may show them: text only, neither an expression, nor markup, nor a link.

QGIS runs what stands between `[%` and `%]` in legends and layouts, reads tags in descriptions and
makes links of addresses. A word joiner, which nobody sees, parts the signs that it looks for.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from geo.words import Text, unit_words
from scenarios.result import Column, Layer

JOINER = "\u2060"
SIGNS = re.compile(r"(\[)(?=%)|(<)|(:)(?=//)|(www)(?=\.)|(?=@)", re.IGNORECASE)


def plain(words: str) -> str:
    r"""Give words on one line, of signs that XML may hold.

    >>> plain("a\nb\x00c")
    'a bc'
    """
    flat = re.sub(r"\s", " ", words)
    return "".join(sign for sign in flat if sign.isprintable() or sign in {"\u200d", "\u3000"})


def shown(words: str) -> str:
    """Give words that QGIS shows as they stand.

    >>> shown("[% 7*191 %]").replace(JOINER, "|"), shown("a<b>").replace(JOINER, "|")
    ('[|% 7*191 %]', 'a<|b>')
    """
    return SIGNS.sub(lambda found: f"{found[0]}{JOINER}", plain(words))


def both(words: Text) -> str:
    """Give words in Chinese and English, once where they are the same.

    >>> both(Text("道路", "Roads")), both(Text("A", "A"))
    ('道路 Roads', 'A')
    """
    told = words.zh if words.zh == words.en else f"{words.zh} {words.en}".strip()
    return shown(told)


def heading(column: Column) -> str:
    """Give the title of a column with its unit.

    >>> heading(Column("area_ha", Text("面积", "Area"), "ha"))
    '面积（公顷）Area (ha)'
    """
    unit = unit_words(column.unit)
    if not column.unit:
        return both(column.title)
    return shown(f"{column.title.zh}（{unit.zh}）{column.title.en} ({unit.en})")


def named(layers: Iterable[Layer]) -> Iterator[tuple[Layer, str]]:
    """Give layers with names that differ: of those named alike the later ones carry their id."""
    taken: set[str] = set()
    for layer in layers:
        name = both(layer.title) or layer.id
        name = f"{name} {layer.id}" if name in taken else name
        taken.add(name)
        yield layer, name

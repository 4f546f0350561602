"""Words in two languages: the one way to say something, in errors as on pages."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

Lang = Literal["zh", "en"]


@dataclass(frozen=True)
class Text:
    """Words in Chinese and in English.

    Parameters
    ----------
    zh, en
        The same said twice; figures, names and units in both.
    """

    zh: str
    en: str


def said(words: Text | str, lang: Lang) -> str:
    """Give words in one language; a name or a value reads the same in both.

    >>> said(Text("缺少", "missing"), "zh"), said("dem.tif", "zh")
    ('缺少', 'dem.tif')
    """
    if isinstance(words, str):
        return words
    return words.zh if lang == "zh" else words.en


def alike(words: str) -> Text:
    """Give words that read the same in both languages: figures with their unit, ids, commands.

    >>> alike("≤ 6 %")
    Text(zh='≤ 6 %', en='≤ 6 %')
    """
    return Text(words, words)


def joined(parts: Iterable[Text | str], zh: str = "、", en: str = ", ") -> Text:
    """Join words, each language with its own mark between.

    >>> joined([Text("园地", "orchard"), "0101"])
    Text(zh='园地、0101', en='orchard, 0101')
    """
    kept = list(parts)
    return Text(zh.join(said(one, "zh") for one in kept), en.join(said(one, "en") for one in kept))


def headed(words: Text) -> Text:
    """Give words as a heading begins: the English with a capital.

    >>> headed(Text("河流", "rivers")).en
    'Rivers'
    """
    return Text(words.zh, words.en[:1].upper() + words.en[1:])


def hectares(area_ha: float, *, decimals: int = 2) -> Text:
    """Give an area in words.

    >>> hectares(1.5)
    Text(zh='1.50 公顷', en='1.50 ha')
    """
    return Text(f"{area_ha:.{decimals}f} 公顷", f"{area_ha:.{decimals}f} ha")


UNKNOWN = Text("未知", "unknown")
NO_TEXT = Text("", "")

"""Words in two languages: the one way to say something, in errors as on pages."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
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


def asked_lang(argv: Sequence[str], environ: Mapping[str, str], system: str = "") -> Lang:
    """Give the language a command shall speak: `--lang`, else that of the locale, else English.

    Parameters
    ----------
    argv
        What was typed; a language that is none is left to the command's own check.
    environ
        The environment: LC_ALL, LC_MESSAGES and LANG are asked, in this order.
    system
        Name of the system's locale, asked where the environment says nothing.

    Examples
    --------
    >>> asked_lang(["list", "--lang", "en"], {"LANG": "zh_CN.UTF-8"}), asked_lang(["--lang=zh"], {})
    ('en', 'zh')
    >>> asked_lang([], {"LANG": "zh_CN.UTF-8"}), asked_lang([], {}, "Chinese (Simplified)_China")
    ('zh', 'zh')
    >>> asked_lang([], {"LC_ALL": "C.UTF-8", "LANG": "zh_CN.UTF-8"})
    'en'
    """
    for word, follower in zip(argv, [*argv[1:], ""], strict=True):
        name, equals, value = word.partition("=")
        if name == "--lang":
            given = value if equals else follower
            if given in {"zh", "en"}:
                return "zh" if given == "zh" else "en"
    names = (environ.get(name, "") for name in ("LC_ALL", "LC_MESSAGES", "LANG"))
    locale = next(filter(None, names), system)
    return "zh" if locale.lower().startswith(("zh", "chinese")) else "en"


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

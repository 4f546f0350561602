"""Words in two languages: the one way to say something, in errors as on pages."""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal, NoReturn

Lang = Literal["zh", "en"]
CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069]")


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


def printable(words: str) -> str:
    r"""Give words without what a terminal obeys: control characters, and marks that turn writing.

    >>> printable("a\x1b[2Jb\u202ec\n\td")
    'a[2Jbc\n\td'
    """
    return CONTROLS.sub("", words)


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
    for word, follower in zip(argv, [*argv, ""][1:], strict=True):
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

    >>> hectares(1234.5)
    Text(zh='1,234.50 公顷', en='1,234.50 ha')
    """
    return Text(f"{area_ha:,.{decimals}f} 公顷", f"{area_ha:,.{decimals}f} ha")


def square_metres(area_m2: float, *, decimals: int = 2) -> Text:
    """Give a small area in words.

    >>> square_metres(1234.5)
    Text(zh='1,234.50 平方米', en='1,234.50 m²')
    """
    return Text(f"{area_m2:,.{decimals}f} 平方米", f"{area_m2:,.{decimals}f} m²")


def area_words(area_m2: float) -> Text:
    """Give an area as offices write it: in hectares from one on, else in square metres.

    >>> area_words(60_000).en, area_words(9_999).zh
    ('6.00 ha', '9,999.00 平方米')
    """
    return hectares(area_m2 / 1e4) if area_m2 >= 1e4 else square_metres(area_m2)


def unit_words(unit: str) -> Text:
    """Give a unit in both languages: areas, volumes and sums as Chinese offices write them.

    International symbols of lengths and times stay as they are.

    >>> unit_words("ha").zh, unit_words("min").zh, unit_words("万元/km")
    ('公顷', 'min', Text(zh='万元/km', en='10k CNY/km'))
    >>> unit_words("万m³").zh, unit_words("yuan/mu·a").zh, unit_words("a").zh
    ('万立方米', '元/亩·年', '年')
    """
    english = unit
    for one in TEN_THOUSANDS:
        english = english.replace(one.zh, one.en)
    return Text(UNITS.get(unit, unit), english)


UNITS = {
    unit.en: unit.zh
    for unit in (
        Text("公顷", "ha"),
        Text("亩", "mu"),
        Text("人", "persons"),
        Text("人", "people"),
        Text("人", "person"),
        Text("万元", "10k CNY"),
        Text("万元/亩", "万元/mu"),  # of English units 万元 is the part that is put into English
        Text("年", "years"),
        Text("年", "a"),
        Text("月", "months"),
        Text("个", "count"),
        Text("元", "yuan"),
        Text("吨标准煤/年", "tce/a"),
        Text("吨 CO₂/年", "tCO₂/a"),
        Text("平方米", "m²"),
        Text("平方公里", "km²"),
        Text("立方米", "m³"),
        Text("立方米/年", "m³/a"),
        Text("立方米/平方米", "m³/m²"),
        Text("万立方米", "万m³"),
        Text("元/亩·年", "yuan/mu·a"),
        Text("公顷/km", "ha/km"),
        Text("人·分钟", "person-min"),
        Text("元/人·分钟", "yuan/person-min"),
    )
}
TEN_THOUSANDS = (Text("万元", "10k CNY"), Text("万m", "10⁴ m"))
UNKNOWN = Text("未知", "unknown")
NO_TEXT = Text("", "")


class Arguments(argparse.ArgumentParser):
    """A parser of command lines whose own words are in one language.

    Parameters
    ----------
    lang
        The language; a parser of one command among several is given it again.
    named
        As argparse has it; what is written for its help keeps its lines.

    Examples
    --------
    >>> parser = Arguments(lang="zh", prog="jingning maps")
    >>> print(parser.format_help().strip())
    用法：jingning maps [-h]
    <BLANKLINE>
    选项：
      -h, --help  显示本帮助
    """

    def __init__(self, *, lang: Lang, **named: Any) -> None:
        super().__init__(formatter_class=partial(_Formatter, lang=lang), add_help=False, **named)
        self._lang: Lang = lang
        self._positionals.title = said(Text("参数", "arguments"), lang)
        self._optionals.title = said(Text("选项", "options"), lang)
        shown = said(Text("显示本帮助", "show this help"), lang)
        self.add_argument("-h", "--help", action="help", help=shown)

    @property
    def taken(self) -> tuple[argparse.Action, ...]:
        """What it takes, in the order it was declared; commands are one, with a parser of each."""
        return tuple(self._actions)

    def parse_known_args(self, *given: Any, **named: Any) -> tuple[Any, list[str]]:
        """Refuse what is not known here: else the parser of all commands would, with its usage."""
        known, left = super().parse_known_args(*given, **named)
        if left:
            self.error(f"unrecognized arguments: {' '.join(left)}")
        return known, left

    def error(self, message: str) -> NoReturn:
        """Say what is wrong with a command line and leave by exit code 2."""
        self.print_usage(sys.stderr)
        head = said(Text("错误：", "error: "), self._lang)
        self.exit(2, f"{head}{said(complaint(message), self._lang)}\n")


class _Formatter(argparse.RawDescriptionHelpFormatter):
    """Writes help in one language."""

    def __init__(self, prog: str, *, lang: Lang) -> None:
        super().__init__(prog)
        self._lang = lang

    def add_usage(
        self,
        usage: str | None,
        actions: Iterable[argparse.Action],
        groups: Iterable[Any],
        prefix: str | None = None,
    ) -> None:
        """Begin with the word for usage."""
        begins = said(Text("用法：", "usage: "), self._lang)
        super().add_usage(usage, actions, groups, begins if prefix is None else prefix)

    def format_help(self) -> str:
        """End headings by the mark of the language."""
        whole = super().format_help()
        return (
            re.sub(r"^(\S+):$", r"\1：", whole, flags=re.MULTILINE) if self._lang == "zh" else whole
        )


COMPLAINTS = (
    Text(
        r"缺少参数：\1",
        r"the following arguments are required: (.*)",
    ),
    Text(
        r"未知参数：\1",
        r"unrecognized arguments: (.*)",
    ),
    Text(
        r"\1 不能是 \2；可选 \3",
        r"argument (\S+): invalid choice: (.*) \(choose from (.*)\)",
    ),
    Text(
        r"\1 的值有误：\2",
        r"argument (\S+): invalid \S+ value: (.*)",
    ),
    Text(
        r"\1 缺少值",
        r"argument (\S+): expected (?:one|at least one|\d+) arguments?",
    ),
    Text(
        r"\1 不接受值：\2",
        r"argument (\S+): ignored explicit argument (.*)",
    ),
    Text(
        r"\1 不明确，可能是 \2",
        r"ambiguous option: (.*) could match (.*)",
    ),
)
"""What argparse complains of, as a pattern, and the same in Chinese."""


def complaint(message: str) -> Text:
    """Give a complaint of argparse in words; one that is not known reads the same in both.

    >>> complaint("the following arguments are required: FOLDER").zh
    '缺少参数：FOLDER'
    """
    for words in COMPLAINTS:
        told = re.fullmatch(words.en, message)
        if told:
            return Text(told.expand(words.zh), message)
    return alike(message)
